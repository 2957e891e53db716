//! Rate limits, as a client meets them.

use std::num::NonZeroU32;

use actix_web::{http::StatusCode, test::TestRequest};
use mamori_api::{
    commands::serve,
    kernel::{config::Settings, tokens::Keys},
};
use mamori_domain::kernel::clock::Clock;
use mamori_persistence::kernel::db::migrate;
use serde_json::json;

use crate::harness::{Application, Backend, beginning, files_beside, place};

#[actix_web::test]
async fn too_many_logins_from_one_address_are_told_to_wait() {
    let location = place(Backend::Sqlite).expect("SQLite");
    migrate(location.clone()).await.expect("migrations");
    let settings = Settings { logins_per_second: NonZeroU32::MIN, ..Settings::default() };
    let keys = Keys::ephemeral().expect("a key");
    let files = files_beside(&location);
    let service = serve::start(location, Clock::manual(beginning()), keys, files, settings).await.expect("a service");
    let app = Application::of(service).await;
    let log_in = async |address: &str| {
        let body = json!({ "email": "nobody@example.com", "password": "whatever it is" });
        let peer = address.parse().expect("an address");
        let request = TestRequest::post().uri("/v1/sessions").peer_addr(peer).set_json(body);
        app.answer(request).await
    };
    // Four times the rate at once.
    for _ in 0..4 {
        assert_eq!(log_in("192.0.2.1:1024").await.status, StatusCode::UNAUTHORIZED);
    }
    let refused = log_in("192.0.2.1:1025").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(refused.code(), "too_many_requests");
    assert_eq!(log_in("192.0.2.2:1024").await.status, StatusCode::UNAUTHORIZED, "another address");
}
