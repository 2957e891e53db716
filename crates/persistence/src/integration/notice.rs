//! How notices are kept: the outbox. [`post`] writes one in the transaction of what it tells; a sender [claims](claim)
//! what is due, one by one, and says what became of it.

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Verb},
    integration::notice::{Notice, NoticeDraft, NoticeFault, NoticeKind, NoticeState, Recipient},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        sign_off::Signature,
        text::normalized,
    },
    organization::{organization::Organization, person::Person},
};
use uuid::Uuid;

use self::notice as n;
use crate::{
    kernel::{
        among::AmongExt,
        columns::{DocumentColumn, KeyColumn, MomentColumn, TextColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{containing, cut, one_more},
        tx::{Tx, Within},
    },
    on,
    organization::person::{self as persons, person as p},
    planning::reference,
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    notice (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        kind -> Text,
        person_id -> Key,
        subject -> Text,
        text -> Text,
        education_enrolment_id -> Nullable<Key>,
        state -> Text,
        attempts -> Integer,
        next_attempt_at -> Moment,
        claimed_until -> Nullable<Moment>,
        fault -> Nullable<Text>,
        reply_code -> Nullable<Integer>,
        sent_at -> Nullable<Moment>,
        cancelled -> Nullable<Document>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = n, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<Notice>,
    revision: i32,
    kind: WordColumn<NoticeKind>,
    person_id: KeyColumn<Person>,
    subject: TextColumn<1, 200>,
    text: TextColumn<1, 10_000>,
    education_enrolment_id: Option<KeyColumn<()>>,
    state: WordColumn<NoticeState>,
    attempts: i32,
    next_attempt_at: MomentColumn,
    claimed_until: Option<MomentColumn>,
    fault: Option<WordColumn<NoticeFault>>,
    reply_code: Option<i32>,
    sent_at: Option<MomentColumn>,
    cancelled: Option<DocumentColumn<Signature>>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(notice: &Notice, organization_id: KeyColumn<Organization>) -> Self {
        let Notice {
            id,
            revision,
            draft,
            kind,
            person,
            education_enrolment_id,
            state,
            attempts,
            next_attempt_at,
            claimed_until,
            fault,
            reply_code,
            sent_at,
            cancelled,
            allowed_actions: _,
            created_at,
            updated_at,
        } = notice;
        let NoticeDraft { person_id, subject, text } = draft;
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            kind: WordColumn(*kind),
            person_id: KeyColumn(*person_id),
            subject: TextColumn(subject.clone()),
            text: TextColumn(text.clone()),
            education_enrolment_id: education_enrolment_id.map(KeyColumn::of),
            state: WordColumn(*state),
            attempts: *attempts,
            next_attempt_at: MomentColumn(*next_attempt_at),
            claimed_until: claimed_until.map(MomentColumn),
            fault: fault.map(WordColumn),
            reply_code: *reply_code,
            sent_at: sent_at.map(MomentColumn),
            cancelled: cancelled.clone().map(DocumentColumn),
            search: normalized(&format!("{subject}\n{}", person.name)),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_notice(self, person: String) -> Notice {
        Notice {
            id: self.id.0,
            revision: self.revision,
            draft: NoticeDraft { person_id: self.person_id.0, subject: self.subject.0, text: self.text.0 },
            kind: self.kind.0,
            person: Reference::new(self.person_id.0, person),
            education_enrolment_id: self.education_enrolment_id.map(|id| id.0.uuid()),
            state: self.state.0,
            attempts: self.attempts,
            next_attempt_at: self.next_attempt_at.0,
            claimed_until: self.claimed_until.map(|until| until.0),
            fault: self.fault.map(|fault| fault.0),
            reply_code: self.reply_code,
            sent_at: self.sent_at.map(|at| at.0),
            cancelled: self.cancelled.map(|cancelled| cancelled.0),
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        }
    }
}

/// Which notices are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<Notice>>,
    /// Whose subject, or whose person's name, contains this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// To this person.
    pub person: Option<Id<Person>>,
    /// About this.
    pub kind: Option<NoticeKind>,
    /// In this state.
    pub state: Option<NoticeState>,
}

/// A page of notices that the caller may read; sorts by `created_at` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<Notice>> {
    let within = tx.within(Resource::Notice, Verb::Read)?;
    list_within(tx, filter, page, &within)
}

fn list_within(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest, within: &Within) -> Outcome<Page<Notice>> {
    let grants = Grants::of::<Notice>(tx)?;
    let organization = tx.organization();
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = n::table
                .inner_join(p::table.on(p::organization_id.eq(n::organization_id).and(p::id.eq(n::person_id))))
                .filter(n::organization_id.eq(organization))
                .into_boxed::<Db>();
            if !within.all {
                query = query.filter(n::person_id.among(&within.own));
            }
            if let Some(id) = filter.id {
                query = query.filter(n::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(n::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(n::updated_at.ge(MomentColumn(since)));
            }
            if let Some(person) = filter.person {
                query = query.filter(n::person_id.eq(KeyColumn(person)));
            }
            if let Some(kind) = filter.kind {
                query = query.filter(n::kind.eq(WordColumn(kind)));
            }
            if let Some(state) = filter.state {
                query = query.filter(n::state.eq(WordColumn(state)));
            }
            query
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, n::updated_at, n::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, n::created_at, n::id, chrono::DateTime<chrono::Utc>),
        };
        let rows: Vec<(Row, String)> = query.limit(one_more(page)).select((Row::as_select(), p::name)).load(tx)?;
        (rows, total)
    });
    let notices = rows
        .into_iter()
        .map(|(row, person)| {
            let mut notice = row.into_notice(person);
            notice.allowed_actions = grants.open(&notice, |within| within.all);
            notice
        })
        .collect();
    Ok(cut(notices, page, total, |notice: &Notice| match page.sort_field() {
        "updated_at" => (serde_json::json!(notice.updated_at), notice.id.uuid()),
        _ => (serde_json::json!(notice.created_at), notice.id.uuid()),
    }))
}

