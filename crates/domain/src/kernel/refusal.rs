//! A rule said no: codes that never change, pointers to the fields, the rule's id.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

/// Why a request was refused. A code is never renamed; its HTTP status stands in the API's `problem.rs`.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    EnumIter,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Code {
    // --- the request cannot be read (400, 404, 405, 406, 413, 415; a file 422) ---
    /// The body is not JSON (or not UTF-8).
    MalformedBody,
    /// A path parameter is not an id.
    MalformedPath,
    /// A query parameter is missing, repeated, or not of its type.
    MalformedQuery,
    /// A query parameter that the operation does not have.
    UnknownParameter,
    /// `cursor` was not made by this list, or `limit` is outside 1 to 200.
    MalformedCursor,
    /// A header is not of its form.
    MalformedHeader,
    /// The file is not what its media type says, or not readable.
    MalformedFile,
    /// No such path.
    UnknownPath,
    /// The path exists, but not with this method; see `Allow`.
    MethodNotAllowed,
    /// The operation cannot answer in any media type of `Accept`.
    NotAcceptable,
    /// The operation does not take this `Content-Type`.
    UnsupportedMediaType,
    /// The body is larger than the operation takes.
    BodyTooLarge,

    // --- who is asking (401, 403, 429) ---
    /// No credential, or one that is not (or no longer) valid.
    Unauthenticated,
    /// E-mail or password is wrong, or the login is locked; which one is not told.
    WrongCredentials,
    /// The caller gave too many wrong passwords; `params.until` says when to try again.
    LockedOut,
    /// A refresh token was used twice; the whole session has been ended.
    TokenReused,
    /// No role of the caller grants this operation; `params` name resource and verb.
    NotGranted,
    /// The access token was made without this scope.
    OutOfScope,
    /// The record would lie outside what the caller may write.
    OutsideReach,
    /// A separation of duties forbids the caller this step; `rule` names it.
    DutySeparated,
    /// More requests than allowed; see `Retry-After`.
    TooManyRequests,

    // --- the body breaks its schema or a rule (422) ---
    /// A required field is missing.
    Required,
    /// The value is not of the field's type.
    WrongType,
    /// The field does not exist.
    UnknownField,
    /// The field is computed or assigned by the service and cannot be written.
    ReadOnlyField,
    /// Fewer characters or items than allowed.
    TooShort,
    /// More characters or items than allowed.
    TooLong,
    /// The text, number or date is not in the form or range of the field.
    OutOfRange,
    /// The text does not have the form of the field.
    InvalidFormat,
    /// The word is not one of the field's list.
    NotInList,
    /// The same item twice in one list.
    Duplicate,
    /// The record that the field names does not exist (or is not for the caller to see).
    UnknownReference,
    /// Exactly one of the named fields must be given.
    ExactlyOne,
    /// One date must not be before the other; `params.other` names it.
    DateOrder,
    /// A date that cannot lie in the future.
    FutureDate,
    /// The values contradict each other.
    Contradiction,
    /// One or more rows of a file were refused; `errors` name row, column and code.
    RowsRefused,
    /// The password is shorter than 12 characters, or one of the most common ones.
    WeakPassword,
    /// The field must be given for what the rest of the body says.
    RequiredHere,
    /// The same `Idempotency-Key` came with another request.
    IdempotencyKeyReused,
    /// The body breaks one or more rules; `errors` name them.
    Invalid,

    // --- the record (404, 409, 412, 428) ---
    /// No such record for this caller.
    NotFound,
    /// The record changed since it was read.
    Stale,
    /// `If-Match` is required for this operation.
    PreconditionRequired,
    /// The state of the record does not allow this step; `params` name the state and what it would take.
    WrongState,
    /// The stored record lacks what this step needs; `errors` name the fields.
    NotReady,
    /// Another record already has this value.
    AlreadyExists,
    /// Other records refer to it.
    InUse,
    /// The named person or data would break a rule; `rule` names it.
    RuleViolated,
    /// The organization already exists: setup is over.
    AlreadySetUp,
    /// A one-time link or token was used or has expired.
    LinkSpent,

    // --- the service (500, 503) ---
    /// Something went wrong here; the request id finds it in the log.
    Internal,
    /// The service has more work than it can take now; see `Retry-After`.
    Overloaded,
    /// The database, or the store of files, cannot be reached now; see `Retry-After`.
    Unavailable,
}

/// A rule of the domain specification, as it is named in a refusal (`R-10`, `SD-4`).
pub type Rule = &'static str;

/// Parameters of a message, by name.
pub type Params = Map<String, Value>;

/// One fault, at one place of the request.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// JSON pointer into the body (`/likelihood`), or the name of a parameter or header.
    pub pointer: String,
    /// What is wrong there.
    pub code: Code,
    /// Details for the message.
    pub params: Params,
}

impl Fault {
    /// A fault at `pointer`.
    pub fn new(pointer: impl Into<String>, code: Code) -> Self {
        Self { pointer: pointer.into(), code, params: Params::new() }
    }

    /// With a detail for the message.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.params.insert(name.into(), value.into());
        self
    }
}

/// A request that a rule refused. Texts are made from it at the edge, in the caller's language.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{code}")]
pub struct Refusal {
    /// Why.
    pub code: Code,
    /// The rule that said no, where it has an id.
    pub rule: Option<Rule>,
    /// Details for the message and for programs.
    pub params: Params,
    /// Every faulty field.
    pub errors: Vec<Fault>,
}

impl Refusal {
    /// A refusal without further details.
    pub fn new(code: Code) -> Self {
        Self { code, rule: None, params: Params::new(), errors: Vec::new() }
    }

    /// A body that breaks rules, with all its faults; `Ok` where there are none.
    pub fn unless_empty(errors: Vec<Fault>) -> Result<(), Self> {
        if errors.is_empty() { Ok(()) } else { Err(Self { errors, ..Self::new(Code::Invalid) }) }
    }

    /// A body with one faulty field.
    pub fn field(pointer: impl Into<String>, code: Code) -> Self {
        Self { errors: vec![Fault::new(pointer, code)], ..Self::new(Code::Invalid) }
    }

    /// A stored record that lacks `fields` for this step.
    pub fn not_ready<'a>(fields: impl IntoIterator<Item = &'a str>) -> Self {
        let errors = fields.into_iter().map(|field| Fault::new(field, Code::Required)).collect();
        Self { errors, ..Self::new(Code::NotReady) }
    }

    /// A step that the state of the record does not allow.
    pub fn wrong_state(state: impl ToString) -> Self {
        Self::new(Code::WrongState).with("state", state.to_string())
    }

    /// Naming the rule.
    #[must_use]
    pub fn by(mut self, rule: Rule) -> Self {
        self.rule = Some(rule);
        self
    }

    /// With a detail.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.params.insert(name.into(), value.into());
        self
    }

    /// With a faulty field.
    #[must_use]
    pub fn at(mut self, fault: Fault) -> Self {
        self.errors.push(fault);
        self
    }
}
