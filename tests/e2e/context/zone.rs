//! Security zones (D13; ZON-5; R-25).

use serde_json::{Value, json};

use crate::{
    harness::{Reply, World, on_both},
    planning::steps::{SECRETARY, change, create, id_of, person, read, take},
};

const ADMINISTRATOR: &str = "斎藤 翔";
const WORKER: &str = "高橋 花";
const LIST: &str = "/v1/zones";

async fn zone(world: &World, name: &str) -> String {
    format!("{LIST}/{}", id_of(world, WORKER, LIST, "name", name).await)
}

async fn establish(world: &World, name: &str, patch: Value) -> Reply {
    let mut draft = json!({ "name": name, "security_level": 2, "in_scope": true });
    for (name, value) in patch.as_object().into_iter().flatten() {
        draft[name] = value.clone();
    }
    create(world, ADMINISTRATOR, LIST, draft).await
}

fn neighbours(zone: &Value) -> Vec<&str> {
    zone["adjacent_zones"].as_array().into_iter().flatten().filter_map(|zone| zone["name"].as_str()).collect()
}

#[actix_web::test]
async fn zon_5_what_the_level_says_is_never_written() {
    on_both(|world| async move {
        for (level, facts) in [(1, [true, false, false]), (2, [false, false, true]), (3, [false, true, true])] {
            let made = establish(&world, &format!("第{level}室"), json!({ "security_level": level })).await;
            let made = made.expect(201).json();
            assert_eq!(
                [&made["visitors_allowed"], &made["no_food_or_drink"], &made["log_required"]],
                facts.map(|fact| if fact { &Value::Bool(true) } else { &Value::Bool(false) }),
                "ZON-5: level {level}"
            );
        }
        let refused = establish(&world, "第4室", json!({ "no_food_or_drink": false })).await.expect(422);
        assert_eq!(refused.faults(), [("/no_food_or_drink".to_owned(), "read_only_field".to_owned())], "ZON-5");
        for level in [json!(0), json!(4), json!("3")] {
            let refused = establish(&world, "第4室", json!({ "security_level": level })).await.expect(422);
            assert_eq!(refused.faults()[0].0, "/security_level");
        }
        let list = read(&world, WORKER, "/v1/zones?security_level=3&sort=-name").await;
        let names: Vec<&str> =
            list["items"].as_array().into_iter().flatten().filter_map(|zone| zone["name"].as_str()).collect();
        assert_eq!(names, ["第3室", "サーバ室"]);
    })
    .await;
}

#[actix_web::test]
async fn zones_border_on_each_other() {
    on_both(|world| async move {
        let (office, reception) = (zone(&world, "執務室").await, zone(&world, "受付").await);
        let id = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        let before = read(&world, WORKER, &office).await;
        assert_eq!(neighbours(&before), ["サーバ室", "受付"]);

        let made = establish(&world, "会議室", json!({ "adjacent_zone_ids": [id(&office)] })).await.expect(201);
        let meeting = made.header("location");
        assert_eq!(neighbours(&made.json()), ["執務室"]);
        let after = read(&world, WORKER, &office).await;
        assert_eq!(neighbours(&after), ["サーバ室", "受付", "会議室"]);
        assert_eq!(after["revision"].as_i64(), before["revision"].as_i64().map(|revision| revision + 1));

        // From the other side, and away again.
        let moved = json!({ "adjacent_zone_ids": [id(&reception)] });
        change(&world, SECRETARY, &meeting, moved).await.expect(200);
        assert_eq!(neighbours(&read(&world, WORKER, &office).await), ["サーバ室", "受付"]);
        assert!(neighbours(&read(&world, WORKER, &reception).await).contains(&"会議室"));
        let refused = change(&world, SECRETARY, &meeting, json!({ "adjacent_zone_ids": [id(&meeting)] })).await;
        assert_eq!(refused.expect(422).faults(), [("/adjacent_zone_ids/0".to_owned(), "contradiction".to_owned())]);
        let nobody = person(&world, WORKER).await;
        let wrong = json!({ "adjacent_zone_ids": [nobody], "allowed_person_ids": [id(&office)] });
        let refused = change(&world, SECRETARY, &meeting, wrong).await.expect(422);
        let unknown = |pointer: &str| (pointer.to_owned(), "unknown_reference".to_owned());
        assert_eq!(refused.faults(), [unknown("/adjacent_zone_ids/0"), unknown("/allowed_person_ids/0")]);
    })
    .await;
}

