//! PostgreSQL's own programs.

use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};

use anyhow::{Context as _, bail};
use secrecy::ExposeSecret as _;

use crate::settings::DatabaseUrl;

/// Where they are, and the database they are for.
pub struct PostgresTools<'a> {
    /// Their folder; `None`: the search path knows.
    pub folder: Option<PathBuf>,
    /// The database.
    pub database: &'a DatabaseUrl,
}

impl PostgresTools<'_> {
    /// Writes an archive of the whole database, as it is at one moment, to `target`. Extensions are not in it.
    ///
    /// # Errors
    ///
    /// When the program is not there or does not succeed; its words are in the error.
    pub fn dump(&self, target: &mut impl Write) -> anyhow::Result<()> {
        let mut command = self.command("pg_dump");
        // Of extensions the one that every database has. Others are not Flotilla's: whoever administers a server makes them
        // where they are wanted, and whoever restores may not.
        command
            .args(["--format=custom", "--extension=plpgsql", "--no-password", "--dbname"])
            .arg(self.database.without_password());
        let mut running = Running::start("pg_dump", command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
        let mut out = running.child.stdout.take().context("pg_dump has an output")?;
        io::copy(&mut out, target).context("the backup cannot be written")?;
        running.end()
    }

    /// Turns an archive into statements and runs them in one session, between `before` and `after`. What belongs to
    /// nobody in it will be `flotilla_owner`'s. When anything fails the session ends without `after`.
    ///
    /// # Errors
    ///
    /// When a program is not there or does not succeed; its words are in the error.
    pub fn restore(&self, archive: impl Read + Send, before: &str, after: &str) -> anyhow::Result<()> {
        let mut reading = self.command("pg_restore");
        reading.args(["--role=flotilla_owner", "--no-owner", "--file=-"]);
        let mut reading = Running::start("pg_restore", reading.stdin(Stdio::piped()).stdout(Stdio::piped()))?;
        let mut session = self.command("psql");
        session.args([
            "--no-psqlrc",
            "--quiet",
            "--no-password",
            "--set=ON_ERROR_STOP=1",
            "--file=-",
            "--dbname",
        ]);
        session.arg(self.database.without_password());
        let mut session = Running::start("psql", session.stdin(Stdio::piped()).stdout(Stdio::null()))?;
        let poured = pour(&mut reading, &mut session, archive, (before, after));
        // The session's words first: whoever reads for it fails when it ends.
        session.end()?;
        poured
    }

    fn command(&self, program: &str) -> Command {
        let named = OsStr::new(program).to_owned();
        let mut command =
            Command::new(self.folder.as_ref().map_or(named, |folder| folder.join(program).into()));
        if let Some(password) = self.database.password() {
            // In the arguments everybody could read it.
            command.env("PGPASSWORD", password.expose_secret());
        }
        command
    }
}

/// Writes `before`, the statements of the archive and, once they are whole, `after` to the session. A session that ended
/// takes no more; it tells the reason itself.
fn pour(
    reading: &mut Running,
    session: &mut Running,
    mut archive: impl Read + Send,
    (before, after): (&str, &str),
) -> anyhow::Result<()> {
    let mut source = reading.child.stdin.take().context("pg_restore has an input")?;
    let mut statements = reading.child.stdout.take().context("pg_restore has an output")?;
    let mut input = session.child.stdin.take().context("psql has an input")?;
    thread::scope(|scope| {
        scope.spawn(move || io::copy(&mut archive, &mut source));
        let poured = input.write_all(before.as_bytes()).and_then(|()| io::copy(&mut statements, &mut input));
        drop(statements);
        let ended = reading.end();
        let is_whole = poured.is_ok() && ended.is_ok();
        let last = if is_whole { after } else { "\nrollback;\n" };
        let _ = input.write_all(last.as_bytes());
        ended.and(poured.map(drop).context("the statements could not be run"))
    })
}

/// A program that runs, and what it complains about.
struct Running {
    name: &'static str,
    child: Child,
    words: Option<JoinHandle<String>>,
}

impl Running {
    fn start(name: &'static str, command: &mut Command) -> anyhow::Result<Self> {
        let mut child = command.stderr(Stdio::piped()).spawn().with_context(|| {
            format!("{name} does not start; install PostgreSQL's client programs, or set FLOTILLA_PG_BIN to their folder")
        })?;
        let errors = child.stderr.take();
        let words = thread::spawn(move || {
            let mut words = Vec::new();
            // What cannot be read is not told.
            let _ = errors.map(|mut errors| errors.read_to_end(&mut words));
            let words = String::from_utf8_lossy(&words);
            // The roles have what is granted to them in the schema already.
            words
                .lines()
                .filter(|line| !line.contains("no privileges were granted"))
                .collect::<Vec<_>>()
                .join("\n")
        });
        Ok(Self { name, child, words: Some(words) })
    }

    fn end(&mut self) -> anyhow::Result<()> {
        let status = self.child.wait()?;
        let words = self.words.take().and_then(|words| words.join().ok()).unwrap_or_default();
        if !status.success() {
            bail!("{} ended with {status}: {}", self.name, words.trim());
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
