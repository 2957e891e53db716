//! The only ways to the database: a permit, which says who asks for what, and the few open doors.

use std::{
    future::{Ready, ready},
    marker::PhantomData,
    sync::{Arc, Mutex, PoisonError},
};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::{
        Method,
        header::{ACCEPT, CONTENT_TYPE},
    },
};
use aws_lc_rs::digest::{Context as Hasher, SHA256};
use mamori_domain::{
    access::{Governed, Resource, Scope, Standing},
    identity::principal::Principal,
    kernel::{
        id::Id,
        refusal::{Code, Fault, Refusal},
    },
    organization::organization::Organization,
};
use mamori_persistence::{
    identity::session::Caller,
    kernel::{
        columns::KeyColumn,
        conn::Conn,
        failure::{Failure, Outcome},
        idempotency,
        tx::{Context, Tx},
    },
};
use uuid::Uuid;

use super::{
    answer::Answer,
    body::RawBody,
    gate::{Asked, context},
    openapi::MERGE_PATCH,
    operations::Operation,
    problem::Problem,
    service::Service,
};

/// The verbs of the permission matrix, as types.
pub mod verbs {
    use mamori_domain::access::Verb;

    /// A verb as a type.
    pub trait Word {
        /// The verb.
        const VERB: Verb;
    }

    /// C
    pub struct Create;
    /// R
    pub struct Read;
    /// U
    pub struct Update;
    /// S
    pub struct Submit;
    /// A
    pub struct Approve;
    /// X
    pub struct Execute;
    /// V
    pub struct Verify;

    impl Word for Create {
        const VERB: Verb = Verb::Create;
    }
    impl Word for Read {
        const VERB: Verb = Verb::Read;
    }
    impl Word for Update {
        const VERB: Verb = Verb::Update;
    }
    impl Word for Submit {
        const VERB: Verb = Verb::Submit;
    }
    impl Word for Approve {
        const VERB: Verb = Verb::Approve;
    }
    impl Word for Execute {
        const VERB: Verb = Verb::Execute;
    }
    impl Word for Verify {
        const VERB: Verb = Verb::Verify;
    }
}

/// Leave to do `V` on `R`. A handler that names none cannot reach the database; one whose caller holds no role that
/// grants it is not called.
pub struct Permit<V, R> {
    service: Service,
    caller: Arc<Caller>,
    context: Context,
    key: Option<Key>,
    validate_only: bool,
    leave: PhantomData<fn() -> (V, R)>,
}

/// Under which key, and for which request, an answer is kept.
#[derive(Clone)]
struct Key {
    text: String,
    fingerprint: Vec<u8>,
}

impl<V: verbs::Word, R: Governed> FromRequest for Permit<V, R> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::check(request))
    }
}

impl<V: verbs::Word, R: Governed> Permit<V, R> {
    /// 401, then 403, then what is wrong with the request itself.
    fn check(request: &HttpRequest) -> Result<Self, Problem> {
        let asked = request.extensions().get::<Asked>().cloned().ok_or(Problem::new(Code::Internal))?;
        let caller = asked.caller.clone().ok_or(Problem::new(Code::Unauthenticated))?;
        let scope = Scope { resource: R::RESOURCE, verb: V::VERB };
        if asked.operation.scope != Some(scope) {
            tracing::error!(%scope, operation = %asked.operation.id, "the published grant is not the one that is asked");
            return Err(Problem::new(Code::Internal));
        }
        if caller.standing.reach(scope.resource, scope.verb).is_none() {
            let whole = Standing { scopes: None, ..Standing::clone(&caller.standing) };
            let granted = whole.reach(scope.resource, scope.verb).is_some();
            let code = if granted { Code::OutOfScope } else { Code::NotGranted };
            return Err(Refusal::new(code).with("scope", scope.to_string()).into());
        }
        check_request(request, &asked)?;
        Ok(Self {
            service: Service::of(request),
            context: context(&asked, &caller),
            key: idempotency_key(request)?,
            validate_only: wants_rehearsal(request)?,
            caller,
            leave: PhantomData,
        })
    }

    /// Who asks.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The principal who asks; a learner's link has none.
    pub fn principal(&self) -> Result<Id<Principal>, Problem> {
        self.caller.principal.ok_or(Problem::new(Code::Unauthenticated))
    }

    /// The service, for what is not data: hashing, the clock.
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// The streamed body has been read: what it was belongs to what a repeated `Idempotency-Key` is compared with.
    #[must_use]
    pub fn having_received(mut self, digest: &str) -> Self {
        if let Some(key) = &mut self.key {
            key.fingerprint.extend(digest.as_bytes());
        }
        self
    }

