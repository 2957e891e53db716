//! Risks: assessment, treatment, acceptance.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    access::{Resource, Role, Verb},
    kernel::{id::Id, page::Page},
    organization::{department::Department, person::Person},
    planning::{
        asset::Asset,
        risk::{
            AcceptanceDraft, Closure, MatrixKind, OverrideDraft, ResidualAssessment, Risk, RiskDraft, RiskMatrix,
            RiskState,
        },
        treatment::TreatmentDecision,
    },
};
use mamori_persistence::{
    kernel::failure::Outcome,
    kernel::{loaded::Loaded, tx::Tx},
    organization::organization as organizations,
    planning::{
        applicability::control as applicability,
        asset as assets,
        risk::{self as risks, Filter},
        risk_criteria as criteria, treatment_item as items,
    },
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch, Patch},
    permit::{
        Acceptance, Permit, Treatment,
        verbs::{Approve, Create, Execute, Read, Submit, Update},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_risks)
        .service(create_risk)
        .service(get_risk_matrix)
        .service(get_risk)
        .service(revise_risk)
        .service(evaluate_risk)
        .service(decide_treatment)
        .service(approve_treatment)
        .service(reassess_risk)
        .service(override_acceptance)
        .service(accept_risk)
        .service(close_risk);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RiskQuery {
    /// Text in number, source, area, event, cause or consequence.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// In this state.
    #[param(inline)]
    state: Option<RiskState>,
    /// On this asset.
    #[param(value_type = Option<String>, format = Uuid)]
    asset_id: Option<Id<Asset>>,
    /// Of this department.
    #[param(value_type = Option<String>, format = Uuid)]
    department_id: Option<Id<Department>>,
    /// Owned by this person, directly or by a position held today.
    #[param(value_type = Option<String>, format = Uuid)]
    risk_owner_person_id: Option<Id<Person>>,
    /// With this level before treatment, or a higher one.
    #[param(minimum = 1, maximum = 9)]
    risk_level_min: Option<i32>,
    /// What it was judged by has changed since.
    needs_reanalysis: Option<bool>,
    /// Also closed ones.
    #[param(default = false)]
    include_closed: Option<bool>,
    /// The order.
    #[param(pattern = "^-?(number|risk_level|updated_at)$", default = "number")]
    sort: Option<String>,
}

/// List risks
///
/// The risks within the caller's reach, with assets, owners and assessments.
#[utoipa::path(tag = "planning", params(Paging, RiskQuery),
    responses((status = 200, description = "A page of risks.", body = Page<Risk>)),
    security(("bearer" = ["risk:read"])))]
#[get("/v1/risks")]
async fn list_risks(permit: Permit<Read, Risk>, paging: Paging, query: Query<RiskQuery>) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "number")?;
    let filter = Filter {
        id: None,
        ids: None,
        q: query.q.clone(),
        updated_since: query.updated_since,
        state: query.state,
        asset: query.asset_id,
        department: query.department_id,
        risk_level_min: query.risk_level_min,
        risk_owner_person: query.risk_owner_person_id,
        needs_reanalysis: query.needs_reanalysis,
        include_closed: query.include_closed.unwrap_or_default(),
    };
    permit.read(move |tx| Answer::ok(&risks::list(tx, &filter, &page)?)).await
}

/// Identify a risk
///
/// On one or more assets, or on an event alone. With a likelihood it is analysed at once: importance, level,
/// evaluation and priority are computed by the criteria in force.
#[utoipa::path(tag = "planning", params(ValidateOnly), request_body = RiskDraft,
    responses((status = 201, description = "The new risk.", body = Risk)),
    security(("bearer" = ["risk:create"])))]
#[post("/v1/risks")]
async fn create_risk(permit: Permit<Create, Risk>, draft: Body<RiskDraft>) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let draft = draft.0.clone();
            let named = assets::names(tx, &draft.asset_ids)?;
            draft.check()?;
            let owner = risks::owner_of(tx, &draft)?;
            let number = organizations::next_number(tx, "risk")?;
            let risk = Risk::identify(draft, named, owner, number, &criteria::in_force(tx)?, tx.now())?;
            let risk = risks::add(tx, &risk, tx.person()?)?;
            Answer::created(&risk, format!("/v1/risks/{}", risk.id))
        })
        .await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MatrixQuery {
    /// Which assessment is counted.
    #[param(inline, default = "initial")]
    assessment: Option<MatrixKind>,
}

