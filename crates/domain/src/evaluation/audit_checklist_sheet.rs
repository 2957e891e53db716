//! The checklist of an audit as a sheet (D33): auditors take it along, fill the results in offline, and hand it back
//!

use std::collections::HashMap;

use serde::Serialize;
use strum::{EnumIter, IntoEnumIterator};
use utoipa::ToSchema;

use super::{
    audit::Audit,
    audit_checklist_item::{AuditChecklistItem, AuditChecklistResultDraft, AuditJudgement},
};
use crate::kernel::{
    id::Id,
    label::Labelled,
    refusal::{Code, Params, Refusal},
    sheet::{
        self, Bad, Described, Headers, ImportAction, RowFault, RowReader, SheetColumn, Table, key, may, must,
        not_in_list, same_text,
    },
    sign_off::Signature,
    text::{Text, Title},
};

/// A column of the sheet, in the order of the export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumIter)]
pub enum Column {
    /// No
    Number,
    /// 監査項目
    Criterion,
    /// チェック事項
    CheckText,
    /// 判定
    Judgement,
    /// 確認結果・文書類: one line for each
    Evidence,
    /// 社外監査人: for whom the audit manager writes
    OnBehalfOf,
}

impl SheetColumn for Column {
    fn described(self) -> Described {
        match self {
            Self::Number => must("No", "number", &["番号", "項番"]),
            Self::Criterion => may("監査項目", "criterion", &["項目", "監査基準"]),
            Self::CheckText => may("チェック事項", "check_text", &["確認事項", "チェック項目"]),
            Self::Judgement => must("判定", "judgement", &["判定結果", "評価"]),
            Self::Evidence => may("確認結果・文書類", "evidence", &["確認結果", "文書類", "確認した文書"]),
            Self::OnBehalfOf => may("社外監査人", "on_behalf_of", &["代理入力", "社外監査人氏名"]),
        }
    }
}

impl Column {
    /// The words to choose from in each column that has any, by its place.
    pub fn choices() -> Vec<(usize, Vec<&'static str>)> {
        let words = AuditJudgement::iter().map(|judgement| judgement.label().ja).collect();
        vec![(Self::Judgement as usize, words)]
    }

    /// The column of a pointer into a result.
    fn of_pointer(pointer: &str) -> Self {
        match pointer.trim_start_matches('/').split('/').next() {
            Some("evidence") => Self::Evidence,
            Some("on_behalf_of") => Self::OnBehalfOf,
            _ => Self::Judgement,
        }
    }
}

/// The cells of an item, in the order of [`Column`].
pub fn export_row(item: &AuditChecklistItem) -> Vec<String> {
    let result = item.result.as_ref().map(|result| &result.draft);
    let cell = |column| match column {
        Column::Number => item.number.to_string(),
        Column::Criterion => item.criterion.ja.clone(),
        Column::CheckText => item.draft.check_text.to_string(),
        Column::Judgement => result.map(|result| result.judgement.label().ja.to_owned()).unwrap_or_default(),
        Column::Evidence => result.map(|result| lines(&result.evidence)).unwrap_or_default(),
        Column::OnBehalfOf => {
            result.and_then(|result| Some(result.on_behalf_of.as_ref()?.to_string())).unwrap_or_default()
        }
    };
    Column::iter().map(cell).collect()
}

/// What was seen, as one cell shows it: no cell is longer than the longest text.
fn lines(evidence: &[Text]) -> String {
    let lines: Vec<&str> = evidence.iter().map(Text::as_str).collect();
    lines.join("\n").chars().take(10_000).collect()
}

/// What the results of a sheet did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct AuditChecklistImport {
    /// Nothing was stored: this is only what would happen.
    pub validate_only: bool,
    /// Rows with content, without the header.
    pub rows_read: i64,
    /// Items whose result was written.
    pub updated: i64,
    /// Items that were already as the sheet says, or about whose result it says nothing.
    pub unchanged: i64,
    /// Rows that were refused.
    pub refused: i64,
    /// Every row.
    pub rows: Vec<AuditChecklistImportRow>,
}

