//! Learning without a password: three calls with a personal link, and nothing beside them (issue C, 3).

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::course::{AUDIT, KEY, MANAGER, TRAINER, WORKER, answers, but, enrolment, enrolment_id, open};
use crate::{
    harness::{Reply, World, on_both},
    planning::steps::{SECRETARY, change, person, read, take},
};

const TEXT: &str = "# ハンドブック\n書類は施錠して保管する。\n";

/// A new link to an enrolment.
async fn link(world: &World, enrolment: &str) -> String {
    let path = format!("/v1/enrolments/{enrolment}/learning-link");
    let made = world.post(path).person(TRAINER).send().await.expect(201).json();
    made["token"].as_str().expect("a token").to_owned()
}

/// A material for the campaign at this path.
async fn material(world: &World, campaign: &str) -> String {
    let path = format!("{campaign}/materials?name=handbook.md");
    world.post(path).person(TRAINER).bytes("text/markdown", TEXT).send().await.expect(201).id()
}

/// Sends answers by a link.
async fn answer(world: &World, token: &str, enrolment: &str, given: Value) -> Reply {
    let body = json!({ "enrolment_id": enrolment, "answers": given });
    world.post("/v1/learning/attempts").token(token).json(body).send().await
}

#[actix_web::test]
async fn a_learner_needs_a_link_and_three_calls() {
    on_both(|world| async move {
        let survey = json!([{ "text": "分かりやすかったか", "kind": "scale" }]);
        let campaign = open(&world, &[WORKER, AUDIT], json!({ "survey": survey })).await;
        let file = material(&world, &campaign).await;
        let mine = enrolment_id(&world, &campaign, WORKER).await;
        let token = link(&world, &mine).await;

        let page = world.get("/v1/learning").token(&token).send().await.expect(200).json();
        assert_eq!((&page["person"]["name"], page["courses"].as_array().map(Vec::len)), (&json!(WORKER), Some(1)));
        let course = &page["courses"][0];
        assert_eq!((&course["name"], &course["period_end"]), (&json!("春の教育"), &json!("2024-04-30")));
        assert_eq!((&course["enrolment"]["id"], &course["enrolment"]["state"]), (&json!(mine), &json!("invited")));
        assert_eq!(course["test"]["questions"].as_array().map(Vec::len), Some(10));
        assert_eq!((&course["materials"][0]["id"], &course["survey"]), (&json!(file), &survey_as_read()));
        assert!(!page.to_string().contains("correct_answer"), "TST-7");

        let path = format!("/v1/learning/materials/{file}");
        let read = world.get(&path).token(&token).send().await.expect(200);
        assert_eq!(read.bytes, TEXT.as_bytes());
        assert_eq!(enrolment(&world, &campaign, WORKER).await["state"], "studying");

        let failed = answer(&world, &token, &mine, but(&[(5, "a")])).await.expect(201).json();
        assert_eq!((&failed["state"], &failed["score"], &failed["number"]), (&json!("failed"), &json!(90), &json!(1)));
        assert!(!failed.to_string().contains("correct"));
        let passed = answer(&world, &token, &mine, answers(&KEY)).await.expect(201);
        assert_eq!((&passed.json()["state"], &passed.json()["number"]), (&json!("passed"), &json!(2)));
        world.get(passed.header("location")).token(&token).send().await.expect(200);
        assert_eq!(answer(&world, &token, &mine, answers(&KEY)).await.expect(409).code(), "wrong_state");
        assert_eq!(enrolment(&world, &campaign, WORKER).await["state"], "completed");

        let done = world.get("/v1/learning").token(&token).send().await.expect(200).json();
        let course = &done["courses"][0];
        assert_eq!(course["attempts"].as_array().map(Vec::len), Some(2));
        assert_eq!(course["test"]["questions"][0]["correct_answer"], "c", "who passed learns from it");
        let revision = format!("\"{}\"", course["enrolment"]["revision"]);
        let said = json!({ "answers": [{ "number": 1, "value": 5 }] });
        let survey = world.post(format!("/v1/enrolments/{mine}/survey-answers")).token(&token);
        let answered = survey.header("if-match", revision).json(said).send().await.expect(200).json();
        assert_eq!(answered["survey_answered"], true);

        // Whoever did it is in the trail, and the link is not.
        world.service.seal_all().await.expect("sealed");
        let events = read_events(&world).await;
        let sent: Vec<&Value> = events.iter().filter(|event| event["operation"] == "answer_test").collect();
        assert!(sent.iter().all(|event| event["actor"] == WORKER && event["principal_id"] == Value::Null));
        assert!(sent.len() >= 4, "{sent:?}");
        let made = events.iter().find(|event| event["resource"] == "learning_link").expect("the link's event");
        assert_eq!((&made["record_id"], &made["actor"]), (&json!(mine), &json!(TRAINER)));
        assert!(!json!(events).to_string().contains("mamori_learn_"));
    })
    .await;
}

