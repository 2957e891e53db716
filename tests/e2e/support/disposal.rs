//! Retention, disposal and erasure (7.5.3 f): what is erased is gone, and the chain of events stays whole.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    harness::{World, on_both},
    integration::event::sealed,
    planning::steps::{SECRETARY, change, create, id_of, person, read, take},
};

const TOP: &str = "青木 健一";
const CHAIR: &str = "石田 洋子";
const CONTROLLER: &str = "清水 彩";
const ADMINISTRATOR: &str = "斎藤 翔";
const AUDITOR: &str = "川上 由美";
const HR: &str = "杉本 玲";
const WORKER: &str = "高橋 花";
const LIST: &str = "/v1/disposals";

/// The number of years for which records are kept, changed by the secretariat.
async fn keep(world: &World, subject: &str, years: i32) {
    let rule = id_of(world, SECRETARY, "/v1/retention-rules", "subject", subject).await;
    change(world, SECRETARY, &format!("/v1/retention-rules/{rule}"), json!({ "years": years })).await.expect(200);
}

/// A disposal that `who` hands in.
async fn handed_in(world: &World, who: &str, draft: Value) -> String {
    let path = create(world, who, LIST, draft).await.expect(201).header("location");
    take(world, who, &path, "submission", Value::Null).await.expect(200);
    path
}

async fn events(world: &World) -> String {
    sealed(world).await;
    let verified = read(world, AUDITOR, "/v1/events/verification").await;
    assert_eq!((&verified["intact"], &verified["faults"]), (&json!(true), &json!([])));
    let export = world.get("/v1/events?format=jsonl").person(AUDITOR).send().await.expect(200);
    String::from_utf8(export.bytes.to_vec()).expect("text")
}

#[actix_web::test]
async fn who_visited_is_erased_when_the_time_is_over() {
    on_both(|world| async move {
        let zone = id_of(&world, WORKER, "/v1/zones", "name", "サーバ室").await;
        let visit = json!({
            "zone_id": zone, "visitor_name": "本田 操", "company": "部品工業", "permission": "本田さんの点検",
            "entered_at": "2021-04-01T23:00:00Z", "left_at": "2021-04-01T23:30:00Z",
        });
        let visit = create(&world, ADMINISTRATOR, "/v1/entry-log-entries", visit).await.expect(201).header("location");
        let due = read(&world, CONTROLLER, &format!("{LIST}/due")).await;
        assert_eq!(due, json!({ "items": [] }), "three years are over tomorrow");
        let draft = json!({ "subject": "visits", "reason": "保存期間の満了" });
        let path = create(&world, CONTROLLER, LIST, draft).await.expect(201).header("location");
        let early = take(&world, CONTROLLER, &path, "submission", Value::Null).await.expect(409);
        assert_eq!(early.code(), "not_ready");

        world.wait(TimeDelta::days(1));
        let due = read(&world, CONTROLLER, &format!("{LIST}/due")).await;
        let items = due["items"][0]["items"].as_array().expect("items").clone();
        assert!(items.iter().any(|item| item["path"] == visit.as_str() && item["kept_until"] == "2024-04-02"), "{due}");
        assert!(!due.to_string().contains("本田"), "what is listed says nobody's name");
        let work = read(&world, CONTROLLER, "/v1/work-items?limit=200").await;
        assert!(
            work["items"].as_array().into_iter().flatten().any(|item| item["path"] == "/v1/disposals/due"),
            "{work}"
        );
        take(&world, CONTROLLER, &path, "submission", Value::Null).await.expect(200);
        let own = take(&world, CONTROLLER, &path, "approval", json!({})).await.expect(403);
        assert_eq!(own.code(), "not_granted");
        // A rule that was made longer meanwhile keeps what was listed.
        keep(&world, "visits", 4).await;
        let kept = take(&world, CHAIR, &path, "approval", json!({})).await.expect(409);
        assert_eq!((kept.code(), kept.faults()[0].0.as_str()), ("not_ready".into(), "/items/0"));
        keep(&world, "visits", 3).await;
        assert_eq!(read(&world, ADMINISTRATOR, &visit).await["visitor_name"], "本田 操");
        let done = take(&world, CHAIR, &path, "approval", json!({})).await.expect(200).json();
        assert_eq!((&done["state"], done["items"].as_array().map(Vec::len)), (&json!("approved"), Some(items.len())));

        let erased = read(&world, ADMINISTRATOR, &visit).await;
        assert_eq!((&erased["visitor_name"], &erased["company"]), (&json!("（消去済み）"), &Value::Null));
        assert_eq!((&erased["permission"], &erased["left_at"]), (&json!(""), &json!("2021-04-01T23:30:00Z")));
        assert!(erased["erased_at"].is_string() && erased["violation"] == "none", "{erased}");
        let found = read(&world, ADMINISTRATOR, "/v1/entry-log-entries?q=%E6%9C%AC%E7%94%B0").await;
        assert_eq!(found["items"], json!([]));
        assert_eq!(read(&world, CONTROLLER, &format!("{LIST}/due")).await, json!({ "items": [] }));
        assert!(!events(&world).await.contains("本田"));
    })
    .await;
}

