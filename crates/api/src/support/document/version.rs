//! The versions of documents.

use actix_web::{HttpResponse, get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    access::Verb,
    kernel::{
        id::Id,
        page::Page,
        sign_off::{Approval, Because},
        transition::Stateful,
    },
    support::{
        document::{
            Document,
            version::{
                DocumentPublicationDraft, DocumentVersion, DocumentVersionAction, DocumentVersionDraft,
                DocumentVersionState,
            },
        },
        file::StoredFile,
    },
};
use mamori_persistence::{
    kernel::failure::OrNotFound,
    support::{
        document::{
            self as documents,
            version::{self as versions, Filter},
        },
        file as files,
    },
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    kernel::{
        answer::Answer,
        body::{Body, IfMatch, Patch},
        permit::{
            Permit,
            verbs::{Approve, Create, Execute, Read, Submit, Update},
        },
        problem::Problem,
        query::{InPath, Paging, Path, Query, ValidateOnly},
    },
    support::file::{FileQuery, Incoming, deliver},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_document_versions)
        .service(begin_document_version)
        .service(get_document_version)
        .service(revise_document_version)
        .service(attach_document_file)
        .service(get_document_file)
        .service(submit_document_version)
        .service(approve_document_version)
        .service(return_document_version)
        .service(publish_document_version);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DocumentVersionQuery {
    /// Of this document.
    #[param(value_type = Option<uuid::Uuid>)]
    document: Option<Id<Document>>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// In this state.
    #[param(inline)]
    state: Option<DocumentVersionState>,
    /// The order.
    #[param(pattern = "^-?(version|updated_at)$", default = "version")]
    sort: Option<String>,
}

/// List versions of documents
///
/// Who works here without a role sees those that hold; obsolete ones are seen by the document controller and by auditors
/// alone (§5.4).
#[utoipa::path(tag = "support", params(Paging, DocumentVersionQuery),
    responses((status = 200, description = "A page of versions.", body = Page<DocumentVersion>)),
    security(("bearer" = ["document:read"])))]
#[get("/v1/document-versions")]
async fn list_document_versions(
    permit: Permit<Read, DocumentVersion>,
    paging: Paging,
    query: Query<DocumentVersionQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "version")?;
    let DocumentVersionQuery { document, updated_since, state, sort: _ } = query.0;
    let filter = Filter { document, updated_since, state, ..Filter::default() };
    permit.read(move |tx| Answer::ok(&versions::list(tx, &filter, &page)?)).await
}

/// Begin a version of a document
///
/// The first, or the next one beside the one that holds; a document has one version on its way at most.
#[utoipa::path(tag = "support", params(ValidateOnly), request_body = DocumentVersionDraft,
    responses((status = 201, description = "The draft.", body = DocumentVersion)),
    security(("bearer" = ["document:create"])))]
#[post("/v1/document-versions")]
async fn begin_document_version(
    permit: Permit<Create, DocumentVersion>,
    draft: Body<DocumentVersionDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let (document, number) = versions::next(tx, draft.0.document_id)?;
            let new = DocumentVersion::begin(draft.0.clone(), &document, number, tx.signature(None)?, tx.now());
            let new = versions::add(tx, &new)?;
            Answer::created(&new, format!("/v1/document-versions/{}", new.id))
        })
        .await
}

/// Get a version of a document
///
/// With what is known of its file; the file itself is at `/file`.
#[utoipa::path(tag = "support", params(InPath),
    responses((status = 200, description = "The version.", body = DocumentVersion)),
    security(("bearer" = ["document:read"])))]
#[get("/v1/document-versions/{id}")]
async fn get_document_version(
    permit: Permit<Read, DocumentVersion>,
    id: Path<DocumentVersion>,
) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&versions::find(tx, *id)?.value)).await
}

/// Revise a version of a document
///
/// Only before it is handed in, or after it was returned (SD-12). Whoever wrote last is its author.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly),
    request_body(content = DocumentVersionDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The draft.", body = DocumentVersion)),
    security(("bearer" = ["document:update"])))]
#[patch("/v1/document-versions/{id}")]
async fn revise_document_version(
    permit: Permit<Update, DocumentVersion>,
    id: Path<DocumentVersion>,
    read: IfMatch,
    patch: Patch<DocumentVersionDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut version = versions::find_for(tx, *id, Verb::Update)?;
            read.check(&version)?;
            let draft = patch.apply(&version.draft)?;
            version.revise(draft, tx.signature(None)?)?;
            Answer::record(&versions::store(tx, version)?)
        })
        .await
}

/// Attach a file to a version of a document
///
/// The raw bytes, in the place of the file that the draft had; what they are is checked against `Content-Type`. Nothing
/// that a browser would run is taken.
#[utoipa::path(tag = "support", params(InPath, IfMatch, FileQuery),
    request_body(content = Vec<u8>, description = "The file."),
    responses((status = 200, description = "The draft.", body = DocumentVersion)),
    security(("bearer" = ["document:update"])))]
