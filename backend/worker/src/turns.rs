//! One signal of a master at a time.

use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::Poll;

use flotilla_domain::id::AccountId;
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};
use tokio::task::unconstrained;

/// Queues what a master's sockets say, before a database connection is taken:
/// the sockets of one key must not hold all of them while they wait for each
/// other.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    by_master: Mutex<HashMap<AccountId, Weak<Turn<()>>>>,
}

/// A place in a master's queue.
pub(crate) enum Queued {
    First(OwnedMutexGuard<()>),
    Later(Pin<Box<dyn Future<Output = OwnedMutexGuard<()>> + Send>>),
}

impl Queued {
    /// Waits for the turn; it lasts until the guard is dropped.
    pub async fn turn(self) -> OwnedMutexGuard<()> {
        match self {
            Self::First(turn) => turn,
            Self::Later(turn) => turn.await,
        }
    }
}

impl Turns {
    /// Takes the next place in the master's queue. Turns come in the order of
    /// these calls, whoever waits for them and when.
    pub async fn queue(&self, master: AccountId) -> Queued {
        let turn = self.of(master);
        // Not held back by the task's budget: the first poll takes the place.
        let mut turn: Pin<Box<dyn Future<Output = _> + Send>> = Box::pin(unconstrained(turn.lock_owned()));
        match poll_fn(|cx| Poll::Ready(turn.as_mut().poll(cx))).await {
            Poll::Ready(turn) => Queued::First(turn),
            Poll::Pending => Queued::Later(turn),
        }
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

        let first = turns.queue(one).await.turn().await;
        assert!(turns.queue(one).await.turn().now_or_never().is_none());
        assert!(turns.queue(two).await.turn().now_or_never().is_some());
        drop(first);

        assert!(turns.queue(one).await.turn().now_or_never().is_some());
        assert_eq!(turns.by_master.lock().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn turns_come_in_the_order_of_the_places_whoever_asks_first() {
        let turns = Turns::default();
        let master = AccountId::from_uuid(Uuid::from_u128(1));
        let first = turns.queue(master).await.turn().await;
        let second = turns.queue(master).await;
        let mut third = Box::pin(turns.queue(master).await.turn());

        assert!(futures_util::poll!(third.as_mut()).is_pending());
        drop(first);
        assert!(futures_util::poll!(third.as_mut()).is_pending());
        drop(second.turn().await);

        third.await;
    }
}
