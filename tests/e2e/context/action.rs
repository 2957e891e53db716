//! Actions to address risks and opportunities (6.1.1).

use serde_json::{Value, json};

use crate::{
    harness::{World, on_both},
    planning::steps::{SECRETARY, change, create, id_of, person, read, take},
};

const WORKER: &str = "高橋 花";
/// Training manager.
const TRAINER: &str = "木村 拓";
const LIST: &str = "/v1/context-actions";

/// An action on the first issue; `patch` replaces fields of it.
async fn draft(world: &World, patch: Value) -> Value {
    let mut draft = json!({
        "issue_id": world.first_id("/v1/context-issues").await, "addresses": "risk", "action": "訓練を行う",
        "responsible_person_id": person(world, WORKER).await, "due_on": "2024-05-31",
    });
    for (name, value) in patch.as_object().into_iter().flatten() {
        draft[name] = value.clone();
    }
    draft
}

async fn planned(world: &World, patch: Value) -> String {
    create(world, SECRETARY, LIST, draft(world, patch).await).await.expect(201).header("location")
}

#[actix_web::test]
async fn an_action_is_carried_out_by_who_is_responsible_and_judged_by_the_secretariat() {
    on_both(|world| async move {
        let path = planned(&world, json!({})).await;
        let made = read(&world, WORKER, &path).await;
        assert_eq!(made["subject"], "個人情報と機密情報を狙う攻撃や新しい脅威から守ること");
        assert_eq!(made["allowed_actions"], json!(["complete"]), "their own");
        assert_eq!(read(&world, WORKER, LIST).await["items"].as_array().map(Vec::len), Some(1), "no other");
        let waiting = read(&world, WORKER, "/v1/work-items").await;
        let mut waiting = waiting["items"].as_array().into_iter().flatten();
        assert!(waiting.any(|item| item["path"] == path.as_str() && item["due_on"] == "2024-05-31"));

        world.wait(chrono::TimeDelta::days(61));
        assert_eq!(read(&world, SECRETARY, &path).await["overdue"], true);
        let late = read(&world, SECRETARY, &format!("{LIST}?overdue=true&q=訓練を行う")).await;
        assert_eq!(late["items"].as_array().map(Vec::len), Some(1));

        let done = json!({ "done_on": "2024-06-01", "result": "30名が受けた" });
        let early = json!({ "evaluated_on": "2024-06-01", "effective": true });
        let refused = take(&world, SECRETARY, &path, "effectiveness", early).await.expect(409);
        assert_eq!(refused.code(), "wrong_state", "not before it is done");
        let done = take(&world, WORKER, &path, "completion", done).await.expect(200).json();
        assert_eq!((&done["state"], &done["overdue"]), (&json!("done"), &json!(false)));
        let before_it = json!({ "evaluated_on": "2024-05-31", "effective": true });
        let refused = take(&world, SECRETARY, &path, "effectiveness", before_it).await.expect(422);
        assert_eq!(refused.faults(), [("/evaluated_on".to_owned(), "date_order".to_owned())]);
        let no_reason = json!({ "evaluated_on": "2024-06-01", "effective": false });
        let refused = take(&world, SECRETARY, &path, "effectiveness", no_reason).await.expect(422);
        assert_eq!(refused.faults(), [("/remarks".to_owned(), "required_here".to_owned())]);
        let judged = json!({ "evaluated_on": "2024-06-01", "effective": true });
        assert_eq!(
            take(&world, WORKER, &path, "effectiveness", judged.clone()).await.expect(403).code(),
            "not_granted"
        );
        let judged = take(&world, SECRETARY, &path, "effectiveness", judged).await.expect(200).json();
        assert_eq!(judged["effectiveness"]["evaluated_by"]["name"], SECRETARY);
        assert_eq!(
            change(&world, SECRETARY, &path, json!({ "remarks": "後から" })).await.expect(409).code(),
            "wrong_state"
        );
    })
    .await;
}

#[actix_web::test]
async fn an_action_answers_one_issue_or_one_requirement_that_is_there() {
    on_both(|world| async move {
        let party = id_of(&world, SECRETARY, "/v1/interested-parties", "name", "従業員").await;
        let of_party =
            json!({ "issue_id": null, "party_id": party, "requirement_number": 2, "addresses": "opportunity" });
        let path = planned(&world, of_party).await;
        assert_eq!(read(&world, SECRETARY, &path).await["subject"], "従業員: 仕事に要る情報を必要なときに使えること");
        let nobody = "0190b2a0-0000-7000-8000-000000000001";
        for (patch, pointer, code) in [
            (json!({ "issue_id": null }), "/issue_id", "exactly_one"),
            (json!({ "issue_id": nobody }), "/issue_id", "unknown_reference"),
            (json!({ "requirement_number": 1 }), "/requirement_number", "contradiction"),
            (json!({ "issue_id": null, "party_id": party }), "/requirement_number", "required_here"),
            (
                json!({ "issue_id": null, "party_id": nobody, "requirement_number": 1 }),
                "/party_id",
                "unknown_reference",
            ),
            (
                json!({ "issue_id": null, "party_id": party, "requirement_number": 9 }),
                "/requirement_number",
                "unknown_reference",
            ),
            (json!({ "responsible_person_id": nobody }), "/responsible_person_id", "unknown_reference"),
            (json!({ "link": { "resource": "objective", "id": nobody } }), "/link/id", "unknown_reference"),
        ] {
            let refused = create(&world, SECRETARY, LIST, draft(&world, patch).await).await.expect(422);
            assert_eq!(refused.faults(), [(pointer.to_owned(), code.to_owned())]);
        }
        // It goes on in an objective of the organization.
        let objective = world.first_id("/v1/objectives").await;
        let link = json!({ "link": { "resource": "objective", "id": objective } });
        let linked = change(&world, SECRETARY, &path, link).await.expect(200).json();
        assert_eq!(linked["link"]["id"], json!(objective));
        // A requirement that was dropped leaves its action readable, and the party's name.
        let party = format!("/v1/interested-parties/{party}");
        let mut requirements = read(&world, SECRETARY, &party).await["requirements"].clone();
        requirements.as_array_mut().expect("requirements").remove(1);
        change(&world, SECRETARY, &party, json!({ "requirements": requirements })).await.expect(200);
        assert_eq!(read(&world, SECRETARY, &path).await["subject"], "従業員");
        take(&world, SECRETARY, &path, "cancellation", json!({ "reason": "要求がなくなった" })).await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn only_the_responsible_person_and_those_who_run_the_isms_complete_an_action() {
    on_both(|world| async move {
        let path = planned(&world, json!({ "responsible_person_id": person(&world, TRAINER).await })).await;
        world.get(&path).person(WORKER).send().await.expect(404);
        let done = json!({ "done_on": "2024-04-01", "result": "済み" });
        // Managers read all actions, and carry out their own.
        let refused = take(&world, "小林 恵", &path, "completion", done.clone()).await.expect(403);
        assert_eq!(refused.code(), "outside_reach");
        take(&world, TRAINER, &path, "completion", done).await.expect(200);
    })
    .await;
}
