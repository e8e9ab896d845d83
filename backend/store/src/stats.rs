//! What statistics are made of: closed trades in order of exit, and the
//! accounts they are of.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Nullable, Numeric, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_domain::trade::profit::{Risked, r_multiple};
use futures_util::StreamExt;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{StoreError, StoreResult, known};
use crate::schema::{account_figures, accounts, group_accounts, trades};
use crate::trades::TradeFilter;
use crate::trades::filter::{closed_within, narrowed};
use crate::trades::order::{EXIT, stored};

/// The exit of trades that have none.
const NEVER: &str = "'9999-12-31 00:00:00+00'::timestamptz";

/// A closed trade, as far as statistics ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedRow {
    /// The account.
    pub account_id: AccountId,
    /// Instrument.
    pub symbol: String,
    /// First entry.
    pub entry_at: DateTime<Utc>,
    /// Last exit.
    pub exit_at: DateTime<Utc>,
    /// Result, account currency; nobody reported it where absent.
    pub pnl: Option<Decimal>,
    /// Result in multiples of what was risked.
    pub r: Option<Decimal>,
}

type Columns = (
    Uuid,
    String,
    DateTime<Utc>,
    Option<DateTime<Utc>>,
    Option<Decimal>,
    String,
    Option<Decimal>,
    Option<Decimal>,
    Option<Decimal>,
);

/// An account and the money in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The account.
    pub id: AccountId,
    /// Shown name.
    pub name: String,
    /// Chosen by the owner.
    pub capital_level: Option<String>,
    /// Its terminal's, else as it was opened.
    pub currency: String,
    /// Balance before the first trade.
    pub starting_balance: Option<Decimal>,
    /// Balance, if reported; see [`with_money`].
    pub balance: Option<Decimal>,
    /// Equity, if reported; see [`with_money`].
    pub equity: Option<Decimal>,
}

/// Hands every closed trade to `visit`, in order of exit. Of the times in
/// `filter` the exit counts.
///
/// Rows are read one by one: a million of them take no more memory than one.
///
/// # Errors
///
/// What `visit` fails with, or the database.
pub async fn visit<E: From<StoreError>>(
    tx: &mut Tx,
    owner: OwnerId,
    filter: &TradeFilter,
    mut visit: impl FnMut(ClosedRow) -> Result<(), E> + Send,
) -> Result<(), E> {
    let exit = || sql::<Timestamptz>(EXIT);
    let query = trades::table.filter(trades::owner_id.eq(owner.uuid())).into_boxed();
    let query = narrowed(query, owner, filter).filter(exit().lt(sql::<Timestamptz>(NEVER)));
    let query = closed_within(query, (filter.from, filter.to));
    let mut rows = query
        .filter(trades::status.eq("closed"))
        .order((exit().asc(), trades::id.asc()))
        .select((
            trades::account_id,
            trades::symbol,
            trades::entry_at,
            trades::exit_at,
            trades::pnl,
            trades::direction,
            trades::entry_price,
            trades::exit_price,
            trades::stop_loss,
        ))
        .load_stream::<Columns>(tx)
        .await
        .map_err(StoreError::from)?;
    while let Some(row) = rows.next().await {
        if let Some(row) = closed(row.map_err(StoreError::from)?)? {
            visit(row)?;
        }
    }
    Ok(())
}

fn closed(row: Columns) -> StoreResult<Option<ClosedRow>> {
    let (account, symbol, entry_at, exit_at, pnl, direction, entry, exit, stop) = row;
    let Some(exit_at) = exit_at else { return Ok(None) };
    let direction = known("trades.direction", &direction)?;
    let r = r_multiple(Risked { direction, entry, exit, stop });
    Ok(Some(ClosedRow { account_id: account.into(), symbol, entry_at, exit_at, pnl, r }))
}

/// How many of the wanted trades are open.
pub async fn count_open(tx: &mut Tx, owner: OwnerId, filter: &TradeFilter) -> StoreResult<i64> {
    let query = trades::table.filter(trades::owner_id.eq(owner.uuid())).into_boxed();
    let query = narrowed(query, owner, filter)
        .filter(sql::<Timestamptz>(EXIT).eq(sql::<Timestamptz>(NEVER)))
        .filter(trades::status.eq("open"));
    Ok(query.select(count_star()).get_result(tx).await?)
}

type StandingRow =
    (Uuid, String, Option<String>, String, Option<Decimal>, Option<String>, Option<Decimal>, Option<Decimal>);

