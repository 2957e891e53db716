//! 5 Leadership.

pub mod appointment;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the module.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.configure(appointment::routes);
}
