//! The world and its steps.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::copy::order::{CopyOrder, CopyState};
use flotilla_domain::ticket::Ticket;
use flotilla_engine::deadline;
use flotilla_engine::dispatch::{Command, command};

use crate::follower::follower_of;
use crate::master::{Line, Master};
use crate::network::{Connection, Order};
use crate::store::{Guards, Said, Store, master_id};
use crate::terminal::Terminal;
use crate::{CHARTS, FOLLOWERS, MASTERS};

/// Something that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A master enters a trade on a chart and says so.
    Enter(usize, usize),
    /// The same; the store takes the commit and the worker does not learn of it: it looks, then goes on as if it had.
    EnterUnknown(usize, usize),
    /// A master leaves one of its trades and says so.
    Leave(usize, usize),
    /// A chart connects anew, beside its old connection, and sends its last line again if it is young.
    Resend(usize, usize),
    /// A chart lists its open tickets; `true`: its terminal sees none.
    ListChart(usize, usize, bool),
    /// The worker reads the next line of one of a master's sockets.
    Read(usize, usize),
    /// One of a master's sockets is lost with what is under way.
    Cut(usize, usize),
    /// A follower connects, anew if it was connected.
    Connect(usize),
    /// A follower's connection is lost with what is under way.
    Lose(usize),
    /// The worker writes the next line to a follower.
    Write(usize),
    /// A terminal reads and executes the next line.
    Execute(usize),
    /// A follower lists its open tickets; `true`: its terminal sees none.
    List(usize, bool),
    /// The worker reads and settles the next line of a follower.
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
    pub(crate) now: DateTime<Utc>,
    pub(crate) guards: Guards,
    pub(crate) store: Store,
    /// The worker's memory: gone after a crash.
    pub(crate) connections: BTreeMap<usize, Connection>,
    pub(crate) terminals: Vec<Terminal>,
    pub(crate) masters: Vec<Master>,
    /// Copies that each line led to.
    copied: BTreeMap<u64, usize>,
    next_ticket: i64,
    next_line: u64,
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
            copied: BTreeMap::new(),
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

    /// What moved copies so far, and into which state; of lists also `left_unseen`, `missed` and `orphan`.
    pub fn moved(&self) -> impl Iterator<Item = (&'static str, &'static str)> + '_ {
        self.store.moved.iter().copied()
    }

    /// Takes one step.
    ///
    /// # Errors
    ///
    /// The invariant that it broke, in words.
    pub fn step(&mut self, step: Step) -> Result<(), String> {
        // Nothing happens at the very moment of something else: what came before a claim is older than it.
        self.now += TimeDelta::milliseconds(1);
        match step {
            Step::Enter(master, chart) => self.enter((master, chart), false)?,
            Step::EnterUnknown(master, chart) => self.enter((master, chart), true)?,
            Step::Leave(master, which) => self.leave(master, which),
            Step::Resend(master, chart) => self.master(master, |master, now| master.resend(chart, now)),
            Step::ListChart(master, chart, is_blind) => {
                self.master(master, |master, now| master.list(chart, is_blind, now));
            }
            Step::Read(master, socket) => self.read(master, socket)?,
            Step::Cut(master, socket) => self.master(master, |master, _| master.cut(socket)),
            Step::Connect(follower) => self.connect(follower)?,
            Step::Lose(follower) => self.lose(follower)?,
            Step::Write(follower) => self.write(follower)?,
            Step::Execute(follower) => self.execute(follower)?,
            Step::List(follower, is_blind) => self.list(follower, is_blind),
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

    /// Everybody comes back, says what he holds, and everything is delivered and executed, again and again.
    ///
    /// # Errors
    ///
    /// What is not as it should be then: a trade that was left and is open, a position or a trade nobody knows of.
    pub fn heal(&mut self) -> Result<(), String> {
        for _ in 0..5 {
            (0..MASTERS).try_for_each(|master| self.read_all(master))?;
            self.step(Step::Wait(61))?;
            for follower in 0..FOLLOWERS {
                if !self.connections.contains_key(&follower) {
                    self.step(Step::Connect(follower))?;
                }
            }
            self.step(Step::Sweep)?;
            (0..FOLLOWERS).try_for_each(|follower| self.drain(follower))?;
            for master in 0..MASTERS {
                (0..CHARTS).for_each(|chart| self.master(master, |master, now| master.come_back(chart, now)));
                self.read_all(master)?;
            }
            for follower in 0..FOLLOWERS {
                self.step(Step::List(follower, false))?;
                self.drain(follower)?;
            }
        }
        self.store.copies.values().find_map(|copy| self.unhealed(copy)).map_or(Ok(()), Err)?;
        (0..MASTERS).find_map(|master| self.unknown_trade(master)).map_or(Ok(()), Err)?;
        (0..FOLLOWERS).find_map(|follower| self.unknown_position(follower)).map_or(Ok(()), Err)
    }

    fn read_all(&mut self, master: usize) -> Result<(), String> {
        while self.masters.get(master).is_some_and(|master| !master.is_heard()) {
            let sockets = self.masters.get(master).map_or(0, Master::sockets);
            (0..sockets).try_for_each(|socket| self.step(Step::Read(master, socket)))?;
        }
        Ok(())
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
        let is_left = || {
            let master =
                self.masters.iter().enumerate().find(|(number, _)| master_id(*number) == copy.master_id);
            master.is_none_or(|(_, master)| !master.holds(copy.master_ticket))
        };
        let is_wrong = match copy.state {
            CopyState::Planned | CopyState::Claimed | CopyState::Received | CopyState::Unconfirmed => true,
            CopyState::Open | CopyState::Closing => is_left(),
            _ => false,
        };
        is_wrong.then(|| format!("I5 after healing copy {} is {}", copy.id, copy.state))
    }

    /// G2: a trade that is open at its master is stored, or its owner was told.
    fn unknown_trade(&self, master: usize) -> Option<String> {
        let is_unknown = |ticket: &Ticket| {
            !self.store.has_heard_of(master, *ticket) && !self.store.missed.contains(&(master, *ticket))
        };
        let lost = self.masters.get(master)?.open().find(is_unknown)?;
        Some(format!("G2 trade {lost} of master {master} is lost without a word"))
    }

    /// G2: a position is known to its copy, or its copy is visibly in doubt, or its owner was told of it.
    fn unknown_position(&self, follower: usize) -> Option<String> {
        let terminal = self.terminals.get(follower)?;
        let is_told = |ticket: i64| {
            Ticket::new(ticket).is_ok_and(|ticket| self.store.orphans.contains(&(follower, ticket)))
        };
        let lost =
            terminal.positions.iter().filter(|(ticket, _)| !is_told(**ticket)).find(|(ticket, copy)| {
                self.store.copies.get(copy).is_none_or(|copy| {
                    let is_known = copy.follower_ticket.is_some_and(|known| known.value() == **ticket);
                    let is_in_doubt = matches!(copy.state, CopyState::Unconfirmed | CopyState::Attention);
                    !(is_known && !copy.state.is_settled() || is_in_doubt)
                })
            });
        lost.map(|(ticket, copy)| format!("G2 position {ticket} of copy {copy} is lost without a word"))
    }

    fn master(&mut self, master: usize, act: impl FnOnce(&mut Master, DateTime<Utc>)) {
        if let Some(master) = self.masters.get_mut(master) {
            act(master, self.now);
        }
    }

    fn enter(&mut self, (master, chart): (usize, usize), is_unknown: bool) -> Result<(), String> {
        self.next_ticket += 1;
        let ticket = Ticket::new(self.next_ticket).map_err(|error| error.to_string())?;
        let said = Said { is_unknown, ..self.said(master, chart, ticket) };
        self.master(master, |master, now| master.enter(said, now));
        Ok(())
    }

    fn leave(&mut self, master: usize, which: usize) {
        // The master says of which of its trades it speaks.
        let Ok(any) = Ticket::new(1) else { return };
        let said = Said { is_entry: false, ..self.said(master, 0, any) };
        self.master(master, |master, now| master.leave(which, said, now));
    }

    fn said(&mut self, master: usize, chart: usize, ticket: Ticket) -> Said {
        self.next_line += 1;
        Said { master, chart, ticket, is_entry: true, line: self.next_line, session: 0, is_unknown: false }
    }

    fn read(&mut self, master: usize, socket: usize) -> Result<(), String> {
        let now = self.now;
        match self.masters.get_mut(master).and_then(|master| master.read(socket, now)) {
            Some((_, Line::Signal(said))) => self.accept(&said),
            Some((chart, Line::List { tickets, .. })) => self.judge_chart(master, chart, &tickets),
            None => Ok(()),
        }
    }

    fn accept(&mut self, said: &Said) -> Result<(), String> {
        let before = self.store.copies.len();
        for _ in 0..=usize::from(said.is_unknown) {
            // Twice, where nobody knows whether the first commit was kept.
            if said.is_entry {
                let claimed = self.store.enter(said, self.now, self.guards);
                for copy in claimed {
                    self.queue_open(copy);
                }
            } else {
                self.store.leave(said, self.now, self.guards);
            }
        }
        let copied = self.copied.entry(said.line).or_default();
        *copied += self.store.copies.len() - before;
        if *copied > FOLLOWERS {
            return Err(format!("I1 {copied} copies of one line"));
        }
        self.send_closes()
    }

    fn sweep(&mut self) -> Result<(), String> {
        let due: Vec<_> = self
            .store
            .copies
            .values()
            .filter_map(|copy| deadline::overdue(copy, self.now, false).map(|edge| (copy.id, edge)))
            .collect();
        due.iter().try_for_each(|(copy, edge)| self.store.take(*copy, edge))?;
        self.send_closes()
    }

    /// Level-triggered: whatever is open and not wanted is told to close, as often as it takes.
    pub(crate) fn send_closes(&mut self) -> Result<(), String> {
        for copy in self.store.copies.values_mut() {
            let Some(Command::Close { ticket }) = command(copy, self.now) else { continue };
            let Some(follower) = follower_of(copy) else { continue };
            let Some(connection) = self.connections.get_mut(&follower) else { continue };
            if !self.store.reported.iter().any(|(of, reported, _)| *of == follower && *reported == ticket) {
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
