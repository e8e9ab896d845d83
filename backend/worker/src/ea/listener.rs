//! Accepts connections, a bounded number of strangers at a time.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;

use crate::addresses::network;
use crate::config::Limits;
use crate::ea::connection::{self, Peer};
use crate::gateway::Gateway;
use crate::measure::{self, LogIn};

/// After a failure to accept, as when the process is out of descriptors.
const BREATHER: Duration = Duration::from_millis(100);
const SEND_BUFFER: usize = 32 * 1024;
const USER_TIMEOUT: Duration = Duration::from_secs(15);

/// Accepts until the worker drains; connections run in `tasks`.
///
/// `tls`: of the encrypted port; without it the port is plain.
pub(crate) async fn run(
    gateway: Arc<Gateway>,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    tasks: TaskTracker,
) {
    loop {
        let accepted = tokio::select! {
            biased;
            // Who is in the queue already must not be turned away.
            accepted = listener.accept() => accepted,
            () = gateway.draining.cancelled() => return,
        };
        match accepted {
            Ok((stream, peer)) => admit(&gateway, stream, peer.ip(), tls.as_ref(), &tasks),
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                if gateway.draining.is_cancelled() {
                    return;
                }
                tokio::time::sleep(BREATHER).await;
            }
        }
    }
}

fn admit(
    gateway: &Arc<Gateway>,
    stream: TcpStream,
    address: IpAddr,
    tls: Option<&TlsAcceptor>,
    tasks: &TaskTracker,
) {
    let Some(place) = Waiting::enter(gateway, address) else {
        measure::log_in(LogIn::Crowded);
        tracing::debug!("connection refused: too many wait to log in");
        return;
    };
    if let Err(error) = tune(&stream) {
        tracing::debug!(%error, "connection ended at once");
        return;
    }
    let deadline = Instant::now() + gateway.config.timing.authenticate;
    let peer = Peer { address, deadline, place };
    match tls {
        Some(acceptor) => {
            tasks.spawn(shake_hands(Arc::clone(gateway), stream, acceptor.clone(), peer));
        }
        None => {
            tasks.spawn(connection::serve(Arc::clone(gateway), stream, peer));
        }
    }
}

/// The time for the handshake is part of the time for the key.
async fn shake_hands(gateway: Arc<Gateway>, stream: TcpStream, acceptor: TlsAcceptor, peer: Peer) {
    match timeout_at(peer.deadline, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => connection::serve(gateway, stream, peer).await,
        Ok(Err(error)) => {
            measure::log_in(LogIn::Foreign);
            tracing::info!(address = %peer.address, %error, "EA refused: no TLS handshake");
        }
        Err(_) => {
            measure::log_in(LogIn::Unfinished);
            tracing::info!(address = %peer.address, "EA refused: TLS handshake not finished in time");
        }
    }
}

/// A dead link is noticed within about 20 seconds, and a peer that does not
/// read holds little of our memory.
fn tune(stream: &TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.set_tcp_user_timeout(Some(USER_TIMEOUT))?;
    let keepalive = TcpKeepalive::new()
        .with_time(Duration::from_secs(10))
        .with_interval(Duration::from_secs(3))
        .with_retries(3);
    socket.set_tcp_keepalive(&keepalive)
}

/// Connections that have not authenticated, by network.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    by_network: Mutex<HashMap<IpAddr, usize>>,
}

/// A place among the connections that have not authenticated; freed when dropped.
pub(crate) struct Place {
    gateway: Arc<Gateway>,
    address: IpAddr,
}

impl Waiting {
    fn enter(gateway: &Arc<Gateway>, address: IpAddr) -> Option<Place> {
        gateway
            .waiting
            .count(address, &gateway.config.limits)
            .then(|| Place { gateway: Arc::clone(gateway), address })
    }

    fn count(&self, address: IpAddr, limits: &Limits) -> bool {
        let network = network(address);
        let mut by_network = self.by_network.lock().unwrap_or_else(PoisonError::into_inner);
        let total: usize = by_network.values().sum();
        let own = by_network.get(&network).copied().unwrap_or_default();
        let fits = own < limits.unauthenticated_per_address && total < limits.unauthenticated;
        if fits {
            by_network.insert(network, own + 1);
        }
        fits
    }

    /// How many wait.
    pub fn total(&self) -> usize {
        self.by_network.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }

    fn free(&self, address: IpAddr) {
        let network = network(address);
        let mut by_network = self.by_network.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = by_network.get_mut(&network) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                by_network.remove(&network);
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.gateway.waiting.free(self.address);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn n64_a_dead_link_is_noticed_within_twenty_seconds() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (peer, accepted) =
            tokio::join!(TcpStream::connect(listener.local_addr().unwrap()), listener.accept());
        let (_peer, (ours, _)) = (peer.unwrap(), accepted.unwrap());

        tune(&ours).unwrap();

        let socket = SockRef::from(&ours);
        assert!(socket.keepalive().unwrap());
        let probes = socket.tcp_keepalive_interval().unwrap() * socket.tcp_keepalive_retries().unwrap();
        assert!(socket.tcp_keepalive_time().unwrap() + probes <= Duration::from_secs(20));
        assert!(socket.tcp_user_timeout().unwrap().unwrap() <= Duration::from_secs(20));
    }

    #[test]
    fn who_is_refused_leaves_no_trace() {
        let (waiting, limits) = (Waiting::default(), Limits { unauthenticated: 1, ..Limits::default() });

        assert!(waiting.count(IpAddr::from([192, 0, 2, 1]), &limits));
        for last in 2..100 {
            assert!(!waiting.count(IpAddr::from([192, 0, 2, last]), &limits));
        }

        assert_eq!(waiting.by_network.lock().unwrap().len(), 1);
    }

    #[test]
    fn n60_hopping_within_a_network_takes_no_more_places() {
        let (waiting, limits) =
            (Waiting::default(), Limits { unauthenticated_per_address: 3, ..Limits::default() });
        let address = |network: u16, last: u16| IpAddr::from([0x2001, 0xdb8, 1, network, 0, 0, 0, last]);

        let admitted = (1..100).filter(|&last| waiting.count(address(2, last), &limits)).count();

        assert_eq!(admitted, 3);
        assert!(waiting.count(address(3, 1), &limits), "others are not affected");
        waiting.free(address(2, 1));
        assert!(waiting.count(address(2, 99), &limits));
        assert!(!waiting.count(address(2, 1), &limits));
    }
}
