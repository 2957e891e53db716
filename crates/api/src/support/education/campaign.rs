//! Education campaigns: the plan, and the course that it takes. The training record is beside it.

pub mod record;

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    access::Resource,
    kernel::{
        id::Id,
        page::Page,
        sign_off::{Approval, Because},
        transition::Stateful,
    },
    support::education::{
        campaign::{CampaignAction, CampaignExtensionDraft, CampaignState, EducationCampaign, EducationCampaignDraft},
        enrolment::{Enrolment, EnrolmentDraft},
        survey::SurveyResult,
    },
};
use mamori_persistence::{
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx},
    operation::annual_plan_row::fulfil,
    support::education::{
        campaign::{self as campaigns, Filter, Signers},
        course, survey as surveys,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch, Patch},
    permit::{
        Permit,
        verbs::{Approve, Create, Execute, Read, Submit, Update},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_education_campaigns)
        .service(create_education_campaign)
        .service(get_education_campaign)
        .service(revise_education_campaign)
        .service(submit_education_campaign)
        .service(approve_education_campaign)
        .service(return_education_campaign)
        .service(cancel_education_campaign)
        .service(open_education_campaign)
        .service(create_enrolment)
        .service(remind_learners)
        .service(extend_education_campaign)
        .service(close_education_campaign)
        .service(get_survey_result);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct EducationCampaignQuery {
    /// Text in name, purpose, textbook or remarks.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// Of this fiscal year.
    #[param(minimum = 1900, maximum = 2998)]
    fiscal_year: Option<i32>,
    /// In this state.
    #[param(inline)]
    state: Option<CampaignState>,
    /// The order.
    #[param(pattern = "^-?(period_start|name|updated_at)$", default = "-period_start")]
    sort: Option<String>,
}

/// List education campaigns
///
/// Their plans (7.2), with the training record of each for whom training records are to be read.
#[utoipa::path(tag = "support", params(Paging, EducationCampaignQuery),
    responses((status = 200, description = "A page of campaigns.", body = Page<EducationCampaign>)),
    security(("bearer" = ["education_plan:read"])))]
#[get("/v1/education-campaigns")]
async fn list_education_campaigns(
    permit: Permit<Read, EducationCampaign>,
    paging: Paging,
    query: Query<EducationCampaignQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "-period_start")?;
    let EducationCampaignQuery { q, updated_since, fiscal_year, state, sort: _ } = query.0;
    let filter = Filter { q, updated_since, fiscal_year, state, ..Filter::default() };
    permit.read(move |tx| Answer::ok(&campaigns::list(tx, &filter, &page)?)).await
}

/// Create an education campaign
///
/// A plan: for whom, on what, how, when, and how its effectiveness is evaluated (7.2).
#[utoipa::path(tag = "support", params(ValidateOnly), request_body = EducationCampaignDraft,
    responses((status = 201, description = "The draft.", body = EducationCampaign)),
    security(("bearer" = ["education_plan:create"])))]
#[post("/v1/education-campaigns")]
async fn create_education_campaign(
    permit: Permit<Create, EducationCampaign>,
    draft: Body<EducationCampaignDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let campaign = EducationCampaign::plan(draft.0.clone(), tx.signature(None)?, tx.now())?;
            let campaign = campaigns::add(tx, &campaign)?;
            Answer::created(&campaign, format!("/v1/education-campaigns/{}", campaign.id))
        })
        .await
}

/// Get an education campaign
///
/// Both sections: the plan, and the training record for whom training records are to be read.
#[utoipa::path(tag = "support", params(InPath),
    responses((status = 200, description = "The campaign.", body = EducationCampaign)),
    security(("bearer" = ["education_plan:read"])))]
#[get("/v1/education-campaigns/{id}")]
async fn get_education_campaign(
    permit: Permit<Read, EducationCampaign>,
    id: Path<EducationCampaign>,
) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&campaigns::find(tx, *id)?)).await
}

/// A campaign that was not changed since it was read, to take a step.
fn read(tx: &mut Tx<'_>, id: Id<EducationCampaign>, read: IfMatch) -> Outcome<Loaded<EducationCampaign>> {
    let campaign = campaigns::look_up(tx, id)?;
    read.check(&campaign)?;
    Ok(campaign)
}

