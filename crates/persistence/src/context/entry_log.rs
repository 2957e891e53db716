//! How the entry log is kept.

use diesel::{
    dsl::{And, Or},
    prelude::*,
};
use mamori_domain::{
    access::{Resource, Verb},
    context::{
        entry_log::{EntryLogEntry, EntryLogEntryDraft, EntryState, EntryViolation, Party},
        zone::Zone,
    },
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        sign_off::Signature,
        text::normalized,
    },
    organization::{department::Department, organization::Organization, person::Person},
    planning::rating::Rating,
    support::disposal::ONE_BEYOND_MOST,
};

use self::entry_log_entry as e;
use super::zone::zone as z;
use crate::{
    kernel::{
        among::{Among, AmongExt},
        columns::{DocumentColumn, KeyColumn, MomentColumn, TextColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{containing, cut, one_more},
        tx::{Tx, Within, require_within},
    },
    on,
    organization::person::{self as persons, person as p},
    planning::{rating::RatingColumn, reference},
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    entry_log_entry (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        zone_id -> Key,
        person_id -> Nullable<Key>,
        visitor_name -> Nullable<Text>,
        company -> Nullable<Text>,
        entered_at -> Moment,
        left_at -> Nullable<Moment>,
        escorted_by_id -> Nullable<Key>,
        permission -> Text,
        entered_on -> Date,
        day_ends_at -> Moment,
        security_level -> Integer,
        listed -> Bool,
        unattended -> Bool,
        department_id -> Nullable<Key>,
        recorded -> Document,
        voided -> Nullable<Document>,
        erased_at -> Nullable<Moment>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// Level, list and the end of the day are as they were when the entry was recorded; state and violation follow from
/// them and from the time of reading.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = e, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<EntryLogEntry>,
    revision: i32,
    zone_id: KeyColumn<Zone>,
    person_id: Option<KeyColumn<Person>>,
    visitor_name: Option<TextColumn<1, 200>>,
    company: Option<TextColumn<1, 200>>,
    entered_at: MomentColumn,
    left_at: Option<MomentColumn>,
    escorted_by_id: Option<KeyColumn<Person>>,
    permission: TextColumn<0, 10_000>,
    entered_on: chrono::NaiveDate,
    day_ends_at: MomentColumn,
    security_level: RatingColumn,
    listed: bool,
    unattended: bool,
    department_id: Option<KeyColumn<Department>>,
    recorded: DocumentColumn<Signature>,
    voided: Option<DocumentColumn<Signature>>,
    erased_at: Option<MomentColumn>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(entry: &EntryLogEntry, organization_id: KeyColumn<Organization>) -> Self {
        let EntryLogEntry {
            id,
            revision,
            draft,
            zone: _,
            person,
            escorted_by: _,
            entered_on,
            day_ends_at,
            security_level,
            listed,
            unattended,
            violation: _,
            suggests_incident: _,
            state: _,
            department_id,
            recorded,
            voided,
            erased_at,
            allowed_actions: _,
            created_at,
            updated_at,
        } = entry;
        let EntryLogEntryDraft {
            zone_id,
            person_id,
            visitor_name,
            company,
            entered_at,
            left_at,
            escorted_by_id,
            permission,
        } = draft;
        let texts = [visitor_name, company].into_iter().flatten().map(|text| text.as_str());
        let search: Vec<&str> = texts.chain(person.as_ref().map(|person| person.name.as_str())).collect();
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            zone_id: KeyColumn(*zone_id),
            person_id: person_id.map(KeyColumn),
            visitor_name: visitor_name.clone().map(TextColumn),
            company: company.clone().map(TextColumn),
            entered_at: MomentColumn(*entered_at),
            left_at: left_at.map(MomentColumn),
            escorted_by_id: escorted_by_id.map(KeyColumn),
            permission: TextColumn(permission.clone()),
            entered_on: *entered_on,
            day_ends_at: MomentColumn(*day_ends_at),
            security_level: RatingColumn(*security_level),
            listed: *listed,
            unattended: *unattended,
            department_id: department_id.map(KeyColumn),
            recorded: DocumentColumn(recorded.clone()),
            voided: voided.clone().map(DocumentColumn),
            erased_at: erased_at.map(MomentColumn),
            search: normalized(&search.join("\n")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_entry(self, names: Names, now: chrono::DateTime<chrono::Utc>) -> EntryLogEntry {
        let (zone, person, escort) = names;
        let mut entry = EntryLogEntry {
            id: self.id.0,
            revision: self.revision,
            zone: Reference::new(self.zone_id.0, zone),
            person: self.person_id.zip(person).map(|(id, name)| Reference::new(id.0, name)),
            escorted_by: self.escorted_by_id.zip(escort).map(|(id, name)| Reference::new(id.0, name)),
            draft: EntryLogEntryDraft {
                zone_id: self.zone_id.0,
                person_id: self.person_id.map(|id| id.0),
                visitor_name: self.visitor_name.map(|name| name.0),
                company: self.company.map(|company| company.0),
                entered_at: self.entered_at.0,
                left_at: self.left_at.map(|at| at.0),
                escorted_by_id: self.escorted_by_id.map(|id| id.0),
                permission: self.permission.0,
            },
            entered_on: self.entered_on,
            day_ends_at: self.day_ends_at.0,
            security_level: self.security_level.0,
            listed: self.listed,
            unattended: self.unattended,
            // What `derive` makes of the rest.
            violation: EntryViolation::None,
            suggests_incident: false,
            state: EntryState::Inside,
            department_id: self.department_id.map(|id| id.0),
            recorded: self.recorded.0,
            voided: self.voided.map(|voided| voided.0),
            erased_at: self.erased_at.map(|at| at.0),
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        entry.derive(now);
        entry
    }
}

/// The names of the zone, of the person and of the escort.
type Names = (String, Option<String>, Option<String>);

diesel::alias! {
    const ESCORT: Alias<Escort> = p as escort;
}

/// Whether an entry lies within: by the department that answers for it, or because it is the caller's own visit.
fn covers(within: &Within, entry: &EntryLogEntry) -> bool {
    let own = entry.draft.person_id.is_some_and(|person| within.own.contains(&KeyColumn(person)));
    own || within.covers(entry.department_id, None, None)
}

/// The same as a condition.
fn lies_within(within: &Within) -> Or<Among<e::department_id>, Among<e::person_id>> {
    e::department_id.among(&within.departments).or(e::person_id.among(&within.own))
}

/// In level 3 and unattended, as a condition.
fn alone_in_level_3() -> And<diesel::dsl::Eq<e::security_level, RatingColumn>, e::unattended> {
    e::security_level.eq(RatingColumn(Rating::HIGH)).and(e::unattended)
}

/// Which entries are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<EntryLogEntry>>,
    /// Of people or companies whose name contains this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// To this zone.
    pub zone: Option<Id<Zone>>,
    /// Of this person.
    pub person: Option<Id<Person>>,
    /// On this day.
    pub day: Option<chrono::NaiveDate>,
    /// With this violation, as of now.
    pub violation: Option<EntryViolation>,
    /// In this state; where none is given, all but those that are void.
    pub state: Option<EntryState>,
    /// Also those that are void, where no state is given.
    pub include_voided: bool,
}

/// A page of entries that the caller may read; sorts by `entered_at` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<EntryLogEntry>> {
    let within = tx.within(Resource::EntryLog, Verb::Read)?;
    list_within(tx, filter, page, &within)
}

fn list_within(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest, within: &Within) -> Outcome<Page<EntryLogEntry>> {
    let grants = Grants::of::<EntryLogEntry>(tx)?;
    let (organization, now) = (tx.organization(), tx.now());
    let (escort, moment) = (ESCORT, MomentColumn(now));
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = e::table
                .inner_join(z::table.on(z::organization_id.eq(e::organization_id).and(z::id.eq(e::zone_id))))
                .left_join(
                    p::table.on(p::organization_id.eq(e::organization_id).and(p::id.nullable().eq(e::person_id))),
                )
                .left_join(
                    escort.on(escort
                        .field(p::organization_id)
                        .eq(e::organization_id)
                        .and(escort.field(p::id).nullable().eq(e::escorted_by_id))),
                )
                .filter(e::organization_id.eq(organization))
                .into_boxed::<Db>();
            if !within.all {
                query = query.filter(lies_within(within));
            }
            if let Some(id) = filter.id {
                query = query.filter(e::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(e::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(e::updated_at.ge(MomentColumn(since)));
            }
            if let Some(zone) = filter.zone {
                query = query.filter(e::zone_id.eq(KeyColumn(zone)));
            }
            if let Some(person) = filter.person {
                query = query.filter(e::person_id.eq(KeyColumn(person)));
            }
            if let Some(day) = filter.day {
                query = query.filter(e::entered_on.eq(day));
            }
            query = match filter.state {
                None if filter.include_voided => query,
                None => query.filter(e::voided.is_null()),
                Some(EntryState::Voided) => query.filter(e::voided.is_not_null()),
                Some(EntryState::Left) => query.filter(e::voided.is_null()).filter(e::left_at.is_not_null()),
                Some(EntryState::Inside) => query.filter(e::voided.is_null()).filter(e::left_at.is_null()),
            };
            let low = || e::security_level.eq(RatingColumn(Rating::LOW));
            // As `EntryLogEntry::derive` has it.
            match filter.violation {
                None => query,
                Some(EntryViolation::UnlistedWithoutEscort) => {
                    query.filter(e::voided.is_null()).filter(alone_in_level_3())
                }
                Some(EntryViolation::NotLeft) => {
                    let still_inside = e::left_at.is_null().and(e::day_ends_at.le(moment));
                    let left_late = e::left_at.is_not_null().and(e::left_at.assume_not_null().gt(e::day_ends_at));
                    query
                        .filter(e::voided.is_null())
                        .filter(diesel::dsl::not(low()))
                        .filter(diesel::dsl::not(alone_in_level_3()))
                        .filter(still_inside.or(left_late))
                }
                Some(EntryViolation::None) => {
                    let still_in_time = e::left_at.is_null().and(e::day_ends_at.gt(moment));
                    let left_in_time = e::left_at.is_not_null().and(e::left_at.assume_not_null().le(e::day_ends_at));
                    let in_time = still_in_time.or(left_in_time);
                    let in_order = diesel::dsl::not(alone_in_level_3()).and(in_time);
                    query.filter(e::voided.is_not_null().or(low()).or(in_order))
                }
            }
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, e::updated_at, e::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, e::entered_at, e::id, chrono::DateTime<chrono::Utc>),
        };
        let rows: Vec<(Row, Names)> = query
            .limit(one_more(page))
            .select((Row::as_select(), (z::name, p::name.nullable(), escort.field(p::name).nullable())))
            .load(tx)?;
        (rows, total)
    });
    let entries = rows
        .into_iter()
        .map(|(row, names)| {
            let mut entry = row.into_entry(names, now);
            entry.allowed_actions = grants.open(&entry, |within| covers(within, &entry));
            entry
        })
        .collect();
    Ok(cut(entries, page, total, |entry: &EntryLogEntry| match page.sort_field() {
        "updated_at" => (serde_json::json!(entry.updated_at), entry.id.uuid()),
        _ => (serde_json::json!(entry.draft.entered_at), entry.id.uuid()),
    }))
}

/// One entry that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<EntryLogEntry>) -> Outcome<Loaded<EntryLogEntry>> {
    let within = tx.within(Resource::EntryLog, Verb::Read)?;
    find_within(tx, id, &within)
}

