//! Audits by outside bodies (9.2, 10.2): certification, surveillance, renewal, and audits by customers. What they find
//! stands in the register of findings; they are closed when everything that was found is answered.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::{Governed, Resource},
    evaluation::finding::Finding,
    kernel::{
        id::Id,
        label::Labelled,
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::Signature,
        text::{Note, Text, Title},
        transition::Stateful,
    },
    organization::person::Person,
    support::file::StoredFile,
};

mod state;

pub use state::{AuditRecommendation, ExternalAuditAction, ExternalAuditKind, ExternalAuditState};

/// An audit by an outside body.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExternalAudit {
    /// Its id.
    pub id: Id<ExternalAudit>,
    /// Rises with every change of the record.
    pub revision: Revision,
    /// Its number within the organization.
    pub number: i32,
    /// What people planned.
    #[serde(flatten)]
    pub draft: ExternalAuditDraft,
    /// Who answers for it here.
    pub responsible_person: Reference,
    /// Where it stands.
    pub state: ExternalAuditState,
    /// What came of it.
    #[schema(required)]
    pub result: Option<ExternalAuditResult>,
    /// The report of the auditors.
    #[schema(required)]
    pub report: Option<StoredFile>,
    /// How many findings there are.
    pub counts: ExternalFindingCounts,
    /// Its last day has passed, and its result is not recorded.
    pub overdue: bool,
    /// Who closed it.
    #[schema(required)]
    pub closed: Option<Signature>,
    /// Who gave it up, and why.
    #[schema(required)]
    pub cancelled: Option<Signature>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<ExternalAuditAction>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for ExternalAudit {
    const RESOURCE: Resource = Resource::ExternalAudit;
}

impl Revised for ExternalAudit {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is planned: who audits what, when, and who answers for it here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExternalAuditDraft {
    /// What it is for.
    pub kind: ExternalAuditKind,
    /// The organization that audits; with an audit by a customer, the customer.
    pub body: Title,
    /// The auditors by name, who leads them first; known when the result is recorded.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub auditors: Vec<Title>,
    /// What is audited.
    pub scope: Text,
    /// What is audited against: the standard, a contract.
    pub criteria: Text,
    /// The first day planned.
    pub starts_on: NaiveDate,
    /// The last day planned.
    pub ends_on: NaiveDate,
    /// Who answers for it here, and for findings that name no department.
    pub responsible_person_id: Id<Person>,
    /// Remarks.
    #[serde(default)]
    pub remarks: Note,
}

/// What came of an audit, and who recorded it last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExternalAuditResult {
    /// What was written.
    #[serde(flatten)]
    pub draft: ExternalAuditResultDraft,
    /// By whom.
    pub recorded: Signature,
}

/// What is written about what came of an audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExternalAuditResultDraft {
    /// The first day on which it took place.
    pub performed_from: NaiveDate,
    /// The last day on which it took place; not in the future.
    pub performed_until: NaiveDate,
    /// What the auditors said of the whole (審査所見).
    pub opinion: Text,
    /// What they recommend; left out only with an audit by a customer.
    #[serde(default)]
    #[schema(required = false)]
    pub recommendation: Option<AuditRecommendation>,
    /// The certificate that came of it.
    #[serde(default)]
    #[schema(required = false)]
    pub certificate: Option<Certificate>,
    /// The day on which the report arrived; not in the future.
    #[serde(default)]
    #[schema(required = false)]
    pub report_received_on: Option<NaiveDate>,
}

/// A certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// Its number.
    pub number: Title,
    /// The first day on which it is valid.
    pub valid_from: NaiveDate,
    /// The last day on which it is valid.
    pub valid_until: NaiveDate,
}

/// How many findings of each rank an external audit has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExternalFindingCounts {
    /// Major nonconformities.
    pub major: i64,
    /// Minor nonconformities.
    pub minor: i64,
    /// Observations.
    pub observation: i64,
    /// Opportunities for improvement.
    pub opportunity: i64,
    /// Those of all ranks that keep it from being closed: nonconformities without a corrective action, others without an
    /// answer.
    pub open: i64,
}

impl ExternalAuditDraft {
    /// What to show for it: what it is for, and by whom.
    pub fn name(&self) -> String {
        format!("{}（{}）", self.kind.label().ja, self.body)
    }

    fn check(&self) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        if self.ends_on < self.starts_on {
            faults.push(Fault::new("/ends_on", Code::DateOrder).with("other", "starts_on"));
        }
        if self.auditors.len() > 20 {
            faults.push(Fault::new("/auditors", Code::TooLong));
        }
        Refusal::unless_empty(faults)
    }
}

