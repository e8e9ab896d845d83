//! One authenticated connection, as the rest of the worker sees it.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::{Bytes, BytesMut};
use flotilla_domain::account::CopyRole;
use flotilla_domain::id::CopyId;
use flotilla_domain::symbol::Symbol;
use flotilla_protocol::v7::ServerLine;
use flotilla_store::ea_login::EaLogin;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::ea::ticker::Ticker;
use crate::flight::Clearance;

/// Answers that wait for one socket to take them. The peer asks for each.
const QUEUED_REPLIES: usize = 64;

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
#[derive(Debug, Clone)]
pub(crate) struct OpenMark {
    pub copy: CopyId,
    pub clearance: Clearance,
}

/// What the writer of a socket takes lines from.
#[derive(Debug)]
pub(crate) struct Queues {
    pub replies: mpsc::Receiver<Bytes>,
    pub commands: mpsc::Receiver<Command>,
    pub purpose: watch::Receiver<Purpose>,
}

/// What a follower was told about copying.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Told {
    is_copying: Option<bool>,
    /// How often it was told, so that an old look is recognised.
    times: u64,
    /// It asked, and the answer is not yet queued: nothing may overtake it.
    is_asking: bool,
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
    /// Whether what its peer has delivered is read before the connection ends.
    reads_rest: AtomicBool,
    epoch: AtomicI64,
    replies: mpsc::Sender<Bytes>,
    commands: mpsc::Sender<Command>,
    purpose: watch::Sender<Purpose>,
    was_heard: AtomicBool,
    ticker: Mutex<Ticker>,
    /// The reset of which the peer was told last, in milliseconds since 1970.
    told_reset: AtomicI64,
    told: Mutex<Told>,
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
            reads_rest: AtomicBool::new(false),
            epoch: AtomicI64::new(0),
            replies,
            commands,
            purpose,
            was_heard: AtomicBool::new(false),
            ticker: Mutex::default(),
            told_reset: AtomicI64::new(0),
            told: Mutex::new(Told::default()),
        };
        (socket, Queues { replies: replies_out, commands: commands_out, purpose: purpose_seen })
    }

    /// Ends the connection of a peer that is welcome still: it has another, or does not read. What it has answered until
    /// now it will not say again, so that is read first.
    pub fn cut_off(&self) {
        if !self.close.is_cancelled() {
            self.reads_rest.store(true, Ordering::SeqCst);
        }
        self.close.cancel();
    }

    /// Whether what its peer has delivered is read before the connection ends.
    pub fn reads_rest(&self) -> bool {
        self.reads_rest.load(Ordering::SeqCst)
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

    /// Settles that the socket only reports, whatever it was taken for before.
    pub fn report_only(&self) {
        self.purpose.send_replace(Purpose::Reporting);
    }

    /// Answers the peer; waits while it does not read. Answers after the end are dropped.
    pub async fn reply(&self, line: &ServerLine) {
        let _ = self.replies.send(encoded(line)).await;
    }

    /// Tells the peer something it did not ask for. A peer that does not read
    /// is cut off.
    pub fn tell(&self, line: &ServerLine) {
        if self.replies.try_send(encoded(line)).is_err() {
            self.cut_off();
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
                self.cut_off();
                command
            }
            mpsc::error::TrySendError::Closed(command) => command,
        })
    }

    /// Commands that wait for the peer to take them.
    pub fn queued(&self) -> usize {
        self.commands.max_capacity() - self.commands.capacity()
    }

    /// Notes that the peer said something.
    pub fn hear(&self) {
        self.was_heard.store(true, Ordering::Relaxed);
    }

    /// Whether the peer said something since the last call.
    pub fn take_heard(&self) -> bool {
        self.was_heard.swap(false, Ordering::Relaxed)
    }

    /// What the chart on which this EA runs shows.
    pub fn ticker(&self) -> MutexGuard<'_, Ticker> {
        self.ticker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Instrument of the chart on which this EA runs, under its terminal's name,
    /// once it sent a price; none if it sends prices of several.
    pub fn chart_symbol(&self) -> Option<Symbol> {
        self.ticker().symbol().cloned()
    }

    /// Notes the next reset of its account; whether the peer was not told of it.
    pub fn note_reset(&self, at_ms: i64) -> bool {
        self.told_reset.swap(at_ms, Ordering::Relaxed) != at_ms
    }

    /// What the follower was told about copying, for [`Self::correct_copying`].
    pub fn told(&self) -> Told {
        *self.lock_told()
    }

    /// Notes that the peer asked for what tells it about copying: a look at the
    /// database tells it nothing until [`Self::answer`].
    pub fn ask(&self) {
        self.lock_told().is_asking = true;
    }

    /// Answers what [`Self::ask`] noted. `is_copying` is what the peer now
    /// believes; `None` if the answer says nothing about it.
    pub async fn answer(&self, line: &ServerLine, is_copying: Option<bool>) {
        self.reply(line).await;
        let mut told = self.lock_told();
        *told = Told {
            is_copying: is_copying.or(told.is_copying),
            times: told.times.wrapping_add(1),
            is_asking: false,
        };
    }

    /// Notes what a look at the database found that began when the follower had
    /// been told `before`; whether it must be told now.
    ///
    /// A look that was overtaken by a newer answer to the follower counts for
    /// nothing: a follower wrongly told that copying is off ignores its orders.
    pub fn correct_copying(&self, before: Told, is_copying: bool) -> bool {
        let mut told = self.lock_told();
        if *told != before || told.is_asking || told.is_copying == Some(is_copying) {
            return false;
        }
        let was_told = told.is_copying.is_some();
        told.is_copying = Some(is_copying);
        told.times = told.times.wrapping_add(1);
        was_told
    }

    fn lock_told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The line with its end.
