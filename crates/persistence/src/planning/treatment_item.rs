//! How the items of risk treatment plans are kept.

use diesel::{dsl::Or, prelude::*};
use mamori_domain::{
    access::{Resource, Verb},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        refusal::Refusal,
        text::Text,
    },
    organization::{organization::Organization, person::Person},
    planning::{
        risk::{Risk, RiskState},
        treatment_item::{ControlProgress, ItemAction, ItemStatus, Progress, TreatmentItem, TreatmentItemDraft},
        treatment_plan::{PlanState, TreatmentPlan},
    },
};

use self::treatment_item as i;
use super::{
    reference,
    risk::{self, risk as r},
    treatment_plan::{self, treatment_plan_risk as link},
};
use crate::{
    kernel::{
        among::{Among, AmongExt},
        columns::{DocumentColumn, KeyColumn, MomentColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{cut, one_more},
        tx::{Tx, Within, require_within},
    },
    on,
    organization::person::person as p,
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    treatment_item (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        risk_id -> Key,
        number -> Integer,
        control_number -> Integer,
        tasks -> Document,
        assignee_id -> Key,
        planned_start -> Nullable<Date>,
        planned_end -> Nullable<Date>,
        actual_start -> Nullable<Date>,
        actual_end -> Nullable<Date>,
        cancelled -> Bool,
        status_reason -> Nullable<Text>,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = i, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<TreatmentItem>,
    revision: i32,
    risk_id: KeyColumn<Risk>,
    number: i32,
    control_number: i32,
    tasks: DocumentColumn<Vec<Text>>,
    assignee_id: KeyColumn<Person>,
    planned_start: Option<chrono::NaiveDate>,
    planned_end: Option<chrono::NaiveDate>,
    actual_start: Option<chrono::NaiveDate>,
    actual_end: Option<chrono::NaiveDate>,
    cancelled: bool,
    status_reason: Option<String>,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(item: &TreatmentItem, organization_id: KeyColumn<Organization>) -> Self {
        let TreatmentItem {
            id,
            revision,
            risk_id,
            number,
            draft,
            assignee: _,
            actual_start,
            actual_end,
            status,
            overdue: _,
            status_reason,
            allowed_actions: _,
            created_at,
            updated_at,
        } = item;
        let TreatmentItemDraft { control_number, tasks, assignee_id, planned_start, planned_end } = draft;
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            risk_id: KeyColumn(*risk_id),
            number: *number,
            control_number: *control_number,
            tasks: DocumentColumn(tasks.clone()),
            assignee_id: KeyColumn(*assignee_id),
            planned_start: *planned_start,
            planned_end: *planned_end,
            actual_start: *actual_start,
            actual_end: *actual_end,
            cancelled: *status == ItemStatus::Cancelled,
            status_reason: status_reason.clone(),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_item(self, assignee: String, today: chrono::NaiveDate) -> TreatmentItem {
        let mut item = TreatmentItem {
            id: self.id.0,
            revision: self.revision,
            risk_id: self.risk_id.0,
            number: self.number,
            assignee: Reference::new(self.assignee_id.0, assignee),
            draft: TreatmentItemDraft {
                control_number: self.control_number,
                tasks: self.tasks.0,
                assignee_id: self.assignee_id.0,
                planned_start: self.planned_start,
                planned_end: self.planned_end,
            },
            actual_start: self.actual_start,
            actual_end: self.actual_end,
            // What `derive` makes the rest of.
            status: if self.cancelled { ItemStatus::Cancelled } else { ItemStatus::NotStarted },
            overdue: false,
            status_reason: self.status_reason,
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        item.derive(today);
        item
    }
}

/// Of a risk that is owned by a person or position within.
type Owned = Or<Among<r::risk_owner_person_id>, Among<r::risk_owner_position_id>>;

/// Whether an item may be read, as a condition on it and its risk.
pub(crate) fn lies_within(within: &Within) -> Or<Among<i::assignee_id>, Owned> {
    let owned = r::risk_owner_person_id.among(&within.persons).or(r::risk_owner_position_id.among(&within.positions));
    i::assignee_id.among(&within.persons).or(owned)
}

/// Whether the assignee makes an item lie within. Owning its risk lets people read it, no more.
fn covers(within: &Within, item: &TreatmentItem) -> bool {
    within.covers(None, Some(item.draft.assignee_id), None)
}

/// The steps that are open to the caller, as far as the risk and, once it is closed, the plan let their items take them.
fn open_to(item: &TreatmentItem, risk: RiskState, put_away: bool, grants: &Grants) -> Vec<ItemAction> {
    let mut open = grants.open(item, |within| covers(within, item));
    open.retain(|action| action.is_open_in(risk) && !(put_away && *action == ItemAction::Reopen));
    open
}

/// Which items are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<TreatmentItem>>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// Of this risk.
    pub risk: Option<Id<Risk>>,
    /// Of the risks that this plan covers.
    pub plan: Option<Id<TreatmentPlan>>,
    /// Of this person.
    pub assignee: Option<Id<Person>>,
    /// Where it stands.
    pub status: Option<ItemStatus>,
    /// Whether its planned end has passed.
    pub overdue: Option<bool>,
    /// Only those that are neither completed nor cancelled.
    pub unfinished: bool,
}

/// A page of items that the caller may read: as assignee, as owner of the risk, or all; sorts by `number` and
/// `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<TreatmentItem>> {
    let within = tx.within(Resource::TreatmentItem, Verb::Read)?;
    list_within(tx, filter, page, &within)
}

fn list_within(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest, within: &Within) -> Outcome<Page<TreatmentItem>> {
    let grants = Grants::of::<TreatmentItem>(tx)?;
    let (organization, today) = (tx.organization(), tx.today());
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = i::table
                .inner_join(r::table.on(r::organization_id.eq(i::organization_id).and(r::id.eq(i::risk_id))))
                .inner_join(p::table.on(p::organization_id.eq(i::organization_id).and(p::id.eq(i::assignee_id))))
                .filter(i::organization_id.eq(organization))
                .into_boxed::<Db>();
            if !within.all {
                query = query.filter(lies_within(within));
            }
            if let Some(id) = filter.id {
                query = query.filter(i::id.eq(KeyColumn(id)));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(i::updated_at.ge(MomentColumn(since)));
            }
            if let Some(risk) = filter.risk {
                query = query.filter(i::risk_id.eq(KeyColumn(risk)));
            }
            if let Some(plan) = filter.plan {
                let covered = link::table
                    .filter(link::organization_id.eq(organization))
                    .filter(link::treatment_plan_id.eq(KeyColumn(plan)))
                    .select(link::risk_id);
                query = query.filter(i::risk_id.eq_any(covered));
            }
            if let Some(assignee) = filter.assignee {
                query = query.filter(i::assignee_id.eq(KeyColumn(assignee)));
            }
            if let Some(status) = filter.status {
                query = query.filter(i::cancelled.eq(status == ItemStatus::Cancelled));
                query = match status {
                    ItemStatus::Cancelled => query,
                    ItemStatus::Completed => query.filter(i::actual_end.is_not_null()),
                    ItemStatus::InProgress => {
                        query.filter(i::actual_end.is_null()).filter(i::actual_start.is_not_null())
                    }
                    ItemStatus::NotStarted => query.filter(i::actual_end.is_null()).filter(i::actual_start.is_null()),
                };
            }
            if filter.unfinished {
                query = query.filter(i::actual_end.is_null()).filter(i::cancelled.eq(false));
            }
            match filter.overdue {
                None => query,
                Some(true) => query
                    .filter(i::planned_end.lt(today))
                    .filter(i::actual_end.is_null())
                    .filter(i::cancelled.eq(false)),
                Some(false) => {
                    let in_time = i::planned_end.is_null().or(i::planned_end.ge(today).assume_not_null());
                    query.filter(in_time.or(i::actual_end.is_not_null()).or(i::cancelled))
                }
            }
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, i::updated_at, i::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, i::number, i::id, i32),
        };
        let rows: Vec<(Row, String, WordColumn<RiskState>)> =
            query.limit(one_more(page)).select((Row::as_select(), p::name, r::state)).load(tx)?;
        (rows, total)
    });
    let ids: Vec<KeyColumn<TreatmentItem>> = rows.iter().map(|(row, ..)| row.id).collect();
    let put_away = treatment_plan::put_away(tx, &ids)?;
    let items = rows
        .into_iter()
        .map(|(row, assignee, risk)| {
            let put_away = put_away.contains(&row.id);
            let mut item = row.into_item(assignee, today);
            item.allowed_actions = open_to(&item, risk.0, put_away, &grants);
            item
        })
        .collect();
    Ok(cut(items, page, total, |item: &TreatmentItem| match page.sort_field() {
        "updated_at" => (serde_json::json!(item.updated_at), item.id.uuid()),
        _ => (serde_json::json!(item.number), item.id.uuid()),
    }))
}

