//! The checklist of an audit goes out as a sheet and comes back with results (9.2; R-27).

use serde_json::{Value, json};

use super::audit::{AUDITOR, LIST, MANAGER, SALES, TOP, plan, scheduled};
use crate::{
    harness::{Reply, World, on_both},
    planning::steps::{SECRETARY, create, read, take},
};

const CSV: &str = "text/csv";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const HEADERS: &str = "No,監査項目,チェック事項,判定,確認結果・文書類,社外監査人";
/// No,判定,確認結果 / 1,適合,方針
const CP932: &[u8] = b"No,\x94\xbb\x92\xe8,\x8am\x94F\x8c\x8b\x89\xca\r\n1,\x93K\x8d\x87,\x95\xfb\x90j\r\n";

/// An audit of two items of the checklist, started.
async fn started(world: &World) -> String {
    let path = scheduled(world).await;
    prepared(world, AUDITOR, &path).await;
    path
}

async fn prepared(world: &World, who: &str, path: &str) {
    let list = format!("{path}/checklist-items");
    for (clause, check) in [("5.2", "方針は外から見えるか"), ("6.2", "目的は測れるか")] {
        create(world, who, &list, json!({ "clause": clause, "check_text": check })).await.expect(201);
    }
    take(world, who, path, "start", Value::Null).await.expect(200);
}

async fn hand_in(world: &World, who: &str, path: &str, query: &str, media: &str, file: impl Into<Vec<u8>>) -> Reply {
    world.post(format!("{path}/checklist-results{query}")).person(who).bytes(media, file).send().await
}

async fn taken_out(world: &World, path: &str, format: &str) -> Vec<u8> {
    world.get(format!("{path}/checklist-items?format={format}")).person(AUDITOR).send().await.expect(200).bytes
}

fn counts(done: &Value) -> Value {
    json!([done["rows_read"], done["updated"], done["unchanged"], done["refused"]])
}

/// Judgement and evidence of every item.
async fn results(world: &World, path: &str) -> Vec<Value> {
    let list = read(world, AUDITOR, &format!("{path}/checklist-items")).await;
    let items = list["items"].as_array().cloned().unwrap_or_default();
    items.iter().map(|item| json!([item["result"]["judgement"], item["result"]["evidence"]])).collect()
}

#[actix_web::test]
async fn a_checklist_goes_out_and_comes_back_with_results() {
    on_both(|world| async move {
        let path = started(&world).await;
        let text = String::from_utf8(taken_out(&world, &path, "csv").await).expect("UTF-8");
        let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(
            lines,
            [
                HEADERS,
                "1,5.2 方針,方針は外から見えるか,,,",
                "2,6.2 情報セキュリティ目的及びそれを達成するための計画策定,目的は測れるか,,,"
            ]
        );
        let book = taken_out(&world, &path, "xlsx").await;
        let untouched = hand_in(&world, AUDITOR, &path, "", XLSX, book).await.expect(200).json();
        assert_eq!(counts(&untouched), json!([2, 0, 2, 0]), "nobody wrote anything");

        let filled = text.replace("見えるか,,,", "見えるか,軽微な不適合,\"掲示なし\n質問で確認\",");
        let rehearsed =
            hand_in(&world, AUDITOR, &path, "?validate_only=true", CSV, filled.clone()).await.expect(200).json();
        assert_eq!((counts(&rehearsed), &rehearsed["validate_only"]), (json!([2, 1, 1, 0]), &json!(true)));
        assert_eq!(results(&world, &path).await[0], json!([null, null]), "nothing is stored");
        let done = hand_in(&world, AUDITOR, &path, "", CSV, filled).await.expect(200).json();
        assert_eq!((&done["rows"][0]["action"], &done["rows"][1]["action"]), (&json!("update"), &json!("unchanged")));
        let stored = results(&world, &path).await;
        assert_eq!(stored, [json!(["minor_nonconformity", ["掲示なし", "質問で確認"]]), json!([null, null])]);

        // The same again, in every form, is no change.
        let item = done["rows"][0]["audit_checklist_item_id"].as_str().expect("an id");
        let item = format!("/v1/audit-checklist-items/{item}");
        let before = read(&world, AUDITOR, &item).await;
        for format in ["xlsx", "csv"] {
            let file = taken_out(&world, &path, format).await;
            let media = if format == "csv" { CSV } else { XLSX };
            let again = hand_in(&world, AUDITOR, &path, "", media, file).await.expect(200).json();
            assert_eq!(counts(&again), json!([2, 0, 2, 0]), "{format}");
        }
        assert_eq!(read(&world, AUDITOR, &item).await, before);
        let old = hand_in(&world, AUDITOR, &path, "", CSV, CP932).await.expect(200).json();
        assert_eq!(counts(&old), json!([1, 1, 0, 0]), "what Excel saved in CP932");
        assert_eq!(results(&world, &path).await[0], json!(["conform", ["方針"]]));
    })
    .await;
}

