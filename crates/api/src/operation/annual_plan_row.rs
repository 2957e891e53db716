//! Rows of annual plans.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    access::Verb,
    kernel::{
        id::Id,
        page::Page,
        sign_off::{Because, Signature},
        text::Text,
    },
    operation::{
        annual_plan::AnnualPlan,
        annual_plan_row::{AnnualPlanRow, AnnualPlanRowDraft},
        occurrence::{CompletionSource, OccurrenceBecause, OccurrenceCompletion, OccurrenceReschedule},
    },
    organization::person::Person,
};
use mamori_persistence::{
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx},
    operation::{
        annual_plan as plans,
        annual_plan_row::{self as rows, Filter},
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
        verbs::{Create, Execute, Read, Update},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_annual_plan_rows)
        .service(list_rows_of_annual_plan)
        .service(create_annual_plan_row)
        .service(get_annual_plan_row)
        .service(revise_annual_plan_row)
        .service(withdraw_annual_plan_row)
        .service(complete_annual_plan_row)
        .service(attest_annual_plan_row)
        .service(reschedule_annual_plan_row)
        .service(skip_annual_plan_row)
        .service(reopen_annual_plan_row);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RowQuery {
    /// Text in clause, group, activity, document or remarks.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// Done by this person.
    #[param(value_type = Option<String>, format = Uuid)]
    assignee_id: Option<Id<Person>>,
    /// Of which something is still to be done.
    open: Option<bool>,
    /// Past the last week of an occurrence that is not done.
    overdue: Option<bool>,
    /// Also rows that were taken out of a draft.
    #[param(default = false)]
    include_withdrawn: Option<bool>,
    /// The order.
    #[param(pattern = "^-?(number|updated_at)$", default = "number")]
    sort: Option<String>,
}

impl RowQuery {
    fn filter(&self, plan: Option<Id<AnnualPlan>>) -> Filter {
        Filter {
            id: None,
            q: self.q.clone(),
            updated_since: self.updated_since,
            plan,
            assignee: self.assignee_id,
            open: self.open,
            overdue: self.overdue,
            under_way: false,
            include_withdrawn: self.include_withdrawn.unwrap_or_default(),
        }
    }
}

/// List rows of annual plans
///
/// Of all plans: what somebody has to do, what is overdue.
#[utoipa::path(tag = "operation", params(Paging, RowQuery),
    responses((status = 200, description = "A page of rows.", body = Page<AnnualPlanRow>)),
    security(("bearer" = ["annual_plan:read"])))]
#[get("/v1/annual-plan-rows")]
async fn list_annual_plan_rows(
    permit: Permit<Read, AnnualPlanRow>,
    paging: Paging,
    query: Query<RowQuery>,
) -> Result<Answer, Problem> {
    let (page, filter) = (paging.page(query.sort.as_deref(), "number")?, query.filter(None));
    permit.read(move |tx| Answer::ok(&rows::list(tx, &filter, &page)?)).await
}

/// List the rows of an annual plan
///
/// In the order of their numbers.
#[utoipa::path(tag = "operation", params(InPath, Paging, RowQuery),
    responses((status = 200, description = "A page of rows.", body = Page<AnnualPlanRow>)),
    security(("bearer" = ["annual_plan:read"])))]
#[get("/v1/annual-plans/{id}/rows")]
async fn list_rows_of_annual_plan(
    permit: Permit<Read, AnnualPlanRow>,
    id: Path<AnnualPlan>,
    paging: Paging,
    query: Query<RowQuery>,
) -> Result<Answer, Problem> {
    let (page, filter) = (paging.page(query.sort.as_deref(), "number")?, query.filter(Some(*id)));
    permit
        .read(move |tx| {
            plans::find(tx, *id)?;
            Answer::ok(&rows::list(tx, &filter, &page)?)
        })
        .await
}

/// Add a row to an annual plan
///
/// To a draft or, marked as added later, to an approved plan. Weeks are named by their Mondays.
#[utoipa::path(tag = "operation", params(InPath, ValidateOnly), request_body = AnnualPlanRowDraft,
    responses((status = 201, description = "The new row.", body = AnnualPlanRow)),
    security(("bearer" = ["annual_plan:create"])))]
