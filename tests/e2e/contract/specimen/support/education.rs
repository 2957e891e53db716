//! Specimens of education.

use serde_json::{Value, json};

use super::super::{CHAIR, Specimen, TOP, TRAINER, step};

pub(super) fn specimens(because: &Value) -> Vec<Specimen> {
    vec![programme(because), campaign(because), enrolment(), duty(because), test()]
}

fn programme(because: &Value) -> Specimen {
    let submitted = || vec![(TRAINER, "/v1/education-programmes/{id}/submission", Value::Null)];
    Specimen {
        name: "education_programme",
        collection: "/v1/education-programmes",
        made_at: "",
        by: TRAINER,
        draft: json!({
            "fiscal_year": "@year", "owner_id": "@person", "remarks": "第#の計画",
            "themes": [
                { "theme": "regulations_briefing" }, { "theme": "threat_alert" }, { "theme": "legal_understanding" },
                { "theme": "personal_data_handling" }, { "theme": "compliance", "content": "第#章" },
            ],
        }),
        patch: json!({ "remarks": "見直した", "audience": "all_employees" }),
        computed: "starts_on",
        shown_once: None,
        steps: vec![
            step("/submission", "submit", TRAINER, Value::Null),
            step("/approval", "approve", TOP, json!({})).after(submitted()),
            step("/return", "return", TOP, because.clone()).after(submitted()),
            step("/voiding", "void", TRAINER, because.clone()),
        ],
    }
}

const CAMPAIGN: &str = "/v1/education-campaigns";

fn campaign(because: &Value) -> Specimen {
    let then = |before: &[(&'static str, &'static str, Value)], by, path, body| [before, &[(by, path, body)]].concat();
    let record = json!({ "summary": "第#回の教育", "target": "全従業者" });
    let submitted = then(&[], TRAINER, "/v1/education-campaigns/{id}/submission", Value::Null);
    let approved = then(&submitted, TOP, "/v1/education-campaigns/{id}/approval", json!({}));
    let opened = then(&approved, TRAINER, "/v1/education-campaigns/{id}/opening", Value::Null);
    let closed = then(&opened, TRAINER, "/v1/education-campaigns/{id}/closure", Value::Null);
    let written = then(&closed, TRAINER, "/v1/education-campaigns/{id}/record", record.clone());
    let handed_in = then(&written, TRAINER, "/v1/education-campaigns/{id}/record-submission", Value::Null);
    let extension = json!({ "period_end": "2024-05-31", "reason": "第#回の延長" });
    Specimen {
        name: "education_campaign",
        collection: CAMPAIGN,
        made_at: "",
        by: TRAINER,
        draft: json!({
            "name": "第#回の教育", "fiscal_year": 2024, "themes": ["threat_alert"], "purpose": "契約の試験",
            "audience": { "kind": "persons", "person_ids": ["@person"] }, "delivery_methods": ["e_learning"],
            "contents": ["標的型攻撃"], "period_start": "2024-04-01", "period_end": "2024-04-30",
        }),
        patch: json!({ "purpose": "改めた目的", "delivery_methods": ["group_training", "ojt"], "fiscal_year": 2023 }),
        computed: "overdue",
        shown_once: None,
        steps: vec![
            step("/submission", "submit", TRAINER, Value::Null),
            step("/approval", "approve", TOP, json!({})).after(submitted.clone()),
            step("/return", "return", TOP, because.clone()).after(submitted),
            step("/cancellation", "cancel", TRAINER, because.clone()),
            step("/opening", "open", TRAINER, Value::Null).after(approved),
            step("/extension", "extend", TRAINER, extension).after(opened.clone()),
            step("/closure", "close", TRAINER, Value::Null).after(opened),
            step("/record", "record", TRAINER, record).after(closed),
            step("/record-submission", "submit_record", TRAINER, Value::Null).after(written),
            step("/record-approval", "approve_record", CHAIR, json!({})).after(handed_in.clone()),
            step("/record-return", "return_record", CHAIR, because.clone()).after(handed_in),
        ],
    }
}

fn enrolment() -> Specimen {
    let leave = json!({ "returns_on": "2024-06-03", "reason": "第#回の休職" });
    let excluded = vec![(TRAINER, "/v1/enrolments/{id}/exclusion", leave.clone())];
    Specimen {
        name: "enrolment",
        collection: "/v1/enrolments",
        made_at: "/v1/education-campaigns/@campaign/enrolments",
        by: TRAINER,
        draft: json!({ "person_id": "@new:person" }),
        patch: Value::Null,
        computed: "due_on",
        shown_once: None,
        steps: vec![
            step("/attendance", "record_attendance", TRAINER, json!({ "completed_on": "2024-04-01" })),
            step("/exclusion", "exclude", TRAINER, leave),
            step("/reinstatement", "reinstate", TRAINER, Value::Null).after(excluded),
        ],
    }
}

fn duty(because: &Value) -> Specimen {
    let done = json!({ "fulfilled_on": "2024-04-01", "evidence": "第#回の出席簿" });
    Specimen {
        name: "education_duty",
        collection: "/v1/education-duties",
        made_at: "",
        by: TRAINER,
        draft: json!({
            "theme": "compliance", "cause": "broke_rules", "person_id": "@person", "due_on": "2024-04-30",
            "subject": "第#の違反",
        }),
        patch: Value::Null,
        computed: "starts_on",
        shown_once: None,
        steps: vec![step("/fulfilment", "fulfil", TRAINER, done), step("/waiver", "waive", TRAINER, because.clone())],
    }
}

fn test() -> Specimen {
    let question = json!({ "kind": "true_false", "text": "第#問は正しい", "correct_answer": "true", "points": 100 });
    Specimen {
        name: "test",
        collection: "/v1/tests",
        made_at: "",
        by: TRAINER,
        draft: json!({ "title": "第#回の確認", "fiscal_year": 2024, "questions": [question] }),
        patch: json!({ "instructions": "落ち着いて読む", "pass_score": 60 }),
        computed: "total_points",
        shown_once: None,
        steps: vec![
            step("/publication", "publish", TRAINER, Value::Null),
            step("/retirement", "retire", TRAINER, json!({ "retired_on": "2024-04-01", "reason": "翌年度版あり" })),
            step("/copies", "copy", TRAINER, json!({ "title": "次の確認", "fiscal_year": 2025 })).beside(),
        ],
    }
}
