//! 10 Improvement: corrective actions.

pub mod corrective_action;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the module.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .configure(corrective_action::routes)
        .configure(corrective_action::response::routes)
        .configure(corrective_action::verification::routes);
}
