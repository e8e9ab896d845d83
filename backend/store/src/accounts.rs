//! Trading accounts of an owner.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{
    Array, BigInt, Bool, Integer, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel_async::RunQueryDsl;
use flotilla_domain::account::{Account, CopyRole, Figures, MasterSide, Platform, Presence};
use flotilla_domain::copy::order::CopyState;
use flotilla_domain::copy::settings::Sizing;
use flotilla_domain::id::{AccountId, OwnerId};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::api_keys::{self, StoredApiKey};
use crate::db::Tx;
use crate::error::{StoreError, StoreResult, known};
use crate::prepared::Prepared;
use crate::schema::{accounts, copy_orders, master_followers};
use crate::transaction_time::begun_at;
use crate::workers::SILENCE;

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

#[derive(QueryableByName)]
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

/// An account with what other tables say about it.
#[derive(QueryableByName)]
struct ShownRow {
    #[diesel(embed)]
    account: AccountRow,
    #[diesel(sql_type = Nullable<Text>)]
    token: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    copy_mode: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    partner_account_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Bool>)]
    needs_approval: Option<bool>,
    #[diesel(sql_type = Nullable<Text>)]
    prefix: Option<String>,
    #[diesel(sql_type = Bool)]
    is_online: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    seen_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Numeric>)]
    balance: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    equity: Option<Decimal>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    figures_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    reported_in: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    following_id: Option<Uuid>,
}

/// Accounts of owner `$1` with what other tables say about them, in one statement: of a few accounts, any further one
/// would cost more than its rows. A worker that was silent for `$2` seconds is down; it left its sockets behind, and
/// nobody is connected to it. A follower follows the master of the subscription made on the wire or, without one, of the
/// oldest.
const SHOWN: &str = "\
select a.id, a.owner_id, a.name, a.platform, a.copy_role, a.is_active, a.is_primary, a.currency, a.starting_balance,
    a.capital_level, a.risk_tolerance, a.external_id, a.trading_enabled, a.is_public, a.slug, a.description,
    a.adopt_inferred, a.close_with_partner, a.paper_slippage, a.default_sizing, a.default_sizing_value, a.archived_at,
    a.created_at, a.updated_at, m.token, m.copy_mode, m.partner_account_id, m.needs_approval, k.prefix,
    coalesce(s.sockets > 0 and w.last_seen_at > now() - make_interval(secs => $2), false) as is_online,
    s.last_seen_at as seen_at, f.balance, f.equity, f.at as figures_at, f.currency as reported_in,
    case a.copy_role when 'follower' then (
        select b.master_account_id from subscriptions b
        where b.owner_id = $1 and b.follower_account_id = a.id and b.state <> 'ended'
        order by b.source = 'wire' desc, b.id limit 1
    ) end as following_id
from accounts a
    left join masters m on m.account_id = a.id
    left join api_keys k on k.account_id = a.id
    left join sessions s on s.account_id = a.id
    left join workers w on w.node_id = s.node_id
    left join account_figures f on f.account_id = a.id
where a.owner_id = $1";

/// What [`list`] asks: of owner `$1`, after account `$3` and at most `$4`. Public so that it can be measured alone.
#[must_use]
pub fn list_statement() -> String {
    format!("{SHOWN} and a.archived_at is null and a.id > $3 order by a.id limit $4")
}

/// Accounts that are not archived, oldest first.
///
/// * `after`: leaves out this account and those before it.
pub async fn list(
    mut tx: &Tx,
    owner: OwnerId,
    after: Option<AccountId>,
    limit: i64,
) -> StoreResult<Vec<Account>> {
    let query = sql_query(list_statement())
        .bind::<SqlUuid, _>(owner.uuid())
        .bind::<Integer, _>(SILENCE)
        .bind::<SqlUuid, _>(after.map_or(Uuid::nil(), Uuid::from))
        .bind::<BigInt, _>(limit);
    let rows: Vec<ShownRow> = Prepared(query).get_results(&mut tx).await?;
    rows.into_iter().map(account).collect()
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
pub async fn get(tx: &Tx, owner: OwnerId, id: AccountId) -> StoreResult<Account> {
    find_all(tx, owner, &[id.uuid()]).await?.pop().ok_or(StoreError::NotFound("account"))
}

/// Those of `ids` that are the owner's, archived or not.
pub async fn find_all(mut tx: &Tx, owner: OwnerId, ids: &[Uuid]) -> StoreResult<Vec<Account>> {
    let query = sql_query(format!("{SHOWN} and a.id = any($3) order by a.id"))
        .bind::<SqlUuid, _>(owner.uuid())
        .bind::<Integer, _>(SILENCE)
        .bind::<Array<SqlUuid>, _>(ids.to_vec());
    let rows: Vec<ShownRow> = Prepared(query).get_results(&mut tx).await?;
    rows.into_iter().map(account).collect()
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

fn account(row: ShownRow) -> StoreResult<Account> {
    let ShownRow { account, token, copy_mode, partner_account_id, needs_approval, .. } = row;
    let master = match (token, copy_mode, needs_approval) {
        (Some(token), Some(mode), Some(needs_approval)) => Some(MasterSide {
            token,
            copy_mode: known("masters.copy_mode", &mode)?,
            partner_id: partner_account_id.map(Into::into),
            needs_approval,
        }),
        _ => None,
    };
    let figures = row.balance.zip(row.equity).zip(row.figures_at);
    Ok(Account {
        id: account.id.into(),
        owner_id: account.owner_id.into(),
        name: account.name,
        platform: known("accounts.platform", &account.platform)?,
        copy_role: known("accounts.copy_role", &account.copy_role)?,
        master,
        api_key_prefix: row.prefix.unwrap_or_default(),
        following_id: row.following_id.map(Into::into),
        is_active: account.is_active,
        is_primary: account.is_primary,
        currency: row.reported_in.unwrap_or_else(|| account.currency.clone()),
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
        presence: Presence { online: row.is_online, last_seen_at: row.seen_at },
        figures: figures.map(|((balance, equity), at)| Figures { balance, equity, at }),
        archived_at: account.archived_at,
        created_at: account.created_at,
        updated_at: account.updated_at,
    })
}

fn sizing(stored: Option<(&str, Decimal)>) -> StoreResult<Option<Sizing>> {
    let Some((mode, value)) = stored else { return Ok(None) };
    Ok(Some(Sizing { mode: known("accounts.default_sizing", mode)?, value }))
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
