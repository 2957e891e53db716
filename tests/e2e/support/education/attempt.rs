//! Attempts at tests: scored, repeated, kept, and read by whom they concern (R-16, SD-9, SD-12).

use serde_json::{Value, json};

use super::course::{AUDIT, CHAIR, KEY, MANAGER, TOP, TRAINER, WORKER, answers, but, enrolment, enrolment_id, open};
use crate::{
    harness::{Reply, World, on_both},
    planning::steps::{SECRETARY, create, read, take},
};

const LIST: &str = "/v1/test-attempts";

async fn start(world: &World, who: &str, enrolment: &str) -> Reply {
    create(world, who, LIST, json!({ "enrolment_id": enrolment })).await
}

/// The path of the test of the campaign at this path.
async fn test_of(world: &World, campaign: &str) -> String {
    format!("/v1/tests/{}", read(world, TRAINER, campaign).await["test_id"].as_str().expect("a test"))
}

/// Starts an attempt and sends these answers.
async fn sit(world: &World, who: &str, enrolment: &str, given: Value) -> Value {
    let path = start(world, who, enrolment).await.expect(201).header("location");
    take(world, who, &path, "submission", json!({ "answers": given })).await.expect(200).json()
}

#[actix_web::test]
async fn tst_1_to_4_and_6_it_is_taken_until_it_is_passed_and_every_attempt_is_kept() {
    on_both(|world| async move {
        let campaign = open(&world, &[WORKER, TRAINER], json!({})).await;
        let mine = enrolment_id(&world, &campaign, WORKER).await;
        let mut unanswered = KEY;
        unanswered[6] = "";
        let tries = [
            (but(&[(1, "a"), (10, "true")]), 80, "failed"),
            (but(&[(5, "a")]), 90, "failed"),
            (answers(&unanswered), 90, "failed"),
            (answers(&KEY), 100, "passed"),
        ];
        for (at, (given, score, state)) in tries.into_iter().enumerate() {
            let scored = sit(&world, WORKER, &mine, given).await;
            assert_eq!((&scored["score"], &scored["state"]), (&json!(score), &json!(state)), "TST-1, TST-2, TST-6");
            assert_eq!((&scored["number"], &scored["pass_score"]), (&json!(at + 1), &json!(100)));
            assert_eq!(scored["allowed_actions"], json!([]));
        }
        let kept = read(&world, WORKER, &format!("{LIST}?enrolment_id={mine}")).await;
        let scores: Vec<_> =
            kept["items"].as_array().expect("attempts").iter().map(|one| one["score"].clone()).collect();
        assert_eq!(scores, [80, 90, 90, 100], "TST-3");
        let done = enrolment(&world, &campaign, WORKER).await;
        assert_eq!((&done["state"], &done["completion"]["basis"]), (&json!("completed"), &json!("passed")));
        let again = start(&world, WORKER, &mine).await.expect(409);
        assert_eq!((again.code().as_str(), &again.json()["rule"]), ("wrong_state", &json!("R-16")), "TST-4");
        // Who wrote the test has completed it by that, and does not take it.
        let author = enrolment(&world, &campaign, TRAINER).await;
        assert_eq!(author["completion"]["basis"], "authorship");
        start(&world, TRAINER, author["id"].as_str().expect("an id")).await.expect(409);
    })
    .await;
}

#[actix_web::test]
async fn sd_12_a_submitted_attempt_does_not_change_and_one_is_under_way_at_a_time() {
    on_both(|world| async move {
        let campaign = open(&world, &[WORKER, AUDIT], json!({})).await;
        let mine = enrolment_id(&world, &campaign, WORKER).await;
        let path = start(&world, WORKER, &mine).await.expect(201).header("location");
        assert_eq!(enrolment(&world, &campaign, WORKER).await["state"], "studying");
        assert_eq!(start(&world, WORKER, &mine).await.expect(409).code(), "already_exists");
        // Nobody answers for somebody else, and nobody tries answers without its counting.
        let given = json!({ "answers": answers(&KEY) });
        assert_eq!(take(&world, AUDIT, &path, "submission", given.clone()).await.expect(403).code(), "outside_reach");
        assert_eq!(start(&world, AUDIT, &mine).await.expect(422).code(), "invalid");
        let rehearsed = take(&world, WORKER, &path, "submission?validate_only=true", given.clone()).await.expect(400);
        assert_eq!(rehearsed.code(), "unknown_parameter");
        let odd = json!({ "answers": [{ "number": 11, "answer": "a" }, { "number": 1, "answer": "true" }] });
        let refused = take(&world, WORKER, &path, "submission", odd).await.expect(422);
        let faults = [("/answers/0/number", "unknown_reference"), ("/answers/1/answer", "not_in_list")];
        assert_eq!(refused.faults(), faults.map(|(at, code)| (at.to_owned(), code.to_owned())));
        take(&world, WORKER, &path, "submission", json!({ "answers": [] })).await.expect(200);
        let late = take(&world, WORKER, &path, "submission", given).await.expect(409);
        assert_eq!((late.code().as_str(), &late.json()["rule"]), ("wrong_state", &json!("SD-12")));
        world.get(&path).person("林 一郎").send().await.expect(404);
        world.get(&path).person(MANAGER).send().await.expect(404);
    })
    .await;
}

