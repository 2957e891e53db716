//! 6 Planning: assets, criteria, risks and their assessment, treatment, the statement of applicability.

pub mod applicability;
pub mod asset;
pub mod asset_import;
pub mod objective;
pub mod planned_change;
pub mod risk;
pub mod risk_assessment;
pub mod risk_criteria;
pub mod treatment_item;
pub mod treatment_plan;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the module.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .configure(asset::routes)
        .configure(asset_import::routes)
        .configure(risk_criteria::routes)
        .configure(risk::routes)
        .configure(treatment_item::routes)
        .configure(risk_assessment::routes)
        .configure(treatment_plan::routes)
        .configure(applicability::routes)
        .configure(objective::routes)
        .configure(planned_change::routes);
}
