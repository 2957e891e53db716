//! Corrective actions (10.2; D37, R-19): from the request over correction, cause and its removal to the judgement whether
//! it helped. Four sign-offs, each prepared by one and approved by another: the request (①), the plan (②), the report of
//! what was done (③), the verification (④). What did not help is reopened: its round is kept and a new one begins at the
//! evaluation of the cause.

mod act;
pub mod figures;
pub mod section;
pub mod similar;
pub mod source;
pub mod step;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use self::{
    section::Round,
    source::{CorrectiveActionSource, FindingRank},
    step::{CorrectiveActionState, CorrectiveActionStep},
};
use crate::{
    access::{Governed, Resource},
    catalog::{clause, control::ControlId},
    kernel::{
        id::Id,
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::{SignOff, Signature},
        text::{Text, Title, Word},
    },
    operation::occurrence::RecordLink,
    organization::{department::Department, person::Person},
};

/// A corrective action request and what was answered to it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CorrectiveAction {
    /// Its id.
    pub id: Id<CorrectiveAction>,
    /// Rises with every change.
    pub revision: Revision,
    /// The fiscal year in which it was issued.
    pub fiscal_year: i32,
    /// Its number within that year.
    pub serial: i32,
    /// Year and number as the form has them (整理番号): `24-01`; three digits from 100 on.
    pub reference_no: String,
    /// What was written in the request.
    #[serde(flatten)]
    pub draft: CorrectiveActionDraft,
    /// The one box of the form that is ticked.
    pub form_box: CorrectiveActionSource,
    /// The department that it is about.
    pub target_department: Reference,
    /// Who answers it beside the managers of the department.
    #[schema(required)]
    pub responsible_person: Option<Reference>,
    /// Who of us found it in an audit.
    #[schema(required)]
    pub auditor: Option<Reference>,
    /// Who asked for it.
    pub requested_by: Reference,
    /// Where it stands.
    pub state: CorrectiveActionState,
    /// Who prepared and approved the request (①).
    pub request_sign_off: SignOff,
    /// The sections of the round that is under way, or was the last.
    #[serde(flatten)]
    pub round: Round,
    /// The rounds that did not help, the first one first.
    pub earlier_rounds: Vec<Round>,
    /// The day by which the next thing planned is to be done.
    #[schema(required)]
    pub due_on: Option<NaiveDate>,
    /// That day has passed.
    pub overdue: bool,
    /// Days from its issue to its closing, or to today.
    pub age_days: i64,
    /// The day on which it was closed.
    #[schema(required)]
    pub closed_on: Option<NaiveDate>,
    /// Who rejected, voided or cancelled it, with the reason.
    #[schema(required)]
    pub called_off: Option<Signature>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<CorrectiveActionStep>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for CorrectiveAction {
    const RESOURCE: Resource = Resource::CorrectiveActionRequest;
}

/// What the department answers, as a row of the permission matrix.
#[derive(Debug)]
pub struct CorrectiveActionResponse;

impl Governed for CorrectiveActionResponse {
    const RESOURCE: Resource = Resource::CorrectiveActionResponse;
}

/// What others judge of that, as a row of the permission matrix.
#[derive(Debug)]
pub struct CorrectiveActionVerification;

impl Governed for CorrectiveActionVerification {
    const RESOURCE: Resource = Resource::CorrectiveActionVerification;
}

impl Revised for CorrectiveAction {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written in a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectiveActionDraft {
    /// The department that it is about.
    pub target_department_id: Id<Department>,
    /// The day of its issue; not in the future.
    pub issued_on: NaiveDate,
    /// Where it comes from: exactly one.
    pub source: CorrectiveActionSource,
    /// The outside body; with an external audit, and only then.
    #[serde(default)]
    #[schema(required = false)]
    pub external_body: Option<Title>,
    /// What else it comes from; with `other`, and only then.
    #[serde(default)]
    #[schema(required = false)]
    pub source_other_text: Option<Title>,
    /// The day of the audit; only with an audit, which has it when the request is handed in.
    #[serde(default)]
    #[schema(required = false)]
    pub audited_on: Option<NaiveDate>,
    /// Who of us found it: an audit names its auditor here or in `auditor_name`.
    #[serde(default)]
    #[schema(required = false)]
    pub auditor_id: Option<Id<Person>>,
    /// Somebody from outside who found it.
    #[serde(default)]
    #[schema(required = false)]
    pub auditor_name: Option<Title>,
    /// How grave the finding is; only with an audit, which has it when the request is handed in.
    #[serde(default)]
    #[schema(required = false)]
    pub finding_rank: Option<FindingRank>,
    /// The clause of the standard that is not met, as in the catalog. A finding of an audit names a clause, a control or a
    /// section of an own document.
    #[serde(default)]
    #[schema(required = false)]
    pub clause: Option<Word>,
    /// The control of Annex A.
    #[serde(default)]
    #[schema(required = false)]
    pub control: Option<ControlId>,
    /// The section of an own document.
    #[serde(default)]
    #[schema(required = false)]
    pub document_section: Option<Title>,
    /// The record that it answers: a finding, an incident, a row of a plan that was missed …
    #[serde(default)]
    #[schema(required = false)]
    pub source_record: Option<RecordLink>,
    /// What is not as it should be.
    pub description: Text,
    /// Who answers it, where that is not the department's manager.
    #[serde(default)]
    #[schema(required = false)]
    pub responsible_person_id: Option<Id<Person>>,
    /// The day by which the plan has to be handed in.
    #[serde(default)]
    #[schema(required = false)]
    pub response_due_on: Option<NaiveDate>,
}

impl CorrectiveActionDraft {
    /// What belongs to its source and nothing else (CAR-3, CAR-4, CAR-5), and dates in order.
    fn check(&self, today: NaiveDate) -> Result<(), Refusal> {
        use CorrectiveActionSource::{ExternalAudit, Other};
        let mut faults = Vec::new();
        let mut belongs = |pointer: &str, is_given: bool, applies: bool, needed: bool| match (is_given, applies) {
            (true, false) => faults.push(Fault::new(pointer, Code::Contradiction)),
            (false, true) if needed => faults.push(Fault::new(pointer, Code::RequiredHere)),
            _ => {}
        };
        let audit = self.source.is_audit();
        belongs("/external_body", self.external_body.is_some(), self.source == ExternalAudit, true);
        belongs("/source_other_text", self.source_other_text.is_some(), self.source == Other, true);
        belongs("/audited_on", self.audited_on.is_some(), audit, false);
        belongs("/auditor_id", self.auditor_id.is_some(), audit, false);
        belongs("/auditor_name", self.auditor_name.is_some(), audit && self.auditor_id.is_none(), false);
        belongs("/finding_rank", self.finding_rank.is_some(), audit, false);
        if self.issued_on > today {
            faults.push(Fault::new("/issued_on", Code::FutureDate));
        }
        if self.audited_on.is_some_and(|audited_on| audited_on > self.issued_on) {
            faults.push(Fault::new("/audited_on", Code::DateOrder).with("other", "issued_on"));
        }
        if self.response_due_on.is_some_and(|due| due < self.issued_on) {
            faults.push(Fault::new("/response_due_on", Code::DateOrder).with("other", "issued_on"));
        }
        if self.clause.as_ref().is_some_and(|number| clause::find(number.as_str()).is_none()) {
            faults.push(Fault::new("/clause", Code::NotInList));
        }
        Refusal::unless_empty(faults)
    }

