//! 4 Context of the organization: scope, zones, entry log, network diagram.

pub mod entry_log;
pub mod network_diagram;
pub mod scope;
pub mod zone;

pub mod interested_party;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the module.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .configure(interested_party::routes)
        .configure(scope::routes)
        .configure(zone::routes)
        .configure(entry_log::routes)
        .configure(network_diagram::routes);
}
