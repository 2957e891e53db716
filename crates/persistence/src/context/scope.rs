//! How the versions of the scope are kept.

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Role},
    context::scope::{IsmsScope, IsmsScopeDraft},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        refusal::Refusal,
        sign_off::SignOff,
        text::normalized,
        version::{Version, VersionState},
    },
    organization::organization::Organization,
    support::file::StoredFile,
};

use self::isms_scope as s;
use super::{
    named::{self, pointed},
    readable,
};
use crate::{
    kernel::{
        columns::{DocumentColumn, KeyColumn, MomentColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{cut, one_more},
        tx::Tx,
        versions::{self, Readable},
    },
    leadership::appointment::Approvers,
    on, sorted,
    support::file as files,
    versions,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    isms_scope (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        version -> Integer,
        title -> Text,
        content -> Document,
        layout_id -> Nullable<Key>,
        state -> Text,
        sign_off -> Document,
        in_force_at -> Nullable<Moment>,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `content` is the whole draft; `title` is only there to be searched.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = s, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<IsmsScope>,
    revision: i32,
    version: i32,
    title: String,
    content: DocumentColumn<IsmsScopeDraft>,
    layout_id: Option<KeyColumn<StoredFile>>,
    state: WordColumn<VersionState>,
    sign_off: DocumentColumn<SignOff>,
    in_force_at: Option<MomentColumn>,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(scope: &IsmsScope, organization_id: KeyColumn<Organization>) -> Self {
        let IsmsScope {
            id,
            revision,
            version,
            draft,
            layout,
            departments: _,
            persons: _,
            allowed_actions: _,
            created_at,
            updated_at,
        } = scope;
        let Version { number, state, sign_off, in_force_at } = version;
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            version: *number,
            title: normalized(draft.title.as_str()),
            content: DocumentColumn(draft.clone()),
            layout_id: layout.as_ref().map(|file| KeyColumn(file.id)),
            state: WordColumn(*state),
            sign_off: DocumentColumn(sign_off.clone()),
            in_force_at: in_force_at.map(MomentColumn),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_scope(self) -> IsmsScope {
        IsmsScope {
            id: self.id.0,
            revision: self.revision,
            version: Version {
                number: self.version,
                state: self.state.0,
                sign_off: self.sign_off.0,
                in_force_at: self.in_force_at.map(|at| at.0),
            },
            draft: self.content.0,
            layout: None,
            departments: Vec::new(),
            persons: Vec::new(),
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        }
    }
}

/// Who approves the scope: top management, and nobody in its place (SD-5).
pub fn approvers(tx: &mut Tx<'_>) -> Outcome<Approvers> {
    Approvers::along(tx, "SD-5", Role::TopManagement)
}

/// Which versions are asked for.
pub type Filter = versions::Filter<IsmsScope>;

/// A page of versions that the caller may read; sorts by `version` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<IsmsScope>> {
    let readable = readable(tx, Resource::Scope)?;
    list_in(tx, filter, page, readable)
}

fn list_in(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest, readable: Readable) -> Outcome<Page<IsmsScope>> {
    let (grants, approvers) = (Grants::of::<IsmsScope>(tx)?, approvers(tx)?);
    let organization = tx.organization();
    let (rows, total) = on!(tx, {
        let filtered = || versions!(s, title, organization, filter, readable);
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, s::updated_at, s::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, s::version, s::id, i32),
        };
        let rows: Vec<Row> = query.limit(one_more(page)).select(Row::as_select()).load(tx)?;
        (rows, total)
    });
    let layouts: Vec<_> = rows.iter().map(|row| row.layout_id.map(|id| id.0)).collect();
    let files = files::among(tx, layouts.iter().flatten().copied())?;
    let mut versions: Vec<IsmsScope> = rows.into_iter().map(Row::into_scope).collect();
    let departments = named::departments(tx, versions.iter().flat_map(|scope| scope.draft.department_ids.clone()))?;
    let persons = named::persons(tx, versions.iter().flat_map(|scope| scope.draft.person_ids.clone()))?;
    for (scope, layout) in versions.iter_mut().zip(layouts) {
        scope.layout = layout.and_then(|id| files.get(&id).cloned());
        scope.departments = departments.references(&scope.draft.department_ids);
        scope.persons = persons.references(&scope.draft.person_ids);
        scope.allowed_actions = approvers.open(&grants, tx.standing(), scope, scope.version.preparer());
    }
    Ok(cut(versions, page, total, |scope: &IsmsScope| versions::key(page, scope.id, &scope.version, scope.updated_at)))
}

