//! The statement of applicability (D20; R-13, SD-5, SD-12; §6.16).

mod edit;

use serde_json::{Value, json};

use super::steps::{SECRETARY, change, create, id_of, item_draft, person, read, risk_draft, stated, take};
use crate::harness::{Reply, World, on_both};

const TOP: &str = "青木 健一";
const CHAIR: &str = "石田 洋子";
const SALES_HEAD: &str = "中村 隆";
const WORKER: &str = "高橋 花";
const LIST: &str = "/v1/statements-of-applicability";

/// The path of the version with this number.
async fn version(world: &World, number: i64) -> String {
    format!("{LIST}/{}", id_of(world, SECRETARY, LIST, "version", number).await)
}

/// A new draft: a copy of the newest version, or with nothing decided.
async fn draft(world: &World, start: &str) -> String {
    let made = create(world, SECRETARY, &format!("{LIST}?start={start}"), json!({ "title": "適用宣言書" })).await;
    made.expect(201).header("location")
}

/// The path of a control of the version at `path`.
async fn control(world: &World, path: &str, control_id: &str) -> String {
    let list = format!("{path}/controls?limit=200");
    format!("/v1/applicability-controls/{}", id_of(world, SECRETARY, &list, "control_id", control_id).await)
}

/// The secretary changes a control of the version at `path`.
async fn decide(world: &World, path: &str, control_id: &str, patch: Value) -> Reply {
    change(world, SECRETARY, &control(world, path, control_id).await, patch).await
}

fn excluded(why: &str) -> Value {
    json!({ "decision": "not_applicable", "implementation_status": "not_applicable", "justification": why })
}

/// How many controls of the version at `path` a query finds.
async fn found(world: &World, path: &str, query: &str) -> i64 {
    let list = read(world, SECRETARY, &format!("{path}/controls?limit=1&include_total=true&{query}")).await;
    list["total"].as_i64().expect("a total")
}

async fn submitted(world: &World) -> String {
    let path = draft(world, "copy").await;
    take(world, SECRETARY, &path, "submission", Value::Null).await.expect(200);
    path
}

#[actix_web::test]
async fn soa_1_a_version_without_a_model_has_the_93_controls_undecided() {
    on_both(|world| async move {
        let path = draft(&world, "empty").await;
        let made = read(&world, SECRETARY, &path).await;
        assert_eq!((&made["version"], &made["copied_from"]), (&json!(3), &Value::Null));
        let counts = json!({
            "total": 93, "undecided": 93, "applicable": 0, "not_applicable": 0, "implemented": 0,
            "partially_implemented": 0, "not_implemented": 0,
        });
        assert_eq!(made["counts"], counts);
        for (theme, count) in [("organizational", 37), ("people", 8), ("physical", 14), ("technological", 34)] {
            assert_eq!(found(&world, &path, &format!("theme={theme}")).await, count, "SOA-1: {theme}");
        }
        assert_eq!(found(&world, &path, "decision=undecided").await, 93);
        let rows = read(&world, SECRETARY, &format!("{path}/controls?limit=200")).await;
        assert_eq!(rows["items"][9]["control_id"], "5.10", "in the order of Annex A");
        let first = &rows["items"][0];
        assert_eq!(
            (&first["title"], &first["annex_a"]["title_en"]),
            (&first["annex_a"]["title_ja"], &json!("Policies for information security"))
        );
        assert_eq!((&first["implementation_status"], &first["justification"]), (&Value::Null, &json!("")));
        assert_eq!((&first["state"], &first["allowed_actions"]), (&json!("draft"), &json!(["revise"])));
    })
    .await;
}

