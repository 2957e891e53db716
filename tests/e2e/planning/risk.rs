//! Risks: assessment, treatment, acceptance (§5.1, R-02 to; §6.1 to §6.4).

use chrono::TimeDelta;
use mamori_domain::access::Role;
use serde_json::{Value, json};

use super::steps::{
    SECRETARY, asset, change, create, item_draft, modify, person, read, residual, risk, risk_draft, stated, take,
    threat,
};
use crate::harness::{World, on_both};

const TOP: &str = "青木 健一";
const CHAIR: &str = "石田 洋子";
const SALES_HEAD: &str = "中村 隆";
const WORKER: &str = "高橋 花";

/// The fields of an assessment that people look at.
fn shown(assessment: &Value) -> (Value, Value, Value) {
    (assessment["risk_level"].clone(), assessment["evaluation"].clone(), assessment["priority"].clone())
}

/// The values of `field` over a list.
fn column(list: &Value, pointer: &str) -> Vec<Value> {
    let items = list["items"].as_array().cloned().unwrap_or_default();
    items.iter().map(|item| item.pointer(pointer).cloned().unwrap_or_default()).collect()
}

/// Finishes the open items of a risk.
async fn finish_items(world: &World, path: &str) {
    let items = read(world, SECRETARY, &format!("{path}/treatment-items")).await;
    for item in items["items"].as_array().into_iter().flatten() {
        let at = format!("/v1/treatment-items/{}", item["id"].as_str().expect("an id"));
        let who = item["assignee"]["name"].as_str().expect("a name").to_owned();
        if item["status"] == "not_started" {
            take(world, &who, &at, "start", json!({ "actual_start": "2024-04-01" })).await.expect(200);
        }
        if item["status"] != "completed" {
            take(world, &who, &at, "completion", json!({ "actual_end": "2024-04-01" })).await.expect(200);
        }
    }
}

#[actix_web::test]
async fn the_seeds_rows_come_out_as_printed() {
    on_both(|world| async move {
        let risks = read(&world, SECRETARY, "/v1/risks").await;
        assert_eq!(column(&risks, "/number"), [1, 2, 3, 4, 5, 6]);
        assert_eq!(column(&risks, "/initial/risk_level"), [9, 6, 6, 6, 4, 9], "D03, then D19");
        assert_eq!(column(&risks, "/initial/priority")[3..], [2, 3, 1], "LVL-10");
        assert_eq!(column(&risks, "/initial/criteria_version"), [1, 1, 1, 1, 1, 1]);
        assert_eq!(column(&risks, "/assets/0/name")[..3], ["社員名簿", "当社宛請求書", "顧客リスト"]);
        assert_eq!(column(&risks, "/response_status")[3..], ["done", "done", "planned"]);

        let sorted = read(&world, SECRETARY, "/v1/risks?sort=-risk_level&risk_level_min=6&include_total=true").await;
        assert_eq!(column(&sorted, "/initial/risk_level"), [9, 9, 6, 6, 6]);
        assert_eq!(sorted["total"], 5);
    })
    .await;
}

#[actix_web::test]
async fn lik_1_to_9_and_lvl_1_to_11_are_computed_on_entering() {
    on_both(|world| async move {
        let owner = person(&world, SALES_HEAD).await;
        let enter = async |importance: i64, basis: Value| {
            let draft = risk_draft(json!({
                "stated_importance": importance, "risk_owner_person_id": owner, "likelihood_basis": basis,
            }));
            create(&world, SECRETARY, "/v1/risks?validate_only=true", draft).await.expect(201).json()
        };
        for (id, threat_likelihood, vulnerability, likelihood) in [
            ("LIK-1", 3, 3, 3),
            ("LIK-2", 3, 2, 2),
            ("LIK-3", 2, 2, 1),
            ("LIK-4", 2, 1, 1),
            ("LIK-5", 2, 3, 2),
            ("LIK-6", 3, 1, 1),
            ("LIK-7", 1, 3, 1),
            ("LIK-8", 1, 2, 1),
            ("LIK-9", 1, 1, 1),
        ] {
            let risk = enter(1, threat(threat_likelihood, vulnerability)).await;
            assert_eq!(risk["initial"]["likelihood"], likelihood, "{id}");
        }
        for (id, importance, likelihood, level, evaluation, priority) in [
            ("LVL-1", 3, 3, 9, "unacceptable", json!(1)),
            ("LVL-2", 3, 2, 6, "unacceptable", json!(2)),
            ("LVL-3", 2, 2, 4, "acceptable_under_control", json!(3)),
            ("LVL-4", 2, 3, 6, "unacceptable", json!(2)),
            ("LVL-5", 3, 1, 3, "acceptable_under_control", json!(3)),
            ("LVL-6", 1, 3, 3, "acceptable_under_control", json!(3)),
            ("LVL-7", 2, 1, 2, "acceptable", Value::Null),
            ("LVL-8", 1, 2, 2, "acceptable", Value::Null),
            ("LVL-9", 1, 1, 1, "acceptable", Value::Null),
        ] {
            let risk = enter(importance, stated(likelihood)).await;
            assert_eq!(shown(&risk["initial"]), (json!(level), json!(evaluation), priority), "{id}");
        }
        let all = read(&world, SECRETARY, "/v1/risks?include_total=true").await;
        assert_eq!(all["total"], 6, "validate_only stored nothing");
    })
    .await;
}

