//! Who audits what, and that nobody audits the own work (R-26, SD-2, SD-3).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::guest::AuditGuest;
use crate::{
    access::Role,
    kernel::{
        id::Id,
        numbered::Numbered,
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        text::Title,
    },
    organization::{department::Department, person::Person},
};

/// A row of the detailed plan: one department or function, who audits it, who answers, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditRow {
    /// Its number in the audit, assigned by the service; left out for a new row.
    #[serde(default)]
    #[schema(required = false)]
    pub number: Option<i32>,
    /// The department that is audited; or a function instead.
    #[serde(default)]
    #[schema(required = false)]
    pub department_id: Option<Id<Department>>,
    /// The function that is audited, such as top management or the secretariat; or a department instead.
    #[serde(default)]
    #[schema(required = false)]
    pub function: Option<Role>,
    /// Who audits it.
    #[schema(min_items = 1, max_items = 10)]
    pub auditors: Vec<Auditor>,
    /// Who answers for what is audited (応対者).
    pub respondent_id: Id<Person>,
    /// When.
    pub scheduled_at: DateTime<Utc>,
}

impl Numbered for AuditRow {
    fn number(&self) -> Option<i32> {
        self.number
    }

    fn assign(&mut self, number: i32) {
        self.number = Some(number);
    }
}

/// An auditor: somebody who works here, or somebody from outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Auditor {
    /// An appointed internal auditor, or the audit manager.
    #[serde(default)]
    #[schema(required = false)]
    pub person_id: Option<Id<Person>>,
    /// An expert from another company: the audit manager enters their results, or invites them as a guest.
    #[serde(default)]
    #[schema(required = false)]
    pub external: Option<ExternalAuditor>,
}

/// An auditor from another company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExternalAuditor {
    /// Their name.
    pub name: Title,
    /// Their company.
    pub company: Title,
}

/// A row of the team that audits (監査体制), with names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditTeamRow {
    /// The number of the row.
    pub number: i32,
    /// The department that is audited.
    #[schema(required)]
    pub department: Option<Reference>,
    /// Or the function.
    #[schema(required)]
    pub function: Option<Role>,
    /// Who audits it.
    pub auditors: Vec<AuditTeamMember>,
    /// Who answers.
    pub respondent: Reference,
}

/// One who audits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditTeamMember {
    /// Somebody who works here.
    #[schema(required)]
    pub person: Option<Reference>,
    /// Or somebody from outside.
    #[schema(required)]
    pub external: Option<ExternalAuditor>,
    /// As which guest of the audit they may log in.
    #[schema(required)]
    pub guest_id: Option<Id<AuditGuest>>,
}

impl AuditRow {
    /// What is wrong with the form of a row at `pointer`.
    pub(super) fn faults(&self, pointer: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.department_id.is_some() == self.function.is_some() {
            faults.push(Fault::new(format!("{pointer}/department_id"), Code::ExactlyOne).with("other", "function"));
        }
        match self.auditors.len() {
            0 => faults.push(Fault::new(format!("{pointer}/auditors"), Code::TooShort)),
            1..=10 => {}
            _ => faults.push(Fault::new(format!("{pointer}/auditors"), Code::TooLong)),
        }
        for (at, auditor) in self.auditors.iter().enumerate() {
            let pointer = format!("{pointer}/auditors/{at}");
            if auditor.person_id.is_some() == auditor.external.is_some() {
                faults.push(Fault::new(format!("{pointer}/person_id"), Code::ExactlyOne).with("other", "external"));
            } else if self.auditors.iter().take(at).any(|earlier| earlier == auditor) {
                faults.push(Fault::new(pointer, Code::Duplicate));
            }
        }
        faults
    }
}

/// Where an auditor stands in the organization on the day on which it is asked.
#[derive(Clone, Debug, Default)]
pub struct AuditorStanding {
    /// The department in which they work.
    pub department: Option<Id<Department>>,
    /// The departments of which they are the head or the manager.
    pub leads: Vec<Id<Department>>,
    /// The roles that they hold.
    pub roles: Vec<Role>,
}

/// Everything that independence is judged by.
#[derive(Clone, Debug, Default)]
pub struct Independence {
    /// The auditors who work here.
    pub auditors: BTreeMap<Id<Person>, AuditorStanding>,
    /// Of each department itself and those above it.
    pub lines: BTreeMap<Id<Department>, BTreeSet<Id<Department>>>,
}

impl Independence {
    /// Refuses auditors who are not appointed (422), who hold a role that auditors must not hold (SD-3), or who belong to
    /// what they audit or lead it (R-26, SD-2). People from outside belong to nothing.
    pub fn require(&self, rows: &[AuditRow]) -> Result<(), Refusal> {
        let (mut unknown, mut barred, mut partial) = (Vec::new(), Vec::new(), Vec::new());
        for (at, row) in rows.iter().enumerate() {
            for (place, auditor) in row.auditors.iter().enumerate() {
                let Some(person) = auditor.person_id else { continue };
                let standing = self.auditors.get(&person).filter(|standing| standing.is_appointed());
                let fault = |code| Fault::new(format!("/rows/{at}/auditors/{place}/person_id"), code);
                match standing {
                    None => unknown.push(fault(Code::UnknownReference)),
                    Some(standing) if standing.is_barred() => barred.push(fault(Code::Contradiction)),
                    Some(standing) if self.is_about(standing, row) => partial.push(fault(Code::Contradiction)),
                    Some(_) => {}
                }
            }
        }
        Refusal::unless_empty(unknown)?;
        for (rule, errors) in [("SD-3", barred), ("SD-2", partial)] {
            if !errors.is_empty() {
                return Err(Refusal { errors, ..Refusal::new(Code::RuleViolated) }.by(rule));
            }
        }
        Ok(())
    }