#[actix_web::test]
async fn the_sample_has_one_in_force_and_one_being_written() {
    on_both(|world| async move {
        let list = read(&world, SECRETARY, LIST).await;
        let shown = |at: usize| (list["items"][at]["version"].clone(), list["items"][at]["state"].clone());
        assert_eq!((shown(0), shown(1)), ((json!(1), json!("in_force")), (json!(2), json!("draft"))));
        let counts = json!({
            "total": 93, "undecided": 0, "applicable": 86, "not_applicable": 7, "implemented": 71,
            "partially_implemented": 11, "not_implemented": 4,
        });
        assert_eq!(list["items"][0]["counts"], counts);
        assert_eq!(list["items"][0]["sign_off"]["approved"]["name"], TOP);
        assert_eq!((&list["items"][1]["copied_from"], &list["items"][1]["counts"]["total"]), (&json!(1), &json!(94)));
        let used = read(&world, SECRETARY, &control(&world, &version(&world, 1).await, "5.12").await).await;
        assert_eq!((&used["risks"][0]["number"], &used["risks"][1]), (&json!(6), &Value::Null));
        assert_eq!((&used["version"], &used["allowed_actions"]), (&json!(1), &json!([])));
    })
    .await;
}

#[actix_web::test]
async fn a_new_version_is_a_copy_that_goes_its_own_way() {
    on_both(|world| async move {
        let (first, second) = (version(&world, 1).await, version(&world, 2).await);
        let path = draft(&world, "copy").await;
        let copy = read(&world, SECRETARY, &path).await;
        assert_eq!(
            (&copy["version"], &copy["copied_from"], &copy["counts"]["total"]),
            (&json!(3), &json!(2), &json!(94))
        );
        let before = read(&world, SECRETARY, &format!("{second}/controls?limit=200")).await;
        decide(&world, &path, "5.7", excluded("使わない")).await.expect(200);
        assert_eq!(read(&world, SECRETARY, &path).await["counts"]["not_applicable"], 7);
        assert_eq!(read(&world, SECRETARY, &format!("{second}/controls?limit=200")).await, before);
        let of_first = read(&world, SECRETARY, &control(&world, &first, "5.7").await).await;
        assert_eq!(of_first["implementation_status"], "not_implemented", "every version keeps its own");
    })
    .await;
}

#[actix_web::test]
async fn soa_2_a_version_with_gaps_is_not_handed_in() {
    on_both(|world| async move {
        let path = draft(&world, "copy").await;
        decide(&world, &path, "7.8", json!({ "justification": "" })).await.expect(200);
        let cleared = json!({ "decision": "undecided", "implementation_status": null, "justification": " " });
        decide(&world, &path, "8.30", cleared).await.expect(200);
        for query in ["", "?validate_only=true"] {
            let refused = take(&world, SECRETARY, &path, &format!("submission{query}"), Value::Null).await.expect(409);
            assert_eq!((refused.code(), &refused.json()["rule"]), ("not_ready".into(), &json!("R-13")));
            let gaps = ["/controls/7.8/justification", "/controls/8.30/decision", "/controls/8.30/justification"];
            assert_eq!(refused.faults(), gaps.map(|at| (at.to_owned(), "required".to_owned())), "SOA-2");
        }
        assert_eq!(read(&world, SECRETARY, &path).await["state"], "draft");
    })
    .await;
}

#[actix_web::test]
async fn soa_3_status_and_decision_go_together() {
    on_both(|world| async move {
        let path = draft(&world, "copy").await;
        for (patch, code) in [
            (json!({ "decision": "not_applicable" }), "contradiction"),
            (json!({ "decision": "not_applicable", "implementation_status": "implemented" }), "contradiction"),
            (json!({ "implementation_status": "not_applicable" }), "contradiction"),
            (json!({ "implementation_status": null }), "required_here"),
            (json!({ "decision": "undecided" }), "contradiction"),
            (json!({ "decision": "perhaps" }), "not_in_list"),
        ] {
            let refused = decide(&world, &path, "5.1", patch.clone()).await.expect(422);
            assert_eq!(refused.faults()[0].1, code, "{patch}: {:?}", refused.faults());
        }
        let settled =
            decide(&world, &path, "5.1", json!({ "decision": "not_applicable", "implementation_status": null }));
        assert_eq!(settled.await.expect(200).json()["implementation_status"], "not_applicable", "there is only one");
        let taken = decide(&world, &path, "5.1", json!({ "control_id": "5.2", "title": "方針" })).await.expect(422);
        let read_only = ["/control_id", "/title"].map(|at| (at.to_owned(), "read_only_field".to_owned()));
        assert_eq!(taken.faults(), read_only);
    })
    .await;
}

