//! The gate that every request passes: request id, unknown paths and methods, who is asking, how often, the body;
//! afterwards the problem in the caller's language, headers, metrics and one line in the log.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::{Duration, Instant},
};

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        StatusCode,
        header::{
            AUTHORIZATION, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, ETAG, HeaderMap, HeaderName,
            HeaderValue, IF_NONE_MATCH, VARY,
        },
    },
    middleware::Next,
    web::{Bytes, BytesMut},
};
use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use mamori_domain::{
    integration::event::EventKind,
    kernel::{
        id::Id,
        refusal::{Code, Refusal},
    },
};
use mamori_persistence::{
    identity::{
        secret::{self, Parsed, SecretKind},
        session::{self, Caller, Presented},
    },
    kernel::tx::{Context, Tx},
    support::education::learning,
};
use tracing::Instrument;

use super::{
    body::RawBody,
    operations::Operation,
    problem::{Language, Problem},
    service::Service,
};

/// Largest body of most operations.
const BODY: usize = 1 << 20;
/// Largest file of an import.
const FILE: usize = 16 << 20;

/// What the gate found out about a request.
#[derive(Clone)]
pub struct Asked {
    /// The operation.
    pub operation: Arc<Operation>,
    /// Who asks; none at an open door.
    pub caller: Option<Arc<Caller>>,
    /// The id of the request.
    pub request_id: Arc<str>,
    /// When it came.
    pub now: DateTime<Utc>,
    /// The body was larger than the operation takes.
    pub body_too_large: bool,
}

/// The middleware.
pub async fn gate(request: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let started = Instant::now();
    let service = Service::of(request.request());
    let (request_id, trace) = (request_id(request.headers(), &service), trace_id(request.headers()));
    let pattern = request.match_pattern().unwrap_or_default();
    let method = request.method().clone();
    let operation = match (pattern.as_str(), service.operations().find(&pattern, &method)) {
        (_, Ok(operation)) => Ok(Some(operation)),
        // Pages beside the API: documentation, probes.
        (pattern, Err(_)) if !pattern.is_empty() && !service.operations().has(pattern) => Ok(None),
        (_, Err(allowed)) if allowed.is_empty() => Err(Refusal::new(Code::UnknownPath)),
        (_, Err(allowed)) => Err(Refusal::new(Code::MethodNotAllowed).with("allow", allowed.join(", "))),
    };
    let name = operation.as_ref().ok().and_then(|operation| operation.as_ref().map(|operation| operation.id.clone()));
    let span = tracing::info_span!("request", %request_id, trace_id = trace.as_deref(), operation = name.as_deref());
    let language = Language::of(request.request());
    let timeout = Duration::from_secs(service.settings().request_timeout);
    let is_page = request.path().starts_with("/docs");

    let passed = async {
        let operation = match operation {
            Ok(Some(operation)) => operation,
            Ok(None) => return next.call(request).await,
            Err(refusal) => return Ok(refuse(request, refusal.into(), language, &request_id)),
        };
        match admit(request, &service, operation, &request_id).await {
            Ok(request) => match tokio::time::timeout(timeout, next.call(request)).await {
                Ok(response) => response,
                Err(_) => {
                    tracing::warn!("the request took too long");
                    Err(Problem::new(Code::Overloaded).into())
                }
            },
            Err((request, problem)) => Ok(refuse(*request, problem, language, &request_id)),
        }
    }
    .instrument(span.clone())
    .await;

    // What a handler refused is rendered here, in the caller's language.
    let mut response = match passed {
        Ok(response) => render(response, language, &request_id),
        Err(error) => {
            let problem =
                error.as_error::<Problem>().map_or_else(|| of_framework(&error), |problem| Problem(problem.0.clone()));
            let mut response = problem.respond(language, &request_id);
            finish(&mut response, &request_id, is_page);
            return Err(InternalError::from_response("refused", response).into());
        }
    };
    let refused = response.response().extensions().get::<Code>().copied();
    if let Some(code) = refused {
        note_refusal(&service, response.request(), code).instrument(span.clone()).await;
    }
    finish(response.response_mut(), &request_id, is_page);
    let status = response.status();
    let seconds = started.elapsed().as_secs_f64();
    let operation = name.map_or_else(|| "none".to_owned(), |name| name.to_string());
    metrics::counter!("http_requests_total", "operation" => operation.clone(), "status" => status.as_str().to_owned())
        .increment(1);
    metrics::histogram!("http_request_duration_seconds", "operation" => operation).record(seconds);
    span.in_scope(|| tracing::info!(method = %method, path = %pattern, status = status.as_u16(), seconds, "answered"));
    Ok(not_modified(response))
}

