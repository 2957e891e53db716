//! Plan: context, leadership, planning (clauses 4 to 6).

use serde_json::{Value, json};

use super::company::{AUDIT_MANAGER, CHAIR, MANAGER, SALES, SECRETARY, TOP, ahead, department, last, person, today};
use crate::{
    harness::World,
    leadership::steps::{commitment, policy_draft},
    planning::steps::{change, create, modify, read, risk_draft, stated, take},
};

/// 4.1 to 4.4: issues and interested parties with what is done about them, reviewed; the scope.
pub(super) async fn determines_its_context(world: &World) {
    let issue = json!({ "issue_type": "external", "issue": "取引先が安全を求める", "risk": "取引を失う", "opportunity": "信頼される" });
    let issue = create(world, SECRETARY, "/v1/context-issues", issue).await.expect(201);
    let party = json!({ "name": "取引先", "requirements":
        [{ "requirement": "預けた情報を守る", "risk": "漏えいする", "opportunity": "選ばれる" }] });
    let party = create(world, SECRETARY, "/v1/interested-parties", party).await.expect(201);
    let review = json!({ "reviewed_on": today(world), "changes": "初めて調べた", "climate_change_relevant": false,
        "climate_change_reason": "拠点は高台にある" });
    let review = create(world, SECRETARY, "/v1/context-reviews", review).await.expect(201).header("location");
    let early = take(world, SECRETARY, &review, "submission", Value::Null).await.expect(409);
    assert_eq!(early.code(), "not_ready", "what is at stake is answered first (6.1.1)");

    for (of, of_value) in [
        (json!({ "issue_id": issue.id() }), "ISMSを築く"),
        (json!({ "party_id": party.id(), "requirement_number": 1 }), "預かる情報を台帳に載せる"),
    ] {
        let mut action = json!({ "addresses": "risk", "action": of_value, "due_on": ahead(world, 30),
            "responsible_person_id": person(world, SECRETARY).await });
        for (name, value) in of.as_object().into_iter().flatten() {
            action[name] = value.clone();
        }
        create(world, SECRETARY, "/v1/context-actions", action).await.expect(201);
    }
    take(world, SECRETARY, &review, "submission", Value::Null).await.expect(200);
    take(world, TOP, &review, "approval", json!({})).await.expect(200);

    let scope = json!({ "title": "ISMS適用範囲", "organizational_boundary": "全社", "physical_boundary": "本社",
        "business_boundary": "すべての事業" });
    let scope = create(world, SECRETARY, "/v1/isms-scopes", scope).await.expect(201).header("location");
    take(world, SECRETARY, &scope, "submission", Value::Null).await.expect(200);
    let approved = take(world, TOP, &scope, "approval", json!({})).await.expect(200).json();
    assert_eq!(approved["state"], "in_force");
}

/// 5.1 and 5.2: top management stands by its commitments and makes the policy known.
pub(super) async fn is_led(world: &World) {
    for number in 1..=8 {
        let path = commitment(world, SECRETARY, number).await;
        let evidence = json!({ "evidence": "社長の発言", "reviewed_on": today(world) });
        change(world, SECRETARY, &path, evidence).await.expect(200);
        take(world, TOP, &path, "approval", json!({})).await.expect(200);
    }
    let policy = policy_draft(json!({ "company_name": "株式会社ことはじめ", "signatory_name": TOP }));
    let policy = create(world, SECRETARY, "/v1/policies", policy).await.expect(201).header("location");
    take(world, SECRETARY, &policy, "submission", Value::Null).await.expect(200);
    take(world, TOP, &policy, "approval", json!({})).await.expect(200);
    let told = json!({ "internal": { "communicated_on": today(world), "means": "朝礼" },
        "external": { "available_on": today(world), "means": "posted", "evidence": "受付の写真" } });
    take(world, SECRETARY, &policy, "publication", told).await.expect(200);
}

