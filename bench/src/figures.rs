//! The figures, one after the other. Windows that are compared take turns, and the median of the turns counts: what
//! else the machine does then weighs on both.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use mamori_api::{
    commands::{print, say},
    kernel::tokens::Keys,
};
use mamori_domain::{access::Role, kernel::page::PageRequest};
use mamori_persistence::{
    kernel::{
        conn::Conn,
        db::{Db, Limits, Location},
        failure::{Failure, Outcome as DbOutcome},
        tx::{Context, Tx},
    },
    planning::asset::{self as assets, Filter},
};

use crate::{
    Outcome,
    load::{Load, Measured},
    people::{Asker, With, World},
    postgres::Postgres,
    process::{Process, cpu_of_this_thread},
    serve::{Server, key},
    table::Table,
};

const TURNS: usize = 3;
const SMALL: usize = 1_000;
const LARGE: usize = 100_000;
const BOTH: [With; 2] = [With::Token, With::Jwt];

/// What is measured together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// Reading on SQLite.
    Sqlite,
    /// Writing on SQLite.
    Writes,
    /// Reading on PostgreSQL.
    Postgres,
}

/// Measures everything, or one part, and prints the table.
pub fn run(seconds: f64, only: Option<Part>) -> Outcome<()> {
    let began = Instant::now();
    let folder = Folder::make()?;
    let mut bench = Bench { folder: folder.0.clone(), seconds, table: Table::default(), memory: Vec::new() };
    Keys::of_file(&key(&folder.0))?;
    let wanted = |part| only.is_none_or(|only| only == part);
    if wanted(Part::Sqlite) {
        bench.sqlite()?;
    }
    if wanted(Part::Writes) {
        bench.writes()?;
    }
    if wanted(Part::Postgres) {
        bench.postgres()?;
    }
    bench.memory();
    print(&format!(
        "\nmamori-bench: {TURNS} turns of {seconds} s, {:.0} s in all; CPU is that of the service's process\n\n{}",
        began.elapsed().as_secs_f64(),
        bench.table
    ));
    Ok(())
}

struct Bench {
    folder: PathBuf,
    seconds: f64,
    table: Table,
    memory: Vec<(&'static str, f64)>,
}

impl Bench {
    fn sqlite(&mut self) -> Outcome<()> {
        say("SQLite: making databases of 1,000 and 100,000 assets");
        let small = World::make(self.file("small"), SMALL)?;
        let large = World::make(self.file("large"), LARGE)?;
        let in_process = InProcess::open(&small)?;
        let size = in_process.one.len();
        let servers = [self.start(&small, size)?, self.start(&large, size)?];
        let [small_server, large_server] = &servers;
        let constant = constant();
        let gets = [small.gets(&self.folder, everybody, &BOTH)?, large.gets(&self.folder, everybody, &BOTH)?];
        let lists = [small.lists(&self.folder, everybody, &BOTH)?, large.lists(&self.folder, everybody, &BOTH)?];
        let (mut constants, mut loops) = (Vec::new(), Vec::new());
        let [mut get, mut list] = [const { [const { Vec::new() }; 2] }; 2];
        for turn in 1..=TURNS {
            say(&format!("SQLite: reading, turn {turn} of {TURNS}"));
            constants.push(self.load(small_server, None, 16, &constant)?);
            for (server, (requests, measured)) in servers.iter().zip(gets.iter().zip(&mut get)) {
                measured.push(self.load(server, None, 16, requests)?);
            }
            loops.push(in_process.lists(self.seconds)?);
            for (server, (requests, measured)) in servers.iter().zip(lists.iter().zip(&mut list)) {
                measured.push(self.load(server, None, 16, requests)?);
            }
        }
        let (constant, looped) = (middle(&constants), median(loops));
        let [get, get_large] = get.map(|measured| middle(&measured));
        let [list, list_large] = list.map(|measured| middle(&measured));
        let ratio = get.cpu / constant.cpu;
        self.table.target("GET one asset, SQLite: CPU / constant", "<= 2.5", times(ratio), ratio <= 2.5);
        self.table.note("the constant", told(&constant));
        self.table.note("everybody, tokens and JWT in turn", told(&get));
        for (what, wide, with) in [
            ("whole organization, access token", true, With::Token),
            ("whole organization, JWT", true, With::Jwt),
            ("own department, access token", false, With::Token),
            ("own department, JWT", false, With::Jwt),
        ] {
            let requests = small.gets(&self.folder, |asker| asker.reaches_all() == wide, &[with])?;
            let measured = self.load(small_server, None, 16, &requests)?;
            self.table.note(what, told(&measured));
        }
        let ratio = list.cpu / looped;
        self.table.target("GET 50 assets, SQLite: CPU / loop", "<= 1.6", times(ratio), ratio <= 1.6);
        self.table.note("query and serde in a loop", format!("{looped:.0} us"));
        self.table.note("over HTTP", told(&list));
        for (what, small, large) in [("GET one asset", &get, &get_large), ("GET 50 assets", &list, &list_large)] {
            let ratio = large.cpu / small.cpu;
            let figure = format!("{what}, SQLite: CPU at 100,000 / 1,000");
            self.table.target(&figure, "<= 1.2", times(ratio), ratio <= 1.2);
        }
        self.memory.extend([
            ("SQLite, 1,000 assets", small_server.process().peak_memory()),
            ("SQLite, 100,000 assets", large_server.process().peak_memory()),
        ]);
        drop(servers);
        self.starts("SQLite, 100,000 assets", &large)
    }

