//! What of a file the journal has already.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId, TradeId};
use flotilla_domain::import::Mark;
use flotilla_domain::trade::Trade;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::db::Tx;
use crate::error::StoreResult;

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
    let known: std::collections::HashSet<i64> = known.into_iter().map(|row| row.place).collect();
    Ok((1_i64..).zip(found).filter(|(place, _)| !known.contains(place)).map(|(_, found)| found).collect())
}
