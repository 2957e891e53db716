use chrono::DateTime;
use serde_json::json;

use super::*;
use crate::{
    kernel::{
        reference::Reference,
        sheet::{SheetColumn, guarded},
    },
    planning::{
        asset::AssetState,
        owner::{OwnerKind, RiskOwner},
    },
};

const HEADER: &str = "業務分類,情報資産名称,備考,利用者範囲,リスク所有者,管理部署,媒体・保存先,個人情報,要配慮個人情報,特定個人情報,機密性,完全性,可用性,重要度,保存期限,登録日";

/// `asset-ledger.utf8.csv` and `asset-ledger.cp932.csv`.
const LEDGER: &str = "\
人事,社員名簿,社員基本情報,人事部,人事部長,人事部,事務所PC,有,,,3,3,2,3,退職後5年,2023/5/22
人事,健康診断の結果,雇入時・定期健康診断,人事部,人事部長,人事部,書類,,有,,3,3,2,3,5年,2023/5/22
経理,給与システムデータ,税務署提出用源泉徴収票,給与計算担当,経理部長,経理部,事務所PC,,,有,3,3,2,3,7年,2023/5/22
経理,当社宛請求書,過去3年分,経理部,経理部長,経理部,事務所PC,,,,3,3,2,3,7年,2023/5/22
経理,発行済請求書控え,過去3年分,経理部,経理部長,経理部,書類,,,,1,2,2,2,7年,2023/5/22
共通,電子メールデータ,重要度は混在のため最高値で評価,担当者,総務部長,総務部,社外サーバー,有,,,3,3,3,3,,2023/5/29
営業,顧客リスト,得意先,営業部,営業部長,営業部,事務所PC,有,,,3,3,3,3,5年,2023/5/29
営業,顧客リスト,得意先（モバイル）,営業部,営業部長,営業部,モバイル機器,有,,,3,2,2,3,5年,2023/5/29
営業,受注伝票,過去10年分,営業部,営業部長,営業部,社内サーバー,,,,2,2,2,2,10年,2023/5/29
営業,受注契約書,得意先との契約書原本,営業部,営業部長,営業部,書類,,,,2,3,1,3,10年,2023/5/29
管理,自社ホームページ,会社案内、製品情報,全従業員,管理部長,管理部,社外サーバー,,,,1,3,3,3,,2023/6/5
管理,製品パンフレット,発売後,全従業員,管理部長,管理部,書類,,,,1,1,1,1,,2023/6/5";

/// `asset-ledger.with-errors.cp932.csv`.
const WITH_ERRORS: &str = "\
人事,社員名簿,社員基本情報,人事部,人事部長,人事部,事務所PC,有,,,3,3,2,3,退職後5年,2023/5/22
人事,健康診断の結果,雇入時・定期健康診断,人事部,人事部長,人事部,書類,,有,,4,3,2,3,5年,2023/5/22
経理,,税務署提出用源泉徴収票,給与計算担当,経理部長,経理部,事務所PC,,,有,3,3,2,3,7年,2023/5/22
経理,当社宛請求書,過去3年分,経理部,経理部長,経理部,事務所PC,,,,3,3,2,1,7年,2023/5/22
経理,発行済請求書控え,過去3年分,経理部,経理部長,経理部,書類,,,,1,2,2,2,7年,2023/13/45
共通,電子メールデータ,重要度は混在のため最高値で評価,担当者,総務部長,総務部,クラウドのどこか,有,,,3,3,3,3,,2023/5/29";

fn cells(line: &str) -> Vec<String> {
    line.split(',').map(str::to_owned).collect()
}

fn table(header: &str, lines: &str) -> Table {
    Table { headers: cells(header), rows: (2..).zip(lines.lines().map(cells)).collect() }
}

fn rows(header: &str, lines: &str) -> Vec<ParsedRow> {
    parse(&table(header, lines)).unwrap()
}

fn ids() -> Resolved {
    Resolved {
        managing_department_id: Id::from_uuid(uuid::Uuid::nil()),
        risk_owner_person_id: None,
        risk_owner_position_id: Some(Id::from_uuid(uuid::Uuid::nil())),
        classification: None,
    }
}

