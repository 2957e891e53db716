//! How the education programmes of the fiscal years are kept: each year's in versions.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::{
    AggregateExpressionMethods,
    dsl::{count, max},
    prelude::*,
};
use mamori_domain::{
    access::{Resource, Role},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        sign_off::SignOff,
        text::normalized,
        version::{Version, VersionState},
    },
    organization::{organization::Organization, person::Person},
    support::education::{
        programme::{EducationProgramme, EducationProgrammeDraft, ProgrammeProgress, Taught},
        theme::EducationTheme,
    },
};

use self::education_programme as g;
use super::duty::education_duty as e;
use crate::{
    context::readable,
    kernel::{
        among::AmongExt,
        columns::{DocumentColumn, KeyColumn, MomentColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{cut, one_more},
        tx::Tx,
        versions::{self, Readable},
    },
    leadership::appointment::Approvers,
    on,
    organization::person::person as p,
    planning::reference,
    sorted, versions,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    education_programme (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        fiscal_year -> Integer,
        version -> Integer,
        owner_id -> Key,
        starts_on -> Date,
        ends_on -> Date,
        content -> Document,
        state -> Text,
        sign_off -> Document,
        in_force_at -> Nullable<Moment>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `content` is the whole draft.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = g, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<EducationProgramme>,
    revision: i32,
    fiscal_year: i32,
    version: i32,
    owner_id: KeyColumn<Person>,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    content: DocumentColumn<EducationProgrammeDraft>,
    state: WordColumn<VersionState>,
    sign_off: DocumentColumn<SignOff>,
    in_force_at: Option<MomentColumn>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(programme: &EducationProgramme, organization_id: KeyColumn<Organization>) -> Self {
        let EducationProgramme {
            id,
            revision,
            version,
            draft,
            owner: _,
            starts_on,
            ends_on,
            allowed_actions: _,
            created_at,
            updated_at,
        } = programme;
        let Version { number, state, sign_off, in_force_at } = version;
        let themes = draft.themes.iter().flat_map(|theme| {
            theme.own_theme.as_ref().map(|own| own.as_str()).into_iter().chain([theme.content.as_str()])
        });
        let events = draft.events.iter().flat_map(|event| [event.method.as_str(), event.held_by.as_str()]);
        let search: Vec<&str> = themes.chain(events).chain([draft.remarks.as_str()]).collect();
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            fiscal_year: draft.fiscal_year,
            version: *number,
            owner_id: KeyColumn(draft.owner_id),
            starts_on: *starts_on,
            ends_on: *ends_on,
            content: DocumentColumn(draft.clone()),
            state: WordColumn(*state),
            sign_off: DocumentColumn(sign_off.clone()),
            in_force_at: in_force_at.map(MomentColumn),
            search: normalized(&search.join("\n")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_programme(self, owner: String) -> EducationProgramme {
        EducationProgramme {
            id: self.id.0,
            revision: self.revision,
            version: Version {
                number: self.version,
                state: self.state.0,
                sign_off: self.sign_off.0,
                in_force_at: self.in_force_at.map(|at| at.0),
            },
            draft: self.content.0,
            owner: Reference::new(self.owner_id.0, owner),
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        }
    }
}

/// Who approves a programme: top management, or who stands in for it (SD-1).
pub fn approvers(tx: &mut Tx<'_>) -> Outcome<Approvers> {
    Approvers::along(tx, "SD-1", Role::TopManagement)
}

/// Which versions are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// As of everything that is issued in versions.
    pub version: versions::Filter<EducationProgramme>,
    /// Of this fiscal year.
    pub fiscal_year: Option<i32>,
}

/// A page of versions that the caller may read; sorts by `fiscal_year` and `updated_at`. Whoever neither writes nor approves
/// them sees those that are or were in force.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<EducationProgramme>> {
    let readable = readable(tx, Resource::EducationPlan)?;
    list_in(tx, filter, page, readable)
}

fn list_in(
    tx: &mut Tx<'_>,
    filter: &Filter,
    page: &PageRequest,
    readable: Readable,
) -> Outcome<Page<EducationProgramme>> {
    let (grants, approvers) = (Grants::of::<EducationProgramme>(tx)?, approvers(tx)?);
    let organization = tx.organization();
    let (rows, total) = on!(tx, {
        let filtered = || {
            let query = versions!(g, search, organization, &filter.version, readable);
            match filter.fiscal_year {
                None => query,
                Some(year) => query.filter(g::fiscal_year.eq(year)),
            }
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, g::updated_at, g::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, g::fiscal_year, g::id, i32),
        };
        let rows: Vec<Row> = query.limit(one_more(page)).select(Row::as_select()).load(tx)?;
        (rows, total)
    });
    let names = names_of(tx, rows.iter().map(|row| row.owner_id).collect())?;
    let programmes = rows
        .into_iter()
        .map(|row| {
            let owner = names.get(&row.owner_id).cloned().unwrap_or_default();
            let mut programme = row.into_programme(owner);
            let preparer = programme.version.preparer();
            programme.allowed_actions = approvers.open(&grants, tx.standing(), &programme, preparer);
            programme
        })
        .collect();
    Ok(cut(programmes, page, total, |programme: &EducationProgramme| match page.sort_field() {
        "updated_at" => (serde_json::json!(programme.updated_at), programme.id.uuid()),
        _ => (serde_json::json!(programme.draft.fiscal_year), programme.id.uuid()),
    }))
}

/// The names of these persons.
fn names_of(tx: &mut Tx<'_>, persons: Vec<KeyColumn<Person>>) -> Outcome<HashMap<KeyColumn<Person>, String>> {
    let named = p::table.filter(p::organization_id.eq(tx.organization())).filter(p::id.among(&persons));
    let names: Vec<(KeyColumn<Person>, String)> = on!(tx, named.select((p::id, p::name)).load(tx))?;
    Ok(names.into_iter().collect())
}

fn only(id: Id<EducationProgramme>) -> Filter {
    Filter { version: versions::Filter::only(id), ..Filter::default() }
}

/// One version that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<EducationProgramme>) -> Outcome<Loaded<EducationProgramme>> {
    list(tx, &only(id), &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// One version, whoever asks.
fn look_up(tx: &mut Tx<'_>, id: Id<EducationProgramme>) -> Outcome<EducationProgramme> {
    list_in(tx, &only(id), &PageRequest::one(), None)?.items.pop().or_not_found()
}

/// The programme of a fiscal year that is in force, whoever asks.
pub fn in_force(tx: &mut Tx<'_>, fiscal_year: i32) -> Outcome<Option<EducationProgramme>> {
    let filter = Filter { version: versions::Filter::in_force(), fiscal_year: Some(fiscal_year) };
    Ok(list_in(tx, &filter, &PageRequest::one(), None)?.items.pop())
}

/// The number of the next version for a fiscal year. There is one programme for each year (EDU-3): the next version is a
/// revision of the one in force, and one is on its way at most. Drafts that were voided do not count.
pub fn next_version(tx: &mut Tx<'_>, draft: &EducationProgrammeDraft) -> Outcome<i32> {
    let of_year = g::table
        .filter(g::organization_id.eq(tx.organization()))
        .filter(g::fiscal_year.eq(draft.fiscal_year))
        .order(g::version.asc());
    let versions: Vec<(KeyColumn<EducationProgramme>, i32, WordColumn<VersionState>)> =
        on!(tx, of_year.select((g::id, g::version, g::state)).load(tx))?;
    Ok(versions::next_of_year(&versions, draft.revises_id).map_err(|refusal| refusal.by("R-12"))?)
}

/// Adds a new version.
pub fn add(tx: &mut Tx<'_>, programme: &EducationProgramme) -> Outcome<EducationProgramme> {
    reference::person(tx, programme.draft.owner_id, "/owner_id")?;
    let row = Row::of(programme, tx.organization());
    on!(tx, diesel::insert_into(g::table).values(&row).execute(tx))?;
    let added = look_up(tx, programme.id)?;
    tx.record(Resource::EducationPlan, added.id.uuid(), None, &added)?;
    Ok(added)
}

/// Stores a changed version over the revision it was read at; one that comes into force goes through [`put_in_force`].
pub fn store(tx: &mut Tx<'_>, mut programme: Loaded<EducationProgramme>) -> Outcome<EducationProgramme> {
    if programme.draft.owner_id != programme.original.draft.owner_id {
        reference::person(tx, programme.draft.owner_id, "/owner_id")?;
    }
    programme.revision += 1;
    programme.updated_at = tx.now();
    let row = Row::of(&programme, tx.organization());
    let read = g::table.find((row.organization_id, row.id)).filter(g::revision.eq(programme.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = look_up(tx, programme.id)?;
    tx.record(Resource::EducationPlan, stored.id.uuid(), Some(&programme.original), &stored)?;
    Ok(stored)
}

/// Stores an approved version that comes into force, in the place of the one of its year before it, where there is one.
pub fn put_in_force(tx: &mut Tx<'_>, programme: Loaded<EducationProgramme>) -> Outcome<EducationProgramme> {
    if let Some(before) = in_force(tx, programme.draft.fiscal_year)? {
        let mut before = Loaded::new(before);
        before.version.supersede();
        store(tx, before)?;
    }
    store(tx, programme)
}

/// How far the year of a programme has come: whoever reads the programme reads the numbers.
pub fn progress(tx: &mut Tx<'_>, programme: &EducationProgramme) -> Outcome<ProgrammeProgress> {
    let taught = taught_by_duties(tx, programme.starts_on, programme.ends_on)?;
    Ok(programme.progress(&taught, tx.today()))
}

/// What the duties tell of each theme: what was done in these days, and what is owed today.
fn taught_by_duties(tx: &mut Tx<'_>, from: NaiveDate, to: NaiveDate) -> Outcome<Vec<Taught>> {
    type Counted = (WordColumn<EducationTheme>, Option<NaiveDate>, i64, i64, i64);
    let (organization, today) = (tx.organization(), tx.today());
    let rows: Vec<Counted> = on!(tx, {
        let owed_by = p::organization_id.eq(e::organization_id).and(p::id.nullable().eq(e::person_id));
        let done = || e::fulfilled_on.between(from, to).assume_not_null();
        let works_here = || p::left_on.nullable().is_null().or(p::left_on.nullable().ge(today).assume_not_null());
        let pending = || e::fulfilled_on.is_null().and(e::waiver.is_null()).and(e::lapsed_on.is_null());
        let open = || pending().and(works_here()).and(e::starts_on.le(today));
        e::table
            .left_join(p::table.on(owed_by))
            .filter(e::organization_id.eq(organization))
            .group_by(e::theme)
            .select((
                e::theme,
                max(e::fulfilled_on).aggregate_filter(done()),
                count(e::id).aggregate_filter(done()),
                count(e::id).aggregate_filter(open()),
                count(e::id).aggregate_filter(open().and(e::due_on.lt(today))),
            ))
            .load(tx)
    })?;
    let taught = |(theme, last_taught_on, duties_done, duties_open, duties_overdue): Counted| Taught {
        theme: theme.0,
        last_taught_on,
        duties_done,
        duties_open,
        duties_overdue,
    };
    Ok(rows.into_iter().map(taught).collect())
}
