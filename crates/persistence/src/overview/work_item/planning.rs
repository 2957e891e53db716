//! Planning (clauses 6 and 8.2, 8.3).

use mamori_domain::{
    access::{Resource, Role, Verb},
    kernel::version::VersionState,
    overview::work_item::{WorkItem, WorkKind},
    planning::{
        asset::AssetAction,
        objective::{ObjectiveAction, ObjectiveState},
        planned_change::{PlannedChangeAction, PlannedChangeState},
        risk::{Risk, RiskAction, RiskState},
        risk_criteria::Evaluation,
        treatment_item::ItemAction,
        treatment_plan::{PlanAction, PlanState},
    },
};

use super::{Desk, bounded};
use crate::{
    kernel::{failure::Outcome, tx::Tx},
    overview::kind,
    planning::{
        applicability, asset, objective, planned_change, risk, risk_assessment, risk_criteria, treatment_item,
        treatment_plan,
    },
};

pub(super) fn lay(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    treatment_items(tx, desk)?;
    assets(tx, desk)?;
    risks(tx, desk)?;
    versions(tx, desk)?;
    rounds(tx, desk)?;
    treatment_plans(tx, desk)?;
    objectives(tx, desk)?;
    planned_changes(tx, desk)
}

/// Items of treatment plans that are not finished wait for their assignee (8.3).
fn treatment_items(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    let assignee = desk.only_mine();
    let filter = treatment_item::Filter { assignee, unfinished: true, ..treatment_item::Filter::default() };
    for item in treatment_item::list(tx, &filter, &bounded())?.items {
        let open = [ItemAction::Start, ItemAction::Complete].iter().any(|step| item.allowed_actions.contains(step));
        let title = item.draft.tasks.first().map_or("", |task| task.as_str());
        let work = kind::TREATMENT_ITEM.item(WorkKind::CarryOut, item.id.uuid(), title);
        let mine = open && desk.me == Some(item.draft.assignee_id);
        desk.lay(WorkItem { due_on: item.draft.planned_end, person: Some(item.assignee), ..work }, mine);
    }
    Ok(())
}

/// Assets wait for their owner's confirmation (A.5.9).
fn assets(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    let risk_owner_person = desk.only_mine();
    let filter = asset::Filter { risk_owner_person, confirmed: Some(false), ..asset::Filter::default() };
    for asset in asset::list(tx, &filter, &bounded())?.items {
        let work = kind::ASSET.item(WorkKind::Confirm, asset.id.uuid(), asset.draft.name.as_str());
        let mine = asset.allowed_actions.contains(&AssetAction::Confirm);
        desk.lay(WorkItem { person: asset.risk_owner.person, role: None, ..work }, mine);
    }
    Ok(())
}

/// Risks wait for their next step (§5.1); accepted ones for the day on which they are looked at again.
fn risks(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    for risk in risk::list(tx, &risk::Filter::default(), &bounded())?.items {
        let Some((kind, step)) = next_step(&risk) else { continue };
        let work = kind::RISK.item(kind, risk.id.uuid(), risk.draft.event.as_str());
        let mine = risk.allowed_actions.contains(&step);
        let of_owner = matches!(step, RiskAction::Accept | RiskAction::ApproveTreatment);
        let due_on = risk.acceptance.as_ref().and_then(|acceptance| acceptance.follow_up_on);
        let (person, role) = match of_owner {
            true => (risk.risk_owner.person, Some(Role::RiskOwner)),
            false => (None, Some(Role::IsmsSecretariat)),
        };
        let role = role.filter(|_| person.is_none());
        desk.lay(WorkItem { due_on, person, role, ..work }, mine);
    }
    Ok(())
}

fn next_step(risk: &Risk) -> Option<(WorkKind, RiskAction)> {
    let acceptable = risk.remaining().is_some_and(|remains| remains.evaluation != Evaluation::Unacceptable);
    match risk.state {
        _ if risk.needs_reanalysis => Some((WorkKind::Evaluate, RiskAction::Evaluate)),
        RiskState::Analysed => Some((WorkKind::Evaluate, RiskAction::Evaluate)),
        RiskState::Evaluated if acceptable => Some((WorkKind::Accept, RiskAction::Accept)),
        RiskState::Evaluated => Some((WorkKind::Evaluate, RiskAction::Decide)),
        RiskState::Decided => Some((WorkKind::Approve, RiskAction::ApproveTreatment)),
        RiskState::Treated => Some((WorkKind::Evaluate, RiskAction::Reassess)),
        RiskState::Reassessed => Some((WorkKind::Accept, RiskAction::Accept)),
        RiskState::Accepted => {
            risk.acceptance.as_ref()?.follow_up_on?;
            Some((WorkKind::Review, RiskAction::Evaluate))
        }
        RiskState::Identified | RiskState::TreatmentApproved | RiskState::InTreatment | RiskState::Closed => None,
    }
}

