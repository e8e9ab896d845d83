//! States of accounts as they were: what comes late is followed from the one before it.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Bool, Jsonb, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::risk::state::State;
use serde_json::{Value, json};

use crate::db::Tx;
use crate::error::StoreResult;
use crate::risk_phases::{StoredPhase, parsed};

/// How far two are apart, in seconds.
const APART_S: i64 = 1_800;
const DAY_S: i64 = 86_400;

/// A state as it was.
#[derive(Debug, Clone)]
pub(crate) struct Checkpoint {
    at: DateTime<Utc>,
    state: State,
    is_daily: bool,
}

impl Checkpoint {
    /// The state after a step, if it is to be kept: once in a while.
    ///
    /// * `before`: of what instant the last figures before the step were.
    pub fn due(stored: &StoredPhase, before: Option<DateTime<Utc>>, state: &State) -> Option<Self> {
        let last = state.last()?.at.timestamp();
        let before = before?.timestamp();
        let is_first_of = |span: i64| before.div_euclid(span) < last.div_euclid(span);
        if !is_first_of(APART_S) {
            return None;
        }
        let mut state = state.clone();
        state.take_recorded();
        Some(Self { at: state.covers(&stored.phase)?, state, is_daily: is_first_of(DAY_S) })
    }
}

#[derive(QueryableByName)]
struct CheckpointRow {
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Jsonb)]
    state: Value,
}

/// Keeps a state. Of those of days before only one for each date stays.
pub(crate) async fn insert(tx: &mut Tx, stored: &StoredPhase, kept: &Checkpoint) -> StoreResult<()> {
    sql_query(
        "insert into risk_checkpoints (phase_id, at, owner_id, account_id, state, is_daily)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (phase_id, at) do nothing",
    )
    .bind::<SqlUuid, _>(stored.id)
    .bind::<Timestamptz, _>(kept.at)
    .bind::<SqlUuid, _>(stored.owner_id.uuid())
    .bind::<SqlUuid, _>(stored.account_id.uuid())
    .bind::<Jsonb, _>(json!(kept.state))
    .bind::<Bool, _>(kept.is_daily)
    .execute(tx)
    .await?;
    sql_query("delete from risk_checkpoints where phase_id = $1 and at < $2::timestamptz - interval '1 day' and not is_daily")
        .bind::<SqlUuid, _>(stored.id)
        .bind::<Timestamptz, _>(kept.at)
        .execute(tx)
        .await?;
    Ok(())
}

/// The last state of before `since`; later ones are forgotten, for they no
/// longer hold, and so are those that cannot be read. `None` for `since`: of none at all.
pub(crate) async fn rewind(
    tx: &mut Tx,
    stored: &StoredPhase,
    since: Option<DateTime<Utc>>,
) -> StoreResult<Option<State>> {
    let mut since = since.unwrap_or(DateTime::<Utc>::MIN_UTC).max(stored.phase.started_at);
    loop {
        sql_query("delete from risk_checkpoints where phase_id = $1 and at >= $2")
            .bind::<SqlUuid, _>(stored.id)
            .bind::<Timestamptz, _>(since)
            .execute(tx)
            .await?;
        let row: Option<CheckpointRow> =
            sql_query("select at, state from risk_checkpoints where phase_id = $1 order by at desc limit 1")
                .bind::<SqlUuid, _>(stored.id)
                .get_result(tx)
                .await
                .optional()?;
        let Some(row) = row else { return Ok(None) };
        match parsed(row.state, "risk_checkpoints.state") {
            Ok(state) => return Ok(Some(state)),
            Err(error) => {
                tracing::error!(%error, account.id = %stored.account_id, "a state of before cannot be read");
                since = row.at;
            }
        }
    }
}

/// Forgets those of phases that have ended.
pub async fn prune(tx: &mut Tx) -> StoreResult<usize> {
    Ok(sql_query(
        "delete from risk_checkpoints c using risk_phases p where p.id = c.phase_id and p.ended_at is not null",
    )
    .execute(tx)
    .await?)
}
