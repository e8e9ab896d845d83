//! Copies: the durable truth of what each follower should do and did.
//!
//! Bulk statements over copies lock their rows in ascending order of `id`, so
//! that two of them never wait for each other.

pub mod census;
pub mod claim;
pub mod flatten;
pub mod halts;
pub mod held;
pub mod settle;
pub mod wishes;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use flotilla_domain::copy::order::CopyOrder;
use flotilla_domain::id::{AccountId, CopyId};
use flotilla_domain::money::Money;
use flotilla_domain::ticket::Ticket;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::Tx;
use crate::error::{StoreError, StoreResult, known};
use crate::prepared::Prepared;
use crate::schema::copy_orders;

/// By what a follower names a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CopyKey {
    /// The ticket of the master's trade; several copies may share it.
    MasterTicket(AccountId, Ticket),
    /// The follower's own ticket.
    FollowerTicket(AccountId, Ticket),
    /// The copy itself.
    Id(CopyId),
}

/// A locked copy and the time at which it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedCopy {
    /// The copy.
    pub order: CopyOrder,
    /// Its place in the order of all copies.
    pub turn: i64,
    /// The database's time.
    pub now: DateTime<Utc>,
}

#[derive(QueryableByName)]
pub(crate) struct CopyRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = SqlUuid)]
    copy_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    signal_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    follower_account_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    master_account_id: Uuid,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Text)]
    symbol: String,
    #[diesel(sql_type = Text)]
    side: String,
    #[diesel(sql_type = BigInt)]
    master_ticket: i64,
    #[diesel(sql_type = Numeric)]
    desired_lots: Decimal,
    #[diesel(sql_type = Nullable<Text>)]
    venue_ref: Option<String>,
    #[diesel(sql_type = Numeric)]
    open_lots: Decimal,
    #[diesel(sql_type = Nullable<Numeric>)]
    close_price: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    pnl: Option<Decimal>,
    #[diesel(sql_type = Nullable<Text>)]
    reason_code: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    claim_epoch: Option<i64>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    claimed_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    expires_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    read_at: DateTime<Utc>,
}

pub(crate) const COLUMNS: &str = "c.id, c.copy_id, c.signal_id, c.owner_id, c.follower_account_id, c.master_account_id,
    c.state, c.symbol, c.side, c.master_ticket, c.desired_lots, c.venue_ref, c.open_lots, c.close_price, c.pnl,
    c.reason_code, c.claim_epoch, c.claimed_at, c.expires_at, clock_timestamp() as read_at";

/// Locks every copy that one of `keys` may name, oldest first.
pub async fn lock_named(tx: &mut Tx, keys: &[CopyKey]) -> StoreResult<Vec<LockedCopy>> {
    let (mut of_master, mut master_tickets) = (Vec::new(), Vec::new());
    let (mut of_follower, mut refs) = (Vec::new(), Vec::new());
    let mut ids = Vec::new();
    for key in keys {
        match key {
            CopyKey::MasterTicket(follower, ticket) => {
                of_master.push(follower.uuid());
                master_tickets.push(ticket.value());
            }
            CopyKey::FollowerTicket(follower, ticket) => {
                of_follower.push(follower.uuid());
                refs.push(ticket.to_string());
            }
            CopyKey::Id(copy) => ids.push(copy.uuid()),
        }
    }
    let query = sql_query(format!(
        "select {COLUMNS} from copy_orders c
         where c.id in (
            select n.id
            from unnest($1, $2) as k (follower, ticket)
            join copy_orders n on n.follower_account_id = k.follower and n.master_ticket = k.ticket
            union
            select n.id
            from unnest($3, $4) as k (follower, ref)
            join copy_orders n on n.follower_account_id = k.follower and n.venue_ref = k.ref
            union
            select n.id from copy_orders n where n.copy_id = any($5))
         order by c.id
         for update"
    ))
    .bind::<Array<SqlUuid>, _>(of_master)
    .bind::<Array<BigInt>, _>(master_tickets)
    .bind::<Array<SqlUuid>, _>(of_follower)
    .bind::<Array<Text>, _>(refs)
    .bind::<Array<SqlUuid>, _>(ids);
    let rows: Vec<CopyRow> = Prepared(query).get_results(tx).await?;
    rows.into_iter().map(CopyRow::locked).collect()
}

