//! The education programme of a fiscal year (D06d; R-12): for everybody who works here, with the five mandatory themes,
//! when each is taught and what is planned. There is one for each year; what changes in it is a revision, issued as the
//! next version and approved anew (SD-1, SD-12).

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoEnumIterator};
use utoipa::ToSchema;

use super::theme::{EducationTheme, EducationTiming};
use crate::{
    access::{Governed, Resource},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        partial_date::PartialDate,
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::Signature,
        text::{Note, Title},
        transition::{Stateful, Transition},
        version::{Version, VersionAction, VersionState},
    },
    operation::week::FiscalYear,
    organization::person::Person,
};

/// The education programme of one fiscal year, in one version.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EducationProgramme {
    /// Its id.
    pub id: Id<EducationProgramme>,
    /// Rises with every change.
    pub revision: Revision,
    /// Which version of the year's programme it is, and where it stands.
    #[serde(flatten)]
    pub version: Version,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: EducationProgrammeDraft,
    /// Who answers for it.
    pub owner: Reference,
    /// First day of its fiscal year.
    pub starts_on: NaiveDate,
    /// Last day of its fiscal year.
    pub ends_on: NaiveDate,
    /// Steps open to the caller.
    pub allowed_actions: Vec<VersionAction>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for EducationProgramme {
    const RESOURCE: Resource = Resource::EducationPlan;
}

impl Revised for EducationProgramme {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about a programme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EducationProgrammeDraft {
    /// The fiscal year, called after the calendar year of its first day.
    #[schema(minimum = 1900, maximum = 2998)]
    pub fiscal_year: i32,
    /// The version in force that this one revises; left out for the first of the year.
    #[serde(default)]
    #[schema(required = false)]
    pub revises_id: Option<Id<EducationProgramme>>,
    /// Why it is revised; required for a revision.
    #[serde(default)]
    pub revision_reason: Note,
    /// Who answers for it: the training manager.
    pub owner_id: Id<Person>,
    /// For whom it is: for everybody.
    #[serde(default)]
    pub audience: ProgrammeAudience,
    /// What is taught: the five mandatory themes, and own ones.
    #[schema(max_items = 50)]
    pub themes: Vec<ProgrammeTheme>,
    /// What is planned.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub events: Vec<ProgrammeEvent>,
    /// Remarks.
    #[serde(default)]
    pub remarks: Note,
}

/// For whom a programme is: never for a part of those who work here (EDU-6).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ProgrammeAudience {
    /// 従業者: everybody who works here, whatever their contract.
    #[default]
    AllWorkers,
    /// 従業員: the company's own employees.
    AllEmployees,
}

impl Labelled for ProgrammeAudience {
    const NAME: &'static str = "programme_audience";

    fn label(&self) -> Label {
        match self {
            Self::AllWorkers => label("全従業者", "all workers"),
            Self::AllEmployees => label("全従業員", "all employees"),
        }
    }
}

/// One theme of a programme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgrammeTheme {
    /// A mandatory theme; this or `own_theme`.
    #[serde(default)]
    #[schema(required = false)]
    pub theme: Option<EducationTheme>,
    /// A theme of the organization's own.
    #[serde(default)]
    #[schema(required = false)]
    pub own_theme: Option<Title>,
    /// When it is taught. Left out for a mandatory theme: as that theme usually is.
    #[serde(default)]
    pub timings: BTreeSet<EducationTiming>,
    /// What of it is taught this year.
    #[serde(default)]
    pub content: Note,
}

/// One planned event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgrammeEvent {
    /// The mandatory theme that it is on; this or `own_theme`, one of those above.
    #[serde(default)]
    #[schema(required = false)]
    pub theme: Option<EducationTheme>,
    /// The own theme that it is on.
    #[serde(default)]
    #[schema(required = false)]
    pub own_theme: Option<Title>,
    /// The month or the day, within the fiscal year.
    pub planned_for: PartialDate,
    /// How: e-learning, a meeting, a notice.
    pub method: Title,
    /// Who teaches: a person, a department, a firm.
    pub held_by: Title,
}

