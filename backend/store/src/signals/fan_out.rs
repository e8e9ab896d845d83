//! T1: a signal and the copies of all followers in one commit; of very many
//! followers, page by page.

use chrono::{DateTime, Utc};
use diesel::sql_types::{
    BigInt, Binary, Bool, Integer, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::copy::order::CopyState;
use flotilla_domain::id::{AccountId, CopyId, NodeId, OwnerId, SignalId};
use flotilla_domain::lots::Lots;
use flotilla_domain::price::Price;
use flotilla_domain::side::Side;
use flotilla_domain::signal::{OpenSignal, SignalKind};
use flotilla_domain::symbol::Symbol;
use flotilla_domain::ticket::Ticket;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::Tx;
use crate::copy_orders::wishes;
use crate::error::{StoreError, StoreResult, known};
use crate::prepared::Prepared;
use crate::signals::Origin;
use crate::signals::judgement::{detail, judged};

/// A copy as it was born.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCopy {
    /// The copy.
    pub id: CopyId,
    /// Its owner.
    pub owner_id: OwnerId,
    /// The account that copies.
    pub follower_id: AccountId,
    /// `claimed`, `planned` or `skipped`.
    pub state: CopyState,
    /// Instrument, under the follower's name.
    pub symbol: Symbol,
    /// Side to open.
    pub side: Side,
    /// Size; zero when it could not be computed.
    pub lots: Decimal,
    /// Session to which alone the line of a claimed copy may go.
    pub epoch: Option<i64>,
    /// Stop loss, if it is copied.
    pub stop_loss: Option<Decimal>,
    /// Take profit, if it is copied.
    pub take_profit: Option<Decimal>,
}

/// A stored signal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The signal.
    pub id: SignalId,
    /// When it was received, by the database's clock.
    pub received_at: DateTime<Utc>,
    /// Its copies, in the order of their claims.
    pub copies: Vec<NewCopy>,
    /// Whether every follower has its copy; otherwise [`plan_next`] goes on.
    pub is_planned: bool,
}

/// How far a signal goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FanOut {
    /// Followers connected to this node may be born claimed.
    pub node: NodeId,
    /// At most so many are; the rest is planned. Zero copies nothing.
    pub chunk: i64,
    /// At most so many followers get their copy in this commit.
    pub page: i64,
    /// False: the signal is stored and nobody gets a copy.
    pub is_copied: bool,
}

#[derive(QueryableByName)]
struct CopyRow {
    #[diesel(sql_type = SqlUuid)]
    signal_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    received_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    copy_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    owner_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    follower_account_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    state: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    symbol: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    side: Option<String>,
    #[diesel(sql_type = Nullable<Numeric>)]
    desired_lots: Option<Decimal>,
    #[diesel(sql_type = Nullable<BigInt>)]
    claim_epoch: Option<i64>,
    #[diesel(sql_type = Nullable<Numeric>)]
    stop_loss: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    take_profit: Option<Decimal>,
}

/// T1: stores an entry and plans a copy for every eligible follower, one statement.
///
/// * What each follower does is judged here for all of them at once; it must
///   agree with `flotilla_domain::copy::decision::decide`.
/// * With more followers than a page has, the rest is left to [`plan_next`].
///
/// # Errors
///
/// [`StoreError::Constraint`] `signals_once` when kind and part of the
/// ticket are taken: the same line was accepted before.
pub async fn accept(
    tx: &mut Tx,
    origin: &Origin,
    signal: &OpenSignal,
    stored_as: (SignalKind, i32),
    fan_out: FanOut,
) -> StoreResult<Accepted> {
    let query = sql_query(ACCEPT)
        .bind::<SqlUuid, _>(origin.master_id.uuid())
        .bind::<Text, _>(signal.symbol.as_str())
        .bind::<Text, _>(signal.side.as_str())
        .bind::<Numeric, _>(signal.lots.value())
        .bind::<Numeric, _>(signal.price.value())
        .bind::<Nullable<Numeric>, _>(signal.stop_loss.map(Price::value))
        .bind::<Nullable<Numeric>, _>(signal.take_profit.map(Price::value))
        .bind::<Nullable<BigInt>, _>(Some(signal.ticket.value()))
        .bind::<Bool, _>(fan_out.is_copied)
        .bind::<Numeric, _>(Lots::MAX)
        .bind::<SqlUuid, _>(fan_out.node.uuid())
        .bind::<Nullable<SqlUuid>, _>(None::<Uuid>)
        .bind::<BigInt, _>(fan_out.page)
        .bind::<BigInt, _>(fan_out.chunk)
        .bind::<SqlUuid, _>(origin.owner_id.uuid())
        .bind::<Text, _>(stored_as.0.as_str())
        .bind::<Integer, _>(stored_as.1)
        .bind::<Binary, _>(origin.line_hash.as_slice())
        .bind::<BigInt, _>(origin.epoch)
        .bind::<BigInt, _>(origin.age_us)
        .bind::<SqlUuid, _>(origin.signal_id.uuid());
    let rows: Vec<CopyRow> = Prepared(query).get_results(tx).await?;
    let mut accepted = gathered(rows)?;
    if is_full(&accepted.copies, fan_out.page) {
        accepted.is_planned = false;
        save_plan_state(tx, accepted.id, "planning").await?;
    }
    Ok(accepted)
}

