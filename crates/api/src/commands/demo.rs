//! `mamori demo`: the service on a sample organization, for front-end teams, tests and the curious.

use std::path::PathBuf;

use chrono::{DateTime, FixedOffset};
use clap::Args;
use mamori_domain::{access::Role, kernel::clock::Clock};
use mamori_persistence::kernel::db::{Location, migrate};
use serde::Serialize;

pub use self::sample::Inhabitant;
use super::{Fault, print, serve};
use crate::kernel::{
    config::{LogFormat, Settings},
    files::Files,
    service::Service,
    telemetry,
    tokens::Keys,
};

mod sample;

/// How the demo is started.
#[derive(Debug, Args)]
pub struct Options {
    /// Address and port to listen on.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: String,
    /// Directory for the database and the files; a temporary one by default. An existing demo there is replaced.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Writes base URL, people and tokens as JSON to this file, once the service answers.
    #[arg(long)]
    credentials: Option<PathBuf>,
    /// Starts the service's clock at this moment, such as 2024-04-01T09:00:00+09:00.
    #[arg(long)]
    clock: Option<DateTime<FixedOffset>>,
    /// What is logged.
    #[arg(long, env = "MAMORI_LOG", default_value = "warn")]
    log: String,
}

/// What a program needs to use the demo.
#[derive(Debug, Serialize)]
struct Credentials {
    base_url: String,
    people: Vec<Inhabitant>,
    second_organization: SecondOrganization,
}

/// The five-person company, in which one person does many things.
#[derive(Debug, Serialize)]
struct SecondOrganization {
    token: String,
    people: Vec<Inhabitant>,
}

/// Serves until it is told to stop.
pub async fn run(options: Options) -> Result<(), Fault> {
    let settings = Settings {
        listen: options.listen,
        cors_origins: vec!["*localhost*".to_owned()],
        requests_per_second: const { std::num::NonZeroU32::new(10_000).unwrap() },
        logins_per_second: const { std::num::NonZeroU32::new(1_000).unwrap() },
        log: options.log,
        log_format: LogFormat::Text,
        ..Settings::default()
    };
    telemetry::start_log(&settings);
    let clock = options.clock.map_or(Clock::System, |start| Clock::started_at(start.to_utc()));
    let folder = Folder::make(options.data)?;
    let file = folder.path.join("demo.sqlite3");
    for ending in ["", "-wal", "-shm"] {
        let mut name = file.clone().into_os_string();
        name.push(ending);
        // Nothing is there at the first start.
        let _ = std::fs::remove_file(name);
    }
    // Not the `files` of a service that may live in the same folder. Nothing is there at the first start.
    let kept = folder.path.join("demo-files");
    let _ = std::fs::remove_dir_all(&kept);
    let files = Files::in_folder(&kept).map_err(Fault::io("cannot keep files"))?;
    let location = Location::File(file);
    migrate(location.clone()).await?;
    let keys = Keys::ephemeral().map_err(Fault::io("no key"))?;
    let service = serve::start(location, clock, keys, files, settings).await?;
    let people = populate(&service).await?;
    let (server, base_url) = serve::listen(service).await?;
    print(&table(&base_url, &people));
    let credentials = Credentials {
        base_url,
        second_organization: SecondOrganization {
            token: people.second.first().map(|person| person.token.clone()).unwrap_or_default(),
            people: people.second,
        },
        people: people.first,
    };
    if let Some(path) = options.credentials {
        let json = serde_json::to_vec_pretty(&credentials).unwrap_or_default();
        // Whoever waits for the file finds it whole.
        let partial = path.with_extension("partial");
        std::fs::write(&partial, json).map_err(Fault::io(format!("cannot write {}", partial.display())))?;
        std::fs::rename(&partial, &path).map_err(Fault::io(format!("cannot write {}", path.display())))?;
    }
    server.await.map_err(Fault::io("the server failed"))
}

/// The people of both organizations.
#[derive(Clone)]
pub struct People {
    /// The sample organization.
    pub first: Vec<Inhabitant>,
    /// The five-person company.
    pub second: Vec<Inhabitant>,
}

/// Fills an empty database with the sample organizations.
pub async fn populate(service: &Service) -> Result<People, Fault> {
    let people = People { first: sample::company(service).await?, second: sample::small_company(service).await? };
    service.seal_all().await?;
    Ok(people)
}

fn table(base_url: &str, people: &People) -> String {
    let mut text =
        format!("\nmamori demo\n  API            {base_url}/v1\n  documentation  {base_url}/docs/\n  try            ");
    let token = people.first.first().map(|person| person.token.as_str()).unwrap_or_default();
    text.push_str(&format!("curl -H 'Authorization: Bearer {token}' {base_url}/v1/assets\n"));
    for (title, people) in [("sample organization", &people.first), ("five-person company", &people.second)] {
        text.push_str(&format!("\n{title}\n"));
        for person in people {
            let roles: Vec<String> = person.roles.iter().map(Role::to_string).collect();
            text.push_str(&format!("  {}  [{}]\n      {}\n", person.name, roles.join(", "), person.token));
        }
    }
    text.push('\n');
    text
}

/// The folder of the database; a temporary one is removed with its content when the demo ends.
struct Folder {
    path: PathBuf,
    temporary: bool,
}

impl Folder {
    fn make(path: Option<PathBuf>) -> Result<Self, Fault> {
        let temporary = path.is_none();
        let path = path.unwrap_or_else(|| std::env::temp_dir().join(format!("mamori-demo-{}", std::process::id())));
        std::fs::create_dir_all(&path).map_err(Fault::io(format!("cannot create {}", path.display())))?;
        Ok(Self { path, temporary })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.temporary {
            // What the operating system clears away otherwise.
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}
