//! Versions of the risk criteria (D04, SD-1, SD-12).

use serde_json::{Value, json};

use super::steps::{SECRETARY, change, create, id_of, read, risk, take};
use crate::harness::{World, on_both};

const TOP: &str = "青木 健一";
const CHAIR: &str = "石田 洋子";
const LIST: &str = "/v1/risk-criteria";

/// Bands in which level 4 is not acceptable any more.
fn strict() -> Value {
    json!([
        { "risk_level": 1, "evaluation": "acceptable" },
        { "risk_level": 2, "evaluation": "acceptable" },
        { "risk_level": 3, "evaluation": "acceptable_under_control", "priority": 3 },
        { "risk_level": 4, "evaluation": "unacceptable", "priority": 2 },
        { "risk_level": 6, "evaluation": "unacceptable", "priority": 2 },
        { "risk_level": 9, "evaluation": "unacceptable", "priority": 1 },
    ])
}

/// A draft by `who`, handed in by them.
async fn submitted(world: &World, who: &str) -> String {
    let draft = json!({ "title": "見直したリスク基準", "bands": strict() });
    let path = create(world, who, LIST, draft).await.expect(201).header("location");
    take(world, who, &path, "submission", Value::Null).await.expect(200);
    path
}

/// The version in force.
async fn in_force(world: &World) -> Value {
    let list = read(world, SECRETARY, "/v1/risk-criteria?state=in_force").await;
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1), "one is in force");
    list["items"][0].clone()
}

#[actix_web::test]
async fn a_version_is_drafted_submitted_and_approved() {
    on_both(|world| async move {
        let first = in_force(&world).await;
        assert_eq!(first["version"], 1);
        let draft = json!({ "title": "見直したリスク基準", "bands": strict() });
        let made = create(&world, SECRETARY, LIST, draft).await.expect(201);
        let path = made.header("location");
        assert_eq!((&made.json()["version"], &made.json()["state"]), (&json!(2), &json!("draft")));
        assert_eq!(made.json()["likelihood_table"], json!([[1, 1, 1], [1, 1, 2], [1, 2, 3]]), "as shipped");
        assert_eq!(made.json()["allowed_actions"], json!(["revise", "submit", "void"]));
        let early = take(&world, TOP, &path, "approval", json!({})).await.expect(409);
        assert_eq!((early.code(), &early.json()["params"]["state"]), ("wrong_state".into(), &json!("draft")));

        let handed_in = take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200).json();
        assert_eq!(
            (&handed_in["state"], &handed_in["sign_off"]["submitted"]["name"]),
            (&json!("submitted"), &json!(SECRETARY))
        );
        let refused = change(&world, SECRETARY, &path, json!({ "title": "別の題" })).await.expect(409);
        assert_eq!(refused.json()["rule"], "SD-12");
        assert_eq!(read(&world, TOP, &path).await["allowed_actions"], json!(["approve", "return"]));
        let refused = take(&world, SECRETARY, &path, "approval", json!({})).await.expect(403);
        assert_eq!(refused.code(), "not_granted");
        let refused = take(&world, CHAIR, &path, "approval", json!({})).await.expect(403);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("duty_separated".into(), &json!("SD-1")));
        assert_eq!(refused.json()["params"]["next_approver"][0]["name"], TOP, "top management is there and free");

        let approved = take(&world, TOP, &path, "approval", json!({})).await.expect(200).json();
        assert_eq!((&approved["state"], &approved["sign_off"]["approved"]["name"]), (&json!("in_force"), &json!(TOP)));
        assert_eq!(
            (&approved["sign_off"]["self_approved"], &approved["in_force_at"]),
            (&json!(false), &json!("2024-04-01T00:00:00Z"))
        );
        assert_eq!(in_force(&world).await["version"], 2);
        let old = read(&world, SECRETARY, &format!("{LIST}/{}", first["id"].as_str().expect("an id"))).await;
        assert_eq!((&old["state"], &old["bands"]), (&json!("superseded"), &first["bands"]), "it stays to be read");
    })
    .await;
}

