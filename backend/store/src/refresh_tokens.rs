//! Refresh tokens: one use each, by login. Looked up by hash, without a scope.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::IntervalDsl;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{LoginId, UserId};
use uuid::Uuid;

use crate::db::Tx;
use crate::error::StoreResult;
use crate::schema::refresh_tokens;
use crate::transaction_time::begun_at;
use crate::users;

/// A login ends after this time without a refresh.
const INACTIVITY_DAYS: i32 = 7;
/// A login ends after this time whatever happens.
const LOGIN_DAYS: i32 = 30;
/// Within this time the predecessor gives the same successor again.
const GRACE: TimeDelta = TimeDelta::seconds(10);

/// SHA-256 of a token.
pub type TokenHash = [u8; 32];

/// What became of a token that a client presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// It was exchanged for its successor, now or within the grace.
    Exchanged(LoginId),
    /// It is unknown, expired or revoked.
    Ended,
    /// It had been used before: somebody has a copy. The login was ended.
    Reused(LoginId),
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = refresh_tokens)]
struct TokenRow {
    login_id: Uuid,
    user_id: Uuid,
    used_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
    expires_at: DateTime<Utc>,
    login_ends_at: DateTime<Utc>,
    device: Option<String>,
}

/// A login about to begin.
#[derive(Debug, Clone)]
pub struct NewLogin {
    /// The signed-in device.
    pub login: LoginId,
    /// Of its first token.
    pub token: TokenHash,
    /// Browser and system.
    pub device: String,
}

/// Begins a login.
pub async fn insert(tx: &mut Tx, user: UserId, new: &NewLogin) -> StoreResult<()> {
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::token_hash.eq(new.token.as_slice()),
            refresh_tokens::login_id.eq(new.login.uuid()),
            refresh_tokens::user_id.eq(user.uuid()),
            refresh_tokens::expires_at.eq(begun_at() + INACTIVITY_DAYS.days()),
            refresh_tokens::login_ends_at.eq(begun_at() + LOGIN_DAYS.days()),
            refresh_tokens::device.eq(&new.device),
        ))
        .execute(tx)
        .await?;
    Ok(())
}

/// Whose token this is, whatever became of it.
pub async fn find_user(tx: &mut Tx, token: &TokenHash) -> StoreResult<Option<UserId>> {
    let user: Option<Uuid> = refresh_tokens::table
        .find(token.as_slice())
        .select(refresh_tokens::user_id)
        .first(tx)
        .await
        .optional()?;
    Ok(user.map(Into::into))
}

/// Exchanges `token` for `successor`. Concurrent calls wait for one another;
/// the first exchanges, the others are within the grace.
///
/// The caller holds the user ([`users::lock`]): whoever ends his logins would not see the successor.
///
/// Commit whatever it returns: a reuse has ended the login.
pub async fn rotate(tx: &mut Tx, token: &TokenHash, successor: &TokenHash) -> StoreResult<Rotation> {
    let found: Option<(TokenRow, DateTime<Utc>)> = refresh_tokens::table
        .find(token.as_slice())
        .select((
            TokenRow::as_select(),
            diesel::dsl::sql::<diesel::sql_types::Timestamptz>("clock_timestamp()"),
        ))
        .for_update()
        .first(tx)
        .await
        .optional()?;
    let Some((row, at)) = found else { return Ok(Rotation::Ended) };
    if row.revoked_at.is_some() || row.expires_at <= at || row.login_ends_at <= at {
        return Ok(Rotation::Ended);
    }
    match row.used_at {
        None => exchange(tx, token, successor, &row).await?,
        Some(used_at) if at - used_at <= GRACE && is_unused(tx, successor).await? => {}
        Some(_) => {
            end_login(tx, row.login_id.into()).await?;
            return Ok(Rotation::Reused(row.login_id.into()));
        }
    }
    Ok(Rotation::Exchanged(row.login_id.into()))
}

