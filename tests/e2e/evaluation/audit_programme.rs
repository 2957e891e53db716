//! Audit programmes of the fiscal years (9.2.2; SD-1, SD-12).

use chrono::TimeDelta;
use futures_util::future::join;
use serde_json::{Value, json};

use super::audit::{department, plan};
use crate::{
    harness::{World, on_both},
    planning::steps::{SECRETARY, change, create, id_of, person, read, take},
};

const TOP: &str = "青木 健一";
const CHAIR: &str = "石田 洋子";
const MANAGER: &str = "大野 誠";
const AUDITOR: &str = "川上 由美";
/// Manages 営業部.
const SALES: &str = "小林 恵";
const WORKER: &str = "高橋 花";
const LIST: &str = "/v1/audit-programmes";
const CHAPTERS: [&str; 7] = ["4", "5", "6", "7", "8", "9", "10"];

/// A programme of 2025 with every clause; `patch` replaces fields of it.
fn draft(patch: Value) -> Value {
    let mut draft = json!({
        "fiscal_year": 2025, "purpose": "決めたとおりか", "method": "聞き取り", "criteria": "規格と規程",
        "importance_considered": "顧客の情報が多い部門", "earlier_results_considered": "前回の軽微な不適合",
        "rows": [{ "planned_for": "2025-09", "functions": ["top_management"], "clauses": CHAPTERS }],
    });
    for (name, value) in patch.as_object().into_iter().flatten() {
        draft[name] = value.clone();
    }
    draft
}

/// The path of a new draft of the audit manager.
async fn drafted(world: &World, patch: Value) -> String {
    create(world, MANAGER, LIST, draft(patch)).await.expect(201).header("location")
}

/// The path of this year's programme, as the sample has it.
async fn running(world: &World) -> String {
    format!("{LIST}/{}", id_of(world, MANAGER, &format!("{LIST}?state=in_force"), "fiscal_year", 2024).await)
}

