//! Annual plans that ship with the service, in own words: building an ISMS (D32), and running it for a whole year
//! (§2.9).

use chrono::{NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::{
    annual_plan_row::{AnnualPlanRowDraft, Recurrence},
    week::FiscalYear,
};
use crate::{
    access::Resource,
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        text::{Bounded, Note, TextFault},
    },
    organization::person::Person,
};

/// A shipped plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AnnualPlanTemplate {
    /// The seven rows by which an ISMS is built within eight weeks.
    IsmsBuilding,
    /// What recurs in every year.
    WholeYear,
}

impl Labelled for AnnualPlanTemplate {
    const NAME: &'static str = "annual_plan_template";

    fn label(&self) -> Label {
        match self {
            Self::IsmsBuilding => label("ISMS構築計画", "building the ISMS"),
            Self::WholeYear => label("年間運用計画", "the whole year"),
        }
    }
}

/// A row of a shipped plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TemplateRow {
    /// The clause that asks for it.
    pub clause: &'static str,
    /// What it is a part of.
    #[schema(required)]
    pub group: Option<Label>,
    /// What is done.
    pub activity: Label,
    /// The document or record that comes out of it.
    pub document_name: Label,
    /// How often.
    pub recurrence: Recurrence,
    /// The months of the fiscal year (1 is its first) in whose first week it is done.
    pub months: Vec<u8>,
    /// The weeks in which it is done, counted (from 0) from the second Monday of the second month of the fiscal year.
    pub weeks: Vec<u8>,
    /// The kind of record whose approval does it.
    #[schema(required, value_type = Option<String>)]
    pub fulfilled_by: Option<Resource>,
}

impl AnnualPlanTemplate {
    /// Its rows, in order.
    pub fn rows(self) -> Vec<TemplateRow> {
        match self {
            Self::IsmsBuilding => building(),
            Self::WholeYear => whole_year(),
        }
    }

    /// Its rows for a fiscal year, in Japanese; all are the assignee's until they are given to somebody else.
    pub fn drafts(self, year: &FiscalYear, assignee_id: Id<Person>) -> Result<Vec<AnnualPlanRowDraft>, TextFault> {
        self.rows().iter().map(|row| row.draft(year, assignee_id)).collect()
    }
}

impl TemplateRow {
    /// The Mondays of its weeks in a fiscal year.
    fn mondays(&self, year: &FiscalYear) -> Vec<NaiveDate> {
        let months = self.months.iter().filter_map(|month| year.monday(u32::from(*month), 1));
        let first = year.monday(2, 2);
        let weeks = self.weeks.iter().filter_map(|week| Some(first? + TimeDelta::weeks(i64::from(*week))));
        months.chain(weeks).collect()
    }

    fn draft(&self, year: &FiscalYear, assignee_id: Id<Person>) -> Result<AnnualPlanRowDraft, TextFault> {
        Ok(AnnualPlanRowDraft {
            clause: Bounded::new(self.clause)?,
            group: self.group.map(|group| Bounded::new(group.ja)).transpose()?,
            activity: Bounded::new(self.activity.ja)?,
            document_name: Bounded::new(self.document_name.ja)?,
            assignee_id,
            recurrence: self.recurrence,
            scheduled_weeks: self.mondays(year),
            fulfilled_by: self.fulfilled_by,
            remarks: Note::default(),
        })
    }
}

/// D32: six rows of 6.1, one of 6.2.
fn building() -> Vec<TemplateRow> {
    const ACTIONS: Label = label("リスク及び機会への取組みを決める", "decide on risks and opportunities");
    const ASSESSMENT: Label = label("リスクを洗い出して評価する", "assess the risks");
    const TREATMENT: Label = label("リスクへの対応を計画する", "plan the treatment of the risks");
    let row = |group, activity, document_name, weeks: &[u8], fulfilled_by| TemplateRow {
        clause: if group { "6.1" } else { "6.2" },
        group: group.then_some(ACTIONS),
        activity,
        document_name,
        recurrence: Recurrence::Once,
        months: Vec::new(),
        weeks: weeks.to_vec(),
        fulfilled_by: Some(fulfilled_by),
    };
    vec![
        row(
            true,
            label("外部と内部の課題への取組みを考える", "consider the external and internal issues"),
            label("外部および内部の課題", "external and internal issues"),
            &[0, 1],
            Resource::ContextReview,
        ),
        row(true, ASSESSMENT, label("資産目録", "asset inventory"), &[2, 3, 4], Resource::Asset),
        row(
            true,
            ASSESSMENT,
            label("リスクアセスメント結果報告書", "risk assessment report"),
            &[2, 3, 4],
            Resource::Risk,
        ),
        row(
            true,
            TREATMENT,
            label("適用宣言書", "statement of applicability"),
            &[5, 6, 7],
            Resource::StatementOfApplicability,
        ),
        row(true, TREATMENT, label("リスク対応計画", "risk treatment plan"), &[5, 6, 7], Resource::TreatmentDecision),
        row(
            true,
            label("管理策をルールにする", "turn the controls into rules"),
            label("情報セキュリティ手順書", "information security procedures"),
            &[5, 6, 7],
            Resource::Document,
        ),
        row(
            false,
            label("部門ごとに目的と達成の計画を立てる", "set objectives and plans for each department"),
            label("ISMS有効性評価表", "effectiveness evaluation"),
            &[5, 6, 7],
            Resource::Objective,
        ),
    ]
}

