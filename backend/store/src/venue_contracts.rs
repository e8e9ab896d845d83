//! Contracts of exchanges and their last prices. They belong to nobody.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Numeric, Text, Timestamptz};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::venue::{VenueContract, VenueEnvironment, VenuePrice};
use rust_decimal::Decimal;

use crate::Tx;
use crate::error::{StoreError, StoreResult, known};

#[derive(QueryableByName)]
struct ContractRow {
    #[diesel(sql_type = Text)]
    environment: String,
    #[diesel(sql_type = Text)]
    symbol: String,
    #[diesel(sql_type = Text)]
    base: String,
    #[diesel(sql_type = Text)]
    quote: String,
    #[diesel(sql_type = Integer)]
    quantity_precision: i32,
    #[diesel(sql_type = Integer)]
    price_precision: i32,
    #[diesel(sql_type = Numeric)]
    min_quantity: Decimal,
    #[diesel(sql_type = Numeric)]
    min_notional: Decimal,
    #[diesel(sql_type = Nullable<Numeric>)]
    max_long_leverage: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    max_short_leverage: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    taker_fee_rate: Option<Decimal>,
    #[diesel(sql_type = Bool)]
    is_open: bool,
    #[diesel(sql_type = Bool)]
    may_close: bool,
    #[diesel(sql_type = Nullable<Numeric>)]
    last_price: Option<Decimal>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    price_at: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct PriceRow {
    #[diesel(sql_type = Numeric)]
    price: Decimal,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    now: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct WantedRow {
    #[diesel(sql_type = Bool)]
    wanted: bool,
}

const COLUMNS: &str =
    "environment, symbol, base, quote, quantity_precision, price_precision, min_quantity, min_notional,
    max_long_leverage, max_short_leverage, taker_fee_rate, is_open, may_close, last_price, price_at";

/// A last price, and the database's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgedPrice {
    /// The price.
    pub price: VenuePrice,
    /// Now.
    pub now: DateTime<Utc>,
}

/// Replaces what is known of the contracts of a host. Those that are not listed any more take no new orders; prices stay.
pub async fn replace(
    tx: &mut Tx,
    environment: VenueEnvironment,
    listed: &[VenueContract],
) -> StoreResult<()> {
    let precision = |digits: u32| i32::try_from(digits).unwrap_or(i32::MAX);
    sql_query(
        "with listed as (
            select * from unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
                as v (symbol, base, quote, quantity_precision, price_precision, min_quantity, min_notional,
                    max_long_leverage, max_short_leverage, taker_fee_rate, is_open, may_close)),
        gone as (
            update venue_contracts c set is_open = false
            where environment = $1 and is_open and not exists (select from listed l where l.symbol = c.symbol))
         insert into venue_contracts (environment, symbol, base, quote, quantity_precision, price_precision,
            min_quantity, min_notional, max_long_leverage, max_short_leverage, taker_fee_rate, is_open, may_close)
         select $1, l.* from listed l
         on conflict (environment, symbol) do update set
            base = excluded.base, quote = excluded.quote,
            quantity_precision = excluded.quantity_precision, price_precision = excluded.price_precision,
            min_quantity = excluded.min_quantity, min_notional = excluded.min_notional,
            max_long_leverage = excluded.max_long_leverage, max_short_leverage = excluded.max_short_leverage,
            taker_fee_rate = excluded.taker_fee_rate, is_open = excluded.is_open, may_close = excluded.may_close,
            read_at = now()",
    )
    .bind::<Text, _>(environment.as_str())
    .bind::<Array<Text>, _>(listed.iter().map(|one| one.symbol.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(listed.iter().map(|one| one.base.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(listed.iter().map(|one| one.quote.as_str()).collect::<Vec<_>>())
    .bind::<Array<Integer>, _>(listed.iter().map(|one| precision(one.quantity_precision)).collect::<Vec<_>>())
    .bind::<Array<Integer>, _>(listed.iter().map(|one| precision(one.price_precision)).collect::<Vec<_>>())
    .bind::<Array<Numeric>, _>(listed.iter().map(|one| one.min_quantity).collect::<Vec<_>>())
    .bind::<Array<Numeric>, _>(listed.iter().map(|one| one.min_notional).collect::<Vec<_>>())
    .bind::<Array<Nullable<Numeric>>, _>(listed.iter().map(|one| one.max_long_leverage).collect::<Vec<_>>())
    .bind::<Array<Nullable<Numeric>>, _>(listed.iter().map(|one| one.max_short_leverage).collect::<Vec<_>>())
    .bind::<Array<Nullable<Numeric>>, _>(listed.iter().map(|one| one.taker_fee_rate).collect::<Vec<_>>())
    .bind::<Array<Bool>, _>(listed.iter().map(|one| one.is_open).collect::<Vec<_>>())
    .bind::<Array<Bool>, _>(listed.iter().map(|one| one.may_close).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// Notes what contracts of a host cost, `age_ms` before now. Contracts that are not known are passed over.
pub async fn save_prices(
    tx: &mut Tx,
    environment: VenueEnvironment,
    prices: &[(String, Decimal)],
    age_ms: i64,
) -> StoreResult<()> {
    sql_query(
        "update venue_contracts c set
            last_price = v.price, price_at = clock_timestamp() - $4 * interval '1 millisecond'
         from unnest($2, $3) as v (symbol, price)
         where c.environment = $1 and c.symbol = v.symbol",
    )
    .bind::<Text, _>(environment.as_str())
    .bind::<Array<Text>, _>(prices.iter().map(|(symbol, _)| symbol.as_str()).collect::<Vec<_>>())
    .bind::<Array<Numeric>, _>(prices.iter().map(|(_, price)| *price).collect::<Vec<_>>())
    .bind::<BigInt, _>(age_ms)
    .execute(tx)
    .await?;
    Ok(())
}

/// All contracts of a host, by symbol.
pub async fn list(tx: &mut Tx, environment: VenueEnvironment) -> StoreResult<Vec<VenueContract>> {
    let query = format!("select {COLUMNS} from venue_contracts where environment = $1 order by symbol");
    let rows: Vec<ContractRow> =
        sql_query(query).bind::<Text, _>(environment.as_str()).get_results(tx).await?;
    rows.into_iter().map(ContractRow::contract).collect()
}

/// Contracts of a host whose name has `search` in it, by symbol.
pub async fn list_page(
    tx: &mut Tx,
    environment: VenueEnvironment,
    search: &str,
    after: Option<&str>,
    limit: i64,
) -> StoreResult<Vec<VenueContract>> {
    let query = format!(
        "select {COLUMNS} from venue_contracts
         where environment = $1 and position($2 in symbol) > 0 and symbol > $3
         order by symbol limit $4"
    );
    let rows: Vec<ContractRow> = sql_query(query)
        .bind::<Text, _>(environment.as_str())
        .bind::<Text, _>(search)
        .bind::<Text, _>(after.unwrap_or_default())
        .bind::<BigInt, _>(limit)
        .get_results(tx)
        .await?;
    rows.into_iter().map(ContractRow::contract).collect()
}

/// Contracts of a host with these names, in their order; those that it does not list are left out.
pub async fn list_named(
    tx: &mut Tx,
    environment: VenueEnvironment,
    symbols: &[String],
) -> StoreResult<Vec<VenueContract>> {
    let query = format!(
        "select {COLUMNS} from venue_contracts where environment = $1 and symbol = any($2)
         order by array_position($2, symbol)"
    );
    let rows: Vec<ContractRow> = sql_query(query)
        .bind::<Text, _>(environment.as_str())
        .bind::<Array<Text>, _>(symbols)
        .get_results(tx)
        .await?;
    rows.into_iter().map(ContractRow::contract).collect()
}

/// One contract.
///
/// # Errors
///
/// [`StoreError::NotFound`] when the host does not list it.
pub async fn get(tx: &mut Tx, environment: VenueEnvironment, symbol: &str) -> StoreResult<VenueContract> {
    let query = format!("select {COLUMNS} from venue_contracts where environment = $1 and symbol = $2");
    let rows: Vec<ContractRow> = sql_query(query)
        .bind::<Text, _>(environment.as_str())
        .bind::<Text, _>(symbol)
        .get_results(tx)
        .await?;
    rows.into_iter().next().ok_or(StoreError::NotFound("contract"))?.contract()
}

/// The last price of a contract.
///
/// # Errors
///
/// [`StoreError::NotFound`] when no price of it is known.
pub async fn get_price(tx: &mut Tx, environment: VenueEnvironment, symbol: &str) -> StoreResult<AgedPrice> {
    let rows: Vec<PriceRow> = sql_query(
        "select last_price as price, price_at as at, now() as now from venue_contracts
         where environment = $1 and symbol = $2 and last_price is not null",
    )
    .bind::<Text, _>(environment.as_str())
    .bind::<Text, _>(symbol)
    .get_results(tx)
    .await?;
    let row = rows.into_iter().next().ok_or(StoreError::NotFound("price"))?;
    Ok(AgedPrice { price: VenuePrice { price: row.price, at: row.at }, now: row.now })
}

/// Whether anybody has an active account that trades at an exchange or by its prices.
pub async fn are_wanted(tx: &mut Tx) -> StoreResult<bool> {
    let row: WantedRow = sql_query(
        "select exists (
            select from accounts where platform in ('bingx', 'paper') and is_active and archived_at is null) as wanted",
    )
    .get_result(tx)
    .await?;
    Ok(row.wanted)
}

impl ContractRow {
    fn contract(self) -> StoreResult<VenueContract> {
        Ok(VenueContract {
            environment: known("venue_contracts.environment", &self.environment)?,
            symbol: self.symbol,
            base: self.base,
            quote: self.quote,
            quantity_precision: u32::try_from(self.quantity_precision).unwrap_or_default(),
            price_precision: u32::try_from(self.price_precision).unwrap_or_default(),
            min_quantity: self.min_quantity,
            min_notional: self.min_notional,
            max_long_leverage: self.max_long_leverage,
            max_short_leverage: self.max_short_leverage,
            taker_fee_rate: self.taker_fee_rate,
            is_open: self.is_open,
            may_close: self.may_close,
            last_price: self.last_price.zip(self.price_at).map(|(price, at)| VenuePrice { price, at }),
        })
    }
}
