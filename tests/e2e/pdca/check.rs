//! Check: measurement, internal audit, management review (clause 9).

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::company::{AUDIT_MANAGER, AUDITOR, CHAIR, MANAGER, SALES, SECRETARY, TOP, ahead, department, person, today};
use crate::{
    evaluation::management_review::inputs,
    harness::World,
    planning::steps::{create, id_of, read, take},
};

/// 9.1: the objective is measured and found to be achieved.
pub(super) async fn measures(world: &World) {
    world.wait(TimeDelta::days(120));
    let objective = format!("/v1/objectives/{}", id_of(world, MANAGER, "/v1/objectives", "number", 1).await);
    let measured = json!({ "measured_on": today(world), "value": "0" });
    create(world, MANAGER, &format!("{objective}/measurements"), measured).await.expect(201);
    let found = json!({ "evaluated_on": today(world), "remarks": "漏えいは無かった" });
    let evaluated = take(world, TOP, &objective, "evaluation", found).await.expect(200).json();
    assert_eq!(evaluated["evaluation"]["result"], "effective", "R-17");
}

/// 9.2.2: every clause is audited this year.
pub(super) async fn plans_its_audits(world: &World) {
    let programme = json!({
        "fiscal_year": 2024, "purpose": "決めたとおりか", "method": "聞き取り", "criteria": "規格と手順",
        "importance_considered": "預かった情報", "earlier_results_considered": "初めての監査",
        "rows": [{ "planned_for": "2024-08", "department_ids": [department(world, SALES).await],
            "clauses": ["4", "5", "6", "7", "8", "9", "10"] }],
    });
    let programme = create(world, AUDIT_MANAGER, "/v1/audit-programmes", programme).await.expect(201);
    let programme = programme.header("location");
    take(world, AUDIT_MANAGER, &programme, "submission", Value::Null).await.expect(200);
    take(world, TOP, &programme, "approval", json!({})).await.expect(200);
}

/// An internal audit of the sales department, for the row of the programme, from its plan to the end of the fieldwork.
async fn fieldwork(world: &World, name: &str, check: &str, judgement: &str) -> String {
    let programme = id_of(world, AUDIT_MANAGER, "/v1/audit-programmes", "fiscal_year", 2024).await;
    let plan = json!({
        "programme": { "programme_id": programme, "row": 1 },
        "name": name, "purpose": "運用の確認", "themes": ["持ち出し"], "methods": ["interview"], "method": "聞き取り",
        "criteria": "規格と手順", "report_due": ahead(world, 30), "report_method": "報告会",
        "rows": [{ "department_id": department(world, SALES).await, "respondent_id": person(world, MANAGER).await,
            "auditors": [{ "person_id": person(world, AUDITOR).await }], "scheduled_at": world.clock.now() }],
    });
    let audit = create(world, AUDIT_MANAGER, "/v1/audits", plan).await.expect(201).header("location");
    take(world, AUDIT_MANAGER, &audit, "submission", Value::Null).await.expect(200);
    take(world, TOP, &audit, "approval", json!({})).await.expect(200);
    let item = json!({ "clause": "8.1", "check_text": check });
    let item = create(world, AUDITOR, &format!("{audit}/checklist-items"), item).await.expect(201).header("location");
    take(world, AUDITOR, &audit, "start", Value::Null).await.expect(200);
    let result = json!({ "judgement": judgement, "evidence": ["記録簿"] });
    take(world, AUDITOR, &item, "result", result).await.expect(200);
    audit
}

/// The report is written by the auditor and approved by the audit manager.
async fn reported(world: &World, audit: &str) {
    take(world, AUDITOR, audit, "fieldwork-completion", Value::Null).await.expect(200);
    let report = json!({ "performed_in": today(world), "overall_opinion": "おおむね有効に働いている" });
    take(world, AUDITOR, audit, "report", report).await.expect(200);
    take(world, AUDITOR, audit, "report-submission", Value::Null).await.expect(200);
    take(world, AUDIT_MANAGER, audit, "report-approval", json!({})).await.expect(200);
}

/// 9.2: a nonconformity is found. The paths of the audit and of the finding.
pub(super) async fn audits_itself(world: &World) -> (String, String) {
    let audit = fieldwork(world, "第1回内部監査", "持ち出しは記録されているか", "minor_nonconformity").await;
    let items = read(world, AUDITOR, &format!("{audit}/checklist-items")).await;
    let finding = json!({ "rank": "minor_nonconformity", "clause": "8.1", "content": "4月の持ち出しが記録されていない",
        "department_id": department(world, SALES).await, "checklist_item_id": items["items"][0]["id"],
        "respond_by": ahead(world, 14) });
    let finding = create(world, AUDITOR, &format!("{audit}/findings"), finding).await.expect(201).header("location");
    reported(world, &audit).await;
    let early = take(world, AUDIT_MANAGER, &audit, "closure", Value::Null).await.expect(409);
    assert_eq!(early.code(), "not_ready", "AUD-7");
    (audit, finding)
}

/// Every nonconformity has its corrective action; the row of the programme is done.
pub(super) async fn closes_the_audit(world: &World, audit: &str) {
    let closed = take(world, AUDIT_MANAGER, audit, "closure", Value::Null).await.expect(200).json();
    assert_eq!(closed["state"], "closed");
    let programme = id_of(world, TOP, "/v1/audit-programmes", "fiscal_year", 2024).await;
    let programme = format!("/v1/audit-programmes/{programme}");
    assert_eq!(read(world, TOP, &programme).await["progress"][0]["state"], "done");
    let coverage = read(world, AUDITOR, &format!("{programme}/coverage")).await;
    assert_eq!(coverage["clause_counts"]["covered"], 1, "8.1 was looked at");
}