#[actix_web::test]
async fn a_zone_is_given_up_once_nobody_is_inside() {
    on_both(|world| async move {
        let office = zone(&world, "執務室").await;
        let away = json!({ "retired_on": "2024-04-01", "reason": "移転" });
        let inside = take(&world, SECRETARY, &office, "retirement", away.clone()).await.expect(409);
        assert_eq!(inside.code(), "in_use", "a visitor has not left");

        let server = zone(&world, "サーバ室").await;
        let later = json!({ "retired_on": "2024-04-02", "reason": "移転" });
        let refused = take(&world, SECRETARY, &server, "retirement", later).await.expect(422);
        assert_eq!(refused.faults(), [("/retired_on".to_owned(), "future_date".to_owned())]);
        let gone = take(&world, SECRETARY, &server, "retirement", away.clone()).await.expect(200).json();
        assert_eq!(
            (&gone["state"], &gone["retirement_reason"], &gone["adjacent_zones"], &gone["allowed_actions"]),
            (&json!("retired"), &json!("移転"), &json!([]), &json!([]))
        );
        assert_eq!(neighbours(&read(&world, WORKER, &office).await), ["受付"]);
        assert_eq!(take(&world, SECRETARY, &server, "retirement", away).await.expect(409).code(), "wrong_state");
        let refused = change(&world, SECRETARY, &server, json!({ "name": "倉庫" })).await.expect(409);
        assert_eq!(refused.code(), "wrong_state");
        let names = async |query: &str| {
            let list = read(&world, WORKER, &format!("{LIST}?q=サーバ{query}")).await;
            list["items"].as_array().map(Vec::len)
        };
        assert_eq!((names("").await, names("&include_retired=true").await), (Some(0), Some(1)));

        // Its name is free; nothing borders on it, and nobody enters it.
        establish(&world, "サーバ室", json!({})).await.expect(201);
        let id = server.rsplit('/').next().unwrap_or_default();
        let refused = establish(&world, "新室", json!({ "adjacent_zone_ids": [id] })).await.expect(422);
        assert_eq!(refused.faults(), [("/adjacent_zone_ids/0".to_owned(), "unknown_reference".to_owned())]);
        let visit = json!({ "zone_id": id, "visitor_name": "来客", "entered_at": "2024-04-01T00:00:00Z" });
        let refused = create(&world, ADMINISTRATOR, "/v1/entry-log-entries", visit).await.expect(422);
        assert_eq!(refused.faults(), [("/zone_id".to_owned(), "unknown_reference".to_owned())]);
    })
    .await;
}

#[actix_web::test]
async fn names_are_unique_among_the_zones_that_exist() {
    on_both(|world| async move {
        let refused = establish(&world, "ｻｰﾊﾞ室", json!({})).await.expect(409);
        assert_eq!((refused.code(), &refused.json()["params"]["field"]), ("already_exists".into(), &json!("/name")));
        let refused = create(&world, WORKER, LIST, json!({ "name": "x", "security_level": 1, "in_scope": true })).await;
        assert_eq!(refused.expect(403).code(), "not_granted");
        assert_eq!(read(&world, WORKER, &zone(&world, "受付").await).await["allowed_actions"], json!([]));
        let allowed = read(&world, ADMINISTRATOR, &zone(&world, "受付").await).await;
        assert_eq!(allowed["allowed_actions"], json!(["revise", "retire"]));
    })
    .await;
}
