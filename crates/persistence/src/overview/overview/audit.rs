//! Internal audits (9.2).

use diesel::{dsl::exists, prelude::*};
use mamori_domain::evaluation::audit::AuditState;

use super::tally::{Tally, signed};
use crate::{
    evaluation::{
        audit::{audit as a, audit_party as party},
        finding::finding as f,
    },
    kernel::{
        among::AmongExt,
        columns::WordColumn,
        failure::Outcome,
        tx::{Tx, Within},
    },
    on,
};

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

pub(super) fn findings(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let organization = tx.organization();
    let records = on!(tx, {
        let mut findings =
            f::table.filter(f::organization_id.eq(organization)).filter(f::withdrawal.is_null()).into_boxed::<Db>();
        if !within.all {
            let audited = party::table
                .filter(party::organization_id.eq(f::organization_id))
                .filter(f::audit_id.eq(party::audit_id.nullable()))
                .filter(party::auditor_id.among(&within.persons));
            let found = f::department_id.among(&within.departments).or(f::audit_id.among(&within.audits));
            findings = findings.filter(found.or(exists(audited)));
        }
        findings.count().get_result(tx)
    })?;
    Ok(Tally::plain(within.all, records))
}
