//! Trades of accounts as the risk engine counts them. Days that are over are
//! kept with an account's state; a frame reads only what happened since.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, Nullable, Numeric, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::AccountId;
use flotilla_domain::risk::day::DayError;
use flotilla_domain::risk::ledger::{Ledger, Sealed};
use flotilla_domain::risk::observation::Trade;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{StoreError, StoreResult};
use crate::risk_phases::StoredPhase;

#[derive(QueryableByName)]
struct TradeRow {
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    entry_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    exit_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Numeric>)]
    pnl: Option<Decimal>,
}

/// The earliest openings and closings that changed since an account was last gone over.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Changed {
    pub opened_at: Option<DateTime<Utc>>,
    pub closed_at: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct ChangedRow {
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    opened_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    closed_at: Option<DateTime<Utc>>,
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
    let taken =
        "with changed as (delete from risk_trade_changes where owner_id = any($1) and account_id = any($2)
        returning account_id, at, is_closing)";
    Ok(changed(tx, &[stored], taken).await?.remove(&stored.account_id).unwrap_or_default())
}

/// What was taken is asked for again later.
pub(crate) async fn put_back(tx: &mut Tx, stored: &StoredPhase, changed: Changed) -> StoreResult<()> {
    sql_query(
        "insert into risk_trade_changes (owner_id, account_id, at, is_closing)
         select $1, $2, x.at, x.is_closing from (values ($3, false), ($4, true)) x(at, is_closing)
         where x.at is not null",
    )
    .bind::<SqlUuid, _>(stored.owner_id.uuid())
    .bind::<SqlUuid, _>(stored.account_id.uuid())
    .bind::<Nullable<Timestamptz>, _>(changed.opened_at)
    .bind::<Nullable<Timestamptz>, _>(changed.closed_at)
    .execute(tx)
    .await?;
    Ok(())
}

/// The same of many accounts, to be asked again.
pub(crate) async fn list_changed(
    tx: &mut Tx,
    phases: &[&StoredPhase],
) -> StoreResult<HashMap<AccountId, Changed>> {
    let seen = "with changed as (select account_id, at, is_closing from risk_trade_changes
        where owner_id = any($1) and account_id = any($2))";
    changed(tx, phases, seen).await
}

/// By account.
async fn changed(
    tx: &mut Tx,
    phases: &[&StoredPhase],
    changed: &str,
) -> StoreResult<HashMap<AccountId, Changed>> {
    if phases.is_empty() {
        return Ok(HashMap::new());
    }
    let (owners, accounts, begun) =
        of_accounts(phases.iter().map(|stored| (*stored, stored.phase.started_at)));
    let rows: Vec<ChangedRow> = sql_query(format!(
        "{changed}
         select account_id, min(at) filter (where not is_closing) as opened_at,
            min(at) filter (where is_closing) as closed_at
         from changed join unnest($2, $3) as p(account_id, started_at) using (account_id)
         where at >= started_at
         group by account_id"
    ))
    .bind::<Array<SqlUuid>, _>(owners)
    .bind::<Array<SqlUuid>, _>(accounts)
    .bind::<Array<Timestamptz>, _>(begun)
    .load(tx)
    .await?;
    let by_account = |row: ChangedRow| {
        let changed = Changed { opened_at: row.opened_at, closed_at: row.closed_at };
        (AccountId::from_uuid(row.account_id), changed)
    };
    Ok(rows.into_iter().map(by_account).collect())
}

/// Owners, accounts and moments, each in their order.
fn of_accounts<'a>(
    moments: impl Iterator<Item = (&'a StoredPhase, DateTime<Utc>)>,
) -> (Vec<Uuid>, Vec<Uuid>, Vec<DateTime<Utc>>) {
    moments.map(|(stored, at)| (stored.owner_id.uuid(), stored.account_id.uuid(), at)).collect()
}

/// An account whose trades are read, with what of them is sealed and what changed.
pub(crate) type Reading<'a> = (&'a StoredPhase, Option<&'a Sealed>, Changed);

/// What is sealed, unless something changed in it.
fn kept((_, sealed, changed): Reading<'_>) -> Option<&Sealed> {
    sealed.filter(|sealed| !changed.is_in(sealed))
}

/// What trades brought, from where `sealed` ends if nothing changed in it.
pub(crate) async fn find(
    tx: &mut Tx,
    stored: &StoredPhase,
    (sealed, changed): (Option<&Sealed>, Changed),
    now: DateTime<Utc>,
) -> StoreResult<Ledger> {
    let ledger = list(tx, &[(stored, sealed, changed)], now).await?.pop();
    ledger.ok_or(StoreError::Corrupt("trades"))
}

/// The same of many accounts, in their order.
pub(crate) async fn list(
    tx: &mut Tx,
    readings: &[Reading<'_>],
    now: DateTime<Utc>,
) -> StoreResult<Vec<Ledger>> {
    let since = |reading: &Reading<'_>| {
        let begun = reading.0.phase.started_at;
        kept(*reading).map_or(begun, |sealed| sealed.until().max(begun))
    };
    let moments: Vec<_> = readings.iter().map(|reading| (reading.0, since(reading))).collect();
    let mut trades = trades(tx, &moments).await?;
    let ledger = |reading: &Reading<'_>| {
        let phase = &reading.0.phase;
        let trades = trades.remove(&reading.0.account_id).unwrap_or_default();
        match kept(*reading) {
            Some(sealed) => Ledger::resume(phase, sealed, &trades, now),
            None => Ledger::new(phase, &trades, now),
        }
        .map_err(outside)
    };
    readings.iter().map(ledger).collect()
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

/// Trades of which something happened since a moment, by account.
async fn trades(
    tx: &mut Tx,
    since: &[(&StoredPhase, DateTime<Utc>)],
) -> StoreResult<HashMap<AccountId, Vec<Trade>>> {
    if since.is_empty() {
        return Ok(HashMap::new());
    }
    let (owners, accounts, moments) = of_accounts(since.iter().copied());
    // Two looks for each: each goes through one index, whatever the planner believes of the time.
    let rows: Vec<TradeRow> = sql_query(
        "select t.* from unnest($1, $2, $3) as x(owner_id, account_id, since) cross join lateral (
            select account_id, entry_at, exit_at, pnl from trades
            where owner_id = x.owner_id and account_id = x.account_id and entry_at >= x.since
            union all
            select account_id, entry_at, exit_at, pnl from trades
            where owner_id = x.owner_id and account_id = x.account_id and exit_at >= x.since and entry_at < x.since) t",
    )
    .bind::<Array<SqlUuid>, _>(owners)
    .bind::<Array<SqlUuid>, _>(accounts)
    .bind::<Array<Timestamptz>, _>(moments)
    .load(tx)
    .await?;
    let mut found: HashMap<AccountId, Vec<Trade>> = HashMap::new();
    for row in rows {
        let pnl = row.pnl.unwrap_or_default();
        let trade = Trade { opened_at: row.entry_at, closed_at: row.exit_at, pnl };
        found.entry(AccountId::from_uuid(row.account_id)).or_default().push(trade);
    }
    Ok(found)
}
