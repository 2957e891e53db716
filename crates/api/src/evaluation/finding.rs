//! Findings of audits.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    access::{Resource, Verb},
    evaluation::{
        audit::Audit,
        external_audit::ExternalAudit,
        finding::{
            CorrectiveActionOrder, Finding, FindingDraft, FindingResponseDraft, FindingSource, FindingSourceId, OfAudit,
        },
    },
    improvement::corrective_action::{CorrectiveAction, source::FindingRank},
    kernel::{id::Id, page::Page, sign_off::Because},
    organization::department::Department,
};
use mamori_persistence::{
    evaluation::{
        audit as audits, external_audit as external_audits,
        finding::{self as findings, Filter},
    },
    improvement::corrective_action as corrective_actions,
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
        verbs::{Approve, Create, Execute, Read, Update},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_findings)
        .service(list_findings_of_audit)
        .service(enter_finding)
        .service(list_findings_of_external_audit)
        .service(enter_external_finding)
        .service(get_finding)
        .service(revise_finding)
        .service(withdraw_finding)
        .service(order_corrective_action)
        .service(respond_to_finding)
        .service(follow_up_finding);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FindingQuery {
    /// Text in content, evidence or section.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// Of this rank.
    #[param(inline)]
    rank: Option<FindingRank>,
    /// In this department.
    #[param(value_type = Option<String>, format = Uuid)]
    department_id: Option<Id<Department>>,
    /// Also findings that were taken back.
    #[param(default = false)]
    include_withdrawn: Option<bool>,
    /// The order.
    #[param(pattern = "^-?(number|updated_at)$", default = "number")]
    sort: Option<String>,
}

impl FindingQuery {
    /// Of one audit, or of all.
    fn filter(self, of: Option<FindingSourceId>) -> Filter {
        let Self { q, updated_since, rank, department_id, include_withdrawn, sort: _ } = self;
        let (audit, external_audit) = match of {
            Some(OfAudit::Internal(audit)) => (Some(audit), None),
            Some(OfAudit::External(audit)) => (None, Some(audit)),
            None => (None, None),
        };
        Filter {
            id: None,
            audit,
            external_audit,
            q,
            updated_since,
            rank,
            department: department_id,
            include_withdrawn: include_withdrawn.unwrap_or_default(),
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ExternalAuditQuery {
    /// Of this external audit.
    #[param(value_type = Option<String>, format = Uuid)]
    external_audit_id: Option<Id<ExternalAudit>>,
}

/// List findings
///
/// Of all audits, internal and external, as far as they concern the caller.
#[utoipa::path(tag = "evaluation", params(Paging, FindingQuery, ExternalAuditQuery),
    responses((status = 200, description = "A page of findings.", body = Page<Finding>)),
    security(("bearer" = ["finding:read"])))]
#[get("/v1/findings")]
async fn list_findings(
    permit: Permit<Read, Finding>,
    paging: Paging,
    query: Query<FindingQuery>,
    of: Query<ExternalAuditQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "number")?;
    let filter = query.0.filter(of.0.external_audit_id.map(OfAudit::External));
    permit.read(move |tx| Answer::ok(&findings::list(tx, &filter, &page)?)).await
}

/// List the findings of an internal audit
///
/// As far as they concern the caller.
#[utoipa::path(tag = "evaluation", params(InPath, Paging, FindingQuery),
    responses((status = 200, description = "A page of findings.", body = Page<Finding>)),
    security(("bearer" = ["finding:read"])))]
#[get("/v1/audits/{id}/findings")]
async fn list_findings_of_audit(
    permit: Permit<Read, Finding>,
    id: Path<Audit>,
    paging: Paging,
    query: Query<FindingQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "number")?;
    let filter = query.0.filter(Some(OfAudit::Internal(*id)));
    permit
        .read(move |tx| {
            audits::find(tx, *id)?;
            Answer::ok(&findings::list(tx, &filter, &page)?)
        })
        .await
}

/// Enter a finding
///
/// What is not met, and where; during the audit and while the report is written. By an auditor, or by the audit manager on
/// behalf of one from outside.
#[utoipa::path(tag = "evaluation", params(InPath, ValidateOnly), request_body = FindingDraft,
    responses((status = 201, description = "The new finding.", body = Finding)),
    security(("bearer" = ["finding:create"])))]
#[post("/v1/audits/{id}/findings")]
async fn enter_finding(
    permit: Permit<Create, Finding>,
    id: Path<Audit>,
    draft: Body<FindingDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let audit = audits::find_for(tx, *id, Resource::Finding, Verb::Create)?.value;
            let number = findings::next_number(tx, *id)?;
            let by = tx.signature(None)?;
            let finding = findings::add(tx, &Finding::enter(draft.0.clone(), &audit, number, by, tx.now())?)?;
            Answer::created(&finding, format!("/v1/findings/{}", finding.id))
        })
        .await
}

/// List the findings of an external audit
///
/// As far as they concern the caller.
#[utoipa::path(tag = "evaluation", params(InPath, Paging, FindingQuery),
    responses((status = 200, description = "A page of findings.", body = Page<Finding>)),
    security(("bearer" = ["finding:read"])))]
#[get("/v1/external-audits/{id}/findings")]
async fn list_findings_of_external_audit(
    permit: Permit<Read, Finding>,
    id: Path<ExternalAudit>,
    paging: Paging,
    query: Query<FindingQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "number")?;
    let filter = query.0.filter(Some(OfAudit::External(*id)));
    permit
        .read(move |tx| {
            external_audits::find(tx, *id)?;
            Answer::ok(&findings::list(tx, &filter, &page)?)
        })
        .await
}

