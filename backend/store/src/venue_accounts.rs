//! Accounts at exchanges whose streams are listened to.

use std::collections::HashSet;

use diesel::sql_types::{BigInt, Integer, Nullable, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::account::CopyRole;
use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_domain::venue::VenueEnvironment;
use uuid::Uuid;

use crate::Tx;
use crate::ea_login::EaLogin;
use crate::error::{StoreResult, known};

/// An account that can be listened to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connected {
    /// Account, owner and role.
    pub login: EaLogin,
    /// Real money or demo.
    pub environment: VenueEnvironment,
    /// Which key is in place.
    pub generation: i64,
    /// Number of the account at the exchange.
    pub uid: Option<String>,
}

#[derive(QueryableByName)]
struct ConnectedRow {
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = Text)]
    copy_role: String,
    #[diesel(sql_type = Text)]
    environment: String,
    #[diesel(sql_type = BigInt)]
    generation: i64,
    #[diesel(sql_type = Nullable<Text>)]
    uid: Option<String>,
}

/// Accounts with a key that works for perpetual contracts.
pub async fn list_connected(tx: &mut Tx) -> StoreResult<Vec<Connected>> {
    let rows: Vec<ConnectedRow> = sql_query(
        "select a.id as account_id, a.owner_id, a.copy_role, k.environment, k.generation, k.uid
         from exchange_keys k
         join accounts a on a.id = k.account_id
         join users u on u.id = a.owner_id
         where k.status = 'verified' and k.account_type = 'perpetual' and a.platform = 'bingx'
            and a.is_active and a.archived_at is null and u.is_active
         order by a.id",
    )
    .get_results(tx)
    .await?;
    rows.into_iter().map(ConnectedRow::connected).collect()
}

/// Accounts at exchanges of which copies hold something, or may.
pub async fn list_urgent(tx: &mut Tx) -> StoreResult<HashSet<AccountId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        account_id: Uuid,
    }
    let rows: Vec<Row> = sql_query(
        "select k.account_id from exchange_keys k
         where exists (
            select from copy_orders c where c.follower_account_id = k.account_id
                and c.state in ('open', 'unconfirmed', 'closing', 'attention'))",
    )
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(|row| row.account_id.into()).collect())
}

/// Notes how often an account is read that has no stream; `None`: it has one. Returns whether that is new.
pub async fn note_polled(tx: &mut Tx, account: AccountId, every_s: Option<i32>) -> StoreResult<bool> {
    let noted = sql_query(
        "update exchange_keys set polled_every_s = $2
         where account_id = $1 and polled_every_s is distinct from $2",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Nullable<Integer>, _>(every_s)
    .execute(tx)
    .await?;
    Ok(noted > 0)
}

impl ConnectedRow {
    fn connected(self) -> StoreResult<Connected> {
        Ok(Connected {
            login: EaLogin {
                account_id: self.account_id.into(),
                owner_id: self.owner_id.into(),
                role: known::<CopyRole>("accounts.copy_role", &self.copy_role)?,
            },
            environment: known("exchange_keys.environment", &self.environment)?,
            generation: self.generation,
            uid: self.uid,
        })
    }
}

/// The account of a key; its owner.
#[must_use]
pub const fn whose(login: &EaLogin) -> (OwnerId, AccountId) {
    (login.owner_id, login.account_id)
}
