//! What the exchange says of an order, settled.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use flotilla_domain::copy::order::{CopyOrder, CopyState};
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::copy::venue_order::{Leg, VenueOrder, VenueOrderState, held};
use flotilla_domain::id::TradeId;
use flotilla_engine::venue::{self, Answer, Filling, Next};
use flotilla_exchange::bingx::error::ErrorClass;
use flotilla_exchange::bingx::model::{Order, OrderStatus, Placed};
use flotilla_exchange::outcome::{NotSent, Outcome};
use flotilla_store::changes::Change;
use flotilla_store::copy_orders::settle::{CopyChange, settle};
use flotilla_store::pair_closes::PairClose;
use flotilla_store::venue_orders::{self, books, close, exit_wishes, exits};
use flotilla_store::{StoreError, StoreResult, Tx, alerts, copy_orders, journal_projection};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::failpoint::{self, Point};
use crate::gateway::Gateway;
use crate::settle::change;
use crate::{alarms, dispatch, pairs};

/// Seconds until somebody else asks for an order that this task goes on asking for.
const ASKED_ELSEWHERE_IN_S: f64 = 30.0;

/// Microseconds of an order's way.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Took {
    /// From the commit of the claim to the sending.
    pub sent_us: Option<i32>,
    /// From the sending to the answer.
    pub ack_us: Option<i32>,
}

/// An order after an answer.
pub(super) struct Told {
    pub order: VenueOrder,
    pub next: Next,
    /// The database's time.
    pub now: DateTime<Utc>,
}

/// What an answer changed.
#[derive(Default)]
struct Settled {
    changes: Vec<CopyChange>,
    trades: Vec<(Uuid, TradeId)>,
    unhedged: Vec<PairClose>,
    raised: Vec<Change>,
}

/// What the echo of an order says.
pub(super) fn answer(outcome: Outcome<Placed>) -> Answer {
    match outcome {
        // Accepted is not filled, whatever the echo says: it is read.
        Outcome::Accepted(placed) => Answer::Working(Filling {
            order_id: placed.id.as_str().to_owned(),
            filled: Decimal::ZERO,
            average_price: None,
        }),
        Outcome::Refused(error) if passes(error.class) => {
            Answer::NotNow { reason: ReasonCode::Refused, words: error.to_string() }
        }
        Outcome::Refused(error) => Answer::Refused { words: error.to_string() },
        Outcome::NotSent(why) => not_sent(&why),
        Outcome::Unknown(doubt) => Answer::Doubt { words: doubt.to_string() },
    }
}

/// Whether the same order may be taken a little later. Nothing of the kind has acted on it.
const fn passes(class: ErrorClass) -> bool {
    matches!(class, ErrorClass::Rate | ErrorClass::Clock | ErrorClass::PositionMode)
}

fn not_sent(why: &NotSent) -> Answer {
    let words = why.to_string();
    match why {
        NotSent::NoTurn => Answer::NotNow { reason: ReasonCode::Stale, words },
        NotSent::Stopped | NotSent::NoConnection(_) | NotSent::NoTime | NotSent::NoLease => {
            Answer::NotNow { reason: ReasonCode::Offline, words }
        }
        NotSent::Order(_) => Answer::NotSent { reason: ReasonCode::Limit, words },
    }
}

/// What an order says that was read.
pub(super) fn read(order: Option<&Order>) -> Answer {
    let Some(order) = order else { return Answer::Absent };
    let filling = Filling {
        order_id: order.id.as_str().to_owned(),
        filled: order.filled,
        average_price: order.average_price,
    };
    match order.status.is_over() {
        // How far is not shown yet: that nothing came of an order is believed only where that is said.
        Some(true) if order.status == OrderStatus::Filled && order.filled <= Decimal::ZERO => {
            Answer::Working(filling)
        }
        Some(true) => Answer::Over(filling),
        Some(false) | None => Answer::Working(filling),
    }
}