#[actix_web::test]
async fn lvl_12_computed_values_are_read_only() {
    on_both(|world| async move {
        let of_asset = asset(&world, 9).await.replace("/v1/assets/", "");
        for field in ["risk_level", "importance", "likelihood", "evaluation", "priority", "initial", "state"] {
            let draft = risk_draft(json!({ "asset_ids": [of_asset], field: 7 }));
            let refused = create(&world, SECRETARY, "/v1/risks", draft).await.expect(422);
            assert_eq!(refused.faults(), [(format!("/{field}"), "read_only_field".to_owned())]);
        }
        let refused = change(&world, SECRETARY, &risk(&world, 1).await, json!({ "risk_level": 7 })).await.expect(422);
        assert_eq!(refused.faults(), [("/risk_level".to_owned(), "read_only_field".to_owned())]);
        assert_eq!(read(&world, SECRETARY, &risk(&world, 1).await).await["revision"], 1);
    })
    .await;
}

#[actix_web::test]
async fn r_03b_importance_is_stated_only_without_assets() {
    on_both(|world| async move {
        let (high, medium) = (asset(&world, 8).await, asset(&world, 9).await);
        let ids = [&medium, &high].map(|path| path.replace("/v1/assets/", ""));
        let both = risk_draft(json!({ "asset_ids": ids, "stated_importance": 1 }));
        let refused = create(&world, SECRETARY, "/v1/risks", both).await.expect(422);
        assert_eq!(refused.faults(), [("/stated_importance".to_owned(), "contradiction".to_owned())]);

        let owner = person(&world, SALES_HEAD).await;
        let neither = risk_draft(json!({ "risk_owner_person_id": owner }));
        let refused = create(&world, SECRETARY, "/v1/risks", neither).await.expect(422);
        assert_eq!(refused.faults(), [("/stated_importance".to_owned(), "required_here".to_owned())]);
        let nobodys = risk_draft(json!({ "stated_importance": 2 }));
        let refused = create(&world, SECRETARY, "/v1/risks", nobodys).await.expect(422);
        assert_eq!(refused.faults(), [("/risk_owner_person_id".to_owned(), "exactly_one".to_owned())]);

        let draft = risk_draft(json!({ "asset_ids": ids, "likelihood_basis": stated(2) }));
        let highest = create(&world, SECRETARY, "/v1/risks", draft).await.expect(201).json();
        assert_eq!(highest["initial"]["importance"], 3, "the highest of 2 and 3");
        assert_eq!(highest["risk_owner"]["name"], "営業部長", "as the first asset's");
        assert_eq!(highest["risk_owner"]["person"]["name"], SALES_HEAD);
        assert_eq!(highest["department"]["name"], "営業部");
        assert_eq!((&highest["number"], &highest["state"]), (&json!(7), &json!("analysed")));

        let unknown = risk_draft(json!({ "asset_ids": ["00000000-0000-7000-8000-000000000000"] }));
        let refused = create(&world, SECRETARY, "/v1/risks", unknown).await.expect(422);
        assert_eq!(refused.faults(), [("/asset_ids/0".to_owned(), "unknown_reference".to_owned())]);
    })
    .await;
}

#[actix_web::test]
async fn r_30_an_option_is_suggested() {
    on_both(|world| async move {
        let owner = person(&world, SALES_HEAD).await;
        for (importance, likelihood, option) in
            [(3, 3, "avoid"), (3, 2, "avoid"), (2, 2, "modify"), (3, 1, "share"), (1, 1, "retain")]
        {
            let draft = risk_draft(json!({
                "stated_importance": importance, "risk_owner_person_id": owner, "likelihood_basis": stated(likelihood),
            }));
            let risk = create(&world, SECRETARY, "/v1/risks?validate_only=true", draft).await.expect(201).json();
            assert_eq!(risk["suggested_option"], option, "{importance} and {likelihood}");
        }
    })
    .await;
}

