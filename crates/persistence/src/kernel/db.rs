//! The database of the service, whichever it is.

use std::{path::PathBuf, sync::Arc};

use tokio::sync::{mpsc::UnboundedSender, oneshot};
use uuid::Uuid;

use super::{
    conn::Conn,
    failure::{Failure, Outcome},
    migrations,
    postgres::{Lane, Link, Target},
    sqlite::{self, Readers, Writer},
};

/// Where the data is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A SQLite file.
    File(PathBuf),
    /// A PostgreSQL URL.
    Server(String),
}

/// How much of the database the service uses.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// PostgreSQL connections for reading.
    pub readers: usize,
    /// PostgreSQL connections for writing.
    pub writers: usize,
    /// Pieces of work that may wait; more are answered with 503.
    pub waiting: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { readers: 8, writers: 4, waiting: 1024 }
    }
}

/// The database. Clones share it.
#[derive(Clone)]
pub struct Db {
    backend: Arc<Backend>,
    committed: Option<UnboundedSender<Uuid>>,
}

enum Backend {
    Sqlite { readers: Readers, writer: Writer },
    Pg { readers: Lane, writers: Lane },
}

// Plans are made once for each statement: with as many joins as ours, planning costs more than running it, and every
// query is bound to one organization, whatever else its parameters are.
const READ_ONLY: &str = "SET default_transaction_read_only = on; SET statement_timeout = '20s'; SET TIME ZONE 'UTC'; \
     SET plan_cache_mode = force_generic_plan";
const SERIALIZABLE: &str = "SET default_transaction_isolation = 'serializable'; SET statement_timeout = '20s'; \
     SET idle_in_transaction_session_timeout = '30s'; SET TIME ZONE 'UTC'; SET plan_cache_mode = force_generic_plan";

#[derive(diesel::QueryableByName)]
struct Privilege {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    too_much: bool,
}

impl Db {
    /// Opens the database, which must have been [migrated](migrate). On PostgreSQL it refuses a role that row-level
    /// security does not bind. `committed` is told the organization of every write.
    pub async fn open(location: Location, limits: Limits, committed: Option<UnboundedSender<Uuid>>) -> Outcome<Self> {
        let backend = off_the_runtime(move || match location {
            Location::File(path) => {
                sqlite::assert_built_right(&mut sqlite::open(&path)?)?;
                let writer = Writer::start(path.clone(), limits.waiting)?;
                Ok(Backend::Sqlite { readers: Readers::new(path), writer })
            }
            Location::Server(url) => {
                let target = Target::parse(&url).map_err(|fault| Failure::Unavailable(fault.to_string()))?;
                refuse_privileges(&target)?;
                let lane = |name, prelude, connections| {
                    Lane::start(name, &target, prelude, connections, limits.waiting)
                        .map_err(|error| Failure::Unavailable(error.to_string()))
                };
                Ok(Backend::Pg {
                    readers: lane("reader", READ_ONLY, limits.readers)?,
                    writers: lane("writer", SERIALIZABLE, limits.writers)?,
                })
            }
        })
        .await?;
        Ok(Self { backend: Arc::new(backend), committed })
    }

