//! Operation (clause 8.1).

use diesel::{dsl::exists, prelude::*};
use mamori_domain::kernel::sign_off::SignOffState;

use super::tally::{Tally, signed};
use crate::{
    kernel::{
        among::AmongExt,
        columns::WordColumn,
        failure::Outcome,
        tx::{Tx, Within},
    },
    on,
    operation::{
        annual_plan::annual_plan as a, annual_plan_row::annual_plan_row as r, checklist::operation_checklist as c,
        supplier::supplier as s,
    },
};

pub(super) fn annual_plans(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let organization = tx.organization();
    let signed = on!(tx, {
        let mut plans = a::table
            .filter(a::organization_id.eq(organization))
            .filter(a::closure.is_null())
            .filter(a::sign_off_state.ne(WordColumn(SignOffState::Voided)))
            .into_boxed::<Db>();
        if !within.all {
            let of_plan = r::table.filter(r::organization_id.eq(a::organization_id)).filter(r::plan_id.eq(a::id));
            plans = plans.filter(exists(of_plan.filter(r::assignee_id.among(&within.persons))));
        }
        signed!(tx, plans, a::sign_off)
    })?;
    Ok(Tally::signed(within.all, signed))
}

pub(super) fn checklists(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let organization = tx.organization();
    let records = on!(tx, {
        let mut in_use =
            c::table.filter(c::organization_id.eq(organization)).filter(c::retirement.is_null()).into_boxed::<Db>();
        if !within.all {
            in_use = in_use.filter(c::assignee_id.among(&within.persons));
        }
        in_use.count().get_result(tx)
    })?;
    Ok(Tally::plain(within.all, records))
}

pub(super) fn suppliers(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let organization = tx.organization();
    let records = on!(tx, {
        let mut active =
            s::table.filter(s::organization_id.eq(organization)).filter(s::exit.is_null()).into_boxed::<Db>();
        if !within.all {
            active = active.filter(s::department_id.among(&within.departments));
        }
        active.count().get_result(tx)
    })?;
    Ok(Tally::plain(within.all, records))
}
