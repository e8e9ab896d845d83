//! The first look at a master at an exchange.
//!
//! Its questions are answered one after another: what is filled meanwhile may be among its positions and not among its
//! fills, or the other way round. So it counts only where nothing was.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::DateTime;
use flotilla_domain::venue_trades::Slot;
use flotilla_exchange::bingx::model::Direction;
use flotilla_exchange::bingx::stream::Snapshot;
use flotilla_store::venue_accounts::whose;
use flotilla_store::venue_leads::{self, LeadOrder, LeadPosition};
use flotilla_store::{StoreError, StoreResult, Tx, signals};
use rust_decimal::Decimal;

use crate::gateway::Gateway;
use crate::venue::history::slot;
use crate::venue::stream::Listening;

/// For so long nothing must be heard after a first look: what was filled during it is told right after it.
pub(super) const CALM: Duration = Duration::from_millis(500);
/// For so long nothing must have been filled before it: positions lag behind, and times of fills are cut to seconds.
const CALM_BEFORE_MS: i64 = 3_000;

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
