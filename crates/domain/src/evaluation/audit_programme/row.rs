//! The rows of an audit programme: what is audited when, and what became of it.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use crate::{
    access::Role,
    catalog::{clause, control},
    evaluation::audit::{Audit, AuditState},
    kernel::{
        date::months_after,
        id::Id,
        label::{Label, Labelled, label},
        list::once_each,
        numbered::Numbered,
        partial_date::PartialDate,
        reference::Reference,
        refusal::{Code, Fault},
        text::{Note, Word},
    },
    operation::week::FiscalYear,
    organization::department::Department,
};

/// A row: some departments or functions, audited against some clauses or controls, from some month of the year on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditProgrammeRow {
    /// Its number in the year's programme, assigned by the service and kept by later versions; left out for a new row.
    #[serde(default)]
    #[schema(required = false)]
    pub number: Option<i32>,
    /// The month (or the day) of the fiscal year for which the first audit is planned.
    pub planned_for: PartialDate,
    /// The departments that are audited; these, functions, or both.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub department_ids: Vec<Id<Department>>,
    /// The functions that are audited, such as top management or the secretariat.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub functions: Vec<Role>,
    /// The clauses of the standard that they are audited against, such as `6.1.2`; a clause stands for all of its parts.
    /// These, controls, or both.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub clauses: Vec<Word>,
    /// The controls: numbers of Annex A, and own ones of the statement of applicability in force.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub controls: Vec<Word>,
    /// How often.
    #[serde(default)]
    pub frequency: AuditFrequency,
    /// Remarks.
    #[serde(default)]
    pub remarks: Note,
}

impl Numbered for AuditProgrammeRow {
    fn number(&self) -> Option<i32> {
        self.number
    }

    fn assign(&mut self, number: i32) {
        self.number = Some(number);
    }
}

/// How often something is audited.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AuditFrequency {
    /// Every three months.
    Quarterly,
    /// Every six months.
    HalfYearly,
    /// Every year.
    #[default]
    Yearly,
    /// Every two years.
    EveryTwoYears,
    /// Every three years.
    EveryThreeYears,
}

impl Labelled for AuditFrequency {
    const NAME: &'static str = "audit_frequency";

    fn label(&self) -> Label {
        match self {
            Self::Quarterly => label("3か月ごと", "quarterly"),
            Self::HalfYearly => label("半年ごと", "half-yearly"),
            Self::Yearly => label("年に1回", "yearly"),
            Self::EveryTwoYears => label("2年に1回", "every two years"),
            Self::EveryThreeYears => label("3年に1回", "every three years"),
        }
    }
}

impl AuditFrequency {
    /// The months between two audits.
    fn months(self) -> u32 {
        match self {
            Self::Quarterly => 3,
            Self::HalfYearly => 6,
            Self::Yearly => 12,
            Self::EveryTwoYears => 24,
            Self::EveryThreeYears => 36,
        }
    }
}

/// How a row stands today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AuditProgrammeRowState {
    /// Its next audit is still to be made.
    Planned,
    /// An audit for it was started.
    UnderWay,
    /// Every audit that it plans in the year is reported.
    Done,
    /// The time of its next audit has passed, and none was started.
    Overdue,
}

impl Labelled for AuditProgrammeRowState {
    const NAME: &'static str = "audit_programme_row_state";

    fn label(&self) -> Label {
        match self {
            Self::Planned => label("実施前", "planned"),
            Self::UnderWay => label("実施中", "under way"),
            Self::Done => label("実施済み", "done"),
            Self::Overdue => label("期限超過", "overdue"),
        }
    }
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditProgrammeRowProgress {
    /// The number of the row.
    pub number: i32,
    /// The departments that are audited.
    pub departments: Vec<Reference>,
    /// How it stands.
    pub state: AuditProgrammeRowState,
    /// How many audits it plans in the year.
    pub planned_audits: usize,
    /// How many audits for it are reported.
    pub reported_audits: usize,
    /// The day by which the next one is to be made; `null` where all are reported.
    #[schema(required)]
    pub due_on: Option<NaiveDate>,
    /// The audits for it that the caller may read.
    pub audits: Vec<RowAudit>,
}

/// An audit that was made, or is planned, for a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RowAudit {
    /// Its id.
    #[schema(value_type = String, format = Uuid)]
    pub id: Id<Audit>,
    /// Its number.
    pub number: i32,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub state: AuditState,
}

