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

/// Figures of an account, and what its terminal's clock is ahead of ours in milliseconds.
pub type Reported<'a> = ((OwnerId, AccountId), &'a ReportedFigures, Option<i64>);

/// Replaces the last known figures of an account.
pub async fn save(tx: &mut Tx, reported: Reported<'_>) -> StoreResult<()> {
    save_all(tx, vec![reported]).await
}

/// The same of many accounts, each named once.
pub async fn save_all(tx: &mut Tx, mut all: Vec<Reported<'_>>) -> StoreResult<()> {
    // In one order for everybody who replaces several.
    all.sort_unstable_by_key(|((_, account), ..)| *account);
    let mut rows = Columns::default();
    for ((owner, account), figures, clock_ahead_ms) in all {
        rows.accounts.push(account.uuid());
        rows.owners.push(owner.uuid());
        rows.balances.push(figures.balance);
        rows.equities.push(figures.equity);
        rows.margins.push(figures.margin);
        rows.free_margins.push(figures.free_margin);
        rows.currencies.push(figures.currency.as_str());
        rows.leverages.push(figures.leverage);
        rows.clocks_ahead.push(clock_ahead_ms);
    }
    sql_query(
        "insert into account_figures
            (account_id, owner_id, balance, equity, margin, free_margin, currency, leverage, clock_ahead_ms)
         select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (account_id) do update set
            balance = excluded.balance, equity = excluded.equity, margin = excluded.margin,
            free_margin = excluded.free_margin, currency = excluded.currency,
            leverage = excluded.leverage, clock_ahead_ms = excluded.clock_ahead_ms, at = now()",
    )
    .bind::<Array<SqlUuid>, _>(rows.accounts)
    .bind::<Array<SqlUuid>, _>(rows.owners)
    .bind::<Array<Numeric>, _>(rows.balances)
    .bind::<Array<Numeric>, _>(rows.equities)
    .bind::<Array<Numeric>, _>(rows.margins)
    .bind::<Array<Numeric>, _>(rows.free_margins)
    .bind::<Array<Text>, _>(rows.currencies)
    .bind::<Array<Integer>, _>(rows.leverages)
    .bind::<Array<Nullable<BigInt>>, _>(rows.clocks_ahead)
    .execute(tx)
    .await?;
    Ok(())
}

/// Figures, column by column.
#[derive(Default)]
struct Columns<'a> {
    accounts: Vec<Uuid>,
    owners: Vec<Uuid>,
    balances: Vec<Decimal>,
    equities: Vec<Decimal>,
    margins: Vec<Decimal>,
    free_margins: Vec<Decimal>,
    currencies: Vec<&'a str>,
    leverages: Vec<i32>,
    clocks_ahead: Vec<Option<i64>>,
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
