//! What stands on either database: migrations, lost connections, the second lock, TLS, durability.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use futures_util::future::join_all;
use mamori_api::{commands::serve, kernel::tokens::Keys};
use mamori_domain::{access::Role, kernel::clock::Clock};
use mamori_persistence::kernel::{
    db::{Db, Limits, Location, migrate},
    failure::{Failure, Outcome},
};
use serde_json::json;
use uuid::Uuid;

use crate::harness::{Backend, World, beginning, files_beside, on, on_both, place, postgres};

const FEW: Limits = Limits { readers: 1, writers: 1, waiting: 16 };

/// Runs SQL with the rights of the service's own role, for an organization or none.
async fn sql(location: &Location, organization: Option<Uuid>, text: &str) -> Outcome<()> {
    let text = text.to_owned();
    let db = Db::open(location.clone(), FEW, None).await?;
    db.write(organization, move |conn| conn.batch(&text)).await
}

/// Starts a service as `serve` does; why it did not start, where it does not.
async fn starts(location: &Location) -> Result<(), String> {
    migrate(location.clone()).await.map_err(|failure| failure.to_string())?;
    let settings = mamori_api::kernel::config::Settings::default();
    let keys = Keys::ephemeral().expect("a key");
    let started = serve::start(location.clone(), Clock::manual(beginning()), keys, files_beside(location), settings);
    started.await.map(|_| ()).map_err(|fault| fault.to_string())
}

fn url(location: &Location) -> String {
    match location {
        Location::Server(url) => url.clone(),
        Location::File(_) => panic!("not a server"),
    }
}

fn database_of(location: &Location) -> String {
    url(location).rsplit('/').next().unwrap_or_default().to_owned()
}

async fn organization(world: &World) -> Uuid {
    let me = world.get("/v1/me").role(Role::IsmsSecretariat).send().await.expect(200).json();
    me["organization"]["id"].as_str().and_then(|id| id.parse().ok()).expect("an id")
}

#[actix_web::test]
async fn migrating_twice_does_nothing_more() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let Some(location) = place(backend) else { continue };
        let first = migrate(location.clone()).await.expect("migrated");
        assert!(!first.is_empty());
        assert_eq!(migrate(location.clone()).await.expect("migrated"), Vec::<String>::new());
        starts(&location).await.expect("a service");
    }
}

#[actix_web::test]
async fn two_that_migrate_at_once_wait_for_each_other() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let Some(location) = place(backend) else { continue };
        let done = join_all((0..3).map(|_| migrate(location.clone()))).await;
        let mut done: Vec<usize> = done.into_iter().map(|done| done.expect("migrated").len()).collect();
        done.sort_unstable();
        assert_eq!(done[..2], [0, 0], "{backend:?}");
        assert!(done[2] > 0);
    }
}

/// Takes migration 5 back, as far as the data goes.
const BEFORE_CONTROLS_HAD_NUMBERS: [&str; 2] = [
    "UPDATE risk SET treatment = json_set(treatment, '$.controls', json((SELECT json_group_array(json_remove(value, \
     '$.number') ORDER BY key) FROM json_each(risk.treatment, '$.controls')))) WHERE treatment IS NOT NULL; \
     UPDATE treatment_item SET control_number = control_number - 1; \
     ALTER TABLE treatment_item RENAME COLUMN control_number TO control_index; \
     ALTER TABLE asset DROP COLUMN confirmation; ALTER TABLE asset ADD COLUMN importance_basis TEXT;",
    "UPDATE risk SET treatment = jsonb_set(treatment, '{controls}', (SELECT jsonb_agg(control - 'number') FROM \
     jsonb_array_elements(treatment -> 'controls') AS controls (control))) WHERE treatment IS NOT NULL; \
     UPDATE treatment_item SET control_number = control_number - 1; \
     ALTER TABLE treatment_item RENAME COLUMN control_number TO control_index; \
     ALTER TABLE asset DROP COLUMN confirmation; ALTER TABLE asset ADD COLUMN importance_basis text;",
];

#[actix_web::test]
async fn a_migration_keeps_the_data() {
    on_both(|world| async move {
        let all = async || {
            let mut found = Vec::new();
            for path in ["/v1/risks?limit=200", "/v1/treatment-items?limit=200", "/v1/assets?limit=200"] {
                found.push(world.get(path).role(Role::IsmsSecretariat).send().await.expect(200).json());
            }
            found
        };
        let before = all().await;
        migrate_again(&world, BEFORE_CONTROLS_HAD_NUMBERS, "2026-11-24-000005_controls_and_confirmations").await;
        assert_eq!(all().await, before);
    })
    .await;
}

