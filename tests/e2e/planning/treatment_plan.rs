//! Risk treatment plans (D21; R-11, RSP-5, SD-4, SD-12; §5.2).

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::steps::{SECRETARY, change, create, id_of, item_draft, modify, person, read, risk, take};
use crate::harness::{Reply, World, on_both};

const CHAIR: &str = "石田 洋子";
const AUDITOR: &str = "川上 由美";
const STAFF_HEAD: &str = "田中 浩二";
const ACCOUNTS_HEAD: &str = "千葉 理恵";
const SALES_HEAD: &str = "中村 隆";
const SALES_MANAGER: &str = "小林 恵";
const WORKER: &str = "高橋 花";
const LIST: &str = "/v1/treatment-plans";

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

fn names(value: &Value, pointer: &str) -> Vec<Value> {
    let items = value.as_array().cloned().unwrap_or_default();
    items.iter().map(|item| item.pointer(pointer).cloned().unwrap_or_default()).collect()
}

/// Whom a refusal names.
fn next(refused: &Reply) -> Vec<Value> {
    names(&refused.json()["params"]["next_approver"], "/name")
}

/// The sample's plan.
async fn sample(world: &World) -> String {
    format!("{LIST}/{}", id_of(world, SECRETARY, LIST, "number", 1).await)
}

/// The risk with this number, evaluated and decided, with an item of 高橋 花 for its control.
async fn decided(world: &World, number: i64) -> (String, String) {
    let path = risk(world, number).await;
    take(world, SECRETARY, &path, "evaluation", Value::Null).await.expect(200);
    take(world, SECRETARY, &path, "treatment-decision", modify(&["持ち出しを記録する"])).await.expect(200);
    let item = item_draft(&person(world, WORKER).await, json!({}));
    let item = create(world, SECRETARY, &format!("{path}/treatment-items"), item).await.expect(201);
    (path, item.header("location"))
}

async fn drafted(world: &World, who: &str, risks: &[&String]) -> Reply {
    let ids: Vec<&str> = risks.iter().map(|path| last(path)).collect();
    create(world, who, LIST, json!({ "title": "退職者の持ち出しへの備え", "risk_ids": ids })).await
}

#[actix_web::test]
async fn the_sample_has_a_plan_over_the_report_approved_by_its_owners() {
    on_both(|world| async move {
        let path = sample(&world).await;
        let plan = read(&world, SECRETARY, &path).await;
        assert_eq!((&plan["state"], &plan["awaited_owners"]), (&json!("in_execution"), &json!([])));
        assert_eq!(plan["risk_assessment"]["name"], "年次リスクアセスメント");
        assert_eq!(names(&plan["risks"], "/number"), [4, 5, 6]);
        assert_eq!(names(&plan["risks"], "/approval/name"), [SALES_HEAD, "西川 悟", SALES_HEAD]);
        assert_eq!(names(&plan["risks"], "/approval/at"), ["2024-04-01T00:00:00Z"; 3]);
        let rows = read(&world, SECRETARY, &format!("{path}/rows")).await["items"].clone();
        assert_eq!(
            (names(&rows, "/number"), names(&rows, "/risk_number")),
            ([1, 2, 3].map(Value::from).to_vec(), [4, 5, 6].map(Value::from).to_vec())
        );
        assert_eq!(names(&rows, "/status"), ["not_started"; 3], "as approved");
        assert_eq!(names(&rows, "/assignee/name"), [CHAIR; 3]);
        let items = format!("/v1/treatment-items?treatment_plan_id={}", last(&path));
        let items = read(&world, SECRETARY, &items).await["items"].clone();
        assert_eq!(names(&items, "/status"), ["completed", "completed", "in_progress"], "as they stand");
    })
    .await;
}

#[actix_web::test]
async fn rsp_5_the_consistency_report_names_rows_2_and_3() {
    on_both(|world| async move {
        let report = format!("{}/consistency", sample(&world).await);
        let found = read(&world, SECRETARY, &report).await;
        let contradictions = &found["contradictions"];
        assert_eq!(names(contradictions, "/risk_number"), [5, 6]);
        assert_eq!(names(contradictions, "/stated"), ["planned", "undecided"]);
        assert_eq!(names(contradictions, "/derived"), ["done", "planned"]);
        assert_eq!(names(contradictions, "/items/0/status"), ["completed", "in_progress"]);
        assert_eq!((&found["without_items"], &found["overdue_items"]), (&json!([]), &json!([])));
        let own = read(&world, SALES_HEAD, &report).await;
        assert_eq!(names(&own["contradictions"], "/risk_number"), [6], "an owner is told of the own ones");
        world.wait(TimeDelta::days(31));
        let late = read(&world, AUDITOR, &report).await;
        assert_eq!(names(&late["overdue_items"], "/risk_number"), [6], "R-14");
    })
    .await;
}

