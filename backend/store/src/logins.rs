//! A user's signed-in devices, as he sees them.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{LoginId, UserId};
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{StoreError, StoreResult};
use crate::schema::refresh_tokens as tokens;
use crate::transaction_time::begun_at;
use crate::{refresh_tokens, users};

/// A signed-in device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// Identifier.
    pub id: LoginId,
    /// Browser and system; `None` when it signed in before that was noted.
    pub device: Option<String>,
    /// When it signed in.
    pub began_at: DateTime<Utc>,
    /// When it asked for a new access token last.
    pub seen_at: DateTime<Utc>,
    /// When it ends without being used.
    pub ends_at: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct LoginRow {
    #[diesel(sql_type = SqlUuid)]
    login_id: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    device: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    began_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    seen_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    ends_at: DateTime<Utc>,
}

/// Live logins of a user, the one used last first.
pub async fn list(tx: &mut Tx, user: UserId) -> StoreResult<Vec<Login>> {
    let rows: Vec<LoginRow> = diesel::sql_query(
        "select login_id, max(device) as device, min(created_at) as began_at, max(created_at) as seen_at,
            least(max(expires_at), max(login_ends_at)) as ends_at
         from refresh_tokens
         where user_id = $1
         group by login_id
         having bool_or(revoked_at is null and used_at is null and expires_at > now() and login_ends_at > now())
         order by seen_at desc, login_id",
    )
    .bind::<SqlUuid, _>(user.uuid())
    .load(tx)
    .await?;
    let login = |row: LoginRow| Login {
        id: row.login_id.into(),
        device: row.device,
        began_at: row.began_at,
        seen_at: row.seen_at,
        ends_at: row.ends_at,
    };
    Ok(rows.into_iter().map(login).collect())
}

/// Ends one live login of a user.
///
/// # Errors
///
/// [`StoreError::NotFound`] when he has no such login.
pub async fn end(tx: &mut Tx, user: UserId, login: LoginId) -> StoreResult<()> {
    users::lock(tx, user).await?;
    let live: Option<Uuid> = tokens::table
        .filter(tokens::login_id.eq(login.uuid()))
        .filter(tokens::user_id.eq(user.uuid()))
        .filter(tokens::revoked_at.is_null())
        .filter(tokens::login_ends_at.gt(begun_at()))
        .select(tokens::login_id)
        .first(tx)
        .await
        .optional()?;
    live.ok_or(StoreError::NotFound("session"))?;
    refresh_tokens::end_login(tx, login).await
}
