//! Access tokens for scripts: the caller's own.

use actix_web::{get, post};
use mamori_domain::{
    identity::access_token::{AccessToken, AccessTokenDraft, AccessTokenState},
    kernel::{
        page::Page,
        refusal::{Code, Refusal},
    },
};
use mamori_persistence::identity::{
    access_token::{self as tokens, Filter},
    principal as principals,
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    body::{Body, IfMatch},
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
        .service(list_access_tokens)
        .service(create_access_token)
        .service(get_access_token)
        .service(revoke_access_token);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AccessTokenQuery {
    /// Text in the name.
    #[param(max_length = 200)]
    q: Option<String>,
    /// That can be used, are expired or revoked.
    #[param(inline)]
    state: Option<AccessTokenState>,
    /// The order.
    #[param(pattern = "^-?(created_at|name)$", default = "created_at")]
    sort: Option<String>,
}

/// List own access tokens
///
/// Never with the secret itself.
#[utoipa::path(tag = "identity", params(Paging, AccessTokenQuery),
    responses((status = 200, description = "A page of tokens.", body = Page<AccessToken>)),
    security(("bearer" = ["own_access:read"])))]
#[get("/v1/access-tokens")]
async fn list_access_tokens(
    permit: Permit<Read, AccessToken>,
    paging: Paging,
    query: Query<AccessTokenQuery>,
) -> Result<Answer, Problem> {
    let page = paging.page(query.sort.as_deref(), "created_at")?;
    let filter = Filter { id: None, q: query.q.clone(), state: query.state };
    permit.read(move |tx| Answer::ok(&tokens::list(tx, &filter, &page)?)).await
}

/// Create an access token
///
/// For a script of the caller, cut down to the scopes named. The token itself is shown only in this answer.
#[utoipa::path(tag = "identity", params(ValidateOnly), request_body = AccessTokenDraft,
    responses((status = 201, description = "The token, with its secret.", body = AccessToken)),
    security(("bearer" = ["own_access:create"])))]
#[post("/v1/access-tokens")]
async fn create_access_token(
    permit: Permit<Create, AccessToken>,
    draft: Body<AccessTokenDraft>,
) -> Result<Answer, Problem> {
    let principal = permit.principal()?;
    permit
        .transact(move |tx| {
            draft.0.check(tx.standing(), tx.now())?;
            let facts = principals::credentials_of(tx, principal)?;
            let (without, secret) = tokens::add(tx, principal, facts.epoch, draft.0.clone())?;
            let with = AccessToken { token: Some(secret.text().to_owned()), ..without.clone() };
            Answer::created(&with, format!("/v1/access-tokens/{}", with.id))?.without_secret(&without)
        })
        .await
}

/// Get an own access token
///
/// Never with the secret itself.
#[utoipa::path(tag = "identity", params(InPath),
    responses((status = 200, description = "The token.", body = AccessToken)),
    security(("bearer" = ["own_access:read"])))]
#[get("/v1/access-tokens/{id}")]
async fn get_access_token(permit: Permit<Read, AccessToken>, id: Path<AccessToken>) -> Result<Answer, Problem> {
    permit.read(move |tx| Answer::record(&tokens::find(tx, *id)?.value)).await
}

/// Revoke an own access token
///
/// It is refused from the next request on.
#[utoipa::path(tag = "identity", params(InPath, IfMatch),
    responses((status = 200, description = "The token.", body = AccessToken)),
    security(("bearer" = ["own_access:update"])))]
#[post("/v1/access-tokens/{id}/revocation")]
async fn revoke_access_token(
    permit: Permit<Update, AccessToken>,
    id: Path<AccessToken>,
    read: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transact(move |tx| {
            let token = tokens::find(tx, *id)?;
            read.check(&token)?;
            if token.state != AccessTokenState::Active {
                return Err(Refusal::new(Code::WrongState).with("state", token.state.to_string()).into());
            }
            Answer::record(&tokens::revoke(tx, token)?)
        })
        .await
}
