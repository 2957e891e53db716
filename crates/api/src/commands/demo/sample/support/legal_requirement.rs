//! What the law and contracts demand (A.5.31): two laws taught every year, one amendment that is taught now, a guideline, a
//! contract.

use chrono::{NaiveDate, TimeDelta};
use mamori_domain::{
    access::Role,
    kernel::text::Note,
    support::legal_requirement::{LegalRequirement, LegalRequirementDraft, LegalRequirementKind, LegalReviewDraft},
};
use mamori_persistence::{
    kernel::{
        failure::{Failure, Outcome},
        tx::Tx,
    },
    organization::department as departments,
    support::legal_requirement as requirements,
};

use super::super::{Company, signature, text};

/// Kind, title, who issued it or with whom it is, what it demands, the department that sees to it, promulgated and in force
/// on, and whether it is taught on these days.
type Line = (
    LegalRequirementKind,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    Option<&'static str>,
    Option<&'static str>,
    bool,
);

#[rustfmt::skip]
const REQUIREMENTS: &[Line] = &[
    (LegalRequirementKind::Law, "個人情報の保護に関する法律", "個人情報保護委員会",
        "利用目的を定めて集め、安全に管理し、漏えいしたときは報告と本人への通知をする", "総務部",
        Some("2003-05-30"), Some("2005-04-01"), false),
    (LegalRequirementKind::Law, "不正アクセス行為の禁止等に関する法律", "警察庁・総務省・経済産業省",
        "他人の識別符号を使わせず、アクセスを管理する機器を守る", "情報システム部",
        Some("1999-08-13"), Some("2000-02-13"), false),
    (LegalRequirementKind::Regulation, "個人情報の保護に関する法律施行規則（令和5年の改正）", "個人情報保護委員会",
        "ウェブサイトへの入力をのぞき見られた場合も、漏えいとして報告の要否を調べる", "情報システム部",
        Some("2023-12-27"), Some("2024-04-01"), true),
    (LegalRequirementKind::Guideline, "中小企業の情報セキュリティ対策ガイドライン", "情報処理推進機構",
        "自社の対策を毎年点検し、足りないところを改める", "総務部", None, None, false),
    (LegalRequirementKind::Contract, "商品配送の業務委託契約", "株式会社みなと物流",
        "お客様の届け先を配送のほかに使わせず、再委託は書面で認める", "営業部", None, Some("2023-06-01"), false),
];

pub(super) fn fill(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    let by = signature(tx, company.holder(Role::IsmsSecretariat)?, &[Role::IsmsSecretariat]);
    let today = tx.today();
    for (kind, title, whose, duty, department, promulgated_on, in_force_on, taught) in REQUIREMENTS {
        let is_contract = *kind == LegalRequirementKind::Contract;
        let whose = Some(text(whose)?);
        let draft = LegalRequirementDraft {
            kind: *kind,
            title: text(title)?,
            issuer: whose.clone().filter(|_| !is_contract),
            counterparty: whose.filter(|_| is_contract),
            reference: None,
            url: None,
            duty: text(duty)?,
            department_id: departments::by_name(tx, department)?,
            responsible_person_id: None,
            promulgated_on: promulgated_on.map(day).transpose()?,
            in_force_on: in_force_on.map(day).transpose()?,
            valid_until: is_contract.then(|| today + TimeDelta::days(426)),
            calls_for_education: Some(*taught),
            next_review_on: today + TimeDelta::days(165),
            remarks: Note::default(),
        };
        let mut requirement = LegalRequirement::enter(draft, tx.now(), today)?;
        if *kind == LegalRequirementKind::Law {
            let review = LegalReviewDraft {
                reviewed_on: today - TimeDelta::days(200),
                findings: text("この1年の改正を調べ、手順書に反映した")?,
                next_review_on: today + TimeDelta::days(165),
            };
            requirement.review(review, by.clone(), today)?;
        }
        requirements::add(tx, &requirement)?;
    }
    Ok(())
}

fn day(text: &str) -> Outcome<NaiveDate> {
    text.parse().map_err(|_| Failure::Panicked)
}