/// What a theme is told apart by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named<'a> {
    Mandatory(EducationTheme),
    Own(&'a str),
}

impl<'a> Named<'a> {
    /// Exactly one of the two; otherwise nothing.
    fn of(theme: Option<EducationTheme>, own: Option<&'a Title>) -> Option<Self> {
        match (theme, own) {
            (Some(theme), None) => Some(Self::Mandatory(theme)),
            (None, Some(own)) => Some(Self::Own(own.as_str().trim())),
            _ => None,
        }
    }

    fn field(self) -> &'static str {
        match self {
            Self::Mandatory(_) => "theme",
            Self::Own(_) => "own_theme",
        }
    }
}

impl ProgrammeTheme {
    fn name(&self) -> Option<Named<'_>> {
        Named::of(self.theme, self.own_theme.as_ref())
    }
}

impl ProgrammeEvent {
    fn name(&self) -> Option<Named<'_>> {
        Named::of(self.theme, self.own_theme.as_ref())
    }
}

impl Stateful for EducationProgramme {
    type Action = VersionAction;
    type State = VersionState;

    const TRANSITIONS: &'static [Transition<VersionAction, VersionState>] = &Version::steps(Resource::EducationPlan);

    fn state(&self) -> VersionState {
        self.version.state
    }
}

impl EducationProgrammeDraft {
    fn year(&self, start_month: u8) -> Result<FiscalYear, Refusal> {
        FiscalYear::of_plan(self.fiscal_year, start_month)
            .ok_or_else(|| Refusal::field("/fiscal_year", Code::OutOfRange))
    }

    /// With the usual timings where none are given; refused where a mandatory theme is missing (EDU-2), or something names
    /// no theme or a day of another year.
    fn checked(mut self, year: FiscalYear) -> Result<Self, Refusal> {
        let mut faults = Vec::new();
        if self.revises_id.is_some() && self.revision_reason.as_str().trim().is_empty() {
            faults.push(Fault::new("/revision_reason", Code::RequiredHere));
        }
        for theme in EducationTheme::iter().filter(|theme| self.themes.iter().all(|one| one.theme != Some(*theme))) {
            faults.push(Fault::new("/themes", Code::RequiredHere).with("missing", theme.to_string()));
        }
        if self.themes.len() > 50 {
            faults.push(Fault::new("/themes", Code::TooLong));
        }
        if self.events.len() > 200 {
            faults.push(Fault::new("/events", Code::TooLong));
        }
        for theme in &mut self.themes {
            if theme.timings.is_empty() {
                theme.timings = theme.theme.into_iter().flat_map(EducationTheme::timings).copied().collect();
            }
        }
        for (at, theme) in self.themes.iter().enumerate() {
            let before = self.themes.iter().take(at);
            match theme.name() {
                None => faults.push(Fault::new(format!("/themes/{at}"), Code::ExactlyOne)),
                Some(name) if before.filter_map(ProgrammeTheme::name).any(|other| other == name) => {
                    faults.push(Fault::new(format!("/themes/{at}/{}", name.field()), Code::Duplicate));
                }
                Some(_) if theme.timings.is_empty() => {
                    faults.push(Fault::new(format!("/themes/{at}/timings"), Code::RequiredHere));
                }
                Some(_) => {}
            }
        }
        for (at, event) in self.events.iter().enumerate() {
            match event.name() {
                None => faults.push(Fault::new(format!("/events/{at}"), Code::ExactlyOne)),
                Some(name) if self.themes.iter().all(|theme| theme.name() != Some(name)) => {
                    faults.push(Fault::new(format!("/events/{at}/{}", name.field()), Code::UnknownReference));
                }
                Some(_) => {}
            }
            if !(year.starts_on..=year.ends_on).contains(&event.planned_for.last_day()) {
                faults.push(Fault::new(format!("/events/{at}/planned_for"), Code::OutOfRange));
            }
        }
        Refusal::unless_empty(faults)?;
        Ok(self)
    }
}

