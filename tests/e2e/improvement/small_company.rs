//! The five people of 有限会社ちいさな工房 correct what is not as it should be (amendments §1, SD-0).

use serde_json::{Value, json};

use crate::{
    harness::{World, on_both},
    planning::steps::{create, id_of, take},
};

/// Chair, secretariat, training, documents, systems.
const HAYASHI: &str = "林 一郎";
/// Top management, and the platform's administrator.
const MORI: &str = "森 正子";
/// Audit manager and auditor.
const HARA: &str = "原 次郎";
/// Head and manager of 業務部.
const OKA: &str = "岡 三枝";

const LIST: &str = "/v1/corrective-actions";

/// Through all four sign-offs: who takes which step.
async fn goes_through(world: &World, draft: Value, who: [&str; 6]) -> Value {
    let [asks, issues, answers, approves, judges, confirms] = who;
    let path = create(world, asks, LIST, draft).await.expect(201).header("location");
    let correction = json!({ "description": "直す", "planned_on": "2024-04-01" });
    let evaluation = json!({
        "similar_exists": false, "could_occur_elsewhere": false, "cause": "手順が無かった",
        "removal_plan_required": false,
    });
    let done = json!({ "report": "直した", "completed_on": "2024-04-01" });
    let seen = json!({ "result": "見た", "confirmed_on": "2024-04-01" });
    let helped = json!({
        "result": "繰り返していない", "is_effective": true, "evaluated_on": "2024-04-01",
        "follow_up_audit_required": false,
    });
    for (by, step, body) in [
        (asks, "submission", Value::Null),
        (issues, "approval", json!({})),
        (answers, "correction", correction),
        (answers, "evaluation", evaluation),
        (answers, "plan-submission", Value::Null),
        (approves, "plan-approval", json!({})),
        (answers, "implementation", done),
        (approves, "implementation-approval", json!({})),
        (judges, "verification", seen),
        (judges, "effectiveness", helped),
    ] {
        take(world, by, &path, step, body).await.expect(200);
    }
    let reason = json!({ "reason": "ほかに承認できる者がいない" });
    take(world, confirms, &path, "effectiveness-approval", reason).await.expect(200).json()
}

#[actix_web::test]
async fn every_source_is_closed_by_five_people() {
    on_both(|world| async move {
        let department = id_of(&world, HAYASHI, "/v1/departments", "name", "業務部").await;
        let people = id_of(&world, HAYASHI, "/v1/persons", "name", HARA).await;
        let draft = |patch: Value| {
            let mut draft = json!({
                "target_department_id": department, "issued_on": "2024-04-01", "source": "daily_work",
                "description": "点検の漏れ",
            });
            for (name, value) in patch.as_object().into_iter().flatten() {
                draft[name] = value.clone();
            }
            draft
        };
        let audit = draft(json!({
            "source": "internal_audit", "audited_on": "2024-03-20", "auditor_id": people,
            "finding_rank": "minor_nonconformity", "clause": "9.2",
        }));
        // The auditor is the audit manager: top management approves what that one person writes.
        let closed = goes_through(&world, audit, [HARA, MORI, OKA, HAYASHI, HARA, MORI]).await;
        assert_eq!(
            (&closed["state"], &closed["verification_sign_off"]["self_approved"]),
            (&json!("closed"), &json!(false))
        );
        // The chair runs the secretariat: top management approves what that one person asks for and judges.
        let closed = goes_through(&world, draft(json!({})), [HAYASHI, MORI, OKA, HAYASHI, HAYASHI, MORI]).await;
        assert_eq!(closed["reference_no"], "24-02");
        // The chair answers it: nobody is left but top management, which says so.
        let chair = id_of(&world, HAYASHI, "/v1/persons", "name", HAYASHI).await;
        let own = draft(json!({ "responsible_person_id": chair }));
        let closed = goes_through(&world, own, [HAYASHI, MORI, HAYASHI, MORI, MORI, MORI]).await;
        assert_eq!(closed["verification_sign_off"]["self_approved"], true);
    })
    .await;
}
