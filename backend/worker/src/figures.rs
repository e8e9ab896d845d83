//! Figures of accounts, from their terminals into the database: one write a second for each account, and none is lost
//! on the way but what the next one replaces.

pub(crate) mod frame;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use flotilla_domain::id::AccountId;
use flotilla_store::ea_login::EaLogin;
use flotilla_store::risk_cash::Report;
use flotilla_store::risk_records::Recorded;
use flotilla_store::{StoreResult, Tx, figures, risk_cash, risk_resets};
use tokio::time::{Instant, MissedTickBehavior};

use crate::ea::socket::{Purpose, Socket};
use crate::failpoint::{Point, pass_if};
use crate::gateway::Gateway;
use crate::risk;
use frame::{Frame, Reset, TerminalClock};

/// A connection that was silent for so long speaks for its account no more.
const SILENT: Duration = Duration::from_secs(10);
/// Looks at what waits, in each pause between two writes of an account.
const LOOKS: u32 = 8;

/// Accounts whose terminals tell figures.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    accounts: Mutex<HashMap<AccountId, Entry>>,
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

/// What became of a frame.
enum Kept {
    /// With where the account stands, if it has rules.
    Yes(Option<Recorded>),
    /// The account's phase is in another currency.
    OtherCurrency(String),
}

impl Figures {
    /// Takes in a frame of a connection; whether it, or what waits with it, is to be written at once.
    fn offer(&self, socket: &Socket, frame: Frame, every: Duration) -> bool {
        let login = socket.login;
        let rank = (socket.purpose() == Purpose::Reporting, socket.number);
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
    pub fn leave(&self, socket: &Socket) {
        if let Some(entry) = self.lock().get_mut(&socket.login.account_id)
            && entry.source.is_some_and(|source| source.rank.1 == socket.number)
        {
            (entry.source, entry.clock) = (None, TerminalClock::default());
        }
    }

    /// Notes when an account's day ends.
    pub fn set_reset(&self, login: &EaLogin, reset: Reset) {
        self.lock().entry(login.account_id).or_insert_with(|| Entry::new(*login)).reset = Some(reset);
    }

    fn take(&self, account: AccountId, now: Instant) -> Option<Due> {
        let mut accounts = self.lock();
        let entry = accounts.get_mut(&account).filter(|entry| !entry.is_being_written)?;
        if entry.waiting.is_empty() {
            return None;
        }
        (entry.is_being_written, entry.written_at) = (true, Some(now));
        Some(Due { login: entry.login, clock: entry.clock, frames: std::mem::take(&mut entry.waiting) })
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

    /// Accounts with something to be written; those of which nothing is to be expected are forgotten.
    fn list_due(&self, now: Instant, every: Duration) -> Vec<AccountId> {
        let mut accounts = self.lock();
        accounts.retain(|_, entry| !entry.is_idle(now, every));
        accounts.iter().filter(|(_, entry)| entry.is_due(now, every)).map(|(account, _)| *account).collect()
    }

    fn list_waiting(&self) -> Vec<AccountId> {
        let accounts = self.lock();
        accounts.iter().filter(|(_, entry)| !entry.waiting.is_empty()).map(|(account, _)| *account).collect()
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
pub(crate) fn hear(gateway: &Arc<Gateway>, socket: &Socket, frame: Frame) {
    if gateway.figures.offer(socket, frame, gateway.config.timing.figures) {
        let account = socket.login.account_id;
        gateway.signals.spawn(write(Arc::clone(gateway), account));
    }
}

/// Writes what waits, until the worker drains.
pub(crate) async fn run(gateway: Arc<Gateway>) {
    let every = gateway.config.timing.figures;
    let mut ticks = tokio::time::interval((every / LOOKS).max(Duration::from_millis(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = gateway.draining.cancelled() => return,
            _ = ticks.tick() => {}
        }
        for account in gateway.figures.list_due(Instant::now(), every) {
            // In tasks of their own: one account does not wait for another.
            gateway.signals.spawn(write(Arc::clone(&gateway), account));
        }
    }
}

/// Writes all that waits, when the connections are over.
pub(crate) async fn write_rest(gateway: &Arc<Gateway>) {
    for account in gateway.figures.list_waiting() {
        write(Arc::clone(gateway), account).await;
    }
}

async fn write(gateway: Arc<Gateway>, account: AccountId) {
    let Some(Due { login, mut clock, mut frames }) = gateway.figures.take(account, Instant::now()) else {
        return;
    };
    while let Some(frame) = frames.front() {
        let kept = gateway.converse(async |tx| keep(tx, &login, frame, clock).await).await;
        match kept {
            Ok((Kept::Yes(recorded), corrected)) => {
                clock = corrected;
                gateway.hint_account(&login);
                if let Some(recorded) = &recorded {
                    pass_if(Point::Observed, recorded.has_events());
                    risk::tell(&gateway, (login.owner_id, account), recorded);
                }
            }
            Ok((Kept::OtherCurrency(phase), _)) => refuse(&gateway, &login, &frame.figures.currency, &phase),
            Err(error) if error.is_undecided() => {
                tracing::warn!(%error, account.id = %account, "figures were not stored; they are tried again");
                break;
            }
            Err(error) => tracing::error!(%error, account.id = %account, "figures cannot be stored"),
        }
        frames.pop_front();
    }
    gateway.figures.done(account, clock, frames);
}

/// Amounts of two currencies cannot be held against each other: such a frame has no effect but this.
fn refuse(gateway: &Gateway, login: &EaLogin, said: &str, phase: &str) {
    let why = format!("ACCOUNT: figures in {said}, but the account's phase is in {phase}");
    gateway.refusals.note(login, why);
    tracing::warn!(account.id = %login.account_id, said, phase, "figures refused: another currency");
}

/// Stores a frame, the account's last figures and where it stands by its rules, in one transaction.
async fn keep(
    tx: &mut Tx,
    login: &EaLogin,
    frame: &Frame,
    mut clock: TerminalClock,
) -> StoreResult<(Kept, TerminalClock)> {
    let (owner, account) = (login.owner_id, login.account_id);
    let phase = risk_resets::lock_currency(tx, owner, account).await?;
    if let Some(currency) = phase.as_ref().filter(|currency| **currency != frame.figures.currency) {
        return Ok((Kept::OtherCurrency(currency.clone()), clock));
    }
    let age = TimeDelta::from_std(frame.read_at.elapsed()).unwrap_or(TimeDelta::MAX);
    let now = risk_resets::clock(tx).await?;
    let seen = frame.observation(&mut clock, now.checked_sub_signed(age).unwrap_or(now));
    figures::save(tx, (owner, account), &frame.figures, clock.ahead_ms()).await?;
    let mut recorded = None;
    if phase.is_some() {
        let report = Report { seen, total: frame.cash_total, is_kept: frame.is_kept_back() };
        recorded = risk_cash::record(tx, owner, account, report).await?;
        pass_if(Point::Observing, recorded.as_ref().is_some_and(Recorded::has_events));
    }
    Ok((Kept::Yes(recorded), clock))
}
