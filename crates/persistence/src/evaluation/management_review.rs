//! How management reviews are kept.

mod facts;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Role, Verb},
    context::review::ContextRow,
    evaluation::management_review::{
        Attendee, HeldReview, Instruction, InstructionDraft, ManagementReview, ManagementReviewAction,
        ManagementReviewDraft, ManagementReviewState, PreviousReview, ReviewFacts, ReviewOutputs, ReviewOutputsDraft,
    },
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        refusal::Refusal,
        review::ReviewCommunication,
        sign_off::{SignOff, Signature},
        text::normalized,
    },
    organization::{organization::Organization, person::Person},
};

pub use self::facts::{facts, hold};
use self::management_review as r;
use crate::{
    context::named,
    kernel::{
        columns::{DocumentColumn, KeyColumn, MomentColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{containing, cut, one_more},
        tx::{Tx, Within},
    },
    leadership::appointment::{Approvers, holders},
    on, sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    management_review (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        number -> Integer,
        planned_on -> Date,
        content -> Document,
        is_first -> Bool,
        held_on -> Nullable<Date>,
        held -> Nullable<Document>,
        facts -> Nullable<Document>,
        context_rows -> Nullable<Document>,
        outputs -> Document,
        next_due_on -> Nullable<Date>,
        communication_due_on -> Nullable<Date>,
        communicated -> Nullable<Document>,
        closed -> Nullable<Document>,
        state -> Text,
        sign_off -> Document,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `content` is the whole draft; `planned_on` and `held_on` are there to be sorted and filtered by. What the review keeps of
/// the registers (`facts`, `context_rows`) is written once and read by itself.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = r, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<ManagementReview>,
    revision: i32,
    number: i32,
    planned_on: NaiveDate,
    content: DocumentColumn<ManagementReviewDraft>,
    is_first: bool,
    held_on: Option<NaiveDate>,
    held: Option<DocumentColumn<HeldReview>>,
    outputs: DocumentColumn<ReviewOutputs>,
    next_due_on: Option<NaiveDate>,
    communication_due_on: Option<NaiveDate>,
    communicated: Option<DocumentColumn<ReviewCommunication>>,
    closed: Option<DocumentColumn<Signature>>,
    state: WordColumn<ManagementReviewState>,
    sign_off: DocumentColumn<SignOff>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(review: &ManagementReview, organization_id: KeyColumn<Organization>) -> Self {
        let ManagementReview {
            id,
            revision,
            number,
            draft,
            is_first,
            first_review_note: _,
            held,
            outputs,
            next_due_on,
            overdue: _,
            communication_due_on,
            communicated,
            closed,
            state,
            sign_off,
            allowed_actions: _,
            created_at,
            updated_at,
        } = review;
        let (number_text, inputs) = (number.to_string(), &draft.inputs);
        let search = [
            number_text.as_str(),
            inputs.issue_changes.as_str(),
            inputs.interested_party_changes.as_str(),
            inputs.risk_status.as_str(),
            inputs.improvement_proposals.as_str(),
            draft.remarks.as_str(),
        ];
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            number: *number,
            planned_on: draft.planned_on,
            content: DocumentColumn(draft.clone()),
            is_first: *is_first,
            held_on: review.held_on(),
            held: held.clone().map(DocumentColumn),
            outputs: DocumentColumn(outputs.clone()),
            next_due_on: *next_due_on,
            communication_due_on: *communication_due_on,
            communicated: communicated.clone().map(DocumentColumn),
            closed: closed.clone().map(DocumentColumn),
            state: WordColumn(*state),
            sign_off: DocumentColumn(sign_off.clone()),
            search: normalized(&search.join("\n")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_review(self, today: NaiveDate, last_held: Option<Id<ManagementReview>>) -> ManagementReview {
        let mut review = ManagementReview {
            id: self.id.0,
            revision: self.revision,
            number: self.number,
            draft: self.content.0,
            is_first: self.is_first,
            // What `derive` makes of the rest.
            first_review_note: None,
            held: self.held.map(|held| held.0),
            outputs: self.outputs.0,
            next_due_on: self.next_due_on,
            overdue: false,
            communication_due_on: self.communication_due_on,
            communicated: self.communicated.map(|communicated| communicated.0),
            closed: self.closed.map(|closed| closed.0),
            state: self.state.0,
            sign_off: self.sign_off.0,
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        review.derive(today, last_held);
        review
    }
}

/// Who approves the outputs: top management alone (SD-5).
pub fn approvers(tx: &mut Tx<'_>) -> Outcome<Approvers> {
    Approvers::along(tx, "SD-5", Role::TopManagement)
}

/// Which reviews are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<ManagementReview>>,
    /// Whose number or texts contain this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<DateTime<Utc>>,
    /// In this state.
    pub state: Option<ManagementReviewState>,
}

/// A page of reviews that the caller may read: all, or those whose result was communicated; sorts by `number`,
/// `planned_on` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<ManagementReview>> {
    let within = tx.within(Resource::ManagementReview, Verb::Read)?;
    list_within(tx, filter, page, &within)
}

fn list_within(
    tx: &mut Tx<'_>,
    filter: &Filter,
    page: &PageRequest,
    within: &Within,
) -> Outcome<Page<ManagementReview>> {
    let (grants, approvers) = (Grants::of::<ManagementReview>(tx)?, approvers(tx)?);
    let last_held = last_held(tx)?.map(|last| last.id);
    let (organization, today) = (tx.organization(), tx.today());
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = r::table.filter(r::organization_id.eq(organization)).into_boxed::<Db>();
            if !within.all {
                query = query.filter(r::state.eq_any(if within.published { &PUBLISHED[..] } else { &[] }));
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
            match filter.state {
                Some(state) => query.filter(r::state.eq(WordColumn(state))),
                None => query,
            }
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "planned_on" => sorted!(filtered(), page, r::planned_on, r::id, NaiveDate),
            "updated_at" => sorted!(filtered(), page, r::updated_at, r::id, DateTime<Utc>),
            _ => sorted!(filtered(), page, r::number, r::id, i32),
        };
        let rows: Vec<Row> = query.limit(one_more(page)).select(Row::as_select()).load(tx)?;
        (rows, total)
    });
    let reviews = rows
        .into_iter()
        .map(|row| {
            let mut review = row.into_review(today, last_held);
            let mut open = grants.open(&review, |within| within.all);
            let may_approve = approvers.may_approve(tx.standing(), review.preparer());
            open.retain(|action| *action != ManagementReviewAction::Approve || may_approve);
            review.allowed_actions = open;
            review
        })
        .collect();
    Ok(cut(reviews, page, total, |review: &ManagementReview| match page.sort_field() {
        "planned_on" => (serde_json::json!(review.draft.planned_on), review.id.uuid()),
        "updated_at" => (serde_json::json!(review.updated_at), review.id.uuid()),
        _ => (serde_json::json!(review.number), review.id.uuid()),
    }))
}

/// The states in which everybody may know a review: its result was communicated.
pub(crate) const PUBLISHED: [WordColumn<ManagementReviewState>; 2] =
    [WordColumn(ManagementReviewState::Communicated), WordColumn(ManagementReviewState::Closed)];

/// One review that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<ManagementReview>) -> Outcome<Loaded<ManagementReview>> {
    let within = tx.within(Resource::ManagementReview, Verb::Read)?;
    find_within(tx, id, &within)
}

