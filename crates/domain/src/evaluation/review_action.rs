//! Instructions of management reviews (9.3.3): registered when the outputs are approved, followed until their effect is
//! judged; all that are open stand in input 1 of the next review.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::management_review::{Instruction, ManagementReview};
use crate::{
    access::{Governed, Resource, Verb},
    context::action::{ActionCompletion, ActionEffectiveness, ActionEffectivenessDraft},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        reference::Reference,
        refusal::Refusal,
        revision::{Revised, Revision},
        sign_off::Signature,
        text::{Note, Text},
        transition::{Stateful, Transition},
    },
    operation::occurrence::RecordLink,
    organization::person::Person,
};

/// An instruction of a management review.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewAction {
    /// Its id.
    pub id: Id<ReviewAction>,
    /// Rises with every change.
    pub revision: Revision,
    /// Its number within the organization.
    pub number: i32,
    /// The review that it comes from.
    pub review_id: Id<ManagementReview>,
    /// The number of that review.
    pub review_number: i32,
    /// From which output.
    pub output: ReviewOutput,
    /// What top management wants; it does not change (SD-12).
    pub instruction: Text,
    /// How it is carried out.
    #[serde(flatten)]
    pub draft: ReviewActionDraft,
    /// Who sees to it.
    pub responsible_person: Reference,
    /// How it goes on, in the order of reporting.
    pub progress: Vec<ActionProgress>,
    /// Its day has passed, and it is not done.
    pub overdue: bool,
    /// Where it stands.
    pub state: ReviewActionState,
    /// When it was done, and what came of it.
    #[schema(required)]
    pub completion: Option<ActionCompletion>,
    /// Whether it had the effect that was meant.
    #[schema(required)]
    pub effectiveness: Option<ActionEffectiveness>,
    /// Why it was cancelled.
    #[schema(required)]
    pub cancellation_reason: Option<String>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<ReviewActionStep>,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for ReviewAction {
    const RESOURCE: Resource = Resource::ReviewAction;
}

impl Revised for ReviewAction {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What may change of an instruction: who sees to it, until when, and where it goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewActionDraft {
    /// Who sees to it.
    pub responsible_person_id: Id<Person>,
    /// The day by which it is done.
    pub due_on: NaiveDate,
    /// Where it goes on in the ISMS: a planned change, an objective, a risk …
    #[serde(default)]
    #[schema(required = false)]
    pub link: Option<RecordLink>,
    /// Remarks.
    #[serde(default)]
    pub remarks: Note,
}

/// What somebody reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgressReport {
    /// How far it is.
    pub report: Text,
}

/// A report of progress.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ActionProgress {
    /// How far it was.
    pub report: Text,
    /// Who reported, and when.
    pub reported: Signature,
}

/// From which output an instruction comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ReviewOutput {
    /// Output 1: opportunities for continual improvement.
    Improvement,
    /// Output 2: the need for changes of the ISMS.
    IsmsChange,
}

impl Labelled for ReviewOutput {
    const NAME: &'static str = "review_output";

    fn label(&self) -> Label {
        match self {
            Self::Improvement => label("継続的改善の機会", "continual improvement"),
            Self::IsmsChange => label("ISMSの変更の必要性", "change of the ISMS"),
        }
    }
}

/// Where an instruction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ReviewActionState {
    /// To be done.
    Open,
    /// Done; whether it had its effect is still to be judged.
    Done,
    /// Judged.
    Evaluated,
    /// Given up.
    Cancelled,
}

impl Labelled for ReviewActionState {
    const NAME: &'static str = "review_action_state";

    fn label(&self) -> Label {
        match self {
            Self::Open => label("未実施", "open"),
            Self::Done => label("実施済み", "done"),
            Self::Evaluated => label("効果確認済み", "evaluated"),
            Self::Cancelled => label("中止", "cancelled"),
        }
    }
}

/// A step of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ReviewActionStep {
    /// Change who sees to it, until when, and where it goes on.
    Revise,
    /// Report how far it is (`/progress`).
    Report,
    /// Record that it was done (`/completion`).
    Complete,
    /// Judge whether it had its effect (`/effectiveness`).
    Evaluate,
    /// Give it up (`/cancellation`).
    Cancel,
}

