//! Annual plans and their rows (D32; R-22, SD-1, SD-12; §5.9, §6.12).

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    harness::{World, on_both},
    planning::steps::{SECRETARY, change, create, id_of, item_draft, modify, person, read, risk, take},
};

const CHAIR: &str = "石田 洋子";
const TOP: &str = "青木 健一";
const MANAGER: &str = "小林 恵";
const ADMINISTRATOR: &str = "斎藤 翔";

fn fault(pointer: &str, code: &str) -> Vec<(String, String)> {
    vec![(pointer.to_owned(), code.to_owned())]
}

/// A draft for a fiscal year; `patch` adds fields.
async fn draft(world: &World, year: i32, patch: Value) -> String {
    let mut draft = json!({ "fiscal_year": year, "title": format!("{year}年度の計画") });
    for (name, value) in patch.as_object().into_iter().flatten() {
        draft[name] = value.clone();
    }
    create(world, SECRETARY, "/v1/annual-plans", draft).await.expect(201).header("location")
}

async fn row_draft(world: &World, who: &str, patch: Value) -> Value {
    let mut draft = json!({
        "clause": "6.1", "group": "リスク及び機会", "activity": "資産を洗い出す", "document_name": "資産目録",
        "assignee_id": person(world, who).await, "scheduled_weeks": ["2025-05-12"],
    });
    for (name, value) in patch.as_object().into_iter().flatten() {
        draft[name] = value.clone();
    }
    draft
}

/// A row of a plan, done by `who`.
async fn row(world: &World, plan: &str, who: &str, patch: Value) -> String {
    let draft = row_draft(world, who, patch).await;
    create(world, SECRETARY, &format!("{plan}/rows"), draft).await.expect(201).header("location")
}

async fn approve(world: &World, plan: &str) {
    take(world, SECRETARY, plan, "submission", Value::Null).await.expect(200);
    take(world, CHAIR, plan, "approval", json!({})).await.expect(200);
}

fn done(on: &str) -> Value {
    json!({ "done_on": on, "evidence": "議事録" })
}

#[actix_web::test]
async fn apl_1_and_2_r_22_a_row_names_its_weeks_by_mondays_of_the_year() {
    on_both(|world| async move {
        let plan = draft(&world, 2025, json!({})).await;
        let made = read(&world, SECRETARY, &row(&world, &plan, MANAGER, json!({})).await).await;
        assert_eq!(
            (&made["scheduled_weeks"], &made["due_on"]),
            (&json!(["2025-05-12"]), &json!("2025-05-18")),
            "APL-1"
        );
        for (patch, pointer, code) in [
            (json!({ "scheduled_weeks": ["2025-05-12", "2025-05-13"] }), "/scheduled_weeks/1", "invalid_format"),
            (json!({ "scheduled_weeks": ["2025-03-31"] }), "/scheduled_weeks/0", "out_of_range"),
            (json!({ "scheduled_weeks": ["2026-04-06"] }), "/scheduled_weeks/0", "out_of_range"),
            (json!({ "scheduled_weeks": [] }), "/scheduled_weeks", "too_short"),
            (json!({ "clause": "11.9" }), "/clause", "not_in_list"),
            (json!({ "fulfilled_by": "nonsense" }), "/fulfilled_by", "invalid_format"),
            (json!({ "occurrences": [] }), "/occurrences", "read_only_field"),
        ] {
            let draft = row_draft(&world, MANAGER, patch).await;
            let refused = create(&world, SECRETARY, &format!("{plan}/rows"), draft).await.expect(422);
            assert_eq!(refused.faults(), fault(pointer, code));
        }
        let gone = json!({ "assignee_id": "00000000-0000-7000-8000-000000000000" });
        let gone = row_draft(&world, MANAGER, gone).await;
        let refused = create(&world, SECRETARY, &format!("{plan}/rows"), gone).await.expect(422);
        assert_eq!(refused.faults(), fault("/assignee_id", "unknown_reference"));
        let last = row(&world, &plan, MANAGER, json!({ "scheduled_weeks": ["2026-03-30"] })).await;
        assert_eq!(
            read(&world, SECRETARY, &last).await["due_on"],
            "2026-04-05",
            "a week belongs to the year of its Monday"
        );
    })
    .await;
}

