//! Corrective actions (10.2; D37): the register and the request.

pub mod response;
pub mod verification;

use actix_web::{get, patch, post};
use chrono::{DateTime, TimeDelta, Utc};
use mamori_domain::{
    catalog::control::ControlId,
    improvement::corrective_action::{
        CorrectiveAction, CorrectiveActionDraft,
        figures::CorrectiveActionFigures,
        similar::SimilarAction,
        source::CorrectiveActionSource,
        step::{CorrectiveActionState, CorrectiveActionStep as Step},
    },
    kernel::{
        id::Id,
        page::Page,
        sign_off::{Approval, Because, Signature},
        transition::Stateful,
    },
    organization::department::Department,
};
use mamori_persistence::{
    improvement::corrective_action::{self as actions, Filter, Seats},
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

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
        .service(list_corrective_actions)
        .service(get_corrective_action_figures)
        .service(request_corrective_action)
        .service(get_corrective_action)
        .service(list_similar_corrective_actions)
        .service(revise_corrective_action)
        .service(submit_corrective_action)
        .service(approve_corrective_action)
        .service(return_corrective_action)
        .service(reject_corrective_action)
        .service(void_corrective_action)
        .service(cancel_corrective_action);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CorrectiveActionQuery {
    /// Text in reference number, description and cause.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// Of this department.
    #[param(value_type = Option<uuid::Uuid>)]
    department: Option<Id<Department>>,
    /// About this clause of the standard (`7.2`).
    #[param(max_length = 50)]
    clause: Option<String>,
    /// About this control of Annex A (`5.12`).
    #[param(inline)]
    control: Option<ControlId>,
    /// From this source.
    #[param(inline)]
    source: Option<CorrectiveActionSource>,
    /// In this state.
    #[param(inline)]
    state: Option<CorrectiveActionState>,
    /// Only those on which something is still to be done, or only others.
    open: Option<bool>,
    /// Only those on which something planned is overdue, or only others.
    overdue: Option<bool>,
    /// Issued at least this many days ago.
    #[param(minimum = 0, maximum = 36500)]
    min_age_days: Option<i64>,
    /// That answer this record.
    source_record: Option<Uuid>,
    /// The order.
    #[param(pattern = "^-?(reference_no|issued_on|updated_at)$", default = "reference_no")]
    sort: Option<String>,
}

/// List corrective actions
///
/// All of them; who works here without a role sees those that they asked for or answer. `source_record` finds the ones that
/// answer a record of another module.
#[utoipa::path(tag = "improvement", params(Paging, CorrectiveActionQuery),
    responses((status = 200, description = "A page of corrective actions.", body = Page<CorrectiveAction>)),
    security(("bearer" = ["corrective_action_request:read"])))]
#[get("/v1/corrective-actions")]
async fn list_corrective_actions(
    permit: Permit<Read, CorrectiveAction>,
    paging: Paging,
    query: Query<CorrectiveActionQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "reference_no")?;
    permit
        .read(move |tx| {
            let query = &query.0;
            let issued_until = query.min_age_days.map(|days| tx.today() - TimeDelta::days(days));
            let filter = Filter {
                id: None,
                q: query.q.clone(),
                updated_since: query.updated_since,
                department: query.department,
                clause: query.clause.clone(),
                control: query.control,
                source: query.source,
                state: query.state,
                open: query.open,
                overdue: query.overdue,
                issued_until,
                source_record: query.source_record,
            };
            Answer::ok(&actions::list(tx, &filter, &page)?)
        })
        .await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FiguresQuery {
    /// Only those that were issued in this fiscal year.
    #[param(minimum = 1900, maximum = 2999)]
    fiscal_year: Option<i32>,
}

/// Get the figures of corrective actions
///
/// How many there are by source, state and department, how old the open ones are, how long the closed ones took, and what
/// happened again within 12 months (10.1). For those who read every corrective action.
#[utoipa::path(tag = "improvement", params(FiguresQuery),
    responses((status = 200, description = "The figures.", body = CorrectiveActionFigures)),
    security(("bearer" = ["corrective_action_request:read"])))]
