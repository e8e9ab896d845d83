//! Follows that EAs make with a token, and copy modes that EAs set.

use diesel::sql_types::{Nullable, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::copy::mode::CopyMode;
use flotilla_domain::id::AccountId;
use uuid::Uuid;

use crate::Tx;
use crate::ea_login::EaLogin;
use crate::error::{StoreError, StoreResult, known};
use crate::{partners, sessions};

/// Answer to a follower that named a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subscribed {
    /// It follows, or its owner's decision on the web against this token stands.
    Follows {
        /// Masters whose followers changed.
        masters: Vec<AccountId>,
    },
    /// No open master has this token, or it is the follower's own.
    MasterNotFound,
    /// The master copies to one partner and has another.
    HasPartner,
}

/// Answer to a master that set its mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModeSet {
    /// The mode is set now.
    Changed,
    /// It was set before.
    Unchanged,
    /// One-to-one copying needs one follower, and there are several.
    SeveralFollowers,
}

#[derive(QueryableByName)]
struct MasterRow {
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    copy_mode: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    partner_account_id: Option<Uuid>,
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

#[derive(QueryableByName)]
struct EndRow {
    #[diesel(sql_type = Nullable<Text>)]
    ended_by: Option<String>,
}

/// Makes or replaces the follow of source `wire`.
///
/// A follow or unfollow on the web, or a removal by the master's owner, stands
/// against the token that was last seen on the wire before it: only another
/// token changes the follow. Whoever must be approved waits, and everybody of
/// another owner must be who would be a partner. Idempotent.
pub async fn subscribe(tx: &mut Tx, follower: &EaLogin, token: &str) -> StoreResult<Subscribed> {
    let Some(master) = find_master(tx, token).await? else { return Ok(Subscribed::MasterNotFound) };
    let master_id = AccountId::from(master.account_id);
    if master_id == follower.account_id {
        return Ok(Subscribed::MasterNotFound);
    }
    let is_pair = known::<CopyMode>("masters.copy_mode", &master.copy_mode)? == CopyMode::OneToOne;
    if is_pair && partners::lock_place(tx, master_id, follower.account_id).await? {
        return Ok(Subscribed::HasPartner);
    }
    let before = sessions::name_wire_master(tx, follower.account_id, master_id).await?;
    let mut masters = end_other_wire_follow(tx, follower.account_id, master_id).await?;
    if !is_following(tx, follower.account_id, master_id).await? {
        if before == Some(master_id) && was_ended_by_a_person(tx, follower.account_id, master_id).await? {
            return Ok(Subscribed::Follows { masters });
        }
        insert(tx, follower, master_id, &master.name).await?;
        masters.push(master_id);
    }
    if is_pair {
        partners::take_place(tx, master_id, follower.account_id).await?;
    }
    Ok(Subscribed::Follows { masters })
}

async fn find_master(tx: &mut Tx, token: &str) -> StoreResult<Option<MasterRow>> {
    let rows: Vec<MasterRow> = sql_query(
        "select account_id, name, copy_mode, partner_account_id from masters where token = $1 and is_open",
    )
    .bind::<Text, _>(token)
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().next())
}

async fn end_other_wire_follow(
    tx: &mut Tx,
    follower: AccountId,
    master: AccountId,
) -> StoreResult<Vec<AccountId>> {
    let ended: Vec<IdRow> = sql_query(
        "with ended as (
            update subscriptions
            set state = 'ended', ended_by = 'wire', ended_at = now(), updated_at = now()
            where follower_account_id = $1 and source = 'wire' and state <> 'ended' and master_account_id <> $2
            returning master_account_id),
         freed as (
            update masters set partner_account_id = null
            where account_id in (select master_account_id from ended) and partner_account_id = $1)
         select master_account_id as id from ended",
    )
    .bind::<SqlUuid, _>(follower.uuid())
    .bind::<SqlUuid, _>(master.uuid())
    .get_results(tx)
    .await?;
    Ok(ended.into_iter().map(|row| row.id.into()).collect())
}

