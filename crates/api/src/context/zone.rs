//! Security zones.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    context::zone::{Zone, ZoneDraft},
    kernel::{
        page::Page,
        refusal::{Code, Refusal},
        retirement::Retirement,
    },
    planning::rating::Rating,
};
use mamori_persistence::context::{
    entry_log as entries,
    zone::{self as zones, Filter},
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
    config.service(list_zones).service(create_zone).service(get_zone).service(revise_zone).service(retire_zone);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ZoneQuery {
    /// Text in the name.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// Of this level.
    security_level: Option<Rating>,
    /// Inside of the scope, or outside.
    in_scope: Option<bool>,
    /// Also those that were given up.
    #[param(default = false)]
    include_retired: Option<bool>,
    /// The order.
    #[param(pattern = "^-?(name|security_level|updated_at)$", default = "name")]
    sort: Option<String>,
}

/// List zones
///
/// The layout of the premises: each zone with its level and what it borders on.
#[utoipa::path(tag = "context", params(Paging, ZoneQuery),
    responses((status = 200, description = "A page of zones.", body = Page<Zone>)),
    security(("bearer" = ["scope:read"])))]
#[get("/v1/zones")]
async fn list_zones(permit: Permit<Read, Zone>, paging: Paging, query: Query<ZoneQuery>) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "name")?;
    let filter = Filter {
        id: None,
        q: query.q.clone(),
        updated_since: query.updated_since,
        security_level: query.security_level,
        in_scope: query.in_scope,
        include_retired: query.include_retired.unwrap_or_default(),
    };
    permit.read(move |tx| Answer::ok(&zones::list(tx, &filter, &page)?)).await
}

/// Create a zone
///
/// Its name is unique among the zones that exist. The zones that it borders on come to border on it.
#[utoipa::path(tag = "context", params(ValidateOnly), request_body = ZoneDraft,
    responses((status = 201, description = "The new zone.", body = Zone)),
    security(("bearer" = ["scope:create"])))]
#[post("/v1/zones")]
async fn create_zone(permit: Permit<Create, Zone>, draft: Body<ZoneDraft>) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let zone = zones::add(tx, &Zone::establish(draft.0.clone(), tx.now())?)?;
            Answer::created(&zone, format!("/v1/zones/{}", zone.id))
        })
        .await
}

/// Get a zone
///
/// Also one that was given up.
#[utoipa::path(tag = "context", params(InPath),
    responses((status = 200, description = "The zone.", body = Zone)),
    security(("bearer" = ["scope:read"])))]
#[get("/v1/zones/{id}")]
async fn get_zone(permit: Permit<Read, Zone>, id: Path<Zone>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&zones::find(tx, *id)?.value)).await
}

/// Revise a zone
///
/// Changes what is written about it. Entries that are in the log already stay judged as they were.
#[utoipa::path(tag = "context", params(InPath, IfMatch, ValidateOnly),
    request_body(content = ZoneDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The zone.", body = Zone)),
    security(("bearer" = ["scope:update"])))]
#[patch("/v1/zones/{id}")]
async fn revise_zone(
    permit: Permit<Update, Zone>,
    id: Path<Zone>,
    read: IfMatch,
    patch: Patch<ZoneDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut zone = zones::find(tx, *id)?;
            read.check(&zone)?;
            let draft = patch.apply(&zone.draft)?;
            zone.revise(draft)?;
            Answer::record(&zones::store(tx, zone)?)
        })
        .await
}

/// Retire a zone
///
/// Gives it up; nothing borders on it any more. Refused while the entry log has somebody inside.
#[utoipa::path(tag = "context", params(InPath, IfMatch, ValidateOnly), request_body = Retirement,
    responses((status = 200, description = "The zone.", body = Zone)),
    security(("bearer" = ["scope:update"])))]
#[post("/v1/zones/{id}/retirement")]
async fn retire_zone(
    permit: Permit<Update, Zone>,
    id: Path<Zone>,
    read: IfMatch,
    retirement: Body<Retirement>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut zone = zones::find(tx, *id)?;
            read.check(&zone)?;
            zone.retire(retirement.0.clone(), tx.today())?;
            if entries::is_anybody_inside(tx, *id)? {
                return Err(Refusal::new(Code::InUse).into());
            }
            Answer::record(&zones::store(tx, zone)?)
        })
        .await
}