#[actix_web::test]
async fn sd_1_what_top_management_drafted_the_chair_approves() {
    on_both(|world| async move {
        let path = submitted(&world, SECRETARY).await;
        take(&world, TOP, &path, "return", json!({ "reason": "自分で直す" })).await.expect(200);
        // Top management does not write criteria itself in a larger company: it holds no such grant.
        let refused = create(&world, TOP, LIST, json!({ "title": "基準" })).await.expect(403);
        assert_eq!(refused.code(), "not_granted");

        // For a day it also does the secretariat's work, and drafts.
        let person = id_of(&world, SECRETARY, "/v1/persons?limit=200", "name", TOP).await;
        let role = json!({ "role": "isms_secretariat", "person_id": person, "starts_on": "2024-04-01" });
        let proposed = create(&world, SECRETARY, "/v1/appointments", role).await.expect(201).header("location");
        take(&world, CHAIR, &proposed, "approval", Value::Null).await.expect(200);
        let path = submitted(&world, TOP).await;
        for reason in [json!({}), json!({ "reason": "急ぐ" })] {
            let refused = take(&world, TOP, &path, "approval", reason).await.expect(403);
            assert_eq!((refused.code(), &refused.json()["rule"]), ("duty_separated".into(), &json!("SD-1")));
            assert_eq!(refused.json()["params"]["next_approver"][0]["name"], CHAIR);
        }
        let approved = take(&world, CHAIR, &path, "approval", json!({})).await.expect(200).json();
        assert_eq!((&approved["state"], &approved["sign_off"]["self_approved"]), (&json!("in_force"), &json!(false)));
    })
    .await;
}

#[actix_web::test]
async fn sd_1_alone_only_where_nobody_else_can_and_marked() {
    on_both(|world| async move {
        let person = id_of(&world, SECRETARY, "/v1/persons?limit=200", "name", TOP).await;
        let role = json!({ "role": "isms_secretariat", "person_id": person, "starts_on": "2024-04-01" });
        let proposed = create(&world, SECRETARY, "/v1/appointments", role).await.expect(201).header("location");
        take(&world, CHAIR, &proposed, "approval", Value::Null).await.expect(200);
        let path = submitted(&world, TOP).await;
        let seat =
            id_of(&world, SECRETARY, "/v1/appointments?role=security_committee_chair", "state", "in_force").await;
        let gone = json!({ "ends_on": "2024-03-31", "reason": "退任" });
        take(&world, TOP, &format!("/v1/appointments/{seat}"), "end", gone).await.expect(200);

        let refused = take(&world, TOP, &path, "approval", json!({})).await.expect(422);
        assert_eq!(refused.faults(), [("/reason".to_owned(), "required_here".to_owned())]);
        let approved =
            take(&world, TOP, &path, "approval", json!({ "reason": "委員長が空席" })).await.expect(200).json();
        assert_eq!((&approved["state"], &approved["sign_off"]["self_approved"]), (&json!("in_force"), &json!(true)));
        assert_eq!(approved["sign_off"]["approved"]["reason"], "委員長が空席");
    })
    .await;
}

