//! External auditors as guests of one audit, for some days (9.2; R-26; amendments §1.4).

use chrono::TimeDelta;
use mamori_domain::access::{
    Role, Scope,
    table::{Cell, cell},
};
use serde_json::{Value, json};

use super::audit::{AUDITOR, LIST, MANAGER, SALES, TOP, department, plan, scheduled};
use crate::{
    contract::client::OPERATIONS,
    harness::{Reply, World, on_both},
    identity::session::{PASSWORD, log_in, me, pair, principal_of, refresh, set_password},
    integration::event::sealed,
    planning::steps::{SECRETARY, create, id_of, read, take},
};

const NAME: &str = "本田 操";
const SIGNED: &str = "本田 操（監査法人）";
const EMAIL: &str = "honda@audit.example";

/// An audit of 営業部 by an auditor from outside, started, with one item of the checklist.
async fn running(world: &World) -> (String, String) {
    let external = json!({ "auditors": [{ "external": { "name": NAME, "company": "監査法人" } }] });
    let path = create(world, MANAGER, LIST, plan(world, external).await).await.expect(201).header("location");
    take(world, MANAGER, &path, "submission", Value::Null).await.expect(200);
    take(world, TOP, &path, "approval", json!({})).await.expect(200);
    let check = json!({ "clause": "5.2", "check_text": "方針は外から見えるか" });
    let item = create(world, MANAGER, &format!("{path}/checklist-items"), check).await.expect(201).header("location");
    take(world, MANAGER, &path, "start", Value::Null).await.expect(200);
    (path, item)
}

fn draft(patch: Value) -> Value {
    let mut draft = json!({ "name": NAME, "company": "監査法人", "email": EMAIL, "valid_from": "2024-04-01",
        "valid_until": "2024-04-30" });
    for (name, value) in patch.as_object().into_iter().flatten() {
        draft[name] = value.clone();
    }
    draft
}

/// A guest of the audit at `path`, invited by `who`, with a password.
async fn invited(world: &World, who: &str, path: &str) -> Reply {
    let guest = create(world, who, &format!("{path}/guests"), draft(json!({}))).await.expect(201);
    let link = world.post(format!("/v1/audit-guests/{}/invitations", guest.id())).person(who).send().await.expect(201);
    set_password(world, link.json()["token"].as_str().expect("a link"), PASSWORD).await.expect(204);
    guest
}

/// The guest logs in; access token and refresh token.
async fn enter(world: &World) -> (String, String) {
    pair(&log_in(world, EMAIL, PASSWORD).await.expect(201))
}

/// An access token of the guest, valid for a year.
async fn script(world: &World, access: &str) -> String {
    let scopes = ["own_access:read", "audit:read"];
    let draft = json!({ "name": "x", "scopes": scopes, "expires_at": "2025-03-01T00:00:00Z" });
    let made = world.post("/v1/access-tokens").token(access).json(draft).send().await.expect(201);
    made.json()["token"].as_str().expect("a token").to_owned()
}

fn items_of(value: &Value, name: &str) -> Vec<Value> {
    value[name].as_array().cloned().unwrap_or_default()
}

fn items(list: &Value) -> Vec<Value> {
    items_of(list, "items")
}

