//! Management reviews.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    access::Resource,
    evaluation::management_review::{
        HoldingDraft, ManagementReview, ManagementReviewAction, ManagementReviewDraft, ManagementReviewState,
        ReviewFacts, ReviewOutputsDraft,
    },
    kernel::{
        id::Id,
        page::Page,
        review::InternalCommunication,
        sign_off::{Approval, Because},
        transition::Stateful,
    },
};
use mamori_persistence::{
    evaluation::{
        management_review::{self as reviews, Filter},
        review_action as actions,
    },
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
        .service(list_management_reviews)
        .service(plan_management_review)
        .service(get_management_review)
        .service(get_management_review_inputs)
        .service(revise_management_review)
        .service(hold_management_review)
        .service(record_management_review_outputs)
        .service(submit_management_review)
        .service(approve_management_review)
        .service(return_management_review)
        .service(communicate_management_review)
        .service(close_management_review)
        .service(void_management_review);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ManagementReviewQuery {
    /// Text in number, changes, risk status, proposals or remarks.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// In this state.
    #[param(inline)]
    state: Option<ManagementReviewState>,
    /// The order.
    #[param(pattern = "^-?(number|planned_on|updated_at)$", default = "number")]
    sort: Option<String>,
}

/// List management reviews
///
/// With inputs, outputs and when the next one is due (9.3, R-20). Everybody may read those whose result was communicated.
#[utoipa::path(tag = "evaluation", params(Paging, ManagementReviewQuery),
    responses((status = 200, description = "A page of reviews.", body = Page<ManagementReview>)),
    security(("bearer" = ["management_review:read"])))]
#[get("/v1/management-reviews")]
async fn list_management_reviews(
    permit: Permit<Read, ManagementReview>,
    paging: Paging,
    query: Query<ManagementReviewQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "number")?;
    let ManagementReviewQuery { q, updated_since, state, sort: _ } = query.0;
    let filter = Filter { id: None, q, updated_since, state };
    permit.read(move |tx| Answer::ok(&reviews::list(tx, &filter, &page)?)).await
}

/// Plan a management review
///
/// With the day, and the inputs as far as they are written.
#[utoipa::path(tag = "evaluation", params(ValidateOnly), request_body = ManagementReviewDraft,
    responses((status = 201, description = "The planned review.", body = ManagementReview)),
    security(("bearer" = ["management_review:create"])))]
#[post("/v1/management-reviews")]
async fn plan_management_review(
    permit: Permit<Create, ManagementReview>,
    draft: Body<ManagementReviewDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let number = organizations::next_number(tx, "management_review")?;
            let (is_first, by) = (reviews::last_held(tx)?.is_none(), tx.signature(None)?);
            let review = ManagementReview::plan(draft.0.clone(), number, is_first, by, tx.now())?;
            let review = reviews::add(tx, &review)?;
            Answer::created(&review, format!("/v1/management-reviews/{}", review.id))
        })
        .await
}

/// Get a management review
///
/// What people wrote and decided; what the service knows for its inputs stands beside it (`/inputs`).
#[utoipa::path(tag = "evaluation", params(InPath),
    responses((status = 200, description = "The review.", body = ManagementReview)),
    security(("bearer" = ["management_review:read"])))]
#[get("/v1/management-reviews/{id}")]
async fn get_management_review(
    permit: Permit<Read, ManagementReview>,
    id: Path<ManagementReview>,
) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&reviews::find(tx, *id)?.value)).await
}

/// Get what is known for the inputs of a management review
///
/// Changes since the review before, every open instruction, measurements, objectives, feedback, risks and their treatment,
/// approvals by who prepared: as they stand until the review is held, and as they stood then ever after. For those who read
/// every review. Of each kind at most 500.
#[utoipa::path(tag = "evaluation", params(InPath),
    responses((status = 200, description = "What is known.", body = ReviewFacts)),
    security(("bearer" = ["management_review:read"])))]
#[get("/v1/management-reviews/{id}/inputs")]
async fn get_management_review_inputs(
    permit: Permit<Read, ManagementReview>,
    id: Path<ManagementReview>,
) -> Result<Answer, Problem> {
    permit
        .report(move |tx| {
            let review = reviews::find(tx, *id)?;
            Answer::ok(&reviews::facts(tx, &review)?)
        })
        .await
}

/// What a step does to a review.
fn step(
    tx: &mut Tx<'_>,
    id: Id<ManagementReview>,
    read: IfMatch,
    rule: impl FnOnce(&mut Tx<'_>, &mut Loaded<ManagementReview>) -> Outcome<()>,
) -> Outcome<Answer> {
    let mut review = reviews::find(tx, id)?;
    read.check(&review)?;
    rule(tx, &mut review)?;
    Answer::record(&reviews::store(tx, review)?)
}

/// Revise a management review
///
/// The plan and the inputs, until it is held. When all inputs are written it is `inputs_ready`. Input 1 of a first review
/// is the service's.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly),
    request_body(content = ManagementReviewDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The review.", body = ManagementReview)),
    security(("bearer" = ["management_review:update"])))]
#[patch("/v1/management-reviews/{id}")]
async fn revise_management_review(
    permit: Permit<Update, ManagementReview>,
    id: Path<ManagementReview>,
    read: IfMatch,
    patch: Patch<ManagementReviewDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |_, review| {
                let draft = patch.apply(&review.draft)?;
                Ok(review.revise(draft)?)
            })
        })
        .await
}