/// What one row did, or would do.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AuditChecklistImportRow {
    /// Its number as the spreadsheet shows it (the header is 1).
    pub row: u32,
    /// What happens with it.
    pub action: ImportAction,
    /// The item it is about; `null` where there is none.
    #[schema(required)]
    pub audit_checklist_item_id: Option<Id<AuditChecklistItem>>,
    /// Why it was refused.
    pub errors: Vec<RowFault>,
}

impl AuditChecklistImport {
    /// Writes the results of a sheet into the items of an audit that is in progress. A row is about the item with its
    /// number; an empty cell leaves what is there. What was prepared is frozen: a cell that says something else is refused.
    pub fn apply(table: &Table, items: &mut [&mut AuditChecklistItem], audit: &Audit, by: &Signature) -> Self {
        let mut done = Self::default();
        let headers = match Headers::find(table) {
            Ok(headers) => headers,
            Err(errors) => {
                done.note(1, None, Err(errors));
                return done;
            }
        };
        let mut seen = HashMap::new();
        for (row, cells) in table.filled() {
            done.rows_read += 1;
            let mut reader = RowReader::new(*row, cells, &headers);
            reader.check_width(table.headers.len());
            let number = reader.must(Column::Number, sheet::number);
            let item = number.and_then(|number| items.iter_mut().find(|item| item.number == number));
            let id = item.as_ref().map(|item| item.id);
            let code = match number.map(|number| seen.insert(number, *row)) {
                Some(Some(_)) => Some(Code::Duplicate),
                Some(None) if item.is_none() => Some(Code::UnknownReference),
                _ => None,
            };
            if let Some(code) = code {
                reader.refuse(Column::Number, code, Params::new());
            }
            let outcome = match item {
                Some(item) => reader.record(item, audit, by),
                None => Err(reader.faults),
            };
            done.note(*row, id, outcome);
        }
        done
    }

    /// Enters what became of a row: whether it changed its item, or why not.
    fn note(&mut self, row: u32, id: Option<Id<AuditChecklistItem>>, outcome: Result<bool, Vec<RowFault>>) {
        let (action, count) = match outcome {
            Ok(true) => (ImportAction::Update, &mut self.updated),
            Ok(false) => (ImportAction::Unchanged, &mut self.unchanged),
            Err(_) => (ImportAction::Refuse, &mut self.refused),
        };
        *count += 1;
        let errors = outcome.err().unwrap_or_default();
        self.rows.push(AuditChecklistImportRow { row, action, audit_checklist_item_id: id, errors });
    }

    /// All that is wrong, as the refusal of the whole file.
    pub fn refusal(&self) -> Refusal {
        sheet::refusal(self.rows.iter().flat_map(|row| &row.errors))
    }

    /// Whether the result of this item was written.
    pub fn wrote(&self, id: Id<AuditChecklistItem>) -> bool {
        let written = |row: &&AuditChecklistImportRow| row.action == ImportAction::Update;
        self.rows.iter().filter(written).any(|row| row.audit_checklist_item_id == Some(id))
    }
}

