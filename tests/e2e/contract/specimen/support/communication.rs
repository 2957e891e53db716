//! Specimens of awareness (7.3) and communication (7.4).

use serde_json::{Value, json};

use super::super::{SECRETARY, Specimen, TOP, step};

/// Head of the secretariat.
const HEAD: &str = "江口 美香";

pub(super) fn specimens(because: &Value) -> Vec<Specimen> {
    let retirement = json!({ "retired_on": "2024-04-01", "reason": "統合" });
    let procedure = Specimen {
        name: "communication_procedure",
        collection: "/v1/communication-procedures",
        made_at: "",
        by: SECRETARY,
        draft: json!({
            "subject": "other", "content": "第#の連絡", "timing": "within_days", "within_days": 3,
            "audience": "suppliers", "communicators": ["isms_secretariat"], "internal_method": "会議",
        }),
        patch: json!({ "remarks": "見直した", "external_method": "書面" }),
        computed: "effective_days",
        shown_once: None,
        steps: vec![step("/retirement", "retire", SECRETARY, retirement)],
    };
    let done = json!({ "performed_on": "2024-04-01", "means": "メール" });
    let communication = Specimen {
        name: "communication",
        collection: "/v1/communications",
        made_at: "",
        by: SECRETARY,
        draft: json!({
            "procedure_id": "@new:communication_procedure", "about": "第#の結果", "occurred_at": "2024-03-31T00:00:00Z",
        }),
        patch: Value::Null,
        computed: "due_on",
        shown_once: None,
        steps: vec![
            step("/performance", "perform", SECRETARY, done),
            step("/voiding", "void", SECRETARY, because.clone()),
        ],
    };
    let answer = json!({ "answer": "すべて実施している" });
    let drafted = || vec![(SECRETARY, "/v1/customer-questionnaires/{id}/answer", answer.clone())];
    let confirmed = [drafted(), vec![(HEAD, "/v1/customer-questionnaires/{id}/confirmation", json!({}))]].concat();
    let submission = json!({ "submitted_on": "2024-04-01", "means": "メール" });
    let questionnaire = Specimen {
        name: "customer_questionnaire",
        collection: "/v1/customer-questionnaires",
        made_at: "",
        by: SECRETARY,
        draft: json!({
            "customer": "第#商会", "title": "点検表", "received_on": "2024-04-01", "department_id": "@department",
        }),
        patch: json!({ "remarks": "急ぎ", "due_on": "2024-04-15" }),
        computed: "overdue",
        shown_once: None,
        steps: vec![
            step("/answer", "answer", SECRETARY, answer.clone()),
            step("/confirmation", "confirm", HEAD, json!({})).after(drafted()),
            step("/return", "return", HEAD, because.clone()).after(drafted()),
            step("/submission", "submit", SECRETARY, submission).after(confirmed),
            step("/voiding", "void", SECRETARY, because.clone()),
        ],
    };
    let submitted = || vec![(SECRETARY, "/v1/obligations/{id}/submission", Value::Null)];
    let obligation = Specimen {
        name: "obligation",
        collection: "/v1/obligations",
        made_at: "",
        by: SECRETARY,
        draft: json!({
            "title": "第#の責務", "obligations": [{ "text": "情報を守る", "phases": ["during_employment"] }],
        }),
        patch: json!({ "title": "改めた責務" }),
        computed: "in_force_at",
        shown_once: None,
        steps: vec![
            step("/submission", "submit", SECRETARY, Value::Null),
            step("/approval", "approve", TOP, json!({})).after(submitted()),
            step("/return", "return", TOP, because.clone()).after(submitted()),
            step("/voiding", "void", SECRETARY, because.clone()),
        ],
    };
    let acknowledgement = Specimen {
        name: "acknowledgement",
        collection: "/v1/acknowledgements",
        made_at: "",
        by: SECRETARY,
        draft: json!({
            "person_id": "@new:person", "item": "obligations", "acknowledged_on": "2024-04-01", "source": "paper",
        }),
        patch: Value::Null,
        computed: "counts",
        shown_once: None,
        steps: vec![step("/voiding", "void", SECRETARY, because.clone())],
    };
    vec![procedure, communication, questionnaire, obligation, acknowledgement]
}
