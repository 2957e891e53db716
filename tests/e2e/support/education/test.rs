//! Comprehension tests: written, published, and read without their key (7.2; D27, R-16, SD-9).

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    harness::on_both,
    planning::steps::{SECRETARY, change, create, person, read, take},
};

const TRAINER: &str = "木村 拓";
const CHAIR: &str = "石田 洋子";
const AUDIT: &str = "大野 誠";
const WORKER: &str = "高橋 花";
const TOP: &str = "青木 健一";
const LIST: &str = "/v1/tests";

/// A test of so many questions with ten points each, all of them true.
fn draft(questions: usize) -> Value {
    let question = json!({ "kind": "true_false", "text": "機密の書類は施錠して保管する", "correct_answer": "true" });
    json!({ "title": "書類の扱い", "fiscal_year": 2024, "questions": vec![question; questions] })
}

#[actix_web::test]
async fn tst_5_a_test_of_too_few_points_is_not_published() {
    on_both(|world| async move {
        let path = create(&world, TRAINER, LIST, draft(5)).await.expect(201).header("location");
        let refused = take(&world, TRAINER, &path, "publication", Value::Null).await.expect(409);
        assert_eq!((refused.code().as_str(), &refused.json()["rule"]), ("not_ready", &json!("R-16")));
        assert_eq!(refused.faults(), [("/pass_score".to_owned(), "out_of_range".to_owned())]);
        change(&world, TRAINER, &path, json!({ "questions": draft(10)["questions"] })).await.expect(200);
        let published = take(&world, TRAINER, &path, "publication", Value::Null).await.expect(200).json();
        assert_eq!((&published["state"], &published["total_points"]), (&json!("published"), &json!(100)));
        let late = change(&world, TRAINER, &path, json!({ "title": "別の題" })).await.expect(409);
        assert_eq!((late.code().as_str(), &late.json()["rule"]), ("wrong_state", &json!("SD-12")));
    })
    .await;
}

#[actix_web::test]
async fn tst_7_only_authors_and_publishers_read_the_key() {
    on_both(|world| async move {
        let path = create(&world, TRAINER, LIST, draft(10)).await.expect(201).header("location");
        let mine = read(&world, TRAINER, &path).await;
        assert_eq!((&mine["key_shown"], &mine["questions"][0]["correct_answer"]), (&json!(true), &json!("true")));
        for who in [SECRETARY, CHAIR, AUDIT] {
            for place in [path.as_str(), "/v1/tests?q=扱い"] {
                let shown = read(&world, who, place).await.to_string();
                assert!(shown.contains("書類の扱い") && !shown.contains("correct_answer"), "{who} at {place}: {shown}");
            }
            let theirs = read(&world, who, &path).await;
            assert_eq!((&theirs["key_shown"], &theirs["allowed_actions"]), (&json!(false), &json!([])), "{who}");
        }
        for who in [WORKER, TOP] {
            world.get(&path).person(who).send().await.expect(403);
        }
        world.get(&path).person("林 一郎").send().await.expect(404);
        // Nor does anything that happened to it tell the key.
        take(&world, TRAINER, &path, "publication", Value::Null).await.expect(200);
        world.service.seal_all().await.expect("sealed");
        let events = read(&world, SECRETARY, "/v1/events?limit=200&resource=test").await.to_string();
        assert!(events.contains("書類の扱い") && !events.contains("correct_answer"), "{events}");
    })
    .await;
}

#[actix_web::test]
async fn a_test_begins_with_the_questions_of_another_one() {
    on_both(|world| async move {
        let path = create(&world, TRAINER, LIST, draft(10)).await.expect(201).header("location");
        let copy = json!({ "title": "翌年度の確認", "fiscal_year": 2025 });
        let copied = world.post(format!("{path}/copies")).person(TRAINER).json(copy).send().await.expect(201);
        let (made, original) = (copied.json(), read(&world, TRAINER, &path).await);
        assert_eq!(made["questions"], original["questions"]);
        assert_eq!((&made["state"], &made["fiscal_year"]), (&json!("draft"), &json!(2025)));
        assert_ne!(made["id"], original["id"]);
    })
    .await;
}

#[actix_web::test]
async fn sd_9_another_training_manager_neither_reads_nor_copies_the_key_of_what_is_published() {
    on_both(|world| async move {
        let path = create(&world, TRAINER, LIST, draft(10)).await.expect(201).header("location");
        take(&world, TRAINER, &path, "publication", Value::Null).await.expect(200);
        let seat = format!("/v1/appointments/{}", world.first_id("/v1/appointments?role=training_manager").await);
        let gone = json!({ "ends_on": "2024-04-01", "reason": "交代" });
        take(&world, CHAIR, &seat, "end", gone).await.expect(200);
        let worker = person(&world, WORKER).await;
        let next = json!({ "role": "training_manager", "person_id": worker, "starts_on": "2024-04-02" });
        let next = create(&world, SECRETARY, "/v1/appointments", next).await.expect(201).header("location");
        take(&world, CHAIR, &next, "approval", Value::Null).await.expect(200);
        world.wait(TimeDelta::days(1));

        let theirs = read(&world, WORKER, &path).await;
        assert_eq!((&theirs["key_shown"], &theirs["allowed_actions"]), (&json!(false), &json!(["retire"])));
        assert!(!theirs.to_string().contains("correct_answer"));
        let copy = json!({ "title": "写し", "fiscal_year": 2025 });
        let refused = create(&world, WORKER, &format!("{path}/copies"), copy).await.expect(403);
        assert_eq!((refused.code().as_str(), &refused.json()["rule"]), ("duty_separated", &json!("SD-9")));
        // What is not published yet they may write on: as one of its authors they are exempt, by name.
        let unfinished = create(&world, WORKER, LIST, draft(10)).await.expect(201).json();
        assert_eq!(unfinished["authors"][0]["name"], WORKER);
    })
    .await;
}