#[actix_web::test]
async fn a_guest_audits_and_signs_for_themselves() {
    on_both(|world| async move {
        let (path, item) = running(&world).await;
        let list = format!("{path}/guests");
        for who in [SECRETARY, TOP, AUDITOR, SALES] {
            create(&world, who, &list, draft(json!({}))).await.expect(403);
        }
        let told = async |patch: Value| create(&world, MANAGER, &list, draft(patch)).await.expect(422).faults();
        let one = |pointer: &str, code: &str| vec![(pointer.to_owned(), code.to_owned())];
        assert_eq!(told(json!({ "name": "誰か" })).await, one("/name", "unknown_reference"), "the plan names others");
        assert_eq!(told(json!({ "valid_until": "2024-07-02" })).await, one("/valid_until", "out_of_range"));
        assert_eq!(told(json!({ "valid_until": "2024-03-31" })).await, one("/valid_until", "date_order"));
        let guest = invited(&world, MANAGER, &path).await;
        assert_eq!((&guest.json()["state"], &guest.json()["person"]["name"]), (&json!("valid"), &json!(SIGNED)));
        create(&world, MANAGER, &list, draft(json!({}))).await.expect(409);
        let (access, _) = enter(&world).await;
        let seen = me(&world, &access).await.expect(200).json();
        assert_eq!((&seen["roles"], &seen["person"]["name"]), (&json!(["external_auditor"]), &json!(SIGNED)));

        let audit = world.get(&*path).token(&access).send().await.expect(200).json();
        assert_eq!(audit["team"][0]["auditors"][0]["guest_id"], guest.json()["id"]);
        assert_eq!(audit["allowed_actions"], json!(["enter_finding"]));
        let more = json!({ "judgement": "minor_nonconformity", "evidence": ["掲示なし"] });
        let found = world.get(&*item).token(&access).send().await.expect(200);
        let ask = |body: Value| world.post(format!("{item}/result")).token(&access).having_read(&found).json(body);
        let mut other = more.clone();
        other["on_behalf_of"] = json!(NAME);
        ask(other).send().await.expect(422);
        let result = ask(more).send().await.expect(200).json()["result"].clone();
        assert_eq!((&result["entered"]["name"], &result["on_behalf_of"]), (&json!(SIGNED), &json!(null)));
        let file = "No,判定,確認結果\r\n1,軽微な不適合,掲示板になし";
        let sheet = world.post(format!("{path}/checklist-results")).token(&access).bytes("text/csv", file).send().await;
        assert_eq!(sheet.expect(200).json()["updated"], 1);
        let finding = json!({ "rank": "minor_nonconformity", "clause": "5.2", "content": "掲示がない",
            "department_id": department(&world, "営業部").await, "checklist_item_id": item.rsplit('/').next() });
        let finding = world.post(format!("{path}/findings")).token(&access).json(finding).send().await.expect(201);
        assert_eq!(finding.json()["entered"]["name"], SIGNED);
        assert_eq!(read(&world, SALES, &finding.header("location")).await["entered"]["posts"][0], "external_auditor");
        let started =
            world.post(format!("{path}/fieldwork-completion")).token(&access).having_read(&found).send().await;
        assert_eq!(started.expect(403).code(), "not_granted");

        // Nobody who works here.
        let people = read(&world, SECRETARY, "/v1/persons?q=本田").await;
        assert_eq!(people["items"], json!([]));
        let signer = seen["person"]["id"].as_str().expect("an id");
        world.get(format!("/v1/persons/{signer}")).person(SECRETARY).send().await.expect(404);
        world.get(format!("/v1/persons/{signer}")).token(&access).send().await.expect(403);
        let appointment = json!({ "person_id": signer, "role": "internal_auditor", "kind": "formal",
            "starts_on": "2024-04-01" });
        let refused = create(&world, MANAGER, "/v1/appointments", appointment).await.expect(422);
        assert_eq!(refused.faults(), one("/person_id", "unknown_reference"));
        let worker = json!({ "name": "誰か", "worker_kind": "guest", "joined_on": "2024-04-01" });
        let refused = create(&world, SECRETARY, "/v1/persons", worker).await.expect(422);
        assert_eq!(refused.faults(), one("/worker_kind", "not_in_list"));
        sealed(&world).await;
        let trail = read(&world, SECRETARY, &format!("/v1/events?person={signer}&limit=200")).await;
        let kinds: Vec<Value> = items(&trail).iter().map(|event| event["kind"].clone()).collect();
        assert!(kinds.contains(&json!("logged_in")) && kinds.contains(&json!("changed")), "{kinds:?}");
        let history = read(&world, SECRETARY, &format!("/v1/events?record={}", guest.id())).await;
        assert!(!history.to_string().contains(EMAIL), "{history}");
    })
    .await;
}

