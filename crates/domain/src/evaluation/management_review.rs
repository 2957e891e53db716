//! Management reviews (9.3; D36, R-20): planned, prepared with the inputs 1 to 7, held, decided with the outputs 1 and 2,
//! approved by top management alone (SD-5), communicated within the organization's days.
//!
//! The service tells what it knows for the inputs, and keeps it as it was when the review was held. People write what it
//! means; without that no review is held. The approved instructions become [`ReviewAction`]s.
//!
//! [`ReviewAction`]: super::review_action::ReviewAction

mod facts;
mod section;
mod state;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

pub use self::{
    facts::{
        AuditFact, AuditResults, ChangedContext, CorrectiveActionsFact, ExternalAuditFact, FeedbackFact, FindingFact,
        InstructionFact, MeasurementFact, MetObjectives, NewRisk, ObjectiveFact, ReviewFacts, RiskStatus, SelfApproval,
        UnfinishedItem, WorkFact,
    },
    section::{
        Attendee, HeldReview, HoldingDraft, Instruction, InstructionDraft, ManagementReviewDraft, ReviewInputs,
        ReviewOutputs, ReviewOutputsDraft, ReviewPerformance,
    },
    state::{ManagementReviewAction, ManagementReviewState},
};
use crate::{
    access::{Governed, Resource},
    kernel::{
        id::Id,
        refusal::{Code, Fault, Refusal},
        review::{InternalCommunication, ReviewCommunication, ReviewTerms},
        revision::{Revised, Revision},
        sign_off::{SignOff, Signature},
        transition::Stateful,
    },
    organization::person::Person,
};

/// A management review.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ManagementReview {
    /// Its id.
    pub id: Id<ManagementReview>,
    /// Rises with every change.
    pub revision: Revision,
    /// Its number within the organization.
    pub number: i32,
    /// What people wrote before it was held.
    #[serde(flatten)]
    pub draft: ManagementReviewDraft,
    /// No review was held before: then there is no input 1.
    pub is_first: bool,
    /// What the service says for input 1 of a first review; `null` of all others.
    #[schema(required)]
    pub first_review_note: Option<&'static str>,
    /// When it was held, and who was there.
    #[schema(required)]
    pub held: Option<HeldReview>,
    /// What was decided.
    pub outputs: ReviewOutputs,
    /// The day by which the next one is held.
    #[schema(required)]
    pub next_due_on: Option<NaiveDate>,
    /// That day has passed, and none was held since.
    pub overdue: bool,
    /// The last day on which its result is communicated in time; `null` before it was approved.
    #[schema(required)]
    pub communication_due_on: Option<NaiveDate>,
    /// How the people who work here were told of its result.
    #[schema(required)]
    pub communicated: Option<ReviewCommunication>,
    /// Who closed it.
    #[schema(required)]
    pub closed: Option<Signature>,
    /// Where it stands.
    pub state: ManagementReviewState,
    /// Who wrote the outputs down and who approved them.
    pub sign_off: SignOff,
    /// Steps open to the caller.
    pub allowed_actions: Vec<ManagementReviewAction>,
    /// When it was planned.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for ManagementReview {
    const RESOURCE: Resource = Resource::ManagementReview;
}

impl Revised for ManagementReview {
    fn revision(&self) -> Revision {
        self.revision
    }
}

use ManagementReviewAction as A;
use ManagementReviewState as S;

/// The review that was held last before another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreviousReview {
    /// The day on which it was held.
    pub held_on: NaiveDate,
    /// Where it stands.
    pub state: ManagementReviewState,
}

impl ManagementReview {
    /// Plans a review.
    pub fn plan(
        draft: ManagementReviewDraft,
        number: i32,
        is_first: bool,
        by: Signature,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let mut review = Self {
            id: Id::generate(now),
            revision: 1,
            number,
            draft: draft.clone(),
            is_first,
            first_review_note: None,
            held: None,
            outputs: ReviewOutputs::default(),
            next_due_on: None,
            overdue: false,
            communication_due_on: None,
            communicated: None,
            closed: None,
            state: S::Planned,
            sign_off: SignOff::prepared(by),
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        };
        review.write(draft)?;
        Ok(review)
    }

    /// Changes what is written before it is held.
    pub fn revise(&mut self, draft: ManagementReviewDraft) -> Result<(), Refusal> {
        self.guard(A::Revise).map_err(|refusal| refusal.by("SD-12"))?;
        self.write(draft)
    }

    /// Where the inputs are all there, it is ready to be held. Input 1 of a first review is the service's (MRV-8).
    fn write(&mut self, draft: ManagementReviewDraft) -> Result<(), Refusal> {
        if self.is_first && !draft.inputs.previous_actions.as_str().is_empty() {
            return Err(Refusal::field("/inputs/previous_actions", Code::ReadOnlyField).by("R-20"));
        }
        self.draft = draft;
        self.state = if self.missing_inputs().is_empty() { S::InputsReady } else { S::Planned };
        Ok(())
    }

