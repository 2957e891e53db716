//! Setting the service up, logging in and out, passwords and links.

use actix_web::test::TestRequest;
use chrono::TimeDelta;
use futures_util::future::join;
use mamori_api::kernel::service::Service;
use mamori_domain::{access::Role, kernel::clock::Clock};
use mamori_persistence::{
    identity::setup,
    kernel::db::{Db, Limits, Location, migrate},
};
use serde_json::{Value, json};

use crate::harness::{Application, Backend, Reply, World, beginning, empty_service, on_both, place};

pub const PASSWORD: &str = "七つの海を渡る帆船の名前";
const ANOTHER: &str = "correct horse battery staple";

/// The principal of the person with this name.
pub async fn principal_of(world: &World, name: &str) -> Reply {
    let list = world.get(format!("/v1/principals?q={name}")).role(Role::PlatformAdmin).send().await.expect(200);
    let id = list.json()["items"][0]["id"].as_str().expect("a principal").to_owned();
    world.get(format!("/v1/principals/{id}")).role(Role::PlatformAdmin).send().await.expect(200)
}

/// A one-time link for a principal: `invitations` or `password-resets`.
pub async fn link(world: &World, principal: &Reply, kind: &str) -> String {
    let path = format!("/v1/principals/{}/{kind}", principal.id());
    let made = world.post(path).role(Role::PlatformAdmin).send().await.expect(201);
    made.json()["token"].as_str().expect("the link's token").to_owned()
}

/// Sets a password through a link.
pub async fn set_password(world: &World, token: &str, password: &str) -> Reply {
    world.post("/v1/password-settings").json(json!({ "token": token, "password": password })).send().await
}

/// Gives a person of the sample a password; their address. Their token of the demo is void from then on.
pub async fn with_password(world: &World, name: &str) -> String {
    let principal = principal_of(world, name).await;
    let token = link(world, &principal, "password-resets").await;
    set_password(world, &token, PASSWORD).await.expect(204);
    principal.json()["email"].as_str().expect("an address").to_owned()
}

pub async fn log_in(world: &World, email: &str, password: &str) -> Reply {
    world.post("/v1/sessions").json(json!({ "email": email, "password": password })).send().await
}

pub async fn refresh(world: &World, token: &str) -> Reply {
    world.post("/v1/sessions/refresh").json(json!({ "refresh_token": token })).send().await
}

pub async fn me(world: &World, token: &str) -> Reply {
    world.get("/v1/me").token(token).send().await
}

/// Access token and refresh token of a login or a refresh.
#[track_caller]
pub fn pair(reply: &Reply) -> (String, String) {
    let json = reply.json();
    let text = |name: &str| json[name].as_str().unwrap_or_else(|| panic!("no {name}: {json}")).to_owned();
    (text("access_token"), text("refresh_token"))
}

/// A POST to a service that is not a whole world.
async fn post(service: &Service, path: &str, token: Option<&str>, body: &Value) -> Reply {
    let mut request = TestRequest::post().uri(path).set_json(body);
    if let Some(token) = token {
        request = request.insert_header(("authorization", format!("Bearer {token}")));
    }
    Application::of(service.clone()).await.answer(request).await
}

/// The token that `serve` prints when it starts on an empty database.
pub async fn setup_token(location: &Location) -> String {
    migrate(location.clone()).await.expect("migrations");
    let db =
        Db::open(location.clone(), Limits { readers: 1, writers: 1, waiting: 16 }, None).await.expect("a database");
    let made = db.write(None, |conn| setup::make_setup_token(conn, beginning())).await.expect("a setup token");
    made.expect("an empty database").text().to_owned()
}

