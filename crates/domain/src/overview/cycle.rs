//! Continual improvement (10.1): how the PDCA cycle turns, one fiscal year beside the other: what was to be done and was
//! done, what was found, and what became of it. Figures to be drawn as a chart.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    evaluation::finding::FindingState,
    improvement::corrective_action::{
        figures::{AgeFigure, CorrectiveActionFigures, Counted},
        source::FindingRank,
    },
    operation::week::FiscalYear,
    planning::objective::EffectivenessResult,
};

/// How many fiscal years are told: the present one and those before it.
pub const CYCLES: i32 = 3;

/// One turn of the cycle: a fiscal year. What the caller may not read as a whole is `null`: a part of it would look like less
/// improvement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Cycle {
    /// The fiscal year, called after the calendar year of its first day.
    pub fiscal_year: i32,
    /// Its first day.
    pub starts_on: NaiveDate,
    /// Its last day.
    pub ends_on: NaiveDate,
    /// Plan: the objectives that were to be reached in it (6.2, 9.1).
    #[schema(required)]
    pub objectives: Option<ObjectiveFigures>,
    /// Do: what the annual plan schedules for it, without what was left out (8.1, D32).
    #[schema(required)]
    pub annual_plan: Option<Progress>,
    /// Do: the items of risk treatment that were to be finished in it (8.3).
    #[schema(required)]
    pub risk_treatment: Option<Progress>,
    /// Check: the internal audits of it; done are those whose report was approved (9.2).
    #[schema(required)]
    pub audits: Option<Progress>,
    /// Check: what audits found in it.
    #[schema(required)]
    pub findings: Option<FindingFigures>,
    /// Check: the management reviews that were planned for it; done are those that were held (9.3).
    #[schema(required)]
    pub management_reviews: Option<Progress>,
    /// Act: the corrective actions that were issued in it (10.2).
    #[schema(required)]
    pub corrective_actions: Option<CorrectionFigures>,
    /// Act: the instructions of top management that were to be carried out in it (9.3.3).
    #[schema(required)]
    pub instructions: Option<Progress>,
}

/// How much of what was to be done in a year is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Progress {
    /// How much was to be done.
    pub planned: usize,
    /// How much of it is done.
    pub done: usize,
    /// How much of it is not, though its day has passed.
    pub overdue: usize,
}

/// What became of the objectives of a year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ObjectiveFigures {
    /// Found to be achieved.
    pub achieved: usize,
    /// Found not to be achieved.
    pub not_achieved: usize,
    /// Not evaluated yet.
    pub pursued: usize,
}

/// What was found in a year, and how far it is settled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct FindingFigures {
    /// Major nonconformities.
    pub major_nonconformities: usize,
    /// Minor nonconformities.
    pub minor_nonconformities: usize,
    /// Observations.
    pub observations: usize,
    /// Opportunities to improve.
    pub opportunities: usize,
    /// How many of them have a corrective action.
    pub with_corrective_action: usize,
    /// How many of them are settled: by an answer, or by a corrective action that was closed.
    pub settled: usize,
}

/// What became of the corrective actions of a year. What was rejected or cancelled is left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CorrectionFigures {
    /// How many were issued.
    pub issued: usize,
    /// How many of them were closed.
    pub closed: usize,
    /// How many of them are overdue.
    pub overdue: usize,
    /// How many of them were found without effect at least once, and reopened.
    pub reopened: usize,
    /// How many of them repeat an earlier one: the same clause or control of the same department within 12 months.
    pub repeats: usize,
    /// How many days the closed ones took, rounded down; `null` where none was closed.
    #[schema(required)]
    pub mean_days_to_close: Option<i64>,
    /// How old the open ones are.
    pub ages: Vec<AgeFigure>,
}

/// Something that is to be done by a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deed {
    /// The day whose year it belongs to: of a week its Monday.
    pub on: NaiveDate,
    /// The last day that is in time.
    pub due_on: NaiveDate,
    /// Whether it is done.
    pub done: bool,
}

impl Deed {
    /// To be done by a day, in the year of that day.
    pub fn by(due_on: NaiveDate, done: bool) -> Self {
        Self { on: due_on, due_on, done }
    }
}

/// An objective to be reached by a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PursuedObjective {
    /// The last day that is in time.
    pub due_on: NaiveDate,
    /// What top management found.
    pub result: Option<EffectivenessResult>,
}

/// A finding of an audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountedFinding {
    /// The day on which it was entered.
    pub found_on: NaiveDate,
    /// How grave it is.
    pub rank: FindingRank,
    /// Where it stands.
    pub state: FindingState,
    /// Whether it has a corrective action.
    pub has_corrective_action: bool,
}

