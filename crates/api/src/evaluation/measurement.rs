//! Measurements of objectives.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    access::Verb,
    evaluation::measurement::{Measurement, MeasurementDraft, MeasurementState},
    kernel::{id::Id, page::Page, sign_off::Because},
    planning::objective::Objective,
};
use mamori_persistence::{
    evaluation::{
        measure::measure,
        measurement::{self as measurements, Filter},
    },
    planning::objective as objectives,
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch},
    permit::{
        Permit,
        verbs::{Create, Read, Update},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_measurements)
        .service(list_measurements_of_objective)
        .service(record_measurement)
        .service(get_measurement)
        .service(void_measurement);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MeasurementQuery {
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// Whether they meet the target.
    meets_target: Option<bool>,
    /// In this state; `recorded` leaves voided ones out.
    #[param(inline)]
    state: Option<MeasurementState>,
    /// The order.
    #[param(pattern = "^-?(measured_on|updated_at)$", default = "measured_on")]
    sort: Option<String>,
}

impl MeasurementQuery {
    fn filter(&self, objective: Option<Id<Objective>>) -> Filter {
        Filter {
            updated_since: self.updated_since,
            meets_target: self.meets_target,
            state: self.state,
            objective,
            ..Filter::default()
        }
    }
}

/// List measurements
///
/// Of all objectives, by the day that was measured (9.1).
#[utoipa::path(tag = "evaluation", params(Paging, MeasurementQuery),
    responses((status = 200, description = "A page of measurements.", body = Page<Measurement>)),
    security(("bearer" = ["measurement:read"])))]
#[get("/v1/measurements")]
async fn list_measurements(
    permit: Permit<Read, Measurement>,
    paging: Paging,
    query: Query<MeasurementQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "measured_on")?;
    let filter = query.filter(None);
    permit.read(move |tx| Answer::ok(&measurements::list(tx, &filter, &page)?)).await
}

/// List the measurements of an objective
///
/// The series of a chart, by the day that was measured; with `state=recorded` without those that were voided.
#[utoipa::path(tag = "evaluation", params(InPath, Paging, MeasurementQuery),
    responses((status = 200, description = "A page of measurements.", body = Page<Measurement>)),
    security(("bearer" = ["measurement:read"])))]
#[get("/v1/objectives/{id}/measurements")]
async fn list_measurements_of_objective(
    permit: Permit<Read, Measurement>,
    id: Path<Objective>,
    paging: Paging,
    query: Query<MeasurementQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "measured_on")?;
    let filter = query.filter(Some(*id));
    permit
        .read(move |tx| {
            objectives::find(tx, *id)?;
            Answer::ok(&measurements::list(tx, &filter, &page)?)
        })
        .await
}

/// Record a measurement of an objective
///
/// A number in the unit of the metric, or how many of how many, which is compared with the target unrounded. Where
/// the metric has a `known_measure`, the service measures it today and neither is sent; with `validate_only=true` it only
/// tells. An empty population is refused: it is no 100 %.
#[utoipa::path(tag = "evaluation", params(InPath, ValidateOnly), request_body = MeasurementDraft,
    responses((status = 201, description = "The measurement.", body = Measurement)),
    security(("bearer" = ["measurement:create"])))]
#[post("/v1/objectives/{id}/measurements")]
async fn record_measurement(
    permit: Permit<Create, Measurement>,
    id: Path<Objective>,
    draft: Body<MeasurementDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let objective = objectives::find(tx, *id)?.value;
            measurements::require_reach(tx, &objective.draft, Verb::Create)?;
            let known = objective.draft.metric.known_measure.map(|known| measure(tx, known)).transpose()?;
            let by = tx.signature(None)?;
            let new = Measurement::record(draft.0.clone(), &objective, known, by, tx.now(), tx.today())?;
            let new = measurements::add(tx, &new)?;
            Answer::created(&new, format!("/v1/measurements/{}", new.id))
        })
        .await
}

/// Get a measurement
///
/// Also one that was voided.
#[utoipa::path(tag = "evaluation", params(InPath),
    responses((status = 200, description = "The measurement.", body = Measurement)),
    security(("bearer" = ["measurement:read"])))]
#[get("/v1/measurements/{id}")]
async fn get_measurement(permit: Permit<Read, Measurement>, id: Path<Measurement>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&measurements::find(tx, *id)?.value)).await
}

/// Void a measurement
///
/// It was a mistake: it stays to be read with the reason, and counts no more. Refused where an evaluation rests on it
/// (SD-12).
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The measurement.", body = Measurement)),
    security(("bearer" = ["measurement:update"])))]
#[post("/v1/measurements/{id}/voiding")]
async fn void_measurement(
    permit: Permit<Update, Measurement>,
    id: Path<Measurement>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut measurement = measurements::find(tx, *id)?;
            read.check(&measurement)?;
            let objective = objectives::find(tx, Id::from_uuid(measurement.objective.id))?.value;
            measurements::require_reach(tx, &objective.draft, Verb::Update)?;
            measurement.void(&objective, tx.signature(Some(because.0.reason.as_str().to_owned()))?)?;
            Answer::record(&measurements::store(tx, measurement)?)
        })
        .await
}
