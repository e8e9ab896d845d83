//! The world and its steps.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::copy::evidence::Evidence;
use flotilla_domain::copy::order::{CopyOrder, CopyState};
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::id::CopyId;
use flotilla_domain::ticket::Ticket;
use flotilla_engine::deadline::{self, WRITE_WITHIN};
use flotilla_engine::dispatch::{Command, command};
use flotilla_engine::ingest::RESEND_WINDOW_S;
use flotilla_engine::settle::{Outcome, settle};
use flotilla_engine::{matching, takeover};

use crate::network::{Answer, Connection, Order};
use crate::store::{Guards, Said, Store, follower_id};
use crate::terminal::Terminal;
use crate::{FOLLOWERS, MASTERS};

/// Something that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A master enters a trade.
    Enter(usize),
    /// A master leaves one of its trades.
    Leave(usize, usize),
    /// A master sends one of its last lines again, on a new connection.
    Resend(usize),
    /// The store takes a commit and the worker does not learn of it: it looks, then goes on as if it had.
    EnterUnknown(usize),
    /// A follower connects, anew if it was connected.
    Connect(usize),
    /// A follower's connection is lost with what is under way.
    Lose(usize),
    /// The worker writes the next line to a follower.
    Write(usize),
    /// A terminal reads and executes the next line.
    Execute(usize),
    /// The worker reads and settles the next answer.
    Hear(usize),
    /// An answer is under way twice.
    Double(usize),
    /// Two answers change places, as on two connections.
    Swap(usize),
    /// An owner closes a position by hand.
    CloseByHand(usize),
    /// The worker looks for what is due.
    Sweep,
    /// Seconds pass.
    Wait(u8),
    /// The worker is killed and started again.
    Crash,
}

/// Everything there is.
#[derive(Debug)]
pub struct World {
    now: DateTime<Utc>,
    guards: Guards,
    store: Store,
    /// The worker's memory: gone after a crash.
    connections: BTreeMap<usize, Connection>,
    terminals: Vec<Terminal>,
    masters: Vec<Master>,
    /// Tickets that each follower has itself reported.
    reported: BTreeSet<(usize, i64)>,
    next_ticket: i64,
    next_line: u64,
}

#[derive(Debug, Default)]
struct Master {
    session: u64,
    open: Vec<Ticket>,
    last: Option<(Said, DateTime<Utc>)>,
}

impl World {
    /// Everybody is away. `guards`: those that are taken away.
    #[must_use]
    pub fn new(guards: Guards) -> Self {
        Self {
            now: DateTime::UNIX_EPOCH + TimeDelta::days(20_000),
            guards,
            store: Store::default(),
            connections: BTreeMap::new(),
            terminals: (0..FOLLOWERS).map(|_| Terminal::default()).collect(),
            masters: (0..MASTERS).map(|_| Master::default()).collect(),
            reported: BTreeSet::new(),
            next_ticket: 0,
            next_line: 0,
        }
    }

    /// How many signals were stored.
    #[must_use]
    pub fn signals(&self) -> usize {
        self.store.signal_ids().count()
    }

    /// How many positions were ever opened.
    #[must_use]
    pub fn opened(&self) -> usize {
        self.terminals.iter().flat_map(|terminal| terminal.opened.values()).sum()
    }

    /// Takes one step.
    ///
    /// # Errors
    ///
    /// The invariant that it broke, in words.
    pub fn step(&mut self, step: Step) -> Result<(), String> {
        match step {
            Step::Enter(master) => self.enter(master, false)?,
            Step::EnterUnknown(master) => self.enter(master, true)?,
            Step::Leave(master, which) => self.leave(master, which)?,
            Step::Resend(master) => self.resend(master)?,
            Step::Connect(follower) => self.connect(follower)?,
            Step::Lose(follower) => self.lose(follower)?,
            Step::Write(follower) => self.write(follower)?,
            Step::Execute(follower) => self.execute(follower)?,
            Step::Hear(follower) => self.hear(follower)?,
            Step::Double(follower) => self.double(follower),
            Step::Swap(follower) => self.swap(follower),
            Step::CloseByHand(follower) => self.close_by_hand(follower),
            Step::Sweep => self.sweep()?,
            Step::Wait(seconds) => self.now += TimeDelta::seconds(seconds.into()),
            Step::Crash => self.crash()?,
        }
        self.store.twins().map_or(Ok(()), Err)
    }

