//! Mails to be sent. The API adds, the worker sends; see the migration for why
//! no row holds a token.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::dsl::{IntervalDsl, exists};
use diesel::prelude::*;
use diesel::sql_types::{Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{MailId, UserId};
use flotilla_domain::mail::MailKind;
use flotilla_domain::user::{Language, login_name};
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{StoreError, StoreResult, known};
use crate::schema::{login_names, outbox, users};
use crate::transaction_time::begun_at;

/// Mails of one kind that one mailbox gets within an hour, whoever asks for them.
const AN_HOUR: i64 = 5;
/// Mails in a day that ask whether a user may sign in with another address: they go to whomever he names.
const WISHES_A_DAY: i64 = 10;
/// How long it is known what was sent.
const KEPT_DAYS: i32 = 30;

/// A mail whose turn it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueMail {
    /// Identifier.
    pub id: MailId,
    /// Whose it is; `None`: of whoever has the address.
    pub user: Option<UserId>,
    /// What it is about.
    pub kind: MailKind,
    /// Where it goes.
    pub address: String,
    /// How often it was tried, this time included.
    pub attempts: i32,
    /// After this time it is of no use.
    pub ends_at: DateTime<Utc>,
}

/// To whom a mail is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// The user.
    pub user: UserId,
    /// Shown name.
    pub name: String,
    /// The user's address for signing in, as it is now.
    pub email: String,
    /// Whether that address was proven.
    pub is_verified: bool,
    /// Language of the mail.
    pub language: Language,
}

#[derive(QueryableByName)]
struct DueRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = diesel::sql_types::Nullable<SqlUuid>)]
    user_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    address: String,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    #[diesel(sql_type = Timestamptz)]
    ends_at: DateTime<Utc>,
}

impl TryFrom<DueRow> for DueMail {
    type Error = StoreError;

    fn try_from(row: DueRow) -> StoreResult<Self> {
        Ok(Self {
            id: row.id.into(),
            user: row.user_id.map(Into::into),
            kind: known("outbox.kind", &row.kind)?,
            address: row.address,
            attempts: row.attempts,
            ends_at: row.ends_at,
        })
    }
}

/// Adds a mail to a user, in his own scope.
pub async fn add(tx: &mut Tx, user: UserId, kind: MailKind, address: &str) -> StoreResult<()> {
    insert(tx, Some(user), kind, address).await
}

/// Adds the mail for whoever forgot the password of a login name, known or not. Needs no scope.
pub async fn add_reset(tx: &mut Tx, name: &str) -> StoreResult<()> {
    insert(tx, None, MailKind::ResetPassword, name).await
}

async fn insert(tx: &mut Tx, user: Option<UserId>, kind: MailKind, address: &str) -> StoreResult<()> {
    diesel::insert_into(outbox::table)
        .values((
            outbox::user_id.eq(user.map(UserId::uuid)),
            outbox::kind.eq(kind.as_str()),
            outbox::address.eq(address),
            outbox::ends_at.eq(begun_at() + kind.tried_for_s().seconds()),
        ))
        .execute(tx)
        .await?;
    Ok(())
}

/// Takes the mail that is due longest. Its next attempt is `again_in_s` times
/// four to the number of attempts away, an hour at most, and that is committed
/// before anything leaves: a worker that dies while sending sends again then.
pub async fn claim(tx: &mut Tx, again_in_s: i32) -> StoreResult<Option<DueMail>> {
    let row: Option<DueRow> = diesel::sql_query(
        "update outbox
         set attempts = attempts + 1,
             due_at = now() + least($1 * power(4, least(attempts, 10)), 3600) * interval '1 second'
         where id = (
            select id from outbox
            where sent_at is null and failed_at is null and due_at <= now()
            order by due_at
            limit 1
            for update skip locked)
         returning id, user_id, kind, address, attempts, ends_at",
    )
    .bind::<Integer, _>(again_in_s)
    .get_result(tx)
    .await
    .optional()?;
    row.map(TryInto::try_into).transpose()
}

/// Whether it is too late for a mail.
pub async fn is_late(tx: &mut Tx, mail: &DueMail) -> StoreResult<bool> {
    Ok(diesel::select(begun_at().ge(mail.ends_at)).get_result(tx).await?)
}

