//! Competence checks and the appointments that rest on them (7.2; D25, R-15, R-15b, SD-8).

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    harness::{World, on_both},
    planning::steps::{SECRETARY, create, id_of, person, read, take},
};

const TOP: &str = "青木 健一";
const CHAIR: &str = "石田 洋子";
const AUDIT: &str = "大野 誠";
const WORKER: &str = "高橋 花";
const LIST: &str = "/v1/competence-checks";
const REQUIREMENTS: &str = "/v1/competence-requirements";

/// Ratings of the four requirements; those in `planned` have an improvement.
fn ratings(values: [i64; 4], planned: &[i64]) -> Value {
    let rated = |(number, value): (i64, i64)| {
        let plan = json!({ "due_on": "2024-06-30", "action": "構築の作業に加わる" });
        json!({ "number": number, "rating": value, "improvement": planned.contains(&number).then_some(plan) })
    };
    (1..).zip(values).map(rated).collect()
}

async fn draft(world: &World, values: [i64; 4], planned: &[i64]) -> Value {
    json!({ "role": "department_manager", "person_id": person(world, WORKER).await, "checked_on": "2024-04-01",
        "ratings": ratings(values, planned) })
}

/// A check of the worker that the chair approved.
async fn approved(world: &World, values: [i64; 4], planned: &[i64]) -> String {
    let path = create(world, SECRETARY, LIST, draft(world, values, planned).await).await.expect(201).header("location");
    take(world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
    take(world, CHAIR, &path, "approval", json!({})).await.expect(200);
    path
}

/// The proposal to make the worker the manager of a department.
async fn proposed(world: &World) -> String {
    let department = id_of(world, SECRETARY, "/v1/departments", "name", "人事部").await;
    let draft = json!({ "role": "department_manager", "person_id": person(world, WORKER).await,
        "department_id": department, "starts_on": "2024-04-01" });
    create(world, SECRETARY, "/v1/appointments", draft).await.expect(201).header("location")
}

async fn confirm(world: &World, path: &str, number: i64, post: i64, on: &str) -> Value {
    let body = json!({ "number": number, "post_rating": post, "confirmed_on": on });
    take(world, SECRETARY, path, "confirmations", body).await.expect(200).json()
}

#[actix_web::test]
async fn cmp_1_and_2_a_provisional_appointment_turns_formal_when_every_improvement_is_confirmed() {
    on_both(|world| async move {
        let seat = proposed(&world).await;
        let refused = take(&world, CHAIR, &seat, "approval", Value::Null).await.expect(409);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("not_ready".into(), &json!("R-15")), "no check");

        let check = approved(&world, [2, 2, 2, 5], &[1, 2, 3]).await;
        assert_eq!(read(&world, SECRETARY, &check).await["appointment_class"], "B");
        let provisional = take(&world, CHAIR, &seat, "approval", Value::Null).await.expect(200).json();
        assert_eq!((&provisional["kind"], &provisional["formal_since"]), (&json!("provisional"), &Value::Null));
        assert!(check.ends_with(provisional["competence_check_id"].as_str().expect("the check")));

        world.wait(TimeDelta::days(90));
        let work = read(&world, SECRETARY, "/v1/work-items?kind=confirm").await;
        assert_eq!((&work["items"][0]["path"], &work["items"][0]["due_on"]), (&json!(check), &json!("2024-06-30")));
        let late = async || read(&world, SECRETARY, &format!("{LIST}?improvement_overdue=true")).await["items"].clone();
        assert_eq!(late().await, json!([]));
        world.wait(TimeDelta::days(1));
        assert_eq!(late().await.as_array().map(Vec::len), Some(1));
        confirm(&world, &check, 1, 3, "2024-06-10").await;
        let still = confirm(&world, &check, 2, 3, "2024-06-25").await;
        assert_eq!(still["appointment_class"], "B", "CMP-8");
        assert_eq!(read(&world, SECRETARY, &seat).await["kind"], "provisional");
        assert_eq!(confirm(&world, &check, 3, 3, "2024-06-20").await["appointment_class"], "A");
        let formal = read(&world, SECRETARY, &seat).await;
        assert_eq!((&formal["kind"], &formal["formal_since"]), (&json!("formal"), &json!("2024-06-25")));
        assert_eq!(late().await, json!([]));
    })
    .await;
}

