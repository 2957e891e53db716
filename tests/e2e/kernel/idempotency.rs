//! `Idempotency-Key`: the first answer again, instead of doing it twice.

use chrono::TimeDelta;
use futures_util::future::join_all;
use mamori_domain::access::Role;
use serde_json::{Value, json};

use crate::harness::{Ask, Reply, World, on_both};

/// A POST of a department under a key.
fn establish<'a>(world: &'a World, person: &str, key: &str, name: &str) -> Ask<'a> {
    world.post("/v1/departments").person(person).header("idempotency-key", key).json(json!({ "name": name }))
}

async fn count(world: &World, name: &str) -> usize {
    let list = world.get(format!("/v1/departments?q={name}")).role(Role::IsmsSecretariat).send().await.expect(200);
    list.json()["items"].as_array().map(Vec::len).unwrap_or_default()
}

fn is_replay(reply: &Reply) -> bool {
    reply.header("idempotency-replayed") == "true"
}

#[actix_web::test]
async fn the_same_request_again_gets_the_same_answer() {
    on_both(|world| async move {
        let first = establish(&world, "上田 直樹", "k-1", "法務部").send().await.expect(201);
        assert!(!is_replay(&first));
        let again = establish(&world, "上田 直樹", "k-1", "法務部").send().await.expect(201);
        assert!(is_replay(&again));
        assert_eq!(
            (&again.bytes, again.header("etag"), again.header("location")),
            (&first.bytes, first.header("etag"), first.header("location"))
        );
        // Quoted is the same key.
        assert!(is_replay(&establish(&world, "上田 直樹", "\"k-1\"", "法務部").send().await.expect(201)));
        assert_eq!(count(&world, "法務部").await, 1);
        let other = establish(&world, "上田 直樹", "k-1", "広報部").send().await.expect(422);
        assert_eq!(other.code(), "idempotency_key_reused");
        let elsewhere = world.post("/v1/positions").person("上田 直樹").header("idempotency-key", "k-1");
        let elsewhere = elsewhere.json(json!({ "name": "法務部" })).send().await.expect(422);
        assert!(!is_replay(&elsewhere));
        assert_eq!(count(&world, "広報部").await, 0);
    })
    .await;
}

#[actix_web::test]
async fn the_same_key_at_the_same_time_is_done_once() {
    on_both(|world| async move {
        let asks = (0..6).map(|_| establish(&world, "上田 直樹", "k-1", "法務部").send());
        let replies: Vec<Reply> = join_all(asks).await.into_iter().map(|reply| reply.expect(201)).collect();
        assert_eq!(replies.iter().filter(|reply| is_replay(reply)).count(), 5);
        assert!(replies.iter().all(|reply| reply.bytes == replies[0].bytes));
        assert_eq!(count(&world, "法務部").await, 1);
        // And where the same is done by everybody under a key of their own, the rule decides.
        let asks = (0..6).map(|number| establish(&world, "上田 直樹", &format!("n-{number}"), "広報部").send());
        let mut statuses: Vec<u16> = join_all(asks).await.iter().map(|reply| reply.status.as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
    })
    .await;
}

#[actix_web::test]
async fn a_key_is_forgotten_after_48_hours() {
    on_both(|world| async move {
        let first = establish(&world, "上田 直樹", "k-1", "法務部").send().await.expect(201);
        world.wait(TimeDelta::hours(48) - TimeDelta::seconds(1));
        assert!(is_replay(&establish(&world, "上田 直樹", "k-1", "法務部").send().await.expect(201)));
        world.wait(TimeDelta::seconds(1));
        let taken = establish(&world, "上田 直樹", "k-1", "法務部").send().await.expect(409);
        assert_eq!(taken.code(), "already_exists", "it is a new request now");
        let new = establish(&world, "上田 直樹", "k-1", "広報部").send().await.expect(201);
        assert!(!is_replay(&new) && new.id() != first.id());
        assert!(is_replay(&establish(&world, "上田 直樹", "k-1", "広報部").send().await.expect(201)));
    })
    .await;
}

#[actix_web::test]
async fn keys_belong_to_a_principal() {
    on_both(|world| async move {
        establish(&world, "上田 直樹", "k-1", "法務部").send().await.expect(201);
        let other = establish(&world, "石田 洋子", "k-1", "広報部").send().await.expect(201);
        assert!(!is_replay(&other));
        let elsewhere = establish(&world, "林 一郎", "k-1", "法務部").send().await.expect(201);
        assert!(!is_replay(&elsewhere));
        // Whoever may not do it any more gets no old answer either.
        assert!(!is_replay(&establish(&world, "高橋 花", "k-1", "法務部").send().await.expect(403)));
    })
    .await;
}

#[actix_web::test]
async fn what_failed_is_not_kept() {
    on_both(|world| async move {
        establish(&world, "上田 直樹", "k-1", "人事部").send().await.expect(409);
        let again = establish(&world, "上田 直樹", "k-1", "人事部").send().await.expect(409);
        assert!(!is_replay(&again));
        establish(&world, "上田 直樹", "k-1", "").send().await.expect(422);
        // The key is still free for a request that succeeds.
        assert!(!is_replay(&establish(&world, "上田 直樹", "k-1", "法務部").send().await.expect(201)));
        // Nor is what was only tried out.
        let ask = world.post("/v1/departments?validate_only=true").person("上田 直樹").header("idempotency-key", "k-2");
        ask.json(json!({ "name": "広報部" })).send().await.expect(201);
        assert_eq!(count(&world, "広報部").await, 0);
        assert!(!is_replay(&establish(&world, "上田 直樹", "k-2", "広報部").send().await.expect(201)));
    })
    .await;
}

#[actix_web::test]
async fn malformed_keys_are_refused() {
    on_both(|world| async move {
        for key in ["", "\"\"", &"x".repeat(256), "a\tb"] {
            let refused = establish(&world, "上田 直樹", key, "法務部").send().await.expect(400);
            assert_eq!(refused.code(), "malformed_header", "{key:?}");
            assert_eq!(refused.faults(), [("Idempotency-Key".to_owned(), "invalid_format".to_owned())]);
        }
        establish(&world, "上田 直樹", &"x".repeat(255), "法務部").send().await.expect(201);
        assert_eq!(count(&world, "法務部").await, 1);
        // A step of a record takes a key too; a change needs none, it has If-Match.
        let made = establish(&world, "上田 直樹", "k-1", "広報部").send().await.expect(201);
        let abolish = || {
            let ask = world.post(format!("{}/abolition", made.header("location"))).person("上田 直樹");
            let body: Value = json!({ "abolished_on": "2024-04-01", "reason": "統合" });
            ask.having_read(&made).header("idempotency-key", "k-3").json(body).send()
        };
        assert!(!is_replay(&abolish().await.expect(200)));
        assert!(is_replay(&abolish().await.expect(200)), "although it was abolished in between");
    })
    .await;
}