#[actix_web::test]
async fn apl_3_the_columns_of_a_time_are_its_mondays() {
    on_both(|world| async move {
        let weeks = read(&world, MANAGER, "/v1/annual-plans/weeks?from=2023-05-08&to=2023-06-26").await;
        let mondays: Vec<&Value> =
            weeks["weeks"].as_array().into_iter().flatten().map(|week| &week["starts_on"]).collect();
        let expected = [
            "2023-05-08",
            "2023-05-15",
            "2023-05-22",
            "2023-05-29",
            "2023-06-05",
            "2023-06-12",
            "2023-06-19",
            "2023-06-26",
        ];
        assert_eq!(mondays, expected, "APL-3");
        assert_eq!(weeks["weeks"][3]["ends_on"], "2023-06-04");
        assert_eq!((&weeks["weeks"][3]["month"], &weeks["weeks"][3]["year"]), (&json!(5), &json!(2023)));
        let unclear = ["from=2023-05-08", "from=x&to=y"].map(|query| (query, 400));
        let out_of_range = ["from=2023-06-26&to=2023-05-08", "from=2000-01-01&to=2023-01-01"].map(|query| (query, 422));
        for (query, status) in unclear.into_iter().chain(out_of_range) {
            world.get(format!("/v1/annual-plans/weeks?{query}")).person(MANAGER).send().await.expect(status);
        }
    })
    .await;
}

#[actix_web::test]
async fn apl_4_and_6_a_plan_begins_with_the_rows_of_a_shipped_one() {
    on_both(|world| async move {
        // 2023 is the plan of the sample.
        let plan = id_of(&world, SECRETARY, "/v1/annual-plans", "fiscal_year", 2023).await;
        let rows = read(&world, SECRETARY, &format!("/v1/annual-plans/{plan}/rows")).await;
        let rows = rows["items"].as_array().cloned().unwrap_or_default();
        let clauses: Vec<&str> = rows.iter().filter_map(|row| row["clause"].as_str()).collect();
        assert_eq!(clauses, ["6.1", "6.1", "6.1", "6.1", "6.1", "6.1", "6.2"], "APL-6");
        let inventory = rows.iter().find(|row| row["document_name"] == "資産目録").expect("a row");
        assert_eq!(inventory["scheduled_weeks"], json!(["2023-05-22", "2023-05-29", "2023-06-05"]), "APL-4");

        let year = draft(&world, 2025, json!({ "template": "whole_year" })).await;
        let made = read(&world, SECRETARY, &year).await;
        let shipped = read(&world, MANAGER, "/v1/catalog/annual-plan-templates").await;
        let count = shipped["items"][1]["rows"].as_array().map(Vec::len);
        assert_eq!(made["progress"]["rows"].as_u64(), count.map(|count| count as u64));
        let monthly = read(&world, SECRETARY, &format!("{year}/rows?q=入退室")).await;
        assert_eq!(monthly["items"][0]["occurrences"].as_array().map(Vec::len), Some(12));
        assert_eq!(monthly["items"][0]["scheduled_weeks"][0], "2025-04-07", "the first Monday of the month");
        assert_eq!(monthly["items"][0]["assignee"]["name"], SECRETARY);
        let refused = change(&world, SECRETARY, &year, json!({ "template": null })).await.expect(422);
        assert_eq!(refused.faults(), fault("/template", "read_only_field"));
    })
    .await;
}

#[actix_web::test]
async fn apl_5_a_row_is_overdue_from_the_day_after_its_last_week() {
    on_both(|world| async move {
        let plan =
            format!("/v1/annual-plans/{}", id_of(&world, SECRETARY, "/v1/annual-plans", "fiscal_year", 2024).await);
        let weeks = json!({ "scheduled_weeks": ["2024-04-01", "2024-04-08"] });
        let row = row(&world, &plan, MANAGER, weeks).await;
        world.wait(TimeDelta::days(13));
        assert_eq!(
            read(&world, SECRETARY, &row).await["state"],
            "scheduled",
            "2024-04-14 is the Sunday of its last week"
        );
        let before = read(&world, SECRETARY, &format!("{plan}/rows?overdue=true&q=洗い出す")).await;
        assert_eq!(before["items"], json!([]));
        world.wait(TimeDelta::days(1));
        let late = read(&world, SECRETARY, &row).await;
        assert_eq!((&late["state"], &late["occurrences"][0]["state"]), (&json!("overdue"), &json!("overdue")), "APL-5");
        let found = read(&world, SECRETARY, &format!("{plan}/rows?overdue=true&q=洗い出す")).await;
        assert_eq!(found["items"].as_array().map(Vec::len), Some(1));
        assert!(read(&world, SECRETARY, &plan).await["progress"]["overdue_rows"].as_i64() > Some(0));
        let refused =
            take(&world, MANAGER, &row, "completion", json!({ "done_on": "2024-04-16", "evidence": "x" })).await;
        assert_eq!(refused.expect(422).faults(), fault("/done_on", "future_date"));
        let refused = take(&world, MANAGER, &row, "completion", json!({ "done_on": "2024-04-15" })).await.expect(422);
        assert_eq!(refused.faults(), fault("/evidence", "required_here"));
        let done = take(&world, MANAGER, &row, "completion", done("2024-04-15")).await.expect(200).json();
        assert_eq!((&done["state"], &done["due_on"]), (&json!("done"), &Value::Null));
        assert_eq!(done["occurrences"][0]["done"]["done_by"]["name"], MANAGER);
    })
    .await;
}

