//! What the roles of the ISMS demand of whoever holds them (7.2 a): the master data of competence checks (D25).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::{Governed, Resource, Role},
    kernel::{
        id::Id,
        refusal::{Code, Refusal},
        retirement::{RegisterAction, RegisterState, Retirement},
        revision::{Revised, Revision},
        text::{Note, Text},
        transition::{Stateful, Transition},
    },
};

/// One thing that a role demands. An appointment to a role that demands something rests on a competence check.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CompetenceRequirement {
    /// Its id.
    pub id: Id<CompetenceRequirement>,
    /// Rises with every change.
    pub revision: Revision,
    /// Its number within the organization; ratings name it.
    pub number: i32,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: CompetenceRequirementDraft,
    /// Whether it holds.
    pub state: RegisterState,
    /// When and why it was given up.
    #[schema(required)]
    pub retirement: Option<Retirement>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<RegisterAction>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for CompetenceRequirement {
    const RESOURCE: Resource = Resource::CompetenceRequirement;
}

impl Revised for CompetenceRequirement {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about a requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompetenceRequirementDraft {
    /// The role that demands it.
    pub role: Role,
    /// What has to be known or mastered.
    pub requirement: Text,
    /// Remarks.
    #[serde(default)]
    pub remarks: Note,
}

impl Stateful for CompetenceRequirement {
    type Action = RegisterAction;
    type State = RegisterState;

    const TRANSITIONS: &'static [Transition<RegisterAction, RegisterState>] =
        &RegisterAction::steps(Resource::CompetenceRequirement);

    fn state(&self) -> RegisterState {
        self.state
    }
}

impl CompetenceRequirementDraft {
    /// A role that people are appointed to.
    fn check(&self) -> Result<(), Refusal> {
        if self.role.is_appointed() { Ok(()) } else { Err(Refusal::field("/role", Code::NotInList)) }
    }
}

impl CompetenceRequirement {
    /// A new requirement.
    pub fn enter(draft: CompetenceRequirementDraft, number: i32, now: DateTime<Utc>) -> Result<Self, Refusal> {
        draft.check()?;
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

    /// Changes it; checks that were made keep the words they were made with.
    pub fn revise(&mut self, draft: CompetenceRequirementDraft) -> Result<(), Refusal> {
        self.guard(RegisterAction::Revise)?;
        draft.check()?;
        self.draft = draft;
        Ok(())
    }

    /// Gives it up.
    pub fn retire(&mut self, retirement: Retirement, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(RegisterAction::Retire)?;
        retirement.check(today)?;
        self.state = RegisterState::Retired;
        self.retirement = Some(retirement);
        Ok(())
    }
}
