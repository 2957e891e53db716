//! What the service knows for the inputs of a review: as things stand until it is held, as they stood from then on.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    access::Resource,
    context::review::{ContextRow, RowMovement},
    evaluation::{
        audit::{Audit, report::FindingCounts},
        criterion::BilingualText,
        external_audit::{AuditRecommendation, Certificate, ExternalAudit, ExternalAuditKind, ExternalFindingCounts},
        feedback::InterestedPartyFeedback,
        finding::{Finding, FindingState},
        measurement::Measurement,
        review_action::{ReviewAction, ReviewActionState, ReviewOutput},
    },
    improvement::corrective_action::source::FindingRank,
    kernel::reference::Reference,
    planning::{
        metric::{MeasuredValue, ObjectiveMetric},
        objective::{EffectivenessResult, Objective, ObjectiveState},
        risk::RiskState,
    },
};

/// What the service knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewFacts {
    /// The day as of which it is.
    pub on: NaiveDate,
    /// The moment since which changes are told: when the review before was recorded as held. `null`: from the beginning.
    #[schema(required)]
    pub since: Option<DateTime<Utc>>,
    /// It does not change any more, because the review was held.
    pub kept: bool,
    /// Input 1: every instruction that is open, and what became of the others since then.
    pub previous_actions: Vec<InstructionFact>,
    /// Input 2: issues that are new, changed or dropped.
    pub issue_changes: Vec<ChangedContext>,
    /// Input 3: requirements of interested parties that are new, changed or dropped.
    pub interested_party_changes: Vec<ChangedContext>,
    /// Input 4: measurements since then.
    pub measurements: Vec<MeasurementFact>,
    /// Input 4: how far corrective actions have come (10.2).
    pub corrective_actions: CorrectiveActionsFact,
    /// Input 4: what audits found. Empty in what was kept before it was told.
    #[serde(default)]
    #[schema(required)]
    pub audits: AuditResults,
    /// Input 4: work that waits in all registers.
    pub work: WorkFact,
    /// Input 4: how far the objectives are achieved.
    pub objectives: MetObjectives,
    /// Input 4: what was approved by who prepared it, because nobody else could (amendments §1.2).
    pub self_approvals: Vec<SelfApproval>,
    /// Input 5: what interested parties said since then, or waits to be handled.
    pub feedback: Vec<FeedbackFact>,
    /// Input 6: risks and their treatment.
    pub risk_status: RiskStatus,
}

/// An instruction of an earlier review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InstructionFact {
    /// The instruction.
    pub id: Uuid,
    /// Its number.
    pub number: i32,
    /// The number of its review.
    pub review_number: i32,
    /// From which output it comes.
    pub output: ReviewOutput,
    /// What top management wanted.
    pub instruction: String,
    /// Who sees to it.
    pub responsible_person: Reference,
    /// The day by which it is done.
    pub due_on: NaiveDate,
    /// Where it stands.
    pub state: ReviewActionState,
    /// Whether it is late.
    pub overdue: bool,
    /// What was reported last.
    #[schema(required)]
    pub progress: Option<String>,
    /// The day on which it was done.
    #[schema(required)]
    pub done_on: Option<NaiveDate>,
    /// What came of it.
    #[schema(required)]
    pub result: Option<String>,
    /// Whether it had its effect.
    #[schema(required)]
    pub effective: Option<bool>,
}

impl InstructionFact {
    /// An instruction as it stands.
    pub fn of(action: ReviewAction) -> Self {
        let (done_on, result) = action.completion.map(|done| (done.done_on, done.result.into_string())).unzip();
        Self {
            id: action.id.uuid(),
            number: action.number,
            review_number: action.review_number,
            output: action.output,
            instruction: action.instruction.into_string(),
            responsible_person: action.responsible_person,
            due_on: action.draft.due_on,
            state: action.state,
            overdue: action.overdue,
            progress: action.progress.last().map(|last| last.report.as_str().to_owned()),
            done_on,
            result,
            effective: action.effectiveness.map(|judged| judged.effective),
        }
    }
}

/// An issue, or a requirement of an interested party, that moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChangedContext {
    /// The interested party; `null` for an issue.
    #[schema(required)]
    pub interested_party: Option<String>,
    /// The issue or the requirement.
    pub text: String,
    /// The risk in it.
    pub risk: String,
    /// The opportunity in it.
    pub opportunity: String,
    /// How it moved.
    pub movement: RowMovement,
}

impl ChangedContext {
    /// What moved among these rows: issues, or requirements.
    pub fn of(rows: &[ContextRow], issues: bool) -> Vec<Self> {
        let moved =
            rows.iter().filter(|row| row.issue_id.is_some() == issues && row.movement != RowMovement::Unchanged);
        moved
            .map(|row| Self {
                interested_party: row.party_name.clone(),
                text: row.text.as_str().to_owned(),
                risk: row.risk.as_str().to_owned(),
                opportunity: row.opportunity.as_str().to_owned(),
                movement: row.movement,
            })
            .collect()
    }
}

