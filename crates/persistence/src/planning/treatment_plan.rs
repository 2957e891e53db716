//! How risk treatment plans are kept.

mod coverage;
mod row;

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Verb},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        sign_off::{SignOff, Signature},
        text::normalized,
    },
    organization::organization::Organization,
    planning::{
        risk::Risk,
        risk_assessment::{RiskAssessment, RiskAssessmentDraft},
        treatment_plan::{PlanState, TreatmentPlan, TreatmentPlanDraft},
    },
};

pub(super) use self::row::put_away;
use self::{
    coverage::{Coverage, coverage},
    treatment_plan as tp,
};
pub use self::{
    coverage::{covered, named, readable, treatment_plan_risk},
    row::{rows, treatment_plan_row},
};
use super::{
    applicability,
    risk::{self, lies_within, risk as r},
    risk_assessment::{self, risk_assessment as ra},
    treatment_item,
};
use crate::{
    kernel::{
        columns::{DocumentColumn, KeyColumn, MomentColumn, TextColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{containing, cut, one_more},
        tx::{Tx, Within, require_within},
    },
    on, sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    treatment_plan (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        number -> Integer,
        title -> Text,
        risk_assessment_id -> Nullable<Key>,
        remarks -> Text,
        state -> Text,
        sign_off -> Document,
        reviewed_on -> Nullable<Date>,
        closed -> Nullable<Document>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// Which risks a plan covers stands in `treatment_plan_risk`.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = tp, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<TreatmentPlan>,
    revision: i32,
    number: i32,
    title: TextColumn<1, 200>,
    risk_assessment_id: Option<KeyColumn<RiskAssessment>>,
    remarks: TextColumn<0, 10_000>,
    state: WordColumn<PlanState>,
    sign_off: DocumentColumn<SignOff>,
    reviewed_on: Option<chrono::NaiveDate>,
    closed: Option<DocumentColumn<Signature>>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(plan: &TreatmentPlan, organization_id: KeyColumn<Organization>) -> Self {
        let TreatmentPlan {
            id,
            revision,
            number,
            draft,
            state,
            risk_assessment: _,
            risks: _,
            awaited_owners: _,
            sign_off,
            reviewed_on,
            closed,
            allowed_actions: _,
            created_at,
            updated_at,
        } = plan;
        let TreatmentPlanDraft { title, risk_assessment_id, risk_ids: _, remarks } = draft;
        let number_text = number.to_string();
        let search = [number_text.as_str(), title.as_str(), remarks.as_str()];
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            number: *number,
            title: TextColumn(title.clone()),
            risk_assessment_id: risk_assessment_id.map(KeyColumn),
            remarks: TextColumn(remarks.clone()),
            state: WordColumn(*state),
            sign_off: DocumentColumn(sign_off.clone()),
            reviewed_on: *reviewed_on,
            closed: closed.clone().map(DocumentColumn),
            search: normalized(&search.join("\n")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_plan(self, round: Option<RiskAssessmentDraft>, coverage: &Coverage) -> TreatmentPlan {
        let mut plan = TreatmentPlan {
            id: self.id.0,
            revision: self.revision,
            number: self.number,
            draft: TreatmentPlanDraft {
                title: self.title.0,
                risk_assessment_id: self.risk_assessment_id.map(|id| id.0),
                risk_ids: coverage.risk_ids(),
                remarks: self.remarks.0,
            },
            state: self.state.0,
            risk_assessment: self
                .risk_assessment_id
                .zip(round)
                .map(|(id, round)| Reference::new(id.0, round.title.into_string())),
            risks: Vec::new(),
            awaited_owners: Vec::new(),
            sign_off: self.sign_off.0,
            reviewed_on: self.reviewed_on,
            closed: self.closed.map(|closed| closed.0),
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        plan.cover(coverage.planned(plan.state));
        plan
    }
}

/// Which plans are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<TreatmentPlan>>,
    /// Whose number, title or remarks contain this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// In this state.
    pub state: Option<PlanState>,
    /// That cover this risk.
    pub risk: Option<Id<Risk>>,
}

/// A page of plans of which the caller may read a covered risk; sorts by `number` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<TreatmentPlan>> {
    let within = tx.within(Resource::TreatmentDecision, Verb::Read)?;
    list_within(tx, filter, page, &within)
}

fn list_within(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest, within: &Within) -> Outcome<Page<TreatmentPlan>> {
    let organization = tx.organization();
    type Joined = (Row, Option<DocumentColumn<RiskAssessmentDraft>>);
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query =
                tp::table
                    .left_join(ra::table.on(
                        ra::organization_id.eq(tp::organization_id).and(ra::id.nullable().eq(tp::risk_assessment_id)),
                    ))
                    .filter(tp::organization_id.eq(organization))
                    .into_boxed::<Db>();
            if !within.all {
                let covering = treatment_plan_risk::table
                    .inner_join(
                        r::table.on(r::organization_id
                            .eq(treatment_plan_risk::organization_id)
                            .and(r::id.eq(treatment_plan_risk::risk_id))),
                    )
                    .filter(treatment_plan_risk::organization_id.eq(organization))
                    .filter(lies_within(within))
                    .select(treatment_plan_risk::treatment_plan_id);
                query = query.filter(tp::id.eq_any(covering));
            }
            if let Some(id) = filter.id {
                query = query.filter(tp::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(tp::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(tp::updated_at.ge(MomentColumn(since)));
            }
            if let Some(risk) = filter.risk {
                let covering = treatment_plan_risk::table
                    .filter(treatment_plan_risk::organization_id.eq(organization))
                    .filter(treatment_plan_risk::risk_id.eq(KeyColumn(risk)))
                    .select(treatment_plan_risk::treatment_plan_id);
                query = query.filter(tp::id.eq_any(covering));
            }
            if let Some(state) = filter.state {
                query = query.filter(tp::state.eq(WordColumn(state)));
            }
            query
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, tp::updated_at, tp::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, tp::number, tp::id, i32),
        };
        let rows: Vec<Joined> =
            query.limit(one_more(page)).select((Row::as_select(), ra::content.nullable())).load(tx)?;
        (rows, total)
    });
    let mut coverages = coverage(tx, rows.iter().map(|(row, _)| row.id).collect())?;
    let (grants, caller) = (Grants::of::<TreatmentPlan>(tx)?, tx.standing().person);
    let plans = rows
        .into_iter()
        .map(|(row, round)| {
            let coverage = coverages.remove(&row.id).unwrap_or_default();
            let mut plan = row.into_plan(round.map(|round| round.0), &coverage);
            plan.allowed_actions = coverage.open_to(&plan, caller, &grants);
            plan
        })
        .collect();
    Ok(cut(plans, page, total, |plan: &TreatmentPlan| match page.sort_field() {
        "updated_at" => (serde_json::json!(plan.updated_at), plan.id.uuid()),
        _ => (serde_json::json!(plan.number), plan.id.uuid()),
    }))
}

/// One plan that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<TreatmentPlan>) -> Outcome<Loaded<TreatmentPlan>> {
    let within = tx.within(Resource::TreatmentDecision, Verb::Read)?;
    find_within(tx, id, &within)
}

