//! The service as the OpenAPI document describes it: every answer is held against the document.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex},
};

use actix_web::{http::Method, test::TestRequest};
use jsonschema::Validator;
use mamori_api::kernel::{openapi, service::Service};
use mamori_domain::access::{Resource, Role, Scope, Standing, Verb, standing::Held};
use serde_json::{Value, json};

use crate::harness::{Application, Reply, World};

/// The document that the code describes.
pub static DOCUMENT: LazyLock<Value> = LazyLock::new(openapi::document);

/// Its operations.
pub static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let paths = DOCUMENT["paths"].as_object().expect("paths");
    let of_path = |(path, item): (&String, &Value)| {
        let methods = item.as_object().expect("operations").clone();
        let path = path.clone();
        methods.into_iter().map(move |(method, value)| Operation {
            method: method.to_uppercase().parse().expect("a method"),
            path: path.clone(),
            value,
        })
    };
    paths.iter().flat_map(of_path).collect()
});

/// One operation of the document.
pub struct Operation {
    /// Its method.
    pub method: Method,
    /// Its path, with `{id}`.
    pub path: String,
    /// What the document says.
    pub value: Value,
}

impl Operation {
    /// Its `operationId`.
    pub fn id(&self) -> &str {
        self.value["operationId"].as_str().expect("an operationId")
    }

    /// The grant it takes; `None` at an open door.
    pub fn scope(&self) -> Option<Scope> {
        let scope = self.value.pointer("/security/0/bearer/0")?;
        Some(scope.as_str().expect("a scope").parse().expect("a scope of the table"))
    }

    /// A parameter by place and name.
    pub fn parameter(&self, place: &str, name: &str) -> Option<&Value> {
        let parameters = self.value["parameters"].as_array()?;
        parameters.iter().find(|parameter| parameter["in"] == place && parameter["name"] == name)
    }

    /// The words of its `sort`.
    pub fn sort_words(&self) -> Vec<String> {
        let pattern = self.parameter("query", "sort").and_then(|sort| sort["schema"]["pattern"].as_str());
        let words = pattern.and_then(|pattern| pattern.strip_prefix("^-?(")?.strip_suffix(")$"));
        words.into_iter().flat_map(|words| words.split('|').map(ToOwned::to_owned)).collect()
    }

    /// Whether it answers a page of a list.
    pub fn is_list(&self) -> bool {
        self.method == Method::GET && self.parameter("query", "limit").is_some()
    }

    /// Its path with `id` in it.
    pub fn at(&self, id: &str) -> String {
        self.path.replace("{id}", id)
    }

    fn answers(&self, path: &str) -> bool {
        let (mine, theirs) = (self.path.split('/'), path.split('/'));
        mine.clone().count() == theirs.clone().count()
            && mine.zip(theirs).all(|(mine, theirs)| mine == theirs || mine.starts_with('{'))
    }
}

/// The operation by its `operationId`.
pub fn operation(id: &str) -> &'static Operation {
    OPERATIONS.iter().find(|operation| operation.id() == id).unwrap_or_else(|| panic!("no operation {id}"))
}

/// The operation that a request goes to; a path without a parameter comes first.
fn operation_at(method: &Method, path: &str) -> Option<&'static Operation> {
    let literal = OPERATIONS.iter().any(|operation| operation.path == path);
    let goes_there = |o: &&Operation| if literal { o.path == path } else { o.answers(path) };
    OPERATIONS.iter().filter(goes_there).find(|operation| operation.method == *method)
}

/// What the document says of one schema, ready to check values.
pub fn validator(schema: &Value) -> Arc<Validator> {
    static READY: Mutex<Option<HashMap<String, Arc<Validator>>>> = Mutex::new(None);
    let mut ready = READY.lock().expect("validators");
    let ready = ready.get_or_insert_default();
    let made = || {
        let mut whole = json!({ "components": { "schemas": DOCUMENT["components"]["schemas"] } });
        for (name, part) in schema.as_object().expect("a schema") {
            whole[name] = part.clone();
        }
        let options = jsonschema::options().with_draft(jsonschema::Draft::Draft202012);
        Arc::new(options.should_validate_formats(true).build(&whole).expect("a readable schema"))
    };
    Arc::clone(ready.entry(schema.to_string()).or_insert_with(made))
}

