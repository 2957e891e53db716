//! How organizations and the versions of their settings are kept.

use diesel::prelude::*;
use mamori_domain::{
    access::Resource,
    kernel::{
        page::{Page, PageRequest},
        review::ReviewTerms,
    },
    organization::organization::{Organization, OrganizationDraft, SettingsVersion},
};

use self::{organization as o, organization_version as v};
use crate::{
    kernel::{
        columns::{DocumentColumn, KeyColumn, MomentColumn},
        conn::Conn,
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{cut, one_more},
        tx::Tx,
    },
    on, sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    tenant (id) {
        id -> Key,
        created_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    organization (organization_id) {
        organization_id -> Key,
        revision -> Integer,
        name -> Text,
        settings -> Document,
        time_zone -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    organization_version (organization_id, version) {
        organization_id -> Key,
        version -> Integer,
        settings -> Document,
        in_force_at -> Moment,
        changed_by -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    counter (organization_id, name) {
        organization_id -> Key,
        name -> Text,
        value -> Integer,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = o, primary_key(organization_id), treat_none_as_default_value = false)]
struct Row {
    organization_id: KeyColumn<Organization>,
    revision: i32,
    name: String,
    settings: DocumentColumn<OrganizationDraft>,
    time_zone: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(organization: &Organization) -> Self {
        let Organization { id, revision, draft, allowed_actions: _, created_at, updated_at } = organization;
        Self {
            organization_id: KeyColumn(*id),
            revision: *revision,
            name: draft.name.as_str().to_owned(),
            settings: DocumentColumn(draft.clone()),
            time_zone: draft.time_zone.0.name().to_owned(),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }
}

impl From<Row> for Organization {
    fn from(row: Row) -> Self {
        Self {
            id: row.organization_id.0,
            revision: row.revision,
            draft: row.settings.0,
            allowed_actions: Vec::new(),
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
        }
    }
}

/// The organization of the transaction.
pub fn find(tx: &mut Tx<'_>) -> Outcome<Loaded<Organization>> {
    let organization = tx.organization();
    let row: Row = on!(tx, o::table.find(organization).select(Row::as_select()).first(tx)).or_not_found()?;
    let mut organization = Organization::from(row);
    organization.allowed_actions = Grants::of::<Organization>(tx)?.open(&organization, |within| within.all);
    Ok(Loaded::new(organization))
}

/// Adds a new organization: the registry's entry, the settings and their first version.
pub fn add(tx: &mut Tx<'_>, organization: &Organization) -> Outcome<()> {
    let row = Row::of(organization);
    let entry = (tenant::id.eq(row.organization_id), tenant::created_at.eq(row.created_at));
    on!(tx, diesel::insert_into(tenant::table).values(entry).execute(tx))?;
    on!(tx, diesel::insert_into(o::table).values(&row).execute(tx))?;
    keep_version(tx, organization)?;
    tx.record(Resource::Organization, organization.id.uuid(), None, organization)
}

/// Stores changed settings as a new version.
pub fn store(tx: &mut Tx<'_>, mut organization: Loaded<Organization>) -> Outcome<Organization> {
    organization.revision += 1;
    organization.updated_at = tx.now();
    let row = Row::of(&organization);
    let read = o::table.find(row.organization_id).filter(o::revision.eq(organization.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    keep_version(tx, &organization)?;
    tx.record(Resource::Organization, organization.id.uuid(), Some(&organization.original), &organization.value)?;
    Ok(organization.value)
}

fn keep_version(tx: &mut Tx<'_>, organization: &Organization) -> Outcome<()> {
    let row = (
        v::organization_id.eq(KeyColumn(organization.id)),
        v::version.eq(organization.revision),
        v::settings.eq(DocumentColumn(organization.draft.clone())),
        v::in_force_at.eq(MomentColumn(tx.now())),
        v::changed_by.eq(tx.context().actor.to_string()),
    );
    on!(tx, diesel::insert_into(v::table).values(row).execute(tx))?;
    Ok(())
}

/// A page of the settings' versions; sorts by `version`.
pub fn versions(tx: &mut Tx<'_>, page: &PageRequest) -> Outcome<Page<SettingsVersion>> {
    let organization = tx.organization();
    type Version = (i32, DocumentColumn<OrganizationDraft>, MomentColumn, String, KeyColumn<Organization>);
    let (rows, total) = on!(tx, {
        let filtered = || v::table.filter(v::organization_id.eq(organization)).into_boxed::<Db>();
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let columns = (v::version, v::settings, v::in_force_at, v::changed_by, v::organization_id);
        let query = sorted!(filtered(), page, v::version, v::organization_id, i32);
        let rows: Vec<Version> = query.limit(one_more(page)).select(columns).load(tx)?;
        (rows, total)
    });
    let page = cut(rows, page, total, |row| (row.0, row.4.0.uuid()));
    Ok(page.map(|(version, settings, in_force_at, changed_by, _)| SettingsVersion {
        version,
        settings: settings.0,
        in_force_at: in_force_at.0,
        changed_by,
    }))
}

/// How long after a review something is due, as the organization set it.
pub fn review_terms(tx: &mut Tx<'_>) -> Outcome<ReviewTerms> {
    let intervals = find(tx)?.draft.intervals.clone();
    Ok(ReviewTerms { months: intervals.policy_review_months, communication_days: intervals.review_communication_days })
}

/// How long after a management review its communication and the next one are due, as the organization set it.
pub fn management_review_terms(tx: &mut Tx<'_>) -> Outcome<ReviewTerms> {
    let months = find(tx)?.draft.intervals.management_review_months;
    Ok(ReviewTerms { months, ..review_terms(tx)? })
}

/// The next number of a series (`asset`, `risk` …) of the organization. Numbers are never used twice.
pub fn next_number(tx: &mut Tx<'_>, series: &str) -> Outcome<i32> {
    let organization = tx.organization();
    let this = counter::table.find((organization, series));
    let next: Vec<i32> = on!(
        tx,
        diesel::update(this).set(counter::value.eq(counter::value + 1)).returning(counter::value).get_results(tx)
    )?;
    match next.first() {
        Some(number) => Ok(*number),
        None => {
            let row = (counter::organization_id.eq(organization), counter::name.eq(series), counter::value.eq(1));
            on!(tx, diesel::insert_into(counter::table).values(row).execute(tx))?;
            Ok(1)
        }
    }
}

/// Moves a series on to `number`, so that the next number lies after one that an import supplied.
pub fn at_least(tx: &mut Tx<'_>, series: &str, number: i32) -> Outcome<()> {
    let organization = tx.organization();
    let known: i64 = on!(tx, counter::table.find((organization, series)).count().get_result(tx))?;
    if known == 0 {
        let row = (counter::organization_id.eq(organization), counter::name.eq(series), counter::value.eq(number));
        on!(tx, diesel::insert_into(counter::table).values(row).execute(tx))?;
    } else {
        let behind = counter::table.find((organization, series)).filter(counter::value.lt(number));
        on!(tx, diesel::update(behind).set(counter::value.eq(number)).execute(tx))?;
    }
    Ok(())
}

/// Every organization of this database, for background work that goes through them one by one.
pub fn all(conn: &mut Conn) -> Outcome<Vec<mamori_domain::kernel::id::Id<Organization>>> {
    let ids: Vec<KeyColumn<Organization>> =
        on!(conn, tenant::table.order(tenant::id.asc()).select(tenant::id).load(conn))?;
    Ok(ids.into_iter().map(|id| id.0).collect())
}
