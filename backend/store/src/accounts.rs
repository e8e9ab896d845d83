//! Trading accounts of an owner.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use flotilla_domain::account::{Account, CopyRole, Figures, MasterSide, Platform, Presence};
use flotilla_domain::copy::order::CopyState;
use flotilla_domain::copy::settings::Sizing;
use flotilla_domain::id::{AccountId, NodeId, OwnerId};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::api_keys::{self, StoredApiKey};
use crate::db::Tx;
use crate::error::{StoreError, StoreResult, known};
use crate::schema::{
    account_figures, accounts, api_keys as keys, copy_orders, master_followers, masters, sessions,
    subscriptions,
};
use crate::transaction_time::begun_at;
use crate::workers;

/// An account about to be created.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Made by the caller: the sealed API key is bound to it.
    pub id: AccountId,
    /// Shown name.
    pub name: String,
    /// Where it trades.
    pub platform: Platform,
    /// Whether it leads, follows or only records.
    pub copy_role: CopyRole,
    /// ISO code or coin name.
    pub currency: String,
    /// Balance at the start.
    pub starting_balance: Option<Decimal>,
    /// Chosen by the owner.
    pub capital_level: Option<String>,
    /// Chosen by the owner.
    pub risk_tolerance: Option<String>,
    /// Number at the broker.
    pub external_id: Option<String>,
    /// How large copies are when it begins to follow.
    pub default_sizing: Option<Sizing>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = accounts)]
#[expect(clippy::struct_excessive_bools, reason = "the table has these columns")]
struct AccountRow {
    id: Uuid,
    owner_id: Uuid,
    name: String,
    platform: String,
    copy_role: String,
    is_active: bool,
    is_primary: bool,
    currency: String,
    starting_balance: Option<Decimal>,
    capital_level: Option<String>,
    risk_tolerance: Option<String>,
    external_id: Option<String>,
    trading_enabled: bool,
    is_public: bool,
    slug: Option<String>,
    description: Option<String>,
    adopt_inferred: bool,
    close_with_partner: bool,
    paper_slippage: Option<Decimal>,
    default_sizing: Option<String>,
    default_sizing_value: Option<Decimal>,
    archived_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = masters)]
struct MasterRow {
    token: String,
    copy_mode: String,
    partner_account_id: Option<Uuid>,
    needs_approval: bool,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions)]
struct SessionRow {
    node_id: Uuid,
    sockets: i32,
    last_seen_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = account_figures)]
struct FiguresRow {
    balance: Decimal,
    equity: Decimal,
    at: DateTime<Utc>,
    currency: Option<String>,
}

type WholeRow = (AccountRow, Option<MasterRow>, Option<String>, Option<SessionRow>, Option<FiguresRow>);

/// Which accounts are wanted.
#[derive(Debug, Clone)]
enum Which {
    Named(Vec<Uuid>),
    After { cursor: Option<AccountId>, limit: i64 },
}

/// Accounts that are not archived, oldest first.
///
/// * `after`: leaves out this account and those before it.
pub async fn list(
    tx: &mut Tx,
    owner: OwnerId,
    after: Option<AccountId>,
    limit: i64,
) -> StoreResult<Vec<Account>> {
    load(tx, owner, Which::After { cursor: after, limit }).await
}

/// What each account is called, archived or not.
pub async fn list_names(tx: &mut Tx, owner: OwnerId) -> StoreResult<HashMap<AccountId, String>> {
    let rows: Vec<(Uuid, String)> = accounts::table
        .filter(accounts::owner_id.eq(owner.uuid()))
        .select((accounts::id, accounts::name))
        .load(tx)
        .await?;
    Ok(rows.into_iter().map(|(id, name)| (id.into(), name)).collect())
}

/// One account, archived or not.
pub async fn get(tx: &mut Tx, owner: OwnerId, id: AccountId) -> StoreResult<Account> {
    find_all(tx, owner, &[id.uuid()]).await?.pop().ok_or(StoreError::NotFound("account"))
}

/// Those of `ids` that are the owner's, archived or not.
pub async fn find_all(tx: &mut Tx, owner: OwnerId, ids: &[Uuid]) -> StoreResult<Vec<Account>> {
    load(tx, owner, Which::Named(ids.to_vec())).await
}

/// One account, locked until the transaction ends. Not against rows that refer to
/// it: answers of its terminal do not wait for whoever edits it.
pub async fn lock(tx: &mut Tx, owner: OwnerId, id: AccountId) -> StoreResult<Account> {
    let found: Option<Uuid> = accounts::table
        .find(id.uuid())
        .filter(accounts::owner_id.eq(owner.uuid()))
        .select(accounts::id)
        .for_no_key_update()
        .first(tx)
        .await
        .optional()?;
    found.ok_or(StoreError::NotFound("account"))?;
    get(tx, owner, id).await
}

