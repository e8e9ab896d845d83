//! Figures of accounts as they came in, and in the order in which they were true.

use std::collections::{BTreeSet, HashMap, VecDeque};

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use diesel::sql_types::{
    Array, BigInt, Bool, Jsonb, Nullable, Numeric, SmallInt, Timestamptz, Uuid as SqlUuid,
};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::risk::observation::{Frame, MAX_SKEW_S, Observation};
use flotilla_domain::risk::phase::Phase;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{StoreError, StoreResult};
use crate::risk_phases::{StoredPhase, parsed};

/// Partitions of the observations; see their migration.
const SLOTS: u32 = 4;
/// Observations that are read at once, and all others of the last one's instant.
const AT_ONCE: i64 = 5_000;

/// What the time of a line may differ by when it is told again.
const ABOUT: TimeDelta = TimeDelta::seconds(2);

#[derive(QueryableByName)]
struct FiguresRow {
    #[diesel(sql_type = Jsonb)]
    figures: Value,
}

#[derive(QueryableByName)]
struct KnownRow {
    #[diesel(sql_type = Bool)]
    is_known: bool,
}

#[derive(QueryableByName)]
struct FlowRow {
    #[diesel(sql_type = SqlUuid)]
    phase_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Numeric)]
    amount: Decimal,
}

#[derive(QueryableByName)]
struct TimeRow {
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct DayRow {
    #[diesel(sql_type = Timestamptz)]
    ended_at: DateTime<Utc>,
    #[diesel(sql_type = Numeric)]
    balance: Decimal,
    #[diesel(sql_type = Numeric)]
    equity: Decimal,
    #[diesel(sql_type = Numeric)]
    low: Decimal,
    #[diesel(sql_type = Numeric)]
    high: Decimal,
    #[diesel(sql_type = Numeric)]
    cash: Decimal,
}

/// Cash flows that the owner noted. They are added when observations are read,
/// not when they are stored: one may be noted long after it happened.
#[derive(Default)]
pub(crate) struct Flows(Vec<FlowRow>);

impl Flows {
    pub async fn list(tx: &mut Tx, phase: Uuid) -> StoreResult<Self> {
        Ok(Self::of_phases(tx, vec![phase]).await?.remove(&phase).unwrap_or_default())
    }

    /// By phase; those without any are left out.
    pub async fn of_phases(tx: &mut Tx, phases: Vec<Uuid>) -> StoreResult<HashMap<Uuid, Self>> {
        let rows: Vec<FlowRow> =
            sql_query("select phase_id, at, amount from risk_cash_flows where phase_id = any($1)")
                .bind::<Array<SqlUuid>, _>(phases)
                .load(tx)
                .await?;
        let mut found: HashMap<Uuid, Self> = HashMap::new();
        for row in rows {
            found.entry(row.phase_id).or_default().0.push(row);
        }
        Ok(found)
    }

