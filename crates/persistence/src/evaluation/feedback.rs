//! How feedback of interested parties is kept.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Verb},
    context::interested_party::InterestedParty,
    evaluation::feedback::{FeedbackState, HandledFeedback, InterestedPartyFeedback, InterestedPartyFeedbackDraft},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        refusal::{Code, Refusal},
        sign_off::Signature,
        text::normalized,
    },
    organization::{department::Department, organization::Organization},
};

use self::interested_party_feedback as f;
use crate::{
    context::interested_party::{self, interested_party as ip},
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
    organization::department::department as d,
    planning::reference,
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    interested_party_feedback (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        number -> Integer,
        received_on -> Date,
        interested_party_id -> Nullable<Key>,
        department_id -> Nullable<Key>,
        content -> Document,
        state -> Text,
        handled -> Nullable<Document>,
        voided -> Nullable<Document>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `content` is the whole draft; what of it is searched, filtered, sorted or joined stands beside it.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = f, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<InterestedPartyFeedback>,
    revision: i32,
    number: i32,
    received_on: NaiveDate,
    interested_party_id: Option<KeyColumn<InterestedParty>>,
    department_id: Option<KeyColumn<Department>>,
    content: DocumentColumn<InterestedPartyFeedbackDraft>,
    state: WordColumn<FeedbackState>,
    handled: Option<DocumentColumn<HandledFeedback>>,
    voided: Option<DocumentColumn<Signature>>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

/// The names of the interested party and of the department.
type Names = (Option<TextColumn<1, 200>>, Option<String>);

impl Row {
    fn of(feedback: &InterestedPartyFeedback, organization_id: KeyColumn<Organization>) -> Self {
        let InterestedPartyFeedback {
            id,
            revision,
            number,
            draft,
            interested_party: _,
            department: _,
            state,
            handled,
            voided,
            allowed_actions: _,
            created_at,
            updated_at,
        } = feedback;
        let number_text = number.to_string();
        let search = [
            number_text.as_str(),
            draft.sender.as_str(),
            draft.means.as_str(),
            draft.content.as_str(),
            handled.as_ref().map_or("", |handled| handled.done.handling.as_str()),
        ];
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            number: *number,
            received_on: draft.received_on,
            interested_party_id: draft.interested_party_id.map(KeyColumn),
            department_id: draft.department_id.map(KeyColumn),
            content: DocumentColumn(draft.clone()),
            state: WordColumn(*state),
            handled: handled.clone().map(DocumentColumn),
            voided: voided.clone().map(DocumentColumn),
            search: normalized(&search.join("\n")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_feedback(self, (party, department): Names) -> InterestedPartyFeedback {
        InterestedPartyFeedback {
            id: self.id.0,
            revision: self.revision,
            number: self.number,
            draft: self.content.0,
            interested_party: self
                .interested_party_id
                .zip(party)
                .map(|(id, name)| Reference::new(id.0, name.0.as_str())),
            department: self.department_id.zip(department).map(|(id, name)| Reference::new(id.0, name)),
            state: self.state.0,
            handled: self.handled.map(|handled| handled.0),
            voided: self.voided.map(|voided| voided.0),
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        }
    }
}

/// Whether its department makes feedback lie within.
fn covers(within: &Within, draft: &InterestedPartyFeedbackDraft) -> bool {
    within.covers(draft.department_id, None, None)
}

/// Which feedback is asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<InterestedPartyFeedback>>,
    /// Whose number or texts contain this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<DateTime<Utc>>,
    /// In this state.
    pub state: Option<FeedbackState>,
    /// Of this interested party.
    pub interested_party: Option<Id<InterestedParty>>,
    /// That concerns this department.
    pub department: Option<Id<Department>>,
}

/// A page of feedback that the caller may read; sorts by `number`, `received_on` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<InterestedPartyFeedback>> {
    let within = tx.within(Resource::InterestedPartyFeedback, Verb::Read)?;
    list_within(tx, filter, page, &within)
}

fn list_within(
    tx: &mut Tx<'_>,
    filter: &Filter,
    page: &PageRequest,
    within: &Within,
) -> Outcome<Page<InterestedPartyFeedback>> {
    let grants = Grants::of::<InterestedPartyFeedback>(tx)?;
    let organization = tx.organization();
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = f::table
                .left_join(
                    ip::table.on(ip::organization_id
                        .eq(f::organization_id)
                        .and(ip::id.nullable().eq(f::interested_party_id))),
                )
                .left_join(
                    d::table.on(d::organization_id.eq(f::organization_id).and(d::id.nullable().eq(f::department_id))),
                )
                .filter(f::organization_id.eq(organization))
                .into_boxed::<Db>();
            if !within.all {
                query = query.filter(f::department_id.among(&within.departments));
            }
            if let Some(id) = filter.id {
                query = query.filter(f::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(f::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(f::updated_at.ge(MomentColumn(since)));
            }
            if let Some(state) = filter.state {
                query = query.filter(f::state.eq(WordColumn(state)));
            }
            if let Some(party) = filter.interested_party {
                query = query.filter(f::interested_party_id.eq(KeyColumn(party)));
            }
            match filter.department {
                Some(department) => query.filter(f::department_id.eq(KeyColumn(department))),
                None => query,
            }
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "received_on" => sorted!(filtered(), page, f::received_on, f::id, NaiveDate),
            "updated_at" => sorted!(filtered(), page, f::updated_at, f::id, DateTime<Utc>),
            _ => sorted!(filtered(), page, f::number, f::id, i32),
        };
        let names = (ip::name.nullable(), d::name.nullable());
        let rows: Vec<(Row, Names)> = query.limit(one_more(page)).select((Row::as_select(), names)).load(tx)?;
        (rows, total)
    });
    let feedback = rows
        .into_iter()
        .map(|(row, names)| {
            let mut feedback = row.into_feedback(names);
            feedback.allowed_actions = grants.open(&feedback, |within| covers(within, &feedback.draft));
            feedback
        })
        .collect();
    Ok(cut(feedback, page, total, |feedback: &InterestedPartyFeedback| match page.sort_field() {
        "received_on" => (serde_json::json!(feedback.draft.received_on), feedback.id.uuid()),
        "updated_at" => (serde_json::json!(feedback.updated_at), feedback.id.uuid()),
        _ => (serde_json::json!(feedback.number), feedback.id.uuid()),
    }))
}

/// One entry that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<InterestedPartyFeedback>) -> Outcome<Loaded<InterestedPartyFeedback>> {
    let within = tx.within(Resource::InterestedPartyFeedback, Verb::Read)?;
    find_within(tx, id, &within)
}

