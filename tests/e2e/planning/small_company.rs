//! The five people of 有限会社ちいさな工房 do everything themselves (amendments §1, SD-0).

use serde_json::{Value, json};

use super::steps::{change, create, id_of, item_draft, modify, read, residual, risk_draft, stated, take};
use crate::harness::{World, on_both};

/// Chair, secretariat, training, documents, systems.
const HAYASHI: &str = "林 一郎";
/// Top management, and the platform's administrator.
const MORI: &str = "森 正子";
/// Audit manager and auditor.
const HARA: &str = "原 次郎";
/// Head and manager of 業務部.
const OKA: &str = "岡 三枝";
/// Head and manager of 開発部.
const TSUJI: &str = "辻 四郎";

async fn person(world: &World, name: &str) -> String {
    id_of(world, HAYASHI, "/v1/persons", "name", name).await
}

/// An asset of 開発部 that `owner` has the risks of.
async fn asset_draft(world: &World, name: &str, owner: &str) -> Value {
    let department = id_of(world, HAYASHI, "/v1/departments", "name", "開発部").await;
    json!({
        "business_category": "開発", "name": name, "authorized_users": "開発部", "media": "internal_server",
        "risk_owner_person_id": person(world, owner).await, "managing_department_id": department,
        "confidentiality": 3, "integrity": 2, "availability": 2,
    })
}

#[actix_web::test]
async fn a_risk_of_the_president_goes_through_treatment_to_acceptance() {
    on_both(|world| async move {
        let asset = asset_draft(&world, "設計データ", MORI).await;
        let made = create(&world, HAYASHI, "/v1/assets", asset).await.expect(201);
        let draft = risk_draft(json!({ "asset_ids": [made.id()], "likelihood_basis": stated(3) }));
        let path = create(&world, HAYASHI, "/v1/risks", draft).await.expect(201).header("location");
        let evaluated = take(&world, HAYASHI, &path, "evaluation", Value::Null).await.expect(200).json();
        assert_eq!(
            (&evaluated["initial"]["risk_level"], &evaluated["risk_owner"]["person"]["name"]),
            (&json!(9), &json!(MORI))
        );
        take(&world, HAYASHI, &path, "treatment-decision", modify(&["持ち出しを禁じる"])).await.expect(200);
        let item = item_draft(&person(&world, TSUJI).await, json!({}));
        let item =
            create(&world, HAYASHI, &format!("{path}/treatment-items"), item).await.expect(201).header("location");
        let refused = take(&world, HAYASHI, &path, "treatment-approval", Value::Null).await.expect(403);
        assert_eq!(
            (&refused.json()["rule"], &refused.json()["params"]["next_approver"][0]["name"]),
            (&json!("SD-4"), &json!(MORI))
        );
        take(&world, MORI, &path, "treatment-approval", Value::Null).await.expect(200);
        take(&world, TSUJI, &item, "start", json!({ "actual_start": "2024-04-01" })).await.expect(200);
        take(&world, TSUJI, &item, "completion", json!({ "actual_end": "2024-04-01" })).await.expect(200);
        take(&world, HAYASHI, &path, "residual-assessment", residual(3, 2)).await.expect(200);

        // Still too high: the president allows it and, as its owner, accepts it.
        let refused = take(&world, MORI, &path, "acceptance", json!({})).await.expect(409);
        assert_eq!(refused.json()["rule"], "R-10");
        let why = json!({ "reason": "来期に設備を入れ替える", "review_on": "2024-10-01" });
        take(&world, MORI, &path, "acceptance-override", why).await.expect(200);
        let accepted = take(&world, MORI, &path, "acceptance", json!({})).await.expect(200).json();
        assert_eq!((&accepted["state"], &accepted["acceptance"]["by_override"]), (&json!("accepted"), &json!(true)));
        assert_eq!(accepted["acceptance"]["owner_prepared_it"], false);
    })
    .await;
}

