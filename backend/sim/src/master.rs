//! A master's terminals: what is really open there, and what is under way on the sockets of its charts.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::ticket::Ticket;

use crate::CHARTS;
use crate::store::Said;

/// Seconds a line may be under way: a socket that is mute for longer is cut.
const UNDER_WAY_S: i64 = 20;
/// Seconds between two lists of one chart.
const LISTS_APART_S: i64 = 30;
/// Seconds in which an EA notices that its line did not go out, and sends it again.
const RESEND_WITHIN_S: i64 = 5;

/// A line of a master.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Line {
    /// An entry or an exit.
    Signal(Said),
    /// The open tickets of a chart. `is_blind`: the terminal is not synchronised, and sees none.
    List {
        /// As the terminal sees them.
        tickets: Vec<Ticket>,
        /// Whether it sees less than there is.
        is_blind: bool,
    },
}

/// One connection of one chart, readable to its end even after a newer one took its place.
#[derive(Debug)]
struct Socket {
    chart: usize,
    session: u64,
    lines: VecDeque<(Line, DateTime<Utc>)>,
}

/// All terminals of one master account.
#[derive(Debug, Default)]
pub(crate) struct Master {
    sockets: Vec<Socket>,
    sessions: u64,
    /// What is open, and on which chart.
    open: Vec<(Ticket, usize)>,
    last: [Option<(Said, DateTime<Utc>)>; CHARTS],
    listed_at: [Option<DateTime<Utc>>; CHARTS],
    /// A terminal may lose sight of its positions once, until a whole list of it was read again: two lists that lack
    /// them are what the server believes.
    has_been_blind: [bool; CHARTS],
}

impl Master {
    /// What is really open.
    pub fn open(&self) -> impl Iterator<Item = Ticket> + '_ {
        self.open.iter().map(|(ticket, _)| *ticket)
    }

    /// Whether a trade is really open.
    pub fn holds(&self, ticket: Ticket) -> bool {
        self.open().any(|open| open == ticket)
    }

    /// Enters a trade and says so.
    pub fn enter(&mut self, said: Said, now: DateTime<Utc>) {
        self.open.push((said.ticket, said.chart));
        self.say(said, now);
    }

    /// Leaves a trade, if there is one, and says so.
    pub fn leave(&mut self, which: usize, said: Said, now: DateTime<Utc>) {
        if self.open.is_empty() {
            return;
        }
        let (ticket, chart) = self.open.swap_remove(which % self.open.len());
        self.say(Said { chart, ticket, ..said }, now);
    }

    fn say(&mut self, said: Said, now: DateTime<Utc>) {
        self.last.iter_mut().skip(said.chart).take(1).for_each(|last| *last = Some((said, now)));
        self.push(said.chart, Line::Signal(said), now);
    }

    /// Over the newest connection of a chart, a first one if there is none.
    fn push(&mut self, chart: usize, line: Line, now: DateTime<Utc>) {
        if !self.sockets.iter().any(|socket| socket.chart == chart) {
            self.connect(chart);
        }
        let Some(socket) = self.sockets.iter_mut().rev().find(|socket| socket.chart == chart) else { return };
        let line = match line {
            Line::Signal(said) => Line::Signal(Said { session: socket.session, ..said }),
            list @ Line::List { .. } => list,
        };
        socket.lines.push_back((line, now));
    }

    /// A new connection of a chart beside the old one, over which its last line goes out again if it is young.
    pub fn resend(&mut self, chart: usize, now: DateTime<Utc>) {
        self.connect(chart);
        let Some((said, at)) = self.last.get(chart).copied().flatten() else { return };
        if now - at <= TimeDelta::seconds(RESEND_WITHIN_S) {
            self.push(chart, Line::Signal(said), now);
        }
    }

    /// Lists the open tickets of a chart, if it is time.
    pub fn list(&mut self, chart: usize, is_blind: bool, now: DateTime<Utc>) {
        let (Some(listed_at), Some(was_blind)) =
            (self.listed_at.get_mut(chart), self.has_been_blind.get_mut(chart))
        else {
            return;
        };
        let is_blind = is_blind && !*was_blind;
        if listed_at.is_some_and(|at| now - at < TimeDelta::seconds(LISTS_APART_S)) {
            return;
        }
        *listed_at = Some(now);
        *was_blind |= is_blind;
        let seen = self.open.iter().filter(|(_, of)| *of == chart && !is_blind);
        let tickets = seen.map(|(ticket, _)| *ticket).collect();
        self.push(chart, Line::List { tickets, is_blind }, now);
    }

    /// The next line of one socket, if it still has one, and the socket's chart.
    pub fn read(&mut self, socket: usize, now: DateTime<Utc>) -> Option<(usize, Line)> {
        if self.sockets.is_empty() {
            return None;
        }
        let number = socket % self.sockets.len();
        let socket = self.sockets.get_mut(number)?;
        let chart = socket.chart;
        let Some((line, at)) = socket.lines.pop_front() else {
            self.forget(number);
            return None;
        };
        if now - at > TimeDelta::seconds(UNDER_WAY_S) {
            self.sockets.remove(number);
            return None;
        }
        let is_whole = matches!(line, Line::List { is_blind: false, .. });
        if is_whole && !self.is_blind_list_under_way(chart) {
            self.has_been_blind.iter_mut().skip(chart).take(1).for_each(|was| *was = false);
        }
        Some((chart, line))
    }

    /// What is under way on one socket is lost, and the socket with it.
    pub fn cut(&mut self, socket: usize) {
        if !self.sockets.is_empty() {
            self.sockets.remove(socket % self.sockets.len());
        }
    }

    /// Whether lines are under way.
    pub fn is_heard(&self) -> bool {
        self.sockets.iter().all(|socket| socket.lines.is_empty())
    }

    /// How many sockets there are.
    pub fn sockets(&self) -> usize {
        self.sockets.len()
    }

    /// A new connection of a chart, which begins with its list.
    pub fn come_back(&mut self, chart: usize, now: DateTime<Utc>) {
        self.connect(chart);
        self.listed_at.iter_mut().skip(chart).take(1).for_each(|at| *at = None);
        self.list(chart, false, now);
    }

    /// An old connection without lines that a newer one has replaced.
    fn forget(&mut self, number: usize) {
        let chart = self.sockets.get(number).map(|socket| socket.chart);
        let is_replaced = self.sockets.iter().skip(number + 1).any(|newer| Some(newer.chart) == chart);
        if is_replaced {
            self.sockets.remove(number);
        }
    }

    fn is_blind_list_under_way(&self, chart: usize) -> bool {
        let lines =
            self.sockets.iter().filter(|socket| socket.chart == chart).flat_map(|socket| &socket.lines);
        lines.into_iter().any(|(line, _)| matches!(line, Line::List { is_blind: true, .. }))
    }

    fn connect(&mut self, chart: usize) {
        self.sessions += 1;
        self.sockets.push(Socket { chart, session: self.sessions, lines: VecDeque::new() });
    }
}
