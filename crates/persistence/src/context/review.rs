//! How reviews of the context are kept.

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Role},
    context::review::{ContextReview, ContextReviewAction, ContextReviewDraft, ContextRow, ContextRows},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        review::ReviewCommunication,
        sign_off::SignOff,
        text::normalized,
        version::{Version, VersionState},
    },
    organization::organization::Organization,
};

use self::context_review as r;
use super::{action, interested_party, issue, readable};
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

    context_review (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        version -> Integer,
        reviewed_on -> Date,
        content -> Document,
        kept -> Document,
        state -> Text,
        sign_off -> Document,
        in_force_at -> Nullable<Moment>,
        communication_due_on -> Nullable<Date>,
        communicated -> Nullable<Document>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `content` is the whole draft; `reviewed_on` is only there to be sorted by.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = r, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<ContextReview>,
    revision: i32,
    version: i32,
    reviewed_on: chrono::NaiveDate,
    content: DocumentColumn<ContextReviewDraft>,
    kept: DocumentColumn<Vec<ContextRow>>,
    state: WordColumn<VersionState>,
    sign_off: DocumentColumn<SignOff>,
    in_force_at: Option<MomentColumn>,
    communication_due_on: Option<chrono::NaiveDate>,
    communicated: Option<DocumentColumn<ReviewCommunication>>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(review: &ContextReview, organization_id: KeyColumn<Organization>) -> Self {
        let ContextReview {
            id,
            revision,
            version,
            draft,
            kept,
            communication_due_on,
            communicated,
            allowed_actions: _,
            created_at,
            updated_at,
        } = review;
        let Version { number, state, sign_off, in_force_at } = version;
        let search = [draft.changes.as_str(), draft.climate_change_reason.as_str(), draft.remarks.as_str()];
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            version: *number,
            reviewed_on: draft.reviewed_on,
            content: DocumentColumn(draft.clone()),
            kept: DocumentColumn(kept.clone()),
            state: WordColumn(*state),
            sign_off: DocumentColumn(sign_off.clone()),
            in_force_at: in_force_at.map(MomentColumn),
            communication_due_on: *communication_due_on,
            communicated: communicated.clone().map(DocumentColumn),
            search: normalized(&search.join("\n")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_review(self) -> ContextReview {
        ContextReview {
            id: self.id.0,
            revision: self.revision,
            version: Version {
                number: self.version,
                state: self.state.0,
                sign_off: self.sign_off.0,
                in_force_at: self.in_force_at.map(|at| at.0),
            },
            draft: self.content.0,
            kept: self.kept.0,
            communication_due_on: self.communication_due_on,
            communicated: self.communicated.map(|communicated| communicated.0),
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        }
    }
}

/// Who approves a review: top management, or who stands in for it (SD-1).
pub fn approvers(tx: &mut Tx<'_>) -> Outcome<Approvers> {
    Approvers::along(tx, "SD-1", Role::TopManagement)
}

/// Which reviews are asked for.
pub type Filter = versions::Filter<ContextReview>;

/// A page of reviews that the caller may read; sorts by `version`, `reviewed_on` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<ContextReview>> {
    let readable = readable(tx, Resource::ContextReview)?;
    list_in(tx, filter, page, readable)
}

fn list_in(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest, readable: Readable) -> Outcome<Page<ContextReview>> {
    let (grants, approvers) = (Grants::of::<ContextReview>(tx)?, approvers(tx)?);
    let organization = tx.organization();
    let (rows, total) = on!(tx, {
        let filtered = || versions!(r, search, organization, filter, readable);
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "reviewed_on" => sorted!(filtered(), page, r::reviewed_on, r::id, chrono::NaiveDate),
            "updated_at" => sorted!(filtered(), page, r::updated_at, r::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, r::version, r::id, i32),
        };
        let rows: Vec<Row> = query.limit(one_more(page)).select(Row::as_select()).load(tx)?;
        (rows, total)
    });
    let mut reviews: Vec<ContextReview> = rows.into_iter().map(Row::into_review).collect();
    for review in &mut reviews {
        let mut open = grants.open(review, |within| within.all);
        open.retain(|action| match action {
            ContextReviewAction::Approve => approvers.may_approve(tx.standing(), review.version.preparer()),
            ContextReviewAction::Communicate => review.communicated.is_none(),
            _ => true,
        });
        review.allowed_actions = open;
    }
    Ok(cut(reviews, page, total, |review: &ContextReview| match page.sort_field() {
        "reviewed_on" => (serde_json::json!(review.draft.reviewed_on), review.id.uuid()),
        _ => versions::key(page, review.id, &review.version, review.updated_at),
    }))
}

