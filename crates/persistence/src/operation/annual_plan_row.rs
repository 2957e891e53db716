//! How rows of annual plans are kept: an occurrence is a part of its row.

use chrono::NaiveDate;
use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Verb},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        refusal::{Code, Refusal},
        sign_off::{SignOffState, Signature},
        text::normalized,
    },
    operation::{
        annual_plan::{AnnualPlan, AnnualPlanState},
        annual_plan_row::{AnnualPlanRow, AnnualPlanRowAction, AnnualPlanRowDraft, AnnualPlanRowState, Recurrence},
        occurrence::{Occurrence, RecordLink, RowChange},
    },
    organization::{organization::Organization, person::Person},
};
use uuid::Uuid;

use self::annual_plan_row as r;
use super::annual_plan::annual_plan as a;
use crate::{
    integration::event::event as e,
    kernel::{
        among::AmongExt,
        columns::{DocumentColumn, KeyColumn, MomentColumn, TextColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{containing, cut, one_more},
        tx::{Tx, Within, require_within},
    },
    on,
    organization::person::person as p,
    planning::reference,
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    annual_plan_row (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        plan_id -> Key,
        number -> Integer,
        clause -> Text,
        activity_group -> Nullable<Text>,
        activity -> Text,
        document_name -> Text,
        assignee_id -> Key,
        recurrence -> Text,
        scheduled_weeks -> Document,
        fulfilled_by -> Nullable<Text>,
        remarks -> Text,
        added_later -> Bool,
        occurrences -> Document,
        changes -> Document,
        withdrawal -> Nullable<Document>,
        open_count -> Integer,
        done_count -> Integer,
        due_on -> Nullable<Date>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `open_count`, `done_count` and `due_on` follow from the occurrences, to be asked for.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = r, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<AnnualPlanRow>,
    revision: i32,
    plan_id: KeyColumn<AnnualPlan>,
    number: i32,
    clause: TextColumn<1, 50>,
    activity_group: Option<TextColumn<1, 200>>,
    activity: TextColumn<1, 200>,
    document_name: TextColumn<1, 200>,
    assignee_id: KeyColumn<Person>,
    recurrence: WordColumn<Recurrence>,
    scheduled_weeks: DocumentColumn<Vec<NaiveDate>>,
    fulfilled_by: Option<WordColumn<Resource>>,
    remarks: TextColumn<0, 10_000>,
    added_later: bool,
    occurrences: DocumentColumn<Vec<Occurrence>>,
    changes: DocumentColumn<Vec<RowChange>>,
    withdrawal: Option<DocumentColumn<Signature>>,
    open_count: i32,
    done_count: i32,
    due_on: Option<NaiveDate>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(row: &AnnualPlanRow, organization_id: KeyColumn<Organization>) -> Self {
        let (open_count, done_count) = row.counts();
        let AnnualPlanRow {
            id,
            revision,
            plan_id,
            number,
            draft,
            assignee: _,
            added_later,
            state: _,
            occurrences,
            due_on,
            changes,
            withdrawal,
            allowed_actions: _,
            created_at,
            updated_at,
        } = row;
        let AnnualPlanRowDraft {
            clause,
            group,
            activity,
            document_name,
            assignee_id,
            recurrence,
            scheduled_weeks,
            fulfilled_by,
            remarks,
        } = draft;
        let head = group.as_ref().map(ToString::to_string).unwrap_or_default();
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            plan_id: KeyColumn(*plan_id),
            number: *number,
            clause: TextColumn(clause.clone()),
            activity_group: group.clone().map(TextColumn),
            activity: TextColumn(activity.clone()),
            document_name: TextColumn(document_name.clone()),
            assignee_id: KeyColumn(*assignee_id),
            recurrence: WordColumn(*recurrence),
            scheduled_weeks: DocumentColumn(scheduled_weeks.clone()),
            fulfilled_by: fulfilled_by.map(WordColumn),
            remarks: TextColumn(remarks.clone()),
            added_later: *added_later,
            occurrences: DocumentColumn(occurrences.clone()),
            changes: DocumentColumn(changes.clone()),
            withdrawal: withdrawal.clone().map(DocumentColumn),
            open_count,
            done_count,
            due_on: *due_on,
            search: normalized(&format!("{clause} {head} {activity} {document_name} {remarks}")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_row(self, assignee: String, plan: AnnualPlanState, today: NaiveDate) -> AnnualPlanRow {
        let mut row = AnnualPlanRow {
            id: self.id.0,
            revision: self.revision,
            plan_id: self.plan_id.0,
            number: self.number,
            assignee: Reference::new(self.assignee_id.0, assignee),
            draft: AnnualPlanRowDraft {
                clause: self.clause.0,
                group: self.activity_group.map(|group| group.0),
                activity: self.activity.0,
                document_name: self.document_name.0,
                assignee_id: self.assignee_id.0,
                recurrence: self.recurrence.0,
                scheduled_weeks: self.scheduled_weeks.0,
                fulfilled_by: self.fulfilled_by.map(|resource| resource.0),
                remarks: self.remarks.0,
            },
            added_later: self.added_later,
            // What `derive` makes of the rest.
            state: AnnualPlanRowState::Scheduled,
            occurrences: self.occurrences.0,
            due_on: self.due_on,
            changes: self.changes.0,
            withdrawal: self.withdrawal.map(|withdrawal| withdrawal.0),
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        row.derive(plan, today);
        row
    }
}

/// Whether the assignee makes a row lie within.
fn covers(within: &Within, row: &AnnualPlanRow) -> bool {
    within.covers(None, Some(row.draft.assignee_id), None)
}

/// The steps that are open to the caller, as far as the plan lets its rows take them.
fn open_to(row: &AnnualPlanRow, plan: AnnualPlanState, grants: &Grants) -> Vec<AnnualPlanRowAction> {
    let mut open = grants.open(row, |within| covers(within, row));
    open.retain(|action| action.is_open_in(plan) && row.has_occurrence_for(*action));
    open
}

/// Which rows are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<AnnualPlanRow>>,
    /// Whose clause, group, activity, document or remarks contain this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// Of this plan.
    pub plan: Option<Id<AnnualPlan>>,
    /// Of this person.
    pub assignee: Option<Id<Person>>,
    /// Whether an occurrence is still to be done.
    pub open: Option<bool>,
    /// Whether the last week of an open occurrence has ended.
    pub overdue: Option<bool>,
    /// Only of approved plans that are not closed.
    pub under_way: bool,
    /// Also those that were withdrawn.
    pub include_withdrawn: bool,
}

/// A page of rows that the caller may read; sorts by `number` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<AnnualPlanRow>> {
    let within = tx.within(Resource::AnnualPlan, Verb::Read)?;
    list_within(tx, filter, page, &within)
}

fn list_within(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest, within: &Within) -> Outcome<Page<AnnualPlanRow>> {
    let grants = Grants::of::<AnnualPlanRow>(tx)?;
    let (organization, today) = (tx.organization(), tx.today());
    type Joined = (Row, String, WordColumn<SignOffState>, bool);
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = r::table
                .inner_join(a::table.on(a::organization_id.eq(r::organization_id).and(a::id.eq(r::plan_id))))
                .inner_join(p::table.on(p::organization_id.eq(r::organization_id).and(p::id.eq(r::assignee_id))))
                .filter(r::organization_id.eq(organization))
                .into_boxed::<Db>();
            if !within.all {
                query = query.filter(r::assignee_id.among(&within.persons));
            }
            if let Some(id) = filter.id {
                query = query.filter(r::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(r::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(r::updated_at.ge(MomentColumn(since)));
            }
            if let Some(plan) = filter.plan {
                query = query.filter(r::plan_id.eq(KeyColumn(plan)));
            }
            if let Some(assignee) = filter.assignee {
                query = query.filter(r::assignee_id.eq(KeyColumn(assignee)));
            }
            query = match filter.open {
                None => query,
                Some(true) => query.filter(r::open_count.gt(0)),
                Some(false) => query.filter(r::open_count.eq(0)),
            };
            if !filter.include_withdrawn {
                query = query.filter(r::withdrawal.is_null());
            }
            let approved = a::sign_off_state.eq(WordColumn(SignOffState::Approved));
            if filter.under_way {
                query = query.filter(approved).filter(a::closure.is_null());
            }
            match filter.overdue {
                None => query,
                Some(true) => query.filter(r::due_on.lt(today)).filter(approved).filter(a::closure.is_null()),
                Some(false) => {
                    let in_time = r::due_on.is_null().or(r::due_on.ge(today).assume_not_null());
                    query.filter(in_time.or(diesel::dsl::not(approved)).or(a::closure.is_not_null()))
                }
            }
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, r::updated_at, r::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, r::number, r::id, i32),
        };
        let rows: Vec<Joined> = query
            .limit(one_more(page))
            .select((Row::as_select(), p::name, a::sign_off_state, a::closure.is_not_null()))
            .load(tx)?;
        (rows, total)
    });
    let rows = rows
        .into_iter()
        .map(|(row, assignee, sign_off, closed)| {
            let plan = AnnualPlanState::of(sign_off.0, closed, false);
            let mut row = row.into_row(assignee, plan, today);
            row.allowed_actions = open_to(&row, plan, &grants);
            row
        })
        .collect();
    Ok(cut(rows, page, total, |row: &AnnualPlanRow| match page.sort_field() {
        "updated_at" => (serde_json::json!(row.updated_at), row.id.uuid()),
        _ => (serde_json::json!(row.number), row.id.uuid()),
    }))
}

/// One row that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<AnnualPlanRow>) -> Outcome<Loaded<AnnualPlanRow>> {
    let within = tx.within(Resource::AnnualPlan, Verb::Read)?;
    find_within(tx, id, &within)
}

