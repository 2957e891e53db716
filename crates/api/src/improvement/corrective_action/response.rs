//! The answer to a corrective action: correction, cause, its removal (sign-off ②), and what was done (sign-off ③).

use actix_web::post;
use mamori_domain::{
    improvement::corrective_action::{
        CorrectiveAction, CorrectiveActionResponse,
        section::{CauseEvaluation, CauseRemoval, Correction, Implementation},
        step::CorrectiveActionStep as Step,
    },
    kernel::sign_off::{Approval, Because},
};
use mamori_persistence::improvement::corrective_action::Seats;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{reasoned, step};
use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch},
    permit::{
        Permit,
        verbs::{Approve, Submit, Update},
    },
    problem::Problem,
    query::{InPath, Path, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(plan_correction)
        .service(evaluate_cause)
        .service(plan_cause_removal)
        .service(submit_corrective_action_plan)
        .service(approve_corrective_action_plan)
        .service(return_corrective_action_plan)
        .service(report_implementation)
        .service(approve_implementation)
        .service(return_implementation);
}

/// Plan the correction
///
/// What is done at once, and when. By the managers of the department, or who was named responsible.
#[utoipa::path(tag = "improvement", params(InPath, IfMatch, ValidateOnly), request_body = Correction,
    responses((status = 200, description = "The corrective action.", body = CorrectiveAction)),
    security(("bearer" = ["corrective_action_response:update"])))]
#[post("/v1/corrective-actions/{id}/correction")]
async fn plan_correction(
    permit: Permit<Update, CorrectiveActionResponse>,
    id: Path<CorrectiveAction>,
    read: IfMatch,
    section: Body<Correction>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Step::PlanCorrection, |tx, action| {
                Ok(action.plan_correction(section.0.clone(), tx.signature(None)?)?)
            })
        })
        .await
}

/// Evaluate the cause
///
/// Whether similar nonconformities exist or could occur, why it happened, and whether a plan is needed to remove the cause.
/// Where none is needed, one that was written before goes.
#[utoipa::path(tag = "improvement", params(InPath, IfMatch, ValidateOnly), request_body = CauseEvaluation,
    responses((status = 200, description = "The corrective action.", body = CorrectiveAction)),
    security(("bearer" = ["corrective_action_response:update"])))]
#[post("/v1/corrective-actions/{id}/evaluation")]
async fn evaluate_cause(
    permit: Permit<Update, CorrectiveActionResponse>,
    id: Path<CorrectiveAction>,
    read: IfMatch,
    section: Body<CauseEvaluation>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Step::Evaluate, |tx, action| {
                Ok(action.evaluate(section.0.clone(), tx.signature(None)?)?)
            })
        })
        .await
}

/// Plan the removal of the cause
///
/// If and only if the evaluation says that a plan is needed.
#[utoipa::path(tag = "improvement", params(InPath, IfMatch, ValidateOnly), request_body = CauseRemoval,
    responses((status = 200, description = "The corrective action.", body = CorrectiveAction)),
    security(("bearer" = ["corrective_action_response:update"])))]
#[post("/v1/corrective-actions/{id}/cause-removal")]
async fn plan_cause_removal(
    permit: Permit<Update, CorrectiveActionResponse>,
    id: Path<CorrectiveAction>,
    read: IfMatch,
    section: Body<CauseRemoval>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Step::PlanRemoval, |tx, action| {
                Ok(action.plan_removal(section.0.clone(), tx.signature(None)?)?)
            })
        })
        .await
}

/// Submit the plan of a corrective action
///
/// Correction, evaluation and, where it is needed, the removal of the cause.
#[utoipa::path(tag = "improvement", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The corrective action.", body = CorrectiveAction)),
    security(("bearer" = ["corrective_action_response:submit"])))]