/// Who asks, how often, and the body.
async fn admit(
    mut request: ServiceRequest,
    service: &Service,
    operation: Arc<Operation>,
    request_id: &Arc<str>,
) -> Result<ServiceRequest, (Box<ServiceRequest>, Problem)> {
    let now = service.clock().now();
    let caller = if operation.secured {
        match authenticate(request.headers(), service, &operation, now).await {
            Ok(Some(caller)) => Some(Arc::new(caller)),
            Ok(None) => return Err((request.into(), Problem::new(Code::Unauthenticated))),
            Err(problem) => return Err((request.into(), problem)),
        }
    } else {
        None
    };
    let counted = match &caller {
        Some(caller) => service.limits().caller(caller.credential),
        None => service.limits().door(address(&request, service)),
    };
    if let Err(refusal) = counted {
        return Err((request.into(), refusal.into()));
    }
    let is_file = operation.consumes.iter().any(|media| !media.contains("json"));
    let body = match operation.streamed {
        // Its handler reads it, once the permit has been checked; one that says that it is too large is not read at all.
        true => {
            let most = u64::try_from(service.settings().largest_file()).unwrap_or(u64::MAX);
            content_length(request.headers()).is_none_or(|length| length <= most).then(Bytes::new)
        }
        false => match read_body(&mut request, if is_file { FILE } else { BODY }).await {
            Ok(body) => body,
            Err(problem) => return Err((request.into(), problem)),
        },
    };
    let body_too_large = body.is_none();
    request.extensions_mut().insert(RawBody(body.unwrap_or_default()));
    let asked = Asked { operation, caller, request_id: request_id.clone(), now, body_too_large };
    request.extensions_mut().insert(asked);
    Ok(request)
}

/// The caller behind `Authorization: Bearer …`. A learner's link is one at the operations that are marked for it alone.
async fn authenticate(
    headers: &HeaderMap,
    service: &Service,
    operation: &Operation,
    now: DateTime<Utc>,
) -> Result<Option<Caller>, Problem> {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some((scheme, token)) = header.and_then(|header| header.split_once(' ')) else { return Ok(None) };
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Ok(None);
    }
    let token = token.trim();
    let (organization, credential, presented) = if token.starts_with("mamori_") {
        match secret::parse(token) {
            Some(parsed) if parsed.kind == SecretKind::AccessToken => {
                (parsed.organization, parsed.id, Presented::AccessToken(parsed.hash))
            }
            Some(parsed) if parsed.kind == SecretKind::Learning && operation.by_link => {
                return follow(service, parsed, now).await;
            }
            _ => return Ok(None),
        }
    } else {
        match service.keys().read(token, now) {
            Some(claims) => (claims.org, claims.sid, Presented::Jwt { epoch: claims.epoch }),
            None => return Ok(None),
        }
    };
    let find = move |conn: &mut _| session::authenticate(conn, organization, credential, &presented, now);
    let caller = service.db().read(Some(organization), find).await?;
    if let Some(caller) = &caller {
        note_use(service, caller, now);
    }
    Ok(caller)
}

/// The learner behind a link.
async fn follow(service: &Service, link: Parsed, now: DateTime<Utc>) -> Result<Option<Caller>, Problem> {
    let keys = service.clone();
    let genuine = move |epoch| {
        let made = keys.keys().learning_link(link.organization, link.id, epoch);
        link.hash.matches(&made.hash())
    };
    let find = move |conn: &mut _| learning::authenticate(conn, link.organization, link.id, &genuine, now);
    Ok(service.db().read(Some(link.organization), find).await?)
}

/// Notes, once a day and in the background, that an access token was used.
fn note_use(service: &Service, caller: &Caller, now: DateTime<Utc>) {
    let today = mamori_domain::kernel::date::date_in(caller.time_zone, now);
    if caller.kind == session::CredentialKind::AccessToken && caller.last_used_on != Some(today) {
        let (service, credential, organization) = (service.clone(), caller.credential, caller.organization.uuid());
        let context = service.background(caller.organization, "use_access_token");
        actix_web::rt::spawn(async move {
            let touch = move |conn: &mut _| session::touch(&mut Tx::new(conn, &context), credential, today);
            if let Err(failure) = service.db().write_quietly(Some(organization), touch).await {
                tracing::warn!(%failure, "the use of a token could not be noted");
            }
        });
    }
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The body, up to `most` bytes; `None` where it is larger.
async fn read_body(request: &mut ServiceRequest, most: usize) -> Result<Option<Bytes>, Problem> {
    let mut payload = request.take_payload();
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Problem::new(Code::MalformedBody))?;
        if body.len() + chunk.len() > most {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body.freeze()))
}

fn refuse(request: ServiceRequest, problem: Problem, language: Language, request_id: &str) -> ServiceResponse<BoxBody> {
    request.into_response(problem.respond(language, request_id))
}