    pub fn add_to(&self, mut seen: Observation) -> Observation {
        let moved = self.0.iter().filter(|flow| flow.at <= seen.at).map(|flow| flow.amount);
        seen.cash_total += moved.sum::<Decimal>();
        seen
    }
}

/// Keeps an observation under the time that is believed of it.
pub(crate) async fn insert(
    tx: &mut Tx,
    stored: &StoredPhase,
    seen: &Observation,
    floors: Option<Value>,
) -> StoreResult<()> {
    insert_all(tx, [(stored, seen, floors)]).await
}

/// The same of many accounts.
pub(crate) async fn insert_all<'a>(
    tx: &mut Tx,
    all: impl IntoIterator<Item = (&'a StoredPhase, &'a Observation, Option<Value>)>,
) -> StoreResult<()> {
    let mut rows = Columns::default();
    for (stored, seen, floors) in all {
        let at = Frame::from(seen.clone()).at;
        let slot =
            i16::try_from(at.month() % SLOTS).map_err(|_| StoreError::Corrupt("risk_observations.slot"))?;
        rows.accounts.push(stored.account_id.uuid());
        rows.owners.push(stored.owner_id.uuid());
        rows.at.push(at);
        rows.slots.push(slot);
        rows.received_at.push(seen.received_at);
        rows.figures.push(json!(seen));
        rows.floors.push(floors);
    }
    sql_query(
        "insert into risk_observations (account_id, owner_id, at, slot, received_at, figures, floors)
         select account_id, owner_id, at, slot, coalesce(received_at, now()), figures, floors
         from unnest($1, $2, $3, $4, $5, $6, $7) as x(account_id, owner_id, at, slot, received_at, figures, floors)",
    )
    .bind::<Array<SqlUuid>, _>(rows.accounts)
    .bind::<Array<SqlUuid>, _>(rows.owners)
    .bind::<Array<Timestamptz>, _>(rows.at)
    .bind::<Array<SmallInt>, _>(rows.slots)
    .bind::<Array<Nullable<Timestamptz>>, _>(rows.received_at)
    .bind::<Array<Jsonb>, _>(rows.figures)
    .bind::<Array<Nullable<Jsonb>>, _>(rows.floors)
    .execute(tx)
    .await?;
    Ok(())
}

/// Observations, column by column.
#[derive(Default)]
struct Columns {
    accounts: Vec<Uuid>,
    owners: Vec<Uuid>,
    at: Vec<DateTime<Utc>>,
    slots: Vec<i16>,
    received_at: Vec<Option<DateTime<Utc>>>,
    figures: Vec<Value>,
    floors: Vec<Option<Value>>,
}

/// Whether the same observation is stored already, whenever it was received.
pub(crate) async fn is_known(tx: &mut Tx, stored: &StoredPhase, seen: &Observation) -> StoreResult<bool> {
    let row: KnownRow = sql_query(
        "select exists (select from risk_observations
            where account_id = $1 and at = $2 and figures - 'received_at' = $3 - 'received_at') as is_known",
    )
    .bind::<SqlUuid, _>(stored.account_id.uuid())
    .bind::<Timestamptz, _>(seen.at)
    .bind::<Jsonb, _>(json!(seen))
    .get_result(tx)
    .await?;
    Ok(row.is_known)
}

/// Whether a line that a terminal tells a second time was written down, alone or as part of the one behind it. Of a
/// wrong clock its time may be another one by a little, but not that of a reset.
pub(crate) async fn is_told_again(
    tx: &mut Tx,
    stored: &StoredPhase,
    seen: &Observation,
) -> StoreResult<bool> {
    let next_reset = |at| {
        Phase::next_reset(&stored.phase.day, &stored.phase.rules, at)
            .map_err(|_| StoreError::Corrupt("risk_phases.day_tz"))
    };
    let ends_day = next_reset(seen.at - TimeDelta::microseconds(1))? == seen.at;
    let about = if ends_day { TimeDelta::zero() } else { ABOUT };
    let until = if ends_day { seen.at } else { next_reset(seen.at)? };
    let mut same = json!(seen);
    if let Value::Object(fields) = &mut same {
        fields.retain(|name, _| ["balance", "equity", "high", "low"].contains(&name.as_str()));
    }
    let row: KnownRow = sql_query(
        "select exists (select from risk_observations
            where account_id = $1 and at >= $2 and at <= $3 and figures @> $4)
         or coalesce((
            select least((figures ->> 'low')::numeric, (figures ->> 'equity')::numeric) <= $5
                and greatest((figures ->> 'high')::numeric, (figures ->> 'equity')::numeric) >= $6
            from risk_observations where account_id = $1 and at >= $7 and at <= $8
            order by at limit 1), false) as is_known",
    )
    .bind::<SqlUuid, _>(stored.account_id.uuid())
    .bind::<Timestamptz, _>(seen.at - about)
    .bind::<Timestamptz, _>(seen.at + about)
    .bind::<Jsonb, _>(same)
    .bind::<Numeric, _>(seen.low.unwrap_or(seen.equity).min(seen.equity))
    .bind::<Numeric, _>(seen.high.unwrap_or(seen.equity).max(seen.equity))
    .bind::<Timestamptz, _>(seen.at)
    .bind::<Timestamptz, _>(until)
    .get_result(tx)
    .await?;
    Ok(row.is_known)
}

