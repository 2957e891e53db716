//! Communication (clause 7.4).

use mamori_domain::{
    access::Role,
    overview::work_item::{WorkItem, WorkKind},
    support::communication::{
        communication::{CommunicationAction, CommunicationState},
        customer_questionnaire::{CustomerQuestionnaireAction as Action, CustomerQuestionnaireState as State},
    },
};

use super::{Desk, bounded};
use crate::{
    kernel::{failure::Outcome, tx::Tx},
    overview::kind,
    support::communication::{communication, customer_questionnaire},
};

pub(super) fn lay(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    if desk.reads(kind::COMMUNICATION) {
        communications(tx, desk)?;
    }
    questionnaires(tx, desk)
}

/// What is to be told waits for who communicates it.
fn communications(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    let filter = communication::Filter { state: Some(CommunicationState::Open), ..communication::Filter::default() };
    for one in communication::list(tx, &filter, &bounded())?.items {
        let title = format!("{} ({})", one.procedure.name, one.draft.about);
        let work = kind::COMMUNICATION.item(WorkKind::CarryOut, one.id.uuid(), &title);
        let (due_on, role) = (one.due_on, one.terms.communicators.first().copied());
        desk.lay(WorkItem { due_on, role, ..work }, one.allowed_actions.contains(&CommunicationAction::Perform));
    }
    Ok(())
}

/// Questionnaires wait to be answered by the department, confirmed by the head of the secretariat, submitted.
fn questionnaires(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    for (state, work, role, action) in [
        (State::Received, WorkKind::CarryOut, Role::DepartmentManager, Action::Answer),
        (State::Drafted, WorkKind::Confirm, Role::IsmsSecretariatHead, Action::Confirm),
        (State::Confirmed, WorkKind::CarryOut, Role::IsmsSecretariat, Action::Submit),
    ] {
        let filter = customer_questionnaire::Filter { state: Some(state), ..Default::default() };
        for one in customer_questionnaire::list(tx, &filter, &bounded())?.items {
            let title = format!("{} ({})", one.draft.title, one.draft.customer);
            let item = kind::CUSTOMER_QUESTIONNAIRE.item(work, one.id.uuid(), &title);
            let open = one.allowed_actions.contains(&action);
            desk.lay(WorkItem { due_on: one.draft.due_on, role: Some(role), ..item }, open);
        }
    }
    Ok(())
}