/// One plan that the caller may read, to do `verb` to it: refused where a covered risk lies outside what the caller may
/// do that to.
pub fn find_for(tx: &mut Tx<'_>, id: Id<TreatmentPlan>, verb: Verb) -> Outcome<Loaded<TreatmentPlan>> {
    let plan = find(tx, id)?;
    let within = tx.within(Resource::TreatmentDecision, verb)?;
    let coverage = coverage(tx, vec![KeyColumn(id)])?.remove(&KeyColumn(id)).unwrap_or_default();
    require_within(coverage.lies_within(&within))?;
    Ok(plan)
}

/// One plan, whoever asks.
fn look_up(tx: &mut Tx<'_>, id: Id<TreatmentPlan>) -> Outcome<Loaded<TreatmentPlan>> {
    find_within(tx, id, &Within::everything())
}

fn find_within(tx: &mut Tx<'_>, id: Id<TreatmentPlan>, within: &Within) -> Outcome<Loaded<TreatmentPlan>> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list_within(tx, &filter, &PageRequest::one(), within)?.items.pop().or_not_found().map(Loaded::new)
}

/// Adds a new plan.
pub fn add(tx: &mut Tx<'_>, plan: &TreatmentPlan) -> Outcome<TreatmentPlan> {
    if let Some(round) = plan.draft.risk_assessment_id {
        risk_assessment::check_reference(tx, round, "/risk_assessment_id")?;
    }
    let row = Row::of(plan, tx.organization());
    on!(tx, diesel::insert_into(tp::table).values(&row).execute(tx))?;
    coverage::name(tx, plan)?;
    let plan = look_up(tx, plan.id)?.value;
    tx.record(Resource::TreatmentDecision, plan.id.uuid(), None, &plan)?;
    Ok(plan)
}

