//! What currencies are worth in others, by day, as their owners say.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{BigInt, Date, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::OwnerId;
use flotilla_domain::stats::rates::DatedRate;
use rust_decimal::Decimal;

use crate::db::Tx;
use crate::error::{StoreError, StoreResult};

/// Rates that an owner has at most: ten currencies, each day, for seven years.
pub const MOST_RATES: i64 = 20_000;

/// An owner has as many rates as there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there are {MOST_RATES} rates already")]
pub struct TooManyRates;

/// A rate as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct CurrencyRate {
    /// What is worth something.
    #[diesel(sql_type = Text)]
    pub currency: String,
    /// In what.
    #[diesel(sql_type = Text)]
    pub base_currency: String,
    /// From when on.
    #[diesel(sql_type = Date)]
    pub day: NaiveDate,
    /// Units of the base currency for one.
    #[diesel(sql_type = Numeric)]
    pub rate: Decimal,
    /// When it was given.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
}

/// A place in the list: day, currency and base currency of a rate.
pub type RatePlace = (NaiveDate, String, String);

impl From<CurrencyRate> for DatedRate {
    fn from(rate: CurrencyRate) -> Self {
        let CurrencyRate { currency, base_currency, day, rate, .. } = rate;
        Self { currency, base_currency, day, rate }
    }
}

/// Rates of an owner, the latest day first, then in order of the names.
pub async fn list(
    tx: &mut Tx,
    owner: OwnerId,
    after: Option<RatePlace>,
    limit: i64,
) -> StoreResult<Vec<CurrencyRate>> {
    let (day, currency, base_currency) = match after {
        Some((day, currency, base_currency)) => (Some(day), currency, base_currency),
        None => (None, String::new(), String::new()),
    };
    Ok(sql_query(
        "select currency, base_currency, day, rate, created_at from currency_rates
         where owner_id = $1
            and ($2 is null or day < $2 or (day = $2 and (currency, base_currency) > ($3, $4)))
         order by day desc, currency, base_currency
         limit $5",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Nullable<Date>, _>(day)
    .bind::<Text, _>(currency)
    .bind::<Text, _>(base_currency)
    .bind::<BigInt, _>(limit)
    .load(tx)
    .await?)
}

/// Every rate of an owner from or into a currency.
pub async fn list_about(tx: &mut Tx, owner: OwnerId, currency: &str) -> StoreResult<Vec<DatedRate>> {
    let rows: Vec<CurrencyRate> = sql_query(
        "select currency, base_currency, day, rate, created_at from currency_rates
         where owner_id = $1 and (currency = $2 or base_currency = $2)",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Text, _>(currency)
    .load(tx)
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Gives a rate, in place of that of the same pair and day.
///
/// # Errors
///
/// [`TooManyRates`] for one more than there may be.
pub async fn save(
    tx: &mut Tx,
    owner: OwnerId,
    rate: &DatedRate,
) -> StoreResult<Result<CurrencyRate, TooManyRates>> {
    let saved: Option<CurrencyRate> = sql_query(
        "insert into currency_rates (owner_id, currency, base_currency, day, rate)
         select $1, $2, $3, $4, $5
         where (select count(*) from currency_rates where owner_id = $1) < $6
            or exists (select from currency_rates
                where owner_id = $1 and currency = $2 and base_currency = $3 and day = $4)
         on conflict (owner_id, currency, base_currency, day) do update
            set rate = excluded.rate, created_at = excluded.created_at
         returning currency, base_currency, day, rate, created_at",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Text, _>(&rate.currency)
    .bind::<Text, _>(&rate.base_currency)
    .bind::<Date, _>(rate.day)
    .bind::<Numeric, _>(rate.rate)
    .bind::<BigInt, _>(MOST_RATES)
    .get_result(tx)
    .await
    .optional()?;
    Ok(saved.ok_or(TooManyRates))
}

/// Takes a rate away and says what it was.
///
/// # Errors
///
/// [`StoreError::NotFound`].
pub async fn delete(
    tx: &mut Tx,
    owner: OwnerId,
    (day, currency, base_currency): &RatePlace,
) -> StoreResult<CurrencyRate> {
    sql_query(
        "delete from currency_rates
         where owner_id = $1 and currency = $2 and base_currency = $3 and day = $4
         returning currency, base_currency, day, rate, created_at",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Text, _>(currency)
    .bind::<Text, _>(base_currency)
    .bind::<Date, _>(*day)
    .get_result(tx)
    .await
    .optional()?
    .ok_or(StoreError::NotFound("rate"))
}
