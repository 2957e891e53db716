//! Audits by outside bodies (9.2, 10.2; amendments §5): their results, findings with deadlines, corrective actions, closing.

use chrono::TimeDelta;
use serde_json::{Value, json};

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
/// Works in 人事部, without a role.
const OTHER: &str = "田中 浩二";
const LIST: &str = "/v1/external-audits";

fn draft(responsible: &str, patch: Value) -> Value {
    let mut draft = json!({
        "kind": "surveillance", "body": "認証機構", "auditors": ["本田 操", "三好 学"], "scope": "全社",
        "criteria": "ISO/IEC 27001:2022", "starts_on": "2024-03-28", "ends_on": "2024-03-29",
        "responsible_person_id": responsible,
    });
    for (name, value) in patch.as_object().into_iter().flatten() {
        draft[name] = value.clone();
    }
    draft
}

fn result(patch: Value) -> Value {
    let mut result = json!({
        "performed_from": "2024-03-28", "performed_until": "2024-03-29", "opinion": "有効に働いている",
        "recommendation": "granted_after_correction",
    });
    for (name, value) in patch.as_object().into_iter().flatten() {
        result[name] = value.clone();
    }
    result
}

/// An external audit with this laid over, for which `responsible` answers.
async fn planned(world: &World, responsible: &str, patch: Value) -> String {
    let responsible = person(world, responsible).await;
    create(world, SECRETARY, LIST, draft(&responsible, patch)).await.expect(201).header("location")
}

/// The same, performed.
async fn performed(world: &World, responsible: &str) -> String {
    let path = planned(world, responsible, json!({})).await;
    take(world, SECRETARY, &path, "result", result(json!({}))).await.expect(200);
    path
}

/// A finding of the audit at `path`.
async fn found(world: &World, path: &str, rank: &str, patch: Value) -> String {
    let mut finding = json!({ "rank": rank, "clause": "9.1", "content": "足りない", "respond_by": "2024-04-20" });
    for (name, value) in patch.as_object().into_iter().flatten() {
        finding[name] = value.clone();
    }
    create(world, SECRETARY, &format!("{path}/findings"), finding).await.expect(201).header("location")
}

async fn department(world: &World, name: &str) -> String {
    id_of(world, SECRETARY, "/v1/departments?limit=200", "name", name).await
}

/// The work on the record at `path` that `who` finds, of this kind.
async fn work(world: &World, who: &str, path: &str, kind: &str) -> Option<Value> {
    let list = read(world, who, &format!("/v1/work-items?kind={kind}&limit=200")).await;
    list["items"].as_array().into_iter().flatten().find(|item| item["path"] == path).cloned()
}

fn answer() -> Value {
    json!({ "answer": "改めた", "responded_on": "2024-04-01" })
}