    /// Reads: records by their id and pages of lists.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> Outcome<T> + Send + 'static,
    ) -> Result<T, Problem> {
        let (context, organization) = (self.context.clone(), self.caller.organization.uuid());
        let read = move |conn: &mut Conn| work(&mut Tx::new(conn, &context));
        Ok(self.service.db().read(Some(organization), read).await?)
    }

    /// Reads what takes long: exports, verification.
    pub async fn report<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> Outcome<T> + Send + 'static,
    ) -> Result<T, Problem> {
        let (context, organization) = (self.context.clone(), self.caller.organization.uuid());
        let read = move |conn: &mut Conn| work(&mut Tx::new(conn, &context));
        Ok(self.service.db().report(Some(organization), read).await?)
    }

    /// Writes what stays although the request is refused afterwards: a failure that counts.
    pub async fn note(&self, work: impl Fn(&mut Tx<'_>) -> Outcome<()> + Send + 'static) -> Result<(), Problem> {
        let (context, organization) = (self.context.clone(), self.caller.organization.uuid());
        let write = move |conn: &mut Conn| work(&mut Tx::new(conn, &context));
        Ok(self.service.db().write(Some(organization), write).await?)
    }

    /// Does everything in one transaction. A repeated `Idempotency-Key` gets the first answer again; with
    /// `validate_only=true` everything is done, answered and undone.
    pub async fn transact(
        &self,
        work: impl Fn(&mut Tx<'_>) -> Outcome<Answer> + Send + 'static,
    ) -> Result<Answer, Problem> {
        let (context, organization) = (self.context.clone(), self.caller.organization.uuid());
        // Whoever has no principal is known by what they came with.
        let principal = self.caller.principal.map_or(KeyColumn::of(self.caller.credential), KeyColumn);
        let (key, rehearse) = (self.key.clone(), self.validate_only);
        let rehearsed = Arc::new(Mutex::new(None));
        let shown = Arc::clone(&rehearsed);
        let write = move |conn: &mut Conn| {
            let tx = &mut Tx::new(conn, &context);
            let key = key.as_ref().filter(|_| !rehearse);
            if let Some(key) = key
                && let Some(kept) = idempotency::find(tx, principal, &key.text, &key.fingerprint)?
            {
                return Answer::replayed(kept);
            }
            let answer = work(tx)?;
            if rehearse {
                *shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
                return Err(Failure::Rehearsed);
            }
            if let Some(key) = key {
                idempotency::keep(tx, principal, &key.text, &key.fingerprint, answer.to_kept())?;
            }
            Ok(answer)
        };
        match self.service.db().write(Some(organization), write).await {
            Err(Failure::Rehearsed) => {
                let answer = rehearsed.lock().unwrap_or_else(PoisonError::into_inner).take();
                answer.ok_or(Problem::new(Code::Internal))
            }
            answer => Ok(answer?),
        }
    }
}

/// An open door: an operation that nobody needs to be logged in for. The list is closed, and a contract test holds it
/// against the published document: setup, login, refresh, setting a password through a link.
pub struct Door {
    service: Service,
    asked: Asked,
}

impl FromRequest for Door {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let asked = request.extensions().get::<Asked>().cloned().ok_or(Problem::new(Code::Internal));
        ready(asked.and_then(|asked| {
            check_request(request, &asked)?;
            Ok(Self { service: Service::of(request), asked })
        }))
    }
}

impl Door {
    /// The service, for what is not data.
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// A context in `organization`; nobody is known yet.
    pub fn context(&self, organization: Id<Organization>, actor: &str) -> Context {
        Context {
            actor: actor.into(),
            operation: self.asked.operation.id.clone(),
            request_id: self.asked.request_id.clone(),
            now: self.asked.now,
            ..self.service.background(organization, "")
        }
    }

    /// The time of the request.
    pub fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.asked.now
    }

    /// Reads, outside of every organization or inside one.
    pub async fn read<T: Send + 'static>(
        &self,
        organization: Option<Uuid>,
        work: impl FnMut(&mut Conn) -> Outcome<T> + Send + 'static,
    ) -> Result<T, Problem> {
        Ok(self.service.db().read(organization, work).await?)
    }

    /// Writes in one transaction.
    pub async fn write<T: Send + 'static>(
        &self,
        organization: Option<Uuid>,
        work: impl FnMut(&mut Conn) -> Outcome<T> + Send + 'static,
    ) -> Result<T, Problem> {
        Ok(self.service.db().write(organization, work).await?)
    }
}

/// Media types, size and parameters: 406, 415, 413, 400.
fn check_request(request: &HttpRequest, asked: &Asked) -> Result<(), Problem> {
    check_accept(request, &asked.operation)?;
    check_content_type(request, &asked.operation)?;
    if asked.body_too_large {
        return Err(Problem::new(Code::BodyTooLarge));
    }
    check_parameters(request, &asked.operation)
}

fn check_accept(request: &HttpRequest, operation: &Operation) -> Result<(), Problem> {
    let Some(accept) = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()) else { return Ok(()) };
    let wanted = |produced: &String| {
        accept.split(',').any(|range| {
            let mut pieces = range.split(';').map(str::trim);
            let range = pieces.next().unwrap_or_default();
            let refused = pieces.any(|piece| piece.strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0)));
            let kind = range.strip_suffix("/*").is_some_and(|kind| produced.split('/').next() == Some(kind));
            !refused && (range == "*/*" || kind || range.eq_ignore_ascii_case(produced))
        })
    };
    if operation.produces.is_empty() || operation.produces.iter().any(wanted) {
        Ok(())
    } else {
        Err(Refusal::new(Code::NotAcceptable).with("produces", operation.produces.clone()).into())
    }
}

