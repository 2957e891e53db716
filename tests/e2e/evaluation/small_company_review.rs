//! The five people of 有限会社ちいさな工房 hold their first management review (amendments §1, SD-0; MRV-1, MRV-5, MRV-6, MRV-8).

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::management_review::{LIST, inputs};
use crate::{
    harness::on_both,
    planning::steps::{change, create, id_of, read, take},
};

/// Chair, secretariat, training, documents, systems.
const HAYASHI: &str = "林 一郎";
/// Top management, and the platform's administrator.
const MORI: &str = "森 正子";
/// Head and manager of 業務部.
const OKA: &str = "岡 三枝";

#[actix_web::test]
async fn mrv_1_6_8_the_first_review_from_its_plan_to_the_next_one() {
    on_both(|world| async move {
        let mori = id_of(&world, HAYASHI, "/v1/persons", "name", MORI).await;
        let oka = id_of(&world, HAYASHI, "/v1/persons", "name", OKA).await;
        let mut said = inputs();
        said["previous_actions"] = json!("なし");
        let draft = json!({ "planned_on": "2024-04-01", "inputs": said });
        let refused = create(&world, HAYASHI, LIST, draft).await.expect(422);
        assert_eq!(refused.faults(), [("/inputs/previous_actions".to_owned(), "read_only_field".to_owned())]);
        let draft = json!({ "planned_on": "2024-04-01", "inputs": inputs() });
        let made = create(&world, HAYASHI, LIST, draft).await.expect(201);
        let path = made.header("location");
        assert_eq!((&made.json()["state"], &made.json()["is_first"]), (&json!("inputs_ready"), &json!(true)));
        assert!(
            made.json()["first_review_note"].as_str().is_some_and(|note| note.contains("初回")),
            "the service says so"
        );

        let meeting = json!({ "held_on": "2023-12-15", "attendee_ids": [mori] });
        take(&world, HAYASHI, &path, "holding", meeting).await.expect(200);
        let outputs = json!({ "isms_change_instructions": [], "improvement_instructions":
            [{ "instruction": "課題を片付ける", "responsible_person_id": oka, "due_on": "2024-09-30" }] });
        take(&world, HAYASHI, &path, "outputs", outputs).await.expect(200);
        take(&world, HAYASHI, &path, "submission", Value::Null).await.expect(200);
        take(&world, HAYASHI, &path, "approval", json!({})).await.expect(403);
        take(&world, MORI, &path, "approval", json!({})).await.expect(200);
        let told = json!({ "communicated_on": "2024-04-01", "means": "昼礼" });
        take(&world, HAYASHI, &path, "communication", told).await.expect(200);
        take(&world, HAYASHI, &path, "closure", Value::Null).await.expect(200);
        let action = format!("/v1/review-actions/{}", id_of(&world, OKA, "/v1/review-actions", "number", 1).await);
        let done = json!({ "done_on": "2024-04-01", "result": "片付けた" });
        take(&world, OKA, &action, "completion", done).await.expect(200);
        let judged = json!({ "evaluated_on": "2024-04-01", "effective": true });
        take(&world, HAYASHI, &action, "effectiveness", judged).await.expect(200);

        // A year later the next one is due; the day after it is overdue.
        for (days, overdue) in [(258, false), (1, true)] {
            world.wait(TimeDelta::days(days));
            assert_eq!(read(&world, HAYASHI, &path).await["overdue"], overdue);
            let work = read(&world, HAYASHI, "/v1/work-items?kind=review&limit=200").await;
            let items = work["items"].as_array().cloned().unwrap_or_default();
            let due = items.iter().find(|item| item["path"] == path.as_str()).expect("the next review is due");
            assert_eq!((&due["due_on"], &due["overdue"]), (&json!("2024-12-15"), &json!(overdue)));
        }
    })
    .await;
}

#[actix_web::test]
async fn eff_5_where_nothing_is_treated_nothing_is_measured() {
    on_both(|world| async move {
        let draft = json!({
            "objective": "対応を終える", "additional": true,
            "metric": { "name": "完了率", "unit": "%", "comparison": "at_least", "target_value": "100" },
            "measuring_interval_months": 6, "action": "進める", "required_resources": "時間",
            "responsible_person_id": id_of(&world, HAYASHI, "/v1/persons", "name", OKA).await, "due": "2024-04",
            "evaluation_method": "数える",
        });
        let path = create(&world, HAYASHI, "/v1/objectives", draft).await.expect(201).header("location");
        let known = json!({ "metric": { "known_measure": "treatment_progress" } });
        change(&world, HAYASHI, &path, known).await.expect(200);
        take(&world, HAYASHI, &path, "submission", Value::Null).await.expect(200);
        take(&world, MORI, &path, "approval", json!({})).await.expect(200);
        let today = json!({ "measured_on": "2024-04-01" });
        let refused = create(&world, OKA, &format!("{path}/measurements"), today).await.expect(409);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("not_ready".into(), &json!("R-17")));
    })
    .await;
}
