//! What this process measures about itself.
//!
//! Labels are words of small sets, never keys or identifiers.

use std::time::Duration;

use flotilla_domain::account::CopyRole;
use flotilla_domain::copy::order::CopyState;
use flotilla_protocol::DecodeError;
use flotilla_protocol::v7::ClientLine;
use metrics::{counter, gauge, histogram};

use crate::gateway::Gateway;

/// How a log-in ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogIn {
    Accepted,
    WrongKey,
    /// What came is nothing an EA says.
    Foreign,
    /// No key in time, or the peer left.
    Unfinished,
    /// Too many wait already.
    Crowded,
}

impl LogIn {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::WrongKey => "wrong_key",
            Self::Foreign => "foreign",
            Self::Unfinished => "unfinished",
            Self::Crowded => "crowded",
        }
    }
}

pub(crate) fn log_in(how: LogIn) {
    counter!("flotilla_ea_log_ins_total", "outcome" => how.as_str()).increment(1);
}

/// A connection that authenticated; it is over when dropped.
pub(crate) struct Session(&'static str);

impl Session {
    /// `role`: `None` for a connection that only reports.
    pub fn begin(role: Option<CopyRole>) -> Self {
        let role = role.map_or("reporter", CopyRole::as_str);
        gauge!("flotilla_ea_sessions", "role" => role).increment(1);
        Self(role)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        gauge!("flotilla_ea_sessions", "role" => self.0).decrement(1);
    }
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Its fields make sense. Whether anything follows from it shows elsewhere.
    Read,
    Unreadable,
    /// Read, and not this account's to say.
    OfAnotherRole,
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Unreadable => "unreadable",
            Self::OfAnotherRole => "of_another_role",
        }
    }
}

/// A line came. `verb`: of a small set.
pub(crate) fn line(verb: &'static str, outcome: Outcome) {
    counter!("flotilla_ea_lines_total", "verb" => verb, "outcome" => outcome.as_str()).increment(1);
}

/// The verb of a line that was read; those that are none of ours are one.
pub(crate) const fn verb(line: &ClientLine) -> &'static str {
    match line {
        ClientLine::Auth(_) => "AUTH",
        ClientLine::Subscribe(_) => "SUBSCRIBE",
        ClientLine::CheckStatus => "CHECK_STATUS",
        ClientLine::SignalOpen(_) => "SIGNAL_OPEN",
        ClientLine::SignalClose(_) => "SIGNAL_CLOSE",
        ClientLine::Ack { .. } => "ACK",
        ClientLine::AckCloseOther { .. } => "ACK_CLOSE_SO",
        ClientLine::MasterSnapshot(_) => "MASTER_SNAPSHOT",
        ClientLine::FollowerSnapshot(_) => "SLAVE_SNAPSHOT",
        ClientLine::Price(_) => "CMD_PRICE",
        ClientLine::InitSymbol { .. } => "CMD_INIT_SYMBOL",
        ClientLine::SetMode(_) => "CMD_SET_MODE",
        ClientLine::Account(_) => "ACCOUNT",
        ClientLine::ReportOnly => "REPORT_ONLY",
        ClientLine::PositionsBegin { .. } => "POSITIONS_BEGIN",
        ClientLine::Position(_) => "POSITION",
        ClientLine::PositionsEnd { .. } => "POSITIONS_END",
        ClientLine::Symbol(_) => "SYMBOL",
        ClientLine::StopOutAlert(_) => "ALERT_STOP_OUT",
        ClientLine::Ping => "PING",
        ClientLine::Unknown => "unknown",
    }
}

/// The verb of a line that was not.
pub(crate) const fn refused_verb(error: &DecodeError) -> &'static str {
    match error {
        DecodeError::TooLong(_) => "unknown",
        DecodeError::FieldCount { verb, .. } | DecodeError::Field { verb, .. } => verb,
    }
}

/// Copies took an edge. A new one comes from nothing.
pub(crate) fn copies(from: Option<CopyState>, to: CopyState, count: usize) {
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    if count == 0 {
        return;
    }
    let from = from.map_or("none", CopyState::as_str);
    counter!("flotilla_copy_transitions_total", "from" => from, "to" => to.as_str()).increment(count);
}

/// From the read of a master's line to the commit of its copies.
pub(crate) fn committed(took_us: i64) {
    histogram!("flotilla_signal_commit_seconds").record(micros(took_us));
}

/// From the commit of a claim to the write of its line.
pub(crate) fn written(took: Duration) {
    histogram!("flotilla_command_write_seconds").record(took);
}

/// From the read of a master's line to the write of its first open.
pub(crate) fn first_written(took: Duration) {
    histogram!("flotilla_signal_first_command_seconds").record(took);
}

/// From the read of a master's line to the write of its last open.
pub(crate) fn last_written(took: Duration) {
    histogram!("flotilla_signal_last_command_seconds").record(took);
}

/// From the write of an open to its answer.
pub(crate) fn answered(took_us: i64) {
    histogram!("flotilla_command_answer_seconds").record(micros(took_us));
}

/// From the read of an answer to its commit.
pub(crate) fn persisted(took_us: i64) {
    histogram!("flotilla_answer_persist_seconds").record(micros(took_us));
}

fn micros(took_us: i64) -> Duration {
    Duration::from_micros(u64::try_from(took_us).unwrap_or_default())
}

/// What only a look shows: queues and connections.
pub(crate) fn look(gateway: &Gateway) {
    let (queued, deepest) = gateway.sockets.queued();
    set("flotilla_socket_queue_commands", queued);
    set("flotilla_socket_queue_deepest", deepest);
    set("flotilla_settler_queue_items", gateway.settler.queued());
    set("flotilla_unanswered_opens", gateway.flights.count());
    set("flotilla_ea_unauthenticated", gateway.waiting.total());
    let pool = gateway.db.pool_use();
    set("flotilla_db_connections", pool.open);
    set("flotilla_db_waiting", pool.waiting);
}

/// States of copies that have not ended; each is set, so that none keeps an old number.
const UNENDED: [CopyState; 7] = [
    CopyState::Planned,
    CopyState::Claimed,
    CopyState::Received,
    CopyState::Open,
    CopyState::Closing,
    CopyState::Unconfirmed,
    CopyState::Attention,
];

/// Copies by state, as the database has them.
pub(crate) fn census(counted: &[(CopyState, i64)]) {
    for state in UNENDED {
        let copies = counted.iter().find(|(of, _)| *of == state).map_or(0, |(_, copies)| *copies);
        let copies = u32::try_from(copies).unwrap_or(u32::MAX);
        gauge!("flotilla_copies", "state" => state.as_str()).set(copies);
    }
}

fn set(name: &'static str, value: usize) {
    gauge!(name).set(u32::try_from(value).unwrap_or(u32::MAX));
}
