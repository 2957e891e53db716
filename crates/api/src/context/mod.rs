//! 4 Context of the organization.

pub mod interested_party;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the module.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.configure(interested_party::routes);
}
