//! Persons: everybody who works here.

use chrono::TimeDelta;
use mamori_domain::access::Role;
use serde_json::{Value, json};

use crate::harness::{Reply, World, on_both};

async fn enter(world: &World, draft: Value) -> Reply {
    world.post("/v1/persons").role(Role::HrOfficer).json(draft).send().await
}

/// The names that a list of persons shows to the holder of this role.
async fn names(world: &World, role: Role, query: &str) -> Vec<String> {
    let list = world.get(format!("/v1/persons?limit=200{query}")).role(role).send().await.expect(200).json();
    let name = |person: &Value| person["name"].as_str().unwrap_or_default().to_owned();
    list["items"].as_array().into_iter().flatten().map(name).collect()
}

fn newcomer() -> Value {
    json!({ "name": "架空 太郎", "name_kana": "かくう たろう", "employee_number": "K-7001",
        "email": "kakuu@moriya.example", "worker_kind": "dispatched", "joined_on": "2024-04-02" })
}

#[actix_web::test]
async fn somebody_joins_works_and_leaves_by_the_calendar() {
    on_both(|world| async move {
        let made = enter(&world, newcomer()).await.expect(201);
        assert_eq!(made.json()["state"], "joining");
        let states = async || {
            let mut found = Vec::new();
            for state in ["joining", "working", "left"] {
                if names(&world, Role::HrOfficer, &format!("&q=架空&state={state}")).await == ["架空 太郎"] {
                    found.push(state);
                }
            }
            found
        };
        assert_eq!(states().await, ["joining"]);
        let path = made.header("location");
        let leave = world.patch(&path).role(Role::HrOfficer).having_read(&made);
        leave.json(json!({ "left_on": "2024-04-03" })).send().await.expect(200);
        for (day, state) in [(2, "working"), (3, "working"), (4, "left")] {
            world.wait(TimeDelta::days(1));
            assert_eq!(states().await, [state], "2024-04-{day}");
            let read = world.get(&path).role(Role::HrOfficer).send().await.expect(200);
            assert_eq!(read.json()["state"], state);
        }
        assert_eq!(names(&world, Role::HrOfficer, "&worker_kind=dispatched").await, ["架空 太郎"]);
        for q in ["架空", "かくう", "カクウ", "K-7001", "k-7001", "kakuu@"] {
            assert_eq!(names(&world, Role::HrOfficer, &format!("&q={q}")).await, ["架空 太郎"], "{q}");
        }
        assert_eq!(names(&world, Role::HrOfficer, "&q=%25").await, Vec::<String>::new(), "a sign, not a pattern");
        let department = world.first_id("/v1/departments?q=営業部").await;
        let sales = names(&world, Role::HrOfficer, &format!("&department_id={department}&sort=-joined_on")).await;
        assert_eq!(sales, ["小林 恵", "中村 隆", "高橋 花"]);
    })
    .await;
}

#[actix_web::test]
async fn workers_see_themselves_and_managers_their_department() {
    on_both(|world| async move {
        assert_eq!(names(&world, Role::Employee, "").await, ["高橋 花"]);
        let mut sales = names(&world, Role::DepartmentManager, "").await;
        sales.sort();
        assert_eq!(sales, ["中村 隆", "小林 恵", "高橋 花"]);
        assert_eq!(names(&world, Role::IsmsSecretariat, "").await.len(), 17);
        let path = format!("/v1/persons/{}", world.first_id("/v1/persons?q=田中").await);
        for role in [Role::Employee, Role::DepartmentManager] {
            world.get(&path).role(role).send().await.expect(404);
        }
        world.get(&path).person("林 一郎").send().await.expect(404);
        let own = world.get(format!("/v1/persons/{}", world.first_id("/v1/persons?q=高橋").await));
        let own = own.role(Role::Employee).send().await.expect(200);
        let change = world.patch(format!("/v1/persons/{}", own.id())).role(Role::Employee).having_read(&own);
        assert_eq!(change.json(json!({ "name": "高橋 華" })).send().await.expect(403).code(), "not_granted");
    })
    .await;
}

