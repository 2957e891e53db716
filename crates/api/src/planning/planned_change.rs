//! Planned changes of the ISMS.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    kernel::{
        id::Id,
        page::Page,
        sign_off::{Approval, Because},
        transition::Stateful,
    },
    organization::person::Person,
    planning::planned_change::{
        ChangeCompletion, PlannedChange, PlannedChangeAction, PlannedChangeDraft, PlannedChangeState,
    },
};
use mamori_persistence::{
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx},
    organization::organization as organizations,
    planning::planned_change::{self as changes, Filter},
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
        .service(list_planned_changes)
        .service(create_planned_change)
        .service(get_planned_change)
        .service(revise_planned_change)
        .service(submit_planned_change)
        .service(approve_planned_change)
        .service(return_planned_change)
        .service(complete_planned_change)
        .service(cancel_planned_change);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ChangeQuery {
    /// Text in number, change, purpose, consequences or occasion.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// In this state.
    #[param(inline)]
    state: Option<PlannedChangeState>,
    /// For which this person is responsible.
    #[param(value_type = Option<String>, format = Uuid)]
    responsible_person_id: Option<Id<Person>>,
    /// Past the planned day, and neither carried out nor cancelled.
    overdue: Option<bool>,
    /// The order.
    #[param(pattern = "^-?(number|planned_on|updated_at)$", default = "number")]
    sort: Option<String>,
}

/// List planned changes
///
/// Of the ISMS itself (6.3).
#[utoipa::path(tag = "planning", params(Paging, ChangeQuery),
    responses((status = 200, description = "A page of changes.", body = Page<PlannedChange>)),
    security(("bearer" = ["planned_change:read"])))]
#[get("/v1/planned-changes")]
async fn list_planned_changes(
    permit: Permit<Read, PlannedChange>,
    paging: Paging,
    query: Query<ChangeQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "number")?;
    let filter = Filter {
        id: None,
        q: query.q.clone(),
        updated_since: query.updated_since,
        state: query.state,
        responsible_person: query.responsible_person_id,
        overdue: query.overdue,
    };
    permit.read(move |tx| Answer::ok(&changes::list(tx, &filter, &page)?)).await
}

/// Draft a planned change
///
/// What changes and what for, what follows from it, and how the ISMS stays whole.
#[utoipa::path(tag = "planning", params(ValidateOnly), request_body = PlannedChangeDraft,
    responses((status = 201, description = "The draft.", body = PlannedChange)),
    security(("bearer" = ["planned_change:create"])))]
#[post("/v1/planned-changes")]
async fn create_planned_change(
    permit: Permit<Create, PlannedChange>,
    draft: Body<PlannedChangeDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let number = organizations::next_number(tx, "planned_change")?;
            let change = PlannedChange::draft(draft.0.clone(), number, tx.signature(None)?, tx.now());
            let change = changes::add(tx, &change)?;
            Answer::created(&change, format!("/v1/planned-changes/{}", change.id))
        })
        .await
}

/// Get a planned change
///
/// Also one that is over.
#[utoipa::path(tag = "planning", params(InPath),
    responses((status = 200, description = "The change.", body = PlannedChange)),
    security(("bearer" = ["planned_change:read"])))]
#[get("/v1/planned-changes/{id}")]
async fn get_planned_change(permit: Permit<Read, PlannedChange>, id: Path<PlannedChange>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&changes::find(tx, *id)?.value)).await
}

/// What a step does to a change.
fn step(
    tx: &mut Tx<'_>,
    id: Id<PlannedChange>,
    read: IfMatch,
    rule: impl FnOnce(&mut Tx<'_>, &mut Loaded<PlannedChange>) -> Outcome<()>,
) -> Outcome<Answer> {
    let mut change = changes::find(tx, id)?;
    read.check(&change)?;
    rule(tx, &mut change)?;
    Answer::record(&changes::store(tx, change)?)
}

/// Revise a planned change
///
/// Only before it is handed in, or after it was returned (SD-12).
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly),
    request_body(content = PlannedChangeDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The draft.", body = PlannedChange)),
    security(("bearer" = ["planned_change:update"])))]
#[patch("/v1/planned-changes/{id}")]
async fn revise_planned_change(
    permit: Permit<Update, PlannedChange>,
    id: Path<PlannedChange>,
    read: IfMatch,
    patch: Patch<PlannedChangeDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, change| {
                let draft = patch.apply(&change.draft)?;
                Ok(change.revise(draft, tx.signature(None)?)?)
            })
        })
        .await
}

/// Submit a planned change
///
/// Hands the draft in for approval.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The change.", body = PlannedChange)),
    security(("bearer" = ["planned_change:submit"])))]
#[post("/v1/planned-changes/{id}/submission")]
async fn submit_planned_change(
    permit: Permit<Submit, PlannedChange>,
    id: Path<PlannedChange>,
    read: IfMatch,
) -> Result<Answer, Problem> {
    permit.transact(move |tx| step(tx, *id, read, |tx, change| Ok(change.submit(tx.signature(None)?)?))).await
}

/// Approve a planned change
///
/// By top management; not by whoever prepared it (SD-1).
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly), request_body = Approval,
    responses((status = 200, description = "The change.", body = PlannedChange)),
    security(("bearer" = ["planned_change:approve"])))]
#[post("/v1/planned-changes/{id}/approval")]
async fn approve_planned_change(
    permit: Permit<Approve, PlannedChange>,
    id: Path<PlannedChange>,
    read: IfMatch,
    approval: Body<Approval>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, change| {
                change.guard(PlannedChangeAction::Approve)?;
                let (by, alone) = changes::approvers(tx)?.sign(tx, change.preparer(), &approval.0)?;
                Ok(change.approve(by, alone)?)
            })
        })
        .await
}

/// Return a planned change
///
/// Gives a submitted one back to its preparer.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The draft.", body = PlannedChange)),
    security(("bearer" = ["planned_change:approve"])))]
#[post("/v1/planned-changes/{id}/return")]
async fn return_planned_change(
    permit: Permit<Approve, PlannedChange>,
    id: Path<PlannedChange>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, change| {
                let by = tx.signature(Some(because.0.reason.as_str().to_owned()))?;
                Ok(change.send_back(by)?)
            })
        })
        .await
}

/// Complete a planned change
///
/// Records when an approved one was carried out, and what came of it.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly), request_body = ChangeCompletion,
    responses((status = 200, description = "The change.", body = PlannedChange)),
    security(("bearer" = ["planned_change:update"])))]
#[post("/v1/planned-changes/{id}/completion")]
async fn complete_planned_change(
    permit: Permit<Update, PlannedChange>,
    id: Path<PlannedChange>,
    read: IfMatch,
    completion: Body<ChangeCompletion>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| step(tx, *id, read, |tx, change| Ok(change.complete(completion.0.clone(), tx.today())?)))
        .await
}

/// Cancel a planned change
///
/// Gives it up, with a reason.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The change.", body = PlannedChange)),
    security(("bearer" = ["planned_change:update"])))]
#[post("/v1/planned-changes/{id}/cancellation")]
async fn cancel_planned_change(
    permit: Permit<Update, PlannedChange>,
    id: Path<PlannedChange>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit.transact(move |tx| step(tx, *id, read, |_, change| Ok(change.cancel(because.0.reason.clone())?))).await
}
