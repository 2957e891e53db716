//! Whom education and notices are for (amendments §2), and who of them is taught in a period.

use std::collections::HashSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::Role,
    context::scope::{Coverage, IsmsScopeDraft},
    kernel::{
        id::Id,
        list::some_once_each,
        refusal::{Code, Fault, Refusal},
    },
    organization::{
        department::Department,
        person::{Person, WorkerKind},
        position::Position,
    },
};

/// How many departments, roles, positions or persons an audience may name.
const MOST: usize = 500;

/// Whom something is for; always within the approved scope on that day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Audience {
    /// 従業者: everybody who works here, whatever their contract.
    #[default]
    #[schema(title = "AudienceOfWorkers")]
    AllWorkers,
    /// 従業員: the company's own employees, without directors, dispatched workers and contractors.
    #[schema(title = "AudienceOfEmployees")]
    AllEmployees,
    /// Who works in these departments, or in one below them.
    #[schema(title = "AudienceOfDepartments")]
    Departments {
        /// The departments.
        #[schema(min_items = 1, max_items = 500)]
        department_ids: Vec<Id<Department>>,
    },
    /// Who holds these roles; relations (`risk_owner`, `employee`) are not held.
    #[schema(title = "AudienceOfRoles")]
    Roles {
        /// The roles.
        #[schema(min_items = 1, max_items = 14)]
        roles: Vec<Role>,
    },
    /// Who holds these positions.
    #[schema(title = "AudienceOfPositions")]
    Positions {
        /// The positions.
        #[schema(min_items = 1, max_items = 500)]
        position_ids: Vec<Id<Position>>,
    },
    /// These persons.
    #[schema(title = "AudienceOfPersons")]
    Persons {
        /// The persons.
        #[schema(min_items = 1, max_items = 500)]
        person_ids: Vec<Id<Person>>,
    },
}

/// Somebody who may belong to an audience.
#[derive(Clone, Debug)]
pub struct Worker {
    /// Who.
    pub person_id: Id<Person>,
    /// Under which contract.
    pub worker_kind: WorkerKind,
    /// First day of work.
    pub joined_on: NaiveDate,
    /// Last day of work.
    pub left_on: Option<NaiveDate>,
    /// Their department and those above it.
    pub departments: Vec<Id<Department>>,
    /// The roles that they hold.
    pub roles: Vec<Role>,
    /// The positions that they hold.
    pub positions: Vec<Id<Position>>,
}

impl Audience {
    /// The departments that it names.
    pub fn department_ids(&self) -> &[Id<Department>] {
        if let Self::Departments { department_ids } = self { department_ids } else { &[] }
    }

    /// The positions that it names.
    pub fn position_ids(&self) -> &[Id<Position>] {
        if let Self::Positions { position_ids } = self { position_ids } else { &[] }
    }

    /// The persons that it names.
    pub fn person_ids(&self) -> &[Id<Person>] {
        if let Self::Persons { person_ids } = self { person_ids } else { &[] }
    }

    /// Refuses one that names nobody, too many, or somebody twice.
    pub fn check(&self, pointer: &str) -> Result<(), Refusal> {
        let at = |field: &str| format!("{pointer}/{field}");
        let faults = match self {
            Self::AllWorkers | Self::AllEmployees => Vec::new(),
            Self::Departments { department_ids } => some_once_each(department_ids, MOST, &at("department_ids")),
            Self::Roles { roles } => {
                let mut faults = some_once_each(roles, MOST, &at("roles"));
                let relations = roles.iter().enumerate().filter(|(_, role)| role.appointed_by().is_empty());
                faults.extend(relations.map(|(at, _)| Fault::new(format!("{pointer}/roles/{at}"), Code::NotInList)));
                faults
            }
            Self::Positions { position_ids } => some_once_each(position_ids, MOST, &at("position_ids")),
            Self::Persons { person_ids } => some_once_each(person_ids, MOST, &at("person_ids")),
        };
        Refusal::unless_empty(faults)
    }

    /// Whether it is for them.
    pub fn covers(&self, worker: &Worker) -> bool {
        match self {
            Self::AllWorkers => true,
            Self::AllEmployees => worker.worker_kind.is_employee(),
            Self::Departments { department_ids } => worker.departments.iter().any(|id| department_ids.contains(id)),
            Self::Roles { roles } => worker.roles.iter().any(|role| roles.contains(role)),
            Self::Positions { position_ids } => worker.positions.iter().any(|id| position_ids.contains(id)),
            Self::Persons { person_ids } => person_ids.contains(&worker.person_id),
        }
    }
}

