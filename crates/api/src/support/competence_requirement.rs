//! What each role demands.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    access::Role,
    kernel::{page::Page, retirement::Retirement},
    support::competence_requirement::{CompetenceRequirement, CompetenceRequirementDraft},
};
use mamori_persistence::{
    organization::organization as organizations,
    support::competence_requirement::{self as requirements, Filter},
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
        .service(list_competence_requirements)
        .service(create_competence_requirement)
        .service(get_competence_requirement)
        .service(revise_competence_requirement)
        .service(retire_competence_requirement);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CompetenceRequirementQuery {
    /// Text in the requirement.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// Of this role.
    #[param(inline)]
    role: Option<Role>,
    /// Also requirements that were given up.
    #[param(default = false)]
    include_retired: Option<bool>,
    /// The order.
    #[param(pattern = "^-?(number|updated_at)$", default = "number")]
    sort: Option<String>,
}

/// List competence requirements
///
/// What each role of the ISMS demands of whoever holds it (7.2 a).
#[utoipa::path(tag = "support", params(Paging, CompetenceRequirementQuery),
    responses((status = 200, description = "A page of requirements.", body = Page<CompetenceRequirement>)),
    security(("bearer" = ["competence_requirement:read"])))]
#[get("/v1/competence-requirements")]
async fn list_competence_requirements(
    permit: Permit<Read, CompetenceRequirement>,
    paging: Paging,
    query: Query<CompetenceRequirementQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "number")?;
    let filter = Filter {
        id: None,
        q: query.q.clone(),
        updated_since: query.updated_since,
        role: query.role,
        include_retired: query.include_retired.unwrap_or_default(),
    };
    permit.read(move |tx| Answer::ok(&requirements::list(tx, &filter, &page)?)).await
}

/// Create a competence requirement
///
/// An appointment to a role that demands something rests on an approved competence check.
#[utoipa::path(tag = "support", params(ValidateOnly), request_body = CompetenceRequirementDraft,
    responses((status = 201, description = "The new requirement.", body = CompetenceRequirement)),
    security(("bearer" = ["competence_requirement:create"])))]
#[post("/v1/competence-requirements")]
async fn create_competence_requirement(
    permit: Permit<Create, CompetenceRequirement>,
    draft: Body<CompetenceRequirementDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let number = organizations::next_number(tx, "competence_requirement")?;
            let requirement = CompetenceRequirement::enter(draft.0.clone(), number, tx.now())?;
            let requirement = requirements::add(tx, &requirement)?;
            Answer::created(&requirement, format!("/v1/competence-requirements/{}", requirement.id))
        })
        .await
}

/// Get a competence requirement
///
/// Also one that was given up.
#[utoipa::path(tag = "support", params(InPath),
    responses((status = 200, description = "The requirement.", body = CompetenceRequirement)),
    security(("bearer" = ["competence_requirement:read"])))]
#[get("/v1/competence-requirements/{id}")]
async fn get_competence_requirement(
    permit: Permit<Read, CompetenceRequirement>,
    id: Path<CompetenceRequirement>,
) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&requirements::find(tx, *id)?.value)).await
}

/// Revise a competence requirement
///
/// Checks that were made keep the words they were made with.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly),
    request_body(content = CompetenceRequirementDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The requirement.", body = CompetenceRequirement)),
    security(("bearer" = ["competence_requirement:update"])))]
#[patch("/v1/competence-requirements/{id}")]
async fn revise_competence_requirement(
    permit: Permit<Update, CompetenceRequirement>,
    id: Path<CompetenceRequirement>,
    read: IfMatch,
    patch: Patch<CompetenceRequirementDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut requirement = requirements::find(tx, *id)?;
            read.check(&requirement)?;
            let draft = patch.apply(&requirement.draft)?;
            requirement.revise(draft)?;
            Answer::record(&requirements::store(tx, requirement)?)
        })
        .await
}

/// Retire a competence requirement
///
/// Gives it up with a date and a reason.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Retirement,
    responses((status = 200, description = "The requirement.", body = CompetenceRequirement)),
    security(("bearer" = ["competence_requirement:update"])))]
#[post("/v1/competence-requirements/{id}/retirement")]
async fn retire_competence_requirement(
    permit: Permit<Update, CompetenceRequirement>,
    id: Path<CompetenceRequirement>,
    read: IfMatch,
    retirement: Body<Retirement>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut requirement = requirements::find(tx, *id)?;
            read.check(&requirement)?;
            requirement.retire(retirement.0.clone(), tx.today())?;
            Answer::record(&requirements::store(tx, requirement)?)
        })
        .await
}