#[actix_web::test]
async fn the_secretarys_own_risk_is_accepted_and_marked() {
    on_both(|world| async move {
        let mut asset = asset_draft(&world, "配布資料", HAYASHI).await;
        asset["confidentiality"] = json!(2);
        let made = create(&world, HAYASHI, "/v1/assets", asset).await.expect(201);
        let draft = risk_draft(json!({ "asset_ids": [made.id()], "likelihood_basis": stated(1) }));
        let path = create(&world, HAYASHI, "/v1/risks", draft).await.expect(201).header("location");
        take(&world, HAYASHI, &path, "evaluation", Value::Null).await.expect(200);
        let accepted = take(&world, HAYASHI, &path, "acceptance", json!({})).await.expect(200).json();
        assert_eq!(
            (&accepted["state"], &accepted["acceptance"]["owner_prepared_it"]),
            (&json!("accepted"), &json!(true))
        );
    })
    .await;
}

#[actix_web::test]
async fn department_managers_keep_the_inventory_and_risks_of_their_departments() {
    on_both(|world| async move {
        let asset = asset_draft(&world, "ソースコード", TSUJI).await;
        let refused = create(&world, OKA, "/v1/assets", asset.clone()).await.expect(403);
        assert_eq!(refused.code(), "outside_reach");
        let made = create(&world, TSUJI, "/v1/assets", asset).await.expect(201);
        world.get(made.header("location")).person(OKA).send().await.expect(404);
        assert_eq!(
            read(&world, HARA, &made.header("location")).await["allowed_actions"],
            json!([]),
            "an auditor reads"
        );
        let draft = risk_draft(json!({ "asset_ids": [made.id()], "likelihood_basis": stated(2) }));
        let path = create(&world, TSUJI, "/v1/risks", draft).await.expect(201).header("location");
        take(&world, HAYASHI, &path, "evaluation", Value::Null).await.expect(200);
        take(&world, TSUJI, &path, "treatment-decision", json!({ "options": ["retain"] })).await.expect(200);
        let why = json!({ "reason": "対策の費用が見合わない", "review_on": "2024-10-01" });
        take(&world, MORI, &path, "acceptance-override", why).await.expect(200);
        let accepted = take(&world, TSUJI, &path, "acceptance", json!({})).await.expect(200).json();
        assert_eq!(
            (&accepted["state"], &accepted["acceptance"]["owner_prepared_it"]),
            (&json!("accepted"), &json!(true))
        );
    })
    .await;
}

#[actix_web::test]
async fn criteria_are_drafted_by_one_and_approved_by_the_other() {
    on_both(|world| async move {
        let mine =
            create(&world, HAYASHI, "/v1/risk-criteria", json!({ "title": "リスク基準 第2版" })).await.expect(201);
        let path = mine.header("location");
        take(&world, HAYASHI, &path, "submission", Value::Null).await.expect(200);
        let refused = take(&world, HAYASHI, &path, "approval", json!({})).await.expect(403);
        assert_eq!(refused.json()["rule"], "SD-1");
        assert_eq!(refused.json()["params"]["next_approver"][0]["name"], MORI);
        take(&world, MORI, &path, "approval", json!({})).await.expect(200);

        // The next one comes back with a reason, is mended and handed in again.
        let next =
            create(&world, HAYASHI, "/v1/risk-criteria", json!({ "title": "リスク基準 第3版" })).await.expect(201);
        let path = next.header("location");
        take(&world, HAYASHI, &path, "submission", Value::Null).await.expect(200);
        take(&world, MORI, &path, "return", json!({ "reason": "条件を書き足すこと" })).await.expect(200);
        change(&world, HAYASHI, &path, json!({ "conditions": "年1回、4月" })).await.expect(200);
        take(&world, HAYASHI, &path, "submission", Value::Null).await.expect(200);
        let approved = take(&world, MORI, &path, "approval", json!({})).await.expect(200).json();
        assert_eq!((&approved["state"], &approved["version"]), (&json!("in_force"), &json!(3)));
    })
    .await;
}

