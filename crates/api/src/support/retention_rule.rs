//! How long records are kept.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    kernel::{page::Page, retirement::Retirement},
    support::retention_rule::{RetentionRule, RetentionRuleDraft, RetentionSubject},
};
use mamori_persistence::{
    organization::organization as organizations,
    support::retention_rule::{self as rules, Filter},
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
        .service(list_retention_rules)
        .service(create_retention_rule)
        .service(get_retention_rule)
        .service(revise_retention_rule)
        .service(retire_retention_rule);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RetentionRuleQuery {
    /// Text in title and basis.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// About this.
    #[param(inline)]
    subject: Option<RetentionSubject>,
    /// Also rules that were given up.
    #[param(default = false)]
    include_retired: Option<bool>,
    /// The order.
    #[param(pattern = "^-?(number|updated_at)$", default = "number")]
    sort: Option<String>,
}

/// List retention rules
///
/// How long records and personal data are kept, and why (7.5.3 f).
#[utoipa::path(tag = "support", params(Paging, RetentionRuleQuery),
    responses((status = 200, description = "A page of rules.", body = Page<RetentionRule>)),
    security(("bearer" = ["retention_rule:read"])))]
#[get("/v1/retention-rules")]
async fn list_retention_rules(
    permit: Permit<Read, RetentionRule>,
    paging: Paging,
    query: Query<RetentionRuleQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "number")?;
    let filter = Filter {
        id: None,
        q: query.q.clone(),
        updated_since: query.updated_since,
        subject: query.subject,
        include_retired: query.include_retired.unwrap_or_default(),
    };
    permit.read(move |tx| Answer::ok(&rules::list(tx, &filter, &page)?)).await
}

/// Create a retention rule
///
/// One rule for each kind of record that the service keeps, and as many as wanted for what is kept elsewhere.
#[utoipa::path(tag = "support", params(ValidateOnly), request_body = RetentionRuleDraft,
    responses((status = 201, description = "The new rule.", body = RetentionRule)),
    security(("bearer" = ["retention_rule:create"])))]
#[post("/v1/retention-rules")]
async fn create_retention_rule(
    permit: Permit<Create, RetentionRule>,
    draft: Body<RetentionRuleDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let number = organizations::next_number(tx, "retention_rule")?;
            let rule = RetentionRule::enter(draft.0.clone(), number, tx.now())?;
            let rule = rules::add(tx, &rule)?;
            Answer::created(&rule, format!("/v1/retention-rules/{}", rule.id))
        })
        .await
}

/// Get a retention rule
///
/// Also one that was given up.
#[utoipa::path(tag = "support", params(InPath),
    responses((status = 200, description = "The rule.", body = RetentionRule)),
    security(("bearer" = ["retention_rule:read"])))]
#[get("/v1/retention-rules/{id}")]
async fn get_retention_rule(permit: Permit<Read, RetentionRule>, id: Path<RetentionRule>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&rules::find(tx, *id)?.value)).await
}

/// Revise a retention rule
///
/// Holds for what is disposed of from now on; what it is about stays.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly),
    request_body(content = RetentionRuleDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The rule.", body = RetentionRule)),
    security(("bearer" = ["retention_rule:update"])))]
#[patch("/v1/retention-rules/{id}")]
async fn revise_retention_rule(
    permit: Permit<Update, RetentionRule>,
    id: Path<RetentionRule>,
    read: IfMatch,
    patch: Patch<RetentionRuleDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut rule = rules::find(tx, *id)?;
            read.check(&rule)?;
            let draft = patch.apply(&rule.draft)?;
            rule.revise(draft)?;
            Answer::record(&rules::store(tx, rule)?)
        })
        .await
}

/// Retire a retention rule
///
/// Gives it up with a date and a reason.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Retirement,
    responses((status = 200, description = "The rule.", body = RetentionRule)),
    security(("bearer" = ["retention_rule:update"])))]
#[post("/v1/retention-rules/{id}/retirement")]
async fn retire_retention_rule(
    permit: Permit<Update, RetentionRule>,
    id: Path<RetentionRule>,
    read: IfMatch,
    retirement: Body<Retirement>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut rule = rules::find(tx, *id)?;
            read.check(&rule)?;
            rule.retire(retirement.0.clone(), tx.today())?;
            Answer::record(&rules::store(tx, rule)?)
        })
        .await
}