fn survey_as_read() -> Value {
    json!([{ "text": "分かりやすかったか", "kind": "scale", "choices": [] }])
}

async fn read_events(world: &World) -> Vec<Value> {
    let mut events = Vec::new();
    loop {
        let after = events.last().map_or(json!(0), |last: &Value| last["sequence"].clone());
        let page = read(world, SECRETARY, &format!("/v1/events?limit=200&after={after}")).await;
        let items = page["items"].as_array().cloned().unwrap_or_default();
        if items.is_empty() {
            return events;
        }
        events.extend(items);
    }
}

#[actix_web::test]
async fn a_link_opens_nothing_else() {
    on_both(|world| async move {
        let campaign = open(&world, &[WORKER, AUDIT], json!({})).await;
        let other = open(&world, &[WORKER, AUDIT], json!({ "name": "別の教育" })).await;
        let elsewhere = material(&world, &other).await;
        let mine = enrolment_id(&world, &campaign, WORKER).await;
        let token = link(&world, &mine).await;
        // Other operations do not know it.
        let own = format!("/v1/enrolments/{mine}");
        for path in ["/v1/me", "/v1/tests", "/v1/persons", "/v1/test-attempts", "/v1/enrolments", &own, &campaign] {
            assert_eq!(world.get(path).token(&token).send().await.expect(401).code(), "unauthenticated", "{path}");
        }
        world.post(format!("{own}/learning-link")).token(&token).send().await.expect(401);
        // Neither other people nor other campaigns of the same person.
        let theirs = enrolment_id(&world, &campaign, AUDIT).await;
        let second = enrolment_id(&world, &other, WORKER).await;
        for enrolment in [&theirs, &second] {
            let refused = answer(&world, &token, enrolment, answers(&KEY)).await.expect(422);
            assert_eq!(refused.faults(), [("/enrolment_id".to_owned(), "unknown_reference".to_owned())]);
            let start = world.post(format!("/v1/enrolments/{enrolment}/start")).token(&token);
            start.header("if-match", "\"1\"").send().await.expect(404);
        }
        world.get(format!("/v1/learning/materials/{elsewhere}")).token(&token).send().await.expect(404);
        let page = world.get("/v1/learning").token(&token).send().await.expect(200).json();
        assert_eq!(page["courses"].as_array().map(Vec::len), Some(1));
        // With the own login all of them are there.
        let page = read(&world, WORKER, "/v1/learning").await;
        let names: Vec<_> = page["courses"].as_array().expect("courses").iter().map(|course| &course["name"]).collect();
        assert!(["春の教育", "別の教育"].iter().all(|name| names.contains(&&json!(name))), "{names:?}");
        world.get(format!("/v1/learning/materials/{elsewhere}")).person(WORKER).send().await.expect(200);
        world.get(format!("/v1/learning/materials/{elsewhere}")).person(MANAGER).send().await.expect(404);
        // A link that was tampered with is none, and nobody else makes one.
        let (head, tail) = token.split_at(token.len() - 10);
        let forged = format!("{head}{}", tail.chars().rev().collect::<String>());
        world.get("/v1/learning").token(&forged).send().await.expect(401);
        for (who, status) in [(WORKER, 403), (MANAGER, 403), ("林 一郎", 404)] {
            world.post(format!("{own}/learning-link")).person(who).send().await.expect(status);
        }
    })
    .await;
}

