//! Keys of accounts at exchanges, from the worker's side: the only one that reads what is sealed.

use diesel::sql_types::{
    Array, BigInt, Binary, Bool, Double, Integer, Nullable, Numeric, Text, Uuid as SqlUuid,
};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::exchange_key::{
    ExchangeAccountType, ExchangeEnvironment, ExchangePositionMode, KeyFault, KeyPermission, KeyStatus,
    Margin,
};
use flotilla_domain::id::{AccountId, OwnerId};
use uuid::Uuid;

use crate::Tx;
use crate::error::{StoreResult, known};

/// A key as it is stored.
#[derive(Clone, PartialEq)]
pub struct StoredKey {
    /// Whose it is.
    pub account_id: AccountId,
    /// The tenant.
    pub owner_id: OwnerId,
    /// Real money or demo.
    pub environment: ExchangeEnvironment,
    /// How far it is.
    pub status: KeyStatus,
    /// The proven key, sealed.
    pub sealed: Option<Vec<u8>>,
    /// Which offer that was.
    pub generation: i64,
    /// A key that is being proven, sealed.
    pub candidate: Option<Vec<u8>>,
    /// Which offer this is.
    pub offer: i64,
    /// Number of the account at the exchange.
    pub uid: Option<String>,
    /// What the account trades.
    pub account_type: Option<ExchangeAccountType>,
    /// How many positions it may hold in one contract.
    pub position_mode: Option<ExchangePositionMode>,
    /// What its owner wants.
    pub leverage: i32,
    /// Whether he ever said so.
    pub is_leverage_set: bool,
    /// Seconds since everything was last in order.
    pub verified_age_s: Option<f64>,
    /// What was wrong last.
    pub fault: Option<KeyFault>,
    /// Whether the account takes part in anything.
    pub is_active: bool,
}

/// What the exchange says of a key that is in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// What it may do.
    pub permissions: Vec<KeyPermission>,
    /// Whether it works from listed addresses only.
    pub ip_restricted: bool,
    /// Number of the account.
    pub uid: String,
    /// What the account trades.
    pub account_type: ExchangeAccountType,
    /// How many positions it may hold in one contract; spot accounts have none.
    pub position_mode: Option<ExchangePositionMode>,
    /// Its money.
    pub margin: Option<Margin>,
}

#[derive(QueryableByName)]
struct KeyRow {
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = Text)]
    environment: String,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Nullable<Binary>)]
    sealed: Option<Vec<u8>>,
    #[diesel(sql_type = BigInt)]
    generation: i64,
    #[diesel(sql_type = Nullable<Binary>)]
    candidate: Option<Vec<u8>>,
    #[diesel(sql_type = BigInt)]
    offer: i64,
    #[diesel(sql_type = Nullable<Text>)]
    uid: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    account_type: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    position_mode: Option<String>,
    #[diesel(sql_type = Integer)]
    leverage: i32,
    #[diesel(sql_type = Bool)]
    is_leverage_set: bool,
    #[diesel(sql_type = Nullable<Double>)]
    verified_age_s: Option<f64>,
    #[diesel(sql_type = Nullable<Text>)]
    last_error: Option<String>,
    #[diesel(sql_type = Bool)]
    is_active: bool,
}

#[derive(QueryableByName)]
struct PlaceRow {
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
}

#[derive(QueryableByName)]
struct SymbolRow {
    #[diesel(sql_type = Text)]
    symbol: String,
}

const KEY: &str = "k.account_id, k.owner_id, k.environment, k.status, k.sealed, k.generation, k.candidate, k.offer, k.uid,
    k.account_type, k.position_mode, k.leverage, k.leverage_set_at is not null as is_leverage_set, 
    extract(epoch from now() - k.last_verified_at)::float8 as verified_age_s, k.last_error, a.is_active and a.archived_at is null as is_active";

/// The key of an account, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, account: AccountId) -> StoreResult<Option<StoredKey>> {
    one(tx, account, "for no key update of k").await
}

