//! Keys with which EAs authenticate, one per account.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId};

use crate::db::Tx;
use crate::error::{StoreError, StoreResult};
use crate::schema::api_keys;
use crate::transaction_time::begun_at;

/// An API key as it is stored.
#[derive(Debug, Clone)]
pub struct StoredApiKey {
    /// First characters.
    pub prefix: String,
    /// SHA-256 of the key.
    pub hash: [u8; 32],
    /// The key, sealed for its row.
    pub sealed: Vec<u8>,
}

/// Gives a new account its key.
pub async fn insert(tx: &mut Tx, owner: OwnerId, account: AccountId, key: &StoredApiKey) -> StoreResult<()> {
    diesel::insert_into(api_keys::table)
        .values((
            api_keys::account_id.eq(account.uuid()),
            api_keys::owner_id.eq(owner.uuid()),
            api_keys::prefix.eq(&key.prefix),
            api_keys::key_hash.eq(key.hash.as_slice()),
            api_keys::sealed_key.eq(&key.sealed),
        ))
        .execute(tx)
        .await?;
    Ok(())
}

/// Replaces the account's API key.
pub async fn replace(tx: &mut Tx, owner: OwnerId, id: AccountId, key: &StoredApiKey) -> StoreResult<()> {
    diesel::update(api_keys::table.find(id.uuid()))
        .filter(api_keys::owner_id.eq(owner.uuid()))
        .set((
            api_keys::prefix.eq(&key.prefix),
            api_keys::key_hash.eq(key.hash.as_slice()),
            api_keys::sealed_key.eq(&key.sealed),
            api_keys::created_at.eq(begun_at()),
        ))
        .execute(tx)
        .await?;
    Ok(())
}

/// The account's key as it is sealed.
pub async fn get_sealed(tx: &mut Tx, owner: OwnerId, id: AccountId) -> StoreResult<Vec<u8>> {
    let sealed = api_keys::table
        .find(id.uuid())
        .filter(api_keys::owner_id.eq(owner.uuid()))
        .select(api_keys::sealed_key)
        .first(tx)
        .await
        .optional()?;
    sealed.ok_or(StoreError::NotFound("API key"))
}
