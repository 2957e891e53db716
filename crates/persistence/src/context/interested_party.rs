//! How interested parties are kept.

use diesel::prelude::*;
use mamori_domain::{
    access::Resource,
    context::interested_party::{InterestedParty, InterestedPartyDraft, PartyRequirement},
    kernel::{
        id::Id,
        numbered,
        page::{Page, PageRequest},
        refusal::{Code, Refusal},
        retirement::{RegisterState, Retirement},
        text::normalized,
    },
    organization::organization::Organization,
};

use self::interested_party as i;
use super::reads_register;
use crate::{
    kernel::{
        columns::{DocumentColumn, KeyColumn, MomentColumn, TextColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{containing, cut, one_more},
        tx::Tx,
    },
    on, sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    interested_party (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        name -> Text,
        name_key -> Text,
        requirements -> Document,
        last_number -> Integer,
        remarks -> Text,
        reviewed_on -> Nullable<Date>,
        retirement -> Nullable<Document>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = i, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<InterestedParty>,
    revision: i32,
    name: TextColumn<1, 200>,
    name_key: String,
    requirements: DocumentColumn<Vec<PartyRequirement>>,
    last_number: i32,
    remarks: TextColumn<0, 10_000>,
    reviewed_on: Option<chrono::NaiveDate>,
    retirement: Option<DocumentColumn<Retirement>>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(party: &InterestedParty, organization_id: KeyColumn<Organization>) -> Self {
        let InterestedParty {
            id,
            revision,
            draft,
            last_number,
            state: _,
            retirement,
            allowed_actions: _,
            created_at,
            updated_at,
        } = party;
        let InterestedPartyDraft { name, requirements, remarks, reviewed_on } = draft;
        let of_requirement = |one: &PartyRequirement| format!("{}\n{}\n{}", one.requirement, one.risk, one.opportunity);
        let mut search: Vec<String> = requirements.iter().map(of_requirement).collect();
        search.push(name.to_string());
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            name: TextColumn(name.clone()),
            name_key: normalized(name.as_str()),
            requirements: DocumentColumn(requirements.clone()),
            last_number: *last_number,
            remarks: TextColumn(remarks.clone()),
            reviewed_on: *reviewed_on,
            retirement: retirement.clone().map(DocumentColumn),
            search: normalized(&search.join("\n")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_party(self, grants: &Grants) -> InterestedParty {
        let retirement = self.retirement.map(|retirement| retirement.0);
        let mut party = InterestedParty {
            id: self.id.0,
            revision: self.revision,
            draft: InterestedPartyDraft {
                name: self.name.0,
                requirements: self.requirements.0,
                remarks: self.remarks.0,
                reviewed_on: self.reviewed_on,
            },
            last_number: self.last_number,
            state: RegisterState::of(retirement.as_ref()),
            retirement,
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        party.allowed_actions = grants.open(&party, |within| within.all);
        party
    }
}

/// Which interested parties are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<InterestedParty>>,
    /// Whose name or requirements contain this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// Also those that left the register.
    pub include_retired: bool,
}

/// A page of interested parties; sorts by `name` and `updated_at`. Who reads them only as the owner of a risk sees the
/// whole register, or nothing while they own none.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<InterestedParty>> {
    match reads_register(tx, Resource::InterestedParty)? {
        true => list_all(tx, filter, page),
        false => Ok(Page { items: Vec::new(), next: None, total: page.include_total.then_some(0) }),
    }
}

fn list_all(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<InterestedParty>> {
    let grants = Grants::of::<InterestedParty>(tx)?;
    let organization = tx.organization();
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = i::table.filter(i::organization_id.eq(organization)).into_boxed::<Db>();
            if let Some(id) = filter.id {
                query = query.filter(i::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(i::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(i::updated_at.ge(MomentColumn(since)));
            }
            if !filter.include_retired {
                query = query.filter(i::retirement.is_null());
            }
            query
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, i::updated_at, i::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, i::name, i::id, String),
        };
        let rows: Vec<Row> = query.limit(one_more(page)).select(Row::as_select()).load(tx)?;
        (rows, total)
    });
    let parties = rows.into_iter().map(|row| row.into_party(&grants)).collect();
    Ok(cut(parties, page, total, |party: &InterestedParty| match page.sort_field() {
        "updated_at" => (serde_json::json!(party.updated_at), party.id.uuid()),
        _ => (serde_json::json!(party.draft.name), party.id.uuid()),
    }))
}

/// One interested party that the caller may read, also one that left the register.
pub fn find(tx: &mut Tx<'_>, id: Id<InterestedParty>) -> Outcome<Loaded<InterestedParty>> {
    list(tx, &only(id), &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// One interested party, whoever asks.
fn look_up(tx: &mut Tx<'_>, id: Id<InterestedParty>) -> Outcome<InterestedParty> {
    list_all(tx, &only(id), &PageRequest::one())?.items.pop().or_not_found()
}

fn only(id: Id<InterestedParty>) -> Filter {
    Filter { id: Some(id), include_retired: true, ..Filter::default() }
}

/// The whole register, by name, whoever asks; without those that left it.
pub(super) fn in_use(tx: &mut Tx<'_>) -> Outcome<Vec<InterestedParty>> {
    Ok(list_all(tx, &Filter::default(), &PageRequest::whole())?.items)
}

/// The numbers of what a party in use requires; `None` where there is no such party.
pub(crate) fn requirement_numbers(tx: &mut Tx<'_>, id: Id<InterestedParty>) -> Outcome<Option<Vec<i32>>> {
    let known = i::table.find((tx.organization(), KeyColumn(id))).filter(i::retirement.is_null());
    let requirements: Option<DocumentColumn<Vec<PartyRequirement>>> =
        on!(tx, known.select(i::requirements).first(tx)).optional()?;
    Ok(requirements.map(|requirements| numbered::numbers(&requirements.0)))
}

/// Adds a new interested party.
pub fn add(tx: &mut Tx<'_>, party: &InterestedParty) -> Outcome<InterestedParty> {
    check_name(tx, party)?;
    let row = Row::of(party, tx.organization());
    on!(tx, diesel::insert_into(i::table).values(&row).execute(tx))?;
    tx.record(Resource::InterestedParty, party.id.uuid(), None, party)?;
    look_up(tx, party.id)
}

/// Stores a changed interested party over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut party: Loaded<InterestedParty>) -> Outcome<InterestedParty> {
    check_name(tx, &party)?;
    party.revision += 1;
    party.updated_at = tx.now();
    let row = Row::of(&party, tx.organization());
    let read = i::table.find((row.organization_id, row.id)).filter(i::revision.eq(party.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    tx.record(Resource::InterestedParty, party.id.uuid(), Some(&party.original), &party.value)?;
    look_up(tx, party.id)
}

/// Refuses a name that another party in use has.
fn check_name(tx: &mut Tx<'_>, party: &InterestedParty) -> Outcome<()> {
    let others = i::table
        .filter(i::organization_id.eq(tx.organization()))
        .filter(i::name_key.eq(normalized(party.draft.name.as_str())))
        .filter(i::retirement.is_null())
        .filter(i::id.ne(KeyColumn(party.id)));
    let other: Option<KeyColumn<InterestedParty>> = on!(tx, others.select(i::id).first(tx)).optional()?;
    match other {
        Some(other) => {
            Err(Refusal::new(Code::AlreadyExists).with("field", "/name").with("id", other.0.to_string()).into())
        }
        None => Ok(()),
    }
}
