//! The tree of departments.

use mamori_domain::access::Role;
use serde_json::{Value, json};

use crate::{
    harness::{Reply, World, on_both},
    planning::steps::{SECRETARY, create, person, take},
};

async fn establish(world: &World, draft: Value) -> Reply {
    world.post("/v1/departments").role(Role::IsmsSecretariat).json(draft).send().await
}

async fn read(world: &World, id: &str) -> Reply {
    world.get(format!("/v1/departments/{id}")).role(Role::IsmsSecretariat).send().await.expect(200)
}

async fn revise(world: &World, id: &str, patch: Value) -> Reply {
    let before = read(world, id).await;
    let ask = world.patch(format!("/v1/departments/{id}")).role(Role::IsmsSecretariat).having_read(&before);
    ask.json(patch).send().await
}

async fn abolish(world: &World, id: &str) -> Reply {
    let before = read(world, id).await;
    let ask = world.post(format!("/v1/departments/{id}/abolition")).role(Role::IsmsSecretariat).having_read(&before);
    ask.json(json!({ "abolished_on": "2024-04-01", "reason": "組織変更" })).send().await
}

async fn id_of(world: &World, name: &str) -> String {
    world.first_id(&format!("/v1/departments?q={name}")).await
}

fn fault(pointer: &str, code: &str) -> Vec<(String, String)> {
    vec![(pointer.to_owned(), code.to_owned())]
}

#[actix_web::test]
async fn departments_hang_under_each_other_without_a_circle() {
    on_both(|world| async move {
        let sales = id_of(&world, "営業部").await;
        let first = establish(&world, json!({ "name": "営業一課", "parent_id": sales })).await.expect(201);
        assert_eq!(first.json()["parent"]["name"], "営業部");
        let team = establish(&world, json!({ "name": "東京班", "parent_id": first.id() })).await.expect(201);
        for below in [&sales, &first.id(), &team.id()] {
            let refused = revise(&world, &sales, json!({ "parent_id": below })).await.expect(422);
            assert_eq!(refused.faults(), fault("/parent_id", "contradiction"));
        }
        for unknown in ["0190c6a0-0000-7000-8000-000000000000", &world.first_id("/v1/persons").await] {
            let refused = establish(&world, json!({ "name": "幽霊課", "parent_id": unknown })).await.expect(422);
            assert_eq!(refused.faults(), fault("/parent_id", "unknown_reference"));
        }
        // To the top, and under another one with everything below it.
        revise(&world, &first.id(), json!({ "parent_id": null })).await.expect(200);
        revise(&world, &sales, json!({ "parent_id": first.id() })).await.expect(200);
        let refused = revise(&world, &first.id(), json!({ "parent_id": sales })).await.expect(422);
        assert_eq!(refused.faults(), fault("/parent_id", "contradiction"));
        assert_eq!(read(&world, &team.id()).await.json()["parent"]["name"], "営業一課");
    })
    .await;
}

#[actix_web::test]
async fn two_that_hang_under_each_other_at_once_make_no_circle() {
    on_both(|world| async move {
        let one = establish(&world, json!({ "name": "一課" })).await.expect(201);
        let other = establish(&world, json!({ "name": "二課" })).await.expect(201);
        let (one, other) = futures_util::future::join(
            revise(&world, &one.id(), json!({ "parent_id": other.id() })),
            revise(&world, &other.id(), json!({ "parent_id": one.id() })),
        )
        .await;
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 422]);
    })
    .await;
}