    /// Everybody comes back, everything is delivered and executed, again and again.
    ///
    /// # Errors
    ///
    /// What is not as it should be then: a trade that was left and is open, a position nobody knows of.
    pub fn heal(&mut self) -> Result<(), String> {
        for _ in 0..4 {
            self.step(Step::Wait(61))?;
            for follower in 0..FOLLOWERS {
                if !self.connections.contains_key(&follower) {
                    self.step(Step::Connect(follower))?;
                }
            }
            self.step(Step::Sweep)?;
            for follower in 0..FOLLOWERS {
                self.drain(follower)?;
            }
        }
        self.store.copies.values().find_map(|copy| self.unhealed(copy)).map_or(Ok(()), Err)?;
        (0..FOLLOWERS).find_map(|follower| self.unknown_position(follower)).map_or(Ok(()), Err)
    }

    fn drain(&mut self, follower: usize) -> Result<(), String> {
        while self.connections.get(&follower).is_some_and(|connection| {
            !(connection.queued.is_empty()
                && connection.to_terminal.is_empty()
                && connection.to_worker.is_empty())
        }) {
            self.step(Step::Write(follower))?;
            self.step(Step::Execute(follower))?;
            self.step(Step::Hear(follower))?;
        }
        Ok(())
    }

    fn unhealed(&self, copy: &CopyOrder) -> Option<String> {
        let is_wrong = match copy.state {
            CopyState::Planned | CopyState::Claimed | CopyState::Received => true,
            CopyState::Open => self.store.was_left(copy),
            _ => false,
        };
        is_wrong.then(|| format!("I5 after healing copy {} is {}", copy.id, copy.state))
    }

    /// G2: a position is known to its copy, or its copy is visibly in doubt.
    fn unknown_position(&self, follower: usize) -> Option<String> {
        let terminal = self.terminals.get(follower)?;
        let lost = terminal.positions.iter().find(|(ticket, copy)| {
            self.store.copies.get(copy).is_none_or(|copy| {
                let is_known = copy.follower_ticket.is_some_and(|known| known.value() == **ticket);
                let is_in_doubt = matches!(copy.state, CopyState::Unconfirmed | CopyState::Attention);
                !(is_known && !copy.state.is_settled() || is_in_doubt)
            })
        });
        lost.map(|(ticket, copy)| format!("G2 position {ticket} of copy {copy} is lost without a word"))
    }

    fn enter(&mut self, master: usize, is_unknown: bool) -> Result<(), String> {
        self.next_ticket += 1;
        self.next_line += 1;
        let ticket = Ticket::new(self.next_ticket).map_err(|error| error.to_string())?;
        let line = self.next_line;
        let Some(who) = self.masters.get_mut(master) else { return Ok(()) };
        who.open.push(ticket);
        let said = Said { master, ticket, is_entry: true, line, session: who.session };
        who.last = Some((said, self.now));
        let before = self.store.copies.len();
        self.accept(&said);
        if is_unknown {
            // The same line again, because nobody knows whether the first commit was kept.
            self.accept(&said);
        }
        let made = self.store.copies.len() - before;
        if made == FOLLOWERS { Ok(()) } else { Err(format!("I1 {made} copies for one signal")) }
    }

    fn leave(&mut self, master: usize, which: usize) -> Result<(), String> {
        self.next_line += 1;
        let line = self.next_line;
        let Some(who) = self.masters.get_mut(master).filter(|who| !who.open.is_empty()) else {
            return Ok(());
        };
        let ticket = who.open.swap_remove(which % who.open.len());
        let said = Said { master, ticket, is_entry: false, line, session: who.session };
        who.last = Some((said, self.now));
        self.accept(&said);
        self.send_closes()
    }

    fn resend(&mut self, master: usize) -> Result<(), String> {
        let Some(who) = self.masters.get_mut(master) else { return Ok(()) };
        who.session += 1;
        let session = who.session;
        let Some((last, at)) = who.last else { return Ok(()) };
        // Later than that it is a further leg, by definition.
        if self.now - at > TimeDelta::seconds(RESEND_WINDOW_S) {
            return Ok(());
        }
        let before = self.store.copies.len();
        self.accept(&Said { session, ..last });
        let made = self.store.copies.len() - before;
        if made == 0 { self.send_closes() } else { Err(format!("I1 a repeated line made {made} copies")) }
    }

    fn accept(&mut self, said: &Said) {
        if said.is_entry {
            let claimed = self.store.enter(said, self.now, self.guards);
            for copy in claimed {
                self.queue_open(copy);
            }
        } else {
            self.store.leave(said, self.now, self.guards);
        }
    }