#[actix_web::test]
async fn a_version_is_returned_with_a_reason_and_handed_in_again() {
    on_both(|world| async move {
        let path = submitted(&world, SECRETARY).await;
        let unexplained = take(&world, TOP, &path, "return", json!({})).await.expect(422);
        assert_eq!(unexplained.faults(), [("/reason".to_owned(), "required".to_owned())]);
        let back =
            take(&world, TOP, &path, "return", json!({ "reason": "レベル4を見直すこと" })).await.expect(200).json();
        assert_eq!((&back["state"], &back["sign_off"]["state"]), (&json!("draft"), &json!("returned")));
        assert_eq!(back["sign_off"]["returned"]["reason"], "レベル4を見直すこと");
        let refused = take(&world, TOP, &path, "approval", json!({})).await.expect(409);
        assert_eq!(refused.code(), "wrong_state");
        change(&world, "江口 美香", &path, json!({ "conditions": "年1回、4月" })).await.expect(200);
        let again = take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200).json();
        assert_eq!(again["sign_off"]["prepared"]["name"], "江口 美香", "who wrote in it last");
        take(&world, TOP, &path, "approval", json!({})).await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn sd_12_what_is_in_force_does_not_change() {
    on_both(|world| async move {
        let path = submitted(&world, SECRETARY).await;
        take(&world, TOP, &path, "approval", json!({})).await.expect(200);
        let refused = change(&world, SECRETARY, &path, json!({ "title": "別の題" })).await.expect(409);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("wrong_state".into(), &json!("SD-12")));
        for (who, step, body) in [
            (SECRETARY, "submission", Value::Null),
            (TOP, "approval", json!({})),
            (TOP, "return", json!({ "reason": "やり直し" })),
        ] {
            assert_eq!(take(&world, who, &path, step, body).await.expect(409).code(), "wrong_state", "{step}");
        }
        assert_eq!(in_force(&world).await["version"], 2, "a refused approval supersedes nothing");
        assert_eq!(read(&world, SECRETARY, &path).await["allowed_actions"], json!([]));
    })
    .await;
}

#[actix_web::test]
async fn the_effect_tells_what_would_change_and_putting_in_force_changes_nothing() {
    on_both(|world| async move {
        let path = submitted(&world, SECRETARY).await;
        let effect = read(&world, SECRETARY, &format!("{path}/effect")).await;
        assert_eq!(effect["looked_at"], 6);
        let changes = effect["changes"].as_array().cloned().unwrap_or_default();
        assert_eq!(changes.len(), 1, "{changes:?}");
        assert_eq!(changes[0]["risk_number"], 5);
        assert_eq!(
            (&changes[0]["before"]["evaluation"], &changes[0]["after"]["evaluation"]),
            (&json!("acceptable_under_control"), &json!("unacceptable"))
        );
        assert_eq!((&changes[0]["before"]["priority"], &changes[0]["after"]["priority"]), (&json!(3), &json!(2)));

        let before = read(&world, SECRETARY, "/v1/risks").await;
        take(&world, TOP, &path, "approval", json!({})).await.expect(200);
        assert_eq!(read(&world, SECRETARY, "/v1/risks").await, before, "until it is evaluated again");
        let third = risk(&world, 3).await;
        let evaluated = take(&world, SECRETARY, &third, "evaluation", Value::Null).await.expect(200).json();
        assert_eq!(evaluated["initial"]["criteria_version"], 2);
        let fifth = risk(&world, 5).await;
        assert_eq!(read(&world, SECRETARY, &fifth).await["initial"]["criteria_version"], 1);
    })
    .await;
}

#[actix_web::test]
async fn a_table_or_band_that_does_not_fit_is_refused() {
    on_both(|world| async move {
        let with = |at: usize, field: &str, value: Value| {
            let mut bands = strict();
            bands[at][field] = value;
            bands
        };
        let mut short = strict();
        short.as_array_mut().expect("a list").pop();
        for (field, value, pointer, code) in [
            ("likelihood_table", json!([[1, 1, 1], [1, 1], [1, 2, 3]]), "/likelihood_table/1", None),
            ("likelihood_table", json!([[1, 1, 1], [1, 1, 2]]), "/likelihood_table", None),
            (
                "likelihood_table",
                json!([[1, 1, 1], [1, 1, 2], [1, 2, 4]]),
                "/likelihood_table/2/2",
                Some("out_of_range"),
            ),
            (
                "likelihood_table",
                json!([[0, 1, 1], [1, 1, 2], [1, 2, 3]]),
                "/likelihood_table/0/0",
                Some("out_of_range"),
            ),
            ("bands", short, "/bands", Some("too_short")),
            ("bands", with(1, "risk_level", json!(1)), "/bands/1/risk_level", Some("duplicate")),
            ("bands", with(4, "risk_level", json!(5)), "/bands/4/risk_level", Some("out_of_range")),
            ("bands", with(5, "evaluation", json!("acceptable")), "/bands/5/evaluation", Some("contradiction")),
            ("bands", with(5, "evaluation", json!("fine")), "/bands/5/evaluation", Some("not_in_list")),
            ("version", json!(9), "/version", Some("read_only_field")),
            ("important_asset_from", json!(4), "/important_asset_from", Some("out_of_range")),
        ] {
            let refused = create(&world, SECRETARY, LIST, json!({ "title": "基準", field: value })).await.expect(422);
            let faults = refused.faults();
            let found = faults.iter().find(|(at, _)| at == pointer).unwrap_or_else(|| panic!("{pointer}: {faults:?}"));
            assert!(code.is_none_or(|code| found.1 == code), "{pointer}: {faults:?}");
        }
        let all = read(&world, SECRETARY, "/v1/risk-criteria?include_total=true").await;
        assert_eq!(all["total"], 1, "nothing was stored");
    })
    .await;
}

#[actix_web::test]
async fn a_table_may_not_fall() {
    on_both(|world| async move {
        let falling = json!([[3, 1, 1], [1, 1, 2], [1, 2, 1]]);
        let refused = create(&world, SECRETARY, LIST, json!({ "title": "基準", "likelihood_table": falling })).await;
        assert_eq!(refused.expect(422).code(), "invalid");
    })
    .await;
}

#[actix_web::test]
async fn a_worker_reads_no_criteria_and_an_owner_those_in_force() {
    on_both(|world| async move {
        let path = submitted(&world, SECRETARY).await;
        assert_eq!(read(&world, "高橋 花", LIST).await["items"], json!([]));
        world.get(&path).person("高橋 花").send().await.expect(404);
        let seen = read(&world, "中村 隆", LIST).await;
        assert_eq!(seen["items"].as_array().map(Vec::len), Some(1), "a draft is no owner's matter");
        world.get(&path).person("中村 隆").send().await.expect(404);
        world.get(&path).person("林 一郎").send().await.expect(404);
        assert_eq!(in_force(&world).await["version"], 1);
    })
    .await;
}
