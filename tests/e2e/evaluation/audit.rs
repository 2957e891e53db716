//! Internal audits (9.2; ): AUD-1 to AUD-11.

use serde_json::{Value, json};

use crate::{
    harness::{World, on_both},
    planning::steps::{SECRETARY, change, create, id_of, person, read, take},
};

pub(super) const TOP: &str = "青木 健一";
const CHAIR: &str = "石田 洋子";
pub(super) const MANAGER: &str = "大野 誠";
/// Works in 経理部.
pub(super) const AUDITOR: &str = "川上 由美";
/// Manages 営業部.
pub(super) const SALES: &str = "小林 恵";
const WORKER: &str = "高橋 花";
pub(super) const LIST: &str = "/v1/audits";

pub(super) async fn department(world: &World, name: &str) -> String {
    id_of(world, SECRETARY, "/v1/departments?limit=200", "name", name).await
}

/// A plan with this row, laid over one of 営業部 by the auditor.
pub(super) async fn plan(world: &World, over: Value) -> Value {
    let mut row = json!({
        "department_id": department(world, "営業部").await, "auditors": [{ "person_id": person(world, AUDITOR).await }],
        "respondent_id": person(world, SALES).await, "scheduled_at": "2024-04-10T01:00:00Z",
    });
    for (name, value) in over.as_object().into_iter().flatten() {
        row[name] = value.clone();
    }
    json!({
        "name": "臨時の監査", "purpose": "運用の確認", "themes": ["管理策の運用"], "methods": ["interview"],
        "method": "聞き取り", "criteria": "規格と規程", "report_due": "2024-03", "report_method": "報告会", "rows": [row],
    })
}

/// An audit of 営業部 whose plan is approved.
pub(super) async fn scheduled(world: &World) -> String {
    let path = create(world, MANAGER, LIST, plan(world, json!({})).await).await.expect(201).header("location");
    take(world, MANAGER, &path, "submission", Value::Null).await.expect(200);
    take(world, TOP, &path, "approval", json!({})).await.expect(200);
    path
}

/// The same, started, with one item of the checklist.
pub(super) async fn started(world: &World) -> (String, String) {
    let path = scheduled(world).await;
    let check = json!({ "clause": "5.2", "check_text": "方針は外から見えるか" });
    let item = create(world, AUDITOR, &format!("{path}/checklist-items"), check).await.expect(201).header("location");
    take(world, AUDITOR, &path, "start", Value::Null).await.expect(200);
    (path, item)
}

/// The same, with these findings reported and approved.
async fn reported(world: &World, findings: &[(&str, &str)]) -> String {
    let (path, item) = started(world).await;
    let result = json!({ "judgement": "conform", "evidence": ["方針"] });
    take(world, AUDITOR, &item, "result", result).await.expect(200);
    let sales = department(world, "営業部").await;
    for (rank, clause) in findings {
        let finding = json!({ "rank": rank, "clause": clause, "content": "足りない", "department_id": sales });
        create(world, AUDITOR, &format!("{path}/findings"), finding).await.expect(201);
    }
    take(world, AUDITOR, &path, "fieldwork-completion", Value::Null).await.expect(200);
    let report = json!({ "performed_in": "2024-04", "overall_opinion": "有効に働いている" });
    take(world, AUDITOR, &path, "report", report).await.expect(200);
    take(world, AUDITOR, &path, "report-submission", Value::Null).await.expect(200);
    take(world, MANAGER, &path, "report-approval", json!({})).await.expect(200);
    path
}

#[actix_web::test]
async fn aud_1_and_2_nobody_audits_the_own_work_and_people_from_outside_may() {
    on_both(|world| async move {
        let accounting = json!({ "department_id": department(&world, "経理部").await });
        let own = create(&world, MANAGER, LIST, plan(&world, accounting).await).await.expect(409);
        assert_eq!((own.code(), &own.json()["rule"]), ("rule_violated".into(), &json!("SD-2")));
        assert_eq!(own.faults()[0].0, "/rows/0/auditors/0/person_id");
        let stranger = json!({ "auditors": [{ "person_id": person(&world, WORKER).await }] });
        let stranger = create(&world, MANAGER, LIST, plan(&world, stranger).await).await.expect(422);
        assert_eq!(stranger.faults()[0].1, "unknown_reference", "nobody appointed them");
        let external = json!({ "auditors": [{ "external": { "name": "本田 操", "company": "監査法人" } }] });
        let audit = create(&world, MANAGER, LIST, plan(&world, external).await).await.expect(201).json();
        assert_eq!(audit["team"][0]["auditors"][0]["external"]["company"], "監査法人");
        assert_eq!(audit["report_due"], "2024-03", "AUD-10");
        let function = json!({ "department_id": null, "function": "top_management" });
        create(&world, MANAGER, LIST, plan(&world, function).await).await.expect(201);
        let function = json!({ "department_id": null, "function": "internal_auditor" });
        create(&world, MANAGER, LIST, plan(&world, function).await).await.expect(409);
        create(&world, SECRETARY, LIST, plan(&world, json!({})).await).await.expect(403);
        create(&world, AUDITOR, LIST, plan(&world, json!({})).await).await.expect(403);
    })
    .await;
}

