//! Evaluation: last year's internal audit, reported with one minor nonconformity and two observations, this year's
//! programme, and the next audit after it.

use chrono::{DateTime, Months, NaiveTime, TimeDelta, Utc};
use mamori_domain::{
    access::{Role, Verb},
    evaluation::{
        audit::{
            Audit, AuditDraft, AuditMethod, FulfilledRow,
            report::AuditReportDraft,
            row::{AuditRow, Auditor},
        },
        audit_checklist_item::{AuditChecklistItem, AuditChecklistResultDraft, AuditJudgement},
        audit_starter,
        finding::{CorrectiveActionOrder, Finding, FindingDraft},
    },
    improvement::corrective_action::{CorrectiveAction, source::FindingRank},
    kernel::{date::date_in, partial_date::PartialDate, sign_off::Signature, text::Note},
};
use mamori_persistence::{
    evaluation::{audit as audits, audit_checklist_item as items, finding as findings},
    improvement::corrective_action as corrective_actions,
    kernel::{
        failure::{Failure, Outcome},
        loaded::Loaded,
        tx::Tx,
    },
    organization::{department as departments, organization as organizations},
};

use super::{Company, signature, text};

mod programme;

pub(super) fn fill(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    let last_year = tx.now() - TimeDelta::days(200);
    carry_out(tx, company, last_year)?;
    let next = tx.now() + TimeDelta::days(150);
    let row = programme::fill(tx, company, date_in(tx.context().time_zone, next))?;
    let next = plan(tx, company, "定期内部監査", next, Some(row))?;
    let mut next = Loaded::new(next);
    next.submit(signature(tx, company.holder(Role::InternalAuditManager)?, &[Role::InternalAuditManager]))?;
    audits::store(tx, next)?;
    Ok(())
}

/// The plan of an audit of four departments, one after the other on the day of `at`.
fn plan(
    tx: &mut Tx<'_>,
    company: &Company,
    name: &str,
    at: DateTime<Utc>,
    programme: Option<FulfilledRow>,
) -> Outcome<Audit> {
    let auditor = company.holder(Role::InternalAuditor)?.id;
    let day = date_in(tx.context().time_zone, at);
    let mut rows = Vec::new();
    for (hour, department) in (1..).zip(["情報システム部", "管理部", "営業部", "総務部"]) {
        let department = departments::by_name(tx, department)?.ok_or(Failure::Panicked)?;
        let respondent = company.people.iter().find(|(person, _)| person.draft.department_id == Some(department));
        rows.push(AuditRow {
            number: None,
            department_id: Some(department),
            function: None,
            auditors: vec![Auditor { person_id: Some(auditor), external: None }],
            respondent_id: respondent.ok_or(Failure::Panicked)?.0.id,
            scheduled_at: day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(hour),
        });
    }
    let due = day.checked_add_months(Months::new(1)).and_then(|due| PartialDate::day(due).ok());
    let draft = AuditDraft {
        name: text(name)?,
        purpose: text("ISMSの整備と運用が規格と社内の決まりに沿っているかを確かめる")?,
        themes: vec![text("管理策が決めたとおりに使われ、効いているか")?, text("前回の指摘が改善されたか")?],
        methods: vec![AuditMethod::Interview, AuditMethod::DocumentReview, AuditMethod::SiteVisit],
        method: text("担当者への質問、文書と記録の閲覧、執務室の見回り")?,
        criteria: text("JIS Q 27001:2023、ISMSマニュアル、情報セキュリティ手順書")?,
        rows,
        report_due: due.ok_or(Failure::Panicked)?,
        report_method: text("報告会を開く")?,
        programme,
    };
    let independence = audits::independence(tx, &draft)?;
    let by = signature(tx, company.holder(Role::InternalAuditManager)?, &[Role::InternalAuditManager]);
    let number = organizations::next_number(tx, "audit")?;
    let audit = Audit::plan(draft, number, &independence, by, tx.now())?;
    audits::add(tx, &audit)
}

/// Clause, what was seen, and the finding that came of it, with the department where it was found.
type Answered = (&'static str, &'static str, Option<(FindingRank, &'static str, &'static str)>);

