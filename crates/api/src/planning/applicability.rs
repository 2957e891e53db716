//! The statement of applicability, in versions.

pub mod control;

use actix_web::{get, patch, post};
use mamori_domain::{
    access::Resource,
    kernel::{
        page::Page,
        sign_off::{Approval, Because},
        transition::Stateful,
        version::VersionAction,
    },
    planning::applicability::{StatementOfApplicability, StatementOfApplicabilityDraft},
};
use mamori_persistence::{
    operation::annual_plan_row::fulfil,
    planning::applicability::{self as statements, control as controls},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
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
    versions::VersionQuery,
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_statements_of_applicability)
        .service(create_statement_of_applicability)
        .service(get_statement_of_applicability)
        .service(revise_statement_of_applicability)
        .service(submit_statement_of_applicability)
        .service(approve_statement_of_applicability)
        .service(return_statement_of_applicability)
        .service(void_statement_of_applicability)
        .configure(control::routes);
}

/// List versions of the statement of applicability
///
/// Every version, with who prepared and approved it and how far its controls are (6.1.3 d).
#[utoipa::path(tag = "planning", params(Paging, VersionQuery),
    responses((status = 200, description = "A page of versions.", body = Page<StatementOfApplicability>)),
    security(("bearer" = ["statement_of_applicability:read"])))]
#[get("/v1/statements-of-applicability")]
async fn list_statements_of_applicability(
    permit: Permit<Read, StatementOfApplicability>,
    paging: Paging,
    query: Query<VersionQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "version")?;
    let filter = query.0.filter();
    permit.read(move |tx| Answer::ok(&statements::list(tx, &filter, &page)?)).await
}

/// What a new version begins with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum StatementStart {
    /// The controls of the newest version as they stand, own ones included.
    #[default]
    Copy,
    /// The controls of Annex A, undecided.
    Empty,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StartQuery {
    /// What the version begins with: a copy of the newest one, or nothing decided.
    #[param(inline, default = "copy")]
    start: Option<StatementStart>,
}

/// Draft a statement of applicability
///
/// A new version with all 93 controls of Annex A: as they stand in the newest version, or undecided where there is
/// none or the request says so.
#[utoipa::path(tag = "planning", params(StartQuery, ValidateOnly), request_body = StatementOfApplicabilityDraft,
    responses((status = 201, description = "The draft.", body = StatementOfApplicability)),
    security(("bearer" = ["statement_of_applicability:create"])))]
#[post("/v1/statements-of-applicability")]
async fn create_statement_of_applicability(
    permit: Permit<Create, StatementOfApplicability>,
    query: Query<StartQuery>,
    draft: Body<StatementOfApplicabilityDraft>,
) -> Result<Answer, Problem> {
    let start = query.start.unwrap_or_default();
    permit
        .transact(move |tx| {
            let newest = statements::newest(tx)?;
            let number = statements::next_version(tx)?;
            let by = tx.signature(None)?;
            let mut new = StatementOfApplicability::draft(draft.0.clone(), number, by, tx.now());
            let before = newest.as_ref().filter(|_| start == StatementStart::Copy);
            let controls = statements::begin(tx, &mut new, before)?;
            let new = statements::add(tx, &new, &controls)?;
            Answer::created(&new, format!("/v1/statements-of-applicability/{}", new.id))
        })
        .await
}

/// Get a version of the statement of applicability
///
/// Any version, also a superseded one: it keeps its controls.
#[utoipa::path(tag = "planning", params(InPath),
    responses((status = 200, description = "The version.", body = StatementOfApplicability)),
    security(("bearer" = ["statement_of_applicability:read"])))]
#[get("/v1/statements-of-applicability/{id}")]
async fn get_statement_of_applicability(
    permit: Permit<Read, StatementOfApplicability>,
    id: Path<StatementOfApplicability>,
) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&statements::find(tx, *id)?.value)).await
}

