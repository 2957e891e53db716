//! Management reviews after the first one: inputs, outputs, approval by top management alone, instructions (R-20, R-21, SD-5,
//! MRV-2 to MRV-7).

use serde_json::{Value, json};

use crate::{
    harness::{World, on_both},
    planning::steps::{SECRETARY, change, create, person, read, take},
};

const TOP: &str = "青木 健一";
const CHAIR: &str = "石田 洋子";
const AUDITOR: &str = "大野 誠";
const WORKER: &str = "高橋 花";
pub(super) const LIST: &str = "/v1/management-reviews";

/// All inputs but the first one.
pub(crate) fn inputs() -> Value {
    let said = "変化なし";
    json!({
        "issue_changes": said, "interested_party_changes": said, "feedback": said, "risk_status": said,
        "performance": { "nonconformities": said, "monitoring": said, "audit_results": said, "objectives": said },
        "improvement_proposals": said,
    })
}

/// A review that the secretariat plans, with all inputs written.
async fn ready(world: &World) -> String {
    let mut inputs = inputs();
    inputs["previous_actions"] = json!("3件のうち1件が完了");
    let draft = json!({ "planned_on": "2024-04-10", "inputs": inputs });
    create(world, SECRETARY, LIST, draft).await.expect(201).header("location")
}

/// What is written about a meeting of these people today.
async fn meeting(world: &World, people: &[&str]) -> Value {
    let mut ids = Vec::new();
    for name in people {
        ids.push(person(world, name).await);
    }
    json!({ "held_on": "2024-04-01", "time_from": "10:00", "time_to": "11:00", "attendee_ids": ids })
}

#[actix_web::test]
async fn mrv_2_3_a_review_is_held_only_with_all_inputs_and_top_management() {
    on_both(|world| async move {
        let mut written = inputs();
        written["performance"]["audit_results"] = json!("");
        let draft = json!({ "planned_on": "2024-04-10", "inputs": written });
        let made = create(&world, SECRETARY, LIST, draft).await.expect(201);
        let path = made.header("location");
        assert_eq!((&made.json()["state"], &made.json()["is_first"]), (&json!("planned"), &json!(false)));
        let refused = take(&world, SECRETARY, &path, "holding", meeting(&world, &[TOP]).await).await.expect(409);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("not_ready".into(), &json!("R-20")));
        let missing = ["/inputs/previous_actions", "/inputs/performance/audit_results"];
        assert_eq!(refused.faults(), missing.map(|at| (at.to_owned(), "required".to_owned())));

        // The audit manager writes the part on audits; a patch goes into it.
        let audits =
            json!({ "inputs": { "previous_actions": "完了", "performance": { "audit_results": "不適合なし" } } });
        let full = change(&world, AUDITOR, &path, audits).await.expect(200).json();
        assert_eq!((&full["state"], &full["inputs"]["feedback"]), (&json!("inputs_ready"), &json!("変化なし")));
        let without = take(&world, SECRETARY, &path, "holding", meeting(&world, &[CHAIR]).await).await.expect(422);
        assert_eq!((without.faults()[0].0.as_str(), &without.json()["rule"]), ("/attendee_ids", &json!("R-20")));
        let mut later = meeting(&world, &[TOP]).await;
        later["held_on"] = json!("2024-04-02");
        take(&world, SECRETARY, &path, "holding", later).await.expect(422);
        let held = take(&world, SECRETARY, &path, "holding", meeting(&world, &[TOP, CHAIR]).await).await.expect(200);
        let held = held.json();
        assert_eq!((&held["state"], &held["next_due_on"]), (&json!("held"), &json!("2025-04-01")));
        assert_eq!(held["held"]["attendees"][0]["posts"], json!(["top_management"]));
        let refused = change(&world, SECRETARY, &path, json!({ "remarks": "後から" })).await.expect(409);
        assert_eq!(refused.json()["rule"], "SD-12");
        take(&world, SECRETARY, &path, "voiding", json!({ "reason": "取り消す" })).await.expect(409);
    })
    .await;
}

