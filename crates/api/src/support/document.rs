//! Documented information: the register of documents.

pub mod version;

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    access::Verb,
    kernel::{
        id::Id,
        page::Page,
        sign_off::{Approval, Because},
        transition::Stateful,
    },
    organization::department::Department,
    support::document::{Document, DocumentAction, DocumentDraft, DocumentKind, DocumentReviewDraft, DocumentState},
};
use mamori_persistence::{
    organization::organization as organizations,
    support::document::{self as documents, Filter},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch, Patch},
    permit::{
        Permit,
        verbs::{Approve, Create, Execute, Read, Update},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_documents)
        .service(register_document)
        .service(get_document)
        .service(revise_document)
        .service(review_document)
        .service(withdraw_document)
        .service(approve_document_withdrawal)
        .service(return_document_withdrawal);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DocumentQuery {
    /// Text in number, title, issuer or remarks.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// Of this kind.
    #[param(inline)]
    kind: Option<DocumentKind>,
    /// In this state.
    #[param(inline)]
    state: Option<DocumentState>,
    /// Of this department.
    #[param(value_type = Option<uuid::Uuid>)]
    department: Option<Id<Department>>,
    /// Only documents whose review is due, or only others.
    review_due: Option<bool>,
    /// The order.
    #[param(pattern = "^-?(number|title|updated_at)$", default = "number")]
    sort: Option<String>,
}

/// List documents
///
/// The register of documented information (D31, 7.5). Who works here without a role sees the documents that hold; a
/// department manager those of the own departments too.
#[utoipa::path(tag = "support", params(Paging, DocumentQuery),
    responses((status = 200, description = "A page of documents.", body = Page<Document>)),
    security(("bearer" = ["document:read"])))]
#[get("/v1/documents")]
async fn list_documents(
    permit: Permit<Read, Document>,
    paging: Paging,
    query: Query<DocumentQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "number")?;
    let DocumentQuery { q, updated_since, kind, state, department, review_due, sort: _ } = query.0;
    let filter = Filter { id: None, q, updated_since, kind, state, department, review_due };
    permit.read(move |tx| Answer::ok(&documents::list(tx, &filter, &page)?)).await
}

/// Register a document
///
/// Gives it the next number of its kind (`A-01`, `B-01`, `C-01`, `D-01`); external documents have none. What it says comes
/// with its versions.
#[utoipa::path(tag = "support", params(ValidateOnly), request_body = DocumentDraft,
    responses((status = 201, description = "The document.", body = Document)),
    security(("bearer" = ["document:create"])))]
#[post("/v1/documents")]
async fn register_document(permit: Permit<Create, Document>, draft: Body<DocumentDraft>) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let serial = organizations::next_number(tx, draft.0.kind.series())?;
            let document = documents::add(tx, &Document::register(draft.0.clone(), serial, tx.now())?)?;
            Answer::created(&document, format!("/v1/documents/{}", document.id))
        })
        .await
}

/// Get a document
///
/// With the version that holds, its reviews and its withdrawal.
#[utoipa::path(tag = "support", params(InPath),
    responses((status = 200, description = "The document.", body = Document)),
    security(("bearer" = ["document:read"])))]
#[get("/v1/documents/{id}")]
async fn get_document(permit: Permit<Read, Document>, id: Path<Document>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&documents::find(tx, *id)?.value)).await
}

/// Revise a document
///
/// Its entry in the register; its kind and number stay.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly),
    request_body(content = DocumentDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The document.", body = Document)),
    security(("bearer" = ["document:update"])))]
#[patch("/v1/documents/{id}")]
async fn revise_document(
    permit: Permit<Update, Document>,
    id: Path<Document>,
    read: IfMatch,
    patch: Patch<DocumentDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut document = documents::find_for(tx, *id, Verb::Update)?;
            read.check(&document)?;
            let draft = patch.apply(&document.draft)?;
            document.revise(draft)?;
            Answer::record(&documents::store(tx, document)?)
        })
        .await
}

/// Record the review of a document
///
/// That the version that holds was looked at again, what was found, and by when it is to be reviewed next (7.5.2 c, §5.4).
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = DocumentReviewDraft,
    responses((status = 200, description = "The document.", body = Document)),
    security(("bearer" = ["document:update"])))]
#[post("/v1/documents/{id}/review")]
async fn review_document(
    permit: Permit<Update, Document>,
    id: Path<Document>,
    read: IfMatch,
    review: Body<DocumentReviewDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut document = documents::find_for(tx, *id, Verb::Update)?;
            read.check(&document)?;
            document.review(review.0.clone(), tx.signature(None)?, tx.today())?;
            Answer::record(&documents::store(tx, document)?)
        })
        .await
}

/// Ask for the withdrawal of a document
///
/// With a reason. The document controller asks (the chair while that seat is empty, top management while both are);
/// until somebody else approves, the document is what it was.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The document.", body = Document)),
    security(("bearer" = ["document:execute"])))]
#[post("/v1/documents/{id}/withdrawal")]
async fn withdraw_document(
    permit: Permit<Execute, Document>,
    id: Path<Document>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut document = documents::find_for(tx, *id, Verb::Execute)?;
            read.check(&document)?;
            document.guard(DocumentAction::Withdraw)?;
            let role = documents::controller(tx)?;
            document.withdraw(because.0.reason.as_str(), tx.signature_as(role, None)?)?;
            Answer::record(&documents::store(tx, document)?)
        })
        .await
}

/// Approve the withdrawal of a document
///
/// All its versions become obsolete. Whoever approves the versions of its kind approves this, and not what they asked for
/// themselves (SD-1).
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Approval,
    responses((status = 200, description = "The document.", body = Document)),
    security(("bearer" = ["document:approve"])))]
#[post("/v1/documents/{id}/withdrawal-approval")]
async fn approve_document_withdrawal(
    permit: Permit<Approve, Document>,
    id: Path<Document>,
    read: IfMatch,
    approval: Body<Approval>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut document = documents::find_for(tx, *id, Verb::Approve)?;
            read.check(&document)?;
            let preparer = document.withdrawal_preparer()?;
            let (by, alone) = documents::approvers(tx, document.draft.kind)?.sign(tx, preparer, &approval.0)?;
            document.approve_withdrawal(by, alone)?;
            Answer::record(&documents::withdraw(tx, document)?)
        })
        .await
}

/// Return the withdrawal of a document
///
/// With a reason: the document stays.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The document.", body = Document)),
    security(("bearer" = ["document:approve"])))]
#[post("/v1/documents/{id}/withdrawal-return")]
async fn return_document_withdrawal(
    permit: Permit<Approve, Document>,
    id: Path<Document>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut document = documents::find_for(tx, *id, Verb::Approve)?;
            read.check(&document)?;
            document.return_withdrawal(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?;
            Answer::record(&documents::store(tx, document)?)
        })
        .await
}
