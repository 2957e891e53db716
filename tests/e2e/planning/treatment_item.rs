//! Items of treatment plans (R-11, R-14; §5.2, §6.5).

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::steps::{
    SECRETARY, change, create, item_draft, modify, person, read, residual, risk, risk_draft, stated, take,
};
use crate::harness::{World, on_both};

const SALES_HEAD: &str = "中村 隆";
const WORKER: &str = "高橋 花";

/// A new risk of the sales department whose treatment by one control is decided.
async fn decided_risk(world: &World) -> String {
    let owner = person(world, SALES_HEAD).await;
    let draft = risk_draft(json!({
        "stated_importance": 3, "risk_owner_person_id": owner, "likelihood_basis": stated(2),
    }));
    let path = create(world, SECRETARY, "/v1/risks", draft).await.expect(201).header("location");
    take(world, SECRETARY, &path, "evaluation", Value::Null).await.expect(200);
    take(world, SECRETARY, &path, "treatment-decision", modify(&["決まりを作る"])).await.expect(200);
    path
}

/// A new item of the worker on a risk; `patch` replaces fields of it.
async fn item(world: &World, risk: &str, patch: Value) -> String {
    let worker = person(world, WORKER).await;
    let made = create(world, SECRETARY, &format!("{risk}/treatment-items"), item_draft(&worker, patch)).await;
    made.expect(201).header("location")
}

/// Status and `overdue` of an item.
async fn status(world: &World, path: &str) -> (Value, Value) {
    let item = read(world, SECRETARY, path).await;
    (item["status"].clone(), item["overdue"].clone())
}

/// The response status of a risk.
async fn response(world: &World, risk: &str) -> Value {
    read(world, SECRETARY, risk).await["response_status"].clone()
}

#[actix_web::test]
async fn tpi_1_to_5_status_follows_from_the_actual_dates() {
    on_both(|world| async move {
        let path = item(&world, &decided_risk(&world).await, json!({})).await;
        assert_eq!(status(&world, &path).await, (json!("not_started"), json!(false)), "TPI-3");

        let ended = json!({ "actual_end": "2024-04-01" });
        let refused = take(&world, WORKER, &path, "completion", ended.clone()).await.expect(422);
        assert_eq!(refused.faults(), [("/actual_end".to_owned(), "required_here".to_owned())], "TPI-4");
        assert_eq!(refused.json()["rule"], "R-14");
        let tomorrow = take(&world, WORKER, &path, "start", json!({ "actual_start": "2024-04-02" })).await.expect(422);
        assert_eq!(tomorrow.faults(), [("/actual_start".to_owned(), "future_date".to_owned())]);

        take(&world, WORKER, &path, "start", json!({ "actual_start": "2024-03-25" })).await.expect(200);
        assert_eq!(status(&world, &path).await.0, "in_progress", "TPI-2");
        for (day, code) in [("2024-03-24", "date_order"), ("2024-04-02", "future_date")] {
            let refused = take(&world, WORKER, &path, "completion", json!({ "actual_end": day })).await.expect(422);
            assert_eq!(refused.faults(), [("/actual_end".to_owned(), code.to_owned())], "TPI-5");
        }
        let again = take(&world, WORKER, &path, "start", json!({ "actual_start": "2024-03-26" })).await.expect(409);
        assert_eq!(again.json()["params"]["state"], "in_progress");
        let done = take(&world, WORKER, &path, "completion", ended).await.expect(200).json();
        assert_eq!((&done["status"], &done["actual_end"]), (&json!("completed"), &json!("2024-04-01")), "TPI-1");
        let refused = change(&world, SECRETARY, &path, json!({ "planned_end": "2024-05-31" })).await.expect(409);
        assert_eq!(refused.code(), "wrong_state", "what is completed is not planned anew");
    })
    .await;
}