#[actix_web::test]
async fn a_link_ends_with_the_campaign_the_work_and_the_next_link() {
    on_both(|world| async move {
        let campaign = open(&world, &[WORKER, AUDIT, MANAGER], json!({})).await;
        let mine = enrolment_id(&world, &campaign, WORKER).await;
        let first = link(&world, &mine).await;
        let second = link(&world, &mine).await;
        let opens = async |token: &str| world.get("/v1/learning").token(token).send().await.status.as_u16();
        assert_eq!((opens(&first).await, opens(&second).await), (401, 200), "a new link replaces the old one");
        let path = format!("/v1/enrolments/{mine}/learning-link");
        let keyed =
            async || world.post(&path).person(TRAINER).header("idempotency-key", "once").send().await.expect(201);
        let (made, again) = (keyed().await.json(), keyed().await);
        assert_eq!((&made["expires_on"], again.json().get("token")), (&json!("2024-04-30"), None), "shown once");
        let token = made["token"].as_str().expect("a token").to_owned();

        world.wait(TimeDelta::days(29));
        assert_eq!(opens(&token).await, 200, "on the last day");
        world.wait(TimeDelta::days(1));
        assert_eq!(opens(&token).await, 401, "after it");
        assert_eq!(world.post(&path).person(TRAINER).send().await.expect(409).code(), "not_ready");
        let longer = json!({ "period_end": "2024-05-31", "reason": "未修了者がいる" });
        take(&world, TRAINER, &campaign, "extension", longer).await.expect(200);
        assert_eq!(opens(&token).await, 200, "the same link, as the period became longer");

        let theirs = link(&world, &enrolment_id(&world, &campaign, MANAGER).await).await;
        let leaving = format!("/v1/persons/{}", person(&world, MANAGER).await);
        change(&world, SECRETARY, &leaving, json!({ "left_on": "2024-05-01" })).await.expect(200);
        assert_eq!(opens(&theirs).await, 200, "on the last day of work");
        world.wait(TimeDelta::days(1));
        assert_eq!(opens(&theirs).await, 401);

        take(&world, TRAINER, &campaign, "closure", Value::Null).await.expect(200);
        assert_eq!(opens(&token).await, 401, "after the closure");
        assert_eq!(world.post(&path).person(TRAINER).send().await.expect(409).code(), "wrong_state");
    })
    .await;
}

#[actix_web::test]
async fn answers_by_a_link_count_once_under_one_key_and_are_never_rehearsed() {
    on_both(|world| async move {
        let campaign = open(&world, &[WORKER], json!({})).await;
        let mine = enrolment_id(&world, &campaign, WORKER).await;
        let token = link(&world, &mine).await;
        let body = json!({ "enrolment_id": mine, "answers": but(&[(5, "a")]) });
        let send = async || {
            let ask = world.post("/v1/learning/attempts").token(&token).header("idempotency-key", "first");
            ask.json(body.clone()).send().await.expect(201)
        };
        let (first, again) = (send().await, send().await);
        assert_eq!((first.bytes, again.header("idempotency-replayed")), (again.bytes.clone(), "true".to_owned()));
        let rehearsal = world.post("/v1/learning/attempts?validate_only=true").token(&token).json(body.clone());
        assert_eq!(rehearsal.send().await.expect(400).code(), "unknown_parameter");
        let kept = read(&world, WORKER, &format!("/v1/test-attempts?enrolment_id={mine}")).await;
        assert_eq!(kept["items"].as_array().map(Vec::len), Some(1));
        // What was started with a login is finished by the link.
        let started = world.post("/v1/test-attempts").person(WORKER).json(json!({ "enrolment_id": mine }));
        let started = started.send().await.expect(201).id();
        let sent = answer(&world, &token, &mine, answers(&KEY)).await.expect(201);
        assert_eq!((sent.id(), &sent.json()["state"]), (started, &json!("passed")));
    })
    .await;
}