#[actix_web::test]
async fn an_empty_service_is_set_up_once() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let Some(location) = place(backend) else { continue };
        let void = setup_token(&location).await;
        let token = setup_token(&location).await;
        let service = empty_service(location, Clock::manual(beginning())).await;
        let body = |token: &str, password: &str| {
            json!({ "setup_token": token, "organization_name": "新しい会社", "person_name": "初代 花子",
                "email": "Hatsu@Example.JP", "password": password })
        };
        let set_up =
            async |token: &str, password: &str| post(&service, "/v1/setup", None, &body(token, password)).await;

        assert_eq!(set_up("mamori_setup_x", PASSWORD).await.expect(401).code(), "wrong_credentials");
        assert_eq!(set_up(&void, PASSWORD).await.expect(401).code(), "wrong_credentials", "an older token is void");
        let weak = set_up(&token, "password1234").await.expect(422);
        assert_eq!(weak.faults(), [("/password".to_owned(), "weak_password".to_owned())]);
        assert!(!String::from_utf8_lossy(&weak.bytes).contains("password1234"));
        let (one, other) = (body(&token, PASSWORD), body(&token, ANOTHER));
        let (one, other) =
            join(post(&service, "/v1/setup", None, &one), post(&service, "/v1/setup", None, &other)).await;
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409], "two at once: {backend:?}");
        let (made, refused, password) =
            if one.status.as_u16() == 201 { (one, other, PASSWORD) } else { (other, one, ANOTHER) };
        assert_eq!(refused.code(), "already_set_up");
        assert_eq!(set_up(&token, PASSWORD).await.expect(409).code(), "already_set_up");

        let login = json!({ "email": "hatsu@example.jp", "password": password });
        let (access, _) = pair(&post(&service, "/v1/sessions", None, &login).await.expect(201));
        let draft = json!({ "role": "security_committee_chair", "person_id": made.json()["person_id"],
            "starts_on": "2024-04-01" });
        let proposed = post(&service, "/v1/appointments", Some(&access), &draft).await.expect(201);
        assert_eq!(proposed.json()["sign_off"]["prepared"]["posts"], json!(["top_management", "platform_admin"]));
    }
}

#[actix_web::test]
async fn a_login_gives_a_token_for_ten_minutes() {
    on_both(|world| async move {
        let email = with_password(&world, "高橋").await;
        let login = log_in(&world, &email.to_uppercase(), PASSWORD).await.expect(201);
        assert_eq!((&login.json()["token_type"], &login.json()["expires_in"]), (&json!("Bearer"), &json!(600)));
        assert_eq!(login.json()["session_expires_at"], "2024-04-02T00:00:00Z");
        let (access, _) = pair(&login);
        let who = me(&world, &access).await.expect(200);
        assert_eq!((&who.json()["person"]["name"], &who.json()["roles"]), (&json!("高橋 花"), &json!([])));
        world.wait(TimeDelta::minutes(10));
        me(&world, &access).await.expect(200);
        world.wait(TimeDelta::minutes(1));
        assert_eq!(me(&world, &access).await.expect(401).code(), "unauthenticated", "but for 30 s between clocks");
    })
    .await;
}

#[actix_web::test]
async fn a_token_that_was_meddled_with_is_refused() {
    on_both(|world| async move {
        let email = with_password(&world, "高橋").await;
        let (access, refresh_token) = pair(&log_in(&world, &email, PASSWORD).await.expect(201));
        let parts: Vec<&str> = access.split('.').collect();
        let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.", parts[1]);
        let other: String = parts[1]
            .char_indices()
            .map(|(at, c)| if at == 40 { if c == 'A' { 'B' } else { 'A' } } else { c })
            .collect();
        let changed = format!("{}.{other}.{}", parts[0], parts[2]);
        let cut = &access[..access.len() - 1];
        for token in [unsigned.as_str(), &changed, cut, "", "a.b.c", &refresh_token, "nonsense"] {
            let refused = me(&world, token).await.expect(401);
            assert!(refused.header("www-authenticate").starts_with("Bearer"), "{token}");
        }
        world.get("/v1/me").header("authorization", format!("Basic {access}")).send().await.expect(401);
        world.get("/v1/me").header("authorization", format!("bearer {access}")).send().await.expect(200);
        for token in [access.as_str(), "", "mamori_rt_x", cut] {
            let refused = refresh(&world, token).await;
            assert!(matches!(refused.status.as_u16(), 401 | 422), "{token}: {}", refused.status);
        }
    })
    .await;
}