impl Labelled for ReviewActionStep {
    const NAME: &'static str = "review_action_step";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::Report => label("進捗の報告", "report progress"),
            Self::Complete => label("実施の記録", "record as done"),
            Self::Evaluate => label("効果の確認", "judge the effect"),
            Self::Cancel => label("中止", "cancel"),
        }
    }
}

use ReviewActionState as S;

const OPEN: &[ReviewActionState] = &[S::Open];
const UPDATE: (Resource, Verb) = (Resource::ReviewAction, Verb::Update);
const EXECUTE: (Resource, Verb) = (Resource::ReviewAction, Verb::Execute);

impl Stateful for ReviewAction {
    type Action = ReviewActionStep;
    type State = ReviewActionState;

    const TRANSITIONS: &'static [Transition<ReviewActionStep, ReviewActionState>] = &[
        Transition { action: ReviewActionStep::Revise, from: OPEN, grant: UPDATE },
        Transition { action: ReviewActionStep::Report, from: OPEN, grant: EXECUTE },
        Transition { action: ReviewActionStep::Complete, from: OPEN, grant: EXECUTE },
        Transition { action: ReviewActionStep::Evaluate, from: &[S::Done], grant: UPDATE },
        Transition { action: ReviewActionStep::Cancel, from: OPEN, grant: UPDATE },
    ];

    fn state(&self) -> ReviewActionState {
        self.state
    }
}

impl ReviewAction {
    /// Registers an instruction of an approved review.
    pub fn register(
        instruction: &Instruction,
        output: ReviewOutput,
        review: &ManagementReview,
        number: i32,
        now: DateTime<Utc>,
    ) -> Self {
        let wanted = &instruction.draft;
        Self {
            id: Id::generate(now),
            revision: 1,
            number,
            review_id: review.id,
            review_number: review.number,
            output,
            instruction: wanted.instruction.clone(),
            draft: ReviewActionDraft {
                responsible_person_id: wanted.responsible_person_id,
                due_on: wanted.due_on,
                link: None,
                remarks: Note::default(),
            },
            responsible_person: instruction.responsible_person.clone(),
            progress: Vec::new(),
            overdue: false,
            state: S::Open,
            completion: None,
            effectiveness: None,
            cancellation_reason: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        }
    }

    /// Changes who sees to it, until when, and where it goes on.
    pub fn revise(&mut self, draft: ReviewActionDraft) -> Result<(), Refusal> {
        self.guard(ReviewActionStep::Revise)?;
        self.draft = draft;
        Ok(())
    }

    /// Adds a report of progress.
    pub fn report(&mut self, report: ProgressReport, by: Signature) -> Result<(), Refusal> {
        self.guard(ReviewActionStep::Report)?;
        self.progress.push(ActionProgress { report: report.report, reported: by });
        Ok(())
    }

    /// Records that it was done.
    pub fn complete(&mut self, completion: ActionCompletion, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(ReviewActionStep::Complete)?;
        completion.check(today)?;
        self.state = S::Done;
        self.completion = Some(completion);
        Ok(())
    }

    /// Judges whether it had its effect.
    pub fn evaluate(
        &mut self,
        draft: ActionEffectivenessDraft,
        by: Signature,
        today: NaiveDate,
    ) -> Result<(), Refusal> {
        self.guard(ReviewActionStep::Evaluate)?;
        self.effectiveness = Some(ActionEffectiveness::judged(draft, self.completion.as_ref(), by, today)?);
        self.state = S::Evaluated;
        Ok(())
    }

    /// Gives it up.
    pub fn cancel(&mut self, reason: Text) -> Result<(), Refusal> {
        self.guard(ReviewActionStep::Cancel)?;
        self.state = S::Cancelled;
        self.cancellation_reason = Some(reason.into_string());
        Ok(())
    }

    /// Derives what follows from today.
    pub fn derive(&mut self, today: NaiveDate) {
        self.overdue = self.state == S::Open && self.draft.due_on < today;
    }
}
