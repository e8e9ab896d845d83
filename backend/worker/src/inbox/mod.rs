//! T0: the inbound journal. What a v7 peer says once and never again survives
//! the death of this process and an outage of the database.
//!
//! * A signal or an answer is appended to a local file as soon as it was cut.
//!   One thread writes all that waits together and syncs once (group commit).
//!   Meanwhile T1 or T3 already works; it waits for the journal right before its
//!   commit, so the sync costs no time of its own and what was committed was
//!   journalled.
//! * A record is released when the database has decided about its line. A segment
//!   all of whose records are released is removed.
//! * At the start, what is left is processed again (`replay`): by the id under
//!   which a line was or will be stored, so twice is once.
//! * **When the journal cannot be written** (disk full, dead disk) lines are
//!   processed all the same while the database is there: its commit makes them
//!   durable a few milliseconds later, and a close that is refused would cost
//!   more than the window. It is logged as an error until it works again, and
//!   should the database go away as well, connections are reset at once instead
//!   of after a patience, because then nothing that is read would be safe.
//! * One process uses a folder at a time; a lock file sees to it. It names the worker that has it: whoever takes it next
//!   knows that this one is gone.

mod clock;
mod receipt;
pub mod record;
mod replay;
mod segments;

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use flotilla_domain::id::NodeId;
use flotilla_store::ea_login::EaLogin;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use record::Record;
use segments::{Job, Order, Progress, Segments, Shared, lock, write_all};

pub(crate) use clock::Clock;
pub(crate) use receipt::Receipt;
pub(crate) use replay::replay;

/// How long a commit waits for a disk that does not answer.
const SYNC_WITHIN: Duration = Duration::from_secs(1);
const LOCK_AGAIN: Duration = Duration::from_millis(50);

/// A record of the journal; zero is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry(u64);

/// What earlier processes left, oldest first.
pub(crate) type Left = Vec<(Entry, Record)>;

/// The inbound journal of this process.
#[derive(Debug)]
pub(crate) struct Inbox {
    pub clock: Clock,
    queue: Mutex<Queue>,
    pending: Shared,
    progress: watch::Receiver<Progress>,
    writer: Mutex<Option<JoinHandle<()>>>,
    held: Mutex<Option<File>>,
    /// The worker that had the folder before, and whose process is gone.
    pub earlier: Option<NodeId>,
}

#[derive(Debug)]
struct Queue {
    orders: Sender<Order>,
    next: u64,
}

impl Inbox {
    /// Takes the folder, waiting up to `patience` for a process that still has
    /// it, and reads what was left in it.
    pub async fn open(folder: &Path, patience: Duration) -> io::Result<(Self, Left)> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let mut held = take_lock(folder, patience).await?;
        let mut name = String::new();
        let earlier = held.read_to_string(&mut name).ok().and_then(|_| name.trim().parse::<Uuid>().ok());
        let pending = Shared::default();
        let mut segments = Segments::open(folder, Arc::clone(&pending))?;
        let left: Left =
            segments.read_all()?.into_iter().map(|(number, record)| (Entry(number), record)).collect();
        let next = u64::try_from(left.len()).unwrap_or(u64::MAX).saturating_add(1);
        let (orders, ordered) = channel();
        let (sender, progress) = watch::channel(Progress { reached: next - 1, is_broken: false });
        let writer = std::thread::Builder::new()
            .name("inbox".to_owned())
            .spawn(move || write_all(segments, &ordered, &sender))?;
        let inbox = Self {
            clock: Clock::read(),
            queue: Mutex::new(Queue { orders, next }),
            pending,
            progress,
            writer: Mutex::new(Some(writer)),
            held: Mutex::new(Some(held)),
            earlier: earlier.map(NodeId::from_uuid),
        };
        Ok((inbox, left))
    }

    /// Writes down who has the folder, before that worker acts for anybody.
    pub fn sign(&self, node: NodeId) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(file) = held.as_mut() else { return };
        let written = file
            .set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| file.write_all(node.uuid().to_string().as_bytes()))
            .and_then(|()| file.sync_data());
        if let Err(error) = written {
            // Then the next worker waits until the lease of this one has ended.
            tracing::error!(%error, "the inbound journal does not say whose it is");
        }
    }

    /// Has a line written; it is on its way when this returns.
    pub fn append(&self, login: &EaLogin, epoch: i64, id: Uuid, line: (Bytes, Instant)) -> Entry {
        let (line, read_at) = line;
        let record = Record {
            id,
            account_id: login.account_id,
            owner_id: login.owner_id,
            role: login.role,
            epoch,
            moment: self.clock.moment(read_at),
            line,
        };
        let mut bytes = BytesMut::new();
        if !record::encode(&record, &mut bytes) {
            return Entry(0);
        }
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let number = queue.next;
        queue.next += 1;
        lock(&self.pending).add(number);
        let _ = queue.orders.send(Order::Write(Job { number, bytes: bytes.freeze() }));
        Entry(number)
    }

    /// Waits until the disk has a record, or will not have it soon.
    pub async fn synced(&self, entry: Entry) {
        let mut progress = self.progress.clone();
        let reached = progress.wait_for(|progress| progress.reached >= entry.0);
        if timeout(SYNC_WITHIN, reached).await.is_err() {
            tracing::error!("the inbound journal does not answer; a commit does not wait for it");
        }
    }

    /// The database has decided about the record's line.
    pub fn release(&self, entry: Entry) {
        if lock(&self.pending).release(entry.0) {
            self.order(Order::Tidy);
        }
    }

    /// Records about whose lines the database has not decided.
    pub fn pending(&self) -> usize {
        lock(&self.pending).len()
    }

    /// Whether lines are not durable before they are committed.
    pub fn is_broken(&self) -> bool {
        self.progress.borrow().is_broken
    }

    /// Writes what waits, removes what is done and leaves the folder.
    pub async fn end(&self) {
        self.order(Order::End);
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            let _ = tokio::task::spawn_blocking(move || writer.join()).await;
        }
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn order(&self, order: Order) {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = queue.orders.send(order);
    }
}

async fn take_lock(folder: &Path, patience: Duration) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(folder.join("lock"))?;
    let until = Instant::now() + patience;
    let mut was_told = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if Instant::now() >= until => {
                return Err(io::Error::new(io::ErrorKind::ResourceBusy, "another worker uses the folder"));
            }
            Err(TryLockError::WouldBlock) => {}
        }
        if !was_told {
            tracing::info!("another worker still uses the inbound journal; waiting for its end");
        }
        was_told = true;
        tokio::time::sleep(LOCK_AGAIN).await;
    }
}

#[cfg(test)]
mod tests;
