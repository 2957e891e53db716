//! Words with their labels, so that no user interface types them in again.

mod rating_scale;

use actix_web::get;
use mamori_domain::{
    access::{
        Resource, Role, Scope, Verb,
        table::{self, Cell},
    },
    catalog::{
        clause::{self, Clause},
        control::{self, AnnexAControl},
    },
    context::{
        action::{Addressed, ContextActionState, ContextActionStep},
        entry_log::{EntryAction, EntryState, EntryViolation},
        issue::IssueType,
        network_diagram::NodeKind,
        review::{ContextReviewAction, RowMovement},
        scope::{BoundaryVerdict, Coverage},
        zone::{ZoneAction, ZoneState},
    },
    evaluation::{
        audit::{
            AuditAction, AuditMethod, AuditState,
            guest::{AuditGuestAction, AuditGuestState},
        },
        audit_checklist_item::{AuditChecklistItemAction, AuditChecklistItemState, AuditJudgement},
        audit_programme::{
            coverage::CoverageState,
            row::{AuditFrequency, AuditProgrammeRowState},
        },
        external_audit::{AuditRecommendation, ExternalAuditAction, ExternalAuditKind, ExternalAuditState},
        feedback::{FeedbackAction, FeedbackState},
        finding::{FindingAction, FindingState},
        management_review::{ManagementReviewAction, ManagementReviewState},
        measurement::{MeasurementAction, MeasurementState},
        review_action::{ReviewActionState, ReviewActionStep, ReviewOutput},
    },
    identity::{
        access_token::{AccessTokenAction, AccessTokenState},
        principal::{LinkPurpose, PrincipalAction, PrincipalState},
    },
    improvement::corrective_action::{
        source::{CorrectiveActionSource, FindingRank},
        step::{CorrectiveActionState, CorrectiveActionStep},
    },
    integration::{
        event::{ChainFaultKind, EventKind},
        notice::{NoticeAction, NoticeFault, NoticeKind, NoticeState},
    },
    kernel::{
        label::{Label, Labelled},
        page::Page,
        retirement::{RegisterAction, RegisterState},
        review::ReviewOutcome,
        sheet::ImportAction,
        sign_off::{SignOffAction, SignOffState},
        version::{VersionAction, VersionState},
    },
    leadership::{
        appointment::{AppointmentAction, AppointmentKind, AppointmentState},
        commitment::{CommitmentAction, CommitmentState},
        policy::PolicyAction,
        publication::{AvailabilityMeans, PolicyRequirement},
    },
    operation::{
        annual_plan::{AnnualPlanAction, AnnualPlanState},
        annual_plan_row::{AnnualPlanRowAction, AnnualPlanRowState, Recurrence},
        annual_plan_template::{AnnualPlanTemplate, TemplateRow},
        checklist::{ChecklistAction, ChecklistFrequency, ChecklistState},
        checklist_run::ItemFinding,
        occurrence::{CompletionSource, OccurrenceState, RowChangeKind},
        supplier::{DataDisposition, EvaluationResult, SupplierAction, SupplierKind, SupplierState},
    },
    organization::{
        department::{DepartmentAction, DepartmentState},
        organization::{ApprovingAuthority, OrganizationAction, ProgrammeLevel},
        person::{PersonAction, PersonState, WorkerKind},
        position::PositionAction,
    },
    overview::work_item::{Assignee, WorkKind},
    planning::{
        applicability::{
            control::{ApplicabilityControlAction, ApplicabilityDecision, ImplementationStatus},
            edit::{EditOutcome, OnRefusedEdit},
        },
        asset::{AssetAction, AssetClass, AssetState, ImportanceBasis, Media},
        metric::{KnownMeasure, MetricComparison},
        objective::{EffectivenessResult, ObjectiveAction, ObjectiveState},
        owner::OwnerKind,
        planned_change::{PlannedChangeAction, PlannedChangeState},
        risk::{LostProperty, MatrixKind, RiskAction, RiskState},
        risk_assessment::AssessmentTrigger,
        risk_criteria::Evaluation,
        treatment::TreatmentOption,
        treatment_item::{ItemAction, ItemStatus, ResponseStatus},
        treatment_plan::{PlanAction, PlanState},
    },
    support::{
        awareness::{
            acknowledgement::{AcknowledgementAction, AcknowledgementSource, AcknowledgementState, AwarenessItem},
            obligation::ObligationPhase,
        },
        communication::{
            communication::{CommunicationAction, CommunicationState},
            customer_questionnaire::{CustomerQuestionnaireAction, CustomerQuestionnaireState},
            procedure::{CommunicationAudience, CommunicationSubject, CommunicationTiming},
        },
        competence_check::{CompetenceCheckAction, CompetenceCheckState, CompetenceClass},
        document::{
            DocumentAction, DocumentKind, DocumentState,
            version::{DocumentMedium, DocumentVersionAction, DocumentVersionState},
        },
        education::{
            attempt::{AttemptAction, AttemptState},
            campaign::{CampaignAction, CampaignState, DeliveryMethod},
            duty::{DutyCause, EducationDutyAction, EducationDutyState},
            enrolment::{CompletionBasis, EnrolmentAction, EnrolmentState, ExclusionGround},
            material::{MaterialAction, MaterialState},
            programme::ProgrammeAudience,
            survey::SurveyQuestionKind,
            test::{QuestionKind, TestAction, TestAnswer, TestState},
            theme::{EducationTheme, EducationTiming},
        },
        legal_requirement::{LegalRequirementAction, LegalRequirementKind},
        resource::{ProvidedResourceAction, ProvidedResourceState, ResourceCategory},
        retention_rule::RetentionSubject,
    },
};
use serde::Serialize;
use strum::IntoEnumIterator;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    permit::{Catalog, Permit, verbs::Read},
    problem::Problem,
    query::Paging,
};