#[actix_web::test]
async fn sd_1_the_chair_approves_what_somebody_else_prepared() {
    on_both(|world| async move {
        let plan = draft(&world, 2025, json!({})).await;
        let refused = take(&world, SECRETARY, &plan, "submission", Value::Null).await.expect(409);
        assert_eq!((refused.code(), refused.faults()), ("not_ready".into(), fault("/rows", "required")));
        row(&world, &plan, MANAGER, json!({})).await;
        take(&world, SECRETARY, &plan, "submission", Value::Null).await.expect(200);
        let refused = take(&world, TOP, &plan, "approval", json!({})).await.expect(403);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("duty_separated".into(), &json!("SD-1")));
        assert_eq!(refused.json()["params"]["next_approver"][0]["name"], CHAIR, "the chair is there and free");
        assert_eq!(read(&world, TOP, &plan).await["allowed_actions"], json!(["return"]));
        take(&world, CHAIR, &plan, "return", json!({ "reason": "担当を見直すこと" })).await.expect(200);

        // The chair does the secretariat's work for a day, and writes in a row: then they prepared the plan.
        let chair = person(&world, CHAIR).await;
        let role = json!({ "role": "isms_secretariat", "person_id": chair, "starts_on": "2024-04-01" });
        let proposed = create(&world, SECRETARY, "/v1/appointments", role).await.expect(201).header("location");
        take(&world, CHAIR, &proposed, "approval", Value::Null).await.expect(200);
        let rows = read(&world, SECRETARY, &format!("{plan}/rows")).await;
        let first = format!("/v1/annual-plan-rows/{}", rows["items"][0]["id"].as_str().expect("an id"));
        change(&world, CHAIR, &first, json!({ "remarks": "部長が行う" })).await.expect(200);
        take(&world, SECRETARY, &plan, "submission", Value::Null).await.expect(200);
        let refused = take(&world, CHAIR, &plan, "approval", json!({})).await.expect(403);
        assert_eq!(refused.json()["params"]["next_approver"][0]["name"], TOP);
        let approved = take(&world, TOP, &plan, "approval", json!({})).await.expect(200).json();
        assert_eq!((&approved["state"], &approved["sign_off"]["self_approved"]), (&json!("approved"), &json!(false)));
    })
    .await;
}

