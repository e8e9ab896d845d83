//! Balance and equity that accounts report.

use diesel::sql_types::{BigInt, Integer, Nullable, Numeric, Text, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId};
use rust_decimal::Decimal;

use crate::Tx;
use crate::error::StoreResult;

/// What a terminal reports about its account, in the account's currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedFigures {
    /// Money without open positions.
    pub balance: Decimal,
    /// Money with open positions at current prices.
    pub equity: Decimal,
    /// Money bound by open positions.
    pub margin: Decimal,
    /// Money free for new positions.
    pub free_margin: Decimal,
    /// Currency, as the terminal names it.
    pub currency: String,
    /// 100 for 1:100.
    pub leverage: i32,
}

#[derive(QueryableByName)]
struct ClockRow {
    #[diesel(sql_type = Nullable<BigInt>)]
    clock_ahead_ms: Option<i64>,
}

/// Replaces the last known figures of an account, and what its terminal's clock is ahead of ours in milliseconds.
pub async fn save(
    tx: &mut Tx,
    (owner, account): (OwnerId, AccountId),
    figures: &ReportedFigures,
    clock_ahead_ms: Option<i64>,
) -> StoreResult<()> {
    sql_query(
        "insert into account_figures
            (account_id, owner_id, balance, equity, margin, free_margin, currency, leverage, clock_ahead_ms)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (account_id) do update set
            balance = excluded.balance, equity = excluded.equity, margin = excluded.margin,
            free_margin = excluded.free_margin, currency = excluded.currency,
            leverage = excluded.leverage, clock_ahead_ms = excluded.clock_ahead_ms, at = now()",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Numeric, _>(figures.balance)
    .bind::<Numeric, _>(figures.equity)
    .bind::<Nullable<Numeric>, _>(Some(figures.margin))
    .bind::<Nullable<Numeric>, _>(Some(figures.free_margin))
    .bind::<Nullable<Text>, _>(Some(figures.currency.as_str()))
    .bind::<Nullable<Integer>, _>(Some(figures.leverage))
    .bind::<Nullable<BigInt>, _>(clock_ahead_ms)
    .execute(tx)
    .await?;
    Ok(())
}

/// What the clock of an account's terminal was ahead of ours with its last figures, in milliseconds; less than zero: it
/// was behind. `None`: it does not tell the time.
pub async fn clock_ahead_ms(tx: &mut Tx, owner: OwnerId, account: AccountId) -> StoreResult<Option<i64>> {
    let row: Option<ClockRow> =
        sql_query("select clock_ahead_ms from account_figures where owner_id = $1 and account_id = $2")
            .bind::<SqlUuid, _>(owner.uuid())
            .bind::<SqlUuid, _>(account.uuid())
            .get_result(tx)
            .await
            .optional()?;
    Ok(row.and_then(|row| row.clock_ahead_ms))
}