/// Takes migration 22 back: objectives of the policy are texts, and an objective repeats one of them. Those that served the
/// first say something that the policy does not.
const BEFORE_OBJECTIVES_HAD_NUMBERS: [&str; 2] = [
    "UPDATE policy SET content = json_set(content, '$.objectives', json((SELECT json_group_array(json_extract(value, \
     '$.text') ORDER BY key) FROM json_each(policy.content, '$.objectives')))); \
     ALTER TABLE policy DROP COLUMN last_objective_number; \
     UPDATE objective SET content = json_set(json_remove(content, '$.policy_objective_number'), '$.policy_objective', \
     CASE json_extract(content, '$.policy_objective_number') WHEN 1 THEN '昔の目標' ELSE policy_objective_text END); \
     ALTER TABLE objective DROP COLUMN policy_objective_text;",
    "UPDATE policy SET content = jsonb_set(content, '{objectives}', (SELECT coalesce(jsonb_agg(objective -> 'text' \
     ORDER BY place), '[]') FROM jsonb_array_elements(content -> 'objectives') WITH ORDINALITY AS o (objective, place))); \
     ALTER TABLE policy DROP COLUMN last_objective_number; \
     UPDATE objective SET content = (content - 'policy_objective_number') || jsonb_build_object('policy_objective', \
     CASE content ->> 'policy_objective_number' WHEN '1' THEN '昔の目標' ELSE policy_objective_text END); \
     ALTER TABLE objective DROP COLUMN policy_objective_text;",
];

#[actix_web::test]
async fn a_37_the_migration_to_numbers_keeps_what_an_objective_was_said_to_serve() {
    on_both(|world| async move {
        let get = async |path: &str| world.get(path).role(Role::IsmsSecretariat).send().await.expect(200).json();
        let draft = json!({
            "objective": "違反を出さない", "policy_objective_number": 1, "measuring_interval_months": 6,
            "metric": { "name": "違反", "unit": "件", "comparison": "at_most", "target_value": "0" },
            "action": "周知", "required_resources": "時間", "due": "2024-09", "evaluation_method": "数える",
            "responsible_person_id": world.first_id("/v1/persons").await,
        });
        world.post("/v1/objectives").role(Role::IsmsSecretariat).json(draft).send().await.expect(201);
        let (policies, mut objectives) = (get("/v1/policies").await, get("/v1/objectives").await);
        migrate_again(&world, BEFORE_OBJECTIVES_HAD_NUMBERS, "2026-11-24-000022_policy_objectives").await;
        assert_eq!(get("/v1/policies").await, policies, "the same texts have the same numbers again");
        let all = objectives["items"].as_array_mut().expect("objectives");
        assert!(all.iter().any(|of| of["policy_objective_number"] == 2), "one that the policy still has: {all:?}");
        for of in all.iter_mut().filter(|of| of["policy_objective_number"] == 1) {
            of["policy_objective_number"] = json!(null);
            of["policy_objective"] = json!({ "text": "昔の目標", "in_force": false });
        }
        assert_eq!(get("/v1/objectives").await, objectives);
    })
    .await;
}

/// Takes a migration back, on SQLite or PostgreSQL, and does it again.
async fn migrate_again(world: &World, [sqlite, postgres_sql]: [&str; 2], name: &str) {
    let folder = match &world.location {
        Location::File(_) => {
            sql(&world.location, None, sqlite).await.expect("taken back");
            "sqlite"
        }
        Location::Server(_) => {
            postgres().expect("a server").admin_in(&database_of(&world.location), postgres_sql);
            "postgres"
        }
    };
    let file = format!("../migrations/{folder}/{name}/up.sql");
    let up = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect("a migration");
    sql(&world.location, None, &up).await.expect("migrated");
}

#[actix_web::test]
async fn an_unknown_migration_means_a_later_release() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let Some(location) = place(backend) else { continue };
        migrate(location.clone()).await.expect("migrated");
        let later = "INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231000000')";
        sql(&location, None, later).await.expect("noted");
        let why = starts(&location).await.expect_err("it must not start");
        assert!(why.contains("29991231000000") && why.contains("later release"), "{why}");
    }
}

