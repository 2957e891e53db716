//! The asset inventory.

use mamori_domain::access::Role;
use serde_json::json;

use crate::harness::on_both;

#[actix_web::test]
async fn an_asset_is_entered_changed_and_disposed_of() {
    on_both(|world| async move {
        let draft = world.asset_draft(json!({})).await;
        let made = world.post("/v1/assets").role(Role::IsmsSecretariat).json(draft).send().await.expect(201);
        assert_eq!(made.json()["importance"], 2);
        assert_eq!(made.json()["number"], 13, "after the twelve of the sample");
        assert_eq!(made.json()["managing_department"]["name"], "人事部");
        assert_eq!(made.json()["risk_owner"]["person"]["name"], "田中 浩二");
        let path = made.header("location");

        let stale = world.patch(&path).role(Role::IsmsSecretariat).json(json!({ "availability": 3 }));
        stale.send().await.expect(428);
        let revise =
            world.patch(&path).role(Role::IsmsSecretariat).having_read(&made).json(json!({ "availability": 3 }));
        let revised = revise.send().await.expect(200);
        assert_eq!((&revised.json()["importance"], &revised.json()["revision"]), (&json!(3), &json!(2)));
        let again =
            world.patch(&path).role(Role::IsmsSecretariat).having_read(&made).json(json!({ "availability": 1 }));
        assert_eq!(again.send().await.expect(412).code(), "stale");

        let gone = json!({ "disposed_on": "2024-04-01", "reason": "シュレッダーで廃棄" });
        let dispose =
            world.post(format!("{path}/disposal")).role(Role::IsmsSecretariat).having_read(&revised).json(gone);
        assert_eq!(dispose.send().await.expect(200).json()["state"], "disposed");
        let left = world.get("/v1/assets?q=評価シート").role(Role::IsmsSecretariat).send().await.expect(200);
        assert_eq!(left.json()["items"], json!([]));
    })
    .await;
}
