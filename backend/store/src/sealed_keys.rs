//! Everything that is sealed under the server's keys, for sealing it anew and for counting what is left.

use diesel::sql_types::{BigInt, Binary, Nullable, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId};
use uuid::Uuid;

use crate::Tx;
use crate::error::StoreResult;

/// A column of sealed values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealedColumn {
    /// Keys of EAs.
    EaKey,
    /// Keys of exchange accounts.
    ExchangeKey,
    /// Such keys while they are being proven. They are sealed for the column they will have.
    ExchangeCandidate,
}

/// A sealed value and where it lives.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedValue {
    /// The row.
    pub account_id: AccountId,
    /// Its tenant.
    pub owner_id: OwnerId,
    /// What is sealed.
    pub sealed: Vec<u8>,
}

#[derive(QueryableByName)]
struct ValueRow {
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = Binary)]
    sealed: Vec<u8>,
}

impl SealedColumn {
    /// Every column of sealed values.
    pub const ALL: [Self; 3] = [Self::EaKey, Self::ExchangeKey, Self::ExchangeCandidate];

    const fn place(self) -> (&'static str, &'static str) {
        match self {
            Self::EaKey => ("api_keys", "sealed_key"),
            Self::ExchangeKey => ("exchange_keys", "sealed"),
            Self::ExchangeCandidate => ("exchange_keys", "candidate"),
        }
    }
}

/// Values of the accounts after `after`, by account, locked until the transaction ends.
pub async fn lock_after(
    tx: &mut Tx,
    column: SealedColumn,
    after: Option<AccountId>,
    limit: i64,
) -> StoreResult<Vec<SealedValue>> {
    list(tx, column, after, (limit, "for no key update")).await
}

/// As [`lock_after`], to look at.
pub async fn list_after(
    tx: &mut Tx,
    column: SealedColumn,
    after: Option<AccountId>,
    limit: i64,
) -> StoreResult<Vec<SealedValue>> {
    list(tx, column, after, (limit, "")).await
}

async fn list(
    tx: &mut Tx,
    column: SealedColumn,
    after: Option<AccountId>,
    (limit, locking): (i64, &str),
) -> StoreResult<Vec<SealedValue>> {
    let (table, name) = column.place();
    let rows: Vec<ValueRow> = sql_query(format!(
        "select account_id, owner_id, {name} as sealed from {table}
         where {name} is not null and ($1 is null or account_id > $1)
         order by account_id
         limit $2
         {locking}"
    ))
    .bind::<Nullable<SqlUuid>, _>(after.map(AccountId::uuid))
    .bind::<BigInt, _>(limit)
    .get_results(tx)
    .await?;
    let value = |row: ValueRow| SealedValue {
        account_id: row.account_id.into(),
        owner_id: row.owner_id.into(),
        sealed: row.sealed,
    };
    Ok(rows.into_iter().map(value).collect())
}

/// Puts the same secret back, sealed anew.
pub async fn replace(
    tx: &mut Tx,
    column: SealedColumn,
    account: AccountId,
    sealed: &[u8],
) -> StoreResult<()> {
    let (table, name) = column.place();
    sql_query(format!("update {table} set {name} = $2 where account_id = $1"))
        .bind::<SqlUuid, _>(account.uuid())
        .bind::<Binary, _>(sealed)
        .execute(tx)
        .await?;
    Ok(())
}