#[actix_web::test]
async fn a_failed_migration_stops_the_start_and_can_be_mended() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let Some(location) = place(backend) else { continue };
        // A table in the way of a later migration.
        match &location {
            Location::File(_) => {
                drop(migrate(location.clone()).await.expect("migrated"));
                let back = "DROP TABLE event; DELETE FROM __diesel_schema_migrations WHERE version >= '20261122000003'; \
                    ALTER TABLE event_chain RENAME TO in_the_way; CREATE TABLE event (x INTEGER)";
                sql(&location, None, back).await.expect("taken back");
            }
            Location::Server(_) => {
                let database = database_of(&location);
                postgres().expect("a server").admin_in(&database, "CREATE TABLE event (x integer)");
            }
        }
        let why = starts(&location).await.expect_err("it must not start");
        assert!(why.contains("migration"), "{backend:?}: {why}");
        if let Location::Server(_) = &location {
            // What failed left nothing behind: once the cause is gone, the same run goes through.
            postgres().expect("a server").admin_in(&database_of(&location), "DROP TABLE event");
            starts(&location).await.expect("a service");
        }
    }
}

#[actix_web::test]
async fn a_connection_that_was_cut_is_opened_again() {
    on(Backend::Postgres, |world| async move {
        let draft = world.asset_draft(json!({})).await;
        let database = database_of(&world.location);
        for number in 0..3 {
            let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                       WHERE datname = current_database() AND usename = 'mamori'";
            postgres().expect("a server").admin_in(&database, cut);
            world.get("/v1/assets").role(Role::IsmsSecretariat).send().await.expect(200);
            let mut draft = draft.clone();
            draft["name"] = json!(format!("評価シート {number}"));
            world.post("/v1/assets").role(Role::IsmsSecretariat).json(draft).send().await.expect(201);
            world.get("/v1/events/verification").role(Role::IsmsSecretariat).send().await.expect(200);
            world.get("/readyz").send().await.expect(200);
        }
        let list = world.get("/v1/assets?q=評価シート&include_total=true").role(Role::IsmsSecretariat).send().await;
        assert_eq!(list.expect(200).json()["total"], 3);
    })
    .await;
}

#[actix_web::test]
async fn what_may_have_been_committed_is_not_done_again() {
    on(Backend::Postgres, |world| async move {
        // The connection dies while it commits; the sequence counts the attempts, whatever becomes of them.
        let trap = "CREATE SEQUENCE attempts OWNED BY NONE; \
             CREATE FUNCTION die() RETURNS trigger SECURITY DEFINER LANGUAGE plpgsql AS $$ BEGIN \
               PERFORM nextval('attempts'); PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); \
               RETURN NULL; END $$; \
             CREATE CONSTRAINT TRIGGER die AFTER INSERT ON department DEFERRABLE INITIALLY DEFERRED \
               FOR EACH ROW EXECUTE FUNCTION die()";
        let database = database_of(&world.location);
        postgres().expect("a server").admin_in(&database, trap);
        let body = json!({ "name": "法務部" });
        let lost =
            world.post("/v1/departments").role(Role::IsmsSecretariat).json(body.clone()).send().await.expect(503);
        assert_eq!(lost.code(), "unavailable");
        let once = "DO $$ BEGIN IF (SELECT last_value FROM attempts) <> 1 THEN RAISE 'tried again'; END IF; END $$; \
                    DROP TRIGGER die ON department";
        postgres().expect("a server").admin_in(&database, once);
        world.post("/v1/departments").role(Role::IsmsSecretariat).json(body).send().await.expect(201);
    })
    .await;
}

#[actix_web::test]
async fn a_role_above_row_level_security_is_refused() {
    let Some(location) = place(Backend::Postgres) else { return };
    migrate(location.clone()).await.expect("migrated");
    let superuser = Location::Server(url(&location).replace("mamori@", "postgres@"));
    let why = starts(&superuser).await.expect_err("it must not start");
    assert!(why.contains("superuser"), "{why}");
    let server = postgres().expect("a server");
    server.admin(
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'mamori_bypass') \
         THEN CREATE ROLE mamori_bypass LOGIN NOSUPERUSER BYPASSRLS IN ROLE mamori; END IF; END $$",
    );
    let bypass = Location::Server(url(&location).replace("mamori@", "mamori_bypass@"));
    let why = Db::open(bypass, FEW, None).await.err().expect("it must not open").to_string();
    assert!(why.contains("BYPASSRLS"), "{why}");
}

