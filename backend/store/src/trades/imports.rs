//! What of a file the journal has already.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::sql_types::{
    Array, BigInt, Bool, Integer, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId, TradeId};
use flotilla_domain::import::Mark;
use flotilla_domain::trade::{Execution, Trade, TradeStatus};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::db::Tx;
use crate::error::StoreResult;
use crate::trades;

/// A trade of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// As it would be written.
    pub trade: Trade,
    /// What it is recognised by.
    pub mark: Mark,
}

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = BigInt)]
    place: i64,
}

/// Known is what was imported before, what it was exported of, what has its
/// number at the broker, and what was typed in or reported alike: as many rows
/// of a file as there are such trades.
const KNOWN: &str = "
    select n.place
    from unnest($3::text[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::numeric[], $9::timestamptz[],
        $10::numeric[], $11::int[])
        with ordinality as n (print, id, number, symbol, direction, quantity, entry_at, entry_price, nth, place)
    where exists (select from trades t where t.account_id = $2 and t.fingerprint = n.print and t.owner_id = $1)
        or exists (select from trades t where t.id = n.id and t.account_id = $2 and t.owner_id = $1)
        or exists (
            select from trades t
            where t.account_id = $2 and t.external_id = n.number and t.owner_id = $1
                and t.fingerprint is null and t.symbol = n.symbol)
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
    #[diesel(sql_type = BigInt)]
    place: i64,
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

const NUMBERED: &str = "
    select n.place, t.id, t.quantity, t.status = 'open' as is_open, t.fingerprint = any($5::text[]) as is_same
    from unnest($3::text[], $4::text[]) with ordinality as n (number, symbol, place)
        join trades t on t.account_id = $2 and t.owner_id = $1 and t.external_id = n.number
            and t.fingerprint is not null and t.symbol = n.symbol
    order by n.place, t.id";

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
    let numbers: Vec<Option<&str>> = fresh.iter().map(|one| one.trade.external_id.as_deref()).collect();
    if numbers.iter().all(Option::is_none) {
        return Ok((fresh, Vec::new()));
    }
    let earlier: Vec<Numbered> = sql_query(NUMBERED)
        .bind::<SqlUuid, _>(owner.uuid())
        .bind::<SqlUuid, _>(account.uuid())
        .bind::<Array<Nullable<Text>>, _>(numbers)
        .bind::<Array<Text>, _>(fresh.iter().map(|one| one.trade.symbol.as_str()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(prints)
        .load(tx)
        .await?;
    let (mut taken, mut new, mut ended) = (HashSet::new(), Vec::new(), Vec::new());
    for (place, found) in (1_i64..).zip(fresh) {
        let of_number: Vec<&Numbered> = earlier.iter().filter(|row| row.place == place).collect();
        let left = of_number.iter().filter(|row| !row.is_same && !taken.contains(&row.id));
        let left: Vec<&Numbered> = left.copied().collect();
        // As many rows of a number are known as there are: a position that was closed in parts has several.
        let is_counted = usize::try_from(found.mark.nth_of_number).is_ok_and(|nth| nth < of_number.len());
        let Some(row) = likest(&left, &found.trade).filter(|_| is_counted) else {
            new.push(found);
            continue;
        };
        taken.insert(row.id);
        let has_moved = found.trade.status == TradeStatus::Closed || found.trade.quantity < row.quantity;
        if row.is_open && has_moved {
            ended.push(grown(trades::lock(tx, owner, row.id.into()).await?, found.trade));
        }
    }
    Ok((new, ended))
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
    #[diesel(sql_type = BigInt)]
    place: i64,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Rows that this file has as they are stand for themselves.
const BEGUN: &str = "
    select n.place, t.id
    from unnest($3::text[], $4::text[], $5::timestamptz[]) with ordinality as n (symbol, direction, entry_at, place)
        join trades t on t.account_id = $2 and t.owner_id = $1 and t.entry_at = n.entry_at
            and t.fingerprint <> all($6::text[]) and t.symbol = n.symbol and t.direction = n.direction
    order by n.place, t.id";

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
    let begun: Vec<Begun> = sql_query(BEGUN)
        .bind::<SqlUuid, _>(owner.uuid())
        .bind::<SqlUuid, _>(account.uuid())
        .bind::<Array<Text>, _>(fresh.iter().map(|one| one.trade.symbol.as_str()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(fresh.iter().map(|one| one.trade.direction.as_str()).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(fresh.iter().map(|one| one.trade.entry_at).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(prints)
        .load(tx)
        .await?;
    let (mut taken, mut new, mut longer) = (HashSet::new(), Vec::new(), Vec::new());
    for (place, found) in (1_i64..).zip(fresh) {
        let ids = begun.iter().filter(|begun| begun.place == place && !taken.contains(&begun.id));
        let ids: Vec<Uuid> = ids.map(|begun| begun.id).collect();
        match goes_on(tx, owner, &found.trade, &ids).await? {
            None => new.push(found),
            Some((id, grown)) => {
                taken.insert(id);
                longer.extend(grown);
            }
        }
    }
    Ok((new, longer))
}

/// Which of `begun` goes on as `now`, and as what; it may say all of it already.
async fn goes_on(
    tx: &mut Tx,
    owner: OwnerId,
    now: &Trade,
    begun: &[Uuid],
) -> StoreResult<Option<(Uuid, Option<Trade>)>> {
    for id in begun {
        let earlier = trades::lock(tx, owner, (*id).into()).await?;
        if is_part(&now.executions, &earlier.executions) {
            return Ok(Some((*id, None)));
        }
        if earlier.status == TradeStatus::Open && is_part(&earlier.executions, &now.executions) {
            return Ok(Some((*id, Some(grown(earlier, now.clone())))));
        }
    }
    Ok(None)
}

/// Whether each fill of `part` is one of `whole`.
fn is_part(part: &[Execution], whole: &[Execution]) -> bool {
    let alike = |one: &Execution, other: &Execution| {
        (one.side, one.quantity, one.price, one.at) == (other.side, other.quantity, other.price, other.at)
    };
    let mut rest: Vec<&Execution> = whole.iter().collect();
    part.iter().all(|fill| {
        let place = rest.iter().position(|other| alike(fill, other));
        place.map(|place| rest.swap_remove(place)).is_some()
    })
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
