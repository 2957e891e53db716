//! Work items: what waits for somebody.

use actix_web::get;
use mamori_domain::{
    kernel::page::Page,
    overview::work_item::{Assignee, WorkItem, WorkItems, WorkKind},
};
use mamori_persistence::{kernel::paging::page_of, overview::work_item as work_items};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    permit::{OwnAccess, Permit, verbs::Read},
    problem::Problem,
    query::{Paging, Query},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_work_items);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WorkQuery {
    /// Whose work.
    #[param(inline, default = "me")]
    assignee: Option<Assignee>,
    /// Only of this kind.
    #[param(inline)]
    kind: Option<WorkKind>,
    /// Only what is overdue, or only what is not.
    overdue: Option<bool>,
}

/// List work items
///
/// What waits for the caller across all modules, or for anybody on records that the caller may read: what is due first
/// comes first. Of each kind of record the first 500 are looked at.
#[utoipa::path(tag = "overview", params(Paging, WorkQuery),
    responses((status = 200, description = "A page of work, with counts of all of it.", body = WorkItems)),
    security(("bearer" = ["own_access:read"])))]
#[get("/v1/work-items")]
async fn list_work_items(
    permit: Permit<Read, OwnAccess>,
    paging: Paging,
    query: Query<WorkQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(None, "due_on")?;
    let WorkQuery { assignee, kind, overdue } = query.0;
    permit
        .report(move |tx| {
            let mut items = work_items::list(tx, assignee.unwrap_or_default())?;
            items.retain(|item| kind.is_none_or(|kind| item.kind == kind));
            items.retain(|item| overdue.is_none_or(|overdue| item.overdue == overdue));
            let counts = WorkItem::counts(&items);
            let Page { items, next, total } = page_of(items, &page, WorkItem::order)?;
            Answer::ok(&WorkItems { items, next, total, counts })
        })
        .await
}
