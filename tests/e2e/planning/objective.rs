//! Objectives and their plans (6.2, D22; A-37, SD-1, SD-12).

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::steps::{SECRETARY, change, create, id_of, person, read, take};
use crate::harness::{World, on_both};

const TOP: &str = "青木 健一";
const CHAIR: &str = "石田 洋子";
const TRAINER: &str = "木村 拓";
/// Manager of 営業部.
const MANAGER: &str = "小林 恵";
const WORKER: &str = "高橋 花";
const LIST: &str = "/v1/objectives";

/// A draft; `patch` replaces fields of it.
async fn draft(world: &World, patch: Value) -> Value {
    let mut draft = json!({
        "objective": "事故を起こさない", "policy_objective_number": 2,
        "metric": {
            "name": "重大な事故", "unit": "件", "comparison": "at_most", "target_value": "2", "population": "全社",
        },
        "measuring_interval_months": 6, "action": "手順を周知する", "required_resources": "周知の時間",
        "responsible_person_id": person(world, TRAINER).await, "due": "2024-04", "evaluation_method": "件数を数える",
    });
    for (name, value) in patch.as_object().into_iter().flatten() {
        draft[name] = value.clone();
    }
    draft
}

/// The path of a new draft by `who`.
async fn drafted(world: &World, who: &str, patch: Value) -> String {
    create(world, who, LIST, draft(world, patch).await).await.expect(201).header("location")
}

/// The path of a new objective, handed in by the secretariat and approved by top management.
async fn approved(world: &World, patch: Value) -> String {
    let path = drafted(world, SECRETARY, patch).await;
    take(world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
    take(world, TOP, &path, "approval", json!({})).await.expect(200);
    path
}

fn id(path: &str) -> &str {
    path.rsplit('/').next().expect("an id")
}

async fn department(world: &World, name: &str) -> String {
    id_of(world, SECRETARY, "/v1/departments", "name", name).await
}

/// Top management also does the secretariat's work.
async fn top_becomes_secretary(world: &World) {
    let role = json!({
        "role": "isms_secretariat", "person_id": person(world, TOP).await, "starts_on": "2024-04-01",
    });
    let proposed = create(world, SECRETARY, "/v1/appointments", role).await.expect(201).header("location");
    take(world, CHAIR, &proposed, "approval", Value::Null).await.expect(200);
}

#[actix_web::test]
async fn an_objective_is_drafted_submitted_and_approved() {
    on_both(|world| async move {
        let made = create(&world, SECRETARY, LIST, draft(&world, json!({})).await).await.expect(201);
        let (path, objective) = (made.header("location"), made.json());
        assert_eq!((&objective["state"], &objective["number"]), (&json!("draft"), &json!(3)));
        assert_eq!(objective["responsible_person"]["name"], TRAINER);
        assert_eq!(objective["allowed_actions"], json!(["revise", "submit", "end"]));
        let early = take(&world, TOP, &path, "approval", json!({})).await.expect(409);
        assert_eq!((early.code(), &early.json()["params"]["state"]), ("wrong_state".into(), &json!("draft")));

        let refused = take(&world, TRAINER, &path, "submission", Value::Null).await.expect(403);
        assert_eq!(refused.code(), "not_granted", "the secretariat hands in");
        take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
        assert_eq!(read(&world, TOP, &path).await["allowed_actions"], json!(["approve", "return"]));
        let refused = change(&world, SECRETARY, &path, json!({ "action": "別の案" })).await.expect(409);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("wrong_state".into(), &json!("SD-12")));
        let refused = take(&world, CHAIR, &path, "approval", json!({})).await.expect(403);
        assert_eq!(refused.code(), "duty_separated", "the chair stands in only for top management");

        // Returned with a reason, mended by somebody else, handed in again.
        let unexplained = take(&world, TOP, &path, "return", json!({})).await.expect(422);
        assert_eq!(unexplained.faults(), [("/reason".to_owned(), "required".to_owned())]);
        let back = take(&world, TOP, &path, "return", json!({ "reason": "件数を減らす" })).await.expect(200).json();
        assert_eq!((&back["state"], &back["sign_off"]["state"]), (&json!("draft"), &json!("returned")));
        let mended = json!({ "metric": { "target_value": "0.50" } });
        let mended = change(&world, "江口 美香", &path, mended).await.expect(200).json();
        assert_eq!(
            (&mended["metric"]["target_value"], &mended["metric"]["name"]),
            (&json!("0.5"), &json!("重大な事故")),
            "a patch goes into the metric"
        );
        take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
        let approved = take(&world, TOP, &path, "approval", json!({})).await.expect(200).json();
        assert_eq!((&approved["state"], &approved["sign_off"]["approved"]["name"]), (&json!("approved"), &json!(TOP)));
        assert_eq!(approved["sign_off"]["prepared"]["name"], "江口 美香", "who wrote in it last");

        let refused = change(&world, SECRETARY, &path, json!({ "due": "2025-03" })).await.expect(409);
        assert_eq!(refused.json()["rule"], "SD-12", "what was approved does not change");
        assert_eq!(read(&world, SECRETARY, &path).await["allowed_actions"], json!(["end"]));
        assert_eq!(read(&world, WORKER, &path).await["allowed_actions"], json!([]), "everybody may know it");
    })
    .await;
}

