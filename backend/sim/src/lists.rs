//! What the worker makes of lists of open tickets, and what must be true of it.

use std::collections::HashSet;

use chrono::TimeDelta;
use flotilla_domain::copy::order::{CopyOrder, CopyState};
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::id::CopyId;
use flotilla_domain::ticket::Ticket;
use flotilla_engine::Cause;
use flotilla_engine::reconcile::doubt::{Baseline, Doubt, Gone, Scene, resolve};
use flotilla_engine::reconcile::master::{Led, absent};
use flotilla_engine::reconcile::{APART, Finding, Held, List, held, is_doubtful};

use crate::CHARTS;
use crate::store::{Sighting, follower_id};
use crate::world::World;

fn apart() -> TimeDelta {
    TimeDelta::from_std(APART).unwrap_or(TimeDelta::MAX)
}

impl World {
    /// A master listed what is open on a chart.
    pub(crate) fn judge_chart(
        &mut self,
        master: usize,
        chart: usize,
        tickets: &[Ticket],
    ) -> Result<(), String> {
        let list = List { tickets: tickets.iter().copied().collect(), at: self.now };
        let is_of_chart = |of: usize| of == chart || self.guards.ignores_charts;
        let trades = self.store.trades(master).filter(|trade| is_of_chart(trade.chart));
        let trades: Vec<Led> =
            trades.map(|trade| Led { ticket: trade.ticket, reported_at: trade.at }).collect();
        let charts = (0..CHARTS).filter(|of| is_of_chart(*of));
        let mut earlier: Vec<List> =
            charts.filter_map(|of| self.store.charts.get(&(master, of))).flatten().cloned().collect();
        if self.guards.believes_one_list {
            earlier.push(List { at: list.at - apart(), ..list.clone() });
        }
        for ticket in absent(&trades, &list, &earlier, apart()) {
            self.store.leave_unseen(master, ticket, self.now);
            if self.masters.get(master).is_some_and(|master| master.holds(ticket)) {
                return Err(format!("G4 trade {ticket} is open at its master and was taken for left"));
            }
        }
        let missed = tickets.iter().filter(|ticket| !self.store.has_heard_of(master, **ticket));
        let missed: Vec<_> = missed.map(|ticket| (master, *ticket)).collect();
        if !missed.is_empty() {
            self.store.moved.insert(("missed", ""));
        }
        self.store.missed.extend(missed);
        self.store.charts.entry((master, chart)).or_default().push(list);
        self.send_closes()
    }

    /// A follower listed what it holds.
    pub(crate) fn judge_list(&mut self, follower: usize, tickets: &[Ticket]) -> Result<(), String> {
        let list = List { tickets: tickets.iter().copied().collect(), at: self.now };
        let id = follower_id(follower);
        let copies: Vec<Held> = self
            .store
            .copies
            .values()
            .filter(|copy| copy.follower_id == id)
            .map(|copy| self.as_held(copy, &list))
            .collect();
        let unknown = self.unowned(follower, tickets);
        for copy in &copies {
            self.note(follower, &copy.order, held(copy, &list, apart()))?;
        }
        let doubts: Vec<Doubt> = copies
            .iter()
            .filter(|copy| self.is_doubt(copy))
            .map(|copy| self.as_doubt(follower, copy))
            .collect();
        self.store.not_opened.retain(|copy, _| !copies.iter().any(|held| held.order.id == *copy));
        if !doubts.is_empty() {
            self.resolve(follower, &copies, &doubts, (&list, &unknown))?;
        }
        let unowned = self.unowned(follower, tickets);
        if !unowned.is_empty() {
            self.store.moved.insert(("orphan", ""));
        }
        self.store.orphans.extend(unowned.into_iter().map(|ticket| (follower, ticket)));
        let now = self.now;
        self.store.reported.extend(tickets.iter().map(|ticket| (follower, *ticket, now)));
        self.store.lists.entry(follower).or_default().push(list);
        self.send_closes()
    }

    fn resolve(
        &mut self,
        follower: usize,
        copies: &[Held],
        doubts: &[Doubt],
        (list, unknown): (&List, &[Ticket]),
    ) -> Result<(), String> {
        let (epoch, _) = self.store.sessions.get(&follower).copied().unwrap_or_default();
        let is_in_flight = |copy: &Held| {
            matches!(copy.order.state, CopyState::Claimed | CopyState::Received)
                && copy.order.claim_epoch == Some(epoch)
        };
        let gone = self
            .store
            .gone
            .iter()
            .filter(|(of, gone)| *of == follower && !self.is_owned(follower, gone.ticket));
        let gone: Vec<Gone> = gone.map(|(_, gone)| *gone).collect();
        let scene = Scene {
            list,
            unknown,
            gone: &gone,
            siblings: &[],
            epoch,
            is_in_flight: copies.iter().any(is_in_flight),
            is_doubtful: is_doubtful(copies, list) && !self.guards.believes_one_list,
            adopts: true,
            apart: apart(),
        };
        let findings = resolve(doubts, &scene);
        doubts
            .iter()
            .zip(findings)
            .try_for_each(|(doubt, finding)| self.note(follower, &doubt.order, finding))
    }