#[actix_web::test]
async fn soa_4_a_control_that_a_risk_uses_is_applicable() {
    on_both(|world| async move {
        let path = draft(&world, "copy").await;
        decide(&world, &path, "5.12", excluded("分類しない")).await.expect(200);
        let refused = take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(409);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("not_ready".into(), &json!("R-13")));
        assert_eq!(refused.faults(), [("/controls/5.12/decision".to_owned(), "rule_violated".to_owned())], "SOA-4");
        assert_eq!(refused.json()["errors"][0]["params"]["risks"], json!([6]));

        // A closed risk uses nothing.
        let sixth = super::steps::risk(&world, 6).await;
        let gone = json!({ "closed_on": "2024-04-01", "reason": "リストをやめた" });
        take(&world, SECRETARY, &sixth, "closure", gone).await.expect(200);
        take(&world, SECRETARY, &path, "submission", Value::Null).await.expect(200);

        // While it waits, another risk comes to use the control.
        decided_risk(&world, "5.12").await;
        let refused = take(&world, TOP, &path, "approval", json!({})).await.expect(409);
        assert_eq!(refused.faults(), [("/controls/5.12/decision".to_owned(), "rule_violated".to_owned())]);
    })
    .await;
}

/// A risk of the head of sales with a decision that uses a control of Annex A, and an item for it.
async fn decided_risk(world: &World, control_id: &str) -> String {
    let draft = risk_draft(json!({
        "stated_importance": 2, "risk_owner_person_id": person(world, SALES_HEAD).await, "likelihood_basis": stated(2),
    }));
    let path = create(world, SECRETARY, "/v1/risks", draft).await.expect(201).header("location");
    take(world, SECRETARY, &path, "evaluation", Value::Null).await.expect(200);
    let controls = json!([
        { "description": "端末を守る", "annex_a_ids": ["8.1"] },
        { "description": "決まりを作る", "annex_a_ids": ["6.3", control_id] },
    ]);
    let decision = json!({ "options": ["modify"], "controls": controls });
    take(world, SECRETARY, &path, "treatment-decision", decision).await.expect(200);
    for number in [1, 2] {
        let item = item_draft(&person(world, WORKER).await, json!({ "control_number": number }));
        create(world, SECRETARY, &format!("{path}/treatment-items"), item).await.expect(201);
    }
    path
}