#[actix_web::test]
async fn it_is_handed_in_when_every_control_is_planned_through() {
    on_both(|world| async move {
        let ((one, item), two) = (decided(&world, 1).await, risk(&world, 2).await);
        change(&world, SECRETARY, &item, json!({ "planned_end": null })).await.expect(200);
        let path = drafted(&world, SECRETARY, &[&one, &two]).await.expect(201).header("location");
        let required = |pointer: &str| (pointer.to_owned(), "required".to_owned());
        let refused = take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(409);
        assert_eq!(refused.code(), "not_ready");
        assert_eq!(refused.faults(), [required("/risks/0/controls/0"), required("/risks/1")]);
        change(&world, SECRETARY, &item, json!({ "planned_end": "2024-04-30" })).await.expect(200);
        take(&world, SECRETARY, &two, "evaluation", Value::Null).await.expect(200);
        take(&world, SECRETARY, &two, "treatment-decision", modify(&["鍵をかける"])).await.expect(200);
        let refused = take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(409);
        assert_eq!(refused.faults(), [required("/risks/1/controls/0")], "no item");
        let report = read(&world, SECRETARY, &format!("{path}/consistency")).await;
        assert_eq!(names(&report["without_items"], "/risk_number"), [2]);
        change(&world, SECRETARY, &path, json!({ "risk_ids": [last(&one)] })).await.expect(200);
        let handed_in = take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200).json();
        assert_eq!(names(&handed_in["awaited_owners"], "/person/name"), [STAFF_HEAD]);
    })
    .await;
}

