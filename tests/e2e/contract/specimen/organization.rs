//! Specimens of the module `organization`.

use serde_json::json;

use super::{SECRETARY, Specimen, step};

pub(super) fn specimens() -> Vec<Specimen> {
    vec![
        Specimen {
            name: "department",
            collection: "/v1/departments",
            made_at: "",
            by: SECRETARY,
            draft: json!({ "name": "第#部" }),
            patch: json!({ "name": "新第#部", "parent_id": "@department" }),
            computed: "head",
            shown_once: None,
            steps: vec![step(
                "/abolition",
                "abolish",
                SECRETARY,
                json!({ "abolished_on": "2024-04-01", "reason": "統合" }),
            )],
        },
        Specimen {
            name: "position",
            collection: "/v1/positions",
            made_at: "",
            by: SECRETARY,
            draft: json!({ "title": "第#係長", "department_id": "@department" }),
            patch: json!({ "title": "第#課長" }),
            computed: "holder",
            shown_once: None,
            steps: vec![step(
                "/handover",
                "hand_over",
                SECRETARY,
                json!({ "person_id": "@person", "starts_on": "2024-04-01" }),
            )],
        },
        Specimen {
            name: "person",
            collection: "/v1/persons",
            made_at: "",
            by: SECRETARY,
            draft: json!({
                "name": "試験 #", "email": "p#@moriya.example", "worker_kind": "regular", "joined_on": "2024-04-01",
                "department_id": "@department", "employee_number": "X#",
            }),
            patch: json!({ "name_kana": "しけん", "email": null }),
            computed: "state",
            shown_once: None,
            steps: Vec::new(),
        },
    ]
}
