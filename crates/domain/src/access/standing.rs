//! What a caller holds today, and how far that reaches.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{
    Resource, Role, Verb,
    table::{self, Cell},
};
use crate::{
    kernel::id::Id,
    organization::{department::Department, person::Person},
};

/// A role that is held today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The role.
    pub role: Role,
    /// The department of a department manager.
    pub department: Option<Id<Department>>,
    /// Under a provisional appointment: approvals are marked (SD-11).
    pub provisional: bool,
    /// As the deputy of the appointed person.
    pub as_deputy: bool,
}

/// Who is asking, with everything the table needs.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// The person behind the principal; a machine has none.
    pub person: Option<Id<Person>>,
    /// The department the person works in.
    pub department: Option<Id<Department>>,
    /// Appointments in force today.
    pub roles: Vec<Held>,
    /// An access token's scopes; `None` where nothing is cut off.
    pub scopes: Option<BTreeSet<Scope>>,
}

/// How far a grant reaches: the union of what the roles give.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Every record of the organization.
    pub all: bool,
    /// Records of these departments and those below them.
    pub departments: BTreeSet<Id<Department>>,
    /// Records whose owner or assignee this person is.
    pub assigned: Option<Id<Person>>,
    /// This person's own records.
    pub own: Option<Id<Person>>,
    /// Published records.
    pub published: bool,
}

impl Standing {
    /// Whether the role is held today.
    pub fn holds(&self, role: Role) -> bool {
        self.roles.iter().any(|held| held.role == role)
    }

    /// Whether the role is held only provisionally (SD-11).
    pub fn is_provisional(&self, role: Role) -> bool {
        self.holds(role) && self.roles.iter().filter(|held| held.role == role).all(|held| held.provisional)
    }

    /// How far the caller may do `verb` on `resource`; `None`: not at all.
    ///
    /// Scopes only cut off, they never add.
    pub fn reach(&self, resource: Resource, verb: Verb) -> Option<Reach> {
        if let Some(scopes) = &self.scopes
            && !scopes.contains(&Scope { resource, verb })
        {
            return None;
        }
        let bit = Cell::bit(verb);
        let mut reach = Reach::default();
        let relations = [Role::RiskOwner, Role::Employee].into_iter().filter(|_| self.person.is_some());
        let held = self.roles.iter().map(|held| (held.role, held.department));
        for (role, department) in held.chain(relations.map(|role| (role, self.department))) {
            let cell = table::cell(role, resource);
            reach.all |= cell.all & bit != 0;
            reach.published |= cell.published & bit != 0;
            if cell.departments & bit != 0 {
                reach.departments.extend(department.or(self.department));
            }
            if cell.assigned & bit != 0 {
                reach.assigned = self.person;
            }
            if cell.own & bit != 0 {
                reach.own = self.person;
            }
        }
        (reach != Reach::default()).then_some(reach)
    }
}

/// What an access token may be cut down to: `asset:read`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// The row.
    pub resource: Resource,
    /// The letter.
    pub verb: Verb,
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.resource, self.verb)
    }
}

/// The text is not `resource:verb`.
#[derive(Debug, thiserror::Error)]
#[error("a scope is resource:verb")]
pub struct NotAScope;

impl std::str::FromStr for Scope {
    type Err = NotAScope;

    fn from_str(text: &str) -> Result<Self, NotAScope> {
        let (resource, verb) = text.split_once(':').ok_or(NotAScope)?;
        Ok(Self { resource: resource.parse().map_err(|_| NotAScope)?, verb: verb.parse().map_err(|_| NotAScope)? })
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl utoipa::PartialSchema for Scope {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use strum::IntoEnumIterator;
        let scopes = Resource::iter().flat_map(|resource| Verb::iter().map(move |verb| Scope { resource, verb }));
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::Type::String)
            .enum_values(Some(scopes.map(|scope| scope.to_string())))
            .description(Some("What an access token may be cut down to: `resource:verb`."))
            .into()
    }
}

impl utoipa::ToSchema for Scope {}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn standing(roles: &[Role]) -> Standing {
        let held = |role: &Role| Held { role: *role, department: None, provisional: false, as_deputy: false };
        Standing {
            person: Some(Id::generate(DateTime::UNIX_EPOCH)),
            department: Some(Id::generate(DateTime::UNIX_EPOCH)),
            roles: roles.iter().map(held).collect(),
            scopes: None,
        }
    }

    #[test]
    fn a_worker_reads_the_assets_of_the_own_department_and_the_own_ones() {
        let worker = standing(&[]);
        let reach = worker.reach(Resource::Asset, Verb::Read).unwrap();
        assert!(!reach.all);
        assert_eq!(reach.departments, worker.department.into_iter().collect());
        assert_eq!(reach.assigned, worker.person);
        assert_eq!(worker.reach(Resource::Asset, Verb::Update), None);
        assert_eq!(worker.reach(Resource::RiskCriteria, Verb::Approve), None);
    }

    #[test]
    fn several_roles_add_up_and_scopes_cut_off() {
        let mut both = standing(&[Role::TrainingManager, Role::IsmsSecretariat]);
        assert!(both.reach(Resource::Asset, Verb::Create).unwrap().all);
        both.scopes = Some(["asset:read".parse().unwrap()].into());
        assert_eq!(both.reach(Resource::Asset, Verb::Create), None);
        assert!(both.reach(Resource::Asset, Verb::Read).unwrap().all);
    }
}