/// Get the risk matrix
///
/// The numbers of the heat map: how many open risks within the caller's reach stand at each importance and likelihood.
#[utoipa::path(tag = "planning", params(MatrixQuery),
    responses((status = 200, description = "The matrix.", body = RiskMatrix)),
    security(("bearer" = ["risk:read"])))]
#[get("/v1/risks/matrix")]
async fn get_risk_matrix(permit: Permit<Read, Risk>, query: Query<MatrixQuery>) -> Result<Answer, Problem> {
    let kind = query.assessment.unwrap_or_default();
    permit.report(move |tx| Answer::ok(&risks::matrix(tx, kind)?)).await
}

/// Get a risk
///
/// Also a closed one.
#[utoipa::path(tag = "planning", params(InPath),
    responses((status = 200, description = "The risk.", body = Risk)),
    security(("bearer" = ["risk:read"])))]
#[get("/v1/risks/{id}")]
async fn get_risk(permit: Permit<Read, Risk>, id: Path<Risk>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&risks::find(tx, *id)?.value)).await
}

/// Revise a risk
///
/// Where what it was judged by changes, an earlier evaluation or acceptance goes stale (`needs_reanalysis`).
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly),
    request_body(content = RiskDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The risk.", body = Risk)),
    security(("bearer" = ["risk:update"])))]
#[patch("/v1/risks/{id}")]
async fn revise_risk(
    permit: Permit<Update, Risk>,
    id: Path<Risk>,
    read: IfMatch,
    patch: Patch<RiskDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut risk = risks::find_for(tx, *id, Resource::Risk, Verb::Update)?;
            read.check(&risk)?;
            let draft = patch.apply(&risk.draft)?;
            let named = assets::names_keeping(tx, &draft.asset_ids, &risk.draft.asset_ids)?;
            risk.revise(draft, named, &criteria::in_force(tx)?)?;
            let risk = risks::store(tx, risk)?;
            risks::set_prepared_by(tx, *id, tx.person()?)?;
            Answer::record(&risk)
        })
        .await
}

/// What a step does to a risk that the caller may do `verb` on `resource` to.
fn step(
    tx: &mut Tx<'_>,
    id: Id<Risk>,
    read: IfMatch,
    (resource, verb): (Resource, Verb),
    rule: impl FnOnce(&mut Tx<'_>, &mut Loaded<Risk>) -> Outcome<()>,
) -> Outcome<Answer> {
    let mut risk = risks::find_for(tx, id, resource, verb)?;
    read.check(&risk)?;
    rule(tx, &mut risk)?;
    Answer::record(&risks::store(tx, risk)?)
}

/// Evaluate a risk
///
/// Holds it against the criteria in force. A risk that was decided or accepted before, or whose inputs have changed,
/// begins a new cycle.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The risk.", body = Risk)),
    security(("bearer" = ["risk:submit"])))]
#[post("/v1/risks/{id}/evaluation")]
async fn evaluate_risk(permit: Permit<Submit, Risk>, id: Path<Risk>, read: IfMatch) -> Result<Answer, Problem> {
    let grant = (Resource::Risk, Verb::Submit);
    permit.transact(move |tx| step(tx, *id, read, grant, |tx, risk| Ok(risk.evaluate(&criteria::in_force(tx)?)?))).await
}

/// Decide the treatment of a risk
///
/// Chooses options and controls (6.1.3 a–c). A control of the decision before that comes with its number keeps its items;
/// the items of one that is dropped stay on record and count no more. The owner approves anew.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly), request_body = TreatmentDecision,
    responses((status = 200, description = "The risk.", body = Risk)),
    security(("bearer" = ["treatment_decision:update"])))]
#[post("/v1/risks/{id}/treatment-decision")]
async fn decide_treatment(
    permit: Permit<Update, Treatment>,
    id: Path<Risk>,
    read: IfMatch,
    decision: Body<TreatmentDecision>,
) -> Result<Answer, Problem> {
    let grant = (Resource::TreatmentDecision, Verb::Update);
    permit
        .transact(move |tx| {
            step(tx, *id, read, grant, |tx, risk| {
                let of_risk = items::of_risk(tx, *id)?;
                Ok(risk.decide(decision.0.clone(), &of_risk)?)
            })
        })
        .await
}