#[actix_web::test]
async fn a_refresh_token_is_good_once_and_its_reuse_ends_the_session() {
    on_both(|world| async move {
        let email = with_password(&world, "高橋").await;
        let (_, elsewhere) = pair(&log_in(&world, &email, PASSWORD).await.expect(201));
        let (_, first) = pair(&log_in(&world, &email, PASSWORD).await.expect(201));
        let (access, second) = pair(&refresh(&world, &first).await.expect(201));
        assert_ne!(first, second);
        me(&world, &access).await.expect(200);
        assert_eq!(refresh(&world, &first).await.expect(401).code(), "token_reused");
        assert_eq!(me(&world, &access).await.expect(401).code(), "unauthenticated");
        refresh(&world, &second).await.expect(401);
        refresh(&world, &first).await.expect(401);
        refresh(&world, &elsewhere).await.expect(201);
    })
    .await;
}

#[actix_web::test]
async fn a_refresh_token_used_twice_at_once_is_reused() {
    on_both(|world| async move {
        let email = with_password(&world, "高橋").await;
        let (_, token) = pair(&log_in(&world, &email, PASSWORD).await.expect(201));
        let (one, other) = join(refresh(&world, &token), refresh(&world, &token)).await;
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 401]);
        let winner = if one.status.as_u16() == 201 { one } else { other };
        me(&world, &pair(&winner).0).await.expect(401);
    })
    .await;
}

#[actix_web::test]
async fn a_session_ends_after_eight_idle_hours_and_after_a_day() {
    on_both(|world| async move {
        let email = with_password(&world, "高橋").await;
        let (_, idle) = pair(&log_in(&world, &email, PASSWORD).await.expect(201));
        let (_, used) = pair(&log_in(&world, &email, PASSWORD).await.expect(201));
        world.wait(TimeDelta::minutes(8 * 60 - 1));
        let (_, used) = pair(&refresh(&world, &used).await.expect(201));
        world.wait(TimeDelta::minutes(1));
        refresh(&world, &idle).await.expect(401);
        world.wait(TimeDelta::hours(7));
        let (_, used) = pair(&refresh(&world, &used).await.expect(201));
        world.wait(TimeDelta::hours(7));
        let (_, used) = pair(&refresh(&world, &used).await.expect(201));
        world.wait(TimeDelta::minutes(115));
        let last = refresh(&world, &used).await.expect(201);
        assert_eq!(last.json()["session_expires_at"], "2024-04-02T00:00:00Z");
        let (access, used) = pair(&last);
        world.wait(TimeDelta::minutes(5));
        me(&world, &access).await.expect(401);
        refresh(&world, &used).await.expect(401);
    })
    .await;
}

