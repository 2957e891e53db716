//! The tables of both databases are the tables of the code, and PostgreSQL holds the second lock on each.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use diesel::{
    QueryableByName, RunQueryDsl, sql_query,
    sql_types::{BigInt, Bool, Integer, Text},
};
use mamori_persistence::{
    kernel::{
        conn::Conn,
        db::{Db, Limits},
        failure::Outcome,
    },
    on as on_conn,
};

use super::{client::Api, specimen::SECRETARY};
use crate::harness::{Backend, World, on, on_both};

/// Tables that hold nothing of an organization; this list may only shrink.
const OF_NOBODY: [&str; 3] = ["login", "setup", "tenant"];

/// A table: its columns with whether they may be empty, and its primary key.
#[derive(Debug, Default, PartialEq, Eq)]
struct Table {
    columns: BTreeMap<String, bool>,
    key: Vec<String>,
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every `table!` of the persistence crate, as it is written.
fn written() -> BTreeMap<String, Table> {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/persistence/src"), &mut files);
    let mut tables = BTreeMap::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a source file");
        for block in text.split("diesel::table! {").skip(1) {
            let block = block.split("\n}").next().expect("the end of a table");
            let lines =
                || block.lines().map(str::trim).filter(|line| !line.starts_with("//") && !line.starts_with("use "));
            let head = lines().find(|line| line.ends_with('{')).expect("the head of a table");
            let (name, key) = head.split_once('(').expect("the key of a table");
            let key = key.split(')').next().expect("the key of a table");
            let column = |line: &str| {
                let (name, kind) = line.trim_end_matches(',').split_once(" -> ")?;
                Some((name.to_owned(), kind.starts_with("Nullable")))
            };
            let table = Table {
                columns: lines().filter_map(column).collect(),
                key: key.split(", ").map(ToOwned::to_owned).collect(),
            };
            assert!(tables.insert(name.trim().to_owned(), table).is_none(), "{name} is written twice");
        }
    }
    assert!(tables.len() > 20, "the tables of the code were not found");
    tables
}

#[derive(QueryableByName)]
struct ColumnRow {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
    #[diesel(sql_type = Integer)]
    place: i32,
}

const OF_SQLITE: &str = "SELECT m.name AS table_name, c.name AS column_name, c.\"notnull\" = 0 AS nullable, c.pk AS place \
     FROM sqlite_master m JOIN pragma_table_info(m.name) c \
     WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\'";

const OF_POSTGRES: &str = "SELECT r.relname::text AS table_name, a.attname::text AS column_name, \
     NOT a.attnotnull AS nullable, \
     coalesce(array_position(string_to_array(i.indkey::text, ' ')::int[], a.attnum::int), 0) AS place \
     FROM pg_class r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped \
     LEFT JOIN pg_index i ON i.indrelid = r.oid AND i.indisprimary \
     WHERE r.relkind = 'r' AND r.relnamespace = 'public'::regnamespace AND r.relname NOT LIKE '\\_\\_%'";

/// Looks behind the service.
async fn look<T: Send + 'static>(
    world: &World,
    organization: Option<uuid::Uuid>,
    work: impl Fn(&mut Conn) -> Outcome<T> + Send + 'static,
) -> T {
    let limits = Limits { readers: 1, writers: 1, waiting: 8 };
    let db = Db::open(world.location.clone(), limits, None).await.expect("the database");
    db.read(organization, work).await.expect("a look")
}

fn live(conn: &mut Conn) -> Outcome<BTreeMap<String, Table>> {
    let rows: Vec<ColumnRow> =
        on_conn!(conn, sqlite: sql_query(OF_SQLITE).load(conn), pg: sql_query(OF_POSTGRES).load(conn))?;
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    let mut keys: BTreeMap<String, BTreeMap<i32, String>> = BTreeMap::new();
    for row in rows {
        if row.place > 0 {
            keys.entry(row.table_name.clone()).or_default().insert(row.place, row.column_name.clone());
        }
        tables.entry(row.table_name).or_default().columns.insert(row.column_name, row.nullable);
    }
    for (name, key) in keys {
        tables.entry(name).or_default().key = key.into_values().collect();
    }
    Ok(tables)
}

#[actix_web::test]
async fn every_table_of_the_code_is_the_one_of_the_database() {
    on_both(|world| async move {
        let (written, live) = (written(), look(&world, None, live).await);
        assert_eq!(written.keys().collect::<Vec<_>>(), live.keys().collect::<Vec<_>>(), "{:?}", world.backend);
        for (name, table) in &written {
            assert_eq!(*table, live[name], "{name} on {:?}", world.backend);
            if !OF_NOBODY.contains(&name.as_str()) {
                assert_eq!(table.key[0], "organization_id", "{name} on {:?}", world.backend);
            }
        }
    })
    .await;
}

#[derive(QueryableByName)]
struct NameRow {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn names(conn: &mut Conn, sql: &str) -> Outcome<Vec<String>> {
    let rows: Vec<NameRow> = on_conn!(conn, sql_query(sql).load(conn))?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

fn counts(conn: &mut Conn) -> Outcome<BTreeMap<String, i64>> {
    let mut counts = BTreeMap::new();
    for table in written().into_keys() {
        let sql = format!("SELECT count(*) AS count FROM {table}");
        let rows: Vec<CountRow> = on_conn!(conn, sql_query(&sql).load(conn))?;
        counts.insert(table, rows.first().map_or(0, |row| row.count));
    }
    Ok(counts)
}

#[actix_web::test]
async fn postgres_shows_an_organization_its_own_rows_alone() {
    on(Backend::Postgres, |world| async move {
        let open = look(&world, None, |conn| {
            names(
                conn,
                "SELECT r.relname::text AS name FROM pg_class r \
                 WHERE r.relkind = 'r' AND r.relnamespace = 'public'::regnamespace AND r.relname NOT LIKE '\\_\\_%' \
                 AND NOT (r.relrowsecurity AND r.relforcerowsecurity \
                          AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = r.oid)) ORDER BY 1",
            )
        });
        assert_eq!(open.await, OF_NOBODY, "tables without row-level security");
        let loose = look(&world, None, |conn| {
            // Keys within an organization name it, and nothing is deleted along with something else.
            names(
                conn,
                "SELECT c.conname::text AS name FROM pg_constraint c \
                 WHERE c.contype = 'f' AND (c.confdeltype NOT IN ('a', 'r') OR NOT EXISTS ( \
                     SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.conrelid AND a.attnum = c.conkey[1] \
                     AND a.attname = 'organization_id'))",
            )
        });
        assert_eq!(loose.await, Vec::<String>::new(), "foreign keys without organization_id");

        let unset = look(&world, None, counts).await;
        for (table, count) in unset.iter().filter(|(table, _)| !OF_NOBODY.contains(&table.as_str())) {
            assert_eq!(*count, 0, "{table} shows rows to a connection that is set for no organization");
        }
        let nobody = look(&world, Some(uuid::Uuid::nil()), counts).await;
        assert_eq!(nobody["person"], 0);
        let api = Api::of(&world).await;
        let me = api.get("/v1/me").by(SECRETARY).send().await.expect(200).json();
        let mine = me["organization"]["id"].as_str().expect("an id").parse().expect("an id");
        let own = look(&world, Some(mine), counts).await;
        let everybody = i64::try_from(world.people.first.len()).expect("a number");
        assert_eq!((own["organization"], own["person"], own["asset"]), (1, everybody, 12));
    })
    .await;
}
