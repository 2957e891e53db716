//! Leadership (clause 5).

use mamori_domain::{
    access::{Resource, Role, Verb},
    kernel::version::VersionState,
    leadership::{
        appointment::{AppointmentAction, AppointmentState},
        commitment::CommitmentAction,
        policy::PolicyAction,
    },
    overview::work_item::{WorkItem, WorkKind},
};

use super::{Desk, bounded};
use crate::{
    kernel::{failure::Outcome, tx::Tx},
    leadership::{appointment, commitment, policy},
    overview::kind,
};

pub(super) fn lay(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    commitments(tx, desk)?;
    appointments(tx, desk)?;
    policies(tx, desk)
}

/// Commitments with evidence wait for top management to stand by them (5.1).
fn commitments(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    for commitment in commitment::all(tx)? {
        let Some(sign_off) = &commitment.sign_off else { continue };
        let may_approve = commitment.allowed_actions.contains(&CommitmentAction::Approve);
        let (id, title) = (commitment.id.uuid(), commitment.label.ja);
        desk.sign_off(kind::COMMITMENT, id, title, sign_off, Role::TopManagement, may_approve);
    }
    Ok(())
}

/// Proposed appointments wait for whoever appoints to the role (5.3).
fn appointments(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    let filter = appointment::Filter { state: Some(AppointmentState::Proposed), ..appointment::Filter::default() };
    for proposal in appointment::list(tx, &filter, &bounded())?.items {
        let work = kind::APPOINTMENT.item(WorkKind::Approve, proposal.id.uuid(), &proposal.person.name);
        let mine = proposal.allowed_actions.contains(&AppointmentAction::Approve);
        let role = proposal.draft.role.appointed_by().first().copied();
        desk.lay(WorkItem { due_on: Some(proposal.draft.starts_on), role, ..work }, mine);
    }
    Ok(())
}

/// Editions of the policy wait for top management; one in force waits to be made known and to be reviewed, and the result
/// of a review to be communicated, and carried out where it asks for a new edition (5.2, R-21).
fn policies(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    let editions = policy::list(tx, &policy::Filter::default(), &bounded())?.items;
    let drafts = tx.within(Resource::Policy, Verb::Create)?.all;
    let open = [VersionState::Draft, VersionState::Submitted];
    let on_its_way = editions.iter().any(|edition| open.contains(&edition.version.state));
    for edition in editions {
        let title = format!("{} ({})", edition.draft.company_name, edition.version.number);
        let open = |action| edition.allowed_actions.contains(&action);
        let id = edition.id.uuid();
        desk.sign_off(
            kind::POLICY,
            id,
            &title,
            &edition.version.sign_off,
            Role::TopManagement,
            open(PolicyAction::Approve),
        );
        if edition.version.state == VersionState::InForce && edition.published_on.is_none() {
            let work =
                WorkItem { role: Some(Role::IsmsSecretariat), ..kind::POLICY.item(WorkKind::CarryOut, id, &title) };
            desk.lay(work, open(PolicyAction::Publish));
        }
        if edition.wants_new_edition() && !on_its_way {
            let work =
                WorkItem { role: Some(Role::IsmsSecretariat), ..kind::POLICY.item(WorkKind::CarryOut, id, &title) };
            desk.lay(work, drafts);
        }
        if let Some(due) = edition.next_review_on {
            let work = WorkItem { role: Some(Role::TopManagement), ..kind::POLICY.item(WorkKind::Review, id, &title) };
            desk.lay(WorkItem { due_on: Some(due), ..work }, open(PolicyAction::Review));
        }
        for review in edition.untold_reviews() {
            let work =
                WorkItem { role: Some(Role::IsmsSecretariat), ..kind::POLICY.item(WorkKind::CarryOut, id, &title) };
            let due_on = Some(review.communication_due_on);
            desk.lay(WorkItem { due_on, ..work }, open(PolicyAction::Communicate));
        }
    }
    Ok(())
}
