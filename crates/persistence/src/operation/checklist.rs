//! How operation checklists are kept.

use chrono::NaiveDate;
use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Verb},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        sign_off::Signature,
        text::{Text, normalized},
    },
    operation::{
        checklist::{ChecklistFrequency, ChecklistState, OperationChecklist, OperationChecklistDraft},
        checklist_run::LastRun,
    },
    organization::{organization::Organization, person::Person},
};

use self::operation_checklist as c;
use crate::{
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

    operation_checklist (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        title -> Text,
        items -> Document,
        frequency -> Text,
        first_due_on -> Date,
        assignee_id -> Key,
        remarks -> Text,
        last_run -> Nullable<Document>,
        next_due_on -> Nullable<Date>,
        retirement -> Nullable<Document>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = c, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<OperationChecklist>,
    revision: i32,
    title: TextColumn<1, 200>,
    items: DocumentColumn<Vec<Text>>,
    frequency: WordColumn<ChecklistFrequency>,
    first_due_on: NaiveDate,
    assignee_id: KeyColumn<Person>,
    remarks: TextColumn<0, 10_000>,
    last_run: Option<DocumentColumn<LastRun>>,
    next_due_on: Option<NaiveDate>,
    retirement: Option<DocumentColumn<Signature>>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(checklist: &OperationChecklist, organization_id: KeyColumn<Organization>) -> Self {
        let OperationChecklist {
            id,
            revision,
            draft,
            assignee: _,
            state: _,
            last_run,
            next_due_on,
            overdue: _,
            retirement,
            allowed_actions: _,
            created_at,
            updated_at,
        } = checklist;
        let OperationChecklistDraft { title, items, frequency, first_due_on, assignee_id, remarks } = draft;
        let texts: Vec<&str> = items.iter().map(Text::as_str).collect();
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            title: TextColumn(title.clone()),
            items: DocumentColumn(items.clone()),
            frequency: WordColumn(*frequency),
            first_due_on: *first_due_on,
            assignee_id: KeyColumn(*assignee_id),
            remarks: TextColumn(remarks.clone()),
            last_run: last_run.map(DocumentColumn),
            next_due_on: *next_due_on,
            retirement: retirement.clone().map(DocumentColumn),
            search: normalized(&format!("{title} {} {remarks}", texts.join(" "))),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_checklist(self, assignee: String, grants: &Grants, today: NaiveDate) -> OperationChecklist {
        let mut checklist = OperationChecklist {
            id: self.id.0,
            revision: self.revision,
            assignee: Reference::new(self.assignee_id.0, assignee),
            draft: OperationChecklistDraft {
                title: self.title.0,
                items: self.items.0,
                frequency: self.frequency.0,
                first_due_on: self.first_due_on,
                assignee_id: self.assignee_id.0,
                remarks: self.remarks.0,
            },
            state: match self.retirement {
                None => ChecklistState::InUse,
                Some(_) => ChecklistState::Retired,
            },
            last_run: self.last_run.map(|run| run.0),
            next_due_on: self.next_due_on,
            overdue: false,
            retirement: self.retirement.map(|retirement| retirement.0),
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        checklist.derive(today);
        checklist.allowed_actions = grants.open(&checklist, |within| covers(within, &checklist));
        checklist
    }
}

/// Whether the assignee makes a checklist lie within.
fn covers(within: &Within, checklist: &OperationChecklist) -> bool {
    within.covers(None, Some(checklist.draft.assignee_id), None)
}

/// Which checklists are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<OperationChecklist>>,
    /// Whose title, items or remarks contain this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// Of this person.
    pub assignee: Option<Id<Person>>,
    /// Whether the day of the next run has passed.
    pub overdue: Option<bool>,
    /// Also those that were retired.
    pub include_retired: bool,
}

/// A page of checklists that the caller may read; sorts by `title` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<OperationChecklist>> {
    let within = tx.within(Resource::AnnualPlan, Verb::Read)?;
    list_within(tx, filter, page, &within)
}

fn list_within(
    tx: &mut Tx<'_>,
    filter: &Filter,
    page: &PageRequest,
    within: &Within,
) -> Outcome<Page<OperationChecklist>> {
    let grants = Grants::of::<OperationChecklist>(tx)?;
    let (organization, today) = (tx.organization(), tx.today());
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = c::table
                .inner_join(p::table.on(p::organization_id.eq(c::organization_id).and(p::id.eq(c::assignee_id))))
                .filter(c::organization_id.eq(organization))
                .into_boxed::<Db>();
            if !within.all {
                query = query.filter(c::assignee_id.among(&within.persons));
            }
            if let Some(id) = filter.id {
                query = query.filter(c::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(c::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(c::updated_at.ge(MomentColumn(since)));
            }
            if let Some(assignee) = filter.assignee {
                query = query.filter(c::assignee_id.eq(KeyColumn(assignee)));
            }
            if !filter.include_retired {
                query = query.filter(c::retirement.is_null());
            }
            match filter.overdue {
                None => query,
                Some(true) => query.filter(c::next_due_on.lt(today)),
                Some(false) => query.filter(c::next_due_on.is_null().or(c::next_due_on.ge(today).assume_not_null())),
            }
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, c::updated_at, c::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, c::title, c::id, String),
        };
        let rows: Vec<(Row, String)> = query.limit(one_more(page)).select((Row::as_select(), p::name)).load(tx)?;
        (rows, total)
    });
    let checklists = rows.into_iter().map(|(row, assignee)| row.into_checklist(assignee, &grants, today)).collect();
    Ok(cut(checklists, page, total, |checklist: &OperationChecklist| match page.sort_field() {
        "updated_at" => (serde_json::json!(checklist.updated_at), checklist.id.uuid()),
        _ => (serde_json::json!(checklist.draft.title), checklist.id.uuid()),
    }))
}

