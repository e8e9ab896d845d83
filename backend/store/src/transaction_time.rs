//! The database's clock, which judges all ages.

use diesel::IntoSql;
use diesel::dsl::{AsExprOf, now};
use diesel::sql_types::Timestamptz;

/// When the running transaction began.
pub(crate) fn begun_at() -> AsExprOf<now, Timestamptz> {
    now.into_sql::<Timestamptz>()
}
