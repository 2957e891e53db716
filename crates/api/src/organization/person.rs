//! Persons.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    kernel::{id::Id, page::Page},
    organization::person::{Person, PersonDraft, PersonState, WorkerKind},
};
use mamori_persistence::{
    identity::principal as principals,
    organization::person::{self as persons, Filter},
    support::education::{course, duty as duties},
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
    config.service(list_persons).service(create_person).service(get_person).service(revise_person);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PersonQuery {
    /// Text in name, kana, number or address.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// In this department.
    #[param(value_type = Option<String>, format = Uuid)]
    department_id: Option<Id<mamori_domain::organization::department::Department>>,
    /// Working here today, joining, or left.
    #[param(inline)]
    state: Option<PersonState>,
    /// Under this contract.
    #[param(inline)]
    worker_kind: Option<WorkerKind>,
    /// The order.
    #[param(pattern = "^-?(name|joined_on|updated_at)$", default = "name")]
    sort: Option<String>,
}

/// List persons
///
/// Everybody within the caller's reach who works here, joins or has left.
#[utoipa::path(tag = "organization", params(Paging, PersonQuery),
    responses((status = 200, description = "A page of persons.", body = Page<Person>)),
    security(("bearer" = ["person:read"])))]
#[get("/v1/persons")]
async fn list_persons(
    permit: Permit<Read, Person>,
    paging: Paging,
    query: Query<PersonQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "name")?;
    let filter = Filter {
        q: query.q.clone(),
        updated_since: query.updated_since,
        department: query.department_id,
        state: query.state,
        worker_kind: query.worker_kind,
        ..Filter::default()
    };
    permit.read(move |tx| Answer::ok(&persons::list(tx, &filter, &page)?)).await
}

/// Create a person
///
/// Enters somebody who works here or will. Who joins owes a briefing on the rules (EDU-5), and takes
/// part in the campaigns that are open.
#[utoipa::path(tag = "organization", params(ValidateOnly), request_body = PersonDraft,
    responses((status = 201, description = "The new person.", body = Person)),
    security(("bearer" = ["person:create"])))]
#[post("/v1/persons")]
async fn create_person(permit: Permit<Create, Person>, draft: Body<PersonDraft>) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let person = persons::add(tx, &Person::enter(draft.0.clone(), tx.now(), tx.today())?)?;
            duties::follow_person(tx, &person)?;
            course::follow(tx, person.id)?;
            Answer::created(&person, format!("/v1/persons/{}", person.id))
        })
        .await
}

/// Get a person
///
/// Within the caller's reach.
#[utoipa::path(tag = "organization", params(InPath),
    responses((status = 200, description = "The person.", body = Person)),
    security(("bearer" = ["person:read"])))]
#[get("/v1/persons/{id}")]
async fn get_person(permit: Permit<Read, Person>, id: Path<Person>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&persons::find(tx, *id)?.value)).await
}

/// Revise a person
///
/// Changes what is written about them; a last day of work ends what their appointments grant, and their login, after
/// that day; a changed first day moves the briefing that they owe.
#[utoipa::path(tag = "organization", params(InPath, IfMatch, ValidateOnly),
    request_body(content = PersonDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The person.", body = Person)),
    security(("bearer" = ["person:update"])))]
#[patch("/v1/persons/{id}")]
async fn revise_person(
    permit: Permit<Update, Person>,
    id: Path<Person>,
    read: IfMatch,
    patch: Patch<PersonDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut person = persons::find(tx, *id)?;
            read.check(&person)?;
            let draft = patch.apply(&person.draft)?;
            let moved = draft.email != person.draft.email;
            let joins_otherwise = draft.joined_on != person.draft.joined_on;
            person.revise(draft)?;
            let person = persons::store(tx, person)?;
            if moved {
                principals::follow_person(tx, &person)?;
            }
            if joins_otherwise {
                duties::follow_person(tx, &person)?;
            }
            course::follow(tx, person.id)?;
            Answer::record(&person)
        })
        .await
}