    fn writes(&mut self) -> Outcome<()> {
        let world = World::make(self.file("writes"), SMALL)?;
        let server = self.start(&world, 0)?;
        let posts = world.posts(&self.folder)?;
        let (mut alone, mut together) = (Vec::new(), Vec::new());
        for turn in 1..=TURNS {
            say(&format!("SQLite: writing, turn {turn} of {TURNS}"));
            alone.push(self.load(&server, None, 1, &posts)?);
            together.push(self.load(&server, None, 64, &posts)?);
        }
        let (alone, together) = (middle(&alone), middle(&together));
        let ratio = together.rate / alone.rate;
        self.table.target(
            "POST an asset, SQLite FULL: 64 connections / one commit per request",
            ">= 6",
            times(ratio),
            ratio >= 6.0,
        );
        self.table.note("one after the other", told(&alone));
        self.table.note("64 connections", told(&together));
        self.memory.push(("SQLite, writing", server.process().peak_memory()));
        Ok(())
    }

    fn postgres(&mut self) -> Outcome<()> {
        say("PostgreSQL: making databases of 1,000 and 100,000 assets");
        let Some(postgres) = Postgres::start(&self.folder)? else {
            self.table.note("PostgreSQL: not measured, no binaries found", String::new());
            return Ok(());
        };
        let small = World::make(Location::Server(postgres.database("small")?), SMALL)?;
        let large = World::make(Location::Server(postgres.database("large")?), LARGE)?;
        postgres.settle("small")?;
        postgres.settle("large")?;
        let servers = [self.start(&small, 0)?, self.start(&large, 0)?];
        let gets = [small.gets(&self.folder, everybody, &BOTH)?, large.gets(&self.folder, everybody, &BOTH)?];
        let lists = [small.lists(&self.folder, everybody, &BOTH)?, large.lists(&self.folder, everybody, &BOTH)?];
        let mut pgbench = Vec::new();
        let [mut get, mut list] = [const { [const { Vec::new() }; 2] }; 2];
        for turn in 1..=TURNS {
            say(&format!("PostgreSQL: reading, turn {turn} of {TURNS}"));
            pgbench.push(postgres.pgbench(self.seconds)?);
            for (server, (requests, measured)) in servers.iter().zip(gets.iter().zip(&mut get)) {
                measured.push(self.load(server, Some(postgres.process()), 16, requests)?);
            }
            for (server, (requests, measured)) in servers.iter().zip(lists.iter().zip(&mut list)) {
                measured.push(self.load(server, Some(postgres.process()), 16, requests)?);
            }
        }
        let pgbench = median(pgbench);
        let [get, get_large] = get.map(|measured| middle(&measured));
        let [list, list_large] = list.map(|measured| middle(&measured));
        let ratio = get.rate / pgbench;
        self.table.target("GET one asset, PostgreSQL: rate / pgbench", ">= 0.25", times(ratio), ratio >= 0.25);
        self.table.note("pgbench -S -M prepared -c 16", format!("{pgbench:.0}/s"));
        self.table.note("everybody, tokens and JWT in turn", told(&get));
        for (what, wide) in [("whole organization", true), ("own department", false)] {
            let requests = small.gets(&self.folder, |asker| asker.reaches_all() == wide, &BOTH)?;
            let [server, _] = &servers;
            let measured = self.load(server, Some(postgres.process()), 16, &requests)?;
            self.table.note(what, told(&measured));
        }
        let ratio = get.p99 / get.p50;
        self.table.target("GET one asset, PostgreSQL: p99 / p50", "<= 10", times(ratio), ratio <= 10.0);
        for (what, small, large) in [("GET one asset", &get, &get_large), ("GET 50 assets", &list, &list_large)] {
            let ratio = (large.cpu + large.postgres_cpu) / (small.cpu + small.postgres_cpu);
            let figure = format!("{what}, PostgreSQL: CPU of both at 100,000 / 1,000");
            self.table.target(&figure, "<= 1.2", times(ratio), ratio <= 1.2);
        }
        self.table.note("GET 50 assets, 1,000", told(&list));
        let [small_server, large_server] = &servers;
        self.memory.extend([
            ("PostgreSQL, 1,000 assets", small_server.process().peak_memory()),
            ("PostgreSQL, 100,000 assets", large_server.process().peak_memory()),
        ]);
        drop(servers);
        self.starts("PostgreSQL, 100,000 assets", &large)
    }