#[actix_web::test]
async fn it_is_planned_performed_and_closed_when_everything_is_answered() {
    on_both(|world| async move {
        let path = planned(&world, SECRETARY, json!({ "auditors": [] })).await;
        let late = work(&world, SECRETARY, &path, "carry_out").await.expect("it waits for its result");
        assert_eq!((&late["due_on"], &late["overdue"]), (&json!("2024-03-29"), &json!(true)));
        let finding = json!({ "rank": "observation", "clause": "9.1", "content": "早すぎる" });
        create(&world, SECRETARY, &format!("{path}/findings"), finding).await.expect(409);
        let nobody = take(&world, SECRETARY, &path, "result", result(json!({}))).await.expect(409);
        assert_eq!((nobody.code(), nobody.faults()[0].0.as_str()), ("not_ready".into(), "/auditors"));
        change(&world, SECRETARY, &path, json!({ "auditors": ["本田 操"] })).await.expect(200);
        let mute =
            take(&world, SECRETARY, &path, "result", result(json!({ "recommendation": null }))).await.expect(422);
        assert_eq!(mute.faults(), [("/recommendation".to_owned(), "required_here".to_owned())]);
        take(&world, SECRETARY, &path, "result", result(json!({}))).await.expect(200);
        take(&world, SECRETARY, &path, "cancellation", json!({ "reason": "遅い" })).await.expect(409);

        let minor = found(&world, &path, "minor_nonconformity", json!({})).await;
        let other = found(&world, &path, "opportunity", json!({ "respond_by": null })).await;
        let mistaken = found(&world, &path, "observation", json!({})).await;
        take(&world, SECRETARY, &mistaken, "withdrawal", json!({ "reason": "写し間違い" })).await.expect(200);
        let counts = json!({ "major": 0, "minor": 1, "observation": 0, "opportunity": 1, "open": 2 });
        assert_eq!(read(&world, TOP, &path).await["counts"], counts);
        let numbers: Vec<Value> = read(&world, TOP, &format!("{path}/findings")).await["items"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|finding| json!([finding["number"], finding["external_audit"]["name"], finding["audit"]]))
            .collect();
        let name = "維持審査（認証機構）";
        assert_eq!(numbers, [json!([1, name, null]), json!([2, name, null])]);

        let open = take(&world, SECRETARY, &path, "closure", Value::Null).await.expect(409);
        let lacking: Vec<String> = open.faults().into_iter().map(|(pointer, _)| pointer).collect();
        assert_eq!(
            (open.code(), lacking),
            ("not_ready".into(), vec!["/findings/1/corrective_action".to_owned(), "/findings/2/response".to_owned()],)
        );
        take(&world, SECRETARY, &other, "response", answer()).await.expect(200);
        let mended = change(&world, SECRETARY, &other, json!({ "content": "少し足りない" })).await.expect(200).json();
        assert_eq!(mended["state"], "resolved", "a slip of the pen is mended until the audit is closed");
        // An answer alone resolves no nonconformity.
        take(&world, SECRETARY, &minor, "response", answer()).await.expect(200);
        take(&world, SECRETARY, &path, "closure", Value::Null).await.expect(409);
        let order = json!({ "target_department_id": department(&world, "管理部").await });
        create(&world, MANAGER, &format!("{minor}/corrective-action"), order).await.expect(201);
        work(&world, SECRETARY, &path, "carry_out").await.expect("it waits to be closed");
        let closed = take(&world, SECRETARY, &path, "closure", Value::Null).await.expect(200).json();
        assert_eq!((&closed["state"], &closed["closed"]["name"]), (&json!("closed"), &json!(SECRETARY)));

        // SD-12: neither the audit nor what was found changes any more.
        for refused in [
            change(&world, SECRETARY, &path, json!({ "scope": "別の範囲" })).await.expect(409),
            take(&world, SECRETARY, &path, "result", result(json!({}))).await.expect(409),
            change(&world, SECRETARY, &other, json!({ "content": "別のこと" })).await.expect(409),
        ] {
            assert_eq!(refused.json()["rule"], "SD-12");
        }
        let finding = json!({ "rank": "observation", "clause": "9.1", "content": "遅すぎる" });
        create(&world, SECRETARY, &format!("{path}/findings"), finding).await.expect(409);
        let seen = json!({ "reason": "次の審査で確かめた" });
        let followed = take(&world, MANAGER, &other, "follow-up", seen).await.expect(200).json();
        assert_eq!(followed["state"], "closed");
    })
    .await;
}

