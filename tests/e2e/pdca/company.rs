//! Who works there, and how the company comes to be: by its founder, on an empty service.

use chrono::{Days, TimeDelta};
use mamori_api::commands::demo::Inhabitant;
use mamori_domain::access::Role;
use serde_json::{Value, json};

use crate::{
    harness::World,
    identity::session::{PASSWORD, log_in, setup_token},
    planning::steps::{create, id_of, read, take},
};

/// Top management, who founded the company.
pub(super) const TOP: &str = "朝倉 誠";
/// The chair of the security committee.
pub(super) const CHAIR: &str = "飯田 香";
/// The secretariat, which also controls the documents.
pub(super) const SECRETARY: &str = "上野 学";
/// The internal audit manager.
pub(super) const AUDIT_MANAGER: &str = "遠藤 望";
/// The internal auditor.
pub(super) const AUDITOR: &str = "岡田 翔";
/// The training manager.
pub(super) const TRAINER: &str = "加藤 舞";
/// Head and manager of 営業部, who owns its risks.
pub(super) const MANAGER: &str = "木下 剛";

/// The department whose information is at stake.
pub(super) const SALES: &str = "営業部";
const OFFICE: &str = "総務部";

/// Everybody: name, local part of the address, department, roles.
const CAST: [(&str, &str, Option<&str>, &[Role]); 7] = [
    (TOP, "asakura", None, &[Role::TopManagement, Role::PlatformAdmin]),
    (CHAIR, "iida", Some(OFFICE), &[Role::SecurityCommitteeChair]),
    (SECRETARY, "ueno", Some(OFFICE), &[Role::IsmsSecretariat, Role::DocumentController]),
    (AUDIT_MANAGER, "endo", Some(OFFICE), &[Role::InternalAuditManager]),
    (AUDITOR, "okada", Some(OFFICE), &[Role::InternalAuditor]),
    (TRAINER, "kato", Some(OFFICE), &[Role::TrainingManager]),
    (MANAGER, "kinoshita", Some(SALES), &[Role::DepartmentManager]),
];

/// Today in Tokyo.
pub(super) fn today(world: &World) -> String {
    ahead(world, 0)
}

/// So many days from today.
pub(super) fn ahead(world: &World, days: u64) -> String {
    let today = (world.clock.now() + TimeDelta::hours(9)).date_naive();
    (today + Days::new(days)).to_string()
}

/// The id of the person with this name.
pub(super) async fn person(world: &World, name: &str) -> String {
    id_of(world, TOP, "/v1/persons?limit=200", "name", name).await
}

/// The id of the department with this name.
pub(super) async fn department(world: &World, name: &str) -> String {
    id_of(world, TOP, "/v1/departments", "name", name).await
}

/// The id at the end of a path.
pub(super) fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// The founder sets the service up, becomes the secretariat until there is one, and brings everybody in: departments,
/// people, logins, positions, appointments.
pub(super) async fn is_founded(world: &mut World) {
    let setup = json!({ "setup_token": setup_token(&world.location).await, "organization_name": "株式会社ことはじめ",
        "person_name": TOP, "email": address("asakura"), "password": PASSWORD });
    world.post("/v1/setup").json(setup).send().await.expect(201);
    enters(world, TOP, "asakura").await;
    let interim = appoint(world, TOP, Role::IsmsSecretariat, None).await;
    enters(world, TOP, "asakura").await;

    for name in [OFFICE, SALES] {
        create(world, TOP, "/v1/departments", json!({ "name": name })).await.expect(201);
    }
    for (name, local, of, _) in CAST.into_iter().skip(1) {
        let of = department(world, of.expect("a department")).await;
        let draft = json!({ "name": name, "email": address(local), "worker_kind": "regular", "department_id": of,
            "joined_on": today(world) });
        let person = create(world, TOP, "/v1/persons", draft).await.expect(201).id();
        let principal = create(world, TOP, "/v1/principals", json!({ "person_id": person })).await.expect(201);
        let link = create(world, TOP, &format!("{}/invitations", principal.header("location")), json!({})).await;
        let password = json!({ "token": link.expect(201).json()["token"], "password": PASSWORD });
        world.post("/v1/password-settings").json(password).send().await.expect(204);
    }
    let head = json!({ "title": "営業部長", "department_id": department(world, SALES).await, "is_head": true });
    let head = create(world, TOP, "/v1/positions", head).await.expect(201).header("location");
    let to = json!({ "person_id": person(world, MANAGER).await, "starts_on": today(world) });
    take(world, TOP, &head, "handover", to).await.expect(200);

    for (name, local, of, roles) in CAST.into_iter().skip(1) {
        for role in roles {
            let of = of.filter(|_| *role == Role::DepartmentManager);
            appoint(world, name, *role, of).await;
        }
        enters(world, name, local).await;
    }
    let laid_down = json!({ "ends_on": "2024-03-31", "reason": "事務局が決まった" });
    take(world, CHAIR, &interim, "end", laid_down).await.expect(200);
    enters(world, TOP, "asakura").await;
}

fn address(local: &str) -> String {
    format!("{local}@kotohajime.example")
}

/// Proposes somebody for a role; who appoints to it approves: top management the chair and the audit manager, the chair the
/// others but the auditors. While there is no chair, top management stands in.
async fn appoint(world: &World, name: &str, role: Role, department_name: Option<&str>) -> String {
    let mut draft = json!({ "role": role, "person_id": person(world, name).await, "starts_on": today(world) });
    if let Some(name) = department_name {
        draft["department_id"] = json!(department(world, name).await);
    }
    let path = create(world, TOP, "/v1/appointments", draft).await.expect(201).header("location");
    let chair = world.people.first.iter().any(|person| person.name == CHAIR);
    let approver = match role {
        Role::SecurityCommitteeChair | Role::InternalAuditManager => TOP,
        Role::InternalAuditor => AUDIT_MANAGER,
        _ => {
            if chair {
                CHAIR
            } else {
                TOP
            }
        }
    };
    take(world, approver, &path, "approval", Value::Null).await.expect(200);
    path
}

/// Somebody logs in and makes themselves a token for everything that they may do.
async fn enters(world: &mut World, name: &str, local: &str) {
    let login = log_in(world, &address(local), PASSWORD).await.expect(201).json();
    let session = login["access_token"].as_str().expect("a token");
    let me = world.get("/v1/me").token(session).send().await.expect(200).json();
    let scopes: Value = me["grants"].as_array().expect("grants").iter().map(|grant| grant["scope"].clone()).collect();
    let until = world.clock.now() + TimeDelta::days(366);
    let draft = json!({ "name": "毎日の仕事", "scopes": scopes, "expires_at": until });
    let token = world.post("/v1/access-tokens").token(session).json(draft).send().await.expect(201).json();
    let token = token["token"].as_str().expect("the token itself").to_owned();
    let everybody = &mut world.people.first;
    everybody.retain(|person| person.name != name);
    everybody.push(Inhabitant { name: name.to_owned(), roles: Vec::new(), token });
}

/// A year has gone by.
pub(super) async fn enters_its_second_year(world: &mut World) {
    world.wait(TimeDelta::days(365));
    for (name, local, ..) in CAST {
        enters(world, name, local).await;
    }
    assert_eq!(read(world, SECRETARY, "/v1/me").await["today"], today(world));
}
