//! What is true of every answer, whatever was asked: ids, languages, methods, and what stands beside the operations.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use actix_web::http::Method;
use mamori_api::kernel::openapi;
use serde_json::Value;

use super::{
    client::{Api, DOCUMENT, OPERATIONS},
    specimen::SECRETARY,
};
use crate::harness::{Backend, on};

#[actix_web::test]
async fn every_answer_has_the_id_of_its_request() {
    on(Backend::Sqlite, |world| async move {
        let api = Api::of(&world).await;
        for path in ["/v1/me", "/v1/assets/nonsense", "/v1/nowhere", "/v1/sessions"] {
            let call = || api.get(path).by(SECRETARY);
            let echoed = call().header("x-request-id", "my-id_1.2").send().await;
            assert_eq!(echoed.header("x-request-id"), "my-id_1.2", "{path}");
            let (first, second) = (call().send().await, call().send().await);
            assert_ne!(first.header("x-request-id"), second.header("x-request-id"), "{path}");
            for bad in ["", "a b", "<script>", &"x".repeat(65)] {
                let replaced = call().header("x-request-id", bad).send().await;
                assert_ne!(replaced.header("x-request-id"), bad, "{path}");
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn problems_are_told_in_the_language_asked_for() {
    on(Backend::Sqlite, |world| async move {
        let api = Api::of(&world).await;
        for (path, code) in [("/v1/nowhere", "unknown_path"), ("/v1/assets?limit=0", "malformed_cursor")] {
            let mut titles = BTreeMap::new();
            for (asked, language) in [
                ("", "ja"),
                ("*", "ja"),
                ("ja", "ja"),
                ("en", "en"),
                ("en-GB,en;q=0.9", "en"),
                ("ja;q=0.5, en;q=0.9", "en"),
                ("en;q=0.5, ja-JP", "ja"),
                ("fr, de;q=0.5", "ja"),
                ("en;q=0", "ja"),
                ("nonsense;;q=x,", "ja"),
            ] {
                let reply = api.get(path).by(SECRETARY).header("accept-language", asked).send().await;
                assert_eq!(
                    (reply.code().as_str(), reply.header("content-language").as_str()),
                    (code, language),
                    "{asked:?}"
                );
                let title = reply.json()["title"].as_str().expect("a title").to_owned();
                assert_eq!(title.is_ascii(), language == "en", "{asked:?}: {title}");
                assert_eq!(*titles.entry(language).or_insert_with(|| title.clone()), title, "{asked:?}");
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn every_path_tells_its_methods() {
    on(Backend::Sqlite, |world| async move {
        let api = Api::of(&world).await;
        let mut methods: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for operation in OPERATIONS.iter() {
            methods.entry(&operation.path).or_default().insert(operation.method.to_string());
        }
        for (path, allowed) in &methods {
            for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
                if allowed.contains(method.as_str()) {
                    continue;
                }
                // An unknown method is told before anybody is asked who they are.
                let reply = api.ask(method.clone(), path.replace("{id}", "x")).send().await.expect(405);
                assert_eq!(reply.code(), "method_not_allowed", "{method} {path}");
                let told: BTreeSet<String> = reply.header("allow").split(", ").map(ToOwned::to_owned).collect();
                let head = "HEAD".to_owned();
                assert!(told.iter().all(|one| allowed.contains(one) || *one == head), "{method} {path}: {told:?}");
                assert!(allowed.is_subset(&told), "{method} {path}: {told:?}");
            }
        }
        for path in ["/", "/v1", "/v1/", "/v1/nowhere", "/v1/assets/", "/v1/assets/x/y/z", "//v1/assets", "/v2/assets"]
        {
            for method in [Method::GET, Method::POST, Method::DELETE] {
                let reply = api.ask(method.clone(), path).by(SECRETARY).send().await.expect(404);
                assert_eq!(reply.code(), "unknown_path", "{method} {path}");
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn the_document_is_served_and_browsable_without_a_network() {
    on(Backend::Sqlite, |world| async move {
        let served = world.get("/openapi.json").send().await.expect(200);
        assert_eq!(String::from_utf8_lossy(&served.bytes), openapi::text(&DOCUMENT));
        let page = world.get("/docs/").send().await.expect(200);
        let html = String::from_utf8_lossy(&page.bytes).into_owned();
        assert!(!html.contains("src=\"http") && !html.contains("href=\"http"), "the page loads from elsewhere");
        for (path, status) in [("/healthz", "alive"), ("/readyz", "ready")] {
            let reply = world.get(path).send().await.expect(200);
            assert_eq!(reply.json()["status"], *status);
            assert!(!reply.header("x-request-id").is_empty());
        }
        world.get("/metrics").send().await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn other_origins_are_closed_out() {
    on(Backend::Sqlite, |world| async move {
        let api = Api::of(&world).await;
        let reply = api.get("/v1/me").by(SECRETARY).header("origin", "https://elsewhere.example").send().await;
        assert_eq!(reply.header("access-control-allow-origin"), "");
        let asked = world
            .ask(Method::OPTIONS, "/v1/assets")
            .header("origin", "https://elsewhere.example")
            .header("access-control-request-method", "GET")
            .send()
            .await;
        assert_eq!(asked.header("access-control-allow-origin"), "");
    })
    .await;
}

/// Codes that no request brings about on purpose; this list may only shrink.
const NOT_ASKED_FOR: [&str; 2] = [
    "internal",   // a fault of the service itself
    "overloaded", // below HTTP: kernel/database.rs
];

#[test]
fn every_code_is_reached_by_a_test() {
    fn read(folder: &Path, text: &mut String) {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            match entry.path() {
                path if path.is_dir() => read(&path, text),
                path => text.push_str(&std::fs::read_to_string(path).expect("a test")),
            }
        }
    }
    let mut tests = String::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("e2e"), &mut tests);
    let codes = DOCUMENT["components"]["schemas"]["Code"]["enum"].as_array().expect("codes");
    let words = codes.iter().filter_map(Value::as_str).filter(|word| !NOT_ASKED_FOR.contains(word));
    let missing: Vec<&str> = words.filter(|word| !tests.contains(&format!("\"{word}\""))).collect();
    assert_eq!(missing, Vec::<&str>::new(), "codes that no test looks for");
}

#[actix_web::test]
async fn every_code_that_a_contract_meets_is_documented() {
    // The codes of the document are those of the code: the enum is exhaustive, and its words are published.
    let codes = DOCUMENT["components"]["schemas"]["Code"]["enum"].as_array().expect("codes");
    let text = include_str!("../../../crates/domain/src/kernel/refusal.rs");
    let (_, list) = text.split_once("pub enum Code {").expect("the list of codes");
    let (list, _) = list.split_once("\n}").expect("its end");
    let variants: Vec<&str> =
        list.lines().map(str::trim).filter(|l| l.ends_with(',') && !l.starts_with("//")).collect();
    assert_eq!(codes.len(), variants.len());
    let explained = list.lines().filter(|line| line.trim().starts_with("///")).count();
    assert!(explained >= variants.len(), "every code is explained");
    let words: BTreeSet<&str> = codes.iter().filter_map(Value::as_str).collect();
    assert_eq!(words.len(), codes.len());
}
