//! Questionnaires of customers.

mod file;

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    access::Verb,
    kernel::{
        id::Id,
        page::Page,
        reference::Reference,
        sign_off::{Approval, Because},
        transition::Stateful,
    },
    organization::department::Department,
    support::communication::customer_questionnaire::{
        CustomerQuestionnaire, CustomerQuestionnaireAction, CustomerQuestionnaireDraft, CustomerQuestionnaireState,
        QuestionnaireAnswer, QuestionnaireSubmissionDraft,
    },
};
use mamori_persistence::{
    organization::organization as organizations,
    support::communication::customer_questionnaire::{self as questionnaires, Filter},
};
use serde::Deserialize;
use utoipa::IntoParams;
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
        .service(list_customer_questionnaires)
        .service(receive_customer_questionnaire)
        .service(get_customer_questionnaire)
        .service(revise_customer_questionnaire)
        .service(answer_customer_questionnaire)
        .service(confirm_customer_questionnaire)
        .service(return_customer_questionnaire)
        .service(submit_customer_questionnaire)
        .service(void_customer_questionnaire)
        .configure(file::routes);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CustomerQuestionnaireQuery {
    /// Text in the customer, the title or the remarks.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// To be answered by this department.
    #[param(value_type = Option<String>, format = Uuid)]
    department_id: Option<Id<Department>>,
    /// In this state.
    #[param(inline)]
    state: Option<CustomerQuestionnaireState>,
    /// The order.
    #[param(pattern = "^-?(number|updated_at)$", default = "number")]
    sort: Option<String>,
}

/// List questionnaires of customers
///
/// What customers ask about security, and how far the answer is (D30, 7.4). Department managers read those that their
/// department answers.
#[utoipa::path(tag = "support", params(Paging, CustomerQuestionnaireQuery),
    responses((status = 200, description = "A page of questionnaires.", body = Page<CustomerQuestionnaire>)),
    security(("bearer" = ["customer_questionnaire:read"])))]
#[get("/v1/customer-questionnaires")]
async fn list_customer_questionnaires(
    permit: Permit<Read, CustomerQuestionnaire>,
    paging: Paging,
    query: Query<CustomerQuestionnaireQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "number")?;
    let filter = Filter {
        id: None,
        q: query.q.clone(),
        updated_since: query.updated_since,
        department: query.department_id,
        state: query.state,
    };
    permit.read(move |tx| Answer::ok(&questionnaires::list(tx, &filter, &page)?)).await
}

/// Enter a questionnaire of a customer
///
/// It came, and waits for the answer of the department.
#[utoipa::path(tag = "support", params(ValidateOnly), request_body = CustomerQuestionnaireDraft,
    responses((status = 201, description = "The questionnaire.", body = CustomerQuestionnaire)),
    security(("bearer" = ["customer_questionnaire:create"])))]
#[post("/v1/customer-questionnaires")]
async fn receive_customer_questionnaire(
    permit: Permit<Create, CustomerQuestionnaire>,
    draft: Body<CustomerQuestionnaireDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let number = organizations::next_number(tx, "customer_questionnaire")?;
            // Its name is read with the record.
            let department = Reference::new(draft.0.department_id, "");
            let new = CustomerQuestionnaire::receive(draft.0.clone(), number, department, tx.now(), tx.today())?;
            let new = questionnaires::add(tx, &new)?;
            Answer::created(&new, format!("/v1/customer-questionnaires/{}", new.id))
        })
        .await
}

/// Get a questionnaire of a customer
///
/// With its answer, as far as there is one.
#[utoipa::path(tag = "support", params(InPath),
    responses((status = 200, description = "The questionnaire.", body = CustomerQuestionnaire)),
    security(("bearer" = ["customer_questionnaire:read"])))]
#[get("/v1/customer-questionnaires/{id}")]
async fn get_customer_questionnaire(
    permit: Permit<Read, CustomerQuestionnaire>,
    id: Path<CustomerQuestionnaire>,
) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&questionnaires::find(tx, *id)?.value)).await
}

/// Revise a questionnaire of a customer
///
/// Before its answer is written, or after that was returned.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly),
    request_body(content = CustomerQuestionnaireDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The questionnaire.", body = CustomerQuestionnaire)),
    security(("bearer" = ["customer_questionnaire:update"])))]
