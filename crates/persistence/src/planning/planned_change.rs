//! How planned changes are kept.

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Role, Standing},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        sign_off::SignOff,
        text::normalized,
    },
    organization::{organization::Organization, person::Person},
    planning::planned_change::{
        ChangeCompletion, PlannedChange, PlannedChangeAction, PlannedChangeDraft, PlannedChangeState,
    },
};

use self::planned_change as c;
use super::reference;
use crate::{
    kernel::{
        columns::{DocumentColumn, KeyColumn, MomentColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{containing, cut, one_more},
        tx::Tx,
    },
    leadership::appointment::Approvers,
    on,
    organization::person::person as p,
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    planned_change (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        number -> Integer,
        content -> Document,
        responsible_person_id -> Key,
        planned_on -> Date,
        state -> Text,
        sign_off -> Document,
        completion -> Nullable<Document>,
        cancellation_reason -> Nullable<Text>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `content` is the whole draft; what of it is searched, sorted or joined stands beside it.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = c, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<PlannedChange>,
    revision: i32,
    number: i32,
    content: DocumentColumn<PlannedChangeDraft>,
    responsible_person_id: KeyColumn<Person>,
    planned_on: chrono::NaiveDate,
    state: WordColumn<PlannedChangeState>,
    sign_off: DocumentColumn<SignOff>,
    completion: Option<DocumentColumn<ChangeCompletion>>,
    cancellation_reason: Option<String>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(change: &PlannedChange, organization_id: KeyColumn<Organization>) -> Self {
        let PlannedChange {
            id,
            revision,
            number,
            draft,
            responsible_person: _,
            overdue: _,
            state,
            sign_off,
            completion,
            cancellation_reason,
            allowed_actions: _,
            created_at,
            updated_at,
        } = change;
        let number_text = number.to_string();
        let search = [
            number_text.as_str(),
            draft.what.as_str(),
            draft.purpose.as_str(),
            draft.consequences.as_str(),
            draft.occasion.as_str(),
        ];
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            number: *number,
            content: DocumentColumn(draft.clone()),
            responsible_person_id: KeyColumn(draft.responsible_person_id),
            planned_on: draft.planned_on,
            state: WordColumn(*state),
            sign_off: DocumentColumn(sign_off.clone()),
            completion: completion.clone().map(DocumentColumn),
            cancellation_reason: cancellation_reason.clone(),
            search: normalized(&search.join("\n")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_change(self, person: String, today: chrono::NaiveDate) -> PlannedChange {
        let mut change = PlannedChange {
            id: self.id.0,
            revision: self.revision,
            number: self.number,
            draft: self.content.0,
            responsible_person: Reference::new(self.responsible_person_id.0, person),
            // What `derive` makes of the rest.
            overdue: false,
            state: self.state.0,
            sign_off: self.sign_off.0,
            completion: self.completion.map(|completion| completion.0),
            cancellation_reason: self.cancellation_reason,
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        change.derive(today);
        change
    }
}

/// Who approves changes: top management, or who stands in for it (6.3).
pub fn approvers(tx: &mut Tx<'_>) -> Outcome<Approvers> {
    Approvers::along(tx, "SD-1", Role::TopManagement)
}

/// The steps that are open to the caller: approving only where the duty lets them (SD-1).
fn open_to(
    change: &PlannedChange,
    grants: &Grants,
    approvers: &Approvers,
    caller: &Standing,
) -> Vec<PlannedChangeAction> {
    let mut open = grants.open(change, |within| within.all);
    open.retain(|action| *action != PlannedChangeAction::Approve || approvers.may_approve(caller, change.preparer()));
    open
}

/// Which changes are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<PlannedChange>>,
    /// Whose number or texts contain this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// In this state.
    pub state: Option<PlannedChangeState>,
    /// For which this person is responsible.
    pub responsible_person: Option<Id<Person>>,
    /// Whether they are overdue.
    pub overdue: Option<bool>,
}

/// A page of changes; sorts by `number`, `planned_on` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<PlannedChange>> {
    let (grants, approvers) = (Grants::of::<PlannedChange>(tx)?, approvers(tx)?);
    let (organization, today) = (tx.organization(), tx.today());
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = c::table
                .inner_join(
                    p::table.on(p::organization_id.eq(c::organization_id).and(p::id.eq(c::responsible_person_id))),
                )
                .filter(c::organization_id.eq(organization))
                .into_boxed::<Db>();
            if let Some(id) = filter.id {
                query = query.filter(c::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(c::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(c::updated_at.ge(MomentColumn(since)));
            }
            if let Some(state) = filter.state {
                query = query.filter(c::state.eq(WordColumn(state)));
            }
            if let Some(person) = filter.responsible_person {
                query = query.filter(c::responsible_person_id.eq(KeyColumn(person)));
            }
            let completed = WordColumn(PlannedChangeState::Completed);
            let cancelled = WordColumn(PlannedChangeState::Cancelled);
            match filter.overdue {
                None => query,
                Some(true) => {
                    query.filter(c::planned_on.lt(today)).filter(c::state.ne(completed)).filter(c::state.ne(cancelled))
                }
                Some(false) => {
                    query.filter(c::planned_on.ge(today).or(c::state.eq(completed)).or(c::state.eq(cancelled)))
                }
            }
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "planned_on" => sorted!(filtered(), page, c::planned_on, c::id, chrono::NaiveDate),
            "updated_at" => sorted!(filtered(), page, c::updated_at, c::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, c::number, c::id, i32),
        };
        let rows: Vec<(Row, String)> = query.limit(one_more(page)).select((Row::as_select(), p::name)).load(tx)?;
        (rows, total)
    });
    let changes = rows
        .into_iter()
        .map(|(row, person)| {
            let mut change = row.into_change(person, today);
            change.allowed_actions = open_to(&change, &grants, &approvers, tx.standing());
            change
        })
        .collect();
    Ok(cut(changes, page, total, |change: &PlannedChange| match page.sort_field() {
        "planned_on" => (serde_json::json!(change.draft.planned_on), change.id.uuid()),
        "updated_at" => (serde_json::json!(change.updated_at), change.id.uuid()),
        _ => (serde_json::json!(change.number), change.id.uuid()),
    }))
}

/// One change.
pub fn find(tx: &mut Tx<'_>, id: Id<PlannedChange>) -> Outcome<Loaded<PlannedChange>> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list(tx, &filter, &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// Adds a new change.
pub fn add(tx: &mut Tx<'_>, change: &PlannedChange) -> Outcome<PlannedChange> {
    reference::person(tx, change.draft.responsible_person_id, "/responsible_person_id")?;
    let row = Row::of(change, tx.organization());
    on!(tx, diesel::insert_into(c::table).values(&row).execute(tx))?;
    let change = find(tx, change.id)?.value;
    tx.record(Resource::PlannedChange, change.id.uuid(), None, &change)?;
    Ok(change)
}

/// Stores a changed change over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut change: Loaded<PlannedChange>) -> Outcome<PlannedChange> {
    if change.draft.responsible_person_id != change.original.draft.responsible_person_id {
        reference::person(tx, change.draft.responsible_person_id, "/responsible_person_id")?;
    }
    change.revision += 1;
    change.updated_at = tx.now();
    let row = Row::of(&change, tx.organization());
    let read = c::table.find((row.organization_id, row.id)).filter(c::revision.eq(change.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = find(tx, change.id)?.value;
    tx.record(Resource::PlannedChange, stored.id.uuid(), Some(&change.original), &stored)?;
    Ok(stored)
}
