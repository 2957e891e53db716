//! How the service is started: flags and environment, nothing else.

use std::{io, num::NonZeroU32, path::PathBuf};

use clap::Args;
use mamori_persistence::kernel::db::{Limits, Location};

use super::{files::Files, mail::MailSettings};

/// What every serving command takes.
#[derive(Clone, Debug, Args)]
pub struct Settings {
    /// Address and port to listen on.
    #[arg(long, env = "MAMORI_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: String,
    /// Origins that a browser may call from, separated by commas; none by default.
    #[arg(long, env = "MAMORI_CORS_ORIGINS", value_delimiter = ',')]
    pub cors_origins: Vec<String>,
    /// Requests a second for each credential; four times as many at once.
    #[arg(long, env = "MAMORI_REQUESTS_PER_SECOND", default_value = "100")]
    pub requests_per_second: NonZeroU32,
    /// Requests a second for each address without a credential (logins); four times as many at once.
    #[arg(long, env = "MAMORI_LOGINS_PER_SECOND", default_value = "5")]
    pub logins_per_second: NonZeroU32,
    /// Seconds that a request may take.
    #[arg(long, env = "MAMORI_REQUEST_TIMEOUT", default_value = "30")]
    pub request_timeout: u64,
    /// Mebibytes that an uploaded file may have.
    #[arg(long, env = "MAMORI_FILE_LIMIT", default_value = "20")]
    pub file_limit: u16,
    /// Seconds that running requests are given when the service is told to stop.
    #[arg(long, env = "MAMORI_SHUTDOWN_TIMEOUT", default_value = "20")]
    pub shutdown_timeout: u64,
    /// Threads that answer requests; the number of processors by default.
    #[arg(long, env = "MAMORI_WORKERS")]
    pub workers: Option<usize>,
    /// PostgreSQL connections for reading.
    #[arg(long, env = "MAMORI_DATABASE_READERS", default_value = "8")]
    pub database_readers: usize,
    /// PostgreSQL connections for writing.
    #[arg(long, env = "MAMORI_DATABASE_WRITERS", default_value = "4")]
    pub database_writers: usize,
    /// The address of the client is the last one of `X-Forwarded-For`, set by a proxy in front.
    #[arg(long, env = "MAMORI_BEHIND_PROXY", value_parser = clap::builder::BoolishValueParser::new())]
    pub behind_proxy: bool,
    /// How notices are sent.
    #[command(flatten)]
    pub mail: MailSettings,
    /// What is logged: `info`, `debug`, `mamori_api=debug` …
    #[arg(long, env = "MAMORI_LOG", default_value = "info")]
    pub log: String,
    /// How it is logged.
    #[arg(long, env = "MAMORI_LOG_FORMAT", value_enum, default_value = "json")]
    pub log_format: LogFormat,
}

/// How it is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

/// Where the data is kept.
#[derive(Clone, Debug, Args)]
pub struct Storage {
    /// `postgres://…`, or the path of a SQLite file. By default `mamori.sqlite3` in the data directory.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Directory of the SQLite file, the files and the token key.
    #[arg(long, env = "MAMORI_DATA", default_value = "data")]
    pub data: PathBuf,
    /// Where files are kept, shared by all processes: a directory, or `s3://bucket` (in a build with the feature `s3`). By
    /// default `files` in the data directory.
    #[arg(long, env = "MAMORI_FILES")]
    pub files: Option<String>,
    /// The key that signs access tokens, shared by all processes. By default `token.key` in the data directory.
    #[arg(long, env = "MAMORI_TOKEN_KEY_FILE")]
    pub token_key_file: Option<PathBuf>,
}

impl Storage {
    /// Where the key of access tokens is.
    pub fn token_key(&self) -> PathBuf {
        self.token_key_file.clone().unwrap_or_else(|| self.data.join("token.key"))
    }

    /// Where files are kept.
    pub fn files(&self) -> io::Result<Files> {
        match self.files.as_deref().filter(|place| !place.is_empty()) {
            #[cfg(feature = "s3")]
            Some(url) if url.starts_with("s3://") => Files::in_bucket(url),
            Some(url) if url.contains("://") => {
                Err(io::Error::new(io::ErrorKind::Unsupported, format!("this build keeps no files at {url}")))
            }
            Some(folder) => Files::in_folder(folder.as_ref()),
            None => Files::in_folder(&self.data.join("files")),
        }
    }

    /// The database.
    pub fn location(&self) -> Location {
        match self.database_url.as_deref().filter(|url| !url.is_empty()) {
            Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Location::Server(url.to_owned())
            }
            Some(path) => Location::File(path.trim_start_matches("sqlite://").into()),
            None => Location::File(self.data.join("mamori.sqlite3")),
        }
    }
}

impl Settings {
    /// The bytes that an uploaded file may have.
    pub fn largest_file(&self) -> usize {
        usize::from(self.file_limit) << 20
    }

    /// How much of the database is used.
    pub fn database(&self) -> Limits {
        Limits { readers: self.database_readers, writers: self.database_writers, ..Limits::default() }
    }
}

impl Default for Settings {
    /// What the flags default to.
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".into(),
            cors_origins: Vec::new(),
            requests_per_second: const { NonZeroU32::new(100).unwrap() },
            logins_per_second: const { NonZeroU32::new(5).unwrap() },
            request_timeout: 30,
            file_limit: 20,
            shutdown_timeout: 20,
            workers: None,
            database_readers: 8,
            database_writers: 4,
            behind_proxy: false,
            mail: MailSettings::default(),
            log: "info".into(),
            log_format: LogFormat::Json,
        }
    }
}
