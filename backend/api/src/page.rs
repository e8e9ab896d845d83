//! Paging: a limit and an opaque cursor.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::error::{ApiError, ApiResult};

const DEFAULT_LIMIT: i64 = 50;
const MAX_LIMIT: i64 = 200;
/// No cursor made here is longer.
const MAX_CURSOR_LENGTH: usize = 512;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Names the next page; null on the last one.
    #[schema(required = true)]
    pub next_cursor: Option<String>,
}

/// Which part of a list is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// At most 200; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(min_length = 1, max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    pub cursor: Option<String>,
}

/// A checked limit.
///
/// # Errors
///
/// 422 outside of 1 to 200.
pub fn limit(asked: Option<i64>) -> ApiResult<i64> {
    match asked.unwrap_or(DEFAULT_LIMIT) {
        limit @ 1..=MAX_LIMIT => Ok(limit),
        _ => Err(ApiError::field("limit", "out_of_range", "use 1 to 200")),
    }
}

/// What a cursor says, if it is one made by [`Page::of`] for the same list.
///
/// # Errors
///
/// 422 for anything else.
pub fn after<K: DeserializeOwned>(cursor: Option<&str>) -> ApiResult<Option<K>> {
    let Some(cursor) = cursor else { return Ok(None) };
    let key = (cursor.len() <= MAX_CURSOR_LENGTH)
        .then(|| URL_SAFE_NO_PAD.decode(cursor).ok())
        .flatten()
        // The database takes no text with a NUL.
        .filter(|json| !json.windows(6).any(|part| part == br"\u0000"))
        .and_then(|json| serde_json::from_slice(&json).ok());
    match key {
        Some(key) => Ok(Some(key)),
        None => Err(ApiError::field("cursor", "invalid_cursor", "use the next_cursor of the page before")),
    }
}

impl<T> Page<T> {
    /// A page of rows read with one more than `limit`: the surplus row says
    /// that there is another page. `key` is what the next page starts after.
    pub fn of<R: Into<T>, K: Serialize>(mut rows: Vec<R>, limit: i64, key: impl Fn(&R) -> K) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows.last().filter(|_| has_more).and_then(|last| encode(&key(last)));
        Self { items: rows.into_iter().map(Into::into).collect(), next_cursor }
    }
}

fn encode(key: &impl Serialize) -> Option<String> {
    serde_json::to_vec(key).ok().map(|json| URL_SAFE_NO_PAD.encode(json))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_to_the_row_after_the_last_shown() {
        let page: Page<i64> = Page::of(vec![9_i64, 8, 7], 2, |row| *row);

        assert_eq!(page.items, [9, 8]);
        assert_eq!(after::<i64>(page.next_cursor.as_deref()).expect("ours"), Some(8));
    }

    #[test]
    fn the_last_page_has_no_cursor() {
        let page: Page<i64> = Page::of(vec![9_i64, 8], 2, |row| *row);

        assert_eq!(page.next_cursor, None);
    }

    #[test]
    fn n78_foreign_cursors_and_limits_are_refused() {
        for cursor in ["", "x", "' or 1=1 --", "bnVsbA", &"A".repeat(10_000)] {
            assert!(after::<i64>(Some(cursor)).is_err(), "{cursor}");
        }
        assert!(after::<String>(encode(&"a\0b").as_deref()).is_err(), "no database takes it");
        for asked in [0, -1, 201, i64::MAX] {
            assert!(limit(Some(asked)).is_err(), "{asked}");
        }
    }
}
