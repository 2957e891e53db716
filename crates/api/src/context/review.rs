//! Reviews of the context.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    access::Resource,
    context::review::{ContextReview, ContextReviewAction, ContextReviewDraft, ContextRows},
    kernel::{
        id::Id,
        page::Page,
        review::InternalCommunication,
        sign_off::{Approval, Because},
        transition::Stateful,
        version::VersionState,
    },
};
use mamori_persistence::{
    context::review::{self as reviews, Filter},
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx},
    operation::annual_plan_row::fulfil,
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
        verbs::{Approve, Create, Read, Submit, Update},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_context_reviews)
        .service(create_context_review)
        .service(get_context_review)
        .service(get_context_review_rows)
        .service(revise_context_review)
        .service(submit_context_review)
        .service(approve_context_review)
        .service(return_context_review)
        .service(void_context_review)
        .service(communicate_context_review);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ReviewQuery {
    /// Text in changes, reason or remarks.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// In this state; `in_force` finds the latest approved review.
    #[param(inline)]
    state: Option<VersionState>,
    /// The order.
    #[param(pattern = "^-?(version|reviewed_on|updated_at)$", default = "version")]
    sort: Option<String>,
}

/// List context reviews
///
/// Every review of the issues and the interested parties (4.1, 4.2). Whoever neither writes nor approves them sees those
/// that are or were in force.
#[utoipa::path(tag = "context", params(Paging, ReviewQuery),
    responses((status = 200, description = "A page of reviews.", body = Page<ContextReview>)),
    security(("bearer" = ["context_review:read"])))]
#[get("/v1/context-reviews")]
async fn list_context_reviews(
    permit: Permit<Read, ContextReview>,
    paging: Paging,
    query: Query<ReviewQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "version")?;
    let filter = Filter { id: None, q: query.q.clone(), updated_since: query.updated_since, state: query.state };
    permit.read(move |tx| Answer::ok(&reviews::list(tx, &filter, &page)?)).await
}

/// Begin a context review
///
/// What changed around and within the organization since the review before, and whether climate change is relevant
/// (Amd 1:2024).
#[utoipa::path(tag = "context", params(ValidateOnly), request_body = ContextReviewDraft,
    responses((status = 201, description = "The draft.", body = ContextReview)),
    security(("bearer" = ["context_review:create"])))]
#[post("/v1/context-reviews")]
async fn create_context_review(
    permit: Permit<Create, ContextReview>,
    draft: Body<ContextReviewDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let (number, by) = (reviews::next_version(tx)?, tx.signature(None)?);
            let review = ContextReview::begin(draft.0.clone(), number, by, tx.now(), tx.today())?;
            let review = reviews::add(tx, &review)?;
            Answer::created(&review, format!("/v1/context-reviews/{}", review.id))
        })
        .await
}

/// Get a context review
///
/// Any review, also a superseded one.
#[utoipa::path(tag = "context", params(InPath),
    responses((status = 200, description = "The review.", body = ContextReview)),
    security(("bearer" = ["context_review:read"])))]
#[get("/v1/context-reviews/{id}")]
async fn get_context_review(permit: Permit<Read, ContextReview>, id: Path<ContextReview>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&reviews::find(tx, *id)?.value)).await
}

/// Get the rows of a context review
///
/// Each issue and each requirement with the actions that answer it, and what moved since the review in force before.
/// While the review is written: the registers as they stand. From its submission on: as they stood then.
#[utoipa::path(tag = "context", params(InPath),
    responses((status = 200, description = "The rows.", body = ContextRows)),
    security(("bearer" = ["context_review:read"])))]
#[get("/v1/context-reviews/{id}/rows")]
async fn get_context_review_rows(
    permit: Permit<Read, ContextReview>,
    id: Path<ContextReview>,
) -> Result<Answer, Problem> {
    permit
        .read(move |tx| {
            let review = reviews::find(tx, *id)?;
            Answer::ok(&reviews::rows(tx, &review)?)
        })
        .await
}

/// What a step does to a review.
fn step(
    tx: &mut Tx<'_>,
    id: Id<ContextReview>,
    read: IfMatch,
    rule: impl FnOnce(&mut Tx<'_>, &mut Loaded<ContextReview>) -> Outcome<()>,
) -> Outcome<Answer> {
    let mut review = reviews::find(tx, id)?;
    read.check(&review)?;
    rule(tx, &mut review)?;
    Answer::record(&reviews::store(tx, review)?)
}

/// Revise a context review
///
/// Only before it is handed in, or after it was returned (SD-12).
#[utoipa::path(tag = "context", params(InPath, IfMatch, ValidateOnly),
    request_body(content = ContextReviewDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The draft.", body = ContextReview)),
    security(("bearer" = ["context_review:update"])))]
