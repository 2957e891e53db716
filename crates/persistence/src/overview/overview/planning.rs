//! Planning (clause 6, and what of 8.2 and 8.3 goes with it).

use diesel::{
    dsl::{count, count_star},
    prelude::*,
};
use mamori_domain::{
    access::Resource,
    planning::{
        asset::AssetState, objective::ObjectiveState, planned_change::PlannedChangeState, risk::RiskState,
        treatment_plan::PlanState,
    },
};

use super::tally::{Tally, signed, versions_signed};
use crate::{
    kernel::{
        among::AmongExt,
        columns::WordColumn,
        failure::Outcome,
        tx::{Tx, Within},
    },
    on,
    planning::{
        applicability::statement_of_applicability as soa,
        asset::{self, asset as a},
        objective::objective as o,
        planned_change::planned_change as change,
        readable,
        risk::{self, risk as r},
        risk_assessment::risk_assessment as ra,
        risk_criteria::risk_criteria as criteria,
        treatment_item::{self, treatment_item as i},
        treatment_plan::{treatment_plan as tp, treatment_plan_risk as covered},
    },
};

/// Approved are those that their owner confirmed.
pub(super) fn assets(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let organization = tx.organization();
    let (records, confirmed) = on!(tx, {
        let mut in_use = a::table
            .filter(a::organization_id.eq(organization))
            .filter(a::state.eq(WordColumn(AssetState::InUse)))
            .into_boxed::<Db>();
        if !within.all {
            in_use = in_use.filter(asset::lies_within(within));
        }
        in_use.select((count_star(), count(a::confirmation))).get_result(tx)
    })?;
    Ok(Tally { approved: Some(confirmed), ..Tally::plain(within.all, records) })
}

pub(super) fn risk_criteria(tx: &mut Tx<'_>, _: &Within) -> Outcome<Tally> {
    let readable = readable(tx, Resource::RiskCriteria)?;
    Ok(versions_signed!(tx, criteria, title, readable))
}

/// Approved are those that their owner accepted.
pub(super) fn risks(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let organization = tx.organization();
    let (records, accepted) = on!(tx, {
        let mut open = r::table
            .filter(r::organization_id.eq(organization))
            .filter(r::state.ne(WordColumn(RiskState::Closed)))
            .into_boxed::<Db>();
        if !within.all {
            open = open.filter(risk::lies_within(within));
        }
        let accepted = r::state.eq(WordColumn(RiskState::Accepted));
        open.select((count_star(), count(r::id).aggregate_filter(accepted))).get_result(tx)
    })?;
    Ok(Tally { approved: Some(accepted), ..Tally::plain(within.all, records) })
}

pub(super) fn statements_of_applicability(tx: &mut Tx<'_>, _: &Within) -> Outcome<Tally> {
    let readable = readable(tx, Resource::StatementOfApplicability)?;
    Ok(versions_signed!(tx, soa, title, readable))
}

/// Those that cover a risk within reach.
pub(super) fn treatment_plans(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let organization = tx.organization();
    let signed = on!(tx, {
        let mut plans = tp::table
            .filter(tp::organization_id.eq(organization))
            .filter(tp::state.ne_all([PlanState::Closed, PlanState::Voided].map(WordColumn)))
            .into_boxed::<Db>();
        if !within.all {
            let covering = covered::table
                .inner_join(
                    r::table.on(r::organization_id.eq(covered::organization_id).and(r::id.eq(covered::risk_id))),
                )
                .filter(covered::organization_id.eq(organization))
                .filter(risk::lies_within(within))
                .select(covered::treatment_plan_id);
            plans = plans.filter(tp::id.eq_any(covering));
        }
        signed!(tx, plans, tp::sign_off)
    })?;
    Ok(Tally::signed(within.all, signed))
}

pub(super) fn objectives(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let organization = tx.organization();
    let signed = on!(tx, {
        let mut standing = o::table
            .filter(o::organization_id.eq(organization))
            .filter(o::state.ne(WordColumn(ObjectiveState::Replaced)))
            .filter(o::state.ne(WordColumn(ObjectiveState::Ended)))
            .into_boxed::<Db>();
        if !within.all {
            standing = standing.filter(o::department_id.among(&within.departments));
        }
        signed!(tx, standing, o::sign_off)
    })?;
    Ok(Tally::signed(within.all, signed))
}

pub(super) fn planned_changes(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let standing = change::table
        .filter(change::organization_id.eq(tx.organization()))
        .filter(change::state.ne(WordColumn(PlannedChangeState::Cancelled)));
    Ok(Tally::signed(within.all, on!(tx, signed!(tx, standing, change::sign_off))?))
}

pub(super) fn risk_assessments(tx: &mut Tx<'_>, _: &Within) -> Outcome<Tally> {
    let readable = readable(tx, Resource::Risk)?;
    Ok(versions_signed!(tx, ra, search, readable))
}

pub(super) fn treatment_items(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let organization = tx.organization();
    let records = on!(tx, {
        let mut items = i::table
            .inner_join(r::table.on(r::organization_id.eq(i::organization_id).and(r::id.eq(i::risk_id))))
            .filter(i::organization_id.eq(organization))
            .filter(i::cancelled.eq(false))
            .into_boxed::<Db>();
        if !within.all {
            items = items.filter(treatment_item::lies_within(within));
        }
        items.count().get_result(tx)
    })?;
    Ok(Tally::plain(within.all, records))
}
