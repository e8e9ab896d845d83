//! Trades of accounts as the risk engine counts them. Days that are over are
//! kept with an account's state; a frame reads only what happened since.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Nullable, Numeric, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::risk::day::DayError;
use flotilla_domain::risk::ledger::{Ledger, Sealed};
use flotilla_domain::risk::observation::Trade;
use rust_decimal::Decimal;

use crate::db::Tx;
use crate::error::{StoreError, StoreResult};
use crate::risk_phases::StoredPhase;

#[derive(QueryableByName)]
struct TradeRow {
    #[diesel(sql_type = Timestamptz)]
    entry_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    exit_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Numeric>)]
    pnl: Option<Decimal>,
}

/// The earliest openings and closings that changed since an account was last gone over.
#[derive(Debug, Clone, Copy, Default, QueryableByName)]
pub(crate) struct Changed {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub opened_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub closed_at: Option<DateTime<Utc>>,
}

impl Changed {
    /// Whether there is anything.
    pub const fn is_any(self) -> bool {
        self.opened_at.is_some() || self.closed_at.is_some()
    }

    /// Whether something changed in what was `sealed`.
    fn is_in(self, sealed: &Sealed) -> bool {
        [self.opened_at, self.closed_at].into_iter().flatten().any(|at| at < sealed.until())
    }
}

/// What changed since this was last asked.
pub(crate) async fn take_changed(tx: &mut Tx, stored: &StoredPhase) -> StoreResult<Changed> {
    of_account(
        tx,
        stored,
        "with changed as (delete from risk_trade_changes where owner_id = $1 and account_id = $2
            returning at, is_closing)",
    )
    .await
}

/// The same, to be asked again.
pub(crate) async fn find_changed(tx: &mut Tx, stored: &StoredPhase) -> StoreResult<Changed> {
    of_account(
        tx,
        stored,
        "with changed as (select at, is_closing from risk_trade_changes where owner_id = $1 and account_id = $2)",
    )
    .await
}

async fn of_account(tx: &mut Tx, stored: &StoredPhase, changed: &str) -> StoreResult<Changed> {
    let earliest = "select min(at) filter (where not is_closing) as opened_at,
        min(at) filter (where is_closing) as closed_at from changed where at >= $3";
    Ok(sql_query(format!("{changed} {earliest}"))
        .bind::<SqlUuid, _>(stored.owner_id.uuid())
        .bind::<SqlUuid, _>(stored.account_id.uuid())
        .bind::<Timestamptz, _>(stored.phase.started_at)
        .get_result(tx)
        .await?)
}

/// What trades brought, from where `sealed` ends if nothing changed in it.
pub(crate) async fn find(
    tx: &mut Tx,
    stored: &StoredPhase,
    (sealed, changed): (Option<&Sealed>, Changed),
    now: DateTime<Utc>,
) -> StoreResult<Ledger> {
    let phase = &stored.phase;
    let found = match sealed.filter(|sealed| !changed.is_in(sealed)) {
        Some(sealed) => {
            let trades = trades(tx, stored, sealed.until().max(phase.started_at)).await?;
            Ledger::resume(phase, sealed, &trades, now)
        }
        None => Ledger::new(phase, &trades(tx, stored, phase.started_at).await?, now),
    };
    found.map_err(outside)
}

/// Days of `ledger` that are over at `until`, unless `sealed` ends there already.
pub(crate) fn seal(
    ledger: &Ledger,
    sealed: Option<&Sealed>,
    until: Option<DateTime<Utc>>,
) -> StoreResult<Option<Sealed>> {
    match until {
        Some(until) if sealed.is_none_or(|sealed| sealed.until() < until) => {
            ledger.seal(until).map(Some).map_err(outside)
        }
        _ => Ok(None),
    }
}

const fn outside(_: DayError) -> StoreError {
    StoreError::Corrupt("trades.entry_at")
}

/// Trades of which something happened `since`.
async fn trades(tx: &mut Tx, stored: &StoredPhase, since: DateTime<Utc>) -> StoreResult<Vec<Trade>> {
    // Two looks: each goes through one index, whatever the planner believes of the time.
    let rows: Vec<TradeRow> = sql_query(
        "select entry_at, exit_at, pnl from trades where owner_id = $1 and account_id = $2 and entry_at >= $3
         union all
         select entry_at, exit_at, pnl from trades
         where owner_id = $1 and account_id = $2 and exit_at >= $3 and entry_at < $3",
    )
    .bind::<SqlUuid, _>(stored.owner_id.uuid())
    .bind::<SqlUuid, _>(stored.account_id.uuid())
    .bind::<Timestamptz, _>(since)
    .load(tx)
    .await?;
    let trade = |row: TradeRow| Trade {
        opened_at: row.entry_at,
        closed_at: row.exit_at,
        pnl: row.pnl.unwrap_or_default(),
    };
    Ok(rows.into_iter().map(trade).collect())
}
