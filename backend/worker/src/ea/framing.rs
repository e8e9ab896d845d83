//! Lines of one socket, under limits of length and time.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use flotilla_protocol::line::next_line;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::{Instant, timeout_at};

/// Why a socket yields no more lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The peer closed or reset it.
    Gone,
    /// A line is longer than allowed; where the next begins is unknown.
    TooLong,
    /// A line was begun and not finished in time.
    Unfinished,
    /// Nothing came for too long.
    Idle,
    /// What came is no text: no EA says such a thing.
    Foreign,
}

/// Times within which a peer must speak.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    pub finish_line: Duration,
    pub idle: Duration,
}

/// Longest lines.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LineLimits {
    pub line: usize,
    pub snapshot: usize,
}

const SNAPSHOT_VERBS: [&[u8]; 2] = [b"MASTER_SNAPSHOT:", b"SLAVE_SNAPSHOT:"];

/// Cuts lines out of what a peer sends.
#[derive(Debug)]
pub(crate) struct LineReader<R> {
    input: R,
    buf: BytesMut,
    limits: LineLimits,
    patience: Patience,
    /// When the last line ended.
    quiet_since: Instant,
    /// When the unfinished line began.
    begun_at: Option<Instant>,
    /// Whether bytes that are no text end the connection.
    is_text_only: bool,
}

impl<R: AsyncRead + Unpin> LineReader<R> {
    pub fn new(input: R, limits: LineLimits, patience: Patience) -> Self {
        let quiet_since = Instant::now();
        let buf = BytesMut::new();
        Self { input, buf, limits, patience, quiet_since, begun_at: None, is_text_only: false }
    }

    /// Until [`Self::take_bytes`], bytes that are no text end the connection,
    /// also while their line is unfinished: who speaks TLS sends no line end.
    #[must_use]
    pub fn text_only(mut self) -> Self {
        self.is_text_only = true;
        self
    }

    /// Takes any bytes from now on: terminals send their own code page.
    pub fn take_bytes(&mut self) {
        self.is_text_only = false;
    }

    /// Another limit from the next line on.
    pub fn set_limits(&mut self, limits: LineLimits) {
        self.limits = limits;
    }

    /// Gives the stream back; what was read and not asked for is lost.
    pub fn into_input(self) -> R {
        self.input
    }

    /// The next line and when it was read. Nothing is lost when the future is
    /// dropped before it is done.
    pub async fn next(&mut self) -> Result<(Bytes, Instant), Ended> {
        loop {
            if self.is_text_only && !is_text(self.present_line()) {
                return Err(Ended::Foreign);
            }
            let limit = self.limit();
            if let Some(line) = next_line(&mut self.buf, limit).map_err(|_| Ended::TooLong)? {
                let now = Instant::now();
                self.quiet_since = now;
                self.begun_at = (!self.buf.is_empty()).then_some(now);
                return Ok((line, now));
            }
            self.fill().await?;
        }
    }

    /// Whether `word` is the next line and has been read already.
    pub fn holds(&self, word: &[u8]) -> bool {
        let mut lines = self.buf.splitn(2, |byte| *byte == b'\n');
        lines.next().is_some_and(|line| line.trim_ascii() == word) && lines.next().is_some()
    }

    async fn fill(&mut self) -> Result<(), Ended> {
        let (deadline, late) = match self.begun_at {
            Some(begun_at) => (begun_at + self.patience.finish_line, Ended::Unfinished),
            None => (self.quiet_since + self.patience.idle, Ended::Idle),
        };
        let read = timeout_at(deadline, self.input.read_buf(&mut self.buf)).await.map_err(|_| late)?;
        match read {
            Ok(0) | Err(_) => Err(Ended::Gone),
            Ok(_) => {
                self.begun_at.get_or_insert_with(Instant::now);
                Ok(())
            }
        }
    }

    /// What has come of the next line. What a terminal sent behind its key is
    /// none of it: a signal there must not be lost to bytes that follow it.
    fn present_line(&self) -> &[u8] {
        let come: &[u8] = &self.buf;
        come.split(|byte| *byte == b'\n').next().unwrap_or_default()
    }

