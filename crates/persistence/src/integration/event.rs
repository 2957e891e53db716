//! Events: written in the transaction that changes a record, sealed into a chain afterwards.

use aws_lc_rs::digest::{Context as Hasher, SHA256};
use chrono::{DateTime, SecondsFormat, Utc};
use diesel::prelude::*;
use mamori_domain::{
    access::Resource,
    integration::event::{ChainFault, ChainFaultKind, Event, EventKind, Verification},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
    },
    organization::organization::Organization,
};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use self::{event as e, event_chain as chain};
use crate::{
    kernel::{
        columns::{KeyColumn, MomentColumn, WordColumn},
        failure::{Failure, Outcome},
        paging::{cut, one_more},
        tx::Tx,
    },
    on,
    organization::person::person as p,
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    event (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        at -> Moment,
        kind -> Text,
        operation -> Text,
        request_id -> Text,
        principal_id -> Nullable<Key>,
        person_id -> Nullable<Key>,
        actor -> Text,
        resource -> Text,
        record_id -> Nullable<Key>,
        before -> Nullable<Text>,
        after -> Nullable<Text>,
        sequence -> Nullable<BigInt>,
        hash -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    event_chain (organization_id) {
        organization_id -> Key,
        head_sequence -> BigInt,
        head_hash -> Binary,
    }
}

#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = e, treat_none_as_default_value = false)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<Event>,
    at: MomentColumn,
    kind: WordColumn<EventKind>,
    operation: String,
    request_id: String,
    principal_id: Option<KeyColumn<()>>,
    person_id: Option<KeyColumn<()>>,
    actor: String,
    resource: String,
    record_id: Option<KeyColumn<()>>,
    before: Option<String>,
    after: Option<String>,
    sequence: Option<i64>,
    hash: Option<Vec<u8>>,
}

impl Row {
    /// The hash of this row as number `sequence` after a row with the hash `before`: over every column, each with its
    /// length in front, so that no two rows share a text.
    fn seal(&self, sequence: i64, before: &[u8]) -> Vec<u8> {
        let mut hasher = Hasher::new(&SHA256);
        let mut put = |part: Option<&[u8]>| match part {
            Some(bytes) => {
                hasher.update(&u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
                hasher.update(bytes);
            }
            None => hasher.update(&u64::MAX.to_be_bytes()),
        };
        let id = |key: &Option<KeyColumn<()>>| key.map(|key| *key.0.uuid().as_bytes());
        put(Some(before));
        put(Some(&sequence.to_be_bytes()));
        put(Some(self.organization_id.0.uuid().as_bytes()));
        put(Some(self.id.0.uuid().as_bytes()));
        put(Some(self.at.0.to_rfc3339_opts(SecondsFormat::Micros, true).as_bytes()));
        put(Some(self.kind.0.to_string().as_bytes()));
        put(Some(self.operation.as_bytes()));
        put(Some(self.request_id.as_bytes()));
        put(id(&self.principal_id).as_ref().map(|id| id.as_slice()));
        put(id(&self.person_id).as_ref().map(|id| id.as_slice()));
        put(Some(self.actor.as_bytes()));
        put(Some(self.resource.as_bytes()));
        put(id(&self.record_id).as_ref().map(|id| id.as_slice()));
        put(self.before.as_deref().map(str::as_bytes));
        put(self.after.as_deref().map(str::as_bytes));
        hasher.finish().as_ref().to_vec()
    }

    fn into_event(self, person: Option<String>) -> Outcome<Event> {
        let json = |text: Option<String>| text.map(|text| serde_json::from_str(&text)).transpose();
        let corrupt = |error: serde_json::Error| Failure::Corrupt(error.to_string());
        Ok(Event {
            id: self.id.0,
            sequence: self.sequence.unwrap_or_default(),
            at: self.at.0,
            kind: self.kind.0,
            operation: self.operation,
            request_id: self.request_id,
            principal_id: self.principal_id.map(|id| id.0.uuid()),
            person_id: self.person_id.map(|id| id.0.uuid()),
            actor: person.unwrap_or(self.actor),
            resource: self.resource,
            record_id: self.record_id.map(|id| id.0.uuid()),
            before: json(self.before).map_err(corrupt)?,
            after: json(self.after).map_err(corrupt)?,
            hash: hex(&self.hash.unwrap_or_default()),
        })
    }
}

/// Lower-case hexadecimal.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Names of attributes that are a person's own: an event tells only that they changed, so that erasing a person never
/// breaks the chain.
fn personal(resource: Resource) -> &'static [&'static str] {
    match resource {
        Resource::Person | Resource::Principal => &["name", "name_kana", "employee_number", "email"],
        Resource::AuditGuest => &["email"],
        Resource::EntryLog => &["visitor_name", "company", "permission"],
        _ => &[],
    }
}

