//! This year's education programme (D06d), in force, and a duty of somebody who broke a rule.

use std::collections::BTreeSet;

use chrono::{Months, TimeDelta};
use mamori_domain::{
    access::Role,
    kernel::{partial_date::PartialDate, text::Note},
    operation::week::FiscalYear,
    support::education::{
        duty::{DutyCause, EducationDuty, EducationDutyDraft},
        programme::{EducationProgramme, EducationProgrammeDraft, ProgrammeAudience, ProgrammeEvent, ProgrammeTheme},
        theme::{EducationTheme, EducationTiming},
    },
};
use mamori_persistence::{
    kernel::{
        failure::{Failure, Outcome},
        tx::Tx,
    },
    organization::organization as organizations,
    support::education::{duty as duties, programme as programmes},
};

use super::super::super::{Company, signature, text};

/// The mandatory themes with what is taught of each this year.
const THEMES: &[(EducationTheme, &str)] = &[
    (EducationTheme::RegulationsBriefing, "情報セキュリティ手順書の要点と、困ったときの連絡先"),
    (EducationTheme::ThreatAlert, "取引先を装うメールと、偽の警告画面"),
    (EducationTheme::LegalUnderstanding, "個人情報の法律の改正で、仕事のどこが変わるか"),
    (EducationTheme::PersonalDataHandling, "名簿の受渡しと、使い終えた名簿の捨て方"),
    (EducationTheme::Compliance, "秘密を守る約束と、破ったときに起きること"),
];

/// A theme of the company's own.
const OWN: &str = "在宅勤務での情報の扱い";

/// Theme (none: the own one), month of the fiscal year from 0, how, by whom.
const EVENTS: &[(Option<EducationTheme>, u32, &str, &str)] = &[
    (Some(EducationTheme::LegalUnderstanding), 1, "部門ごとの説明会", "人事部"),
    (None, 2, "動画", "情報システム部"),
    (Some(EducationTheme::PersonalDataHandling), 4, "eラーニング", "人事部"),
    (Some(EducationTheme::Compliance), 6, "集合教育と理解度確認テスト", "外部の講師"),
    (Some(EducationTheme::ThreatAlert), 9, "注意喚起のメール", "情報システム部"),
];

pub(super) fn fill(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    let trainer = company.holder(Role::TrainingManager)?;
    let by = signature(tx, trainer, &[Role::TrainingManager]);
    let top = signature(tx, company.holder(Role::TopManagement)?, &[Role::TopManagement]);
    let start_month = organizations::find(tx)?.draft.fiscal_year_start_month;
    let year = FiscalYear::containing(tx.today(), start_month).ok_or(Failure::Panicked)?;
    let mut themes = Vec::new();
    for (theme, content) in THEMES {
        let timings = BTreeSet::new();
        themes.push(ProgrammeTheme { theme: Some(*theme), own_theme: None, timings, content: text(content)? });
    }
    let timings = BTreeSet::from([EducationTiming::Scheduled]);
    themes.push(ProgrammeTheme { theme: None, own_theme: Some(text(OWN)?), timings, content: Note::default() });
    let mut events = Vec::new();
    for (theme, month, method, held_by) in EVENTS {
        let first = year.starts_on.checked_add_months(Months::new(*month)).ok_or(Failure::Panicked)?;
        events.push(ProgrammeEvent {
            theme: *theme,
            own_theme: if theme.is_none() { Some(text(OWN)?) } else { None },
            planned_for: PartialDate::month(first).map_err(|error| Failure::Corrupt(error.to_string()))?,
            method: text(method)?,
            held_by: text(held_by)?,
        });
    }
    let draft = EducationProgrammeDraft {
        fiscal_year: year.year,
        revises_id: None,
        revision_reason: Note::default(),
        owner_id: trainer.id,
        audience: ProgrammeAudience::AllWorkers,
        themes,
        events,
        remarks: Note::default(),
    };
    let mut programme = EducationProgramme::draft(draft, 1, start_month, by.clone(), tx.now())?;
    programme.version.submit(by)?;
    programme.version.approve(top, false, tx.now())?;
    programmes::add(tx, &programme)?;

    let owing = company.people.iter().find(|(person, _)| person.draft.name.as_str() == "千葉 理恵");
    let draft = EducationDutyDraft {
        theme: EducationTheme::PersonalDataHandling,
        cause: DutyCause::BrokeRules,
        person_id: owing.map(|(person, _)| person.id),
        due_on: tx.today() + TimeDelta::days(30),
        subject: text("名簿を許可なく社外に送った")?,
    };
    duties::add(tx, &EducationDuty::enter(draft, tx.now(), tx.today())?)?;
    Ok(())
}