#[actix_web::test]
async fn sd_1_whoever_prepared_it_does_not_approve_it() {
    on_both(|world| async move {
        top_becomes_secretary(&world).await;
        let path = drafted(&world, TOP, json!({})).await;
        take(&world, TOP, &path, "submission", Value::Null).await.expect(200);
        assert_eq!(read(&world, TOP, &path).await["allowed_actions"], json!(["return", "end"]));
        let refused = take(&world, TOP, &path, "approval", json!({ "reason": "急ぐ" })).await.expect(403);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("duty_separated".into(), &json!("SD-1")));
        assert_eq!(refused.json()["params"]["next_approver"][0]["name"], CHAIR);

        // Somebody else writes it anew: then top management is free to approve.
        take(&world, TOP, &path, "return", json!({ "reason": "事務局が仕上げる" })).await.expect(200);
        change(&world, CHAIR, &path, json!({ "remarks": "委員長が仕上げた" })).await.expect(200);
        take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
        let approved = take(&world, TOP, &path, "approval", json!({})).await.expect(200).json();
        assert_eq!(approved["sign_off"]["self_approved"], false);
    })
    .await;
}

#[actix_web::test]
async fn sd_1_alone_only_where_nobody_else_can_and_marked() {
    on_both(|world| async move {
        top_becomes_secretary(&world).await;
        let path = drafted(&world, TOP, json!({})).await;
        take(&world, TOP, &path, "submission", Value::Null).await.expect(200);
        let seats = "/v1/appointments?role=security_committee_chair";
        let seat = id_of(&world, SECRETARY, seats, "state", "in_force").await;
        let gone = json!({ "ends_on": "2024-03-31", "reason": "退任" });
        take(&world, TOP, &format!("/v1/appointments/{seat}"), "end", gone).await.expect(200);
        let refused = take(&world, TOP, &path, "approval", json!({})).await.expect(422);
        assert_eq!(refused.faults(), [("/reason".to_owned(), "required_here".to_owned())]);
        let alone = take(&world, TOP, &path, "approval", json!({ "reason": "委員長が空席" })).await.expect(200).json();
        assert_eq!(alone["sign_off"]["self_approved"], true);
    })
    .await;
}

#[actix_web::test]
async fn sd_12_a_change_is_a_new_objective_that_replaces_the_old_one() {
    on_both(|world| async move {
        let old = approved(&world, json!({})).await;
        let replacing = |path: &str| json!({ "objective": "事故をなくす", "replaces_objective_id": id(path) });
        let newer = drafted(&world, SECRETARY, replacing(&old)).await;
        let rival = drafted(&world, SECRETARY, replacing(&old)).await;
        let seen = read(&world, SECRETARY, &newer).await;
        assert_eq!(seen["replaces"], json!({ "id": id(&old), "name": "事故を起こさない" }));
        for path in [&newer, &rival] {
            take(&world, SECRETARY, path, "submission", Value::Null).await.expect(200);
        }
        assert_eq!(read(&world, SECRETARY, &old).await["state"], "approved", "until the new one is approved");

        take(&world, TOP, &newer, "approval", json!({})).await.expect(200);
        let gone = read(&world, SECRETARY, &old).await;
        assert_eq!((&gone["state"], &gone["allowed_actions"]), (&json!("replaced"), &json!([])));
        assert_eq!(gone["replaced_by"], json!({ "id": id(&newer), "name": "事故をなくす" }));
        assert_eq!(gone["objective"], "事故を起こさない", "it stays to be read");

        let refused = take(&world, TOP, &rival, "approval", json!({})).await.expect(409);
        assert_eq!(refused.code(), "not_ready", "it was replaced already");
        assert_eq!(refused.faults(), [("/replaces_objective_id".to_owned(), "unknown_reference".to_owned())]);
        assert_eq!(read(&world, SECRETARY, &rival).await["state"], "submitted", "a refused approval leaves nothing");
        for other in [&old, &rival] {
            let refused = create(&world, SECRETARY, LIST, draft(&world, replacing(other)).await).await.expect(422);
            assert_eq!(refused.faults(), [("/replaces_objective_id".to_owned(), "unknown_reference".to_owned())]);
        }
    })
    .await;
}

