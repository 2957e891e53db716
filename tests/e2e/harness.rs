//! The real application on a real database, in this process, with a clock that stands still until it is moved.

use std::{
    future::Future,
    path::{Path, PathBuf},
    pin::Pin,
    process::{Child, Command, Stdio},
    rc::Rc,
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use actix_web::{
    body::to_bytes,
    http::{Method, StatusCode, header::HeaderMap},
    rt::System,
    test::{TestRequest, init_service, try_call_service},
};
use chrono::{DateTime, TimeDelta, Utc};
use mamori_api::{
    application,
    commands::{demo, serve},
    kernel::{config::Settings, files::Files, service::Service, tokens::Keys},
};
use mamori_domain::{access::Role, kernel::clock::Clock};
use mamori_persistence::kernel::db::{Location, migrate};
use serde_json::Value;

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// A file of its own.
    Sqlite,
    /// A database of its own on the server that the test run started.
    Postgres,
}

/// The service under test, with the sample organizations in it.
pub struct World {
    /// The service, for what a test cannot do over HTTP: sealing at a chosen moment.
    pub service: Service,
    /// The clock: 2024-04-01 09:00 in Tokyo until it is moved.
    pub clock: Clock,
    /// On which database.
    pub backend: Backend,
    /// The URL or path of the database, for tests that look behind the service.
    pub location: Location,
    /// People and tokens.
    pub people: demo::People,
    application: Application,
    /// Where its files are, and its database where that is a file.
    folder: PathBuf,
}

type Answered = Pin<Box<dyn Future<Output = Reply>>>;

/// The whole application around a service, built once: that takes longer than most requests.
pub struct Application(Box<dyn Fn(TestRequest) -> Answered>);

impl Application {
    /// Around this service.
    pub async fn of(service: Service) -> Self {
        let app = Rc::new(init_service(application(service)).await);
        Self(Box::new(move |request| {
            let app = Rc::clone(&app);
            Box::pin(async move {
                let response = match try_call_service(&*app, request.to_request()).await {
                    Ok(response) => response.into_parts().1,
                    Err(error) => error.error_response(),
                };
                let (status, headers) = (response.status(), response.headers().clone());
                Reply { status, headers, bytes: to_bytes(response.into_body()).await.expect("a body").to_vec() }
            })
        }))
    }

    /// What it answers.
    pub async fn answer(&self, request: TestRequest) -> Reply {
        (self.0)(request).await
    }
}

/// What the service answered.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl Reply {
    /// The body as JSON; `null` where there is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    /// A header, empty where it is missing.
    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    }

    /// The `code` of a problem.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// Code and pointer of every fault of a problem.
    pub fn faults(&self) -> Vec<(String, String)> {
        let json = self.json();
        let faults = json["errors"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        faults.iter().map(|fault| (text(&fault["pointer"]), text(&fault["code"]))).collect()
    }

    /// Panics with the whole answer unless it has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.bytes));
        self
    }

    /// The id of the record that was answered.
    #[track_caller]
    pub fn id(&self) -> String {
        self.json()["id"].as_str().expect("an id").to_owned()
    }
}

/// A request being put together.
pub struct Ask<'a> {
    world: &'a World,
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Ask<'_> {
    /// With a header.
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// As the holder of this token.
    pub fn token(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    /// As somebody in this role (or, with `risk_owner` and `employee`, somebody who stands so).
    pub fn role(self, role: Role) -> Self {
        let token = self.world.token(role);
        self.token(&token)
    }

    /// As the person with this name.
    pub fn person(self, name: &str) -> Self {
        let token = self.world.token_of(name);
        self.token(&token)
    }

    /// With a JSON body (for a PATCH, a merge patch).
    pub fn json(mut self, body: Value) -> Self {
        let media = if self.method == Method::PATCH { "application/merge-patch+json" } else { "application/json" };
        self.body = body.to_string().into_bytes();
        self.header("content-type", media)
    }

    /// With any body.
    pub fn bytes(mut self, media: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("content-type", media)
    }

    /// Having read this record.
    pub fn having_read(self, reply: &Reply) -> Self {
        let tag = reply.header("etag");
        self.header("if-match", tag)
    }

    /// Sends it through the whole application.
    pub async fn send(self) -> Reply {
        let mut request = TestRequest::with_uri(&self.path).method(self.method).set_payload(self.body);
        for header in self.headers {
            request = request.insert_header(header);
        }
        self.world.application.answer(request).await
    }
}

