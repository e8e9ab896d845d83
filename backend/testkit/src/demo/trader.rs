//! The person in front of a demo master's terminal.

use flotilla_domain::side::Side;
use rand::RngExt;
use rand::rngs::StdRng;
use rust_decimal::Decimal;

use crate::broker::{Broker, Position};

/// Most positions a trader holds at once.
const MOST_OPEN: usize = 4;
/// Chance in percent that a second brings an order.
const CHANCE_TO_OPEN: u32 = 20;
const CHANCE_TO_CLOSE: u32 = 15;
/// Chance in percent that he trades with the trend: just enough to earn his spreads.
const CHANCE_TO_BE_RIGHT: u32 = 55;

/// Opens, closes or waits, once a second. The EAs of his charts see what he does.
#[derive(Debug)]
pub struct Trader {
    broker: Broker,
    dice: StdRng,
    charts: &'static [&'static str],
}

impl Trader {
    /// One who trades the symbols of `charts` at `broker`.
    #[must_use]
    pub const fn new(broker: Broker, charts: &'static [&'static str], dice: StdRng) -> Self {
        Self { broker, dice, charts }
    }

    /// What he does in a second. He begins with an order, so that there is something to see at once.
    pub fn pass_second(&mut self) {
        let open = self.broker.positions();
        let is_flat = open.is_empty();
        if open.len() < MOST_OPEN && (is_flat || self.dice.random_range(0..100) < CHANCE_TO_OPEN) {
            self.enter();
            return;
        }
        let is_leaving = open.len() > 1 && self.dice.random_range(0..100) < CHANCE_TO_CLOSE;
        if let Some(&oldest) = open.keys().next().filter(|_| is_leaving) {
            self.broker.close(oldest);
        }
    }

    fn enter(&mut self) {
        let chart = self.charts.get(self.dice.random_range(0..self.charts.len()));
        let Some(symbol) = chart.copied() else { return };
        let market = self.broker.market();
        let is_with_trend = self.dice.random_range(0..100) < CHANCE_TO_BE_RIGHT;
        let side = if market.is_rising(symbol) == is_with_trend { Side::Buy } else { Side::Sell };
        let price = market.entry(symbol, side);
        let reach = (price * Decimal::new(5, 3)).round_dp(price.scale());
        let (stop, target) =
            if side == Side::Buy { (price - reach, price + reach) } else { (price + reach, price - reach) };
        let lots = Decimal::new(self.dice.random_range(5..=20), 2);
        let position = Position::by_hand(symbol, side, lots);
        self.broker.open(Position { stops: (Some(stop), Some(target)), ..position });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::CHARTS;
    use crate::market::{Market, dice};

    #[test]
    fn a_day_of_trading_neither_ruins_the_account_nor_makes_a_fortune() {
        for seed in [1, 7] {
            let broker = Broker::at(Market::open(), 0);
            let mut trader = Trader::new(broker.clone(), CHARTS, dice(seed));
            for _ in 0..86_400 {
                broker.market().step(&mut trader.dice);
                trader.pass_second();
            }
            let (balance, _) = broker.balance_and_equity();
            assert!(
                (Decimal::from(7_000)..Decimal::from(15_000)).contains(&balance),
                "{balance} from seed {seed}"
            );
        }
    }
}
