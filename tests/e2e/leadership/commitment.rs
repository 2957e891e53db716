//! Leadership commitments (D15; SD-5, SD-12).

use serde_json::{Value, json};

use super::steps::{CHAIR, SECRETARY, TOP, WORKER, change, commitment, person, read, take};
use crate::harness::on_both;

const LIST: &str = "/v1/leadership-commitments";

#[actix_web::test]
async fn all_eight_are_there_before_anything_is_recorded() {
    on_both(|world| async move {
        let small = read(&world, "林 一郎", LIST).await;
        let items = small["items"].as_array().cloned().unwrap_or_default();
        assert_eq!(items.len(), 8);
        for (number, item) in (1..).zip(&items) {
            assert_eq!(
                (&item["number"], &item["state"], &item["revision"]),
                (&json!(number), &json!("open"), &json!(1))
            );
            assert_eq!((&item["evidence"], &item["sign_off"]), (&json!(""), &Value::Null));
            assert_eq!(item["allowed_actions"], json!(["revise"]), "to the secretariat");
        }
        assert_eq!(read(&world, "林 一郎", LIST).await, small, "under ids that stay");
        let first = read(&world, SECRETARY, LIST).await;
        assert_eq!(first["items"].as_array().map(Vec::len), Some(8));
        assert_ne!(first["items"][0]["id"], small["items"][0]["id"]);
        let shown = read(&world, SECRETARY, &format!("{LIST}?state=shown&include_total=true")).await;
        assert_eq!((&shown["total"], &shown["items"][0]["number"]), (&json!(2), &json!(4)));
        let found = read(&world, SECRETARY, &format!("{LIST}?q=多要素認証")).await;
        assert_eq!((found["items"].as_array().map(Vec::len), &found["items"][0]["number"]), (Some(1), &json!(3)));
        let theirs = format!("{LIST}/{}", small["items"][0]["id"].as_str().expect("an id"));
        world.get(&theirs).person(SECRETARY).send().await.expect(404);
    })
    .await;
}

