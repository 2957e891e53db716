//! Education in the company of five (SD-0): one person plans it, top management approves, and nobody is stuck.

use serde_json::{Value, json};

use super::programme::draft;
use crate::{
    harness::{World, on_both},
    planning::steps::{create, read, take},
};

/// Chair, secretariat, training manager, document controller and system administrator in one.
const ONE: &str = "林 一郎";
const TOP: &str = "森 正子";
const WORKER: &str = "岡 三枝";
const AUDITOR: &str = "原 次郎";
const OTHER_WORKER: &str = "辻 四郎";

async fn of_small_company(world: &World, name: &str) -> String {
    let people = read(world, ONE, "/v1/persons?limit=200").await;
    let found = people["items"].as_array().into_iter().flatten().find(|person| person["name"] == name);
    found.and_then(|person| person["id"].as_str()).expect("somebody").to_owned()
}

async fn work(world: &World, who: &str) -> Vec<Value> {
    let items = read(world, who, "/v1/work-items?limit=200").await["items"].as_array().cloned().unwrap_or_default();
    items.into_iter().filter(|item| item["resource"] == "education_plan").collect()
}

#[actix_web::test]
async fn sd_0_one_person_plans_a_year_and_top_management_approves() {
    on_both(|world| async move {
        let missing = work(&world, ONE).await;
        assert_eq!(missing.len(), 1, "{missing:?}");
        assert_eq!(
            (&missing[0]["path"], &missing[0]["title"]),
            (&json!("/v1/education-programmes"), &json!("2024年度の教育計画"))
        );
        assert_eq!((&missing[0]["due_on"], &missing[0]["role"]), (&json!("2024-04-01"), &json!("training_manager")));
        assert_eq!(work(&world, TOP).await.len(), 0);

        let one = of_small_company(&world, ONE).await;
        let year = json!({ "fiscal_year": 2024, "events": [] });
        let path =
            create(&world, ONE, "/v1/education-programmes", draft(&one, year)).await.expect(201).header("location");
        assert_eq!(work(&world, ONE).await[0]["path"], json!(path), "the draft is to be handed in");
        take(&world, ONE, &path, "submission", Value::Null).await.expect(200);
        assert_eq!(work(&world, ONE).await.len(), 0);
        take(&world, ONE, &path, "approval", json!({ "reason": "一人で行う" })).await.expect(403);
        assert_eq!(work(&world, TOP).await[0]["kind"], "approve");
        take(&world, TOP, &path, "approval", json!({})).await.expect(200);
        assert_eq!(work(&world, TOP).await.len(), 0);
    })
    .await;
}

#[actix_web::test]
async fn sd_0_one_person_keeps_laws_and_duties_and_top_management_waives_theirs() {
    on_both(|world| async move {
        let (one, worker) = (of_small_company(&world, ONE).await, of_small_company(&world, WORKER).await);
        let law = json!({
            "kind": "law", "title": "新しい法律", "duty": "届け出る", "responsible_person_id": one,
            "in_force_on": "2024-04-01", "next_review_on": "2025-03-31",
        });
        create(&world, ONE, "/v1/legal-requirements", law).await.expect(201);
        let open = read(&world, WORKER, "/v1/education-duties?of_everybody=true").await;
        let duty = format!("/v1/education-duties/{}", open["items"][0]["id"].as_str().expect("a duty"));
        let done = json!({ "fulfilled_on": "2024-04-01", "evidence": "朝礼で説明した" });
        take(&world, ONE, &duty, "fulfilment", done.clone()).await.expect(200);
        for who in [&one, &worker] {
            let draft = json!({
                "theme": "compliance", "cause": "returned_from_leave", "person_id": who, "due_on": "2024-04-30",
            });
            let path = create(&world, ONE, "/v1/education-duties", draft).await.expect(201).header("location");
            let by = if *who == one { TOP } else { ONE };
            take(&world, by, &path, "waiver", json!({ "reason": "休職の前に受けた" })).await.expect(200);
        }
    })
    .await;
}

#[actix_web::test]
async fn five_people_are_taught_and_it_is_recorded() {
    on_both(|world| async move {
        let draft = json!({
            "name": "年次教育", "fiscal_year": 2024, "themes": ["regulations_briefing"], "purpose": "決まりを知る",
            "delivery_methods": ["group_training"], "contents": ["決まり"], "period_start": "2024-04-01",
            "period_end": "2024-04-30",
        });
        let list = "/v1/education-campaigns";
        let path = create(&world, ONE, list, draft).await.expect(201).header("location");
        take(&world, ONE, &path, "submission", Value::Null).await.expect(200);
        take(&world, ONE, &path, "approval", json!({})).await.expect(403);
        take(&world, TOP, &path, "approval", json!({})).await.expect(200);
        take(&world, ONE, &path, "opening", Value::Null).await.expect(200);
        let learners = read(&world, ONE, &format!("{path}/learners")).await;
        assert_eq!(learners["rows"].as_array().map(Vec::len), Some(5), "top management and the training manager too");
        for who in [ONE, TOP, AUDITOR, WORKER, OTHER_WORKER] {
            let own = read(&world, who, "/v1/enrolments?waiting=true&limit=200").await;
            let own = own["items"].as_array().cloned().unwrap_or_default();
            let own = own.iter().find(|one| one["person"]["name"] == who).expect("their own");
            let own = format!("/v1/enrolments/{}", own["id"].as_str().expect("an id"));
            take(&world, who, &own, "confirmation", Value::Null).await.expect(200);
        }
        take(&world, ONE, &path, "closure", Value::Null).await.expect(200);
        let record = json!({ "summary": "決まりを読み合わせた", "target": "全員" });
        take(&world, ONE, &path, "record", record).await.expect(200);
        take(&world, ONE, &path, "record-submission", Value::Null).await.expect(200);
        // The chair prepared it: top management stands in.
        let refused = take(&world, ONE, &path, "record-approval", json!({})).await.expect(403);
        assert_eq!(refused.json()["params"]["next_approver"][0]["name"], TOP);
        let recorded = take(&world, TOP, &path, "record-approval", json!({})).await.expect(200).json();
        assert_eq!(recorded["state"], "recorded");
        assert_eq!(recorded["record"]["figures"]["completion_rate"]["percent"], "100.0");
        assert_eq!(recorded["record"]["sign_off"]["self_approved"], false);
    })
    .await;
}