/// The key of an account.
pub async fn find(tx: &mut Tx, account: AccountId) -> StoreResult<Option<StoredKey>> {
    one(tx, account, "").await
}

async fn one(tx: &mut Tx, account: AccountId, locking: &str) -> StoreResult<Option<StoredKey>> {
    let rows: Vec<KeyRow> = sql_query(format!(
        "select {KEY} from exchange_keys k join accounts a on a.id = k.account_id where k.account_id = $1 {locking}"
    ))
    .bind::<SqlUuid, _>(account.uuid())
    .get_results(tx)
    .await?;
    rows.into_iter().next().map(KeyRow::key).transpose()
}

/// Every key that was ever proven, of accounts that take part in something.
pub async fn list_proven(tx: &mut Tx) -> StoreResult<Vec<StoredKey>> {
    let rows: Vec<KeyRow> = sql_query(format!(
        "select {KEY} from exchange_keys k join accounts a on a.id = k.account_id
         where k.status <> 'pending' and a.is_active and a.archived_at is null
         order by k.account_id"
    ))
    .get_results(tx)
    .await?;
    rows.into_iter().map(KeyRow::key).collect()
}

/// Takes up to `limit` keys whose turn it is to be looked at; their next turn is in `again_s` seconds.
pub async fn take_due(tx: &mut Tx, limit: i64, again_s: f64) -> StoreResult<Vec<AccountId>> {
    let rows: Vec<PlaceRow> = sql_query(
        "update exchange_keys set check_due_at = now() + make_interval(secs => $2)
         where account_id in (
            select k.account_id from exchange_keys k join accounts a on a.id = k.account_id
            where k.status <> 'pending' and k.check_due_at <= now() and a.archived_at is null
            order by k.check_due_at
            limit $1
            for update of k skip locked)
         returning account_id",
    )
    .bind::<BigInt, _>(limit)
    .bind::<Double, _>(again_s)
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(|row| row.account_id.into()).collect())
}

