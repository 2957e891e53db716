use std::io::{Cursor, Write};

use chrono::NaiveDate;
use mamori_domain::kernel::sheet::unguarded;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use zip::{ZipWriter, write::SimpleFileOptions};

use super::*;

const ANY: SheetFormat = SheetFormat::Csv { charset: None };

fn table(headers: &[&str], rows: &[(u32, &[&str])]) -> Table {
    let own = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect();
    Table { headers: own(headers), rows: rows.iter().map(|(row, cells)| (*row, own(cells))).collect() }
}

fn write_xlsx(headers: &[&'static str], rows: &[Vec<String>]) -> Result<Vec<u8>, rust_xlsxwriter::XlsxError> {
    workbook::write(&Sheet { name: "", headers: headers.to_vec(), rows: rows.to_vec(), choices: Vec::new() })
}

fn csv(bytes: &[u8]) -> Result<Table, SheetFault> {
    read(ANY, bytes)
}

#[test]
fn media_types_name_form_and_encoding() {
    let csv = |charset| Some(SheetFormat::Csv { charset });
    assert_eq!(SheetFormat::from_media_type("text/csv"), csv(None));
    assert_eq!(SheetFormat::from_media_type("Text/CSV; header=present; Charset=\"UTF-8\""), csv(Some(UTF_8)));
    for label in ["shift_jis", "Shift-JIS", "cp932", "CP932", "Windows-31J", "ms932"] {
        assert_eq!(SheetFormat::from_media_type(&format!("text/csv;charset={label}")), csv(Some(SHIFT_JIS)), "{label}");
    }
    assert_eq!(SheetFormat::from_media_type(XLSX), Some(SheetFormat::Xlsx));
    for other in [
        "",
        "text/plain",
        "application/json",
        "text/csv; charset=euc-jp",
        "text/csv; charset=x",
        "application/vnd.ms-excel",
    ] {
        assert_eq!(SheetFormat::from_media_type(other), None, "{other}");
    }
}

#[test]
fn every_encoding_of_a_csv_is_read() {
    let text = "業務分類,情報資産名称\r\n人事,社員名簿①髙㈱～\r\n";
    let expected = table(&["業務分類", "情報資産名称"], &[(2, &["人事", "社員名簿①髙㈱～"])]);
    let (cp932, _, lossy) = SHIFT_JIS.encode(text);
    assert!(!lossy);
    let utf16 = |bytes: fn(u16) -> [u8; 2]| {
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(bytes).collect::<Vec<_>>()
    };
    let marked = format!("\u{feff}{text}");
    for bytes in [text.as_bytes(), marked.as_bytes(), &cp932, &utf16(u16::to_le_bytes), &utf16(u16::to_be_bytes)] {
        assert_eq!(csv(bytes).as_ref(), Ok(&expected));
    }
    // The first bytes of asset-ledger.cp932.csv: 業務分類,
    assert_eq!(csv(b"\x8b\xc6\x96\xb1\x95\xaa\x97\xde,a").unwrap().headers, ["業務分類", "a"]);
    assert_eq!(read(SheetFormat::Csv { charset: Some(SHIFT_JIS) }, &cp932).as_ref(), Ok(&expected));
    assert_eq!(read(SheetFormat::Csv { charset: Some(UTF_8) }, &cp932), Err(SheetFault::NotText));
    assert_eq!(read(SheetFormat::Csv { charset: Some(SHIFT_JIS) }, marked.as_bytes()).as_ref(), Ok(&expected));
    for broken in [&b"\x8b\xc6,\x81"[..], b"a,\xff\xff", b"a\0b", b"\xff\xfea"] {
        assert_eq!(csv(broken), Err(SheetFault::NotText), "{broken:?}");
    }
}

#[test]
fn separators_quotes_and_empty_lines() {
    let expected = table(&["a", "b, c"], &[(2, &["1", "2\n3 \"4\""]), (5, &["5"]), (7, &["", "6"])]);
    for (mark, line) in [(",", "\n"), (";", "\r\n"), ("\t", "\r\n"), (",", "\r")] {
        let text = ["a|\"b, c\"", "1|\"2\n3 \"\"4\"\"\"", "", "|", "5|", "", "|6|", ""].join(line).replace('|', mark);
        assert_eq!(csv(text.as_bytes()).as_ref(), Ok(&expected), "{text:?}");
    }
    assert_eq!(csv(b"\r\n\r\na\r\n\r\n1").unwrap(), table(&["a"], &[(5, &["1"])]));
    assert_eq!(csv(b"a\n5\" pipe\n1").unwrap(), table(&["a"], &[(2, &["5\" pipe"]), (3, &["1"])]));
    for open in ["a,b\n1,\"2\n3,4\n", "\"", "a\n\"b", "a\n\"b\"\"\n"] {
        assert_eq!(csv(open.as_bytes()), Err(SheetFault::UnclosedQuote), "{open}");
    }
    for empty in ["", "\n", ",,,\n , \n", "\u{feff}"] {
        assert_eq!(csv(empty.as_bytes()), Err(SheetFault::Empty), "{empty}");
    }
}

#[test]
fn what_is_too_much_is_refused() {
    let rows = |count| format!("a\n{}", "1\n".repeat(count));
    assert_eq!(csv(rows(ROWS).as_bytes()).unwrap().rows.len(), ROWS);
    assert_eq!(csv(rows(ROWS + 1).as_bytes()), Err(SheetFault::TooManyRows));
    assert!(csv("a,".repeat(COLUMNS).as_bytes()).is_ok());
    assert_eq!(csv(format!("{}a", "a,".repeat(COLUMNS)).as_bytes()), Err(SheetFault::TooManyColumns));
    assert!(csv("あ".repeat(CELL_CHARACTERS).as_bytes()).is_ok());
    assert_eq!(csv("あ".repeat(CELL_CHARACTERS + 1).as_bytes()), Err(SheetFault::CellTooLong));
    let wide = vec![vec!["あ".repeat(10_000); 100]; 20];
    let headers = vec!["列"; 100];
    assert_eq!(read(SheetFormat::Xlsx, &write_xlsx(&headers, &wide).unwrap()), Err(SheetFault::TooLarge));
    let beyond = vec!["x"; COLUMNS + 1];
    assert_eq!(read(SheetFormat::Xlsx, &write_xlsx(&beyond, &[]).unwrap()), Err(SheetFault::TooManyColumns));
    let many = vec![vec!["1".to_owned()]; ROWS + 1];
    assert_eq!(read(SheetFormat::Xlsx, &write_xlsx(&["a"], &many).unwrap()), Err(SheetFault::TooManyRows));
}

#[test]
fn what_is_written_reads_the_same() {
    let cells =
        ["=1+1", "@a", "'=1", "社員\n名簿", "a,\"b\";c", "_x0041_", "<&>", "", " x ", "-1", "2023/5/22", "007", "🗾"];
    let headers = cells.map(|_| "列");
    let rows = vec![cells.map(str::to_owned).to_vec()];
    let csv_bytes = write_csv(&headers, &rows);
    assert!(csv_bytes.starts_with("\u{feff}列,列".as_bytes()));
    let text = String::from_utf8(csv_bytes.clone()).unwrap();
    assert!(
        text.contains(
            "\r\n'=1+1,'@a,''=1,\"社員\n名簿\",\"a,\"\"b\"\";c\",_x0041_,<&>,,\" x \",'-1,2023/5/22,007,🗾\r\n"
        ),
        "{text}"
    );
    for table in [csv(&csv_bytes).unwrap(), read(SheetFormat::Xlsx, &write_xlsx(&headers, &rows).unwrap()).unwrap()] {
        assert_eq!(table.headers, headers);
        let read: Vec<&str> = table.rows[0].1.iter().map(|cell| unguarded(cell)).collect();
        assert_eq!((table.rows[0].0, read), (2, cells.to_vec()));
    }
}

#[test]
fn workbooks_as_people_make_them() {
    let mut book = Workbook::new();
    let _ = book.add_worksheet();
    let hidden = book.add_worksheet();
    hidden.write_string(0, 0, "選択肢").unwrap();
    hidden.set_hidden(true);
    let sheet = book.add_worksheet();
    let day = ExcelDateTime::from_ymd(2023, 5, 22).unwrap();
    for (column, header) in (0..).zip(["登録日", "年号", "機密性", "小数", "個人情報", "式", "時刻"]) {
        sheet.write_string(1, column, header).unwrap();
    }
    sheet.write_datetime_with_format(3, 0, &day, &Format::new().set_num_format("yyyy/m/d")).unwrap();
    let era = Format::new().set_num_format("[$-411]ggge\"年\"m\"月\"d\"日\";@");
    sheet.write_datetime_with_format(3, 1, &day, &era).unwrap();
    sheet.write_number(3, 2, 3).unwrap();
    sheet.write_number(3, 3, 1.5).unwrap();
    sheet.write_boolean(3, 4, true).unwrap();
    sheet.write_formula(3, 5, Formula::new("=1+1").set_result("2")).unwrap();
    let moment = ExcelDateTime::parse_from_str("2023-05-22T09:30:00").unwrap();
    sheet.write_datetime_with_format(3, 6, &moment, &Format::new().set_num_format("yyyy/m/d h:mm")).unwrap();
    let read = read(SheetFormat::Xlsx, &book.save_to_buffer().unwrap()).unwrap();
    assert_eq!(read.headers.len(), 7);
    let row = ["2023-05-22", "2023-05-22", "3", "1.5", "true", "2", "2023-05-22 09:30:00"].map(str::to_owned);
    assert_eq!(read.rows, [(4, row.to_vec())]);
    assert_eq!(NaiveDate::parse_from_str(&row[0], "%F").unwrap().to_string(), row[0]);
    assert_eq!(super::read(SheetFormat::Xlsx, &Workbook::new().save_to_buffer().unwrap()), Err(SheetFault::Empty));
}

/// A workbook of this sheet, these texts and styles.
fn workbook(sheet: &str, texts: &str, styles: &str) -> Vec<u8> {
    let parts = [
        ("xl/workbook.xml", r#"<workbook><sheets><sheet name="s" r:id="r1"/></sheets></workbook>"#),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
        ),
        ("xl/worksheets/sheet1.xml", sheet),
        ("xl/sharedStrings.xml", texts),
        ("xl/styles.xml", styles),
    ];
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn hostile_workbooks_are_refused_or_harmless() {
    let read = |sheet: &str, texts: &str| read(SheetFormat::Xlsx, &workbook(sheet, texts, "<styleSheet/>"));
    let one = "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row></sheetData></worksheet>";
    assert_eq!(read(one, "<sst><si><t>a</t></si></sst>").unwrap(), table(&["a"], &[]));
    assert_eq!(read(one, "<sst uniqueCount=\"99999999999999\"><si><t>a</t></si></sst>"), Err(SheetFault::TooLarge));
    assert_eq!(read(one, "<sst></sst>"), Err(SheetFault::NotAWorkbook));
    // A stated size is not believed, and one text cannot fill every cell.
    let far = one.replace("<sheetData>", "<dimension ref=\"A1:XFD1048576\"/><sheetData>").replace("A1\"", "A1048576\"");
    assert_eq!(read(&far, "<sst><si><t>a</t></si></sst>").unwrap(), table(&["a"], &[]));
    let repeated = format!("<worksheet><sheetData>{}</sheetData></worksheet>", "<c t=\"s\"><v>0</v></c>".repeat(200));
    let long = format!("<sst><si><t>{}</t></si></sst>", "a".repeat(CELL_CHARACTERS));
    assert!(read(&repeated, &long).is_ok());
    let rows = repeated.replace("<sheetData>", "<sheetData><row>").replace("</sheetData>", "</row></sheetData>");
    let inner = rows.replace("<worksheet><sheetData>", "").replace("</sheetData></worksheet>", "");
    let filled = format!("<worksheet><sheetData>{}</sheetData></worksheet>", inner.repeat(30));
    assert_eq!(read(&filled, &long), Err(SheetFault::TooLarge));
    for bytes in [
        &b""[..],
        b"PK\x03\x04",
        b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    ] {
        assert_eq!(super::read(SheetFormat::Xlsx, bytes), Err(SheetFault::NotAWorkbook));
    }
}

#[test]
fn damaged_files_never_panic() {
    let rows = vec![["人事", "社員名簿", "3"].map(str::to_owned).to_vec(); 5];
    let headers = ["業務分類", "情報資産名称", "機密性"];
    let xlsx = write_xlsx(&headers, &rows).unwrap();
    let texts = "<sst><si><t>a</t></si></sst>";
    let sheet = "<worksheet><dimension ref=\"A1:B2\"/><sheetData><row r=\"1\"><c r=\"A1\" s=\"1\"><v>45068</v></c></row></sheetData></worksheet>";
    let styles = "<styleSheet><numFmts><numFmt numFmtId=\"9\" formatCode=\"y\"/></numFmts><cellXfs><xf numFmtId=\"9\"/></cellXfs></styleSheet>";
    let csv_bytes = write_csv(&headers, &rows);
    let mut seed = 1_u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below
    };
    for _ in 0..300 {
        for (format, bytes) in [(SheetFormat::Xlsx, &xlsx), (ANY, &csv_bytes)] {
            let mut bytes = bytes.clone();
            for _ in 0..=random(4) {
                let at = random(bytes.len());
                bytes[at] = u8::try_from(random(256)).unwrap();
            }
            bytes.truncate(1 + random(bytes.len() * 2));
            let _ = read(format, &bytes);
        }
        let mut xml = sheet.to_owned().into_bytes();
        let at = random(xml.len());
        xml[at] = b" <>\"/=9Z&"[random(9)];
        let _ = read(SheetFormat::Xlsx, &workbook(&String::from_utf8(xml).unwrap(), texts, styles));
    }
}
