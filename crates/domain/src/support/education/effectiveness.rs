//! How effective education was (R-17, R-28; feeds D22): who counts, who completed it, and rates that are exact and printed
//! rounded down. An empty population has no rate.

use std::{collections::BTreeMap, ops::AddAssign};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::IntoEnumIterator;
use utoipa::ToSchema;

use super::{
    campaign::{CampaignState, EducationCampaign, LearnerRow},
    enrolment::{CompletionBasis, EnrolmentState, ExclusionGround},
};
use crate::{
    kernel::{reference::Reference, refusal::Refusal},
    planning::metric::Share,
};

/// A part of a whole that is not empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EducationRate {
    /// The part.
    pub part: i64,
    /// The whole; never 0.
    pub whole: i64,
    /// The part in the whole in per cent, rounded down to one decimal: `95.0`. Rates are compared unrounded.
    pub percent: String,
}

impl EducationRate {
    /// `part` of `whole`; nothing is no part of nothing (EFF-5).
    pub fn of(part: i64, whole: i64) -> Option<Self> {
        let tenths = (part * 1000).checked_div(whole)?;
        Some(Self { part, whole, percent: format!("{}.{}", tenths / 10, tenths % 10) })
    }

    /// The same as what an objective is measured by.
    pub fn share(&self) -> Share {
        Share { part: self.part, whole: self.whole }
    }
}

/// What came of education, in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EducationFigures {
    /// Who was enrolled, whether they count or not.
    pub enrolled: i64,
    /// Who counts.
    pub population: i64,
    /// Of these, who began.
    pub started: i64,
    /// Of these, who completed it; where there is a test, by passing it or being exempt.
    pub completed: i64,
    /// Of these, who passed a test.
    pub passed: i64,
    /// Of these, who wrote or approved the test.
    pub exempt: i64,
    /// Who counts and has not completed it.
    pub incomplete: i64,
    /// Who joined within the period and is not yet due.
    pub not_yet_due: i64,
    /// Who was excluded, by reason.
    pub excluded: Vec<ExclusionCount>,
    /// Who began, of who counts; `null` where nobody does.
    #[schema(required)]
    pub participation_rate: Option<EducationRate>,
    /// Who completed it, of who counts: the education rate of an objective; `null` where nobody counts.
    #[schema(required)]
    pub completion_rate: Option<EducationRate>,
    /// Who passed a test or is exempt from it, of who counts in campaigns with a test; `null` where nobody does.
    #[schema(required)]
    pub pass_rate: Option<EducationRate>,
}

/// How many were excluded for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExclusionCount {
    /// Why.
    pub ground: ExclusionGround,
    /// How many.
    pub count: i64,
}

impl EducationFigures {
    /// What an objective measures: the completion rate. Refused where nobody counts (R-17, EFF-5).
    pub fn measured(&self) -> Result<&EducationRate, Refusal> {
        self.completion_rate.as_ref().ok_or_else(|| Refusal::not_ready(["/population"]).by("R-17"))
    }
}

/// The learners of one campaign, with what of it they are judged by.
#[derive(Clone, Debug)]
pub struct Taught {
    /// The campaign.
    pub campaign: Reference,
    /// Where it stands.
    pub state: CampaignState,
    /// Its first day.
    pub period_start: NaiveDate,
    /// Its last day.
    pub period_end: NaiveDate,
    /// Whether it is completed by passing a test.
    pub tested: bool,
    /// Its learners.
    pub rows: Vec<LearnerRow>,
}

impl Taught {
    /// The learners of a campaign.
    pub fn of(campaign: &EducationCampaign, rows: Vec<LearnerRow>) -> Self {
        Self {
            campaign: Reference::new(campaign.id, campaign.draft.name.as_str()),
            state: campaign.state,
            period_start: campaign.draft.period_start,
            period_end: campaign.draft.period_end,
            tested: campaign.draft.test_id.is_some(),
            rows,
        }
    }

    /// What came of it, as of a day.
    pub fn figures(&self, on: NaiveDate) -> EducationFigures {
        Tally::of(&self.rows, self.tested, on).figures()
    }
}

/// Counts that can be added up.
#[derive(Clone, Debug, Default)]
struct Tally {
    enrolled: i64,
    population: i64,
    started: i64,
    completed: i64,
    passed: i64,
    exempt: i64,
    not_yet_due: i64,
    tested: i64,
    excluded: BTreeMap<ExclusionGround, i64>,
}

