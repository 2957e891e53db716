//! Specimens of the module `leadership`.

use serde_json::{Value, json};

use super::{AUDIT, SECRETARY, Specimen, step};

pub(super) fn specimens() -> Vec<Specimen> {
    let none = Value::Null;
    vec![Specimen {
        name: "appointment",
        collection: "/v1/appointments",
        made_at: "",
        by: SECRETARY,
        draft: json!({ "role": "internal_auditor", "person_id": "@new:person", "starts_on": "2024-04-01" }),
        patch: json!({ "remarks": "初めて" }),
        computed: "sign_off",
        shown_once: None,
        steps: vec![
            step("/approval", "approve", AUDIT, none.clone()),
            step("/end", "end", AUDIT, json!({ "ends_on": "2024-04-30", "reason": "異動" })).after(vec![(
                AUDIT,
                "/v1/appointments/{id}/approval",
                none.clone(),
            )]),
        ],
    }]
}
