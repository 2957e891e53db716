//! Import of ledgers: the customer's sample files, and what is wrong with others (R-02, R-03; amendments §3).

use mamori_domain::access::Role;
use serde_json::{Value, json};

use super::steps::{SECRETARY, asset, read, risk};
use crate::harness::{Reply, World, on_both};

const CP932: &[u8] = include_bytes!("../../data/asset-ledger.cp932.csv");
const UTF8: &[u8] = include_bytes!("../../data/asset-ledger.utf8.csv");
const WITH_ERRORS: &[u8] = include_bytes!("../../data/asset-ledger.with-errors.cp932.csv");
const CSV: &str = "text/csv";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

const HEADERS: &str = "業務分類,情報資産名称,利用者範囲,リスク所有者,管理部署,媒体・保存先,機密性,完全性,可用性,重要度";

/// The secretary imports a file.
async fn import(world: &World, query: &str, media: &str, file: &[u8]) -> Reply {
    world.post(format!("/v1/asset-imports{query}")).person(SECRETARY).bytes(media, file).send().await
}

/// How many rows were created, updated, unchanged and refused.
fn counts(report: &Value) -> [i64; 4] {
    ["created", "updated", "unchanged", "refused"].map(|name| report[name].as_i64().unwrap_or(-1))
}

/// Row, column and code of every error of a report.
fn errors(report: &Value) -> Vec<(i64, String, String)> {
    let rows = report["rows"].as_array().cloned().unwrap_or_default();
    let errors = rows.iter().flat_map(|row| row["errors"].as_array().cloned().unwrap_or_default());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    errors.map(|e| (e["row"].as_i64().unwrap_or(-1), text(&e["column"]), text(&e["code"]))).collect()
}

/// Row, column and code of every error of a refused import.
fn refusals(reply: &Reply) -> Vec<(i64, String, String)> {
    let json = reply.json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let errors = json["errors"].as_array().cloned().unwrap_or_default();
    errors
        .iter()
        .map(|e| (e["params"]["row"].as_i64().unwrap_or(-1), text(&e["params"]["column"]), text(&e["code"])))
        .collect()
}

/// The whole inventory.
async fn inventory(world: &World) -> Value {
    read(world, SECRETARY, "/v1/assets?limit=200&include_total=true").await
}

/// What is wrong in the sample with errors.
fn expected_errors() -> Vec<(i64, String, String)> {
    [
        (3, "機密性", "out_of_range"),
        (4, "情報資産名称", "required"),
        (6, "登録日", "invalid_format"),
        (7, "媒体・保存先", "not_in_list"),
    ]
    .map(|(row, column, code)| (row, column.to_owned(), code.to_owned()))
    .to_vec()
}

#[actix_web::test]
async fn the_sample_ledgers_come_in_and_a_second_time_change_nothing() {
    on_both(|world| async move {
        let before = inventory(&world).await;
        let rehearsed = import(&world, "?validate_only=true", CSV, CP932).await.expect(200).json();
        assert_eq!(rehearsed["validate_only"], true);
        assert_eq!(counts(&rehearsed), [3, 9, 0, 0], "{rehearsed}");
        assert_eq!(inventory(&world).await, before, "nothing is stored");

        let report = import(&world, "", CSV, CP932).await.expect(200).json();
        assert_eq!((&report["validate_only"], &report["rows_read"]), (&json!(false), &json!(12)));
        assert_eq!(counts(&report), [3, 9, 0, 0]);
        let created: Vec<&Value> =
            report["rows"].as_array().into_iter().flatten().filter(|r| r["action"] == "create").collect();
        assert_eq!(
            created.iter().map(|row| row["name"].as_str()).collect::<Vec<_>>(),
            [Some("給与システムデータ"), Some("発行済請求書控え"), Some("電子メールデータ")]
        );
        assert_eq!(report["rows"][0]["row"], 2, "as the spreadsheet counts");
        assert_eq!(report["rows"][0]["changes"], json!(["registered_on", "remarks"]));
        assert_eq!(inventory(&world).await["total"], 15);
        let register = read(&world, SECRETARY, &asset(&world, 1).await).await;
        assert_eq!((&register["registered_on"], &register["remarks"]), (&json!("2023-05-22"), &json!("社員基本情報")));
        let wages = read(&world, SECRETARY, &asset(&world, 13).await).await;
        assert_eq!((&wages["contains_my_number"], &wages["importance_basis"]), (&json!(true), &json!("personal_data")));
        assert_eq!(
            (&wages["risk_owner"]["name"], &wages["managing_department"]["name"]),
            (&json!("経理部長"), &json!("経理部"))
        );

        let after = inventory(&world).await;
        for file in [CP932, UTF8] {
            let again = import(&world, "", CSV, file).await.expect(200).json();
            assert_eq!(counts(&again), [0, 0, 12, 0], "{again}");
            assert_eq!(inventory(&world).await, after);
        }
        for charset in ["text/csv; charset=utf-8", "text/csv; charset=UTF-8"] {
            assert_eq!(counts(&import(&world, "", charset, UTF8).await.expect(200).json()), [0, 0, 12, 0]);
        }
        for charset in ["text/csv; charset=cp932", "text/csv; charset=Shift_JIS", "text/csv; charset=windows-31j"] {
            assert_eq!(
                counts(&import(&world, "", charset, CP932).await.expect(200).json()),
                [0, 0, 12, 0],
                "{charset}"
            );
        }
    })
    .await;
}

