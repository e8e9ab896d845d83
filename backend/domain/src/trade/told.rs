//! Trades of which something is not known, as machines report them.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::trade::draft::{Draft, Fault};
use crate::trade::{PnlSource, Trade, TradeStatus, fills};

impl Draft {
    /// As [`Draft::finish`], but a price or a result that is not told stays unknown.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn finish_as_told(mut self, currency: &str) -> Result<Trade, Vec<Fault>> {
        if !self.has_gaps() {
            return self.finish(currency);
        }
        self.tidy();
        let mut faults = self.faults();
        let required = |field| Fault { field, code: "required", detail: "is required" };
        let quantity = self.quantity.ok_or(required("quantity"));
        let entry_at = self.entry_at.ok_or(required("entry_at")).and_then(|at| self.dated(at).map(|()| at));
        if self.entry_at.zip(self.exit_at).is_some_and(|(entry, exit)| exit < entry) {
            let detail = "must not be before the entry";
            faults.push(Fault { field: "exit_at", code: "before_entry", detail });
        }
        match (quantity, entry_at) {
            (Ok(quantity), Ok(entry_at)) if faults.is_empty() => Ok(self.kept(quantity, entry_at)),
            (quantity, entry_at) => {
                faults.extend(quantity.err().into_iter().chain(entry_at.err()));
                Err(faults)
            }
        }
    }

    /// Whether it lacks what a trade of a person has.
    fn has_gaps(&self) -> bool {
        let is_over = self.exit_at.is_some();
        let has_result = self.broker_pnl.is_some();
        let is_priced = if self.executions.is_empty() {
            self.entry_price.is_some() && self.exit_price.is_some() == is_over
        } else {
            let position = fills::position(self.direction, &self.executions);
            position.is_ok_and(|position| position.exit_at.is_some() == is_over)
        };
        !is_priced || has_result != is_over
    }

    /// As it is told.
    pub(super) fn kept(self, quantity: Decimal, entry_at: DateTime<Utc>) -> Trade {
        let status = if self.exit_at.is_some() { TradeStatus::Closed } else { TradeStatus::Open };
        Trade {
            id: self.id,
            owner_id: self.owner_id,
            account_id: self.account_id,
            source: self.source,
            symbol: self.symbol,
            direction: self.direction,
            asset_type: self.asset_type,
            option_type: self.option_type,
            quantity,
            multiplier: self.multiplier,
            entry_price: self.entry_price,
            exit_price: self.exit_price,
            entry_at,
            exit_at: self.exit_at,
            stop_loss: self.stop_loss,
            take_profit: self.take_profit,
            fees: self.fees.unwrap_or_default(),
            swap: self.swap.unwrap_or_default(),
            pnl: self.broker_pnl,
            pnl_source: self.broker_pnl.map(|_| PnlSource::Broker),
            mae: self.mae,
            mfe: self.mfe,
            status,
            external_id: self.external_id,
            copy_id: None,
            tags: self.tags,
            notes: self.notes,
            executions: self.executions,
        }
    }
}
