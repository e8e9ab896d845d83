//! The headline figures of an owner.

use diesel::sql_types::{BigInt, Nullable, Numeric, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::OwnerId;
use rust_decimal::Decimal;

use crate::db::Tx;
use crate::error::StoreResult;

/// All accounts of one currency that are not archived.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct PortfolioSummary {
    /// Their currency.
    #[diesel(sql_type = Text)]
    pub currency: String,
    /// How many.
    #[diesel(sql_type = BigInt)]
    pub accounts: i64,
    /// Balances before the first trades, as far as known.
    #[diesel(sql_type = Nullable<Numeric>)]
    pub starting_balance: Option<Decimal>,
    /// Balances as reported, else as computed, if all are known.
    #[diesel(sql_type = Nullable<Numeric>)]
    pub balance: Option<Decimal>,
    /// Equities as reported, else balances, if all are known.
    #[diesel(sql_type = Nullable<Numeric>)]
    pub equity: Option<Decimal>,
    /// Closed trades.
    #[diesel(sql_type = BigInt)]
    pub trades: i64,
    /// Open trades.
    #[diesel(sql_type = BigInt)]
    pub open_trades: i64,
    /// Closed trades above zero.
    #[diesel(sql_type = BigInt)]
    pub wins: i64,
    /// Closed trades below zero.
    #[diesel(sql_type = BigInt)]
    pub losses: i64,
    /// Sum of the results of closed trades.
    #[diesel(sql_type = Numeric)]
    pub total_pnl: Decimal,
    /// As a fraction of the starting balances, if all are known.
    #[diesel(sql_type = Nullable<Numeric>)]
    pub total_pnl_percent: Option<Decimal>,
    /// Part of the closed trades that won.
    #[diesel(sql_type = Nullable<Numeric>)]
    pub win_rate: Option<Decimal>,
    /// Trades closed today, by the owner's clock.
    #[diesel(sql_type = BigInt)]
    pub today_trades: i64,
    /// What they brought.
    #[diesel(sql_type = Numeric)]
    pub today_pnl: Decimal,
}

/// One row for each currency, in order of their names.
pub async fn list(tx: &mut Tx, owner: OwnerId) -> StoreResult<Vec<PortfolioSummary>> {
    Ok(sql_query(
        "select currency, accounts, starting_balance, balance, equity, trades, open_trades, wins, losses, total_pnl,
            total_pnl_percent, win_rate, today_trades, today_pnl
         from user_portfolio_summary where owner_id = $1 order by currency",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .load(tx)
    .await?)
}
