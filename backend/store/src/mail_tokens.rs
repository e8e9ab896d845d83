//! Tokens of links in mails: one use each. Looked up by hash, without a scope.

use diesel::dsl::IntervalDsl;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use flotilla_domain::id::UserId;
use flotilla_domain::mail::MailKind;
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{StoreResult, known};
use crate::schema::mail_tokens;
use crate::transaction_time::begun_at;

/// SHA-256 of a token.
pub type TokenHash = [u8; 32];

/// What a used token proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Of which mail it was.
    pub kind: MailKind,
    /// The address that its reader can read.
    pub address: String,
}

/// Notes the token of a mail that is about to leave.
///
/// * Mails without a link have none, and nothing is noted.
/// * A mail that is tried again has a new one; the earlier ones count too, since they may have arrived.
pub async fn insert(
    tx: &mut Tx,
    user: UserId,
    kind: MailKind,
    address: &str,
    token: &TokenHash,
) -> StoreResult<()> {
    let Some(lives_s) = kind.link_lives_s() else { return Ok(()) };
    diesel::insert_into(mail_tokens::table)
        .values((
            mail_tokens::token_hash.eq(token.as_slice()),
            mail_tokens::user_id.eq(user.uuid()),
            mail_tokens::kind.eq(kind.as_str()),
            mail_tokens::address.eq(address),
            mail_tokens::expires_at.eq(begun_at() + lives_s.seconds()),
        ))
        .execute(tx)
        .await?;
    Ok(())
}

/// Whose token this is, if it is one of these kinds and not too old. Needs no scope.
pub async fn find_user(tx: &mut Tx, kinds: &[MailKind], token: &TokenHash) -> StoreResult<Option<UserId>> {
    let user: Option<Uuid> = mail_tokens::table
        .find(token.as_slice())
        .filter(mail_tokens::kind.eq_any(kinds.iter().map(|kind| kind.as_str())))
        .filter(mail_tokens::expires_at.gt(begun_at()))
        .select(mail_tokens::user_id)
        .first(tx)
        .await
        .optional()?;
    Ok(user.map(Into::into))
}

/// Uses a token up. Of two at once one gets it.
pub async fn take(
    tx: &mut Tx,
    user: UserId,
    kinds: &[MailKind],
    token: &TokenHash,
) -> StoreResult<Option<Proof>> {
    let row: Option<(String, String)> = diesel::delete(mail_tokens::table)
        .filter(mail_tokens::token_hash.eq(token.as_slice()))
        .filter(mail_tokens::user_id.eq(user.uuid()))
        .filter(mail_tokens::kind.eq_any(kinds.iter().map(|kind| kind.as_str())))
        .filter(mail_tokens::expires_at.gt(begun_at()))
        .returning((mail_tokens::kind, mail_tokens::address))
        .get_result(tx)
        .await
        .optional()?;
    row.map(|(kind, address)| Ok(Proof { kind: known("mail_tokens.kind", &kind)?, address })).transpose()
}

/// Until this transaction ends nobody else makes or ends links of this user's mails: a link that is being made
/// is ended too, and none is made for a wish that is being overtaken.
pub async fn lock(tx: &mut Tx, user: UserId) -> StoreResult<()> {
    diesel::sql_query("select pg_advisory_xact_lock(hashtextextended($1, 8602))")
        .bind::<Text, _>(user.to_string())
        .execute(tx)
        .await?;
    Ok(())
}

/// Ends all links of one user's mails.
pub async fn end_all(tx: &mut Tx, user: UserId) -> StoreResult<()> {
    lock(tx, user).await?;
    diesel::delete(mail_tokens::table).filter(mail_tokens::user_id.eq(user.uuid())).execute(tx).await?;
    Ok(())
}

/// Ends the links of one kind in a user's mails.
pub async fn end(tx: &mut Tx, user: UserId, kind: MailKind) -> StoreResult<()> {
    lock(tx, user).await?;
    diesel::delete(mail_tokens::table)
        .filter(mail_tokens::user_id.eq(user.uuid()))
        .filter(mail_tokens::kind.eq(kind.as_str()))
        .execute(tx)
        .await?;
    Ok(())
}

/// Removes what is too old to prove anything.
pub async fn remove_expired(tx: &mut Tx) -> StoreResult<usize> {
    Ok(diesel::delete(mail_tokens::table).filter(mail_tokens::expires_at.lt(begun_at())).execute(tx).await?)
}