#[actix_web::test]
async fn an_attempt_needs_an_open_campaign_with_a_test() {
    on_both(|world| async move {
        let campaign = open(&world, &[WORKER], json!({})).await;
        let mine = enrolment_id(&world, &campaign, WORKER).await;
        let used = test_of(&world, &campaign).await;
        let retirement = json!({ "retired_on": "2024-04-01", "reason": "翌年度版あり" });
        let refused = take(&world, TRAINER, &used, "retirement", retirement.clone()).await.expect(409);
        assert_eq!(refused.code(), "in_use");
        let path = start(&world, WORKER, &mine).await.expect(201).header("location");
        take(&world, TRAINER, &campaign, "closure", Value::Null).await.expect(200);
        let late = take(&world, WORKER, &path, "submission", json!({ "answers": answers(&KEY) })).await.expect(409);
        assert_eq!((late.code().as_str(), &late.json()["params"]["state"]), ("wrong_state", &json!("closed")));
        assert_eq!(start(&world, WORKER, &mine).await.expect(409).code(), "wrong_state");
        take(&world, TRAINER, &used, "retirement", retirement).await.expect(200);

        let without = open(&world, &[WORKER], json!({ "name": "朝礼での注意", "test_id": null })).await;
        let mine = enrolment_id(&world, &without, WORKER).await;
        let refused = start(&world, WORKER, &mine).await.expect(422);
        assert_eq!(refused.faults(), [("/enrolment_id".to_owned(), "unknown_reference".to_owned())]);
    })
    .await;
}

#[actix_web::test]
async fn a_failed_test_is_not_taken_again_where_the_campaign_says_so() {
    on_both(|world| async move {
        let campaign = open(&world, &[WORKER], json!({ "retake_until_pass": false })).await;
        let mine = enrolment_id(&world, &campaign, WORKER).await;
        sit(&world, WORKER, &mine, json!([])).await;
        assert_eq!(start(&world, WORKER, &mine).await.expect(409).code(), "wrong_state");
    })
    .await;
}

#[actix_web::test]
async fn scores_are_for_who_runs_and_audits_education_and_numbers_for_those_above() {
    on_both(|world| async move {
        let campaign = open(&world, &[WORKER, MANAGER, AUDIT, TRAINER], json!({})).await;
        let mine = enrolment_id(&world, &campaign, WORKER).await;
        sit(&world, WORKER, &mine, but(&[(5, "a")])).await;
        sit(&world, WORKER, &mine, answers(&KEY)).await;
        for who in [TRAINER, AUDIT] {
            let all = read(&world, who, &format!("{LIST}?enrolment_id={mine}")).await;
            assert_eq!((&all["items"][0]["person"]["name"], &all["items"][0]["score"]), (&json!(WORKER), &json!(90)));
        }
        // The manager of the department reads that somebody is done, and no score.
        assert_eq!(read(&world, MANAGER, &format!("{LIST}?enrolment_id={mine}")).await["items"], json!([]));
        let status = read(&world, MANAGER, &format!("/v1/enrolments/{mine}")).await;
        assert_eq!(status["state"], "completed");
        assert!(!status.to_string().contains("score"));
        let results = format!("{campaign}/test-results");
        for who in [TOP, CHAIR, SECRETARY, TRAINER, AUDIT] {
            let told = read(&world, who, &results).await;
            let counts =
                ["learners", "attempted", "passed", "passed_at_first", "attempts"].map(|name| told[name].clone());
            assert_eq!(counts, [3, 1, 1, 0, 2], "{who}");
            assert_eq!(told["pass_rate"], json!({ "part": 1, "whole": 3, "percent": "33.3" }));
            assert!(!told.to_string().contains(WORKER));
        }
        for who in [TOP, CHAIR, SECRETARY] {
            let theirs = read(&world, who, &format!("{LIST}?enrolment_id={mine}")).await;
            assert_eq!(theirs["items"], json!([]), "{who} reads the own attempts alone");
        }
        for who in [WORKER, MANAGER] {
            world.get(&results).person(who).send().await.expect(403);
        }
        world.get(&results).person("林 一郎").send().await.expect(404);
    })
    .await;
}

