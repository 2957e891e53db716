//! 4 Context of the organization: issues, interested parties, actions on both, reviews; scope, zones, entry log, network
//! diagram.

pub mod action;
pub mod entry_log;
pub mod interested_party;
pub mod issue;
pub mod network_diagram;
pub mod review;
pub mod scope;
pub mod zone;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the module.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .configure(issue::routes)
        .configure(interested_party::routes)
        .configure(action::routes)
        .configure(review::routes)
        .configure(scope::routes)
        .configure(zone::routes)
        .configure(entry_log::routes)
        .configure(network_diagram::routes);
}
