//! One connection of an EA that runs by itself.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::terminal::Terminal;

/// A connection whose end is noticed as the terminal notices it.
///
/// A line written after the server has closed is taken by the kernel and lost; only the next one fails.
#[derive(Debug)]
pub(super) struct Link {
    writer: OwnedWriteHalf,
    lines: mpsc::UnboundedReceiver<String>,
    reader: JoinHandle<()>,
    terminal: Terminal,
    is_lost: bool,
}

impl Link {
    /// Connects and presents the key, as every EA does at once.
    pub async fn open(
        gateway: SocketAddr,
        api_key: &str,
        terminal: Terminal,
        within: Duration,
    ) -> Option<Self> {
        let stream = timeout(within, TcpStream::connect(gateway)).await.ok()?.ok()?;
        stream.set_nodelay(true).ok()?;
        let (input, writer) = stream.into_split();
        let (heard, lines) = mpsc::unbounded_channel();
        let reader = tokio::spawn(read(input, heard));
        let mut link = Self { writer, lines, reader, terminal, is_lost: false };
        link.send(&format!("AUTH:{api_key}")).await;
        Some(link).filter(|link| !link.is_lost)
    }

    /// The next line. An MT4 EA learns here that the connection is over; an MT5 EA waits for ever, because it ignores
    /// that error.
    pub async fn line(&mut self) -> Option<String> {
        match (self.lines.recv().await, self.terminal) {
            (Some(line), _) => Some(line),
            (None, Terminal::Mt4) => {
                self.is_lost = true;
                None
            }
            (None, Terminal::Mt5) => std::future::pending().await,
        }
    }

    /// A line that is there already.
    pub fn try_line(&mut self) -> Option<String> {
        let line = self.lines.try_recv();
        self.is_lost |=
            line == Err(mpsc::error::TryRecvError::Disconnected) && self.terminal == Terminal::Mt4;
        line.ok()
    }

    /// Sends a line whose failure shows that the link is dead; whether the kernel took it.
    pub async fn send(&mut self, line: &str) -> bool {
        let sent = self.write(line).await;
        self.is_lost |= !sent;
        sent
    }

    /// Sends a line whose failure an MT5 EA overlooks.
    pub async fn say(&mut self, line: &str) -> bool {
        let sent = self.write(line).await;
        self.is_lost |= !sent && self.terminal == Terminal::Mt4;
        sent
    }

    /// Whether the EA has noticed that the link is dead.
    pub const fn is_lost(&self) -> bool {
        self.is_lost
    }

    async fn write(&mut self, line: &str) -> bool {
        self.writer.write_all(format!("{line}\n").as_bytes()).await.is_ok()
    }
}

impl Drop for Link {
    /// What was not read is gone: the input is cleared before a new connection.
    fn drop(&mut self) {
        self.reader.abort();
    }
}

async fn read(input: OwnedReadHalf, heard: mpsc::UnboundedSender<String>) {
    let mut input = BufReader::new(input);
    loop {
        let mut line = Vec::new();
        match input.read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        // Blanks and CR at the end are trimmed, and blank lines passed over.
        let line = String::from_utf8_lossy(&line).trim().to_owned();
        if !line.is_empty() && heard.send(line).is_err() {
            return;
        }
    }
}
