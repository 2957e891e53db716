//! Sheets that people fill in and hand back: a table of texts, the columns that its headers mean, and what is wrong in
//! which cell. What the columns say is the matter of the record that they are about.

mod cell;

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use strum::{Display, EnumIter, EnumString, IntoEnumIterator};
use utoipa::ToSchema;

pub(crate) use self::cell::{Bad, bad, integer, key, not_in_list, number, out_of_range, same_text, text, tidy};
pub use self::cell::{guarded, unguarded};
use super::{
    label::{Label, Labelled, label},
    refusal::{Code, Fault, Params, Refusal},
};

/// A table of texts, as a file holds it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The cells of the first row.
    pub headers: Vec<String>,
    /// The others, each with its number as the spreadsheet shows it (the header is 1).
    pub rows: Vec<(u32, Vec<String>)>,
}

impl Table {
    /// The rows that say something.
    pub(crate) fn filled(&self) -> impl Iterator<Item = &(u32, Vec<String>)> {
        self.rows.iter().filter(|(_, cells)| cells.iter().any(|cell| !tidy(cell).is_empty()))
    }
}

/// What is known about a column.
#[derive(Clone, Copy, Debug)]
pub struct Described {
    /// The header of the export.
    pub header: &'static str,
    /// The field of the API.
    pub field: &'static str,
    /// A ledger without it cannot be imported.
    pub required: bool,
    /// Other headers for it; width, case, kana, blanks, punctuation and ー do not matter.
    pub synonyms: &'static [&'static str],
}

/// A column that must be there.
pub(crate) const fn must(header: &'static str, field: &'static str, synonyms: &'static [&'static str]) -> Described {
    Described { header, field, required: true, synonyms }
}

/// A column that may be there.
pub(crate) const fn may(header: &'static str, field: &'static str, synonyms: &'static [&'static str]) -> Described {
    Described { header, field, required: false, synonyms }
}

/// The columns of a sheet, in the order of its export.
pub trait SheetColumn: Copy + Ord + IntoEnumIterator + 'static {
    /// What is known about it.
    fn described(self) -> Described;

    /// The header of the export.
    fn header(self) -> &'static str {
        self.described().header
    }

    /// The field of the API that it holds.
    fn field(self) -> &'static str {
        self.described().field
    }

    /// Every known header, by its key.
    fn words() -> HashMap<String, Self> {
        let words = Self::iter().flat_map(|column| {
            let Described { header, field, synonyms, .. } = column.described();
            [header, field].into_iter().chain(synonyms.iter().copied()).map(move |word| (key(word), column))
        });
        words.collect()
    }

    /// The headers of an export.
    fn headers() -> Vec<&'static str> {
        Self::iter().map(Self::header).collect()
    }
}

/// The headers of one file: where each column stands and what it is called there.
#[derive(Debug)]
pub(crate) struct Headers<C>(BTreeMap<C, (usize, String)>);

impl<C: SheetColumn> Headers<C> {
    /// Finds the columns of a file. Every header must be known, stand once, and none that is required may be missing.
    pub(crate) fn find(table: &Table) -> Result<Self, Vec<RowFault>> {
        let mut found = BTreeMap::<C, (usize, String)>::new();
        let (words, mut faults) = (C::words(), Vec::new());
        for (at, header) in table.headers.iter().enumerate() {
            let fault = |code| RowFault::new(1, header, code).with("position", at + 1);
            match words.get(&key(header)).copied() {
                Some(column) => match found.get(&column) {
                    Some((_, first)) => faults.push(fault(Code::Duplicate).with("other", first.as_str())),
                    None => {
                        found.insert(column, (at, header.clone()));
                    }
                },
                // A column without header and without content is only the edge of somebody's table.
                None if tidy(header).is_empty() && table.rows.iter().all(|(_, cells)| empty_at(cells, at)) => {}
                None => faults.push(fault(Code::UnknownField)),
            }
        }
        let missing = C::iter().filter(|column| column.described().required && !found.contains_key(column));
        faults.extend(missing.map(|column| RowFault::new(1, column.header(), Code::Required)));
        if faults.is_empty() { Ok(Self(found)) } else { Err(faults) }
    }

    /// Whether the file has this column.
    pub(crate) fn has(&self, column: C) -> bool {
        self.0.contains_key(&column)
    }

    /// The header as it stands in the file; that of the export where the file lacks the column.
    pub(crate) fn name(&self, column: C) -> &str {
        self.0.get(&column).map_or(column.header(), |(_, header)| header)
    }