#[actix_web::test]
async fn a_guest_reaches_nothing_but_that_audit() {
    on_both(|world| async move {
        let (path, item) = running(&world).await;
        let other = scheduled(&world).await;
        let guest = invited(&world, MANAGER, &path).await;
        let (access, _) = enter(&world).await;
        let id = path.rsplit('/').next().expect("an id").to_owned();
        let may = |scope: Scope| {
            let granted = cell(Role::ExternalAuditor, scope.resource);
            (granted.all | granted.assigned | granted.own) & Cell::bit(scope.verb) != 0
        };
        for operation in OPERATIONS.iter().filter(|operation| operation.is_list()) {
            let scope = operation.scope().expect("a grant");
            let reply = world.get(operation.at(&id)).token(&access).send().await;
            let what = format!("{}: {}", operation.id(), String::from_utf8_lossy(&reply.bytes));
            if !may(scope) {
                assert_eq!((reply.status.as_u16(), reply.code().as_str()), (403, "not_granted"), "{what}");
                continue;
            }
            let found = items(&reply.json());
            match operation.path.as_str() {
                catalog if catalog.starts_with("/v1/catalog/") => {}
                "/v1/audits" => assert_eq!(found.iter().map(|one| &one["id"]).collect::<Vec<_>>(), [&json!(id)]),
                "/v1/audits/{id}/checklist-items" => assert_eq!(found.len(), 1, "{what}"),
                "/v1/findings" | "/v1/audits/{id}/findings" | "/v1/access-tokens" => {
                    assert!(found.is_empty(), "{what}")
                }
                "/v1/external-audits/{id}/findings" => assert_eq!(reply.status.as_u16(), 404, "{what}"),
                "/v1/work-items" => assert!(found.iter().all(|one| one["path"] == json!(path)), "{what}"),
                _ => panic!("a list that a guest reads: {what}"),
            }
        }
        for operation in OPERATIONS.iter() {
            let Some(scope) = operation.scope().filter(|scope| !may(*scope)) else { continue };
            let reply = world.ask(operation.method.clone(), operation.at(&id)).token(&access).send().await;
            assert_eq!(
                (reply.status.as_u16(), reply.code().as_str()),
                (403, "not_granted"),
                "{} {scope}",
                operation.id()
            );
        }
        world.get(&*other).token(&access).send().await.expect(404);
        for below in ["checklist-items", "findings", "report"] {
            world.get(format!("{other}/{below}")).token(&access).send().await.expect(404);
        }
        world.get(format!("{path}/guests")).token(&access).send().await.expect(403);
        let check = json!({ "clause": "5.2", "check_text": "方針" });
        world.post(format!("{other}/checklist-items")).token(&access).json(check).send().await.expect(404);
        let overview = world.get("/v1/overview").token(&access).send().await.expect(200).json();
        let registers = items_of(&overview, "clauses").into_iter().flat_map(|clause| items_of(&clause, "registers"));
        let told: Vec<Value> = registers.map(|one| json!([one["resource"], one["whole"], one["records"]])).collect();
        assert_eq!(told, [json!(["audit", false, 1])]);
        assert_eq!(overview["self_approved"], 0);
        // Nor by a token: scopes never add.
        let wider = json!({ "name": "x", "scopes": ["asset:read"], "expires_at": "2024-05-01T00:00:00Z" });
        world.post("/v1/access-tokens").token(&access).json(wider).send().await.expect(422);
        let token = script(&world, &access).await;
        world.get(&*path).token(&token).send().await.expect(200);
        // Nor another organization.
        world.get(format!("/v1/audit-guests/{}", guest.id())).person("原 次郎").send().await.expect(404);
        world.get(&*item).person("原 次郎").send().await.expect(404);
    })
    .await;
}

/// Whether login, session, refresh and script are refused.
async fn is_out(world: &World, access: &str, refresh_token: &str, token: &str) {
    me(world, access).await.expect(401);
    me(world, token).await.expect(401);
    refresh(world, refresh_token).await.expect(401);
    log_in(world, EMAIL, PASSWORD).await.expect(401);
}

#[actix_web::test]
async fn the_days_of_a_guest_are_counted_by_the_clock() {
    on_both(|world| async move {
        let (path, _) = running(&world).await;
        let later = draft(json!({ "valid_from": "2024-04-03", "valid_until": "2024-04-05" }));
        let guest = create(&world, MANAGER, &format!("{path}/guests"), later).await.expect(201);
        assert_eq!(guest.json()["state"], "upcoming");
        let link = world.post(format!("/v1/audit-guests/{}/invitations", guest.id())).person(MANAGER).send().await;
        set_password(&world, link.expect(201).json()["token"].as_str().expect("a link"), PASSWORD).await.expect(204);
        log_in(&world, EMAIL, PASSWORD).await.expect(401);
        world.wait(TimeDelta::days(2));
        let token = script(&world, &enter(&world).await.0).await;
        world.wait(TimeDelta::days(2));
        let (access, refresh_token) = enter(&world).await;
        me(&world, &token).await.expect(200);
        world.wait(TimeDelta::days(1));
        is_out(&world, &access, &refresh_token, &token).await;
        let over = read(&world, MANAGER, &format!("/v1/audit-guests/{}", guest.id())).await;
        assert_eq!((&over["state"], &over["allowed_actions"]), (&json!("expired"), &json!([])));
        let again = world.post(format!("/v1/audit-guests/{}/invitations", guest.id())).person(MANAGER).send().await;
        assert_eq!(again.expect(409).code(), "wrong_state");
        // The address is free for another invitation; the old credentials stay refused.
        let next = draft(json!({ "valid_from": "2024-04-06" }));
        create(&world, MANAGER, &format!("{path}/guests"), next).await.expect(201);
        is_out(&world, &access, &refresh_token, &token).await;
    })
    .await;
}

