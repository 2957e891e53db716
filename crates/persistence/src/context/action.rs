//! How actions on the risks and opportunities of the context are kept.

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Verb},
    context::{
        action::{
            ActionCompletion, ActionEffectiveness, Addressed, ContextAction, ContextActionDraft, ContextActionState,
        },
        interested_party::{InterestedParty, PartyRequirement},
        issue::{ContextIssue, ContextIssueDraft},
    },
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        refusal::{Code, Refusal},
        text::normalized,
    },
    organization::{organization::Organization, person::Person},
};

use self::context_action as a;
use super::{
    interested_party::{self, interested_party as ip},
    issue::{self, context_issue as ci},
};
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
    organization::person::person as p,
    planning::reference,
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    context_action (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        number -> Integer,
        issue_id -> Nullable<Key>,
        party_id -> Nullable<Key>,
        requirement_number -> Nullable<Integer>,
        content -> Document,
        addresses -> Text,
        responsible_person_id -> Key,
        due_on -> Date,
        state -> Text,
        completion -> Nullable<Document>,
        effectiveness -> Nullable<Document>,
        cancellation_reason -> Nullable<Text>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `content` is the whole draft; what of it is searched, filtered, sorted or joined stands beside it.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = a, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<ContextAction>,
    revision: i32,
    number: i32,
    issue_id: Option<KeyColumn<ContextIssue>>,
    party_id: Option<KeyColumn<InterestedParty>>,
    requirement_number: Option<i32>,
    content: DocumentColumn<ContextActionDraft>,
    addresses: WordColumn<Addressed>,
    responsible_person_id: KeyColumn<Person>,
    due_on: chrono::NaiveDate,
    state: WordColumn<ContextActionState>,
    completion: Option<DocumentColumn<ActionCompletion>>,
    effectiveness: Option<DocumentColumn<ActionEffectiveness>>,
    cancellation_reason: Option<String>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

/// The responsible person's name, the issue, and the name of the party with its requirements.
type Names = (
    String,
    Option<DocumentColumn<ContextIssueDraft>>,
    Option<TextColumn<1, 200>>,
    Option<DocumentColumn<Vec<PartyRequirement>>>,
);

impl Row {
    fn of(action: &ContextAction, organization_id: KeyColumn<Organization>) -> Self {
        let ContextAction {
            id,
            revision,
            number,
            draft,
            subject: _,
            responsible_person: _,
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
        let search = [number_text.as_str(), draft.action.as_str(), draft.remarks.as_str()];
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            number: *number,
            issue_id: draft.issue_id.map(KeyColumn),
            party_id: draft.party_id.map(KeyColumn),
            requirement_number: draft.requirement_number,
            addresses: WordColumn(draft.addresses),
            responsible_person_id: KeyColumn(draft.responsible_person_id),
            due_on: draft.due_on,
            content: DocumentColumn(draft.clone()),
            state: WordColumn(*state),
            completion: completion.clone().map(DocumentColumn),
            effectiveness: effectiveness.clone().map(DocumentColumn),
            cancellation_reason: cancellation_reason.clone(),
            search: normalized(&search.join("\n")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_action(self, (person, issue, party, requirements): Names, today: chrono::NaiveDate) -> ContextAction {
        let requirements = requirements.map(|requirements| requirements.0).unwrap_or_default();
        let requirement = requirements.iter().find(|requirement| requirement.number == self.requirement_number);
        let subject = match (issue, party) {
            (Some(issue), _) => issue.0.issue.to_string(),
            (None, Some(party)) => {
                // A requirement that was dropped since leaves the party alone.
                let text = requirement.map(|one| format!(": {}", one.requirement)).unwrap_or_default();
                format!("{}{text}", party.0)
            }
            (None, None) => String::new(),
        };
        let mut action = ContextAction {
            id: self.id.0,
            revision: self.revision,
            number: self.number,
            draft: self.content.0,
            subject,
            responsible_person: Reference::new(self.responsible_person_id.0, person),
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

/// Whether its responsible person makes an action lie within.
fn covers(within: &Within, action: &ContextAction) -> bool {
    within.covers(None, Some(action.draft.responsible_person_id), None)
}

/// Which actions are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<ContextAction>>,
    /// Whose number or texts contain this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// That answer this issue.
    pub issue: Option<Id<ContextIssue>>,
    /// That answer a requirement of this party.
    pub party: Option<Id<InterestedParty>>,
    /// On the risk or on the opportunity.
    pub addresses: Option<Addressed>,
    /// In this state.
    pub state: Option<ContextActionState>,
    /// For which this person is responsible.
    pub responsible_person: Option<Id<Person>>,
    /// Whether they are overdue.
    pub overdue: Option<bool>,
}

/// A page of actions that the caller may read: all, or those they are responsible for; sorts by `number`, `due_on` and
/// `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<ContextAction>> {
    let within = tx.within(Resource::ContextAction, Verb::Read)?;
    list_within(tx, filter, page, &within)
}

fn list_within(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest, within: &Within) -> Outcome<Page<ContextAction>> {
    let grants = Grants::of::<ContextAction>(tx)?;
    let (organization, today) = (tx.organization(), tx.today());
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = a::table
                .inner_join(
                    p::table.on(p::organization_id.eq(a::organization_id).and(p::id.eq(a::responsible_person_id))),
                )
                .left_join(
                    ci::table.on(ci::organization_id.eq(a::organization_id).and(ci::id.nullable().eq(a::issue_id))),
                )
                .left_join(
                    ip::table.on(ip::organization_id.eq(a::organization_id).and(ip::id.nullable().eq(a::party_id))),
                )
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
            if let Some(issue) = filter.issue {
                query = query.filter(a::issue_id.eq(KeyColumn(issue)));
            }
            if let Some(party) = filter.party {
                query = query.filter(a::party_id.eq(KeyColumn(party)));
            }
            if let Some(addresses) = filter.addresses {
                query = query.filter(a::addresses.eq(WordColumn(addresses)));
            }
            if let Some(state) = filter.state {
                query = query.filter(a::state.eq(WordColumn(state)));
            }
            if let Some(person) = filter.responsible_person {
                query = query.filter(a::responsible_person_id.eq(KeyColumn(person)));
            }
            let open = WordColumn(ContextActionState::Open);
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
            "due_on" => sorted!(filtered(), page, a::due_on, a::id, chrono::NaiveDate),
            "updated_at" => sorted!(filtered(), page, a::updated_at, a::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, a::number, a::id, i32),
        };
        let names = (p::name, ci::content.nullable(), ip::name.nullable(), ip::requirements.nullable());
        let rows: Vec<(Row, Names)> = query.limit(one_more(page)).select((Row::as_select(), names)).load(tx)?;
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
    Ok(cut(actions, page, total, |action: &ContextAction| match page.sort_field() {
        "due_on" => (serde_json::json!(action.draft.due_on), action.id.uuid()),
        "updated_at" => (serde_json::json!(action.updated_at), action.id.uuid()),
        _ => (serde_json::json!(action.number), action.id.uuid()),
    }))
}

/// One action that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<ContextAction>) -> Outcome<Loaded<ContextAction>> {
    let within = tx.within(Resource::ContextAction, Verb::Read)?;
    find_within(tx, id, &within)
}

/// One action that the caller may read, to do `verb` to it: refused where it lies outside what the caller may do that to.
pub fn find_for(tx: &mut Tx<'_>, id: Id<ContextAction>, verb: Verb) -> Outcome<Loaded<ContextAction>> {
    let action = find(tx, id)?;
    let within = tx.within(Resource::ContextAction, verb)?;
    require_within(covers(&within, &action))?;
    Ok(action)
}

fn find_within(tx: &mut Tx<'_>, id: Id<ContextAction>, within: &Within) -> Outcome<Loaded<ContextAction>> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list_within(tx, &filter, &PageRequest::one(), within)?.items.pop().or_not_found().map(Loaded::new)
}

/// One action, whoever asks.
fn look_up(tx: &mut Tx<'_>, id: Id<ContextAction>) -> Outcome<ContextAction> {
    Ok(find_within(tx, id, &Within::everything())?.value)
}

/// Every action, by number, whoever asks.
pub(super) fn all(tx: &mut Tx<'_>) -> Outcome<Vec<ContextAction>> {
    let within = Within::everything();
    Ok(list_within(tx, &Filter::default(), &PageRequest::whole(), &within)?.items)
}

/// Adds a new action.
pub fn add(tx: &mut Tx<'_>, action: &ContextAction) -> Outcome<ContextAction> {
    check_references(tx, &action.draft, None)?;
    let row = Row::of(action, tx.organization());
    on!(tx, diesel::insert_into(a::table).values(&row).execute(tx))?;
    let added = look_up(tx, action.id)?;
    tx.record(Resource::ContextAction, added.id.uuid(), None, &added)?;
    Ok(added)
}

/// Stores a changed action over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut action: Loaded<ContextAction>) -> Outcome<ContextAction> {
    check_references(tx, &action.draft, Some(&action.original.draft))?;
    action.revision += 1;
    action.updated_at = tx.now();
    let row = Row::of(&action, tx.organization());
    let read = a::table.find((row.organization_id, row.id)).filter(a::revision.eq(action.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = look_up(tx, action.id)?;
    tx.record(Resource::ContextAction, stored.id.uuid(), Some(&action.original), &stored)?;
    Ok(stored)
}

/// Refuses what is not there, or not there any more, but for what stood in the text `before`.
fn check_references(tx: &mut Tx<'_>, draft: &ContextActionDraft, before: Option<&ContextActionDraft>) -> Outcome<()> {
    let subject = |draft: &ContextActionDraft| (draft.issue_id, draft.party_id, draft.requirement_number);
    if before.map(subject) != Some(subject(draft)) {
        if let Some(issue) = draft.issue_id
            && !issue::is_in_use(tx, issue)?
        {
            return Err(Refusal::field("/issue_id", Code::UnknownReference).into());
        }
        if let Some(party) = draft.party_id {
            let numbers = interested_party::requirement_numbers(tx, party)?;
            let numbers = numbers.ok_or_else(|| Refusal::field("/party_id", Code::UnknownReference))?;
            if !draft.requirement_number.is_some_and(|number| numbers.contains(&number)) {
                return Err(Refusal::field("/requirement_number", Code::UnknownReference).into());
            }
        }
    }
    if before.map(|before| before.responsible_person_id) != Some(draft.responsible_person_id) {
        reference::person(tx, draft.responsible_person_id, "/responsible_person_id")?;
    }
    if before.map(|before| before.link) != Some(draft.link) {
        require_linked(tx, draft.link, "/link/id")?;
    }
    Ok(())
}