/// Mounts the module.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_clauses)
        .service(list_controls)
        .service(list_roles)
        .service(list_enums)
        .service(rating_scale::list_rating_scales)
        .service(list_annual_plan_templates);
}

/// A slice of a fixed list as a page; its cursor is the place of the next item.
fn page_of<T: Clone>(all: &[T], paging: &Paging) -> Result<Page<T>, Problem> {
    let page = paging.page(None, "order")?;
    let start = match page.after::<usize>()? {
        Some((place, _)) => place,
        None => 0,
    };
    let limit = usize::try_from(page.limit).unwrap_or_default();
    let items: Vec<T> = all.iter().skip(start).take(limit).cloned().collect();
    let end = start + items.len();
    let next = (end < all.len()).then(|| {
        let key = serde_json::json!(end);
        mamori_domain::kernel::page::Position { sort: page.order(), key, id: uuid::Uuid::nil() }.encode()
    });
    let total = page.include_total.then(|| i64::try_from(all.len()).unwrap_or(i64::MAX));
    Ok(Page { items, next, total })
}

/// List the clauses
///
/// The clauses of ISO/IEC 27001:2022 (JIS Q 27001:2023), titles only.
#[utoipa::path(tag = "catalog", params(Paging),
    responses((status = 200, description = "A page of clauses.", body = Page<Clause>)),
    security(("bearer" = ["catalog:read"])))]
#[get("/v1/catalog/clauses")]
async fn list_clauses(_permit: Permit<Read, Catalog>, paging: Paging) -> Result<Answer, Problem> {
    Ok(Answer::ok(&page_of(&clause::CLAUSES, &paging)?)?)
}

/// List the controls of Annex A
///
/// All 93, titles and attributes only.
#[utoipa::path(tag = "catalog", params(Paging),
    responses((status = 200, description = "A page of controls.", body = Page<AnnexAControl>)),
    security(("bearer" = ["catalog:read"])))]