#[actix_web::test]
async fn sd_2_who_was_moved_into_the_department_meanwhile_does_not_start_the_audit() {
    on_both(|world| async move {
        let path = scheduled(&world).await;
        world.post(format!("{path}/starter-checklist")).person(AUDITOR).send().await.expect(200);
        let moved = json!({ "department_id": department(&world, "営業部").await });
        let auditor = format!("/v1/persons/{}", person(&world, AUDITOR).await);
        change(&world, SECRETARY, &auditor, moved).await.expect(200);
        let refused = take(&world, MANAGER, &path, "start", Value::Null).await.expect(409);
        assert_eq!(refused.json()["rule"], "SD-2");
    })
    .await;
}

#[actix_web::test]
async fn aud_3_to_5_and_11_the_checklist_is_prepared_before_and_answered_during_the_audit() {
    on_both(|world| async move {
        let path = scheduled(&world).await;
        let empty = take(&world, AUDITOR, &path, "start", Value::Null).await.expect(409);
        assert_eq!((empty.code(), empty.faults()[0].0.as_str()), ("not_ready".into(), "/checklist_items"));

        let starter = world.post(format!("{path}/starter-checklist")).person(AUDITOR).send().await.expect(200).json();
        let rows = starter["items"].as_array().expect("items").clone();
        assert_eq!(rows.len(), 30, "every clause that has no parts");
        let again = world.post(format!("{path}/starter-checklist")).person(AUDITOR).send().await.expect(200).json();
        assert_eq!(again["items"].as_array().map(Vec::len), Some(30), "what is there is not added again");
        let item = format!("/v1/audit-checklist-items/{}", rows[5]["id"].as_str().expect("an id"));
        assert_eq!(rows[5]["criterion"]["ja"], "5.2 方針");
        change(&world, AUDITOR, &item, json!({ "check_text": "方針を掲げているか" })).await.expect(200);
        let result = json!({ "judgement": "conform", "evidence": ["質問で確認"] });
        let early = take(&world, AUDITOR, &item, "result", result.clone()).await.expect(409);
        assert_eq!(early.json()["rule"], "R-27", "AUD-4");
        for row in &rows[6..] {
            let path = format!("/v1/audit-checklist-items/{}", row["id"].as_str().expect("an id"));
            take(&world, AUDITOR, &path, "withdrawal", json!({ "reason": "今回は見ない" })).await.expect(200);
        }

        take(&world, AUDITOR, &path, "start", Value::Null).await.expect(200);
        change(&world, AUDITOR, &item, json!({ "check_text": "後から" })).await.expect(409);
        let more = json!({ "clause": "4.1", "check_text": "後から" });
        create(&world, AUDITOR, &format!("{path}/checklist-items"), more).await.expect(409);
        let open = take(&world, AUDITOR, &path, "fieldwork-completion", Value::Null).await.expect(409);
        assert_eq!(open.faults().len(), 6);
        for row in &rows[..6] {
            let path = format!("/v1/audit-checklist-items/{}", row["id"].as_str().expect("an id"));
            take(&world, AUDITOR, &path, "result", result.clone()).await.expect(200);
        }
        let nobody = take(&world, MANAGER, &item, "result", result.clone()).await.expect(422);
        assert_eq!(nobody.faults(), [("/on_behalf_of".to_owned(), "required_here".to_owned())]);
        // The checklist is the auditors' own.
        for who in [SECRETARY, TOP, CHAIR, SALES] {
            world.get(&*item).person(who).send().await.expect(403);
        }
        let audit = read(&world, SALES, &path).await;
        assert_eq!(audit["checklist"], json!({ "items": 6, "answered": 6 }));
        take(&world, AUDITOR, &path, "fieldwork-completion", Value::Null).await.expect(200);
        take(&world, AUDITOR, &item, "result", result).await.expect(409);
    })
    .await;
}

