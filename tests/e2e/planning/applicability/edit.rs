//! Many controls changed at once, and the events that tell of it.

use serde_json::{Value, json};

use super::{SECRETARY, control, draft, version};
use crate::{
    harness::{Reply, World, on_both},
    planning::steps::{change, create, read},
};

async fn edit(world: &World, path: &str, query: &str, body: Value) -> Reply {
    create(world, SECRETARY, &format!("{path}/control-edits{query}"), body).await
}

/// Outcome by control.
fn outcomes(report: &Value) -> Vec<(&str, &str)> {
    let rows = report["rows"].as_array().expect("rows").iter();
    rows.map(|row| (row["control_id"].as_str().expect("an id"), row["outcome"].as_str().expect("a word"))).collect()
}

fn some() -> Value {
    json!([
        { "control_id": "5.1", "decision": "applicable", "implementation_status": "implemented",
          "justification": "経営の意思を示すため", "documents": ["情報セキュリティ方針"] },
        { "control_id": "8.4", "decision": "not_applicable", "justification": "持たないため" },
        { "control_id": "8.5" },
    ])
}

fn faulty() -> Value {
    let mut edits = some();
    edits.as_array_mut().expect("edits").extend([
        json!({ "control_id": "5.2", "decision": "applicable" }),
        json!({ "control_id": "8.30", "decision": "not_applicable", "implementation_status": "implemented" }),
        json!({ "control_id": "5.99", "justification": "ない" }),
        json!({ "control_id": "5.1", "justification": "二度目" }),
        json!({ "control_id": "5.3", "revision": 7, "justification": "古い" }),
    ]);
    edits
}

const FAULTS: [(&str, &str); 5] = [
    ("/edits/3/implementation_status", "required_here"),
    ("/edits/4/implementation_status", "contradiction"),
    ("/edits/5/control_id", "unknown_reference"),
    ("/edits/6/control_id", "duplicate"),
    ("/edits/7/revision", "stale"),
];

#[actix_web::test]
async fn many_controls_are_changed_at_once() {
    on_both(|world| async move {
        let path = draft(&world, "empty").await;
        let report = edit(&world, &path, "", json!({ "edits": some() })).await.expect(200).json();
        assert_eq!(outcomes(&report), [("5.1", "changed"), ("8.4", "changed"), ("8.5", "unchanged")]);
        let numbers = ["changed", "unchanged", "refused", "validate_only"].map(|name| report[name].clone());
        assert_eq!(numbers, [json!(2), json!(1), json!(0), json!(false)]);
        let row = read(&world, SECRETARY, &control(&world, &path, "8.4").await).await;
        assert_eq!((&row["id"], &row["revision"]), (&report["rows"][1]["id"], &report["rows"][1]["revision"]));
        assert_eq!((&row["revision"], &row["implementation_status"]), (&json!(2), &json!("not_applicable")));
        let statement = read(&world, SECRETARY, &path).await;
        assert_eq!((&statement["revision"], &statement["counts"]["undecided"]), (&json!(2), &json!(91)));
        assert_eq!(read(&world, SECRETARY, &control(&world, &path, "8.5").await).await["revision"], 1);

        // The same again changes nothing, the draft included.
        let report = edit(&world, &path, "", json!({ "edits": some() })).await.expect(200).json();
        assert_eq!((&report["changed"], &report["unchanged"]), (&json!(0), &json!(3)));
        assert_eq!(read(&world, SECRETARY, &path).await["revision"], 2);

        // Back to undecided: the status goes with the decision.
        let back = json!({ "edits": [{ "control_id": "5.1", "revision": 2, "decision": "undecided" }] });
        edit(&world, &path, "", back).await.expect(200);
        let row = read(&world, SECRETARY, &control(&world, &path, "5.1").await).await;
        assert_eq!(
            (&row["implementation_status"], &row["documents"][0]),
            (&Value::Null, &json!("情報セキュリティ方針"))
        );
    })
    .await;
}

