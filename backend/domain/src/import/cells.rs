//! The cells of a row by what they mean.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::id::TradeId;
use crate::import::fills::Fill;
use crate::import::head::Head;
use crate::import::mapping::Field;
use crate::import::value::Reading;
use crate::side::Side;
use crate::trade::csv::{read_fills, restored};
use crate::trade::draft::{Draft, Fault, LARGEST};
use crate::trade::{AssetType, Direction, Execution, OptionType, multiplier};

const fn fault(field: Field, code: &'static str, detail: &'static str) -> Fault {
    Fault { field: field.as_str(), code, detail }
}

/// Price and time of one end of a trade.
type End = (Option<Decimal>, Option<DateTime<Utc>>);

/// Both ends, and what follows from them.
pub(super) struct Legs {
    pub(super) direction: Direction,
    pub(super) option_type: Option<OptionType>,
    pub(super) entry: End,
    pub(super) exit: End,
}

/// The cells of a row by what they mean, and what is wrong with them.
pub(super) struct Cells<'a> {
    pub(super) head: &'a Head,
    pub(super) row: &'a [String],
    pub(super) reading: &'a Reading,
    pub(super) faults: Vec<Fault>,
}

impl<'a> Cells<'a> {
    pub(super) fn text(&self, field: Field) -> Option<&'a str> {
        let cell = self.row.get(self.head.place(field)?)?;
        Some(restored(cell).trim()).filter(|text| !text.is_empty())
    }

    pub(super) fn figure(&mut self, field: Field) -> Option<Decimal> {
        let found = self.reading.figure(self.text(field)?);
        if found.is_none() {
            self.faults.push(fault(field, "invalid", "is not a figure"));
        }
        found
    }

    fn time(&mut self, field: Field) -> Option<DateTime<Utc>> {
        let found = self.reading.time(self.text(field)?);
        if found.is_none() {
            self.faults.push(fault(field, "invalid", "is not a time"));
        }
        found
    }

    pub(super) fn legs(&mut self) -> Legs {
        let bought = (self.figure(Field::BuyPrice), self.time(Field::BoughtAt));
        let sold = (self.figure(Field::SellPrice), self.time(Field::SoldAt));
        let option_type = self.option_type();
        if let (Some(buy_at), Some(sell_at)) = (bought.1, sold.1) {
            let is_long = buy_at <= sell_at;
            let direction = if is_long { Direction::Long } else { Direction::Short };
            let (entry, exit) = if is_long { (bought, sold) } else { (sold, bought) };
            return Legs { direction, option_type, entry, exit };
        }
        let entry = (self.figure(Field::EntryPrice), self.time(Field::EntryAt));
        let exit = (self.figure(Field::ExitPrice), self.time(Field::ExitAt));
        let is_named = self.head.place(Field::Direction).is_some();
        let (direction, named) = if is_named { self.direction() } else { (self.direction_by_size(), None) };
        Legs { direction, option_type: named.or(option_type), entry, exit }
    }

    /// Where no column says it, a size below zero was sold.
    fn direction_by_size(&self) -> Direction {
        let size = self.text(Field::Quantity).and_then(|text| self.reading.figure(text));
        if size.is_some_and(|size| size < Decimal::ZERO) { Direction::Short } else { Direction::Long }
    }

    /// Prices out of what all of it cost and brought.
    pub(super) fn costs(&mut self, draft: &mut Draft) {
        let (cost, proceeds) = (self.figure(Field::Cost), self.figure(Field::Proceeds));
        let units = draft.multiplier.or_else(|| multiplier::default(draft.asset_type, &draft.symbol));
        let size = draft.quantity.zip(units).and_then(|(quantity, units)| quantity.checked_mul(units));
        let price = |all: Option<Decimal>| Some(all?.abs().checked_div(size?)?.round_dp(8));
        draft.entry_price = draft.entry_price.or_else(|| price(cost));
        draft.exit_price = draft.exit_price.or_else(|| price(proceeds));
    }

    pub(super) fn executions(&mut self) -> Vec<Execution> {
        let Some(text) = self.text(Field::Executions) else { return Vec::new() };
        read_fills(text).unwrap_or_else(|| {
            self.faults.push(fault(Field::Executions, "invalid", "are not fills as an export writes them"));
            Vec::new()
        })
    }

    /// The trade of this journal that the row was exported of.
    pub(super) fn exported(&self) -> Option<TradeId> {
        self.text(Field::Id)?.parse().ok()
    }

    /// The fill of an order; `None` for one that was not filled, or with an error.
    pub(super) fn fill(&mut self) -> Option<Fill> {
        let quantity = self.figure(Field::Quantity)?;
        if quantity.is_zero() {
            return None;
        }
        if quantity.abs() > LARGEST {
            self.faults.push(fault(Field::Quantity, "out_of_range", "use at most 1,000,000,000,000"));
            return None;
        }
        let (side, is_short) = match self.text(Field::Side).unwrap_or_default().to_lowercase().as_str() {
            "buy" | "b" | "bought" => (Side::Buy, false),
            "sell" | "s" | "sold" => (Side::Sell, false),
            "short" | "sell short" => (Side::Sell, true),
            _ => {
                self.faults.push(fault(Field::Side, "unknown_value", "use buy, sell or short"));
                return None;
            }
        };
        let (price, at) = (self.figure(Field::FillPrice), self.time(Field::FilledAt));
        let fees = self.figure(Field::Fees).unwrap_or_default().abs();
        for (field, is_there) in [(Field::FillPrice, price.is_some()), (Field::FilledAt, at.is_some())] {
            if !is_there && self.text(field).is_none() {
                self.faults.push(fault(field, "required", "is required"));
            }
        }
        let symbol = self.text(Field::Symbol).unwrap_or_default().to_owned();
        let execution = Execution { side, quantity: quantity.abs(), price: Some(price?), at: at?, fees };
        Some(Fill { symbol, execution, is_short })
    }

    fn direction(&mut self) -> (Direction, Option<OptionType>) {
        match self.text(Field::Direction).unwrap_or_default().to_lowercase().as_str() {
            "long" | "buy" | "b" | "bought" => (Direction::Long, None),
            "short" | "sell" | "s" | "sold" => (Direction::Short, None),
            "call" => (Direction::Long, Some(OptionType::Call)),
            "put" => (Direction::Long, Some(OptionType::Put)),
            _ => {
                let detail = "use LONG, SHORT, buy, sell, CALL or PUT";
                self.faults.push(fault(Field::Direction, "unknown_value", detail));
                (Direction::Long, None)
            }
        }
    }

    pub(super) fn asset_type(&mut self, otherwise: AssetType) -> AssetType {
        let Some(text) = self.text(Field::AssetType) else { return otherwise };
        text.to_lowercase().parse().unwrap_or_else(|_| {
            self.faults.push(fault(Field::AssetType, "unknown_value", "is not a kind of instrument"));
            otherwise
        })
    }

    fn option_type(&mut self) -> Option<OptionType> {
        match self.text(Field::OptionType)?.to_lowercase().as_str() {
            "call" | "c" => Some(OptionType::Call),
            "put" | "p" => Some(OptionType::Put),
            _ => {
                self.faults.push(fault(Field::OptionType, "unknown_value", "use CALL or PUT"));
                None
            }
        }
    }

    pub(super) fn tags(&self) -> Vec<String> {
        let tags = self.text(Field::Tags).unwrap_or_default();
        tags.split(';').map(str::trim).filter(|tag| !tag.is_empty()).map(ToOwned::to_owned).collect()
    }
}
