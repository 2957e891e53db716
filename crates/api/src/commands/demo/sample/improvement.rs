//! Two corrective actions (D37): one of an internal audit on members of the committee who were only provisionally
//! appointed, closed; one of a monthly check that was missed, whose correction is overdue.

use chrono::{NaiveDate, TimeDelta};
use mamori_domain::{
    access::Role,
    improvement::corrective_action::{
        CorrectiveAction, CorrectiveActionDraft,
        section::{
            ActionVerification, CauseEvaluation, CauseRemoval, Correction, EffectivenessEvaluation, Implementation,
        },
        source::{CorrectiveActionSource, FindingRank},
    },
    kernel::{sign_off::Signature, text::Note},
};
use mamori_persistence::{
    improvement::corrective_action as actions,
    kernel::{
        failure::{Failure, Outcome},
        tx::Tx,
    },
    organization::department as departments,
};

use super::{Company, signature, text};

pub(super) fn fill(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    let role = |tx: &Tx<'_>, role: Role| -> Outcome<Signature> { Ok(signature(tx, company.holder(role)?, &[role])) };
    let audit = role(tx, Role::InternalAuditManager)?;
    let auditor = role(tx, Role::InternalAuditor)?;
    let chair = role(tx, Role::SecurityCommitteeChair)?;
    let secretary = role(tx, Role::IsmsSecretariat)?;
    let manager = role(tx, Role::DepartmentManager)?;
    let today = tx.today();
    let ago = |days: i64| today - TimeDelta::days(days);

    let request = CorrectiveActionDraft {
        audited_on: Some(ago(110)),
        auditor_id: Some(auditor.person_id),
        finding_rank: Some(FindingRank::Observation),
        ..draft(
            tx,
            "営業部",
            CorrectiveActionSource::InternalAudit,
            ago(100),
            "7.2",
            "委員会の担当者の一部が仮任命のままで、本任命の時期が決まっていない。",
        )?
    };
    let mut closed = begin(tx, request, auditor.clone())?;
    closed.submit(auditor.clone())?;
    closed.approve(audit.clone(), false)?;
    let correction = Correction {
        description: text("力量を確かめ、力量確認表を書き改める。")?, planned_on: ago(80)
    };
    closed.plan_correction(correction, manager.clone())?;
    let evaluation = CauseEvaluation {
        similar_exists: false,
        could_occur_elsewhere: true,
        cause: text("仮任命の終わりの日を誰も見ていなかった。")?,
        removal_plan_required: true,
    };
    closed.evaluate(evaluation, manager.clone())?;
    let removal = CauseRemoval {
        plan: text("仮任命の期限を年間計画に入れ、事務局が毎月確かめる。")?,
        planned_on: ago(70),
    };
    closed.plan_removal(removal, manager.clone())?;
    closed.submit_plan(manager.clone())?;
    closed.approve_plan(chair.clone(), false)?;
    let done = Implementation {
        report: text("力量を確かめて本任命し、年間計画に月ごとの確認を加えた。")?,
        completed_on: ago(72),
    };
    closed.report(done, manager, today)?;
    closed.approve_report(chair.clone(), false)?;
    let verification = ActionVerification {
        result: text("改めた力量確認表と任命の記録を見た。")?,
        confirmed_on: ago(60),
        reason: Note::default(),
    };
    closed.verify(verification, auditor.clone(), today)?;
    let judged = EffectivenessEvaluation {
        result: text("仮任命は残っておらず、毎月の確認も続いている。")?,
        is_effective: true,
        evaluated_on: ago(30),
        follow_up_audit_required: false,
        isms_change_required: false,
        planned_change_id: None,
        reason: Note::default(),
    };
    closed.evaluate_effectiveness(judged, auditor, today)?;
    closed.approve_effectiveness(audit, false, today)?;
    actions::add(tx, &closed)?;

    let request = draft(
        tx,
        "情報システム部",
        CorrectiveActionSource::MissedDeadline,
        ago(20),
        "8.1",
        "先月のバックアップの点検が行われず、記録が残っていない。",
    )?;
    let administrator = company.holder(Role::SystemAdministrator)?;
    let request = CorrectiveActionDraft { responsible_person_id: Some(administrator.id), ..request };
    let mut overdue = begin(tx, request, secretary.clone())?;
    overdue.submit(secretary)?;
    overdue.approve(chair, false)?;
    let correction =
        Correction { description: text("すぐに点検し、結果を記録する。")?, planned_on: ago(5) };
    overdue.plan_correction(correction, signature(tx, administrator, &[Role::SystemAdministrator]))?;
    actions::add(tx, &overdue)?;
    Ok(())
}

fn begin(tx: &mut Tx<'_>, draft: CorrectiveActionDraft, by: Signature) -> Outcome<CorrectiveAction> {
    let number = actions::next_number(tx, draft.issued_on)?;
    Ok(CorrectiveAction::begin(draft, number, by, tx.today(), tx.now())?)
}

fn draft(
    tx: &mut Tx<'_>,
    department: &str,
    source: CorrectiveActionSource,
    issued_on: NaiveDate,
    clause: &str,
    description: &str,
) -> Outcome<CorrectiveActionDraft> {
    Ok(CorrectiveActionDraft {
        target_department_id: departments::by_name(tx, department)?.ok_or(Failure::Panicked)?,
        issued_on,
        source,
        external_body: None,
        source_other_text: None,
        audited_on: None,
        auditor_id: None,
        auditor_name: None,
        finding_rank: None,
        clause: Some(text(clause)?),
        control: None,
        document_section: None,
        source_record: None,
        description: text(description)?,
        responsible_person_id: None,
        response_due_on: None,
    })
}
