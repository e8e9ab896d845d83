//! Kinds of devices that users sign in from.

use diesel::sql_types::{Bool, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::OwnerId;

use crate::db::Tx;
use crate::error::StoreResult;

#[derive(QueryableByName)]
struct NotedRow {
    #[diesel(sql_type = Bool)]
    is_new: bool,
}

/// Notes a sign-in from this kind of device. Returns whether it is unknown
/// while others are known: the first one of a user is no news.
pub async fn note(tx: &mut Tx, owner: OwnerId, kind: &str) -> StoreResult<bool> {
    let row: NotedRow = sql_query(
        "with noted as (
            insert into devices as d (owner_id, kind) values ($1, $2)
            on conflict (owner_id, kind) do update set last_at = now()
            returning 1)
         select exists (select from devices where owner_id = $1)
            and not exists (select from devices where owner_id = $1 and kind = $2) as is_new
         from noted",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Text, _>(kind)
    .get_result(tx)
    .await?;
    Ok(row.is_new)
}