#[post("/v1/annual-plans/{id}/rows")]
async fn create_annual_plan_row(
    permit: Permit<Create, AnnualPlanRow>,
    id: Path<AnnualPlan>,
    draft: Body<AnnualPlanRowDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let plan = plans::find(tx, *id)?.value;
            let number = rows::next_number(tx, *id)?;
            let row = rows::add(tx, &AnnualPlanRow::plan(draft.0.clone(), &plan, number, tx.now())?)?;
            plans::written_in(tx, plan)?;
            Answer::created(&row, format!("/v1/annual-plan-rows/{}", row.id))
        })
        .await
}

/// Get a row of an annual plan
///
/// With every time that it is done.
#[utoipa::path(tag = "operation", params(InPath),
    responses((status = 200, description = "The row.", body = AnnualPlanRow)),
    security(("bearer" = ["annual_plan:read"])))]
#[get("/v1/annual-plan-rows/{id}")]
async fn get_annual_plan_row(permit: Permit<Read, AnnualPlanRow>, id: Path<AnnualPlanRow>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&rows::find(tx, *id)?.value)).await
}

/// What a step does to a row that the caller may do `verb` to, with its plan at hand.
fn step(
    tx: &mut Tx<'_>,
    id: Id<AnnualPlanRow>,
    read: IfMatch,
    verb: Verb,
    rule: impl FnOnce(&mut Tx<'_>, &mut Loaded<AnnualPlanRow>, &AnnualPlan) -> Outcome<()>,
) -> Outcome<Answer> {
    let mut row = rows::find_for(tx, id, verb)?;
    read.check(&row)?;
    let plan = plans::look_up(tx, row.plan_id)?;
    rule(tx, &mut row, &plan)?;
    let row = rows::store(tx, row)?;
    plans::written_in(tx, plan)?;
    Answer::record(&row)
}

/// The caller's mark beside a reason.
fn because(tx: &Tx<'_>, reason: &Text) -> Outcome<Signature> {
    tx.signature(Some(reason.as_str().to_owned()))
}

/// Revise a row of an annual plan
///
/// While the plan is a draft (SD-12). Changes what, when and by whom.
#[utoipa::path(tag = "operation", params(InPath, IfMatch, ValidateOnly),
    request_body(content = AnnualPlanRowDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The row.", body = AnnualPlanRow)),
    security(("bearer" = ["annual_plan:update"])))]
#[patch("/v1/annual-plan-rows/{id}")]
async fn revise_annual_plan_row(
    permit: Permit<Update, AnnualPlanRow>,
    id: Path<AnnualPlanRow>,
    read: IfMatch,
    patch: Patch<AnnualPlanRowDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Verb::Update, |_, row, plan| {
                let draft = patch.apply(&row.draft)?;
                Ok(row.revise(draft, plan)?)
            })
        })
        .await
}

/// Withdraw a row of an annual plan
///
/// Takes it out of the draft, with a reason; it stays to be read.
#[utoipa::path(tag = "operation", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The row.", body = AnnualPlanRow)),
    security(("bearer" = ["annual_plan:update"])))]
#[post("/v1/annual-plan-rows/{id}/withdrawal")]
async fn withdraw_annual_plan_row(
    permit: Permit<Update, AnnualPlanRow>,
    id: Path<AnnualPlanRow>,
    read: IfMatch,
    reason: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Verb::Update, |tx, row, plan| {
                let by = because(tx, &reason.0.reason)?;
                Ok(row.withdraw(plan, by)?)
            })
        })
        .await
}

/// What the two ways of recording that something is done share.
fn complete(
    tx: &mut Tx<'_>,
    id: Id<AnnualPlanRow>,
    read: IfMatch,
    verb: Verb,
    source: CompletionSource,
    completion: OccurrenceCompletion,
) -> Outcome<Answer> {
    step(tx, id, read, verb, |tx, row, plan| {
        rows::require_linked(tx, completion.link, "/link/id")?;
        Ok(row.complete(completion, source, plan, tx.signature(None)?, tx.today())?)
    })
}