/// One row that the caller may read, to do `verb` to it: refused where it lies outside what the caller may do that to.
pub fn find_for(tx: &mut Tx<'_>, id: Id<AnnualPlanRow>, verb: Verb) -> Outcome<Loaded<AnnualPlanRow>> {
    let row = find(tx, id)?;
    let within = tx.within(Resource::AnnualPlan, verb)?;
    require_within(covers(&within, &row))?;
    Ok(row)
}

/// One row, whoever asks.
fn look_up(tx: &mut Tx<'_>, id: Id<AnnualPlanRow>) -> Outcome<Loaded<AnnualPlanRow>> {
    find_within(tx, id, &Within::everything())
}

fn find_within(tx: &mut Tx<'_>, id: Id<AnnualPlanRow>, within: &Within) -> Outcome<Loaded<AnnualPlanRow>> {
    let filter = Filter { id: Some(id), include_withdrawn: true, ..Filter::default() };
    list_within(tx, &filter, &PageRequest::one(), within)?.items.pop().or_not_found().map(Loaded::new)
}

/// The number of the next row of a plan.
pub fn next_number(tx: &mut Tx<'_>, plan: Id<AnnualPlan>) -> Outcome<i32> {
    let rows = r::table.filter(r::organization_id.eq(tx.organization())).filter(r::plan_id.eq(KeyColumn(plan)));
    let last: Option<i32> = on!(tx, rows.select(diesel::dsl::max(r::number)).get_result(tx))?;
    Ok(last.unwrap_or_default() + 1)
}