async fn exchange(tx: &mut Tx, token: &TokenHash, successor: &TokenHash, row: &TokenRow) -> StoreResult<()> {
    diesel::update(refresh_tokens::table.find(token.as_slice()))
        .set(refresh_tokens::used_at.eq(diesel::dsl::sql::<
            diesel::sql_types::Nullable<diesel::sql_types::Timestamptz>,
        >("clock_timestamp()")))
        .execute(tx)
        .await?;
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::token_hash.eq(successor.as_slice()),
            refresh_tokens::login_id.eq(row.login_id),
            refresh_tokens::user_id.eq(row.user_id),
            refresh_tokens::expires_at.eq(begun_at() + INACTIVITY_DAYS.days()),
            refresh_tokens::login_ends_at.eq(row.login_ends_at),
            refresh_tokens::device.eq(&row.device),
        ))
        .execute(tx)
        .await?;
    Ok(())
}

/// A successor that was used itself is not the current token any more.
async fn is_unused(tx: &mut Tx, token: &TokenHash) -> StoreResult<bool> {
    let unused: Option<Uuid> = refresh_tokens::table
        .find(token.as_slice())
        .filter(refresh_tokens::used_at.is_null())
        .filter(refresh_tokens::revoked_at.is_null())
        .select(refresh_tokens::login_id)
        .first(tx)
        .await
        .optional()?;
    Ok(unused.is_some())
}

/// Ends one login: none of its tokens works any more. The caller holds the user ([`users::lock`]), as for
/// ending several.
pub async fn end_login(tx: &mut Tx, login: LoginId) -> StoreResult<()> {
    diesel::update(refresh_tokens::table)
        .filter(refresh_tokens::login_id.eq(login.uuid()))
        .filter(refresh_tokens::revoked_at.is_null())
        .set(refresh_tokens::revoked_at.eq(begun_at().nullable()))
        .execute(tx)
        .await?;
    Ok(())
}

/// Ends the login of `token`, if it is one of `user`.
pub async fn end_login_of(tx: &mut Tx, user: UserId, token: &TokenHash) -> StoreResult<Option<LoginId>> {
    let login: Option<Uuid> = refresh_tokens::table
        .find(token.as_slice())
        .filter(refresh_tokens::user_id.eq(user.uuid()))
        .select(refresh_tokens::login_id)
        .first(tx)
        .await
        .optional()?;
    users::lock(tx, user).await?;
    let login = login.map(LoginId::from);
    if let Some(login) = login {
        end_login(tx, login).await?;
    }
    Ok(login)
}

/// Ends every login of `user` but `kept`.
pub async fn end_other_logins(tx: &mut Tx, user: UserId, kept: LoginId) -> StoreResult<()> {
    diesel::update(refresh_tokens::table)
        .filter(refresh_tokens::user_id.eq(user.uuid()))
        .filter(refresh_tokens::login_id.ne(kept.uuid()))
        .filter(refresh_tokens::revoked_at.is_null())
        .set(refresh_tokens::revoked_at.eq(begun_at().nullable()))
        .execute(tx)
        .await?;
    Ok(())
}

/// Ends every login of `user`.
pub async fn end_all_logins(tx: &mut Tx, user: UserId) -> StoreResult<()> {
    diesel::update(refresh_tokens::table)
        .filter(refresh_tokens::user_id.eq(user.uuid()))
        .filter(refresh_tokens::revoked_at.is_null())
        .set(refresh_tokens::revoked_at.eq(begun_at().nullable()))
        .execute(tx)
        .await?;
    Ok(())
}

/// Removes tokens of logins that are over; a reuse of them says nothing any more.
pub async fn remove_ended(tx: &mut Tx) -> StoreResult<usize> {
    let removed = diesel::delete(refresh_tokens::table)
        .filter(refresh_tokens::login_ends_at.lt(begun_at()))
        .execute(tx)
        .await?;
    Ok(removed)
}