impl World {
    /// A GET.
    pub fn get(&self, path: impl Into<String>) -> Ask<'_> {
        self.ask(Method::GET, path)
    }

    /// A POST.
    pub fn post(&self, path: impl Into<String>) -> Ask<'_> {
        self.ask(Method::POST, path)
    }

    /// A PATCH.
    pub fn patch(&self, path: impl Into<String>) -> Ask<'_> {
        self.ask(Method::PATCH, path)
    }

    /// Any request.
    pub fn ask(&self, method: Method, path: impl Into<String>) -> Ask<'_> {
        // Japanese in a query travels percent-encoded.
        let path: String = path.into();
        let encoded = |byte: u8| if byte.is_ascii() { char::from(byte).to_string() } else { format!("%{byte:02X}") };
        Ask { world: self, method, path: path.bytes().map(encoded).collect(), headers: Vec::new(), body: Vec::new() }
    }

    /// A token of somebody in this role.
    pub fn token(&self, role: Role) -> String {
        let holder = self.people.first.iter().find(|person| person.roles.contains(&role));
        holder.unwrap_or_else(|| panic!("nobody is {role}")).token.clone()
    }

    /// A token of the person with this name, in either organization.
    pub fn token_of(&self, name: &str) -> String {
        let everybody = self.people.first.iter().chain(&self.people.second);
        let person = everybody.into_iter().find(|person| person.name == name);
        person.unwrap_or_else(|| panic!("nobody is called {name}")).token.clone()
    }

    /// Whether bytes with this SHA-256 lie in the store of files.
    pub fn stores(&self, sha256: &str) -> bool {
        let organizations = std::fs::read_dir(self.folder.join("files")).expect("a store of files");
        organizations.flatten().any(|organization| organization.path().join(sha256).exists())
    }

    /// Moves the clock on.
    pub fn wait(&self, time: TimeDelta) {
        self.clock.advance(time);
    }

    /// The id of the first row that a list finds.
    pub async fn first_id(&self, path: &str) -> String {
        let list = self.get(path).role(Role::IsmsSecretariat).send().await.expect(200);
        list.json()["items"][0]["id"].as_str().unwrap_or_else(|| panic!("{path} is empty")).to_owned()
    }

    /// A body for a new asset; `patch` replaces fields of it.
    pub async fn asset_draft(&self, patch: Value) -> Value {
        let department = self.first_id("/v1/departments?q=人事部").await;
        let position = self.first_id("/v1/positions?q=人事部長").await;
        let mut draft = serde_json::json!({
            "business_category": "人事", "name": "評価シート", "authorized_users": "人事部",
            "risk_owner_position_id": position, "managing_department_id": department, "media": "office_pc",
            "confidentiality": 2, "integrity": 2, "availability": 1,
        });
        for (name, value) in patch.as_object().into_iter().flatten() {
            draft[name] = value.clone();
        }
        draft
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Runs a test on SQLite and on PostgreSQL, each with a world of its own.
pub async fn on_both<F: Future<Output = ()>>(test: impl Fn(World) -> F) {
    on(Backend::Sqlite, &test).await;
    on(Backend::Postgres, &test).await;
}

/// As [`on_both`], on a sample that no other test has a copy of: its ids are its own.
pub async fn on_both_alone<F: Future<Output = ()>>(test: impl Fn(World) -> F) {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        if let Some(location) = place(backend) {
            let folder = beside(&location);
            let people = furnish(location.clone(), &folder);
            test(world(backend, location, folder, people).await).await;
        }
    }
}

/// Runs a test on one database. Without PostgreSQL binaries its tests are skipped, loudly; where
/// `MAMORI_REQUIRE_POSTGRES` is set they fail instead.
pub async fn on<F: Future<Output = ()>>(backend: Backend, test: impl Fn(World) -> F) {
    if let Some((location, folder, people)) = furnished_place(backend) {
        test(world(backend, location, folder, people).await).await;
    }
}

/// The moment at which every test begins: 2024-04-01 09:00 in Tokyo.
pub fn beginning() -> DateTime<Utc> {
    "2024-04-01T09:00:00+09:00".parse().expect("a moment")
}

/// A number that no other test of this process has.
fn unique() -> u32 {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    NUMBER.fetch_add(1, Ordering::SeqCst)
}

/// A folder of this test alone.
fn folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("mamori-test-{}-{}", std::process::id(), unique()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    folder
}

