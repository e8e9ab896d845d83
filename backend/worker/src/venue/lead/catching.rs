//! What a master did while nobody listened.
//!
//! Until all of it became signals, nothing that was heard later does: a close that were told before its entry would be
//! taken for an entry of the other side. And until then each look brings it again.

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use flotilla_exchange::bingx::client::Turn;
use flotilla_exchange::bingx::order::OrderRef;
use flotilla_exchange::bingx::stream::Snapshot;
use flotilla_exchange::limits::Priority;
use flotilla_exchange::outcome::ReadError;
use flotilla_store::venue_accounts::Connected;
use flotilla_store::{StoreError, Tx, venue_leads};
use rust_decimal::Decimal;
use tokio::time::Instant;

use super::beginning::{CALM, begin, is_calm};
use super::{Lead, beginning, vanish};
use crate::gateway::Gateway;
use crate::venue::seen::Seen;
use crate::venue::stream::Listening;

/// For one order. What was heard since waits for all of them, and fills tell nearly all that an order does.
const TURN: Duration = Duration::from_secs(2);
/// After a look that could not be told, the longer the more often in a row: closes that were heard of since wait for it.
const RETRY: Duration = Duration::from_millis(300);
/// After a look of which it is not known yet whether it is the first.
const AGAIN: Duration = Duration::from_secs(2);

/// A look that is not told yet.
#[derive(Debug)]
pub(super) struct Pending {
    snapshot: Box<Snapshot>,
    taken_at: Instant,
    due: Instant,
    /// How often in a row it could not be told.
    tries: u32,
}

impl Pending {
    /// Whether its fills have all of an order that was heard of.
    fn shows(&self, seen: &Seen) -> bool {
        let own = self.snapshot.fills.iter().filter(|fill| fill.id.order == seen.id);
        own.map(|fill| fill.quantity).sum::<Decimal>() >= seen.filled
    }
}

impl Lead {
    /// Tells what happened while nobody listened.
    pub async fn catch_up(&mut self, gateway: &Arc<Gateway>, listening: &Listening, snapshot: Box<Snapshot>) {
        let now = Instant::now();
        let is_beginning = !self.has_begun && self.pending.is_some();
        if !is_beginning || !is_calm(&snapshot) {
            // What an earlier one has left is in it as well.
            self.pending = Some(Pending { snapshot, taken_at: now, due: now, tries: 0 });
        }
        self.work_off(gateway, listening).await;
    }

    /// All fills until then became signals, Unix milliseconds.
    pub const fn told_until_ms(&self) -> Option<i64> {
        self.told_until_ms
    }

    /// Whether the account is to be read now, before its time.
    pub fn wants_look(&mut self) -> bool {
        self.look_at.take_if(|at| *at <= Instant::now()).is_some()
    }

    /// An order was filled before the first look was written down. Where that one does not show it, or not all of it,
    /// nobody knows whether its positions do. A master that goes on trading is looked at once it pauses.
    pub(super) fn disturb(&mut self, seen: &Seen) {
        let is_disturbed = self.pending.take_if(|pending| !pending.shows(seen)).is_some();
        if self.beginning.is_tried() {
            if is_disturbed || self.look_at.is_some() {
                let quiet = Instant::now() + self.beginning.disturbed();
                self.look_at = Some(self.look_at.map_or(quiet, |at| at.max(quiet)));
            }
        } else if is_disturbed {
            self.look_at = Some(Instant::now() + AGAIN);
        }
    }

    /// Tells a look that is due. Whether none is left.
    pub(super) async fn work_off(&mut self, gateway: &Arc<Gateway>, listening: &Listening) -> bool {
        let now = Instant::now();
        let Some(pending) = self.pending.take_if(|pending| pending.due <= now) else {
            return self.pending.is_none();
        };
        match self.try_catch_up(gateway, listening, &pending).await {
            Ok(true) => {}
            Ok(false) => self.pending = Some(Pending { due: pending.taken_at + CALM, ..pending }),
            Err(words) => {
                let account = listening.connected.login.account_id;
                tracing::warn!(words, account.id = %account, "fills of a master cannot be caught up with; they are looked at again");
                if self.has_begun {
                    let tries = pending.tries.saturating_add(1);
                    let due =
                        Instant::now() + RETRY.saturating_mul(2_u32.saturating_pow(pending.tries.min(3)));
                    self.pending = Some(Pending { due, tries, ..pending });
                } else {
                    let pause = if self.beginning.is_tried() { self.beginning.failed() } else { AGAIN };
                    self.look_at = Some(Instant::now() + pause);
                }
            }
        }
        self.pending.is_none()
    }

