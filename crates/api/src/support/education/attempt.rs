//! Attempts at the tests of campaigns.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    kernel::{id::Id, page::Page},
    organization::person::Person,
    support::education::{
        attempt::{AttemptState, TestAnswers, TestAttempt, TestAttemptDraft, TestResults},
        campaign::EducationCampaign,
        enrolment::Enrolment,
    },
};
use mamori_persistence::{
    kernel::loaded::Loaded,
    support::education::attempt::{self as attempts, Filter},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch},
    permit::{
        Permit,
        verbs::{Create, Read},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_test_attempts)
        .service(start_test_attempt)
        .service(get_test_attempt)
        .service(submit_test_attempt)
        .service(get_test_results);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AttemptQuery {
    /// Text in the name of the person.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// Of this enrolment.
    #[param(value_type = Option<String>, format = Uuid)]
    enrolment_id: Option<Id<Enrolment>>,
    /// In this campaign.
    #[param(value_type = Option<String>, format = Uuid)]
    campaign_id: Option<Id<EducationCampaign>>,
    /// Of this person.
    #[param(value_type = Option<String>, format = Uuid)]
    person_id: Option<Id<Person>>,
    /// In this state.
    #[param(inline)]
    state: Option<AttemptState>,
    /// The order.
    #[param(pattern = "^-?(created_at|updated_at)$", default = "created_at")]
    sort: Option<String>,
}

/// List test attempts
///
/// Everybody's with their scores, or the own ones. What others answered stands there only for who may know the key (SD-9).
#[utoipa::path(tag = "support", params(Paging, AttemptQuery),
    responses((status = 200, description = "A page of attempts.", body = Page<TestAttempt>)),
    security(("bearer" = ["test_attempt:read"])))]
#[get("/v1/test-attempts")]
async fn list_test_attempts(
    permit: Permit<Read, TestAttempt>,
    paging: Paging,
    query: Query<AttemptQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "created_at")?;
    let AttemptQuery { q, updated_since, enrolment_id, campaign_id, person_id, state, sort: _ } = query.0;
    let enrolments = enrolment_id.into_iter().collect();
    let filter = Filter { id: None, q, updated_since, enrolments, campaign: campaign_id, person: person_id, state };
    permit.read(move |tx| Answer::ok(&attempts::list(tx, &filter, &page)?)).await
}

/// Start a test attempt
///
/// Of an own enrolment in a campaign that is open and has a test: one at a time, and until one was passed.
#[utoipa::path(tag = "support", params(ValidateOnly), request_body = TestAttemptDraft,
    responses((status = 201, description = "The attempt.", body = TestAttempt)),
    security(("bearer" = ["test_attempt:create"])))]
#[post("/v1/test-attempts")]
async fn start_test_attempt(
    permit: Permit<Create, TestAttempt>,
    draft: Body<TestAttemptDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let attempt = attempts::start(tx, &draft.0)?;
            Answer::created(&attempt, format!("/v1/test-attempts/{}", attempt.id))
        })
        .await
}

/// Get a test attempt
///
/// Scored or under way.
#[utoipa::path(tag = "support", params(InPath),
    responses((status = 200, description = "The attempt.", body = TestAttempt)),
    security(("bearer" = ["test_attempt:read"])), extensions(("x-learning-link" = json!(true))))]
#[get("/v1/test-attempts/{id}")]
async fn get_test_attempt(permit: Permit<Read, TestAttempt>, id: Path<TestAttempt>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&attempts::find(tx, *id)?)).await
}

/// Submit a test attempt
///
/// Scores the answers; from then on it does not change (SD-12). Who passes completes the campaign with it. Which answers were
/// right is not told. There is no rehearsal: every attempt counts.
#[utoipa::path(tag = "support", params(InPath, IfMatch), request_body = TestAnswers,
    responses((status = 200, description = "The attempt.", body = TestAttempt)),
    security(("bearer" = ["test_attempt:create"])))]
#[post("/v1/test-attempts/{id}/submission")]
async fn submit_test_attempt(
    permit: Permit<Create, TestAttempt>,
    id: Path<TestAttempt>,
    read: IfMatch,
    answers: Body<TestAnswers>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let attempt = Loaded::new(attempts::find_own(tx, *id)?);
            read.check(&attempt)?;
            Answer::record(&attempts::submit(tx, attempt, answers.0.clone())?)
        })
        .await
}

/// Get the test results of a campaign
///
/// How many are to pass its test, took it, and passed; in numbers that name nobody.
#[utoipa::path(tag = "support", params(InPath),
    responses((status = 200, description = "The results.", body = TestResults)),
    security(("bearer" = ["test_result:read"])))]
#[get("/v1/education-campaigns/{id}/test-results")]
async fn get_test_results(permit: Permit<Read, TestResults>, id: Path<EducationCampaign>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::ok(&attempts::results(tx, *id)?)).await
}
