//! What a corrective action answers: exactly one source (D37), and the requirement that was not met.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use crate::{
    access::Role,
    kernel::label::{Label, Labelled, label},
};

/// Where a corrective action comes from.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    EnumIter,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CorrectiveActionSource {
    /// A finding of an internal audit.
    InternalAudit,
    /// A finding of an audit by an outside body.
    ExternalAudit,
    /// An information security incident.
    SecurityIncident,
    /// A need of an interested party.
    InterestedPartyNeed,
    /// Somebody here proposes it.
    InternalProposal,
    /// A defect that showed in daily work (amendments §5).
    DailyWork,
    /// A deadline that was missed (amendments §5).
    MissedDeadline,
    /// Something else, named in words.
    Other,
}

impl CorrectiveActionSource {
    /// Whether an audit found it.
    pub fn is_audit(self) -> bool {
        matches!(self, Self::InternalAudit | Self::ExternalAudit)
    }

    /// The box of the form that is ticked: what the form has no box of its own for is under "other".
    pub fn form_box(self) -> Self {
        match self {
            Self::DailyWork | Self::MissedDeadline => Self::Other,
            source => source,
        }
    }

    /// The seat that approves the request and judges the result: the audit manager for what an audit found, the chair for
    /// the rest (§4.2).
    pub fn seat(self) -> Role {
        if self.is_audit() { Role::InternalAuditManager } else { Role::SecurityCommitteeChair }
    }
}

impl Labelled for CorrectiveActionSource {
    const NAME: &'static str = "corrective_action_source";

    fn label(&self) -> Label {
        match self {
            Self::InternalAudit => label("内部監査での指摘", "internal audit"),
            Self::ExternalAudit => label("外部機関の監査での指摘", "external audit"),
            Self::SecurityIncident => label("セキュリティインシデント", "security incident"),
            Self::InterestedPartyNeed => label("外部の利害関係者のニーズ", "need of an interested party"),
            Self::InternalProposal => label("内部からの提案", "internal proposal"),
            Self::DailyWork => label("日常業務での不備", "defect of daily work"),
            Self::MissedDeadline => label("期限の超過", "missed deadline"),
            Self::Other => label("その他", "other"),
        }
    }
}

/// How grave a finding is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FindingRank {
    /// The management system fails to reach what it is for.
    MajorNonconformity,
    /// A requirement is not met, without that.
    MinorNonconformity,
    /// Met, but it may not stay so.
    Observation,
    /// Could be done better (external audits).
    Opportunity,
}

impl Labelled for FindingRank {
    const NAME: &'static str = "finding_rank";

    fn label(&self) -> Label {
        match self {
            Self::MajorNonconformity => label("重大な不適合", "major nonconformity"),
            Self::MinorNonconformity => label("軽微な不適合", "minor nonconformity"),
            Self::Observation => label("観察事項", "observation"),
            Self::Opportunity => label("改善の機会", "opportunity for improvement"),
        }
    }
}
