//! How the versions of documents are kept.

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Role, Standing, Verb},
    kernel::{
        date::date_in,
        id::Id,
        page::{Page, PageRequest},
        refusal::{Code, Refusal},
        sign_off::SignOff,
    },
    organization::{department::Department, organization::Organization},
    support::{
        disposal::DisposalItem,
        document::{
            Document, DocumentDraft, DocumentKind, DocumentState,
            version::{
                DocumentPublication, DocumentVersion, DocumentVersionAction, DocumentVersionDraft,
                DocumentVersionState, VersionedDocument,
            },
        },
        file::StoredFile,
        retention_rule::kept_until,
    },
};

use self::document_version as v;
use super::{Seats, covers, document as doc, find_for as find_document};
use crate::{
    kernel::{
        among::AmongExt,
        columns::{DocumentColumn, KeyColumn, MomentColumn, WordColumn},
        failure::{Failure, OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{cut, one_more},
        tx::{Tx, Within, require_within},
    },
    on, sorted,
    support::file::{self, stored_file as f},
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    document_version (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        document_id -> Key,
        revision -> Integer,
        version -> Integer,
        content -> Document,
        title -> Nullable<Text>,
        file_id -> Nullable<Key>,
        state -> Text,
        sign_off -> Document,
        publication -> Nullable<Document>,
        obsolete_at -> Nullable<Moment>,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `content` is the whole draft; `title` is kept from the submission on.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = v, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<DocumentVersion>,
    document_id: KeyColumn<Document>,
    revision: i32,
    version: i32,
    content: DocumentColumn<DocumentVersionDraft>,
    title: Option<String>,
    file_id: Option<KeyColumn<StoredFile>>,
    state: WordColumn<DocumentVersionState>,
    sign_off: DocumentColumn<SignOff>,
    publication: Option<DocumentColumn<DocumentPublication>>,
    obsolete_at: Option<MomentColumn>,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

/// Kind, place, title and department of the document.
type DocumentRow = (WordColumn<DocumentKind>, i32, String, Option<KeyColumn<Department>>);

impl Row {
    fn of(version: &DocumentVersion, organization_id: KeyColumn<Organization>) -> Self {
        let DocumentVersion {
            id,
            revision,
            version: number,
            draft,
            document: _,
            title,
            state,
            sign_off,
            file,
            publication,
            obsolete_at,
            allowed_actions: _,
            created_at,
            updated_at,
        } = version;
        Self {
            organization_id,
            id: KeyColumn(*id),
            document_id: KeyColumn(draft.document_id),
            revision: *revision,
            version: *number,
            content: DocumentColumn(draft.clone()),
            title: (*state != DocumentVersionState::Draft).then(|| title.clone()),
            file_id: file.as_ref().map(|file| KeyColumn(file.id)),
            state: WordColumn(*state),
            sign_off: DocumentColumn(sign_off.clone()),
            publication: publication.clone().map(DocumentColumn),
            obsolete_at: obsolete_at.map(MomentColumn),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_version(self, (kind, serial, title, department): DocumentRow, file: Option<file::Row>) -> DocumentVersion {
        let document = VersionedDocument {
            number: kind.0.number(serial),
            kind: kind.0,
            title,
            department_id: department.map(|id| id.0),
        };
        DocumentVersion {
            id: self.id.0,
            revision: self.revision,
            version: self.version,
            draft: self.content.0,
            title: self.title.unwrap_or_else(|| document.title.clone()),
            document,
            state: self.state.0,
            sign_off: self.sign_off.0,
            file: file.map(file::Row::into_file),
            publication: self.publication.map(|publication| publication.0),
            obsolete_at: self.obsolete_at.map(|at| at.0),
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        }
    }
}

/// The steps of a version that are open to the caller.
fn open_to(version: &DocumentVersion, grants: &Grants, seats: &Seats, caller: &Standing) -> Vec<DocumentVersionAction> {
    let mut open = grants.open(version, |within| covers(within, version.document.department_id));
    open.retain(|action| match action {
        DocumentVersionAction::Approve => seats.may_approve(version.document.kind, caller, version.author()),
        DocumentVersionAction::Publish => seats.controls,
        DocumentVersionAction::Revise | DocumentVersionAction::Submit | DocumentVersionAction::Return => true,
    });
    open
}

/// Which versions are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<DocumentVersion>>,
    /// Of this document.
    pub document: Option<Id<Document>>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// In this state.
    pub state: Option<DocumentVersionState>,
    /// Without those that hold no more.
    pub without_obsolete: bool,
    /// Only those that are on their way: not yet published.
    pub on_its_way: bool,
}

/// Which versions the caller may read.
struct Readable {
    within: Within,
    obsolete: bool,
}

/// All versions, whoever asks.
const EVERYTHING: Readable = Readable {
    within: Within {
        all: true,
        departments: Vec::new(),
        persons: Vec::new(),
        positions: Vec::new(),
        own: Vec::new(),
        published: false,
        audits: Vec::new(),
    },
    obsolete: true,
};

/// A page of versions that the caller may read; sorts by `version` and `updated_at`. Who reads only what is published sees
/// the versions that hold; obsolete ones are read by the document controller and by auditors alone (§5.4).
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<DocumentVersion>> {
    let readable = readable(tx)?;
    list_in(tx, filter, page, &readable)
}

fn readable(tx: &mut Tx<'_>) -> Outcome<Readable> {
    let within = tx.within(Resource::Document, Verb::Read)?;
    let audits = [Role::InternalAuditManager, Role::InternalAuditor].into_iter().any(|role| tx.standing().holds(role));
    Ok(Readable { within, obsolete: audits || super::controller(tx).is_ok() })
}

fn list_in(
    tx: &mut Tx<'_>,
    filter: &Filter,
    page: &PageRequest,
    readable: &Readable,
) -> Outcome<Page<DocumentVersion>> {
    let (grants, seats) = (Grants::of::<DocumentVersion>(tx)?, Seats::of_caller(tx)?);
    let organization = tx.organization();
    let published = WordColumn(DocumentVersionState::Published);
    let obsolete = WordColumn(DocumentVersionState::Obsolete);
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = v::table
                .inner_join(doc::table.on(doc::organization_id.eq(v::organization_id).and(doc::id.eq(v::document_id))))
                .left_join(f::table.on(f::organization_id.eq(v::organization_id).and(f::id.nullable().eq(v::file_id))))
                .filter(v::organization_id.eq(organization))
                .into_boxed::<Db>();
            let within = &readable.within;
            if !within.all {
                let department = doc::department_id.among(&within.departments);
                query = match within.published {
                    true => query.filter(department.or(v::state.eq(published))),
                    false => query.filter(department),
                };
            }
            if filter.without_obsolete || !readable.obsolete {
                query = query.filter(v::state.ne(obsolete));
            }
            if filter.on_its_way {
                query = query.filter(v::state.ne(published)).filter(v::state.ne(obsolete));
            }
            if let Some(id) = filter.id {
                query = query.filter(v::id.eq(KeyColumn(id)));
            }
            if let Some(document) = filter.document {
                query = query.filter(v::document_id.eq(KeyColumn(document)));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(v::updated_at.ge(MomentColumn(since)));
            }
            if let Some(state) = filter.state {
                query = query.filter(v::state.eq(WordColumn(state)));
            }
            query
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, v::updated_at, v::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, v::version, v::id, i32),
        };
        let document = (doc::kind, doc::serial, doc::title, doc::department_id);
        let columns = (Row::as_select(), document, Option::<file::Row>::as_select());
        let rows: Vec<(Row, DocumentRow, Option<file::Row>)> = query.limit(one_more(page)).select(columns).load(tx)?;
        (rows, total)
    });
    let versions = rows
        .into_iter()
        .map(|(row, document, file)| {
            let mut version = row.into_version(document, file);
            version.allowed_actions = open_to(&version, &grants, &seats, tx.standing());
            version
        })
        .collect();
    Ok(cut(versions, page, total, |version: &DocumentVersion| match page.sort_field() {
        "updated_at" => (serde_json::json!(version.updated_at), version.id.uuid()),
        _ => (serde_json::json!(version.version), version.id.uuid()),
    }))
}

