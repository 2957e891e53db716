//! Departments: a tree.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use crate::{
    access::{Governed, Resource, Verb},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        reference::Reference,
        refusal::{Code, Refusal},
        revision::{Revised, Revision},
        text::{Text, Title},
        transition::{Stateful, Transition},
    },
};

/// A department of the organization.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Department {
    /// Its id.
    pub id: Id<Department>,
    /// Rises with every change.
    pub revision: Revision,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: DepartmentDraft,
    /// The department above it.
    #[schema(required)]
    pub parent: Option<Reference>,
    /// The person who holds its head position today.
    #[schema(required)]
    pub head: Option<Reference>,
    /// Whether it was abolished.
    pub state: DepartmentState,
    /// From this day on it no longer exists.
    #[schema(required)]
    pub abolished_on: Option<NaiveDate>,
    /// Why it was abolished.
    #[schema(required)]
    pub abolition_reason: Option<String>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<DepartmentAction>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for Department {
    const RESOURCE: Resource = Resource::Department;
}

impl Revised for Department {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about a department.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DepartmentDraft {
    /// Its name, unique in the organization.
    pub name: Title,
    /// The department above it; none at the top.
    #[serde(default)]
    #[schema(required = false)]
    pub parent_id: Option<Id<Department>>,
}

/// Whether a department was abolished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DepartmentState {
    /// It was not.
    Active,
    /// It was; `abolished_on` says from when on.
    Abolished,
}

impl Labelled for DepartmentState {
    const NAME: &'static str = "department_state";

    fn label(&self) -> Label {
        match self {
            Self::Active => label("存続", "active"),
            Self::Abolished => label("廃止", "abolished"),
        }
    }
}

/// A step of a department.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DepartmentAction {
    /// Rename it, or hang it elsewhere.
    Revise,
    /// End it (`/abolition`).
    Abolish,
}

impl Labelled for DepartmentAction {
    const NAME: &'static str = "department_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::Abolish => label("廃止", "abolish"),
        }
    }
}

impl Stateful for Department {
    type Action = DepartmentAction;
    type State = DepartmentState;

    const TRANSITIONS: &'static [Transition<DepartmentAction, DepartmentState>] = &[
        Transition {
            action: DepartmentAction::Revise,
            from: &[DepartmentState::Active],
            grant: (Resource::Department, Verb::Update),
        },
        Transition {
            action: DepartmentAction::Abolish,
            from: &[DepartmentState::Active],
            grant: (Resource::Department, Verb::Update),
        },
    ];

    fn state(&self) -> DepartmentState {
        self.state
    }
}

impl Department {
    /// A new department.
    pub fn establish(draft: DepartmentDraft, now: DateTime<Utc>) -> Self {
        Self {
            id: Id::generate(now),
            revision: 1,
            draft,
            parent: None,
            head: None,
            state: DepartmentState::Active,
            abolished_on: None,
            abolition_reason: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        }
    }

    /// Renames it or hangs it elsewhere. `ancestors_of_parent` are the new parent and all above it: a department
    /// must not come to lie below itself.
    pub fn revise(&mut self, draft: DepartmentDraft, ancestors_of_parent: &[Id<Department>]) -> Result<(), Refusal> {
        self.guard(DepartmentAction::Revise)?;
        if ancestors_of_parent.contains(&self.id) {
            return Err(Refusal::field("/parent_id", Code::Contradiction));
        }
        self.draft = draft;
        Ok(())
    }

    /// Ends it. Only where nothing depends on it any more, which the caller has looked up.
    pub fn abolish(&mut self, abolition: Abolition) -> Result<(), Refusal> {
        self.guard(DepartmentAction::Abolish)?;
        self.state = DepartmentState::Abolished;
        self.abolished_on = Some(abolition.abolished_on);
        self.abolition_reason = Some(abolition.reason.into_string());
        Ok(())
    }
}

/// When and why a department ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Abolition {
    /// From this day on it no longer exists.
    pub abolished_on: NaiveDate,
    /// Why.
    pub reason: Text,
}
