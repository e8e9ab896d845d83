//! Days of accounts whose figures change afterwards: money was moved that
//! somebody noted later.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Jsonb, Numeric, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::risk::change::{DayTold, Told};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::db::Tx;
use crate::error::StoreResult;
use crate::risk_phases::parsed;

#[derive(QueryableByName)]
struct ToldRow {
    #[diesel(sql_type = Jsonb)]
    told: Value,
}

#[derive(QueryableByName)]
struct RangeRow {
    #[diesel(sql_type = diesel::sql_types::Nullable<Numeric>)]
    low: Option<Decimal>,
    #[diesel(sql_type = diesel::sql_types::Nullable<Numeric>)]
    high: Option<Decimal>,
}

/// Lowest and highest equity that was observed in a day, without the cash moved until then. What the first figures of a
/// day say of the time before them may be of the day before.
const RANGE: &str = "
    select min(least(case when nth > 1 then (figures ->> 'low')::numeric end, (figures ->> 'equity')::numeric) - moved) as low,
        max(greatest(case when nth > 1 then (figures ->> 'high')::numeric end, (figures ->> 'equity')::numeric) - moved) as high
    from (select o.figures, row_number() over (order by o.at) as nth, (select coalesce(sum(f.amount), 0) from risk_cash_flows f
            where f.phase_id = p.id and f.at <= o.at) as moved
        from risk_phases p join risk_observations o on o.account_id = p.account_id
        where p.id = $1 and o.at >= $2 and o.at <= $3) seen";

/// Money was moved in a phase at `at`, as its flows tell already: what is written of days that had begun or ended by
/// then with it passes for neither profit nor loss.
pub(crate) async fn move_cash(
    tx: &mut Tx,
    phase: Uuid,
    at: DateTime<Utc>,
    amount: Decimal,
) -> StoreResult<()> {
    sql_query(format!(
        "update risk_days d
         set cash = d.cash + $3, end_balance = d.end_balance - $3, end_equity = d.end_equity - $3,
            start_balance = d.start_balance - s.moved, start_equity = d.start_equity - s.moved,
            low_equity = least(d.start_equity - s.moved, d.end_equity - $3, coalesce(r.low, d.low_equity - s.moved)),
            high_equity = greatest(d.start_equity - s.moved, d.end_equity - $3, coalesce(r.high, d.high_equity - s.moved))
         from risk_days day
         cross join lateral (select case when day.start_as_of >= $2 then $3 else 0 end as moved) s
         left join lateral ({}) r on true
         where day.phase_id = $1 and day.ended_at >= $2 and d.phase_id = day.phase_id and d.label = day.label",
        RANGE.replace("$2", "day.started_at").replace("$3", "day.ended_at")
    ))
    .bind::<SqlUuid, _>(phase)
    .bind::<Timestamptz, _>(at)
    .bind::<Numeric, _>(amount)
    .execute(tx)
    .await?;
    move_running(tx, phase, at, amount).await
}

async fn move_running(tx: &mut Tx, phase: Uuid, at: DateTime<Utc>, amount: Decimal) -> StoreResult<()> {
    let row: Option<ToldRow> = sql_query("select told from risk_states where phase_id = $1")
        .bind::<SqlUuid, _>(phase)
        .get_result(tx)
        .await
        .optional()?;
    let Some(row) = row else { return Ok(()) };
    let mut told: Told = parsed(row.told, "risk_states.told")?;
    let Some(day) = told.day.take() else { return Ok(()) };
    let range: RangeRow = sql_query(RANGE)
        .bind::<SqlUuid, _>(phase)
        .bind::<Timestamptz, _>(day.start)
        .bind::<Timestamptz, _>(DateTime::<Utc>::from_timestamp(4_102_444_800, 0).unwrap_or(at))
        .get_result(tx)
        .await?;
    let moved = if day.as_of >= at { amount } else { Decimal::ZERO };
    let (balance, equity) = (day.balance - moved, day.equity - moved);
    told.day = Some(DayTold {
        cash: day.cash + moved,
        balance,
        equity,
        low: range.low.unwrap_or(day.low - moved).min(equity),
        high: range.high.unwrap_or(day.high - moved).max(equity),
        ..day
    });
    sql_query("update risk_states set told = $2 where phase_id = $1")
        .bind::<SqlUuid, _>(phase)
        .bind::<Jsonb, _>(json!(told))
        .execute(tx)
        .await?;
    Ok(())
}
