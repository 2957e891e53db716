//! Internal and external audits (9.2).

use diesel::{dsl::exists, prelude::*};
use mamori_domain::{
    access::Resource,
    evaluation::{audit::AuditState, external_audit::ExternalAuditState},
};

use super::tally::{Tally, signed, versions_signed};
use crate::{
    evaluation::{
        audit::{audit as a, audit_party as party},
        audit_programme::audit_programme as g,
        external_audit::external_audit as x,
        finding::finding as f,
    },
    kernel::{
        among::AmongExt,
        columns::WordColumn,
        failure::Outcome,
        tx::{Tx, Within},
    },
    on,
    planning::readable,
};

pub(super) fn programmes(tx: &mut Tx<'_>, _: &Within) -> Outcome<Tally> {
    let readable = readable(tx, Resource::AuditProgramme)?;
    Ok(versions_signed!(tx, g, search, readable))
}

/// Those that were not given up; approved are those whose plan is.
pub(super) fn audits(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let organization = tx.organization();
    let signed = on!(tx, {
        let mut audits = a::table
            .filter(a::organization_id.eq(organization))
            .filter(a::state.ne(WordColumn(AuditState::Cancelled)))
            .into_boxed::<Db>();
        if !within.all {
            let parties = party::table
                .filter(party::organization_id.eq(a::organization_id))
                .filter(party::audit_id.eq(a::id))
                .filter(party::department_id.among(&within.departments));
            audits = audits.filter(exists(parties).or(a::id.among(&within.audits)));
        }
        signed!(tx, audits, a::sign_off)
    })?;
    Ok(Tally::signed(within.all, signed))
}

/// Those that are planned, or still to be closed.
pub(super) fn external_audits(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let organization = tx.organization();
    let records = on!(tx, {
        let mut standing = x::table
            .filter(x::organization_id.eq(organization))
            .filter(x::state.eq_any([ExternalAuditState::Planned, ExternalAuditState::Performed].map(WordColumn)))
            .into_boxed::<Db>();
        if !within.all {
            standing = standing.filter(x::responsible_person_id.among(&within.persons));
        }
        standing.count().get_result(tx)
    })?;
    Ok(Tally::plain(within.all, records))
}

pub(super) fn findings(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let organization = tx.organization();
    let records = on!(tx, {
        let mut findings = f::table
            .left_join(
                x::table.on(x::organization_id.eq(f::organization_id).and(f::external_audit_id.eq(x::id.nullable()))),
            )
            .filter(f::organization_id.eq(organization))
            .filter(f::withdrawal.is_null())
            .into_boxed::<Db>();
        if !within.all {
            let audited = party::table
                .filter(party::organization_id.eq(f::organization_id))
                .filter(f::audit_id.eq(party::audit_id.nullable()))
                .filter(party::auditor_id.among(&within.persons));
            let of_department = f::department_id.among(&within.departments);
            let in_guests_audit = f::audit_id.among(&within.audits);
            let answered_for = x::responsible_person_id.among(&within.own);
            findings = findings.filter(of_department.or(exists(audited).or(in_guests_audit)).or(answered_for));
        }
        findings.count().get_result(tx)
    })?;
    Ok(Tally::plain(within.all, records))
}
