//! Lists of open tickets that terminals sent.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, CopyId};
use flotilla_domain::ticket::Ticket;
use uuid::Uuid;

use crate::Tx;
use crate::ea_login::EaLogin;
use crate::error::{StoreError, StoreResult};

/// Lists that are kept of one account.
const KEPT: i64 = 500;
/// Days after which a list is removed.
const KEPT_DAYS: i32 = 30;
/// Earlier lists of a chart that are looked at.
const EARLIER: i64 = 50;

/// A list that was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredSnapshot {
    /// Its number.
    pub id: i64,
    /// When it was received, by the database's clock.
    pub received_at: DateTime<Utc>,
    /// When the account's list before it was received.
    pub previous_at: Option<DateTime<Utc>>,
}

/// Tickets and when they were listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedTickets {
    /// In the order sent.
    pub tickets: Vec<Ticket>,
    /// By the database's clock.
    pub at: DateTime<Utc>,
}

/// What an account had reported before a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierReports {
    /// The last list before it.
    pub listed: Vec<Ticket>,
    /// The highest ticket reported before it.
    pub highest: Option<Ticket>,
}

/// How an account wants its lists to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListChoice {
    /// Whether the one position that fits a copy in doubt becomes its own.
    pub adopts: bool,
}

#[derive(QueryableByName)]
struct StoredRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Timestamptz)]
    received_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    previous_at: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct ListRow {
    #[diesel(sql_type = Array<BigInt>)]
    tickets: Vec<i64>,
    #[diesel(sql_type = Timestamptz)]
    received_at: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct EarlierRow {
    #[diesel(sql_type = SqlUuid)]
    copy_id: Uuid,
    #[diesel(sql_type = Array<BigInt>)]
    tickets: Vec<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    highest: Option<i64>,
}

#[derive(QueryableByName)]
pub(crate) struct TicketRow {
    #[diesel(sql_type = BigInt)]
    pub(crate) ticket: i64,
}

#[derive(QueryableByName)]
struct ChoiceRow {
    #[diesel(sql_type = Bool)]
    adopts: bool,
}

/// Stores a list and forgets the account's oldest ones.
pub async fn insert(
    tx: &mut Tx,
    login: &EaLogin,
    epoch: i64,
    tickets: &[Ticket],
) -> StoreResult<StoredSnapshot> {
    let row: StoredRow = sql_query(
        "with old as (
            delete from snapshots
            where account_id = $2 and id < (
                select id from snapshots where account_id = $2 order by id desc offset $5 limit 1))
         insert into snapshots (owner_id, account_id, session_epoch, tickets)
         values ($1, $2, $3, $4)
         returning id, received_at,
            (select received_at from snapshots where account_id = $2 order by id desc limit 1) as previous_at",
    )
    .bind::<SqlUuid, _>(login.owner_id.uuid())
    .bind::<SqlUuid, _>(login.account_id.uuid())
    .bind::<BigInt, _>(epoch)
    .bind::<Array<BigInt>, _>(numbers(tickets))
    .bind::<BigInt, _>(KEPT)
    .get_result(tx)
    .await?;
    Ok(StoredSnapshot { id: row.id, received_at: row.received_at, previous_at: row.previous_at })
}

/// Notes the chart a master's list speaks of; from then on later lists of the
/// chart stand against it.
pub async fn save_lineage(tx: &mut Tx, id: i64, lineage: Uuid) -> StoreResult<()> {
    sql_query("update snapshots set lineage = $2 where id = $1")
        .bind::<BigInt, _>(id)
        .bind::<SqlUuid, _>(lineage)
        .execute(tx)
        .await?;
    Ok(())
}

