//! Last prices of the charts that terminals show.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_domain::symbol::Symbol;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::Tx;
use crate::error::StoreResult;

/// Charts of one account that are remembered; what comes beyond is not.
const MOST: i64 = 200;
/// A chart that was silent for this long is forgotten, in days.
const FORGOTTEN: &str = "30 days";

/// What a chart showed last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPrice {
    /// Whose terminal.
    pub account_id: AccountId,
    /// Its owner.
    pub owner_id: OwnerId,
    /// Instrument under the terminal's own name.
    pub chart_symbol: Symbol,
    /// Its name in signals.
    pub signal_symbol: SignalName,
    /// Bid and ask; none before the first tick.
    pub quote: Option<(Decimal, Decimal)>,
    /// Since the line was read, in milliseconds.
    pub age_ms: i64,
}

/// Name of a chart's instrument in signals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignalName {
    /// Not seen on this connection: what was known before stands.
    Unseen,
    /// This one.
    Known(Symbol),
    /// The connection speaks of several instruments: none is known.
    Several,
}

/// The last price of an instrument, for one of the accounts it concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastPrice {
    /// The account itself, or a follower of the account whose terminal shows it.
    pub account_id: AccountId,
    /// Instrument, under the name it has in signals where that is known.
    pub symbol: String,
    /// Best price to sell at.
    pub bid: Option<Decimal>,
    /// Best price to buy at.
    pub ask: Option<Decimal>,
    /// When the terminal last said so.
    pub at: DateTime<Utc>,
    /// When it last said something else.
    pub changed_at: DateTime<Utc>,
    /// Time of the database.
    pub now: DateTime<Utc>,
}

/// Replaces what charts showed last.
pub async fn save(tx: &mut Tx, prices: &[NewPrice]) -> StoreResult<()> {
    sql_query(
        "insert into prices as p (account_id, owner_id, chart_symbol, signal_symbol, bid, ask, at, changed_at)
         select v.account_id, v.owner_id, v.chart_symbol, v.signal_symbol, v.bid, v.ask, heard.at, heard.at
         from unnest($1, $2, $3, $4, $5, $6, $7, $8)
            as v (account_id, owner_id, chart_symbol, signal_symbol, is_several, bid, ask, age_ms)
         cross join lateral (select now() - v.age_ms * interval '1 millisecond' as at) heard
         join accounts a on a.id = v.account_id
         where (select count(*) from prices o where o.account_id = v.account_id) < $9
            or exists (select from prices o where o.account_id = v.account_id and o.chart_symbol = v.chart_symbol)
         on conflict (account_id, chart_symbol) do update set
            signal_symbol = coalesce(excluded.signal_symbol, p.signal_symbol),
            bid = excluded.bid, ask = excluded.ask, at = excluded.at,
            changed_at = case when (p.bid, p.ask) is distinct from (excluded.bid, excluded.ask)
                then excluded.at else p.changed_at end",
    )
    .bind::<Array<SqlUuid>, _>(prices.iter().map(|price| price.account_id.uuid()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(prices.iter().map(|price| price.owner_id.uuid()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(prices.iter().map(|price| price.chart_symbol.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(prices.iter().map(|price| price.signal_symbol.known()).collect::<Vec<_>>())
    .bind::<Array<Bool>, _>(
        prices.iter().map(|price| price.signal_symbol == SignalName::Several).collect::<Vec<_>>(),
    )
    .bind::<Array<Nullable<Numeric>>, _>(prices.iter().map(|price| price.quote.map(|quote| quote.0)).collect::<Vec<_>>())
    .bind::<Array<Nullable<Numeric>>, _>(prices.iter().map(|price| price.quote.map(|quote| quote.1)).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(prices.iter().map(|price| price.age_ms).collect::<Vec<_>>())
    .bind::<BigInt, _>(MOST)
    .execute(tx)
    .await?;
    forget_names(tx, prices).await
}

/// A chart whose connection speaks of several instruments tells none of them.
async fn forget_names(tx: &mut Tx, prices: &[NewPrice]) -> StoreResult<()> {
    let several: Vec<_> = prices.iter().filter(|price| price.signal_symbol == SignalName::Several).collect();
    if several.is_empty() {
        return Ok(());
    }
    sql_query(
        "update prices p set signal_symbol = null
         from unnest($1, $2) as v (account_id, chart_symbol)
         where p.account_id = v.account_id and p.chart_symbol = v.chart_symbol and p.signal_symbol is not null",
    )
    .bind::<Array<SqlUuid>, _>(several.iter().map(|price| price.account_id.uuid()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(several.iter().map(|price| price.chart_symbol.as_str()).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// Forgets charts that nobody has shown for a month.
pub async fn forget_old(tx: &mut Tx) -> StoreResult<()> {
    sql_query(format!("delete from prices where at < now() - interval '{FORGOTTEN}'")).execute(tx).await?;
    Ok(())
}

#[derive(QueryableByName)]
struct PriceRow {
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = Text)]
    symbol: String,
    #[diesel(sql_type = Nullable<Numeric>)]
    bid: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    ask: Option<Decimal>,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    changed_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    now: DateTime<Utc>,
}

/// Last prices that concern `accounts` of an owner: of their own charts, and of
/// those of the masters they follow.
///
/// `shown_by`: only of these accounts' charts.
pub async fn list(
    tx: &mut Tx,
    owner: OwnerId,
    accounts: &[AccountId],
    shown_by: Option<&[AccountId]>,
) -> StoreResult<Vec<LastPrice>> {
    let shown_by = shown_by.map(|ids| ids.iter().map(|id| id.uuid()).collect::<Vec<_>>());
    let rows: Vec<PriceRow> = sql_query(
        "with concerns as (
            select id as account_id, id as shown_by from accounts where owner_id = $1 and id = any($2)
            union
            select follower_account_id, master_account_id from subscriptions
            where owner_id = $1 and follower_account_id = any($2) and state <> 'ended')
         select distinct on (c.account_id, symbol) c.account_id, coalesce(p.signal_symbol, p.chart_symbol) as symbol,
            p.bid, p.ask, p.at, p.changed_at, now() as now
         from concerns c join prices p on p.account_id = c.shown_by
         where $3 is null or p.account_id = any($3)
         order by c.account_id, symbol, (p.account_id = c.account_id) desc, p.at desc",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Array<SqlUuid>, _>(accounts.iter().map(|id| id.uuid()).collect::<Vec<_>>())
    .bind::<Nullable<Array<SqlUuid>>, _>(shown_by)
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(PriceRow::price).collect())
}

impl PriceRow {
    fn price(self) -> LastPrice {
        LastPrice {
            account_id: self.account_id.into(),
            symbol: self.symbol,
            bid: self.bid,
            ask: self.ask,
            at: self.at,
            changed_at: self.changed_at,
            now: self.now,
        }
    }
}

impl SignalName {
    fn known(&self) -> Option<&str> {
        match self {
            Self::Known(symbol) => Some(symbol.as_str()),
            Self::Unseen | Self::Several => None,
        }
    }
}