#[actix_web::test]
async fn a_risk_lives_from_identification_to_acceptance() {
    on_both(|world| async move {
        let of_asset = asset(&world, 9).await.replace("/v1/assets/", "");
        let draft = risk_draft(json!({ "asset_ids": [of_asset] }));
        let path = create(&world, SECRETARY, "/v1/risks", draft).await.expect(201).header("location");
        assert_eq!(read(&world, SECRETARY, &path).await["state"], "identified");
        let early = take(&world, SECRETARY, &path, "evaluation", Value::Null).await.expect(409);
        assert_eq!((early.code(), &early.json()["params"]["state"]), ("wrong_state".to_owned(), &json!("identified")));

        let analysed = change(&world, SECRETARY, &path, json!({ "likelihood_basis": threat(3, 3) })).await.expect(200);
        assert_eq!(analysed.json()["state"], "analysed");
        assert_eq!(shown(&analysed.json()["initial"]), (json!(6), json!("unacceptable"), json!(2)), "2 × 3");
        let evaluated = take(&world, SECRETARY, &path, "evaluation", Value::Null).await.expect(200).json();
        assert_eq!(evaluated["state"], "evaluated");

        let bare = take(&world, SECRETARY, &path, "treatment-decision", json!({ "options": ["modify"] })).await;
        assert_eq!(bare.expect(422).faults(), [("/controls".to_owned(), "required_here".to_owned())]);
        let mut decision = modify(&["持ち出しの決まりを作る", "保険に入る"]);
        decision["options"] = json!(["modify", "share"]);
        let untold = take(&world, SECRETARY, &path, "treatment-decision", decision.clone()).await.expect(422);
        assert_eq!(untold.faults(), [("/description".to_owned(), "required_here".to_owned())]);
        decision["description"] = json!("損害保険で移転する");
        decision["controls"][0]["annex_a_ids"] = json!(["7.9", "8.1"]);
        let decided = take(&world, SECRETARY, &path, "treatment-decision", decision).await.expect(200).json();
        assert_eq!(decided["state"], "decided");
        assert_eq!(decided["treatment"]["controls"][0]["annex_a_ids"], json!(["7.9", "8.1"]));

        // Every control needs an item, every item its planned dates.
        let items = format!("{path}/treatment-items");
        let worker = person(&world, WORKER).await;
        let first = create(&world, SECRETARY, &items, item_draft(&worker, json!({}))).await.expect(201);
        let refused = take(&world, SALES_HEAD, &path, "treatment-approval", Value::Null).await.expect(409);
        assert_eq!(refused.code(), "not_ready");
        assert_eq!(refused.faults(), [("/treatment/controls/1".to_owned(), "required".to_owned())]);
        let unplanned = json!({ "control_number": 2, "planned_start": null, "planned_end": null });
        let second = create(&world, SECRETARY, &items, item_draft(&worker, unplanned)).await.expect(201);
        let refused = take(&world, SALES_HEAD, &path, "treatment-approval", Value::Null).await.expect(409);
        assert_eq!(refused.faults(), [("/planned_start".to_owned(), "required".to_owned())]);
        let dates = json!({ "planned_start": "2024-04-08", "planned_end": "2024-04-30" });
        let (first, second) = (first.header("location"), second.header("location"));
        change(&world, SECRETARY, &second, dates).await.expect(200);

        let not_owner = take(&world, SECRETARY, &path, "treatment-approval", Value::Null).await.expect(403);
        assert_eq!((not_owner.code(), &not_owner.json()["rule"]), ("duty_separated".to_owned(), &json!("SD-4")));
        assert_eq!(not_owner.json()["params"]["next_approver"][0]["name"], SALES_HEAD);
        let approved = take(&world, SALES_HEAD, &path, "treatment-approval", Value::Null).await.expect(200).json();
        assert_eq!(
            (&approved["state"], &approved["response_status"]),
            (&json!("treatment_approved"), &json!("planned"))
        );
        assert_eq!(approved["treatment_approval"]["name"], SALES_HEAD);

        world.wait(TimeDelta::days(10));
        let begun = json!({ "actual_start": "2024-04-08" });
        take(&world, WORKER, &first, "start", begun.clone()).await.expect(200);
        assert_eq!(read(&world, SECRETARY, &path).await["state"], "in_treatment");
        let ended = json!({ "actual_end": "2024-04-11" });
        take(&world, WORKER, &first, "completion", ended.clone()).await.expect(200);
        let half = read(&world, SECRETARY, &path).await;
        assert_eq!((&half["state"], &half["response_status"]), (&json!("in_treatment"), &json!("planned")));
        take(&world, WORKER, &second, "start", begun).await.expect(200);
        take(&world, WORKER, &second, "completion", ended).await.expect(200);
        let treated = read(&world, SECRETARY, &path).await;
        assert_eq!((&treated["state"], &treated["response_status"]), (&json!("treated"), &json!("done")));

        let remaining = json!({ "importance": 2, "likelihood_basis": threat(3, 1) });
        let reassessed = take(&world, SECRETARY, &path, "residual-assessment", remaining).await.expect(200).json();
        assert_eq!(shown(&reassessed["residual"]), (json!(2), json!("acceptable"), Value::Null));
        assert_eq!(shown(&reassessed["initial"]).0, 6, "what was there before treatment stays on record");
        let said = json!({ "comment": "了承した" });
        let accepted = take(&world, SALES_HEAD, &path, "acceptance", said).await.expect(200).json();
        assert_eq!(accepted["state"], "accepted");
        let acceptance = &accepted["acceptance"];
        assert_eq!(acceptance["signature"]["name"], SALES_HEAD);
        assert_eq!(acceptance["signature"]["reason"], "了承した");
        assert_eq!(acceptance["assessment"], accepted["residual"]);
        assert_eq!((&acceptance["by_override"], &acceptance["owner_prepared_it"]), (&json!(false), &json!(false)));
    })
    .await;
}

#[actix_web::test]
async fn res_1_2_and_6_the_owner_alone_accepts_what_is_low() {
    on_both(|world| async move {
        for (id, number, left, owner) in
            [("RES-1", 4, residual(2, 1), SALES_HEAD), ("RES-2", 5, residual(1, 1), "西川 悟")]
        {
            let path = risk(&world, number).await;
            take(&world, SECRETARY, &path, "residual-assessment", left).await.expect(200);
            for somebody in [SECRETARY, TOP, CHAIR] {
                let refused = take(&world, somebody, &path, "acceptance", json!({})).await.expect(403);
                assert_eq!(
                    (refused.code(), &refused.json()["rule"]),
                    ("duty_separated".into(), &json!("SD-4")),
                    "RES-6"
                );
                assert_eq!(refused.json()["params"]["next_approver"][0]["name"], owner);
            }
            let accepted = take(&world, owner, &path, "acceptance", json!({})).await.expect(200).json();
            assert_eq!(accepted["state"], "accepted", "{id}");
            let again = take(&world, owner, &path, "acceptance", json!({})).await.expect(409);
            assert_eq!(again.code(), "wrong_state");
        }
    })
    .await;
}

