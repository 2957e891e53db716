//! What is true of every list: it pages without loss, in a documented order, and costs the same for every page.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use mamori_api::{
    commands::serve,
    kernel::{config::Settings, tokens::Keys},
};
use serde_json::{Value, json};

use super::{
    client::{Api, Call, OPERATIONS, Operation},
    specimen::{ADMIN, AUDIT, SECRETARY, Stage, TRAINER, specimens},
};
use crate::harness::{World, files_beside, on_both, on_both_alone};

/// A list that begins with a record of its own.
async fn path(api: &Api, operation: &Operation) -> String {
    if !operation.path.contains("{id}") {
        return operation.path.clone();
    }
    let by = reader(operation);
    let (parents, _) = operation.path.split_once("/{id}").expect("a list below a record");
    let records = api.get(format!("{parents}?limit=200")).by(by).send().await.expect(200).json();
    for record in items(&records) {
        let path = operation.at(record["id"].as_str().expect("an id"));
        if items(&api.get(&path).by(by).send().await.expect(200).json()).len() > 1 {
            return path;
        }
    }
    panic!("{}: no record has two", operation.path);
}

/// Somebody who sees the whole list.
fn reader(operation: &Operation) -> &'static str {
    match operation.path.as_str() {
        path if path.starts_with("/v1/principals") => ADMIN,
        "/v1/test-attempts" => TRAINER,
        "/v1/audits/{id}/checklist-items" | "/v1/audits/{id}/guests" => AUDIT,
        _ => SECRETARY,
    }
}

/// More than one record in every list.
async fn fill(api: &Api, world: &World) {
    let stage = Stage::set(api, world).await;
    for specimen in specimens() {
        for _ in 0..2 {
            stage.make(specimen.name, &json!({})).await;
        }
    }
    // Two versions of the settings.
    let read = api.get("/v1/organization").by(SECRETARY).send().await.expect(200);
    let patch = json!({ "fiscal_year_start_month": 1 });
    api.patch("/v1/organization").by(SECRETARY).having_read(&read).json(&patch).send().await.expect(200);
    // So that moments differ too.
    world.wait(chrono::TimeDelta::minutes(3));
    stage.make("asset", &json!({})).await;
    stage.make("risk", &json!({})).await;
    stage.events().await;
}

fn items(page: &Value) -> Vec<Value> {
    page["items"].as_array().expect("items").clone()
}

/// Every item, page by page.
async fn walk(call: Call<'_>, limit: usize) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let mut page = call.clone().query(&format!("limit={limit}"));
        if let Some(cursor) = &cursor {
            page = page.query(&format!("cursor={cursor}"));
        }
        let page = page.send().await.expect(200).json();
        let found = items(&page);
        assert!(found.len() <= limit);
        all.extend(found);
        match page["next"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return all,
        }
        assert!(all.len() < 2000, "a list without end");
    }
}

/// The value that a list is ordered by, where an item shows it under the name of the sort word.
fn key(item: &Value, word: &str) -> Option<Value> {
    let value = if word == "risk_level" { &item["initial"]["risk_level"] } else { &item[word] };
    (!value.is_null()).then(|| value.clone())
}

fn rises(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Number(before), Value::Number(after)) => before.as_f64() <= after.as_f64(),
        (before, after) => before.as_str() <= after.as_str(),
    }
}

