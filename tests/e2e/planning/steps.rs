//! Who does what to which record: the requests that every test of planning is made of.

use serde_json::{Value, json};

use crate::harness::{Reply, World};

/// Somebody of the secretariat, who reads everything.
pub(crate) const SECRETARY: &str = "上田 直樹";

/// The record at `path`, as `who` reads it.
pub(crate) async fn read(world: &World, who: &str, path: &str) -> Value {
    world.get(path).person(who).send().await.expect(200).json()
}

/// `who` takes `step` on the record at `path`, having read it; a `null` body is none.
pub(crate) async fn take(world: &World, who: &str, path: &str, step: &str, body: Value) -> Reply {
    let read = world.get(path).person(who).send().await.expect(200);
    let ask = world.post(format!("{path}/{step}")).person(who).having_read(&read);
    let ask = if body.is_null() { ask } else { ask.json(body) };
    ask.send().await
}

/// `who` changes the record at `path`, having read it.
pub(crate) async fn change(world: &World, who: &str, path: &str, patch: Value) -> Reply {
    let read = world.get(path).person(who).send().await.expect(200);
    world.patch(path).person(who).having_read(&read).json(patch).send().await
}

/// `who` creates something at `path`.
pub(crate) async fn create(world: &World, who: &str, path: &str, body: Value) -> Reply {
    world.post(path).person(who).json(body).send().await
}

/// The id of the record that `path` lists for `who` with this `value` in `field`.
pub(crate) async fn id_of(world: &World, who: &str, path: &str, field: &str, value: impl Into<Value>) -> String {
    let (list, value) = (read(world, who, path).await, value.into());
    let items = list["items"].as_array().cloned().unwrap_or_default();
    let found = items.iter().find(|item| item[field] == value).unwrap_or_else(|| panic!("{path}: no {field} {value}"));
    found["id"].as_str().expect("an id").to_owned()
}

/// The id of the person with this name.
pub(crate) async fn person(world: &World, name: &str) -> String {
    id_of(world, SECRETARY, "/v1/persons?limit=200", "name", name).await
}

/// The path of the asset with this number.
pub(crate) async fn asset(world: &World, number: i64) -> String {
    format!("/v1/assets/{}", id_of(world, SECRETARY, "/v1/assets?limit=200", "number", number).await)
}

/// The path of the risk with this number.
pub(crate) async fn risk(world: &World, number: i64) -> String {
    let all = "/v1/risks?include_closed=true&limit=200";
    format!("/v1/risks/{}", id_of(world, SECRETARY, all, "number", number).await)
}

/// A risk in words; `patch` replaces fields or adds them.
pub(crate) fn risk_draft(patch: Value) -> Value {
    let mut draft = json!({
        "risk_source": "利用の決まりが整っていない", "impact_area": "外部", "event": "持ち出し中に紛失する",
        "lost_properties": ["confidentiality"], "cause": "決まりがないまま持ち出される",
        "consequence": "情報が漏えいし、顧客に迷惑がかかる",
    });
    for (name, value) in patch.as_object().into_iter().flatten() {
        draft[name] = value.clone();
    }
    draft
}

/// A likelihood judged directly.
pub(crate) fn stated(likelihood: i64) -> Value {
    json!({ "kind": "stated", "likelihood": likelihood })
}

/// A likelihood out of threat and vulnerability.
pub(crate) fn threat(threat: i64, vulnerability: i64) -> Value {
    json!({
        "kind": "threat_and_vulnerability", "threat_likelihood": threat, "vulnerability_exploitability": vulnerability,
    })
}

/// What remains after treatment.
pub(crate) fn residual(importance: i64, likelihood: i64) -> Value {
    json!({ "importance": importance, "likelihood_basis": stated(likelihood) })
}

/// A decision to reduce the risk by these controls.
pub(crate) fn modify(controls: &[&str]) -> Value {
    let controls: Vec<Value> = controls.iter().map(|control| json!({ "description": control })).collect();
    json!({ "options": ["modify"], "controls": controls })
}

/// An item for the first control.
pub(crate) fn item_draft(assignee: &str, patch: Value) -> Value {
    let mut draft = json!({
        "control_number": 1, "tasks": ["ルールを検討する", "関係者に知らせる"], "assignee_id": assignee,
        "planned_start": "2024-04-08", "planned_end": "2024-04-30",
    });
    for (name, value) in patch.as_object().into_iter().flatten() {
        draft[name] = value.clone();
    }
    draft
}