#[actix_web::test]
async fn res_3_4_and_7_a_high_residual_risk_takes_top_managements_override() {
    on_both(|world| async move {
        let path = risk(&world, 6).await;
        let early = take(&world, SECRETARY, &path, "residual-assessment", residual(2, 3)).await.expect(409);
        assert_eq!(
            (early.code(), &early.json()["params"]["state"]),
            ("wrong_state".into(), &json!("in_treatment")),
            "RES-7"
        );
        finish_items(&world, &path).await;
        let left = take(&world, SECRETARY, &path, "residual-assessment", residual(2, 3)).await.expect(200).json();
        assert_eq!(shown(&left["residual"]), (json!(6), json!("unacceptable"), json!(2)));

        let refused = take(&world, SALES_HEAD, &path, "acceptance", json!({ "follow_up_on": "2024-10-01" })).await;
        let refused = refused.expect(409);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("rule_violated".into(), &json!("R-10")), "RES-3");

        let why = json!({ "reason": "来期に仕組みを入れ替えるまで", "review_on": "2024-10-01" });
        for somebody in [SECRETARY, CHAIR, SALES_HEAD] {
            let refused = take(&world, somebody, &path, "acceptance-override", why.clone()).await.expect(403);
            assert_eq!(refused.code(), "not_granted", "{somebody}");
        }
        let past = json!({ "reason": "理由", "review_on": "2024-04-01" });
        let refused = take(&world, TOP, &path, "acceptance-override", past).await.expect(422);
        assert_eq!(refused.faults(), [("/review_on".to_owned(), "out_of_range".to_owned())]);
        let allowed = take(&world, TOP, &path, "acceptance-override", why).await.expect(200).json();
        assert_eq!(
            (&allowed["state"], &allowed["acceptance_override"]["review_on"]),
            (&json!("reassessed"), &json!("2024-10-01"))
        );
        assert_eq!(allowed["acceptance_override"]["signature"]["posts"], json!(["top_management"]));

        let accepted = take(&world, SALES_HEAD, &path, "acceptance", json!({})).await.expect(200).json();
        assert_eq!(
            (&accepted["state"], &accepted["acceptance"]["by_override"]),
            (&json!("accepted"), &json!(true)),
            "RES-4"
        );
    })
    .await;
}

#[actix_web::test]
async fn res_3_a_high_residual_risk_can_be_treated_again() {
    on_both(|world| async move {
        let path = risk(&world, 6).await;
        finish_items(&world, &path).await;
        take(&world, SECRETARY, &path, "residual-assessment", residual(2, 3)).await.expect(200);
        let controls = ["分類を定め、分類ごとの取扱いとラベルを決める", "持ち出しを技術で止める"];
        let mut decision = modify(&controls);
        decision["controls"][0]["number"] = json!(1);
        let again = take(&world, SECRETARY, &path, "treatment-decision", decision).await.expect(200).json();
        assert_eq!((&again["state"], &again["residual"]), (&json!("decided"), &Value::Null));
        assert_eq!(again["treatment_approval"], Value::Null, "the owner approves anew");
        let refused = take(&world, SALES_HEAD, &path, "treatment-approval", Value::Null).await.expect(409);
        assert_eq!(refused.faults(), [("/treatment/controls/1".to_owned(), "required".to_owned())]);
        let items = format!("{path}/treatment-items");
        let chair = person(&world, CHAIR).await;
        create(&world, SECRETARY, &items, item_draft(&chair, json!({ "control_number": 2 }))).await.expect(201);
        let approved = take(&world, SALES_HEAD, &path, "treatment-approval", Value::Null).await.expect(200).json();
        assert_eq!(approved["state"], "in_treatment", "the first control is in place, the second is not");
    })
    .await;
}

#[actix_web::test]
async fn items_of_a_control_that_was_dropped_count_no_more() {
    on_both(|world| async move {
        let path = risk(&world, 6).await;
        finish_items(&world, &path).await;
        take(&world, SECRETARY, &path, "residual-assessment", residual(2, 3)).await.expect(200);
        // Without its number the control is a new one, whatever it says.
        let words = "分類を定め、分類ごとの取扱いとラベルを決める";
        let again = take(&world, SECRETARY, &path, "treatment-decision", modify(&[words])).await.expect(200).json();
        assert_eq!(
            (&again["treatment"]["controls"][0]["number"], &again["response_status"]),
            (&json!(2), &json!("undecided"))
        );
        let refused = take(&world, SALES_HEAD, &path, "treatment-approval", Value::Null).await.expect(409);
        assert_eq!(refused.faults(), [("/treatment/controls/0".to_owned(), "required".to_owned())]);
        // The old one is gone: no item for it, and its number does not come back.
        let (items, chair) = (format!("{path}/treatment-items"), person(&world, CHAIR).await);
        let old =
            create(&world, SECRETARY, &items, item_draft(&chair, json!({ "control_number": 1 }))).await.expect(422);
        assert_eq!(old.faults(), [("/control_number".to_owned(), "unknown_reference".to_owned())]);
        let mut back = modify(&[words]);
        back["controls"][0]["number"] = json!(1);
        let back = take(&world, SECRETARY, &path, "treatment-decision", back).await.expect(422);
        assert_eq!(back.faults(), [("/controls/0/number".to_owned(), "unknown_reference".to_owned())]);
        // The second number had no item yet: it does not come back either.
        let third = take(&world, SECRETARY, &path, "treatment-decision", modify(&[words])).await.expect(200).json();
        assert_eq!(third["treatment"]["controls"][0]["number"], 3);
        let many = vec![words; 101];
        let many = take(&world, SECRETARY, &path, "treatment-decision", modify(&many)).await.expect(422);
        assert_eq!(many.faults(), [("/controls".to_owned(), "too_long".to_owned())]);
    })
    .await;
}

