//! One authenticated connection, as the rest of the worker sees it.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use flotilla_domain::account::CopyRole;
use flotilla_domain::id::CopyId;
use flotilla_protocol::v7::ServerLine;
use flotilla_store::ea_login::EaLogin;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Answers that wait for one socket to take them. The peer asks for each.
const QUEUED_REPLIES: usize = 64;
const FIGURES_EVERY: Duration = Duration::from_secs(1);

/// What a socket is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Not known yet: commands are held until the peer speaks or some time has passed.
    Unknown,
    /// Signals or copies.
    Trading,
    /// Reports only; it gets no commands.
    Reporting,
}

/// A line to a follower or master that nobody asked for.
#[derive(Debug)]
pub(crate) struct Command {
    /// The line with its end.
    pub line: Bytes,
    /// Of an open: when it may still be written.
    pub open: Option<OpenMark>,
}

/// The claim behind an open.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenMark {
    pub copy: CopyId,
    pub committed: Instant,
}

/// What the writer of a socket takes lines from.
#[derive(Debug)]
pub(crate) struct Queues {
    pub replies: mpsc::Receiver<Bytes>,
    pub commands: mpsc::Receiver<Command>,
    pub purpose: watch::Receiver<Purpose>,
}

/// One authenticated connection.
#[derive(Debug)]
pub(crate) struct Socket {
    /// Number of the connection in this process.
    pub number: u64,
    /// Whose it is.
    pub login: EaLogin,
    /// SHA-256 of the key it presented.
    pub key_hash: [u8; 32],
    /// Cancelled to end the connection.
    pub close: CancellationToken,
    epoch: AtomicI64,
    replies: mpsc::Sender<Bytes>,
    commands: mpsc::Sender<Command>,
    purpose: watch::Sender<Purpose>,
    was_heard: AtomicBool,
    figures_at: Mutex<Option<Instant>>,
    /// What the follower believes about copying: 0 not told, 1 off, 2 on.
    told: AtomicU8,
}

impl Socket {
    pub fn new(
        number: u64,
        login: EaLogin,
        key_hash: [u8; 32],
        queued_commands: usize,
        close: CancellationToken,
    ) -> (Self, Queues) {
        let (replies, replies_out) = mpsc::channel(QUEUED_REPLIES);
        let (commands, commands_out) = mpsc::channel(queued_commands);
        let (purpose, purpose_seen) = watch::channel(Purpose::Unknown);
        let socket = Self {
            number,
            login,
            key_hash,
            close,
            epoch: AtomicI64::new(0),
            replies,
            commands,
            purpose,
            was_heard: AtomicBool::new(false),
            figures_at: Mutex::new(None),
            told: AtomicU8::new(0),
        };
        (socket, Queues { replies: replies_out, commands: commands_out, purpose: purpose_seen })
    }

    /// Session to which claims must belong if their lines go here.
    pub fn epoch(&self) -> i64 {
        self.epoch.load(Ordering::SeqCst)
    }

    pub fn set_epoch(&self, epoch: i64) {
        self.epoch.store(epoch, Ordering::SeqCst);
    }

    pub fn is_follower(&self) -> bool {
        self.login.role == CopyRole::Follower
    }

    pub fn purpose(&self) -> Purpose {
        *self.purpose.borrow()
    }

    /// Settles what the socket is used for; the first answer stands.
    pub fn settle_purpose(&self, purpose: Purpose) -> bool {
        self.purpose.send_if_modified(|known| {
            let is_open = *known == Purpose::Unknown;
            if is_open {
                *known = purpose;
            }
            is_open
        })
    }

    /// Answers the peer; waits while it does not read. Answers after the end are dropped.
    pub async fn reply(&self, line: &ServerLine) {
        let _ = self.replies.send(encoded(line)).await;
    }

    /// Tells the peer something it did not ask for. A peer that does not read
    /// is cut off.
    pub fn tell(&self, line: &ServerLine) {
        if self.replies.try_send(encoded(line)).is_err() {
            self.close.cancel();
        }
    }

    /// Queues a command, or gives it back: the socket is over, or so far behind
    /// that it is cut off.
    pub fn command(&self, command: Command) -> Result<(), Command> {
        if self.close.is_cancelled() {
            return Err(command);
        }
        self.commands.try_send(command).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(command) => {
                self.close.cancel();
                command
            }
            mpsc::error::TrySendError::Closed(command) => command,
        })
    }

    /// Notes that the peer said something.
    pub fn hear(&self) {
        self.was_heard.store(true, Ordering::Relaxed);
    }

    /// Whether the peer said something since the last call.
    pub fn take_heard(&self) -> bool {
        self.was_heard.swap(false, Ordering::Relaxed)
    }

    /// Whether figures are due: they are kept once a second at most.
    pub fn take_figures(&self, now: Instant) -> bool {
        let mut last = self.figures_at.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = last.is_none_or(|last| now.saturating_duration_since(last) >= FIGURES_EVERY);
        if is_due {
            *last = Some(now);
        }
        is_due
    }

    /// Notes what the follower believes about copying; whether that is new and
    /// it believed something else before.
    pub fn note_copying(&self, is_copying: bool) -> bool {
        let now = if is_copying { 2 } else { 1 };
        let before = self.told.swap(now, Ordering::SeqCst);
        before != 0 && before != now
    }
}

/// The line with its end.
pub(crate) fn encoded(line: &ServerLine) -> Bytes {
    let mut buf = BytesMut::new();
    line.encode(&mut buf);
    buf.freeze()
}