/// Complete a row of an annual plan
///
/// Its assignee records that an occurrence is done, and what shows it.
#[utoipa::path(tag = "operation", params(InPath, IfMatch, ValidateOnly), request_body = OccurrenceCompletion,
    responses((status = 200, description = "The row.", body = AnnualPlanRow)),
    security(("bearer" = ["annual_plan:execute"])))]
#[post("/v1/annual-plan-rows/{id}/completion")]
async fn complete_annual_plan_row(
    permit: Permit<Execute, AnnualPlanRow>,
    id: Path<AnnualPlanRow>,
    read: IfMatch,
    completion: Body<OccurrenceCompletion>,
) -> Result<Answer, Problem> {
    let source = CompletionSource::Assignee;
    permit.transact(move |tx| complete(tx, *id, read, Verb::Execute, source, completion.0.clone())).await
}

/// Attest that a row of an annual plan is done
///
/// Whoever keeps the plan records it for the assignee, which is marked.
#[utoipa::path(tag = "operation", params(InPath, IfMatch, ValidateOnly), request_body = OccurrenceCompletion,
    responses((status = 200, description = "The row.", body = AnnualPlanRow)),
    security(("bearer" = ["annual_plan:update"])))]
#[post("/v1/annual-plan-rows/{id}/attestation")]
async fn attest_annual_plan_row(
    permit: Permit<Update, AnnualPlanRow>,
    id: Path<AnnualPlanRow>,
    read: IfMatch,
    completion: Body<OccurrenceCompletion>,
) -> Result<Answer, Problem> {
    let source = CompletionSource::Attestation;
    permit.transact(move |tx| complete(tx, *id, read, Verb::Update, source, completion.0.clone())).await
}

/// Reschedule a row of an annual plan
///
/// Moves an occurrence to other weeks of the year, with a reason; where it stood before stays to be read.
#[utoipa::path(tag = "operation", params(InPath, IfMatch, ValidateOnly), request_body = OccurrenceReschedule,
    responses((status = 200, description = "The row.", body = AnnualPlanRow)),
    security(("bearer" = ["annual_plan:update"])))]
#[post("/v1/annual-plan-rows/{id}/reschedule")]
async fn reschedule_annual_plan_row(
    permit: Permit<Update, AnnualPlanRow>,
    id: Path<AnnualPlanRow>,
    read: IfMatch,
    moved: Body<OccurrenceReschedule>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Verb::Update, |tx, row, plan| {
                let by = because(tx, &moved.0.reason)?;
                Ok(row.reschedule(moved.0.clone(), plan, by, tx.today())?)
            })
        })
        .await
}

/// Skip an occurrence of a row of an annual plan
///
/// Leaves it out, with a reason.
#[utoipa::path(tag = "operation", params(InPath, IfMatch, ValidateOnly), request_body = OccurrenceBecause,
    responses((status = 200, description = "The row.", body = AnnualPlanRow)),
    security(("bearer" = ["annual_plan:update"])))]
#[post("/v1/annual-plan-rows/{id}/skipping")]
async fn skip_annual_plan_row(
    permit: Permit<Update, AnnualPlanRow>,
    id: Path<AnnualPlanRow>,
    read: IfMatch,
    which: Body<OccurrenceBecause>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Verb::Update, |tx, row, plan| {
                let by = because(tx, &which.0.reason)?;
                Ok(row.skip(&which.0, plan, by, tx.today())?)
            })
        })
        .await
}

/// Reopen an occurrence of a row of an annual plan
///
/// Takes back, with a reason, that it is done or skipped; what was recorded stays to be read.
#[utoipa::path(tag = "operation", params(InPath, IfMatch, ValidateOnly), request_body = OccurrenceBecause,
    responses((status = 200, description = "The row.", body = AnnualPlanRow)),
    security(("bearer" = ["annual_plan:update"])))]
#[post("/v1/annual-plan-rows/{id}/reopening")]
async fn reopen_annual_plan_row(
    permit: Permit<Update, AnnualPlanRow>,
    id: Path<AnnualPlanRow>,
    read: IfMatch,
    which: Body<OccurrenceBecause>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Verb::Update, |tx, row, plan| {
                let by = because(tx, &which.0.reason)?;
                Ok(row.reopen(&which.0, plan, by, tx.today())?)
            })
        })
        .await
}
