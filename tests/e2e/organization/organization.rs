//! The organization and its settings.

use chrono::TimeDelta;
use mamori_domain::access::Role;
use serde_json::{Value, json};

use crate::harness::{Reply, World, on_both};

async fn read(world: &World) -> Reply {
    world.get("/v1/organization").role(Role::IsmsSecretariat).send().await.expect(200)
}

async fn revise(world: &World, patch: Value) -> Reply {
    let before = read(world).await;
    world.patch("/v1/organization").role(Role::IsmsSecretariat).having_read(&before).json(patch).send().await
}

async fn today(world: &World) -> Value {
    world.get("/v1/me").role(Role::IsmsSecretariat).send().await.expect(200).json()["today"].clone()
}

#[actix_web::test]
async fn every_change_of_the_settings_is_a_version() {
    on_both(|world| async move {
        let before = read(&world).await;
        assert_eq!(before.json()["name"], "守屋商事株式会社");
        assert_eq!(
            (&before.json()["fiscal_year_start_month"], &before.json()["time_zone"]),
            (&json!(4), &json!("Asia/Tokyo"))
        );
        assert_eq!(before.json()["classifications"].as_array().map(Vec::len), Some(3));
        assert_eq!(before.json()["intervals"]["internal_audit_months"], 12);
        world.wait(TimeDelta::hours(1));
        let patch = json!({ "fiscal_year_start_month": 1, "intervals": { "internal_audit_months": 6 } });
        let revised = revise(&world, patch).await.expect(200);
        assert_eq!((&revised.json()["fiscal_year_start_month"], &revised.json()["revision"]), (&json!(1), &json!(2)));
        let intervals = &revised.json()["intervals"];
        assert_eq!(
            (&intervals["internal_audit_months"], &intervals["risk_assessment_months"]),
            (&json!(6), &json!(12))
        );

        let stale = world.patch("/v1/organization").role(Role::IsmsSecretariat).having_read(&before);
        assert_eq!(stale.json(json!({ "level": "lv1_quick" })).send().await.expect(412).code(), "stale");
        let blind = world.patch("/v1/organization").role(Role::IsmsSecretariat).json(json!({ "level": "lv1_quick" }));
        blind.send().await.expect(428);
        let rehearsed = world.patch("/v1/organization?validate_only=true").role(Role::IsmsSecretariat);
        rehearsed.having_read(&revised).json(json!({ "level": "lv1_quick" })).send().await.expect(200);

        let list = world.get("/v1/organization/settings-versions").role(Role::Employee).send().await.expect(200);
        let versions = list.json()["items"].clone();
        assert_eq!(versions.as_array().map(Vec::len), Some(2));
        assert_eq!((&versions[0]["version"], &versions[0]["changed_by"]), (&json!(2), &json!("上田 直樹")));
        assert_eq!(versions[0]["in_force_at"], "2024-04-01T01:00:00Z");
        assert_eq!(versions[0]["settings"]["fiscal_year_start_month"], 1);
        assert_eq!(
            (&versions[1]["version"], &versions[1]["settings"]["fiscal_year_start_month"]),
            (&json!(1), &json!(4))
        );
        let page =
            world.get("/v1/organization/settings-versions?limit=1&sort=version").role(Role::Employee).send().await;
        let page = page.expect(200).json();
        assert_eq!(page["items"][0]["version"], 1);
        let next = format!(
            "/v1/organization/settings-versions?limit=1&sort=version&cursor={}",
            page["next"].as_str().unwrap_or_default()
        );
        assert_eq!(world.get(next).role(Role::Employee).send().await.expect(200).json()["items"][0]["version"], 2);
    })
    .await;
}

