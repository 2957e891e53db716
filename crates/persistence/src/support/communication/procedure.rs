//! How communication procedures are kept.

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Verb},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        refusal::{Code, Refusal},
        retirement::{RegisterState, Retirement},
        text::normalized,
    },
    organization::organization::Organization,
    support::communication::procedure::{CommunicationProcedure, CommunicationProcedureDraft, CommunicationSubject},
};

use self::communication_procedure as c;
use crate::{
    kernel::{
        columns::{DocumentColumn, KeyColumn, MomentColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{containing, cut, one_more},
        tx::{Tx, require_within},
    },
    on,
    organization::organization as organizations,
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    communication_procedure (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        number -> Integer,
        subject -> Text,
        content -> Document,
        retirement -> Nullable<Document>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `content` is the whole draft; what of it is searched or filtered stands beside it.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = c, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<CommunicationProcedure>,
    revision: i32,
    number: i32,
    subject: WordColumn<CommunicationSubject>,
    content: DocumentColumn<CommunicationProcedureDraft>,
    retirement: Option<DocumentColumn<Retirement>>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(procedure: &CommunicationProcedure, organization_id: KeyColumn<Organization>) -> Self {
        let CommunicationProcedure {
            id,
            revision,
            number,
            draft,
            effective_days: _,
            state: _,
            retirement,
            allowed_actions: _,
            created_at,
            updated_at,
        } = procedure;
        let search = [draft.content.as_str(), draft.internal_method.as_str(), draft.external_method.as_str()];
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            number: *number,
            subject: WordColumn(draft.subject),
            content: DocumentColumn(draft.clone()),
            retirement: retirement.clone().map(DocumentColumn),
            search: normalized(&search.join("\n")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    /// `of_reviews`: within how many days the organization tells the results of reviews.
    fn into_procedure(self, of_reviews: u8, grants: &Grants) -> CommunicationProcedure {
        let retirement = self.retirement.map(|retirement| retirement.0);
        let mut procedure = CommunicationProcedure {
            id: self.id.0,
            revision: self.revision,
            number: self.number,
            effective_days: self.content.0.days(of_reviews),
            draft: self.content.0,
            state: RegisterState::of(retirement.as_ref()),
            retirement,
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        procedure.allowed_actions = grants.open(&procedure, |within| within.all);
        procedure
    }
}

/// The series of their numbers.
pub const SERIES: &str = "communication_procedure";

/// Refuses whoever only opens communications about themselves: the rows are the secretariat's.
pub fn require_keeper(tx: &mut Tx<'_>) -> Outcome<()> {
    require_within(tx.within(Resource::Communication, Verb::Create)?.all)
}

/// Which rows are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<CommunicationProcedure>>,
    /// Whose content or method contains this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// On this.
    pub subject: Option<CommunicationSubject>,
    /// Also those that left the register.
    pub include_retired: bool,
}

/// A page of the procedure; sorts by `number` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<CommunicationProcedure>> {
    require_within(tx.within(Resource::Communication, Verb::Read)?.all)?;
    list_all(tx, filter, page)
}

fn list_all(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<CommunicationProcedure>> {
    let grants = Grants::of::<CommunicationProcedure>(tx)?;
    let of_reviews = organizations::review_terms(tx)?.communication_days;
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
            if let Some(subject) = filter.subject {
                query = query.filter(c::subject.eq(WordColumn(subject)));
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
    let procedures = rows.into_iter().map(|row| row.into_procedure(of_reviews, &grants)).collect();
    Ok(cut(procedures, page, total, |procedure: &CommunicationProcedure| match page.sort_field() {
        "updated_at" => (serde_json::json!(procedure.updated_at), procedure.id.uuid()),
        _ => (serde_json::json!(procedure.number), procedure.id.uuid()),
    }))
}

/// One row, also one that left the register.
pub fn find(tx: &mut Tx<'_>, id: Id<CommunicationProcedure>) -> Outcome<Loaded<CommunicationProcedure>> {
    let filter = Filter { id: Some(id), include_retired: true, ..Filter::default() };
    list(tx, &filter, &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// One row, whoever asks.
fn look_up(tx: &mut Tx<'_>, id: Id<CommunicationProcedure>) -> Outcome<CommunicationProcedure> {
    let filter = Filter { id: Some(id), include_retired: true, ..Filter::default() };
    list_all(tx, &filter, &PageRequest::one())?.items.pop().or_not_found()
}

/// The row that a body names, whoever asks; refused where it is not in the register.
pub(super) fn named(tx: &mut Tx<'_>, id: Id<CommunicationProcedure>) -> Outcome<CommunicationProcedure> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    let found = list_all(tx, &filter, &PageRequest::one())?.items.pop();
    found.ok_or_else(|| Refusal::field("/procedure_id", Code::UnknownReference).into())
}

/// All rows on a subject, by number, whoever asks.
pub(super) fn on_subject(tx: &mut Tx<'_>, subject: CommunicationSubject) -> Outcome<Vec<CommunicationProcedure>> {
    let filter = Filter { subject: Some(subject), ..Filter::default() };
    Ok(list_all(tx, &filter, &PageRequest::whole())?.items)
}

/// Adds a new row.
pub fn add(tx: &mut Tx<'_>, procedure: &CommunicationProcedure) -> Outcome<CommunicationProcedure> {
    let row = Row::of(procedure, tx.organization());
    on!(tx, diesel::insert_into(c::table).values(&row).execute(tx))?;
    let added = look_up(tx, procedure.id)?;
    tx.record(Resource::Communication, added.id.uuid(), None, &added)?;
    Ok(added)
}

/// Stores a changed row over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut procedure: Loaded<CommunicationProcedure>) -> Outcome<CommunicationProcedure> {
    procedure.revision += 1;
    procedure.updated_at = tx.now();
    let row = Row::of(&procedure, tx.organization());
    let read = c::table.find((row.organization_id, row.id)).filter(c::revision.eq(procedure.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = look_up(tx, procedure.id)?;
    tx.record(Resource::Communication, stored.id.uuid(), Some(&procedure.original), &stored)?;
    Ok(stored)
}
