//! One contract's market: its rules, its book, its prices and candles. Moved by script or by chance.

use std::collections::VecDeque;

use rust_decimal::Decimal;

use crate::chance::Chance;

const MINUTE_MS: i64 = 60_000;
const MOST_CANDLES: usize = 1_440;

/// What holds for positions of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tier {
    /// Values up to this, from that of the tier before.
    pub up_to: Decimal,
    /// Highest leverage.
    pub max_leverage: i64,
    /// Maintenance margin, as a fraction of the value.
    pub maintenance: Decimal,
    /// What is taken off that, so that it does not leap from one tier to the next.
    pub amount: Decimal,
}

/// Rules of a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Name.
    pub symbol: String,
    /// Decimals of a quantity.
    pub quantity_decimals: u32,
    /// Decimals of a price.
    pub price_decimals: u32,
    /// Smallest quantity.
    pub min_quantity: Decimal,
    /// Smallest value.
    pub min_notional: Decimal,
    /// Largest quantity.
    pub max_quantity: Decimal,
    /// Positions of small values first.
    pub tiers: Vec<Tier>,
    /// Taker fee, as a fraction.
    pub taker: Decimal,
    /// Maker fee, as a fraction.
    pub maker: Decimal,
}

impl Rules {
    /// Highest leverage, which a small position may have.
    pub fn max_leverage(&self) -> i64 {
        self.tiers.iter().map(|tier| tier.max_leverage).max().unwrap_or(1)
    }

    /// Largest value of a position at this leverage.
    pub fn max_value(&self, leverage: i64) -> Decimal {
        let allow = self.tiers.iter().filter(|tier| tier.max_leverage >= leverage);
        allow.map(|tier| tier.up_to).max().unwrap_or_default()
    }

    fn tier(&self, value: Decimal) -> Option<&Tier> {
        self.tiers.iter().find(|tier| value <= tier.up_to).or(self.tiers.last())
    }

    /// Margin that a position of this value must keep.
    pub fn maintenance(&self, value: Decimal) -> Decimal {
        self.tier(value).map_or(Decimal::ZERO, |tier| value * tier.maintenance - tier.amount)
    }

    /// By how much that margin grows with the value, as a fraction of it.
    pub fn maintenance_rate(&self, value: Decimal) -> Decimal {
        self.tier(value).map_or(Decimal::ZERO, |tier| tier.maintenance)
    }
}

/// Tiers of every contract. The first two values are those that were published for one; the rest is our choice.
fn tiers() -> Vec<Tier> {
    let (mut tiers, mut before, mut amount) = (Vec::new(), Decimal::ZERO, Decimal::ZERO);
    let mut last = Decimal::ZERO;
    for (up_to, max_leverage, permille) in [
        (150_000, 125, 4),
        (900_000, 100, 5),
        (5_000_000, 50, 10),
        (20_000_000, 20, 25),
        (100_000_000, 10, 50),
    ] {
        let maintenance = Decimal::new(permille, 3);
        amount += before * (maintenance - last);
        tiers.push(Tier { up_to: Decimal::from(up_to), max_leverage, maintenance, amount });
        (before, last) = (Decimal::from(up_to), maintenance);
    }
    tiers
}

/// A level of the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// Price.
    pub price: Decimal,
    /// Coins.
    pub quantity: Decimal,
}

/// A candle of a minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candle {
    /// Began, Unix milliseconds.
    pub time: i64,
    /// First.
    pub open: Decimal,
    /// Highest.
    pub high: Decimal,
    /// Lowest.
    pub low: Decimal,
    /// Last.
    pub close: Decimal,
    /// Coins.
    pub volume: Decimal,
}

/// A trade that anybody can see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// When, Unix milliseconds.
    pub time: i64,
    /// Price.
    pub price: Decimal,
    /// Coins.
    pub quantity: Decimal,
    /// The buyer's order rested.
    pub buyer_is_maker: bool,
}

/// One contract's market on one host.
#[derive(Debug, Clone)]
pub struct Market {
    /// Its rules.
    pub rules: Rules,
    /// 1 is tradable.
    pub status: i64,
    /// Whether the API may open.
    pub api_open: bool,
    /// Whether the API may close.
    pub api_close: bool,
    /// Price of the last trade; zero while suspended.
    pub last: Decimal,
    /// Mark price.
    pub mark: Decimal,
    /// Best first.
    pub bids: Vec<Level>,
    /// Best first.
    pub asks: Vec<Level>,
    /// Coins on each level of a book that nobody wrote.
    pub depth: Decimal,
    /// Oldest first.
    pub candles: VecDeque<Candle>,
    /// Oldest first.
    pub ticks: VecDeque<Tick>,
    /// Grows by one with each change of the book.
    pub book_version: u64,
}

impl Market {
    /// A market at this price, with candles of the last hours.
    pub fn new(rules: Rules, price: Decimal, now_ms: i64) -> Self {
        let mut market = Self {
            rules,
            status: 1,
            api_open: true,
            api_close: true,
            last: price,
            mark: price,
            bids: Vec::new(),
            asks: Vec::new(),
            depth: Decimal::from(100_000),
            candles: VecDeque::new(),
            ticks: VecDeque::new(),
            book_version: 1,
        };
        let minute = now_ms - now_ms.rem_euclid(MINUTE_MS);
        for back in (1..=300).rev() {
            let wave = Decimal::from(back % 7 - 3) * market.tick_size() * Decimal::from(10);
            market.candle_at(minute - back * MINUTE_MS, price + wave);
        }
        market.move_to(price, now_ms);
        market
    }

    /// Smallest step of a price.
    pub fn tick_size(&self) -> Decimal {
        Decimal::new(1, self.rules.price_decimals)
    }

