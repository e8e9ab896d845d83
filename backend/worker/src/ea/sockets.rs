//! The authenticated connections of this worker, by account.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use flotilla_domain::id::AccountId;

use crate::ea::socket::Socket;

type ByAccount = HashMap<AccountId, Vec<Arc<Socket>>>;

/// Which connections speak for an account: one of a follower, all of a master.
#[derive(Debug, Default)]
pub(crate) struct Sockets {
    by_account: RwLock<ByAccount>,
}

impl Sockets {
    /// Enters a connection. A follower's takes the place of the one before it,
    /// which comes back; it goes on reading until it is closed.
    pub fn enter(&self, socket: &Arc<Socket>) -> Option<Arc<Socket>> {
        let mut by_account = self.write();
        let entries = by_account.entry(socket.login.account_id).or_default();
        let before = if socket.is_follower() { entries.pop() } else { None };
        entries.push(Arc::clone(socket));
        before
    }

    /// Gives the place of a connection, and its session, back to the one before it. False: a newer one has the place.
    pub fn give_back(&self, socket: &Socket, older: &Arc<Socket>) -> bool {
        let mut by_account = self.write();
        let entries = by_account.get_mut(&socket.login.account_id);
        let place =
            entries.and_then(|entries| entries.iter_mut().find(|entry| entry.number == socket.number));
        let Some(place) = place else { return false };
        older.set_epoch(socket.epoch());
        *place = Arc::clone(older);
        true
    }

    /// Enters a connection beside the account's others. Where there are more than `most`, the oldest comes back.
    pub fn stand_beside(&self, socket: &Arc<Socket>, most: usize) -> Option<Arc<Socket>> {
        let mut by_account = self.write();
        let entries = by_account.entry(socket.login.account_id).or_default();
        entries.push(Arc::clone(socket));
        (entries.len() > most).then(|| entries.remove(0))
    }

    /// Removes a connection; whether it still spoke for its account.
    pub fn leave(&self, socket: &Socket) -> bool {
        let mut by_account = self.write();
        let Some(entries) = by_account.get_mut(&socket.login.account_id) else { return false };
        let before = entries.len();
        entries.retain(|entry| entry.number != socket.number);
        let was_there = entries.len() < before;
        if entries.is_empty() {
            by_account.remove(&socket.login.account_id);
        }
        was_there
    }

    /// The connection that takes an account's commands: the newest.
    pub fn newest(&self, account: AccountId) -> Option<Arc<Socket>> {
        self.read().get(&account)?.last().cloned()
    }

    /// Every connection of an account.
    pub fn of(&self, account: AccountId) -> Vec<Arc<Socket>> {
        self.read().get(&account).cloned().unwrap_or_default()
    }

    /// Every connection.
    pub fn every(&self) -> Vec<Arc<Socket>> {
        self.read().values().flatten().cloned().collect()
    }

    /// Accounts that are connected.
    pub fn accounts(&self) -> Vec<AccountId> {
        self.read().keys().copied().collect()
    }

    /// Commands that wait: of all connections, and of the one furthest behind.
    pub fn queued(&self) -> (usize, usize) {
        let by_account = self.read();
        let depths = by_account.values().flatten().map(|socket| socket.queued());
        depths.fold((0, 0), |(all, deepest), depth| (all + depth, deepest.max(depth)))
    }

    /// Accounts that said something since the last call.
    pub fn take_heard(&self) -> Vec<AccountId> {
        // Every connection is asked, so that each answers for its own time.
        let heard = |sockets: &[Arc<Socket>]| sockets.iter().filter(|socket| socket.take_heard()).count();
        self.read().iter().filter(|(_, sockets)| heard(sockets) > 0).map(|(account, _)| *account).collect()
    }

    fn read(&self) -> RwLockReadGuard<'_, ByAccount> {
        self.by_account.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, ByAccount> {
        self.by_account.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use flotilla_domain::account::CopyRole;
    use flotilla_domain::id::OwnerId;
    use flotilla_store::ea_login::EaLogin;
    use tokio_util::sync::CancellationToken;
    use uuid::Uuid;

    use super::*;

    fn follower(number: u64, epoch: i64) -> Arc<Socket> {
        let login = EaLogin {
            account_id: AccountId::from_uuid(Uuid::from_u128(1)),
            owner_id: OwnerId::from_uuid(Uuid::from_u128(2)),
            role: CopyRole::Follower,
        };
        let (socket, _) = Socket::new(number, login, [0; 32], 1, CancellationToken::new());
        socket.set_epoch(epoch);
        Arc::new(socket)
    }

    #[test]
    fn a_place_is_given_back_by_whoever_has_it() {
        let sockets = Sockets::default();
        let [first, second, third] = [follower(1, 1), follower(2, 2), follower(3, 3)];
        let newest = || sockets.newest(first.login.account_id).map(|socket| (socket.number, socket.epoch()));
        assert!(sockets.enter(&first).is_none());
        sockets.enter(&second);

        assert!(sockets.give_back(&second, &first));
        assert_eq!(newest(), Some((1, 2)));
        sockets.enter(&third);
        assert!(!sockets.give_back(&second, &first), "another has it");
        assert_eq!(newest(), Some((3, 3)));
        assert!(sockets.leave(&third));
        assert!(!sockets.give_back(&third, &first), "nobody has it");
        assert_eq!(newest(), None);
    }
}
