//! How the versions of the network diagram are kept.

use std::collections::BTreeSet;

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Role},
    context::{
        network_diagram::{NetworkDiagram, NetworkDiagramDraft},
        zone::Zone,
    },
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        refusal::Refusal,
        sign_off::SignOff,
        text::normalized,
        version::{Version, VersionState},
    },
    organization::{department::Department, organization::Organization},
};

use self::network_diagram as n;
use super::{named, readable};
use crate::{
    kernel::{
        columns::{DocumentColumn, KeyColumn, MomentColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{cut, one_more},
        tx::Tx,
        versions::{self, Readable},
    },
    leadership::appointment::Approvers,
    on, sorted, versions,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    network_diagram (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        version -> Integer,
        title -> Text,
        content -> Document,
        last_node_number -> Integer,
        state -> Text,
        sign_off -> Document,
        in_force_at -> Nullable<Moment>,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `content` is the whole draft; `title` is only there to be searched, and `last_node_number`, the highest that this
/// version ever gave, so that no number is given twice.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = n, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<NetworkDiagram>,
    revision: i32,
    version: i32,
    title: String,
    content: DocumentColumn<NetworkDiagramDraft>,
    last_node_number: i32,
    state: WordColumn<VersionState>,
    sign_off: DocumentColumn<SignOff>,
    in_force_at: Option<MomentColumn>,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(diagram: &NetworkDiagram, organization_id: KeyColumn<Organization>) -> Self {
        let NetworkDiagram {
            id,
            revision,
            version,
            draft,
            boundary: _,
            zones: _,
            departments: _,
            next_node_number,
            allowed_actions: _,
            created_at,
            updated_at,
        } = diagram;
        let Version { number, state, sign_off, in_force_at } = version;
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            version: *number,
            title: normalized(draft.title.as_str()),
            content: DocumentColumn(draft.clone()),
            last_node_number: draft.numbers().last().copied().unwrap_or_default().max(next_node_number - 1),
            state: WordColumn(*state),
            sign_off: DocumentColumn(sign_off.clone()),
            in_force_at: in_force_at.map(MomentColumn),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_diagram(self, next_node_number: i32) -> NetworkDiagram {
        NetworkDiagram {
            id: self.id.0,
            revision: self.revision,
            version: Version {
                number: self.version,
                state: self.state.0,
                sign_off: self.sign_off.0,
                in_force_at: self.in_force_at.map(|at| at.0),
            },
            boundary: self.content.0.boundary(),
            draft: self.content.0,
            zones: Vec::new(),
            departments: Vec::new(),
            next_node_number,
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        }
    }
}

/// The zones and departments that the nodes name, once each, in their order.
fn places(draft: &NetworkDiagramDraft) -> (Vec<Id<Zone>>, Vec<Id<Department>>) {
    let (mut zones, mut departments) = (BTreeSet::new(), BTreeSet::new());
    (
        draft.nodes.iter().filter_map(|node| node.zone_id).filter(|id| zones.insert(*id)).collect(),
        draft.nodes.iter().filter_map(|node| node.department_id).filter(|id| departments.insert(*id)).collect(),
    )
}

/// Who approves the diagram: top management, and nobody in its place (SD-5).
pub fn approvers(tx: &mut Tx<'_>) -> Outcome<Approvers> {
    Approvers::along(tx, "SD-5", Role::TopManagement)
}

/// Which versions are asked for.
pub type Filter = versions::Filter<NetworkDiagram>;

/// A page of versions that the caller may read; sorts by `version` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<NetworkDiagram>> {
    let readable = readable(tx, Resource::Scope)?;
    list_in(tx, filter, page, readable)
}

fn list_in(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest, readable: Readable) -> Outcome<Page<NetworkDiagram>> {
    let (grants, approvers) = (Grants::of::<NetworkDiagram>(tx)?, approvers(tx)?);
    let (organization, next) = (tx.organization(), next_node_number(tx)?);
    let (rows, total) = on!(tx, {
        let filtered = || versions!(n, title, organization, filter, readable);
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, n::updated_at, n::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, n::version, n::id, i32),
        };
        let rows: Vec<Row> = query.limit(one_more(page)).select(Row::as_select()).load(tx)?;
        (rows, total)
    });
    let mut versions: Vec<NetworkDiagram> = rows.into_iter().map(|row| row.into_diagram(next)).collect();
    let of_each: Vec<_> = versions.iter().map(|diagram| places(&diagram.draft)).collect();
    let zones = named::zones(tx, of_each.iter().flat_map(|(zones, _)| zones.clone()))?;
    let departments = named::departments(tx, of_each.iter().flat_map(|(_, departments)| departments.clone()))?;
    for (diagram, (in_zones, of_departments)) in versions.iter_mut().zip(&of_each) {
        diagram.zones = zones.references(in_zones);
        diagram.departments = departments.references(of_departments);
        diagram.allowed_actions = approvers.open(&grants, tx.standing(), diagram, diagram.version.preparer());
    }
    Ok(cut(versions, page, total, |diagram: &NetworkDiagram| {
        versions::key(page, diagram.id, &diagram.version, diagram.updated_at)
    }))
}

