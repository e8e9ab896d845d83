//! Every line that went over a wire, with its time: what was really sent, whatever anybody stored.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;
use tokio_postgres::Client;

use crate::proxy::Way;

/// Longer text without an end of line is no line.
const LONGEST: usize = 128 * 1024;

/// One line as it left its sender.
#[derive(Debug, Clone)]
pub struct WireLine {
    /// When the proxy read it, which is when it had been written.
    pub at: Instant,
    /// Number of the connection.
    pub link: u64,
    /// Which way it went.
    pub way: Way,
    /// The key its connection presented, if it did so before.
    pub key: Option<Arc<str>>,
    /// The line without its end.
    pub text: String,
}

/// All lines of one or several proxies. Clones share the same lines.
#[derive(Debug, Clone, Default)]
pub struct WireLog {
    pages: Arc<Mutex<Pages>>,
}

#[derive(Debug, Default)]
struct Pages {
    lines: Vec<WireLine>,
    keys: std::collections::HashMap<u64, Arc<str>>,
}

/// One moment on two clocks.
#[derive(Debug, Clone, Copy)]
pub struct Anchor {
    at: Instant,
    database_us: i64,
}

impl WireLog {
    /// What was written so far, in the order it was seen.
    #[must_use]
    pub fn lines(&self) -> Vec<WireLine> {
        self.lock().lines.clone()
    }

    /// How many lines to clients begin with `prefix`.
    #[must_use]
    pub fn count(&self, prefix: &str) -> usize {
        self.lock().lines.iter().filter(|line| line.text.starts_with(prefix)).count()
    }

    fn note(&self, at: Instant, link: u64, way: Way, text: String) {
        let mut pages = self.lock();
        if let Some(key) = text.strip_prefix("AUTH:").filter(|_| way == Way::ToServer) {
            pages.keys.insert(link, Arc::from(key.trim()));
        }
        let key = pages.keys.get(&link).cloned();
        pages.lines.push(WireLine { at, link, way, key, text });
    }

    fn lock(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Anchor {
    /// Reads the database's clock.
    ///
    /// # Panics
    ///
    /// When the database is away.
    pub async fn drop_at(sql: &Client) -> Self {
        let at = Instant::now();
        let clock = "select (extract(epoch from clock_timestamp()) * 1000000)::bigint";
        let database_us = sql.query_one(clock, &[]).await.expect("the database's clock").get(0);
        Self { at, database_us }
    }

    /// A moment of which the database's time is known.
    #[must_use]
    pub const fn known(at: Instant, database_us: i64) -> Self {
        Self { at, database_us }
    }

    /// The latest time, in microseconds by the database's clock, that `moment` may have been.
    #[must_use]
    pub fn latest_us(&self, moment: Instant) -> i64 {
        let micros = |duration: std::time::Duration| i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        match moment.checked_duration_since(self.at) {
            Some(later) => self.database_us.saturating_add(micros(later)),
            None => self.database_us.saturating_sub(micros(self.at.saturating_duration_since(moment))),
        }
    }
}

/// Cuts one way of one connection into lines.
#[derive(Debug)]
pub(crate) struct Splitter {
    log: WireLog,
    link: u64,
    way: Way,
    begun: Vec<u8>,
}

impl Splitter {
    pub const fn new(log: WireLog, link: u64, way: Way) -> Self {
        Self { log, link, way, begun: Vec::new() }
    }

    pub fn take(&mut self, bytes: &[u8], at: Instant) {
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
            let (line, after) = rest.split_at(end);
            self.begun.extend_from_slice(line);
            let text = String::from_utf8_lossy(&self.begun).trim_end().to_owned();
            self.log.note(at, self.link, self.way, text);
            self.begun.clear();
            rest = after.get(1..).unwrap_or_default();
        }
        if self.begun.len() < LONGEST {
            self.begun.extend_from_slice(rest);
        }
    }
}
