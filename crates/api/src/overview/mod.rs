//! Views over all modules.

mod work_item;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the module.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.configure(work_item::routes);
}
