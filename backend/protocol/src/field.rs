//! Reading the fields of one line.

use std::str::FromStr;

use flotilla_domain::lots::Lots;
use flotilla_domain::number::plain_decimal;
use flotilla_domain::price::Price;
use flotilla_domain::risk::amount::is_bounded;
use flotilla_domain::risk::phase::is_currency;
use rust_decimal::Decimal;

use crate::error::DecodeError;

/// Decimals of a price that any terminal shows, and more.
const MAX_DIGITS: u32 = 20;
/// From 2000 to 2100.
const MOMENTS_MS: std::ops::Range<i64> = 946_684_800_000..4_102_444_800_000;

/// The fields after a verb, and the verb for the error.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    pub verb: &'static str,
    pub text: &'a str,
}

impl<'a> Fields<'a> {
    /// Exactly `N` fields.
    pub fn split<const N: usize>(self) -> Result<[&'a str; N], DecodeError> {
        let parts: Vec<_> = self.text.split('|').map(str::trim).collect();
        let found = parts.len();
        parts.try_into().map_err(|_| DecodeError::FieldCount { verb: self.verb, expected: N, found })
    }

    /// `N` fields and whatever follows; later versions append fields.
    pub fn split_at_least<const N: usize>(self) -> Result<[&'a str; N], DecodeError> {
        let parts: Vec<_> = self.text.split('|').map(str::trim).collect();
        let found = parts.len();
        parts.first_chunk::<N>().copied().ok_or(DecodeError::FieldCount {
            verb: self.verb,
            expected: N,
            found,
        })
    }

    /// A first field and the rest of the line, bars included.
    pub fn first_and_rest(self) -> Result<(&'a str, &'a str), DecodeError> {
        let wrong = DecodeError::FieldCount { verb: self.verb, expected: 2, found: 1 };
        self.text.split_once('|').map(|(first, rest)| (first.trim(), rest.trim())).ok_or(wrong)
    }

    pub fn read<T: FromStr>(self, field: &'static str, text: &str) -> Result<T, DecodeError> {
        text.parse().map_err(|_| self.bad(field))
    }

    /// A number of digits only; `parse` alone would take a plus.
    pub fn whole<T: FromStr>(self, field: &'static str, text: &str) -> Result<T, DecodeError> {
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            self.read(field, text)
        } else {
            Err(self.bad(field))
        }
    }

    pub fn decimal(self, field: &'static str, text: &str) -> Result<Decimal, DecodeError> {
        plain_decimal(text).map_err(|_| self.bad(field))
    }

    /// A number above zero.
    pub fn positive(self, field: &'static str, text: &str) -> Result<Decimal, DecodeError> {
        let number = self.decimal(field, text)?;
        if number > Decimal::ZERO { Ok(number) } else { Err(self.bad(field)) }
    }

    /// An amount of money or a size that the risk engine can calculate with.
    pub fn amount(self, field: &'static str, text: &str) -> Result<Decimal, DecodeError> {
        let number = self.decimal(field, text)?;
        if is_bounded(number) { Ok(number) } else { Err(self.bad(field)) }
    }

    /// How many decimals a price has.
    pub fn digits(self, text: &str) -> Result<u32, DecodeError> {
        let digits = self.whole("digits", text)?;
        if digits <= MAX_DIGITS { Ok(digits) } else { Err(self.bad("digits")) }
    }

    /// A moment of this century, in milliseconds since 1970.
    pub fn moment(self, field: &'static str, text: &str) -> Result<i64, DecodeError> {
        let at_ms = self.whole(field, text)?;
        if MOMENTS_MS.contains(&at_ms) { Ok(at_ms) } else { Err(self.bad(field)) }
    }

    /// 2 to 10 capital letters or digits.
    pub fn currency(self, field: &'static str, text: &str) -> Result<String, DecodeError> {
        if is_currency(text) { Ok(text.to_owned()) } else { Err(self.bad(field)) }
    }

    /// A price where zero stands for none.
    pub fn optional_price(self, field: &'static str, text: &str) -> Result<Option<Price>, DecodeError> {
        match self.decimal(field, text)? {
            value if value.is_zero() => Ok(None),
            value => Price::new(value).map(Some).map_err(|_| self.bad(field)),
        }
    }

    /// A size where zero stands for one that has more decimals than the EA writes.
    pub fn optional_lots(self, field: &'static str, text: &str) -> Result<Option<Lots>, DecodeError> {
        match self.decimal(field, text)? {
            value if value.is_zero() => Ok(None),
            value => Lots::new(value).map(Some).map_err(|_| self.bad(field)),
        }
    }

    pub const fn bad(self, field: &'static str) -> DecodeError {
        DecodeError::Field { verb: self.verb, field }
    }
}
