//! What a worker is told from outside. Plain data; only the executable reads the environment.

use flotilla_engine::stop_out::HOLDS_FOR;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::mail::MailConfig;
use crate::venue::config::ExchangeConfig;

/// Settings of a worker.
#[derive(Clone)]
pub struct Config {
    /// URL of the worker's database role, for the connections that send and
    /// receive hints. Secret.
    pub database_url: String,
    /// Folder of the inbound journal, on a disk that survives the process. One
    /// worker at a time uses it.
    pub journal_dir: PathBuf,
    /// What peers may use up.
    pub limits: Limits,
    /// How long things may take.
    pub timing: Timing,
    /// Of exchanges; `None` serves EAs alone.
    pub exchange: Option<ExchangeConfig>,
    /// Of mails; `None` leaves them in the outbox.
    pub mail: Option<MailConfig>,
}

impl Config {
    /// Default limits and times, without exchanges and mails.
    #[must_use]
    pub fn new(database_url: String, journal_dir: PathBuf) -> Self {
        Self {
            database_url,
            journal_dir,
            limits: Limits::default(),
            timing: Timing::default(),
            exchange: None,
            mail: None,
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("database_url", &"[redacted]")
            .field("journal_dir", &self.journal_dir)
            .field("limits", &self.limits)
            .field("timing", &self.timing)
            .field("exchange", &self.exchange)
            .field("mail", &self.mail)
            .finish()
    }
}

/// What peers may use up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a line before `AUTH`.
    pub line_before_auth: usize,
    /// Bytes of a line.
    pub line: usize,
    /// Bytes of a snapshot line.
    pub snapshot_line: usize,
    /// Sockets of one address, or of one /64 of IPv6, that have not authenticated.
    pub unauthenticated_per_address: usize,
    /// Sockets that have not authenticated.
    pub unauthenticated: usize,
    /// Wrong keys of one address, or of one /64 of IPv6, in a minute, before answers to further ones wait.
    pub wrong_keys_per_minute: u32,
    /// Lines a second of one socket; above it the socket is read slower.
    pub lines_per_second: u32,
    /// Lines that may come at once.
    pub line_burst: u32,
    /// Commands that wait for one socket to take them.
    pub queued_commands: usize,
    /// Copies claimed in one commit: so many are in doubt after a crash.
    pub claim_chunk: i64,
    /// Followers that get their copy in the commit of the signal itself. With
    /// pages no larger than a chunk, all copies of connected followers are born
    /// claimed: their lines leave after one commit, and none is claimed later.
    pub first_page: i64,
    /// Followers of each commit after that.
    pub further_page: i64,
    /// Takeovers of one follower key in a minute; the next one is refused.
    pub takeovers_per_minute: usize,
    /// Transactions for single terminals (log-ins, follows, lists) at once.
    pub conversations: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            line_before_auth: 256,
            line: 4 * 1024,
            snapshot_line: 64 * 1024,
            unauthenticated_per_address: 200,
            unauthenticated: 2_000,
            wrong_keys_per_minute: 120,
            lines_per_second: 50,
            line_burst: 200,
            queued_commands: 256,
            claim_chunk: 200,
            first_page: 200,
            further_page: 200,
            takeovers_per_minute: 6,
            conversations: 8,
        }
    }
}

/// How long things may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// From the connection to a right key.
    pub authenticate: Duration,
    /// From the first byte of a line to its end.
    pub finish_line: Duration,
    /// Without any line. Generous: an EA is mute while its broker call blocks.
    pub idle: Duration,
    /// From a wrong key to the end of its connection.
    pub hold_after_wrong_key: Duration,
    /// From the log-in of a follower to its first command, unless it speaks
    /// before: it may say that it only reports.
    pub role_grace: Duration,
    /// For a socket to take what is written to it.
    pub write: Duration,
    /// How long answers are collected before they are settled together.
    pub settle_linger: Duration,
    /// Between two lists of tickets, until what both lack is gone.
    pub lists_apart: Duration,
    /// From a master's list to the price that tells its chart; a later one
    /// leaves the list unread.
    pub hold_list: Duration,
    /// From the claim of an open, until its owner is told that it is in doubt.
    pub alarm_doubt: Duration,
    /// From the moment a one-to-one master's trade stands alone, until its owner is told that it is not closed.
    pub alarm_unhedged: Duration,
    /// Between looks for what time has made due.
    pub sweep: Duration,
    /// Between looks at rows whose hints may have been lost.
    pub recheck: Duration,
    /// Between writes of who was heard of.
    pub touch: Duration,
    /// Between writes of what charts show.
    pub price: Duration,
    /// Between two writes of the figures of one account: a little less than the second that terminals keep.
    pub figures: Duration,
    /// Between looks whether the certificate of the encrypted port was replaced.
    pub reread_certificate: Duration,
    /// How long a worker that is not heard of keeps the accounts at exchanges that it serves; it renews that three times
    /// in the meantime. More than [`MARGIN`](crate::lease::MARGIN).
    pub lease: Duration,
    /// Between updates of what masters' owners see.
    pub project: Duration,
    /// Between measurements of how long copies take to their followers.
    pub lag: Duration,
    /// Without a database, until connections are reset: their EAs may find
    /// another worker, and masters send again what could not be stored.
    pub without_database: Duration,
    /// For how long a key over which two terminals fight stays with the older.
    pub hold_after_takeovers: Duration,
    /// Without a line, until a terminal with open copies counts as gone.
    pub absent: Duration,
    /// Between looks for terminals that are gone.
    pub absences: Duration,
    /// Between looks for accounts of which time alone has changed where they stand.
    pub risk: Duration,
    /// From the order to stop to the end of the last connection.
    pub drain: Duration,
    /// For a worker that ends to leave the inbound journal.
    pub take_journal: Duration,
    /// From the alert of a stop-out to when it closes nothing any more.
    pub stop_out_holds: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            authenticate: Duration::from_secs(10),
            finish_line: Duration::from_secs(10),
            idle: Duration::from_mins(1),
            hold_after_wrong_key: Duration::from_secs(3),
            role_grace: Duration::from_millis(200),
            write: Duration::from_secs(5),
            settle_linger: Duration::from_millis(5),
            lists_apart: flotilla_engine::reconcile::APART,
            hold_list: Duration::from_secs(10),
            alarm_doubt: Duration::from_mins(1),
            alarm_unhedged: Duration::from_mins(1),
            sweep: Duration::from_millis(500),
            recheck: Duration::from_secs(5),
            touch: Duration::from_secs(5),
            price: Duration::from_secs(1),
            figures: Duration::from_millis(900),
            reread_certificate: Duration::from_secs(2),
            lease: Duration::from_secs(15),
            project: Duration::from_millis(400),
            lag: Duration::from_secs(5),
            without_database: Duration::from_secs(10),
            hold_after_takeovers: Duration::from_mins(1),
            absent: Duration::from_mins(1),
            absences: Duration::from_secs(5),
            risk: Duration::from_secs(1),
            drain: Duration::from_secs(5),
            take_journal: Duration::from_secs(30),
            stop_out_holds: HOLDS_FOR,
        }
    }
}
