//! What interested parties say, and what is done about it (9.3.2 e).

use serde_json::{Value, json};

use crate::{
    harness::on_both,
    planning::steps::{SECRETARY, change, create, id_of, read, take},
};

/// Manager of 営業部.
const MANAGER: &str = "小林 恵";
const TOP: &str = "青木 健一";
const WORKER: &str = "高橋 花";
const LIST: &str = "/v1/interested-party-feedback";

#[actix_web::test]
async fn feedback_is_entered_handled_and_kept() {
    on_both(|world| async move {
        let party = id_of(&world, SECRETARY, "/v1/interested-parties", "name", "取引先").await;
        let sales = id_of(&world, SECRETARY, "/v1/departments", "name", "営業部").await;
        let draft = json!({
            "received_on": "2024-04-01", "sender": "購買担当", "interested_party_id": party, "means": "会議",
            "content": "教育の記録を見せてほしい", "department_id": sales,
        });
        let mut later = draft.clone();
        later["received_on"] = json!("2024-04-02");
        create(&world, SECRETARY, LIST, later).await.expect(422);
        let mut unknown = draft.clone();
        unknown["interested_party_id"] = unknown["department_id"].clone();
        let refused = create(&world, SECRETARY, LIST, unknown).await.expect(422);
        assert_eq!(refused.faults(), [("/interested_party_id".to_owned(), "unknown_reference".to_owned())]);
        let made = create(&world, MANAGER, LIST, draft.clone()).await.expect(201);
        let path = made.header("location");
        assert_eq!((&made.json()["interested_party"]["name"], &made.json()["number"]), (&json!("取引先"), &json!(3)));
        let mut elsewhere = draft.clone();
        elsewhere["department_id"] = Value::Null;
        let refused = create(&world, MANAGER, LIST, elsewhere).await.expect(403);
        assert_eq!(refused.code(), "outside_reach");
        assert_eq!(read(&world, MANAGER, LIST).await["items"].as_array().map(Vec::len), Some(1), "of the department");
        world.get(LIST).person(WORKER).send().await.expect(403);

        let work = read(&world, MANAGER, "/v1/work-items?limit=200").await;
        let laid = work["items"].as_array().into_iter().flatten().any(|item| item["path"] == path.as_str());
        assert!(laid, "{work}");
        let before = json!({ "handled_on": "2024-03-31", "handling": "送った" });
        take(&world, MANAGER, &path, "handling", before).await.expect(422);
        let done = json!({ "handled_on": "2024-04-01", "handling": "記録の写しを送った" });
        take(&world, TOP, &path, "handling", done.clone()).await.expect(403);
        let handled = take(&world, MANAGER, &path, "handling", done).await.expect(200).json();
        assert_eq!((&handled["state"], &handled["handled"]["recorded"]["name"]), (&json!("handled"), &json!(MANAGER)));
        let refused = change(&world, SECRETARY, &path, json!({ "means": "電話" })).await.expect(409);
        assert_eq!(refused.code(), "wrong_state");
    })
    .await;
}