    /// The inputs that nobody has written.
    fn missing_inputs(&self) -> Vec<&'static str> {
        self.draft.inputs.missing(self.is_first)
    }

    /// It was held with these attendees. Refused while the one before waits for its approval: its instructions belong into
    /// input 1. The next one is due as `terms` say.
    pub fn hold(
        &mut self,
        draft: HoldingDraft,
        attendees: Vec<Attendee>,
        previous: Option<PreviousReview>,
        terms: ReviewTerms,
        by: Signature,
        today: NaiveDate,
    ) -> Result<(), Refusal> {
        self.guard(A::Hold)?;
        if let Some(previous) = previous.filter(|previous| matches!(previous.state, S::Held | S::Decided)) {
            return Err(Refusal::new(Code::RuleViolated).by("R-20").with("previous_state", previous.state.to_string()));
        }
        draft.check(previous.map(|previous| previous.held_on), today)?;
        if !attendees.iter().any(Attendee::is_top_management) {
            return Err(Refusal::new(Code::Invalid).at(Fault::new("/attendee_ids", Code::RequiredHere)).by("R-20"));
        }
        let missing = self.missing_inputs();
        if !missing.is_empty() {
            return Err(Refusal::not_ready(missing).by("R-20"));
        }
        let HoldingDraft { held_on, time_from, time_to, attendee_ids: _ } = draft;
        self.next_due_on = Some(terms.next_after(held_on));
        self.held = Some(HeldReview { held_on, time_from, time_to, attendees, recorded: by });
        self.state = S::Held;
        Ok(())
    }

    /// Writes down what top management decided.
    pub fn record_outputs(&mut self, outputs: ReviewOutputs, by: Signature) -> Result<(), Refusal> {
        self.guard(A::RecordOutputs)?;
        self.sign_off.revise(by)?;
        self.outputs = outputs;
        Ok(())
    }

    /// Hands the outputs in: both are there, also where one of them is none.
    pub fn submit(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(A::Submit)?;
        let missing = self.outputs.missing();
        if !missing.is_empty() {
            return Err(Refusal::not_ready(missing).by("R-20"));
        }
        self.sign_off.submit(by)?;
        self.state = S::Decided;
        Ok(())
    }

    /// Top management approves the outputs (SD-5); the result is to be communicated as `terms` say.
    pub fn approve(&mut self, by: Signature, alone: bool, terms: ReviewTerms) -> Result<(), Refusal> {
        self.guard(A::Approve)?;
        self.sign_off.approve(by, alone)?;
        self.communication_due_on = self.held_on().map(|held_on| terms.communicated_by(held_on));
        self.state = S::Approved;
        Ok(())
    }

    /// Gives the outputs back with a reason.
    pub fn send_back(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(A::Return)?;
        self.sign_off.send_back(by)?;
        self.state = S::Held;
        Ok(())
    }

    /// Records that its result was communicated.
    pub fn communicate(&mut self, told: InternalCommunication, by: Signature, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(A::Communicate)?;
        let days = self.held_on().zip(self.communication_due_on);
        let (held_on, due_on) = days.ok_or_else(|| Refusal::wrong_state(self.state))?;
        self.communicated = Some(ReviewCommunication::of(told, held_on, due_on, by, today)?);
        self.state = S::Communicated;
        Ok(())
    }

    /// Closes it: its instructions are registered, and its result is known.
    pub fn close(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(A::Close)?;
        self.closed = Some(by);
        self.state = S::Closed;
        Ok(())
    }

    /// Voids it before it was held.
    pub fn void(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(A::Void)?;
        self.sign_off.void(by)?;
        self.state = S::Voided;
        Ok(())
    }

    /// Derives what follows from today; `last_held` is the review that was held last.
    pub fn derive(&mut self, today: NaiveDate, last_held: Option<Id<ManagementReview>>) {
        if self.held.is_none() {
            self.is_first = last_held.is_none();
        }
        self.first_review_note = self.is_first.then_some("初回のため、前回までの指示事項はない。");
        let is_last = last_held == Some(self.id);
        self.overdue = is_last && self.next_due_on.is_some_and(|due_on| due_on < today);
        if matches!(self.state, S::Planned | S::InputsReady) {
            self.state = if self.missing_inputs().is_empty() { S::InputsReady } else { S::Planned };
        }
    }

    /// The day on which it was held.
    pub fn held_on(&self) -> Option<NaiveDate> {
        self.held.as_ref().map(|held| held.held_on)
    }

    /// Who wrote the outputs down.
    pub fn preparer(&self) -> Id<Person> {
        self.sign_off.prepared.person_id
    }
}

#[cfg(test)]
mod tests;
