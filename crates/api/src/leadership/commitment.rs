//! What top management does for the ISMS: eight items that are there from the start.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    kernel::{
        page::Page,
        sign_off::{Approval, Because},
    },
    leadership::commitment::{CommitmentState, LeadershipCommitment, LeadershipCommitmentDraft},
};
use mamori_persistence::leadership::commitment::{self as commitments, Filter};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch, Patch},
    permit::{
        Permit,
        verbs::{Approve, Read, Update},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_leadership_commitments)
        .service(get_leadership_commitment)
        .service(revise_leadership_commitment)
        .service(approve_leadership_commitment)
        .service(reopen_leadership_commitment);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CommitmentQuery {
    /// Text in the label or the evidence.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// In this state; `open` finds what is still to be shown.
    #[param(inline)]
    state: Option<CommitmentState>,
    /// The order.
    #[param(pattern = "^-?(number|updated_at)$", default = "number")]
    sort: Option<String>,
}

/// List the leadership commitments
///
/// The eight items of 5.1 (D15), each with what was recorded about it; they are there before anything is.
#[utoipa::path(tag = "leadership", params(Paging, CommitmentQuery),
    responses((status = 200, description = "A page of items.", body = Page<LeadershipCommitment>)),
    security(("bearer" = ["leadership_commitment:read"])))]
#[get("/v1/leadership-commitments")]
async fn list_leadership_commitments(
    permit: Permit<Read, LeadershipCommitment>,
    paging: Paging,
    query: Query<CommitmentQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "number")?;
    let filter = Filter { q: query.q.clone(), updated_since: query.updated_since, state: query.state };
    permit.read(move |tx| Answer::ok(&commitments::list(tx, &filter, &page)?)).await
}

/// Get a leadership commitment
///
/// With the evidence and who approved it.
#[utoipa::path(tag = "leadership", params(InPath),
    responses((status = 200, description = "The item.", body = LeadershipCommitment)),
    security(("bearer" = ["leadership_commitment:read"])))]
#[get("/v1/leadership-commitments/{id}")]
async fn get_leadership_commitment(
    permit: Permit<Read, LeadershipCommitment>,
    id: Path<LeadershipCommitment>,
) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&commitments::find(tx, *id)?.value)).await
}

/// Record evidence of a leadership commitment
///
/// By the secretariat. What top management has approved is reopened first (SD-12).
#[utoipa::path(tag = "leadership", params(InPath, IfMatch, ValidateOnly),
    request_body(content = LeadershipCommitmentDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The item.", body = LeadershipCommitment)),
    security(("bearer" = ["leadership_commitment:update"])))]
#[patch("/v1/leadership-commitments/{id}")]
async fn revise_leadership_commitment(
    permit: Permit<Update, LeadershipCommitment>,
    id: Path<LeadershipCommitment>,
    read: IfMatch,
    patch: Patch<LeadershipCommitmentDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = commitments::find(tx, *id)?;
            read.check(&found)?;
            let draft = patch.apply(&found.draft)?;
            found.revise(draft, tx.signature(None)?, tx.today())?;
            Answer::record(&commitments::store(tx, found)?)
        })
        .await
}

/// Approve a leadership commitment
///
/// Top management stands by what the evidence shows; nobody stands in for it (SD-5). There must be evidence.
#[utoipa::path(tag = "leadership", params(InPath, IfMatch, ValidateOnly), request_body = Approval,
    responses((status = 200, description = "The item.", body = LeadershipCommitment)),
    security(("bearer" = ["leadership_commitment:approve"])))]
#[post("/v1/leadership-commitments/{id}/approval")]
async fn approve_leadership_commitment(
    permit: Permit<Approve, LeadershipCommitment>,
    id: Path<LeadershipCommitment>,
    read: IfMatch,
    approval: Body<Approval>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = commitments::find(tx, *id)?;
            read.check(&found)?;
            let preparer = found.approvable()?;
            let (by, _) = commitments::approvers(tx)?.sign(tx, preparer, &approval.0)?;
            found.approve(by)?;
            Answer::record(&commitments::store(tx, found)?)
        })
        .await
}

/// Reopen a leadership commitment
///
/// For the next review. The evidence stays until it is recorded anew; what was approved stays in the events.
#[utoipa::path(tag = "leadership", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The item.", body = LeadershipCommitment)),
    security(("bearer" = ["leadership_commitment:update"])))]
#[post("/v1/leadership-commitments/{id}/reopening")]
async fn reopen_leadership_commitment(
    permit: Permit<Update, LeadershipCommitment>,
    id: Path<LeadershipCommitment>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = commitments::find(tx, *id)?;
            read.check(&found)?;
            found.reopen(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?;
            Answer::record(&commitments::store(tx, found)?)
        })
        .await
}
