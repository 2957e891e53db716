//! How long records are kept, and one disposal of paper.

use mamori_domain::{
    access::Role,
    kernel::text::Note,
    support::{
        disposal::{Disposal, DisposalDraft},
        retention_rule::{RetentionRule, RetentionRuleDraft, RetentionSubject},
    },
};
use mamori_persistence::{
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx},
    organization::organization as organizations,
    support::{disposal as disposals, retention_rule as rules},
};

use super::super::{Company, signature, text};

pub(super) fn fill(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    for (subject, title, years, basis) in RULES {
        let draft = RetentionRuleDraft {
            subject: *subject,
            title: title.map(text).transpose()?,
            years: *years,
            basis: text(basis)?,
            remarks: Note::default(),
        };
        let number = organizations::next_number(tx, "retention_rule")?;
        rules::add(tx, &RetentionRule::enter(draft, number, tx.now())?)?;
    }
    let controller = signature(tx, company.holder(Role::DocumentController)?, &[Role::DocumentController]);
    let chair = company.holder(Role::SecurityCommitteeChair)?;
    let draft = DisposalDraft {
        subject: RetentionSubject::Elsewhere,
        person_ids: Vec::new(),
        description: text("保存期間を過ぎた応募書類（紙、段ボール2箱）")?,
        method: Some(text("専門業者による溶解。証明書を受領")?),
        reason: text("採用の応募書類は選考の終わりから1年で廃棄する")?,
    };
    let number = organizations::next_number(tx, "disposal")?;
    let mut disposal = Loaded::new(disposals::add(tx, &Disposal::begin(draft, number, controller.clone(), tx.now())?)?);
    disposal.submit(Vec::new(), controller)?;
    disposal.approve(&[], signature(tx, chair, &[Role::SecurityCommitteeChair]), false)?;
    disposals::carry_out(tx, disposal)?;
    Ok(())
}

/// What, its title where it is kept elsewhere, for how many years, why.
#[rustfmt::skip]
const RULES: &[(RetentionSubject, Option<&str>, i32, &str)] = &[
    (RetentionSubject::Visits, None, 3, "社内規程。事故の調査に要る期間"),
    (RetentionSubject::Leavers, None, 3, "労働者名簿の保存期間（労働基準法）に合わせる"),
    (RetentionSubject::ObsoleteVersions, None, 5, "社内規程。認証の有効期間を越えて残す"),
    (RetentionSubject::Elsewhere, Some("契約書の原本"), 10, "契約の終わりから10年（商取引の慣行）"),
];
