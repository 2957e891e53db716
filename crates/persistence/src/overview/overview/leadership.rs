//! Leadership (clause 5).

use diesel::prelude::*;
use mamori_domain::kernel::version::VersionState;

use super::tally::{Tally, signed};
use crate::{
    kernel::{
        columns::WordColumn,
        failure::Outcome,
        tx::{Tx, Within},
    },
    leadership::{
        appointment::{Stage, appointment as a},
        commitment::leadership_commitment as c,
        policy::{self, policy as p},
    },
    on,
};

/// Of the eight items those with evidence: what ships counts for nothing.
pub(super) fn commitments(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let shown = c::table.filter(c::organization_id.eq(tx.organization())).filter(c::sign_off.is_not_null());
    Ok(Tally::signed(within.all, on!(tx, signed!(tx, shown, c::sign_off))?))
}

pub(super) fn policies(tx: &mut Tx<'_>, _: &Within) -> Outcome<Tally> {
    let (organization, only) = (tx.organization(), policy::only_readable(tx)?);
    let signed = on!(tx, {
        let mut editions = p::table
            .filter(p::organization_id.eq(organization))
            .filter(p::state.ne(WordColumn(VersionState::Superseded)))
            .into_boxed::<Db>();
        if let Some(only) = only {
            editions = editions.filter(p::version.eq(only));
        }
        signed!(tx, editions, p::sign_off)
    })?;
    Ok(Tally::signed(only.is_none(), signed))
}

/// In force, upcoming or proposed.
pub(super) fn appointments(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let standing = a::table
        .filter(a::organization_id.eq(tx.organization()))
        .filter(a::stage.ne(WordColumn(Stage::Withdrawn)))
        .filter(a::ends_on.is_null().or(a::ends_on.ge(tx.today())));
    Ok(Tally::signed(within.all, on!(tx, signed!(tx, standing, a::sign_off))?))
}
