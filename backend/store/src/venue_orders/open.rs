//! Planned copies of accounts at an exchange, and their claim.

use std::collections::BTreeMap;

use diesel::sql_types::{Array, BigInt, Bool, Double, Integer, Nullable, Numeric, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::account::Platform;
use flotilla_domain::copy::coins::Unfit;
use flotilla_domain::copy::venue_order::VenueOrder;
use flotilla_domain::id::{AccountId, CopyId, NodeId, OwnerId};
use flotilla_domain::side::Side;
use flotilla_domain::symbol::Symbol;
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

use crate::Tx;
use crate::copy_orders::halts::{HALT, halt};
use crate::copy_orders::{COLUMNS, CopyRow, LockedCopy};
use crate::error::{StoreResult, known};
use crate::prepared::Prepared;
use crate::subscription_settings::units_of;

/// A planned copy whose order has to be placed.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    /// The copy.
    pub copy_id: CopyId,
    /// The account at the exchange.
    pub follower_id: AccountId,
    /// Instrument, under the follower's name.
    pub symbol: Symbol,
    /// Side to open.
    pub side: Side,
    /// Seconds until it is too old.
    pub fresh_for_s: f64,
    /// Whether the account's equity was read in the last five minutes.
    pub has_equity: bool,
}

/// A locked, planned copy with all that its order follows from.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The copy.
    pub copy: LockedCopy,
    /// Price of the master's entry.
    pub master_price: Decimal,
    /// Stop loss to attach.
    pub stop_loss: Option<Decimal>,
    /// Take profit to attach.
    pub take_profit: Option<Decimal>,
    /// The instrument under the master's name.
    pub master_symbol: String,
    /// Owner of the master.
    pub master_owner: OwnerId,
    /// Where the master trades.
    pub master_platform: Platform,
    /// Units of one lot as the master's own terminal reports them.
    pub reported_units: Option<Decimal>,
    /// Units of one lot as the follower's owner entered them, by name in capitals.
    pub entered_units: BTreeMap<String, Decimal>,
    /// Taken off the master's name.
    pub strip_suffix: Option<String>,
    /// As a fraction of the master's price.
    pub max_deviation: Option<Decimal>,
    /// Whether the owner lets orders be placed.
    pub is_trading_enabled: bool,
    /// Equity of the account, if it was read in the last five minutes.
    pub equity: Option<Decimal>,
    /// Value of what copies hold or are about to open there.
    pub held_value: Decimal,
    /// The owner's limit for all positions over equity.
    pub leverage: Option<Decimal>,
    /// Contracts of which another order is in doubt.
    pub in_doubt: Vec<String>,
    /// Contracts of which copies hold the other side, or may.
    pub opposed: Vec<String>,
    /// What holds the follower back, whatever the market is.
    pub halt: Option<Unfit>,
    /// The most attempts in vain with which a copy of the account is being closed.
    pub closes_in_vain: i32,
    /// The same, with those that are still on their way.
    pub close_attempts: i32,
}

#[derive(QueryableByName)]
struct WaitingRow {
    #[diesel(sql_type = SqlUuid)]
    copy_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    follower_account_id: Uuid,
    #[diesel(sql_type = Text)]
    symbol: String,
    #[diesel(sql_type = Text)]
    side: String,
    #[diesel(sql_type = Double)]
    fresh_for_s: f64,
    #[diesel(sql_type = Bool)]
    has_equity: bool,
}

/// Whether the equity of the account of copy `c` is fresh.
const HAS_EQUITY: &str = "exists (
    select from account_figures f where f.account_id = c.follower_account_id and f.at > now() - interval '5 minutes')";

#[derive(QueryableByName)]
struct WantedRow {
    #[diesel(embed)]
    copy: CopyRow,
    #[diesel(sql_type = Numeric)]
    master_price: Decimal,
    #[diesel(sql_type = Nullable<Numeric>)]
    stop_loss: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    take_profit: Option<Decimal>,
    #[diesel(sql_type = Text)]
    master_symbol: String,
    #[diesel(sql_type = SqlUuid)]
    master_owner_id: Uuid,
    #[diesel(sql_type = Text)]
    master_platform: String,
    #[diesel(sql_type = Nullable<Numeric>)]
    contract_size: Option<Decimal>,
    #[diesel(sql_type = Nullable<diesel::sql_types::Jsonb>)]
    units_per_lot: Option<Value>,
    #[diesel(sql_type = Nullable<Text>)]
    strip_suffix: Option<String>,
    #[diesel(sql_type = Nullable<Numeric>)]
    max_deviation: Option<Decimal>,
    #[diesel(sql_type = Bool)]
    trading_enabled: bool,
    #[diesel(sql_type = Nullable<Numeric>)]
    equity: Option<Decimal>,
    #[diesel(sql_type = Numeric)]
    held_value: Decimal,
    #[diesel(sql_type = Nullable<Numeric>)]
    leverage: Option<Decimal>,
    #[diesel(sql_type = Array<Text>)]
    in_doubt: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    opposed: Vec<String>,
    #[diesel(sql_type = Nullable<Text>)]
    halt_reason: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    halt_detail: Option<String>,
    #[diesel(sql_type = Integer)]
    closes_in_vain: i32,
    #[diesel(sql_type = Integer)]
    close_attempts: i32,
}