#[actix_web::test]
async fn rows_with_errors_refuse_the_whole_file() {
    on_both(|world| async move {
        let before = inventory(&world).await;
        let rehearsed = import(&world, "?validate_only=true", CSV, WITH_ERRORS).await.expect(200).json();
        assert_eq!(counts(&rehearsed), [0, 2, 0, 4]);
        assert_eq!(errors(&rehearsed), expected_errors());
        let warning = &rehearsed["rows"][3]["warnings"][0];
        assert_eq!(
            (&warning["row"], &warning["column"], &warning["code"]),
            (&json!(5), &json!("重要度"), &json!("contradiction"))
        );
        assert_eq!(warning["params"], json!({ "stated": 1, "derived": 3 }));

        let refused = import(&world, "", CSV, WITH_ERRORS).await.expect(422);
        assert_eq!(refused.code(), "rows_refused");
        assert_eq!(refusals(&refused), expected_errors());
        assert_eq!(inventory(&world).await, before, "nothing is stored");
        let next = world.asset_draft(json!({})).await;
        let made = world.post("/v1/assets").role(Role::IsmsSecretariat).json(next).send().await.expect(201);
        assert_eq!(made.json()["number"], 13, "nor is a number spent");
    })
    .await;
}

#[actix_web::test]
async fn on_error_skip_stores_the_others() {
    on_both(|world| async move {
        let report = import(&world, "?on_error=skip", CSV, WITH_ERRORS).await.expect(200).json();
        assert_eq!(counts(&report), [0, 2, 0, 4]);
        assert_eq!(errors(&report), expected_errors());
        assert_eq!(read(&world, SECRETARY, &asset(&world, 1).await).await["remarks"], "社員基本情報");
        assert_eq!(read(&world, SECRETARY, &asset(&world, 2).await).await["remarks"], "雇入時と定期", "refused");
        let bill = read(&world, SECRETARY, &asset(&world, 4).await).await;
        assert_eq!((&bill["registered_on"], &bill["importance"]), (&json!("2023-05-22"), &json!(3)), "not as stated");
    })
    .await;
}

#[actix_web::test]
async fn a_changed_rating_comes_in_and_marks_the_risks() {
    on_both(|world| async move {
        let file = format!("{HEADERS}\r\n経理,当社宛請求書,経理部,経理部長,経理部,事務所PC,2,2,2,2\r\n");
        let report = import(&world, "", CSV, file.as_bytes()).await.expect(200).json();
        assert_eq!(counts(&report), [0, 1, 0, 0]);
        assert_eq!(report["rows"][0]["changes"], json!(["confidentiality", "integrity"]));
        let bill = read(&world, SECRETARY, &asset(&world, 4).await).await;
        assert_eq!(bill["remarks"], "過去3年分", "what the file has no column for stays");
        assert_eq!(read(&world, SECRETARY, &risk(&world, 2).await).await["needs_reanalysis"], true);
    })
    .await;
}

