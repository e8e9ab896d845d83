//! What of a file the journal has already.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::sql_types::{
    Array, BigInt, Bool, Integer, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{QueryableByName, sql_query};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use flotilla_domain::id::{AccountId, OwnerId, TradeId};
use flotilla_domain::import::Mark;
use flotilla_domain::side::Side;
use flotilla_domain::trade::{Execution, Trade, TradeStatus};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{StoreError, StoreResult};
use crate::trades;

/// Rows of one number, or of one instant, that are looked at: more of them have it by accident, as where a column of
/// zeros was taken for the numbers. Without an end each row of such a file would be compared with all before it.
const MOST_ALIKE: i64 = 500;
/// Positions that are compared at once.
const POSITIONS_AT_ONCE: usize = 500;
/// No more are compared at once when they have so many trades together that they may go on from: all are in memory.
const TRADES_AT_ONCE: usize = 2_000;

/// A trade of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// As it would be written.
    pub trade: Trade,
    /// What it is recognised by.
    pub mark: Mark,
}

/// Begins to import: call it once in the transaction.
///
/// Nobody counts rows before they are committed, so plans for a table of a few
/// rows, which read all of it for each row that is checked, would be kept for a million. What is not read in the order in
/// which it is asked for is sorted, which of a few rows costs nothing: so nothing is to be.
pub async fn begin(tx: &mut Tx) -> StoreResult<()> {
    Ok(tx.batch_execute("set local enable_seqscan = off; set local enable_sort = off; discard plans").await?)
}

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = BigInt)]
    place: i64,
}

/// Known is what was imported before, what it was exported of, what has its
/// number at the broker, and what was typed in or reported alike: as many rows
/// of a file as there are such trades.
///
/// Each is looked for by its index, whatever the planner thinks of a table that nobody has counted: the first that is
/// not before it comes in the order of one index only, and without `offset 0` all trades of the account may be read into
/// memory for the rows of one statement.
const KNOWN: &str = "
    select n.place
    from unnest($3::text[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::numeric[], $9::timestamptz[],
        $10::numeric[], $11::int[])
        with ordinality as n (print, id, number, symbol, direction, quantity, entry_at, entry_price, nth, place)
    where n.print = (
            select t.fingerprint from trades t
            where t.account_id = $2 and t.fingerprint >= n.print and t.owner_id = $1
            order by t.fingerprint limit 1)
        or n.id = (
            select t.id from trades t where t.account_id = $2 and t.id >= n.id and t.owner_id = $1
            order by t.id limit 1)
        or exists (
            select from trades t
            where t.account_id = $2 and t.external_id = n.number and t.owner_id = $1
                and t.fingerprint is null and t.symbol = n.symbol
            offset 0)
        or n.nth < (
            select count(*) from trades t
            where t.account_id = $2 and t.entry_at = n.entry_at and t.owner_id = $1
                and t.fingerprint is null and t.symbol = n.symbol and t.direction = n.direction
                and t.quantity = n.quantity and t.entry_price = n.entry_price)";

/// Those of `found` that the account does not have.
pub async fn unknown(
    tx: &mut Tx,
    (owner, account): (OwnerId, AccountId),
    found: Vec<Found>,
) -> StoreResult<Vec<Found>> {
    let each = |of: fn(&Found) -> &str| found.iter().map(of).collect::<Vec<&str>>();
    let exported: Vec<Option<Uuid>> = found.iter().map(|one| one.mark.exported.map(TradeId::uuid)).collect();
    let numbers: Vec<Option<&str>> = found.iter().map(|one| one.trade.external_id.as_deref()).collect();
    let quantities: Vec<Decimal> = found.iter().map(|one| one.trade.quantity).collect();
    let entries: Vec<DateTime<Utc>> = found.iter().map(|one| one.trade.entry_at).collect();
    let prices: Vec<Option<Decimal>> = found.iter().map(|one| one.trade.entry_price).collect();
    let nths: Vec<i32> = found.iter().map(|one| i32::try_from(one.mark.nth).unwrap_or(i32::MAX)).collect();
    let known: Vec<Place> = sql_query(KNOWN)
        .bind::<SqlUuid, _>(owner.uuid())
        .bind::<SqlUuid, _>(account.uuid())
        .bind::<Array<Text>, _>(each(|one| &one.mark.print))
        .bind::<Array<Nullable<SqlUuid>>, _>(exported)
        .bind::<Array<Nullable<Text>>, _>(numbers)
        .bind::<Array<Text>, _>(each(|one| &one.trade.symbol))
        .bind::<Array<Text>, _>(each(|one| one.trade.direction.as_str()))
        .bind::<Array<Numeric>, _>(quantities)
        .bind::<Array<Timestamptz>, _>(entries)
        .bind::<Array<Nullable<Numeric>>, _>(prices)
        .bind::<Array<Integer>, _>(nths)
        .load(tx)
        .await?;
    let known: HashSet<i64> = known.into_iter().map(|row| row.place).collect();
    Ok((1_i64..).zip(found).filter(|(place, _)| !known.contains(place)).map(|(_, found)| found).collect())
}

/// A trade of an earlier file that has the number of one of this file.
#[derive(QueryableByName)]
struct Numbered {
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = Text)]
    symbol: String,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Numeric)]
    quantity: Decimal,
    #[diesel(sql_type = Bool)]
    is_open: bool,
    /// This file has it as it is.
    #[diesel(sql_type = Bool)]
    is_same: bool,
}

