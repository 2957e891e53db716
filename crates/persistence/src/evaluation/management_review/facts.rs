//! What the service knows for the inputs of a review, out of the registers of the whole organization: whoever may read the
//! review reads it. A constant number of statements.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Verb},
    context::review::ContextRow,
    evaluation::{
        feedback::FeedbackState,
        management_review::{
            AuditFact, AuditResults, ChangedContext, CorrectiveActionsFact, ExternalAuditFact, FeedbackFact,
            FindingFact, HoldingDraft, InstructionFact, ManagementReview, MeasurementFact, MetObjectives, NewRisk,
            ReviewFacts, RiskStatus, SelfApproval, UnfinishedItem, WorkFact,
        },
        measurement::MeasurementState,
    },
    improvement::corrective_action::figures::CorrectiveActionFigures,
    kernel::{id::Id, page::PageRequest, reference::Reference, text::Text},
    organization::person::Person,
    planning::{
        risk::{Risk, RiskState},
        treatment_item::TreatmentItem,
    },
};
use serde::Deserialize;
use uuid::Uuid;

use super::{attendees, keep, kept, last_held, store};
use crate::{
    context::{named, review as context_review},
    evaluation::{audit, external_audit, feedback, finding, measure, measurement, review_action},
    improvement::corrective_action as actions,
    integration::event::event as e,
    kernel::{
        columns::{DocumentColumn, KeyColumn, MomentColumn, WordColumn},
        failure::Outcome,
        loaded::Loaded,
        tx::{Tx, require_within},
    },
    on,
    organization::{organization as organizations, person::person as p},
    planning::{objective, risk::risk as r, treatment_item::treatment_item as i},
};

/// How many records of one kind are told: more nobody reads in a review.
const MOST: i64 = 500;

/// What the service knows for a review: what it kept, or the registers as they stand. For those who read every review: it
/// tells of records that others may not read.
pub fn facts(tx: &mut Tx<'_>, review: &ManagementReview) -> Outcome<ReviewFacts> {
    let within = tx.within(Resource::ManagementReview, Verb::Read)?;
    require_within(within.all)?;
    match kept(tx, review.id)?.facts {
        Some(facts) => Ok(facts.0),
        None => Ok(gather(tx)?.0),
    }
}

/// Records that a review was held, and keeps what the service knows at this moment.
pub fn hold(tx: &mut Tx<'_>, mut review: Loaded<ManagementReview>, draft: HoldingDraft) -> Outcome<ManagementReview> {
    let attendees = attendees(tx, &draft.attendee_ids)?;
    let (terms, by) = (organizations::management_review_terms(tx)?, tx.signature(None)?);
    let previous = last_held(tx)?.map(|last| last.review);
    review.hold(draft, attendees, previous, terms, by, tx.today())?;
    let (facts, context) = gather(tx)?;
    keep(tx, review.id, ReviewFacts { kept: true, ..facts }, context)?;
    store(tx, review)
}

/// What stands in the registers, and the context to compare the next review with.
fn gather(tx: &mut Tx<'_>) -> Outcome<(ReviewFacts, Vec<ContextRow>)> {
    let last = last_held(tx)?;
    let before = match &last {
        Some(last) => kept(tx, last.id)?.context_rows.map(|rows| rows.0).unwrap_or_default(),
        None => Vec::new(),
    };
    let since = last.map(|last| last.recorded_at);
    let context = context_review::registers(tx, &before)?;
    let (waiting, overdue) = measure::work(tx)?;
    let facts = ReviewFacts {
        on: tx.today(),
        since,
        kept: false,
        previous_actions: instructions(tx, since)?,
        issue_changes: ChangedContext::of(&context, true),
        interested_party_changes: ChangedContext::of(&context, false),
        measurements: measurements(tx, since)?,
        corrective_actions: corrective_actions(tx)?,
        audits: audits(tx, since)?,
        work: WorkFact { waiting, overdue },
        objectives: MetObjectives::of(objective::all(tx)?, since),
        self_approvals: self_approvals(tx, since)?,
        feedback: feedback_since(tx, since)?,
        risk_status: risk_status(tx, since)?,
    };
    Ok((facts, context))
}