#[actix_web::test]
async fn r_13_at_lv_3_no_treatment_rests_on_an_excluded_control() {
    on_both(|world| async move {
        let path = decided_risk(&world, "8.28").await;
        let refused = take(&world, SALES_HEAD, &path, "treatment-approval", Value::Null).await.expect(409);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("rule_violated".into(), &json!("R-13")));
        let at = "/treatment/controls/1/annex_a_ids/1";
        assert_eq!(refused.faults(), [(at.to_owned(), "rule_violated".to_owned())]);
        assert_eq!(refused.json()["errors"][0]["params"]["control_id"], "8.28");
        let refused = take(&world, SECRETARY, &path, "treatment-approval", Value::Null).await.expect(403);
        assert_eq!(refused.json()["rule"], "SD-4", "the duty comes first");

        // Below LV.3 the statement is not asked.
        change(&world, SECRETARY, "/v1/organization", json!({ "level": "lv2_baseline" })).await.expect(200);
        take(&world, SALES_HEAD, &path, "treatment-approval?validate_only=true", Value::Null).await.expect(200);
        change(&world, SECRETARY, "/v1/organization", json!({ "level": "lv3_comprehensive" })).await.expect(200);

        // It becomes applicable with the version that says so, not with its draft.
        let next = draft(&world, "copy").await;
        let wanted =
            json!({ "decision": "applicable", "implementation_status": "not_implemented", "justification": "要" });
        decide(&world, &next, "8.28", wanted).await.expect(200);
        take(&world, SECRETARY, &next, "submission", Value::Null).await.expect(200);
        take(&world, SALES_HEAD, &path, "treatment-approval", Value::Null).await.expect(409);
        take(&world, TOP, &next, "approval", json!({})).await.expect(200);
        take(&world, SALES_HEAD, &path, "treatment-approval", Value::Null).await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn soa_5_own_controls_stand_beside_annex_a() {
    on_both(|world| async move {
        let path = draft(&world, "empty").await;
        let rows = format!("{path}/controls");
        let own = json!({ "control_id": "X-1", "title": "来客用の無線を分ける" });
        let made = create(&world, SECRETARY, &rows, own.clone()).await.expect(201);
        assert_eq!((&made.json()["order"], &made.json()["annex_a"]), (&json!(1001), &Value::Null));
        assert_eq!(read(&world, SECRETARY, &path).await["counts"]["total"], 94, "SOA-5");
        let taken = create(&world, SECRETARY, &rows, own).await.expect(409);
        assert_eq!((taken.code(), &taken.json()["params"]["field"]), ("already_exists".into(), &json!("/control_id")));
        for id in ["5.1", "9.9", "X 2", "X/2"] {
            let refused = create(&world, SECRETARY, &rows, json!({ "control_id": id, "title": "管理策" })).await;
            assert_eq!(refused.expect(422).faults(), [("/control_id".to_owned(), "invalid_format".to_owned())], "{id}");
        }
        let second = json!({ "control_id": "X-2", "title": "入館証を預かる" });
        let second = create(&world, SECRETARY, &rows, second).await.expect(201).header("location");
        let refused = change(&world, SECRETARY, &second, json!({ "control_id": "X-1" })).await.expect(409);
        assert_eq!(refused.code(), "already_exists");
        let renamed = json!({ "control_id": "X-3", "title": "入館証を回収する" });
        assert_eq!(change(&world, SECRETARY, &second, renamed).await.expect(200).json()["control_id"], "X-3");
        assert_eq!(found(&world, &path, "q=入館証").await, 1);
        assert_eq!((found(&world, &path, "new=false").await, found(&world, &path, "").await), (82, 95));
        let documents = json!({ "documents": ["規程", "手順", "規程"] });
        let refused = change(&world, SECRETARY, &second, documents).await.expect(422);
        assert_eq!(refused.faults(), [("/documents/2".to_owned(), "duplicate".to_owned())]);
    })
    .await;
}

#[actix_web::test]
async fn r_13_an_own_control_is_withdrawn_from_a_draft_and_stays_in_what_was_approved() {
    on_both(|world| async move {
        let because = || json!({ "reason": "来客用の無線を廃止した" });
        // One that was only just added: its id is free again.
        let second = version(&world, 2).await;
        let rows = format!("{second}/controls");
        let own = json!({
            "control_id": "X-7", "title": "来客用の無線を分ける", "decision": "applicable",
            "implementation_status": "implemented", "justification": "来客が使うため",
        });
        let before = read(&world, SECRETARY, &second).await["counts"]["total"].clone();
        let mistaken = create(&world, SECRETARY, &rows, own.clone()).await.expect(201).header("location");
        let gone = take(&world, SECRETARY, &mistaken, "withdrawal", because()).await.expect(200).json();
        assert_eq!(
            (&gone["withdrawn"]["reason"], &gone["withdrawn"]["name"], &gone["allowed_actions"]),
            (&because()["reason"], &json!(SECRETARY), &json!([]))
        );
        assert_eq!(read(&world, SECRETARY, &second).await["counts"]["total"], before);
        assert_eq!(
            (found(&world, &second, "q=X-7").await, found(&world, &second, "q=X-7&include_withdrawn=true").await),
            (0, 1)
        );
        for refused in [
            take(&world, SECRETARY, &mistaken, "withdrawal", because()).await,
            change(&world, SECRETARY, &mistaken, json!({ "title": "別の題" })).await,
        ] {
            assert_eq!(refused.expect(409).code(), "wrong_state");
        }
        let annex = control(&world, &second, "5.1").await;
        let refused = take(&world, SECRETARY, &annex, "withdrawal", because()).await.expect(409);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("rule_violated".into(), &json!("R-13")));

        // One that was approved: withdrawn from the next version, kept by the one that was approved.
        let kept = create(&world, SECRETARY, &rows, own).await.expect(201).header("location");
        take(&world, SECRETARY, &second, "submission", Value::Null).await.expect(200);
        take(&world, TOP, &second, "approval", json!({})).await.expect(200);
        let refused = take(&world, SECRETARY, &kept, "withdrawal", because()).await.expect(409);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("wrong_state".into(), &json!("SD-12")));
        let third = draft(&world, "copy").await;
        let copied = control(&world, &third, "X-7").await;
        take(&world, SECRETARY, &copied, "withdrawal", because()).await.expect(200);
        take(&world, SECRETARY, &third, "submission", Value::Null).await.expect(200);
        take(&world, TOP, &third, "approval", json!({})).await.expect(200);
        assert_eq!((found(&world, &second, "q=X-7").await, found(&world, &third, "q=X-7").await), (1, 0));
        assert_eq!(found(&world, &draft(&world, "copy").await, "q=X-7&include_withdrawn=true").await, 0);
    })
    .await;
}