#[actix_web::test]
async fn a_37_an_objective_serves_the_policy_or_is_additional() {
    on_both(|world| async move {
        for wrong in [json!({ "policy_objective_number": null }), json!({ "additional": true })] {
            let refused = create(&world, SECRETARY, LIST, draft(&world, wrong).await).await.expect(422);
            assert_eq!(refused.faults(), [("/policy_objective_number".to_owned(), "exactly_one".to_owned())]);
        }
        let path = drafted(&world, SECRETARY, json!({})).await;
        let refused = change(&world, SECRETARY, &path, json!({ "policy_objective_number": null })).await.expect(422);
        assert_eq!(refused.faults(), [("/policy_objective_number".to_owned(), "exactly_one".to_owned())]);
        let beside = json!({ "policy_objective_number": null, "additional": true });
        let beside = change(&world, SECRETARY, &path, beside).await.expect(200).json();
        assert_eq!((&beside["policy_objective"], &beside["additional"]), (&Value::Null, &json!(true)));
    })
    .await;
}

#[actix_web::test]
async fn a_37_what_it_serves_is_shown_and_noted_where_the_policy_says_it_no_more() {
    on_both(|world| async move {
        let refused =
            create(&world, SECRETARY, LIST, draft(&world, json!({ "policy_objective_number": 9 })).await).await;
        let unknown = [("/policy_objective_number".to_owned(), "unknown_reference".to_owned())];
        assert_eq!(refused.expect(422).faults(), unknown);
        let path = approved(&world, json!({})).await;
        let served = async || read(&world, SECRETARY, &path).await["policy_objective"].clone();
        assert_eq!(served().await, json!({ "text": "情報の漏えいと紛失を起こさない", "in_force": true }));

        // The next edition says it in other words, the one after it not at all.
        let edition = async |objectives: Value| {
            let draft = json!({
                "company_name": "守屋商事株式会社", "issued_on": "2024-04-01", "objectives": objectives,
            });
            let edition = create(&world, SECRETARY, "/v1/policies", draft).await.expect(201).header("location");
            take(&world, SECRETARY, &edition, "submission", Value::Null).await.expect(200);
            take(&world, TOP, &edition, "approval", json!({})).await.expect(200).json()["objectives"].clone()
        };
        let numbered = edition(json!([{ "number": 2, "text": "漏えいを起こさない" }, { "text": "早く気付く" }])).await;
        assert_eq!(numbered[1], json!({ "number": 4, "text": "早く気付く" }));
        assert_eq!(served().await, json!({ "text": "漏えいを起こさない", "in_force": true }));
        edition(json!([{ "number": 4, "text": "早く気付く" }])).await;
        assert_eq!(served().await, json!({ "text": "情報の漏えいと紛失を起こさない", "in_force": false }));
        take(&world, SECRETARY, &path, "end", json!({ "ended_on": "2024-04-01", "reason": "方針が変わった" }))
            .await
            .expect(200);
        assert_eq!(served().await["in_force"], false, "what was named stays");
        let again = create(&world, SECRETARY, LIST, draft(&world, json!({})).await).await;
        assert_eq!(again.expect(422).faults(), unknown);
    })
    .await;
}

