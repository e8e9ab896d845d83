//! How large a master's trades usually are.

use rust_decimal::Decimal;

use crate::lots::Lots;

/// With fewer earlier entries nobody can tell what is usual.
const FEWEST_ENTRIES: usize = 10;
/// Entries that are looked at.
pub const ENTRIES: i64 = 50;
/// So many times the largest of them is unusual.
const TIMES: Decimal = Decimal::from_parts(5, 0, 0, false, 0);

/// The largest of a master's earlier entries, if `lots` is far above it: a slip
/// of the hand, a faulty or a malicious master. It is worth an alert and no
/// more; what limits a follower's risk is its own cap.
///
/// * `earlier`: sizes of the entries before, in any order.
/// * Source: security test N47.
#[must_use]
pub fn far_above(lots: Lots, earlier: &[Decimal]) -> Option<Decimal> {
    let largest = earlier.iter().max().filter(|_| earlier.len() >= FEWEST_ENTRIES)?;
    let most = largest.checked_mul(TIMES)?;
    (lots.value() > most).then_some(*largest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n47_far_above_is_more_than_five_times_the_largest() {
        let lots = |text: &str| text.parse::<Lots>().unwrap();
        let mut earlier = vec![Decimal::new(1, 2); 9];
        assert_eq!(far_above(lots("10"), &earlier), None, "nine entries are no history");

        earlier.push(Decimal::new(20, 2));

        assert_eq!(far_above(lots("1.00"), &earlier), None);
        assert_eq!(far_above(lots("1.01"), &earlier), Some(Decimal::new(20, 2)));
    }
}
