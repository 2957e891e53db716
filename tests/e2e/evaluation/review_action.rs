//! Instructions of management reviews: followed until their effect is judged (9.3.3).

use serde_json::{Value, json};

use crate::{
    harness::{World, on_both},
    planning::steps::{SECRETARY, change, create, id_of, person, read, take},
};

const TOP: &str = "青木 健一";
const CHAIR: &str = "石田 洋子";
/// Manager of 営業部.
const MANAGER: &str = "小林 恵";
/// Responsible for the third instruction of the sample.
const ADMINISTRATOR: &str = "斎藤 翔";
const WORKER: &str = "高橋 花";
const LIST: &str = "/v1/review-actions";

async fn instruction(world: &World, number: i32) -> String {
    format!("{LIST}/{}", id_of(world, SECRETARY, LIST, "number", number).await)
}

#[actix_web::test]
async fn an_instruction_is_reported_carried_out_and_judged() {
    on_both(|world| async move {
        let path = instruction(&world, 3).await;
        let first = read(&world, TOP, &path).await;
        assert_eq!((&first["state"], &first["output"]), (&json!("open"), &json!("isms_change")));
        assert_eq!(first["responsible_person"]["name"], ADMINISTRATOR);
        let report = json!({ "report": "3つの手順書を見直した" });
        let refused = take(&world, MANAGER, &path, "progress", report.clone()).await.expect(403);
        assert_eq!(refused.code(), "outside_reach");
        world.get(path.as_str()).person(WORKER).send().await.expect(404);
        let said = take(&world, ADMINISTRATOR, &path, "progress", report).await.expect(200).json();
        assert_eq!(said["progress"][0]["reported"]["name"], ADMINISTRATOR);

        // What top management wants does not change; who sees to it may.
        let refused = change(&world, SECRETARY, &path, json!({ "instruction": "やめる" })).await.expect(422);
        assert_eq!(refused.faults(), [("/instruction".to_owned(), "read_only_field".to_owned())]);
        let change_of_plan = json!({
            "what": "手順書の統合", "purpose": "仕事に合わせる", "consequences": "様式が減る", "integrity_of_isms": "方針は変わらない",
            "resources": "時間", "responsible_person_id": person(&world, WORKER).await, "planned_on": "2024-06-01",
        });
        let planned = create(&world, SECRETARY, "/v1/planned-changes", change_of_plan).await;
        let link = json!({ "link": { "resource": "planned_change", "id": planned.expect(201).id() },
            "responsible_person_id": person(&world, WORKER).await });
        let moved = change(&world, SECRETARY, &path, link).await.expect(200).json();
        assert_eq!(moved["responsible_person"]["name"], WORKER);

        let judged = json!({ "evaluated_on": "2024-04-01", "effective": true });
        take(&world, CHAIR, &path, "effectiveness", judged.clone()).await.expect(409);
        let done = json!({ "done_on": "2024-04-01", "result": "様式を半分にした" });
        take(&world, WORKER, &path, "completion", done).await.expect(200);
        take(&world, WORKER, &path, "effectiveness", judged.clone()).await.expect(403);
        let work = read(&world, CHAIR, "/v1/work-items?limit=200&kind=evaluate").await;
        assert!(work["items"].as_array().into_iter().flatten().any(|item| item["path"] == path.as_str()), "{work}");
        let judged = take(&world, CHAIR, &path, "effectiveness", judged).await.expect(200).json();
        assert_eq!((&judged["state"], &judged["effectiveness"]["effective"]), (&json!("evaluated"), &json!(true)));
        let gone = take(&world, CHAIR, &path, "cancellation", json!({ "reason": "不要" })).await.expect(409);
        assert_eq!(gone.code(), "wrong_state");
        let open = read(&world, SECRETARY, &format!("{LIST}?state=open")).await;
        assert_eq!(open["items"].as_array().map(Vec::len), Some(1));
        take(&world, SECRETARY, &instruction(&world, 2).await, "cancellation", json!({ "reason": "統合した" }))
            .await
            .expect(200);
        let left = read(&world, SECRETARY, &format!("{LIST}?state=open")).await;
        assert_eq!(left["items"], Value::Array(Vec::new()));
    })
    .await;
}
