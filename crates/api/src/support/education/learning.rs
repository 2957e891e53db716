//! What a learner sees and does, with a login or with a personal link alone: the campaigns that they are enrolled in, the
//! bytes of what they are to read, and their answers to the test.

use actix_web::{HttpResponse, get, post};
use mamori_domain::{
    kernel::{id::Id, reference::Reference},
    support::education::{
        attempt::{TestAnswers, TestAttempt, TestAttemptDraft},
        enrolment::Enrolment,
        learning::{Learning, LearningLink},
        material::EducationMaterial,
        test::GivenAnswer,
    },
};
use mamori_persistence::support::education::{attempt as attempts, enrolment as enrolments, learning};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    kernel::{
        answer::Answer,
        body::Body,
        permit::{
            Permit,
            verbs::{Create, Read, Update},
        },
        problem::Problem,
        query::{InPath, Path, ValidateOnly},
    },
    support::file,
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_learning).service(get_learning_material).service(answer_test).service(make_learning_link);
}

/// Get what is to be learned
///
/// The open campaigns that the caller is enrolled in, each with its materials, its test without the key, their attempts and
/// the survey: a page of e-learning in one call. With a learner's link, the one campaign that it was made for.
#[utoipa::path(tag = "support", responses((status = 200, description = "What is to be learned.", body = Learning)),
    security(("bearer" = ["training_record:read"])), extensions(("x-learning-link" = json!(true))))]
#[get("/v1/learning")]
async fn get_learning(permit: Permit<Read, Enrolment>) -> Result<Answer, Problem> {
    let person = Reference::new(permit.caller().person, &*permit.caller().name);
    permit.read(move |tx| Answer::ok(&Learning { person: person.clone(), courses: learning::courses(tx)? })).await
}

/// Get the bytes of a learning material
///
/// Of an open campaign that the caller is enrolled in. Who reads the first one has begun.
#[utoipa::path(tag = "support", params(InPath),
    responses((status = 200, description = "The file.", body = Vec<u8>)),
    security(("bearer" = ["training_record:read"])), extensions(("x-learning-link" = json!(true))))]
#[get("/v1/learning/materials/{id}")]
async fn get_learning_material(
    permit: Permit<Read, Enrolment>,
    id: Path<EducationMaterial>,
) -> Result<HttpResponse, Problem> {
    let material = permit.read(move |tx| learning::material(tx, *id)).await?;
    let read = material.clone();
    permit.note(move |tx| learning::begin(tx, &read)).await?;
    file::deliver(&permit, &material.file).await
}

/// What a learner answers to the test of a campaign.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LearningAnswers {
    /// The own enrolment in a campaign that is open and has a test.
    enrolment_id: Id<Enrolment>,
    /// One answer for each question, in any order; a question without one counts as answered wrongly.
    #[schema(max_items = 100)]
    answers: Vec<GivenAnswer>,
}

/// Answer the test of a campaign
///
/// An attempt that is started, where none is under way, and scored at once. Who passes completes the campaign with it; who
/// fails may try again while it is open. Which answers were right is not told, and there is no rehearsal (R-16, SD-9).
#[utoipa::path(tag = "support", request_body = LearningAnswers,
    responses((status = 201, description = "The attempt.", body = TestAttempt)),
    security(("bearer" = ["test_attempt:create"])), extensions(("x-learning-link" = json!(true))))]
#[post("/v1/learning/attempts")]
async fn answer_test(permit: Permit<Create, TestAttempt>, sent: Body<LearningAnswers>) -> Result<Answer, Problem> {
    let LearningAnswers { enrolment_id, answers } = sent.0;
    let (draft, answers) = (TestAttemptDraft { enrolment_id }, TestAnswers { answers });
    permit
        .transact(move |tx| {
            let attempt = attempts::sit(tx, &draft, answers.clone())?;
            Answer::created(&attempt, format!("/v1/test-attempts/{}", attempt.id))
        })
        .await
}

/// Make a learning link
///
/// A personal link for a learner without a login, to be handed over; the links that were made before open nothing any more.
/// It opens `/v1/learning` for this enrolment, and the learner's own steps on it, until the campaign is closed.
#[utoipa::path(tag = "support", params(InPath, ValidateOnly),
    responses((status = 201, description = "The link, shown once.", body = LearningLink)),
    security(("bearer" = ["training_record:update"])))]
#[post("/v1/enrolments/{id}/learning-link")]
async fn make_learning_link(permit: Permit<Update, Enrolment>, id: Path<Enrolment>) -> Result<Answer, Problem> {
    let (service, organization) = (permit.service().clone(), permit.caller().organization.uuid());
    permit
        .transact(move |tx| {
            let expires_on = enrolments::find(tx, *id)?.link_expires_on(tx.today())?;
            let epoch = learning::renew(tx, *id)?;
            let secret = service.keys().learning_link(organization, id.uuid(), epoch);
            let link = LearningLink { token: Some(secret.text().to_owned()), expires_on };
            Answer::made(&link)?.without_secret(&LearningLink { token: None, expires_on })
        })
        .await
}
