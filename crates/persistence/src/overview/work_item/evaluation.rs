//! Performance evaluation (clause 9).

use mamori_domain::{
    access::{Resource, Role, Verb},
    evaluation::{
        feedback::{FeedbackAction, FeedbackState},
        management_review::{ManagementReview, ManagementReviewAction as Step, ManagementReviewState as State},
        review_action::{ReviewActionState, ReviewActionStep},
    },
    overview::work_item::{WorkItem, WorkKind},
};

use super::{Desk, bounded};
use crate::{
    evaluation::{feedback, management_review, review_action},
    kernel::{failure::Outcome, tx::Tx},
    overview::kind,
};

pub(super) fn lay(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    feedback_to_handle(tx, desk)?;
    reviews(tx, desk)?;
    instructions(tx, desk)
}

/// What interested parties said waits to be handled (9.3.2 e).
fn feedback_to_handle(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    let filter = feedback::Filter { state: Some(FeedbackState::Received), ..feedback::Filter::default() };
    for of in feedback::list(tx, &filter, &bounded())?.items {
        let title = format!("{}: {}", of.draft.sender, of.draft.content);
        let mine = of.allowed_actions.contains(&FeedbackAction::Handle);
        let role = if of.draft.department_id.is_some() { Role::DepartmentManager } else { Role::IsmsSecretariat };
        let work = kind::FEEDBACK.item(WorkKind::CarryOut, of.id.uuid(), &title);
        desk.lay(WorkItem { role: Some(role), ..work }, mine);
    }
    Ok(())
}

/// Reviews wait to be held, decided, approved and communicated; the last one for the day on which the next is due (R-20,
///
fn reviews(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    let plans = tx.within(Resource::ManagementReview, Verb::Submit)?.all;
    let last_held = management_review::last_held(tx)?.map(|last| last.id);
    for of in management_review::list(tx, &management_review::Filter::default(), &bounded())?.items {
        let (id, title) = (of.id.uuid(), title(&of));
        let open = |step: Step| of.allowed_actions.contains(&step);
        let may_approve = open(Step::Approve);
        desk.sign_off(kind::MANAGEMENT_REVIEW, id, &title, &of.sign_off, Role::TopManagement, may_approve);
        let secretariat = |due_on| {
            let work = kind::MANAGEMENT_REVIEW.item(WorkKind::CarryOut, id, &title);
            WorkItem { due_on, role: Some(Role::IsmsSecretariat), ..work }
        };
        match of.state {
            State::Planned | State::InputsReady => {
                desk.lay(secretariat(Some(of.draft.planned_on)), open(Step::Hold));
            }
            // One that was returned is with its preparer already.
            State::Held if of.sign_off.returned.is_none() => desk.lay(secretariat(None), open(Step::Submit)),
            State::Approved => desk.lay(secretariat(of.communication_due_on), open(Step::Communicate)),
            State::Communicated => desk.lay(secretariat(None), open(Step::Close)),
            State::Held | State::Decided | State::Closed | State::Voided => {}
        }
        if last_held == Some(of.id) {
            let work = kind::MANAGEMENT_REVIEW.item(WorkKind::Review, id, &title);
            desk.lay(WorkItem { due_on: of.next_due_on, role: Some(Role::IsmsSecretariat), ..work }, plans);
        }
    }
    Ok(())
}

fn title(of: &ManagementReview) -> String {
    format!("マネジメントレビュー ({})", of.number)
}

/// Instructions wait for who sees to them, those that are done for somebody who judges their effect (9.3.3).
fn instructions(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    for state in [ReviewActionState::Open, ReviewActionState::Done] {
        let filter = review_action::Filter { state: Some(state), ..review_action::Filter::default() };
        for of in review_action::list(tx, &filter, &bounded())?.items {
            let (id, title) = (of.id.uuid(), of.instruction.as_str());
            if state == ReviewActionState::Open {
                let mine = desk.me == Some(of.draft.responsible_person_id);
                let work = kind::REVIEW_ACTION.item(WorkKind::CarryOut, id, title);
                let (due_on, person) = (Some(of.draft.due_on), Some(of.responsible_person));
                desk.lay(WorkItem { due_on, person, ..work }, mine);
            } else {
                let mine = of.allowed_actions.contains(&ReviewActionStep::Evaluate);
                let work = kind::REVIEW_ACTION.item(WorkKind::Evaluate, id, title);
                desk.lay(WorkItem { role: Some(Role::IsmsSecretariat), ..work }, mine);
            }
        }
    }
    Ok(())
}
