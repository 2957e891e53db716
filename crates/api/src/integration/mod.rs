//! What other systems read and write.

pub mod delivery;
pub mod event;
pub mod notice;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the module.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.configure(event::routes).configure(notice::routes);
}
