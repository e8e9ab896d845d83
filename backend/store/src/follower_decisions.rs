//! What masters' owners decide about those who follow.

use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::copy::settings::SubscriptionState;
use flotilla_domain::id::{AccountId, OwnerId, SubscriptionId};
use uuid::Uuid;

use crate::Tx;
use crate::error::{StoreResult, known};

/// A decision about one follower.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It may copy from now on.
    Approve,
    /// It follows no more. Its open copies are closed when the master closes.
    Remove,
}

/// A subscription that a decision changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    /// Owner of the follower.
    pub follower_owner: OwnerId,
    /// The follower.
    pub follower_id: AccountId,
    /// Owner of the master.
    pub master_owner: OwnerId,
    /// The master.
    pub master_id: AccountId,
}

#[derive(QueryableByName)]
struct StateRow {
    #[diesel(sql_type = Text)]
    state: String,
}

#[derive(QueryableByName)]
struct DecidedRow {
    #[diesel(sql_type = SqlUuid)]
    follower_owner: Uuid,
    #[diesel(sql_type = SqlUuid)]
    follower_account_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    master_owner: Uuid,
    #[diesel(sql_type = SqlUuid)]
    master_account_id: Uuid,
}

/// State of a follower of the owner's master; `None`: there is no such follower.
pub async fn find_state(
    tx: &mut Tx,
    owner: OwnerId,
    master: AccountId,
    id: SubscriptionId,
) -> StoreResult<Option<SubscriptionState>> {
    let rows: Vec<StateRow> = sql_query(
        "select state from master_followers
         where subscription_id = $1 and master_account_id = $2 and owner_id = $3",
    )
    .bind::<SqlUuid, _>(id.uuid())
    .bind::<SqlUuid, _>(master.uuid())
    .bind::<SqlUuid, _>(owner.uuid())
    .get_results(tx)
    .await?;
    rows.into_iter().next().map(|row| known("master_followers.state", &row.state)).transpose()
}

/// Notes a decision for the worker; hint at the master after the commit.
pub async fn save(tx: &mut Tx, owner: OwnerId, id: SubscriptionId, decision: Decision) -> StoreResult<()> {
    let word = match decision {
        Decision::Approve => "approve",
        Decision::Remove => "remove",
    };
    sql_query("update master_followers set decision = $3 where subscription_id = $1 and owner_id = $2")
        .bind::<SqlUuid, _>(id.uuid())
        .bind::<SqlUuid, _>(owner.uuid())
        .bind::<Text, _>(word)
        .execute(tx)
        .await?;
    Ok(())
}

/// Carries decisions over to the subscriptions, from the worker's side.
/// Idempotent. A master decides about its own followers only.
pub async fn carry_over(tx: &mut Tx) -> StoreResult<Vec<Decided>> {
    let rows: Vec<DecidedRow> = sql_query(CARRY_OVER).get_results(tx).await?;
    Ok(rows
        .into_iter()
        .map(|row| Decided {
            follower_owner: row.follower_owner.into(),
            follower_id: row.follower_account_id.into(),
            master_owner: row.master_owner.into(),
            master_id: row.master_account_id.into(),
        })
        .collect())
}

/// The table is changed once more a row of `due`, so the row is read before.
const CARRY_OVER: &str = "
    with due as (
        select k.subscription_id, k.decision, k.owner_id
        from master_followers k
        where k.decision is not null
        order by k.subscription_id
        for update),
    changed as (
        update subscriptions f set
            state = case due.decision when 'approve' then 'active' else 'ended' end,
            valid_from = case due.decision when 'approve' then now() else f.valid_from end,
            approved_at = case due.decision when 'approve' then now() else f.approved_at end,
            ended_by = case due.decision when 'remove' then 'master' end,
            ended_at = case due.decision when 'remove' then now() end,
            updated_at = now()
        from due
        join masters m on m.owner_id = due.owner_id
        where f.id = due.subscription_id and m.account_id = f.master_account_id
            and (due.decision = 'approve' and f.state = 'pending' or due.decision = 'remove' and f.state <> 'ended')
        returning f.owner_id as follower_owner, f.follower_account_id, due.owner_id as master_owner,
            f.master_account_id),
    cleared as (
        update master_followers k set decision = null
        from due
        where k.subscription_id = due.subscription_id)
    select * from changed";
