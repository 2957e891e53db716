//! Who may do what (ISO 5.3): roles, one readable table of grants, reach, and who approves when a seat is empty.
//!
//! An appointment *is* the authorization: [`Standing`] is what a person holds today, and everything it may do
//! follows from [`table::TABLE`]. Deny unless granted.

pub mod approval;
mod label;
pub mod standing;
pub mod table;

use serde::{Deserialize, Serialize};
use strum::{Display, EnumCount, EnumIter, EnumString, IntoEnumIterator};
use utoipa::ToSchema;

pub use approval::{Approver, Holder};
pub use standing::{Reach, Scope, Scopes, Standing};

use crate::kernel::label::{Label, Labelled, label};

/// A role of the ISMS (D18 and domain specification §4.1), in the order of the table's columns.
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
    EnumCount,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Role {
    /// Leads and is accountable (5.1–5.3).
    TopManagement,
    /// Supervises the implementation and operation of the ISMS.
    SecurityCommitteeChair,
    /// Runs the ISMS from day to day.
    IsmsSecretariat,
    /// Heads the secretariat.
    IsmsSecretariatHead,
    /// Supervises internal audits; reports to top management, beside the chair.
    InternalAuditManager,
    /// Audits departments other than their own.
    InternalAuditor,
    /// Plans and carries out education.
    TrainingManager,
    /// Represents a department in the ISMS.
    DepartmentManager,
    /// Carries out technical security measures.
    SystemAdministrator,
    /// Maintains documents and records.
    DocumentController,
    /// Records employment facts.
    HrOfficer,
    /// Manages principals and tokens; no rights on the content of the ISMS.
    PlatformAdmin,
    /// Relation, not an appointment: the owner of an asset or a risk.
    RiskOwner,
    /// Relation, not an appointment: everybody who works here.
    Employee,
    /// Relation, not an appointment: a guest who audits from outside, for the days of an invitation to one audit.
    ExternalAuditor,
}

impl Role {
    /// Whether somebody is appointed to it; the others follow from a record.
    pub fn is_appointed(self) -> bool {
        !matches!(self, Self::RiskOwner | Self::Employee | Self::ExternalAuditor)
    }

    /// Those that somebody is appointed to.
    pub fn appointed() -> impl Iterator<Item = Self> {
        Self::iter().filter(|role| role.is_appointed())
    }

    /// Whether at most one person holds it at a time (amendments §1.3).
    pub fn is_single_seat(self) -> bool {
        matches!(
            self,
            Self::TopManagement
                | Self::SecurityCommitteeChair
                | Self::InternalAuditManager
                | Self::TrainingManager
                | Self::DocumentController
                | Self::IsmsSecretariatHead
        )
    }

    /// Whether an appointment to it names a department.
    pub fn is_of_department(self) -> bool {
        matches!(self, Self::DepartmentManager)
    }

    /// The roles that appoint to it (5.3; figure of the organization chart).
    pub fn appointed_by(self) -> &'static [Role] {
        match self {
            Self::TopManagement | Self::SecurityCommitteeChair | Self::InternalAuditManager | Self::PlatformAdmin => {
                &[Self::TopManagement]
            }
            Self::InternalAuditor => &[Self::InternalAuditManager],
            Self::IsmsSecretariat
            | Self::IsmsSecretariatHead
            | Self::TrainingManager
            | Self::DepartmentManager
            | Self::SystemAdministrator
            | Self::DocumentController
            | Self::HrOfficer => &[Self::SecurityCommitteeChair],
            Self::RiskOwner | Self::Employee | Self::ExternalAuditor => &[],
        }
    }

    /// The roles that one person must not hold beside this one (SD-3; ISO 9.2.2 b).
    pub fn excludes(self) -> &'static [Role] {
        match self {
            Self::InternalAuditManager => &[
                Self::SecurityCommitteeChair,
                Self::IsmsSecretariat,
                Self::IsmsSecretariatHead,
                Self::TrainingManager,
                Self::DocumentController,
                Self::SystemAdministrator,
            ],
            Self::SecurityCommitteeChair
            | Self::IsmsSecretariat
            | Self::IsmsSecretariatHead
            | Self::TrainingManager
            | Self::DocumentController
            | Self::SystemAdministrator => &[Self::InternalAuditManager],
            Self::TopManagement => &[Self::InternalAuditor],
            Self::InternalAuditor => &[Self::TopManagement],
            _ => &[],
        }
    }
}

