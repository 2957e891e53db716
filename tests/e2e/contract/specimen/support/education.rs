//! Specimens of education.

use serde_json::{Value, json};

use super::super::{Specimen, Stage, TOP, TRAINER, WORKER, step};

pub(super) fn specimens(because: &Value) -> Vec<Specimen> {
    vec![duty(because), test()]
}

fn duty(because: &Value) -> Specimen {
    let done = json!({ "fulfilled_on": "2024-04-01", "evidence": "第#回の出席簿" });
    Specimen {
        name: "education_duty",
        collection: "/v1/education-duties",
        made_at: "",
        by: TRAINER,
        draft: json!({
            "theme": "compliance", "cause": "broke_rules", "person_id": "@person", "due_on": "2024-04-30",
            "subject": "第#の違反",
        }),
        patch: Value::Null,
        computed: "starts_on",
        shown_once: None,
        steps: vec![step("/fulfilment", "fulfil", TRAINER, done), step("/waiver", "waive", TRAINER, because.clone())],
    }
}

fn test() -> Specimen {
    let question = json!({ "kind": "true_false", "text": "第#問は正しい", "correct_answer": "true", "points": 100 });
    Specimen {
        name: "test",
        collection: "/v1/tests",
        made_at: "",
        by: TRAINER,
        draft: json!({ "title": "第#回の確認", "fiscal_year": 2024, "questions": [question] }),
        patch: json!({ "instructions": "落ち着いて読む", "pass_score": 60 }),
        computed: "total_points",
        shown_once: None,
        steps: vec![
            step("/publication", "publish", TRAINER, Value::Null),
            step("/retirement", "retire", TRAINER, json!({ "retired_on": "2024-04-01", "reason": "翌年度版あり" })),
            step("/copies", "copy", TRAINER, json!({ "title": "次の確認", "fiscal_year": 2025 })).beside(),
        ],
    }
}

/// Two attempts of one learner at the test of the sample: the second one is started when the first has failed.
pub async fn attempts(stage: &Stage<'_>) {
    let api = stage.api;
    let take = async |by: &str, path: &str, step: &str, body: Value| {
        let read = api.get(path).by(by).send().await.expect(200);
        let call = api.post(format!("{path}/{step}")).by(by).having_read(&read);
        let call = if body.is_null() { call } else { call.json(&body) };
        call.send().await.expect(200);
    };
    let tests = api.get("/v1/tests?state=published").by(TRAINER).send().await.expect(200).json();
    let plan = json!({
        "name": "受験のための教育", "fiscal_year": 2024, "themes": ["compliance"], "purpose": "契約の試験",
        "audience": { "kind": "persons", "person_ids": ["@person"] }, "delivery_methods": ["e_learning"],
        "contents": ["決まり"], "period_start": "2024-04-01", "period_end": "2024-04-30", "test_id": tests["items"][0]["id"],
    });
    let plan = stage.fill(&plan).await;
    let campaign =
        api.post("/v1/education-campaigns").by(TRAINER).json(&plan).send().await.expect(201).header("location");
    take(TRAINER, &campaign, "submission", Value::Null).await;
    take(TOP, &campaign, "approval", json!({})).await;
    take(TRAINER, &campaign, "opening", Value::Null).await;
    let page = api.get("/v1/learning").by(WORKER).send().await.expect(200).json();
    let courses = page["courses"].as_array().expect("courses");
    let course = courses.iter().find(|course| course["name"] == plan["name"]).expect("the course");
    for last in [false, true] {
        let start =
            api.post("/v1/test-attempts").by(WORKER).json(&json!({ "enrolment_id": course["enrolment"]["id"] }));
        let attempt = start.send().await.expect(201).header("location");
        if !last {
            take(WORKER, &attempt, "submission", json!({ "answers": [] })).await;
        }
    }
}