#[actix_web::test]
async fn a_due_date_stays_as_written_and_is_overdue_the_day_after() {
    on_both(|world| async move {
        let by_month = approved(&world, json!({ "due": "2024-04" })).await;
        let by_day = approved(&world, json!({ "due": "2024-04-30" })).await;
        let dates =
            |objective: &Value| (objective["due"].clone(), objective["due_on"].clone(), objective["overdue"].clone());
        world.wait(TimeDelta::days(29));
        let seen = read(&world, SECRETARY, &by_month).await;
        assert_eq!(dates(&seen), (json!("2024-04"), json!("2024-04-30"), json!(false)), "the last day is in time");
        let late = format!("{LIST}?overdue=true&sort=due_on");
        assert_eq!(read(&world, SECRETARY, &late).await["items"], json!([]));

        world.wait(TimeDelta::days(1));
        let seen = read(&world, SECRETARY, &by_month).await;
        assert_eq!(dates(&seen), (json!("2024-04"), json!("2024-04-30"), json!(true)));
        let seen = read(&world, SECRETARY, &by_day).await;
        assert_eq!(dates(&seen), (json!("2024-04-30"), json!("2024-04-30"), json!(true)));
        assert_eq!(read(&world, SECRETARY, &late).await["items"].as_array().map(Vec::len), Some(2));

        let end = json!({ "ended_on": "2024-04-30", "reason": "達成した" });
        let ended = take(&world, SECRETARY, &by_month, "end", end.clone()).await.expect(200).json();
        assert_eq!((&ended["state"], &ended["end"], &ended["overdue"]), (&json!("ended"), &end, &json!(false)));
        let newer = json!({ "due": "2025-03", "replaces_objective_id": id(&by_day) });
        approved(&world, newer).await;
        assert_eq!(read(&world, SECRETARY, &by_day).await["overdue"], false, "replaced");
        assert_eq!(read(&world, SECRETARY, &late).await["items"], json!([]));
        let in_time = read(&world, SECRETARY, &format!("{LIST}?overdue=false&include_total=true")).await;
        let all = read(&world, SECRETARY, &format!("{LIST}?include_total=true")).await;
        assert_eq!(in_time["total"], all["total"]);
    })
    .await;
}

#[actix_web::test]
async fn an_objective_ends_with_a_date_and_a_reason() {
    on_both(|world| async move {
        let path = approved(&world, json!({})).await;
        let tomorrow = json!({ "ended_on": "2024-04-02", "reason": "達成した" });
        let refused = take(&world, SECRETARY, &path, "end", tomorrow).await.expect(422);
        assert_eq!(refused.faults(), [("/ended_on".to_owned(), "future_date".to_owned())]);
        let refused = take(&world, SECRETARY, &path, "end", json!({ "ended_on": "1024-04-01" })).await.expect(422);
        assert_eq!(refused.faults(), [("/ended_on".to_owned(), "out_of_range".to_owned())]);
        let refused = take(&world, SECRETARY, &path, "end", json!({ "reason": "" })).await.expect(422);
        assert_eq!(
            refused.faults(),
            [("/ended_on".to_owned(), "required".to_owned()), ("/reason".to_owned(), "too_short".to_owned())]
        );
        let end = json!({ "ended_on": "2024-04-01", "reason": "達成した" });
        take(&world, SECRETARY, &path, "end", end.clone()).await.expect(200);
        for (who, step, body) in [
            (SECRETARY, "end", end.clone()),
            (SECRETARY, "submission", Value::Null),
            (TOP, "approval", json!({})),
            (TOP, "return", json!({ "reason": "やり直し" })),
        ] {
            let refused = take(&world, who, &path, step, body).await.expect(409);
            assert_eq!(refused.json()["params"]["state"], "ended", "{step}");
        }
        let mistaken = drafted(&world, SECRETARY, json!({})).await;
        take(&world, SECRETARY, &mistaken, "end", end).await.expect(200);
        let refused = change(&world, SECRETARY, &mistaken, json!({ "action": "再開" })).await.expect(409);
        assert_eq!(refused.json()["params"]["state"], "ended");
    })
    .await;
}