#[actix_web::test]
async fn soa_6_and_sd_12_the_next_version_supersedes_and_nothing_changes_what_was_approved() {
    on_both(|world| async move {
        let (first, second) = (version(&world, 1).await, version(&world, 2).await);
        let kept = read(&world, SECRETARY, &format!("{first}/controls?limit=200")).await;
        take(&world, SECRETARY, &second, "submission", Value::Null).await.expect(200);
        assert_eq!(read(&world, TOP, &second).await["allowed_actions"], json!(["approve", "return"]));
        let back = take(&world, TOP, &second, "return", json!({ "reason": "8.30を見直すこと" })).await.expect(200);
        assert_eq!(back.json()["state"], "draft");
        decide(&world, &second, "8.30", json!({ "justification": "委託先を選ぶ" })).await.expect(200);
        take(&world, SECRETARY, &second, "submission", Value::Null).await.expect(200);
        let approved = take(&world, TOP, &second, "approval", json!({})).await.expect(200).json();
        assert_eq!((&approved["state"], &approved["sign_off"]["self_approved"]), (&json!("in_force"), &json!(false)));
        assert_eq!(read(&world, SECRETARY, &first).await["state"], "superseded", "SOA-6");
        let mut now = read(&world, SECRETARY, &format!("{first}/controls?limit=200")).await;
        now["items"].as_array_mut().expect("rows").iter_mut().for_each(|row| row["state"] = json!("in_force"));
        assert_eq!(now, kept, "it keeps its controls");

        for path in [&first, &second] {
            let row = control(&world, path, "5.1").await;
            let own = json!({ "control_id": "X-9", "title": "管理策" });
            let edit = json!({ "edits": [{ "control_id": "5.1", "justification": "別の理由" }] });
            for refused in [
                change(&world, SECRETARY, path, json!({ "title": "別の題" })).await,
                change(&world, SECRETARY, &row, json!({ "justification": "別の理由" })).await,
                create(&world, SECRETARY, &format!("{path}/controls"), own).await,
                create(&world, SECRETARY, &format!("{path}/control-edits"), edit).await,
            ] {
                let refused = refused.expect(409);
                assert_eq!((refused.code(), &refused.json()["rule"]), ("wrong_state".into(), &json!("SD-12")));
            }
        }
        take(&world, TOP, &first, "approval", json!({})).await.expect(409);
    })
    .await;
}