/// What a step does to a campaign alone.
fn step(
    tx: &mut Tx<'_>,
    id: Id<EducationCampaign>,
    read_at: IfMatch,
    rule: impl FnOnce(&mut Tx<'_>, &mut Loaded<EducationCampaign>) -> Outcome<()>,
) -> Outcome<EducationCampaign> {
    let mut campaign = read(tx, id, read_at)?;
    rule(tx, &mut campaign)?;
    campaigns::store(tx, campaign)
}

/// The caller's mark with a reason.
fn because(because: &Because) -> Option<String> {
    Some(because.reason.as_str().to_owned())
}

/// Revise an education campaign
///
/// Its plan, before it is handed in, or after it was returned (SD-12).
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly),
    request_body(content = EducationCampaignDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The draft.", body = EducationCampaign)),
    security(("bearer" = ["education_plan:update"])))]
#[patch("/v1/education-campaigns/{id}")]
async fn revise_education_campaign(
    permit: Permit<Update, EducationCampaign>,
    id: Path<EducationCampaign>,
    read: IfMatch,
    patch: Patch<EducationCampaignDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let revised = step(tx, *id, read, |tx, campaign| {
                let draft = patch.apply(&campaign.draft)?;
                Ok(campaign.revise(draft, tx.signature(None)?)?)
            })?;
            Answer::record(&revised)
        })
        .await
}

/// Submit the plan of an education campaign
///
/// Hands it in for approval, before its period begins.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The campaign.", body = EducationCampaign)),
    security(("bearer" = ["education_plan:submit"])))]
#[post("/v1/education-campaigns/{id}/submission")]
async fn submit_education_campaign(
    permit: Permit<Submit, EducationCampaign>,
    id: Path<EducationCampaign>,
    read: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let submitted = step(tx, *id, read, |tx, campaign| Ok(campaign.submit(tx.signature(None)?, tx.today())?))?;
            Answer::record(&submitted)
        })
        .await
}

/// Approve the plan of an education campaign
///
/// By top management, or the chair who stands in for it; not by whoever prepared it (SD-1), and before its period begins
///
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Approval,
    responses((status = 200, description = "The campaign.", body = EducationCampaign)),
    security(("bearer" = ["education_plan:approve"])))]
#[post("/v1/education-campaigns/{id}/approval")]
async fn approve_education_campaign(
    permit: Permit<Approve, EducationCampaign>,
    id: Path<EducationCampaign>,
    read: IfMatch,
    approval: Body<Approval>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let approved = step(tx, *id, read, |tx, campaign| {
                campaign.guard(CampaignAction::Approve)?;
                let (by, alone) = Signers::of(tx)?.plan.sign(tx, campaign.preparer(), &approval.0)?;
                Ok(campaign.approve(by, alone, tx.today())?)
            })?;
            fulfil(tx, Resource::EducationPlan, approved.id.uuid(), tx.today())?;
            Answer::record(&approved)
        })
        .await
}

/// Return the plan of an education campaign
///
/// Gives a submitted plan back to its preparer.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The draft.", body = EducationCampaign)),
    security(("bearer" = ["education_plan:approve"])))]
#[post("/v1/education-campaigns/{id}/return")]
async fn return_education_campaign(
    permit: Permit<Approve, EducationCampaign>,
    id: Path<EducationCampaign>,
    read: IfMatch,
    reason: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let returned =
                step(tx, *id, read, |tx, campaign| Ok(campaign.send_back(tx.signature(because(&reason.0))?)?))?;
            Answer::record(&returned)
        })
        .await
}

/// Cancel an education campaign
///
/// Before it was opened: it stays to be read with the reason, and nothing comes of it.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The campaign.", body = EducationCampaign)),
    security(("bearer" = ["education_plan:update"])))]
#[post("/v1/education-campaigns/{id}/cancellation")]
async fn cancel_education_campaign(
    permit: Permit<Update, EducationCampaign>,
    id: Path<EducationCampaign>,
    read: IfMatch,
    reason: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let cancelled =
                step(tx, *id, read, |tx, campaign| Ok(campaign.cancel(tx.signature(because(&reason.0))?)?))?;
            Answer::record(&cancelled)
        })
        .await
}

