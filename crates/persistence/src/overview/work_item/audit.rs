//! Internal audits (9.2).

use chrono::Months;
use mamori_domain::{
    access::{Resource, Role, Verb},
    evaluation::{
        audit::{Audit, AuditAction, AuditState},
        finding::{FindingAction, FindingState},
    },
    kernel::date::date_in,
    overview::work_item::{WorkItem, WorkKind},
};

use super::{Desk, bounded};
use crate::{
    evaluation::{audit, finding},
    kernel::{failure::Outcome, tx::Tx},
    organization::organization as organizations,
    overview::kind,
};

pub(super) fn lay(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    audits(tx, desk)?;
    findings(tx, desk)
}

/// Plans wait for top management, audits for their auditors, reports to be written and approved; and the next audit, an
/// interval after the last one.
fn audits(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    let audits = audit::list(tx, &audit::Filter::default(), &bounded())?.items;
    for audit in &audits {
        let (id, title) = (audit.id.uuid(), audit.draft.name.as_str());
        let may = |action| audit.allowed_actions.contains(&action);
        match audit.state {
            AuditState::Draft | AuditState::Submitted => {
                let open = may(AuditAction::Approve);
                desk.sign_off(kind::AUDIT, id, title, &audit.sign_off, Role::TopManagement, open);
            }
            AuditState::Scheduled | AuditState::InProgress => {
                let guest = desk.standing.guest_of == Some(audit.id);
                let mine = guest || may(AuditAction::Start) || may(AuditAction::FinishFieldwork);
                let times = audit.draft.rows.iter().map(|row| row.scheduled_at);
                let due_on = times.max().map(|at| date_in(tx.context().time_zone, at));
                let role = Some(Role::InternalAuditor);
                desk.lay(WorkItem { due_on, role, ..kind::AUDIT.item(WorkKind::CarryOut, id, title) }, mine);
            }
            AuditState::Reporting => {
                let (due_on, role) = (Some(audit.draft.report_due.last_day()), Some(Role::InternalAuditor));
                let mine = may(AuditAction::WriteReport);
                desk.lay(WorkItem { due_on, role, ..kind::AUDIT.item(WorkKind::CarryOut, id, title) }, mine);
            }
            AuditState::ReportSubmitted => {
                let role = Some(Role::InternalAuditManager);
                let open = may(AuditAction::ApproveReport);
                desk.lay(WorkItem { role, ..kind::AUDIT.item(WorkKind::Approve, id, title) }, open);
            }
            AuditState::Reported | AuditState::Closed | AuditState::Cancelled => {}
        }
    }
    next_audit(tx, desk, &audits)
}

/// The interval between audits counts from the fieldwork of the last one; nothing is due before the first. Who reads a
/// part of the audits does not know.
fn next_audit(tx: &mut Tx<'_>, desk: &mut Desk, audits: &[Audit]) -> Outcome<()> {
    if !tx.within(Resource::Audit, Verb::Read)?.all {
        return Ok(());
    }
    let months = organizations::find(tx)?.draft.intervals.internal_audit_months;
    let finished = audits.iter().filter_map(|audit| Some((audit.course.fieldwork_finished.as_ref()?.at, audit)));
    let Some((at, last)) = finished.max_by_key(|(at, _)| *at) else { return Ok(()) };
    let under_way = audits.iter().any(|audit| {
        audit.course.fieldwork_finished.is_none() && !matches!(audit.state, AuditState::Draft | AuditState::Cancelled)
    });
    let due_on = date_in(tx.context().time_zone, at).checked_add_months(Months::new(u32::from(months)));
    if !under_way {
        let work = kind::AUDIT.item(WorkKind::Review, last.id.uuid(), last.draft.name.as_str());
        let mine = desk.standing.holds(Role::InternalAuditManager);
        desk.lay(WorkItem { due_on, role: Some(Role::InternalAuditManager), ..work }, mine);
    }
    Ok(())
}

/// Reported nonconformities wait for the audit manager to ask for a corrective action, other findings for an answer of the
/// department's manager.
fn findings(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    for finding in finding::list(tx, &finding::Filter::default(), &bounded())?.items {
        if finding.state != FindingState::Open || !finding.reported {
            continue;
        }
        let (action, role) = match finding.draft.rank.is_nonconformity() {
            true => (FindingAction::RequestCorrectiveAction, Role::InternalAuditManager),
            false => (FindingAction::Respond, Role::DepartmentManager),
        };
        let work = kind::FINDING.item(WorkKind::CarryOut, finding.id.uuid(), finding.draft.content.as_str());
        let mine = desk.standing.holds(role) && finding.allowed_actions.contains(&action);
        desk.lay(WorkItem { due_on: finding.draft.respond_by, role: Some(role), ..work }, mine);
    }
    Ok(())
}