#[patch("/v1/customer-questionnaires/{id}")]
async fn revise_customer_questionnaire(
    permit: Permit<Update, CustomerQuestionnaire>,
    id: Path<CustomerQuestionnaire>,
    read: IfMatch,
    patch: Patch<CustomerQuestionnaireDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = questionnaires::find_for(tx, *id, Verb::Update)?;
            read.check(&found)?;
            let draft = patch.apply(&found.draft)?;
            found.revise(draft, tx.today())?;
            Answer::record(&questionnaires::store(tx, found)?)
        })
        .await
}

/// Answer a questionnaire of a customer
///
/// The responsible department writes the answer, which then waits to be confirmed. Whoever wrote it last is its author.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = QuestionnaireAnswer,
    responses((status = 200, description = "The questionnaire.", body = CustomerQuestionnaire)),
    security(("bearer" = ["customer_questionnaire:execute"])))]
#[post("/v1/customer-questionnaires/{id}/answer")]
async fn answer_customer_questionnaire(
    permit: Permit<Execute, CustomerQuestionnaire>,
    id: Path<CustomerQuestionnaire>,
    read: IfMatch,
    answer: Body<QuestionnaireAnswer>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = questionnaires::find_for(tx, *id, Verb::Execute)?;
            read.check(&found)?;
            found.write_answer(answer.0.clone(), tx.signature(None)?)?;
            Answer::record(&questionnaires::store(tx, found)?)
        })
        .await
}

/// Confirm the answer to a customer
///
/// By the head of the secretariat; the chair while that seat is empty. Not by whoever wrote it (SD-1).
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Approval,
    responses((status = 200, description = "The questionnaire.", body = CustomerQuestionnaire)),
    security(("bearer" = ["customer_questionnaire:approve"])))]
#[post("/v1/customer-questionnaires/{id}/confirmation")]
async fn confirm_customer_questionnaire(
    permit: Permit<Approve, CustomerQuestionnaire>,
    id: Path<CustomerQuestionnaire>,
    read: IfMatch,
    approval: Body<Approval>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = questionnaires::find_for(tx, *id, Verb::Approve)?;
            read.check(&found)?;
            found.guard(CustomerQuestionnaireAction::Confirm)?;
            let (by, alone) = questionnaires::approvers(tx)?.sign(tx, found.author()?, &approval.0)?;
            found.confirm(by, alone)?;
            Answer::record(&questionnaires::store(tx, found)?)
        })
        .await
}

/// Return the answer to a customer
///
/// Gives it back to the department with a reason.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The questionnaire.", body = CustomerQuestionnaire)),
    security(("bearer" = ["customer_questionnaire:approve"])))]
#[post("/v1/customer-questionnaires/{id}/return")]
async fn return_customer_questionnaire(
    permit: Permit<Approve, CustomerQuestionnaire>,
    id: Path<CustomerQuestionnaire>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = questionnaires::find_for(tx, *id, Verb::Approve)?;
            read.check(&found)?;
            found.send_back(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?;
            Answer::record(&questionnaires::store(tx, found)?)
        })
        .await
}

/// Submit the answer to a customer
///
/// Records that the customer has it. Refused before it is confirmed (COM-5).
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = QuestionnaireSubmissionDraft,
    responses((status = 200, description = "The questionnaire.", body = CustomerQuestionnaire)),
    security(("bearer" = ["customer_questionnaire:submit"])))]
#[post("/v1/customer-questionnaires/{id}/submission")]
async fn submit_customer_questionnaire(
    permit: Permit<Submit, CustomerQuestionnaire>,
    id: Path<CustomerQuestionnaire>,
    read: IfMatch,
    submission: Body<QuestionnaireSubmissionDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = questionnaires::find_for(tx, *id, Verb::Submit)?;
            read.check(&found)?;
            found.submit(submission.0.clone(), tx.signature(None)?, tx.today())?;
            Answer::record(&questionnaires::store(tx, found)?)
        })
        .await
}

/// Void a questionnaire of a customer
///
/// It was entered by mistake, or is no longer wanted: it stays to be read with the reason.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The questionnaire.", body = CustomerQuestionnaire)),
    security(("bearer" = ["customer_questionnaire:update"])))]
#[post("/v1/customer-questionnaires/{id}/voiding")]
async fn void_customer_questionnaire(
    permit: Permit<Update, CustomerQuestionnaire>,
    id: Path<CustomerQuestionnaire>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut found = questionnaires::find_for(tx, *id, Verb::Update)?;
            read.check(&found)?;
            found.void(tx.signature(Some(because.0.reason.as_str().to_owned()))?)?;
            Answer::record(&questionnaires::store(tx, found)?)
        })
        .await
}