#[rustfmt::skip]
const ANSWERS: &[Answered] = &[
    ("4.1", "外部および内部の課題", None),
    ("4.2", "外部および内部の課題", None),
    ("4.3", "ISMSマニュアル、適用範囲、レイアウト図、ネットワーク図", Some((FindingRank::Observation,
        "適用範囲の境界が、ISMSマニュアルではルータまで、ネットワーク図ではONUまでとなっており、同じ範囲と確かめにくい。", "情報システム部"))),
    ("5.1", "情報セキュリティ方針、質問で確認", None),
    ("5.2", "情報セキュリティ方針", Some((FindingRank::MinorNonconformity,
        "方針は必要に応じて利害関係者が入手できることが求められるが、取引先が方針を見る手段を確認できなかった。", "総務部"))),
    ("7.3", "教育の実施状況、質問で確認", Some((FindingRank::Observation,
        "実施中のISMS教育を終えていない人がいる。期間内に終えることが望ましい。", "営業部"))),
];

/// An audit that was carried out and reported; its nonconformity has a corrective action.
fn carry_out(tx: &mut Tx<'_>, company: &Company, at: DateTime<Utc>) -> Outcome<()> {
    let then = |by: Signature| Signature { at, ..by };
    let manager = then(signature(tx, company.holder(Role::InternalAuditManager)?, &[Role::InternalAuditManager]));
    let auditor = then(signature(tx, company.holder(Role::InternalAuditor)?, &[Role::InternalAuditor]));
    let top = then(signature(tx, company.holder(Role::TopManagement)?, &[Role::TopManagement]));
    let mut audit = Loaded::new(plan(tx, company, "認証取得に向けた内部監査", at, None)?);
    audit.submit(manager.clone())?;
    audit.approve(top, false)?;
    let audit = audits::store(tx, audit)?;
    let rows = audit_starter::rows(|clause| ANSWERS.iter().all(|(answered, ..)| *answered != clause));
    let mut prepared = Vec::new();
    for (number, row) in (1..).zip(rows.map_err(|_| Failure::Panicked)?) {
        prepared.push(items::add(tx, &AuditChecklistItem::prepare(row, &audit, number, tx.now())?)?);
    }
    let mut audit = Loaded::new(audits::look_up(tx, audit.id)?);
    let independence = audits::independence(tx, &audit.draft)?;
    audit.start(&independence, auditor.clone())?;
    let audit = audits::store(tx, audit)?;
    let mut nonconformity = None;
    for ((clause, evidence, found), item) in ANSWERS.iter().zip(prepared) {
        let judgement = match found {
            None => AuditJudgement::Conform,
            Some((FindingRank::MinorNonconformity, ..)) => AuditJudgement::MinorNonconformity,
            Some(_) => AuditJudgement::Observation,
        };
        let (mut item, _) = items::find(tx, item.id, Verb::Update)?;
        let result = AuditChecklistResultDraft { evidence: vec![text(evidence)?], judgement, on_behalf_of: None };
        item.record(result, &audit, auditor.clone())?;
        let item = items::store(tx, item)?;
        if let Some((rank, content, department)) = found {
            let draft = FindingDraft {
                rank: *rank,
                clause: Some(text(clause)?),
                control: None,
                document_id: None,
                section: Note::default(),
                content: text(content)?,
                evidence: text(evidence)?,
                department_id: departments::by_name(tx, department)?,
                function: None,
                checklist_item_id: Some(item.id),
                respond_by: None,
                on_behalf_of: None,
            };
            let number = findings::next_number(tx, audit.id)?;
            let finding = Finding::enter(draft, &audit, number, auditor.clone(), tx.now())?;
            let finding = findings::add(tx, &finding)?;
            if *rank == FindingRank::MinorNonconformity {
                nonconformity = Some(finding);
            }
        }
    }
    let mut audit = Loaded::new(audits::look_up(tx, audit.id)?);
    audit.finish_fieldwork(&[], auditor.clone())?;
    let day = date_in(tx.context().time_zone, at);
    let report = AuditReportDraft {
        performed_in: PartialDate::day(day).map_err(|_| Failure::Panicked)?,
        overall_opinion: text(
            "文書の整備はおおむね終わり、重大な不適合はなかった。仕組みは有効に働き始めており、周知は教育などで行われている。",
        )?,
        follow_up_note: text("次回の内部監査で対応を確かめる")?,
    };
    audit.write_report(report, auditor.clone())?;
    audit.submit_report(&[], auditor.clone())?;
    audit.approve_report(manager.clone(), false)?;
    let audit = audits::store(tx, audit)?;
    let finding = nonconformity.ok_or(Failure::Panicked)?;
    let today = tx.today();
    let draft = finding.corrective_action_draft(CorrectiveActionOrder::default(), today, &audit, day)?;
    let number = corrective_actions::next_number(tx, today)?;
    let action = CorrectiveAction::begin(draft, number, Signature { at: tx.now(), ..manager }, today, tx.now())?;
    corrective_actions::add(tx, &action)?;
    Ok(())
}
