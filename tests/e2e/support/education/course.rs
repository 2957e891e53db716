//! Campaigns with a test, opened to somebody: what the tests of attempts and of learning begin with.

use serde_json::{Value, json};

use crate::{
    harness::World,
    planning::steps::{create, person, read, take},
};

pub(super) const TOP: &str = "青木 健一";
pub(super) const CHAIR: &str = "石田 洋子";
/// Who writes and publishes the tests.
pub(super) const TRAINER: &str = "木村 拓";
pub(super) const AUDIT: &str = "大野 誠";
/// Manager of the department of the workers.
pub(super) const MANAGER: &str = "小林 恵";
pub(super) const WORKER: &str = "高橋 花";

/// The key of the tests, which is that of the sample's.
pub(super) const KEY: [&str; 10] = ["c", "c", "a", "a", "b", "true", "true", "true", "true", "false"];

/// Answers to the questions in order; nothing where it is empty.
pub(super) fn answers(given: &[&str]) -> Value {
    let answered = (1..).zip(given).filter(|(_, answer)| !answer.is_empty());
    answered.map(|(number, answer)| json!({ "number": number, "answer": answer })).collect()
}

/// The key, but for these: number and answer.
pub(super) fn but(wrong: &[(usize, &'static str)]) -> Value {
    let mut given = KEY;
    for (number, answer) in wrong {
        given[number - 1] = answer;
    }
    answers(&given)
}

/// The id of a new test with that key, written and published by the training manager.
pub(super) async fn test(world: &World) -> String {
    let question = |answer: &&str| match *answer {
        "true" | "false" => json!({ "kind": "true_false", "text": "正しいか", "correct_answer": answer }),
        _ => json!({
            "kind": "single_choice", "text": "どれか", "choices": ["一", "二", "三"], "correct_answer": answer,
        }),
    };
    let questions: Vec<Value> = KEY.iter().map(question).collect();
    let draft = json!({ "title": "決まりの確認", "fiscal_year": 2024, "questions": questions });
    let path = create(world, TRAINER, "/v1/tests", draft).await.expect(201).header("location");
    take(world, TRAINER, &path, "publication", Value::Null).await.expect(200).id()
}

/// A plan for these learners; `patch` replaces fields of it.
pub(super) async fn plan(world: &World, learners: &[&str], patch: Value) -> Value {
    let mut ids = Vec::new();
    for learner in learners {
        ids.push(person(world, learner).await);
    }
    let mut plan = json!({
        "name": "春の教育", "fiscal_year": 2024, "themes": ["regulations_briefing"], "purpose": "決まりを知る",
        "audience": { "kind": "persons", "person_ids": ids }, "delivery_methods": ["e_learning"],
        "contents": ["当社の方針と手順"], "period_start": "2024-04-01", "period_end": "2024-04-30",
    });
    if patch.get("test_id").is_none() {
        plan["test_id"] = json!(test(world).await);
    }
    for (name, value) in patch.as_object().into_iter().flatten() {
        plan[name] = value.clone();
    }
    plan
}

/// The path of a campaign that is open to these learners.
pub(super) async fn open(world: &World, learners: &[&str], patch: Value) -> String {
    let plan = plan(world, learners, patch).await;
    let path = create(world, TRAINER, "/v1/education-campaigns", plan).await.expect(201).header("location");
    take(world, TRAINER, &path, "submission", Value::Null).await.expect(200);
    take(world, TOP, &path, "approval", json!({})).await.expect(200);
    take(world, TRAINER, &path, "opening", Value::Null).await.expect(200);
    path
}

/// The enrolment of a learner in the campaign at this path, as the training manager reads it.
pub(super) async fn enrolment(world: &World, campaign: &str, learner: &str) -> Value {
    let id = campaign.rsplit_once('/').expect("a path").1;
    let person = person(world, learner).await;
    let found = read(world, TRAINER, &format!("/v1/enrolments?campaign_id={id}&person_id={person}")).await;
    found["items"][0].clone()
}

/// The id of that enrolment.
pub(super) async fn enrolment_id(world: &World, campaign: &str, learner: &str) -> String {
    enrolment(world, campaign, learner).await["id"].as_str().expect("an enrolment").to_owned()
}
