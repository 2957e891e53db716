//! Internal audits (9.2; D34, D35): planned, approved by top management, carried out by people who are independent of what
//! they audit, reported and closed (§5.7).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::{Governed, Resource},
    evaluation::{audit_programme::AuditProgramme, criterion::BilingualText},
    kernel::{
        id::Id,
        numbered::{self, Numbered},
        partial_date::PartialDate,
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::{SignOff, Signature},
        text::{Text, Title},
        transition::Stateful,
    },
    organization::person::Person,
};

pub mod guest;
pub mod report;
pub mod row;
mod state;

use report::{AuditReport, AuditReportDraft, FindingCounts};
use row::{AuditRow, AuditTeamRow, ExternalAuditor, Independence};
pub use state::{AuditAction, AuditMethod, AuditState};

/// An internal audit.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Audit {
    /// Its id.
    pub id: Id<Audit>,
    /// Rises with every change of the record.
    pub revision: Revision,
    /// Its number within the organization.
    pub number: i32,
    /// What people planned.
    #[serde(flatten)]
    pub draft: AuditDraft,
    /// The last number that a row was given.
    #[serde(skip)]
    pub last_row: i32,
    /// The fiscal year of the programme that it fulfils a row of.
    #[schema(required)]
    pub programme_year: Option<i32>,
    /// Who audits what (監査体制), by row.
    pub team: Vec<AuditTeamRow>,
    /// Where it stands.
    pub state: AuditState,
    /// Who prepared and approved the plan.
    pub sign_off: SignOff,
    /// What happened since.
    pub course: AuditCourse,
    /// How far the checklist is.
    pub checklist: ChecklistProgress,
    /// The report, as soon as somebody wrote in it.
    #[schema(required)]
    pub report: Option<AuditReport>,
    /// How many findings there are.
    pub counts: FindingCounts,
    /// What the report says about them.
    pub sentence: BilingualText,
    /// Steps open to the caller.
    pub allowed_actions: Vec<AuditAction>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for Audit {
    const RESOURCE: Resource = Resource::Audit;
}

impl Revised for Audit {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// The plan of an audit (内部監査計画書): the overview, its rows, and how it is reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditDraft {
    /// Its name.
    pub name: Title,
    /// What for.
    pub purpose: Text,
    /// What is looked at in particular.
    #[schema(min_items = 1, max_items = 20)]
    pub themes: Vec<Text>,
    /// The ways in which it is done.
    #[schema(min_items = 1, max_items = 3)]
    pub methods: Vec<AuditMethod>,
    /// How it is done, in words.
    pub method: Text,
    /// What is audited against: the standard, own documents.
    pub criteria: Text,
    /// Who audits what, and when; at least one row when it is handed in.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub rows: Vec<AuditRow>,
    /// When the report is due: a month or a day.
    pub report_due: PartialDate,
    /// How the report is delivered.
    pub report_method: Text,
    /// The row of the audit programme that it fulfils, in the version in force of its fiscal year or one beside it (9.2.2).
    #[serde(default)]
    #[schema(required = false)]
    pub programme: Option<FulfilledRow>,
}

/// A row of an audit programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FulfilledRow {
    /// The version of the programme; its rows keep their numbers in later versions.
    pub programme_id: Id<AuditProgramme>,
    /// The number of the row.
    pub row: i32,
}

/// What happened in an audit since its plan was approved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditCourse {
    /// Who moved it last, and why.
    #[schema(required)]
    pub rescheduled: Option<Signature>,
    /// Who gave it up, and why.
    #[schema(required)]
    pub cancelled: Option<Signature>,
    /// Who started it.
    #[schema(required)]
    pub started: Option<Signature>,
    /// Who ended the fieldwork.
    #[schema(required)]
    pub fieldwork_finished: Option<Signature>,
    /// Who closed it.
    #[schema(required)]
    pub closed: Option<Signature>,
}

/// How far a checklist is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChecklistProgress {
    /// Items of the checklist.
    pub items: i64,
    /// Items with a result.
    pub answered: i64,
}

/// Another time for rows of an approved plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditRescheduling {
    /// Why.
    pub reason: Text,
    /// The rows that are moved.
    #[schema(min_items = 1, max_items = 100)]
    pub rows: Vec<MovedAuditRow>,
}

