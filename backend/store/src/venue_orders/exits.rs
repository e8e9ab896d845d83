//! Stops and targets of copies at exchanges: what is wanted, and which order there does it.
//!
//! * [`want`], [`set_wanted`]: what is wanted for copies.
//! * [`make_due`], [`take_due`]: when somebody looks.
//! * [`list`], [`note`], [`claim`]: what a look reads and writes.
//! * [`list_own`], [`list_order_ids`]: what may have been pulled.

use std::collections::{BTreeSet, HashSet};

use diesel::sql_types::{Array, BigInt, Bool, Double, Integer, Nullable, Numeric, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::copy::venue_order::ExitKind;
use flotilla_domain::id::{AccountId, CopyId, NodeId};
use flotilla_domain::trade::Direction;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::Tx;
use crate::error::{StoreResult, known};
use crate::prepared::Prepared;

/// A position of an account at an exchange.
pub type Place = (AccountId, String, Direction);

/// Seconds within which an order that was written down can still appear.
const APPEARS_WITHIN_S: f64 = 9.0;

/// An exit of a copy, with what it is judged by.
#[derive(Debug, Clone, PartialEq)]
pub struct VenueExit {
    /// The copy.
    pub copy_id: CopyId,
    /// Stop or target.
    pub kind: ExitKind,
    /// Price that is to pull it; `None`: none is wanted.
    pub trigger: Option<Decimal>,
    /// Price at which it came with what opened the copy, if it did.
    pub came_at: Option<Decimal>,
    /// The exchange's name of the order that stands, or stood last and whose end is not known.
    pub order_id: Option<String>,
    /// How often it was placed by an order of its own.
    pub placed: i32,
    /// Seconds within which the last of these may still appear.
    pub appears_within_s: Option<f64>,
    /// In how many looks in a row it was not there.
    pub missed: i32,
    /// How often in a row the exchange refused it.
    pub refused: i32,
    /// Coins that the copy has opened.
    pub opened: Decimal,
    /// Coins that it was to open.
    pub ordered: Decimal,
    /// Coins that it holds.
    pub held: Decimal,
    /// Whether the copy is open and wanted.
    pub is_wanted: bool,
    /// Whether an order of the copy is on its way, or nobody knows what became of it.
    pub is_moving: bool,
    /// Milliseconds since the copy's first order was written down.
    pub age_ms: i64,
}

#[derive(QueryableByName)]
struct PlaceRow {
    #[diesel(sql_type = SqlUuid)]
    follower_account_id: Uuid,
    #[diesel(sql_type = Text)]
    symbol: String,
    #[diesel(sql_type = Text)]
    direction: String,
}

#[derive(QueryableByName)]
struct ExitRow {
    #[diesel(sql_type = SqlUuid)]
    copy_id: Uuid,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<Numeric>)]
    trigger_price: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    came_at: Option<Decimal>,
    #[diesel(sql_type = Nullable<Text>)]
    order_id: Option<String>,
    #[diesel(sql_type = Integer)]
    placed: i32,
    #[diesel(sql_type = Nullable<Double>)]
    appears_within_s: Option<f64>,
    #[diesel(sql_type = Integer)]
    missed: i32,
    #[diesel(sql_type = Integer)]
    refused: i32,
    #[diesel(sql_type = Numeric)]
    opened: Decimal,
    #[diesel(sql_type = Numeric)]
    ordered: Decimal,
    #[diesel(sql_type = Numeric)]
    held: Decimal,
    #[diesel(sql_type = Bool)]
    is_wanted: bool,
    #[diesel(sql_type = Bool)]
    is_moving: bool,
    #[diesel(sql_type = BigInt)]
    age_ms: i64,
}