#[actix_web::test]
async fn sd_4_every_owner_approves_the_own_risks_and_the_plan_runs_to_its_closure() {
    on_both(|world| async move {
        let ((one, first), (two, second)) = (decided(&world, 1).await, decided(&world, 2).await);
        let path = drafted(&world, SECRETARY, &[&one, &two]).await.expect(201).header("location");
        let early = take(&world, STAFF_HEAD, &path, "approval", Value::Null).await.expect(409);
        assert_eq!(early.code(), "wrong_state");
        take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
        let refused = take(&world, SECRETARY, &path, "approval", Value::Null).await.expect(403);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("duty_separated".into(), &json!("SD-4")));
        assert_eq!(next(&refused), [STAFF_HEAD, ACCOUNTS_HEAD]);
        assert_eq!(read(&world, SECRETARY, &path).await["allowed_actions"], json!([]));
        assert_eq!(read(&world, STAFF_HEAD, &path).await["allowed_actions"], json!(["approve", "return"]));

        let half = take(&world, STAFF_HEAD, &path, "approval", Value::Null).await.expect(200).json();
        assert_eq!(half["state"], "submitted");
        assert_eq!(names(&half["risks"], "/approval/name"), [json!(STAFF_HEAD), Value::Null]);
        assert_eq!(read(&world, SECRETARY, &one).await["state"], "treatment_approved");
        assert_eq!(read(&world, SECRETARY, &two).await["state"], "decided");
        assert_eq!(next(&take(&world, STAFF_HEAD, &path, "approval", Value::Null).await.expect(403)), [ACCOUNTS_HEAD]);
        assert_eq!(read(&world, SECRETARY, &format!("{path}/rows")).await["items"], json!([]), "none yet");
        let whole = take(&world, ACCOUNTS_HEAD, &path, "approval", Value::Null).await.expect(200).json();
        assert_eq!(
            (&whole["state"], &whole["sign_off"]["approved"]["name"]),
            (&json!("approved"), &json!(ACCOUNTS_HEAD))
        );

        // SD-12: neither the plan nor its rows move with what is done; the state does.
        let refused = change(&world, SECRETARY, &path, json!({ "title": "別の題" })).await.expect(409);
        assert_eq!(refused.json()["rule"], "SD-12");
        let later = json!({ "planned_end": "2024-05-31", "tasks": ["別の仕事"] });
        change(&world, SECRETARY, &first, later).await.expect(200);
        let rows = read(&world, SECRETARY, &format!("{path}/rows")).await["items"].clone();
        assert_eq!(names(&rows, "/planned_end"), ["2024-04-30"; 2]);
        let state = async || read(&world, SECRETARY, &path).await["state"].clone();
        take(&world, WORKER, &first, "start", json!({ "actual_start": "2024-04-01" })).await.expect(200);
        assert_eq!(state().await, "in_execution");
        let refused = take(&world, SECRETARY, &path, "closure", Value::Null).await.expect(409);
        assert_eq!(refused.json()["params"]["state"], "in_execution");
        take(&world, WORKER, &first, "completion", json!({ "actual_end": "2024-04-01" })).await.expect(200);
        assert_eq!(state().await, "in_execution", "the other one is open");
        take(&world, SECRETARY, &second, "cancellation", json!({ "reason": "別の対策で足りる" })).await.expect(200);
        assert_eq!(state().await, "completed");
        let refused =
            take(&world, SECRETARY, &path, "review", json!({ "reviewed_on": "2024-04-02" })).await.expect(422);
        assert_eq!(refused.faults(), [("/reviewed_on".to_owned(), "future_date".to_owned())]);
        take(&world, SECRETARY, &path, "review", json!({ "reviewed_on": "2024-04-01" })).await.expect(200);
        let closed = take(&world, SECRETARY, &path, "closure", Value::Null).await.expect(200).json();
        assert_eq!((&closed["state"], &closed["closed"]["name"]), (&json!("closed"), &json!(SECRETARY)));
        assert_eq!(closed["allowed_actions"], json!([]));
        let refused = take(&world, SECRETARY, &first, "reopening", json!({ "reason": "やり直す" })).await.expect(409);
        assert_eq!(refused.json()["params"]["state"], "closed", "§5.2");
        assert_eq!(read(&world, SECRETARY, &first).await["allowed_actions"], json!([]));

        // The approvals stay, whatever becomes of the risks.
        let less = json!({ "importance": 2, "likelihood_basis": { "kind": "stated", "likelihood": 1 } });
        take(&world, SECRETARY, &one, "residual-assessment", less).await.expect(200);
        take(&world, SECRETARY, &one, "evaluation", Value::Null).await.expect(200);
        assert_eq!(read(&world, SECRETARY, &one).await["treatment_approval"], Value::Null);
        let kept = read(&world, SECRETARY, &path).await;
        assert_eq!(names(&kept["risks"], "/approval/name"), [STAFF_HEAD, ACCOUNTS_HEAD]);
    })
    .await;
}

#[actix_web::test]
async fn a_plan_follows_a_risk_that_is_closed() {
    on_both(|world| async move {
        let ((one, item), (two, _)) = (decided(&world, 1).await, decided(&world, 2).await);
        let path = drafted(&world, SECRETARY, &[&one, &two]).await.expect(201).header("location");
        take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
        for owner in [STAFF_HEAD, ACCOUNTS_HEAD] {
            take(&world, owner, &path, "approval", Value::Null).await.expect(200);
        }
        take(&world, WORKER, &item, "start", json!({ "actual_start": "2024-04-01" })).await.expect(200);
        take(&world, WORKER, &item, "completion", json!({ "actual_end": "2024-04-01" })).await.expect(200);
        let gone = json!({ "closed_on": "2024-04-01", "reason": "業務をやめた" });
        take(&world, SECRETARY, &two, "closure", gone).await.expect(200);
        assert_eq!(read(&world, SECRETARY, &path).await["state"], "completed");
        // A wrong completion is undone: the plan follows.
        take(&world, SECRETARY, &item, "reopening", json!({ "reason": "早すぎた" })).await.expect(200);
        assert_eq!(read(&world, SECRETARY, &path).await["state"], "in_execution");
    })
    .await;
}

#[actix_web::test]
async fn what_was_approved_risk_by_risk_the_owner_signs_as_a_plan() {
    on_both(|world| async move {
        let (one, _) = decided(&world, 1).await;
        let path = drafted(&world, SECRETARY, &[&one]).await.expect(201).header("location");
        take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
        take(&world, STAFF_HEAD, &one, "treatment-approval", Value::Null).await.expect(200);
        assert_eq!(read(&world, STAFF_HEAD, &path).await["awaited_owners"], json!([]));
        let refused = take(&world, SECRETARY, &path, "approval", Value::Null).await.expect(403);
        assert_eq!((&refused.json()["rule"], next(&refused)), (&json!("SD-4"), vec![]));
        let approved = take(&world, STAFF_HEAD, &path, "approval", Value::Null).await.expect(200).json();
        assert_eq!(approved["state"], "approved");
    })
    .await;
}

