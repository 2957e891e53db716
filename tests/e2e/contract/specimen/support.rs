//! Specimens of the module `support`.

mod communication;
mod education;

use serde_json::{Value, json};

use super::{CHAIR, CONTROLLER, SECRETARY, Specimen, TOP, step};

pub(super) fn specimens() -> Vec<Specimen> {
    let because = json!({ "reason": "契約の試験" });
    let approved = vec![(TOP, "/v1/resources/{id}/approval", json!({}))];
    let resource = Specimen {
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
            step("/withdrawal", "withdraw", SECRETARY, because.clone()),
        ],
    };
    let requirement = Specimen {
        name: "competence_requirement",
        collection: "/v1/competence-requirements",
        made_at: "",
        by: SECRETARY,
        draft: json!({ "role": "document_controller", "requirement": "第#章を説明できる" }),
        patch: json!({ "remarks": "見直した" }),
        computed: "retirement",
        shown_once: None,
        steps: vec![step("/retirement", "retire", SECRETARY, json!({ "retired_on": "2024-04-01", "reason": "統合" }))],
    };
    let ratings = |improvement: Value| {
        json!([
            { "number": 1, "rating": 2, "improvement": improvement }, { "number": 2, "rating": 3 },
            { "number": 3, "rating": 3 }, { "number": 4, "rating": 5 },
        ])
    };
    let planned = json!({ "due_on": "2024-06-30", "action": "第#回の研修" });
    let submitted = vec![(SECRETARY, "/v1/competence-checks/{id}/submission", Value::Null)];
    let decided = [submitted.clone(), vec![(CHAIR, "/v1/competence-checks/{id}/approval", json!({}))]].concat();
    let unhelpful = json!({ "number": 1, "post_rating": 2, "confirmed_on": "2024-04-01" });
    let failed =
        [decided.clone(), vec![(SECRETARY, "/v1/competence-checks/{id}/confirmations", unhelpful.clone())]].concat();
    let check = Specimen {
        name: "competence_check",
        collection: "/v1/competence-checks",
        made_at: "",
        by: SECRETARY,
        draft: json!({
            "role": "department_manager", "person_id": "@person", "checked_on": "2024-04-01",
            "ratings": ratings(planned),
        }),
        patch: json!({ "remarks": "本人と話した" }),
        computed: "appointment_class",
        shown_once: None,
        steps: vec![
            step("/submission", "submit", SECRETARY, Value::Null),
            step("/approval", "approve", CHAIR, json!({})).after(submitted.clone()),
            step("/return", "return", CHAIR, json!({ "reason": "契約の試験" })).after(submitted),
            step("/confirmations", "confirm", SECRETARY, unhelpful).after(decided),
            step(
                "/improvements",
                "replan",
                SECRETARY,
                json!({ "number": 1, "due_on": "2024-09-30", "action": "外部の講座" }),
            )
            .after(failed),
        ],
    };
    let legal = legal_requirement();
    let documents = vec![document(&because), document_version(&because), retention_rule(), disposal(&because)];
    let known = vec![resource, requirement, check, legal];
    [known, education::specimens(&because), communication::specimens(&because), documents].concat()
}

fn legal_requirement() -> Specimen {
    let review = json!({ "reviewed_on": "2024-04-01", "findings": "改正はない", "next_review_on": "2025-03-31" });
    Specimen {
        name: "legal_requirement",
        collection: "/v1/legal-requirements",
        made_at: "",
        by: SECRETARY,
        draft: json!({
            "kind": "law", "title": "第#の法律", "duty": "守ること", "department_id": "@department",
            "promulgated_on": "2024-03-01", "in_force_on": "2024-10-01", "next_review_on": "2025-03-31",
        }),
        patch: json!({
            "issuer": "所管の省", "responsible_person_id": "@secretary", "in_force_on": "2024-11-01", "department_id": null,
        }),
        computed: "review_overdue",
        shown_once: None,
        steps: vec![
            step("/reviews", "review", SECRETARY, review),
            step("/retirement", "retire", SECRETARY, json!({ "retired_on": "2024-04-01", "reason": "対象外" })),
        ],
    }
}