#[get("/v1/catalog/controls")]
async fn list_controls(_permit: Permit<Read, Catalog>, paging: Paging) -> Result<Answer, Problem> {
    Ok(Answer::ok(&page_of(&control::CONTROLS, &paging)?)?)
}

/// A role and what it grants.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct RoleEntry {
    /// The word of the API.
    role: Role,
    /// What to show.
    label: Label,
    /// The roles that appoint to it.
    appointed_by: Vec<Role>,
    /// The roles that one person must not hold beside it (SD-3).
    excludes: Vec<Role>,
    /// At most one person holds it at a time.
    single_seat: bool,
    /// What it grants: `scope` with its reach.
    grants: Vec<RoleGrant>,
}

/// One grant of a role.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct RoleGrant {
    /// `resource:verb`.
    scope: Scope,
    /// `all`, `departments`, `assigned`, `own`, `published`.
    reach: Vec<&'static str>,
}

/// List the roles
///
/// The roles of the ISMS with what they grant: the permission matrix itself.
#[utoipa::path(tag = "catalog", params(Paging),
    responses((status = 200, description = "A page of roles.", body = Page<RoleEntry>)),
    security(("bearer" = ["catalog:read"])))]
#[get("/v1/catalog/roles")]
async fn list_roles(_permit: Permit<Read, Catalog>, paging: Paging) -> Result<Answer, Problem> {
    let roles: Vec<RoleEntry> = Role::iter()
        .map(|role| RoleEntry {
            role,
            label: role.label(),
            appointed_by: role.appointed_by().to_vec(),
            excludes: role.excludes().to_vec(),
            single_seat: role.is_single_seat(),
            grants: grants(role),
        })
        .collect();
    Ok(Answer::ok(&page_of(&roles, &paging)?)?)
}

fn grants(role: Role) -> Vec<RoleGrant> {
    let of_row = |row: &'static table::Row| {
        let cell = table::cell(role, row.resource);
        Verb::iter().filter_map(move |verb| {
            let bit = Cell::bit(verb);
            let reach: Vec<&'static str> = [
                ("all", cell.all),
                ("departments", cell.departments),
                ("assigned", cell.assigned),
                ("own", cell.own),
                ("published", cell.published),
            ]
            .into_iter()
            .filter_map(|(name, verbs)| (verbs & bit != 0).then_some(name))
            .collect();
            (!reach.is_empty()).then_some(RoleGrant { scope: Scope { resource: row.resource, verb }, reach })
        })
    };
    table::TABLE.iter().flat_map(of_row).collect()
}

/// A list of words.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct EnumEntry {
    /// The name of the list.
    name: &'static str,
    /// Its words.
    words: Vec<WordEntry>,
}

/// A word with its label.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct WordEntry {
    /// As it stands in the API.
    word: String,
    /// What to show.
    label: Label,
}

fn words<T: Labelled>() -> EnumEntry {
    EnumEntry {
        name: T::NAME,
        words: T::iter().map(|word| WordEntry { word: word.to_string(), label: word.label() }).collect(),
    }
}

