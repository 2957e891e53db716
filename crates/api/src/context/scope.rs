//! The scope of the ISMS, in versions.

use actix_web::{HttpResponse, get, patch, post};
use mamori_domain::{
    access::Resource,
    context::scope::{BoundaryConsistency, IsmsScope, IsmsScopeDraft},
    kernel::{
        page::Page,
        sign_off::{Approval, Because},
        transition::Stateful,
        version::VersionAction,
    },
    support::file::StoredFile,
};
use mamori_persistence::{
    context::{network_diagram as diagrams, scope as scopes},
    kernel::failure::OrNotFound,
    operation::annual_plan_row::fulfil,
    support::file as files,
};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    kernel::{
        answer::Answer,
        body::{Body, IfMatch, Patch},
        permit::{
            Permit,
            verbs::{Approve, Create, Read, Submit, Update},
        },
        problem::Problem,
        query::{InPath, Paging, Path, Query, ValidateOnly},
        versions::VersionQuery,
    },
    support::file::{FileQuery, Incoming, deliver},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_isms_scopes)
        .service(create_isms_scope)
        .service(get_isms_scope)
        .service(get_isms_scope_consistency)
        .service(revise_isms_scope)
        .service(attach_scope_layout)
        .service(get_scope_layout)
        .service(submit_isms_scope)
        .service(approve_isms_scope)
        .service(return_isms_scope)
        .service(void_isms_scope);
}

/// List versions of the scope
///
/// Those that are or were in force; whoever may write, hand in or approve the scope also reads the drafts.
#[utoipa::path(tag = "context", params(Paging, VersionQuery),
    responses((status = 200, description = "A page of versions.", body = Page<IsmsScope>)),
    security(("bearer" = ["scope:read"])))]
#[get("/v1/isms-scopes")]
async fn list_isms_scopes(
    permit: Permit<Read, IsmsScope>,
    paging: Paging,
    query: Query<VersionQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "version")?;
    let filter = query.0.filter();
    permit.read(move |tx| Answer::ok(&scopes::list(tx, &filter, &page)?)).await
}

/// Draft the scope
///
/// A new version; it may be incomplete. One that says nothing but its title begins as a copy of the version in force.
#[utoipa::path(tag = "context", params(ValidateOnly), request_body = IsmsScopeDraft,
    responses((status = 201, description = "The draft.", body = IsmsScope)),
    security(("bearer" = ["scope:create"])))]
#[post("/v1/isms-scopes")]
async fn create_isms_scope(permit: Permit<Create, IsmsScope>, draft: Body<IsmsScopeDraft>) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let in_force = scopes::in_force(tx)?;
            let number = scopes::next_version(tx)?;
            let new = IsmsScope::draft(draft.0.clone(), in_force.as_ref(), number, tx.signature(None)?, tx.now())?;
            let new = scopes::add(tx, &new, in_force.as_ref())?;
            Answer::created(&new, format!("/v1/isms-scopes/{}", new.id))
        })
        .await
}

/// Get a version of the scope
///
/// Also a superseded one.
#[utoipa::path(tag = "context", params(InPath),
    responses((status = 200, description = "The version.", body = IsmsScope)),
    security(("bearer" = ["scope:read"])))]
#[get("/v1/isms-scopes/{id}")]
async fn get_isms_scope(permit: Permit<Read, IsmsScope>, id: Path<IsmsScope>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&scopes::find(tx, *id)?.value)).await
}

/// Compare a scope with the network diagram
///
/// Whether the devices that this version names as technical boundary are those at the boundary of the network diagram in
/// force, and which stand in one of them only.
#[utoipa::path(tag = "context", params(InPath),
    responses((status = 200, description = "The comparison.", body = BoundaryConsistency)),
    security(("bearer" = ["scope:read"])))]
#[get("/v1/isms-scopes/{id}/consistency")]
async fn get_isms_scope_consistency(permit: Permit<Read, IsmsScope>, id: Path<IsmsScope>) -> Result<Answer, Problem> {
    permit
        .read(move |tx| {
            let scope = scopes::find(tx, *id)?.value;
            let diagram = diagrams::in_force(tx)?.map(|diagram| {
                let names = diagram.boundary.into_iter().map(|node| node.name).collect();
                (diagram.version.number, names)
            });
            Answer::ok(&BoundaryConsistency::between(&scope.draft.boundary_nodes, diagram))
        })
        .await
}

/// Revise a draft of the scope
///
/// Only before it is handed in, or after it was returned.
#[utoipa::path(tag = "context", params(InPath, IfMatch, ValidateOnly),
    request_body(content = IsmsScopeDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The draft.", body = IsmsScope)),
    security(("bearer" = ["scope:update"])))]
#[patch("/v1/isms-scopes/{id}")]
async fn revise_isms_scope(
    permit: Permit<Update, IsmsScope>,
    id: Path<IsmsScope>,
    read: IfMatch,
    patch: Patch<IsmsScopeDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = scopes::find(tx, *id)?;
            read.check(&found)?;
            let draft = patch.apply(&found.draft)?;
            found.revise(draft, tx.signature(None)?)?;
            Answer::record(&scopes::store(tx, found)?)
        })
        .await
}