async fn is_following(tx: &mut Tx, follower: AccountId, master: AccountId) -> StoreResult<bool> {
    let rows: Vec<IdRow> = sql_query(
        "select id from subscriptions
         where follower_account_id = $1 and master_account_id = $2 and state <> 'ended'",
    )
    .bind::<SqlUuid, _>(follower.uuid())
    .bind::<SqlUuid, _>(master.uuid())
    .get_results(tx)
    .await?;
    Ok(!rows.is_empty())
}

async fn was_ended_by_a_person(tx: &mut Tx, follower: AccountId, master: AccountId) -> StoreResult<bool> {
    let rows: Vec<EndRow> = sql_query(
        "select ended_by from subscriptions
         where follower_account_id = $1 and master_account_id = $2 and state = 'ended'
         order by ended_at desc
         limit 1",
    )
    .bind::<SqlUuid, _>(follower.uuid())
    .bind::<SqlUuid, _>(master.uuid())
    .get_results(tx)
    .await?;
    Ok(rows.as_slice().first().is_some_and(|row| matches!(row.ended_by.as_deref(), Some("web" | "master"))))
}

async fn insert(tx: &mut Tx, follower: &EaLogin, master: AccountId, master_name: &str) -> StoreResult<()> {
    sql_query(
        "insert into subscriptions (owner_id, follower_account_id, master_account_id, master_name, source, state)
         select $1, $2, $3, $4, 'wire',
            case when m.owner_id <> $1 and (m.needs_approval or m.copy_mode = '1TO1' or exists (
                    select from subscriptions s
                    where s.owner_id = $1 and s.master_account_id = $3 and s.ended_by = 'master'))
                then 'pending' else 'active' end
         from masters m
         where m.account_id = $3
         on conflict do nothing",
    )
    .bind::<SqlUuid, _>(follower.owner_id.uuid())
    .bind::<SqlUuid, _>(follower.account_id.uuid())
    .bind::<SqlUuid, _>(master.uuid())
    .bind::<Text, _>(master_name)
    .execute(tx)
    .await?;
    Ok(())
}

/// Sets a master's copy mode. The partner stays reserved in other modes; going
/// to one-to-one copying, an only follower becomes the partner.
pub async fn set_mode(tx: &mut Tx, master: AccountId, mode: CopyMode) -> StoreResult<ModeSet> {
    let rows: Vec<MasterRow> = sql_query(
        "select account_id, name, copy_mode, partner_account_id from masters where account_id = $1 for update",
    )
    .bind::<SqlUuid, _>(master.uuid())
    .get_results(tx)
    .await?;
    let row = rows.into_iter().next().ok_or(StoreError::NotFound("master"))?;
    if known::<CopyMode>("masters.copy_mode", &row.copy_mode)? == mode {
        return Ok(ModeSet::Unchanged);
    }
    let mut partner = row.partner_account_id;
    if mode == CopyMode::OneToOne {
        let followers = list_followers(tx, master).await?;
        if followers.len() > 1 {
            return Ok(ModeSet::SeveralFollowers);
        }
        // A follower of another owner that nobody approved is not one.
        partner = partners::list_candidates(tx, master).await?.into_iter().next();
    }
    sql_query("update masters set copy_mode = $2, partner_account_id = $3 where account_id = $1")
        .bind::<SqlUuid, _>(master.uuid())
        .bind::<Text, _>(mode.as_str())
        .bind::<Nullable<SqlUuid>, _>(partner)
        .execute(tx)
        .await?;
    Ok(ModeSet::Changed)
}

async fn list_followers(tx: &mut Tx, master: AccountId) -> StoreResult<Vec<Uuid>> {
    let rows: Vec<IdRow> = sql_query(
        "select follower_account_id as id from subscriptions
         where master_account_id = $1 and state in ('active', 'paused', 'close_only')",
    )
    .bind::<SqlUuid, _>(master.uuid())
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