/// An empty database.
pub fn place(backend: Backend) -> Option<Location> {
    match backend {
        Backend::Sqlite => Some(Location::File(folder().join("mamori.sqlite3"))),
        Backend::Postgres => {
            let server = postgres()?;
            Some(Location::Server(server.url(&server.database("template0"))))
        }
    }
}

/// The folder of a database; one of its own for a database that is not a file.
fn beside(location: &Location) -> PathBuf {
    match location {
        Location::File(path) => path.parent().map(Path::to_path_buf).unwrap_or_default(),
        Location::Server(_) => folder(),
    }
}

/// The store of files in a folder.
fn files(folder: &Path) -> Files {
    Files::in_folder(&folder.join("files")).expect("a store of files")
}

/// A store of files beside a database, with nothing in it that others know.
pub fn files_beside(location: &Location) -> Files {
    files(&beside(location))
}

/// A running service on a database with nothing in it but its schema.
pub async fn empty_service(location: Location, clock: Clock) -> Service {
    let files = files_beside(&location);
    service(location, clock, files).await
}

async fn service(location: Location, clock: Clock, files: Files) -> Service {
    migrate(location.clone()).await.expect("migrations");
    let settings = Settings {
        requests_per_second: 100_000.try_into().expect("not zero"),
        logins_per_second: 100_000.try_into().expect("not zero"),
        database_readers: 2,
        database_writers: 2,
        ..Settings::default()
    };
    serve::start(location, clock, Keys::ephemeral().expect("a key"), files, settings).await.expect("a service")
}

/// The objects of a store of files, with their paths in it.
type Objects = Vec<(PathBuf, Vec<u8>)>;

/// A database of its own with the sample in it, a folder of its own with the files of the sample, and the people. The
/// sample is made once for each kind of database and then copied.
fn furnished_place(backend: Backend) -> Option<(Location, PathBuf, demo::People)> {
    static FILE: OnceLock<(Vec<u8>, Objects, demo::People)> = OnceLock::new();
    static DATABASE: OnceLock<(String, Objects, demo::People)> = OnceLock::new();
    let own = folder();
    match backend {
        Backend::Sqlite => {
            let (bytes, objects, people) = FILE.get_or_init(|| {
                let folder = folder();
                let path = folder.join("sample.sqlite3");
                let people = furnish(Location::File(path.clone()), &folder);
                let bytes = std::fs::read(&path).expect("the sample");
                let objects = take_objects(&folder);
                (bytes, objects, people)
            });
            let path = own.join("mamori.sqlite3");
            std::fs::write(&path, bytes).expect("a copy of the sample");
            put_objects(&own, objects);
            Some((Location::File(path), own, people.clone()))
        }
        Backend::Postgres => {
            let server = postgres()?;
            let (sample, objects, people) = DATABASE.get_or_init(|| {
                let folder = folder();
                let sample = server.database("template0");
                let people = furnish(Location::Server(server.url(&sample)), &folder);
                (sample, take_objects(&folder), people)
            });
            let copy = server.database(sample);
            put_objects(&own, objects);
            Some((Location::Server(server.url(&copy)), own, people.clone()))
        }
    }
}

/// What lies in the store of a folder, which is then removed.
fn take_objects(folder: &Path) -> Objects {
    let store = folder.join("files");
    let entries = |folder: &Path| std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
    let organizations = entries(&store).collect::<Vec<_>>();
    let objects = organizations.iter().flat_map(|folder| entries(folder)).filter(|path| path.is_file());
    let read = |path: PathBuf| {
        let bytes = std::fs::read(&path).expect("an object");
        (path.strip_prefix(&store).expect("a path in the store").to_owned(), bytes)
    };
    let objects = objects.map(read).collect();
    std::fs::remove_dir_all(folder).expect("a folder to remove");
    objects
}

fn put_objects(folder: &Path, objects: &Objects) {
    for (path, bytes) in objects {
        let path = folder.join("files").join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, bytes).expect("an object");
    }
}

/// Fills an empty database and a folder with the sample and closes the database.
fn furnish(location: Location, folder: &Path) -> demo::People {
    let files = files(folder);
    // A runtime of its own: that of the test goes on, and would keep the connections open.
    let filled = std::thread::spawn(move || {
        System::new().block_on(async move {
            let service = service(location, Clock::manual(beginning()), files).await;
            demo::populate(&service).await.expect("the sample")
        })
    });
    filled.join().expect("the sample")
}

/// A world in which nobody is yet: its service waits to be set up.
pub async fn empty_world(backend: Backend) -> Option<World> {
    let location = place(backend)?;
    let folder = beside(&location);
    let nobody = demo::People { first: Vec::new(), second: Vec::new() };
    Some(world(backend, location, folder, nobody).await)
}

