//! Resources of the ISMS (7.1, D24; SD-1, SD-12).

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    harness::{World, on_both},
    planning::steps::{SECRETARY, change, create, id_of, person, read, take},
};

const TOP: &str = "青木 健一";
const CHAIR: &str = "石田 洋子";
const TRAINER: &str = "木村 拓";
/// Manager of 営業部.
const MANAGER: &str = "小林 恵";
const LIST: &str = "/v1/resources";

/// A request; `patch` replaces fields of it.
async fn draft(world: &World, patch: Value) -> Value {
    let mut draft = json!({
        "category": "money", "description": "教育の費用", "needed_by": "2024-04",
        "responsible_person_id": person(world, TRAINER).await,
    });
    for (name, value) in patch.as_object().into_iter().flatten() {
        draft[name] = value.clone();
    }
    draft
}

/// The path of a new request by `who`.
async fn requested(world: &World, who: &str, patch: Value) -> String {
    create(world, who, LIST, draft(world, patch).await).await.expect(201).header("location")
}

async fn department(world: &World, name: &str) -> String {
    id_of(world, SECRETARY, "/v1/departments", "name", name).await
}

#[actix_web::test]
async fn a_resource_is_requested_approved_and_provided() {
    on_both(|world| async move {
        let path = requested(&world, TRAINER, json!({})).await;
        let made = read(&world, TRAINER, &path).await;
        assert_eq!((&made["state"], &made["allowed_actions"]), (&json!("requested"), &json!([])));
        assert_eq!(
            (&made["sign_off"]["state"], &made["sign_off"]["submitted"]["name"]),
            (&json!("submitted"), &json!(TRAINER)),
            "asking is handing in"
        );
        assert_eq!(read(&world, TOP, &path).await["allowed_actions"], json!(["approve", "return"]));
        let there = json!({ "provided_on": "2024-04-01" });
        let early = take(&world, SECRETARY, &path, "provision", there.clone()).await.expect(409);
        assert_eq!(early.json()["params"]["state"], "requested");

        let back = take(&world, TOP, &path, "return", json!({ "reason": "額を書くこと" })).await.expect(200).json();
        assert_eq!((&back["state"], &back["sign_off"]["returned"]["name"]), (&json!("returned"), &json!(TOP)));
        let refused = take(&world, TOP, &path, "approval", json!({})).await.expect(409);
        assert_eq!(refused.json()["params"]["state"], "returned");
        let again = change(&world, SECRETARY, &path, json!({ "description": "教育の費用 20万円" })).await;
        let again = again.expect(200).json();
        assert_eq!((&again["state"], &again["sign_off"]["prepared"]["name"]), (&json!("requested"), &json!(SECRETARY)));
        assert_eq!(again["sign_off"]["returned"]["reason"], "額を書くこと", "that stays on record");

        let approved = take(&world, TOP, &path, "approval", json!({})).await.expect(200).json();
        assert_eq!((&approved["state"], &approved["sign_off"]["approved"]["name"]), (&json!("approved"), &json!(TOP)));
        let refused = change(&world, SECRETARY, &path, json!({ "description": "30万円" })).await.expect(409);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("wrong_state".into(), &json!("SD-12")));
        let tomorrow = json!({ "provided_on": "2024-04-02" });
        let refused = take(&world, SECRETARY, &path, "provision", tomorrow).await.expect(422);
        assert_eq!(refused.faults(), [("/provided_on".to_owned(), "future_date".to_owned())]);
        let provided = take(&world, SECRETARY, &path, "provision", there).await.expect(200).json();
        assert_eq!((&provided["state"], &provided["provided_on"]), (&json!("provided"), &json!("2024-04-01")));
        let refused = take(&world, SECRETARY, &path, "withdrawal", json!({ "reason": "不要" })).await.expect(409);
        assert_eq!(refused.json()["params"]["state"], "provided");
    })
    .await;
}

