//! Links that show chosen figures to strangers. Looked up by hash, without a scope.

use chrono::{DateTime, Utc};
use diesel::dsl::IntervalDsl;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId, ShareId, UserId};
use flotilla_domain::share::ShareSection;
use uuid::Uuid;

use crate::db::{Scope, Tx};
use crate::error::{StoreError, StoreResult, known};
use crate::schema::{share_hashes, shares, users};
use crate::transaction_time::begun_at;

/// SHA-256 of a token.
pub type ShareHash = [u8; 32];

/// What a link shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The owner's word for it.
    pub name: String,
    /// Of these accounts; of all that are not archived where absent.
    pub accounts: Option<Vec<AccountId>>,
    /// Trades closed at or after.
    pub from: Option<DateTime<Utc>>,
    /// Trades closed before.
    pub to: Option<DateTime<Utc>>,
    /// At least one, each once.
    pub sections: Vec<ShareSection>,
    /// Money, not only fractions.
    pub shows_money: bool,
    /// Names of the link and of its accounts.
    pub shows_names: bool,
    /// All money is told in it.
    pub currency: Option<String>,
    /// What happened since so long is not shown.
    pub delay_minutes: i32,
}

/// A link, without its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// Identifier.
    pub id: ShareId,
    /// What it shows.
    pub shown: Shown,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Visitors, each once an hour.
    pub views: i64,
    /// When the last of them came.
    pub last_viewed_at: Option<DateTime<Utc>>,
}

/// A link to be made.
#[derive(Debug, Clone)]
pub struct NewShare {
    /// Identifier.
    pub id: ShareId,
    /// What it shows.
    pub shown: Shown,
    /// Life in days.
    pub days: i32,
    /// For look-up.
    pub hash: ShareHash,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = shares)]
struct ShareRow {
    id: Uuid,
    name: String,
    account_ids: Option<Vec<Uuid>>,
    from_at: Option<DateTime<Utc>>,
    to_at: Option<DateTime<Utc>>,
    sections: Vec<String>,
    shows_money: bool,
    shows_names: bool,
    currency: Option<String>,
    delay_minutes: i32,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
    views: i64,
    last_viewed_at: Option<DateTime<Utc>>,
}

impl TryFrom<ShareRow> for Share {
    type Error = StoreError;

    fn try_from(row: ShareRow) -> StoreResult<Self> {
        let sections = row.sections.iter().map(|word| known("shares.sections", word));
        Ok(Self {
            id: row.id.into(),
            shown: Shown {
                name: row.name,
                accounts: row.account_ids.map(|ids| ids.into_iter().map(Into::into).collect()),
                from: row.from_at,
                to: row.to_at,
                sections: sections.collect::<StoreResult<_>>()?,
                shows_money: row.shows_money,
                shows_names: row.shows_names,
                currency: row.currency,
                delay_minutes: row.delay_minutes,
            },
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            views: row.views,
            last_viewed_at: row.last_viewed_at,
        })
    }
}

/// Makes a link.
pub async fn insert(tx: &mut Tx, owner: OwnerId, new: NewShare) -> StoreResult<Share> {
    let NewShare { id, shown, days, hash } = new;
    let words: Vec<&str> = shown.sections.iter().map(|section| section.as_str()).collect();
    let accounts: Option<Vec<Uuid>> =
        shown.accounts.map(|accounts| accounts.into_iter().map(AccountId::uuid).collect());
    let row: ShareRow = diesel::insert_into(shares::table)
        .values((
            shares::id.eq(id.uuid()),
            shares::owner_id.eq(owner.uuid()),
            shares::name.eq(shown.name),
            shares::account_ids.eq(accounts),
            shares::from_at.eq(shown.from),
            shares::to_at.eq(shown.to),
            shares::sections.eq(words),
            shares::shows_money.eq(shown.shows_money),
            shares::shows_names.eq(shown.shows_names),
            shares::currency.eq(shown.currency),
            shares::delay_minutes.eq(shown.delay_minutes),
            shares::expires_at.eq(begun_at() + days.days()),
        ))
        .returning(ShareRow::as_returning())
        .get_result(tx)
        .await?;
    diesel::insert_into(share_hashes::table)
        .values((
            share_hashes::token_hash.eq(hash.as_slice()),
            share_hashes::share_id.eq(id.uuid()),
            share_hashes::user_id.eq(owner.uuid()),
        ))
        .execute(tx)
        .await?;
    row.try_into()
}

