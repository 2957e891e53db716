//! 8 Operation: the annual plan, operation checklists, suppliers.

pub mod annual_plan;
pub mod annual_plan_row;
pub mod checklist;
pub mod checklist_run;
pub mod supplier;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the module.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .configure(annual_plan::routes)
        .configure(annual_plan_row::routes)
        .configure(checklist::routes)
        .configure(checklist_run::routes)
        .configure(supplier::routes);
}
