//! The OpenAPI document: what utoipa collects from the handlers, and one pass that makes it plain for clients: named
//! closed objects instead of `allOf` and generics, merge patches, the problems that every operation may answer.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::App;
use mamori_domain::support::file::MediaType;
use serde_json::{Map, Value, json};
use strum::IntoEnumIterator;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{Http, HttpAuthScheme, SecurityScheme},
};
use utoipa_actix_web::AppExt;

use super::problem::ProblemDocument;

/// The media type of a merge patch (RFC 7396).
pub const MERGE_PATCH: &str = "application/merge-patch+json";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "mamori",
        description = "The information security programme of a small or medium company: assets, risks, treatment, \
                       people, roles and everything else that an ISMS after ISO/IEC 27001:2022 needs.\n\n\
                       Every list pages; every record has an `ETag` that changes and transitions send back as \
                       `If-Match`; every refusal is a problem document with a stable `code`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    servers((url = "/", description = "This service")),
    components(schemas(ProblemDocument)),
    modifiers(&Bearer),
)]
struct Base;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_with(Default::default);
        let mut bearer = Http::new(HttpAuthScheme::Bearer);
        bearer.description = Some("An access token of a session (JWT) or one made for a script.".to_owned());
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    }
}

/// The finished document.
pub fn document() -> Value {
    let (_, collected) =
        App::new().into_utoipa_app().openapi(Base::openapi()).configure(crate::routes).split_for_parts();
    let mut document = serde_json::to_value(collected).unwrap_or_default();
    inline_values(&mut document);
    flatten(&mut document);
    share_schemas(&mut document);
    patches(&mut document);
    reads(&mut document);
    parameters(&mut document);
    files(&mut document);
    operations(&mut document);
    tags(&mut document);
    prune(&mut document);
    document
}

/// The document as it is committed.
pub fn text(document: &Value) -> String {
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    text
}

const REF: &str = "$ref";
const PREFIX: &str = "#/components/schemas/";

fn schemas(document: &mut Value) -> Option<&mut Map<String, Value>> {
    document.get_mut("components")?.get_mut("schemas")?.as_object_mut()
}

fn referred(value: &Value) -> Option<&str> {
    value.get(REF)?.as_str()?.strip_prefix(PREFIX)
}

/// Calls `visit` on every value, children first.
fn each(value: &mut Value, visit: &mut impl FnMut(&mut Value)) {
    match value {
        Value::Object(fields) => fields.values_mut().for_each(|field| each(field, visit)),
        Value::Array(items) => items.iter_mut().for_each(|item| each(item, visit)),
        _ => {}
    }
    visit(value);
}

/// Ids, bounded texts and ratings are written out in place: a name for them would tell a client nothing.
fn inline_values(document: &mut Value) {
    let plain = |name: &str| {
        let primitive = name.starts_with(|c: char| c.is_ascii_lowercase());
        primitive || name == "Id" || name.starts_with("Id_") || name == "Rating" || name.starts_with("TextOf")
    };
    let mut values: BTreeMap<String, Value> = BTreeMap::new();
    if let Some(schemas) = schemas(document) {
        schemas.retain(|name, schema| {
            if plain(name) {
                values.insert(name.clone(), schema.clone());
            }
            !plain(name)
        });
    }
    each(document, &mut |value| {
        if let Some(schema) = referred(value).and_then(|name| values.get(name)).cloned()
            && let (Value::Object(target), Value::Object(schema)) = (&mut *value, schema)
        {
            target.remove(REF);
            for (name, part) in schema {
                target.entry(name).or_insert(part);
            }
        }
        plain_null(value);
    });
}

/// An optional value: `oneOf [{type: string, …}, null]` is `type: [string, null]`; of an optional object or word the
/// description stands with the property, not with one of the two alternatives.
fn plain_null(value: &mut Value) {
    let null = json!({ "type": "null" });
    let Some([one, other]) = value.get("oneOf").and_then(Value::as_array).map(Vec::as_slice) else { return };
    let part = match (one == &null, other == &null) {
        (true, false) => other,
        (false, true) => one,
        _ => return,
    };
    let Some(mut part) = part.as_object().cloned() else { return };
    let kind = part.get("type").and_then(Value::as_str).filter(|kind| *kind != "object" && !part.contains_key("enum"));
    let moved = match kind.map(|kind| json!([kind, "null"])) {
        Some(kinds) => {
            part.insert("type".into(), kinds);
            part
        }
        None => {
            let description = part.remove("description");
            let alternatives = ("oneOf".to_owned(), json!([part, &null]));
            description.map(|text| ("description".to_owned(), text)).into_iter().chain([alternatives]).collect()
        }
    };
    if let Some(target) = value.as_object_mut() {
        target.remove("oneOf");
        for (name, field) in moved {
            target.entry(name).or_insert(field);
        }
    }
}