#[actix_web::test]
async fn tpi_6_and_7_overdue_after_the_planned_end() {
    on_both(|world| async move {
        let risk = decided_risk(&world).await;
        let waiting = item(&world, &risk, json!({})).await;
        let begun = item(&world, &risk, json!({})).await;
        take(&world, WORKER, &begun, "start", json!({ "actual_start": "2024-04-01" })).await.expect(200);
        let late = format!("{risk}/treatment-items?overdue=true");

        world.wait(TimeDelta::days(29));
        assert_eq!(status(&world, &waiting).await, (json!("not_started"), json!(false)), "the last day is in time");
        assert_eq!(read(&world, SECRETARY, &late).await["items"], json!([]));
        world.wait(TimeDelta::days(1));
        assert_eq!(status(&world, &waiting).await, (json!("not_started"), json!(true)), "TPI-6");
        assert_eq!(status(&world, &begun).await, (json!("in_progress"), json!(true)), "TPI-7");
        assert_eq!(read(&world, SECRETARY, &late).await["items"].as_array().map(Vec::len), Some(2));
        let in_progress = read(&world, SECRETARY, &format!("{late}&status=in_progress")).await;
        assert_eq!(in_progress["items"].as_array().map(Vec::len), Some(1));

        take(&world, WORKER, &begun, "completion", json!({ "actual_end": "2024-05-01" })).await.expect(200);
        assert_eq!(status(&world, &begun).await, (json!("completed"), json!(false)));
        take(&world, SECRETARY, &waiting, "cancellation", json!({ "reason": "不要になった" })).await.expect(200);
        assert_eq!(status(&world, &waiting).await, (json!("cancelled"), json!(false)));
        assert_eq!(read(&world, SECRETARY, &late).await["items"], json!([]));
    })
    .await;
}

#[actix_web::test]
async fn rsp_1_to_5_the_response_follows_from_the_items() {
    on_both(|world| async move {
        let risk = decided_risk(&world).await;
        assert_eq!(response(&world, &risk).await, "undecided", "RSP-3: no items");
        let undated = item(&world, &risk, json!({ "planned_start": null, "planned_end": null })).await;
        assert_eq!(response(&world, &risk).await, "undecided", "RSP-3: no planned dates");
        take(&world, WORKER, &undated, "start", json!({ "actual_start": "2024-04-01" })).await.expect(200);
        assert_eq!(response(&world, &risk).await, "undecided", "RSP-5: begun without a plan");
        let dates = json!({ "planned_start": "2024-04-01", "planned_end": "2024-04-30" });
        change(&world, SECRETARY, &undated, dates).await.expect(200);
        assert_eq!(response(&world, &risk).await, "planned", "RSP-2");

        let second = item(&world, &risk, json!({})).await;
        take(&world, WORKER, &undated, "completion", json!({ "actual_end": "2024-04-01" })).await.expect(200);
        take(&world, WORKER, &second, "start", json!({ "actual_start": "2024-04-01" })).await.expect(200);
        assert_eq!(response(&world, &risk).await, "planned", "RSP-4");
        take(&world, SECRETARY, &second, "cancellation", json!({ "reason": "不要になった" })).await.expect(200);
        assert_eq!(response(&world, &risk).await, "done", "cancelled items do not count");
        let third = item(&world, &risk, json!({})).await;
        assert_eq!(response(&world, &risk).await, "planned");
        take(&world, WORKER, &third, "start", json!({ "actual_start": "2024-04-01" })).await.expect(200);
        take(&world, WORKER, &third, "completion", json!({ "actual_end": "2024-04-01" })).await.expect(200);
        assert_eq!(response(&world, &risk).await, "done", "RSP-1");
        let refused = change(&world, SECRETARY, &risk, json!({ "response_status": "undecided" })).await.expect(422);
        assert_eq!(refused.faults(), [("/response_status".to_owned(), "read_only_field".to_owned())]);
    })
    .await;
}