/// Each number is looked for once, by its index.
const NUMBERED: &str = "
    select n.number, t.symbol, t.id, t.quantity, t.status = 'open' as is_open,
        t.fingerprint = any($4::text[]) as is_same
    from unnest($3::text[]) as n (number)
    cross join lateral (
        select symbol, id, quantity, status, fingerprint from trades
        where account_id = $2 and owner_id = $1 and external_id = n.number and fingerprint is not null
        limit $5) t
    order by t.id";

/// Of trades that no earlier file had as they are, those whose number at the
/// broker none had; and those of which one had the number while they were open,
/// as that trade with what became of it. Save the latter. What an earlier file
/// had with another zone, fee or result is left out: the number says which it is.
///
/// * `prints`: of all trades of the file, as far as they come together.
pub async fn renumbered(
    tx: &mut Tx,
    (owner, account): (OwnerId, AccountId),
    fresh: Vec<Found>,
    prints: &[String],
) -> StoreResult<(Vec<Found>, Vec<Trade>)> {
    let earlier = numbered(tx, (owner, account), &fresh, prints).await?;
    let (mut taken, mut new, mut ended) = (HashSet::new(), Vec::new(), Vec::new());
    for found in fresh {
        let number = found.trade.external_id.clone().unwrap_or_default();
        let of_number = earlier.get(&(number, found.trade.symbol.clone())).map_or(&[][..], Vec::as_slice);
        let left = of_number.iter().filter(|row| !row.is_same && !taken.contains(&row.id));
        let left: Vec<&Numbered> = left.collect();
        // As many rows of a number are known as there are: a position that was closed in parts has several.
        let is_counted = usize::try_from(found.mark.nth_of_number).is_ok_and(|nth| nth < of_number.len());
        let Some(row) = likest(&left, &found.trade).filter(|_| is_counted) else {
            new.push(found);
            continue;
        };
        taken.insert(row.id);
        let has_moved = found.trade.status == TradeStatus::Closed || found.trade.quantity < row.quantity;
        if row.is_open && has_moved {
            ended.push((row.id, found.trade));
        }
    }
    let mut before = locked(tx, owner, ended.iter().map(|(id, _)| *id).collect()).await?;
    let mut ended_as = Vec::new();
    for (id, now) in ended {
        ended_as.push(grown(before.remove(&id).ok_or(StoreError::NotFound("trade"))?, now));
    }
    Ok((new, ended_as))
}