#[actix_web::test]
async fn logging_out_ends_this_session_at_once() {
    on_both(|world| async move {
        let email = with_password(&world, "高橋").await;
        let (access, token) = pair(&log_in(&world, &email, PASSWORD).await.expect(201));
        let (elsewhere, _) = pair(&log_in(&world, &email, PASSWORD).await.expect(201));
        world.post("/v1/sessions/end").token(&access).send().await.expect(204);
        world.service.seal_all().await.expect("sealed");
        let events =
            world.get("/v1/events?kind=logged_out").role(Role::InternalAuditor).send().await.expect(200).json();
        assert_eq!(events["items"][0]["actor"], "高橋 花", "{events}");
        me(&world, &access).await.expect(401);
        refresh(&world, &token).await.expect(401);
        me(&world, &elsewhere).await.expect(200);
        world.post("/v1/sessions/end").send().await.expect(401);
        // An access token for scripts is not a session: it goes on.
        world.post("/v1/sessions/end").role(Role::IsmsSecretariat).send().await.expect(204);
        world.get("/v1/me").role(Role::IsmsSecretariat).send().await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn five_failures_lock_for_fifteen_minutes() {
    on_both(|world| async move {
        let email = with_password(&world, "高橋").await;
        let wrong = async || log_in(&world, &email, ANOTHER).await;
        for _ in 0..4 {
            assert_eq!(wrong().await.expect(401).code(), "wrong_credentials");
        }
        log_in(&world, &email, PASSWORD).await.expect(201);
        for _ in 0..5 {
            wrong().await.expect(401);
        }
        world.wait(TimeDelta::minutes(5));
        // The right password answers like a wrong one: a lock tells nobody that the address is known.
        assert_eq!(log_in(&world, &email, PASSWORD).await.expect(401).code(), "wrong_credentials");
        assert_eq!(principal_of(&world, "高橋").await.json()["locked_until"], "2024-04-01T00:15:00Z");
        world.wait(TimeDelta::minutes(10) - TimeDelta::seconds(1));
        log_in(&world, &email, PASSWORD).await.expect(401);
        world.wait(TimeDelta::seconds(1));
        assert_eq!(principal_of(&world, "高橋").await.json()["locked_until"], json!(null));
        // Trying while locked did not count.
        for _ in 0..4 {
            wrong().await.expect(401);
        }
        log_in(&world, &email, PASSWORD).await.expect(201);
        for _ in 0..5 {
            wrong().await.expect(401);
        }
        let token = link(&world, &principal_of(&world, "高橋").await, "password-resets").await;
        set_password(&world, &token, ANOTHER).await.expect(204);
        log_in(&world, &email, ANOTHER).await.expect(201);
    })
    .await;
}

#[actix_web::test]
async fn a_wrong_password_at_a_change_counts_as_a_failed_login() {
    on_both(|world| async move {
        let email = with_password(&world, "高橋").await;
        let (access, _) = pair(&log_in(&world, &email, PASSWORD).await.expect(201));
        let change = async |current: &str, key: &str| {
            let body = json!({ "current_password": current, "new_password": ANOTHER });
            let call = world.post("/v1/password-changes").token(&access).header("idempotency-key", key);
            call.json(body).send().await
        };
        for _ in 0..5 {
            // Nothing of it is kept for the key: a refusal stays a refusal.
            let refused = change("quite another one", "same").await.expect(422);
            assert_eq!(refused.faults(), [("/current_password".to_owned(), "wrong_credentials".to_owned())]);
        }
        let locked = change(PASSWORD, "next").await.expect(429);
        assert_eq!((locked.code(), locked.header("retry-after")), ("locked_out".into(), "900".into()));
        log_in(&world, &email, PASSWORD).await.expect(401);
        world.wait(TimeDelta::minutes(15));
        log_in(&world, &email, PASSWORD).await.expect(201);
    })
    .await;
}

#[actix_web::test]
async fn an_unknown_address_and_a_wrong_password_answer_alike() {
    on_both(|world| async move {
        let email = with_password(&world, "高橋").await;
        let deactivated = with_password(&world, "千葉").await;
        let principal = principal_of(&world, "千葉").await;
        let close = world.post(format!("/v1/principals/{}/deactivation", principal.id())).role(Role::PlatformAdmin);
        close.having_read(&principal).json(json!({ "reason": "休職" })).send().await.expect(200);
        let shape = |reply: Reply| {
            let mut names: Vec<String> = reply.headers.iter().map(|(name, _)| name.to_string()).collect();
            names.sort();
            let mut json = reply.json();
            json["request_id"] = json!(null);
            (reply.status, names, json)
        };
        let wrong = shape(log_in(&world, &email, ANOTHER).await.expect(401));
        assert_eq!(shape(log_in(&world, "nobody@moriya.example", ANOTHER).await), wrong);
        assert_eq!(shape(log_in(&world, &deactivated, PASSWORD).await), wrong);
        // Somebody who was given no password yet.
        assert_eq!(shape(log_in(&world, "tanaka@moriya.example", "!").await), wrong);
        let elsewhere = json!({ "email": email, "password": PASSWORD,
            "organization_id": "0190c6a0-0000-7000-8000-000000000000" });
        assert_eq!(shape(world.post("/v1/sessions").json(elsewhere).send().await), wrong);
    })
    .await;
}

#[actix_web::test]
async fn the_same_address_in_two_organizations_names_the_one_meant() {
    on_both(|world| async move {
        let email = with_password(&world, "高橋").await;
        let draft =
            json!({ "name": "高橋 花", "email": email, "worker_kind": "contractor", "joined_on": "2024-04-01" });
        let person = world.post("/v1/persons").person("林 一郎").json(draft).send().await.expect(201);
        let principal =
            world.post("/v1/principals").person("森 正子").json(json!({ "person_id": person.id() })).send().await;
        let path = format!("/v1/principals/{}/invitations", principal.expect(201).id());
        let invited = world.post(path).person("森 正子").send().await.expect(201);
        // Only the organization in which the password is right comes into question.
        let token = invited.json()["token"].as_str().unwrap_or_default().to_owned();
        set_password(&world, &token, ANOTHER).await.expect(204);
        let (here, _) = pair(&log_in(&world, &email, PASSWORD).await.expect(201));
        let (there, _) = pair(&log_in(&world, &email, ANOTHER).await.expect(201));
        let (here, there) = (me(&world, &here).await.expect(200), me(&world, &there).await.expect(200));
        assert_ne!(here.json()["organization"]["id"], there.json()["organization"]["id"]);
        // The same password in both: the caller says which.
        let path = format!("/v1/principals?q={}", "高橋");
        let list = world.get(path).person("森 正子").send().await.expect(200);
        let id = list.json()["items"][0]["id"].as_str().unwrap_or_default().to_owned();
        let reset =
            world.post(format!("/v1/principals/{id}/password-resets")).person("森 正子").send().await.expect(201);
        set_password(&world, reset.json()["token"].as_str().unwrap_or_default(), PASSWORD).await.expect(204);
        let which = log_in(&world, &email, PASSWORD).await.expect(422);
        assert_eq!(which.faults(), [("/organization_id".to_owned(), "required_here".to_owned())]);
        let named =
            json!({ "email": email, "password": PASSWORD, "organization_id": there.json()["organization"]["id"] });
        let (access, _) = pair(&world.post("/v1/sessions").json(named).send().await.expect(201));
        assert_eq!(me(&world, &access).await.json()["organization"], there.json()["organization"]);
    })
    .await;
}

#[actix_web::test]
async fn changing_the_password_ends_every_session() {
    on_both(|world| async move {
        let email = with_password(&world, "高橋").await;
        let (access, token) = pair(&log_in(&world, &email, PASSWORD).await.expect(201));
        let (elsewhere, _) = pair(&log_in(&world, &email, PASSWORD).await.expect(201));
        let change = async |current: &str, new: &str| {
            let body = json!({ "current_password": current, "new_password": new });
            world.post("/v1/password-changes").token(&access).json(body).send().await
        };
        let refused = change(ANOTHER, ANOTHER).await.expect(422);
        assert_eq!(refused.faults(), [("/current_password".to_owned(), "wrong_credentials".to_owned())]);
        let refused = change(PASSWORD, "aaaaaaaaaaaaaaaa").await.expect(422);
        assert_eq!(refused.faults(), [("/new_password".to_owned(), "weak_password".to_owned())]);
        me(&world, &access).await.expect(200);
        change(PASSWORD, ANOTHER).await.expect(204);
        me(&world, &access).await.expect(401);
        me(&world, &elsewhere).await.expect(401);
        refresh(&world, &token).await.expect(401);
        log_in(&world, &email, PASSWORD).await.expect(401);
        log_in(&world, &email, ANOTHER).await.expect(201);
    })
    .await;
}

#[actix_web::test]
async fn a_link_works_once_within_72_hours_and_only_the_last_one() {
    on_both(|world| async move {
        let principal = principal_of(&world, "高橋").await;
        let first = link(&world, &principal, "password-resets").await;
        let second = link(&world, &principal, "password-resets").await;
        let void = set_password(&world, &first, PASSWORD).await.expect(422);
        assert_eq!(void.code(), "link_spent", "an earlier link is void");
        let weak = set_password(&world, &second, "short").await.expect(422);
        assert_eq!(weak.faults(), [("/password".to_owned(), "weak_password".to_owned())]);
        set_password(&world, &second, PASSWORD).await.expect(204);
        assert_eq!(set_password(&world, &second, ANOTHER).await.expect(422).code(), "link_spent");

        let third = link(&world, &principal, "password-resets").await;
        world.wait(TimeDelta::hours(72) - TimeDelta::seconds(1));
        let fourth = link(&world, &principal_of(&world, "千葉").await, "password-resets").await;
        set_password(&world, &third, ANOTHER).await.expect(204);
        world.wait(TimeDelta::hours(72));
        assert_eq!(set_password(&world, &fourth, ANOTHER).await.expect(422).code(), "link_spent");
        for garbage in ["mamori_link_x", "", &fourth[..fourth.len() - 1], &world.token(Role::IsmsSecretariat)] {
            set_password(&world, garbage, PASSWORD).await.expect(422);
        }
        log_in(&world, principal.json()["email"].as_str().unwrap_or_default(), ANOTHER).await.expect(201);
    })
    .await;
}

#[actix_web::test]
async fn no_password_and_no_secret_is_ever_told() {
    on_both(|world| async move {
        let principal = principal_of(&world, "高橋").await;
        let link_token = link(&world, &principal, "password-resets").await;
        let replies = [
            set_password(&world, &link_token, PASSWORD).await.expect(204),
            set_password(&world, &link_token, ANOTHER).await.expect(422),
            log_in(&world, "takahashi@moriya.example", ANOTHER).await.expect(401),
            world
                .post("/v1/sessions")
                .json(json!({ "email": 1, "password": ANOTHER, "x": PASSWORD }))
                .send()
                .await
                .expect(422),
        ];
        let login = log_in(&world, "takahashi@moriya.example", PASSWORD).await.expect(201);
        let (access, refresh_token) = pair(&login);
        let change = json!({ "current_password": PASSWORD, "new_password": ANOTHER });
        world.post("/v1/password-changes").token(&access).json(change).send().await.expect(204);
        let read = principal_of(&world, "高橋").await;
        world.service.seal_all().await.expect("sealed");
        let events = world.get("/v1/events?format=jsonl").role(Role::InternalAuditor).send().await.expect(200);
        for reply in replies.iter().chain([&login, &read, &events]) {
            let text = String::from_utf8_lossy(&reply.bytes);
            for secret in [PASSWORD, ANOTHER, "argon2", link_token.as_str()] {
                assert!(!text.contains(secret), "{secret} in {text}");
            }
        }
        let text = String::from_utf8_lossy(&events.bytes);
        assert!(!text.contains(&access) && !text.contains(&refresh_token) && !text.contains("secret_hash"));
        assert!(!format!("{read:?}").contains("password_hash"));
    })
    .await;
}

#[actix_web::test]
async fn what_expired_a_month_ago_is_forgotten() {
    on_both(|world| async move {
        let email = with_password(&world, "高橋").await;
        let (_, token) = pair(&log_in(&world, &email, PASSWORD).await.expect(201));
        let invited = link(&world, &principal_of(&world, "高橋").await, "password-resets").await;
        let me = world.get("/v1/me").role(Role::IsmsSecretariat).send().await.expect(200).json();
        let home = me["organization"]["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        let forget = async || world.service.forget_expired(home).await.expect("forgotten");
        forget().await;
        let (_, token) = pair(&refresh(&world, &token).await.expect(201));
        world.wait(TimeDelta::days(40));
        forget().await;
        refresh(&world, &token).await.expect(401);
        assert_eq!(set_password(&world, &invited, ANOTHER).await.expect(422).code(), "link_spent");
        // Tokens of scripts are records of their owner.
        world.get("/v1/me").role(Role::IsmsSecretariat).send().await.expect(200);
    })
    .await;
}
