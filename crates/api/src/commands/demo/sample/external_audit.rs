//! The certification: stage 1, closed with an observation that was answered, and stage 2, whose minor nonconformity has its
//! corrective action and still waits for an answer to the body.

use chrono::TimeDelta;
use mamori_domain::{
    access::Role,
    evaluation::{
        external_audit::{
            AuditRecommendation, ExternalAudit, ExternalAuditDraft, ExternalAuditKind, ExternalAuditResultDraft,
        },
        finding::{CorrectiveActionOrder, Finding, FindingDraft, FindingResponseDraft},
    },
    improvement::corrective_action::{CorrectiveAction, source::FindingRank},
    kernel::{sign_off::Signature, text::Note},
};
use mamori_persistence::{
    evaluation::{external_audit as audits, finding as findings},
    improvement::corrective_action as corrective_actions,
    kernel::{
        failure::{Failure, Outcome},
        loaded::Loaded,
        tx::Tx,
    },
    organization::{department as departments, organization as organizations},
};

use super::{Company, signature, text};

pub(super) fn fill(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    let secretary = signature(tx, company.holder(Role::IsmsSecretariat)?, &[Role::IsmsSecretariat]);
    let first = Stage {
        kind: ExternalAuditKind::CertificationStage1,
        days: 75,
        opinion: "文書は整っており、第二段階審査に進むことができる。",
        recommendation: AuditRecommendation::Granted,
    };
    let audit = first.perform(tx, &secretary)?;
    let observation = Found {
        rank: FindingRank::Observation,
        clause: "6.1.3",
        department: "総務部",
        content: "適用宣言書で除外した管理策の理由が、読む人によって違う意味に取れる書き方になっている。",
        respond_in: None,
    };
    let mut finding = Loaded::new(observation.enter(tx, &audit, &secretary)?);
    let answer = FindingResponseDraft {
        answer: text("除外の理由を書き改め、次の版に入れた。")?,
        responded_on: tx.today() - TimeDelta::days(65),
    };
    finding.respond(answer, secretary.clone(), tx.today())?;
    findings::store(tx, finding)?;
    let mut audit = Loaded::new(audits::look_up(tx, audit.id)?);
    let open = findings::open_of(tx, audit.id)?;
    audit.close(&open, secretary.clone())?;
    audits::store(tx, audit)?;

    let second = Stage {
        kind: ExternalAuditKind::CertificationStage2,
        days: 20,
        opinion: "仕組みは有効に働いている。軽微な不適合の是正を確かめたうえで認証を推薦する。",
        recommendation: AuditRecommendation::GrantedAfterCorrection,
    };
    let audit = second.perform(tx, &secretary)?;
    let minor = Found {
        rank: FindingRank::MinorNonconformity,
        clause: "7.5.2",
        department: "情報システム部",
        content: "手順書には版と承認者を記すことになっているが、サーバ室の1冊にどちらも書かれていない。",
        respond_in: Some(40),
    };
    let finding = minor.enter(tx, &audit, &secretary)?;
    correct(tx, company, &finding, &audit)
}

/// A stage of the certification, so many days ago.
struct Stage {
    kind: ExternalAuditKind,
    days: i64,
    opinion: &'static str,
    recommendation: AuditRecommendation,
}

impl Stage {
    fn perform(&self, tx: &mut Tx<'_>, by: &Signature) -> Outcome<ExternalAudit> {
        let (starts_on, ends_on) =
            (tx.today() - TimeDelta::days(self.days), tx.today() - TimeDelta::days(self.days - 1));
        let draft = ExternalAuditDraft {
            kind: self.kind,
            body: text("みなと認証機構")?,
            auditors: vec![text("早川 理")?, text("村上 由紀")?],
            scope: text("全社の業務とその情報システム")?,
            criteria: text("JIS Q 27001:2023")?,
            starts_on,
            ends_on,
            responsible_person_id: by.person_id,
            remarks: Note::default(),
        };
        let number = organizations::next_number(tx, "external_audit")?;
        let mut audit = Loaded::new(audits::add(tx, &ExternalAudit::plan(draft, number, tx.now())?)?);
        let result = ExternalAuditResultDraft {
            performed_from: starts_on,
            performed_until: ends_on,
            opinion: text(self.opinion)?,
            recommendation: Some(self.recommendation),
            certificate: None,
            report_received_on: Some(ends_on + TimeDelta::days(5)),
        };
        audit.record_result(result, by.clone(), tx.today())?;
        audits::store(tx, audit)
    }
}

/// What the auditors found, to be answered so many days after the audit.
struct Found {
    rank: FindingRank,
    clause: &'static str,
    department: &'static str,
    content: &'static str,
    respond_in: Option<i64>,
}

impl Found {
    fn enter(&self, tx: &mut Tx<'_>, audit: &ExternalAudit, by: &Signature) -> Outcome<Finding> {
        let draft = FindingDraft {
            rank: self.rank,
            clause: Some(text(self.clause)?),
            control: None,
            document_id: None,
            section: Note::default(),
            content: text(self.content)?,
            evidence: Note::default(),
            department_id: departments::by_name(tx, self.department)?,
            function: None,
            checklist_item_id: None,
            respond_by: self.respond_in.map(|days| audit.draft.ends_on + TimeDelta::days(days)),
            on_behalf_of: None,
        };
        let number = findings::next_number(tx, audit.id)?;
        findings::add(tx, &Finding::enter(draft, audit, number, by.clone(), tx.now())?)
    }
}

/// The corrective action that answers a nonconformity, issued to the administrator of the systems.
fn correct(tx: &mut Tx<'_>, company: &Company, finding: &Finding, audit: &ExternalAudit) -> Outcome<()> {
    let manager = signature(tx, company.holder(Role::InternalAuditManager)?, &[Role::InternalAuditManager]);
    let secretary = signature(tx, company.holder(Role::IsmsSecretariat)?, &[Role::IsmsSecretariat]);
    let administrator = company.holder(Role::SystemAdministrator)?.id;
    let order =
        CorrectiveActionOrder { responsible_person_id: Some(administrator), ..CorrectiveActionOrder::default() };
    let audited_on = audit.audited_on().ok_or(Failure::Panicked)?;
    let issued_on = audited_on + TimeDelta::days(3);
    let draft = finding.corrective_action_draft(order, issued_on, audit, audited_on)?;
    let number = corrective_actions::next_number(tx, issued_on)?;
    let mut action = CorrectiveAction::begin(draft, number, secretary.clone(), tx.today(), tx.now())?;
    action.submit(secretary)?;
    action.approve(manager, false)?;
    corrective_actions::add(tx, &action)?;
    Ok(())
}
