//! The audit programme of a fiscal year (9.2.2): what is audited when and how often, against what, and what was considered
//! when it was planned. There is one for each year, in versions that the audit manager prepares and top management approves
//! (SD-1, SD-12); what changes is the next version, in which rows keep their numbers. Audits name the row that they fulfil.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use self::{
    coverage::AuditCoverage,
    row::{AuditProgrammeRow, AuditProgrammeRowProgress},
};
use crate::{
    access::{Governed, Resource},
    kernel::{
        id::Id,
        numbered,
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::Signature,
        text::{Note, Text},
        transition::{Stateful, Transition},
        version::{Version, VersionAction, VersionState},
    },
    operation::week::FiscalYear,
};

pub mod coverage;
pub mod row;

/// The audit programme of one fiscal year, in one version.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AuditProgramme {
    /// Its id.
    pub id: Id<AuditProgramme>,
    /// Rises with every change.
    pub revision: Revision,
    /// Which version of the year's programme it is, and where it stands.
    #[serde(flatten)]
    pub version: Version,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: AuditProgrammeDraft,
    /// The last number that a row of the year was given.
    #[serde(skip)]
    pub last_row: i32,
    /// What became of each row.
    pub progress: Vec<AuditProgrammeRowProgress>,
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

impl Governed for AuditProgramme {
    const RESOURCE: Resource = Resource::AuditProgramme;
}

impl Revised for AuditProgramme {
    fn revision(&self) -> Revision {
        self.revision
    }
}

impl Stateful for AuditProgramme {
    type Action = VersionAction;
    type State = VersionState;

    const TRANSITIONS: &'static [Transition<VersionAction, VersionState>] = &Version::steps(Resource::AuditProgramme);

    fn state(&self) -> VersionState {
        self.version.state
    }
}

/// What is written about a programme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditProgrammeDraft {
    /// The fiscal year, called after the calendar year of its first day.
    #[schema(minimum = 1900, maximum = 2998)]
    pub fiscal_year: i32,
    /// The version in force that this one revises; left out for the first of the year.
    #[serde(default)]
    #[schema(required = false)]
    pub revises_id: Option<Id<AuditProgramme>>,
    /// Why it is revised; required for a revision.
    #[serde(default)]
    pub revision_reason: Note,
    /// What the year's audits are for.
    pub purpose: Text,
    /// How it is audited.
    pub method: Text,
    /// What is audited against: the standard, own documents.
    pub criteria: Text,
    /// Which processes and risks matter most, and what follows for the programme.
    pub importance_considered: Text,
    /// What earlier audits found, and what follows for the programme.
    pub earlier_results_considered: Text,
    /// What is audited when. Left empty in a new revision: the rows of the version that it revises.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub rows: Vec<AuditProgrammeRow>,
    /// Remarks.
    #[serde(default)]
    pub remarks: Note,
}

impl AuditProgrammeDraft {
    fn year(&self, start_month: u8) -> Result<FiscalYear, Refusal> {
        FiscalYear::of_plan(self.fiscal_year, start_month)
            .ok_or_else(|| Refusal::field("/fiscal_year", Code::OutOfRange))
    }

    /// What is wrong with it. `known`: the numbers of its rows so far.
    fn check(&self, year: FiscalYear, known: &[i32]) -> Result<(), Refusal> {
        let mut faults = numbered::faults("/rows", &self.rows, known);
        if self.revises_id.is_some() && self.revision_reason.as_str().trim().is_empty() {
            faults.push(Fault::new("/revision_reason", Code::RequiredHere));
        }
        if self.rows.len() > 200 {
            faults.push(Fault::new("/rows", Code::TooLong));
        }
        for (at, row) in self.rows.iter().enumerate() {
            faults.extend(row.faults(&format!("/rows/{at}"), year));
        }
        Refusal::unless_empty(faults)
    }
}

impl AuditProgramme {
    /// A new version of the programme of a year, as a draft; `revised` is the version in force that it revises, whose rows it
    /// takes over where it says nothing else. `start_month`: that of the organization's fiscal year.
    pub fn draft(
        mut draft: AuditProgrammeDraft,
        revised: Option<&Self>,
        number: i32,
        start_month: u8,
        by: Signature,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let year = draft.year(start_month)?;
        let before = revised.map(|revised| revised.draft.rows.as_slice()).unwrap_or_default();
        if draft.rows.is_empty() {
            draft.rows = before.to_vec();
        }
        draft.check(year, &numbered::numbers(before))?;
        let last_row = numbered::assign(&mut draft.rows, revised.map_or(0, |revised| revised.last_row));
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            version: Version::draft(number, by),
            draft,
            last_row,
            progress: Vec::new(),
            starts_on: year.starts_on,
            ends_on: year.ends_on,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Changes what is written; not the year, nor what it revises.
    pub fn revise(&mut self, mut draft: AuditProgrammeDraft, by: Signature) -> Result<(), Refusal> {
        self.version.revise(by)?;
        let mut faults = Vec::new();
        if draft.fiscal_year != self.draft.fiscal_year {
            faults.push(Fault::new("/fiscal_year", Code::Contradiction));
        }
        if draft.revises_id != self.draft.revises_id {
            faults.push(Fault::new("/revises_id", Code::Contradiction));
        }
        Refusal::unless_empty(faults)?;
        draft.check(self.fiscal_year(), &numbered::numbers(&self.draft.rows))?;
        self.last_row = numbered::assign(&mut draft.rows, self.last_row);
        self.draft = draft;
        Ok(())
    }

    /// Hands it in: every clause of the standard stands in some row, and every applicable control that is due.
    pub fn submit(&mut self, coverage: &AuditCoverage, by: Signature) -> Result<(), Refusal> {
        self.guard(VersionAction::Submit)?;
        coverage.require_complete()?;
        self.version.submit(by)
    }

    /// Puts it in force. A statement of applicability may have come into force since it was handed in: its controls are
    /// asked for again.
    pub fn approve(
        &mut self,
        coverage: &AuditCoverage,
        by: Signature,
        alone: bool,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        self.guard(VersionAction::Approve)?;
        coverage.require_complete()?;
        self.version.approve(by, alone, now)
    }

    /// Its fiscal year, as it was when it was written.
    pub fn fiscal_year(&self) -> FiscalYear {
        FiscalYear { year: self.draft.fiscal_year, starts_on: self.starts_on, ends_on: self.ends_on }
    }
}

#[cfg(test)]
mod tests;
