//! Specimens of the module `operation`.

use serde_json::{Value, json};

use super::{CHAIR, MANAGER, SECRETARY, Specimen, step};

pub(super) fn specimens() -> Vec<Specimen> {
    let none = Value::Null;
    let because = json!({ "reason": "契約の試験" });
    let row = |weeks: Value| {
        json!({
            "clause": "8.1", "activity": "点検 #", "document_name": "点検記録", "assignee_id": "@manager",
            "recurrence": "quarterly", "scheduled_weeks": weeks,
        })
    };
    let done = json!({ "done_on": "2024-04-01", "evidence": "記録" });
    let needed = json!({
        "clause": "8.1", "activity": "確認", "document_name": "一覧", "assignee_id": "@manager",
        "recurrence": "as_needed",
    });
    let written = || vec![(SECRETARY, "/v1/annual-plans/{id}/rows", needed.clone())];
    let submitted = || {
        let mut steps = written();
        steps.push((SECRETARY, "/v1/annual-plans/{id}/submission", Value::Null));
        steps
    };
    let approved = || {
        let mut steps = submitted();
        steps.push((CHAIR, "/v1/annual-plans/{id}/approval", json!({})));
        steps
    };
    let results = json!([{ "number": 1, "finding": "ok" }, { "number": 2, "finding": "not_ok", "note": "要対応" }]);
    let run = json!({ "performed_on": "2024-04-01", "results": results });
    vec![
        Specimen {
            name: "annual_plan",
            collection: "/v1/annual-plans",
            made_at: "",
            by: SECRETARY,
            draft: json!({ "fiscal_year": "@year", "title": "計画 #" }),
            patch: json!({ "remarks": "見直した" }),
            computed: "progress",
            shown_once: None,
            steps: vec![
                step("/submission", "submit", SECRETARY, none.clone()).after(written()),
                step("/approval", "approve", CHAIR, json!({})).after(submitted()),
                step("/return", "return", CHAIR, because.clone()).after(submitted()),
                step("/voiding", "void", SECRETARY, json!({ "reason": "契約の試験" })),
                step("/closure", "close", SECRETARY, none.clone()).after(approved()),
            ],
        },
        Specimen {
            name: "annual_plan_row",
            collection: "/v1/annual-plan-rows",
            made_at: "/v1/annual-plans/@draft-plan/rows",
            by: SECRETARY,
            draft: row(json!(["2025-06-02", "2025-09-01"])),
            patch: json!({ "scheduled_weeks": ["2025-06-09"], "remarks": "見直した" }),
            computed: "occurrences",
            shown_once: None,
            steps: vec![step("/withdrawal", "withdraw", SECRETARY, because.clone())],
        },
        Specimen {
            name: "approved_row",
            collection: "/v1/annual-plan-rows",
            made_at: "/v1/annual-plans/@approved-plan/rows",
            by: SECRETARY,
            draft: row(json!(["2026-06-01", "2026-09-07"])),
            patch: none.clone(),
            computed: "due_on",
            shown_once: None,
            steps: vec![
                step("/completion", "complete", MANAGER, done.clone()),
                step("/attestation", "attest", SECRETARY, done.clone()),
                step(
                    "/reschedule",
                    "reschedule",
                    SECRETARY,
                    json!({ "scheduled_weeks": ["2026-07-06"], "reason": "延期" }),
                ),
                step("/skipping", "skip", SECRETARY, because.clone()),
                step("/reopening", "reopen", SECRETARY, because.clone()).after(vec![(
                    MANAGER,
                    "/v1/annual-plan-rows/{id}/completion",
                    done.clone(),
                )]),
            ],
        },
        Specimen {
            name: "operation_checklist",
            collection: "/v1/operation-checklists",
            made_at: "",
            by: SECRETARY,
            draft: json!({
                "title": "点検 #", "items": ["施錠", "更新"], "frequency": "weekly", "first_due_on": "2024-04-05",
                "assignee_id": "@manager",
            }),
            patch: json!({ "frequency": "monthly" }),
            computed: "next_due_on",
            shown_once: None,
            steps: vec![step("/retirement", "retire", SECRETARY, because)],
        },
        Specimen {
            name: "checklist_run",
            collection: "/v1/checklist-runs",
            made_at: "/v1/operation-checklists/@checklist/runs",
            by: MANAGER,
            draft: run,
            patch: none,
            computed: "not_ok",
            shown_once: None,
            steps: Vec::new(),
        },
        Specimen {
            name: "supplier",
            collection: "/v1/suppliers",
            made_at: "",
            by: SECRETARY,
            draft: json!({
                "name": "委託先 #", "kind": "supplier", "services": "配送", "asset_ids": ["@asset"],
                "responsible_person_id": "@person", "department_id": "@department", "starts_on": "2024-04-01",
            }),
            patch: json!({ "nda_signed_on": "2024-04-01", "starts_on": null }),
            computed: "evaluations",
            shown_once: None,
            steps: vec![
                step(
                    "/evaluations",
                    "evaluate",
                    SECRETARY,
                    json!({ "evaluated_on": "2024-04-01", "result": "suitable" }),
                ),
                step(
                    "/exit",
                    "exit",
                    SECRETARY,
                    json!({ "ended_on": "2024-04-01", "reason": "終了", "data": "deleted", "evidence": "消去証明書" }),
                ),
            ],
        },
    ]
}
