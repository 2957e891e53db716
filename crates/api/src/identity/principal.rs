//! Principals: the logins of this service.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use mamori_domain::{
    identity::principal::{LinkPurpose, OneTimeLink, Principal, PrincipalDraft, PrincipalState},
    kernel::{
        id::Id,
        page::Page,
        refusal::{Code, Refusal},
        sign_off::Because,
        transition::Stateful,
    },
};
use mamori_persistence::{
    identity::principal::{self as principals, Filter},
    kernel::{failure::Outcome, tx::Tx},
    organization::person as persons,
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch},
    permit::{
        Permit,
        verbs::{Create, Execute, Read, Update},
    },
    problem::Problem,
    query::{InPath, Paging, Path, Query, ValidateOnly},
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_principals)
        .service(create_principal)
        .service(get_principal)
        .service(invite_principal)
        .service(reset_password)
        .service(deactivate_principal)
        .service(reactivate_principal);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PrincipalQuery {
    /// Text in the person's name or the address.
    #[param(max_length = 200)]
    q: Option<String>,
    /// In this state.
    #[param(inline)]
    state: Option<PrincipalState>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// The order.
    #[param(pattern = "^-?(email|updated_at)$", default = "email")]
    sort: Option<String>,
}

/// List principals
///
/// Who may log in to this service.
#[utoipa::path(tag = "identity", params(Paging, PrincipalQuery),
    responses((status = 200, description = "A page of principals.", body = Page<Principal>)),
    security(("bearer" = ["principal:read"])))]
#[get("/v1/principals")]
async fn list_principals(
    permit: Permit<Read, Principal>,
    paging: Paging,
    query: Query<PrincipalQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "email")?;
    let filter = Filter { id: None, q: query.q.clone(), state: query.state, updated_since: query.updated_since };
    permit.read(move |tx| Answer::ok(&principals::list(tx, &filter, &page)?)).await
}

/// Create a principal
///
/// Gives a person a login. They set a password through an invitation.
#[utoipa::path(tag = "identity", params(ValidateOnly), request_body = PrincipalDraft,
    responses((status = 201, description = "The new principal.", body = Principal)),
    security(("bearer" = ["principal:create"])))]
#[post("/v1/principals")]
async fn create_principal(permit: Permit<Create, Principal>, draft: Body<PrincipalDraft>) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let unknown = |_| Refusal::field("/person_id", Code::UnknownReference);
            let person = persons::look_up(tx, draft.0.person_id).map_err(unknown)?;
            let principal = principals::add(tx, &person)?;
            Answer::created(&principal, format!("/v1/principals/{}", principal.id))
        })
        .await
}

/// Get a principal
///
/// Never with a password or its hash.
#[utoipa::path(tag = "identity", params(InPath),
    responses((status = 200, description = "The principal.", body = Principal)),
    security(("bearer" = ["principal:read"])))]
#[get("/v1/principals/{id}")]
async fn get_principal(permit: Permit<Read, Principal>, id: Path<Principal>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&principals::find(tx, *id)?.value)).await
}

/// Invite a principal
///
/// Makes a one-time link for the first password. Hand it to the person; an earlier link is void.
#[utoipa::path(tag = "identity", params(InPath),
    responses((status = 201, description = "The link, shown once.", body = OneTimeLink)),
    security(("bearer" = ["principal:execute"])))]
#[post("/v1/principals/{id}/invitations")]
async fn invite_principal(permit: Permit<Execute, Principal>, id: Path<Principal>) -> Result<Answer, Problem> {
    link(permit, id, LinkPurpose::Invitation).await
}

/// Reset a password
///
/// Makes a one-time link for a new password. Hand it to the person; an earlier link is void.
#[utoipa::path(tag = "identity", params(InPath),
    responses((status = 201, description = "The link, shown once.", body = OneTimeLink)),
    security(("bearer" = ["principal:execute"])))]
#[post("/v1/principals/{id}/password-resets")]
async fn reset_password(permit: Permit<Execute, Principal>, id: Path<Principal>) -> Result<Answer, Problem> {
    link(permit, id, LinkPurpose::PasswordReset).await
}

async fn link(
    permit: Permit<Execute, Principal>,
    id: Path<Principal>,
    purpose: LinkPurpose,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            principals::find(tx, *id)?.guard(purpose.action())?;
            made_link(tx, *id, purpose)
        })
        .await
}

/// A new link, shown once.
pub(crate) fn made_link(tx: &mut Tx<'_>, id: Id<Principal>, purpose: LinkPurpose) -> Outcome<Answer> {
    let (secret, expires_at) = principals::make_link(tx, id, purpose)?;
    let with = OneTimeLink { token: Some(secret.text().to_owned()), purpose, expires_at };
    Answer::made(&with)?.without_secret(&OneTimeLink { token: None, ..with })
}

/// Deactivate a principal
///
/// From the next request on every credential of it is refused: sessions, access tokens, links. The last active
/// platform administrator cannot be deactivated.
#[utoipa::path(tag = "identity", params(InPath, IfMatch, ValidateOnly), request_body = Because,
    responses((status = 200, description = "The principal.", body = Principal)),
    security(("bearer" = ["principal:update"])))]
#[post("/v1/principals/{id}/deactivation")]
async fn deactivate_principal(
    permit: Permit<Update, Principal>,
    id: Path<Principal>,
    read: IfMatch,
    because: Body<Because>,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut principal = principals::find(tx, *id)?;
            read.check(&principal)?;
            principal.deactivate(because.0.clone())?;
            principals::require_other_admin(tx, Id::from_uuid(principal.person.id))?;
            Answer::record(&principals::store(tx, principal)?)
        })
        .await
}

/// Reactivate a principal
///
/// Opens the login again; old sessions and tokens stay refused.
#[utoipa::path(tag = "identity", params(InPath, IfMatch, ValidateOnly),
    responses((status = 200, description = "The principal.", body = Principal)),
    security(("bearer" = ["principal:update"])))]
#[post("/v1/principals/{id}/reactivation")]
async fn reactivate_principal(
    permit: Permit<Update, Principal>,
    id: Path<Principal>,
    read: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let mut principal = principals::find(tx, *id)?;
            read.check(&principal)?;
            principal.reactivate()?;
            Answer::record(&principals::store(tx, principal)?)
        })
        .await
}
