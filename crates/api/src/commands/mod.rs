//! The commands of the binary.

pub mod demo;
pub mod found;
pub mod openapi;
pub mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::kernel::config::{Settings, Storage};

/// mamori: the information security programme of a small company, over HTTP.
#[derive(Debug, Parser)]
#[command(name = "mamori", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve; migrates the database first.
    Serve {
        #[command(flatten)]
        storage: Storage,
        #[command(flatten)]
        settings: Settings,
    },
    /// Serve a sample organization, with a table of people and their tokens.
    Demo(demo::Options),
    /// Bring the schema of the database up to date and end.
    Migrate {
        #[command(flatten)]
        storage: Storage,
    },
    /// Print the OpenAPI document.
    Openapi,
    /// Create a further organization in the database.
    Organization(found::Options),
}

/// Why a command failed, for the person who started it.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database.
    #[error("{0}")]
    Database(#[from] mamori_persistence::kernel::failure::Failure),
    /// A file, a port.
    #[error("{0}: {1}")]
    Io(String, std::io::Error),
    /// What was asked for makes no sense.
    #[error("{0}")]
    Usage(String),
}

impl Fault {
    /// An I/O error, with what was being done.
    pub fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |error| Self::Io(what, error)
    }
}

/// Runs the command that the process was started with.
pub async fn run() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Serve { storage, settings } => serve::run(storage, settings).await,
        Command::Demo(options) => demo::run(options).await,
        Command::Migrate { storage } => serve::migrate_only(&storage).await,
        Command::Openapi => openapi::run(),
        Command::Organization(options) => found::run(options).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            say(&format!("mamori: {fault}"));
            ExitCode::FAILURE
        }
    }
}

/// Writes a line to whoever started the process.
#[expect(clippy::print_stderr, reason = "this is what a command says")]
pub fn say(line: &str) {
    eprintln!("{line}");
}

/// Writes what a command was asked for.
#[expect(clippy::print_stdout, reason = "this is what a command prints")]
pub fn print(text: &str) {
    print!("{text}");
}