    /// `false`: not yet.
    async fn try_catch_up(
        &mut self,
        gateway: &Arc<Gateway>,
        listening: &Listening,
        pending: &Pending,
    ) -> Result<bool, String> {
        let account = listening.connected.login.account_id;
        let snapshot: &Snapshot = &pending.snapshot;
        let words = |error: StoreError| error.to_string();
        let uid = listening.connected.uid.as_deref();
        let has_begun = gateway.db.open(async |tx| venue_leads::has_begun(tx, account, uid).await).await;
        if !has_begun.map_err(words)? {
            return self.try_begin(gateway, listening, pending).await;
        }
        self.has_begun = true;
        let ids: Vec<String> = snapshot.fills.iter().map(|fill| fill.id.order.as_str().to_owned()).collect();
        let known = gateway.db.open(async |tx| venue_leads::list_orders(tx, account, &ids).await).await;
        let over: Vec<String> = known
            .map_err(words)?
            .into_iter()
            .filter(|order| order.is_over)
            .map(|order| order.order_id)
            .collect();
        let (orders, unread_ms) = unknown(listening, pending, &over).await;
        for seen in orders {
            // What was heard of it since then says more.
            self.waiting.retain(|id, (held, _)| *id != seen.id || held.filled > seen.filled);
            if !self.tell(gateway, listening, &seen).await {
                return Err("the worker ends".to_owned());
            }
        }
        self.note_told(gateway, listening, (snapshot, unread_ms)).await.map_err(words)?;
        self.levels.doubt_all(gateway, account).await.map_err(words)?;
        self.miss(gateway, listening, snapshot).await.map_err(words)?;
        Ok(true)
    }

    /// Writes a first look down once nothing was filled around it. `false`: not yet.
    async fn try_begin(
        &mut self,
        gateway: &Arc<Gateway>,
        listening: &Listening,
        pending: &Pending,
    ) -> Result<bool, String> {
        let snapshot: &Snapshot = &pending.snapshot;
        self.beginning.note_try();
        if !is_calm(snapshot) {
            self.beginning.disturbed();
            return Err("something was filled around the first look".to_owned());
        }
        if pending.taken_at.elapsed() < CALM {
            return Ok(false);
        }
        let words = |error: StoreError| error.to_string();
        leave_all(gateway, listening).await.map_err(words)?;
        if !begin(gateway, listening, snapshot).await.map_err(words)? {
            return Err("followers hold what another account at the exchange has opened".to_owned());
        }
        self.has_begun = true;
        beginning::resolve(gateway, listening).await;
        self.look_at = None;
        self.told_until_ms = Some(snapshot.read_at_ms);
        Ok(true)
    }

    /// Notes how far the fills became signals: not beyond one of an order that could not be read.
    async fn note_told(
        &mut self,
        gateway: &Gateway,
        listening: &Listening,
        (snapshot, unread_ms): (&Snapshot, Option<i64>),
    ) -> Result<(), StoreError> {
        let last_ms = snapshot.fills.last().map(|fill| fill.filled_at_ms.min(snapshot.read_at_ms));
        let Some(until_ms) = unread_ms.or(last_ms).filter(|until| self.told_until_ms < Some(*until)) else {
            return Ok(());
        };
        let Connected { login, uid, .. } = &listening.connected;
        if let Some(until) = DateTime::from_timestamp_millis(until_ms) {
            let keep =
                async |tx: &mut Tx| venue_leads::keep_told(tx, login.account_id, uid.as_deref(), until).await;
            gateway.db.open(keep).await?;
        }
        self.told_until_ms = Some(until_ms);
        Ok(())
    }
}

/// Followers leave what another account at the exchange has opened under the same name here: nobody hears of it any more.
async fn leave_all(gateway: &Arc<Gateway>, listening: &Listening) -> Result<(), StoreError> {
    let account = listening.connected.login.account_id;
    let held = gateway.db.open(async |tx| venue_leads::list_positions(tx, account).await).await?;
    for position in held.iter().filter(|position| position.ticket.is_some()) {
        vanish(gateway, listening, position).await;
    }
    Ok(())
}

/// Orders of fills that are not known to be over, as they are now, and the first fill of those that could not be read:
/// of them that is told which the fills say, and the rest by a later look.
async fn unknown(listening: &Listening, pending: &Pending, over: &[String]) -> (Vec<Seen>, Option<i64>) {
    let snapshot: &Snapshot = &pending.snapshot;
    let fills = &snapshot.fills;
    let mut orders: Vec<Seen> = Vec::new();
    let mut unread_ms = None;
    let mut does_answer = true;
    for fill in fills {
        let id = &fill.id.order;
        if over.iter().any(|known| known == id.as_str()) || orders.iter().any(|seen| seen.id == *id) {
            continue;
        }
        let read = if does_answer {
            // It may be an exit that followers wait for; what is to be closed already goes first.
            let turn = Turn::within(Priority::Guard, TURN);
            listening.account.order(&fill.symbol, &OrderRef::Venue(id.clone()), turn).await.map_err(Some)
        } else {
            Err(None)
        };
        let seen = match read {
            Ok(Some(order)) => Seen::more_of(Seen::of_order(&order), Seen::of_fills(fills, id)),
            // What is filled is true, even where the order is shown no more.
            Ok(None) => Seen::of_fills(fills, id),
            Err(error) => {
                unread_ms = unread_ms.or(Some(fill.filled_at_ms));
                // The others are not held up by an exchange that is silent.
                does_answer = matches!(error, Some(ReadError::Refused(_)));
                if let Some(error) = error {
                    let account = listening.connected.login.account_id;
                    tracing::warn!(%error, account.id = %account, order = id.as_str(), "an order of a master cannot be read; its fills are told");
                }
                Seen::of_fills(fills, id)
            }
        };
        let aged = seen.map(|seen| seen.aged(fills, snapshot.read_at_ms));
        orders.extend(aged.map(|seen| Seen { heard_at: pending.taken_at, ..seen }));
    }
    (orders, unread_ms)
}
