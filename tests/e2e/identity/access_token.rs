//! Access tokens for scripts.

use std::time::Duration;

use chrono::TimeDelta;
use mamori_domain::access::Role;
use serde_json::{Value, json};

use super::session::me;
use crate::harness::{Reply, World, on_both};

/// A token of somebody, for these scopes, for thirty days.
async fn make(world: &World, person: &str, scopes: Value) -> Reply {
    let draft = json!({ "name": "夜間バッチ", "scopes": scopes, "expires_at": "2024-05-01T00:00:00Z" });
    world.post("/v1/access-tokens").person(person).json(draft).send().await
}

fn secret(reply: &Reply) -> String {
    reply.json()["token"].as_str().expect("the token itself").to_owned()
}

#[actix_web::test]
async fn the_secret_is_shown_once() {
    on_both(|world| async move {
        let draft = json!({ "name": "夜間バッチ", "scopes": ["asset:read"], "expires_at": "2024-05-01T00:00:00Z" });
        let ask = async || {
            let ask = world.post("/v1/access-tokens").person("上田 直樹").header("idempotency-key", "pat-1");
            ask.json(draft.clone()).send().await.expect(201)
        };
        let made = ask().await;
        let token = secret(&made);
        assert!(token.starts_with(made.json()["prefix"].as_str().unwrap_or("?")));
        assert_eq!((&made.json()["state"], &made.json()["last_used_on"]), (&json!("active"), &json!(null)));
        let again = ask().await;
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!((again.id(), again.json().get("token")), (made.id(), None));
        for path in [made.header("location"), "/v1/access-tokens".to_owned()] {
            let read = world.get(path).person("上田 直樹").send().await.expect(200);
            let text = String::from_utf8_lossy(&read.bytes).into_owned();
            assert!(text.contains("夜間バッチ") && !text.contains(&token) && !text.contains("\"token\""), "{text}");
        }
        world.get("/v1/assets").token(&token).send().await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn scopes_cut_off_and_never_add() {
    on_both(|world| async move {
        let token = secret(&make(&world, "上田 直樹", json!(["asset:read", "own_access:create"])).await.expect(201));
        world.get("/v1/assets").token(&token).send().await.expect(200);
        let draft = world.asset_draft(json!({})).await;
        let cut = world.post("/v1/assets").token(&token).json(draft.clone()).send().await.expect(403);
        assert_eq!((cut.code(), &cut.json()["params"]["scope"]), ("out_of_scope".into(), &json!("asset:create")));
        assert_eq!(me(&world, &token).await.expect(403).code(), "out_of_scope");
        // A token cannot make a wider one.
        let wider = json!({ "name": "広い", "scopes": ["asset:create"], "expires_at": "2024-05-01T00:00:00Z" });
        let refused = world.post("/v1/access-tokens").token(&token).json(wider).send().await.expect(422);
        assert_eq!(refused.faults()[0].1, "not_granted");
        // The owner may not do it at all.
        let refused = make(&world, "高橋 花", json!(["risk_criteria:approve", "asset:read"])).await.expect(422);
        assert_eq!(refused.faults(), [("/scopes".to_owned(), "not_granted".to_owned())]);
        assert_eq!(refused.json()["errors"][0]["params"]["scope"], "risk_criteria:approve");
        // What the owner loses, the token loses.
        let own = secret(&make(&world, "高橋 花", json!(["asset:read"])).await.expect(201));
        world.get("/v1/assets").token(&own).send().await.expect(200);
        world.post("/v1/assets").token(&own).json(draft).send().await.expect(403);
    })
    .await;
}

#[actix_web::test]
async fn a_life_of_at_most_366_days_and_known_scopes() {
    on_both(|world| async move {
        let ask = async |scopes: Value, expires_at: &str| {
            let draft = json!({ "name": "x", "scopes": scopes, "expires_at": expires_at });
            world.post("/v1/access-tokens").person("上田 直樹").json(draft).send().await
        };
        let fault = |reply: Reply| reply.expect(422).faults().remove(0);
        let out = ("/expires_at".to_owned(), "out_of_range".to_owned());
        assert_eq!(fault(ask(json!(["asset:read"]), "2024-04-01T00:00:00Z").await), out, "now is too late");
        assert_eq!(fault(ask(json!(["asset:read"]), "2025-04-02T00:00:01Z").await), out);
        ask(json!(["asset:read"]), "2025-04-02T00:00:00Z").await.expect(201);
        assert_eq!(fault(ask(json!([]), "2024-05-01T00:00:00Z").await), ("/scopes".into(), "too_short".into()));
        let unknown = fault(ask(json!(["asset:read", "asset:fly"]), "2024-05-01T00:00:00Z").await);
        assert_eq!(unknown, ("/scopes/1".into(), "not_in_list".into()));
    })
    .await;
}

#[actix_web::test]
async fn it_expires_by_the_clock() {
    on_both(|world| async move {
        let made = make(&world, "上田 直樹", json!(["asset:read", "own_access:read"])).await.expect(201);
        world.wait(TimeDelta::days(30) - TimeDelta::seconds(1));
        world.get("/v1/assets").token(&secret(&made)).send().await.expect(200);
        world.wait(TimeDelta::seconds(1));
        assert_eq!(world.get("/v1/assets").token(&secret(&made)).send().await.expect(401).code(), "unauthenticated");
        let list = world.get("/v1/access-tokens?state=expired").person("上田 直樹").send().await.expect(200);
        assert_eq!(list.json()["items"].as_array().map(Vec::len), Some(1));
        let path = format!("/v1/access-tokens/{}", made.id());
        let read = world.get(&path).person("上田 直樹").send().await.expect(200);
        assert_eq!(read.json()["state"], "expired");
        let revoke = world.post(format!("{path}/revocation")).person("上田 直樹").having_read(&read);
        assert_eq!(revoke.send().await.expect(409).code(), "wrong_state");
    })
    .await;
}

#[actix_web::test]
async fn it_is_refused_once_revoked() {
    on_both(|world| async move {
        let made = make(&world, "上田 直樹", json!(["asset:read"])).await.expect(201);
        let path = format!("/v1/access-tokens/{}/revocation", made.id());
        world.post(&path).person("上田 直樹").send().await.expect(428);
        let revoked = world.post(&path).person("上田 直樹").having_read(&made).send().await.expect(200);
        assert_eq!((&revoked.json()["state"], &revoked.json()["revision"]), (&json!("revoked"), &json!(2)));
        world.get("/v1/assets").token(&secret(&made)).send().await.expect(401);
        let again = world.post(&path).person("上田 直樹").having_read(&revoked).send().await.expect(409);
        assert_eq!(again.code(), "wrong_state");
    })
    .await;
}

#[actix_web::test]
async fn it_belongs_to_its_owner_alone() {
    on_both(|world| async move {
        let made = make(&world, "上田 直樹", json!(["asset:read"])).await.expect(201);
        let path = format!("/v1/access-tokens/{}", made.id());
        for other in ["石田 洋子", "瀬戸 大輔", "森 正子"] {
            world.get(&path).person(other).send().await.expect(404);
            world.post(format!("{path}/revocation")).person(other).having_read(&made).send().await.expect(404);
            let list = world.get("/v1/access-tokens").person(other).send().await.expect(200);
            assert!(!String::from_utf8_lossy(&list.bytes).contains(&made.id()));
        }
        world.get("/v1/assets").token(&secret(&made)).send().await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn garbage_is_refused() {
    on_both(|world| async move {
        let (one, other) = (secret(&make(&world, "上田 直樹", json!(["own_access:read"])).await.expect(201)), {
            secret(&make(&world, "石田 洋子", json!(["own_access:read"])).await.expect(201))
        });
        me(&world, &one).await.expect(200);
        let typo = |at: usize| {
            let mut bytes = one.clone().into_bytes();
            bytes[at] = if bytes[at] == b'5' { b'6' } else { b'5' };
            String::from_utf8(bytes).expect("ascii")
        };
        let end = one.len();
        // Another secret on this token's id, with a right checksum: only the hash tells.
        let forged = sealed(&format!("{}{}", &one[..55], &other[55..end - 6]));
        assert_eq!(sealed(&one[..end - 6]), one, "the checksum is the one that the service computes");
        for token in [typo(15), typo(40), typo(70), typo(end - 1), one[..end - 1].to_owned(), forged] {
            assert_eq!(me(&world, &token).await.expect(401).code(), "unauthenticated", "{token}");
        }
        for token in [format!("{one}0"), one.replace("mamori_pat_", "mamori_rt_"), "mamori_pat_".into()] {
            me(&world, &token).await.expect(401);
        }
    })
    .await;
}

/// With the checksum that the form of a token asks for: CRC-32 in base62.
fn sealed(body: &str) -> String {
    let step = |crc: u32| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    let crc = !body.bytes().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(byte), |crc, _| step(crc)));
    let digits = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let checksum = (0..6).rev().map(|place| char::from(digits[(crc / 62u32.pow(place) % 62) as usize]));
    body.chars().chain(checksum).collect()
}

#[actix_web::test]
async fn the_day_of_its_last_use_is_noted() {
    on_both(|world| async move {
        let made = make(&world, "上田 直樹", json!(["asset:read"])).await.expect(201);
        let path = format!("/v1/access-tokens/{}", made.id());
        for day in ["2024-04-01", "2024-04-02"] {
            world.get("/v1/assets").token(&secret(&made)).send().await.expect(200);
            // It is noted in the background.
            for _ in 0..100 {
                let read = world.get(&path).person("上田 直樹").send().await.expect(200);
                if read.json()["last_used_on"] == day {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let read = world.get(&path).person("上田 直樹").send().await.expect(200);
            assert_eq!(read.json()["last_used_on"], day);
            world.wait(TimeDelta::days(1));
        }
        assert_eq!(world.get("/v1/me").role(Role::IsmsSecretariat).send().await.json()["today"], "2024-04-03");
    })
    .await;
}