fn asset(row: &ParsedRow, number: i32) -> Asset {
    let draft = row.draft(ids(), None).unwrap();
    let values = row.values.as_ref().unwrap();
    let mut asset = Asset::enter(draft, number, &[], DateTime::UNIX_EPOCH).unwrap();
    asset.managing_department = Reference { name: values.managing_department.clone(), ..asset.managing_department };
    let id = asset.risk_owner.id;
    asset.risk_owner = RiskOwner { kind: OwnerKind::Position, id, name: values.risk_owner.clone(), person: None };
    asset
}

/// A ledger with one row that says the least, and `column` = `cell` beside it.
fn with(column: &str, cell: &str) -> ParsedRow {
    let header = format!("業務分類,名称,利用者範囲,リスク所有者,管理部署,媒体,C,I,A,{column}");
    let mut table = table(&header, "人事,名簿,人事部,人事部長,人事部,書類,1,1,1");
    table.rows[0].1.push(cell.to_owned());
    parse(&table).unwrap().remove(0)
}

#[test]
fn the_sample_ledger_is_read_without_faults() {
    let rows = rows(HEADER, LEDGER);
    assert_eq!(rows.len(), 12);
    for row in &rows {
        assert_eq!((&row.faults, &row.warnings), (&vec![], &vec![]), "{}", row.row);
    }
    let first = rows[0].values.as_ref().unwrap();
    assert_eq!((rows[0].row, first.name.as_str(), first.risk_owner.as_str()), (2, "社員名簿", "人事部長"));
    assert_eq!((first.media, first.contains_personal_data, first.contains_my_number), (Media::OfficePc, true, false));
    assert_eq!(first.registered_on, NaiveDate::from_ymd_opt(2023, 5, 22));
    assert_eq!(first.retention_period.as_ref().unwrap().as_str(), "退職後5年");
    let mails = rows[5].values.as_ref().unwrap();
    assert_eq!((mails.media, &mails.retention_period), (Media::ExternalServer, &None));
}

#[test]
fn the_sample_with_errors_names_row_column_and_code() {
    let rows = rows(HEADER, WITH_ERRORS);
    let faults: Vec<_> = rows.iter().flat_map(|row| &row.faults).map(|f| (f.row, f.column.as_str(), f.code)).collect();
    assert_eq!(
        faults,
        [
            (3, "機密性", Code::OutOfRange),
            (4, "情報資産名称", Code::Required),
            (6, "登録日", Code::InvalidFormat),
            (7, "媒体・保存先", Code::NotInList),
        ]
    );
    let warnings: Vec<_> = rows.iter().flat_map(|row| &row.warnings).collect();
    let contradiction = RowFault::new(5, "重要度", Code::Contradiction).with("stated", 1).with("derived", 3);
    assert_eq!(warnings, [&contradiction]);
    assert_eq!(rows.iter().filter(|row| row.values.is_some()).count(), 2);
}

#[test]
fn headers_that_cannot_be_understood_refuse_the_file() {
    let faults = parse(&table("業務分類,情報資産名,名称,リスク値", "")).unwrap_err();
    let seen: Vec<_> = faults.iter().map(|f| (f.row, f.column.as_str(), f.code)).collect();
    assert_eq!(seen[..2], [(1, "名称", Code::Duplicate), (1, "リスク値", Code::UnknownField)]);
    assert_eq!(faults[0].params.get("other"), Some(&json!("情報資産名")));
    assert!(seen.contains(&(1, "リスク所有者", Code::Required)) && seen.contains(&(1, "可用性", Code::Required)));
    assert!(!seen.iter().any(|(_, column, _)| *column == "備考"));
}

#[test]
fn empty_rows_and_columns_are_passed_over_and_surplus_cells_are_not() {
    let header = "業務分類,名称,利用者範囲,リスク所有者,管理部署,媒体,C,I,A,";
    let line = "人事,名簿,人事部,人事部長,人事部,書類,１,1,1";
    let rows = rows(header, &format!(",,,\n　 , \n{line},,,"));
    assert_eq!((rows.len(), rows[0].row, rows[0].faults.len()), (1, 4, 0));
    let faults = parse(&table(header, &format!("{line},,x"))).unwrap().remove(0).faults;
    assert_eq!(faults[0].code, Code::TooLong);
    assert!(parse(&table(header, &format!("{line},x"))).is_err());
}

