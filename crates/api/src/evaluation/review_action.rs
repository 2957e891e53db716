//! Instructions of management reviews.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    access::Verb,
    context::action::{ActionCompletion, ActionEffectivenessDraft},
    evaluation::{
        management_review::ManagementReview,
        review_action::{ProgressReport, ReviewAction, ReviewActionDraft, ReviewActionState, ReviewOutput},
    },
    kernel::{id::Id, page::Page, sign_off::Because},
    organization::person::Person,
};
use mamori_persistence::{
    evaluation::review_action::{self as actions, Filter},
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch, Patch},
    permit::{
        Permit,
        verbs::{Execute, Read, Update},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_review_actions)
        .service(get_review_action)
        .service(revise_review_action)
        .service(report_review_action)
        .service(complete_review_action)
        .service(evaluate_review_action)
        .service(cancel_review_action);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ReviewActionQuery {
    /// Text in number, instruction or remarks.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// Of this management review.
    #[param(value_type = Option<String>, format = Uuid)]
    review_id: Option<Id<ManagementReview>>,
    /// From this output.
    #[param(inline)]
    output: Option<ReviewOutput>,
    /// In this state.
    #[param(inline)]
    state: Option<ReviewActionState>,
    /// For which this person is responsible.
    #[param(value_type = Option<String>, format = Uuid)]
    responsible_person_id: Option<Id<Person>>,
    /// Past their day, and not done.
    overdue: Option<bool>,
    /// The order.
    #[param(pattern = "^-?(number|due_on|updated_at)$", default = "number")]
    sort: Option<String>,
}

/// List instructions of management reviews
///
/// What top management wants improved or changed, how it goes on and what came of it (9.3.3). The approval of a review
/// registers them. Who does not read all of them sees those they are responsible for.
#[utoipa::path(tag = "evaluation", params(Paging, ReviewActionQuery),
    responses((status = 200, description = "A page of instructions.", body = Page<ReviewAction>)),
    security(("bearer" = ["review_action:read"])))]
#[get("/v1/review-actions")]
async fn list_review_actions(
    permit: Permit<Read, ReviewAction>,
    paging: Paging,
    query: Query<ReviewActionQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "number")?;
    let ReviewActionQuery { q, updated_since, review_id, output, state, responsible_person_id, overdue, sort: _ } =
        query.0;
    let filter = Filter {
        q,
        updated_since,
        review: review_id,
        output,
        state,
        responsible_person: responsible_person_id,
        overdue,
        ..Filter::default()
    };
    permit.read(move |tx| Answer::ok(&actions::list(tx, &filter, &page)?)).await
}

/// Get an instruction of a management review
///
/// With its progress and its effect.
#[utoipa::path(tag = "evaluation", params(InPath),
    responses((status = 200, description = "The instruction.", body = ReviewAction)),
    security(("bearer" = ["review_action:read"])))]
#[get("/v1/review-actions/{id}")]
async fn get_review_action(permit: Permit<Read, ReviewAction>, id: Path<ReviewAction>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&actions::find(tx, *id)?.value)).await
}

/// What a step does to an instruction that the caller may do `verb` to.
fn step(
    tx: &mut Tx<'_>,
    id: Id<ReviewAction>,
    read: IfMatch,
    verb: Verb,
    rule: impl FnOnce(&mut Tx<'_>, &mut Loaded<ReviewAction>) -> Outcome<()>,
) -> Outcome<Answer> {
    let mut action = actions::find_for(tx, id, verb)?;
    read.check(&action)?;
    rule(tx, &mut action)?;
    Answer::record(&actions::store(tx, action)?)
}

/// Revise an instruction of a management review
///
/// Who sees to it, until when, and where it goes on; what top management wants does not change (SD-12).
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly),
    request_body(content = ReviewActionDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The instruction.", body = ReviewAction)),
    security(("bearer" = ["review_action:update"])))]
#[patch("/v1/review-actions/{id}")]
async fn revise_review_action(
    permit: Permit<Update, ReviewAction>,
    id: Path<ReviewAction>,
    read: IfMatch,
    patch: Patch<ReviewActionDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Verb::Update, |_, action| {
                let draft = patch.apply(&action.draft)?;
                Ok(action.revise(draft)?)
            })
        })
        .await
}

/// Report the progress of an instruction
///
/// By whoever is responsible, or who follows the instructions up; reports are only ever added.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly), request_body = ProgressReport,
    responses((status = 200, description = "The instruction.", body = ReviewAction)),
    security(("bearer" = ["review_action:execute"])))]
#[post("/v1/review-actions/{id}/progress")]
async fn report_review_action(
    permit: Permit<Execute, ReviewAction>,
    id: Path<ReviewAction>,
    read: IfMatch,
    report: Body<ProgressReport>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Verb::Execute, |tx, action| Ok(action.report(report.0.clone(), tx.signature(None)?)?))
        })
        .await
}

/// Record that an instruction was carried out
///
/// With what came of it.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly), request_body = ActionCompletion,
    responses((status = 200, description = "The instruction.", body = ReviewAction)),
    security(("bearer" = ["review_action:execute"])))]
#[post("/v1/review-actions/{id}/completion")]
async fn complete_review_action(
    permit: Permit<Execute, ReviewAction>,
    id: Path<ReviewAction>,
    read: IfMatch,
    completion: Body<ActionCompletion>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Verb::Execute, |tx, action| Ok(action.complete(completion.0.clone(), tx.today())?))
        })
        .await
}

/// Judge the effect of an instruction
///
/// Whether what was done had the effect that was meant.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly), request_body = ActionEffectivenessDraft,
    responses((status = 200, description = "The instruction.", body = ReviewAction)),
    security(("bearer" = ["review_action:update"])))]
#[post("/v1/review-actions/{id}/effectiveness")]
async fn evaluate_review_action(
    permit: Permit<Update, ReviewAction>,
    id: Path<ReviewAction>,
    read: IfMatch,
    judged: Body<ActionEffectivenessDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Verb::Update, |tx, action| {
                Ok(action.evaluate(judged.0.clone(), tx.signature(None)?, tx.today())?)
            })
        })
        .await
}

/// Cancel an instruction
///
/// It is given up, with the reason.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The instruction.", body = ReviewAction)),
    security(("bearer" = ["review_action:update"])))]
#[post("/v1/review-actions/{id}/cancellation")]
async fn cancel_review_action(
    permit: Permit<Update, ReviewAction>,
    id: Path<ReviewAction>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| step(tx, *id, read, Verb::Update, |_, action| Ok(action.cancel(because.0.reason.clone())?)))
        .await
}
