//! One socket, line by line.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::timeout;

/// How long an expected line may take before a test fails. Never a measure of speed.
pub const WAIT: Duration = Duration::from_secs(15);

/// A socket that speaks lines.
#[derive(Debug)]
pub struct Wire {
    reader: BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
}

impl Wire {
    /// # Errors
    ///
    /// When nobody listens at `gateway`.
    pub async fn connect(gateway: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(gateway).await?;
        stream.set_nodelay(true)?;
        let (reader, writer) = stream.into_split();
        Ok(Self { reader: BufReader::new(reader), writer })
    }

    /// Sends one line.
    ///
    /// # Errors
    ///
    /// When the link is lost.
    pub async fn send(&mut self, line: &str) -> std::io::Result<()> {
        self.send_bytes(format!("{line}\n").as_bytes()).await
    }

    /// Sends bytes as they are, for torn, glued and hostile lines.
    ///
    /// # Errors
    ///
    /// When the link is lost.
    pub async fn send_bytes(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.writer.write_all(bytes).await
    }

    /// The next line; `None` when the other side closed.
    ///
    /// # Panics
    ///
    /// When nothing comes within [`WAIT`].
    pub async fn line(&mut self) -> Option<String> {
        timeout(WAIT, self.read()).await.expect("a line or the end of the connection")
    }

    /// The next line, without a limit of time; `None` when the other side closed.
    pub async fn read(&mut self) -> Option<String> {
        let mut line = String::new();
        match self.reader.read_line(&mut line).await {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(line.trim_end().to_owned()),
        }
    }

    /// The next line as it came, with its end; `None` when the other side closed.
    pub async fn read_bytes(&mut self) -> Option<Vec<u8>> {
        let mut line = Vec::new();
        match self.reader.read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(line),
        }
    }

    /// The next line, which must be `expected`.
    ///
    /// # Panics
    ///
    /// When another line comes, or none.
    pub async fn expect(&mut self, expected: &str) {
        assert_eq!(self.line().await.as_deref(), Some(expected));
    }

    /// The next line, which must begin with `prefix`.
    ///
    /// # Panics
    ///
    /// When another line comes, or none.
    pub async fn expect_prefix(&mut self, prefix: &str) -> String {
        let line = self.line().await.expect("a line, not the end of the connection");
        assert!(line.starts_with(prefix), "{line} instead of {prefix}…");
        line
    }

    /// Proves that nothing was sent: two questions are answered first. An answer may overtake a command that waits
    /// beside it, but the second one none that waited before the first.
    ///
    /// # Panics
    ///
    /// When anything but the answer to `CHECK_STATUS` comes.
    pub async fn expect_silence(&mut self) {
        for _ in 0..2 {
            self.send("CHECK_STATUS").await.expect("an open connection");
            self.expect_prefix("STATUS_").await;
        }
    }

    /// Waits until the other side closes, skipping lines that are under way.
    ///
    /// # Panics
    ///
    /// When it does not within [`WAIT`].
    pub async fn expect_close(&mut self) {
        let closing = async { while self.read().await.is_some() {} };
        timeout(WAIT, closing).await.expect("the other side closes");
    }
}