#[actix_web::test]
async fn aud_6_to_8_the_report_counts_and_nonconformities_take_a_corrective_action() {
    on_both(|world| async move {
        let path =
            reported(&world, &[("minor_nonconformity", "5.2"), ("observation", "4.3"), ("observation", "7.3")]).await;
        let audit = read(&world, TOP, &path).await;
        assert_eq!(audit["counts"], json!({ "major": 0, "minor": 1, "observation": 2 }));
        let report = read(&world, TOP, &format!("{path}/report")).await;
        let sentence = report["sentence"]["ja"].as_str().expect("a sentence");
        assert!(sentence.contains("1件を軽微な不適合、2件を観察事項"), "{sentence}");
        assert!(sentence.ends_with("重大な不適合は、検出されなかった。"), "{sentence}");
        let printed: Vec<_> = report["findings"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|finding| json!([finding["rank"], finding["number"], finding["criterion"]["en"]]))
            .collect();
        assert_eq!(printed[0], json!(["minor_nonconformity", 1, "5.2 Policy"]));
        assert_eq!((&printed[2][0], &printed[2][1]), (&json!("observation"), &json!(2)));

        let aud_7 = take(&world, MANAGER, &path, "closure", Value::Null).await.expect(409);
        assert_eq!((aud_7.code(), aud_7.faults()[0].0.as_str()), ("not_ready".into(), "/findings/1"));
        let finding = format!("/v1/findings/{}", report["findings"][0]["finding_id"].as_str().expect("an id"));
        let late = change(&world, AUDITOR, &finding, json!({ "rank": "observation" })).await.expect(409);
        assert_eq!(late.json()["rule"], "SD-12");
        create(&world, SALES, &format!("{finding}/corrective-action"), json!({ "nonsense": 1 })).await.expect(422);
        let linked = create(&world, MANAGER, &format!("{finding}/corrective-action"), json!({})).await.expect(201);
        assert!(linked.header("location").starts_with("/v1/corrective-actions/"));
        let linked = read(&world, SALES, &finding).await;
        assert_eq!(linked["state"], "corrective_action_linked");
        assert!(linked["corrective_action"]["name"].is_string(), "its reference number");
        create(&world, MANAGER, &format!("{finding}/corrective-action"), json!({})).await.expect(409);
        take(&world, MANAGER, &path, "closure", Value::Null).await.expect(200);

        let path = reported(&world, &[("observation", "7.3")]).await;
        let closed = take(&world, MANAGER, &path, "closure", Value::Null).await.expect(200).json();
        assert_eq!(closed["state"], "closed", "AUD-8");
    })
    .await;
}

#[actix_web::test]
async fn aud_9_a_finding_names_what_is_not_met_and_a_judgement_its_finding() {
    on_both(|world| async move {
        let (path, item) = started(&world).await;
        let sales = department(&world, "営業部").await;
        let finding = json!({ "rank": "minor_nonconformity", "content": "足りない", "department_id": sales });
        let list = format!("{path}/findings");
        let aud_9 = create(&world, AUDITOR, &list, finding.clone()).await.expect(422);
        assert_eq!(aud_9.faults()[0], ("/clause".to_owned(), "exactly_one".to_owned()));
        let result = json!({ "judgement": "minor_nonconformity", "evidence": ["掲示なし"] });
        take(&world, AUDITOR, &item, "result", result).await.expect(200);
        take(&world, AUDITOR, &path, "fieldwork-completion", Value::Null).await.expect(200);
        let report = json!({ "performed_in": "2024-04", "overall_opinion": "有効に働いている" });
        take(&world, AUDITOR, &path, "report", report).await.expect(200);
        let missing = take(&world, AUDITOR, &path, "report-submission", Value::Null).await.expect(409);
        assert_eq!(missing.faults()[0].0, "/checklist_items/1");
        let mut finding = finding;
        finding["control"] = json!("5.1");
        finding["checklist_item_id"] = json!(item.rsplit('/').next());
        let made = create(&world, AUDITOR, &list, finding).await.expect(201).json();
        assert!(made["criterion"]["ja"].as_str().is_some_and(|title| title.starts_with("A.5.1 ")), "{made}");
        create(&world, SALES, &list, json!({})).await.expect(403);
        take(&world, AUDITOR, &path, "report-submission", Value::Null).await.expect(200);
        let own = take(&world, TOP, &path, "report-approval", json!({})).await.expect(403);
        assert_eq!(own.json()["params"]["next_approver"][0]["name"], MANAGER, "the audit manager is there");
    })
    .await;
}

