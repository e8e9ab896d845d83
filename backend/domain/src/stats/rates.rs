//! Money of one currency told in another, by dated rates.
//!
//! * A rate holds from its day until the day of the next one.
//! * A rate from euros to dollars tells dollars in euros as well, as its inverse; of two for one day the one
//!   that was given in the direction asked for counts.
//! * No rate is made of two others: dollars to euros to yen is nobody's rate.
//! * An amount is rounded once, to the even neighbour: to twelve decimals, or to as many as it had itself. What
//!   is added up afterwards is exact, so that parts have the sum of the whole.
//! * Money without a rate is no money: it is left out, and named.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::stats::StatsError;

/// Decimals that the amount of a conversion has at most, unless it had more before.
const PLACES: u32 = 12;
/// Decimals that any number has at most.
const MOST_PLACES: u32 = 28;

/// What a currency is worth in another from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatedRate {
    /// What is worth something.
    pub currency: String,
    /// In what.
    pub base_currency: String,
    /// From when on, by the trader's clock.
    pub day: NaiveDate,
    /// Units of the base currency for one; above zero.
    pub rate: Decimal,
}

/// A rate by one of its two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    /// Multiplies.
    Direct(Decimal),
    /// Divides.
    Inverse(Decimal),
}

/// Tells money in one currency, and remembers what it had no rate for.
#[derive(Debug, Clone)]
pub struct Conversion {
    into: String,
    by_currency: HashMap<String, BTreeMap<NaiveDate, Side>>,
    missing: BTreeMap<String, NaiveDate>,
}

impl Conversion {
    /// Into a currency, by those of the rates that are about it.
    #[must_use]
    pub fn new(into: &str, rates: impl IntoIterator<Item = DatedRate>) -> Self {
        let mut by_currency: HashMap<String, BTreeMap<NaiveDate, Side>> = HashMap::new();
        for DatedRate { currency, base_currency, day, rate } in rates {
            if rate <= Decimal::ZERO || currency == base_currency {
                continue;
            }
            let rate = rate.normalize();
            if base_currency == into {
                by_currency.entry(currency).or_default().insert(day, Side::Direct(rate));
            } else if currency == into {
                by_currency.entry(base_currency).or_default().entry(day).or_insert(Side::Inverse(rate));
            }
        }
        Self { into: into.to_owned(), by_currency, missing: BTreeMap::new() }
    }

    /// What everything is told in.
    #[must_use]
    pub fn into_currency(&self) -> &str {
        &self.into
    }

    /// What `amount` was worth on `day`: by the rate of that day, else by the
    /// latest earlier one. Nothing, and remembered, where there is none.
    ///
    /// # Errors
    ///
    /// [`StatsError::OutOfRange`] when it does not fit.
    pub fn convert(
        &mut self,
        amount: Decimal,
        currency: &str,
        day: NaiveDate,
    ) -> Result<Option<Decimal>, StatsError> {
        if currency == self.into {
            return Ok(Some(amount));
        }
        let dated = self.by_currency.get(currency).and_then(|rates| rates.range(..=day).next_back());
        let Some(side) = dated.map(|(_, side)| *side) else {
            self.miss(currency, day);
            return Ok(None);
        };
        let converted = match side {
            Side::Direct(rate) => amount.checked_mul(rate),
            Side::Inverse(rate) => amount.checked_div(rate),
        };
        let places = amount.scale().clamp(PLACES, MOST_PLACES);
        converted.map(|money| Some(money.round_dp(places))).ok_or(StatsError::OutOfRange)
    }

    /// Currencies without a rate, in order of their names, each with the
    /// earliest day that asks for one: a rate of that day is enough for all.
    #[must_use]
    pub fn missing(&self) -> Vec<(&str, NaiveDate)> {
        self.missing.iter().map(|(currency, day)| (currency.as_str(), *day)).collect()
    }

