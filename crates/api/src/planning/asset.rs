//! The asset inventory.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    access::{Role, Verb},
    kernel::{id::Id, page::Page, sheet::SheetColumn},
    organization::{department::Department, organization::ClassificationCode, person::Person},
    planning::{
        asset::{Asset, AssetDisposal, AssetDraft, AssetState, Media},
        asset_import::{Column, export_row},
        rating::Rating,
    },
};
use mamori_persistence::{
    kernel::{failure::Outcome, paging::all, tx::Tx},
    organization::organization as organizations,
    planning::{
        asset::{self as assets, Filter},
        risk as risks,
    },
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::integration::event::note_export;
use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch, Patch},
    permit::{
        Permit,
        verbs::{Approve, Create, Read, Update},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
    sheet::{ListFormat, Sheet},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_assets)
        .service(create_asset)
        .service(get_asset)
        .service(revise_asset)
        .service(confirm_asset)
        .service(dispose_asset);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AssetQuery {
    /// Text in number, category, name, remarks, users or place.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// Managed by this department.
    #[param(value_type = Option<String>, format = Uuid)]
    department_id: Option<Id<Department>>,
    /// Whose risks this person owns, directly or by a position held today.
    #[param(value_type = Option<String>, format = Uuid)]
    risk_owner_person_id: Option<Id<Person>>,
    /// With this importance.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 3)]
    importance: Option<Rating>,
    /// Kept on this medium.
    #[param(inline)]
    media: Option<Media>,
    /// Of this class.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9_]{0,39}$")]
    classification: Option<ClassificationCode>,
    /// In this state; without it only those in use.
    #[param(inline)]
    state: Option<AssetState>,
    /// Whether its owner has confirmed the entry as it stands.
    confirmed: Option<bool>,
    /// `csv` and `xlsx` give every asset that matches, without pages, in the form that imports again unchanged.
    #[param(inline, default = "json")]
    format: Option<ListFormat>,
    /// The order.
    #[param(pattern = "^-?(number|name|importance|updated_at)$", default = "number")]
    sort: Option<String>,
}

/// List assets
///
/// The inventory within the caller's reach.
#[utoipa::path(tag = "planning", params(Paging, AssetQuery),
    responses((status = 200, description = "A page of assets, or all of them as a file.", content(
        (Page<Asset> = "application/json"), (String = "text/csv"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))),
    security(("bearer" = ["asset:read"])))]
#[get("/v1/assets")]
async fn list_assets(permit: Permit<Read, Asset>, paging: Paging, query: Query<AssetQuery>) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "number")?;
    let filter = Filter {
        q: query.q.clone(),
        updated_since: query.updated_since,
        department: query.department_id,
        risk_owner_person: query.risk_owner_person_id,
        importance: query.importance,
        media: query.media,
        classification: query.classification.clone(),
        state: query.state,
        confirmed: query.confirmed,
        ..Filter::default()
    };
    match query.format.unwrap_or(ListFormat::Json) {
        ListFormat::Json => permit.read(move |tx| Answer::ok(&assets::list(tx, &filter, &page)?)).await,
        format => {
            let (answer, count) = permit
                .report(move |tx| {
                    let found = all(tx, &page, |tx, page| assets::list(tx, &filter, page))?;
                    let rows: Vec<_> = found.iter().map(export_row).collect();
                    let count = rows.len();
                    let sheet = Sheet { name: "assets", headers: Column::headers(), rows, choices: Vec::new() };
                    Ok((sheet.answer(format)?, count))
                })
                .await?;
            permit.transact(move |tx| note_export(tx, "asset", count, &answer)).await
        }
    }
}

/// Create an asset
///
/// Enters it under the next number; its importance is computed.
#[utoipa::path(tag = "planning", params(ValidateOnly), request_body = AssetDraft,
    responses((status = 201, description = "The new asset.", body = Asset)),
    security(("bearer" = ["asset:create"])))]
#[post("/v1/assets")]
async fn create_asset(permit: Permit<Create, Asset>, draft: Body<AssetDraft>) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let classes = classes(tx)?;
            let number = organizations::next_number(tx, "asset")?;
            let asset = Asset::enter(draft.0.clone(), number, &classes, tx.now())?;
            let asset = assets::add(tx, &asset)?;
            Answer::created(&asset, format!("/v1/assets/{}", asset.id))
        })
        .await
}

/// Get an asset
///
/// Also one that was disposed of.
#[utoipa::path(tag = "planning", params(InPath),
    responses((status = 200, description = "The asset.", body = Asset)),
    security(("bearer" = ["asset:read"])))]
#[get("/v1/assets/{id}")]
async fn get_asset(permit: Permit<Read, Asset>, id: Path<Asset>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&assets::find(tx, *id)?.value)).await
}

/// Revise an asset
///
/// Where its importance moves, the open risks on it need another analysis.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly),
    request_body(content = AssetDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The asset.", body = Asset)),
    security(("bearer" = ["asset:update"])))]
#[patch("/v1/assets/{id}")]
async fn revise_asset(
    permit: Permit<Update, Asset>,
    id: Path<Asset>,
    read: IfMatch,
    patch: Patch<AssetDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut asset = assets::find_for(tx, *id, Verb::Update)?;
            read.check(&asset)?;
            let draft = patch.apply(&asset.draft)?;
            asset.revise(draft, &classes(tx)?)?;
            Answer::record(&assets::store(tx, asset)?)
        })
        .await
}

/// Confirm an asset
///
/// The owner of its risks confirms the entry as it stands. A later change takes the confirmation away.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The asset.", body = Asset)),
    security(("bearer" = ["asset:approve"])))]
#[post("/v1/assets/{id}/confirmation")]
async fn confirm_asset(permit: Permit<Approve, Asset>, id: Path<Asset>, read: IfMatch) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut asset = assets::find_for(tx, *id, Verb::Approve)?;
            read.check(&asset)?;
            asset.confirm(tx.signature_as(Role::RiskOwner, None)?)?;
            Answer::record(&assets::store(tx, asset)?)
        })
        .await
}

/// Dispose of an asset
///
/// Takes it out of the inventory with a date and a reason. One that was entered by mistake, and that no risk names, is
/// voided.
#[utoipa::path(tag = "planning", params(InPath, IfMatch, ValidateOnly), request_body = AssetDisposal,
    responses((status = 200, description = "The asset.", body = Asset)),
    security(("bearer" = ["asset:update"])))]
#[post("/v1/assets/{id}/disposal")]
async fn dispose_asset(
    permit: Permit<Update, Asset>,
    id: Path<Asset>,
    read: IfMatch,
    disposal: Body<AssetDisposal>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut asset = assets::find_for(tx, *id, Verb::Update)?;
            read.check(&asset)?;
            let referred_to = assets::has_risks(tx, *id)?;
            asset.dispose(disposal.0.clone(), tx.today(), referred_to)?;
            let asset = assets::store(tx, asset)?;
            risks::inputs_changed(tx, *id)?;
            Answer::record(&asset)
        })
        .await
}

/// The codes of the organization's own list of classes.
pub(super) fn classes(tx: &mut Tx<'_>) -> Outcome<Vec<ClassificationCode>> {
    let organization = organizations::find(tx)?;
    Ok(organization.draft.classifications.iter().map(|class| class.code.clone()).collect())
}