#[actix_web::test]
async fn r_27_what_differs_from_the_prepared_or_breaks_a_rule_refuses_the_whole_file() {
    on_both(|world| async move {
        let path = started(&world).await;
        let file = format!("{HEADERS}\r\n1,,,適合,方針,\r\n2,,別の事項,適合,,\r\n9,,,適合,,\r\n2,,,立派,,");
        let refused = hand_in(&world, AUDITOR, &path, "", CSV, file.clone()).await.expect(422);
        assert_eq!(refused.code(), "rows_refused");
        let told: Vec<(String, Value, String)> = refused.json()["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|e| {
                (
                    e["pointer"].as_str().unwrap_or_default().to_owned(),
                    e["params"]["column"].clone(),
                    e["code"].as_str().unwrap_or_default().to_owned(),
                )
            })
            .collect();
        let expected = [
            ("/rows/3", "チェック事項", "read_only_field"),
            ("/rows/4", "No", "unknown_reference"),
            ("/rows/5", "No", "duplicate"),
            ("/rows/5", "判定", "not_in_list"),
        ];
        assert_eq!(told, expected.map(|(at, column, code)| (at.to_owned(), json!(column), code.to_owned())));
        assert_eq!(results(&world, &path).await[0], json!([null, null]), "nothing is stored");
        let skipped = hand_in(&world, AUDITOR, &path, "?on_error=skip", CSV, file).await.expect(200).json();
        assert_eq!(counts(&skipped), json!([4, 1, 0, 3]));
        assert_eq!(results(&world, &path).await[0], json!(["conform", ["方針"]]));

        let one = format!("{HEADERS}\r\n2,,,適合,,");
        let nobody = hand_in(&world, MANAGER, &path, "", CSV, one.clone()).await.expect(422);
        assert_eq!(nobody.faults(), [("/rows/2".to_owned(), "required_here".to_owned())], "for whom?");
        for who in [SECRETARY, TOP, SALES] {
            hand_in(&world, who, &path, "", CSV, one.clone()).await.expect(403);
        }
        hand_in(&world, "林 一郎", &path, "", CSV, one.clone()).await.expect(403);
        hand_in(&world, "原 次郎", &path, "", CSV, one.clone()).await.expect(404);
        hand_in(&world, AUDITOR, &path, "", "application/json", "{}").await.expect(415);
        hand_in(&world, AUDITOR, &path, "", XLSX, "no workbook").await.expect(422);
        hand_in(&world, AUDITOR, &path, "", CSV, one.clone()).await.expect(200);
        take(&world, AUDITOR, &path, "fieldwork-completion", Value::Null).await.expect(200);
        let late = hand_in(&world, AUDITOR, &path, "", CSV, one).await.expect(409);
        assert_eq!((late.code(), &late.json()["rule"]), ("wrong_state".into(), &json!("R-27")));
    })
    .await;
}

#[actix_web::test]
async fn the_audit_manager_hands_in_the_sheet_of_an_external_auditor() {
    on_both(|world| async move {
        let external = json!({ "auditors": [{ "external": { "name": "本田 操", "company": "監査法人" } }] });
        let path = create(&world, MANAGER, LIST, plan(&world, external).await).await.expect(201).header("location");
        take(&world, MANAGER, &path, "submission", Value::Null).await.expect(200);
        take(&world, TOP, &path, "approval", json!({})).await.expect(200);
        prepared(&world, MANAGER, &path).await;
        let file = format!("{HEADERS}\r\n1,,,適合,=方針,本田 操\r\n2,,,未確認,,本田 操");
        let refused = hand_in(&world, MANAGER, &path, "", CSV, file.clone()).await.expect(422);
        assert_eq!(refused.json()["errors"][0]["params"]["column"], "確認結果・文書類", "why it was not looked at");
        let file = file.replace("未確認,", "未確認,時間切れ");
        let done = hand_in(&world, MANAGER, &path, "", CSV, file).await.expect(200).json();
        assert_eq!(counts(&done), json!([2, 2, 0, 0]));
        let list = read(&world, MANAGER, &format!("{path}/checklist-items")).await;
        let result = &list["items"][0]["result"];
        assert_eq!((&result["on_behalf_of"], &result["entered"]["name"]), (&json!("本田 操"), &json!(MANAGER)));
        let out =
            world.get(format!("{path}/checklist-items?format=csv")).person(MANAGER).send().await.expect(200).bytes;
        let text = String::from_utf8(out.clone()).expect("UTF-8");
        assert!(text.contains(",適合,'=方針,本田 操"), "{text}");
        assert_eq!(
            counts(&hand_in(&world, MANAGER, &path, "", CSV, out).await.expect(200).json()),
            json!([2, 0, 2, 0])
        );
    })
    .await;
}
