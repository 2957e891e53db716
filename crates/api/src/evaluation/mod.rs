//! 9 Evaluation: internal audits.

pub mod audit;
pub mod audit_checklist_item;
pub mod finding;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the module.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .configure(audit::routes)
        .configure(audit::report::routes)
        .configure(audit_checklist_item::routes)
        .configure(finding::routes);
}