/// `allOf [draft, own fields]` becomes one closed object in which every field that is always sent is required.
fn flatten(document: &mut Value) {
    let Some(schemas) = schemas(document) else { return };
    let known = schemas.clone();
    for schema in schemas.values_mut() {
        let Some(parts) = schema.get("allOf").and_then(Value::as_array).cloned() else { continue };
        let (mut properties, mut required) = (Map::new(), BTreeSet::new());
        for part in &parts {
            let draft = referred(part).and_then(|name| known.get(name));
            let part = draft.unwrap_or(part);
            for (name, property) in part.get("properties").and_then(Value::as_object).into_iter().flatten() {
                let mut property = property.clone();
                if let Some(property) = property.as_object_mut() {
                    property.remove("default");
                }
                properties.insert(name.clone(), property);
                // What a client may leave out of a draft is still there when it is read.
                if draft.is_some() {
                    required.insert(name.clone());
                }
            }
            let own = part.get("required").and_then(Value::as_array).into_iter().flatten();
            required.extend(own.filter_map(Value::as_str).map(ToOwned::to_owned));
        }
        if let Some(object) = schema.as_object_mut() {
            object.remove("allOf");
            object.insert("type".into(), json!("object"));
            object.insert("properties".into(), Value::Object(properties));
            object.insert("required".into(), json!(required));
        }
    }
}

/// A generic page holds a copy of its item's schema: the copy becomes a reference, and so does an inline answer.
fn share_schemas(document: &mut Value) {
    let Some(known) = schemas(document).cloned() else { return };
    // `Page_Asset` reads `AssetPage` to a client.
    let renamed = |name: &str| match name.split_once('_') {
        Some((outer, inner)) => format!("{inner}{outer}"),
        None => name.to_owned(),
    };
    if let Some(schemas) = schemas(document) {
        for (name, schema) in std::mem::take(schemas) {
            if name.starts_with("Page_") {
                let mut page = schema;
                let item = name.trim_start_matches("Page_").to_owned();
                if let Some(items) = page.get_mut("properties").and_then(|p| p.get_mut("items")?.get_mut("items")) {
                    *items = json!({ REF: format!("{PREFIX}{item}") });
                }
                schemas.insert(renamed(&name), page);
            } else {
                schemas.insert(name, schema);
            }
        }
        for schema in schemas.values_mut() {
            // Every object is closed; one without named keys is free.
            each(schema, &mut |value| {
                let kind = value.get("type");
                let is_object = kind.is_some_and(|kind| kind == "object" || kind == &json!(["object", "null"]));
                if let (true, Some(object)) = (is_object, value.as_object_mut()) {
                    let free = !object.contains_key("properties");
                    object.entry("additionalProperties").or_insert(json!(free));
                }
            });
        }
    }
    each(document, &mut |value| {
        let target = referred(value).filter(|name| name.starts_with("Page_")).map(renamed);
        if let (Some(name), Some(reference)) = (target, value.get_mut(REF)) {
            *reference = json!(format!("{PREFIX}{name}"));
        }
    });
    // An answer written out in place that equals a named schema.
    let Some(paths) = document.get_mut("paths") else { return };
    each(paths, &mut |value| {
        if value.get("properties").is_some()
            && let Some((name, _)) = known.iter().find(|(_, schema)| *schema == value)
        {
            *value = json!({ REF: format!("{PREFIX}{}", renamed(name)) });
        }
    });
}

/// The body of a merge patch: its draft as a patch.
fn patches(document: &mut Value) {
    let mut wanted = BTreeSet::new();
    for (_, item) in document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten() {
        let schema = item.get_mut("patch").and_then(|operation| {
            operation.get_mut("requestBody")?.get_mut("content")?.get_mut(MERGE_PATCH)?.get_mut("schema")
        });
        if let Some(schema) = schema
            && let Some(draft) = referred(schema).map(ToOwned::to_owned)
        {
            let patch = format!("{}Patch", draft.strip_suffix("Draft").unwrap_or(&draft));
            *schema = json!({ REF: format!("{PREFIX}{patch}") });
            wanted.insert((draft, patch));
        }
    }
    let Some(schemas) = schemas(document) else { return };
    for (draft, patch) in wanted {
        add_patch(schemas, &draft, &patch);
    }
}