#[actix_web::test]
async fn sd_12_an_approved_plan_is_done_moved_and_added_to_and_not_changed() {
    on_both(|world| async move {
        let plan = draft(&world, 2025, json!({})).await;
        let first = row(&world, &plan, MANAGER, json!({})).await;
        approve(&world, &plan).await;
        for (path, patch) in [(&plan, json!({ "title": "別の題" })), (&first, json!({ "activity": "別のこと" }))]
        {
            let refused = change(&world, SECRETARY, path, patch).await.expect(409);
            assert_eq!((refused.code(), &refused.json()["rule"]), ("wrong_state".into(), &json!("SD-12")));
        }
        let refused = take(&world, SECRETARY, &first, "withdrawal", json!({ "reason": "不要" })).await.expect(409);
        assert_eq!(refused.json()["rule"], "SD-12");
        let later = row(&world, &plan, MANAGER, json!({ "scheduled_weeks": ["2025-08-04"] })).await;
        assert_eq!(read(&world, SECRETARY, &later).await["added_later"], true);
        assert_eq!(read(&world, SECRETARY, &first).await["added_later"], false);

        let moved = json!({ "scheduled_weeks": ["2025-07-08"], "reason": "担当者の不在" });
        let refused = take(&world, SECRETARY, &first, "reschedule", moved).await.expect(422);
        assert_eq!(
            (refused.faults(), &refused.json()["rule"]),
            (fault("/scheduled_weeks/0", "invalid_format"), &json!("R-22"))
        );
        let moved = json!({ "scheduled_weeks": ["2025-07-07"], "reason": "担当者の不在" });
        let moved = take(&world, SECRETARY, &first, "reschedule", moved).await.expect(200).json();
        assert_eq!((&moved["scheduled_weeks"], &moved["due_on"]), (&json!(["2025-07-07"]), &json!("2025-07-13")));
        let history = &moved["changes"][0];
        assert_eq!((&history["kind"], &history["before"]), (&json!("rescheduled"), &json!(["2025-05-12"])));
        assert_eq!((&history["by"]["name"], &history["by"]["reason"]), (&json!(SECRETARY), &json!("担当者の不在")));

        // The first thing done begins the execution, before the year does.
        assert_eq!(read(&world, SECRETARY, &plan).await["state"], "approved");
        take(&world, MANAGER, &first, "completion", done("2024-04-01")).await.expect(200);
        assert_eq!(read(&world, SECRETARY, &plan).await["state"], "in_execution");
        for (state, count) in [("approved", 0), ("in_execution", 2), ("closed", 1), ("draft", 0)] {
            let found = read(&world, SECRETARY, &format!("/v1/annual-plans?state={state}")).await;
            assert_eq!(found["items"].as_array().map(Vec::len), Some(count), "{state}");
        }

        let refused = take(&world, SECRETARY, &plan, "closure", Value::Null).await.expect(409);
        assert_eq!((refused.code(), refused.faults()), ("not_ready".into(), fault("/rows/2", "required")));
        take(&world, SECRETARY, &later, "skipping", json!({ "reason": "対象がなくなった" })).await.expect(200);
        let closed = take(&world, SECRETARY, &plan, "closure", Value::Null).await.expect(200).json();
        assert_eq!((&closed["state"], &closed["allowed_actions"]), (&json!("closed"), &json!([])));
        let refused = take(&world, SECRETARY, &first, "reopening", json!({ "reason": "誤記" })).await.expect(409);
        assert_eq!(refused.json()["params"]["state"], "closed");
        let late = row_draft(&world, MANAGER, json!({})).await;
        create(&world, SECRETARY, &format!("{plan}/rows"), late).await.expect(409);
    })
    .await;
}

#[actix_web::test]
async fn what_recurs_is_done_one_after_the_other() {
    on_both(|world| async move {
        let plan =
            format!("/v1/annual-plans/{}", id_of(&world, SECRETARY, "/v1/annual-plans", "fiscal_year", 2024).await);
        let monthly =
            json!({ "clause": "8.1", "recurrence": "monthly", "scheduled_weeks": ["2024-04-01", "2024-05-06"] });
        let row = row(&world, &plan, MANAGER, monthly).await;
        let first = take(&world, MANAGER, &row, "completion", done("2024-04-01")).await.expect(200).json();
        assert_eq!((&first["state"], &first["due_on"]), (&json!("scheduled"), &json!("2024-05-12")));
        let again = json!({ "occurrence": 1, "done_on": "2024-04-01", "evidence": "議事録" });
        let refused = take(&world, MANAGER, &row, "completion", again).await.expect(409);
        assert_eq!(refused.json()["params"]["state"], "done");
        let unknown = json!({ "occurrence": 9, "done_on": "2024-04-01", "evidence": "議事録" });
        let refused = take(&world, MANAGER, &row, "completion", unknown).await.expect(422);
        assert_eq!(refused.faults(), fault("/occurrence", "unknown_reference"));
        let back = take(&world, SECRETARY, &row, "reopening", json!({ "reason": "誤記" })).await.expect(200).json();
        assert_eq!((&back["occurrences"][0]["done"], &back["changes"][0]["kind"]), (&Value::Null, &json!("reopened")));
        assert_eq!(back["changes"][0]["undone"]["done_on"], "2024-04-01");

        // Evidence may be a record; one that there is.
        let risk = world.first_id("/v1/risks").await;
        let linked = |id: &str| json!({ "done_on": "2024-04-01", "link": { "resource": "risk", "id": id } });
        let nowhere = linked("00000000-0000-7000-8000-000000000000");
        let refused = take(&world, MANAGER, &row, "completion", nowhere).await.expect(422);
        assert_eq!(refused.faults(), fault("/link/id", "unknown_reference"));
        take(&world, MANAGER, &row, "completion", linked(&risk)).await.expect(200);

        let needed = json!({ "recurrence": "as_needed", "scheduled_weeks": [] });
        let needed = self::row(&world, &plan, MANAGER, needed).await;
        for _ in 0..2 {
            take(&world, MANAGER, &needed, "completion", done("2024-04-01")).await.expect(200);
        }
        let twice = read(&world, SECRETARY, &needed).await;
        assert_eq!((&twice["state"], twice["occurrences"].as_array().map(Vec::len)), (&json!("scheduled"), Some(2)));
    })
    .await;
}