/// From `judged` to the rows.
///
/// * `$on_conflict`: what happens to a follower that has its copy already.
/// * `$14`: how many are born claimed.
/// * Copies are as old as what they were judged by, not as their transaction, which may have waited for its turn: by
///   that a stop tells those of before from those of after.
/// * A copy's id follows from what is copied and who copies it (a UUID of version 8): should the database lose a signal
///   and be told it again, the orders of its copies have the names that they had, and an exchange takes none twice. What
///   is copied is the line of a trade; a line that is no repeat and has come before is told apart by how often it has.
///   Ids of one signal begin alike, so that a page of them lies together in their index.
macro_rules! copies {
    ($on_conflict:literal) => {
        concat!(",
    origin as materialized (
        select sha256(uuid_send($1) || int8send($8) || signal.line_hash || int8send((
            select count(*) from signals e
            where signal.kind = 'add' and e.master_account_id = $1 and e.ticket = $8
                and (e.kind = 'open' and e.part = 0 or e.kind = 'add' and e.part < signal.part)
                and e.line_hash = signal.line_hash))) as digest
        from signal),
    queued as (
        select *, row_number() over (partition by reason is null and is_here order by follower_account_id) as turn
        from judged),
    copies as (
        insert into copy_orders (copy_id, signal_id, owner_id, follower_account_id, master_account_id, state, symbol,
            side, master_ticket, master_lots, master_price, stop_loss, take_profit, desired_lots, reason_code,
            reason_text, claim_epoch, created_at, claimed_at, expires_at)
        select encode(set_byte(set_byte(n.bytes, 6, (get_byte(n.bytes, 6) & 15) | 128),
                8, (get_byte(n.bytes, 8) & 63) | 128), 'hex')::uuid,
            signal.id, q.owner_id, q.follower_account_id, $1,
            case when reason is not null then 'skipped' when is_here and turn <= $14 then 'claimed' else 'planned' end,
            q.symbol, q.side, $8, $4, $5,
            case when q.copy_sl_tp then q.stop_loss end, case when q.copy_sl_tp then q.take_profit end,
            coalesce(q.size, 0),
            reason, ", detail!(), ",
            case when reason is null and is_here and turn <= $14 then q.epoch end,
            statement_timestamp(),
            case when reason is null and is_here and turn <= $14 then statement_timestamp() end,
            signal.received_at + make_interval(secs => q.max_age_s)
        from queued q cross join signal cross join origin o
        cross join lateral (
            select substring(o.digest from 1 for 6)
                || substring(sha256(o.digest || uuid_send(q.follower_account_id)) from 1 for 10) as bytes
            offset 0) n
        order by turn
        ", $on_conflict, "
        returning id, copy_id, owner_id, follower_account_id, state, symbol, side, desired_lots, claim_epoch,
            stop_loss, take_profit)
    select signal.id as signal_id, signal.received_at, c.copy_id, c.owner_id, c.follower_account_id, c.state,
        c.symbol, c.side, c.desired_lots, c.claim_epoch, c.stop_loss, c.take_profit
    from signal
    left join copies c on true
    order by c.id")
    };
}

const ACCEPT: &str = concat!(
    "
    with signal as (
        insert into signals (id, owner_id, master_account_id, ticket, kind, part, symbol, side, lots, price,
            stop_loss, take_profit, line_hash, session_epoch, received_at)
        values ($21, $15, $1, $8, $16, $17, $2, $3, $4, $5, $6, $7, $18, $19,
            clock_timestamp() - make_interval(secs => $20 / 1e6))
        returning id, received_at, kind, part, line_hash),",
    judged!("f.state in ('active', 'close_only', 'paused')"),
    // A new signal has no copies, and nobody follows a master twice; looking for
    // conflicts costs an eighth of the statement.
    copies!("")
);

/// Whoever followed when the signal came has a copy, even if he has left since;
/// it is skipped then.
const PLAN_NEXT: &str = concat!(
    "
    with signal as (select id, received_at, kind, part, line_hash from signals where id = $15),",
    judged!(
        "(f.state in ('active', 'close_only', 'paused') or f.state = 'ended' and f.ended_at > (select received_at from signal))"
    ),
    copies!("on conflict (signal_id, follower_account_id) do nothing")
);

#[derive(QueryableByName)]
struct PlanningRow {
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = BigInt)]
    ticket: i64,
    #[diesel(sql_type = Text)]
    symbol: String,
    #[diesel(sql_type = Text)]
    side: String,
    #[diesel(sql_type = Numeric)]
    lots: Decimal,
    #[diesel(sql_type = Numeric)]
    price: Decimal,
    #[diesel(sql_type = Nullable<Numeric>)]
    stop_loss: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    take_profit: Option<Decimal>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    last: Option<Uuid>,
}