#[actix_web::test]
async fn a_leaver_who_asks_is_erased_and_the_chain_of_events_stays_whole() {
    on_both(|world| async move {
        let worker = person(&world, WORKER).await;
        let draft = json!({ "subject": "leavers", "person_ids": [worker], "reason": "本人からの請求" });
        let early = create(&world, HR, LIST, draft.clone()).await.expect(422);
        assert_eq!(early.faults(), [("/person_ids/0".to_owned(), "unknown_reference".to_owned())], "still works here");
        // What the worker did stays in the chain, under the id alone.
        let before = read(&world, WORKER, "/v1/me").await;
        create(&world, WORKER, LIST, draft.clone()).await.expect(403);
        let path = format!("/v1/persons/{worker}");
        change(&world, HR, &path, json!({ "left_on": "2024-04-02" })).await.expect(200);
        world.wait(TimeDelta::days(3));
        let disposal = handed_in(&world, HR, draft).await;
        let listed = read(&world, AUDITOR, &disposal).await;
        assert_eq!(
            (&listed["items"][0]["title"], &listed["items"][0]["kept_until"]),
            (&json!("2024-04-02"), &Value::Null)
        );
        let top = take(&world, TOP, &disposal, "approval", json!({})).await.expect(403);
        assert_eq!(top.json()["params"]["next_approver"][0]["name"], CHAIR, "the chair is there");
        take(&world, CHAIR, &disposal, "approval", json!({})).await.expect(200);

        let erased = read(&world, HR, &path).await;
        assert_eq!(
            (&erased["name"], &erased["email"], &erased["state"]),
            (&json!("（消去済み）"), &Value::Null, &json!("erased"))
        );
        assert_eq!(erased["left_on"], "2024-04-02", "that somebody worked here, and when, stays");
        let refused = change(&world, HR, &path, json!({ "name": WORKER })).await.expect(409);
        assert_eq!(refused.code(), "wrong_state");
        let found = read(&world, HR, "/v1/persons?q=takahashi").await;
        assert_eq!(found["items"], json!([]));
        let of_state = read(&world, HR, "/v1/persons?state=erased").await;
        assert_eq!(of_state["items"].as_array().map(Vec::len), Some(1));
        let events = events(&world).await;
        assert!(!events.contains(WORKER), "no name is left");
        assert!(events.contains(&worker) && before["person"]["id"] == worker.as_str());
        let history = read(&world, AUDITOR, &format!("/v1/events?person={worker}")).await;
        assert_eq!(history["items"][0]["actor"], "（消去済み）", "{history}");
        // Twice is once.
        let again = json!({ "subject": "leavers", "person_ids": [worker], "reason": "再請求" });
        create(&world, HR, LIST, again).await.expect(422);
    })
    .await;
}

