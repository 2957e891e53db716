//! Resources that the ISMS needs.

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
    organization::{department::Department, person::Person},
    support::resource::{
        ProvidedResource, ProvidedResourceAction, ProvidedResourceDraft, ProvidedResourceState, Provision,
        ResourceCategory,
    },
};
use mamori_persistence::{
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx},
    organization::organization as organizations,
    support::resource::{self as resources, Filter},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch, Patch},
    permit::{
        Permit,
        verbs::{Approve, Create, Read, Update},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_resources)
        .service(request_resource)
        .service(get_resource)
        .service(revise_resource)
        .service(approve_resource)
        .service(return_resource)
        .service(provide_resource)
        .service(withdraw_resource);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ResourceQuery {
    /// Text in number, description or remarks.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// In this state.
    #[param(inline)]
    state: Option<ProvidedResourceState>,
    /// Of this kind.
    #[param(inline)]
    category: Option<ResourceCategory>,
    /// Of this department.
    #[param(value_type = Option<String>, format = Uuid)]
    department_id: Option<Id<Department>>,
    /// For which this person is responsible.
    #[param(value_type = Option<String>, format = Uuid)]
    responsible_person_id: Option<Id<Person>>,
    /// Past the last day that is in time, and neither provided nor withdrawn.
    overdue: Option<bool>,
    /// The order.
    #[param(pattern = "^-?(number|due_on|updated_at)$", default = "number")]
    sort: Option<String>,
}

/// List resources
///
/// People, things, money and information that the ISMS needs, within the caller's reach (7.1, D24).
#[utoipa::path(tag = "support", params(Paging, ResourceQuery),
    responses((status = 200, description = "A page of resources.", body = Page<ProvidedResource>)),
    security(("bearer" = ["resources:read"])))]
#[get("/v1/resources")]
async fn list_resources(
    permit: Permit<Read, ProvidedResource>,
    paging: Paging,
    query: Query<ResourceQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "number")?;
    let filter = Filter {
        id: None,
        q: query.q.clone(),
        updated_since: query.updated_since,
        state: query.state,
        category: query.category,
        department: query.department_id,
        responsible_person: query.responsible_person_id,
        overdue: query.overdue,
    };
    permit.read(move |tx| Answer::ok(&resources::list(tx, &filter, &page)?)).await
}

/// Request a resource
///
/// It is handed in for approval by being entered. A department manager asks for the own departments.
#[utoipa::path(tag = "support", params(ValidateOnly), request_body = ProvidedResourceDraft,
    responses((status = 201, description = "The request.", body = ProvidedResource)),
    security(("bearer" = ["resources:create"])))]
#[post("/v1/resources")]
async fn request_resource(
    permit: Permit<Create, ProvidedResource>,
    draft: Body<ProvidedResourceDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let number = organizations::next_number(tx, "provided_resource")?;
            let resource = ProvidedResource::request(draft.0.clone(), number, tx.signature(None)?, tx.now())?;
            let resource = resources::add(tx, &resource)?;
            Answer::created(&resource, format!("/v1/resources/{}", resource.id))
        })
        .await
}

/// Get a resource
///
/// Also one that was withdrawn.
#[utoipa::path(tag = "support", params(InPath),
    responses((status = 200, description = "The resource.", body = ProvidedResource)),
    security(("bearer" = ["resources:read"])))]
#[get("/v1/resources/{id}")]
async fn get_resource(permit: Permit<Read, ProvidedResource>, id: Path<ProvidedResource>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&resources::find(tx, *id)?.value)).await
}

/// What a step does to a resource that the caller may do `verb` to.
fn step(
    tx: &mut Tx<'_>,
    id: Id<ProvidedResource>,
    read: IfMatch,
    verb: Verb,
    rule: impl FnOnce(&mut Tx<'_>, &mut Loaded<ProvidedResource>) -> Outcome<()>,
) -> Outcome<Answer> {
    let mut resource = resources::find_for(tx, id, verb)?;
    read.check(&resource)?;
    rule(tx, &mut resource)?;
    Answer::record(&resources::store(tx, resource)?)
}

/// Revise a resource
///
/// Changes a request that is not approved yet and hands it in anew (SD-12); whoever does prepared it (SD-1).
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly),
    request_body(content = ProvidedResourceDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The request.", body = ProvidedResource)),
    security(("bearer" = ["resources:update"])))]
#[patch("/v1/resources/{id}")]
async fn revise_resource(
    permit: Permit<Update, ProvidedResource>,
    id: Path<ProvidedResource>,
    read: IfMatch,
    patch: Patch<ProvidedResourceDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Verb::Update, |tx, resource| {
                let draft = patch.apply(&resource.draft)?;
                Ok(resource.revise(draft, tx.signature(None)?)?)
            })
        })
        .await
}

/// Approve a resource
///
/// By top management; not by whoever asked for it (SD-1).
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Approval,
    responses((status = 200, description = "The resource.", body = ProvidedResource)),
    security(("bearer" = ["resources:approve"])))]
#[post("/v1/resources/{id}/approval")]
async fn approve_resource(
    permit: Permit<Approve, ProvidedResource>,
    id: Path<ProvidedResource>,
    read: IfMatch,
    approval: Body<Approval>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Verb::Approve, |tx, resource| {
                resource.guard(ProvidedResourceAction::Approve)?;
                let (by, alone) = resources::approvers(tx)?.sign(tx, resource.preparer(), &approval.0)?;
                Ok(resource.approve(by, alone)?)
            })
        })
        .await
}

/// Return a resource
///
/// Gives the request back, to be mended or withdrawn.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The request.", body = ProvidedResource)),
    security(("bearer" = ["resources:approve"])))]
#[post("/v1/resources/{id}/return")]
async fn return_resource(
    permit: Permit<Approve, ProvidedResource>,
    id: Path<ProvidedResource>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Verb::Approve, |tx, resource| {
                let by = tx.signature(Some(because.0.reason.as_str().to_owned()))?;
                Ok(resource.send_back(by)?)
            })
        })
        .await
}

/// Record that a resource is provided
///
/// Since when what was approved is there.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Provision,
    responses((status = 200, description = "The resource.", body = ProvidedResource)),
    security(("bearer" = ["resources:update"])))]
#[post("/v1/resources/{id}/provision")]
async fn provide_resource(
    permit: Permit<Update, ProvidedResource>,
    id: Path<ProvidedResource>,
    read: IfMatch,
    provision: Body<Provision>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Verb::Update, |tx, resource| Ok(resource.provide(&provision.0, tx.today())?))
        })
        .await
}

/// Withdraw a resource
///
/// It is not needed any more, with a reason.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The resource.", body = ProvidedResource)),
    security(("bearer" = ["resources:update"])))]
#[post("/v1/resources/{id}/withdrawal")]
async fn withdraw_resource(
    permit: Permit<Update, ProvidedResource>,
    id: Path<ProvidedResource>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Verb::Update, |_, resource| Ok(resource.withdraw(because.0.reason.clone())?))
        })
        .await
}
