//! Risk criteria, in versions.

use actix_web::{get, patch, post};
use mamori_domain::{
    access::Resource,
    kernel::{
        page::Page,
        sign_off::{Approval, Because},
        transition::Stateful,
        version::VersionAction,
    },
    planning::risk_criteria::{CriteriaChange, CriteriaEffect, RiskCriteria, RiskCriteriaDraft},
};
use mamori_persistence::{
    kernel::{failure::Outcome, tx::Tx},
    operation::annual_plan_row::fulfil,
    planning::{risk as risks, risk_criteria as criteria},
};
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
        .service(list_risk_criteria)
        .service(create_risk_criteria)
        .service(get_risk_criteria)
        .service(get_risk_criteria_effect)
        .service(revise_risk_criteria)
        .service(submit_risk_criteria)
        .service(approve_risk_criteria)
        .service(return_risk_criteria)
        .service(void_risk_criteria);
}

/// List versions of the risk criteria
///
/// Every version, with who prepared and approved it.
#[utoipa::path(tag = "planning", params(Paging, VersionQuery),
    responses((status = 200, description = "A page of versions.", body = Page<RiskCriteria>)),
    security(("bearer" = ["risk_criteria:read"])))]
#[get("/v1/risk-criteria")]
async fn list_risk_criteria(
    permit: Permit<Read, RiskCriteria>,
    paging: Paging,
    query: Query<VersionQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "version")?;
    let filter = query.0.filter();
    permit.read(move |tx| Answer::ok(&criteria::list(tx, &filter, &page)?)).await
}

/// Draft risk criteria
///
/// A new version. What is left out is as the service ships it.
#[utoipa::path(tag = "planning", params(ValidateOnly), request_body = RiskCriteriaDraft,
    responses((status = 201, description = "The draft.", body = RiskCriteria)),
    security(("bearer" = ["risk_criteria:create"])))]
#[post("/v1/risk-criteria")]
async fn create_risk_criteria(
    permit: Permit<Create, RiskCriteria>,
    draft: Body<RiskCriteriaDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let version = criteria::next_version(tx)?;
            let new = RiskCriteria::draft(draft.0.clone(), version, tx.signature(None)?, tx.now())?;
            let new = criteria::add(tx, &new)?;
            Answer::created(&new, format!("/v1/risk-criteria/{}", new.id))
        })
        .await
}

/// Get a version of the risk criteria
///
/// Any version, also a superseded one.
#[utoipa::path(tag = "planning", params(InPath),
    responses((status = 200, description = "The version.", body = RiskCriteria)),
    security(("bearer" = ["risk_criteria:read"])))]
#[get("/v1/risk-criteria/{id}")]
async fn get_risk_criteria(permit: Permit<Read, RiskCriteria>, id: Path<RiskCriteria>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&criteria::find(tx, *id)?.value)).await
}

/// Get what a version would change
///
/// Which open risks would get another level, evaluation or priority, were they assessed again under this version.
/// Putting a version in force changes nothing that is already assessed.
#[utoipa::path(tag = "planning", params(InPath),
    responses((status = 200, description = "The effect.", body = CriteriaEffect)),
    security(("bearer" = ["risk_criteria:read"])))]
#[get("/v1/risk-criteria/{id}/effect")]
async fn get_risk_criteria_effect(
    permit: Permit<Read, RiskCriteria>,
    id: Path<RiskCriteria>,
) -> Result<Answer, Problem> {
    permit
        .report(move |tx| {
            let version = criteria::find(tx, *id)?.value;
            Answer::ok(&effect(tx, &version)?)
        })
        .await
}

fn effect(tx: &mut Tx<'_>, version: &RiskCriteria) -> Outcome<CriteriaEffect> {
    let open = risks::open(tx)?;
    let changes = open.iter().filter_map(|risk| {
        let (before, after) = (risk.initial?, risk.assessment_under(version)?);
        let same = (before.risk_level, before.evaluation, before.priority)
            == (after.risk_level, after.evaluation, after.priority);
        (!same).then_some(CriteriaChange { risk_id: risk.id, risk_number: risk.number, before, after })
    });
    Ok(CriteriaEffect { looked_at: i64::try_from(open.len()).unwrap_or(i64::MAX), changes: changes.collect() })
}