/// Settles an answer about an order: order, copy, trade and alerts in one commit. Hearing it twice changes nothing.
pub(super) async fn hear(
    gateway: &Arc<Gateway>,
    order: &VenueOrder,
    answer: &Answer,
    took: Took,
) -> StoreResult<Told> {
    // In a task of its own, so that a transaction is never left half-way.
    let (task, order, answer) = (Arc::clone(gateway), order.clone(), answer.clone());
    let heard = tokio::spawn(async move {
        let heard = task.db.open(async |tx| heard_in(tx, &order, &answer, took).await).await?;
        failpoint::pass(Point::VenueSettled);
        Ok::<_, StoreError>(heard)
    });
    let (told, settled) = heard.await.map_err(|_| StoreError::NotFound("outcome of an answer")).flatten()?;
    tell(gateway, &settled);
    if settled.changes.iter().any(leaves_more) {
        super::wake_closes(gateway);
    }
    let has_moved = told.order.leg == Leg::Close || !settled.changes.is_empty();
    if let Some(venues) = gateway.venues.as_ref().filter(|_| has_moved) {
        // Stops and targets follow what is held.
        venues.desk.wake_exits();
    }
    Ok(told)
}

async fn heard_in(
    tx: &mut Tx,
    order: &VenueOrder,
    answer: &Answer,
    took: Took,
) -> StoreResult<(Told, Settled)> {
    let copies = copy_orders::lock_ids(tx, &[order.copy_id.uuid()]).await?;
    let copy = copies.into_iter().next().ok_or(StoreError::NotFound("copy"))?;
    let before = venue_orders::lock(tx, &order.client_id).await?;
    let is_wanted = is_wanted(&copy.order, before.leg, copy.order.expires_at > copy.now);
    let old = Answer::Doubt { words: "an answer to an earlier sending".to_owned() };
    // What did not come of one sending says nothing of the next, which somebody else made meanwhile.
    let answer = if before.sendings == order.sendings || is_evidence(answer) { answer } else { &old };
    let (after, next) = venue::heard(&before, answer, copy.now, is_wanted);
    let ask_in = (!after.state.is_over()).then_some(ASKED_ELSEWHERE_IN_S);
    venue_orders::save(tx, &after, ask_in).await?;
    let orders = venue_orders::list_of(tx, &[copy.order.id]).await?;
    let edge = match after.leg {
        Leg::Open => venue::opened(&copy.order, &after, held(&orders), answer),
        Leg::Close if after.state != before.state => venue::closed(&copy.order, &after, held(&orders)),
        Leg::Close | Leg::External => None,
    };
    let mut settled = Settled::default();
    if let Some(edge) = edge {
        let mut change = change(&copy.order, edge);
        (change.sent_us, change.ack_us) = (took.sent_us, took.ack_us);
        settled = write(tx, vec![change]).await?;
    }
    let has_moved = after.filled != before.filled || after.state != before.state;
    if has_moved && after.filled > Decimal::ZERO {
        books::write_results(tx, &[copy.order.id]).await?;
    }
    if after.leg == Leg::Close && after.state == VenueOrderState::Filled && has_moved {
        close::hasten(tx, copy.order.id).await?;
    }
    failpoint::pass(Point::VenueSettling);
    Ok((Told { order: after, next, now: copy.now }, settled))
}

/// Whether more is held of a copy than is wanted: that is to be closed.
fn leaves_more(change: &CopyChange) -> bool {
    let held = change.open_lots.unwrap_or(change.copy.open_lots);
    matches!(change.to, CopyState::Open | CopyState::Closing) && held > change.copy.desired_lots
}

const fn is_evidence(answer: &Answer) -> bool {
    matches!(answer, Answer::Working(_) | Answer::Over(_))
}

fn is_wanted(copy: &CopyOrder, leg: Leg, is_fresh: bool) -> bool {
    let is_flat = copy.desired_lots.is_zero();
    match leg {
        Leg::Open => {
            !is_flat && is_fresh && matches!(copy.state, CopyState::Claimed | CopyState::Unconfirmed)
        }
        Leg::Close if is_flat => matches!(copy.state, CopyState::Open | CopyState::Closing),
        Leg::Close => copy.state == CopyState::Open && copy.open_lots > copy.desired_lots,
        Leg::External => false,
    }
}