/// A measurement of an objective.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MeasurementFact {
    /// The objective.
    pub objective: Reference,
    /// The day that was measured.
    pub measured_on: NaiveDate,
    /// What was measured.
    pub measured: MeasuredValue,
    /// Whether it meets the target.
    pub meets_target: bool,
}

impl MeasurementFact {
    /// A measurement.
    pub fn of(measurement: Measurement) -> Self {
        Self {
            objective: measurement.objective,
            measured_on: measurement.draft.measured_on,
            measured: measurement.measured,
            meets_target: measurement.meets_target,
        }
    }
}

/// How far corrective actions have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CorrectiveActionsFact {
    /// How many are open.
    pub open: usize,
    /// How many of them are overdue.
    pub overdue: usize,
    /// How many were closed.
    pub closed: usize,
    /// How many were found without effect at least once, and reopened.
    pub reopened: usize,
}

/// What audits found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditResults {
    /// Internal audits whose report was approved since then.
    pub reported: Vec<AuditFact>,
    /// External audits whose result was recorded since then.
    pub external: Vec<ExternalAuditFact>,
    /// Findings of all audits on which something is still to be done, the gravest first.
    pub open_findings: Vec<FindingFact>,
}

/// An internal audit with its result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditFact {
    /// The audit.
    pub id: Uuid,
    /// Its number.
    pub number: i32,
    /// Its name.
    pub name: String,
    /// When its report was approved.
    pub approved_at: DateTime<Utc>,
    /// The opinion as a whole (監査総評).
    pub overall_opinion: String,
    /// How many findings there are.
    pub counts: FindingCounts,
    /// What the report says about them.
    pub sentence: BilingualText,
}

impl AuditFact {
    /// An audit whose report was approved since then; none of another one.
    pub fn of(audit: Audit, since: Option<DateTime<Utc>>) -> Option<Self> {
        let report = audit.report?;
        let approved_at = report.sign_off.approved?.at;
        since.is_none_or(|since| approved_at >= since).then(|| Self {
            id: audit.id.uuid(),
            number: audit.number,
            name: audit.draft.name.into_string(),
            approved_at,
            overall_opinion: report.draft.overall_opinion.into_string(),
            counts: audit.counts,
            sentence: audit.sentence,
        })
    }
}

/// An external audit with its result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExternalAuditFact {
    /// The audit.
    pub id: Uuid,
    /// Its number.
    pub number: i32,
    /// What it was for.
    pub kind: ExternalAuditKind,
    /// Who audited.
    pub body: String,
    /// The last day on which it took place.
    pub performed_until: NaiveDate,
    /// What the auditors said of the whole.
    pub opinion: String,
    /// What they recommend.
    #[schema(required)]
    pub recommendation: Option<AuditRecommendation>,
    /// The certificate that came of it.
    #[schema(required)]
    pub certificate: Option<Certificate>,
    /// How many findings there are.
    pub counts: ExternalFindingCounts,
}

impl ExternalAuditFact {
    /// An audit whose result was recorded since then; none of another one.
    pub fn of(audit: ExternalAudit, since: Option<DateTime<Utc>>) -> Option<Self> {
        let result = audit.result?;
        since.is_none_or(|since| result.recorded.at >= since).then(|| Self {
            id: audit.id.uuid(),
            number: audit.number,
            kind: audit.draft.kind,
            body: audit.draft.body.into_string(),
            performed_until: result.draft.performed_until,
            opinion: result.draft.opinion.into_string(),
            recommendation: result.draft.recommendation,
            certificate: result.draft.certificate,
            counts: audit.counts,
        })
    }
}

/// A finding on which something is still to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FindingFact {
    /// The finding.
    pub id: Uuid,
    /// Its number among the findings of its audit.
    pub number: i32,
    /// The internal audit; or an external one instead.
    #[schema(required)]
    pub audit: Option<Reference>,
    /// The external audit.
    #[schema(required)]
    pub external_audit: Option<Reference>,
    /// How grave it is.
    pub rank: FindingRank,
    /// What is not met, with its title.
    pub criterion: BilingualText,
    /// What was seen and what is missing.
    pub content: String,
    /// The department where it was found.
    #[schema(required)]
    pub department: Option<Reference>,
    /// Where it stands.
    pub state: FindingState,
    /// The corrective action that answers it.
    #[schema(required)]
    pub corrective_action: Option<Reference>,
    /// The day by which it is to be answered.
    #[schema(required)]
    pub respond_by: Option<NaiveDate>,
    /// The answer is missing, and its day has passed.
    pub overdue: bool,
}

impl FindingFact {
    /// A finding that nobody has settled; none of another one.
    pub fn of(finding: Finding) -> Option<Self> {
        matches!(finding.state, FindingState::Open | FindingState::CorrectiveActionLinked).then(|| Self {
            id: finding.id.uuid(),
            number: finding.number,
            audit: finding.audit,
            external_audit: finding.external_audit,
            rank: finding.draft.rank,
            criterion: finding.criterion,
            content: finding.draft.content.into_string(),
            department: finding.department,
            state: finding.state,
            corrective_action: finding.corrective_action,
            respond_by: finding.draft.respond_by,
            overdue: finding.overdue,
        })
    }
}

