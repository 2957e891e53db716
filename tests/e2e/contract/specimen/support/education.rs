//! Specimens of education.

use serde_json::{Value, json};

use super::super::{Specimen, TRAINER, step};

pub(super) fn specimens(because: &Value) -> Vec<Specimen> {
    vec![duty(because), test()]
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
