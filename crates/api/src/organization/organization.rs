//! The organization of the caller and its settings.

use actix_web::{get, patch};
use mamori_domain::{
    kernel::page::Page,
    organization::organization::{Organization, OrganizationDraft, SettingsVersion},
};
use mamori_persistence::organization::organization as organizations;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    body::{IfMatch, Patch},
    permit::{
        Permit,
        verbs::{Read, Update},
    },
    problem::Problem,
    query::{Paging, Query, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_organization).service(revise_organization).service(list_settings_versions);
}

/// Get the organization
///
/// The organization of the caller, with the settings in force.
#[utoipa::path(tag = "organization", responses((status = 200, description = "The organization.", body = Organization)),
    security(("bearer" = ["organization:read"])))]
#[get("/v1/organization")]
async fn get_organization(permit: Permit<Read, Organization>) -> Result<Answer, Problem> {
    permit.read(|tx| Answer::record(&organizations::find(tx)?.value)).await
}

/// Revise the organization
///
/// Changes its settings; the version before is kept.
#[utoipa::path(tag = "organization", params(IfMatch, ValidateOnly),
    request_body(content = OrganizationDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The organization.", body = Organization)),
    security(("bearer" = ["organization:update"])))]
#[patch("/v1/organization")]
async fn revise_organization(
    permit: Permit<Update, Organization>,
    read: IfMatch,
    patch: Patch<OrganizationDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut organization = organizations::find(tx)?;
            read.check(&organization)?;
            let draft = patch.apply(&organization.draft)?;
            organization.revise(draft)?;
            Answer::record(&organizations::store(tx, organization)?)
        })
        .await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct VersionQuery {
    /// The order.
    #[param(pattern = "^-?(version)$", default = "-version")]
    sort: Option<String>,
}

/// List versions of the settings
///
/// Every version of the settings that was ever in force, with who changed it.
#[utoipa::path(tag = "organization", params(Paging, VersionQuery),
    responses((status = 200, description = "A page of versions.", body = Page<SettingsVersion>)),
    security(("bearer" = ["organization:read"])))]
#[get("/v1/organization/settings-versions")]
async fn list_settings_versions(
    permit: Permit<Read, Organization>,
    paging: Paging,
    query: Query<VersionQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "-version")?;
    permit.read(move |tx| Answer::ok(&organizations::versions(tx, &page)?)).await
}
