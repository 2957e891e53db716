//! How departments are kept: the tree with its ancestors spelled out, so that "and those below" is one query.

use std::collections::BTreeSet;

use diesel::prelude::*;
use mamori_domain::{
    access::Resource,
    evaluation::audit::AuditState,
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        refusal::{Code, Refusal},
        text::normalized,
    },
    organization::{
        department::{Department, DepartmentDraft, DepartmentState},
        organization::Organization,
        person::Person,
    },
    planning::{asset::AssetState, objective::ObjectiveState as Pursued, risk::RiskState},
    support::resource::ProvidedResourceState as Needed,
};

use self::{department as d, department_ancestor as ancestor};
use super::{
    person::person as p,
    position::{position as pos, position_holder as holder},
};
use crate::{
    evaluation::audit::{audit, audit_party as party},
    kernel::{
        among::AmongExt,
        columns::{KeyColumn, MomentColumn, TextColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{containing, cut, one_more},
        tx::Tx,
    },
    leadership::appointment::{Stage, appointment},
    on,
    operation::supplier::supplier,
    planning::{asset::asset, objective::objective, risk::risk},
    sorted,
    support::{legal_requirement::legal_requirement as legal, resource::provided_resource as resource},
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    department (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        name -> Text,
        name_key -> Text,
        parent_id -> Nullable<Key>,
        abolished_on -> Nullable<Date>,
        abolition_reason -> Nullable<Text>,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    department_ancestor (organization_id, department_id, ancestor_id) {
        organization_id -> Key,
        department_id -> Key,
        ancestor_id -> Key,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = d, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<Department>,
    revision: i32,
    name: TextColumn<1, 200>,
    name_key: String,
    parent_id: Option<KeyColumn<Department>>,
    abolished_on: Option<chrono::NaiveDate>,
    abolition_reason: Option<String>,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(department: &Department, organization_id: KeyColumn<Organization>) -> Self {
        let Department {
            id,
            revision,
            draft,
            parent: _,
            head: _,
            state: _,
            abolished_on,
            abolition_reason,
            allowed_actions: _,
            created_at,
            updated_at,
        } = department;
        let DepartmentDraft { name, parent_id } = draft;
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            name: TextColumn(name.clone()),
            name_key: normalized(name.as_str()),
            parent_id: parent_id.map(KeyColumn),
            abolished_on: *abolished_on,
            abolition_reason: abolition_reason.clone(),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_department(
        self,
        parent: Option<String>,
        head: Option<(KeyColumn<Person>, String)>,
        grants: &Grants,
    ) -> Department {
        let mut department = Department {
            id: self.id.0,
            revision: self.revision,
            parent: self.parent_id.zip(parent).map(|(id, name)| Reference::new(id.0, name)),
            head: head.map(|(id, name)| Reference::new(id.0, name)),
            draft: DepartmentDraft { name: self.name.0, parent_id: self.parent_id.map(|id| id.0) },
            state: match self.abolished_on {
                None => DepartmentState::Active,
                Some(_) => DepartmentState::Abolished,
            },
            abolished_on: self.abolished_on,
            abolition_reason: self.abolition_reason,
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        department.allowed_actions = grants.open(&department, |within| within.all);
        department
    }
}

diesel::alias! {
    const ABOVE: Alias<Above> = department as above;
}

/// Which departments are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<Department>>,
    /// Whose name contains this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// Also those that no longer exist.
    pub include_abolished: bool,
}

/// A row with the name of the department above it, and its head.
type Found = (Row, Option<String>, Option<(KeyColumn<Person>, String)>);

/// A page of departments; sorts by `name` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<Department>> {
    let grants = Grants::of::<Department>(tx)?;
    let (organization, today) = (tx.organization(), tx.today());
    let above = ABOVE;
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = d::table
                .left_join(
                    above.on(above
                        .field(d::organization_id)
                        .eq(d::organization_id)
                        .and(above.field(d::id).nullable().eq(d::parent_id))),
                )
                .left_join(pos::table.on(
                    pos::organization_id.eq(d::organization_id).and(pos::department_id.eq(d::id)).and(pos::is_head),
                ))
                .left_join(
                    holder::table.on(holder::organization_id
                        .eq(d::organization_id)
                        .and(holder::position_id.nullable().eq(pos::id.nullable()))
                        .and(holder::starts_on.le(today))
                        .and(holder::ends_on.is_null().or(holder::ends_on.ge(today)))),
                )
                .left_join(p::table.on(
                    p::organization_id.eq(d::organization_id).and(p::id.nullable().eq(holder::person_id.nullable())),
                ))
                .filter(d::organization_id.eq(organization))
                .into_boxed::<Db>();
            if let Some(id) = filter.id {
                query = query.filter(d::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(d::name_key.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(d::updated_at.ge(MomentColumn(since)));
            }
            if !filter.include_abolished {
                query = query.filter(d::abolished_on.is_null().or(d::abolished_on.gt(today)));
            }
            query
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, d::updated_at, d::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, d::name, d::id, String),
        };
        let rows: Vec<Found> = query
            .limit(one_more(page))
            .select((Row::as_select(), above.field(d::name).nullable(), (p::id, p::name).nullable()))
            .load(tx)?;
        (rows, total)
    });
    let departments = rows.into_iter().map(|(row, parent, head)| row.into_department(parent, head, &grants)).collect();
    Ok(cut(departments, page, total, |department: &Department| match page.sort_field() {
        "updated_at" => (serde_json::json!(department.updated_at), department.id.uuid()),
        _ => (serde_json::json!(department.draft.name), department.id.uuid()),
    }))
}

/// One department, also one that no longer exists.
pub fn find(tx: &mut Tx<'_>, id: Id<Department>) -> Outcome<Loaded<Department>> {
    let filter = Filter { id: Some(id), include_abolished: true, ..Filter::default() };
    list(tx, &filter, &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// Adds a new department.
pub fn add(tx: &mut Tx<'_>, department: &Department) -> Outcome<Department> {
    let row = Row::of(department, tx.organization());
    check(tx, department, None)?;
    on!(tx, diesel::insert_into(d::table).values(&row).execute(tx))?;
    hang(tx, department.id, department.draft.parent_id)?;
    tx.record(Resource::Department, department.id.uuid(), None, department)?;
    Ok(find(tx, department.id)?.value)
}

/// Stores a changed department over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut department: Loaded<Department>) -> Outcome<Department> {
    check(tx, &department, Some(&department.original.draft))?;
    department.revision += 1;
    department.updated_at = tx.now();
    let row = Row::of(&department, tx.organization());
    let read = d::table.find((row.organization_id, row.id)).filter(d::revision.eq(department.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    if department.draft.parent_id != department.original.draft.parent_id {
        hang(tx, department.id, department.draft.parent_id)?;
    }
    tx.record(Resource::Department, department.id.uuid(), Some(&department.original), &department.value)?;
    Ok(find(tx, department.id)?.value)
}

/// The department and everything above it.
pub fn ancestors(tx: &mut Tx<'_>, id: Id<Department>) -> Outcome<Vec<Id<Department>>> {
    let organization = tx.organization();
    let ids: Vec<KeyColumn<Department>> = on!(
        tx,
        ancestor::table
            .filter(ancestor::organization_id.eq(organization))
            .filter(ancestor::department_id.eq(KeyColumn(id)))
            .select(ancestor::ancestor_id)
            .load(tx)
    )?;
    Ok(ids.into_iter().map(|id| id.0).collect())
}

/// Of each root itself and everything below it, as pairs.
pub fn below(tx: &mut Tx<'_>, roots: &BTreeSet<Id<Department>>) -> Outcome<Vec<(Id<Department>, Id<Department>)>> {
    if roots.is_empty() {
        return Ok(Vec::new());
    }
    let organization = tx.organization();
    let roots: Vec<KeyColumn<Department>> = roots.iter().copied().map(KeyColumn).collect();
    let pairs: Vec<(KeyColumn<Department>, KeyColumn<Department>)> = on!(
        tx,
        ancestor::table
            .filter(ancestor::organization_id.eq(organization))
            .filter(ancestor::ancestor_id.among(&roots))
            .select((ancestor::ancestor_id, ancestor::department_id))
            .load(tx)
    )?;
    Ok(pairs.into_iter().map(|(root, department)| (root.0, department.0)).collect())
}

/// Every department with itself and everything above it, as pairs.
pub(crate) fn lineage(tx: &mut Tx<'_>) -> Outcome<Vec<(Id<Department>, Id<Department>)>> {
    let organization = tx.organization();
    let pairs: Vec<(KeyColumn<Department>, KeyColumn<Department>)> = on!(
        tx,
        ancestor::table
            .filter(ancestor::organization_id.eq(organization))
            .select((ancestor::department_id, ancestor::ancestor_id))
            .load(tx)
    )?;
    Ok(pairs.into_iter().map(|(department, above)| (department.0, above.0)).collect())
}

/// Refuses a department that is unknown or no longer exists, in the name of the field that names it.
pub(crate) fn require(tx: &mut Tx<'_>, id: Id<Department>, pointer: &str) -> Outcome<()> {
    let today = tx.today();
    let known = d::table
        .find((tx.organization(), KeyColumn(id)))
        .filter(d::abolished_on.is_null().or(d::abolished_on.gt(today)));
    if on!(tx, diesel::select(diesel::dsl::exists(known)).get_result::<bool>(tx))? {
        Ok(())
    } else {
        Err(Refusal::field(pointer, Code::UnknownReference).into())
    }
}

/// Whether anything live still hangs on it. The one list of what does: what gets a `department_id` gets a line here.
/// What is over keeps its department as history, and so do approved texts (scope, network diagram) and the entry log.
pub fn is_used(tx: &mut Tx<'_>, id: Id<Department>) -> Outcome<bool> {
    use diesel::dsl::exists;
    let (organization, id, today) = (tx.organization(), KeyColumn(id), tx.today());
    let children =
        d::table.filter(d::organization_id.eq(organization).and(d::parent_id.eq(id))).filter(d::abolished_on.is_null());
    let people = p::table
        .filter(p::organization_id.eq(organization).and(p::department_id.eq(id)))
        .filter(p::left_on.is_null().or(p::left_on.ge(today)));
    let held = pos::table
        .inner_join(
            holder::table.on(holder::organization_id.eq(pos::organization_id).and(holder::position_id.eq(pos::id))),
        )
        .filter(pos::organization_id.eq(organization).and(pos::department_id.eq(id)))
        .filter(holder::ends_on.is_null().or(holder::ends_on.ge(today)));
    let appointments = appointment::table
        .filter(appointment::organization_id.eq(organization).and(appointment::department_id.eq(id)))
        .filter(appointment::stage.ne(WordColumn(Stage::Withdrawn)))
        .filter(appointment::ends_on.is_null().or(appointment::ends_on.ge(today)));
    let assets = asset::table
        .filter(asset::organization_id.eq(organization).and(asset::managing_department_id.eq(id)))
        .filter(asset::state.eq(WordColumn(AssetState::InUse)));
    let risks = risk::table
        .filter(risk::organization_id.eq(organization).and(risk::department_id.eq(id)))
        .filter(risk::state.ne(WordColumn(RiskState::Closed)));
    let over = [Pursued::Replaced, Pursued::Ended].map(WordColumn);
    let objectives = objective::table
        .filter(objective::organization_id.eq(organization).and(objective::department_id.eq(id)))
        .filter(objective::state.ne_all(over));
    let over = [Needed::Provided, Needed::Withdrawn].map(WordColumn);
    let resources = resource::table
        .filter(resource::organization_id.eq(organization).and(resource::department_id.eq(id)))
        .filter(resource::state.ne_all(over));
    let suppliers = supplier::table
        .filter(supplier::organization_id.eq(organization).and(supplier::department_id.eq(id)))
        .filter(supplier::exit.is_null());
    let legal = legal::table
        .filter(legal::organization_id.eq(organization).and(legal::department_id.eq(id)))
        .filter(legal::retirement.is_null());
    let over = [AuditState::Closed, AuditState::Cancelled].map(WordColumn);
    let audits = party::table
        .inner_join(
            audit::table.on(audit::organization_id.eq(party::organization_id).and(audit::id.eq(party::audit_id))),
        )
        .filter(party::organization_id.eq(organization).and(party::department_id.eq(id)))
        .filter(audit::state.ne_all(over));
    let organized = exists(children).or(exists(people)).or(exists(held)).or(exists(appointments));
    let planned = exists(assets).or(exists(risks)).or(exists(objectives));
    let used = organized.or(planned).or(exists(resources)).or(exists(suppliers)).or(exists(legal)).or(exists(audits));
    Ok(on!(tx, diesel::select(used).get_result(tx))?)
}

/// The department with this name, as people write it.
pub fn by_name(tx: &mut Tx<'_>, name: &str) -> Outcome<Option<Id<Department>>> {
    let organization = tx.organization();
    let id: Option<KeyColumn<Department>> = on!(
        tx,
        d::table
            .filter(d::organization_id.eq(organization))
            .filter(d::name_key.eq(normalized(name)))
            .filter(d::abolished_on.is_null())
            .select(d::id)
            .first(tx)
    )
    .optional()?;
    Ok(id.map(|id| id.0))
}

/// Refuses a name that another one has, and a department above (other than that of `old`) that does not exist.
fn check(tx: &mut Tx<'_>, department: &Department, old: Option<&DepartmentDraft>) -> Outcome<()> {
    if let Some(parent) = department.draft.parent_id
        && old.is_none_or(|old| old.parent_id != Some(parent))
    {
        require(tx, parent, "/parent_id")?;
    }
    match by_name(tx, department.draft.name.as_str())? {
        Some(other) if other != department.id && department.abolished_on.is_none() => {
            Err(Refusal::new(Code::AlreadyExists).with("field", "/name").with("id", other.to_string()).into())
        }
        _ => Ok(()),
    }
}

/// Hangs a department, with everything below it, under `parent`.
fn hang(tx: &mut Tx<'_>, id: Id<Department>, parent: Option<Id<Department>>) -> Outcome<()> {
    let organization = tx.organization();
    let above = match parent {
        Some(parent) => ancestors(tx, parent)?,
        None => Vec::new(),
    };
    let mut moved: Vec<KeyColumn<Department>> =
        below(tx, &[id].into())?.into_iter().map(|(_, department)| KeyColumn(department)).collect();
    if moved.is_empty() {
        moved.push(KeyColumn(id));
        let own = (
            ancestor::organization_id.eq(organization),
            ancestor::department_id.eq(KeyColumn(id)),
            ancestor::ancestor_id.eq(KeyColumn(id)),
        );
        on!(tx, diesel::insert_into(ancestor::table).values(own).execute(tx))?;
    }
    let old = ancestor::table
        .filter(ancestor::organization_id.eq(organization))
        .filter(ancestor::department_id.eq_any(moved.clone()))
        .filter(ancestor::ancestor_id.ne_all(moved.clone()));
    on!(tx, diesel::delete(old).execute(tx))?;
    for department in moved {
        for over in &above {
            let row = (
                ancestor::organization_id.eq(organization),
                ancestor::department_id.eq(department),
                ancestor::ancestor_id.eq(KeyColumn(*over)),
            );
            on!(tx, diesel::insert_into(ancestor::table).values(row).execute(tx))?;
        }
    }
    Ok(())
}
