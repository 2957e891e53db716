//! Context (clause 4).

use diesel::prelude::*;
use mamori_domain::{access::Resource, context::action::ContextActionState};

use super::tally::{Tally, versions_signed};
use crate::{
    context::{
        action::context_action as ca, interested_party::interested_party as i, issue::context_issue as ci,
        network_diagram::network_diagram as n, readable, reads_register, review::context_review as cr,
        scope::isms_scope as s, zone::zone as z,
    },
    kernel::{
        among::AmongExt,
        columns::WordColumn,
        failure::Outcome,
        tx::{Tx, Within},
    },
    on,
};

pub(super) fn issues(tx: &mut Tx<'_>, _: &Within) -> Outcome<Tally> {
    if !reads_register(tx, Resource::ContextIssue)? {
        return Ok(Tally::default());
    }
    let in_use = ci::table.filter(ci::organization_id.eq(tx.organization())).filter(ci::retirement.is_null());
    Ok(Tally::plain(true, on!(tx, in_use.count().get_result(tx))?))
}

pub(super) fn reviews(tx: &mut Tx<'_>, _: &Within) -> Outcome<Tally> {
    let readable = readable(tx, Resource::ContextReview)?;
    Ok(versions_signed!(tx, cr, search, readable))
}

pub(super) fn interested_parties(tx: &mut Tx<'_>, _: &Within) -> Outcome<Tally> {
    if !reads_register(tx, Resource::InterestedParty)? {
        return Ok(Tally::default());
    }
    let in_use = i::table.filter(i::organization_id.eq(tx.organization())).filter(i::retirement.is_null());
    Ok(Tally::plain(true, on!(tx, in_use.count().get_result(tx))?))
}

/// Those that were not given up.
pub(super) fn actions(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let organization = tx.organization();
    let records = on!(tx, {
        let cancelled = WordColumn(ContextActionState::Cancelled);
        let kept = ca::table.filter(ca::organization_id.eq(organization)).filter(ca::state.ne(cancelled));
        let mut kept = kept.into_boxed::<Db>();
        if !within.all {
            kept = kept.filter(ca::responsible_person_id.among(&within.persons));
        }
        kept.count().get_result(tx)
    })?;
    Ok(Tally::plain(within.all, records))
}

pub(super) fn scopes(tx: &mut Tx<'_>, _: &Within) -> Outcome<Tally> {
    let readable = readable(tx, Resource::Scope)?;
    Ok(versions_signed!(tx, s, title, readable))
}

pub(super) fn zones(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let active = z::table.filter(z::organization_id.eq(tx.organization())).filter(z::retired_on.is_null());
    Ok(Tally::plain(within.all, on!(tx, active.count().get_result(tx))?))
}

pub(super) fn network_diagrams(tx: &mut Tx<'_>, _: &Within) -> Outcome<Tally> {
    let readable = readable(tx, Resource::Scope)?;
    Ok(versions_signed!(tx, n, title, readable))
}