const VERSION: &str = "/v1/document-versions";

fn document(because: &Value) -> Specimen {
    let published = vec![
        (
            SECRETARY,
            VERSION,
            json!({ "document_id": "{id}", "change_reason": "初版", "location": "書庫", "medium": "paper" }),
        ),
        (SECRETARY, "/v1/document-versions/@last/submission", Value::Null),
        (CHAIR, "/v1/document-versions/@last/approval", json!({})),
        (
            CONTROLLER,
            "/v1/document-versions/@last/publication",
            json!({ "issued_on": "2024-04-01", "next_review_on": "2025-03-31" }),
        ),
    ];
    let requested = || vec![(CONTROLLER, "/v1/documents/{id}/withdrawal", because.clone())];
    let review = json!({ "reviewed_on": "2024-04-01", "needs_new_version": false, "next_review_on": "2025-03-31" });
    Specimen {
        name: "document",
        collection: "/v1/documents",
        made_at: "",
        by: SECRETARY,
        draft: json!({ "kind": "procedure", "title": "第#の手順", "department_id": "@department", "clause": "7.5" }),
        patch: json!({ "title": "改めた手順", "retention_years": 3 }),
        computed: "number",
        shown_once: None,
        steps: vec![
            step("/review", "review", SECRETARY, review).after(published),
            step("/withdrawal", "withdraw", CONTROLLER, because.clone()),
            step("/withdrawal-approval", "approve_withdrawal", CHAIR, json!({})).after(requested()),
            step("/withdrawal-return", "return_withdrawal", CHAIR, because.clone()).after(requested()),
        ],
    }
}

fn document_version(because: &Value) -> Specimen {
    let submitted = || vec![(SECRETARY, "/v1/document-versions/{id}/submission", Value::Null)];
    let approved = [submitted(), vec![(CHAIR, "/v1/document-versions/{id}/approval", json!({}))]].concat();
    let publication = json!({ "issued_on": "2024-04-01", "distribution": "全員", "next_review_on": "2025-03-31" });
    Specimen {
        name: "document_version",
        collection: VERSION,
        made_at: "",
        by: SECRETARY,
        draft: json!({ "document_id": "@new:document", "change_reason": "第#版", "location": "書庫" }),
        patch: json!({ "change_reason": "章を加えた", "medium": "paper" }),
        computed: "title",
        shown_once: None,
        steps: vec![
            step("/submission", "submit", SECRETARY, Value::Null),
            step("/approval", "approve", CHAIR, json!({})).after(submitted()),
            step("/return", "return", CHAIR, because.clone()).after(submitted()),
            step("/publication", "publish", CONTROLLER, publication).after(approved),
        ],
    }
}

fn retention_rule() -> Specimen {
    Specimen {
        name: "retention_rule",
        collection: "/v1/retention-rules",
        made_at: "",
        by: SECRETARY,
        draft: json!({ "subject": "elsewhere", "title": "伝票 #", "years": 7, "basis": "会社の規程" }),
        patch: json!({ "years": 10 }),
        computed: "retirement",
        shown_once: None,
        steps: vec![step("/retirement", "retire", SECRETARY, json!({ "retired_on": "2024-04-01", "reason": "統合" }))],
    }
}

fn disposal(because: &Value) -> Specimen {
    let submitted = || vec![(SECRETARY, "/v1/disposals/{id}/submission", Value::Null)];
    Specimen {
        name: "disposal",
        collection: "/v1/disposals",
        made_at: "",
        by: SECRETARY,
        draft: json!({
            "subject": "elsewhere", "description": "伝票 #", "method": "裁断", "reason": "保存期間の満了",
        }),
        patch: json!({ "method": "溶解" }),
        computed: "items",
        shown_once: None,
        steps: vec![
            step("/submission", "submit", SECRETARY, Value::Null),
            step("/approval", "approve", CHAIR, json!({})).after(submitted()),
            step("/return", "return", CHAIR, because.clone()).after(submitted()),
            step("/voiding", "void", SECRETARY, because.clone()),
        ],
    }
}