/// Copies that wait for their order, oldest first, of accounts at `venue` that `node` serves and whose opens are not
/// held; `copies`: only these.
pub async fn list_waiting(
    tx: &mut Tx,
    (node, venue): (NodeId, Platform),
    copies: Option<&[Uuid]>,
    limit: i64,
) -> StoreResult<Vec<Waiting>> {
    let rows: Vec<WaitingRow> = sql_query(format!(
        "select c.copy_id, c.follower_account_id, c.symbol, c.side, {HAS_EQUITY} as has_equity,
            extract(epoch from c.expires_at - clock_timestamp())::double precision as fresh_for_s
         from copy_orders c
         join sessions s on s.account_id = c.follower_account_id and s.node_id = $1 and s.sockets > 0
            and s.venue = $2 and (s.opens_from is null or s.opens_from <= now())
         where c.state = 'planned' and c.desired_lots > 0 and c.expires_at > now()
            and ($3 is null or c.copy_id = any($3))
         order by c.id
         limit $4"
    ))
    .bind::<SqlUuid, _>(node.uuid())
    .bind::<Text, _>(venue.as_str())
    .bind::<Nullable<Array<SqlUuid>>, _>(copies)
    .bind::<BigInt, _>(limit)
    .get_results(tx)
    .await?;
    rows.into_iter().map(WaitingRow::waiting).collect()
}

impl WaitingRow {
    fn waiting(self) -> StoreResult<Waiting> {
        Ok(Waiting {
            copy_id: self.copy_id.into(),
            follower_id: self.follower_account_id.into(),
            symbol: known("copy_orders.symbol", &self.symbol)?,
            side: known("copy_orders.side", &self.side)?,
            fresh_for_s: self.fresh_for_s,
            has_equity: self.has_equity,
        })
    }
}

/// Locks an account for a claim, before everything else that the transaction locks.
///
/// What claims are judged by includes what others are about to open there.
pub async fn lock_account(tx: &mut Tx, account: AccountId) -> StoreResult<()> {
    let query = sql_query("select 1 from exchange_keys where account_id = $1 for no key update")
        .bind::<SqlUuid, _>(account.uuid());
    Prepared(query).execute(tx).await?;
    Ok(())
}

/// A copy whose order was claimed and did not get through, as it waits for its next sending.
pub async fn find_claimed(tx: &mut Tx, copy: CopyId) -> StoreResult<Option<Waiting>> {
    let rows: Vec<WaitingRow> = sql_query(format!(
        "select c.copy_id, c.follower_account_id, c.symbol, c.side, {HAS_EQUITY} as has_equity,
            extract(epoch from c.expires_at - clock_timestamp())::double precision as fresh_for_s
         from copy_orders c where c.copy_id = $1 and c.state in ('claimed', 'unconfirmed')"
    ))
    .bind::<SqlUuid, _>(copy.uuid())
    .get_results(tx)
    .await?;
    rows.into_iter().next().map(WaitingRow::waiting).transpose()
}

/// Locks a copy that may be placed by the session `epoch` on `node`. `None`: it was placed, is not wanted or fresh any
/// more, or the session is not the present one.
///
/// The session is held until the transaction ends, so that a takeover waits for the claim.
pub async fn lock_wanted(tx: &mut Tx, session: (NodeId, i64), copy: CopyId) -> StoreResult<Option<Wanted>> {
    lock_in(tx, session, copy, &["planned"]).await
}

/// As [`lock_wanted`], for a copy whose order did not get through and is sent again.
pub async fn lock_again(tx: &mut Tx, session: (NodeId, i64), copy: CopyId) -> StoreResult<Option<Wanted>> {
    lock_in(tx, session, copy, &["claimed", "unconfirmed"]).await
}

