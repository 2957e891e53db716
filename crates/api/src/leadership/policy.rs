//! The information security policy, in editions.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    access::Resource,
    kernel::{
        page::Page,
        review::{InternalCommunication, ReviewDraft},
        sign_off::{Approval, Because},
        transition::Stateful,
        version::VersionState,
    },
    leadership::{
        policy::{Policy, PolicyAction, PolicyDraft},
        publication::{PolicyChecklist, PublicationDraft},
    },
};
use mamori_persistence::{
    leadership::policy::{self as policies, Filter},
    operation::annual_plan_row::fulfil,
    organization::organization as organizations,
    support::{awareness::acknowledgement as acknowledgements, communication::communication as communications},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch, Patch},
    permit::{
        Permit,
        verbs::{Approve, Create, Execute, Read, Submit, Update},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_policies)
        .service(create_policy)
        .service(get_policy)
        .service(get_policy_checklist)
        .service(revise_policy)
        .service(submit_policy)
        .service(approve_policy)
        .service(return_policy)
        .service(void_policy)
        .service(publish_policy)
        .service(review_policy)
        .service(communicate_policy_review)
        .service(withdraw_policy);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PolicyQuery {
    /// Text in the policy.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// In this state; `in_force` finds the edition that holds.
    #[param(inline)]
    state: Option<VersionState>,
    /// The order.
    #[param(pattern = "^-?(version|updated_at)$", default = "version")]
    sort: Option<String>,
}

/// List editions of the policy
///
/// Every edition (D16), with who prepared and approved it and how it was made known. Who works here without a role sees
/// the one that was published last.
#[utoipa::path(tag = "leadership", params(Paging, PolicyQuery),
    responses((status = 200, description = "A page of editions.", body = Page<Policy>)),
    security(("bearer" = ["policy:read"])))]
#[get("/v1/policies")]
async fn list_policies(
    permit: Permit<Read, Policy>,
    paging: Paging,
    query: Query<PolicyQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "version")?;
    let filter = Filter { id: None, q: query.q.clone(), updated_since: query.updated_since, state: query.state };
    permit.read(move |tx| Answer::ok(&policies::list(tx, &filter, &page)?)).await
}

/// Draft an edition of the policy
///
/// What is left out or empty is taken over from the edition in force, where there is one; only `issued_on` is not.
#[utoipa::path(tag = "leadership", params(ValidateOnly), request_body = PolicyDraft,
    responses((status = 201, description = "The draft.", body = Policy)),
    security(("bearer" = ["policy:create"])))]
#[post("/v1/policies")]
async fn create_policy(permit: Permit<Create, Policy>, draft: Body<PolicyDraft>) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut draft = draft.0.clone();
            if let Some(before) = policies::in_force(tx)? {
                draft = draft.or(&before.draft);
            }
            let version = policies::next_version(tx)?;
            let known = policies::known_objectives(tx)?;
            let new = Policy::draft(draft, version, &known, tx.signature(None)?, tx.now())?;
            let new = policies::add(tx, &new)?;
            Answer::created(&new, format!("/v1/policies/{}", new.id))
        })
        .await
}

/// Get an edition of the policy
///
/// Any edition, also a superseded one.
#[utoipa::path(tag = "leadership", params(InPath),
    responses((status = 200, description = "The edition.", body = Policy)),
    security(("bearer" = ["policy:read"])))]
#[get("/v1/policies/{id}")]
async fn get_policy(permit: Permit<Read, Policy>, id: Path<Policy>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&policies::find(tx, *id)?.value)).await
}

/// Get what an edition of the policy confirms
///
/// The seven points of 5.2, from the facts: what the text says, that it was approved, that the people here were told
/// and that interested parties can get it.
#[utoipa::path(tag = "leadership", params(InPath),
    responses((status = 200, description = "The checklist.", body = PolicyChecklist)),
    security(("bearer" = ["policy:read"])))]
#[get("/v1/policies/{id}/checklist")]
async fn get_policy_checklist(permit: Permit<Read, Policy>, id: Path<Policy>) -> Result<Answer, Problem> {
    permit
        .read(move |tx| {
            let policy = policies::find(tx, *id)?;
            let told = communications::was_told(tx, policy.id.uuid())?
                || acknowledgements::is_acknowledged(tx, policy.id.uuid())?;
            Answer::ok(&policy.checklist(told))
        })
        .await
}

/// Revise a draft of the policy
///
/// Only before it is handed in, or after it was returned.
#[utoipa::path(tag = "leadership", params(InPath, IfMatch, ValidateOnly),
    request_body(content = PolicyDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The draft.", body = Policy)),
    security(("bearer" = ["policy:update"])))]
#[patch("/v1/policies/{id}")]
async fn revise_policy(
    permit: Permit<Update, Policy>,
    id: Path<Policy>,
    read: IfMatch,
    patch: Patch<PolicyDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = policies::find(tx, *id)?;
            read.check(&found)?;
            let draft = patch.apply(&found.draft)?;
            let known = policies::known_objectives(tx)?;
            found.revise(draft, &known, tx.signature(None)?)?;
            Answer::record(&policies::store(tx, found)?)
        })
        .await
}

/// Submit an edition of the policy
///
/// Hands the draft in for approval. Every part of it must be there, objectives too (§5.4, POL-1).
#[utoipa::path(tag = "leadership", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The edition.", body = Policy)),
    security(("bearer" = ["policy:submit"])))]
#[post("/v1/policies/{id}/submission")]
async fn submit_policy(permit: Permit<Submit, Policy>, id: Path<Policy>, read: IfMatch) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = policies::find(tx, *id)?;
            read.check(&found)?;
            found.submit(tx.signature(None)?)?;
            Answer::record(&policies::store(tx, found)?)
        })
        .await
}