/// Whether the first observations of a phase are forgotten: a day stands for them.
pub(crate) async fn begins_with_day(tx: &mut Tx, stored: &StoredPhase) -> StoreResult<bool> {
    let row: KnownRow = sql_query(
        "select exists (select from risk_days d where d.phase_id = $1 and not exists (
            select from risk_observations o
            where o.account_id = $2 and o.at >= $3 and o.at <= d.ended_at)) as is_known",
    )
    .bind::<SqlUuid, _>(stored.id)
    .bind::<SqlUuid, _>(stored.account_id.uuid())
    .bind::<Timestamptz, _>(stored.phase.started_at)
    .get_result(tx)
    .await?;
    Ok(row.is_known)
}

/// Observations of an account in their order, some thousand at once, and of
/// days whose observations are forgotten what is known of the day.
pub(crate) struct Pages {
    days: VecDeque<Frame>,
    after: DateTime<Utc>,
    until: DateTime<Utc>,
    flows: Flows,
    late: BTreeSet<DateTime<Utc>>,
    is_over: bool,
}

impl Pages {
    /// Those of after `after` that are not ahead of `now`.
    pub async fn new(
        tx: &mut Tx,
        stored: &StoredPhase,
        after: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> StoreResult<Self> {
        let until = now + TimeDelta::seconds(MAX_SKEW_S);
        let flows = Flows::list(tx, stored.id).await?;
        // Received after something that happened later. One of several of an instant that was not, is enough.
        let late: Vec<TimeRow> = sql_query(
            "select at from (
                select at, received_at, min(received_at) over (order by at desc, received_at desc
                    rows between unbounded preceding and 1 preceding) as soonest
                from risk_observations where account_id = $1 and at > $2 and at <= $3) seen
             group by at having bool_and(received_at > soonest)",
        )
        .bind::<SqlUuid, _>(stored.account_id.uuid())
        .bind::<Timestamptz, _>(after)
        .bind::<Timestamptz, _>(until)
        .load(tx)
        .await?;
        let late = late.into_iter().map(|row| row.at).collect();
        let days = forgotten_days(tx, stored, after, now).await?.into();
        Ok(Self { days, after, until, flows, late, is_over: false })
    }

    /// The next ones, in their order; none when all were read.
    pub async fn next(&mut self, tx: &mut Tx, stored: &StoredPhase) -> StoreResult<Vec<Frame>> {
        let observed = self.observed(tx, stored).await?;
        let mut frames = Vec::with_capacity(observed.len());
        for frame in observed {
            frames.extend(self.days_before(Some(frame.at)));
            frames.push(frame);
        }
        if self.is_over {
            frames.extend(self.days_before(None));
        }
        Ok(frames)
    }

    fn days_before(&mut self, at: Option<DateTime<Utc>>) -> Vec<Frame> {
        let first = self.days.partition_point(|day| at.is_none_or(|at| day.at < at));
        self.days.drain(..first).collect()
    }

    async fn observed(&mut self, tx: &mut Tx, stored: &StoredPhase) -> StoreResult<Vec<Frame>> {
        if self.is_over {
            return Ok(Vec::new());
        }
        let rows: Vec<FiguresRow> = sql_query(
            "select figures from risk_observations where account_id = $1 and at > $2 and at <= $3
             order by at fetch first $4 rows with ties",
        )
        .bind::<SqlUuid, _>(stored.account_id.uuid())
        .bind::<Timestamptz, _>(self.after)
        .bind::<Timestamptz, _>(self.until)
        .bind::<BigInt, _>(AT_ONCE)
        .load(tx)
        .await?;
        self.is_over = i64::try_from(rows.len()).is_ok_and(|read| read < AT_ONCE);
        let seen = rows.into_iter().map(|row| parsed(row.figures, "risk_observations.figures"));
        let seen: Vec<Observation> =
            seen.map(|seen| seen.map(|seen| self.flows.add_to(seen))).collect::<StoreResult<_>>()?;
        let mut frames = Frame::in_order(seen);
        for frame in &mut frames {
            frame.is_late = self.late.contains(&frame.at);
        }
        self.after = frames.last().map_or(self.after, |last| last.at);
        Ok(frames)
    }
}

