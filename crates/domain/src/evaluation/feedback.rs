//! What interested parties say about information security, and what was done about it (9.3.2 e; input 5 of a management
//! review).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use crate::{
    access::{Governed, Resource, Verb},
    context::interested_party::InterestedParty,
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::Signature,
        text::{Text, Title},
        transition::{Stateful, Transition},
    },
    organization::department::Department,
};

/// What an interested party said.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InterestedPartyFeedback {
    /// Its id.
    pub id: Id<InterestedPartyFeedback>,
    /// Rises with every change.
    pub revision: Revision,
    /// Its number within the organization.
    pub number: i32,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: InterestedPartyFeedbackDraft,
    /// The interested party, where it is in the register.
    #[schema(required)]
    pub interested_party: Option<Reference>,
    /// The department that it concerns.
    #[schema(required)]
    pub department: Option<Reference>,
    /// Where it stands.
    pub state: FeedbackState,
    /// What was done about it.
    #[schema(required)]
    pub handled: Option<HandledFeedback>,
    /// Who voided it, with the reason.
    #[schema(required)]
    pub voided: Option<Signature>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<FeedbackAction>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for InterestedPartyFeedback {
    const RESOURCE: Resource = Resource::InterestedPartyFeedback;
}

impl Revised for InterestedPartyFeedback {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about feedback.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InterestedPartyFeedbackDraft {
    /// The day on which it came; not in the future.
    pub received_on: NaiveDate,
    /// Who said it.
    pub sender: Title,
    /// The interested party that they speak for, where it is in the register.
    #[serde(default)]
    #[schema(required = false)]
    pub interested_party_id: Option<Id<InterestedParty>>,
    /// By what means it came: a meeting, a survey, a call, a letter.
    pub means: Title,
    /// What they said.
    pub content: Text,
    /// The department that it concerns; left out for the whole organization.
    #[serde(default)]
    #[schema(required = false)]
    pub department_id: Option<Id<Department>>,
}

/// What is written about what was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedbackHandling {
    /// The day on which it was done; not before it came, and not in the future.
    pub handled_on: NaiveDate,
    /// What was done, or why nothing was.
    pub handling: Text,
}

/// What was done about feedback, and who said so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HandledFeedback {
    /// When and what.
    #[serde(flatten)]
    pub done: FeedbackHandling,
    /// Who recorded it.
    pub recorded: Signature,
}

/// Where feedback stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FeedbackState {
    /// It waits to be handled.
    Received,
    /// It was handled.
    Handled,
    /// It was entered by mistake.
    Voided,
}

impl Labelled for FeedbackState {
    const NAME: &'static str = "feedback_state";

    fn label(&self) -> Label {
        match self {
            Self::Received => label("対応待ち", "received"),
            Self::Handled => label("対応済み", "handled"),
            Self::Voided => label("取消し", "voided"),
        }
    }
}

/// A step of feedback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FeedbackAction {
    /// Change it.
    Revise,
    /// Record what was done about it (`/handling`).
    Handle,
    /// Say that it was entered by mistake (`/voiding`).
    Void,
}

impl Labelled for FeedbackAction {
    const NAME: &'static str = "feedback_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::Handle => label("対応の記録", "record the handling"),
            Self::Void => label("取消し", "void"),
        }
    }
}

const OPEN: &[FeedbackState] = &[FeedbackState::Received];
const UPDATE: (Resource, Verb) = (Resource::InterestedPartyFeedback, Verb::Update);

impl Stateful for InterestedPartyFeedback {
    type Action = FeedbackAction;
    type State = FeedbackState;

    const TRANSITIONS: &'static [Transition<FeedbackAction, FeedbackState>] = &[
        Transition { action: FeedbackAction::Revise, from: OPEN, grant: UPDATE },
        Transition { action: FeedbackAction::Handle, from: OPEN, grant: UPDATE },
        Transition { action: FeedbackAction::Void, from: OPEN, grant: UPDATE },
    ];

    fn state(&self) -> FeedbackState {
        self.state
    }
}

impl InterestedPartyFeedbackDraft {
    fn check(&self, today: NaiveDate) -> Result<(), Refusal> {
        if self.received_on > today { Err(Refusal::field("/received_on", Code::FutureDate)) } else { Ok(()) }
    }
}

impl InterestedPartyFeedback {
    /// Enters what somebody said.
    pub fn enter(
        draft: InterestedPartyFeedbackDraft,
        number: i32,
        now: DateTime<Utc>,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        draft.check(today)?;
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            number,
            draft,
            interested_party: None,
            department: None,
            state: FeedbackState::Received,
            handled: None,
            voided: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Changes it, until it was handled.
    pub fn revise(&mut self, draft: InterestedPartyFeedbackDraft, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(FeedbackAction::Revise)?;
        draft.check(today)?;
        self.draft = draft;
        Ok(())
    }

    /// Records what was done about it.
    pub fn handle(&mut self, done: FeedbackHandling, by: Signature, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(FeedbackAction::Handle)?;
        let mut faults = Vec::new();
        if done.handled_on > today {
            faults.push(Fault::new("/handled_on", Code::FutureDate));
        }
        if done.handled_on < self.draft.received_on {
            faults.push(Fault::new("/handled_on", Code::DateOrder).with("other", "received_on"));
        }
        Refusal::unless_empty(faults)?;
        self.state = FeedbackState::Handled;
        self.handled = Some(HandledFeedback { done, recorded: by });
        Ok(())
    }

    /// Says that it was entered by mistake.
    pub fn void(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(FeedbackAction::Void)?;
        self.state = FeedbackState::Voided;
        self.voided = Some(by);
        Ok(())
    }
}