impl RowReader<'_, Column> {
    /// Writes the result of a row; `false` where it is already there.
    fn record(mut self, item: &mut AuditChecklistItem, audit: &Audit, by: &Signature) -> Result<bool, Vec<RowFault>> {
        let prepared = [
            (Column::Criterion, vec![item.criterion.ja.as_str(), item.criterion.en.as_str()]),
            (Column::CheckText, vec![item.draft.check_text.as_str()]),
        ];
        for (column, stored) in prepared {
            let cell = self.cell(column);
            if !cell.is_empty() && !stored.iter().any(|stored| same_text(stored, cell)) {
                self.refuse(column, Code::ReadOnlyField, Params::new());
            }
        }
        let stored = item.result.as_ref().map(|result| result.draft.clone());
        let said =
            [Column::Judgement, Column::Evidence, Column::OnBehalfOf].map(|column| !self.cell(column).is_empty());
        let judgement = self.may(Column::Judgement, judgement).or(stored.as_ref().map(|stored| stored.judgement));
        let kept = stored.as_ref().map(|stored| stored.evidence.clone()).unwrap_or_default();
        let evidence = match self.may(Column::Evidence, evidence) {
            Some(evidence) if !same_text(&lines(&kept), self.cell(Column::Evidence)) => evidence,
            _ => kept,
        };
        let name: Option<Title> = self.may(Column::OnBehalfOf, sheet::text);
        let on_behalf_of = name.or(stored.as_ref().and_then(|stored| stored.on_behalf_of.clone()));
        if judgement.is_none() && self.cell(Column::Judgement).is_empty() && said.contains(&true) {
            self.refuse(Column::Judgement, Code::Required, Params::new());
        }
        if !self.faults.is_empty() {
            return Err(self.faults);
        }
        let Some(judgement) = judgement else { return Ok(false) };
        let result = AuditChecklistResultDraft { evidence, judgement, on_behalf_of };
        if stored.is_some_and(|stored| stored == result) {
            return Ok(false);
        }
        match item.record(result, audit, by.clone()) {
            Ok(()) => return Ok(true),
            Err(refusal) if refusal.errors.is_empty() => self.refuse(Column::Number, refusal.code, refusal.params),
            Err(refusal) => {
                for fault in refusal.errors {
                    self.refuse(Column::of_pointer(&fault.pointer), fault.code, fault.params);
                }
            }
        }
        Err(self.faults)
    }
}

/// A judgement, by its label in either language or by its word.
fn judgement(cell: &str) -> Result<AuditJudgement, Bad> {
    let names =
        |judgement: AuditJudgement| [judgement.to_string(), judgement.label().ja.into(), judgement.label().en.into()];
    let meant = AuditJudgement::iter().find(|judgement| names(*judgement).iter().any(|name| key(name) == key(cell)));
    meant.ok_or_else(|| not_in_list(&AuditJudgement::iter().map(|judgement| judgement.label().ja).collect::<Vec<_>>()))
}