/// The certification body finds an opportunity, which is answered.
pub(super) async fn is_certified(world: &World) {
    world.wait(TimeDelta::days(30));
    let audit = json!({
        "kind": "certification_stage_2", "body": "認証機構", "auditors": ["本田 操"], "scope": "全社",
        "criteria": "ISO/IEC 27001:2022", "starts_on": today(world), "ends_on": today(world),
        "responsible_person_id": person(world, SECRETARY).await,
    });
    let audit = create(world, SECRETARY, "/v1/external-audits", audit).await.expect(201).header("location");
    let result = json!({ "performed_from": today(world), "performed_until": today(world), "opinion": "有効に働いている",
        "recommendation": "granted",
        "certificate": { "number": "JP-0001", "valid_from": today(world), "valid_until": ahead(world, 1095) } });
    take(world, SECRETARY, &audit, "result", result).await.expect(200);
    let finding = json!({ "rank": "opportunity", "clause": "9.1", "content": "測る間隔を短くできる" });
    let finding = create(world, SECRETARY, &format!("{audit}/findings"), finding).await.expect(201).header("location");
    let early = take(world, SECRETARY, &audit, "closure", Value::Null).await.expect(409);
    assert_eq!(early.code(), "not_ready");
    let answer = json!({ "answer": "毎月測る", "responded_on": today(world) });
    take(world, SECRETARY, &finding, "response", answer).await.expect(200);
    take(world, SECRETARY, &audit, "closure", Value::Null).await.expect(200);
}

/// A follow-up audit that finds nothing; its id.
pub(super) async fn follows_up(world: &World) -> String {
    let audit = fieldwork(world, "フォロー監査", "記録は続いているか", "conform").await;
    reported(world, &audit).await;
    take(world, AUDIT_MANAGER, &audit, "closure", Value::Null).await.expect(200).id()
}

/// A review with these inputs, held today with top management and the chair.
async fn held(world: &World, inputs: Value) -> String {
    let plan = json!({ "planned_on": today(world), "inputs": inputs });
    let review = create(world, SECRETARY, "/v1/management-reviews", plan).await.expect(201).header("location");
    let meeting = json!({ "held_on": today(world),
        "attendee_ids": [person(world, TOP).await, person(world, CHAIR).await, person(world, AUDIT_MANAGER).await] });
    take(world, SECRETARY, &review, "holding", meeting).await.expect(200);
    review
}

/// What top management decided is approved and made known.
async fn decided(world: &World, review: &str, improvements: Value) {
    let outputs = json!({ "improvement_instructions": improvements, "isms_change_instructions": [] });
    take(world, SECRETARY, review, "outputs", outputs).await.expect(200);
    take(world, SECRETARY, review, "submission", Value::Null).await.expect(200);
    take(world, TOP, review, "approval", json!({})).await.expect(200);
    let told = json!({ "communicated_on": today(world), "means": "朝礼" });
    take(world, SECRETARY, review, "communication", told).await.expect(200);
    take(world, SECRETARY, review, "closure", Value::Null).await.expect(200);
}

/// 9.3: the first review, with what the audit found among its facts. Its path.
pub(super) async fn holds_its_first_review(world: &World) -> String {
    world.wait(TimeDelta::days(7));
    let review = held(world, inputs()).await;
    let facts = read(world, TOP, &format!("{review}/inputs")).await;
    assert_eq!((&facts["kept"], &facts["previous_actions"]), (&json!(true), &json!([])));
    let reported = &facts["audits"]["reported"][0];
    assert_eq!((&reported["name"], &reported["counts"]["minor"]), (&json!("第1回内部監査"), &json!(1)));
    let open = &facts["audits"]["open_findings"][0];
    assert_eq!(
        (&open["state"], &open["criterion"]["ja"]),
        (&json!("corrective_action_linked"), &json!("8.1 運用の計画策定及び管理"))
    );
    assert_eq!(facts["objectives"]["achieved"], 1);
    assert_eq!((&facts["risk_status"]["listed"], &facts["risk_status"]["finished"]), (&json!(1), &json!(1)));
    let instruction = json!([{ "instruction": "記録を電子にする", "due_on": ahead(world, 60),
        "responsible_person_id": person(world, MANAGER).await }]);
    decided(world, &review, instruction).await;
    review
}

/// 9.3: a year later, with what became of the instructions of the first one.
pub(super) async fn holds_its_second_review(world: &World, first: &str) {
    assert_eq!(read(world, SECRETARY, first).await["overdue"], true, "it was due a month ago");
    let mut said = inputs();
    said["previous_actions"] = json!("1件は完了し、効果があった");
    let review = held(world, said).await;
    let facts = read(world, TOP, &format!("{review}/inputs")).await;
    let instructions = facts["previous_actions"].as_array().cloned().unwrap_or_default();
    let told: Vec<_> = instructions.iter().map(|one| (&one["instruction"], &one["state"])).collect();
    assert_eq!(told, [(&json!("記録を電子にする"), &json!("evaluated"))], "input 1");
    assert_eq!(facts["audits"]["reported"][0]["name"], "フォロー監査");
    let certified = &facts["audits"]["external"][0];
    assert_eq!((&certified["body"], &certified["certificate"]["number"]), (&json!("認証機構"), &json!("JP-0001")));
    assert_eq!(facts["audits"]["open_findings"], json!([]));
    assert_eq!((&facts["corrective_actions"]["open"], &facts["corrective_actions"]["closed"]), (&json!(0), &json!(1)));
    assert_eq!(facts["issue_changes"], json!([]), "nothing moved since the first review");
    decided(world, &review, json!([])).await;
    let second = read(world, MANAGER, &review).await;
    assert_eq!((&second["state"], &second["is_first"]), (&json!("closed"), &json!(false)));
}
