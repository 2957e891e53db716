//! How suppliers are kept: an evaluation is a part of its supplier.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Verb},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        text::normalized,
    },
    operation::supplier::{Supplier, SupplierDraft, SupplierEvaluation, SupplierExit, SupplierKind, SupplierState},
    organization::{department::Department, organization::Organization, person::Person},
    planning::asset::Asset,
};

use self::{supplier as s, supplier_asset as link};
use crate::{
    kernel::{
        among::AmongExt,
        columns::{DocumentColumn, KeyColumn, MomentColumn, TextColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{containing, cut, one_more},
        tx::{Tx, Within, require_within},
    },
    on,
    organization::{department::department as d, person::person as p},
    planning::{
        asset::{self, asset as a},
        reference,
    },
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    supplier (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        name -> Text,
        kind -> Text,
        services -> Text,
        handles_personal_data -> Bool,
        starts_on -> Nullable<Date>,
        ends_on -> Nullable<Date>,
        nda_signed_on -> Nullable<Date>,
        evaluation_interval_months -> Integer,
        responsible_person_id -> Key,
        department_id -> Key,
        remarks -> Text,
        evaluations -> Document,
        next_evaluation_on -> Nullable<Date>,
        exit -> Nullable<Document>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    supplier_asset (organization_id, supplier_id, asset_id) {
        organization_id -> Key,
        supplier_id -> Key,
        asset_id -> Key,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = s, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<Supplier>,
    revision: i32,
    name: TextColumn<1, 200>,
    kind: WordColumn<SupplierKind>,
    services: TextColumn<1, 10_000>,
    handles_personal_data: bool,
    starts_on: Option<NaiveDate>,
    ends_on: Option<NaiveDate>,
    nda_signed_on: Option<NaiveDate>,
    evaluation_interval_months: i32,
    responsible_person_id: KeyColumn<Person>,
    department_id: KeyColumn<Department>,
    remarks: TextColumn<0, 10_000>,
    evaluations: DocumentColumn<Vec<SupplierEvaluation>>,
    next_evaluation_on: Option<NaiveDate>,
    exit: Option<DocumentColumn<SupplierExit>>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(supplier: &Supplier, organization_id: KeyColumn<Organization>) -> Self {
        let Supplier {
            id,
            revision,
            draft,
            department: _,
            responsible_person: _,
            assets: _,
            state: _,
            evaluations,
            next_evaluation_on,
            evaluation_overdue: _,
            nda_missing: _,
            contract_expired: _,
            exit,
            allowed_actions: _,
            created_at,
            updated_at,
        } = supplier;
        let SupplierDraft {
            name,
            kind,
            services,
            asset_ids: _,
            handles_personal_data,
            starts_on,
            ends_on,
            nda_signed_on,
            evaluation_interval_months,
            responsible_person_id,
            department_id,
            remarks,
        } = draft;
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            name: TextColumn(name.clone()),
            kind: WordColumn(*kind),
            services: TextColumn(services.clone()),
            handles_personal_data: *handles_personal_data,
            starts_on: *starts_on,
            ends_on: *ends_on,
            nda_signed_on: *nda_signed_on,
            evaluation_interval_months: i32::from(*evaluation_interval_months),
            responsible_person_id: KeyColumn(*responsible_person_id),
            department_id: KeyColumn(*department_id),
            remarks: TextColumn(remarks.clone()),
            evaluations: DocumentColumn(evaluations.clone()),
            next_evaluation_on: *next_evaluation_on,
            exit: exit.clone().map(DocumentColumn),
            search: normalized(&format!("{name} {services} {remarks}")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_supplier(
        self,
        department: String,
        person: String,
        assets: Vec<(Id<Asset>, String)>,
        grants: &Grants,
        today: NaiveDate,
    ) -> Supplier {
        let mut supplier = Supplier {
            id: self.id.0,
            revision: self.revision,
            draft: SupplierDraft {
                name: self.name.0,
                kind: self.kind.0,
                services: self.services.0,
                asset_ids: assets.iter().map(|(id, _)| *id).collect(),
                handles_personal_data: self.handles_personal_data,
                starts_on: self.starts_on,
                ends_on: self.ends_on,
                nda_signed_on: self.nda_signed_on,
                evaluation_interval_months: u8::try_from(self.evaluation_interval_months).unwrap_or(u8::MAX),
                responsible_person_id: self.responsible_person_id.0,
                department_id: self.department_id.0,
                remarks: self.remarks.0,
            },
            department: Reference::new(self.department_id.0, department),
            responsible_person: Reference::new(self.responsible_person_id.0, person),
            assets: assets.into_iter().map(|(id, name)| Reference::new(id, name)).collect(),
            state: match self.exit {
                None => SupplierState::Active,
                Some(_) => SupplierState::Exited,
            },
            evaluations: self.evaluations.0,
            // What `derive` makes of the rest.
            next_evaluation_on: self.next_evaluation_on,
            evaluation_overdue: false,
            nda_missing: false,
            contract_expired: false,
            exit: self.exit.map(|exit| exit.0),
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        supplier.derive(today);
        supplier.allowed_actions = grants.open(&supplier, |within| covers(within, &supplier.draft));
        supplier
    }
}

fn covers(within: &Within, draft: &SupplierDraft) -> bool {
    within.covers(Some(draft.department_id), None, None)
}

/// Which suppliers are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<Supplier>>,
    /// Whose name, services or remarks contain this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// Of this kind.
    pub kind: Option<SupplierKind>,
    /// Used by this department.
    pub department: Option<Id<Department>>,
    /// Handling this asset.
    pub asset: Option<Id<Asset>>,
    /// Whether it handles personal data.
    pub handles_personal_data: Option<bool>,
    /// Whether the day of the next evaluation has passed.
    pub evaluation_overdue: Option<bool>,
    /// Also those that were left.
    pub include_exited: bool,
}

/// A page of suppliers that the caller may read; sorts by `name` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<Supplier>> {
    let within = tx.within(Resource::Supplier, Verb::Read)?;
    list_within(tx, filter, page, &within)
}

fn list_within(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest, within: &Within) -> Outcome<Page<Supplier>> {
    let grants = Grants::of::<Supplier>(tx)?;
    let (organization, today) = (tx.organization(), tx.today());
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = s::table
                .inner_join(d::table.on(d::organization_id.eq(s::organization_id).and(d::id.eq(s::department_id))))
                .inner_join(
                    p::table.on(p::organization_id.eq(s::organization_id).and(p::id.eq(s::responsible_person_id))),
                )
                .filter(s::organization_id.eq(organization))
                .into_boxed::<Db>();
            if !within.all {
                query = query.filter(s::department_id.among(&within.departments));
            }
            if let Some(id) = filter.id {
                query = query.filter(s::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(s::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(s::updated_at.ge(MomentColumn(since)));
            }
            if let Some(kind) = filter.kind {
                query = query.filter(s::kind.eq(WordColumn(kind)));
            }
            if let Some(department) = filter.department {
                query = query.filter(s::department_id.eq(KeyColumn(department)));
            }
            if let Some(asset) = filter.asset {
                let handled = link::table
                    .filter(link::organization_id.eq(s::organization_id))
                    .filter(link::supplier_id.eq(s::id))
                    .filter(link::asset_id.eq(KeyColumn(asset)));
                query = query.filter(diesel::dsl::exists(handled));
            }
            if let Some(handles) = filter.handles_personal_data {
                query = query.filter(s::handles_personal_data.eq(handles));
            }
            if !filter.include_exited {
                query = query.filter(s::exit.is_null());
            }
            match filter.evaluation_overdue {
                None => query,
                Some(true) => query.filter(s::next_evaluation_on.lt(today)),
                Some(false) => {
                    let in_time = s::next_evaluation_on.ge(today).assume_not_null();
                    query.filter(s::next_evaluation_on.is_null().or(in_time))
                }
            }
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, s::updated_at, s::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, s::name, s::id, String),
        };
        let rows: Vec<(Row, String, String)> =
            query.limit(one_more(page)).select((Row::as_select(), d::name, p::name)).load(tx)?;
        (rows, total)
    });
    let ids: Vec<KeyColumn<Supplier>> = rows.iter().map(|(row, ..)| row.id).collect();
    let mut assets = assets_of(tx, &ids)?;
    let suppliers = rows
        .into_iter()
        .map(|(row, department, person)| {
            let assets = assets.remove(&row.id).unwrap_or_default();
            row.into_supplier(department, person, assets, &grants, today)
        })
        .collect();
    Ok(cut(suppliers, page, total, |supplier: &Supplier| match page.sort_field() {
        "updated_at" => (serde_json::json!(supplier.updated_at), supplier.id.uuid()),
        _ => (serde_json::json!(supplier.draft.name), supplier.id.uuid()),
    }))
}

type Assets = HashMap<KeyColumn<Supplier>, Vec<(Id<Asset>, String)>>;

/// The assets that these suppliers handle, by number.
fn assets_of(tx: &mut Tx<'_>, suppliers: &[KeyColumn<Supplier>]) -> Outcome<Assets> {
    let organization = tx.organization();
    let rows: Vec<(KeyColumn<Supplier>, KeyColumn<Asset>, String)> = on!(
        tx,
        link::table
            .inner_join(a::table.on(a::organization_id.eq(link::organization_id).and(a::id.eq(link::asset_id))))
            .filter(link::organization_id.eq(organization))
            .filter(link::supplier_id.among(suppliers))
            .order(a::number.asc())
            .select((link::supplier_id, a::id, a::name))
            .load(tx)
    )?;
    let mut assets = Assets::new();
    for (supplier, id, name) in rows {
        assets.entry(supplier).or_default().push((id.0, name));
    }
    Ok(assets)
}

/// One supplier that the caller may read, also one that was left.
pub fn find(tx: &mut Tx<'_>, id: Id<Supplier>) -> Outcome<Loaded<Supplier>> {
    let within = tx.within(Resource::Supplier, Verb::Read)?;
    find_within(tx, id, &within)
}

/// One supplier that the caller may read, to change it: refused where it lies outside what the caller may change.
pub fn find_for_update(tx: &mut Tx<'_>, id: Id<Supplier>) -> Outcome<Loaded<Supplier>> {
    let supplier = find(tx, id)?;
    let within = tx.within(Resource::Supplier, Verb::Update)?;
    require_within(covers(&within, &supplier.draft))?;
    Ok(supplier)
}

/// One supplier, whoever asks.
fn look_up(tx: &mut Tx<'_>, id: Id<Supplier>) -> Outcome<Supplier> {
    Ok(find_within(tx, id, &Within::everything())?.value)
}

fn find_within(tx: &mut Tx<'_>, id: Id<Supplier>, within: &Within) -> Outcome<Loaded<Supplier>> {
    let filter = Filter { id: Some(id), include_exited: true, ..Filter::default() };
    list_within(tx, &filter, &PageRequest::one(), within)?.items.pop().or_not_found().map(Loaded::new)
}

/// Adds a new supplier.
pub fn add(tx: &mut Tx<'_>, supplier: &Supplier) -> Outcome<Supplier> {
    let within = tx.within(Resource::Supplier, Verb::Create)?;
    require_within(covers(&within, &supplier.draft))?;
    check_references(tx, &supplier.draft, None)?;
    let row = Row::of(supplier, tx.organization());
    on!(tx, diesel::insert_into(s::table).values(&row).execute(tx))?;
    name_assets(tx, supplier)?;
    let supplier = look_up(tx, supplier.id)?;
    tx.record(Resource::Supplier, supplier.id.uuid(), None, &supplier)?;
    Ok(supplier)
}

/// Stores a changed supplier over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut supplier: Loaded<Supplier>) -> Outcome<Supplier> {
    if supplier.draft != supplier.original.draft {
        let within = tx.within(Resource::Supplier, Verb::Update)?;
        require_within(covers(&within, &supplier.draft))?;
        check_references(tx, &supplier.draft, Some(&supplier.original.draft))?;
    }
    supplier.revision += 1;
    supplier.updated_at = tx.now();
    let row = Row::of(&supplier, tx.organization());
    let read = s::table.find((row.organization_id, row.id)).filter(s::revision.eq(supplier.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    if supplier.draft.asset_ids != supplier.original.draft.asset_ids {
        let old =
            link::table.filter(link::organization_id.eq(row.organization_id)).filter(link::supplier_id.eq(row.id));
        on!(tx, diesel::delete(old).execute(tx))?;
        name_assets(tx, &supplier)?;
    }
    let stored = look_up(tx, supplier.id)?;
    tx.record(Resource::Supplier, stored.id.uuid(), Some(&supplier.original), &stored)?;
    Ok(stored)
}

fn name_assets(tx: &mut Tx<'_>, supplier: &Supplier) -> Outcome<()> {
    let organization = tx.organization();
    for asset in &supplier.draft.asset_ids {
        let row = (
            link::organization_id.eq(organization),
            link::supplier_id.eq(KeyColumn(supplier.id)),
            link::asset_id.eq(KeyColumn(*asset)),
        );
        on!(tx, diesel::insert_into(link::table).values(row).execute(tx))?;
    }
    Ok(())
}

/// What a draft names must be there. What it named before stays, whatever became of it.
fn check_references(tx: &mut Tx<'_>, draft: &SupplierDraft, before: Option<&SupplierDraft>) -> Outcome<()> {
    if before.is_none_or(|before| before.department_id != draft.department_id) {
        reference::department(tx, draft.department_id, "/department_id")?;
    }
    if before.is_none_or(|before| before.responsible_person_id != draft.responsible_person_id) {
        reference::person(tx, draft.responsible_person_id, "/responsible_person_id")?;
    }
    let kept = before.map(|before| before.asset_ids.clone()).unwrap_or_default();
    asset::names_keeping(tx, &draft.asset_ids, &kept)?;
    Ok(())
}