/// The lists of a chart before list `id`, newest first.
pub async fn list_earlier(
    tx: &mut Tx,
    account: AccountId,
    lineage: Uuid,
    id: i64,
) -> StoreResult<Vec<ListedTickets>> {
    let rows: Vec<ListRow> = sql_query(
        "select tickets, received_at from snapshots
         where account_id = $1 and lineage = $2 and id < $3
         order by id desc
         limit $4",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<SqlUuid, _>(lineage)
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(EARLIER)
    .get_results(tx)
    .await?;
    rows.into_iter()
        .map(|row| Ok(ListedTickets { tickets: read(row.tickets)?, at: row.received_at }))
        .collect()
}

/// What `follower` had reported before each of `claims`; a claim before which
/// there was no list is left out.
pub async fn list_reports_before(
    tx: &mut Tx,
    follower: AccountId,
    claims: &[(CopyId, DateTime<Utc>)],
) -> StoreResult<HashMap<CopyId, EarlierReports>> {
    let rows: Vec<EarlierRow> = sql_query(BEFORE)
        .bind::<SqlUuid, _>(follower.uuid())
        .bind::<Array<SqlUuid>, _>(claims.iter().map(|(id, _)| id.uuid()).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(claims.iter().map(|(_, at)| *at).collect::<Vec<_>>())
        .get_results(tx)
        .await?;
    rows.into_iter()
        .map(|row| {
            let highest = row.highest.map(|number| read(vec![number])).transpose()?;
            let highest = highest.and_then(|tickets| tickets.as_slice().first().copied());
            Ok((row.copy_id.into(), EarlierReports { listed: read(row.tickets)?, highest }))
        })
        .collect()
}

/// A terminal numbers its positions upwards, so the last few tell the highest.
const BEFORE: &str = "
    select k.copy_id, b.tickets, greatest(
        (select max(t) from (
            select tickets from snapshots
            where account_id = $1 and received_at < k.claimed_at
            order by id desc limit 20) l, unnest(l.tickets) t),
        (select max(c.venue_ref::bigint) from (
            select copy_id, venue_ref from copy_orders
            where follower_account_id = $1 and claimed_at < k.claimed_at and venue_ref ~ '^[1-9][0-9]*$'
            order by id desc limit 500) c
         where exists (
            select from copy_events e
            where e.copy_id = c.copy_id and e.to_state = 'open' and e.at < k.claimed_at)),
        (select max(ticket) from orphans where account_id = $1 and first_seen_at < k.claimed_at)) as highest
    from unnest($2, $3) as k (copy_id, claimed_at)
    cross join lateral (
        select tickets from snapshots
        where account_id = $1 and received_at < k.claimed_at
        order by id desc limit 1) b";

/// Those of `tickets` that no copy owns, neither of this account nor of another
/// one that its owner says stands for the same account at the broker. What may
/// be another account's without his saying so is for [`find_siblings`].
pub async fn list_unowned(tx: &mut Tx, account: AccountId, tickets: &[Ticket]) -> StoreResult<Vec<Ticket>> {
    if tickets.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<TicketRow> = sql_query(
        "with here as (
            select $1 as id
            union
            select a.id from accounts mine
            join accounts a on a.owner_id = mine.owner_id and a.platform = mine.platform
                and a.external_id = mine.external_id
            where mine.id = $1)
         select t as ticket from unnest($2) as t
         where not exists (
            select from here join copy_orders c on c.follower_account_id = here.id and c.venue_ref = t::text)",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Array<BigInt>, _>(numbers(tickets))
    .get_results(tx)
    .await?;
    read(rows.into_iter().map(|row| row.ticket).collect())
}

/// What other accounts of the owner, on the same platform, may have to do with
/// positions of an account: they may stand on the same terminal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Siblings {
    /// Those of the tickets that a copy of theirs owns or, in doubt itself, may own.
    pub tickets: Vec<Ticket>,
    /// Whether an open of theirs waits for its answer, or for a list that says what became of it.
    pub is_awaited: bool,
}

#[derive(QueryableByName)]
struct SiblingsRow {
    #[diesel(sql_type = Array<BigInt>)]
    tickets: Vec<i64>,
    #[diesel(sql_type = Bool)]
    is_awaited: bool,
}

/// Looks for what may be other accounts' among `tickets`, for copies claimed
/// from `since` on. One statement: an open that is answered meanwhile either
/// still waits or owns its position.
pub async fn find_siblings(
    tx: &mut Tx,
    account: AccountId,
    tickets: &[Ticket],
    since: DateTime<Utc>,
) -> StoreResult<Siblings> {
    let row: SiblingsRow = sql_query(SIBLINGS)
        .bind::<SqlUuid, _>(account.uuid())
        .bind::<Array<BigInt>, _>(numbers(tickets))
        .bind::<Timestamptz, _>(since)
        .get_result(tx)
        .await?;
    Ok(Siblings { tickets: read(row.tickets)?, is_awaited: row.is_awaited })
}

/// A list tells of an open only if it was made in a later session than the one
/// the open was sent to, or long after. Lists are up to a quarter of an hour
/// apart: a sibling that said nothing by then is not waited for any more, and any
/// position may be its own.
const SIBLINGS: &str = "
    with siblings as (
        select a.id from accounts mine
        join accounts a on a.owner_id = mine.owner_id and a.platform = mine.platform and a.id <> mine.id
        where mine.id = $1 and a.copy_role = 'follower'),
    undecided as (
        select b.id, c.state, l.tickets, c.claimed_at > now() - interval '20 minutes' as may_list,
            coalesce(l.session_epoch > c.claim_epoch or l.received_at > c.claimed_at + interval '1 minute', false)
                as has_listed
        from siblings b
        join copy_orders c on c.follower_account_id = b.id and c.venue_ref is null
            and c.state in ('claimed', 'received', 'unconfirmed', 'attention')
            and c.claimed_at >= $3 - interval '1 day'
        left join lateral (
            select tickets, received_at, session_epoch from snapshots s where s.account_id = b.id order by s.id desc limit 1) l on true)
    select
        array(
            select t from unnest($2) as t
            where exists (
                    select from siblings b
                    join copy_orders c on c.follower_account_id = b.id and c.venue_ref = t::text)
                or exists (
                    select from undecided u
                    where u.state in ('unconfirmed', 'attention') and u.has_listed and t = any(u.tickets)
                        or u.state = 'unconfirmed' and not u.has_listed and not u.may_list)) as tickets,
        exists (
            select from undecided u
            where u.state in ('claimed', 'received')
                or u.state = 'unconfirmed' and not u.has_listed and u.may_list) as is_awaited";

/// How the owner of `account` wants its lists to be read.
pub async fn get_choice(tx: &mut Tx, account: AccountId) -> StoreResult<ListChoice> {
    let rows: Vec<ChoiceRow> = sql_query("select adopt_inferred as adopts from accounts where id = $1")
        .bind::<SqlUuid, _>(account.uuid())
        .get_results(tx)
        .await?;
    let row = rows.into_iter().next().ok_or(StoreError::NotFound("account"))?;
    Ok(ListChoice { adopts: row.adopts })
}

/// Removes up to `limit` lists that are too old; returns how many.
pub async fn remove_old(tx: &mut Tx, limit: i64) -> StoreResult<usize> {
    let removed = sql_query(
        "delete from snapshots where id in (
            select id from snapshots where received_at < now() - make_interval(days => $1) order by id limit $2)",
    )
    .bind::<diesel::sql_types::Integer, _>(KEPT_DAYS)
    .bind::<BigInt, _>(limit)
    .execute(tx)
    .await?;
    Ok(removed)
}

pub(crate) fn numbers(tickets: &[Ticket]) -> Vec<i64> {
    tickets.iter().map(|ticket| ticket.value()).collect()
}

pub(crate) fn read(numbers: Vec<i64>) -> StoreResult<Vec<Ticket>> {
    let ticket = |number| Ticket::new(number).map_err(|_| StoreError::Corrupt("a list of tickets"));
    numbers.into_iter().map(ticket).collect()
}