/// A row and its new time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MovedAuditRow {
    /// The row.
    pub number: i32,
    /// When it is audited now.
    pub scheduled_at: DateTime<Utc>,
}

impl AuditDraft {
    /// What is wrong with the plan. `known`: the numbers of its rows so far.
    fn check(&self, known: &[i32]) -> Result<(), Refusal> {
        let mut faults = numbered::faults("/rows", &self.rows, known);
        let lengths = [
            ("/themes", self.themes.len(), 1..=20),
            ("/methods", self.methods.len(), 1..=3),
            ("/rows", self.rows.len(), 0..=100),
        ];
        for (pointer, length, bounds) in lengths {
            if !bounds.contains(&length) {
                let code = if length < *bounds.start() { Code::TooShort } else { Code::TooLong };
                faults.push(Fault::new(pointer, code));
            }
        }
        for (at, row) in self.rows.iter().enumerate() {
            faults.extend(row.faults(&format!("/rows/{at}")));
        }
        Refusal::unless_empty(faults)
    }

    /// The people who audit and work here.
    pub fn auditors(&self) -> impl Iterator<Item = Id<Person>> {
        self.rows.iter().flat_map(|row| &row.auditors).filter_map(|auditor| auditor.person_id)
    }

    /// Whether this is the name of an auditor from outside.
    pub fn has_external(&self, name: &str) -> bool {
        self.externals().any(|external| external.name.as_str() == name)
    }

    /// The auditors from outside.
    pub fn externals(&self) -> impl Iterator<Item = &ExternalAuditor> {
        self.rows.iter().flat_map(|row| &row.auditors).filter_map(|auditor| auditor.external.as_ref())
    }
}