/// One checklist that the caller may read, also a retired one.
pub fn find(tx: &mut Tx<'_>, id: Id<OperationChecklist>) -> Outcome<Loaded<OperationChecklist>> {
    let within = tx.within(Resource::AnnualPlan, Verb::Read)?;
    find_within(tx, id, &within)
}

/// One checklist that the caller may read, to do `verb` to it: refused where it lies outside what the caller may do
/// that to.
pub fn find_for(tx: &mut Tx<'_>, id: Id<OperationChecklist>, verb: Verb) -> Outcome<Loaded<OperationChecklist>> {
    let checklist = find(tx, id)?;
    let within = tx.within(Resource::AnnualPlan, verb)?;
    require_within(covers(&within, &checklist))?;
    Ok(checklist)
}

/// One checklist, whoever asks.
fn look_up(tx: &mut Tx<'_>, id: Id<OperationChecklist>) -> Outcome<OperationChecklist> {
    Ok(find_within(tx, id, &Within::everything())?.value)
}

fn find_within(tx: &mut Tx<'_>, id: Id<OperationChecklist>, within: &Within) -> Outcome<Loaded<OperationChecklist>> {
    let filter = Filter { id: Some(id), include_retired: true, ..Filter::default() };
    list_within(tx, &filter, &PageRequest::one(), within)?.items.pop().or_not_found().map(Loaded::new)
}

/// Adds a new checklist.
pub fn add(tx: &mut Tx<'_>, checklist: &OperationChecklist) -> Outcome<OperationChecklist> {
    let within = tx.within(Resource::AnnualPlan, Verb::Create)?;
    require_within(covers(&within, checklist))?;
    reference::person(tx, checklist.draft.assignee_id, "/assignee_id")?;
    let row = Row::of(checklist, tx.organization());
    on!(tx, diesel::insert_into(c::table).values(&row).execute(tx))?;
    let checklist = look_up(tx, checklist.id)?;
    tx.record(Resource::AnnualPlan, checklist.id.uuid(), None, &checklist)?;
    Ok(checklist)
}

/// Stores a changed checklist over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut checklist: Loaded<OperationChecklist>) -> Outcome<OperationChecklist> {
    if checklist.draft.assignee_id != checklist.original.draft.assignee_id {
        reference::person(tx, checklist.draft.assignee_id, "/assignee_id")?;
    }
    checklist.revision += 1;
    checklist.updated_at = tx.now();
    let row = Row::of(&checklist, tx.organization());
    let read = c::table.find((row.organization_id, row.id)).filter(c::revision.eq(checklist.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = look_up(tx, checklist.id)?;
    tx.record(Resource::AnnualPlan, stored.id.uuid(), Some(&checklist.original), &stored)?;
    Ok(stored)
}
