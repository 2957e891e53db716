//! The entry log (D13; ZON-1 to ZON-4; R-25).

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    harness::{Reply, World, on_both},
    planning::steps::{SECRETARY, change, create, id_of, person, read},
};

const ADMINISTRATOR: &str = "斎藤 翔";
/// Department manager of 営業部.
const MANAGER: &str = "小林 恵";
/// Works in 営業部.
const WORKER: &str = "高橋 花";
const AUDITOR: &str = "川上 由美";
const LIST: &str = "/v1/entry-log-entries";

async fn zone(world: &World, name: &str) -> String {
    id_of(world, WORKER, "/v1/zones", "name", name).await
}

/// `who` records a visit to the zone at eight in the morning.
async fn enter(world: &World, who: &str, zone_name: &str, patch: Value) -> Reply {
    let mut draft = json!({ "zone_id": zone(world, zone_name).await, "entered_at": "2024-03-31T23:00:00Z" });
    for (name, value) in patch.as_object().into_iter().flatten() {
        draft[name] = value.clone();
    }
    create(world, who, LIST, draft).await
}

/// `who`, who need not read the log, takes a step on an entry at this revision.
async fn take(world: &World, who: &str, path: &str, revision: i64, step: &str, body: Value) -> Reply {
    let ask = world.post(format!("{path}/{step}")).person(who).header("if-match", format!("\"{revision}\""));
    ask.json(body).send().await
}

fn visitor() -> Value {
    json!({ "visitor_name": "山口 進", "company": "部品工業" })
}

fn worker(id: &str) -> Value {
    json!({ "person_id": id })
}

fn leave(at: &str) -> Value {
    json!({ "left_at": at })
}

#[actix_web::test]
async fn zon_1_a_visitor_at_level_1() {
    on_both(|world| async move {
        let made = enter(&world, ADMINISTRATOR, "受付", visitor()).await.expect(201).json();
        assert_eq!(
            (&made["violation"], &made["security_level"], &made["state"]),
            (&json!("none"), &json!(1), &json!("inside"))
        );
        world.wait(TimeDelta::days(2));
        let path = format!("{LIST}/{}", made["id"].as_str().expect("an id"));
        assert_eq!(read(&world, AUDITOR, &path).await["violation"], "none", "ZON-1: the log is optional");
    })
    .await;
}

#[actix_web::test]
async fn zon_2_and_3_who_is_not_listed_at_level_2_is_logged_in_and_out() {
    on_both(|world| async move {
        let in_and_out = enter(&world, ADMINISTRATOR, "執務室", visitor()).await.expect(201);
        assert_eq!((&in_and_out.json()["listed"], &in_and_out.json()["unattended"]), (&json!(false), &json!(true)));
        let in_only = enter(&world, ADMINISTRATOR, "執務室", visitor()).await.expect(201);
        let (in_and_out, in_only) = (in_and_out.header("location"), in_only.header("location"));
        let left = take(&world, ADMINISTRATOR, &in_and_out, 1, "exit", leave("2024-03-31T23:30:00Z")).await.expect(200);
        assert_eq!((&left.json()["violation"], &left.json()["state"]), (&json!("none"), &json!("left")));
        assert_eq!(read(&world, AUDITOR, &in_only).await["violation"], "none", "the day is not over");
        // 23:59 in Tokyo, and a minute later.
        world.wait(TimeDelta::minutes(14 * 60 + 59));
        assert_eq!(read(&world, AUDITOR, &in_only).await["violation"], "none");
        world.wait(TimeDelta::minutes(1));
        assert_eq!(read(&world, AUDITOR, &in_only).await["violation"], "not_left", "ZON-2: no record of leaving");
        assert_eq!(read(&world, AUDITOR, &in_and_out).await["violation"], "none", "ZON-3: in and out");
        let listed = read(&world, AUDITOR, &format!("{LIST}?violation=not_left&day=2024-04-01")).await;
        let ids: Vec<&Value> = listed["items"].as_array().into_iter().flatten().map(|entry| &entry["id"]).collect();
        assert_eq!(ids, [&json!(in_only.rsplit('/').next())]);
    })
    .await;
}

