//! What a connection needs to know before it may speak for an account.

use diesel::sql_types::{Array, Binary, Bool, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::account::CopyRole;
use flotilla_domain::id::{AccountId, OwnerId};
use uuid::Uuid;

use crate::Tx;
use crate::error::{StoreResult, known};

/// An account whose key was presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EaLogin {
    /// The account.
    pub account_id: AccountId,
    /// Its owner.
    pub owner_id: OwnerId,
    /// What it may do on the wire.
    pub role: CopyRole,
}

/// What may change under a connection while it lasts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The account.
    pub account_id: AccountId,
    /// Whether account and owner are active, and an EA may speak for the account.
    pub is_active: bool,
    /// SHA-256 of the present key.
    pub key_hash: Vec<u8>,
    /// Of a follower: whether a master's new trades reach it.
    pub is_copying: bool,
}

#[derive(QueryableByName)]
struct LoginRow {
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = Text)]
    copy_role: String,
}

#[derive(QueryableByName)]
struct StandingRow {
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = Bool)]
    is_active: bool,
    #[diesel(sql_type = Binary)]
    key_hash: Vec<u8>,
    #[diesel(sql_type = Bool)]
    is_copying: bool,
}

/// Finds the active account of a key by the key's SHA-256. Accounts at exchanges and on paper are served by the worker
/// itself: no EA speaks for them.
pub async fn find(tx: &mut Tx, key_hash: &[u8]) -> StoreResult<Option<EaLogin>> {
    let rows: Vec<LoginRow> = sql_query(
        "select a.id as account_id, a.owner_id, a.copy_role
         from api_keys k
         join accounts a on a.id = k.account_id
         join users u on u.id = a.owner_id
         where k.key_hash = $1 and a.is_active and a.archived_at is null and u.is_active
            and a.platform not in ('bingx', 'paper')",
    )
    .bind::<Binary, _>(key_hash)
    .get_results(tx)
    .await?;
    rows.into_iter().next().map(LoginRow::login).transpose()
}

/// Lists how `accounts` stand now; an account that is gone is left out.
pub async fn list_standings(tx: &mut Tx, accounts: &[AccountId]) -> StoreResult<Vec<Standing>> {
    let ids: Vec<Uuid> = accounts.iter().map(|id| id.uuid()).collect();
    let rows: Vec<StandingRow> = sql_query(
        "select a.id as account_id, k.key_hash,
            a.is_active and a.archived_at is null and u.is_active
                and a.platform not in ('bingx', 'paper') as is_active,
            exists (
                select from subscriptions s
                join masters m on m.account_id = s.master_account_id
                where s.follower_account_id = a.id and s.state = 'active'
                    and (m.copy_mode <> '1TO1' or m.partner_account_id = a.id)) as is_copying
         from accounts a
         join api_keys k on k.account_id = a.id
         join users u on u.id = a.owner_id
         where a.id = any($1)",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(StandingRow::standing).collect())
}

impl LoginRow {
    fn login(self) -> StoreResult<EaLogin> {
        Ok(EaLogin {
            account_id: self.account_id.into(),
            owner_id: self.owner_id.into(),
            role: known("accounts.copy_role", &self.copy_role)?,
        })
    }
}

impl StandingRow {
    fn standing(self) -> Standing {
        Standing {
            account_id: self.account_id.into(),
            is_active: self.is_active,
            key_hash: self.key_hash,
            is_copying: self.is_copying,
        }
    }
}
