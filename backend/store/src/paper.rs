//! Accounts without a broker: who they are, what prices there are for their copies, and what those came to.

use chrono::{DateTime, Utc};
use diesel::sql_types::{
    Array, BigInt, Bool, Integer, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::account::CopyRole;
use flotilla_domain::copy::coins::ContractRules;
use flotilla_domain::id::{AccountId, CopyId};
use flotilla_domain::trade::Direction;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::Tx;
use crate::ea_login::EaLogin;
use crate::error::{StoreError, StoreResult, known};

/// An account that is filled on paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperAccount {
    /// Account, owner and role.
    pub login: EaLogin,
    /// Its currency.
    pub currency: String,
    /// Money at the start; none was named for `None`.
    pub starting_balance: Option<Decimal>,
    /// How much worse fills are than the price there is, where the owner chose it.
    pub slippage: Option<Decimal>,
    /// It takes part in nothing: nothing is opened, closes are.
    pub is_suspended: bool,
}

/// Prices for a copy, and what its contract asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// Instrument under the master's name.
    pub master_symbol: String,
    /// Best prices of the master's feed, and when they were true.
    pub quote: Option<(Decimal, Decimal, DateTime<Utc>)>,
    /// At which price the master entered, or left where it has, and when.
    pub said: Option<(Decimal, DateTime<Utc>)>,
    /// Rules of the contract, of a master at an exchange.
    pub rules: Option<ContractRules>,
    /// Its fee as a fraction of the value.
    pub fee_rate: Option<Decimal>,
}

/// What a copy holds on paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperHolding {
    /// Whose.
    pub account_id: AccountId,
    /// The copy.
    pub copy_id: CopyId,
    /// Instrument, as booked.
    pub symbol: String,
    /// Which way it profits.
    pub direction: Direction,
    /// Coins or units.
    pub quantity: Decimal,
    /// Average entry price.
    pub entry_price: Decimal,
    /// Ends it with a loss.
    pub stop_loss: Option<Decimal>,
    /// Ends it with a gain.
    pub take_profit: Option<Decimal>,
    /// Best prices of the master's feed, and when they were true.
    pub quote: Option<(Decimal, Decimal, DateTime<Utc>)>,
    /// Whether they are of now.
    pub is_fresh: bool,
    /// Whether they are of after its entry and the last change of its stop or target: an older price has reached neither.
    pub is_since: bool,
    /// For how many seconds it has been held with the stop and target that it has.
    pub unchanged_for_s: u32,
}

#[derive(QueryableByName)]
struct AccountRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = Text)]
    copy_role: String,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Nullable<Numeric>)]
    starting_balance: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    paper_slippage: Option<Decimal>,
    #[diesel(sql_type = Bool)]
    is_suspended: bool,
}

#[derive(QueryableByName)]
struct QuoteRow {
    #[diesel(sql_type = Nullable<Numeric>)]
    bid: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    ask: Option<Decimal>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    quoted_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    is_fresh: bool,
}

#[derive(QueryableByName)]
struct FeedRow {
    #[diesel(sql_type = Text)]
    master_symbol: String,
    #[diesel(embed)]
    quote: QuoteRow,
    #[diesel(sql_type = Nullable<Numeric>)]
    said: Option<Decimal>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    said_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Integer>)]
    quantity_precision: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    price_precision: Option<i32>,
    #[diesel(sql_type = Nullable<Numeric>)]
    min_quantity: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    min_notional: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    taker_fee_rate: Option<Decimal>,
}

#[derive(QueryableByName)]
struct HoldingRow {
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    copy_id: Uuid,
    #[diesel(sql_type = Text)]
    symbol: String,
    #[diesel(sql_type = Text)]
    direction: String,
    #[diesel(sql_type = Numeric)]
    quantity: Decimal,
    #[diesel(sql_type = Numeric)]
    entry_price: Decimal,
    #[diesel(sql_type = Nullable<Numeric>)]
    stop_loss: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    take_profit: Option<Decimal>,
    #[diesel(embed)]
    quote: QuoteRow,
    #[diesel(sql_type = Bool)]
    is_since: bool,
    #[diesel(sql_type = BigInt)]
    unchanged_for_s: i64,
}

