//! Acknowledgements of everybody who works here.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    kernel::{id::Id, page::Page, sign_off::Because},
    organization::person::Person,
    support::awareness::acknowledgement::{
        Acknowledgement, AcknowledgementDraft, AcknowledgementGap, AcknowledgementState, AcknowledgementSummary,
        AwarenessItem,
    },
};
use mamori_persistence::support::awareness::acknowledgement::{self as acknowledgements, Filter};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

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
        .service(list_acknowledgements)
        .service(record_acknowledgement)
        .service(get_acknowledgement)
        .service(void_acknowledgement)
        .service(list_acknowledgement_gaps)
        .service(get_acknowledgement_summary);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AcknowledgementQuery {
    /// Text in the name of the person.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// Of this person.
    #[param(value_type = Option<String>, format = Uuid)]
    person_id: Option<Id<Person>>,
    /// Of this.
    #[param(inline)]
    item: Option<AwarenessItem>,
    /// Of this edition.
    edition_id: Option<Uuid>,
    /// In this state.
    #[param(inline)]
    state: Option<AcknowledgementState>,
    /// The order.
    #[param(pattern = "^-?(acknowledged_on|updated_at)$", default = "-acknowledged_on")]
    sort: Option<String>,
}

/// List acknowledgements
///
/// Who said that they know the policy, what they contribute, what follows otherwise, and their duties (D06a, D29, 7.3).
/// Who works here without a role reads their own.
#[utoipa::path(tag = "support", params(Paging, AcknowledgementQuery),
    responses((status = 200, description = "A page of acknowledgements.", body = Page<Acknowledgement>)),
    security(("bearer" = ["acknowledgement:read"])))]
#[get("/v1/acknowledgements")]
async fn list_acknowledgements(
    permit: Permit<Read, Acknowledgement>,
    paging: Paging,
    query: Query<AcknowledgementQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "-acknowledged_on")?;
    let filter = Filter {
        id: None,
        q: query.q.clone(),
        updated_since: query.updated_since,
        person: query.person_id,
        item: query.item,
        edition: query.edition_id,
        state: query.state,
    };
    permit.read(move |tx| Answer::ok(&acknowledgements::list(tx, &filter, &page)?)).await
}

/// Acknowledge
///
/// Everybody for themselves, of the edition in force; once. The secretariat and the training manager also record what
/// others said in a training, after a communication or on paper: it is marked as theirs.
#[utoipa::path(tag = "support", params(ValidateOnly), request_body = AcknowledgementDraft,
    responses((status = 201, description = "The acknowledgement.", body = Acknowledgement)),
    security(("bearer" = ["acknowledgement:create"])))]
#[post("/v1/acknowledgements")]
async fn record_acknowledgement(
    permit: Permit<Create, Acknowledgement>,
    draft: Body<AcknowledgementDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let new = acknowledgements::record(tx, draft.0.clone())?;
            Answer::created(&new, format!("/v1/acknowledgements/{}", new.id))
        })
        .await
}

/// Get an acknowledgement
///
/// Also of an edition that no longer holds: it counts no more.
#[utoipa::path(tag = "support", params(InPath),
    responses((status = 200, description = "The acknowledgement.", body = Acknowledgement)),
    security(("bearer" = ["acknowledgement:read"])))]
#[get("/v1/acknowledgements/{id}")]
async fn get_acknowledgement(
    permit: Permit<Read, Acknowledgement>,
    id: Path<Acknowledgement>,
) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&acknowledgements::find(tx, *id)?.value)).await
}

/// Void an acknowledgement
///
/// It was recorded by mistake: it stays to be read with the reason, and counts no more.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The acknowledgement.", body = Acknowledgement)),
    security(("bearer" = ["acknowledgement:update"])))]
#[post("/v1/acknowledgements/{id}/voiding")]
async fn void_acknowledgement(
    permit: Permit<Update, Acknowledgement>,
    id: Path<Acknowledgement>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = acknowledgements::find(tx, *id)?;
            read.check(&found)?;
            found.void(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?;
            Answer::record(&acknowledgements::store(tx, found)?)
        })
        .await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AcknowledgementGapQuery {
    /// The order.
    #[param(pattern = "^-?person$", default = "person")]
    sort: Option<String>,
}

/// List who has still to acknowledge what
///
/// Everybody who works here today and has not acknowledged the edition in force, as far as the caller may read about them.
#[utoipa::path(tag = "support", params(Paging, AcknowledgementGapQuery),
    responses((status = 200, description = "A page of them.", body = Page<AcknowledgementGap>)),
    security(("bearer" = ["acknowledgement:read"])))]
#[get("/v1/acknowledgement-gaps")]
async fn list_acknowledgement_gaps(
    permit: Permit<Read, Acknowledgement>,
    paging: Paging,
    query: Query<AcknowledgementGapQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "person")?;
    permit.read(move |tx| Answer::ok(&acknowledgements::gaps(tx, &page)?)).await
}

/// Get how far the acknowledgements are
///
/// In numbers, for those who do not read about single people.
#[utoipa::path(tag = "support",
    responses((status = 200, description = "The numbers.", body = AcknowledgementSummary)),
    security(("bearer" = ["acknowledgement_summary:read"])))]
#[get("/v1/acknowledgement-summary")]
async fn get_acknowledgement_summary(permit: Permit<Read, AcknowledgementSummary>) -> Result<Answer, Problem> {
    permit.report(move |tx| Answer::ok(&acknowledgements::summary(tx)?)).await
}
