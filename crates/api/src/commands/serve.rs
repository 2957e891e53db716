//! `mamori serve`: the real thing.

use std::time::Duration;

use actix_web::HttpServer;
use mamori_domain::kernel::clock::Clock;
use mamori_persistence::{
    identity::setup,
    kernel::db::{Db, Location, migrate},
};
use tokio::sync::mpsc::unbounded_channel;

use super::{Fault, say};
use crate::{
    application,
    integration::delivery::deliver_as_they_come,
    kernel::{
        config::{Settings, Storage},
        files::Files,
        mail::Mailer,
        service::Service,
        telemetry,
        tokens::Keys,
    },
};

/// Largest number of connections kept open; the operating system's own limit comes on top.
const CONNECTIONS: usize = 10_000;

/// Serves until it is told to stop.
pub async fn run(storage: Storage, settings: Settings) -> Result<(), Fault> {
    telemetry::start_log(&settings);
    std::fs::create_dir_all(&storage.data).map_err(Fault::io(format!("cannot create {}", storage.data.display())))?;
    let keys = Keys::of_file(&storage.token_key()).map_err(Fault::io("cannot read the token key"))?;
    let files = storage.files().map_err(Fault::io("cannot open the store of files"))?;
    let location = storage.location();
    migrate(location.clone()).await?;
    let service = start(location, Clock::System, keys, files, settings).await?;
    announce_setup(&service).await?;
    listen(service).await?.0.await.map_err(Fault::io("the server failed"))
}

/// Brings the schema up to date.
pub async fn migrate_only(storage: &Storage) -> Result<(), Fault> {
    if let Location::File(path) = storage.location()
        && let Some(folder) = path.parent()
    {
        std::fs::create_dir_all(folder).map_err(Fault::io(format!("cannot create {}", folder.display())))?;
    }
    let done = migrate(storage.location()).await?;
    say(&match done.as_slice() {
        [] => "the schema is up to date".to_owned(),
        done => format!("migrated: {}", done.join(", ")),
    });
    Ok(())
}

/// A service on a migrated database, with its background work running.
pub async fn start(
    location: Location,
    clock: Clock,
    keys: Keys,
    files: Files,
    settings: Settings,
) -> Result<Service, Fault> {
    let mailer = Mailer::of(&settings.mail).map_err(|fault| Fault::Usage(fault.to_string()))?;
    let (committed, commits) = unbounded_channel();
    let db = Db::open(location, settings.database(), Some(committed)).await?;
    let service = Service::new(db, clock, keys, files, settings);
    actix_web::rt::spawn(service.clone().seal_as_they_come(commits));
    actix_web::rt::spawn(service.clone().tidy());
    if let Some(mailer) = mailer {
        actix_web::rt::spawn(deliver_as_they_come(service.clone(), mailer));
    }
    Ok(service)
}

/// Listens; returns the running server and its base URL.
pub async fn listen(service: Service) -> Result<(actix_web::dev::Server, String), Fault> {
    telemetry::metrics();
    let settings = service.settings().clone();
    let for_workers = service.clone();
    let mut server = HttpServer::new(move || application(for_workers.clone()))
        .max_connections(CONNECTIONS)
        .keep_alive(Duration::from_secs(75))
        .client_request_timeout(Duration::from_secs(10))
        .shutdown_timeout(settings.shutdown_timeout);
    if let Some(workers) = settings.workers {
        server = server.workers(workers);
    }
    let server = server.bind(&settings.listen).map_err(Fault::io(format!("cannot listen on {}", settings.listen)))?;
    let address = server.addrs().first().map(ToString::to_string).unwrap_or_default();
    let url = format!("http://{address}");
    tracing::info!(%url, "listening");
    Ok((server.run(), url))
}

/// An empty database waits for its first organization.
async fn announce_setup(service: &Service) -> Result<(), Fault> {
    let now = service.clock().now();
    if let Some(token) = service.db().write(None, move |conn| setup::make_setup_token(conn, now)).await? {
        say("This database has no organization yet. Create it with POST /v1/setup and this token, valid once:");
        say(&format!("    {}", token.text()));
    }
    Ok(())
}