    /// What a row says in this column.
    pub(crate) fn cell<'a>(&self, column: C, cells: &'a [String]) -> &'a str {
        self.0.get(&column).and_then(|(at, _)| cells.get(*at)).map_or("", |cell| tidy(cell))
    }
}

/// Whether a row says nothing at this place.
fn empty_at(cells: &[String], at: usize) -> bool {
    cells.get(at).is_none_or(|cell| tidy(cell).is_empty())
}

/// Reads the cells of one row and notes what is wrong in them.
pub(crate) struct RowReader<'a, C> {
    pub(crate) row: u32,
    pub(crate) cells: &'a [String],
    pub(crate) headers: &'a Headers<C>,
    pub(crate) faults: Vec<RowFault>,
}

impl<'a, C: SheetColumn> RowReader<'a, C> {
    pub(crate) fn new(row: u32, cells: &'a [String], headers: &'a Headers<C>) -> Self {
        Self { row, cells, headers, faults: Vec::new() }
    }

    /// Cells to the right of the last header mean nothing.
    pub(crate) fn check_width(&mut self, headers: usize) {
        if self.cells.iter().skip(headers).any(|cell| !tidy(cell).is_empty()) {
            let fault = RowFault::new(self.row, "", Code::TooLong);
            self.faults.push(fault.with("maximum", headers).with("cells", self.cells.len()));
        }
    }

    /// What the row says in a column.
    pub(crate) fn cell(&self, column: C) -> &str {
        self.headers.cell(column, self.cells)
    }

    /// Notes a fault.
    pub(crate) fn refuse(&mut self, column: C, code: Code, params: Params) {
        self.faults.push(RowFault { params, ..RowFault::new(self.row, self.headers.name(column), code) });
    }

    /// What a cell says; `None` with a fault noted where it says nothing or nothing that can be understood.
    pub(crate) fn must<T>(&mut self, column: C, read: impl FnOnce(&str) -> Result<T, Bad>) -> Option<T> {
        if self.cell(column).is_empty() {
            self.refuse(column, Code::Required, Params::new());
            return None;
        }
        self.may(column, read)
    }

    /// What a cell says; `None` where it is empty, or with a fault noted where it cannot be understood.
    pub(crate) fn may<T>(&mut self, column: C, read: impl FnOnce(&str) -> Result<T, Bad>) -> Option<T> {
        let cell = self.cell(column);
        if cell.is_empty() {
            return None;
        }
        match read(cell) {
            Ok(value) => Some(value),
            Err((code, params)) => {
                self.refuse(column, code, params);
                None
            }
        }
    }
}

/// What happens with a row of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ImportAction {
    /// A new record.
    Create,
    /// A change to a record.
    Update,
    /// The record is already as the row says.
    Unchanged,
    /// The row has errors.
    Refuse,
}

impl Labelled for ImportAction {
    const NAME: &'static str = "import_action";

    fn label(&self) -> Label {
        match self {
            Self::Create => label("登録", "create"),
            Self::Update => label("更新", "update"),
            Self::Unchanged => label("変更なし", "unchanged"),
            Self::Refuse => label("取込不可", "refuse"),
        }
    }
}

/// What is wrong in one cell of a file.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RowFault {
    /// The row as the spreadsheet shows it; 1 where the file as a whole is meant.
    pub row: u32,
    /// The header of the column as it stands in the file; empty where no column is meant.
    pub column: String,
    /// What is wrong there.
    pub code: Code,
    /// Details for the message.
    #[schema(value_type = Object)]
    pub params: Params,
}

impl RowFault {
    /// A fault in `column` of `row`.
    pub fn new(row: u32, column: impl Into<String>, code: Code) -> Self {
        Self { row, column: column.into(), code, params: Params::new() }
    }

    /// With a detail for the message.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.params.insert(name.into(), value.into());
        self
    }
}

/// Every fault of every row, as the refusal of the whole file.
pub fn refusal<'a>(faults: impl Iterator<Item = &'a RowFault>) -> Refusal {
    let faults = faults.map(|fault| {
        let place = [("row".to_owned(), fault.row.into()), ("column".to_owned(), fault.column.clone().into())];
        let params = fault.params.clone().into_iter().chain(place).collect();
        Fault { pointer: format!("/rows/{}", fault.row), code: fault.code, params }
    });
    Refusal { errors: faults.collect(), ..Refusal::new(Code::RowsRefused) }
}
