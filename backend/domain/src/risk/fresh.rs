//! How long figures may be relied on.

use chrono::{DateTime, TimeDelta, Utc};

use super::observation::Frame;
use super::phase::Phase;

/// Whether the figures of `frame` are still fresh at `at`; of exactly the allowed age they are.
pub(super) fn is_fresh(phase: &Phase, frame: &Frame, at: DateTime<Utc>) -> bool {
    at <= fresh_until(phase, frame)
}

/// The last instant at which the figures of `frame` are fresh. Where they are handed over they are so until just before
/// the reset, which belongs to the new day: nothing is judged under its floor by what a person read the day before.
pub(super) fn fresh_until(phase: &Phase, frame: &Frame) -> DateTime<Utc> {
    let allowed = TimeDelta::seconds(phase.stale_after_s.into());
    let until = frame.at.checked_add_signed(allowed).unwrap_or(DateTime::<Utc>::MAX_UTC);
    match phase.day.day_at(frame.at) {
        Ok(day) if frame.by_hand => until.max(day.end - TimeDelta::microseconds(1)),
        _ => until,
    }
}
