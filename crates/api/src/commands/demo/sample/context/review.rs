//! The reviews of the context: one in force, and the next one being written.

use chrono::TimeDelta;
use mamori_domain::{
    access::Role,
    context::review::{ContextReview, ContextReviewDraft},
    kernel::{review::InternalCommunication, text::Note},
};
use mamori_persistence::{
    context::review as reviews,
    kernel::{failure::Outcome, tx::Tx},
    organization::organization as organizations,
};

use super::super::{Company, signature, text};

pub(super) fn fill(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    let by = signature(tx, company.holder(Role::IsmsSecretariat)?, &[Role::IsmsSecretariat]);
    let top = signature(tx, company.holder(Role::TopManagement)?, &[Role::TopManagement]);
    let today = tx.today();
    let draft = ContextReviewDraft {
        reviewed_on: today - TimeDelta::days(200),
        changes: text("在宅勤務を始め、社外で扱う情報が増えた")?,
        climate_change_relevant: Some(true),
        climate_change_reason: text("大雨による停電と浸水が、事務所の設備と業務の継続に関わる")?,
        remarks: Note::default(),
    };
    let mut first = ContextReview::begin(draft, 1, by.clone(), tx.now(), today)?;
    let rows = reviews::rows(tx, &first)?.rows;
    first.submit(by.clone(), rows)?;
    first.approve(top, false, organizations::review_terms(tx)?, tx.now())?;
    let told = InternalCommunication {
        communicated_on: today - TimeDelta::days(196),
        means: text("全体朝礼での説明")?,
    };
    first.communicate(told, by.clone(), today)?;
    reviews::add(tx, &first)?;

    // The next one is being written: nobody has answered on climate change yet.
    let next = ContextReviewDraft {
        reviewed_on: today,
        changes: text("標的型メールが増え、取引先から対策を問われるようになった")?,
        climate_change_relevant: None,
        climate_change_reason: Note::default(),
        remarks: Note::default(),
    };
    reviews::add(tx, &ContextReview::begin(next, 2, by, tx.now(), today)?)?;
    Ok(())
}