    /// Whether it is PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        matches!(*self.backend, Backend::Pg { .. })
    }

    /// A short read: inline on SQLite, one hop on PostgreSQL. `work` may run twice where a connection was lost.
    pub async fn read<T: Send + 'static>(
        &self,
        organization: Option<Uuid>,
        work: impl FnMut(&mut Conn) -> Outcome<T> + Send + 'static,
    ) -> Outcome<T> {
        match &*self.backend {
            Backend::Sqlite { readers, .. } => readers.run(work),
            Backend::Pg { readers, .. } => on_lane(readers, organization, work).await,
        }
    }

    /// A long read: never on the calling thread, and all its statements see the same state.
    pub async fn report<T: Send + 'static>(
        &self,
        organization: Option<Uuid>,
        mut work: impl FnMut(&mut Conn) -> Outcome<T> + Send + 'static,
    ) -> Outcome<T> {
        match &*self.backend {
            Backend::Sqlite { .. } => {
                let backend = Arc::clone(&self.backend);
                off_the_runtime(move || match &*backend {
                    Backend::Sqlite { readers, .. } => readers.run(work),
                    Backend::Pg { .. } => Err(Failure::Panicked),
                })
                .await
            }
            Backend::Pg { readers, .. } => {
                let snapshot = move |conn: &mut Conn| {
                    conn.transaction(|conn| {
                        conn.batch("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")?;
                        work(conn)
                    })
                };
                on_lane(readers, organization, snapshot).await
            }
        }
    }

    /// A write, in one transaction. When this returns `Ok`, it is on disk. `work` may run several times where
    /// transactions collide.
    pub async fn write<T: Send + 'static>(
        &self,
        organization: Option<Uuid>,
        work: impl FnMut(&mut Conn) -> Outcome<T> + Send + 'static,
    ) -> Outcome<T> {
        let outcome = self.write_quietly(organization, work).await;
        if let (Ok(_), Some(committed), Some(organization)) = (&outcome, &self.committed, organization) {
            // Nobody listens any more when the service is shutting down.
            let _ = committed.send(organization);
        }
        outcome
    }

    /// A write that nobody is told of: the work of the sealer itself, and tidying.
    pub async fn write_quietly<T: Send + 'static>(
        &self,
        organization: Option<Uuid>,
        mut work: impl FnMut(&mut Conn) -> Outcome<T> + Send + 'static,
    ) -> Outcome<T> {
        match &*self.backend {
            Backend::Sqlite { writer, .. } => {
                let (answer, answered) = oneshot::channel();
                writer.submit(Box::new(move |conn| {
                    let outcome = conn.transaction(work);
                    Box::new(move |committed: Result<(), Failure>| {
                        // Whoever asked may have gone away; what was written stays.
                        let _ = answer.send(outcome.and_then(|value| committed.map(|()| value)));
                    })
                }))?;
                answered.await.unwrap_or(Err(Failure::Panicked))
            }
            Backend::Pg { writers, .. } => {
                on_lane(writers, organization, move |conn| conn.transaction(&mut work)).await
            }
        }
    }
}

/// Brings the schema up to date; see [`migrations::migrate`]. Returns the names of what was run.
pub async fn migrate(location: Location) -> Outcome<Vec<String>> {
    off_the_runtime(move || match location {
        Location::File(path) => migrations::migrate(&mut Conn::Sqlite(sqlite::open(&path)?)),
        Location::Server(url) => {
            let target = Target::parse(&url).map_err(|fault| Failure::Unavailable(fault.to_string()))?;
            // Before anything is created that another role would then own.
            refuse_privileges(&target)?;
            migrations::migrate(&mut target.connect()?)
        }
    })
    .await
}

/// Row-level security binds neither superusers nor roles with BYPASSRLS: with those the second lock would be open.
fn refuse_privileges(target: &Target) -> Outcome<()> {
    use diesel::RunQueryDsl;
    let mut link = Link::new(target.clone(), READ_ONLY);
    let query = "SELECT rolsuper OR rolbypassrls AS too_much FROM pg_roles WHERE rolname = current_user";
    let privilege: Privilege = match link.enter(None)? {
        Conn::Pg(conn) => diesel::sql_query(query).get_result(conn)?,
        Conn::Sqlite(_) => return Ok(()),
    };
    if privilege.too_much {
        let why = "the database role is a superuser or has BYPASSRLS: row-level security would not bind it; \
                   connect as an ordinary role";
        return Err(Failure::Unavailable(why.into()));
    }
    Ok(())
}

async fn on_lane<T: Send + 'static>(
    lane: &Lane,
    organization: Option<Uuid>,
    work: impl FnMut(&mut Conn) -> Outcome<T> + Send + 'static,
) -> Outcome<T> {
    let (answer, answered) = oneshot::channel();
    lane.submit(Box::new(move |link| {
        let _ = answer.send(link.run(organization, work));
    }))?;
    answered.await.unwrap_or(Err(Failure::Panicked))
}

/// Runs blocking work on a thread that may block.
async fn off_the_runtime<T: Send + 'static>(work: impl FnOnce() -> Outcome<T> + Send + 'static) -> Outcome<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(Failure::Panicked))
}
