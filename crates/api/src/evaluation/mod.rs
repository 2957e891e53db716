//! 9 Performance evaluation: measurements, feedback of interested parties, management reviews and their instructions.

pub mod feedback;
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
        .configure(review_action::routes);
}
