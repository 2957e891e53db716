//! One specimen per resource: how to make one, what may be patched, and how to bring one to the brink of each step.
//!
//! Data only. In texts, `#` becomes a number that nothing else has; as a whole text, `@department`, `@position`,
//! `@person`, `@secretary`, `@manager`, `@top` and `@asset` become the id of an existing record, `@new:<name>` that of a fresh
//! specimen, `@year` a year that nothing else has, `@past-year` one before all others and `@past-month` a month of it; in a path, `@last` is the record that was made last, `@decided` and
//! `@treated` are risks that far, `@statement`, `@draft-plan`, `@approved-plan`, `@checklist`, `@objective` (an approved one),
//! `@planned-audit`, `@running-audit` and `@performed-audit` (an external one) what they say, `@campaign` is one that is
//! open; the path [`EVALUATED`] stands for the evaluation of every open risk, [`DECIDED`] for the approval of what was
//! decided in every management review.

mod audit;
mod context;
mod evaluation;
mod identity;
mod improvement;
mod integration;
mod leadership;
mod operation;
mod organization;
mod planning;
mod support;

use std::{
    cell::{Cell, RefCell},
    future::Future,
    pin::Pin,
};

use actix_web::http::Method;
use serde_json::{Value, json};

use super::client::{Api, Call};
use crate::harness::{Reply, World};

/// ISMS secretariat.
pub const SECRETARY: &str = "上田 直樹";
/// Top management.
pub const TOP: &str = "青木 健一";
/// Chair of the security committee.
pub const CHAIR: &str = "石田 洋子";
/// Manager of a department.
pub const MANAGER: &str = "小林 恵";
/// Internal audit manager, who appoints auditors.
pub const AUDIT: &str = "大野 誠";
/// Training manager.
pub const TRAINER: &str = "木村 拓";
/// Document controller.
pub const CONTROLLER: &str = "清水 彩";
/// Platform administrator.
pub const ADMIN: &str = "瀬戸 大輔";
/// System administrator, who keeps the entry log (and does not read it).
pub const KEEPER: &str = "斎藤 翔";
/// Somebody without a role, to whom work is assigned.
pub const WORKER: &str = "高橋 花";
/// Head of the department whose assets the specimens' risks are on: owns them.
pub const OWNER: &str = "田中 浩二";

/// Before a step: every open risk is evaluated.
pub const EVALUATED: &str = "@evaluated";

/// The path that stands for the approval of the outputs of every management review that was held.
pub const DECIDED: &str = "@decided-reviews";

/// A resource with records of its own.
#[derive(Clone)]
pub struct Specimen {
    /// Its name, for `@new:`.
    pub name: &'static str,
    /// The collection, for GET and lists.
    pub collection: &'static str,
    /// Where one is made; the collection where this is empty.
    pub made_at: &'static str,
    /// Who may make, read and change it.
    pub by: &'static str,
    /// What makes one.
    pub draft: Value,
    /// A patch that a fresh one takes; `null` where there is no PATCH.
    pub patch: Value,
    /// A field that the service computes.
    pub computed: &'static str,
    /// A field that is shown once, when it is made.
    pub shown_once: Option<&'static str>,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// A step of a record.
#[derive(Clone)]
pub struct Step {
    /// The end of the path: `/disposal`.
    pub path: &'static str,
    /// What `allowed_actions` calls it.
    pub action: &'static str,
    /// Who takes it.
    pub by: &'static str,
    /// The body; `null` for none.
    pub body: Value,
    /// Laid over the draft of the record.
    pub over: Value,
    /// What comes before: who, path, body (`{id}` is the record). The step itself comes next.
    pub before: Vec<(&'static str, &'static str, Value)>,
    /// Takes no `If-Match` and leaves the record's revision as it is: it makes something beside the record.
    pub beside: bool,
}

fn step(path: &'static str, action: &'static str, by: &'static str, body: Value) -> Step {
    Step { path, action, by, body, over: json!({}), before: Vec::new(), beside: false }
}

impl Step {
    fn after(mut self, before: Vec<(&'static str, &'static str, Value)>) -> Self {
        self.before = before;
        self
    }

