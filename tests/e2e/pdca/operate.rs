//! Do: support and operation (clauses 7 and 8).

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::company::{AUDIT_MANAGER, AUDITOR, CHAIR, MANAGER, SECRETARY, TOP, TRAINER, ahead, last, person, today};
use crate::{
    harness::World,
    planning::steps::{create, id_of, read, residual, take},
};

/// 8.1: the plan of the year.
pub(super) async fn plans_its_year(world: &World) {
    let plan = json!({ "fiscal_year": 2024, "title": "2024年度 年間計画", "template": "whole_year" });
    let plan = create(world, SECRETARY, "/v1/annual-plans", plan).await.expect(201).header("location");
    take(world, SECRETARY, &plan, "submission", Value::Null).await.expect(200);
    let approved = take(world, CHAIR, &plan, "approval", json!({})).await.expect(200).json();
    assert_eq!(approved["state"], "in_execution");
}

/// 7.2 to 7.4: everybody learns the rules, is tested, and acknowledges the policy.
pub(super) async fn teaches_its_people(world: &World) {
    let questions = json!([{ "kind": "true_false", "text": "図面は記録して持ち出す", "correct_answer": "true" }]);
    let test = json!({ "title": "決まりの確認", "fiscal_year": 2024, "questions": questions, "pass_score": 10 });
    let test = create(world, TRAINER, "/v1/tests", test).await.expect(201).header("location");
    take(world, TRAINER, &test, "publication", Value::Null).await.expect(200);
    let campaign = json!({
        "name": "最初の教育", "fiscal_year": 2024, "themes": ["regulations_briefing"], "purpose": "決まりを知る",
        "delivery_methods": ["e_learning"], "contents": ["方針と手順"], "period_start": today(world),
        "period_end": ahead(world, 14), "test_id": last(&test),
    });
    let campaign = create(world, TRAINER, "/v1/education-campaigns", campaign).await.expect(201).header("location");
    take(world, TRAINER, &campaign, "submission", Value::Null).await.expect(200);
    take(world, TOP, &campaign, "approval", json!({})).await.expect(200);
    take(world, TRAINER, &campaign, "opening", Value::Null).await.expect(200);
    for who in [TOP, CHAIR, SECRETARY, AUDIT_MANAGER, AUDITOR, MANAGER] {
        let of_them = format!("/v1/enrolments?person_id={}", person(world, who).await);
        let mine = id_of(world, TRAINER, &of_them, "state", "invited").await;
        let attempt = create(world, who, "/v1/test-attempts", json!({ "enrolment_id": mine })).await.expect(201);
        let given = json!({ "answers": [{ "number": 1, "answer": "true" }] });
        let passed = take(world, who, &attempt.header("location"), "submission", given).await.expect(200).json();
        assert_eq!(passed["state"], "passed");
    }
    for who in [TOP, CHAIR, SECRETARY, AUDIT_MANAGER, AUDITOR, TRAINER, MANAGER] {
        let known = json!({ "person_id": person(world, who).await, "item": "policy", "acknowledged_on": today(world),
            "source": "own" });
        create(world, who, "/v1/acknowledgements", known).await.expect(201);
    }
    take(world, TRAINER, &campaign, "closure", Value::Null).await.expect(200);
    let record = json!({ "summary": "決まりを学んだ", "target": "全員" });
    take(world, TRAINER, &campaign, "record", record).await.expect(200);
    take(world, TRAINER, &campaign, "record-submission", Value::Null).await.expect(200);
    let recorded = take(world, CHAIR, &campaign, "record-approval", json!({})).await.expect(200).json();
    assert_eq!(recorded["record"]["figures"]["completion_rate"]["percent"], "100.0", "R-17");
}

/// 7.5: a procedure, approved and published.
pub(super) async fn publishes_its_procedure(world: &World) {
    let document = json!({ "kind": "procedure", "title": "持ち出しの手順" });
    let document = create(world, SECRETARY, "/v1/documents", document).await.expect(201).header("location");
    let version = json!({ "document_id": last(&document), "change_reason": "新しく定めた", "location": "書庫" });
    let version = create(world, SECRETARY, "/v1/document-versions", version).await.expect(201).header("location");
    take(world, SECRETARY, &version, "submission", Value::Null).await.expect(200);
    take(world, CHAIR, &version, "approval", json!({})).await.expect(200);
    let published =
        json!({ "issued_on": today(world), "distribution": "全員に掲示", "next_review_on": ahead(world, 365) });
    take(world, SECRETARY, &version, "publication", published).await.expect(200);
    assert_eq!(read(world, MANAGER, &document).await["state"], "published");
}

/// 8.3: the work is done a month later, and the owner accepts what remains.
pub(super) async fn treats_its_risk(world: &World) {
    world.wait(TimeDelta::days(30));
    let item = id_of(world, MANAGER, "/v1/treatment-items", "number", 1).await;
    let item = format!("/v1/treatment-items/{item}");
    take(world, MANAGER, &item, "start", json!({ "actual_start": today(world) })).await.expect(200);
    take(world, MANAGER, &item, "completion", json!({ "actual_end": today(world) })).await.expect(200);
    let risk = format!("/v1/risks/{}", id_of(world, SECRETARY, "/v1/risks", "number", 1).await);
    take(world, SECRETARY, &risk, "residual-assessment", residual(3, 1)).await.expect(200);
    let accepted = take(world, MANAGER, &risk, "acceptance", json!({ "follow_up_on": ahead(world, 180) }))
        .await
        .expect(200)
        .json();
    assert_eq!(accepted["state"], "accepted");
    // 4.1, 4.2: what was decided about the context is done, too.
    for number in [1, 2] {
        let action = id_of(world, SECRETARY, "/v1/context-actions", "number", number).await;
        let done = json!({ "done_on": today(world), "result": "行った" });
        take(world, SECRETARY, &format!("/v1/context-actions/{action}"), "completion", done).await.expect(200);
    }
}