#[actix_web::test]
async fn what_the_president_drafts_the_chair_approves() {
    on_both(|world| async move {
        let role =
            json!({ "role": "isms_secretariat", "person_id": person(&world, MORI).await, "starts_on": "2024-04-01" });
        let proposed = create(&world, HAYASHI, "/v1/appointments", role).await.expect(201).header("location");
        take(&world, HAYASHI, &proposed, "approval", Value::Null).await.expect(200);
        let hers = create(&world, MORI, "/v1/risk-criteria", json!({ "title": "リスク基準 第2版" })).await.expect(201);
        let path = hers.header("location");
        take(&world, MORI, &path, "submission", Value::Null).await.expect(200);
        let refused = take(&world, MORI, &path, "approval", json!({ "reason": "急ぐ" })).await.expect(403);
        assert_eq!(
            (&refused.json()["rule"], &refused.json()["params"]["next_approver"][0]["name"]),
            (&json!("SD-1"), &json!(HAYASHI))
        );
        let approved = take(&world, HAYASHI, &path, "approval", json!({})).await.expect(200).json();
        assert_eq!((&approved["state"], &approved["sign_off"]["self_approved"]), (&json!("in_force"), &json!(false)));
    })
    .await;
}

#[actix_web::test]
async fn the_statement_of_applicability_is_written_by_one_and_approved_by_the_president() {
    on_both(|world| async move {
        let list = "/v1/statements-of-applicability";
        let path = create(&world, HAYASHI, list, json!({ "title": "適用宣言書" })).await.expect(201).header("location");
        let rows = read(&world, HAYASHI, &format!("{path}/controls?limit=200")).await;
        let decided = |row: &Value| {
            let id = row["control_id"].as_str().expect("an id");
            match id.starts_with("7.") {
                true => {
                    json!({ "control_id": id, "decision": "not_applicable", "justification": "事務所を持たないため" })
                }
                false => json!({
                    "control_id": id, "decision": "applicable", "implementation_status": "partially_implemented",
                    "justification": "小さな会社でも欠かせないため",
                }),
            }
        };
        let edits: Vec<Value> = rows["items"].as_array().expect("rows").iter().map(decided).collect();
        let done = create(&world, HAYASHI, &format!("{path}/control-edits"), json!({ "edits": edits })).await;
        assert_eq!(done.expect(200).json()["changed"], 93);
        take(&world, HAYASHI, &path, "submission", Value::Null).await.expect(200);
        let refused = take(&world, HAYASHI, &path, "approval", json!({})).await.expect(403);
        assert_eq!(refused.code(), "not_granted");
        let approved = take(&world, MORI, &path, "approval", json!({})).await.expect(200).json();
        assert_eq!((&approved["state"], &approved["counts"]["not_applicable"]), (&json!("in_force"), &json!(14)));
        for who in [HAYASHI, MORI, HARA, OKA, TSUJI] {
            assert_eq!(read(&world, who, &path).await["version"], 1);
        }
    })
    .await;
}