#[actix_web::test]
async fn the_file_of_an_obsolete_version_is_erased_for_good() {
    on_both(|world| async move {
        let document = json!({ "kind": "procedure", "title": "旧い手順", "retention_years": 1 });
        let document = create(&world, SECRETARY, "/v1/documents", document).await.expect(201).id();
        let publish = async |text: &'static str| {
            let draft = json!({ "document_id": document, "change_reason": "版" });
            let path = create(&world, SECRETARY, "/v1/document-versions", draft).await.expect(201).header("location");
            let read = world.get(&*path).person(SECRETARY).send().await.expect(200);
            let ask = world.post(format!("{path}/file?name=a.md")).person(SECRETARY).having_read(&read);
            ask.bytes("text/markdown", text).send().await.expect(200);
            take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
            take(&world, CHAIR, &path, "approval", json!({})).await.expect(200);
            let today = read_today(&world).await;
            let publication = json!({ "issued_on": today, "next_review_on": "2030-04-01" });
            take(&world, CONTROLLER, &path, "publication", publication).await.expect(200);
            path
        };
        let (shared, first) = (publish("同じ文").await, publish("古い文").await);
        let last = publish("同じ文").await;
        let controller = long_lived(&world, CONTROLLER).await;
        let chair = long_lived(&world, CHAIR).await;
        world.wait(TimeDelta::days(365));
        let get = async |path: &str| world.get(path).token(&controller).send().await;
        let step = async |token: &str, path: &str, step: &str| {
            let read = get(path).await.expect(200);
            let ask = world.post(format!("{path}/{step}")).token(token).having_read(&read);
            let ask = if step == "approval" { ask.json(json!({})) } else { ask };
            ask.send().await.expect(200).json()
        };
        let draft = json!({ "subject": "obsolete_versions", "reason": "保存期間の満了" });
        let disposal = world.post(LIST).token(&controller).json(draft).send().await.expect(201).header("location");
        let listed = step(&controller, &disposal, "submission").await;
        assert_eq!(listed["items"].as_array().map(Vec::len), Some(2), "{listed}");
        let file = |path: &str| format!("{path}/file");
        get(&file(&first)).await.expect(200);
        step(&chair, &disposal, "approval").await;
        get(&file(&first)).await.expect(404);
        get(&file(&shared)).await.expect(404);
        assert_eq!(get(&file(&last)).await.expect(200).bytes, "同じ文".as_bytes(), "what holds has the same bytes");
        let version = get(&first).await.expect(200).json();
        assert!(version["file"]["erased_at"].is_string() && version["file"]["sha256"].is_string(), "{version}");
        let stored = |version: &Value| world.stores(version["file"]["sha256"].as_str().expect("a hash"));
        assert!(!stored(&version), "gone from the store");
        assert!(stored(&get(&last).await.expect(200).json()));
    })
    .await;
}

/// A token of `who` for the whole year, for what is about disposals and documents.
async fn long_lived(world: &World, who: &str) -> String {
    let verbs = if who == CHAIR { vec!["disposal:approve"] } else { vec!["disposal:create", "disposal:submit"] };
    let scopes: Vec<&str> = verbs.into_iter().chain(["disposal:read", "document:read"]).collect();
    let draft = json!({ "name": "年次の廃棄", "scopes": scopes, "expires_at": "2025-04-01T12:00:00Z" });
    let made = world.post("/v1/access-tokens").person(who).json(draft).send().await.expect(201).json();
    made["token"].as_str().expect("a token").to_owned()
}

async fn read_today(world: &World) -> Value {
    read(world, SECRETARY, "/v1/me").await["today"].clone()
}

#[actix_web::test]
async fn who_has_no_business_with_it_learns_nothing() {
    on_both(|world| async move {
        let draft = json!({
            "subject": "elsewhere", "description": "古い伝票", "method": "裁断", "reason": "保存期間の満了",
        });
        let path = handed_in(&world, CONTROLLER, draft.clone()).await;
        for who in [WORKER, "小林 恵"] {
            world.get(&*path).person(who).send().await.expect(403);
            create(&world, who, LIST, draft.clone()).await.expect(403);
        }
        world.get(&*path).person("林 一郎").send().await.expect(404);
        let second = json!({ "subject": "visits", "years": 5, "basis": "規程" });
        let twice = create(&world, SECRETARY, "/v1/retention-rules", second).await.expect(409);
        assert_eq!(twice.code(), "already_exists", "one rule for each kind of record");
    })
    .await;
}
