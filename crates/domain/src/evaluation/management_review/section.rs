//! The sections of the form (D36): the plan with the inputs, the meeting, the outputs.

use std::collections::HashSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::Role,
    kernel::{
        id::Id,
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        sign_off::Signature,
        text::{Note, Text},
        time_of_day::TimeOfDay,
    },
    organization::person::Person,
};

/// What is written before a review is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ManagementReviewDraft {
    /// The day on which it is to be held.
    pub planned_on: NaiveDate,
    /// What the inputs mean; what the service knows for them stands beside them (`/inputs`).
    #[serde(default)]
    #[schema(required = false)]
    pub inputs: ReviewInputs,
    /// Remarks.
    #[serde(default)]
    pub remarks: Note,
}

/// The inputs 1 to 7 in people's words (9.3.2). All are needed before it is held, but for input 1 of a first review.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReviewInputs {
    /// 1: what became of the instructions of earlier reviews. Of a first review the service says that there are none.
    pub previous_actions: Note,
    /// 2: what changed in external and internal issues.
    pub issue_changes: Note,
    /// 3: what changed in the needs and expectations of interested parties.
    pub interested_party_changes: Note,
    /// 4: how information security performs.
    pub performance: ReviewPerformance,
    /// 5: what interested parties said, and what was done about it.
    pub feedback: Note,
    /// 6: what risk assessment found, and how the treatment plan stands.
    pub risk_status: Note,
    /// 7: what is proposed to top management for continual improvement.
    pub improvement_proposals: Note,
}

/// The four parts of input 4.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReviewPerformance {
    /// Nonconformities and corrective actions.
    pub nonconformities: Note,
    /// Results of monitoring and measurement.
    pub monitoring: Note,
    /// Results of audits.
    pub audit_results: Note,
    /// How far the objectives are achieved.
    pub objectives: Note,
}

impl ReviewInputs {
    /// Which of them nobody has written; input 1 is not asked of a first review.
    pub(super) fn missing(&self, is_first: bool) -> Vec<&'static str> {
        let parts = [
            ("/inputs/issue_changes", &self.issue_changes),
            ("/inputs/interested_party_changes", &self.interested_party_changes),
            ("/inputs/performance/nonconformities", &self.performance.nonconformities),
            ("/inputs/performance/monitoring", &self.performance.monitoring),
            ("/inputs/performance/audit_results", &self.performance.audit_results),
            ("/inputs/performance/objectives", &self.performance.objectives),
            ("/inputs/feedback", &self.feedback),
            ("/inputs/risk_status", &self.risk_status),
            ("/inputs/improvement_proposals", &self.improvement_proposals),
        ];
        let first = (!is_first).then_some(("/inputs/previous_actions", &self.previous_actions));
        let all = first.into_iter().chain(parts);
        all.filter(|(_, text)| text.as_str().trim().is_empty()).map(|(pointer, _)| pointer).collect()
    }
}

/// What is written about the meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldingDraft {
    /// The day; not in the future, and not before the review before it.
    pub held_on: NaiveDate,
    /// When it began.
    #[serde(default)]
    #[schema(required = false)]
    pub time_from: Option<TimeOfDay>,
    /// When it ended.
    #[serde(default)]
    #[schema(required = false)]
    pub time_to: Option<TimeOfDay>,
    /// Who was there; top management, or its deputy, among them.
    #[schema(min_items = 1, max_items = 100)]
    pub attendee_ids: Vec<Id<Person>>,
}

impl HoldingDraft {
    pub(super) fn check(&self, last_held_on: Option<NaiveDate>, today: NaiveDate) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        if self.held_on > today {
            faults.push(Fault::new("/held_on", Code::FutureDate));
        }
        if last_held_on.is_some_and(|last| self.held_on < last) {
            faults.push(Fault::new("/held_on", Code::DateOrder));
        }
        if self.time_from.zip(self.time_to).is_some_and(|(from, to)| to < from) {
            faults.push(Fault::new("/time_to", Code::DateOrder).with("other", "/time_from"));
        }
        let mut seen = HashSet::new();
        let twice = self.attendee_ids.iter().enumerate().filter(|(_, id)| !seen.insert(**id));
        faults.extend(twice.map(|(at, _)| Fault::new(format!("/attendee_ids/{at}"), Code::Duplicate)));
        Refusal::unless_empty(faults)
    }
}

/// When a review was held, and who was there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeldReview {
    /// The day.
    pub held_on: NaiveDate,
    /// When it began.
    #[schema(required)]
    pub time_from: Option<TimeOfDay>,
    /// When it ended.
    #[schema(required)]
    pub time_to: Option<TimeOfDay>,
    /// Who was there.
    pub attendees: Vec<Attendee>,
    /// Who recorded it.
    pub recorded: Signature,
}

/// Somebody who was there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Attendee {
    /// Who.
    pub person: Reference,
    /// The roles that they held, or stood in for.
    pub posts: Vec<Role>,
}

impl Attendee {
    /// Whether top management was there in them.
    pub fn is_top_management(&self) -> bool {
        self.posts.contains(&Role::TopManagement)
    }
}

/// What top management decided. An empty list says that there is nothing; a list that is not there was not decided yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewOutputs {
    /// 1: what is to be improved.
    #[schema(required)]
    pub improvement_instructions: Option<Vec<Instruction>>,
    /// 2: what is to be changed in the ISMS.
    #[schema(required)]
    pub isms_change_instructions: Option<Vec<Instruction>>,
}

impl ReviewOutputs {
    /// Which of them was not decided.
    pub(super) fn missing(&self) -> Vec<&'static str> {
        let all = [
            ("/outputs/improvement_instructions", self.improvement_instructions.is_none()),
            ("/outputs/isms_change_instructions", self.isms_change_instructions.is_none()),
        ];
        all.into_iter().filter(|(_, missing)| *missing).map(|(pointer, _)| pointer).collect()
    }
}

/// What is written about the outputs, as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewOutputsDraft {
    /// 1: what is to be improved; an empty list says that there is nothing.
    #[serde(default)]
    #[schema(required = false, max_items = 50)]
    pub improvement_instructions: Option<Vec<InstructionDraft>>,
    /// 2: what is to be changed in the ISMS; an empty list says that there is nothing.
    #[serde(default)]
    #[schema(required = false, max_items = 50)]
    pub isms_change_instructions: Option<Vec<InstructionDraft>>,
}

/// What is written about an instruction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InstructionDraft {
    /// What is to be done.
    pub instruction: Text,
    /// Who sees to it.
    pub responsible_person_id: Id<Person>,
    /// The day by which it is done.
    pub due_on: NaiveDate,
}

/// An instruction of top management.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Instruction {
    /// What was written.
    #[serde(flatten)]
    pub draft: InstructionDraft,
    /// Who sees to it.
    pub responsible_person: Reference,
}
