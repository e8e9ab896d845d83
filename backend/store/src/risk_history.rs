//! How an account got where it is: its equity against its floors, and its days.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{BigInt, Date, Jsonb, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_domain::risk::rule::Kind;
use flotilla_domain::risk::status::Status;
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{StoreResult, known};
use crate::risk_phases::parsed;

/// Figures of an account in a span of time, thinned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// When the last figures of the span were true.
    pub at: DateTime<Utc>,
    /// Its last balance.
    pub balance: Decimal,
    /// Its last equity.
    pub equity: Decimal,
    /// Its lowest equity.
    pub low: Decimal,
    /// Its highest equity.
    pub high: Decimal,
    /// Where the floors were at last, by rule, as they were judged then.
    pub floors: BTreeMap<String, Decimal>,
}

/// A day that has ended, without the cash moved since the phase began.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Day {
    /// The phase it belongs to.
    #[diesel(sql_type = SqlUuid)]
    pub phase_id: Uuid,
    /// The date it carries.
    #[diesel(sql_type = Date)]
    pub label: NaiveDate,
    /// First instant.
    #[diesel(sql_type = Timestamptz)]
    pub started_at: DateTime<Utc>,
    /// Balance at the beginning.
    #[diesel(sql_type = Numeric)]
    pub start_balance: Decimal,
    /// Equity at the beginning.
    #[diesel(sql_type = Numeric)]
    pub start_equity: Decimal,
    /// Balance at the end.
    #[diesel(sql_type = Numeric)]
    pub end_balance: Decimal,
    /// Equity at the end.
    #[diesel(sql_type = Numeric)]
    pub end_equity: Decimal,
    /// Lowest equity.
    #[diesel(sql_type = Numeric)]
    pub low_equity: Decimal,
    /// Highest equity.
    #[diesel(sql_type = Numeric)]
    pub high_equity: Decimal,
}

#[derive(QueryableByName)]
struct SampleRow {
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Numeric)]
    balance: Decimal,
    #[diesel(sql_type = Numeric)]
    equity: Decimal,
    #[diesel(sql_type = Numeric)]
    low: Decimal,
    #[diesel(sql_type = Numeric)]
    high: Decimal,
    #[diesel(sql_type = Nullable<Jsonb>)]
    floors: Option<Value>,
}

/// Figures `from` to before `to`, in at most `points` spans of equal length, oldest first.
pub async fn list_samples(
    tx: &mut Tx,
    owner: OwnerId,
    account: AccountId,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    points: i64,
) -> StoreResult<Vec<Sample>> {
    let rows: Vec<SampleRow> = sql_query(SAMPLES)
        .bind::<SqlUuid, _>(owner.uuid())
        .bind::<SqlUuid, _>(account.uuid())
        .bind::<Timestamptz, _>(from)
        .bind::<Timestamptz, _>(to)
        .bind::<BigInt, _>(points)
        .load(tx)
        .await?;
    rows.into_iter().map(SampleRow::sample).collect()
}

const SAMPLES: &str = "
    with seen as (
        select at, figures, floors,
            least((figures ->> 'low')::numeric, (figures ->> 'equity')::numeric) as low,
            greatest((figures ->> 'high')::numeric, (figures ->> 'equity')::numeric) as high,
            floor(extract(epoch from at - $3) * $5 / greatest(extract(epoch from $4 - $3), 1)) as span
        from risk_observations
        where owner_id = $1 and account_id = $2 and at >= $3 and at < $4),
    extremes as (select span, min(low) as low, max(high) as high from seen group by span),
    last as (select distinct on (span) span, at, figures, floors from seen order by span, at desc)
    select l.at, (l.figures ->> 'balance')::numeric as balance, (l.figures ->> 'equity')::numeric as equity,
        e.low, e.high, l.floors
    from last l
    join extremes e on e.span = l.span
    order by l.at";

/// Which days are wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Days {
    /// Leaves out this one, told by its beginning and its phase, and later ones.
    pub before: Option<(DateTime<Utc>, Uuid)>,
    /// Only those that carry a date from the first to before the second.
    pub dates: Option<(NaiveDate, NaiveDate)>,
}

