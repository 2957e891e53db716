//! How the requirements of the roles are kept.

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Role},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        retirement::{RegisterState, Retirement},
        text::normalized,
    },
    organization::organization::Organization,
    support::competence_requirement::{CompetenceRequirement, CompetenceRequirementDraft},
};

use self::competence_requirement as c;
use crate::{
    kernel::{
        columns::{DocumentColumn, KeyColumn, MomentColumn, TextColumn, WordColumn},
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

    competence_requirement (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        number -> Integer,
        role -> Text,
        requirement -> Text,
        remarks -> Text,
        retirement -> Nullable<Document>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = c, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<CompetenceRequirement>,
    revision: i32,
    number: i32,
    role: WordColumn<Role>,
    requirement: TextColumn<1, 10_000>,
    remarks: TextColumn<0, 10_000>,
    retirement: Option<DocumentColumn<Retirement>>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(requirement: &CompetenceRequirement, organization_id: KeyColumn<Organization>) -> Self {
        let CompetenceRequirement {
            id,
            revision,
            number,
            draft,
            state: _,
            retirement,
            allowed_actions: _,
            created_at,
            updated_at,
        } = requirement;
        let CompetenceRequirementDraft { role, requirement: text, remarks } = draft;
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            number: *number,
            role: WordColumn(*role),
            requirement: TextColumn(text.clone()),
            remarks: TextColumn(remarks.clone()),
            retirement: retirement.clone().map(DocumentColumn),
            search: normalized(text.as_str()),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_requirement(self, grants: &Grants) -> CompetenceRequirement {
        let retirement = self.retirement.map(|retirement| retirement.0);
        let mut requirement = CompetenceRequirement {
            id: self.id.0,
            revision: self.revision,
            number: self.number,
            draft: CompetenceRequirementDraft {
                role: self.role.0,
                requirement: self.requirement.0,
                remarks: self.remarks.0,
            },
            state: RegisterState::of(retirement.as_ref()),
            retirement,
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        requirement.allowed_actions = grants.open(&requirement, |within| within.all);
        requirement
    }
}

/// Which requirements are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<CompetenceRequirement>>,
    /// Whose text contains this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// Of this role.
    pub role: Option<Role>,
    /// Also those that were given up.
    pub include_retired: bool,
}

/// A page of requirements; sorts by `number` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<CompetenceRequirement>> {
    let grants = Grants::of::<CompetenceRequirement>(tx)?;
    let organization = tx.organization();
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = c::table.filter(c::organization_id.eq(organization)).into_boxed::<Db>();
            if let Some(id) = filter.id {
                query = query.filter(c::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(c::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(c::updated_at.ge(MomentColumn(since)));
            }
            if let Some(role) = filter.role {
                query = query.filter(c::role.eq(WordColumn(role)));
            }
            if !filter.include_retired {
                query = query.filter(c::retirement.is_null());
            }
            query
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, c::updated_at, c::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, c::number, c::id, i32),
        };
        let rows: Vec<Row> = query.limit(one_more(page)).select(Row::as_select()).load(tx)?;
        (rows, total)
    });
    let requirements = rows.into_iter().map(|row| row.into_requirement(&grants)).collect();
    Ok(cut(requirements, page, total, |one: &CompetenceRequirement| match page.sort_field() {
        "updated_at" => (serde_json::json!(one.updated_at), one.id.uuid()),
        _ => (serde_json::json!(one.number), one.id.uuid()),
    }))
}

/// One requirement, also one that was given up.
pub fn find(tx: &mut Tx<'_>, id: Id<CompetenceRequirement>) -> Outcome<Loaded<CompetenceRequirement>> {
    let filter = Filter { id: Some(id), include_retired: true, ..Filter::default() };
    list(tx, &filter, &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// What a role demands now, by number.
pub fn of_role(tx: &mut Tx<'_>, role: Role) -> Outcome<Vec<CompetenceRequirement>> {
    let filter = Filter { role: Some(role), ..Filter::default() };
    Ok(list(tx, &filter, &PageRequest::whole())?.items)
}

/// Adds a new requirement.
pub fn add(tx: &mut Tx<'_>, requirement: &CompetenceRequirement) -> Outcome<CompetenceRequirement> {
    let row = Row::of(requirement, tx.organization());
    on!(tx, diesel::insert_into(c::table).values(&row).execute(tx))?;
    tx.record(Resource::CompetenceRequirement, requirement.id.uuid(), None, requirement)?;
    Ok(find(tx, requirement.id)?.value)
}

/// Stores a changed requirement over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut requirement: Loaded<CompetenceRequirement>) -> Outcome<CompetenceRequirement> {
    requirement.revision += 1;
    requirement.updated_at = tx.now();
    let row = Row::of(&requirement, tx.organization());
    let read = c::table.find((row.organization_id, row.id)).filter(c::revision.eq(requirement.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let (id, original) = (requirement.id, &requirement.original);
    tx.record(Resource::CompetenceRequirement, id.uuid(), Some(original), &requirement.value)?;
    Ok(find(tx, id)?.value)
}