/// `patch` is `draft` with nothing required and no defaults; so are the objects in it, as a merge patch goes into them.
/// `null` clears, where the draft may do without.
fn add_patch(schemas: &mut Map<String, Value>, draft: &str, patch: &str) {
    let Some(mut schema) = schemas.get(draft).cloned() else { return };
    let text = format!("A merge patch (RFC 7396) of {draft}: what it leaves out stays.");
    let mut nested = BTreeSet::new();
    patch_object(&mut schema, &mut |property| {
        each(property, &mut |value| {
            let name = referred(value).filter(|name| {
                let of = schemas.get(*name);
                of.is_some_and(|schema| schema.get("properties").is_some() || schema.get("oneOf").is_some())
            });
            let names =
                name.map(|name| (name.to_owned(), format!("{}Patch", name.strip_suffix("Draft").unwrap_or(name))));
            if let (Some((name, patch)), Some(reference)) = (names, value.get_mut(REF)) {
                *reference = json!(format!("{PREFIX}{patch}"));
                nested.insert((name, patch));
            }
        });
    });
    if let Some(object) = schema.as_object_mut() {
        object.insert("description".into(), json!(text));
    }
    schemas.insert(patch.to_owned(), schema);
    for (draft, patch) in nested {
        if !schemas.contains_key(&patch) {
            add_patch(schemas, &draft, &patch);
        }
    }
}

fn patch_object(schema: &mut Value, into: &mut impl FnMut(&mut Value)) {
    let Some(object) = schema.as_object_mut() else { return };
    if let Some(mut kinds) = object.remove("oneOf") {
        for kind in kinds.as_array_mut().into_iter().flatten() {
            patch_object(kind, into);
            if let Some(title) = kind.get_mut("title") {
                *title = json!(format!("{}Patch", title.as_str().unwrap_or_default()));
            }
        }
        object.insert("anyOf".into(), kinds);
    }
    let required = object.remove("required").unwrap_or_default();
    let required: Vec<&str> = required.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let properties = object.get_mut("properties").and_then(Value::as_object_mut);
    for (name, property) in properties.into_iter().flatten() {
        // An array is replaced as a whole, with what is in it.
        if property.get("items").is_none() {
            into(property);
        }
        if let Some(property) = property.as_object_mut() {
            property.remove("default");
        }
        if !required.contains(&name.as_str()) {
            nullable(property);
        }
    }
}

/// Lets a property be `null`.
fn nullable(property: &mut Value) {
    let takes_null = property.get("oneOf").is_some() || property.get("type").is_some_and(Value::is_array);
    let Some(object) = property.as_object_mut().filter(|_| !takes_null) else { return };
    match object.get("type").filter(|_| !object.contains_key("enum")).cloned() {
        Some(kind) => {
            object.insert("type".into(), json!([kind, "null"]));
        }
        None => {
            let description = object.remove("description");
            let part = Value::Object(std::mem::take(object));
            object.extend(description.map(|text| ("description".to_owned(), text)));
            object.insert("oneOf".into(), json!([part, { "type": "null" }]));
        }
    }
}

/// Everything that `value` refers to, and what that refers to.
fn reached(schemas: &Map<String, Value>, mut value: Value) -> BTreeSet<String> {
    let (mut found, mut open) = (BTreeSet::new(), Vec::new());
    loop {
        each(&mut value, &mut |value| {
            if let Some(name) = referred(value)
                && found.insert(name.to_owned())
            {
                open.push(name.to_owned());
            }
        });
        match open.pop() {
            Some(name) => value = schemas.get(&name).cloned().unwrap_or_default(),
            None => return found,
        }
    }
}

/// Marks a property that an answer may lack (`skip_serializing_if`).
const MAY_LACK: &str = "x-may-lack";

