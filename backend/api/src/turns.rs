//! Turns of what takes long: so many at once that others are served too.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};
use std::time::Duration;

use flotilla_domain::id::{OwnerId, UserId};
use tokio::sync::{Mutex as Turn, OwnedMutexGuard, Semaphore, SemaphorePermit};
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
/// Of these, those of each who asks for it.
static OWN_HISTORIES: LazyLock<OwnTurns> = LazyLock::new(OwnTurns::default);
/// For how long one waits to follow an account again.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for a turn to follow an account again, unless it is only of now: one at a time of whoever asks.
///
/// # Errors
///
/// 503 `busy` when that takes too long.
pub async fn take_history(who: UserId, is_of_past: bool) -> ApiResult<Option<OwnTurn>> {
    if !is_of_past {
        return Ok(None);
    }
    OWN_HISTORIES.take(who.into(), &HISTORIES, PATIENCE).await.map(Some)
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

/// Turns of each owner, one at a time: with many pages he waits behind himself, and takes one place of all.
#[derive(Default)]
pub struct OwnTurns {
    each: Mutex<HashMap<OwnerId, Weak<Turn<()>>>>,
}

/// A turn that lasts for as long as this is held.
pub struct OwnTurn {
    // Freed first: whoever is next of the same owner stands behind those who wait for a place already.
    _place: SemaphorePermit<'static>,
    _own: OwnedMutexGuard<()>,
}

impl OwnTurns {
    /// Waits for the owner's own turn and then for one of `places`, for as long as `patience`. Those of an owner come
    /// in order, and so do owners.
    ///
    /// # Errors
    ///
    /// 503 `busy` when that takes too long.
    pub async fn take(
        &self,
        owner: OwnerId,
        places: &'static Semaphore,
        patience: Duration,
    ) -> ApiResult<OwnTurn> {
        let waiting = async {
            let own = self.of(owner).lock_owned().await;
            let place = places.acquire().await.map_err(|_| ApiError::Busy)?;
            Ok(OwnTurn { _place: place, _own: own })
        };
        timeout(patience, waiting).await.map_err(|_| ApiError::Busy)?
    }

    fn of(&self, owner: OwnerId) -> Arc<Turn<()>> {
        // Whole at any moment, whatever panicked.
        let mut each = self.each.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = each.get(&owner).and_then(Weak::upgrade) {
            return turn;
        }
        each.retain(|_, turn| turn.strong_count() > 0);
        let turn = Arc::new(Turn::new(()));
        each.insert(owner, Arc::downgrade(&turn));
        turn
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_owner_waits_for_himself_and_nobody_else_does() {
        static PLACES: Semaphore = Semaphore::const_new(2);
        let (turns, patience) = (OwnTurns::default(), Duration::from_secs(20));
        let [ada, eve] = [1, 2].map(|number| OwnerId::from_uuid(Uuid::from_u128(number)));
        let take = |owner| turns.take(owner, &PLACES, patience);

        let first = take(ada).await.expect("a turn");
        let mut again = Box::pin(turns.take(ada, &PLACES, patience.saturating_mul(2)));
        assert!(futures_util::poll!(again.as_mut()).is_pending());
        let hers = take(eve).await.expect("a turn, whatever waits before her");
        assert!(matches!(take(ada).await, Err(ApiError::Busy)), "he stands behind himself");
        drop(first);
        let next = again.await.expect("his turn");

        assert_eq!(PLACES.available_permits(), 0);
        drop((hers, next));
        drop(take(eve).await);
        assert_eq!((PLACES.available_permits(), turns.each.lock().expect("whole").len()), (2, 1));
    }
}
