//! The first look at a master at an exchange.
//!
//! Its questions are answered one after another: what is filled meanwhile may be among its positions and not among its
//! fills, or the other way round. So it counts only where nothing was.
//!
//! No exact cut can be made through fills that go on meanwhile: the stream has no sequence numbers and no replay, its news
//! of orders and of positions overtake each other, fills are dated in whole seconds, and a list of positions says of no
//! fill whether that is in it. A position that is off by one fill would later make an exit an entry of the other side, at
//! every follower. Two lists that differ by just the fills between them prove nothing either: both may lack the same. Nor
//! is a shorter pause as good: after the second to which times are cut, it leaves nothing for what lags behind. So a
//! master that never pauses is not copied until it does, and its owner is told why and what to do.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::DateTime;
use flotilla_domain::alert::AlertKind;
use flotilla_domain::venue_trades::Slot;
use flotilla_exchange::bingx::model::Direction;
use flotilla_exchange::bingx::stream::Snapshot;
use flotilla_store::venue_accounts::whose;
use flotilla_store::venue_leads::{self, LeadOrder, LeadPosition};
use flotilla_store::{StoreError, StoreResult, Tx, alerts, signals};
use rust_decimal::Decimal;
use tokio::time::Instant;

use crate::alarms;
use crate::gateway::Gateway;
use crate::venue::history::slot;
use crate::venue::stream::Listening;

/// For so long nothing must be heard after a first look: what was filled during it is told right after it.
pub(super) const CALM: Duration = Duration::from_millis(500);
/// For so long nothing must have been filled before it: positions lag behind, and times of fills are cut to seconds.
const CALM_BEFORE_MS: i64 = 3_000;

/// How long a first look waits for a pause: by then fills of before say nothing against it.
const QUIET: Duration = Duration::from_millis(3_200);
/// After so long its owner is told that nothing of a master is copied, for it trades without a pause.
const LONG: Duration = Duration::from_mins(1);

/// Tries to take a first look.
#[derive(Debug, Default)]
pub(super) struct Beginning {
    /// When the first one was, if any: since then it is known that nothing was written down before.
    since: Option<Instant>,
    /// How many have failed.
    failed: u32,
    /// Whether something was filled around one.
    is_disturbed: bool,
    is_told: bool,
}

impl Beginning {
    pub fn note_try(&mut self) {
        self.since.get_or_insert_with(Instant::now);
    }

    pub const fn is_tried(&self) -> bool {
        self.since.is_some()
    }

    /// Something was filled around a look. For how long nothing must be filled before the next.
    pub const fn disturbed(&mut self) -> Duration {
        self.is_disturbed = true;
        QUIET
    }

    /// One has failed. How long to wait with the next: longer where several have, and not longer than a master may be
    /// asked to pause.
    pub fn failed(&mut self) -> Duration {
        let has_many = self.failed >= 3;
        self.failed = self.failed.saturating_add(1);
        if has_many { QUIET.saturating_mul(2) } else { QUIET }
    }

    /// Whether its owner is to be told now; once.
    pub fn is_to_be_told(&mut self) -> bool {
        let is_long = self.since.is_some_and(|since| since.elapsed() >= LONG);
        let is_news = is_long && self.is_disturbed && !self.is_told;
        self.is_told |= is_news;
        is_news
    }
}

/// Tells the owner of a master that nothing of it is copied before it pauses.
pub(super) async fn tell(gateway: &Gateway, listening: &Listening) {
    let login = listening.connected.login;
    tracing::warn!(account.id = %login.account_id, "a master trades without a pause, so that no first look at it counts");
    alarms::raise_lost(gateway, &[alarms::restless(login.owner_id, login.account_id)]).await;
}

/// Notes that this is over.
pub(super) async fn resolve(gateway: &Gateway, listening: &Listening) {
    let account = listening.connected.login.account_id;
    let keys = [alarms::restless_key(account)];
    let resolved =
        gateway.db.open(async |tx| alerts::resolve_keys(tx, AlertKind::MissedOpen, &keys).await).await;
    match resolved {
        Ok(resolved) => alarms::tell(gateway, &resolved),
        Err(error) => tracing::warn!(%error, account.id = %account, "an alert was not noted as over"),
    }
}

