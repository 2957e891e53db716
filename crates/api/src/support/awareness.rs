//! Awareness (7.3).

pub mod acknowledgement;
pub mod obligation;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.configure(obligation::routes).configure(acknowledgement::routes);
}