/// Puts the offered key in its place, and what the exchange says of it. The key must be locked.
///
/// # Errors
///
/// Constraint `exchange_keys_uid` when the account at the exchange is connected already.
pub async fn adopt(tx: &mut Tx, account: AccountId, proof: &Proof) -> StoreResult<()> {
    sql_query(
        "update exchange_keys set sealed = candidate, generation = offer, candidate = null, offered_at = null,
            status = 'verified', updated_at = now()
         where account_id = $1 and candidate is not null",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .execute(tx)
    .await?;
    confirm(tx, account, proof).await
}

/// Notes that everything about the key in place is in order.
///
/// # Errors
///
/// As [`adopt`].
pub async fn confirm(tx: &mut Tx, account: AccountId, proof: &Proof) -> StoreResult<()> {
    sql_query(
        "update exchange_keys set status = 'verified', permissions = $2, ip_restricted = $3, uid = $4,
            account_type = $5, position_mode = $6, last_verified_at = now(), last_checked_at = now(),
            last_error = null, last_error_text = null, last_error_at = null, updated_at = now()
         where account_id = $1",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Array<Text>, _>(proof.permissions.iter().map(|word| word.as_str()).collect::<Vec<_>>())
    .bind::<Bool, _>(proof.ip_restricted)
    .bind::<Text, _>(&proof.uid)
    .bind::<Text, _>(proof.account_type.as_str())
    .bind::<Nullable<Text>, _>(proof.position_mode.map(ExchangePositionMode::as_str))
    .execute(tx)
    .await?;
    match &proof.margin {
        Some(margin) => save_margin(tx, account, margin).await,
        None => Ok(()),
    }
}

async fn save_margin(tx: &mut Tx, account: AccountId, margin: &Margin) -> StoreResult<()> {
    sql_query(
        "update exchange_keys set margin_asset = $2, balance = $3, available = $4 where account_id = $1",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Text, _>(&margin.asset)
    .bind::<Numeric, _>(margin.balance)
    .bind::<Numeric, _>(margin.available)
    .execute(tx)
    .await?;
    count_in(tx, account, &margin.asset).await
}

/// The account is counted in what its money is in, and so is its phase while it has no figures: as far as both
/// count as dollars, because amounts of its rules stay what they are.
async fn count_in(tx: &mut Tx, account: AccountId, asset: &str) -> StoreResult<()> {
    sql_query(
        "update accounts set currency = $2, updated_at = now()
         where id = $1 and currency <> $2 and $2 ~ '^[A-Z0-9]{2,10}$'",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Text, _>(asset)
    .execute(tx)
    .await?;
    sql_query(
        "update risk_phases p set currency = $2, updated_at = now()
         where p.account_id = $1 and p.ended_at is null and p.currency <> $2
            and p.currency in ('USD', 'USDT', 'USDC', 'VST') and $2 in ('USD', 'USDT', 'USDC', 'VST')
            and not exists (
                select from risk_observations o where o.account_id = p.account_id and o.at >= p.started_at)",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Text, _>(asset)
    .execute(tx)
    .await?;
    Ok(())
}

/// Notes that the exchange took the key, and what it said.
pub async fn touch(
    tx: &mut Tx,
    account: AccountId,
    generation: i64,
    margin: Option<&Margin>,
) -> StoreResult<()> {
    let touched = sql_query(
        "update exchange_keys set last_checked_at = now(), last_error = null, last_error_text = null,
            last_error_at = null
         where account_id = $1 and generation = $2 and status = 'verified'",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<BigInt, _>(generation)
    .execute(tx)
    .await?;
    match margin {
        Some(margin) if touched > 0 => save_margin(tx, account, margin).await,
        _ => Ok(()),
    }
}

/// Notes what is wrong with the key in place. A fault that says nothing about the key leaves its status. Returns
/// whether the key worked until now and does not any more.
pub async fn note_fault(
    tx: &mut Tx,
    account: AccountId,
    (fault, text): (KeyFault, Option<&str>),
) -> StoreResult<bool> {
    if fault.is_decided() {
        let failed = sql_query(
            "update exchange_keys set status = 'failed', updated_at = now() where account_id = $1 and status = 'verified'",
        )
        .bind::<SqlUuid, _>(account.uuid())
        .execute(tx)
        .await?;
        note(tx, account, (fault, text)).await?;
        return Ok(failed > 0);
    }
    note(tx, account, (fault, text)).await?;
    Ok(false)
}

/// Silence does not hide what is known to be wrong.
async fn note(tx: &mut Tx, account: AccountId, (fault, text): (KeyFault, Option<&str>)) -> StoreResult<()> {
    sql_query(
        "update exchange_keys set
            last_error_at = case when last_error = $2 then last_error_at else now() end,
            last_error = $2, last_error_text = $3, updated_at = now()
         where account_id = $1 and ($4 or status = 'verified')",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Text, _>(fault.as_str())
    .bind::<Nullable<Text>, _>(text)
    .bind::<Bool, _>(fault.is_decided())
    .execute(tx)
    .await?;
    Ok(())
}

/// Gives the offered key up; one that is in place stays. Without one the row is gone.
pub async fn reject(tx: &mut Tx, account: AccountId, offer: i64) -> StoreResult<()> {
    sql_query("delete from exchange_keys where account_id = $1 and offer = $2 and sealed is null")
        .bind::<SqlUuid, _>(account.uuid())
        .bind::<BigInt, _>(offer)
        .execute(tx)
        .await?;
    sql_query(
        "update exchange_keys set candidate = null, offered_at = null, updated_at = now()
         where account_id = $1 and offer = $2 and sealed is not null",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<BigInt, _>(offer)
    .execute(tx)
    .await?;
    Ok(())
}

/// Accounts with a key that nobody has proven since it was handed in, `after_s` seconds ago.
pub async fn list_expired(tx: &mut Tx, after_s: f64) -> StoreResult<Vec<AccountId>> {
    let rows: Vec<PlaceRow> = sql_query(
        "select account_id from exchange_keys where offered_at < now() - make_interval(secs => $1)",
    )
    .bind::<Double, _>(after_s)
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(|row| row.account_id.into()).collect())
}

/// Has a key looked at as soon as possible.
pub async fn make_due(tx: &mut Tx, account: AccountId) -> StoreResult<()> {
    sql_query("update exchange_keys set check_due_at = least(check_due_at, now()) where account_id = $1")
        .bind::<SqlUuid, _>(account.uuid())
        .execute(tx)
        .await?;
    Ok(())
}

/// Switches orders off. Returns whether they were on.
pub async fn switch_trading_off(tx: &mut Tx, account: AccountId) -> StoreResult<bool> {
    let changed = sql_query(
        "update accounts set trading_enabled = false, updated_at = now() where id = $1 and trading_enabled",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .execute(tx)
    .await?;
    Ok(changed > 0)
}

/// Whether copies of the account have not ended.
pub async fn has_open_copies(tx: &mut Tx, account: AccountId) -> StoreResult<bool> {
    let rows: Vec<PlaceRow> = sql_query(
        "select follower_account_id as account_id from copy_orders
         where follower_account_id = $1 and state not in ('failed', 'skipped', 'closed')
         limit 1",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .get_results(tx)
    .await?;
    Ok(!rows.is_empty())
}

/// Whether copies of a master's trades have not ended, whosever they are.
pub async fn has_open_followers(tx: &mut Tx, owner: OwnerId, master: AccountId) -> StoreResult<bool> {
    let rows: Vec<PlaceRow> = sql_query(
        "select master_account_id as account_id from master_followers
         where owner_id = $1 and master_account_id = $2 and open_copies > 0
         limit 1",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<SqlUuid, _>(master.uuid())
    .get_results(tx)
    .await?;
    Ok(!rows.is_empty())
}

/// Contracts that the account's owner has named for symbols of its masters.
pub async fn list_mapped_contracts(tx: &mut Tx, account: AccountId) -> StoreResult<Vec<String>> {
    let rows: Vec<SymbolRow> = sql_query(
        "select distinct m.value as symbol from subscriptions s, jsonb_each_text(s.symbol_map) m
         where s.follower_account_id = $1 and s.state <> 'ended' and jsonb_typeof(s.symbol_map) = 'object'
         order by 1",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(|row| row.symbol).collect())
}

/// Notes what leverage the owner wants, after the exchange took it.
pub async fn save_leverage(tx: &mut Tx, account: AccountId, leverage: i32) -> StoreResult<()> {
    sql_query(
        "update exchange_keys set leverage = $2, leverage_set_at = now(), updated_at = now() where account_id = $1",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Integer, _>(leverage)
    .execute(tx)
    .await?;
    Ok(())
}

impl KeyRow {
    fn key(self) -> StoreResult<StoredKey> {
        Ok(StoredKey {
            account_id: self.account_id.into(),
            owner_id: self.owner_id.into(),
            environment: known("exchange_keys.environment", &self.environment)?,
            status: known("exchange_keys.status", &self.status)?,
            sealed: self.sealed,
            generation: self.generation,
            candidate: self.candidate,
            offer: self.offer,
            uid: self.uid,
            account_type: word("exchange_keys.account_type", self.account_type)?,
            position_mode: word("exchange_keys.position_mode", self.position_mode)?,
            leverage: self.leverage,
            is_leverage_set: self.is_leverage_set,
            verified_age_s: self.verified_age_s,
            fault: word("exchange_keys.last_error", self.last_error)?,
            is_active: self.is_active,
        })
    }
}

fn word<T: std::str::FromStr>(column: &'static str, text: Option<String>) -> StoreResult<Option<T>> {
    text.map(|text| known(column, &text)).transpose()
}
