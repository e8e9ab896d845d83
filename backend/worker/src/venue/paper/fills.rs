//! Fills on paper: each with its claim and all that follows from it in one commit.

use std::sync::Arc;

use flotilla_domain::copy::coins::{ContractRules, DEFAULT_DEVIATION, Fit, Unfit, Wish, fitted};
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::copy::venue_order::{Leg, VenueOrder};
use flotilla_domain::id::CopyId;
use flotilla_domain::side::Side;
use flotilla_domain::trade::Direction;
use flotilla_engine::paper::{self, Quote, SLIPPAGE, Said};
use flotilla_engine::venue::{Answer, Filling, taken_of};
use flotilla_engine::{Cause, Transition};
use flotilla_store::paper::{Feed, PaperHolding, get_feed, is_current};
use flotilla_store::venue_orders::books::{self, Holding};
use flotilla_store::venue_orders::close::lock_due;
use flotilla_store::venue_orders::open::{Wanted, claim, lock_wanted};
use flotilla_store::{StoreResult, Tx, venue_orders};
use rust_decimal::Decimal;
use sha2::{Digest as _, Sha256};

use super::{Served, lock};
use crate::failpoint::{self, Point};
use crate::gateway::Gateway;
use crate::settle::change;
use crate::venue::close::{Seen, claim_due};
use crate::venue::currency::counts_in;
use crate::venue::hearing::{Written, fill, write_changes};
use crate::venue::open::{order as opening, units};

/// Instruments of brokers: their steps and minimums are not known, and not needed on paper.
const ANY: ContractRules = ContractRules {
    quantity_decimals: 8,
    price_decimals: 10,
    min_quantity: Decimal::ZERO,
    min_notional: Decimal::ZERO,
};

/// Fills a planned copy, or says why not.
pub(super) async fn open(gateway: Arc<Gateway>, served: Arc<Served>, copy: CopyId) {
    let done = gateway.db.open(async |tx| open_in(tx, &gateway, &served, copy).await).await;
    tell(&gateway, &served, copy, done);
}

/// Closes what a copy holds beyond what is wanted.
pub(super) async fn close(gateway: Arc<Gateway>, served: Arc<Served>, copy: CopyId) {
    let done = gateway.db.open(async |tx| close_in(tx, &gateway, &served, copy).await).await;
    tell(&gateway, &served, copy, done);
}

/// Ends what a copy holds at its stop or target.
pub(super) async fn exit(gateway: &Gateway, served: &Served, (held, price): (&PaperHolding, Decimal)) {
    let done = gateway.db.open(async |tx| exit_in(tx, served, held, price).await).await;
    tell(gateway, served, held.copy_id, done);
}

fn tell(gateway: &Gateway, served: &Served, copy: CopyId, done: StoreResult<Option<Written>>) {
    match done {
        Ok(Some(written)) => {
            *lock(&served.realised) = None;
            failpoint::pass(Point::VenueSettled);
            written.tell(gateway);
        }
        Ok(None) => {}
        Err(error) => {
            tracing::error!(%error, copy.id = %copy, "a copy could not be filled on paper; it is tried again");
        }
    }
}

async fn open_in(
    tx: &mut Tx,
    gateway: &Gateway,
    served: &Served,
    copy: CopyId,
) -> StoreResult<Option<Written>> {
    let Some(wanted) = lock_wanted(tx, (gateway.node, served.epoch), copy).await? else { return Ok(None) };
    let feed = get_feed(tx, copy, false).await?;
    let units = units(tx, gateway, &wanted).await?.filter(|_| counts(&wanted, served));
    let buys = wanted.copy.order.side == Side::Buy;
    let seen = price(&feed, buys);
    match judged(&wanted, &feed, (units, seen)) {
        Ok(fit) => {
            let symbol = wanted.copy.order.symbol.as_str().to_owned();
            let order = opening(&wanted, served.epoch, symbol, fit);
            claim(tx, &order).await?;
            failpoint::pass(Point::VenueClaiming);
            filled(tx, served, &order, seen, feed.fee_rate).await.map(Some)
        }
        Err(unfit) => {
            let copy = &wanted.copy.order;
            let edge =
                Transition::new(copy, flotilla_domain::copy::order::CopyState::Skipped, Cause::Expired);
            let edge = edge.because(unfit.reason);
            let edge = if unfit.words.is_empty() { edge } else { edge.in_words(unfit.words) };
            write_changes(tx, vec![change(copy, edge)]).await.map(Some)
        }
    }
}

/// Whether what it brings is in the account's currency: by the instrument's name, or because the owner said what a lot
/// of it is.
fn counts(wanted: &Wanted, served: &Served) -> bool {
    let symbol = wanted.master_symbol.to_ascii_uppercase();
    wanted.entered_units.contains_key(&symbol) || counts_in(&wanted.master_symbol, &served.account.currency)
}

fn price(feed: &Feed, buys: bool) -> Option<Decimal> {
    let quote = feed.quote.map(|(bid, ask, at)| Quote { bid, ask, at });
    paper::seen(buys, quote, feed.said.map(|(price, at)| Said { price, at }))
}