pub(crate) fn encoded(line: &ServerLine) -> Bytes {
    let mut buf = BytesMut::new();
    line.encode(&mut buf);
    buf.freeze()
}

#[cfg(test)]
mod tests {
    use flotilla_domain::id::{AccountId, OwnerId};
    use uuid::Uuid;

    use super::*;

    /// With the queues, because nothing is queued once they are dropped.
    fn follower() -> (Socket, Queues) {
        let login = EaLogin {
            account_id: AccountId::from_uuid(Uuid::from_u128(1)),
            owner_id: OwnerId::from_uuid(Uuid::from_u128(2)),
            role: CopyRole::Follower,
        };
        Socket::new(1, login, [0; 32], 1, CancellationToken::new())
    }

    #[tokio::test]
    async fn a_look_that_was_overtaken_by_an_answer_tells_nothing() {
        let (socket, mut queues) = follower();
        socket.answer(&ServerLine::StatusInactive, Some(false)).await;
        let before = socket.told();
        queues.replies.recv().await.unwrap();

        socket.answer(&ServerLine::StatusActive, Some(true)).await;

        assert!(!socket.correct_copying(before, false));
        assert!(socket.correct_copying(socket.told(), false));
        assert!(!socket.correct_copying(socket.told(), false));
    }

    #[tokio::test]
    async fn nothing_overtakes_an_answer() {
        let (socket, mut queues) = follower();
        socket.answer(&ServerLine::AuthOk, Some(false)).await;
        queues.replies.recv().await.unwrap();

        socket.ask();
        let asking = socket.told();
        assert!(!socket.correct_copying(asking, true));
        socket.answer(&ServerLine::SubscribeOk, None).await;

        assert!(!socket.correct_copying(asking, true));
        assert!(socket.correct_copying(socket.told(), true));
    }

    #[test]
    fn who_was_told_nothing_is_not_corrected() {
        let (socket, _queues) = follower();

        assert!(!socket.correct_copying(socket.told(), true));
    }
}