/// What the registers hold of all years; `None` for a register that the caller does not read as a whole.
#[derive(Clone, Debug, Default)]
pub struct Turned {
    /// See [`Cycle`], of which these are the parts.
    pub objectives: Option<Vec<PursuedObjective>>,
    /// What the annual plan schedules.
    pub annual_plan: Option<Vec<Deed>>,
    /// Items of risk treatment.
    pub risk_treatment: Option<Vec<Deed>>,
    /// Internal audits.
    pub audits: Option<Vec<Deed>>,
    /// Findings of audits.
    pub findings: Option<Vec<CountedFinding>>,
    /// Management reviews.
    pub management_reviews: Option<Vec<Deed>>,
    /// Corrective actions.
    pub corrective_actions: Option<Vec<Counted>>,
    /// Instructions of top management.
    pub instructions: Option<Vec<Deed>>,
}

impl Turned {
    /// Lays it out by fiscal year: the one of today first, then those before it.
    pub fn cycles(&self, today: NaiveDate, start_month: u8) -> Vec<Cycle> {
        let Some(present) = FiscalYear::containing(today, start_month) else { return Vec::new() };
        let years = (0..CYCLES).filter_map(|before| FiscalYear::new(present.year - before, start_month));
        years.map(|year| self.cycle(year, today)).collect()
    }

    fn cycle(&self, year: FiscalYear, today: NaiveDate) -> Cycle {
        let progress = |deeds: &Option<Vec<Deed>>| deeds.as_ref().map(|deeds| Progress::of(deeds, year, today));
        Cycle {
            fiscal_year: year.year,
            starts_on: year.starts_on,
            ends_on: year.ends_on,
            objectives: self.objectives.as_ref().map(|all| ObjectiveFigures::of(all, year)),
            annual_plan: progress(&self.annual_plan),
            risk_treatment: progress(&self.risk_treatment),
            audits: progress(&self.audits),
            findings: self.findings.as_ref().map(|all| FindingFigures::of(all, year)),
            management_reviews: progress(&self.management_reviews),
            corrective_actions: self.corrective_actions.as_ref().map(|all| CorrectionFigures::of(all, year, today)),
            instructions: progress(&self.instructions),
        }
    }
}

impl Progress {
    fn of(deeds: &[Deed], year: FiscalYear, today: NaiveDate) -> Self {
        let of_year = || deeds.iter().filter(|deed| year.has(deed.on));
        Self {
            planned: of_year().count(),
            done: of_year().filter(|deed| deed.done).count(),
            overdue: of_year().filter(|deed| !deed.done && deed.due_on < today).count(),
        }
    }
}

impl ObjectiveFigures {
    fn of(all: &[PursuedObjective], year: FiscalYear) -> Self {
        let found = |result| all.iter().filter(|one| year.has(one.due_on) && one.result == result).count();
        Self {
            achieved: found(Some(EffectivenessResult::Effective)),
            not_achieved: found(Some(EffectivenessResult::NotEffective)),
            pursued: found(None),
        }
    }
}

impl FindingFigures {
    fn of(all: &[CountedFinding], year: FiscalYear) -> Self {
        let of_year = || all.iter().filter(|one| year.has(one.found_on));
        let ranked = |rank| of_year().filter(|one| one.rank == rank).count();
        let settled = |one: &&CountedFinding| matches!(one.state, FindingState::Resolved | FindingState::Closed);
        Self {
            major_nonconformities: ranked(FindingRank::MajorNonconformity),
            minor_nonconformities: ranked(FindingRank::MinorNonconformity),
            observations: ranked(FindingRank::Observation),
            opportunities: ranked(FindingRank::Opportunity),
            with_corrective_action: of_year().filter(|one| one.has_corrective_action).count(),
            settled: of_year().filter(settled).count(),
        }
    }
}

