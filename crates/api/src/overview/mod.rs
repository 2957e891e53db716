//! Views over all modules.

#[expect(clippy::module_inception, reason = "mirrors the domain")]
mod overview;
mod work_item;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the module.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.configure(overview::routes).configure(work_item::routes);
}
