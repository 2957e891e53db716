//! 9 Performance evaluation: measurements, audit programme, internal and external audits, feedback of interested parties,
//! management reviews and their instructions.

pub mod audit;
pub mod audit_checklist_item;
pub mod audit_programme;
pub mod external_audit;
pub mod feedback;
pub mod finding;
pub mod management_review;
pub mod measurement;
pub mod review_action;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the module.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .configure(measurement::routes)
        .configure(feedback::routes)
        .configure(management_review::routes)
        .configure(review_action::routes)
        .configure(audit_programme::routes)
        .configure(audit::routes)
        .configure(audit::guest::routes)
        .configure(audit::report::routes)
        .configure(audit_checklist_item::routes)
        .configure(external_audit::routes)
        .configure(finding::routes);
}
