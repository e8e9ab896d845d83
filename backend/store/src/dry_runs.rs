//! Orders that the API asks the worker to judge. They are never sent.

use diesel::sql_types::{BigInt, Integer, Jsonb, Nullable, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::id::{AccountId, OwnerId, SubscriptionId};
use flotilla_domain::lots::Lots;
use flotilla_domain::price::Price;
use flotilla_domain::side::Side;
use flotilla_domain::signal::OpenSignal;
use flotilla_domain::symbol::Symbol;
use flotilla_domain::ticket::Ticket;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::Tx;
use crate::error::{StoreError, StoreResult};
use crate::signals::Judged;

/// Followers that are judged at most; a dry run is for looking at.
const MOST_FOLLOWERS: i64 = 2_000;
/// Seconds after which nobody waits for an answer any more.
const FORGOTTEN_AFTER_S: i32 = 60;
/// Seconds after which an owner may ask anew, though nobody took his last question back.
const LEFT_AFTER_S: i32 = 10;
/// Questions that are looked up at once.
const MOST_WAITING: i64 = 200;

/// The order in question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Side of the master.
    pub side: Side,
    /// Instrument, under the master's name.
    pub symbol: Symbol,
    /// Price.
    pub price: Price,
    /// Size.
    pub lots: Lots,
    /// Stop loss, if there is one.
    pub stop_loss: Option<Price>,
    /// Take profit, if there is one.
    pub take_profit: Option<Price>,
}

/// What one follower would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The subscription.
    pub subscription_id: SubscriptionId,
    /// The follower's name as the master's owner knows it.
    pub name: String,
    /// Why it would not copy; of another owner's follower whatever its size.
    pub reason: Option<ReasonCode>,
    /// The group that is stopped, the guard, or the account that it does not
    /// see, if that is why; own followers only.
    #[serde(default)]
    pub detail: Option<String>,
    /// Instrument it would open; own followers only, like all that follows.
    pub symbol: Option<String>,
    /// Side it would open.
    pub side: Option<Side>,
    /// Size it would open; zero when it cannot be computed.
    pub lots: Option<Decimal>,
    /// Stop loss it would ask for.
    pub stop_loss: Option<Decimal>,
    /// Take profit it would ask for.
    pub take_profit: Option<Decimal>,
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

#[derive(QueryableByName)]
struct AnswerRow {
    #[diesel(sql_type = Nullable<Jsonb>)]
    answer: Option<Value>,
}

#[derive(QueryableByName)]
struct AskedRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = Jsonb)]
    asked: Value,
}

/// Asks; hint at a request after the commit. `None`: the owner has asked something else, and waits.
pub async fn insert(
    tx: &mut Tx,
    owner: OwnerId,
    master: AccountId,
    asked: &Asked,
) -> StoreResult<Option<Uuid>> {
    let asked = serde_json::to_value(asked).map_err(|_| StoreError::Corrupt("dry_runs.asked"))?;
    sql_query("delete from dry_runs where owner_id = $1 and created_at < now() - make_interval(secs => $2)")
        .bind::<SqlUuid, _>(owner.uuid())
        .bind::<Integer, _>(LEFT_AFTER_S)
        .execute(tx)
        .await?;
    let rows: Vec<IdRow> = sql_query(
        "insert into dry_runs (owner_id, account_id, asked) values ($1, $2, $3)
         on conflict (owner_id) do nothing returning id",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<SqlUuid, _>(master.uuid())
    .bind::<Jsonb, _>(asked)
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().next().map(|row| row.id))
}

/// The answer, if it is there.
pub async fn find_answer(tx: &mut Tx, owner: OwnerId, id: Uuid) -> StoreResult<Option<Vec<Outcome>>> {
    let rows: Vec<AnswerRow> = sql_query("select answer from dry_runs where id = $1 and owner_id = $2")
        .bind::<SqlUuid, _>(id)
        .bind::<SqlUuid, _>(owner.uuid())
        .get_results(tx)
        .await?;
    let answer = rows.into_iter().next().ok_or(StoreError::NotFound("dry run"))?.answer;
    answer
        .map(|answer| serde_json::from_value(answer).map_err(|_| StoreError::Corrupt("dry_runs.answer")))
        .transpose()
}

