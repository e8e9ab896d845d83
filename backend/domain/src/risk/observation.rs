//! What is known of an account at an instant.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::amount;

/// How far ahead of its receipt an observation may say to be, in seconds.
pub const MAX_SKEW_S: i64 = 5;

/// Figures of one account at one instant, in its currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// When they were true.
    pub at: DateTime<Utc>,
    /// When they were received.
    #[serde(default)]
    pub received_at: Option<DateTime<Utc>>,
    /// Closed results.
    #[serde(with = "amount::kept")]
    pub balance: Decimal,
    /// With open profit; may be negative.
    #[serde(with = "amount::kept")]
    pub equity: Decimal,
    /// Highest equity since the previous observation.
    #[serde(default, with = "amount::kept::optional")]
    pub high: Option<Decimal>,
    /// Lowest equity since the previous observation.
    #[serde(default, with = "amount::kept::optional")]
    pub low: Option<Decimal>,
    /// Deposits, withdrawals, payouts and credits since the phase began.
    #[serde(default, with = "amount::kept")]
    pub cash_total: Decimal,
    /// Open positions; `None` when they are not known.
    #[serde(default = "flat")]
    pub positions: Option<Vec<Position>>,
    /// Number of pending orders, if known.
    #[serde(default)]
    pub pending: Option<u32>,
    /// Number of the observation at its source.
    #[serde(default)]
    pub seq: Option<i64>,
    /// Whether somebody handed it over of an account that nothing else watches: it holds until the day ends.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_hand: bool,
}

#[expect(clippy::unnecessary_wraps, reason = "a default of the field has its type")]
const fn flat() -> Option<Vec<Position>> {
    Some(Vec::new())
}

/// An open position.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// Instrument.
    #[serde(default)]
    pub symbol: String,
    /// Size; negative for a short one.
    #[serde(with = "amount::kept")]
    pub lots: Decimal,
    /// What one lot counts: a micro contract 0.1.
    #[serde(default = "one", with = "amount::kept")]
    pub weight: Decimal,
    /// Money at stake.
    #[serde(default, with = "amount::kept::optional")]
    pub notional: Option<Decimal>,
    /// What its stop costs when it is hit; `None` without a stop.
    #[serde(default, with = "amount::kept::optional")]
    pub risk: Option<Decimal>,
    /// When it was opened.
    #[serde(default)]
    pub opened_at: Option<DateTime<Utc>>,
    /// For how many seconds at least it has been seen without any stop, where nobody tells when it was opened. It is judged
    /// as it comes in and not kept: what it breaks is recorded, and versions that do not know it read what is kept, too.
    #[serde(default, skip_serializing)]
    pub bare_for_s: Option<u32>,
}

const fn one() -> Decimal {
    Decimal::ONE
}

impl Position {
    /// Weighted size; a size beyond all bounds is the largest there is.
    pub(super) fn size(&self) -> Decimal {
        // A side that overflows is still a side.
        let beyond = if self.lots.is_sign_negative() == self.weight.is_sign_negative() {
            amount::MAX
        } else {
            -amount::MAX
        };
        self.lots.checked_mul(self.weight).unwrap_or(beyond).clamp(-amount::MAX, amount::MAX)
    }
}

/// A position that was opened and perhaps closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trade {
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// When it was closed.
    #[serde(default)]
    pub closed_at: Option<DateTime<Utc>>,
    /// What it brought, with commission and swap.
    #[serde(with = "amount")]
    pub pnl: Decimal,
}

/// All that was observed at one instant, put in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// When it was true; not after its receipt by more than [`MAX_SKEW_S`].
    pub at: DateTime<Utc>,
    /// When it was received, or else `at`.
    pub detected_at: DateTime<Utc>,
    /// Closed results.
    pub balance: Decimal,
    /// With open profit.
    pub equity: Decimal,
    /// Highest equity since the previous frame.
    pub high: Decimal,
    /// Lowest equity since the previous frame, if it was lower than `equity`.
    pub low: Option<Decimal>,
    /// Cash moved since the phase began.
    pub cash: Decimal,
    /// Open positions, if known.
    pub positions: Option<Vec<Position>>,
    /// Number of pending orders, if known.
    pub pending: Option<u32>,
    /// Number at its source.
    pub seq: Option<i64>,
    /// Whether its source's clock is ahead.
    pub is_skewed: bool,
    /// Whether something later had been received before.
    pub is_late: bool,
    /// Whether it holds until the day ends.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_hand: bool,
}

impl From<Observation> for Frame {
    fn from(seen: Observation) -> Self {
        let latest = seen.received_at.map(|received| received + TimeDelta::seconds(MAX_SKEW_S));
        let is_skewed = latest.is_some_and(|latest| seen.at > latest);
        let at = seen.received_at.filter(|_| is_skewed).unwrap_or(seen.at);
        Self {
            at,
            detected_at: seen.received_at.unwrap_or(at),
            balance: seen.balance,
            equity: seen.equity,
            high: seen.high.unwrap_or(seen.equity).max(seen.equity),
            low: seen.low.filter(|low| *low < seen.equity),
            cash: seen.cash_total,
            positions: seen.positions,
            pending: seen.pending,
            seq: seen.seq,
            is_skewed,
            is_late: false,
            by_hand: seen.by_hand,
        }
    }
}

impl Frame {
    /// Whether no position is open and nothing is open in the figures either.
    pub(super) fn is_flat(&self) -> bool {
        self.positions.as_ref().is_some_and(Vec::is_empty) && self.equity == self.balance
    }

    /// Puts `observations` in the order of their instants, whatever order they
    /// came in. Those of one instant become one frame, so that a repeated one
    /// changes nothing; its figures are those of the highest `seq`.
    #[must_use]
    pub fn in_order(observations: impl IntoIterator<Item = Observation>) -> Vec<Self> {
        let mut frames: Vec<Self> = observations.into_iter().map(Self::from).collect();
        frames.sort_by(|one, other| one.order().cmp(&other.order()));
        let mut ordered: Vec<Self> = Vec::with_capacity(frames.len());
        for frame in frames {
            match ordered.last_mut().filter(|last| last.at == frame.at) {
                Some(last) => last.absorb(frame),
                None => ordered.push(frame),
            }
        }
        mark_late(&mut ordered);
        ordered
    }

    /// Of two frames of one instant without numbers the worse one counts.
    fn order(&self) -> impl Ord + '_ {
        let worst_last = std::cmp::Reverse((self.equity, self.balance, self.cash));
        (self.at, self.seq, self.detected_at, worst_last, &self.positions, self.pending)
    }

    fn absorb(&mut self, other: Self) {
        let low = [self.low, other.low, Some(self.equity)].into_iter().flatten().min();
        let (high, detected_at) = (self.high.max(other.high), self.detected_at.min(other.detected_at));
        let is_skewed = self.is_skewed || other.is_skewed;
        let low = low.filter(|low| *low < other.equity);
        *self = Self { detected_at, high, low, is_skewed, ..other };
    }
}

fn mark_late(frames: &mut [Frame]) {
    let mut soonest_after: Option<DateTime<Utc>> = None;
    for frame in frames.iter_mut().rev() {
        frame.is_late = soonest_after.is_some_and(|soonest| soonest < frame.detected_at);
        soonest_after =
            Some(soonest_after.map_or(frame.detected_at, |soonest| soonest.min(frame.detected_at)));
    }
}