#[actix_web::test]
async fn an_owner_gives_a_plan_back() {
    on_both(|world| async move {
        let ((one, _), (two, _)) = (decided(&world, 1).await, decided(&world, 2).await);
        let path = drafted(&world, SECRETARY, &[&one, &two]).await.expect(201).header("location");
        take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
        take(&world, STAFF_HEAD, &path, "approval", Value::Null).await.expect(200);
        let why = json!({ "reason": "期限が早すぎる" });
        let refused = take(&world, SECRETARY, &path, "return", why.clone()).await.expect(403);
        assert_eq!((&refused.json()["rule"], next(&refused)), (&json!("SD-4"), vec![json!(ACCOUNTS_HEAD)]));
        let back = take(&world, ACCOUNTS_HEAD, &path, "return", why).await.expect(200).json();
        assert_eq!(
            (&back["state"], &back["sign_off"]["returned"]["reason"]),
            (&json!("draft"), &json!("期限が早すぎる"))
        );
        change(&world, SECRETARY, &path, json!({ "remarks": "期限を延ばした" })).await.expect(200);
        let again = take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200).json();
        assert_eq!(names(&again["awaited_owners"], "/person/name"), [ACCOUNTS_HEAD], "the other one has approved");
        take(&world, ACCOUNTS_HEAD, &path, "approval", Value::Null).await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn what_a_plan_names_must_be_there() {
    on_both(|world| async move {
        let (open, closed) = (risk(&world, 1).await, risk(&world, 2).await);
        let gone = json!({ "closed_on": "2024-04-01", "reason": "業務をやめた" });
        take(&world, SECRETARY, &closed, "closure", gone).await.expect(200);
        let refused = drafted(&world, SECRETARY, &[]).await.expect(422);
        assert_eq!(refused.faults(), [("/risk_ids".to_owned(), "too_short".to_owned())]);
        let refused = drafted(&world, SECRETARY, &[&open, &closed]).await.expect(422);
        assert_eq!(refused.faults(), [("/risk_ids/1".to_owned(), "unknown_reference".to_owned())]);
        let nothing = json!({ "title": "計画", "risk_ids": [last(&open)], "risk_assessment_id": last(&open) });
        let refused = create(&world, SECRETARY, LIST, nothing).await.expect(422);
        assert_eq!(refused.faults(), [("/risk_assessment_id".to_owned(), "unknown_reference".to_owned())]);
    })
    .await;
}

#[actix_web::test]
async fn a_plan_reaches_as_far_as_its_risks() {
    on_both(|world| async move {
        let path = sample(&world).await;
        for who in [AUDITOR, SALES_MANAGER, SALES_HEAD] {
            assert_eq!(names(&read(&world, who, LIST).await["items"], "/number"), [1], "{who}");
        }
        let rows = read(&world, SALES_MANAGER, &format!("{path}/rows")).await;
        assert_eq!(names(&rows["items"], "/risk_number"), [4, 6]);
        for who in [STAFF_HEAD, WORKER] {
            assert_eq!(read(&world, who, LIST).await["items"], json!([]), "{who}");
            world.get(&path).person(who).send().await.expect(404);
        }
        // A department manager plans for the own department, not beyond it.
        let (own, other) = (risk(&world, 3).await, risk(&world, 1).await);
        let mine = drafted(&world, SALES_MANAGER, &[&own]).await.expect(201);
        assert_eq!(mine.json()["allowed_actions"], json!(["revise", "submit", "void"]));
        let refused = drafted(&world, SALES_MANAGER, &[&own, &other]).await.expect(422);
        assert_eq!(refused.code(), "invalid", "what one may not read is not known");
        let refused =
            take(&world, SALES_MANAGER, &path, "review", json!({ "reviewed_on": "2024-04-01" })).await.expect(403);
        assert_eq!(refused.code(), "outside_reach");
        let refused = create(&world, CHAIR, LIST, json!({ "title": "計画", "risk_ids": [last(&own)] })).await;
        assert_eq!(refused.expect(403).code(), "not_granted", "the chair revises, the secretariat drafts");
    })
    .await;
}
