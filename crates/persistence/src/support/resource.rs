//! How resources are kept.

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Role, Standing, Verb},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        sign_off::SignOff,
        text::normalized,
    },
    organization::{department::Department, organization::Organization, person::Person},
    support::resource::{
        ProvidedResource, ProvidedResourceAction, ProvidedResourceDraft, ProvidedResourceState, ResourceCategory,
    },
};

use self::provided_resource as r;
use crate::{
    kernel::{
        among::AmongExt,
        columns::{DocumentColumn, KeyColumn, MomentColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{containing, cut, one_more},
        tx::{Tx, Within, require_within},
    },
    leadership::appointment::Approvers,
    on,
    organization::{department::department as d, person::person as p},
    planning::reference,
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    provided_resource (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        number -> Integer,
        content -> Document,
        category -> Text,
        department_id -> Nullable<Key>,
        responsible_person_id -> Key,
        due_on -> Date,
        state -> Text,
        sign_off -> Document,
        provided_on -> Nullable<Date>,
        withdrawal_reason -> Nullable<Text>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `content` is the whole draft; what of it is searched, sorted or joined stands beside it.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = r, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<ProvidedResource>,
    revision: i32,
    number: i32,
    content: DocumentColumn<ProvidedResourceDraft>,
    category: WordColumn<ResourceCategory>,
    department_id: Option<KeyColumn<Department>>,
    responsible_person_id: KeyColumn<Person>,
    due_on: chrono::NaiveDate,
    state: WordColumn<ProvidedResourceState>,
    sign_off: DocumentColumn<SignOff>,
    provided_on: Option<chrono::NaiveDate>,
    withdrawal_reason: Option<String>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(resource: &ProvidedResource, organization_id: KeyColumn<Organization>) -> Self {
        let ProvidedResource {
            id,
            revision,
            number,
            draft,
            responsible_person: _,
            department: _,
            due_on: _,
            overdue: _,
            state,
            sign_off,
            provided_on,
            withdrawal_reason,
            allowed_actions: _,
            created_at,
            updated_at,
        } = resource;
        let number_text = number.to_string();
        let search = [number_text.as_str(), draft.description.as_str(), draft.remarks.as_str()];
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            number: *number,
            content: DocumentColumn(draft.clone()),
            category: WordColumn(draft.category),
            department_id: draft.department_id.map(KeyColumn),
            responsible_person_id: KeyColumn(draft.responsible_person_id),
            due_on: draft.needed_by.last_day(),
            state: WordColumn(*state),
            sign_off: DocumentColumn(sign_off.clone()),
            provided_on: *provided_on,
            withdrawal_reason: withdrawal_reason.clone(),
            search: normalized(&search.join("\n")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_resource(self, person: String, department: Option<String>, today: chrono::NaiveDate) -> ProvidedResource {
        let mut resource = ProvidedResource {
            id: self.id.0,
            revision: self.revision,
            number: self.number,
            draft: self.content.0,
            responsible_person: Reference::new(self.responsible_person_id.0, person),
            department: self.department_id.zip(department).map(|(id, name)| Reference::new(id.0, name)),
            due_on: self.due_on,
            // What `derive` makes of the rest.
            overdue: false,
            state: self.state.0,
            sign_off: self.sign_off.0,
            provided_on: self.provided_on,
            withdrawal_reason: self.withdrawal_reason,
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        resource.derive(today);
        resource
    }
}

/// Who approves resources: top management, or who stands in for it (5.1, 7.1).
pub fn approvers(tx: &mut Tx<'_>) -> Outcome<Approvers> {
    Approvers::along(tx, "SD-1", Role::TopManagement)
}

/// Whether its department makes a resource lie within.
fn covers(within: &Within, draft: &ProvidedResourceDraft) -> bool {
    within.covers(draft.department_id, None, None)
}

/// The steps that are open to the caller: approving only where the duty lets them (SD-1).
fn open_to(
    resource: &ProvidedResource,
    grants: &Grants,
    approvers: &Approvers,
    caller: &Standing,
) -> Vec<ProvidedResourceAction> {
    let mut open = grants.open(resource, |within| covers(within, &resource.draft));
    open.retain(|action| {
        *action != ProvidedResourceAction::Approve || approvers.may_approve(caller, resource.preparer())
    });
    open
}

/// Which resources are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<ProvidedResource>>,
    /// Whose number or texts contain this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// In this state.
    pub state: Option<ProvidedResourceState>,
    /// Of this kind.
    pub category: Option<ResourceCategory>,
    /// Of this department.
    pub department: Option<Id<Department>>,
    /// For which this person is responsible.
    pub responsible_person: Option<Id<Person>>,
    /// Whether they are overdue.
    pub overdue: Option<bool>,
}

/// A page of resources that the caller may read; sorts by `number`, `due_on` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<ProvidedResource>> {
    let within = tx.within(Resource::Resources, Verb::Read)?;
    list_within(tx, filter, page, &within)
}

fn list_within(
    tx: &mut Tx<'_>,
    filter: &Filter,
    page: &PageRequest,
    within: &Within,
) -> Outcome<Page<ProvidedResource>> {
    let (grants, approvers) = (Grants::of::<ProvidedResource>(tx)?, approvers(tx)?);
    let (organization, today) = (tx.organization(), tx.today());
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = r::table
                .inner_join(
                    p::table.on(p::organization_id.eq(r::organization_id).and(p::id.eq(r::responsible_person_id))),
                )
                .left_join(
                    d::table.on(d::organization_id.eq(r::organization_id).and(d::id.nullable().eq(r::department_id))),
                )
                .filter(r::organization_id.eq(organization))
                .into_boxed::<Db>();
            if !within.all {
                query = query.filter(r::department_id.among(&within.departments));
            }
            if let Some(id) = filter.id {
                query = query.filter(r::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(r::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(r::updated_at.ge(MomentColumn(since)));
            }
            if let Some(state) = filter.state {
                query = query.filter(r::state.eq(WordColumn(state)));
            }
            if let Some(category) = filter.category {
                query = query.filter(r::category.eq(WordColumn(category)));
            }
            if let Some(department) = filter.department {
                query = query.filter(r::department_id.eq(KeyColumn(department)));
            }
            if let Some(person) = filter.responsible_person {
                query = query.filter(r::responsible_person_id.eq(KeyColumn(person)));
            }
            let provided = WordColumn(ProvidedResourceState::Provided);
            let withdrawn = WordColumn(ProvidedResourceState::Withdrawn);
            match filter.overdue {
                None => query,
                Some(true) => {
                    query.filter(r::due_on.lt(today)).filter(r::state.ne(provided)).filter(r::state.ne(withdrawn))
                }
                Some(false) => query.filter(r::due_on.ge(today).or(r::state.eq(provided)).or(r::state.eq(withdrawn))),
            }
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "due_on" => sorted!(filtered(), page, r::due_on, r::id, chrono::NaiveDate),
            "updated_at" => sorted!(filtered(), page, r::updated_at, r::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, r::number, r::id, i32),
        };
        let rows: Vec<(Row, String, Option<String>)> =
            query.limit(one_more(page)).select((Row::as_select(), p::name, d::name.nullable())).load(tx)?;
        (rows, total)
    });
    let resources = rows
        .into_iter()
        .map(|(row, person, department)| {
            let mut resource = row.into_resource(person, department, today);
            resource.allowed_actions = open_to(&resource, &grants, &approvers, tx.standing());
            resource
        })
        .collect();
    Ok(cut(resources, page, total, |resource: &ProvidedResource| match page.sort_field() {
        "due_on" => (serde_json::json!(resource.due_on), resource.id.uuid()),
        "updated_at" => (serde_json::json!(resource.updated_at), resource.id.uuid()),
        _ => (serde_json::json!(resource.number), resource.id.uuid()),
    }))
}

/// One resource that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<ProvidedResource>) -> Outcome<Loaded<ProvidedResource>> {
    let within = tx.within(Resource::Resources, Verb::Read)?;
    find_within(tx, id, &within)
}

/// One resource that the caller may read, to do `verb` to it: refused where it lies outside what the caller may do that
/// to.
pub fn find_for(tx: &mut Tx<'_>, id: Id<ProvidedResource>, verb: Verb) -> Outcome<Loaded<ProvidedResource>> {
    let resource = find(tx, id)?;
    let within = tx.within(Resource::Resources, verb)?;
    require_within(covers(&within, &resource.draft))?;
    Ok(resource)
}

/// One resource, whoever asks.
fn look_up(tx: &mut Tx<'_>, id: Id<ProvidedResource>) -> Outcome<ProvidedResource> {
    Ok(find_within(tx, id, &Within::everything())?.value)
}

fn find_within(tx: &mut Tx<'_>, id: Id<ProvidedResource>, within: &Within) -> Outcome<Loaded<ProvidedResource>> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list_within(tx, &filter, &PageRequest::one(), within)?.items.pop().or_not_found().map(Loaded::new)
}

/// Adds a new resource.
pub fn add(tx: &mut Tx<'_>, resource: &ProvidedResource) -> Outcome<ProvidedResource> {
    let within = tx.within(Resource::Resources, Verb::Create)?;
    require_within(covers(&within, &resource.draft))?;
    check_references(tx, &resource.draft, None)?;
    let row = Row::of(resource, tx.organization());
    on!(tx, diesel::insert_into(r::table).values(&row).execute(tx))?;
    let resource = look_up(tx, resource.id)?;
    tx.record(Resource::Resources, resource.id.uuid(), None, &resource)?;
    Ok(resource)
}

/// Stores a changed resource over the revision it was read at. What was written anew must lie within what the caller may
/// write.
pub fn store(tx: &mut Tx<'_>, mut resource: Loaded<ProvidedResource>) -> Outcome<ProvidedResource> {
    if resource.draft != resource.original.draft {
        let within = tx.within(Resource::Resources, Verb::Update)?;
        require_within(covers(&within, &resource.draft))?;
        check_references(tx, &resource.draft, Some(&resource.original.draft))?;
    }
    resource.revision += 1;
    resource.updated_at = tx.now();
    let row = Row::of(&resource, tx.organization());
    let read = r::table.find((row.organization_id, row.id)).filter(r::revision.eq(resource.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = look_up(tx, resource.id)?;
    tx.record(Resource::Resources, stored.id.uuid(), Some(&resource.original), &stored)?;
    Ok(stored)
}

/// What a draft names must be there. What it named before stays, whatever became of it.
fn check_references(
    tx: &mut Tx<'_>,
    draft: &ProvidedResourceDraft,
    before: Option<&ProvidedResourceDraft>,
) -> Outcome<()> {
    if before.is_none_or(|before| before.responsible_person_id != draft.responsible_person_id) {
        reference::person(tx, draft.responsible_person_id, "/responsible_person_id")?;
    }
    if let Some(department) = draft.department_id
        && before.is_none_or(|before| before.department_id != Some(department))
    {
        reference::department(tx, department, "/department_id")?;
    }
    Ok(())
}
