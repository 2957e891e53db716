//! What a handler answers: made inside the transaction, so that it can be kept for a repeated request.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::{
        StatusCode,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, HeaderName, LOCATION},
    },
};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use mamori_domain::kernel::{
    refusal::{Code, Refusal},
    revision::Revised,
};
use mamori_persistence::kernel::{
    failure::{Failure, Outcome},
    idempotency::Kept,
};
use serde::Serialize;

const JSON: &str = "application/json";

/// An answer with its body ready to be sent.
#[derive(Clone, Debug)]
pub struct Answer {
    status: StatusCode,
    headers: Vec<(HeaderName, String)>,
    body: Vec<u8>,
    /// The body as it may be kept, where the sent one holds a secret.
    kept: Option<Vec<u8>>,
}

impl Answer {
    fn new(status: StatusCode, content_type: &str, body: Vec<u8>) -> Self {
        Self { status, headers: vec![(CONTENT_TYPE, content_type.to_owned())], body, kept: None }
    }

    /// 200 with a value.
    pub fn ok<T: Serialize>(value: &T) -> Outcome<Self> {
        Ok(Self::new(StatusCode::OK, JSON, json(value)?))
    }

    /// 200 with a record and its `ETag`.
    pub fn record<T: Serialize + Revised>(record: &T) -> Outcome<Self> {
        let mut answer = Self::ok(record)?;
        let tag = format!("\"{}.{}\"", record.revision(), short_digest(&answer.body));
        answer.headers.push((ETAG, tag));
        Ok(answer)
    }

    /// 201 with a new record, its `ETag` and its place.
    pub fn created<T: Serialize + Revised>(record: &T, location: String) -> Outcome<Self> {
        let mut answer = Self::record(record)?;
        answer.status = StatusCode::CREATED;
        answer.headers.push((LOCATION, location));
        Ok(answer)
    }

    /// 201 with something that has no place of its own.
    pub fn made<T: Serialize>(value: &T) -> Outcome<Self> {
        Ok(Self { status: StatusCode::CREATED, ..Self::ok(value)? })
    }

    /// 204.
    pub fn nothing() -> Self {
        Self { status: StatusCode::NO_CONTENT, headers: Vec::new(), body: Vec::new(), kept: None }
    }

    /// A file to save.
    pub fn file(content_type: &str, name: &str, body: Vec<u8>) -> Self {
        let mut answer = Self::new(StatusCode::OK, content_type, body);
        answer.headers.push((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")));
        answer
    }

    /// The body holds a secret: a repeated request gets `without` instead.
    pub fn without_secret<T: Serialize>(mut self, without: &T) -> Outcome<Self> {
        self.kept = Some(json(without)?);
        Ok(self)
    }

    /// As it may be kept.
    pub fn to_kept(&self) -> Kept {
        Kept {
            status: i32::from(self.status.as_u16()),
            headers: self.headers.iter().map(|(name, value)| (name.to_string(), value.clone())).collect(),
            body: self.kept.as_ref().unwrap_or(&self.body).clone(),
        }
    }

    /// As it was kept, marked as given before.
    pub fn replayed(kept: Kept) -> Outcome<Self> {
        let corrupt = || Failure::Corrupt("a kept answer".into());
        let status = u16::try_from(kept.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
        let mut headers = vec![(HeaderName::from_static("idempotency-replayed"), "true".to_owned())];
        for (name, value) in kept.headers {
            headers.push((name.parse().map_err(|_| corrupt())?, value));
        }
        Ok(Self { status: status.ok_or_else(corrupt)?, headers, body: kept.body, kept: None })
    }
}

impl Responder for Answer {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        for header in self.headers {
            response.insert_header(header);
        }
        response.body(self.body)
    }
}

fn json<T: Serialize>(value: &T) -> Outcome<Vec<u8>> {
    serde_json::to_vec(value).map_err(|error| Failure::Corrupt(error.to_string()))
}

/// Enough of a SHA-256 to tell two bodies of one revision apart.
fn short_digest(body: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, body).as_ref().get(..9).unwrap_or_default())
}

/// Refuses a record that changed since it was read, and a request that does not say what it read.
pub fn check_revision(read: Option<i32>, record: &impl Revised) -> Outcome<()> {
    match read {
        None => Err(Refusal::new(Code::PreconditionRequired).into()),
        Some(revision) if revision == record.revision() => Ok(()),
        Some(_) => Err(Refusal::new(Code::Stale).with("revision", record.revision()).into()),
    }
}
