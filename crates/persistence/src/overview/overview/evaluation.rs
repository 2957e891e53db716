//! Performance evaluation (clause 9).

use diesel::prelude::*;
use mamori_domain::evaluation::{
    feedback::FeedbackState, management_review::ManagementReviewState, measurement::MeasurementState,
    review_action::ReviewActionState,
};

use super::tally::{Tally, signed};
use crate::{
    evaluation::{
        feedback::interested_party_feedback as f,
        management_review::{PUBLISHED, management_review as r},
        measurement::measurement as m,
        review_action::review_action as a,
    },
    kernel::{
        among::AmongExt,
        columns::WordColumn,
        failure::Outcome,
        tx::{Tx, Within},
    },
    on,
    planning::objective::objective as o,
};

/// Those that count.
pub(super) fn measurements(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let organization = tx.organization();
    let records = on!(tx, {
        let mut counted = m::table
            .inner_join(o::table.on(o::organization_id.eq(m::organization_id).and(o::id.eq(m::objective_id))))
            .filter(m::organization_id.eq(organization))
            .filter(m::state.eq(WordColumn(MeasurementState::Recorded)))
            .into_boxed::<Db>();
        if !within.all {
            let department = o::department_id.among(&within.departments);
            counted = counted.filter(department.or(o::responsible_person_id.among(&within.persons)));
        }
        counted.count().get_result(tx)
    })?;
    Ok(Tally::plain(within.all, records))
}

pub(super) fn feedback(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let organization = tx.organization();
    let records = on!(tx, {
        let mut entered = f::table
            .filter(f::organization_id.eq(organization))
            .filter(f::state.ne(WordColumn(FeedbackState::Voided)))
            .into_boxed::<Db>();
        if !within.all {
            entered = entered.filter(f::department_id.among(&within.departments));
        }
        entered.count().get_result(tx)
    })?;
    Ok(Tally::plain(within.all, records))
}

/// Closed ones and those that were voided are over.
pub(super) fn management_reviews(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let organization = tx.organization();
    let signed = on!(tx, {
        let mut standing = r::table
            .filter(r::organization_id.eq(organization))
            .filter(r::state.ne(WordColumn(ManagementReviewState::Closed)))
            .filter(r::state.ne(WordColumn(ManagementReviewState::Voided)))
            .into_boxed::<Db>();
        if !within.all {
            standing = standing.filter(r::state.eq_any(if within.published { &PUBLISHED[..] } else { &[] }));
        }
        signed!(tx, standing, r::sign_off)
    })?;
    Ok(Tally::signed(within.all, signed))
}

/// Those that were not given up.
pub(super) fn review_actions(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let organization = tx.organization();
    let records = on!(tx, {
        let mut standing = a::table
            .filter(a::organization_id.eq(organization))
            .filter(a::state.ne(WordColumn(ReviewActionState::Cancelled)))
            .into_boxed::<Db>();
        if !within.all {
            standing = standing.filter(a::responsible_person_id.among(&within.persons));
        }
        standing.count().get_result(tx)
    })?;
    Ok(Tally::plain(within.all, records))
}
