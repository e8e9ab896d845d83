//! The open positions that one connection lists.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use chrono::DateTime;
use flotilla_domain::risk::amount::is_bounded;
use flotilla_domain::risk::observation::Position;
use flotilla_domain::risk::weight;
use flotilla_domain::side::Side;
use flotilla_domain::symbol::Symbol;
use flotilla_protocol::v7::{PositionReport, SymbolReport};
use rust_decimal::Decimal;
use tokio::time::Instant;

/// A list is sent every minute and with each change: an older one says nothing of now.
const FRESH: Duration = Duration::from_secs(150);
/// More than any account has.
const MAX_LISTED: usize = 1_000;
const MAX_SYMBOLS: usize = 1_000;
/// Decimals of what is computed here.
const SCALE: u32 = 8;

/// What a connection has said of its account's positions.
#[derive(Debug, Default)]
pub(crate) struct Positions {
    /// The list that is being sent.
    coming: Option<Vec<PositionReport>>,
    /// The last one that was complete, if the terminal saw its broker.
    complete: Option<(Vec<PositionReport>, Instant)>,
    /// How many orders waited beside that one, if the terminal tells.
    pending: Option<u32>,
    /// What one lot gains when the price gains one, in the account's currency.
    worth: HashMap<Symbol, Decimal>,
}

impl Positions {
    /// A list begins.
    pub fn begin(&mut self, is_connected: bool) {
        self.coming = is_connected.then(Vec::new);
        if !is_connected {
            self.complete = None;
        }
    }

    /// One position of the list.
    pub fn add(&mut self, position: PositionReport) {
        if let Some(coming) = self.coming.as_mut().filter(|coming| coming.len() <= MAX_LISTED) {
            coming.push(position);
        }
    }

    /// The list ends. One that lacks a line, or has one twice, says nothing.
    pub fn end(&mut self, (count, pending): (usize, Option<u32>), now: Instant) {
        self.pending = pending;
        let is_whole = |listed: &Vec<PositionReport>| {
            let distinct: BTreeSet<_> = listed.iter().map(|position| position.ticket).collect();
            listed.len() == count && distinct.len() == count && count <= MAX_LISTED
        };
        self.complete = self.coming.take().filter(is_whole).map(|listed| (listed, now));
    }

    /// What an instrument is worth.
    pub fn learn(&mut self, report: SymbolReport) {
        let worth = report.tick_value.checked_div(report.tick_size);
        if let Some(worth) =
            worth.filter(|_| self.worth.len() < MAX_SYMBOLS || self.worth.contains_key(&report.symbol))
        {
            self.worth.insert(report.symbol, worth);
        }
    }

    /// The open positions as the risk engine reads them; `None` when they are not known.
    pub fn known(&self, now: Instant) -> Option<Vec<Position>> {
        let (listed, at) = self.complete.as_ref()?;
        if now.saturating_duration_since(*at) > FRESH {
            return None;
        }
        listed.iter().map(|position| self.read(position)).collect()
    }

    /// How many orders wait; `None` when that is not known.
    pub fn pending(&self, now: Instant) -> Option<u32> {
        let (_, at) = self.complete.as_ref()?;
        self.pending.filter(|_| now.saturating_duration_since(*at) <= FRESH)
    }