/// Trades of earlier files by number and symbol, as far as those of this file have them.
async fn numbered(
    tx: &mut Tx,
    (owner, account): (OwnerId, AccountId),
    fresh: &[Found],
    prints: &[String],
) -> StoreResult<HashMap<(String, String), Vec<Numbered>>> {
    let numbers: HashSet<&str> = fresh.iter().filter_map(|one| one.trade.external_id.as_deref()).collect();
    if numbers.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<Numbered> = sql_query(NUMBERED)
        .bind::<SqlUuid, _>(owner.uuid())
        .bind::<SqlUuid, _>(account.uuid())
        .bind::<Array<Text>, _>(numbers.into_iter().collect::<Vec<_>>())
        .bind::<Array<Text>, _>(prints)
        .bind::<BigInt, _>(MOST_ALIKE)
        .load(tx)
        .await?;
    let mut each: HashMap<(String, String), Vec<Numbered>> = HashMap::new();
    for row in rows {
        each.entry((row.number.clone(), row.symbol.clone())).or_default().push(row);
    }
    Ok(each)
}

async fn locked(tx: &mut Tx, owner: OwnerId, ids: Vec<Uuid>) -> StoreResult<HashMap<Uuid, Trade>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let all = trades::lock_all(tx, owner, ids).await?;
    Ok(all.into_iter().map(|trade| (trade.id.uuid(), trade)).collect())
}

/// Which of the rows with a number `now` is: one of its size, else one that is open, else the first.
fn likest<'a>(rows: &[&'a Numbered], now: &Trade) -> Option<&'a Numbered> {
    let is_sized = |row: &&&Numbered| row.quantity == now.quantity;
    let found = rows.iter().find(is_sized).or_else(|| rows.iter().find(|row| row.is_open));
    found.or_else(|| rows.first()).copied()
}

/// A trade of an earlier file that begins when one of this file does.
#[derive(QueryableByName)]
struct Begun {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    symbol: String,
    #[diesel(sql_type = Text)]
    direction: String,
    #[diesel(sql_type = Timestamptz)]
    entry_at: DateTime<Utc>,
}

impl Begun {
    fn may_be(&self, trade: &Trade) -> bool {
        self.symbol == trade.symbol && self.direction == trade.direction.as_str()
    }
}

/// Rows that this file has as they are stand for themselves. Each instant is looked for once, by its index.
const BEGUN: &str = "
    select t.id, t.symbol, t.direction, t.entry_at
    from unnest($3::timestamptz[]) as n (entry_at)
    cross join lateral (
        select id, symbol, direction, entry_at from trades
        where account_id = $2 and owner_id = $1 and entry_at = n.entry_at and fingerprint <> all($4::text[])
        limit $5) t
    order by t.id";

/// Of positions that the fills of a file make, those of which no earlier file
/// had a part; and those of which one had the beginning, as that trade with
/// what became of it. Save the latter. What an earlier file had more of is left out.
///
/// * `prints`: of all positions of the file.
pub async fn continued(
    tx: &mut Tx,
    (owner, account): (OwnerId, AccountId),
    fresh: Vec<Found>,
    prints: &[String],
) -> StoreResult<(Vec<Found>, Vec<Trade>)> {
    let begun = begun(tx, (owner, account), &fresh, prints).await?;
    let (mut taken, mut new, mut longer) = (HashSet::new(), Vec::new(), Vec::new());
    let mut fresh = fresh.into_iter();
    loop {
        let (mut each, mut ids) = (Vec::new(), HashSet::new());
        while each.len() < POSITIONS_AT_ONCE
            && ids.len() < TRADES_AT_ONCE
            && let Some(one) = fresh.next()
        {
            let (found, alike) = like(&begun, &taken, one);
            ids.extend(alike.iter().copied());
            each.push((found, alike));
        }
        if each.is_empty() {
            return Ok((new, longer));
        }
        let earlier = locked(tx, owner, ids.into_iter().collect()).await?;
        for (found, ids) in each {
            let left = ids.iter().filter(|id| !taken.contains(*id)).filter_map(|id| earlier.get(id));
            match goes_on(&found.trade, left) {
                None => new.push(found),
                Some((id, grown)) => {
                    taken.insert(id);
                    longer.extend(grown);
                }
            }
        }
    }
}