#[actix_web::test]
async fn a_guest_whose_invitation_is_taken_back_is_out_at_once() {
    on_both(|world| async move {
        let (path, item) = running(&world).await;
        let guest = invited(&world, MANAGER, &path).await;
        let (access, refresh_token) = enter(&world).await;
        let token = script(&world, &access).await;
        let found = world.get(&*item).token(&access).send().await.expect(200);
        let result = json!({ "judgement": "conform", "evidence": ["掲示"] });
        world.post(format!("{item}/result")).token(&access).having_read(&found).json(result).send().await.expect(200);
        let address = format!("/v1/audit-guests/{}", guest.id());
        take(&world, MANAGER, &address, "withdrawal", json!({})).await.expect(422);
        let ended =
            take(&world, MANAGER, &address, "withdrawal", json!({ "reason": "契約の終了" })).await.expect(200).json();
        assert_eq!((&ended["state"], &ended["email"]), (&json!("ended"), &json!(null)));
        assert_eq!((&ended["ended"]["name"], &ended["ended"]["reason"]), (&json!(MANAGER), &json!("契約の終了")));
        is_out(&world, &access, &refresh_token, &token).await;
        take(&world, MANAGER, &address, "withdrawal", json!({ "reason": "もう一度" })).await.expect(409);
        // Opening the login again opens nothing: there is no invitation behind it.
        let principal = principal_of(&world, "本田").await;
        let opened = world.post(format!("/v1/principals/{}/reactivation", principal.id())).role(Role::PlatformAdmin);
        opened.having_read(&principal).send().await.expect(200);
        is_out(&world, &access, &refresh_token, &token).await;
        let kept = read(&world, MANAGER, &item).await;
        assert_eq!(kept["result"]["entered"]["name"], SIGNED, "what was signed stays");
        let audit = read(&world, MANAGER, &path).await;
        assert_eq!(audit["team"][0]["auditors"][0]["guest_id"], json!(null));
        // Another login with the same address, and five wrong passwords lock it as anybody's.
        invited(&world, MANAGER, &path).await;
        for _ in 0..5 {
            log_in(&world, EMAIL, "違う合言葉の長い文").await.expect(401);
        }
        log_in(&world, EMAIL, PASSWORD).await.expect(401);
        world.wait(TimeDelta::minutes(16));
        enter(&world).await;
    })
    .await;
}

#[actix_web::test]
async fn five_people_have_a_guest_audit_them_and_the_end_of_the_audit_is_theirs() {
    on_both(|world| async move {
        let [secretary, top, manager, respondent] = ["林 一郎", "森 正子", "原 次郎", "岡 三枝"];
        let id = async |path: &'static str, name: &'static str| {
            id_of(&world, secretary, path, "name", name).await
        };
        let row = json!({
            "function": "internal_audit_manager", "auditors": [{ "external": { "name": NAME, "company": "監査法人" } }],
            "respondent_id": id("/v1/persons", respondent).await, "scheduled_at": "2024-04-10T01:00:00Z",
        });
        let plan = json!({
            "name": "内部監査", "purpose": "運用の確認", "themes": ["全般"], "methods": ["interview"], "method": "聞き取り",
            "criteria": "規格", "report_due": "2024-05", "report_method": "口頭", "rows": [row],
        });
        let path = create(&world, manager, LIST, plan).await.expect(201).header("location");
        create(&world, manager, &format!("{path}/guests"), draft(json!({}))).await.expect(409);
        take(&world, manager, &path, "submission", Value::Null).await.expect(200);
        take(&world, top, &path, "approval", json!({})).await.expect(200);
        invited(&world, manager, &path).await;
        let (access, refresh_token) = enter(&world).await;
        let token = script(&world, &access).await;
        let check = json!({ "clause": "5.2", "check_text": "方針を知っているか" });
        let item = world.post(format!("{path}/checklist-items")).token(&access).json(check).send().await.expect(201);
        take(&world, manager, &path, "start", Value::Null).await.expect(200);
        let read_it = world.get(item.header("location")).token(&access).send().await.expect(200);
        let result = json!({ "judgement": "conform", "evidence": ["質問で確認"] });
        let ask = world.post(format!("{}/result", item.header("location"))).token(&access).having_read(&read_it);
        ask.json(result).send().await.expect(200);
        take(&world, manager, &path, "fieldwork-completion", Value::Null).await.expect(200);
        let report = json!({ "performed_in": "2024-04", "overall_opinion": "有効に働いている" });
        take(&world, manager, &path, "report", report).await.expect(200);
        take(&world, manager, &path, "report-submission", Value::Null).await.expect(200);
        take(&world, top, &path, "report-approval", json!({})).await.expect(200);
        me(&world, &token).await.expect(200);
        take(&world, manager, &path, "closure", Value::Null).await.expect(200);
        is_out(&world, &access, &refresh_token, &token).await;
        let guests = read(&world, manager, &format!("{path}/guests")).await;
        assert_eq!((&guests["items"][0]["state"], &guests["items"][0]["ended"]["name"]), (&json!("ended"), &json!(manager)));
        create(&world, manager, &format!("{path}/guests"), draft(json!({}))).await.expect(409);
        let person = guests["items"][0]["person"]["id"].as_str().expect("an id");
        world.get(format!("/v1/persons/{person}")).person(secretary).send().await.expect(404);
    })
    .await;
}
