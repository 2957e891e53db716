//! Principals: who may log in.

use chrono::TimeDelta;
use mamori_domain::access::Role;
use serde_json::{Value, json};

use super::session::{PASSWORD, link, log_in, me, pair, principal_of, refresh, set_password, with_password};
use crate::harness::{Reply, World, on_both};

/// Somebody new, entered by the HR officer.
async fn enter(world: &World, draft: Value) -> Reply {
    world.post("/v1/persons").role(Role::HrOfficer).json(draft).send().await.expect(201)
}

async fn deactivate(world: &World, principal: &Reply) -> Reply {
    let path = format!("/v1/principals/{}/deactivation", principal.id());
    let ask = world.post(path).role(Role::PlatformAdmin).having_read(principal);
    ask.json(json!({ "reason": "異動のため" })).send().await
}

#[actix_web::test]
async fn a_person_is_given_a_login_and_invited() {
    on_both(|world| async move {
        let person = enter(
            &world,
            json!({ "name": "新人 一子", "email": "Ichiko@moriya.example", "worker_kind": "regular",
                "joined_on": "2024-04-01" }),
        )
        .await;
        let draft = json!({ "person_id": person.id() });
        let ask = || world.post("/v1/principals").json(draft.clone());
        for role in [Role::IsmsSecretariat, Role::SecurityCommitteeChair, Role::HrOfficer, Role::Employee] {
            assert_eq!(ask().role(role).send().await.expect(403).code(), "not_granted");
        }
        let made = ask().role(Role::PlatformAdmin).send().await.expect(201);
        assert_eq!((&made.json()["state"], &made.json()["has_password"]), (&json!("invited"), &json!(false)));
        assert_eq!(made.json()["email"], "ichiko@moriya.example");
        assert_eq!(ask().role(Role::PlatformAdmin).send().await.expect(409).code(), "already_exists");
        log_in(&world, "ichiko@moriya.example", PASSWORD).await.expect(401);

        let reset = world.post(format!("/v1/principals/{}/password-resets", made.id())).role(Role::PlatformAdmin);
        assert_eq!(reset.send().await.expect(409).code(), "wrong_state", "there is nothing to reset yet");
        let token = link(&world, &made, "invitations").await;
        set_password(&world, &token, PASSWORD).await.expect(204);
        let (access, _) = pair(&log_in(&world, "ichiko@moriya.example", PASSWORD).await.expect(201));
        assert_eq!(me(&world, &access).await.expect(200).json()["person"]["name"], "新人 一子");
        let read = principal_of(&world, "新人").await;
        assert_eq!((&read.json()["state"], &read.json()["has_password"]), (&json!("active"), &json!(true)));
        let invite = world.post(format!("/v1/principals/{}/invitations", made.id())).role(Role::PlatformAdmin);
        assert_eq!(invite.send().await.expect(409).code(), "wrong_state");

        let nobody = json!({ "person_id": "0190c6a0-0000-7000-8000-000000000000" });
        let refused = world.post("/v1/principals").role(Role::PlatformAdmin).json(nobody).send().await.expect(422);
        assert_eq!(refused.faults(), [("/person_id".to_owned(), "unknown_reference".to_owned())]);
        let silent = json!({ "name": "新人 二子", "worker_kind": "part_time", "joined_on": "2024-04-01" });
        let silent = json!({ "person_id": enter(&world, silent).await.id() });
        let refused = world.post("/v1/principals").role(Role::PlatformAdmin).json(silent).send().await.expect(409);
        assert_eq!((refused.code(), refused.faults()[0].0.as_str()), ("not_ready".into(), "/email"));
    })
    .await;
}

