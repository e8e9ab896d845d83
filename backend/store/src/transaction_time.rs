//! The database's clock, which judges all ages.

use chrono::{DateTime, Utc};
use diesel::IntoSql;
use diesel::dsl::{AsExprOf, now};
use diesel::sql_types::Timestamptz;
use diesel_async::RunQueryDsl;

use crate::Tx;
use crate::error::StoreResult;

/// When the running transaction began.
pub(crate) fn begun_at() -> AsExprOf<now, Timestamptz> {
    now.into_sql::<Timestamptz>()
}

/// When the running transaction began, to compare with what it reads.
pub async fn read(tx: &mut Tx) -> StoreResult<DateTime<Utc>> {
    Ok(diesel::select(begun_at()).get_result(tx).await?)
}
