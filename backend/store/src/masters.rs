//! The leading side of master accounts.

use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel_async::RunQueryDsl;
use flotilla_domain::account::AccountError;
use flotilla_domain::copy::mode::CopyMode;
use flotilla_domain::id::{AccountId, OwnerId};
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{StoreError, StoreResult, known};
use crate::schema::{master_followers, masters, masters_directory, subscriptions};

/// Why an account cannot follow a master.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FollowError {
    /// No open master has this token.
    #[error("no master has this token")]
    MasterNotFound,
    /// The master copies to one partner, and it is another account.
    #[error("this master copies to one account only, and it has one")]
    MasterHasPartner,
    /// The token is the account's own.
    #[error("an account cannot follow itself")]
    OwnMaster,
    /// There is a subscription already.
    #[error("the account follows this master already")]
    AlreadyFollowing,
}

/// What a holder of a master's token may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedMaster {
    /// The master account.
    pub account_id: AccountId,
    /// Its name.
    pub name: String,
    /// Who receives its trades.
    pub copy_mode: CopyMode,
    /// The one follower of one-to-one copying, or its reservation.
    pub partner_id: Option<AccountId>,
    /// Whose it is; told to nobody.
    pub owner_id: OwnerId,
    /// Whether followers of other owners wait for approval.
    pub needs_approval: bool,
}

/// By what a stranger names a master.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MasterName {
    /// Its secret token.
    Token(String),
    /// Its address in the directory.
    Slug(String),
}

/// Makes an account a master.
pub async fn insert(tx: &mut Tx, owner: OwnerId, account: AccountId, named: (&str, &str)) -> StoreResult<()> {
    let (name, token) = named;
    diesel::insert_into(masters::table)
        .values((
            masters::account_id.eq(account.uuid()),
            masters::owner_id.eq(owner.uuid()),
            masters::name.eq(name),
            masters::token.eq(token),
        ))
        .execute(tx)
        .await?;
    Ok(())
}

/// Whether followers of other owners wait for approval. Those who follow already stay.
pub async fn save_approval(tx: &mut Tx, owner: OwnerId, account: AccountId, needs: bool) -> StoreResult<()> {
    diesel::update(masters::table.find(account.uuid()))
        .filter(masters::owner_id.eq(owner.uuid()))
        .set(masters::needs_approval.eq(needs))
        .execute(tx)
        .await?;
    Ok(())
}

/// Keeps name and openness equal to those of the account.
pub async fn save(
    tx: &mut Tx,
    owner: OwnerId,
    account: AccountId,
    (name, is_open): (&str, bool),
) -> StoreResult<()> {
    diesel::update(masters::table.find(account.uuid()))
        .filter(masters::owner_id.eq(owner.uuid()))
        .set((masters::name.eq(name), masters::is_open.eq(is_open)))
        .execute(tx)
        .await?;
    Ok(())
}

/// Switches the copy mode. To one-to-one, an only follower becomes the partner;
/// in the other modes the partner stays as a reservation.
///
/// Returns the refusal of the domain, if there is one.
pub async fn set_mode(
    tx: &mut Tx,
    owner: OwnerId,
    account: AccountId,
    mode: CopyMode,
) -> StoreResult<Result<(), AccountError>> {
    let row: Option<(String, Option<Uuid>)> = masters::table
        .find(account.uuid())
        .filter(masters::owner_id.eq(owner.uuid()))
        .select((masters::copy_mode, masters::partner_account_id))
        .for_update()
        .first(tx)
        .await
        .optional()?;
    let Some((current, partner)) = row else { return Ok(Err(AccountError::NotMaster)) };
    if known::<CopyMode>("masters.copy_mode", &current)? == mode {
        return Ok(Ok(()));
    }
    let partner = match mode {
        CopyMode::OneToOne => match only_follower(tx, owner, account).await? {
            Ok(only) => only.or(partner),
            Err(refusal) => return Ok(Err(refusal)),
        },
        CopyMode::PubSub | CopyMode::Record => partner,
    };
    diesel::update(masters::table.find(account.uuid()))
        .set((masters::copy_mode.eq(mode.as_str()), masters::partner_account_id.eq(partner)))
        .execute(tx)
        .await?;
    Ok(Ok(()))
}

