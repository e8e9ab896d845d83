//! Opens that were written and wait for their answer.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use flotilla_domain::id::CopyId;
use tokio::time::Instant;

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

/// Written opens without an answer, of this process only.
#[derive(Debug, Default)]
pub(crate) struct Flights {
    written: Mutex<HashMap<CopyId, Flight>>,
}

impl Flights {
    /// Notes that the open of `copy` was written.
    pub fn note(&self, copy: CopyId, committed: Instant, written_at: Instant) {
        let sent_us = micros(written_at.saturating_duration_since(committed));
        self.lock().insert(copy, Flight { sent_us, written_at });
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
    }

    /// How many opens have none.
    pub fn count(&self) -> usize {
        self.lock().len()
    }

    /// Whether every open has its answer.
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<CopyId, Flight>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
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