#[post("/v1/document-versions/{id}/file")]
async fn attach_document_file(
    permit: Permit<Update, DocumentVersion>,
    id: Path<DocumentVersion>,
    read: IfMatch,
    incoming: Incoming,
) -> Result<Answer, Problem> {
    // Nothing is stored for who may not write here.
    permit.read(move |tx| versions::find_for(tx, *id, Verb::Update).map(|_| ())).await?;
    let name = incoming.name.clone();
    let content = incoming.store(&permit).await?;
    permit
        .having_received(&content.sha256)
        .transact(move |tx| {
            let mut version = versions::find_for(tx, *id, Verb::Update)?;
            read.check(&version)?;
            let file = StoredFile::new(&name, content.clone(), tx.now());
            files::add(tx, &file)?;
            version.attach(file, tx.signature(None)?)?;
            Answer::record(&versions::store(tx, version)?)
        })
        .await
}

/// Get the file of a version of a document
///
/// For whoever may read the version; to be saved, not to be shown.
#[utoipa::path(tag = "support", params(InPath),
    responses((status = 200, description = "The file.", body = Vec<u8>)),
    security(("bearer" = ["document:read"])))]
#[get("/v1/document-versions/{id}/file")]
async fn get_document_file(
    permit: Permit<Read, DocumentVersion>,
    id: Path<DocumentVersion>,
) -> Result<HttpResponse, Problem> {
    let file = permit.read(move |tx| versions::find(tx, *id)?.value.file.or_not_found()).await?;
    deliver(&permit, &file).await
}

/// Submit a version of a document
///
/// Hands it in for approval. It needs a file, or a place where its text lies.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The version.", body = DocumentVersion)),
    security(("bearer" = ["document:submit"])))]
#[post("/v1/document-versions/{id}/submission")]
async fn submit_document_version(
    permit: Permit<Submit, DocumentVersion>,
    id: Path<DocumentVersion>,
    read: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut version = versions::find_for(tx, *id, Verb::Submit)?;
            read.check(&version)?;
            version.submit(tx.signature(None)?)?;
            Answer::record(&versions::store(tx, version)?)
        })
        .await
}

/// Approve a version of a document
///
/// Top management approves basic documents, the chair all others, and nobody what they wrote themselves (SD-1, DOC-3).
/// It then waits to be published.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Approval,
    responses((status = 200, description = "The version.", body = DocumentVersion)),
    security(("bearer" = ["document:approve"])))]
#[post("/v1/document-versions/{id}/approval")]
async fn approve_document_version(
    permit: Permit<Approve, DocumentVersion>,
    id: Path<DocumentVersion>,
    read: IfMatch,
    approval: Body<Approval>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut version = versions::find_for(tx, *id, Verb::Approve)?;
            read.check(&version)?;
            version.guard(DocumentVersionAction::Approve)?;
            let approvers = documents::approvers(tx, version.document.kind)?;
            let (by, alone) = approvers.sign(tx, version.author(), &approval.0)?;
            version.approve(by, alone)?;
            Answer::record(&versions::store(tx, version)?)
        })
        .await
}

/// Return a version of a document
///
/// Gives a submitted version back to its author.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The draft.", body = DocumentVersion)),
    security(("bearer" = ["document:approve"])))]
#[post("/v1/document-versions/{id}/return")]
async fn return_document_version(
    permit: Permit<Approve, DocumentVersion>,
    id: Path<DocumentVersion>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut version = versions::find_for(tx, *id, Verb::Approve)?;
            read.check(&version)?;
            version.send_back(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?;
            Answer::record(&versions::store(tx, version)?)
        })
        .await
}

/// Publish a version of a document
///
/// From now on it holds, and the one before is obsolete (DOC-4). The document controller publishes; the chair while that
/// seat is empty, top management while both are.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = DocumentPublicationDraft,
    responses((status = 200, description = "The version that holds.", body = DocumentVersion)),
    security(("bearer" = ["document:execute"])))]
#[post("/v1/document-versions/{id}/publication")]
async fn publish_document_version(
    permit: Permit<Execute, DocumentVersion>,
    id: Path<DocumentVersion>,
    read: IfMatch,
    publication: Body<DocumentPublicationDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut version = versions::find_for(tx, *id, Verb::Execute)?;
            read.check(&version)?;
            version.guard(DocumentVersionAction::Publish)?;
            let role = documents::controller(tx)?;
            version.publish(publication.0.clone(), tx.signature_as(role, None)?, tx.today())?;
            Answer::record(&versions::publish(tx, version)?)
        })
        .await
}
