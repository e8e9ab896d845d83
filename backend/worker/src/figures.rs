//! Figures of accounts, from their terminals into the database: one write a second for each account, and none is lost
//! on the way but what the next one replaces.

pub(crate) mod frame;
mod write;

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use flotilla_domain::id::AccountId;
use flotilla_store::ea_login::EaLogin;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::ea::socket::{Purpose, Socket};
use crate::gateway::Gateway;
use frame::{Frame, Reset, TerminalClock};
pub(crate) use write::{run, write_rest};

/// A connection that was silent for so long speaks for its account no more.
const SILENT: Duration = Duration::from_secs(10);

/// Accounts whose terminals tell figures.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    accounts: Mutex<HashMap<AccountId, Entry>>,
    /// Something is to be written at once.
    due: Notify,
}

#[derive(Debug)]
struct Entry {
    login: EaLogin,
    source: Option<Source>,
    clock: TerminalClock,
    reset: Option<Reset>,
    /// Oldest first: one, and another for each reset that lies between.
    waiting: VecDeque<Frame>,
    written_at: Option<Instant>,
    is_being_written: bool,
}

/// The connection that speaks for an account: extremes of two would overlap.
#[derive(Debug, Clone, Copy)]
struct Source {
    /// A reporter before any other, then the newest.
    rank: (bool, u64),
    heard_at: Instant,
}

/// What is to be written of an account.
struct Due {
    login: EaLogin,
    clock: TerminalClock,
    frames: VecDeque<Frame>,
}

impl Figures {
    /// Takes in a frame of a connection; whether it, or what waits with it, is to be written at once.
    fn offer(&self, login: EaLogin, rank: (bool, u64), frame: Frame, every: Duration) -> bool {
        let mut accounts = self.lock();
        let entry = accounts.entry(login.account_id).or_insert_with(|| Entry::new(login));
        let now = frame.read_at;
        if !entry.hears(rank, now) {
            return false;
        }
        entry.push(frame);
        entry.is_due(now, every)
    }

    /// A connection is over.
    pub fn leave(&self, account: AccountId, number: u64) {
        if let Some(entry) = self.lock().get_mut(&account)
            && entry.source.is_some_and(|source| source.rank.1 == number)
        {
            (entry.source, entry.clock) = (None, TerminalClock::default());
        }
    }

    /// Notes when an account's day ends.
    pub fn set_reset(&self, login: &EaLogin, reset: Reset) {
        self.lock().entry(login.account_id).or_insert_with(|| Entry::new(*login)).reset = Some(reset);
    }

    /// Takes what is to be written of up to `limit` accounts, of whom waits longest first; those of which nothing is to
    /// be expected are forgotten.
    fn take_due(&self, now: Instant, every: Duration, limit: usize) -> Vec<Due> {
        let mut accounts = self.lock();
        accounts.retain(|_, entry| !entry.is_idle(now, every));
        let mut due: Vec<&mut Entry> =
            accounts.values_mut().filter(|entry| entry.is_due(now, every)).collect();
        due.sort_unstable_by_key(|entry| entry.waiting.front().map(|frame| frame.read_at));
        due.into_iter().take(limit).map(|entry| entry.take(now)).collect()
    }

    /// Takes all that waits and is not being written.
    fn take_rest(&self) -> Vec<Due> {
        let (mut accounts, now) = (self.lock(), Instant::now());
        let is_left = |entry: &&mut Entry| !entry.is_being_written && !entry.waiting.is_empty();
        accounts.values_mut().filter(is_left).map(|entry| entry.take(now)).collect()
    }

    /// A write is over; `unwritten` of it wait again.
    fn done(&self, account: AccountId, clock: TerminalClock, unwritten: VecDeque<Frame>) {
        if let Some(entry) = self.lock().get_mut(&account) {
            entry.is_being_written = false;
            if entry.source.is_some() {
                entry.clock = clock;
            }
            let newer = std::mem::replace(&mut entry.waiting, unwritten);
            for frame in newer {
                entry.push(frame);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AccountId, Entry>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn new(login: EaLogin) -> Self {
        Self {
            login,
            source: None,
            clock: TerminalClock::default(),
            reset: None,
            waiting: VecDeque::new(),
            written_at: None,
            is_being_written: false,
        }
    }

    fn take(&mut self, now: Instant) -> Due {
        (self.is_being_written, self.written_at) = (true, Some(now));
        Due { login: self.login, clock: self.clock, frames: std::mem::take(&mut self.waiting) }
    }

    /// Whether a connection speaks for the account now.
    fn hears(&mut self, rank: (bool, u64), now: Instant) -> bool {
        if let Some(source) = &self.source {
            let is_silent = now.saturating_duration_since(source.heard_at) > SILENT;
            if rank < source.rank && !is_silent {
                return false;
            }
            if rank != source.rank {
                self.clock = TerminalClock::default();
            }
        }
        self.source = Some(Source { rank, heard_at: now });
        true
    }

    /// The newest replaces the one before, which it takes in, unless a reset lies between them.
    fn push(&mut self, mut frame: Frame) {
        let is_parted =
            |last: &Frame| self.reset.as_ref().is_some_and(|reset| last.is_parted_from(&frame, reset));
        if self.waiting.back().is_some_and(|last| !is_parted(last))
            && let Some(last) = self.waiting.pop_back()
        {
            frame.absorb(&last);
        }
        self.waiting.push_back(frame);
    }

    fn is_due(&self, now: Instant, every: Duration) -> bool {
        let is_rested = self.written_at.is_none_or(|at| now.saturating_duration_since(at) >= every);
        let is_urgent =
            self.reset.as_ref().zip(self.waiting.back()).is_some_and(|(reset, last)| last.is_at(reset));
        !self.is_being_written && !self.waiting.is_empty() && (is_rested || is_urgent)
    }

    fn is_idle(&self, now: Instant, every: Duration) -> bool {
        self.source.is_none()
            && self.waiting.is_empty()
            && !self.is_being_written
            && self.written_at.is_none_or(|at| now.saturating_duration_since(at) >= every)
            && self.reset.is_none_or(|reset| reset.due <= now)
    }
}

/// A connection told figures.
pub(crate) fn hear(gateway: &Gateway, socket: &Socket, frame: Frame) {
    let rank = (socket.purpose() == Purpose::Reporting, socket.number);
    offer(gateway, socket.login, rank, frame);
}

/// An exchange told figures. `number`: as of a connection.
pub(crate) fn hear_venue(gateway: &Gateway, login: EaLogin, number: u64, frame: Frame) {
    offer(gateway, login, (false, number), frame);
}

fn offer(gateway: &Gateway, login: EaLogin, rank: (bool, u64), frame: Frame) {
    if gateway.figures.offer(login, rank, frame, gateway.config.timing.figures) {
        gateway.figures.due.notify_one();
    }
}
