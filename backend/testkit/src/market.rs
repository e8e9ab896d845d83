//! Prices that move.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use flotilla_domain::side::Side;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rust_decimal::Decimal;

/// Instruments of the simulated market.
pub const SYMBOLS: [&str; 4] = ["XAUUSD", "EURUSD", "BTCUSD", "JP225"];

/// A simulated market. Clones share the same prices.
///
/// The default one is empty: every price is 1 and never moves.
#[derive(Debug, Clone, Default)]
pub struct Market {
    quotes: Arc<Mutex<BTreeMap<&'static str, Quote>>>,
}

#[derive(Debug, Clone, Copy)]
struct Quote {
    bid: Decimal,
    spread: Decimal,
    contract_size: Decimal,
    is_rising: bool,
}

/// Largest move in a second without the trend, in millionths.
const NOISE: i64 = 200;
/// What the trend adds to every move, in millionths.
const TREND: i64 = 10;
/// Chance in percent that a second turns a trend.
const CHANCE_TO_TURN: u32 = 2;

impl Market {
    /// A market with [`SYMBOLS`].
    #[must_use]
    pub fn open() -> Self {
        let quote = |bid: (i64, u32), spread: i64, contract_size: i64| Quote {
            bid: Decimal::new(bid.0, bid.1),
            spread: Decimal::new(spread, bid.1),
            contract_size: Decimal::from(contract_size),
            is_rising: true,
        };
        let quotes = BTreeMap::from([
            ("XAUUSD", quote((203_050, 2), 2, 100)),
            ("EURUSD", quote((108_500, 5), 1, 100_000)),
            ("BTCUSD", quote((6_800_000, 2), 100, 1)),
            ("JP225", quote((38_000, 0), 5, 1)),
        ]);
        Self { quotes: Arc::new(Mutex::new(quotes)) }
    }

    /// Lets a second pass: every price moves by about 0.02 % at most, a little more often with its trend than against it.
    pub fn step(&self, dice: &mut StdRng) {
        for quote in self.quotes.lock().unwrap_or_else(PoisonError::into_inner).values_mut() {
            if dice.random_range(0..100) < CHANCE_TO_TURN {
                quote.is_rising = !quote.is_rising;
            }
            let trend = if quote.is_rising { TREND } else { -TREND };
            let change = quote.bid * Decimal::new(dice.random_range(-NOISE..=NOISE) + trend, 6);
            quote.bid = (quote.bid + change).round_dp(quote.bid.scale());
        }
    }

    /// Whether the trend is up; more than a real market would tell.
    #[must_use]
    pub fn is_rising(&self, symbol: &str) -> bool {
        self.find(symbol).is_some_and(|quote| quote.is_rising)
    }

    /// Bid and ask.
    #[must_use]
    pub fn quote(&self, symbol: &str) -> (Decimal, Decimal) {
        self.find(symbol).map_or((Decimal::ONE, Decimal::ONE), |quote| (quote.bid, quote.bid + quote.spread))
    }

    /// What an entry costs.
    #[must_use]
    pub fn entry(&self, symbol: &str, side: Side) -> Decimal {
        let (bid, ask) = self.quote(symbol);
        if side == Side::Buy { ask } else { bid }
    }

    /// What an exit brings.
    #[must_use]
    pub fn exit(&self, symbol: &str, side: Side) -> Decimal {
        let (bid, ask) = self.quote(symbol);
        if side == Side::Buy { bid } else { ask }
    }

    /// Units in one lot.
    #[must_use]
    pub fn contract_size(&self, symbol: &str) -> Decimal {
        self.find(symbol).map_or(Decimal::ONE, |quote| quote.contract_size)
    }

    /// Decimals of its price.
    #[must_use]
    pub fn digits(&self, symbol: &str) -> u32 {
        self.quote(symbol).0.scale()
    }

    fn find(&self, symbol: &str) -> Option<Quote> {
        self.quotes.lock().unwrap_or_else(PoisonError::into_inner).get(symbol).copied()
    }
}

/// Dice that fall the same way for the same seed.
#[must_use]
pub fn dice(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}
