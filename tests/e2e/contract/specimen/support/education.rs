//! Specimens of education.

use serde_json::{Value, json};

use super::super::{Specimen, TOP, TRAINER, step};

pub(super) fn specimens(because: &Value) -> Vec<Specimen> {
    vec![programme(because), duty(because)]
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
