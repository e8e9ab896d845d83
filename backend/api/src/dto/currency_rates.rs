use std::ops::RangeInclusive;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use flotilla_domain::risk::amount::{MAX, is_bounded};
use flotilla_domain::risk::phase::is_currency;
use flotilla_domain::stats::rates::DatedRate;
use flotilla_store::currency_rates::{CurrencyRate, RatePlace};
use garde::Validate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dto::bounds::PositiveAmount;
use crate::dto::figure::Figure;
use crate::error::{ApiError, ApiResult};

/// Days that are taken: before and after nobody traded.
const YEARS: RangeInclusive<i32> = 1970..=2199;

/// What a currency is worth in another from a day on, as the owner says.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = CurrencyRate)]
pub struct CurrencyRateDto {
    pub currency: String,
    pub base_currency: String,
    /// By the owner's clock; it holds until the day of the next one.
    pub day: NaiveDate,
    /// Units of the base currency for one.
    pub rate: Figure,
    /// When it was given, or given anew.
    pub created_at: DateTime<Utc>,
}

#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct PutCurrencyRate {
    /// Units of the base currency for one; above zero, with at most 12 decimals.
    #[schema(value_type = PositiveAmount)]
    pub rate: Figure,
}

impl From<CurrencyRate> for CurrencyRateDto {
    fn from(rate: CurrencyRate) -> Self {
        let CurrencyRate { currency, base_currency, day, rate, created_at } = rate;
        Self { currency, base_currency, day, rate: rate.into(), created_at }
    }
}

/// The name of a currency.
///
/// # Errors
///
/// 422 for what is none.
pub fn currency(field: &str, text: String) -> ApiResult<String> {
    if is_currency(&text) {
        Ok(text)
    } else {
        Err(ApiError::field(field, "invalid_currency", "use 2 to 10 capital letters and digits"))
    }
}

/// Whether a rate may be stored there.
pub fn is_place((day, currency, base_currency): &RatePlace) -> bool {
    YEARS.contains(&day.year()) && is_currency(currency) && is_currency(base_currency)
}

impl PutCurrencyRate {
    /// A rate that can be taken.
    ///
    /// # Errors
    ///
    /// 422 for words that are no currencies or the same, and for figures out of range.
    pub fn checked(&self, (of, base, day): (String, String, NaiveDate)) -> ApiResult<DatedRate> {
        let (of, base) = (currency("currency", of)?, currency("base_currency", base)?);
        if of == base {
            return Err(ApiError::field("base_currency", "is_base", "is the same currency"));
        }
        if !YEARS.contains(&day.year()) {
            return Err(ApiError::field("day", "out_of_range", "use a day from 1970 to 2199"));
        }
        let rate = self.rate.0;
        let refused = |code, detail| Err(ApiError::field("rate", code, detail));
        if rate <= Decimal::ZERO {
            return refused("not_positive", "must be above zero");
        }
        if rate > MAX {
            return refused("too_large", "is larger than anything that is traded");
        }
        if !is_bounded(rate) {
            return refused("to_12_decimals", "may have 12 decimals");
        }
        Ok(DatedRate { currency: of, base_currency: base, day, rate })
    }
}