/// §2.9: by month, by quarter, and as needed; months are counted from the first of the fiscal year.
fn whole_year() -> Vec<TemplateRow> {
    use Recurrence::{AsNeeded, Monthly, Quarterly, Yearly};
    let row =
        |clause, (recurrence, months): (Recurrence, Vec<u8>), activity, document_name, fulfilled_by| TemplateRow {
            clause,
            group: None,
            activity,
            document_name,
            recurrence,
            months,
            weeks: Vec::new(),
            fulfilled_by,
        };
    let in_month = |month| (Yearly, vec![month]);
    let monthly = || (Monthly, (1..=12).collect());
    let quarterly = || (Quarterly, vec![1, 4, 7, 10]);
    let as_needed = || (AsNeeded, Vec::new());
    #[rustfmt::skip]
    let rows = vec![
        row("4.1", in_month(1), label("課題への取組みを見直す", "review the issues"), label("外部および内部の課題", "external and internal issues"), Some(Resource::ContextReview)),
        row("6.1.2", in_month(2), label("リスク基準を確かめる", "confirm the risk criteria"), label("リスク基準", "risk criteria"), Some(Resource::RiskCriteria)),
        row("8.2", in_month(2), label("リスクを評価し直す", "assess the risks again"), label("リスクアセスメント結果報告書", "risk assessment report"), Some(Resource::Risk)),
        row("6.1.3", in_month(3), label("リスクへの対応を計画する", "plan the treatment of the risks"), label("リスク対応計画", "risk treatment plan"), Some(Resource::TreatmentDecision)),
        row("6.1.3", in_month(3), label("管理策を見直す", "review the controls"), label("適用宣言書", "statement of applicability"), Some(Resource::StatementOfApplicability)),
        row("8.3", in_month(4), label("リスクへの対応を実施する", "carry out the treatment"), label("リスク対応計画", "risk treatment plan"), None),
        row("9.1", in_month(5), label("有効性とパフォーマンスを評価する", "evaluate effectiveness and performance"), label("ISMS有効性評価表", "effectiveness evaluation"), Some(Resource::Objective)),
        row("6.1.2", in_month(6), label("資産目録と情報の分類を見直す", "review the inventory and the classes of information"), label("資産目録", "asset inventory"), None),
        row("8.1", in_month(6), label("アクセス権を見直す", "review access rights"), label("アカウント一覧", "list of accounts"), None),
        row("8.1", in_month(7), label("委託先を再評価する", "evaluate the suppliers again"), label("委託先評価表", "supplier evaluation"), None),
        row("8.1", in_month(8), label("事業継続の備えを確かめる", "verify the provisions for continuity"), label("継続計画の検証記録", "record of the continuity exercise"), None),
        row("9.2", in_month(9), label("内部監査を計画して行う", "plan and conduct the internal audit"), label("内部監査結果報告書", "internal audit report"), Some(Resource::Audit)),
        row("9.3", in_month(9), label("マネジメントレビューを行う", "hold the management review"), label("マネジメントレビュー報告書", "management review report"), Some(Resource::ManagementReview)),
        row("10.2", in_month(9), label("不適合と是正処置を見直す", "review nonconformities and corrective actions"), label("是正要求書兼回答書", "corrective action report"), None),
        row("7.2", in_month(10), label("主な担当者の力量を評価する", "evaluate the competence of the main holders"), label("力量確認表", "competence check"), Some(Resource::CompetenceCheck)),
        row("7.2", in_month(10), label("定期教育を行う", "hold the regular education"), label("教育実施記録", "training record"), Some(Resource::TrainingRecord)),
        row("8.1", in_month(10), label("UPSのバッテリーを点検する", "check the batteries of the UPS"), label("設備点検記録", "record of the equipment check"), None),
        row("9.2", in_month(11), label("外部審査を受ける", "undergo the external audit"), label("審査報告書", "report of the external audit"), Some(Resource::ExternalAudit)),
        row("5.2", in_month(12), label("方針を見直す", "review the policies"), label("情報セキュリティ方針", "information security policy"), Some(Resource::Policy)),
        row("8.1", in_month(12), label("秘密保持契約を確かめる", "confirm the confidentiality agreements"), label("秘密保持契約書", "confidentiality agreements"), None),
        row("8.1", monthly(), label("入退室の記録を確かめる", "check the entry log"), label("入退室記録", "entry log"), None),
        row("8.1", monthly(), label("運用チェックリストで点検する", "go through the operation checklist"), label("運用チェックリスト", "operation checklist"), None),
        row("8.1", monthly(), label("ソフトウェアの利用を確かめる", "check the software in use"), label("利用ソフトウェア一覧", "list of software"), None),
        row("8.1", quarterly(), label("バックアップから戻せることを確かめる", "check that backups can be restored"), label("バックアップ記録", "backup record"), None),
        row("8.1", quarterly(), label("イベントログを点検する", "review the event logs"), label("ログ点検記録", "record of the log review"), None),
        row("8.1", as_needed(), label("関係当局との連絡体制を見直す", "review the contacts with authorities"), label("緊急連絡先一覧", "list of contacts"), None),
        row("8.1", as_needed(), label("法令や契約の変更を確かめる", "check for changes of laws and contracts"), label("法令・規制一覧", "list of laws and regulations"), None),
    ];
    rows
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use chrono::DateTime;

    use super::*;
    use crate::operation::{
        annual_plan::tests::plan,
        annual_plan_row::{AnnualPlanRow, Recurrence},
    };

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn drafts(template: AnnualPlanTemplate) -> Vec<AnnualPlanRowDraft> {
        template.drafts(&plan().fiscal_year(), Id::generate(DateTime::UNIX_EPOCH)).unwrap()
    }

    #[test]
    fn apl_4_the_inventory_is_made_in_three_weeks() {
        let rows = drafts(AnnualPlanTemplate::IsmsBuilding);
        let row = rows.iter().find(|row| row.document_name.as_str() == "資産目録").unwrap();
        assert_eq!(row.scheduled_weeks, [day("2023-05-22"), day("2023-05-29"), day("2023-06-05")]);
        assert_eq!(rows[0].scheduled_weeks, [day("2023-05-08"), day("2023-05-15")]);
        assert_eq!(rows[6].scheduled_weeks, [day("2023-06-12"), day("2023-06-19"), day("2023-06-26")]);
    }

    #[test]
    fn apl_6_seven_rows_six_of_them_of_clause_6_1() {
        let rows = drafts(AnnualPlanTemplate::IsmsBuilding);
        let clauses: Vec<&str> = rows.iter().map(|row| row.clause.as_str()).collect();
        assert_eq!(clauses, ["6.1", "6.1", "6.1", "6.1", "6.1", "6.1", "6.2"]);
    }

    #[test]
    fn every_shipped_row_fits_every_fiscal_year() {
        use strum::IntoEnumIterator;
        for (template, month) in AnnualPlanTemplate::iter().zip([4, 1]) {
            for year in 2020..2040 {
                let year = FiscalYear::new(year, month).unwrap();
                let mut plan = plan();
                plan.draft.fiscal_year = year.year;
                (plan.starts_on, plan.ends_on) = (year.starts_on, year.ends_on);
                for draft in template.drafts(&year, Id::generate(DateTime::UNIX_EPOCH)).unwrap() {
                    AnnualPlanRow::plan(draft, &plan, 1, DateTime::UNIX_EPOCH).unwrap();
                }
            }
        }
    }

    #[test]
    fn the_whole_year_has_something_of_every_class() {
        let classes: BTreeSet<String> =
            drafts(AnnualPlanTemplate::WholeYear).iter().map(|row| row.recurrence.to_string()).collect();
        let expected = [Recurrence::AsNeeded, Recurrence::Monthly, Recurrence::Quarterly, Recurrence::Yearly];
        assert_eq!(classes, expected.iter().map(ToString::to_string).collect());
    }
}