#[test]
fn the_same_asset_twice_refuses_both_rows() {
    let twice = format!("{0}\n{0}\n{1}", LEDGER.lines().next().unwrap(), LEDGER.lines().nth(6).unwrap());
    let twice = rows(HEADER, &twice.replacen("社員名簿", "社員 名簿　", 1).replacen("社員名簿", "社員　名簿", 1));
    let faults: Vec<_> = twice.iter().flat_map(|row| &row.faults).cloned().collect();
    let fault = |row: u32, other: u32| RowFault::new(row, "情報資産名称", Code::Duplicate).with("other_row", other);
    assert_eq!(faults, [fault(2, 3), fault(3, 2)]);

    let numbered = |numbers: [&str; 3]| {
        let line = LEDGER.lines().next().unwrap();
        let lines = numbers.map(|number| format!("{number},{line}")).join("\n");
        let rows = rows(&format!("No,{HEADER}"), &lines);
        rows.iter().map(|row| row.faults.len()).collect::<Vec<_>>()
    };
    assert_eq!(numbered(["1", "2", "3"]), [0, 0, 0]);
    assert_eq!(numbered(["1", "2", "1"]), [1, 0, 1]);
    assert_eq!(numbered(["1", "2", ""]), [1, 0, 1]);
    assert_eq!(numbered(["1", "2", "x"]), [0, 0, 1]);
}

#[test]
fn every_column_is_read() {
    let critical = with("事業上重要", "○").values.unwrap();
    assert!(critical.business_critical);
    assert_eq!(with("No", "７").number, Some(7));
    assert_eq!(with("情報の分類", "社外秘").values.unwrap().classification.as_deref(), Some("社外秘"));
    assert_eq!(with("資産区分", "支援資産").values.unwrap().asset_class, Some(AssetClass::Supporting));
    assert_eq!(with("保存先", "3階の書庫").values.unwrap().storage_location.as_str(), "3階の書庫");
    assert_eq!(with("登録日", "令和5年5月22日").values.unwrap().registered_on, NaiveDate::from_ymd_opt(2023, 5, 22));
    assert_eq!(with("登録日", "3023/5/22").faults[0].code, Code::OutOfRange);
    assert_eq!(with("備考", "'=1+1").values.unwrap().remarks.as_str(), "=1+1");
    assert_eq!(with("備考", "a\0").faults[0].code, Code::InvalidFormat);
    assert_eq!(with("備考", &"あ".repeat(10_001)).faults[0].code, Code::TooLong);
    assert_eq!(with("重要度", "高").warnings[0].params.get("stated"), Some(&json!("高")));
    assert!(with("重要度", "１").warnings.is_empty());
    let both = rows(
        "業務分類,名称,利用者範囲,リスク所有者,管理部署,媒体,C,I,A,事業上重要,事業上重要の理由",
        "人事,名簿,人事部,人事部長,人事部,書類,1,1,1,有,",
    );
    assert_eq!((both[0].faults[0].code, both[0].faults[0].column.as_str()), (Code::RequiredHere, "事業上重要の理由"));
}

#[test]
fn a_place_written_as_the_medium_is_kept() {
    let line = LEDGER.lines().next().unwrap().replace("事務所PC", "人事担当者のPC");
    let values = rows(HEADER, &line)[0].values.clone().unwrap();
    assert_eq!((values.media, values.storage_location.as_str()), (Media::OfficePc, "人事担当者のPC"));
}

