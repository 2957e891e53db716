//! 6 Planning: assets, criteria, risks, treatment.

pub mod asset;
pub mod asset_import;
pub mod objective;
pub mod planned_change;
pub mod risk;
pub mod risk_criteria;
pub mod treatment_item;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the module.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .configure(asset::routes)
        .configure(asset_import::routes)
        .configure(risk_criteria::routes)
        .configure(risk::routes)
        .configure(treatment_item::routes)
        .configure(objective::routes)
        .configure(planned_change::routes);
}