    fn of(mut self, over: Value) -> Self {
        self.over = over;
        self
    }

    fn beside(mut self) -> Self {
        self.beside = true;
        self
    }
}

/// Every resource, module by module.
pub fn specimens() -> Vec<Specimen> {
    [
        organization::specimens(),
        identity::specimens(),
        integration::specimens(),
        context::specimens(),
        leadership::specimens(),
        planning::specimens(),
        support::specimens(),
        operation::specimens(),
        evaluation::specimens(),
        improvement::specimens(),
        audit::specimens(),
    ]
    .concat()
}

/// A world with the means to make specimens in it.
pub struct Stage<'a> {
    /// The service.
    pub api: &'a Api,
    world: &'a World,
    specimens: Vec<Specimen>,
    known: Vec<(&'static str, String)>,
    number: Cell<u32>,
    year: Cell<u32>,
    past: Cell<u32>,
    last: RefCell<String>,
    seen: Cell<i64>,
}

impl<'a> Stage<'a> {
    /// Looks up what the specimens refer to.
    pub async fn set(api: &'a Api, world: &'a World) -> Self {
        let mut stage = Self {
            api,
            world,
            specimens: specimens(),
            known: Vec::new(),
            number: Cell::new(100),
            year: Cell::new(2100),
            past: Cell::new(2024),
            last: RefCell::default(),
            seen: Cell::new(0),
        };
        for (name, list) in [
            ("@department", "/v1/departments?q=人事部"),
            ("@position", "/v1/positions?q=人事部長"),
            ("@person", "/v1/persons?q=高橋 花"),
            ("@secretary", "/v1/persons?q=上田 直樹"),
            ("@manager", "/v1/persons?q=小林 恵"),
            ("@top", "/v1/persons?q=青木 健一"),
        ] {
            let found = api.get(list).by(SECRETARY).send().await.expect(200).json();
            stage.known.push((name, found["items"][0]["id"].as_str().expect("an id").to_owned()));
        }
        let asset = stage.make("asset", &json!({})).await.id();
        stage.known.push(("@asset", asset));
        let (risk, _) = stage.brink_of("risk", "/treatment-approval").await;
        stage.known.push(("@decided", risk.id()));
        let statement = stage.make("statement_of_applicability", &json!({})).await.id();
        stage.known.push(("@statement", statement));
        let (risk, _) = stage.brink_of("risk", "/residual-assessment").await;
        stage.known.push(("@treated", risk.id()));
        let draft = stage.make("annual_plan", &json!({ "fiscal_year": 2025 })).await.id();
        stage.known.push(("@draft-plan", draft));
        let (plan, approval) = stage.brink_over("annual_plan", "/approval", &json!({ "fiscal_year": 2026 })).await;
        let call = api.post(format!("/v1/annual-plans/{}/approval", plan.id())).by(approval.by);
        call.having_read(&plan).json(&approval.body).send().await.expect(200);
        stage.known.push(("@approved-plan", plan.id()));
        let checklist = stage.make("operation_checklist", &json!({})).await.id();
        stage.known.push(("@checklist", checklist));
        let (campaign, _) = stage.brink_of("education_campaign", "/extension").await;
        stage.known.push(("@campaign", campaign.id()));
        let (objective, approval) = stage.brink_of("objective", "/approval").await;
        let call = api.post(format!("/v1/objectives/{}/approval", objective.id())).by(approval.by);
        call.having_read(&objective).json(&approval.body).send().await.expect(200);
        stage.known.push(("@objective", objective.id()));
        let planned = stage.make("audit", &json!({})).await.id();
        stage.known.push(("@planned-audit", planned));
        let (running, _) = stage.brink_of("audit", "/fieldwork-completion").await;
        stage.known.push(("@running-audit", running.id()));
        let (performed, _) = stage.brink_of("external_audit", "/closure").await;
        stage.known.push(("@performed-audit", performed.id()));
        stage.events().await;
        stage
    }

