//! How objectives are kept.

use std::collections::HashMap;

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Role, Standing, Verb},
    kernel::{
        date::date_in,
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        refusal::{Code, Refusal},
        sign_off::SignOff,
        text::normalized,
    },
    leadership::policy::PolicyObjective,
    organization::{department::Department, organization::Organization, person::Person},
    planning::objective::{
        Objective, ObjectiveAction, ObjectiveDraft, ObjectiveEnd, ObjectiveEvaluation, ObjectiveMeasurement,
        ObjectiveState, ServedPolicyObjective,
    },
};

use self::objective as o;
use super::reference;
use crate::{
    evaluation::measurement::latest,
    kernel::{
        among::AmongExt,
        columns::{DocumentColumn, KeyColumn, MomentColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{containing, cut, one_more},
        tx::{Tx, Within, require_within},
    },
    leadership::{appointment::Approvers, policy::objectives_in_force},
    on,
    organization::{department::department as d, person::person as p},
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    objective (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        number -> Integer,
        title -> Text,
        content -> Document,
        policy_objective_text -> Nullable<Text>,
        department_id -> Nullable<Key>,
        responsible_person_id -> Key,
        replaces_id -> Nullable<Key>,
        replaced_by_id -> Nullable<Key>,
        due_on -> Date,
        state -> Text,
        sign_off -> Document,
        ending -> Nullable<Document>,
        evaluation -> Nullable<Document>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `content` is the whole draft; what of it is searched, sorted or joined stands beside it.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = o, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<Objective>,
    revision: i32,
    number: i32,
    title: String,
    content: DocumentColumn<ObjectiveDraft>,
    policy_objective_text: Option<String>,
    department_id: Option<KeyColumn<Department>>,
    responsible_person_id: KeyColumn<Person>,
    replaces_id: Option<KeyColumn<Objective>>,
    replaced_by_id: Option<KeyColumn<Objective>>,
    due_on: chrono::NaiveDate,
    state: WordColumn<ObjectiveState>,
    sign_off: DocumentColumn<SignOff>,
    ending: Option<DocumentColumn<ObjectiveEnd>>,
    evaluation: Option<DocumentColumn<ObjectiveEvaluation>>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(objective: &Objective, organization_id: KeyColumn<Organization>) -> Self {
        let Objective {
            id,
            revision,
            number,
            draft,
            policy_objective,
            responsible_person: _,
            department: _,
            replaces: _,
            replaced_by,
            due_on: _,
            overdue: _,
            last_measurement: _,
            next_measurement_due_on: _,
            evaluation,
            state,
            sign_off,
            end,
            allowed_actions: _,
            created_at,
            updated_at,
        } = objective;
        let number_text = number.to_string();
        let search = [
            number_text.as_str(),
            draft.objective.as_str(),
            policy_objective.as_ref().map_or("", |served| served.text.as_str()),
            draft.metric.name.as_str(),
            draft.action.as_str(),
            draft.remarks.as_str(),
        ];
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            number: *number,
            title: draft.objective.as_str().to_owned(),
            content: DocumentColumn(draft.clone()),
            policy_objective_text: policy_objective.as_ref().map(|served| served.text.clone()),
            department_id: draft.department_id.map(KeyColumn),
            responsible_person_id: KeyColumn(draft.responsible_person_id),
            replaces_id: draft.replaces_objective_id.map(KeyColumn),
            replaced_by_id: replaced_by.as_ref().map(|newer| KeyColumn::of(newer.id)),
            due_on: draft.due.last_day(),
            state: WordColumn(*state),
            sign_off: DocumentColumn(sign_off.clone()),
            ending: end.clone().map(DocumentColumn),
            evaluation: evaluation.clone().map(DocumentColumn),
            search: normalized(&search.join("\n")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_objective(self, names: Names, known: &mut Known) -> Objective {
        let (person, department, before, after) = names;
        let approved = self.sign_off.0.approved.as_ref();
        let approved_on = approved.map(|approved| date_in(known.time_zone, approved.at));
        let mut objective = Objective {
            id: self.id.0,
            revision: self.revision,
            number: self.number,
            draft: self.content.0,
            policy_objective: self.policy_objective_text.map(|text| ServedPolicyObjective { text, in_force: false }),
            responsible_person: Reference::new(self.responsible_person_id.0, person),
            department: self.department_id.zip(department).map(|(id, name)| Reference::new(id.0, name)),
            replaces: self.replaces_id.zip(before).map(|(id, title)| Reference::new(id.0, title)),
            replaced_by: self.replaced_by_id.zip(after).map(|(id, title)| Reference::new(id.0, title)),
            due_on: self.due_on,
            // What `derive` makes of the rest.
            overdue: false,
            last_measurement: None,
            next_measurement_due_on: None,
            evaluation: self.evaluation.map(|evaluation| evaluation.0),
            state: self.state.0,
            sign_off: self.sign_off.0,
            end: self.ending.map(|end| end.0),
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        objective.compare_served(&known.in_force);
        objective.derive(known.today, known.measured.remove(&objective.id), approved_on);
        objective
    }
}

/// What objectives are derived from, looked up once for a whole page.
struct Known {
    today: chrono::NaiveDate,
    time_zone: chrono_tz::Tz,
    in_force: Vec<PolicyObjective>,
    measured: HashMap<Id<Objective>, ObjectiveMeasurement>,
}

/// The names of the responsible person and the department, the objective before and the one after.
type Names = (String, Option<String>, Option<String>, Option<String>);

diesel::alias! {
    const BEFORE: Alias<Before> = objective as before;
    const AFTER: Alias<After> = objective as after;
}

/// Who approves objectives: top management, or who stands in for it (6.2).
pub fn approvers(tx: &mut Tx<'_>) -> Outcome<Approvers> {
    Approvers::along(tx, "SD-1", Role::TopManagement)
}

/// Whether its department makes an objective lie within.
fn covers(within: &Within, draft: &ObjectiveDraft) -> bool {
    within.covers(draft.department_id, None, None)
}

/// The steps that are open to the caller: approving only where the duty lets them (SD-1).
fn open_to(objective: &Objective, grants: &Grants, approvers: &Approvers, caller: &Standing) -> Vec<ObjectiveAction> {
    let mut open = grants.open(objective, |within| covers(within, &objective.draft));
    open.retain(|action| *action != ObjectiveAction::Approve || approvers.may_approve(caller, objective.preparer()));
    open
}

/// Which objectives are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<Objective>>,
    /// Whose number or texts contain this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// In this state.
    pub state: Option<ObjectiveState>,
    /// Of this department.
    pub department: Option<Id<Department>>,
    /// For which this person is responsible.
    pub responsible_person: Option<Id<Person>>,
    /// Whether they are overdue.
    pub overdue: Option<bool>,
}

/// A page of objectives that the caller may read; sorts by `number`, `due_on` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<Objective>> {
    let within = tx.within(Resource::Objective, Verb::Read)?;
    list_within(tx, filter, page, &within)
}

fn list_within(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest, within: &Within) -> Outcome<Page<Objective>> {
    let (grants, approvers) = (Grants::of::<Objective>(tx)?, approvers(tx)?);
    let (organization, today) = (tx.organization(), tx.today());
    let (before, after) = (BEFORE, AFTER);
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = o::table
                .inner_join(
                    p::table.on(p::organization_id.eq(o::organization_id).and(p::id.eq(o::responsible_person_id))),
                )
                .left_join(
                    d::table.on(d::organization_id.eq(o::organization_id).and(d::id.nullable().eq(o::department_id))),
                )
                .left_join(
                    before.on(before
                        .field(o::organization_id)
                        .eq(o::organization_id)
                        .and(before.field(o::id).nullable().eq(o::replaces_id))),
                )
                .left_join(
                    after.on(after
                        .field(o::organization_id)
                        .eq(o::organization_id)
                        .and(after.field(o::id).nullable().eq(o::replaced_by_id))),
                )
                .filter(o::organization_id.eq(organization))
                .into_boxed::<Db>();
            if !within.all {
                query = query.filter(o::department_id.among(&within.departments));
            }
            if let Some(id) = filter.id {
                query = query.filter(o::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(o::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(o::updated_at.ge(MomentColumn(since)));
            }
            if let Some(state) = filter.state {
                query = query.filter(o::state.eq(WordColumn(state)));
            }
            if let Some(department) = filter.department {
                query = query.filter(o::department_id.eq(KeyColumn(department)));
            }
            if let Some(person) = filter.responsible_person {
                query = query.filter(o::responsible_person_id.eq(KeyColumn(person)));
            }
            let over = [ObjectiveState::Evaluated, ObjectiveState::Replaced, ObjectiveState::Ended].map(WordColumn);
            match filter.overdue {
                None => query,
                Some(true) => query.filter(o::due_on.lt(today)).filter(o::state.ne_all(over)),
                Some(false) => query.filter(o::due_on.ge(today).or(o::state.eq_any(over))),
            }
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "due_on" => sorted!(filtered(), page, o::due_on, o::id, chrono::NaiveDate),
            "updated_at" => sorted!(filtered(), page, o::updated_at, o::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, o::number, o::id, i32),
        };
        let names = (p::name, d::name.nullable(), before.field(o::title).nullable(), after.field(o::title).nullable());
        let rows: Vec<(Row, Names)> = query.limit(one_more(page)).select((Row::as_select(), names)).load(tx)?;
        (rows, total)
    });
    let ids: Vec<KeyColumn<Objective>> = rows.iter().map(|(row, _)| row.id).collect();
    let in_force = objectives_in_force(tx)?;
    let mut known = Known { today, time_zone: tx.context().time_zone, in_force, measured: latest(tx, &ids)? };
    let objectives = rows
        .into_iter()
        .map(|(row, names)| {
            let mut objective = row.into_objective(names, &mut known);
            objective.allowed_actions = open_to(&objective, &grants, &approvers, tx.standing());
            objective
        })
        .collect();
    Ok(cut(objectives, page, total, |objective: &Objective| match page.sort_field() {
        "due_on" => (serde_json::json!(objective.due_on), objective.id.uuid()),
        "updated_at" => (serde_json::json!(objective.updated_at), objective.id.uuid()),
        _ => (serde_json::json!(objective.number), objective.id.uuid()),
    }))
}

/// One objective that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<Objective>) -> Outcome<Loaded<Objective>> {
    let within = tx.within(Resource::Objective, Verb::Read)?;
    find_within(tx, id, &within)
}

/// One objective that the caller may read, to do `verb` to it: refused where it lies outside what the caller may do that
/// to.
pub fn find_for(tx: &mut Tx<'_>, id: Id<Objective>, verb: Verb) -> Outcome<Loaded<Objective>> {
    let objective = find(tx, id)?;
    let within = tx.within(Resource::Objective, verb)?;
    require_within(covers(&within, &objective.draft))?;
    Ok(objective)
}

/// Every objective, by number, whoever asks.
pub(crate) fn all(tx: &mut Tx<'_>) -> Outcome<Vec<Objective>> {
    Ok(list_within(tx, &Filter::default(), &PageRequest::whole(), &Within::everything())?.items)
}

/// One objective, whoever asks.
pub(crate) fn look_up(tx: &mut Tx<'_>, id: Id<Objective>) -> Outcome<Loaded<Objective>> {
    find_within(tx, id, &Within::everything())
}

fn find_within(tx: &mut Tx<'_>, id: Id<Objective>, within: &Within) -> Outcome<Loaded<Objective>> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list_within(tx, &filter, &PageRequest::one(), within)?.items.pop().or_not_found().map(Loaded::new)
}

/// Adds a new objective.
pub fn add(tx: &mut Tx<'_>, mut objective: Objective) -> Outcome<Objective> {
    let within = tx.within(Resource::Objective, Verb::Create)?;
    require_within(covers(&within, &objective.draft))?;
    check_references(tx, &objective.draft, None, &within)?;
    objective.name_served(&objectives_in_force(tx)?)?;
    let row = Row::of(&objective, tx.organization());
    on!(tx, diesel::insert_into(o::table).values(&row).execute(tx))?;
    let objective = look_up(tx, objective.id)?.value;
    tx.record(Resource::Objective, objective.id.uuid(), None, &objective)?;
    Ok(objective)
}

/// Stores a changed objective over the revision it was read at. What was written anew must lie within what the caller may
/// write.
pub fn store(tx: &mut Tx<'_>, mut objective: Loaded<Objective>) -> Outcome<Objective> {
    if objective.draft != objective.original.draft {
        let within = tx.within(Resource::Objective, Verb::Update)?;
        require_within(covers(&within, &objective.draft))?;
        check_references(tx, &objective.draft, Some(&objective.original.draft), &within)?;
    }
    if objective.draft.policy_objective_number != objective.original.draft.policy_objective_number
        || objective.draft.additional != objective.original.draft.additional
    {
        objective.name_served(&objectives_in_force(tx)?)?;
    }
    objective.revision += 1;
    objective.updated_at = tx.now();
    let row = Row::of(&objective, tx.organization());
    let read = o::table.find((row.organization_id, row.id)).filter(o::revision.eq(objective.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = look_up(tx, objective.id)?.value;
    tx.record(Resource::Objective, stored.id.uuid(), Some(&objective.original), &stored)?;
    Ok(stored)
}

/// The objective that `newer`, just approved, takes the place of gives way, where there is one.
pub fn replace_before(tx: &mut Tx<'_>, newer: &Objective) -> Outcome<()> {
    if let Some(before) = newer.draft.replaces_objective_id {
        let mut before = look_up(tx, before)?;
        before.give_way(newer)?;
        store(tx, before)?;
    }
    Ok(())
}

/// What a draft names must be there; what it replaces must be pursued, and lie `within`. What it named before stays,
/// whatever became of it.
fn check_references(
    tx: &mut Tx<'_>,
    draft: &ObjectiveDraft,
    before: Option<&ObjectiveDraft>,
    within: &Within,
) -> Outcome<()> {
    if before.is_none_or(|before| before.responsible_person_id != draft.responsible_person_id) {
        reference::person(tx, draft.responsible_person_id, "/responsible_person_id")?;
    }
    if let Some(department) = draft.department_id
        && before.is_none_or(|before| before.department_id != Some(department))
    {
        reference::department(tx, department, "/department_id")?;
    }
    if let Some(replaced) = draft.replaces_objective_id
        && before.is_none_or(|before| before.replaces_objective_id != Some(replaced))
    {
        let filter = Filter { id: Some(replaced), ..Filter::default() };
        match list(tx, &filter, &PageRequest::one())?.items.pop().filter(Objective::can_give_way) {
            Some(replaced) => require_within(covers(within, &replaced.draft))?,
            None => return Err(Refusal::field("/replaces_objective_id", Code::UnknownReference).into()),
        }
    }
    Ok(())
}