    fn miss(&mut self, currency: &str, day: NaiveDate) {
        if let Some(first) = self.missing.get_mut(currency) {
            *first = day.min(*first);
        } else {
            self.missing.insert(currency.to_owned(), day);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(of_november: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, of_november).unwrap()
    }

    fn rate((currency, base_currency): (&str, &str), of_november: u32, rate: Decimal) -> DatedRate {
        let (currency, base_currency) = (currency.to_owned(), base_currency.to_owned());
        DatedRate { currency, base_currency, day: day(of_november), rate }
    }

    #[test]
    fn a_rate_holds_from_its_day_until_the_next_in_either_direction() {
        let given = [
            rate(("EUR", "USD"), 3, Decimal::new(11, 1)),
            rate(("USD", "EUR"), 5, Decimal::new(8, 1)),
            rate(("USD", "EUR"), 7, Decimal::new(5, 1)),
            rate(("EUR", "USD"), 7, Decimal::new(12, 1)),
        ];
        let mut dollars = Conversion::new("USD", given.clone());
        let mut euros = Conversion::new("EUR", given);
        let ten = Decimal::TEN;

        assert_eq!(dollars.convert(ten, "EUR", day(2)), Ok(None), "none yet");
        assert_eq!(dollars.convert(ten, "EUR", day(3)), Ok(Some(Decimal::from(11))));
        assert_eq!(
            dollars.convert(ten, "EUR", day(4)),
            Ok(Some(Decimal::from(11))),
            "that of the day before"
        );
        assert_eq!(dollars.convert(ten, "EUR", day(5)), Ok(Some(Decimal::new(125, 1))), "the inverse");
        assert_eq!(dollars.convert(ten, "EUR", day(9)), Ok(Some(Decimal::from(12))), "the direct one of two");
        assert_eq!(euros.convert(ten, "USD", day(9)), Ok(Some(Decimal::from(5))), "the other one of the two");
        assert_eq!(euros.convert(ten, "USD", day(3)), Ok(Some(Decimal::new(9_090_909_090_909, 12))));
        assert_eq!(dollars.convert(-ten, "USD", day(1)), Ok(Some(-ten)), "its own money needs none");
    }

    #[test]
    fn what_is_missing_is_named_with_its_first_day_and_nothing_is_made_of_two() {
        let given = [rate(("EUR", "USD"), 1, Decimal::TWO), rate(("EUR", "JPY"), 1, Decimal::ONE_HUNDRED)];
        let mut yen = Conversion::new("JPY", given);

        for of_november in [9, 4, 6] {
            assert_eq!(yen.convert(Decimal::ONE, "USD", day(of_november)), Ok(None));
        }

        assert_eq!(yen.missing(), [("USD", day(4))]);
        assert_eq!(yen.into_currency(), "JPY");
    }

    #[test]
    fn what_does_not_fit_is_no_figure() {
        let mut dollars = Conversion::new("USD", [rate(("EUR", "USD"), 1, Decimal::MAX)]);

        assert_eq!(dollars.convert(Decimal::TWO, "EUR", day(1)), Err(StatsError::OutOfRange));
    }

    fn amounts() -> impl Strategy<Value = Vec<(i64, u32, usize, u32)>> {
        prop::collection::vec((-1_000_000_000_i64..1_000_000_000, 0..9_u32, 0..3_usize, 1..29_u32), 0..60)
    }

    proptest! {
        #[test]
        fn a_rate_of_one_changes_nothing(units in any::<i64>(), places in 0..19_u32, scale in 0..13_u32) {
            let amount = Decimal::new(units, places);
            let one = Decimal::new(10_i64.pow(scale), scale);

            for pair in [("EUR", "USD"), ("USD", "EUR")] {
                let mut dollars = Conversion::new("USD", [rate(pair, 1, one)]);
                prop_assert_eq!(dollars.convert(amount, "EUR", day(1)), Ok(Some(amount)));
            }
        }

        #[test]
        fn parts_add_up_to_the_whole_and_nothing_unconverted_is_among_it(
            amounts in amounts(),
            euros in 1..5_000_000_i64,
            first in 1..29_u32,
        ) {
            let mut dollars = Conversion::new("USD", [rate(("EUR", "USD"), first, Decimal::new(euros, 6))]);
            let mut told = Vec::new();
            for (units, places, currency, of_november) in amounts {
                let (amount, currency) = (Decimal::new(units, places), ["USD", "EUR", "JPY"][currency]);
                let converted = dollars.convert(amount, currency, day(of_november)).unwrap();
                let has_rate = currency == "USD" || (currency == "EUR" && of_november >= first);
                prop_assert_eq!(converted.is_some(), has_rate);
                let worth = if currency == "EUR" { amount * Decimal::new(euros, 6) } else { amount };
                prop_assert!(converted.is_none_or(|money| (money - worth).abs() <= Decimal::new(1, 12)));
                told.extend(converted.map(|money| (money, currency, of_november % 7)));
            }

            let sum = |of: &dyn Fn(&(Decimal, &str, u32)) -> bool| -> Decimal {
                told.iter().filter(|each| of(each)).map(|each| each.0).sum()
            };
            let whole = sum(&|_| true);
            prop_assert_eq!(["USD", "EUR", "JPY"].map(|currency| sum(&|each| each.1 == currency)).iter().sum::<Decimal>(), whole);
            prop_assert_eq!((0..7).map(|weekday| sum(&|each| each.2 == weekday)).sum::<Decimal>(), whole);
            prop_assert!(!told.iter().any(|each| each.1 == "JPY"));
        }
    }
}
