//! The kinds of records in the registers of the ISMS, and the clause that each belongs to (domain specification §3.3):
//! for the work on them and for the overview.

use mamori_domain::{
    access::Resource,
    overview::work_item::{WorkItem, WorkKind},
};
use uuid::Uuid;

/// What is the same for all records of one kind.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    pub(super) resource: Resource,
    pub(super) clause: &'static str,
    pub(super) path: &'static str,
}

impl Kind {
    /// A row of the permission matrix, a clause of the standard, and where the list of the records is.
    pub(super) const fn new(resource: Resource, clause: &'static str, path: &'static str) -> Self {
        Self { resource, clause, path }
    }

    /// Something about `record`, for nobody in particular yet.
    pub(super) fn item(self, kind: WorkKind, record_id: Uuid, title: &str) -> WorkItem {
        WorkItem {
            kind,
            resource: self.resource,
            record_id,
            path: format!("{}/{record_id}", self.path),
            title: title.to_owned(),
            clause: self.clause,
            due_on: None,
            overdue: false,
            person: None,
            role: None,
        }
    }
}

pub(super) const CONTEXT_ISSUE: Kind = Kind::new(Resource::ContextIssue, "4.1", "/v1/context-issues");
pub(super) const CONTEXT_REVIEW: Kind = Kind::new(Resource::ContextReview, "4.1", "/v1/context-reviews");
pub(super) const INTERESTED_PARTY: Kind = Kind::new(Resource::InterestedParty, "4.2", "/v1/interested-parties");
pub(super) const LEGAL_REQUIREMENT: Kind = Kind::new(Resource::LegalRequirement, "4.2", "/v1/legal-requirements");
pub(super) const SCOPE: Kind = Kind::new(Resource::Scope, "4.3", "/v1/isms-scopes");
pub(super) const ZONE: Kind = Kind::new(Resource::Scope, "4.3", "/v1/zones");
pub(super) const NETWORK_DIAGRAM: Kind = Kind::new(Resource::Scope, "4.3", "/v1/network-diagrams");

pub(super) const COMMITMENT: Kind = Kind::new(Resource::LeadershipCommitment, "5.1", "/v1/leadership-commitments");
pub(super) const POLICY: Kind = Kind::new(Resource::Policy, "5.2", "/v1/policies");
pub(super) const APPOINTMENT: Kind = Kind::new(Resource::Appointment, "5.3", "/v1/appointments");

pub(super) const CONTEXT_ACTION: Kind = Kind::new(Resource::ContextAction, "6.1.1", "/v1/context-actions");
pub(super) const ASSET: Kind = Kind::new(Resource::Asset, "6.1.2", "/v1/assets");
pub(super) const RISK_CRITERIA: Kind = Kind::new(Resource::RiskCriteria, "6.1.2", "/v1/risk-criteria");
pub(super) const RISK: Kind = Kind::new(Resource::Risk, "6.1.2", "/v1/risks");
pub(super) const STATEMENT_OF_APPLICABILITY: Kind =
    Kind::new(Resource::StatementOfApplicability, "6.1.3", "/v1/statements-of-applicability");
pub(super) const TREATMENT_PLAN: Kind = Kind::new(Resource::TreatmentDecision, "6.1.3", "/v1/treatment-plans");
pub(super) const OBJECTIVE: Kind = Kind::new(Resource::Objective, "6.2", "/v1/objectives");
pub(super) const PLANNED_CHANGE: Kind = Kind::new(Resource::PlannedChange, "6.3", "/v1/planned-changes");

pub(super) const RESOURCE: Kind = Kind::new(Resource::Resources, "7.1", "/v1/resources");
pub(super) const COMPETENCE_REQUIREMENT: Kind =
    Kind::new(Resource::CompetenceRequirement, "7.2", "/v1/competence-requirements");
pub(super) const COMPETENCE_CHECK: Kind = Kind::new(Resource::CompetenceCheck, "7.2", "/v1/competence-checks");
pub(super) const TEST: Kind = Kind::new(Resource::Test, "7.2", "/v1/tests");

