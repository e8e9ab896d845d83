//! Signals that change a trade without ending it.

use diesel::sql_query;
use diesel::sql_types::{BigInt, Binary, Nullable, Numeric, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use flotilla_domain::price::Price;
use flotilla_domain::signal::{ModifySignal, PartialSignal, SignalKind};
use flotilla_domain::ticket::Ticket;
use rust_decimal::Decimal;

use super::Origin;
use crate::Tx;
use crate::error::StoreResult;

/// A row to be; what a kind does not have is null.
struct Row<'a> {
    kind: SignalKind,
    ticket: Ticket,
    symbol: &'a str,
    side: &'a str,
    lots: Option<Decimal>,
    rest_lots: Option<Decimal>,
    price: Option<Decimal>,
    stop_loss: Option<Decimal>,
    take_profit: Option<Decimal>,
}

/// Stores that a part of a trade left. Parts are counted in the order in which they are stored: who stores one holds
/// the master's turn ([`super::lock_master`]) and knows that it is news.
pub async fn accept_partial(tx: &mut Tx, origin: &Origin, signal: &PartialSignal) -> StoreResult<()> {
    let row = Row {
        kind: SignalKind::Partial,
        ticket: signal.ticket,
        symbol: signal.symbol.as_str(),
        side: signal.side.as_str(),
        lots: Some(signal.lots.value()),
        rest_lots: Some(signal.rest.value()),
        price: signal.price.map(Price::value),
        stop_loss: None,
        take_profit: None,
    };
    insert(tx, origin, &row).await
}

/// Stores that a trade has another stop or target. As for [`accept_partial`].
pub async fn accept_modify(tx: &mut Tx, origin: &Origin, signal: &ModifySignal) -> StoreResult<()> {
    let row = Row {
        kind: SignalKind::Modify,
        ticket: signal.ticket,
        symbol: signal.symbol.as_str(),
        side: signal.side.as_str(),
        lots: None,
        rest_lots: None,
        price: None,
        stop_loss: signal.stop_loss.map(Price::value),
        take_profit: signal.take_profit.map(Price::value),
    };
    insert(tx, origin, &row).await
}

async fn insert(tx: &mut Tx, origin: &Origin, row: &Row<'_>) -> StoreResult<()> {
    sql_query(
        "insert into signals (id, owner_id, master_account_id, ticket, kind, part, symbol, side, lots, rest_lots, price,
            stop_loss, take_profit, line_hash, session_epoch, received_at)
         select $1, $2, $3, $4, $5,
            (select count(*) from signals where master_account_id = $3 and ticket = $4 and kind = $5),
            $6, $7, $8, $9, $10, $11, $12, $13, $14, clock_timestamp() - make_interval(secs => $15 / 1e6)",
    )
    .bind::<SqlUuid, _>(origin.signal_id.uuid())
    .bind::<SqlUuid, _>(origin.owner_id.uuid())
    .bind::<SqlUuid, _>(origin.master_id.uuid())
    .bind::<BigInt, _>(row.ticket.value())
    .bind::<Text, _>(row.kind.as_str())
    .bind::<Text, _>(row.symbol)
    .bind::<Text, _>(row.side)
    .bind::<Nullable<Numeric>, _>(row.lots)
    .bind::<Nullable<Numeric>, _>(row.rest_lots)
    .bind::<Nullable<Numeric>, _>(row.price)
    .bind::<Nullable<Numeric>, _>(row.stop_loss)
    .bind::<Nullable<Numeric>, _>(row.take_profit)
    .bind::<Binary, _>(origin.line_hash.as_slice())
    .bind::<BigInt, _>(origin.epoch)
    .bind::<BigInt, _>(origin.age_us)
    .execute(tx)
    .await?;
    Ok(())
}