/// One item that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<TreatmentItem>) -> Outcome<Loaded<TreatmentItem>> {
    let within = tx.within(Resource::TreatmentItem, Verb::Read)?;
    find_within(tx, id, &within)
}

/// One item that the caller may read, to do `verb` to it: refused where it lies outside what the caller may do that to.
pub fn find_for(tx: &mut Tx<'_>, id: Id<TreatmentItem>, verb: Verb) -> Outcome<Loaded<TreatmentItem>> {
    let item = find(tx, id)?;
    let within = tx.within(Resource::TreatmentItem, verb)?;
    require_within(covers(&within, &item))?;
    Ok(item)
}

/// One item, whoever asks.
fn look_up(tx: &mut Tx<'_>, id: Id<TreatmentItem>) -> Outcome<TreatmentItem> {
    Ok(find_within(tx, id, &Within::everything())?.value)
}

fn find_within(tx: &mut Tx<'_>, id: Id<TreatmentItem>, within: &Within) -> Outcome<Loaded<TreatmentItem>> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list_within(tx, &filter, &PageRequest::one(), within)?.items.pop().or_not_found().map(Loaded::new)
}

/// Refuses to reopen an item that a closed plan keeps (§5.2).
pub fn check_reopening(tx: &mut Tx<'_>, id: Id<TreatmentItem>) -> Outcome<()> {
    match treatment_plan::put_away(tx, &[KeyColumn(id)])?.is_empty() {
        true => Ok(()),
        false => Err(Refusal::wrong_state(PlanState::Closed).into()),
    }
}

