//! Internal audits: the plan, and the audit itself.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    access::{Resource, Verb},
    evaluation::audit::{Audit, AuditAction, AuditDraft, AuditRescheduling, AuditState},
    kernel::{
        id::Id,
        page::Page,
        sign_off::{Approval, Because},
        transition::Stateful,
    },
    organization::{department::Department, person::Person},
};
use mamori_persistence::{
    evaluation::{
        audit::{self as audits, Filter},
        audit_checklist_item as items,
    },
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx},
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
        verbs::{Approve, Create, Read, Submit, Update},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
};

pub mod guest;
pub mod report;

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_audits)
        .service(plan_audit)
        .service(get_audit)
        .service(revise_audit)
        .service(submit_audit)
        .service(approve_audit)
        .service(return_audit)
        .service(reschedule_audit)
        .service(cancel_audit)
        .service(start_audit)
        .service(finish_audit_fieldwork);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AuditQuery {
    /// Text in name, purpose, themes or criteria.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// In this state.
    #[param(inline)]
    state: Option<AuditState>,
    /// Audited by this person.
    #[param(value_type = Option<String>, format = Uuid)]
    auditor_id: Option<Id<Person>>,
    /// Of this department.
    #[param(value_type = Option<String>, format = Uuid)]
    department_id: Option<Id<Department>>,
    /// The order.
    #[param(pattern = "^-?(number|updated_at)$", default = "number")]
    sort: Option<String>,
}

/// List internal audits
///
/// With what was planned, how far they are, and how much was found.
#[utoipa::path(tag = "evaluation", params(Paging, AuditQuery),
    responses((status = 200, description = "A page of audits.", body = Page<Audit>)),
    security(("bearer" = ["audit:read"])))]
#[get("/v1/audits")]
async fn list_audits(permit: Permit<Read, Audit>, paging: Paging, query: Query<AuditQuery>) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "number")?;
    let AuditQuery { q, updated_since, state, auditor_id, department_id, sort: _ } = query.0;
    let filter = Filter { id: None, q, updated_since, state, auditor: auditor_id, department: department_id };
    permit.read(move |tx| Answer::ok(&audits::list(tx, &filter, &page)?)).await
}

/// Plan an internal audit
///
/// Who audits which department or function, and when. Auditors are appointed, belong to nothing that they audit and lead
/// none of it (R-26, SD-2, SD-3), or come from another company. It may name the row of the audit programme that it fulfils.
#[utoipa::path(tag = "evaluation", params(ValidateOnly), request_body = AuditDraft,
    responses((status = 201, description = "The draft.", body = Audit)),
    security(("bearer" = ["audit:create"])))]
#[post("/v1/audits")]
async fn plan_audit(permit: Permit<Create, Audit>, draft: Body<AuditDraft>) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let independence = audits::independence(tx, &draft.0)?;
            let number = organizations::next_number(tx, "audit")?;
            let by = tx.signature(None)?;
            let audit = audits::add(tx, &Audit::plan(draft.0.clone(), number, &independence, by, tx.now())?)?;
            Answer::created(&audit, format!("/v1/audits/{}", audit.id))
        })
        .await
}

/// Get an internal audit
///
/// With its plan, its team, its report, and how much was found.
#[utoipa::path(tag = "evaluation", params(InPath),
    responses((status = 200, description = "The audit.", body = Audit)),
    security(("bearer" = ["audit:read"])))]
#[get("/v1/audits/{id}")]
async fn get_audit(permit: Permit<Read, Audit>, id: Path<Audit>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&audits::find(tx, *id)?.value)).await
}

/// What a step does to an audit, given that the caller may do `verb` on `resource` to it.
fn step(
    tx: &mut Tx<'_>,
    id: Id<Audit>,
    read: IfMatch,
    (resource, verb): (Resource, Verb),
    rule: impl FnOnce(&mut Tx<'_>, &mut Loaded<Audit>) -> Outcome<()>,
) -> Outcome<Answer> {
    let mut audit = audits::find_for(tx, id, resource, verb)?;
    read.check(&audit)?;
    rule(tx, &mut audit)?;
    Answer::record(&audits::store(tx, audit)?)
}

/// Revise the plan of an internal audit
///
/// Only before it is handed in, or after it was returned (SD-12).
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly),
    request_body(content = AuditDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The draft.", body = Audit)),
    security(("bearer" = ["audit:update"])))]