/// Stores a changed plan over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut plan: Loaded<TreatmentPlan>) -> Outcome<TreatmentPlan> {
    if let Some(round) = plan.draft.risk_assessment_id
        && plan.original.draft.risk_assessment_id != Some(round)
    {
        risk_assessment::check_reference(tx, round, "/risk_assessment_id")?;
    }
    plan.revision += 1;
    plan.updated_at = tx.now();
    let row = Row::of(&plan, tx.organization());
    let read = tp::table.find((row.organization_id, row.id)).filter(tp::revision.eq(plan.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    if plan.draft.risk_ids != plan.original.draft.risk_ids {
        coverage::name(tx, &plan)?;
    }
    if plan.state.is_running() && !plan.original.state.is_running() {
        coverage::keep_approvals(tx, &plan)?;
    }
    let stored = look_up(tx, plan.id)?.value;
    tx.record(Resource::TreatmentDecision, stored.id.uuid(), Some(&plan.original), &stored)?;
    Ok(stored)
}

/// An owner approves the treatment of each covered risk that is theirs and still waits (SD-4); when no owner is missing
/// the plan is approved and keeps its rows.
pub fn approve(tx: &mut Tx<'_>, mut plan: Loaded<TreatmentPlan>, by: Signature) -> Outcome<TreatmentPlan> {
    let excluded = applicability::control::excluded_in_force(tx)?;
    for id in plan.waiting_for(by.person_id)? {
        let mut risk = risk::look_up(tx, id)?;
        let of_risk = treatment_item::of_risk(tx, id)?;
        let approved = risk.approve_treatment(by.clone(), &of_risk, &excluded);
        approved.map_err(|refusal| refusal.with("risk_number", risk.number))?;
        risk::store(tx, risk)?;
    }
    let covered = covered(tx, &plan)?;
    if let Some(rows) = plan.approve(by, &covered)? {
        row::keep(tx, plan.id, rows)?;
    }
    store(tx, plan)
}

/// The plans that cover a risk follow its items while they run.
pub(super) fn follow(tx: &mut Tx<'_>, risk: Id<Risk>) -> Outcome<()> {
    let whole = Within::everything();
    let filter = Filter { risk: Some(risk), ..Filter::default() };
    let covering = list_within(tx, &filter, &PageRequest::whole(), &whole)?.items;
    for plan in covering.into_iter().filter(|plan| plan.state.is_running()) {
        let mut plan = Loaded::new(plan);
        let covered = covered(tx, &plan)?;
        plan.items_moved(&covered);
        if plan.state != plan.original.state {
            store(tx, plan)?;
        }
    }
    Ok(())
}
