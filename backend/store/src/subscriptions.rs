//! Which follower account follows which master, as its owner sees and edits it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use flotilla_domain::copy::mode::CopyMode;
use flotilla_domain::copy::settings::{CopySettings, SubscriptionSource, SubscriptionState};
use flotilla_domain::id::{AccountId, OwnerId, SubscriptionId};
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{StoreError, StoreResult, known};
use crate::masters::NamedMaster;
use crate::schema::subscriptions;
use crate::subscription_settings::SettingsRow;
use crate::transaction_time::begun_at;

/// A follower account's subscription to a master.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Identifier.
    pub id: SubscriptionId,
    /// The account that copies.
    pub follower_id: AccountId,
    /// The account that leads.
    pub master_id: AccountId,
    /// Its name.
    pub master_name: String,
    /// Who made it.
    pub source: SubscriptionSource,
    /// Where it stands.
    pub state: SubscriptionState,
    /// How it copies.
    pub settings: CopySettings,
    /// Creation time.
    pub created_at: DateTime<Utc>,
    /// Time of the last edit.
    pub updated_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = subscriptions)]
struct SubscriptionRow {
    id: Uuid,
    follower_account_id: Uuid,
    master_account_id: Uuid,
    master_name: String,
    source: String,
    state: String,
    #[diesel(embed)]
    settings: SettingsRow,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
}

impl TryFrom<SubscriptionRow> for Subscription {
    type Error = StoreError;

    fn try_from(row: SubscriptionRow) -> StoreResult<Self> {
        Ok(Self {
            id: row.id.into(),
            follower_id: row.follower_account_id.into(),
            master_id: row.master_account_id.into(),
            master_name: row.master_name,
            source: known("subscriptions.source", &row.source)?,
            state: known("subscriptions.state", &row.state)?,
            settings: row.settings.settings()?,
            created_at: row.created_at,
            updated_at: row.updated_at,
            ended_at: row.ended_at,
        })
    }
}

/// Subscriptions of a follower account that have not ended, oldest first.
pub async fn list(
    tx: &mut Tx,
    owner: OwnerId,
    follower: AccountId,
    after: Option<SubscriptionId>,
    limit: i64,
) -> StoreResult<Vec<Subscription>> {
    let rows: Vec<SubscriptionRow> = subscriptions::table
        .filter(subscriptions::owner_id.eq(owner.uuid()))
        .filter(subscriptions::follower_account_id.eq(follower.uuid()))
        .filter(subscriptions::state.ne(SubscriptionState::Ended.as_str()))
        .filter(subscriptions::id.gt(after.map_or(Uuid::nil(), Uuid::from)))
        .order(subscriptions::id)
        .limit(limit)
        .select(SubscriptionRow::as_select())
        .load(tx)
        .await?;
    rows.into_iter().map(Subscription::try_from).collect()
}

/// One subscription of a follower account, ended or not.
pub async fn get(
    tx: &mut Tx,
    owner: OwnerId,
    follower: AccountId,
    id: SubscriptionId,
) -> StoreResult<Subscription> {
    let row = subscriptions::table
        .find(id.uuid())
        .filter(subscriptions::owner_id.eq(owner.uuid()))
        .filter(subscriptions::follower_account_id.eq(follower.uuid()))
        .select(SubscriptionRow::as_select())
        .first(tx)
        .await
        .optional()?;
    row.ok_or(StoreError::NotFound("subscription"))?.try_into()
}

/// As [`get`], locked until the transaction ends.
pub async fn lock(
    tx: &mut Tx,
    owner: OwnerId,
    follower: AccountId,
    id: SubscriptionId,
) -> StoreResult<Subscription> {
    let row = subscriptions::table
        .find(id.uuid())
        .filter(subscriptions::owner_id.eq(owner.uuid()))
        .filter(subscriptions::follower_account_id.eq(follower.uuid()))
        .select(SubscriptionRow::as_select())
        .for_update()
        .first(tx)
        .await
        .optional()?;
    row.ok_or(StoreError::NotFound("subscription"))?.try_into()
}