/// What a client reads is complete: every property is required, but those marked. An object that is written too, and
/// of which something may be left out then, is written as `XDraft`.
fn reads(document: &mut Value) {
    let (mut written, mut read) = (Vec::new(), Vec::new());
    for (_, item) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
        for (_, operation) in item.as_object().into_iter().flatten() {
            written.extend(operation.get("requestBody").cloned());
            read.extend(operation.get("responses").cloned());
        }
    }
    let Some(schemas) = schemas(document) else { return };
    let written = reached(schemas, Value::Array(written));
    let read = reached(schemas, Value::Array(read));
    let mut drafts = BTreeMap::new();
    for name in &read {
        let Some(schema) = schemas.get_mut(name).filter(|schema| schema.get("properties").is_some()) else { continue };
        let draft = schema.clone();
        let names = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        let required = names.filter(|(_, property)| property.get(MAY_LACK).is_none()).map(|(name, _)| json!(name));
        let required = Value::Array(required.collect());
        let known = schema.get("required").and_then(Value::as_array).map_or(0, Vec::len);
        let incomplete = required.as_array().map_or(0, Vec::len) > known;
        if let (true, Some(object)) = (incomplete, schema.as_object_mut()) {
            object.insert("required".into(), required);
            if written.contains(name) {
                drafts.insert(name.clone(), draft);
            }
        }
    }
    let rename = |value: &mut Value| {
        let draft =
            referred(value).filter(|name| drafts.contains_key(*name)).map(|name| json!(format!("{PREFIX}{name}Draft")));
        if let (Some(draft), Some(reference)) = (draft, value.get_mut(REF)) {
            *reference = draft;
        }
    };
    // What is only written refers to drafts, and drafts do.
    for name in written.difference(&read) {
        schemas.get_mut(name).into_iter().for_each(|schema| each(schema, &mut { rename }));
    }
    for (name, draft) in &drafts {
        let mut draft = draft.clone();
        each(&mut draft, &mut { rename });
        schemas.insert(format!("{name}Draft"), draft);
    }
    for schema in schemas.values_mut() {
        each(schema, &mut |value| {
            value.as_object_mut().map(|object| object.remove(MAY_LACK));
        });
    }
    for (_, item) in document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten() {
        for (_, operation) in item.as_object_mut().into_iter().flatten() {
            operation.get_mut("requestBody").into_iter().for_each(|body| each(body, &mut { rename }));
        }
    }
}

/// The words of a query parameter: a reference where they have a name, one plain schema with its default otherwise.
fn parameters(document: &mut Value) {
    let known = schemas(document).cloned().unwrap_or_default();
    for (_, item) in document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten() {
        for (_, operation) in item.as_object_mut().into_iter().flatten() {
            let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten();
            for schema in parameters.filter_map(|parameter| parameter.get_mut("schema")) {
                let mut default = None;
                if let Some([words, beside]) = schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
                    default = beside.get("default").cloned();
                    *schema = words.clone();
                }
                if let Some((name, _)) =
                    known.iter().find(|(_, known)| schema.get("enum").is_some() && *known == schema)
                {
                    *schema = json!({ REF: format!("{PREFIX}{name}") });
                }
                if let (Some(default), Some(schema)) = (default, schema.as_object_mut()) {
                    schema.insert("default".into(), default);
                }
            }
        }
    }
}

/// Bytes of any type are the files that records keep: of every type that may be stored, sent as a stream, and known to a
/// client by their `ETag`. What is not JSON is text, or bytes.
fn files(document: &mut Value) {
    let Some(paths) = document.get_mut("paths") else { return };
    each(paths, &mut |operation| {
        let Some(operation) = operation.as_object_mut() else { return };
        if operation.get_mut("requestBody").is_some_and(each_type) {
            operation.insert("x-streamed".into(), json!(true));
        }
        let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
        if responses.get_mut("200").is_some_and(each_type) {
            responses.insert("304".into(), json!({ "description": "The client has it already." }));
        }
    });
    each(paths, &mut |value| {
        for (media, content) in value.get_mut("content").and_then(Value::as_object_mut).into_iter().flatten() {
            let text = media.starts_with("text/") || media.ends_with("jsonl");
            if let (false, Some(content)) = (media.ends_with("json"), content.as_object_mut()) {
                let schema =
                    if text { json!({ "type": "string" }) } else { json!({ "type": "string", "format": "binary" }) };
                content.insert("schema".into(), schema);
            }
        }
    });
}

