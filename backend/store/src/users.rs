//! Login identities.

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{LoginId, UserId};
use flotilla_domain::user::{Language, Role, User, login_name};
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{StoreError, StoreResult, known};
use crate::schema::{login_names, refresh_tokens, users};
use crate::transaction_time::begun_at;

/// A user about to be created.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Made by the caller: the transaction must run in this user's own scope.
    pub id: UserId,
    /// Address as typed, trimmed.
    pub email: String,
    /// Shown name.
    pub name: String,
    /// Argon2id in PHC form.
    pub password_hash: String,
    /// Language of the screens and mails.
    pub language: Language,
}

/// What a user may change about himself; `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct ProfileChange {
    /// Shown name.
    pub name: Option<String>,
    /// Language of the screens.
    pub language: Option<Language>,
    /// IANA name of the zone in which times are shown.
    pub time_zone: Option<String>,
}

/// Whether a signed-in user still is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Platform role, as it is now.
    pub role: Role,
    is_active: bool,
    security_version: i32,
    is_login_live: bool,
}

impl Standing {
    /// Whether an access token issued at `version` still counts.
    #[must_use]
    pub const fn is_good_for(&self, version: i32) -> bool {
        self.is_active && self.is_login_live && self.security_version == version
    }

    /// The version that counts now; `None` when the user may not act.
    #[must_use]
    pub const fn live_version(&self) -> Option<i32> {
        if self.is_active && self.is_login_live { Some(self.security_version) } else { None }
    }
}

/// All but the password hash: the reading role may not select it.
#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
struct UserRow {
    id: Uuid,
    email: String,
    name: String,
    role: String,
    is_active: bool,
    email_verified: bool,
    language: String,
    time_zone: String,
    security_version: i32,
    created_at: DateTime<Utc>,
    last_login_at: Option<DateTime<Utc>>,
}

impl TryFrom<UserRow> for User {
    type Error = StoreError;

    fn try_from(row: UserRow) -> StoreResult<Self> {
        Ok(Self {
            id: row.id.into(),
            email: row.email,
            name: row.name,
            role: known("users.role", &row.role)?,
            is_active: row.is_active,
            email_verified: row.email_verified,
            language: known("users.language", &row.language)?,
            time_zone: row.time_zone,
            security_version: row.security_version,
            created_at: row.created_at,
            last_login_at: row.last_login_at,
        })
    }
}

/// Creates a user and his login name, in his own scope.
///
/// # Errors
///
/// Constraint `login_names_pkey` when the address is taken.
pub async fn insert(tx: &mut Tx, user: NewUser) -> StoreResult<User> {
    let id = user.id.uuid();
    let row: UserRow = diesel::insert_into(users::table)
        .values((
            users::id.eq(id),
            users::email.eq(&user.email),
            users::name.eq(&user.name),
            users::password_hash.eq(&user.password_hash),
            users::language.eq(user.language.as_str()),
            users::last_login_at.eq(begun_at().nullable()),
        ))
        .returning(UserRow::as_returning())
        .get_result(tx)
        .await?;
    diesel::insert_into(login_names::table)
        .values((login_names::login_name.eq(login_name(&user.email)), login_names::user_id.eq(id)))
        .execute(tx)
        .await?;
    row.try_into()
}

/// The user with this login name (trimmed, lower case). Needs no scope.
pub async fn find_by_login_name(tx: &mut Tx, name: &str) -> StoreResult<Option<UserId>> {
    let id: Option<Uuid> =
        login_names::table.find(name).select(login_names::user_id).first(tx).await.optional()?;
    Ok(id.map(Into::into))
}

/// The user himself.
pub async fn get(tx: &mut Tx, user: UserId) -> StoreResult<User> {
    let row = users::table.find(user.uuid()).select(UserRow::as_select()).first(tx).await.optional()?;
    row.ok_or(StoreError::NotFound("user"))?.try_into()
}

/// As [`get`], and until this transaction ends nobody else changes the user's password or address, or
/// begins, continues or ends a login of his.
///
/// Whoever does any of these takes this first, so that each sees what the one before did, and two wait for
/// one another in one order. Rows that name the user are still added meanwhile.
pub async fn lock(tx: &mut Tx, user: UserId) -> StoreResult<User> {
    let row: Option<UserRow> = users::table
        .find(user.uuid())
        .select(UserRow::as_select())
        .for_no_key_update()
        .first(tx)
        .await
        .optional()?;
    row.ok_or(StoreError::NotFound("user"))?.try_into()
}

