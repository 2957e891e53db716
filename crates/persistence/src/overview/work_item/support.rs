//! Support (clause 7).

use std::collections::HashSet;

use chrono::TimeDelta;
use mamori_domain::{
    access::{Resource, Role, Verb},
    overview::work_item::{WorkItem, WorkKind},
    support::{
        competence_check::{CompetenceCheckAction, CompetenceCheckState, decided_by},
        resource::{ProvidedResourceAction, ProvidedResourceState},
    },
};

use super::{Desk, bounded};
use crate::{
    kernel::{failure::Outcome, tx::Tx},
    leadership::appointment,
    overview::kind,
    support::{competence_check, resource},
};

/// How long before its day a check that comes every year is work.
const AHEAD: TimeDelta = TimeDelta::days(30);

pub(super) fn lay(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    resources(tx, desk)?;
    competence(tx, desk)
}

/// Resources wait for top management, and then to be provided (7.1).
fn resources(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    for asked in resource::list(tx, &resource::Filter::default(), &bounded())?.items {
        let (id, title) = (asked.id.uuid(), asked.draft.description.as_str());
        let may_approve = asked.allowed_actions.contains(&ProvidedResourceAction::Approve);
        desk.sign_off(kind::RESOURCE, id, title, &asked.sign_off, Role::TopManagement, may_approve);
        if asked.state == ProvidedResourceState::Approved {
            let mine = desk.me == Some(asked.draft.responsible_person_id);
            let work = kind::RESOURCE.item(WorkKind::CarryOut, id, title);
            desk.lay(WorkItem { due_on: Some(asked.due_on), person: Some(asked.responsible_person), ..work }, mine);
        }
    }
    Ok(())
}

/// Checks wait for whoever appoints to the role; then their improvements are confirmed, and after a year who still holds
/// the role is checked again (7.2).
fn competence(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    let page = mamori_domain::kernel::page::PageRequest { sort: "-checked_on".into(), ..bounded() };
    let checks = competence_check::list(tx, &competence_check::Filter::default(), &page)?.items;
    let holders: HashSet<_> = appointment::current(tx)?
        .into_iter()
        .map(|appointment| (appointment.draft.role, appointment.draft.person_id))
        .collect();
    let assesses = tx.within(Resource::CompetenceCheck, Verb::Create)?.all;
    let mut seen = HashSet::new();
    for check in checks {
        let (id, title, role) = (check.id.uuid(), check.person.name.as_str(), check.draft.role);
        let may_approve = check.allowed_actions.contains(&CompetenceCheckAction::Approve);
        desk.sign_off(kind::COMPETENCE_CHECK, id, title, &check.sign_off, decided_by(role), may_approve);
        // The last approved check of a person for a role is the one that counts.
        if check.state != CompetenceCheckState::Approved || !seen.insert((role, check.draft.person_id)) {
            continue;
        }
        let others = assesses && desk.me != Some(check.draft.person_id);
        let work = |of| WorkItem { role: Some(Role::IsmsSecretariat), ..kind::COMPETENCE_CHECK.item(of, id, title) };
        if check.improvement_due_on.is_some() {
            let may_confirm = check.allowed_actions.contains(&CompetenceCheckAction::Confirm);
            desk.lay(WorkItem { due_on: check.improvement_due_on, ..work(WorkKind::Confirm) }, may_confirm);
        }
        if holders.contains(&(role, check.draft.person_id)) && check.next_check_on - AHEAD <= desk.today {
            desk.lay(WorkItem { due_on: Some(check.next_check_on), ..work(WorkKind::Evaluate) }, others);
        }
    }
    Ok(())
}
