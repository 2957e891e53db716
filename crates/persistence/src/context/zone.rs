//! How zones are kept. Two zones that border on each other each name the other; a change of one side changes both.

use diesel::prelude::*;
use mamori_domain::{
    access::Resource,
    context::zone::{Zone, ZoneDraft, ZoneState},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        refusal::{Code, Refusal},
        text::{Title, normalized},
    },
    organization::{organization::Organization, person::Person},
    planning::rating::Rating,
};

use self::zone as z;
use super::named::{self, pointed};
use crate::{
    kernel::{
        columns::{DocumentColumn, KeyColumn, MomentColumn, TextColumn},
        failure::{Failure, OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{containing, cut, one_more},
        tx::Tx,
    },
    on,
    planning::rating::RatingColumn,
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    zone (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        name -> Text,
        name_key -> Text,
        security_level -> Integer,
        in_scope -> Bool,
        adjacent_zone_ids -> Document,
        equipment -> Document,
        doors -> Document,
        allowed_person_ids -> Document,
        restrictions -> Text,
        retired_on -> Nullable<Date>,
        retirement_reason -> Nullable<Text>,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = z, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<Zone>,
    revision: i32,
    name: TextColumn<1, 200>,
    name_key: String,
    security_level: RatingColumn,
    in_scope: bool,
    adjacent_zone_ids: DocumentColumn<Vec<Id<Zone>>>,
    equipment: DocumentColumn<Vec<Title>>,
    doors: DocumentColumn<Vec<Title>>,
    allowed_person_ids: DocumentColumn<Vec<Id<Person>>>,
    restrictions: TextColumn<0, 10_000>,
    retired_on: Option<chrono::NaiveDate>,
    retirement_reason: Option<String>,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(zone: &Zone, organization_id: KeyColumn<Organization>) -> Self {
        let Zone {
            id,
            revision,
            draft,
            adjacent_zones: _,
            allowed_persons: _,
            visitors_allowed: _,
            no_food_or_drink: _,
            log_required: _,
            state: _,
            retired_on,
            retirement_reason,
            allowed_actions: _,
            created_at,
            updated_at,
        } = zone;
        let ZoneDraft {
            name,
            security_level,
            in_scope,
            adjacent_zone_ids,
            equipment,
            doors,
            allowed_person_ids,
            restrictions,
        } = draft;
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            name: TextColumn(name.clone()),
            name_key: normalized(name.as_str()),
            security_level: RatingColumn(*security_level),
            in_scope: *in_scope,
            adjacent_zone_ids: DocumentColumn(adjacent_zone_ids.clone()),
            equipment: DocumentColumn(equipment.clone()),
            doors: DocumentColumn(doors.clone()),
            allowed_person_ids: DocumentColumn(allowed_person_ids.clone()),
            restrictions: TextColumn(restrictions.clone()),
            retired_on: *retired_on,
            retirement_reason: retirement_reason.clone(),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_zone(self) -> Zone {
        let mut zone = Zone {
            id: self.id.0,
            revision: self.revision,
            draft: ZoneDraft {
                name: self.name.0,
                security_level: self.security_level.0,
                in_scope: self.in_scope,
                adjacent_zone_ids: self.adjacent_zone_ids.0,
                equipment: self.equipment.0,
                doors: self.doors.0,
                allowed_person_ids: self.allowed_person_ids.0,
                restrictions: self.restrictions.0,
            },
            adjacent_zones: Vec::new(),
            allowed_persons: Vec::new(),
            // What `derive` makes of the level.
            visitors_allowed: false,
            no_food_or_drink: false,
            log_required: false,
            state: if self.retired_on.is_some() { ZoneState::Retired } else { ZoneState::Active },
            retired_on: self.retired_on,
            retirement_reason: self.retirement_reason,
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        zone.derive();
        zone
    }
}

/// Which zones are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<Zone>>,
    /// Whose name contains this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// Of this level.
    pub security_level: Option<Rating>,
    /// Inside of the scope, or outside.
    pub in_scope: Option<bool>,
    /// Also those that were given up.
    pub include_retired: bool,
}

/// A page of zones; sorts by `name`, `security_level` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<Zone>> {
    let grants = Grants::of::<Zone>(tx)?;
    let organization = tx.organization();
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = z::table.filter(z::organization_id.eq(organization)).into_boxed::<Db>();
            if let Some(id) = filter.id {
                query = query.filter(z::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(z::name_key.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(z::updated_at.ge(MomentColumn(since)));
            }
            if let Some(level) = filter.security_level {
                query = query.filter(z::security_level.eq(RatingColumn(level)));
            }
            if let Some(in_scope) = filter.in_scope {
                query = query.filter(z::in_scope.eq(in_scope));
            }
            if !filter.include_retired {
                query = query.filter(z::retired_on.is_null());
            }
            query
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "security_level" => sorted!(filtered(), page, z::security_level, z::id, i32),
            "updated_at" => sorted!(filtered(), page, z::updated_at, z::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, z::name, z::id, String),
        };
        let rows: Vec<Row> = query.limit(one_more(page)).select(Row::as_select()).load(tx)?;
        (rows, total)
    });
    let mut zones: Vec<Zone> = rows.into_iter().map(Row::into_zone).collect();
    let adjacent = named::zones(tx, zones.iter().flat_map(|zone| zone.draft.adjacent_zone_ids.clone()))?;
    let allowed = named::persons(tx, zones.iter().flat_map(|zone| zone.draft.allowed_person_ids.clone()))?;
    for zone in &mut zones {
        zone.adjacent_zones = adjacent.references(&zone.draft.adjacent_zone_ids);
        zone.allowed_persons = allowed.references(&zone.draft.allowed_person_ids);
        zone.allowed_actions = grants.open(zone, |within| within.all);
    }
    Ok(cut(zones, page, total, |zone: &Zone| match page.sort_field() {
        "security_level" => (serde_json::json!(RatingColumn::number(zone.draft.security_level)), zone.id.uuid()),
        "updated_at" => (serde_json::json!(zone.updated_at), zone.id.uuid()),
        _ => (serde_json::json!(zone.draft.name), zone.id.uuid()),
    }))
}

/// One zone, also one that was given up.
pub fn find(tx: &mut Tx<'_>, id: Id<Zone>) -> Outcome<Loaded<Zone>> {
    let filter = Filter { id: Some(id), include_retired: true, ..Filter::default() };
    list(tx, &filter, &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// The zone that a field names; refused where it is unknown or was given up.
pub fn require(tx: &mut Tx<'_>, id: Id<Zone>, pointer: &str) -> Outcome<Zone> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    let zone = list(tx, &filter, &PageRequest::one())?.items.pop();
    zone.ok_or_else(|| Failure::from(Refusal::field(pointer, Code::UnknownReference)))
}

/// Adds a new zone; those that it borders on follow.
pub fn add(tx: &mut Tx<'_>, zone: &Zone) -> Outcome<Zone> {
    check(tx, zone, None)?;
    let row = Row::of(zone, tx.organization());
    on!(tx, diesel::insert_into(z::table).values(&row).execute(tx))?;
    let added = find(tx, zone.id)?.value;
    tx.record(Resource::Scope, added.id.uuid(), None, &added)?;
    follow(tx, zone.id, &[], &zone.draft.adjacent_zone_ids)?;
    Ok(added)
}

/// Stores a changed zone over the revision it was read at; those that it borders on, or did, follow.
pub fn store(tx: &mut Tx<'_>, zone: Loaded<Zone>) -> Outcome<Zone> {
    check(tx, &zone, Some(&zone.original.draft))?;
    let (before, after) = (zone.original.draft.adjacent_zone_ids.clone(), zone.draft.adjacent_zone_ids.clone());
    let stored = write(tx, zone)?;
    follow(tx, stored.id, &before, &after)?;
    Ok(stored)
}

fn write(tx: &mut Tx<'_>, mut zone: Loaded<Zone>) -> Outcome<Zone> {
    zone.revision += 1;
    zone.updated_at = tx.now();
    let row = Row::of(&zone, tx.organization());
    let read = z::table.find((row.organization_id, row.id)).filter(z::revision.eq(zone.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = find(tx, zone.id)?.value;
    tx.record(Resource::Scope, stored.id.uuid(), Some(&zone.original), &stored)?;
    Ok(stored)
}

/// Zones that a zone comes to border on name it, those that it no longer borders on do not.
fn follow(tx: &mut Tx<'_>, zone: Id<Zone>, before: &[Id<Zone>], after: &[Id<Zone>]) -> Outcome<()> {
    for id in after.iter().filter(|id| !before.contains(id)) {
        let mut other = find(tx, *id)?;
        other.draft.adjacent_zone_ids.push(zone);
        write(tx, other)?;
    }
    for id in before.iter().filter(|id| !after.contains(id)) {
        let mut other = find(tx, *id)?;
        other.draft.adjacent_zone_ids.retain(|adjacent| *adjacent != zone);
        write(tx, other)?;
    }
    Ok(())
}

/// Refuses a name that another one has, and zones and persons (other than those of `old`) that are not there.
fn check(tx: &mut Tx<'_>, zone: &Zone, old: Option<&ZoneDraft>) -> Outcome<()> {
    let ZoneDraft { name, adjacent_zone_ids, allowed_person_ids, .. } = &zone.draft;
    let zones = named::zones(tx, adjacent_zone_ids.iter().copied())?;
    let persons = named::persons(tx, allowed_person_ids.iter().copied())?;
    let before = old.map_or(&[][..], |old| &old.adjacent_zone_ids);
    let mut faults: Vec<_> = zones.unknown(pointed(adjacent_zone_ids, "/adjacent_zone_ids"), before).collect();
    let before = old.map_or(&[][..], |old| &old.allowed_person_ids);
    faults.extend(persons.unknown(pointed(allowed_person_ids, "/allowed_person_ids"), before));
    Refusal::unless_empty(faults)?;
    match by_name(tx, name.as_str())? {
        Some(other) if other != zone.id && zone.state == ZoneState::Active => {
            Err(Refusal::new(Code::AlreadyExists).with("field", "/name").with("id", other.to_string()).into())
        }
        _ => Ok(()),
    }
}

/// The zone with this name, as people write it.
pub fn by_name(tx: &mut Tx<'_>, name: &str) -> Outcome<Option<Id<Zone>>> {
    let organization = tx.organization();
    let id: Option<KeyColumn<Zone>> = on!(
        tx,
        z::table
            .filter(z::organization_id.eq(organization))
            .filter(z::name_key.eq(normalized(name)))
            .filter(z::retired_on.is_null())
            .select(z::id)
            .first(tx)
    )
    .optional()?;
    Ok(id.map(|id| id.0))
}
