//! Trades that people type in, import, annotate and delete.
#![expect(clippy::ref_option_ref, reason = "the derived change set takes references to its fields")]

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Integer, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId, TradeId};
use flotilla_domain::trade::{Execution, OptionType, PnlSource, Trade};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{StoreError, StoreResult};
use crate::schema::{executions, trades};
use crate::trades::imports::Found;

/// Most tags of one trade.
pub const MOST_TAGS: usize = 20;
/// Rows of one statement: each takes 27 of 65,535 parameters.
const ROWS_AT_ONCE: usize = 500;
/// Fills of one statement.
const FILLS_AT_ONCE: usize = 5_000;
/// What a person may alter of his own rows; the columns of `save`.
const BY_HAND: [&str; 2] = ["manual", "import"];

/// Writes a new trade with its fills.
pub async fn insert(tx: &mut Tx, trade: &Trade) -> StoreResult<()> {
    insert_rows(tx, vec![NewRow::of(trade, None)]).await?;
    insert_fills(tx, &[trade]).await
}

/// Writes new trades of a file, with their fills. One whose fingerprint the
/// account has already is left out.
///
/// Returns how many were written.
pub async fn insert_all(tx: &mut Tx, found: &[Found]) -> StoreResult<usize> {
    let mut written = 0_usize;
    for some in found.chunks(ROWS_AT_ONCE) {
        let rows = some.iter().map(|one| NewRow::of(&one.trade, Some(&one.mark.print))).collect();
        let ids: HashSet<Uuid> = insert_rows(tx, rows).await?.into_iter().collect();
        let fresh = some.iter().map(|one| &one.trade).filter(|trade| ids.contains(&trade.id.uuid()));
        insert_fills(tx, &fresh.collect::<Vec<_>>()).await?;
        written = written.saturating_add(ids.len());
    }
    Ok(written)
}

async fn insert_rows(tx: &mut Tx, rows: Vec<NewRow<'_>>) -> StoreResult<Vec<Uuid>> {
    Ok(diesel::insert_into(trades::table)
        .values(rows)
        .on_conflict_do_nothing()
        .returning(trades::id)
        .get_results(tx)
        .await?)
}

#[derive(Insertable)]
#[diesel(table_name = trades)]
struct NewRow<'a> {
    id: Uuid,
    owner_id: Uuid,
    account_id: Uuid,
    source: &'static str,
    external_id: Option<&'a str>,
    fingerprint: Option<&'a str>,
    #[diesel(embed)]
    edited: Edited<'a>,
}

impl<'a> NewRow<'a> {
    fn of(trade: &'a Trade, fingerprint: Option<&'a str>) -> Self {
        Self {
            id: trade.id.uuid(),
            owner_id: trade.owner_id.uuid(),
            account_id: trade.account_id.uuid(),
            source: trade.source.as_str(),
            external_id: trade.external_id.as_deref(),
            fingerprint,
            edited: Edited::of(trade),
        }
    }
}

/// What may be altered.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = trades)]
#[diesel(treat_none_as_null = true)]
struct Edited<'a> {
    symbol: &'a str,
    direction: &'static str,
    asset_type: &'static str,
    option_type: Option<&'static str>,
    quantity: Decimal,
    multiplier: Option<Decimal>,
    entry_price: Option<Decimal>,
    exit_price: Option<Decimal>,
    entry_at: DateTime<Utc>,
    exit_at: Option<DateTime<Utc>>,
    stop_loss: Option<Decimal>,
    take_profit: Option<Decimal>,
    fees: Decimal,
    swap: Decimal,
    pnl: Option<Decimal>,
    pnl_source: Option<&'static str>,
    status: &'static str,
    mae: Option<Decimal>,
    mfe: Option<Decimal>,
    tags: &'a [String],
    notes: Option<&'a str>,
}

impl<'a> Edited<'a> {
    fn of(trade: &'a Trade) -> Self {
        Self {
            symbol: &trade.symbol,
            direction: trade.direction.as_str(),
            asset_type: trade.asset_type.as_str(),
            option_type: trade.option_type.map(OptionType::as_str),
            quantity: trade.quantity,
            multiplier: trade.multiplier,
            entry_price: trade.entry_price,
            exit_price: trade.exit_price,
            entry_at: trade.entry_at,
            exit_at: trade.exit_at,
            stop_loss: trade.stop_loss,
            take_profit: trade.take_profit,
            fees: trade.fees,
            swap: trade.swap,
            pnl: trade.pnl,
            pnl_source: trade.pnl_source.map(PnlSource::as_str),
            status: trade.status.as_str(),
            mae: trade.mae,
            mfe: trade.mfe,
            tags: &trade.tags,
            notes: trade.notes.as_deref(),
        }
    }
}

/// In the order in which they are given. One list for each column: a value of its own for each cell of a thousand fills
/// takes longer to read than the rows to write.
const FILLS: &str = "
    insert into executions (owner_id, trade_id, side, quantity, price, fees, at)
    select owner_id, trade_id, side, quantity, price, fees, at
    from unnest($1::uuid[], $2::uuid[], $3::text[], $4::numeric[], $5::numeric[], $6::numeric[], $7::timestamptz[])
        with ordinality as n (owner_id, trade_id, side, quantity, price, fees, at, place)
    order by place";