/// Whether its fills say nothing against a first look.
pub(super) fn is_calm(snapshot: &Snapshot) -> bool {
    snapshot.fills.iter().all(|fill| fill.filled_at_ms < snapshot.read_at_ms - CALM_BEFORE_MS)
}

/// What is held and was filled before the first look is nobody's signal. `false`: followers hold something of another
/// account at the exchange.
pub(super) async fn begin(
    gateway: &Gateway,
    listening: &Listening,
    snapshot: &Snapshot,
) -> StoreResult<bool> {
    let login = listening.connected.login;
    let mode = snapshot.fills.iter().rev().find_map(|fill| fill.position_side);
    let held: Vec<LeadPosition> = snapshot
        .positions
        .iter()
        .flat_map(|position| {
            let is_long = position.direction == Direction::Long;
            let quantity = if is_long { position.quantity } else { -position.quantity };
            let own = if is_long { Slot::Long } else { Slot::Short };
            // Which of the two modes it is shows with the first order; the other one's row is never met.
            let slots = match mode.map(|side| slot(Some(side))) {
                Some(Slot::Both) => vec![Slot::Both],
                Some(_) => vec![own],
                None => vec![Slot::Both, own],
            };
            let symbol = position.symbol.as_str().to_owned();
            slots.into_iter().map(move |slot| LeadPosition {
                symbol: symbol.clone(),
                slot,
                quantity,
                ticket: None,
                stop_loss: None,
                take_profit: None,
            })
        })
        .collect();
    let mut filled: BTreeMap<&str, LeadOrder> = BTreeMap::new();
    for fill in &snapshot.fills {
        let id = fill.id.order.as_str();
        let order = filled.entry(id).or_insert_with(|| LeadOrder {
            order_id: id.to_owned(),
            filled: Decimal::ZERO,
            value: Decimal::ZERO,
            is_over: !snapshot.open_orders.iter().any(|open| open.id == fill.id.order),
        });
        order.filled += fill.quantity;
        order.value += fill.quantity * fill.price;
    }
    // Orders that rest: what is filled of them so far.
    for open in &snapshot.open_orders {
        if open.filled > Decimal::ZERO {
            let value = open.filled * open.average_price.unwrap_or_default();
            let order_id = open.id.as_str().to_owned();
            let order = LeadOrder { order_id, filled: open.filled, value, is_over: false };
            filled.insert(open.id.as_str(), order);
        }
    }
    let filled: Vec<LeadOrder> = filled.into_values().collect();
    let until = DateTime::from_timestamp_millis(snapshot.read_at_ms).unwrap_or_default();
    let uid = listening.connected.uid.as_deref();
    let note = async |tx: &mut Tx| {
        signals::lock_master(tx, login.account_id).await?;
        let known = venue_leads::list_positions(tx, login.account_id).await?;
        if known.iter().any(|position| position.ticket.is_some()) {
            return Ok::<_, StoreError>(false);
        }
        venue_leads::begin(tx, whose(&login), (uid, until), (&held, &filled)).await?;
        Ok(true)
    };
    gateway.db.open(note).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_master_that_trades_without_a_pause_is_read_less_often_and_its_owner_told_once() {
        let mut beginning = Beginning::default();
        assert!(!beginning.is_tried());
        beginning.note_try();
        tokio::time::advance(LONG).await;
        assert!(!beginning.is_to_be_told(), "nothing was filled: something else is wrong");

        beginning.disturbed();
        beginning.note_try();

        assert_eq!([(); 4].map(|()| beginning.is_to_be_told()), [true, false, false, false]);
        let pauses = [(); 5].map(|()| beginning.failed().as_millis());
        assert_eq!(pauses, [3_200, 3_200, 3_200, 6_400, 6_400]);
    }
}
