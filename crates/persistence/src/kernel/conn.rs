//! One connection to either database, and the macro that writes a query once for both.

use diesel::{
    Connection, SqliteConnection,
    connection::{AnsiTransactionManager, SimpleConnection, TransactionManager},
};

use super::{
    failure::{Failure, Outcome},
    postgres::PgConn,
};

/// A connection. Queries reach it through [`on!`](crate::on).
#[expect(clippy::large_enum_variant, reason = "there are a few of them in a process, and they do not move")]
pub enum Conn {
    /// SQLite, in the process.
    Sqlite(SqliteConnection),
    /// PostgreSQL, over the network.
    Pg(PgConn),
}

/// Compiles the same query for both databases: `on!(tx, query.load(tx))`. Where they must differ, both stand side by
/// side: `on!(tx, sqlite: …, pg: …)`.
#[macro_export]
macro_rules! on {
    ($tx:ident, $body:expr) => {
        match $tx.conn() {
            $crate::kernel::conn::Conn::Sqlite($tx) => {
                #[allow(dead_code, clippy::allow_attributes)]
                type Db = diesel::sqlite::Sqlite;
                $body
            }
            $crate::kernel::conn::Conn::Pg($tx) => {
                #[allow(dead_code, clippy::allow_attributes)]
                type Db = diesel::pg::Pg;
                $body
            }
        }
    };
    ($tx:ident, sqlite: $sqlite:expr, pg: $pg:expr) => {
        match $tx.conn() {
            $crate::kernel::conn::Conn::Sqlite($tx) => $sqlite,
            $crate::kernel::conn::Conn::Pg($tx) => $pg,
        }
    };
}

impl Conn {
    /// Itself, so that [`on!`](crate::on) works on a bare connection too.
    pub fn conn(&mut self) -> &mut Self {
        self
    }

    /// Runs SQL that returns nothing.
    pub fn batch(&mut self, sql: &str) -> Outcome<()> {
        Ok(match self {
            Self::Sqlite(conn) => conn.batch_execute(sql),
            Self::Pg(conn) => conn.batch_execute(sql),
        }?)
    }

    /// Runs `work` in a transaction, or in a savepoint of the one that is open. It is undone on every failure.
    pub fn transaction<T>(&mut self, work: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        self.begin()?;
        match work(self) {
            Ok(value) => match self.commit() {
                Ok(()) => Ok(value),
                Err(failure) if failure.is_collision() => Err(failure),
                // Only the answer may have been lost.
                Err(failure) => Err(Failure::InDoubt(failure.to_string())),
            },
            Err(failure) => {
                // A connection that was lost cannot roll back; the server has done so already.
                if let Err(error) = self.rollback() {
                    tracing::debug!(%error, "rollback failed");
                }
                Err(failure)
            }
        }
    }

    fn begin(&mut self) -> Outcome<()> {
        Ok(match self {
            Self::Sqlite(conn) => AnsiTransactionManager::begin_transaction(conn),
            Self::Pg(conn) => <PgConn as Connection>::TransactionManager::begin_transaction(conn),
        }?)
    }

    pub(super) fn begin_immediate(conn: &mut SqliteConnection) -> Outcome<()> {
        Ok(AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE")?)
    }

    pub(super) fn commit(&mut self) -> Outcome<()> {
        Ok(match self {
            Self::Sqlite(conn) => AnsiTransactionManager::commit_transaction(conn),
            Self::Pg(conn) => <PgConn as Connection>::TransactionManager::commit_transaction(conn),
        }?)
    }

    pub(super) fn rollback(&mut self) -> Outcome<()> {
        Ok(match self {
            Self::Sqlite(conn) => AnsiTransactionManager::rollback_transaction(conn),
            Self::Pg(conn) => <PgConn as Connection>::TransactionManager::rollback_transaction(conn),
        }?)
    }

    /// Whether the connection can no longer be used.
    pub(super) fn is_broken(&mut self) -> bool {
        match self {
            Self::Sqlite(conn) => AnsiTransactionManager::is_broken_transaction_manager(conn),
            Self::Pg(conn) => <PgConn as Connection>::TransactionManager::is_broken_transaction_manager(conn),
        }
    }
}

impl From<diesel::ConnectionError> for Failure {
    fn from(error: diesel::ConnectionError) -> Self {
        Self::Unavailable(error.to_string())
    }
}