impl Tx<'_> {
    /// Writes the event of a record that was created or changed.
    pub fn record<T: Serialize>(&mut self, resource: Resource, id: Uuid, before: Option<&T>, after: &T) -> Outcome<()> {
        let json = |value: &T| serde_json::to_value(value).map_err(|error| Failure::Corrupt(error.to_string()));
        let (mut before, mut after) = (before.map(json).transpose()?, json(after)?);
        let personal = personal(resource);
        if !personal.is_empty() {
            let changed: Vec<Value> = personal
                .iter()
                .filter(|name| before.as_ref().and_then(|before| before.get(**name)) != after.get(**name))
                .map(|name| Value::from(*name))
                .collect();
            before.as_mut().into_iter().chain([&mut after]).for_each(|value| strip(value, personal));
            if let Some(after) = after.as_object_mut() {
                after.insert("changed_attributes".into(), Value::from(changed));
            }
        }
        before.as_mut().into_iter().chain([&mut after]).for_each(strip_derived);
        let kind = if before.is_some() { EventKind::Changed } else { EventKind::Created };
        self.log(kind, &resource.to_string(), Some(id), before, Some(after))
    }

    /// Writes an event that is not the change of a record: a login, a refusal, an export.
    pub fn log(
        &mut self,
        kind: EventKind,
        resource: &str,
        record: Option<Uuid>,
        before: Option<Value>,
        after: Option<Value>,
    ) -> Outcome<()> {
        let context = self.context();
        let row = Row {
            organization_id: self.organization(),
            id: KeyColumn(Id::generate(self.now())),
            at: MomentColumn(self.now()),
            kind: WordColumn(kind),
            operation: context.operation.to_string(),
            request_id: context.request_id.to_string(),
            principal_id: context.principal.map(|id| KeyColumn::of(id.uuid())),
            person_id: context.standing.person.map(|id| KeyColumn::of(id.uuid())),
            // People are named when the event is read: nothing in the chain has to change when one is erased.
            actor: if context.standing.person.is_some() { String::new() } else { context.actor.to_string() },
            resource: resource.to_owned(),
            record_id: record.map(KeyColumn::of),
            before: before.map(|value| value.to_string()),
            after: after.map(|value| value.to_string()),
            sequence: None,
            hash: None,
        };
        let tx = self;
        on!(tx, diesel::insert_into(e::table).values(&row).execute(tx))?;
        Ok(())
    }
}

fn strip(value: &mut Value, attributes: &[&str]) {
    if let Some(object) = value.as_object_mut() {
        object.retain(|name, _| !attributes.contains(&name.as_str()));
    }
}

/// Takes out what is not the record's own: names beside ids, also under signatures, and what is open to the caller.
fn strip_derived(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.remove("allowed_actions");
            let names_another = object.contains_key("id") && !object.contains_key("revision");
            if names_another || object.contains_key("person_id") && object.contains_key("posts") {
                object.remove("name");
            }
            object.values_mut().for_each(strip_derived);
        }
        Value::Array(items) => items.iter_mut().for_each(strip_derived),
        _ => {}
    }
}

