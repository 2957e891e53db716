//! Runs of operation checklists.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    access::Verb,
    kernel::page::Page,
    operation::{
        checklist::OperationChecklist,
        checklist_run::{ChecklistRun, ChecklistRunDraft},
    },
};
use mamori_persistence::operation::{
    checklist as checklists,
    checklist_run::{self as runs, Filter},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    body::Body,
    permit::{
        Permit,
        verbs::{Execute, Read},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_checklist_runs).service(create_checklist_run).service(get_checklist_run);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RunQuery {
    /// Entered at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// Whether something was not in order.
    not_ok: Option<bool>,
    /// The order.
    #[param(pattern = "^-?(performed_on|updated_at)$", default = "performed_on")]
    sort: Option<String>,
}

/// List the runs of an operation checklist
///
/// By the day on which they were performed.
#[utoipa::path(tag = "operation", params(InPath, Paging, RunQuery),
    responses((status = 200, description = "A page of runs.", body = Page<ChecklistRun>)),
    security(("bearer" = ["annual_plan:read"])))]
#[get("/v1/operation-checklists/{id}/runs")]
async fn list_checklist_runs(
    permit: Permit<Read, ChecklistRun>,
    id: Path<OperationChecklist>,
    paging: Paging,
    query: Query<RunQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "performed_on")?;
    let filter = Filter { id: None, updated_since: query.updated_since, checklist: Some(*id), not_ok: query.not_ok };
    permit
        .read(move |tx| {
            checklists::find(tx, *id)?;
            Answer::ok(&runs::list(tx, &filter, &page)?)
        })
        .await
}

/// Record a run of an operation checklist
///
/// By its assignee: what was found at every item. What is not in order needs a note. A run does not change (SD-12);
/// the checklist is due again an interval later.
#[utoipa::path(tag = "operation", params(InPath, ValidateOnly), request_body = ChecklistRunDraft,
    responses((status = 201, description = "The run.", body = ChecklistRun)),
    security(("bearer" = ["annual_plan:execute"])))]
#[post("/v1/operation-checklists/{id}/runs")]
async fn create_checklist_run(
    permit: Permit<Execute, ChecklistRun>,
    id: Path<OperationChecklist>,
    draft: Body<ChecklistRunDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let checklist = checklists::find_for(tx, *id, Verb::Execute)?;
            let by = tx.signature(None)?;
            let run = ChecklistRun::record(draft.0.clone(), &checklist, by, tx.now(), tx.today())?;
            let run = runs::add(tx, &run, checklist)?;
            Answer::created(&run, format!("/v1/checklist-runs/{}", run.id))
        })
        .await
}

/// Get a run of an operation checklist
///
/// With the items as they read when it was performed.
#[utoipa::path(tag = "operation", params(InPath),
    responses((status = 200, description = "The run.", body = ChecklistRun)),
    security(("bearer" = ["annual_plan:read"])))]
#[get("/v1/checklist-runs/{id}")]
async fn get_checklist_run(permit: Permit<Read, ChecklistRun>, id: Path<ChecklistRun>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&runs::find(tx, *id)?)).await
}