/// One version that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<NetworkDiagram>) -> Outcome<Loaded<NetworkDiagram>> {
    list(tx, &Filter::only(id), &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// One version, whoever asks.
fn look_up(tx: &mut Tx<'_>, id: Id<NetworkDiagram>) -> Outcome<NetworkDiagram> {
    list_in(tx, &Filter::only(id), &PageRequest::one(), None)?.items.pop().or_not_found()
}

/// The version in force, whoever asks.
pub fn in_force(tx: &mut Tx<'_>) -> Outcome<Option<NetworkDiagram>> {
    Ok(list_in(tx, &Filter::in_force(), &PageRequest::one(), None)?.items.pop())
}

/// The number of the next version.
pub fn next_version(tx: &mut Tx<'_>) -> Outcome<i32> {
    let all = n::table.filter(n::organization_id.eq(tx.organization()));
    let last: Option<i32> = on!(tx, all.select(diesel::dsl::max(n::version)).get_result(tx))?;
    Ok(last.unwrap_or_default() + 1)
}

/// The number of the next new node, whatever version it is drawn in.
pub fn next_node_number(tx: &mut Tx<'_>) -> Outcome<i32> {
    let all = n::table.filter(n::organization_id.eq(tx.organization()));
    let last: Option<i32> = on!(tx, all.select(diesel::dsl::max(n::last_node_number)).get_result(tx))?;
    Ok(last.unwrap_or_default() + 1)
}

/// Adds a new version. What it copies of `in_force` may name zones and departments that are gone since.
pub fn add(
    tx: &mut Tx<'_>,
    diagram: &NetworkDiagram,
    in_force: Option<&NetworkDiagramDraft>,
) -> Outcome<NetworkDiagram> {
    check_references(tx, &diagram.draft, in_force)?;
    let row = Row::of(diagram, tx.organization());
    on!(tx, diesel::insert_into(n::table).values(&row).execute(tx))?;
    let added = look_up(tx, diagram.id)?;
    tx.record(Resource::Scope, added.id.uuid(), None, &added)?;
    Ok(added)
}

/// Stores a changed version over the revision it was read at; one that comes into force goes through [`put_in_force`].
pub fn store(tx: &mut Tx<'_>, mut diagram: Loaded<NetworkDiagram>) -> Outcome<NetworkDiagram> {
    check_references(tx, &diagram.draft, Some(&diagram.original.draft))?;
    diagram.revision += 1;
    diagram.updated_at = tx.now();
    let row = Row::of(&diagram, tx.organization());
    let read = n::table.find((row.organization_id, row.id)).filter(n::revision.eq(diagram.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = look_up(tx, diagram.id)?;
    tx.record(Resource::Scope, stored.id.uuid(), Some(&diagram.original), &stored)?;
    Ok(stored)
}

/// Stores an approved version that comes into force, in the place of the one in force before it, where there is one.
pub fn put_in_force(tx: &mut Tx<'_>, diagram: Loaded<NetworkDiagram>) -> Outcome<NetworkDiagram> {
    if let Some(before) = in_force(tx)? {
        let mut before = Loaded::new(before);
        before.version.supersede();
        store(tx, before)?;
    }
    store(tx, diagram)
}

/// Refuses zones and departments that are not there, but for those that stood in the diagram `before`.
fn check_references(tx: &mut Tx<'_>, draft: &NetworkDiagramDraft, before: Option<&NetworkDiagramDraft>) -> Outcome<()> {
    let (in_zones, of_departments) = places(draft);
    let (known_zones, known_departments) = before.map(places).unwrap_or_default();
    let (zones, departments) = (named::zones(tx, in_zones)?, named::departments(tx, of_departments)?);
    let nodes = || draft.nodes.iter().enumerate();
    let in_zones = nodes().filter_map(|(at, node)| Some((format!("/nodes/{at}/zone_id"), node.zone_id?)));
    let of_departments =
        nodes().filter_map(|(at, node)| Some((format!("/nodes/{at}/department_id"), node.department_id?)));
    let mut faults: Vec<_> = zones.unknown(in_zones, &known_zones).collect();
    faults.extend(departments.unknown(of_departments, &known_departments));
    Ok(Refusal::unless_empty(faults)?)
}