#[actix_web::test]
async fn unknown_departments_and_positions_are_errors_unless_they_are_to_be_created() {
    on_both(|world| async move {
        let row = |name: &str| format!("製造,{name},製造部,製造部長,製造部,書類,2,2,2,2\r\n");
        let file = format!("{HEADERS}\r\n{}{}", row("設計図"), row("作業手順書"));
        let refused = import(&world, "", CSV, file.as_bytes()).await.expect(422);
        let both =
            |row| ["管理部署", "リスク所有者"].map(|column| (row, column.to_owned(), "unknown_reference".to_owned()));
        assert_eq!(refusals(&refused), [both(2), both(3)].concat());
        assert_eq!(read(&world, SECRETARY, "/v1/departments?q=製造部").await["items"], json!([]));

        let rehearsed =
            import(&world, "?create_missing=true&validate_only=true", CSV, file.as_bytes()).await.expect(200);
        assert_eq!(counts(&rehearsed.json()), [2, 0, 0, 0]);
        assert_eq!(read(&world, SECRETARY, "/v1/departments?q=製造部").await["items"], json!([]));
        let report = import(&world, "?create_missing=true", CSV, file.as_bytes()).await.expect(200).json();
        assert_eq!(counts(&report), [2, 0, 0, 0]);
        for path in ["/v1/departments?q=製造部", "/v1/positions?q=製造部長"] {
            let found = read(&world, SECRETARY, path).await;
            assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{path}: once, for both rows");
        }
        let drawing = read(&world, SECRETARY, &asset(&world, 13).await).await;
        assert_eq!(
            (&drawing["risk_owner"]["name"], &drawing["risk_owner"]["person"]),
            (&json!("製造部長"), &Value::Null)
        );
        assert_eq!(counts(&import(&world, "", CSV, file.as_bytes()).await.expect(200).json()), [0, 0, 2, 0]);
    })
    .await;
}

#[actix_web::test]
async fn an_owner_may_be_a_person_and_headers_and_dates_vary() {
    on_both(|world| async move {
        let file = "番号\t業務区分\t資産名\t利用者\tリスクオーナー\t管理部門\t媒体\tC\tI\tA\t登録年月日\n\
            20\t総務\t契約台帳\t総務部\t西川 悟\t総務部\tｸﾗｳﾄﾞ\t２\t1\t1\t令和5年5月22日\n\
            21\t総務\t株主名簿\t総務部\t総務部長\t総務部\t紙\t3\t1\t1\tR5.5.22\n";
        let report = import(&world, "", CSV, file.as_bytes()).await.expect(200).json();
        assert_eq!(counts(&report), [2, 0, 0, 0], "{report}");
        let ledger = read(&world, SECRETARY, &asset(&world, 20).await).await;
        assert_eq!(
            (&ledger["risk_owner"]["kind"], &ledger["risk_owner"]["name"]),
            (&json!("person"), &json!("西川 悟"))
        );
        assert_eq!((&ledger["media"], &ledger["registered_on"]), (&json!("external_server"), &json!("2023-05-22")));
        let register = read(&world, SECRETARY, &asset(&world, 21).await).await;
        assert_eq!((&register["media"], &register["registered_on"]), (&json!("paper"), &json!("2023-05-22")));
        let next = world.asset_draft(json!({})).await;
        let made = world.post("/v1/assets").role(Role::IsmsSecretariat).json(next).send().await.expect(201);
        assert_eq!(made.json()["number"], 22, "after the highest that came in");
    })
    .await;
}

#[actix_web::test]
async fn the_same_asset_twice_in_one_file_names_both_rows() {
    on_both(|world| async move {
        let row = "人事,評価シート,人事部,人事部長,人事部,書類,2,2,2,2\r\n";
        let file = format!("{HEADERS}\r\n{row}{row}");
        let refused = import(&world, "", CSV, file.as_bytes()).await.expect(422);
        let twice = |row: i64| (row, "情報資産名称".to_owned(), "duplicate".to_owned());
        assert_eq!(refusals(&refused), [twice(2), twice(3)]);
        assert_eq!(refused.json()["errors"][0]["params"]["other_row"], 3);
        assert_eq!(refused.json()["errors"][1]["params"]["other_row"], 2);
    })
    .await;
}