impl Audit {
    /// A new audit, as a draft. `independence` is that of its auditors today.
    pub fn plan(
        mut draft: AuditDraft,
        number: i32,
        independence: &Independence,
        by: Signature,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        draft.check(&[])?;
        independence.require(&draft.rows)?;
        let last_row = numbered::assign(&mut draft.rows, 0);
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            number,
            draft,
            last_row,
            programme_year: None,
            team: Vec::new(),
            state: AuditState::Draft,
            sign_off: SignOff::prepared(by),
            course: AuditCourse::default(),
            checklist: ChecklistProgress::default(),
            report: None,
            counts: FindingCounts::default(),
            sentence: FindingCounts::default().sentence(),
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Changes the plan. Refused once it was handed in (SD-12).
    pub fn revise(&mut self, mut draft: AuditDraft, independence: &Independence, by: Signature) -> Result<(), Refusal> {
        self.guard(AuditAction::Revise).map_err(|refusal| refusal.by("SD-12"))?;
        draft.check(&numbered::numbers(&self.draft.rows))?;
        independence.require(&draft.rows)?;
        self.sign_off.revise(by)?;
        self.last_row = numbered::assign(&mut draft.rows, self.last_row);
        self.draft = draft;
        Ok(())
    }

    /// Hands the plan in; there is something to audit.
    pub fn submit(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(AuditAction::Submit)?;
        if self.draft.rows.is_empty() {
            return Err(Refusal::not_ready(["/rows"]));
        }
        self.sign_off.submit(by)?;
        self.state = AuditState::Submitted;
        Ok(())
    }

    /// Approves the plan (SD-1).
    pub fn approve(&mut self, by: Signature, alone: bool) -> Result<(), Refusal> {
        self.guard(AuditAction::Approve)?;
        self.sign_off.approve(by, alone)?;
        self.state = AuditState::Scheduled;
        Ok(())
    }

    /// Gives the plan back with a reason.
    pub fn send_back(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(AuditAction::Return)?;
        self.sign_off.send_back(by)?;
        self.state = AuditState::Draft;
        Ok(())
    }

    /// Moves rows of the approved plan.
    pub fn reschedule(&mut self, rows: &[MovedAuditRow], by: Signature) -> Result<(), Refusal> {
        self.guard(AuditAction::Reschedule)?;
        let mut faults = Vec::new();
        for (at, moved) in rows.iter().enumerate() {
            match self.draft.rows.iter_mut().find(|row| row.number() == Some(moved.number)) {
                Some(row) => row.scheduled_at = moved.scheduled_at,
                None => faults.push(Fault::new(format!("/rows/{at}/number"), Code::UnknownReference)),
            }
        }
        if rows.is_empty() {
            faults.push(Fault::new("/rows", Code::TooShort));
        }
        Refusal::unless_empty(faults)?;
        self.course.rescheduled = Some(by);
        Ok(())
    }

    /// Gives it up before it is started.
    pub fn cancel(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(AuditAction::Cancel)?;
        self.course.cancelled = Some(by);
        self.state = AuditState::Cancelled;
        Ok(())
    }

    /// Starts it: there is a checklist (AUD-11), and its auditors are independent today.
    pub fn start(&mut self, independence: &Independence, by: Signature) -> Result<(), Refusal> {
        self.guard(AuditAction::Start)?;
        if self.checklist.items == 0 {
            return Err(Refusal::not_ready(["/checklist_items"]));
        }
        independence.require(&self.draft.rows)?;
        self.course.started = Some(by);
        self.state = AuditState::InProgress;
        Ok(())
    }

    /// Ends the fieldwork. `open` are the numbers of the checklist items that still lack a result.
    pub fn finish_fieldwork(&mut self, open: &[i32], by: Signature) -> Result<(), Refusal> {
        self.guard(AuditAction::FinishFieldwork)?;
        lacking("/checklist_items", open)?;
        self.course.fieldwork_finished = Some(by);
        self.state = AuditState::Reporting;
        Ok(())
    }

    /// Writes the report.
    pub fn write_report(&mut self, draft: AuditReportDraft, by: Signature) -> Result<(), Refusal> {
        self.guard(AuditAction::WriteReport).map_err(|refusal| refusal.by("SD-12"))?;
        match &mut self.report {
            Some(report) => {
                report.sign_off.revise(by)?;
                report.draft = draft;
            }
            None => self.report = Some(AuditReport { draft, sign_off: SignOff::prepared(by) }),
        }
        Ok(())
    }

    /// Hands the report in. `unreported` are the numbers of the checklist items that were judged as a finding, and of which
    /// there is none.
    pub fn submit_report(&mut self, unreported: &[i32], by: Signature) -> Result<(), Refusal> {
        self.guard(AuditAction::SubmitReport)?;
        lacking("/checklist_items", unreported)?;
        self.written_report()?.sign_off.submit(by)?;
        self.state = AuditState::ReportSubmitted;
        Ok(())
    }

    /// Approves the report: from now on it and its findings are immutable (SD-12).
    pub fn approve_report(&mut self, by: Signature, alone: bool) -> Result<(), Refusal> {
        self.guard(AuditAction::ApproveReport)?;
        self.written_report()?.sign_off.approve(by, alone)?;
        self.state = AuditState::Reported;
        Ok(())
    }

    /// Gives the report back with a reason.
    pub fn return_report(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(AuditAction::ReturnReport)?;
        self.written_report()?.sign_off.send_back(by)?;
        self.state = AuditState::Reporting;
        Ok(())
    }

    /// Closes it. `open` are the numbers of the nonconformities without a corrective action (AUD-7).
    pub fn close(&mut self, open: &[i32], by: Signature) -> Result<(), Refusal> {
        self.guard(AuditAction::Close)?;
        lacking("/findings", open)?;
        self.course.closed = Some(by);
        self.state = AuditState::Closed;
        Ok(())
    }

    fn written_report(&mut self) -> Result<&mut AuditReport, Refusal> {
        self.report.as_mut().ok_or_else(|| Refusal::not_ready(["/report"]))
    }

    /// Who prepared the plan: the last one who wrote in it.
    pub fn preparer(&self) -> Id<Person> {
        self.sign_off.prepared.person_id
    }

    /// Who prepared the report.
    pub fn reporter(&self) -> Option<Id<Person>> {
        self.report.as_ref().map(|report| report.sign_off.prepared.person_id)
    }
}

/// Refuses a step as long as entries of a list lack something, by their numbers.
fn lacking(list: &str, numbers: &[i32]) -> Result<(), Refusal> {
    if numbers.is_empty() {
        return Ok(());
    }
    let errors = numbers.iter().map(|number| Fault::new(format!("{list}/{number}"), Code::Required));
    Err(Refusal { errors: errors.collect(), ..Refusal::new(Code::NotReady) })
}

#[cfg(test)]
pub(super) mod tests;