impl Tally {
    fn of<'a>(rows: impl IntoIterator<Item = &'a LearnerRow>, tested: bool, on: NaiveDate) -> Self {
        let mut tally = Self::default();
        for row in rows {
            tally.enrolled += 1;
            if let Some(ground) = row.exclusion {
                *tally.excluded.entry(ground).or_default() += 1;
            } else if !counts(row, on) {
                tally.not_yet_due += 1;
            } else {
                tally.population += 1;
                tally.tested += i64::from(tested);
                tally.started += i64::from(row.started_on.is_some());
                tally.completed += i64::from(row.state == EnrolmentState::Completed);
                tally.passed += i64::from(row.basis == Some(CompletionBasis::Passed));
                tally.exempt += i64::from(row.basis == Some(CompletionBasis::Authorship));
            }
        }
        tally
    }

    fn figures(self) -> EducationFigures {
        let Self { enrolled, population, started, completed, passed, exempt, not_yet_due, tested, excluded } = self;
        let count = |ground| ExclusionCount { ground, count: excluded.get(&ground).copied().unwrap_or_default() };
        EducationFigures {
            enrolled,
            population,
            started,
            completed,
            passed,
            exempt,
            incomplete: population - completed,
            not_yet_due,
            excluded: ExclusionGround::iter().map(count).collect(),
            participation_rate: EducationRate::of(started, population),
            completion_rate: EducationRate::of(completed, population),
            pass_rate: EducationRate::of(passed + exempt, tested),
        }
    }
}

/// Whether somebody counts on a day who was not excluded: who joined within the period counts from the own due date on, or
/// when done.
fn counts(row: &LearnerRow, on: NaiveDate) -> bool {
    !row.joined_within
        || row.state != EnrolmentState::Invited && row.state != EnrolmentState::Studying
        || row.due_on <= on
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.enrolled += other.enrolled;
        self.population += other.population;
        self.started += other.started;
        self.completed += other.completed;
        self.passed += other.passed;
        self.exempt += other.exempt;
        self.not_yet_due += other.not_yet_due;
        self.tested += other.tested;
        for (ground, count) in other.excluded {
            *self.excluded.entry(ground).or_default() += count;
        }
    }
}

/// How effective education was, for a chart.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EducationEffectiveness {
    /// The day as of which it is counted.
    pub evaluated_on: NaiveDate,
    /// Whether everybody is counted; otherwise those within the caller's reach.
    pub whole: bool,
    /// All of it together.
    pub figures: EducationFigures,
    /// By department, in the order of their names; who has none comes last.
    pub departments: Vec<DepartmentFigures>,
    /// By campaign, in the order of their periods.
    pub campaigns: Vec<CampaignFigures>,
    /// How it went on: for each day on which somebody completed it, how many had by then.
    pub progress: Vec<EducationProgress>,
}

/// What came of education in a department.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DepartmentFigures {
    /// The department; `null` for who has none.
    #[schema(required)]
    pub department: Option<Reference>,
    /// What came of it.
    pub figures: EducationFigures,
}

/// What came of a campaign.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CampaignFigures {
    /// The campaign.
    pub campaign: Reference,
    /// Where it stands.
    pub state: CampaignState,
    /// Its first day.
    pub period_start: NaiveDate,
    /// Its last day.
    pub period_end: NaiveDate,
    /// What came of it.
    pub figures: EducationFigures,
}

/// How far education had come on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct EducationProgress {
    /// The day.
    pub on: NaiveDate,
    /// How many had completed it.
    pub completed: i64,
}

impl EducationEffectiveness {
    /// Of these campaigns, as of a day.
    pub fn of(taught: &[Taught], whole: bool, on: NaiveDate) -> Self {
        let (mut all, mut departments) = (Tally::default(), BTreeMap::new());
        let mut days: BTreeMap<NaiveDate, i64> = BTreeMap::new();
        for one in taught {
            all += Tally::of(&one.rows, one.tested, on);
            for row in &one.rows {
                let name = row.department.as_ref().map(|department| department.name.clone());
                let key = (name.is_none(), name, row.department.as_ref().map(|department| department.id));
                let (_, tally) = departments.entry(key).or_insert((row.department.clone(), Tally::default()));
                *tally += Tally::of([row], one.tested, on);
                if let (Some(day), None) = (row.completed_on, row.exclusion) {
                    *days.entry(day).or_default() += 1;
                }
            }
        }
        let mut completed = 0;
        let progress = days.into_iter().map(|(on, more)| {
            completed += more;
            EducationProgress { on, completed }
        });
        let mut campaigns: Vec<CampaignFigures> = taught
            .iter()
            .map(|one| CampaignFigures {
                campaign: one.campaign.clone(),
                state: one.state,
                period_start: one.period_start,
                period_end: one.period_end,
                figures: one.figures(on),
            })
            .collect();
        campaigns.sort_by_key(|one| (one.period_start, one.campaign.id));
        Self {
            evaluated_on: on,
            whole,
            figures: all.figures(),
            departments: departments
                .into_values()
                .map(|(department, tally)| DepartmentFigures { department, figures: tally.figures() })
                .collect(),
            progress: progress.collect(),
            campaigns,
        }
    }
}

#[cfg(test)]
mod tests;