/// The last figures of a phase until `until`.
pub(crate) async fn last_until(
    tx: &mut Tx,
    stored: &StoredPhase,
    until: DateTime<Utc>,
) -> StoreResult<Option<Frame>> {
    let rows: Vec<FiguresRow> = sql_query(
        "select figures from risk_observations where account_id = $1 and at >= $2 and at <= $3
         order by at desc fetch first 1 row with ties",
    )
    .bind::<SqlUuid, _>(stored.account_id.uuid())
    .bind::<Timestamptz, _>(stored.phase.started_at)
    .bind::<Timestamptz, _>(until)
    .load(tx)
    .await?;
    let flows = Flows::list(tx, stored.id).await?;
    let seen = rows.into_iter().map(|row| parsed(row.figures, "risk_observations.figures"));
    let seen: Vec<Observation> =
        seen.map(|seen| seen.map(|seen| flows.add_to(seen))).collect::<StoreResult<_>>()?;
    Ok(Frame::in_order(seen).pop())
}

/// What is known of days after `after` whose observations are forgotten: one
/// frame for each. It is looked at day by day: there may be older observations
/// than those that are kept, and days on which nothing was observed.
async fn forgotten_days(
    tx: &mut Tx,
    stored: &StoredPhase,
    after: DateTime<Utc>,
    now: DateTime<Utc>,
) -> StoreResult<Vec<Frame>> {
    if is_kept(after, now) {
        return Ok(Vec::new());
    }
    let rows: Vec<DayRow> = sql_query(
        "select ended_at, end_balance as balance, end_equity as equity, low_equity as low, high_equity as high, cash
         from risk_days d
         where phase_id = $1 and ended_at > greatest($3, started_at) and not exists (
            select from risk_observations o
            where o.account_id = $2 and o.at > greatest($3, d.started_at) and o.at <= d.ended_at)
         order by ended_at",
    )
    .bind::<SqlUuid, _>(stored.id)
    .bind::<SqlUuid, _>(stored.account_id.uuid())
    .bind::<Timestamptz, _>(after)
    .load(tx)
    .await?;
    Ok(Frame::in_order(rows.into_iter().map(DayRow::observation)))
}

/// Whether observations of `at` are kept for sure: those of this month and the two before.
#[must_use]
pub fn is_kept(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    let months = |at: DateTime<Utc>| at.year() * 12 + i32::try_from(at.month0()).unwrap_or_default();
    months(now) - months(at) <= 2
}

impl DayRow {
    fn observation(self) -> Observation {
        Observation {
            at: self.ended_at,
            received_at: None,
            balance: self.balance + self.cash,
            equity: self.equity + self.cash,
            high: Some(self.high + self.cash),
            low: Some(self.low + self.cash),
            cash_total: self.cash,
            positions: None,
            pending: None,
            seq: None,
            by_hand: false,
        }
    }
}

/// Empties the partition of the month after `now`'s, which holds what is four
/// months older. True: it held something.
pub(crate) async fn forget_old(tx: &mut Tx, now: DateTime<Utc>) -> StoreResult<bool> {
    let slot = (now.month() % 12 + 1) % SLOTS;
    let row: KnownRow =
        sql_query(format!("select exists (select from __risk_observations_{slot}) as is_known"))
            .get_result(tx)
            .await?;
    if row.is_known {
        sql_query(format!("truncate __risk_observations_{slot}")).execute(tx).await?;
    }
    Ok(row.is_known)
}