/// The application, built once for a whole test.
pub struct Api {
    application: Application,
    tokens: Vec<(String, String)>,
}

impl Api {
    /// Over the service of a world.
    pub async fn of(world: &World) -> Self {
        Self::over(world.service.clone(), world).await
    }

    /// Over another service on the database of a world.
    pub async fn over(service: Service, world: &World) -> Self {
        let people = world.people.first.iter().chain(&world.people.second);
        let tokens = people.map(|one| (one.name.clone(), one.token.clone())).collect();
        Self { application: Application::of(service).await, tokens }
    }

    /// A request.
    pub fn ask(&self, method: Method, path: impl Into<String>) -> Call<'_> {
        Call { api: self, method, path: path.into(), headers: Vec::new(), body: None }
    }

    /// A GET.
    pub fn get(&self, path: impl Into<String>) -> Call<'_> {
        self.ask(Method::GET, path)
    }

    /// A POST.
    pub fn post(&self, path: impl Into<String>) -> Call<'_> {
        self.ask(Method::POST, path)
    }

    /// A PATCH.
    pub fn patch(&self, path: impl Into<String>) -> Call<'_> {
        self.ask(Method::PATCH, path)
    }

    fn token_of(&self, who: &str) -> String {
        let found = self.tokens.iter().find(|(name, _)| name == who);
        found.unwrap_or_else(|| panic!("nobody is called {who}")).1.clone()
    }
}

/// A request being put together.
#[derive(Clone)]
pub struct Call<'a> {
    api: &'a Api,
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

impl Call<'_> {
    /// With a header.
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// As the holder of this token.
    pub fn token(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    /// As the person with this name.
    pub fn by(self, who: &str) -> Self {
        let token = self.api.token_of(who);
        self.token(&token)
    }

    /// With a JSON body, of the media type that the method takes.
    pub fn json(self, body: &Value) -> Self {
        let media = if self.method == Method::PATCH { openapi::MERGE_PATCH } else { "application/json" };
        self.bytes(media, body.to_string())
    }

    /// With any body.
    pub fn bytes(mut self, media: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self.header("content-type", media)
    }

    /// With a query.
    pub fn query(mut self, query: &str) -> Self {
        let separator = if self.path.contains('?') { '&' } else { '?' };
        self.path = format!("{}{separator}{query}", self.path);
        self
    }

    /// Having read this.
    pub fn having_read(self, reply: &Reply) -> Self {
        self.header("if-match", reply.header("etag"))
    }

    /// Sends it, and holds the answer against the document.
    pub async fn send(self) -> Reply {
        let plain = |byte: u8| byte.is_ascii_graphic();
        let encoded = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
        let uri: String = self.path.bytes().map(encoded).collect();
        let mut request = TestRequest::with_uri(&uri).method(self.method.clone());
        for (name, value) in &self.headers {
            request = request.append_header((name.as_str(), value.as_str()));
        }
        if let Some(body) = self.body {
            request = request.set_payload(body);
        }
        let reply = self.api.application.answer(request).await;
        let path = self.path.split('?').next().unwrap_or_default();
        if let Err(fault) = conforms(&self.method, path, &reply) {
            let body: String = String::from_utf8_lossy(&reply.bytes).chars().take(2000).collect();
            panic!("{} {} answered {}: {fault}\n{body}", self.method, self.path, reply.status);
        }
        reply
    }
}

/// Headers that every answer has.
const ALWAYS: [(&str, &str); 7] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "private, no-cache"),
    ("vary", "Authorization"),
    ("vary", "Accept-Language"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
];

