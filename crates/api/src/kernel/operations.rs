//! The operations of the API, as the OpenAPI document tells them: the gate and the readers of bodies and queries ask
//! it, so that what is published is what is enforced.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use actix_web::http::Method;
use jsonschema::{Validator, error::ValidationErrorKind};
use mamori_domain::{
    access::Scope,
    kernel::refusal::{Code, Fault},
};
use serde_json::{Value, json};

/// One operation.
#[derive(Debug)]
pub struct Operation {
    /// Its `operationId`.
    pub id: Arc<str>,
    /// The grant it takes; `None` for the few open doors.
    pub scope: Option<Scope>,
    /// Whether a credential is needed.
    pub secured: bool,
    /// Its query parameters; for `sort` the words it takes.
    pub query: BTreeMap<String, Option<Vec<String>>>,
    /// What those take that the readers of a query do not ask: bounds, length, pattern.
    pub bounds: BTreeMap<String, Validator>,
    /// Media types of the body it takes.
    pub consumes: Vec<String>,
    /// Whether its handler reads the body as it comes.
    pub streamed: bool,
    /// Whether a learner's link is a credential for it.
    pub by_link: bool,
    /// Media types it answers.
    pub produces: Vec<String>,
}

/// All operations, by path pattern and method.
pub struct Operations {
    by_pattern: HashMap<String, HashMap<Method, Arc<Operation>>>,
    schemas: Value,
    validators: Mutex<HashMap<String, Option<Arc<Validator>>>>,
}

impl Operations {
    /// Reads the finished document.
    pub fn read(document: &Value) -> Self {
        let mut by_pattern: HashMap<String, HashMap<Method, Arc<Operation>>> = HashMap::new();
        for (path, item) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                if let Ok(method) = Method::from_bytes(method.to_uppercase().as_bytes()) {
                    by_pattern.entry(path.clone()).or_default().insert(method, Arc::new(Operation::read(operation)));
                }
            }
        }
        let schemas = document.get("components").and_then(|c| c.get("schemas")).cloned().unwrap_or_default();
        Self { by_pattern, schemas, validators: Mutex::default() }
    }

    /// The operation at a path pattern; `Err` with the methods that exist there.
    pub fn find(&self, pattern: &str, method: &Method) -> Result<Arc<Operation>, Vec<String>> {
        let Some(methods) = self.by_pattern.get(pattern) else { return Err(Vec::new()) };
        methods.get(method).cloned().ok_or_else(|| {
            let mut allowed: Vec<String> = methods.keys().map(ToString::to_string).collect();
            allowed.sort();
            allowed
        })
    }

    /// Whether any operation stands at the path pattern.
    pub fn has(&self, pattern: &str) -> bool {
        self.by_pattern.contains_key(pattern)
    }

    /// Every fault of `value` against the schema `name`, with its pointer.
    pub fn faults(&self, name: &str, value: &Value) -> Vec<Fault> {
        let Some(validator) = self.validator(name) else { return Vec::new() };
        let mut faults: Vec<Fault> =
            validator.iter_errors(value).flat_map(|error| self.faults_of(name, &error)).collect();
        faults.sort_by(|a, b| (&a.pointer, a.code).cmp(&(&b.pointer, b.code)));
        faults.dedup_by(|a, b| a.pointer == b.pointer);
        faults
    }

    fn faults_of(&self, name: &str, error: &jsonschema::ValidationError<'_>) -> Vec<Fault> {
        let at = error.instance_path().to_string();
        let one = |code| vec![Fault::new(at.clone(), code)];
        match error.kind() {
            ValidationErrorKind::Required { property } => {
                vec![Fault::new(format!("{at}/{}", property.as_str().unwrap_or_default()), Code::Required)]
            }
            ValidationErrorKind::AdditionalProperties { unexpected }
            | ValidationErrorKind::UnevaluatedProperties { unexpected } => unexpected
                .iter()
                .map(|property| {
                    let escaped = property.replace('~', "~0").replace('/', "~1");
                    let code = if at.is_empty() && self.is_read_only(name, property) {
                        Code::ReadOnlyField
                    } else {
                        Code::UnknownField
                    };
                    Fault::new(format!("{at}/{escaped}"), code)
                })
                .collect(),
            ValidationErrorKind::Type { .. } => one(Code::WrongType),
            ValidationErrorKind::MinLength { .. } | ValidationErrorKind::MinItems { .. } => one(Code::TooShort),
            ValidationErrorKind::MaxLength { .. } | ValidationErrorKind::MaxItems { .. } => one(Code::TooLong),
            ValidationErrorKind::Minimum { .. } | ValidationErrorKind::Maximum { .. } => one(Code::OutOfRange),
            ValidationErrorKind::Enum { .. } | ValidationErrorKind::Constant { .. } => one(Code::NotInList),
            ValidationErrorKind::UniqueItems => one(Code::Duplicate),
            ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
                // The branch that goes deepest into the value is the one that was meant; of several the one that takes
                // its type, for `null` stands beside many.
                let branch = context.iter().max_by_key(|branch| {
                    let depth = branch.iter().map(|error| error.instance_path().to_string().len()).max();
                    let another_type = |error: &jsonschema::ValidationError<'_>| {
                        matches!(error.kind(), ValidationErrorKind::Type { .. })
                    };
                    (depth.unwrap_or_default(), !branch.iter().all(another_type))
                });
                branch.into_iter().flatten().flat_map(|error| self.faults_of(name, error)).collect()
            }
            _ => one(Code::InvalidFormat),
        }
    }

    /// `XDraft` does not have the property, but what a client reads, `X`, has: itself, or in a part that is computed.
    fn is_read_only(&self, draft: &str, property: &str) -> bool {
        let read = draft.strip_suffix("Draft").unwrap_or(draft);
        let properties_of = |schema: &str| self.schemas.get(schema)?.get("properties")?.as_object();
        let written = self.written(draft);
        let (Some(whole), Some(written)) = (properties_of(read).filter(|_| read != draft), properties_of(&written))
        else {
            return false;
        };
        let computed = whole.iter().filter(|(name, _)| !written.contains_key(*name)).map(|(_, part)| part);
        let mut parts = computed.flat_map(|part| {
            let choices = part.get("oneOf").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            let references = choices.iter().chain([part]).filter_map(|choice| choice.get("$ref")?.as_str());
            references.filter_map(|reference| reference.strip_prefix("#/components/schemas/"))
        });
        whole.contains_key(property)
            || parts.any(|part| properties_of(part).is_some_and(|fields| fields.contains_key(property)))
    }

    /// The schema by which a `name` is written: what is read and written alike is written as `XDraft` where something
    /// may be left out; a draft that no POST takes is in the document as its merge patch only.
    fn written(&self, name: &str) -> String {
        let patch = format!("{}Patch", name.strip_suffix("Draft").unwrap_or(name));
        let known = |schema: &String| self.schemas.get(schema).is_some();
        [format!("{name}Draft"), name.to_owned(), patch].into_iter().find(known).unwrap_or_else(|| name.to_owned())
    }

    fn validator(&self, name: &str) -> Option<Arc<Validator>> {
        let mut validators = self.validators.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(validator) = validators.get(name) {
            return validator.clone();
        }
        let written = self.written(name);
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$ref": format!("#/components/schemas/{written}"),
            "components": { "schemas": self.schemas },
        });
        let validator = jsonschema::options().should_validate_formats(true).build(&schema);
        if let Err(error) = &validator {
            tracing::error!(name, %error, "a published schema cannot be read");
        }
        let validator = validator.ok().map(Arc::new);
        validators.insert(name.to_owned(), validator.clone());
        validator
    }
}

