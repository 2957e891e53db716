//! What is issued in versions, and plans: a draft that nobody wants any more is voided.

use serde_json::{Value, json};

use crate::{
    harness::{World, on_both},
    planning::steps::{SECRETARY, change, create, id_of, item_draft, modify, person, read, risk, take},
};

const TOP: &str = "青木 健一";

/// The id of a risk that a treatment plan can cover.
async fn decided(world: &World) -> String {
    let path = risk(world, 1).await;
    take(world, SECRETARY, &path, "evaluation", Value::Null).await.expect(200);
    take(world, SECRETARY, &path, "treatment-decision", modify(&["持ち出しを記録する"])).await.expect(200);
    let item = item_draft(&person(world, "高橋 花").await, json!({}));
    create(world, SECRETARY, &format!("{path}/treatment-items"), item).await.expect(201);
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

#[actix_web::test]
async fn a_draft_that_nobody_wants_is_voided_with_a_reason_and_stays_to_be_read() {
    on_both(|world| async move {
        let titled = || json!({ "title": "要らない案" });
        let round = json!({
            "title": "要らない案", "performed_on": "2024-03-29", "trigger": "planned", "scope": "全社",
            "conclusions": "なし",
        });
        for (list, draft) in [
            ("/v1/policies", json!({ "company_name": "守屋商事株式会社" })),
            ("/v1/isms-scopes", titled()),
            ("/v1/network-diagrams", titled()),
            ("/v1/risk-criteria", titled()),
            ("/v1/statements-of-applicability", titled()),
            ("/v1/risk-assessments", round),
            ("/v1/treatment-plans", json!({ "title": "要らない案", "risk_ids": [decided(&world).await] })),
            ("/v1/annual-plans", json!({ "fiscal_year": 2026, "title": "要らない案" })),
        ] {
            let path = create(&world, SECRETARY, list, draft.clone()).await.expect(201).header("location");
            let unexplained = take(&world, SECRETARY, &path, "voiding", json!({})).await.expect(422);
            assert_eq!(unexplained.faults(), [("/reason".to_owned(), "required".to_owned())], "{list}");
            let why = json!({ "reason": "作り直す" });
            let voided = take(&world, SECRETARY, &path, "voiding", why.clone()).await.expect(200).json();
            assert_eq!((&voided["state"], &voided["allowed_actions"]), (&json!("voided"), &json!([])), "{list}");
            let by = &voided["sign_off"]["voided"];
            assert_eq!((&by["name"], &by["reason"]), (&json!(SECRETARY), &why["reason"]), "{list}");
            let remarks = if list == "/v1/policies" { "improvement_section" } else { "remarks" };
            let remarks = if list == "/v1/risk-criteria" { "conditions" } else { remarks };
            let remarks = if list == "/v1/risk-assessments" { "conclusions" } else { remarks };
            let refused = change(&world, SECRETARY, &path, json!({ remarks: "やはり使う" })).await.expect(409);
            assert_eq!((refused.code(), &refused.json()["rule"]), ("wrong_state".into(), &json!("SD-12")), "{list}");
            for (step, body) in [("submission", Value::Null), ("voiding", why.clone())] {
                let refused = take(&world, SECRETARY, &path, step, body).await.expect(409);
                assert_eq!(refused.code(), "wrong_state", "{list} {step}");
            }
            let found = read(&world, SECRETARY, &format!("{list}?state=voided")).await;
            assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{list}");
            // It stands in nobody's way.
            let next = create(&world, SECRETARY, list, draft).await.expect(201).json();
            assert_eq!(next["state"], "draft", "{list}");
            if voided["version"].is_number() {
                assert_eq!(next["version"].as_i64(), voided["version"].as_i64().map(|number| number + 1), "{list}");
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn what_was_handed_in_is_returned_before_it_is_voided_and_the_next_one_is_no_copy_of_it() {
    on_both(|world| async move {
        const LIST: &str = "/v1/statements-of-applicability";
        let second = format!("{LIST}/{}", id_of(&world, SECRETARY, LIST, "version", 2).await);
        let why = || json!({ "reason": "作り直す" });
        take(&world, SECRETARY, &second, "submission", Value::Null).await.expect(200);
        let refused = take(&world, SECRETARY, &second, "voiding", why()).await.expect(409);
        assert_eq!(refused.code(), "wrong_state");
        take(&world, TOP, &second, "return", why()).await.expect(200);
        take(&world, SECRETARY, &second, "voiding", why()).await.expect(200);
        let third = create(&world, SECRETARY, LIST, json!({ "title": "適用宣言書" })).await.expect(201).json();
        assert_eq!((&third["version"], &third["copied_from"]), (&json!(3), &json!(1)));
        let work = read(&world, SECRETARY, "/v1/work-items?assignee=everybody&limit=200").await;
        let items = work["items"].as_array().cloned().unwrap_or_default();
        assert!(items.iter().all(|item| item["path"] != json!(second)), "nothing waits for it");
    })
    .await;
}