#[actix_web::test]
async fn a_corrective_action_and_its_finding_know_of_each_other() {
    on_both(|world| async move {
        let path = performed(&world, SECRETARY).await;
        let sales = department(&world, "営業部").await;
        let finding = found(&world, &path, "major_nonconformity", json!({ "department_id": sales })).await;
        let made = create(&world, SECRETARY, &format!("{finding}/corrective-action"), json!({})).await.expect(201);
        let action = made.header("location");
        assert_eq!(
            (&made.json()["state"], &made.json()["overdue"]),
            (&json!("corrective_action_linked"), &json!(false))
        );
        let linked = read(&world, SALES, &action).await;
        for (field, value) in [
            ("source", json!("external_audit")),
            ("external_body", json!("認証機構")),
            ("auditor_name", json!("本田 操")),
            ("auditor", Value::Null),
            ("audited_on", json!("2024-03-29")),
            ("finding_rank", json!("major_nonconformity")),
            ("response_due_on", json!("2024-04-20")),
            ("source_record", json!({ "resource": "finding", "id": made.json()["id"] })),
        ] {
            assert_eq!(linked[field], value, "{field}");
        }
        assert_eq!(made.json()["corrective_action"]["id"], linked["id"]);
        create(&world, MANAGER, &format!("{finding}/corrective-action"), json!({})).await.expect(409);
        // The body still waits for its answer.
        world.wait(TimeDelta::days(20));
        let late = work(&world, SALES, &finding, "carry_out").await.expect("its deadline has passed");
        assert_eq!((&late["due_on"], &late["overdue"]), (&json!("2024-04-20"), &json!(true)));
        take(&world, SALES, &finding, "response", answer()).await.expect(200);
        assert_eq!(work(&world, SALES, &finding, "carry_out").await, None);

        // One that is called off answers nothing.
        take(&world, SECRETARY, &action, "voiding", json!({ "reason": "宛先違い" })).await.expect(200);
        assert_eq!(read(&world, SALES, &finding).await["state"], "open");
        let open = take(&world, SECRETARY, &path, "closure", Value::Null).await.expect(409);
        assert_eq!(open.faults()[0].0, "/findings/1/corrective_action");
    })
    .await;
}

#[actix_web::test]
async fn who_writes_reads_and_answers() {
    on_both(|world| async move {
        let responsible = person(&world, SECRETARY).await;
        for who in [TOP, CHAIR, AUDITOR, SALES, WORKER] {
            create(&world, who, LIST, draft(&responsible, json!({}))).await.expect(403);
        }
        create(&world, MANAGER, LIST, draft(&responsible, json!({}))).await.expect(201);
        let path = performed(&world, WORKER).await;
        let (sales, staff) = (department(&world, "営業部").await, department(&world, "人事部").await);
        let theirs = found(&world, &path, "observation", json!({ "department_id": sales })).await;
        let others = found(&world, &path, "observation", json!({ "department_id": staff })).await;
        let whole = found(&world, &path, "opportunity", json!({})).await;

        // The department's manager: its own findings alone.
        read(&world, SALES, &path).await;
        let listed = read(&world, SALES, &format!("{path}/findings?include_total=true")).await;
        assert_eq!(listed["total"], 1);
        world.get(&*others).person(SALES).send().await.expect(404);
        work(&world, SALES, &theirs, "carry_out").await.expect("it waits for the department's manager");
        take(&world, SALES, &theirs, "response", answer()).await.expect(200);
        change(&world, SALES, &theirs, json!({ "content": "別のこと" })).await.expect(403);

        // Who answers for the audit, whatever their role: all of it, and nothing else.
        let audits = read(&world, WORKER, &format!("{LIST}?include_total=true")).await;
        assert_eq!((&audits["total"], &audits["items"][0]["allowed_actions"]), (&json!(1), &json!([])));
        let all = read(&world, WORKER, "/v1/findings?include_total=true").await;
        assert_eq!(all["total"], 3);
        let waits = work(&world, WORKER, &whole, "carry_out").await.expect("it waits for who answers for the audit");
        assert_eq!(waits["person"]["name"], WORKER);
        take(&world, WORKER, &whole, "response", answer()).await.expect(200);
        change(&world, WORKER, &whole, json!({ "content": "別のこと" })).await.expect(403);
        take(&world, WORKER, &path, "closure", Value::Null).await.expect(403);
        world.get(&*whole).person(OTHER).send().await.expect(404);
        world.get(&*path).person(OTHER).send().await.expect(404);

        // What our own auditors found stays theirs to write.
        let own = id_of(&world, SECRETARY, "/v1/findings?limit=200", "external_audit", Value::Null).await;
        let own = format!("/v1/findings/{own}");
        let refused = change(&world, SECRETARY, &own, json!({ "content": "別のこと" })).await.expect(403);
        assert_eq!(refused.code(), "outside_reach");
        // Another organization sees nothing.
        for path in [&path, &whole, &format!("{path}/findings"), &format!("{path}/report")] {
            world.get(&**path).person("林 一郎").send().await.expect(404);
        }
        let foreign =
            json!({ "responsible_person_id": id_of(&world, "林 一郎", "/v1/persons", "name", "林 一郎").await });
        let refused = change(&world, SECRETARY, &path, foreign).await.expect(422);
        assert_eq!(refused.faults(), [("/responsible_person_id".to_owned(), "unknown_reference".to_owned())]);
    })
    .await;
}