/// Days of an account that have ended, newest first.
pub async fn list_days(
    tx: &mut Tx,
    owner: OwnerId,
    account: AccountId,
    Days { before, dates }: Days,
    limit: i64,
) -> StoreResult<Vec<Day>> {
    Ok(sql_query(
        "select phase_id, label, started_at, start_balance, start_equity, end_balance, end_equity, low_equity,
            high_equity
         from risk_days
         where owner_id = $1 and account_id = $2 and ($3 is null or (started_at, phase_id) < ($3, $5))
            and ($6 is null or label >= $6) and ($7 is null or label < $7)
         order by started_at desc, phase_id desc
         limit $4",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Nullable<Timestamptz>, _>(before.map(|(at, _)| at))
    .bind::<BigInt, _>(limit)
    .bind::<Nullable<SqlUuid>, _>(before.map(|(_, phase)| phase))
    .bind::<Nullable<Date>, _>(dates.map(|(first, _)| first))
    .bind::<Nullable<Date>, _>(dates.map(|(_, end)| end))
    .load(tx)
    .await?)
}

/// When the first day of an account began after `at`, among those that have ended.
pub async fn next_day(
    tx: &mut Tx,
    owner: OwnerId,
    account: AccountId,
    at: DateTime<Utc>,
) -> StoreResult<Option<DateTime<Utc>>> {
    let row: BeginningRow = sql_query(
        "select min(started_at) as started_at from risk_days
         where owner_id = $1 and account_id = $2 and started_at > $3",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Timestamptz, _>(at)
    .get_result(tx)
    .await?;
    Ok(row.started_at)
}

#[derive(QueryableByName)]
struct BeginningRow {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    started_at: Option<DateTime<Utc>>,
}

/// How an account stood from a moment on, as far as changes are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stood {
    /// In which phase.
    pub phase_id: Uuid,
    /// From when on.
    pub at: DateTime<Utc>,
    /// How.
    pub status: Status,
}

/// A line that was crossed, and of which nobody took that back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crossed {
    /// In which phase.
    pub phase_id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// What the rule is about.
    pub kind: Kind,
}

#[derive(QueryableByName)]
struct WordRow {
    #[diesel(sql_type = SqlUuid)]
    phase_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    word: String,
}

/// How an account stood as a whole `from` to before `to`, oldest first: the last change before comes along.
pub async fn list_stood(
    tx: &mut Tx,
    owner: OwnerId,
    account: AccountId,
    span: (DateTime<Utc>, DateTime<Utc>),
) -> StoreResult<Vec<Stood>> {
    let rows = words(tx, owner, account, STOOD, span).await?;
    rows.into_iter()
        .map(|WordRow { phase_id, at, word }| {
            Ok(Stood { phase_id, at, status: known("risk_events.to_status", &word)? })
        })
        .collect()
}

/// Lines that an account crossed `from` to before `to`, oldest first.
pub async fn list_crossed(
    tx: &mut Tx,
    owner: OwnerId,
    account: AccountId,
    span: (DateTime<Utc>, DateTime<Utc>),
) -> StoreResult<Vec<Crossed>> {
    let rows = words(tx, owner, account, CROSSED, span).await?;
    rows.into_iter()
        .map(|WordRow { phase_id, at, word }| {
            Ok(Crossed { phase_id, at, kind: known("risk_violations.kind", &word)? })
        })
        .collect()
}

async fn words(
    tx: &mut Tx,
    owner: OwnerId,
    account: AccountId,
    select: &str,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> StoreResult<Vec<WordRow>> {
    Ok(sql_query(select)
        .bind::<SqlUuid, _>(owner.uuid())
        .bind::<SqlUuid, _>(account.uuid())
        .bind::<Timestamptz, _>(from)
        .bind::<Timestamptz, _>(to)
        .load(tx)
        .await?)
}

const STOOD: &str = "
    select phase_id, at, to_status as word from risk_events
    where owner_id = $1 and account_id = $2 and kind = 'transition' and rule_id is null and phase_id is not null and at < $4
        and at >= coalesce((
            select max(at) from risk_events
            where owner_id = $1 and account_id = $2 and kind = 'transition' and rule_id is null and at <= $3), $3)
    order by at, id";

const CROSSED: &str = "
    select phase_id, at, kind as word from risk_violations
    where owner_id = $1 and account_id = $2 and at >= $3 and at < $4 and cleared_at is null
    order by at, id";

impl SampleRow {
    fn sample(self) -> StoreResult<Sample> {
        let floors = self.floors.map(|floors| parsed(floors, "risk_observations.floors")).transpose()?;
        let (at, balance, equity) = (self.at, self.balance, self.equity);
        Ok(Sample { at, balance, equity, low: self.low, high: self.high, floors: floors.unwrap_or_default() })
    }
}

/// Days of an account that ended `from` to before `to`, oldest first, each as one sample with the cash that was moved.
pub async fn list_day_samples(
    tx: &mut Tx,
    owner: OwnerId,
    account: AccountId,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> StoreResult<Vec<Sample>> {
    let rows: Vec<SampleRow> = sql_query(
        "select ended_at as at, end_balance + cash as balance, end_equity + cash as equity,
            low_equity + cash as low, high_equity + cash as high, null::jsonb as floors
         from risk_days
         where owner_id = $1 and account_id = $2 and ended_at >= $3 and ended_at < $4
         order by ended_at, phase_id",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Timestamptz, _>(from)
    .bind::<Timestamptz, _>(to)
    .load(tx)
    .await?;
    rows.into_iter().map(SampleRow::sample).collect()
}
