//! What was ever audited, and which controls are applicable: a constant number of statements for a programme.

use std::collections::HashMap;

use diesel::{dsl::min, prelude::*};
use mamori_domain::{
    evaluation::{
        audit::{Audit, AuditCourse, AuditState},
        audit_checklist_item::AuditJudgement,
        audit_programme::{
            AuditProgramme, AuditProgrammeDraft,
            coverage::{AuditCoverage, Audited},
        },
    },
    kernel::{date::date_in, version::VersionState},
};

use super::audit_programme as g;
use crate::{
    evaluation::{audit::audit as a, audit_checklist_item::audit_checklist_item as item},
    kernel::{
        columns::{DocumentColumn, KeyColumn, WordColumn},
        failure::Outcome,
        tx::Tx,
    },
    on,
    planning::applicability::control as controls,
};

/// What a programme covers today: whoever reads the programme reads it.
pub fn of(tx: &mut Tx<'_>, programme: &AuditProgramme) -> Outcome<AuditCoverage> {
    let applicable = controls::in_force(tx)?.applicable();
    let approved = [VersionState::InForce, VersionState::Superseded].map(WordColumn);
    let approved = g::table.filter(g::organization_id.eq(tx.organization())).filter(g::state.eq_any(approved));
    let first: Option<i32> = on!(tx, approved.select(min(g::fiscal_year)).get_result(tx))?;
    let audited = audited(tx)?;
    Ok(programme.coverage(&audited, applicable, first, tx.today()))
}

/// A reported audit: what happened in it, and the row that it fulfils.
type Reported = (KeyColumn<Audit>, DocumentColumn<AuditCourse>, Option<i32>, Option<i32>);

/// Everything that reported audits looked at. A checklist asks about clauses and controls of Annex A; an own control is
/// looked at by the audits for a row that names it.
fn audited(tx: &mut Tx<'_>) -> Outcome<Vec<Audited>> {
    let (organization, zone) = (tx.organization(), tx.context().time_zone);
    let reported = AuditState::REPORTED.map(WordColumn);
    let audits = a::table.filter(a::organization_id.eq(organization)).filter(a::state.eq_any(reported)).select((
        a::id,
        a::course,
        a::programme_year,
        a::programme_row,
    ));
    let audits: Vec<Reported> = on!(tx, audits.load(tx))?;
    let judged = item::table
        .inner_join(a::table.on(a::organization_id.eq(item::organization_id).and(a::id.eq(item::audit_id))))
        .filter(item::organization_id.eq(organization))
        .filter(item::withdrawal.is_null())
        .filter(item::judgement.ne(WordColumn(AuditJudgement::NotChecked)))
        .filter(a::state.eq_any(reported))
        .filter(item::clause.is_not_null().or(item::control.is_not_null()))
        .select((item::audit_id, item::clause, item::control))
        .distinct();
    let judged: Vec<(KeyColumn<Audit>, Option<String>, Option<String>)> = on!(tx, judged.load(tx))?;
    let own = own_controls(tx)?;
    let mut days = HashMap::new();
    let mut found = Vec::new();
    for (audit, course, year, row) in audits {
        let Some(finished) = course.0.fieldwork_finished else { continue };
        let on = date_in(zone, finished.at);
        days.insert(audit, on);
        let named = year.zip(row).and_then(|row| own.get(&row)).into_iter().flatten();
        found.extend(named.map(|control| Audited { on, clause: None, control: Some(control.clone()) }));
    }
    found.extend(judged.into_iter().filter_map(|(audit, clause, control)| {
        let on = *days.get(&audit)?;
        Some(Audited { on, clause, control })
    }));
    Ok(found)
}

/// The own controls that the rows of the programmes in force name, by fiscal year and number of the row.
fn own_controls(tx: &mut Tx<'_>) -> Outcome<HashMap<(i32, i32), Vec<String>>> {
    let holding = g::table
        .filter(g::organization_id.eq(tx.organization()))
        .filter(g::state.eq(WordColumn(VersionState::InForce)))
        .select((g::fiscal_year, g::content));
    let holding: Vec<(i32, DocumentColumn<AuditProgrammeDraft>)> = on!(tx, holding.load(tx))?;
    let mut own = HashMap::new();
    for (year, programme) in holding {
        for row in programme.0.rows {
            let Some(number) = row.number else { continue };
            own.insert((year, number), row.own_controls().map(str::to_owned).collect());
        }
    }
    Ok(own)
}
