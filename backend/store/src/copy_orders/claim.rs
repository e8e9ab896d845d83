//! T2: commits the intent to send, before anything is sent.

use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Numeric, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, CopyId, NodeId, OwnerId, SignalId};
use flotilla_domain::side::Side;
use flotilla_domain::symbol::Symbol;
use flotilla_domain::ticket::Ticket;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::Tx;
use crate::copy_orders::halts::HALT;
use crate::error::{StoreError, StoreResult, known};

/// An open that this worker alone may write to the follower, within two
/// seconds of the claim's commit or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedOpen {
    /// The copy.
    pub copy_id: CopyId,
    /// Its owner.
    pub owner_id: OwnerId,
    /// The account that copies.
    pub follower_id: AccountId,
    /// Session of the follower to which alone the line may go.
    pub epoch: i64,
    /// Instrument.
    pub symbol: Symbol,
    /// Side.
    pub side: Side,
    /// The master's price.
    pub price: Decimal,
    /// Size.
    pub lots: Decimal,
    /// Stop loss, if it is copied.
    pub stop_loss: Option<Decimal>,
    /// Take profit, if it is copied.
    pub take_profit: Option<Decimal>,
    /// Ticket of the master's trade.
    pub master_ticket: Ticket,
}

/// A close to be sent, possibly again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueClose {
    /// The copy.
    pub copy_id: CopyId,
    /// Its owner.
    pub owner_id: OwnerId,
    /// The signal that asked for the copy.
    pub signal_id: SignalId,
    /// The account that copies.
    pub follower_id: AccountId,
    /// Instrument.
    pub symbol: Symbol,
    /// Ticket at the follower's terminal.
    pub follower_ticket: Ticket,
    /// Ticket of the master's trade.
    pub master_ticket: Ticket,
    /// Whether the copy was open until now, so that this is the first try.
    pub is_first: bool,
}

/// Which closes are sent.
#[derive(Debug, Clone, Copy)]
pub enum Closes<'a> {
    /// Those whose time has come, of every follower connected here.
    Due,
    /// All of one follower, which has just connected.
    Of(AccountId),
    /// Those of these copies.
    Copies(&'a [Uuid]),
}

#[derive(QueryableByName)]
struct OpenRow {
    #[diesel(sql_type = SqlUuid)]
    copy_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    follower_account_id: Uuid,
    #[diesel(sql_type = BigInt)]
    claim_epoch: i64,
    #[diesel(sql_type = Text)]
    symbol: String,
    #[diesel(sql_type = Text)]
    side: String,
    #[diesel(sql_type = Numeric)]
    master_price: Decimal,
    #[diesel(sql_type = Numeric)]
    desired_lots: Decimal,
    #[diesel(sql_type = Nullable<Numeric>)]
    stop_loss: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    take_profit: Option<Decimal>,
    #[diesel(sql_type = BigInt)]
    master_ticket: i64,
}

#[derive(QueryableByName)]
pub(super) struct CloseRow {
    #[diesel(sql_type = SqlUuid)]
    pub(super) copy_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(super) owner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(super) signal_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(super) follower_account_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(super) symbol: String,
    #[diesel(sql_type = Text)]
    pub(super) venue_ref: String,
    #[diesel(sql_type = BigInt)]
    pub(super) master_ticket: i64,
    #[diesel(sql_type = Bool)]
    pub(super) is_first: bool,
}

/// Claims up to `limit` planned opens, oldest first: the rest of a fan-out, those
/// of one follower (which has just connected), or whatever waits.
///
/// A claim commits the intent to send. From then on the line may have reached
/// the EA, so a claimed row is never offered again: only evidence moves it on.
///
/// Claims nothing for a follower whose present session is not on `node`, so a
/// worker that slept through a takeover claims nothing, nor for one at an
/// exchange ([`crate::venue_orders`]), nor for one whose opens are held ([`crate::sessions::hold_opens`]), nor for one
/// that does not copy its master any more. What waited for a connection is also judged anew by what else holds a
/// follower back ([`super::halts`]); what was planned a moment ago was judged by that. What is not claimed stays planned
/// until it is too old. Rows another task is claiming are skipped, not waited for. All times are the database's.
pub async fn claim_opens(
    tx: &mut Tx,
    node: NodeId,
    whose: Opens<'_>,
    limit: i64,
) -> StoreResult<Vec<ClaimedOpen>> {
    let (due, copies, follower) = match whose {
        Opens::Copies(copies) => (DUE_KNOWN, Some(copies), None),
        Opens::Follower(follower) => (DUE_WAITING, None, Some(follower.uuid())),
        Opens::Waiting => (DUE_WAITING, None, None),
    };
    let rows: Vec<OpenRow> = sql_query(CLAIM_OPENS.replace("{due}", due).replace("{halt}", HALT))
        .bind::<Nullable<Array<SqlUuid>>, _>(copies)
        .bind::<Nullable<SqlUuid>, _>(follower)
        .bind::<SqlUuid, _>(node.uuid())
        .bind::<BigInt, _>(limit)
        .get_results(tx)
        .await?;
    rows.into_iter().map(OpenRow::claimed).collect()
}