fn check_content_type(request: &HttpRequest, operation: &Operation) -> Result<(), Problem> {
    if operation.consumes.is_empty() {
        return Ok(());
    }
    let header = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut pieces = header.split(';').map(str::trim);
    let media = pieces.next().unwrap_or_default();
    let charset = pieces.find_map(|piece| piece.to_ascii_lowercase().strip_prefix("charset=").map(ToOwned::to_owned));
    // JSON is UTF-8; of a file it is found out.
    let readable = !media.contains("json") || charset.is_none_or(|charset| charset.trim_matches('"') == "utf-8");
    // A merge patch may come as plain JSON too.
    let patches = operation.consumes.iter().any(|consumed| consumed == MERGE_PATCH);
    let plain = patches && media.eq_ignore_ascii_case("application/json");
    if readable && (plain || operation.consumes.iter().any(|consumed| consumed.eq_ignore_ascii_case(media))) {
        Ok(())
    } else {
        Err(Refusal::new(Code::UnsupportedMediaType).with("consumes", operation.consumes.clone()).into())
    }
}

/// An unknown or repeated parameter is refused, never ignored, and so is a value outside of the published bounds.
fn check_parameters(request: &HttpRequest, operation: &Operation) -> Result<(), Problem> {
    let mut seen: Vec<String> = Vec::new();
    let mut replaced = 0;
    for (name, value) in url::form_urlencoded::parse(request.query_string().as_bytes()) {
        replaced += value.matches(char::REPLACEMENT_CHARACTER).count();
        if !operation.query.contains_key(&*name) {
            return Err(Refusal::new(Code::UnknownParameter).at(Fault::new(name, Code::UnknownField)).into());
        }
        if seen.iter().any(|earlier| *earlier == *name) {
            return Err(Refusal::new(Code::MalformedQuery).at(Fault::new(name, Code::Duplicate)).into());
        }
        if !operation.takes(&name, &value) {
            return Err(Refusal::new(Code::MalformedQuery).at(Fault::new(name, Code::InvalidFormat)).into());
        }
        seen.push(name.into_owned());
    }
    // What was not UTF-8 has been replaced: more of these characters than were sent.
    if replaced > request.query_string().to_ascii_uppercase().matches("%EF%BF%BD").count() {
        return Err(Refusal::new(Code::MalformedQuery).into());
    }
    Ok(())
}

fn wants_rehearsal(request: &HttpRequest) -> Result<bool, Problem> {
    let mut pairs = url::form_urlencoded::parse(request.query_string().as_bytes());
    match pairs.find(|(name, _)| name == "validate_only").map(|(_, value)| value.parse()) {
        None => Ok(false),
        Some(Ok(wanted)) => Ok(wanted),
        Some(Err(_)) => {
            let fault = Fault::new("validate_only", Code::InvalidFormat);
            Err(Refusal::new(Code::MalformedQuery).at(fault).into())
        }
    }
}

/// The `Idempotency-Key` of a POST, bare or as a quoted string, with a fingerprint of the request it came with.
fn idempotency_key(request: &HttpRequest) -> Result<Option<Key>, Problem> {
    let malformed =
        || Problem(Refusal::new(Code::MalformedHeader).at(Fault::new("Idempotency-Key", Code::InvalidFormat)));
    let Some(header) = request.headers().get("idempotency-key").filter(|_| request.method() == Method::POST) else {
        return Ok(None);
    };
    let text = header.to_str().map_err(|_| malformed())?.trim();
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    if !(1..=255).contains(&text.len()) || text.chars().any(|c| c.is_ascii_control()) {
        return Err(malformed());
    }
    let mut hasher = Hasher::new(&SHA256);
    let body = request.extensions().get::<RawBody>().cloned().unwrap_or_default();
    for part in [request.path().as_bytes(), request.query_string().as_bytes(), &body.0] {
        hasher.update(&u64::try_from(part.len()).unwrap_or_default().to_be_bytes());
        hasher.update(part);
    }
    Ok(Some(Key { text: text.to_owned(), fingerprint: hasher.finish().as_ref().to_vec() }))
}

/// What everybody may know: a permit on it is a permit to be logged in.
pub struct OwnAccess;

impl Governed for OwnAccess {
    const RESOURCE: Resource = Resource::OwnAccess;
}

/// The catalog.
pub struct Catalog;

impl Governed for Catalog {
    const RESOURCE: Resource = Resource::Catalog;
}

/// The decision on a risk's treatment.
pub struct Treatment;

impl Governed for Treatment {
    const RESOURCE: Resource = Resource::TreatmentDecision;
}

/// The acceptance of a risk.
pub struct Acceptance;

impl Governed for Acceptance {
    const RESOURCE: Resource = Resource::RiskAcceptance;
}
