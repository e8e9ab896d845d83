//! From where the keys of EAs were used.

use diesel::sql_types::{BigInt, Bool, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;

use crate::db::Tx;
use crate::ea_login::EaLogin;
use crate::error::StoreResult;

/// Addresses that are remembered of one account.
const REMEMBERED: i64 = 50;

#[derive(QueryableByName)]
struct NotedRow {
    #[diesel(sql_type = Bool)]
    is_new: bool,
}

/// Notes a log-in from this address. Returns whether it is unknown while
/// others are known: the first one of an account is no news.
pub async fn note(tx: &mut Tx, login: &EaLogin, address: &str) -> StoreResult<bool> {
    let row: NotedRow = sql_query(
        "with noted as (
            insert into key_addresses (account_id, owner_id, address) values ($1, $2, $3)
            on conflict (account_id, address) do update set last_at = now()
            returning 1)
         select exists (select from key_addresses where account_id = $1)
            and not exists (select from key_addresses where account_id = $1 and address = $3) as is_new
         from noted",
    )
    .bind::<SqlUuid, _>(login.account_id.uuid())
    .bind::<SqlUuid, _>(login.owner_id.uuid())
    .bind::<Text, _>(address)
    .get_result(tx)
    .await?;
    if row.is_new {
        forget_oldest(tx, login).await?;
    }
    Ok(row.is_new)
}

async fn forget_oldest(tx: &mut Tx, login: &EaLogin) -> StoreResult<()> {
    sql_query(
        "delete from key_addresses where account_id = $1 and address in (
            select address from key_addresses where account_id = $1
            order by last_at desc, address offset $2)",
    )
    .bind::<SqlUuid, _>(login.account_id.uuid())
    .bind::<BigInt, _>(REMEMBERED)
    .execute(tx)
    .await?;
    Ok(())
}
