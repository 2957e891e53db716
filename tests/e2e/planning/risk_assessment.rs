//! Rounds of risk assessment (D19; R-03c, R-34, SD-1, SD-12).

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::steps::{SECRETARY, asset, change, create, id_of, read, risk, risk_draft, stated, take};
use crate::harness::{World, on_both};

const TOP: &str = "青木 健一";
const CHAIR: &str = "石田 洋子";
const AUDITOR: &str = "川上 由美";
const SALES_HEAD: &str = "中村 隆";
const SALES_MANAGER: &str = "小林 恵";
const WORKER: &str = "高橋 花";
const LIST: &str = "/v1/risk-assessments";

fn round_draft(patch: Value) -> Value {
    let mut draft = json!({
        "title": "年次リスクアセスメント 第2回", "performed_on": "2024-03-29", "trigger": "planned", "scope": "全社",
        "conclusions": "退職者の持ち出しに備える",
    });
    for (name, value) in patch.as_object().into_iter().flatten() {
        draft[name] = value.clone();
    }
    draft
}

/// A round begun by `who`.
async fn begun(world: &World, who: &str, patch: Value) -> String {
    create(world, who, LIST, round_draft(patch)).await.expect(201).header("location")
}

/// The risks that wait for the next round are evaluated.
async fn evaluated(world: &World) {
    for number in [1, 2, 3] {
        take(world, SECRETARY, &risk(world, number).await, "evaluation", Value::Null).await.expect(200);
    }
}

/// The round in force.
async fn in_force(world: &World) -> Value {
    let list = read(world, SECRETARY, &format!("{LIST}?state=in_force")).await;
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1), "one is in force");
    list["items"][0].clone()
}

async fn column(world: &World, who: &str, path: &str, pointer: &str) -> Value {
    let list = read(world, who, path).await;
    let items = list["items"].as_array().cloned().unwrap_or_default();
    items.iter().map(|item| item.pointer(pointer).cloned().unwrap_or_default()).collect()
}

#[actix_web::test]
async fn the_sample_has_the_round_of_the_report() {
    on_both(|world| async move {
        let round = in_force(&world).await;
        assert_eq!((&round["version"], &round["criteria_version"]), (&json!(1), &json!(1)));
        assert_eq!(
            (&round["sign_off"]["prepared"]["name"], &round["sign_off"]["approved"]["name"]),
            (&json!(SECRETARY), &json!(CHAIR))
        );
        let rows = format!("{LIST}/{}/rows", round["id"].as_str().expect("an id"));
        let of = async |pointer: &str| column(&world, SECRETARY, &rows, pointer).await;
        assert_eq!(of("/number").await, json!([4, 5, 6]));
        assert_eq!(of("/initial/risk_level").await, json!([6, 4, 9]));
        assert_eq!(of("/initial/priority").await, json!([2, 3, 1]), "LVL-10");
        assert_eq!(of("/response_status").await, json!(["done", "done", "planned"]));
        assert_eq!(of("/stated_response_status").await, json!(["done", "planned", "undecided"]));
        assert_eq!(of("/options").await, json!([["modify"], ["modify"], ["modify"]]));
        assert_eq!(of("/risk_owner/person/name").await, json!([SALES_HEAD, "西川 悟", SALES_HEAD]));
        assert_eq!(of("/controls/0/annex_a_ids").await[2], json!(["5.10", "5.12", "5.13"]));
        let highest = column(&world, SECRETARY, &format!("{rows}?sort=-risk_level"), "/number").await;
        assert_eq!(highest, json!([6, 4, 5]));
        assert_eq!(column(&world, SECRETARY, &format!("{rows}?q=メール"), "/number").await, json!([5]));
    })
    .await;
}