/// Revise a draft of the risk criteria
///
/// Only before it is handed in, or after it was returned.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly),
    request_body(content = RiskCriteriaDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The draft.", body = RiskCriteria)),
    security(("bearer" = ["risk_criteria:update"])))]
#[patch("/v1/risk-criteria/{id}")]
async fn revise_risk_criteria(
    permit: Permit<Update, RiskCriteria>,
    id: Path<RiskCriteria>,
    read: IfMatch,
    patch: Patch<RiskCriteriaDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = criteria::find(tx, *id)?;
            read.check(&found)?;
            let draft = patch.apply(&found.draft)?;
            found.revise(draft, tx.signature(None)?)?;
            Answer::record(&criteria::store(tx, found)?)
        })
        .await
}

/// Submit risk criteria
///
/// Hands the draft in for approval.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The version.", body = RiskCriteria)),
    security(("bearer" = ["risk_criteria:submit"])))]
#[post("/v1/risk-criteria/{id}/submission")]
async fn submit_risk_criteria(
    permit: Permit<Submit, RiskCriteria>,
    id: Path<RiskCriteria>,
    read: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = criteria::find(tx, *id)?;
            read.check(&found)?;
            found.version.submit(tx.signature(None)?)?;
            Answer::record(&criteria::store(tx, found)?)
        })
        .await
}

/// Approve risk criteria
///
/// Puts the version in force and supersedes the one before (6.1.2 a). Top management approves; what it prepared
/// itself the chair approves (SD-1). What is already assessed stays as it is until it is assessed again.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly), request_body = Approval,
    responses((status = 200, description = "The version in force.", body = RiskCriteria)),
    security(("bearer" = ["risk_criteria:approve"])))]
#[post("/v1/risk-criteria/{id}/approval")]
async fn approve_risk_criteria(
    permit: Permit<Approve, RiskCriteria>,
    id: Path<RiskCriteria>,
    read: IfMatch,
    approval: Body<Approval>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = criteria::find(tx, *id)?;
            read.check(&found)?;
            found.guard(VersionAction::Approve)?;
            let (by, alone) = criteria::approvers(tx)?.sign(tx, found.version.preparer(), &approval.0)?;
            found.version.approve(by, alone, tx.now())?;
            let approved = criteria::put_in_force(tx, found)?;
            fulfil(tx, Resource::RiskCriteria, approved.id.uuid(), tx.today())?;
            Answer::record(&approved)
        })
        .await
}

/// Return risk criteria
///
/// Gives a submitted version back to its preparer.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The draft.", body = RiskCriteria)),
    security(("bearer" = ["risk_criteria:approve"])))]
#[post("/v1/risk-criteria/{id}/return")]
async fn return_risk_criteria(
    permit: Permit<Approve, RiskCriteria>,
    id: Path<RiskCriteria>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = criteria::find(tx, *id)?;
            read.check(&found)?;
            found.version.send_back(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?;
            Answer::record(&criteria::store(tx, found)?)
        })
        .await
}

/// Void a draft of the risk criteria
///
/// Nobody wants it any more: it stays to be read with the reason, and nothing comes of it. What was handed in is returned
/// first.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The voided draft.", body = RiskCriteria)),
    security(("bearer" = ["risk_criteria:update"])))]
#[post("/v1/risk-criteria/{id}/voiding")]
async fn void_risk_criteria(
    permit: Permit<Update, RiskCriteria>,
    id: Path<RiskCriteria>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = criteria::find(tx, *id)?;
            read.check(&found)?;
            found.version.void(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?;
            Answer::record(&criteria::store(tx, found)?)
        })
        .await
}
