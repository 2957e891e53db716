//! Specimens of education.

use serde_json::{Value, json};

use super::super::{Specimen, TRAINER, step};

pub(super) fn specimens() -> Vec<Specimen> {
    let question = json!({ "kind": "true_false", "text": "第#問は正しい", "correct_answer": "true", "points": 100 });
    vec![Specimen {
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
    }]
}
