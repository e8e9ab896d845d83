//! Fills of a file, cut into positions.

use std::collections::BTreeMap;

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
}

/// Fills by instrument, each with its row.
#[derive(Debug, Default)]
pub(super) struct Book {
    count: usize,
    fills: BTreeMap<String, Vec<(Execution, u64)>>,
}

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
        self.fills.entry(fill.symbol).or_default().push((fill.execution, row));
        Ok(())
    }

    /// By instrument, oldest first.
    pub(super) fn positions(self) -> Vec<Position> {
        let mut all = Vec::new();
        for (symbol, mut fills) in self.fills {
            fills.sort_by_key(|(fill, _)| fill.at);
            let mut cutter = Cutter { symbol, open: Decimal::ZERO, current: None, done: Vec::new() };
            for (fill, row) in fills {
                cutter.push(fill, row);
            }
            all.extend(cutter.done);
            all.extend(cutter.current);
        }
        all
    }
}

struct Cutter {
    symbol: String,
    /// Bought less sold.
    open: Decimal,
    current: Option<Position>,
    done: Vec<Position>,
}

impl Cutter {
    /// A fill that turns the position round ends it and begins another.
    fn push(&mut self, fill: Execution, row: u64) {
        let sign = if fill.side == Side::Buy { Decimal::ONE } else { Decimal::NEGATIVE_ONE };
        let left = self.open.abs();
        let turns = self.current.is_some() && self.open * sign < Decimal::ZERO && fill.quantity > left;
        if turns {
            let closing = Execution { quantity: left, fees: Decimal::ZERO, ..fill.clone() };
            let opening = Execution { quantity: fill.quantity - left, ..fill };
            self.push(closing, row);
            self.push(opening, row);
            return;
        }
        let direction = if fill.side == Side::Buy { Direction::Long } else { Direction::Short };
        self.open += sign * fill.quantity;
        let symbol = &self.symbol;
        let begin = || Position { row, symbol: symbol.clone(), direction, executions: Vec::new() };
        self.current.get_or_insert_with(begin).executions.push(fill);
        if self.open.is_zero() {
            self.done.extend(self.current.take());
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