/// Trades of earlier files by the microsecond in which they begin, as far as those of this file begin then.
async fn begun(
    tx: &mut Tx,
    (owner, account): (OwnerId, AccountId),
    fresh: &[Found],
    prints: &[String],
) -> StoreResult<HashMap<i64, Vec<Begun>>> {
    let instants: HashSet<DateTime<Utc>> = fresh.iter().map(|one| one.trade.entry_at).collect();
    let rows: Vec<Begun> = sql_query(BEGUN)
        .bind::<SqlUuid, _>(owner.uuid())
        .bind::<SqlUuid, _>(account.uuid())
        .bind::<Array<Timestamptz>, _>(instants.into_iter().collect::<Vec<_>>())
        .bind::<Array<Text>, _>(prints)
        .bind::<BigInt, _>(MOST_ALIKE)
        .load(tx)
        .await?;
    let mut each: HashMap<i64, Vec<Begun>> = HashMap::new();
    for row in rows {
        each.entry(row.entry_at.timestamp_micros()).or_default().push(row);
    }
    Ok(each)
}

/// A position with those that it may go on from, the first that was made first.
fn like(begun: &HashMap<i64, Vec<Begun>>, taken: &HashSet<Uuid>, found: Found) -> (Found, Vec<Uuid>) {
    let then = begun.get(&found.trade.entry_at.timestamp_micros()).into_iter().flatten();
    let like = then.filter(|row| row.may_be(&found.trade) && !taken.contains(&row.id));
    let ids = like.map(|row| row.id).collect();
    (found, ids)
}

/// Which of `begun` goes on as `now`, and as what; it may say all of it already.
fn goes_on<'a>(now: &Trade, begun: impl Iterator<Item = &'a Trade>) -> Option<(Uuid, Option<Trade>)> {
    for earlier in begun {
        if is_part(&now.executions, &earlier.executions) {
            return Some((earlier.id.uuid(), None));
        }
        if earlier.status == TradeStatus::Open && is_part(&earlier.executions, &now.executions) {
            return Some((earlier.id.uuid(), Some(grown(earlier.clone(), now.clone()))));
        }
    }
    None
}

/// Whether each fill of `part` is one of `whole`.
fn is_part(part: &[Execution], whole: &[Execution]) -> bool {
    if part.len() > whole.len() {
        return false;
    }
    let mut left: HashMap<Told, usize> = HashMap::new();
    for fill in whole {
        let count = left.entry(told(fill)).or_default();
        *count = count.saturating_add(1);
    }
    part.iter().all(|fill| {
        let Some(count) = left.get_mut(&told(fill)).filter(|count| **count > 0) else { return false };
        *count = count.saturating_sub(1);
        true
    })
}

/// What tells a fill from others.
type Told = (Side, Decimal, Option<Decimal>, DateTime<Utc>);

const fn told(fill: &Execution) -> Told {
    (fill.side, fill.quantity, fill.price, fill.at)
}

/// `earlier` as it is now, with what its owner said about it.
fn grown(earlier: Trade, now: Trade) -> Trade {
    Trade {
        id: earlier.id,
        multiplier: now.multiplier.or(earlier.multiplier),
        stop_loss: earlier.stop_loss.or(now.stop_loss),
        take_profit: earlier.take_profit.or(now.take_profit),
        mae: earlier.mae.or(now.mae),
        mfe: earlier.mfe.or(now.mfe),
        tags: earlier.tags,
        notes: earlier.notes.or(now.notes),
        ..now
    }
}
