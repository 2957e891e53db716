//! Awareness (clause 7.3).

use diesel::prelude::*;
use mamori_domain::support::awareness::acknowledgement::AcknowledgementState;

use super::tally::{Tally, versions_signed};
use crate::{
    kernel::{
        among::AmongExt,
        columns::WordColumn,
        failure::Outcome,
        tx::{Tx, Within},
    },
    on,
    organization::person::person as p,
    support::awareness::{
        acknowledgement::acknowledgement as a,
        obligation::{obligation_set as o, readable_sets},
    },
};

pub(super) fn obligations(tx: &mut Tx<'_>, _: &Within) -> Outcome<Tally> {
    let readable = readable_sets(tx)?;
    Ok(versions_signed!(tx, o, search, readable))
}

/// Those that were not voided.
pub(super) fn acknowledgements(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let organization = tx.organization();
    let records = on!(tx, {
        let mut recorded = a::table
            .inner_join(p::table.on(p::organization_id.eq(a::organization_id).and(p::id.eq(a::person_id))))
            .filter(a::organization_id.eq(organization))
            .filter(a::state.eq(WordColumn(AcknowledgementState::Recorded)))
            .into_boxed::<Db>();
        if !within.all {
            let own = a::person_id.among(&within.own);
            recorded = recorded.filter(own.or(p::department_id.among(&within.departments)));
        }
        recorded.count().get_result(tx)
    })?;
    Ok(Tally::plain(within.all, records))
}
