//! How persons are kept.

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Verb},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        refusal::{Code, Refusal},
        text::normalized,
    },
    organization::{
        department::Department,
        organization::Organization,
        person::{Email, Person, PersonDraft, PersonState, WorkerKind},
    },
    support::disposal::ONE_BEYOND_MOST,
};

use self::person as p;
use super::department::{self as departments, department as d};
use crate::{
    kernel::{
        among::AmongExt,
        columns::{KeyColumn, MomentColumn, TextColumn, WordColumn},
        failure::{Failure, OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{containing, cut, one_more},
        tx::{Tx, Within},
    },
    on, sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    person (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        name -> Text,
        name_kana -> Nullable<Text>,
        employee_number -> Nullable<Text>,
        email -> Nullable<Text>,
        worker_kind -> Text,
        department_id -> Nullable<Key>,
        joined_on -> Date,
        left_on -> Nullable<Date>,
        erased_at -> Nullable<Moment>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = p, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<Person>,
    revision: i32,
    name: TextColumn<1, 200>,
    name_kana: Option<TextColumn<1, 200>>,
    employee_number: Option<TextColumn<1, 50>>,
    email: Option<String>,
    worker_kind: WordColumn<WorkerKind>,
    department_id: Option<KeyColumn<Department>>,
    joined_on: chrono::NaiveDate,
    left_on: Option<chrono::NaiveDate>,
    erased_at: Option<MomentColumn>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(person: &Person, organization_id: KeyColumn<Organization>) -> Self {
        let Person {
            id,
            revision,
            draft,
            department: _,
            state: _,
            erased_at,
            allowed_actions: _,
            created_at,
            updated_at,
        } = person;
        let PersonDraft { name, name_kana, employee_number, email, worker_kind, department_id, joined_on, left_on } =
            draft;
        let parts = [
            Some(name.as_str()),
            name_kana.as_ref().map(|kana| kana.as_str()),
            employee_number.as_ref().map(|n| n.as_str()),
        ];
        let search: Vec<&str> = parts.into_iter().flatten().chain(email.as_ref().map(Email::as_str)).collect();
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            name: TextColumn(name.clone()),
            name_kana: name_kana.clone().map(TextColumn),
            employee_number: employee_number.clone().map(TextColumn),
            email: email.as_ref().map(|email| email.as_str().to_owned()),
            worker_kind: WordColumn(*worker_kind),
            department_id: department_id.map(KeyColumn),
            joined_on: *joined_on,
            left_on: *left_on,
            erased_at: erased_at.map(MomentColumn),
            search: normalized(&search.join("\n")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_person(self, department: Option<String>, today: chrono::NaiveDate, grants: &Grants) -> Outcome<Person> {
        let email = self.email.map(Email::try_from).transpose();
        let draft = PersonDraft {
            name: self.name.0,
            name_kana: self.name_kana.map(|kana| kana.0),
            employee_number: self.employee_number.map(|number| number.0),
            email: email.map_err(|error| Failure::Corrupt(error.to_string()))?,
            worker_kind: self.worker_kind.0,
            department_id: self.department_id.map(|id| id.0),
            joined_on: self.joined_on,
            left_on: self.left_on,
        };
        let mut person = Person {
            id: self.id.0,
            revision: self.revision,
            state: if self.erased_at.is_some() { PersonState::Erased } else { draft.state_on(today) },
            erased_at: self.erased_at.map(|at| at.0),
            department: self.department_id.zip(department).map(|(id, name)| Reference::new(id.0, name)),
            draft,
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        // Whoever may change persons may change all of them.
        person.allowed_actions = grants.open(&person, |within| within.all);
        Ok(person)
    }
}

/// Which persons are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<Person>>,
    /// Whose name, kana, number or address contains this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// In this department.
    pub department: Option<Id<Department>>,
    /// Working here, joining or left, as of today.
    pub state: Option<PersonState>,
    /// Under this contract.
    pub worker_kind: Option<WorkerKind>,
    /// Also guests of audits, who do not work here.
    pub include_guests: bool,
}

/// A page of the persons whom the caller may read; sorts by `name`, `joined_on` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<Person>> {
    let within = tx.within(Resource::Person, Verb::Read)?;
    list_within(tx, filter, page, &within)
}

fn list_within(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest, within: &Within) -> Outcome<Page<Person>> {
    let grants = Grants::of::<Person>(tx)?;
    let (organization, today) = (tx.organization(), tx.today());
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = p::table
                .left_join(
                    d::table.on(d::organization_id.eq(p::organization_id).and(d::id.nullable().eq(p::department_id))),
                )
                .filter(p::organization_id.eq(organization))
                .into_boxed::<Db>();
            if !within.all {
                let own = p::id.among(&within.own);
                query = query.filter(own.or(p::department_id.among(&within.departments)));
            }
            if !filter.include_guests {
                query = query.filter(p::worker_kind.ne(WordColumn(WorkerKind::Guest)));
            }
            if let Some(id) = filter.id {
                query = query.filter(p::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(p::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(p::updated_at.ge(MomentColumn(since)));
            }
            if let Some(department) = filter.department {
                query = query.filter(p::department_id.eq(KeyColumn(department)));
            }
            if let Some(kind) = filter.worker_kind {
                query = query.filter(p::worker_kind.eq(WordColumn(kind)));
            }
            query = match filter.state {
                None => query,
                Some(PersonState::Joining) => query.filter(p::joined_on.gt(today)),
                Some(PersonState::Left) => query.filter(p::left_on.lt(today)).filter(p::erased_at.is_null()),
                Some(PersonState::Erased) => query.filter(p::erased_at.is_not_null()),
                Some(PersonState::Working) => {
                    query.filter(p::joined_on.le(today)).filter(p::left_on.is_null().or(p::left_on.ge(today)))
                }
            };
            query
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "joined_on" => sorted!(filtered(), page, p::joined_on, p::id, chrono::NaiveDate),
            "updated_at" => sorted!(filtered(), page, p::updated_at, p::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, p::name, p::id, String),
        };
        let rows: Vec<(Row, Option<String>)> =
            query.limit(one_more(page)).select((Row::as_select(), d::name.nullable())).load(tx)?;
        (rows, total)
    });
    let persons = rows
        .into_iter()
        .map(|(row, department)| row.into_person(department, today, &grants))
        .collect::<Outcome<_>>()?;
    Ok(cut(persons, page, total, |person: &Person| match page.sort_field() {
        "joined_on" => (serde_json::json!(person.draft.joined_on), person.id.uuid()),
        "updated_at" => (serde_json::json!(person.updated_at), person.id.uuid()),
        _ => (serde_json::json!(person.draft.name), person.id.uuid()),
    }))
}

/// One person whom the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<Person>) -> Outcome<Loaded<Person>> {
    let within = tx.within(Resource::Person, Verb::Read)?;
    let filter = Filter { id: Some(id), ..Filter::default() };
    list_within(tx, &filter, &PageRequest::one(), &within)?.items.pop().or_not_found().map(Loaded::new)
}

/// One person, whoever asks: for rules that need to know them.
pub fn look_up(tx: &mut Tx<'_>, id: Id<Person>) -> Outcome<Loaded<Person>> {
    one_of_all(tx, Filter { id: Some(id), ..Filter::default() })
}

/// One person, also a guest of an audit, whoever asks.
pub(crate) fn look_up_signer(tx: &mut Tx<'_>, id: Id<Person>) -> Outcome<Loaded<Person>> {
    one_of_all(tx, Filter { id: Some(id), include_guests: true, ..Filter::default() })
}

fn one_of_all(tx: &mut Tx<'_>, filter: Filter) -> Outcome<Loaded<Person>> {
    list_within(tx, &filter, &PageRequest::one(), &Within::everything())?.items.pop().or_not_found().map(Loaded::new)
}

/// Adds a new person.
pub fn add(tx: &mut Tx<'_>, person: &Person) -> Outcome<Person> {
    check(tx, person, None)?;
    let row = Row::of(person, tx.organization());
    on!(tx, diesel::insert_into(p::table).values(&row).execute(tx))?;
    tx.record(Resource::Person, person.id.uuid(), None, person)?;
    Ok(look_up_signer(tx, person.id)?.value)
}

/// Stores a changed person over the revision they were read at.
pub fn store(tx: &mut Tx<'_>, mut person: Loaded<Person>) -> Outcome<Person> {
    check(tx, &person, Some(&person.original.draft))?;
    person.revision += 1;
    person.updated_at = tx.now();
    let row = Row::of(&person, tx.organization());
    let read = p::table.find((row.organization_id, row.id)).filter(p::revision.eq(person.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    tx.record(Resource::Person, person.id.uuid(), Some(&person.original), &person.value)?;
    Ok(look_up_signer(tx, person.id)?.value)
}

/// Refuses what another person has already, and a department (other than that of `old`) that does not exist.
fn check(tx: &mut Tx<'_>, person: &Person, old: Option<&PersonDraft>) -> Outcome<()> {
    let organization = tx.organization();
    let PersonDraft { email, employee_number, department_id, .. } = &person.draft;
    let others = || p::table.filter(p::organization_id.eq(organization)).filter(p::id.ne(KeyColumn(person.id)));
    let taken = |field: &str| Refusal::new(Code::AlreadyExists).with("field", field).into();
    if let Some(email) = email {
        let same = others().filter(p::email.eq(email.as_str()));
        if on!(tx, diesel::select(diesel::dsl::exists(same)).get_result::<bool>(tx))? {
            return Err(taken("/email"));
        }
    }
    if let Some(number) = employee_number {
        let same = others().filter(p::employee_number.eq(number.as_str()));
        if on!(tx, diesel::select(diesel::dsl::exists(same)).get_result::<bool>(tx))? {
            return Err(taken("/employee_number"));
        }
    }
    match department_id {
        Some(department) if old.is_none_or(|old| old.department_id != *department_id) => {
            departments::require(tx, *department, "/department_id")
        }
        _ => Ok(()),
    }
}

/// Who left, with their last day of work, and is not erased yet; the first who left first. Until a day, or before today;
/// among these, or all.
pub(crate) fn left_before(
    tx: &mut Tx<'_>,
    until: Option<chrono::NaiveDate>,
    among: &[Id<Person>],
) -> Outcome<Vec<(Id<Person>, chrono::NaiveDate)>> {
    let (organization, today) = (tx.organization(), tx.today());
    let among: Vec<_> = among.iter().copied().map(KeyColumn).collect();
    let found: Vec<(KeyColumn<Person>, Option<chrono::NaiveDate>)> = on!(tx, {
        let mut query = p::table
            .filter(p::organization_id.eq(organization))
            .filter(p::left_on.lt(today))
            .filter(p::erased_at.is_null())
            .into_boxed::<Db>();
        if let Some(until) = until {
            query = query.filter(p::left_on.le(until));
        }
        if !among.is_empty() {
            query = query.filter(p::id.among(&among));
        }
        query.order((p::left_on.asc(), p::id.asc())).limit(ONE_BEYOND_MOST).select((p::id, p::left_on)).load(tx)?
    });
    Ok(found.into_iter().filter_map(|(id, left)| Some((id.0, left?))).collect())
}

/// The person with this name, as people write it; where several have it, nobody.
pub fn by_name(tx: &mut Tx<'_>, name: &str) -> Outcome<Option<Id<Person>>> {
    let filter = Filter { q: Some(name.to_owned()), ..Filter::default() };
    let page = PageRequest { limit: PageRequest::MAX_LIMIT, ..PageRequest::one() };
    let all = Within::everything();
    let found = list_within(tx, &filter, &page, &all)?;
    let mut same = found.items.iter().filter(|person| normalized(person.draft.name.as_str()) == normalized(name));
    Ok(match (same.next(), same.next()) {
        (Some(person), None) => Some(person.id),
        _ => None,
    })
}
