//! What of the standard and of the controls is audited: every clause each year, every applicable control within three years.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::{AuditProgramme, row::AuditProgrammeRow};
use crate::{
    catalog::{clause, control},
    evaluation::criterion::BilingualText,
    kernel::{
        label::{Label, Labelled, label},
        refusal::Refusal,
    },
    operation::week::FiscalYear,
};

/// The fiscal years within which every applicable control is audited again.
const CONTROL_YEARS: i32 = 3;

/// What a programme plans to audit, and what was audited.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AuditCoverage {
    /// The fiscal year.
    pub fiscal_year: i32,
    /// Its first day.
    pub starts_on: NaiveDate,
    /// Its last day.
    pub ends_on: NaiveDate,
    /// The clauses 4.1 to 10.2 that have no parts, in order.
    pub clauses: Vec<ClauseCoverage>,
    /// How many clauses stand how.
    pub clause_counts: CoverageCounts,
    /// The controls that are applicable in the statement of applicability in force: Annex A in its order, own ones after it.
    pub controls: Vec<ControlCoverage>,
    /// How many controls stand how.
    pub control_counts: CoverageCounts,
}

/// How a clause is covered in the fiscal year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClauseCoverage {
    /// The clause.
    pub clause: &'static str,
    /// Its title.
    pub title: BilingualText,
    /// The numbers of the rows that plan it.
    pub planned_in: Vec<i32>,
    /// When it was audited last in the fiscal year; `null` where it was not yet.
    #[schema(required)]
    pub audited_on: Option<NaiveDate>,
    /// How it stands.
    pub state: CoverageState,
}

/// How a control is covered over the years.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ControlCoverage {
    /// Its number in Annex A, or its own id.
    pub control_id: String,
    /// Its title.
    pub title: BilingualText,
    /// The numbers of the rows that plan it in this fiscal year.
    pub planned_in: Vec<i32>,
    /// When it was audited last, in whatever year; `null` where it never was.
    #[schema(required)]
    pub last_audited_on: Option<NaiveDate>,
    /// The fiscal year in which it is audited again at the latest.
    pub due_fiscal_year: i32,
    /// How it stands.
    pub state: CoverageState,
}

/// How something that has to be audited stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CoverageState {
    /// It was audited, and is not due again in this fiscal year.
    Covered,
    /// It is still to be audited, and there is time.
    Due,
    /// It should have been audited.
    Overdue,
}

impl Labelled for CoverageState {
    const NAME: &'static str = "coverage_state";

    fn label(&self) -> Label {
        match self {
            Self::Covered => label("監査済み", "covered"),
            Self::Due => label("監査予定", "due"),
            Self::Overdue => label("期限超過", "overdue"),
        }
    }
}

/// How many stand how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct CoverageCounts {
    /// All of them.
    pub total: usize,
    /// Those that a row of the programme plans.
    pub planned: usize,
    /// Those that are covered.
    pub covered: usize,
    /// Those that are due.
    pub due: usize,
    /// Those that are overdue.
    pub overdue: usize,
}

impl CoverageCounts {
    fn of(entries: impl Iterator<Item = (CoverageState, bool)>) -> Self {
        let mut counts = Self::default();
        for (state, planned) in entries {
            counts.total += 1;
            counts.planned += usize::from(planned);
            *match state {
                CoverageState::Covered => &mut counts.covered,
                CoverageState::Due => &mut counts.due,
                CoverageState::Overdue => &mut counts.overdue,
            } += 1;
        }
        counts
    }
}

/// Something that a reported audit looked at.
#[derive(Clone, Debug)]
pub struct Audited {
    /// The day on which its fieldwork ended.
    pub on: NaiveDate,
    /// The clause that was looked at.
    pub clause: Option<String>,
    /// Or the control.
    pub control: Option<String>,
}

/// A control that the statement of applicability in force calls applicable.
#[derive(Clone, Debug)]
pub struct ApplicableControl {
    /// Its number in Annex A, or its own id.
    pub id: String,
    /// Its title.
    pub title: String,
}

