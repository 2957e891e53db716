//! Rounds of risk assessment.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    access::{Resource, Verb},
    kernel::{
        page::Page,
        sign_off::{Approval, Because},
        transition::Stateful,
        version::{VersionAction, VersionState},
    },
    planning::risk_assessment::{AssessmentProposal, AssessmentRow, RiskAssessment, RiskAssessmentDraft},
};
use mamori_persistence::{
    operation::annual_plan_row::fulfil,
    planning::{
        risk as risks,
        risk_assessment::{self as rounds, Filter, RowFilter},
        risk_criteria as criteria,
    },
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
        .service(list_risk_assessments)
        .service(create_risk_assessment)
        .service(get_risk_assessment)
        .service(list_risk_assessment_proposals)
        .service(list_risk_assessment_rows)
        .service(revise_risk_assessment)
        .service(submit_risk_assessment)
        .service(approve_risk_assessment)
        .service(return_risk_assessment)
        .service(void_risk_assessment);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RoundQuery {
    /// Text in title, occasion, scope or conclusions.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// In this state; `in_force` finds the latest approved round.
    #[param(inline)]
    state: Option<VersionState>,
    /// The order.
    #[param(pattern = "^-?(version|performed_on|updated_at)$", default = "version")]
    sort: Option<String>,
}

/// List risk assessments
///
/// Every round, with who prepared and approved it, and when the next one is due. Who reads only the risks of a
/// department or the own ones sees the rounds that are or were in force.
#[utoipa::path(tag = "planning", params(Paging, RoundQuery),
    responses((status = 200, description = "A page of rounds.", body = Page<RiskAssessment>)),
    security(("bearer" = ["risk:read"])))]
#[get("/v1/risk-assessments")]
async fn list_risk_assessments(
    permit: Permit<Read, RiskAssessment>,
    paging: Paging,
    query: Query<RoundQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "version")?;
    let filter = Filter { id: None, q: query.q.clone(), updated_since: query.updated_since, state: query.state };
    permit.read(move |tx| Answer::ok(&rounds::list(tx, &filter, &page)?)).await
}

/// Begin a risk assessment
///
/// A new round, held to its end under the criteria that are in force now (6.1.2, 8.2).
#[utoipa::path(tag = "planning", params(ValidateOnly), request_body = RiskAssessmentDraft,
    responses((status = 201, description = "The draft.", body = RiskAssessment)),
    security(("bearer" = ["risk:create"])))]
#[post("/v1/risk-assessments")]
async fn create_risk_assessment(
    permit: Permit<Create, RiskAssessment>,
    draft: Body<RiskAssessmentDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let (number, criteria) = (rounds::next_version(tx)?, criteria::in_force(tx)?);
            let by = tx.signature(None)?;
            let new = RiskAssessment::begin(draft.0.clone(), &criteria, number, by, tx.now(), tx.today())?;
            let new = rounds::add(tx, &new)?;
            Answer::created(&new, format!("/v1/risk-assessments/{}", new.id))
        })
        .await
}

/// Get a risk assessment
///
/// Any round, also a superseded one. `next_due_on` follows from the organization's interval.
#[utoipa::path(tag = "planning", params(InPath),
    responses((status = 200, description = "The round.", body = RiskAssessment)),
    security(("bearer" = ["risk:read"])))]
#[get("/v1/risk-assessments/{id}")]
async fn get_risk_assessment(
    permit: Permit<Read, RiskAssessment>,
    id: Path<RiskAssessment>,
) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&rounds::find(tx, *id)?.value)).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ProposalQuery {
    /// Text in number, category, name, remarks, users or location.
    #[param(max_length = 200)]
    q: Option<String>,
    /// The order.
    #[param(pattern = "^-?(number|name|importance|updated_at)$", default = "number")]
    sort: Option<String>,
}

/// List what a risk assessment should look at
///
/// The important assets in use, by the criteria of the round, that no open risk names (R-03c). A suggestion, never a
/// condition: a risk may also hang on an asset of less importance, or on an event.
#[utoipa::path(tag = "planning", params(InPath, Paging, ProposalQuery),
    responses((status = 200, description = "A page of assets.", body = Page<AssessmentProposal>)),
    security(("bearer" = ["risk:read"])))]
#[get("/v1/risk-assessments/{id}/proposals")]
async fn list_risk_assessment_proposals(
    permit: Permit<Read, RiskAssessment>,
    id: Path<RiskAssessment>,
    paging: Paging,
    query: Query<ProposalQuery>,
) -> Result<Answer, Problem> {
    let (page, q) = (paging.page(query.sort.as_deref(), "number")?, query.q.clone());
    permit
        .read(move |tx| {
            let round = rounds::find(tx, *id)?;
            Answer::ok(&rounds::proposals(tx, &round, q.clone(), &page)?)
        })
        .await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RowQuery {
    /// Text in number, source, area, event, cause or consequence.
    #[param(max_length = 200)]
    q: Option<String>,
    /// The order.
    #[param(pattern = "^-?(number|risk_level)$", default = "number")]
    sort: Option<String>,
}

/// List the rows of a risk assessment
///
/// The table of the report (D19). While the round is written: the open risks as they stand. From its submission on: as
/// they stood then.
#[utoipa::path(tag = "planning", params(InPath, Paging, RowQuery),
    responses((status = 200, description = "A page of rows.", body = Page<AssessmentRow>)),
    security(("bearer" = ["risk:read"])))]