impl CorrectionFigures {
    fn of(all: &[Counted], year: FiscalYear, today: NaiveDate) -> Self {
        let of_year: Vec<Counted> = all.iter().filter(|one| year.has(one.issued_on)).cloned().collect();
        let figures = CorrectiveActionFigures::of(&of_year, today);
        Self {
            issued: figures.total,
            closed: figures.closed,
            overdue: figures.overdue,
            reopened: figures.reopened,
            // What is repeated may have been issued in the year before.
            repeats: of_year.iter().filter(|one| one.is_repeat(all)).count(),
            mean_days_to_close: figures.mean_days_to_close,
            ages: figures.ages,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        improvement::corrective_action::{source::CorrectiveActionSource, step::CorrectiveActionState},
        kernel::reference::Reference,
    };

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn deed(due: &str, done: bool) -> Deed {
        Deed::by(day(due), done)
    }

    fn cycles(turned: &Turned) -> Vec<Cycle> {
        turned.cycles(day("2024-06-15"), 4)
    }

    #[test]
    fn this_fiscal_year_comes_first_and_what_is_not_read_as_a_whole_is_not_told() {
        let cycles = cycles(&Turned::default());
        let years: Vec<_> = cycles.iter().map(|cycle| (cycle.fiscal_year, cycle.starts_on, cycle.ends_on)).collect();
        assert_eq!(years[0], (2024, day("2024-04-01"), day("2025-03-31")));
        assert_eq!((years.len(), years[2].0), (3, 2022));
        assert!(cycles.iter().all(|cycle| cycle.annual_plan.is_none() && cycle.corrective_actions.is_none()));
    }

    #[test]
    fn a_deed_belongs_to_the_year_of_its_day_and_is_overdue_the_day_after() {
        let deeds = [
            deed("2024-03-31", false),
            deed("2024-04-01", true),
            deed("2024-06-14", false),
            deed("2024-06-15", false),
            deed("2025-03-31", false),
            deed("2025-04-01", false),
        ];
        let cycles = cycles(&Turned { annual_plan: Some(deeds.into()), ..Turned::default() });
        assert_eq!(cycles[0].annual_plan, Some(Progress { planned: 4, done: 1, overdue: 1 }));
        assert_eq!(cycles[1].annual_plan, Some(Progress { planned: 1, done: 0, overdue: 1 }));
        assert_eq!(cycles[2].annual_plan, Some(Progress::default()));
    }

    #[test]
    fn what_was_found_is_counted_by_rank_and_by_what_became_of_it() {
        let found = |on: &str, rank, state, has_corrective_action| CountedFinding {
            found_on: day(on),
            rank,
            state,
            has_corrective_action,
        };
        let findings = vec![
            found("2024-05-01", FindingRank::MinorNonconformity, FindingState::CorrectiveActionLinked, true),
            found("2024-05-01", FindingRank::MinorNonconformity, FindingState::Resolved, true),
            found("2024-05-01", FindingRank::Observation, FindingState::Closed, false),
            found("2023-05-01", FindingRank::MajorNonconformity, FindingState::Open, false),
        ];
        let objective = |due: &str, result| PursuedObjective { due_on: day(due), result };
        let objectives = vec![
            objective("2024-12-31", None),
            objective("2024-12-31", Some(EffectivenessResult::Effective)),
            objective("2023-12-31", Some(EffectivenessResult::NotEffective)),
        ];
        let cycles = cycles(&Turned { findings: Some(findings), objectives: Some(objectives), ..Turned::default() });
        let this_year = FindingFigures {
            minor_nonconformities: 2,
            observations: 1,
            with_corrective_action: 2,
            settled: 2,
            ..FindingFigures::default()
        };
        assert_eq!(cycles[0].findings, Some(this_year));
        let before = FindingFigures { major_nonconformities: 1, ..FindingFigures::default() };
        assert_eq!(cycles[1].findings, Some(before));
        let figures = |achieved, not_achieved, pursued| Some(ObjectiveFigures { achieved, not_achieved, pursued });
        assert_eq!((cycles[0].objectives, cycles[1].objectives), (figures(1, 0, 1), figures(0, 1, 0)));
    }

    #[test]
    fn a_repeat_of_what_was_issued_in_the_year_before_counts_in_the_year_of_the_repeat() {
        let department = Reference { id: Uuid::nil(), name: "総務部".to_owned() };
        let issued = |number: u128, on: &str, closed: Option<&str>| Counted {
            reference_no: format!("{number}"),
            id: Uuid::from_u128(number),
            source: CorrectiveActionSource::InternalAudit,
            state: if closed.is_some() { CorrectiveActionState::Closed } else { CorrectiveActionState::Issued },
            department: department.clone(),
            clause: Some("5.2".to_owned()),
            control: None,
            issued_on: day(on),
            due_on: None,
            closed_on: closed.map(day),
            reopened: false,
        };
        let actions = vec![issued(1, "2023-11-01", Some("2023-11-11")), issued(2, "2024-05-16", None)];
        let cycles = cycles(&Turned { corrective_actions: Some(actions), ..Turned::default() });
        let [this, before, _] = cycles.try_into().unwrap();
        let (this, before) = (this.corrective_actions.unwrap(), before.corrective_actions.unwrap());
        assert_eq!((this.issued, this.closed, this.repeats, this.mean_days_to_close), (1, 0, 1, None));
        assert_eq!((before.issued, before.closed, before.repeats, before.mean_days_to_close), (1, 1, 0, Some(10)));
        assert_eq!((this.ages[0].open, before.ages.iter().map(|age| age.open).sum::<usize>()), (1, 0));
    }
}
