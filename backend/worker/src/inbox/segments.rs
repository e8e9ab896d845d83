//! Files of the inbound journal, and the thread that writes them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::watch;

use crate::failpoint::{Point, pass};
use crate::inbox::record::{self, Found};

/// A segment that is longer is followed by another, so that it can go when all in it is done.
const SEGMENT: u64 = 4 << 20;
const SUFFIX: &str = "inbox";
/// Between tries to write what could not be written.
const RETRY: Duration = Duration::from_secs(1);
/// Tries between two words about it.
const TELL_EVERY: u32 = 60;

/// A record to be written.
pub(super) struct Job {
    pub number: u64,
    pub bytes: Bytes,
}

/// What the writer is told.
pub(super) enum Order {
    Write(Job),
    /// A segment may have become superfluous.
    Tidy,
    /// All that was ordered before is to be written; then the writer ends.
    End,
}

/// How far the writer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Progress {
    /// Records up to this number were written, or tried to.
    pub reached: u64,
    /// Whether the last try failed.
    pub is_broken: bool,
}

/// Which records still matter, and where they are.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// Record → segment; `None` while it is not written.
    place: HashMap<u64, Option<u64>>,
    /// Segment → pending records in it.
    segments: BTreeMap<u64, usize>,
}

impl Pending {
    pub fn add(&mut self, number: u64) {
        self.place.insert(number, None);
    }

    /// Notes where a record went, unless it does not matter any more.
    fn wrote(&mut self, number: u64, segment: u64) {
        if let Some(place) = self.place.get_mut(&number) {
            *place = Some(segment);
            *self.segments.entry(segment).or_default() += 1;
        }
    }

    fn matters(&self, number: u64) -> bool {
        self.place.contains_key(&number)
    }

    /// Forgets a record; whether its segment holds nothing any more.
    pub fn release(&mut self, number: u64) -> bool {
        let Some(Some(segment)) = self.place.remove(&number) else { return false };
        let Some(left) = self.segments.get_mut(&segment) else { return false };
        *left = left.saturating_sub(1);
        *left == 0
    }

    fn is_empty(&self, segment: u64) -> bool {
        self.segments.get(&segment).is_none_or(|left| *left == 0)
    }

    pub fn len(&self) -> usize {
        self.place.len()
    }
}

pub(super) type Shared = Arc<Mutex<Pending>>;

pub(super) fn lock(pending: &Mutex<Pending>) -> MutexGuard<'_, Pending> {
    pending.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The segments of a folder, and the one that is being written.
pub(super) struct Segments {
    folder: PathBuf,
    pending: Shared,
    current: Option<(File, u64)>,
    newest: u64,
    /// Segments that exist and are not being written.
    old: Vec<u64>,
    /// Segments in which something was damaged; they are kept under another name.
    damaged: HashSet<u64>,
}

impl Segments {
    /// Looks at what is there and makes sure that it can be written to.
    pub fn open(folder: &Path, pending: Shared) -> io::Result<Self> {
        let mut old: Vec<u64> =
            std::fs::read_dir(folder)?.filter_map(|entry| number(&entry.ok()?.path())).collect();
        old.sort_unstable();
        let newest = old.last().copied().unwrap_or(0);
        let mut segments =
            Self { folder: folder.to_owned(), pending, current: None, newest, old, damaged: HashSet::new() };
        segments.rotate()?;
        Ok(segments)
    }

    /// Everything that earlier processes wrote, oldest first, numbered from 1.
    pub fn read_all(&mut self) -> io::Result<Vec<(u64, record::Record)>> {
        let mut all = Vec::new();
        for segment in self.old.clone() {
            let bytes = Bytes::from(std::fs::read(self.path(segment))?);
            let Found { records, damaged } = record::decode_all(&bytes);
            if damaged > 0 {
                tracing::error!(segment, damaged, "records of the inbound journal are damaged and left out");
                self.damaged.insert(segment);
            }
            let mut pending = lock(&self.pending);
            for record in records {
                let number = u64::try_from(all.len()).unwrap_or(u64::MAX).saturating_add(1);
                pending.add(number);
                pending.wrote(number, segment);
                all.push((number, record));
            }
        }
        Ok(all)
    }

    fn path(&self, segment: u64) -> PathBuf {
        self.folder.join(format!("{segment:020}.{SUFFIX}"))
    }

