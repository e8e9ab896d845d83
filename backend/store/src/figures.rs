//! Balance and equity that accounts report.

use diesel::sql_query;
use diesel::sql_types::{Integer, Nullable, Numeric, Text, Uuid as SqlUuid};
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

/// Replaces the last known figures of an account.
pub async fn save(
    tx: &mut Tx,
    account: AccountId,
    owner: OwnerId,
    figures: &ReportedFigures,
) -> StoreResult<()> {
    sql_query(
        "insert into account_figures
            (account_id, owner_id, balance, equity, margin, free_margin, currency, leverage)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (account_id) do update set
            balance = excluded.balance, equity = excluded.equity, margin = excluded.margin,
            free_margin = excluded.free_margin, currency = excluded.currency,
            leverage = excluded.leverage, at = now()",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Numeric, _>(figures.balance)
    .bind::<Numeric, _>(figures.equity)
    .bind::<Nullable<Numeric>, _>(Some(figures.margin))
    .bind::<Nullable<Numeric>, _>(Some(figures.free_margin))
    .bind::<Nullable<Text>, _>(Some(figures.currency.as_str()))
    .bind::<Nullable<Integer>, _>(Some(figures.leverage))
    .execute(tx)
    .await?;
    Ok(())
}
