//! Interested parties and their requirements.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    context::interested_party::{InterestedParty, InterestedPartyDraft},
    kernel::{page::Page, retirement::Retirement},
};
use mamori_persistence::context::interested_party::{self as parties, Filter};
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
        .service(list_interested_parties)
        .service(create_interested_party)
        .service(get_interested_party)
        .service(revise_interested_party)
        .service(retire_interested_party);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct InterestedPartyQuery {
    /// Text in the name or in a requirement, its risk or its opportunity.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// Also parties that left the register.
    #[param(default = false)]
    include_retired: Option<bool>,
    /// The order.
    #[param(pattern = "^-?(name|updated_at)$", default = "name")]
    sort: Option<String>,
}

/// List interested parties
///
/// The register (4.2), each party with its requirements. Who reads it only as the owner of a risk sees nothing while
/// they own none.
#[utoipa::path(tag = "context", params(Paging, InterestedPartyQuery),
    responses((status = 200, description = "A page of interested parties.", body = Page<InterestedParty>)),
    security(("bearer" = ["interested_party:read"])))]
#[get("/v1/interested-parties")]
async fn list_interested_parties(
    permit: Permit<Read, InterestedParty>,
    paging: Paging,
    query: Query<InterestedPartyQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "name")?;
    let filter = Filter {
        id: None,
        q: query.q.clone(),
        updated_since: query.updated_since,
        include_retired: query.include_retired.unwrap_or_default(),
    };
    permit.read(move |tx| Answer::ok(&parties::list(tx, &filter, &page)?)).await
}

/// Create an interested party
///
/// Its name is unique among the parties in use. Its requirements are numbered.
#[utoipa::path(tag = "context", params(ValidateOnly), request_body = InterestedPartyDraft,
    responses((status = 201, description = "The new interested party.", body = InterestedParty)),
    security(("bearer" = ["interested_party:create"])))]
#[post("/v1/interested-parties")]
async fn create_interested_party(
    permit: Permit<Create, InterestedParty>,
    draft: Body<InterestedPartyDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let party = InterestedParty::enter(draft.0.clone(), tx.now(), tx.today())?;
            let party = parties::add(tx, &party)?;
            Answer::created(&party, format!("/v1/interested-parties/{}", party.id))
        })
        .await
}

/// Get an interested party
///
/// Also one that left the register.
#[utoipa::path(tag = "context", params(InPath),
    responses((status = 200, description = "The interested party.", body = InterestedParty)),
    security(("bearer" = ["interested_party:read"])))]
#[get("/v1/interested-parties/{id}")]
async fn get_interested_party(
    permit: Permit<Read, InterestedParty>,
    id: Path<InterestedParty>,
) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&parties::find(tx, *id)?.value)).await
}

/// Revise an interested party
///
/// The list of requirements is replaced as a whole: one that comes with its number stays, one without is new and gets
/// the next number, one that is left out is dropped.
#[utoipa::path(tag = "context", params(InPath, IfMatch, ValidateOnly),
    request_body(content = InterestedPartyDraft, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The interested party.", body = InterestedParty)),
    security(("bearer" = ["interested_party:update"])))]
#[patch("/v1/interested-parties/{id}")]
async fn revise_interested_party(
    permit: Permit<Update, InterestedParty>,
    id: Path<InterestedParty>,
    read: IfMatch,
    patch: Patch<InterestedPartyDraft>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut party = parties::find(tx, *id)?;
            read.check(&party)?;
            let draft = patch.apply(&party.draft)?;
            party.revise(draft, tx.today())?;
            Answer::record(&parties::store(tx, party)?)
        })
        .await
}

/// Retire an interested party
///
/// Takes it out of the register with a date and a reason; it does not change any more.
#[utoipa::path(tag = "context", params(InPath, IfMatch, ValidateOnly), request_body = Retirement,
    responses((status = 200, description = "The interested party.", body = InterestedParty)),
    security(("bearer" = ["interested_party:update"])))]
#[post("/v1/interested-parties/{id}/retirement")]
async fn retire_interested_party(
    permit: Permit<Update, InterestedParty>,
    id: Path<InterestedParty>,
    read: IfMatch,
    retirement: Body<Retirement>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut party = parties::find(tx, *id)?;
            read.check(&party)?;
            party.retire(retirement.0.clone(), tx.today())?;
            Answer::record(&parties::store(tx, party)?)
        })
        .await
}
