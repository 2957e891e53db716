//! Education programmes of the fiscal years (EDU-1 to EDU-3, EDU-6; R-12, SD-1).

use serde_json::{Value, json};

use crate::{
    harness::{World, on_both},
    planning::steps::{SECRETARY, change, create, person, read, take},
};

const TOP: &str = "青木 健一";
const CHAIR: &str = "石田 洋子";
const TRAINER: &str = "木村 拓";
const WORKER: &str = "高橋 花";
const LIST: &str = "/v1/education-programmes";

/// A programme with the five themes; `patch` replaces fields of it.
pub(super) fn draft(owner: &str, patch: Value) -> Value {
    let mut draft = json!({
        "fiscal_year": 2025, "owner_id": owner,
        "themes": [
            { "theme": "regulations_briefing" }, { "theme": "threat_alert" }, { "theme": "legal_understanding" },
            { "theme": "personal_data_handling" }, { "theme": "compliance", "timings": ["scheduled"] },
        ],
        "events": [{ "theme": "compliance", "planned_for": "2025-10", "method": "eラーニング", "held_by": "人事部" }],
    });
    for (name, value) in patch.as_object().into_iter().flatten() {
        draft[name] = value.clone();
    }
    draft
}

/// The path of a new programme, approved.
async fn approved(world: &World, patch: Value) -> String {
    let owner = person(world, TRAINER).await;
    let path = create(world, TRAINER, LIST, draft(&owner, patch)).await.expect(201).header("location");
    take(world, TRAINER, &path, "submission", Value::Null).await.expect(200);
    take(world, TOP, &path, "approval", json!({})).await.expect(200);
    path
}

#[actix_web::test]
async fn edu_1_a_programme_for_everybody_with_the_five_themes() {
    on_both(|world| async move {
        let owner = person(&world, TRAINER).await;
        let made = create(&world, TRAINER, LIST, draft(&owner, json!({}))).await.expect(201);
        let (path, made) = (made.header("location"), made.json());
        assert_eq!((&made["audience"], &made["owner"]["name"]), (&json!("all_workers"), &json!(TRAINER)));
        assert_eq!((&made["starts_on"], &made["ends_on"]), (&json!("2025-04-01"), &json!("2026-03-31")));
        assert_eq!(made["themes"][0]["timings"], json!(["on_joining", "during_employment"]), "as it usually is");
        world.get(&path).person(WORKER).send().await.expect(404);

        take(&world, TRAINER, &path, "submission", Value::Null).await.expect(200);
        let refused = take(&world, CHAIR, &path, "approval", json!({})).await.expect(403);
        assert_eq!(refused.json()["params"]["next_approver"][0]["name"], TOP);
        take(&world, TOP, &path, "return", json!({ "reason": "回数を増やす" })).await.expect(200);
        change(&world, TRAINER, &path, json!({ "remarks": "年2回にする" })).await.expect(200);
        take(&world, TRAINER, &path, "submission", Value::Null).await.expect(200);
        let in_force = take(&world, TOP, &path, "approval", json!({})).await.expect(200).json();
        assert_eq!((&in_force["state"], &in_force["sign_off"]["approved"]["name"]), (&json!("in_force"), &json!(TOP)));
        assert_eq!(read(&world, WORKER, &path).await["allowed_actions"], json!([]));
        let refused = change(&world, TRAINER, &path, json!({ "remarks": "" })).await.expect(409);
        assert_eq!(refused.json()["rule"], "SD-12");
    })
    .await;
}

#[actix_web::test]
async fn edu_2_and_edu_6_no_theme_and_nobody_is_left_out() {
    on_both(|world| async move {
        let owner = person(&world, TRAINER).await;
        let four = json!([
            { "theme": "regulations_briefing" }, { "theme": "threat_alert" }, { "theme": "legal_understanding" },
            { "theme": "personal_data_handling" },
        ]);
        let refused = create(&world, TRAINER, LIST, draft(&owner, json!({ "themes": four, "events": [] }))).await;
        let refused = refused.expect(422);
        assert_eq!(refused.faults(), [("/themes".to_owned(), "required_here".to_owned())], "EDU-2");
        let message = refused.json()["errors"][0].clone();
        assert_eq!(message["params"]["missing"], "compliance", "{message}");
        let part = json!({ "audience": "sales_department" });
        let refused = create(&world, TRAINER, LIST, draft(&owner, part)).await.expect(422);
        assert_eq!(refused.faults(), [("/audience".to_owned(), "not_in_list".to_owned())], "EDU-6");
        let elsewhere =
            json!([{ "theme": "compliance", "planned_for": "2024-10", "method": "動画", "held_by": "人事部" }]);
        let refused = create(&world, TRAINER, LIST, draft(&owner, json!({ "events": elsewhere }))).await.expect(422);
        assert_eq!(refused.faults(), [("/events/0/planned_for".to_owned(), "out_of_range".to_owned())]);
        create(&world, SECRETARY, LIST, draft(&owner, json!({}))).await.expect(403);
    })
    .await;
}