/// One notice that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<Notice>) -> Outcome<Loaded<Notice>> {
    let within = tx.within(Resource::Notice, Verb::Read)?;
    find_within(tx, id, &within)
}

/// One notice, whoever asks.
pub fn look_up(tx: &mut Tx<'_>, id: Id<Notice>) -> Outcome<Loaded<Notice>> {
    find_within(tx, id, &Within::everything())
}

fn find_within(tx: &mut Tx<'_>, id: Id<Notice>, within: &Within) -> Outcome<Loaded<Notice>> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list_within(tx, &filter, &PageRequest::one(), within)?.items.pop().or_not_found().map(Loaded::new)
}

/// Writes a notice: call it in the transaction of what is told. It is sent once that is committed.
pub fn post(
    tx: &mut Tx<'_>,
    kind: NoticeKind,
    draft: NoticeDraft,
    education_enrolment_id: Option<Uuid>,
) -> Outcome<Notice> {
    reference::person(tx, draft.person_id, "/person_id")?;
    let person = persons::look_up(tx, draft.person_id)?.value;
    let person = Reference::new(person.id, person.draft.name.as_str());
    let notice = Notice::write(draft, kind, education_enrolment_id, person, tx.now());
    let row = Row::of(&notice, tx.organization());
    on!(tx, diesel::insert_into(n::table).values(&row).execute(tx))?;
    tx.record(Resource::Notice, notice.id.uuid(), None, &notice)?;
    Ok(look_up(tx, notice.id)?.value)
}

/// Stores a changed notice over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut notice: Loaded<Notice>) -> Outcome<Notice> {
    notice.revision += 1;
    notice.updated_at = tx.now();
    let row = Row::of(&notice, tx.organization());
    let read = n::table.find((row.organization_id, row.id)).filter(n::revision.eq(notice.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    tx.record(Resource::Notice, notice.id.uuid(), Some(&notice.original), &notice.value)?;
    Ok(look_up(tx, notice.id)?.value)
}

/// Takes the notice that has been due longest, so that no other process sends it, and tells where it goes; `None` where
/// nothing is due. The claim is no change of the record: what becomes of it is ([`store`]).
pub fn claim(tx: &mut Tx<'_>) -> Outcome<Option<(Loaded<Notice>, Recipient)>> {
    let (organization, now) = (tx.organization(), MomentColumn(tx.now()));
    let due = || {
        n::table
            .filter(n::organization_id.eq(organization))
            .filter(n::state.eq(WordColumn(NoticeState::Pending)))
            .filter(n::next_attempt_at.le(now))
            .filter(n::claimed_until.is_null().or(n::claimed_until.le(now)))
            .order((n::next_attempt_at.asc(), n::id.asc()))
            .select(n::id)
            .limit(1)
    };
    // Processes do not wait for one another: each takes the next one that is free.
    let next: Option<KeyColumn<Notice>> =
        on!(tx, sqlite: due().first(tx), pg: due().for_update().skip_locked().first(tx)).optional()?;
    let Some(KeyColumn(id)) = next else { return Ok(None) };
    let mut notice = look_up(tx, id)?;
    notice.claim(tx.now());
    let claimed = (n::attempts.eq(notice.attempts), n::claimed_until.eq(notice.claimed_until.map(MomentColumn)));
    on!(tx, diesel::update(n::table.find((organization, KeyColumn(id)))).set(claimed).execute(tx))?;
    let person = persons::look_up(tx, notice.draft.person_id)?.value.draft;
    let recipient = Recipient { email: person.email.map(|email| email.as_str().to_owned()), left_on: person.left_on };
    Ok(Some((notice, recipient)))
}