#[actix_web::test]
async fn every_faulty_field_is_named() {
    on_both(|world| async move {
        let metric = |field: &str, value: Value| {
            let mut metric = json!({ "name": "割合", "unit": "%", "comparison": "at_least", "target_value": "100" });
            metric[field] = value;
            json!({ "metric": metric })
        };
        let nobody = "00000000-0000-7000-8000-000000000000";
        for (patch, pointer, code) in [
            (json!({ "due": "2024-13" }), "/due", "invalid_format"),
            (json!({ "due": "2024-02-30" }), "/due", "invalid_format"),
            (json!({ "due": "1899-12" }), "/due", "invalid_format"),
            (json!({ "due": "3000-01-01" }), "/due", "invalid_format"),
            (json!({ "due": "2024" }), "/due", "invalid_format"),
            (json!({ "due": 2024 }), "/due", "wrong_type"),
            (metric("target_value", json!(99.9)), "/metric/target_value", "wrong_type"),
            (metric("target_value", json!("99,9")), "/metric/target_value", "invalid_format"),
            (metric("target_value", json!("1.2345")), "/metric/target_value", "invalid_format"),
            (metric("comparison", json!("about")), "/metric/comparison", "not_in_list"),
            (metric("unit", json!("")), "/metric/unit", "too_short"),
            (metric("measured", json!(1)), "/metric/measured", "unknown_field"),
            (json!({ "measuring_interval_months": 0 }), "/measuring_interval_months", "out_of_range"),
            (json!({ "measuring_interval_months": 300 }), "/measuring_interval_months", "out_of_range"),
            (json!({ "responsible_person_id": nobody }), "/responsible_person_id", "unknown_reference"),
            (json!({ "department_id": nobody }), "/department_id", "unknown_reference"),
            (json!({ "replaces_objective_id": nobody }), "/replaces_objective_id", "unknown_reference"),
            (json!({ "due_on": "2024-04-30" }), "/due_on", "read_only_field"),
            (json!({ "end": null }), "/end", "read_only_field"),
        ] {
            let refused = create(&world, SECRETARY, LIST, draft(&world, patch).await).await.expect(422);
            assert_eq!(refused.faults(), [(pointer.to_owned(), code.to_owned())]);
        }
        let several = json!({ "due": "soon", "action": "", "measuring_interval_months": 0 });
        let refused = create(&world, SECRETARY, LIST, draft(&world, several).await).await.expect(422);
        assert_eq!(refused.faults().len(), 3, "{:?}", refused.faults());
    })
    .await;
}

#[actix_web::test]
async fn department_managers_write_the_objectives_of_their_departments() {
    on_both(|world| async move {
        let (own, other) = (department(&world, "営業部").await, department(&world, "人事部").await);
        for elsewhere in [json!({}), json!({ "department_id": other })] {
            let refused = create(&world, MANAGER, LIST, draft(&world, elsewhere).await).await.expect(403);
            assert_eq!(refused.code(), "outside_reach");
        }
        let path = drafted(&world, MANAGER, json!({ "department_id": own })).await;
        assert_eq!(read(&world, MANAGER, &path).await["allowed_actions"], json!(["revise", "end"]));
        change(&world, MANAGER, &path, json!({ "action": "月ごとに確かめる" })).await.expect(200);
        let refused = change(&world, MANAGER, &path, json!({ "department_id": other })).await.expect(403);
        assert_eq!(refused.code(), "outside_reach");

        // What is not theirs they read; they neither change, end nor replace it.
        let whole = approved(&world, json!({})).await;
        assert_eq!(read(&world, MANAGER, &whole).await["allowed_actions"], json!([]));
        let end = json!({ "ended_on": "2024-04-01", "reason": "不要" });
        assert_eq!(take(&world, MANAGER, &whole, "end", end).await.expect(403).code(), "outside_reach");
        let taking_over = json!({ "department_id": own, "replaces_objective_id": id(&whole) });
        let refused = create(&world, MANAGER, LIST, draft(&world, taking_over).await).await.expect(403);
        assert_eq!(refused.code(), "outside_reach");

        let of_sales = read(&world, WORKER, &format!("{LIST}?department_id={own}")).await;
        assert_eq!(of_sales["items"].as_array().map(Vec::len), Some(2), "the sample's and this one");
        let found = read(&world, WORKER, &format!("{LIST}?q=月ごとに確かめる")).await;
        assert_eq!(found["items"][0]["id"], id(&path));
        let refused = create(&world, WORKER, LIST, draft(&world, json!({})).await).await.expect(403);
        assert_eq!(refused.code(), "not_granted");
    })
    .await;
}
