//! Positions that accounts reported and no copy owns.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_domain::lots::Lots;
use flotilla_domain::side::Side;
use flotilla_domain::ticket::Ticket;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::Tx;
use crate::ea_login::EaLogin;
use crate::error::{StoreError, StoreResult, known};
use crate::snapshots::{TicketRow, numbers, read};
use crate::venue_orders::found::NamedCopy;

/// A position that an answer named and no copy owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnsweredPosition {
    /// Whose terminal it is at.
    pub login: EaLogin,
    /// Its ticket.
    pub ticket: Ticket,
    /// The master's ticket the answer named.
    pub master_ticket: Ticket,
    /// Its side.
    pub side: Side,
    /// Its size, where the answer tells it.
    pub lots: Option<Lots>,
}

/// Coins of a position at an exchange that an order under a name of ours opened, and that no row knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderedPosition {
    /// The exchange's name of the order.
    pub ticket: Ticket,
    /// Its side.
    pub side: Side,
    /// What is left of it, at most.
    pub coins: Decimal,
    /// How long ago the order was made, in milliseconds.
    pub age_ms: i64,
    /// The copy that the name of the order says, where the account has it.
    pub copy: Option<NamedCopy>,
}

/// A position that no copy owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphan {
    /// Its ticket.
    pub ticket: Ticket,
    /// The master's ticket, where an answer named one; at an exchange, that of the copy which its order names.
    pub master_ticket: Option<i64>,
    /// Its side, where an answer named one.
    pub side: Option<Side>,
    /// Its size, where an answer named one; at an exchange, coins.
    pub lots: Option<Decimal>,
    /// When it was first reported; at an exchange, when its order was made.
    pub first_seen_at: DateTime<Utc>,
    /// When it was last reported.
    pub last_seen_at: DateTime<Utc>,
    /// It is at an exchange: there an order has the name of its copy, and no person says whose it is.
    pub is_named: bool,
}

#[derive(QueryableByName)]
struct NewRow {
    #[diesel(sql_type = BigInt)]
    ticket: i64,
    #[diesel(sql_type = Bool)]
    is_new: bool,
}

#[derive(QueryableByName)]
struct OrphanRow {
    #[diesel(sql_type = BigInt)]
    ticket: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    master_ticket: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    side: Option<String>,
    #[diesel(sql_type = Nullable<Numeric>)]
    lots: Option<Decimal>,
    #[diesel(sql_type = Timestamptz)]
    first_seen_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    last_seen_at: DateTime<Utc>,
    #[diesel(sql_type = Bool)]
    is_named: bool,
}

/// Whether position `o` is at an exchange.
const IS_NAMED: &str = "exists (select from accounts h where h.id = o.account_id and h.platform = 'bingx')";

/// Whether a copy of another account of the same owner, on the same platform, has position `o`: EAs on one terminal list
/// each other's positions, and nobody says that they do.
const IS_SIBLINGS: &str = "exists (
    select from accounts mine
    join accounts a on a.owner_id = mine.owner_id and a.platform = mine.platform and a.id <> mine.id
    join copy_orders s on s.follower_account_id = a.id and s.venue_ref = o.ticket::text
        and s.state in ('open', 'closing', 'unconfirmed', 'attention')
    where mine.id = o.account_id)";

/// Notes the positions of a list that nobody owns; returns those that are new
/// and no sibling's.
pub async fn note_listed(tx: &mut Tx, login: &EaLogin, unowned: &[Ticket]) -> StoreResult<Vec<Ticket>> {
    if unowned.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<NewRow> = sql_query(format!(
        "insert into orphans as o (account_id, ticket, owner_id, source)
         select $1, t, $2, 'list' from unnest($3) as t
         on conflict (account_id, ticket) do update set last_seen_at = now(), gone_at = null
         returning ticket, o.xmax = 0 and not {IS_SIBLINGS} as is_new"
    ))
    .bind::<SqlUuid, _>(login.account_id.uuid())
    .bind::<SqlUuid, _>(login.owner_id.uuid())
    .bind::<Array<BigInt>, _>(numbers(unowned))
    .get_results(tx)
    .await?;
    read(rows.into_iter().filter(|row| row.is_new).map(|row| row.ticket).collect())
}

