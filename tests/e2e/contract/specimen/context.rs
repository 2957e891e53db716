//! Specimens of the module `context`.

mod scope;

use serde_json::{Value, json};

use super::{SECRETARY, Specimen, TOP, WORKER, step};

pub(super) fn specimens() -> Vec<Specimen> {
    let party = Specimen {
        name: "interested_party",
        collection: "/v1/interested-parties",
        made_at: "",
        by: SECRETARY,
        draft: json!({
            "name": "第#組合",
            "requirements": [{ "requirement": "窓口を置く", "risk": "苦情になる", "opportunity": "早く気付く",
                "no_action_because": "窓口がある" }],
        }),
        patch: json!({ "remarks": "見直した", "reviewed_on": "2024-04-01" }),
        computed: "retirement",
        shown_once: None,
        steps: vec![step("/retirement", "retire", SECRETARY, json!({ "retired_on": "2024-04-01", "reason": "解散" }))],
    };
    let issue = Specimen {
        name: "context_issue",
        collection: "/v1/context-issues",
        made_at: "",
        by: SECRETARY,
        draft: json!({
            "issue_type": "external", "issue": "第#の法改正", "risk": "罰則", "opportunity": "信頼",
            "no_action_because": "影響が小さい",
        }),
        patch: json!({ "change_since_last_review": "施行された", "reviewed_on": "2024-04-01" }),
        computed: "retirement",
        shown_once: None,
        steps: vec![step("/retirement", "retire", SECRETARY, json!({ "retired_on": "2024-04-01", "reason": "解消" }))],
    };
    let done = json!({ "done_on": "2024-04-01", "result": "教材を配った" });
    let action = Specimen {
        name: "context_action",
        collection: "/v1/context-actions",
        made_at: "",
        by: SECRETARY,
        draft: json!({
            "issue_id": "@new:context_issue", "addresses": "risk", "action": "第#回の勉強会",
            "responsible_person_id": "@person", "due_on": "2024-06-28",
        }),
        patch: json!({ "remarks": "講師を呼ぶ", "due_on": "2024-07-31" }),
        computed: "subject",
        shown_once: None,
        steps: vec![
            step("/completion", "complete", WORKER, done.clone()),
            step("/effectiveness", "evaluate", SECRETARY, json!({ "evaluated_on": "2024-04-01", "effective": true }))
                .after(vec![(WORKER, "/v1/context-actions/{id}/completion", done)]),
            step("/cancellation", "cancel", SECRETARY, json!({ "reason": "他で行う" })),
        ],
    };
    let submitted = || vec![(SECRETARY, "/v1/context-reviews/{id}/submission", Value::Null)];
    let review = Specimen {
        name: "context_review",
        collection: "/v1/context-reviews",
        made_at: "",
        by: SECRETARY,
        draft: json!({
            "reviewed_on": "2024-04-01", "changes": "第#四半期の変化", "climate_change_relevant": false,
            "climate_change_reason": "拠点は高台にある",
        }),
        patch: json!({ "remarks": "見直した" }),
        computed: "in_force_at",
        shown_once: None,
        steps: vec![
            step("/submission", "submit", SECRETARY, Value::Null),
            step("/approval", "approve", TOP, json!({})).after(submitted()),
            step("/return", "return", TOP, json!({ "reason": "契約の試験" })).after(submitted()),
            step("/voiding", "void", SECRETARY, json!({ "reason": "契約の試験" })),
            step(
                "/communication",
                "communicate",
                SECRETARY,
                json!({ "communicated_on": "2024-04-01", "means": "朝礼" }),
            )
            .after([submitted(), vec![(TOP, "/v1/context-reviews/{id}/approval", json!({}))]].concat()),
        ],
    };
    [vec![party, issue, action, review], scope::specimens()].concat()
}