#[actix_web::test]
async fn res_5_a_medium_residual_risk_takes_a_follow_up_date() {
    on_both(|world| async move {
        let path = risk(&world, 4).await;
        take(&world, SECRETARY, &path, "residual-assessment", residual(3, 1)).await.expect(200);
        let undated = take(&world, SALES_HEAD, &path, "acceptance", json!({})).await.expect(422);
        assert_eq!(undated.faults(), [("/follow_up_on".to_owned(), "required_here".to_owned())]);
        assert_eq!(undated.json()["rule"], "R-10");
        let today = take(&world, SALES_HEAD, &path, "acceptance", json!({ "follow_up_on": "2024-04-01" })).await;
        assert_eq!(today.expect(422).faults(), [("/follow_up_on".to_owned(), "out_of_range".to_owned())]);
        let accepted = take(&world, SALES_HEAD, &path, "acceptance", json!({ "follow_up_on": "2024-10-01" })).await;
        let accepted = accepted.expect(200).json();
        assert_eq!(
            (&accepted["state"], &accepted["acceptance"]["follow_up_on"]),
            (&json!("accepted"), &json!("2024-10-01"))
        );
    })
    .await;
}

#[actix_web::test]
async fn r_10_retaining_an_unacceptable_risk_takes_the_override_and_no_item() {
    on_both(|world| async move {
        let (path, owner) = (risk(&world, 2).await, "千葉 理恵");
        take(&world, SECRETARY, &path, "evaluation", Value::Null).await.expect(200);
        let refused = take(&world, owner, &path, "acceptance", json!({})).await.expect(409);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("rule_violated".into(), &json!("R-10")));
        let why = json!({ "reason": "代わりの手段がない", "review_on": "2024-10-01" });
        let early = take(&world, TOP, &path, "acceptance-override", why.clone()).await.expect(409);
        assert_eq!(early.code(), "wrong_state", "first it is decided to retain it");

        take(&world, SECRETARY, &path, "treatment-decision", json!({ "options": ["retain"] })).await.expect(200);
        let refused = take(&world, owner, &path, "acceptance", json!({})).await.expect(409);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("rule_violated".into(), &json!("R-10")));
        take(&world, TOP, &path, "acceptance-override", why).await.expect(200);
        let accepted = take(&world, owner, &path, "acceptance", json!({})).await.expect(200).json();
        assert_eq!((&accepted["state"], &accepted["acceptance"]["by_override"]), (&json!("accepted"), &json!(true)));
    })
    .await;
}

#[actix_web::test]
async fn r_10_what_is_acceptable_needs_no_override() {
    on_both(|world| async move {
        let path = risk(&world, 5).await;
        take(&world, SECRETARY, &path, "residual-assessment", residual(1, 1)).await.expect(200);
        let why = json!({ "reason": "念のため", "review_on": "2024-10-01" });
        let refused = take(&world, TOP, &path, "acceptance-override", why).await.expect(409);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("wrong_state".into(), &json!("R-10")));
    })
    .await;
}

