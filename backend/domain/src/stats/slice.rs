//! A part of the trades: of one symbol, weekday, hour or day.

use rust_decimal::Decimal;

/// What some trades brought together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Slice {
    /// How many.
    pub trades: u64,
    /// Those above zero.
    pub wins: u64,
    /// Those below zero.
    pub losses: u64,
    /// Sum of results.
    pub pnl: Decimal,
}

impl Slice {
    /// Counts one more trade; `None` when a sum does not fit.
    pub fn push(&mut self, pnl: Decimal) -> Option<()> {
        self.trades = self.trades.checked_add(1)?;
        self.wins += u64::from(pnl > Decimal::ZERO);
        self.losses += u64::from(pnl < Decimal::ZERO);
        self.pnl = self.pnl.checked_add(pnl)?;
        Some(())
    }

    /// Part of the trades that won; `None` without trades. A trade that brought
    /// nothing counts as one that did not win.
    #[must_use]
    pub fn win_rate(&self) -> Option<Decimal> {
        Decimal::from(self.wins).checked_div(Decimal::from(self.trades)).map(|rate| rate.round_dp(6))
    }
}