/// Wants the stops and targets that came with what opened copies, and has all exits of these copies looked at now: they
/// opened, or what they hold has changed. On paper there are none.
pub async fn want(tx: &mut Tx, copies: &[Uuid]) -> StoreResult<()> {
    if copies.is_empty() {
        return Ok(());
    }
    let query = sql_query(
        "with known as (
            update venue_exits set due_at = now(), missed = 0 where copy_id = any($1))
         insert into venue_exits (copy_id, kind, owner_id, follower_account_id, symbol, direction, trigger_price, due_at)
         select v.copy_id, x.kind, v.owner_id, v.follower_account_id, v.symbol, v.direction, x.trigger_price,
            now() + interval '1 second'
         from venue_orders v
         join accounts a on a.id = v.follower_account_id and a.platform = 'bingx'
         cross join lateral (values ('stop', v.stop_loss), ('target', v.take_profit)) as x (kind, trigger_price)
         where v.copy_id = any($1) and v.leg = 'open' and v.filled > 0 and x.trigger_price > 0
         on conflict (copy_id, kind) do nothing",
    )
    .bind::<Array<SqlUuid>, _>(copies);
    Prepared(query).execute(tx).await?;
    Ok(())
}

/// Wants this stop and this target for a copy from now on, `None` for none; prices in the contract's decimals.
///
/// How many coins they close follows from what the copy holds. Of a copy that has not opened nothing is written: what
/// is wanted then comes with its order.
pub async fn set_wanted(
    tx: &mut Tx,
    copy: CopyId,
    (stop, target): (Option<Decimal>, Option<Decimal>),
) -> StoreResult<()> {
    sql_query(
        "insert into venue_exits (copy_id, kind, owner_id, follower_account_id, symbol, direction, trigger_price, due_at)
         select v.copy_id, x.kind, v.owner_id, v.follower_account_id, v.symbol, v.direction, x.trigger_price, now()
         from venue_orders v
         join accounts a on a.id = v.follower_account_id and a.platform = 'bingx'
         cross join lateral (values ('stop', $2::numeric), ('target', $3::numeric)) as x (kind, trigger_price)
         where v.copy_id = $1 and v.leg = 'open' and v.filled > 0
         on conflict (copy_id, kind) do update set
            trigger_price = excluded.trigger_price, due_at = now(), missed = 0, refused = 0, updated_at = now()
         where venue_exits.trigger_price is distinct from excluded.trigger_price",
    )
    .bind::<SqlUuid, _>(copy.uuid())
    .bind::<Nullable<Numeric>, _>(stop)
    .bind::<Nullable<Numeric>, _>(target)
    .execute(tx)
    .await?;
    Ok(())
}

/// Has exits of an account looked at now that have one of `order_ids`, or may. Whether there are any.
pub async fn make_due(
    tx: &mut Tx,
    account: AccountId,
    (symbol, order_ids): (&str, &[&str]),
) -> StoreResult<bool> {
    let due = sql_query(
        "update venue_exits e set due_at = now()
         from copy_orders c
         where e.follower_account_id = $1 and e.symbol = $2 and (e.order_id = any($3) or e.order_id is null)
            and c.copy_id = e.copy_id and (e.due_at is not null or c.state in ('open', 'closing'))",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Text, _>(symbol)
    .bind::<Array<Text>, _>(order_ids)
    .execute(tx)
    .await?;
    Ok(due > 0)
}

/// Positions whose exits are due, of accounts that `node` serves. They are due again in a while.
pub async fn take_due(tx: &mut Tx, node: NodeId, limit: i64) -> StoreResult<BTreeSet<Place>> {
    let rows: Vec<PlaceRow> = sql_query(
        "with due as (
            select e.copy_id, e.kind from venue_exits e
            join sessions s on s.account_id = e.follower_account_id and s.node_id = $1 and s.venue = 'bingx'
            where e.due_at <= now()
            order by e.due_at
            limit $2
            for update of e skip locked)
         update venue_exits e set due_at = now() + interval '15 seconds'
         from due where e.copy_id = due.copy_id and e.kind = due.kind
         returning e.follower_account_id, e.symbol, e.direction",
    )
    .bind::<SqlUuid, _>(node.uuid())
    .bind::<BigInt, _>(limit)
    .get_results(tx)
    .await?;
    let place = |row: PlaceRow| {
        let direction = known("venue_exits.direction", &row.direction)?;
        Ok((row.follower_account_id.into(), row.symbol, direction))
    };
    rows.into_iter().map(place).collect()
}

