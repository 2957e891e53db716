//! PostgreSQL without libpq: diesel's synchronous interface over tokio-postgres, TLS by rustls, one thread per
//! connection.
//!
//! Each connection has a runtime of its own that runs only while a query waits, and lives on a thread of its own that
//! takes work from a queue: nothing blocks an async worker, and no connection is dropped inside one.

use std::{
    future::Future,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crossbeam_channel::{Receiver, Sender, TrySendError};
use diesel_async::{
    AsyncPgConnection,
    async_connection_wrapper::{AsyncConnectionWrapper, BlockOn},
};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Config, NoTls, config::SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;
use url::Url;
use uuid::Uuid;

use super::{
    conn::Conn,
    failure::{Failure, Outcome},
};

/// A synchronous PostgreSQL connection.
pub type PgConn = AsyncConnectionWrapper<AsyncPgConnection, OwnRuntime>;

/// The runtime of one connection. Its connection task runs only inside `block_on`, on the calling thread.
#[derive(Clone)]
pub struct OwnRuntime(Arc<Held>);

struct Held(Option<Runtime>);

impl Drop for Held {
    /// A runtime must not be dropped inside another one; shutting it down in the background may happen anywhere.
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

thread_local! {
    /// Hands the runtime in which a connection was opened over to the wrapper around it.
    static OPENED_IN: std::cell::RefCell<Option<OwnRuntime>> = const { std::cell::RefCell::new(None) };
}

impl OwnRuntime {
    fn new() -> Self {
        Self(Arc::new(Held(Builder::new_current_thread().enable_all().build().ok())))
    }
}

impl BlockOn for OwnRuntime {
    #[expect(clippy::panic, reason = "the trait has no way to fail; without a runtime the process cannot go on")]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        match &self.0.0 {
            Some(runtime) => runtime.block_on(future),
            None => panic!("no runtime for the database connection"),
        }
    }

    fn get_runtime() -> Self {
        OPENED_IN.take().unwrap_or_else(Self::new)
    }
}

/// Where and how to connect: `postgres://…` with `sslmode` and `sslrootcert` as libpq knows them.
#[derive(Clone)]
pub struct Target {
    config: Config,
    tls: Option<MakeRustlsConnect>,
}

/// Why a URL was not taken.
#[derive(Debug, thiserror::Error)]
pub enum TargetFault {
    #[error("not a PostgreSQL URL: {0}")]
    Malformed(String),
    #[error("plain text to a host other than this machine is refused: give sslmode=require or verify-full")]
    PlainText,
    #[error("sslmode must be disable, require, verify-ca or verify-full")]
    UnknownMode,
    #[error("sslrootcert: {0}")]
    Certificates(String),
}