/// Record that a management review was held
///
/// With top management, or its deputy, among the attendees. It needs all inputs, and keeps what is known for them as
/// it stands at this moment.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly), request_body = HoldingDraft,
    responses((status = 200, description = "The review.", body = ManagementReview)),
    security(("bearer" = ["management_review:submit"])))]
#[post("/v1/management-reviews/{id}/holding")]
async fn hold_management_review(
    permit: Permit<Submit, ManagementReview>,
    id: Path<ManagementReview>,
    read: IfMatch,
    meeting: Body<HoldingDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let review = reviews::find(tx, *id)?;
            read.check(&review)?;
            Answer::record(&reviews::hold(tx, review, meeting.0.clone())?)
        })
        .await
}

/// Record the outputs of a management review
///
/// What top management decided, as a whole; an empty list says that there is nothing. Until they are handed in.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly), request_body = ReviewOutputsDraft,
    responses((status = 200, description = "The review.", body = ManagementReview)),
    security(("bearer" = ["management_review:submit"])))]
#[post("/v1/management-reviews/{id}/outputs")]
async fn record_management_review_outputs(
    permit: Permit<Submit, ManagementReview>,
    id: Path<ManagementReview>,
    read: IfMatch,
    decided: Body<ReviewOutputsDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, review| {
                review.guard(ManagementReviewAction::RecordOutputs)?;
                let outputs = reviews::outputs(tx, decided.0.clone())?;
                Ok(review.record_outputs(outputs, tx.signature(None)?)?)
            })
        })
        .await
}

/// Submit the outputs of a management review
///
/// Both are there, also where one of them is none.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The review.", body = ManagementReview)),
    security(("bearer" = ["management_review:submit"])))]
#[post("/v1/management-reviews/{id}/submission")]
async fn submit_management_review(
    permit: Permit<Submit, ManagementReview>,
    id: Path<ManagementReview>,
    read: IfMatch,
) -> Result<Answer, Problem> {
    permit.transact(move |tx| step(tx, *id, read, |tx, review| Ok(review.submit(tx.signature(None)?)?))).await
}

/// Approve the outputs of a management review
///
/// By top management alone (SD-5). Each instruction is registered and followed from now on (`/v1/review-actions`).
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly), request_body = Approval,
    responses((status = 200, description = "The review.", body = ManagementReview)),
    security(("bearer" = ["management_review:approve"])))]
#[post("/v1/management-reviews/{id}/approval")]
async fn approve_management_review(
    permit: Permit<Approve, ManagementReview>,
    id: Path<ManagementReview>,
    read: IfMatch,
    approval: Body<Approval>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, review| {
                review.guard(ManagementReviewAction::Approve)?;
                let (by, alone) = reviews::approvers(tx)?.sign(tx, review.preparer(), &approval.0)?;
                review.approve(by, alone, organizations::management_review_terms(tx)?)?;
                actions::register(tx, review)?;
                match review.held_on() {
                    Some(held_on) => fulfil(tx, Resource::ManagementReview, review.id.uuid(), held_on),
                    None => Ok(()),
                }
            })
        })
        .await
}

/// Return the outputs of a management review
///
/// Gives them back to who wrote them down.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The review.", body = ManagementReview)),
    security(("bearer" = ["management_review:approve"])))]
#[post("/v1/management-reviews/{id}/return")]
async fn return_management_review(
    permit: Permit<Approve, ManagementReview>,
    id: Path<ManagementReview>,
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

/// Record that the result of a management review was communicated
///
/// To the people who work here, within the days after the review that the organization set. From then on everybody
/// may read it.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly), request_body = InternalCommunication,
    responses((status = 200, description = "The review.", body = ManagementReview)),
    security(("bearer" = ["management_review:submit"])))]
#[post("/v1/management-reviews/{id}/communication")]
async fn communicate_management_review(
    permit: Permit<Submit, ManagementReview>,
    id: Path<ManagementReview>,
    read: IfMatch,
    told: Body<InternalCommunication>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, review| Ok(review.communicate(told.0.clone(), tx.signature(None)?, tx.today())?))
        })
        .await
}

/// Close a management review
///
/// Its result was communicated and its instructions are followed by themselves.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The review.", body = ManagementReview)),
    security(("bearer" = ["management_review:submit"])))]
#[post("/v1/management-reviews/{id}/closure")]
async fn close_management_review(
    permit: Permit<Submit, ManagementReview>,
    id: Path<ManagementReview>,
    read: IfMatch,
) -> Result<Answer, Problem> {
    permit.transact(move |tx| step(tx, *id, read, |tx, review| Ok(review.close(tx.signature(None)?)?))).await
}

/// Void a planned management review
///
/// Before it was held: it stays to be read with the reason.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The review.", body = ManagementReview)),
    security(("bearer" = ["management_review:submit"])))]
#[post("/v1/management-reviews/{id}/voiding")]
async fn void_management_review(
    permit: Permit<Submit, ManagementReview>,
    id: Path<ManagementReview>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, review| {
                let by = tx.signature(Some(because.0.reason.as_str().to_owned()))?;
                Ok(review.void(by)?)
            })
        })
        .await
}
