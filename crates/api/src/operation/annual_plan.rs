//! Annual plans.

use actix_web::{get, patch, post};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use mamori_domain::{
    kernel::{
        page::Page,
        refusal::{Code, Refusal},
        sign_off::{Approval, Because},
        transition::Stateful,
    },
    operation::{
        annual_plan::{AnnualPlan, AnnualPlanAction, AnnualPlanDraft, AnnualPlanState},
        annual_plan_row::AnnualPlanRow,
        week::WeekColumns,
    },
};
use mamori_persistence::{
    kernel::{
        failure::{Failure, Outcome},
        tx::Tx,
    },
    operation::{
        annual_plan::{self as plans, Filter},
        annual_plan_row as rows,
    },
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
        .service(list_annual_plans)
        .service(create_annual_plan)
        .service(get_week_columns)
        .service(get_annual_plan)
        .service(revise_annual_plan)
        .service(submit_annual_plan)
        .service(approve_annual_plan)
        .service(return_annual_plan)
        .service(void_annual_plan)
        .service(close_annual_plan);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PlanQuery {
    /// Text in title or remarks.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// Of this fiscal year.
    #[param(minimum = 1900, maximum = 2998)]
    fiscal_year: Option<i32>,
    /// In this state.
    #[param(inline)]
    state: Option<AnnualPlanState>,
    /// The order.
    #[param(pattern = "^-?(fiscal_year|updated_at)$", default = "fiscal_year")]
    sort: Option<String>,
}

/// List annual plans
///
/// One for each fiscal year, with how much of it is done (D32).
#[utoipa::path(tag = "operation", params(Paging, PlanQuery),
    responses((status = 200, description = "A page of plans.", body = Page<AnnualPlan>)),
    security(("bearer" = ["annual_plan:read"])))]
#[get("/v1/annual-plans")]
async fn list_annual_plans(
    permit: Permit<Read, AnnualPlan>,
    paging: Paging,
    query: Query<PlanQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "fiscal_year")?;
    let filter = Filter {
        id: None,
        q: query.q.clone(),
        updated_since: query.updated_since,
        fiscal_year: query.fiscal_year,
        state: query.state,
    };
    permit.read(move |tx| Answer::ok(&plans::list(tx, &filter, &page)?)).await
}

/// The month in which the organization's fiscal year begins.
fn start_month(tx: &mut Tx<'_>) -> Outcome<u8> {
    Ok(organizations::find(tx)?.draft.fiscal_year_start_month)
}

/// Draft an annual plan
///
/// For a fiscal year that has none. With `template` it begins with the rows of a shipped plan, all of them assigned to
/// the caller until they are given to somebody else.
#[utoipa::path(tag = "operation", params(ValidateOnly), request_body = AnnualPlanDraft,
    responses((status = 201, description = "The draft.", body = AnnualPlan)),
    security(("bearer" = ["annual_plan:create"])))]
#[post("/v1/annual-plans")]
async fn create_annual_plan(
    permit: Permit<Create, AnnualPlan>,
    draft: Body<AnnualPlanDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let plan = AnnualPlan::draft(draft.0.clone(), start_month(tx)?, tx.signature(None)?, tx.now())?;
            let plan = plans::add(tx, &plan)?;
            if let Some(template) = plan.draft.template {
                let drafts = template.drafts(&plan.fiscal_year(), tx.person()?);
                let drafts = drafts.map_err(|error| Failure::Corrupt(error.to_string()))?;
                for (number, draft) in (1..).zip(drafts) {
                    rows::add(tx, &AnnualPlanRow::plan(draft, &plan, number, tx.now())?)?;
                }
            }
            let plan = plans::find(tx, plan.id)?.value;
            Answer::created(&plan, format!("/v1/annual-plans/{}", plan.id))
        })
        .await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WeekQuery {
    /// The first day of the time.
    from: NaiveDate,
    /// The last day of the time, at most five years later.
    to: NaiveDate,
}

/// Get the weeks of a time
///
/// The columns of a plan: the weeks whose Monday lies in the time. A week belongs to the month and the year of its
/// Monday.
#[utoipa::path(tag = "operation", params(WeekQuery),
    responses((status = 200, description = "The weeks, in order.", body = WeekColumns)),
    security(("bearer" = ["annual_plan:read"])))]
#[get("/v1/annual-plans/weeks")]
async fn get_week_columns(_permit: Permit<Read, AnnualPlan>, query: Query<WeekQuery>) -> Result<Answer, Problem> {
    if query.to < query.from || query.to - query.from > TimeDelta::days(5 * 366) {
        return Err(Refusal::field("to", Code::OutOfRange).into());
    }
    Ok(Answer::ok(&WeekColumns::between(query.from, query.to))?)
}

/// Get an annual plan
///
/// Its rows are a list of their own.
#[utoipa::path(tag = "operation", params(InPath),
    responses((status = 200, description = "The plan.", body = AnnualPlan)),
    security(("bearer" = ["annual_plan:read"])))]
