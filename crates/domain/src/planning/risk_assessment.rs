//! Rounds of risk assessment (D19; 6.1.2, 8.2): what was looked at when, why, under which criteria, and what came of it.
//!
//! A round is issued as a version: its number is the round. The approved one is in force until the next one is approved
//! (SD-12); from its submission on it keeps its rows.

mod proposal;
mod row;

use chrono::{DateTime, Months, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

pub use self::{proposal::AssessmentProposal, row::AssessmentRow};
use super::{
    risk::{Risk, RiskState},
    risk_criteria::RiskCriteria,
};
use crate::{
    access::{Governed, Resource},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::Signature,
        text::{Note, Text, Title},
        transition::{Stateful, Transition},
        version::{Version, VersionAction, VersionState},
    },
};

/// One round: the header of its report.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RiskAssessment {
    /// Its id.
    pub id: Id<RiskAssessment>,
    /// Rises with every change.
    pub revision: Revision,
    /// Which round it is, and where it stands.
    #[serde(flatten)]
    pub version: Version,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: RiskAssessmentDraft,
    /// The criteria that were in force when the round began: it is held under them to its end.
    #[schema(value_type = String, format = Uuid)]
    pub criteria_id: Id<RiskCriteria>,
    /// Their version.
    pub criteria_version: i32,
    /// When the next round is due: the organization's interval after this one.
    pub next_due_on: NaiveDate,
    /// It is the round in force, and the next one has been due since yesterday or longer.
    pub overdue: bool,
    /// Steps open to the caller.
    pub allowed_actions: Vec<VersionAction>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for RiskAssessment {
    const RESOURCE: Resource = Resource::Risk;
}

impl Revised for RiskAssessment {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about a round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RiskAssessmentDraft {
    /// Its title.
    pub title: Title,
    /// The day on which it was performed; not in the future.
    pub performed_on: NaiveDate,
    /// Why it was performed.
    pub trigger: AssessmentTrigger,
    /// What changed, in words; required where a significant change brought it about.
    #[serde(default)]
    pub occasion: Note,
    /// What was looked at: departments, sites, systems.
    pub scope: Text,
    /// What came of it; required before it is handed in.
    #[serde(default)]
    pub conclusions: Note,
}

/// Why a round is performed (8.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AssessmentTrigger {
    /// At the planned interval.
    Planned,
    /// Something significant changed.
    SignificantChange,
}

impl Labelled for AssessmentTrigger {
    const NAME: &'static str = "assessment_trigger";

    fn label(&self) -> Label {
        match self {
            Self::Planned => label("定期", "planned"),
            Self::SignificantChange => label("重大な変更", "significant change"),
        }
    }
}

impl Stateful for RiskAssessment {
    type Action = VersionAction;
    type State = VersionState;

    const TRANSITIONS: &'static [Transition<VersionAction, VersionState>] = &Version::steps(Resource::Risk);

    fn state(&self) -> VersionState {
        self.version.state
    }
}

impl RiskAssessmentDraft {
    fn check(&self, today: NaiveDate) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        if self.performed_on > today {
            faults.push(Fault::new("/performed_on", Code::FutureDate));
        }
        if self.trigger == AssessmentTrigger::SignificantChange && self.occasion.as_str().trim().is_empty() {
            faults.push(Fault::new("/occasion", Code::RequiredHere));
        }
        Refusal::unless_empty(faults)
    }
}

impl RiskAssessment {
    /// Begins round `number` under the criteria in force.
    pub fn begin(
        draft: RiskAssessmentDraft,
        criteria: &RiskCriteria,
        number: i32,
        by: Signature,
        now: DateTime<Utc>,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        draft.check(today)?;
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            version: Version::draft(number, by),
            next_due_on: draft.performed_on,
            draft,
            criteria_id: criteria.id,
            criteria_version: criteria.version.number,
            overdue: false,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Changes what is written.
    pub fn revise(&mut self, draft: RiskAssessmentDraft, by: Signature, today: NaiveDate) -> Result<(), Refusal> {
        self.version.revise(by)?;
        draft.check(today)?;
        self.draft = draft;
        Ok(())
    }

    /// Hands it in over the `open` risks; answers with the rows that it keeps from now on. Refused while nobody wrote
    /// its conclusions, or an open risk is not settled: each is named by its number.
    pub fn submit(&mut self, by: Signature, open: &[Risk]) -> Result<Vec<AssessmentRow>, Refusal> {
        self.guard(VersionAction::Submit)?;
        let mut faults = Vec::new();
        if self.draft.conclusions.as_str().trim().is_empty() {
            faults.push(Fault::new("/conclusions", Code::Required));
        }
        faults.extend(open.iter().filter_map(|risk| {
            let missing = self.missing(risk)?;
            let fault = Fault::new(format!("/rows/{}", risk.number), Code::Required);
            Some(fault.with("number", risk.number).with("missing", missing))
        }));
        if !faults.is_empty() {
            return Err(Refusal { errors: faults, ..Refusal::new(Code::NotReady) });
        }
        self.version.submit(by)?;
        Ok(open.iter().map(AssessmentRow::of).collect())
    }

    /// What an open risk lacks for this round: it must be evaluated under the round's criteria, and nothing may have
    /// moved since. A treatment under way rests on the assessment that the owner approved; such a risk can be judged
    /// anew only when the work is done (§5.1), so it is carried into the round as it stands.
    fn missing(&self, risk: &Risk) -> Option<&'static str> {
        match risk.state {
            RiskState::TreatmentApproved | RiskState::InTreatment | RiskState::Treated | RiskState::Closed => None,
            RiskState::Identified | RiskState::Analysed => Some("evaluation"),
            RiskState::Evaluated | RiskState::Decided | RiskState::Reassessed | RiskState::Accepted => {
                let judged = risk.remaining().map(|assessment| assessment.criteria_version);
                match (risk.needs_reanalysis, judged == Some(self.criteria_version)) {
                    (true, _) => Some("reanalysis"),
                    (false, false) => Some("evaluation"),
                    (false, true) => None,
                }
            }
        }
    }

    /// Derives when the next round is due, `months` after this one: overdue the day after.
    pub fn derive(&mut self, months: u8, today: NaiveDate) {
        let due = self.draft.performed_on.checked_add_months(Months::new(u32::from(months)));
        self.next_due_on = due.unwrap_or(NaiveDate::MAX);
        self.overdue = self.version.state == VersionState::InForce && today > self.next_due_on;
    }

    /// Whether its rows are kept as they were when it was handed in.
    pub fn keeps_rows(&self) -> bool {
        self.version.state != VersionState::Draft
    }
}

#[cfg(test)]
mod tests;