#[actix_web::test]
async fn the_reach_of_a_manager_follows_the_tree() {
    on_both(|world| async move {
        let sales = id_of(&world, "営業部").await;
        let first = establish(&world, json!({ "name": "営業一課", "parent_id": sales })).await.expect(201);
        let team = establish(&world, json!({ "name": "東京班", "parent_id": first.id() })).await.expect(201);
        let person = json!({ "name": "新人 一子", "worker_kind": "regular", "joined_on": "2024-04-01",
            "department_id": team.id() });
        let person = world.post("/v1/persons").role(Role::HrOfficer).json(person).send().await.expect(201);
        let path = format!("/v1/persons/{}", person.id());
        world.get(&path).role(Role::DepartmentManager).send().await.expect(200);
        let general = id_of(&world, "総務部").await;
        revise(&world, &first.id(), json!({ "parent_id": general })).await.expect(200);
        world.get(&path).role(Role::DepartmentManager).send().await.expect(404);
        revise(&world, &team.id(), json!({ "parent_id": sales })).await.expect(200);
        world.get(&path).role(Role::DepartmentManager).send().await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn names_are_unique_among_those_that_exist() {
    on_both(|world| async move {
        let personnel = id_of(&world, "人事部").await;
        for same in ["人事部", " 人事部 "] {
            let refused = establish(&world, json!({ "name": same })).await.expect(409);
            let params = &refused.json()["params"];
            assert_eq!(
                (refused.code(), &params["field"], &params["id"]),
                ("already_exists".into(), &json!("/name"), &json!(personnel))
            );
        }
        let made = establish(&world, json!({ "name": "サーバ管理課" })).await.expect(201);
        establish(&world, json!({ "name": "ｻｰﾊﾞ管理課" })).await.expect(409);
        revise(&world, &made.id(), json!({ "name": "人事部" })).await.expect(409);
        revise(&world, &made.id(), json!({ "name": "サーバー管理課" })).await.expect(200);
        abolish(&world, &made.id()).await.expect(200);
        establish(&world, json!({ "name": "サーバー管理課" })).await.expect(201);
        // Another organization has its own names.
        world.post("/v1/departments").person("林 一郎").json(json!({ "name": "人事部" })).send().await.expect(201);
    })
    .await;
}

#[actix_web::test]
async fn only_what_nothing_hangs_on_is_abolished() {
    on_both(|world| async move {
        assert_eq!(
            abolish(&world, &id_of(&world, "営業部").await).await.expect(409).code(),
            "in_use",
            "people work there"
        );
        let above = establish(&world, json!({ "name": "本部" })).await.expect(201);
        let below = establish(&world, json!({ "name": "一課", "parent_id": above.id() })).await.expect(201);
        assert_eq!(abolish(&world, &above.id()).await.expect(409).code(), "in_use", "a department hangs under it");
        // An asset that it manages.
        let draft = world.asset_draft(json!({ "managing_department_id": below.id() })).await;
        let asset = world.post("/v1/assets").role(Role::IsmsSecretariat).json(draft).send().await.expect(201);
        assert_eq!(abolish(&world, &below.id()).await.expect(409).code(), "in_use");
        let ask = world.post(format!("/v1/assets/{}/disposal", asset.id())).role(Role::IsmsSecretariat);
        let ask = ask.having_read(&asset).json(json!({ "disposed_on": "2024-04-01", "reason": "廃棄" }));
        ask.send().await.expect(200);
        // A position that somebody holds.
        let draft = json!({ "title": "一課長", "department_id": below.id(), "is_head": true });
        let position = world.post("/v1/positions").role(Role::IsmsSecretariat).json(draft).send().await.expect(201);
        let hand_over = async |position: &Reply, body: Value| {
            let ask = world.post(format!("/v1/positions/{}/handover", position.id())).role(Role::IsmsSecretariat);
            ask.having_read(position).json(body).send().await.expect(200)
        };
        let holder = world.first_id("/v1/persons?q=高橋").await;
        let held = hand_over(&position, json!({ "person_id": holder, "starts_on": "2024-03-01" })).await;
        assert_eq!(abolish(&world, &below.id()).await.expect(409).code(), "in_use");
        hand_over(&held, json!({ "person_id": null, "starts_on": "2024-04-01" })).await;

        let gone = abolish(&world, &below.id()).await.expect(200);
        assert_eq!(
            (&gone.json()["abolished_on"], &gone.json()["abolition_reason"]),
            (&json!("2024-04-01"), &json!("組織変更"))
        );
        abolish(&world, &above.id()).await.expect(200);
        assert_eq!(abolish(&world, &below.id()).await.expect(409).code(), "wrong_state");
        assert_eq!(revise(&world, &below.id(), json!({ "name": "二課" })).await.expect(409).code(), "wrong_state");
        let list = async |query: &str| {
            let list =
                world.get(format!("/v1/departments?q=一課{query}")).role(Role::Employee).send().await.expect(200);
            list.json()["items"].as_array().map(Vec::len)
        };
        assert_eq!((list("").await, list("&include_abolished=true").await), (Some(0), Some(1)));
        // Nothing new hangs on it.
        let refused = establish(&world, json!({ "name": "三課", "parent_id": below.id() })).await.expect(422);
        assert_eq!(refused.faults(), fault("/parent_id", "unknown_reference"));
        let person = json!({ "name": "新人 一子", "worker_kind": "regular", "joined_on": "2024-04-01",
            "department_id": below.id() });
        let refused = world.post("/v1/persons").role(Role::HrOfficer).json(person).send().await.expect(422);
        assert_eq!(refused.faults(), fault("/department_id", "unknown_reference"));
        let position = json!({ "title": "課長", "department_id": below.id() });
        let refused = world.post("/v1/positions").role(Role::IsmsSecretariat).json(position).send().await.expect(422);
        assert_eq!(refused.faults(), fault("/department_id", "unknown_reference"));
    })
    .await;
}

#[actix_web::test]
async fn what_live_records_name_is_not_abolished() {
    on_both(|world| async move {
        let (manager, trainer) = (person(&world, "小林 恵").await, person(&world, "木村 拓").await);
        let because = |day: &str| json!({ day: "2024-04-01", "reason": "組織変更" });
        let named = [
            (
                "/v1/objectives",
                json!({
                    "objective": "事故を減らす", "additional": true, "measuring_interval_months": 6,
                    "metric": { "name": "事故", "unit": "件", "comparison": "at_most", "target_value": "2" },
                    "action": "周知", "required_resources": "時間", "due": "2024-09", "evaluation_method": "数える",
                    "responsible_person_id": trainer,
                }),
                ("end", because("ended_on")),
            ),
            (
                "/v1/resources",
                json!({
                    "category": "money", "description": "費用", "needed_by": "2024-09", "responsible_person_id": trainer,
                }),
                ("withdrawal", json!({ "reason": "組織変更" })),
            ),
            (
                "/v1/suppliers",
                json!({
                    "name": "つばめ運送", "kind": "supplier", "services": "発送", "handles_personal_data": false,
                    "starts_on": "2024-04-01", "evaluation_interval_months": 6, "responsible_person_id": trainer,
                }),
                ("exit", json!({ "ended_on": "2024-04-01", "reason": "組織変更", "data": "none_held" })),
            ),
            (
                "/v1/risks",
                json!({
                    "risk_source": "施錠の不備", "impact_area": "全社", "event": "侵入", "cause": "施錠忘れ",
                    "consequence": "盗難", "risk_owner_person_id": trainer, "stated_importance": 2,
                }),
                ("closure", because("closed_on")),
            ),
            (
                "/v1/appointments",
                json!({ "role": "department_manager", "person_id": manager, "starts_on": "2024-04-01" }),
                ("end", json!({ "ends_on": "2024-04-01", "reason": "組織変更" })),
            ),
        ];
        for (at, (list, mut draft, (step, body))) in named.into_iter().enumerate() {
            let department = establish(&world, json!({ "name": format!("準備室{at}") })).await.expect(201).id();
            draft["department_id"] = json!(department);
            let path = create(&world, SECRETARY, list, draft).await.expect(201).header("location");
            assert_eq!(abolish(&world, &department).await.expect(409).code(), "in_use", "{list}");
            take(&world, SECRETARY, &path, step, body).await.expect(200);
            abolish(&world, &department).await.expect(200);
        }
    })
    .await;
}

#[actix_web::test]
async fn the_head_is_shown() {
    on_both(|world| async move {
        let personnel = read(&world, &id_of(&world, "人事部").await).await;
        assert_eq!(personnel.json()["head"]["name"], "田中 浩二");
        let list = world.get("/v1/departments").role(Role::Employee).send().await.expect(200).json();
        let heads: Vec<_> = list["items"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|department| {
                (department["name"].as_str().unwrap_or_default().to_owned(), department["head"]["name"].clone())
            })
            .collect();
        assert_eq!(heads.len(), 6);
        assert!(heads.contains(&("営業部".to_owned(), json!("中村 隆"))));
    })
    .await;
}

#[actix_web::test]
async fn a_name_has_two_hundred_characters_at_most() {
    on_both(|world| async move {
        let create = async |name: String| {
            let ask = world.post("/v1/departments?validate_only=true").role(Role::IsmsSecretariat);
            ask.json(json!({ "name": name })).send().await
        };
        create("部".repeat(200)).await.expect(201);
        let refused = create("部".repeat(201)).await.expect(422);
        assert_eq!(refused.faults(), [("/name".to_owned(), "too_long".to_owned())]);
    })
    .await;
}
