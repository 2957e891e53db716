//! How the duties of workers are kept.

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Role, Verb},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        sign_off::SignOff,
        text::normalized,
        version::{Version, VersionState},
    },
    organization::organization::Organization,
    support::awareness::obligation::{ObligationSet, ObligationSetDraft},
};

use self::obligation_set as o;
use crate::{
    context::readable,
    kernel::{
        columns::{DocumentColumn, KeyColumn, MomentColumn, TextColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{cut, one_more},
        tx::Tx,
        versions::{self, ISSUED, Readable},
    },
    leadership::appointment::Approvers,
    on, sorted, versions,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    obligation_set (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        version -> Integer,
        title -> Text,
        content -> Document,
        state -> Text,
        sign_off -> Document,
        in_force_at -> Nullable<Moment>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = o, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<ObligationSet>,
    revision: i32,
    version: i32,
    title: TextColumn<1, 200>,
    content: DocumentColumn<ObligationSetDraft>,
    state: WordColumn<VersionState>,
    sign_off: DocumentColumn<SignOff>,
    in_force_at: Option<MomentColumn>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(set: &ObligationSet, organization_id: KeyColumn<Organization>) -> Self {
        let ObligationSet { id, revision, version, draft, allowed_actions: _, created_at, updated_at } = set;
        let Version { number, state, sign_off, in_force_at } = version;
        let texts = draft.obligations.iter().map(|obligation| obligation.text.as_str());
        let search: Vec<&str> = std::iter::once(draft.title.as_str()).chain(texts).collect();
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            version: *number,
            title: TextColumn(draft.title.clone()),
            content: DocumentColumn(draft.clone()),
            state: WordColumn(*state),
            sign_off: DocumentColumn(sign_off.clone()),
            in_force_at: in_force_at.map(MomentColumn),
            search: normalized(&search.join("\n")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_set(self) -> ObligationSet {
        ObligationSet {
            id: self.id.0,
            revision: self.revision,
            version: Version {
                number: self.version,
                state: self.state.0,
                sign_off: self.sign_off.0,
                in_force_at: self.in_force_at.map(|at| at.0),
            },
            draft: self.content.0,
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        }
    }
}

/// Who approves the duties: top management, or who stands in for it (SD-1).
pub fn approvers(tx: &mut Tx<'_>) -> Outcome<Approvers> {
    Approvers::along(tx, "SD-1", Role::TopManagement)
}

/// Which versions are asked for.
pub type Filter = versions::Filter<ObligationSet>;

/// Which versions the caller reads: everybody who works here those that hold or held.
pub(crate) fn readable_sets(tx: &mut Tx<'_>) -> Outcome<Readable> {
    let within = tx.within(Resource::Obligation, Verb::Read)?;
    match !within.all && within.published {
        true => Ok(ISSUED),
        false => readable(tx, Resource::Obligation),
    }
}

/// A page of versions that the caller may read; sorts by `version` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<ObligationSet>> {
    let readable = readable_sets(tx)?;
    list_in(tx, filter, page, readable)
}

fn list_in(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest, readable: Readable) -> Outcome<Page<ObligationSet>> {
    let (grants, approvers) = (Grants::of::<ObligationSet>(tx)?, approvers(tx)?);
    let organization = tx.organization();
    let (rows, total) = on!(tx, {
        let filtered = || versions!(o, search, organization, filter, readable);
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, o::updated_at, o::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, o::version, o::id, i32),
        };
        let rows: Vec<Row> = query.limit(one_more(page)).select(Row::as_select()).load(tx)?;
        (rows, total)
    });
    let mut sets: Vec<ObligationSet> = rows.into_iter().map(Row::into_set).collect();
    for set in &mut sets {
        set.allowed_actions = approvers.open(&grants, tx.standing(), set, set.version.preparer());
    }
    Ok(cut(sets, page, total, |set: &ObligationSet| versions::key(page, set.id, &set.version, set.updated_at)))
}

/// One version that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<ObligationSet>) -> Outcome<Loaded<ObligationSet>> {
    list(tx, &Filter::only(id), &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// One version, whoever asks.
fn look_up(tx: &mut Tx<'_>, id: Id<ObligationSet>) -> Outcome<ObligationSet> {
    list_in(tx, &Filter::only(id), &PageRequest::one(), None)?.items.pop().or_not_found()
}

/// The number of the next version.
pub fn next_version(tx: &mut Tx<'_>) -> Outcome<i32> {
    let all = o::table.filter(o::organization_id.eq(tx.organization()));
    let last: Option<i32> = on!(tx, all.select(diesel::dsl::max(o::version)).get_result(tx))?;
    Ok(last.unwrap_or_default() + 1)
}

/// Adds a new version.
pub fn add(tx: &mut Tx<'_>, set: &ObligationSet) -> Outcome<ObligationSet> {
    let row = Row::of(set, tx.organization());
    on!(tx, diesel::insert_into(o::table).values(&row).execute(tx))?;
    let added = look_up(tx, set.id)?;
    tx.record(Resource::Obligation, added.id.uuid(), None, &added)?;
    Ok(added)
}

/// Stores a changed version over the revision it was read at; one that comes into force goes through [`put_in_force`].
pub fn store(tx: &mut Tx<'_>, mut set: Loaded<ObligationSet>) -> Outcome<ObligationSet> {
    set.revision += 1;
    set.updated_at = tx.now();
    let row = Row::of(&set, tx.organization());
    let read = o::table.find((row.organization_id, row.id)).filter(o::revision.eq(set.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = look_up(tx, set.id)?;
    tx.record(Resource::Obligation, stored.id.uuid(), Some(&set.original), &stored)?;
    Ok(stored)
}

/// Stores an approved version that comes into force, in the place of the one in force before it, where there is one.
pub fn put_in_force(tx: &mut Tx<'_>, set: Loaded<ObligationSet>) -> Outcome<ObligationSet> {
    if let Some(before) = list_in(tx, &Filter::in_force(), &PageRequest::one(), None)?.items.pop() {
        let mut before = Loaded::new(before);
        before.version.supersede();
        store(tx, before)?;
    }
    store(tx, set)
}