#[get("/v1/annual-plans/{id}")]
async fn get_annual_plan(permit: Permit<Read, AnnualPlan>, id: Path<AnnualPlan>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&plans::find(tx, *id)?.value)).await
}

/// Revise the draft of an annual plan
///
/// Only before it is handed in, or after it was returned (SD-12). Another fiscal year has to have all weeks of its rows.
#[utoipa::path(tag = "operation", params(InPath, IfMatch, ValidateOnly),
    request_body(content = AnnualPlanDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The draft.", body = AnnualPlan)),
    security(("bearer" = ["annual_plan:update"])))]
#[patch("/v1/annual-plans/{id}")]
async fn revise_annual_plan(
    permit: Permit<Update, AnnualPlan>,
    id: Path<AnnualPlan>,
    read: IfMatch,
    patch: Patch<AnnualPlanDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut plan = plans::find(tx, *id)?;
            read.check(&plan)?;
            let draft = patch.apply(&plan.draft)?;
            let (month, weeks) = (start_month(tx)?, rows::weeks_of(tx, *id)?);
            plan.revise(draft, month, &weeks, tx.signature(None)?)?;
            Answer::record(&plans::store(tx, plan)?)
        })
        .await
}

/// Submit an annual plan
///
/// Hands the draft in for approval; it has at least one row.
#[utoipa::path(tag = "operation", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The plan.", body = AnnualPlan)),
    security(("bearer" = ["annual_plan:submit"])))]
#[post("/v1/annual-plans/{id}/submission")]
async fn submit_annual_plan(
    permit: Permit<Submit, AnnualPlan>,
    id: Path<AnnualPlan>,
    read: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut plan = plans::find(tx, *id)?;
            read.check(&plan)?;
            plan.submit(tx.signature(None)?)?;
            Answer::record(&plans::store(tx, plan)?)
        })
        .await
}

/// Approve an annual plan
///
/// By the chair or, where the chair prepared it or there is none, top management (SD-1). From then on its rows are done,
/// moved with a reason or added to, and not changed otherwise (SD-12).
#[utoipa::path(tag = "operation", params(InPath, IfMatch, ValidateOnly), request_body = Approval,
    responses((status = 200, description = "The approved plan.", body = AnnualPlan)),
    security(("bearer" = ["annual_plan:approve"])))]
#[post("/v1/annual-plans/{id}/approval")]
async fn approve_annual_plan(
    permit: Permit<Approve, AnnualPlan>,
    id: Path<AnnualPlan>,
    read: IfMatch,
    approval: Body<Approval>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut plan = plans::find(tx, *id)?;
            read.check(&plan)?;
            plan.guard(AnnualPlanAction::Approve)?;
            let (by, alone) = plans::approvers(tx)?.sign(tx, plan.preparer(), &approval.0)?;
            plan.approve(by, alone)?;
            Answer::record(&plans::store(tx, plan)?)
        })
        .await
}

/// Return an annual plan
///
/// Gives a submitted plan back to its preparer.
#[utoipa::path(tag = "operation", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The draft.", body = AnnualPlan)),
    security(("bearer" = ["annual_plan:approve"])))]
#[post("/v1/annual-plans/{id}/return")]
async fn return_annual_plan(
    permit: Permit<Approve, AnnualPlan>,
    id: Path<AnnualPlan>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut plan = plans::find(tx, *id)?;
            read.check(&plan)?;
            plan.send_back(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?;
            Answer::record(&plans::store(tx, plan)?)
        })
        .await
}

/// Close an annual plan
///
/// When every occurrence of every row is done or skipped; the rows of which something is left are named otherwise.
#[utoipa::path(tag = "operation", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The closed plan.", body = AnnualPlan)),
    security(("bearer" = ["annual_plan:update"])))]
#[post("/v1/annual-plans/{id}/closure")]
async fn close_annual_plan(
    permit: Permit<Update, AnnualPlan>,
    id: Path<AnnualPlan>,
    read: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut plan = plans::find(tx, *id)?;
            read.check(&plan)?;
            let open = rows::open_in(tx, *id)?;
            plan.close(tx.signature(None)?, &open)?;
            Answer::record(&plans::store(tx, plan)?)
        })
        .await
}

/// Void a draft of an annual plan
///
/// Nobody wants it any more: it stays to be read with the reason, and nothing comes of it. Its
/// fiscal year is free for another plan. What was handed in is returned
/// first.
#[utoipa::path(tag = "operation", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The voided draft.", body = AnnualPlan)),
    security(("bearer" = ["annual_plan:update"])))]
#[post("/v1/annual-plans/{id}/voiding")]
async fn void_annual_plan(
    permit: Permit<Update, AnnualPlan>,
    id: Path<AnnualPlan>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut plan = plans::find(tx, *id)?;
            read.check(&plan)?;
            plan.void(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?;
            Answer::record(&plans::store(tx, plan)?)
        })
        .await
}