#[actix_web::test]
async fn deactivation_refuses_every_credential_on_the_next_request() {
    on_both(|world| async move {
        let email = with_password(&world, "高橋").await;
        let (access, refresh_token) = pair(&log_in(&world, &email, PASSWORD).await.expect(201));
        let draft = json!({ "name": "x", "scopes": ["own_access:read"], "expires_at": "2024-05-01T00:00:00Z" });
        let script = world.post("/v1/access-tokens").token(&access).json(draft).send().await.expect(201);
        let script = script.json()["token"].as_str().unwrap_or_default().to_owned();
        let principal = principal_of(&world, "高橋").await;
        let link_token = link(&world, &principal, "password-resets").await;
        for token in [&access, &script] {
            me(&world, token).await.expect(200);
        }

        let path = format!("/v1/principals/{}/deactivation", principal.id());
        let bare = world.post(&path).role(Role::PlatformAdmin).having_read(&principal).json(json!({}));
        assert_eq!(bare.send().await.expect(422).faults(), [("/reason".to_owned(), "required".to_owned())]);
        let rehearsed = world.post(format!("{path}?validate_only=true")).role(Role::PlatformAdmin);
        let rehearsed = rehearsed.having_read(&principal).json(json!({ "reason": "試し" })).send().await.expect(200);
        assert_eq!(rehearsed.json()["state"], "deactivated");
        me(&world, &access).await.expect(200);

        let closed = deactivate(&world, &principal).await.expect(200);
        assert_eq!(
            (&closed.json()["state"], &closed.json()["deactivation_reason"]),
            (&json!("deactivated"), &json!("異動のため"))
        );
        for token in [&access, &script] {
            assert_eq!(me(&world, token).await.expect(401).code(), "unauthenticated");
        }
        refresh(&world, &refresh_token).await.expect(401);
        set_password(&world, &link_token, PASSWORD).await.expect(422);
        log_in(&world, &email, PASSWORD).await.expect(401);
        assert_eq!(deactivate(&world, &closed).await.expect(409).code(), "wrong_state");
        for kind in ["invitations", "password-resets"] {
            let ask = world.post(format!("/v1/principals/{}/{kind}", principal.id())).role(Role::PlatformAdmin);
            ask.send().await.expect(409);
        }

        let path = format!("/v1/principals/{}/reactivation", principal.id());
        let opened = world.post(&path).role(Role::PlatformAdmin).having_read(&closed).send().await.expect(200);
        assert_eq!((&opened.json()["state"], &opened.json()["deactivation_reason"]), (&json!("active"), &json!(null)));
        for token in [&access, &script] {
            me(&world, token).await.expect(401);
        }
        refresh(&world, &refresh_token).await.expect(401);
        set_password(&world, &link_token, PASSWORD).await.expect(422);
        let (fresh, _) = pair(&log_in(&world, &email, PASSWORD).await.expect(201));
        me(&world, &fresh).await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn the_last_active_platform_administrator_stays() {
    on_both(|world| async move {
        // In the small company top management is the only one.
        let found = async |path: &str| world.get(path).person("森 正子").send().await.expect(200);
        let read = async |name: &str| {
            let list = found(&format!("/v1/principals?q={name}")).await;
            found(&format!("/v1/principals/{}", list.json()["items"][0]["id"].as_str().unwrap_or_default())).await
        };
        let close = async |principal: &Reply| {
            let ask = world.post(format!("/v1/principals/{}/deactivation", principal.id())).person("森 正子");
            ask.having_read(principal).json(json!({ "reason": "異動のため" })).send().await
        };
        let (mori, oka) = (read("森").await, read("岡").await);
        let last = close(&mori).await.expect(409);
        assert_eq!((last.code(), &last.json()["params"]["role"]), ("in_use".into(), &json!("platform_admin")));
        found("/v1/me").await;

        let draft = json!({ "role": "platform_admin", "person_id": oka.json()["person"]["id"],
            "starts_on": "2024-04-01" });
        let proposed = world.post("/v1/appointments").person("森 正子").json(draft).send().await.expect(201);
        assert_eq!(close(&mori).await.expect(409).code(), "in_use", "a proposal is no administrator");
        let approve = world.post(format!("/v1/appointments/{}/approval", proposed.id())).person("森 正子");
        approve.having_read(&proposed).send().await.expect(200);
        let closed = close(&oka).await.expect(200);
        assert_eq!(close(&mori).await.expect(409).code(), "in_use", "the other one is closed");
        let open = world.post(format!("/v1/principals/{}/reactivation", oka.id())).person("森 正子");
        open.having_read(&closed).send().await.expect(200);
        close(&mori).await.expect(200);
        world.get("/v1/me").person("森 正子").send().await.expect(401);
    })
    .await;
}

#[actix_web::test]
async fn whoever_has_left_is_refused_the_day_after() {
    on_both(|world| async move {
        let email = with_password(&world, "高橋").await;
        let found = world.get("/v1/persons?q=高橋").role(Role::HrOfficer).send().await.expect(200);
        let path = format!("/v1/persons/{}", found.json()["items"][0]["id"].as_str().unwrap_or_default());
        let person = world.get(&path).role(Role::HrOfficer).send().await.expect(200);
        let leave = world.patch(&path).role(Role::HrOfficer).having_read(&person);
        leave.json(json!({ "left_on": "2024-04-02" })).send().await.expect(200);
        world.wait(TimeDelta::hours(38));
        // 23:00 of the last day.
        let (access, refresh_token) = pair(&log_in(&world, &email, PASSWORD).await.expect(201));
        world.wait(TimeDelta::minutes(59));
        let (access, refresh_token) = {
            me(&world, &access).await.expect(401);
            pair(&refresh(&world, &refresh_token).await.expect(201))
        };
        me(&world, &access).await.expect(200);
        world.wait(TimeDelta::minutes(1));
        me(&world, &access).await.expect(401);
        refresh(&world, &refresh_token).await.expect(401);
        log_in(&world, &email, PASSWORD).await.expect(401);
    })
    .await;
}

#[actix_web::test]
async fn whoever_joins_later_is_refused_until_then() {
    on_both(|world| async move {
        let draft = json!({ "name": "新人 一子", "email": "ichiko@moriya.example", "worker_kind": "regular",
            "joined_on": "2024-04-02" });
        let person = json!({ "person_id": enter(&world, draft).await.id() });
        let principal = world.post("/v1/principals").role(Role::PlatformAdmin).json(person).send().await.expect(201);
        let token = link(&world, &principal, "invitations").await;
        set_password(&world, &token, PASSWORD).await.expect(204);
        log_in(&world, "ichiko@moriya.example", PASSWORD).await.expect(401);
        world.wait(TimeDelta::hours(15));
        log_in(&world, "ichiko@moriya.example", PASSWORD).await.expect(201);
    })
    .await;
}

#[actix_web::test]
async fn the_login_follows_the_persons_address() {
    on_both(|world| async move {
        let email = with_password(&world, "高橋").await;
        let found = world.get("/v1/persons?q=高橋").role(Role::HrOfficer).send().await.expect(200);
        let path = format!("/v1/persons/{}", found.json()["items"][0]["id"].as_str().unwrap_or_default());
        let change = async |patch: Value| {
            let person = world.get(&path).role(Role::HrOfficer).send().await.expect(200);
            world.patch(&path).role(Role::HrOfficer).having_read(&person).json(patch).send().await
        };
        change(json!({ "email": "hana.new@moriya.example" })).await.expect(200);
        log_in(&world, &email, PASSWORD).await.expect(401);
        log_in(&world, "Hana.New@moriya.example", PASSWORD).await.expect(201);
        assert_eq!(principal_of(&world, "高橋").await.json()["email"], "hana.new@moriya.example");
        let refused = change(json!({ "email": null })).await.expect(422);
        assert_eq!(refused.faults(), [("/email".to_owned(), "required_here".to_owned())]);
        let taken = change(json!({ "email": "tanaka@moriya.example" })).await.expect(409);
        assert_eq!((taken.code(), &taken.json()["params"]["field"]), ("already_exists".into(), &json!("/email")));
        // The old address is free for somebody else.
        let draft = json!({ "name": "新人 一子", "email": email, "worker_kind": "regular", "joined_on": "2024-04-01" });
        let person = json!({ "person_id": enter(&world, draft).await.id() });
        world.post("/v1/principals").role(Role::PlatformAdmin).json(person).send().await.expect(201);
        log_in(&world, &email, PASSWORD).await.expect(401);
    })
    .await;
}

#[actix_web::test]
async fn principals_of_another_organization_do_not_exist() {
    on_both(|world| async move {
        let principal = principal_of(&world, "高橋").await;
        let path = format!("/v1/principals/{}", principal.id());
        world.get(&path).person("森 正子").send().await.expect(404);
        for (step, body) in [("deactivation", json!({ "reason": "x" })), ("reactivation", json!({}))] {
            let ask = world.post(format!("{path}/{step}")).person("森 正子").having_read(&principal);
            let ask = if step == "deactivation" { ask.json(body) } else { ask };
            ask.send().await.expect(404);
        }
        for kind in ["invitations", "password-resets"] {
            world.post(format!("{path}/{kind}")).person("森 正子").send().await.expect(404);
        }
    })
    .await;
}
