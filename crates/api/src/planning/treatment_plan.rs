//! Risk treatment plans.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    access::{Resource, Role, Verb},
    kernel::{
        id::Id,
        page::Page,
        sign_off::{Because, SignOffState},
    },
    planning::{
        risk::Risk,
        treatment_plan::{PlanConsistency, PlanReview, PlanRow, PlanState, TreatmentPlan, TreatmentPlanDraft},
    },
};
use mamori_persistence::{
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx},
    operation::annual_plan_row::fulfil,
    organization::organization as organizations,
    planning::treatment_plan::{self as plans, Filter},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch, Patch},
    permit::{
        Permit,
        verbs::{Approve, Create, Read, Update},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_treatment_plans)
        .service(create_treatment_plan)
        .service(get_treatment_plan)
        .service(list_treatment_plan_rows)
        .service(get_treatment_plan_consistency)
        .service(revise_treatment_plan)
        .service(submit_treatment_plan)
        .service(approve_treatment_plan)
        .service(return_treatment_plan)
        .service(void_treatment_plan)
        .service(review_treatment_plan)
        .service(close_treatment_plan);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PlanQuery {
    /// Text in number, title or remarks.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// In this state.
    #[param(inline)]
    state: Option<PlanState>,
    /// That cover this risk.
    #[param(value_type = Option<String>, format = Uuid)]
    risk_id: Option<Id<Risk>>,
    /// The order.
    #[param(pattern = "^-?(number|updated_at)$", default = "number")]
    sort: Option<String>,
}

/// List treatment plans
///
/// The plans that cover a risk within the caller's reach, with who approved and who has still to approve (D21).
#[utoipa::path(tag = "planning", params(Paging, PlanQuery),
    responses((status = 200, description = "A page of plans.", body = Page<TreatmentPlan>)),
    security(("bearer" = ["treatment_decision:read"])))]
#[get("/v1/treatment-plans")]
async fn list_treatment_plans(
    permit: Permit<Read, TreatmentPlan>,
    paging: Paging,
    query: Query<PlanQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "number")?;
    let filter = Filter {
        id: None,
        q: query.q.clone(),
        updated_since: query.updated_since,
        state: query.state,
        risk: query.risk_id,
    };
    permit.read(move |tx| Answer::ok(&plans::list(tx, &filter, &page)?)).await
}

/// Draft a treatment plan
///
/// Over risks that are treated together; their items are planned risk by risk (6.1.3 e).
#[utoipa::path(tag = "planning", params(ValidateOnly), request_body = TreatmentPlanDraft,
    responses((status = 201, description = "The draft.", body = TreatmentPlan)),
    security(("bearer" = ["treatment_decision:create"])))]
#[post("/v1/treatment-plans")]
async fn create_treatment_plan(
    permit: Permit<Create, TreatmentPlan>,
    draft: Body<TreatmentPlanDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let risks = plans::named(tx, &draft.0.risk_ids, &Default::default(), Verb::Create)?;
            let number = organizations::next_number(tx, "treatment_plan")?;
            let new = TreatmentPlan::draft(draft.0.clone(), &risks, number, tx.signature(None)?, tx.now())?;
            let new = plans::add(tx, &new)?;
            Answer::created(&new, format!("/v1/treatment-plans/{}", new.id))
        })
        .await
}

/// Get a treatment plan
///
/// With the covered risks and their owners' approvals. Its items as they stand: the list of treatment items.
#[utoipa::path(tag = "planning", params(InPath),
    responses((status = 200, description = "The plan.", body = TreatmentPlan)),
    security(("bearer" = ["treatment_decision:read"])))]
#[get("/v1/treatment-plans/{id}")]
async fn get_treatment_plan(permit: Permit<Read, TreatmentPlan>, id: Path<TreatmentPlan>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&plans::find(tx, *id)?.value)).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RowQuery {
    /// The order.
    #[param(pattern = "^-?(number)$", default = "number")]
    sort: Option<String>,
}

/// List the rows of a treatment plan
///
/// The items as the owners approved them; none before the approval.
#[utoipa::path(tag = "planning", params(InPath, Paging, RowQuery),
    responses((status = 200, description = "A page of rows.", body = Page<PlanRow>)),
    security(("bearer" = ["treatment_decision:read"])))]
#[get("/v1/treatment-plans/{id}/rows")]
async fn list_treatment_plan_rows(
    permit: Permit<Read, TreatmentPlan>,
    id: Path<TreatmentPlan>,
    paging: Paging,
    query: Query<RowQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "number")?;
    permit
        .read(move |tx| {
            plans::find(tx, *id)?;
            Answer::ok(&plans::rows(tx, *id, &page)?)
        })
        .await
}

/// Get what does not fit together in a treatment plan
///
/// Risks whose stated response status contradicts their items, risks without items, and items past their planned
/// end; of the risks within the caller's reach.
#[utoipa::path(tag = "planning", params(InPath),
    responses((status = 200, description = "The report.", body = PlanConsistency)),
    security(("bearer" = ["treatment_decision:read"])))]
#[get("/v1/treatment-plans/{id}/consistency")]
async fn get_treatment_plan_consistency(
    permit: Permit<Read, TreatmentPlan>,
    id: Path<TreatmentPlan>,
) -> Result<Answer, Problem> {
    permit
        .report(move |tx| {
            let plan = plans::find(tx, *id)?;
            Answer::ok(&PlanConsistency::of(&plans::readable(tx, &plan)?))
        })
        .await
}