/// Open an education campaign
///
/// Within its period, with its test published. Its audience is resolved to learners, who are invited; who wrote or
/// published the test has completed it by that. With `validate_only=true` it is seen whether all is ready.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The campaign.", body = EducationCampaign)),
    security(("bearer" = ["education_plan:execute"])))]
#[post("/v1/education-campaigns/{id}/opening")]
async fn open_education_campaign(
    permit: Permit<Execute, EducationCampaign>,
    id: Path<EducationCampaign>,
    read_at: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let campaign = read(tx, *id, read_at)?;
            Answer::record(&course::open(tx, campaign)?)
        })
        .await
}

/// Enrol somebody in an education campaign
///
/// Whom the audience did not have when it was opened: who changed the department, or was forgotten. Whoever joins is
/// enrolled by itself.
#[utoipa::path(tag = "support", params(InPath, ValidateOnly), request_body = EnrolmentDraft,
    responses((status = 201, description = "The enrolment.", body = Enrolment)),
    security(("bearer" = ["training_record:create"])))]
#[post("/v1/education-campaigns/{id}/enrolments")]
async fn create_enrolment(
    permit: Permit<Create, Enrolment>,
    id: Path<EducationCampaign>,
    draft: Body<EnrolmentDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let campaign = campaigns::look_up(tx, *id)?;
            let enrolment = course::enrol(tx, &campaign, &draft.0)?;
            Answer::created(&enrolment, format!("/v1/enrolments/{}", enrolment.id))
        })
        .await
}

/// What reminding came to.
#[derive(Debug, Serialize, ToSchema)]
struct LearnersReminded {
    /// How many were written to.
    reminded: usize,
}

/// Remind the learners of an education campaign
///
/// Writes to all who have not completed it: a reminder to who was invited, an invitation to who joined since.
#[utoipa::path(tag = "support", params(InPath, ValidateOnly),
    responses((status = 201, description = "How many were written to.", body = LearnersReminded)),
    security(("bearer" = ["education_plan:execute"])))]
#[post("/v1/education-campaigns/{id}/reminders")]
async fn remind_learners(
    permit: Permit<Execute, EducationCampaign>,
    id: Path<EducationCampaign>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let campaign = campaigns::look_up(tx, *id)?;
            Answer::made(&LearnersReminded { reminded: course::remind(tx, &campaign)? })
        })
        .await
}

/// Extend an education campaign
///
/// Gives an open campaign more time, with a reason. Who joined within the period keeps the own due date.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = CampaignExtensionDraft,
    responses((status = 200, description = "The campaign.", body = EducationCampaign)),
    security(("bearer" = ["education_plan:execute"])))]
#[post("/v1/education-campaigns/{id}/extension")]
async fn extend_education_campaign(
    permit: Permit<Execute, EducationCampaign>,
    id: Path<EducationCampaign>,
    read_at: IfMatch,
    draft: Body<CampaignExtensionDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let campaign = read(tx, *id, read_at)?;
            Answer::record(&course::extend(tx, campaign, draft.0.clone())?)
        })
        .await
}

/// Close an education campaign
///
/// Nobody completes it any more. Who did not owes its themes from now on; who left counts in neither number, and who
/// joined and is not yet due neither.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The campaign.", body = EducationCampaign)),
    security(("bearer" = ["education_plan:execute"])))]
#[post("/v1/education-campaigns/{id}/closure")]
async fn close_education_campaign(
    permit: Permit<Execute, EducationCampaign>,
    id: Path<EducationCampaign>,
    read_at: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let campaign = read(tx, *id, read_at)?;
            Answer::record(&course::close(tx, campaign)?)
        })
        .await
}

/// Get the survey of an education campaign
///
/// What the learners said together. Answers are kept without who gave them, and shown from three on.
#[utoipa::path(tag = "support", params(InPath),
    responses((status = 200, description = "The answers together.", body = SurveyResult)),
    security(("bearer" = ["education_plan:read"])))]
#[get("/v1/education-campaigns/{id}/survey")]
async fn get_survey_result(
    permit: Permit<Read, EducationCampaign>,
    id: Path<EducationCampaign>,
) -> Result<Answer, Problem> {
    permit
        .read(move |tx| {
            let campaign = campaigns::find(tx, *id)?;
            Answer::ok(&surveys::result(tx, &campaign)?)
        })
        .await
}