fn most() -> PageRequest {
    PageRequest { limit: MOST, ..PageRequest::one() }
}

fn instructions(tx: &mut Tx<'_>, since: Option<DateTime<Utc>>) -> Outcome<Vec<InstructionFact>> {
    let filter = review_action::Filter {
        open_or_changed_since: Some(since.unwrap_or(DateTime::UNIX_EPOCH)),
        ..review_action::Filter::default()
    };
    let actions = tx.unbounded(|tx| review_action::list(tx, &filter, &most()))?.items;
    Ok(actions.into_iter().map(InstructionFact::of).collect())
}

fn measurements(tx: &mut Tx<'_>, since: Option<DateTime<Utc>>) -> Outcome<Vec<MeasurementFact>> {
    let filter = measurement::Filter {
        recorded_since: since,
        state: Some(MeasurementState::Recorded),
        ..measurement::Filter::default()
    };
    let measured = tx.unbounded(|tx| measurement::list(tx, &filter, &most()))?.items;
    Ok(measured.into_iter().map(MeasurementFact::of).collect())
}

/// Reports that were approved since then, and the findings that nobody has settled.
fn audits(tx: &mut Tx<'_>, since: Option<DateTime<Utc>>) -> Outcome<AuditResults> {
    let changed = audit::Filter { updated_since: since, ..audit::Filter::default() };
    let audits = tx.unbounded(|tx| audit::list(tx, &changed, &most()))?.items;
    let recorded = external_audit::Filter { updated_since: since, ..external_audit::Filter::default() };
    let external = tx.unbounded(|tx| external_audit::list(tx, &recorded, &most()))?.items;
    let findings = tx.unbounded(|tx| finding::list(tx, &finding::Filter::default(), &most()))?.items;
    let mut open_findings: Vec<FindingFact> = findings.into_iter().filter_map(FindingFact::of).collect();
    open_findings.sort_by_key(|finding| finding.rank);
    Ok(AuditResults {
        reported: audits.into_iter().filter_map(|audit| AuditFact::of(audit, since)).collect(),
        external: external.into_iter().filter_map(|audit| ExternalAuditFact::of(audit, since)).collect(),
        open_findings,
    })
}

/// What was said or handled since then, and what still waits.
fn feedback_since(tx: &mut Tx<'_>, since: Option<DateTime<Utc>>) -> Outcome<Vec<FeedbackFact>> {
    let mut said = Vec::new();
    for (state, updated_since) in [(FeedbackState::Received, None), (FeedbackState::Handled, since)] {
        let filter = feedback::Filter { state: Some(state), updated_since, ..feedback::Filter::default() };
        said.extend(tx.unbounded(|tx| feedback::list(tx, &filter, &most()))?.items);
    }
    said.sort_by_key(|one| one.number);
    Ok(said.into_iter().map(FeedbackFact::of).collect())
}

