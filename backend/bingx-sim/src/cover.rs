//! Whether an account covers what its positions must keep, and at which price it would not.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::ledger::Ledger;
use crate::market::Market;

/// Two positions of a contract reach no more tiers than this on the way to a price.
const MOST_STEPS: usize = 12;
/// Decimals of a liquidation price.
const DECIMALS: u32 = 8;

/// An account's books beside the mark prices of its host.
#[derive(Debug, Clone, Copy)]
pub struct Cover<'a> {
    ledger: &'a Ledger,
    markets: &'a BTreeMap<String, Market>,
    /// A contract, and a mark price in the place of its own.
    supposed: Option<(&'a str, Decimal)>,
}

impl<'a> Cover<'a> {
    /// At the prices there are.
    pub const fn new(ledger: &'a Ledger, markets: &'a BTreeMap<String, Market>) -> Self {
        Self { ledger, markets, supposed: None }
    }

    fn at(&self, symbol: &'a str, mark: Decimal) -> Self {
        Self { supposed: Some((symbol, mark)), ..*self }
    }

    fn mark(&self, symbol: &str) -> Decimal {
        match self.supposed {
            Some((moved, mark)) if moved == symbol => mark,
            _ => self.markets.get(symbol).map_or(Decimal::ZERO, |market| market.mark),
        }
    }

    fn equity(&self) -> Decimal {
        self.ledger.balance + self.ledger.unrealised(|symbol| self.mark(symbol))
    }

    fn maintenance(&self) -> Decimal {
        let of_each = self.ledger.positions.iter().filter_map(|((symbol, _), position)| {
            let rules = &self.markets.get(symbol)?.rules;
            Some(rules.maintenance(position.quantity * self.mark(symbol)))
        });
        of_each.sum()
    }

    /// Equity beyond maintenance.
    fn spare(&self) -> Decimal {
        self.equity() - self.maintenance()
    }

    /// Whether something must be kept and no more than that is left.
    pub fn is_used_up(&self) -> bool {
        !self.maintenance().is_zero() && self.spare() <= Decimal::ZERO
    }

    /// Maintenance as a fraction of equity; 1 where no equity is left.
    pub fn risk_rate(&self) -> Decimal {
        let equity = self.equity();
        if equity > Decimal::ZERO { self.maintenance() / equity } else { Decimal::ONE }
    }

    /// By how much what is spare grows when a contract's mark price, now `mark`, rises by one.
    fn slope(&self, symbol: &str, mark: Decimal) -> Decimal {
        let Some(market) = self.markets.get(symbol) else { return Decimal::ZERO };
        let held = self.ledger.positions.iter().filter(|((held, _), _)| held == symbol);
        let of_each = held.map(|(_, position)| {
            let gain = if position.is_long { position.quantity } else { -position.quantity };
            gain - position.quantity * market.rules.maintenance_rate(position.quantity * mark)
        });
        of_each.sum()
    }

    /// Mark price of a contract that uses up what is spare while all others stay, in the direction that costs something now.
    /// `None` where no price above zero does.
    pub fn liquidation_price(&self, symbol: &'a str) -> Option<Decimal> {
        let mut price = self.markets.get(symbol)?.mark;
        // What is spare is a straight line within a tier and bends down at each: from beyond the price, no step passes it.
        for _ in 0..MOST_STEPS {
            let spare = self.at(symbol, price).spare();
            price = (price - spare.checked_div(self.slope(symbol, price))?).round_dp(DECIMALS + 4);
        }
        // Never rounded to where something is left.
        let smallest = Decimal::new(1, DECIMALS);
        let (rounding, beyond) = if self.slope(symbol, price) > Decimal::ZERO {
            (RoundingStrategy::ToNegativeInfinity, -smallest)
        } else {
            (RoundingStrategy::ToPositiveInfinity, smallest)
        };
        let rounded = price.round_dp_with_strategy(DECIMALS, rounding);
        let is_left = self.at(symbol, rounded).spare() > Decimal::ZERO;
        let price = if is_left { rounded + beyond } else { rounded };
        (price > Decimal::ZERO).then(|| price.normalize())
    }
}
