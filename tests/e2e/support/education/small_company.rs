//! The five people of 有限会社ちいさな工房 hold their yearly education (amendments §1, SD-0).

use serde_json::{Value, json};

use crate::{
    harness::on_both,
    planning::steps::{create, read, take},
};

/// Chair, secretariat, training, documents, systems.
const HAYASHI: &str = "林 一郎";
/// Top management.
const MORI: &str = "森 正子";
/// Audit manager and auditor.
const HARA: &str = "原 次郎";
/// The heads of the two departments.
const OKA: &str = "岡 三枝";
const TSUJI: &str = "辻 四郎";

#[actix_web::test]
async fn five_people_are_taught_and_it_is_recorded() {
    on_both(|world| async move {
        let draft = json!({
            "name": "年次教育", "fiscal_year": 2024, "themes": ["regulations_briefing"], "purpose": "決まりを知る",
            "delivery_methods": ["group_training"], "contents": ["決まり"], "period_start": "2024-04-01",
            "period_end": "2024-04-30",
        });
        let list = "/v1/education-campaigns";
        let path = create(&world, HAYASHI, list, draft).await.expect(201).header("location");
        take(&world, HAYASHI, &path, "submission", Value::Null).await.expect(200);
        take(&world, HAYASHI, &path, "approval", json!({})).await.expect(403);
        take(&world, MORI, &path, "approval", json!({})).await.expect(200);
        take(&world, HAYASHI, &path, "opening", Value::Null).await.expect(200);
        let learners = read(&world, HAYASHI, &format!("{path}/learners")).await;
        assert_eq!(learners["rows"].as_array().map(Vec::len), Some(5), "top management and the training manager too");
        for who in [HAYASHI, MORI, HARA, OKA, TSUJI] {
            let own = read(&world, who, "/v1/enrolments?waiting=true&limit=200").await;
            let own = own["items"].as_array().cloned().unwrap_or_default();
            let own = own.iter().find(|one| one["person"]["name"] == who).expect("their own");
            let own = format!("/v1/enrolments/{}", own["id"].as_str().expect("an id"));
            take(&world, who, &own, "confirmation", Value::Null).await.expect(200);
        }
        take(&world, HAYASHI, &path, "closure", Value::Null).await.expect(200);
        let record = json!({ "summary": "決まりを読み合わせた", "target": "全員" });
        take(&world, HAYASHI, &path, "record", record).await.expect(200);
        take(&world, HAYASHI, &path, "record-submission", Value::Null).await.expect(200);
        // The chair prepared it: top management stands in.
        let refused = take(&world, HAYASHI, &path, "record-approval", json!({})).await.expect(403);
        assert_eq!(refused.json()["params"]["next_approver"][0]["name"], MORI);
        let recorded = take(&world, MORI, &path, "record-approval", json!({})).await.expect(200).json();
        assert_eq!(recorded["state"], "recorded");
        assert_eq!(recorded["record"]["figures"]["completion_rate"]["percent"], "100.0");
        assert_eq!(recorded["record"]["sign_off"]["self_approved"], false);
    })
    .await;
}