async fn world(backend: Backend, location: Location, folder: PathBuf, people: demo::People) -> World {
    let clock = Clock::manual(beginning());
    let service = service(location.clone(), clock.clone(), files(&folder)).await;
    let application = Application::of(service.clone()).await;
    World { service, clock, backend, location, people, application, folder }
}

/// The PostgreSQL server of this test run.
pub struct Server {
    port: u16,
    socket: PathBuf,
    child: Mutex<Child>,
}

impl Server {
    /// A new database like this one, owned by an ordinary role; its name. Nobody else may be connected to the other.
    pub fn database(&self, like: &str) -> String {
        let name = format!("mamori_{}", unique());
        self.admin(&format!("CREATE DATABASE {name} OWNER mamori TEMPLATE {like}"));
        name
    }

    /// How the service connects to a database.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://mamori@127.0.0.1:{}/{database}", self.port)
    }

    /// Runs SQL as the superuser of the server.
    pub fn admin(&self, sql: &str) {
        self.admin_in("postgres", sql);
    }

    /// Runs SQL as the superuser in one database.
    pub fn admin_in(&self, database: &str, sql: &str) {
        let done = Command::new(binary("psql").expect("psql"))
            .args(["-qX", "-v", "ON_ERROR_STOP=1", "-h"])
            .arg(&self.socket)
            .args(["-p", &self.port.to_string(), "-U", "postgres", "-d", database, "-c", sql])
            .output()
            .expect("psql");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
}

/// The server, started at the first call; `None` where there are no binaries.
pub fn postgres() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(start_postgres).as_ref()
}

/// A PostgreSQL binary, from the path or where Debian keeps them; the newest.
fn binary(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .collect();
    folders.sort();
    folders.reverse();
    folders.extend(std::env::split_paths(&path));
    folders.into_iter().map(|folder| folder.join(name)).find(|file| file.is_file())
}

fn start_postgres() -> Option<Server> {
    let (Some(initdb), Some(server), Some(_)) = (binary("initdb"), binary("postgres"), binary("psql")) else {
        let required = std::env::var_os("MAMORI_REQUIRE_POSTGRES").is_some();
        assert!(!required, "MAMORI_REQUIRE_POSTGRES is set, and there are no PostgreSQL binaries");
        eprintln!("\n*** SKIPPED: no PostgreSQL binaries found; the tests run on SQLite alone ***\n");
        return None;
    };
    let folder = folder();
    let data = folder.join("data");
    // The server refuses to run as root: then it runs as the user that Debian makes for it.
    let as_root = Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.starts_with(b"0\n"));
    let command = |program: &Path| {
        if as_root {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        }
    };
    if as_root {
        let owned = Command::new("chown").arg("postgres:postgres").arg(&folder).status();
        assert!(owned.is_ok_and(|status| status.success()), "chown");
    }
    let made = command(&initdb)
        .args(["-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C", "-D"])
        .arg(&data)
        .stdout(Stdio::null())
        .output()
        .expect("initdb");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port();
    let child = command(&server)
        .arg("-D")
        .arg(&data)
        .args([
            "-p",
            &port.to_string(),
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "fsync=off",
            "-c",
            "max_connections=400",
        ])
        .args(["-c", "shared_buffers=64MB", "-c"])
        .arg(format!("unix_socket_directories={}", folder.display()))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("postgres");
    let server = Server { port, socket: folder, child: Mutex::new(child) };
    let ready = binary("pg_isready").expect("pg_isready");
    for _ in 0..600 {
        let up = Command::new(&ready).args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]).status();
        if up.is_ok_and(|status| status.success()) {
            server.admin("CREATE ROLE mamori LOGIN NOSUPERUSER NOBYPASSRLS");
            stop_with_this_process(&server);
            return Some(server);
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("PostgreSQL did not start");
}

/// A static is never dropped: a watcher stops the server when this process is gone, and clears its folder away.
fn stop_with_this_process(server: &Server) {
    let child = server.child.lock().map(|child| child.id()).unwrap_or_default();
    let script = format!(
        "while kill -0 {} 2>/dev/null; do sleep 0.5; done; kill -INT {child} 2>/dev/null; sleep 2; rm -rf '{}'",
        std::process::id(),
        server.socket.display(),
    );
    let watcher = Command::new("sh")
        .args(["-c", &script])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    assert!(watcher.is_ok(), "the watcher of the server");
}