#[actix_web::test]
async fn edu_3_a_second_plan_of_a_year_is_a_revision() {
    on_both(|world| async move {
        let (owner, first) = (person(&world, TRAINER).await, approved(&world, json!({})).await);
        let id = first.rsplit('/').next().unwrap_or_default().to_owned();
        let refused = create(&world, TRAINER, LIST, draft(&owner, json!({}))).await.expect(409);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("already_exists".into(), &json!("R-12")));
        assert_eq!(refused.json()["params"]["id"], json!(id), "what to revise instead");

        let revision = json!({ "revises_id": id, "revision_reason": "法律が改められた" });
        let wordless = json!({ "revises_id": id });
        let refused = create(&world, TRAINER, LIST, draft(&owner, wordless)).await.expect(422);
        assert_eq!(refused.faults(), [("/revision_reason".to_owned(), "required_here".to_owned())]);
        let other_year = json!({ "revises_id": id, "revision_reason": "翌年", "fiscal_year": 2026 });
        let refused = create(&world, TRAINER, LIST, draft(&owner, other_year)).await.expect(422);
        assert_eq!(refused.faults(), [("/revises_id".to_owned(), "unknown_reference".to_owned())]);
        let second = create(&world, TRAINER, LIST, draft(&owner, revision.clone())).await.expect(201);
        assert_eq!(second.json()["version"], 2);
        let second = second.header("location");
        create(&world, TRAINER, LIST, draft(&owner, revision.clone())).await.expect(409);
        // A voided draft leaves its place to the next one.
        take(&world, TRAINER, &second, "voiding", json!({ "reason": "書き直す" })).await.expect(200);
        let third = create(&world, TRAINER, LIST, draft(&owner, revision)).await.expect(201).header("location");
        assert_eq!(read(&world, TRAINER, &third).await["version"], 3);
        take(&world, TRAINER, &third, "submission", Value::Null).await.expect(200);
        take(&world, TOP, &third, "approval", json!({})).await.expect(200);
        assert_eq!(read(&world, WORKER, &first).await["state"], "superseded");
        let holding = read(&world, WORKER, &format!("{LIST}?fiscal_year=2025&state=in_force")).await;
        assert_eq!(holding["items"].as_array().map(Vec::len), Some(1));
        assert_eq!(read(&world, WORKER, &format!("{LIST}?fiscal_year=2024")).await["items"][0]["version"], 1);
    })
    .await;
}

#[actix_web::test]
async fn an_approved_programme_does_the_row_of_the_annual_plan_and_answers_for_the_documents() {
    on_both(|world| async move {
        let plans = read(&world, SECRETARY, "/v1/annual-plans?fiscal_year=2024").await;
        let plan = format!("/v1/annual-plans/{}", plans["items"][0]["id"].as_str().expect("a plan"));
        let row = json!({
            "clause": "7.2", "activity": "教育計画を改める", "document_name": "教育計画",
            "scheduled_weeks": ["2024-04-01"], "assignee_id": person(&world, TRAINER).await, "fulfilled_by": "education_plan",
        });
        let row = create(&world, SECRETARY, &format!("{plan}/rows"), row).await.expect(201).id();
        let holding = read(&world, TRAINER, &format!("{LIST}?fiscal_year=2024")).await["items"][0].clone();
        let revision = json!({
            "fiscal_year": 2024, "revises_id": holding["id"], "revision_reason": "法律が改められた", "events": [],
        });
        approved(&world, revision).await;
        let row = read(&world, TRAINER, &format!("/v1/annual-plan-rows/{row}")).await;
        assert_eq!(row["state"], "done", "{row}");
        let rows = read(&world, SECRETARY, "/v1/documented-information").await;
        let seventh = rows["rows"].as_array().into_iter().flatten().find(|row| row["number"] == 7).cloned();
        let seventh = seventh.unwrap_or_else(|| panic!("{rows}"));
        assert!(seventh.to_string().contains("/v1/education-programmes"), "{seventh}");
    })
    .await;
}

#[actix_web::test]
async fn the_progress_tells_what_the_year_did_for_each_theme() {
    on_both(|world| async move {
        let holding = read(&world, TRAINER, &format!("{LIST}?fiscal_year=2024")).await["items"][0].clone();
        let path = format!("{LIST}/{}/progress", holding["id"].as_str().expect("an id"));
        let theme = async |who: &str, number: usize| read(&world, who, &path).await["themes"][number].clone();
        let laws = theme(WORKER, 2).await;
        assert_eq!((&laws["theme"], &laws["duties_open"]), (&json!("legal_understanding"), &json!(2)));
        assert_eq!((&laws["planned_events"], &laws["last_taught_on"]), (&json!(1), &Value::Null));
        let own = theme(WORKER, 5).await;
        assert_eq!((&own["theme"], &own["planned_events"]), (&Value::Null, &json!(1)));

        let open = read(&world, TRAINER, "/v1/education-duties?theme=legal_understanding&state=open").await;
        let duty = format!("/v1/education-duties/{}", open["items"][0]["id"].as_str().expect("a duty"));
        let done = json!({ "fulfilled_on": "2024-04-01", "evidence": "出席簿" });
        take(&world, TRAINER, &duty, "fulfilment", done).await.expect(200);
        let laws = theme(WORKER, 2).await;
        assert_eq!((&laws["duties_done"], &laws["duties_open"]), (&json!(1), &json!(1)));
        assert_eq!(laws["last_taught_on"], "2024-04-01");
    })
    .await;
}
