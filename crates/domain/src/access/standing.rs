//! What a caller holds today, and how far that reaches.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use strum::{EnumCount, IntoEnumIterator};

use super::{
    Resource, Role, Verb,
    table::{self, Cell},
};
use crate::{
    evaluation::audit::Audit,
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

impl Held {
    /// A role without a department, for good and in person.
    pub fn plain(role: Role) -> Self {
        Self { role, department: None, provisional: false, as_deputy: false }
    }
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
    pub scopes: Option<Scopes>,
    /// The one audit of a guest, who is neither a worker nor an owner of anything.
    pub guest_of: Option<Id<Audit>>,
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
            && !scopes.contains(Scope { resource, verb })
        {
            return None;
        }
        let bit = Cell::bit(verb);
        let mut reach = Reach::default();
        let works_here = self.person.is_some() && self.guest_of.is_none();
        let relations = [Role::RiskOwner, Role::Employee].into_iter().filter(|_| works_here);
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
        let scopes = Resource::iter().flat_map(|resource| Verb::iter().map(move |verb| Scope { resource, verb }));
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::Type::String)
            .enum_values(Some(scopes.map(|scope| scope.to_string())))
            .description(Some("What an access token may be cut down to: `resource:verb`."))
            .into()
    }
}

impl utoipa::ToSchema for Scope {}

/// A set of scopes: the verbs of each resource as bits, in the order of both.
///
/// A token may have several hundred scopes, and they are read with every request: it is written as an object of verbs
/// by resource, with the letters of the permission matrix (`{"asset":"CR"}`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scopes([u8; Resource::COUNT]);

/// The verbs' letters, in their order.
const LETTERS: [char; Verb::COUNT] = ['C', 'R', 'U', 'S', 'A', 'X', 'V'];

impl Scopes {
    /// Whether the scope is one of them.
    pub fn contains(&self, scope: Scope) -> bool {
        self.verbs(scope.resource) & Cell::bit(scope.verb) != 0
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        let all = Resource::iter().flat_map(|resource| Verb::iter().map(move |verb| Scope { resource, verb }));
        all.filter(|scope| self.contains(*scope))
    }

    fn verbs(&self, resource: Resource) -> u8 {
        self.0.get(resource as usize).copied().unwrap_or_default()
    }

    fn add(&mut self, resource: Resource, verbs: u8) {
        if let Some(slot) = self.0.get_mut(resource as usize) {
            *slot |= verbs;
        }
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut set = Self([0; Resource::COUNT]);
        scopes.into_iter().for_each(|scope| set.add(scope.resource, Cell::bit(scope.verb)));
        set
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let letters = |verbs: u8| -> String {
            LETTERS.iter().enumerate().filter(|(bit, _)| verbs & (1 << bit) != 0).map(|(_, letter)| letter).collect()
        };
        let granted = Resource::iter().map(|resource| (resource, self.verbs(resource)));
        serializer.collect_map(granted.filter(|(_, verbs)| *verbs != 0).map(|(of, verbs)| (of, letters(verbs))))
    }
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Scopes;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("letters of verbs by resource")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Scopes, A::Error> {
                let mut scopes = Scopes([0; Resource::COUNT]);
                while let Some((resource, letters)) = map.next_entry::<&str, &str>()? {
                    let resource = resource.parse().map_err(de::Error::custom)?;
                    for letter in letters.chars() {
                        let bit = LETTERS.iter().position(|known| *known == letter);
                        scopes.add(resource, 1 << bit.ok_or_else(|| de::Error::custom("not the letter of a verb"))?);
                    }
                }
                Ok(scopes)
            }
        }

        deserializer.deserialize_map(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn standing(roles: &[Role]) -> Standing {
        let held = |role: &Role| Held::plain(*role);
        Standing {
            person: Some(Id::generate(DateTime::UNIX_EPOCH)),
            department: Some(Id::generate(DateTime::UNIX_EPOCH)),
            roles: roles.iter().map(held).collect(),
            scopes: None,
            guest_of: None,
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
    fn a_guest_is_no_worker() {
        let guest =
            Standing { guest_of: Some(Id::generate(DateTime::UNIX_EPOCH)), ..standing(&[Role::ExternalAuditor]) };
        assert_eq!(guest.reach(Resource::Asset, Verb::Read), None);
        assert_eq!(guest.reach(Resource::TakeOut, Verb::Create), None);
        let reach = guest.reach(Resource::Audit, Verb::Read).unwrap();
        assert_eq!((reach.all, reach.assigned), (false, guest.person));
        assert_eq!(guest.reach(Resource::Audit, Verb::Update), None);
    }

    #[test]
    fn several_roles_add_up_and_scopes_cut_off() {
        let mut both = standing(&[Role::TrainingManager, Role::IsmsSecretariat]);
        assert!(both.reach(Resource::Asset, Verb::Create).unwrap().all);
        both.scopes = Some(["asset:read".parse().unwrap()].into_iter().collect());
        assert_eq!(both.reach(Resource::Asset, Verb::Create), None);
        assert!(both.reach(Resource::Asset, Verb::Read).unwrap().all);
    }

    #[test]
    fn scopes_are_written_as_letters_and_read_again() {
        let some: Scopes =
            ["risk:read", "asset:update", "asset:create"].map(|s| s.parse().unwrap()).into_iter().collect();
        let text = serde_json::to_string(&some).unwrap();
        assert_eq!(text, r#"{"asset":"CU","risk":"R"}"#);
        assert_eq!(serde_json::from_str::<Scopes>(&text).unwrap(), some);
        let all: Vec<Scope> =
            Resource::iter().flat_map(|resource| Verb::iter().map(move |verb| Scope { resource, verb })).collect();
        let set: Scopes = all.iter().copied().collect();
        assert_eq!(serde_json::from_str::<Scopes>(&serde_json::to_string(&set).unwrap()).unwrap(), set);
        assert_eq!(set.iter().collect::<Vec<_>>(), all);
        assert!(serde_json::from_str::<Scopes>(r#"{"asset":"Q"}"#).is_err());
        assert!(serde_json::from_str::<Scopes>(r#"{"nothing":"R"}"#).is_err());
    }
}
