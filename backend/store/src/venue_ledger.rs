//! Fills and flows of money of accounts at exchanges, each once, and the trades that are made from them.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, Integer, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension as _, QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId, TradeId};
use flotilla_domain::trade::TradeStatus;
use flotilla_domain::venue_trades::{Funding, RoundTrip, VenueFill};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::Tx;
use crate::error::{StoreResult, known};

/// A row of the flow of money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// Its name at the exchange.
    pub id: String,
    /// As the exchange names it.
    pub kind: String,
    /// Contract; empty where there is none.
    pub symbol: String,
    /// Below zero is paid.
    pub amount: Decimal,
    /// When.
    pub at: DateTime<Utc>,
}

/// How far an account is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// Number of the account at the exchange that was read.
    pub uid: Option<String>,
    /// All fills before this are stored.
    pub fills_until: Option<DateTime<Utc>>,
    /// All income before this is stored.
    pub income_until: Option<DateTime<Utc>>,
    /// Where the history begins; `None` until it was imported.
    pub imported_from: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct ReadingRow {
    #[diesel(sql_type = Nullable<Text>)]
    uid: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    fills_until: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    income_until: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    imported_from: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct SymbolRow {
    #[diesel(sql_type = Text)]
    symbol: String,
}

#[derive(QueryableByName)]
struct FillRow {
    #[diesel(sql_type = Text)]
    order_id: String,
    #[diesel(sql_type = Text)]
    trade_id: String,
    #[diesel(sql_type = Timestamptz)]
    filled_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    symbol: String,
    #[diesel(sql_type = Text)]
    slot: String,
    #[diesel(sql_type = Text)]
    side: String,
    #[diesel(sql_type = Numeric)]
    quantity: Decimal,
    #[diesel(sql_type = Numeric)]
    price: Decimal,
    #[diesel(sql_type = Numeric)]
    fee: Decimal,
}

#[derive(QueryableByName)]
struct AmountRow {
    #[diesel(sql_type = Numeric)]
    amount: Decimal,
}

#[derive(QueryableByName)]
struct FundingRow {
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Numeric)]
    amount: Decimal,
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// How far an account is read.
pub async fn reading(tx: &mut Tx, account: AccountId) -> StoreResult<Reading> {
    let row: Option<ReadingRow> = sql_query(
        "select uid, fills_until, income_until, imported_from from venue_accounts where account_id = $1",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .get_result(tx)
    .await
    .optional()?;
    Ok(row.map(ReadingRow::reading).unwrap_or_default())
}

/// Notes how far an account is read.
pub async fn keep_reading(
    tx: &mut Tx,
    (owner, account): (OwnerId, AccountId),
    reading: &Reading,
) -> StoreResult<()> {
    sql_query(
        "insert into venue_accounts (account_id, owner_id, uid, fills_until, income_until, imported_from)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (account_id) do update set
            uid = excluded.uid, fills_until = excluded.fills_until, income_until = excluded.income_until,
            imported_from = excluded.imported_from",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Nullable<Text>, _>(reading.uid.as_deref())
    .bind::<Nullable<Timestamptz>, _>(reading.fills_until)
    .bind::<Nullable<Timestamptz>, _>(reading.income_until)
    .bind::<Nullable<Timestamptz>, _>(reading.imported_from)
    .execute(tx)
    .await?;
    Ok(())
}

/// Stores fills; returns the contracts of those that were not stored before.
pub async fn add_fills(
    tx: &mut Tx,
    (owner, account): (OwnerId, AccountId),
    fills: &[VenueFill],
) -> StoreResult<Vec<String>> {
    let rows: Vec<SymbolRow> = sql_query(
        "with added as (
            insert into venue_fills (account_id, owner_id, order_id, trade_id, filled_at, symbol, slot, side, quantity,
                price, fee)
            select $1, $2, v.* from unnest($3, $4, $5, $6, $7, $8, $9, $10, $11)
                as v (order_id, trade_id, filled_at, symbol, slot, side, quantity, price, fee)
            on conflict do nothing
            returning symbol)
         select distinct symbol from added",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Array<Text>, _>(fills.iter().map(|fill| fill.order_id.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(fills.iter().map(|fill| fill.trade_id.as_str()).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(fills.iter().map(|fill| fill.at).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(fills.iter().map(|fill| fill.symbol.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(fills.iter().map(|fill| fill.slot.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(fills.iter().map(|fill| fill.side.as_str()).collect::<Vec<_>>())
    .bind::<Array<Numeric>, _>(fills.iter().map(|fill| fill.quantity).collect::<Vec<_>>())
    .bind::<Array<Numeric>, _>(fills.iter().map(|fill| fill.price).collect::<Vec<_>>())
    .bind::<Array<Numeric>, _>(fills.iter().map(|fill| fill.fee).collect::<Vec<_>>())
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(|row| row.symbol).collect())
}

/// Stores flows of money; returns the contracts of those that were not stored before, and an empty name for those of
/// none.
pub async fn add_flows(
    tx: &mut Tx,
    (owner, account): (OwnerId, AccountId),
    flows: &[Flow],
) -> StoreResult<Vec<String>> {
    let rows: Vec<SymbolRow> = sql_query(
        "with added as (
            insert into venue_income (account_id, owner_id, income_id, kind, symbol, amount, at)
            select $1, $2, v.* from unnest($3, $4, $5, $6, $7) as v (income_id, kind, symbol, amount, at)
            on conflict do nothing
            returning symbol)
         select distinct symbol from added",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Array<Text>, _>(flows.iter().map(|flow| flow.id.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(flows.iter().map(|flow| flow.kind.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(flows.iter().map(|flow| flow.symbol.as_str()).collect::<Vec<_>>())
    .bind::<Array<Numeric>, _>(flows.iter().map(|flow| flow.amount).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(flows.iter().map(|flow| flow.at).collect::<Vec<_>>())
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(|row| row.symbol).collect())
}

/// What was moved into an account less what was moved out of it, as far as it was read.
pub async fn cash_total(tx: &mut Tx, account: AccountId) -> StoreResult<Decimal> {
    let row: AmountRow = sql_query(
        "select coalesce(sum(amount), 0) as amount from venue_income where account_id = $1 and kind = 'TRANSFER'",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .get_result(tx)
    .await?;
    Ok(row.amount)
}

/// All fills of a contract, oldest first.
pub async fn list_fills(tx: &mut Tx, account: AccountId, symbol: &str) -> StoreResult<Vec<VenueFill>> {
    let rows: Vec<FillRow> = sql_query(
        "select order_id, trade_id, filled_at, symbol, slot, side, quantity, price, fee from venue_fills
         where account_id = $1 and symbol = $2
         order by filled_at, order_id, trade_id",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Text, _>(symbol)
    .get_results(tx)
    .await?;
    rows.into_iter().map(FillRow::fill).collect()
}

/// Contracts in which an account has fills.
pub async fn list_symbols(tx: &mut Tx, account: AccountId) -> StoreResult<Vec<String>> {
    let rows: Vec<SymbolRow> = sql_query("select distinct symbol from venue_fills where account_id = $1")
        .bind::<SqlUuid, _>(account.uuid())
        .get_results(tx)
        .await?;
    Ok(rows.into_iter().map(|row| row.symbol).collect())
}

/// The exchange's names of orders of copies in a contract, their stops and targets among them. `None` while one of them
/// has no name yet: a fill may be its.
pub async fn list_ours(
    tx: &mut Tx,
    (owner, account): (OwnerId, AccountId),
    symbol: &str,
) -> StoreResult<Option<HashSet<String>>> {
    #[derive(QueryableByName)]
    struct NameRow {
        #[diesel(sql_type = Nullable<Text>)]
        order_id: Option<String>,
    }
    let rows: Vec<NameRow> = sql_query(
        "select order_id from venue_orders
         where owner_id = $1 and follower_account_id = $2 and symbol = $3
            and (order_id is not null or state in ('intended', 'unknown'))
         union all
         select order_id from venue_exits
         where follower_account_id = $2 and symbol = $3 and order_id is not null",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Text, _>(symbol)
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(|row| row.order_id).collect())
}

/// Writes into the trades of copies in a contract what funding they paid or received: of each flow the share of what
/// they held then. Returns the trades that changed.
///
/// `others`: coins that were held besides, for each flow in turn. Two flows may be of one moment: in hedge mode each side
/// has its own.
pub async fn share_funding(
    tx: &mut Tx,
    (owner, account): (OwnerId, AccountId),
    symbol: &str,
    (flows, others): (&[Funding], &[Decimal]),
) -> StoreResult<Vec<TradeId>> {
    let rows: Vec<IdRow> = sql_query(
        "with flows as (
            select * from unnest($4, $5, $6) with ordinality as v (at, amount, other, n)),
        fills as (
            select v.copy_id, x.filled_at as at,
                case when (x.side = 'BUY') = (v.direction = 'LONG') then x.quantity else -x.quantity end as quantity
            from venue_fills x
            join (
                select distinct copy_id, direction, order_id from venue_orders
                where owner_id = $1 and follower_account_id = $2 and symbol = $3) v on v.order_id = x.order_id
            where x.account_id = $2 and x.symbol = $3
            union all
            select copy_id, created_at, -filled from venue_orders
            where owner_id = $1 and follower_account_id = $2 and symbol = $3 and leg = 'external'
                and order_id is null),
        held as (
            select l.copy_id, f.n, f.amount, f.other, sum(l.quantity) as quantity
            from flows f join fills l on l.at <= f.at
            group by l.copy_id, f.n, f.amount, f.other
            having sum(l.quantity) > 0),
        shares as (
            select copy_id, round(sum(amount * quantity / (ours + other)), 8) as amount
            from (select *, sum(quantity) over (partition by n) as ours from held) h
            group by copy_id)
         update trades t set swap = s.amount, updated_at = now()
         from shares s
         where t.owner_id = $1 and t.copy_id = s.copy_id and t.swap is distinct from s.amount
         returning t.id",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Text, _>(symbol)
    .bind::<Array<Timestamptz>, _>(flows.iter().map(|flow| flow.at).collect::<Vec<_>>())
    .bind::<Array<Numeric>, _>(flows.iter().map(|flow| flow.amount).collect::<Vec<_>>())
    .bind::<Array<Numeric>, _>(others)
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(|row| row.id.into()).collect())
}

/// Funding of a contract, oldest first.
pub async fn list_funding(tx: &mut Tx, account: AccountId, symbol: &str) -> StoreResult<Vec<Funding>> {
    let rows: Vec<FundingRow> = sql_query(
        "select at, amount from venue_income
         where account_id = $1 and symbol = $2 and kind = 'FUNDING_FEE'
         order by at",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Text, _>(symbol)
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(|row| Funding { at: row.at, amount: row.amount }).collect())
}

/// What was measured of a trade is forgotten, and it is due again, where its quantity, entry or end turn out otherwise.
///
/// `before` is what the statement began with: where another has written the trade since, it says nothing. So a trade that
/// has no figures and waits for none is due as well, whatever changed of it.
const SAVE_TRADE: &str = "
    with before as (
        select quantity, entry_price, exit_at from trades
        where account_id = $2 and source = 'exchange' and external_id = $14),
    trade as (
        insert into trades as t (owner_id, account_id, source, symbol, direction, asset_type, quantity, multiplier,
            entry_price, exit_price, entry_at, exit_at, fees, swap, pnl, pnl_source, status, external_id)
        values ($1, $2, 'exchange', $3, $4, 'crypto', $5, 1, $6, $7, $8, $9, $10, $11, $12,
            case when $12 is not null then 'broker' end, $13, $14)
        on conflict (account_id, source, external_id) where source in ('ea', 'exchange') do update set
            quantity = excluded.quantity, entry_price = excluded.entry_price, exit_price = excluded.exit_price,
            exit_at = excluded.exit_at, fees = excluded.fees, swap = excluded.swap, pnl = excluded.pnl,
            pnl_source = excluded.pnl_source, status = excluded.status, updated_at = now(),
            mae = case when (t.quantity, t.entry_price, t.exit_at)
                is not distinct from (excluded.quantity, excluded.entry_price, excluded.exit_at) then t.mae end,
            mfe = case when (t.quantity, t.entry_price, t.exit_at)
                is not distinct from (excluded.quantity, excluded.entry_price, excluded.exit_at) then t.mfe end
        where (t.quantity, t.entry_price, t.exit_price, t.exit_at, t.fees, t.swap, t.pnl, t.status)
            is distinct from (excluded.quantity, excluded.entry_price, excluded.exit_price, excluded.exit_at,
                excluded.fees, excluded.swap, excluded.pnl, excluded.status)
        returning id, owner_id, account_id, quantity, entry_price, exit_at, pnl, mae),
    measured as (
        insert into trade_excursions as e (trade_id, owner_id, environment, exit_at, due_at)
        select t.id, t.owner_id, k.environment, t.exit_at, now()
        from trade t join exchange_keys k on k.account_id = t.account_id
        where t.exit_at is not null and t.pnl is not null and t.mae is null
        on conflict (trade_id) do update set exit_at = excluded.exit_at, due_at = excluded.due_at, tries = 0
        where e.exit_at <> excluded.exit_at or e.due_at is null or exists (
            select from before b join trade t on (b.quantity, b.entry_price, b.exit_at)
                is distinct from (t.quantity, t.entry_price, t.exit_at)))
    select id from trade";

/// Writes a trade that was made from fills, in place of what was known of it. Returns it where something changed.
///
/// How far it ran is computed once it is closed, and anew where a fill that was told late changes what it was.
pub async fn save_trade(
    tx: &mut Tx,
    (owner, account): (OwnerId, AccountId),
    symbol: &str,
    trip: &RoundTrip,
) -> StoreResult<Option<TradeId>> {
    let status = if trip.open.is_zero() { TradeStatus::Closed } else { TradeStatus::Open };
    let rows: Vec<IdRow> = sql_query(SAVE_TRADE)
        .bind::<SqlUuid, _>(owner.uuid())
        .bind::<SqlUuid, _>(account.uuid())
        .bind::<Text, _>(symbol)
        .bind::<Text, _>(trip.direction.as_str())
        .bind::<Numeric, _>(trip.quantity)
        .bind::<Numeric, _>(trip.entry_price)
        .bind::<Nullable<Numeric>, _>(trip.exit_price)
        .bind::<Timestamptz, _>(trip.entry_at)
        .bind::<Nullable<Timestamptz>, _>(trip.exit_at)
        .bind::<Numeric, _>(trip.fees)
        .bind::<Numeric, _>(trip.funding)
        .bind::<Nullable<Numeric>, _>(trip.pnl)
        .bind::<Text, _>(status.as_str())
        .bind::<Text, _>(trip.opened_by.as_str())
        .get_results(tx)
        .await?;
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    save_executions(tx, owner, row.id, trip).await?;
    Ok(Some(row.id.into()))
}

async fn save_executions(tx: &mut Tx, owner: OwnerId, trade: Uuid, trip: &RoundTrip) -> StoreResult<()> {
    sql_query("delete from executions where trade_id = $1").bind::<SqlUuid, _>(trade).execute(tx).await?;
    let fills = &trip.executions;
    let numbers: Vec<i32> = (0..i32::try_from(fills.len()).unwrap_or(i32::MAX)).collect();
    sql_query(
        "insert into executions (owner_id, trade_id, side, quantity, price, fees, at)
         select $1, $2, v.side, v.quantity, v.price, v.fees, v.at
         from unnest($3, $4, $5, $6, $7, $8) as v (side, quantity, price, fees, at, number)
         order by v.number",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<SqlUuid, _>(trade)
    .bind::<Array<Text>, _>(fills.iter().map(|fill| fill.side.as_str()).collect::<Vec<_>>())
    .bind::<Array<Numeric>, _>(fills.iter().map(|fill| fill.quantity).collect::<Vec<_>>())
    .bind::<Array<Nullable<Numeric>>, _>(fills.iter().map(|fill| fill.price).collect::<Vec<_>>())
    .bind::<Array<Numeric>, _>(fills.iter().map(|fill| fill.fees).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(fills.iter().map(|fill| fill.at).collect::<Vec<_>>())
    .bind::<Array<Integer>, _>(numbers)
    .execute(tx)
    .await?;
    Ok(())
}

impl ReadingRow {
    fn reading(self) -> Reading {
        Reading {
            uid: self.uid,
            fills_until: self.fills_until,
            income_until: self.income_until,
            imported_from: self.imported_from,
        }
    }
}

impl FillRow {
    fn fill(self) -> StoreResult<VenueFill> {
        Ok(VenueFill {
            order_id: self.order_id,
            trade_id: self.trade_id,
            symbol: self.symbol,
            slot: known("venue_fills.slot", &self.slot)?,
            side: known("venue_fills.side", &self.side)?,
            quantity: self.quantity,
            price: self.price,
            fee: self.fee,
            at: self.filled_at,
        })
    }
}
