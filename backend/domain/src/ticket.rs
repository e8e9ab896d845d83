//! Tickets.

use std::fmt;
use std::str::FromStr;

/// Number of a position or order at a MetaTrader terminal: 1 to 2^63 − 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(i64);

/// Why a text or number is not a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a ticket is a whole number from 1 to 9223372036854775807 without leading zeros")]
pub struct TicketError;

impl Ticket {
    /// # Errors
    ///
    /// [`TicketError`] for zero and less.
    pub const fn new(value: i64) -> Result<Self, TicketError> {
        if value > 0 { Ok(Self(value)) } else { Err(TicketError) }
    }

    /// The bare number.
    #[must_use]
    pub const fn value(self) -> i64 {
        self.0
    }
}

impl FromStr for Ticket {
    type Err = TicketError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with(['0', '+']) {
            return Err(TicketError);
        }
        Self::new(text.parse().map_err(|_| TicketError)?)
    }
}

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl serde::Serialize for Ticket {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Ticket {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::smallest("1", 1)]
    #[case::past_the_floats("9007199254740993", 9_007_199_254_740_993)]
    #[case::largest("9223372036854775807", i64::MAX)]
    fn whole_numbers_are_tickets(#[case] text: &str, #[case] number: i64) {
        let ticket: Ticket = text.parse().unwrap();
        assert_eq!((ticket.value(), ticket.to_string().as_str()), (number, text));
    }

    #[rstest]
    #[case::empty("")]
    #[case::zero("0")]
    #[case::negative("-1")]
    #[case::plus("+1")]
    #[case::leading_zero("01")]
    #[case::fraction("1.0")]
    #[case::blank(" 1")]
    #[case::text("abc")]
    #[case::other_digits("\u{661}")]
    #[case::one_too_large("9223372036854775808")]
    fn other_texts_are_no_tickets(#[case] text: &str) {
        assert_eq!(text.parse::<Ticket>(), Err(TicketError));
    }

    proptest! {
        #[test]
        fn a_ticket_survives_its_text(number in 1i64..) {
            let ticket = Ticket::new(number).unwrap();
            prop_assert_eq!(ticket.to_string().parse(), Ok(ticket));
        }
    }
}
