//! Where the auditors of an audit stand today, so that nobody audits the own work.

use std::collections::BTreeSet;

use diesel::prelude::*;
use mamori_domain::{
    evaluation::audit::{
        AuditDraft,
        row::{AuditorStanding, Independence},
    },
    organization::{department::Department, person::Person},
};

use crate::{
    kernel::{among::AmongExt, columns::KeyColumn, failure::Outcome, tx::Tx},
    leadership::appointment as appointments,
    on,
    organization::{
        department as departments,
        person::person as p,
        position::{position as pos, position_holder as holder},
    },
};

/// Everything that the independence of a plan's auditors is judged by, as of today.
pub fn independence(tx: &mut Tx<'_>, plan: &AuditDraft) -> Outcome<Independence> {
    let (organization, today) = (tx.organization(), tx.today());
    let auditors: Vec<KeyColumn<Person>> =
        plan.auditors().collect::<BTreeSet<_>>().into_iter().map(KeyColumn).collect();
    let mut independence = Independence::default();
    let works_here = p::table
        .filter(p::organization_id.eq(organization))
        .filter(p::id.among(&auditors))
        .filter(p::left_on.is_null().or(p::left_on.ge(today)));
    let found: Vec<(KeyColumn<Person>, Option<KeyColumn<Department>>)> =
        on!(tx, works_here.select((p::id, p::department_id)).load(tx))?;
    for (person, department) in found {
        let department = department.map(|id| id.0);
        independence.auditors.insert(person.0, AuditorStanding { department, ..AuditorStanding::default() });
    }
    let heads = holder::table
        .inner_join(
            pos::table.on(pos::organization_id.eq(holder::organization_id).and(pos::id.eq(holder::position_id))),
        )
        .filter(holder::organization_id.eq(organization))
        .filter(holder::person_id.among(&auditors))
        .filter(holder::starts_on.le(today))
        .filter(holder::ends_on.is_null().or(holder::ends_on.ge(today)))
        .filter(pos::is_head.eq(true));
    let heads: Vec<(KeyColumn<Person>, KeyColumn<Department>)> =
        on!(tx, heads.select((holder::person_id, pos::department_id)).load(tx))?;
    for (person, department) in heads {
        if let Some(standing) = independence.auditors.get_mut(&person.0) {
            standing.leads.push(department.0);
        }
    }
    for (person, held) in appointments::held(tx, &auditors)? {
        if let Some(standing) = independence.auditors.get_mut(&person) {
            standing.roles.push(held.role);
            standing.leads.extend(held.department);
        }
    }
    for (department, above) in departments::lineage(tx)? {
        independence.lines.entry(department).or_default().insert(above);
    }
    Ok(independence)
}