#[actix_web::test]
async fn r_03c_important_assets_that_no_open_risk_names_are_proposed() {
    on_both(|world| async move {
        let first = begun(&world, SECRETARY, json!({})).await;
        let proposed = async |round: &str| column(&world, SECRETARY, &format!("{round}/proposals"), "/number").await;
        assert_eq!(proposed(&first).await, json!([2, 3, 6, 10, 11]), "1, 4, 7 and 8 have risks, 5, 9 and 12 no 3");
        let list = read(&world, SECRETARY, &format!("{first}/proposals?q=健康診断")).await;
        let row = &list["items"][0];
        assert_eq!(
            (&row["name"], &row["importance"], &row["risk_owner"]["name"]),
            (&json!("健康診断の結果"), &json!(3), &json!("人事部長"))
        );

        // One gets a risk, another goes; the only risk on a third is closed.
        let second = id_of(&world, SECRETARY, "/v1/assets", "number", 2).await;
        let draft = risk_draft(json!({ "asset_ids": [second], "likelihood_basis": stated(1) }));
        create(&world, SECRETARY, "/v1/risks", draft).await.expect(201);
        let gone = json!({ "disposed_on": "2024-04-01", "reason": "廃棄した" });
        take(&world, SECRETARY, &asset(&world, 3).await, "disposal", gone).await.expect(200);
        let closed = json!({ "closed_on": "2024-04-01", "reason": "業務をやめた" });
        take(&world, SECRETARY, &risk(&world, 2).await, "closure", closed).await.expect(200);
        assert_eq!(proposed(&first).await, json!([4, 6, 10, 11]));

        // Under wider criteria more is important; the round that was begun before keeps its own.
        let wider = json!({ "title": "リスク基準 第2版", "important_asset_from": 2 });
        let criteria = create(&world, SECRETARY, "/v1/risk-criteria", wider).await.expect(201).header("location");
        take(&world, SECRETARY, &criteria, "submission", Value::Null).await.expect(200);
        take(&world, TOP, &criteria, "approval", json!({})).await.expect(200);
        let next = begun(&world, SECRETARY, json!({})).await;
        assert_eq!(read(&world, SECRETARY, &next).await["criteria_version"], 2);
        assert_eq!(proposed(&next).await, json!([4, 5, 6, 9, 10, 11]));
        assert_eq!(proposed(&first).await, json!([4, 6, 10, 11]));
    })
    .await;
}