/// Every enum of the API.
fn enums() -> Vec<EnumEntry> {
    vec![
        words::<AccessTokenAction>(),
        words::<AccessTokenState>(),
        words::<ApplicabilityDecision>(),
        words::<ApplicabilityControlAction>(),
        words::<AnnualPlanAction>(),
        words::<AnnualPlanRowAction>(),
        words::<AnnualPlanRowState>(),
        words::<AnnualPlanState>(),
        words::<AnnualPlanTemplate>(),
        words::<AppointmentAction>(),
        words::<AppointmentKind>(),
        words::<AppointmentState>(),
        words::<ApprovingAuthority>(),
        words::<AssessmentTrigger>(),
        words::<AssetAction>(),
        words::<AssetClass>(),
        words::<AssetState>(),
        words::<Assignee>(),
        words::<AvailabilityMeans>(),
        words::<BoundaryVerdict>(),
        words::<ChainFaultKind>(),
        words::<CommitmentAction>(),
        words::<CommitmentState>(),
        words::<ChecklistAction>(),
        words::<ChecklistFrequency>(),
        words::<ChecklistState>(),
        words::<CompletionSource>(),
        words::<control::ControlTheme>(),
        words::<control::ControlType>(),
        words::<control::CybersecurityConcept>(),
        words::<control::OperationalCapability>(),
        words::<control::SecurityDomain>(),
        words::<control::SecurityProperty>(),
        words::<Coverage>(),
        words::<DataDisposition>(),
        words::<DepartmentAction>(),
        words::<DepartmentState>(),
        words::<DocumentAction>(),
        words::<DocumentKind>(),
        words::<DocumentMedium>(),
        words::<DocumentState>(),
        words::<DocumentVersionAction>(),
        words::<DocumentVersionState>(),
        words::<EditOutcome>(),
        words::<EffectivenessResult>(),
        words::<EntryAction>(),
        words::<EntryState>(),
        words::<EntryViolation>(),
        words::<Evaluation>(),
        words::<EvaluationResult>(),
        words::<EventKind>(),
        words::<NoticeAction>(),
        words::<NoticeFault>(),
        words::<NoticeKind>(),
        words::<NoticeState>(),
        words::<ExternalAuditAction>(),
        words::<ExternalAuditKind>(),
        words::<ExternalAuditState>(),
        words::<FeedbackAction>(),
        words::<FeedbackState>(),
        words::<ImplementationStatus>(),
        words::<ImportAction>(),
        words::<ImportanceBasis>(),
        words::<ItemAction>(),
        words::<ItemFinding>(),
        words::<ItemStatus>(),
        words::<KnownMeasure>(),
        words::<LinkPurpose>(),
        words::<LostProperty>(),
        words::<ManagementReviewAction>(),
        words::<ManagementReviewState>(),
        words::<MatrixKind>(),
        words::<MeasurementAction>(),
        words::<MeasurementState>(),
        words::<Media>(),
        words::<OnRefusedEdit>(),
        words::<MetricComparison>(),
        words::<ObjectiveAction>(),
        words::<ObjectiveState>(),
        words::<NodeKind>(),
        words::<OccurrenceState>(),
        words::<OrganizationAction>(),
        words::<OwnerKind>(),
        words::<AcknowledgementAction>(),
        words::<AcknowledgementSource>(),
        words::<AcknowledgementState>(),
        words::<AwarenessItem>(),
        words::<CommunicationAction>(),
        words::<CommunicationAudience>(),
        words::<CommunicationState>(),
        words::<CommunicationSubject>(),
        words::<CommunicationTiming>(),
        words::<CustomerQuestionnaireAction>(),
        words::<CustomerQuestionnaireState>(),
        words::<ObligationPhase>(),
        words::<CompetenceCheckAction>(),
        words::<CompetenceCheckState>(),
        words::<CompetenceClass>(),
        words::<LegalRequirementKind>(),
        words::<LegalRequirementAction>(),
        words::<EducationTheme>(),
        words::<EducationTiming>(),
        words::<ProgrammeAudience>(),
        words::<DutyCause>(),
        words::<EducationDutyState>(),
        words::<EducationDutyAction>(),
        words::<DeliveryMethod>(),
        words::<CampaignState>(),
        words::<CampaignAction>(),
        words::<EnrolmentState>(),
        words::<EnrolmentAction>(),
        words::<CompletionBasis>(),
        words::<ExclusionGround>(),
        words::<MaterialState>(),
        words::<MaterialAction>(),
        words::<SurveyQuestionKind>(),
        words::<Addressed>(),
        words::<ContextActionState>(),
        words::<ContextActionStep>(),
        words::<CorrectiveActionSource>(),
        words::<CorrectiveActionState>(),
        words::<CorrectiveActionStep>(),
        words::<FindingRank>(),
        words::<ContextReviewAction>(),
        words::<IssueType>(),
        words::<RowMovement>(),
        words::<RegisterAction>(),
        words::<RegisterState>(),
        words::<clause::PdcaPhase>(),
        words::<PersonAction>(),
        words::<PersonState>(),
        words::<PolicyAction>(),
        words::<PolicyRequirement>(),
        words::<PlanAction>(),
        words::<PlanState>(),
        words::<PlannedChangeAction>(),
        words::<AuditAction>(),
        words::<AuditFrequency>(),
        words::<AuditProgrammeRowState>(),
        words::<CoverageState>(),
        words::<AuditChecklistItemAction>(),
        words::<AuditChecklistItemState>(),
        words::<AuditGuestAction>(),
        words::<AuditGuestState>(),
        words::<AuditJudgement>(),
        words::<AuditMethod>(),
        words::<AuditRecommendation>(),
        words::<AuditState>(),
        words::<FindingAction>(),
        words::<FindingState>(),
        words::<PlannedChangeState>(),
        words::<PositionAction>(),
        words::<PrincipalAction>(),
        words::<PrincipalState>(),
        words::<ProgrammeLevel>(),
        words::<Resource>(),
        words::<ProvidedResourceAction>(),
        words::<AttemptAction>(),
        words::<AttemptState>(),
        words::<QuestionKind>(),
        words::<TestAction>(),
        words::<TestAnswer>(),
        words::<TestState>(),
        words::<ProvidedResourceState>(),
        words::<ResourceCategory>(),
        words::<Recurrence>(),
        words::<ResponseStatus>(),
        words::<RetentionSubject>(),
        words::<RiskAction>(),
        words::<RiskState>(),
        words::<Role>(),
        words::<RowChangeKind>(),
        words::<SignOffAction>(),
        words::<SignOffState>(),
        words::<SupplierAction>(),
        words::<SupplierKind>(),
        words::<SupplierState>(),
        words::<TreatmentOption>(),
        words::<VersionAction>(),
        words::<ReviewActionState>(),
        words::<ReviewActionStep>(),
        words::<ReviewOutcome>(),
        words::<ReviewOutput>(),
        words::<VersionState>(),
        words::<WorkKind>(),
        words::<WorkerKind>(),
        words::<ZoneAction>(),
        words::<ZoneState>(),
    ]
}