    fn limit(&self) -> usize {
        if SNAPSHOT_VERBS.iter().any(|verb| self.buf.starts_with(verb)) {
            self.limits.snapshot
        } else {
            self.limits.line
        }
    }
}

/// Whether these bytes may be the beginning of a text: nothing but printable
/// characters and line ends, the last one perhaps unfinished.
fn is_text(bytes: &[u8]) -> bool {
    let is_whole = match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    is_whole && bytes.iter().all(|byte| !byte.is_ascii_control() || b"\r\n\t".contains(byte))
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    const LIMITS: LineLimits = LineLimits { line: 16, snapshot: 64 };
    const PATIENCE: Patience =
        Patience { finish_line: Duration::from_secs(10), idle: Duration::from_mins(1) };

    #[tokio::test(start_paused = true)]
    async fn a_snapshot_may_be_longer_than_other_lines() {
        let (mut peer, ours) = tokio::io::duplex(1024);
        let mut reader = LineReader::new(ours, LIMITS, PATIENCE);
        let snapshot = format!("MASTER_SNAPSHOT:{}\n", "1,".repeat(20));
        peer.write_all(snapshot.as_bytes()).await.unwrap();
        peer.write_all(b"CMD_PRICE|XAUUSD|1.0|1.0\n").await.unwrap();

        assert_eq!(reader.next().await.unwrap().0.len(), snapshot.len() - 1);
        assert_eq!(reader.next().await.unwrap_err(), Ended::TooLong);
    }

    #[tokio::test(start_paused = true)]
    async fn n58_bytes_that_drip_do_not_put_off_the_end_of_a_line() {
        let (mut peer, ours) = tokio::io::duplex(1024);
        let mut reader = LineReader::new(ours, LIMITS, PATIENCE);
        let began = Instant::now();
        tokio::spawn(async move {
            loop {
                let _ = peer.write_all(b"x").await;
                tokio::time::sleep(Duration::from_secs(9)).await;
            }
        });

        assert_eq!(reader.next().await.unwrap_err(), Ended::Unfinished);
        assert_eq!(began.elapsed(), Duration::from_secs(10));
    }

    #[tokio::test(start_paused = true)]
    async fn n57_of_a_line_without_end_little_more_than_the_limit_is_held() {
        let (mut peer, ours) = tokio::io::duplex(64 * 1024);
        let mut reader = LineReader::new(ours, LIMITS, PATIENCE);
        tokio::spawn(async move { while peer.write_all(&[b'x'; 10_000]).await.is_ok() {} });

        assert_eq!(reader.next().await.unwrap_err(), Ended::TooLong);
        assert!(reader.buf.capacity() <= 256, "{} bytes", reader.buf.capacity());
    }

    #[tokio::test(start_paused = true)]
    async fn n61_before_the_key_bytes_that_are_no_text_end_the_connection_at_once() {
        for bytes in [&b"\x16\x03\x01\x02"[..], b"AUTH:\xff\n", b"AUTH:k\0\n", b"\x1b[2J"] {
            let (mut peer, ours) = tokio::io::duplex(1024);
            let mut reader = LineReader::new(ours, LIMITS, PATIENCE).text_only();
            peer.write_all(bytes).await.unwrap();
            assert_eq!(reader.next().await.unwrap_err(), Ended::Foreign, "{bytes:?}");
        }
        let (mut peer, ours) = tokio::io::duplex(1024);
        let mut reader = LineReader::new(ours, LIMITS, PATIENCE).text_only();
        // In one packet with the key: the terminal's own code page.
        peer.write_all("AUTH:é\r\n".as_bytes()).await.unwrap();
        peer.write_all(b"\xff\xfe\n").await.unwrap();
        assert!(reader.next().await.is_ok());
        reader.take_bytes();
        assert_eq!(reader.next().await.unwrap().0, b"\xff\xfe"[..]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_peer_is_idle() {
        let (_peer, ours) = tokio::io::duplex(1024);
        let mut reader = LineReader::new(ours, LIMITS, PATIENCE);
        let began = Instant::now();

        assert_eq!(reader.next().await.unwrap_err(), Ended::Idle);
        assert_eq!(began.elapsed(), Duration::from_mins(1));
    }
}
