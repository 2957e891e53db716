//! Information security objectives and the plans to achieve them.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    access::Verb,
    kernel::{
        id::Id,
        page::Page,
        sign_off::{Approval, Because},
        transition::Stateful,
    },
    organization::{department::Department, person::Person},
    planning::objective::{
        Objective, ObjectiveAction, ObjectiveDraft, ObjectiveEnd, ObjectiveEvaluationDraft, ObjectiveState,
    },
};
use mamori_persistence::{
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx},
    organization::organization as organizations,
    planning::objective::{self as objectives, Filter},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch, Patch},
    permit::{
        Permit,
        verbs::{Approve, Create, Execute, Read, Submit, Update},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_objectives)
        .service(create_objective)
        .service(get_objective)
        .service(revise_objective)
        .service(submit_objective)
        .service(approve_objective)
        .service(return_objective)
        .service(evaluate_objective)
        .service(end_objective);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ObjectiveQuery {
    /// Text in number, objective, objective of the policy, metric, action or remarks.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// In this state.
    #[param(inline)]
    state: Option<ObjectiveState>,
    /// Of this department.
    #[param(value_type = Option<String>, format = Uuid)]
    department_id: Option<Id<Department>>,
    /// For which this person is responsible.
    #[param(value_type = Option<String>, format = Uuid)]
    responsible_person_id: Option<Id<Person>>,
    /// Past the last day that is in time, and neither ended nor replaced.
    overdue: Option<bool>,
    /// The order.
    #[param(pattern = "^-?(number|due_on|updated_at)$", default = "number")]
    sort: Option<String>,
}

/// List objectives
///
/// With their plans: what is done, by whom, by when, and what they are measured by (6.2, D22).
#[utoipa::path(tag = "planning", params(Paging, ObjectiveQuery),
    responses((status = 200, description = "A page of objectives.", body = Page<Objective>)),
    security(("bearer" = ["objective:read"])))]
#[get("/v1/objectives")]
async fn list_objectives(
    permit: Permit<Read, Objective>,
    paging: Paging,
    query: Query<ObjectiveQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "number")?;
    let filter = Filter {
        id: None,
        q: query.q.clone(),
        updated_since: query.updated_since,
        state: query.state,
        department: query.department_id,
        responsible_person: query.responsible_person_id,
        overdue: query.overdue,
    };
    permit.read(move |tx| Answer::ok(&objectives::list(tx, &filter, &page)?)).await
}

/// Draft an objective
///
/// It serves an objective of the policy in force or is marked as additional. With `replaces_objective_id` it is the changed
/// form of an approved one.
#[utoipa::path(tag = "planning", params(ValidateOnly), request_body = ObjectiveDraft,
    responses((status = 201, description = "The draft.", body = Objective)),
    security(("bearer" = ["objective:create"])))]
#[post("/v1/objectives")]
async fn create_objective(permit: Permit<Create, Objective>, draft: Body<ObjectiveDraft>) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let number = organizations::next_number(tx, "objective")?;
            let objective = Objective::draft(draft.0.clone(), number, tx.signature(None)?, tx.now())?;
            let objective = objectives::add(tx, objective)?;
            Answer::created(&objective, format!("/v1/objectives/{}", objective.id))
        })
        .await
}

/// Get an objective
///
/// Also one that is over.
#[utoipa::path(tag = "planning", params(InPath),
    responses((status = 200, description = "The objective.", body = Objective)),
    security(("bearer" = ["objective:read"])))]
#[get("/v1/objectives/{id}")]
async fn get_objective(permit: Permit<Read, Objective>, id: Path<Objective>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&objectives::find(tx, *id)?.value)).await
}

