//! Audits by outside bodies.

use actix_web::{HttpResponse, get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    access::Resource,
    evaluation::external_audit::{
        ExternalAudit, ExternalAuditAction, ExternalAuditDraft, ExternalAuditKind, ExternalAuditResultDraft,
        ExternalAuditState,
    },
    kernel::{id::Id, page::Page, sign_off::Because},
    organization::person::Person,
    support::file::StoredFile,
};
use mamori_persistence::{
    evaluation::{
        external_audit::{self as audits, Filter},
        finding as findings,
    },
    kernel::{
        failure::{OrNotFound, Outcome},
        loaded::Loaded,
        tx::Tx,
    },
    operation::annual_plan_row::fulfil,
    organization::organization as organizations,
    support::file as files,
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    kernel::{
        answer::Answer,
        body::{Body, IfMatch, Patch},
        permit::{
            Permit,
            verbs::{Create, Read, Update},
        },
        problem::Problem,
        query::{InPath, Paging, Path, Query, ValidateOnly},
    },
    support::file::{FileQuery, Incoming, deliver},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_external_audits)
        .service(plan_external_audit)
        .service(get_external_audit)
        .service(revise_external_audit)
        .service(record_external_audit_result)
        .service(attach_external_audit_report)
        .service(get_external_audit_report)
        .service(close_external_audit)
        .service(cancel_external_audit);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ExternalAuditQuery {
    /// Text in number, body, auditors, scope, criteria, opinion or certificate.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// Of this kind.
    #[param(inline)]
    kind: Option<ExternalAuditKind>,
    /// In this state.
    #[param(inline)]
    state: Option<ExternalAuditState>,
    /// For which this person answers.
    #[param(value_type = Option<String>, format = Uuid)]
    responsible_person_id: Option<Id<Person>>,
    /// The order.
    #[param(pattern = "^-?(number|starts_on|updated_at)$", default = "number")]
    sort: Option<String>,
}

/// List external audits
///
/// Certification, surveillance, renewal, audits by customers: what is planned, what came of it, and how much was found.
#[utoipa::path(tag = "evaluation", params(Paging, ExternalAuditQuery),
    responses((status = 200, description = "A page of external audits.", body = Page<ExternalAudit>)),
    security(("bearer" = ["external_audit:read"])))]
#[get("/v1/external-audits")]
async fn list_external_audits(
    permit: Permit<Read, ExternalAudit>,
    paging: Paging,
    query: Query<ExternalAuditQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "number")?;
    let ExternalAuditQuery { q, updated_since, kind, state, responsible_person_id, sort: _ } = query.0;
    let filter = Filter { id: None, q, updated_since, kind, state, responsible_person: responsible_person_id };
    permit.read(move |tx| Answer::ok(&audits::list(tx, &filter, &page)?)).await
}

/// Plan an external audit
///
/// Who audits what, when, and who answers for it here.
#[utoipa::path(tag = "evaluation", params(ValidateOnly), request_body = ExternalAuditDraft,
    responses((status = 201, description = "The external audit.", body = ExternalAudit)),
    security(("bearer" = ["external_audit:create"])))]
#[post("/v1/external-audits")]
async fn plan_external_audit(
    permit: Permit<Create, ExternalAudit>,
    draft: Body<ExternalAuditDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let number = organizations::next_number(tx, "external_audit")?;
            let audit = audits::add(tx, &ExternalAudit::plan(draft.0.clone(), number, tx.now())?)?;
            Answer::created(&audit, format!("/v1/external-audits/{}", audit.id))
        })
        .await
}

/// Get an external audit
///
/// With its result, its certificate, and how much was found.
#[utoipa::path(tag = "evaluation", params(InPath),
    responses((status = 200, description = "The external audit.", body = ExternalAudit)),
    security(("bearer" = ["external_audit:read"])))]
#[get("/v1/external-audits/{id}")]
async fn get_external_audit(permit: Permit<Read, ExternalAudit>, id: Path<ExternalAudit>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&audits::find(tx, *id)?.value)).await
}

/// What a step does to an external audit.
fn step(
    tx: &mut Tx<'_>,
    id: Id<ExternalAudit>,
    read: IfMatch,
    rule: impl FnOnce(&mut Tx<'_>, &mut Loaded<ExternalAudit>) -> Outcome<()>,
) -> Outcome<Answer> {
    let mut audit = audits::find_for_update(tx, id)?;
    read.check(&audit)?;
    rule(tx, &mut audit)?;
    Answer::record(&audits::store(tx, audit)?)
}

/// Revise an external audit
///
/// What was planned; not once it is closed (SD-12).
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly),
    request_body(content = ExternalAuditDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The external audit.", body = ExternalAudit)),
    security(("bearer" = ["external_audit:update"])))]
