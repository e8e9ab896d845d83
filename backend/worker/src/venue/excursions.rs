//! Computes how far trades at exchanges ran for and against their trader, from the exchange's candles.
//!
//! A while after they were closed, one after the other and behind everything else: nothing waits for it. Of other trades
//! no series of prices is kept (of a terminal's charts the last price only), so theirs stay as their owner tells them.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::trade::Execution;
use flotilla_domain::trade::excursion::{Excursion, Range, covers, excursion};
use flotilla_exchange::bingx::client::Turn;
use flotilla_exchange::bingx::id::Symbol;
use flotilla_exchange::bingx::quotes::{Candle, Interval, MOST_CANDLES, Stretch, finished};
use flotilla_exchange::limits::Priority;
use flotilla_exchange::outcome::ReadError;
use flotilla_store::changes::ChangeKind;
use flotilla_store::excursions::{self, Due};
use flotilla_store::{StoreError, StoreResult};
use rust_decimal::Decimal;
use tokio::time::MissedTickBehavior;

use super::Venues;
use crate::gateway::Gateway;

/// Trades that are taken up at one look. Each asks the exchange once, or as often as any read is repeated.
const AT_ONCE: i64 = 20;
/// How long candles wait for their turn.
const TURN: Duration = Duration::from_secs(30);

/// Why a trade has no figures yet.
#[derive(Debug, thiserror::Error)]
enum LookError {
    #[error("the exchange: {0}")]
    Exchange(#[from] ReadError),
    #[error("the database: {0}")]
    Store(#[from] StoreError),
    #[error("not all of its fills are known")]
    Fills,
    #[error("candles are missing")]
    Gap,
}

/// Computes until the worker drains.
pub(crate) async fn run(gateway: Arc<Gateway>) {
    let Some(venues) = &gateway.venues else { return };
    let mut ticks = tokio::time::interval(venues.config.timing.excursions);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = gateway.draining.cancelled() => return,
            _ = ticks.tick() => {}
        }
        tokio::select! {
            () = gateway.draining.cancelled() => return,
            looked = look(&gateway, venues) => report(looked),
        }
    }
}

fn report(looked: StoreResult<()>) {
    if let Err(error) = looked {
        tracing::warn!(%error, "trades whose furthest results are due cannot be read; it is tried again");
    }
}

async fn look(gateway: &Gateway, venues: &Venues) -> StoreResult<()> {
    let due = gateway.db.open(async |tx| excursions::take_due(tx, AT_ONCE).await).await?;
    for one in due {
        if let Err(error) = measure(gateway, venues, &one).await {
            tracing::debug!(%error, trade.id = %one.id, "the furthest results of a trade are not known yet");
        }
    }
    Ok(())
}

async fn measure(gateway: &Gateway, venues: &Venues, due: &Due) -> Result<(), LookError> {
    let fills = gateway.db.open(async |tx| excursions::list_fills(tx, due).await).await?;
    let fills = fills.ok_or(LookError::Fills)?;
    let Some(found) = read(venues, due, &fills).await? else {
        gateway.db.open(async |tx| excursions::give_up(tx, due).await).await?;
        return Ok(());
    };
    if gateway.db.open(async |tx| excursions::save(tx, due, found).await).await? {
        gateway.hint(ChangeKind::Trade, due.owner_id, due.account_id, due.id.uuid());
    }
    Ok(())
}

/// `None` where no candles can say it: the trade was too short, or too long for one answer, or is of no contract.
async fn read(venues: &Venues, due: &Due, fills: &[Execution]) -> Result<Option<Excursion>, LookError> {
    let (Some(first), Some(last)) = (fills.first(), fills.last()) else { return Err(LookError::Fills) };
    let (begin, end) = (first.at, last.at);
    let (Some(interval), Ok(symbol)) = (interval(end - begin), Symbol::listed(&due.symbol)) else {
        return Ok(None);
    };
    if !has_room(interval, begin, end) {
        return Ok(None);
    }
    let end_ms = end.timestamp_millis();
    let from_ms = begin.timestamp_millis() - interval.ms();
    let wanted = Stretch { symbol: &symbol, interval, from_ms, until_ms: end_ms };
    let turn = Turn::within(Priority::History, TURN);
    let candles = venues.bingx.candles(due.environment.into(), venues.market_egress(), wanted, turn).await?;
    // Those that ended before the exit are final, whatever the time is.
    let candles = finished(candles, interval.ms(), end_ms).map_err(|_| LookError::Gap)?;
    let ranges: Vec<Range> = candles.iter().filter_map(|candle| range(candle, interval)).collect();
    if !covers(&ranges, begin, end) {
        return Err(LookError::Gap);
    }
    Ok(excursion(fills, &ranges))
}

/// The shortest candles that one answer has enough of. `None` for a trade that is shorter than any, or longer than all.
fn interval(held: TimeDelta) -> Option<Interval> {
    let held = held.num_milliseconds();
    if held < Interval::Minute.ms() {
        return None;
    }
    // One before the entry, those that the entry and the exit are in, and one to spare.
    Interval::ALL.into_iter().find(|interval| held / interval.ms() + 4 <= MOST_CANDLES)
}

/// Whether a whole candle, which begins with a multiple of its length as short ones do, lies between.
fn has_room(interval: Interval, begin: DateTime<Utc>, end: DateTime<Utc>) -> bool {
    let (begin, end) = (begin.timestamp_millis(), end.timestamp_millis());
    let next = begin - begin.rem_euclid(interval.ms()) + interval.ms();
    next + interval.ms() <= end
}

/// `None` for one without prices: a suspended contract shows zero.
fn range(candle: &Candle, interval: Interval) -> Option<Range> {
    let range = Range {
        from: DateTime::from_timestamp_millis(candle.time)?,
        until: DateTime::from_timestamp_millis(candle.time.checked_add(interval.ms())?)?,
        low: candle.low,
        high: candle.high,
    };
    (range.low > Decimal::ZERO && range.low <= range.high).then_some(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candles_are_as_short_as_one_answer_allows() {
        let of = |minutes| interval(TimeDelta::minutes(minutes));

        assert_eq!((of(0), of(1), of(1_436)), (None, Some(Interval::Minute), Some(Interval::Minute)));
        assert_eq!((of(1_440), of(5 * 1_436)), (Some(Interval::FiveMinutes), Some(Interval::FiveMinutes)));
        assert_eq!((of(10_000), of(60 * 1_400)), (Some(Interval::Quarter), Some(Interval::Hour)));
        assert_eq!(of(60 * 1_440), None, "longer than all candles of an answer");
    }

    #[test]
    fn a_candle_without_prices_is_none() {
        let candle = |low: i64, high: i64| Candle {
            time: 0,
            open: Decimal::ONE,
            high: high.into(),
            low: low.into(),
            close: Decimal::ONE,
        };
        let is_range = |low, high| range(&candle(low, high), Interval::Minute).is_some();

        assert_eq!((is_range(1, 2), is_range(0, 2), is_range(3, 2)), (true, false, false));
    }
}
