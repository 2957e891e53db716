//! Whether the documented information that the standard asks for is there.

use actix_web::get;
use mamori_domain::support::documented_information::DocumentedInformation;
use mamori_persistence::support::documented_information as documented;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    permit::{Permit, verbs::Read},
    problem::Problem,
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_documented_information);
}

/// Get the completeness of documented information
///
/// The fourteen rows of D31: what is approved and not obsolete among the records of all modules, and whether records
/// belong to this fiscal year. Shipped defaults count for nothing. For those who read every document.
#[utoipa::path(tag = "support",
    responses((status = 200, description = "The rows.", body = DocumentedInformation)),
    security(("bearer" = ["document:read"])))]
#[get("/v1/documented-information")]
async fn get_documented_information(permit: Permit<Read, DocumentedInformation>) -> Result<Answer, Problem> {
    permit.report(move |tx| Answer::ok(&documented::find(tx)?)).await
}
