//! Act: corrective action and continual improvement (clause 10).

use serde_json::{Value, json};

use super::{
    check::follows_up,
    company::{AUDIT_MANAGER, AUDITOR, CHAIR, MANAGER, SECRETARY, TOP, today},
};
use crate::{
    harness::World,
    planning::steps::{create, id_of, read, take},
};

/// 10.2: the nonconformity is corrected, its cause removed, the effect judged; an audit is to confirm it. The path of the
/// corrective action.
pub(super) async fn corrects(world: &World, finding: &str) -> String {
    let asked = create(world, AUDIT_MANAGER, &format!("{finding}/corrective-action"), json!({})).await.expect(201);
    let action = asked.header("location");
    take(world, AUDIT_MANAGER, &action, "submission", Value::Null).await.expect(200);
    take(world, TOP, &action, "approval", json!({})).await.expect(200);
    let today = today(world);
    let correction = json!({ "description": "4月の分を記録する", "planned_on": today });
    let evaluation = json!({ "similar_exists": false, "could_occur_elsewhere": false, "cause": "記録簿が遠い",
        "removal_plan_required": true });
    let removal = json!({ "plan": "記録簿を出口に置く", "planned_on": today });
    let done = json!({ "report": "記録簿を出口に置いた", "completed_on": today });
    let seen = json!({ "result": "記録簿を見た", "confirmed_on": today });
    let helped = json!({ "result": "記録が続いている", "is_effective": true, "evaluated_on": today,
        "follow_up_audit_required": true });
    for (by, step, body) in [
        (MANAGER, "correction", correction),
        (MANAGER, "evaluation", evaluation),
        (MANAGER, "cause-removal", removal),
        (MANAGER, "plan-submission", Value::Null),
        (CHAIR, "plan-approval", json!({})),
        (MANAGER, "implementation", done),
        (CHAIR, "implementation-approval", json!({})),
        (AUDITOR, "verification", seen),
        (AUDITOR, "effectiveness", helped),
        (AUDIT_MANAGER, "effectiveness-approval", json!({})),
    ] {
        take(world, by, &action, step, body).await.expect(200);
    }
    assert_eq!(read(world, SECRETARY, &action).await["state"], "follow_up_pending", "CAR-11");
    action
}

/// 9.3.3: what top management wanted is done, and judged.
pub(super) async fn carries_out_the_instruction(world: &World) {
    let action = format!("/v1/review-actions/{}", id_of(world, MANAGER, "/v1/review-actions", "number", 1).await);
    let done = json!({ "done_on": today(world), "result": "電子の記録簿にした" });
    take(world, MANAGER, &action, "completion", done).await.expect(200);
    let judged = json!({ "evaluated_on": today(world), "effective": true });
    take(world, SECRETARY, &action, "effectiveness", judged).await.expect(200);
}

/// 10.2: the follow-up audit confirms the corrective action, which is closed; the finding is settled.
pub(super) async fn is_followed_up(world: &World, finding: &str, action: &str) {
    let audit = follows_up(world).await;
    let confirmed = json!({ "audit_id": audit, "result": "記録は続いている", "is_effective": true,
        "confirmed_on": today(world) });
    let closed = take(world, AUDIT_MANAGER, action, "follow-up", confirmed).await.expect(200).json();
    assert_eq!((&closed["state"], &closed["follow_up"]["audit_id"]), (&json!("closed"), &json!(audit)));
    assert_eq!(read(world, MANAGER, finding).await["state"], "resolved");
    let seen = json!({ "reason": "フォロー監査で確かめた" });
    take(world, AUDIT_MANAGER, finding, "follow-up", seen).await.expect(200);
}

/// 10.1: two turns of the cycle stand beside each other.
pub(super) async fn sees_the_cycle_turn(world: &World) {
    let overview = read(world, TOP, "/v1/overview").await;
    let [this, before] = [0, 1].map(|at| overview["cycles"][at].clone());
    assert_eq!((&this["fiscal_year"], &before["fiscal_year"]), (&json!(2025), &json!(2024)));
    let done = |planned: usize| json!({ "planned": planned, "done": planned, "overdue": 0 });
    for part in ["risk_treatment", "audits", "management_reviews", "instructions"] {
        assert_eq!(before[part], done(1), "{part}");
    }
    assert_eq!((&this["audits"], &this["management_reviews"]), (&done(1), &done(1)));
    assert_eq!(before["objectives"], json!({ "achieved": 1, "not_achieved": 0, "pursued": 0 }));
    let found = &before["findings"];
    assert_eq!(
        (&found["minor_nonconformities"], &found["opportunities"], &found["settled"]),
        (&json!(1), &json!(1), &json!(2))
    );
    let actions = &before["corrective_actions"];
    assert_eq!((&actions["issued"], &actions["closed"], &actions["repeats"]), (&json!(1), &json!(1), &json!(0)));
    assert!(before["annual_plan"]["done"].as_u64().is_some_and(|done| done > 0), "records mark rows of the plan");

    // Whoever reads a part of a register is not told how the whole of it turns.
    let part = read(world, MANAGER, "/v1/overview").await;
    assert_eq!((&part["cycles"][1]["findings"], &part["cycles"][1]["audits"]), (&Value::Null, &Value::Null));
    assert_eq!(part["cycles"][1]["objectives"], before["objectives"]);
}