async fn insert_fills(tx: &mut Tx, of: &[&Trade]) -> StoreResult<()> {
    let fills: Vec<(&Trade, &Execution)> =
        of.iter().flat_map(|trade| trade.executions.iter().map(move |fill| (*trade, fill))).collect();
    for some in fills.chunks(FILLS_AT_ONCE) {
        let owners: Vec<Uuid> = some.iter().map(|(trade, _)| trade.owner_id.uuid()).collect();
        let trades: Vec<Uuid> = some.iter().map(|(trade, _)| trade.id.uuid()).collect();
        let prices: Vec<Option<Decimal>> = some.iter().map(|(_, fill)| fill.price).collect();
        sql_query(FILLS)
            .bind::<Array<SqlUuid>, _>(owners)
            .bind::<Array<SqlUuid>, _>(trades)
            .bind::<Array<Text>, _>(some.iter().map(|(_, fill)| fill.side.as_str()).collect::<Vec<_>>())
            .bind::<Array<Numeric>, _>(some.iter().map(|(_, fill)| fill.quantity).collect::<Vec<_>>())
            .bind::<Array<Nullable<Numeric>>, _>(prices)
            .bind::<Array<Numeric>, _>(some.iter().map(|(_, fill)| fill.fees).collect::<Vec<_>>())
            .bind::<Array<Timestamptz>, _>(some.iter().map(|(_, fill)| fill.at).collect::<Vec<_>>())
            .execute(tx)
            .await?;
    }
    Ok(())
}

/// Writes a changed trade of a person, fills included.
pub async fn save(tx: &mut Tx, trade: &Trade) -> StoreResult<()> {
    save_all(tx, trade.owner_id, std::slice::from_ref(trade)).await
}

/// Writes changed trades of a person, fills included.
pub async fn save_all(tx: &mut Tx, owner: OwnerId, changed: &[Trade]) -> StoreResult<()> {
    for trade in changed {
        let count = diesel::update(trades::table)
            .filter(trades::owner_id.eq(owner.uuid()))
            .filter(trades::id.eq(trade.id.uuid()))
            .filter(trades::source.eq_any(BY_HAND))
            .set((Edited::of(trade), trades::updated_at.eq(diesel::dsl::now)))
            .execute(tx)
            .await?;
        if count == 0 {
            return Err(StoreError::NotFound("trade"));
        }
    }
    diesel::delete(executions::table)
        .filter(executions::owner_id.eq(owner.uuid()))
        .filter(executions::trade_id.eq_any(changed.iter().map(|trade| trade.id.uuid()).collect::<Vec<_>>()))
        .execute(tx)
        .await?;
    insert_fills(tx, &changed.iter().collect::<Vec<_>>()).await
}

/// Writes what a person says about a trade, whatever its source.
pub async fn annotate(tx: &mut Tx, trade: &Trade) -> StoreResult<()> {
    diesel::update(trades::table)
        .filter(trades::owner_id.eq(trade.owner_id.uuid()))
        .filter(trades::id.eq(trade.id.uuid()))
        .set((
            trades::tags.eq(&trade.tags),
            trades::notes.eq(trade.notes.as_deref()),
            trades::updated_at.eq(diesel::dsl::now),
        ))
        .execute(tx)
        .await?;
    Ok(())
}

/// Deletes those of `ids` that a person made. Returns each with its account.
pub async fn delete_all(
    tx: &mut Tx,
    owner: OwnerId,
    ids: &[TradeId],
) -> StoreResult<Vec<(TradeId, AccountId)>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let gone: Vec<(Uuid, Uuid)> = diesel::delete(trades::table)
        .filter(trades::owner_id.eq(owner.uuid()))
        .filter(trades::id.eq_any(ids))
        .filter(trades::source.eq_any(BY_HAND))
        .returning((trades::id, trades::account_id))
        .get_results(tx)
        .await?;
    Ok(gone.into_iter().map(|(id, account)| (id.into(), account.into())).collect())
}

/// Adds and removes tags of those of `ids` that are the owner's. A trade that
/// would have too many is left as it is. Returns each changed one with its account.
pub async fn tag_all(
    tx: &mut Tx,
    owner: OwnerId,
    ids: &[TradeId],
    (add, remove): (&[String], &[String]),
) -> StoreResult<Vec<(TradeId, AccountId)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
        #[diesel(sql_type = SqlUuid)]
        account_id: Uuid,
    }
    let rows: Vec<Row> = sql_query(
        "update trades t set tags = n.tags, updated_at = now()
         from (
            select id, array(
                select tag from unnest(tags || $3) with ordinality as u (tag, place)
                where tag <> all($4) group by tag order by min(place)) as tags
            from trades where owner_id = $1 and id = any($2) order by id for update) n
         where t.owner_id = $1 and t.id = n.id and cardinality(n.tags) <= $5 and t.tags <> n.tags
         returning t.id, t.account_id",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Array<SqlUuid>, _>(ids.iter().map(|id| id.uuid()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(add)
    .bind::<Array<Text>, _>(remove)
    .bind::<Integer, _>(i32::try_from(MOST_TAGS).unwrap_or(i32::MAX))
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id.into(), row.account_id.into())).collect())
}
