//! Days that ended without a frame of their last instant.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::reading::crosses;
use super::rule::Watch;

/// Lines of days that ended since the last frame: what the next one says of
/// the time in between may belong to any of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ended {
    /// The lowest and the highest; `None` as soon as one is not known.
    lines: Option<(Decimal, Decimal)>,
}

impl Ended {
    /// One more day ended, after those `before`.
    pub fn with(before: Option<&Self>, line: Option<Decimal>) -> Self {
        let lines = match before {
            None => line.map(|line| (line, line)),
            Some(Self { lines }) => {
                lines.zip(line).map(|((lowest, highest), line)| (lowest.min(line), highest.max(line)))
            }
        };
        Self { lines }
    }

    /// Whether `low` was under the line whichever of these days it is of.
    pub fn is_under_all(&self, watch: Watch, low: Decimal) -> bool {
        self.lines.is_some_and(|(lowest, _)| crosses(watch, low, lowest))
    }

    /// Whether `low` was under the line if it is of one of these days.
    pub fn is_under_any(&self, watch: Watch, low: Decimal) -> bool {
        self.lines.is_some_and(|(_, highest)| crosses(watch, low, highest))
    }
}
