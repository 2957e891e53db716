//! Context (clause 4).

use mamori_domain::{
    access::Role,
    context::{
        action::{ContextActionState, ContextActionStep},
        review::ContextReviewAction,
    },
    overview::work_item::{WorkItem, WorkKind},
};

use super::{Desk, bounded};
use crate::{
    context::{action, network_diagram, review, scope},
    kernel::{failure::Outcome, tx::Tx},
    overview::kind,
};

pub(super) fn lay(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    actions(tx, desk)?;
    for of in review::list(tx, &review::Filter::default(), &bounded())?.items {
        let (id, title) = (of.id.uuid(), format!("{} ({})", of.draft.changes, of.version.number));
        let open = |action| of.allowed_actions.contains(&action);
        let may_approve = open(ContextReviewAction::Approve);
        desk.sign_off(kind::CONTEXT_REVIEW, id, &title, &of.version.sign_off, Role::TopManagement, may_approve);
        // Its result is to be communicated.
        if of.communication_due_on.is_some() && of.communicated.is_none() {
            let work = kind::CONTEXT_REVIEW.item(WorkKind::CarryOut, id, &title);
            let (due_on, role) = (of.communication_due_on, Some(Role::IsmsSecretariat));
            desk.lay(WorkItem { due_on, role, ..work }, open(ContextReviewAction::Communicate));
        }
    }
    for of in scope::list(tx, &scope::Filter::default(), &bounded())?.items {
        desk.version(kind::SCOPE, of.id.uuid(), of.draft.title.as_str(), &of.version, &of.allowed_actions);
    }
    for of in network_diagram::list(tx, &network_diagram::Filter::default(), &bounded())?.items {
        desk.version(kind::NETWORK_DIAGRAM, of.id.uuid(), of.draft.title.as_str(), &of.version, &of.allowed_actions);
    }
    Ok(())
}

/// Open actions wait for who sees to them, those that are done for somebody who judges whether they worked (6.1.1).
fn actions(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    for state in [ContextActionState::Open, ContextActionState::Done] {
        let filter = action::Filter { state: Some(state), ..action::Filter::default() };
        for of in action::list(tx, &filter, &bounded())?.items {
            let (id, title) = (of.id.uuid(), of.draft.action.as_str());
            if state == ContextActionState::Open {
                let mine = desk.me == Some(of.draft.responsible_person_id);
                let work = kind::CONTEXT_ACTION.item(WorkKind::CarryOut, id, title);
                let (due_on, person) = (Some(of.draft.due_on), Some(of.responsible_person));
                desk.lay(WorkItem { due_on, person, ..work }, mine);
            } else {
                let mine = of.allowed_actions.contains(&ContextActionStep::Evaluate);
                let work = kind::CONTEXT_ACTION.item(WorkKind::Evaluate, id, title);
                desk.lay(WorkItem { role: Some(Role::IsmsSecretariat), ..work }, mine);
            }
        }
    }
    Ok(())
}
