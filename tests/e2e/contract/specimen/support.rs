//! Specimens of the module `support`.

use serde_json::json;

use super::{SECRETARY, Specimen, TOP, step};

pub(super) fn specimens() -> Vec<Specimen> {
    let because = json!({ "reason": "契約の試験" });
    let approved = vec![(TOP, "/v1/resources/{id}/approval", json!({}))];
    vec![Specimen {
        name: "resource",
        collection: "/v1/resources",
        made_at: "",
        by: SECRETARY,
        draft: json!({
            "category": "money", "description": "教育の費用 #", "needed_by": "2024-09", "responsible_person_id": "@person",
            "department_id": "@department",
        }),
        patch: json!({ "category": "people", "needed_by": "2024-09-15", "department_id": null }),
        computed: "overdue",
        shown_once: None,
        steps: vec![
            step("/approval", "approve", TOP, json!({})),
            step("/return", "return", TOP, because.clone()),
            step("/provision", "provide", SECRETARY, json!({ "provided_on": "2024-04-01" })).after(approved),
            step("/withdrawal", "withdraw", SECRETARY, because),
        ],
    }]
}
