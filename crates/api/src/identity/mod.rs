//! Who logs in here, and with what.

pub mod access_token;
pub mod me;
pub mod principal;
pub mod session;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the module.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .configure(session::routes)
        .configure(me::routes)
        .configure(access_token::routes)
        .configure(principal::routes);
}