/// Prices of a master's feed: of the contract, where it trades at an exchange, and of its charts elsewhere. A price is
/// of now for 20 seconds.
///
/// Needs `m` (the master's account), `k` (its key, if any) and `g` (the signal).
const QUOTE: &str = "
    left join lateral (
        select v.last_price as bid, v.last_price as ask, v.price_at as at, v.quantity_precision, v.price_precision,
            v.min_quantity, v.min_notional, v.taker_fee_rate
        from venue_contracts v
        where m.platform = 'bingx' and v.environment = k.environment and v.symbol = g.symbol
        union all
        (select p.bid, p.ask, p.at, null, null, null, null, null
        from prices p
        where m.platform <> 'bingx' and p.account_id = m.id and coalesce(p.signal_symbol, p.chart_symbol) = g.symbol
            and p.bid is not null and p.ask is not null
        order by p.at desc
        limit 1)
        limit 1) q on true";
const QUOTE_COLUMNS: &str =
    "q.bid, q.ask, q.at as quoted_at, coalesce(q.at > now() - interval '20 seconds', false) as is_fresh";

/// Accounts that are filled on paper; what is no longer active stays while copies hold something there.
pub async fn list_accounts(tx: &mut Tx) -> StoreResult<Vec<PaperAccount>> {
    let rows: Vec<AccountRow> = sql_query(
        "select a.id, a.owner_id, a.copy_role, a.currency, a.starting_balance, a.paper_slippage,
            not a.is_active or not u.is_active or a.archived_at is not null as is_suspended
         from accounts a
         join users u on u.id = a.owner_id
         where a.platform = 'paper' and a.copy_role = 'follower'
            and (a.is_active and u.is_active and a.archived_at is null or exists (
                select from copy_orders c where c.follower_account_id = a.id
                    and c.state in ('open', 'unconfirmed', 'closing', 'attention')))
         order by a.id",
    )
    .get_results(tx)
    .await?;
    rows.into_iter().map(AccountRow::account).collect()
}

/// Prices for a copy.
///
/// `is_exit`: what the master said last counts, be it that it left; otherwise that it entered.
pub async fn get_feed(tx: &mut Tx, copy: CopyId, is_exit: bool) -> StoreResult<Feed> {
    let rows: Vec<FeedRow> = sql_query(format!(
        "select g.symbol as master_symbol, {QUOTE_COLUMNS}, x.price as said, x.received_at as said_at,
            q.quantity_precision, q.price_precision, q.min_quantity, q.min_notional, q.taker_fee_rate
         from copy_orders c
         join signals g on g.id = c.signal_id
         join accounts m on m.id = c.master_account_id
         left join exchange_keys k on k.account_id = m.id
         {QUOTE}
         left join lateral (
            select s.price, s.received_at from signals s
            where s.master_account_id = m.id and s.ticket = c.master_ticket and s.price > 0
                and (s.id = g.id or $2 and s.kind in ('close', 'partial'))
            order by s.kind in ('close', 'partial') desc, s.received_at desc
            limit 1) x on true
         where c.copy_id = $1"
    ))
    .bind::<SqlUuid, _>(copy.uuid())
    .bind::<Bool, _>(is_exit)
    .get_results(tx)
    .await?;
    rows.into_iter().next().map(FeedRow::feed).ok_or(StoreError::NotFound("copy"))
}

/// What copies of these accounts hold.
pub async fn list_held(tx: &mut Tx, accounts: &[AccountId]) -> StoreResult<Vec<PaperHolding>> {
    let rows: Vec<HoldingRow> = sql_query(format!(
        "with held as (
            select v.copy_id, min(v.symbol) as symbol, min(v.direction) as direction,
                sum(case v.leg when 'open' then v.filled else -v.filled end) as quantity,
                round(sum(v.filled * v.average_price) filter (where v.leg = 'open')
                    / nullif(sum(v.filled) filter (where v.leg = 'open'), 0), 10) as entry_price,
                max(v.created_at) filter (where v.leg = 'open') as entered_at
            from copy_orders c
            join venue_orders v on v.copy_id = c.copy_id
            where c.follower_account_id = any($1) and c.state in ('open', 'unconfirmed', 'closing', 'attention')
            group by v.copy_id)
         select c.follower_account_id as account_id, h.*, c.stop_loss, c.take_profit, {QUOTE_COLUMNS},
            coalesce(q.at > since.at, false) as is_since,
            greatest(extract(epoch from clock_timestamp() - since.at), 0)::bigint as unchanged_for_s
         from held h
         join copy_orders c on c.copy_id = h.copy_id
         cross join lateral (
            select greatest(h.entered_at, (
                select max(e.at) from copy_events e
                where e.copy_id = c.copy_id and e.cause = 'master_modified')) as at) since
         join signals g on g.id = c.signal_id
         join accounts m on m.id = c.master_account_id
         left join exchange_keys k on k.account_id = m.id
         {QUOTE}
         where h.quantity > 0 and h.entry_price is not null
         order by c.id"
    ))
    .bind::<Array<SqlUuid>, _>(accounts.iter().map(|id| id.uuid()).collect::<Vec<_>>())
    .get_results(tx)
    .await?;
    rows.into_iter().map(HoldingRow::holding).collect()
}