impl EducationProgramme {
    /// A new version of the programme of a year, as a draft. `start_month`: that of the organization's fiscal year.
    pub fn draft(
        draft: EducationProgrammeDraft,
        number: i32,
        start_month: u8,
        by: Signature,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let year = draft.year(start_month)?;
        let draft = draft.checked(year)?;
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            version: Version::draft(number, by),
            owner: Reference::new(draft.owner_id, ""),
            draft,
            starts_on: year.starts_on,
            ends_on: year.ends_on,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Changes what is written; not the year, nor what it revises.
    pub fn revise(&mut self, draft: EducationProgrammeDraft, by: Signature) -> Result<(), Refusal> {
        self.version.revise(by)?;
        let mut faults = Vec::new();
        if draft.fiscal_year != self.draft.fiscal_year {
            faults.push(Fault::new("/fiscal_year", Code::Contradiction));
        }
        if draft.revises_id != self.draft.revises_id {
            faults.push(Fault::new("/revises_id", Code::Contradiction));
        }
        Refusal::unless_empty(faults)?;
        let year = FiscalYear { year: draft.fiscal_year, starts_on: self.starts_on, ends_on: self.ends_on };
        self.draft = draft.checked(year)?;
        Ok(())
    }

    /// How far the year has come, out of what was `taught` in it.
    pub fn progress(&self, taught: &[Taught], today: NaiveDate) -> ProgrammeProgress {
        let of = |theme: &ProgrammeTheme| {
            let events = || self.draft.events.iter().filter(|event| event.name() == theme.name());
            let taught = || taught.iter().filter(|taught| theme.theme == Some(taught.theme));
            ThemeProgress {
                theme: theme.theme,
                own_theme: theme.own_theme.clone(),
                planned_events: events().count(),
                past_events: events().filter(|event| event.planned_for.last_day() < today).count(),
                last_taught_on: taught().filter_map(|taught| taught.last_taught_on).max(),
                duties_done: taught().map(|taught| taught.duties_done).sum(),
                duties_open: taught().map(|taught| taught.duties_open).sum(),
                duties_overdue: taught().map(|taught| taught.duties_overdue).sum(),
            }
        };
        ProgrammeProgress {
            fiscal_year: self.draft.fiscal_year,
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            themes: self.draft.themes.iter().map(of).collect(),
        }
    }
}

/// What one source tells of a theme in a year: the duties, for one. What several sources tell is added up.
#[derive(Clone, Debug)]
pub struct Taught {
    /// The theme.
    pub theme: EducationTheme,
    /// The last day of the year on which it was taught.
    pub last_taught_on: Option<NaiveDate>,
    /// Duties on it that were done in the year.
    pub duties_done: i64,
    /// Duties on it that are owed today.
    pub duties_open: i64,
    /// How many of these are overdue.
    pub duties_overdue: i64,
}

/// How far the year of a programme has come.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProgrammeProgress {
    /// The fiscal year.
    pub fiscal_year: i32,
    /// Its first day.
    pub starts_on: NaiveDate,
    /// Its last day.
    pub ends_on: NaiveDate,
    /// Each theme of the programme, in its order.
    pub themes: Vec<ThemeProgress>,
}

/// How far a theme has come in the year.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ThemeProgress {
    /// The mandatory theme; `null` for an own one.
    #[schema(required)]
    pub theme: Option<EducationTheme>,
    /// The own theme; `null` for a mandatory one.
    #[schema(required)]
    pub own_theme: Option<Title>,
    /// How many events are planned.
    pub planned_events: usize,
    /// How many of these lie in the past.
    pub past_events: usize,
    /// The last day of the year on which it was taught; `null` where it was not yet.
    #[schema(required)]
    pub last_taught_on: Option<NaiveDate>,
    /// Duties on it that were done in the year.
    pub duties_done: i64,
    /// Duties on it that are owed today.
    pub duties_open: i64,
    /// How many of these are overdue.
    pub duties_overdue: i64,
}

#[cfg(test)]
mod tests;