fn find_within(tx: &mut Tx<'_>, id: Id<ManagementReview>, within: &Within) -> Outcome<Loaded<ManagementReview>> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list_within(tx, &filter, &PageRequest::one(), within)?.items.pop().or_not_found().map(Loaded::new)
}

/// The review that was held last, and what it kept.
pub struct LastHeld {
    /// The review.
    pub id: Id<ManagementReview>,
    /// Its day, and where it stands.
    pub review: PreviousReview,
    /// The moment at which it was recorded as held.
    pub recorded_at: DateTime<Utc>,
}

/// The review that was held last, where one was.
pub fn last_held(tx: &mut Tx<'_>) -> Outcome<Option<LastHeld>> {
    type Found = (KeyColumn<ManagementReview>, Option<DocumentColumn<HeldReview>>, WordColumn<ManagementReviewState>);
    let held = r::table.filter(r::organization_id.eq(tx.organization())).filter(r::held_on.is_not_null());
    let last = held.order((r::held_on.desc(), r::id.desc())).select((r::id, r::held, r::state));
    let found: Option<Found> = on!(tx, last.first(tx)).optional()?;
    Ok(found.and_then(|(id, held, state)| {
        let held = held?.0;
        let review = PreviousReview { held_on: held.held_on, state: state.0 };
        Some(LastHeld { id: id.0, review, recorded_at: held.recorded.at })
    }))
}

