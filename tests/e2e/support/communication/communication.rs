//! The log of communications: by when, in time or late, and what follows an incident.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    harness::{Reply, World, on_both},
    planning::steps::{SECRETARY, change, create, id_of, read, take},
};

const LIST: &str = "/v1/communications";
const ROWS: &str = "/v1/communication-procedures";
const TOP: &str = "青木 健一";
const WORKER: &str = "高橋 花";

/// `who` opens a communication after the row with this number.
async fn opened(world: &World, who: &str, row: i64, over: Value) -> Reply {
    let procedure = id_of(world, SECRETARY, ROWS, "number", row).await;
    let mut draft =
        json!({ "procedure_id": procedure, "about": "目的の達成状況の見直し", "occurred_at": "2024-03-25T03:00:00Z" });
    for (name, value) in over.as_object().into_iter().flatten() {
        draft[name] = value.clone();
    }
    create(world, who, LIST, draft).await
}

fn done(on: &str) -> Value {
    json!({ "performed_on": on, "means": "社内掲示板", "evidence": "掲示の写し" })
}

#[actix_web::test]
async fn com_1_to_3_results_of_reviews_are_due_after_the_days_of_the_organization() {
    on_both(|world| async move {
        let path = opened(&world, SECRETARY, 2, json!({})).await.expect(201).header("location");
        let one = read(&world, SECRETARY, &path).await;
        assert_eq!(
            (&one["occurred_on"], &one["due_on"], &one["overdue"]),
            (&json!("2024-03-25"), &json!("2024-04-01"), &json!(false))
        );
        let in_time = take(&world, SECRETARY, &path, "performance", done("2024-04-01")).await.expect(200).json();
        assert_eq!((&in_time["state"], &in_time["performance"]["in_time"]), (&json!("performed"), &json!(true)));
        take(&world, SECRETARY, &path, "performance", done("2024-04-01")).await.expect(409);

        let path = opened(&world, SECRETARY, 2, json!({ "occurred_at": "2024-03-24T15:00:00Z" })).await.expect(201);
        let path = path.header("location");
        world.wait(TimeDelta::days(1));
        let overdue = read(&world, SECRETARY, &format!("{LIST}?overdue=true")).await;
        assert_eq!(overdue["items"][0]["id"], read(&world, SECRETARY, &path).await["id"], "the day is that of Tokyo");
        let work = read(&world, SECRETARY, "/v1/work-items?overdue=true&kind=carry_out&limit=200").await;
        assert!(work["items"].as_array().expect("work").iter().any(|item| item["path"] == path));
        let late = take(&world, SECRETARY, &path, "performance", done("2024-04-02")).await.expect(200).json();
        assert_eq!((&late["performance"]["in_time"], &late["overdue"]), (&json!(false), &json!(false)));
        let overdue = read(&world, SECRETARY, &format!("{LIST}?overdue=true")).await;
        assert_eq!(overdue["items"], json!([]));

        // The organization gives itself two weeks: what is opened from now on has them.
        let settings =
            change(&world, SECRETARY, "/v1/organization", json!({ "intervals": { "review_communication_days": 14 } }));
        settings.await.expect(200);
        let path = opened(&world, SECRETARY, 2, json!({})).await.expect(201).header("location");
        assert_eq!(read(&world, SECRETARY, &path).await["due_on"], "2024-04-08");
    })
    .await;
}