/// One version that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<DocumentVersion>) -> Outcome<Loaded<DocumentVersion>> {
    let readable = readable(tx)?;
    find_in(tx, id, &readable).map(Loaded::new)
}

/// One version that the caller may read, to do `verb` to it: refused where its document lies outside what the caller may
/// do that to.
pub fn find_for(tx: &mut Tx<'_>, id: Id<DocumentVersion>, verb: Verb) -> Outcome<Loaded<DocumentVersion>> {
    let version = find(tx, id)?;
    let within = tx.within(Resource::Document, verb)?;
    require_within(covers(&within, version.document.department_id))?;
    Ok(version)
}

fn find_in(tx: &mut Tx<'_>, id: Id<DocumentVersion>, readable: &Readable) -> Outcome<DocumentVersion> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list_in(tx, &filter, &PageRequest::one(), readable)?.items.pop().or_not_found()
}

/// The document that a new version is to be of, and the number of that version. Refused where the document holds no more
/// or has a version on its way.
pub fn next(tx: &mut Tx<'_>, document: Id<Document>) -> Outcome<(Document, i32)> {
    let document = match find_document(tx, document, Verb::Create) {
        Ok(document) => document.value,
        Err(Failure::Refused(refusal)) if refusal.code == Code::NotFound => {
            return Err(Refusal::field("/document_id", Code::UnknownReference).into());
        }
        Err(failure) => return Err(failure),
    };
    if !matches!(document.state, DocumentState::InPreparation | DocumentState::Published) {
        return Err(Refusal::wrong_state(document.state).into());
    }
    let all =
        v::table.filter(v::organization_id.eq(tx.organization())).filter(v::document_id.eq(KeyColumn(document.id)));
    let last: Option<i32> = on!(tx, all.select(diesel::dsl::max(v::version)).get_result(tx))?;
    let published = WordColumn(DocumentVersionState::Published);
    let obsolete = WordColumn(DocumentVersionState::Obsolete);
    let on_its_way = all.filter(v::state.ne(published)).filter(v::state.ne(obsolete));
    let on_its_way: i64 = on!(tx, on_its_way.count().get_result(tx))?;
    match on_its_way {
        0 => Ok((document, last.unwrap_or_default() + 1)),
        _ => Err(Refusal::new(Code::AlreadyExists).with("field", "/document_id").into()),
    }
}

