//! The locked copies of a batch, as they stand after each decision.

use flotilla_domain::copy::evidence::Evidence;
use flotilla_domain::copy::order::CopyOrder;
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_engine::matching::Named;
use flotilla_engine::settle::Outcome;
use flotilla_engine::{dispatch, matching};
use flotilla_store::copy_orders::LockedCopy;
use flotilla_store::copy_orders::settle::CopyChange;
use flotilla_store::orphans::AnsweredPosition;
use uuid::Uuid;

use crate::flight::Flights;
use crate::measure;
use crate::settle::{Heard, NotWritten, change};

/// The position that an answer says was opened.
fn position(heard: &Heard) -> Option<AnsweredPosition> {
    match (heard.named, &heard.evidence) {
        (Named::MasterTicket(master_ticket), &Evidence::Opened { ticket, lots, side }) => {
            Some(AnsweredPosition { login: heard.login, ticket, master_ticket, side, lots })
        }
        _ => None,
    }
}

/// The locked copies of a batch and what was decided about them.
pub(super) struct Book {
    copies: Vec<LockedCopy>,
    pub changes: Vec<CopyChange>,
    /// Positions that answers named and that no copy took.
    pub orphans: Vec<AnsweredPosition>,
}

impl Book {
    /// `copies`: in any order, each at most once.
    pub fn new(mut copies: Vec<LockedCopy>) -> Self {
        copies.sort_by_key(|copy| copy.turn);
        copies.dedup_by_key(|copy| copy.turn);
        Self { copies, changes: Vec::new(), orphans: Vec::new() }
    }

    /// Judges an answer.
    pub fn hear(&mut self, heard: &Heard, evidence_id: Option<i64>, flights: &Flights) {
        let own: Vec<usize> = self.indices(|copy| copy.follower_id == heard.login.account_id);
        let orders: Vec<&CopyOrder> =
            own.iter().filter_map(|&index| self.copies.get(index)).map(|copy| &copy.order).collect();
        let picked = matching::pick(&orders, heard.named, &heard.evidence).and_then(|index| own.get(index));
        let Some(copy) = picked.and_then(|&index| self.copies.get_mut(index)) else {
            tracing::debug!(account.id = %heard.login.account_id, "answer about no known copy");
            self.orphans.extend(position(heard));
            return;
        };
        match flotilla_engine::settle::settle(&copy.order, &heard.evidence) {
            Outcome::Ignored(why) => {
                tracing::debug!(copy.id = %copy.order.id, ?why, "answer changes nothing");
            }
            Outcome::Moves(edge) => {
                let after = edge.applied(&copy.order);
                let mut change = change(&copy.order, edge);
                change.evidence_id = evidence_id;
                if let Evidence::Opened { side, .. } = &heard.evidence {
                    change.side = Some(*side);
                }
                let latency = flights.latency(copy.order.id, heard.receipt.read_at);
                change.sent_us = latency.map(|latency| latency.sent_us);
                change.ack_us = latency.map(|latency| latency.ack_us);
                if let Some(latency) = latency {
                    // One whose commit fails is measured again at the next try.
                    measure::answered(latency.ack_us.into());
                }
                if change.reason == Some(ReasonCode::SecondPosition) {
                    self.orphans.extend(position(heard));
                }
                self.changes.push(change);
                copy.order = after;
            }
        }
    }

    /// Moves on a claim whose line was certainly not written.
    pub fn not_written(&mut self, open: NotWritten) {
        let Some(copy) = self.copies.iter_mut().find(|copy| copy.order.id == open.copy) else { return };
        if let Some(edge) = flotilla_engine::deadline::not_written(&copy.order, open.reason) {
            let after = edge.applied(&copy.order);
            self.changes.push(change(&copy.order, edge));
            copy.order = after;
        }
    }

    /// Copies that should be closed at once: nothing more is wanted of them.
    pub fn to_close(&self) -> Vec<Uuid> {
        let was_changed =
            |copy: &LockedCopy| self.changes.iter().any(|change| change.copy.id == copy.order.id);
        self.copies
            .iter()
            .filter(|copy| {
                copy.order.state == flotilla_domain::copy::order::CopyState::Open && was_changed(copy)
            })
            .filter(|copy| {
                matches!(dispatch::command(&copy.order, copy.now), Some(dispatch::Command::Close { .. }))
            })
            .map(|copy| copy.order.id.uuid())
            .collect()
    }

    /// The copies as they stand.
    pub fn orders(&self) -> impl Iterator<Item = &CopyOrder> {
        self.copies.iter().map(|copy| &copy.order)
    }

    fn indices(&self, is_it: impl Fn(&CopyOrder) -> bool) -> Vec<usize> {
        self.copies
            .iter()
            .enumerate()
            .filter(|(_, copy)| is_it(&copy.order))
            .map(|(index, _)| index)
            .collect()
    }
}
