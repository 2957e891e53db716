//! Events: history, feed, export and the verification of the chain.

use chrono::TimeDelta;
use futures_util::future::join_all;
use mamori_domain::access::Role;
use mamori_persistence::kernel::db::{Db, Limits};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Backend, Reply, World, on_both};

/// Everything that was committed is sealed.
pub async fn sealed(world: &World) {
    world.service.seal_all().await.expect("sealed");
}

async fn events(world: &World, query: &str) -> Vec<Value> {
    let list = world.get(format!("/v1/events?limit=200{query}")).role(Role::InternalAuditor).send().await.expect(200);
    list.json()["items"].as_array().cloned().unwrap_or_default()
}

async fn verification(world: &World) -> Value {
    world.get("/v1/events/verification").role(Role::InternalAuditor).send().await.expect(200).json()
}

fn column(events: &[Value], name: &str) -> Vec<Value> {
    events.iter().map(|event| event[name].clone()).collect()
}

async fn enter(world: &World, name: &str) -> Reply {
    let draft = world.asset_draft(json!({ "name": name })).await;
    world.post("/v1/assets").role(Role::IsmsSecretariat).json(draft).send().await.expect(201)
}

/// Changes the database behind the service's back, with the rights of its own role. `ORG` stands for the sample
/// organization, `NEW` for a new id.
async fn tamper(world: &World, sql: &str) {
    let me = world.get("/v1/me").role(Role::IsmsSecretariat).send().await.expect(200);
    let organization: Uuid = me.json()["organization"]["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    let (key, new) = match world.backend {
        Backend::Sqlite => (format!("x'{}'", organization.simple()), "randomblob(16)"),
        Backend::Postgres => (format!("'{organization}'::uuid"), "gen_random_uuid()"),
    };
    let sql = sql.replace("ORG", &key).replace("NEW", new);
    let limits = Limits { readers: 1, writers: 1, waiting: 16 };
    let db = Db::open(world.location.clone(), limits, None).await.expect("a database");
    db.write(Some(organization), move |conn| conn.batch(&sql)).await.expect("tampered");
}

/// A copy of the first row, under another id, with these values for number and hash.
fn copy(sequence: &str, hash: &str) -> String {
    let columns = "\"at\", kind, operation, request_id, principal_id, person_id, actor, resource, record_id, \
                   \"before\", \"after\"";
    format!(
        "INSERT INTO event (organization_id, id, {columns}, sequence, hash) \
         SELECT organization_id, NEW, {columns}, {sequence}, {hash} FROM event \
         WHERE organization_id = ORG AND sequence = 1"
    )
}

#[actix_web::test]
async fn the_history_of_a_record_tells_who_did_what_when() {
    on_both(|world| async move {
        let made = enter(&world, "評価シート").await;
        world.wait(TimeDelta::hours(1));
        let revise = world.patch(made.header("location")).role(Role::SystemAdministrator).having_read(&made);
        let revise = revise.header("x-request-id", "req-42").json(json!({ "availability": 3 }));
        let revised = revise.send().await.expect(200);
        let gone = world.post(format!("{}/disposal", made.header("location"))).role(Role::IsmsSecretariat);
        let gone = gone.having_read(&revised).json(json!({ "disposed_on": "2024-04-01", "reason": "廃棄" }));
        gone.send().await.expect(200);
        sealed(&world).await;

        let history = events(&world, &format!("&record={}", made.id())).await;
        assert_eq!(column(&history, "kind"), ["created", "changed", "changed"]);
        assert_eq!(column(&history, "operation"), ["create_asset", "revise_asset", "dispose_asset"]);
        assert_eq!(column(&history, "actor"), ["上田 直樹", "斎藤 翔", "上田 直樹"]);
        assert_eq!(column(&history, "at"), ["2024-04-01T00:00:00Z", "2024-04-01T01:00:00Z", "2024-04-01T01:00:00Z"]);
        assert_eq!((&history[0]["before"], &history[0]["after"]["availability"]), (&json!(null), &json!(1)));
        let (before, after) = (&history[1]["before"], &history[1]["after"]);
        assert_eq!((&before["availability"], &after["availability"]), (&json!(1), &json!(3)));
        assert_eq!((&before["importance"], &after["importance"]), (&json!(2), &json!(3)));
        assert_eq!(history[1]["request_id"], "req-42");
        assert_eq!(history[1]["resource"], "asset");
        assert_eq!(history[2]["after"]["state"], "disposed");
        let numbers = column(&history, "sequence");
        assert!(numbers.windows(2).all(|pair| pair[0].as_i64() < pair[1].as_i64()), "{numbers:?}");
        // What failed or was only tried out left nothing.
        let tried = world.post("/v1/assets?validate_only=true").role(Role::IsmsSecretariat);
        tried.json(world.asset_draft(json!({})).await).send().await.expect(201);
        sealed(&world).await;
        assert_eq!(events(&world, "&operation=create_asset").await.len(), 1);
    })
    .await;
}