/// Whether the mailbox got as many mails of this kind as are good for it, or its user sent as many as he may.
pub async fn is_flooded(tx: &mut Tx, mail: &DueMail) -> StoreResult<bool> {
    let sent: i64 = outbox::table
        .filter(outbox::address.eq(&mail.address))
        .filter(outbox::kind.eq(mail.kind.as_str()))
        .filter(outbox::sent_at.gt((begun_at() - 1.hour()).nullable()))
        .count()
        .get_result(tx)
        .await?;
    if sent >= AN_HOUR {
        return Ok(true);
    }
    let (Some(user), MailKind::ConfirmEmail) = (mail.user, mail.kind) else { return Ok(false) };
    let wishes: i64 = outbox::table
        .filter(outbox::user_id.eq(user.uuid()))
        .filter(outbox::kind.eq(mail.kind.as_str()))
        .filter(outbox::sent_at.gt((begun_at() - 1.day()).nullable()))
        .count()
        .get_result(tx)
        .await?;
    Ok(wishes >= WISHES_A_DAY)
}

/// Whether what happened since has ended the link that a mail would bring: a new password or address, or a
/// later wish for another address.
///
/// Of the rows that are kept: one that overtakes others must not be dropped.
pub async fn is_overtaken(tx: &mut Tx, mail: &DueMail) -> StoreResult<bool> {
    let (Some(user), MailKind::ConfirmEmail | MailKind::ResetPassword) = (mail.user, mail.kind) else {
        return Ok(false);
    };
    let enders = [MailKind::ConfirmEmail, MailKind::EmailChanged, MailKind::PasswordChanged];
    // Identifiers are in the order of insertion; times are those at which transactions began.
    let later = outbox::table
        .filter(outbox::user_id.eq(user.uuid()))
        .filter(outbox::id.gt(mail.id.uuid()))
        .filter(outbox::kind.eq_any(enders.map(MailKind::as_str)));
    Ok(diesel::select(exists(later)).get_result(tx).await?)
}

/// To whom a mail goes: its user, or the one with its address. `None` when that
/// is nobody, or somebody who may not sign in.
pub async fn find_reader(tx: &mut Tx, mail: &DueMail) -> StoreResult<Option<Reader>> {
    let user = match mail.user {
        Some(user) => Some(user.uuid()),
        None => login_names::table
            .find(login_name(&mail.address))
            .select(login_names::user_id)
            .first(tx)
            .await
            .optional()?,
    };
    let Some(user) = user else { return Ok(None) };
    let row: Option<(String, String, bool, String)> = users::table
        .find(user)
        .filter(users::is_active)
        .select((users::name, users::email, users::email_verified, users::language))
        .first(tx)
        .await
        .optional()?;
    row.map(|(name, email, is_verified, language)| {
        let language = known("users.language", &language)?;
        Ok(Reader { user: user.into(), name, email, is_verified, language })
    })
    .transpose()
}

/// Notes that a mail was handed over.
pub async fn mark_sent(tx: &mut Tx, id: MailId) -> StoreResult<()> {
    diesel::update(outbox::table.find(id.uuid()))
        .set((outbox::sent_at.eq(begun_at().nullable()), outbox::failure.eq(None::<String>)))
        .execute(tx)
        .await?;
    Ok(())
}

/// Notes why a mail was not handed over; it is tried again unless `is_final`.
pub async fn mark_failed(tx: &mut Tx, id: MailId, failure: &str, is_final: bool) -> StoreResult<()> {
    diesel::update(outbox::table.find(id.uuid())).set(outbox::failure.eq(failure)).execute(tx).await?;
    if is_final {
        diesel::update(outbox::table.find(id.uuid()))
            .set(outbox::failed_at.eq(begun_at().nullable()))
            .execute(tx)
            .await?;
    }
    Ok(())
}

/// Forgets a mail that nobody gets, its address too.
pub async fn drop_mail(tx: &mut Tx, id: MailId) -> StoreResult<()> {
    diesel::delete(outbox::table.find(id.uuid())).execute(tx).await?;
    Ok(())
}

/// Forgets what was sent, or given up, long ago.
pub async fn forget_old(tx: &mut Tx) -> StoreResult<usize> {
    Ok(diesel::delete(outbox::table)
        .filter(outbox::ends_at.lt(begun_at() - KEPT_DAYS.days()))
        .execute(tx)
        .await?)
}
