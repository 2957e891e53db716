//! How the audit programmes of the fiscal years are kept: each year's in versions.

use chrono::NaiveDate;
use diesel::prelude::*;
use mamori_domain::{
    access::Resource,
    evaluation::audit_programme::{AuditProgramme, AuditProgrammeDraft, row::AuditProgrammeRow},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        refusal::{Code, Fault, Refusal},
        sign_off::SignOff,
        text::{Note, Text, Word, normalized},
        version::{Version, VersionState},
    },
    organization::{department::Department, organization::Organization},
};

use self::{audit_programme as g, progress::Made};
use super::audit::approvers;
use crate::{
    context::named::{self, Named, pointed},
    kernel::{
        columns::{DocumentColumn, KeyColumn, MomentColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{cut, one_more},
        tx::Tx,
        versions::{self, Readable},
    },
    on,
    planning::{applicability::control as controls, readable},
    sorted, versions,
};

pub mod coverage;
mod progress;

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    audit_programme (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        fiscal_year -> Integer,
        version -> Integer,
        last_row -> Integer,
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
    id: KeyColumn<AuditProgramme>,
    revision: i32,
    fiscal_year: i32,
    version: i32,
    last_row: i32,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    content: DocumentColumn<AuditProgrammeDraft>,
    state: WordColumn<VersionState>,
    sign_off: DocumentColumn<SignOff>,
    in_force_at: Option<MomentColumn>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(programme: &AuditProgramme, organization_id: KeyColumn<Organization>) -> Self {
        let AuditProgramme {
            id,
            revision,
            version,
            draft,
            last_row,
            progress: _,
            starts_on,
            ends_on,
            allowed_actions: _,
            created_at,
            updated_at,
        } = programme;
        let Version { number, state, sign_off, in_force_at } = version;
        let texts = [&draft.purpose, &draft.method, &draft.criteria];
        let considered = [&draft.importance_considered, &draft.earlier_results_considered];
        let remarks = draft.rows.iter().map(|row| &row.remarks).chain([&draft.remarks]);
        let search: Vec<&str> =
            texts.into_iter().chain(considered).map(Text::as_str).chain(remarks.map(Note::as_str)).collect();
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            fiscal_year: draft.fiscal_year,
            version: *number,
            last_row: *last_row,
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

    fn into_programme(self, departments: &Named<Department>, made: &Made, today: NaiveDate) -> AuditProgramme {
        let progress = self.content.0.rows.iter().map(|row| {
            let departments = departments.references(&row.department_ids);
            let (states, audits) = made.of(self.fiscal_year, row.number);
            row.progress(self.ends_on, departments, states, audits.to_vec(), today)
        });
        AuditProgramme {
            id: self.id.0,
            revision: self.revision,
            progress: progress.collect(),
            version: Version {
                number: self.version,
                state: self.state.0,
                sign_off: self.sign_off.0,
                in_force_at: self.in_force_at.map(|at| at.0),
            },
            draft: self.content.0,
            last_row: self.last_row,
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        }
    }
}

/// Which versions are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// As of everything that is issued in versions.
    pub version: versions::Filter<AuditProgramme>,
    /// Of this fiscal year.
    pub fiscal_year: Option<i32>,
}

/// A page of versions that the caller may read; sorts by `fiscal_year` and `updated_at`. Who reads audits of a department
/// alone sees those that are or were in force.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<AuditProgramme>> {
    let readable = readable(tx, Resource::AuditProgramme)?;
    list_in(tx, filter, page, readable)
}

fn list_in(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest, readable: Readable) -> Outcome<Page<AuditProgramme>> {
    let (grants, approvers) = (Grants::of::<AuditProgramme>(tx)?, approvers(tx)?);
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
    let departments = named::departments(tx, rows.iter().flat_map(|row| departments(&row.content.0)))?;
    let made = Made::in_years(tx, rows.iter().map(|row| row.fiscal_year))?;
    let today = tx.today();
    let programmes = rows
        .into_iter()
        .map(|row| {
            let mut programme = row.into_programme(&departments, &made, today);
            let preparer = programme.version.preparer();
            programme.allowed_actions = approvers.open(&grants, tx.standing(), &programme, preparer);
            programme
        })
        .collect();
    Ok(cut(programmes, page, total, |programme: &AuditProgramme| match page.sort_field() {
        "updated_at" => (serde_json::json!(programme.updated_at), programme.id.uuid()),
        _ => (serde_json::json!(programme.draft.fiscal_year), programme.id.uuid()),
    }))
}

/// The departments that a programme names.
fn departments(draft: &AuditProgrammeDraft) -> impl Iterator<Item = Id<Department>> {
    draft.rows.iter().flat_map(|row| row.department_ids.iter().copied())
}