/// A further page of a signal's copies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Owner of the master.
    pub owner_id: OwnerId,
    /// The master.
    pub master_id: AccountId,
    /// Price of its entry.
    pub price: Decimal,
    /// Ticket of its trade.
    pub ticket: i64,
    /// The signal and the copies of this page.
    pub accepted: Accepted,
}

/// Plans the next page of a signal, after the last follower that has a copy.
/// `None`: nothing is left to plan.
///
/// Who is eligible was settled when the signal was received; how he copies is
/// read now. May be called by anybody at any time: pages of one master wait for
/// each other and for its signals, and nobody gets a second copy.
pub async fn plan_next(
    tx: &mut Tx,
    (master, id): (AccountId, SignalId),
    fan_out: FanOut,
) -> StoreResult<Option<Planned>> {
    super::lock_master(tx, master).await?;
    let Some(row) = get_planning(tx, master, id).await? else { return Ok(None) };
    let ticket = Ticket::new(row.ticket).map_err(|_| StoreError::Corrupt("signals.ticket"))?;
    let later = wishes::list_later(tx, (master, ticket, id)).await?;
    // What has to catch up first is born planned: a copy that is claimed has its line on the way.
    let chunk = if later.is_empty() { fan_out.chunk } else { 0 };
    let query = sql_query(PLAN_NEXT)
        .bind::<SqlUuid, _>(master.uuid())
        .bind::<Text, _>(&row.symbol)
        .bind::<Text, _>(&row.side)
        .bind::<Numeric, _>(row.lots)
        .bind::<Numeric, _>(row.price)
        .bind::<Nullable<Numeric>, _>(row.stop_loss)
        .bind::<Nullable<Numeric>, _>(row.take_profit)
        .bind::<Nullable<BigInt>, _>(Some(row.ticket))
        .bind::<Bool, _>(fan_out.is_copied)
        .bind::<Numeric, _>(Lots::MAX)
        .bind::<SqlUuid, _>(fan_out.node.uuid())
        .bind::<Nullable<SqlUuid>, _>(row.last)
        .bind::<BigInt, _>(fan_out.page)
        .bind::<BigInt, _>(chunk)
        .bind::<SqlUuid, _>(id.uuid());
    let rows: Vec<CopyRow> = Prepared(query).get_results(tx).await?;
    let mut accepted = gathered(rows)?;
    accepted.is_planned = !is_full(&accepted.copies, fan_out.page);
    if accepted.is_planned {
        save_plan_state(tx, id, "done").await?;
    }
    let copies: Vec<CopyId> = accepted.copies.iter().map(|copy| copy.id).collect();
    let flat = wishes::catch_up(tx, (master, ticket), (fan_out.node, &copies), later).await?;
    for copy in &mut accepted.copies {
        let flat = flat.iter().find(|one| one.copy_id == copy.id);
        copy.state = flat.map_or(copy.state, |one| one.states.1);
    }
    Ok(Some(Planned {
        owner_id: row.owner_id.into(),
        master_id: master,
        price: row.price,
        ticket: row.ticket,
        accepted,
    }))
}

