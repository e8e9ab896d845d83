//! The API's clock. Ages of rows are judged by the database's.

use chrono::{DateTime, Utc};

/// Now.
#[expect(clippy::disallowed_methods, reason = "the one place of this crate that reads a clock")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}
