//! Signals of a master, for its owner.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId, SignalId};
use flotilla_domain::signal::Signal;
use flotilla_domain::ticket::Ticket;
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{StoreError, StoreResult, known};
use crate::schema::signals;

/// A signal with what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignalView {
    /// The signal.
    pub signal: Signal,
    /// Number of copies per state.
    pub copies: BTreeMap<String, i64>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = signals)]
struct SignalRow {
    id: Uuid,
    owner_id: Uuid,
    master_account_id: Uuid,
    ticket: i64,
    kind: String,
    symbol: String,
    side: Option<String>,
    lots: Option<Decimal>,
    rest_lots: Option<Decimal>,
    price: Option<Decimal>,
    stop_loss: Option<Decimal>,
    take_profit: Option<Decimal>,
    profit: Option<Decimal>,
    copies: Value,
    received_at: DateTime<Utc>,
}

impl TryFrom<SignalRow> for SignalView {
    type Error = StoreError;

    fn try_from(row: SignalRow) -> StoreResult<Self> {
        Ok(Self {
            signal: Signal {
                id: row.id.into(),
                owner_id: row.owner_id.into(),
                account_id: row.master_account_id.into(),
                kind: known("signals.kind", &row.kind)?,
                ticket: Ticket::new(row.ticket).map_err(|_| StoreError::Corrupt("signals.ticket"))?,
                symbol: known("signals.symbol", &row.symbol)?,
                side: row.side.map(|side| known("signals.side", &side)).transpose()?,
                lots: row.lots,
                rest_lots: row.rest_lots,
                price: row.price,
                stop_loss: row.stop_loss,
                take_profit: row.take_profit,
                profit: row.profit,
                received_at: row.received_at,
            },
            copies: serde_json::from_value(row.copies).map_err(|_| StoreError::Corrupt("signals.copies"))?,
        })
    }
}

/// Signals of a master, newest first.
pub async fn list(
    tx: &mut Tx,
    owner: OwnerId,
    master: AccountId,
    after: Option<SignalId>,
    limit: i64,
) -> StoreResult<Vec<SignalView>> {
    let rows: Vec<SignalRow> = signals::table
        .filter(signals::owner_id.eq(owner.uuid()))
        .filter(signals::master_account_id.eq(master.uuid()))
        .filter(signals::id.lt(after.map_or(Uuid::max(), Uuid::from)))
        .order(signals::id.desc())
        .limit(limit)
        .select(SignalRow::as_select())
        .load(tx)
        .await?;
    rows.into_iter().map(SignalView::try_from).collect()
}

/// Those of `ids` that are the owner's.
pub async fn find_all(tx: &mut Tx, owner: OwnerId, ids: &[Uuid]) -> StoreResult<Vec<SignalView>> {
    let rows: Vec<SignalRow> = signals::table
        .filter(signals::owner_id.eq(owner.uuid()))
        .filter(signals::id.eq_any(ids))
        .order(signals::id)
        .select(SignalRow::as_select())
        .load(tx)
        .await?;
    rows.into_iter().map(SignalView::try_from).collect()
}