#[test]
fn an_export_imports_again_unchanged() {
    let mut assets: Vec<Asset> = rows(HEADER, LEDGER).iter().zip(1..).map(|(row, number)| asset(row, number)).collect();
    let odd = &mut assets[3];
    odd.draft = AssetDraft {
        business_category: Title::new("=1+1").unwrap(),
        name: Title::new("'=顧客 ").unwrap(),
        remarks: Note::new("　一行目\r\n二行目, \"引用\" ").unwrap(),
        storage_location: Note::new("-").unwrap(),
        business_critical: true,
        business_critical_reason: Some(Text::new("@取引先").unwrap()),
        classification: Some(ClassificationCode::try_from("top_secret".to_owned()).unwrap()),
        asset_class: Some(AssetClass::Primary),
        contains_my_number: true,
        ..odd.draft.clone()
    };
    for guard in [guarded as fn(&str) -> String, str::to_owned as fn(&str) -> String] {
        let exported = Table {
            headers: Column::headers().into_iter().map(str::to_owned).collect(),
            rows: (2..).zip(assets.iter().map(|a| export_row(a).iter().map(|cell| guard(cell)).collect())).collect(),
        };
        let mut inventory = Inventory::default();
        for (at, asset) in assets.iter().enumerate() {
            inventory.add(asset.number, &asset.draft, asset.state, at);
        }
        for row in parse(&exported).unwrap() {
            assert_eq!((&row.faults, &row.warnings), (&vec![], &vec![]), "{}", row.row);
            let Found::One(at) = inventory.find(&row.identity().unwrap()) else { panic!("{}", row.row) };
            let stored = &assets[*at];
            assert!(row.keeps_department(stored) && row.keeps_owner(stored));
            let classification = stored.draft.classification.clone();
            assert_eq!(
                row.values.as_ref().unwrap().classification.as_deref(),
                classification.as_ref().map(|c| c.as_str())
            );
            let draft = row.draft(Resolved { classification, ..ids() }, Some(&stored.draft)).unwrap();
            assert_eq!(changes(&stored.draft, &draft), Vec::<String>::new());
        }
    }
}

#[test]
fn a_second_import_of_the_same_file_changes_nothing() {
    let rows = rows(HEADER, LEDGER);
    let assets: Vec<Asset> = rows.iter().zip(1..).map(|(row, number)| asset(row, number)).collect();
    let mut inventory = Inventory::default();
    for asset in &assets {
        inventory.add(asset.number, &asset.draft, asset.state, asset.number);
    }
    for (row, asset) in rows.iter().zip(&assets) {
        assert_eq!(inventory.find(&row.identity().unwrap()), Found::One(&asset.number));
        assert_eq!(row.draft(ids(), Some(&asset.draft)).as_ref(), Some(&asset.draft));
    }
    let other = with("No", "99");
    assert_eq!(inventory.find(&other.identity().unwrap()), Found::None);
}

#[test]
fn what_the_file_has_no_column_for_stays() {
    let row = with("備考", "新しい");
    let stored = AssetDraft {
        storage_location: Note::new("書庫").unwrap(),
        contains_personal_data: true,
        business_critical: true,
        business_critical_reason: Some(Text::new("理由").unwrap()),
        retention_period: Some(Title::new("5年").unwrap()),
        remarks: Note::new("古い").unwrap(),
        ..row.draft(ids(), None).unwrap()
    };
    let draft = row.draft(ids(), Some(&stored)).unwrap();
    assert_eq!(changes(&stored, &draft), ["remarks"]);
    // An empty cell under a header says that there is nothing.
    let cleared = with("保存期限", "").draft(ids(), Some(&stored)).unwrap();
    assert_eq!(changes(&stored, &cleared), ["retention_period"]);

    let mut inventory = Inventory::default();
    inventory.add(1, &stored, AssetState::InUse, 1);
    assert_eq!(inventory.find(&row.identity().unwrap()), Found::One(&1));
    assert_eq!(inventory.find(&with("保存先", "金庫").identity().unwrap()), Found::None);
    inventory.add(
        2,
        &AssetDraft { storage_location: Note::new("金庫").unwrap(), ..stored.clone() },
        AssetState::InUse,
        2,
    );
    assert_eq!(inventory.find(&row.identity().unwrap()), Found::Several);
    assert_eq!(inventory.find(&with("保存先", "金庫").identity().unwrap()), Found::One(&2));
    inventory.add(3, &stored, AssetState::Disposed, 3);
    assert_eq!(inventory.find(&with("保存先", "書庫").identity().unwrap()), Found::One(&1));
    assert_eq!(inventory.find(&Identity::Number(3)), Found::One(&3));
}

#[test]
fn faults_of_the_draft_get_the_header_of_the_file() {
    let row = with("No", "");
    let fault = row.fault_of(&Fault::new("/risk_owner_person_id", Code::ExactlyOne).with("other", "x"));
    assert_eq!(fault, RowFault::new(2, "リスク所有者", Code::ExactlyOne).with("other", "x"));
    assert_eq!(row.fault(Column::Name, Code::NotFound).column, "名称");
}
