//! How the materials of campaigns are kept.

use diesel::prelude::*;
use mamori_domain::{
    access::Resource,
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        sign_off::Signature,
    },
    organization::organization::Organization,
    support::{
        education::{
            campaign::EducationCampaign,
            material::{EducationMaterial, MaterialState},
        },
        file::StoredFile,
    },
};

use self::education_material as m;
use crate::{
    kernel::{
        among::AmongExt,
        columns::{DocumentColumn, KeyColumn, MomentColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{cut, one_more},
        tx::Tx,
    },
    on, sorted,
    support::file::{self, stored_file as f},
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    education_material (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        campaign_id -> Key,
        file_id -> Key,
        state -> Text,
        added -> Document,
        withdrawn -> Nullable<Document>,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = m, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<EducationMaterial>,
    revision: i32,
    campaign_id: KeyColumn<EducationCampaign>,
    file_id: KeyColumn<StoredFile>,
    state: WordColumn<MaterialState>,
    added: DocumentColumn<Signature>,
    withdrawn: Option<DocumentColumn<Signature>>,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(material: &EducationMaterial, organization_id: KeyColumn<Organization>) -> Self {
        let EducationMaterial {
            id,
            revision,
            campaign_id,
            file,
            state,
            added,
            withdrawn,
            allowed_actions: _,
            created_at,
            updated_at,
        } = material;
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            campaign_id: KeyColumn(*campaign_id),
            file_id: KeyColumn(file.id),
            state: WordColumn(*state),
            added: DocumentColumn(added.clone()),
            withdrawn: withdrawn.clone().map(DocumentColumn),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_material(self, file: file::Row) -> EducationMaterial {
        EducationMaterial {
            id: self.id.0,
            revision: self.revision,
            campaign_id: self.campaign_id.0,
            file: file.into_file(),
            state: self.state.0,
            added: self.added.0,
            withdrawn: self.withdrawn.map(|withdrawn| withdrawn.0),
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        }
    }
}

/// Which materials are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<EducationMaterial>>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// Of these campaigns; of any where there are none.
    pub campaigns: Vec<Id<EducationCampaign>>,
    /// In this state.
    pub state: Option<MaterialState>,
}

/// A page of materials; sorts by `created_at` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<EducationMaterial>> {
    let grants = Grants::of::<EducationMaterial>(tx)?;
    let organization = tx.organization();
    let campaigns: Vec<_> = filter.campaigns.iter().copied().map(KeyColumn).collect();
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = m::table
                .inner_join(f::table.on(f::organization_id.eq(m::organization_id).and(f::id.eq(m::file_id))))
                .filter(m::organization_id.eq(organization))
                .into_boxed::<Db>();
            if let Some(id) = filter.id {
                query = query.filter(m::id.eq(KeyColumn(id)));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(m::updated_at.ge(MomentColumn(since)));
            }
            if !campaigns.is_empty() {
                query = query.filter(m::campaign_id.among(&campaigns));
            }
            if let Some(state) = filter.state {
                query = query.filter(m::state.eq(WordColumn(state)));
            }
            query
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, m::updated_at, m::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, m::created_at, m::id, chrono::DateTime<chrono::Utc>),
        };
        let columns = (Row::as_select(), file::Row::as_select());
        let rows: Vec<(Row, file::Row)> = query.limit(one_more(page)).select(columns).load(tx)?;
        (rows, total)
    });
    let materials = rows
        .into_iter()
        .map(|(row, file)| {
            let mut material = row.into_material(file);
            material.allowed_actions = grants.open(&material, |within| within.all);
            material
        })
        .collect();
    Ok(cut(materials, page, total, |material: &EducationMaterial| match page.sort_field() {
        "updated_at" => (material.updated_at, material.id.uuid()),
        _ => (material.created_at, material.id.uuid()),
    }))
}

/// One material.
pub fn find(tx: &mut Tx<'_>, id: Id<EducationMaterial>) -> Outcome<Loaded<EducationMaterial>> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list(tx, &filter, &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// Adds a new material, with its file.
pub fn add(tx: &mut Tx<'_>, material: &EducationMaterial) -> Outcome<EducationMaterial> {
    file::add(tx, &material.file)?;
    let row = Row::of(material, tx.organization());
    on!(tx, diesel::insert_into(m::table).values(&row).execute(tx))?;
    let added = find(tx, material.id)?.value;
    tx.record(Resource::EducationPlan, added.id.uuid(), None, &added)?;
    Ok(added)
}

/// Stores a changed material over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut material: Loaded<EducationMaterial>) -> Outcome<EducationMaterial> {
    material.revision += 1;
    material.updated_at = tx.now();
    let row = Row::of(&material, tx.organization());
    let read = m::table.find((row.organization_id, row.id)).filter(m::revision.eq(material.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = find(tx, material.id)?.value;
    tx.record(Resource::EducationPlan, stored.id.uuid(), Some(&material.original), &stored)?;
    Ok(stored)
}
