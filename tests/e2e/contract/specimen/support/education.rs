//! Specimens of education.

use serde_json::{Value, json};

use super::super::{Specimen, TRAINER, step};

pub(super) fn specimens(because: &Value) -> Vec<Specimen> {
    vec![duty(because)]
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
