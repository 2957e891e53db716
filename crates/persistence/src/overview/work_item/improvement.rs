//! Improvement (clause 10.2).

use mamori_domain::{
    access::Role,
    improvement::corrective_action::{
        CorrectiveAction,
        step::{CorrectiveActionState as S, CorrectiveActionStep as Step},
    },
    kernel::sign_off::SignOffState,
    overview::work_item::{WorkItem, WorkKind},
};

use super::{Desk, bounded};
use crate::{
    improvement::corrective_action,
    kernel::{failure::Outcome, tx::Tx},
    overview::kind,
};

/// Corrective actions wait for their next step: for whoever answers them, for the seats that approve and judge.
pub(super) fn lay(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    let filter = corrective_action::Filter { open: Some(true), ..corrective_action::Filter::default() };
    for action in corrective_action::list(tx, &filter, &bounded())?.items {
        let title = format!("{} {}", action.reference_no, action.draft.description.as_str());
        let id = action.id.uuid();
        let (seat, may) = (action.draft.source.seat(), |step| action.allowed_actions.contains(&step));
        let approver = match action.state {
            S::PlanSubmitted | S::Implemented => Role::SecurityCommitteeChair,
            _ => seat,
        };
        let may_approve = [Step::Approve, Step::ApprovePlan, Step::ApproveReport, Step::ApproveEffectiveness];
        let may_approve = may_approve.into_iter().any(may);
        desk.sign_off(kind::CORRECTIVE_ACTION, id, &title, action.current_sign_off(), approver, may_approve);
        let returned = action.current_sign_off().state == SignOffState::Returned;
        let Some((work, step)) = next_step(action.state).filter(|_| !returned) else { continue };
        let mine = may(step);
        let (person, role) = match work {
            WorkKind::CarryOut => (action.responsible_person.clone(), Role::DepartmentManager),
            _ => (action.auditor.clone(), judge(&action)),
        };
        let role = Some(role).filter(|_| person.is_none());
        let item = kind::CORRECTIVE_ACTION.item(work, id, &title);
        desk.lay(WorkItem { due_on: action.due_on, person, role, ..item }, mine);
    }
    Ok(())
}

/// A follow-up audit is the audit manager's.
fn judge(action: &CorrectiveAction) -> Role {
    match action.state {
        S::FollowUpPending => Role::InternalAuditManager,
        _ => action.draft.source.seat(),
    }
}

/// What is to be done beside the sign-offs, and the step that does it.
fn next_step(state: S) -> Option<(WorkKind, Step)> {
    match state {
        S::Issued => Some((WorkKind::CarryOut, Step::PlanCorrection)),
        S::CorrectionPlanned | S::Evaluated | S::ActionPlanned | S::Reopened => {
            Some((WorkKind::CarryOut, Step::Evaluate))
        }
        S::PlanApproved => Some((WorkKind::CarryOut, Step::Report)),
        S::ReportApproved | S::Verified => Some((WorkKind::Evaluate, Step::Verify)),
        S::FollowUpPending => Some((WorkKind::Confirm, Step::FollowUp)),
        _ => None,
    }
}
