//! Logging in and out: the open doors, and the own password.

use actix_web::post;
use mamori_domain::{
    access::Standing,
    identity::{
        principal::{Principal, PrincipalState},
        session::{
            ACCESS_TOKEN_LIFETIME, Login, PasswordChange, PasswordSetting, Refresh, SetUp, Setup, TokenType, Tokens,
        },
    },
    integration::event::EventKind,
    kernel::{
        id::Id,
        refusal::{Code, Refusal},
    },
    organization::organization::Organization,
};
use mamori_persistence::{
    identity::{
        principal::{self as principals, LoginFacts},
        secret::{self, SecretKind},
        session::{self as sessions, Rotation},
        setup,
    },
    kernel::{
        failure::Outcome,
        tx::{Context, Tx},
    },
};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    commands::found,
    kernel::{
        answer::Answer,
        body::Body,
        permit::{
            Door, OwnAccess, Permit,
            verbs::{Create, Update},
        },
        problem::Problem,
        service::Service,
    },
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(set_up)
        .service(log_in)
        .service(refresh_session)
        .service(log_out)
        .service(change_password)
        .service(set_password);
}

/// Set the service up
///
/// On an empty database: creates the first organization and its first person, who is appointed top management and
/// platform administrator. The setup token was printed when the service started.
#[utoipa::path(tag = "identity", request_body = Setup,
    responses((status = 201, description = "The organization and the person.", body = SetUp)), security(()))]
#[post("/v1/setup")]
async fn set_up(door: Door, body: Body<Setup>) -> Result<Answer, Problem> {
    let Setup { setup_token, organization_name, person_name, email, password } = body.0;
    password.check_strength("/password")?;
    let token = secret::parse(setup_token.as_str()).filter(|token| token.kind == SecretKind::Setup);
    let token = token.ok_or(Refusal::new(Code::WrongCredentials))?;
    let hash = door.service().passwords().hash(&password).await?;
    let organization = Id::<Organization>::generate(door.now());
    let context = door.context(organization, person_name.as_str());
    let now = door.now();
    door.write(Some(organization.uuid()), move |conn| {
        if !setup::is_empty(conn)? {
            return Err(Refusal::new(Code::AlreadySetUp).into());
        }
        if !setup::take_setup_token(conn, &token, now)? {
            return Err(Refusal::new(Code::WrongCredentials).into());
        }
        let founder = found::Founder {
            organization: organization_name.clone(),
            person: person_name.clone(),
            email: email.clone(),
            password_hash: Some(hash.clone()),
        };
        let person = found::organization(&mut Tx::new(conn, &context), organization, founder)?;
        Answer::made(&SetUp { organization_id: organization, person_id: person.id })
    })
    .await
}

/// Log in
///
/// With e-mail address and password. After five failures in a row the login is locked for 15 minutes; the answer is the
/// same then (401 `wrong_credentials`), so that it tells nobody which addresses are known. The platform administrator sees
/// the lock on the principal.
#[utoipa::path(tag = "identity", request_body = Login,
    responses((status = 201, description = "A session: an access token and a refresh token.", body = Tokens)), security(()))]
#[post("/v1/sessions")]
async fn log_in(door: Door, login: Body<Login>) -> Result<Answer, Problem> {
    let Login { email, password, organization_id } = login.0;
    let candidates = door.read(None, move |conn| principals::candidates(conn, email.as_str())).await?;
    let candidates = candidates.into_iter().filter(|(home, _)| organization_id.is_none_or(|id| id.uuid() == *home));
    let (mut verified, mut failed) = (Vec::new(), Vec::new());
    for (home, principal) in candidates {
        let context = door.context(Id::from_uuid(home), "");
        let facts = door
            .read(Some(home), move |conn| principals::credentials_of(&mut Tx::new(conn, &context), principal))
            .await?;
        if facts.state != PrincipalState::Active || !facts.is_working || facts.locked_until.is_some() {
            continue;
        }
        if door.service().passwords().verify(&password, facts.password_hash.clone()).await? {
            verified.push((home, principal, facts));
        } else {
            failed.push((home, principal));
        }
    }
    if verified.is_empty() && failed.is_empty() {
        // As slow as with a wrong password, and with the same answer: neither tells whether the address is known or locked.
        door.service().passwords().verify(&password, None).await?;
    }
    if verified.is_empty() {
        for (home, principal) in failed {
            note_failure(&door, home, principal).await?;
        }
    }
    match verified.as_slice() {
        [(home, principal, facts)] => open(&door, *home, *principal, facts).await,
        [] => Err(Problem::new(Code::WrongCredentials)),
        _ => Err(Refusal::field("/organization_id", Code::RequiredHere).into()),
    }
}

async fn note_failure(door: &Door, home: uuid::Uuid, principal: Id<Principal>) -> Result<(), Problem> {
    let context = door.context(Id::from_uuid(home), "");
    door.write(Some(home), move |conn| principals::failed(&mut Tx::new(conn, &context), principal)).await
}

async fn open(door: &Door, home: uuid::Uuid, principal: Id<Principal>, facts: &LoginFacts) -> Result<Answer, Problem> {
    // From here on it is known who it is: the event says so.
    let context = Context {
        principal: Some(principal),
        standing: Standing { person: Some(facts.person), ..Standing::default() }.into(),
        ..door.context(Id::from_uuid(home), &facts.name)
    };
    let (service, epoch) = (door.service().clone(), facts.epoch);
    door.write(Some(home), move |conn| {
        let tx = &mut Tx::new(conn, &context);
        principals::succeeded(tx, principal)?;
        let opened = sessions::open_session(tx, principal, epoch)?;
        tx.log(EventKind::LoggedIn, "principal", Some(principal.uuid()), None, None)?;
        let refresh = opened.refresh.text().to_owned();
        answer(&service, tx, principal, epoch, opened.credential, refresh, opened.expires_at)
    })
    .await
}

