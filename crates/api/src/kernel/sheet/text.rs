//! CSV: text with separators, in the encodings and with the separators that spreadsheets save.

use encoding_rs::{Encoding, SHIFT_JIS, UTF_8};
use mamori_domain::kernel::sheet::{Table, guarded};

use super::{SheetFault, TableBuilder};

/// What begins a CSV so that Excel takes it for UTF-8.
pub const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The only cell of a last row that is added on reading: a quotation mark left open would swallow it. No text of a
/// file contains it.
const END: &str = "\0";

/// The table of a CSV.
pub(super) fn read(bytes: &[u8], charset: Option<&'static Encoding>) -> Result<Table, SheetFault> {
    let mut text = decode(bytes, charset).filter(|text| !text.contains(END)).ok_or(SheetFault::NotText)?;
    let delimiter = delimiter(&text);
    text.push('\n');
    text.push_str(END);
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut builder = TableBuilder::default();
    let mut record = csv::StringRecord::new();
    let mut row = 0_u32;
    while reader.read_record(&mut record).map_err(|_| SheetFault::NotText)? {
        let start = record.position().and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or_default();
        row = row.saturating_add(1).saturating_add(blank_lines(&text, start));
        if record.len() == 1 && record.get(0) == Some(END) {
            return builder.finish();
        }
        let cells: Vec<String> = record.iter().map(str::to_owned).collect();
        for cell in &cells {
            builder.weigh(cell)?;
        }
        builder.push(row, cells)?;
    }
    Err(SheetFault::UnclosedQuote)
}

/// The text of a file: as its byte order mark says, else as its media type says, else UTF-8 or CP932.
fn decode(bytes: &[u8], charset: Option<&'static Encoding>) -> Option<String> {
    let read = |encoding: &'static Encoding, bytes| encoding.decode_without_bom_handling_and_without_replacement(bytes);
    let text = match (Encoding::for_bom(bytes), charset) {
        (Some((encoding, mark)), _) => read(encoding, bytes.get(mark..)?),
        (None, Some(encoding)) => read(encoding, bytes),
        (None, None) => read(UTF_8, bytes).or_else(|| read(SHIFT_JIS, bytes)),
    };
    text.map(Into::into)
}

/// The separator that stands most often in the first line: comma, semicolon or tab.
fn delimiter(text: &str) -> u8 {
    let (mut quoted, mut counts) = (false, [(b'\t', 0), (b';', 0), (b',', 0)]);
    for byte in text.trim_start_matches(['\r', '\n']).bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\r' | b'\n' if !quoted => break,
            _ if quoted => {}
            _ => counts.iter_mut().filter(|(mark, _)| *mark == byte).for_each(|(_, count)| *count += 1),
        }
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map_or(b',', |(mark, _)| mark)
}

/// Empty lines before the record that was read from `start`: the reader passes over them, a spreadsheet counts them.
fn blank_lines(text: &str, start: usize) -> u32 {
    let Some((before, rest)) = text.split_at_checked(start) else { return 0 };
    // The reader stops between the two characters of a line break.
    let rest = if before.ends_with('\r') { rest.strip_prefix('\n').unwrap_or(rest) } else { rest };
    let breaks = rest.bytes().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    let (mut lines, mut last) = (0, 0);
    for byte in breaks {
        lines += u32::from(!(last == b'\r' && byte == b'\n'));
        last = byte;
    }
    lines
}

/// A table as CSV: UTF-8 with byte order mark, CRLF, and the formula guard.
pub fn write_csv(headers: &[&str], rows: &[Vec<String>]) -> Vec<u8> {
    let mut text = BYTE_ORDER_MARK.to_owned();
    text += &csv_line(headers);
    for row in rows {
        text += &csv_line(row);
    }
    text.into_bytes()
}

/// One row of a CSV, with its line break; for an export that is written row by row after [`BYTE_ORDER_MARK`].
pub fn csv_line(cells: &[impl AsRef<str>]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(&guarded(cell.as_ref()))).collect();
    cells.join(",") + "\r\n"
}

/// A cell in quotation marks where it needs them.
fn quoted(cell: &str) -> String {
    let plain = !cell.contains(['"', ',', ';', '\t', '\r', '\n']) && cell.trim().len() == cell.len();
    if plain { cell.to_owned() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
}
