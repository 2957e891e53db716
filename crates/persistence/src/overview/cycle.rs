//! What is counted of each fiscal year (10.1), out of the registers. A constant number of statements.

use chrono::NaiveDate;
use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Verb},
    evaluation::{
        audit::{AuditDraft, AuditState},
        management_review::ManagementReviewState,
        review_action::ReviewActionState,
    },
    kernel::{date::date_in, page::PageRequest, sign_off::SignOffState},
    operation::occurrence::Occurrence,
    overview::cycle::{CountedFinding, Cycle, Deed, PursuedObjective, Turned},
    planning::objective::ObjectiveState,
};

use crate::{
    evaluation::{
        audit::audit as a, finding as findings, management_review::management_review as m,
        review_action::review_action as ra,
    },
    improvement::corrective_action as corrective_actions,
    kernel::{
        columns::{DocumentColumn, WordColumn},
        failure::Outcome,
        tx::Tx,
    },
    on,
    operation::{annual_plan::annual_plan as p, annual_plan_row::annual_plan_row as r},
    organization::organization as organizations,
    planning::{objective as objectives, treatment_item::treatment_item as i},
};

/// This fiscal year and those before it.
pub(super) fn cycles(tx: &mut Tx<'_>) -> Outcome<Vec<Cycle>> {
    let start_month = organizations::find(tx)?.draft.fiscal_year_start_month;
    let turned = Turned {
        objectives: whole(tx, Resource::Objective, pursued)?,
        annual_plan: whole(tx, Resource::AnnualPlan, scheduled)?,
        risk_treatment: whole(tx, Resource::TreatmentItem, treatment)?,
        audits: whole(tx, Resource::Audit, audits)?,
        findings: whole(tx, Resource::Finding, found)?,
        management_reviews: whole(tx, Resource::ManagementReview, reviews)?,
        corrective_actions: whole(tx, Resource::CorrectiveActionRequest, |tx| corrective_actions::counted(tx, None))?,
        instructions: whole(tx, Resource::ReviewAction, instructions)?,
    };
    Ok(turned.cycles(tx.today(), start_month))
}

/// What is counted of a register, where the caller reads all of it.
fn whole<T>(
    tx: &mut Tx<'_>,
    resource: Resource,
    count: impl FnOnce(&mut Tx<'_>) -> Outcome<Vec<T>>,
) -> Outcome<Option<Vec<T>>> {
    if tx.within(resource, Verb::Read)?.all { count(tx).map(Some) } else { Ok(None) }
}

/// Those that were approved.
fn pursued(tx: &mut Tx<'_>) -> Outcome<Vec<PursuedObjective>> {
    let counts = |state| matches!(state, ObjectiveState::Approved | ObjectiveState::Evaluated);
    let objectives = objectives::all(tx)?.into_iter().filter(|objective| counts(objective.state));
    let pursued = objectives.map(|objective| PursuedObjective {
        due_on: objective.due_on,
        result: objective.evaluation.map(|found| found.result),
    });
    Ok(pursued.collect())
}

/// What approved plans schedule and was not left out.
fn scheduled(tx: &mut Tx<'_>) -> Outcome<Vec<Deed>> {
    let organization = tx.organization();
    let rows: Vec<DocumentColumn<Vec<Occurrence>>> = on!(
        tx,
        r::table
            .inner_join(p::table.on(p::organization_id.eq(r::organization_id).and(p::id.eq(r::plan_id))))
            .filter(r::organization_id.eq(organization))
            .filter(p::sign_off_state.eq(WordColumn(SignOffState::Approved)))
            .filter(r::withdrawal.is_null())
            .select(r::occurrences)
            .load(tx)
    )?;
    let occurrences = rows.into_iter().flat_map(|row| row.0).filter(|occurrence| occurrence.skipped.is_none());
    let deed = |occurrence: Occurrence| {
        let (on, due_on) = occurrence.weeks.iter().max().copied().zip(occurrence.last_day())?;
        Some(Deed { on, due_on, done: occurrence.done.is_some() })
    };
    Ok(occurrences.filter_map(deed).collect())
}

fn treatment(tx: &mut Tx<'_>) -> Outcome<Vec<Deed>> {
    let organization = tx.organization();
    let items: Vec<(Option<NaiveDate>, Option<NaiveDate>)> = on!(
        tx,
        i::table
            .filter(i::organization_id.eq(organization))
            .filter(i::cancelled.eq(false))
            .filter(i::planned_end.is_not_null())
            .select((i::planned_end, i::actual_end))
            .load(tx)
    )?;
    Ok(items.into_iter().filter_map(|(due, ended)| Some(Deed::by(due?, ended.is_some()))).collect())
}

/// Those whose plan was approved, by the last of their days.
fn audits(tx: &mut Tx<'_>) -> Outcome<Vec<Deed>> {
    let unplanned = [AuditState::Draft, AuditState::Submitted, AuditState::Cancelled].map(WordColumn);
    let planned = a::table.filter(a::organization_id.eq(tx.organization())).filter(a::state.ne_all(unplanned));
    let audits: Vec<(DocumentColumn<AuditDraft>, WordColumn<AuditState>)> =
        on!(tx, planned.select((a::content, a::state)).load(tx))?;
    let zone = tx.context().time_zone;
    let deed = |(plan, state): (DocumentColumn<AuditDraft>, WordColumn<AuditState>)| {
        let last = plan.0.rows.iter().map(|row| row.scheduled_at).max()?;
        Some(Deed::by(date_in(zone, last), AuditState::REPORTED.contains(&state.0)))
    };
    Ok(audits.into_iter().filter_map(deed).collect())
}

fn found(tx: &mut Tx<'_>) -> Outcome<Vec<CountedFinding>> {
    let zone = tx.context().time_zone;
    let findings = findings::list(tx, &findings::Filter::default(), &PageRequest::whole())?.items;
    let counted = findings.into_iter().map(|finding| CountedFinding {
        found_on: date_in(zone, finding.created_at),
        rank: finding.draft.rank,
        state: finding.state,
        has_corrective_action: finding.corrective_action.is_some(),
    });
    Ok(counted.collect())
}

fn reviews(tx: &mut Tx<'_>) -> Outcome<Vec<Deed>> {
    let reviews = m::table
        .filter(m::organization_id.eq(tx.organization()))
        .filter(m::state.ne(WordColumn(ManagementReviewState::Voided)));
    let planned: Vec<(NaiveDate, Option<NaiveDate>)> = on!(tx, reviews.select((m::planned_on, m::held_on)).load(tx))?;
    Ok(planned.into_iter().map(|(planned_on, held_on)| Deed::by(planned_on, held_on.is_some())).collect())
}

fn instructions(tx: &mut Tx<'_>) -> Outcome<Vec<Deed>> {
    let given = ra::table
        .filter(ra::organization_id.eq(tx.organization()))
        .filter(ra::state.ne(WordColumn(ReviewActionState::Cancelled)));
    let given: Vec<(NaiveDate, bool)> = on!(tx, given.select((ra::due_on, ra::completion.is_not_null())).load(tx))?;
    Ok(given.into_iter().map(|(due_on, done)| Deed::by(due_on, done)).collect())
}