#[actix_web::test]
async fn the_feed_is_filtered() {
    on_both(|world| async move {
        sealed(&world).await;
        let end = events(&world, "&sort=-sequence").await[0]["sequence"].as_i64().unwrap_or_default();
        world.wait(TimeDelta::hours(1));
        let made = enter(&world, "評価シート").await;
        world.wait(TimeDelta::hours(1));
        let draft = json!({ "name": "法務部" });
        world.post("/v1/departments").role(Role::SecurityCommitteeChair).json(draft).send().await.expect(201);
        let draft = world.asset_draft(json!({})).await;
        world.post("/v1/assets").person("高橋 花").json(draft).send().await.expect(403);
        sealed(&world).await;

        let fresh = events(&world, &format!("&after={end}")).await;
        assert_eq!(column(&fresh, "operation"), ["create_asset", "create_department", "create_asset"]);
        assert_eq!(column(&fresh, "sequence"), [json!(end + 1), json!(end + 2), json!(end + 3)]);
        let both = format!("&after={end}&resource=asset");
        assert_eq!(column(&events(&world, &both).await, "kind"), ["created", "refused"]);
        let refused = events(&world, "&kind=refused").await;
        assert_eq!(
            (refused.len(), &refused[0]["actor"], &refused[0]["after"]["code"]),
            (1, &json!("高橋 花"), &json!("not_granted"))
        );
        assert_eq!(events(&world, "&operation=create_department").await.len(), 1);
        let by = made.json()["id"].as_str().map(|id| format!("&record={id}")).unwrap_or_default();
        let secretary = events(&world, &by).await[0]["person_id"].as_str().unwrap_or_default().to_owned();
        let of_person = events(&world, &format!("&person={secretary}&after={end}")).await;
        assert_eq!(column(&of_person, "operation"), ["create_asset"]);
        let hour = events(&world, "&from=2024-04-01T01:00:00Z&until=2024-04-01T02:00:00Z").await;
        assert_eq!(column(&hour, "sequence"), [json!(end + 1)]);
        assert_eq!(events(&world, &format!("&after={}", end + 3)).await, Vec::<Value>::new());
        for (query, code) in [
            ("resource=x", "malformed_query"),
            ("after=-", "malformed_query"),
            ("x=1", "unknown_parameter"),
            ("from=yesterday", "malformed_query"),
            ("record=1", "malformed_query"),
        ] {
            let refused = world.get(format!("/v1/events?{query}")).role(Role::InternalAuditor).send().await.expect(400);
            assert_eq!(refused.code(), code, "{query}");
        }
        // Page by page it is the same list, in both directions.
        for sort in ["sequence", "-sequence"] {
            let whole = column(&events(&world, &format!("&sort={sort}")).await, "sequence");
            let (mut paged, mut cursor) = (Vec::new(), String::new());
            loop {
                let path = format!("/v1/events?limit=40&sort={sort}{cursor}");
                let page = world.get(path).role(Role::InternalAuditor).send().await.expect(200).json();
                paged.extend(column(page["items"].as_array().map(Vec::as_slice).unwrap_or_default(), "sequence"));
                match page["next"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
            assert_eq!(paged[..whole.len().min(200)], whole);
        }
    })
    .await;
}

#[actix_web::test]
async fn only_who_may_reads_events_and_only_of_the_own_organization() {
    on_both(|world| async move {
        let made = enter(&world, "評価シート").await;
        sealed(&world).await;
        for role in [Role::Employee, Role::DepartmentManager, Role::HrOfficer, Role::TrainingManager] {
            world.get("/v1/events").role(role).send().await.expect(403);
            world.get("/v1/events/verification").role(role).send().await.expect(403);
        }
        let there = world.get(format!("/v1/events?record={}", made.id())).person("林 一郎").send().await.expect(200);
        assert_eq!(there.json()["items"], json!([]));
        let there = world.get("/v1/events/verification").person("林 一郎").send().await.expect(200).json();
        assert_eq!((&there["intact"], &there["checked"]), (&json!(true), &there["head_sequence"]));
    })
    .await;
}

#[actix_web::test]
async fn everything_is_exported_as_lines_and_as_a_table() {
    on_both(|world| async move {
        enter(&world, "=cmd|' /C calc'!A0").await;
        sealed(&world).await;
        let count = verification(&world).await["head_sequence"].as_u64().and_then(|n| usize::try_from(n).ok());
        let lines = world.get("/v1/events?format=jsonl").role(Role::InternalAuditor).send().await.expect(200);
        assert_eq!(lines.header("content-type"), "application/jsonl");
        let text = String::from_utf8(lines.bytes).expect("UTF-8");
        let read: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!(Some(read.len()), count);
        assert_eq!(read[0]["sequence"], 1);
        assert_eq!(read[read.len() - 1]["after"]["name"], "=cmd|' /C calc'!A0");
        sealed(&world).await;
        let exported = events(&world, "&kind=exported").await;
        assert_eq!(
            (exported.len(), &exported[0]["resource"], &exported[0]["after"]["rows"]),
            (1, &json!("event"), &json!(count))
        );

        let table = world.get("/v1/events?format=csv&operation=create_asset").role(Role::InternalAuditor).send().await;
        let table = table.expect(200);
        assert!(table.header("content-type").starts_with("text/csv"));
        assert!(table.header("content-disposition").contains("events.csv"));
        let text = String::from_utf8(table.bytes).expect("UTF-8");
        let mut rows = text.trim_start_matches('\u{feff}').lines();
        assert!(rows.next().is_some_and(|header| header.starts_with("sequence,at,kind,operation,request_id,actor")));
        assert_eq!(rows.count(), 1);
    })
    .await;
}

#[actix_web::test]
async fn logins_and_failed_ones_are_events() {
    on_both(|world| async move {
        let list = world.get("/v1/principals?q=高橋").role(Role::PlatformAdmin).send().await.expect(200);
        let (id, person) = (list.json()["items"][0]["id"].clone(), list.json()["items"][0]["person"]["id"].clone());
        let path = format!("/v1/principals/{}/password-resets", id.as_str().unwrap_or_default());
        let link = world.post(path).role(Role::PlatformAdmin).send().await.expect(201).json();
        let set = json!({ "token": link["token"], "password": "correct horse battery" });
        world.post("/v1/password-settings").json(set).send().await.expect(204);
        let log_in = async |password: &str| {
            let login = json!({ "email": "takahashi@moriya.example", "password": password });
            world.post("/v1/sessions").json(login).send().await
        };
        log_in("correct horse battery").await.expect(201);
        log_in("not the right one").await.expect(401);
        sealed(&world).await;
        for kind in ["logged_in", "login_failed"] {
            let found = events(&world, &format!("&kind={kind}")).await;
            assert_eq!((found.len(), &found[0]["record_id"]), (1, &id), "{kind}");
            assert_eq!((&found[0]["operation"], &found[0]["resource"]), (&json!("log_in"), &json!("principal")));
        }
        let of_person = format!("&kind=logged_in&person={}", person.as_str().unwrap_or_default());
        let logged_in = events(&world, &of_person).await;
        assert_eq!(
            (logged_in.len(), &logged_in[0]["actor"], &logged_in[0]["principal_id"]),
            (1, &json!("高橋 花"), &id)
        );
        // Whoever failed has not proven to be this person.
        let failed = &events(&world, "&kind=login_failed").await[0];
        assert_eq!((&failed["person_id"], &failed["principal_id"]), (&json!(null), &json!(null)));
    })
    .await;
}

#[actix_web::test]
async fn refused_attempts_are_events() {
    on_both(|world| async move {
        let made = enter(&world, "評価シート").await;
        let revise = world.patch(made.header("location")).role(Role::TrainingManager).having_read(&made);
        revise.json(json!({ "availability": 3 })).send().await.expect(403);
        let scopes = json!({ "name": "x", "scopes": ["asset:read"], "expires_at": "2024-05-01T00:00:00Z" });
        let token = world.post("/v1/access-tokens").role(Role::IsmsSecretariat).json(scopes).send().await.expect(201);
        let token = token.json()["token"].as_str().unwrap_or_default().to_owned();
        world.post(format!("{}/disposal", made.header("location"))).token(&token).send().await.expect(403);
        // What was only wrong is none.
        world.post("/v1/assets").role(Role::IsmsSecretariat).json(json!({})).send().await.expect(422);
        world.get("/v1/assets").send().await.expect(401);
        sealed(&world).await;
        let refused = events(&world, "&kind=refused").await;
        assert_eq!(column(&refused, "operation"), ["revise_asset", "dispose_asset"]);
        assert_eq!(column(&refused, "record_id"), [made.id(), made.id()]);
        assert_eq!(column(&refused, "actor"), ["木村 拓", "上田 直樹"]);
        assert_eq!(
            (&refused[0]["after"]["code"], &refused[1]["after"]["code"]),
            (&json!("not_granted"), &json!("out_of_scope"))
        );
    })
    .await;
}

#[actix_web::test]
async fn a_whole_chain_is_intact_and_its_head_is_told() {
    on_both(|world| async move {
        enter(&world, "評価シート").await;
        sealed(&world).await;
        let found = verification(&world).await;
        let last = events(&world, "&sort=-sequence").await[0].clone();
        assert_eq!(
            found,
            json!({ "intact": true, "checked": last["sequence"], "head_hash": last["hash"],
            "head_sequence": last["sequence"], "unsealed": 0, "faults": [] })
        );
        assert_eq!(last["hash"].as_str().map(str::len), Some(64));
        // The chain goes on from its head.
        enter(&world, "評価シート 2").await;
        sealed(&world).await;
        let later = verification(&world).await;
        assert_eq!(
            (&later["intact"], later["head_sequence"].as_i64()),
            (&json!(true), last["sequence"].as_i64().map(|n| n + 1))
        );
    })
    .await;
}

#[actix_web::test]
async fn a_changed_row_is_found() {
    for (column, value) in [
        ("actor", "'別人'"),
        ("\"after\"", "replace(\"after\", '{', '{ ')"),
        ("\"before\"", "'{}'"),
        ("kind", "'exported'"),
        ("operation", "'x'"),
        ("request_id", "'x'"),
        ("resource", "'x'"),
        ("record_id", "organization_id"),
        ("person_id", "organization_id"),
        ("principal_id", "organization_id"),
        ("id", "organization_id"),
    ] {
        if column != "actor" {
            // Every column on one database is enough.
            crate::harness::on(Backend::Sqlite, |world| changed(world, column, value)).await;
        } else {
            on_both(|world| changed(world, column, value)).await;
        }
    }
}

async fn changed(world: World, column: &str, value: &str) {
    sealed(&world).await;
    tamper(&world, &format!("UPDATE event SET {column} = {value} WHERE organization_id = ORG AND sequence = 5")).await;
    let found = verification(&world).await;
    assert_eq!(found["intact"], false, "{column}");
    assert_eq!(found["faults"], json!([{ "sequence": 5, "kind": "altered" }]), "{column}");
    assert_eq!(found["checked"], found["head_sequence"]);
}

#[actix_web::test]
async fn a_missing_row_is_found() {
    on_both(|world| async move {
        sealed(&world).await;
        tamper(&world, "DELETE FROM event WHERE organization_id = ORG AND sequence IN (1, 7, 8)").await;
        let found = verification(&world).await;
        let missing = [1, 7, 8].map(|sequence| json!({ "sequence": sequence, "kind": "missing" }));
        assert_eq!((&found["intact"], &found["faults"]), (&json!(false), &json!(missing)));
        // What comes after goes on, and the gap stays visible.
        enter(&world, "評価シート").await;
        sealed(&world).await;
        assert_eq!(verification(&world).await["faults"], json!(missing));
    })
    .await;
}

#[actix_web::test]
async fn exchanged_rows_are_found() {
    on_both(|world| async move {
        sealed(&world).await;
        for (from, to) in [("10", "-10"), ("11", "10"), ("-10", "11")] {
            let exchange =
                format!("UPDATE event SET sequence = {to} WHERE organization_id = ORG AND sequence = {from}");
            tamper(&world, &exchange).await;
        }
        let found = verification(&world).await;
        assert_eq!(found["intact"], false);
        assert_eq!(found["faults"][0], json!({ "sequence": 10, "kind": "altered" }));
        assert_eq!(found["faults"][1], json!({ "sequence": 11, "kind": "altered" }));
    })
    .await;
}

#[actix_web::test]
async fn a_cut_tail_and_a_moved_head_are_found() {
    on_both(|world| async move {
        sealed(&world).await;
        let head = verification(&world).await["head_sequence"].as_i64().unwrap_or_default();
        let cut = format!("DELETE FROM event WHERE organization_id = ORG AND sequence > {}", head - 2);
        tamper(&world, &cut).await;
        let found = verification(&world).await;
        let moved = json!([{ "sequence": head, "kind": "head_moved" }]);
        assert_eq!((&found["intact"], &found["faults"]), (&json!(false), &moved));
    })
    .await;
    on_both(|world| async move {
        sealed(&world).await;
        tamper(&world, "UPDATE event_chain SET head_sequence = head_sequence - 1 WHERE organization_id = ORG").await;
        let found = verification(&world).await;
        assert_eq!((&found["intact"], &found["faults"][0]["kind"]), (&json!(false), &json!("head_moved")));
    })
    .await;
}

#[actix_web::test]
async fn a_row_that_was_slipped_in_is_found() {
    on_both(|world| async move {
        sealed(&world).await;
        for sequence in ["0", "-5"] {
            tamper(&world, &copy(sequence, "hash")).await;
        }
        let found = verification(&world).await;
        let kinds = column(found["faults"].as_array().map(Vec::as_slice).unwrap_or_default(), "sequence");
        assert_eq!((&found["intact"], kinds), (&json!(false), vec![json!(-5), json!(0)]));
        tamper(&world, "DELETE FROM event WHERE organization_id = ORG AND sequence < 1").await;
        assert_eq!(verification(&world).await["intact"], true);
        let next = "(SELECT head_sequence + 1 FROM event_chain WHERE organization_id = ORG)";
        tamper(&world, &copy(next, "hash")).await;
        assert_eq!(verification(&world).await["intact"], false);
    })
    .await;
}

#[actix_web::test]
async fn the_unsealed_tail_is_told_and_not_shown() {
    on_both(|world| async move {
        sealed(&world).await;
        let before = verification(&world).await;
        // As a process leaves it that wrote and died.
        tamper(&world, &copy("NULL", "NULL")).await;
        let found = verification(&world).await;
        assert_eq!((&found["intact"], &found["unsealed"]), (&json!(true), &json!(1)));
        assert_eq!(found["head_hash"], before["head_hash"]);
        let after = format!("&after={}", before["head_sequence"]);
        assert_eq!(events(&world, &after).await, Vec::<Value>::new());
        sealed(&world).await;
        assert_eq!(events(&world, &after).await.len(), 1);
        assert_eq!(verification(&world).await["unsealed"], 0);
    })
    .await;
}

#[actix_web::test]
async fn events_are_sealed_soon_after_they_are_committed() {
    on_both(|world| async move {
        let made = enter(&world, "評価シート").await;
        for _ in 0..200 {
            if !events(&world, &format!("&record={}", made.id())).await.is_empty() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("nobody sealed");
    })
    .await;
}

#[actix_web::test]
async fn twenty_writers_at_once_leave_no_gap() {
    on_both(|world| async move {
        let draft = world.asset_draft(json!({})).await;
        let posts = (0..20).map(|number| {
            let mut draft = draft.clone();
            draft["name"] = json!(format!("評価シート {number}"));
            world.post("/v1/assets").role(Role::IsmsSecretariat).json(draft).send()
        });
        let made = join_all(posts).await;
        let mut numbers: Vec<i64> =
            made.into_iter().map(|reply| reply.expect(201).json()["number"].as_i64().unwrap_or_default()).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (13..33).collect::<Vec<_>>());
        sealed(&world).await;
        let found = verification(&world).await;
        assert_eq!((&found["intact"], &found["unsealed"]), (&json!(true), &json!(0)));
        let all = world.get("/v1/events?format=jsonl").role(Role::InternalAuditor).send().await.expect(200);
        let text = String::from_utf8(all.bytes).expect("UTF-8");
        let sequences: Vec<i64> = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["sequence"].as_i64().unwrap_or_default())
            .collect();
        assert_eq!(sequences, (1..=found["head_sequence"].as_i64().unwrap_or_default()).collect::<Vec<_>>());
        assert_eq!(events(&world, "&operation=create_asset").await.len(), 20);
    })
    .await;
}

#[actix_web::test]
async fn the_first_records_of_a_series_come_at_once() {
    on_both(|world| async move {
        // The small company has no asset yet: nor a counter.
        let list = async |path: &str| world.get(path).person("林 一郎").send().await.expect(200).json()["items"][0]["id"].clone();
        let (department, position) = (list("/v1/departments?q=業務部").await, list("/v1/positions?q=業務部長").await);
        let posts = (0..6).map(|number| {
            let draft = json!({ "business_category": "業務", "name": format!("台帳 {number}"), "authorized_users": "全員",
                "risk_owner_position_id": position, "managing_department_id": department, "media": "office_pc",
                "confidentiality": 2, "integrity": 2, "availability": 1 });
            world.post("/v1/assets").person("林 一郎").json(draft).send()
        });
        let mut numbers: Vec<i64> = join_all(posts)
            .await
            .into_iter()
            .map(|reply| reply.expect(201).json()["number"].as_i64().unwrap_or_default())
            .collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
    })
    .await;
}