#[actix_web::test]
async fn zon_4_alone_at_level_3_is_recorded_as_a_violation() {
    on_both(|world| async move {
        let (me, keeper) = (person(&world, WORKER).await, person(&world, ADMINISTRATOR).await);
        let alone = enter(&world, WORKER, "サーバ室", worker(&me)).await.expect(201).json();
        assert_eq!(
            (&alone["violation"], &alone["suggests_incident"], &alone["person"]["name"]),
            (&json!("unlisted_without_escort"), &json!(true), &json!(WORKER)),
            "ZON-4: the log records it all the same"
        );
        let mut escorted = worker(&me);
        escorted["escorted_by_id"] = json!(keeper);
        let escorted = enter(&world, WORKER, "サーバ室", escorted).await.expect(201).json();
        assert_eq!(
            (&escorted["violation"], &escorted["escorted_by"]["name"], &escorted["unattended"]),
            (&json!("none"), &json!(ADMINISTRATOR), &json!(false))
        );
        let mut permitted = worker(&me);
        permitted["permission"] = json!("情報システム部長、棚卸し");
        assert_eq!(enter(&world, WORKER, "サーバ室", permitted).await.expect(201).json()["violation"], "none");
        let own = enter(&world, ADMINISTRATOR, "サーバ室", worker(&keeper)).await.expect(201).json();
        assert_eq!((&own["violation"], &own["listed"]), (&json!("none"), &json!(true)));

        // What is in the log stays judged as it was then.
        let server = format!("/v1/zones/{}", zone(&world, "サーバ室").await);
        change(&world, SECRETARY, &server, json!({ "security_level": 1 })).await.expect(200);
        let found = read(&world, AUDITOR, &format!("{LIST}?violation=unlisted_without_escort&q=高橋")).await;
        assert_eq!(found["items"].as_array().map(Vec::len), Some(1));
        assert_eq!(found["items"][0]["id"], alone["id"]);
    })
    .await;
}

#[actix_web::test]
async fn everybody_records_their_own_visits_and_managers_those_of_their_department() {
    on_both(|world| async move {
        let (me, other) = (person(&world, WORKER).await, person(&world, ADMINISTRATOR).await);
        let own = enter(&world, WORKER, "執務室", worker(&me)).await.expect(201);
        assert_eq!(own.json()["allowed_actions"], json!(["exit"]));
        let refused = enter(&world, WORKER, "執務室", worker(&other)).await.expect(403);
        assert_eq!(refused.code(), "outside_reach");
        let refused = enter(&world, WORKER, "執務室", visitor()).await.expect(403);
        assert_eq!(refused.code(), "outside_reach", "visitors are the matter of those who keep the log");
        // Who records their own visits reads these, and no others.
        let foreign = enter(&world, ADMINISTRATOR, "執務室", visitor()).await.expect(201).header("location");
        assert_eq!(world.get(foreign).person(WORKER).send().await.expect(404).code(), "not_found");
        assert_eq!(read(&world, WORKER, LIST).await["items"].as_array().map(Vec::len), Some(1));
        assert_eq!(read(&world, WORKER, &own.header("location")).await["revision"], 1);
        let left = leave("2024-04-01T00:00:00Z");
        let done = take(&world, WORKER, &own.header("location"), 1, "exit", left.clone()).await.expect(200);
        assert_eq!((&done.json()["state"], &done.json()["recorded"]["name"]), (&json!("left"), &json!(WORKER)));

        let theirs = enter(&world, ADMINISTRATOR, "サーバ室", worker(&other)).await.expect(201).header("location");
        let hidden = take(&world, WORKER, &theirs, 1, "exit", left.clone()).await.expect(404);
        assert_eq!(hidden.code(), "not_found", "who may not read the log learns nothing of it");
        let refused = take(&world, SECRETARY, &theirs, 1, "exit", left.clone()).await.expect(403);
        assert_eq!(refused.code(), "outside_reach", "who reads it may still not write it");

        let theirs = enter(&world, MANAGER, "執務室", worker(&me)).await.expect(201);
        assert_eq!(theirs.json()["allowed_actions"], json!(["exit", "void"]));
        enter(&world, MANAGER, "執務室", visitor()).await.expect(201);
        let refused = enter(&world, MANAGER, "執務室", worker(&other)).await.expect(403);
        assert_eq!(refused.code(), "outside_reach");
        let mut escorted = visitor();
        escorted["escorted_by_id"] = json!(other);
        assert_eq!(enter(&world, MANAGER, "執務室", escorted).await.expect(403).code(), "outside_reach");
        let why = json!({ "reason": "二重に記録した" });
        take(&world, MANAGER, &theirs.header("location"), 1, "voiding", why.clone()).await.expect(200);
        let refused = take(&world, WORKER, &own.header("location"), 2, "voiding", why).await.expect(403);
        assert_eq!(refused.code(), "not_granted", "nobody takes back their own visit");
    })
    .await;
}

