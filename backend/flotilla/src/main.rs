//! Flotilla: copies trades from master accounts to follower accounts and keeps the journal.

mod backup_file;
mod commands;
mod metrics;
mod postgres_tools;
mod settings;
mod telemetry;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::settings::{Environment, LogSettings};

/// Copies trades from master accounts to follower accounts and keeps the journal.
///
/// Settings come from the environment; the README lists them.
#[derive(Parser)]
#[command(version, about, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API and the pages.
    Serve,
    /// Run the worker: EA gateway, dispatcher, projections.
    Work,
    /// Serve and work in one process, for small installations.
    All,
    /// Bring the database schema up to date.
    Migrate,
    /// Print the OpenAPI document.
    Openapi,
    /// Look whether keys, database and everything sealed fit together, certificates last, and mails would leave.
    Doctor,
    /// Write the whole database to a new file. The keys are not in it.
    Backup {
        /// Where to write it.
        file: PathBuf,
    },
    /// Put a backup into an empty database. Copying is stopped until each owner resumes.
    Restore {
        /// What `flotilla backup` wrote.
        file: PathBuf,
        /// Delete everything of Flotilla that is in the database.
        #[arg(long)]
        replace: bool,
    },
    /// Put in order a database that something else restored, as a provider's point-in-time recovery does.
    Restored,
    /// The server's own keys.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// The audit trail.
    #[command(subcommand)]
    Audit(AuditCommand),
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Make a keys file. An existing file is never overwritten.
    Generate {
        /// Where to write it; `FLOTILLA_KEYS_FILE` unless given.
        #[arg(long)]
        file: Option<PathBuf>,
    },
    /// Seal anew, under the current keys, what older ones sealed. May be run again at any time. First restart every
    /// server with this keys file: one that does not know a key opens nothing that is sealed under it.
    Rotate,
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Check every owner's chain and name the first bad row.
    Verify {
        /// Heads noted earlier with `audit heads`; without them a cut end cannot be seen.
        #[arg(long)]
        heads: Option<PathBuf>,
    },
    /// Print the head of every chain, to be kept outside the database.
    Heads,
}

#[tokio::main]
async fn main() -> ExitCode {
    #[cfg(feature = "failpoints")]
    let _armed = fail::FailScenario::setup();
    match Box::pin(run(Cli::parse().command)).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("flotilla: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    let environment = Environment::new(&settings::of_process);
    telemetry::start(&LogSettings::read(&environment)?)?;
    settings::examine(std::env::vars_os())?;
    match command {
        Command::Serve => commands::serve::run(&environment).await?,
        Command::Work => commands::work::run(&environment).await?,
        Command::All => Box::pin(commands::all::run(&environment)).await?,
        Command::Migrate => commands::migrate::run(&environment).await?,
        Command::Openapi => commands::openapi::run()?,
        Command::Backup { file } => commands::backup::run(&environment, &file).await?,
        Command::Restore { file, replace } => commands::restore::run(&environment, &file, replace).await?,
        Command::Restored => commands::restore::put_in_order(&environment).await?,
        Command::Keys(KeysCommand::Generate { file }) => commands::keys::generate(&environment, file)?,
        Command::Keys(KeysCommand::Rotate) => commands::keys::rotate(&environment).await?,
        Command::Doctor => return commands::doctor::run(&environment).await,
        Command::Audit(AuditCommand::Verify { heads }) => {
            return commands::audit::verify(&environment, heads.as_deref()).await;
        }
        Command::Audit(AuditCommand::Heads) => commands::audit::heads(&environment).await?,
    }
    Ok(ExitCode::SUCCESS)
}