/// One version that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<IsmsScope>) -> Outcome<Loaded<IsmsScope>> {
    list(tx, &Filter::only(id), &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// One version, whoever asks.
fn look_up(tx: &mut Tx<'_>, id: Id<IsmsScope>) -> Outcome<IsmsScope> {
    list_in(tx, &Filter::only(id), &PageRequest::one(), None)?.items.pop().or_not_found()
}

/// The version in force, whoever asks.
pub fn in_force(tx: &mut Tx<'_>) -> Outcome<Option<IsmsScope>> {
    Ok(list_in(tx, &Filter::in_force(), &PageRequest::one(), None)?.items.pop())
}

/// The number of the next version.
pub fn next_version(tx: &mut Tx<'_>) -> Outcome<i32> {
    let all = s::table.filter(s::organization_id.eq(tx.organization()));
    let last: Option<i32> = on!(tx, all.select(diesel::dsl::max(s::version)).get_result(tx))?;
    Ok(last.unwrap_or_default() + 1)
}

/// Adds a new version. What it copies of `in_force` may name people and departments that are gone since.
pub fn add(tx: &mut Tx<'_>, scope: &IsmsScope, in_force: Option<&IsmsScope>) -> Outcome<IsmsScope> {
    check_references(tx, &scope.draft, in_force.map(|scope| &scope.draft))?;
    let row = Row::of(scope, tx.organization());
    on!(tx, diesel::insert_into(s::table).values(&row).execute(tx))?;
    let added = look_up(tx, scope.id)?;
    tx.record(Resource::Scope, added.id.uuid(), None, &added)?;
    Ok(added)
}

/// Stores a changed version over the revision it was read at; one that comes into force goes through [`put_in_force`].
pub fn store(tx: &mut Tx<'_>, mut scope: Loaded<IsmsScope>) -> Outcome<IsmsScope> {
    check_references(tx, &scope.draft, Some(&scope.original.draft))?;
    scope.revision += 1;
    scope.updated_at = tx.now();
    let row = Row::of(&scope, tx.organization());
    let read = s::table.find((row.organization_id, row.id)).filter(s::revision.eq(scope.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = look_up(tx, scope.id)?;
    tx.record(Resource::Scope, stored.id.uuid(), Some(&scope.original), &stored)?;
    Ok(stored)
}

/// Stores an approved version that comes into force, in the place of the one in force before it, where there is one.
pub fn put_in_force(tx: &mut Tx<'_>, scope: Loaded<IsmsScope>) -> Outcome<IsmsScope> {
    if let Some(before) = in_force(tx)? {
        let mut before = Loaded::new(before);
        before.version.supersede();
        store(tx, before)?;
    }
    store(tx, scope)
}

/// Refuses departments and persons that are not there, but for those that stood in the text `before`.
fn check_references(tx: &mut Tx<'_>, draft: &IsmsScopeDraft, before: Option<&IsmsScopeDraft>) -> Outcome<()> {
    let departments = named::departments(tx, draft.department_ids.iter().copied())?;
    let persons = named::persons(tx, draft.person_ids.iter().copied())?;
    let known = before.map_or(&[][..], |before| &before.department_ids);
    let mut faults: Vec<_> = departments.unknown(pointed(&draft.department_ids, "/department_ids"), known).collect();
    let known = before.map_or(&[][..], |before| &before.person_ids);
    faults.extend(persons.unknown(pointed(&draft.person_ids, "/person_ids"), known));
    Ok(Refusal::unless_empty(faults)?)
}
