//! How the log of communications is kept.

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Role, Verb},
    kernel::{
        date::date_in,
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        refusal::{Code, Refusal},
        review::ReviewCommunication,
        sign_off::Signature,
        text::normalized,
    },
    organization::organization::Organization,
    support::communication::{
        communication::{
            Communication, CommunicationAction, CommunicationDraft, CommunicationPerformance, CommunicationState,
            CommunicationTerms, ReviewResultCommunication,
        },
        procedure::{CommunicationProcedure, CommunicationProcedureDraft, CommunicationSubject, CommunicationTiming},
    },
};
use uuid::Uuid;

use self::communication as c;
use super::procedure::{self as procedures, communication_procedure as p};
use crate::{
    context::review as context_reviews,
    integration::event as events,
    kernel::{
        columns::{DocumentColumn, KeyColumn, MomentColumn, TextColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{containing, cut, one_more, page_of},
        tx::{Tx, require_within},
    },
    leadership::policy as policies,
    on, sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    communication (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        procedure_id -> Key,
        subject -> Text,
        about -> Text,
        record_resource -> Nullable<Text>,
        record_id -> Nullable<Key>,
        occurred_at -> Moment,
        occurred_on -> Date,
        terms -> Document,
        due_on -> Nullable<Date>,
        due_at -> Nullable<Moment>,
        state -> Text,
        performance -> Nullable<Document>,
        voided -> Nullable<Document>,
        opened -> Document,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `subject` is one of the `terms`, to be filtered by.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = c, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<Communication>,
    revision: i32,
    procedure_id: KeyColumn<CommunicationProcedure>,
    subject: WordColumn<CommunicationSubject>,
    about: TextColumn<1, 200>,
    record_resource: Option<WordColumn<Resource>>,
    record_id: Option<KeyColumn<()>>,
    occurred_at: MomentColumn,
    occurred_on: chrono::NaiveDate,
    terms: DocumentColumn<CommunicationTerms>,
    due_on: Option<chrono::NaiveDate>,
    due_at: Option<MomentColumn>,
    state: WordColumn<CommunicationState>,
    performance: Option<DocumentColumn<CommunicationPerformance>>,
    voided: Option<DocumentColumn<Signature>>,
    opened: DocumentColumn<Signature>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(communication: &Communication, organization_id: KeyColumn<Organization>) -> Self {
        let Communication {
            id,
            revision,
            draft,
            procedure: _,
            terms,
            occurred_on,
            due_on,
            due_at,
            overdue: _,
            state,
            performance,
            voided,
            allowed_actions: _,
            opened,
            created_at,
            updated_at,
        } = communication;
        let CommunicationDraft { procedure_id, about, record_resource, record_id, occurred_at } = draft;
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            procedure_id: KeyColumn(*procedure_id),
            subject: WordColumn(terms.subject),
            about: TextColumn(about.clone()),
            record_resource: record_resource.map(WordColumn),
            record_id: record_id.map(KeyColumn::of),
            occurred_at: MomentColumn(*occurred_at),
            occurred_on: *occurred_on,
            terms: DocumentColumn(terms.clone()),
            due_on: *due_on,
            due_at: due_at.map(MomentColumn),
            state: WordColumn(*state),
            performance: performance.clone().map(DocumentColumn),
            voided: voided.clone().map(DocumentColumn),
            opened: DocumentColumn(opened.clone()),
            search: normalized(about.as_str()),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_communication(self, procedure: &CommunicationProcedureDraft, today: chrono::NaiveDate) -> Communication {
        let mut communication = Communication {
            id: self.id.0,
            revision: self.revision,
            procedure: Reference::new(self.procedure_id.0, procedure.content.as_str()),
            draft: CommunicationDraft {
                procedure_id: self.procedure_id.0,
                about: self.about.0,
                record_resource: self.record_resource.map(|resource| resource.0),
                record_id: self.record_id.map(|id| id.0.uuid()),
                occurred_at: self.occurred_at.0,
            },
            terms: self.terms.0,
            occurred_on: self.occurred_on,
            due_on: self.due_on,
            due_at: self.due_at.map(|at| at.0),
            // What `derive` makes of the rest.
            overdue: false,
            state: self.state.0,
            performance: self.performance.map(|performance| performance.0),
            voided: self.voided.map(|voided| voided.0),
            allowed_actions: Vec::new(),
            opened: self.opened.0,
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        communication.derive(today);
        communication
    }
}

/// Which communications are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<Communication>>,
    /// About something that contains this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// After this row of the procedure.
    pub procedure: Option<Id<CommunicationProcedure>>,
    /// On this.
    pub subject: Option<CommunicationSubject>,
    /// About this record.
    pub record: Option<Uuid>,
    /// In this state.
    pub state: Option<CommunicationState>,
    /// Whether it is overdue.
    pub overdue: Option<bool>,
}

/// A page of the log; sorts by `occurred_at` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<Communication>> {
    require_within(tx.within(Resource::Communication, Verb::Read)?.all)?;
    list_all(tx, filter, page)
}

fn list_all(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<Communication>> {
    let grants = Grants::of::<Communication>(tx)?;
    let (organization, today) = (tx.organization(), tx.today());
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = c::table
                .inner_join(p::table.on(p::organization_id.eq(c::organization_id).and(p::id.eq(c::procedure_id))))
                .filter(c::organization_id.eq(organization))
                .into_boxed::<Db>();
            if let Some(id) = filter.id {
                query = query.filter(c::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(c::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(c::updated_at.ge(MomentColumn(since)));
            }
            if let Some(procedure) = filter.procedure {
                query = query.filter(c::procedure_id.eq(KeyColumn(procedure)));
            }
            if let Some(subject) = filter.subject {
                query = query.filter(c::subject.eq(WordColumn(subject)));
            }
            if let Some(record) = filter.record {
                query = query.filter(c::record_id.eq(KeyColumn::<()>::of(record)));
            }
            if let Some(state) = filter.state {
                query = query.filter(c::state.eq(WordColumn(state)));
            }
            // As `Communication::derive` has it.
            let open = c::state.eq(WordColumn(CommunicationState::Open));
            match filter.overdue {
                None => query,
                Some(true) => query.filter(open).filter(c::due_on.lt(today)),
                Some(false) => query
                    .filter(diesel::dsl::not(open).or(c::due_on.is_null()).or(c::due_on.ge(today).assume_not_null())),
            }
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, c::updated_at, c::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, c::occurred_at, c::id, chrono::DateTime<chrono::Utc>),
        };
        let rows: Vec<(Row, DocumentColumn<CommunicationProcedureDraft>)> =
            query.limit(one_more(page)).select((Row::as_select(), p::content)).load(tx)?;
        (rows, total)
    });
    let communications = rows
        .into_iter()
        .map(|(row, procedure)| {
            let mut communication = row.into_communication(&procedure.0, today);
            let mut open = grants.open(&communication, |within| within.all);
            let mine = communication.is_performed_by(tx.standing());
            open.retain(|action| *action != CommunicationAction::Perform || mine);
            communication.allowed_actions = open;
            communication
        })
        .collect();
    Ok(cut(communications, page, total, |communication: &Communication| match page.sort_field() {
        "updated_at" => (serde_json::json!(communication.updated_at), communication.id.uuid()),
        _ => (serde_json::json!(communication.draft.occurred_at), communication.id.uuid()),
    }))
}

/// One communication.
pub fn find(tx: &mut Tx<'_>, id: Id<Communication>) -> Outcome<Loaded<Communication>> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list(tx, &filter, &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// One communication whose performance the caller may record: refused to others who read it.
pub fn find_to_perform(tx: &mut Tx<'_>, id: Id<Communication>) -> Outcome<Loaded<Communication>> {
    let communication = find(tx, id)?;
    require_within(communication.is_performed_by(tx.standing()))?;
    Ok(communication)
}

/// One communication, whoever asks.
fn look_up(tx: &mut Tx<'_>, id: Id<Communication>) -> Outcome<Communication> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list_all(tx, &filter, &PageRequest::one())?.items.pop().or_not_found()
}

/// Opens what a draft asks for; where that is to be told at once, also what follows it on the same subject (COM-4).
/// Whoever works here opens what is to be told of an incident, and the secretariat everything.
pub fn open(tx: &mut Tx<'_>, draft: CommunicationDraft) -> Outcome<Communication> {
    let first = procedures::named(tx, draft.procedure_id)?;
    let within = tx.within(Resource::Communication, Verb::Create)?;
    let noticed = first.draft.subject == CommunicationSubject::Incident
        && first.draft.communicators.contains(&Role::Employee)
        && !within.own.is_empty();
    require_within(within.all || noticed)?;
    if let Some((resource, id)) = draft.record_resource.zip(draft.record_id)
        && !events::knows(tx, resource, id)?
    {
        return Err(Refusal::field("/record_id", Code::UnknownReference).into());
    }
    let opened = open_after(tx, &first, draft.clone())?;
    if first.draft.timing == CommunicationTiming::OnDetection {
        for next in procedures::on_subject(tx, first.draft.subject)? {
            if next.draft.timing != CommunicationTiming::OnDetection {
                open_after(tx, &next, draft.clone())?;
            }
        }
    }
    Ok(opened)
}

fn open_after(
    tx: &mut Tx<'_>,
    procedure: &CommunicationProcedure,
    draft: CommunicationDraft,
) -> Outcome<Communication> {
    let occurred_on = date_in(tx.context().time_zone, draft.occurred_at);
    let opened = Communication::open(draft, procedure, occurred_on, tx.signature(None)?, tx.now(), tx.today())?;
    add(tx, &opened)
}

/// Adds a new communication.
pub fn add(tx: &mut Tx<'_>, communication: &Communication) -> Outcome<Communication> {
    let row = Row::of(communication, tx.organization());
    on!(tx, diesel::insert_into(c::table).values(&row).execute(tx))?;
    let added = look_up(tx, communication.id)?;
    tx.record(Resource::Communication, added.id.uuid(), None, &added)?;
    Ok(added)
}

/// Stores a changed communication over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut communication: Loaded<Communication>) -> Outcome<Communication> {
    communication.revision += 1;
    communication.updated_at = tx.now();
    let row = Row::of(&communication, tx.organization());
    let read = c::table.find((row.organization_id, row.id)).filter(c::revision.eq(communication.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = look_up(tx, communication.id)?;
    tx.record(Resource::Communication, stored.id.uuid(), Some(&communication.original), &stored)?;
    Ok(stored)
}

/// Whether something about this record was told.
pub fn was_told(tx: &mut Tx<'_>, record: Uuid) -> Outcome<bool> {
    let told = c::table
        .filter(c::organization_id.eq(tx.organization()))
        .filter(c::record_id.eq(KeyColumn::<()>::of(record)))
        .filter(c::state.eq(WordColumn(CommunicationState::Performed)));
    Ok(on!(tx, diesel::select(diesel::dsl::exists(told)).get_result(tx))?)
}

/// What the reviews of the context and of the policy say of the communication of their results, as far as the
/// caller reads those records; sorts by `due_on`.
pub fn of_reviews(tx: &mut Tx<'_>, page: &PageRequest) -> Outcome<Page<ReviewResultCommunication>> {
    require_within(tx.within(Resource::Communication, Verb::Read)?.all)?;
    let today = tx.today();
    let mut told = Vec::new();
    for review in context_reviews::list(tx, &context_reviews::Filter::default(), &PageRequest::whole())?.items {
        let Some(due_on) = review.communication_due_on else { continue };
        told.push(ReviewResultCommunication {
            resource: Resource::ContextReview,
            record_id: review.id.uuid(),
            path: format!("/v1/context-reviews/{}", review.id),
            title: format!("{} ({})", review.draft.changes, review.version.number),
            reviewed_on: review.draft.reviewed_on,
            due_on,
            overdue: is_overdue(review.communicated.as_ref(), due_on, today),
            communicated: review.communicated,
        });
    }
    for policy in policies::list(tx, &policies::Filter::default(), &PageRequest::whole())?.items {
        for review in policy.reviews {
            told.push(ReviewResultCommunication {
                resource: Resource::Policy,
                record_id: policy.id.uuid(),
                path: format!("/v1/policies/{}", policy.id),
                title: format!("{} ({})", policy.draft.company_name, policy.version.number),
                reviewed_on: review.reviewed_on,
                due_on: review.communication_due_on,
                overdue: is_overdue(review.communicated.as_ref(), review.communication_due_on, today),
                communicated: review.communicated,
            });
        }
    }
    page_of(told, page, |one| (one.due_on, one.record_id))
}

fn is_overdue(communicated: Option<&ReviewCommunication>, due_on: chrono::NaiveDate, today: chrono::NaiveDate) -> bool {
    communicated.is_none() && due_on < today
}
