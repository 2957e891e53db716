//! The files of questionnaires of customers: what the customer sent, and the answer.

use actix_web::{HttpResponse, get, post};
use mamori_domain::{
    access::Verb,
    support::{communication::customer_questionnaire::CustomerQuestionnaire, file::StoredFile},
};
use mamori_persistence::{
    kernel::failure::OrNotFound,
    support::{communication::customer_questionnaire as questionnaires, file as files},
};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    kernel::{
        answer::Answer,
        body::IfMatch,
        permit::{
            Permit,
            verbs::{Execute, Read, Update},
        },
        problem::Problem,
        query::{InPath, Path},
    },
    support::file::{FileQuery, Incoming, deliver},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(attach_questionnaire_file)
        .service(get_questionnaire_file)
        .service(attach_answer_file)
        .service(get_answer_file);
}

/// Attach what a customer sent
///
/// The raw bytes, in the place of the file that was there; what they are is checked against `Content-Type`.
#[utoipa::path(tag = "support", params(InPath, IfMatch, FileQuery),
    request_body(content = Vec<u8>, description = "The file."),
    responses((status = 200, description = "The questionnaire.", body = CustomerQuestionnaire)),
    security(("bearer" = ["customer_questionnaire:update"])))]
#[post("/v1/customer-questionnaires/{id}/file")]
async fn attach_questionnaire_file(
    permit: Permit<Update, CustomerQuestionnaire>,
    id: Path<CustomerQuestionnaire>,
    read: IfMatch,
    incoming: Incoming,
) -> Result<Answer, Problem> {
    // Nothing is stored for who may not write here.
    permit.read(move |tx| questionnaires::find_for(tx, *id, Verb::Update).map(|_| ())).await?;
    let name = incoming.name.clone();
    let content = incoming.store(&permit).await?;
    permit
        .having_received(&content.sha256)
        .transact(move |tx| {
            let mut found = questionnaires::find_for(tx, *id, Verb::Update)?;
            read.check(&found)?;
            let file = StoredFile::new(&name, content.clone(), tx.now());
            files::add(tx, &file)?;
            found.attach(file)?;
            Answer::record(&questionnaires::store(tx, found)?)
        })
        .await
}

/// Get what a customer sent
///
/// For whoever may read the questionnaire; to be saved, not to be shown.
#[utoipa::path(tag = "support", params(InPath),
    responses((status = 200, description = "The file.", body = Vec<u8>)),
    security(("bearer" = ["customer_questionnaire:read"])))]
#[get("/v1/customer-questionnaires/{id}/file")]
async fn get_questionnaire_file(
    permit: Permit<Read, CustomerQuestionnaire>,
    id: Path<CustomerQuestionnaire>,
) -> Result<HttpResponse, Problem> {
    let file = permit.read(move |tx| questionnaires::find(tx, *id)?.value.questionnaire_file.or_not_found()).await?;
    deliver(&permit, &file).await
}

/// Attach the answer to a customer
///
/// The raw bytes, in the place of the file that was there. Whoever attaches it is the author of the answer.
#[utoipa::path(tag = "support", params(InPath, IfMatch, FileQuery),
    request_body(content = Vec<u8>, description = "The file."),
    responses((status = 200, description = "The questionnaire.", body = CustomerQuestionnaire)),
    security(("bearer" = ["customer_questionnaire:execute"])))]
#[post("/v1/customer-questionnaires/{id}/answer-file")]
async fn attach_answer_file(
    permit: Permit<Execute, CustomerQuestionnaire>,
    id: Path<CustomerQuestionnaire>,
    read: IfMatch,
    incoming: Incoming,
) -> Result<Answer, Problem> {
    // Nothing is stored for who may not write here.
    permit.read(move |tx| questionnaires::find_for(tx, *id, Verb::Execute).map(|_| ())).await?;
    let name = incoming.name.clone();
    let content = incoming.store(&permit).await?;
    permit
        .having_received(&content.sha256)
        .transact(move |tx| {
            let mut found = questionnaires::find_for(tx, *id, Verb::Execute)?;
            read.check(&found)?;
            let file = StoredFile::new(&name, content.clone(), tx.now());
            files::add(tx, &file)?;
            found.attach_answer(file, tx.signature(None)?)?;
            Answer::record(&questionnaires::store(tx, found)?)
        })
        .await
}

/// Get the answer to a customer
///
/// For whoever may read the questionnaire; to be saved, not to be shown.
#[utoipa::path(tag = "support", params(InPath),
    responses((status = 200, description = "The file.", body = Vec<u8>)),
    security(("bearer" = ["customer_questionnaire:read"])))]
#[get("/v1/customer-questionnaires/{id}/answer-file")]
async fn get_answer_file(
    permit: Permit<Read, CustomerQuestionnaire>,
    id: Path<CustomerQuestionnaire>,
) -> Result<HttpResponse, Problem> {
    let file = permit.read(move |tx| questionnaires::find(tx, *id)?.value.answer_file.or_not_found()).await?;
    deliver(&permit, &file).await
}