impl AuditProgrammeRow {
    /// What is wrong with the form of a row at `pointer`.
    pub(super) fn faults(&self, pointer: &str, year: FiscalYear) -> Vec<Fault> {
        let at = |field: &str| format!("{pointer}/{field}");
        let mut faults = [
            once_each(&self.department_ids, 50, &at("department_ids")),
            once_each(&self.functions, 20, &at("functions")),
            once_each(&self.clauses, 50, &at("clauses")),
            once_each(&self.controls, 200, &at("controls")),
        ]
        .concat();
        if !(year.starts_on..=year.ends_on).contains(&self.planned_for.last_day()) {
            faults.push(Fault::new(at("planned_for"), Code::OutOfRange));
        }
        if self.department_ids.is_empty() && self.functions.is_empty() {
            faults.push(Fault::new(at("department_ids"), Code::RequiredHere).with("other", "functions"));
        }
        if self.clauses.is_empty() && self.controls.is_empty() {
            faults.push(Fault::new(at("clauses"), Code::RequiredHere).with("other", "controls"));
        }
        let unknown = self.clauses.iter().enumerate().filter(|(_, clause)| clause::find(clause.as_str()).is_none());
        faults.extend(unknown.map(|(place, _)| Fault::new(format!("{pointer}/clauses/{place}"), Code::NotInList)));
        faults
    }

    /// Whether it plans to audit this clause, by itself or as a part of one that it names.
    pub(super) fn has_clause(&self, id: &str) -> bool {
        self.clauses.iter().filter_map(|named| clause::find(named.as_str())).any(|named| named.includes(id))
    }

    /// Whether it plans to audit this control.
    pub fn has_control(&self, id: &str) -> bool {
        self.controls.iter().any(|named| named.as_str() == id)
    }

    /// The own controls that it plans to audit.
    pub fn own_controls(&self) -> impl Iterator<Item = &str> {
        self.controls.iter().map(Word::as_str).filter(|id| control::find(id).is_none())
    }

    /// The last days of the audits that it plans up to the end of the year, the first one always.
    fn due_days(&self, ends_on: NaiveDate) -> Vec<NaiveDate> {
        let first = self.planned_for.last_day();
        // From the day after, so that the last day of a month stays the last day of a month.
        let after = first.checked_add_days(Days::new(1)).unwrap_or(first);
        let later = (1..12).map(|n| months_after(after, n * self.frequency.months()));
        let later = later.filter_map(|day| day.pred_opt()).take_while(|day| *day <= ends_on);
        std::iter::once(first).chain(later).collect()
    }

    /// What became of it until `today`, in a year that ends on `ends_on`. `states`: where each audit for it stands; `audits`:
    /// those that the caller may read.
    pub fn progress(
        &self,
        ends_on: NaiveDate,
        departments: Vec<Reference>,
        states: &[AuditState],
        audits: Vec<RowAudit>,
        today: NaiveDate,
    ) -> AuditProgrammeRowProgress {
        let days = self.due_days(ends_on);
        let reported_audits = states.iter().filter(|state| AuditState::REPORTED.contains(state)).count();
        let due_on = days.get(reported_audits).copied();
        let state = match due_on {
            None => AuditProgrammeRowState::Done,
            Some(_) if states.iter().any(|state| state.is_under_way()) => AuditProgrammeRowState::UnderWay,
            Some(due_on) if due_on < today => AuditProgrammeRowState::Overdue,
            Some(_) => AuditProgrammeRowState::Planned,
        };
        AuditProgrammeRowProgress {
            number: self.number.unwrap_or_default(),
            departments,
            state,
            planned_audits: days.len(),
            reported_audits,
            due_on,
            audits,
        }
    }
}
