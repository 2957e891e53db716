//! Where the programme stands, in one request.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    harness::{World, on_both},
    planning::steps::{SECRETARY, change, create, id_of, person, read, take},
};

const TOP: &str = "青木 健一";
const CHAIR: &str = "石田 洋子";
const OWNER: &str = "中村 隆";
const WORKER: &str = "高橋 花";

/// Where an entry is no longer counted.
const GONE: [&str; 12] = [
    "voided",
    "superseded",
    "retired",
    "closed",
    "withdrawn",
    "cancelled",
    "replaced",
    "ended",
    "exited",
    "fulfilled",
    "waived",
    "lapsed",
];

async fn overview(world: &World, who: &str) -> Value {
    read(world, who, "/v1/overview").await
}

fn items(list: &Value) -> Vec<Value> {
    list.as_array().cloned().unwrap_or_default()
}

fn clause(overview: &Value, number: &str) -> Value {
    let found = items(&overview["clauses"]).into_iter().find(|clause| clause["clause"] == number);
    found.unwrap_or_else(|| panic!("no clause {number}"))
}

/// All registers of an overview.
fn registers(overview: &Value) -> Vec<Value> {
    items(&overview["clauses"]).iter().flat_map(|clause| items(&clause["registers"])).collect()
}

fn register(overview: &Value, path: &str) -> Value {
    registers(overview).into_iter().find(|register| register["path"] == path).unwrap_or_default()
}

/// Records, approved, waiting for approval, approved by who prepared them.
fn numbers(overview: &Value, path: &str) -> Value {
    let register = register(overview, path);
    ["records", "approved", "waiting_for_approval", "self_approved"].map(|name| register[name].clone()).into()
}

/// An objective that `who` drafted and handed in.
async fn submitted(world: &World, who: &str) -> String {
    let draft = json!({
        "objective": "事故を起こさない", "policy_objective_number": 1,
        "metric": {
            "name": "重大な事故", "unit": "件", "comparison": "at_most", "target_value": "2", "population": "全社",
        },
        "measuring_interval_months": 6, "action": "手順を周知する", "required_resources": "周知の時間",
        "responsible_person_id": person(world, WORKER).await, "due": "2024-05-10", "evaluation_method": "件数を数える",
    });
    let path = create(world, who, "/v1/objectives", draft).await.expect(201).header("location");
    take(world, who, &path, "submission", Value::Null).await.expect(200);
    path
}

#[actix_web::test]
async fn every_section_of_the_standard_is_there_also_where_nothing_exists() {
    on_both(|world| async move {
        let overview = overview(&world, SECRETARY).await;
        assert_eq!(overview["on"], "2024-04-01");
        let clauses = items(&overview["clauses"]);
        let ids: Vec<&str> = clauses.iter().filter_map(|clause| clause["clause"].as_str()).collect();
        assert_eq!(
            ids,
            [
                "4.1", "4.2", "4.3", "4.4", "5.1", "5.2", "5.3", "6.1", "6.2", "6.3", "7.1", "7.2", "7.3", "7.4", "7.5",
                "8.1", "8.2", "8.3", "9.1", "9.2", "9.3", "10.1", "10.2"
            ]
        );
        let review = clause(&overview, "10.1");
        assert_eq!((&review["title_ja"], &review["pdca"]), (&json!("継続的改善"), &json!("act")));
        let nothing = json!({ "waiting": 0, "due_soon": 0, "overdue": 0 });
        assert_eq!((&review["work"], &review["for_whom"]), (&nothing, &json!([])));
        assert_eq!(review["registers"], json!([]));

        assert_eq!(
            clause(&overview, "5.2")["registers"],
            json!([{
                "resource": "policy", "clause": "5.2", "path": "/v1/policies", "whole": true, "records": 2, "approved": 1,
                "waiting_for_approval": 0, "self_approved": 0, "last_approved_on": "2024-04-01",
            }])
        );
        assert_eq!(numbers(&overview, "/v1/interested-parties"), json!([4, null, null, null]));
        let planning = clause(&overview, "6.1");
        let parts: Vec<Value> = items(&planning["registers"]).iter().map(|register| register["clause"].clone()).collect();
        assert_eq!(parts, ["6.1.1", "6.1.2", "6.1.2", "6.1.2", "6.1.3", "6.1.3"]);
        assert_eq!(overview["self_approved"], 1);
    })
    .await;
}