fn id(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// A revision of the running programme with these changes, in force.
async fn revised(world: &World, patch: Value) -> String {
    let first = running(world).await;
    let mut revision =
        json!({ "fiscal_year": 2024, "revises_id": id(&first), "revision_reason": "範囲を広げる", "rows": [] });
    for (name, value) in patch.as_object().into_iter().flatten() {
        revision[name] = value.clone();
    }
    let path = drafted(world, revision).await;
    take(world, MANAGER, &path, "submission", Value::Null).await.expect(200);
    take(world, TOP, &path, "approval", json!({})).await.expect(200);
    path
}

/// An audit of a department for a row of a programme, its plan approved.
async fn planned_audit(world: &World, programme: &str, row: i64, audited: &str) -> String {
    let mut body = plan(world, json!({ "department_id": department(world, audited).await })).await;
    body["programme"] = json!({ "programme_id": id(programme), "row": row });
    let made = create(world, MANAGER, "/v1/audits", body).await.expect(201);
    assert_eq!(made.json()["programme_year"], 2024);
    let path = made.header("location");
    take(world, MANAGER, &path, "submission", Value::Null).await.expect(200);
    take(world, TOP, &path, "approval", json!({})).await.expect(200);
    path
}

/// Carries it out with a checklist about 5.2, A.5.12 and 7.3, up to the approved report.
async fn carry_out(world: &World, path: &str) {
    let mut items = Vec::new();
    for (field, about) in [("clause", "5.2"), ("control", "5.12"), ("clause", "7.3")] {
        let check = json!({ field: about, "check_text": "決めたとおりか" });
        let list = format!("{path}/checklist-items");
        items.push(create(world, AUDITOR, &list, check).await.expect(201).header("location"));
    }
    take(world, AUDITOR, path, "start", Value::Null).await.expect(200);
    for (item, judgement) in items.iter().zip(["conform", "conform", "not_checked"]) {
        let result = json!({ "judgement": judgement, "evidence": ["記録"] });
        take(world, AUDITOR, item, "result", result).await.expect(200);
    }
    take(world, AUDITOR, path, "fieldwork-completion", Value::Null).await.expect(200);
    let report = json!({ "performed_in": "2024-04", "overall_opinion": "有効に働いている" });
    take(world, AUDITOR, path, "report", report).await.expect(200);
    take(world, AUDITOR, path, "report-submission", Value::Null).await.expect(200);
    take(world, MANAGER, path, "report-approval", json!({})).await.expect(200);
}

/// The entry of a list in which `field` is `value`.
fn entry(list: &Value, field: &str, value: impl Into<Value>) -> Value {
    let value = value.into();
    let found = list.as_array().into_iter().flatten().find(|one| one[field] == value).cloned();
    found.unwrap_or_else(|| panic!("no {field} {value} in {list}"))
}

async fn coverage(world: &World, path: &str) -> Value {
    read(world, AUDITOR, &format!("{path}/coverage")).await
}

#[actix_web::test]
async fn the_audit_manager_prepares_and_top_management_approves() {
    on_both(|world| async move {
        for who in [SECRETARY, AUDITOR, SALES, TOP, WORKER] {
            create(&world, who, LIST, draft(json!({}))).await.expect(403);
        }
        let made = create(&world, MANAGER, LIST, draft(json!({}))).await.expect(201);
        let (path, made) = (made.header("location"), made.json());
        assert_eq!((&made["starts_on"], &made["ends_on"]), (&json!("2025-04-01"), &json!("2026-03-31")));
        assert_eq!((&made["rows"][0]["number"], &made["rows"][0]["frequency"]), (&json!(1), &json!("yearly")));
        assert_eq!(made["progress"][0]["due_on"], "2025-09-30");
        world.get(&path).person(SALES).send().await.expect(404);
        world.get(&path).person(WORKER).send().await.expect(403);
        world.get(&path).person("森 正子").send().await.expect(404);
        world.get(format!("{path}/coverage")).person("森 正子").send().await.expect(404);

        take(&world, AUDITOR, &path, "submission", Value::Null).await.expect(403);
        take(&world, MANAGER, &path, "submission", Value::Null).await.expect(200);
        let waiting = read(&world, TOP, "/v1/work-items?kind=approve&limit=200").await;
        assert_eq!(entry(&waiting["items"], "path", path.as_str())["title"], "2025年度の内部監査プログラム (1)");
        take(&world, MANAGER, &path, "approval", json!({})).await.expect(403);
        take(&world, CHAIR, &path, "approval", json!({})).await.expect(403);
        take(&world, TOP, &path, "return", json!({ "reason": "回数を増やす" })).await.expect(200);
        change(&world, MANAGER, &path, json!({ "remarks": "年2回にする" })).await.expect(200);
        take(&world, MANAGER, &path, "submission", Value::Null).await.expect(200);
        let in_force = take(&world, TOP, &path, "approval", json!({})).await.expect(200).json();
        assert_eq!((&in_force["state"], &in_force["sign_off"]["approved"]["name"]), (&json!("in_force"), &json!(TOP)));
        assert_eq!(read(&world, SALES, &path).await["allowed_actions"], json!([]));
        let refused = change(&world, MANAGER, &path, json!({ "remarks": "" })).await.expect(409);
        assert_eq!(refused.json()["rule"], "SD-12");
    })
    .await;
}

#[actix_web::test]
async fn two_who_approve_at_once_approve_once() {
    on_both(|world| async move {
        let path = drafted(&world, json!({})).await;
        let submitted = take(&world, MANAGER, &path, "submission", Value::Null).await.expect(200);
        let approve =
            || world.post(format!("{path}/approval")).person(TOP).having_read(&submitted).json(json!({})).send();
        let (one, other) = join(approve(), approve()).await;
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert!(matches!(statuses, [200, 409 | 412]), "{statuses:?}");
    })
    .await;
}

#[actix_web::test]
async fn what_is_planned_is_known_and_lies_in_the_year() {
    on_both(|world| async move {
        let nowhere = "01890000-0000-7000-8000-000000000000";
        let rows = json!([
            { "planned_for": "2025-03", "functions": ["top_management"], "clauses": ["4.1"] },
            { "planned_for": "2025-04", "clauses": ["4.9"] },
            { "number": 7, "planned_for": "2025-04", "functions": ["top_management"] },
        ]);
        let refused = create(&world, MANAGER, LIST, draft(json!({ "rows": rows }))).await.expect(422);
        let told: Vec<_> = refused.faults();
        for fault in [
            ("/rows/0/planned_for", "out_of_range"),
            ("/rows/1/clauses/0", "not_in_list"),
            ("/rows/1/department_ids", "required_here"),
            ("/rows/2/number", "unknown_reference"),
            ("/rows/2/clauses", "required_here"),
        ] {
            assert!(told.contains(&(fault.0.to_owned(), fault.1.to_owned())), "{fault:?} of {told:?}");
        }
        let rows = json!([{
            "planned_for": "2025-04", "department_ids": [nowhere], "controls": ["5.1", "5.99", "X-1"],
        }]);
        let refused = create(&world, MANAGER, LIST, draft(json!({ "rows": rows }))).await.expect(422);
        let unknown = |pointer: &str| (pointer.to_owned(), "unknown_reference".to_owned());
        let expected = ["/rows/0/department_ids/0", "/rows/0/controls/1", "/rows/0/controls/2"].map(unknown);
        assert_eq!(refused.faults(), expected, "X-1 stands in no statement in force");
    })
    .await;
}

#[actix_web::test]
async fn every_clause_is_planned_each_year_and_every_control_within_three() {
    on_both(|world| async move {
        let path = drafted(&world, json!({ "rows": [
            { "planned_for": "2025-09", "functions": ["top_management"], "clauses": ["4", "5", "6", "7", "8", "9.1", "9.2", "10"] },
        ] }))
        .await;
        let refused = take(&world, MANAGER, &path, "submission", Value::Null).await.expect(409);
        assert_eq!(refused.code(), "not_ready");
        let told: Vec<String> = refused.faults().into_iter().map(|(pointer, _)| pointer).collect();
        assert_eq!(told, ["/clauses/9.3.1", "/clauses/9.3.2", "/clauses/9.3.3"]);

        // The first programme is that of 2024: what was never audited is due in the third year.
        let row = |controls: &[String]| {
            json!([{
                "planned_for": "2026-09", "functions": ["top_management"], "clauses": CHAPTERS, "controls": controls,
            }])
        };
        let path = drafted(&world, json!({ "fiscal_year": 2026, "rows": row(&[]) })).await;
        let covered = coverage(&world, &path).await;
        let counts = &covered["control_counts"];
        assert_eq!((&counts["due"], &counts["planned"]), (&counts["total"], &json!(0)));
        assert_eq!(entry(&covered["controls"], "control_id", "5.1")["due_fiscal_year"], 2026);
        let refused = take(&world, MANAGER, &path, "submission", Value::Null).await.expect(409);
        assert_eq!(refused.faults()[0], ("/controls/5.1".to_owned(), "required".to_owned()));
        let due: Vec<String> = refused.faults().iter().map(|(pointer, _)| id(pointer).to_owned()).collect();
        assert_eq!(Some(due.len() as u64), counts["total"].as_u64());
        change(&world, MANAGER, &path, json!({ "rows": row(&due) })).await.expect(200);
        take(&world, MANAGER, &path, "submission", Value::Null).await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn a_change_is_the_next_version_in_which_rows_keep_their_numbers() {
    on_both(|world| async move {
        let first = running(&world).await;
        let refused =
            create(&world, MANAGER, LIST, draft(json!({ "fiscal_year": 2024, "rows": [] }))).await.expect(409);
        assert_eq!((refused.code(), &refused.json()["params"]["id"]), ("already_exists".into(), &json!(id(&first))));
        let wordless = json!({ "fiscal_year": 2024, "revises_id": id(&first), "rows": [] });
        let refused = create(&world, MANAGER, LIST, draft(wordless)).await.expect(422);
        assert_eq!(refused.faults(), [("/revision_reason".to_owned(), "required_here".to_owned())]);

        let audit = planned_audit(&world, &first, 4, "人事部").await;
        let second = revised(&world, json!({})).await;
        let (before, after) = (read(&world, SALES, &first).await, read(&world, SALES, &second).await);
        assert_eq!((&before["state"], &after["state"]), (&json!("superseded"), &json!("in_force")));
        assert_eq!((&after["version"], &after["rows"]), (&json!(2), &before["rows"]));
        let audits =
            async |who: &str| entry(&read(&world, who, &second).await["progress"], "number", 4)["audits"].clone();
        let made = audits(MANAGER).await;
        assert_eq!(made[0]["id"], json!(id(&audit)), "made for a row of the year, not of the version");
        assert_eq!(audits(SALES).await, json!([]), "an audit of another department");

        // What was superseded takes no new audits.
        let mut body = plan(&world, json!({})).await;
        body["programme"] = json!({ "programme_id": id(&first), "row": 4 });
        let refused = create(&world, MANAGER, "/v1/audits", body.clone()).await.expect(422);
        assert_eq!(refused.faults(), [("/programme/programme_id".to_owned(), "unknown_reference".to_owned())]);
        body["programme"] = json!({ "programme_id": id(&second), "row": 5 });
        let refused = create(&world, MANAGER, "/v1/audits", body.clone()).await.expect(422);
        assert_eq!(refused.faults(), [("/programme/row".to_owned(), "unknown_reference".to_owned())]);
        body["programme"]["row"] = json!(4);
        body["rows"][0]["scheduled_at"] = json!("2026-04-10T01:00:00Z");
        let refused = create(&world, MANAGER, "/v1/audits", body).await.expect(422);
        assert_eq!(refused.faults(), [("/programme/programme_id".to_owned(), "contradiction".to_owned())]);
    })
    .await;
}

#[actix_web::test]
async fn what_a_reported_audit_judged_is_covered_and_its_row_is_done() {
    on_both(|world| async move {
        let path = running(&world).await;
        let row = async |who: &str, number: i64| entry(&read(&world, who, &path).await["progress"], "number", number);
        assert_eq!(row(MANAGER, 1).await["audits"][0]["name"], "定期内部監査", "that of the sample");
        let audit = planned_audit(&world, &path, 3, "営業部").await;
        assert_eq!(row(MANAGER, 3).await["state"], "planned");
        let before = coverage(&world, &path).await;
        assert_eq!(entry(&before["clauses"], "clause", "5.2")["state"], "due");
        assert_eq!(entry(&before["clauses"], "clause", "5.2")["planned_in"], json!([1, 3]));
        assert_eq!(before["clauses"].as_array().map(Vec::len), Some(30));
        carry_out(&world, &audit).await;
        let third = row(MANAGER, 3).await;
        assert_eq!((&third["state"], &third["due_on"]), (&json!("done"), &Value::Null));
        assert_eq!(
            third["audits"],
            json!([{ "id": id(&audit), "number": 3, "name": "臨時の監査", "state": "reported" }])
        );

        let after = coverage(&world, &path).await;
        let policy = entry(&after["clauses"], "clause", "5.2");
        assert_eq!((&policy["state"], &policy["audited_on"]), (&json!("covered"), &json!("2024-04-01")));
        assert_eq!(entry(&after["clauses"], "clause", "7.3")["audited_on"], Value::Null, "not checked");
        let control = entry(&after["controls"], "control_id", "5.12");
        assert_eq!((&control["state"], &control["last_audited_on"]), (&json!("covered"), &json!("2024-04-01")));
        assert_eq!(
            (&control["due_fiscal_year"], &control["title"]["en"]),
            (&json!(2027), &json!("Classification of information"))
        );
        assert_eq!((&after["clause_counts"]["covered"], &after["control_counts"]["covered"]), (&json!(1), &json!(1)));
    })
    .await;
}

#[actix_web::test]
async fn an_own_control_is_audited_with_the_row_that_names_it() {
    on_both(|world| async move {
        const STATEMENTS: &str = "/v1/statements-of-applicability";
        let statement = format!("{STATEMENTS}/{}", id_of(&world, SECRETARY, STATEMENTS, "version", 2).await);
        take(&world, SECRETARY, &statement, "submission", Value::Null).await.expect(200);
        take(&world, TOP, &statement, "approval", json!({})).await.expect(200);
        let first = read(&world, MANAGER, &running(&world).await).await;
        let mut rows = first["rows"].clone();
        rows[2]["controls"] = json!(["X-1"]);
        let path = revised(&world, json!({ "rows": rows })).await;
        let own = entry(&coverage(&world, &path).await["controls"], "control_id", "X-1");
        assert_eq!((&own["planned_in"], &own["state"]), (&json!([3]), &json!("due")));
        assert_eq!(own["title"]["ja"], "委託業者の作業への立会い");
        let audit = planned_audit(&world, &path, 3, "営業部").await;
        carry_out(&world, &audit).await;
        let own = entry(&coverage(&world, &path).await["controls"], "control_id", "X-1");
        assert_eq!((&own["last_audited_on"], &own["state"]), (&json!("2024-04-01"), &json!("covered")));
    })
    .await;
}

#[actix_web::test]
async fn a_row_whose_month_has_passed_waits_for_the_audit_manager() {
    on_both(|world| async move {
        let path = running(&world).await;
        let waits = async |who: &str| {
            let work = read(&world, who, "/v1/work-items?kind=carry_out&limit=200").await;
            work["items"].as_array().into_iter().flatten().find(|item| item["path"] == path.as_str()).cloned()
        };
        world.wait(TimeDelta::days(90));
        assert_eq!(waits(MANAGER).await, None, "the last day of June");
        world.wait(TimeDelta::days(1));
        let late = waits(MANAGER).await.expect("an item");
        assert_eq!(
            (&late["title"], &late["due_on"]),
            (&json!("2024年度の内部監査プログラム No.4"), &json!("2024-06-30"))
        );
        assert_eq!(waits(TOP).await, None);
        assert_eq!(entry(&read(&world, SALES, &path).await["progress"], "number", 4)["state"], "overdue");
    })
    .await;
}

#[actix_web::test]
async fn an_approved_programme_does_the_row_of_the_annual_plan_and_answers_for_the_documents() {
    on_both(|world| async move {
        let plan =
            format!("/v1/annual-plans/{}", id_of(&world, SECRETARY, "/v1/annual-plans", "fiscal_year", 2024).await);
        let row = json!({
            "clause": "9.2", "activity": "監査プログラムを改める", "document_name": "監査プログラム",
            "scheduled_weeks": ["2024-04-01"], "assignee_id": person(&world, MANAGER).await,
            "fulfilled_by": "audit_programme",
        });
        let row = create(&world, SECRETARY, &format!("{plan}/rows"), row).await.expect(201).id();
        let sales = department(&world, "営業部").await;
        let rows = json!([{ "planned_for": "2024-09", "department_ids": [sales], "clauses": CHAPTERS }]);
        let path = revised(&world, json!({ "rows": rows })).await;
        assert_eq!(read(&world, MANAGER, &path).await["rows"][0]["number"], 5, "numbers are not used twice");
        assert_eq!(read(&world, MANAGER, &format!("/v1/annual-plan-rows/{row}")).await["state"], "done");
        let rows = read(&world, SECRETARY, "/v1/documented-information").await;
        let twelfth = entry(&rows["rows"], "number", 12);
        assert!(twelfth.to_string().contains(LIST), "{twelfth}");
    })
    .await;
}

#[actix_web::test]
async fn five_people_have_a_programme() {
    on_both(|world| async move {
        let [top, manager, head] = ["森 正子", "原 次郎", "岡 三枝"];
        let waiting = read(&world, manager, "/v1/work-items?kind=carry_out&limit=200").await;
        let missing = entry(&waiting["items"], "path", LIST);
        assert_eq!((&missing["title"], &missing["due_on"]), (&json!("2024年度の内部監査プログラム"), &json!("2024-04-01")));
        let rows = json!([{ "planned_for": "2024-09", "functions": ["top_management", "isms_secretariat"], "clauses": CHAPTERS }]);
        let body = draft(json!({ "fiscal_year": 2024, "rows": rows }));
        let path = create(&world, manager, LIST, body).await.expect(201).header("location");
        take(&world, manager, &path, "submission", Value::Null).await.expect(200);
        take(&world, manager, &path, "approval", json!({})).await.expect(403);
        take(&world, top, &path, "approval", json!({})).await.expect(200);
        assert_eq!(read(&world, head, &path).await["state"], "in_force");
        let covered = read(&world, head, &format!("{path}/coverage")).await;
        assert_eq!((&covered["clause_counts"]["planned"], &covered["controls"]), (&json!(30), &json!([])));
        let waiting = read(&world, manager, "/v1/work-items?kind=carry_out&limit=200").await;
        assert!(waiting["items"].as_array().into_iter().flatten().all(|item| item["path"] != LIST), "{waiting}");
    })
    .await;
}