async fn pages(api: &Api, operation: &Operation) {
    let (id, by) = (operation.id(), reader(operation));
    let list = path(api, operation).await;
    let call = || api.get(list.clone()).by(by);
    let whole = call().query("limit=200&include_total=true").send().await.expect(200).json();
    // Events may be more than a page: then the first ones.
    let count = whole["total"].as_u64().unwrap_or_else(|| panic!("{id} has no total"));
    assert!(count > 1, "{id} has {count} items: too few to page");
    assert_eq!(call().send().await.expect(200).json()["total"], Value::Null, "{id} counts on demand only");
    let limit = if count > 40 { 17 } else { 1 };
    let all = walk(call(), limit).await;
    assert_eq!(all.len() as u64, count, "{id}");
    assert_eq!(all[..items(&whole).len()], items(&whole)[..], "{id}");
    let texts: BTreeSet<String> = all.iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), all.len(), "{id} repeats an item");

    for word in operation.sort_words() {
        let up = walk(call().query(&format!("sort={word}")), limit).await;
        let mut down = walk(call().query(&format!("sort=-{word}")), limit).await;
        down.reverse();
        assert_eq!(up.len() as u64, count, "{id} by {word}");
        assert_eq!(up, down, "{id} by -{word} is by {word} turned round");
        for pair in up.windows(2) {
            if let (Some(before), Some(after)) = (key(&pair[0], &word), key(&pair[1], &word)) {
                assert!(rises(&before, &after), "{id} by {word}: {before} stands before {after}");
            }
        }
    }
}

async fn refuses(api: &Api, operation: &Operation, others: &[(String, String)]) {
    let (id, by) = (operation.id(), reader(operation));
    let list = path(api, operation).await;
    let call = |query: &str| api.get(list.clone()).by(by).query(query);
    for limit in ["0", "201", "-1", "abc", "", "1.5", "99999999999999999999"] {
        call(&format!("limit={limit}")).send().await.expect(400);
    }
    for query in ["nonsense=1", "limit=1&limit=2", "include_total=maybe", "sort=nonsense", "sort=", "sort=--number"] {
        call(query).send().await.expect(400);
    }
    for cursor in ["", "abc", "!!!", "e30", "bnVsbA", "eyJzIjoibnVtYmVyIiwiayI6MX0"] {
        let reply = call(&format!("cursor={cursor}")).send().await.expect(400);
        assert!(["malformed_cursor", "malformed_query"].contains(&reply.code().as_str()), "{id}: {}", reply.code());
    }
    for (other, cursor) in others.iter().filter(|(other, _)| other != id) {
        let reply = call(&format!("cursor={cursor}")).send().await;
        assert_eq!(reply.code(), "malformed_cursor", "{id} takes a cursor of {other}");
    }
    let words = operation.sort_words();
    let first = call("limit=1").send().await.expect(200).json()["next"].as_str().expect("a cursor").to_owned();
    for word in words.iter().flat_map(|word| [word.clone(), format!("-{word}")]) {
        let usual = operation.parameter("query", "sort").and_then(|sort| sort["schema"]["default"].as_str());
        if usual != Some(word.as_str()) {
            let reply = call(&format!("sort={word}&cursor={first}")).send().await.expect(400);
            assert_eq!(reply.code(), "malformed_cursor", "{id}: a cursor of another order than {word}");
        }
    }
    for (name, value) in [("updated_since", "2999-01-01T00:00:00Z"), ("q", "どこにもない語"), ("after", "99999999")]
    {
        if operation.parameter("query", name).is_some() {
            let empty = call(&format!("{name}={value}&include_total=true")).send().await.expect(200).json();
            assert_eq!(empty, json!({ "items": [], "next": null, "total": 0 }), "{id} with {name}");
        }
    }
    if operation.parameter("query", "updated_since").is_some() {
        call("updated_since=yesterday").send().await.expect(400);
        let since = call("updated_since=1999-01-01T00:00:00Z&include_total=true").send().await.expect(200).json();
        let all = call("include_total=true").send().await.expect(200).json();
        assert_eq!(since["total"], all["total"], "{id}");
    }
    for parameter in operation.value["parameters"].as_array().expect("parameters") {
        let name = parameter["name"].as_str().expect("a name");
        let format = parameter["schema"]["format"].as_str();
        if parameter["in"] == "query" && (format == Some("uuid") || parameter["schema"]["enum"].is_array()) {
            call(&format!("{name}=nonsense")).send().await.expect(400);
        }
    }
}