#[patch("/v1/external-audits/{id}")]
async fn revise_external_audit(
    permit: Permit<Update, ExternalAudit>,
    id: Path<ExternalAudit>,
    read: IfMatch,
    patch: Patch<ExternalAuditDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |_, audit| {
                let draft = patch.apply(&audit.draft)?;
                Ok(audit.revise(draft)?)
            })
        })
        .await
}

/// Record the result of an external audit
///
/// When it took place, what the auditors said and recommend, and the certificate once it is there; recorded again to correct it,
/// until the audit is closed (SD-12). Rows of the annual plan that wait for an external audit are done by it.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly), request_body = ExternalAuditResultDraft,
    responses((status = 200, description = "The external audit.", body = ExternalAudit)),
    security(("bearer" = ["external_audit:update"])))]
#[post("/v1/external-audits/{id}/result")]
async fn record_external_audit_result(
    permit: Permit<Update, ExternalAudit>,
    id: Path<ExternalAudit>,
    read: IfMatch,
    result: Body<ExternalAuditResultDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, audit| {
                let first = audit.result.is_none();
                audit.record_result(result.0.clone(), tx.signature(None)?, tx.today())?;
                if first {
                    fulfil(tx, Resource::ExternalAudit, audit.id.uuid(), result.0.performed_until)?;
                }
                Ok(())
            })
        })
        .await
}

/// Attach the report of an external audit
///
/// As it came from the auditors, in the place of the one before. Nothing that a browser would run is taken.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, FileQuery),
    request_body(content = Vec<u8>, description = "The report."),
    responses((status = 200, description = "The external audit.", body = ExternalAudit)),
    security(("bearer" = ["external_audit:update"])))]
#[post("/v1/external-audits/{id}/report")]
async fn attach_external_audit_report(
    permit: Permit<Update, ExternalAudit>,
    id: Path<ExternalAudit>,
    read: IfMatch,
    incoming: Incoming,
) -> Result<Answer, Problem> {
    // Nothing is stored for what may not be changed.
    let attach = ExternalAuditAction::AttachReport;
    permit.read(move |tx| Ok(audits::find_for_update(tx, *id)?.guard_open(attach)?)).await?;
    let name = incoming.name.clone();
    let content = incoming.store(&permit).await?;
    permit
        .having_received(&content.sha256)
        .transact(move |tx| {
            let report = StoredFile::new(&name, content.clone(), tx.now());
            files::add(tx, &report)?;
            step(tx, *id, read, |_, audit| Ok(audit.attach_report(report)?))
        })
        .await
}

/// Get the report of an external audit
///
/// For whoever may read the audit; to be saved, not to be shown.
#[utoipa::path(tag = "evaluation", params(InPath),
    responses((status = 200, description = "The report.", body = Vec<u8>)),
    security(("bearer" = ["external_audit:read"])))]
#[get("/v1/external-audits/{id}/report")]
async fn get_external_audit_report(
    permit: Permit<Read, ExternalAudit>,
    id: Path<ExternalAudit>,
) -> Result<HttpResponse, Problem> {
    let report = permit.read(move |tx| audits::find(tx, *id)?.value.report.or_not_found()).await?;
    deliver(&permit, &report).await
}

/// Close an external audit
///
/// Refused while a nonconformity has no corrective action, or another finding neither an answer nor a corrective action. From now
/// on neither the audit nor what was found changes (SD-12).
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The external audit.", body = ExternalAudit)),
    security(("bearer" = ["external_audit:update"])))]
#[post("/v1/external-audits/{id}/closure")]
async fn close_external_audit(
    permit: Permit<Update, ExternalAudit>,
    id: Path<ExternalAudit>,
    read: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, audit| {
                let open = findings::open_of(tx, audit.id)?;
                Ok(audit.close(&open, tx.signature(None)?)?)
            })
        })
        .await
}

/// Cancel an external audit
///
/// It does not take place: it stays to be read with the reason.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The external audit.", body = ExternalAudit)),
    security(("bearer" = ["external_audit:update"])))]
#[post("/v1/external-audits/{id}/cancellation")]
async fn cancel_external_audit(
    permit: Permit<Update, ExternalAudit>,
    id: Path<ExternalAudit>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(
                tx,
                *id,
                read,
                |tx, audit| Ok(audit.cancel(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?),
            )
        })
        .await
}
