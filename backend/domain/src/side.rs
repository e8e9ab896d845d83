//! Sides.

use crate::text_enum::text_enum;

text_enum! {
    /// Side of an order or position. The texts are those of the EA line protocol.
    Side, "side" {
        /// Profits from rising prices.
        Buy = "BUY",
        /// Profits from falling prices.
        Sell = "SELL",
    }
}