#[actix_web::test]
async fn without_an_organization_no_row_is_seen() {
    on(Backend::Postgres, |world| async move {
        let here = organization(&world).await;
        let expect = |table: &str, condition: &str| {
            format!("DO $$ BEGIN IF NOT (SELECT count(*) {condition} FROM {table}) THEN RAISE 'rows of {table}'; END IF; END $$")
        };
        for table in ["asset", "risk", "person", "principal", "credential", "event", "idempotency_key", "organization"] {
            sql(&world.location, None, &expect(table, "= 0")).await.expect(table);
            let nobody = Some(Uuid::from_u128(1));
            sql(&world.location, nobody, &expect(table, "= 0")).await.expect(table);
        }
        sql(&world.location, Some(here), &expect("asset", "= 12")).await.expect("the sample's assets");
        // Nothing is written into another organization either.
        let moved = format!("UPDATE asset SET organization_id = '{}'", Uuid::from_u128(1));
        sql(&world.location, Some(here), &moved).await.expect_err("it must be refused");
        // Every table with an organization is locked so; only the registry, the directory of logins and setup are not.
        let unlocked = "DO $$ DECLARE open text; BEGIN SELECT string_agg(relname, ',' ORDER BY relname) INTO open \
             FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace \
             AND NOT (relrowsecurity AND relforcerowsecurity); \
             IF open <> '__diesel_schema_migrations,login,setup,tenant' THEN RAISE '%', open; END IF; END $$";
        sql(&world.location, None, unlocked).await.expect("all tables are locked");
    })
    .await;
}

#[actix_web::test]
async fn plain_text_to_another_host_is_refused() {
    for mode in ["?sslmode=disable", "?sslmode=prefer", "?sslmode=allow"] {
        let location = Location::Server(format!("postgres://mamori@db.example/mamori{mode}"));
        let why = migrate(location).await.expect_err("it must be refused").to_string();
        assert!(why.contains("plain text"), "{why}");
    }
}

/// A certificate authority and a certificate for 127.0.0.1, made with openssl; `None` without it.
fn certificates(folder: &Path) -> Option<PathBuf> {
    std::fs::create_dir_all(folder).expect("a folder");
    let openssl = |arguments: &[&str]| {
        let done = Command::new("openssl").args(arguments).current_dir(folder).output().ok()?;
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        Some(())
    };
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    for authority in ["ca", "other"] {
        let (file, out) = (format!("{authority}.key"), format!("{authority}.pem"));
        let subject = format!("/CN=mamori test {authority}");
        let made = ["req", "-x509", "-days", "30", "-keyout", &file, "-out", &out, "-subj", &subject];
        openssl(&[made.as_slice(), &key].concat())?;
    }
    let asked = ["req", "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=127.0.0.1"];
    openssl(&[asked.as_slice(), &key].concat())?;
    std::fs::write(folder.join("names"), "subjectAltName=IP:127.0.0.1\n").expect("a file");
    openssl(&[
        "x509",
        "-req",
        "-in",
        "server.csr",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-days",
        "30",
        "-extfile",
        "names",
        "-out",
        "server.pem",
    ])?;
    // The server reads its key itself, and only where nobody else can.
    let as_root = Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.starts_with(b"0\n"));
    if as_root {
        let given = Command::new("chown").args(["-R", "postgres"]).arg(folder).status();
        assert!(given.is_ok_and(|status| status.success()), "chown");
    }
    let closed = Command::new("chmod").arg("600").arg(folder.join("server.key")).status();
    assert!(closed.is_ok_and(|status| status.success()), "chmod");
    Some(folder.to_path_buf())
}