#[actix_web::test]
async fn lists_are_filtered_and_findings_of_one_audit_told_apart() {
    on_both(|world| async move {
        let path = performed(&world, SECRETARY).await;
        found(&world, &path, "observation", json!({})).await;
        let id = path.rsplit('/').next().expect("an id");
        for (query, total) in [
            ("kind=surveillance", 1),
            ("kind=certification_stage_1", 1),
            ("state=closed", 1),
            ("q=本田", 1),
            ("q=みなと認証", 2),
            ("sort=-starts_on", 3),
            ("updated_since=2024-04-02T00:00:00Z", 0),
        ] {
            let list = read(&world, TOP, &format!("{LIST}?include_total=true&{query}")).await;
            assert_eq!(list["total"], total, "{query}");
        }
        let of_one = read(&world, TOP, &format!("/v1/findings?include_total=true&external_audit_id={id}")).await;
        assert_eq!(of_one["total"], 1);
        let twice = format!("{path}/findings?external_audit_id={id}");
        world.get(twice).person(TOP).send().await.expect(400);
    })
    .await;
}

#[actix_web::test]
async fn a_certificate_that_ends_soon_waits_for_its_next_audit() {
    on_both(|world| async move {
        let certified = json!({
            "certificate": { "number": "JP-27001", "valid_from": "2024-04-01", "valid_until": "2024-09-30" },
            "recommendation": "granted", "report_received_on": "2024-04-01",
        });
        let path = planned(&world, SECRETARY, json!({ "kind": "renewal" })).await;
        take(&world, SECRETARY, &path, "result", result(certified)).await.expect(200);
        take(&world, SECRETARY, &path, "closure", Value::Null).await.expect(200);
        world.wait(TimeDelta::days(91));
        assert_eq!(work(&world, SECRETARY, &path, "review").await, None, "91 days before");
        world.wait(TimeDelta::days(1));
        let ends = work(&world, SECRETARY, &path, "review").await.expect("90 days before");
        assert_eq!((&ends["due_on"], &ends["role"]), (&json!("2024-09-30"), &json!("isms_secretariat")));
        let stays = planned(&world, SECRETARY, json!({ "starts_on": "2024-09-02", "ends_on": "2024-09-03" })).await;
        assert_eq!(work(&world, SECRETARY, &path, "review").await, None, "the next one is planned");
        take(&world, SECRETARY, &stays, "cancellation", json!({ "reason": "審査機構の都合" })).await.expect(200);
        work(&world, SECRETARY, &path, "review").await.expect("it is not any more");
    })
    .await;
}

#[actix_web::test]
async fn the_result_does_the_row_of_the_annual_plan() {
    on_both(|world| async move {
        let plan = id_of(&world, SECRETARY, "/v1/annual-plans", "fiscal_year", 2024).await;
        let path = planned(&world, SECRETARY, json!({})).await;
        take(&world, SECRETARY, &path, "result", result(json!({ "performed_until": "2024-04-01" }))).await.expect(200);
        let rows = read(&world, SECRETARY, &format!("/v1/annual-plans/{plan}/rows?limit=200")).await;
        let row = rows["items"].as_array().into_iter().flatten().find(|row| row["fulfilled_by"] == "external_audit");
        let done = &row.expect("the row of the audit")["occurrences"][0];
        assert_eq!(
            (&done["state"], &done["done"]["link"]["resource"]),
            (&json!("done"), &json!("external_audit")),
            "{done}"
        );
        assert!(path.ends_with(done["done"]["link"]["id"].as_str().expect("an id")));
    })
    .await;
}

