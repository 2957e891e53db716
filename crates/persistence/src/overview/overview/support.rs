//! Support (clause 7).

use diesel::prelude::*;
use mamori_domain::support::resource::ProvidedResourceState;

use super::tally::{Tally, signed};
use crate::{
    kernel::{
        among::AmongExt,
        columns::WordColumn,
        failure::Outcome,
        tx::{Tx, Within},
    },
    on,
    support::resource::provided_resource as r,
};

pub(super) fn resources(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let organization = tx.organization();
    let signed = on!(tx, {
        let mut asked = r::table
            .filter(r::organization_id.eq(organization))
            .filter(r::state.ne(WordColumn(ProvidedResourceState::Withdrawn)))
            .into_boxed::<Db>();
        if !within.all {
            asked = asked.filter(r::department_id.among(&within.departments));
        }
        signed!(tx, asked, r::sign_off)
    })?;
    Ok(Tally::signed(within.all, signed))
}