/// Writes edges of locked copies with all that hangs on them.
async fn write(tx: &mut Tx, changes: Vec<CopyChange>) -> StoreResult<Settled> {
    settle(tx, &changes).await?;
    let held = changes.iter().filter(|change| matches!(change.to, CopyState::Open | CopyState::Closed));
    let held: Vec<Uuid> = held.map(|change| change.copy.id.uuid()).collect();
    exits::want(tx, &held).await?;
    // What was changed while it was on its way.
    let opened = changes.iter().filter(|change| change.opens());
    let opened: Vec<Uuid> = opened.map(|change| change.copy.id.uuid()).collect();
    exit_wishes::follow(tx, &opened).await?;
    let raised = alerts::raise_all(tx, &alarms::of_changes(&changes)).await?;
    let mut unhedged = pairs::owe_refused(tx, &changes).await?;
    unhedged.extend(pairs::owe_lost(tx, &changes).await?);
    let touched: Vec<Uuid> = changes.iter().map(|change| change.copy.id.uuid()).collect();
    let trades = journal_projection::list_ids(tx, &touched).await?;
    Ok(Settled { changes, trades, unhedged, raised })
}

fn tell(gateway: &Gateway, settled: &Settled) {
    for change in &settled.changes {
        tracing::info!(copy.id = %change.copy.id, state = %change.to, cause = change.cause, "copy at an exchange moved");
    }
    dispatch::tell_changes(gateway, &settled.changes, &settled.trades);
    pairs::send(gateway, &settled.unhedged);
    alarms::tell(gateway, &settled.raised);
    // What a copy leaves behind is seen to at once; that what came with an entry stands, a little later.
    let has_closed = settled.changes.iter().any(|change| change.to == CopyState::Closed);
    if let Some(venues) = gateway.venues.as_ref().filter(|_| has_closed) {
        venues.desk.wake_exits();
    }
}

/// Settles the answer to an order that was written in the transaction of the caller, in the same.
pub(super) async fn fill(tx: &mut Tx, order: &VenueOrder, answer: &Answer) -> StoreResult<Written> {
    let (_, settled) = heard_in(tx, order, answer, Took::default()).await?;
    Ok(Written(settled))
}

/// Settles edges that no order of ours made, in the transaction of the caller.
pub(super) struct Written(Settled);

/// Writes edges of locked copies; [`Written::tell`] is called after the commit.
pub(super) async fn write_changes(tx: &mut Tx, changes: Vec<CopyChange>) -> StoreResult<Written> {
    write(tx, changes).await.map(Written)
}

impl Written {
    pub fn tell(&self, gateway: &Gateway) {
        tell(gateway, &self.0);
    }
}

#[cfg(test)]
mod tests {
    use flotilla_exchange::bingx::id::{OrderId, Symbol};
    use flotilla_exchange::bingx::model::{PositionSide, TradeSide};

    use super::*;

    #[test]
    fn an_order_that_is_filled_is_over_once_it_says_how_far_and_a_cancelled_one_at_once() {
        let order = |status, filled: i64| Order {
            id: OrderId::new("1").unwrap(),
            client_id: None,
            symbol: Symbol::new("BTC-USDT").unwrap(),
            side: Some(TradeSide::Buy),
            position_side: Some(PositionSide::Long),
            kind: "MARKET".into(),
            status,
            quantity: Some(Decimal::ONE),
            filled: Decimal::from(filled),
            average_price: None,
            price: None,
            stop_price: None,
            created_at_ms: None,
            updated_at_ms: None,
            triggered_by: None,
        };
        let is_over = |status, filled| matches!(read(Some(&order(status, filled))), Answer::Over(_));

        assert!(is_over(OrderStatus::Filled, 1));
        assert!(!is_over(OrderStatus::Filled, 0), "nothing may have come of it, or its coins show later");
        assert!(is_over(OrderStatus::Cancelled, 0));
        assert!(!is_over(OrderStatus::Pending, 0));
    }
}