    /// Whether the row is about the auditor's own department or function.
    fn is_about(&self, auditor: &AuditorStanding, row: &AuditRow) -> bool {
        let line = |department| self.lines.get(&department);
        let in_department = row.department_id.is_some_and(|audited| {
            let works_there = auditor.department.and_then(line).is_some_and(|line| line.contains(&audited));
            let leads = line(audited).is_some_and(|line| auditor.leads.iter().any(|led| line.contains(led)));
            works_there || leads
        });
        in_department || row.function.is_some_and(|function| auditor.roles.contains(&function))
    }
}

impl AuditorStanding {
    fn is_appointed(&self) -> bool {
        self.roles.iter().any(|role| matches!(role, Role::InternalAuditor | Role::InternalAuditManager))
    }

    /// Holds, besides, a role that does not go with auditing: as a deputy, say.
    fn is_barred(&self) -> bool {
        let excluded = self.roles.iter().flat_map(|role| match role {
            Role::InternalAuditor | Role::InternalAuditManager => role.excludes(),
            _ => &[],
        });
        excluded.into_iter().any(|role| self.roles.contains(role))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id<T>() -> Id<T> {
        Id::generate(DateTime::UNIX_EPOCH)
    }

    fn row(department_id: Option<Id<Department>>, function: Option<Role>, auditor: Id<Person>) -> AuditRow {
        AuditRow {
            number: None,
            department_id,
            function,
            auditors: vec![Auditor { person_id: Some(auditor), external: None }],
            respondent_id: id(),
            scheduled_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn aud_1_nobody_audits_the_department_in_which_they_work_or_that_they_lead() {
        let (head_office, sales, affairs) = (id(), id(), id());
        let (worker, leader) = (id(), id());
        let roles = vec![Role::InternalAuditor];
        let independence = Independence {
            auditors: BTreeMap::from([
                (worker, AuditorStanding { department: Some(sales), leads: vec![], roles: roles.clone() }),
                (leader, AuditorStanding { department: None, leads: vec![head_office], roles }),
            ]),
            lines: BTreeMap::from([
                (head_office, BTreeSet::from([head_office])),
                (sales, BTreeSet::from([sales, head_office])),
                (affairs, BTreeSet::from([affairs])),
            ]),
        };
        let ask = |department, auditor| independence.require(&[row(Some(department), None, auditor)]);
        let refused = ask(sales, worker).unwrap_err();
        assert_eq!((refused.code, refused.rule), (Code::RuleViolated, Some("SD-2")));
        assert_eq!(refused.errors[0].pointer, "/rows/0/auditors/0/person_id");
        assert!(ask(head_office, worker).is_err(), "sales is a part of it");
        assert!(ask(affairs, worker).is_ok());
        assert!(ask(sales, leader).is_err(), "the head of what stands above it");
        assert!(ask(affairs, leader).is_ok());
        let stranger = ask(affairs, id()).unwrap_err();
        assert_eq!((stranger.code, stranger.errors[0].code), (Code::Invalid, Code::UnknownReference));
    }

    #[test]
    fn sd_3_a_function_is_audited_by_somebody_who_does_not_hold_it() {
        let (manager, deputy) = (id(), id());
        let standing = |roles: &[Role]| AuditorStanding { roles: roles.to_vec(), ..AuditorStanding::default() };
        let independence = Independence {
            auditors: BTreeMap::from([
                (manager, standing(&[Role::InternalAuditManager])),
                (deputy, standing(&[Role::InternalAuditor, Role::TopManagement])),
            ]),
            lines: BTreeMap::new(),
        };
        let ask = |function, auditor| independence.require(&[row(None, Some(function), auditor)]);
        assert!(ask(Role::TopManagement, manager).is_ok());
        assert_eq!(ask(Role::InternalAuditManager, manager).unwrap_err().rule, Some("SD-2"));
        assert_eq!(ask(Role::IsmsSecretariat, deputy).unwrap_err().rule, Some("SD-3"));
    }

    #[test]
    fn aud_2_somebody_from_outside_belongs_to_nothing() {
        let title = |text: &str| Title::new(text).unwrap();
        let external = Some(ExternalAuditor { name: title("本田 操"), company: title("監査法人") });
        let row = AuditRow { auditors: vec![Auditor { person_id: None, external }], ..row(Some(id()), None, id()) };
        assert_eq!(row.faults("/rows/0"), []);
        assert!(Independence::default().require(std::slice::from_ref(&row)).is_ok());
        let nobody = AuditRow { auditors: vec![Auditor { person_id: None, external: None }], ..row };
        assert_eq!(nobody.faults("/rows/0")[0].code, Code::ExactlyOne);
    }
}
