//! The rows that an approved plan keeps.

use std::collections::HashSet;

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Verb},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
    },
    planning::{
        treatment_item::TreatmentItem,
        treatment_plan::{PlanRow, PlanState, TreatmentPlan},
    },
};

use self::treatment_plan_row as k;
use super::treatment_plan as tp;
use crate::{
    kernel::{
        among::AmongExt,
        columns::{DocumentColumn, KeyColumn, WordColumn},
        failure::Outcome,
        paging::{cut, one_more},
        tx::Tx,
    },
    on,
    planning::risk::{lies_within, risk as r},
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    treatment_plan_row (organization_id, treatment_plan_id, item_id) {
        organization_id -> Key,
        treatment_plan_id -> Key,
        item_id -> Key,
        risk_id -> Key,
        number -> Integer,
        content -> Document,
    }
}

/// A page of the rows of a plan, as far as the caller may read their risks; sorts by `number`. None before the approval.
pub fn rows(tx: &mut Tx<'_>, plan: Id<TreatmentPlan>, page: &PageRequest) -> Outcome<Page<PlanRow>> {
    let within = tx.within(Resource::TreatmentDecision, Verb::Read)?;
    let organization = tx.organization();
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = k::table
                .inner_join(r::table.on(r::organization_id.eq(k::organization_id).and(r::id.eq(k::risk_id))))
                .filter(k::organization_id.eq(organization))
                .filter(k::treatment_plan_id.eq(KeyColumn(plan)))
                .into_boxed::<Db>();
            if !within.all {
                query = query.filter(lies_within(&within));
            }
            query
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = sorted!(filtered(), page, k::number, k::item_id, i32);
        let rows: Vec<DocumentColumn<PlanRow>> = query.limit(one_more(page)).select(k::content).load(tx)?;
        (rows, total)
    });
    let rows = rows.into_iter().map(|row| row.0).collect();
    Ok(cut(rows, page, total, |row: &PlanRow| (serde_json::json!(row.number), row.item_id.uuid())))
}

/// Of these items those that a closed plan keeps: they are not reopened (§5.2).
pub(in crate::planning) fn put_away(
    tx: &mut Tx<'_>,
    items: &[KeyColumn<TreatmentItem>],
) -> Outcome<HashSet<KeyColumn<TreatmentItem>>> {
    let organization = tx.organization();
    let kept: Vec<KeyColumn<TreatmentItem>> = on!(
        tx,
        k::table
            .inner_join(tp::table.on(tp::organization_id.eq(k::organization_id).and(tp::id.eq(k::treatment_plan_id))))
            .filter(k::organization_id.eq(organization))
            .filter(k::item_id.among(items))
            .filter(tp::state.eq(WordColumn(PlanState::Closed)))
            .select(k::item_id)
            .load(tx)
    )?;
    Ok(kept.into_iter().collect())
}

/// Keeps the rows that were approved.
pub(super) fn keep(tx: &mut Tx<'_>, plan: Id<TreatmentPlan>, rows: Vec<PlanRow>) -> Outcome<()> {
    let organization = tx.organization();
    for row in rows {
        let row = (
            k::organization_id.eq(organization),
            k::treatment_plan_id.eq(KeyColumn(plan)),
            k::item_id.eq(KeyColumn(row.item_id)),
            k::risk_id.eq(KeyColumn(row.risk_id)),
            k::number.eq(row.number),
            k::content.eq(DocumentColumn(row)),
        );
        on!(tx, diesel::insert_into(k::table).values(&row).execute(tx))?;
    }
    Ok(())
}