#[actix_web::test]
async fn postgres_is_reached_over_tls_that_is_verified() {
    on(Backend::Postgres, |world| async move {
        let folder = std::env::temp_dir().join(format!("mamori-test-tls-{}", std::process::id()));
        let Some(folder) = certificates(&folder) else {
            #[expect(clippy::print_stderr, reason = "a skipped test must not go unseen")]
            {
                eprintln!("\n*** SKIPPED: no openssl found; TLS to PostgreSQL was not tried ***\n");
            }
            return;
        };
        let server = postgres().expect("a server");
        // psql runs one -c in one transaction, which ALTER SYSTEM refuses.
        server.admin(&format!("ALTER SYSTEM SET ssl_cert_file = '{}'", folder.join("server.pem").display()));
        server.admin(&format!("ALTER SYSTEM SET ssl_key_file = '{}'", folder.join("server.key").display()));
        server.admin("ALTER SYSTEM SET ssl = on");
        server.admin("SELECT pg_reload_conf()");

        let base = url(&world.location);
        let with = |mode: &str, roots: &str| {
            Location::Server(format!("{base}?sslmode={mode}&sslrootcert={}", folder.join(roots).display()))
        };
        let encrypted = "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl) \
                         THEN RAISE 'plain text'; END IF; END $$";
        // The server takes a moment to read its configuration again.
        let mut tried = sql(&with("verify-full", "ca.pem"), None, encrypted).await;
        for _ in 0..50 {
            if tried.is_ok() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            tried = sql(&with("verify-full", "ca.pem"), None, encrypted).await;
        }
        tried.expect("over TLS");
        starts(&with("verify-full", "ca.pem")).await.expect("a service over TLS");
        sql(&with("require", "ca.pem"), None, encrypted).await.expect("over TLS");
        for mode in ["require", "verify-ca", "verify-full"] {
            let why =
                sql(&with(mode, "other.pem"), None, "SELECT 1").await.expect_err("an unknown authority").to_string();
            assert!(why.contains("UnknownIssuer"), "{mode}: {why}");
        }
        let Location::Server(named) = with("verify-full", "ca.pem") else { return };
        let named = Location::Server(named.replace("127.0.0.1", "localhost"));
        let why = sql(&named, None, "SELECT 1").await.expect_err("another name").to_string();
        assert!(why.contains("not valid for name") || why.contains("NotValidForName"), "{why}");
        sql(&with("require", "missing.pem"), None, "SELECT 1").await.expect_err("no certificates");
        let _ = std::fs::remove_dir_all(folder);
    })
    .await;
}

#[actix_web::test]
async fn an_answered_write_is_on_disk() {
    on_both(|world| async move {
        let draft = world.asset_draft(json!({})).await;
        let posts = (0..12).map(|number| {
            let mut draft = draft.clone();
            draft["name"] = json!(format!("評価シート {number}"));
            // One of them is refused: the others of its group are not undone with it.
            draft["availability"] = json!(if number == 5 { 9 } else { 1 });
            world.post("/v1/assets").role(Role::IsmsSecretariat).json(draft).send()
        });
        let statuses: Vec<u16> = join_all(posts).await.iter().map(|reply| reply.status.as_u16()).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 11, "{statuses:?}");
        // Another process finds them.
        let counted = match world.backend {
            Backend::Sqlite => {
                "CREATE TEMP TABLE counted (n INTEGER CHECK (n = 23)); \
                 INSERT INTO counted SELECT count(*) FROM asset; DROP TABLE counted"
            }
            Backend::Postgres => "DO $$ BEGIN IF (SELECT count(*) FROM asset) <> 23 THEN RAISE 'lost'; END IF; END $$",
        };
        sql(&world.location, Some(organization(&world).await), counted).await.expect("twelve of the sample and eleven");
    })
    .await;
}

#[actix_web::test]
async fn work_that_dies_takes_nobody_with_it() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let Some(location) = place(backend) else { continue };
        migrate(location.clone()).await.expect("migrated");
        let db = Db::open(location, FEW, None).await.expect("a database");
        for _ in 0..3 {
            let died = db.write(None, |_| -> Outcome<()> { panic!("on purpose") }).await;
            assert!(matches!(died, Err(Failure::Panicked)), "{backend:?}: {died:?}");
            db.write(None, |conn| conn.batch("SELECT 1")).await.expect("the writer goes on");
        }
        db.read(None, |conn| conn.batch("SELECT 1")).await.expect("and so do the readers");
    }
}

#[actix_web::test]
async fn more_work_than_can_wait_is_refused() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let Some(location) = place(backend) else { continue };
        migrate(location.clone()).await.expect("migrated");
        let db = Db::open(location, Limits { readers: 1, writers: 1, waiting: 2 }, None).await.expect("a database");
        let slow = |_: &mut mamori_persistence::kernel::conn::Conn| {
            std::thread::sleep(std::time::Duration::from_millis(300));
            Ok(())
        };
        let done = join_all((0..8).map(|_| db.write(None, slow))).await;
        assert!(done.iter().any(Result::is_ok), "{backend:?}");
        assert!(done.iter().any(|done| matches!(done, Err(Failure::Overloaded))), "{backend:?}");
        db.write(None, |conn| conn.batch("SELECT 1")).await.expect("later there is room again");
    }
}
