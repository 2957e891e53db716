//! Reading path and query. Parameters that an operation does not have are refused by the permit, which knows the
//! published ones.

use std::{
    future::{Ready, ready},
    ops::Deref,
};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use mamori_domain::kernel::{
    id::Id,
    page::{PageRequest, Position},
    refusal::{Code, Fault, Refusal},
};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::IntoParams;

use super::{gate::Asked, problem::Problem};

/// The id in the path.
#[derive(Debug)]
pub struct Path<T>(Id<T>);

impl<T> Clone for Path<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Path<T> {}

impl<T> Deref for Path<T> {
    type Target = Id<T>;

    fn deref(&self) -> &Id<T> {
        &self.0
    }
}

impl<T> FromRequest for Path<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.match_info().get("id").unwrap_or_default().parse();
        ready(
            id.map(Self)
                .map_err(|_| Refusal::new(Code::MalformedPath).at(Fault::new("id", Code::InvalidFormat)).into()),
        )
    }
}

/// The id of a record, in the path.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "only describes the parameter")]
pub struct InPath {
    /// The record.
    id: uuid::Uuid,
}

/// Query parameters of type `T`.
pub struct Query<T>(pub T);

impl<T> Deref for Query<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.query_string();
        let read = serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(form_urlencoded(text)));
        ready(read.map(Self).map_err(|error| {
            let name = error.path().to_string();
            Refusal::new(Code::MalformedQuery).at(Fault::new(name, Code::InvalidFormat)).into()
        }))
    }
}

fn form_urlencoded(text: &str) -> url::form_urlencoded::Parse<'_> {
    url::form_urlencoded::parse(text.as_bytes())
}

/// Which page of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// How many items at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next` of the page before.
    #[param(max_length = 2000, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
    /// Whether to count the whole list.
    #[param(default = false)]
    include_total: Option<bool>,
    /// Filled from the operation's own `sort`.
    #[serde(skip)]
    #[param(ignore)]
    words: Vec<String>,
    /// The operation, which a cursor belongs to.
    #[serde(skip)]
    #[param(ignore)]
    list: String,
}

impl FromRequest for Paging {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let operation = request.extensions().get::<Asked>().map(|asked| asked.operation.clone());
        let words = operation.as_ref().and_then(|operation| operation.query.get("sort")?.clone());
        let list = operation.map(|operation| operation.id.to_string()).unwrap_or_default();
        ready(Query::<Self>::from_request(request, payload).into_inner().map(|query| Self {
            words: words.unwrap_or_default(),
            list,
            ..query.0
        }))
    }
}

impl Paging {
    /// The page asked for; `usual` is the order without a `sort`.
    pub fn page(&self, sort: Option<&str>, usual: &str) -> Result<PageRequest, Problem> {
        let refused = |name: &str, code| Problem(Refusal::new(code).at(Fault::new(name, Code::OutOfRange)));
        let limit = self.limit.unwrap_or(PageRequest::DEFAULT_LIMIT);
        if !(1..=PageRequest::MAX_LIMIT).contains(&limit) {
            return Err(refused("limit", Code::MalformedCursor));
        }
        let sort = sort.unwrap_or(usual).to_owned();
        let field = sort.strip_prefix('-').unwrap_or(&sort);
        if field != usual.trim_start_matches('-') && !self.words.iter().any(|word| word == field) {
            return Err(refused("sort", Code::MalformedQuery));
        }
        let after = self.cursor.as_deref().map(Position::decode).transpose();
        let after = after.map_err(|_| refused("cursor", Code::MalformedCursor))?;
        let include_total = self.include_total.unwrap_or_default();
        let page = PageRequest { limit, after, include_total, sort, list: self.list.clone() };
        if page.after.as_ref().is_some_and(|after| after.sort != page.order()) {
            return Err(refused("cursor", Code::MalformedCursor));
        }
        Ok(page)
    }
}

/// Whether only to tell what would happen. The permit reads it and undoes what was done.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only describes the parameter")]
pub struct ValidateOnly {
    /// `true`: answers as if it were done, and changes nothing.
    #[param(default = false)]
    validate_only: Option<bool>,
}

/// The key under which a repeated request is answered again.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only describes the parameter")]
pub struct IdempotencyKey {
    /// Any text of up to 255 visible characters; remembered for 48 hours.
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 255)]
    idempotency_key: Option<String>,
}