impl Worker {
    /// Whether they work here on at least one day of a period.
    pub fn works_between(&self, from: NaiveDate, until: NaiveDate) -> bool {
        self.joined_on <= until && self.left_on.is_none_or(|left| left >= from)
    }

    /// Whether the approved scope has them: everybody, unless it is a part and names who is inside.
    pub fn is_in(&self, scope: Option<&IsmsScopeDraft>) -> bool {
        let Some(scope) = scope.filter(|scope| scope.coverage == Coverage::Part) else { return true };
        let IsmsScopeDraft { department_ids, person_ids, .. } = scope;
        let inside: HashSet<_> = department_ids.iter().collect();
        (department_ids.is_empty() && person_ids.is_empty())
            || person_ids.contains(&self.person_id)
            || self.departments.iter().any(|id| inside.contains(id))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::kernel::text::Title;

    pub(crate) fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    pub(crate) fn worker(joined: &str, left: Option<&str>) -> Worker {
        Worker {
            person_id: Id::generate(DateTime::UNIX_EPOCH),
            worker_kind: WorkerKind::Regular,
            joined_on: day(joined),
            left_on: left.map(day),
            departments: vec![Id::generate(DateTime::UNIX_EPOCH)],
            roles: vec![Role::DepartmentManager],
            positions: Vec::new(),
        }
    }

    #[test]
    fn r_28_one_day_of_the_period_is_enough() {
        let taught = |joined, left| worker(joined, left).works_between(day("2024-10-01"), day("2024-10-31"));
        assert!(taught("2020-04-01", None));
        assert!(taught("2020-04-01", Some("2024-10-01")), "left on the first day");
        assert!(taught("2024-10-31", None), "joined on the last day");
        assert!(!taught("2020-04-01", Some("2024-09-30")));
        assert!(!taught("2024-11-01", None));
    }

    #[test]
    fn an_audience_covers_whom_it_names() {
        let mut one = worker("2020-04-01", None);
        let (department, position) = (one.departments[0], Id::generate(DateTime::UNIX_EPOCH));
        one.positions.push(position);
        for (audience, covered) in [
            (Audience::AllWorkers, true),
            (Audience::AllEmployees, true),
            (Audience::Departments { department_ids: vec![department] }, true),
            (Audience::Departments { department_ids: vec![Id::generate(DateTime::UNIX_EPOCH)] }, false),
            (Audience::Roles { roles: vec![Role::DepartmentManager] }, true),
            (Audience::Roles { roles: vec![Role::TrainingManager] }, false),
            (Audience::Positions { position_ids: vec![position] }, true),
            (Audience::Persons { person_ids: vec![one.person_id] }, true),
        ] {
            assert_eq!(audience.covers(&one), covered, "{audience:?}");
        }
        one.worker_kind = WorkerKind::Dispatched;
        assert!(Audience::AllWorkers.covers(&one) && !Audience::AllEmployees.covers(&one));
        let twice = Audience::Persons { person_ids: vec![one.person_id; 2] }.check("/audience").unwrap_err();
        assert_eq!(twice.errors[0].pointer, "/audience/person_ids/1");
        assert!(Audience::Roles { roles: vec![] }.check("/audience").is_err(), "nobody is no audience");
    }

    #[test]
    fn an_approved_scope_that_is_a_part_bounds_every_audience() {
        let one = worker("2020-04-01", None);
        let whole = IsmsScopeDraft::titled(Title::new("全社").unwrap());
        let part = IsmsScopeDraft { coverage: Coverage::Part, ..whole.clone() };
        let other = Id::generate(DateTime::UNIX_EPOCH);
        let named = |department_ids| IsmsScopeDraft { department_ids, ..part.clone() };
        assert!(one.is_in(None) && one.is_in(Some(&whole)) && one.is_in(Some(&part)));
        assert!(one.is_in(Some(&named(vec![one.departments[0]]))));
        assert!(!one.is_in(Some(&named(vec![other]))));
        assert!(one.is_in(Some(&IsmsScopeDraft { person_ids: vec![one.person_id], ..named(vec![other]) })));
    }
}
