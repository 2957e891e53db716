//! The network diagram, in versions.

use actix_web::{get, patch, post};
use mamori_domain::{
    context::network_diagram::{NetworkDiagram, NetworkDiagramDraft},
    kernel::{
        page::Page,
        sign_off::{Approval, Because},
        transition::Stateful,
        version::VersionAction,
    },
};
use mamori_persistence::context::network_diagram as diagrams;
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
        .service(list_network_diagrams)
        .service(create_network_diagram)
        .service(get_network_diagram)
        .service(revise_network_diagram)
        .service(submit_network_diagram)
        .service(approve_network_diagram)
        .service(return_network_diagram)
        .service(void_network_diagram);
}

/// List versions of the network diagram
///
/// Those that are or were in force; whoever may draw, hand in or approve diagrams also reads the drafts.
#[utoipa::path(tag = "context", params(Paging, VersionQuery),
    responses((status = 200, description = "A page of versions.", body = Page<NetworkDiagram>)),
    security(("bearer" = ["scope:read"])))]
#[get("/v1/network-diagrams")]
async fn list_network_diagrams(
    permit: Permit<Read, NetworkDiagram>,
    paging: Paging,
    query: Query<VersionQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "version")?;
    let filter = query.0.filter();
    permit.read(move |tx| Answer::ok(&diagrams::list(tx, &filter, &page)?)).await
}

/// Draft a network diagram
///
/// A new version; it may be incomplete. One that says nothing but its title begins as a copy of the version in force.
/// Nodes without a number get the next ones; links may name them by these.
#[utoipa::path(tag = "context", params(ValidateOnly), request_body = NetworkDiagramDraft,
    responses((status = 201, description = "The draft.", body = NetworkDiagram)),
    security(("bearer" = ["scope:create"])))]
#[post("/v1/network-diagrams")]
async fn create_network_diagram(
    permit: Permit<Create, NetworkDiagram>,
    draft: Body<NetworkDiagramDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let in_force = diagrams::in_force(tx)?.map(|diagram| diagram.draft);
            let draft = draft.0.clone().or_copy_of(in_force.as_ref());
            let (number, node) = (diagrams::next_version(tx)?, diagrams::next_node_number(tx)?);
            let new = NetworkDiagram::draft(draft, in_force.as_ref(), number, node, tx.signature(None)?, tx.now())?;
            let new = diagrams::add(tx, &new, in_force.as_ref())?;
            Answer::created(&new, format!("/v1/network-diagrams/{}", new.id))
        })
        .await
}

/// Get a version of the network diagram
///
/// Also a superseded one, with the boundary that follows from it.
#[utoipa::path(tag = "context", params(InPath),
    responses((status = 200, description = "The version.", body = NetworkDiagram)),
    security(("bearer" = ["scope:read"])))]
#[get("/v1/network-diagrams/{id}")]
async fn get_network_diagram(
    permit: Permit<Read, NetworkDiagram>,
    id: Path<NetworkDiagram>,
) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&diagrams::find(tx, *id)?.value)).await
}

/// Revise a draft of the network diagram
///
/// Only before it is handed in, or after it was returned. Nodes that stay keep their numbers.
#[utoipa::path(tag = "context", params(InPath, IfMatch, ValidateOnly),
    request_body(content = NetworkDiagramDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The draft.", body = NetworkDiagram)),
    security(("bearer" = ["scope:update"])))]
#[patch("/v1/network-diagrams/{id}")]
async fn revise_network_diagram(
    permit: Permit<Update, NetworkDiagram>,
    id: Path<NetworkDiagram>,
    read: IfMatch,
    patch: Patch<NetworkDiagramDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = diagrams::find(tx, *id)?;
            read.check(&found)?;
            let draft = patch.apply(&found.draft)?;
            let in_force = diagrams::in_force(tx)?.map(|diagram| diagram.draft);
            found.revise(draft, in_force.as_ref(), tx.signature(None)?)?;
            Answer::record(&diagrams::store(tx, found)?)
        })
        .await
}

/// Submit a network diagram
///
/// Hands the draft in for approval. It has to show a node in the scope, and what connects its nodes.
#[utoipa::path(tag = "context", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The version.", body = NetworkDiagram)),
    security(("bearer" = ["scope:submit"])))]
#[post("/v1/network-diagrams/{id}/submission")]
async fn submit_network_diagram(
    permit: Permit<Submit, NetworkDiagram>,
    id: Path<NetworkDiagram>,
    read: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = diagrams::find(tx, *id)?;
            read.check(&found)?;
            found.submit(tx.signature(None)?)?;
            Answer::record(&diagrams::store(tx, found)?)
        })
        .await
}

/// Approve a network diagram
///
/// Puts the version in force and supersedes the one before (4.3). Only top management approves (SD-5).
#[utoipa::path(tag = "context", params(InPath, IfMatch, ValidateOnly), request_body = Approval,
    responses((status = 200, description = "The version in force.", body = NetworkDiagram)),
    security(("bearer" = ["scope:approve"])))]
#[post("/v1/network-diagrams/{id}/approval")]
async fn approve_network_diagram(
    permit: Permit<Approve, NetworkDiagram>,
    id: Path<NetworkDiagram>,
    read: IfMatch,
    approval: Body<Approval>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = diagrams::find(tx, *id)?;
            read.check(&found)?;
            found.guard(VersionAction::Approve)?;
            let (by, alone) = diagrams::approvers(tx)?.sign(tx, found.version.preparer(), &approval.0)?;
            found.version.approve(by, alone, tx.now())?;
            Answer::record(&diagrams::put_in_force(tx, found)?)
        })
        .await
}

/// Return a network diagram
///
/// Gives a submitted version back to its preparer.
#[utoipa::path(tag = "context", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The draft.", body = NetworkDiagram)),
    security(("bearer" = ["scope:approve"])))]
#[post("/v1/network-diagrams/{id}/return")]
async fn return_network_diagram(
    permit: Permit<Approve, NetworkDiagram>,
    id: Path<NetworkDiagram>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = diagrams::find(tx, *id)?;
            read.check(&found)?;
            found.version.send_back(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?;
            Answer::record(&diagrams::store(tx, found)?)
        })
        .await
}

/// Void a draft of the network diagram
///
/// Nobody wants it any more: it stays to be read with the reason, and nothing comes of it. What was handed in is returned
/// first.
#[utoipa::path(tag = "context", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The voided draft.", body = NetworkDiagram)),
    security(("bearer" = ["scope:update"])))]
#[post("/v1/network-diagrams/{id}/voiding")]
async fn void_network_diagram(
    permit: Permit<Update, NetworkDiagram>,
    id: Path<NetworkDiagram>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = diagrams::find(tx, *id)?;
            read.check(&found)?;
            found.version.void(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?;
            Answer::record(&diagrams::store(tx, found)?)
        })
        .await
}