#[actix_web::test]
async fn sd_9_no_answer_tells_the_key_to_who_still_has_to_pass() {
    on_both(|world| async move {
        let learners = [WORKER, AUDIT, CHAIR, SECRETARY, MANAGER, TOP, TRAINER];
        let campaign = open(&world, &learners, json!({})).await;
        let mine = enrolment_id(&world, &campaign, WORKER).await;
        let scored = sit(&world, WORKER, &mine, answers(&KEY)).await;
        world.service.seal_all().await.expect("sealed");
        let test = test_of(&world, &campaign).await;
        let attempt = format!("{LIST}/{}", scored["id"].as_str().expect("an id"));
        let results = format!("{campaign}/test-results");
        // Some of them passed the sample's test, and may know its key.
        let attempts = format!("{LIST}?campaign_id={}", campaign.rsplit_once('/').expect("a path").1);
        let places = [
            "/v1/tests?q=決まりの確認",
            &test,
            &attempts,
            &attempt,
            &results,
            "/v1/enrolments?limit=200",
            &campaign,
            "/v1/events?limit=200&resource=test",
            "/v1/events?limit=200&resource=test_attempt",
            "/v1/events?limit=200&resource=training_record",
            "/v1/work-items?limit=200",
            "/v1/overview",
        ];
        // What the worker answered is the key: it must not be told either, nor which of it was right.
        let telling = ["correct_answer", "\"answer\":", "\"c\"", "\"correct\""];
        for who in [AUDIT, CHAIR, SECRETARY, MANAGER, TOP] {
            for place in places {
                let reply = world.get(place).person(who).send().await;
                assert!([200, 403, 404].contains(&reply.status.as_u16()), "{who} at {place}");
                let text = String::from_utf8_lossy(&reply.bytes).into_owned();
                assert!(telling.iter().all(|word| !text.contains(word)), "{who} at {place}: {text}");
            }
        }
        for who in [AUDIT, CHAIR, SECRETARY, MANAGER, TOP] {
            let page = read(&world, who, "/v1/learning").await;
            let courses = page["courses"].as_array().expect("courses");
            let course = courses.iter().find(|course| course["name"] == "春の教育").expect("the course").to_string();
            assert!(telling.iter().all(|word| !course.contains(word)), "{who}: {course}");
        }
        let export = world.get("/v1/events?format=csv").person(SECRETARY).send().await.expect(200);
        assert!(!String::from_utf8_lossy(&export.bytes).contains("correct_answer"));
        // Who passed reads it, and the answers of others where they may read attempts.
        let theirs = enrolment_id(&world, &campaign, AUDIT).await;
        sit(&world, AUDIT, &theirs, answers(&KEY)).await;
        let (shown, others) = (read(&world, AUDIT, &test).await, read(&world, AUDIT, &attempt).await);
        assert_eq!((&shown["key_shown"], &shown["questions"][0]["correct_answer"]), (&json!(true), &json!("c")));
        assert_eq!(others["answers"][0], json!({ "number": 1, "answer": "c" }));
        // They have to pass it again: not any more.
        take(&world, TRAINER, &campaign, "closure", Value::Null).await.expect(200);
        let same = test.rsplit_once('/').expect("a path").1;
        open(&world, &[AUDIT], json!({ "name": "秋の教育", "test_id": same })).await;
        assert_eq!(read(&world, AUDIT, &test).await["key_shown"], false);
        assert_eq!(read(&world, AUDIT, &attempt).await["answers"], Value::Null);
    })
    .await;
}
