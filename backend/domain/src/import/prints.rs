//! What recognises a row in another file.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::import::Mark;
use crate::trade::Trade;

/// Rows so far, as far as others may be alike.
#[derive(Debug, Default)]
pub(super) struct Prints {
    /// Rows without a number at the broker that are alike, and rows of one number.
    seen: HashMap<[u8; 16], u32>,
}

impl Prints {
    /// The same for the same row of any file. Rows without a number at the
    /// broker that are alike are told apart by which of them they are.
    pub(super) fn mark(&mut self, trade: &Trade) -> Mark {
        let text = format!(
            "{}|{}|{}|{}|{:?}|{:?}|{:?}|{:?}|{:?}",
            trade.symbol,
            trade.direction,
            trade.quantity.normalize(),
            trade.entry_at.timestamp_millis(),
            trade.exit_at.map(|at| at.timestamp_millis()),
            trade.entry_price.map(|price| price.normalize()),
            trade.exit_price.map(|price| price.normalize()),
            trade.pnl.map(|pnl| pnl.normalize()),
            trade.external_id,
        );
        let print = digest(&text);
        let (nth, nth_of_number) = match &trade.external_id {
            None => (self.next(print), 0),
            Some(number) => (0, self.next(digest(&format!("{number}|{}", trade.symbol)))),
        };
        let print = format!("{:032x}-{nth}", u128::from_be_bytes(print));
        Mark { print, nth, nth_of_number, exported: None }
    }

    /// How many there were before.
    fn next(&mut self, print: [u8; 16]) -> u32 {
        let count = self.seen.entry(print).or_default();
        let nth = *count;
        *count = count.saturating_add(1);
        nth
    }
}

fn digest(text: &str) -> [u8; 16] {
    let hash: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    let mut print = [0_u8; 16];
    print.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    print
}
