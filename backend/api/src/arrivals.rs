//! Files that arrive: who sends them, and how many do at once.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use bytes::Bytes;
use flotilla_domain::id::OwnerId;
use futures_util::future::{Ready, ready};
use futures_util::{Stream, StreamExt};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout, timeout_at};

use crate::error::{ApiError, ApiResult};
use crate::{address, auth, limits};

/// Files of one network that may arrive at once: several people of an office, and not all places there are.
const OF_A_NETWORK: usize = 4;

/// Bytes that have to come ...
const LEAST: usize = 64 * 1024;
/// ... within this time, or the rest.
const PACE: Duration = Duration::from_secs(10);

/// The body of a request that is a file.
pub struct Body {
    pub payload: Payload,
    /// Where it comes from.
    pub network: IpAddr,
}

impl FromRequest for Body {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let trusted = &auth::shared(request).config.trusted_proxies;
        let network = limits::network(address::client(request, trusted));
        ready(Ok(Self { payload: payload.take(), network }))
    }
}

/// A file in pieces, as they come. One that hardly comes is ended: it would keep a place for as long as it likes.
pub struct Paced<S> {
    pieces: S,
    until: Instant,
    came: usize,
}

impl<S, E> Paced<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    /// Begins to wait.
    pub fn new(pieces: S) -> Self {
        Self { pieces, until: Instant::now() + PACE, came: 0 }
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    ///
    /// 400 when it ends before its end, or comes slower than it may.
    pub async fn next(&mut self) -> ApiResult<Option<Bytes>> {
        let next = timeout_at(self.until, self.pieces.next()).await.map_err(|_| ApiError::BadRequest)?;
        let Some(piece) = next.transpose().map_err(|_| ApiError::BadRequest)? else { return Ok(None) };
        self.came = self.came.saturating_add(piece.len());
        if self.came >= LEAST {
            self.came = 0;
            self.until = Instant::now() + PACE;
        }
        Ok(Some(piece))
    }
}

/// Places for files: so many in all, fewer of one network, one of each owner.
pub struct Arrivals {
    most: usize,
    taken: Mutex<HashMap<OwnerId, IpAddr>>,
    freed: Notify,
}

/// A place that is taken for as long as this is held.
pub struct Place<'a> {
    arrivals: &'a Arrivals,
    owner: OwnerId,
}

impl Arrivals {
    /// `most`: places in all.
    pub fn new(most: usize) -> Self {
        Self { most, taken: Mutex::default(), freed: Notify::new() }
    }

    /// A place, if there is one for whoever sends from there.
    pub fn find(&self, owner: OwnerId, network: IpAddr) -> Option<Place<'_>> {
        let mut taken = self.lock();
        let of_network = taken.values().filter(|other| **other == network).count();
        if taken.contains_key(&owner) || taken.len() >= self.most || of_network >= OF_A_NETWORK {
            return None;
        }
        taken.insert(owner, network);
        Some(Place { arrivals: self, owner })
    }

    /// Waits for a place, for as long as `patience`.
    ///
    /// # Errors
    ///
    /// 503 `busy` when that takes too long.
    pub async fn wait(
        &self,
        (owner, network): (OwnerId, IpAddr),
        patience: Duration,
    ) -> ApiResult<Place<'_>> {
        let waiting = async {
            loop {
                // What is freed between a look and the wait wakes it, too.
                let freed = self.freed.notified();
                if let Some(place) = self.find(owner, network) {
                    return place;
                }
                freed.await;
            }
        };
        timeout(patience, waiting).await.map_err(|_| ApiError::Busy)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<OwnerId, IpAddr>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.arrivals.lock().remove(&self.owner);
        self.arrivals.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn an_owner_has_one_place_and_a_network_some_of_them() {
        let arrivals = Arrivals::new(5);
        let owner = || OwnerId::from_uuid(Uuid::now_v7());
        let [office, home, away] = [1, 2, 3].map(|last| IpAddr::from([9, 9, 9, last]));
        let ada = owner();

        let first = arrivals.find(ada, home).expect("the first");
        assert!(arrivals.find(ada, away).is_none(), "of one owner");
        let office_places: Vec<_> = (0..9).filter_map(|_| arrivals.find(owner(), office)).collect();
        assert_eq!(office_places.len(), OF_A_NETWORK);
        assert!(arrivals.find(owner(), away).is_none(), "in all");

        let refused = arrivals.wait((ada, away), Duration::from_millis(5)).await;
        assert!(matches!(refused, Err(ApiError::Busy)));
        let (next, ()) = tokio::join!(arrivals.wait((ada, away), Duration::from_mins(1)), async {
            tokio::task::yield_now().await;
            drop(first);
        });
        assert!(next.is_ok(), "it waited");
    }

    #[tokio::test(start_paused = true)]
    async fn what_hardly_comes_is_ended_and_what_comes_slowly_is_not() {
        async fn bytes_of(pieces: usize, size: usize, apart: Duration) -> ApiResult<usize> {
            let pieces = futures_util::stream::iter(0..pieces).then(async |_| {
                tokio::time::sleep(apart).await;
                Ok::<_, ()>(Bytes::from(vec![0; size]))
            });
            let mut paced = Paced::new(Box::pin(pieces));
            let mut all = 0;
            while let Some(piece) = paced.next().await? {
                all += piece.len();
            }
            Ok(all)
        }

        let [second, minute] = [1, 60].map(Duration::from_secs);

        assert_eq!(bytes_of(100, 8 * 1024, second).await.ok(), Some(100 * 8 * 1024));
        assert_eq!(bytes_of(5, 1, second).await.ok(), Some(5), "the rest");
        assert!(matches!(bytes_of(100, 1, second).await, Err(ApiError::BadRequest)));
        assert!(matches!(bytes_of(1, LEAST, minute).await, Err(ApiError::BadRequest)));
    }
}
