//! Specimens of the module `integration`.

use serde_json::{Value, json};

use super::{SECRETARY, Specimen, step};

pub(super) fn specimens() -> Vec<Specimen> {
    let because = json!({ "reason": "契約の試験" });
    vec![Specimen {
        name: "notice",
        collection: "/v1/notices",
        made_at: "",
        by: SECRETARY,
        draft: json!({ "person_id": "@person", "subject": "第#の知らせ", "text": "{name} 様\n{link} を見てください。" }),
        patch: Value::Null,
        computed: "sent_at",
        shown_once: None,
        steps: vec![
            step("/cancellation", "cancel", SECRETARY, because),
            step("/retry", "retry", SECRETARY, Value::Null),
        ],
    }]
}
