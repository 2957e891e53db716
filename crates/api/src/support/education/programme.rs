//! Education programmes of the fiscal years.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    access::Resource,
    kernel::{
        id::Id,
        page::Page,
        sign_off::{Approval, Because},
        transition::Stateful,
        version::{VersionAction, VersionState},
    },
    support::education::programme::{EducationProgramme, EducationProgrammeDraft, ProgrammeProgress},
};
use mamori_persistence::{
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx, versions},
    operation::annual_plan_row::fulfil,
    organization::organization as organizations,
    support::education::programme::{self as programmes, Filter},
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
        .service(list_education_programmes)
        .service(create_education_programme)
        .service(get_education_programme)
        .service(get_education_programme_progress)
        .service(revise_education_programme)
        .service(submit_education_programme)
        .service(approve_education_programme)
        .service(return_education_programme)
        .service(void_education_programme);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ProgrammeQuery {
    /// Text in own themes, contents, events or remarks.
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

/// List education programmes
///
/// Every version of every year's programme. Whoever neither writes nor approves them sees those that are or were in
/// force.
#[utoipa::path(tag = "support", params(Paging, ProgrammeQuery),
    responses((status = 200, description = "A page of programmes.", body = Page<EducationProgramme>)),
    security(("bearer" = ["education_plan:read"])))]
#[get("/v1/education-programmes")]
async fn list_education_programmes(
    permit: Permit<Read, EducationProgramme>,
    paging: Paging,
    query: Query<ProgrammeQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "-fiscal_year")?;
    let (q, updated_since, state) = (query.q.clone(), query.updated_since, query.state);
    let version = versions::Filter { id: None, q, updated_since, state };
    let filter = Filter { version, fiscal_year: query.fiscal_year };
    permit.read(move |tx| Answer::ok(&programmes::list(tx, &filter, &page)?)).await
}

/// Draft an education programme
///
/// For a fiscal year, or as a revision of the one in force: there is one for each year (EDU-3). It is for everybody who works
/// here and has the five mandatory themes.
#[utoipa::path(tag = "support", params(ValidateOnly), request_body = EducationProgrammeDraft,
    responses((status = 201, description = "The draft.", body = EducationProgramme)),
    security(("bearer" = ["education_plan:create"])))]
#[post("/v1/education-programmes")]
async fn create_education_programme(
    permit: Permit<Create, EducationProgramme>,
    draft: Body<EducationProgrammeDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let start_month = organizations::find(tx)?.draft.fiscal_year_start_month;
            let (number, by) = (programmes::next_version(tx, &draft.0)?, tx.signature(None)?);
            let programme = EducationProgramme::draft(draft.0.clone(), number, start_month, by, tx.now())?;
            let programme = programmes::add(tx, &programme)?;
            Answer::created(&programme, format!("/v1/education-programmes/{}", programme.id))
        })
        .await
}

/// Get an education programme
///
/// Any version, also a superseded one.
#[utoipa::path(tag = "support", params(InPath),
    responses((status = 200, description = "The programme.", body = EducationProgramme)),
    security(("bearer" = ["education_plan:read"])))]
#[get("/v1/education-programmes/{id}")]
async fn get_education_programme(
    permit: Permit<Read, EducationProgramme>,
    id: Path<EducationProgramme>,
) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&programmes::find(tx, *id)?.value)).await
}

/// Get the progress of an education programme
///
/// For each theme the events that are planned, when it was last taught in the year, and the duties that were done or are
/// owed.
#[utoipa::path(tag = "support", params(InPath),
    responses((status = 200, description = "The progress.", body = ProgrammeProgress)),
    security(("bearer" = ["education_plan:read"])))]
#[get("/v1/education-programmes/{id}/progress")]
async fn get_education_programme_progress(
    permit: Permit<Read, EducationProgramme>,
    id: Path<EducationProgramme>,
) -> Result<Answer, Problem> {
    permit
        .read(move |tx| {
            let programme = programmes::find(tx, *id)?;
            Answer::ok(&programmes::progress(tx, &programme)?)
        })
        .await
}

/// What a step does to a programme.
fn step(
    tx: &mut Tx<'_>,
    id: Id<EducationProgramme>,
    read: IfMatch,
    rule: impl FnOnce(&mut Tx<'_>, &mut Loaded<EducationProgramme>) -> Outcome<()>,
) -> Outcome<Answer> {
    let mut programme = programmes::find(tx, id)?;
    read.check(&programme)?;
    rule(tx, &mut programme)?;
    Answer::record(&programmes::store(tx, programme)?)
}

/// Revise a draft of an education programme
///
/// Only before it is handed in, or after it was returned (SD-12); not the year, nor what it revises.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly),
    request_body(content = EducationProgrammeDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The draft.", body = EducationProgramme)),
    security(("bearer" = ["education_plan:update"])))]
#[patch("/v1/education-programmes/{id}")]
async fn revise_education_programme(
    permit: Permit<Update, EducationProgramme>,
    id: Path<EducationProgramme>,
    read: IfMatch,
    patch: Patch<EducationProgrammeDraft>,
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

/// Submit an education programme
///
/// Hands the draft in for approval.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The programme.", body = EducationProgramme)),
    security(("bearer" = ["education_plan:submit"])))]
#[post("/v1/education-programmes/{id}/submission")]
async fn submit_education_programme(
    permit: Permit<Submit, EducationProgramme>,
    id: Path<EducationProgramme>,
    read: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| step(tx, *id, read, |tx, programme| Ok(programme.version.submit(tx.signature(None)?)?)))
        .await
}

/// Approve an education programme
///
/// Puts the version in force and supersedes the one of its year before it. Top management approves; the chair stands in where
/// that seat is empty or prepared it (SD-1).
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Approval,
    responses((status = 200, description = "The programme in force.", body = EducationProgramme)),
    security(("bearer" = ["education_plan:approve"])))]
#[post("/v1/education-programmes/{id}/approval")]
async fn approve_education_programme(
    permit: Permit<Approve, EducationProgramme>,
    id: Path<EducationProgramme>,
    read: IfMatch,
    approval: Body<Approval>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut programme = programmes::find(tx, *id)?;
            read.check(&programme)?;
            programme.guard(VersionAction::Approve)?;
            let (by, alone) = programmes::approvers(tx)?.sign(tx, programme.version.preparer(), &approval.0)?;
            programme.version.approve(by, alone, tx.now())?;
            let approved = programmes::put_in_force(tx, programme)?;
            fulfil(tx, Resource::EducationPlan, approved.id.uuid(), tx.today())?;
            Answer::record(&approved)
        })
        .await
}

/// Return an education programme
///
/// Gives a submitted version back to its preparer.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The draft.", body = EducationProgramme)),
    security(("bearer" = ["education_plan:approve"])))]
#[post("/v1/education-programmes/{id}/return")]
async fn return_education_programme(
    permit: Permit<Approve, EducationProgramme>,
    id: Path<EducationProgramme>,
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

/// Void a draft of an education programme
///
/// Nobody wants it any more: it stays to be read with the reason, and the year is free again. What was handed in is returned
/// first.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The voided draft.", body = EducationProgramme)),
    security(("bearer" = ["education_plan:update"])))]
#[post("/v1/education-programmes/{id}/voiding")]
async fn void_education_programme(
    permit: Permit<Update, EducationProgramme>,
    id: Path<EducationProgramme>,
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
