//! One signal of a master at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use flotilla_domain::id::AccountId;
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

/// Queues what a master's sockets say, before a database connection is taken:
/// the sockets of one key must not hold all of them while they wait for each
/// other.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    by_master: Mutex<HashMap<AccountId, Weak<Turn<()>>>>,
}

impl Turns {
    /// Waits for the master's turn; it lasts until the guard is dropped.
    pub async fn take(&self, master: AccountId) -> OwnedMutexGuard<()> {
        self.of(master).lock_owned().await
    }

    fn of(&self, master: AccountId) -> Arc<Turn<()>> {
        let mut by_master = self.by_master.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = by_master.get(&master).and_then(Weak::upgrade) {
            return turn;
        }
        by_master.retain(|_, turn| turn.strong_count() > 0);
        let turn = Arc::new(Turn::new(()));
        by_master.insert(master, Arc::downgrade(&turn));
        turn
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn a_master_waits_for_itself_and_for_nobody_else() {
        let turns = Turns::default();
        let [one, two] = [1, 2].map(|number| AccountId::from_uuid(Uuid::from_u128(number)));

        let first = turns.take(one).await;
        assert!(turns.take(one).now_or_never().is_none());
        assert!(turns.take(two).now_or_never().is_some());
        drop(first);

        assert!(turns.take(one).now_or_never().is_some());
        assert_eq!(turns.by_master.lock().unwrap().len(), 1);
    }
}