/// The weeks of all rows of a plan, without those that were withdrawn.
pub fn weeks_of(tx: &mut Tx<'_>, plan: Id<AnnualPlan>) -> Outcome<Vec<NaiveDate>> {
    let rows = r::table
        .filter(r::organization_id.eq(tx.organization()))
        .filter(r::plan_id.eq(KeyColumn(plan)))
        .filter(r::withdrawal.is_null());
    let weeks: Vec<DocumentColumn<Vec<NaiveDate>>> = on!(tx, rows.select(r::scheduled_weeks).load(tx))?;
    Ok(weeks.into_iter().flat_map(|weeks| weeks.0).collect())
}

/// The numbers of the rows of a plan of which something is still to be done.
pub fn open_in(tx: &mut Tx<'_>, plan: Id<AnnualPlan>) -> Outcome<Vec<i32>> {
    let rows = r::table
        .filter(r::organization_id.eq(tx.organization()))
        .filter(r::plan_id.eq(KeyColumn(plan)))
        .filter(r::open_count.gt(0))
        .order(r::number.asc());
    Ok(on!(tx, rows.select(r::number).load(tx))?)
}

/// Adds a new row.
pub fn add(tx: &mut Tx<'_>, row: &AnnualPlanRow) -> Outcome<AnnualPlanRow> {
    let within = tx.within(Resource::AnnualPlan, Verb::Create)?;
    require_within(covers(&within, row))?;
    reference::person(tx, row.draft.assignee_id, "/assignee_id")?;
    let new = Row::of(row, tx.organization());
    on!(tx, diesel::insert_into(r::table).values(&new).execute(tx))?;
    let row = look_up(tx, row.id)?.value;
    tx.record(Resource::AnnualPlan, row.id.uuid(), None, &row)?;
    Ok(row)
}