pub(super) const EDUCATION_PROGRAMME: Kind = Kind::new(Resource::EducationPlan, "7.2", "/v1/education-programmes");
pub(super) const EDUCATION_CAMPAIGN: Kind = Kind::new(Resource::EducationPlan, "7.2", "/v1/education-campaigns");
pub(super) const ENROLMENT: Kind = Kind::new(Resource::TrainingRecord, "7.2", "/v1/enrolments");
pub(super) const EDUCATION_DUTY: Kind = Kind::new(Resource::EducationDuty, "7.2", "/v1/education-duties");

pub(super) const OBLIGATION: Kind = Kind::new(Resource::Obligation, "7.3", "/v1/obligations");
pub(super) const ACKNOWLEDGEMENT: Kind = Kind::new(Resource::Acknowledgement, "7.3", "/v1/acknowledgements");

pub(super) const COMMUNICATION_PROCEDURE: Kind =
    Kind::new(Resource::Communication, "7.4", "/v1/communication-procedures");
pub(super) const COMMUNICATION: Kind = Kind::new(Resource::Communication, "7.4", "/v1/communications");
pub(super) const CUSTOMER_QUESTIONNAIRE: Kind =
    Kind::new(Resource::CustomerQuestionnaire, "7.4", "/v1/customer-questionnaires");

pub(super) const DOCUMENT: Kind = Kind::new(Resource::Document, "7.5", "/v1/documents");
pub(super) const DOCUMENT_VERSION: Kind = Kind::new(Resource::Document, "7.5", "/v1/document-versions");
pub(super) const RETENTION_RULE: Kind = Kind::new(Resource::RetentionRule, "7.5", "/v1/retention-rules");
pub(super) const DISPOSAL: Kind = Kind::new(Resource::Disposal, "7.5", "/v1/disposals");

pub(super) const ANNUAL_PLAN: Kind = Kind::new(Resource::AnnualPlan, "8.1", "/v1/annual-plans");
pub(super) const ANNUAL_PLAN_ROW: Kind = Kind::new(Resource::AnnualPlan, "8.1", "/v1/annual-plan-rows");
pub(super) const CHECKLIST: Kind = Kind::new(Resource::AnnualPlan, "8.1", "/v1/operation-checklists");
pub(super) const SUPPLIER: Kind = Kind::new(Resource::Supplier, "8.1", "/v1/suppliers");
pub(super) const RISK_ASSESSMENT: Kind = Kind::new(Resource::Risk, "8.2", "/v1/risk-assessments");
pub(super) const TREATMENT_ITEM: Kind = Kind::new(Resource::TreatmentItem, "8.3", "/v1/treatment-items");

pub(super) const MEASUREMENT: Kind = Kind::new(Resource::Measurement, "9.1", "/v1/measurements");
pub(super) const AUDIT_PROGRAMME: Kind = Kind::new(Resource::AuditProgramme, "9.2", "/v1/audit-programmes");
pub(super) const AUDIT: Kind = Kind::new(Resource::Audit, "9.2", "/v1/audits");
pub(super) const EXTERNAL_AUDIT: Kind = Kind::new(Resource::ExternalAudit, "9.2", "/v1/external-audits");
pub(super) const FINDING: Kind = Kind::new(Resource::Finding, "9.2", "/v1/findings");
pub(super) const FEEDBACK: Kind = Kind::new(Resource::InterestedPartyFeedback, "9.3", "/v1/interested-party-feedback");
pub(super) const MANAGEMENT_REVIEW: Kind = Kind::new(Resource::ManagementReview, "9.3", "/v1/management-reviews");
pub(super) const REVIEW_ACTION: Kind = Kind::new(Resource::ReviewAction, "9.3", "/v1/review-actions");

pub(super) const CORRECTIVE_ACTION: Kind =
    Kind::new(Resource::CorrectiveActionRequest, "10.2", "/v1/corrective-actions");
