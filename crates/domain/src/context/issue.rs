//! External and internal issues (D10; 4.1): what in and around the organization bears on its information security.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use crate::{
    access::{Governed, Resource},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        refusal::{Code, Refusal},
        retirement::{RegisterAction, RegisterState, Retirement},
        revision::{Revised, Revision},
        text::{Note, Text},
        transition::{Stateful, Transition},
    },
};

/// An external or internal issue, with the risk and the opportunity in it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ContextIssue {
    /// Its id.
    pub id: Id<ContextIssue>,
    /// Rises with every change.
    pub revision: Revision,
    /// Its number within the organization.
    pub number: i32,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: ContextIssueDraft,
    /// Whether it is still in the register.
    pub state: RegisterState,
    /// When and why it left the register.
    #[schema(required)]
    pub retirement: Option<Retirement>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<RegisterAction>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for ContextIssue {
    const RESOURCE: Resource = Resource::ContextIssue;
}

impl Revised for ContextIssue {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about an issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContextIssueDraft {
    /// External or internal.
    pub issue_type: IssueType,
    /// What it is.
    pub issue: Text,
    /// The risk in it.
    pub risk: Text,
    /// The opportunity in it.
    pub opportunity: Text,
    /// Why nothing is done about its risk and its opportunity, where that is decided (6.1.1).
    #[serde(default)]
    #[schema(required = false)]
    pub no_action_because: Option<Text>,
    /// When it was last reviewed; not in the future.
    #[serde(default)]
    #[schema(required = false)]
    pub reviewed_on: Option<NaiveDate>,
    /// What changed in it since the review before (9.3.2 b).
    #[serde(default)]
    pub change_since_last_review: Note,
}

/// Where an issue comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum IssueType {
    /// From outside: the market, the law, technology, the climate.
    External,
    /// From within: people, knowledge, equipment, habits.
    Internal,
}

impl Labelled for IssueType {
    const NAME: &'static str = "issue_type";

    fn label(&self) -> Label {
        match self {
            Self::External => label("外部", "external"),
            Self::Internal => label("内部", "internal"),
        }
    }
}

impl Stateful for ContextIssue {
    type Action = RegisterAction;
    type State = RegisterState;

    const TRANSITIONS: &'static [Transition<RegisterAction, RegisterState>] =
        &RegisterAction::steps(Resource::ContextIssue);

    fn state(&self) -> RegisterState {
        self.state
    }
}

impl ContextIssueDraft {
    fn check(&self, today: NaiveDate) -> Result<(), Refusal> {
        match self.reviewed_on {
            Some(day) if day > today => Err(Refusal::field("/reviewed_on", Code::FutureDate)),
            _ => Ok(()),
        }
    }
}

impl ContextIssue {
    /// A new issue.
    pub fn enter(draft: ContextIssueDraft, number: i32, now: DateTime<Utc>, today: NaiveDate) -> Result<Self, Refusal> {
        draft.check(today)?;
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            number,
            draft,
            state: RegisterState::InUse,
            retirement: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Changes it.
    pub fn revise(&mut self, draft: ContextIssueDraft, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(RegisterAction::Revise)?;
        draft.check(today)?;
        self.draft = draft;
        Ok(())
    }

    /// Takes it out of the register.
    pub fn retire(&mut self, retirement: Retirement, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(RegisterAction::Retire)?;
        retirement.check(today)?;
        self.state = RegisterState::Retired;
        self.retirement = Some(retirement);
        Ok(())
    }
}