/// Stores a changed row over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut row: Loaded<AnnualPlanRow>) -> Outcome<AnnualPlanRow> {
    if row.draft.assignee_id != row.original.draft.assignee_id {
        reference::person(tx, row.draft.assignee_id, "/assignee_id")?;
    }
    row.revision += 1;
    row.updated_at = tx.now();
    let new = Row::of(&row, tx.organization());
    let read = r::table.find((new.organization_id, new.id)).filter(r::revision.eq(row.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&new).execute(tx))?)?;
    let stored = look_up(tx, row.id)?.value;
    tx.record(Resource::AnnualPlan, stored.id.uuid(), Some(&row.original), &stored)?;
    Ok(stored)
}

/// Doing the thing marks the row done: a record of this kind was approved or reviewed on `on`. In the approved plan of the fiscal
/// year of that day, the earliest open occurrence of every row that such a record fulfils is done, with a link to it.
pub fn fulfil(tx: &mut Tx<'_>, resource: Resource, record_id: Uuid, on: NaiveDate) -> Outcome<()> {
    let waiting = r::table
        .inner_join(a::table.on(a::organization_id.eq(r::organization_id).and(a::id.eq(r::plan_id))))
        .filter(r::organization_id.eq(tx.organization()))
        .filter(r::fulfilled_by.eq(WordColumn(resource)))
        .filter(r::open_count.gt(0))
        .filter(a::sign_off_state.eq(WordColumn(SignOffState::Approved)))
        .filter(a::closure.is_null())
        .filter(a::starts_on.le(on))
        .filter(a::ends_on.ge(on))
        .order(r::number.asc());
    let rows: Vec<KeyColumn<AnnualPlanRow>> = on!(tx, waiting.select(r::id).load(tx))?;
    // Background work has no person: then the service itself says so.
    let by = tx.signature(None).ok();
    for id in rows {
        let mut row = look_up(tx, id.0)?;
        if row.fulfil(RecordLink { resource, id: record_id }, on, by.clone()) {
            store(tx, row)?;
        }
    }
    Ok(())
}

/// Refuses a link to a record that there never was: everything that is has left an event.
pub fn require_linked(tx: &mut Tx<'_>, link: Option<RecordLink>, pointer: &str) -> Outcome<()> {
    let Some(RecordLink { resource, id }) = link else { return Ok(()) };
    let made = e::table
        .filter(e::organization_id.eq(tx.organization()))
        .filter(e::record_id.eq(KeyColumn::<()>::of(id)))
        .filter(e::resource.eq(resource.to_string()))
        .filter(e::after.is_not_null());
    if on!(tx, diesel::select(diesel::dsl::exists(made)).get_result::<bool>(tx))? {
        Ok(())
    } else {
        Err(Refusal::field(pointer, Code::UnknownReference).into())
    }
}