    /// Begins a new segment.
    fn rotate(&mut self) -> io::Result<()> {
        if self.current.take().is_some() {
            self.old.push(self.newest);
        }
        self.newest += 1;
        let file =
            OpenOptions::new().append(true).create_new(true).mode(0o600).open(self.path(self.newest))?;
        // The name must survive too.
        File::open(&self.folder)?.sync_all()?;
        self.current = Some((file, 0));
        Ok(())
    }

    /// Appends the records and waits until the disk has them.
    fn write(&mut self, jobs: &[Job]) -> io::Result<()> {
        if self.current.as_ref().is_none_or(|(_, length)| *length >= SEGMENT) {
            self.rotate()?;
        }
        let segment = self.newest;
        let Some((file, length)) = self.current.as_mut() else { return Err(io::ErrorKind::NotFound.into()) };
        let bytes: Vec<u8> = jobs.iter().flat_map(|job| job.bytes.iter().copied()).collect();
        pass(Point::Journalling);
        let written = file.write_all(&bytes).and_then(|()| file.sync_data());
        if let Err(error) = written {
            // What a file holds after a failed sync is unknown: the next try is another file's.
            self.current = None;
            self.old.push(segment);
            return Err(error);
        }
        *length += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let mut pending = lock(&self.pending);
        for job in jobs {
            pending.wrote(job.number, segment);
        }
        Ok(())
    }

    /// Removes segments in which nothing matters any more.
    fn tidy(&mut self) {
        let done: Vec<u64> = {
            let pending = lock(&self.pending);
            self.old.iter().copied().filter(|segment| pending.is_empty(*segment)).collect()
        };
        for segment in done {
            let path = self.path(segment);
            let gone = if self.damaged.contains(&segment) {
                std::fs::rename(&path, path.with_extension("damaged"))
            } else {
                std::fs::remove_file(&path)
            };
            match gone {
                Ok(()) => self.old.retain(|old| *old != segment),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    self.old.retain(|old| *old != segment);
                }
                Err(error) => tracing::warn!(%error, segment, "a segment of the inbound journal stays"),
            }
        }
    }

    /// At the end the segment that was being written may go as well.
    fn end(&mut self) {
        if self.current.take().is_some() {
            self.old.push(self.newest);
        }
        self.tidy();
    }
}

fn number(path: &Path) -> Option<u64> {
    (path.extension()? == SUFFIX).then_some(())?;
    path.file_stem()?.to_str()?.parse().ok()
}

/// Writes what it is ordered, all that waits together, until it is told to end.
pub(super) fn write_all(
    mut segments: Segments,
    orders: &Receiver<Order>,
    progress: &watch::Sender<Progress>,
) {
    let mut unwritten: Vec<Job> = Vec::new();
    let mut failures = 0_u32;
    loop {
        let (ends, tidies) = gather(orders, &mut unwritten, failures > 0);
        {
            let pending = lock(&segments.pending);
            unwritten.retain(|job| pending.matters(job.number) || failures == 0);
        }
        let reached = unwritten.iter().map(|job| job.number).max().unwrap_or(0);
        let written = if unwritten.is_empty() { Ok(()) } else { segments.write(&unwritten) };
        match written {
            Ok(()) => {
                unwritten.clear();
                if failures > 0 {
                    tracing::info!("the inbound journal is written again");
                }
                failures = 0;
            }
            Err(error) => {
                if failures.is_multiple_of(TELL_EVERY) {
                    tracing::error!(%error, unwritten = unwritten.len(), "the inbound journal cannot be written: \
                        signals and answers are safe only once the database has them");
                }
                failures += 1;
            }
        }
        progress.send_modify(|progress| {
            progress.reached = progress.reached.max(reached);
            progress.is_broken = failures > 0;
        });
        if tidies {
            segments.tidy();
        }
        if ends {
            segments.end();
            return;
        }
    }
}

/// Waits for something to do and takes all there is.
fn gather(orders: &Receiver<Order>, jobs: &mut Vec<Job>, is_broken: bool) -> (bool, bool) {
    let first = if is_broken {
        match orders.recv_timeout(RETRY) {
            Ok(order) => Some(order),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Order::End),
        }
    } else {
        Some(orders.recv().unwrap_or(Order::End))
    };
    let (mut ends, mut tidies) = (false, false);
    for order in first.into_iter().chain(std::iter::from_fn(|| orders.try_recv().ok())) {
        match order {
            Order::Write(job) => jobs.push(job),
            Order::Tidy => tidies = true,
            Order::End => ends = true,
        }
    }
    (ends, tidies)
}