/// Adds a new version.
pub fn add(tx: &mut Tx<'_>, version: &DocumentVersion) -> Outcome<DocumentVersion> {
    let row = Row::of(version, tx.organization());
    on!(tx, diesel::insert_into(v::table).values(&row).execute(tx))?;
    let version = find_in(tx, version.id, &EVERYTHING)?;
    tx.record(Resource::Document, version.id.uuid(), None, &version)?;
    Ok(version)
}

/// Stores a changed version over the revision it was read at; one that is published goes through [`publish`].
pub fn store(tx: &mut Tx<'_>, mut version: Loaded<DocumentVersion>) -> Outcome<DocumentVersion> {
    version.revision += 1;
    version.updated_at = tx.now();
    let row = Row::of(&version, tx.organization());
    let read = v::table.find((row.organization_id, row.id)).filter(v::revision.eq(version.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = find_in(tx, version.id, &EVERYTHING)?;
    tx.record(Resource::Document, stored.id.uuid(), Some(&version.original), &stored)?;
    Ok(stored)
}

/// Stores a published version in the place of the one that held before, where there is one (DOC-4), and tells its document
/// by when it is to be reviewed.
pub fn publish(tx: &mut Tx<'_>, version: Loaded<DocumentVersion>) -> Outcome<DocumentVersion> {
    let document = version.draft.document_id;
    let next_review_on = version.publication.as_ref().map(|publication| publication.draft.next_review_on);
    let held = Filter { document: Some(document), state: Some(DocumentVersionState::Published), ..Filter::default() };
    end(tx, &held)?;
    let stored = store(tx, version)?;
    let mut document = Loaded::new(super::look_up(tx, document)?);
    if let Some(next_review_on) = next_review_on {
        document.publish(next_review_on);
    }
    super::store(tx, document)?;
    Ok(stored)
}

/// Ends every version of a document that is not obsolete yet.
pub(super) fn end_all(tx: &mut Tx<'_>, document: Id<Document>) -> Outcome<()> {
    end(tx, &Filter { document: Some(document), without_obsolete: true, ..Filter::default() })
}

fn end(tx: &mut Tx<'_>, filter: &Filter) -> Outcome<()> {
    let page = PageRequest { limit: PageRequest::MAX_LIMIT, ..PageRequest::one() };
    for version in list_in(tx, filter, &page, &EVERYTHING)?.items {
        let mut version = Loaded::new(version);
        version.end(tx.now());
        store(tx, version)?;
    }
    Ok(())
}

/// An obsolete version: its number, since when, and what its document says.
type Obsolete = (KeyColumn<DocumentVersion>, i32, Option<MomentColumn>, DocumentColumn<DocumentDraft>);

/// Obsolete versions whose file was kept long enough, as their document says or, where it does not, for `years`; the first
/// that became obsolete first.
pub(in super::super) fn kept_beyond(tx: &mut Tx<'_>, years: Option<i32>) -> Outcome<Vec<DisposalItem>> {
    let (organization, today, time_zone) = (tx.organization(), tx.today(), tx.context().time_zone);
    let obsolete = WordColumn(DocumentVersionState::Obsolete);
    let found: Vec<Obsolete> = on!(
        tx,
        v::table
            .inner_join(doc::table.on(doc::organization_id.eq(v::organization_id).and(doc::id.eq(v::document_id))))
            .inner_join(f::table.on(f::organization_id.eq(v::organization_id).and(f::id.nullable().eq(v::file_id))))
            .filter(v::organization_id.eq(organization))
            .filter(v::state.eq(obsolete))
            .filter(f::erased_at.is_null())
            .order((v::obsolete_at.asc(), v::id.asc()))
            .select((v::id, v::version, v::obsolete_at, doc::content))
            .load(tx)
    )?;
    let due = found.into_iter().filter_map(|(id, version, obsolete_at, document)| {
        let ended = date_in(time_zone, obsolete_at?.0);
        let kept_until = kept_until(ended, document.0.retention_years.or(years)?);
        (kept_until <= today).then(|| DisposalItem {
            record_id: id.0.uuid(),
            path: format!("/v1/document-versions/{}", id.0),
            title: format!("{} ({version})", document.0.title),
            kept_until: Some(kept_until),
        })
    });
    Ok(due.collect())
}

/// Erases the file of a version; that there was one, and which, stays.
pub(in super::super) fn erase_file(tx: &mut Tx<'_>, id: Id<DocumentVersion>) -> Outcome<()> {
    let version = find_in(tx, id, &EVERYTHING)?;
    if let Some(erased) = &version.file {
        file::erase(tx, erased.id)?;
    }
    store(tx, Loaded::new(version))?;
    Ok(())
}
