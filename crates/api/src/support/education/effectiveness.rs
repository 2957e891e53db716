//! How effective education was.

use actix_web::get;
use mamori_domain::support::education::{
    campaign::{EducationCampaign, TrainingRecord},
    effectiveness::EducationEffectiveness,
};
use mamori_persistence::support::education::effectiveness;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    permit::{Permit, verbs::Read},
    problem::Problem,
    query::{InPath, Path, Query},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_campaign_effectiveness).service(get_education_effectiveness);
}

/// Get the effectiveness of an education campaign
///
/// Who counts and who completed it, by department and over time, for a chart: of everybody, or of the caller's
/// departments. Rates are exact fractions, and printed rounded down; where nobody counts there is none.
#[utoipa::path(tag = "support", params(InPath),
    responses((status = 200, description = "The figures.", body = EducationEffectiveness)),
    security(("bearer" = ["training_record:read"])))]
#[get("/v1/education-campaigns/{id}/effectiveness")]
async fn get_campaign_effectiveness(
    permit: Permit<Read, TrainingRecord>,
    id: Path<EducationCampaign>,
) -> Result<Answer, Problem> {
    permit.report(move |tx| Answer::ok(&effectiveness::of_campaign(tx, *id)?)).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct EffectivenessQuery {
    /// The fiscal year.
    #[param(minimum = 1900, maximum = 2998)]
    fiscal_year: i32,
}

/// Get the effectiveness of the education of a year
///
/// The same over all campaigns of a fiscal year that were opened, and by campaign.
#[utoipa::path(tag = "support", params(EffectivenessQuery),
    responses((status = 200, description = "The figures.", body = EducationEffectiveness)),
    security(("bearer" = ["training_record:read"])))]
#[get("/v1/education-effectiveness")]
async fn get_education_effectiveness(
    permit: Permit<Read, TrainingRecord>,
    query: Query<EffectivenessQuery>,
) -> Result<Answer, Problem> {
    let fiscal_year = query.fiscal_year;
    permit.report(move |tx| Answer::ok(&effectiveness::of_year(tx, fiscal_year)?)).await
}