/// A refusal of a handler as its document, with the code kept for the record.
fn render(response: ServiceResponse<BoxBody>, language: Language, request_id: &str) -> ServiceResponse<BoxBody> {
    let Some(error) = response.response().error() else { return response };
    let (code, rendered) = match error.as_error::<Problem>() {
        Some(problem) => (problem.0.code, problem.respond(language, request_id)),
        None => {
            let problem = of_framework(error);
            (problem.0.code, problem.respond(language, request_id))
        }
    };
    let (request, _) = response.into_parts();
    let mut response = ServiceResponse::new(request, rendered);
    response.response_mut().extensions_mut().insert(code);
    response
}

/// An error of the framework itself.
fn of_framework(error: &actix_web::Error) -> Problem {
    let code = match error.as_response_error().status_code() {
        StatusCode::NOT_FOUND => Code::UnknownPath,
        StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => Code::BodyTooLarge,
        status if status.is_client_error() => Code::MalformedBody,
        _ => {
            tracing::error!(%error, "the framework failed");
            Code::Internal
        }
    };
    Problem::new(code)
}

/// Refusals for lack of a grant, and by a duty, are events.
async fn note_refusal(service: &Service, request: &HttpRequest, code: Code) {
    let noted = matches!(code, Code::NotGranted | Code::OutOfScope | Code::OutsideReach | Code::DutySeparated);
    let asked = request.extensions().get::<Asked>().cloned();
    let Some((asked, caller)) = asked.and_then(|asked| asked.caller.clone().map(|caller| (asked, caller))) else {
        return;
    };
    if !noted {
        return;
    }
    let context = context(&asked, &caller);
    let resource = asked.operation.scope.map(|scope| scope.resource.to_string()).unwrap_or_default();
    let record = request.match_info().get("id").and_then(|id| id.parse().ok());
    let after = serde_json::json!({ "code": code });
    let write = move |conn: &mut _| {
        Tx::new(conn, &context).log(EventKind::Refused, &resource, record, None, Some(after.clone()))
    };
    if let Err(failure) = service.db().write(Some(caller.organization.uuid()), write).await {
        tracing::error!(%failure, "a refusal could not be noted");
    }
}

/// The context of a caller's request.
pub(super) fn context(asked: &Asked, caller: &Caller) -> Context {
    Context {
        organization: caller.organization,
        time_zone: caller.time_zone,
        principal: caller.principal,
        actor: caller.name.clone(),
        standing: caller.standing.clone(),
        enrolment: caller.enrolment,
        operation: asked.operation.id.clone(),
        request_id: asked.request_id.clone(),
        now: asked.now,
    }
}

/// Headers that every response has.
fn finish(response: &mut HttpResponse, request_id: &str, is_page: bool) {
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
    let policy = if is_page {
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; script-src 'self' 'unsafe-inline'; \
         frame-ancestors 'none'"
    } else {
        "default-src 'none'; frame-ancestors 'none'"
    };
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
        ("strict-transport-security", "max-age=31536000"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    // A file that is given out has one of its own.
    if !headers.contains_key(CONTENT_SECURITY_POLICY) {
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    }
    if !is_page {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        headers.append(VARY, HeaderValue::from_static("Authorization, Accept-Language"));
    }
}

/// 304 where the client has this very body already.
fn not_modified(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let tag = response.headers().get(ETAG).and_then(|tag| tag.to_str().ok());
    let known = response.request().headers().get(IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let same = match (tag, known) {
        (Some(tag), Some(known)) => known.split(',').any(|known| known.trim().trim_start_matches("W/") == tag),
        _ => false,
    };
    if !(same && response.status() == StatusCode::OK && response.request().method() == "GET") {
        return response;
    }
    let mut empty = HttpResponse::NotModified();
    for (name, value) in response.headers() {
        if name != "content-type" && name != "content-length" {
            empty.append_header((name.clone(), value.clone()));
        }
    }
    let (request, _) = response.into_parts();
    ServiceResponse::new(request, empty.finish())
}

/// The client's own id for the request where it is a plain word, a new one otherwise.
fn request_id(headers: &HeaderMap, service: &Service) -> Arc<str> {
    let plain = |text: &&str| {
        (1..=64).contains(&text.len())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    match headers.get("x-request-id").and_then(|value| value.to_str().ok()).filter(plain) {
        Some(text) => text.into(),
        None => Id::<()>::generate(service.clock().now()).to_string().into(),
    }
}

/// The trace id of a W3C `traceparent`.
fn trace_id(headers: &HeaderMap) -> Option<String> {
    let header = headers.get("traceparent")?.to_str().ok()?;
    let id = header.split('-').nth(1)?;
    (id.len() == 32 && id.chars().all(|c| c.is_ascii_hexdigit())).then(|| id.to_owned())
}

/// The client's address, as far as a limit needs it.
fn address(request: &ServiceRequest, service: &Service) -> IpAddr {
    let forwarded = service
        .settings()
        .behind_proxy
        .then(|| request.headers().get("x-forwarded-for")?.to_str().ok()?.rsplit(',').next()?.trim().parse().ok())
        .flatten();
    forwarded.or(request.peer_addr().map(|address| address.ip())).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}