#[actix_web::test]
async fn a_ledger_comes_in_as_xlsx() {
    on_both(|world| async move {
        import(&world, "", CSV, CP932).await.expect(200);
        let book = world.get("/v1/assets?format=xlsx").person(SECRETARY).send().await.expect(200).bytes;
        let report = import(&world, "", XLSX, &book).await.expect(200).json();
        assert_eq!(counts(&report), [0, 0, 15, 0], "{report}");
        // What the customer's file says is the same in both forms.
        assert_eq!(counts(&import(&world, "", CSV, UTF8).await.expect(200).json()), [0, 0, 12, 0]);
        // The workbook of one organization fills the empty inventory of another.
        let moved = world.post("/v1/asset-imports?create_missing=true").person("林 一郎").bytes(XLSX, book);
        assert_eq!(counts(&moved.send().await.expect(200).json()), [15, 0, 0, 0]);
        let theirs = read(&world, "林 一郎", "/v1/assets?limit=200").await;
        assert_eq!(theirs["items"].as_array().map(Vec::len), Some(15));
        assert_eq!(inventory(&world).await["total"], 15, "each its own");
    })
    .await;
}

#[actix_web::test]
async fn what_is_no_ledger_is_refused() {
    on_both(|world| async move {
        let before = inventory(&world).await;
        for (media, file) in [
            (CSV, &[0xff, 0x00, 0x81][..]),
            (CSV, b""),
            (CSV, "業務分類,\"情報".as_bytes()),
            (XLSX, b"PK\x03\x04 not a workbook"),
            (XLSX, CP932),
            ("text/csv; charset=utf-8", CP932),
        ] {
            let refused = import(&world, "", media, file).await.expect(422);
            assert_eq!(refused.code(), "malformed_file", "{media}");
            assert!(refused.json()["params"]["reason"].is_string());
        }
        for media in ["application/json", "application/vnd.ms-excel", "text/csv; charset=utf-7", ""] {
            let refused = import(&world, "", media, UTF8).await.expect(415);
            assert_eq!(refused.code(), "unsupported_media_type", "{media}");
        }
        let headless = import(&world, "", CSV, "部署,名称\r\n人事部,社員名簿\r\n".as_bytes()).await.expect(422);
        assert_eq!(headless.code(), "rows_refused");
        assert!(
            refusals(&headless).contains(&(1, "部署".to_owned(), "unknown_field".to_owned())),
            "{:?}",
            refusals(&headless)
        );
        assert!(refusals(&headless).contains(&(1, "機密性".to_owned(), "required".to_owned())));
        import(&world, "?on_error=ignore", CSV, UTF8).await.expect(400);
        assert_eq!(inventory(&world).await, before);
    })
    .await;
}

#[actix_web::test]
async fn an_import_is_repeated_safely_under_its_key() {
    on_both(|world| async move {
        let send = async |file: &'static [u8]| {
            let ask = world.post("/v1/asset-imports").person(SECRETARY).header("idempotency-key", "ledger-2024");
            ask.bytes(CSV, file).send().await
        };
        let first = send(CP932).await.expect(200);
        let again = send(CP932).await.expect(200);
        assert_eq!(again.bytes, first.bytes, "the first answer, not `unchanged`");
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(send(UTF8).await.expect(422).code(), "idempotency_key_reused");
        assert_eq!(inventory(&world).await["total"], 15);
    })
    .await;
}

#[actix_web::test]
async fn an_import_reaches_as_far_as_its_caller() {
    on_both(|world| async move {
        let own = format!("{HEADERS}\r\n営業,見積書,営業部,営業部長,営業部,書類,2,2,2,2\r\n");
        let send =
            async |who: &str, file: String| world.post("/v1/asset-imports").person(who).bytes(CSV, file).send().await;
        assert_eq!(counts(&send("小林 恵", own.clone()).await.expect(200).json()), [1, 0, 0, 0]);
        let mixed = format!("{own}人事,評価シート,人事部,人事部長,人事部,書類,2,2,2,2\r\n");
        let refused = send("小林 恵", mixed).await.expect(422);
        assert_eq!(refusals(&refused), [(3, "情報資産名称".to_owned(), "outside_reach".to_owned())]);
        assert_eq!(send("高橋 花", own).await.expect(403).code(), "not_granted");
        assert_eq!(inventory(&world).await["total"], 13);
    })
    .await;
}
