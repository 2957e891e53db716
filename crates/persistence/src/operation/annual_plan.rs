//! How annual plans are kept.

use std::collections::HashMap;

use diesel::{dsl::exists, prelude::*};
use mamori_domain::{
    access::{Resource, Role, Verb},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        refusal::{Code, Refusal},
        sign_off::{SignOff, SignOffState, Signature},
        text::normalized,
    },
    operation::{
        annual_plan::{AnnualPlan, AnnualPlanAction, AnnualPlanDraft, AnnualPlanState, PlanProgress},
        annual_plan_template::AnnualPlanTemplate,
    },
    organization::organization::Organization,
};

use self::annual_plan as a;
use super::annual_plan_row::annual_plan_row as r;
use crate::{
    kernel::{
        among::AmongExt,
        columns::{DocumentColumn, KeyColumn, MomentColumn, TextColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{containing, cut, one_more},
        tx::{Tx, Within},
    },
    leadership::appointment::Approvers,
    on, sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    annual_plan (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        fiscal_year -> Integer,
        title -> Text,
        remarks -> Text,
        template -> Nullable<Text>,
        starts_on -> Date,
        ends_on -> Date,
        sign_off_state -> Text,
        sign_off -> Document,
        closure -> Nullable<Document>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `sign_off_state` repeats what `sign_off` says, to be asked for.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = a, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<AnnualPlan>,
    revision: i32,
    fiscal_year: i32,
    title: TextColumn<1, 200>,
    remarks: TextColumn<0, 10_000>,
    template: Option<WordColumn<AnnualPlanTemplate>>,
    starts_on: chrono::NaiveDate,
    ends_on: chrono::NaiveDate,
    sign_off_state: WordColumn<SignOffState>,
    sign_off: DocumentColumn<SignOff>,
    closure: Option<DocumentColumn<Signature>>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(plan: &AnnualPlan, organization_id: KeyColumn<Organization>) -> Self {
        let AnnualPlan {
            id,
            revision,
            draft,
            starts_on,
            ends_on,
            state: _,
            progress: _,
            sign_off,
            closure,
            allowed_actions: _,
            created_at,
            updated_at,
        } = plan;
        let AnnualPlanDraft { fiscal_year, title, remarks, template } = draft;
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            fiscal_year: *fiscal_year,
            title: TextColumn(title.clone()),
            remarks: TextColumn(remarks.clone()),
            template: template.map(WordColumn),
            starts_on: *starts_on,
            ends_on: *ends_on,
            sign_off_state: WordColumn(sign_off.state),
            sign_off: DocumentColumn(sign_off.clone()),
            closure: closure.clone().map(DocumentColumn),
            search: normalized(&format!("{title} {remarks}")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_plan(self, progress: PlanProgress, today: chrono::NaiveDate) -> AnnualPlan {
        let mut plan = AnnualPlan {
            id: self.id.0,
            revision: self.revision,
            draft: AnnualPlanDraft {
                fiscal_year: self.fiscal_year,
                title: self.title.0,
                remarks: self.remarks.0,
                template: self.template.map(|template| template.0),
            },
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            // What `derive` makes of the rest.
            state: AnnualPlanState::Draft,
            progress,
            sign_off: self.sign_off.0,
            closure: self.closure.map(|closure| closure.0),
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        plan.derive(today);
        if !plan.state.is_running() {
            plan.progress.overdue_rows = 0;
        }
        plan
    }
}

/// Who approves a plan: the chair, or who stands in for it (SD-1).
pub fn approvers(tx: &mut Tx<'_>) -> Outcome<Approvers> {
    Approvers::along(tx, "SD-1", Role::SecurityCommitteeChair)
}

/// Which plans are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<AnnualPlan>>,
    /// Whose title or remarks contain this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// Of this fiscal year.
    pub fiscal_year: Option<i32>,
    /// In this state.
    pub state: Option<AnnualPlanState>,
}

/// A page of plans that the caller may read; sorts by `fiscal_year` and `updated_at`. Who reads only what is assigned
/// to them sees the plans in which they have a row.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<AnnualPlan>> {
    let within = tx.within(Resource::AnnualPlan, Verb::Read)?;
    list_within(tx, filter, page, &within)
}

fn list_within(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest, within: &Within) -> Outcome<Page<AnnualPlan>> {
    let (grants, approvers) = (Grants::of::<AnnualPlan>(tx)?, approvers(tx)?);
    let (organization, today) = (tx.organization(), tx.today());
    let (rows, total) = on!(tx, {
        let filtered = || {
            let of_plan = || r::table.filter(r::organization_id.eq(a::organization_id)).filter(r::plan_id.eq(a::id));
            let mut query = a::table.filter(a::organization_id.eq(organization)).into_boxed::<Db>();
            if !within.all {
                query = query.filter(exists(of_plan().filter(r::assignee_id.among(&within.persons))));
            }
            if let Some(id) = filter.id {
                query = query.filter(a::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(a::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(a::updated_at.ge(MomentColumn(since)));
            }
            if let Some(year) = filter.fiscal_year {
                query = query.filter(a::fiscal_year.eq(year));
            }
            let begun = || a::starts_on.le(today).or(exists(of_plan().filter(r::done_count.gt(0))));
            let approved = a::sign_off_state.eq(WordColumn(SignOffState::Approved));
            match filter.state {
                None => query,
                Some(AnnualPlanState::Draft) => query.filter(
                    a::sign_off_state
                        .eq(WordColumn(SignOffState::Draft))
                        .or(a::sign_off_state.eq(WordColumn(SignOffState::Returned))),
                ),
                Some(AnnualPlanState::Voided) => query.filter(a::sign_off_state.eq(WordColumn(SignOffState::Voided))),
                Some(AnnualPlanState::Submitted) => {
                    query.filter(a::sign_off_state.eq(WordColumn(SignOffState::Submitted)))
                }
                Some(AnnualPlanState::Approved) => {
                    query.filter(approved).filter(a::closure.is_null()).filter(diesel::dsl::not(begun()))
                }
                Some(AnnualPlanState::InExecution) => {
                    query.filter(approved).filter(a::closure.is_null()).filter(begun())
                }
                Some(AnnualPlanState::Closed) => query.filter(a::closure.is_not_null()),
            }
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, a::updated_at, a::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, a::fiscal_year, a::id, i32),
        };
        let rows: Vec<Row> = query.limit(one_more(page)).select(Row::as_select()).load(tx)?;
        (rows, total)
    });
    let ids: Vec<KeyColumn<AnnualPlan>> = rows.iter().map(|row| row.id).collect();
    let mut progress = progress_of(tx, &ids)?;
    let plans = rows
        .into_iter()
        .map(|row| {
            let progress = progress.remove(&row.id).unwrap_or_default();
            let mut plan = row.into_plan(progress, today);
            let mut open = grants.open(&plan, |within| within.all);
            open.retain(|action| {
                *action != AnnualPlanAction::Approve || approvers.may_approve(tx.standing(), plan.preparer())
            });
            plan.allowed_actions = open;
            plan
        })
        .collect();
    Ok(cut(plans, page, total, |plan: &AnnualPlan| match page.sort_field() {
        "updated_at" => (serde_json::json!(plan.updated_at), plan.id.uuid()),
        _ => (serde_json::json!(plan.draft.fiscal_year), plan.id.uuid()),
    }))
}

/// How much of these plans is done.
fn progress_of(
    tx: &mut Tx<'_>,
    plans: &[KeyColumn<AnnualPlan>],
) -> Outcome<HashMap<KeyColumn<AnnualPlan>, PlanProgress>> {
    let (organization, today) = (tx.organization(), tx.today());
    type Counted = (KeyColumn<AnnualPlan>, i32, i32, Option<chrono::NaiveDate>);
    let rows: Vec<Counted> = on!(
        tx,
        r::table
            .filter(r::organization_id.eq(organization))
            .filter(r::plan_id.among(plans))
            .filter(r::withdrawal.is_null())
            .select((r::plan_id, r::open_count, r::done_count, r::due_on))
            .load(tx)
    )?;
    let mut progress: HashMap<_, PlanProgress> = HashMap::new();
    for (plan, open, done, due_on) in rows {
        let of_plan = progress.entry(plan).or_default();
        of_plan.rows += 1;
        of_plan.open += i64::from(open);
        of_plan.done += i64::from(done);
        of_plan.overdue_rows += i64::from(due_on.is_some_and(|due| due < today));
    }
    Ok(progress)
}

/// One plan that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<AnnualPlan>) -> Outcome<Loaded<AnnualPlan>> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list(tx, &filter, &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// One plan, whoever asks.
pub fn look_up(tx: &mut Tx<'_>, id: Id<AnnualPlan>) -> Outcome<AnnualPlan> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    let everything = Within::everything();
    list_within(tx, &filter, &PageRequest::one(), &everything)?.items.pop().or_not_found()
}

/// Adds a new plan.
pub fn add(tx: &mut Tx<'_>, plan: &AnnualPlan) -> Outcome<AnnualPlan> {
    require_free_year(tx, plan)?;
    let row = Row::of(plan, tx.organization());
    on!(tx, diesel::insert_into(a::table).values(&row).execute(tx))?;
    let plan = look_up(tx, plan.id)?;
    tx.record(Resource::AnnualPlan, plan.id.uuid(), None, &plan)?;
    Ok(plan)
}

/// Stores a changed plan over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut plan: Loaded<AnnualPlan>) -> Outcome<AnnualPlan> {
    require_free_year(tx, &plan)?;
    plan.revision += 1;
    plan.updated_at = tx.now();
    let row = Row::of(&plan, tx.organization());
    let read = a::table.find((row.organization_id, row.id)).filter(a::revision.eq(plan.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = look_up(tx, plan.id)?;
    tx.record(Resource::AnnualPlan, stored.id.uuid(), Some(&plan.original), &stored)?;
    Ok(stored)
}

/// The caller wrote in a row of the plan: while it is a draft they are its preparer from now on (SD-1).
pub fn written_in(tx: &mut Tx<'_>, plan: AnnualPlan) -> Outcome<()> {
    if plan.state != AnnualPlanState::Draft || plan.preparer() == tx.person()? {
        return Ok(());
    }
    let mut plan = Loaded::new(plan);
    plan.prepare(tx.signature(None)?)?;
    store(tx, plan)?;
    Ok(())
}

/// There is one plan for each fiscal year, not counting drafts that were voided.
fn require_free_year(tx: &mut Tx<'_>, plan: &AnnualPlan) -> Outcome<()> {
    let same = a::table
        .filter(a::organization_id.eq(tx.organization()))
        .filter(a::fiscal_year.eq(plan.draft.fiscal_year))
        .filter(a::sign_off_state.ne(WordColumn(SignOffState::Voided)))
        .filter(a::id.ne(KeyColumn(plan.id)));
    let other: Option<KeyColumn<AnnualPlan>> = on!(tx, same.select(a::id).first(tx)).optional()?;
    match other {
        None => Ok(()),
        Some(other) => {
            let refusal = Refusal::new(Code::AlreadyExists).with("field", "/fiscal_year");
            Err(refusal.with("id", other.0.to_string()).into())
        }
    }
}
