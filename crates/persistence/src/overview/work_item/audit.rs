//! Internal and external audits (9.2).

use chrono::{Days, Months};
use mamori_domain::{
    access::{Resource, Role, Verb},
    evaluation::{
        audit::{Audit, AuditAction, AuditState},
        audit_programme::row::AuditProgrammeRowState,
        external_audit::{ExternalAudit, ExternalAuditAction, ExternalAuditState},
        finding::{Finding, FindingAction, FindingState},
    },
    kernel::{date::date_in, page::PageRequest, version::VersionState},
    overview::work_item::{WorkItem, WorkKind},
};

use super::{Desk, OfYear, bounded};
use crate::{
    evaluation::{audit, audit_programme, external_audit, finding},
    kernel::{failure::Outcome, tx::Tx},
    overview::kind,
};

/// How many days before a certificate ends its next audit has to be planned.
const CERTIFICATE_ENDS: Days = Days::new(90);

pub(super) fn lay(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    programmes(tx, desk)?;
    audits(tx, desk)?;
    let external = external_audits(tx, desk)?;
    findings(tx, desk, &external)
}

/// Programmes wait for top management, the running year without one for the audit manager; and rows whose time has passed
/// without an audit, by the one that has waited longest (9.2.2).
fn programmes(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    let page = PageRequest { sort: "-fiscal_year".into(), ..bounded() };
    let programmes = audit_programme::list(tx, &audit_programme::Filter::default(), &page)?.items;
    let versions = programmes.iter().map(|one| OfYear {
        year: one.draft.fiscal_year,
        id: one.id.uuid(),
        version: &one.version,
        open: &one.allowed_actions,
    });
    let (of, role) = (kind::AUDIT_PROGRAMME, Role::InternalAuditManager);
    desk.yearly(tx, of, "内部監査プログラム", role, &versions.collect::<Vec<_>>());
    let plans_audits = desk.standing.reach(Resource::Audit, Verb::Create).is_some();
    for one in programmes.iter().filter(|one| one.version.state == VersionState::InForce) {
        let overdue = || one.progress.iter().filter(|row| row.state == AuditProgrammeRowState::Overdue);
        let Some(due_on) = overdue().filter_map(|row| row.due_on).min() else { continue };
        let rows: Vec<String> = overdue().map(|row| row.number.to_string()).collect();
        let title = format!("{}年度の内部監査プログラム No.{}", one.draft.fiscal_year, rows.join(", "));
        let work = of.item(WorkKind::CarryOut, one.id.uuid(), &title);
        desk.lay(WorkItem { due_on: Some(due_on), role: Some(role), ..work }, plans_audits);
    }
    Ok(())
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
    let months = desk.settings.intervals.internal_audit_months;
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

/// External audits wait for whoever answers for them: for their result, and to be closed once everything is answered; the
/// last certificate for its next audit. They are what the caller reads of them.
fn external_audits(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<Vec<ExternalAudit>> {
    let audits = external_audit::list(tx, &external_audit::Filter::default(), &bounded())?.items;
    for audit in &audits {
        let (due_on, action) = match audit.state {
            ExternalAuditState::Planned => (Some(audit.draft.ends_on), ExternalAuditAction::RecordResult),
            ExternalAuditState::Performed if audit.counts.open == 0 => (None, ExternalAuditAction::Close),
            _ => continue,
        };
        let work = kind::EXTERNAL_AUDIT.item(WorkKind::CarryOut, audit.id.uuid(), &audit.draft.name());
        let person = Some(audit.responsible_person.clone());
        desk.lay(WorkItem { due_on, person, ..work }, audit.allowed_actions.contains(&action));
    }
    // Who reads a part of them does not know what is planned.
    if tx.within(Resource::ExternalAudit, Verb::Read)?.all {
        next_external_audit(desk, &audits);
    }
    Ok(audits)
}

/// The certificate that ends last, where it ends soon and no surveillance or renewal is planned.
fn next_external_audit(desk: &mut Desk, audits: &[ExternalAudit]) {
    let certified = audits.iter().filter_map(|audit| Some((audit.certificate()?.valid_until, audit)));
    let Some((ends_on, last)) = certified.max_by_key(|(ends_on, _)| *ends_on) else { return };
    let planned = audits.iter().any(|audit| audit.state == ExternalAuditState::Planned && audit.draft.kind.continues());
    if !planned && ends_on - CERTIFICATE_ENDS <= desk.today {
        let work = kind::EXTERNAL_AUDIT.item(WorkKind::Review, last.id.uuid(), &last.draft.name());
        let mine = desk.me == Some(last.draft.responsible_person_id) || desk.standing.holds(Role::IsmsSecretariat);
        desk.lay(WorkItem { due_on: Some(ends_on), role: Some(Role::IsmsSecretariat), ..work }, mine);
    }
}

/// Reported nonconformities wait for the audit manager to ask for a corrective action, other findings for an answer of the
/// department's manager; what came from outside for its answer by the day that was set.
fn findings(tx: &mut Tx<'_>, desk: &mut Desk, external: &[ExternalAudit]) -> Outcome<()> {
    for finding in finding::list(tx, &finding::Filter::default(), &bounded())?.items {
        if let Some(of) = &finding.external_audit {
            let audit = external.iter().find(|audit| audit.id.uuid() == of.id);
            external_finding(desk, &finding, audit);
            continue;
        }
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

/// A finding from outside: the department's manager answers it, or who answers for the audit; the audit manager asks for the
/// corrective action that a nonconformity takes.
fn external_finding(desk: &mut Desk, finding: &Finding, audit: Option<&ExternalAudit>) {
    let awaited = finding.response.is_none() && finding.draft.respond_by.is_some();
    let unanswered = awaited && finding.state == FindingState::CorrectiveActionLinked;
    if finding.state != FindingState::Open && !unanswered {
        return;
    }
    let may = |action| finding.allowed_actions.contains(&action);
    let answers = audit.is_some_and(|audit| desk.me == Some(audit.draft.responsible_person_id))
        || finding.department.is_some() && desk.standing.holds(Role::DepartmentManager);
    let asks = desk.standing.holds(Role::InternalAuditManager) && finding.draft.rank.is_nonconformity();
    let mine = answers && (may(FindingAction::Respond) || may(FindingAction::RequestCorrectiveAction))
        || asks && may(FindingAction::RequestCorrectiveAction);
    let person = audit.filter(|_| finding.department.is_none()).map(|audit| audit.responsible_person.clone());
    let role = Some(Role::DepartmentManager).filter(|_| person.is_none());
    let work = kind::FINDING.item(WorkKind::CarryOut, finding.id.uuid(), finding.draft.content.as_str());
    desk.lay(WorkItem { due_on: finding.draft.respond_by, person, role, ..work }, mine);
}
