//! Audit programmes of the fiscal years.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    access::Resource,
    evaluation::audit_programme::{AuditProgramme, AuditProgrammeDraft, coverage::AuditCoverage},
    kernel::{
        id::Id,
        page::Page,
        sign_off::{Approval, Because},
        transition::Stateful,
        version::{VersionAction, VersionState},
    },
};
use mamori_persistence::{
    evaluation::{
        audit,
        audit_programme::{self as programmes, Filter, coverage},
    },
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx, versions},
    operation::annual_plan_row::fulfil,
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

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_audit_programmes)
        .service(create_audit_programme)
        .service(get_audit_programme)
        .service(get_audit_programme_coverage)
        .service(revise_audit_programme)
        .service(submit_audit_programme)
        .service(approve_audit_programme)
        .service(return_audit_programme)
        .service(void_audit_programme);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ProgrammeQuery {
    /// Text in purpose, method, criteria, what was considered, or remarks.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// Of this fiscal year.
    fiscal_year: Option<i32>,
    /// In this state; `in_force` finds the one of each year that holds.
    #[param(inline)]
    state: Option<VersionState>,
    /// The order.
    #[param(pattern = "^-?(fiscal_year|updated_at)$", default = "-fiscal_year")]
    sort: Option<String>,
}

/// List audit programmes
///
/// Every version of every year's programme (9.2.2), with what became of each row. Whoever reads the audits of a department
/// alone sees those that are or were in force.
#[utoipa::path(tag = "evaluation", params(Paging, ProgrammeQuery),
    responses((status = 200, description = "A page of programmes.", body = Page<AuditProgramme>)),
    security(("bearer" = ["audit_programme:read"])))]
#[get("/v1/audit-programmes")]
async fn list_audit_programmes(
    permit: Permit<Read, AuditProgramme>,
    paging: Paging,
    query: Query<ProgrammeQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "-fiscal_year")?;
    let (q, updated_since, state) = (query.q.clone(), query.updated_since, query.state);
    let version = versions::Filter { id: None, q, updated_since, state };
    let filter = Filter { version, fiscal_year: query.fiscal_year };
    permit.read(move |tx| Answer::ok(&programmes::list(tx, &filter, &page)?)).await
}

/// Draft an audit programme
///
/// For a fiscal year, or as a revision of the one in force: there is one for each year. A revision without rows takes over
/// those of the version that it revises; rows that stay keep their numbers.
#[utoipa::path(tag = "evaluation", params(ValidateOnly), request_body = AuditProgrammeDraft,
    responses((status = 201, description = "The draft.", body = AuditProgramme)),
    security(("bearer" = ["audit_programme:create"])))]
#[post("/v1/audit-programmes")]
async fn create_audit_programme(
    permit: Permit<Create, AuditProgramme>,
    draft: Body<AuditProgrammeDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let start_month = organizations::find(tx)?.draft.fiscal_year_start_month;
            let (number, revised) = programmes::next_version(tx, &draft.0)?;
            let by = tx.signature(None)?;
            let programme =
                AuditProgramme::draft(draft.0.clone(), revised.as_ref(), number, start_month, by, tx.now())?;
            let programme = programmes::add(tx, &programme)?;
            Answer::created(&programme, format!("/v1/audit-programmes/{}", programme.id))
        })
        .await
}

/// Get an audit programme
///
/// Any version, also a superseded one, with what became of each row.
#[utoipa::path(tag = "evaluation", params(InPath),
    responses((status = 200, description = "The programme.", body = AuditProgramme)),
    security(("bearer" = ["audit_programme:read"])))]
#[get("/v1/audit-programmes/{id}")]
async fn get_audit_programme(
    permit: Permit<Read, AuditProgramme>,
    id: Path<AuditProgramme>,
) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&programmes::find(tx, *id)?.value)).await
}

/// Get the coverage of an audit programme
///
/// For each clause that has no parts the rows that plan it and when it was audited in the year; for each control that is
/// applicable in the statement of applicability in force the rows that plan it, when it was audited last, and the fiscal year
/// in which it is due: three years after that, or after the first programme. Audited is what the checklist of a reported
/// audit judged; an own control, when an audit for a row that names it is reported.
#[utoipa::path(tag = "evaluation", params(InPath),
    responses((status = 200, description = "The coverage.", body = AuditCoverage)),
    security(("bearer" = ["audit_programme:read"])))]
