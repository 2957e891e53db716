//! 7 Support: resources, competence, what the law demands, education, awareness, communication, documented information.

pub mod awareness;
pub mod communication;
pub mod competence_check;
pub mod competence_requirement;
pub mod disposal;
pub mod document;
pub mod documented_information;
pub mod education;
pub mod file;
pub mod legal_requirement;
pub mod resource;
pub mod retention_rule;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the module.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .configure(resource::routes)
        .configure(competence_requirement::routes)
        .configure(competence_check::routes)
        .configure(legal_requirement::routes)
        .configure(education::programme::routes)
        .configure(education::test::routes)
        .configure(education::attempt::routes)
        .configure(education::learning::routes)
        .configure(education::duty::routes)
        .configure(education::campaign::routes)
        .configure(education::campaign::record::routes)
        .configure(education::material::routes)
        .configure(education::enrolment::routes)
        .configure(education::effectiveness::routes)
        .configure(awareness::routes)
        .configure(communication::routes)
        .configure(document::routes)
        .configure(document::version::routes)
        .configure(documented_information::routes)
        .configure(retention_rule::routes)
        .configure(disposal::routes);
}