/// Work in all registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WorkFact {
    /// How much waits.
    pub waiting: i64,
    /// How much of it is overdue.
    pub overdue: i64,
}

/// How far the objectives are achieved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MetObjectives {
    /// Found to be achieved.
    pub achieved: usize,
    /// Found not to be achieved.
    pub not_achieved: usize,
    /// Still pursued.
    pub pursued: usize,
    /// Each of them.
    pub objectives: Vec<ObjectiveFact>,
}

/// An objective that is pursued, or was evaluated since then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ObjectiveFact {
    /// The objective.
    pub id: Uuid,
    /// Its number.
    pub number: i32,
    /// What it says.
    pub objective: String,
    /// What it is measured by, and the target.
    pub metric: ObjectiveMetric,
    /// What was measured last.
    #[schema(required)]
    pub measured: Option<MeasuredValue>,
    /// The last day that is in time.
    pub due_on: NaiveDate,
    /// Whether that day has passed while it is pursued.
    pub overdue: bool,
    /// What top management found.
    #[schema(required)]
    pub result: Option<EffectivenessResult>,
}

impl MetObjectives {
    /// Out of those that are pursued or were evaluated since.
    pub fn of(objectives: Vec<Objective>, since: Option<DateTime<Utc>>) -> Self {
        let counts = |objective: &Objective| match &objective.evaluation {
            Some(found) => since.is_none_or(|since| found.evaluated.at >= since),
            None => objective.state == ObjectiveState::Approved,
        };
        let objectives: Vec<ObjectiveFact> = objectives.into_iter().filter(counts).map(ObjectiveFact::of).collect();
        let found = |result| objectives.iter().filter(|one| one.result == result).count();
        Self {
            achieved: found(Some(EffectivenessResult::Effective)),
            not_achieved: found(Some(EffectivenessResult::NotEffective)),
            pursued: found(None),
            objectives,
        }
    }
}

impl ObjectiveFact {
    fn of(objective: Objective) -> Self {
        Self {
            id: objective.id.uuid(),
            number: objective.number,
            objective: objective.draft.objective.into_string(),
            metric: objective.draft.metric,
            measured: objective.last_measurement.map(|last| last.measured),
            due_on: objective.due_on,
            overdue: objective.overdue,
            result: objective.evaluation.map(|found| found.result),
        }
    }
}

/// Something that was approved by who prepared it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SelfApproval {
    /// Of what kind the record is.
    pub resource: Resource,
    /// The record.
    pub record_id: Uuid,
    /// When it was approved.
    pub approved_at: DateTime<Utc>,
    /// Who prepared and approved it.
    pub person: Reference,
    /// Why nobody else could.
    #[schema(required)]
    pub reason: Option<String>,
}

/// What an interested party said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FeedbackFact {
    /// The entry.
    pub id: Uuid,
    /// Its number.
    pub number: i32,
    /// The day on which it came.
    pub received_on: NaiveDate,
    /// Who said it.
    pub sender: String,
    /// What they said.
    pub content: String,
    /// The day on which something was done about it.
    #[schema(required)]
    pub handled_on: Option<NaiveDate>,
    /// What was done about it.
    #[schema(required)]
    pub handling: Option<String>,
}

impl FeedbackFact {
    /// An entry as it stands.
    pub fn of(feedback: InterestedPartyFeedback) -> Self {
        let (handled_on, handling) =
            feedback.handled.map(|handled| (handled.done.handled_on, handled.done.handling.into_string())).unzip();
        Self {
            id: feedback.id.uuid(),
            number: feedback.number,
            received_on: feedback.draft.received_on,
            sender: feedback.draft.sender.into_string(),
            content: feedback.draft.content.into_string(),
            handled_on,
            handling,
        }
    }
}

/// Risks and their treatment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RiskStatus {
    /// Risks that were identified since then.
    pub new_risks: Vec<NewRisk>,
    /// How many items of treatment there are that were not cancelled.
    pub listed: i64,
    /// How many of them are finished.
    pub finished: i64,
    /// The others.
    pub unfinished: Vec<UnfinishedItem>,
}

/// A risk that was identified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewRisk {
    /// The risk.
    pub id: Uuid,
    /// Its number.
    pub number: i32,
    /// What may happen.
    pub event: String,
    /// Where it stands.
    pub state: RiskState,
}

/// An item of treatment that is not finished.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnfinishedItem {
    /// The item.
    pub id: Uuid,
    /// The number of its risk.
    pub risk_number: i32,
    /// Its number.
    pub number: i32,
    /// What has to be done.
    pub tasks: Vec<String>,
    /// Who does it.
    pub assignee: Reference,
    /// Planned first day.
    #[schema(required)]
    pub planned_start: Option<NaiveDate>,
    /// Planned last day.
    #[schema(required)]
    pub planned_end: Option<NaiveDate>,
    /// Whether it has begun.
    pub started: bool,
}
