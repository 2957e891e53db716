//! CSV and xlsx files: bytes to a table of texts and back. What the columns mean is the domain's matter.

mod archive;
mod text;
mod workbook;

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::CONTENT_TYPE};
use encoding_rs::{Encoding, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE};
use mamori_domain::kernel::{
    refusal::{Code, Refusal},
    sheet::Table,
};
use mamori_persistence::kernel::failure::{Failure, Outcome};
use serde::Deserialize;
use strum::Display;
use utoipa::ToSchema;

pub use self::text::{BYTE_ORDER_MARK, csv_line, write_csv};
use super::{answer::Answer, body::RawBody, problem::Problem};

/// Rows that a file may have, without the header.
const ROWS: usize = 20_000;
/// Columns that a row may have.
const COLUMNS: usize = 200;
/// Characters that a cell may have: the longest text of the service and the apostrophe of the formula guard.
const CELL_CHARACTERS: usize = 10_001;
/// Bytes that all cells together may have. An xlsx can name the same long text in every cell.
const TEXT_BYTES: usize = 48 << 20;

/// The media type of an xlsx file.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The form of a table file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SheetFormat {
    /// Text with separators.
    Csv {
        /// Its encoding, where the media type names one.
        charset: Option<&'static Encoding>,
    },
    /// A workbook of Excel 2007 and later.
    Xlsx,
}

impl SheetFormat {
    /// The form that a `Content-Type` names; `None` for any other, and for an encoding that is not read.
    pub fn from_media_type(media_type: &str) -> Option<Self> {
        let mut parts = media_type.split(';');
        let essence = parts.next()?.trim();
        if essence.eq_ignore_ascii_case(XLSX) {
            return Some(Self::Xlsx);
        }
        if !essence.eq_ignore_ascii_case("text/csv") {
            return None;
        }
        let mut parameters = parts.filter_map(|parameter| parameter.split_once('='));
        match parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("charset")) {
            None => Some(Self::Csv { charset: None }),
            Some((_, label)) => {
                charset(label.trim().trim_matches('"')).map(|charset| Self::Csv { charset: Some(charset) })
            }
        }
    }
}

/// The encodings that a CSV may have, by the names that are in use for them.
fn charset(label: &str) -> Option<&'static Encoding> {
    match label.to_ascii_lowercase().as_str() {
        "cp932" => Some(SHIFT_JIS),
        "us-ascii" => Some(UTF_8),
        label => Encoding::for_label(label.as_bytes())
            .filter(|encoding| [UTF_8, SHIFT_JIS, UTF_16LE, UTF_16BE].contains(encoding)),
    }
}

/// Why a file is not a readable table. Its name is the `reason` of `malformed_file`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, thiserror::Error)]
#[strum(serialize_all = "snake_case")]
pub enum SheetFault {
    /// The bytes are not text in the encoding named, or neither UTF-8 nor CP932.
    NotText,
    /// A quotation mark is opened and never closed.
    UnclosedQuote,
    /// Not an xlsx file; an older xls or one with a password is none either.
    NotAWorkbook,
    /// No cell says anything.
    Empty,
    /// More than 20,000 rows.
    TooManyRows,
    /// More than 200 columns.
    TooManyColumns,
    /// A cell with more than 10,000 characters.
    CellTooLong,
    /// More text than is read, or a workbook that unpacks to more.
    TooLarge,
}

/// The table that a file holds. The first row that says something is the header; empty rows are left out.
pub fn read(format: SheetFormat, bytes: &[u8]) -> Result<Table, SheetFault> {
    match format {
        SheetFormat::Csv { charset } => text::read(bytes, charset),
        SheetFormat::Xlsx => workbook::read(bytes),
    }
}

/// As what a list is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ListFormat {
    /// A page.
    Json,
    /// All of it as text with separators.
    Csv,
    /// All of it as a workbook.
    Xlsx,
}

/// A list as a sheet to take along.
#[derive(Debug)]
pub struct Sheet {
    /// The name of the file, without its ending.
    pub name: &'static str,
    /// The headers.
    pub headers: Vec<&'static str>,
    /// The rows.
    pub rows: Vec<Vec<String>>,
    /// The words to choose from in a column, by its place; in a workbook only.
    pub choices: Vec<(usize, Vec<&'static str>)>,
}

impl Sheet {
    /// The file, to save.
    pub fn answer(&self, format: ListFormat) -> Outcome<Answer> {
        Ok(match format {
            ListFormat::Xlsx => {
                let file = workbook::write(self).map_err(|error| Failure::Corrupt(error.to_string()))?;
                Answer::file(XLSX, &format!("{}.xlsx", self.name), file)
            }
            _ => Answer::file("text/csv", &format!("{}.csv", self.name), write_csv(&self.headers, &self.rows)),
        })
    }
}

/// What happens with rows that have errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnError {
    /// Nothing is stored.
    Refuse,
    /// The others are stored.
    Skip,
}

/// The format of the file that is sent, by its media type.
#[derive(Clone, Copy, Debug)]
pub struct SentAs(SheetFormat);

impl FromRequest for SentAs {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let format = SheetFormat::from_media_type(media).map(Self);
        std::future::ready(format.ok_or(Problem::new(Code::UnsupportedMediaType)))
    }
}

impl SentAs {
    /// The table that is sent, read on a thread of its own.
    pub async fn read(self, body: RawBody) -> Result<Table, Problem> {
        let read = tokio::task::spawn_blocking(move || read(self.0, &body.0)).await;
        read.map_err(|_| Problem::new(Code::Internal))?
            .map_err(|fault| Problem(Refusal::new(Code::MalformedFile).with("reason", fault.to_string())))
    }
}

/// A table that grows row by row, within the limits.
#[derive(Default)]
struct TableBuilder {
    headers: Option<Vec<String>>,
    rows: Vec<(u32, Vec<String>)>,
    bytes: usize,
}

impl TableBuilder {
    /// Counts a text in.
    fn weigh(&mut self, cell: &str) -> Result<(), SheetFault> {
        self.bytes = self.bytes.saturating_add(cell.len());
        if self.bytes > TEXT_BYTES {
            return Err(SheetFault::TooLarge);
        }
        if cell.len() > CELL_CHARACTERS && cell.chars().count() > CELL_CHARACTERS {
            return Err(SheetFault::CellTooLong);
        }
        Ok(())
    }

    /// Adds the row with the number `row`; its cells have been weighed.
    fn push(&mut self, row: u32, mut cells: Vec<String>) -> Result<(), SheetFault> {
        let filled = cells.iter().rposition(|cell| !cell.trim().is_empty()).map_or(0, |last| last + 1);
        cells.truncate(filled);
        if filled > COLUMNS {
            return Err(SheetFault::TooManyColumns);
        }
        match (filled, &self.headers) {
            (0, _) => {}
            (_, None) => self.headers = Some(cells),
            _ if self.rows.len() >= ROWS => return Err(SheetFault::TooManyRows),
            _ => self.rows.push((row, cells)),
        }
        Ok(())
    }

    fn finish(self) -> Result<Table, SheetFault> {
        let headers = self.headers.ok_or(SheetFault::Empty)?;
        Ok(Table { headers, rows: self.rows })
    }
}

#[cfg(test)]
mod tests;