/// Risk criteria and statements of applicability wait for top management (6.1.2, 6.1.3).
fn versions(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    for of in risk_criteria::list(tx, &risk_criteria::Filter::default(), &bounded())?.items {
        desk.version(kind::RISK_CRITERIA, of.id.uuid(), of.draft.title.as_str(), &of.version, &of.allowed_actions);
    }
    for of in applicability::list(tx, &applicability::Filter::default(), &bounded())?.items {
        desk.version(
            kind::STATEMENT_OF_APPLICABILITY,
            of.id.uuid(),
            of.draft.title.as_str(),
            &of.version,
            &of.allowed_actions,
        );
    }
    Ok(())
}

/// Rounds of assessment wait for approval; the one in force for the day on which the risks are assessed again (8.2).
fn rounds(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    let assesses = tx.within(Resource::Risk, Verb::Create)?.all;
    for round in risk_assessment::list(tx, &risk_assessment::Filter::default(), &bounded())?.items {
        let (id, title) = (round.id.uuid(), round.draft.title.as_str());
        desk.version(kind::RISK_ASSESSMENT, id, title, &round.version, &round.allowed_actions);
        if round.version.state == VersionState::InForce {
            let work = kind::RISK_ASSESSMENT.item(WorkKind::Review, id, title);
            let work = WorkItem { due_on: Some(round.next_due_on), role: Some(Role::IsmsSecretariat), ..work };
            desk.lay(work, assesses);
        }
    }
    Ok(())
}

/// Treatment plans wait for every owner who has not approved yet (6.1.3).
fn treatment_plans(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    let me = desk.me.map(|me| me.uuid());
    let filter = treatment_plan::Filter { state: Some(PlanState::Submitted), ..treatment_plan::Filter::default() };
    for plan in treatment_plan::list(tx, &filter, &bounded())?.items {
        let may_approve = plan.allowed_actions.contains(&PlanAction::Approve);
        for owner in plan.awaited_owners {
            let work = kind::TREATMENT_PLAN.item(WorkKind::Approve, plan.id.uuid(), plan.draft.title.as_str());
            let mine = may_approve && owner.person.as_ref().is_some_and(|person| Some(person.id) == me);
            let role = owner.person.is_none().then_some(Role::RiskOwner);
            desk.lay(WorkItem { person: owner.person, role, ..work }, mine);
        }
    }
    Ok(())
}

/// Objectives wait for top management, then for whoever answers for them to reach and to measure them, and when their day
/// has passed for top management to evaluate them too (6.2, 9.1).
fn objectives(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    for objective in objective::list(tx, &objective::Filter::default(), &bounded())?.items {
        let (id, title) = (objective.id.uuid(), objective.draft.objective.as_str());
        let may_approve = objective.allowed_actions.contains(&ObjectiveAction::Approve);
        desk.sign_off(kind::OBJECTIVE, id, title, &objective.sign_off, Role::TopManagement, may_approve);
        if objective.state == ObjectiveState::Approved {
            let mine = desk.me == Some(objective.draft.responsible_person_id);
            let person = Some(objective.responsible_person);
            let measure = kind::OBJECTIVE.item(WorkKind::Measure, id, title);
            let due_on = objective.next_measurement_due_on;
            desk.lay(WorkItem { due_on, person: person.clone(), clause: "9.1", ..measure }, mine);
            if objective.overdue {
                let may_evaluate = objective.allowed_actions.contains(&ObjectiveAction::Evaluate);
                let work = kind::OBJECTIVE.item(WorkKind::Evaluate, id, title);
                let role = Some(Role::TopManagement);
                desk.lay(WorkItem { due_on: Some(objective.due_on), role, clause: "9.1", ..work }, may_evaluate);
            }
            let work = kind::OBJECTIVE.item(WorkKind::CarryOut, id, title);
            desk.lay(WorkItem { due_on: Some(objective.due_on), person, ..work }, mine);
        }
    }
    Ok(())
}

/// Changes of the ISMS wait for top management, and then to be carried out (6.3).
fn planned_changes(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    for change in planned_change::list(tx, &planned_change::Filter::default(), &bounded())?.items {
        let (id, title) = (change.id.uuid(), change.draft.what.as_str());
        let may_approve = change.allowed_actions.contains(&PlannedChangeAction::Approve);
        desk.sign_off(kind::PLANNED_CHANGE, id, title, &change.sign_off, Role::TopManagement, may_approve);
        if change.state == PlannedChangeState::Approved {
            let mine = desk.me == Some(change.draft.responsible_person_id);
            let work = kind::PLANNED_CHANGE.item(WorkKind::CarryOut, id, title);
            let person = Some(change.responsible_person);
            desk.lay(WorkItem { due_on: Some(change.draft.planned_on), person, ..work }, mine);
        }
    }
    Ok(())
}
