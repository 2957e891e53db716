//! What the service measures itself: one function for each measure, of the whole organization, whoever asks.

use diesel::prelude::*;
use mamori_domain::{
    kernel::refusal::Refusal,
    operation::week::FiscalYear,
    overview::work_item::Assignee,
    planning::metric::{Decimal, KnownMeasure, MeasuredValue, Share},
};

use crate::{
    improvement::corrective_action as corrective_actions,
    kernel::{failure::Outcome, tx::Tx},
    on,
    organization::organization as organizations,
    overview::work_item,
    planning::treatment_item::treatment_item as i,
    support::education::effectiveness,
};

/// Measures it today. Refused where there is nothing to be a part of: that is no 100 % (EFF-5).
pub fn measure(tx: &mut Tx<'_>, known: KnownMeasure) -> Outcome<MeasuredValue> {
    match known {
        KnownMeasure::TreatmentProgress => part(treatment_progress(tx)?),
        KnownMeasure::EducationRate => part(education_rate(tx)?),
        KnownMeasure::OverdueWork => Ok(count(work(tx)?.1)),
        KnownMeasure::OpenCorrectiveActions => {
            Ok(count(tx.unbounded(|tx| corrective_actions::figures(tx, None))?.open))
        }
    }
}

fn part(share: Share) -> Outcome<MeasuredValue> {
    Ok(MeasuredValue::share(share).ok_or_else(|| Refusal::not_ready(["/population"]).by("R-17"))?)
}

fn count(number: impl TryInto<i32>) -> MeasuredValue {
    MeasuredValue::number(Decimal::from(number.try_into().unwrap_or(i32::MAX)))
}

/// The items of treatment that are finished, of those that are not cancelled.
pub(super) fn treatment_progress(tx: &mut Tx<'_>) -> Outcome<Share> {
    let organization = tx.organization();
    let (whole, part) = on!(
        tx,
        i::table
            .filter(i::organization_id.eq(organization))
            .filter(i::cancelled.eq(false))
            .select((diesel::dsl::count_star(), diesel::dsl::count(i::actual_end)))
            .get_result(tx)
    )?;
    Ok(Share { part, whole })
}

/// Who completed the education of this fiscal year, of all who count.
fn education_rate(tx: &mut Tx<'_>) -> Outcome<Share> {
    let start_month = organizations::find(tx)?.draft.fiscal_year_start_month;
    let year = FiscalYear::containing(tx.today(), start_month).ok_or_else(|| Refusal::not_ready(["/population"]))?;
    Ok(tx.unbounded(|tx| effectiveness::measured(tx, year.starts_on, year.ends_on))?.share())
}

/// How much work waits in all registers, and how much of it is overdue.
pub(super) fn work(tx: &mut Tx<'_>) -> Outcome<(i64, i64)> {
    let items = tx.unbounded(|tx| work_item::list(tx, Assignee::Everybody))?;
    let overdue = items.iter().filter(|item| item.overdue).count();
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    Ok((number(items.len()), number(overdue)))
}