fn only(id: Id<AuditProgramme>) -> Filter {
    Filter { version: versions::Filter::only(id), ..Filter::default() }
}

/// One version that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<AuditProgramme>) -> Outcome<Loaded<AuditProgramme>> {
    list(tx, &only(id), &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// One version, whoever asks.
fn look_up(tx: &mut Tx<'_>, id: Id<AuditProgramme>) -> Outcome<AuditProgramme> {
    list_in(tx, &only(id), &PageRequest::one(), None)?.items.pop().or_not_found()
}

/// The programme of a fiscal year that is in force, whoever asks.
pub fn in_force(tx: &mut Tx<'_>, fiscal_year: i32) -> Outcome<Option<AuditProgramme>> {
    let filter = Filter { version: versions::Filter::in_force(), fiscal_year: Some(fiscal_year) };
    Ok(list_in(tx, &filter, &PageRequest::one(), None)?.items.pop())
}

/// The number of the next version for a fiscal year, and the version in force that it revises. There is one programme for
/// each year: the next version is a revision of the one in force, and one is on its way at most. Drafts that were voided
/// do not count.
pub fn next_version(tx: &mut Tx<'_>, draft: &AuditProgrammeDraft) -> Outcome<(i32, Option<AuditProgramme>)> {
    let of_year =
        g::table.filter(g::organization_id.eq(tx.organization())).filter(g::fiscal_year.eq(draft.fiscal_year));
    let numbers = of_year.order(g::version.asc()).select((g::id, g::version, g::state));
    let number = versions::next_of_year(&on!(tx, numbers.load(tx))?, draft.revises_id)?;
    Ok((number, if draft.revises_id.is_some() { in_force(tx, draft.fiscal_year)? } else { None }))
}

/// Adds a new version.
pub fn add(tx: &mut Tx<'_>, programme: &AuditProgramme) -> Outcome<AuditProgramme> {
    let before = match programme.draft.revises_id {
        Some(revised) => look_up(tx, revised)?.draft.rows,
        None => Vec::new(),
    };
    require_references(tx, &programme.draft, &before)?;
    let row = Row::of(programme, tx.organization());
    on!(tx, diesel::insert_into(g::table).values(&row).execute(tx))?;
    let added = look_up(tx, programme.id)?;
    tx.record(Resource::AuditProgramme, added.id.uuid(), None, &added)?;
    Ok(added)
}

/// Stores a changed version over the revision it was read at; one that comes into force goes through [`put_in_force`].
pub fn store(tx: &mut Tx<'_>, mut programme: Loaded<AuditProgramme>) -> Outcome<AuditProgramme> {
    if programme.draft.rows != programme.original.draft.rows {
        require_references(tx, &programme.draft, &programme.original.draft.rows)?;
    }
    programme.revision += 1;
    programme.updated_at = tx.now();
    let row = Row::of(&programme, tx.organization());
    let read = g::table.find((row.organization_id, row.id)).filter(g::revision.eq(programme.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = look_up(tx, programme.id)?;
    tx.record(Resource::AuditProgramme, stored.id.uuid(), Some(&programme.original), &stored)?;
    Ok(stored)
}

/// Stores an approved version that comes into force, in the place of the one of its year before it, where there is one.
pub fn put_in_force(tx: &mut Tx<'_>, programme: Loaded<AuditProgramme>) -> Outcome<AuditProgramme> {
    if let Some(before) = in_force(tx, programme.draft.fiscal_year)? {
        let mut before = Loaded::new(before);
        before.version.supersede();
        store(tx, before)?;
    }
    store(tx, programme)
}

/// Refuses departments that are unknown or gone, and controls that are neither of Annex A nor own ones of the statement of
/// applicability in force; rows that stood there before keep theirs.
fn require_references(tx: &mut Tx<'_>, draft: &AuditProgrammeDraft, before: &[AuditProgrammeRow]) -> Outcome<()> {
    let (departments, controls) = (named::departments(tx, departments(draft))?, controls::in_force(tx)?);
    let mut faults = Vec::new();
    for (at, row) in draft.rows.iter().enumerate() {
        let same = before.iter().find(|earlier| earlier.number.is_some() && earlier.number == row.number);
        let stood_there = same.map_or(&[][..], |same| &same.department_ids);
        let pointer = format!("/rows/{at}/department_ids");
        faults.extend(departments.unknown(pointed(&row.department_ids, &pointer), stood_there));
        for (place, control) in row.controls.iter().map(Word::as_str).enumerate() {
            let stood_there = same.is_some_and(|same| same.has_control(control));
            if !stood_there && !controls.has(control) {
                faults.push(Fault::new(format!("/rows/{at}/controls/{place}"), Code::UnknownReference));
            }
        }
    }
    Ok(Refusal::unless_empty(faults)?)
}