    fn memory(&mut self) {
        let most = self.memory.iter().map(|(_, memory)| *memory).fold(0.0, f64::max);
        self.table.target("resident memory under that load, at most", "<= 80 MiB", mib(most), most <= 80.0);
        for (what, memory) in &self.memory {
            self.table.note(what, mib(*memory));
        }
    }

    fn starts(&mut self, what: &str, world: &World) -> Outcome<()> {
        let mut times = Vec::new();
        for _ in 0..5 {
            times.push(self.start(world, 0)?.started_in.as_secs_f64());
        }
        let time = median(times);
        self.table.target(&format!("start to first 200, {what}"), "<= 0.5 s", format!("{time:.3} s"), time <= 0.5);
        Ok(())
    }

    fn file(&self, name: &str) -> Location {
        Location::File(self.folder.join(format!("{name}.sqlite3")))
    }

    /// Starts the service; its first 200 is a GET of an asset.
    fn start(&self, world: &World, constant: usize) -> Outcome<Server> {
        let requests = world.gets(&self.folder, |asker| asker.role == Some(Role::IsmsSecretariat), &BOTH)?;
        let first = requests.first().ok_or("nobody asks")?;
        Server::start(&self.folder, &world.location, constant, first)
    }

    fn load(
        &self,
        server: &Server,
        postgres: Option<Process>,
        connections: usize,
        requests: &[Vec<u8>],
    ) -> Outcome<Measured> {
        let (address, seconds) = (server.address, self.seconds);
        Load { address, server: server.process(), postgres, connections, requests, seconds }.run()
    }
}

/// The query and serde without HTTP, in this process.
struct InProcess {
    db: Db,
    runtime: tokio::runtime::Runtime,
    contexts: Vec<Context>,
    /// One asset as JSON.
    one: Vec<u8>,
}

impl InProcess {
    fn open(world: &World) -> Outcome<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let limits = Limits { readers: 1, writers: 1, waiting: 16 };
        let db = runtime.block_on(Db::open(world.location.clone(), limits, None))?;
        let contexts = runtime.block_on(db.read(None, world.contexts()))?;
        let first = contexts.first().ok_or("nobody asks")?.clone();
        let one = runtime.block_on(db.read(None, move |conn| {
            let page = PageRequest { limit: 1, ..list_of_50() };
            json(&assets::list(&mut Tx::new(conn, &first), &Filter::default(), &page)?.items.first())
        }))?;
        Ok(Self { db, runtime, contexts, one })
    }

    /// CPU of a list in microseconds.
    fn lists(&self, seconds: f64) -> Outcome<f64> {
        let contexts = self.contexts.clone();
        let work = move |conn: &mut Conn| {
            let (began, cpu, mut count) = (Instant::now(), cpu_of_this_thread(), 0_u32);
            while began.elapsed() < Duration::from_secs_f64(seconds) {
                for context in &contexts {
                    let page = assets::list(&mut Tx::new(conn, context), &Filter::default(), &list_of_50())?;
                    std::hint::black_box(json(&page)?);
                    count += 1;
                }
            }
            Ok(cpu_of_this_thread().saturating_sub(cpu).as_secs_f64() * 1e6 / f64::from(count))
        };
        Ok(self.runtime.block_on(self.db.read(None, work))?)
    }
}

fn list_of_50() -> PageRequest {
    PageRequest { limit: 50, sort: "number".to_owned(), ..PageRequest::one() }
}

fn json<T: serde::Serialize>(value: &T) -> DbOutcome<Vec<u8>> {
    serde_json::to_vec(value).map_err(|error| Failure::Corrupt(error.to_string()))
}

fn everybody(_: &Asker) -> bool {
    true
}

fn constant() -> Vec<Vec<u8>> {
    vec![b"GET /constant HTTP/1.1\r\nHost: bench\r\nAccept: application/json\r\n\r\n".to_vec()]
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn middle(turns: &[Measured]) -> Measured {
    let of = |value: fn(&Measured) -> f64| median(turns.iter().map(value).collect());
    Measured {
        rate: of(|turn| turn.rate),
        cpu: of(|turn| turn.cpu),
        postgres_cpu: of(|turn| turn.postgres_cpu),
        p50: of(|turn| turn.p50),
        p99: of(|turn| turn.p99),
    }
}

fn told(measured: &Measured) -> String {
    let Measured { rate, cpu, postgres_cpu, p50, p99 } = measured;
    let postgres = if *postgres_cpu > 0.0 { format!(" + {postgres_cpu:.0} in PostgreSQL") } else { String::new() };
    format!("{cpu:.1} us{postgres}, {rate:.0}/s, p50 {p50:.2} ms, p99 {p99:.2} ms")
}

fn times(ratio: f64) -> String {
    format!("{ratio:.2}")
}

fn mib(memory: f64) -> String {
    format!("{memory:.1} MiB")
}

/// A temporary folder, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn make() -> Outcome<Self> {
        let path = std::env::temp_dir().join(format!("mamori-bench-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let path: &Path = &self.0;
        // What the operating system clears away otherwise.
        let _ = std::fs::remove_dir_all(path);
    }
}