#[get("/v1/corrective-actions/figures")]
async fn get_corrective_action_figures(
    permit: Permit<Read, CorrectiveAction>,
    query: Query<FiguresQuery>,
) -> Result<Answer, Problem> {
    permit.report(move |tx| Answer::ok(&actions::figures(tx, query.fiscal_year)?)).await
}

/// Request a corrective action
///
/// For exactly one source; the record that it answers is named in `source_record`. The number within the fiscal year is
/// assigned here, without gaps. Everybody who works here may propose one.
#[utoipa::path(tag = "improvement", params(ValidateOnly), request_body = CorrectiveActionDraft,
    responses((status = 201, description = "The request.", body = CorrectiveAction)),
    security(("bearer" = ["corrective_action_request:create"])))]
#[post("/v1/corrective-actions")]
async fn request_corrective_action(
    permit: Permit<Create, CorrectiveAction>,
    draft: Body<CorrectiveActionDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let number = actions::next_number(tx, draft.0.issued_on)?;
            let by = tx.signature(None)?;
            let new = CorrectiveAction::begin(draft.0.clone(), number, by, tx.today(), tx.now())?;
            let new = actions::add(tx, &new)?;
            Answer::created(&new, format!("/v1/corrective-actions/{}", new.id))
        })
        .await
}

/// Get a corrective action
///
/// The whole form: the request, the sections of the round under way, and the rounds before it.
#[utoipa::path(tag = "improvement", params(InPath),
    responses((status = 200, description = "The corrective action.", body = CorrectiveAction)),
    security(("bearer" = ["corrective_action_request:read"])))]
#[get("/v1/corrective-actions/{id}")]
async fn get_corrective_action(
    permit: Permit<Read, CorrectiveAction>,
    id: Path<CorrectiveAction>,
) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&actions::find(tx, *id)?.value)).await
}

/// List similar corrective actions
///
/// Those of other departments about the same clause or control, or with a description and cause that read alike, what has
/// most in common first (10.2 b); as far as the caller reads them.
#[utoipa::path(tag = "improvement", params(InPath, Paging),
    responses((status = 200, description = "A page of similar ones.", body = Page<SimilarAction>)),
    security(("bearer" = ["corrective_action_request:read"])))]
#[get("/v1/corrective-actions/{id}/similar")]
async fn list_similar_corrective_actions(
    permit: Permit<Read, CorrectiveAction>,
    id: Path<CorrectiveAction>,
    paging: Paging,
) -> Result<Answer, Problem> {
    let page = paging.page(None, "-likeness")?;
    permit
        .read(move |tx| {
            let action = actions::find(tx, *id)?;
            Answer::ok(&actions::similar(tx, &action, &page)?)
        })
        .await
}

/// Takes a step of a corrective action that the caller read, along one rule.
fn step(
    tx: &mut Tx<'_>,
    id: Id<CorrectiveAction>,
    read: IfMatch,
    step: Step,
    rule: impl FnOnce(&mut Tx<'_>, &mut Loaded<CorrectiveAction>) -> Outcome<()>,
) -> Outcome<Answer> {
    let mut action = actions::find_for(tx, id, step)?;
    read.check(&action)?;
    action.guard(step)?;
    rule(tx, &mut action)?;
    Answer::record(&actions::store(tx, action)?)
}

/// Revise a corrective action request
///
/// Before it is handed in, or after it was returned. The fiscal year of its number stays.
#[utoipa::path(tag = "improvement", params(InPath, IfMatch, ValidateOnly),
    request_body(content = CorrectiveActionDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The request.", body = CorrectiveAction)),
    security(("bearer" = ["corrective_action_request:update"])))]
#[patch("/v1/corrective-actions/{id}")]
async fn revise_corrective_action(
    permit: Permit<Update, CorrectiveAction>,
    id: Path<CorrectiveAction>,
    read: IfMatch,
    patch: Patch<CorrectiveActionDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut action = actions::find_for(tx, *id, Step::Revise)?;
            read.check(&action)?;
            let draft = patch.apply(&action.draft)?;
            let year = actions::fiscal_year(tx, draft.issued_on)?;
            action.revise(draft, year, tx.signature(None)?, tx.today())?;
            Answer::record(&actions::store(tx, action)?)
        })
        .await
}