/// By the time it is now: the transaction may have waited for [`lock_account`]. What copies hold is counted at the price of their entry, or their master's where there is none yet.
async fn lock_in(
    tx: &mut Tx,
    (node, epoch): (NodeId, i64),
    copy: CopyId,
    states: &[&str],
) -> StoreResult<Option<Wanted>> {
    let query = sql_query(format!(
        "select {COLUMNS}, c.master_price, c.stop_loss, c.take_profit, g.symbol as master_symbol,
            m.owner_id as master_owner_id, m.platform as master_platform, y.contract_size, f.units_per_lot,
            f.strip_suffix, f.max_deviation, a.platform not in ('bingx', 'paper') or a.trading_enabled as trading_enabled,
            (select equity from account_figures where account_id = a.id and at > now() - interval '5 minutes') as equity,
            coalesce((
                select sum(h.coins * coalesce(h.price, h.master_price)) from ({HELD}) h), 0) as held_value,
            (select leverage::numeric from exchange_keys where account_id = a.id) as leverage,
            array(
                select distinct v.symbol from venue_orders v
                where v.follower_account_id = a.id and v.owner_id = a.owner_id and v.state = 'unknown'
                    and v.copy_id is distinct from c.copy_id) as in_doubt,
            array(
                select distinct h.symbol from ({HELD}) h
                where h.coins > 0 and (h.direction = 'LONG') <> (c.side = 'BUY')) as opposed,
            halt.reason as halt_reason, halt.detail as halt_detail,
            coalesce(closes.in_vain, 0) as closes_in_vain, coalesce(closes.attempts, 0) as close_attempts
         from copy_orders c
         join sessions s on s.account_id = c.follower_account_id
         join accounts a on a.id = c.follower_account_id
         join signals g on g.id = c.signal_id
         join accounts m on m.id = c.master_account_id
         left join symbol_specs y on y.account_id = m.id and y.symbol = g.symbol
         left join lateral (
            select units_per_lot, strip_suffix, max_deviation from subscriptions
            where follower_account_id = a.id and master_account_id = m.id
            order by id desc limit 1) f on true
         left join lateral (
            select max(o.close_attempts) as attempts, max(o.close_attempts - exists (
                select from venue_orders v
                where v.copy_id = o.copy_id and v.leg = 'close'
                    and v.state in ('intended', 'accepted', 'unknown'))::integer) as in_vain
            from copy_orders o
            where o.follower_account_id = a.id and o.state = 'closing') closes on true
         left join lateral ({HALT}) halt on true
         where c.copy_id = $1 and c.state = any($4) and c.desired_lots > 0 and c.expires_at > clock_timestamp()
            and s.node_id = $2 and s.epoch = $3 and s.sockets > 0
            and (s.opens_from is null or s.opens_from <= clock_timestamp())
         for update of c skip locked
         for share of s"
    ))
    .bind::<SqlUuid, _>(copy.uuid())
    .bind::<SqlUuid, _>(node.uuid())
    .bind::<BigInt, _>(epoch)
    .bind::<Array<Text>, _>(states);
    let rows: Vec<WantedRow> = Prepared(query).get_results(tx).await?;
    rows.into_iter().next().map(WantedRow::wanted).transpose()
}

/// Coins that other copies of the account hold, or are about to open, by copy.
const HELD: &str = "
    select v.symbol, v.direction, o.master_price, max(v.average_price) filter (where v.leg = 'open') as price,
        sum(case when v.leg <> 'open' then -v.filled
            when v.state in ('intended', 'accepted', 'unknown') then v.quantity
            else v.filled end) as coins
    from copy_orders o
    join venue_orders v on v.copy_id = o.copy_id
    where o.follower_account_id = a.id and o.copy_id <> c.copy_id
        and (o.state in ('planned', 'claimed', 'received')
            or o.state in ('open', 'unconfirmed', 'closing', 'attention'))
    group by o.copy_id, o.master_price, v.symbol, v.direction";

/// Claims a locked copy and writes its order: the intent, before anything is sent.
///
/// # Errors
///
/// [`StoreError::Constraint`](crate::StoreError::Constraint) when the order was written before.
pub async fn claim(tx: &mut Tx, order: &VenueOrder) -> StoreResult<()> {
    let query = sql_query(
        "with claimed as (
            update copy_orders set state = 'claimed', claim_epoch = $2, claimed_at = now(), symbol = $3, updated_at = now()
            where copy_id = $1
            returning owner_id, copy_id)
         insert into copy_events (owner_id, copy_id, from_state, to_state, cause)
         select owner_id, copy_id, 'planned', 'claimed', 'claim' from claimed",
    )
    .bind::<SqlUuid, _>(order.copy_id.uuid())
    .bind::<BigInt, _>(order.epoch)
    .bind::<Text, _>(&order.symbol);
    Prepared(query).execute(tx).await?;
    super::insert(tx, order).await
}

/// Units of one lot by what the master's own trades brought, where one and only one size explains them.
pub async fn borne_out_units(
    tx: &mut Tx,
    owner: OwnerId,
    master: AccountId,
    symbol: &str,
) -> StoreResult<Option<Decimal>> {
    let found = crate::lot_sizes::borne_out(tx, owner, &[(master.uuid(), symbol)]).await?;
    Ok(found.into_iter().next().map(|size| size.units))
}

impl WantedRow {
    fn wanted(self) -> StoreResult<Wanted> {
        let halt = self.halt_reason.map(|reason| halt(&reason, self.halt_detail)).transpose()?;
        Ok(Wanted {
            copy: self.copy.locked()?,
            master_price: self.master_price,
            stop_loss: self.stop_loss,
            take_profit: self.take_profit,
            master_symbol: self.master_symbol,
            master_owner: self.master_owner_id.into(),
            master_platform: known("accounts.platform", &self.master_platform)?,
            reported_units: self.contract_size,
            entered_units: self.units_per_lot.map(units_of).transpose()?.unwrap_or_default(),
            strip_suffix: self.strip_suffix,
            max_deviation: self.max_deviation,
            is_trading_enabled: self.trading_enabled,
            equity: self.equity,
            held_value: self.held_value,
            leverage: self.leverage,
            in_doubt: self.in_doubt,
            opposed: self.opposed,
            halt,
            closes_in_vain: self.closes_in_vain,
            close_attempts: self.close_attempts,
        })
    }
}
