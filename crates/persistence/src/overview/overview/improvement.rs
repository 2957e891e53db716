//! Improvement (clause 10.2).

use diesel::{dsl::count, prelude::*};
use mamori_domain::improvement::corrective_action::step::CorrectiveActionState;

use super::tally::Tally;
use crate::{
    improvement::corrective_action::{corrective_action as c, lies_within},
    kernel::{
        columns::WordColumn,
        failure::Outcome,
        tx::{Tx, Within},
    },
    on,
};

/// Those on which something is still to be done; approved by who prepared them counts for all, also those that are over.
/// Each has four sign-offs: what waits for approval is among the work.
pub(super) fn corrective_actions(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let organization = tx.organization();
    let over = CorrectiveActionState::OVER.map(WordColumn);
    let (open, self_approved): (i64, i64) = on!(tx, {
        let mut actions = c::table.filter(c::organization_id.eq(organization)).into_boxed::<Db>();
        if !within.all {
            actions = actions.filter(lies_within(within));
        }
        actions
            .select((
                count(c::id).aggregate_filter(c::state.ne_all(over)),
                count(c::id).aggregate_filter(c::self_approved.eq(true)),
            ))
            .get_result(tx)
    })?;
    Ok(Tally { self_approved: Some(self_approved), ..Tally::plain(within.all, open) })
}
