//! From where keys are used: a new place is told to the owner, because v7
//! sends keys in clear text.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use flotilla_domain::id::AccountId;
use flotilla_store::changes::Change;
use flotilla_store::ea_login::EaLogin;
use flotilla_store::{StoreResult, Tx, alerts, key_addresses};

use crate::alarms;
use crate::gateway::Gateway;

/// Where each account's key was used last, so that a terminal that comes back
/// costs no transaction.
#[derive(Debug, Default)]
pub(crate) struct Addresses {
    last: Mutex<HashMap<AccountId, IpAddr>>,
}

impl Addresses {
    /// Notes an address; whether the one before it was another.
    fn is_other(&self, account: AccountId, network: IpAddr) -> bool {
        self.lock().insert(account, network) != Some(network)
    }

    fn forget(&self, account: AccountId) {
        self.lock().remove(&account);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AccountId, IpAddr>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A key was right. Whoever has it is not kept waiting for this.
pub(crate) fn watch(gateway: &Arc<Gateway>, login: EaLogin, address: IpAddr) {
    let network = network(address);
    if !gateway.addresses.is_other(login.account_id, network) {
        return;
    }
    let gateway = Arc::clone(gateway);
    tokio::spawn(async move {
        match gateway.converse(async |tx| note(tx, &login, network).await).await {
            Ok(raised) => alarms::tell(&gateway, raised.as_slice()),
            Err(error) => {
                gateway.addresses.forget(login.account_id);
                tracing::warn!(%error, account.id = %login.account_id, "the address of a key was not noted");
            }
        }
    });
}

async fn note(tx: &mut Tx, login: &EaLogin, network: IpAddr) -> StoreResult<Option<Change>> {
    let address = network.to_string();
    if !key_addresses::note(tx, login, &address).await? {
        return Ok(None);
    }
    alerts::raise(tx, &alarms::address_changed(login, &address)).await.map(Some)
}

/// Where an address is: an IPv6 host changes its own within its network by itself, so all of a /64 are one.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        known @ IpAddr::V4(_) => known,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_host_is_known_by_its_network() {
        let network = |text: &str| network(text.parse().unwrap()).to_string();

        assert_eq!(network("192.0.2.7"), "192.0.2.7");
        assert_eq!(network("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::9"));
        assert_ne!(network("2001:db8:1:2::9"), network("2001:db8:1:3::9"));
    }

    #[test]
    fn only_another_place_is_looked_up() {
        let addresses = Addresses::default();
        let account = AccountId::from_uuid(Uuid::from_u128(1));
        let [here, there] = ["192.0.2.7", "192.0.2.8"].map(|text| text.parse().unwrap());

        let others = [here, here, there, here].map(|address| addresses.is_other(account, address));

        assert_eq!(others, [true, false, true, true]);
    }
}