#[actix_web::test]
async fn a_round_is_held_and_its_risks_are_treated_by_plan() {
    on_both(|world| async move {
        let mut owned = Vec::new();
        for (name, owner) in [("設計データ", MORI), ("ソースコード", TSUJI), ("配布資料", HAYASHI)] {
            let asset = create(&world, HAYASHI, "/v1/assets", asset_draft(&world, name, owner).await).await.expect(201);
            owned.push((name, asset.id(), owner));
        }
        let draft = json!({
            "title": "第1回リスクアセスメント", "performed_on": "2024-04-01", "trigger": "planned", "scope": "全社",
        });
        let round = create(&world, HAYASHI, "/v1/risk-assessments", draft).await.expect(201).header("location");
        let proposed = read(&world, HAYASHI, &format!("{round}/proposals")).await;
        assert_eq!(proposed["items"].as_array().map(Vec::len), Some(3));
        let mut risks = Vec::new();
        for (_, asset, _) in &owned {
            let draft = risk_draft(json!({ "asset_ids": [asset], "likelihood_basis": stated(3) }));
            let risk = create(&world, HAYASHI, "/v1/risks", draft).await.expect(201);
            let path = risk.header("location");
            take(&world, HAYASHI, &path, "evaluation", Value::Null).await.expect(200);
            take(&world, HAYASHI, &path, "treatment-decision", modify(&["持ち出しを禁じる"])).await.expect(200);
            let item = item_draft(&person(&world, OKA).await, json!({}));
            create(&world, HAYASHI, &format!("{path}/treatment-items"), item).await.expect(201);
            risks.push(risk.id());
        }
        assert_eq!(read(&world, HAYASHI, &format!("{round}/proposals")).await["items"], json!([]));
        change(&world, HAYASHI, &round, json!({ "conclusions": "持ち出しを先に片付ける" })).await.expect(200);
        take(&world, HAYASHI, &round, "submission", Value::Null).await.expect(200);
        // The chair wrote it: top management stands in (SD-1).
        let refused = take(&world, HAYASHI, &round, "approval", json!({})).await.expect(403);
        assert_eq!(
            (&refused.json()["rule"], &refused.json()["params"]["next_approver"][0]["name"]),
            (&json!("SD-1"), &json!(MORI))
        );
        let approved = take(&world, MORI, &round, "approval", json!({})).await.expect(200).json();
        assert_eq!((&approved["state"], &approved["sign_off"]["self_approved"]), (&json!("in_force"), &json!(false)));

        let draft = json!({ "title": "持ち出しへの備え", "risk_ids": risks, "risk_assessment_id": approved["id"] });
        let plan = create(&world, HAYASHI, "/v1/treatment-plans", draft).await.expect(201).header("location");
        take(&world, HAYASHI, &plan, "submission", Value::Null).await.expect(200);
        for owner in [HAYASHI, MORI, TSUJI] {
            take(&world, owner, &plan, "approval", Value::Null).await.expect(200);
        }
        let approved = read(&world, HAYASHI, &plan).await;
        assert_eq!(approved["state"], "approved");
        let marked: Vec<&Value> =
            approved["risks"].as_array().into_iter().flatten().map(|risk| &risk["owner_prepared_it"]).collect();
        assert_eq!(marked, [false, false, true], "SD-4: a warning, no more");
        let items = format!("/v1/treatment-items?treatment_plan_id={}", approved["id"].as_str().expect("an id"));
        for item in read(&world, OKA, &items).await["items"].as_array().expect("items") {
            let item = format!("/v1/treatment-items/{}", item["id"].as_str().expect("an id"));
            take(&world, OKA, &item, "start", json!({ "actual_start": "2024-04-01" })).await.expect(200);
            take(&world, OKA, &item, "completion", json!({ "actual_end": "2024-04-01" })).await.expect(200);
        }
        let closed = take(&world, HAYASHI, &plan, "closure", Value::Null).await.expect(200).json();
        assert_eq!(closed["state"], "closed");
    })
    .await;
}

#[actix_web::test]
async fn appointments_change_without_outside_help() {
    on_both(|world| async move {
        let appoint = async |by: &str, role: &str, who: &str, approver: &str| {
            let draft = json!({ "role": role, "person_id": person(&world, who).await, "starts_on": "2024-04-01" });
            let proposed = create(&world, by, "/v1/appointments", draft).await.expect(201).header("location");
            (take(&world, approver, &proposed, "approval", Value::Null).await, proposed)
        };
        // SD-3: who audits is not under the chair.
        for role in ["isms_secretariat", "training_manager", "document_controller", "system_administrator"] {
            let (refused, _) = appoint(HAYASHI, role, HARA, HAYASHI).await;
            let refused = refused.expect(409);
            assert_eq!((refused.code(), &refused.json()["rule"]), ("rule_violated".into(), &json!("SD-3")), "{role}");
        }
        // The chair appoints a second secretary; the audit manager a second auditor; nobody else may.
        let (second, _) = appoint(HAYASHI, "isms_secretariat", OKA, HAYASHI).await;
        assert_eq!(second.expect(200).json()["state"], "in_force");
        let (refused, proposed) = appoint(HARA, "internal_auditor", OKA, HAYASHI).await;
        let refused = refused.expect(403);
        assert_eq!(refused.json()["params"]["next_approver"][0]["name"], HARA);
        take(&world, HARA, &proposed, "approval", Value::Null).await.expect(200);

        // The president takes the chair from one and gives it to another.
        let seat = id_of(&world, HAYASHI, "/v1/appointments?role=security_committee_chair", "state", "in_force").await;
        let gone = json!({ "ends_on": "2024-03-31", "reason": "交代" });
        let refused = take(&world, OKA, &format!("/v1/appointments/{seat}"), "end", gone.clone()).await.expect(403);
        assert_eq!(refused.json()["params"]["next_approver"][0]["name"], MORI);
        take(&world, MORI, &format!("/v1/appointments/{seat}"), "end", gone).await.expect(200);
        // While the seat is empty, the president stands in for it.
        let (stood_in, _) = appoint(MORI, "hr_officer", TSUJI, MORI).await;
        stood_in.expect(200);
        let (next, _) = appoint(MORI, "security_committee_chair", OKA, MORI).await;
        assert_eq!(next.expect(200).json()["person"]["name"], OKA);
        let (refused, _) = appoint(OKA, "internal_audit_manager", TSUJI, OKA).await;
        assert_eq!(refused.expect(403).json()["params"]["next_approver"][0]["name"], MORI);
    })
    .await;
}

