//! Items of a risk treatment plan.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    access::{Resource, Verb},
    kernel::{id::Id, page::Page, sign_off::Because},
    organization::person::Person,
    planning::{
        risk::Risk,
        treatment_item::{Completed, ItemStatus, Started, TreatmentItem, TreatmentItemDraft},
        treatment_plan::TreatmentPlan,
    },
};
use mamori_persistence::{
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx},
    planning::{
        risk as risks,
        treatment_item::{self as items, Filter},
    },
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch, Patch},
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
        .service(list_treatment_items)
        .service(list_treatment_items_of_risk)
        .service(create_treatment_item)
        .service(get_treatment_item)
        .service(revise_treatment_item)
        .service(start_treatment_item)
        .service(complete_treatment_item)
        .service(reopen_treatment_item)
        .service(cancel_treatment_item);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ItemQuery {
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// Done by this person.
    #[param(value_type = Option<String>, format = Uuid)]
    assignee_id: Option<Id<Person>>,
    /// Of the risks that this plan covers.
    #[param(value_type = Option<String>, format = Uuid)]
    treatment_plan_id: Option<Id<TreatmentPlan>>,
    /// With this status.
    #[param(inline)]
    status: Option<ItemStatus>,
    /// Past its planned end and not completed.
    overdue: Option<bool>,
    /// The order.
    #[param(pattern = "^-?(number|updated_at)$", default = "number")]
    sort: Option<String>,
}

impl ItemQuery {
    fn filter(&self, risk: Option<Id<Risk>>) -> Filter {
        Filter {
            id: None,
            updated_since: self.updated_since,
            risk,
            plan: self.treatment_plan_id,
            assignee: self.assignee_id,
            status: self.status,
            overdue: self.overdue,
            unfinished: false,
        }
    }
}

/// List treatment items
///
/// Of all risks within the caller's reach (D21).
#[utoipa::path(tag = "planning", params(Paging, ItemQuery),
    responses((status = 200, description = "A page of items.", body = Page<TreatmentItem>)),
    security(("bearer" = ["treatment_item:read"])))]
#[get("/v1/treatment-items")]
async fn list_treatment_items(
    permit: Permit<Read, TreatmentItem>,
    paging: Paging,
    query: Query<ItemQuery>,
) -> Result<Answer, Problem> {
    let (page, filter) = (paging.page(query.sort.as_deref(), "number")?, query.filter(None));
    permit.read(move |tx| Answer::ok(&items::list(tx, &filter, &page)?)).await
}

/// List the treatment items of a risk
///
/// In the order of their numbers.
#[utoipa::path(tag = "planning", params(InPath, Paging, ItemQuery),
    responses((status = 200, description = "A page of items.", body = Page<TreatmentItem>)),
    security(("bearer" = ["treatment_item:read"])))]
#[get("/v1/risks/{id}/treatment-items")]
async fn list_treatment_items_of_risk(
    permit: Permit<Read, TreatmentItem>,
    id: Path<Risk>,
    paging: Paging,
    query: Query<ItemQuery>,
) -> Result<Answer, Problem> {
    let (page, filter) = (paging.page(query.sort.as_deref(), "number")?, query.filter(Some(*id)));
    permit
        .read(move |tx| {
            risks::find(tx, *id)?;
            Answer::ok(&items::list(tx, &filter, &page)?)
        })
        .await
}

/// Plan a treatment item
///
/// For one control of the risk's treatment decision: tasks, who does them, and by when.
#[utoipa::path(tag = "planning", params(InPath, ValidateOnly), request_body = TreatmentItemDraft,
    responses((status = 201, description = "The new item.", body = TreatmentItem)),
    security(("bearer" = ["treatment_item:create"])))]
#[post("/v1/risks/{id}/treatment-items")]
async fn create_treatment_item(
    permit: Permit<Create, TreatmentItem>,
    id: Path<Risk>,
    draft: Body<TreatmentItemDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let risk = risks::find_for(tx, *id, Resource::TreatmentItem, Verb::Create)?;
            let number = items::next_number(tx, *id)?;
            let item = items::add(tx, &TreatmentItem::plan(draft.0.clone(), &risk, number, tx.now())?)?;
            Answer::created(&item, format!("/v1/treatment-items/{}", item.id))
        })
        .await
}

