//! The log of communications.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    kernel::{id::Id, page::Page, sign_off::Because},
    support::communication::{
        communication::{
            Communication, CommunicationDraft, CommunicationPerformanceDraft, CommunicationState,
            ReviewResultCommunication,
        },
        procedure::{CommunicationProcedure, CommunicationSubject},
    },
};
use mamori_persistence::support::communication::communication::{self as communications, Filter};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch},
    permit::{
        Permit,
        verbs::{Create, Execute, Read, Update},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_communications)
        .service(open_communication)
        .service(get_communication)
        .service(perform_communication)
        .service(void_communication)
        .service(list_review_communications);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CommunicationQuery {
    /// Text in what it is about.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// After this row of the procedure.
    #[param(value_type = Option<String>, format = Uuid)]
    procedure_id: Option<Id<CommunicationProcedure>>,
    /// On this.
    #[param(inline)]
    subject: Option<CommunicationSubject>,
    /// About this record.
    record_id: Option<Uuid>,
    /// In this state.
    #[param(inline)]
    state: Option<CommunicationState>,
    /// Overdue today, or not.
    overdue: Option<bool>,
    /// The order.
    #[param(pattern = "^-?(occurred_at|updated_at)$", default = "-occurred_at")]
    sort: Option<String>,
}

/// List communications
///
/// What is to be told, and what was told in time or late. What reviews of the context and of the policy say of their
/// results themselves is under `/v1/review-communications`.
#[utoipa::path(tag = "support", params(Paging, CommunicationQuery),
    responses((status = 200, description = "A page of the log.", body = Page<Communication>)),
    security(("bearer" = ["communication:read"])))]
#[get("/v1/communications")]
async fn list_communications(
    permit: Permit<Read, Communication>,
    paging: Paging,
    query: Query<CommunicationQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "-occurred_at")?;
    let filter = Filter {
        id: None,
        q: query.q.clone(),
        updated_since: query.updated_since,
        procedure: query.procedure_id,
        subject: query.subject,
        record: query.record_id,
        state: query.state,
        overdue: query.overdue,
    };
    permit.read(move |tx| Answer::ok(&communications::list(tx, &filter, &page)?)).await
}

/// Open a communication
///
/// After a row of the procedure, which says by when it is due: the result of a review within the organization's days
/// . After a row for what is told at once, the further rows on the same subject are opened too, without a fixed
/// deadline. Whoever works here opens what is to be told of an incident.
#[utoipa::path(tag = "support", params(ValidateOnly), request_body = CommunicationDraft,
    responses((status = 201, description = "The communication.", body = Communication)),
    security(("bearer" = ["communication:create"])))]
#[post("/v1/communications")]
async fn open_communication(
    permit: Permit<Create, Communication>,
    draft: Body<CommunicationDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let communication = communications::open(tx, draft.0.clone())?;
            Answer::created(&communication, format!("/v1/communications/{}", communication.id))
        })
        .await
}

/// Get a communication
///
/// With the record that it is about.
#[utoipa::path(tag = "support", params(InPath),
    responses((status = 200, description = "The communication.", body = Communication)),
    security(("bearer" = ["communication:read"])))]
#[get("/v1/communications/{id}")]
async fn get_communication(permit: Permit<Read, Communication>, id: Path<Communication>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&communications::find(tx, *id)?.value)).await
}

/// Record that a communication was done
///
/// By one of those who communicate it, or the secretariat. Whether it was in time follows from the day.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = CommunicationPerformanceDraft,
    responses((status = 200, description = "The communication.", body = Communication)),
    security(("bearer" = ["communication:execute"])))]
#[post("/v1/communications/{id}/performance")]
async fn perform_communication(
    permit: Permit<Execute, Communication>,
    id: Path<Communication>,
    read: IfMatch,
    performance: Body<CommunicationPerformanceDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut communication = communications::find_to_perform(tx, *id)?;
            read.check(&communication)?;
            communication.perform(performance.0.clone(), tx.signature(None)?, tx.today())?;
            Answer::record(&communications::store(tx, communication)?)
        })
        .await
}

/// Void a communication
///
/// It was opened by mistake, or is not needed: it stays to be read with the reason.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The communication.", body = Communication)),
    security(("bearer" = ["communication:update"])))]
#[post("/v1/communications/{id}/voiding")]
async fn void_communication(
    permit: Permit<Update, Communication>,
    id: Path<Communication>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut communication = communications::find(tx, *id)?;
            read.check(&communication)?;
            communication.void(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?;
            Answer::record(&communications::store(tx, communication)?)
        })
        .await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ReviewCommunicationQuery {
    /// The order.
    #[param(pattern = "^-?due_on$", default = "due_on")]
    sort: Option<String>,
}

/// List the communications of reviews
///
/// What reviews of the context and of the policy say of the communication of their results. It is recorded on the
/// reviewed record, under its path.
#[utoipa::path(tag = "support", params(Paging, ReviewCommunicationQuery),
    responses((status = 200, description = "A page of them.", body = Page<ReviewResultCommunication>)),
    security(("bearer" = ["communication:read"])))]
#[get("/v1/review-communications")]
async fn list_review_communications(
    permit: Permit<Read, Communication>,
    paging: Paging,
    query: Query<ReviewCommunicationQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "due_on")?;
    permit.read(move |tx| Answer::ok(&communications::of_reviews(tx, &page)?)).await
}
