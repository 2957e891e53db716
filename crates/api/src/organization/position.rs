//! Positions and their holders.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    kernel::{
        id::Id,
        page::Page,
        reference::Reference,
        refusal::{Code, Refusal},
    },
    organization::position::{HolderDraft, Position, PositionDraft},
};
use mamori_persistence::organization::{
    person as persons,
    position::{self as positions, Filter},
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
        .service(list_positions)
        .service(create_position)
        .service(get_position)
        .service(revise_position)
        .service(hand_over_position);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PositionQuery {
    /// Text in the title.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// Of this department.
    #[param(value_type = Option<String>, format = Uuid)]
    department_id: Option<Id<mamori_domain::organization::department::Department>>,
    /// The order.
    #[param(pattern = "^-?(title|updated_at)$", default = "title")]
    sort: Option<String>,
}

/// List positions
///
/// The positions of all departments, each with who holds it today.
#[utoipa::path(tag = "organization", params(Paging, PositionQuery),
    responses((status = 200, description = "A page of positions.", body = Page<Position>)),
    security(("bearer" = ["position:read"])))]
#[get("/v1/positions")]
async fn list_positions(
    permit: Permit<Read, Position>,
    paging: Paging,
    query: Query<PositionQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "title")?;
    let filter =
        Filter { id: None, q: query.q.clone(), updated_since: query.updated_since, department: query.department_id };
    permit.read(move |tx| Answer::ok(&positions::list(tx, &filter, &page)?)).await
}

/// Create a position
///
/// Nobody holds it yet. A department has one head position at most.
#[utoipa::path(tag = "organization", params(ValidateOnly), request_body = PositionDraft,
    responses((status = 201, description = "The new position.", body = Position)),
    security(("bearer" = ["position:create"])))]
#[post("/v1/positions")]
async fn create_position(permit: Permit<Create, Position>, draft: Body<PositionDraft>) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let position = positions::add(tx, &Position::create(draft.0.clone(), tx.now()))?;
            Answer::created(&position, format!("/v1/positions/{}", position.id))
        })
        .await
}

/// Get a position
///
/// With everybody who has held it.
#[utoipa::path(tag = "organization", params(InPath),
    responses((status = 200, description = "The position.", body = Position)),
    security(("bearer" = ["position:read"])))]
#[get("/v1/positions/{id}")]
async fn get_position(permit: Permit<Read, Position>, id: Path<Position>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&positions::find(tx, *id)?.value)).await
}

/// Revise a position
///
/// Changes its title or department, or makes it the head position.
#[utoipa::path(tag = "organization", params(InPath, IfMatch, ValidateOnly),
    request_body(content = PositionDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The position.", body = Position)),
    security(("bearer" = ["position:update"])))]
#[patch("/v1/positions/{id}")]
async fn revise_position(
    permit: Permit<Update, Position>,
    id: Path<Position>,
    read: IfMatch,
    patch: Patch<PositionDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut position = positions::find(tx, *id)?;
            read.check(&position)?;
            let draft = patch.apply(&position.draft)?;
            position.revise(draft);
            Answer::record(&positions::store(tx, position)?)
        })
        .await
}

/// Hand a position over
///
/// From the given day on somebody else holds it, or nobody; whoever held it leaves on the day before.
#[utoipa::path(tag = "organization", params(InPath, IfMatch, ValidateOnly), request_body = HolderDraft,
    responses((status = 200, description = "The position.", body = Position)),
    security(("bearer" = ["position:update"])))]
#[post("/v1/positions/{id}/handover")]
async fn hand_over_position(
    permit: Permit<Update, Position>,
    id: Path<Position>,
    read: IfMatch,
    draft: Body<HolderDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut position = positions::find(tx, *id)?;
            read.check(&position)?;
            let to = match draft.0.person_id {
                Some(person) => {
                    let unknown = |_| Refusal::field("/person_id", Code::UnknownReference);
                    let person = persons::look_up(tx, person).map_err(unknown)?;
                    Some(Reference::new(person.id, person.draft.name.as_str()))
                }
                None => None,
            };
            position.hand_over(to, draft.0.starts_on)?;
            Answer::record(&positions::store(tx, position)?)
        })
        .await
}