impl Labelled for Role {
    const NAME: &'static str = "role";

    fn label(&self) -> Label {
        match self {
            Self::TopManagement => label("トップマネジメント", "top management"),
            Self::SecurityCommitteeChair => label("情報セキュリティ委員長", "security committee chair"),
            Self::IsmsSecretariat => label("ISMS事務局", "ISMS secretariat"),
            Self::IsmsSecretariatHead => label("ISMS事務局長", "head of the ISMS secretariat"),
            Self::InternalAuditManager => label("ISMS内部監査責任者", "internal audit manager"),
            Self::InternalAuditor => label("内部監査員", "internal auditor"),
            Self::TrainingManager => label("ISMS教育責任者", "training manager"),
            Self::DepartmentManager => label("部門管理者", "department manager"),
            Self::SystemAdministrator => label("情報システム管理者", "system administrator"),
            Self::DocumentController => label("ISMS文書管理責任者", "document controller"),
            Self::HrOfficer => label("人事担当", "HR officer"),
            Self::PlatformAdmin => label("プラットフォーム管理者", "platform administrator"),
            Self::RiskOwner => label("リスク所有者", "risk owner"),
            Self::Employee => label("従業者", "worker"),
            Self::ExternalAuditor => label("社外監査人", "external auditor"),
        }
    }
}

/// What is done to a resource: the letters of the permission matrix.
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
    EnumCount,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Verb {
    /// C
    Create,
    /// R
    Read,
    /// U: change, while the record is open; end or dispose of it.
    Update,
    /// S: hand in for approval.
    Submit,
    /// A: approve, accept, decide.
    Approve,
    /// X: execute, record performance.
    Execute,
    /// V: verify.
    Verify,
}

/// A row of the permission matrix (domain specification §4.2).
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
    EnumCount,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the rows of the permission matrix")]
pub enum Resource {
    // the organization and its people
    Organization,
    Department,
    Position,
    Person,
    Appointment,
    // principals, credentials, the service itself
    Principal,
    OwnAccess,
    Catalog,
    Event,
    Notice,
    // LV.1 and LV.2
    IncidentCase,
    Regulation,
    Backup,
    // 4 context
    ContextIssue,
    InterestedParty,
    ContextAction,
    ContextReview,
    Scope,
    EntryLog,
    // 5 leadership
    LeadershipCommitment,
    Policy,
    // 6 planning
    Asset,
    RiskCriteria,
    Risk,
    TreatmentDecision,
    RiskAcceptance,
    TreatmentItem,
    StatementOfApplicability,
    Objective,
    PlannedChange,
    // 7 support
    Resources,
    CompetenceRequirement,
    CompetenceCheck,
    LegalRequirement,
    EducationPlan,
    EducationDuty,
    Test,
    TestAttempt,
    TestResult,
    TrainingRecord,
    Obligation,
    Acknowledgement,
    AcknowledgementSummary,
    Communication,
    CustomerQuestionnaire,
    Document,
    RetentionRule,
    Disposal,
    // 8 operation
    AnnualPlan,
    Account,
    TakeOut,
    IncidentNotice,
    Supplier,
    // 9 evaluation
    Measurement,
    AuditProgramme,
    Audit,
    AuditGuest,
    AuditChecklist,
    ExternalAudit,
    Finding,
    InterestedPartyFeedback,
    ManagementReview,
    ReviewAction,
    // 10 improvement
    CorrectiveActionRequest,
    CorrectiveActionResponse,
    CorrectiveActionVerification,
}

/// A type of record that the table governs.
pub trait Governed {
    /// Its row.
    const RESOURCE: Resource;
}
