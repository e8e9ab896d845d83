//! Runs of wins and losses.

use rust_decimal::Decimal;

/// Longest runs. A trade that brought nothing ends both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Streaks {
    wins: u64,
    losses: u64,
    pub(super) longest_wins: u64,
    pub(super) longest_losses: u64,
}

impl Streaks {
    pub(super) fn push(&mut self, pnl: Decimal) {
        self.wins = if pnl > Decimal::ZERO { self.wins.saturating_add(1) } else { 0 };
        self.losses = if pnl < Decimal::ZERO { self.losses.saturating_add(1) } else { 0 };
        self.longest_wins = self.longest_wins.max(self.wins);
        self.longest_losses = self.longest_losses.max(self.losses);
    }
}
