//! Recorded violations and their evidence.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::reading::Reading;
use crate::text_enum::text_enum;

text_enum! {
    /// What showed a violation.
    Source, "source of a violation" {
        /// An observation.
        Observation = "observation",
        /// A reset that moved the line, with the last known figures.
        Reset = "reset",
        /// Time that went by.
        Clock = "clock",
    }
}

/// The line that was crossed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// A floor.
    Floor(Decimal),
    /// A cap.
    Cap(Decimal),
}

/// What is known of a crossed line, by our measurement: the firm decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// When the figures were true, or the line moved.
    pub at: DateTime<Utc>,
    /// When we learnt of it.
    pub detected_at: DateTime<Utc>,
    /// What showed it.
    pub source: Source,
    /// The value that was held against the line.
    pub measured: Decimal,
    /// The line.
    pub line: Line,
    /// What was left; negative is overshoot.
    pub buffer: Decimal,
    /// What the line was derived from.
    pub reference: Option<Decimal>,
    /// Day of the rule's clock.
    pub day: NaiveDate,
    /// The last observation that was still good: it happened after this.
    pub not_before: Option<DateTime<Utc>>,
    /// Number of the observation at its source.
    pub seq: Option<i64>,
    /// Whether something later had been received before.
    pub is_late: bool,
    /// The least that was left since.
    pub worst_buffer: Decimal,
}

/// Where and by what a rule is judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    pub at: DateTime<Utc>,
    pub source: Source,
}

impl Violation {
    /// Evidence of a reading that is a breach, without what only the track knows.
    pub(super) fn new(point: Point, reading: &Reading, day: NaiveDate) -> Option<Self> {
        let (measured, buffer) = reading.current.zip(reading.buffer)?;
        let line = reading.floor.map(Line::Floor).or_else(|| reading.limit.map(Line::Cap))?;
        Some(Self {
            at: point.at,
            detected_at: point.at,
            source: point.source,
            measured,
            line,
            buffer,
            reference: reading.reference,
            day,
            not_before: None,
            seq: None,
            is_late: false,
            worst_buffer: buffer,
        })
    }
}