fn find_within(
    tx: &mut Tx<'_>,
    id: Id<InterestedPartyFeedback>,
    within: &Within,
) -> Outcome<Loaded<InterestedPartyFeedback>> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list_within(tx, &filter, &PageRequest::one(), within)?.items.pop().or_not_found().map(Loaded::new)
}

/// One entry that the caller may read, to change it: refused where it lies outside what the caller may change.
pub fn find_for_update(tx: &mut Tx<'_>, id: Id<InterestedPartyFeedback>) -> Outcome<Loaded<InterestedPartyFeedback>> {
    let feedback = find(tx, id)?;
    let within = tx.within(Resource::InterestedPartyFeedback, Verb::Update)?;
    require_within(covers(&within, &feedback.draft))?;
    Ok(feedback)
}

/// Adds an entry.
pub fn add(tx: &mut Tx<'_>, feedback: &InterestedPartyFeedback) -> Outcome<InterestedPartyFeedback> {
    check(tx, &feedback.draft, None, Verb::Create)?;
    let row = Row::of(feedback, tx.organization());
    on!(tx, diesel::insert_into(f::table).values(&row).execute(tx))?;
    let added = find_within(tx, feedback.id, &Within::everything())?.value;
    tx.record(Resource::InterestedPartyFeedback, added.id.uuid(), None, &added)?;
    Ok(added)
}

/// Stores a changed entry over the revision it was read at. What was written anew must lie within what the caller may
/// write.
pub fn store(tx: &mut Tx<'_>, mut feedback: Loaded<InterestedPartyFeedback>) -> Outcome<InterestedPartyFeedback> {
    if feedback.draft != feedback.original.draft {
        check(tx, &feedback.draft, Some(&feedback.original.draft), Verb::Update)?;
    }
    feedback.revision += 1;
    feedback.updated_at = tx.now();
    let row = Row::of(&feedback, tx.organization());
    let read = f::table.find((row.organization_id, row.id)).filter(f::revision.eq(feedback.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = find_within(tx, feedback.id, &Within::everything())?.value;
    tx.record(Resource::InterestedPartyFeedback, stored.id.uuid(), Some(&feedback.original), &stored)?;
    Ok(stored)
}

/// Refuses what lies outside the caller's reach for `verb`, and what is not there, but for what stood `before`.
fn check(
    tx: &mut Tx<'_>,
    draft: &InterestedPartyFeedbackDraft,
    before: Option<&InterestedPartyFeedbackDraft>,
    verb: Verb,
) -> Outcome<()> {
    let within = tx.within(Resource::InterestedPartyFeedback, verb)?;
    require_within(covers(&within, draft))?;
    if let Some(party) = draft.interested_party_id
        && before.and_then(|before| before.interested_party_id) != Some(party)
        && interested_party::requirement_numbers(tx, party)?.is_none()
    {
        return Err(Refusal::field("/interested_party_id", Code::UnknownReference).into());
    }
    if let Some(department) = draft.department_id
        && before.and_then(|before| before.department_id) != Some(department)
    {
        reference::department(tx, department, "/department_id")?;
    }
    Ok(())
}
