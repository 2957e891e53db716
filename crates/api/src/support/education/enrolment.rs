//! Enrolments in education campaigns.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    kernel::{id::Id, page::Page},
    organization::person::Person,
    support::education::{
        campaign::EducationCampaign,
        enrolment::{AttendanceDraft, Enrolment, EnrolmentAction, EnrolmentState, LeaveDraft},
        survey::SurveyAnswers,
    },
};
use mamori_persistence::{
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx},
    support::education::{
        enrolment::{self as enrolments, Filter},
        survey as surveys,
    },
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch},
    permit::{
        Permit,
        verbs::{Execute, Read},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_enrolments)
        .service(get_enrolment)
        .service(start_enrolment)
        .service(confirm_enrolment)
        .service(answer_survey)
        .service(record_attendance)
        .service(exclude_enrolment)
        .service(reinstate_enrolment);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct EnrolmentQuery {
    /// Text in the name of the person.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// In this campaign.
    #[param(value_type = Option<String>, format = Uuid)]
    campaign_id: Option<Id<EducationCampaign>>,
    /// Of this person.
    #[param(value_type = Option<String>, format = Uuid)]
    person_id: Option<Id<Person>>,
    /// In this state.
    #[param(inline)]
    state: Option<EnrolmentState>,
    /// Whether it is still to be completed.
    waiting: Option<bool>,
    /// The order.
    #[param(pattern = "^-?(due_on|updated_at)$", default = "due_on")]
    sort: Option<String>,
}

/// List enrolments
///
/// Who takes part in which campaign: everybody's, those of the own departments, or the own ones.
#[utoipa::path(tag = "support", params(Paging, EnrolmentQuery),
    responses((status = 200, description = "A page of enrolments.", body = Page<Enrolment>)),
    security(("bearer" = ["training_record:read"])))]
#[get("/v1/enrolments")]
async fn list_enrolments(
    permit: Permit<Read, Enrolment>,
    paging: Paging,
    query: Query<EnrolmentQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "due_on")?;
    let EnrolmentQuery { q, updated_since, campaign_id, person_id, state, waiting, sort: _ } = query.0;
    let campaigns = campaign_id.into_iter().collect();
    let filter = Filter { id: None, q, updated_since, campaigns, person: person_id, state, waiting };
    permit.read(move |tx| Answer::ok(&enrolments::list(tx, &filter, &page)?)).await
}

/// Get an enrolment
///
/// Within the caller's reach.
#[utoipa::path(tag = "support", params(InPath),
    responses((status = 200, description = "The enrolment.", body = Enrolment)),
    security(("bearer" = ["training_record:read"])))]
#[get("/v1/enrolments/{id}")]
async fn get_enrolment(permit: Permit<Read, Enrolment>, id: Path<Enrolment>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&enrolments::find(tx, *id)?.value)).await
}

/// An enrolment that was not changed since it was read, for a step that the caller may take.
fn read(tx: &mut Tx<'_>, id: Id<Enrolment>, action: EnrolmentAction, read: IfMatch) -> Outcome<Loaded<Enrolment>> {
    let enrolment = enrolments::find_for(tx, id, action)?;
    read.check(&enrolment)?;
    Ok(enrolment)
}

/// Start an enrolment
///
/// The learner begins: opens the materials, or the test.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The enrolment.", body = Enrolment)),
    security(("bearer" = ["training_record:execute"])), extensions(("x-learning-link" = json!(true))))]
#[post("/v1/enrolments/{id}/start")]
async fn start_enrolment(
    permit: Permit<Execute, Enrolment>,
    id: Path<Enrolment>,
    read_at: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut enrolment = read(tx, *id, EnrolmentAction::Start, read_at)?;
            enrolment.start(tx.today())?;
            Answer::record(&enrolments::store(tx, enrolment)?)
        })
        .await
}

/// Confirm that the materials were read
///
/// By the learner, where no test is to be passed: completes the campaign.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The enrolment.", body = Enrolment)),
    security(("bearer" = ["training_record:execute"])), extensions(("x-learning-link" = json!(true))))]
#[post("/v1/enrolments/{id}/confirmation")]
async fn confirm_enrolment(
    permit: Permit<Execute, Enrolment>,
    id: Path<Enrolment>,
    read_at: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut enrolment = read(tx, *id, EnrolmentAction::Confirm, read_at)?;
            enrolment.confirm(tx.today())?;
            Answer::record(&enrolments::store_completed(tx, enrolment)?)
        })
        .await
}

/// Answer the survey of a campaign
///
/// By the learner, once. What is answered is kept without the learner, the time, or an order; the enrolment only says that
/// it was.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = SurveyAnswers,
    responses((status = 200, description = "The enrolment.", body = Enrolment)),
    security(("bearer" = ["training_record:execute"])), extensions(("x-learning-link" = json!(true))))]
#[post("/v1/enrolments/{id}/survey-answers")]
async fn answer_survey(
    permit: Permit<Execute, Enrolment>,
    id: Path<Enrolment>,
    read_at: IfMatch,
    answers: Body<SurveyAnswers>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let enrolment = read(tx, *id, EnrolmentAction::AnswerSurvey, read_at)?;
            Answer::record(&surveys::answer(tx, enrolment, &answers.0)?)
        })
        .await
}

/// Record that somebody took part
///
/// By the training manager, where no test is to be passed: group training, training on the job.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = AttendanceDraft,
    responses((status = 200, description = "The enrolment.", body = Enrolment)),
    security(("bearer" = ["training_record:execute"])))]
#[post("/v1/enrolments/{id}/attendance")]
async fn record_attendance(
    permit: Permit<Execute, Enrolment>,
    id: Path<Enrolment>,
    read_at: IfMatch,
    draft: Body<AttendanceDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut enrolment = read(tx, *id, EnrolmentAction::RecordAttendance, read_at)?;
            enrolment.record_attendance(&draft.0, tx.signature(None)?, tx.today())?;
            Answer::record(&enrolments::store_completed(tx, enrolment)?)
        })
        .await
}

/// Exclude somebody on leave
///
/// By the training manager: whoever is on leave for the whole period does not count, and owes the education on their return
///
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = LeaveDraft,
    responses((status = 200, description = "The enrolment.", body = Enrolment)),
    security(("bearer" = ["training_record:execute"])))]
#[post("/v1/enrolments/{id}/exclusion")]
async fn exclude_enrolment(
    permit: Permit<Execute, Enrolment>,
    id: Path<Enrolment>,
    read_at: IfMatch,
    draft: Body<LeaveDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut enrolment = read(tx, *id, EnrolmentAction::Exclude, read_at)?;
            let reason = draft.0.reason.as_str().to_owned();
            enrolment.exclude(&draft.0, tx.signature(Some(reason))?)?;
            Answer::record(&enrolments::store(tx, enrolment)?)
        })
        .await
}

/// Reinstate somebody who was excluded
///
/// By the training manager: they are not on leave, or not for the whole period.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The enrolment.", body = Enrolment)),
    security(("bearer" = ["training_record:execute"])))]
#[post("/v1/enrolments/{id}/reinstatement")]
async fn reinstate_enrolment(
    permit: Permit<Execute, Enrolment>,
    id: Path<Enrolment>,
    read_at: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut enrolment = read(tx, *id, EnrolmentAction::Reinstate, read_at)?;
            enrolment.reinstate()?;
            Answer::record(&enrolments::store(tx, enrolment)?)
        })
        .await
}
