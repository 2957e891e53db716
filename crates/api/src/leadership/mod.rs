//! 5 Leadership.

pub mod appointment;
pub mod commitment;
pub mod organization_chart;
pub mod policy;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the module.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .configure(commitment::routes)
        .configure(policy::routes)
        .configure(organization_chart::routes)
        .configure(appointment::routes);
}