    /// What an audit's request lacks to be handed in (CAR-2).
    fn require_complete(&self) -> Result<(), Refusal> {
        if !self.source.is_audit() {
            return Ok(());
        }
        let requirement = self.clause.is_some() || self.control.is_some() || self.document_section.is_some();
        let needed = [
            ("/audited_on", self.audited_on.is_some()),
            ("/auditor_id", self.auditor_id.is_some() || self.auditor_name.is_some()),
            ("/finding_rank", self.finding_rank.is_some()),
            ("/clause", requirement),
        ];
        let missing: Vec<&str> = needed.into_iter().filter(|(_, given)| !given).map(|(pointer, _)| pointer).collect();
        if missing.is_empty() { Ok(()) } else { Err(Refusal::not_ready(missing).by("R-19")) }
    }
}

/// The reference number of the form: two digits of the fiscal year and at least two of the number in it.
pub fn reference_no(fiscal_year: i32, serial: i32) -> String {
    format!("{:02}-{serial:02}", fiscal_year.rem_euclid(100))
}

impl CorrectiveAction {
    /// Begins a request.
    pub fn begin(
        draft: CorrectiveActionDraft,
        (fiscal_year, serial): (i32, i32),
        by: Signature,
        today: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        draft.check(today)?;
        let mut action = Self {
            id: Id::generate(now),
            revision: 1,
            fiscal_year,
            serial,
            reference_no: reference_no(fiscal_year, serial),
            form_box: draft.source.form_box(),
            target_department: Reference::new(draft.target_department_id, ""),
            responsible_person: None,
            auditor: None,
            requested_by: Reference::new(by.person_id, by.name.clone()),
            draft,
            state: CorrectiveActionState::Requested,
            request_sign_off: SignOff::prepared(by),
            round: Round::first(),
            earlier_rounds: Vec::new(),
            due_on: None,
            overdue: false,
            age_days: 0,
            closed_on: None,
            called_off: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        };
        action.derive(today);
        Ok(action)
    }

    /// Derives what follows from the day: by when what is to be done, whether that is overdue, and how old it is.
    pub fn derive(&mut self, today: NaiveDate) {
        self.form_box = self.draft.source.form_box();
        self.due_on = self.due();
        self.overdue = self.due_on.is_some_and(|due| due < today);
        self.age_days = (self.closed_on.unwrap_or(today) - self.draft.issued_on).num_days();
    }

    /// The day by which the next thing planned is to be done: the plan handed in, or carried out.
    pub fn due(&self) -> Option<NaiveDate> {
        use CorrectiveActionState as S;
        match self.state {
            S::Issued => self.draft.response_due_on,
            S::CorrectionPlanned | S::Evaluated | S::ActionPlanned | S::PlanSubmitted if self.round.round == 1 => {
                [self.draft.response_due_on, self.round.planned_on()].into_iter().flatten().min()
            }
            S::PlanApproved | S::Implemented => self.round.planned_on(),
            _ => None,
        }
    }

    /// Who reported what was done: they neither verify it nor judge it (SD-6).
    pub fn reporter(&self) -> Option<Id<Person>> {
        self.round.report_sign_off.as_ref().map(|sign_off| sign_off.prepared.person_id)
    }

    /// The sign-off that was begun last.
    pub fn current_sign_off(&self) -> &SignOff {
        let round = &self.round;
        let begun = [&round.verification_sign_off, &round.report_sign_off, &round.plan_sign_off];
        begun.into_iter().flatten().next().unwrap_or(&self.request_sign_off)
    }

    /// Whether somebody approved what they had prepared, anywhere in it (amendments §1.2).
    pub fn self_approved(&self) -> bool {
        let rounds = self.earlier_rounds.iter().chain([&self.round]);
        self.request_sign_off.self_approved || rounds.flat_map(Round::sign_offs).any(|signed| signed.self_approved)
    }
}

#[cfg(test)]
mod tests;
