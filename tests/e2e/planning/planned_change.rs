//! Planned changes of the ISMS (6.3, D23; SD-1, SD-12).

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::steps::{SECRETARY, change, create, person, read, take};
use crate::harness::{World, on_both};

const TOP: &str = "青木 健一";
const CHAIR: &str = "石田 洋子";
/// Manager of 営業部.
const MANAGER: &str = "小林 恵";
const LIST: &str = "/v1/planned-changes";

/// A draft; `patch` replaces fields of it.
async fn draft(world: &World, patch: Value) -> Value {
    let mut draft = json!({
        "what": "支店を開く", "purpose": "客先に近づく", "consequences": "適用範囲と入退室の記録が広がる",
        "integrity_of_isms": "開く前に範囲とリスクを見直す", "resources": "入退室の設備と予算",
        "responsible_person_id": person(world, CHAIR).await, "planned_on": "2024-04-30",
    });
    for (name, value) in patch.as_object().into_iter().flatten() {
        draft[name] = value.clone();
    }
    draft
}

/// The path of a new draft by `who`.
async fn drafted(world: &World, who: &str, patch: Value) -> String {
    create(world, who, LIST, draft(world, patch).await).await.expect(201).header("location")
}

#[actix_web::test]
async fn a_change_is_planned_approved_and_carried_out() {
    on_both(|world| async move {
        // Whoever sees the need proposes it; the secretariat takes it from there.
        let source = "0190b2a0-0000-7000-8000-000000000001";
        let path = drafted(&world, MANAGER, json!({ "occasion": "是正処置", "source_record_id": source })).await;
        let made = read(&world, MANAGER, &path).await;
        assert_eq!((&made["state"], &made["allowed_actions"]), (&json!("draft"), &json!([])));
        assert_eq!((&made["source_record_id"], &made["responsible_person"]["name"]), (&json!(source), &json!(CHAIR)));
        let refused = change(&world, MANAGER, &path, json!({ "purpose": "別の目的" })).await.expect(403);
        assert_eq!(refused.code(), "not_granted");
        let done = json!({ "done_on": "2024-04-01", "result": "支障なし" });
        let early = take(&world, SECRETARY, &path, "completion", done.clone()).await.expect(409);
        assert_eq!(early.json()["params"]["state"], "draft", "not before it is approved");

        take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
        let back = take(&world, TOP, &path, "return", json!({ "reason": "費用が分からない" })).await.expect(200).json();
        assert_eq!((&back["state"], &back["sign_off"]["state"]), (&json!("draft"), &json!("returned")));
        change(&world, CHAIR, &path, json!({ "resources": "設備に50万円" })).await.expect(200);
        take(&world, CHAIR, &path, "submission", Value::Null).await.expect(200);
        assert_eq!(read(&world, TOP, &path).await["allowed_actions"], json!(["approve", "return"]));
        let approved = take(&world, TOP, &path, "approval", json!({})).await.expect(200).json();
        assert_eq!((&approved["state"], &approved["sign_off"]["approved"]["name"]), (&json!("approved"), &json!(TOP)));
        let refused = change(&world, SECRETARY, &path, json!({ "planned_on": "2024-06-30" })).await.expect(409);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("wrong_state".into(), &json!("SD-12")));

        let tomorrow = json!({ "done_on": "2024-04-02", "result": "支障なし" });
        let refused = take(&world, SECRETARY, &path, "completion", tomorrow).await.expect(422);
        assert_eq!(refused.faults(), [("/done_on".to_owned(), "future_date".to_owned())]);
        let after = take(&world, SECRETARY, &path, "completion", done.clone()).await.expect(200).json();
        assert_eq!((&after["state"], &after["completion"]), (&json!("completed"), &done));
        let why = json!({ "reason": "不要" });
        let refused = take(&world, SECRETARY, &path, "cancellation", why).await.expect(409);
        assert_eq!(refused.json()["params"]["state"], "completed");
    })
    .await;
}