/// States of subscriptions that count: who waits or has left must not keep an owner from anything.
const LET_IN: [&str; 3] = ["active", "paused", "close_only"];

/// Followers of one's own are read from the subscriptions, those of others
/// from what the worker tells the master's owner about them.
async fn only_follower(
    tx: &mut Tx,
    owner: OwnerId,
    master: AccountId,
) -> StoreResult<Result<Option<Uuid>, AccountError>> {
    let own: Vec<(Uuid, Uuid)> = subscriptions::table
        .filter(subscriptions::owner_id.eq(owner.uuid()))
        .filter(subscriptions::master_account_id.eq(master.uuid()))
        .filter(subscriptions::state.eq_any(LET_IN))
        .select((subscriptions::id, subscriptions::follower_account_id))
        .limit(2)
        .load(tx)
        .await?;
    let known: Vec<Uuid> = own.iter().map(|(subscription, _)| *subscription).collect();
    let others: i64 = master_followers::table
        .filter(master_followers::owner_id.eq(owner.uuid()))
        .filter(master_followers::master_account_id.eq(master.uuid()))
        .filter(master_followers::state.eq_any(LET_IN))
        .filter(master_followers::subscription_id.ne_all(known))
        .count()
        .get_result(tx)
        .await?;
    Ok(match (own.as_slice(), others) {
        ([], 0 | 1) => Ok(None),
        ([(_, follower)], 0) => Ok(Some(*follower)),
        _ => Err(AccountError::SeveralFollowers),
    })
}

diesel::define_sql_function! {
    /// Sets a setting of the running transaction.
    fn set_config(name: Text, value: Text, is_local: Bool) -> Text;
}

/// The open master that is named, locked. Whoever names one sees its one row,
/// whoever the owner is; until the transaction ends.
pub async fn lock_named(tx: &mut Tx, name: &MasterName) -> StoreResult<Option<NamedMaster>> {
    let (setting, value) = match name {
        MasterName::Token(token) => ("flotilla.master_token", token),
        MasterName::Slug(slug) => ("flotilla.master_slug", slug),
    };
    let _: String = diesel::select(set_config(setting, value, true)).get_result(tx).await?;
    let open = masters::table.filter(masters::is_open).select(NamedRow::as_select()).for_update();
    let row = match name {
        MasterName::Token(token) => open.filter(masters::token.eq(token)).first(tx).await.optional()?,
        MasterName::Slug(slug) => {
            let found: Option<Uuid> = masters_directory::table
                .filter(masters_directory::slug.eq(slug))
                .select(masters_directory::account_id)
                .first(tx)
                .await
                .optional()?;
            let Some(id) = found else { return Ok(None) };
            open.filter(masters::account_id.eq(id)).first(tx).await.optional()?
        }
    };
    row.map(NamedRow::master).transpose()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = masters)]
struct NamedRow {
    account_id: Uuid,
    owner_id: Uuid,
    name: String,
    copy_mode: String,
    partner_account_id: Option<Uuid>,
    needs_approval: bool,
}

impl NamedRow {
    fn master(self) -> StoreResult<NamedMaster> {
        Ok(NamedMaster {
            account_id: self.account_id.into(),
            owner_id: self.owner_id.into(),
            name: self.name,
            copy_mode: known("masters.copy_mode", &self.copy_mode)?,
            partner_id: self.partner_account_id.map(Into::into),
            needs_approval: self.needs_approval,
        })
    }
}

/// Takes the slot of a one-to-one master that was locked by its name.
pub async fn take_slot(tx: &mut Tx, master: AccountId, follower: AccountId) -> StoreResult<()> {
    let changed = diesel::update(masters::table.find(master.uuid()))
        .set(masters::partner_account_id.eq(follower.uuid()))
        .execute(tx)
        .await?;
    if changed == 1 { Ok(()) } else { Err(StoreError::NotFound("master")) }
}
