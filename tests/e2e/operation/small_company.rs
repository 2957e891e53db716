//! The five people of 有限会社ちいさな工房 plan their year, go through their checklist and mind their suppliers
//! (amendments §1, SD-0).

use serde_json::{Value, json};

use crate::{
    harness::{World, on_both},
    planning::steps::{change, create, id_of, read, take},
};

/// Chair, secretariat, training, documents, systems.
const HAYASHI: &str = "林 一郎";
/// Top management, and the platform's administrator.
const MORI: &str = "森 正子";
/// Audit manager and auditor.
const HARA: &str = "原 次郎";
/// Head and manager of 業務部.
const OKA: &str = "岡 三枝";

async fn person(world: &World, name: &str) -> String {
    id_of(world, HAYASHI, "/v1/persons", "name", name).await
}

async fn row_of(world: &World, plan: &str, document: &str) -> String {
    let rows = format!("{plan}/rows?limit=200");
    format!("/v1/annual-plan-rows/{}", id_of(world, HAYASHI, &rows, "document_name", document).await)
}

#[actix_web::test]
async fn the_year_is_planned_approved_and_done() {
    on_both(|world| async move {
        let draft = json!({ "fiscal_year": 2024, "title": "2024年度", "template": "whole_year" });
        let plan = create(&world, HAYASHI, "/v1/annual-plans", draft).await.expect(201).header("location");
        let (entries, audit) =
            (row_of(&world, &plan, "入退室記録").await, row_of(&world, &plan, "内部監査結果報告書").await);
        change(&world, HAYASHI, &entries, json!({ "assignee_id": person(&world, OKA).await })).await.expect(200);
        change(&world, HAYASHI, &audit, json!({ "assignee_id": person(&world, HARA).await })).await.expect(200);
        let unused = row_of(&world, &plan, "設備点検記録").await;
        take(&world, HAYASHI, &unused, "withdrawal", json!({ "reason": "UPSがない" })).await.expect(200);
        take(&world, HAYASHI, &plan, "submission", Value::Null).await.expect(200);
        // The chair prepared it: top management stands in.
        let refused = take(&world, HAYASHI, &plan, "approval", json!({})).await.expect(403);
        assert_eq!(refused.json()["rule"], "SD-1");
        assert_eq!(refused.json()["params"]["next_approver"][0]["name"], MORI);
        let approved = take(&world, MORI, &plan, "approval", json!({})).await.expect(200).json();
        assert_eq!(
            (&approved["state"], &approved["sign_off"]["self_approved"]),
            (&json!("in_execution"), &json!(false))
        );

        let done = json!({ "done_on": "2024-04-01", "evidence": "記録簿" });
        take(&world, OKA, &entries, "completion", done.clone()).await.expect(200);
        let own = row_of(&world, &plan, "運用チェックリスト").await;
        take(&world, HAYASHI, &own, "completion", done.clone()).await.expect(200);
        let attested = take(&world, HAYASHI, &audit, "attestation", done).await.expect(200).json();
        assert_eq!((&attested["state"], &attested["assignee"]["name"]), (&json!("done"), &json!(HARA)));
        assert_eq!(read(&world, MORI, &plan).await["progress"]["done"], 3);

        // The president's approval of the criteria marks their row.
        let criteria = create(&world, HAYASHI, "/v1/risk-criteria", json!({ "title": "基準" })).await.expect(201);
        take(&world, HAYASHI, &criteria.header("location"), "submission", Value::Null).await.expect(200);
        take(&world, MORI, &criteria.header("location"), "approval", json!({})).await.expect(200);
        assert_eq!(read(&world, HAYASHI, &row_of(&world, &plan, "リスク基準").await).await["state"], "done");
    })
    .await;
}

#[actix_web::test]
async fn checklist_and_suppliers_are_kept_by_the_few() {
    on_both(|world| async move {
        let draft = json!({
            "title": "月次点検", "items": ["施錠", "更新"], "frequency": "monthly", "first_due_on": "2024-04-10",
            "assignee_id": person(&world, OKA).await,
        });
        let checklist = create(&world, HAYASHI, "/v1/operation-checklists", draft).await.expect(201).header("location");
        let run = json!({ "performed_on": "2024-04-01",
            "results": [{ "number": 1, "finding": "ok" }, { "number": 2, "finding": "not_ok", "note": "1台が未更新" }] });
        let run = create(&world, OKA, &format!("{checklist}/runs"), run).await.expect(201).json();
        assert_eq!(run["not_ok"], 1);
        assert_eq!(read(&world, HARA, &checklist).await["next_due_on"], "2024-05-01", "an auditor reads");

        let department = id_of(&world, HAYASHI, "/v1/departments", "name", "業務部").await;
        let draft = json!({
            "name": "会計クラウド", "kind": "cloud_service", "services": "経理", "starts_on": "2024-04-01",
            "department_id": department, "responsible_person_id": person(&world, OKA).await,
        });
        let supplier = create(&world, OKA, "/v1/suppliers", draft).await.expect(201).header("location");
        let evaluation = json!({ "evaluated_on": "2024-04-01", "result": "suitable" });
        let evaluated = take(&world, OKA, &supplier, "evaluations", evaluation).await.expect(200).json();
        assert_eq!(evaluated["next_evaluation_on"], "2025-04-01");
        let exit = json!({ "ended_on": "2024-04-01", "reason": "試用のみ", "data": "none_held" });
        take(&world, HAYASHI, &supplier, "exit", exit).await.expect(200);
    })
    .await;
}
