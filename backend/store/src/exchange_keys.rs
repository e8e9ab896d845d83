//! Keys of accounts at exchanges, as their owners see them: the API hands them in sealed and never reads them again.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Binary, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use flotilla_domain::account::AccountError;
use flotilla_domain::exchange_key::{ExchangeEnvironment, ExchangeKey, KeyStatus, KeyTrouble, Margin};
use flotilla_domain::id::{AccountId, OwnerId};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{StoreError, StoreResult, known};
use crate::schema::exchange_keys;

/// Name of the table, to which sealed keys are bound.
pub const TABLE: &str = "exchange_keys";
/// Name of the column, likewise. A key that is being proven is sealed for the place it will have.
pub const COLUMN: &str = "sealed";

#[derive(Queryable, Selectable)]
#[diesel(table_name = exchange_keys)]
struct KeyRow {
    account_id: Uuid,
    environment: String,
    offered_at: Option<DateTime<Utc>>,
    status: String,
    permissions: Vec<String>,
    ip_restricted: Option<bool>,
    uid_hint: Option<String>,
    account_type: Option<String>,
    position_mode: Option<String>,
    leverage: i32,
    leverage_set_at: Option<DateTime<Utc>>,
    margin_asset: Option<String>,
    balance: Option<Decimal>,
    available: Option<Decimal>,
    last_verified_at: Option<DateTime<Utc>>,
    last_checked_at: Option<DateTime<Utc>>,
    last_error: Option<String>,
    last_error_text: Option<String>,
    last_error_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    polled_every_s: Option<i32>,
}

/// The key of an account, if it has one.
pub async fn find(tx: &mut Tx, owner: OwnerId, account: AccountId) -> StoreResult<Option<ExchangeKey>> {
    let row: Option<KeyRow> = exchange_keys::table
        .find(account.uuid())
        .filter(exchange_keys::owner_id.eq(owner.uuid()))
        .select(KeyRow::as_select())
        .first(tx)
        .await
        .optional()?;
    row.map(KeyRow::key).transpose()
}

/// The key of an account.
pub async fn get(tx: &mut Tx, owner: OwnerId, account: AccountId) -> StoreResult<ExchangeKey> {
    find(tx, owner, account).await?.ok_or(StoreError::NotFound("exchange key"))
}

/// Every key of an owner, by account.
pub async fn list(tx: &mut Tx, owner: OwnerId) -> StoreResult<Vec<ExchangeKey>> {
    let rows: Vec<KeyRow> = exchange_keys::table
        .filter(exchange_keys::owner_id.eq(owner.uuid()))
        .order(exchange_keys::account_id)
        .select(KeyRow::as_select())
        .load(tx)
        .await?;
    rows.into_iter().map(KeyRow::key).collect()
}

/// Hands a sealed key in. One that is in place stays there until this one is proven.
///
/// The account must be locked.
///
/// # Errors
///
/// [`AccountError::EnvironmentFixed`] when the account is connected to the other environment.
pub async fn offer(
    tx: &mut Tx,
    (owner, account): (OwnerId, AccountId),
    environment: ExchangeEnvironment,
    sealed: &[u8],
) -> StoreResult<Result<(), AccountError>> {
    // Not one statement: to take a value over on conflict its column would have to be readable.
    let replaced = sql_query(
        "update exchange_keys set candidate = $4, offer = offer + 1, offered_at = now(), updated_at = now()
         where account_id = $1 and owner_id = $2 and environment = $3",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Text, _>(environment.as_str())
    .bind::<Binary, _>(sealed)
    .execute(tx)
    .await?;
    if replaced > 0 {
        return Ok(Ok(()));
    }
    let inserted = sql_query(
        "insert into exchange_keys (account_id, owner_id, environment, candidate, offer, offered_at)
         values ($1, $2, $3, $4, 1, now())
         on conflict (account_id) do nothing",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Text, _>(environment.as_str())
    .bind::<Binary, _>(sealed)
    .execute(tx)
    .await?;
    Ok(if inserted > 0 { Ok(()) } else { Err(AccountError::EnvironmentFixed) })
}

/// Forgets the key of an account. Returns whether there was one.
pub async fn remove(tx: &mut Tx, owner: OwnerId, account: AccountId) -> StoreResult<bool> {
    let removed = diesel::delete(exchange_keys::table.find(account.uuid()))
        .filter(exchange_keys::owner_id.eq(owner.uuid()))
        .execute(tx)
        .await?;
    Ok(removed > 0)
}

impl KeyRow {
    fn key(self) -> StoreResult<ExchangeKey> {
        let status: KeyStatus = known("exchange_keys.status", &self.status)?;
        let margin = match (self.margin_asset, self.balance, self.available) {
            (Some(asset), Some(balance), Some(available)) => Some(Margin { asset, balance, available }),
            _ => None,
        };
        let trouble = match (self.last_error, self.last_error_at) {
            (Some(fault), Some(at)) => Some(KeyTrouble {
                fault: known("exchange_keys.last_error", &fault)?,
                text: self.last_error_text,
                at,
            }),
            _ => None,
        };
        let permissions = self.permissions.into_iter();
        Ok(ExchangeKey {
            account_id: self.account_id.into(),
            environment: known("exchange_keys.environment", &self.environment)?,
            status,
            is_replacing: status != KeyStatus::Pending && self.offered_at.is_some(),
            permissions: permissions
                .map(|word| known("exchange_keys.permissions", &word))
                .collect::<StoreResult<_>>()?,
            ip_restricted: self.ip_restricted,
            uid_hint: self.uid_hint,
            account_type: self
                .account_type
                .map(|word| known("exchange_keys.account_type", &word))
                .transpose()?,
            position_mode: self
                .position_mode
                .map(|word| known("exchange_keys.position_mode", &word))
                .transpose()?,
            leverage: self.leverage,
            leverage_set_at: self.leverage_set_at,
            margin,
            last_verified_at: self.last_verified_at,
            last_checked_at: self.last_checked_at,
            trouble,
            polled_every_s: self.polled_every_s,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}