/// The number of the next item of a risk.
pub fn next_number(tx: &mut Tx<'_>, risk: Id<Risk>) -> Outcome<i32> {
    let items = i::table.filter(i::organization_id.eq(tx.organization())).filter(i::risk_id.eq(KeyColumn(risk)));
    let last: Option<i32> = on!(tx, items.select(diesel::dsl::max(i::number)).get_result(tx))?;
    Ok(last.unwrap_or_default() + 1)
}

/// How far every item of a risk is, whoever asks, beside the control that it carries out; by number.
pub fn of_risk(tx: &mut Tx<'_>, risk: Id<Risk>) -> Outcome<Vec<ControlProgress>> {
    let organization = tx.organization();
    let rows: Vec<Row> = on!(
        tx,
        i::table
            .filter(i::organization_id.eq(organization))
            .filter(i::risk_id.eq(KeyColumn(risk)))
            .order(i::number.asc())
            .select(Row::as_select())
            .load(tx)
    )?;
    let progress = |row: Row| ControlProgress {
        control: row.control_number,
        progress: Progress {
            actual_start: row.actual_start,
            actual_end: row.actual_end,
            planned_start: row.planned_start,
            planned_end: row.planned_end,
            cancelled: row.cancelled,
        },
    };
    Ok(rows.into_iter().map(progress).collect())
}

/// Every item of the risks that a plan covers, whoever asks; by number.
pub(super) fn of_plan(tx: &mut Tx<'_>, plan: Id<TreatmentPlan>) -> Outcome<Vec<TreatmentItem>> {
    let filter = Filter { plan: Some(plan), ..Filter::default() };
    Ok(list_within(tx, &filter, &PageRequest::whole(), &Within::everything())?.items)
}

/// Adds a new item; its risk follows.
pub fn add(tx: &mut Tx<'_>, item: &TreatmentItem) -> Outcome<TreatmentItem> {
    let within = tx.within(Resource::TreatmentItem, Verb::Create)?;
    require_within(covers(&within, item))?;
    reference::person(tx, item.draft.assignee_id, "/assignee_id")?;
    let row = Row::of(item, tx.organization());
    on!(tx, diesel::insert_into(i::table).values(&row).execute(tx))?;
    let item = look_up(tx, item.id)?;
    tx.record(Resource::TreatmentItem, item.id.uuid(), None, &item)?;
    follow(tx, item.risk_id)?;
    Ok(item)
}

/// Stores a changed item over the revision it was read at; its risk follows.
pub fn store(tx: &mut Tx<'_>, mut item: Loaded<TreatmentItem>) -> Outcome<TreatmentItem> {
    if item.draft.assignee_id != item.original.draft.assignee_id {
        reference::person(tx, item.draft.assignee_id, "/assignee_id")?;
    }
    item.revision += 1;
    item.updated_at = tx.now();
    let row = Row::of(&item, tx.organization());
    let read = i::table.find((row.organization_id, row.id)).filter(i::revision.eq(item.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = look_up(tx, item.id)?;
    tx.record(Resource::TreatmentItem, stored.id.uuid(), Some(&item.original), &stored)?;
    follow(tx, stored.risk_id)?;
    Ok(stored)
}

/// A risk follows its items: response status, and its state once the treatment is approved. So do its plans.
fn follow(tx: &mut Tx<'_>, risk_id: Id<Risk>) -> Outcome<()> {
    let items = of_risk(tx, risk_id)?;
    let mut risk = risk::look_up(tx, risk_id)?;
    risk.items_moved(&items);
    if risk.response_status != risk.original.response_status || risk.state != risk.original.state {
        risk::store(tx, risk)?;
    }
    treatment_plan::follow(tx, risk_id)
}