/// How many events one call seals at most.
const SEAL_AT_ONCE: i64 = 500;

/// Gives committed events of the organization their numbers and chains their hashes. Returns how many; fewer than
/// were waiting only where there are very many.
///
/// Runs in a transaction of its own. What commits late gets a later number, so that a reader who has seen number `n`
/// never misses a smaller one.
pub fn seal(tx: &mut Tx<'_>) -> Outcome<usize> {
    let organization = tx.organization();
    let waiting: Vec<Row> = on!(
        tx,
        e::table
            .filter(e::organization_id.eq(organization))
            .filter(e::sequence.is_null())
            .order(e::id.asc())
            .limit(SEAL_AT_ONCE)
            .select(Row::as_select())
            .load(tx)
    )?;
    if waiting.is_empty() {
        return Ok(0);
    }
    let found = head(tx)?;
    let (mut sequence, mut hash) = found.clone().unwrap_or((0, Vec::new()));
    for row in &waiting {
        sequence += 1;
        hash = row.seal(sequence, &hash);
        let this = e::table.find((organization, row.id)).filter(e::sequence.is_null());
        on!(tx, diesel::update(this).set((e::sequence.eq(sequence), e::hash.eq(&hash))).execute(tx))?;
    }
    let moved = (chain::head_sequence.eq(sequence), chain::head_hash.eq(&hash));
    match found {
        Some(_) => on!(tx, diesel::update(chain::table.find(organization)).set(moved).execute(tx))?,
        None => on!(
            tx,
            diesel::insert_into(chain::table)
                .values((chain::organization_id.eq(organization), moved.0, moved.1))
                .execute(tx)
        )?,
    };
    Ok(waiting.len())
}

/// The last sealed number and hash, as noted.
fn head(tx: &mut Tx<'_>) -> Outcome<Option<(i64, Vec<u8>)>> {
    let organization = tx.organization();
    let columns = (chain::head_sequence, chain::head_hash);
    Ok(on!(tx, chain::table.find(organization).select(columns).first(tx)).optional()?)
}

/// Whether there is such a record: it was created once.
pub(crate) fn knows(tx: &mut Tx<'_>, resource: Resource, record: Uuid) -> Outcome<bool> {
    let of_record = e::table
        .filter(e::organization_id.eq(tx.organization()))
        .filter(e::record_id.eq(KeyColumn::<()>::of(record)))
        .filter(e::resource.eq(resource.to_string()))
        .filter(e::kind.eq(WordColumn(EventKind::Created)));
    Ok(on!(tx, diesel::select(diesel::dsl::exists(of_record)).get_result(tx))?)
}

/// Which events are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// After this number: the pull feed.
    pub after: Option<i64>,
    /// Of this record.
    pub record: Option<Uuid>,
    /// Of this type of record.
    pub resource: Option<Resource>,
    /// By this person.
    pub person: Option<Uuid>,
    /// By this operation.
    pub operation: Option<String>,
    /// Of this kind.
    pub kind: Option<EventKind>,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Before.
    pub until: Option<DateTime<Utc>>,
}

