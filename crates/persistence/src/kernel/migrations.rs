//! Migrations: embedded, forward only, under a lock.

use diesel::{
    RunQueryDsl,
    migration::{Migration, MigrationSource, MigrationVersion},
    pg::Pg,
    sqlite::Sqlite,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{
    conn::Conn,
    failure::{Failure, Outcome},
};

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// The advisory lock of a migration run: the letters `mamori` as a number.
const LOCK: i64 = 0x6d61_6d6f_7269;

/// Brings the schema up to date and returns the names of what was run. Processes that start together wait for each
/// other. A migration that fails leaves nothing behind; one that this binary does not know means the database belongs
/// to a later release: both are failures, and the service does not start.
pub fn migrate(conn: &mut Conn) -> Outcome<Vec<String>> {
    match conn {
        Conn::Sqlite(conn) => conn.immediate_transaction(|conn| {
            refuse_unknown::<Sqlite, _>(conn, &SQLITE)?;
            run(conn.run_pending_migrations(SQLITE))
        }),
        Conn::Pg(conn) => {
            diesel::sql_query(format!("SELECT pg_advisory_lock({LOCK})")).execute(conn)?;
            let done =
                refuse_unknown::<Pg, _>(conn, &POSTGRES).and_then(|()| run(conn.run_pending_migrations(POSTGRES)));
            diesel::sql_query(format!("SELECT pg_advisory_unlock({LOCK})")).execute(conn)?;
            done
        }
    }
}

/// How many migrations are missing; used by the readiness probe.
pub fn pending(conn: &mut Conn) -> Outcome<usize> {
    let known = match conn {
        Conn::Sqlite(_) => names::<Sqlite>(&SQLITE)?,
        Conn::Pg(_) => names::<Pg>(&POSTGRES)?,
    };
    // Diesel's own question would create its table where it is missing; a probe only reads.
    let query = "SELECT version AS name FROM __diesel_schema_migrations";
    let applied: Vec<Applied> = crate::on!(conn, diesel::sql_query(query).load(conn))?;
    Ok(known.iter().filter(|name| applied.iter().all(|applied| applied.name != **name)).count())
}

#[derive(diesel::QueryableByName)]
struct Applied {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
}

fn names<DB: diesel::backend::Backend>(source: &EmbeddedMigrations) -> Outcome<Vec<String>>
where
    EmbeddedMigrations: MigrationSource<DB>,
{
    let known: Vec<Box<dyn Migration<DB>>> =
        source.migrations().map_err(|error| Failure::Unavailable(error.to_string()))?;
    Ok(known.iter().map(|migration| migration.name().version().to_string()).collect())
}

fn run(result: diesel::migration::Result<Vec<MigrationVersion<'_>>>) -> Outcome<Vec<String>> {
    match result {
        Ok(versions) => Ok(versions.iter().map(ToString::to_string).collect()),
        Err(error) => Err(Failure::Unavailable(format!("a migration failed: {error}"))),
    }
}

fn refuse_unknown<DB: diesel::backend::Backend, C: MigrationHarness<DB>>(
    conn: &mut C,
    source: &EmbeddedMigrations,
) -> Outcome<()>
where
    EmbeddedMigrations: MigrationSource<DB>,
{
    let wrong = |error: Box<dyn std::error::Error + Send + Sync>| Failure::Unavailable(error.to_string());
    let known = names::<DB>(source)?;
    let applied = conn.applied_migrations().map_err(wrong)?;
    match applied.iter().map(ToString::to_string).find(|version| !known.contains(version)) {
        Some(version) => Err(Failure::Unavailable(format!(
            "the database has migration {version}, which this release does not know: it belongs to a later release"
        ))),
        None => Ok(()),
    }
}
