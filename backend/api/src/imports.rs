//! Imports in progress: one of each owner, a few of a network, and not many at once.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use flotilla_domain::id::OwnerId;

use crate::arrivals::{Arrivals, Place};
use crate::error::{ApiError, ApiResult};

/// Files that may arrive at once: each is on disk for as long as it is read.
const ARRIVING: usize = 16;

/// Who imports, and how far that is.
pub struct Imports {
    all: Mutex<HashMap<OwnerId, Arc<Progress>>>,
    arrivals: Arrivals,
}

impl Default for Imports {
    fn default() -> Self {
        Self { all: Mutex::default(), arrivals: Arrivals::new(ARRIVING) }
    }
}

/// How far an import is.
#[derive(Debug, Default)]
pub struct Progress {
    received: AtomicU64,
    checked: AtomicU64,
    written: AtomicU64,
}

/// What [`Progress`] says at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// Bytes that arrived.
    pub received: u64,
    /// Rows that were checked.
    pub checked: u64,
    /// Trades that were written, or compared with the journal.
    pub written: u64,
}

impl Progress {
    pub fn received(&self, bytes: usize) {
        add(&self.received, bytes);
    }

    pub fn checked(&self, rows: usize) {
        add(&self.checked, rows);
    }

    pub fn written(&self, trades: usize) {
        add(&self.written, trades);
    }

    pub fn reached(&self) -> Reached {
        let get = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Reached { received: get(&self.received), checked: get(&self.checked), written: get(&self.written) }
    }
}

fn add(count: &AtomicU64, more: usize) {
    count.fetch_add(u64::try_from(more).unwrap_or_default(), Ordering::Relaxed);
}

/// An import that goes on for as long as this is held.
pub struct Import<'a> {
    imports: &'a Imports,
    owner: OwnerId,
    place: Option<Place<'a>>,
    pub progress: Arc<Progress>,
}

impl Imports {
    /// Begins an import of `owner`, who sends from `network`.
    ///
    /// # Errors
    ///
    /// 409 while another one of the owner goes on, 503 when too many do, or too many of that network.
    pub fn begin(&self, owner: OwnerId, network: IpAddr) -> ApiResult<Import<'_>> {
        let mut all = self.lock();
        if all.contains_key(&owner) {
            return Err(ApiError::InProgress);
        }
        let place = Some(self.arrivals.find(owner, network).ok_or(ApiError::Busy)?);
        let progress = Arc::new(Progress::default());
        all.insert(owner, progress.clone());
        Ok(Import { imports: self, owner, place, progress })
    }

    /// How far the import of `owner` is, if there is one.
    pub fn reached(&self, owner: OwnerId) -> Option<Reached> {
        self.lock().get(&owner).map(|progress| progress.reached())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<OwnerId, Arc<Progress>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Import<'_> {
    fn drop(&mut self) {
        let imports = self.imports;
        let mut all = imports.lock();
        all.remove(&self.owner);
        // Before anybody looks: who is not among them finds a place.
        drop(self.place.take());
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_owner_imports_one_file_at_a_time() {
        let imports = Imports::default();
        let (ada, eve) = (OwnerId::from_uuid(Uuid::now_v7()), OwnerId::from_uuid(Uuid::now_v7()));

        let here = IpAddr::from([9, 9, 9, 9]);
        let import = imports.begin(ada, here).expect("the first");
        import.progress.checked(7);

        assert!(matches!(imports.begin(ada, here), Err(ApiError::InProgress)));
        assert!(imports.begin(eve, here).is_ok());
        assert_eq!(imports.reached(ada).map(|reached| reached.checked), Some(7));
        drop(import);
        assert_eq!(imports.reached(ada), None);
        assert!(imports.begin(ada, here).is_ok());
    }
}