#[actix_web::test]
async fn the_assignee_records_and_the_secretariat_attests() {
    on_both(|world| async move {
        let plan = draft(&world, 2025, json!({})).await;
        let mine = row(&world, &plan, MANAGER, json!({})).await;
        let worker = row(&world, &plan, "高橋 花", json!({})).await;
        assert_eq!(read(&world, MANAGER, &mine).await["allowed_actions"], json!([]), "not before it is approved");
        approve(&world, &plan).await;
        assert_eq!(read(&world, MANAGER, &mine).await["allowed_actions"], json!(["complete"]));
        assert_eq!(read(&world, ADMINISTRATOR, &mine).await["allowed_actions"], json!([]));
        let refused = take(&world, ADMINISTRATOR, &mine, "completion", done("2024-04-01")).await.expect(403);
        assert_eq!(refused.code(), "outside_reach");
        let refused = take(&world, SECRETARY, &mine, "completion", done("2024-04-01")).await.expect(403);
        assert_eq!(refused.code(), "outside_reach", "everybody completes what is assigned to them, and nothing else");
        assert_eq!(read(&world, SECRETARY, &worker).await["allowed_actions"], json!(["attest", "reschedule", "skip"]));
        let attested = take(&world, SECRETARY, &worker, "attestation", done("2024-04-01")).await.expect(200).json();
        let done = &attested["occurrences"][0]["done"];
        assert_eq!((&done["source"], &done["done_by"]["name"]), (&json!("attestation"), &json!(SECRETARY)));
        assert_eq!(attested["assignee"]["name"], "高橋 花");
        let own = read(&world, MANAGER, &format!("{plan}/rows?open=true")).await;
        assert_eq!(own["items"].as_array().map(Vec::len), Some(1));
    })
    .await;
}