/// Locks up to `limit` copies that time may have made due: planned past their
/// age limit, or claimed more than `answer_within_s` seconds ago. Rows another
/// transaction holds are left for the next time, and so are those whose order an
/// exchange turned away and which waits for its next sending.
pub async fn lock_overdue(tx: &mut Tx, answer_within_s: i32, limit: i64) -> StoreResult<Vec<LockedCopy>> {
    let rows: Vec<CopyRow> = sql_query(format!(
        "select {COLUMNS} from copy_orders c
         where c.state in ('planned', 'claimed', 'received')
            and case c.state when 'planned' then c.expires_at <= now()
                else c.claimed_at <= now() - make_interval(secs => $1) end
            and not exists (
                select from venue_orders v
                where v.copy_id = c.copy_id and c.state <> 'planned' and v.state = 'intended' and v.words is not null
                    and v.due_at > now())
         order by c.id
         limit $2
         for update skip locked"
    ))
    .bind::<diesel::sql_types::Integer, _>(answer_within_s)
    .bind::<BigInt, _>(limit)
    .get_results(tx)
    .await?;
    rows.into_iter().map(CopyRow::locked).collect()
}

/// Locks the claims of `follower` that were made under `epoch` or before.
pub async fn lock_claimed_until(
    tx: &mut Tx,
    follower: AccountId,
    epoch: i64,
) -> StoreResult<Vec<LockedCopy>> {
    let rows: Vec<CopyRow> = sql_query(format!(
        "select {COLUMNS} from copy_orders c
         where c.follower_account_id = $1 and c.state = 'claimed' and c.claim_epoch <= $2
         order by c.id
         for update"
    ))
    .bind::<SqlUuid, _>(follower.uuid())
    .bind::<BigInt, _>(epoch)
    .get_results(tx)
    .await?;
    rows.into_iter().map(CopyRow::locked).collect()
}

/// Locks up to `limit` claims whose follower has no connection any more.
pub async fn lock_claimed_offline(tx: &mut Tx, limit: i64) -> StoreResult<Vec<LockedCopy>> {
    let rows: Vec<CopyRow> = sql_query(format!(
        "select {COLUMNS} from copy_orders c
         join sessions s on s.account_id = c.follower_account_id and s.sockets = 0
         where c.state = 'claimed' and c.claim_epoch <= s.epoch
         order by c.id
         limit $1
         for update of c"
    ))
    .bind::<BigInt, _>(limit)
    .get_results(tx)
    .await?;
    rows.into_iter().map(CopyRow::locked).collect()
}

/// Locks copies by id.
pub async fn lock_ids(tx: &mut Tx, ids: &[Uuid]) -> StoreResult<Vec<LockedCopy>> {
    let rows: Vec<CopyRow> = sql_query(format!(
        "select {COLUMNS} from copy_orders c where c.copy_id = any($1) order by c.id for update"
    ))
    .bind::<Array<SqlUuid>, _>(ids)
    .get_results(tx)
    .await?;
    rows.into_iter().map(CopyRow::locked).collect()
}

/// Which of these copies there are, whatever became of them.
pub async fn list_known(tx: &mut Tx, ids: &[Uuid]) -> StoreResult<Vec<Uuid>> {
    Ok(copy_orders::table
        .filter(copy_orders::copy_id.eq_any(ids))
        .select(copy_orders::copy_id)
        .load(tx)
        .await?)
}

impl CopyRow {
    pub(crate) fn locked(self) -> StoreResult<LockedCopy> {
        let ticket =
            |number: i64| Ticket::new(number).map_err(|_| StoreError::Corrupt("copy_orders.master_ticket"));
        let order = CopyOrder {
            id: self.copy_id.into(),
            signal_id: self.signal_id.into(),
            owner_id: self.owner_id.into(),
            follower_id: self.follower_account_id.into(),
            master_id: self.master_account_id.into(),
            state: known("copy_orders.state", &self.state)?,
            symbol: known("copy_orders.symbol", &self.symbol)?,
            side: known("copy_orders.side", &self.side)?,
            master_ticket: ticket(self.master_ticket)?,
            desired_lots: self.desired_lots,
            follower_ticket: self
                .venue_ref
                .as_deref()
                .map(|r| known("copy_orders.venue_ref", r))
                .transpose()?,
            open_lots: self.open_lots,
            close_price: self.close_price,
            pnl: self.pnl.map(Money::from),
            reason: self.reason_code.as_deref().map(|r| known("copy_orders.reason_code", r)).transpose()?,
            claim_epoch: self.claim_epoch,
            claimed_at: self.claimed_at,
            expires_at: self.expires_at,
        };
        Ok(LockedCopy { order, turn: self.id, now: self.read_at })
    }
}
