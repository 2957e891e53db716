//! How the versions of the statement of applicability are kept.

pub mod control;

use std::collections::HashMap;

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Role},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        sign_off::SignOff,
        text::normalized,
        version::{Version, VersionState},
    },
    organization::organization::Organization,
    planning::applicability::{
        ControlCounts, StatementOfApplicability, StatementOfApplicabilityDraft,
        control::{ApplicabilityControl, ApplicabilityDecision, ImplementationStatus},
    },
};

use self::{control::applicability_control as a, statement_of_applicability as s};
use super::readable;
use crate::{
    kernel::{
        among::AmongExt,
        columns::{DocumentColumn, KeyColumn, MomentColumn, WordColumn},
        failure::{Failure, OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{cut, one_more},
        tx::Tx,
        versions::{self, Readable},
    },
    leadership::appointment::Approvers,
    on, sorted, versions,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    statement_of_applicability (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        version -> Integer,
        title -> Text,
        content -> Document,
        copied_from -> Nullable<Integer>,
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
    id: KeyColumn<StatementOfApplicability>,
    revision: i32,
    version: i32,
    title: String,
    content: DocumentColumn<StatementOfApplicabilityDraft>,
    copied_from: Option<i32>,
    state: WordColumn<VersionState>,
    sign_off: DocumentColumn<SignOff>,
    in_force_at: Option<MomentColumn>,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(statement: &StatementOfApplicability, organization_id: KeyColumn<Organization>) -> Self {
        let StatementOfApplicability {
            id,
            revision,
            version,
            draft,
            copied_from,
            counts: _,
            allowed_actions: _,
            created_at,
            updated_at,
        } = statement;
        let Version { number, state, sign_off, in_force_at } = version;
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            version: *number,
            title: normalized(draft.title.as_str()),
            content: DocumentColumn(draft.clone()),
            copied_from: *copied_from,
            state: WordColumn(*state),
            sign_off: DocumentColumn(sign_off.clone()),
            in_force_at: in_force_at.map(MomentColumn),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_statement(self, counts: ControlCounts) -> StatementOfApplicability {
        StatementOfApplicability {
            id: self.id.0,
            revision: self.revision,
            version: Version {
                number: self.version,
                state: self.state.0,
                sign_off: self.sign_off.0,
                in_force_at: self.in_force_at.map(|at| at.0),
            },
            draft: self.content.0,
            copied_from: self.copied_from,
            counts,
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        }
    }
}

/// Who approves the statement: top management, and nobody in its place (SD-5).
pub fn approvers(tx: &mut Tx<'_>) -> Outcome<Approvers> {
    Approvers::along(tx, "SD-5", Role::TopManagement)
}

/// Which versions are asked for.
pub type Filter = versions::Filter<StatementOfApplicability>;

/// A page of versions that the caller may read; sorts by `version` and `updated_at`. Who reads them only as the owner of
/// a risk sees those that are or were in force.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<StatementOfApplicability>> {
    let readable = readable(tx, Resource::StatementOfApplicability)?;
    list_in(tx, filter, page, readable)
}

fn list_in(
    tx: &mut Tx<'_>,
    filter: &Filter,
    page: &PageRequest,
    readable: Readable,
) -> Outcome<Page<StatementOfApplicability>> {
    let (grants, approvers) = (Grants::of::<StatementOfApplicability>(tx)?, approvers(tx)?);
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
    let mut counts = counts_of(tx, rows.iter().map(|row| row.id).collect())?;
    let statements = rows
        .into_iter()
        .map(|row| {
            let counts = counts.remove(&row.id).unwrap_or_default();
            let mut statement = row.into_statement(counts);
            statement.allowed_actions =
                approvers.open(&grants, tx.standing(), &statement, statement.version.preparer());
            statement
        })
        .collect();
    Ok(cut(statements, page, total, |statement: &StatementOfApplicability| {
        versions::key(page, statement.id, &statement.version, statement.updated_at)
    }))
}

/// How far the controls of these versions are, counted by the database.
fn counts_of(
    tx: &mut Tx<'_>,
    statements: Vec<KeyColumn<StatementOfApplicability>>,
) -> Outcome<HashMap<KeyColumn<StatementOfApplicability>, ControlCounts>> {
    let organization = tx.organization();
    type Counted = (
        KeyColumn<StatementOfApplicability>,
        WordColumn<ApplicabilityDecision>,
        Option<WordColumn<ImplementationStatus>>,
        i64,
    );
    let rows: Vec<Counted> = on!(
        tx,
        a::table
            .group_by((a::statement_id, a::decision, a::implementation_status))
            .select((a::statement_id, a::decision, a::implementation_status, diesel::dsl::count_star()))
            .filter(a::organization_id.eq(organization))
            .filter(a::statement_id.among(&statements))
            .filter(a::withdrawn.is_null())
            .load(tx)
    )?;
    let mut counts: HashMap<_, ControlCounts> = HashMap::new();
    for (statement, decision, status, rows) in rows {
        counts.entry(statement).or_default().add(decision.0, status.map(|status| status.0), rows);
    }
    Ok(counts)
}

/// One version that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<StatementOfApplicability>) -> Outcome<Loaded<StatementOfApplicability>> {
    list(tx, &Filter::only(id), &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// One version, whoever asks.
fn look_up(tx: &mut Tx<'_>, id: Id<StatementOfApplicability>) -> Outcome<StatementOfApplicability> {
    list_in(tx, &Filter::only(id), &PageRequest::one(), None)?.items.pop().or_not_found()
}

/// The newest version that was not voided, whoever asks, where there is one: the next one begins as its copy.
pub fn newest(tx: &mut Tx<'_>) -> Outcome<Option<StatementOfApplicability>> {
    const WANTED: Readable = Some(&[
        VersionState::Draft,
        VersionState::Submitted,
        VersionState::InForce,
        VersionState::Superseded,
        VersionState::Withdrawn,
    ]);
    let page = PageRequest { sort: "-version".to_owned(), ..PageRequest::one() };
    Ok(list_in(tx, &Filter::default(), &page, WANTED)?.items.pop())
}

/// The number of the next version.
pub fn next_version(tx: &mut Tx<'_>) -> Outcome<i32> {
    let all = s::table.filter(s::organization_id.eq(tx.organization()));
    let last: Option<i32> = on!(tx, all.select(diesel::dsl::max(s::version)).get_result(tx))?;
    Ok(last.unwrap_or_default() + 1)
}

/// The controls that a new version begins with: a copy of those of the version `before`, where that is given.
pub fn begin(
    tx: &mut Tx<'_>,
    statement: &mut StatementOfApplicability,
    before: Option<&StatementOfApplicability>,
) -> Outcome<Vec<ApplicabilityControl>> {
    let copied = match before {
        Some(before) => Some((before, control::of(tx, before)?)),
        None => None,
    };
    let copied = copied.as_ref().map(|(before, controls)| (*before, controls.as_slice()));
    statement.begin(copied, tx.now()).map_err(|fault| Failure::Corrupt(format!("the catalog: {fault}")))
}

/// Adds a new version with its controls. One event tells of all of them, that of the version: where it came from, and how
/// many controls stand how.
pub fn add(
    tx: &mut Tx<'_>,
    statement: &StatementOfApplicability,
    controls: &[ApplicabilityControl],
) -> Outcome<StatementOfApplicability> {
    let row = Row::of(statement, tx.organization());
    on!(tx, diesel::insert_into(s::table).values(&row).execute(tx))?;
    control::insert(tx, controls)?;
    tx.record(Resource::StatementOfApplicability, statement.id.uuid(), None, statement)?;
    look_up(tx, statement.id)
}

/// Stores a changed version over the revision it was read at; its controls, where they changed, go first. One that comes
/// into force goes through [`put_in_force`].
pub fn store(tx: &mut Tx<'_>, mut statement: Loaded<StatementOfApplicability>) -> Outcome<StatementOfApplicability> {
    statement.revision += 1;
    statement.updated_at = tx.now();
    let row = Row::of(&statement, tx.organization());
    let read = s::table.find((row.organization_id, row.id)).filter(s::revision.eq(statement.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = look_up(tx, statement.id)?;
    tx.record(Resource::StatementOfApplicability, stored.id.uuid(), Some(&statement.original), &stored)?;
    Ok(stored)
}

/// Stores an approved version that comes into force, in the place of the one in force before it, where there is one.
pub fn put_in_force(tx: &mut Tx<'_>, statement: Loaded<StatementOfApplicability>) -> Outcome<StatementOfApplicability> {
    if let Some(before) = list_in(tx, &Filter::in_force(), &PageRequest::one(), None)?.items.pop() {
        let mut before = Loaded::new(before);
        before.version.supersede();
        store(tx, before)?;
    }
    store(tx, statement)
}
