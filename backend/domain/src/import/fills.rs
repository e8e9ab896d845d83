//! Fills of a file, cut into positions.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::id::TradeId;
use crate::import::Target;
use crate::side::Side;
use crate::trade::draft::{Draft, Fault};
use crate::trade::{AssetType, Direction, Execution, TradeSource};

/// Fills that are held at most: they come in any order, so all are needed.
const MOST_FILLS: usize = 200_000;

/// A fill of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fill {
    pub(super) symbol: String,
    pub(super) execution: Execution,
    /// It sells what need not have been bought.
    pub(super) is_short: bool,
}

/// Fills by instrument.
#[derive(Debug, Default)]
pub(super) struct Book {
    count: usize,
    fills: BTreeMap<String, Vec<Listed>>,
    last_at: Option<DateTime<Utc>>,
    /// How many rows are later than the one before them, less how many are earlier.
    rise: i64,
}

/// A fill where it stands in the file.
#[derive(Debug)]
struct Listed {
    row: u64,
    execution: Execution,
    is_short: bool,
}

/// A row that is of no position, and why.
pub(super) type Unfounded = (u64, Fault);

/// Fills from flat to flat, or to what is still open.
#[derive(Debug)]
pub(super) struct Position {
    /// Of the first fill.
    pub(super) row: u64,
    symbol: String,
    direction: Direction,
    executions: Vec<Execution>,
}

impl Book {
    pub(super) fn take(&mut self, fill: Fill, row: u64) -> Result<(), Fault> {
        if self.count >= MOST_FILLS {
            let detail = "use at most 200,000 fills a file";
            return Err(Fault { field: "executions", code: "too_many", detail });
        }
        self.count = self.count.saturating_add(1);
        let Fill { symbol, execution, is_short } = fill;
        let step = self.last_at.map_or(Ordering::Equal, |last| execution.at.cmp(&last));
        self.rise = match step {
            Ordering::Less => self.rise.saturating_sub(1),
            Ordering::Equal => self.rise,
            Ordering::Greater => self.rise.saturating_add(1),
        };
        self.last_at = Some(execution.at);
        self.fills.entry(symbol).or_default().push(Listed { row, execution, is_short });
        Ok(())
    }

    /// By instrument, oldest first. Where the file has the newest first, so it has
    /// those of one second.
    pub(super) fn positions(self) -> Vec<Result<Position, Unfounded>> {
        let is_newest_first = self.rise < 0;
        let mut all = Vec::new();
        for (symbol, mut fills) in self.fills {
            if is_newest_first {
                fills.reverse();
            }
            fills.sort_by_key(|fill| fill.execution.at);
            let mut cutter = Cutter { symbol, open: Decimal::ZERO, current: None, done: Vec::new() };
            for fill in fills {
                cutter.push(fill);
            }
            all.extend(cutter.done);
            all.extend(cutter.current.map(Ok));
        }
        all
    }
}

struct Cutter {
    symbol: String,
    /// Bought less sold.
    open: Decimal,
    current: Option<Position>,
    done: Vec<Result<Position, Unfounded>>,
}

impl Cutter {
    /// A fill that turns the position round ends it and begins another. What is
    /// sold while nothing is held was bought before the file begins, unless it was
    /// sold short: of which trade it is the end nobody knows.
    fn push(&mut self, listed: Listed) {
        let Listed { row, execution: fill, is_short } = listed;
        let sign = if fill.side == Side::Buy { Decimal::ONE } else { Decimal::NEGATIVE_ONE };
        let left = self.open.abs();
        let turns = self.current.is_some() && self.open * sign < Decimal::ZERO && fill.quantity > left;
        if turns {
            let closing = Execution { quantity: left, fees: Decimal::ZERO, ..fill.clone() };
            let opening = Execution { quantity: fill.quantity - left, ..fill };
            self.push(Listed { row, execution: closing, is_short });
            self.push(Listed { row, execution: opening, is_short });
            return;
        }
        if self.current.is_none() && fill.side == Side::Sell && !is_short {
            let detail = "sells more than was bought: the purchase is not in the file";
            self.done.push(Err((row, Fault { field: "side", code: "too_much", detail })));
            return;
        }
        let direction = if fill.side == Side::Buy { Direction::Long } else { Direction::Short };
        self.open += sign * fill.quantity;
        let symbol = &self.symbol;
        let begin = || Position { row, symbol: symbol.clone(), direction, executions: Vec::new() };
        self.current.get_or_insert_with(begin).executions.push(fill);
        if self.open.is_zero() {
            self.done.extend(self.current.take().map(Ok));
        }
    }
}

impl Position {
    pub(super) fn draft(self, target: &Target, (id, asset_type): (TradeId, AssetType)) -> Draft {
        Draft {
            id,
            owner_id: target.owner_id,
            account_id: target.account_id,
            source: TradeSource::Import,
            symbol: self.symbol,
            direction: self.direction,
            asset_type,
            option_type: None,
            quantity: None,
            multiplier: None,
            entry_price: None,
            exit_price: None,
            entry_at: None,
            exit_at: None,
            stop_loss: None,
            take_profit: None,
            fees: None,
            swap: None,
            broker_pnl: None,
            mae: None,
            mfe: None,
            external_id: None,
            tags: Vec::new(),
            notes: None,
            executions: self.executions,
        }
    }
}