    /// Moves last, mark and book to this price.
    pub fn move_to(&mut self, price: Decimal, now_ms: i64) {
        self.last = price;
        self.mark = price;
        self.rebuild();
        self.candle_at(now_ms - now_ms.rem_euclid(MINUTE_MS), price);
        self.tick(price, Decimal::ONE, false, now_ms);
    }

    /// A book of five levels on each side around the last price.
    pub fn rebuild(&mut self) {
        let step = self.tick_size();
        let level =
            |offset: i64| Level { price: self.last + step * Decimal::from(offset), quantity: self.depth };
        self.bids = (1..=5).map(|index| level(-index)).collect();
        self.asks = (1..=5).map(level).collect();
        self.book_version += 1;
    }

    /// One step of a random walk: up to four steps of the price either way, and back towards `home` when far away.
    pub fn walk(&mut self, chance: &mut Chance, home: Decimal, now_ms: i64) {
        let steps = i64::try_from(chance.below(9)).unwrap_or(0) - 4;
        let far = self.last * Decimal::from(20) > home * Decimal::from(21);
        let low = self.last * Decimal::from(20) < home * Decimal::from(19);
        let steps = if far {
            -steps.abs()
        } else if low {
            steps.abs()
        } else {
            steps
        };
        let price = self.last + self.tick_size() * Decimal::from(steps * 5);
        if price > self.tick_size() * Decimal::from(10) {
            self.move_to(price, now_ms);
        }
    }

    /// Takes from the book what an order at this limit (or at any price) can get. Returns price and quantity of each part.
    pub fn take(&mut self, buys: bool, wanted: Decimal, limit: Option<Decimal>, now_ms: i64) -> Vec<Level> {
        let side = if buys { &mut self.asks } else { &mut self.bids };
        let mut left = wanted;
        let mut taken = Vec::new();
        for level in side.iter_mut() {
            let fits =
                limit.is_none_or(|limit| if buys { level.price <= limit } else { level.price >= limit });
            if left <= Decimal::ZERO || !fits {
                break;
            }
            let quantity = level.quantity.min(left);
            if quantity > Decimal::ZERO {
                taken.push(Level { price: level.price, quantity });
                level.quantity -= quantity;
                left -= quantity;
            }
        }
        side.retain(|level| level.quantity > Decimal::ZERO);
        if let Some(last) = taken.last().copied() {
            self.book_version += 1;
            self.tick(last.price, wanted - left, !buys, now_ms);
        }
        taken
    }

    /// What could be taken at this limit.
    pub fn available(&self, buys: bool, limit: Option<Decimal>) -> Decimal {
        let side = if buys { &self.asks } else { &self.bids };
        side.iter()
            .filter(|level| {
                limit.is_none_or(|limit| if buys { level.price <= limit } else { level.price >= limit })
            })
            .map(|level| level.quantity)
            .sum()
    }

    fn tick(&mut self, price: Decimal, quantity: Decimal, buyer_is_maker: bool, now_ms: i64) {
        self.ticks.push_back(Tick { time: now_ms, price, quantity, buyer_is_maker });
        if self.ticks.len() > 1_000 {
            self.ticks.pop_front();
        }
    }

    fn candle_at(&mut self, time: i64, price: Decimal) {
        // No candle is left out, however long nothing moved.
        while let Some(last) = self.candles.back().filter(|last| last.time + MINUTE_MS < time) {
            let (next, close) = (last.time + MINUTE_MS, last.close);
            if time - next > MINUTE_MS * 1_500 {
                self.candles.clear();
                break;
            }
            self.push_candle(next, close);
        }
        match self.candles.back_mut() {
            Some(last) if last.time == time => {
                last.high = last.high.max(price);
                last.low = last.low.min(price);
                last.close = price;
                last.volume += Decimal::ONE;
            }
            _ => self.push_candle(time, price),
        }
    }

    fn push_candle(&mut self, time: i64, price: Decimal) {
        let volume = Decimal::ONE;
        self.candles.push_back(Candle { time, open: price, high: price, low: price, close: price, volume });
        if self.candles.len() > MOST_CANDLES {
            self.candles.pop_front();
        }
    }

    /// Brings the candles up to now, so that the running one is there.
    pub fn catch_up(&mut self, now_ms: i64) {
        let minute = now_ms - now_ms.rem_euclid(MINUTE_MS);
        if self.candles.back().is_none_or(|last| last.time < minute) {
            self.candle_at(minute, self.last);
        }
    }
}

/// The contracts that every host begins with. The demo host lists fewer.
pub fn contracts(demo: bool) -> Vec<(Rules, Decimal)> {
    let rules = |symbol: &str, quantity_decimals, price_decimals, min: (i64, u32)| Rules {
        symbol: symbol.to_owned(),
        quantity_decimals,
        price_decimals,
        min_quantity: Decimal::new(min.0, min.1),
        min_notional: Decimal::from(2),
        max_quantity: Decimal::from(1_000_000),
        tiers: tiers(),
        taker: Decimal::new(5, 4),
        maker: Decimal::new(2, 4),
    };
    let mut all = vec![
        (rules("BTC-USDT", 4, 1, (1, 4)), Decimal::from(109_000)),
        (rules("ETH-USDT", 2, 2, (1, 2)), Decimal::from(3_900)),
        (rules("LTC-USDT", 2, 2, (1, 1)), Decimal::from(95)),
        (rules("XAUT-USDT", 3, 2, (1, 3)), Decimal::from(4_050)),
    ];
    if !demo {
        all.push((rules("SOL-USDT", 2, 3, (1, 2)), Decimal::from(185)));
        all.push((rules("OTHR#99961-USDT", 0, 6, (10, 0)), Decimal::new(1_234, 4)));
    }
    all
}