#[post("/v1/corrective-actions/{id}/plan-submission")]
async fn submit_corrective_action_plan(
    permit: Permit<Submit, CorrectiveActionResponse>,
    id: Path<CorrectiveAction>,
    read: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Step::SubmitPlan, |tx, action| Ok(action.submit_plan(tx.signature(None)?)?))
        })
        .await
}

/// Approve the plan of a corrective action
///
/// Sign-off ②: by the chair, or who stands in for that seat, and not by who prepared it (SD-1).
#[utoipa::path(tag = "improvement", params(InPath, IfMatch, ValidateOnly), request_body = Approval,
    responses((status = 200, description = "The corrective action.", body = CorrectiveAction)),
    security(("bearer" = ["corrective_action_response:approve"])))]
#[post("/v1/corrective-actions/{id}/plan-approval")]
async fn approve_corrective_action_plan(
    permit: Permit<Approve, CorrectiveActionResponse>,
    id: Path<CorrectiveAction>,
    read: IfMatch,
    approval: Body<Approval>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Step::ApprovePlan, |tx, action| {
                let (by, alone) = Seats::of(tx)?.sign(tx, action, &approval.0)?;
                Ok(action.approve_plan(by, alone)?)
            })
        })
        .await
}

/// Return the plan of a corrective action
///
/// Gives it back to be mended.
#[utoipa::path(tag = "improvement", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The corrective action.", body = CorrectiveAction)),
    security(("bearer" = ["corrective_action_response:approve"])))]
#[post("/v1/corrective-actions/{id}/plan-return")]
async fn return_corrective_action_plan(
    permit: Permit<Approve, CorrectiveActionResponse>,
    id: Path<CorrectiveAction>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Step::ReturnPlan, |tx, action| Ok(action.return_plan(reasoned(tx, &because.0)?)?))
        })
        .await
}

/// Report the implementation
///
/// What was done, and when it was complete. The report is handed in with it.
#[utoipa::path(tag = "improvement", params(InPath, IfMatch, ValidateOnly), request_body = Implementation,
    responses((status = 200, description = "The corrective action.", body = CorrectiveAction)),
    security(("bearer" = ["corrective_action_response:submit"])))]
#[post("/v1/corrective-actions/{id}/implementation")]
async fn report_implementation(
    permit: Permit<Submit, CorrectiveActionResponse>,
    id: Path<CorrectiveAction>,
    read: IfMatch,
    section: Body<Implementation>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Step::Report, |tx, action| {
                Ok(action.report(section.0.clone(), tx.signature(None)?, tx.today())?)
            })
        })
        .await
}

/// Approve the report of the implementation
///
/// Sign-off ③: by the chair, or who stands in for that seat, and not by who reported it (SD-1).
#[utoipa::path(tag = "improvement", params(InPath, IfMatch, ValidateOnly), request_body = Approval,
    responses((status = 200, description = "The corrective action.", body = CorrectiveAction)),
    security(("bearer" = ["corrective_action_response:approve"])))]
#[post("/v1/corrective-actions/{id}/implementation-approval")]
async fn approve_implementation(
    permit: Permit<Approve, CorrectiveActionResponse>,
    id: Path<CorrectiveAction>,
    read: IfMatch,
    approval: Body<Approval>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Step::ApproveReport, |tx, action| {
                let (by, alone) = Seats::of(tx)?.sign(tx, action, &approval.0)?;
                Ok(action.approve_report(by, alone)?)
            })
        })
        .await
}

/// Return the report of the implementation
///
/// Gives it back to be written anew.
#[utoipa::path(tag = "improvement", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The corrective action.", body = CorrectiveAction)),
    security(("bearer" = ["corrective_action_response:approve"])))]
#[post("/v1/corrective-actions/{id}/implementation-return")]
async fn return_implementation(
    permit: Permit<Approve, CorrectiveActionResponse>,
    id: Path<CorrectiveAction>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Step::ReturnReport, |tx, action| Ok(action.return_report(reasoned(tx, &because.0)?)?))
        })
        .await
}