#[actix_web::test]
async fn soa_7_and_8_controls_are_found_by_the_attributes_of_the_catalog() {
    on_both(|world| async move {
        let path = version(&world, 1).await;
        let corrective = read(&world, SECRETARY, &format!("{path}/controls?control_type=corrective")).await;
        let ids: Vec<&str> =
            corrective["items"].as_array().expect("rows").iter().filter_map(|row| row["control_id"].as_str()).collect();
        let expected =
            ["5.5", "5.6", "5.7", "5.24", "5.26", "5.28", "5.29", "5.30", "5.35", "5.37", "6.4", "8.7", "8.13", "8.16"];
        assert_eq!(ids, expected, "SOA-7");
        for (query, count) in [
            ("control_type=corrective", 14),
            ("new=true", 11),
            ("new=true&theme=organizational", 3),
            ("decision=not_applicable", 7),
            ("status=not_implemented", 4),
            ("status=not_applicable&theme=technological", 7),
            ("decision=applicable&new=true&control_type=detective", 4),
            ("property=availability&concept=recover&capability=continuity", 2),
            ("domain=resilience&q=暗号", 0),
            ("q=cryptography", 1),
            ("q=顧客リスト", 2),
        ] {
            assert_eq!(found(&world, &path, query).await, count, "{query}");
        }
        let unknown = world.get(format!("{path}/controls?control_type=curative")).person(SECRETARY).send().await;
        unknown.expect(400);
    })
    .await;
}

#[actix_web::test]
async fn sd_5_nobody_but_top_management_approves_and_never_what_it_wrote_itself() {
    on_both(|world| async move {
        let path = submitted(&world).await;
        for who in [SECRETARY, CHAIR] {
            assert_eq!(take(&world, who, &path, "approval", json!({})).await.expect(403).code(), "not_granted");
        }
        take(&world, TOP, &path, "return", json!({ "reason": "自分で直す" })).await.expect(200);
        let role = json!({
            "role": "isms_secretariat", "person_id": person(&world, TOP).await, "starts_on": "2024-04-01",
        });
        let proposed = create(&world, SECRETARY, "/v1/appointments", role).await.expect(201).header("location");
        take(&world, CHAIR, &proposed, "approval", Value::Null).await.expect(200);
        let row = control(&world, &path, "5.1").await;
        change(&world, TOP, &row, json!({ "justification": "会社の約束だから" })).await.expect(200);
        let written = read(&world, SECRETARY, &path).await;
        assert_eq!(written["sign_off"]["prepared"]["name"], TOP, "who wrote in its controls last");
        take(&world, TOP, &path, "submission", Value::Null).await.expect(200);
        let refused = take(&world, TOP, &path, "approval", json!({ "reason": "急ぐ" })).await.expect(403);
        assert_eq!((refused.code(), &refused.json()["rule"]), ("duty_separated".into(), &json!("SD-5")));
        assert_eq!(refused.json()["params"]["next_approver"], json!([]), "nobody stands in");
        assert_eq!(read(&world, TOP, &path).await["allowed_actions"], json!(["return"]));
    })
    .await;
}

#[actix_web::test]
async fn the_owner_of_a_risk_reads_what_is_in_force_and_a_worker_nothing() {
    on_both(|world| async move {
        let (first, second) = (version(&world, 1).await, version(&world, 2).await);
        assert_eq!(read(&world, WORKER, LIST).await["items"], json!([]));
        world.get(&first).person(WORKER).send().await.expect(404);
        let seen = read(&world, SALES_HEAD, LIST).await;
        assert_eq!(seen["items"].as_array().map(Vec::len), Some(1), "a draft is no owner's matter");
        for (path, status) in [(&first, 200), (&second, 404)] {
            world.get(path).person(SALES_HEAD).send().await.expect(status);
            world.get(format!("{path}/controls")).person(SALES_HEAD).send().await.expect(status);
            let row = control(&world, path, "6.3").await;
            world.get(&row).person(SALES_HEAD).send().await.expect(status);
            world.get(&row).person(WORKER).send().await.expect(404);
            world.get(&row).person("林 一郎").send().await.expect(404);
        }
        // Beside a control stand the risks that the reader may read: that of 6.3 belongs to another head.
        let row = control(&world, &first, "6.3").await;
        assert_eq!(read(&world, SALES_HEAD, &row).await["risks"], json!([]));
        assert_eq!(read(&world, SECRETARY, &row).await["risks"][0]["number"], 5);
        let own = control(&world, &first, "5.12").await;
        assert_eq!(read(&world, SALES_HEAD, &own).await["risks"][0]["number"], 6);
    })
    .await;
}
