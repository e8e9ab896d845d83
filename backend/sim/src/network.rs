//! What is under way between a worker and a follower.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use flotilla_domain::copy::evidence::Evidence;
use flotilla_domain::id::CopyId;
use flotilla_domain::ticket::Ticket;
use flotilla_engine::matching::Named;

/// A line to a follower.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Opens. The copy's id does not go over a v7 wire; the world needs it to count.
    Open {
        /// Whose order it is.
        copy: CopyId,
        /// The master's ticket.
        master_ticket: Ticket,
        /// When its claim was committed.
        committed_at: DateTime<Utc>,
        /// Session it was claimed for.
        epoch: i64,
    },
    /// Closes.
    Close {
        /// The follower's ticket.
        ticket: Ticket,
        /// The master's ticket.
        master_ticket: Ticket,
    },
}

/// A line from a follower.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What it speaks of.
    pub named: Named,
    /// What it says.
    pub evidence: Evidence,
}

/// Whatever a follower says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Report {
    /// What became of an order, or of a position.
    Answer(Answer),
    /// Its open tickets. `is_blind`: the terminal is not synchronised, and sees none.
    List {
        /// As the terminal sees them.
        tickets: Vec<Ticket>,
        /// Whether it sees less than there is.
        is_blind: bool,
    },
}

/// One connection of one follower, as long as it lasts.
#[derive(Debug, Default)]
pub(crate) struct Connection {
    /// Session it belongs to.
    pub epoch: i64,
    /// In the worker's memory, not written.
    pub queued: VecDeque<Order>,
    /// Written, not read by the terminal.
    pub to_terminal: VecDeque<Order>,
    /// Written by the terminal, not read by the worker.
    pub to_worker: VecDeque<Report>,
}