#[actix_web::test]
async fn the_zone_decides_what_day_it_is() {
    on_both(|world| async move {
        // A day on: what begins on the first day must have begun on both sides of the ocean.
        world.wait(TimeDelta::days(1));
        assert_eq!(today(&world).await, "2024-04-02");
        revise(&world, json!({ "time_zone": "America/Los_Angeles" })).await.expect(200);
        assert_eq!(today(&world).await, "2024-04-01", "17:00 of the day before");
        let id = world.first_id("/v1/assets").await;
        let asset = world.get(format!("/v1/assets/{id}")).role(Role::IsmsSecretariat).send().await.expect(200);
        let dispose = async |day: &str| {
            let ask = world.post(format!("/v1/assets/{id}/disposal")).role(Role::IsmsSecretariat).having_read(&asset);
            ask.json(json!({ "disposed_on": day, "reason": "廃棄" })).send().await
        };
        let refused = dispose("2024-04-02").await.expect(422);
        assert_eq!(refused.faults(), [("/disposed_on".to_owned(), "future_date".to_owned())]);
        world.wait(TimeDelta::hours(7) - TimeDelta::seconds(1));
        dispose("2024-04-02").await.expect(422);
        world.wait(TimeDelta::seconds(1));
        assert_eq!(today(&world).await, "2024-04-02");
        dispose("2024-04-02").await.expect(200);
        // The zone of another organization is its own.
        let there = world.get("/v1/me").person("林 一郎").send().await.expect(200).json();
        assert_eq!(there["today"], "2024-04-02");
    })
    .await;
}

#[actix_web::test]
async fn faults_are_named_where_they_are() {
    on_both(|world| async move {
        let faults = async |patch: Value| revise(&world, patch).await.expect(422).faults();
        let fault = |pointer: &str, code: &str| vec![(pointer.to_owned(), code.to_owned())];
        for month in [json!(0), json!(13), json!(256), json!(-1)] {
            assert_eq!(faults(json!({ "fiscal_year_start_month": month })).await, fault("/fiscal_year_start_month", "out_of_range"));
        }
        assert_eq!(faults(json!({ "fiscal_year_start_month": "四月" })).await, fault("/fiscal_year_start_month", "wrong_type"));
        assert_eq!(faults(json!({ "time_zone": "Mars/Olympus" })).await, fault("/time_zone", "invalid_format"));
        assert_eq!(faults(json!({ "name": "" })).await, fault("/name", "too_short"));
        assert_eq!(faults(json!({ "name": null })).await, fault("/name", "required"));
        assert_eq!(faults(json!({ "nickname": "x" })).await, fault("/nickname", "unknown_field"));
        assert_eq!(faults(json!({ "level": "lv4" })).await, fault("/level", "not_in_list"));
        let several = faults(json!({ "intervals": { "internal_audit_months": 0, "joiner_education_days": 366 } })).await;
        assert_eq!(several, [fault("/intervals/internal_audit_months", "out_of_range"),
            fault("/intervals/joiner_education_days", "out_of_range")].concat());
        let class = |code: &str, rank: i64| json!({ "code": code, "label": "x", "rank": rank, "approving_authority": "not_needed" });
        let twice = faults(json!({ "classifications": [class("a", 0), class("a", 0)] })).await;
        assert_eq!(twice, [fault("/classifications/1/code", "duplicate"), fault("/classifications/1/rank", "duplicate")].concat());
        let form = faults(json!({ "classifications": [class("Secret", 0)] })).await;
        assert_eq!(form, fault("/classifications/0/code", "invalid_format"));
        assert_eq!(faults(json!({ "classifications": [] })).await, fault("/classifications", "too_short"));
        assert_eq!(read(&world).await.json()["revision"], 1, "nothing was changed");
    })
    .await;
}

#[actix_web::test]
async fn who_may_change_them() {
    on_both(|world| async move {
        let before = read(&world).await;
        // (Top management of the sample is also a platform administrator, who may.)
        for role in [Role::Employee, Role::InternalAuditManager, Role::DepartmentManager] {
            world.get("/v1/organization").role(role).send().await.expect(200);
            let ask = world.patch("/v1/organization").role(role).having_read(&before);
            assert_eq!(ask.json(json!({ "level": "lv1_quick" })).send().await.expect(403).code(), "not_granted");
        }
        let ask = world.patch("/v1/organization").role(Role::SecurityCommitteeChair).having_read(&before);
        ask.json(json!({ "level": "lv2_baseline" })).send().await.expect(200);
        let there = world.get("/v1/organization").person("林 一郎").send().await.expect(200).json();
        assert_eq!((&there["level"], &there["revision"]), (&json!("lv3_comprehensive"), &json!(1)));
    })
    .await;
}
