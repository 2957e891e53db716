//! The organization and its people.

pub mod department;
#[expect(clippy::module_inception, reason = "mirrors the domain")]
pub mod organization;
pub mod person;
pub mod position;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the module.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .configure(organization::routes)
        .configure(department::routes)
        .configure(position::routes)
        .configure(person::routes);
}