/// Notes that every position of `account` that `listed` lacks is not there.
pub async fn note_gone(tx: &mut Tx, account: AccountId, listed: &[Ticket]) -> StoreResult<()> {
    sql_query(
        "update orphans set gone_at = now()
         where account_id = $1 and gone_at is null and ticket <> all($2)",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Array<BigInt>, _>(numbers(listed))
    .execute(tx)
    .await?;
    Ok(())
}

/// Notes positions that answers named, but for those that a copy owns; returns
/// those that are new.
pub async fn note_answered(
    tx: &mut Tx,
    answered: &[AnsweredPosition],
) -> StoreResult<Vec<(AccountId, Ticket)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        account_id: Uuid,
        #[diesel(sql_type = BigInt)]
        ticket: i64,
    }
    let rows: Vec<Row> = sql_query(
        "insert into orphans (account_id, ticket, owner_id, source, master_ticket, side, lots)
         select distinct on (v.account_id, v.ticket) v.account_id, v.ticket, v.owner_id, 'answer', v.master_ticket,
            v.side, v.lots
         from unnest($1, $2, $3, $4, $5, $6) as v (account_id, ticket, owner_id, master_ticket, side, lots)
         where not exists (
            select from copy_orders c
            where c.follower_account_id = v.account_id and c.venue_ref = v.ticket::text)
         on conflict do nothing
         returning account_id, ticket",
    )
    .bind::<Array<SqlUuid>, _>(answered.iter().map(|one| one.login.account_id.uuid()).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(answered.iter().map(|one| one.ticket.value()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(answered.iter().map(|one| one.login.owner_id.uuid()).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(answered.iter().map(|one| one.master_ticket.value()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(answered.iter().map(|one| one.side.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Numeric>>, _>(
        answered.iter().map(|one| one.lots.map(Lots::value)).collect::<Vec<_>>(),
    )
    .get_results(tx)
    .await?;
    rows.into_iter().map(|row| Ok((row.account_id.into(), one_ticket(row.ticket)?))).collect()
}

/// Notes positions of an account at an exchange, or that they are there still; returns those that are new.
pub async fn note_ordered(
    tx: &mut Tx,
    (owner, account): (OwnerId, AccountId),
    positions: &[OrderedPosition],
) -> StoreResult<Vec<Ticket>> {
    let trades: Vec<Option<i64>> =
        positions.iter().map(|one| one.copy.map(|copy| copy.master_ticket.value())).collect();
    let rows: Vec<NewRow> = sql_query(
        "insert into orphans as o (account_id, ticket, owner_id, source, side, lots, first_seen_at, master_ticket)
         select $1, v.ticket, $2, 'list', v.side, v.lots, now() - make_interval(secs => v.age_ms / 1e3),
            v.master_ticket
         from unnest($3, $4, $5, $6, $7) as v (ticket, side, lots, age_ms, master_ticket)
         on conflict (account_id, ticket) do update set last_seen_at = now(), gone_at = null, lots = excluded.lots,
            master_ticket = coalesce(excluded.master_ticket, o.master_ticket)
         returning ticket, o.xmax = 0 as is_new",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Array<BigInt>, _>(positions.iter().map(|one| one.ticket.value()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(positions.iter().map(|one| one.side.as_str()).collect::<Vec<_>>())
    .bind::<Array<Numeric>, _>(positions.iter().map(|one| one.coins).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(positions.iter().map(|one| one.age_ms).collect::<Vec<_>>())
    .bind::<Array<Nullable<BigInt>>, _>(trades)
    .get_results(tx)
    .await?;
    read(rows.into_iter().filter(|row| row.is_new).map(|row| row.ticket).collect())
}

/// Positions of `account` that are there and that no copy owns, nor one of a
/// sibling, newest first, below ticket `before`. At an exchange a copy owns what
/// rows of orders say, whatever it was opened by.
pub async fn list(
    tx: &mut Tx,
    owner: OwnerId,
    account: AccountId,
    before: Option<Ticket>,
    limit: i64,
) -> StoreResult<Vec<Orphan>> {
    let rows: Vec<OrphanRow> = sql_query(format!(
        "select o.ticket, o.master_ticket, o.side, o.lots, o.first_seen_at, o.last_seen_at, {IS_NAMED} as is_named
         from orphans o
         where o.owner_id = $1 and o.account_id = $2 and o.gone_at is null and ($3 is null or o.ticket < $3)
            and ({IS_NAMED} or not exists (
                select from copy_orders c
                where c.follower_account_id = o.account_id and c.venue_ref = o.ticket::text))
            and not {IS_SIBLINGS}
         order by o.ticket desc
         limit $4"
    ))
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Nullable<BigInt>, _>(before.map(Ticket::value))
    .bind::<BigInt, _>(limit)
    .get_results(tx)
    .await?;
    rows.into_iter().map(OrphanRow::orphan).collect()
}

/// Whether `account` has reported `ticket`, it is there, and no copy owns it,
/// nor one of a sibling: closing it would close that one's position. Nothing at an
/// exchange is: what a copy holds there follows from orders with its name.
pub async fn is_candidate(
    tx: &mut Tx,
    owner: OwnerId,
    account: AccountId,
    ticket: Ticket,
) -> StoreResult<bool> {
    let rows: Vec<TicketRow> = sql_query(format!(
        "select o.ticket from orphans o
         where o.owner_id = $1 and o.account_id = $2 and o.ticket = $3 and o.gone_at is null
            and not {IS_NAMED}
            and not exists (
                select from copy_orders c
                where c.follower_account_id = o.account_id and c.venue_ref = o.ticket::text)
            and not {IS_SIBLINGS}"
    ))
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<BigInt, _>(ticket.value())
    .get_results(tx)
    .await?;
    Ok(rows.iter().any(|row| row.ticket == ticket.value()))
}

/// Whether a position of `account` is there that its order `ticket` opened, though its copy was booked as closed by
/// something that no order and no fill shows: it is the copy's, if its owner says so.
pub async fn is_back(tx: &mut Tx, owner: OwnerId, account: AccountId, ticket: Ticket) -> StoreResult<bool> {
    let rows: Vec<TicketRow> = sql_query(format!(
        "select o.ticket from orphans o
         join copy_orders c on c.follower_account_id = o.account_id and c.venue_ref = o.ticket::text
         where o.owner_id = $1 and o.account_id = $2 and o.ticket = $3 and o.gone_at is null and {IS_NAMED}
            and c.state = 'closed'
            and exists (
                select from venue_orders x
                where x.copy_id = c.copy_id and x.leg = 'external' and x.order_id is null
                    and x.average_price is null and x.filled > 0)"
    ))
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<BigInt, _>(ticket.value())
    .get_results(tx)
    .await?;
    Ok(rows.iter().any(|row| row.ticket == ticket.value()))
}

impl OrphanRow {
    fn orphan(self) -> StoreResult<Orphan> {
        Ok(Orphan {
            ticket: one_ticket(self.ticket)?,
            master_ticket: self.master_ticket,
            side: self.side.as_deref().map(|side| known("orphans.side", side)).transpose()?,
            lots: self.lots,
            first_seen_at: self.first_seen_at,
            last_seen_at: self.last_seen_at,
            is_named: self.is_named,
        })
    }
}

fn one_ticket(number: i64) -> StoreResult<Ticket> {
    Ticket::new(number).map_err(|_| StoreError::Corrupt("orphans.ticket"))
}