/// Enter a finding of an external audit
///
/// As the outside body wrote it, between the result and the closing of the audit. A nonconformity names the day by which it is
/// to be answered; a finding may name a department, a function, or neither. By whoever writes external audits.
#[utoipa::path(tag = "evaluation", params(InPath, ValidateOnly), request_body = FindingDraft,
    responses((status = 201, description = "The new finding.", body = Finding)),
    security(("bearer" = ["finding:create"])))]
#[post("/v1/external-audits/{id}/findings")]
async fn enter_external_finding(
    permit: Permit<Create, Finding>,
    id: Path<ExternalAudit>,
    draft: Body<FindingDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let audit = external_audits::find_for_finding(tx, *id)?;
            let number = findings::next_number(tx, *id)?;
            let by = tx.signature(None)?;
            let finding = findings::add(tx, &Finding::enter(draft.0.clone(), &audit, number, by, tx.now())?)?;
            Answer::created(&finding, format!("/v1/findings/{}", finding.id))
        })
        .await
}

/// Get a finding
///
/// With what was done about it.
#[utoipa::path(tag = "evaluation", params(InPath),
    responses((status = 200, description = "The finding.", body = Finding)),
    security(("bearer" = ["finding:read"])))]
#[get("/v1/findings/{id}")]
async fn get_finding(permit: Permit<Read, Finding>, id: Path<Finding>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&findings::find(tx, *id)?.value)).await
}

/// What a step does to a finding that the caller may do `verb` to, with its audit at hand.
fn step(
    tx: &mut Tx<'_>,
    id: Id<Finding>,
    read: IfMatch,
    verb: Verb,
    rule: impl FnOnce(&mut Tx<'_>, &mut Loaded<Finding>, FindingSource<'_>) -> Outcome<()>,
) -> Outcome<Answer> {
    let found = findings::find(tx, id)?.value;
    findings::with_audit(tx, &found, |tx, audit| {
        let mut finding = findings::find_for(tx, id, verb, audit)?;
        read.check(&finding)?;
        rule(tx, &mut finding, audit)?;
        Answer::record(&findings::store(tx, finding)?)
    })
}

/// Revise a finding
///
/// Only before the report is handed in, or the external audit closed (SD-12).
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly),
    request_body(content = FindingDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The finding.", body = Finding)),
    security(("bearer" = ["finding:update"])))]
#[patch("/v1/findings/{id}")]
async fn revise_finding(
    permit: Permit<Update, Finding>,
    id: Path<Finding>,
    read: IfMatch,
    patch: Patch<FindingDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Verb::Update, |tx, finding, audit| {
                let draft = patch.apply(&finding.draft)?;
                Ok(finding.revise(draft, audit, tx.signature(None)?)?)
            })
        })
        .await
}

/// Withdraw a finding
///
/// Takes it back with a reason, before the report is handed in or the external audit closed (SD-12); it counts no more.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The finding.", body = Finding)),
    security(("bearer" = ["finding:update"])))]
#[post("/v1/findings/{id}/withdrawal")]
async fn withdraw_finding(
    permit: Permit<Update, Finding>,
    id: Path<Finding>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Verb::Update, |tx, finding, _| {
                Ok(finding.withdraw(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?)
            })
        })
        .await
}

/// Request a corrective action for a finding
///
/// Begins one with what the finding says: source, rank, what is not met, the day and the auditor of the audit, and the body where
/// it is an outside one. The answer is the finding with a link to it.
#[utoipa::path(tag = "evaluation", params(InPath), request_body = CorrectiveActionOrder,
    responses((status = 201, description = "The finding; `Location` is the corrective action.", body = Finding)),
    security(("bearer" = ["corrective_action_request:create"])))]
#[post("/v1/findings/{id}/corrective-action")]
async fn order_corrective_action(
    permit: Permit<Create, CorrectiveAction>,
    id: Path<Finding>,
    order: Body<CorrectiveActionOrder>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let (finding, today) = (findings::find(tx, *id)?.value, tx.today());
            let draft = findings::with_audit(tx, &finding, |tx, audit| {
                let audited_on = audit.audited_on(tx.context().time_zone, tx.now());
                Ok(finding.corrective_action_draft(order.0.clone(), today, audit, audited_on)?)
            })?;
            let number = corrective_actions::next_number(tx, today)?;
            let action = CorrectiveAction::begin(draft, number, tx.signature(None)?, today, tx.now())?;
            let action = corrective_actions::add(tx, &action)?;
            let finding = findings::find(tx, *id)?.value;
            Answer::created(&finding, format!("/v1/corrective-actions/{}", action.id))
        })
        .await
}

/// Respond to a finding
///
/// What was done about it. It resolves what is no nonconformity; a nonconformity takes a corrective action.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly), request_body = FindingResponseDraft,
    responses((status = 200, description = "The finding.", body = Finding)),
    security(("bearer" = ["finding:execute"])))]
#[post("/v1/findings/{id}/response")]
async fn respond_to_finding(
    permit: Permit<Execute, Finding>,
    id: Path<Finding>,
    read: IfMatch,
    response: Body<FindingResponseDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Verb::Execute, |tx, finding, _| {
                Ok(finding.respond(response.0.clone(), tx.signature(None)?, tx.today())?)
            })
        })
        .await
}

/// Follow up a finding
///
/// Says that somebody saw that it is resolved, in the next audit say, and what they saw.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The finding.", body = Finding)),
    security(("bearer" = ["finding:approve"])))]
#[post("/v1/findings/{id}/follow-up")]
async fn follow_up_finding(
    permit: Permit<Approve, Finding>,
    id: Path<Finding>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Verb::Approve, |tx, finding, _| {
                Ok(finding.followed_up(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?)
            })
        })
        .await
}
