//! Suppliers and cloud services (8.1; A.5.19 to A.5.23).

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    harness::{World, on_both},
    planning::steps::{SECRETARY, change, create, id_of, person, read, take},
};

const MANAGER: &str = "小林 恵";

/// A supplier of the sales department; `patch` replaces fields.
async fn draft(world: &World, patch: Value) -> Value {
    let department = id_of(world, SECRETARY, "/v1/departments", "name", "営業部").await;
    let mut draft = json!({
        "name": "かもめ配送", "kind": "supplier", "services": "商品の発送", "handles_personal_data": true,
        "starts_on": "2024-04-01", "evaluation_interval_months": 6, "department_id": department,
        "responsible_person_id": person(world, MANAGER).await,
    });
    for (name, value) in patch.as_object().into_iter().flatten() {
        draft[name] = value.clone();
    }
    draft
}

fn evaluation(on: &str, result: &str, remarks: &str) -> Value {
    json!({ "evaluated_on": on, "result": result, "remarks": remarks })
}

#[actix_web::test]
async fn a_supplier_is_evaluated_again_and_again() {
    on_both(|world| async move {
        let path = create(&world, SECRETARY, "/v1/suppliers", draft(&world, json!({})).await)
            .await
            .expect(201)
            .header("location");
        let seen = read(&world, SECRETARY, &path).await;
        assert_eq!((&seen["nda_missing"], &seen["next_evaluation_on"]), (&json!(true), &json!("2024-04-01")));
        world.wait(TimeDelta::days(1));
        assert_eq!(read(&world, SECRETARY, &path).await["evaluation_overdue"], true);
        let refused = take(&world, SECRETARY, &path, "evaluations", evaluation("2024-04-03", "conditional", "")).await;
        let expected = [
            ("/evaluated_on".to_owned(), "future_date".to_owned()),
            ("/remarks".to_owned(), "required_here".to_owned()),
        ];
        assert_eq!(refused.expect(422).faults(), expected);
        let done =
            take(&world, SECRETARY, &path, "evaluations", evaluation("2024-04-02", "conditional", "暗号化すること"))
                .await;
        let done = done.expect(200).json();
        assert_eq!((&done["next_evaluation_on"], &done["evaluation_overdue"]), (&json!("2024-10-02"), &json!(false)));
        assert_eq!(done["evaluations"][0]["evaluated_by"]["name"], SECRETARY);
        let late = read(&world, SECRETARY, "/v1/suppliers?evaluation_overdue=true").await;
        let names: Vec<&Value> = late["items"].as_array().into_iter().flatten().map(|one| &one["name"]).collect();
        assert_eq!(names, ["まちの文書処理", "みなと会計事務所"], "the sample's");
        let signed =
            change(&world, SECRETARY, &path, json!({ "nda_signed_on": "2024-04-01" })).await.expect(200).json();
        assert_eq!(signed["nda_missing"], false);
    })
    .await;
}

#[actix_web::test]
async fn a_supplier_is_left_with_evidence_about_its_data() {
    on_both(|world| async move {
        let asset = world.first_id("/v1/assets?q=受注伝票").await;
        let draft = draft(&world, json!({ "asset_ids": [asset] })).await;
        let path = create(&world, SECRETARY, "/v1/suppliers", draft).await.expect(201).header("location");
        assert_eq!(read(&world, SECRETARY, &path).await["assets"][0]["name"], "受注伝票");
        let handled = read(&world, SECRETARY, &format!("/v1/suppliers?asset_id={asset}")).await;
        assert_eq!(handled["items"].as_array().map(Vec::len), Some(1));
        let exit = |on: &str, data: &str, evidence: &str| {
            json!({ "ended_on": on, "reason": "乗り換え", "data": data, "evidence": evidence })
        };
        for (body, pointer, code) in [
            (exit("2024-04-02", "deleted", "証明書"), "/ended_on", "future_date"),
            (exit("2024-03-31", "deleted", "証明書"), "/ended_on", "date_order"),
            (exit("2024-04-01", "deleted", ""), "/evidence", "required_here"),
            (exit("2024-04-01", "none_held", ""), "/data", "contradiction"),
        ] {
            let refused = take(&world, SECRETARY, &path, "exit", body).await.expect(422);
            assert_eq!(refused.faults(), [(pointer.to_owned(), code.to_owned())]);
        }
        let left = take(&world, SECRETARY, &path, "exit", exit("2024-04-01", "deleted", "証明書")).await.expect(200).json();
        assert_eq!((&left["state"], &left["exit"]["data"]), (&json!("exited"), &json!("deleted")));
        assert_eq!(left["allowed_actions"], json!([]));
        let refused = take(&world, SECRETARY, &path, "evaluations", evaluation("2024-04-01", "suitable", "")).await;
        assert_eq!(refused.expect(409).json()["params"]["state"], "exited");
        assert_eq!(read(&world, SECRETARY, "/v1/suppliers?q=かもめ").await["items"], json!([]));
        let all = read(&world, SECRETARY, "/v1/suppliers?q=かもめ&include_exited=true").await;
        assert_eq!(all["items"].as_array().map(Vec::len), Some(1));
    })
    .await;
}

#[actix_web::test]
async fn a_department_manager_keeps_those_of_the_department() {
    on_both(|world| async move {
        let path = create(&world, MANAGER, "/v1/suppliers", draft(&world, json!({})).await)
            .await
            .expect(201)
            .header("location");
        let elsewhere = id_of(&world, SECRETARY, "/v1/departments", "name", "経理部").await;
        let other = draft(&world, json!({ "department_id": elsewhere })).await;
        let refused = create(&world, MANAGER, "/v1/suppliers", other).await.expect(403);
        assert_eq!(refused.code(), "outside_reach");
        let own = read(&world, MANAGER, "/v1/suppliers").await;
        let names: Vec<&Value> = own["items"].as_array().into_iter().flatten().map(|one| &one["name"]).collect();
        assert_eq!(names, ["かもめ配送"], "those of other departments are not shown");
        let refused = change(&world, MANAGER, &path, json!({ "department_id": elsewhere })).await.expect(403);
        assert_eq!(refused.code(), "outside_reach");
        change(&world, SECRETARY, &path, json!({ "department_id": elsewhere })).await.expect(200);
        world.get(&path).person(MANAGER).send().await.expect(404);
        world.get("/v1/suppliers").person("高橋 花").send().await.expect(403);
        for (patch, pointer, code) in [
            (json!({ "ends_on": "2024-03-31" }), "/ends_on", "date_order"),
            (json!({ "nda_signed_on": "2024-04-02" }), "/nda_signed_on", "future_date"),
            (json!({ "evaluation_interval_months": 0 }), "/evaluation_interval_months", "out_of_range"),
            (json!({ "asset_ids": [elsewhere] }), "/asset_ids/0", "unknown_reference"),
        ] {
            let refused = create(&world, SECRETARY, "/v1/suppliers", draft(&world, patch).await).await.expect(422);
            assert_eq!(refused.faults(), [(pointer.to_owned(), code.to_owned())]);
        }
    })
    .await;
}
