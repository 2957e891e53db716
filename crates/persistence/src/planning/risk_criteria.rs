//! How the versions of the risk criteria are kept.

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Role},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        refusal::Refusal,
        sign_off::SignOff,
        text::normalized,
        version::{Version, VersionState},
    },
    organization::organization::Organization,
    planning::risk_criteria::{RiskCriteria, RiskCriteriaDraft},
};

use self::risk_criteria as c;
use super::readable;
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

    risk_criteria (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        version -> Integer,
        title -> Text,
        content -> Document,
        state -> Text,
        sign_off -> Document,
        in_force_at -> Nullable<Moment>,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `content` is the whole draft; `title` is only there to be searched.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = c, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<RiskCriteria>,
    revision: i32,
    version: i32,
    title: String,
    content: DocumentColumn<RiskCriteriaDraft>,
    state: WordColumn<VersionState>,
    sign_off: DocumentColumn<SignOff>,
    in_force_at: Option<MomentColumn>,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(criteria: &RiskCriteria, organization_id: KeyColumn<Organization>) -> Self {
        let RiskCriteria { id, revision, version, draft, allowed_actions: _, created_at, updated_at } = criteria;
        let Version { number, state, sign_off, in_force_at } = version;
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            version: *number,
            title: normalized(draft.title.as_str()),
            content: DocumentColumn(draft.clone()),
            state: WordColumn(*state),
            sign_off: DocumentColumn(sign_off.clone()),
            in_force_at: in_force_at.map(MomentColumn),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_criteria(self) -> RiskCriteria {
        RiskCriteria {
            id: self.id.0,
            revision: self.revision,
            version: Version {
                number: self.version,
                state: self.state.0,
                sign_off: self.sign_off.0,
                in_force_at: self.in_force_at.map(|at| at.0),
            },
            draft: self.content.0,
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        }
    }
}

/// Who approves the criteria: top management, or who stands in for it (6.1.2 a).
pub fn approvers(tx: &mut Tx<'_>) -> Outcome<Approvers> {
    Approvers::along(tx, "SD-1", Role::TopManagement)
}

/// Which versions are asked for.
pub type Filter = versions::Filter<RiskCriteria>;

/// A page of versions that the caller may read; sorts by `version` and `updated_at`. Who reads them only as the owner
/// of a risk sees those that are or were in force.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<RiskCriteria>> {
    let readable = readable(tx, Resource::RiskCriteria)?;
    list_in(tx, filter, page, readable)
}

fn list_in(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest, readable: Readable) -> Outcome<Page<RiskCriteria>> {
    let (grants, approvers) = (Grants::of::<RiskCriteria>(tx)?, approvers(tx)?);
    let organization = tx.organization();
    let (rows, total) = on!(tx, {
        let filtered = || versions!(c, title, organization, filter, readable);
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, c::updated_at, c::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, c::version, c::id, i32),
        };
        let rows: Vec<Row> = query.limit(one_more(page)).select(Row::as_select()).load(tx)?;
        (rows, total)
    });
    let mut versions: Vec<RiskCriteria> = rows.into_iter().map(Row::into_criteria).collect();
    for criteria in &mut versions {
        criteria.allowed_actions = approvers.open(&grants, tx.standing(), criteria, criteria.version.preparer());
    }
    Ok(cut(versions, page, total, |criteria: &RiskCriteria| {
        versions::key(page, criteria.id, &criteria.version, criteria.updated_at)
    }))
}

/// One version that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<RiskCriteria>) -> Outcome<Loaded<RiskCriteria>> {
    list(tx, &Filter::only(id), &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// One version, whoever asks.
pub(super) fn look_up(tx: &mut Tx<'_>, id: Id<RiskCriteria>) -> Outcome<RiskCriteria> {
    list_in(tx, &Filter::only(id), &PageRequest::one(), None)?.items.pop().or_not_found()
}

/// The version in force, whoever asks: what assessments are made by.
pub fn in_force(tx: &mut Tx<'_>) -> Outcome<RiskCriteria> {
    find_in_force(tx)?.ok_or_else(|| Refusal::not_ready(["/risk_criteria"]).into())
}

fn find_in_force(tx: &mut Tx<'_>) -> Outcome<Option<RiskCriteria>> {
    Ok(list_in(tx, &Filter::in_force(), &PageRequest::one(), None)?.items.pop())
}

/// The number of the next version.
pub fn next_version(tx: &mut Tx<'_>) -> Outcome<i32> {
    let all = c::table.filter(c::organization_id.eq(tx.organization()));
    let last: Option<i32> = on!(tx, all.select(diesel::dsl::max(c::version)).get_result(tx))?;
    Ok(last.unwrap_or_default() + 1)
}

/// Adds a new version.
pub fn add(tx: &mut Tx<'_>, criteria: &RiskCriteria) -> Outcome<RiskCriteria> {
    let row = Row::of(criteria, tx.organization());
    on!(tx, diesel::insert_into(c::table).values(&row).execute(tx))?;
    tx.record(Resource::RiskCriteria, criteria.id.uuid(), None, criteria)?;
    look_up(tx, criteria.id)
}

/// Stores a changed version over the revision it was read at; one that comes into force goes through [`put_in_force`].
pub fn store(tx: &mut Tx<'_>, mut criteria: Loaded<RiskCriteria>) -> Outcome<RiskCriteria> {
    criteria.revision += 1;
    criteria.updated_at = tx.now();
    let row = Row::of(&criteria, tx.organization());
    let read = c::table.find((row.organization_id, row.id)).filter(c::revision.eq(criteria.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    tx.record(Resource::RiskCriteria, criteria.id.uuid(), Some(&criteria.original), &criteria.value)?;
    look_up(tx, criteria.id)
}

/// Stores an approved version that comes into force, in the place of the one in force before it, where there is one.
pub fn put_in_force(tx: &mut Tx<'_>, criteria: Loaded<RiskCriteria>) -> Outcome<RiskCriteria> {
    if let Some(before) = find_in_force(tx)? {
        let mut before = Loaded::new(before);
        before.version.supersede();
        store(tx, before)?;
    }
    store(tx, criteria)
}
