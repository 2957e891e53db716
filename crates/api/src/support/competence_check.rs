//! Competence checks.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    access::{Resource, Role, Verb},
    kernel::{
        id::Id,
        page::Page,
        refusal::{Code, Refusal},
        sign_off::{Approval, Because},
        transition::Stateful,
    },
    organization::person::Person,
    support::{
        competence_check::{
            CompetenceCheck, CompetenceCheckAction, CompetenceCheckDraft, CompetenceCheckState, CompetenceClass,
            ImprovementConfirmationDraft, ImprovementDraft,
        },
        competence_requirement::CompetenceRequirement,
    },
};
use mamori_persistence::{
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx},
    leadership::appointment as appointments,
    operation::annual_plan_row::fulfil,
    support::{
        competence_check::{self as checks, Filter},
        competence_requirement as requirements,
    },
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch, Patch},
    permit::{
        Permit,
        verbs::{Approve, Create, Read, Submit, Update},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_competence_checks)
        .service(create_competence_check)
        .service(get_competence_check)
        .service(revise_competence_check)
        .service(submit_competence_check)
        .service(approve_competence_check)
        .service(return_competence_check)
        .service(confirm_improvement)
        .service(replan_improvement);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CheckQuery {
    /// Text in the name of the person.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// For this role.
    #[param(inline)]
    role: Option<Role>,
    /// Of this person.
    #[param(value_type = Option<String>, format = Uuid)]
    person_id: Option<Id<Person>>,
    /// Of this class.
    #[param(inline)]
    appointment_class: Option<CompetenceClass>,
    /// In this state.
    #[param(inline)]
    state: Option<CompetenceCheckState>,
    /// With an improvement past its day.
    improvement_overdue: Option<bool>,
    /// The order.
    #[param(pattern = "^-?(checked_on|updated_at)$", default = "-checked_on")]
    sort: Option<String>,
}

/// List competence checks
///
/// Who was checked for which role, with which class (7.2). Whoever neither runs nor decides on checks sees their own.
#[utoipa::path(tag = "support", params(Paging, CheckQuery),
    responses((status = 200, description = "A page of checks.", body = Page<CompetenceCheck>)),
    security(("bearer" = ["competence_check:read"])))]
#[get("/v1/competence-checks")]
async fn list_competence_checks(
    permit: Permit<Read, CompetenceCheck>,
    paging: Paging,
    query: Query<CheckQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "-checked_on")?;
    let filter = Filter {
        id: None,
        q: query.q.clone(),
        updated_since: query.updated_since,
        role: query.role,
        person: query.person_id,
        class: query.appointment_class,
        state: query.state,
        improvement_overdue: query.improvement_overdue,
    };
    permit.read(move |tx| Answer::ok(&checks::list(tx, &filter, &page)?)).await
}

/// What the role of a draft demands; refused where that is nothing.
fn demanded(tx: &mut Tx<'_>, role: Role) -> Outcome<Vec<CompetenceRequirement>> {
    let demanded = requirements::of_role(tx, role)?;
    if demanded.is_empty() { Err(Refusal::field("/role", Code::UnknownReference).into()) } else { Ok(demanded) }
}

/// Create a competence check
///
/// A rating from 1 to 5 for each requirement of the role, and what is done about the gaps; the class follows from both
/// . Nobody assesses themselves (SD-8).
#[utoipa::path(tag = "support", params(ValidateOnly), request_body = CompetenceCheckDraft,
    responses((status = 201, description = "The draft.", body = CompetenceCheck)),
    security(("bearer" = ["competence_check:create"])))]
#[post("/v1/competence-checks")]
async fn create_competence_check(
    permit: Permit<Create, CompetenceCheck>,
    draft: Body<CompetenceCheckDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let (demanded, by) = (demanded(tx, draft.0.role)?, tx.signature(None)?);
            let check = CompetenceCheck::assess(draft.0.clone(), &demanded, by, tx.now(), tx.today())?;
            let check = checks::add(tx, &check)?;
            Answer::created(&check, format!("/v1/competence-checks/{}", check.id))
        })
        .await
}

/// Get a competence check
///
/// With its items, improvements and class.
#[utoipa::path(tag = "support", params(InPath),
    responses((status = 200, description = "The check.", body = CompetenceCheck)),
    security(("bearer" = ["competence_check:read"])))]
#[get("/v1/competence-checks/{id}")]
async fn get_competence_check(
    permit: Permit<Read, CompetenceCheck>,
    id: Path<CompetenceCheck>,
) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&checks::find(tx, *id)?.value)).await
}

/// What a step does to a check.
fn step(
    tx: &mut Tx<'_>,
    id: Id<CompetenceCheck>,
    verb: Verb,
    read: IfMatch,
    rule: impl FnOnce(&mut Tx<'_>, &mut Loaded<CompetenceCheck>) -> Outcome<()>,
) -> Outcome<CompetenceCheck> {
    let mut check = checks::find_for(tx, id, verb)?;
    read.check(&check)?;
    rule(tx, &mut check)?;
    let check = checks::store(tx, check)?;
    // What was lacking is not lacking any more: who was appointed provisionally is appointed formally (R-15b).
    if let (CompetenceCheckState::Approved, Some(from)) = (check.state, check.formal_from()) {
        appointments::turn_formal(tx, &check, from)?;
    }
    Ok(check)
}

/// Revise a competence check
///
/// Only before it is handed in, or after it was returned (SD-12); against what the role demands now.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly),
    request_body(content = CompetenceCheckDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The draft.", body = CompetenceCheck)),
    security(("bearer" = ["competence_check:update"])))]