/// What a step does to an objective that the caller may do `verb` to.
fn step(
    tx: &mut Tx<'_>,
    id: Id<Objective>,
    read: IfMatch,
    verb: Verb,
    rule: impl FnOnce(&mut Tx<'_>, &mut Loaded<Objective>) -> Outcome<()>,
) -> Outcome<Answer> {
    let mut objective = objectives::find_for(tx, id, verb)?;
    read.check(&objective)?;
    rule(tx, &mut objective)?;
    Answer::record(&objectives::store(tx, objective)?)
}

/// Revise an objective
///
/// Only before it is handed in, or after it was returned: an approved one is changed by a new one that replaces it
/// (SD-12).
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly),
    request_body(content = ObjectiveDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The draft.", body = Objective)),
    security(("bearer" = ["objective:update"])))]
#[patch("/v1/objectives/{id}")]
async fn revise_objective(
    permit: Permit<Update, Objective>,
    id: Path<Objective>,
    read: IfMatch,
    patch: Patch<ObjectiveDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Verb::Update, |tx, objective| {
                let draft = patch.apply(&objective.draft)?;
                Ok(objective.revise(draft, tx.signature(None)?)?)
            })
        })
        .await
}

/// Submit an objective
///
/// Hands the draft in for approval.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The objective.", body = Objective)),
    security(("bearer" = ["objective:submit"])))]
#[post("/v1/objectives/{id}/submission")]
async fn submit_objective(
    permit: Permit<Submit, Objective>,
    id: Path<Objective>,
    read: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Verb::Submit, |tx, objective| Ok(objective.submit(tx.signature(None)?)?))
        })
        .await
}

/// Approve an objective
///
/// By top management; not by whoever prepared it (SD-1). The one that it replaces gives way in the same moment.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly), request_body = Approval,
    responses((status = 200, description = "The objective.", body = Objective)),
    security(("bearer" = ["objective:approve"])))]
#[post("/v1/objectives/{id}/approval")]
async fn approve_objective(
    permit: Permit<Approve, Objective>,
    id: Path<Objective>,
    read: IfMatch,
    approval: Body<Approval>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Verb::Approve, |tx, objective| {
                objective.guard(ObjectiveAction::Approve)?;
                let (by, alone) = objectives::approvers(tx)?.sign(tx, objective.preparer(), &approval.0)?;
                objective.approve(by, alone)?;
                objectives::replace_before(tx, objective)
            })
        })
        .await
}

/// Return an objective
///
/// Gives a submitted one back to its preparer.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The draft.", body = Objective)),
    security(("bearer" = ["objective:approve"])))]
#[post("/v1/objectives/{id}/return")]
async fn return_objective(
    permit: Permit<Approve, Objective>,
    id: Path<Objective>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Verb::Approve, |tx, objective| {
                let by = tx.signature(Some(because.0.reason.as_str().to_owned()))?;
                Ok(objective.send_back(by)?)
            })
        })
        .await
}

/// Evaluate an objective
///
/// By top management: ○ where the latest measurement meets the target, × otherwise, with what it means (9.1, R-17). Refused
/// while nothing was measured.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly), request_body = ObjectiveEvaluationDraft,
    responses((status = 200, description = "The objective.", body = Objective)),
    security(("bearer" = ["objective:execute"])))]
#[post("/v1/objectives/{id}/evaluation")]
async fn evaluate_objective(
    permit: Permit<Execute, Objective>,
    id: Path<Objective>,
    read: IfMatch,
    found: Body<ObjectiveEvaluationDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Verb::Execute, |tx, objective| {
                Ok(objective.evaluate(found.0.clone(), tx.signature(None)?, tx.today())?)
            })
        })
        .await
}

/// End an objective
///
/// It was achieved, given up, or its time is over; a draft is dropped.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly), request_body = ObjectiveEnd,
    responses((status = 200, description = "The objective.", body = Objective)),
    security(("bearer" = ["objective:update"])))]
#[post("/v1/objectives/{id}/end")]
async fn end_objective(
    permit: Permit<Update, Objective>,
    id: Path<Objective>,
    read: IfMatch,
    end: Body<ObjectiveEnd>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Verb::Update, |tx, objective| Ok(objective.end(end.0.clone(), tx.today())?))
        })
        .await
}