#[get("/v1/risk-assessments/{id}/rows")]
async fn list_risk_assessment_rows(
    permit: Permit<Read, RiskAssessment>,
    id: Path<RiskAssessment>,
    paging: Paging,
    query: Query<RowQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "number")?;
    let filter = RowFilter { q: query.q.clone() };
    permit
        .read(move |tx| {
            let round = rounds::find(tx, *id)?;
            Answer::ok(&rounds::rows(tx, &round, &filter, &page)?)
        })
        .await
}

/// Revise a risk assessment
///
/// Only before it is handed in, or after it was returned.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly),
    request_body(content = RiskAssessmentDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The draft.", body = RiskAssessment)),
    security(("bearer" = ["risk:update"])))]
#[patch("/v1/risk-assessments/{id}")]
async fn revise_risk_assessment(
    permit: Permit<Update, RiskAssessment>,
    id: Path<RiskAssessment>,
    read: IfMatch,
    patch: Patch<RiskAssessmentDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = rounds::find_for(tx, *id, Verb::Update)?;
            read.check(&found)?;
            let draft = patch.apply(&found.draft)?;
            found.revise(draft, tx.signature(None)?, tx.today())?;
            Answer::record(&rounds::store(tx, found)?)
        })
        .await
}

/// Submit a risk assessment
///
/// Hands the round in and keeps its rows as they stand now. It needs conclusions, and every open risk evaluated under
/// its criteria with nothing moved since; a risk whose treatment is under way is carried in as it stands.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The round.", body = RiskAssessment)),
    security(("bearer" = ["risk:submit"])))]
#[post("/v1/risk-assessments/{id}/submission")]
async fn submit_risk_assessment(
    permit: Permit<Submit, RiskAssessment>,
    id: Path<RiskAssessment>,
    read: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = rounds::find_for(tx, *id, Verb::Submit)?;
            read.check(&found)?;
            let rows = found.submit(tx.signature(None)?, &risks::open(tx)?)?;
            rounds::keep_rows(tx, *id, rows)?;
            Answer::record(&rounds::store(tx, found)?)
        })
        .await
}

/// Approve a risk assessment
///
/// Puts the round in force, supersedes the one before and keeps its rows for ever (SD-12). The chair approves; what the
/// chair prepared, top management (SD-1).
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly), request_body = Approval,
    responses((status = 200, description = "The round in force.", body = RiskAssessment)),
    security(("bearer" = ["risk:approve"])))]
#[post("/v1/risk-assessments/{id}/approval")]
async fn approve_risk_assessment(
    permit: Permit<Approve, RiskAssessment>,
    id: Path<RiskAssessment>,
    read: IfMatch,
    approval: Body<Approval>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = rounds::find_for(tx, *id, Verb::Approve)?;
            read.check(&found)?;
            found.guard(VersionAction::Approve)?;
            let (by, alone) = rounds::approvers(tx)?.sign(tx, found.version.preparer(), &approval.0)?;
            found.version.approve(by, alone, tx.now())?;
            let approved = rounds::put_in_force(tx, found)?;
            fulfil(tx, Resource::Risk, approved.id.uuid(), tx.today())?;
            Answer::record(&approved)
        })
        .await
}

/// Return a risk assessment
///
/// Gives a submitted round back to its preparer and drops the rows that it kept: the next submission takes the risks as
/// they stand then.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The draft.", body = RiskAssessment)),
    security(("bearer" = ["risk:approve"])))]
#[post("/v1/risk-assessments/{id}/return")]
async fn return_risk_assessment(
    permit: Permit<Approve, RiskAssessment>,
    id: Path<RiskAssessment>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = rounds::find_for(tx, *id, Verb::Approve)?;
            read.check(&found)?;
            found.version.send_back(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?;
            rounds::drop_rows(tx, *id)?;
            Answer::record(&rounds::store(tx, found)?)
        })
        .await
}

/// Void a draft of a risk assessment
///
/// Nobody wants it any more: it stays to be read with the reason, and nothing comes of it. What was handed in is returned
/// first.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The voided draft.", body = RiskAssessment)),
    security(("bearer" = ["risk:update"])))]
#[post("/v1/risk-assessments/{id}/voiding")]
async fn void_risk_assessment(
    permit: Permit<Update, RiskAssessment>,
    id: Path<RiskAssessment>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = rounds::find_for(tx, *id, Verb::Update)?;
            read.check(&found)?;
            found.version.void(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?;
            Answer::record(&rounds::store(tx, found)?)
        })
        .await
}