#[actix_web::test]
async fn the_report_comes_as_a_file() {
    on_both(|world| async move {
        let path = planned(&world, SECRETARY, json!({})).await;
        let send = async |who: &str, bytes: &'static [u8]| {
            let read = world.get(&*path).person(who).send().await.expect(200);
            let ask = world.post(format!("{path}/report?name=審査報告書.pdf")).person(who).having_read(&read);
            ask.bytes("application/pdf", bytes).send().await
        };
        let get = async |who: &str| world.get(format!("{path}/report")).person(who).send().await;
        send(SECRETARY, b"%PDF-1.7\n1").await.expect(409);
        take(&world, SECRETARY, &path, "result", result(json!({}))).await.expect(200);
        get(TOP).await.expect(404);
        send(TOP, b"%PDF-1.7\n1").await.expect(403);
        let attached = send(SECRETARY, b"%PDF-1.7\n1").await.expect(200).json();
        assert_eq!(attached["report"]["name"], "審査報告書.pdf");
        assert_eq!(get(TOP).await.expect(200).bytes, b"%PDF-1.7\n1");
        take(&world, SECRETARY, &path, "closure", Value::Null).await.expect(200);
        assert_eq!(send(SECRETARY, b"%PDF-1.7\n2").await.expect(409).json()["rule"], "SD-12");
    })
    .await;
}

#[actix_web::test]
async fn of_two_who_close_it_at_once_one_does() {
    on_both(|world| async move {
        let path = performed(&world, SECRETARY).await;
        let seen = world.get(&*path).person(SECRETARY).send().await.expect(200);
        let close = |who| world.post(format!("{path}/closure")).person(who).having_read(&seen).send();
        let (one, two) = futures_util::future::join(close(SECRETARY), close(MANAGER)).await;
        let mut answers = [one.status.as_u16(), two.status.as_u16()];
        answers.sort_unstable();
        assert_eq!(answers[0], 200);
        assert!([409, 412].contains(&answers[1]), "{answers:?}");
        assert_eq!(read(&world, TOP, &path).await["revision"], 3);
    })
    .await;
}

#[actix_web::test]
async fn five_people_go_through_their_certification() {
    on_both(|world| async move {
        let [secretary, top, auditor, manager] = ["林 一郎", "森 正子", "原 次郎", "岡 三枝"];
        let id = async |path: &'static str, name: &'static str| id_of(&world, secretary, path, "name", name).await;
        let responsible = id("/v1/persons", secretary).await;
        let draft = draft(&responsible, json!({ "kind": "certification_stage_2" }));
        let path = create(&world, secretary, LIST, draft).await.expect(201).header("location");
        take(&world, secretary, &path, "result", result(json!({}))).await.expect(200);
        let finding = json!({
            "rank": "minor_nonconformity", "clause": "7.5.3", "content": "古い版が貼られている",
            "department_id": id("/v1/departments", "業務部").await, "respond_by": "2024-04-30",
        });
        let finding =
            create(&world, secretary, &format!("{path}/findings"), finding).await.expect(201).header("location");
        work(&world, manager, &finding, "carry_out").await.expect("it waits for the department's manager");
        let action = create(&world, auditor, &format!("{finding}/corrective-action"), json!({})).await.expect(201);
        let action = action.header("location");
        take(&world, auditor, &action, "submission", Value::Null).await.expect(200);
        take(&world, top, &action, "approval", json!({})).await.expect(200);
        take(&world, manager, &finding, "response", answer()).await.expect(200);
        let closed = take(&world, secretary, &path, "closure", Value::Null).await.expect(200).json();
        assert_eq!(closed["counts"]["open"], 0);
    })
    .await;
}