/// One entry to do `verb` to it. Who records visits does not thereby read the log: what lies outside of the caller's
/// reach is refused to those who may read it, and is not there for the others (amendments §1.6).
pub fn find_for(tx: &mut Tx<'_>, id: Id<EntryLogEntry>, verb: Verb) -> Outcome<Loaded<EntryLogEntry>> {
    let within = tx.within(Resource::EntryLog, verb)?;
    let entry = look_up(tx, id)?;
    if !covers(&within, &entry) {
        find(tx, id)?;
        require_within(false)?;
    }
    Ok(Loaded::new(entry))
}

/// One entry, whoever asks.
fn look_up(tx: &mut Tx<'_>, id: Id<EntryLogEntry>) -> Outcome<EntryLogEntry> {
    Ok(find_within(tx, id, &Within::everything())?.value)
}

fn find_within(tx: &mut Tx<'_>, id: Id<EntryLogEntry>, within: &Within) -> Outcome<Loaded<EntryLogEntry>> {
    let filter = Filter { id: Some(id), include_voided: true, ..Filter::default() };
    list_within(tx, &filter, &PageRequest::one(), within)?.items.pop().or_not_found().map(Loaded::new)
}

/// Who takes part in a visit. The department that answers for it is that of the person who entered; of a visitor that of
/// the escort or, without one, that of the caller, who records it. Refused where the draft names somebody who is not there.
pub fn party(tx: &mut Tx<'_>, draft: &EntryLogEntryDraft) -> Outcome<Party> {
    let person = member(tx, draft.person_id, "/person_id")?;
    let escort = member(tx, draft.escorted_by_id, "/escorted_by_id")?;
    let department_id = match person.as_ref().or(escort.as_ref()) {
        Some((_, department)) => *department,
        None => tx.standing().department,
    };
    Ok(Party { person: person.map(|(name, _)| name), escorted_by: escort.map(|(name, _)| name), department_id })
}