    fn queue_open(&mut self, id: CopyId) {
        let Some(copy) = self.store.copies.get(&id) else { return };
        let Some((follower, epoch)) = follower_of(copy).zip(copy.claim_epoch) else { return };
        let open = Order::Open { copy: id, master_ticket: copy.master_ticket, committed_at: self.now, epoch };
        if let Some(connection) = self.connections.get_mut(&follower) {
            connection.queued.push_back(open);
        }
    }

    fn connect(&mut self, follower: usize) -> Result<(), String> {
        let session = self.store.sessions.entry(follower).or_default();
        session.0 += 1;
        session.1 = true;
        let epoch = session.0;
        self.lose_claims(follower, epoch - 1)?;
        let queued = match self.connections.remove(&follower) {
            // What is written is lost with its connection; what is queued has no heir.
            Some(old) if self.guards.ignores_epochs => old.queued,
            Some(old) => {
                self.give_back(old.queued)?;
                std::collections::VecDeque::new()
            }
            None => std::collections::VecDeque::new(),
        };
        self.connections.insert(follower, Connection { epoch, queued, ..Connection::default() });
        self.claim_planned(follower);
        self.send_closes()
    }

    fn give_back(&mut self, queued: std::collections::VecDeque<Order>) -> Result<(), String> {
        for order in queued {
            if let Order::Open { copy, .. } = order {
                self.not_written(copy, ReasonCode::Offline)?;
            }
        }
        Ok(())
    }

    fn lose(&mut self, follower: usize) -> Result<(), String> {
        let Some(old) = self.connections.remove(&follower) else { return Ok(()) };
        if let Some(session) = self.store.sessions.get_mut(&follower) {
            session.1 = false;
        }
        let epoch = old.epoch;
        self.give_back(old.queued)?;
        self.lose_claims(follower, epoch)
    }

    fn lose_claims(&mut self, follower: usize, ended: i64) -> Result<(), String> {
        let id = follower_id(follower);
        let lost: Vec<_> = self
            .store
            .copies
            .values()
            .filter(|copy| copy.follower_id == id)
            .filter_map(|copy| takeover::lost(copy, ended).map(|edge| (copy.id, edge)))
            .collect();
        lost.iter().try_for_each(|(copy, edge)| self.store.take(*copy, edge))
    }

    fn claim_planned(&mut self, follower: usize) {
        let id = follower_id(follower);
        let (epoch, _) = self.store.sessions.get(&follower).copied().unwrap_or_default();
        let resends = |copy: &CopyOrder| self.guards.resends_claims && copy.state == CopyState::Unconfirmed;
        let due: Vec<CopyId> = self
            .store
            .copies
            .values()
            .filter(|copy| copy.follower_id == id)
            .filter(|copy| matches!(command(copy, self.now), Some(Command::Open { .. })) || resends(copy))
            .map(|copy| copy.id)
            .collect();
        for copy in due {
            if self.guards.sends_before_commit {
                // The line is on its way; the crash comes before the commit.
                self.queue_unclaimed(copy, epoch);
                continue;
            }
            if let Some(row) = self.store.copies.get_mut(&copy) {
                row.state = CopyState::Claimed;
                row.claim_epoch = Some(epoch);
                row.claimed_at = Some(self.now);
            }
            self.queue_open(copy);
        }
    }

    fn queue_unclaimed(&mut self, id: CopyId, epoch: i64) {
        let Some(copy) = self.store.copies.get(&id) else { return };
        let open = Order::Open { copy: id, master_ticket: copy.master_ticket, committed_at: self.now, epoch };
        if let Some(connection) = follower_of(copy).and_then(|follower| self.connections.get_mut(&follower)) {
            connection.queued.push_back(open);
        }
    }

    fn write(&mut self, follower: usize) -> Result<(), String> {
        let Some(connection) = self.connections.get_mut(&follower) else { return Ok(()) };
        let Some(order) = connection.queued.pop_front() else { return Ok(()) };
        let Order::Open { copy, committed_at, epoch, .. } = order else {
            connection.to_terminal.push_back(order);
            return Ok(());
        };
        let age = (self.now - committed_at).to_std().unwrap_or_default();
        if age >= WRITE_WITHIN && !self.guards.writes_late {
            return self.not_written(copy, ReasonCode::Stale);
        }
        let is_current = epoch == connection.epoch;
        connection.to_terminal.push_back(order);
        let was_claimed = self.store.copies.get(&copy).is_some_and(|copy| copy.claimed_at.is_some());
        match (is_current, was_claimed, age < WRITE_WITHIN) {
            (_, false, _) => Err(format!("I3 an open of {copy} went out without a claim")),
            (false, ..) => Err(format!("I8 an open of {copy} went out under an old epoch")),
            (.., false) => Err(format!("I4 an open of {copy} went out {age:?} after its claim")),
            _ => Ok(()),
        }
    }

