//! Communication (7.4).

#[expect(clippy::module_inception, reason = "the resource is called as its clause")]
pub mod communication;
pub mod customer_questionnaire;
pub mod procedure;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.configure(procedure::routes).configure(communication::routes).configure(customer_questionnaire::routes);
}
