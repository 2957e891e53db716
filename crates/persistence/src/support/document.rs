//! How the register of documents is kept.

pub mod version;

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Role, Standing, Verb, approval},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        text::normalized,
    },
    organization::{department::Department, organization::Organization, person::Person},
    support::document::{
        Document, DocumentAction, DocumentDraft, DocumentKind, DocumentReview, DocumentState, DocumentWithdrawal,
        PublishedVersion,
        version::{DocumentPublication, DocumentVersion, DocumentVersionState},
    },
};

use self::{document as doc, version::document_version as v};
use super::file::{self, stored_file as f};
use crate::{
    kernel::{
        among::AmongExt,
        columns::{DocumentColumn, KeyColumn, MomentColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{containing, cut, one_more},
        tx::{Tx, Within, require_within},
    },
    leadership::appointment::{Approvers, holders},
    on,
    organization::department::department as dep,
    planning::reference,
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    document (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        kind -> Text,
        serial -> Integer,
        ordinal -> Text,
        title -> Text,
        department_id -> Nullable<Key>,
        content -> Document,
        state -> Text,
        next_review_on -> Nullable<Date>,
        reviews -> Document,
        withdrawal -> Nullable<Document>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `content` is the whole draft; what of it is searched, filtered, sorted or joined stands beside it. `ordinal` orders by
/// number, external documents last.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = doc, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<Document>,
    revision: i32,
    kind: WordColumn<DocumentKind>,
    serial: i32,
    ordinal: String,
    title: String,
    department_id: Option<KeyColumn<Department>>,
    content: DocumentColumn<DocumentDraft>,
    state: WordColumn<DocumentState>,
    next_review_on: Option<chrono::NaiveDate>,
    reviews: DocumentColumn<Vec<DocumentReview>>,
    withdrawal: Option<DocumentColumn<DocumentWithdrawal>>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

/// What is joined to a row: the department's name, the published version and its file.
type Joined = (
    Option<String>,
    Option<(KeyColumn<DocumentVersion>, i32, Option<DocumentColumn<DocumentPublication>>)>,
    Option<file::Row>,
);

/// Where a document stands among all.
fn ordinal(document: &Document) -> String {
    format!("{}{:06}", document.draft.kind.letter().unwrap_or('Z'), document.serial)
}

impl Row {
    fn of(document: &Document, organization_id: KeyColumn<Organization>) -> Self {
        let Document {
            id,
            revision,
            serial,
            number,
            draft,
            department: _,
            state,
            published: _,
            next_review_on,
            review_due: _,
            reviews,
            withdrawal,
            allowed_actions: _,
            created_at,
            updated_at,
        } = document;
        let issuer = draft.issuer.as_ref().map(|issuer| issuer.as_str());
        let search = [number.as_deref(), Some(draft.title.as_str()), issuer, Some(draft.remarks.as_str())];
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            kind: WordColumn(draft.kind),
            serial: *serial,
            ordinal: ordinal(document),
            title: draft.title.as_str().to_owned(),
            department_id: draft.department_id.map(KeyColumn),
            content: DocumentColumn(draft.clone()),
            state: WordColumn(*state),
            next_review_on: *next_review_on,
            reviews: DocumentColumn(reviews.clone()),
            withdrawal: withdrawal.clone().map(DocumentColumn),
            search: normalized(&search.into_iter().flatten().collect::<Vec<_>>().join("\n")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_document(self, joined: Joined, today: chrono::NaiveDate) -> Document {
        let (department, published, file) = joined;
        let published = published.and_then(|(id, version, publication)| {
            let issued_on = publication?.0.draft.issued_on;
            Some(PublishedVersion { id: id.0, version, issued_on, file: file.map(file::Row::into_file) })
        });
        let draft = self.content.0;
        let mut document = Document {
            id: self.id.0,
            revision: self.revision,
            serial: self.serial,
            number: draft.kind.number(self.serial),
            draft,
            department: self.department_id.zip(department).map(|(id, name)| Reference::new(id.0, name)),
            state: self.state.0,
            published,
            next_review_on: self.next_review_on,
            // What `derive` makes of the rest.
            review_due: false,
            reviews: self.reviews.0,
            withdrawal: self.withdrawal.map(|withdrawal| withdrawal.0),
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        document.derive(today);
        document
    }
}

/// The seats that decide about documents, as the caller stands to them.
pub(super) struct Seats {
    /// The caller does what the document controller does.
    pub controls: bool,
    top: Approvers,
    chair: Approvers,
}

impl Seats {
    pub(super) fn of_caller(tx: &mut Tx<'_>) -> Outcome<Self> {
        Ok(Self {
            controls: controller(tx).is_ok(),
            top: Approvers::along(tx, "SD-1", Role::TopManagement)?,
            chair: Approvers::along(tx, "SD-1", Role::SecurityCommitteeChair)?,
        })
    }

    /// Whether the duty lets the caller approve what `preparer` prepared.
    pub(super) fn may_approve(&self, kind: DocumentKind, caller: &Standing, preparer: Id<Person>) -> bool {
        let approvers = if kind.approver() == Role::TopManagement { &self.top } else { &self.chair };
        approvers.may_approve(caller, preparer)
    }
}

/// Who approves documents of this kind, and their withdrawal (§4.2).
pub fn approvers(tx: &mut Tx<'_>, kind: DocumentKind) -> Outcome<Approvers> {
    Approvers::along(tx, "SD-1", kind.approver())
}

/// In which role the caller publishes and withdraws; refused naming who may.
pub fn controller(tx: &mut Tx<'_>) -> Outcome<Role> {
    let holders = holders(tx, &Document::controlling())?;
    Ok(approval::acting("7.5.3", Role::DocumentController, &holders, tx.standing())?)
}

/// Whether its department makes a document lie within.
fn covers(within: &Within, department: Option<Id<Department>>) -> bool {
    within.covers(department, None, None)
}

/// The steps of a document that are open to the caller.
fn open_to(document: &Document, grants: &Grants, seats: &Seats, caller: &Standing) -> Vec<DocumentAction> {
    let mut open = grants.open(document, |within| covers(within, document.draft.department_id));
    open.retain(|action| match action {
        DocumentAction::Withdraw => seats.controls,
        DocumentAction::ApproveWithdrawal => {
            let preparer = document.withdrawal_preparer();
            preparer.is_ok_and(|preparer| seats.may_approve(document.draft.kind, caller, preparer))
        }
        DocumentAction::Revise | DocumentAction::Review | DocumentAction::ReturnWithdrawal => true,
    });
    open
}

/// Which documents are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<Document>>,
    /// Whose number, title, issuer or remarks contain this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// Of this kind.
    pub kind: Option<DocumentKind>,
    /// In this state.
    pub state: Option<DocumentState>,
    /// Of this department.
    pub department: Option<Id<Department>>,
    /// Whether their review is due.
    pub review_due: Option<bool>,
}

/// A page of documents that the caller may read; sorts by `number`, `title` and `updated_at`. Who reads only what is
/// published sees the documents that hold (§4.2).
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<Document>> {
    let within = tx.within(Resource::Document, Verb::Read)?;
    list_within(tx, filter, page, &within)
}

fn list_within(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest, within: &Within) -> Outcome<Page<Document>> {
    let (grants, seats) = (Grants::of::<Document>(tx)?, Seats::of_caller(tx)?);
    let (organization, today) = (tx.organization(), tx.today());
    let holds = WordColumn(DocumentState::Published);
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query =
                doc::table
                    .left_join(dep::table.on(
                        dep::organization_id.eq(doc::organization_id).and(dep::id.nullable().eq(doc::department_id)),
                    ))
                    .left_join(
                        v::table.on(v::organization_id
                            .eq(doc::organization_id)
                            .and(v::document_id.eq(doc::id))
                            .and(v::state.eq(WordColumn(DocumentVersionState::Published)))),
                    )
                    .left_join(
                        f::table.on(f::organization_id.eq(doc::organization_id).and(f::id.nullable().eq(v::file_id))),
                    )
                    .filter(doc::organization_id.eq(organization))
                    .into_boxed::<Db>();
            if !within.all {
                let department = doc::department_id.among(&within.departments);
                query = match within.published {
                    true => query.filter(department.or(v::id.is_not_null())),
                    false => query.filter(department),
                };
            }
            if let Some(id) = filter.id {
                query = query.filter(doc::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(doc::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(doc::updated_at.ge(MomentColumn(since)));
            }
            if let Some(kind) = filter.kind {
                query = query.filter(doc::kind.eq(WordColumn(kind)));
            }
            if let Some(state) = filter.state {
                query = query.filter(doc::state.eq(WordColumn(state)));
            }
            if let Some(department) = filter.department {
                query = query.filter(doc::department_id.eq(KeyColumn(department)));
            }
            match filter.review_due {
                None => query,
                Some(true) => query.filter(doc::next_review_on.le(today)).filter(doc::state.eq(holds)),
                Some(false) => query.filter(
                    doc::next_review_on
                        .is_null()
                        .or(doc::next_review_on.gt(today).assume_not_null())
                        .or(doc::state.ne(holds)),
                ),
            }
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "title" => sorted!(filtered(), page, doc::title, doc::id, String),
            "updated_at" => sorted!(filtered(), page, doc::updated_at, doc::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, doc::ordinal, doc::id, String),
        };
        let published = (v::id, v::version, v::publication).nullable();
        let columns = (Row::as_select(), (dep::name.nullable(), published, Option::<file::Row>::as_select()));
        let rows: Vec<(Row, Joined)> = query.limit(one_more(page)).select(columns).load(tx)?;
        (rows, total)
    });
    let documents = rows
        .into_iter()
        .map(|(row, joined)| {
            let mut document = row.into_document(joined, today);
            document.allowed_actions = open_to(&document, &grants, &seats, tx.standing());
            document
        })
        .collect();
    Ok(cut(documents, page, total, |document: &Document| match page.sort_field() {
        "title" => (serde_json::json!(document.draft.title), document.id.uuid()),
        "updated_at" => (serde_json::json!(document.updated_at), document.id.uuid()),
        _ => (serde_json::json!(ordinal(document)), document.id.uuid()),
    }))
}

/// One document that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<Document>) -> Outcome<Loaded<Document>> {
    let within = tx.within(Resource::Document, Verb::Read)?;
    find_within(tx, id, &within)
}

/// One document that the caller may read, to do `verb` to it: refused where it lies outside what the caller may do that
/// to.
pub fn find_for(tx: &mut Tx<'_>, id: Id<Document>, verb: Verb) -> Outcome<Loaded<Document>> {
    let document = find(tx, id)?;
    let within = tx.within(Resource::Document, verb)?;
    require_within(covers(&within, document.draft.department_id))?;
    Ok(document)
}

/// One document, whoever asks.
fn look_up(tx: &mut Tx<'_>, id: Id<Document>) -> Outcome<Document> {
    Ok(find_within(tx, id, &Within::everything())?.value)
}

fn find_within(tx: &mut Tx<'_>, id: Id<Document>, within: &Within) -> Outcome<Loaded<Document>> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list_within(tx, &filter, &PageRequest::one(), within)?.items.pop().or_not_found().map(Loaded::new)
}

/// Adds a new document.
pub fn add(tx: &mut Tx<'_>, document: &Document) -> Outcome<Document> {
    let within = tx.within(Resource::Document, Verb::Create)?;
    require_within(covers(&within, document.draft.department_id))?;
    check_department(tx, &document.draft, None)?;
    let row = Row::of(document, tx.organization());
    on!(tx, diesel::insert_into(doc::table).values(&row).execute(tx))?;
    let document = look_up(tx, document.id)?;
    tx.record(Resource::Document, document.id.uuid(), None, &document)?;
    Ok(document)
}

/// Stores a changed document over the revision it was read at. What was written anew must lie within what the caller may
/// write.
pub fn store(tx: &mut Tx<'_>, mut document: Loaded<Document>) -> Outcome<Document> {
    if document.draft != document.original.draft {
        let within = tx.within(Resource::Document, Verb::Update)?;
        require_within(covers(&within, document.draft.department_id))?;
        check_department(tx, &document.draft, Some(&document.original.draft))?;
    }
    document.revision += 1;
    document.updated_at = tx.now();
    let row = Row::of(&document, tx.organization());
    let read = doc::table.find((row.organization_id, row.id)).filter(doc::revision.eq(document.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = look_up(tx, document.id)?;
    tx.record(Resource::Document, stored.id.uuid(), Some(&document.original), &stored)?;
    Ok(stored)
}

/// Stores a document whose withdrawal was approved; what was still open or held of its versions is obsolete now.
pub fn withdraw(tx: &mut Tx<'_>, document: Loaded<Document>) -> Outcome<Document> {
    version::end_all(tx, document.id)?;
    store(tx, document)
}

/// The department that a draft names must be there. The one that it named before stays, whatever became of it.
fn check_department(tx: &mut Tx<'_>, draft: &DocumentDraft, before: Option<&DocumentDraft>) -> Outcome<()> {
    match draft.department_id {
        Some(department) if before.is_none_or(|before| before.department_id != Some(department)) => {
            reference::department(tx, department, "/department_id")
        }
        _ => Ok(()),
    }
}
