//! The reviews of the context: one in force, the one before it, and the next one being written.

use chrono::TimeDelta;
use mamori_domain::{
    access::Role,
    context::review::{ContextReview, ContextReviewDraft},
    kernel::{review::InternalCommunication, text::Note},
};
use mamori_persistence::{
    context::review as reviews,
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx},
    organization::organization as organizations,
};

use super::super::{Company, signature, text};

pub(super) fn fill(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    let by = signature(tx, company.holder(Role::IsmsSecretariat)?, &[Role::IsmsSecretariat]);
    let top = signature(tx, company.holder(Role::TopManagement)?, &[Role::TopManagement]);
    let today = tx.today();
    for (number, days_ago, changes) in
        [(1, 560, "取引先を広げ、預かる個人情報が増えた"), (2, 200, "在宅勤務を始め、社外で扱う情報が増えた")]
    {
        let reviewed_on = today - TimeDelta::days(days_ago);
        let draft = ContextReviewDraft {
            reviewed_on,
            changes: text(changes)?,
            climate_change_relevant: Some(true),
            climate_change_reason: text("大雨による停電と浸水が、事務所の設備と業務の継続に関わる")?,
            remarks: Note::default(),
        };
        let review = ContextReview::begin(draft, number, by.clone(), tx.now(), today)?;
        let mut review = Loaded::new(reviews::add(tx, &review)?);
        let rows = reviews::rows(tx, &review)?.rows;
        review.submit(by.clone(), rows)?;
        let terms = organizations::review_terms(tx)?;
        review.approve(top.clone(), false, terms, tx.now())?;
        let communicated_on = reviewed_on + TimeDelta::days(4);
        let told = InternalCommunication { communicated_on, means: text("全体朝礼での説明")? };
        review.communicate(told, by.clone(), today)?;
        reviews::put_in_force(tx, review)?;
    }

    // The next one is being written: nobody has answered on climate change yet.
    let next = ContextReviewDraft {
        reviewed_on: today,
        changes: text("標的型メールが増え、取引先から対策を問われるようになった")?,
        climate_change_relevant: None,
        climate_change_reason: Note::default(),
        remarks: Note::default(),
    };
    reviews::add(tx, &ContextReview::begin(next, 3, by, tx.now(), today)?)?;
    Ok(())
}