#[actix_web::test]
async fn cmp_3_and_5_class_a_is_appointed_formally_and_class_c_not_at_all() {
    on_both(|world| async move {
        let seat = proposed(&world).await;
        approved(&world, [2, 3, 3, 5], &[]).await;
        let refused = take(&world, CHAIR, &seat, "approval", Value::Null).await.expect(409);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("rule_violated".into(), &json!("R-15")));
        assert_eq!(refused.json()["params"]["appointment_class"], "C");
        // The next check counts.
        world.wait(TimeDelta::days(1));
        let mut again = draft(&world, [3, 3, 4, 5], &[]).await;
        again["checked_on"] = json!("2024-04-02");
        let path = create(&world, SECRETARY, LIST, again).await.expect(201).header("location");
        take(&world, CHAIR, &seat, "approval", Value::Null).await.expect(409);
        take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
        take(&world, CHAIR, &path, "approval", json!({})).await.expect(200);
        let formal = take(&world, CHAIR, &seat, "approval", Value::Null).await.expect(200).json();
        assert_eq!((&formal["kind"], &formal["formal_since"]), (&json!("formal"), &Value::Null));
    })
    .await;
}

#[actix_web::test]
async fn cmp_7_an_improvement_that_did_not_help_is_planned_anew() {
    on_both(|world| async move {
        let check = approved(&world, [1, 3, 3, 3], &[1]).await;
        assert_eq!(confirm(&world, &check, 1, 2, "2024-04-01").await["appointment_class"], "C");
        let plan = json!({ "number": 1, "due_on": "2024-09-30", "action": "外部の講座" });
        let planned = take(&world, SECRETARY, &check, "improvements", plan.clone()).await.expect(200).json();
        assert_eq!(planned["appointment_class"], "B");
        assert_eq!(planned["items"][0]["improvements"].as_array().map(Vec::len), Some(2));
        let refused = take(&world, SECRETARY, &check, "improvements", plan).await.expect(422);
        assert_eq!(refused.faults(), [("/number".to_owned(), "contradiction".to_owned())]);
    })
    .await;
}

#[actix_web::test]
async fn cmp_9_and_10_ratings_are_1_to_5_and_a_plan_has_a_day_and_an_action() {
    on_both(|world| async move {
        for wrong in [0, 6] {
            let refused = create(&world, SECRETARY, LIST, draft(&world, [wrong, 3, 3, 3], &[]).await).await.expect(422);
            assert_eq!(refused.faults()[0].0, "/ratings/0/rating");
        }
        let mut lacking = draft(&world, [2, 3, 3, 3], &[1]).await;
        lacking["ratings"][0]["improvement"]["action"] = json!("");
        let made = create(&world, SECRETARY, LIST, lacking).await.expect(201);
        assert_eq!(made.json()["appointment_class"], "C");
        let refused = take(&world, SECRETARY, &made.header("location"), "submission", Value::Null).await.expect(409);
        assert_eq!(refused.faults(), [("/ratings/0/improvement/action".to_owned(), "required".to_owned())]);

        let mut short = draft(&world, [3, 3, 3, 3], &[]).await;
        short["ratings"].as_array_mut().expect("ratings").pop();
        let refused = create(&world, SECRETARY, LIST, short).await.expect(422);
        assert_eq!(refused.json()["errors"][0]["params"]["number"], 4);
        let mut nothing = draft(&world, [3, 3, 3, 3], &[]).await;
        nothing["role"] = json!("hr_officer");
        let refused = create(&world, SECRETARY, LIST, nothing).await.expect(422);
        assert_eq!(refused.faults(), [("/role".to_owned(), "unknown_reference".to_owned())]);
    })
    .await;
}