async fn load(tx: &mut Tx, owner: OwnerId, which: Which) -> StoreResult<Vec<Account>> {
    let mut query = accounts::table
        .left_join(masters::table)
        .left_join(keys::table)
        .left_join(sessions::table)
        .left_join(account_figures::table)
        .filter(accounts::owner_id.eq(owner.uuid()))
        .order(accounts::id)
        .select((
            AccountRow::as_select(),
            Option::<MasterRow>::as_select(),
            keys::prefix.nullable(),
            Option::<SessionRow>::as_select(),
            Option::<FiguresRow>::as_select(),
        ))
        .into_boxed();
    query = match which {
        Which::Named(ids) => query.filter(accounts::id.eq_any(ids)),
        Which::After { cursor, limit } => {
            let cursor = cursor.map_or(Uuid::nil(), Uuid::from);
            query.filter(accounts::archived_at.is_null()).filter(accounts::id.gt(cursor)).limit(limit)
        }
    };
    let rows: Vec<WholeRow> = query.load(tx).await?;
    let followers = rows.iter().filter(|row| row.0.copy_role == CopyRole::Follower.as_str());
    let leaders = leaders(tx, owner, followers.map(|row| row.0.id).collect()).await?;
    let alive = workers::list_alive(tx).await?;
    rows.into_iter().map(|row| account(row, &leaders, &alive)).collect()
}

/// By follower: the master of the subscription made on the wire or, without
/// one, of the oldest.
async fn leaders(tx: &mut Tx, owner: OwnerId, followers: Vec<Uuid>) -> StoreResult<HashMap<Uuid, Uuid>> {
    let rows: Vec<(Uuid, Uuid)> = subscriptions::table
        .filter(subscriptions::owner_id.eq(owner.uuid()))
        .filter(subscriptions::follower_account_id.eq_any(followers))
        .filter(subscriptions::state.ne("ended"))
        .order((subscriptions::source.eq("wire").desc(), subscriptions::id))
        .select((subscriptions::follower_account_id, subscriptions::master_account_id))
        .load(tx)
        .await?;
    // The first of each follower counts, so it is inserted last.
    Ok(rows.into_iter().rev().collect())
}

fn account(row: WholeRow, leaders: &HashMap<Uuid, Uuid>, alive: &[NodeId]) -> StoreResult<Account> {
    let (account, master, prefix, session, figures) = row;
    let reported_in = figures.as_ref().and_then(|row| row.currency.clone());
    Ok(Account {
        id: account.id.into(),
        owner_id: account.owner_id.into(),
        name: account.name,
        platform: known("accounts.platform", &account.platform)?,
        copy_role: known("accounts.copy_role", &account.copy_role)?,
        master: master.map(master_side).transpose()?,
        api_key_prefix: prefix.unwrap_or_default(),
        following_id: leaders.get(&account.id).copied().map(Into::into),
        is_active: account.is_active,
        is_primary: account.is_primary,
        currency: reported_in.unwrap_or_else(|| account.currency.clone()),
        opened_in: account.currency,
        starting_balance: account.starting_balance,
        capital_level: account.capital_level,
        risk_tolerance: account.risk_tolerance,
        external_id: account.external_id,
        trading_enabled: account.trading_enabled,
        is_public: account.is_public,
        slug: account.slug,
        description: account.description,
        adopt_inferred: account.adopt_inferred,
        close_with_partner: account.close_with_partner,
        paper_slippage: account.paper_slippage,
        default_sizing: sizing(account.default_sizing.as_deref().zip(account.default_sizing_value))?,
        presence: session.as_ref().map(|row| presence(row, alive)).unwrap_or_default(),
        figures: figures.map(|row| Figures { balance: row.balance, equity: row.equity, at: row.at }),
        archived_at: account.archived_at,
        created_at: account.created_at,
        updated_at: account.updated_at,
    })
}

fn sizing(stored: Option<(&str, Decimal)>) -> StoreResult<Option<Sizing>> {
    let Some((mode, value)) = stored else { return Ok(None) };
    Ok(Some(Sizing { mode: known("accounts.default_sizing", mode)?, value }))
}

fn master_side(row: MasterRow) -> StoreResult<MasterSide> {
    Ok(MasterSide {
        token: row.token,
        copy_mode: known("masters.copy_mode", &row.copy_mode)?,
        partner_id: row.partner_account_id.map(Into::into),
        needs_approval: row.needs_approval,
    })
}

/// A worker that died leaves its sockets behind; nobody is connected to it.
fn presence(row: &SessionRow, alive: &[NodeId]) -> Presence {
    let online = row.sockets > 0 && alive.contains(&row.node_id.into());
    Presence { online, last_seen_at: Some(row.last_seen_at) }
}

