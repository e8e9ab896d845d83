//! Balance and equity that accounts report.

use std::collections::HashMap;

use diesel::sql_types::{Array, BigInt, Integer, Nullable, Numeric, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId};
use rust_decimal::Decimal;
use uuid::Uuid;

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
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = BigInt)]
    clock_ahead_ms: i64,
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

/// What the clocks of accounts' terminals were ahead of ours with their last figures, in milliseconds; less than zero:
/// behind. Without those that do not tell the time.
pub async fn list_clocks_ahead(
    tx: &mut Tx,
    owner: OwnerId,
    accounts: &[AccountId],
) -> StoreResult<HashMap<AccountId, i64>> {
    let ids: Vec<Uuid> = accounts.iter().map(|account| account.uuid()).collect();
    let rows: Vec<ClockRow> = sql_query(
        "select account_id, clock_ahead_ms from account_figures
         where owner_id = $1 and account_id = any($2) and clock_ahead_ms is not null",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Array<SqlUuid>, _>(ids)
    .load(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (AccountId::from_uuid(row.account_id), row.clock_ahead_ms)).collect())
}
