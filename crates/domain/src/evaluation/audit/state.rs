//! Where an audit stands, and its steps (§5.7).

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::Audit;
use crate::{
    access::{Resource, Verb},
    kernel::{
        label::{Label, Labelled, label},
        transition::{Stateful, Transition},
    },
};

/// A way in which an audit is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AuditMethod {
    /// Ask people.
    Interview,
    /// Read documents and records.
    DocumentReview,
    /// Look at the place.
    SiteVisit,
}

impl Labelled for AuditMethod {
    const NAME: &'static str = "audit_method";

    fn label(&self) -> Label {
        match self {
            Self::Interview => label("ヒアリング", "interview"),
            Self::DocumentReview => label("文書の閲覧", "document review"),
            Self::SiteVisit => label("現地の視察", "site visit"),
        }
    }
}

/// Where an audit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AuditState {
    /// Being planned, or returned to be mended.
    Draft,
    /// The plan waits for approval.
    Submitted,
    /// The plan is approved: to be carried out.
    Scheduled,
    /// Results are written; what was prepared does not change any more.
    InProgress,
    /// The fieldwork is over; the report is written.
    Reporting,
    /// The report waits for approval.
    ReportSubmitted,
    /// The report is approved.
    Reported,
    /// Every nonconformity has its corrective action.
    Closed,
    /// Given up before it was started.
    Cancelled,
}

impl AuditState {
    /// Whether auditors from outside may be invited: the plan is approved, and there is still something to write.
    pub fn takes_guests(self) -> bool {
        matches!(self, Self::Scheduled | Self::InProgress | Self::Reporting | Self::ReportSubmitted)
    }

    /// Whether it is over, so that its guests are too.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Closed | Self::Cancelled)
    }
}

impl Labelled for AuditState {
    const NAME: &'static str = "audit_state";

    fn label(&self) -> Label {
        match self {
            Self::Draft => label("計画中", "draft"),
            Self::Submitted => label("計画の承認待ち", "submitted"),
            Self::Scheduled => label("実施待ち", "scheduled"),
            Self::InProgress => label("実施中", "in progress"),
            Self::Reporting => label("報告書の作成中", "reporting"),
            Self::ReportSubmitted => label("報告書の承認待ち", "report submitted"),
            Self::Reported => label("報告済み", "reported"),
            Self::Closed => label("完了", "closed"),
            Self::Cancelled => label("中止", "cancelled"),
        }
    }
}

/// A step of an audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AuditAction {
    /// Change the plan.
    Revise,
    /// Hand the plan in (`/submission`).
    Submit,
    /// Approve the plan (`/approval`).
    Approve,
    /// Give the plan back (`/return`).
    Return,
    /// Move rows of the approved plan (`/rescheduling`).
    Reschedule,
    /// Give it up (`/cancellation`).
    Cancel,
    /// Start it (`/start`).
    Start,
    /// End the fieldwork (`/fieldwork-completion`).
    FinishFieldwork,
    /// Enter a finding (`/findings`).
    EnterFinding,
    /// Write the report (`/report`).
    WriteReport,
    /// Hand the report in (`/report-submission`).
    SubmitReport,
    /// Approve the report (`/report-approval`).
    ApproveReport,
    /// Give the report back (`/report-return`).
    ReturnReport,
    /// Close it (`/closure`).
    Close,
}

impl Labelled for AuditAction {
    const NAME: &'static str = "audit_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("計画の変更", "revise the plan"),
            Self::Submit => label("計画の提出", "submit the plan"),
            Self::Approve => label("計画の承認", "approve the plan"),
            Self::Return => label("計画の差戻し", "return the plan"),
            Self::Reschedule => label("日程の変更", "reschedule"),
            Self::Cancel => label("中止", "cancel"),
            Self::Start => label("開始", "start"),
            Self::FinishFieldwork => label("現地監査の終了", "finish the fieldwork"),
            Self::EnterFinding => label("指摘の記録", "enter a finding"),
            Self::WriteReport => label("報告書の作成", "write the report"),
            Self::SubmitReport => label("報告書の提出", "submit the report"),
            Self::ApproveReport => label("報告書の承認", "approve the report"),
            Self::ReturnReport => label("報告書の差戻し", "return the report"),
            Self::Close => label("完了", "close"),
        }
    }
}

impl AuditState {
    /// Those in which the report is approved.
    pub const REPORTED: [Self; 2] = [Self::Reported, Self::Closed];

    /// Whether it was started and is not reported yet.
    pub fn is_under_way(self) -> bool {
        matches!(self, Self::InProgress | Self::Reporting | Self::ReportSubmitted)
    }
}

use AuditAction as A;
use AuditState as S;

const fn step(action: A, from: &'static [S], resource: Resource, verb: Verb) -> Transition<A, S> {
    Transition { action, from, grant: (resource, verb) }
}

impl Stateful for Audit {
    type Action = AuditAction;
    type State = AuditState;

    const TRANSITIONS: &'static [Transition<AuditAction, AuditState>] = &[
        step(A::Revise, &[S::Draft], Resource::Audit, Verb::Update),
        step(A::Submit, &[S::Draft], Resource::Audit, Verb::Submit),
        step(A::Approve, &[S::Submitted], Resource::Audit, Verb::Approve),
        step(A::Return, &[S::Submitted], Resource::Audit, Verb::Approve),
        step(A::Reschedule, &[S::Scheduled], Resource::Audit, Verb::Submit),
        step(A::Cancel, &[S::Draft, S::Scheduled], Resource::Audit, Verb::Submit),
        step(A::Start, &[S::Scheduled], Resource::Audit, Verb::Update),
        step(A::FinishFieldwork, &[S::InProgress], Resource::Audit, Verb::Update),
        step(A::EnterFinding, &[S::InProgress, S::Reporting], Resource::Finding, Verb::Create),
        step(A::WriteReport, &[S::Reporting], Resource::Finding, Verb::Update),
        step(A::SubmitReport, &[S::Reporting], Resource::Finding, Verb::Update),
        step(A::ApproveReport, &[S::ReportSubmitted], Resource::Finding, Verb::Approve),
        step(A::ReturnReport, &[S::ReportSubmitted], Resource::Finding, Verb::Approve),
        step(A::Close, &[S::Reported], Resource::Finding, Verb::Approve),
    ];

    fn state(&self) -> AuditState {
        self.state
    }
}