/// Names every type of stored files in the place of bytes; whether there were any.
fn each_type(message: &mut Value) -> bool {
    let Some(content) = message.get_mut("content").and_then(Value::as_object_mut) else { return false };
    let Some(bytes) = content.remove("application/octet-stream") else { return false };
    content.extend(MediaType::iter().map(|media| (media.to_string(), bytes.clone())));
    true
}

/// Which problems an operation may answer follows from its shape.
fn operations(document: &mut Value) {
    let problem = |description: &str| {
        json!({
            "description": description,
            "content": { "application/problem+json": { "schema": { REF: format!("{PREFIX}Problem") } } },
        })
    };
    let with_tag: BTreeSet<String> = schemas(document)
        .into_iter()
        .flatten()
        .filter(|(_, schema)| schema.get("properties").is_some_and(|p| p.get("revision").is_some()))
        .map(|(name, _)| name.clone())
        .collect();
    let paths = document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten();
    for (path, item) in paths {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            let secured = operation.get("security").and_then(|s| s.get(0)?.get("bearer")).is_some();
            let has = |place: &str, name: &str| {
                let parameters = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
                parameters.clone().any(|p| {
                    p.get("in") == Some(&json!(place)) && (name.is_empty() || p.get("name") == Some(&json!(name)))
                })
            };
            let (matched, in_path, body) =
                (has("header", "If-Match"), path.contains('{'), operation.get("requestBody").is_some());
            let changes = method != "get";
            let mut answers = vec![
                ("400", "Not readable: path, query, header or body."),
                ("406", "No media type of `Accept` can be answered."),
                ("429", "Too many requests; see `Retry-After`."),
                ("500", "A fault of the service; the request id finds it in the log."),
                ("503", "Too much work, or no database; see `Retry-After`."),
            ];
            if secured {
                answers.push(("401", "No valid credential."));
                answers.push(("403", "No grant, or a duty forbids it."));
            } else if changes {
                answers.push(("401", "The credentials are wrong."));
            }
            if in_path {
                answers.push(("404", "No such record for this caller."));
            }
            if body {
                answers.push(("413", "The body is too large."));
                answers.push(("415", "The media type of the body is not supported."));
            }
            if body || method == "post" {
                answers.push(("422", "The body breaks its schema or a rule."));
            } else if has("query", "") && !has("query", "limit") {
                answers.push(("422", "The query breaks a rule."));
            }
            if changes {
                answers.push(("409", "The state of the record, or a rule, forbids it."));
            }
            if matched {
                answers.push(("412", "The record changed since it was read."));
                answers.push(("428", "`If-Match` is required."));
            }
            if let Some(body) = operation.get_mut("requestBody").and_then(Value::as_object_mut) {
                body.insert("required".into(), json!(true));
            }
            if method == "post" && secured {
                parameter(
                    operation,
                    json!({
                        "name": "Idempotency-Key", "in": "header", "required": false,
                        "description": "A repeated request with the same key gets the first answer again, for 48 hours.",
                        "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7E]+$" },
                    }),
                );
            }
            if let Some(match_parameter) = operation
                .get_mut("parameters")
                .and_then(Value::as_array_mut)
                .into_iter()
                .flatten()
                .find(|parameter| parameter.get("name") == Some(&json!("If-Match")))
            {
                *match_parameter = json!({
                    "name": "If-Match", "in": "header", "required": true,
                    "description": "The `ETag` that was read (or the revision of a list row, in quotes). Without it: 428.",
                    "schema": { "type": "string", "pattern": "^\"[0-9]{1,9}(\\.[A-Za-z0-9_-]+)?\"$" },
                });
            }
            let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { continue };
            let mut tagged = false;
            for (_, response) in responses.iter_mut() {
                let of_record = response
                    .get("content")
                    .and_then(|content| referred(content.get("application/json")?.get("schema")?))
                    .is_some_and(|name| with_tag.contains(name));
                if let (true, Some(response)) = (of_record, response.as_object_mut()) {
                    tagged = true;
                    let tag = json!({ "ETag": {
                        "description": "Send it back as `If-Match`.", "schema": { "type": "string" },
                    } });
                    response.insert("headers".into(), tag);
                }
            }
            if !changes && tagged {
                responses.insert("304".into(), json!({ "description": "The client has this very answer already." }));
            }
            for (status, description) in answers {
                let mut problem = problem(description);
                if let (true, Some(problem)) = (matches!(status, "429" | "503"), problem.as_object_mut()) {
                    let after = json!({ "Retry-After": {
                        "description": "Seconds to wait.", "schema": { "type": "integer", "minimum": 0 },
                    } });
                    problem.insert("headers".into(), after);
                }
                responses.entry(status).or_insert(problem);
            }
            responses.sort_keys();
            if !changes && tagged {
                parameter(
                    operation,
                    json!({
                        "name": "If-None-Match", "in": "header", "required": false,
                        "description": "The `ETag` that the client has: 304 where it still holds.", "schema": { "type": "string" },
                    }),
                );
            }
        }
    }
}