fn answer(
    service: &Service,
    tx: &Tx<'_>,
    principal: Id<Principal>,
    epoch: i32,
    credential: uuid::Uuid,
    refresh: String,
    session_expires_at: chrono::DateTime<chrono::Utc>,
) -> Outcome<Answer> {
    let home = tx.context().organization.uuid();
    let access = service.keys().sign(principal.uuid(), home, credential, epoch, tx.now());
    Answer::made(&Tokens {
        access_token: access,
        token_type: TokenType::Bearer,
        expires_in: ACCESS_TOKEN_LIFETIME.num_seconds(),
        refresh_token: Some(refresh),
        session_expires_at,
    })
}

/// Refresh a session
///
/// Gives a new pair of tokens for a refresh token, once. A refresh token that comes a second time has been stolen or
/// lost: the whole session ends.
#[utoipa::path(tag = "identity", request_body = Refresh,
    responses((status = 201, description = "The next pair of tokens.", body = Tokens)), security(()))]
#[post("/v1/sessions/refresh")]
async fn refresh_session(door: Door, refresh: Body<Refresh>) -> Result<Answer, Problem> {
    let parsed = secret::parse(refresh.0.refresh_token.as_str()).filter(|token| token.kind == SecretKind::Refresh);
    let parsed = parsed.ok_or(Problem::new(Code::Unauthenticated))?;
    let home = parsed.organization;
    let context = door.context(Id::from_uuid(home), "");
    let service = door.service().clone();
    let answered = door
        .write(Some(home), move |conn| {
            let tx = &mut Tx::new(conn, &context);
            // Ending a session for a reused token must stay: it is a value here, and a refusal only afterwards.
            match sessions::rotate(tx, &parsed)? {
                Rotation::Rotated { principal, epoch, credential, refresh, expires_at } => {
                    let refresh = refresh.text().to_owned();
                    answer(&service, tx, principal, epoch, credential, refresh, expires_at).map(Ok)
                }
                Rotation::Reused { principal } => {
                    tx.log(EventKind::LoginFailed, "principal", Some(principal.uuid()), None, None)?;
                    Ok(Err(Code::TokenReused))
                }
                Rotation::Refused => Ok(Err(Code::Unauthenticated)),
            }
        })
        .await?;
    answered.map_err(Problem::new)
}

/// Log out
///
/// Ends the session of the access token in use; of an access token for scripts, nothing ends.
#[utoipa::path(tag = "identity", responses((status = 204, description = "The session has ended.")),
    security(("bearer" = ["own_access:update"])))]
#[post("/v1/sessions/end")]
async fn log_out(permit: Permit<Update, OwnAccess>) -> Result<Answer, Problem> {
    let (credential, principal) = (permit.caller().credential, permit.principal()?);
    let is_session = permit.caller().kind == sessions::CredentialKind::Session;
    permit
        .transact(move |tx| {
            if is_session {
                sessions::end_session(tx, credential)?;
                tx.log(EventKind::LoggedOut, "principal", Some(principal.uuid()), None, None)?;
            }
            Ok(Answer::nothing())
        })
        .await
}

/// Change the own password
///
/// Every session of the caller ends, this one too. A wrong password counts as a failed login; while the principal is
/// locked, this is refused with 429 `locked_out`.
#[utoipa::path(tag = "identity", request_body = PasswordChange,
    responses((status = 204, description = "The password is changed.")),
    security(("bearer" = ["own_access:create"])))]
#[post("/v1/password-changes")]
async fn change_password(permit: Permit<Create, OwnAccess>, change: Body<PasswordChange>) -> Result<Answer, Problem> {
    let principal = permit.principal()?;
    change.0.new_password.check_strength("/new_password")?;
    let facts = permit.read(move |tx| principals::credentials_of(tx, principal)).await?;
    if let Some(until) = facts.locked_until {
        let wait = (until - permit.service().clock().now()).num_seconds().max(1);
        return Err(Refusal::new(Code::LockedOut).with("until", until.to_rfc3339()).with("retry_after", wait).into());
    }
    let passwords = permit.service().passwords();
    if !passwords.verify(&change.0.current_password, facts.password_hash).await? {
        permit.note(move |tx| principals::failed(tx, principal)).await?;
        return Err(Refusal::field("/current_password", Code::WrongCredentials).into());
    }
    let hash = passwords.hash(&change.0.new_password).await?;
    permit
        .transact(move |tx| {
            principals::set_password(tx, principal, &hash)?;
            Ok(Answer::nothing())
        })
        .await
}

/// Set a password through a link
///
/// Takes the token of an invitation or a password reset, once.
#[utoipa::path(tag = "identity", request_body = PasswordSetting,
    responses((status = 204, description = "The password is set; log in with it.")), security(()))]
#[post("/v1/password-settings")]
async fn set_password(door: Door, setting: Body<PasswordSetting>) -> Result<Answer, Problem> {
    let PasswordSetting { token, password } = setting.0;
    password.check_strength("/password")?;
    let parsed = secret::parse(token.as_str()).filter(|token| token.kind == SecretKind::Link);
    let parsed = parsed.ok_or(Refusal::new(Code::LinkSpent))?;
    let hash = door.service().passwords().hash(&password).await?;
    let context = door.context(Id::from_uuid(parsed.organization), "");
    door.write(Some(parsed.organization), move |conn| {
        let tx = &mut Tx::new(conn, &context);
        let principal = principals::spend_link(tx, &parsed)?.ok_or(Refusal::new(Code::LinkSpent))?;
        principals::set_password(tx, principal, &hash)?;
        Ok(Answer::nothing())
    })
    .await
}
