//! A server as a process, with everything it logs.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};

use flotilla_testkit::db::TestDb;
use serde_json::Value;

use crate::support::{Folder, answer, flotilla};

/// Variables that say where a server listens.
pub const HTTP: &str = "FLOTILLA_HTTP_ADDR";
pub const EA: &str = "FLOTILLA_EA_ADDR";

/// A running server.
pub struct Server {
    process: Child,
    log: Arc<Log>,
    reader: Option<std::thread::JoinHandle<()>>,
}

/// What a server has logged so far.
#[derive(Default)]
struct Log {
    state: Mutex<(String, bool)>,
    grown: Condvar,
}

impl Server {
    /// Starts `command` with new keys and the roles' addresses, unless it has others.
    pub fn start(mut command: Command, db: &TestDb, folder: &Folder) -> Self {
        let keys = folder.file("flotilla.keys");
        assert!(answer(flotilla(&["keys", "generate", "--file"]).arg(&keys)).success);
        let given: Vec<_> = command.get_envs().map(|(name, _)| name.to_owned()).collect();
        let (inbox, mail) = (folder.file("inbox"), folder.file("mail"));
        let defaults = [
            ("FLOTILLA_KEYS_FILE", keys.to_str().unwrap()),
            ("FLOTILLA_APP_DATABASE_URL", &db.app_url),
            ("FLOTILLA_WORKER_DATABASE_URL", &db.worker_url),
            ("FLOTILLA_READONLY_DATABASE_URL", &db.readonly_url),
            ("FLOTILLA_JOURNAL_DIR", inbox.to_str().unwrap()),
            ("FLOTILLA_MAIL_DIR", mail.to_str().unwrap()),
            (HTTP, "127.0.0.1:0"),
            (EA, "127.0.0.1:0"),
            ("FLOTILLA_LOG_FORMAT", "json"),
        ];
        command.envs(defaults.into_iter().filter(|(name, _)| !given.iter().any(|known| known == name)));
        let mut process = command.stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Log::default());
        let (stderr, copy) = (process.stderr.take().unwrap(), Arc::clone(&log));
        // Read all the time: a full pipe would hold the server up.
        let reader = std::thread::spawn(move || copy.fill(stderr));
        Self { process, log, reader: Some(reader) }
    }

    /// Where the server listens that `variable` told where to; waits until it says so.
    pub fn address(&self, variable: &str) -> SocketAddr {
        let found = |log: &str| log.lines().find_map(|line| listening(line, variable));
        let state = self.log.state.lock().unwrap();
        let state =
            self.log.grown.wait_while(state, |(text, ended)| !*ended && found(text).is_none()).unwrap();
        found(&state.0).unwrap_or_else(|| panic!("the server ended: {}", state.0))
    }

    /// Of its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Tells it to end and waits until it has; returns how it ended and all it logged.
    pub fn terminate(mut self) -> (ExitStatus, String) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let status = self.process.wait().unwrap();
        self.reader.take().unwrap().join().unwrap();
        let log = std::mem::take(&mut self.log.state.lock().unwrap().0);
        (status, log)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Log {
    fn fill(&self, stderr: ChildStderr) {
        for line in BufReader::new(stderr).split(b'\n') {
            let line = String::from_utf8_lossy(&line.unwrap()).into_owned();
            self.add(&(line + "\n"), false);
        }
        self.add("", true);
    }

    fn add(&self, line: &str, ended: bool) {
        let mut state = self.state.lock().unwrap();
        state.0.push_str(line);
        state.1 = ended;
        self.grown.notify_all();
    }
}

/// Address in a log line that names `variable`.
fn listening(line: &str, variable: &str) -> Option<SocketAddr> {
    let event: Value = serde_json::from_str(line).ok()?;
    let text = |field| event.get(field).and_then(Value::as_str);
    if text("variable")? == variable { text("address")?.parse().ok() } else { None }
}