/// All links of an owner, newest first, revoked ones too.
pub async fn list(tx: &mut Tx, owner: OwnerId) -> StoreResult<Vec<Share>> {
    let rows: Vec<ShareRow> = shares::table
        .filter(shares::owner_id.eq(owner.uuid()))
        .order(shares::id.desc())
        .select(ShareRow::as_select())
        .load(tx)
        .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many links of an owner live.
pub async fn count_live(tx: &mut Tx, owner: OwnerId) -> StoreResult<i64> {
    Ok(shares::table
        .filter(shares::owner_id.eq(owner.uuid()))
        .filter(shares::revoked_at.is_null())
        .filter(shares::expires_at.gt(begun_at()))
        .count()
        .get_result(tx)
        .await?)
}

/// Ends a link for good; again without effect.
pub async fn revoke(tx: &mut Tx, owner: OwnerId, id: ShareId) -> StoreResult<Share> {
    diesel::delete(share_hashes::table)
        .filter(share_hashes::share_id.eq(id.uuid()))
        .filter(share_hashes::user_id.eq(owner.uuid()))
        .execute(tx)
        .await?;
    diesel::update(shares::table)
        .filter(shares::owner_id.eq(owner.uuid()))
        .filter(shares::id.eq(id.uuid()))
        .filter(shares::revoked_at.is_null())
        .set(shares::revoked_at.eq(begun_at().nullable()))
        .execute(tx)
        .await?;
    let row: ShareRow = shares::table
        .filter(shares::owner_id.eq(owner.uuid()))
        .filter(shares::id.eq(id.uuid()))
        .select(ShareRow::as_select())
        .first(tx)
        .await
        .optional()?
        .ok_or(StoreError::NotFound("share"))?;
    row.try_into()
}

/// Ends all links of an owner for good; how many that were.
pub async fn revoke_all(tx: &mut Tx, owner: OwnerId) -> StoreResult<usize> {
    diesel::delete(share_hashes::table).filter(share_hashes::user_id.eq(owner.uuid())).execute(tx).await?;
    Ok(diesel::update(shares::table)
        .filter(shares::owner_id.eq(owner.uuid()))
        .filter(shares::revoked_at.is_null())
        .set(shares::revoked_at.eq(begun_at().nullable()))
        .execute(tx)
        .await?)
}

/// In whose scope a link reads: its owner's rows, acting as the link itself.
/// Needs no scope.
pub async fn find_scope(tx: &mut Tx, hash: &ShareHash) -> StoreResult<Option<Scope>> {
    let found: Option<(Uuid, Uuid)> = share_hashes::table
        .find(hash.as_slice())
        .select((share_hashes::user_id, share_hashes::share_id))
        .first(tx)
        .await
        .optional()?;
    Ok(found.map(|(user, share)| Scope { owner: user.into(), actor: share.into() }))
}

/// The link that acts; `None` once it expired or was revoked, or its owner may
/// not act. Ask as the role `flotilla_readonly`.
pub async fn find_live(tx: &mut Tx, scope: Scope) -> StoreResult<Option<Share>> {
    let row: Option<ShareRow> = shares::table
        .inner_join(users::table.on(users::id.eq(shares::owner_id)))
        .filter(shares::owner_id.eq(scope.owner.uuid()))
        .filter(shares::id.eq(scope.actor.uuid()))
        .filter(shares::revoked_at.is_null())
        .filter(shares::expires_at.gt(begun_at()))
        .filter(users::is_active)
        .select(ShareRow::as_select())
        .first(tx)
        .await
        .optional()?;
    row.map(TryInto::try_into).transpose()
}

/// Counts a visitor, in the owner's own scope.
pub async fn count_view(tx: &mut Tx, owner: OwnerId, link: UserId) -> StoreResult<()> {
    diesel::update(shares::table)
        .filter(shares::owner_id.eq(owner.uuid()))
        .filter(shares::id.eq(link.uuid()))
        .set((shares::views.eq(shares::views + 1), shares::last_viewed_at.eq(begun_at().nullable())))
        .execute(tx)
        .await?;
    Ok(())
}