/// A person of the organization with their department.
fn member(
    tx: &mut Tx<'_>,
    id: Option<Id<Person>>,
    pointer: &str,
) -> Outcome<Option<(Reference, Option<Id<Department>>)>> {
    let Some(id) = id else { return Ok(None) };
    reference::person(tx, id, pointer)?;
    let person = persons::look_up(tx, id)?.value;
    Ok(Some((Reference::new(id, person.draft.name.as_str()), person.draft.department_id)))
}

/// Adds a new entry, where its visit lies within what the caller may record.
pub fn add(tx: &mut Tx<'_>, entry: &EntryLogEntry) -> Outcome<EntryLogEntry> {
    let within = tx.within(Resource::EntryLog, Verb::Create)?;
    require_within(covers(&within, entry))?;
    let row = Row::of(entry, tx.organization());
    on!(tx, diesel::insert_into(e::table).values(&row).execute(tx))?;
    let entry = look_up(tx, entry.id)?;
    tx.record(Resource::EntryLog, entry.id.uuid(), None, &entry)?;
    Ok(entry)
}

/// Stores a changed entry over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut entry: Loaded<EntryLogEntry>) -> Outcome<EntryLogEntry> {
    entry.revision += 1;
    entry.updated_at = tx.now();
    let row = Row::of(&entry, tx.organization());
    let read = e::table.find((row.organization_id, row.id)).filter(e::revision.eq(entry.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = look_up(tx, entry.id)?;
    tx.record(Resource::EntryLog, stored.id.uuid(), Some(&entry.original), &stored)?;
    Ok(stored)
}

/// Visits until a day, with the zone and their day, that still say who it was; the first ones first.
pub(crate) fn recorded_until(
    tx: &mut Tx<'_>,
    day: chrono::NaiveDate,
) -> Outcome<Vec<(Id<EntryLogEntry>, String, chrono::NaiveDate)>> {
    let organization = tx.organization();
    let found: Vec<(KeyColumn<EntryLogEntry>, String, chrono::NaiveDate)> = on!(
        tx,
        e::table
            .inner_join(z::table.on(z::organization_id.eq(e::organization_id).and(z::id.eq(e::zone_id))))
            .filter(e::organization_id.eq(organization))
            .filter(e::entered_on.le(day))
            .filter(e::erased_at.is_null())
            .order((e::entered_at.asc(), e::id.asc()))
            .limit(ONE_BEYOND_MOST)
            .select((e::id, z::name, e::entered_on))
            .load(tx)
    )?;
    Ok(found.into_iter().map(|(id, zone, day)| (id.0, zone, day)).collect())
}

/// Erases who it was, whose visit this is.
pub(crate) fn erase(tx: &mut Tx<'_>, id: Id<EntryLogEntry>) -> Outcome<()> {
    let mut entry = Loaded::new(look_up(tx, id)?);
    entry.erase(tx.now());
    store(tx, entry)?;
    Ok(())
}

/// Whether somebody is inside of the zone.
pub fn is_anybody_inside(tx: &mut Tx<'_>, zone: Id<Zone>) -> Outcome<bool> {
    let inside = e::table
        .filter(e::organization_id.eq(tx.organization()))
        .filter(e::zone_id.eq(KeyColumn(zone)))
        .filter(e::left_at.is_null())
        .filter(e::voided.is_null());
    Ok(on!(tx, diesel::select(diesel::dsl::exists(inside)).get_result(tx))?)
}
