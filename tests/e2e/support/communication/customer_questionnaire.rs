//! Questionnaires of customers: answered by the department, confirmed by the head of the secretariat, then submitted.

use serde_json::{Value, json};

use crate::{
    harness::{World, on_both},
    planning::steps::{SECRETARY, create, id_of, read, take},
};

const LIST: &str = "/v1/customer-questionnaires";
const MANAGER: &str = "小林 恵";
const HEAD: &str = "江口 美香";
const CHAIR: &str = "石田 洋子";
const PDF: &[u8] = b"%PDF-1.7";

/// The path of a questionnaire that `who` entered for this department.
async fn received(world: &World, who: &str, department: &str) -> String {
    let department = id_of(world, who, "/v1/departments?limit=200", "name", department).await;
    let draft = json!({ "customer": "東西商会", "title": "委託先の点検表", "received_on": "2024-03-29",
        "due_on": "2024-04-12", "department_id": department });
    create(world, who, LIST, draft).await.expect(201).header("location")
}

fn answer() -> Value {
    json!({ "answer": "全問に答えた" })
}

fn submission() -> Value {
    json!({ "submitted_on": "2024-04-01", "means": "専用サイト" })
}

/// Whether the work at this path waits for `who`.
async fn waits(world: &World, who: &str, path: &str) -> bool {
    let work = read(world, who, "/v1/work-items?limit=200").await;
    work["items"].as_array().expect("work").iter().any(|item| item["path"] == path)
}

#[actix_web::test]
async fn com_5_nothing_is_submitted_that_the_head_of_the_secretariat_did_not_confirm() {
    on_both(|world| async move {
        let path = received(&world, SECRETARY, "営業部").await;
        assert!(waits(&world, MANAGER, &path).await);
        assert_eq!(take(&world, SECRETARY, &path, "submission", submission()).await.expect(409).code(), "wrong_state");
        take(&world, MANAGER, &path, "answer", answer()).await.expect(200);
        let refused = take(&world, SECRETARY, &path, "submission", submission()).await.expect(409);
        assert_eq!(refused.json()["params"]["state"], "drafted");

        assert!(waits(&world, HEAD, &path).await && !waits(&world, MANAGER, &path).await);
        for who in [MANAGER, SECRETARY] {
            assert_eq!(take(&world, who, &path, "confirmation", json!({})).await.expect(403).code(), "not_granted");
        }
        let refused = take(&world, CHAIR, &path, "confirmation", json!({})).await.expect(403);
        assert_eq!(refused.json()["params"]["next_approver"][0]["name"], HEAD);
        take(&world, HEAD, &path, "return", json!({ "reason": "第3問の根拠を書く" })).await.expect(200);
        let back = read(&world, MANAGER, &path).await;
        assert_eq!((&back["state"], &back["returned"]["name"]), (&json!("received"), &json!(HEAD)));
        take(&world, MANAGER, &path, "answer", answer()).await.expect(200);
        take(&world, HEAD, &path, "confirmation", json!({})).await.expect(200);
        assert!(waits(&world, SECRETARY, &path).await);
        let done = take(&world, SECRETARY, &path, "submission", submission()).await.expect(200).json();
        assert_eq!((&done["state"], &done["submission"]["in_time"]), (&json!("submitted"), &json!(true)));
        take(&world, SECRETARY, &path, "voiding", json!({ "reason": "誤り" })).await.expect(409);
    })
    .await;
}

#[actix_web::test]
async fn sd_1_whoever_wrote_an_answer_does_not_confirm_it() {
    on_both(|world| async move {
        let path = received(&world, SECRETARY, "人事部").await;
        world.get(&path).person(MANAGER).send().await.expect(404);
        world.get(&path).person("高橋 花").send().await.expect(403);
        take(&world, HEAD, &path, "answer", answer()).await.expect(200);
        let refused = take(&world, HEAD, &path, "confirmation", json!({})).await.expect(403).json();
        assert_eq!((&refused["rule"], &refused["params"]["next_approver"][0]["name"]), (&json!("SD-1"), &json!(CHAIR)));
        take(&world, CHAIR, &path, "confirmation", json!({})).await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn questionnaire_and_answer_are_kept_as_files() {
    on_both(|world| async move {
        let path = received(&world, SECRETARY, "営業部").await;
        let send = async |who: &str, part: &str, name: &str| {
            let read = world.get(&path).person(who).send().await.expect(200);
            let ask = world.post(format!("{path}/{part}?name={name}")).person(who).having_read(&read);
            ask.bytes("application/pdf", PDF).send().await
        };
        world.get(format!("{path}/file")).person(MANAGER).send().await.expect(404);
        send(SECRETARY, "file", "questions.pdf").await.expect(200);
        assert_eq!(send(MANAGER, "file", "other.pdf").await.expect(403).code(), "not_granted");
        let with_answer = send(MANAGER, "answer-file", "answers.pdf").await.expect(200).json();
        let names = (&with_answer["questionnaire_file"]["name"], &with_answer["answer_file"]["name"]);
        assert_eq!(names, (&json!("questions.pdf"), &json!("answers.pdf")));
        assert_eq!((&with_answer["answered"]["name"], &with_answer["state"]), (&json!(MANAGER), &json!("received")));
        take(&world, MANAGER, &path, "answer", answer()).await.expect(200);
        take(&world, HEAD, &path, "confirmation", json!({})).await.expect(200);
        assert_eq!(send(MANAGER, "answer-file", "late.pdf").await.expect(409).code(), "wrong_state");
        for part in ["file", "answer-file"] {
            let got = world.get(format!("{path}/{part}")).person(HEAD).send().await.expect(200);
            assert_eq!(got.bytes, PDF);
        }
    })
    .await;
}

#[actix_web::test]
async fn five_people_answer_their_customers_themselves() {
    on_both(|world| async move {
        const HAYASHI: &str = "林 一郎";
        const OKA: &str = "岡 三枝";
        const MORI: &str = "森 正子";
        // Nobody heads the secretariat: the chair confirms what others wrote, top management what the chair wrote.
        let path = received(&world, HAYASHI, "業務部").await;
        take(&world, OKA, &path, "answer", answer()).await.expect(200);
        take(&world, HAYASHI, &path, "confirmation", json!({})).await.expect(200);
        take(&world, HAYASHI, &path, "submission", submission()).await.expect(200);
        let path = received(&world, HAYASHI, "開発部").await;
        take(&world, HAYASHI, &path, "answer", answer()).await.expect(200);
        let refused = take(&world, HAYASHI, &path, "confirmation", json!({})).await.expect(403).json();
        assert_eq!(refused["params"]["next_approver"][0]["name"], MORI);
        let done = take(&world, MORI, &path, "confirmation", json!({})).await.expect(200).json();
        assert_eq!((&done["state"], &done["self_confirmed"]), (&json!("confirmed"), &json!(false)));
    })
    .await;
}