#[actix_web::test]
async fn all_or_nothing_unless_skipped() {
    on_both(|world| async move {
        let path = draft(&world, "empty").await;
        let before = read(&world, SECRETARY, &format!("{path}/controls?limit=200")).await;
        let expected: Vec<_> = FAULTS.iter().map(|(at, code)| ((*at).to_owned(), (*code).to_owned())).collect();

        let refused = edit(&world, &path, "", json!({ "edits": faulty() })).await.expect(422);
        assert_eq!((refused.code(), refused.faults()), ("rows_refused".to_owned(), expected.clone()));
        assert_eq!(refused.json()["errors"][2]["params"]["control_id"], "5.99");
        let would = edit(&world, &path, "?validate_only=true", json!({ "edits": faulty() })).await.expect(200).json();
        let numbers = ["changed", "unchanged", "refused", "validate_only"].map(|name| would[name].clone());
        assert_eq!(numbers, [json!(2), json!(1), json!(5), json!(true)]);
        assert_eq!(read(&world, SECRETARY, &format!("{path}/controls?limit=200")).await, before, "nothing was stored");

        let skip = json!({ "edits": faulty(), "on_error": "skip" });
        let done = edit(&world, &path, "", skip).await.expect(200).json();
        assert_eq!((&done["changed"], &done["refused"]), (&json!(2), &json!(5)));
        let mut faults: Vec<(String, String)> = Vec::new();
        for fault in
            done["rows"].as_array().expect("rows").iter().flat_map(|row| row["errors"].as_array().expect("errors"))
        {
            let text = |name: &str| fault[name].as_str().expect("a text").to_owned();
            faults.push((text("pointer"), text("code")));
        }
        assert_eq!(faults, expected);
        assert_eq!(done["rows"][5]["id"], Value::Null);
        assert_eq!(read(&world, SECRETARY, &path).await["counts"]["undecided"], 91);
    })
    .await;
}

#[actix_web::test]
async fn a_body_that_edits_nothing_or_too_much_is_refused() {
    on_both(|world| async move {
        let path = draft(&world, "empty").await;
        let many: Vec<Value> = (0..201).map(|_| json!({ "control_id": "5.1" })).collect();
        for (body, at, code) in [
            (json!({}), "/edits", "required"),
            (json!({ "edits": [] }), "/edits", "too_short"),
            (json!({ "edits": many }), "/edits", "too_long"),
            (json!({ "edits": [{ "control_id": "5.1", "title": "別" }] }), "/edits/0/title", "unknown_field"),
            (json!({ "edits": [{ "control_id": "5.1", "decision": "maybe" }] }), "/edits/0/decision", "not_in_list"),
            (json!({ "edits": some(), "on_error": "stop" }), "/on_error", "not_in_list"),
        ] {
            let refused = edit(&world, &path, "", body).await.expect(422);
            assert_eq!(refused.faults(), [(at.to_owned(), code.to_owned())]);
        }
        let body = json!({ "edits": some() });
        let by_worker = create(&world, "高橋 花", &format!("{path}/control-edits"), body.clone()).await.expect(403);
        assert_eq!(by_worker.code(), "not_granted");
        create(&world, "林 一郎", &format!("{path}/control-edits"), body).await.expect(404);
    })
    .await;
}

/// The events of a request: the record, and what it says of controls.
async fn events(world: &World, reply: &Reply) -> Vec<(String, Value)> {
    while world.service.seal_all().await.is_err() {}
    let request = reply.header("x-request-id");
    let all = read(world, SECRETARY, "/v1/events?limit=200&resource=statement_of_applicability").await;
    let mine = all["items"].as_array().expect("events").iter().filter(|event| event["request_id"] == *request);
    mine.map(|event| (event["record_id"].as_str().expect("an id").to_owned(), event["after"].clone())).collect()
}

#[actix_web::test]
async fn one_event_for_each_changed_control_and_one_for_the_version() {
    on_both(|world| async move {
        let made = create(&world, SECRETARY, super::LIST, json!({ "title": "第3版" })).await.expect(201);
        let path = made.header("location");
        let told = events(&world, &made).await;
        assert_eq!(told.len(), 1, "the 94 controls of a copy are told by their version");
        assert_eq!((&told[0].1["copied_from"], &told[0].1["counts"]["total"]), (&json!(2), &json!(94)));

        let body = json!({ "edits": [
            { "control_id": "5.1", "justification": "理由を改めた" }, { "control_id": "5.2" },
            { "control_id": "5.3", "implementation_status": "not_implemented" },
        ] });
        let edited = edit(&world, &path, "", body).await.expect(200);
        let told = events(&world, &edited).await;
        assert_eq!(told.len(), 3, "{told:?}");
        assert_eq!((&told[0].1["control_id"], &told[0].1["justification"]), (&json!("5.1"), &json!("理由を改めた")));
        assert_eq!(told[1].1["control_id"], "5.3");
        assert_eq!(told[0].1.get("annex_a").or(told[0].1.get("risks")), None, "what is not its own");
        assert_eq!(told[2].0, made.id());

        let row = control(&world, &path, "5.12").await;
        let changed = change(&world, SECRETARY, &row, json!({ "justification": "分ける" })).await.expect(200);
        assert_eq!(events(&world, &changed).await.len(), 2);
        let refused =
            change(&world, SECRETARY, &control(&world, &version(&world, 1).await, "5.12").await, json!({})).await;
        assert_eq!(events(&world, &refused.expect(409)).await.len(), 0, "of a refusal tells another event");
    })
    .await;
}
