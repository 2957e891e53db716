//! How laws, regulations, guidelines, contracts and standards are kept. What one of them makes everybody owe is opened in
//! the same transaction, also for a day that lies ahead (EDU-4).

use chrono::NaiveDate;
use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Verb},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        retirement::{RegisterState, Retirement},
        text::normalized,
    },
    organization::{department::Department, organization::Organization, person::Person},
    support::legal_requirement::{LegalRequirement, LegalRequirementDraft, LegalRequirementKind, LegalReview},
};

use self::legal_requirement as l;
use super::education::duty;
use crate::{
    kernel::{
        columns::{DocumentColumn, KeyColumn, MomentColumn, TextColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{containing, cut, one_more},
        tx::{Tx, Within, require_within},
    },
    on,
    organization::{department::department as d, person::person as p},
    planning::reference,
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    legal_requirement (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        kind -> Text,
        title -> Text,
        department_id -> Nullable<Key>,
        responsible_person_id -> Nullable<Key>,
        promulgated_on -> Nullable<Date>,
        in_force_on -> Nullable<Date>,
        next_review_on -> Date,
        content -> Document,
        reviews -> Document,
        retirement -> Nullable<Document>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `content` is the whole draft; the columns beside it are there to be searched, sorted and joined by.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = l, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<LegalRequirement>,
    revision: i32,
    kind: WordColumn<LegalRequirementKind>,
    title: TextColumn<1, 200>,
    department_id: Option<KeyColumn<Department>>,
    responsible_person_id: Option<KeyColumn<Person>>,
    promulgated_on: Option<NaiveDate>,
    in_force_on: Option<NaiveDate>,
    next_review_on: NaiveDate,
    content: DocumentColumn<LegalRequirementDraft>,
    reviews: DocumentColumn<Vec<LegalReview>>,
    retirement: Option<DocumentColumn<Retirement>>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(requirement: &LegalRequirement, organization_id: KeyColumn<Organization>) -> Self {
        let LegalRequirement {
            id,
            revision,
            draft,
            department: _,
            responsible_person: _,
            state: _,
            reviews,
            review_overdue: _,
            expired: _,
            retirement,
            allowed_actions: _,
            created_at,
            updated_at,
        } = requirement;
        let optional = [&draft.issuer, &draft.counterparty, &draft.reference].map(|text| text.as_ref());
        let optional = optional.into_iter().flatten().map(|text| text.as_str());
        let search: Vec<&str> =
            [draft.title.as_str(), draft.duty.as_str(), draft.remarks.as_str()].into_iter().chain(optional).collect();
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            kind: WordColumn(draft.kind),
            title: TextColumn(draft.title.clone()),
            department_id: draft.department_id.map(KeyColumn),
            responsible_person_id: draft.responsible_person_id.map(KeyColumn),
            promulgated_on: draft.promulgated_on,
            in_force_on: draft.in_force_on,
            next_review_on: draft.next_review_on,
            content: DocumentColumn(draft.clone()),
            reviews: DocumentColumn(reviews.clone()),
            retirement: retirement.clone().map(DocumentColumn),
            search: normalized(&search.join("\n")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_requirement(
        self,
        department: Option<String>,
        person: Option<String>,
        grants: &Grants,
        today: NaiveDate,
    ) -> LegalRequirement {
        let retirement = self.retirement.map(|retirement| retirement.0);
        let mut requirement = LegalRequirement {
            id: self.id.0,
            revision: self.revision,
            draft: self.content.0,
            department: self.department_id.zip(department).map(|(id, name)| Reference::new(id.0, name)),
            responsible_person: self.responsible_person_id.zip(person).map(|(id, name)| Reference::new(id.0, name)),
            state: RegisterState::of(retirement.as_ref()),
            reviews: self.reviews.0,
            // What `derive` makes of the rest.
            review_overdue: false,
            expired: false,
            retirement,
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        requirement.derive(today);
        requirement.allowed_actions = grants.open(&requirement, |within| covers(within, &requirement.draft));
        requirement
    }
}

fn covers(within: &Within, draft: &LegalRequirementDraft) -> bool {
    within.covers(draft.department_id, None, None)
}

/// Which requirements are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<LegalRequirement>>,
    /// Whose texts contain this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// Of this kind.
    pub kind: Option<LegalRequirementKind>,
    /// Seen to by this department.
    pub department: Option<Id<Department>>,
    /// Whether the day of the next review has passed.
    pub review_overdue: Option<bool>,
    /// Also those that left the register.
    pub include_retired: bool,
}

/// A page of requirements; sorts by `title`, `next_review_on` and `updated_at`. Who may read one may read all.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<LegalRequirement>> {
    let grants = Grants::of::<LegalRequirement>(tx)?;
    let (organization, today) = (tx.organization(), tx.today());
    let (rows, total) = on!(tx, {
        let filtered = || {
            let seen_to_by =
                p::organization_id.eq(l::organization_id).and(p::id.nullable().eq(l::responsible_person_id));
            let mut query = l::table
                .left_join(
                    d::table.on(d::organization_id.eq(l::organization_id).and(d::id.nullable().eq(l::department_id))),
                )
                .left_join(p::table.on(seen_to_by))
                .filter(l::organization_id.eq(organization))
                .into_boxed::<Db>();
            if let Some(id) = filter.id {
                query = query.filter(l::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(l::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(l::updated_at.ge(MomentColumn(since)));
            }
            if let Some(kind) = filter.kind {
                query = query.filter(l::kind.eq(WordColumn(kind)));
            }
            if let Some(department) = filter.department {
                query = query.filter(l::department_id.eq(KeyColumn(department)));
            }
            if !filter.include_retired {
                query = query.filter(l::retirement.is_null());
            }
            match filter.review_overdue {
                None => query,
                Some(true) => query.filter(l::next_review_on.lt(today)).filter(l::retirement.is_null()),
                Some(false) => query.filter(l::next_review_on.ge(today).or(l::retirement.is_not_null())),
            }
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "next_review_on" => sorted!(filtered(), page, l::next_review_on, l::id, NaiveDate),
            "updated_at" => sorted!(filtered(), page, l::updated_at, l::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, l::title, l::id, String),
        };
        let rows: Vec<(Row, Option<String>, Option<String>)> =
            query.limit(one_more(page)).select((Row::as_select(), d::name.nullable(), p::name.nullable())).load(tx)?;
        (rows, total)
    });
    let requirements = rows
        .into_iter()
        .map(|(row, department, person)| row.into_requirement(department, person, &grants, today))
        .collect();
    Ok(cut(requirements, page, total, |one: &LegalRequirement| match page.sort_field() {
        "next_review_on" => (serde_json::json!(one.draft.next_review_on), one.id.uuid()),
        "updated_at" => (serde_json::json!(one.updated_at), one.id.uuid()),
        _ => (serde_json::json!(one.draft.title), one.id.uuid()),
    }))
}

/// One requirement, also one that left the register.
pub fn find(tx: &mut Tx<'_>, id: Id<LegalRequirement>) -> Outcome<Loaded<LegalRequirement>> {
    let filter = Filter { id: Some(id), include_retired: true, ..Filter::default() };
    list(tx, &filter, &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// One requirement, to change it: refused where it lies outside what the caller may change.
pub fn find_for_update(tx: &mut Tx<'_>, id: Id<LegalRequirement>) -> Outcome<Loaded<LegalRequirement>> {
    let requirement = find(tx, id)?;
    let within = tx.within(Resource::LegalRequirement, Verb::Update)?;
    require_within(covers(&within, &requirement.draft))?;
    Ok(requirement)
}

/// Adds a new requirement.
pub fn add(tx: &mut Tx<'_>, requirement: &LegalRequirement) -> Outcome<LegalRequirement> {
    let within = tx.within(Resource::LegalRequirement, Verb::Create)?;
    require_within(covers(&within, &requirement.draft))?;
    check_references(tx, &requirement.draft, None)?;
    let row = Row::of(requirement, tx.organization());
    on!(tx, diesel::insert_into(l::table).values(&row).execute(tx))?;
    let requirement = find(tx, requirement.id)?.value;
    tx.record(Resource::LegalRequirement, requirement.id.uuid(), None, &requirement)?;
    teach(tx, &requirement)?;
    Ok(requirement)
}

/// Stores a changed requirement over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut requirement: Loaded<LegalRequirement>) -> Outcome<LegalRequirement> {
    if requirement.draft != requirement.original.draft {
        let within = tx.within(Resource::LegalRequirement, Verb::Update)?;
        require_within(covers(&within, &requirement.draft))?;
        check_references(tx, &requirement.draft, Some(&requirement.original.draft))?;
    }
    requirement.revision += 1;
    requirement.updated_at = tx.now();
    let row = Row::of(&requirement, tx.organization());
    let read = l::table.find((row.organization_id, row.id)).filter(l::revision.eq(requirement.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = find(tx, requirement.id)?.value;
    tx.record(Resource::LegalRequirement, stored.id.uuid(), Some(&requirement.original), &stored)?;
    teach(tx, &stored)?;
    Ok(stored)
}

/// Opens, moves or withdraws what the requirement makes everybody owe. What happened before it was entered is taught within
/// the same days from today on.
fn teach(tx: &mut Tx<'_>, requirement: &LegalRequirement) -> Outcome<()> {
    for (cause, day) in requirement.taught_on() {
        match day {
            Some(day) => {
                let due_on = duty::due_after(tx, day.max(tx.today()))?;
                duty::open(tx, requirement.owed(cause, day, due_on))?;
            }
            None => duty::withdraw(tx, cause, requirement.id.uuid())?,
        }
    }
    Ok(())
}

/// What a draft names must be there. What it named before stays, whatever became of it.
fn check_references(
    tx: &mut Tx<'_>,
    draft: &LegalRequirementDraft,
    before: Option<&LegalRequirementDraft>,
) -> Outcome<()> {
    let known = |named: &LegalRequirementDraft| (named.department_id, named.responsible_person_id);
    let (department, person) = before.map(known).unwrap_or_default();
    if let Some(id) = draft.department_id.filter(|id| Some(*id) != department) {
        reference::department(tx, id, "/department_id")?;
    }
    if let Some(id) = draft.responsible_person_id.filter(|id| Some(*id) != person) {
        reference::person(tx, id, "/responsible_person_id")?;
    }
    Ok(())
}
