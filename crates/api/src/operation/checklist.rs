//! Operation checklists.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    access::Verb,
    kernel::{id::Id, page::Page, sign_off::Because},
    operation::checklist::{OperationChecklist, OperationChecklistDraft},
    organization::person::Person,
};
use mamori_persistence::operation::checklist::{self as checklists, Filter};
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
        .service(list_operation_checklists)
        .service(create_operation_checklist)
        .service(get_operation_checklist)
        .service(revise_operation_checklist)
        .service(retire_operation_checklist);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ChecklistQuery {
    /// Text in title, items or remarks.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// Gone through by this person.
    #[param(value_type = Option<String>, format = Uuid)]
    assignee_id: Option<Id<Person>>,
    /// Past the day of the next run.
    overdue: Option<bool>,
    /// Also checklists that were taken out of use.
    #[param(default = false)]
    include_retired: Option<bool>,
    /// The order.
    #[param(pattern = "^-?(title|updated_at)$", default = "title")]
    sort: Option<String>,
}

/// List operation checklists
///
/// Those in use, with their last run and when they are due next.
#[utoipa::path(tag = "operation", params(Paging, ChecklistQuery),
    responses((status = 200, description = "A page of checklists.", body = Page<OperationChecklist>)),
    security(("bearer" = ["annual_plan:read"])))]
#[get("/v1/operation-checklists")]
async fn list_operation_checklists(
    permit: Permit<Read, OperationChecklist>,
    paging: Paging,
    query: Query<ChecklistQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "title")?;
    let filter = Filter {
        id: None,
        q: query.q.clone(),
        updated_since: query.updated_since,
        assignee: query.assignee_id,
        overdue: query.overdue,
        include_retired: query.include_retired.unwrap_or_default(),
    };
    permit.read(move |tx| Answer::ok(&checklists::list(tx, &filter, &page)?)).await
}

/// Create an operation checklist
///
/// What is checked, how often and by whom.
#[utoipa::path(tag = "operation", params(ValidateOnly), request_body = OperationChecklistDraft,
    responses((status = 201, description = "The new checklist.", body = OperationChecklist)),
    security(("bearer" = ["annual_plan:create"])))]
#[post("/v1/operation-checklists")]
async fn create_operation_checklist(
    permit: Permit<Create, OperationChecklist>,
    draft: Body<OperationChecklistDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let checklist = OperationChecklist::enter(draft.0.clone(), tx.now(), tx.today())?;
            let checklist = checklists::add(tx, &checklist)?;
            Answer::created(&checklist, format!("/v1/operation-checklists/{}", checklist.id))
        })
        .await
}

/// Get an operation checklist
///
/// Also a retired one; its runs are a list of their own.
#[utoipa::path(tag = "operation", params(InPath),
    responses((status = 200, description = "The checklist.", body = OperationChecklist)),
    security(("bearer" = ["annual_plan:read"])))]
#[get("/v1/operation-checklists/{id}")]
async fn get_operation_checklist(
    permit: Permit<Read, OperationChecklist>,
    id: Path<OperationChecklist>,
) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&checklists::find(tx, *id)?.value)).await
}

/// Revise an operation checklist
///
/// Runs that were recorded keep the items as they read then.
#[utoipa::path(tag = "operation", params(InPath, IfMatch, ValidateOnly),
    request_body(content = OperationChecklistDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The checklist.", body = OperationChecklist)),
    security(("bearer" = ["annual_plan:update"])))]
#[patch("/v1/operation-checklists/{id}")]
async fn revise_operation_checklist(
    permit: Permit<Update, OperationChecklist>,
    id: Path<OperationChecklist>,
    read: IfMatch,
    patch: Patch<OperationChecklistDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut checklist = checklists::find_for(tx, *id, Verb::Update)?;
            read.check(&checklist)?;
            let draft = patch.apply(&checklist.draft)?;
            checklist.revise(draft, tx.today())?;
            Answer::record(&checklists::store(tx, checklist)?)
        })
        .await
}

/// Retire an operation checklist
///
/// Takes it out of use, with a reason; its runs stay to be read.
#[utoipa::path(tag = "operation", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The checklist.", body = OperationChecklist)),
    security(("bearer" = ["annual_plan:update"])))]
#[post("/v1/operation-checklists/{id}/retirement")]
async fn retire_operation_checklist(
    permit: Permit<Update, OperationChecklist>,
    id: Path<OperationChecklist>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut checklist = checklists::find_for(tx, *id, Verb::Update)?;
            read.check(&checklist)?;
            checklist.retire(tx.signature(Some(because.0.reason.as_str().to_owned()))?, tx.today())?;
            Answer::record(&checklists::store(tx, checklist)?)
        })
        .await
}
