//! Positions and who holds them.

use chrono::TimeDelta;
use mamori_domain::access::Role;
use serde_json::{Value, json};

use crate::harness::{Reply, World, on_both};

async fn person(world: &World, name: &str) -> String {
    world.first_id(&format!("/v1/persons?q={name}")).await
}

async fn read(world: &World, title: &str) -> Reply {
    let id = world.first_id(&format!("/v1/positions?q={title}")).await;
    world.get(format!("/v1/positions/{id}")).role(Role::IsmsSecretariat).send().await.expect(200)
}

async fn hand_over(world: &World, position: &Reply, to: Value, starts_on: &str) -> Reply {
    let ask = world.post(format!("/v1/positions/{}/handover", position.id())).role(Role::IsmsSecretariat);
    ask.having_read(position).json(json!({ "person_id": to, "starts_on": starts_on })).send().await
}

#[actix_web::test]
async fn a_position_is_handed_over_by_date() {
    on_both(|world| async move {
        let position = read(&world, "人事部長").await;
        assert_eq!(
            (&position.json()["holder"]["name"], &position.json()["is_head"]),
            (&json!("田中 浩二"), &json!(true))
        );
        let kimura = person(&world, "木村").await;
        let handed = hand_over(&world, &position, json!(kimura), "2024-04-03").await.expect(200);
        assert_eq!(handed.json()["holder"]["name"], "田中 浩二", "until the day before");
        let holders = handed.json()["holders"].clone();
        assert_eq!(
            (&holders[0]["ends_on"], &holders[1]["starts_on"], &holders[1]["ends_on"]),
            (&json!("2024-04-02"), &json!("2024-04-03"), &json!(null))
        );
        for early in ["2024-04-03", "2024-04-02", "2020-01-01"] {
            let refused = hand_over(&world, &handed, json!(kimura), early).await.expect(422);
            assert_eq!(refused.faults(), [("/starts_on".to_owned(), "date_order".to_owned())]);
        }
        let empty = hand_over(&world, &handed, json!(null), "2024-04-05").await.expect(200);
        let head = async || {
            let id = world.first_id("/v1/departments?q=人事部").await;
            let department = world.get(format!("/v1/departments/{id}")).role(Role::Employee).send().await.expect(200);
            (read(&world, "人事部長").await.json()["holder"]["name"].clone(), department.json()["head"]["name"].clone())
        };
        for (day, name) in [
            (1, json!("田中 浩二")),
            (2, json!("田中 浩二")),
            (3, json!("木村 拓")),
            (4, json!("木村 拓")),
            (5, json!(null)),
        ] {
            assert_eq!(head().await, (name.clone(), name), "2024-04-{day}");
            world.wait(TimeDelta::days(1));
        }
        let back = hand_over(&world, &empty, json!(person(&world, "田中").await), "2024-04-06").await.expect(200);
        assert_eq!(back.json()["holder"]["name"], "田中 浩二");
        assert_eq!(back.json()["holders"].as_array().map(Vec::len), Some(3));
        for stranger in ["0190c6a0-0000-7000-8000-000000000000", &position.id()] {
            let refused = hand_over(&world, &back, json!(stranger), "2024-05-01").await.expect(422);
            assert_eq!(refused.faults(), [("/person_id".to_owned(), "unknown_reference".to_owned())]);
        }
        hand_over(&world, &handed, json!(kimura), "2024-06-01").await.expect(412);
    })
    .await;
}

#[actix_web::test]
async fn what_a_position_owns_passes_with_it() {
    on_both(|world| async move {
        // 給与データ belongs to 経理部長 (千葉), and lies outside of the department of 高橋.
        let id = world.first_id("/v1/assets?q=給与データ").await;
        let path = format!("/v1/assets/{id}");
        let position = read(&world, "経理部長").await;
        hand_over(&world, &position, json!(person(&world, "高橋").await), "2024-04-02").await.expect(200);
        let reads = async || world.get(&path).person("高橋 花").send().await.status.as_u16();
        assert_eq!(reads().await, 404);
        world.wait(TimeDelta::days(1));
        assert_eq!(reads().await, 200);
        let asset = world.get(&path).person("高橋 花").send().await.expect(200);
        assert_eq!(asset.json()["risk_owner"]["person"]["name"], "高橋 花");
        // 千葉 still works in the department that manages it.
        world.get(&path).person("千葉 理恵").send().await.expect(200);
        let position = read(&world, "経理部長").await;
        hand_over(&world, &position, json!(null), "2024-04-03").await.expect(200);
        world.wait(TimeDelta::days(1));
        assert_eq!(reads().await, 404);
    })
    .await;
}

#[actix_web::test]
async fn a_department_has_one_head_and_every_title_once() {
    on_both(|world| async move {
        let department = world.first_id("/v1/departments?q=人事部").await;
        let create =
            async |draft: Value| world.post("/v1/positions").role(Role::IsmsSecretariat).json(draft).send().await;
        let second = json!({ "title": "人事本部長", "department_id": department, "is_head": true });
        let refused = create(second).await.expect(409);
        assert_eq!((refused.code(), &refused.json()["params"]["field"]), ("already_exists".into(), &json!("/is_head")));
        let same = create(json!({ "title": "人事部長", "department_id": department })).await.expect(409);
        assert_eq!((same.code(), &same.json()["params"]["field"]), ("already_exists".into(), &json!("/title")));
        let deputy = create(json!({ "title": "人事次長", "department_id": department })).await.expect(201);
        assert_eq!(
            (&deputy.json()["is_head"], &deputy.json()["holder"], &deputy.json()["holders"]),
            (&json!(false), &json!(null), &json!([]))
        );
        let make_head = async |position: &Reply, is_head: bool| {
            let ask = world.patch(format!("/v1/positions/{}", position.id())).role(Role::IsmsSecretariat);
            ask.having_read(position).json(json!({ "is_head": is_head })).send().await
        };
        assert_eq!(make_head(&deputy, true).await.expect(409).code(), "already_exists");
        make_head(&read(&world, "人事部長").await, false).await.expect(200);
        let head = make_head(&deputy, true).await.expect(200);
        hand_over(&world, &head, json!(person(&world, "木村").await), "2024-04-01").await.expect(200);
        let shown = world.get(format!("/v1/departments/{department}")).role(Role::Employee).send().await.expect(200);
        assert_eq!(shown.json()["head"]["name"], "木村 拓");
        let elsewhere = world.first_id("/v1/departments?q=総務部").await;
        create(json!({ "title": "人事部長", "department_id": elsewhere })).await.expect(201);
        let unknown = json!({ "title": "x", "department_id": "0190c6a0-0000-7000-8000-000000000000" });
        assert_eq!(
            create(unknown).await.expect(422).faults(),
            [("/department_id".to_owned(), "unknown_reference".to_owned())]
        );
    })
    .await;
}
