//! The training record of a campaign (D28): its second section.

use actix_web::{get, post};
use mamori_domain::{
    access::Resource,
    kernel::{
        sign_off::{Approval, Because},
        transition::Stateful,
    },
    support::education::campaign::{
        CampaignAction, EducationCampaign, LearnerList, TrainingRecord, TrainingRecordDraft,
    },
};
use mamori_persistence::{
    kernel::failure::OrNotFound,
    operation::annual_plan_row::fulfil,
    support::education::campaign::{self as campaigns, Signers},
};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{because, read, step};
use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch},
    permit::{
        Permit,
        verbs::{Approve, Read, Submit, Update},
    },
    problem::Problem,
    query::{InPath, Path, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(write_training_record)
        .service(submit_training_record)
        .service(approve_training_record)
        .service(return_training_record)
        .service(get_learners);
}

/// Write the training record of a campaign
///
/// What was held, once the campaign is closed; as often as needed before it is handed in, or after it was returned (SD-12).
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = TrainingRecordDraft,
    responses((status = 200, description = "The campaign.", body = EducationCampaign)),
    security(("bearer" = ["training_record:update"])))]
#[post("/v1/education-campaigns/{id}/record")]
async fn write_training_record(
    permit: Permit<Update, TrainingRecord>,
    id: Path<EducationCampaign>,
    read: IfMatch,
    draft: Body<TrainingRecordDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let written =
                step(tx, *id, read, |tx, campaign| Ok(campaign.record(draft.0.clone(), tx.signature(None)?)?))?;
            Answer::record(&written)
        })
        .await
}

/// Submit the training record of a campaign
///
/// Hands it in: from now on it keeps the list of learners as it stands, and what came of the campaign.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The campaign.", body = EducationCampaign)),
    security(("bearer" = ["training_record:submit"])))]
#[post("/v1/education-campaigns/{id}/record-submission")]
async fn submit_training_record(
    permit: Permit<Submit, TrainingRecord>,
    id: Path<EducationCampaign>,
    read_at: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let campaign = read(tx, *id, read_at)?;
            Answer::record(&campaigns::submit_record(tx, campaign)?)
        })
        .await
}

/// Approve the training record of a campaign
///
/// By the chair, or who stands in; not by whoever prepared it (SD-1). From now on it does not change (SD-12), and the row of
/// the annual plan that waits for it is done.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Approval,
    responses((status = 200, description = "The campaign.", body = EducationCampaign)),
    security(("bearer" = ["training_record:approve"])))]
#[post("/v1/education-campaigns/{id}/record-approval")]
async fn approve_training_record(
    permit: Permit<Approve, TrainingRecord>,
    id: Path<EducationCampaign>,
    read: IfMatch,
    approval: Body<Approval>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let recorded = step(tx, *id, read, |tx, campaign| {
                campaign.guard(CampaignAction::ApproveRecord)?;
                let preparer = campaign.record_preparer().or_not_found()?;
                let (by, alone) = Signers::of(tx)?.record.sign(tx, preparer, &approval.0)?;
                Ok(campaign.approve_record(by, alone)?)
            })?;
            let held_on = recorded.draft.period_end.min(tx.today());
            fulfil(tx, Resource::TrainingRecord, recorded.id.uuid(), held_on)?;
            Answer::record(&recorded)
        })
        .await
}

/// Return the training record of a campaign
///
/// Gives it back to its preparer; the next submission takes the learners as they stand then.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The campaign.", body = EducationCampaign)),
    security(("bearer" = ["training_record:approve"])))]
#[post("/v1/education-campaigns/{id}/record-return")]
async fn return_training_record(
    permit: Permit<Approve, TrainingRecord>,
    id: Path<EducationCampaign>,
    read_at: IfMatch,
    reason: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let campaign = read(tx, *id, read_at)?;
            let by = tx.signature(because(&reason.0))?;
            Answer::record(&campaigns::return_record(tx, campaign, by)?)
        })
        .await
}

/// Get the learners of a campaign
///
/// The list of learners (別紙 教育受講者一覧): those within the caller's reach, as the training record keeps them from its
/// submission on, or as they stand.
#[utoipa::path(tag = "support", params(InPath),
    responses((status = 200, description = "The learners.", body = LearnerList)),
    security(("bearer" = ["training_record:read"])))]
#[get("/v1/education-campaigns/{id}/learners")]
async fn get_learners(permit: Permit<Read, TrainingRecord>, id: Path<EducationCampaign>) -> Result<Answer, Problem> {
    permit
        .read(move |tx| {
            let campaign = campaigns::find(tx, *id)?;
            Answer::ok(&campaigns::learners(tx, &campaign)?)
        })
        .await
}
