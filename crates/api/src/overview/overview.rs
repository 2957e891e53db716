//! The overview: where the programme stands.

use actix_web::get;
use mamori_domain::overview::overview::Overview;
use mamori_persistence::overview::overview::overview;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    permit::{OwnAccess, Permit, verbs::Read},
    problem::Problem,
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_overview);
}

/// Read the overview
///
/// Of each clause what exists, what is approved, what is due and overdue, and for whom it waits: the data of a landing
/// page; and how the cycle turns, fiscal year by fiscal year (10.1). Only what the caller may read is counted; a register that the caller reads in part says so. Of each kind of
/// record the work on the first 500 is looked at.
#[utoipa::path(tag = "overview",
    responses((status = 200, description = "Where the programme stands today.", body = Overview)),
    security(("bearer" = ["own_access:read"])))]
#[get("/v1/overview")]
async fn get_overview(permit: Permit<Read, OwnAccess>) -> Result<Answer, Problem> {
    permit.report(|tx| Answer::ok(&overview(tx)?)).await
}
