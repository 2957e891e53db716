//! The measured service and the process it runs in.

use std::{
    fs::File,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use actix_web::{HttpResponse, HttpServer, web};
use mamori_api::{
    application,
    commands::serve::start,
    kernel::{
        config::{Settings, Storage},
        telemetry,
        tokens::Keys,
    },
};
use mamori_domain::kernel::clock::Clock;
use mamori_persistence::kernel::db::{Location, migrate};

use crate::{Outcome, process::Process};

/// As `mamori serve` does it, with `/constant` beside the API: it passes CORS and the gate as a page does, so that it
/// has request id, headers, metrics and log, and neither caller nor database.
pub fn run(storage: Storage, settings: Settings, constant: usize) -> Outcome<()> {
    actix_web::rt::System::new().block_on(async {
        telemetry::start_log(&settings);
        telemetry::metrics();
        let keys = Keys::of_file(&storage.token_key())?;
        migrate(storage.location()).await?;
        let service = start(storage.location(), Clock::System, keys, storage.files()?, settings.clone()).await?;
        let body = web::Bytes::from(format!("\"{}\"", "x".repeat(constant.saturating_sub(2))));
        let server = HttpServer::new(move || {
            let body = body.clone();
            let answer = move || {
                let body = body.clone();
                async move { HttpResponse::Ok().content_type("application/json").body(body) }
            };
            application(service.clone()).service(web::resource("/constant").route(web::get().to(answer)))
        });
        server
            .workers(settings.workers.unwrap_or(2))
            .keep_alive(Duration::from_secs(75))
            .client_request_timeout(Duration::from_secs(10))
            .bind(&settings.listen)?
            .run()
            .await?;
        Ok(())
    })
}

/// The process of a running service; it ends with this value.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// From the start of the process to its first 200.
    pub started_in: Duration,
}

impl Server {
    /// Starts it in `folder` on an existing database and waits until it answers `request` with 200.
    pub fn start(folder: &Path, location: &Location, constant: usize, request: &[u8]) -> Outcome<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let database = match location {
            Location::File(path) => path.to_string_lossy().into_owned(),
            Location::Server(url) => url.clone(),
        };
        let listen = address.to_string();
        let began = Instant::now();
        let child = Command::new(std::env::current_exe()?)
            .args(["serve", "--database-url", &database, "--listen", &listen, "--workers", "2"])
            .args(["--requests-per-second", "1000000", "--logins-per-second", "1000000"])
            .args(["--log", "info", "--log-format", "json", "--database-readers", "8", "--database-writers", "4"])
            .args(["--constant", &constant.to_string(), "--data"])
            .arg(folder)
            .arg("--token-key-file")
            .arg(key(folder))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(folder.join(format!("{}.log", address.port())))?)
            .spawn()?;
        let mut server = Self { child, address, started_in: Duration::ZERO };
        while !answers(address, request).unwrap_or(false) {
            if let Some(status) = server.child.try_wait()? {
                return Err(format!("the service ended: {status}; see {}", folder.display()).into());
            }
            if began.elapsed() > Duration::from_secs(30) {
                return Err(format!("the service does not answer; see {}", folder.display()).into());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        server.started_in = began.elapsed();
        Ok(server)
    }

    /// The process, to look at.
    pub fn process(&self) -> Process {
        Process(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The key that signs tokens: the service reads it, and the load signs with it.
pub fn key(folder: &Path) -> std::path::PathBuf {
    folder.join("token.key")
}

fn answers(address: SocketAddr, request: &[u8]) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(request)?;
    let mut begin = [0; 12];
    stream.read_exact(&mut begin)?;
    Ok(begin.ends_with(b"200"))
}