    /// A resource by its name.
    pub fn specimen(&self, name: &str) -> &Specimen {
        self.specimens.iter().find(|one| one.name == name).unwrap_or_else(|| panic!("no specimen {name}"))
    }

    fn next(&self) -> u32 {
        self.number.set(self.number.get() + 1);
        self.number.get()
    }

    fn number(&self) -> String {
        self.next().to_string()
    }

    fn known(&self, name: &str) -> Option<String> {
        self.known.iter().find(|(known, _)| *known == name).map(|(_, id)| id.clone())
    }

    /// A value with everything that stands for something else replaced.
    pub fn fill<'b>(&'b self, value: &'b Value) -> Pin<Box<dyn Future<Output = Value> + 'b>> {
        Box::pin(async move {
            match value {
                Value::String(text) if text == "@year" => {
                    self.year.set(self.year.get() + 1);
                    json!(self.year.get())
                }
                Value::String(text) if text == "@past-year" => {
                    self.past.set(self.past.get() - 1);
                    json!(self.past.get())
                }
                Value::String(text) if text == "@past-month" => json!(format!("{}-12", self.past.get())),
                Value::String(text) => match text.strip_prefix("@new:") {
                    Some(name) => json!(self.make(name, &json!({})).await.id()),
                    None => json!(self.known(text).unwrap_or_else(|| text.replace('#', &self.number()))),
                },
                Value::Array(items) => {
                    let mut filled = Vec::new();
                    for item in items {
                        filled.push(self.fill(item).await);
                    }
                    Value::Array(filled)
                }
                Value::Object(fields) => {
                    let mut filled = serde_json::Map::new();
                    for (name, field) in fields {
                        filled.insert(name.clone(), self.fill(field).await);
                    }
                    Value::Object(filled)
                }
                other => other.clone(),
            }
        })
    }

    /// A body that makes one.
    pub async fn draft(&self, name: &str, over: &Value) -> Value {
        let mut draft = self.specimen(name).draft.clone();
        for (field, value) in over.as_object().into_iter().flatten() {
            draft[field] = value.clone();
        }
        self.fill(&draft).await
    }

    /// Where one is made.
    pub fn made_at(&self, specimen: &Specimen) -> String {
        let path = if specimen.made_at.is_empty() { specimen.collection } else { specimen.made_at };
        let parents = [
            "@decided",
            "@statement",
            "@draft-plan",
            "@approved-plan",
            "@checklist",
            "@campaign",
            "@objective",
            "@planned-audit",
            "@running-audit",
            "@performed-audit",
        ];
        parents.iter().fold(path.to_owned(), |path, name| path.replace(name, &self.known(name).unwrap_or_default()))
    }

    /// A request that makes one.
    pub async fn making(&self, name: &str, over: &Value) -> Call<'a> {
        let specimen = self.specimen(name);
        self.api.post(self.made_at(specimen)).by(specimen.by).json(&self.draft(name, over).await)
    }

    /// Makes one.
    pub async fn make(&self, name: &str, over: &Value) -> Reply {
        self.making(name, over).await.send().await.expect(201)
    }

    /// Reads a record.
    pub async fn read(&self, specimen: &Specimen, id: &str) -> Reply {
        self.api.get(format!("{}/{id}", specimen.collection)).by(specimen.by).send().await.expect(200)
    }

    /// A fresh record on the brink of a step.
    pub async fn brink_of(&self, name: &str, path: &str) -> (Reply, &Step) {
        self.brink_over(name, path, &json!({})).await
    }