#[actix_web::test]
async fn lv_1_and_lv_2_accept_straight_after_the_decision() {
    on_both(|world| async move {
        let of_asset = asset(&world, 9).await.replace("/v1/assets/", "");
        let draft = risk_draft(json!({ "asset_ids": [of_asset], "likelihood_basis": stated(2) }));
        let path = create(&world, SECRETARY, "/v1/risks", draft).await.expect(201).header("location");
        take(&world, SECRETARY, &path, "evaluation", Value::Null).await.expect(200);
        take(&world, SECRETARY, &path, "treatment-decision", modify(&["決まりを作る"])).await.expect(200);
        let follow_up = json!({ "follow_up_on": "2024-10-01" });
        let refused = take(&world, SALES_HEAD, &path, "acceptance", follow_up.clone()).await.expect(409);
        assert_eq!(refused.code(), "not_ready", "LV.3 looks at what remains first");
        assert_eq!(refused.faults(), [("/residual".to_owned(), "required".to_owned())]);

        for level in ["lv2_baseline", "lv1_quick"] {
            change(&world, SECRETARY, "/v1/organization", json!({ "level": level })).await.expect(200);
            let read = world.get(&path).person(SALES_HEAD).send().await.expect(200);
            let accept = world.post(format!("{path}/acceptance?validate_only=true")).person(SALES_HEAD);
            let accepted = accept.having_read(&read).json(follow_up.clone()).send().await.expect(200).json();
            assert_eq!(accepted["state"], "accepted", "{level}");
        }
        take(&world, SALES_HEAD, &path, "acceptance", follow_up).await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn what_is_acceptable_as_it_is_is_accepted_without_treatment() {
    on_both(|world| async move {
        let of_asset = asset(&world, 12).await.replace("/v1/assets/", "");
        let draft = risk_draft(json!({ "asset_ids": [of_asset], "likelihood_basis": stated(2) }));
        let path = create(&world, SECRETARY, "/v1/risks", draft).await.expect(201).header("location");
        take(&world, SECRETARY, &path, "evaluation", Value::Null).await.expect(200);
        let accepted = take(&world, CHAIR, &path, "acceptance", json!({})).await.expect(200).json();
        assert_eq!(
            (&accepted["state"], &accepted["acceptance"]["assessment"]["risk_level"]),
            (&json!("accepted"), &json!(2))
        );
    })
    .await;
}

#[actix_web::test]
async fn an_acceptance_goes_stale_when_an_input_changes() {
    on_both(|world| async move {
        let path = risk(&world, 4).await;
        take(&world, SECRETARY, &path, "residual-assessment", residual(2, 1)).await.expect(200);
        take(&world, SALES_HEAD, &path, "acceptance", json!({})).await.expect(200);

        let on = asset(&world, 8).await;
        let less = json!({ "confidentiality": 1, "integrity": 1, "availability": 1, "contains_personal_data": false });
        assert_eq!(change(&world, SECRETARY, &on, less).await.expect(200).json()["importance"], 1);
        let stale = read(&world, SECRETARY, &path).await;
        assert_eq!((&stale["state"], &stale["needs_reanalysis"]), (&json!("accepted"), &json!(true)));
        assert_eq!(stale["initial"]["importance"], 3, "the snapshot stays until it is evaluated");
        let listed = read(&world, SECRETARY, "/v1/risks?needs_reanalysis=true").await;
        assert_eq!(column(&listed, "/number"), [4]);

        let anew = take(&world, SECRETARY, &path, "evaluation", Value::Null).await.expect(200).json();
        assert_eq!((&anew["state"], &anew["needs_reanalysis"]), (&json!("evaluated"), &json!(false)));
        assert_eq!((&anew["acceptance"], &anew["residual"]), (&Value::Null, &Value::Null));
        assert_eq!(shown(&anew["initial"]), (json!(2), json!("acceptable"), Value::Null), "1 × 2");
        take(&world, SALES_HEAD, &path, "acceptance", json!({})).await.expect(200);

        let likelier = change(&world, SECRETARY, &path, json!({ "likelihood_basis": stated(3) })).await.expect(200);
        assert_eq!(
            (&likelier.json()["state"], &likelier.json()["needs_reanalysis"]),
            (&json!("accepted"), &json!(true))
        );
        let words =
            change(&world, SECRETARY, &risk(&world, 1).await, json!({ "remarks": "語句だけ" })).await.expect(200);
        assert_eq!(words.json()["needs_reanalysis"], false, "words move no assessment");
    })
    .await;
}

#[actix_web::test]
async fn nothing_builds_on_a_stale_evaluation() {
    on_both(|world| async move {
        let (path, owner) = (risk(&world, 2).await, "千葉 理恵");
        take(&world, SECRETARY, &path, "evaluation", Value::Null).await.expect(200);
        change(&world, SECRETARY, &path, json!({ "likelihood_basis": stated(1) })).await.expect(200);
        for (who, step, body) in
            [(SECRETARY, "treatment-decision", modify(&["決まりを作る"])), (owner, "acceptance", json!({}))]
        {
            let refused = take(&world, who, &path, step, body).await.expect(409);
            assert_eq!(refused.code(), "not_ready");
            assert_eq!(refused.faults(), [("/needs_reanalysis".to_owned(), "required".to_owned())]);
        }
        assert_eq!(read(&world, SECRETARY, &path).await["allowed_actions"], json!(["revise", "evaluate", "close"]));
        assert_eq!(read(&world, owner, &path).await["allowed_actions"], json!([]));
    })
    .await;
}

#[actix_web::test]
async fn a_risk_that_goes_stale_in_treatment_still_has_a_way_on() {
    on_both(|world| async move {
        let path = risk(&world, 4).await;
        let less = json!({ "confidentiality": 1, "integrity": 1, "availability": 1, "contains_personal_data": false });
        change(&world, SECRETARY, &asset(&world, 8).await, less).await.expect(200);
        let stale = read(&world, SECRETARY, &path).await;
        assert_eq!((&stale["state"], &stale["needs_reanalysis"]), (&json!("treated"), &json!(true)));
        assert_eq!(stale["allowed_actions"], json!(["reassess", "close"]), "what is listed is what is possible");
        take(&world, SECRETARY, &path, "residual-assessment", residual(1, 1)).await.expect(200);
        let refused = take(&world, SALES_HEAD, &path, "acceptance", json!({})).await.expect(409);
        assert_eq!(refused.code(), "not_ready");
        let anew = take(&world, SECRETARY, &path, "evaluation", Value::Null).await.expect(200).json();
        assert_eq!((&anew["state"], &anew["needs_reanalysis"]), (&json!("evaluated"), &json!(false)));
    })
    .await;
}

#[actix_web::test]
async fn allowed_actions_follow_state_role_and_ownership() {
    on_both(|world| async move {
        let (path, owner) = (risk(&world, 2).await, "千葉 理恵");
        let actions = async |who: &str| read(&world, who, &path).await["allowed_actions"].clone();
        assert_eq!(actions(SECRETARY).await, json!(["revise", "evaluate", "close"]));
        assert_eq!(actions(owner).await, json!([]));
        take(&world, SECRETARY, &path, "evaluation", Value::Null).await.expect(200);
        assert_eq!(actions(SECRETARY).await, json!(["revise", "evaluate", "decide", "close"]));
        assert_eq!(actions(owner).await, json!(["accept"]));
        take(&world, SECRETARY, &path, "treatment-decision", json!({ "options": ["retain"] })).await.expect(200);
        assert_eq!(actions(owner).await, json!(["approve_treatment", "accept"]));
        assert_eq!(actions(TOP).await, json!(["override"]));
        assert_eq!(actions(SECRETARY).await, json!(["revise", "evaluate", "decide", "close"]));
        assert_eq!(actions("川上 由美").await, json!([]), "an auditor reads");

        let listed = read(&world, SECRETARY, "/v1/risks").await;
        assert_eq!(column(&listed, "/allowed_actions")[1], actions(SECRETARY).await, "a list says the same");
        world.get(&path).person(WORKER).send().await.expect(404);
        assert_eq!(read(&world, WORKER, "/v1/risks").await["items"], json!([]), "a worker owns none");
        let own = read(&world, SALES_HEAD, "/v1/risks").await;
        assert_eq!(column(&own, "/number"), [3, 4, 6], "an owner sees the own ones");
        let department = read(&world, "小林 恵", "/v1/risks").await;
        assert_eq!(column(&department, "/number"), [3, 4, 6], "a department manager sees the department's");
        world.get(&path).person("森 正子").send().await.expect(404);
    })
    .await;
}

#[actix_web::test]
async fn a_department_manager_assesses_the_own_department_only() {
    on_both(|world| async move {
        let (own, other) = (asset(&world, 9).await, asset(&world, 1).await);
        let draft = |path: &str| risk_draft(json!({ "asset_ids": [path.replace("/v1/assets/", "")] }));
        create(&world, "小林 恵", "/v1/risks", draft(&own)).await.expect(201);
        let refused = create(&world, "小林 恵", "/v1/risks", draft(&other)).await.expect(422);
        assert_eq!(refused.faults(), [("/asset_ids/0".to_owned(), "unknown_reference".to_owned())], "not to be seen");
        let (owner, finance) = (person(&world, SALES_HEAD).await, world.first_id("/v1/departments?q=経理部").await);
        let elsewhere = risk_draft(json!({
            "stated_importance": 2, "risk_owner_person_id": owner, "department_id": finance,
        }));
        let refused = create(&world, "小林 恵", "/v1/risks", elsewhere).await.expect(403);
        assert_eq!(refused.code(), "outside_reach");
        change(&world, "小林 恵", &risk(&world, 3).await, json!({ "remarks": "確認した" })).await.expect(200);
        let refused = create(&world, WORKER, "/v1/risks", draft(&own)).await.expect(403);
        assert_eq!(refused.code(), "not_granted");
    })
    .await;
}

#[actix_web::test]
async fn the_matrix_counts_open_risks_within_reach() {
    on_both(|world| async move {
        let cells = async |who: &str, assessment: &str| {
            let matrix = read(&world, who, &format!("/v1/risks/matrix?assessment={assessment}")).await;
            let cells = matrix["cells"].as_array().cloned().unwrap_or_default();
            (
                cells.iter().map(|cell| cell["risks"].as_i64().unwrap_or(-1)).collect::<Vec<_>>(),
                matrix["not_assessed"].clone(),
            )
        };
        // From importance 3 and likelihood 3 downwards, likelihood first.
        assert_eq!(cells(SECRETARY, "initial").await, (vec![2, 3, 0, 0, 1, 0, 0, 0, 0], json!(0)));
        assert_eq!(cells(SECRETARY, "remaining").await.0, [2, 3, 0, 0, 1, 0, 0, 0, 0]);
        assert_eq!(cells(SALES_HEAD, "initial").await.0, [1, 2, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(cells(WORKER, "initial").await.0, [0; 9]);

        let path = risk(&world, 4).await;
        take(&world, SECRETARY, &path, "residual-assessment", residual(2, 1)).await.expect(200);
        assert_eq!(cells(SECRETARY, "initial").await.0, [2, 3, 0, 0, 1, 0, 0, 0, 0]);
        assert_eq!(cells(SECRETARY, "remaining").await.0, [2, 2, 0, 0, 1, 1, 0, 0, 0]);

        let of_asset = asset(&world, 9).await.replace("/v1/assets/", "");
        create(&world, SECRETARY, "/v1/risks", risk_draft(json!({ "asset_ids": [of_asset] }))).await.expect(201);
        assert_eq!(cells(SECRETARY, "initial").await.1, 1, "one is not assessed yet");
        let gone = json!({ "closed_on": "2024-04-01", "reason": "業務をやめた" });
        take(&world, SECRETARY, &risk(&world, 1).await, "closure", gone).await.expect(200);
        assert_eq!(cells(SECRETARY, "initial").await.0, [1, 3, 0, 0, 1, 0, 0, 0, 0]);

        let matrix = read(&world, SECRETARY, "/v1/risks/matrix").await;
        let first = &matrix["cells"][0];
        assert_eq!((&first["importance"], &first["likelihood"]), (&json!(3), &json!(3)));
        assert_eq!((&first["risk_level"], &first["evaluation"]), (&json!(9), &json!("unacceptable")));
        let last = &matrix["cells"][8];
        assert_eq!((&last["risk_level"], &last["evaluation"]), (&json!(1), &json!("acceptable")));
    })
    .await;
}

#[actix_web::test]
async fn a_closed_risk_stays_to_be_read() {
    on_both(|world| async move {
        let path = risk(&world, 1).await;
        let future = json!({ "closed_on": "2024-04-02", "reason": "業務をやめる" });
        let refused = take(&world, SECRETARY, &path, "closure", future).await.expect(422);
        assert_eq!(refused.faults(), [("/closed_on".to_owned(), "future_date".to_owned())]);
        let gone = json!({ "closed_on": "2024-03-31", "reason": "業務をやめた" });
        let closed = take(&world, SECRETARY, &path, "closure", gone).await.expect(200).json();
        assert_eq!((&closed["state"], &closed["closure"]["reason"]), (&json!("closed"), &json!("業務をやめた")));
        assert_eq!(closed["allowed_actions"], json!([]));
        let open = read(&world, SECRETARY, "/v1/risks").await;
        assert_eq!(column(&open, "/number"), [2, 3, 4, 5, 6]);
        let all = read(&world, SECRETARY, "/v1/risks?include_closed=true").await;
        assert_eq!(column(&all, "/number"), [1, 2, 3, 4, 5, 6]);
        assert_eq!(column(&read(&world, SECRETARY, "/v1/risks?state=closed").await, "/number"), [1]);
        let refused = change(&world, SECRETARY, &path, json!({ "remarks": "追記" })).await.expect(409);
        assert_eq!(refused.code(), "wrong_state");
        let less = json!({ "confidentiality": 1, "integrity": 1, "availability": 1, "contains_personal_data": false });
        change(&world, SECRETARY, &asset(&world, 1).await, less).await.expect(200);
        assert_eq!(read(&world, SECRETARY, &path).await["needs_reanalysis"], false, "it is over");
    })
    .await;
}

#[actix_web::test]
async fn validate_only_takes_no_step() {
    on_both(|world| async move {
        let path = risk(&world, 1).await;
        let before = world.get(&path).person(SECRETARY).send().await.expect(200);
        for (step, body) in
            [("evaluation", Value::Null), ("closure", json!({ "closed_on": "2024-04-01", "reason": "試し" }))]
        {
            let ask = world.post(format!("{path}/{step}?validate_only=true")).person(SECRETARY).having_read(&before);
            let ask = if body.is_null() { ask } else { ask.json(body) };
            let shown = ask.send().await.expect(200);
            assert_ne!(shown.json()["state"], "analysed", "{step}");
            let after = world.get(&path).person(SECRETARY).send().await.expect(200);
            assert_eq!(after.json(), before.json(), "{step}");
            assert_eq!(after.header("etag"), before.header("etag"), "{step}");
        }
    })
    .await;
}

#[actix_web::test]
async fn a_step_from_the_wrong_state_is_refused() {
    on_both(|world| async move {
        let (path, owner) = (risk(&world, 1).await, "田中 浩二");
        let why = json!({ "reason": "理由", "review_on": "2024-10-01" });
        for (who, step, body) in [
            (SECRETARY, "treatment-decision", modify(&["決まりを作る"])),
            (owner, "treatment-approval", Value::Null),
            (SECRETARY, "residual-assessment", residual(1, 1)),
            (TOP, "acceptance-override", why),
            (owner, "acceptance", json!({})),
        ] {
            let refused = take(&world, who, &path, step, body).await.expect(409);
            assert_eq!(refused.code(), "wrong_state", "{step}");
            assert_eq!(refused.json()["params"]["state"], "analysed", "{step}");
        }
        let in_treatment = risk(&world, 6).await;
        for (step, body) in [("evaluation", Value::Null), ("treatment-decision", modify(&["別の対策"]))] {
            let refused = take(&world, SECRETARY, &in_treatment, step, body).await.expect(409);
            assert_eq!(refused.json()["params"]["state"], "in_treatment", "{step}");
        }
        let unread = world.post(format!("{path}/evaluation")).role(Role::IsmsSecretariat).send().await.expect(428);
        assert_eq!(unread.code(), "precondition_required");
        let stale = world.post(format!("{path}/evaluation")).role(Role::IsmsSecretariat).header("if-match", "\"99\"");
        assert_eq!(stale.send().await.expect(412).code(), "stale");
    })
    .await;
}

#[actix_web::test]
async fn sd_4_an_owner_who_prepared_the_assessment_is_marked_and_an_empty_post_names_nobody() {
    on_both(|world| async move {
        // The chair owns the risks of 管理部 and is named as a plain owner here; the secretary owns this one.
        let secretary = person(&world, SECRETARY).await;
        let draft = risk_draft(json!({
            "stated_importance": 1, "risk_owner_person_id": secretary, "likelihood_basis": stated(1),
        }));
        let path = create(&world, SECRETARY, "/v1/risks", draft).await.expect(201).header("location");
        take(&world, SECRETARY, &path, "evaluation", Value::Null).await.expect(200);
        let accepted = take(&world, SECRETARY, &path, "acceptance", json!({})).await.expect(200).json();
        assert_eq!(accepted["acceptance"]["owner_prepared_it"], true);

        let path = risk(&world, 2).await;
        take(&world, SECRETARY, &path, "evaluation", Value::Null).await.expect(200);
        let post = format!("/v1/positions/{}", world.first_id("/v1/positions?q=経理部長").await);
        let empty = json!({ "person_id": null, "starts_on": "2024-04-01" });
        take(&world, SECRETARY, &post, "handover", empty).await.expect(200);
        assert_eq!(read(&world, SECRETARY, &path).await["risk_owner"]["person"], Value::Null);
        let refused = take(&world, SECRETARY, &path, "acceptance", json!({})).await.expect(403);
        assert_eq!(refused.json()["params"]["next_approver"], json!([]));
    })
    .await;
}
