//! Which audits were made, or are planned, for the rows of programmes.

use std::collections::HashMap;

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Verb},
    evaluation::{
        audit::{Audit, AuditDraft, AuditState},
        audit_programme::row::RowAudit,
    },
};

use super::super::audit::{audit as a, covers};
use crate::{
    kernel::{
        columns::{DocumentColumn, KeyColumn, WordColumn},
        failure::Outcome,
        tx::Tx,
    },
    on,
};

/// Of each row, by fiscal year and number: where its audits stand, and those of them that the caller may read.
pub(super) struct Made(HashMap<(i32, i32), (Vec<AuditState>, Vec<RowAudit>)>);

type Found = (KeyColumn<Audit>, i32, DocumentColumn<AuditDraft>, WordColumn<AuditState>, Option<i32>, Option<i32>);

impl Made {
    /// For the programmes of these years, without audits that were given up.
    pub(super) fn in_years(tx: &mut Tx<'_>, years: impl Iterator<Item = i32> + Clone) -> Outcome<Self> {
        let within = tx.within(Resource::Audit, Verb::Read)?;
        let (first, last) = (years.clone().min().unwrap_or_default(), years.max().unwrap_or_default());
        let found = a::table
            .filter(a::organization_id.eq(tx.organization()))
            .filter(a::programme_year.between(first, last))
            .filter(a::state.ne(WordColumn(AuditState::Cancelled)))
            .order(a::number.asc())
            .select((a::id, a::number, a::content, a::state, a::programme_year, a::programme_row));
        let found: Vec<Found> = on!(tx, found.load(tx))?;
        let mut made: HashMap<_, (Vec<_>, Vec<_>)> = HashMap::new();
        for (id, number, plan, state, year, row) in found {
            let Some(row) = year.zip(row) else { continue };
            let (states, audits) = made.entry(row).or_default();
            states.push(state.0);
            if covers(&within, id.0, &plan.0) {
                audits.push(RowAudit { id: id.0, number, name: plan.0.name.to_string(), state: state.0 });
            }
        }
        Ok(Self(made))
    }

    /// For a row of a year.
    pub(super) fn of(&self, year: i32, row: Option<i32>) -> (&[AuditState], &[RowAudit]) {
        let made = row.and_then(|row| self.0.get(&(year, row)));
        made.map(|(states, audits)| (states.as_slice(), audits.as_slice())).unwrap_or_default()
    }
}
