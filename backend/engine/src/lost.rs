//! Copies of which a database knows nothing any more, by the orders that an exchange has under our names.

use std::collections::BTreeMap;

use flotilla_domain::id::CopyId;
use rust_decimal::Decimal;

/// An order under one of our names that works on one position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedOrder {
    /// The copy in its name.
    pub copy: CopyId,
    /// Whether it opens; otherwise it closes.
    pub opens: bool,
    /// Coins.
    pub filled: Decimal,
    /// When it was made, in Unix milliseconds.
    pub made_at_ms: i64,
}

/// What is left of copies of one position, each with coins above zero, the oldest first.
///
/// `there`: coins of the position that nobody else accounts for. More than that is not left of all copies together:
/// something else closed of them, and the newest lost it, as everywhere.
#[must_use]
pub fn left(orders: &[NamedOrder], there: Decimal) -> Vec<(CopyId, Decimal)> {
    let mut copies: BTreeMap<CopyId, (Option<i64>, Decimal)> = BTreeMap::new();
    for order in orders {
        let (opened_at, coins) = copies.entry(order.copy).or_default();
        if order.opens {
            *opened_at = Some(order.made_at_ms);
            *coins += order.filled;
        } else {
            *coins -= order.filled;
        }
    }
    let mut opened: Vec<(i64, CopyId, Decimal)> =
        copies.into_iter().filter_map(|(copy, (at, coins))| Some((at?, copy, coins))).collect();
    opened.sort_unstable_by_key(|(at, copy, _)| (*at, *copy));
    let mut there = there;
    let mut left = Vec::new();
    for (_, copy, coins) in opened {
        let coins = coins.min(there);
        if coins > Decimal::ZERO {
            there -= coins;
            left.push((copy, coins));
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn order(copy: u128, opens: bool, filled: i64, made_at_ms: i64) -> NamedOrder {
        NamedOrder { copy: copy_id(copy), opens, filled: Decimal::from(filled), made_at_ms }
    }

    fn copy_id(copy: u128) -> CopyId {
        CopyId::from_uuid(Uuid::from_u128(copy))
    }

    #[test]
    fn what_was_closed_is_not_left_and_the_newest_lost_what_others_took() {
        let orders = [
            order(1, true, 3, 30),
            order(2, true, 5, 10),
            order(2, false, 4, 20),
            order(3, true, 2, 5),
            order(3, false, 2, 6),
            order(4, false, 9, 1),
        ];
        let left = |there: i64| -> Vec<(CopyId, i64)> {
            let left = left(&orders, Decimal::from(there));
            left.into_iter().map(|(copy, coins)| (copy, coins.try_into().unwrap())).collect()
        };

        assert_eq!(left(9), [(copy_id(2), 1), (copy_id(1), 3)]);
        assert_eq!(left(2), [(copy_id(2), 1), (copy_id(1), 1)]);
        assert_eq!(left(1), [(copy_id(2), 1)]);
        assert_eq!((left(0), left(-1)), (Vec::new(), Vec::new()));
    }
}