/// A page of sealed events, in the order of the chain.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<Event>> {
    let organization = tx.organization();
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = e::table
                .left_join(
                    p::table.on(p::organization_id.eq(e::organization_id).and(p::id.nullable().eq(e::person_id))),
                )
                .filter(e::organization_id.eq(organization))
                .filter(e::sequence.is_not_null())
                .into_boxed::<Db>();
            if let Some(after) = filter.after {
                query = query.filter(e::sequence.gt(after));
            }
            if let Some(record) = filter.record {
                query = query.filter(e::record_id.eq(KeyColumn::<()>::of(record)));
            }
            if let Some(resource) = filter.resource {
                query = query.filter(e::resource.eq(resource.to_string()));
            }
            if let Some(person) = filter.person {
                query = query.filter(e::person_id.eq(KeyColumn::<()>::of(person)));
            }
            if let Some(operation) = &filter.operation {
                query = query.filter(e::operation.eq(operation.clone()));
            }
            if let Some(kind) = filter.kind {
                query = query.filter(e::kind.eq(WordColumn(kind)));
            }
            if let Some(from) = filter.from {
                query = query.filter(e::at.ge(MomentColumn(from)));
            }
            if let Some(until) = filter.until {
                query = query.filter(e::at.lt(MomentColumn(until)));
            }
            query
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = sorted!(filtered(), page, e::sequence, e::id, i64);
        let rows: Vec<(Row, Option<String>)> =
            query.limit(one_more(page)).select((Row::as_select(), p::name.nullable())).load(tx)?;
        (rows, total)
    });
    let page = cut(rows, page, total, |(row, _)| (row.sequence, row.id.0.uuid()));
    let (next, total) = (page.next, page.total);
    let items = page.items.into_iter().map(|(row, person)| row.into_event(person)).collect::<Outcome<_>>()?;
    Ok(Page { items, next, total })
}

/// How many rows the verification reads at once.
const VERIFY_AT_ONCE: i64 = 1000;

/// Walks the whole chain and tells every row that is not as it was sealed, and every one that is missing.
pub fn verify(tx: &mut Tx<'_>) -> Outcome<Verification> {
    let organization = tx.organization();
    let noted = head(tx)?.unwrap_or((0, Vec::new()));
    // Numbers begin with 1: a row below was never sealed, and the list would show it all the same.
    let foreign: Vec<Option<i64>> = on!(
        tx,
        e::table
            .filter(e::organization_id.eq(organization))
            .filter(e::sequence.lt(1))
            .order(e::sequence.asc())
            .limit(VERIFY_AT_ONCE)
            .select(e::sequence)
            .load(tx)
    )?;
    let altered = |sequence| ChainFault { sequence, kind: ChainFaultKind::Altered };
    let mut faults: Vec<ChainFault> = foreign.into_iter().flatten().map(altered).collect();
    let (mut at, mut hash, mut checked) = (0i64, Vec::new(), 0i64);
    loop {
        let rows: Vec<Row> = on!(
            tx,
            e::table
                .filter(e::organization_id.eq(organization))
                .filter(e::sequence.gt(at))
                .order(e::sequence.asc())
                .limit(VERIFY_AT_ONCE)
                .select(Row::as_select())
                .load(tx)
        )?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let sequence = row.sequence.unwrap_or_default();
            for missing in (at + 1)..sequence {
                faults.push(ChainFault { sequence: missing, kind: ChainFaultKind::Missing });
                if faults.len() >= MOST_FAULTS {
                    break;
                }
            }
            let stored = row.hash.clone().unwrap_or_default();
            // After a gap the chain cannot be recomputed from the row before; the row's own hash carries it on.
            if sequence == at + 1 && row.seal(sequence, &hash) != stored {
                faults.push(altered(sequence));
            }
            (at, hash, checked) = (sequence, stored, checked + 1);
        }
        if faults.len() >= MOST_FAULTS {
            break;
        }
    }
    if noted != (at, hash.clone()) && faults.len() < MOST_FAULTS {
        faults.push(ChainFault { sequence: noted.0.max(at), kind: ChainFaultKind::HeadMoved });
    }
    faults.truncate(MOST_FAULTS);
    let unsealed: i64 = on!(
        tx,
        e::table.filter(e::organization_id.eq(organization).and(e::sequence.is_null())).count().get_result(tx)
    )?;
    Ok(Verification {
        intact: faults.is_empty(),
        checked,
        head_hash: hex(&noted.1),
        head_sequence: noted.0,
        unsealed,
        faults,
    })
}

const MOST_FAULTS: usize = 100;
