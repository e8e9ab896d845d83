//! What a link may show to strangers.

use crate::text_enum::text_enum;

text_enum! {
    /// One part of what a link shows.
    ShareSection, "part of a share" {
        /// Figures of closed trades.
        Statistics = "statistics",
        /// Equity after each closed trade.
        Curve = "curve",
        /// The closed trades themselves.
        Trades = "trades",
        /// What is open.
        Positions = "positions",
    }
}