#[patch("/v1/context-reviews/{id}")]
async fn revise_context_review(
    permit: Permit<Update, ContextReview>,
    id: Path<ContextReview>,
    read: IfMatch,
    patch: Patch<ContextReviewDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, review| {
                let draft = patch.apply(&review.draft)?;
                Ok(review.revise(draft, tx.signature(None)?, tx.today())?)
            })
        })
        .await
}

/// Submit a context review
///
/// Hands it in and keeps its rows as they stand now. It needs the answer on climate change with its reason, and for each
/// row an action that counts or a reason for none (6.1.1).
#[utoipa::path(tag = "context", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The review.", body = ContextReview)),
    security(("bearer" = ["context_review:submit"])))]
#[post("/v1/context-reviews/{id}/submission")]
async fn submit_context_review(
    permit: Permit<Submit, ContextReview>,
    id: Path<ContextReview>,
    read: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, review| {
                let rows = reviews::rows(tx, review)?.rows;
                Ok(review.submit(tx.signature(None)?, rows)?)
            })
        })
        .await
}

/// Approve a context review
///
/// Puts it in force, supersedes the one before and keeps its rows for ever (SD-12). By top management; not by whoever
/// prepared it (SD-1).
#[utoipa::path(tag = "context", params(InPath, IfMatch, ValidateOnly), request_body = Approval,
    responses((status = 200, description = "The review in force.", body = ContextReview)),
    security(("bearer" = ["context_review:approve"])))]
#[post("/v1/context-reviews/{id}/approval")]
async fn approve_context_review(
    permit: Permit<Approve, ContextReview>,
    id: Path<ContextReview>,
    read: IfMatch,
    approval: Body<Approval>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut review = reviews::find(tx, *id)?;
            read.check(&review)?;
            review.guard(ContextReviewAction::Approve)?;
            let (by, alone) = reviews::approvers(tx)?.sign(tx, review.version.preparer(), &approval.0)?;
            let terms = organizations::review_terms(tx)?;
            review.approve(by, alone, terms, tx.now())?;
            let approved = reviews::put_in_force(tx, review)?;
            fulfil(tx, Resource::ContextReview, approved.id.uuid(), approved.draft.reviewed_on)?;
            Answer::record(&approved)
        })
        .await
}

/// Return a context review
///
/// Gives a submitted one back to its preparer; the next submission takes the rows as they stand then.
#[utoipa::path(tag = "context", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The draft.", body = ContextReview)),
    security(("bearer" = ["context_review:approve"])))]
#[post("/v1/context-reviews/{id}/return")]
async fn return_context_review(
    permit: Permit<Approve, ContextReview>,
    id: Path<ContextReview>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, review| {
                let by = tx.signature(Some(because.0.reason.as_str().to_owned()))?;
                Ok(review.send_back(by)?)
            })
        })
        .await
}

/// Void a draft of a context review
///
/// Nobody wants it any more: it stays to be read with the reason, and nothing comes of it. What was handed in is returned
/// first.
#[utoipa::path(tag = "context", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The voided draft.", body = ContextReview)),
    security(("bearer" = ["context_review:update"])))]
#[post("/v1/context-reviews/{id}/voiding")]
async fn void_context_review(
    permit: Permit<Update, ContextReview>,
    id: Path<ContextReview>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, review| {
                let by = tx.signature(Some(because.0.reason.as_str().to_owned()))?;
                Ok(review.version.void(by)?)
            })
        })
        .await
}

/// Record that the result of a context review was communicated
///
/// To the people who work here, within the days after the review that the organization set.
#[utoipa::path(tag = "context", params(InPath, IfMatch, ValidateOnly), request_body = InternalCommunication,
    responses((status = 200, description = "The review.", body = ContextReview)),
    security(("bearer" = ["context_review:update"])))]
#[post("/v1/context-reviews/{id}/communication")]
async fn communicate_context_review(
    permit: Permit<Update, ContextReview>,
    id: Path<ContextReview>,
    read: IfMatch,
    told: Body<InternalCommunication>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, review| Ok(review.communicate(told.0.clone(), tx.signature(None)?, tx.today())?))
        })
        .await
}