/// Whether the master's owner removed a follower of this owner before. He decided
/// about the person: another account of his is no way around it.
async fn was_removed(tx: &mut Tx, owner: OwnerId, master: AccountId) -> StoreResult<bool> {
    let removed = subscriptions::table
        .filter(subscriptions::owner_id.eq(owner.uuid()))
        .filter(subscriptions::master_account_id.eq(master.uuid()))
        .filter(subscriptions::ended_by.eq("master"));
    Ok(diesel::select(diesel::dsl::exists(removed)).get_result(tx).await?)
}

/// Whether a follow waits for the approval of the master's owner: whoever must be
/// approved, would be the partner of another owner's master, or was removed by
/// its owner before, with whatever account.
pub async fn waits(tx: &mut Tx, owner: OwnerId, master: &NamedMaster) -> StoreResult<bool> {
    Ok(master.owner_id != owner
        && (master.needs_approval
            || master.copy_mode == CopyMode::OneToOne
            || was_removed(tx, owner, master.account_id).await?))
}

/// Follows a master from the web, or asks to, as [`waits`] says.
///
/// # Errors
///
/// Constraint `subscriptions_once` when the account follows it already.
pub async fn insert(
    tx: &mut Tx,
    owner: OwnerId,
    follower: AccountId,
    master: &NamedMaster,
    settings: &CopySettings,
) -> StoreResult<Subscription> {
    let waits = waits(tx, owner, master).await?;
    let state = if waits { SubscriptionState::Pending } else { SubscriptionState::Active };
    let row: SubscriptionRow = diesel::insert_into(subscriptions::table)
        .values((
            subscriptions::owner_id.eq(owner.uuid()),
            subscriptions::follower_account_id.eq(follower.uuid()),
            subscriptions::master_account_id.eq(master.account_id.uuid()),
            subscriptions::master_name.eq(&master.name),
            subscriptions::source.eq(SubscriptionSource::Web.as_str()),
            subscriptions::state.eq(state.as_str()),
            SettingsRow::of(settings),
        ))
        .returning(SubscriptionRow::as_returning())
        .get_result(tx)
        .await?;
    row.try_into()
}

/// Writes state and settings of a subscription that has not ended.
pub async fn save(tx: &mut Tx, owner: OwnerId, subscription: &Subscription) -> StoreResult<Subscription> {
    let row: SubscriptionRow = diesel::update(subscriptions::table.find(subscription.id.uuid()))
        .filter(subscriptions::owner_id.eq(owner.uuid()))
        .set((
            subscriptions::state.eq(subscription.state.as_str()),
            SettingsRow::of(&subscription.settings),
            subscriptions::updated_at.eq(begun_at()),
        ))
        .returning(SubscriptionRow::as_returning())
        .get_result(tx)
        .await?;
    row.try_into()
}

/// Ends a subscription from the web. It stands until the EA names another token.
pub async fn end(tx: &mut Tx, owner: OwnerId, id: SubscriptionId) -> StoreResult<()> {
    diesel::update(subscriptions::table.find(id.uuid()))
        .filter(subscriptions::owner_id.eq(owner.uuid()))
        .set((
            subscriptions::state.eq(SubscriptionState::Ended.as_str()),
            subscriptions::ended_by.eq("web"),
            subscriptions::ended_at.eq(begun_at().nullable()),
            subscriptions::updated_at.eq(begun_at()),
        ))
        .execute(tx)
        .await?;
    Ok(())
}

/// Ends every subscription of a follower account.
pub async fn end_all(tx: &mut Tx, owner: OwnerId, follower: AccountId) -> StoreResult<()> {
    let open = list(tx, owner, follower, None, i64::MAX).await?;
    for subscription in open {
        end(tx, owner, subscription.id).await?;
    }
    Ok(())
}