impl AuditProgramme {
    /// What it covers as of `today`, given what was ever `audited`, the `applicable` controls, and the `first` fiscal year for
    /// which a programme was approved.
    pub fn coverage(
        &self,
        audited: &[Audited],
        applicable: Vec<ApplicableControl>,
        first: Option<i32>,
        today: NaiveDate,
    ) -> AuditCoverage {
        let ended = self.ends_on < today;
        let clauses: Vec<_> =
            clause::without_parts().map(|clause| self.clause_coverage(clause, audited, ended)).collect();
        let first = first.map_or(self.draft.fiscal_year, |first| first.min(self.draft.fiscal_year));
        let controls: Vec<_> =
            applicable.into_iter().map(|control| self.control_coverage(control, audited, first, ended)).collect();
        AuditCoverage {
            fiscal_year: self.draft.fiscal_year,
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            clause_counts: CoverageCounts::of(clauses.iter().map(|one| (one.state, !one.planned_in.is_empty()))),
            control_counts: CoverageCounts::of(controls.iter().map(|one| (one.state, !one.planned_in.is_empty()))),
            clauses,
            controls,
        }
    }

    /// The numbers of the rows for which this holds.
    fn planned_in(&self, plans: impl Fn(&AuditProgrammeRow) -> bool) -> Vec<i32> {
        self.draft.rows.iter().filter(|row| plans(row)).filter_map(|row| row.number).collect()
    }

    fn clause_coverage(&self, clause: &'static clause::Clause, audited: &[Audited], ended: bool) -> ClauseCoverage {
        let looked_at = |one: &&Audited| {
            let named = one.clause.as_deref().and_then(clause::find);
            named.is_some_and(|named| named.includes(clause.id))
        };
        let in_year = audited.iter().filter(|one| (self.starts_on..=self.ends_on).contains(&one.on));
        let audited_on = in_year.filter(looked_at).map(|one| one.on).max();
        ClauseCoverage {
            clause: clause.id,
            title: BilingualText { ja: clause.title_ja.to_owned(), en: clause.title_en.to_owned() },
            planned_in: self.planned_in(|row| row.has_clause(clause.id)),
            audited_on,
            state: match audited_on {
                Some(_) => CoverageState::Covered,
                None if ended => CoverageState::Overdue,
                None => CoverageState::Due,
            },
        }
    }

    fn control_coverage(
        &self,
        ApplicableControl { id, title }: ApplicableControl,
        audited: &[Audited],
        first: i32,
        ended: bool,
    ) -> ControlCoverage {
        let last_audited_on = audited.iter().filter(|one| one.control.as_ref() == Some(&id)).map(|one| one.on).max();
        // What was never audited belongs into the first three years of programmes.
        let due_fiscal_year = last_audited_on.map_or(first - 1, |day| self.year_of(day)) + CONTROL_YEARS;
        let year = self.draft.fiscal_year;
        let title = match control::find(&id) {
            Some(control) => BilingualText { ja: control.title_ja.to_owned(), en: control.title_en.to_owned() },
            None => BilingualText { ja: title.clone(), en: title },
        };
        ControlCoverage {
            planned_in: self.planned_in(|row| row.has_control(&id)),
            control_id: id,
            title,
            last_audited_on,
            due_fiscal_year,
            state: match last_audited_on {
                Some(_) if due_fiscal_year > year => CoverageState::Covered,
                _ if due_fiscal_year < year || (due_fiscal_year == year && ended) => CoverageState::Overdue,
                _ => CoverageState::Due,
            },
        }
    }

    /// The fiscal year of a day, as this programme counts them.
    fn year_of(&self, day: NaiveDate) -> i32 {
        let start_month = u8::try_from(self.starts_on.month()).unwrap_or(1);
        FiscalYear::containing(day, start_month).map_or(day.year(), |year| year.year)
    }
}

impl AuditCoverage {
    /// Refuses gaps: a clause, or a control that is due in this fiscal year or before it, that no row plans.
    pub(super) fn require_complete(&self) -> Result<(), Refusal> {
        let clauses = self.clauses.iter().filter(|one| one.planned_in.is_empty());
        let clauses = clauses.map(|one| format!("/clauses/{}", one.clause));
        let due = self.controls.iter().filter(|one| one.due_fiscal_year <= self.fiscal_year);
        let controls = due.filter(|one| one.planned_in.is_empty()).map(|one| format!("/controls/{}", one.control_id));
        let gaps: Vec<String> = clauses.chain(controls).collect();
        if gaps.is_empty() { Ok(()) } else { Err(Refusal::not_ready(gaps.iter().map(String::as_str))) }
    }
}