/// Approve an edition of the policy
///
/// Puts it in force and supersedes the one before. Top management alone approves, and not what it prepared itself (SD-5).
#[utoipa::path(tag = "leadership", params(InPath, IfMatch, ValidateOnly), request_body = Approval,
    responses((status = 200, description = "The edition in force.", body = Policy)),
    security(("bearer" = ["policy:approve"])))]
#[post("/v1/policies/{id}/approval")]
async fn approve_policy(
    permit: Permit<Approve, Policy>,
    id: Path<Policy>,
    read: IfMatch,
    approval: Body<Approval>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = policies::find(tx, *id)?;
            read.check(&found)?;
            found.guard(PolicyAction::Approve)?;
            let (by, alone) = policies::approvers(tx)?.sign(tx, found.version.preparer(), &approval.0)?;
            let terms = organizations::review_terms(tx)?;
            found.approve(by, alone, terms, tx.today(), tx.now())?;
            let approved = policies::put_in_force(tx, found)?;
            fulfil(tx, Resource::Policy, approved.id.uuid(), tx.today())?;
            Answer::record(&approved)
        })
        .await
}

/// Return an edition of the policy
///
/// Gives a submitted edition back to its preparer.
#[utoipa::path(tag = "leadership", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The draft.", body = Policy)),
    security(("bearer" = ["policy:approve"])))]
#[post("/v1/policies/{id}/return")]
async fn return_policy(
    permit: Permit<Approve, Policy>,
    id: Path<Policy>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = policies::find(tx, *id)?;
            read.check(&found)?;
            found.version.send_back(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?;
            Answer::record(&policies::store(tx, found)?)
        })
        .await
}

/// Record that the policy was made known
///
/// That the people here were told, that interested parties can get it, or both, for the edition in force; as often as it
/// happens. The document controller records it; the chair while that seat is empty, top management while both are.
#[utoipa::path(tag = "leadership", params(InPath, IfMatch, ValidateOnly), request_body = PublicationDraft,
    responses((status = 200, description = "The edition.", body = Policy)),
    security(("bearer" = ["policy:execute"])))]
#[post("/v1/policies/{id}/publication")]
async fn publish_policy(
    permit: Permit<Execute, Policy>,
    id: Path<Policy>,
    read: IfMatch,
    publication: Body<PublicationDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = policies::find(tx, *id)?;
            read.check(&found)?;
            found.guard(PolicyAction::Publish)?;
            let role = policies::publisher(tx)?;
            found.publish(publication.0.clone(), tx.signature_as(role, None)?, tx.today())?;
            Answer::record(&policies::store(tx, found)?)
        })
        .await
}

/// Review the policy
///
/// The edition in force, at planned intervals (5.2), by top management. The result is communicated within the days that
/// the organization set; where a new edition is needed, it is drafted as any other.
#[utoipa::path(tag = "leadership", params(InPath, IfMatch, ValidateOnly), request_body = ReviewDraft,
    responses((status = 200, description = "The edition.", body = Policy)),
    security(("bearer" = ["policy:approve"])))]
#[post("/v1/policies/{id}/review")]
async fn review_policy(
    permit: Permit<Approve, Policy>,
    id: Path<Policy>,
    read: IfMatch,
    review: Body<ReviewDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = policies::find(tx, *id)?;
            read.check(&found)?;
            let terms = organizations::review_terms(tx)?;
            found.review(review.0.clone(), terms, tx.signature(None)?, tx.today())?;
            let reviewed = policies::store(tx, found)?;
            fulfil(tx, Resource::Policy, reviewed.id.uuid(), review.0.reviewed_on)?;
            Answer::record(&reviewed)
        })
        .await
}

/// Record that the result of a review of the policy was communicated
///
/// Of the first review that waits for it, to the people who work here.
#[utoipa::path(tag = "leadership", params(InPath, IfMatch, ValidateOnly), request_body = InternalCommunication,
    responses((status = 200, description = "The edition.", body = Policy)),
    security(("bearer" = ["policy:update"])))]
#[post("/v1/policies/{id}/review-communication")]
async fn communicate_policy_review(
    permit: Permit<Update, Policy>,
    id: Path<Policy>,
    read: IfMatch,
    told: Body<InternalCommunication>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = policies::find(tx, *id)?;
            read.check(&found)?;
            found.communicate(told.0.clone(), tx.signature(None)?, tx.today())?;
            Answer::record(&policies::store(tx, found)?)
        })
        .await
}

/// Withdraw the policy
///
/// Takes the edition in force out of force, with a reason, by top management. Until another one is approved there is none.
#[utoipa::path(tag = "leadership", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The edition.", body = Policy)),
    security(("bearer" = ["policy:approve"])))]
#[post("/v1/policies/{id}/withdrawal")]
async fn withdraw_policy(
    permit: Permit<Approve, Policy>,
    id: Path<Policy>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = policies::find(tx, *id)?;
            read.check(&found)?;
            found.withdraw(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?;
            Answer::record(&policies::store(tx, found)?)
        })
        .await
}

/// Void a draft of the policy
///
/// Nobody wants it any more: it stays to be read with the reason, and nothing comes of it. What was handed in is returned
/// first.
#[utoipa::path(tag = "leadership", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The voided draft.", body = Policy)),
    security(("bearer" = ["policy:update"])))]
#[post("/v1/policies/{id}/voiding")]
async fn void_policy(
    permit: Permit<Update, Policy>,
    id: Path<Policy>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = policies::find(tx, *id)?;
            read.check(&found)?;
            found.version.void(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?;
            Answer::record(&policies::store(tx, found)?)
        })
        .await
}