#[actix_web::test]
async fn sd_8_neither_who_assessed_nor_who_was_assessed_approves() {
    on_both(|world| async move {
        // The chair assesses: then top management approves.
        let path = create(&world, CHAIR, LIST, draft(&world, [3, 3, 3, 3], &[]).await).await.expect(201);
        let path = path.header("location");
        take(&world, CHAIR, &path, "submission", Value::Null).await.expect(200);
        let refused = take(&world, CHAIR, &path, "approval", json!({})).await.expect(403);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("duty_separated".into(), &json!("SD-8")));
        assert_eq!(refused.json()["params"]["next_approver"][0]["name"], TOP);
        take(&world, TOP, &path, "approval", json!({})).await.expect(200);

        let mut own = draft(&world, [3, 3, 3, 3], &[]).await;
        own["person_id"] = json!(person(&world, SECRETARY).await);
        let refused = create(&world, SECRETARY, LIST, own).await.expect(403);
        assert_eq!(refused.json()["rule"], "SD-8", "nobody assesses themselves");

        // Who was checked reads it, and no other; an auditor's check is the audit manager's to decide.
        assert_eq!(read(&world, WORKER, LIST).await["items"].as_array().map(Vec::len), Some(1));
        read(&world, WORKER, &path).await;
        let other = world.first_id(&format!("{LIST}?sort=checked_on")).await;
        world.get(format!("{LIST}/{other}")).person(WORKER).send().await.expect(404);
        let demand = json!({ "role": "internal_auditor", "requirement": "監査の進め方を知っている" });
        create(&world, AUDIT, REQUIREMENTS, demand).await.expect(201);
        let number = 5;
        let auditor = json!({ "role": "internal_auditor", "person_id": person(&world, WORKER).await,
            "checked_on": "2024-04-01", "ratings": [{ "number": number, "rating": 4 }] });
        let auditor = create(&world, SECRETARY, LIST, auditor).await.expect(201).header("location");
        take(&world, SECRETARY, &auditor, "submission", Value::Null).await.expect(200);
        take(&world, CHAIR, &auditor, "approval", json!({})).await.expect(403);
        take(&world, AUDIT, &auditor, "approval", json!({})).await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn what_a_role_demands_is_kept_in_the_words_of_the_check() {
    on_both(|world| async move {
        let check = approved(&world, [3, 3, 3, 3], &[]).await;
        let first = format!("{REQUIREMENTS}/{}", world.first_id(REQUIREMENTS).await);
        let before = read(&world, SECRETARY, &check).await["items"][0]["requirement"].clone();
        crate::planning::steps::change(&world, SECRETARY, &first, json!({ "requirement": "別の言葉" }))
            .await
            .expect(200);
        assert_eq!(read(&world, SECRETARY, &check).await["items"][0]["requirement"], before);
        let gone = json!({ "retired_on": "2024-04-01", "reason": "まとめた" });
        take(&world, SECRETARY, &first, "retirement", gone).await.expect(200);
        let refused = create(&world, SECRETARY, LIST, draft(&world, [3, 3, 3, 3], &[]).await).await.expect(422);
        assert_eq!(refused.faults(), [("/ratings/0/number".to_owned(), "unknown_reference".to_owned())]);
        assert_eq!(read(&world, WORKER, REQUIREMENTS).await["items"].as_array().map(Vec::len), Some(3));
        let relation = json!({ "role": "risk_owner", "requirement": "資産を知っている" });
        let refused = create(&world, SECRETARY, REQUIREMENTS, relation).await.expect(422);
        assert_eq!(refused.faults(), [("/role".to_owned(), "not_in_list".to_owned())]);
    })
    .await;
}

#[actix_web::test]
async fn who_holds_a_role_is_checked_again_after_a_year() {
    on_both(|world| async move {
        let due = async || {
            let work = read(&world, SECRETARY, "/v1/work-items?kind=evaluate&limit=200").await;
            let items = work["items"].as_array().cloned().unwrap_or_default();
            items.into_iter().find(|item| item["resource"] == "competence_check")
        };
        assert_eq!(due().await, None);
        // The sample's check is 300 days old.
        world.wait(TimeDelta::days(40));
        let item = due().await.expect("a check within 30 days");
        assert_eq!((&item["due_on"], &item["overdue"]), (&json!("2024-06-06"), &json!(false)));
        world.wait(TimeDelta::days(30));
        assert_eq!(due().await.expect("a check")["overdue"], true);
    })
    .await;
}

#[actix_web::test]
async fn five_people_check_each_other() {
    on_both(|world| async move {
        const HAYASHI: &str = "林 一郎";
        const MORI: &str = "森 正子";
        const HARA: &str = "原 次郎";
        let demand = json!({ "role": "security_committee_chair", "requirement": "ISMSを説明できる" });
        create(&world, HAYASHI, REQUIREMENTS, demand).await.expect(201);
        let id = id_of(&world, HAYASHI, "/v1/persons", "name", HAYASHI).await;
        let check = json!({ "role": "security_committee_chair", "person_id": id, "checked_on": "2024-04-01",
            "ratings": [{ "number": 1, "rating": 3 }] });
        // The chair is assessed by the audit manager, and top management decides.
        create(&world, HAYASHI, LIST, check.clone()).await.expect(403);
        let path = create(&world, HARA, LIST, check).await.expect(201).header("location");
        take(&world, HARA, &path, "submission", Value::Null).await.expect(200);
        let done = take(&world, MORI, &path, "approval", json!({})).await.expect(200).json();
        assert_eq!((&done["state"], &done["appointment_class"]), (&json!("approved"), &json!("A")));
    })
    .await;
}