/// Creates an account with its API key. The first account of an owner is his primary one.
pub async fn insert(tx: &mut Tx, owner: OwnerId, new: &NewAccount, key: &StoredApiKey) -> StoreResult<()> {
    let others: i64 = accounts::table
        .filter(accounts::owner_id.eq(owner.uuid()))
        .filter(accounts::archived_at.is_null())
        .count()
        .get_result(tx)
        .await?;
    diesel::insert_into(accounts::table)
        .values((
            accounts::id.eq(new.id.uuid()),
            accounts::owner_id.eq(owner.uuid()),
            accounts::name.eq(&new.name),
            accounts::platform.eq(new.platform.as_str()),
            accounts::copy_role.eq(new.copy_role.as_str()),
            accounts::is_primary.eq(others == 0),
            accounts::currency.eq(&new.currency),
            accounts::starting_balance.eq(new.starting_balance),
            accounts::capital_level.eq(&new.capital_level),
            accounts::risk_tolerance.eq(&new.risk_tolerance),
            accounts::external_id.eq(&new.external_id),
            accounts::default_sizing.eq(new.default_sizing.map(|sizing| sizing.mode.as_str())),
            accounts::default_sizing_value.eq(new.default_sizing.map(|sizing| sizing.value)),
        ))
        .execute(tx)
        .await?;
    api_keys::insert(tx, owner, new.id, key).await
}

/// Writes the fields an owner edits: name, currency, starting balance, what
/// the account stands for, choices, active and primary, and its public face.
///
/// # Errors
///
/// Constraint `accounts_slug` when another account has the address.
pub async fn save(tx: &mut Tx, account: &Account) -> StoreResult<()> {
    if account.is_primary {
        diesel::update(accounts::table)
            .filter(accounts::owner_id.eq(account.owner_id.uuid()))
            .filter(accounts::is_primary)
            .filter(accounts::id.ne(account.id.uuid()))
            .set(accounts::is_primary.eq(false))
            .execute(tx)
            .await?;
    }
    diesel::update(accounts::table.find(account.id.uuid()))
        .filter(accounts::owner_id.eq(account.owner_id.uuid()))
        .set((
            accounts::name.eq(&account.name),
            accounts::is_active.eq(account.is_active),
            accounts::is_primary.eq(account.is_primary),
            accounts::currency.eq(&account.opened_in),
            accounts::starting_balance.eq(account.starting_balance),
            accounts::capital_level.eq(&account.capital_level),
            accounts::risk_tolerance.eq(&account.risk_tolerance),
            accounts::external_id.eq(&account.external_id),
            accounts::adopt_inferred.eq(account.adopt_inferred),
            accounts::close_with_partner.eq(account.close_with_partner),
            accounts::paper_slippage.eq(account.paper_slippage),
            accounts::default_sizing.eq(account.default_sizing.map(|sizing| sizing.mode.as_str())),
            accounts::default_sizing_value.eq(account.default_sizing.map(|sizing| sizing.value)),
            accounts::is_public.eq(account.is_public),
            accounts::slug.eq(&account.slug),
            accounts::description.eq(&account.description),
            accounts::updated_at.eq(begun_at()),
        ))
        .execute(tx)
        .await?;
    Ok(())
}

/// Switches orders at an exchange on or off.
pub async fn switch_trading(tx: &mut Tx, owner: OwnerId, id: AccountId, enabled: bool) -> StoreResult<()> {
    diesel::update(accounts::table.find(id.uuid()))
        .filter(accounts::owner_id.eq(owner.uuid()))
        .set((accounts::trading_enabled.eq(enabled), accounts::updated_at.eq(begun_at())))
        .execute(tx)
        .await?;
    Ok(())
}

/// Puts an account away: inactive, no longer listed, no longer primary.
pub async fn archive(tx: &mut Tx, owner: OwnerId, id: AccountId) -> StoreResult<()> {
    diesel::update(accounts::table.find(id.uuid()))
        .filter(accounts::owner_id.eq(owner.uuid()))
        .set((
            accounts::is_active.eq(false),
            accounts::is_primary.eq(false),
            accounts::archived_at.eq(begun_at().nullable()),
            accounts::updated_at.eq(begun_at()),
        ))
        .execute(tx)
        .await?;
    Ok(())
}

/// Whether copies in the account (its own, or of a master those of its
/// followers) have not ended.
pub async fn has_open_copies(tx: &mut Tx, owner: OwnerId, id: AccountId) -> StoreResult<bool> {
    let settled = CopyState::ALL.iter().filter(|state| state.is_settled()).map(|state| state.as_str());
    let own = copy_orders::table
        .filter(copy_orders::owner_id.eq(owner.uuid()))
        .filter(
            copy_orders::follower_account_id.eq(id.uuid()).or(copy_orders::master_account_id.eq(id.uuid())),
        )
        .filter(copy_orders::state.ne_all(settled.collect::<Vec<_>>()));
    // Followers of other owners are known only as a number.
    let foreign = master_followers::table
        .filter(master_followers::owner_id.eq(owner.uuid()))
        .filter(master_followers::master_account_id.eq(id.uuid()))
        .filter(master_followers::open_copies.gt(0));
    let open = diesel::select(diesel::dsl::exists(own).or(diesel::dsl::exists(foreign)));
    Ok(open.get_result(tx).await?)
}
