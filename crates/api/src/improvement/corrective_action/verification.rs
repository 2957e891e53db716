//! The judgement on a corrective action: whether it was done and whether it helped (sign-off ④), and the follow-up audit.

use actix_web::post;
use mamori_domain::{
    access::Resource,
    improvement::corrective_action::{
        CorrectiveAction, CorrectiveActionVerification,
        section::{ActionVerification, EffectivenessEvaluation, FollowUp},
        step::CorrectiveActionStep as Step,
    },
    kernel::{
        sign_off::{Approval, Because},
        text::Note,
    },
    operation::occurrence::RecordLink,
};
use mamori_persistence::{
    improvement::corrective_action::{self as actions, Seats},
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx},
    operation::annual_plan_row::{fulfil, require_linked},
};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{reasoned, step};
use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch},
    permit::{
        Permit,
        verbs::{Approve, Verify},
    },
    problem::Problem,
    query::{InPath, Path, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(verify_corrective_action)
        .service(evaluate_effectiveness)
        .service(approve_effectiveness)
        .service(return_effectiveness)
        .service(record_follow_up);
}

/// What is closed fulfils the rows of the annual plan that wait for it.
fn fulfil_if_closed(tx: &mut Tx<'_>, action: &Loaded<CorrectiveAction>) -> Outcome<()> {
    match action.closed_on {
        Some(closed_on) => fulfil(tx, Resource::CorrectiveActionRequest, action.id.uuid(), closed_on),
        None => Ok(()),
    }
}

/// Verify a corrective action
///
/// Whether it was done: by the auditor who found it, or the audit manager for what an audit found, the chair for the rest;
/// not by who reported it, unless nobody else can (SD-6).
#[utoipa::path(tag = "improvement", params(InPath, IfMatch, ValidateOnly), request_body = ActionVerification,
    responses((status = 200, description = "The corrective action.", body = CorrectiveAction)),
    security(("bearer" = ["corrective_action_verification:verify"])))]
#[post("/v1/corrective-actions/{id}/verification")]
async fn verify_corrective_action(
    permit: Permit<Verify, CorrectiveActionVerification>,
    id: Path<CorrectiveAction>,
    read: IfMatch,
    section: Body<ActionVerification>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Step::Verify, |tx, action| {
                let by = Seats::of(tx)?.sign_verification(tx, action, &section.0.reason)?;
                Ok(action.verify(section.0.clone(), by, tx.today())?)
            })
        })
        .await
}

/// Evaluate the effectiveness
///
/// Whether it helped, whether an audit has to confirm that, and whether the ISMS changes: that change is planned at
/// `/v1/planned-changes` and named here. By the same people as the verification (SD-6); the judgement is handed in with it.
#[utoipa::path(tag = "improvement", params(InPath, IfMatch, ValidateOnly), request_body = EffectivenessEvaluation,
    responses((status = 200, description = "The corrective action.", body = CorrectiveAction)),
    security(("bearer" = ["corrective_action_verification:verify"])))]
#[post("/v1/corrective-actions/{id}/effectiveness")]
async fn evaluate_effectiveness(
    permit: Permit<Verify, CorrectiveActionVerification>,
    id: Path<CorrectiveAction>,
    read: IfMatch,
    section: Body<EffectivenessEvaluation>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Step::EvaluateEffectiveness, |tx, action| {
                actions::require_planned_change(tx, section.0.planned_change_id)?;
                let by = Seats::of(tx)?.sign_verification(tx, action, &section.0.reason)?;
                Ok(action.evaluate_effectiveness(section.0.clone(), by, tx.today())?)
            })
        })
        .await
}

/// Approve the evaluation of effectiveness
///
/// Sign-off ④: by the seat of the source, neither by who judged nor by who reported it (SD-1, SD-6). What helped is closed,
/// or waits for its follow-up audit; what did not is reopened: its round is kept, and the cause is evaluated anew.
#[utoipa::path(tag = "improvement", params(InPath, IfMatch, ValidateOnly), request_body = Approval,
    responses((status = 200, description = "The corrective action.", body = CorrectiveAction)),
    security(("bearer" = ["corrective_action_verification:approve"])))]
#[post("/v1/corrective-actions/{id}/effectiveness-approval")]
async fn approve_effectiveness(
    permit: Permit<Approve, CorrectiveActionVerification>,
    id: Path<CorrectiveAction>,
    read: IfMatch,
    approval: Body<Approval>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Step::ApproveEffectiveness, |tx, action| {
                let (by, alone) = Seats::of(tx)?.sign(tx, action, &approval.0)?;
                action.approve_effectiveness(by, alone, tx.today())?;
                fulfil_if_closed(tx, action)
            })
        })
        .await
}

/// Return the evaluation of effectiveness
///
/// Gives it back; the verification may be written anew too.
#[utoipa::path(tag = "improvement", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The corrective action.", body = CorrectiveAction)),
    security(("bearer" = ["corrective_action_verification:approve"])))]
#[post("/v1/corrective-actions/{id}/effectiveness-return")]
async fn return_effectiveness(
    permit: Permit<Approve, CorrectiveActionVerification>,
    id: Path<CorrectiveAction>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Step::ReturnEffectiveness, |tx, action| {
                Ok(action.return_effectiveness(reasoned(tx, &because.0)?)?)
            })
        })
        .await
}

/// Record the follow-up audit
///
/// Names the audit that looked at it again: closed, or reopened where it did not help. By the audit manager, or who stands in
/// for that seat.
#[utoipa::path(tag = "improvement", params(InPath, IfMatch, ValidateOnly), request_body = FollowUp,
    responses((status = 200, description = "The corrective action.", body = CorrectiveAction)),
    security(("bearer" = ["corrective_action_verification:verify"])))]
#[post("/v1/corrective-actions/{id}/follow-up")]
async fn record_follow_up(
    permit: Permit<Verify, CorrectiveActionVerification>,
    id: Path<CorrectiveAction>,
    read: IfMatch,
    section: Body<FollowUp>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            step(tx, *id, read, Step::FollowUp, |tx, action| {
                let audit = RecordLink { resource: Resource::Audit, id: section.0.audit_id };
                require_linked(tx, Some(audit), "/audit_id")?;
                let by = Seats::of(tx)?.sign_verification(tx, action, &Note::default())?;
                action.follow_up(section.0.clone(), by, tx.today())?;
                fulfil_if_closed(tx, action)
            })
        })
        .await
}
