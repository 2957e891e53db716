//! Materials of education campaigns.

use actix_web::{HttpResponse, get, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    kernel::{page::Page, sign_off::Because, transition::Stateful},
    support::{
        education::{
            campaign::{CampaignAction, EducationCampaign},
            material::{EducationMaterial, MaterialState},
        },
        file::StoredFile,
    },
};
use mamori_persistence::support::education::{
    campaign as campaigns,
    material::{self as materials, Filter},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    kernel::{
        answer::Answer,
        body::{Body, IfMatch},
        permit::{
            Permit,
            verbs::{Read, Update},
        },
        problem::Problem,
        query::{InPath, Paging, Path, Query, ValidateOnly},
    },
    support::file::{FileQuery, Incoming, deliver},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_education_materials)
        .service(add_education_material)
        .service(get_education_material)
        .service(get_education_material_file)
        .service(withdraw_education_material);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MaterialQuery {
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// In this state.
    #[param(inline)]
    state: Option<MaterialState>,
    /// The order.
    #[param(pattern = "^-?(created_at|updated_at)$", default = "created_at")]
    sort: Option<String>,
}

/// List the materials of an education campaign
///
/// The files that its learners read, and those that were withdrawn.
#[utoipa::path(tag = "support", params(InPath, Paging, MaterialQuery),
    responses((status = 200, description = "A page of materials.", body = Page<EducationMaterial>)),
    security(("bearer" = ["education_plan:read"])))]
#[get("/v1/education-campaigns/{id}/materials")]
async fn list_education_materials(
    permit: Permit<Read, EducationMaterial>,
    id: Path<EducationCampaign>,
    paging: Paging,
    query: Query<MaterialQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "created_at")?;
    let filter = Filter { id: None, updated_since: query.updated_since, campaigns: vec![*id], state: query.state };
    permit
        .read(move |tx| {
            campaigns::find(tx, *id)?;
            Answer::ok(&materials::list(tx, &filter, &page)?)
        })
        .await
}

/// Add a material to an education campaign
///
/// The raw bytes of a file; what they are is checked against `Content-Type`. While the plan is written, and until the
/// campaign is closed.
#[utoipa::path(tag = "support", params(InPath, FileQuery, ValidateOnly),
    request_body(content = Vec<u8>, description = "The file."),
    responses((status = 201, description = "The material.", body = EducationMaterial)),
    security(("bearer" = ["education_plan:update"])))]
#[post("/v1/education-campaigns/{id}/materials")]
async fn add_education_material(
    permit: Permit<Update, EducationMaterial>,
    id: Path<EducationCampaign>,
    incoming: Incoming,
) -> Result<Answer, Problem> {
    // Nothing is stored for a campaign that takes no materials.
    permit.read(move |tx| Ok(campaigns::find(tx, *id)?.guard(CampaignAction::Supply)?)).await?;
    let name = incoming.name.clone();
    let content = incoming.store(&permit).await?;
    permit
        .having_received(&content.sha256)
        .transact(move |tx| {
            campaigns::find(tx, *id)?.guard(CampaignAction::Supply)?;
            let file = StoredFile::new(&name, content.clone(), tx.now());
            let material = EducationMaterial::add(*id, file, tx.signature(None)?, tx.now());
            let material = materials::add(tx, &material)?;
            Answer::created(&material, format!("/v1/education-materials/{}", material.id))
        })
        .await
}

/// Get a material of an education campaign
///
/// With what is known of its file; the file itself is at `/file`.
#[utoipa::path(tag = "support", params(InPath),
    responses((status = 200, description = "The material.", body = EducationMaterial)),
    security(("bearer" = ["education_plan:read"])))]
#[get("/v1/education-materials/{id}")]
async fn get_education_material(
    permit: Permit<Read, EducationMaterial>,
    id: Path<EducationMaterial>,
) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&materials::find(tx, *id)?.value)).await
}

/// Get the file of a material
///
/// To be saved, not to be shown.
#[utoipa::path(tag = "support", params(InPath),
    responses((status = 200, description = "The file.", body = Vec<u8>)),
    security(("bearer" = ["education_plan:read"])))]
#[get("/v1/education-materials/{id}/file")]
async fn get_education_material_file(
    permit: Permit<Read, EducationMaterial>,
    id: Path<EducationMaterial>,
) -> Result<HttpResponse, Problem> {
    let file = permit.read(move |tx| Ok(materials::find(tx, *id)?.value.file)).await?;
    deliver(&permit, &file).await
}

/// Withdraw a material of an education campaign
///
/// Learners do not read it any more; it stays with the reason. Before the campaign is closed.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The material.", body = EducationMaterial)),
    security(("bearer" = ["education_plan:update"])))]
#[post("/v1/education-materials/{id}/withdrawal")]
async fn withdraw_education_material(
    permit: Permit<Update, EducationMaterial>,
    id: Path<EducationMaterial>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut material = materials::find(tx, *id)?;
            read.check(&material)?;
            campaigns::find(tx, material.campaign_id)?.guard(CampaignAction::Supply)?;
            material.withdraw(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?;
            Answer::record(&materials::store(tx, material)?)
        })
        .await
}