/// The signal, if it is not planned to its end.
async fn get_planning(tx: &mut Tx, master: AccountId, id: SignalId) -> StoreResult<Option<PlanningRow>> {
    let query = sql_query(
        "select owner_id, ticket, symbol, side, lots, price, stop_loss, take_profit, (
            select c.follower_account_id from copy_orders c
            where c.signal_id = g.id order by c.follower_account_id desc limit 1) as last
         from signals g
         where g.id = $1 and g.master_account_id = $2 and g.plan_state = 'planning'",
    )
    .bind::<SqlUuid, _>(id.uuid())
    .bind::<SqlUuid, _>(master.uuid());
    let rows: Vec<PlanningRow> = Prepared(query).get_results(tx).await?;
    Ok(rows.into_iter().next())
}

/// Signals received more than `seconds` ago whose planning did not come to its
/// end, each with its master.
pub async fn list_unplanned(tx: &mut Tx, seconds: i32) -> StoreResult<Vec<(AccountId, SignalId)>> {
    #[derive(QueryableByName)]
    struct IdRow {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
        #[diesel(sql_type = SqlUuid)]
        master_account_id: Uuid,
    }
    let rows: Vec<IdRow> = sql_query(
        "select id, master_account_id from signals
         where plan_state = 'planning' and received_at < clock_timestamp() - make_interval(secs => $1)
         order by received_at
         limit 100",
    )
    .bind::<Integer, _>(seconds)
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.master_account_id.into(), row.id.into())).collect())
}

async fn save_plan_state(tx: &mut Tx, id: SignalId, state: &str) -> StoreResult<()> {
    let query = sql_query("update signals set plan_state = $2 where id = $1")
        .bind::<SqlUuid, _>(id.uuid())
        .bind::<Text, _>(state);
    Prepared(query).execute(tx).await?;
    Ok(())
}

fn is_full(copies: &[NewCopy], page: i64) -> bool {
    i64::try_from(copies.len()).is_ok_and(|copies| copies >= page)
}

/// Reads a stored entry again, with its copies as they stand.
///
/// Only what the commit of the entry itself claimed has an epoch. Other claims
/// (of a later page, or of a follower that came back) belong to whoever made
/// them and may be on the wire already.
pub async fn get_accepted(tx: &mut Tx, master: AccountId, id: SignalId) -> StoreResult<Accepted> {
    let rows: Vec<CopyRow> = sql_query(
        "select g.id as signal_id, g.received_at, c.copy_id, c.owner_id, c.follower_account_id, c.state,
            c.symbol, c.side, c.desired_lots, c.stop_loss, c.take_profit,
            case when c.claimed_at = c.created_at and c.created_at = min(c.created_at) over ()
                then c.claim_epoch end as claim_epoch
         from signals g
         left join copy_orders c on c.signal_id = g.id
         where g.id = $1
         order by c.id",
    )
    .bind::<SqlUuid, _>(id.uuid())
    .get_results(tx)
    .await?;
    let accepted = gathered(rows)?;
    let is_planned = get_planning(tx, master, id).await?.is_none();
    Ok(Accepted { is_planned, ..accepted })
}

fn gathered(rows: Vec<CopyRow>) -> StoreResult<Accepted> {
    let first = rows.as_slice().first().ok_or(StoreError::NotFound("signal"))?;
    let (id, received_at) = (first.signal_id.into(), first.received_at);
    let copies = rows.into_iter().filter_map(CopyRow::copy).collect::<StoreResult<_>>()?;
    Ok(Accepted { id, received_at, copies, is_planned: true })
}

impl CopyRow {
    /// `None` for the one row of a signal without copies.
    fn copy(self) -> Option<StoreResult<NewCopy>> {
        let (id, owner, follower) = (self.copy_id?, self.owner_id?, self.follower_account_id?);
        let (state, symbol, side) = (self.state?, self.symbol?, self.side?);
        let (lots, epoch) = (self.desired_lots.unwrap_or_default(), self.claim_epoch);
        let (stop_loss, take_profit) = (self.stop_loss, self.take_profit);
        let copy = || {
            Ok(NewCopy {
                id: id.into(),
                owner_id: owner.into(),
                follower_id: follower.into(),
                state: known("copy_orders.state", &state)?,
                symbol: known("copy_orders.symbol", &symbol)?,
                side: known("copy_orders.side", &side)?,
                lots,
                epoch,
                stop_loss,
                take_profit,
            })
        };
        Some(copy())
    }
}
