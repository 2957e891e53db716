//! Reviews of the context (4.1, 4.2): what moved in the issues and in the requirements of interested parties since the
//! review before, whether climate change is relevant (Amd 1:2024), and that every risk and opportunity has its action or
//! a reason for none (6.1.1).
//!
//! A review is issued as a version: its number is the review. The approved one is in force until the next one is approved
//! (SD-12); from its submission on it keeps its rows.

mod row;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

pub use self::row::{ContextRow, ContextRows, RowAction, RowMovement};
use crate::{
    access::{Governed, Resource, Verb},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        refusal::{Code, Fault, Refusal},
        review::{InternalCommunication, ReviewCommunication, ReviewTerms},
        revision::{Revised, Revision},
        sign_off::Signature,
        text::{Note, Text},
        transition::{Stateful, Transition},
        version::{Version, VersionState},
    },
};

/// One review of the context.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ContextReview {
    /// Its id.
    pub id: Id<ContextReview>,
    /// Rises with every change.
    pub revision: Revision,
    /// Which review it is, and where it stands.
    #[serde(flatten)]
    pub version: Version,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: ContextReviewDraft,
    /// The rows that it keeps from its submission on; none before.
    #[serde(skip)]
    pub kept: Vec<ContextRow>,
    /// The last day on which its result is communicated in time; `null` before it was approved.
    #[schema(required)]
    pub communication_due_on: Option<NaiveDate>,
    /// How the people who work here were told of its result.
    #[schema(required)]
    pub communicated: Option<ReviewCommunication>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<ContextReviewAction>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for ContextReview {
    const RESOURCE: Resource = Resource::ContextReview;
}

impl Revised for ContextReview {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about a review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContextReviewDraft {
    /// The day of the review; not in the future.
    pub reviewed_on: NaiveDate,
    /// What changed around and within the organization since the review before.
    pub changes: Text,
    /// Whether climate change is a relevant issue (4.1, Amd 1:2024); needed before it is handed in.
    #[serde(default)]
    #[schema(required = false)]
    pub climate_change_relevant: Option<bool>,
    /// Why it is, or is not; needed before it is handed in.
    #[serde(default)]
    pub climate_change_reason: Note,
    /// Remarks.
    #[serde(default)]
    pub remarks: Note,
}

/// A step of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ContextReviewAction {
    /// Change the draft.
    Revise,
    /// Hand it in (`/submission`).
    Submit,
    /// Put it in force (`/approval`).
    Approve,
    /// Give it back (`/return`).
    Return,
    /// Void the draft (`/voiding`).
    Void,
    /// Record that its result was communicated (`/communication`).
    Communicate,
}

impl Labelled for ContextReviewAction {
    const NAME: &'static str = "context_review_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::Submit => label("提出", "submit"),
            Self::Approve => label("承認", "approve"),
            Self::Return => label("差戻し", "return"),
            Self::Void => label("取消し", "void"),
            Self::Communicate => label("見直し結果の周知の記録", "communicate"),
        }
    }
}

impl Stateful for ContextReview {
    type Action = ContextReviewAction;
    type State = VersionState;

    const TRANSITIONS: &'static [Transition<ContextReviewAction, VersionState>] = &[
        Transition {
            action: ContextReviewAction::Revise,
            from: &[VersionState::Draft],
            grant: (Resource::ContextReview, Verb::Update),
        },
        Transition {
            action: ContextReviewAction::Submit,
            from: &[VersionState::Draft],
            grant: (Resource::ContextReview, Verb::Submit),
        },
        Transition {
            action: ContextReviewAction::Approve,
            from: &[VersionState::Submitted],
            grant: (Resource::ContextReview, Verb::Approve),
        },
        Transition {
            action: ContextReviewAction::Return,
            from: &[VersionState::Submitted],
            grant: (Resource::ContextReview, Verb::Approve),
        },
        Transition {
            action: ContextReviewAction::Void,
            from: &[VersionState::Draft],
            grant: (Resource::ContextReview, Verb::Update),
        },
        Transition {
            action: ContextReviewAction::Communicate,
            from: &[VersionState::InForce, VersionState::Superseded],
            grant: (Resource::ContextReview, Verb::Update),
        },
    ];

    fn state(&self) -> VersionState {
        self.version.state
    }
}

impl ContextReviewDraft {
    fn check(&self, today: NaiveDate) -> Result<(), Refusal> {
        match self.reviewed_on > today {
            true => Err(Refusal::field("/reviewed_on", Code::FutureDate)),
            false => Ok(()),
        }
    }
}

impl ContextReview {
    /// Begins review `number`.
    pub fn begin(
        draft: ContextReviewDraft,
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
            draft,
            kept: Vec::new(),
            communication_due_on: None,
            communicated: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Changes what is written.
    pub fn revise(&mut self, draft: ContextReviewDraft, by: Signature, today: NaiveDate) -> Result<(), Refusal> {
        self.version.revise(by)?;
        draft.check(today)?;
        self.draft = draft;
        Ok(())
    }

    /// Hands it in over `rows`, which it keeps from now on. Refused without the answer on climate change and its reason,
    /// and while a row has neither an action nor a reason for none: each is named by its place.
    pub fn submit(&mut self, by: Signature, rows: Vec<ContextRow>) -> Result<(), Refusal> {
        self.guard(ContextReviewAction::Submit)?;
        let mut faults = Vec::new();
        if self.draft.climate_change_relevant.is_none() {
            faults.push(Fault::new("/climate_change_relevant", Code::Required));
        }
        if self.draft.climate_change_reason.as_str().trim().is_empty() {
            faults.push(Fault::new("/climate_change_reason", Code::Required));
        }
        let unanswered = rows.iter().enumerate().filter(|(_, row)| !row.answered);
        faults.extend(unanswered.map(|(at, row)| {
            Fault::new(format!("/rows/{at}"), Code::Required).with("missing", "action").with("subject", row.subject())
        }));
        if !faults.is_empty() {
            return Err(Refusal { errors: faults, ..Refusal::new(Code::NotReady) });
        }
        self.version.submit(by)?;
        self.kept = rows;
        Ok(())
    }

    /// Puts it in force; its result is to be communicated as `terms` say.
    pub fn approve(
        &mut self,
        by: Signature,
        alone: bool,
        terms: ReviewTerms,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        self.version.approve(by, alone, now)?;
        self.communication_due_on = Some(terms.communicated_by(self.draft.reviewed_on));
        Ok(())
    }

    /// Records that its result was communicated, once.
    pub fn communicate(&mut self, told: InternalCommunication, by: Signature, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(ContextReviewAction::Communicate)?;
        let waits = self.communication_due_on.filter(|_| self.communicated.is_none());
        let due_on = waits.ok_or_else(|| Refusal::wrong_state(self.version.state).by("R-21"))?;
        self.communicated = Some(ReviewCommunication::of(told, self.draft.reviewed_on, due_on, by, today)?);
        Ok(())
    }

    /// Gives it back with a reason; the next submission takes the rows as they stand then.
    pub fn send_back(&mut self, by: Signature) -> Result<(), Refusal> {
        self.version.send_back(by)?;
        self.kept.clear();
        Ok(())
    }

    /// Whether it keeps its rows as they were when it was handed in.
    pub fn keeps_rows(&self) -> bool {
        self.version.state != VersionState::Draft
    }
}

#[cfg(test)]
mod tests;
