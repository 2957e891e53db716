//! The report of an internal audit, and the end of the audit.

use actix_web::{get, post};
use mamori_domain::{
    access::{Resource, Verb},
    evaluation::{
        audit::{
            Audit, AuditAction,
            report::{AuditReportDraft, AuditReportSheet},
        },
        finding::Finding,
    },
    kernel::{
        sign_off::{Approval, Because},
        transition::Stateful,
    },
};
use mamori_persistence::{
    evaluation::{audit as audits, audit_checklist_item as items, finding as findings},
    kernel::failure::OrNotFound,
    operation::annual_plan_row::fulfil,
};
use utoipa_actix_web::service_config::ServiceConfig;

use super::step;
use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch},
    permit::{
        Permit,
        verbs::{Approve, Read, Update},
    },
    problem::Problem,
    query::{InPath, Path, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(get_audit_report)
        .service(write_audit_report)
        .service(submit_audit_report)
        .service(approve_audit_report)
        .service(return_audit_report)
        .service(close_audit);
}

/// Get the report of an internal audit
///
/// As it is printed: plan, team, opinion, how much was found and what, rank by rank. There is none until it was written.
#[utoipa::path(tag = "evaluation", params(InPath),
    responses((status = 200, description = "The report.", body = AuditReportSheet)),
    security(("bearer" = ["audit:read"])))]
#[get("/v1/audits/{id}/report")]
async fn get_audit_report(permit: Permit<Read, Audit>, id: Path<Audit>) -> Result<Answer, Problem> {
    permit
        .read(move |tx| {
            let audit = audits::find(tx, *id)?.value;
            let found = findings::of_audit(tx, *id)?;
            Answer::ok(&AuditReportSheet::of(audit, found).or_not_found()?)
        })
        .await
}

/// Write the report of an internal audit
///
/// After the fieldwork; again as often as wanted, until it is handed in (SD-12).
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly), request_body = AuditReportDraft,
    responses((status = 200, description = "The audit.", body = Audit)),
    security(("bearer" = ["finding:update"])))]
#[post("/v1/audits/{id}/report")]
async fn write_audit_report(
    permit: Permit<Update, Finding>,
    id: Path<Audit>,
    read: IfMatch,
    draft: Body<AuditReportDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, (Resource::Finding, Verb::Update), |tx, audit| {
                Ok(audit.write_report(draft.0.clone(), tx.signature(None)?)?)
            })
        })
        .await
}

/// Submit the report of an internal audit
///
/// From now on findings do not change any more. Refused while an item of the checklist is judged as a finding, and none comes
/// from it.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The audit.", body = Audit)),
    security(("bearer" = ["finding:update"])))]
#[post("/v1/audits/{id}/report-submission")]
async fn submit_audit_report(
    permit: Permit<Update, Finding>,
    id: Path<Audit>,
    read: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, (Resource::Finding, Verb::Update), |tx, audit| {
                let unreported = items::unreported(tx, audit.id)?;
                Ok(audit.submit_report(&unreported, tx.signature(None)?)?)
            })
        })
        .await
}

/// Approve the report of an internal audit
///
/// By the audit manager, or top management where the audit manager wrote it (SD-1).
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly), request_body = Approval,
    responses((status = 200, description = "The audit.", body = Audit)),
    security(("bearer" = ["finding:approve"])))]
#[post("/v1/audits/{id}/report-approval")]
async fn approve_audit_report(
    permit: Permit<Approve, Finding>,
    id: Path<Audit>,
    read: IfMatch,
    approval: Body<Approval>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let answer = step(tx, *id, read, (Resource::Finding, Verb::Approve), |tx, audit| {
                audit.guard(AuditAction::ApproveReport)?;
                let reporter: Vec<_> = audit.reporter().into_iter().collect();
                let (by, alone) = audits::report_approvers(tx)?.sign_barring(tx, &reporter, &approval.0)?;
                Ok(audit.approve_report(by, alone)?)
            })?;
            fulfil(tx, Resource::Audit, id.uuid(), tx.today())?;
            Ok(answer)
        })
        .await
}

/// Return the report of an internal audit
///
/// Gives a submitted one back to who wrote it.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The audit.", body = Audit)),
    security(("bearer" = ["finding:approve"])))]
#[post("/v1/audits/{id}/report-return")]
async fn return_audit_report(
    permit: Permit<Approve, Finding>,
    id: Path<Audit>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, (Resource::Finding, Verb::Approve), |tx, audit| {
                Ok(audit.return_report(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?)
            })
        })
        .await
}

/// Close an internal audit
///
/// Every nonconformity has its corrective action.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The audit.", body = Audit)),
    security(("bearer" = ["finding:approve"])))]
#[post("/v1/audits/{id}/closure")]
async fn close_audit(permit: Permit<Approve, Finding>, id: Path<Audit>, read: IfMatch) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, (Resource::Finding, Verb::Approve), |tx, audit| {
                let open = findings::without_corrective_action(tx, audit.id)?;
                Ok(audit.close(&open, tx.signature(None)?)?)
            })
        })
        .await
}