/// Submit a corrective action request
///
/// An audit's request names day, auditor, rank and requirement by then.
#[utoipa::path(tag = "improvement", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The request.", body = CorrectiveAction)),
    security(("bearer" = ["corrective_action_request:submit"])))]
#[post("/v1/corrective-actions/{id}/submission")]
async fn submit_corrective_action(
    permit: Permit<Submit, CorrectiveAction>,
    id: Path<CorrectiveAction>,
    read: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| step(tx, *id, read, Step::Submit, |tx, action| Ok(action.submit(tx.signature(None)?)?)))
        .await
}

/// Approve a corrective action request
///
/// Sign-off ①: by the audit manager for what an audit found, by the chair for the rest, or who stands in for that seat; not
/// by who prepared it (SD-1). The department has to answer it from now on.
#[utoipa::path(tag = "improvement", params(InPath, IfMatch, ValidateOnly), request_body = Approval,
    responses((status = 200, description = "The issued corrective action.", body = CorrectiveAction)),
    security(("bearer" = ["corrective_action_request:approve"])))]
#[post("/v1/corrective-actions/{id}/approval")]
async fn approve_corrective_action(
    permit: Permit<Approve, CorrectiveAction>,
    id: Path<CorrectiveAction>,
    read: IfMatch,
    approval: Body<Approval>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Step::Approve, |tx, action| {
                let (by, alone) = Seats::of(tx)?.sign(tx, action, &approval.0)?;
                Ok(action.approve(by, alone)?)
            })
        })
        .await
}

/// Return a corrective action request
///
/// Gives it back to its preparer.
#[utoipa::path(tag = "improvement", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The request.", body = CorrectiveAction)),
    security(("bearer" = ["corrective_action_request:approve"])))]
#[post("/v1/corrective-actions/{id}/return")]
async fn return_corrective_action(
    permit: Permit<Approve, CorrectiveAction>,
    id: Path<CorrectiveAction>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Step::Return, |tx, action| Ok(action.send_back(reasoned(tx, &because.0)?)?))
        })
        .await
}

/// The caller's mark with the reason that they give.
fn reasoned(tx: &Tx<'_>, because: &Because) -> Outcome<Signature> {
    tx.signature(Some(because.reason.as_str().to_owned()))
}

/// Reject a corrective action request
///
/// Nothing comes of it; its number and the reason stay. By who would approve it.
#[utoipa::path(tag = "improvement", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The rejected request.", body = CorrectiveAction)),
    security(("bearer" = ["corrective_action_request:approve"])))]
#[post("/v1/corrective-actions/{id}/rejection")]
async fn reject_corrective_action(
    permit: Permit<Approve, CorrectiveAction>,
    id: Path<CorrectiveAction>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Step::Reject, |tx, action| {
                let why = Approval { reason: because.0.reason.clone().into() };
                let (by, _) = Seats::of(tx)?.sign(tx, action, &why)?;
                Ok(action.reject(by)?)
            })
        })
        .await
}

/// Void a corrective action request
///
/// Before it is handed in; its number and the reason stay.
#[utoipa::path(tag = "improvement", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The voided request.", body = CorrectiveAction)),
    security(("bearer" = ["corrective_action_request:update"])))]
#[post("/v1/corrective-actions/{id}/voiding")]
async fn void_corrective_action(
    permit: Permit<Update, CorrectiveAction>,
    id: Path<CorrectiveAction>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| step(tx, *id, read, Step::Void, |tx, action| Ok(action.void(reasoned(tx, &because.0)?)?)))
        .await
}

/// Cancel a corrective action
///
/// One that was issued and is not carried out: nobody needs it any more. By the seat that approved the request.
#[utoipa::path(tag = "improvement", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The cancelled corrective action.", body = CorrectiveAction)),
    security(("bearer" = ["corrective_action_request:approve"])))]
#[post("/v1/corrective-actions/{id}/cancellation")]
async fn cancel_corrective_action(
    permit: Permit<Approve, CorrectiveAction>,
    id: Path<CorrectiveAction>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Step::Cancel, |tx, action| {
                let why = Approval { reason: because.0.reason.clone().into() };
                let by = Seats::of(tx)?.sign_cancellation(tx, action, &why)?;
                Ok(action.cancel(by)?)
            })
        })
        .await
}