/// The accounts whose trades `filter` wants, oldest first; without accounts and
/// group all that are not archived.
pub async fn standings(tx: &mut Tx, owner: OwnerId, filter: &TradeFilter) -> StoreResult<Vec<Standing>> {
    let mut query = accounts::table
        .left_join(account_figures::table.on(account_figures::account_id.eq(accounts::id)))
        .filter(accounts::owner_id.eq(owner.uuid()))
        .into_boxed();
    if let Some(wanted) = &filter.accounts {
        query = query.filter(accounts::id.eq_any(wanted.iter().map(|id| id.uuid()).collect::<Vec<_>>()));
    }
    if let Some(group) = filter.group {
        let members = group_accounts::table
            .filter(group_accounts::owner_id.eq(owner.uuid()))
            .filter(group_accounts::group_id.eq(group.uuid()))
            .select(group_accounts::account_id);
        query = query.filter(accounts::id.eq_any(members));
    }
    if filter.accounts.is_none() && filter.group.is_none() {
        query = query.filter(accounts::archived_at.is_null());
    }
    let rows: Vec<StandingRow> = query
        .order(accounts::id)
        .select((
            accounts::id,
            accounts::name,
            accounts::capital_level,
            accounts::currency,
            accounts::starting_balance,
            account_figures::currency.nullable(),
            account_figures::balance.nullable(),
            account_figures::equity.nullable(),
        ))
        .load(tx)
        .await?;
    Ok(rows.into_iter().map(standing).collect())
}

fn standing(row: StandingRow) -> Standing {
    let (id, name, capital_level, opened_in, starting_balance, reported_in, balance, equity) = row;
    Standing {
        id: id.into(),
        name,
        capital_level,
        currency: reported_in.unwrap_or(opened_in),
        starting_balance,
        balance,
        equity,
    }
}

#[derive(QueryableByName)]
struct Money {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Nullable<Numeric>)]
    balance: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    equity: Option<Decimal>,
}

/// As the view of headline figures has it. Trades are summed up only where that is what the balance is made of.
const MONEY: &str = "
    select a.id, m.balance, coalesce(f.equity, m.balance) as equity
    from accounts a
        left join account_figures f on f.account_id = a.id
        left join lateral (
            select sum(t.pnl) as pnl from trades t
            where t.owner_id = $1 and t.account_id = a.id and t.status = 'closed'
                and f.balance is null and a.starting_balance is not null) t on true
        cross join lateral (select balance_of(f.balance, a.starting_balance, t.pnl) as balance) m
    where a.owner_id = $1 and a.id = any($2)";

/// `accounts` with what is in them: as reported, else what each began with and
/// what its closed trades brought, of all times. Nothing where neither is known.
///
/// # Errors
///
/// Those of the database.
pub async fn with_money(tx: &mut Tx, owner: OwnerId, accounts: Vec<Standing>) -> StoreResult<Vec<Standing>> {
    let rows: Vec<Money> = sql_query(MONEY)
        .bind::<SqlUuid, _>(owner.uuid())
        .bind::<Array<SqlUuid>, _>(accounts.iter().map(|account| account.id.uuid()).collect::<Vec<_>>())
        .load(tx)
        .await?;
    let mut each: HashMap<Uuid, Money> = rows.into_iter().map(|row| (row.id, row)).collect();
    let told = accounts.into_iter().map(|account| match each.remove(&account.id.uuid()) {
        Some(money) => Standing { balance: money.balance, equity: money.equity, ..account },
        None => account,
    });
    Ok(told.collect())
}

#[derive(QueryableByName)]
struct FirstEntry {
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    entry_at: DateTime<Utc>,
}

/// When each of these accounts entered its first trade; those without one are left out.
pub async fn first_entries(
    tx: &mut Tx,
    owner: OwnerId,
    accounts: &[AccountId],
) -> StoreResult<HashMap<AccountId, DateTime<Utc>>> {
    let accounts: Vec<Uuid> = accounts.iter().map(|id| id.uuid()).collect();
    let rows: Vec<FirstEntry> = sql_query(
        "select a.id as account_id, f.entry_at from unnest($2) as a (id)
         cross join lateral (
            select t.entry_at from trades t where t.owner_id = $1 and t.account_id = a.id
            order by t.entry_at, t.id limit 1
         ) f",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Array<SqlUuid>, _>(accounts)
    .load(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.account_id.into(), row.entry_at)).collect())
}

/// What closed trades brought before `filter.from`, of the same accounts; zero
/// without such a time.
pub async fn sum_before(tx: &mut Tx, owner: OwnerId, filter: &TradeFilter) -> StoreResult<Decimal> {
    let Some(from) = filter.from else { return Ok(Decimal::ZERO) };
    let of_accounts =
        TradeFilter { accounts: filter.accounts.clone(), group: filter.group, ..TradeFilter::default() };
    let query = trades::table.filter(trades::owner_id.eq(owner.uuid())).into_boxed();
    // By the column itself: the index that holds all of this has no other exit.
    let query = narrowed(query, owner, &of_accounts)
        .filter(trades::exit_at.lt(stored(from)))
        .filter(trades::status.eq("closed"));
    let sum: Option<Decimal> = query.select(diesel::dsl::sum(trades::pnl)).get_result(tx).await?;
    Ok(sum.unwrap_or_default())
}
