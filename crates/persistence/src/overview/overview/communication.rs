//! Communication (clause 7.4).

use diesel::prelude::*;
use mamori_domain::support::communication::{
    communication::CommunicationState, customer_questionnaire::CustomerQuestionnaireState,
};

use super::tally::Tally;
use crate::{
    kernel::{
        among::AmongExt,
        columns::WordColumn,
        failure::Outcome,
        tx::{Tx, Within},
    },
    on,
    support::communication::{
        communication::communication as c, customer_questionnaire::customer_questionnaire as q,
        procedure::communication_procedure as p,
    },
};

pub(super) fn procedures(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let in_use = p::table.filter(p::organization_id.eq(tx.organization())).filter(p::retirement.is_null());
    Ok(Tally::plain(within.all, on!(tx, in_use.count().get_result(tx))?))
}

/// Those that were not voided.
pub(super) fn communications(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let voided = WordColumn(CommunicationState::Voided);
    let kept = c::table.filter(c::organization_id.eq(tx.organization())).filter(c::state.ne(voided));
    Ok(Tally::plain(within.all, on!(tx, kept.count().get_result(tx))?))
}

/// Those that were not voided.
pub(super) fn customer_questionnaires(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let organization = tx.organization();
    let records = on!(tx, {
        let voided = WordColumn(CustomerQuestionnaireState::Voided);
        let kept = q::table.filter(q::organization_id.eq(organization)).filter(q::state.ne(voided));
        let mut kept = kept.into_boxed::<Db>();
        if !within.all {
            kept = kept.filter(q::department_id.among(&within.departments));
        }
        kept.count().get_result(tx)
    })?;
    Ok(Tally::plain(within.all, records))
}