#[actix_web::test]
async fn work_is_counted_as_the_work_items_are() {
    on_both(|world| async move {
        for who in [SECRETARY, TOP, "小林 恵", WORKER] {
            let overview = overview(&world, who).await;
            let all = read(&world, who, "/v1/work-items?assignee=everybody&limit=200&include_total=true").await;
            assert_eq!(overview["work"]["waiting"], all["total"], "{who}");
            let (mut by_clause, mut by_whom) = (0, 0);
            for clause in items(&overview["clauses"]) {
                by_clause += clause["work"]["waiting"].as_u64().expect("a count");
                let waiting = |awaited: &Value| awaited["work"]["waiting"].as_u64();
                by_whom += items(&clause["for_whom"]).iter().filter_map(waiting).sum::<u64>();
            }
            assert_eq!((json!(by_clause), json!(by_whom)), (all["total"].clone(), all["total"].clone()), "{who}");
        }
    })
    .await;
}

/// A register is counted as its list shows it: the reach of everybody, from top management to a worker, is that of the
/// list.
#[actix_web::test]
async fn nobody_learns_more_than_the_lists_show_them() {
    on_both(|world| async move {
        submitted(&world, SECRETARY).await;
        let paths: Vec<Value> =
            registers(&overview(&world, SECRETARY).await).iter().map(|register| register["path"].clone()).collect();
        assert_eq!(paths.len(), 48, "the secretariat reads every register");
        let people = items(&read(&world, SECRETARY, "/v1/persons?limit=200").await["items"]);
        let mut partly = 0;
        for who in people.iter().filter_map(|person| person["name"].as_str()) {
            let overview = overview(&world, who).await;
            for path in paths.iter().filter_map(Value::as_str) {
                let reply = world.get(format!("{path}?limit=200")).person(who).send().await;
                let listed = if reply.status == 403 { Vec::new() } else { items(&reply.expect(200).json()["items"]) };
                let counts = |one: &&Value| {
                    let state = one["state"].as_str().or(one["status"].as_str()).unwrap_or_default();
                    let shipped = path == "/v1/leadership-commitments" && one["sign_off"].is_null();
                    !GONE.contains(&state) && !shipped
                };
                let listed: Vec<&Value> = listed.iter().filter(counts).collect();
                let stands = |state: &str| listed.iter().filter(|one| one["sign_off"]["state"] == state).count();
                let register = register(&overview, path);
                assert_eq!(register["records"].as_u64().unwrap_or(0), listed.len() as u64, "{who} {path}");
                if register["waiting_for_approval"].is_number() {
                    let counted = (&register["approved"], &register["waiting_for_approval"]);
                    assert_eq!(counted, (&json!(stands("approved")), &json!(stands("submitted"))), "{who} {path}");
                }
                partly += usize::from(register["whole"] == false);
            }
        }
        assert!(partly > 5, "some read a part: {partly}");
    })
    .await;
}

#[actix_web::test]
async fn a_worker_sees_a_part_and_it_says_so() {
    on_both(|world| async move {
        let (all, part) = (overview(&world, SECRETARY).await, overview(&world, WORKER).await);
        for hidden in ["/v1/risks", "/v1/risk-criteria", "/v1/planned-changes", "/v1/suppliers", "/v1/resources"] {
            assert_eq!(register(&part, hidden), Value::Null, "{hidden}");
            assert_ne!(register(&all, hidden), Value::Null, "{hidden}");
        }
        let (assets, whole) = (register(&part, "/v1/assets"), register(&all, "/v1/assets"));
        assert_eq!((&assets["whole"], &whole["whole"]), (&json!(false), &json!(true)));
        assert!(assets["records"].as_u64() < whole["records"].as_u64(), "{assets} {whole}");
        assert_eq!(register(&part, "/v1/appointments")["whole"], true);
    })
    .await;
}

#[actix_web::test]
async fn another_organization_counts_its_own() {
    on_both(|world| async move {
        let (before, theirs) = (overview(&world, SECRETARY).await, overview(&world, "林 一郎").await);
        assert_eq!(numbers(&theirs, "/v1/assets"), json!([0, 0, null, null]));
        let role = json!({
            "role": "isms_secretariat", "person_id": id_of(&world, "林 一郎", "/v1/persons", "name", "原 次郎").await,
            "starts_on": "2024-04-01",
        });
        create(&world, "林 一郎", "/v1/appointments", role).await.expect(201);
        assert_ne!(overview(&world, "林 一郎").await, theirs);
        assert_eq!(overview(&world, SECRETARY).await, before);
    })
    .await;
}

