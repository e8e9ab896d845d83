//! What survives a crash.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::copy::order::{CopyOrder, CopyState};
use flotilla_domain::id::{AccountId, CopyId, OwnerId, SignalId};
use flotilla_domain::side::Side;
use flotilla_domain::signal::SignalKind;
use flotilla_domain::ticket::Ticket;
use flotilla_engine::Transition;
use flotilla_engine::ingest::{self, Earlier, RESEND_WINDOW_S};
use flotilla_engine::reconcile::List;
use flotilla_engine::reconcile::doubt::Gone;
use rust_decimal::Decimal;
use uuid::Uuid;

/// Guards that a test takes away to see the world break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "guards are taken away one by one and in any combination")]
pub struct Guards {
    /// Claimed copies are offered again after a restart.
    pub resends_claims: bool,
    /// A line of an older session's claim is written to a newer connection.
    pub ignores_epochs: bool,
    /// A line is taken for a new one however often it comes.
    pub forgets_lines: bool,
    /// The commit of the claim follows the write.
    pub sends_before_commit: bool,
    /// A claim is written however old it is.
    pub writes_late: bool,
    /// One list that lacks a position is enough.
    pub believes_one_list: bool,
    /// A list of one chart is held against the trades of all.
    pub ignores_charts: bool,
}

/// A stored signal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signal {
    id: SignalId,
    pub master: usize,
    pub chart: usize,
    pub ticket: Ticket,
    pub kind: SignalKind,
    line: u64,
    session: u64,
    pub at: DateTime<Utc>,
}

/// What lists said about a copy.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Sighting {
    /// The ticket the copy had then; with another one nothing here counts.
    pub ticket: Option<Ticket>,
    pub missing_since: Option<DateTime<Utc>>,
    pub was_listed: bool,
}

/// Rows.
#[derive(Debug, Default, Clone)]
pub(crate) struct Store {
    pub signals: Vec<Signal>,
    pub copies: BTreeMap<CopyId, CopyOrder>,
    /// Lists of masters' charts.
    pub charts: BTreeMap<(usize, usize), Vec<List>>,
    /// Tickets of masters' lists that no signal had named.
    pub missed: BTreeSet<(usize, Ticket)>,
    /// Lists of followers.
    pub lists: BTreeMap<usize, Vec<List>>,
    pub sightings: BTreeMap<CopyId, Sighting>,
    /// Copies that the last list of their follower called never opened.
    pub not_opened: BTreeMap<CopyId, DateTime<Utc>>,
    /// Tickets that each follower has itself reported, and when.
    pub reported: Vec<(usize, Ticket, DateTime<Utc>)>,
    /// Positions that left and that no copy owned.
    pub gone: Vec<(usize, Gone)>,
    /// What moved copies so far, and into which state.
    pub moved: BTreeSet<(&'static str, &'static str)>,
    /// Positions that no copy owned when they were listed.
    pub orphans: BTreeSet<(usize, Ticket)>,
    /// Epoch of each follower's session, and whether it is connected.
    pub sessions: BTreeMap<usize, (i64, bool)>,
    next_id: u128,
}

/// What a master says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Said {
    pub master: usize,
    pub chart: usize,
    pub ticket: Ticket,
    pub is_entry: bool,
    /// Tells equal lines from others.
    pub line: u64,
    /// Connection it came over.
    pub session: u64,
    /// The first commit leaves its outcome unknown.
    pub is_unknown: bool,
}

pub(crate) fn follower_id(follower: usize) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(100 + u128::try_from(follower).unwrap_or_default()))
}

pub(crate) fn master_id(master: usize) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(200 + u128::try_from(master).unwrap_or_default()))
}

impl Store {
    fn id(&mut self) -> Uuid {
        self.next_id += 1;
        Uuid::from_u128(self.next_id)
    }

    fn earlier(&self, said: &Said, now: DateTime<Utc>, guards: Guards) -> Vec<Earlier> {
        let of_ticket = |signal: &&Signal| signal.master == said.master && signal.ticket == said.ticket;
        self.signals
            .iter()
            .filter(of_ticket)
            .map(|signal| Earlier {
                kind: signal.kind,
                same_line: signal.line == said.line && !guards.forgets_lines,
                same_session: signal.session == said.session,
                recent: now - signal.at <= TimeDelta::seconds(RESEND_WINDOW_S),
            })
            .collect()
    }

    /// T1: the signal and a row for every follower, born claimed where it is connected.
    pub fn enter(&mut self, said: &Said, now: DateTime<Utc>, guards: Guards) -> Vec<CopyId> {
        let entry = ingest::entry(&self.earlier(said, now, guards));
        let Some((kind, _)) = entry.stored_as() else { return Vec::new() };
        let signal = SignalId::from_uuid(self.id());
        self.keep(said, signal, kind, now);
        if !entry.is_copied() {
            return Vec::new();
        }
        (0..crate::FOLLOWERS).filter_map(|follower| self.plan(said, signal, follower, now)).collect()
    }

