//! What waits for whom.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    harness::{World, on_both},
    planning::steps::{SECRETARY, change, item_draft, person, read, risk, take},
};

const OWNER: &str = "中村 隆";
const CHAIR: &str = "石田 洋子";
const TOP: &str = "青木 健一";
const WORKER: &str = "高橋 花";
/// The open campaign of the sample, in which most are still to take part.
const LEARNING: &str = "新年度の情報セキュリティ教育";

/// What waits for `who`, as kind and title.
async fn waiting(world: &World, who: &str, query: &str) -> Vec<(String, String)> {
    let list = read(world, who, &format!("/v1/work-items?limit=200{query}")).await;
    let text = |item: &Value, name: &str| item[name].as_str().unwrap_or_default().to_owned();
    let items = list["items"].as_array().cloned().unwrap_or_default();
    items.iter().map(|item| (text(item, "kind"), text(item, "title"))).collect()
}

fn kinds(items: &[(String, String)], kind: &str) -> usize {
    items.iter().filter(|(of, _)| of == kind).count()
}

#[actix_web::test]
async fn everybody_finds_what_waits_for_them_and_nothing_else() {
    on_both(|world| async move {
        // Three risks of the ledger are analysed and wait to be evaluated; their owners have their assets to confirm.
        let secretary = waiting(&world, SECRETARY, "").await;
        // Three suppliers are to be evaluated again besides.
        assert_eq!(kinds(&secretary, "evaluate"), 8, "three to evaluate, two to judge after treatment: {secretary:?}");
        assert_eq!(kinds(&secretary, "confirm"), 0);
        let owner = waiting(&world, OWNER, "").await;
        assert!(kinds(&owner, "confirm") > 0 && kinds(&owner, "evaluate") == 0, "{owner:?}");
        // The chair carries out the item that was begun, and two actions on opportunities, and may handle a customer's
        // feedback; what is due first comes first.
        let mut chair = waiting(&world, CHAIR, "&kind=carry_out").await;
        let learning = ("carry_out".to_owned(), LEARNING.to_owned());
        assert!(chair.contains(&learning), "{chair:?}");
        chair.retain(|item| *item != learning);
        let feedback = "顧客の問い合わせ窓口: 請求書のメールに添付したファイルを暗号化してほしい";
        let expected = ["部門ごとに推進担当を置く", "分類を定める", "ISMSの認証を受ける", feedback];
        assert_eq!(chair, expected.map(|title| ("carry_out".to_owned(), title.to_owned())));
        assert_eq!(waiting(&world, WORKER, "").await, [learning]);
        // By asking for everybody's a worker learns only of what they may read anyway.
        let list = read(&world, WORKER, "/v1/work-items?assignee=everybody&limit=200").await;
        let paths = list["items"].as_array().into_iter().flatten().filter_map(|item| item["path"].as_str());
        let paths: Vec<&str> = paths.collect();
        assert!(paths.iter().any(|path| path.starts_with("/v1/assets/")), "{list}");
        for path in paths {
            world.get(path).person(WORKER).send().await.expect(200);
        }
        assert!(waiting(&world, SECRETARY, "&assignee=everybody").await.len() > secretary.len());
    })
    .await;
}

