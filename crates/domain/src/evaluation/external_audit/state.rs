//! Kinds of external audits, what comes of them, where they stand, and their steps.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::ExternalAudit;
use crate::{
    access::{Resource, Verb},
    kernel::{
        label::{Label, Labelled, label},
        transition::{Stateful, Transition},
    },
};

/// What an external audit is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ExternalAuditKind {
    /// Whether the organization is ready to be certified.
    #[serde(rename = "certification_stage_1")]
    #[strum(serialize = "certification_stage_1")]
    CertificationStage1,
    /// Whether it is certified.
    #[serde(rename = "certification_stage_2")]
    #[strum(serialize = "certification_stage_2")]
    CertificationStage2,
    /// Whether it keeps the certificate.
    Surveillance,
    /// Whether the certificate is renewed.
    Renewal,
    /// A customer audits.
    Customer,
}

impl ExternalAuditKind {
    /// Whether a certificate may come of it.
    pub fn certifies(self) -> bool {
        matches!(self, Self::CertificationStage2 | Self::Surveillance | Self::Renewal)
    }

    /// Whether it keeps a certificate alive that there is.
    pub fn continues(self) -> bool {
        matches!(self, Self::Surveillance | Self::Renewal)
    }
}

impl Labelled for ExternalAuditKind {
    const NAME: &'static str = "external_audit_kind";

    fn label(&self) -> Label {
        match self {
            Self::CertificationStage1 => label("第一段階審査", "stage 1 of certification"),
            Self::CertificationStage2 => label("第二段階審査", "stage 2 of certification"),
            Self::Surveillance => label("維持審査", "surveillance"),
            Self::Renewal => label("更新審査", "renewal"),
            Self::Customer => label("取引先による監査", "audit by a customer"),
        }
    }
}

/// What the auditors recommend: the next stage, the certificate, or what else the audit was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AuditRecommendation {
    /// It is granted.
    Granted,
    /// It is granted once what was found is corrected.
    GrantedAfterCorrection,
    /// It is not granted.
    NotGranted,
}

impl Labelled for AuditRecommendation {
    const NAME: &'static str = "audit_recommendation";

    fn label(&self) -> Label {
        match self {
            Self::Granted => label("推薦", "granted"),
            Self::GrantedAfterCorrection => label("是正後に推薦", "granted after correction"),
            Self::NotGranted => label("推薦しない", "not granted"),
        }
    }
}

/// Where an external audit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ExternalAuditState {
    /// It is to come, or its result is still to be recorded.
    Planned,
    /// Its result is recorded: findings are entered and answered.
    Performed,
    /// Everything that was found is answered; nothing changes any more.
    Closed,
    /// It did not take place.
    Cancelled,
}

impl Labelled for ExternalAuditState {
    const NAME: &'static str = "external_audit_state";

    fn label(&self) -> Label {
        match self {
            Self::Planned => label("予定", "planned"),
            Self::Performed => label("実施済み", "performed"),
            Self::Closed => label("完了", "closed"),
            Self::Cancelled => label("中止", "cancelled"),
        }
    }
}

/// A step of an external audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ExternalAuditAction {
    /// Change what was planned.
    Revise,
    /// Record what came of it (`/result`), or correct that.
    RecordResult,
    /// Attach the report of the auditors (`/report`).
    AttachReport,
    /// Enter a finding (`/findings`).
    EnterFinding,
    /// Close it (`/closure`).
    Close,
    /// Give it up (`/cancellation`).
    Cancel,
}

impl Labelled for ExternalAuditAction {
    const NAME: &'static str = "external_audit_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::RecordResult => label("結果の記録", "record the result"),
            Self::AttachReport => label("報告書の添付", "attach the report"),
            Self::EnterFinding => label("指摘の記録", "enter a finding"),
            Self::Close => label("完了", "close"),
            Self::Cancel => label("中止", "cancel"),
        }
    }
}

use ExternalAuditAction as A;
use ExternalAuditState as S;

const fn step(action: A, from: &'static [S]) -> Transition<A, S> {
    Transition { action, from, grant: (Resource::ExternalAudit, Verb::Update) }
}

impl Stateful for ExternalAudit {
    type Action = ExternalAuditAction;
    type State = ExternalAuditState;

    const TRANSITIONS: &'static [Transition<ExternalAuditAction, ExternalAuditState>] = &[
        step(A::Revise, &[S::Planned, S::Performed]),
        step(A::RecordResult, &[S::Planned, S::Performed]),
        step(A::AttachReport, &[S::Performed]),
        Transition { action: A::EnterFinding, from: &[S::Performed], grant: (Resource::Finding, Verb::Create) },
        step(A::Close, &[S::Performed]),
        step(A::Cancel, &[S::Planned]),
    ];

    fn state(&self) -> ExternalAuditState {
        self.state
    }
}