#[actix_web::test]
async fn the_department_reads_its_own_findings_and_answers_an_observation() {
    on_both(|world| async move {
        let path = reported(&world, &[("observation", "7.3")]).await;
        let of_audit = read(&world, SALES, &format!("{path}/findings")).await;
        let finding = format!("/v1/findings/{}", of_audit["items"][0]["id"].as_str().expect("an id"));
        let all = read(&world, SALES, "/v1/findings?limit=200").await;
        let departments =
            all["items"].as_array().into_iter().flatten().map(|found| found["department"]["name"].clone());
        assert!(departments.into_iter().all(|name| name == "営業部"), "{all}");
        world.get(&*finding).person(WORKER).send().await.expect(404);
        let work = read(&world, SALES, "/v1/work-items?limit=200").await;
        let waits =
            |work: &Value| work["items"].as_array().into_iter().flatten().any(|item| item["path"] == finding.as_str());
        assert!(waits(&work), "{work}");
        let answer = json!({ "answer": "全員が終えた", "responded_on": "2024-04-01" });
        let answered = take(&world, SALES, &finding, "response", answer).await.expect(200).json();
        assert_eq!(answered["state"], "resolved");
        assert!(!waits(&read(&world, SALES, "/v1/work-items?limit=200").await));
        let seen = json!({ "reason": "次の監査で確かめた" });
        let closed = take(&world, MANAGER, &finding, "follow-up", seen).await.expect(200).json();
        assert_eq!(closed["state"], "closed");
    })
    .await;
}

#[actix_web::test]
async fn five_people_audit_each_other_and_nobody_the_own_department() {
    on_both(|world| async move {
        let [secretary, top, auditor, manager] = ["林 一郎", "森 正子", "原 次郎", "岡 三枝"];
        let id = async |path: &'static str, name: &'static str| id_of(&world, secretary, path, "name", name).await;
        let row = json!({
            "department_id": id("/v1/departments", "業務部").await,
            "auditors": [{ "person_id": id("/v1/persons", auditor).await }],
            "respondent_id": id("/v1/persons", manager).await, "scheduled_at": "2024-04-10T01:00:00Z",
        });
        let mut draft = json!({
            "name": "内部監査", "purpose": "運用の確認", "themes": ["全般"], "methods": ["interview"], "method": "聞き取り",
            "criteria": "規格", "report_due": "2024-05", "report_method": "口頭", "rows": [row],
        });
        let own = id("/v1/departments", "開発部").await;
        draft["rows"][0]["department_id"] = json!(own);
        create(&world, auditor, LIST, draft.clone()).await.expect(409);
        draft["rows"][0]["department_id"] = json!(id("/v1/departments", "業務部").await);
        let path = create(&world, auditor, LIST, draft).await.expect(201).header("location");
        take(&world, auditor, &path, "submission", Value::Null).await.expect(200);
        take(&world, top, &path, "approval", json!({})).await.expect(200);
        let check = json!({ "clause": "5.2", "check_text": "方針を知っているか" });
        let list = format!("{path}/checklist-items");
        let item = create(&world, auditor, &list, check).await.expect(201).header("location");
        take(&world, auditor, &path, "start", Value::Null).await.expect(200);
        let result = json!({ "judgement": "conform", "evidence": ["質問で確認"] });
        take(&world, auditor, &item, "result", result).await.expect(200);
        take(&world, auditor, &path, "fieldwork-completion", Value::Null).await.expect(200);
        let report = json!({ "performed_in": "2024-04", "overall_opinion": "有効に働いている" });
        take(&world, auditor, &path, "report", report).await.expect(200);
        take(&world, auditor, &path, "report-submission", Value::Null).await.expect(200);
        // The audit manager wrote the report: top management approves it.
        take(&world, auditor, &path, "report-approval", json!({})).await.expect(403);
        take(&world, top, &path, "report-approval", json!({})).await.expect(200);
        let closed = take(&world, auditor, &path, "closure", Value::Null).await.expect(200).json();
        assert_eq!(closed["sentence"]["ja"], "不適合および観察事項は、検出されなかった。");
        let information = read(&world, secretary, "/v1/documented-information").await;
        assert_eq!(information["rows"][11]["current"], true, "the twelfth row of the fourteen");
    })
    .await;
}