#[actix_web::test]
async fn r_14_a_wrong_date_is_cleared_with_a_reason() {
    on_both(|world| async move {
        let path = item(&world, &decided_risk(&world).await, json!({})).await;
        take(&world, WORKER, &path, "start", json!({ "actual_start": "2024-03-25" })).await.expect(200);
        take(&world, WORKER, &path, "completion", json!({ "actual_end": "2024-04-01" })).await.expect(200);
        let unexplained = take(&world, SECRETARY, &path, "reopening", json!({})).await.expect(422);
        assert_eq!(unexplained.faults(), [("/reason".to_owned(), "required".to_owned())]);
        let why = json!({ "reason": "周知がまだだった" });
        let refused = take(&world, WORKER, &path, "reopening", why.clone()).await.expect(403);
        assert_eq!(refused.code(), "not_granted");
        let open = take(&world, SECRETARY, &path, "reopening", why.clone()).await.expect(200).json();
        assert_eq!((&open["status"], &open["actual_end"]), (&json!("in_progress"), &Value::Null));
        assert_eq!((&open["actual_start"], &open["status_reason"]), (&json!("2024-03-25"), &json!("周知がまだだった")));
        take(&world, SECRETARY, &path, "reopening", why.clone()).await.expect(200);
        assert_eq!(status(&world, &path).await.0, "not_started");
        let refused = take(&world, SECRETARY, &path, "reopening", why).await.expect(409);
        assert_eq!(refused.json()["params"]["state"], "not_started");
    })
    .await;
}

#[actix_web::test]
async fn reopening_takes_the_risk_back_into_treatment_until_it_is_reassessed() {
    on_both(|world| async move {
        let risk = risk(&world, 4).await;
        let items = read(&world, SECRETARY, &format!("{risk}/treatment-items")).await;
        let path = format!("/v1/treatment-items/{}", items["items"][0]["id"].as_str().expect("an id"));
        let why = json!({ "reason": "周知がまだだった" });
        take(&world, SECRETARY, &path, "reopening", why.clone()).await.expect(200);
        let again = read(&world, SECRETARY, &risk).await;
        assert_eq!((&again["state"], &again["response_status"]), (&json!("in_treatment"), &json!("planned")));
        take(&world, "石田 洋子", &path, "completion", json!({ "actual_end": "2024-04-01" })).await.expect(200);
        assert_eq!(read(&world, SECRETARY, &risk).await["state"], "treated");

        take(&world, SECRETARY, &risk, "residual-assessment", residual(2, 1)).await.expect(200);
        let refused = take(&world, SECRETARY, &path, "reopening", why.clone()).await.expect(409);
        assert_eq!(refused.code(), "wrong_state", "what remains was judged by it");
        assert_eq!(refused.json()["params"]["state"], "reassessed");
        take(&world, SALES_HEAD, &risk, "acceptance", json!({})).await.expect(200);
        let refused = take(&world, SECRETARY, &path, "reopening", why).await.expect(409);
        assert_eq!(refused.json()["params"]["state"], "accepted");
        assert_eq!(response(&world, &risk).await, "done");
    })
    .await;
}

#[actix_web::test]
async fn an_item_is_given_up_with_a_reason() {
    on_both(|world| async move {
        let risk = decided_risk(&world).await;
        let path = item(&world, &risk, json!({})).await;
        let unexplained = take(&world, SECRETARY, &path, "cancellation", json!({ "reason": "" })).await.expect(422);
        assert_eq!(unexplained.faults(), [("/reason".to_owned(), "too_short".to_owned())]);
        let why = json!({ "reason": "別の対策に変えた" });
        let gone = take(&world, SECRETARY, &path, "cancellation", why.clone()).await.expect(200).json();
        assert_eq!((&gone["status"], &gone["allowed_actions"]), (&json!("cancelled"), &json!([])));
        for (who, step, body) in [
            (WORKER, "start", json!({ "actual_start": "2024-04-01" })),
            (SECRETARY, "reopening", why.clone()),
            (SECRETARY, "cancellation", why.clone()),
        ] {
            let refused = take(&world, who, &path, step, body).await.expect(409);
            assert_eq!(refused.json()["params"]["state"], "cancelled", "{step}");
        }
        let refused = take(&world, SALES_HEAD, &risk, "treatment-approval", Value::Null).await.expect(409);
        assert_eq!(refused.faults(), [("/treatment/controls/0".to_owned(), "required".to_owned())], "none is left");
    })
    .await;
}