/// The id of a risk that a treatment plan can cover; all open ones are evaluated, so that a round can take them.
async fn decided(world: &World) -> String {
    for number in [1, 2, 3] {
        take(world, SECRETARY, &risk(world, number).await, "evaluation", Value::Null).await.expect(200);
    }
    let path = risk(world, 1).await;
    take(world, SECRETARY, &path, "treatment-decision", modify(&["持ち出しを記録する"])).await.expect(200);
    let item = item_draft(&person(world, "高橋 花").await, json!({}));
    create(world, SECRETARY, &format!("{path}/treatment-items"), item).await.expect(201);
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

#[actix_web::test]
async fn the_approval_of_a_record_marks_its_row_done() {
    on_both(|world| async move {
        let plan = id_of(&world, SECRETARY, "/v1/annual-plans", "fiscal_year", 2024).await;
        let rows = format!("/v1/annual-plans/{plan}/rows");
        // The plan has no row for the scope yet.
        let of_scope = row_draft(
            &world,
            MANAGER,
            json!({
                "clause": "4.3", "activity": "適用範囲を見直す", "document_name": "適用範囲", "fulfilled_by": "scope",
                "scheduled_weeks": ["2024-06-03"],
            }),
        );
        create(&world, SECRETARY, &rows, of_scope.await).await.expect(201);
        let round = json!({
            "title": "第2回", "performed_on": "2024-03-29", "trigger": "planned", "scope": "全社", "conclusions": "備える",
        });
        let treatment = json!({ "title": "持ち出しへの備え", "risk_ids": [decided(&world).await] });
        let policy = json!({ "company_name": "株式会社青空商事", "issued_on": "2024-04-01" });
        let titled = |title: &str| json!({ "title": title });
        // The criteria come last: a round of risks judged by older ones would not be approved.
        for (list, draft, approver, approval, resource, document) in [
            ("/v1/risk-assessments", round, CHAIR, json!({}), "risk", "リスクアセスメント結果報告書"),
            ("/v1/treatment-plans", treatment, "田中 浩二", Value::Null, "treatment_decision", "リスク対応計画"),
            (
                "/v1/statements-of-applicability",
                titled("適用宣言書"),
                TOP,
                json!({}),
                "statement_of_applicability",
                "適用宣言書",
            ),
            ("/v1/isms-scopes", titled("適用範囲"), TOP, json!({}), "scope", "適用範囲"),
            ("/v1/policies", policy, TOP, json!({}), "policy", "情報セキュリティ方針"),
            ("/v1/risk-criteria", titled("リスク基準"), TOP, json!({}), "risk_criteria", "リスク基準"),
        ] {
            let row = id_of(&world, SECRETARY, &format!("{rows}?limit=200"), "document_name", document).await;
            let row = format!("/v1/annual-plan-rows/{row}");
            assert_eq!(read(&world, SECRETARY, &row).await["state"], "scheduled", "{document}");
            let made = create(&world, SECRETARY, list, draft).await.expect(201);
            let path = made.header("location");
            take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
            take(&world, approver, &path, "approval", approval).await.expect(200);
            let marked = read(&world, SECRETARY, &row).await;
            assert_eq!((&marked["state"], &marked["revision"]), (&json!("done"), &json!(2)), "{document}");
            let done = &marked["occurrences"][0]["done"];
            assert_eq!((&done["source"], &done["done_by"]["name"]), (&json!("record"), &json!(approver)), "{document}");
            assert_eq!(done["link"], json!({ "resource": resource, "id": made.id() }));
            assert_eq!(done["done_on"], "2024-04-01");
        }
    })
    .await;
}

#[actix_web::test]
async fn a_review_of_the_policy_marks_its_row_done() {
    on_both(|world| async move {
        let plan = id_of(&world, SECRETARY, "/v1/annual-plans", "fiscal_year", 2024).await;
        let rows = format!("/v1/annual-plans/{plan}/rows?limit=200");
        let row = id_of(&world, SECRETARY, &rows, "document_name", "情報セキュリティ方針").await;
        let policy = id_of(&world, SECRETARY, "/v1/policies", "version", 1).await;
        let review = json!({ "reviewed_on": "2024-04-01", "outcome": "no_change_needed", "reason": "変わりない" });
        take(&world, TOP, &format!("/v1/policies/{policy}"), "review", review).await.expect(200);
        let marked = read(&world, SECRETARY, &format!("/v1/annual-plan-rows/{row}")).await;
        assert_eq!(marked["occurrences"][0]["done"]["link"], json!({ "resource": "policy", "id": policy }));
    })
    .await;
}

#[actix_web::test]
async fn there_is_one_plan_for_each_fiscal_year() {
    on_both(|world| async move {
        let plan = draft(&world, 2025, json!({})).await;
        let seen = read(&world, SECRETARY, &plan).await;
        assert_eq!((&seen["starts_on"], &seen["ends_on"]), (&json!("2025-04-01"), &json!("2026-03-31")));
        let again = json!({ "fiscal_year": 2025, "title": "二つ目" });
        let refused = create(&world, SECRETARY, "/v1/annual-plans", again).await.expect(409);
        assert_eq!(
            (refused.code(), &refused.json()["params"]["field"]),
            ("already_exists".into(), &json!("/fiscal_year"))
        );
        let row = row(&world, &plan, MANAGER, json!({})).await;
        let refused = change(&world, SECRETARY, &plan, json!({ "fiscal_year": 2026 })).await.expect(422);
        assert_eq!(refused.faults(), fault("/fiscal_year", "contradiction"));
        let gone = take(&world, SECRETARY, &row, "withdrawal", json!({ "reason": "重複" })).await.expect(200).json();
        assert_eq!((&gone["state"], &gone["withdrawal"]["reason"]), (&json!("withdrawn"), &json!("重複")));
        assert_eq!(read(&world, SECRETARY, &format!("{plan}/rows")).await["items"], json!([]));
        let refused = change(&world, SECRETARY, &plan, json!({ "fiscal_year": 2024 })).await.expect(409);
        assert_eq!(refused.code(), "already_exists");
        let moved = change(&world, SECRETARY, &plan, json!({ "fiscal_year": 2026 })).await.expect(200).json();
        assert_eq!(moved["starts_on"], "2026-04-01");
        let refused = create(&world, MANAGER, "/v1/annual-plans", json!({ "fiscal_year": 2030, "title": "x" })).await;
        assert_eq!(refused.expect(403).code(), "not_granted");
    })
    .await;
}
