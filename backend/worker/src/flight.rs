//! Opens that were written and wait for their answer.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::id::CopyId;
use tokio::time::Instant;

use crate::measure;

/// What allows claimed opens to be written.
#[derive(Debug, Clone)]
pub(crate) struct Clearance {
    /// An instant before the commit of the claim. Not after it: the answer of the
    /// database may have been long on its way, and who takes over counts from the commit.
    pub committed: Instant,
    /// The signal that is measured with them, if it is one of just now.
    pub way: Option<Arc<Way>>,
}

impl Clearance {
    /// Of opens that waited, so that their signal is not measured.
    pub const fn late(committed: Instant) -> Self {
        Self { committed, way: None }
    }
}

/// A signal's way from its read to its first and last open on the wire. The last
/// one is known once nothing holds this any more.
#[derive(Debug)]
pub(crate) struct Way {
    read_at: Instant,
    has_first: AtomicBool,
    last_us: AtomicU64,
}

impl Way {
    pub fn begin(read_at: Instant) -> Arc<Self> {
        Arc::new(Self { read_at, has_first: AtomicBool::new(false), last_us: AtomicU64::new(0) })
    }

    /// One of its opens was written.
    pub fn written(&self, at: Instant) {
        let took = at.saturating_duration_since(self.read_at);
        if !self.has_first.swap(true, Ordering::Relaxed) {
            measure::first_written(took);
        }
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.last_us.fetch_max(took_us, Ordering::Relaxed);
    }
}

impl Drop for Way {
    fn drop(&mut self) {
        if *self.has_first.get_mut() {
            measure::last_written(Duration::from_micros(*self.last_us.get_mut()));
        }
    }
}

/// How long an open took so far, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Latency {
    /// From the commit of the claim to the write of the line.
    pub sent_us: i32,
    /// From the write of the line to now.
    pub ack_us: i32,
}

#[derive(Debug, Clone, Copy)]
struct Flight {
    sent_us: i32,
    written_at: Instant,
}

/// Opens on their way out and written ones without an answer, of this process only.
#[derive(Debug, Default)]
pub(crate) struct Flights {
    written: Mutex<HashMap<CopyId, Flight>>,
    withdrawn: Mutex<HashMap<CopyId, (ReasonCode, Instant)>>,
}

impl Flights {
    /// Notes that the open of `copy` was written.
    pub fn note(&self, copy: CopyId, committed: Instant, written_at: Instant) {
        let sent_us = micros(written_at.saturating_duration_since(committed));
        self.lock().insert(copy, Flight { sent_us, written_at });
    }

    /// Nothing more is wanted of a claimed copy: its open, should it still wait to
    /// be written, is not.
    pub fn withdraw(&self, copy: CopyId, reason: ReasonCode) {
        self.lock_withdrawn().insert(copy, (reason, Instant::now()));
    }

    /// Why the open of `copy` is not to be written any more, if so.
    pub fn withdrawn(&self, copy: CopyId) -> Option<ReasonCode> {
        self.lock_withdrawn().get(&copy).map(|(reason, _)| *reason)
    }

    /// How long the open of `copy` took until `heard`, if it was written here.
    pub fn latency(&self, copy: CopyId, heard: Instant) -> Option<Latency> {
        let flight = *self.lock().get(&copy)?;
        let ack_us = micros(heard.saturating_duration_since(flight.written_at));
        Some(Latency { sent_us: flight.sent_us, ack_us })
    }

    /// Forgets a copy that has its answer.
    pub fn forget(&self, copy: CopyId) {
        self.lock().remove(&copy);
    }

    /// Forgets what was written longer than `age` ago.
    pub fn forget_older(&self, now: Instant, age: Duration) {
        self.lock().retain(|_, flight| now.saturating_duration_since(flight.written_at) < age);
        self.lock_withdrawn().retain(|_, (_, at)| now.saturating_duration_since(*at) < age);
    }

    /// How many opens have none.
    pub fn count(&self) -> usize {
        self.lock().len()
    }

    /// Whether every open has its answer.
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<CopyId, Flight>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_withdrawn(&self) -> MutexGuard<'_, HashMap<CopyId, (ReasonCode, Instant)>> {
        self.withdrawn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Signals whose lines are being sent at this moment.
#[derive(Debug, Default)]
pub(crate) struct Sending {
    signals: AtomicUsize,
}

/// One signal being sent; over when dropped.
pub(crate) struct OneSending<'a>(&'a AtomicUsize);

impl Sending {
    pub fn begin(&self) -> OneSending<'_> {
        self.signals.fetch_add(1, Ordering::SeqCst);
        OneSending(&self.signals)
    }

    pub fn is_busy(&self) -> bool {
        self.signals.load(Ordering::SeqCst) > 0
    }
}

impl Drop for OneSending<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Whole microseconds, at most what a column holds.
pub(crate) fn micros(duration: Duration) -> i32 {
    i32::try_from(duration.as_micros()).unwrap_or(i32::MAX)
}