#[actix_web::test]
async fn only_the_assignee_records_the_work() {
    on_both(|world| async move {
        let path = item(&world, &decided_risk(&world).await, json!({})).await;
        let begun = json!({ "actual_start": "2024-04-01" });
        for (somebody, code) in
            [(SECRETARY, "outside_reach"), ("石田 洋子", "outside_reach"), (SALES_HEAD, "outside_reach")]
        {
            let refused = take(&world, somebody, &path, "start", begun.clone()).await.expect(403);
            assert_eq!(refused.code(), code, "{somebody}");
        }
        world.get(&path).person("木村 拓").send().await.expect(404);
        world.get(&path).person("森 正子").send().await.expect(404);
        assert_eq!(read(&world, WORKER, &path).await["allowed_actions"], json!(["start"]));
        assert_eq!(read(&world, SECRETARY, &path).await["allowed_actions"], json!(["revise", "cancel"]));
        assert_eq!(read(&world, SALES_HEAD, &path).await["allowed_actions"], json!([]), "the owner of the risk reads");
        let own = read(&world, WORKER, "/v1/treatment-items").await;
        assert_eq!(own["items"].as_array().map(Vec::len), Some(1), "a worker sees the own ones");
        take(&world, WORKER, &path, "start", begun).await.expect(200);

        let other = person(&world, "木村 拓").await;
        change(&world, SECRETARY, &path, json!({ "assignee_id": other })).await.expect(200);
        world.get(&path).person(WORKER).send().await.expect(404);
        take(&world, "木村 拓", &path, "completion", json!({ "actual_end": "2024-04-01" })).await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn an_item_is_planned_for_a_control_of_a_decided_risk() {
    on_both(|world| async move {
        let (worker, decided) = (person(&world, WORKER).await, decided_risk(&world).await);
        let items = format!("{decided}/treatment-items");
        for (patch, pointer, code) in [
            (json!({ "control_number": 2 }), "/control_number", "unknown_reference"),
            (json!({ "tasks": [] }), "/tasks", "too_short"),
            (json!({ "planned_end": "2024-04-07" }), "/planned_end", "date_order"),
            (json!({ "assignee_id": "00000000-0000-7000-8000-000000000000" }), "/assignee_id", "unknown_reference"),
            (json!({ "status": "completed" }), "/status", "read_only_field"),
            (json!({ "actual_end": "2024-04-01" }), "/actual_end", "read_only_field"),
        ] {
            let refused = create(&world, SECRETARY, &items, item_draft(&worker, patch)).await.expect(422);
            assert_eq!(refused.faults(), [(pointer.to_owned(), code.to_owned())]);
        }
        let numbers = [item(&world, &decided, json!({})).await, item(&world, &decided, json!({})).await];
        assert_eq!(read(&world, SECRETARY, &numbers[1]).await["number"], 2);

        let analysed = format!("{}/treatment-items", risk(&world, 1).await);
        let refused = create(&world, SECRETARY, &analysed, item_draft(&worker, json!({}))).await.expect(409);
        assert_eq!(refused.json()["params"]["state"], "analysed");
        let refused = create(&world, WORKER, &items, item_draft(&worker, json!({}))).await.expect(403);
        assert_eq!(refused.code(), "not_granted");
    })
    .await;
}