#[actix_web::test]
async fn an_objective_of_a_department_and_a_change_of_the_isms_are_approved_and_carried_out() {
    on_both(|world| async move {
        let department = id_of(&world, HAYASHI, "/v1/departments", "name", "業務部").await;
        let draft = json!({
            "objective": "誤送信をなくす", "additional": true, "measuring_interval_months": 3,
            "metric": { "name": "誤送信", "unit": "件", "comparison": "equal", "target_value": "0" },
            "action": "送信前に二人で確かめる", "required_resources": "確認の時間", "due": "2025-03",
            "responsible_person_id": person(&world, OKA).await, "evaluation_method": "記録を数える",
            "department_id": department,
        });
        let path = create(&world, OKA, "/v1/objectives", draft).await.expect(201).header("location");
        take(&world, HAYASHI, &path, "submission", Value::Null).await.expect(200);
        let approved = take(&world, MORI, &path, "approval", json!({})).await.expect(200).json();
        assert_eq!((&approved["state"], &approved["sign_off"]["prepared"]["name"]), (&json!("approved"), &json!(OKA)));
        let end = json!({ "ended_on": "2024-04-01", "reason": "送信の仕組みを変えた" });
        take(&world, OKA, &path, "end", end).await.expect(200);

        let draft = json!({
            "what": "在宅勤務を始める", "purpose": "人を集める", "consequences": "端末の持ち出しが増える",
            "integrity_of_isms": "始める前に規程とリスクを見直す", "resources": "端末と通信の費用",
            "responsible_person_id": person(&world, HAYASHI).await, "planned_on": "2024-06-03",
        });
        let path = create(&world, HAYASHI, "/v1/planned-changes", draft).await.expect(201).header("location");
        take(&world, HAYASHI, &path, "submission", Value::Null).await.expect(200);
        take(&world, MORI, &path, "approval", json!({})).await.expect(200);
        let done = json!({ "done_on": "2024-04-01", "result": "2人から始めた" });
        take(&world, HAYASHI, &path, "completion", done).await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn the_whole_company_reads_what_it_needs() {
    on_both(|world| async move {
        for who in [HAYASHI, MORI, HARA, OKA, TSUJI] {
            for path in [
                "/v1/organization",
                "/v1/departments",
                "/v1/positions",
                "/v1/appointments",
                "/v1/assets",
                "/v1/risks",
                "/v1/risks/matrix",
                "/v1/risk-assessments",
                "/v1/risk-criteria",
                "/v1/treatment-items",
                "/v1/statements-of-applicability",
                "/v1/treatment-plans",
                "/v1/objectives",
                "/v1/planned-changes",
                "/v1/resources",
            ] {
                read(&world, who, path).await;
            }
        }
        let people = read(&world, HAYASHI, "/v1/persons").await;
        assert_eq!(people["items"].as_array().map(Vec::len), Some(5));
        change(&world, HAYASHI, "/v1/organization", json!({ "level": "lv1_quick" })).await.expect(200);
    })
    .await;
}