#[patch("/v1/audits/{id}")]
async fn revise_audit(
    permit: Permit<Update, Audit>,
    id: Path<Audit>,
    read: IfMatch,
    patch: Patch<AuditDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, (Resource::Audit, Verb::Update), |tx, audit| {
                let draft = patch.apply(&audit.draft)?;
                let independence = audits::independence(tx, &draft)?;
                Ok(audit.revise(draft, &independence, tx.signature(None)?)?)
            })
        })
        .await
}

/// Submit the plan of an internal audit
///
/// Hands it in for approval; refused without rows.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The audit.", body = Audit)),
    security(("bearer" = ["audit:submit"])))]
#[post("/v1/audits/{id}/submission")]
async fn submit_audit(permit: Permit<Submit, Audit>, id: Path<Audit>, read: IfMatch) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, (Resource::Audit, Verb::Submit), |tx, audit| Ok(audit.submit(tx.signature(None)?)?))
        })
        .await
}

/// Approve the plan of an internal audit
///
/// By top management; not by whoever prepared it (SD-1).
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly), request_body = Approval,
    responses((status = 200, description = "The audit.", body = Audit)),
    security(("bearer" = ["audit:approve"])))]
#[post("/v1/audits/{id}/approval")]
async fn approve_audit(
    permit: Permit<Approve, Audit>,
    id: Path<Audit>,
    read: IfMatch,
    approval: Body<Approval>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, (Resource::Audit, Verb::Approve), |tx, audit| {
                audit.guard(AuditAction::Approve)?;
                let (by, alone) = audits::approvers(tx)?.sign(tx, audit.preparer(), &approval.0)?;
                Ok(audit.approve(by, alone)?)
            })
        })
        .await
}

/// Return the plan of an internal audit
///
/// Gives a submitted one back to its preparer.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The draft.", body = Audit)),
    security(("bearer" = ["audit:approve"])))]
#[post("/v1/audits/{id}/return")]
async fn return_audit(
    permit: Permit<Approve, Audit>,
    id: Path<Audit>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, (Resource::Audit, Verb::Approve), |tx, audit| {
                Ok(audit.send_back(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?)
            })
        })
        .await
}

/// Reschedule an internal audit
///
/// Moves rows of an approved plan, with a reason.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly), request_body = AuditRescheduling,
    responses((status = 200, description = "The audit.", body = Audit)),
    security(("bearer" = ["audit:submit"])))]
#[post("/v1/audits/{id}/rescheduling")]
async fn reschedule_audit(
    permit: Permit<Submit, Audit>,
    id: Path<Audit>,
    read: IfMatch,
    moved: Body<AuditRescheduling>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, (Resource::Audit, Verb::Submit), |tx, audit| {
                let by = tx.signature(Some(moved.0.reason.as_str().to_owned()))?;
                Ok(audit.reschedule(&moved.0.rows, by)?)
            })
        })
        .await
}

/// Cancel an internal audit
///
/// Gives it up before it is started, with a reason.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The audit.", body = Audit)),
    security(("bearer" = ["audit:submit"])))]
#[post("/v1/audits/{id}/cancellation")]
async fn cancel_audit(
    permit: Permit<Submit, Audit>,
    id: Path<Audit>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, (Resource::Audit, Verb::Submit), |tx, audit| {
                Ok(audit.cancel(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?)
            })
        })
        .await
}

/// Start an internal audit
///
/// From now on the prepared part of the checklist is frozen and results are written. Refused without a checklist, and where
/// an auditor is not independent any more.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The audit.", body = Audit)),
    security(("bearer" = ["audit:update"])))]
#[post("/v1/audits/{id}/start")]
async fn start_audit(permit: Permit<Update, Audit>, id: Path<Audit>, read: IfMatch) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, (Resource::Audit, Verb::Update), |tx, audit| {
                let independence = audits::independence(tx, &audit.draft)?;
                Ok(audit.start(&independence, tx.signature(None)?)?)
            })
        })
        .await
}

/// Finish the fieldwork of an internal audit
///
/// Every item of the checklist has a result, which does not change any more.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The audit.", body = Audit)),
    security(("bearer" = ["audit:update"])))]
#[post("/v1/audits/{id}/fieldwork-completion")]
async fn finish_audit_fieldwork(
    permit: Permit<Update, Audit>,
    id: Path<Audit>,
    read: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, (Resource::Audit, Verb::Update), |tx, audit| {
                let open = items::open(tx, audit.id)?;
                Ok(audit.finish_fieldwork(&open, tx.signature(None)?)?)
            })
        })
        .await
}
