//! The document itself: complete, typed, committed.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use actix_web::http::Method;
use mamori_api::kernel::openapi;
use serde_json::Value;

use super::client::{Api, DOCUMENT, OPERATIONS};
use crate::harness::{Backend, on};

/// Enums of the document that are not words with labels; this list may only shrink.
const WITHOUT_LABELS: [&str; 4] = [
    "Code",      // explained by its message in each problem
    "ControlId", // has titles of its own: /v1/catalog/controls
    "Scope",     // resource:verb, in /v1/catalog/roles
    "TokenType", // a word of RFC 6750
];

/// The open doors: the only operations without a credential; this list may only shrink.
const DOORS: [&str; 4] = ["log_in", "refresh_session", "set_password", "set_up"];

/// A file of the repository that is compared; with `$variable` set it is written instead.
pub fn compare(path: &str, variable: &str, text: &str) {
    let file: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    if std::env::var_os(variable).is_some() {
        std::fs::write(&file, text).expect("a written file");
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    let differs = committed.lines().zip(text.lines()).position(|(committed, now)| committed != now);
    assert!(
        committed == text,
        "{path} is not what the code describes, from line {}: {variable}=1 cargo test -p mamori-tests writes it",
        differs.map_or(committed.lines().count().min(text.lines().count()), |line| line) + 1,
    );
}

#[test]
fn the_committed_document_is_what_the_code_describes() {
    compare("openapi/v1.json", "UPDATE_OPENAPI", &openapi::text(&openapi::document()));
}

/// Calls `visit` on every object in `value`.
fn each<'a>(value: &'a Value, visit: &mut impl FnMut(&'a Value)) {
    visit(value);
    match value {
        Value::Object(fields) => fields.values().for_each(|field| each(field, visit)),
        Value::Array(items) => items.iter().for_each(|item| each(item, visit)),
        _ => {}
    }
}

#[test]
fn every_reference_resolves() {
    each(&DOCUMENT, &mut |value| {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            let pointer = reference.strip_prefix('#').expect("a reference within the document");
            assert!(DOCUMENT.pointer(pointer).is_some(), "{reference} leads nowhere");
        }
    });
}

#[test]
fn every_operation_is_described() {
    let mut ids = BTreeSet::new();
    let tags: BTreeSet<&str> =
        DOCUMENT["tags"].as_array().expect("tags").iter().filter_map(|tag| tag["name"].as_str()).collect();
    for operation in OPERATIONS.iter() {
        let (id, value) = (operation.id(), &operation.value);
        assert!(ids.insert(id), "two operations are called {id}");
        let text = |name: &str| value[name].as_str().unwrap_or_default().trim();
        assert!(!text("summary").is_empty() && !text("description").is_empty(), "{id} has summary and description");
        assert!(!text("summary").ends_with('.'), "{id}: a summary is a title");
        let tag = value["tags"].as_array().filter(|tags| tags.len() == 1).and_then(|tags| tags[0].as_str());
        assert!(tag.is_some_and(|tag| tags.contains(tag)), "{id} has one tag, and it is described");
        for parameter in value["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].as_str().is_some_and(|d| !d.is_empty()), "{id}: {}", parameter["name"]);
        }
    }
}

#[test]
fn every_answer_is_typed() {
    for operation in OPERATIONS.iter() {
        let responses = operation.value["responses"].as_object().expect("responses");
        let (good, bad): (Vec<_>, Vec<_>) = responses.iter().partition(|(status, _)| status.as_str() < "400");
        assert!(good.iter().any(|(status, _)| status.starts_with('2')), "{} succeeds", operation.id());
        for (status, response) in good {
            let Some(content) = response["content"].as_object() else {
                assert!(matches!(status.as_str(), "204" | "304"), "{} {status} has a body", operation.id());
                continue;
            };
            for (media, content) in content {
                let typed = content["schema"]["$ref"].is_string();
                let file = !media.ends_with("/json") && content["schema"]["type"] == "string";
                assert!(typed || file, "{} {status} {media} has a named schema", operation.id());
            }
        }
        for (status, response) in bad {
            let schema = &response["content"]["application/problem+json"]["schema"]["$ref"];
            assert_eq!(schema, "#/components/schemas/Problem", "{} {status}", operation.id());
        }
        for status in ["400", "406", "429", "500", "503"] {
            assert!(responses.contains_key(status), "{} documents {status}", operation.id());
        }
    }
}

#[test]
fn every_operation_names_one_grant_but_for_the_doors() {
    let mut doors = Vec::new();
    for operation in OPERATIONS.iter() {
        let security = operation.value["security"].as_array().expect("security");
        match operation.scope() {
            None => doors.push(operation.id()),
            Some(_) => {
                assert_eq!(security.len(), 1, "{}", operation.id());
                let schemes = security[0].as_object().expect("a scheme");
                assert_eq!(schemes.keys().collect::<Vec<_>>(), ["bearer"], "{}", operation.id());
                assert_eq!(schemes["bearer"].as_array().map(Vec::len), Some(1), "{}", operation.id());
                let answers = operation.value["responses"].as_object().expect("responses");
                assert!(answers.contains_key("401") && answers.contains_key("403"), "{}", operation.id());
            }
        }
    }
    doors.sort_unstable();
    assert_eq!(doors, DOORS);
}

