//! 4 Context of the organization.

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the module.
pub fn routes(_: &mut ServiceConfig<'_>) {}