impl Operation {
    /// Whether the query parameter may have the value, as far as its bounds tell; its type is asked where it is read.
    pub fn takes(&self, name: &str, value: &str) -> bool {
        let number = value.parse::<i64>().map(Value::from);
        let fits =
            |bounds: &Validator| bounds.is_valid(&json!(value)) || number.is_ok_and(|number| bounds.is_valid(&number));
        !value.contains('\0') && self.bounds.get(name).is_none_or(fits)
    }

    fn read(operation: &Value) -> Self {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        let parameters = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
        let parameters = parameters.filter(|parameter| parameter.get("in").and_then(Value::as_str) == Some("query"));
        // `Paging` reads these itself.
        let others = parameters
            .clone()
            .filter(|parameter| !["limit", "cursor", "sort"].contains(&&*text(parameter.get("name"))));
        let bounds = others
            .filter_map(|parameter| {
                let mut schema = parameter.get("schema")?.clone();
                // RFC 3339 has four digits for a year; more would be read, and no database keeps them.
                if schema.get("format").and_then(Value::as_str).is_some_and(|format| format.starts_with("date")) {
                    schema.as_object_mut()?.insert("pattern".into(), json!("^[0-9]{4}-"));
                }
                let bounded = ["minimum", "maximum", "minLength", "maxLength", "pattern"];
                bounded.iter().any(|bound| schema.get(bound).is_some()).then_some(())?;
                Some((text(parameter.get("name")), jsonschema::validator_for(&schema).ok()?))
            })
            .collect();
        let query = parameters
            .map(|parameter| {
                let pattern = parameter.get("schema").and_then(|schema| schema.get("pattern")).and_then(Value::as_str);
                let words = pattern.and_then(|pattern| pattern.strip_prefix("^-?(")?.strip_suffix(")$"));
                let words = words.map(|words| words.split('|').map(ToOwned::to_owned).collect());
                (text(parameter.get("name")), words)
            })
            .collect();
        let media = |content: Option<&Value>| {
            content
                .and_then(Value::as_object)
                .into_iter()
                .flat_map(|content| content.keys().cloned())
                .collect::<Vec<_>>()
        };
        let success = operation.get("responses").and_then(Value::as_object).into_iter().flatten();
        let produces = success
            .filter(|(status, _)| status.starts_with('2'))
            .flat_map(|(_, response)| media(response.get("content")))
            .collect();
        let marked = |mark: &str| operation.get(mark).and_then(Value::as_bool).unwrap_or_default();
        let scopes = operation.get("security").and_then(|security| security.get(0)?.get("bearer"));
        Self {
            id: text(operation.get("operationId")).into(),
            secured: scopes.is_some(),
            scope: scopes.and_then(|scopes| scopes.get(0)?.as_str()?.parse().ok()),
            query,
            bounds,
            consumes: media(operation.get("requestBody").and_then(|body| body.get("content"))),
            streamed: marked("x-streamed"),
            by_link: marked("x-learning-link"),
            produces,
        }
    }
}
