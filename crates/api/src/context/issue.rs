//! External and internal issues.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    context::issue::{ContextIssue, ContextIssueDraft, IssueType},
    kernel::{page::Page, retirement::Retirement},
};
use mamori_persistence::{
    context::issue::{self as issues, Filter},
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
        verbs::{Create, Read, Update},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_context_issues)
        .service(create_context_issue)
        .service(get_context_issue)
        .service(revise_context_issue)
        .service(retire_context_issue);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ContextIssueQuery {
    /// Text in the issue, its risk or its opportunity.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// External or internal.
    #[param(inline)]
    issue_type: Option<IssueType>,
    /// Also issues that left the register.
    #[param(default = false)]
    include_retired: Option<bool>,
    /// The order.
    #[param(pattern = "^-?(number|updated_at)$", default = "number")]
    sort: Option<String>,
}

/// List context issues
///
/// The register of external and internal issues (4.1). Who reads it only as the owner of a risk sees nothing while they
/// own none.
#[utoipa::path(tag = "context", params(Paging, ContextIssueQuery),
    responses((status = 200, description = "A page of issues.", body = Page<ContextIssue>)),
    security(("bearer" = ["context_issue:read"])))]
#[get("/v1/context-issues")]
async fn list_context_issues(
    permit: Permit<Read, ContextIssue>,
    paging: Paging,
    query: Query<ContextIssueQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "number")?;
    let filter = Filter {
        id: None,
        q: query.q.clone(),
        updated_since: query.updated_since,
        issue_type: query.issue_type,
        include_retired: query.include_retired.unwrap_or_default(),
    };
    permit.read(move |tx| Answer::ok(&issues::list(tx, &filter, &page)?)).await
}

/// Create a context issue
///
/// An external or internal issue with the risk and the opportunity in it.
#[utoipa::path(tag = "context", params(ValidateOnly), request_body = ContextIssueDraft,
    responses((status = 201, description = "The new issue.", body = ContextIssue)),
    security(("bearer" = ["context_issue:create"])))]
#[post("/v1/context-issues")]
async fn create_context_issue(
    permit: Permit<Create, ContextIssue>,
    draft: Body<ContextIssueDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let number = organizations::next_number(tx, "context_issue")?;
            let issue = ContextIssue::enter(draft.0.clone(), number, tx.now(), tx.today())?;
            let issue = issues::add(tx, &issue)?;
            Answer::created(&issue, format!("/v1/context-issues/{}", issue.id))
        })
        .await
}

/// Get a context issue
///
/// Also one that left the register.
#[utoipa::path(tag = "context", params(InPath),
    responses((status = 200, description = "The issue.", body = ContextIssue)),
    security(("bearer" = ["context_issue:read"])))]
#[get("/v1/context-issues/{id}")]
async fn get_context_issue(permit: Permit<Read, ContextIssue>, id: Path<ContextIssue>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&issues::find(tx, *id)?.value)).await
}

/// Revise a context issue
///
/// Also what changed in it since the last review, and why nothing is done about it.
#[utoipa::path(tag = "context", params(InPath, IfMatch, ValidateOnly),
    request_body(content = ContextIssueDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The issue.", body = ContextIssue)),
    security(("bearer" = ["context_issue:update"])))]
#[patch("/v1/context-issues/{id}")]
async fn revise_context_issue(
    permit: Permit<Update, ContextIssue>,
    id: Path<ContextIssue>,
    read: IfMatch,
    patch: Patch<ContextIssueDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut issue = issues::find(tx, *id)?;
            read.check(&issue)?;
            let draft = patch.apply(&issue.draft)?;
            issue.revise(draft, tx.today())?;
            Answer::record(&issues::store(tx, issue)?)
        })
        .await
}

/// Retire a context issue
///
/// Takes it out of the register with a date and a reason; it does not change any more.
#[utoipa::path(tag = "context", params(InPath, IfMatch, ValidateOnly), request_body = Retirement,
    responses((status = 200, description = "The issue.", body = ContextIssue)),
    security(("bearer" = ["context_issue:update"])))]
#[post("/v1/context-issues/{id}/retirement")]
async fn retire_context_issue(
    permit: Permit<Update, ContextIssue>,
    id: Path<ContextIssue>,
    read: IfMatch,
    retirement: Body<Retirement>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut issue = issues::find(tx, *id)?;
            read.check(&issue)?;
            issue.retire(retirement.0.clone(), tx.today())?;
            Answer::record(&issues::store(tx, issue)?)
        })
        .await
}