/// Revise a draft of the statement of applicability
///
/// Its title and remarks; its controls are records of their own. Only before it is handed in, or after it was returned.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly),
    request_body(content = StatementOfApplicabilityDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The draft.", body = StatementOfApplicability)),
    security(("bearer" = ["statement_of_applicability:update"])))]
#[patch("/v1/statements-of-applicability/{id}")]
async fn revise_statement_of_applicability(
    permit: Permit<Update, StatementOfApplicability>,
    id: Path<StatementOfApplicability>,
    read: IfMatch,
    patch: Patch<StatementOfApplicabilityDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = statements::find(tx, *id)?;
            read.check(&found)?;
            let draft = patch.apply(&found.draft)?;
            found.revise(draft, tx.signature(None)?)?;
            Answer::record(&statements::store(tx, found)?)
        })
        .await
}

/// Submit a statement of applicability
///
/// Hands the draft in for approval. Every control must be decided and justified, and one that the treatment of an open risk
/// uses must be applicable; `errors` name what is missing by control: `/controls/5.12/decision`.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The version.", body = StatementOfApplicability)),
    security(("bearer" = ["statement_of_applicability:submit"])))]
#[post("/v1/statements-of-applicability/{id}/submission")]
async fn submit_statement_of_applicability(
    permit: Permit<Submit, StatementOfApplicability>,
    id: Path<StatementOfApplicability>,
    read: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = statements::find(tx, *id)?;
            read.check(&found)?;
            let rows = controls::of(tx, &found)?;
            found.submit(tx.signature(None)?, &rows)?;
            Answer::record(&statements::store(tx, found)?)
        })
        .await
}

/// Approve a statement of applicability
///
/// Puts the version in force and supersedes the one before. By top management alone (SD-5). From then on, at LV.3, a
/// treatment that uses a control which it excludes is not approved.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly), request_body = Approval,
    responses((status = 200, description = "The version in force.", body = StatementOfApplicability)),
    security(("bearer" = ["statement_of_applicability:approve"])))]
#[post("/v1/statements-of-applicability/{id}/approval")]
async fn approve_statement_of_applicability(
    permit: Permit<Approve, StatementOfApplicability>,
    id: Path<StatementOfApplicability>,
    read: IfMatch,
    approval: Body<Approval>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = statements::find(tx, *id)?;
            read.check(&found)?;
            found.guard(VersionAction::Approve)?;
            let (by, alone) = statements::approvers(tx)?.sign(tx, found.version.preparer(), &approval.0)?;
            let rows = controls::of(tx, &found)?;
            found.approve(by, alone, &rows, tx.now())?;
            let approved = statements::put_in_force(tx, found)?;
            fulfil(tx, Resource::StatementOfApplicability, approved.id.uuid(), tx.today())?;
            Answer::record(&approved)
        })
        .await
}

/// Return a statement of applicability
///
/// Gives a submitted version back to its preparer.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The draft.", body = StatementOfApplicability)),
    security(("bearer" = ["statement_of_applicability:approve"])))]
#[post("/v1/statements-of-applicability/{id}/return")]
async fn return_statement_of_applicability(
    permit: Permit<Approve, StatementOfApplicability>,
    id: Path<StatementOfApplicability>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = statements::find(tx, *id)?;
            read.check(&found)?;
            found.version.send_back(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?;
            Answer::record(&statements::store(tx, found)?)
        })
        .await
}

/// Void a draft of the statement of applicability
///
/// Nobody wants it any more: it stays to be read with the reason, and nothing comes of it. The next
/// version begins as a copy of the one before. What was handed in is returned
/// first.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The voided draft.", body = StatementOfApplicability)),
    security(("bearer" = ["statement_of_applicability:update"])))]
#[post("/v1/statements-of-applicability/{id}/voiding")]
async fn void_statement_of_applicability(
    permit: Permit<Update, StatementOfApplicability>,
    id: Path<StatementOfApplicability>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = statements::find(tx, *id)?;
            read.check(&found)?;
            found.version.void(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?;
            Answer::record(&statements::store(tx, found)?)
        })
        .await
}