#[actix_web::test]
async fn com_4_whoever_detects_an_incident_sets_all_of_it_in_motion() {
    on_both(|world| async move {
        let detected = json!({ "about": "社外で端末を失くした", "occurred_at": "2024-04-01T00:00:00Z" });
        let first = opened(&world, WORKER, 4, detected.clone()).await.expect(201).json();
        assert_eq!(
            (&first["due_at"], &first["created_at"]),
            (&json!("2024-04-01T00:00:00Z"), &json!("2024-04-01T00:00:00Z"))
        );
        assert_eq!(first["audience"], "secretariat");
        let list = read(&world, SECRETARY, &format!("{LIST}?q=端末を失くした")).await;
        let mut steps: Vec<_> = list["items"]
            .as_array()
            .expect("steps")
            .iter()
            .map(|one| (one["audience"].clone(), one["due_on"].clone()))
            .collect();
        steps.sort_by_key(|(audience, _)| audience.to_string());
        let expected =
            [("authorities", json!(null)), ("secretariat", json!("2024-04-01")), ("top_management", json!(null))];
        assert_eq!(steps, expected.map(|(audience, due)| (json!(audience), due)));

        // Whoever found it does not thereby read the log, nor open what is not an incident.
        world.get(LIST).person(WORKER).send().await.expect(403);
        assert_eq!(opened(&world, WORKER, 5, detected.clone()).await.expect(403).code(), "outside_reach");
        assert_eq!(opened(&world, WORKER, 2, json!({})).await.expect(403).code(), "outside_reach");
        assert_eq!(opened(&world, TOP, 2, json!({})).await.expect(403).code(), "outside_reach");

        // Top management is told by the secretariat, and records nothing of it itself.
        let to_top = list["items"].as_array().expect("steps").iter().find(|one| one["audience"] == "top_management");
        let path = format!("{LIST}/{}", to_top.expect("a step")["id"].as_str().expect("an id"));
        assert_eq!(
            take(&world, TOP, &path, "performance", done("2024-04-01")).await.expect(403).code(),
            "outside_reach"
        );
        assert_eq!(read(&world, TOP, &path).await["allowed_actions"], json!([]));
        let told = take(&world, SECRETARY, &path, "performance", done("2024-04-01")).await.expect(200).json();
        assert_eq!(told["performance"]["in_time"], true);
    })
    .await;
}

#[actix_web::test]
async fn what_a_review_says_itself_is_listed_and_not_kept_twice() {
    on_both(|world| async move {
        let reviews = read(&world, SECRETARY, "/v1/context-reviews?state=in_force").await;
        let review = reviews["items"][0]["id"].clone();
        let listed = read(&world, SECRETARY, "/v1/review-communications").await;
        let listed = listed["items"].as_array().expect("reviews");
        let of_context = listed.iter().find(|one| one["record_id"] == review).expect("the review in force");
        assert_eq!(of_context["communicated"]["in_time"], true);
        assert_eq!(of_context["due_on"], reviews["items"][0]["communication_due_on"]);
        let of_record = json!({ "record_resource": "context_review", "record_id": review });
        let refused = opened(&world, SECRETARY, 2, of_record).await.expect(422);
        assert_eq!(refused.faults(), [("/record_resource".to_owned(), "contradiction".to_owned())]);

        // What holds none of its own is told here; what does not exist is not.
        let assessment = world.first_id("/v1/risk-assessments").await;
        let of_record = json!({ "record_resource": "risk", "record_id": assessment });
        opened(&world, SECRETARY, 2, of_record).await.expect(201);
        let of_record = json!({ "record_resource": "supplier", "record_id": assessment });
        let refused = opened(&world, SECRETARY, 2, of_record).await.expect(422);
        assert_eq!(refused.faults(), [("/record_id".to_owned(), "unknown_reference".to_owned())]);
    })
    .await;
}

#[actix_web::test]
async fn r_23_an_edition_that_was_told_of_is_communicated() {
    on_both(|world| async move {
        let draft = json!({ "company_name": "守屋商事株式会社" });
        let path = create(&world, SECRETARY, "/v1/policies", draft).await.expect(201).header("location");
        let confirmed = async || {
            let checklist = read(&world, SECRETARY, &format!("{path}/checklist")).await;
            let items = checklist["items"].as_array().cloned().unwrap_or_default();
            items.into_iter().find(|item| item["requirement"] == "communicated").expect("f")["confirmed"].clone()
        };
        assert_eq!(confirmed().await, false);
        let policy = read(&world, SECRETARY, &path).await["id"].clone();
        let about = json!({ "record_resource": "policy", "record_id": policy });
        let told = opened(&world, SECRETARY, 1, about).await.expect(201).header("location");
        assert_eq!(confirmed().await, false, "only what was done counts");
        take(&world, TOP, &told, "performance", done("2024-04-01")).await.expect(200);
        assert_eq!(confirmed().await, true);
    })
    .await;
}
