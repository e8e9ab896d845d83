//! How many copies are in which state.

use diesel::sql_types::{BigInt, Text};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::copy::order::CopyState;

use crate::Tx;
use crate::error::{StoreResult, known};

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = BigInt)]
    copies: i64,
}

/// Counts the copies that have not ended, by state; a state without any is
/// left out. By partial indexes, so that what ended long ago costs nothing.
pub async fn count(tx: &mut Tx) -> StoreResult<Vec<(CopyState, i64)>> {
    let rows: Vec<CountRow> = sql_query(
        "select state, count(*) as copies from copy_orders
         where state in ('planned', 'claimed', 'received') group by state
         union all
         select state, count(*) from copy_orders
         where state in ('open', 'closing', 'unconfirmed', 'attention') group by state",
    )
    .get_results(tx)
    .await?;
    rows.into_iter().map(|row| Ok((known("copy_orders.state", &row.state)?, row.copies))).collect()
}