impl Target {
    /// Reads a URL. TLS always verifies certificate and name; `sslmode=disable` is for this machine only.
    pub fn parse(text: &str) -> Result<Self, TargetFault> {
        let mut url = Url::parse(text).map_err(|error| TargetFault::Malformed(error.to_string()))?;
        let (mut mode, mut roots) = (None, None);
        let kept: Vec<(String, String)> = url
            .query_pairs()
            .filter_map(|(name, value)| match &*name {
                "sslmode" => {
                    mode = Some(value.into_owned());
                    None
                }
                "sslrootcert" => {
                    roots = Some(value.into_owned());
                    None
                }
                _ => Some((name.into_owned(), value.into_owned())),
            })
            .collect();
        url.set_query(None);
        if !kept.is_empty() {
            url.query_pairs_mut().extend_pairs(kept);
        }
        let mut config: Config =
            url.as_str().parse().map_err(|_| TargetFault::Malformed("see the URL's form".into()))?;
        let local = config.get_hosts().iter().all(is_local) && config.get_hostaddrs().iter().all(IpAddr::is_loopback);
        let encrypted = match mode.as_deref() {
            Some("require" | "verify-ca" | "verify-full") => true,
            Some("disable") if local => false,
            Some("disable" | "prefer" | "allow") if !local => return Err(TargetFault::PlainText),
            Some("prefer" | "allow") => false,
            Some(_) => return Err(TargetFault::UnknownMode),
            None => !local,
        };
        config.ssl_mode(if encrypted { SslMode::Require } else { SslMode::Disable });
        config.application_name("mamori");
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(5));
        }
        config.keepalives_idle(Duration::from_secs(30)).tcp_user_timeout(Duration::from_secs(15));
        let tls = encrypted.then(|| tls(roots.as_deref())).transpose()?;
        Ok(Self { config, tls })
    }

    /// Opens a connection. Only on a thread outside of any async runtime.
    pub fn connect(&self) -> Outcome<Conn> {
        let runtime = OwnRuntime::new();
        let opened = runtime.block_on(async {
            let unavailable = |error: tokio_postgres::Error| {
                let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
                Failure::Unavailable(format!("{error}: {cause}"))
            };
            match &self.tls {
                Some(tls) => {
                    let (client, connection) = self.config.connect(tls.clone()).await.map_err(unavailable)?;
                    AsyncPgConnection::try_from_client_and_connection(client, connection).await.map_err(Failure::from)
                }
                None => {
                    let (client, connection) = self.config.connect(NoTls).await.map_err(unavailable)?;
                    AsyncPgConnection::try_from_client_and_connection(client, connection).await.map_err(Failure::from)
                }
            }
        })?;
        OPENED_IN.set(Some(runtime));
        Ok(Conn::Pg(PgConn::from(opened)))
    }
}