#[actix_web::test]
async fn sd_1_top_management_does_not_approve_its_own_request() {
    on_both(|world| async move {
        let role = json!({
            "role": "isms_secretariat", "person_id": person(&world, TOP).await, "starts_on": "2024-04-01",
        });
        let proposed = create(&world, SECRETARY, "/v1/appointments", role).await.expect(201).header("location");
        take(&world, CHAIR, &proposed, "approval", Value::Null).await.expect(200);
        let path = requested(&world, TOP, json!({})).await;
        let refused = take(&world, TOP, &path, "approval", json!({ "reason": "急ぐ" })).await.expect(403);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("duty_separated".into(), &json!("SD-1")));
        assert_eq!(refused.json()["params"]["next_approver"][0]["name"], CHAIR);
        let open = read(&world, TOP, &path).await["allowed_actions"].clone();
        assert_eq!(open, json!(["revise", "return", "withdraw"]), "approving is not offered");
        change(&world, CHAIR, &path, json!({ "remarks": "委員長の要望として" })).await.expect(200);
        take(&world, TOP, &path, "approval", json!({})).await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn a_resource_is_overdue_after_the_month_until_it_is_there_or_withdrawn() {
    on_both(|world| async move {
        let (waiting, dropped) =
            (requested(&world, SECRETARY, json!({})).await, requested(&world, SECRETARY, json!({})).await);
        let late = format!("{LIST}?overdue=true&category=money&sort=due_on");
        world.wait(TimeDelta::days(29));
        let seen = read(&world, SECRETARY, &waiting).await;
        assert_eq!((&seen["needed_by"], &seen["due_on"]), (&json!("2024-04"), &json!("2024-04-30")));
        assert_eq!(read(&world, SECRETARY, &late).await["items"], json!([]), "the last day is in time");
        world.wait(TimeDelta::days(1));
        assert_eq!(read(&world, SECRETARY, &waiting).await["overdue"], true);
        assert_eq!(read(&world, SECRETARY, &late).await["items"].as_array().map(Vec::len), Some(2));
        let unexplained = take(&world, SECRETARY, &dropped, "withdrawal", json!({})).await.expect(422);
        assert_eq!(unexplained.faults(), [("/reason".to_owned(), "required".to_owned())]);
        let gone = take(&world, SECRETARY, &dropped, "withdrawal", json!({ "reason": "別の予算で足りる" })).await;
        let gone = gone.expect(200).json();
        assert_eq!((&gone["state"], &gone["withdrawal_reason"]), (&json!("withdrawn"), &json!("別の予算で足りる")));
        assert_eq!((&gone["overdue"], &gone["allowed_actions"]), (&json!(false), &json!([])));
        take(&world, TOP, &waiting, "approval", json!({})).await.expect(200);
        take(&world, SECRETARY, &waiting, "provision", json!({ "provided_on": "2024-05-01" })).await.expect(200);
        assert_eq!(read(&world, SECRETARY, &late).await["items"], json!([]));
    })
    .await;
}

#[actix_web::test]
async fn department_managers_ask_for_and_see_their_departments_alone() {
    on_both(|world| async move {
        let (own, other) = (department(&world, "営業部").await, department(&world, "人事部").await);
        for elsewhere in [json!({}), json!({ "department_id": other })] {
            let refused = create(&world, MANAGER, LIST, draft(&world, elsewhere).await).await.expect(403);
            assert_eq!(refused.code(), "outside_reach");
        }
        let path = requested(&world, MANAGER, json!({ "department_id": own, "needed_by": "2024-04-15" })).await;
        let seen = read(&world, MANAGER, LIST).await;
        assert_eq!(seen["items"].as_array().map(Vec::len), Some(1), "not those of the whole organization");
        assert_eq!(
            (&seen["items"][0]["department"]["name"], &seen["items"][0]["needed_by"]),
            (&json!("営業部"), &json!("2024-04-15"))
        );
        let whole = requested(&world, SECRETARY, json!({})).await;
        world.get(&whole).person(MANAGER).send().await.expect(404);
        let refused = change(&world, MANAGER, &path, json!({ "remarks": "急ぎ" })).await.expect(403);
        assert_eq!(refused.code(), "not_granted", "asking is all");
        let refused = world.get(LIST).person("高橋 花").send().await.expect(403);
        assert_eq!(refused.code(), "not_granted");
        let of_sales = read(&world, SECRETARY, &format!("{LIST}?department_id={own}&state=requested")).await;
        assert_eq!(of_sales["items"].as_array().map(Vec::len), Some(1));
    })
    .await;
}

#[actix_web::test]
async fn every_faulty_field_is_named() {
    on_both(|world| async move {
        let nobody = "00000000-0000-7000-8000-000000000000";
        for (patch, pointer, code) in [
            (json!({ "category": "time" }), "/category", "not_in_list"),
            (json!({ "description": "" }), "/description", "too_short"),
            (json!({ "needed_by": "9999-12" }), "/needed_by", "invalid_format"),
            (json!({ "responsible_person_id": nobody }), "/responsible_person_id", "unknown_reference"),
            (json!({ "department_id": nobody }), "/department_id", "unknown_reference"),
            (json!({ "provided_on": "2024-04-01" }), "/provided_on", "read_only_field"),
        ] {
            let refused = create(&world, SECRETARY, LIST, draft(&world, patch).await).await.expect(422);
            assert_eq!(refused.faults(), [(pointer.to_owned(), code.to_owned())]);
        }
    })
    .await;
}

#[actix_web::test]
async fn five_people_ask_approve_and_provide() {
    on_both(|world| async move {
        let (secretary, top, manager) = ("林 一郎", "森 正子", "辻 四郎");
        let person = id_of(&world, secretary, "/v1/persons", "name", manager).await;
        let department = id_of(&world, secretary, "/v1/departments", "name", "開発部").await;
        let draft = json!({
            "category": "things", "description": "検証用のサーバー", "needed_by": "2024-06",
            "responsible_person_id": person, "department_id": department,
        });
        let path = create(&world, manager, LIST, draft).await.expect(201).header("location");
        let refused = take(&world, secretary, &path, "approval", json!({})).await.expect(403);
        assert_eq!(refused.code(), "duty_separated", "who is the chair as well stands in only for top management");
        world.get(&path).person("岡 三枝").send().await.expect(404);
        take(&world, top, &path, "approval", json!({})).await.expect(200);
        take(&world, secretary, &path, "provision", json!({ "provided_on": "2024-04-01" })).await.expect(200);
        assert_eq!(read(&world, "原 次郎", &path).await["state"], "provided", "the auditor reads");
    })
    .await;
}