    fn as_held(&self, copy: &CopyOrder, list: &List) -> Held {
        let seen = self.store.sightings.get(&copy.id).filter(|seen| seen.ticket == copy.follower_ticket);
        let seen = seen.copied().unwrap_or_default();
        let believed = self.guards.believes_one_list.then_some(list.at - apart());
        Held {
            order: copy.clone(),
            missing_since: seen.missing_since.or(believed),
            was_listed: seen.was_listed,
        }
    }

    fn is_doubt(&self, copy: &Held) -> bool {
        copy.order.state == CopyState::Unconfirmed || self.store.not_opened.contains_key(&copy.order.id)
    }

    fn as_doubt(&self, follower: usize, copy: &Held) -> Doubt {
        Doubt {
            order: copy.order.clone(),
            baseline: self.baseline(follower, &copy.order),
            missing_since: copy.missing_since,
        }
    }

    fn baseline(&self, follower: usize, copy: &CopyOrder) -> Option<Baseline> {
        let claimed_at = copy.claimed_at?;
        let lists = self.store.lists.get(&follower)?;
        let listed = lists.iter().rev().find(|list| list.at < claimed_at)?.tickets.clone();
        let earlier = self.store.reported.iter().filter(|(of, _, at)| *of == follower && *at < claimed_at);
        Some(Baseline { listed, highest: earlier.map(|(_, ticket, _)| *ticket).max() })
    }

    fn is_owned(&self, follower: usize, ticket: Ticket) -> bool {
        let id = follower_id(follower);
        self.store.copies.values().any(|copy| copy.follower_id == id && copy.follower_ticket == Some(ticket))
    }

    fn unowned(&self, follower: usize, tickets: &[Ticket]) -> Vec<Ticket> {
        tickets.iter().filter(|ticket| !self.is_owned(follower, **ticket)).copied().collect()
    }

    fn note(&mut self, follower: usize, copy: &CopyOrder, finding: Finding) -> Result<(), String> {
        let (now, ticket) = (self.now, copy.follower_ticket);
        let sighting = self.store.sightings.entry(copy.id).or_default();
        match finding {
            Finding::Known | Finding::Agreed => Ok(()),
            Finding::Present => {
                *sighting = Sighting { ticket, missing_since: None, was_listed: true };
                Ok(())
            }
            Finding::Missing => {
                let was_listed = sighting.was_listed && sighting.ticket == ticket;
                *sighting = Sighting { ticket, missing_since: Some(now), was_listed };
                Ok(())
            }
            Finding::Moves(edge) => {
                if edge.to == CopyState::Open {
                    let ticket = edge.ticket.or(ticket);
                    *sighting = Sighting { ticket, missing_since: None, was_listed: true };
                }
                if edge.reason == Some(ReasonCode::NotOpened) {
                    self.store.not_opened.insert(copy.id, now);
                }
                self.store.take(copy.id, &edge)?;
                self.is_true(follower, copy.id, edge.cause)
            }
        }
    }

    /// What a list led to, against the terminal's own books.
    fn is_true(&self, follower: usize, copy: CopyId, cause: Cause) -> Result<(), String> {
        let (Some(order), Some(terminal)) = (self.store.copies.get(&copy), self.terminals.get(follower))
        else {
            return Ok(());
        };
        let held: HashSet<i64> =
            terminal.positions.iter().filter(|(_, of)| **of == copy).map(|(ticket, _)| *ticket).collect();
        let is_held = order.follower_ticket.is_some_and(|ticket| held.contains(&ticket.value()));
        let of_other = order
            .follower_ticket
            .and_then(|ticket| terminal.positions.get(&ticket.value()))
            .is_some_and(|of| *of != copy);
        match (order.state, cause) {
            (CopyState::Closed, Cause::NotListed) if is_held => {
                Err(format!("G4 copy {copy} is open at its follower and was taken for closed"))
            }
            (CopyState::Open, Cause::Adopted) if of_other => {
                Err(format!("G4 copy {copy} adopted the position of another copy"))
            }
            _ => Ok(()),
        }
    }
}