/// Get a treatment item
///
/// With its derived status.
#[utoipa::path(tag = "planning", params(InPath),
    responses((status = 200, description = "The item.", body = TreatmentItem)),
    security(("bearer" = ["treatment_item:read"])))]
#[get("/v1/treatment-items/{id}")]
async fn get_treatment_item(permit: Permit<Read, TreatmentItem>, id: Path<TreatmentItem>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&items::find(tx, *id)?.value)).await
}

/// What a step does to an item that the caller may do `verb` to, with its risk at hand.
fn step(
    tx: &mut Tx<'_>,
    id: Id<TreatmentItem>,
    read: IfMatch,
    verb: Verb,
    rule: impl FnOnce(&mut Tx<'_>, &mut Loaded<TreatmentItem>, &Risk) -> Outcome<()>,
) -> Outcome<Answer> {
    let mut item = items::find_for(tx, id, verb)?;
    read.check(&item)?;
    let risk = risks::look_up(tx, item.risk_id)?;
    rule(tx, &mut item, &risk)?;
    Answer::record(&items::store(tx, item)?)
}

/// Revise a treatment item
///
/// Changes tasks, assignee or planned dates; not of a completed or cancelled one.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly),
    request_body(content = TreatmentItemDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The item.", body = TreatmentItem)),
    security(("bearer" = ["treatment_item:update"])))]
#[patch("/v1/treatment-items/{id}")]
async fn revise_treatment_item(
    permit: Permit<Update, TreatmentItem>,
    id: Path<TreatmentItem>,
    read: IfMatch,
    patch: Patch<TreatmentItemDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Verb::Update, |_, item, risk| {
                let draft = patch.apply(&item.draft)?;
                Ok(item.revise(draft, risk)?)
            })
        })
        .await
}

/// Start a treatment item
///
/// Records the first day of the work.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly), request_body = Started,
    responses((status = 200, description = "The item.", body = TreatmentItem)),
    security(("bearer" = ["treatment_item:execute"])))]
#[post("/v1/treatment-items/{id}/start")]
async fn start_treatment_item(
    permit: Permit<Execute, TreatmentItem>,
    id: Path<TreatmentItem>,
    read: IfMatch,
    started: Body<Started>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Verb::Execute, |tx, item, risk| Ok(item.start(started.0.clone(), risk, tx.today())?))
        })
        .await
}

/// Complete a treatment item
///
/// Records the last day of the work.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly), request_body = Completed,
    responses((status = 200, description = "The item.", body = TreatmentItem)),
    security(("bearer" = ["treatment_item:execute"])))]
#[post("/v1/treatment-items/{id}/completion")]
async fn complete_treatment_item(
    permit: Permit<Execute, TreatmentItem>,
    id: Path<TreatmentItem>,
    read: IfMatch,
    completed: Body<Completed>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Verb::Execute, |tx, item, risk| {
                Ok(item.complete(completed.0.clone(), risk, tx.today())?)
            })
        })
        .await
}

/// Reopen a treatment item
///
/// Clears the last recorded day, with a reason: a completion or a start that was wrong. Not once the plan that
/// covers it was closed.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The item.", body = TreatmentItem)),
    security(("bearer" = ["treatment_item:update"])))]
#[post("/v1/treatment-items/{id}/reopening")]
async fn reopen_treatment_item(
    permit: Permit<Update, TreatmentItem>,
    id: Path<TreatmentItem>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Verb::Update, |tx, item, risk| {
                item.reopen(because.0.reason.clone(), risk, tx.today())?;
                items::check_reopening(tx, item.id)
            })
        })
        .await
}

/// Cancel a treatment item
///
/// Gives it up, with a reason; it does not count any more.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The item.", body = TreatmentItem)),
    security(("bearer" = ["treatment_item:update"])))]
#[post("/v1/treatment-items/{id}/cancellation")]
async fn cancel_treatment_item(
    permit: Permit<Update, TreatmentItem>,
    id: Path<TreatmentItem>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Verb::Update, |_, item, risk| Ok(item.cancel(because.0.reason.clone(), risk)?))
        })
        .await
}
