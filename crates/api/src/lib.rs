//! Routes and handlers of mamori. A handler is a straight line: with a permit, in one transaction, find it, check what
//! was read, apply the rule, store it.

pub mod catalog;
pub mod commands;
pub mod context;
pub mod evaluation;
pub mod identity;
pub mod integration;
pub mod kernel;
pub mod leadership;
pub mod operation;
pub mod organization;
pub mod overview;
pub mod planning;
pub mod support;

use actix_cors::Cors;
use actix_web::{
    App, HttpResponse,
    body::BoxBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    http::header,
    middleware::{Compat, from_fn},
    web,
};
use kernel::{gate::gate, service::Service, telemetry};
use utoipa_actix_web::{AppExt, service_config::ServiceConfig};
use utoipa_swagger_ui::SwaggerUi;

/// Every operation of the API, module by module.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .configure(identity::routes)
        .configure(organization::routes)
        .configure(leadership::routes)
        .configure(planning::routes)
        .configure(support::routes)
        .configure(context::routes)
        .configure(overview::routes)
        .configure(operation::routes)
        .configure(evaluation::routes)
        .configure(integration::routes)
        .configure(catalog::routes);
}

/// The application around a service: the same for the real thing, the demo and the tests.
pub fn application(
    service: Service,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<BoxBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    let cors = cors(&service);
    let (app, _) = App::new().into_utoipa_app().configure(routes).split_for_parts();
    app.app_data(web::Data::new(service))
        .service(web::resource("/openapi.json").route(web::get().to(openapi)))
        .service(SwaggerUi::new("/docs/{_:.*}").config(utoipa_swagger_ui::Config::from("/openapi.json")))
        .service(web::resource("/docs").route(web::get().to(docs)))
        .service(web::resource("/healthz").route(web::get().to(healthz)))
        .service(web::resource("/readyz").route(web::get().to(readyz)))
        .service(web::resource("/metrics").route(web::get().to(metrics)))
        .wrap(from_fn(gate))
        .wrap(Compat::new(cors))
}

/// Closed, but for the origins that the settings name; `*localhost*` opens it to every port of this machine.
fn cors(service: &Service) -> Cors {
    let origins = service.settings().cors_origins.clone();
    let headers = ["etag", "location", "x-request-id", "retry-after", "idempotency-replayed", "content-disposition"];
    Cors::default()
        .allowed_origin_fn(move |origin, _| {
            let origin = origin.to_str().unwrap_or_default();
            origins.iter().any(|allowed| match allowed.as_str() {
                "*localhost*" => ["http://localhost", "http://127.0.0.1"].iter().any(|local| {
                    origin.strip_prefix(local).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
                }),
                allowed => allowed == origin,
            })
        })
        .allowed_methods(["GET", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::ACCEPT,
            header::ACCEPT_LANGUAGE,
            header::IF_MATCH,
            header::IF_NONE_MATCH,
            header::HeaderName::from_static("idempotency-key"),
            header::HeaderName::from_static("x-request-id"),
            header::HeaderName::from_static("traceparent"),
        ])
        .expose_headers(headers)
        .max_age(600)
}

async fn openapi(service: web::Data<Service>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(service.document().to_owned())
}

async fn docs() -> HttpResponse {
    HttpResponse::Found().insert_header((header::LOCATION, "/docs/")).finish()
}

/// Alive.
async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(r#"{"status":"alive"}"#)
}

/// The database answers and its schema is the one of this release.
async fn readyz(service: web::Data<Service>) -> HttpResponse {
    match service.db().read(None, mamori_persistence::kernel::migrations::pending).await {
        Ok(0) => HttpResponse::Ok().content_type("application/json").body(r#"{"status":"ready"}"#),
        Ok(_) => HttpResponse::ServiceUnavailable()
            .content_type("application/json")
            .body(r#"{"status":"migrations pending"}"#),
        Err(failure) => {
            tracing::error!(%failure, "not ready");
            HttpResponse::ServiceUnavailable()
                .content_type("application/json")
                .body(r#"{"status":"database unavailable"}"#)
        }
    }
}

async fn metrics() -> HttpResponse {
    let text = telemetry::metrics().map(metrics_exporter_prometheus::PrometheusHandle::render).unwrap_or_default();
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text)
}
