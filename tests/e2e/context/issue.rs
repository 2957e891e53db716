//! External and internal issues (D10; 4.1).

use serde_json::{Value, json};

use crate::{
    harness::on_both,
    planning::steps::{SECRETARY, change, create, read, take},
};

const TOP: &str = "青木 健一";
/// Manager of 営業部.
const MANAGER: &str = "小林 恵";
/// Owns risks.
const OWNER: &str = "中村 隆";
const WORKER: &str = "高橋 花";
const LIST: &str = "/v1/context-issues";

fn draft() -> Value {
    json!({ "issue_type": "external", "issue": "個人情報保護法の改正", "risk": "違反→公表", "opportunity": "信頼" })
}

#[actix_web::test]
async fn the_sample_has_one_external_and_three_internal_issues() {
    on_both(|world| async move {
        let count = async |query: &str| {
            let list = read(&world, SECRETARY, &format!("{LIST}?include_total=true{query}")).await;
            list["total"].as_i64().expect("a total")
        };
        assert_eq!(count("&issue_type=external").await, 1);
        assert_eq!(count("&issue_type=internal").await, 3);
        assert_eq!(count("&q=ノウハウ").await, 1);
        let refused = world.get(format!("{LIST}?issue_type=other")).person(SECRETARY).send().await.expect(400);
        assert_eq!(refused.faults(), [("issue_type".to_owned(), "invalid_format".to_owned())]);
    })
    .await;
}

#[actix_web::test]
async fn an_issue_is_numbered_reviewed_and_retired() {
    on_both(|world| async move {
        // Whoever sees it proposes it; the secretariat takes it from there.
        let made = create(&world, MANAGER, LIST, draft()).await.expect(201);
        assert_eq!((&made.json()["number"], &made.json()["allowed_actions"]), (&json!(5), &json!([])));
        let path = made.header("location");
        assert_eq!(change(&world, MANAGER, &path, json!({ "risk": "別の" })).await.expect(403).code(), "not_granted");
        let tomorrow = json!({ "reviewed_on": "2024-04-02" });
        let refused = change(&world, SECRETARY, &path, tomorrow).await.expect(422);
        assert_eq!(refused.faults(), [("/reviewed_on".to_owned(), "future_date".to_owned())]);
        let reviewed = json!({ "reviewed_on": "2024-04-01", "change_since_last_review": "施行日が決まった" });
        let reviewed = change(&world, SECRETARY, &path, reviewed).await.expect(200).json();
        assert_eq!(reviewed["change_since_last_review"], "施行日が決まった");
        let gone = json!({ "retired_on": "2024-04-01", "reason": "対応を終えた" });
        let gone = take(&world, SECRETARY, &path, "retirement", gone).await.expect(200).json();
        assert_eq!((&gone["state"], &gone["allowed_actions"]), (&json!("retired"), &json!([])));
        assert_eq!(change(&world, SECRETARY, &path, json!({ "risk": "別の" })).await.expect(409).code(), "wrong_state");
        assert_eq!(read(&world, SECRETARY, &format!("{LIST}?q=個人情報保護法")).await["items"], json!([]));
        let all = read(&world, SECRETARY, &format!("{LIST}?q=個人情報保護法&include_retired=true")).await;
        assert_eq!(all["items"].as_array().map(Vec::len), Some(1));
    })
    .await;
}

#[actix_web::test]
async fn owners_of_risks_read_the_register_and_workers_do_not() {
    on_both(|world| async move {
        for who in [TOP, MANAGER, OWNER] {
            assert_eq!(read(&world, who, LIST).await["items"].as_array().map(Vec::len), Some(4), "{who}");
        }
        assert_eq!(read(&world, WORKER, LIST).await["items"], json!([]), "the worker owns no risk");
        let one = world.first_id(LIST).await;
        world.get(format!("{LIST}/{one}")).person(WORKER).send().await.expect(404);
        create(&world, WORKER, LIST, draft()).await.expect(403);
    })
    .await;
}