/// What a review keeps of the registers since it was held.
#[derive(Queryable)]
struct Kept {
    facts: Option<DocumentColumn<ReviewFacts>>,
    context_rows: Option<DocumentColumn<Vec<ContextRow>>>,
}

fn kept(tx: &mut Tx<'_>, id: Id<ManagementReview>) -> Outcome<Kept> {
    let one = r::table.find((tx.organization(), KeyColumn(id))).select((r::facts, r::context_rows));
    on!(tx, one.first(tx)).or_not_found()
}

fn keep(tx: &mut Tx<'_>, id: Id<ManagementReview>, facts: ReviewFacts, context: Vec<ContextRow>) -> Outcome<()> {
    let one = r::table.find((tx.organization(), KeyColumn(id)));
    let kept = (r::facts.eq(Some(DocumentColumn(facts))), r::context_rows.eq(Some(DocumentColumn(context))));
    on!(tx, diesel::update(one).set(kept).execute(tx))?;
    Ok(())
}

/// Adds a planned review.
pub fn add(tx: &mut Tx<'_>, review: &ManagementReview) -> Outcome<ManagementReview> {
    let row = Row::of(review, tx.organization());
    on!(tx, diesel::insert_into(r::table).values(&row).execute(tx))?;
    let added = find_within(tx, review.id, &Within::everything())?.value;
    tx.record(Resource::ManagementReview, added.id.uuid(), None, &added)?;
    Ok(added)
}

/// Stores a changed review over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut review: Loaded<ManagementReview>) -> Outcome<ManagementReview> {
    review.revision += 1;
    review.updated_at = tx.now();
    let row = Row::of(&review, tx.organization());
    let read = r::table.find((row.organization_id, row.id)).filter(r::revision.eq(review.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = find_within(tx, review.id, &Within::everything())?.value;
    tx.record(Resource::ManagementReview, stored.id.uuid(), Some(&review.original), &stored)?;
    Ok(stored)
}

/// Who was there, with the roles that they hold or stand in for today. Refuses whom it does not know.
pub fn attendees(tx: &mut Tx<'_>, ids: &[Id<Person>]) -> Outcome<Vec<Attendee>> {
    let known = named::persons(tx, ids.iter().copied())?;
    Refusal::unless_empty(known.unknown(named::pointed(ids, "/attendee_ids"), &[]).collect())?;
    let holders = holders(tx, &Role::appointed().collect::<Vec<_>>())?;
    let attendee = |person: Reference| {
        let held = holders.iter().filter(|holder| holder.person.uuid() == person.id);
        let mut posts: Vec<Role> = held.map(|holder| holder.role).collect();
        posts.sort();
        posts.dedup();
        Attendee { person, posts }
    };
    Ok(known.references(ids).into_iter().map(attendee).collect())
}

/// Outputs with the names of who sees to their instructions. Refuses people who are not there.
pub fn outputs(tx: &mut Tx<'_>, draft: ReviewOutputsDraft) -> Outcome<ReviewOutputs> {
    let ReviewOutputsDraft { improvement_instructions, isms_change_instructions } = draft;
    Ok(ReviewOutputs {
        improvement_instructions: instructions(tx, improvement_instructions, "/improvement_instructions")?,
        isms_change_instructions: instructions(tx, isms_change_instructions, "/isms_change_instructions")?,
    })
}

fn instructions(
    tx: &mut Tx<'_>,
    drafts: Option<Vec<InstructionDraft>>,
    pointer: &str,
) -> Outcome<Option<Vec<Instruction>>> {
    let Some(drafts) = drafts else { return Ok(None) };
    let ids: Vec<Id<Person>> = drafts.iter().map(|draft| draft.responsible_person_id).collect();
    let known = named::persons(tx, ids.iter().copied())?;
    let pointed = ids.iter().enumerate().map(|(at, id)| (format!("{pointer}/{at}/responsible_person_id"), *id));
    Refusal::unless_empty(known.unknown(pointed, &[]).collect())?;
    let responsible = known.references(&ids);
    let instruction = |(draft, responsible_person)| Instruction { draft, responsible_person };
    Ok(Some(drafts.into_iter().zip(responsible).map(instruction).collect()))
}
