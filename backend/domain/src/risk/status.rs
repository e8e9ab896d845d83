//! How near a line is.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::amount;
use super::rule::Class;
use crate::text_enum::text_enum;

text_enum! {
    /// What is said of a rule, an account or a group.
    Status, "risk status" {
        /// A group without members.
        Empty = "empty",
        /// Room enough.
        Safe = "safe",
        /// Past the first mark.
        Caution = "caution",
        /// The figures are old.
        Stale = "stale",
        /// Something needed is not known.
        Unknown = "unknown",
        /// Past the second mark, or perhaps crossed.
        Critical = "critical",
        /// Crossed, and recorded.
        Violated = "violated",
    }
}

impl Status {
    /// How bad: 0 for [`Status::Empty`] to 5 for [`Status::Violated`].
    /// [`Status::Stale`] and [`Status::Unknown`] are equally bad.
    #[must_use]
    pub const fn rank(self) -> u8 {
        match self {
            Self::Empty => 0,
            Self::Safe => 1,
            Self::Caution => 2,
            Self::Stale | Self::Unknown => 3,
            Self::Critical => 4,
            Self::Violated => 5,
        }
    }

    /// The worse of both; of equals, `self`.
    #[must_use]
    pub fn or_worse(self, other: Self) -> Self {
        if other.rank() > self.rank() { other } else { self }
    }
}

/// Why the thresholds are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the critical threshold must be at most the caution threshold")]
pub struct ThresholdsError;

/// Marks at which a rule becomes caution and critical, both inclusive: in
/// percent of the limit that is left, or in money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Form", into = "Form")]
pub struct Thresholds {
    caution: Decimal,
    critical: Decimal,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(with = "amount")]
    caution: Decimal,
    #[serde(with = "amount")]
    critical: Decimal,
}

impl TryFrom<Form> for Thresholds {
    type Error = ThresholdsError;

    fn try_from(form: Form) -> Result<Self, ThresholdsError> {
        Self::new(form.caution, form.critical)
    }
}

impl From<Thresholds> for Form {
    fn from(thresholds: Thresholds) -> Self {
        Self { caution: thresholds.caution, critical: thresholds.critical }
    }
}

impl Thresholds {
    /// For rules about money: half of the limit, a fifth of it.
    pub const MONEY: Self = Self {
        caution: Decimal::from_parts(50, 0, 0, false, 0),
        critical: Decimal::from_parts(20, 0, 0, false, 0),
    };
    /// For rules that count: a quarter of the cap, none of it.
    pub const COUNT: Self =
        Self { caution: Decimal::from_parts(25, 0, 0, false, 0), critical: Decimal::ZERO };

    /// # Errors
    ///
    /// [`ThresholdsError`] when `critical` is above `caution`.
    pub fn new(caution: Decimal, critical: Decimal) -> Result<Self, ThresholdsError> {
        if critical > caution { Err(ThresholdsError) } else { Ok(Self { caution, critical }) }
    }

    /// The first mark.
    #[must_use]
    pub const fn caution(&self) -> Decimal {
        self.caution
    }

    /// The second mark.
    #[must_use]
    pub const fn critical(&self) -> Decimal {
        self.critical
    }

    /// The larger of both, whatever their signs.
    pub(super) fn largest(&self) -> Decimal {
        self.caution.abs().max(self.critical.abs())
    }

    /// Judges `buffer` of `limit` without a division: the marks are percent of `limit`.
    pub(super) fn of_percent(&self, buffer: Decimal, limit: Decimal) -> Status {
        let share = buffer * Decimal::ONE_HUNDRED;
        pick(share <= self.critical * limit, share <= self.caution * limit)
    }

    /// Judges `buffer` by marks in its own unit.
    pub(super) fn of_money(&self, buffer: Decimal) -> Status {
        pick(buffer <= self.critical, buffer <= self.caution)
    }
}

const fn pick(is_critical: bool, is_caution: bool) -> Status {
    match (is_critical, is_caution) {
        (true, _) => Status::Critical,
        (false, true) => Status::Caution,
        (false, false) => Status::Safe,
    }
}

/// Thresholds of rules that have none of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DefaultThresholds {
    /// Of floors and of the risk per trade.
    pub money: Thresholds,
    /// Of the other caps.
    pub count: Thresholds,
}

impl Default for DefaultThresholds {
    fn default() -> Self {
        Self { money: Thresholds::MONEY, count: Thresholds::COUNT }
    }
}

impl DefaultThresholds {
    /// Those of a class of rules.
    #[must_use]
    pub const fn of(&self, class: Class) -> Thresholds {
        match class {
            Class::Money => self.money,
            Class::Count => self.count,
        }
    }
}
