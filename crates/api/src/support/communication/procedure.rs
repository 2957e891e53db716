//! Communication procedures.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    kernel::{page::Page, retirement::Retirement},
    support::communication::procedure::{CommunicationProcedure, CommunicationProcedureDraft, CommunicationSubject},
};
use mamori_persistence::{
    organization::organization as organizations,
    support::communication::procedure::{self as procedures, Filter},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch, Patch},
    permit::{
        Permit,
        verbs::{Create, Read, Update},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_communication_procedures)
        .service(create_communication_procedure)
        .service(get_communication_procedure)
        .service(revise_communication_procedure)
        .service(retire_communication_procedure);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CommunicationProcedureQuery {
    /// Text in the content or the method.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// On this.
    #[param(inline)]
    subject: Option<CommunicationSubject>,
    /// Also rows that left the register.
    #[param(default = false)]
    include_retired: Option<bool>,
    /// The order.
    #[param(pattern = "^-?(number|updated_at)$", default = "number")]
    sort: Option<String>,
}

/// List communication procedures
///
/// On what, when, with whom, by whom and how the organization communicates (D30, 7.4). It begins with six rows.
#[utoipa::path(tag = "support", params(Paging, CommunicationProcedureQuery),
    responses((status = 200, description = "A page of the procedure.", body = Page<CommunicationProcedure>)),
    security(("bearer" = ["communication:read"])))]
#[get("/v1/communication-procedures")]
async fn list_communication_procedures(
    permit: Permit<Read, CommunicationProcedure>,
    paging: Paging,
    query: Query<CommunicationProcedureQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "number")?;
    let filter = Filter {
        id: None,
        q: query.q.clone(),
        updated_since: query.updated_since,
        subject: query.subject,
        include_retired: query.include_retired.unwrap_or_default(),
    };
    permit.read(move |tx| Answer::ok(&procedures::list(tx, &filter, &page)?)).await
}

/// Create a communication procedure
///
/// A further row.
#[utoipa::path(tag = "support", params(ValidateOnly), request_body = CommunicationProcedureDraft,
    responses((status = 201, description = "The new row.", body = CommunicationProcedure)),
    security(("bearer" = ["communication:create"])))]
#[post("/v1/communication-procedures")]
async fn create_communication_procedure(
    permit: Permit<Create, CommunicationProcedure>,
    draft: Body<CommunicationProcedureDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            procedures::require_keeper(tx)?;
            let number = organizations::next_number(tx, procedures::SERIES)?;
            let procedure = CommunicationProcedure::enter(draft.0.clone(), number, tx.now())?;
            let procedure = procedures::add(tx, &procedure)?;
            Answer::created(&procedure, format!("/v1/communication-procedures/{}", procedure.id))
        })
        .await
}

/// Get a communication procedure
///
/// Also one that left the register.
#[utoipa::path(tag = "support", params(InPath),
    responses((status = 200, description = "The row.", body = CommunicationProcedure)),
    security(("bearer" = ["communication:read"])))]
#[get("/v1/communication-procedures/{id}")]
async fn get_communication_procedure(
    permit: Permit<Read, CommunicationProcedure>,
    id: Path<CommunicationProcedure>,
) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&procedures::find(tx, *id)?.value)).await
}

/// Revise a communication procedure
///
/// What was opened after it before stays as it was.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly),
    request_body(content = CommunicationProcedureDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The row.", body = CommunicationProcedure)),
    security(("bearer" = ["communication:update"])))]
#[patch("/v1/communication-procedures/{id}")]
async fn revise_communication_procedure(
    permit: Permit<Update, CommunicationProcedure>,
    id: Path<CommunicationProcedure>,
    read: IfMatch,
    patch: Patch<CommunicationProcedureDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut procedure = procedures::find(tx, *id)?;
            read.check(&procedure)?;
            let draft = patch.apply(&procedure.draft)?;
            procedure.revise(draft)?;
            Answer::record(&procedures::store(tx, procedure)?)
        })
        .await
}

/// Retire a communication procedure
///
/// Takes the row out of the register with a date and a reason; nothing is opened after it any more.
#[utoipa::path(tag = "support", params(InPath, IfMatch, ValidateOnly), request_body = Retirement,
    responses((status = 200, description = "The row.", body = CommunicationProcedure)),
    security(("bearer" = ["communication:update"])))]
#[post("/v1/communication-procedures/{id}/retirement")]
async fn retire_communication_procedure(
    permit: Permit<Update, CommunicationProcedure>,
    id: Path<CommunicationProcedure>,
    read: IfMatch,
    retirement: Body<Retirement>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut procedure = procedures::find(tx, *id)?;
            read.check(&procedure)?;
            procedure.retire(retirement.0.clone(), tx.today())?;
            Answer::record(&procedures::store(tx, procedure)?)
        })
        .await
}
