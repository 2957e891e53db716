//! Education (7.2): comprehension tests.

pub mod test;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.configure(test::routes);
}