#[actix_web::test]
async fn sd_1_top_management_does_not_approve_its_own_plan() {
    on_both(|world| async move {
        let role = json!({
            "role": "isms_secretariat", "person_id": person(&world, TOP).await, "starts_on": "2024-04-01",
        });
        let proposed = create(&world, SECRETARY, "/v1/appointments", role).await.expect(201).header("location");
        take(&world, CHAIR, &proposed, "approval", Value::Null).await.expect(200);
        let path = drafted(&world, TOP, json!({})).await;
        take(&world, TOP, &path, "submission", Value::Null).await.expect(200);
        let refused = take(&world, TOP, &path, "approval", json!({ "reason": "急ぐ" })).await.expect(403);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("duty_separated".into(), &json!("SD-1")));
        assert_eq!(refused.json()["params"]["next_approver"][0]["name"], CHAIR);
        let open = read(&world, TOP, &path).await["allowed_actions"].clone();
        assert_eq!(open, json!(["return", "cancel"]), "approving is not offered");
    })
    .await;
}

#[actix_web::test]
async fn a_change_is_overdue_after_its_day_until_it_is_over() {
    on_both(|world| async move {
        let (waiting, given_up) =
            (drafted(&world, SECRETARY, json!({})).await, drafted(&world, SECRETARY, json!({})).await);
        let late = format!("{LIST}?overdue=true&sort=planned_on");
        world.wait(TimeDelta::days(29));
        assert_eq!(read(&world, SECRETARY, &late).await["items"], json!([]), "the planned day is in time");
        world.wait(TimeDelta::days(1));
        assert_eq!(read(&world, SECRETARY, &waiting).await["overdue"], true);
        assert_eq!(read(&world, SECRETARY, &late).await["items"].as_array().map(Vec::len), Some(2));

        let unexplained = take(&world, SECRETARY, &given_up, "cancellation", json!({ "reason": "" })).await;
        assert_eq!(unexplained.expect(422).faults(), [("/reason".to_owned(), "too_short".to_owned())]);
        let why = json!({ "reason": "開店を見送った" });
        let gone = take(&world, SECRETARY, &given_up, "cancellation", why).await.expect(200).json();
        assert_eq!((&gone["state"], &gone["cancellation_reason"]), (&json!("cancelled"), &json!("開店を見送った")));
        assert_eq!((&gone["overdue"], &gone["allowed_actions"]), (&json!(false), &json!([])));
        let seen = read(&world, SECRETARY, &late).await;
        assert_eq!(seen["items"].as_array().map(Vec::len), Some(1));
        let in_time = read(&world, SECRETARY, &format!("{LIST}?overdue=false")).await;
        assert_eq!(in_time["items"].as_array().map(Vec::len), Some(2), "the sample's and the cancelled one");
    })
    .await;
}

#[actix_web::test]
async fn every_faulty_field_is_named() {
    on_both(|world| async move {
        let nobody = "00000000-0000-7000-8000-000000000000";
        for (patch, pointer, code) in [
            (json!({ "purpose": "" }), "/purpose", "too_short"),
            (json!({ "planned_on": "2024-04" }), "/planned_on", "invalid_format"),
            (json!({ "planned_on": "3000-01-01" }), "/planned_on", "out_of_range"),
            (json!({ "source_record_id": "AUD-1" }), "/source_record_id", "invalid_format"),
            (json!({ "responsible_person_id": nobody }), "/responsible_person_id", "unknown_reference"),
            (json!({ "completion": null }), "/completion", "read_only_field"),
        ] {
            let refused = create(&world, SECRETARY, LIST, draft(&world, patch).await).await.expect(422);
            assert_eq!(refused.faults(), [(pointer.to_owned(), code.to_owned())]);
        }
        let refused = world.get(LIST).person("高橋 花").send().await.expect(403);
        assert_eq!(refused.code(), "not_granted", "no matter of every worker");
    })
    .await;
}