/// Attach a drawing of the premises
///
/// Plan, picture or text (D13), in the place of the one that the draft had. Nothing that a browser would run is taken.
#[utoipa::path(tag = "context", params(InPath, IfMatch, FileQuery),
    request_body(content = Vec<u8>, description = "The drawing."),
    responses((status = 200, description = "The draft.", body = IsmsScope)),
    security(("bearer" = ["scope:update"])))]
#[post("/v1/isms-scopes/{id}/layout")]
async fn attach_scope_layout(
    permit: Permit<Update, IsmsScope>,
    id: Path<IsmsScope>,
    read: IfMatch,
    incoming: Incoming,
) -> Result<Answer, Problem> {
    // Nothing is stored for what may not be changed.
    permit.read(move |tx| Ok(scopes::find(tx, *id)?.version.revise(tx.signature(None)?)?)).await?;
    let name = incoming.name.clone();
    let content = incoming.store(&permit).await?;
    permit
        .having_received(&content.sha256)
        .transact(move |tx| {
            let mut found = scopes::find(tx, *id)?;
            read.check(&found)?;
            let layout = StoredFile::new(&name, content.clone(), tx.now());
            files::add(tx, &layout)?;
            found.attach_layout(layout, tx.signature(None)?)?;
            Answer::record(&scopes::store(tx, found)?)
        })
        .await
}

/// Get the drawing of the premises
///
/// For whoever may read the version; to be saved, not to be shown.
#[utoipa::path(tag = "context", params(InPath),
    responses((status = 200, description = "The drawing.", body = Vec<u8>)),
    security(("bearer" = ["scope:read"])))]
#[get("/v1/isms-scopes/{id}/layout")]
async fn get_scope_layout(permit: Permit<Read, IsmsScope>, id: Path<IsmsScope>) -> Result<HttpResponse, Problem> {
    let layout = permit.read(move |tx| scopes::find(tx, *id)?.value.layout.or_not_found()).await?;
    deliver(&permit, &layout).await
}

/// Submit the scope
///
/// Hands the draft in for approval. Organizational, physical and business boundary have to be drawn; where only a part
/// of the organization is inside, also the technical and the asset boundary, exclusions and interfaces.
#[utoipa::path(tag = "context", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The version.", body = IsmsScope)),
    security(("bearer" = ["scope:submit"])))]
#[post("/v1/isms-scopes/{id}/submission")]
async fn submit_isms_scope(
    permit: Permit<Submit, IsmsScope>,
    id: Path<IsmsScope>,
    read: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = scopes::find(tx, *id)?;
            read.check(&found)?;
            found.submit(tx.signature(None)?)?;
            Answer::record(&scopes::store(tx, found)?)
        })
        .await
}

/// Approve the scope
///
/// Puts the version in force and supersedes the one before (4.3). Only top management approves (SD-5).
#[utoipa::path(tag = "context", params(InPath, IfMatch, ValidateOnly), request_body = Approval,
    responses((status = 200, description = "The version in force.", body = IsmsScope)),
    security(("bearer" = ["scope:approve"])))]
#[post("/v1/isms-scopes/{id}/approval")]
async fn approve_isms_scope(
    permit: Permit<Approve, IsmsScope>,
    id: Path<IsmsScope>,
    read: IfMatch,
    approval: Body<Approval>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = scopes::find(tx, *id)?;
            read.check(&found)?;
            found.guard(VersionAction::Approve)?;
            let (by, alone) = scopes::approvers(tx)?.sign(tx, found.version.preparer(), &approval.0)?;
            found.version.approve(by, alone, tx.now())?;
            let approved = scopes::put_in_force(tx, found)?;
            fulfil(tx, Resource::Scope, approved.id.uuid(), tx.today())?;
            Answer::record(&approved)
        })
        .await
}

/// Return the scope
///
/// Gives a submitted version back to its preparer.
#[utoipa::path(tag = "context", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The draft.", body = IsmsScope)),
    security(("bearer" = ["scope:approve"])))]
#[post("/v1/isms-scopes/{id}/return")]
async fn return_isms_scope(
    permit: Permit<Approve, IsmsScope>,
    id: Path<IsmsScope>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = scopes::find(tx, *id)?;
            read.check(&found)?;
            found.version.send_back(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?;
            Answer::record(&scopes::store(tx, found)?)
        })
        .await
}

/// Void a draft of the scope
///
/// Nobody wants it any more: it stays to be read with the reason, and nothing comes of it. What was handed in is returned
/// first.
#[utoipa::path(tag = "context", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The voided draft.", body = IsmsScope)),
    security(("bearer" = ["scope:update"])))]
#[post("/v1/isms-scopes/{id}/voiding")]
async fn void_isms_scope(
    permit: Permit<Update, IsmsScope>,
    id: Path<IsmsScope>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = scopes::find(tx, *id)?;
            read.check(&found)?;
            found.version.void(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?;
            Answer::record(&scopes::store(tx, found)?)
        })
        .await
}
