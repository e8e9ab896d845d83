//! Imports in progress: one of each owner, and a few at once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use flotilla_domain::id::OwnerId;

use crate::error::{ApiError, ApiResult};

/// Files that may arrive at once: each is on disk for as long as it is read.
const ARRIVING: usize = 16;

/// Who imports, and how far that is.
#[derive(Default)]
pub struct Imports(Mutex<HashMap<OwnerId, Arc<Progress>>>);

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
    pub progress: Arc<Progress>,
}

impl Imports {
    /// Begins an import of `owner`.
    ///
    /// # Errors
    ///
    /// 409 while another one of the owner goes on, 503 when too many do.
    pub fn begin(&self, owner: OwnerId) -> ApiResult<Import<'_>> {
        let mut all = self.lock();
        if all.contains_key(&owner) {
            return Err(ApiError::InProgress);
        }
        if all.len() >= ARRIVING {
            return Err(ApiError::Busy);
        }
        let progress = Arc::new(Progress::default());
        all.insert(owner, progress.clone());
        Ok(Import { imports: self, owner, progress })
    }

    /// How far the import of `owner` is, if there is one.
    pub fn reached(&self, owner: OwnerId) -> Option<Reached> {
        self.lock().get(&owner).map(|progress| progress.reached())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<OwnerId, Arc<Progress>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Import<'_> {
    fn drop(&mut self) {
        self.imports.lock().remove(&self.owner);
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

        let import = imports.begin(ada).expect("the first");
        import.progress.checked(7);

        assert!(matches!(imports.begin(ada), Err(ApiError::InProgress)));
        assert!(imports.begin(eve).is_ok());
        assert_eq!(imports.reached(ada).map(|reached| reached.checked), Some(7));
        drop(import);
        assert_eq!(imports.reached(ada), None);
        assert!(imports.begin(ada).is_ok());
    }
}