#[actix_web::test]
async fn what_is_done_waits_no_more_and_the_next_step_waits_for_the_next_person() {
    on_both(|world| async move {
        let path = risk(&world, 1).await;
        take(&world, SECRETARY, &path, "evaluation", Value::Null).await.expect(200);
        let decision = json!({ "options": ["modify"], "controls": [{ "description": "持ち出しを記録する" }] });
        take(&world, SECRETARY, &path, "treatment-decision", decision).await.expect(200);
        let id = path.rsplit('/').next().unwrap_or_default().to_owned();
        let of_risk = async |who: &str| {
            let list = read(&world, who, "/v1/work-items?limit=200").await;
            let items = list["items"].as_array().cloned().unwrap_or_default();
            items.into_iter().find(|item| item["record_id"] == json!(id))
        };
        assert_eq!(of_risk(SECRETARY).await, None, "the owner's turn");
        let waits = of_risk("田中 浩二").await.expect("an approval");
        assert_eq!((&waits["kind"], &waits["path"]), (&json!("approve"), &json!(path)));
        assert_eq!(waits["person"]["name"], "田中 浩二");
        let draft = item_draft(&person(&world, WORKER).await, json!({ "planned_end": "2024-04-10" }));
        let item = world.post(format!("{path}/treatment-items")).person(SECRETARY).json(draft);
        let item = item.send().await.expect(201);
        let work = waiting(&world, WORKER, "").await;
        assert_eq!(work, ["ルールを検討する", LEARNING].map(|title| ("carry_out".to_owned(), title.to_owned())));
        world.wait(TimeDelta::days(10));
        let list = read(&world, WORKER, "/v1/work-items?overdue=true").await;
        assert_eq!(list["counts"], json!([{ "kind": "carry_out", "waiting": 1, "overdue": 1 }]));
        change(&world, SECRETARY, &item.header("location"), json!({ "planned_end": "2024-04-30" })).await.expect(200);
        assert_eq!(waiting(&world, WORKER, "&overdue=true").await, []);
    })
    .await;
}

#[actix_web::test]
async fn a_version_waits_for_whoever_may_approve_it_and_goes_back_to_its_preparer() {
    on_both(|world| async move {
        let made = world.post("/v1/risk-criteria").person(SECRETARY).json(json!({ "title": "新しい基準" }));
        let path = made.send().await.expect(201).header("location");
        take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
        let approvals = async |who: &str| waiting(&world, who, "&kind=approve").await;
        let criteria = ("approve".to_owned(), "新しい基準 (2)".to_owned());
        assert!(approvals(TOP).await.contains(&criteria));
        assert_eq!(approvals(SECRETARY).await, []);
        take(&world, TOP, &path, "return", json!({ "reason": "区分を見直す" })).await.expect(200);
        assert!(!approvals(TOP).await.contains(&criteria));
        assert_eq!(waiting(&world, SECRETARY, "&kind=mend").await, [("mend".to_owned(), "新しい基準 (2)".to_owned())]);
    })
    .await;
}

#[actix_web::test]
async fn work_comes_out_of_every_module() {
    on_both(|world| async move {
        let list = read(&world, SECRETARY, "/v1/work-items?assignee=everybody&limit=200").await;
        let items = list["items"].as_array().cloned().unwrap_or_default();
        let starts = |item: &Value, path: &str| item["path"].as_str().is_some_and(|at| at.starts_with(path));
        for path in [
            "/v1/annual-plan-rows/",
            "/v1/operation-checklists/",
            "/v1/suppliers/",
            "/v1/objectives/",
            "/v1/context-actions/",
        ] {
            let of_kind: Vec<_> = items.iter().filter(|item| starts(item, path)).collect();
            assert!(!of_kind.is_empty(), "{path}: {items:#?}");
            for item in of_kind {
                assert!(item["due_on"].is_string() || path == "/v1/annual-plan-rows/", "{item}");
                assert!(item["person"]["name"].is_string(), "{item}");
                read(&world, SECRETARY, item["path"].as_str().unwrap_or_default()).await;
            }
        }
        // What waits for approval waits for the role that approves this kind of record.
        let shown: Vec<_> = items.iter().filter(|item| starts(item, "/v1/leadership-commitments/")).collect();
        assert_eq!(shown.len(), 2);
        assert!(shown.iter().all(|item| item["kind"] == "approve" && item["role"] == "top_management"), "{shown:?}");
        let made = world.post("/v1/annual-plans").person(SECRETARY);
        let made = made
            .json(json!({ "fiscal_year": 2026, "title": "2026年度", "template": "whole_year" }))
            .send()
            .await
            .expect(201);
        take(&world, SECRETARY, &made.header("location"), "submission", Value::Null).await.expect(200);
        let mine = read(&world, CHAIR, "/v1/work-items?kind=approve&limit=200").await;
        let of_plan = mine["items"].as_array().into_iter().flatten().find(|item| item["record_id"] == json!(made.id()));
        assert_eq!(of_plan.map(|item| item["role"].clone()), Some(json!("security_committee_chair")));
    })
    .await;
}