/// 6.1: an asset, its risk, the decision of its owner, a round of assessment, the statement of applicability, the plan.
pub(super) async fn assesses_its_risks(world: &World) {
    let asset = json!({
        "business_category": "営業", "name": "取引先から預かった図面", "authorized_users": "営業部", "media": "office_pc",
        "risk_owner_person_id": person(world, MANAGER).await, "managing_department_id": department(world, SALES).await,
        "confidentiality": 3, "integrity": 2, "availability": 2,
    });
    let asset = create(world, SECRETARY, "/v1/assets", asset).await.expect(201);
    let round = json!({ "title": "第1回リスクアセスメント", "performed_on": today(world), "trigger": "planned", "scope": "全社",
        "conclusions": "持ち出しに備える" });
    let round = create(world, SECRETARY, "/v1/risk-assessments", round).await.expect(201).header("location");
    let proposed = read(world, SECRETARY, &format!("{round}/proposals")).await;
    assert_eq!(proposed["items"][0]["name"], "取引先から預かった図面", "R-03c");

    let risk = risk_draft(json!({ "asset_ids": [asset.id()], "likelihood_basis": stated(3) }));
    let risk = create(world, SECRETARY, "/v1/risks", risk).await.expect(201).header("location");
    take(world, SECRETARY, &risk, "evaluation", Value::Null).await.expect(200);
    take(world, SECRETARY, &risk, "treatment-decision", modify(&["持ち出しを記録する"])).await.expect(200);
    let item = json!({ "control_number": 1, "tasks": ["記録簿を置く"], "assignee_id": person(world, MANAGER).await,
        "planned_start": today(world), "planned_end": ahead(world, 60) });
    create(world, SECRETARY, &format!("{risk}/treatment-items"), item).await.expect(201);
    take(world, SECRETARY, &round, "submission", Value::Null).await.expect(200);
    take(world, CHAIR, &round, "approval", json!({})).await.expect(200);

    let statement = json!({ "title": "適用宣言書" });
    let statement = create(world, SECRETARY, "/v1/statements-of-applicability", statement).await.expect(201);
    let statement = statement.header("location");
    let rows = read(world, SECRETARY, &format!("{statement}/controls?limit=200")).await;
    let applies = |row: &Value| {
        json!({ "control_id": row["control_id"], "decision": "applicable", "justification": "欠かせない",
            "implementation_status": "partially_implemented" })
    };
    let edits: Vec<Value> = rows["items"].as_array().expect("rows").iter().map(applies).collect();
    create(world, SECRETARY, &format!("{statement}/control-edits"), json!({ "edits": edits })).await.expect(200);
    take(world, SECRETARY, &statement, "submission", Value::Null).await.expect(200);
    take(world, TOP, &statement, "approval", json!({})).await.expect(200);

    let plan = json!({ "title": "リスク対応計画", "risk_ids": [last(&risk)], "risk_assessment_id": last(&round) });
    let plan = create(world, SECRETARY, "/v1/treatment-plans", plan).await.expect(201).header("location");
    take(world, SECRETARY, &plan, "submission", Value::Null).await.expect(200);
    take(world, MANAGER, &plan, "approval", Value::Null).await.expect(200);
    assert_eq!(read(world, AUDIT_MANAGER, &plan).await["state"], "approved", "SD-4: by who owns the risk");
}

/// 6.2: what is to be reached, and how it is measured.
pub(super) async fn sets_an_objective(world: &World) {
    let objective = json!({
        "objective": "預かった情報を漏らさない", "policy_objective_number": 1, "measuring_interval_months": 6,
        "metric": { "name": "漏えい", "unit": "件", "comparison": "equal", "target_value": "0" },
        "action": "持ち出しを記録する", "required_resources": "記録簿", "due": ahead(world, 180),
        "responsible_person_id": person(world, MANAGER).await, "evaluation_method": "記録を数える",
    });
    let objective = create(world, SECRETARY, "/v1/objectives", objective).await.expect(201).header("location");
    take(world, SECRETARY, &objective, "submission", Value::Null).await.expect(200);
    take(world, TOP, &objective, "approval", json!({})).await.expect(200);
}
