//! Support (clause 7).

use std::collections::HashSet;

use chrono::TimeDelta;
use mamori_domain::{
    access::{Resource, Role, Verb},
    kernel::{
        label::Labelled,
        page::PageRequest,
        sign_off::{SignOffAction, SignOffState},
    },
    overview::work_item::{WorkItem, WorkKind},
    support::{
        competence_check::{CompetenceCheckAction, CompetenceCheckState, decided_by},
        document::{
            DocumentAction,
            version::{DocumentVersionAction, DocumentVersionState},
        },
        education::{
            campaign::{CampaignAction, CampaignState},
            duty::{EducationDutyAction, EducationDutyState},
        },
        legal_requirement::LegalRequirementAction,
        resource::{ProvidedResourceAction, ProvidedResourceState},
    },
};

use super::{Desk, OfYear, bounded};
use crate::{
    kernel::{failure::Outcome, tx::Tx},
    leadership::appointment,
    overview::kind,
    support::{
        competence_check, disposal, document,
        education::{campaign, duty, enrolment, programme},
        legal_requirement, resource,
    },
};

/// How long before its day a check or a review that comes every year is work.
const AHEAD: TimeDelta = TimeDelta::days(30);

pub(super) fn lay(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    resources(tx, desk)?;
    competence(tx, desk)?;
    legal_requirements(tx, desk)?;
    education_programmes(tx, desk)?;
    education_campaigns(tx, desk)?;
    enrolments(tx, desk)?;
    education_duties(tx, desk)?;
    documents(tx, desk)?;
    document_versions(tx, desk)?;
    disposals(tx, desk)
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
    let page = PageRequest { sort: "-checked_on".into(), ..bounded() };
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

/// Laws and contracts wait for whoever sees to them to look at them again; a contract by its last day (A.5.31).
fn legal_requirements(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    for one in legal_requirement::list(tx, &legal_requirement::Filter::default(), &bounded())?.items {
        let next = one.draft.next_review_on;
        let due_on = one.draft.valid_until.map_or(next, |until| until.min(next));
        if due_on - AHEAD > desk.today {
            continue;
        }
        let sees_to_it = one.draft.responsible_person_id.is_none_or(|person| desk.me == Some(person));
        let may_review = one.allowed_actions.contains(&LegalRequirementAction::Review);
        let mine = may_review && (sees_to_it || due_on < desk.today);
        let role = one.responsible_person.is_none().then_some(Role::IsmsSecretariat);
        let work = kind::LEGAL_REQUIREMENT.item(WorkKind::Review, one.id.uuid(), one.draft.title.as_str());
        desk.lay(WorkItem { due_on: Some(due_on), person: one.responsible_person, role, ..work }, mine);
    }
    Ok(())
}

/// Plans of campaigns wait for approval and training records too; in between campaigns are opened, closed and recorded
/// (§5.5).
fn education_campaigns(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    let page = PageRequest { sort: "-period_start".into(), ..bounded() };
    for one in campaign::list(tx, &campaign::Filter::default(), &page)?.items {
        let (id, title, open) = (one.id.uuid(), one.draft.name.as_str(), &one.allowed_actions);
        let may_approve = open.contains(&CampaignAction::Approve);
        if one.state != CampaignState::Cancelled {
            desk.sign_off(kind::EDUCATION_CAMPAIGN, id, title, &one.sign_off, Role::TopManagement, may_approve);
        }
        if let Some(record) = &one.record {
            let may_approve = open.contains(&CampaignAction::ApproveRecord);
            let chair = Role::SecurityCommitteeChair;
            desk.sign_off(kind::EDUCATION_CAMPAIGN, id, title, &record.sign_off, chair, may_approve);
        }
        let unrecorded = one.record.as_ref().is_none_or(|record| record.sign_off.state == SignOffState::Draft);
        let (due_on, action) = match one.state {
            CampaignState::Approved => (Some(one.draft.period_start), CampaignAction::Open),
            CampaignState::Open => (Some(one.draft.period_end), CampaignAction::Close),
            CampaignState::Closed if unrecorded => (None, CampaignAction::Record),
            _ => continue,
        };
        let work = kind::EDUCATION_CAMPAIGN.item(WorkKind::CarryOut, id, title);
        desk.lay(WorkItem { due_on, role: Some(Role::TrainingManager), ..work }, open.contains(&action));
    }
    Ok(())
}

/// Programmes wait for top management; a fiscal year without one that was handed in waits for the training manager.
fn education_programmes(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    let page = PageRequest { sort: "-fiscal_year".into(), ..bounded() };
    let programmes = programme::list(tx, &programme::Filter::default(), &page)?.items;
    let versions = programmes.iter().map(|one| OfYear {
        year: one.draft.fiscal_year,
        id: one.id.uuid(),
        version: &one.version,
        open: &one.allowed_actions,
    });
    desk.yearly(tx, kind::EDUCATION_PROGRAMME, "教育計画", Role::TrainingManager, &versions.collect::<Vec<_>>());
    Ok(())
}

/// Enrolments wait for their learners.
fn enrolments(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    let filter = enrolment::Filter { person: desk.only_mine(), waiting: Some(true), ..enrolment::Filter::default() };
    for one in enrolment::list(tx, &filter, &bounded())?.items.into_iter().filter(|one| one.at_work) {
        let mine = desk.me == Some(one.draft.person_id);
        let work = kind::ENROLMENT.item(WorkKind::CarryOut, one.id.uuid(), &one.campaign.name);
        desk.lay(WorkItem { due_on: Some(one.due_on), person: Some(one.person), ..work }, mine);
    }
    Ok(())
}

/// Education waits for whoever owes it, and for the training manager where it concerns everybody or is overdue.
fn education_duties(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    let filter = duty::Filter { state: Some(EducationDutyState::Open), ..duty::Filter::default() };
    for owed in duty::list(tx, &filter, &bounded())?.items {
        let (theme, cause) = (owed.draft.theme.label().ja, owed.draft.cause.label().ja);
        let title = match owed.draft.subject.as_str() {
            "" => format!("{theme} ({cause})"),
            subject => format!("{theme} ({cause}: {subject})"),
        };
        let may_record = owed.allowed_actions.contains(&EducationDutyAction::Fulfil);
        let mine = match owed.draft.person_id {
            Some(person) => desk.me == Some(person) || (owed.overdue && may_record),
            None => may_record,
        };
        let role = owed.person.is_none().then_some(Role::TrainingManager);
        let work = kind::EDUCATION_DUTY.item(WorkKind::CarryOut, owed.id.uuid(), &title);
        desk.lay(WorkItem { due_on: Some(owed.draft.due_on), person: owed.person, role, ..work }, mine);
    }
    Ok(())
}

/// Documents that hold wait for their review; a withdrawal waits for approval (7.5).
fn documents(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    for one in document::list(tx, &document::Filter::default(), &bounded())?.items {
        let (id, title, open) = (one.id.uuid(), one.draft.title.as_str(), &one.allowed_actions);
        if one.withdrawal_preparer().is_ok() {
            let work = kind::DOCUMENT.item(WorkKind::Approve, id, title);
            let may_approve = open.contains(&DocumentAction::ApproveWithdrawal);
            desk.lay(WorkItem { role: Some(one.draft.kind.approver()), ..work }, may_approve);
        }
        if one.review_due {
            let (role, due_on) = (Some(Role::DocumentController), one.next_review_on);
            let work = WorkItem { role, due_on, ..kind::DOCUMENT.item(WorkKind::Review, id, title) };
            desk.lay(work, open.contains(&DocumentAction::Review));
        }
    }
    Ok(())
}

/// Versions wait for approval, for their author to mend them, and for their publication (§5.4).
fn document_versions(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    let filter = document::version::Filter { on_its_way: true, ..document::version::Filter::default() };
    for version in document::version::list(tx, &filter, &bounded())?.items {
        let (id, open) = (version.id.uuid(), &version.allowed_actions);
        let title = format!("{} ({})", version.title, version.version);
        let may_approve = open.contains(&DocumentVersionAction::Approve);
        desk.sign_off(
            kind::DOCUMENT_VERSION,
            id,
            &title,
            &version.sign_off,
            version.document.kind.approver(),
            may_approve,
        );
        if version.state == DocumentVersionState::Approved {
            let work = WorkItem {
                role: Some(Role::DocumentController),
                ..kind::DOCUMENT_VERSION.item(WorkKind::CarryOut, id, &title)
            };
            desk.lay(work, open.contains(&DocumentVersionAction::Publish));
        }
    }
    Ok(())
}

/// Records whose time is over wait to be disposed of, and disposals for the chair (7.5.3 f).
fn disposals(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    let disposes = tx.within(Resource::Disposal, Verb::Create)?.all;
    for due in disposal::due_today(tx)? {
        let Some(first) = due.items.first() else { continue };
        let work = WorkItem {
            path: "/v1/disposals/due".into(),
            role: Some(Role::DocumentController),
            due_on: first.kept_until,
            ..kind::DISPOSAL.item(WorkKind::CarryOut, first.record_id, due.subject.label().ja)
        };
        desk.lay(work, disposes);
    }
    for one in disposal::list(tx, &disposal::Filter::default(), &bounded())?.items {
        let (title, may_approve) =
            (one.draft.subject.label().ja, one.allowed_actions.contains(&SignOffAction::Approve));
        desk.sign_off(kind::DISPOSAL, one.id.uuid(), title, &one.sign_off, Role::SecurityCommitteeChair, may_approve);
    }
    Ok(())
}
