//! Specimens of the module `evaluation`.

use serde_json::{Value, json};

use super::{DECIDED, SECRETARY, Specimen, TOP, step};

pub(super) fn specimens() -> Vec<Specimen> {
    let because = json!({ "reason": "契約の試験" });
    let measurement = Specimen {
        name: "measurement",
        collection: "/v1/measurements",
        made_at: "/v1/objectives/@objective/measurements",
        by: SECRETARY,
        draft: json!({ "measured_on": "2024-04-01", "value": "1", "remarks": "測定 #" }),
        patch: Value::Null,
        computed: "meets_target",
        shown_once: None,
        steps: vec![step("/voiding", "void", SECRETARY, because.clone())],
    };
    let feedback = Specimen {
        name: "interested_party_feedback",
        collection: "/v1/interested-party-feedback",
        made_at: "",
        by: SECRETARY,
        draft: json!({
            "received_on": "2024-04-01", "sender": "取引先 #", "means": "電話", "content": "回答してほしい",
            "department_id": "@department",
        }),
        patch: json!({ "means": "書面", "department_id": null }),
        computed: "handled",
        shown_once: None,
        steps: vec![
            step("/handling", "handle", SECRETARY, json!({ "handled_on": "2024-04-01", "handling": "答えた" })),
            step("/voiding", "void", SECRETARY, because.clone()),
        ],
    };
    vec![measurement, feedback, management_review(&because)]
}

fn management_review(because: &Value) -> Specimen {
    let said = "変化なし";
    let holding = json!({ "held_on": "2024-04-01", "time_from": "10:00", "attendee_ids": ["@top"] });
    let outputs = json!({
        "improvement_instructions": [],
        "isms_change_instructions":
            [{ "instruction": "改める", "responsible_person_id": "@person", "due_on": "2024-09-30" }],
    });
    let before = || vec![(SECRETARY, DECIDED, Value::Null)];
    let held = || [before(), vec![(SECRETARY, "/v1/management-reviews/{id}/holding", holding.clone())]].concat();
    let recorded = || [held(), vec![(SECRETARY, "/v1/management-reviews/{id}/outputs", outputs.clone())]].concat();
    let submitted = || [recorded(), vec![(SECRETARY, "/v1/management-reviews/{id}/submission", Value::Null)]].concat();
    let approved = || [submitted(), vec![(TOP, "/v1/management-reviews/{id}/approval", json!({}))]].concat();
    let told = json!({ "communicated_on": "2024-04-01", "means": "朝礼" });
    let communicated =
        || [approved(), vec![(SECRETARY, "/v1/management-reviews/{id}/communication", told.clone())]].concat();
    Specimen {
        name: "management_review",
        collection: "/v1/management-reviews",
        made_at: "",
        by: SECRETARY,
        draft: json!({
            "planned_on": "2024-05-01", "remarks": "第#回",
            "inputs": {
                "previous_actions": said, "issue_changes": said, "interested_party_changes": said,
                "performance":
                    { "nonconformities": said, "monitoring": said, "audit_results": said, "objectives": said },
                "feedback": said, "risk_status": said, "improvement_proposals": said,
            },
        }),
        patch: json!({ "planned_on": "2024-06-01", "remarks": "見直した" }),
        computed: "next_due_on",
        shown_once: None,
        steps: vec![
            step("/holding", "hold", SECRETARY, holding.clone()).after(before()),
            step("/outputs", "record_outputs", SECRETARY, outputs.clone()).after(held()),
            step("/submission", "submit", SECRETARY, Value::Null).after(recorded()),
            step("/approval", "approve", TOP, json!({})).after(submitted()),
            step("/return", "return", TOP, because.clone()).after(submitted()),
            step("/communication", "communicate", SECRETARY, told.clone()).after(approved()),
            step("/closure", "close", SECRETARY, Value::Null).after(communicated()),
            step("/voiding", "void", SECRETARY, because.clone()),
        ],
    }
}
