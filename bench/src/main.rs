//! Prints the figures that the release build is to reach: `cargo run --release -p mamori-bench`.
//!
//! The service runs in a child process with two workers and real sockets, so that its CPU is told apart from that of
//! the load; databases are made in a temporary folder. Never a test: whatever is measured, it ends well.

mod figures;
mod load;
mod people;
mod postgres;
mod process;
mod serve;
mod table;

use std::{error::Error, process::ExitCode};

use clap::{Parser, Subcommand};
use mamori_api::{
    commands::say,
    kernel::config::{Settings, Storage},
};

/// What goes wrong here is told and ends the run.
pub type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Prints target and measurement of every figure.
#[derive(Debug, Parser)]
#[command(name = "mamori-bench", about)]
struct Cli {
    /// Seconds of each window; there are some fifty.
    #[arg(long, default_value = "2")]
    seconds: f64,
    /// Only the figures of one part.
    #[arg(long)]
    only: Option<figures::Part>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The measured service: `mamori serve` with one route more.
    #[command(hide = true)]
    Serve {
        #[command(flatten)]
        storage: Storage,
        #[command(flatten)]
        settings: Settings,
        /// Bytes of the constant that `/constant` answers.
        #[arg(long)]
        constant: usize,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        Some(Command::Serve { storage, settings, constant }) => serve::run(storage, settings, constant),
        None => figures::run(cli.seconds, cli.only),
    };
    if let Err(error) = done {
        say(&format!("mamori-bench: {error}"));
    }
    ExitCode::SUCCESS
}