#[actix_web::test]
async fn mrv_7_what_is_known_is_kept_when_the_review_is_held() {
    on_both(|world| async move {
        let path = ready(&world).await;
        let inputs = format!("{path}/inputs");
        let before = read(&world, TOP, &inputs).await;
        assert_eq!(before["kept"], false);
        let instructions = before["previous_actions"].as_array().cloned().unwrap_or_default();
        assert_eq!(instructions.len(), 3, "every instruction that is open, and what became of the other");
        assert_eq!(instructions[1]["progress"], "事例を8件集め、教材の案ができた");
        let issue = json!({ "issue_type": "external", "issue": "電力の逼迫", "risk": "停電", "opportunity": "節電" });
        create(&world, SECRETARY, "/v1/context-issues", issue).await.expect(201);
        let alike = read(&world, CHAIR, &inputs).await;
        assert_eq!(
            alike["issue_changes"],
            json!([{ "interested_party": null, "text": "電力の逼迫", "risk": "停電",
            "opportunity": "節電", "movement": "new" }])
        );
        assert_eq!(alike["interested_party_changes"], json!([]));

        // Input 6: what is listed, finished and unfinished with its planned dates.
        let risks = &alike["risk_status"];
        let unfinished = risks["unfinished"].as_array().cloned().unwrap_or_default();
        let listed = risks["listed"].as_u64().zip(risks["finished"].as_u64());
        assert_eq!(listed.map(|(listed, finished)| listed - finished), u64::try_from(unfinished.len()).ok());
        assert!(unfinished.iter().all(|item| item["planned_end"].is_string()), "{risks}");
        assert_eq!(alike["objectives"]["pursued"], 1);
        assert_eq!(alike["feedback"].as_array().map(Vec::len), Some(2));
        assert_eq!(alike["measurements"].as_array().map(Vec::len), Some(3));
        let work = read(&world, SECRETARY, "/v1/work-items?assignee=everybody&include_total=true").await;
        assert_eq!(alike["work"]["waiting"], work["total"]);

        take(&world, SECRETARY, &path, "holding", meeting(&world, &[TOP]).await).await.expect(200);
        let kept = read(&world, TOP, &inputs).await;
        assert_eq!(kept["kept"], true);
        let issue =
            json!({ "issue_type": "internal", "issue": "人の入れ替わり", "risk": "忘れる", "opportunity": "学ぶ" });
        create(&world, SECRETARY, "/v1/context-issues", issue).await.expect(201);
        assert_eq!(read(&world, TOP, &inputs).await, kept, "as it stood");
        let next = ready(&world).await;
        let since = read(&world, TOP, &format!("{next}/inputs")).await;
        assert_eq!(since["issue_changes"][0]["text"], "人の入れ替わり", "only what moved since then");
        assert_eq!(since["issue_changes"].as_array().map(Vec::len), Some(1));
    })
    .await;
}

#[actix_web::test]
async fn mrv_4_5_top_management_alone_approves_and_its_instructions_are_followed() {
    on_both(|world| async move {
        let path = ready(&world).await;
        let early = take(&world, SECRETARY, &path, "outputs", json!({})).await.expect(409);
        assert_eq!(early.code(), "wrong_state");
        take(&world, SECRETARY, &path, "holding", meeting(&world, &[TOP]).await).await.expect(200);
        take(&world, TOP, &path, "approval", json!({})).await.expect(409);
        let half = json!({ "improvement_instructions": [] });
        take(&world, SECRETARY, &path, "outputs", half).await.expect(200);
        let refused = take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(409);
        assert_eq!((refused.code(), refused.faults()[0].0.as_str()), ("not_ready".into(), "/outputs/isms_change_instructions"));
        let nobody = json!({ "improvement_instructions": [],
            "isms_change_instructions": [{ "instruction": "改める", "responsible_person_id": path.rsplit('/').next(), "due_on": "2024-09-30" }] });
        let refused = take(&world, SECRETARY, &path, "outputs", nobody).await.expect(422);
        assert_eq!(refused.faults()[0].0, "/isms_change_instructions/0/responsible_person_id");
        let outputs = json!({ "improvement_instructions": [],
            "isms_change_instructions": [{ "instruction": "範囲を広げる", "responsible_person_id": person(&world, WORKER).await, "due_on": "2024-09-30" }] });
        take(&world, SECRETARY, &path, "outputs", outputs.clone()).await.expect(200);
        take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
        let ahead = ready(&world).await;
        let refused = take(&world, SECRETARY, &ahead, "holding", meeting(&world, &[TOP]).await).await.expect(409);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("rule_violated".into(), &json!("R-20")), "its instructions");

        let refused = take(&world, CHAIR, &path, "approval", json!({})).await.expect(403);
        assert_eq!(refused.code(), "not_granted", "SD-5");
        let back = take(&world, TOP, &path, "return", json!({ "reason": "期限を早める" })).await.expect(200).json();
        assert_eq!((&back["state"], &back["sign_off"]["state"]), (&json!("held"), &json!("returned")));
        take(&world, SECRETARY, &path, "outputs", outputs).await.expect(200);
        take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
        let approved = take(&world, TOP, &path, "approval", json!({})).await.expect(200).json();
        assert_eq!((&approved["state"], &approved["communication_due_on"]), (&json!("approved"), &json!("2024-04-08")));
        let mine = read(&world, WORKER, "/v1/review-actions").await;
        assert_eq!((&mine["items"][0]["instruction"], &mine["items"][0]["number"]), (&json!("範囲を広げる"), &json!(4)));

        // Everybody reads it once it was communicated; what is known of others' records they do not.
        world.get(path.as_str()).person(WORKER).send().await.expect(404);
        let told = json!({ "communicated_on": "2024-04-01", "means": "朝礼" });
        take(&world, CHAIR, &path, "communication", told.clone()).await.expect(403);
        let told = take(&world, SECRETARY, &path, "communication", told).await.expect(200).json();
        assert_eq!(told["communicated"]["in_time"], true);
        assert_eq!(read(&world, WORKER, &path).await["state"], "communicated");
        world.get(format!("{path}/inputs")).person(WORKER).send().await.expect(403);
        take(&world, SECRETARY, &path, "closure", Value::Null).await.expect(200);

        // The next review takes up every instruction that is still open, of whichever review.
        let next = ready(&world).await;
        let known = read(&world, TOP, &format!("{next}/inputs")).await;
        let numbers: Vec<Value> =
            known["previous_actions"].as_array().into_iter().flatten().map(|one| one["number"].clone()).collect();
        assert!([2, 3, 4].iter().all(|number| numbers.contains(&json!(number))), "{numbers:?}");
    })
    .await;
}
