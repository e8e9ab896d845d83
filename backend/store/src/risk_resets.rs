//! What a gateway must know of a phase before it takes in figures: its currency, and when its day ends.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, Jsonb, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_domain::risk::day::DayClock;
use flotilla_domain::risk::phase::Phase;
use flotilla_domain::risk::rule::Rule;
use serde_json::Value;
use uuid::Uuid;

use crate::db::{Tx, wait_briefly};
use crate::error::{StoreError, StoreResult};
use crate::risk_phases::parsed;

/// When the present day of an account ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextReset {
    /// The account.
    pub account_id: AccountId,
    /// First instant of the next day, of whichever of its clocks comes first.
    pub at: DateTime<Utc>,
    /// The database's clock at the look.
    pub now: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct CurrencyRow {
    #[diesel(sql_type = Text)]
    currency: String,
}

#[derive(QueryableByName)]
struct ClockRow {
    #[diesel(sql_type = Timestamptz)]
    now: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct DayRow {
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = Text)]
    day_tz: String,
    #[diesel(sql_type = Text)]
    day_reset: String,
    #[diesel(sql_type = Jsonb)]
    rules: Value,
    #[diesel(sql_type = Timestamptz)]
    now: DateTime<Utc>,
}

/// Currency of the account's current phase, which stays what it is until the
/// transaction ends; `None` without a phase. It fails where somebody keeps it waiting
/// for long, as who follows the account again does: others want its place.
pub async fn lock_currency(tx: &mut Tx, owner: OwnerId, account: AccountId) -> StoreResult<Option<String>> {
    wait_briefly(tx).await?;
    let row: Option<CurrencyRow> = sql_query(
        "select currency from risk_phases
         where owner_id = $1 and account_id = $2 and ended_at is null for no key update",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<SqlUuid, _>(account.uuid())
    .get_result(tx)
    .await
    .optional()?;
    Ok(row.map(|row| row.currency))
}

/// The database's clock, now.
pub async fn clock(tx: &mut Tx) -> StoreResult<DateTime<Utc>> {
    let row: ClockRow = sql_query("select clock_timestamp() as now").get_result(tx).await?;
    Ok(row.now)
}

/// Next resets of those of `accounts` that have a phase.
pub async fn list(tx: &mut Tx, accounts: &[AccountId]) -> StoreResult<Vec<NextReset>> {
    let ids: Vec<Uuid> = accounts.iter().map(|id| id.uuid()).collect();
    let rows: Vec<DayRow> = sql_query(
        "select account_id, day_tz, day_reset, rules, clock_timestamp() as now from risk_phases
         where account_id = any($1) and ended_at is null",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .load(tx)
    .await?;
    rows.into_iter().map(DayRow::next_reset).collect()
}

impl DayRow {
    fn next_reset(self) -> StoreResult<NextReset> {
        let corrupt = |_| StoreError::Corrupt("risk_phases.day_tz");
        let day = DayClock::new(&self.day_tz, &self.day_reset).map_err(corrupt)?;
        let rules: Vec<Rule> = parsed(self.rules, "risk_phases.rules")?;
        let at = Phase::next_reset(&day, &rules, self.now).map_err(corrupt)?;
        Ok(NextReset { account_id: self.account_id.into(), at, now: self.now })
    }
}