    /// The same for a record with these fields.
    async fn brink_over(&self, name: &str, path: &str, over: &Value) -> (Reply, &Step) {
        let specimen = self.specimen(name);
        let step = specimen.steps.iter().find(|step| step.path == path).expect("a step");
        let mut fields = step.over.clone();
        for (field, value) in over.as_object().into_iter().flatten() {
            fields[field] = value.clone();
        }
        let made = self.make(name, &fields).await;
        let id = made.id();
        for (by, path, body) in &step.before {
            if *path == EVALUATED {
                self.evaluate_open_risks(by).await;
                continue;
            }
            if *path == DECIDED {
                self.decide_held_reviews().await;
                continue;
            }
            let path = path.replace("{id}", &id).replace("@last", &self.last.borrow());
            let mut call = self.api.post(path.clone()).by(by);
            if !body.is_null() {
                let body = body.to_string().replace("{id}", &id).parse().expect("a body");
                call = call.json(&self.fill(&body).await);
            }
            // A step of a record; a record and a sub-record are made without If-Match.
            let makes = ["-items", "/rows", "/measurements"].iter().any(|end| path.ends_with(end));
            if !makes && path.matches('/').count() > 2 {
                let record = path.rsplit_once('/').expect("a path").0;
                call = call.having_read(&self.api.get(record).by(reader(by)).send().await.expect(200));
            }
            let done = call.send().await;
            assert!(done.status.is_success(), "{path}: {}", String::from_utf8_lossy(&done.bytes));
            if done.status == 201 {
                self.last.replace(done.id());
            }
        }
        (self.read(specimen, &id).await, step)
    }

    /// Evaluates every open risk that is not.
    async fn evaluate_open_risks(&self, by: &str) {
        let analysed = self.api.get("/v1/risks?state=analysed&limit=200").by(by).send().await.expect(200).json();
        for risk in analysed["items"].as_array().expect("risks") {
            let path = format!("/v1/risks/{}", risk["id"].as_str().expect("an id"));
            let read = self.api.get(path.clone()).by(by).send().await.expect(200);
            self.api.post(format!("{path}/evaluation")).by(by).having_read(&read).send().await.expect(200);
        }
    }

    /// Approves the outputs of every management review that was held: before that, no further one is.
    async fn decide_held_reviews(&self) {
        let none = json!({ "improvement_instructions": [], "isms_change_instructions": [] });
        let outputs = ("held", SECRETARY, "outputs", none);
        let submission = ("held", SECRETARY, "submission", Value::Null);
        for (state, by, step, body) in [outputs, submission, ("decided", TOP, "approval", json!({}))] {
            let list = format!("/v1/management-reviews?state={state}");
            let held = self.api.get(list).by(by).send().await.expect(200).json();
            for review in held["items"].as_array().expect("reviews") {
                let path = format!("/v1/management-reviews/{}", review["id"].as_str().expect("an id"));
                let read = self.api.get(path.clone()).by(by).send().await.expect(200);
                let call = self.api.post(format!("{path}/{step}")).by(by).having_read(&read);
                if body.is_null() { call } else { call.json(&body) }.send().await.expect(200);
            }
        }
    }

    /// Seals what happened and returns the events since the last call.
    pub async fn events(&self) -> Vec<Value> {
        // The service seals in the background too: on PostgreSQL the two may collide.
        while self.world.service.seal_all().await.is_err() {}
        let mut events = Vec::new();
        loop {
            let path = format!("/v1/events?limit=200&after={}", self.seen.get());
            let page = self.api.get(path).by(SECRETARY).send().await.expect(200).json();
            let items = page["items"].as_array().expect("events").clone();
            let Some(last) = items.last() else { return events };
            self.seen.set(last["sequence"].as_i64().expect("a number"));
            events.extend(items);
        }
    }
}

/// Who reads a record between two steps: whoever takes the step may not read it, but these may.
fn reader(by: &'static str) -> &'static str {
    if [ADMIN, AUDIT].contains(&by) { by } else { SECRETARY }
}

/// Whether an operation is one of a specimen, and which step.
pub fn belongs(specimen: &Specimen, method: &Method, path: &str) -> bool {
    let Some(rest) = path.strip_prefix(specimen.collection) else { return false };
    match rest.strip_prefix("/{id}") {
        Some("") => *method == Method::GET || (*method == Method::PATCH && !specimen.patch.is_null()),
        Some(end) => *method == Method::POST && specimen.steps.iter().any(|step| step.path == end),
        None => false,
    }
}