fn judged(
    wanted: &Wanted,
    feed: &Feed,
    (units, seen): (Option<Decimal>, Option<Decimal>),
) -> Result<Fit, Unfit> {
    if !wanted.is_trading_enabled {
        return Err(Unfit { reason: ReasonCode::TradingOff, words: String::new() });
    }
    if let Some(halt) = &wanted.halt {
        return Err(halt.clone());
    }
    // Brokers' prices are the master's own; an exchange judges by its last one.
    let usual = if feed.rules.is_some() { DEFAULT_DEVIATION } else { Decimal::ONE };
    let wish = Wish {
        lots: wanted.copy.order.desired_lots,
        units,
        side: wanted.copy.order.side,
        master_price: wanted.master_price,
        last_price: seen,
        max_deviation: wanted.max_deviation.unwrap_or(usual),
        stop_loss: wanted.stop_loss,
        take_profit: wanted.take_profit,
        room: None,
    };
    let fit = fitted(&wish, &feed.rules.unwrap_or(ANY));
    fit.map_err(|unfit| match unfit.reason {
        ReasonCode::UnitsUnknown => Unfit { words: wanted.master_symbol.clone(), ..unfit },
        _ => unfit,
    })
}

/// Fills an order that was just written, and settles it.
///
/// `seen`: the price there is; without one it is filled all the same, and its result stays unknown.
async fn filled(
    tx: &mut Tx,
    served: &Served,
    order: &VenueOrder,
    seen: Option<Decimal>,
    fee_rate: Option<Decimal>,
) -> StoreResult<Written> {
    let buys = (order.direction == Direction::Long) == (order.leg == Leg::Open);
    let slippage = served.account.slippage.unwrap_or(SLIPPAGE);
    let average_price = seen.map(|price| paper::filled(price, buys, slippage));
    let filling = Filling { order_id: number(&order.client_id), filled: order.quantity, average_price };
    let written = fill(tx, order, &Answer::Over(filling)).await?;
    charge(tx, served, (order, average_price), fee_rate).await?;
    books::write_results(tx, &[order.copy_id]).await?;
    Ok(written)
}

/// Takes the fee of what an order filled at `price`.
async fn charge(
    tx: &mut Tx,
    served: &Served,
    (order, price): (&VenueOrder, Option<Decimal>),
    fee_rate: Option<Decimal>,
) -> StoreResult<()> {
    let value = price.and_then(|price| price.checked_mul(order.quantity)).unwrap_or_default();
    let fee = value.checked_mul(fee_rate.unwrap_or_default()).unwrap_or_default().round_dp(8);
    books::save_fee(tx, &order.client_id, (fee, &served.account.currency), None).await
}

/// A number that stands for the order, as an exchange would give one.
fn number(client_id: &str) -> String {
    let hash = Sha256::digest(client_id.as_bytes());
    let number = hash.iter().take(7).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    number.max(1).to_string()
}

async fn close_in(
    tx: &mut Tx,
    gateway: &Gateway,
    served: &Served,
    copy: CopyId,
) -> StoreResult<Option<Written>> {
    let Some((holdings, at)) = held(tx, served, copy).await? else { return Ok(None) };
    let Some(holding) = holdings.get(at) else { return Ok(None) };
    let Some(due) = lock_due(tx, (gateway.node, served.epoch), copy).await? else { return Ok(None) };
    let feed = get_feed(tx, copy, true).await?;
    let buys = holding.opening().is_some_and(|opening| opening.direction == Direction::Short);
    let seen = price(&feed, buys);
    let by = Seen { real: None, rules: feed.rules.unwrap_or(ANY), price: seen };
    let claimed = claim_due(tx, (&due, served.epoch), (&holdings, holding), &by).await?;
    failpoint::pass(Point::VenueCloseClaiming);
    let Some(order) = claimed else { return Ok(None) };
    filled(tx, served, &order, seen, feed.fee_rate).await.map(Some)
}

/// What the position of a copy is made of, locked, and which of it is the copy's.
async fn held(tx: &mut Tx, served: &Served, copy: CopyId) -> StoreResult<Option<(Vec<Holding>, usize)>> {
    let orders = venue_orders::list_of(tx, &[copy]).await?;
    let Some(opening) = orders.iter().find(|order| order.leg == Leg::Open) else { return Ok(None) };
    let position = (opening.symbol.as_str(), opening.direction);
    let holdings = books::lock_holdings(tx, served.account.login.account_id, position).await?;
    let at = holdings.iter().position(|holding| holding.copy.order.id == copy);
    Ok(at.map(|at| (holdings, at)))
}

async fn exit_in(
    tx: &mut Tx,
    served: &Served,
    one: &PaperHolding,
    price: Decimal,
) -> StoreResult<Option<Written>> {
    if !is_current(tx, one.account_id, served.epoch).await? {
        return Ok(None);
    }
    let Some((holdings, at)) = held(tx, served, one.copy_id).await? else { return Ok(None) };
    let Some(holding) = holdings.get(at) else { return Ok(None) };
    let quantity = holding.held();
    if quantity <= Decimal::ZERO {
        return Ok(None);
    }
    let slippage = served.account.slippage.unwrap_or(SLIPPAGE);
    let price = paper::filled(price, one.direction == Direction::Short, slippage);
    let Some(external) = books::take(tx, holding, quantity, Some(price)).await? else { return Ok(None) };
    let feed = get_feed(tx, one.copy_id, true).await?;
    charge(tx, served, (&external, Some(price)), feed.fee_rate).await?;
    let copy = &holding.copy.order;
    let Some(edge) = taken_of(copy, Decimal::ZERO, external.units) else { return Ok(None) };
    let written = write_changes(tx, vec![change(copy, edge)]).await?;
    books::write_results(tx, &[copy.id]).await?;
    Ok(Some(written))
}