#[actix_web::test]
async fn a_mistaken_entry_is_void_and_stays_to_be_seen() {
    on_both(|world| async move {
        let made = enter(&world, ADMINISTRATOR, "サーバ室", visitor()).await.expect(201);
        assert_eq!(made.json()["violation"], "unlisted_without_escort");
        let path = made.header("location");
        let unexplained = take(&world, ADMINISTRATOR, &path, 1, "voiding", json!({})).await.expect(422);
        assert_eq!(unexplained.faults(), [("/reason".to_owned(), "required".to_owned())]);
        let void = json!({ "reason": "執務室と間違えた" });
        let done = take(&world, ADMINISTRATOR, &path, 1, "voiding", void.clone()).await.expect(200).json();
        assert_eq!(
            (&done["state"], &done["violation"], &done["voided"]["reason"], &done["voided"]["name"]),
            (&json!("voided"), &json!("none"), &json!("執務室と間違えた"), &json!(ADMINISTRATOR))
        );
        for (step, body) in [("voiding", void), ("exit", leave("2024-04-01T00:00:00Z"))] {
            let refused = take(&world, ADMINISTRATOR, &path, 2, step, body).await.expect(409);
            assert_eq!((refused.code(), &refused.json()["params"]["state"]), ("wrong_state".into(), &json!("voided")));
        }
        assert_eq!(read(&world, AUDITOR, &path).await["state"], "voided");
        let count = async |query: &str| {
            let list =
                read(&world, AUDITOR, &format!("{LIST}?zone_id={}{query}", zone(&world, "サーバ室").await)).await;
            list["items"].as_array().map(Vec::len)
        };
        assert_eq!(
            (count("").await, count("&include_voided=true").await, count("&state=voided").await),
            (Some(3), Some(4), Some(1))
        );
    })
    .await;
}

#[actix_web::test]
async fn the_log_is_filtered_by_zone_day_and_violation() {
    on_both(|world| async move {
        let office = zone(&world, "執務室").await;
        let count = async |query: &str| {
            let list = read(&world, AUDITOR, &format!("{LIST}?{query}&include_total=true")).await;
            list["total"].as_i64().unwrap_or_default()
        };
        assert_eq!(count("").await, 6, "the sample");
        assert_eq!(count(&format!("zone_id={office}")).await, 2);
        assert_eq!((count("day=2024-03-31").await, count("day=2024-04-01").await), (5, 1));
        assert_eq!(count("violation=none").await, 4);
        assert_eq!((count("violation=not_left").await, count("violation=unlisted_without_escort").await), (1, 1));
        assert_eq!((count("state=inside").await, count("state=left").await), (2, 4));
        assert_eq!(count("q=部品").await, 2);
        assert_eq!(count(&format!("person_id={}", person(&world, SECRETARY).await)).await, 1);
        assert_eq!(count(&format!("violation=not_left&zone_id={office}&day=2024-03-31")).await, 1);
        assert_eq!(count("day=2024-04-02").await, 0);
    })
    .await;
}

#[actix_web::test]
async fn a_visit_is_of_one_and_goes_forward() {
    on_both(|world| async move {
        let (me, keeper) = (person(&world, WORKER).await, person(&world, ADMINISTRATOR).await);
        for (patch, pointer, code) in [
            (json!({}), "/person_id", "exactly_one"),
            (json!({ "person_id": me, "visitor_name": "来客" }), "/person_id", "exactly_one"),
            (json!({ "person_id": me, "company": "部品工業" }), "/company", "contradiction"),
            (json!({ "person_id": me, "escorted_by_id": me }), "/escorted_by_id", "contradiction"),
            (json!({ "person_id": zone(&world, "受付").await }), "/person_id", "unknown_reference"),
            (json!({ "visitor_name": "来客", "entered_at": "2024-04-01T00:00:01Z" }), "/entered_at", "future_date"),
            (json!({ "visitor_name": "来客", "entered_at": "1024-04-01T00:00:00Z" }), "/entered_at", "out_of_range"),
            (json!({ "visitor_name": "来客", "entered_at": "yesterday" }), "/entered_at", "invalid_format"),
            (json!({ "visitor_name": "来客", "left_at": "2024-03-31T22:59:59Z" }), "/left_at", "date_order"),
            (json!({ "visitor_name": "来客", "left_at": "2024-04-02T00:00:00Z" }), "/left_at", "future_date"),
            (json!({ "visitor_name": "来客", "violation": "none" }), "/violation", "read_only_field"),
        ] {
            let refused = enter(&world, ADMINISTRATOR, "執務室", patch).await.expect(422);
            assert_eq!(refused.faults(), [(pointer.to_owned(), code.to_owned())]);
        }
        let visit = json!({ "visitor_name": "来客", "escorted_by_id": keeper });
        let path = enter(&world, ADMINISTRATOR, "執務室", visit).await.expect(201).header("location");
        for (at, code) in [("2024-03-31T22:00:00Z", "date_order"), ("2024-04-01T00:00:01Z", "future_date")] {
            let refused = take(&world, ADMINISTRATOR, &path, 1, "exit", leave(at)).await.expect(422);
            assert_eq!(refused.faults(), [("/left_at".to_owned(), code.to_owned())]);
        }
    })
    .await;
}
