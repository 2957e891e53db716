//! Specimens of the module `improvement`.

use serde_json::{Value, json};

use super::{CHAIR, MANAGER, SECRETARY, Specimen, TOP, step};

type Before = Vec<(&'static str, &'static str, Value)>;

pub(super) fn specimens() -> Vec<Specimen> {
    let because = json!({ "reason": "契約の試験" });
    let approval = json!({});
    let correction = json!({ "description": "すぐに直す", "planned_on": "2024-04-01" });
    let evaluation = |required: bool| {
        json!({
            "similar_exists": false, "could_occur_elsewhere": true, "cause": "手順が無かった",
            "removal_plan_required": required,
        })
    };
    let removal = json!({ "plan": "手順を書く", "planned_on": "2024-04-01" });
    let implementation = json!({ "report": "手順を書いた", "completed_on": "2024-04-01" });
    let verification = json!({ "result": "手順を見た", "confirmed_on": "2024-04-01" });
    let effectiveness = json!({
        "result": "繰り返していない", "is_effective": true, "evaluated_on": "2024-04-01",
        "follow_up_audit_required": false,
    });
    let then = |mut before: Before, by: &'static str, path: &'static str, body: &Value| -> Before {
        before.push((by, path, body.clone()));
        before
    };
    let none = Value::Null;
    let submitted = then(Vec::new(), SECRETARY, "/v1/corrective-actions/{id}/submission", &none);
    let issued = then(submitted.clone(), CHAIR, "/v1/corrective-actions/{id}/approval", &approval);
    let corrected = then(issued.clone(), MANAGER, "/v1/corrective-actions/{id}/correction", &correction);
    let needed = then(corrected.clone(), MANAGER, "/v1/corrective-actions/{id}/evaluation", &evaluation(true));
    let evaluated = then(corrected.clone(), MANAGER, "/v1/corrective-actions/{id}/evaluation", &evaluation(false));
    let planned = then(evaluated.clone(), MANAGER, "/v1/corrective-actions/{id}/plan-submission", &none);
    let approved = then(planned.clone(), CHAIR, "/v1/corrective-actions/{id}/plan-approval", &approval);
    let reported = then(approved.clone(), MANAGER, "/v1/corrective-actions/{id}/implementation", &implementation);
    let done = then(reported.clone(), CHAIR, "/v1/corrective-actions/{id}/implementation-approval", &approval);
    let verified = then(done.clone(), CHAIR, "/v1/corrective-actions/{id}/verification", &verification);
    let judged = then(verified.clone(), CHAIR, "/v1/corrective-actions/{id}/effectiveness", &effectiveness);
    vec![Specimen {
        name: "corrective_action",
        collection: "/v1/corrective-actions",
        made_at: "",
        by: SECRETARY,
        draft: json!({
            "target_department_id": "@department", "issued_on": "2024-04-01", "source": "daily_work", "clause": "7.2",
            "description": "記録 # が無い", "responsible_person_id": "@manager",
        }),
        patch: json!({ "clause": "7.5.3", "response_due_on": "2024-04-30" }),
        computed: "reference_no",
        shown_once: None,
        steps: vec![
            step("/submission", "submit", SECRETARY, none.clone()),
            step("/approval", "approve", CHAIR, approval.clone()).after(submitted.clone()),
            step("/return", "return", CHAIR, because.clone()).after(submitted.clone()),
            step("/rejection", "reject", CHAIR, because.clone()).after(submitted),
            step("/voiding", "void", SECRETARY, because.clone()),
            step("/cancellation", "cancel", CHAIR, because.clone()).after(issued.clone()),
            step("/correction", "plan_correction", MANAGER, correction).after(issued),
            step("/evaluation", "evaluate", MANAGER, evaluation(true)).after(corrected),
            step("/cause-removal", "plan_removal", MANAGER, removal).after(needed),
            step("/plan-submission", "submit_plan", MANAGER, none).after(evaluated),
            step("/plan-approval", "approve_plan", CHAIR, approval.clone()).after(planned.clone()),
            step("/plan-return", "return_plan", CHAIR, because.clone()).after(planned),
            step("/implementation", "report", MANAGER, implementation).after(approved),
            step("/implementation-approval", "approve_report", CHAIR, approval.clone()).after(reported.clone()),
            step("/implementation-return", "return_report", CHAIR, because.clone()).after(reported),
            step("/verification", "verify", CHAIR, verification).after(done),
            step("/effectiveness", "evaluate_effectiveness", CHAIR, effectiveness).after(verified),
            step("/effectiveness-approval", "approve_effectiveness", TOP, approval).after(judged.clone()),
            step("/effectiveness-return", "return_effectiveness", TOP, because).after(judged),
        ],
    }]
}
