//! 7 Support: resources, competence, awareness, communication, documented information.

pub mod awareness;
pub mod communication;
pub mod competence_check;
pub mod competence_requirement;
pub mod document;
pub mod documented_information;
pub mod file;
pub mod resource;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the module.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .configure(resource::routes)
        .configure(competence_requirement::routes)
        .configure(competence_check::routes)
        .configure(awareness::routes)
        .configure(communication::routes)
        .configure(document::routes)
        .configure(document::version::routes)
        .configure(documented_information::routes);
}