    fn plan(&mut self, said: &Said, signal: SignalId, follower: usize, now: DateTime<Utc>) -> Option<CopyId> {
        let id = CopyId::from_uuid(self.id());
        let (epoch, is_connected) = self.sessions.get(&follower).copied().unwrap_or_default();
        let state = if is_connected { CopyState::Claimed } else { CopyState::Planned };
        let copy = CopyOrder {
            id,
            signal_id: signal,
            owner_id: OwnerId::from_uuid(Uuid::from_u128(1)),
            follower_id: follower_id(follower),
            master_id: master_id(said.master),
            state,
            symbol: "XAUUSD".parse().ok()?,
            side: Side::Buy,
            master_ticket: said.ticket,
            desired_lots: Decimal::new(10, 2),
            follower_ticket: None,
            open_lots: Decimal::ZERO,
            close_price: None,
            pnl: None,
            reason: None,
            claim_epoch: is_connected.then_some(epoch),
            claimed_at: is_connected.then_some(now),
            expires_at: now + TimeDelta::seconds(5),
        };
        self.copies.insert(id, copy);
        is_connected.then_some(id)
    }

    /// T4: the exit, and nothing more is wanted of the trade's copies.
    pub fn leave(&mut self, said: &Said, now: DateTime<Utc>, guards: Guards) {
        if ingest::exit(&self.earlier(said, now, guards)) == ingest::Exit::Repeat {
            return;
        }
        let signal = SignalId::from_uuid(self.id());
        self.keep(said, signal, SignalKind::Close, now);
        self.flatten(said.master, said.ticket);
    }

    /// A trade left unseen: a list lacks it.
    pub fn leave_unseen(&mut self, master: usize, ticket: Ticket, now: DateTime<Utc>) {
        self.moved.insert(("left_unseen", ""));
        let id = SignalId::from_uuid(self.id());
        let (kind, line, session, chart) = (SignalKind::Close, u64::MAX, u64::MAX, usize::MAX);
        self.signals.push(Signal { id, master, chart, ticket, kind, line, session, at: now });
        self.flatten(master, ticket);
    }

    fn flatten(&mut self, master: usize, ticket: Ticket) {
        let master = master_id(master);
        for copy in self.copies.values_mut() {
            if copy.master_id == master && copy.master_ticket == ticket {
                copy.desired_lots = Decimal::ZERO;
                if copy.state == CopyState::Planned {
                    copy.state = CopyState::Skipped;
                }
            }
        }
    }

    /// Trades that were entered and not left, as far as we know.
    pub fn trades(&self, master: usize) -> impl Iterator<Item = &Signal> {
        let is_left = move |ticket| {
            let of_ticket = |signal: &&Signal| signal.master == master && signal.ticket == ticket;
            self.signals.iter().filter(of_ticket).any(|signal| signal.kind == SignalKind::Close)
        };
        let entries = self.signals.iter().filter(move |signal| signal.master == master);
        entries.filter(move |signal| signal.kind == SignalKind::Open && !is_left(signal.ticket))
    }

    /// Whether any signal of a master named a ticket.
    pub fn has_heard_of(&self, master: usize, ticket: Ticket) -> bool {
        self.signals.iter().any(|signal| signal.master == master && signal.ticket == ticket)
    }

    fn keep(&mut self, said: &Said, id: SignalId, kind: SignalKind, at: DateTime<Utc>) {
        let Said { master, chart, ticket, line, session, .. } = *said;
        self.signals.push(Signal { id, master, chart, ticket, kind, line, session, at });
    }

    /// Writes an edge; says what is wrong with it.
    pub fn take(&mut self, id: CopyId, edge: &Transition) -> Result<(), String> {
        let Some(copy) = self.copies.get_mut(&id) else { return Err(format!("{id} is no copy")) };
        if edge.from != copy.state || !(edge.is_note() || edge.from.may_become(edge.to)) {
            return Err(format!("I7 {} may not go from {} to {}", id, copy.state, edge.to));
        }
        self.moved.insert((edge.cause.as_str(), edge.to.as_str()));
        *copy = edge.applied(copy);
        Ok(())
    }

    /// I1: exactly one row for each copied signal and follower.
    pub fn twins(&self) -> Option<String> {
        let mut seen = BTreeSet::new();
        let twin =
            self.copies.values().find(|copy| !seen.insert((copy.signal_id.uuid(), copy.follower_id.uuid())));
        twin.map(|copy| format!("I1 two copies of signal {} for one follower", copy.signal_id))
    }

    /// Identifiers of the signals, for the world's own count.
    pub fn signal_ids(&self) -> impl Iterator<Item = SignalId> + '_ {
        self.signals.iter().map(|signal| signal.id)
    }
}