/// One review that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<ContextReview>) -> Outcome<Loaded<ContextReview>> {
    list(tx, &Filter::only(id), &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// One review, whoever asks.
fn look_up(tx: &mut Tx<'_>, id: Id<ContextReview>) -> Outcome<ContextReview> {
    list_in(tx, &Filter::only(id), &PageRequest::one(), None)?.items.pop().or_not_found()
}

/// The review in force, whoever asks.
pub fn in_force(tx: &mut Tx<'_>) -> Outcome<Option<ContextReview>> {
    Ok(list_in(tx, &Filter::in_force(), &PageRequest::one(), None)?.items.pop())
}

/// What a review looks at: the rows that it kept, or the registers as they stand against the review in force. Who reads a
/// review may read the registers.
pub fn rows(tx: &mut Tx<'_>, review: &ContextReview) -> Outcome<ContextRows> {
    if review.keeps_rows() {
        return Ok(ContextRows::of(review.kept.clone(), true));
    }
    let before = in_force(tx)?.map(|before| before.kept).unwrap_or_default();
    Ok(ContextRows::of(registers(tx, &before)?, false))
}

/// The registers as they stand, against the rows of an earlier look at them; whoever asks.
pub(crate) fn registers(tx: &mut Tx<'_>, before: &[ContextRow]) -> Outcome<Vec<ContextRow>> {
    let (issues, parties) = (issue::in_use(tx)?, interested_party::in_use(tx)?);
    let actions = action::all(tx)?;
    Ok(ContextRow::of_registers(&issues, &parties, &actions, before))
}

/// The number of the next review.
pub fn next_version(tx: &mut Tx<'_>) -> Outcome<i32> {
    let all = r::table.filter(r::organization_id.eq(tx.organization()));
    let last: Option<i32> = on!(tx, all.select(diesel::dsl::max(r::version)).get_result(tx))?;
    Ok(last.unwrap_or_default() + 1)
}

/// Adds a new review.
pub fn add(tx: &mut Tx<'_>, review: &ContextReview) -> Outcome<ContextReview> {
    let row = Row::of(review, tx.organization());
    on!(tx, diesel::insert_into(r::table).values(&row).execute(tx))?;
    let added = look_up(tx, review.id)?;
    tx.record(Resource::ContextReview, added.id.uuid(), None, &added)?;
    Ok(added)
}

/// Stores a changed review over the revision it was read at; one that comes into force goes through [`put_in_force`].
pub fn store(tx: &mut Tx<'_>, mut review: Loaded<ContextReview>) -> Outcome<ContextReview> {
    review.revision += 1;
    review.updated_at = tx.now();
    let row = Row::of(&review, tx.organization());
    let read = r::table.find((row.organization_id, row.id)).filter(r::revision.eq(review.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = look_up(tx, review.id)?;
    tx.record(Resource::ContextReview, stored.id.uuid(), Some(&review.original), &stored)?;
    Ok(stored)
}

/// Stores an approved review that comes into force, in the place of the one in force before it, where there is one.
pub fn put_in_force(tx: &mut Tx<'_>, review: Loaded<ContextReview>) -> Outcome<ContextReview> {
    if let Some(before) = in_force(tx)? {
        let mut before = Loaded::new(before);
        before.version.supersede();
        store(tx, before)?;
    }
    store(tx, review)
}