fn is_local(host: &tokio_postgres::config::Host) -> bool {
    match host {
        tokio_postgres::config::Host::Tcp(name) => {
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        #[cfg(unix)]
        tokio_postgres::config::Host::Unix(_) => true,
    }
}

fn tls(roots: Option<&str>) -> Result<MakeRustlsConnect, TargetFault> {
    let wrong = |error: &dyn std::fmt::Display| TargetFault::Certificates(error.to_string());
    let mut store = RootCertStore::empty();
    match roots {
        Some("system") | None => {
            for certificate in rustls_native_certs::load_native_certs().certs {
                // A machine's store may hold certificates that rustls does not take; the others still count.
                let _ = store.add(certificate);
            }
        }
        Some(path) => {
            for certificate in CertificateDer::pem_file_iter(path).map_err(|error| wrong(&error))? {
                store.add(certificate.map_err(|error| wrong(&error))?).map_err(|error| wrong(&error))?;
            }
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(&error))?
        .with_root_certificates(store)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// A piece of work for a connection.
pub type Work = Box<dyn FnOnce(&mut Link) + Send>;

/// Threads with a connection each, taking work from one bounded queue.
pub struct Lane {
    queue: Mutex<Option<Sender<Work>>>,
    threads: Mutex<Vec<std::thread::JoinHandle<()>>>,
}

/// How often a transaction is tried again that collided with others.
const MOST_COLLISIONS: u32 = 8;

/// A connection that opens itself again after it was lost, and remembers for which organization it is set.
pub struct Link {
    target: Target,
    prelude: &'static str,
    conn: Option<Conn>,
    organization: Option<Uuid>,
}

impl Link {
    /// A link that is not yet open. `prelude` is run on every new connection.
    pub fn new(target: Target, prelude: &'static str) -> Self {
        Self { target, prelude, conn: None, organization: None }
    }

    /// The connection, set for `organization` (row-level security shows it nothing else).
    pub fn enter(&mut self, organization: Option<Uuid>) -> Outcome<&mut Conn> {
        if self.conn.as_mut().is_some_and(Conn::is_broken) {
            self.conn = None;
        }
        let conn = match &mut self.conn {
            Some(conn) => conn,
            empty => {
                self.organization = None;
                let mut conn = self.target.connect()?;
                conn.batch(self.prelude)?;
                empty.insert(conn)
            }
        };
        if self.organization != organization {
            let value = organization.map(|id| id.to_string()).unwrap_or_default();
            conn.batch(&format!("SET app.organization_id = '{value}'"))?;
            self.organization = organization;
        }
        Ok(conn)
    }

    /// Runs `work`, once more where the connection turned out to be lost, and up to [`MOST_COLLISIONS`] times more
    /// where the transaction collided with another one.
    pub fn run<T>(&mut self, organization: Option<Uuid>, mut work: impl FnMut(&mut Conn) -> Outcome<T>) -> Outcome<T> {
        let (mut lost, mut collisions) = (false, 0u32);
        loop {
            let outcome = self.enter(organization).and_then(&mut work);
            match outcome {
                Err(failure) if failure.is_collision() && collisions < MOST_COLLISIONS => {
                    collisions += 1;
                    tracing::debug!(%failure, collisions, "transaction collided, trying again");
                    // Whoever collides often makes way, a little longer each time.
                    std::thread::sleep(Duration::from_millis(u64::from(collisions.saturating_sub(1)).pow(2)));
                }
                Err(failure) if failure.is_fault() && self.is_lost() => {
                    self.conn = None;
                    if lost || matches!(failure, Failure::InDoubt(_)) {
                        return Err(Failure::Unavailable(failure.to_string()));
                    }
                    lost = true;
                }
                outcome => return outcome,
            }
        }
    }
}

impl Link {
    /// Asks the server, after a fault, whether the connection still stands.
    fn is_lost(&mut self) -> bool {
        self.conn.as_mut().is_none_or(|conn| conn.is_broken() || conn.batch("SELECT 1").is_err())
    }
}

impl Lane {
    /// Starts `connections` threads.
    pub fn start(
        name: &str,
        target: &Target,
        prelude: &'static str,
        connections: usize,
        waiting: usize,
    ) -> std::io::Result<Self> {
        let (queue, work) = crossbeam_channel::bounded::<Work>(waiting);
        let threads = (0..connections)
            .map(|number| {
                let (work, link): (Receiver<Work>, _) = (work.clone(), Link::new(target.clone(), prelude));
                std::thread::Builder::new().name(format!("{name}-{number}")).spawn(move || {
                    let mut link = link;
                    for piece in work {
                        let worked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| piece(&mut link)));
                        if worked.is_err() {
                            // The transaction may still be open: this connection is not to be trusted any more.
                            link.conn = None;
                        }
                    }
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { queue: Mutex::new(Some(queue)), threads: Mutex::new(threads) })
    }

    /// Hands a piece of work in; refused while too many are waiting.
    pub fn submit(&self, work: Work) -> Outcome<()> {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        match queue.as_ref().map(|queue| queue.try_send(work)) {
            Some(Ok(())) => Ok(()),
            Some(Err(TrySendError::Full(_))) => Err(Failure::Overloaded),
            Some(Err(TrySendError::Disconnected(_))) | None => Err(Failure::Unavailable("closed".into())),
        }
    }
}

impl Drop for Lane {
    /// What was accepted is still done; then the threads end.
    fn drop(&mut self) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        for thread in self.threads.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_leaves_this_machine_only_encrypted() {
        assert!(matches!(Target::parse("postgres://u@db.example/m?sslmode=disable"), Err(TargetFault::PlainText)));
        assert!(matches!(Target::parse("postgres://u@db.example/m?sslmode=prefer"), Err(TargetFault::PlainText)));
        assert!(Target::parse("postgres://u@db.example/m").unwrap().tls.is_some());
        assert!(Target::parse("postgres://u@127.0.0.1/m").unwrap().tls.is_none());
        assert!(Target::parse("postgres://u@localhost/m?sslmode=verify-full").unwrap().tls.is_some());
        assert!(matches!(Target::parse("postgres://u@localhost/m?sslmode=maybe"), Err(TargetFault::UnknownMode)));
    }
}
