//! What the API asks the worker to do with the key of an exchange account: prove it, set leverage with it.

use diesel::sql_types::{Array, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId, RequestId, UserId};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::db::{Scope, Tx};
use crate::error::{StoreError, StoreResult};

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyTask {
    /// Prove the key that was handed in last or, without one, look at the one in place again.
    Verify,
    /// Set leverage at the exchange.
    SetLeverage(i32),
}

/// A request that the worker took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakenTask {
    /// The request.
    pub id: RequestId,
    /// Whose account it is.
    pub owner_id: OwnerId,
    /// Who asked.
    pub actor_id: Option<UserId>,
    /// The account.
    pub account_id: AccountId,
    /// What is asked.
    pub task: KeyTask,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyAnswer {
    /// Nothing yet.
    Open,
    /// It is done.
    Done,
    /// It is not.
    Failed {
        /// Word for the reason.
        code: String,
        /// The exchange's own words.
        text: Option<String>,
    },
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

#[derive(QueryableByName)]
struct AnswerRow {
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Nullable<Text>)]
    failure: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    text: Option<String>,
}

#[derive(QueryableByName)]
struct TaskRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    actor_id: Option<Uuid>,
    #[diesel(sql_type = SqlUuid)]
    target_id: Uuid,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Jsonb)]
    detail: Value,
}

/// Asks; hint at the request after the commit.
pub async fn insert(tx: &mut Tx, scope: Scope, account: AccountId, task: KeyTask) -> StoreResult<RequestId> {
    let (kind, detail) = match task {
        KeyTask::Verify => ("verify_key", json!({})),
        KeyTask::SetLeverage(leverage) => ("set_leverage", json!({ "leverage": leverage })),
    };
    let row: IdRow = sql_query(
        "insert into requests (owner_id, actor_id, kind, target_id, detail) values ($1, $2, $3, $4, $5) returning id",
    )
    .bind::<SqlUuid, _>(scope.owner.uuid())
    .bind::<SqlUuid, _>(scope.actor.uuid())
    .bind::<Text, _>(kind)
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Jsonb, _>(detail)
    .get_result(tx)
    .await?;
    Ok(row.id.into())
}

/// What became of a request of the owner.
pub async fn find_answer(tx: &mut Tx, owner: OwnerId, id: RequestId) -> StoreResult<KeyAnswer> {
    let rows: Vec<AnswerRow> = sql_query(
        "select state, failure, detail ->> 'text' as text from requests
         where id = $1 and owner_id = $2 and kind in ('verify_key', 'set_leverage')",
    )
    .bind::<SqlUuid, _>(id.uuid())
    .bind::<SqlUuid, _>(owner.uuid())
    .get_results(tx)
    .await?;
    let row = rows.into_iter().next().ok_or(StoreError::NotFound("request"))?;
    Ok(match row.state.as_str() {
        "done" => KeyAnswer::Done,
        "failed" => KeyAnswer::Failed { code: row.failure.unwrap_or_default(), text: row.text },
        _ => KeyAnswer::Open,
    })
}

/// Takes the oldest request that waits, or that whoever took it gave up or left behind half a minute ago. No account
/// of `busy` is taken: one thing at a time is done with a key.
pub async fn take_next(tx: &mut Tx, busy: &[AccountId]) -> StoreResult<Option<TakenTask>> {
    let rows: Vec<TaskRow> = sql_query(
        "update requests set state = 'running', began_at = clock_timestamp(), updated_at = now()
         where id = (
            select id from requests
            where kind in ('verify_key', 'set_leverage')
                and (state = 'pending' and (began_at is null or began_at < now() - interval '5 s')
                    or state = 'running' and began_at < now() - interval '30 s')
                and not target_id = any($1)
            order by id
            limit 1
            for update skip locked)
         returning id, owner_id, actor_id, target_id, kind, detail",
    )
    .bind::<Array<SqlUuid>, _>(busy.iter().map(|id| id.uuid()).collect::<Vec<_>>())
    .get_results(tx)
    .await?;
    rows.into_iter().next().map(TaskRow::task).transpose()
}

/// Puts a request back, to be tried again a little later.
pub async fn postpone(tx: &mut Tx, id: RequestId) -> StoreResult<()> {
    sql_query(
        "update requests set state = 'pending', began_at = clock_timestamp(), updated_at = now()
         where id = $1 and state = 'running'",
    )
    .bind::<SqlUuid, _>(id.uuid())
    .execute(tx)
    .await?;
    Ok(())
}

/// Ends a request. `failure`: word for why it is not done, and the exchange's words.
pub async fn finish(
    tx: &mut Tx,
    id: RequestId,
    failure: Option<(&str, Option<&str>)>,
    detail: &Value,
) -> StoreResult<()> {
    let (code, text) = failure.unzip();
    sql_query(
        "update requests set
            state = case when $2 is null then 'done' else 'failed' end, failure = $2,
            detail = detail || $3 || jsonb_build_object('text', $4::text),
            total = 1, done = case when $2 is null then 1 else 0 end, updated_at = now()
         where id = $1",
    )
    .bind::<SqlUuid, _>(id.uuid())
    .bind::<Nullable<Text>, _>(code)
    .bind::<Jsonb, _>(detail)
    .bind::<Nullable<Text>, _>(text.flatten())
    .execute(tx)
    .await?;
    Ok(())
}

/// Ends every open request about an account that has nothing more to be asked about.
pub async fn abandon(tx: &mut Tx, account: AccountId, failure: &str) -> StoreResult<Vec<RequestId>> {
    let rows: Vec<IdRow> = sql_query(
        "update requests set state = 'failed', failure = $2, updated_at = now()
         where kind in ('verify_key', 'set_leverage') and state in ('pending', 'running') and target_id = $1
         returning id",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Text, _>(failure)
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(|row| row.id.into()).collect())
}

impl TaskRow {
    fn task(self) -> StoreResult<TakenTask> {
        let leverage = || {
            let leverage = self.detail.get("leverage").and_then(Value::as_i64);
            leverage.and_then(|value| i32::try_from(value).ok()).ok_or(StoreError::Corrupt("requests.detail"))
        };
        let task = match self.kind.as_str() {
            "verify_key" => KeyTask::Verify,
            _ => KeyTask::SetLeverage(leverage()?),
        };
        Ok(TakenTask {
            id: self.id.into(),
            owner_id: self.owner_id.into(),
            actor_id: self.actor_id.map(Into::into),
            account_id: self.target_id.into(),
            task,
        })
    }
}