#[get("/v1/audit-programmes/{id}/coverage")]
async fn get_audit_programme_coverage(
    permit: Permit<Read, AuditProgramme>,
    id: Path<AuditProgramme>,
) -> Result<Answer, Problem> {
    permit
        .read(move |tx| {
            let programme = programmes::find(tx, *id)?;
            Answer::ok(&coverage::of(tx, &programme)?)
        })
        .await
}

/// What a step does to a programme.
fn step(
    tx: &mut Tx<'_>,
    id: Id<AuditProgramme>,
    read: IfMatch,
    rule: impl FnOnce(&mut Tx<'_>, &mut Loaded<AuditProgramme>) -> Outcome<()>,
) -> Outcome<Answer> {
    let mut programme = programmes::find(tx, id)?;
    read.check(&programme)?;
    rule(tx, &mut programme)?;
    Answer::record(&programmes::store(tx, programme)?)
}

/// Revise a draft of an audit programme
///
/// Only before it is handed in, or after it was returned (SD-12); not the year, nor what it revises.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly),
    request_body(content = AuditProgrammeDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The draft.", body = AuditProgramme)),
    security(("bearer" = ["audit_programme:update"])))]
#[patch("/v1/audit-programmes/{id}")]
async fn revise_audit_programme(
    permit: Permit<Update, AuditProgramme>,
    id: Path<AuditProgramme>,
    read: IfMatch,
    patch: Patch<AuditProgrammeDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, programme| {
                let draft = patch.apply(&programme.draft)?;
                Ok(programme.revise(draft, tx.signature(None)?)?)
            })
        })
        .await
}

/// Submit an audit programme
///
/// Hands the draft in for approval. Refused where a clause of the standard stands in no row, or an applicable control that is
/// due in the fiscal year.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The programme.", body = AuditProgramme)),
    security(("bearer" = ["audit_programme:submit"])))]
#[post("/v1/audit-programmes/{id}/submission")]
async fn submit_audit_programme(
    permit: Permit<Submit, AuditProgramme>,
    id: Path<AuditProgramme>,
    read: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, programme| {
                let covered = coverage::of(tx, programme)?;
                Ok(programme.submit(&covered, tx.signature(None)?)?)
            })
        })
        .await
}

/// Approve an audit programme
///
/// Puts the version in force and supersedes the one of its year before it. Top management approves; the chair stands in where
/// that seat is empty or prepared it (SD-1).
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly), request_body = Approval,
    responses((status = 200, description = "The programme in force.", body = AuditProgramme)),
    security(("bearer" = ["audit_programme:approve"])))]
#[post("/v1/audit-programmes/{id}/approval")]
async fn approve_audit_programme(
    permit: Permit<Approve, AuditProgramme>,
    id: Path<AuditProgramme>,
    read: IfMatch,
    approval: Body<Approval>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut programme = programmes::find(tx, *id)?;
            read.check(&programme)?;
            programme.guard(VersionAction::Approve)?;
            let (by, alone) = audit::approvers(tx)?.sign(tx, programme.version.preparer(), &approval.0)?;
            let covered = coverage::of(tx, &programme)?;
            programme.approve(&covered, by, alone, tx.now())?;
            let approved = programmes::put_in_force(tx, programme)?;
            fulfil(tx, Resource::AuditProgramme, approved.id.uuid(), tx.today())?;
            Answer::record(&approved)
        })
        .await
}

/// Return an audit programme
///
/// Gives a submitted version back to its preparer.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The draft.", body = AuditProgramme)),
    security(("bearer" = ["audit_programme:approve"])))]
#[post("/v1/audit-programmes/{id}/return")]
async fn return_audit_programme(
    permit: Permit<Approve, AuditProgramme>,
    id: Path<AuditProgramme>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, programme| {
                let by = tx.signature(Some(because.0.reason.as_str().to_owned()))?;
                Ok(programme.version.send_back(by)?)
            })
        })
        .await
}

/// Void a draft of an audit programme
///
/// Nobody wants it any more: it stays to be read with the reason, and the year is free again. What was handed in is returned
/// first.
#[utoipa::path(tag = "evaluation", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The voided draft.", body = AuditProgramme)),
    security(("bearer" = ["audit_programme:update"])))]
#[post("/v1/audit-programmes/{id}/voiding")]
async fn void_audit_programme(
    permit: Permit<Update, AuditProgramme>,
    id: Path<AuditProgramme>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, programme| {
                let by = tx.signature(Some(because.0.reason.as_str().to_owned()))?;
                Ok(programme.version.void(by)?)
            })
        })
        .await
}
