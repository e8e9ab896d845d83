//! Keys of integrators. Looked up by hash, without a scope.

use chrono::{DateTime, Utc};
use diesel::dsl::IntervalDsl;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{OwnerId, PersonalKeyId, UserId};
use flotilla_domain::permission::KeyScope;
use flotilla_domain::user::Role;
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{StoreError, StoreResult, known};
use crate::schema::{personal_key_hashes, personal_keys, users};
use crate::transaction_time::begun_at;

/// SHA-256 of a key.
pub type KeyHash = [u8; 32];

/// A key, without the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonalKey {
    /// Identifier.
    pub id: PersonalKeyId,
    /// The owner's word for it.
    pub name: String,
    /// Its first characters.
    pub prefix: String,
    /// What it is good for.
    pub scopes: Vec<KeyScope>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
    /// When it was used last, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// A key to be made.
#[derive(Debug, Clone)]
pub struct NewPersonalKey {
    /// Identifier.
    pub id: PersonalKeyId,
    /// The owner's word for it.
    pub name: String,
    /// Its first characters.
    pub prefix: String,
    /// What it is good for; at least one.
    pub scopes: Vec<KeyScope>,
    /// Life in days.
    pub days: i32,
    /// For look-up.
    pub hash: KeyHash,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = personal_keys)]
struct KeyRow {
    id: Uuid,
    name: String,
    prefix: String,
    scopes: Vec<String>,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

impl TryFrom<KeyRow> for PersonalKey {
    type Error = StoreError;

    fn try_from(row: KeyRow) -> StoreResult<Self> {
        Ok(Self {
            id: row.id.into(),
            name: row.name,
            prefix: row.prefix,
            scopes: scopes(&row.scopes)?,
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
        })
    }
}

fn scopes(words: &[String]) -> StoreResult<Vec<KeyScope>> {
    words.iter().map(|word| known("personal_keys.scopes", word)).collect()
}

/// What a live key of an active user stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyStanding {
    /// Platform role of the user, as it is now.
    pub role: Role,
    /// What the key is good for.
    pub scopes: Vec<KeyScope>,
}

/// Makes a key.
pub async fn insert(tx: &mut Tx, owner: OwnerId, new: NewPersonalKey) -> StoreResult<PersonalKey> {
    let words: Vec<&str> = new.scopes.iter().map(|scope| scope.as_str()).collect();
    let row: KeyRow = diesel::insert_into(personal_keys::table)
        .values((
            personal_keys::id.eq(new.id.uuid()),
            personal_keys::owner_id.eq(owner.uuid()),
            personal_keys::name.eq(&new.name),
            personal_keys::prefix.eq(&new.prefix),
            personal_keys::scopes.eq(words),
            personal_keys::expires_at.eq(begun_at() + new.days.days()),
        ))
        .returning(KeyRow::as_returning())
        .get_result(tx)
        .await?;
    diesel::insert_into(personal_key_hashes::table)
        .values((
            personal_key_hashes::key_hash.eq(new.hash.as_slice()),
            personal_key_hashes::key_id.eq(new.id.uuid()),
            personal_key_hashes::user_id.eq(owner.uuid()),
        ))
        .execute(tx)
        .await?;
    row.try_into()
}

/// All keys of an owner, newest first, revoked ones too.
pub async fn list(tx: &mut Tx, owner: OwnerId) -> StoreResult<Vec<PersonalKey>> {
    let rows: Vec<KeyRow> = personal_keys::table
        .filter(personal_keys::owner_id.eq(owner.uuid()))
        .order(personal_keys::id.desc())
        .select(KeyRow::as_select())
        .load(tx)
        .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many keys of an owner live.
pub async fn count_live(tx: &mut Tx, owner: OwnerId) -> StoreResult<i64> {
    Ok(personal_keys::table
        .filter(personal_keys::owner_id.eq(owner.uuid()))
        .filter(personal_keys::revoked_at.is_null())
        .filter(personal_keys::expires_at.gt(begun_at()))
        .count()
        .get_result(tx)
        .await?)
}

/// Ends a key for good; again without effect. Returns its first characters.
pub async fn revoke(tx: &mut Tx, owner: OwnerId, id: PersonalKeyId) -> StoreResult<String> {
    diesel::delete(personal_key_hashes::table)
        .filter(personal_key_hashes::key_id.eq(id.uuid()))
        .filter(personal_key_hashes::user_id.eq(owner.uuid()))
        .execute(tx)
        .await?;
    diesel::update(personal_keys::table)
        .filter(personal_keys::owner_id.eq(owner.uuid()))
        .filter(personal_keys::id.eq(id.uuid()))
        .filter(personal_keys::revoked_at.is_null())
        .set(personal_keys::revoked_at.eq(begun_at().nullable()))
        .execute(tx)
        .await?;
    personal_keys::table
        .filter(personal_keys::owner_id.eq(owner.uuid()))
        .filter(personal_keys::id.eq(id.uuid()))
        .select(personal_keys::prefix)
        .first(tx)
        .await
        .optional()?
        .ok_or(StoreError::NotFound("key"))
}

/// Ends all keys of an owner for good. Returns the first characters of those that lived.
pub async fn revoke_all(tx: &mut Tx, owner: OwnerId) -> StoreResult<Vec<String>> {
    diesel::delete(personal_key_hashes::table)
        .filter(personal_key_hashes::user_id.eq(owner.uuid()))
        .execute(tx)
        .await?;
    Ok(diesel::update(personal_keys::table)
        .filter(personal_keys::owner_id.eq(owner.uuid()))
        .filter(personal_keys::revoked_at.is_null())
        .set(personal_keys::revoked_at.eq(begun_at().nullable()))
        .returning(personal_keys::prefix)
        .get_results(tx)
        .await?)
}

/// Whose key this is. Needs no scope.
pub async fn find_holder(tx: &mut Tx, hash: &KeyHash) -> StoreResult<Option<(UserId, PersonalKeyId)>> {
    let found: Option<(Uuid, Uuid)> = personal_key_hashes::table
        .find(hash.as_slice())
        .select((personal_key_hashes::user_id, personal_key_hashes::key_id))
        .first(tx)
        .await
        .optional()?;
    Ok(found.map(|(user, key)| (user.into(), key.into())))
}

/// What a key stands for, in its user's scope; `None` once it expired or was
/// revoked, or its user may not act. Notes that it was used.
pub async fn standing(tx: &mut Tx, user: UserId, key: PersonalKeyId) -> StoreResult<Option<KeyStanding>> {
    let found: Option<(String, Vec<String>)> = personal_keys::table
        .inner_join(users::table.on(users::id.eq(personal_keys::owner_id)))
        .filter(personal_keys::owner_id.eq(user.uuid()))
        .filter(personal_keys::id.eq(key.uuid()))
        .filter(personal_keys::revoked_at.is_null())
        .filter(personal_keys::expires_at.gt(begun_at()))
        .filter(users::is_active)
        .select((users::role, personal_keys::scopes))
        .first(tx)
        .await
        .optional()?;
    let Some((role, words)) = found else { return Ok(None) };
    diesel::update(personal_keys::table)
        .filter(personal_keys::owner_id.eq(user.uuid()))
        .filter(personal_keys::id.eq(key.uuid()))
        .filter(
            personal_keys::last_used_at
                .is_null()
                .or(personal_keys::last_used_at.lt((begun_at() - 1.minute()).nullable())),
        )
        .set(personal_keys::last_used_at.eq(begun_at().nullable()))
        .execute(tx)
        .await?;
    Ok(Some(KeyStanding { role: known("users.role", &role)?, scopes: scopes(&words)? }))
}