/// Forgets question and answer.
pub async fn remove(tx: &mut Tx, owner: OwnerId, id: Uuid) -> StoreResult<()> {
    sql_query("delete from dry_runs where id = $1 and owner_id = $2")
        .bind::<SqlUuid, _>(id)
        .bind::<SqlUuid, _>(owner.uuid())
        .execute(tx)
        .await?;
    Ok(())
}

/// Questions that wait, one of each owner and the oldest first, from the worker's side. Forgets what nobody reads any
/// more.
pub async fn list_waiting(tx: &mut Tx) -> StoreResult<Vec<Uuid>> {
    sql_query("delete from dry_runs where created_at < now() - make_interval(secs => $1)")
        .bind::<Integer, _>(FORGOTTEN_AFTER_S)
        .execute(tx)
        .await?;
    let waiting: Vec<IdRow> = sql_query("select id from dry_runs where answer is null order by id limit $1")
        .bind::<BigInt, _>(MOST_WAITING)
        .get_results(tx)
        .await?;
    Ok(waiting.into_iter().map(|row| row.id).collect())
}

/// Answers one of them, unless somebody else does.
///
/// # Errors
///
/// When it cannot be judged, or not within two seconds.
pub async fn answer(tx: &mut Tx, question: Uuid) -> StoreResult<()> {
    // The database gives up as well, not only whoever asked it.
    sql_query("set local statement_timeout = '2s'").execute(tx).await?;
    let waiting: Vec<AskedRow> = sql_query(
        "select id, account_id, asked from dry_runs
         where id = $1 and answer is null for update skip locked",
    )
    .bind::<SqlUuid, _>(question)
    .get_results(tx)
    .await?;
    for row in &waiting {
        let outcomes = judged(tx, row).await?;
        let answer = serde_json::to_value(outcomes).map_err(|_| StoreError::Corrupt("dry_runs.answer"))?;
        sql_query("update dry_runs set answer = $2 where id = $1")
            .bind::<SqlUuid, _>(row.id)
            .bind::<Jsonb, _>(answer)
            .execute(tx)
            .await?;
    }
    Ok(())
}

async fn judged(tx: &mut Tx, row: &AskedRow) -> StoreResult<Vec<Outcome>> {
    let asked: Asked =
        serde_json::from_value(row.asked.clone()).map_err(|_| StoreError::Corrupt("dry_runs.asked"))?;
    let order = OpenSignal {
        side: asked.side,
        symbol: asked.symbol,
        price: asked.price,
        lots: asked.lots,
        stop_loss: asked.stop_loss,
        take_profit: asked.take_profit,
        // It has none; nobody looks for this one.
        ticket: Ticket::new(1).map_err(|_| StoreError::Corrupt("dry_runs.asked"))?,
    };
    let judged = crate::signals::judge(tx, row.account_id.into(), &order, MOST_FOLLOWERS).await?;
    Ok(judged.into_iter().map(outcome).collect())
}

fn outcome(judged: Judged) -> Outcome {
    let (symbol, side, lots, stop_loss, take_profit) = match judged.opens {
        Some(opens) => (
            Some(opens.symbol.as_str().to_owned()),
            Some(opens.side),
            Some(opens.lots.normalize()),
            opens.stop_loss,
            opens.take_profit,
        ),
        None => (None, None, None, None, None),
    };
    Outcome {
        subscription_id: judged.subscription_id,
        name: judged.name,
        reason: judged.reason,
        detail: judged.detail,
        symbol,
        side,
        lots,
        stop_loss,
        take_profit,
    }
}