/// The exits of one position, oldest first: of copies that hold something, and those that are due.
pub async fn list(tx: &mut Tx, (account, symbol, direction): &Place) -> StoreResult<Vec<VenueExit>> {
    let rows: Vec<ExitRow> = sql_query(
        "select e.copy_id, e.kind, e.trigger_price, x.came_at, e.order_id, e.placed,
            (extract(epoch from e.placed_at - clock_timestamp())::float8 + $4::float8) as appears_within_s,
            e.missed, e.refused, x.opened, x.ordered, x.held, c.state = 'open' and c.desired_lots > 0 as is_wanted,
            x.is_moving or c.state not in ('open', 'closing', 'closed') as is_moving, x.age_ms
         from venue_exits e
         join copy_orders c on c.copy_id = e.copy_id
         cross join lateral (
            select coalesce(sum(o.filled) filter (where o.leg = 'open'), 0) as opened,
                coalesce(max(o.quantity) filter (where o.leg = 'open'), 0) as ordered,
                coalesce(sum(case o.leg when 'open' then o.filled else -o.filled end), 0) as held,
                coalesce(bool_or(o.state in ('intended', 'accepted', 'unknown')), false) as is_moving,
                max(case e.kind when 'stop' then o.stop_loss else o.take_profit end) filter (where o.leg = 'open')
                    as came_at,
                coalesce(extract(epoch from clock_timestamp() - min(o.created_at)) * 1000, 0)::bigint as age_ms
            from venue_orders o where o.copy_id = e.copy_id) x
         where e.follower_account_id = $1 and e.symbol = $2 and e.direction = $3
            and (e.due_at is not null or c.state in ('open', 'closing', 'attention', 'unconfirmed'))
         order by c.id, e.kind",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Text, _>(symbol)
    .bind::<Text, _>(direction.as_str())
    .bind::<Double, _>(APPEARS_WITHIN_S)
    .get_results(tx)
    .await?;
    rows.into_iter().map(exit).collect()
}

fn exit(row: ExitRow) -> StoreResult<VenueExit> {
    Ok(VenueExit {
        copy_id: row.copy_id.into(),
        kind: known("venue_exits.kind", &row.kind)?,
        trigger: row.trigger_price,
        came_at: row.came_at,
        order_id: row.order_id,
        placed: row.placed,
        appears_within_s: row.appears_within_s.filter(|left| *left > 0.0),
        missed: row.missed,
        refused: row.refused,
        opened: row.opened,
        ordered: row.ordered,
        held: row.held,
        is_wanted: row.is_wanted,
        is_moving: row.is_moving,
        age_ms: row.age_ms,
    })
}

/// Coins that copies of a position hold by their orders, where one of them has an exit: only then can some be gone
/// without anybody else.
pub async fn held_beside_exits(
    tx: &mut Tx,
    (account, symbol, direction): &Place,
) -> StoreResult<Option<Decimal>> {
    #[derive(QueryableByName)]
    struct HeldRow {
        #[diesel(sql_type = Nullable<Numeric>)]
        held: Option<Decimal>,
    }
    let row: HeldRow = sql_query(
        "select sum(case v.leg when 'open' then v.filled else -v.filled end) as held
         from copy_orders c
         join venue_orders v on v.copy_id = c.copy_id and v.symbol = $2 and v.direction = $3
         where c.follower_account_id = $1 and c.state in ('open', 'closing')
            and exists (
                select from venue_exits e
                where e.follower_account_id = $1 and e.symbol = $2 and e.direction = $3)",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Text, _>(symbol)
    .bind::<Text, _>(direction.as_str())
    .get_result(tx)
    .await?;
    Ok(row.held)
}

/// A stop or target that may stand for a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnExit {
    /// The exchange's name, where it is known.
    pub order_id: Option<String>,
    /// Something was heard of it, or is to be done about it.
    pub is_due: bool,
}

/// The stops and targets that may stand for a copy.
pub async fn list_own(tx: &mut Tx, copy: CopyId) -> StoreResult<Vec<OwnExit>> {
    #[derive(QueryableByName)]
    struct OwnRow {
        #[diesel(sql_type = Nullable<Text>)]
        order_id: Option<String>,
        #[diesel(sql_type = Bool)]
        is_due: bool,
    }
    let rows: Vec<OwnRow> = sql_query(
        "select order_id, coalesce(due_at <= now(), false) as is_due from venue_exits
         where copy_id = $1 and (order_id is not null or trigger_price is not null)",
    )
    .bind::<SqlUuid, _>(copy.uuid())
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(|row| OwnExit { order_id: row.order_id, is_due: row.is_due }).collect())
}