#[patch("/v1/competence-checks/{id}")]
async fn revise_competence_check(
    permit: Permit<Update, CompetenceCheck>,
    id: Path<CompetenceCheck>,
    read: IfMatch,
    patch: Patch<CompetenceCheckDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let check = step(tx, *id, Verb::Update, read, |tx, check| {
                let draft = patch.apply(&check.draft)?;
                let demanded = demanded(tx, draft.role)?;
                Ok(check.revise(draft, &demanded, tx.signature(None)?, tx.today())?)
            })?;
            Answer::record(&check)
        })
        .await
}

/// Submit a competence check
///
/// Hands it in to whoever appoints to the role. A planned improvement needs its day and its action.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The check.", body = CompetenceCheck)),
    security(("bearer" = ["competence_check:submit"])))]
#[post("/v1/competence-checks/{id}/submission")]
async fn submit_competence_check(
    permit: Permit<Submit, CompetenceCheck>,
    id: Path<CompetenceCheck>,
    read: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let submit = |tx: &mut Tx<'_>, check: &mut Loaded<CompetenceCheck>| Ok(check.submit(tx.signature(None)?)?);
            Answer::record(&step(tx, *id, Verb::Submit, read, submit)?)
        })
        .await
}

/// Approve a competence check
///
/// By whoever appoints to the role, or stands in for that seat; neither by who assessed nor by who was assessed (SD-8).
/// Class A turns a provisional appointment of the person to the role formal.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Approval,
    responses((status = 200, description = "The check.", body = CompetenceCheck)),
    security(("bearer" = ["competence_check:approve"])))]
#[post("/v1/competence-checks/{id}/approval")]
async fn approve_competence_check(
    permit: Permit<Approve, CompetenceCheck>,
    id: Path<CompetenceCheck>,
    read: IfMatch,
    approval: Body<Approval>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let approved = step(tx, *id, Verb::Approve, read, |tx, check| {
                check.guard(CompetenceCheckAction::Approve)?;
                let (by, alone) = checks::Deciders::of(tx)?.sign(tx, check, &approval.0)?;
                Ok(check.approve(by, alone)?)
            })?;
            fulfil(tx, Resource::CompetenceCheck, approved.id.uuid(), approved.draft.checked_on)?;
            Answer::record(&approved)
        })
        .await
}

/// Return a competence check
///
/// Gives a submitted one back to its assessor.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The draft.", body = CompetenceCheck)),
    security(("bearer" = ["competence_check:approve"])))]
#[post("/v1/competence-checks/{id}/return")]
async fn return_competence_check(
    permit: Permit<Approve, CompetenceCheck>,
    id: Path<CompetenceCheck>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let returned = step(tx, *id, Verb::Approve, read, |tx, check| {
                let by = tx.signature(Some(because.0.reason.as_str().to_owned()))?;
                Ok(check.send_back(by)?)
            })?;
            Answer::record(&returned)
        })
        .await
}

/// Confirm an improvement
///
/// How far a requirement is met now. With 3 or more for all that was lacking the class becomes A, and a provisional
/// appointment turns formal from the last confirmation on; 2 or less needs a new plan (R-15b).
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = ImprovementConfirmationDraft,
    responses((status = 200, description = "The check.", body = CompetenceCheck)),
    security(("bearer" = ["competence_check:update"])))]
#[post("/v1/competence-checks/{id}/confirmations")]
async fn confirm_improvement(
    permit: Permit<Update, CompetenceCheck>,
    id: Path<CompetenceCheck>,
    read: IfMatch,
    draft: Body<ImprovementConfirmationDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let confirmed = step(tx, *id, Verb::Update, read, |tx, check| {
                Ok(check.confirm(draft.0.clone(), tx.signature(None)?, tx.today())?)
            })?;
            Answer::record(&confirmed)
        })
        .await
}

/// Plan an improvement anew
///
/// For a requirement that is still lacking and has no open improvement; the one that did not help stays on record.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = ImprovementDraft,
    responses((status = 200, description = "The check.", body = CompetenceCheck)),
    security(("bearer" = ["competence_check:update"])))]
#[post("/v1/competence-checks/{id}/improvements")]
async fn replan_improvement(
    permit: Permit<Update, CompetenceCheck>,
    id: Path<CompetenceCheck>,
    read: IfMatch,
    draft: Body<ImprovementDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let planned = step(tx, *id, Verb::Update, read, |tx, check| {
                Ok(check.replan(draft.0.clone(), &tx.signature(None)?, tx.today())?)
            })?;
            Answer::record(&planned)
        })
        .await
}