#[actix_web::test]
async fn it_is_handed_in_when_every_open_risk_is_settled() {
    on_both(|world| async move {
        let path = begun(&world, SECRETARY, json!({ "conclusions": "" })).await;
        assert_eq!(column(&world, SECRETARY, &format!("{path}/rows"), "/number").await, json!([1, 2, 3, 4, 5, 6]));
        let required = |pointers: &[&str]| -> Vec<(String, String)> {
            pointers.iter().map(|pointer| ((*pointer).to_owned(), "required".to_owned())).collect()
        };
        let refused = take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(409);
        assert_eq!(refused.code(), "not_ready");
        assert_eq!(refused.faults(), required(&["/conclusions", "/rows/1", "/rows/2", "/rows/3"]));

        change(&world, SECRETARY, &path, json!({ "conclusions": "退職者の持ち出しに備える" })).await.expect(200);
        evaluated(&world).await;
        let less = json!({ "confidentiality": 1, "integrity": 1, "availability": 1 });
        change(&world, SECRETARY, &asset(&world, 4).await, less).await.expect(200);
        let refused = take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(409);
        assert_eq!(refused.faults(), required(&["/rows/2"]), "its asset moved since it was evaluated");
        take(&world, SECRETARY, &risk(&world, 2).await, "evaluation", Value::Null).await.expect(200);
        let handed_in = take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200).json();
        assert_eq!((&handed_in["state"], &handed_in["version"]), (&json!("submitted"), &json!(2)));

        // Another version of the criteria: what was judged under the old one is judged again, but for what is treated.
        let criteria = create(&world, SECRETARY, "/v1/risk-criteria", json!({ "title": "第2版" })).await.expect(201);
        let criteria = criteria.header("location");
        take(&world, SECRETARY, &criteria, "submission", Value::Null).await.expect(200);
        take(&world, TOP, &criteria, "approval", json!({})).await.expect(200);
        let next = begun(&world, SECRETARY, json!({})).await;
        let refused = take(&world, SECRETARY, &next, "submission", Value::Null).await.expect(409);
        assert_eq!(refused.faults(), required(&["/rows/1", "/rows/2", "/rows/3"]));
        evaluated(&world).await;
        take(&world, SECRETARY, &next, "submission", Value::Null).await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn sd_12_rows_are_kept_from_the_submission_on_and_dropped_by_a_return() {
    on_both(|world| async move {
        let before = in_force(&world).await;
        let path = begun(&world, SECRETARY, json!({})).await;
        let rows = format!("{path}/rows");
        evaluated(&world).await;
        let words = async |text: &str| {
            let changed = change(&world, SECRETARY, &risk(&world, 1).await, json!({ "impact_area": text })).await;
            changed.expect(200);
        };
        let area = async || column(&world, SECRETARY, &rows, "/impact_area").await[0].clone();
        words("本社").await;
        assert_eq!(area().await, "本社", "a draft shows the risks as they stand");
        take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
        words("支店").await;
        assert_eq!(area().await, "本社", "what was handed in stays");
        let back = take(&world, CHAIR, &path, "return", json!({ "reason": "支店も見ること" })).await.expect(200).json();
        assert_eq!((&back["state"], &back["sign_off"]["state"]), (&json!("draft"), &json!("returned")));
        assert_eq!(area().await, "支店");

        take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
        let refused = change(&world, SECRETARY, &path, json!({ "title": "別の題" })).await.expect(409);
        assert_eq!(refused.json()["rule"], "SD-12");
        let approved = take(&world, CHAIR, &path, "approval", json!({})).await.expect(200).json();
        assert_eq!((&approved["state"], &approved["allowed_actions"]), (&json!("in_force"), &json!([])));
        words("全社").await;
        assert_eq!(area().await, "支店", "for ever");
        let old = format!("{LIST}/{}", before["id"].as_str().expect("an id"));
        assert_eq!(read(&world, SECRETARY, &old).await["state"], "superseded");
        assert_eq!(column(&world, SECRETARY, &format!("{old}/rows"), "/number").await, json!([4, 5, 6]));
        for step in ["approval", "return", "submission"] {
            let body = if step == "submission" { Value::Null } else { json!({ "reason": "もう一度" }) };
            let who = if step == "submission" { SECRETARY } else { CHAIR };
            assert_eq!(take(&world, who, &path, step, body).await.expect(409).code(), "wrong_state", "{step}");
        }
    })
    .await;
}

#[actix_web::test]
async fn sd_1_the_chair_approves_and_top_management_what_the_chair_wrote() {
    on_both(|world| async move {
        evaluated(&world).await;
        let path = begun(&world, SECRETARY, json!({})).await;
        take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
        assert_eq!(read(&world, CHAIR, &path).await["allowed_actions"], json!(["approve", "return"]));
        assert_eq!(take(&world, SECRETARY, &path, "approval", json!({})).await.expect(403).code(), "not_granted");
        let refused = take(&world, TOP, &path, "approval", json!({})).await.expect(403);
        assert_eq!(
            (&refused.json()["rule"], &refused.json()["params"]["next_approver"][0]["name"]),
            (&json!("SD-1"), &json!(CHAIR))
        );
        take(&world, CHAIR, &path, "return", json!({ "reason": "自分で直す" })).await.expect(200);

        change(&world, CHAIR, &path, json!({ "scope": "全社と倉庫" })).await.expect(200);
        take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
        let refused = take(&world, CHAIR, &path, "approval", json!({ "reason": "急ぐ" })).await.expect(403);
        assert_eq!(refused.code(), "duty_separated");
        assert_eq!(refused.json()["params"]["next_approver"][0]["name"], TOP);
        assert_eq!(read(&world, CHAIR, &path).await["allowed_actions"], json!(["return"]));
        let approved = take(&world, TOP, &path, "approval", json!({})).await.expect(200).json();
        assert_eq!((&approved["state"], &approved["sign_off"]["self_approved"]), (&json!("in_force"), &json!(false)));
    })
    .await;
}

#[actix_web::test]
async fn r_34_the_next_round_is_due_after_the_interval_and_overdue_the_day_after() {
    on_both(|world| async move {
        let round = in_force(&world).await;
        let path = format!("{LIST}/{}", round["id"].as_str().expect("an id"));
        let due = async || {
            let round = read(&world, SECRETARY, &path).await;
            (round["next_due_on"].clone(), round["overdue"].clone())
        };
        assert_eq!(round["performed_on"], "2024-01-22");
        assert_eq!(due().await, (json!("2025-01-22"), json!(false)), "twelve months, as shipped");
        let shorter = json!({ "intervals": { "risk_assessment_months": 3 } });
        change(&world, SECRETARY, "/v1/organization", shorter).await.expect(200);
        world.wait(TimeDelta::days(21));
        assert_eq!(due().await, (json!("2024-04-22"), json!(false)), "on the day itself");
        world.wait(TimeDelta::days(1));
        assert_eq!(due().await, (json!("2024-04-22"), json!(true)));
        let listed = read(&world, SECRETARY, &format!("{LIST}?state=in_force")).await;
        assert_eq!(listed["items"][0]["overdue"], true, "a list says the same");

        evaluated(&world).await;
        let next = begun(&world, SECRETARY, json!({ "performed_on": "2024-04-23" })).await;
        assert_eq!(read(&world, SECRETARY, &next).await["next_due_on"], "2024-07-23");
        take(&world, SECRETARY, &next, "submission", Value::Null).await.expect(200);
        take(&world, CHAIR, &next, "approval", json!({})).await.expect(200);
        assert_eq!(due().await.1, false, "the next one took its place");
    })
    .await;
}

#[actix_web::test]
async fn what_contradicts_itself_is_refused() {
    on_both(|world| async move {
        let draft = round_draft(json!({ "performed_on": "2024-04-02", "trigger": "significant_change" }));
        let refused = create(&world, SECRETARY, LIST, draft).await.expect(422);
        let expected = [("/performed_on", "future_date"), ("/occasion", "required_here")];
        assert_eq!(refused.faults(), expected.map(|(at, code)| (at.to_owned(), code.to_owned())));
        let path = begun(&world, SECRETARY, json!({ "trigger": "significant_change", "occasion": "移転した" })).await;
        let refused = change(&world, SECRETARY, &path, json!({ "occasion": "" })).await.expect(422);
        assert_eq!(refused.faults(), [("/occasion".to_owned(), "required_here".to_owned())]);
        let refused = change(&world, SECRETARY, &path, json!({ "next_due_on": "2030-01-01" })).await.expect(422);
        assert_eq!(refused.faults(), [("/next_due_on".to_owned(), "read_only_field".to_owned())]);
    })
    .await;
}

#[actix_web::test]
async fn a_round_is_the_organizations_and_its_rows_are_read_as_far_as_their_risks() {
    on_both(|world| async move {
        let approved = format!("{LIST}/{}", in_force(&world).await["id"].as_str().expect("an id"));
        let draft = begun(&world, SECRETARY, json!({})).await;
        let rows = async |who: &str| column(&world, who, &format!("{approved}/rows"), "/number").await;
        assert_eq!(rows(AUDITOR).await, json!([4, 5, 6]));
        assert_eq!(read(&world, AUDITOR, &draft).await["allowed_actions"], json!([]));
        for who in [SALES_MANAGER, SALES_HEAD] {
            assert_eq!(rows(who).await, json!([4, 6]), "{who}: the department's, the own ones");
            world.get(&draft).person(who).send().await.expect(404);
            assert_eq!(column(&world, who, LIST, "/version").await, json!([1]), "{who}");
            let proposed = column(&world, who, &format!("{approved}/proposals"), "/number").await;
            assert_eq!(proposed, json!([10]), "{who}: assets within reach");
        }
        assert_eq!(column(&world, WORKER, LIST, "/version").await, json!([]));
        world.get(&approved).person(WORKER).send().await.expect(404);
        let refused = create(&world, SALES_MANAGER, LIST, round_draft(json!({}))).await.expect(403);
        assert_eq!(refused.code(), "outside_reach", "not a department's");
    })
    .await;
}