#[actix_web::test]
async fn sd_5_the_secretariat_records_and_top_management_alone_approves() {
    on_both(|world| async move {
        let path = commitment(&world, SECRETARY, 2).await;
        let early = take(&world, TOP, &path, "approval", json!({})).await.expect(409);
        assert_eq!(early.code(), "not_ready");
        assert_eq!(early.faults(), [("/evidence".to_owned(), "required".to_owned())]);

        let evidence = json!({ "evidence": "受注の手順書に確認の手順を入れた", "reviewed_on": "2024-03-29" });
        let recorded = change(&world, SECRETARY, &path, evidence.clone()).await.expect(200).json();
        assert_eq!((&recorded["state"], &recorded["revision"]), (&json!("shown"), &json!(2)));
        assert_eq!(recorded["sign_off"]["prepared"]["name"], SECRETARY);
        assert_eq!(read(&world, TOP, &path).await["allowed_actions"], json!(["approve"]));
        for who in [SECRETARY, CHAIR, WORKER] {
            let refused = take(&world, who, &path, "approval", json!({})).await.expect(403);
            assert_eq!(refused.code(), "not_granted", "{who}");
        }
        let approved = take(&world, TOP, &path, "approval", json!({})).await.expect(200).json();
        assert_eq!((&approved["state"], &approved["sign_off"]["approved"]["name"]), (&json!("approved"), &json!(TOP)));

        let refused = change(&world, SECRETARY, &path, json!({ "evidence": "別のこと" })).await.expect(409);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("wrong_state".into(), &json!("SD-12")));
        let again = take(&world, TOP, &path, "approval", json!({})).await.expect(409);
        assert_eq!(again.code(), "wrong_state");
        let reopened = take(&world, SECRETARY, &path, "reopening", json!({ "reason": "年次の見直し" })).await;
        let reopened = reopened.expect(200).json();
        assert_eq!((&reopened["state"], &reopened["evidence"]), (&json!("shown"), &evidence["evidence"]));
        assert_eq!(reopened["sign_off"]["returned"]["reason"], "年次の見直し");
        take(&world, TOP, &path, "approval", json!({})).await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn sd_5_top_management_does_not_approve_what_it_recorded_itself() {
    on_both(|world| async move {
        let person = person(&world, TOP).await;
        let role = json!({ "role": "isms_secretariat", "person_id": person, "starts_on": "2024-04-01" });
        let proposed = world.post("/v1/appointments").person(SECRETARY).json(role).send().await.expect(201);
        take(&world, CHAIR, &proposed.header("location"), "approval", Value::Null).await.expect(200);
        let path = commitment(&world, SECRETARY, 5).await;
        let recorded = change(&world, TOP, &path, json!({ "evidence": "成果を毎月見ている" })).await.expect(200);
        assert_eq!(recorded.json()["allowed_actions"], json!(["revise"]));
        let refused = take(&world, TOP, &path, "approval", json!({ "reason": "急ぐ" })).await.expect(403);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("duty_separated".into(), &json!("SD-5")));
        change(&world, SECRETARY, &path, json!({ "evidence": "経営会議の記録" })).await.expect(200);
        take(&world, TOP, &path, "approval", json!({})).await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn a_record_is_read_and_changed_as_every_other() {
    on_both(|world| async move {
        let path = commitment(&world, SECRETARY, 6).await;
        let read_first = world.get(&path).person(SECRETARY).send().await.expect(200);
        let send = |patch: Value| world.patch(&path).person(SECRETARY).json(patch);
        let evidence = json!({ "evidence": "相談の窓口を置いた" });
        send(evidence.clone()).send().await.expect(428);
        send(evidence.clone()).header("if-match", "\"9\"").send().await.expect(412);
        let refused = send(json!({ "state": "approved" })).having_read(&read_first).send().await.expect(422);
        assert_eq!(refused.faults(), [("/state".to_owned(), "read_only_field".to_owned())]);
        let refused = send(json!({ "nonsense": 1 })).having_read(&read_first).send().await.expect(422);
        assert_eq!(refused.faults(), [("/nonsense".to_owned(), "unknown_field".to_owned())]);
        let refused = send(json!({ "reviewed_on": "2024-04-02" })).having_read(&read_first).send().await.expect(422);
        assert_eq!(refused.faults(), [("/reviewed_on".to_owned(), "future_date".to_owned())]);
        let refused = world.patch(&path).person(WORKER).having_read(&read_first).json(evidence.clone()).send().await;
        refused.expect(403);
        let rehearsed = world.patch(format!("{path}?validate_only=true")).person(SECRETARY).having_read(&read_first);
        let rehearsed = rehearsed.json(evidence.clone()).send().await.expect(200).json();
        assert_eq!((&rehearsed["revision"], &rehearsed["state"]), (&json!(2), &json!("shown")));
        let same = world.get(&path).person(SECRETARY).send().await.expect(200);
        assert_eq!(same.bytes, read_first.bytes, "refused, rehearsed and yet changed");

        let done = send(evidence.clone()).having_read(&read_first).send().await.expect(200);
        assert_ne!(done.header("etag"), read_first.header("etag"));
        send(evidence).having_read(&read_first).send().await.expect(412);
        let cleared = send(json!({ "evidence": null })).having_read(&done).send().await.expect(200).json();
        assert_eq!(
            (&cleared["state"], &cleared["sign_off"], &cleared["revision"]),
            (&json!("open"), &Value::Null, &json!(3))
        );
        assert!(world.service.seal_all().await.is_ok());
        let events = format!("/v1/events?record={}", done.id());
        let events = read(&world, SECRETARY, &events).await["items"].as_array().cloned().unwrap_or_default();
        let kinds: Vec<&Value> = events.iter().map(|event| &event["kind"]).collect();
        assert_eq!(kinds, ["refused", "changed", "changed"], "one event each");
        assert_eq!((&events[1]["before"]["revision"], &events[1]["after"]["revision"]), (&json!(1), &json!(2)));
    })
    .await;
}
