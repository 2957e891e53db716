//! How acknowledgements are kept, and who has still to give one.

use std::collections::HashSet;

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Verb},
    kernel::{
        date::date_in,
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        refusal::{Code, Refusal},
        sign_off::Signature,
        version::VersionState,
    },
    organization::{
        department::Department,
        organization::Organization,
        person::{Person, WorkerKind},
    },
    support::awareness::acknowledgement::{
        AcknowledgedEdition, Acknowledgement, AcknowledgementDraft, AcknowledgementGap, AcknowledgementSource,
        AcknowledgementState, AcknowledgementSummary, AwarenessItem, Editions,
    },
};
use uuid::Uuid;

use self::acknowledgement as a;
use super::obligation::obligation_set as o;
use crate::{
    kernel::{
        among::AmongExt,
        columns::{DocumentColumn, KeyColumn, MomentColumn, TextColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{as_written, cut, lower, one_more, page_of},
        tx::{Tx, Within, require_within},
    },
    leadership::policy::policy,
    on,
    organization::{
        department::department as d,
        person::{self as persons, person as p},
    },
    planning::reference,
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    acknowledgement (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        person_id -> Key,
        item -> Text,
        edition_resource -> Text,
        edition_id -> Key,
        edition_version -> Integer,
        acknowledged_on -> Date,
        source -> Text,
        remarks -> Text,
        recorded -> Document,
        on_behalf -> Bool,
        state -> Text,
        voided -> Nullable<Document>,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = a, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<Acknowledgement>,
    revision: i32,
    person_id: KeyColumn<Person>,
    item: WordColumn<AwarenessItem>,
    edition_resource: WordColumn<Resource>,
    edition_id: KeyColumn<()>,
    edition_version: i32,
    acknowledged_on: chrono::NaiveDate,
    source: WordColumn<AcknowledgementSource>,
    remarks: TextColumn<0, 10_000>,
    recorded: DocumentColumn<Signature>,
    on_behalf: bool,
    state: WordColumn<AcknowledgementState>,
    voided: Option<DocumentColumn<Signature>>,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(acknowledgement: &Acknowledgement, organization_id: KeyColumn<Organization>) -> Self {
        let Acknowledgement {
            id,
            revision,
            draft,
            person: _,
            edition,
            counts: _,
            recorded,
            on_behalf,
            state,
            voided,
            allowed_actions: _,
            created_at,
            updated_at,
        } = acknowledgement;
        let AcknowledgementDraft { person_id, item, acknowledged_on, source, remarks } = draft;
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            person_id: KeyColumn(*person_id),
            item: WordColumn(*item),
            edition_resource: WordColumn(edition.resource),
            edition_id: KeyColumn::of(edition.id),
            edition_version: edition.version,
            acknowledged_on: *acknowledged_on,
            source: WordColumn(*source),
            remarks: TextColumn(remarks.clone()),
            recorded: DocumentColumn(recorded.clone()),
            on_behalf: *on_behalf,
            state: WordColumn(*state),
            voided: voided.clone().map(DocumentColumn),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_acknowledgement(self, person: String, editions: &Editions) -> Acknowledgement {
        let (state, edition_id) = (self.state.0, self.edition_id.0.uuid());
        Acknowledgement {
            id: self.id.0,
            revision: self.revision,
            draft: AcknowledgementDraft {
                person_id: self.person_id.0,
                item: self.item.0,
                acknowledged_on: self.acknowledged_on,
                source: self.source.0,
                remarks: self.remarks.0,
            },
            person: Reference::new(self.person_id.0, person),
            edition: AcknowledgedEdition {
                resource: self.edition_resource.0,
                id: edition_id,
                version: self.edition_version,
            },
            counts: state == AcknowledgementState::Recorded && editions.hold(edition_id),
            recorded: self.recorded.0,
            on_behalf: self.on_behalf,
            state,
            voided: self.voided.map(|voided| voided.0),
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        }
    }
}

/// What is to be acknowledged today: the edition of the policy that is in force and was made known, and the duties in
/// force.
pub fn editions(tx: &mut Tx<'_>) -> Outcome<Editions> {
    let (organization, in_force) = (tx.organization(), WordColumn(VersionState::InForce));
    type InForce = (KeyColumn<()>, i32, Option<MomentColumn>);
    let known: Option<InForce> = on!(
        tx,
        policy::table
            .filter(policy::organization_id.eq(organization))
            .filter(policy::state.eq(in_force))
            .filter(policy::published_on.is_not_null())
            .select((policy::id, policy::version, policy::in_force_at))
            .first(tx)
            .optional()
    )?;
    let duties: Option<InForce> = on!(
        tx,
        o::table
            .filter(o::organization_id.eq(organization))
            .filter(o::state.eq(in_force))
            .select((o::id, o::version, o::in_force_at))
            .first(tx)
            .optional()
    )?;
    let known = known.map(|(id, version, since)| (Resource::Policy, id.0.uuid(), version, since));
    let duties = duties.map(|(id, version, since)| (Resource::Obligation, id.0.uuid(), version, since));
    let zone = tx.context().time_zone;
    let edition = |(resource, id, version, since): (_, _, _, Option<MomentColumn>)| {
        let since = since.map_or(chrono::NaiveDate::MIN, |at| date_in(zone, at.0));
        (AcknowledgedEdition { resource, id, version }, since)
    };
    Ok(Editions(known.into_iter().chain(duties).map(edition).collect()))
}

/// Which acknowledgements are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<Acknowledgement>>,
    /// Of people whose name contains this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// Of this person.
    pub person: Option<Id<Person>>,
    /// Of this.
    pub item: Option<AwarenessItem>,
    /// Of this edition.
    pub edition: Option<Uuid>,
    /// In this state.
    pub state: Option<AcknowledgementState>,
}

/// A page of acknowledgements that the caller may read; sorts by `acknowledged_on` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<Acknowledgement>> {
    let within = tx.within(Resource::Acknowledgement, Verb::Read)?;
    list_within(tx, filter, page, &within)
}

fn list_within(
    tx: &mut Tx<'_>,
    filter: &Filter,
    page: &PageRequest,
    within: &Within,
) -> Outcome<Page<Acknowledgement>> {
    let (grants, editions) = (Grants::of::<Acknowledgement>(tx)?, editions(tx)?);
    let organization = tx.organization();
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = a::table
                .inner_join(p::table.on(p::organization_id.eq(a::organization_id).and(p::id.eq(a::person_id))))
                .filter(a::organization_id.eq(organization))
                .into_boxed::<Db>();
            if !within.all {
                let own = a::person_id.among(&within.own);
                query = query.filter(own.or(p::department_id.among(&within.departments)));
            }
            if let Some(id) = filter.id {
                query = query.filter(a::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(lower(p::name).like(as_written(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(a::updated_at.ge(MomentColumn(since)));
            }
            if let Some(person) = filter.person {
                query = query.filter(a::person_id.eq(KeyColumn(person)));
            }
            if let Some(item) = filter.item {
                query = query.filter(a::item.eq(WordColumn(item)));
            }
            if let Some(edition) = filter.edition {
                query = query.filter(a::edition_id.eq(KeyColumn::<()>::of(edition)));
            }
            if let Some(state) = filter.state {
                query = query.filter(a::state.eq(WordColumn(state)));
            }
            query
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, a::updated_at, a::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, a::acknowledged_on, a::id, chrono::NaiveDate),
        };
        let rows: Vec<(Row, String)> = query.limit(one_more(page)).select((Row::as_select(), p::name)).load(tx)?;
        (rows, total)
    });
    let acknowledgements = rows
        .into_iter()
        .map(|(row, person)| {
            let mut one = row.into_acknowledgement(person, &editions);
            one.allowed_actions = grants.open(&one, |within| within.all);
            one
        })
        .collect();
    Ok(cut(acknowledgements, page, total, |one: &Acknowledgement| match page.sort_field() {
        "updated_at" => (serde_json::json!(one.updated_at), one.id.uuid()),
        _ => (serde_json::json!(one.draft.acknowledged_on), one.id.uuid()),
    }))
}

/// One acknowledgement that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<Acknowledgement>) -> Outcome<Loaded<Acknowledgement>> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list(tx, &filter, &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// One acknowledgement, whoever asks.
fn look_up(tx: &mut Tx<'_>, id: Id<Acknowledgement>) -> Outcome<Acknowledgement> {
    let (filter, within) = (Filter { id: Some(id), ..Filter::default() }, Within::everything());
    list_within(tx, &filter, &PageRequest::one(), &within)?.items.pop().or_not_found()
}

/// Records what a person acknowledges: themselves, or who may record it for others.
pub fn record(tx: &mut Tx<'_>, draft: AcknowledgementDraft) -> Outcome<Acknowledgement> {
    let within = tx.within(Resource::Acknowledgement, Verb::Create)?;
    require_within(within.all || within.own.contains(&KeyColumn(draft.person_id)))?;
    reference::person(tx, draft.person_id, "/person_id")?;
    let person = persons::look_up(tx, draft.person_id)?.value;
    let person = Reference::new(person.id, person.draft.name.as_str());
    let editions = editions(tx)?;
    let new = Acknowledgement::record(draft, person, &editions, tx.signature(None)?, tx.now(), tx.today())?;
    let once = a::table
        .filter(a::organization_id.eq(tx.organization()))
        .filter(a::person_id.eq(KeyColumn(new.draft.person_id)))
        .filter(a::item.eq(WordColumn(new.draft.item)))
        .filter(a::edition_id.eq(KeyColumn::<()>::of(new.edition.id)))
        .filter(a::state.eq(WordColumn(AcknowledgementState::Recorded)));
    if on!(tx, diesel::select(diesel::dsl::exists(once)).get_result::<bool>(tx))? {
        return Err(Refusal::new(Code::AlreadyExists).with("field", "/item").into());
    }
    let row = Row::of(&new, tx.organization());
    on!(tx, diesel::insert_into(a::table).values(&row).execute(tx))?;
    let added = look_up(tx, new.id)?;
    tx.record(Resource::Acknowledgement, added.id.uuid(), None, &added)?;
    Ok(added)
}

/// Stores a changed acknowledgement over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut acknowledgement: Loaded<Acknowledgement>) -> Outcome<Acknowledgement> {
    acknowledgement.revision += 1;
    acknowledgement.updated_at = tx.now();
    let row = Row::of(&acknowledgement, tx.organization());
    let read = a::table.find((row.organization_id, row.id)).filter(a::revision.eq(acknowledgement.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = look_up(tx, acknowledgement.id)?;
    tx.record(Resource::Acknowledgement, stored.id.uuid(), Some(&acknowledgement.original), &stored)?;
    Ok(stored)
}

/// Whether somebody acknowledged this edition.
pub fn is_acknowledged(tx: &mut Tx<'_>, edition: Uuid) -> Outcome<bool> {
    let of_edition = a::table
        .filter(a::organization_id.eq(tx.organization()))
        .filter(a::edition_id.eq(KeyColumn::<()>::of(edition)))
        .filter(a::state.eq(WordColumn(AcknowledgementState::Recorded)));
    Ok(on!(tx, diesel::select(diesel::dsl::exists(of_edition)).get_result(tx))?)
}

/// Somebody who works here, with their department.
type Worker = (KeyColumn<Person>, String, Option<KeyColumn<Department>>, Option<String>);

/// Those who work here today, as far as `within` reaches, by name.
fn workers(tx: &mut Tx<'_>, within: &Within) -> Outcome<Vec<Worker>> {
    let (organization, today) = (tx.organization(), tx.today());
    Ok(on!(tx, {
        let mut query = p::table
            .left_join(
                d::table.on(d::organization_id.eq(p::organization_id).and(d::id.nullable().eq(p::department_id))),
            )
            .filter(p::organization_id.eq(organization))
            .filter(p::worker_kind.ne(WordColumn(WorkerKind::Guest)))
            .filter(p::joined_on.le(today))
            .filter(p::left_on.is_null().or(p::left_on.ge(today)))
            .into_boxed::<Db>();
        if !within.all {
            let own = p::id.among(&within.own);
            query = query.filter(own.or(p::department_id.among(&within.departments)));
        }
        query
            .order((p::name.asc(), p::id.asc()))
            .select((p::id, p::name, p::department_id, d::name.nullable()))
            .load(tx)
    })?)
}

/// What these people have still to acknowledge: person by person, in the order of the items.
fn missing(tx: &mut Tx<'_>, workers: Vec<Worker>, editions: &Editions) -> Outcome<Vec<AcknowledgementGap>> {
    let ids: Vec<KeyColumn<()>> = editions.0.iter().map(|(edition, _)| KeyColumn::of(edition.id)).collect();
    let recorded = a::table
        .filter(a::organization_id.eq(tx.organization()))
        .filter(a::edition_id.among(&ids))
        .filter(a::state.eq(WordColumn(AcknowledgementState::Recorded)));
    let given: Vec<(KeyColumn<Person>, WordColumn<AwarenessItem>)> =
        on!(tx, recorded.select((a::person_id, a::item)).load(tx))?;
    let given: HashSet<(Id<Person>, AwarenessItem)> = given.into_iter().map(|(id, item)| (id.0, item.0)).collect();
    let of_worker = |(id, name, department_id, department): Worker| {
        let person = Reference::new(id.0, name);
        let department = department_id.zip(department).map(|(id, name)| Reference::new(id.0, name));
        let owed = editions.items().filter(|(item, _)| !given.contains(&(id.0, *item)));
        let gap = |(item, edition): (AwarenessItem, &AcknowledgedEdition)| AcknowledgementGap {
            person: person.clone(),
            department: department.clone(),
            item,
            edition: edition.clone(),
        };
        owed.map(gap).collect::<Vec<_>>()
    };
    Ok(workers.into_iter().flat_map(of_worker).collect())
}

/// What those whom the caller may read about have still to acknowledge.
pub fn owed(tx: &mut Tx<'_>) -> Outcome<Vec<AcknowledgementGap>> {
    let within = tx.within(Resource::Acknowledgement, Verb::Read)?;
    let workers = workers(tx, &within)?;
    let editions = editions(tx)?;
    missing(tx, workers, &editions)
}

/// The same in pages; sorts by `person`.
pub fn gaps(tx: &mut Tx<'_>, page: &PageRequest) -> Outcome<Page<AcknowledgementGap>> {
    let owed = owed(tx)?;
    page_of(owed, page, |gap| ((gap.person.name.clone(), gap.item), gap.person.id))
}

/// How far the whole organization is, in numbers.
pub fn summary(tx: &mut Tx<'_>) -> Outcome<AcknowledgementSummary> {
    let workers = workers(tx, &Within::everything())?;
    let (number, editions) = (workers.len(), editions(tx)?);
    let gaps = missing(tx, workers, &editions)?;
    Ok(AcknowledgementSummary::of(tx.today(), &editions, number, &gaps))
}
