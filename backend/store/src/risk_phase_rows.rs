//! Phases as they are read: one query for any number of accounts, and one for each kind of correction.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{Array, Date, Integer, Jsonb, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_domain::risk::day::DayClock;
use flotilla_domain::risk::marks::{Marks, Resolved};
use flotilla_domain::risk::phase::{Clearance, FloorOverride, ManualStart, Phase};
use flotilla_domain::risk::rule::RuleId;
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{StoreError, StoreResult};
use crate::risk_marks;
use crate::risk_phases::{StoredPhase, parsed};

/// Whether others may take in figures, or edit, meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lock {
    /// They may.
    None,
    /// They wait, as this does for them.
    Wait,
    /// They wait; what they hold is left out.
    Skip,
}

impl Lock {
    const fn clause(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Wait => "for no key update",
            Self::Skip => "for no key update skip locked",
        }
    }
}

#[derive(QueryableByName)]
struct PhaseRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Numeric)]
    starting_balance: Decimal,
    #[diesel(sql_type = Timestamptz)]
    started_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    day_tz: String,
    #[diesel(sql_type = Text)]
    day_reset: String,
    #[diesel(sql_type = Integer)]
    stale_after_s: i32,
    #[diesel(sql_type = Integer)]
    start_tolerance_s: i32,
    #[diesel(sql_type = Jsonb)]
    thresholds: Value,
    #[diesel(sql_type = Jsonb)]
    rules: Value,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Nullable<Text>)]
    template_id: Option<String>,
    #[diesel(sql_type = Nullable<Integer>)]
    template_size: Option<i32>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    confirmed_at: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct StartRow {
    #[diesel(sql_type = SqlUuid)]
    phase_id: Uuid,
    #[diesel(sql_type = Date)]
    label: NaiveDate,
    #[diesel(sql_type = Numeric)]
    balance: Decimal,
    #[diesel(sql_type = Numeric)]
    equity: Decimal,
}

#[derive(QueryableByName)]
struct OverrideRow {
    #[diesel(sql_type = SqlUuid)]
    phase_id: Uuid,
    #[diesel(sql_type = Text)]
    rule_id: String,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Numeric)]
    floor: Decimal,
}

#[derive(QueryableByName)]
struct ClearanceRow {
    #[diesel(sql_type = SqlUuid)]
    phase_id: Uuid,
    #[diesel(sql_type = Text)]
    rule_id: String,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    cleared_at: DateTime<Utc>,
}

const STARTS: &str = "select phase_id, label, balance, equity from risk_day_starts where phase_id = any($1)";
/// Those that were taken back do not hold, not even in the past.
const FLOORS: &str = "select phase_id, rule_id, at, floor from risk_floor_overrides
    where phase_id = any($1) and taken_back_at is null";
const CLEARANCES: &str = "select phase_id, rule_id, at, cleared_at from risk_violations
    where phase_id = any($1) and cleared_at is not null";

/// The current phases of those of `accounts` that have one, by account; each is named with its owner.
pub(crate) async fn read_all(
    tx: &mut Tx,
    accounts: &[(OwnerId, AccountId)],
    lock: Lock,
) -> StoreResult<Vec<StoredPhase>> {
    let mut owners: Vec<Uuid> = accounts.iter().map(|(owner, _)| owner.uuid()).collect();
    owners.dedup();
    let accounts: Vec<Uuid> = accounts.iter().map(|(_, account)| account.uuid()).collect();
    let rows: Vec<PhaseRow> = sql_query(format!(
        "select id, owner_id, account_id, currency, starting_balance, started_at, day_tz, day_reset, stale_after_s,
            start_tolerance_s, thresholds, rules, version, template_id, template_size, confirmed_at
         from risk_phases where owner_id = any($1) and account_id = any($2) and ended_at is null
         order by account_id {}",
        lock.clause()
    ))
    .bind::<Array<SqlUuid>, _>(&owners)
    .bind::<Array<SqlUuid>, _>(&accounts)
    .load(tx)
    .await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut starts = by_phase(of_phases(tx, STARTS, &ids).await?, |row: &StartRow| row.phase_id);
    let mut overrides = by_phase(of_phases(tx, FLOORS, &ids).await?, |row: &OverrideRow| row.phase_id);
    let mut clearances = by_phase(of_phases(tx, CLEARANCES, &ids).await?, |row: &ClearanceRow| row.phase_id);
    let levels = risk_marks::levels(tx, &owners, &accounts).await?;
    let mut of = |id: &Uuid| {
        (
            starts.remove(id).unwrap_or_default(),
            overrides.remove(id).unwrap_or_default(),
            clearances.remove(id).unwrap_or_default(),
        )
    };
    rows.into_iter()
        .map(|row| {
            let corrections = of(&row.id);
            let inherited = levels.inherited(row.owner_id, row.account_id);
            stored(row, inherited, corrections)
        })
        .collect()
}

async fn of_phases<R>(tx: &mut Tx, select: &str, phases: &[Uuid]) -> StoreResult<Vec<R>>
where
    R: QueryableByName<diesel::pg::Pg> + Send + 'static,
{
    Ok(sql_query(select).bind::<Array<SqlUuid>, _>(phases).load(tx).await?)
}

fn by_phase<R>(rows: Vec<R>, phase: impl Fn(&R) -> Uuid) -> HashMap<Uuid, Vec<R>> {
    let mut grouped: HashMap<Uuid, Vec<R>> = HashMap::new();
    for row in rows {
        grouped.entry(phase(&row)).or_default().push(row);
    }
    grouped
}

type Corrections = (Vec<StartRow>, Vec<OverrideRow>, Vec<ClearanceRow>);

fn stored(
    row: PhaseRow,
    inherited: Resolved,
    (starts, overrides, clearances): Corrections,
) -> StoreResult<StoredPhase> {
    let own_marks: Marks = parsed(row.thresholds, "risk_phases.thresholds")?;
    let age =
        |seconds: i32| u32::try_from(seconds).map_err(|_| StoreError::Corrupt("risk_phases.stale_after_s"));
    let phase = Phase {
        currency: row.currency,
        starting_balance: row.starting_balance,
        started_at: row.started_at,
        day: DayClock::new(&row.day_tz, &row.day_reset)
            .map_err(|_| StoreError::Corrupt("risk_phases.day_tz"))?,
        stale_after_s: age(row.stale_after_s)?,
        start_tolerance_s: age(row.start_tolerance_s)?,
        // Real money: an account is not always watched.
        doubts_gaps: true,
        thresholds: inherited.clone().under(own_marks).marks,
        rules: parsed(row.rules, "risk_phases.rules")?,
        day_starts: starts
            .into_iter()
            .map(|row| (row.label, ManualStart { balance: row.balance, equity: row.equity }))
            .collect(),
        floor_overrides: overrides
            .into_iter()
            .map(|row| FloorOverride { rule: RuleId(row.rule_id), at: row.at, floor: row.floor })
            .collect(),
        clearances: clearances
            .into_iter()
            .map(|row| Clearance { rule: RuleId(row.rule_id), violation_at: row.at, at: row.cleared_at })
            .collect(),
    };
    Ok(StoredPhase {
        id: row.id,
        owner_id: OwnerId::from_uuid(row.owner_id),
        account_id: AccountId::from_uuid(row.account_id),
        version: row.version,
        phase,
        own_marks,
        inherited,
        template: row.template_id.map(|id| (id, row.template_size)),
        confirmed_at: row.confirmed_at,
    })
}
