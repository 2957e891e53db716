//! Who approves: the fallback chain of a small company (amendments §1).
//!
//! The first holder along the chain who did not prepare the record may approve it. Only where the chain has nobody
//! else may the preparer approve alone: as top management, with a reason, for the duties that allow it.

use serde_json::json;

use super::{Role, Standing};
use crate::{
    kernel::{
        id::Id,
        refusal::{Code, Refusal, Rule},
    },
    organization::person::Person,
};

/// Somebody who holds a role today (or stands in for its holder).
#[derive(Clone, Debug)]
pub struct Holder {
    /// The role.
    pub role: Role,
    /// The person.
    pub person: Id<Person>,
    /// Their name.
    pub name: String,
}

/// In which capacity a caller approves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Approver {
    /// The role that the approval rests on.
    pub role: Role,
    /// Nobody else could: the preparer approves alone, which is marked on the record.
    pub alone: bool,
}

/// The seat that stands in where `role` is empty or conflicted.
pub fn fallback(role: Role) -> Option<Role> {
    match role {
        Role::SecurityCommitteeChair | Role::InternalAuditManager => Some(Role::TopManagement),
        Role::DocumentController | Role::IsmsSecretariatHead | Role::TopManagement => {
            Some(Role::SecurityCommitteeChair)
        }
        _ => None,
    }
}

/// `first` and the seats that stand in for it, in order. What only top management approves (SD-5) nobody stands in for.
pub fn chain(duty: Rule, first: Role) -> Vec<Role> {
    let mut chain = vec![first];
    if duty == "SD-5" {
        return chain;
    }
    while let Some(next) = chain.last().and_then(|role| fallback(*role)) {
        if chain.contains(&next) {
            break;
        }
        chain.push(next);
    }
    chain
}

/// Whether a duty may be overridden by top management alone (amendments §1.2).
pub fn allows_alone(duty: Rule) -> bool {
    matches!(duty, "SD-1" | "SD-6" | "SD-8" | "SD-10")
}

/// In which role the caller does what the holder of `first` does: the first seat along the chain that is filled acts, the
/// others while those before them are empty. Refused with `duty`, naming who may.
pub fn acting(duty: Rule, first: Role, holders: &[Holder], caller: &Standing) -> Result<Role, Refusal> {
    let filled = chain(duty, first).into_iter().find(|role| holders.iter().any(|holder| holder.role == *role));
    if let Some(role) = filled.filter(|role| caller.holds(*role)) {
        return Ok(role);
    }
    let next: Vec<_> = holders
        .iter()
        .filter(|holder| Some(holder.role) == filled)
        .map(|holder| json!({ "id": holder.person, "name": holder.name, "role": holder.role }))
        .collect();
    Err(Refusal::new(Code::DutySeparated).by(duty).with("next_approver", next))
}

/// Decides whether the caller may approve what none of the `barred` may: who prepared it, and whom it is about (SD-8).
///
/// `holders` are all who hold a role of the chain today. Refused with `duty`, naming who may
/// (`params.next_approver`).
pub fn approver(
    duty: Rule,
    first: Role,
    holders: &[Holder],
    barred: &[Id<Person>],
    caller: &Standing,
    reason_given: bool,
) -> Result<Approver, Refusal> {
    let refused = || Refusal::new(Code::DutySeparated).by(duty);
    let Some(person) = caller.person else { return Err(refused()) };
    let chain = chain(duty, first);
    let free = chain.iter().find(|role| holders.iter().any(|h| h.role == **role && !barred.contains(&h.person)));
    match free {
        Some(role) if caller.holds(*role) && !barred.contains(&person) => Ok(Approver { role: *role, alone: false }),
        Some(role) => {
            let next: Vec<_> = holders
                .iter()
                .filter(|holder| holder.role == *role && !barred.contains(&holder.person))
                .map(|holder| json!({ "id": holder.person, "name": holder.name, "role": role }))
                .collect();
            Err(refused().with("next_approver", next))
        }
        None if allows_alone(duty) && caller.holds(Role::TopManagement) => {
            if reason_given {
                Ok(Approver { role: Role::TopManagement, alone: true })
            } else {
                Err(Refusal::field("/reason", Code::RequiredHere).by(duty))
            }
        }
        None => Err(refused().with("next_approver", json!([]))),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::access::standing::Held;

    fn somebody() -> Id<Person> {
        Id::generate(DateTime::UNIX_EPOCH)
    }

    fn holder(role: Role, person: Id<Person>) -> Holder {
        Holder { role, person, name: role.to_string() }
    }

    fn caller(person: Id<Person>, role: Role) -> Standing {
        let held = Held::plain(role);
        Standing { person: Some(person), roles: vec![held], ..Standing::default() }
    }

    #[test]
    fn sd_1_the_first_holder_who_is_not_the_preparer_approves() {
        let (chair, top) = (somebody(), somebody());
        let holders = [holder(Role::SecurityCommitteeChair, chair), holder(Role::TopManagement, top)];
        let ask = |who, role, preparer| {
            approver("SD-1", Role::SecurityCommitteeChair, &holders, &[preparer], &caller(who, role), false)
        };
        assert!(ask(chair, Role::SecurityCommitteeChair, somebody()).is_ok());
        let refusal = ask(chair, Role::SecurityCommitteeChair, chair).unwrap_err();
        assert_eq!(refusal.rule, Some("SD-1"));
        assert_eq!(refusal.params["next_approver"][0]["id"], json!(top));
        assert_eq!(ask(top, Role::TopManagement, chair), Ok(Approver { role: Role::TopManagement, alone: false }));
        assert!(ask(top, Role::TopManagement, somebody()).is_err(), "the chair is there and free");
    }

    #[test]
    fn top_management_alone_only_when_the_chain_is_exhausted_and_with_a_reason() {
        let top = somebody();
        let holders = [holder(Role::TopManagement, top)];
        let ask = |duty, reason| {
            approver(duty, Role::TopManagement, &holders, &[top], &caller(top, Role::TopManagement), reason)
        };
        assert_eq!(ask("SD-1", true), Ok(Approver { role: Role::TopManagement, alone: true }));
        assert_eq!(ask("SD-1", false).unwrap_err().errors[0].pointer, "/reason");
        assert_eq!(ask("SD-5", true).unwrap_err().code, Code::DutySeparated);
    }

    #[test]
    fn sd_5_nobody_stands_in_for_top_management() {
        let (chair, top) = (somebody(), somebody());
        let holders = [holder(Role::SecurityCommitteeChair, chair), holder(Role::TopManagement, top)];
        let by_chair = caller(chair, Role::SecurityCommitteeChair);
        let ask = |duty| approver(duty, Role::TopManagement, &holders, &[top], &by_chair, false);
        assert!(ask("SD-1").is_ok(), "what top management prepared itself the chair approves");
        assert_eq!(ask("SD-5").unwrap_err().rule, Some("SD-5"));
    }
}