    fn not_written(&mut self, copy: CopyId, reason: ReasonCode) -> Result<(), String> {
        let edge = self.store.copies.get(&copy).and_then(|copy| deadline::not_written(copy, reason));
        edge.map_or(Ok(()), |edge| self.store.take(copy, &edge))
    }

    fn execute(&mut self, follower: usize) -> Result<(), String> {
        let (Some(connection), Some(terminal)) =
            (self.connections.get_mut(&follower), self.terminals.get_mut(follower))
        else {
            return Ok(());
        };
        let Some(order) = connection.to_terminal.pop_front() else { return Ok(()) };
        let answer = terminal.obey(order);
        connection.to_worker.extend(answer);
        match terminal.opened.iter().find(|(_, count)| **count > 1) {
            Some((copy, count)) => Err(format!("I14 copy {copy} was opened {count} times")),
            None => Ok(()),
        }
    }

    fn hear(&mut self, follower: usize) -> Result<(), String> {
        let Some(connection) = self.connections.get_mut(&follower) else { return Ok(()) };
        let Some(Answer { named, evidence }) = connection.to_worker.pop_front() else { return Ok(()) };
        if let Evidence::Opened { ticket, .. } = &evidence {
            self.reported.insert((follower, ticket.value()));
        }
        let id = follower_id(follower);
        let copies: Vec<&CopyOrder> =
            self.store.copies.values().filter(|copy| copy.follower_id == id).collect();
        let Some(copy) = matching::pick(&copies, named, &evidence).and_then(|index| copies.get(index)) else {
            return Ok(());
        };
        let copy = copy.id;
        let Some(Outcome::Moves(edge)) = self.store.copies.get(&copy).map(|copy| settle(copy, &evidence))
        else {
            return Ok(());
        };
        self.store.take(copy, &edge)?;
        self.send_closes()
    }

    fn double(&mut self, follower: usize) {
        if let Some(connection) = self.connections.get_mut(&follower) {
            let again = connection.to_worker.front().cloned();
            connection.to_worker.extend(again);
        }
    }

    fn swap(&mut self, follower: usize) {
        if let Some(connection) = self.connections.get_mut(&follower)
            && connection.to_worker.len() > 1
        {
            connection.to_worker.swap(0, 1);
        }
    }

    fn close_by_hand(&mut self, follower: usize) {
        // While nobody listens, nobody is told.
        let answer = self.terminals.get_mut(follower).and_then(Terminal::close_by_hand);
        if let Some(connection) = self.connections.get_mut(&follower) {
            connection.to_worker.extend(answer);
        }
    }

    fn sweep(&mut self) -> Result<(), String> {
        let due: Vec<_> = self
            .store
            .copies
            .values()
            .filter_map(|copy| deadline::overdue(copy, self.now).map(|edge| (copy.id, edge)))
            .collect();
        due.iter().try_for_each(|(copy, edge)| self.store.take(*copy, edge))?;
        self.send_closes()
    }

    /// Level-triggered: whatever is open and not wanted is told to close, as often as it takes.
    fn send_closes(&mut self) -> Result<(), String> {
        for copy in self.store.copies.values_mut() {
            let Some(Command::Close { ticket }) = command(copy, self.now) else { continue };
            let Some(follower) = follower_of(copy) else { continue };
            let Some(connection) = self.connections.get_mut(&follower) else { continue };
            if !self.reported.contains(&(follower, ticket.value())) {
                return Err(format!("I13 ticket {ticket} is closed and was never reported"));
            }
            copy.state = CopyState::Closing;
            let close = Order::Close { ticket, master_ticket: copy.master_ticket };
            if !connection.queued.contains(&close) && !connection.to_terminal.contains(&close) {
                connection.queued.push_back(close);
            }
        }
        Ok(())
    }

    /// Memory and connections are gone; the new process puts the claims in order.
    fn crash(&mut self) -> Result<(), String> {
        self.connections.clear();
        for follower in 0..FOLLOWERS {
            let Some(session) = self.store.sessions.get_mut(&follower) else { continue };
            session.1 = false;
            let epoch = session.0;
            self.lose_claims(follower, epoch)?;
        }
        Ok(())
    }
}

fn follower_of(copy: &CopyOrder) -> Option<usize> {
    (0..FOLLOWERS).find(|follower| follower_id(*follower) == copy.follower_id)
}
