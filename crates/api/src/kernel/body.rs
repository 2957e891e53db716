//! Reading a body: serde first; only when that fails every fault against the published schema.
//!
//! The gate has already read the bytes, so all of this is synchronous and runs after the permit has been checked.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, web::Bytes};
use mamori_domain::kernel::{
    date::in_bounds,
    refusal::{Code, Fault, Refusal},
    revision::Revised,
};
use mamori_persistence::kernel::failure::Outcome;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{answer::check_revision, problem::Problem, service::Service};

/// The bytes of the body, as the gate read them.
#[derive(Clone, Debug, Default)]
pub struct RawBody(pub Bytes);

/// A JSON body of type `T`.
pub struct Body<T>(pub T);

/// A merge patch (RFC 7396) of a draft `T`.
pub struct Patch<T> {
    patch: Map<String, Value>,
    service: Service,
    draft: std::marker::PhantomData<fn() -> T>,
}

impl FromRequest for RawBody {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(request.extensions().get::<Self>().cloned().unwrap_or_default()))
    }
}

impl<T: DeserializeOwned + ToSchema> FromRequest for Body<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let service = Service::of(request);
        ready(json_of(request).and_then(|value| read(&service, value)).map(Body))
    }
}

impl<T> FromRequest for Patch<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(json_of(request).and_then(|value| match value {
            Value::Object(patch) => Ok(Self { patch, service: Service::of(request), draft: std::marker::PhantomData }),
            _ => Err(Refusal::field("", Code::WrongType).into()),
        }))
    }
}

impl<T: Serialize + DeserializeOwned + ToSchema> Patch<T> {
    /// The draft with the patch applied: what it names replaces, `null` clears, what it leaves out stays.
    pub fn apply(&self, draft: &T) -> Outcome<T> {
        let mut value = serde_json::to_value(draft).unwrap_or_default();
        merge(&mut value, Value::Object(self.patch.clone()));
        read(&self.service, value).map_err(|problem| problem.0.into())
    }
}

/// RFC 7396.
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    if let Value::Object(target) = target {
        for (name, value) in patch {
            // A draft has all of its fields: a name that it lacks stays, to be refused as unknown.
            if value.is_null() && target.contains_key(&name) {
                target.remove(&name);
            } else {
                merge(target.entry(name).or_insert(Value::Null), value);
            }
        }
    }
}

/// The body as JSON.
fn json_of(request: &HttpRequest) -> Result<Value, Problem> {
    let body = request.extensions().get::<RawBody>().cloned().unwrap_or_default();
    serde_json::from_slice(&body.0).map(|Distinct(value)| value).map_err(|error| {
        Refusal::new(Code::MalformedBody).with("line", error.line()).with("column", error.column()).into()
    })
}

/// A value in which no object has one name twice: of two fields, one would be dropped in silence.
struct Distinct(Value);

impl<'de> Deserialize<'de> for Distinct {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DistinctVisitor).map(Self)
    }
}

struct DistinctVisitor;

impl<'de> Visitor<'de> for DistinctVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(Distinct(item)) = items.next_element()? {
            array.push(item);
        }
        Ok(array.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, Distinct(value))) = fields.next_entry::<String, _>()? {
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("a name stands twice"));
            }
        }
        Ok(object.into())
    }
}

/// A value as a `T`, or everything that is wrong with it.
fn read<T: DeserializeOwned + ToSchema>(service: &Service, value: Value) -> Result<T, Problem> {
    let mut faults = Vec::new();
    check_edges(&value, &mut String::new(), &mut faults);
    if faults.is_empty() {
        // A clone of the value is spared on the good path: only a failure needs it again.
        match serde_path_to_error::deserialize::<_, T>(&value) {
            Ok(read) if !has_array(&value) => return Ok(read),
            Ok(read) => {
                // serde takes an array for an object, field by field, and a list of any length: the schema does not.
                faults = service.operations().faults(&T::name(), &value);
                faults.retain(|fault| matches!(fault.code, Code::WrongType | Code::TooShort | Code::TooLong));
                if faults.is_empty() {
                    return Ok(read);
                }
            }
            Err(error) => {
                faults = service.operations().faults(&T::name(), &value);
                if faults.is_empty() {
                    let path = error.path().to_string();
                    let pointer = match path.as_str() {
                        "." | "?" => String::new(),
                        path => format!("/{}", path.replace(['.', '['], "/").replace(']', "")),
                    };
                    faults.push(Fault::new(pointer, Code::InvalidFormat));
                }
            }
        }
    }
    Err(Refusal { errors: faults, ..Refusal::new(Code::Invalid) }.into())
}

fn has_array(value: &Value) -> bool {
    match value {
        Value::Array(_) => true,
        Value::Object(fields) => fields.values().any(has_array),
        _ => false,
    }
}

/// What no field takes: NUL characters, which PostgreSQL cannot store, and dates outside of the years kept.
fn check_edges(value: &Value, pointer: &mut String, faults: &mut Vec<Fault>) {
    let length = pointer.len();
    match value {
        Value::String(text) => {
            if text.contains('\0') {
                faults.push(Fault::new(pointer.clone(), Code::InvalidFormat));
            }
            let is_date = pointer.ends_with("_on")
                || pointer.ends_with("_from")
                || pointer.ends_with("_until")
                || pointer.ends_with("_start")
                || pointer.ends_with("_end");
            if is_date && text.parse::<chrono::NaiveDate>().is_ok_and(|date| text.len() != 10 || !in_bounds(date)) {
                faults.push(Fault::new(pointer.clone(), Code::OutOfRange));
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                pointer.push_str(&format!("/{at}"));
                check_edges(item, pointer, faults);
                pointer.truncate(length);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                pointer.push('/');
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                check_edges(field, pointer, faults);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

/// `If-Match`: the revision that the client read. Whether one is needed, and whether it still holds, is asked when the
/// record has been found: [`IfMatch::check`].
#[derive(Clone, Copy, Debug, utoipa::IntoParams)]
#[into_params(names("If-Match"), parameter_in = Header)]
pub struct IfMatch(
    /// The `ETag` that was read, or the bare revision of a list row in quotes.
    Option<i32>,
);

impl IfMatch {
    /// 428 without, 412 when the record has changed since.
    pub fn check(self, record: &impl Revised) -> Outcome<()> {
        check_revision(self.0, record)
    }
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let malformed = || Problem(Refusal::new(Code::MalformedHeader).at(Fault::new("If-Match", Code::InvalidFormat)));
        let Some(header) = request.headers().get("if-match") else { return ready(Ok(Self(None))) };
        let tag = header.to_str().ok().map(str::trim).and_then(|tag| tag.strip_prefix('"')?.strip_suffix('"'));
        let revision = tag.and_then(|tag| tag.split('.').next()?.parse().ok());
        ready(revision.map(|revision| Self(Some(revision))).ok_or_else(malformed))
    }
}