/// What was seen: one thing a line.
fn evidence(cell: &str) -> Result<Vec<Text>, Bad> {
    cell.lines().map(str::trim).filter(|line| !line.is_empty()).map(sheet::text).collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::{
        super::{
            audit::{
                AuditState,
                tests::{by, started},
            },
            audit_checklist_item::{AuditChecklistItemDraft, AuditChecklistItemState},
        },
        *,
    };
    use crate::kernel::text::{Note, Word};

    /// Two items of an audit in progress.
    fn items(audit: &mut Audit) -> Vec<AuditChecklistItem> {
        audit.state = AuditState::Scheduled;
        let item = |number, clause| {
            let draft = AuditChecklistItemDraft {
                clause: Some(Word::new(clause).unwrap()),
                control: None,
                document_id: None,
                section: Note::default(),
                check_text: Text::new(format!("{clause}を満たすか")).unwrap(),
            };
            let mut item = AuditChecklistItem::prepare(draft, audit, number, DateTime::UNIX_EPOCH).unwrap();
            item.criterion = item.draft.criterion().title("");
            item.state = AuditChecklistItemState::InAudit;
            item
        };
        let items = vec![item(1, "5.2"), item(2, "6.2")];
        audit.state = AuditState::InProgress;
        items
    }

    /// The sheet of these items, as it was taken out.
    fn table(items: &[AuditChecklistItem]) -> Table {
        let headers = Column::headers().into_iter().map(str::to_owned).collect();
        Table { headers, rows: (2..).zip(items.iter().map(export_row)).collect() }
    }

    fn apply(table: &Table, items: &mut [AuditChecklistItem], audit: &Audit) -> AuditChecklistImport {
        AuditChecklistImport::apply(table, &mut items.iter_mut().collect::<Vec<_>>(), audit, &by())
    }

    fn counts(done: &AuditChecklistImport) -> [i64; 3] {
        [done.updated, done.unchanged, done.refused]
    }

    fn told(done: &AuditChecklistImport) -> Vec<(u32, &str, Code)> {
        let faults = done.rows.iter().flat_map(|row| &row.errors);
        faults.map(|fault| (fault.row, fault.column.as_str(), fault.code)).collect()
    }

    #[test]
    fn results_come_back_and_a_second_time_change_nothing() {
        let mut audit = started();
        let mut items = items(&mut audit);
        let mut sheet = table(&items);
        sheet.rows[0].1.splice(3.., ["適 合", "方針\r\n\r\n質問で確認 ", "本田 操"].map(str::to_owned));
        let done = apply(&sheet, &mut items, &audit);
        assert_eq!((done.rows_read, counts(&done)), (2, [1, 1, 0]), "an empty row of results leaves its item as it is");
        let result = &items[0].result.as_ref().unwrap().draft;
        assert_eq!((result.judgement, result.evidence.len()), (AuditJudgement::Conform, 2));
        assert!(done.wrote(items[0].id) && !done.wrote(items[1].id));
        assert_eq!(counts(&apply(&sheet, &mut items, &audit)), [0, 2, 0]);
        let exported = table(&items);
        assert_eq!(exported.rows[0].1[4], "方針\n質問で確認");
        assert_eq!(counts(&apply(&exported, &mut items, &audit)), [0, 2, 0]);
        sheet.rows[0].1.splice(3.., ["observation", "", ""].map(str::to_owned));
        assert_eq!(counts(&apply(&sheet, &mut items, &audit)), [1, 1, 0]);
        let result = &items[0].result.as_ref().unwrap().draft;
        assert_eq!(
            (result.judgement, result.evidence.len()),
            (AuditJudgement::Observation, 2),
            "an empty cell says nothing"
        );
    }

    #[test]
    fn r_27_what_was_prepared_stays_and_a_result_obeys_the_rules_of_one() {
        let mut audit = started();
        let mut items = items(&mut audit);
        let mut ask = |number: &str, cells: [&str; 5]| {
            let headers = Column::headers().into_iter().map(str::to_owned).collect();
            let cells = [number].iter().chain(&cells).map(|cell| (*cell).to_owned()).collect();
            let sheet = Table { headers, rows: vec![(2, cells)] };
            let done = apply(&sheet, &mut items, &audit);
            told(&done).into_iter().map(|(_, column, code)| (column.to_owned(), code)).collect::<Vec<_>>()
        };
        let one = |column: &str, code| vec![(column.to_owned(), code)];
        assert_eq!(ask("1", ["", "別の事項", "適合", "", "本田 操"]), one("チェック事項", Code::ReadOnlyField));
        assert_eq!(ask("1", ["5.3", "", "適合", "", "本田 操"]), one("監査項目", Code::ReadOnlyField));
        assert_eq!(ask("3", ["", "", "適合", "", "本田 操"]), one("No", Code::UnknownReference));
        assert_eq!(ask("", ["", "", "適合", "", "本田 操"]), one("No", Code::Required));
        assert_eq!(ask("1", ["", "", "良い", "", "本田 操"]), one("判定", Code::NotInList));
        assert_eq!(ask("1", ["", "", "", "方針", ""]), one("判定", Code::Required));
        assert_eq!(ask("1", ["", "", "未確認", "", "本田 操"]), one("確認結果・文書類", Code::RequiredHere));
        assert_eq!(ask("1", ["", "", "適合", "", ""]), one("社外監査人", Code::RequiredHere));
        assert_eq!(ask("1", ["", "", "適合", "", "誰か"]), one("社外監査人", Code::UnknownReference));
        let mut twice = table(&items);
        twice.rows[1].1[0] = "1".into();
        twice.rows[1].1[1].clear();
        twice.rows[1].1[2].clear();
        let done = apply(&twice, &mut items, &audit);
        assert_eq!(told(&done), [(3, "No", Code::Duplicate)]);
        items[0].state = AuditChecklistItemState::Withdrawn;
        let mut late = table(&items);
        late.rows[0].1.splice(3.., ["適合", "", "本田 操"].map(str::to_owned));
        let done = apply(&late, &mut items, &audit);
        assert_eq!(told(&done), [(2, "No", Code::WrongState)]);
        let nameless = Table { headers: vec!["チェック事項".into()], rows: vec![] };
        let done = apply(&nameless, &mut items, &audit);
        assert_eq!(told(&done), [(1, "No", Code::Required), (1, "判定", Code::Required)]);
        assert_eq!(done.refusal().code, Code::RowsRefused);
    }
}
