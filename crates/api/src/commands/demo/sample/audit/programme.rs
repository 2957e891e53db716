//! This year's audit programme (9.2.2), in force.

use chrono::{Months, NaiveDate};
use mamori_domain::{
    access::Role,
    evaluation::{
        audit::FulfilledRow,
        audit_programme::{
            AuditProgramme, AuditProgrammeDraft,
            row::{AuditFrequency, AuditProgrammeRow},
        },
    },
    kernel::{partial_date::PartialDate, text::Note},
    operation::week::FiscalYear,
};
use mamori_persistence::{
    evaluation::audit_programme::{self as programmes, coverage},
    kernel::{
        failure::{Failure, Outcome},
        tx::Tx,
    },
    organization::{department as departments, organization as organizations},
};

use super::super::{Company, signature, text};

/// A row: month of the fiscal year from 0 (none: that of the next audit), departments, functions, clauses, controls, how often, remarks.
type Planned = (
    Option<u32>,
    &'static [&'static str],
    &'static [Role],
    &'static [&'static str],
    &'static [&'static str],
    AuditFrequency,
    &'static str,
);

#[rustfmt::skip]
const ROWS: &[Planned] = &[
    (None, &["情報システム部", "管理部", "営業部", "総務部"], &[], &["4.3", "5.2", "6", "7", "8", "10"],
        &["5.9", "5.10", "5.12", "5.15", "5.18", "6.3", "7.7", "8.1", "8.13"], AuditFrequency::Yearly,
        "全部門を一度に見る。持ち出しと退職者のアカウントに時間をとる"),
    (Some(7), &["情報システム部"], &[], &["8.1"], &["8.2", "8.5", "8.7", "8.8", "8.15"], AuditFrequency::EveryTwoYears,
        "管理者の権限と記録"),
    (Some(8), &[], &[Role::TopManagement, Role::IsmsSecretariat], &["4", "5", "9"], &["5.1", "5.2", "5.4"],
        AuditFrequency::Yearly, "経営者と事務局への質問"),
    (Some(2), &["営業部"], &[], &["8.1"], &["5.14", "7.9"], AuditFrequency::HalfYearly, "持ち出しの記録を半年ごとに確かめる"),
];

/// Puts the programme in force, and returns its first row, for the audit on the day `next`.
pub(super) fn fill(tx: &mut Tx<'_>, company: &Company, next: NaiveDate) -> Outcome<FulfilledRow> {
    let manager = signature(tx, company.holder(Role::InternalAuditManager)?, &[Role::InternalAuditManager]);
    let top = signature(tx, company.holder(Role::TopManagement)?, &[Role::TopManagement]);
    let start_month = organizations::find(tx)?.draft.fiscal_year_start_month;
    let year = FiscalYear::containing(tx.today(), start_month).ok_or(Failure::Panicked)?;
    let mut rows = Vec::new();
    for (month, names, functions, clauses, controls, frequency, remarks) in ROWS {
        let month = month.unwrap_or_else(|| year.month_of(next.min(year.ends_on)));
        let first = year.starts_on.checked_add_months(Months::new(month)).ok_or(Failure::Panicked)?;
        let mut department_ids = Vec::new();
        for name in *names {
            department_ids.push(departments::by_name(tx, name)?.ok_or(Failure::Panicked)?);
        }
        rows.push(AuditProgrammeRow {
            number: None,
            planned_for: PartialDate::month(first).map_err(|_| Failure::Panicked)?,
            department_ids,
            functions: functions.to_vec(),
            clauses: clauses.iter().map(|clause| text(clause)).collect::<Outcome<_>>()?,
            controls: controls.iter().map(|control| text(control)).collect::<Outcome<_>>()?,
            frequency: *frequency,
            remarks: text(remarks)?,
        });
    }
    let draft = AuditProgrammeDraft {
        fiscal_year: year.year,
        revises_id: None,
        revision_reason: Note::default(),
        purpose: text("ISMSが規格と社内の決まりに沿い、実際に効いているかを一年を通して確かめる")?,
        method: text("部門への質問、文書と記録の閲覧、執務室の見回り。結果は報告会で伝える")?,
        criteria: text("JIS Q 27001:2023、適用宣言書、ISMSマニュアル、情報セキュリティ手順書")?,
        importance_considered: text(
            "リスクアセスメントで値の大きかった持ち出しとアカウントの管理を重く見て、営業部は半年ごとに確かめる",
        )?,
        earlier_results_considered: text(
            "前回は方針の公開に軽微な不適合があり、適用範囲の境界と教育に観察事項があった",
        )?,
        rows,
        remarks: Note::default(),
    };
    let mut programme = AuditProgramme::draft(draft, None, 1, start_month, manager.clone(), tx.now())?;
    let covered = coverage::of(tx, &programme)?;
    programme.submit(&covered, manager)?;
    programme.approve(&covered, top, false, tx.now())?;
    let programme = programmes::add(tx, &programme)?;
    Ok(FulfilledRow { programme_id: programme.id, row: 1 })
}