/// Which opens are claimed.
#[derive(Debug, Clone, Copy)]
pub enum Opens<'a> {
    /// Those of these copies, at most as many as the limit: the rest of a fan-out.
    Copies(&'a [Uuid]),
    /// Those of one follower.
    Follower(AccountId),
    /// All that wait for a follower connected to the node, but for those that
    /// have just logged in and get theirs when they name their master.
    Waiting,
}

/// Copies that are known by their ids. The sub-select keeps the planner from the
/// index of copies in flight, which looks small and between two vacuums is full
/// of dead entries: 200 look-ups take 8 ms, that index took 45.
const DUE_KNOWN: &str = "
        select c.id, s.epoch
        from (
            select id, follower_account_id from copy_orders
            where copy_id = any($1) and state || '' = 'planned' and desired_lots > 0 and expires_at > now()
                and $2::uuid is null
                and 'active' = (
                    select f.state from subscriptions f
                    where f.follower_account_id = copy_orders.follower_account_id
                        and f.master_account_id = copy_orders.master_account_id
                    order by f.id desc limit 1)
            order by id
            limit $4
            for update skip locked) c
        join sessions s on s.account_id = c.follower_account_id and s.node_id = $3 and s.sockets > 0 and s.venue is null
            and (s.opens_from is null or s.opens_from <= now())";

/// Copies that wait for a connection. Of those at exchanges, which wait for their turn elsewhere and may be many, it is
/// not asked what holds them back: therefore the question names the session.
const DUE_WAITING: &str = "
        select c.id, s.epoch
        from copy_orders c
        join sessions s on s.account_id = c.follower_account_id and s.node_id = $3 and s.sockets > 0 and s.venue is null
            and (s.opens_from is null or s.opens_from <= now())
        where c.state = 'planned' and c.desired_lots > 0 and c.expires_at > now() and $1::uuid[] is null
            and ($2 is null or c.follower_account_id = $2)
            and ($2 is not null or s.connected_at < now() - interval '3 seconds')
            and (s.epoch is null or not exists ({halt}))
        order by c.id
        limit $4
        for update of c skip locked";

const CLAIM_OPENS: &str = "
    with due as ({due}),
    claimed as (
        update copy_orders c
        set state = 'claimed', claim_epoch = due.epoch, claimed_at = now(), updated_at = now()
        from due
        where c.id = due.id
        returning c.*),
    noted as (
        insert into copy_events (owner_id, copy_id, from_state, to_state, cause)
        select owner_id, copy_id, 'planned', 'claimed', 'claim' from claimed)
    select copy_id, owner_id, follower_account_id, claim_epoch, symbol, side, master_price, desired_lots,
        stop_loss, take_profit, master_ticket
    from claimed
    order by id";

/// Claims closes: each moves its copy to `closing` and is due again later.
///
/// Only copies whose follower is connected to `node` and has itself reported
/// the ticket. `repeats_s`: seconds until the next try after the first, second
/// and further ones; not empty.
///
/// Answers name the master's ticket alone. Once the close of every leg of several
/// was refused, that is forgotten as they are claimed again, so that it is known
/// again which of them has had its answer.
pub async fn claim_closes(
    tx: &mut Tx,
    node: NodeId,
    which: Closes<'_>,
    repeats_s: &[i32],
) -> StoreResult<Vec<DueClose>> {
    let (follower, copies, due_only) = match which {
        Closes::Due => (None, None, true),
        Closes::Of(follower) => (Some(follower.uuid()), None, false),
        Closes::Copies(copies) => (None, Some(copies), false),
    };
    let rows: Vec<CloseRow> = sql_query(CLAIM_CLOSES)
        .bind::<Nullable<SqlUuid>, _>(follower)
        .bind::<Nullable<Array<SqlUuid>>, _>(copies)
        .bind::<Bool, _>(due_only)
        .bind::<SqlUuid, _>(node.uuid())
        .bind::<Array<Integer>, _>(repeats_s)
        .get_results(tx)
        .await?;
    rows.into_iter().map(CloseRow::due).collect()
}