#[test]
fn every_operation_follows_the_conventions() {
    for operation in OPERATIONS.iter() {
        let (id, path) = (operation.id(), operation.path.as_str());
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        assert_eq!(segments[0], "v1", "{id}");
        let kebab = |segment: &&str| segment.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        assert!(segments.iter().all(|segment| *segment == "{id}" || kebab(segment)), "{path} is kebab-case");
        assert!(segments.len() <= 4, "{path} has two levels at most");
        if operation.method == Method::PATCH {
            let body = operation.value["requestBody"]["content"].as_object().expect("a body");
            assert!(body.contains_key(openapi::MERGE_PATCH), "{id} takes a merge patch");
        }
        // A change of something that is there: 412, 428.
        let changes = matches!(operation.method, Method::PATCH | Method::PUT | Method::DELETE);
        let matched = operation.parameter("header", "If-Match").is_some();
        assert!(matched || !changes, "{id} takes If-Match");
        if matched {
            let answers = operation.value["responses"].as_object().expect("responses");
            assert!(answers.contains_key("412") && answers.contains_key("428"), "{id}");
        }
        if operation.method == Method::POST && operation.scope().is_some() {
            assert!(operation.parameter("header", "Idempotency-Key").is_some(), "{id} takes Idempotency-Key");
        }
    }
}

#[test]
fn every_record_that_takes_a_step_says_which_are_open() {
    for operation in OPERATIONS.iter().filter(|operation| operation.parameter("header", "If-Match").is_some()) {
        let answer = &operation.value["responses"]["200"]["content"]["application/json"]["schema"]["$ref"];
        let schema = answer.as_str().and_then(|reference| DOCUMENT.pointer(reference.strip_prefix('#')?));
        let schema = schema.unwrap_or_else(|| panic!("{} answers with the record", operation.id()));
        let actions = &schema["properties"]["allowed_actions"]["items"]["$ref"];
        assert!(actions.is_string(), "{}: {answer} has no allowed_actions", operation.id());
    }
}

#[test]
fn no_two_types_share_the_name_of_a_schema() {
    fn read(folder: &Path, names: &mut BTreeMap<String, Vec<String>>) {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                read(&path, names);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = std::fs::read_to_string(&path).expect("a source file");
                let mut derived = false;
                for line in text.lines() {
                    derived |= line.contains("ToSchema)]") || line.trim() == "ToSchema,";
                    let mut words = line.trim_start_matches("pub ").split(|c: char| !c.is_alphanumeric());
                    if matches!(words.next(), Some("struct" | "enum")) {
                        let name = words.next().unwrap_or_default().to_owned();
                        if std::mem::take(&mut derived) {
                            names.entry(name).or_default().push(path.display().to_string());
                        }
                    }
                }
            }
        }
    }
    let mut names = BTreeMap::new();
    for sources in ["../crates/domain/src", "../crates/api/src"] {
        read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(sources), &mut names);
    }
    assert!(names.len() > 100, "the types are found: {}", names.len());
    names.retain(|_, places| places.len() > 1);
    assert_eq!(names, BTreeMap::new(), "the later one would take the place of the other in the document");
}

/// Every enum that the document knows, by its words, with the place where it stands.
fn enums() -> BTreeMap<BTreeSet<String>, String> {
    let mut found = BTreeMap::new();
    for (name, schema) in DOCUMENT["components"]["schemas"].as_object().expect("schemas") {
        if let Some(words) = schema["enum"].as_array() {
            let words = words.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect();
            found.insert(words, name.clone());
        }
    }
    found
}

#[actix_web::test]
async fn every_word_has_its_labels_in_the_catalog() {
    on(Backend::Sqlite, |world| async move {
        let api = Api::of(&world).await;
        let lists = api.get("/v1/catalog/enums?limit=200").by(super::specimen::WORKER).send().await.expect(200).json();
        let words = |list: &Value| -> BTreeSet<String> {
            let words = list["words"].as_array().expect("words").iter();
            words
                .map(|word| {
                    for language in ["ja", "en"] {
                        let label = word["label"][language].as_str().unwrap_or_default();
                        assert!(!label.is_empty(), "{} {}: {language}", list["name"], word["word"]);
                    }
                    word["word"].as_str().expect("a word").to_owned()
                })
                .collect()
        };
        let labelled: BTreeSet<BTreeSet<String>> =
            lists["items"].as_array().expect("lists").iter().map(words).collect();
        let missing: BTreeSet<String> =
            enums().into_iter().filter(|(words, _)| !labelled.contains(words)).map(|(_, name)| name).collect();
        let missing: Vec<&String> = missing.iter().collect();
        assert_eq!(missing, WITHOUT_LABELS, "enums of the document that the catalog does not list");
    })
    .await;
}
