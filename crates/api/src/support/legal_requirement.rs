//! Laws, regulations, guidelines, contracts and standards.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    kernel::{id::Id, page::Page, retirement::Retirement},
    organization::department::Department,
    support::legal_requirement::{LegalRequirement, LegalRequirementDraft, LegalRequirementKind, LegalReviewDraft},
};
use mamori_persistence::{
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx},
    support::legal_requirement::{self as requirements, Filter},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch, Patch},
    permit::{
        Permit,
        verbs::{Create, Read, Update},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_legal_requirements)
        .service(create_legal_requirement)
        .service(get_legal_requirement)
        .service(revise_legal_requirement)
        .service(review_legal_requirement)
        .service(retire_legal_requirement);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LegalRequirementQuery {
    /// Text in title, issuer, counterparty, reference, duty or remarks.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// Of this kind.
    #[param(inline)]
    kind: Option<LegalRequirementKind>,
    /// Seen to by this department.
    #[param(value_type = Option<String>, format = Uuid)]
    department_id: Option<Id<Department>>,
    /// Past the day of the next review.
    review_overdue: Option<bool>,
    /// Also requirements that left the register.
    #[param(default = false)]
    include_retired: Option<bool>,
    /// The order.
    #[param(pattern = "^-?(title|next_review_on|updated_at)$", default = "title")]
    sort: Option<String>,
}

/// List legal requirements
///
/// The laws, regulations, guidelines, contracts and standards that the organization has to follow (A.5.31).
#[utoipa::path(tag = "support", params(Paging, LegalRequirementQuery),
    responses((status = 200, description = "A page of requirements.", body = Page<LegalRequirement>)),
    security(("bearer" = ["legal_requirement:read"])))]
#[get("/v1/legal-requirements")]
async fn list_legal_requirements(
    permit: Permit<Read, LegalRequirement>,
    paging: Paging,
    query: Query<LegalRequirementQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "title")?;
    let filter = Filter {
        id: None,
        q: query.q.clone(),
        updated_since: query.updated_since,
        kind: query.kind,
        department: query.department_id,
        review_overdue: query.review_overdue,
        include_retired: query.include_retired.unwrap_or_default(),
    };
    permit.read(move |tx| Answer::ok(&requirements::list(tx, &filter, &page)?)).await
}

/// Enter a legal requirement
///
/// What it demands and who sees to it. Its promulgation and its coming into force each open an education duty of everybody,
/// also for days that lie ahead (EDU-4).
#[utoipa::path(tag = "support", params(ValidateOnly), request_body = LegalRequirementDraft,
    responses((status = 201, description = "The new requirement.", body = LegalRequirement)),
    security(("bearer" = ["legal_requirement:create"])))]
#[post("/v1/legal-requirements")]
async fn create_legal_requirement(
    permit: Permit<Create, LegalRequirement>,
    draft: Body<LegalRequirementDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let requirement = LegalRequirement::enter(draft.0.clone(), tx.now(), tx.today())?;
            let requirement = requirements::add(tx, &requirement)?;
            Answer::created(&requirement, format!("/v1/legal-requirements/{}", requirement.id))
        })
        .await
}

/// Get a legal requirement
///
/// With its reviews; also one that left the register.
#[utoipa::path(tag = "support", params(InPath),
    responses((status = 200, description = "The requirement.", body = LegalRequirement)),
    security(("bearer" = ["legal_requirement:read"])))]
#[get("/v1/legal-requirements/{id}")]
async fn get_legal_requirement(
    permit: Permit<Read, LegalRequirement>,
    id: Path<LegalRequirement>,
) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&requirements::find(tx, *id)?.value)).await
}

/// What a step does to a requirement that the caller may change.
fn step(
    tx: &mut Tx<'_>,
    id: Id<LegalRequirement>,
    read: IfMatch,
    rule: impl FnOnce(&mut Tx<'_>, &mut Loaded<LegalRequirement>) -> Outcome<()>,
) -> Outcome<Answer> {
    let mut requirement = requirements::find_for_update(tx, id)?;
    read.check(&requirement)?;
    rule(tx, &mut requirement)?;
    Answer::record(&requirements::store(tx, requirement)?)
}

/// Revise a legal requirement
///
/// Also when it was amended: new dates open new education duties; those that are not done yet move with them.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly),
    request_body(content = LegalRequirementDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The requirement.", body = LegalRequirement)),
    security(("bearer" = ["legal_requirement:update"])))]
#[patch("/v1/legal-requirements/{id}")]
async fn revise_legal_requirement(
    permit: Permit<Update, LegalRequirement>,
    id: Path<LegalRequirement>,
    read: IfMatch,
    patch: Patch<LegalRequirementDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, requirement| {
                let draft = patch.apply(&requirement.draft)?;
                Ok(requirement.revise(draft, tx.today())?)
            })
        })
        .await
}

/// Record a review of a legal requirement
///
/// Whether it was amended and is followed, and when somebody looks at it again.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = LegalReviewDraft,
    responses((status = 200, description = "The requirement.", body = LegalRequirement)),
    security(("bearer" = ["legal_requirement:update"])))]
#[post("/v1/legal-requirements/{id}/reviews")]
async fn review_legal_requirement(
    permit: Permit<Update, LegalRequirement>,
    id: Path<LegalRequirement>,
    read: IfMatch,
    review: Body<LegalReviewDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, requirement| {
                Ok(requirement.review(review.0.clone(), tx.signature(None)?, tx.today())?)
            })
        })
        .await
}

/// Retire a legal requirement
///
/// Takes it out of the register with a date and a reason; education that it made due and that is not done lapses.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Retirement,
    responses((status = 200, description = "The requirement.", body = LegalRequirement)),
    security(("bearer" = ["legal_requirement:update"])))]
#[post("/v1/legal-requirements/{id}/retirement")]
async fn retire_legal_requirement(
    permit: Permit<Update, LegalRequirement>,
    id: Path<LegalRequirement>,
    read: IfMatch,
    retirement: Body<Retirement>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, |tx, requirement| Ok(requirement.retire(retirement.0.clone(), tx.today())?))
        })
        .await
}
