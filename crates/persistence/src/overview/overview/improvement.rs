//! Improvement (clause 10.2).

use diesel::{dsl::count, prelude::*};
use mamori_domain::improvement::corrective_action::step::CorrectiveActionState;

use super::tally::{Tally, signed};
use crate::{
    improvement::corrective_action::{corrective_action as c, lies_within},
    kernel::{
        columns::WordColumn,
        failure::Outcome,
        tx::{Tx, Within},
    },
    on,
};

/// Those that were not called off: approved are the requests, waiting all four sign-offs.
pub(super) fn corrective_actions(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let organization = tx.organization();
    let called_off = CorrectiveActionState::CALLED_OFF.map(WordColumn);
    let waiting = CorrectiveActionState::WAITING.map(WordColumn);
    let (signed, (submitted, self_approved)) = on!(tx, {
        let standing = || {
            let mut actions = c::table
                .filter(c::organization_id.eq(organization))
                .filter(c::state.ne_all(called_off))
                .into_boxed::<Db>();
            if !within.all {
                actions = actions.filter(lies_within(within));
            }
            actions
        };
        let counted: (i64, i64) = standing()
            .select((
                count(c::id).aggregate_filter(c::state.eq_any(waiting)),
                count(c::id).aggregate_filter(c::self_approved.eq(true)),
            ))
            .get_result(tx)?;
        (signed!(tx, standing(), c::request_sign_off)?, counted)
    });
    let tally = Tally::signed(within.all, signed);
    Ok(Tally { submitted: Some(submitted), self_approved: Some(self_approved), ..tally })
}