fn parameter(operation: &mut Value, parameter: Value) {
    if let Some(operation) = operation.as_object_mut() {
        let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
        if let Some(parameters) = parameters.as_array_mut() {
            parameters.push(parameter);
        }
    }
}

/// Every tag in use is described by the clause or the part it belongs to.
fn tags(document: &mut Value) {
    let mut used = BTreeSet::new();
    for (_, item) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
        for (_, operation) in item.as_object().into_iter().flatten() {
            used.extend(operation.get("tags").and_then(|tags| tags.get(0)?.as_str()).map(ToOwned::to_owned));
        }
    }
    let described: Vec<Value> = used
        .iter()
        .map(|tag| {
            let description = match tag.as_str() {
                "catalog" => "Clauses, controls and words with their labels.",
                "context" => "4 Context of the organization.",
                "evaluation" => {
                    "9 Performance evaluation: measurements, internal audits, feedback, management reviews."
                }
                "identity" => "Who logs in here, and with what.",
                "integration" => "What happened, for auditors and other systems, and what persons are told.",
                "leadership" => "5 Leadership: commitment, policy, roles, responsibilities and authorities.",
                "operation" => "8 Operation: the annual plan, operation checklists, suppliers.",
                "organization" => "The organization and its people.",
                "overview" => "What waits for whom, and how the cycle turns.",
                "planning" => "6 Planning: assets, risk assessment and risk treatment.",
                "support" => "7 Support: resources, competence, awareness, communication, documented information.",
                _ => "Part of the programme.",
            };
            json!({ "name": tag, "description": description })
        })
        .collect();
    if let Some(document) = document.as_object_mut() {
        document.insert("tags".into(), json!(described));
    }
}

/// Takes out the schemas that nothing refers to any more.
fn prune(document: &mut Value) {
    loop {
        let mut used = BTreeSet::new();
        each(document, &mut |value| {
            used.extend(referred(value).map(ToOwned::to_owned));
        });
        let Some(schemas) = schemas(document) else { return };
        let before = schemas.len();
        schemas.retain(|name, _| used.contains(name));
        if schemas.len() == before {
            schemas.sort_keys();
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, error::Error, fs, path::Path};

    /// Of two types with one name utoipa keeps one schema, in silence.
    #[test]
    fn no_two_types_share_a_schema_name() -> Result<(), Box<dyn Error>> {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let (mut found, mut open) = (BTreeMap::<String, Vec<String>>::new(), Vec::new());
        open.extend([crates.join("api/src"), crates.join("domain/src")]);
        while let Some(path) = open.pop() {
            if path.is_dir() {
                open.extend(fs::read_dir(path)?.filter_map(Result::ok).map(|entry| entry.path()));
                continue;
            }
            let (mut derived, mut named) = (false, None);
            for line in fs::read_to_string(&path)?.lines().map(str::trim) {
                let of = |attribute: &str| line.starts_with(attribute).then_some(line);
                if let Some(derive) = of("#[derive(") {
                    (derived, named) = (derive.contains("ToSchema"), None);
                } else if let Some((_, name)) = of("#[schema(").and_then(|schema| schema.split_once("as = ")) {
                    named = name.split([',', ')']).next().map(ToOwned::to_owned);
                } else if let Some((_, rest)) = line.split_once("struct ").or_else(|| line.split_once("enum ")) {
                    let own = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
                    if std::mem::take(&mut derived) {
                        let name = named.take().unwrap_or_else(|| own.to_owned());
                        found.entry(name).or_default().push(path.display().to_string());
                    }
                }
            }
        }
        assert!(found.len() > 100, "the types have been found");
        let twice: Vec<_> = found.iter().filter(|(_, files)| files.len() > 1).collect();
        assert!(twice.is_empty(), "{twice:#?}");
        Ok(())
    }
}
