//! Which controls of Annex A the treatment of risks uses.

use std::collections::BTreeMap;

use diesel::prelude::*;
use mamori_domain::{
    catalog::control::ControlId,
    planning::{
        applicability::control::ControlRisk,
        risk::{Risk, RiskState},
        treatment::TreatmentDecision,
    },
};

use super::{belonging::lies_within, risk as r};
use crate::{
    kernel::{
        columns::{DocumentColumn, KeyColumn, WordColumn},
        failure::Outcome,
        tx::{Tx, Within},
    },
    on,
};

/// The open risks within that use each control, by number, in one query.
pub fn uses_of_controls(tx: &mut Tx<'_>, within: &Within) -> Outcome<BTreeMap<ControlId, Vec<ControlRisk>>> {
    let organization = tx.organization();
    let rows: Vec<(KeyColumn<Risk>, i32, Option<DocumentColumn<TreatmentDecision>>)> = on!(tx, {
        let mut query = r::table
            .filter(r::organization_id.eq(organization))
            .filter(r::state.ne(WordColumn(RiskState::Closed)))
            .filter(r::treatment.is_not_null())
            .order(r::number.asc())
            .select((r::id, r::number, r::treatment))
            .into_boxed::<Db>();
        if !within.all {
            query = query.filter(lies_within(within));
        }
        query.load(tx)
    })?;
    let mut uses: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (id, number, treatment) in rows {
        for control in treatment.iter().flat_map(|decision| decision.0.annex_a_ids()) {
            uses.entry(control).or_default().push(ControlRisk { id: id.0, number });
        }
    }
    Ok(uses)
}
