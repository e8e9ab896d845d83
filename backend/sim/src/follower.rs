//! What passes between the worker and the followers: claims, orders, answers, takeovers.

use std::collections::VecDeque;

use flotilla_domain::copy::evidence::Evidence;
use flotilla_domain::copy::order::{CopyOrder, CopyState};
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::id::CopyId;
use flotilla_engine::deadline::{self, WRITE_WITHIN};
use flotilla_engine::dispatch::{Command, command};
use flotilla_engine::matching::Named;
use flotilla_engine::reconcile::doubt::Gone;
use flotilla_engine::settle::{Outcome, settle};
use flotilla_engine::{matching, takeover};

use crate::FOLLOWERS;
use crate::network::{Answer, Connection, Order, Report};
use crate::store::follower_id;
use crate::terminal::Terminal;
use crate::world::World;

impl World {
    pub(crate) fn queue_open(&mut self, id: CopyId) {
        let Some(copy) = self.store.copies.get(&id) else { return };
        let Some((follower, epoch)) = follower_of(copy).zip(copy.claim_epoch) else { return };
        let open = Order::Open { copy: id, master_ticket: copy.master_ticket, committed_at: self.now, epoch };
        if let Some(connection) = self.connections.get_mut(&follower) {
            connection.queued.push_back(open);
        }
    }

    pub(crate) fn connect(&mut self, follower: usize) -> Result<(), String> {
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
                VecDeque::new()
            }
            None => VecDeque::new(),
        };
        self.connections.insert(follower, Connection { epoch, queued, ..Connection::default() });
        self.claim_planned(follower);
        self.send_closes()
    }

    fn give_back(&mut self, queued: VecDeque<Order>) -> Result<(), String> {
        for order in queued {
            if let Order::Open { copy, .. } = order {
                self.not_written(copy, ReasonCode::Offline)?;
            }
        }
        Ok(())
    }

    pub(crate) fn lose(&mut self, follower: usize) -> Result<(), String> {
        let Some(old) = self.connections.remove(&follower) else { return Ok(()) };
        if let Some(session) = self.store.sessions.get_mut(&follower) {
            session.1 = false;
        }
        let epoch = old.epoch;
        self.give_back(old.queued)?;
        self.lose_claims(follower, epoch)
    }

    pub(crate) fn lose_claims(&mut self, follower: usize, ended: i64) -> Result<(), String> {
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

    pub(crate) fn write(&mut self, follower: usize) -> Result<(), String> {
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

    pub(crate) fn execute(&mut self, follower: usize) -> Result<(), String> {
        let (Some(connection), Some(terminal)) =
            (self.connections.get_mut(&follower), self.terminals.get_mut(follower))
        else {
            return Ok(());
        };
        let Some(order) = connection.to_terminal.pop_front() else { return Ok(()) };
        let answer = terminal.obey(order);
        connection.to_worker.extend(answer.map(Report::Answer));
        match terminal.opened.iter().find(|(_, count)| **count > 1) {
            Some((copy, count)) => Err(format!("I14 copy {copy} was opened {count} times")),
            None => Ok(()),
        }
    }

    pub(crate) fn hear(&mut self, follower: usize) -> Result<(), String> {
        let Some(connection) = self.connections.get_mut(&follower) else { return Ok(()) };
        match connection.to_worker.pop_front() {
            Some(Report::Answer(answer)) => self.settle(follower, &answer),
            Some(Report::List { tickets, is_blind }) => {
                if let Some(terminal) = self.terminals.get_mut(follower).filter(|_| !is_blind) {
                    terminal.has_been_blind = false;
                }
                self.judge_list(follower, &tickets)
            }
            None => Ok(()),
        }
    }

    fn settle(&mut self, follower: usize, Answer { named, evidence }: &Answer) -> Result<(), String> {
        if let Evidence::Opened { ticket, .. } = evidence {
            self.store.reported.push((follower, *ticket, self.now));
        }
        let id = follower_id(follower);
        let copies: Vec<&CopyOrder> =
            self.store.copies.values().filter(|copy| copy.follower_id == id).collect();
        let Some(copy) = matching::pick(&copies, *named, evidence).and_then(|index| copies.get(index)) else {
            self.note_gone(follower, *named, evidence);
            return Ok(());
        };
        let copy = copy.id;
        let Some(Outcome::Moves(edge)) = self.store.copies.get(&copy).map(|copy| settle(copy, evidence))
        else {
            return Ok(());
        };
        self.store.take(copy, &edge)?;
        self.send_closes()
    }

    fn note_gone(&mut self, follower: usize, named: Named, evidence: &Evidence) {
        if let (Named::FollowerTicket(ticket), Evidence::ClosedByOther { price, profit }) = (named, evidence)
        {
            let gone = Gone { ticket, at: self.now, price: *price, profit: *profit };
            self.store.gone.push((follower, gone));
        }
    }

    pub(crate) fn list(&mut self, follower: usize, is_blind: bool) {
        // Who is away cannot say anything; who says nothing has seen nothing.
        if let (Some(connection), Some(terminal)) =
            (self.connections.get_mut(&follower), self.terminals.get_mut(follower))
        {
            connection.to_worker.push_back(terminal.list(is_blind));
        }
    }

    pub(crate) fn double(&mut self, follower: usize) {
        if let Some(connection) = self.connections.get_mut(&follower)
            && let Some(Report::Answer(again)) = connection.to_worker.front().cloned()
        {
            connection.to_worker.push_back(Report::Answer(again));
        }
    }

    pub(crate) fn swap(&mut self, follower: usize) {
        if let Some(connection) = self.connections.get_mut(&follower)
            && connection.to_worker.iter().take(2).all(|report| matches!(report, Report::Answer(_)))
            && connection.to_worker.len() > 1
        {
            connection.to_worker.swap(0, 1);
        }
    }

    pub(crate) fn close_by_hand(&mut self, follower: usize) {
        // While nobody listens, nobody is told.
        let answer = self.terminals.get_mut(follower).and_then(Terminal::close_by_hand);
        if let Some(connection) = self.connections.get_mut(&follower) {
            connection.to_worker.extend(answer.map(Report::Answer));
        }
    }
}

pub(crate) fn follower_of(copy: &CopyOrder) -> Option<usize> {
    (0..FOLLOWERS).find(|follower| follower_id(*follower) == copy.follower_id)
}