fn risk_status(tx: &mut Tx<'_>, since: Option<DateTime<Utc>>) -> Outcome<RiskStatus> {
    type Identified = (KeyColumn<Risk>, i32, String, WordColumn<RiskState>);
    type Unfinished = (
        (KeyColumn<TreatmentItem>, i32, i32),
        DocumentColumn<Vec<Text>>,
        (KeyColumn<Person>, String),
        (Option<NaiveDate>, Option<NaiveDate>, Option<NaiveDate>),
    );
    let organization = tx.organization();
    let since = MomentColumn(since.unwrap_or(DateTime::UNIX_EPOCH));
    let identified: Vec<Identified> = on!(
        tx,
        r::table
            .filter(r::organization_id.eq(organization))
            .filter(r::created_at.ge(since))
            .order((r::number.asc(), r::id.asc()))
            .limit(MOST)
            .select((r::id, r::number, r::event, r::state))
            .load(tx)
    )?;
    let unfinished: Vec<Unfinished> = on!(
        tx,
        i::table
            .inner_join(r::table.on(r::organization_id.eq(i::organization_id).and(r::id.eq(i::risk_id))))
            .inner_join(p::table.on(p::organization_id.eq(i::organization_id).and(p::id.eq(i::assignee_id))))
            .filter(i::organization_id.eq(organization))
            .filter(i::cancelled.eq(false))
            .filter(i::actual_end.is_null())
            .order((r::number.asc(), i::number.asc(), i::id.asc()))
            .limit(MOST)
            .select((
                (i::id, r::number, i::number),
                i::tasks,
                (i::assignee_id, p::name),
                (i::planned_start, i::planned_end, i::actual_start),
            ))
            .load(tx)
    )?;
    let progress = measure::treatment_progress(tx)?;
    let new_risk = |(id, number, event, state): Identified| NewRisk { id: id.0.uuid(), number, event, state: state.0 };
    let item = |(ids, tasks, (assignee, name), (planned_start, planned_end, begun)): Unfinished| UnfinishedItem {
        id: ids.0.0.uuid(),
        risk_number: ids.1,
        number: ids.2,
        tasks: tasks.0.into_iter().map(Text::into_string).collect(),
        assignee: Reference::new(assignee.0, name),
        planned_start,
        planned_end,
        started: begun.is_some(),
    };
    Ok(RiskStatus {
        new_risks: identified.into_iter().map(new_risk).collect(),
        listed: progress.whole,
        finished: progress.part,
        unfinished: unfinished.into_iter().map(item).collect(),
    })
}

/// What of an event says who approved alone.
#[derive(Deserialize)]
struct Signed {
    sign_off: Stamps,
}

#[derive(Deserialize)]
struct Stamps {
    approved: Option<Stamp>,
}

#[derive(Deserialize)]
struct Stamp {
    person_id: Id<Person>,
    at: DateTime<Utc>,
    reason: Option<String>,
}

/// How far corrective actions have come, whoever asks.
fn corrective_actions(tx: &mut Tx<'_>) -> Outcome<CorrectiveActionsFact> {
    let figures = tx.unbounded(|tx| actions::figures(tx, None))?;
    let CorrectiveActionFigures { open, overdue, closed, reopened, .. } = figures;
    Ok(CorrectiveActionsFact { open, overdue, closed, reopened })
}

/// Approvals by who prepared the record, since then, out of the trail: each is the event that first says so.
fn self_approvals(tx: &mut Tx<'_>, since: Option<DateTime<Utc>>) -> Outcome<Vec<SelfApproval>> {
    const ALONE: &str = "%\"self_approved\":true%";
    type Found = (WordColumn<Resource>, Option<KeyColumn<()>>, Option<String>);
    let organization = tx.organization();
    let since = MomentColumn(since.unwrap_or(DateTime::UNIX_EPOCH));
    let found: Vec<Found> = on!(
        tx,
        e::table
            .filter(e::organization_id.eq(organization))
            .filter(e::at.ge(since))
            .filter(e::after.like(ALONE))
            .filter(e::before.is_null().or(e::before.not_like(ALONE)))
            .order(e::id.asc())
            .limit(MOST)
            .select((e::resource, e::record_id, e::after))
            .load(tx)
    )?;
    let approved: Vec<(Resource, Uuid, Stamp)> = found
        .into_iter()
        .filter_map(|(resource, record, after)| {
            let signed: Signed = serde_json::from_str(&after?).ok()?;
            Some((resource.0, record?.0.uuid(), signed.sign_off.approved?))
        })
        .collect();
    let names = named::persons(tx, approved.iter().map(|(_, _, stamp)| stamp.person_id))?;
    let approval = |(resource, record_id, stamp): (Resource, Uuid, Stamp)| {
        let person = names.references(&[stamp.person_id]).pop()?;
        Some(SelfApproval { resource, record_id, approved_at: stamp.at, person, reason: stamp.reason })
    };
    Ok(approved.into_iter().filter_map(approval).collect())
}
