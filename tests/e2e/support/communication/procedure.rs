//! Communication procedures: the six rows that ship, and what an organization makes of them.

use serde_json::{Value, json};

use crate::{
    harness::on_both,
    planning::steps::{SECRETARY, change, create, id_of, read, take},
};

const LIST: &str = "/v1/communication-procedures";
const WORKER: &str = "高橋 花";

#[actix_web::test]
async fn com_6_six_rows_come_in_the_order_of_the_source() {
    on_both(|world| async move {
        for who in [SECRETARY, "林 一郎"] {
            let list = read(&world, who, LIST).await;
            let rows: Vec<&Value> = list["items"].as_array().expect("rows").iter().collect();
            let told: Vec<_> = rows.iter().map(|row| (row["subject"].clone(), row["timing"].clone())).collect();
            let expected = [
                ("policy", "as_needed"),
                ("review_result", "within_days"),
                ("security_survey", "on_request_received"),
                ("incident", "on_detection"),
                ("incident", "timely"),
                ("incident", "timely"),
            ];
            assert_eq!(told, expected.map(|(subject, timing)| (json!(subject), json!(timing))), "{who}");
            let numbers: Vec<_> = rows.iter().map(|row| row["number"].clone()).collect();
            assert_eq!(numbers, [1, 2, 3, 4, 5, 6].map(|number| json!(number)));
            assert_eq!((&rows[1]["within_days"], &rows[1]["effective_days"]), (&json!(null), &json!(7)));
        }
    })
    .await;
}

#[actix_web::test]
async fn rows_are_changed_and_retired_by_the_secretariat_alone() {
    on_both(|world| async move {
        let survey = format!("{LIST}/{}", id_of(&world, SECRETARY, LIST, "number", 3).await);
        let changed = change(&world, SECRETARY, &survey, json!({ "audience": "suppliers" })).await.expect(200).json();
        assert_eq!(changed["audience"], "suppliers");
        let refused = change(&world, SECRETARY, &survey, json!({ "within_days": 3 })).await.expect(422);
        assert_eq!(refused.faults(), [("/within_days".to_owned(), "contradiction".to_owned())]);
        let retirement = json!({ "retired_on": "2024-04-01", "reason": "営業部の仕事とした" });
        take(&world, SECRETARY, &survey, "retirement", retirement).await.expect(200);
        let id = survey.rsplit('/').next().unwrap_or_default();
        let late = json!({ "procedure_id": id, "about": "点検表", "occurred_at": "2024-04-01T00:00:00Z" });
        let refused = create(&world, SECRETARY, "/v1/communications", late).await.expect(422);
        assert_eq!(refused.faults(), [("/procedure_id".to_owned(), "unknown_reference".to_owned())]);

        // A worker tells of incidents, and has no say in the procedure.
        let row = json!({ "subject": "other", "content": "連絡", "timing": "timely", "audience": "workers",
            "communicators": ["employee"], "internal_method": "会議" });
        assert_eq!(create(&world, WORKER, LIST, row).await.expect(403).code(), "outside_reach");
        world.get(LIST).person(WORKER).send().await.expect(403);
    })
    .await;
}
