//! One connection through the proxy.

use std::io::ErrorKind;
use std::net::Shutdown;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use socket2::SockRef;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep};

use super::{Cut, Shared, Way};
use crate::wire_log::Splitter;

/// Bytes that are read at once.
const READ: usize = 16 * 1024;
/// Reads that a stalled way holds; then the sender's own buffers fill.
const HELD: usize = 256;
/// Between two pieces, so that the kernel does not put them together again.
const BREATH: Duration = Duration::from_micros(300);

/// Two sockets and what is done to the bytes between them.
#[derive(Debug)]
pub(super) struct Link {
    number: u64,
    client: TcpStream,
    server: TcpStream,
    cut: watch::Sender<Option<Cut>>,
    stalled: watch::Sender<(bool, bool)>,
    /// The next answer is lost.
    loses_answer: AtomicBool,
}

impl Link {
    pub fn new(number: u64, client: TcpStream, server: TcpStream) -> Self {
        for side in [&client, &server] {
            let _ = side.set_nodelay(true);
        }
        Self {
            number,
            client,
            server,
            cut: watch::Sender::new(None),
            stalled: watch::Sender::new((false, false)),
            loses_answer: AtomicBool::new(false),
        }
    }

    pub fn cut(&self, how: Cut) {
        self.cut.send_replace(Some(how));
    }

    pub fn stall(&self, way: Way, is_stalled: bool) {
        self.stalled.send_modify(|(to_server, to_client)| match way {
            Way::ToServer => *to_server = is_stalled,
            Way::ToClient => *to_client = is_stalled,
        });
    }

    /// Passes bytes on until both sides have said goodbye or the link is cut.
    pub async fn run(&self, shared: &Shared) {
        let mut cut = self.cut.subscribe();
        tokio::select! {
            biased;
            how = cut.wait_for(Option::is_some) => self.end(how.ok().and_then(|how| *how)),
            ((), ()) = async { tokio::join!(self.pump(shared, Way::ToServer), self.pump(shared, Way::ToClient)) } => {}
        }
    }

    fn end(&self, how: Option<Cut>) {
        for side in [&self.client, &self.server] {
            match how {
                Some(Cut::Reset) => reset(side),
                Some(Cut::Fin) | None => {
                    let _ = SockRef::from(side).shutdown(Shutdown::Write);
                }
            }
        }
    }

    async fn pump(&self, shared: &Shared, way: Way) {
        let (held, flowing) = mpsc::channel(HELD);
        tokio::join!(self.take(shared, way, held), self.give(shared, way, flowing));
    }

    const fn ends(&self, way: Way) -> (&TcpStream, &TcpStream) {
        match way {
            Way::ToServer => (&self.client, &self.server),
            Way::ToClient => (&self.server, &self.client),
        }
    }

    async fn take(&self, shared: &Shared, way: Way, held: mpsc::Sender<Bytes>) {
        let (source, _) = self.ends(way);
        let mut has_said = false;
        let mut splitter = shared.log.clone().map(|log| Splitter::new(log, self.number, way));
        loop {
            let bytes = match read(source).await {
                Ok(bytes) if bytes.is_empty() => return,
                Ok(bytes) => bytes,
                // Whoever resets one side resets the other.
                Err(_) => return self.cut(Cut::Reset),
            };
            if let Some(splitter) = &mut splitter {
                splitter.take(&bytes, Instant::now());
            }
            if way == Way::ToServer && shared.springs_trap(&bytes, &mut has_said) {
                self.loses_answer.store(true, Ordering::SeqCst);
            }
            if way == Way::ToClient && self.loses_answer.swap(false, Ordering::SeqCst) {
                shared.answers_lost.fetch_add(1, Ordering::SeqCst);
                return self.cut(Cut::Reset);
            }
            if held.send(bytes).await.is_err() {
                return;
            }
        }
    }

    async fn give(&self, shared: &Shared, way: Way, mut flowing: mpsc::Receiver<Bytes>) {
        let (_, sink) = self.ends(way);
        while let Some(first) = flowing.recv().await {
            let weather = *shared.weather.borrow();
            let mut bytes = BytesMut::from(&first[..]);
            if let Some(time) = weather.glue {
                sleep(time).await;
                while let Ok(more) = flowing.try_recv() {
                    bytes.extend_from_slice(&more);
                }
            }
            if weather.delay > Duration::ZERO {
                sleep(weather.delay).await;
            }
            for piece in bytes.chunks(weather.piece.unwrap_or(READ).max(1)) {
                self.until_flowing(way).await;
                if write(sink, piece).await.is_err() {
                    return self.cut(Cut::Reset);
                }
                if weather.piece.is_some() {
                    sleep(BREATH).await;
                }
            }
        }
        let _ = SockRef::from(sink).shutdown(Shutdown::Write);
    }

    async fn until_flowing(&self, way: Way) {
        let mut stalled = self.stalled.subscribe();
        let is_flowing = |&(to_server, to_client): &(bool, bool)| match way {
            Way::ToServer => !to_server,
            Way::ToClient => !to_client,
        };
        let _ = stalled.wait_for(is_flowing).await;
    }
}

/// Makes the end of this socket a reset.
pub(super) fn reset(socket: &TcpStream) {
    let _ = SockRef::from(socket).set_linger(Some(Duration::ZERO));
}

/// Nothing: the other side said goodbye.
async fn read(source: &TcpStream) -> std::io::Result<Bytes> {
    let mut bytes = BytesMut::with_capacity(READ);
    loop {
        source.readable().await?;
        match source.try_read_buf(&mut bytes) {
            Ok(_) => return Ok(bytes.freeze()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

async fn write(sink: &TcpStream, mut bytes: &[u8]) -> std::io::Result<()> {
    while !bytes.is_empty() {
        sink.writable().await?;
        match sink.try_write(bytes) {
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