fn lists() -> impl Iterator<Item = &'static Operation> {
    OPERATIONS.iter().filter(|operation| operation.is_list())
}

#[actix_web::test]
async fn every_list_pages_in_every_order() {
    on_both(|world| async move {
        let api = Api::of(&world).await;
        fill(&api, &world).await;
        for operation in lists() {
            pages(&api, operation).await;
        }
    })
    .await;
}

#[actix_web::test]
async fn every_list_refuses_what_it_does_not_know() {
    on_both(|world| async move {
        let api = Api::of(&world).await;
        fill(&api, &world).await;
        let mut cursors = Vec::new();
        for operation in lists() {
            let call = api.get(path(&api, operation).await).by(reader(operation));
            let page = call.query("limit=1").send().await.expect(200).json();
            cursors.push((operation.id().to_owned(), page["next"].as_str().expect("a cursor").to_owned()));
        }
        for operation in lists() {
            refuses(&api, operation, &cursors).await;
        }
    })
    .await;
}

/// Whose statements are counted: those that are bound to this organization, which no other test has.
static WATCHED: Mutex<String> = Mutex::new(String::new());
static COUNTED: AtomicUsize = AtomicUsize::new(0);

struct Counter;

impl Instrumentation for Counter {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let watched = WATCHED.lock().expect("the watched organization").clone();
            if !watched.is_empty() && query.to_string().contains(&watched) {
                COUNTED.fetch_add(1, Ordering::SeqCst);
            }
        }
    }
}

/// Counts on every connection that is opened from now on; a second service opens its own.
async fn counted(world: &World, organization: &str) -> Api {
    set_default_instrumentation(|| Some(Box::new(Counter))).expect("instrumentation");
    *WATCHED.lock().expect("the watched organization") = organization.to_owned();
    let keys = Keys::ephemeral().expect("a key");
    let settings = Settings {
        requests_per_second: 100_000.try_into().expect("not zero"),
        database_readers: 1,
        database_writers: 1,
        ..Settings::default()
    };
    let (location, files) = (world.location.clone(), files_beside(&world.location));
    let service = serve::start(location, world.clock.clone(), keys, files, settings).await.expect("a service");
    Api::over(service, world).await
}

/// How many statements a call costs: the least of several times. The first request notes the use of the token and fills
/// caches, and what the service does beside it (sealing events) only adds.
async fn cost<'a>(call: impl Fn() -> Call<'a>) -> usize {
    let mut least = usize::MAX;
    for _ in 0..4 {
        let before = COUNTED.load(Ordering::SeqCst);
        call().send().await.expect(200);
        least = least.min(COUNTED.load(Ordering::SeqCst) - before);
        actix_web::rt::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    least
}

#[actix_web::test]
async fn a_page_costs_the_same_number_of_statements_however_long_it_is() {
    on_both_alone(|world| async move {
        let plain = Api::of(&world).await;
        let organization =
            plain.get("/v1/me").by(SECRETARY).send().await.expect(200).json()["organization"]["id"].clone();
        let api = counted(&world, organization.as_str().expect("an id")).await;
        let overview = cost(|| api.get("/v1/overview").by(SECRETARY)).await;
        fill(&plain, &world).await;
        for operation in lists() {
            let list = path(&api, operation).await;
            let page = |limit: usize| api.get(list.clone()).by(reader(operation)).query(&format!("limit={limit}"));
            let (short, long) = (cost(|| page(1)).await, cost(|| page(50)).await);
            let catalog = operation.path.starts_with("/v1/catalog");
            assert!(catalog || short > 1, "{}: nothing is counted", operation.id());
            assert_eq!(short, long, "{}: statements of a page of 1 and of 50", operation.id());
        }
        let full = cost(|| api.get("/v1/overview").by(SECRETARY)).await;
        assert_eq!(overview, full, "statements of the overview of few records and of many");
        WATCHED.lock().expect("the watched organization").clear();
    })
    .await;
}
