//! Operation checklists and their runs (8.1).

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    harness::{World, on_both},
    planning::steps::{SECRETARY, change, create, id_of, person, read, take},
};

const MANAGER: &str = "小林 恵";
const ADMINISTRATOR: &str = "斎藤 翔";

async fn checklist(world: &World) -> String {
    let draft = json!({
        "title": "施錠の点検", "items": ["扉", "書庫"], "frequency": "weekly", "first_due_on": "2024-04-03",
        "assignee_id": person(world, MANAGER).await,
    });
    create(world, SECRETARY, "/v1/operation-checklists", draft).await.expect(201).header("location")
}

fn run(on: &str, results: Value) -> Value {
    json!({ "performed_on": on, "results": results })
}

fn all_ok() -> Value {
    json!([{ "number": 1, "finding": "ok" }, { "number": 2, "finding": "not_applicable" }])
}

#[actix_web::test]
async fn a_run_answers_every_item_and_the_next_one_is_due() {
    on_both(|world| async move {
        let path = checklist(&world).await;
        let runs = format!("{path}/runs");
        let seen = read(&world, MANAGER, &path).await;
        assert_eq!((&seen["next_due_on"], &seen["overdue"]), (&json!("2024-04-03"), &json!(false)));
        assert_eq!(seen["allowed_actions"], json!(["run"]));
        world.wait(TimeDelta::days(3));
        assert_eq!(read(&world, MANAGER, &path).await["overdue"], true);
        let late = read(&world, SECRETARY, "/v1/operation-checklists?overdue=true&q=施錠の点検").await;
        assert_eq!(late["items"].as_array().map(Vec::len), Some(1));

        for (results, pointer, code) in [
            (json!([{ "number": 1, "finding": "ok" }]), "/results", "too_short"),
            (
                json!([{ "number": 1, "finding": "ok" }, { "number": 2, "finding": "not_ok" }]),
                "/results/1/note",
                "required_here",
            ),
            (
                json!([{ "number": 1, "finding": "ok" }, { "number": 3, "finding": "ok" }]),
                "/results/1/number",
                "unknown_reference",
            ),
            (json!([{ "number": 1, "finding": "fine" }]), "/results/0/finding", "not_in_list"),
        ] {
            let refused = create(&world, MANAGER, &runs, run("2024-04-04", results)).await.expect(422);
            assert!(refused.faults().contains(&(pointer.to_owned(), code.to_owned())), "{:?}", refused.faults());
        }
        let refused = create(&world, MANAGER, &runs, run("2024-04-05", all_ok())).await.expect(422);
        assert_eq!(refused.faults(), [("/performed_on".to_owned(), "future_date".to_owned())]);

        let found =
            json!([{ "number": 1, "finding": "not_ok", "note": "開いていた" }, { "number": 2, "finding": "ok" }]);
        let made = create(&world, MANAGER, &runs, run("2024-04-04", found)).await.expect(201);
        assert_eq!((&made.json()["not_ok"], &made.json()["performed_by"]["name"]), (&json!(1), &json!(MANAGER)));
        let seen = read(&world, SECRETARY, &path).await;
        assert_eq!((&seen["next_due_on"], &seen["overdue"]), (&json!("2024-04-11"), &json!(false)));
        assert_eq!((&seen["last_run"]["id"], &seen["last_run"]["not_ok"]), (&json!(made.id()), &json!(1)));
        create(&world, MANAGER, &runs, run("2024-03-28", all_ok())).await.expect(201);
        assert_eq!(read(&world, SECRETARY, &path).await["next_due_on"], "2024-04-11", "entered late");
        let bad = read(&world, SECRETARY, &format!("{runs}?not_ok=true")).await;
        assert_eq!(bad["items"].as_array().map(Vec::len), Some(1));

        // The items change; what was found stays as it was found.
        change(&world, SECRETARY, &path, json!({ "items": ["窓"] })).await.expect(200);
        assert_eq!(read(&world, SECRETARY, &made.header("location")).await["items"], json!(["扉", "書庫"]));
    })
    .await;
}

#[actix_web::test]
async fn only_the_assignee_runs_it_until_it_is_retired() {
    on_both(|world| async move {
        let path = checklist(&world).await;
        let runs = format!("{path}/runs");
        let refused = create(&world, ADMINISTRATOR, &runs, run("2024-04-01", all_ok())).await.expect(403);
        assert_eq!(refused.code(), "outside_reach");
        let refused = create(&world, SECRETARY, &runs, run("2024-04-01", all_ok())).await.expect(403);
        assert_eq!(refused.code(), "outside_reach");
        let refused = take(&world, MANAGER, &path, "retirement", json!({ "reason": "x" })).await.expect(403);
        assert_eq!(refused.code(), "not_granted");
        let gone =
            take(&world, SECRETARY, &path, "retirement", json!({ "reason": "移転した" })).await.expect(200).json();
        assert_eq!((&gone["state"], &gone["next_due_on"]), (&json!("retired"), &Value::Null));
        let refused = create(&world, MANAGER, &runs, run("2024-04-01", all_ok())).await.expect(409);
        assert_eq!(refused.json()["params"]["state"], "retired");
        change(&world, SECRETARY, &path, json!({ "title": "別" })).await.expect(409);
        let listed = read(&world, SECRETARY, "/v1/operation-checklists?q=施錠の点検").await;
        assert_eq!(listed["items"], json!([]));
        let all = "/v1/operation-checklists?q=施錠の点検&include_retired=true";
        id_of(&world, SECRETARY, all, "state", "retired").await;
    })
    .await;
}
