//! Falls of equity from its peaks.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

/// The worst fall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drawdown {
    /// Largest fall from a peak, in money; above zero.
    pub money: Decimal,
    /// Largest fall as a fraction of its peak (0.25 = 25 %), which may be
    /// another fall than that of `money`; `None` without a starting balance.
    pub percent: Option<Decimal>,
    /// When the peak of `money` was reached; `None` where that is the start.
    pub peak_at: Option<DateTime<Utc>>,
    /// When the lowest point was.
    pub trough_at: DateTime<Utc>,
    /// When equity was back at the peak; `None` if it never was.
    pub recovered_at: Option<DateTime<Utc>>,
    /// From peak to recovery, or to the last trade.
    pub lasted: TimeDelta,
}

/// Follows equity from trade to trade, oldest first.
///
/// Source: `max_drawdown` of the library empyrical, on equity after each
/// trade instead of each day, starting with the balance.
#[derive(Debug, Clone)]
pub(super) struct Follower {
    starts_at: Option<Decimal>,
    equity: Decimal,
    peak: Decimal,
    peak_at: Option<DateTime<Utc>>,
    first_at: Option<DateTime<Utc>>,
    last_at: Option<DateTime<Utc>>,
    worst: Option<Worst>,
    worst_fraction: Option<Decimal>,
}

#[derive(Debug, Clone, Copy)]
struct Worst {
    money: Decimal,
    peak_at: Option<DateTime<Utc>>,
    trough_at: DateTime<Utc>,
    recovered_at: Option<DateTime<Utc>>,
}

impl Follower {
    /// `starts_at`: the balance before the first trade, if known.
    pub(super) fn new(starts_at: Option<Decimal>) -> Self {
        let equity = starts_at.unwrap_or_default();
        Self {
            starts_at,
            equity,
            peak: equity,
            peak_at: None,
            first_at: None,
            last_at: None,
            worst: None,
            worst_fraction: None,
        }
    }

    /// Equity now, the sum of results where nothing is known of its start.
    pub(super) const fn equity(&self) -> Decimal {
        self.equity
    }

    pub(super) fn push(
        &mut self,
        (entry_at, exit_at): (DateTime<Utc>, DateTime<Utc>),
        pnl: Decimal,
    ) -> Option<()> {
        self.equity = self.equity.checked_add(pnl)?;
        self.first_at.get_or_insert(entry_at);
        self.last_at = Some(exit_at);
        if self.equity >= self.peak {
            if let Some(worst) = &mut self.worst {
                // A higher peak than that of the worst fall can only come after it was reached again.
                worst.recovered_at.get_or_insert(exit_at);
            }
            (self.peak, self.peak_at) = (self.equity, Some(exit_at));
            return Some(());
        }
        let fall = self.peak.checked_sub(self.equity)?;
        if self.worst.is_none_or(|worst| fall > worst.money) {
            let peak_at = self.peak_at;
            self.worst = Some(Worst { money: fall, peak_at, trough_at: exit_at, recovered_at: None });
        }
        if self.starts_at.is_some() && self.peak > Decimal::ZERO {
            let fraction = fall.checked_div(self.peak)?;
            self.worst_fraction = self.worst_fraction.max(Some(fraction));
        }
        Some(())
    }

    /// The worst fall; `None` if there was none.
    pub(super) fn worst(&self) -> Option<Drawdown> {
        let worst = self.worst?;
        let from = worst.peak_at.or(self.first_at)?;
        let until = worst.recovered_at.or(self.last_at)?;
        Some(Drawdown {
            money: worst.money,
            percent: self.worst_fraction.map(|fraction| fraction.round_dp(6)),
            peak_at: worst.peak_at,
            trough_at: worst.trough_at,
            recovered_at: worst.recovered_at,
            lasted: until.signed_duration_since(from),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + day * 86_400, 0).unwrap()
    }

    fn follow(start: Option<i64>, results: &[i64]) -> Option<Drawdown> {
        let mut follower = Follower::new(start.map(Decimal::from));
        for (day, result) in (1..).zip(results) {
            follower.push((at(day - 1), at(day)), Decimal::from(*result)).unwrap();
        }
        follower.worst()
    }

    #[test]
    fn the_worst_fall_has_a_peak_a_trough_and_a_recovery() {
        let worst = follow(Some(1_000), &[100, -50, 60, -220, 20, 200, -10]).unwrap();

        assert_eq!(worst.money, 220.into());
        assert_eq!((worst.peak_at, worst.trough_at), (Some(at(3)), at(4)));
        assert_eq!((worst.recovered_at, worst.lasted), (Some(at(6)), TimeDelta::days(3)));
        assert_eq!(worst.percent, Some(Decimal::new(198_198, 6)));
    }

    #[test]
    fn a_fall_from_the_start_that_goes_on_has_neither_peak_nor_recovery() {
        let worst = follow(None, &[-5, 1]).unwrap();

        assert_eq!((worst.money, worst.percent), (5.into(), None));
        assert_eq!((worst.peak_at, worst.recovered_at, worst.lasted), (None, None, TimeDelta::days(2)));
        assert_eq!(follow(Some(1), &[1, 2, 0]), None);
    }
}
