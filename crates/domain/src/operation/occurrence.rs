//! Each time that a row of the annual plan is done (D32; §5.9): its weeks, and what came of it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;
use uuid::Uuid;

use super::week::last_day;
use crate::{
    access::Resource,
    kernel::{
        label::{Label, Labelled, label},
        refusal::{Code, Fault, Refusal},
        sign_off::Signature,
        text::{Note, Text},
    },
};

/// One time that a row is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Occurrence {
    /// Its number within the row; steps name it by this.
    pub number: i32,
    /// Its weeks, by their Mondays; where it is done as needed, the week in which it was.
    pub weeks: Vec<NaiveDate>,
    /// Where it stands.
    pub state: OccurrenceState,
    /// When and by whom it was done.
    #[schema(required)]
    pub done: Option<OccurrenceDone>,
    /// Who left it out, and why.
    #[schema(required)]
    pub skipped: Option<Signature>,
}

/// Where an occurrence stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum OccurrenceState {
    /// It is to be done.
    Scheduled,
    /// Its last week has ended, and it is not done.
    Overdue,
    /// It was done.
    Done,
    /// It was left out, with a reason.
    Skipped,
}

impl Labelled for OccurrenceState {
    const NAME: &'static str = "occurrence_state";

    fn label(&self) -> Label {
        match self {
            Self::Scheduled => label("予定", "scheduled"),
            Self::Overdue => label("遅れ", "overdue"),
            Self::Done => label("済み", "done"),
            Self::Skipped => label("見送り", "skipped"),
        }
    }
}

/// That an occurrence was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OccurrenceDone {
    /// The day on which it was done.
    pub done_on: NaiveDate,
    /// Who did it, or recorded it for the assignee; `null` where the service itself did.
    #[schema(required)]
    pub done_by: Option<Signature>,
    /// Whose word it is.
    pub source: CompletionSource,
    /// What shows it.
    pub evidence: Note,
    /// The record that shows it.
    #[schema(required)]
    pub link: Option<RecordLink>,
}

/// Whose word it is that something was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CompletionSource {
    /// That of the assignee.
    Assignee,
    /// That of whoever keeps the plan, for the assignee.
    Attestation,
    /// The record that does it was approved.
    Record,
}

impl Labelled for CompletionSource {
    const NAME: &'static str = "completion_source";

    fn label(&self) -> Label {
        match self {
            Self::Assignee => label("担当者の記録", "the assignee"),
            Self::Attestation => label("代理での記録", "attested for the assignee"),
            Self::Record => label("文書・記録の承認", "the record was approved"),
        }
    }
}

/// A record of any kind, as evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordLink {
    /// The kind of record, as in the scopes (`risk_criteria`, `policy` …).
    #[schema(value_type = String, pattern = "^[a-z_]+$", max_length = 50)]
    pub resource: Resource,
    /// Its id.
    pub id: Uuid,
}

/// A change of a row after its plan was approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RowChange {
    /// What was changed.
    pub kind: RowChangeKind,
    /// The number of the occurrence.
    pub occurrence: i32,
    /// Its weeks before.
    pub before: Vec<NaiveDate>,
    /// Its weeks after.
    pub after: Vec<NaiveDate>,
    /// What was recorded and taken back.
    #[schema(required)]
    pub undone: Option<OccurrenceDone>,
    /// Who changed it, when and why.
    pub by: Signature,
}

/// What was changed in a row after its plan was approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RowChangeKind {
    /// Moved to other weeks.
    Rescheduled,
    /// No longer done or skipped.
    Reopened,
}

impl Labelled for RowChangeKind {
    const NAME: &'static str = "row_change_kind";

    fn label(&self) -> Label {
        match self {
            Self::Rescheduled => label("日程変更", "rescheduled"),
            Self::Reopened => label("取消", "reopened"),
        }
    }
}

/// That something was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OccurrenceCompletion {
    /// Which occurrence; left out: the earliest that is open. What is done as needed gets a new one.
    #[serde(default)]
    #[schema(required = false, minimum = 1)]
    pub occurrence: Option<i32>,
    /// The day on which it was done; not in the future.
    pub done_on: NaiveDate,
    /// What shows it. Required where no record is linked.
    #[serde(default)]
    pub evidence: Note,
    /// The record that shows it.
    #[serde(default)]
    #[schema(required = false)]
    pub link: Option<RecordLink>,
}

/// Other weeks for an occurrence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OccurrenceReschedule {
    /// Which occurrence; left out: the earliest that is open.
    #[serde(default)]
    #[schema(required = false, minimum = 1)]
    pub occurrence: Option<i32>,
    /// Its new weeks, each by its Monday, within the fiscal year.
    #[schema(min_items = 1, max_items = 53)]
    pub scheduled_weeks: Vec<NaiveDate>,
    /// Why.
    pub reason: Text,
}

/// Why a step is taken with an occurrence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OccurrenceBecause {
    /// Which occurrence; left out: the earliest that is open or, to open one again, the last that is not.
    #[serde(default)]
    #[schema(required = false, minimum = 1)]
    pub occurrence: Option<i32>,
    /// Why.
    pub reason: Text,
}

impl Occurrence {
    /// An occurrence that is to be done in these weeks.
    pub fn planned(number: i32, weeks: Vec<NaiveDate>) -> Self {
        Self { number, weeks, state: OccurrenceState::Scheduled, done: None, skipped: None }
    }

    /// Whether it is still to be done.
    pub fn is_open(&self) -> bool {
        self.done.is_none() && self.skipped.is_none()
    }

    /// The Sunday of its last week.
    pub fn last_day(&self) -> Option<NaiveDate> {
        self.weeks.iter().max().map(|monday| last_day(*monday))
    }

    /// Derives its state as of `today`; it is overdue from the day after its last week, where the plan is `running`.
    pub(super) fn derive(&mut self, running: bool, today: NaiveDate) {
        self.state = if self.done.is_some() {
            OccurrenceState::Done
        } else if self.skipped.is_some() {
            OccurrenceState::Skipped
        } else if running && self.last_day().is_some_and(|last| last < today) {
            OccurrenceState::Overdue
        } else {
            OccurrenceState::Scheduled
        };
    }
}

impl OccurrenceCompletion {
    /// Not in the future, and something shows it.
    pub(super) fn check(&self, today: NaiveDate) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        if self.done_on > today {
            faults.push(Fault::new("/done_on", Code::FutureDate));
        }
        if self.link.is_none() && self.evidence.as_str().trim().is_empty() {
            faults.push(Fault::new("/evidence", Code::RequiredHere));
        }
        Refusal::unless_empty(faults)
    }
}
