//! xlsx: workbooks of Excel.

use std::{
    collections::BTreeMap,
    io::Cursor,
    panic::{AssertUnwindSafe, catch_unwind},
};

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx};
use mamori_domain::kernel::sheet::{Table, guarded};
use rust_xlsxwriter::{DataValidation, Format, Workbook, XlsxError};

use super::{COLUMNS, ROWS, Sheet, SheetFault, TableBuilder, archive};

/// Sheets that are looked through for one with content; a hostile file can show one large empty part as many sheets.
const SHEETS: usize = 4;

/// The first visible sheet of a workbook that says something.
pub(super) fn read(bytes: &[u8]) -> Result<Table, SheetFault> {
    let copy = archive::unpacked(bytes)?;
    // calamine is not written for hostile files; should one make it panic, that file is no workbook.
    catch_unwind(AssertUnwindSafe(|| first_table(&copy))).unwrap_or(Err(SheetFault::NotAWorkbook))
}

fn first_table(archive: &[u8]) -> Result<Table, SheetFault> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(archive)).map_err(|_| SheetFault::NotAWorkbook)?;
    let shown = |sheet: &&calamine::Sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible;
    let names: Vec<String> =
        book.sheets_metadata().iter().filter(shown).take(SHEETS).map(|sheet| sheet.name.clone()).collect();
    for name in names {
        match sheet(&mut book, &name) {
            Err(SheetFault::Empty) => {}
            result => return result,
        }
    }
    Err(SheetFault::Empty)
}

/// The table of a sheet. Its cells are read one by one: the size that the sheet states is not believed.
fn sheet(book: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> Result<Table, SheetFault> {
    let unreadable = |_| SheetFault::NotAWorkbook;
    let mut reader = book.worksheet_cells_reader(name).map_err(unreadable)?;
    let mut builder = TableBuilder::default();
    let mut rows = BTreeMap::<u32, Vec<String>>::new();
    while let Some(cell) = reader.next_cell().map_err(unreadable)? {
        let text = cell_text(cell.get_value());
        if text.trim().is_empty() {
            continue;
        }
        builder.weigh(&text)?;
        let (row, column) = cell.get_position();
        let column =
            usize::try_from(column).ok().filter(|column| *column < COLUMNS).ok_or(SheetFault::TooManyColumns)?;
        let cells = rows.entry(row).or_default();
        if cells.len() <= column {
            cells.resize(column + 1, String::new());
        }
        if let Some(place) = cells.get_mut(column) {
            *place = text;
        }
        if rows.len() > ROWS + 1 {
            return Err(SheetFault::TooManyRows);
        }
    }
    for (row, cells) in rows {
        builder.push(row.saturating_add(1), cells)?;
    }
    builder.finish()
}

/// What a cell says, as text.
fn cell_text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number_text(*number),
        DataRef::Bool(yes) => yes.to_string(),
        DataRef::DateTime(moment) if moment.is_datetime() => moment_text(moment),
        DataRef::DateTime(duration) => number_text(duration.as_f64()),
        DataRef::Error(error) => error.to_string(),
    }
}

/// A number; a whole one without decimals.
fn number_text(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 { format!("{:.0}", number + 0.0) } else { number.to_string() }
}

/// A date, with the time of day if it is not midnight.
fn moment_text(moment: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) { date } else { format!("{date} {hour:02}:{minute:02}:{second:02}") }
}

/// A table as a workbook: texts only, a bold header that stays in sight, a filter over the columns, lists of words to
/// choose from.
pub(super) fn write(Sheet { headers, rows, choices, .. }: &Sheet) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    let sheet = book.add_worksheet();
    for (column, header) in (0_u16..).zip(headers) {
        sheet.write_string_with_format(0, column, *header, &bold)?;
        sheet.set_column_width(column, 18)?;
    }
    for (row, cells) in (1_u32..).zip(rows) {
        for (column, cell) in (0_u16..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            // A text is never a formula here; but an apostrophe before one would be taken for the guard on import.
            let text = if cell.starts_with('\'') { guarded(cell) } else { cell.clone() };
            sheet.write_string(row, column, text)?;
        }
    }
    let last_row = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    for (column, words) in choices {
        let column = u16::try_from(*column).unwrap_or(u16::MAX);
        let list = DataValidation::new().allow_list_strings(words)?;
        sheet.add_data_validation(1, column, last_row.max(1), column, &list)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    let last_column = u16::try_from(headers.len().saturating_sub(1)).unwrap_or(u16::MAX);
    sheet.autofilter(0, 0, last_row, last_column)?;
    book.save_to_buffer()
}
