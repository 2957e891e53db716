//! Who does what to which record: the requests that the tests of leadership are made of.

use serde_json::{Value, json};

use crate::harness::{Reply, World};

/// Somebody of the secretariat, who reads everything.
pub(super) const SECRETARY: &str = "上田 直樹";
/// Top management.
pub(super) const TOP: &str = "青木 健一";
/// The chair of the security committee.
pub(super) const CHAIR: &str = "石田 洋子";
/// The document controller.
pub(super) const CONTROLLER: &str = "清水 彩";
/// Somebody without a role.
pub(super) const WORKER: &str = "高橋 花";

/// The record at `path`, as `who` reads it.
pub(super) async fn read(world: &World, who: &str, path: &str) -> Value {
    world.get(path).person(who).send().await.expect(200).json()
}

/// `who` takes `step` on the record at `path`, having read it; a `null` body is none.
pub(super) async fn take(world: &World, who: &str, path: &str, step: &str, body: Value) -> Reply {
    let read = world.get(path).person(who).send().await.expect(200);
    let ask = world.post(format!("{path}/{step}")).person(who).having_read(&read);
    let ask = if body.is_null() { ask } else { ask.json(body) };
    ask.send().await
}

/// `who` changes the record at `path`, having read it.
pub(super) async fn change(world: &World, who: &str, path: &str, patch: Value) -> Reply {
    let read = world.get(path).person(who).send().await.expect(200);
    world.patch(path).person(who).having_read(&read).json(patch).send().await
}

/// `who` creates something at `path`.
pub(super) async fn create(world: &World, who: &str, path: &str, body: Value) -> Reply {
    world.post(path).person(who).json(body).send().await
}

/// The id of the person with this name.
pub(super) async fn person(world: &World, name: &str) -> String {
    let list = read(world, SECRETARY, "/v1/persons?limit=200").await;
    let found = list["items"].as_array().into_iter().flatten().find(|person| person["name"] == name);
    found.and_then(|person| person["id"].as_str()).expect("somebody").to_owned()
}

/// The path of the commitment with this number, in the organization of `who`.
pub(crate) async fn commitment(world: &World, who: &str, number: usize) -> String {
    let list = read(world, who, "/v1/leadership-commitments").await;
    format!("/v1/leadership-commitments/{}", list["items"][number - 1]["id"].as_str().expect("an id"))
}

/// A whole edition of the policy; `patch` replaces fields or adds them.
pub(crate) fn policy_draft(patch: Value) -> Value {
    let mut draft = json!({
        "company_name": "守屋商事株式会社", "signatory_title": "代表取締役社長", "signatory_name": "青木 健一",
        "service_name": "卸売", "purpose_section": "品物を届け、仕事を支える", "objectives": [{ "text": "漏えいを起こさない" }],
        "business_context_section": "社外で情報を見ることが多い", "commits_to_requirements": true,
        "improvement_section": "毎年見直す", "issued_on": "2024-04-01",
    });
    for (name, value) in patch.as_object().into_iter().flatten() {
        draft[name] = value.clone();
    }
    draft
}

/// That the people here were told.
pub(super) fn told() -> Value {
    json!({ "internal": { "communicated_on": "2024-04-01", "means": "朝礼" } })
}

/// The requirements of 5.2 that the edition at `path` does not confirm, each with what is missing.
pub(super) async fn unconfirmed(world: &World, who: &str, path: &str) -> Vec<(String, Value)> {
    let list = read(world, who, &format!("{path}/checklist")).await;
    let items = list["items"].as_array().cloned().unwrap_or_default();
    assert_eq!(items.len(), 7, "a to g");
    let open: Vec<_> = items.into_iter().filter(|item| item["confirmed"] == json!(false)).collect();
    assert_eq!(list["confirmed"], json!(open.is_empty()));
    open.into_iter()
        .map(|item| (item["requirement"].as_str().expect("a word").to_owned(), item["missing"].clone()))
        .collect()
}