/// The exchange's names of stops and targets of one position that stand, or of which the end is not known.
pub async fn list_order_ids(
    tx: &mut Tx,
    (account, symbol, direction): &Place,
) -> StoreResult<HashSet<String>> {
    #[derive(QueryableByName)]
    struct IdRow {
        #[diesel(sql_type = Text)]
        order_id: String,
    }
    let rows: Vec<IdRow> = sql_query(
        "select order_id from venue_exits
         where follower_account_id = $1 and symbol = $2 and direction = $3 and order_id is not null",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Text, _>(symbol)
    .bind::<Text, _>(direction.as_str())
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(|row| row.order_id).collect())
}

/// Writes what was found of an exit. `due_in_s`: when it is looked at again; `None`: never.
///
/// Where it became due meanwhile, it stays so. Where another was placed since it was read, nothing is written.
pub async fn note(tx: &mut Tx, exit: &VenueExit, due_in_s: Option<f64>) -> StoreResult<()> {
    sql_query(
        "update venue_exits set order_id = $3, missed = $4, refused = $5,
            placed_at = case when $6 then placed_at end,
            due_at = case when due_at <= now() then due_at else now() + make_interval(secs => $7) end,
            updated_at = now()
         where copy_id = $1 and kind = $2 and placed = $8",
    )
    .bind::<SqlUuid, _>(exit.copy_id.uuid())
    .bind::<Text, _>(exit.kind.as_str())
    .bind::<Nullable<Text>, _>(exit.order_id.as_deref())
    .bind::<Integer, _>(exit.missed)
    .bind::<Integer, _>(exit.refused)
    .bind::<Bool, _>(exit.appears_within_s.is_some())
    .bind::<Nullable<Double>, _>(due_in_s)
    .bind::<Integer, _>(exit.placed)
    .execute(tx)
    .await?;
    Ok(())
}

/// Claims the placing of an exit, before it is sent; its number is one more than those before. Whether it may be sent.
///
/// Not where something of its copy has moved since it was read, another price is wanted, somebody else placed one, or
/// the session is not the present one. Until it must have appeared, nothing else is placed for it.
pub async fn claim(tx: &mut Tx, (node, epoch): (NodeId, i64), exit: &VenueExit) -> StoreResult<bool> {
    let claimed = sql_query(
        "update venue_exits e set placed = e.placed + 1, placed_at = clock_timestamp(), missed = 0,
            due_at = now() + make_interval(secs => $7 + 1), updated_at = now()
         from copy_orders c, sessions s
         where e.copy_id = $1 and e.kind = $2 and e.placed = $5 and e.trigger_price = $6 and e.order_id is null
            and (e.placed_at is null or e.placed_at < clock_timestamp() - make_interval(secs => $7))
            and c.copy_id = e.copy_id and c.state = 'open' and c.desired_lots > 0
            and s.account_id = e.follower_account_id and s.node_id = $3 and s.epoch = $4
            and (select sum(case o.leg when 'open' then o.filled else -o.filled end) = $8
                    and not bool_or(o.state in ('intended', 'accepted', 'unknown'))
                 from venue_orders o where o.copy_id = e.copy_id)",
    )
    .bind::<SqlUuid, _>(exit.copy_id.uuid())
    .bind::<Text, _>(exit.kind.as_str())
    .bind::<SqlUuid, _>(node.uuid())
    .bind::<BigInt, _>(epoch)
    .bind::<Integer, _>(exit.placed)
    .bind::<Nullable<Numeric>, _>(exit.trigger)
    .bind::<Double, _>(APPEARS_WITHIN_S)
    .bind::<Numeric, _>(exit.held)
    .execute(tx)
    .await?;
    Ok(claimed > 0)
}