const CLAIM_CLOSES: &str = "
    with due as (
        select c.id, c.state, case when c.state = 'closing' and c.reason_code = 'close_refused' then (
            select bool_and(o.reason_code is not distinct from 'close_refused')
            from copy_orders o
            where o.follower_account_id = c.follower_account_id and o.master_ticket = c.master_ticket
                and o.state = 'closing' and o.id <> c.id) end as is_forgotten
        from copy_orders c
        join sessions s on s.account_id = c.follower_account_id and s.node_id = $4 and s.sockets > 0 and s.venue is null
        where c.desired_lots = 0 and c.state in ('open', 'closing') and c.venue_ref is not null
            and ($1 is null or c.follower_account_id = $1)
            and ($2 is null or c.copy_id = any($2))
            and (not $3 or c.close_due_at <= now())
        order by c.id
        limit 1000
        for update of c skip locked),
    moved as (
        update copy_orders c set
            state = 'closing',
            close_attempts = c.close_attempts + 1,
            reason_code = case when due.is_forgotten then null else c.reason_code end,
            reason_text = case when due.is_forgotten then null else c.reason_text end,
            close_due_at = now() + make_interval(secs => ($5)[least(c.close_attempts + 1, cardinality($5))]),
            updated_at = now()
        from due
        where c.id = due.id
        returning c.*, due.state as from_state),
    noted as (
        insert into copy_events (owner_id, copy_id, from_state, to_state, cause)
        select owner_id, copy_id, from_state, 'closing', 'close_sent' from moved where from_state <> 'closing')
    select copy_id, owner_id, signal_id, follower_account_id, symbol, venue_ref, master_ticket,
        from_state = 'open' as is_first
    from moved
    order by id";

/// Puts off the closes of a follower that has just logged in, so that it hears
/// the answers of its log-in first.
pub async fn defer_closes(tx: &mut Tx, follower: AccountId, seconds: i32) -> StoreResult<()> {
    sql_query(
        "update copy_orders
         set close_due_at = greatest(close_due_at, now() + make_interval(secs => $2))
         where follower_account_id = $1 and desired_lots = 0 and state in ('open', 'closing')",
    )
    .bind::<SqlUuid, _>(follower.uuid())
    .bind::<Integer, _>(seconds)
    .execute(tx)
    .await?;
    Ok(())
}

impl OpenRow {
    fn claimed(self) -> StoreResult<ClaimedOpen> {
        Ok(ClaimedOpen {
            copy_id: self.copy_id.into(),
            owner_id: self.owner_id.into(),
            follower_id: self.follower_account_id.into(),
            epoch: self.claim_epoch,
            symbol: known("copy_orders.symbol", &self.symbol)?,
            side: known("copy_orders.side", &self.side)?,
            price: self.master_price,
            lots: self.desired_lots,
            stop_loss: self.stop_loss,
            take_profit: self.take_profit,
            master_ticket: ticket(self.master_ticket)?,
        })
    }
}

impl CloseRow {
    pub(super) fn due(self) -> StoreResult<DueClose> {
        Ok(DueClose {
            copy_id: self.copy_id.into(),
            owner_id: self.owner_id.into(),
            signal_id: self.signal_id.into(),
            follower_id: self.follower_account_id.into(),
            symbol: known("copy_orders.symbol", &self.symbol)?,
            follower_ticket: known("copy_orders.venue_ref", &self.venue_ref)?,
            master_ticket: ticket(self.master_ticket)?,
            is_first: self.is_first,
        })
    }
}

fn ticket(number: i64) -> StoreResult<Ticket> {
    Ticket::new(number).map_err(|_| StoreError::Corrupt("copy_orders.master_ticket"))
}
