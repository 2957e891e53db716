//! Departments.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    kernel::{
        page::Page,
        refusal::{Code, Refusal},
    },
    organization::department::{Abolition, Department, DepartmentDraft},
};
use mamori_persistence::organization::department::{self as departments, Filter};
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
        .service(list_departments)
        .service(create_department)
        .service(get_department)
        .service(revise_department)
        .service(abolish_department);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DepartmentQuery {
    /// Text in the name.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// Also departments that no longer exist.
    #[param(default = false)]
    include_abolished: Option<bool>,
    /// The order.
    #[param(pattern = "^-?(name|updated_at)$", default = "name")]
    sort: Option<String>,
}

/// List departments
///
/// The departments of the organization, each with the one above it and its head.
#[utoipa::path(tag = "organization", params(Paging, DepartmentQuery),
    responses((status = 200, description = "A page of departments.", body = Page<Department>)),
    security(("bearer" = ["department:read"])))]
#[get("/v1/departments")]
async fn list_departments(
    permit: Permit<Read, Department>,
    paging: Paging,
    query: Query<DepartmentQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "name")?;
    let filter = Filter {
        id: None,
        q: query.q.clone(),
        updated_since: query.updated_since,
        include_abolished: query.include_abolished.unwrap_or_default(),
    };
    permit.read(move |tx| Answer::ok(&departments::list(tx, &filter, &page)?)).await
}

/// Create a department
///
/// Its name is unique among the departments that exist.
#[utoipa::path(tag = "organization", params(ValidateOnly), request_body = DepartmentDraft,
    responses((status = 201, description = "The new department.", body = Department)),
    security(("bearer" = ["department:create"])))]
#[post("/v1/departments")]
async fn create_department(
    permit: Permit<Create, Department>,
    draft: Body<DepartmentDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let department = departments::add(tx, &Department::establish(draft.0.clone(), tx.now()))?;
            Answer::created(&department, format!("/v1/departments/{}", department.id))
        })
        .await
}

/// Get a department
///
/// Also one that no longer exists.
#[utoipa::path(tag = "organization", params(InPath),
    responses((status = 200, description = "The department.", body = Department)),
    security(("bearer" = ["department:read"])))]
#[get("/v1/departments/{id}")]
async fn get_department(permit: Permit<Read, Department>, id: Path<Department>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&departments::find(tx, *id)?.value)).await
}

/// Revise a department
///
/// Renames it or hangs it under another one, with everything below it.
#[utoipa::path(tag = "organization", params(InPath, IfMatch, ValidateOnly),
    request_body(content = DepartmentDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The department.", body = Department)),
    security(("bearer" = ["department:update"])))]
#[patch("/v1/departments/{id}")]
async fn revise_department(
    permit: Permit<Update, Department>,
    id: Path<Department>,
    read: IfMatch,
    patch: Patch<DepartmentDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut department = departments::find(tx, *id)?;
            read.check(&department)?;
            let draft = patch.apply(&department.draft)?;
            let above = match draft.parent_id {
                Some(parent) => departments::ancestors(tx, parent)?,
                None => Vec::new(),
            };
            department.revise(draft, &above)?;
            Answer::record(&departments::store(tx, department)?)
        })
        .await
}

/// Abolish a department
///
/// Ends it. Refused while people work in it, departments hang under it, or it is named by what is live: held positions,
/// appointments, assets in use, open risks, objectives, resources not provided yet, suppliers.
#[utoipa::path(tag = "organization", params(InPath, IfMatch, ValidateOnly), request_body = Abolition,
    responses((status = 200, description = "The department.", body = Department)),
    security(("bearer" = ["department:update"])))]
#[post("/v1/departments/{id}/abolition")]
async fn abolish_department(
    permit: Permit<Update, Department>,
    id: Path<Department>,
    read: IfMatch,
    abolition: Body<Abolition>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut department = departments::find(tx, *id)?;
            read.check(&department)?;
            department.abolish(abolition.0.clone())?;
            if departments::is_used(tx, *id)? {
                return Err(Refusal::new(Code::InUse).into());
            }
            Answer::record(&departments::store(tx, department)?)
        })
        .await
}