impl ExternalAuditResultDraft {
    fn check(&self, kind: ExternalAuditKind, today: NaiveDate) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        let mut order = |earlier: (&str, NaiveDate), later: (&str, NaiveDate)| {
            if later.1 < earlier.1 {
                faults.push(Fault::new(format!("/{}", later.0), Code::DateOrder).with("other", earlier.0));
            }
        };
        let began = ("performed_from", self.performed_from);
        order(began, ("performed_until", self.performed_until));
        if let Some(arrived) = self.report_received_on {
            order(began, ("report_received_on", arrived));
        }
        if let Some(certificate) = &self.certificate {
            order(("valid_from", certificate.valid_from), ("certificate/valid_until", certificate.valid_until));
        }
        let days = [("/performed_until", Some(self.performed_until)), ("/report_received_on", self.report_received_on)];
        for (pointer, _) in days.into_iter().filter(|(_, day)| day.is_some_and(|day| day > today)) {
            faults.push(Fault::new(pointer, Code::FutureDate));
        }
        if self.recommendation.is_none() && kind != ExternalAuditKind::Customer {
            faults.push(Fault::new("/recommendation", Code::RequiredHere));
        }
        faults.extend(self.unfounded_certificate(kind).map(|code| Fault::new("/certificate", code)));
        Refusal::unless_empty(faults)
    }

    /// A certificate comes only of what may certify, and was not refused.
    fn unfounded_certificate(&self, kind: ExternalAuditKind) -> Option<Code> {
        let refused = self.recommendation == Some(AuditRecommendation::NotGranted);
        (self.certificate.is_some() && (refused || !kind.certifies())).then_some(Code::Contradiction)
    }
}

impl ExternalAudit {
    /// A new audit, as it is planned.
    pub fn plan(draft: ExternalAuditDraft, number: i32, now: DateTime<Utc>) -> Result<Self, Refusal> {
        draft.check()?;
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            number,
            responsible_person: Reference::new(draft.responsible_person_id, ""),
            draft,
            state: ExternalAuditState::Planned,
            result: None,
            report: None,
            counts: ExternalFindingCounts::default(),
            overdue: false,
            closed: None,
            cancelled: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Changes what was planned; not once it is closed (SD-12). A result that is recorded still has to fit.
    pub fn revise(&mut self, draft: ExternalAuditDraft) -> Result<(), Refusal> {
        self.guard_open(ExternalAuditAction::Revise)?;
        draft.check()?;
        if let Some(result) = &self.result {
            let unfounded = result.draft.unfounded_certificate(draft.kind).map(|code| Fault::new("/kind", code));
            let nobody = draft.auditors.is_empty().then(|| Fault::new("/auditors", Code::TooShort));
            Refusal::unless_empty(unfounded.into_iter().chain(nobody).collect())?;
        }
        self.draft = draft;
        Ok(())
    }

    /// Records what came of it, or corrects that until it is closed; who audited is known by then.
    pub fn record_result(
        &mut self,
        draft: ExternalAuditResultDraft,
        by: Signature,
        today: NaiveDate,
    ) -> Result<(), Refusal> {
        self.guard_open(ExternalAuditAction::RecordResult)?;
        draft.check(self.draft.kind, today)?;
        if self.draft.auditors.is_empty() {
            return Err(Refusal::not_ready(["/auditors"]));
        }
        self.result = Some(ExternalAuditResult { draft, recorded: by });
        self.state = ExternalAuditState::Performed;
        Ok(())
    }

    /// Attaches the report, in the place of the one before.
    pub fn attach_report(&mut self, report: StoredFile) -> Result<(), Refusal> {
        self.guard_open(ExternalAuditAction::AttachReport)?;
        self.report = Some(report);
        Ok(())
    }

    /// Closes it. `open` are its findings about which nothing was done yet.
    pub fn close(&mut self, open: &[Finding], by: Signature) -> Result<(), Refusal> {
        self.guard(ExternalAuditAction::Close)?;
        if !open.is_empty() {
            let lacks = |finding: &Finding| match finding.draft.rank.is_nonconformity() {
                true => format!("/findings/{}/corrective_action", finding.number),
                false => format!("/findings/{}/response", finding.number),
            };
            let lacking: Vec<String> = open.iter().map(lacks).collect();
            return Err(Refusal::not_ready(lacking.iter().map(String::as_str)));
        }
        self.closed = Some(by);
        self.state = ExternalAuditState::Closed;
        Ok(())
    }

    /// Gives it up before it takes place.
    pub fn cancel(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(ExternalAuditAction::Cancel)?;
        self.cancelled = Some(by);
        self.state = ExternalAuditState::Cancelled;
        Ok(())
    }

    /// Derives what follows from the day.
    pub fn derive(&mut self, today: NaiveDate) {
        self.overdue = self.state == ExternalAuditState::Planned && self.draft.ends_on < today;
    }

    /// The day as of which something was found: the last one on which it took place.
    pub fn audited_on(&self) -> Option<NaiveDate> {
        self.result.as_ref().map(|result| result.draft.performed_until)
    }

    /// The certificate that came of it.
    pub fn certificate(&self) -> Option<&Certificate> {
        self.result.as_ref().and_then(|result| result.draft.certificate.as_ref())
    }

    /// Refuses a step that its state does not allow; what was closed does not change any more (SD-12).
    pub fn guard_open(&self, action: ExternalAuditAction) -> Result<(), Refusal> {
        self.guard(action).map_err(|refusal| match self.state {
            ExternalAuditState::Closed => refusal.by("SD-12"),
            _ => refusal,
        })
    }
}

#[cfg(test)]
pub(super) mod tests;
