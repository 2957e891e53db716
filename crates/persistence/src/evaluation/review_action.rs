//! How instructions of management reviews are kept.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Verb},
    context::action::{ActionCompletion, ActionEffectiveness},
    evaluation::{
        management_review::ManagementReview,
        review_action::{ActionProgress, ReviewAction, ReviewActionDraft, ReviewActionState, ReviewOutput},
    },
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        text::normalized,
    },
    organization::{organization::Organization, person::Person},
};

use self::review_action as a;
use super::management_review::management_review as r;
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
    operation::annual_plan_row::require_linked,
    organization::{organization::next_number, person::person as p},
    planning::reference,
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    review_action (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        number -> Integer,
        review_id -> Key,
        output -> Text,
        instruction -> Text,
        content -> Document,
        responsible_person_id -> Key,
        due_on -> Date,
        progress -> Document,
        state -> Text,
        completion -> Nullable<Document>,
        effectiveness -> Nullable<Document>,
        cancellation_reason -> Nullable<Text>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `content` is the whole draft; what of it is filtered, sorted or joined stands beside it.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = a, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<ReviewAction>,
    revision: i32,
    number: i32,
    review_id: KeyColumn<ManagementReview>,
    output: WordColumn<ReviewOutput>,
    instruction: TextColumn<1, 10_000>,
    content: DocumentColumn<ReviewActionDraft>,
    responsible_person_id: KeyColumn<Person>,
    due_on: NaiveDate,
    progress: DocumentColumn<Vec<ActionProgress>>,
    state: WordColumn<ReviewActionState>,
    completion: Option<DocumentColumn<ActionCompletion>>,
    effectiveness: Option<DocumentColumn<ActionEffectiveness>>,
    cancellation_reason: Option<String>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(action: &ReviewAction, organization_id: KeyColumn<Organization>) -> Self {
        let ReviewAction {
            id,
            revision,
            number,
            review_id,
            review_number: _,
            output,
            instruction,
            draft,
            responsible_person: _,
            progress,
            overdue: _,
            state,
            completion,
            effectiveness,
            cancellation_reason,
            allowed_actions: _,
            created_at,
            updated_at,
        } = action;
        let number_text = number.to_string();
        let search = [number_text.as_str(), instruction.as_str(), draft.remarks.as_str()];
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            number: *number,
            review_id: KeyColumn(*review_id),
            output: WordColumn(*output),
            instruction: TextColumn(instruction.clone()),
            content: DocumentColumn(draft.clone()),
            responsible_person_id: KeyColumn(draft.responsible_person_id),
            due_on: draft.due_on,
            progress: DocumentColumn(progress.clone()),
            state: WordColumn(*state),
            completion: completion.clone().map(DocumentColumn),
            effectiveness: effectiveness.clone().map(DocumentColumn),
            cancellation_reason: cancellation_reason.clone(),
            search: normalized(&search.join("\n")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_action(self, (person, review_number): (String, i32), today: NaiveDate) -> ReviewAction {
        let mut action = ReviewAction {
            id: self.id.0,
            revision: self.revision,
            number: self.number,
            review_id: self.review_id.0,
            review_number,
            output: self.output.0,
            instruction: self.instruction.0,
            draft: self.content.0,
            responsible_person: Reference::new(self.responsible_person_id.0, person),
            progress: self.progress.0,
            // What `derive` makes of the rest.
            overdue: false,
            state: self.state.0,
            completion: self.completion.map(|completion| completion.0),
            effectiveness: self.effectiveness.map(|effectiveness| effectiveness.0),
            cancellation_reason: self.cancellation_reason,
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        action.derive(today);
        action
    }
}

/// Whether its responsible person makes an instruction lie within.
fn covers(within: &Within, action: &ReviewAction) -> bool {
    within.covers(None, Some(action.draft.responsible_person_id), None)
}

/// Which instructions are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<ReviewAction>>,
    /// Whose number or texts contain this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<DateTime<Utc>>,
    /// Of this review.
    pub review: Option<Id<ManagementReview>>,
    /// From this output.
    pub output: Option<ReviewOutput>,
    /// In this state.
    pub state: Option<ReviewActionState>,
    /// For which this person is responsible.
    pub responsible_person: Option<Id<Person>>,
    /// Whether they are overdue.
    pub overdue: Option<bool>,
    /// Open or to be judged, or changed since this moment.
    pub open_or_changed_since: Option<DateTime<Utc>>,
}

/// A page of instructions that the caller may read: all, or those they are responsible for; sorts by `number`, `due_on`
/// and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<ReviewAction>> {
    let within = tx.within(Resource::ReviewAction, Verb::Read)?;
    list_within(tx, filter, page, &within)
}

fn list_within(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest, within: &Within) -> Outcome<Page<ReviewAction>> {
    let grants = Grants::of::<ReviewAction>(tx)?;
    let (organization, today) = (tx.organization(), tx.today());
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = a::table
                .inner_join(
                    p::table.on(p::organization_id.eq(a::organization_id).and(p::id.eq(a::responsible_person_id))),
                )
                .inner_join(r::table.on(r::organization_id.eq(a::organization_id).and(r::id.eq(a::review_id))))
                .filter(a::organization_id.eq(organization))
                .into_boxed::<Db>();
            if !within.all {
                query = query.filter(a::responsible_person_id.among(&within.persons));
            }
            if let Some(id) = filter.id {
                query = query.filter(a::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(a::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(a::updated_at.ge(MomentColumn(since)));
            }
            if let Some(review) = filter.review {
                query = query.filter(a::review_id.eq(KeyColumn(review)));
            }
            if let Some(output) = filter.output {
                query = query.filter(a::output.eq(WordColumn(output)));
            }
            if let Some(state) = filter.state {
                query = query.filter(a::state.eq(WordColumn(state)));
            }
            if let Some(person) = filter.responsible_person {
                query = query.filter(a::responsible_person_id.eq(KeyColumn(person)));
            }
            let open = WordColumn(ReviewActionState::Open);
            if let Some(since) = filter.open_or_changed_since {
                let waits = a::state.eq(open).or(a::state.eq(WordColumn(ReviewActionState::Done)));
                query = query.filter(waits.or(a::updated_at.ge(MomentColumn(since))));
            }
            match filter.overdue {
                None => query,
                Some(true) => query.filter(a::due_on.lt(today)).filter(a::state.eq(open)),
                Some(false) => query.filter(a::due_on.ge(today).or(a::state.ne(open))),
            }
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "due_on" => sorted!(filtered(), page, a::due_on, a::id, NaiveDate),
            "updated_at" => sorted!(filtered(), page, a::updated_at, a::id, DateTime<Utc>),
            _ => sorted!(filtered(), page, a::number, a::id, i32),
        };
        let rows: Vec<(Row, (String, i32))> =
            query.limit(one_more(page)).select((Row::as_select(), (p::name, r::number))).load(tx)?;
        (rows, total)
    });
    let actions = rows
        .into_iter()
        .map(|(row, names)| {
            let mut action = row.into_action(names, today);
            action.allowed_actions = grants.open(&action, |within| covers(within, &action));
            action
        })
        .collect();
    Ok(cut(actions, page, total, |action: &ReviewAction| match page.sort_field() {
        "due_on" => (serde_json::json!(action.draft.due_on), action.id.uuid()),
        "updated_at" => (serde_json::json!(action.updated_at), action.id.uuid()),
        _ => (serde_json::json!(action.number), action.id.uuid()),
    }))
}