#[actix_web::test]
async fn what_is_unique_and_what_belongs_together() {
    on_both(|world| async move {
        enter(&world, newcomer()).await.expect(201);
        for (field, value) in [("email", "Kakuu@Moriya.example"), ("employee_number", "K-7001")] {
            let mut draft = json!({ "name": "別人", "worker_kind": "regular", "joined_on": "2024-04-01" });
            draft[field] = json!(value);
            let refused = enter(&world, draft).await.expect(409);
            assert_eq!(
                (refused.code(), &refused.json()["params"]["field"]),
                ("already_exists".into(), &json!(format!("/{field}")))
            );
        }
        // Two of one name are two people.
        let mut second = newcomer();
        for field in ["email", "employee_number"] {
            second[field] = json!(null);
        }
        enter(&world, second).await.expect(201);
        let fault = |reply: Reply| reply.expect(422).faults().remove(0);
        let with = |field: &str, value: Value| {
            let mut draft = json!({ "name": "別人", "worker_kind": "regular", "joined_on": "2024-04-01" });
            draft[field] = value;
            draft
        };
        let unknown = with("department_id", json!("0190c6a0-0000-7000-8000-000000000000"));
        assert_eq!(fault(enter(&world, unknown).await), ("/department_id".into(), "unknown_reference".into()));
        let early = with("left_on", json!("2024-03-31"));
        assert_eq!(fault(enter(&world, early).await), ("/left_on".into(), "date_order".into()));
        for email in ["x", "x@", "@moriya.example", "a b@moriya.example", "x@-"] {
            assert_eq!(
                fault(enter(&world, with("email", json!(email))).await),
                ("/email".into(), "invalid_format".into()),
                "{email}"
            );
        }
        assert_eq!(
            fault(enter(&world, with("worker_kind", json!("robot"))).await),
            ("/worker_kind".into(), "not_in_list".into())
        );
        assert_eq!(fault(enter(&world, with("id", json!("1"))).await).0, "/id");
    })
    .await;
}

#[actix_web::test]
async fn events_tell_that_personal_attributes_changed_but_not_what_they_are() {
    on_both(|world| async move {
        let made = enter(&world, newcomer()).await.expect(201);
        let path = made.header("location");
        let change = json!({ "email": "taro@moriya.example", "name_kana": null, "worker_kind": "regular" });
        let changed = world.patch(&path).role(Role::HrOfficer).having_read(&made).json(change).send().await.expect(200);
        let principal = json!({ "person_id": made.id() });
        let principal = world.post("/v1/principals").role(Role::PlatformAdmin).json(principal).send().await.expect(201);
        let draft = json!({ "role": "system_administrator", "person_id": made.id(), "starts_on": "2024-04-02" });
        world.post("/v1/appointments").role(Role::IsmsSecretariat).json(draft).send().await.expect(201);
        let position = world.first_id("/v1/positions?q=人事部長").await;
        let position =
            world.get(format!("/v1/positions/{position}")).role(Role::IsmsSecretariat).send().await.expect(200);
        let hand_over = world.post(format!("/v1/positions/{}/handover", position.id())).role(Role::IsmsSecretariat);
        let hand_over = hand_over.having_read(&position);
        hand_over.json(json!({ "person_id": made.id(), "starts_on": "2024-04-02" })).send().await.expect(200);
        world.wait(TimeDelta::days(2));
        let again = world.patch(&path).role(Role::HrOfficer).having_read(&changed);
        again.json(json!({ "email": "t.kakuu@moriya.example" })).send().await.expect(200);
        // An asset that the position, and so the person, owns.
        let draft = world.asset_draft(json!({})).await;
        world.post("/v1/assets").role(Role::IsmsSecretariat).json(draft).send().await.expect(201);
        world.service.seal_all().await.expect("sealed");

        let all = world.get("/v1/events?format=jsonl").role(Role::InternalAuditor).send().await.expect(200);
        let text = String::from_utf8(all.bytes).expect("UTF-8");
        for personal in ["架空", "かくう", "K-7001", "kakuu@", "taro@", "t.kakuu"] {
            let found = text.lines().find(|line| line.contains(personal));
            assert_eq!(found, None, "{personal}");
        }
        let of = async |id: &str| {
            let path = format!("/v1/events?record={id}");
            world.get(path).role(Role::InternalAuditor).send().await.expect(200).json()["items"].clone()
        };
        let person = of(&made.id()).await;
        assert_eq!(person[0]["after"]["changed_attributes"], json!(["name", "name_kana", "employee_number", "email"]));
        assert_eq!(person[1]["after"]["changed_attributes"], json!(["name_kana", "email"]));
        assert_eq!(
            (&person[1]["before"]["worker_kind"], &person[1]["after"]["worker_kind"]),
            (&json!("dispatched"), &json!("regular"))
        );
        let principal = of(&principal.id()).await;
        assert_eq!(principal[0]["after"]["changed_attributes"], json!(["email"]));
        assert_eq!(principal[1]["after"]["changed_attributes"], json!(["email"]), "it followed the person");
        assert_eq!(principal[0]["after"]["person"]["id"], made.id());
    })
    .await;
}