/// Approve the treatment of a risk
///
/// By its owner alone (SD-4). Every control needs an item with planned dates. At LV.3, once a statement of applicability is
/// in force, every control of Annex A that the treatment uses must be applicable in it.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The risk.", body = Risk)),
    security(("bearer" = ["treatment_decision:approve"])))]
#[post("/v1/risks/{id}/treatment-approval")]
async fn approve_treatment(
    permit: Permit<Approve, Treatment>,
    id: Path<Risk>,
    read: IfMatch,
) -> Result<Answer, Problem> {
    let grant = (Resource::TreatmentDecision, Verb::Approve);
    permit
        .transact(move |tx| {
            step(tx, *id, read, grant, |tx, risk| {
                let of_risk = items::of_risk(tx, *id)?;
                let excluded = applicability::excluded_in_force(tx)?;
                Ok(risk.approve_treatment(tx.signature_as(Role::RiskOwner, None)?, &of_risk, &excluded)?)
            })
        })
        .await
}

/// Reassess a risk
///
/// What remains after treatment; not before every item is completed (二次評価).
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly), request_body = ResidualAssessment,
    responses((status = 200, description = "The risk.", body = Risk)),
    security(("bearer" = ["risk:submit"])))]
#[post("/v1/risks/{id}/residual-assessment")]
async fn reassess_risk(
    permit: Permit<Submit, Risk>,
    id: Path<Risk>,
    read: IfMatch,
    residual: Body<ResidualAssessment>,
) -> Result<Answer, Problem> {
    let grant = (Resource::Risk, Verb::Submit);
    permit
        .transact(move |tx| {
            let answer =
                step(tx, *id, read, grant, |tx, risk| Ok(risk.reassess(&residual.0, &criteria::in_force(tx)?)?))?;
            risks::set_prepared_by(tx, *id, tx.person()?)?;
            Ok(answer)
        })
        .await
}

/// Override the acceptance criteria for a risk
///
/// Top management allows the owner to accept a risk that is too high, with a reason and a date of review.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly), request_body = OverrideDraft,
    responses((status = 200, description = "The risk.", body = Risk)),
    security(("bearer" = ["risk_acceptance:execute"])))]
#[post("/v1/risks/{id}/acceptance-override")]
async fn override_acceptance(
    permit: Permit<Execute, Acceptance>,
    id: Path<Risk>,
    read: IfMatch,
    draft: Body<OverrideDraft>,
) -> Result<Answer, Problem> {
    let grant = (Resource::RiskAcceptance, Verb::Execute);
    permit
        .transact(move |tx| {
            step(tx, *id, read, grant, |tx, risk| {
                Ok(risk.allow(tx.signature_as(Role::TopManagement, None)?, &draft.0, tx.today())?)
            })
        })
        .await
}

/// Accept a risk
///
/// By its owner alone (SD-4). What is acceptable only under control needs a follow-up date; what is too high needs
/// top management's override.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly), request_body = AcceptanceDraft,
    responses((status = 200, description = "The risk.", body = Risk)),
    security(("bearer" = ["risk_acceptance:approve"])))]
#[post("/v1/risks/{id}/acceptance")]
async fn accept_risk(
    permit: Permit<Approve, Acceptance>,
    id: Path<Risk>,
    read: IfMatch,
    draft: Body<AcceptanceDraft>,
) -> Result<Answer, Problem> {
    let grant = (Resource::RiskAcceptance, Verb::Approve);
    permit
        .transact(move |tx| {
            step(tx, *id, read, grant, |tx, risk| {
                let level = organizations::find(tx)?.draft.level;
                let preparer = risks::prepared_by(tx, *id)?;
                Ok(risk.accept(tx.signature_as(Role::RiskOwner, None)?, &draft.0, level, preparer, tx.today())?)
            })
        })
        .await
}

/// Close a risk
///
/// The asset is gone, or the activity was stopped.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly), request_body = Closure,
    responses((status = 200, description = "The risk.", body = Risk)),
    security(("bearer" = ["risk:submit"])))]
#[post("/v1/risks/{id}/closure")]
async fn close_risk(
    permit: Permit<Submit, Risk>,
    id: Path<Risk>,
    read: IfMatch,
    closure: Body<Closure>,
) -> Result<Answer, Problem> {
    let grant = (Resource::Risk, Verb::Submit);
    permit
        .transact(move |tx| step(tx, *id, read, grant, |tx, risk| Ok(risk.close(closure.0.clone(), tx.today())?)))
        .await
}
