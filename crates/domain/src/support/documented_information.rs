//! Whether the documented information that ISO/IEC 27001 asks for is there: the fourteen rows of D31, answered out of the
//! records of all modules. Shipped defaults and templates count for nothing.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    access::{Governed, Resource},
    kernel::label::{Label, label},
    operation::week::FiscalYear,
};

/// The fourteen rows, in the cycle that runs today.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DocumentedInformation {
    /// The cycle: the fiscal year, called after the calendar year of its first day.
    pub fiscal_year: i32,
    /// Its first day.
    pub cycle_starts_on: NaiveDate,
    /// Its last day.
    pub cycle_ends_on: NaiveDate,
    /// How many rows are current.
    pub complete: usize,
    /// The rows.
    pub rows: Vec<DocumentedInformationRow>,
}

impl Governed for DocumentedInformation {
    const RESOURCE: Resource = Resource::Document;
}

/// What one row asks for, and what answers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DocumentedInformationRow {
    /// 1 to 14.
    pub number: usize,
    /// What is asked for.
    pub title: Label,
    /// The clause in which it is made.
    pub clause: &'static str,
    /// The documents and records that answer it.
    pub covered_by: Vec<&'static str>,
    /// Something that answers it is approved, or published, and not obsolete.
    pub present: bool,
    /// And it belongs to this cycle, where it is a record of what was done; documents hold until they are obsolete.
    pub current: bool,
    /// What answers it.
    pub records: Vec<AnsweringRecords>,
}

/// Records of one kind that answer a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AnsweringRecords {
    /// Of which kind they are.
    pub resource: Resource,
    /// Where they are listed.
    pub path: &'static str,
    /// How many there are.
    pub count: usize,
    /// When the last of them was approved.
    #[schema(required)]
    pub last_approved_on: Option<NaiveDate>,
}

/// A record that answers a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answering {
    /// The row, 1 to 14.
    pub row: usize,
    /// Of which kind it is.
    pub resource: Resource,
    /// Where those of its kind are listed.
    pub path: &'static str,
    /// When it was approved.
    pub approved_on: NaiveDate,
    /// It belongs to this cycle.
    pub in_cycle: bool,
}

/// A row as D31 has it.
struct Asked {
    title: Label,
    clause: &'static str,
    covered_by: &'static [&'static str],
    /// It is a record of what was done, and belongs to a cycle.
    is_record: bool,
}

const fn document(title: Label, clause: &'static str, covered_by: &'static [&'static str]) -> Asked {
    Asked { title, clause, covered_by, is_record: false }
}

const fn record(title: Label, clause: &'static str, covered_by: &'static [&'static str]) -> Asked {
    Asked { title, clause, covered_by, is_record: true }
}

#[rustfmt::skip]
const ROWS: [Asked; 14] = [
    document(label("ISMSの適用範囲", "scope of the ISMS"), "4.3", &["isms_scope", "layout_diagram", "network_diagram"]),
    document(label("情報セキュリティ方針", "information security policy"), "5.2", &["information_security_policy"]),
    document(label("リスクアセスメントのプロセス", "risk assessment process"), "6.1.2", &["risk_evaluation"]),
    document(label("リスク対応のプロセス", "risk treatment process"), "6.1.3", &["statement_of_applicability"]),
    document(label("情報セキュリティ目的", "information security objectives"), "6.2", &["effectiveness_evaluation"]),
    record(label("力量の証拠", "evidence of competence"), "7.2", &["competence_check", "training_plan", "comprehension_test", "training_record"]),
    document(label("組織が必要と決めた文書", "documents that the organization decided on"), "7.5.1", &["procedure", "regulation"]),
    record(label("プロセスの実施", "carrying out of processes"), "8.1", &["annual_plan"]),
    record(label("リスクアセスメントの結果", "results of risk assessment"), "8.2", &["risk_assessment_report"]),
    record(label("リスク対応の結果", "results of risk treatment"), "8.3", &["risk_treatment_plan"]),
    record(label("監視及び測定の結果", "results of monitoring and measurement"), "9.1", &["effectiveness_evaluation"]),
    record(label("監査プログラムの実施と結果", "audit programme and its results"), "9.2", &["audit_checklist", "audit_plan", "audit_report"]),
    record(label("マネジメントレビューの結果", "results of management review"), "9.3", &["management_review_report"]),
    record(label("不適合の内容、処置及び結果", "nonconformities, actions and their results"), "10.2", &["corrective_action_report"]),
];

impl DocumentedInformation {
    /// What these records answer in this cycle.
    pub fn of(cycle: FiscalYear, answering: &[Answering]) -> Self {
        let rows: Vec<_> = (1..).zip(&ROWS).map(|(number, asked)| asked.answered(number, answering)).collect();
        Self {
            fiscal_year: cycle.year,
            cycle_starts_on: cycle.starts_on,
            cycle_ends_on: cycle.ends_on,
            complete: rows.iter().filter(|row| row.current).count(),
            rows,
        }
    }
}

impl Asked {
    fn answered(&self, number: usize, answering: &[Answering]) -> DocumentedInformationRow {
        let mine = || answering.iter().filter(move |one| one.row == number);
        let mut records: Vec<AnsweringRecords> = Vec::new();
        for one in mine() {
            match records.iter_mut().find(|records| records.path == one.path) {
                Some(records) => {
                    records.count += 1;
                    records.last_approved_on = records.last_approved_on.max(Some(one.approved_on));
                }
                None => records.push(AnsweringRecords {
                    resource: one.resource,
                    path: one.path,
                    count: 1,
                    last_approved_on: Some(one.approved_on),
                }),
            }
        }
        DocumentedInformationRow {
            number,
            title: self.title,
            clause: self.clause,
            covered_by: self.covered_by.to_vec(),
            present: mine().next().is_some(),
            current: mine().any(|one| one.in_cycle || !self.is_record),
            records,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answering(row: usize, day: u32, in_cycle: bool) -> Answering {
        let approved_on = NaiveDate::from_ymd_opt(2026, 4, day).unwrap();
        Answering { row, resource: Resource::Risk, path: "/v1/risk-assessments", approved_on, in_cycle }
    }

    #[test]
    fn r_24_a_document_holds_and_a_record_belongs_to_its_cycle() {
        let cycle = FiscalYear::new(2026, 4).unwrap();
        let all = [answering(1, 1, false), answering(9, 2, false), answering(10, 3, true), answering(10, 5, false)];
        let view = DocumentedInformation::of(cycle, &all);
        assert_eq!((view.rows.len(), view.complete), (14, 2));
        let row = |number: usize| &view.rows[number - 1];
        assert!(row(1).present && row(1).current);
        assert!(row(9).present && !row(9).current);
        assert!(row(10).current);
        assert_eq!(
            (row(10).records[0].count, row(10).records[0].last_approved_on.unwrap().to_string()),
            (2, "2026-04-05".into())
        );
        assert!(!row(14).present && row(14).records.is_empty());
        assert_eq!(DocumentedInformation::of(cycle, &[]).complete, 0);
    }
}