/// What is wrong with an answer by the document.
fn conforms(method: &Method, path: &str, reply: &Reply) -> Result<(), String> {
    if reply.header("x-request-id").is_empty() {
        return Err("no X-Request-Id".into());
    }
    for (name, value) in ALWAYS {
        let whole: Vec<_> = reply.headers.get_all(name).filter_map(|value| value.to_str().ok()).collect();
        let has = |whole: &&str| *whole == value || whole.split(", ").any(|part| part == value);
        if !whole.iter().any(has) {
            return Err(format!("{name} is {whole:?}"));
        }
    }
    let media = reply.header("content-type");
    let schema = match operation_at(method, path) {
        Some(operation) => {
            let responses = operation.value["responses"].as_object().expect("responses");
            let Some(response) = responses.get(reply.status.as_str()) else {
                return Err(format!("{} does not document this status", operation.id()));
            };
            match response["content"].as_object() {
                None if reply.bytes.is_empty() => return Ok(()),
                None => return Err("a body where none is documented".into()),
                Some(content) => match content.get(&media) {
                    Some(content) => content["schema"].clone(),
                    None => return Err(format!("the media type {media:?} is not documented")),
                },
            }
        }
        // Beside the operations there are only problems.
        None => json!({ "$ref": "#/components/schemas/Problem" }),
    };
    if reply.status.is_client_error() || reply.status.is_server_error() {
        let problem = reply.json();
        if media != "application/problem+json" {
            return Err(format!("a problem as {media:?}"));
        }
        if problem["status"] != reply.status.as_u16() || problem["request_id"] != reply.header("x-request-id") {
            return Err("the problem tells another status or request".into());
        }
        if reply.status == 401 && !reply.header("www-authenticate").starts_with("Bearer") {
            return Err("401 without WWW-Authenticate".into());
        }
        if reply.status.is_server_error() {
            return Err("a fault of the service".into());
        }
    }
    if media.ends_with("json") {
        let value = reply.json();
        let validator = validator(&schema);
        let faults: Vec<String> =
            validator.iter_errors(&value).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
        if !faults.is_empty() {
            return Err(format!("not as documented: {}", faults.join("; ")));
        }
    }
    Ok(())
}

/// Somebody of the first organization, and what they hold.
pub struct Somebody {
    /// Their name.
    pub name: String,
    /// Roles and relations, as the table is asked.
    pub standing: Standing,
}

/// Everybody of an organization with what they really hold: appointments, and the department they work in.
pub async fn standings(api: &Api, reader: &str, names: &[String]) -> Vec<Somebody> {
    let persons = api.get("/v1/persons?limit=200").by(reader).send().await.expect(200).json();
    let persons = persons["items"].as_array().expect("persons");
    let mut found = Vec::new();
    for name in names {
        let person = persons.iter().find(|person| person["name"] == **name).expect("a person");
        let department = person["department_id"].as_str().map(|id| id.parse().expect("an id"));
        let me = api.get("/v1/me").by(name).send().await.expect(200).json();
        let held = |role: &Value| {
            let role: Role = role.as_str().expect("a role").parse().expect("a role");
            let department = department.filter(|_| role.is_of_department());
            Held { role, department, provisional: false, as_deputy: false }
        };
        let standing = Standing {
            person: Some(person["id"].as_str().expect("an id").parse().expect("an id")),
            department,
            roles: me["roles"].as_array().expect("roles").iter().map(held).collect(),
            ..Standing::default()
        };
        found.push(Somebody { name: name.clone(), standing });
    }
    found
}

/// The people of the first organization.
pub fn first(world: &World) -> Vec<String> {
    world.people.first.iter().map(|one| one.name.clone()).collect()
}

/// The people of the second organization.
pub fn second(world: &World) -> Vec<String> {
    world.people.second.iter().map(|one| one.name.clone()).collect()
}

impl Somebody {
    /// Whether the table grants them this.
    pub fn may(&self, resource: Resource, verb: Verb) -> bool {
        self.standing.reach(resource, verb).is_some()
    }
}