/// The user's stored password hash.
pub async fn password_hash(tx: &mut Tx, user: UserId) -> StoreResult<String> {
    let hash = users::table.find(user.uuid()).select(users::password_hash).first(tx).await.optional()?;
    hash.ok_or(StoreError::NotFound("user"))
}

/// Notes that a password was accepted. `None` when it is another one than at `version`, or its user may not
/// sign in any more.
///
/// As [`lock`] until this transaction ends.
pub async fn touch_login(tx: &mut Tx, user: UserId, version: i32) -> StoreResult<Option<User>> {
    let still_good = users::is_active.and(users::security_version.eq(version));
    let row = diesel::update(users::table.find(user.uuid()).filter(still_good))
        .set(users::last_login_at.eq(begun_at().nullable()))
        .returning(UserRow::as_returning())
        .get_result::<UserRow>(tx)
        .await
        .optional()?;
    row.map(TryInto::try_into).transpose()
}

/// Changes what `change` names.
pub async fn change_profile(tx: &mut Tx, user: UserId, change: ProfileChange) -> StoreResult<User> {
    let current = get(tx, user).await?;
    let row: UserRow = diesel::update(users::table.find(user.uuid()))
        .set((
            users::name.eq(change.name.unwrap_or(current.name)),
            users::language.eq(change.language.unwrap_or(current.language).as_str()),
            users::time_zone.eq(change.time_zone.unwrap_or(current.time_zone)),
        ))
        .returning(UserRow::as_returning())
        .get_result(tx)
        .await?;
    row.try_into()
}

/// Replaces the password. Access tokens issued before stop working.
pub async fn set_password(tx: &mut Tx, user: UserId, hash: &str) -> StoreResult<User> {
    let row: UserRow = diesel::update(users::table.find(user.uuid()))
        .set((users::password_hash.eq(hash), users::security_version.eq(users::security_version + 1)))
        .returning(UserRow::as_returning())
        .get_result(tx)
        .await?;
    row.try_into()
}

/// Notes that a user reads mail at `address`, if that is still his.
pub async fn verify_email(tx: &mut Tx, user: UserId, address: &str) -> StoreResult<User> {
    let current = get(tx, user).await?;
    if login_name(&current.email) != login_name(address) {
        return Ok(current);
    }
    let row: UserRow = diesel::update(users::table.find(user.uuid()))
        .set(users::email_verified.eq(true))
        .returning(UserRow::as_returning())
        .get_result(tx)
        .await?;
    row.try_into()
}

/// Signs a user in with another address from now on, at which he reads mail.
///
/// # Errors
///
/// Constraint `login_names_pkey` when the address is taken.
pub async fn change_email(tx: &mut Tx, user: UserId, email: &str) -> StoreResult<User> {
    diesel::update(login_names::table.filter(login_names::user_id.eq(user.uuid())))
        .set(login_names::login_name.eq(login_name(email)))
        .execute(tx)
        .await?;
    let row: UserRow = diesel::update(users::table.find(user.uuid()))
        .set((users::email.eq(email), users::email_verified.eq(true)))
        .returning(UserRow::as_returning())
        .get_result(tx)
        .await?;
    row.try_into()
}

/// What a signed-in device still stands for; `None` when the user is gone.
pub async fn standing(tx: &mut Tx, user: UserId, login: LoginId) -> StoreResult<Option<Standing>> {
    let live = refresh_tokens::table
        .filter(refresh_tokens::login_id.eq(login.uuid()))
        .filter(refresh_tokens::user_id.eq(user.uuid()))
        .filter(refresh_tokens::revoked_at.is_null())
        .filter(refresh_tokens::login_ends_at.gt(begun_at()));
    let row: Option<(String, bool, i32, bool)> = users::table
        .find(user.uuid())
        .select((users::role, users::is_active, users::security_version, exists(live)))
        .first(tx)
        .await
        .optional()?;
    row.map(|(role, is_active, security_version, is_login_live)| {
        let role = known("users.role", &role)?;
        Ok(Standing { role, is_active, security_version, is_login_live })
    })
    .transpose()
}