/// What all copies of an account brought so far less their fees, without what is still held.
pub async fn realised(tx: &mut Tx, account: AccountId) -> StoreResult<Decimal> {
    #[derive(QueryableByName)]
    struct SumRow {
        #[diesel(sql_type = Numeric)]
        amount: Decimal,
    }
    let row: SumRow = sql_query(
        "with copies as (
            select min(direction) as direction, coalesce(sum(fee), 0) as fees,
                sum(filled * average_price) filter (where leg = 'open')
                    / nullif(sum(filled) filter (where leg = 'open'), 0) as entry,
                coalesce(sum(filled) filter (where leg <> 'open' and average_price is not null), 0) as closed,
                coalesce(sum(filled * average_price) filter (where leg <> 'open'), 0) as got
            from venue_orders
            where follower_account_id = $1 and owner_id = (select owner_id from accounts where id = $1)
            group by copy_id)
         select coalesce(round(sum(
            case direction when 'LONG' then got - closed * entry else closed * entry - got end - fees), 8), 0) as amount
         from copies where entry is not null",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .get_result(tx)
    .await?;
    Ok(row.amount)
}

/// Whether `epoch` is the present session of an account, which is held until the transaction ends.
pub async fn is_current(tx: &mut Tx, account: AccountId, epoch: i64) -> StoreResult<bool> {
    let rows = sql_query("select account_id from sessions where account_id = $1 and epoch = $2 for share")
        .bind::<SqlUuid, _>(account.uuid())
        .bind::<BigInt, _>(epoch)
        .execute(tx)
        .await?;
    Ok(rows > 0)
}

impl AccountRow {
    fn account(self) -> StoreResult<PaperAccount> {
        Ok(PaperAccount {
            login: EaLogin {
                account_id: self.id.into(),
                owner_id: self.owner_id.into(),
                role: known::<CopyRole>("accounts.copy_role", &self.copy_role)?,
            },
            currency: self.currency,
            starting_balance: self.starting_balance,
            slippage: self.paper_slippage,
            is_suspended: self.is_suspended,
        })
    }
}

impl QuoteRow {
    fn quote(&self) -> Option<(Decimal, Decimal, DateTime<Utc>)> {
        Some((self.bid?, self.ask?, self.quoted_at?))
    }
}

impl FeedRow {
    fn feed(self) -> Feed {
        let decimals = |precision: Option<i32>| precision.and_then(|precision| u32::try_from(precision).ok());
        let rules = || {
            Some(ContractRules {
                quantity_decimals: decimals(self.quantity_precision)?,
                price_decimals: decimals(self.price_precision)?,
                min_quantity: self.min_quantity?,
                min_notional: self.min_notional?,
            })
        };
        Feed {
            quote: self.quote.quote(),
            said: self.said.zip(self.said_at),
            rules: rules(),
            fee_rate: self.taker_fee_rate,
            master_symbol: self.master_symbol,
        }
    }
}

impl HoldingRow {
    fn holding(self) -> StoreResult<PaperHolding> {
        Ok(PaperHolding {
            account_id: self.account_id.into(),
            copy_id: self.copy_id.into(),
            symbol: self.symbol,
            direction: known("venue_orders.direction", &self.direction)?,
            quantity: self.quantity,
            entry_price: self.entry_price,
            stop_loss: self.stop_loss,
            take_profit: self.take_profit,
            quote: self.quote.quote(),
            is_fresh: self.quote.is_fresh,
            is_since: self.is_since,
            unchanged_for_s: u32::try_from(self.unchanged_for_s).unwrap_or(u32::MAX),
        })
    }
}
