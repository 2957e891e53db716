//! Specimens of the module `leadership`.

use serde_json::{Value, json};

use super::{AUDIT, CONTROLLER, SECRETARY, Specimen, TOP, step};

pub(super) fn specimens() -> Vec<Specimen> {
    let none = Value::Null;
    let submitted = || vec![(SECRETARY, "/v1/policies/{id}/submission", Value::Null)];
    let approved = || [submitted(), vec![(TOP, "/v1/policies/{id}/approval", json!({}))]].concat();
    let reviewed = || json!({ "reviewed_on": "2024-04-01", "outcome": "no_change_needed", "reason": "変わりない" });
    vec![
        Specimen {
            name: "policy",
            collection: "/v1/policies",
            made_at: "",
            by: SECRETARY,
            draft: json!({
                "company_name": "守屋商事", "signatory_title": "社長", "signatory_name": "青木 健一",
                "service_name": "卸売 #", "purpose_section": "届ける", "objectives": [{ "text": "事故を防ぐ" }],
                "business_context_section": "社外で扱う", "commits_to_requirements": true,
                "improvement_section": "毎年見直す", "issued_on": "2024-04-01",
            }),
            patch: json!({ "improvement_section": "半年ごとに見直す", "issued_on": "2024-05-01" }),
            computed: "version",
            shown_once: None,
            steps: vec![
                step("/submission", "submit", SECRETARY, none.clone()),
                step("/approval", "approve", TOP, json!({})).after(submitted()),
                step("/return", "return", TOP, json!({ "reason": "契約の試験" })).after(submitted()),
                step("/voiding", "void", SECRETARY, json!({ "reason": "契約の試験" })),
                step(
                    "/publication",
                    "publish",
                    CONTROLLER,
                    json!({ "internal": { "communicated_on": "2024-04-01", "means": "朝礼" } }),
                )
                .after(approved()),
                step("/review", "review", TOP, reviewed()).after(approved()),
                step(
                    "/review-communication",
                    "communicate",
                    SECRETARY,
                    json!({ "communicated_on": "2024-04-01", "means": "朝礼" }),
                )
                .after([approved(), vec![(TOP, "/v1/policies/{id}/review", reviewed())]].concat()),
                step("/withdrawal", "withdraw", TOP, json!({ "reason": "契約の試験" })).after(approved()),
            ],
        },
        Specimen {
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
        },
    ]
}