/// List the words of the API
///
/// Every enum with Japanese and English labels.
#[utoipa::path(tag = "catalog", params(Paging),
    responses((status = 200, description = "A page of lists of words.", body = Page<EnumEntry>)),
    security(("bearer" = ["catalog:read"])))]
#[get("/v1/catalog/enums")]
async fn list_enums(_permit: Permit<Read, Catalog>, paging: Paging) -> Result<Answer, Problem> {
    Ok(Answer::ok(&page_of(&enums(), &paging)?)?)
}

/// A shipped annual plan.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct TemplateEntry {
    /// Its name, by which a plan is started from it.
    template: AnnualPlanTemplate,
    /// What to show.
    label: Label,
    /// Its rows, in order.
    rows: Vec<TemplateRow>,
}

/// List the shipped annual plans
///
/// What a plan may begin with, in own words: building an ISMS (D32), and running it for a whole year.
#[utoipa::path(tag = "catalog", params(Paging),
    responses((status = 200, description = "A page of shipped plans.", body = Page<TemplateEntry>)),
    security(("bearer" = ["catalog:read"])))]
#[get("/v1/catalog/annual-plan-templates")]
async fn list_annual_plan_templates(_permit: Permit<Read, Catalog>, paging: Paging) -> Result<Answer, Problem> {
    let entry =
        |template: AnnualPlanTemplate| TemplateEntry { template, label: template.label(), rows: template.rows() };
    let entries: Vec<TemplateEntry> = AnnualPlanTemplate::iter().map(entry).collect();
    Ok(Answer::ok(&page_of(&entries, &paging)?)?)
}
