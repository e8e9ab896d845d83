//! Turns of what takes long: so many at once that others are served too.

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use crate::error::{ApiError, ApiResult};

/// Statistics that are made at once: each holds a connection while it reads all trades it is asked about.
pub static STATISTICS: Semaphore = Semaphore::const_new(4);
/// Links of strangers that are read at once: owners keep their own places.
pub static SHARED: Semaphore = Semaphore::const_new(2);
/// Files that are read at once: each takes a core, and a connection while it is written.
pub static IMPORTS: Semaphore = Semaphore::const_new(2);

/// Accounts that are followed again from a moment of the past at once: each holds a connection for as long as it takes to
/// read what was observed since then.
static HISTORIES: Semaphore = Semaphore::const_new(3);
/// For how long one waits to follow an account again.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for a turn to follow an account again, unless it is only of now.
///
/// # Errors
///
/// 503 `busy` when that takes too long.
pub async fn take_history(is_of_past: bool) -> ApiResult<Option<SemaphorePermit<'static>>> {
    if is_of_past { take(&HISTORIES, PATIENCE).await.map(Some) } else { Ok(None) }
}

/// Waits for a turn, for as long as `patience`.
///
/// # Errors
///
/// 503 `busy` when that takes too long.
pub async fn take(places: &'static Semaphore, patience: Duration) -> ApiResult<SemaphorePermit<'static>> {
    let place = timeout(patience, places.acquire()).await;
    place.ok().and_then(Result::ok).ok_or(ApiError::Busy)
}
