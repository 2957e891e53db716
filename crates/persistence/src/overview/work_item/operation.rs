//! Operation (clause 8.1).

use mamori_domain::{
    access::Role,
    operation::{
        annual_plan::AnnualPlanAction, annual_plan_row::AnnualPlanRowAction, checklist::ChecklistAction,
        supplier::SupplierAction,
    },
    overview::work_item::{WorkItem, WorkKind},
};

use super::{Desk, bounded};
use crate::{
    kernel::{failure::Outcome, tx::Tx},
    operation::{annual_plan, annual_plan_row, checklist, supplier},
    overview::kind,
};

pub(super) fn lay(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    annual_plans(tx, desk)?;
    annual_plan_rows(tx, desk)?;
    checklists(tx, desk)?;
    suppliers(tx, desk)
}

/// Annual plans wait for the chair of the committee.
fn annual_plans(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    for plan in annual_plan::list(tx, &annual_plan::Filter::default(), &bounded())?.items {
        let open = plan.allowed_actions.contains(&AnnualPlanAction::Approve);
        let (id, title) = (plan.id.uuid(), plan.draft.title.as_str());
        desk.sign_off(kind::ANNUAL_PLAN, id, title, &plan.sign_off, Role::SecurityCommitteeChair, open);
    }
    Ok(())
}

/// Rows of approved plans wait for their assignee.
fn annual_plan_rows(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    let assignee = desk.only_mine();
    let filter =
        annual_plan_row::Filter { assignee, open: Some(true), under_way: true, ..annual_plan_row::Filter::default() };
    for row in annual_plan_row::list(tx, &filter, &bounded())?.items {
        let work = kind::ANNUAL_PLAN_ROW.item(WorkKind::CarryOut, row.id.uuid(), row.draft.activity.as_str());
        let mine =
            row.allowed_actions.contains(&AnnualPlanRowAction::Complete) && desk.me == Some(row.draft.assignee_id);
        desk.lay(WorkItem { due_on: row.due_on, person: Some(row.assignee), ..work }, mine);
    }
    Ok(())
}

/// Checklists wait for their next run.
fn checklists(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    let filter = checklist::Filter { assignee: desk.only_mine(), ..checklist::Filter::default() };
    for list in checklist::list(tx, &filter, &bounded())?.items {
        let work = kind::CHECKLIST.item(WorkKind::CarryOut, list.id.uuid(), list.draft.title.as_str());
        let mine = list.allowed_actions.contains(&ChecklistAction::Run) && desk.me == Some(list.draft.assignee_id);
        desk.lay(WorkItem { due_on: list.next_due_on, person: Some(list.assignee), ..work }, mine);
    }
    Ok(())
}

/// Suppliers wait to be evaluated again.
fn suppliers(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    for supplier in supplier::list(tx, &supplier::Filter::default(), &bounded())?.items {
        let Some(due) = supplier.next_evaluation_on else { continue };
        let work = kind::SUPPLIER.item(WorkKind::Evaluate, supplier.id.uuid(), supplier.draft.name.as_str());
        let mine = supplier.allowed_actions.contains(&SupplierAction::Evaluate);
        desk.lay(WorkItem { due_on: Some(due), person: Some(supplier.responsible_person), ..work }, mine);
    }
    Ok(())
}
