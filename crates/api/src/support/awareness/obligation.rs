//! The duties of everybody who works here.

use actix_web::{get, patch, post};
use mamori_domain::{
    kernel::{
        page::Page,
        sign_off::{Approval, Because},
        transition::Stateful,
        version::VersionAction,
    },
    support::awareness::obligation::{ObligationSet, ObligationSetDraft},
};
use mamori_persistence::support::awareness::obligation as obligations;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch, Patch},
    permit::{
        Permit,
        verbs::{Approve, Create, Read, Submit, Update},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
    versions::VersionQuery,
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_obligations)
        .service(create_obligations)
        .service(get_obligations)
        .service(revise_obligations)
        .service(submit_obligations)
        .service(approve_obligations)
        .service(return_obligations)
        .service(void_obligations);
}

/// List versions of the duties
///
/// What is demanded of everybody who works here (D06a). Who works here without a role reads the versions that hold or held.
#[utoipa::path(tag = "support", params(Paging, VersionQuery),
    responses((status = 200, description = "A page of versions.", body = Page<ObligationSet>)),
    security(("bearer" = ["obligation:read"])))]
#[get("/v1/obligations")]
async fn list_obligations(
    permit: Permit<Read, ObligationSet>,
    paging: Paging,
    query: Query<VersionQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "version")?;
    let filter = query.0.filter();
    permit.read(move |tx| Answer::ok(&obligations::list(tx, &filter, &page)?)).await
}

/// Draft a version of the duties
///
/// It holds once it is approved; then everybody is to acknowledge it.
#[utoipa::path(tag = "support", params(ValidateOnly), request_body = ObligationSetDraft,
    responses((status = 201, description = "The draft.", body = ObligationSet)),
    security(("bearer" = ["obligation:create"])))]
#[post("/v1/obligations")]
async fn create_obligations(
    permit: Permit<Create, ObligationSet>,
    draft: Body<ObligationSetDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let version = obligations::next_version(tx)?;
            let new = ObligationSet::begin(draft.0.clone(), version, tx.signature(None)?, tx.now())?;
            let new = obligations::add(tx, &new)?;
            Answer::created(&new, format!("/v1/obligations/{}", new.id))
        })
        .await
}

/// Get a version of the duties
///
/// Any version, also a superseded one.
#[utoipa::path(tag = "support", params(InPath),
    responses((status = 200, description = "The version.", body = ObligationSet)),
    security(("bearer" = ["obligation:read"])))]
#[get("/v1/obligations/{id}")]
async fn get_obligations(permit: Permit<Read, ObligationSet>, id: Path<ObligationSet>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&obligations::find(tx, *id)?.value)).await
}

/// Revise a draft of the duties
///
/// Only before it is handed in, or after it was returned (SD-12).
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly),
    request_body(content = ObligationSetDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The draft.", body = ObligationSet)),
    security(("bearer" = ["obligation:update"])))]
#[patch("/v1/obligations/{id}")]
async fn revise_obligations(
    permit: Permit<Update, ObligationSet>,
    id: Path<ObligationSet>,
    read: IfMatch,
    patch: Patch<ObligationSetDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut set = obligations::find(tx, *id)?;
            read.check(&set)?;
            let draft = patch.apply(&set.draft)?;
            set.revise(draft, tx.signature(None)?)?;
            Answer::record(&obligations::store(tx, set)?)
        })
        .await
}

/// Submit a version of the duties
///
/// Hands it in for approval.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The version.", body = ObligationSet)),
    security(("bearer" = ["obligation:submit"])))]
#[post("/v1/obligations/{id}/submission")]
async fn submit_obligations(
    permit: Permit<Submit, ObligationSet>,
    id: Path<ObligationSet>,
    read: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut set = obligations::find(tx, *id)?;
            read.check(&set)?;
            set.version.submit(tx.signature(None)?)?;
            Answer::record(&obligations::store(tx, set)?)
        })
        .await
}

/// Approve a version of the duties
///
/// Puts it in force and supersedes the one before, whose acknowledgements count no more. By top management; not by whoever prepared it (SD-1).
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Approval,
    responses((status = 200, description = "The version.", body = ObligationSet)),
    security(("bearer" = ["obligation:approve"])))]
#[post("/v1/obligations/{id}/approval")]
async fn approve_obligations(
    permit: Permit<Approve, ObligationSet>,
    id: Path<ObligationSet>,
    read: IfMatch,
    approval: Body<Approval>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut set = obligations::find(tx, *id)?;
            read.check(&set)?;
            set.guard(VersionAction::Approve)?;
            let (by, alone) = obligations::approvers(tx)?.sign(tx, set.version.preparer(), &approval.0)?;
            let now = tx.now();
            set.version.approve(by, alone, now)?;
            Answer::record(&obligations::put_in_force(tx, set)?)
        })
        .await
}

/// Return a version of the duties
///
/// Gives a submitted one back to its preparer.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The version.", body = ObligationSet)),
    security(("bearer" = ["obligation:approve"])))]
#[post("/v1/obligations/{id}/return")]
async fn return_obligations(
    permit: Permit<Approve, ObligationSet>,
    id: Path<ObligationSet>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut set = obligations::find(tx, *id)?;
            read.check(&set)?;
            set.version.send_back(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?;
            Answer::record(&obligations::store(tx, set)?)
        })
        .await
}

/// Void a draft of the duties
///
/// Nobody wants it any more: it stays to be read with the reason.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The version.", body = ObligationSet)),
    security(("bearer" = ["obligation:update"])))]
#[post("/v1/obligations/{id}/voiding")]
async fn void_obligations(
    permit: Permit<Update, ObligationSet>,
    id: Path<ObligationSet>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut set = obligations::find(tx, *id)?;
            read.check(&set)?;
            set.version.void(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?;
            Answer::record(&obligations::store(tx, set)?)
        })
        .await
}