#[actix_web::test]
async fn what_is_handed_in_and_approved_moves_the_numbers() {
    on_both(|world| async move {
        assert_eq!(numbers(&overview(&world, SECRETARY).await, "/v1/objectives"), json!([2, 1, 0, 0]));
        let path = submitted(&world, SECRETARY).await;
        assert_eq!(numbers(&overview(&world, SECRETARY).await, "/v1/objectives"), json!([3, 1, 1, 0]));
        let waits = clause(&overview(&world, SECRETARY).await, "6.2");
        let of_top =
            |clause: &Value| items(&clause["for_whom"]).into_iter().find(|one| one["role"] == "top_management");
        assert_eq!(
            of_top(&waits).expect("top management")["work"],
            json!({ "waiting": 1, "due_soon": 0, "overdue": 0 })
        );

        world.wait(TimeDelta::days(2));
        take(&world, TOP, &path, "approval", json!({})).await.expect(200);
        let approved = overview(&world, SECRETARY).await;
        assert_eq!(numbers(&approved, "/v1/objectives"), json!([3, 2, 0, 0]));
        assert_eq!(register(&approved, "/v1/objectives")["last_approved_on"], "2024-04-03");
        assert_eq!(of_top(&clause(&approved, "6.2")), None);

        let end = json!({ "ended_on": "2024-04-03", "reason": "やめる" });
        take(&world, SECRETARY, &path, "end", end).await.expect(200);
        assert_eq!(numbers(&overview(&world, SECRETARY).await, "/v1/objectives"), json!([2, 1, 0, 0]));
    })
    .await;
}

#[actix_web::test]
async fn an_asset_that_its_owner_confirms_is_an_approved_one() {
    on_both(|world| async move {
        let confirmed = async || register(&overview(&world, SECRETARY).await, "/v1/assets")["approved"].clone();
        assert_eq!(confirmed().await, 0);
        let mine = read(&world, OWNER, "/v1/work-items?kind=confirm").await;
        let asset = mine["items"][0]["path"].as_str().expect("an asset to confirm");
        take(&world, OWNER, asset, "confirmation", Value::Null).await.expect(200);
        assert_eq!(confirmed().await, 1);
        change(&world, SECRETARY, asset, json!({ "remarks": "変わった" })).await.expect(200);
        assert_eq!(confirmed().await, 0);
    })
    .await;
}

#[actix_web::test]
async fn what_was_approved_by_who_prepared_it_is_counted() {
    on_both(|world| async move {
        let role = json!({
            "role": "isms_secretariat", "person_id": person(&world, TOP).await, "starts_on": "2024-04-01",
        });
        let proposed = create(&world, SECRETARY, "/v1/appointments", role).await.expect(201).header("location");
        take(&world, CHAIR, &proposed, "approval", Value::Null).await.expect(200);
        let seats = "/v1/appointments?role=security_committee_chair";
        let seat = id_of(&world, SECRETARY, seats, "state", "in_force").await;
        let gone = json!({ "ends_on": "2024-03-31", "reason": "退任" });
        take(&world, TOP, &format!("/v1/appointments/{seat}"), "end", gone).await.expect(200);
        let path = submitted(&world, TOP).await;
        let counted = async || overview(&world, SECRETARY).await["self_approved"].clone();
        assert_eq!(counted().await, 1, "the founder puts the first criteria in force alone");
        take(&world, TOP, &path, "approval", json!({ "reason": "委員長が空席" })).await.expect(200);
        assert_eq!(counted().await, 2);
        assert_eq!(numbers(&overview(&world, SECRETARY).await, "/v1/objectives"), json!([3, 2, 0, 1]));

        let made = create(&world, SECRETARY, "/v1/risk-criteria", json!({ "title": "新しい基準" })).await.expect(201);
        take(&world, SECRETARY, &made.header("location"), "submission", Value::Null).await.expect(200);
        take(&world, TOP, &made.header("location"), "approval", json!({})).await.expect(200);
        assert_eq!(counted().await, 1, "what is superseded counts no more");
    })
    .await;
}

#[actix_web::test]
async fn the_clock_makes_what_is_due_overdue() {
    on_both(|world| async move {
        let path = submitted(&world, SECRETARY).await;
        take(&world, TOP, &path, "approval", json!({})).await.expect(200);
        let of_worker = async || {
            let for_whom = items(&clause(&overview(&world, SECRETARY).await, "6.2")["for_whom"]);
            for_whom.into_iter().find(|one| one["person"]["name"] == WORKER).expect("the worker")["work"].clone()
        };
        assert_eq!(of_worker().await, json!({ "waiting": 1, "due_soon": 0, "overdue": 0 }), "in 39 days");
        world.wait(TimeDelta::days(9));
        assert_eq!(of_worker().await, json!({ "waiting": 1, "due_soon": 1, "overdue": 0 }), "in 30 days");
        world.wait(TimeDelta::days(30));
        assert_eq!(of_worker().await, json!({ "waiting": 1, "due_soon": 1, "overdue": 0 }), "today");
        world.wait(TimeDelta::days(1));
        assert_eq!(of_worker().await, json!({ "waiting": 1, "due_soon": 0, "overdue": 1 }), "yesterday");
        let late = overview(&world, SECRETARY).await;
        assert_eq!(late["on"], "2024-05-11");
        let names: Vec<Value> =
            items(&clause(&late, "6.2")["for_whom"]).iter().map(|one| one["person"]["name"].clone()).collect();
        assert_eq!(names[0], WORKER, "who is late comes first: {names:?}");
    })
    .await;
}