/// What a step does to a plan that the caller may change.
fn step(
    tx: &mut Tx<'_>,
    id: Id<TreatmentPlan>,
    read: IfMatch,
    rule: impl FnOnce(&mut Tx<'_>, &mut Loaded<TreatmentPlan>) -> Outcome<()>,
) -> Outcome<Answer> {
    let mut plan = plans::find_for(tx, id, Verb::Update)?;
    read.check(&plan)?;
    rule(tx, &mut plan)?;
    Answer::record(&plans::store(tx, plan)?)
}

/// Revise a treatment plan
///
/// Only before it is handed in, or after it was returned.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly),
    request_body(content = TreatmentPlanDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The draft.", body = TreatmentPlan)),
    security(("bearer" = ["treatment_decision:update"])))]
#[patch("/v1/treatment-plans/{id}")]
async fn revise_treatment_plan(
    permit: Permit<Update, TreatmentPlan>,
    id: Path<TreatmentPlan>,
    read: IfMatch,
    patch: Patch<TreatmentPlanDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, plan| {
                let draft = patch.apply(&plan.draft)?;
                let risks = plans::named(tx, &draft.risk_ids, &plan.draft.risk_ids, Verb::Update)?;
                Ok(plan.revise(draft, &risks, tx.signature(None)?)?)
            })
        })
        .await
}

/// Submit a treatment plan
///
/// Hands it to the owners of its risks. Every covered risk must be decided, and every control needs an item with planned
/// dates.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The plan.", body = TreatmentPlan)),
    security(("bearer" = ["treatment_decision:update"])))]
#[post("/v1/treatment-plans/{id}/submission")]
async fn submit_treatment_plan(
    permit: Permit<Update, TreatmentPlan>,
    id: Path<TreatmentPlan>,
    read: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, plan| {
                let covered = plans::covered(tx, plan)?;
                Ok(plan.submit(tx.signature(None)?, &covered)?)
            })
        })
        .await
}

/// Approve a treatment plan
///
/// By an owner of its risks: approves the treatment of each that is theirs and still waits (SD-4). When no owner is
/// missing the plan is approved and keeps its rows (SD-12).
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The plan.", body = TreatmentPlan)),
    security(("bearer" = ["treatment_decision:approve"])))]
#[post("/v1/treatment-plans/{id}/approval")]
async fn approve_treatment_plan(
    permit: Permit<Approve, TreatmentPlan>,
    id: Path<TreatmentPlan>,
    read: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let plan = plans::find(tx, *id)?;
            read.check(&plan)?;
            let by = tx.signature_as(Role::RiskOwner, None)?;
            let plan = plans::approve(tx, plan, by)?;
            if plan.sign_off.state == SignOffState::Approved {
                fulfil(tx, Resource::TreatmentDecision, plan.id.uuid(), tx.today())?;
            }
            Answer::record(&plan)
        })
        .await
}

/// Return a treatment plan
///
/// By an owner of a covered risk, with a reason (SD-4). What was approved risk by risk stays approved.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The draft.", body = TreatmentPlan)),
    security(("bearer" = ["treatment_decision:approve"])))]
#[post("/v1/treatment-plans/{id}/return")]
async fn return_treatment_plan(
    permit: Permit<Approve, TreatmentPlan>,
    id: Path<TreatmentPlan>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut plan = plans::find(tx, *id)?;
            read.check(&plan)?;
            plan.send_back(tx.signature_as(Role::RiskOwner, None)?, because.0.reason.clone())?;
            Answer::record(&plans::store(tx, plan)?)
        })
        .await
}

/// Review a treatment plan
///
/// Records that it was looked through while it is carried out (8.3).
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly), request_body = PlanReview,
    responses((status = 200, description = "The plan.", body = TreatmentPlan)),
    security(("bearer" = ["treatment_decision:update"])))]
#[post("/v1/treatment-plans/{id}/review")]
async fn review_treatment_plan(
    permit: Permit<Update, TreatmentPlan>,
    id: Path<TreatmentPlan>,
    read: IfMatch,
    review: Body<PlanReview>,
) -> Result<Answer, Problem> {
    permit.transact(move |tx| step(tx, *id, read, |tx, plan| Ok(plan.review(&review.0, tx.today())?))).await
}

/// Close a treatment plan
///
/// Once every item is completed or cancelled.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The plan.", body = TreatmentPlan)),
    security(("bearer" = ["treatment_decision:update"])))]
#[post("/v1/treatment-plans/{id}/closure")]
async fn close_treatment_plan(
    permit: Permit<Update, TreatmentPlan>,
    id: Path<TreatmentPlan>,
    read: IfMatch,
) -> Result<Answer, Problem> {
    permit.transact(move |tx| step(tx, *id, read, |tx, plan| Ok(plan.close(tx.signature(None)?)?))).await
}

/// Void a draft of a treatment plan
///
/// Nobody wants it any more: it stays to be read with the reason, and nothing comes of it. What was handed in is returned
/// first.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The voided draft.", body = TreatmentPlan)),
    security(("bearer" = ["treatment_decision:update"])))]
#[post("/v1/treatment-plans/{id}/voiding")]
async fn void_treatment_plan(
    permit: Permit<Update, TreatmentPlan>,
    id: Path<TreatmentPlan>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, plan| Ok(plan.void(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?))
        })
        .await
}