    /// `None`: it has a stop, and what that costs cannot be told. Without one it would pass for a position without a
    /// stop, and might break a rule that it keeps.
    fn read(&self, report: &PositionReport) -> Option<Position> {
        let worth = self.worth.get(&report.symbol);
        let lots = report.lots.value();
        let money = |distance: Decimal| {
            let money = distance.checked_mul(lots)?.checked_mul(*worth?)?.round_dp(SCALE);
            is_bounded(money).then_some(money)
        };
        let entry = report.open_price.value();
        let is_buy = report.side == Side::Buy;
        let risk = match report.stop_loss {
            Some(stop) => {
                let distance = if is_buy { entry - stop.value() } else { stop.value() - entry };
                Some(money(distance.max(Decimal::ZERO))?)
            }
            None => None,
        };
        Some(Position {
            symbol: report.symbol.as_str().to_owned(),
            lots: if is_buy { lots } else { -lots },
            weight: weight::of_symbol(report.symbol.as_str()),
            notional: money(entry),
            risk,
            opened_at: DateTime::from_timestamp_millis(report.opened_at_ms),
            bare_for_s: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use flotilla_protocol::v7::{ClientLine, decode};

    use super::*;

    fn position(ticket: u32, rest: &str) -> PositionReport {
        let line = format!("POSITION|{ticket}|{rest}|-12.50|-0.35|123456|-|1790000000000");
        match decode(line.as_bytes()).unwrap() {
            ClientLine::Position(position) => position,
            other => panic!("{other:?}"),
        }
    }

    fn gold() -> SymbolReport {
        match decode(b"SYMBOL|XAUUSD|100.00|2|0.01|1.00|0.01|0.01|50.00|USD").unwrap() {
            ClientLine::Symbol(report) => report,
            other => panic!("{other:?}"),
        }
    }

    fn listed(positions: &mut Positions, listed: &[PositionReport], count: usize, now: Instant) {
        positions.begin(true);
        for position in listed {
            positions.add(position.clone());
        }
        positions.end((count, Some(2)), now);
    }

    #[tokio::test]
    async fn what_a_stop_costs_is_computed_from_what_a_tick_is_worth() {
        let (mut positions, now) = (Positions::default(), Instant::now());
        positions.learn(gold());
        let buy = position(1, "XAUUSD|BUY|0.10|2030.50|2020.00|0.00");
        let safe = position(2, "XAUUSD|SELL|0.20|2030.50|2030.00|0.00");
        let bare = position(3, "EURUSD|SELL|1.00|1.08500|0.00000|0.00000");

        listed(&mut positions, &[buy, safe, bare], 3, now);

        let known = positions.known(now).unwrap();
        let risks: Vec<_> =
            known.iter().map(|one| one.risk.map(|risk| risk.normalize().to_string())).collect();
        assert_eq!(risks, [Some("105".to_owned()), Some("0".to_owned()), None]);
        assert_eq!(known[1].lots, "-0.20".parse().unwrap());
        assert_eq!(known[0].notional.unwrap().normalize().to_string(), "20305");
    }

    #[tokio::test]
    async fn a_list_that_is_not_whole_says_nothing() {
        let (mut positions, now) = (Positions::default(), Instant::now());
        let one = position(1, "EURUSD|BUY|0.10|1.08500|0|0");
        let other = position(2, "EURUSD|BUY|0.10|1.08500|0|0");
        for (list, count) in [(vec![one.clone()], 2), (vec![one.clone(), one.clone()], 2), (vec![], 1)] {
            listed(&mut positions, &[one.clone(), other.clone()], 2, now);
            assert_eq!(positions.known(now).map(|known| known.len()), Some(2));

            listed(&mut positions, &list, count, now);

            assert_eq!(positions.known(now), None);
        }
        positions.add(one);
        positions.end((1, Some(2)), now);
        assert_eq!(positions.known(now), None, "a list without a beginning");
        assert_eq!(positions.pending(now), None);
    }

    #[tokio::test]
    async fn a_terminal_without_its_broker_and_an_old_list_say_nothing() {
        let (mut positions, now) = (Positions::default(), Instant::now());
        listed(&mut positions, &[], 0, now);
        let late = now + FRESH + Duration::from_millis(1);
        assert_eq!(
            (positions.known(now + FRESH), positions.pending(now + FRESH)),
            (Some(Vec::new()), Some(2))
        );
        assert_eq!((positions.known(late), positions.pending(late)), (None, None));
        positions.begin(true);
        positions.end((0, None), now);
        assert_eq!(positions.pending(now), None, "a terminal that does not tell");

        positions.begin(false);

        assert_eq!(positions.known(now), None);
    }

    #[tokio::test]
    async fn a_stop_that_cannot_be_valued_is_not_no_stop() {
        let (mut positions, now) = (Positions::default(), Instant::now());
        listed(&mut positions, &[position(1, "XAUUSD|BUY|0.10|2030.50|2020.00|0")], 1, now);

        assert_eq!(positions.known(now), None);
    }
}
