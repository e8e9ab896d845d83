//! The exchange on loopback: one port for each host, REST and WebSocket on it, and one for the control API.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::BytesMut;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::control;
use crate::http;
use crate::request::{HostName, Incoming};
use crate::stream;
use crate::venue::{Delivery, Push, Reply, Venue};

/// Where a simulator starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// Equal seeds and equal requests give equal answers.
    pub seed: u64,
    /// Time at the start, Unix milliseconds.
    pub now_ms: i64,
    /// Ports of live, demo and control; 0 takes a free one.
    pub ports: [u16; 3],
}

impl Default for Start {
    fn default() -> Self {
        Self { seed: 1, now_ms: 1_790_000_000_000, ports: [0; 3] }
    }
}

/// What all connections share.
#[derive(Debug)]
pub struct Shared {
    venue: Mutex<Venue>,
    began: Instant,
    offset_ms: AtomicI64,
    pushes: broadcast::Sender<Push>,
}

impl Shared {
    /// The simulator's time, Unix milliseconds.
    pub fn now_ms(&self) -> i64 {
        let gone = i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.offset_ms.load(Ordering::SeqCst).saturating_add(gone)
    }

    /// Moves the clock, also backwards.
    pub fn jump(&self, ms: i64) {
        self.offset_ms.fetch_add(ms, Ordering::SeqCst);
        self.with(|venue| venue.set_clock(self.now_ms()));
    }

    /// Does something with the exchange, and tells the streams what came of it.
    pub fn with<T>(&self, act: impl FnOnce(&mut Venue) -> T) -> T {
        let mut venue = self.venue.lock().unwrap_or_else(PoisonError::into_inner);
        venue.advance(self.now_ms());
        let done = act(&mut venue);
        for push in std::mem::take(&mut venue.pushes) {
            // Nobody listens: then it is missed.
            let _ = self.pushes.send(push);
        }
        done
    }

    /// How many streams are connected.
    pub fn streams(&self) -> usize {
        self.pushes.receiver_count()
    }

    /// Events from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Push> {
        self.pushes.subscribe()
    }
}

/// A running simulator. Ends when dropped.
#[derive(Debug)]
pub struct Server {
    /// Live host.
    pub live: SocketAddr,
    /// Demo host.
    pub demo: SocketAddr,
    /// Control API.
    pub control: SocketAddr,
    /// The exchange, for tests in the same process.
    pub shared: Arc<Shared>,
    tasks: Vec<JoinHandle<()>>,
}

impl Server {
    /// Starts on loopback.
    pub async fn start(start: Start) -> anyhow::Result<Self> {
        let shared = Arc::new(Shared {
            venue: Mutex::new(Venue::new(start.seed, start.now_ms)),
            began: Instant::now(),
            offset_ms: AtomicI64::new(start.now_ms),
            pushes: broadcast::channel(16_384).0,
        });
        let [live_port, demo_port, control_port] = start.ports;
        let live = TcpListener::bind(("127.0.0.1", live_port)).await?;
        let demo = TcpListener::bind(("127.0.0.1", demo_port)).await?;
        let control = TcpListener::bind(("127.0.0.1", control_port)).await?;
        let mut server = Self {
            live: live.local_addr()?,
            demo: demo.local_addr()?,
            control: control.local_addr()?,
            shared: Arc::clone(&shared),
            tasks: Vec::new(),
        };
        server.tasks.push(tokio::spawn(listen(live, Door::Host(HostName::Live), Arc::clone(&shared))));
        server.tasks.push(tokio::spawn(listen(demo, Door::Host(HostName::Demo), Arc::clone(&shared))));
        server.tasks.push(tokio::spawn(listen(control, Door::Control, Arc::clone(&shared))));
        server.tasks.push(tokio::spawn(async move {
            loop {
                sleep(Duration::from_millis(100)).await;
                shared.with(|_| ());
            }
        }));
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Door {
    Host(HostName),
    Control,
}

async fn listen(listener: TcpListener, door: Door, shared: Arc<Shared>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        if let Ok((stream, peer)) = listener.accept().await {
            let shared = Arc::clone(&shared);
            connections.spawn(async move {
                // A client that goes away in the middle of something is nothing to report.
                let _ = serve(stream, peer, door, shared).await;
            });
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(mut tcp: TcpStream, peer: SocketAddr, door: Door, shared: Arc<Shared>) -> anyhow::Result<()> {
    tcp.set_nodelay(true)?;
    let mut buffer = BytesMut::new();
    while let Some(wire) = http::read(&mut tcp, &mut buffer).await? {
        let host = match door {
            Door::Control => {
                let reply = control::answer(&shared, &wire);
                http::write(&mut tcp, &reply).await?;
                continue;
            }
            Door::Host(host) => host,
        };
        if wire.header("upgrade").is_some_and(|value| value.eq_ignore_ascii_case("websocket")) {
            return stream::serve(tcp, &wire, (host, peer.ip()), shared).await;
        }
        let request = Incoming {
            host,
            ip: peer.ip().to_string(),
            key: wire.header("x-bx-apikey").map(str::to_owned),
            content_type: wire.header("content-type").unwrap_or_default().to_ascii_lowercase(),
            body: String::from_utf8_lossy(&wire.body).into_owned(),
            method: wire.method,
            path: wire.path,
            query: wire.query,
        };
        let delivery = shared.with(|venue| venue.handle(&request, venue.now()));
        if !deliver(&mut tcp, delivery).await? {
            return Ok(());
        }
    }
    Ok(())
}

/// Whether the connection goes on.
async fn deliver(tcp: &mut TcpStream, delivery: Delivery) -> anyhow::Result<bool> {
    match delivery {
        Delivery::Answer(reply) => http::write(tcp, &reply).await?,
        Delivery::Late(ms, reply) => {
            sleep(Duration::from_millis(ms)).await;
            http::write(tcp, &reply).await?;
        }
        Delivery::Half(reply) => {
            http::write_half(tcp, &reply).await?;
            return Ok(false);
        }
        Delivery::Drop => return Ok(false),
    }
    Ok(true)
}

/// An answer of the control API.
pub fn json(status: u16, body: &impl ToString) -> Reply {
    Reply { status, body: body.to_string(), allowance: None }
}
