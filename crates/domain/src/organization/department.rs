//! Departments: a tree.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::{Governed, Resource},
    kernel::{
        id::Id,
        reference::Reference,
        refusal::{Code, Refusal},
        revision::{Revised, Revision},
        text::{Text, Title},
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
    /// From this day on it no longer exists.
    #[schema(required)]
    pub abolished_on: Option<NaiveDate>,
    /// Why it was abolished.
    #[schema(required)]
    pub abolition_reason: Option<String>,
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

impl Department {
    /// A new department.
    pub fn establish(draft: DepartmentDraft, now: DateTime<Utc>) -> Self {
        Self {
            id: Id::generate(now),
            revision: 1,
            draft,
            parent: None,
            head: None,
            abolished_on: None,
            abolition_reason: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// Renames it or hangs it elsewhere. `ancestors_of_parent` are the new parent and all above it: a department
    /// must not come to lie below itself.
    pub fn revise(&mut self, draft: DepartmentDraft, ancestors_of_parent: &[Id<Department>]) -> Result<(), Refusal> {
        if self.abolished_on.is_some() {
            return Err(Refusal::wrong_state("abolished"));
        }
        if ancestors_of_parent.contains(&self.id) {
            return Err(Refusal::field("/parent_id", Code::Contradiction));
        }
        self.draft = draft;
        Ok(())
    }

    /// Ends it. Only where nothing depends on it any more, which the caller has looked up.
    pub fn abolish(&mut self, abolition: Abolition) -> Result<(), Refusal> {
        if self.abolished_on.is_some() {
            return Err(Refusal::wrong_state("abolished"));
        }
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