/// One instruction that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<ReviewAction>) -> Outcome<Loaded<ReviewAction>> {
    let within = tx.within(Resource::ReviewAction, Verb::Read)?;
    find_within(tx, id, &within)
}

/// One instruction that the caller may read, to do `verb` to it: refused where it lies outside what the caller may do
/// that to.
pub fn find_for(tx: &mut Tx<'_>, id: Id<ReviewAction>, verb: Verb) -> Outcome<Loaded<ReviewAction>> {
    let action = find(tx, id)?;
    let within = tx.within(Resource::ReviewAction, verb)?;
    require_within(covers(&within, &action))?;
    Ok(action)
}

fn find_within(tx: &mut Tx<'_>, id: Id<ReviewAction>, within: &Within) -> Outcome<Loaded<ReviewAction>> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list_within(tx, &filter, &PageRequest::one(), within)?.items.pop().or_not_found().map(Loaded::new)
}

/// Registers the instructions of an approved review.
pub fn register(tx: &mut Tx<'_>, review: &ManagementReview) -> Outcome<()> {
    let outputs = [
        (ReviewOutput::Improvement, &review.outputs.improvement_instructions),
        (ReviewOutput::IsmsChange, &review.outputs.isms_change_instructions),
    ];
    for (output, instructions) in outputs {
        for instruction in instructions.iter().flatten() {
            let number = next_number(tx, "review_action")?;
            let action = ReviewAction::register(instruction, output, review, number, tx.now());
            let row = Row::of(&action, tx.organization());
            on!(tx, diesel::insert_into(a::table).values(&row).execute(tx))?;
            tx.record(Resource::ReviewAction, action.id.uuid(), None, &action)?;
        }
    }
    Ok(())
}

/// Stores a changed instruction over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut action: Loaded<ReviewAction>) -> Outcome<ReviewAction> {
    if action.draft.responsible_person_id != action.original.draft.responsible_person_id {
        reference::person(tx, action.draft.responsible_person_id, "/responsible_person_id")?;
    }
    if action.draft.link != action.original.draft.link {
        require_linked(tx, action.draft.link, "/link")?;
    }
    action.revision += 1;
    action.updated_at = tx.now();
    let row = Row::of(&action, tx.organization());
    let read = a::table.find((row.organization_id, row.id)).filter(a::revision.eq(action.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = find_within(tx, action.id, &Within::everything())?.value;
    tx.record(Resource::ReviewAction, stored.id.uuid(), Some(&action.original), &stored)?;
    Ok(stored)
}
