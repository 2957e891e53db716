//! SQLite: one writer thread that commits in groups, and readers beside it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    thread::JoinHandle,
};

use crossbeam_channel::{Receiver, Sender, TrySendError};
use diesel::{Connection, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_query, sql_types::Text};

use super::{
    conn::Conn,
    failure::{Failure, Outcome},
};

/// How many writes share one commit at most: bounds the time until the first of them is answered.
const BATCH: usize = 256;

/// `busy_timeout` comes first: the other pragmas may already meet a lock.
const PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
     PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY;";

/// Opens a connection to the file.
pub fn open(path: &Path) -> Outcome<SqliteConnection> {
    let mut conn = SqliteConnection::establish(&path.to_string_lossy())?;
    conn.batch_execute(PRAGMAS)?;
    Ok(conn)
}

#[derive(diesel::QueryableByName)]
struct CompileOption {
    #[diesel(sql_type = Text)]
    compile_options: String,
}

/// Refuses a SQLite that was built without the query planner stability guarantee: every statement with a bound LIMIT
/// would be prepared again on each execution.
pub fn assert_built_right(conn: &mut SqliteConnection) -> Outcome<()> {
    let options: Vec<CompileOption> = sql_query("PRAGMA compile_options").load(conn)?;
    if options.iter().any(|option| option.compile_options == "ENABLE_QPSG") {
        Ok(())
    } else {
        Err(Failure::Unavailable(
            "this SQLite was built without SQLITE_ENABLE_QPSG; build from the workspace root, where .cargo/config.toml sets it".into(),
        ))
    }
}

/// A write: does its work in a savepoint and says what to answer once the batch is on disk.
pub type Job = Box<dyn FnOnce(&mut Conn) -> Answer + Send>;

/// Called after the commit, with its result.
pub type Answer = Box<dyn FnOnce(Result<(), Failure>) + Send>;

/// The writer thread.
pub struct Writer {
    queue: Mutex<Option<Sender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread on a connection of its own.
    pub fn start(path: PathBuf, waiting: usize) -> Outcome<Self> {
        let conn = Conn::Sqlite(open(&path)?);
        let (queue, jobs) = crossbeam_channel::bounded(waiting);
        let thread = std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || write(&path, conn, &jobs))
            .map_err(|error| Failure::Unavailable(error.to_string()))?;
        Ok(Self { queue: Mutex::new(Some(queue)), thread: Mutex::new(Some(thread)) })
    }

    /// Hands a job in; refused while too many are waiting.
    pub fn submit(&self, job: Job) -> Outcome<()> {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        match queue.as_ref().map(|queue| queue.try_send(job)) {
            Some(Ok(())) => Ok(()),
            Some(Err(TrySendError::Full(_))) => Err(Failure::Overloaded),
            Some(Err(TrySendError::Disconnected(_))) | None => Err(Failure::Unavailable("closed".into())),
        }
    }
}

impl Drop for Writer {
    /// What was accepted is still written; then the thread ends.
    fn drop(&mut self) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = thread.join();
        }
    }
}

/// Takes jobs until the queue is closed: as many as are waiting share one transaction and one commit.
fn write(path: &Path, mut conn: Conn, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        if let Conn::Sqlite(sqlite) = &mut conn
            && let Err(failure) = Conn::begin_immediate(sqlite)
        {
            tracing::error!(%failure, "cannot begin a transaction");
            // The job finds out by itself that it cannot write.
            let answer = first(&mut conn);
            let _ = conn.rollback();
            answer(Err(failure));
            reopen(path, &mut conn);
            continue;
        }
        let mut answers = Vec::new();
        let mut next = Some(first);
        let mut panicked = false;
        while let Some(job) = next.take() {
            match catch_unwind(AssertUnwindSafe(|| job(&mut conn))) {
                Ok(answer) => answers.push(answer),
                Err(_) => {
                    panicked = true;
                    break;
                }
            }
            // SQLITE_FULL and IOERR end the whole transaction; then nothing more may join this batch.
            if conn.is_broken() || answers.len() >= BATCH {
                break;
            }
            next = jobs.try_recv().ok();
        }
        let committed = if panicked { Err(Failure::Panicked) } else { conn.commit() };
        if let Err(failure) = &committed {
            tracing::error!(%failure, jobs = answers.len(), "a batch of writes was not committed");
            let _ = conn.rollback();
            reopen(path, &mut conn);
        }
        let failed = committed.is_err();
        for answer in answers {
            answer(if failed { Err(Failure::Unavailable("commit failed".into())) } else { Ok(()) });
        }
    }
}

/// A fresh connection in place of one whose transaction cannot be trusted any more.
fn reopen(path: &Path, conn: &mut Conn) {
    match open(path) {
        Ok(fresh) => *conn = Conn::Sqlite(fresh),
        Err(failure) => tracing::error!(%failure, "cannot open the database again"),
    }
}

/// Connections for reading, opened as needed and kept.
pub struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Conn>>,
}

impl Readers {
    /// None is open yet.
    pub fn new(path: PathBuf) -> Self {
        Self { path, idle: Mutex::new(Vec::new()) }
    }

    /// Runs `work` in one read transaction, so that all its statements see the same state.
    pub fn run<T>(&self, work: impl FnOnce(&mut Conn) -> Outcome<T>) -> Outcome<T> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut conn = match idle {
            Some(conn) => conn,
            None => {
                let mut conn = open(&self.path)?;
                conn.batch_execute("PRAGMA query_only = ON")?;
                Conn::Sqlite(conn)
            }
        };
        let outcome = conn.transaction(work);
        if !conn.is_broken() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
        }
        outcome
    }
}
