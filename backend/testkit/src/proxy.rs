//! A TCP proxy that does to connections what networks, balancers and dying hosts do to them.
//!
//! It stands between EAs and the worker, or between the worker and PostgreSQL. A stalled way holds the bytes in the
//! proxy: the sender still gets rid of them, so the time at which a line was written is known all the same.

mod link;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::wire_log::WireLog;

use link::Link;

/// Number of the next connection, in this process.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Way {
    /// From the side that connected.
    ToServer,
    /// To the side that connected.
    ToClient,
}

impl Way {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::ToServer, Self::ToClient];
}

/// How a connection is ended, on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Orderly, as when a process ends.
    Fin,
    /// By a reset; bytes under way may be lost.
    Reset,
}

/// How bytes travel on all connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Weather {
    /// What each read waits before it is written.
    pub delay: Duration,
    /// Longest piece that is written at once; 1 is byte by byte.
    pub piece: Option<usize>,
    /// How long bytes are collected and then written together.
    pub glue: Option<Duration>,
}

/// A proxy on a port of its own; it ends with this value, and its connections with it.
#[derive(Debug)]
pub struct Proxy {
    /// Where clients connect.
    pub address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    target: Mutex<SocketAddr>,
    is_open: AtomicBool,
    weather: watch::Sender<Weather>,
    links: Mutex<BTreeMap<u64, Arc<Link>>>,
    trap: Mutex<Option<Trap>>,
    answers_lost: AtomicUsize,
    log: Option<WireLog>,
}

/// A request whose answer gets lost.
#[derive(Debug)]
struct Trap {
    /// Words that the connection must have said before.
    after: Vec<u8>,
    request: Vec<u8>,
    times: usize,
}

impl Proxy {
    /// Listens on a free port and connects each client to `target`.
    ///
    /// `log`: takes down every line, for protocols made of lines.
    ///
    /// # Panics
    ///
    /// When there is no free port.
    pub async fn start(target: SocketAddr, log: Option<WireLog>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound port");
        let shared = Arc::new(Shared {
            target: Mutex::new(target),
            is_open: AtomicBool::new(true),
            weather: watch::Sender::new(Weather::default()),
            links: Mutex::default(),
            trap: Mutex::default(),
            answers_lost: AtomicUsize::new(0),
            log,
        });
        let task = tokio::spawn(accept(Arc::clone(&shared), listener));
        Self { address, shared, task }
    }

    /// Leads new connections to `target`; a server that was started anew has another port.
    pub fn lead_to(&self, target: SocketAddr) {
        *lock(&self.shared.target) = target;
    }

    /// Lets new connections in, or resets each at once. Present ones stay.
    pub fn set_open(&self, is_open: bool) {
        self.shared.is_open.store(is_open, Ordering::SeqCst);
    }

    /// Changes how bytes travel from now on.
    pub fn set_weather(&self, weather: Weather) {
        self.shared.weather.send_replace(weather);
    }

    /// Connections that are alive, oldest first.
    #[must_use]
    pub fn links(&self) -> Vec<u64> {
        lock(&self.shared.links).keys().copied().collect()
    }

    /// Ends one connection.
    pub fn cut(&self, link: u64, how: Cut) {
        if let Some(link) = lock(&self.shared.links).get(&link) {
            link.cut(how);
        }
    }

    /// Ends every connection.
    pub fn cut_all(&self, how: Cut) {
        lock(&self.shared.links).values().for_each(|link| link.cut(how));
    }

    /// Holds the bytes of one connection that go this way.
    pub fn stall(&self, link: u64, way: Way) {
        if let Some(link) = lock(&self.shared.links).get(&link) {
            link.stall(way, true);
        }
    }

    /// Holds the bytes of every present connection that go this way.
    pub fn stall_all(&self, way: Way) {
        lock(&self.shared.links).values().for_each(|link| link.stall(way, true));
    }

    /// Lets the bytes of one connection flow again.
    pub fn release(&self, link: u64) {
        if let Some(link) = lock(&self.shared.links).get(&link) {
            for way in Way::BOTH {
                link.stall(way, false);
            }
        }
    }

    /// Lets all bytes flow again.
    pub fn resume(&self) {
        for link in lock(&self.shared.links).values() {
            for way in Way::BOTH {
                link.stall(way, false);
            }
        }
    }

    /// Loses the answers to the next `times` requests that contain `request`: each is passed on, and when the server
    /// answers, the client's connection is reset instead. `COMMIT` makes an outcome unknown.
    pub fn lose_answers_to(&self, request: &[u8], times: usize) {
        *lock(&self.shared.trap) = Some(Trap { after: Vec::new(), request: request.to_vec(), times });
    }

    /// Loses one answer to `request`, on the connection that says `words` before it.
    pub fn lose_answer_after(&self, words: &[u8], request: &[u8]) {
        *lock(&self.shared.trap) = Some(Trap { after: words.to_vec(), request: request.to_vec(), times: 1 });
    }

    /// How many answers were lost so far.
    #[must_use]
    pub fn answers_lost(&self) -> usize {
        self.shared.answers_lost.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
        self.cut_all(Cut::Reset);
    }
}

impl Shared {
    /// Whether the answer to these bytes is to be lost; each time counts.
    ///
    /// `has_said`: whether their connection said the words before, kept by the caller.
    fn springs_trap(&self, bytes: &[u8], has_said: &mut bool) -> bool {
        let mut trap = lock(&self.trap);
        let Some(set) = trap.as_mut().filter(|trap| trap.times > 0) else { return false };
        *has_said |= set.after.is_empty() || contains(bytes, &set.after);
        let springs = *has_said && contains(bytes, &set.request);
        set.times -= usize::from(springs);
        springs
    }
}

async fn accept(shared: Arc<Shared>, listener: TcpListener) {
    while let Ok((client, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        tokio::spawn(async move { serve(shared, client).await });
    }
}

async fn serve(shared: Arc<Shared>, client: TcpStream) {
    let target = *lock(&shared.target);
    let server =
        if shared.is_open.load(Ordering::SeqCst) { TcpStream::connect(target).await.ok() } else { None };
    let Some(server) = server else {
        link::reset(&client);
        return;
    };
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let link = Arc::new(Link::new(number, client, server));
    lock(&shared.links).insert(number, Arc::clone(&link));
    link.run(&shared).await;
    lock(&shared.links).remove(&number);
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    !wanted.is_empty() && bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
