//! Feedback of interested parties.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    context::interested_party::InterestedParty,
    evaluation::feedback::{FeedbackHandling, FeedbackState, InterestedPartyFeedback, InterestedPartyFeedbackDraft},
    kernel::{id::Id, page::Page, sign_off::Because},
    organization::department::Department,
};
use mamori_persistence::{
    evaluation::feedback::{self, Filter},
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx},
    organization::organization as organizations,
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch, Patch},
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
        .service(list_interested_party_feedback)
        .service(enter_interested_party_feedback)
        .service(get_interested_party_feedback)
        .service(revise_interested_party_feedback)
        .service(handle_interested_party_feedback)
        .service(void_interested_party_feedback);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FeedbackQuery {
    /// Text in number, sender, means, content or handling.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// In this state.
    #[param(inline)]
    state: Option<FeedbackState>,
    /// Of this interested party.
    #[param(value_type = Option<String>, format = Uuid)]
    interested_party_id: Option<Id<InterestedParty>>,
    /// That concerns this department.
    #[param(value_type = Option<String>, format = Uuid)]
    department_id: Option<Id<Department>>,
    /// The order.
    #[param(pattern = "^-?(number|received_on|updated_at)$", default = "number")]
    sort: Option<String>,
}

/// List feedback of interested parties
///
/// What customers, partners, authorities and others said about information security, and what was done about it (9.3.2 e).
#[utoipa::path(tag = "evaluation", params(Paging, FeedbackQuery),
    responses((status = 200, description = "A page of feedback.", body = Page<InterestedPartyFeedback>)),
    security(("bearer" = ["interested_party_feedback:read"])))]
#[get("/v1/interested-party-feedback")]
async fn list_interested_party_feedback(
    permit: Permit<Read, InterestedPartyFeedback>,
    paging: Paging,
    query: Query<FeedbackQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "number")?;
    let FeedbackQuery { q, updated_since, state, interested_party_id, department_id, sort: _ } = query.0;
    let filter =
        Filter { id: None, q, updated_since, state, interested_party: interested_party_id, department: department_id };
    permit.read(move |tx| Answer::ok(&feedback::list(tx, &filter, &page)?)).await
}

/// Enter feedback of an interested party
///
/// Who said what, when and by what means.
#[utoipa::path(tag = "evaluation", params(ValidateOnly), request_body = InterestedPartyFeedbackDraft,
    responses((status = 201, description = "The entry.", body = InterestedPartyFeedback)),
    security(("bearer" = ["interested_party_feedback:create"])))]
#[post("/v1/interested-party-feedback")]
async fn enter_interested_party_feedback(
    permit: Permit<Create, InterestedPartyFeedback>,
    draft: Body<InterestedPartyFeedbackDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let number = organizations::next_number(tx, "interested_party_feedback")?;
            let new = InterestedPartyFeedback::enter(draft.0.clone(), number, tx.now(), tx.today())?;
            let new = feedback::add(tx, &new)?;
            Answer::created(&new, format!("/v1/interested-party-feedback/{}", new.id))
        })
        .await
}

/// Get feedback of an interested party
///
/// With what was done about it.
#[utoipa::path(tag = "evaluation", params(InPath),
    responses((status = 200, description = "The entry.", body = InterestedPartyFeedback)),
    security(("bearer" = ["interested_party_feedback:read"])))]
#[get("/v1/interested-party-feedback/{id}")]
async fn get_interested_party_feedback(
    permit: Permit<Read, InterestedPartyFeedback>,
    id: Path<InterestedPartyFeedback>,
) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&feedback::find(tx, *id)?.value)).await
}

/// What a step does to an entry.
fn step(
    tx: &mut Tx<'_>,
    id: Id<InterestedPartyFeedback>,
    read: IfMatch,
    rule: impl FnOnce(&mut Tx<'_>, &mut Loaded<InterestedPartyFeedback>) -> Outcome<()>,
) -> Outcome<Answer> {
    let mut entry = feedback::find_for_update(tx, id)?;
    read.check(&entry)?;
    rule(tx, &mut entry)?;
    Answer::record(&feedback::store(tx, entry)?)
}

/// Revise feedback of an interested party
///
/// Until it was handled.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly),
    request_body(content = InterestedPartyFeedbackDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The entry.", body = InterestedPartyFeedback)),
    security(("bearer" = ["interested_party_feedback:update"])))]
#[patch("/v1/interested-party-feedback/{id}")]
async fn revise_interested_party_feedback(
    permit: Permit<Update, InterestedPartyFeedback>,
    id: Path<InterestedPartyFeedback>,
    read: IfMatch,
    patch: Patch<InterestedPartyFeedbackDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, entry| {
                let draft = patch.apply(&entry.draft)?;
                Ok(entry.revise(draft, tx.today())?)
            })
        })
        .await
}

/// Record how feedback was handled
///
/// What was done about it, or why nothing was; it does not change any more.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly), request_body = FeedbackHandling,
    responses((status = 200, description = "The entry.", body = InterestedPartyFeedback)),
    security(("bearer" = ["interested_party_feedback:update"])))]
#[post("/v1/interested-party-feedback/{id}/handling")]
async fn handle_interested_party_feedback(
    permit: Permit<Update, InterestedPartyFeedback>,
    id: Path<InterestedPartyFeedback>,
    read: IfMatch,
    done: Body<FeedbackHandling>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, entry| Ok(entry.handle(done.0.clone(), tx.signature(None)?, tx.today())?))
        })
        .await
}

/// Void feedback of an interested party
///
/// It was entered by mistake: it stays to be read with the reason.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The entry.", body = InterestedPartyFeedback)),
    security(("bearer" = ["interested_party_feedback:update"])))]
#[post("/v1/interested-party-feedback/{id}/voiding")]
async fn void_interested_party_feedback(
    permit: Permit<Update, InterestedPartyFeedback>,
    id: Path<InterestedPartyFeedback>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, entry| Ok(entry.void(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?))
        })
        .await
}
