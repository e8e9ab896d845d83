//! Dates, weekdays and hours as the trader's own clock shows them.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike, Utc};
use jiff::tz::TimeZone;

use crate::risk::day::{DayError, ZONES, to_chrono, to_date, to_jiff};

/// A clock of one zone.
#[derive(Debug, Clone)]
pub struct LocalClock(TimeZone);

/// A moment on such a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Local {
    /// The date.
    pub date: NaiveDate,
    /// 0 is Monday.
    pub weekday: u8,
    /// 0 to 23.
    pub hour: u8,
}

impl LocalClock {
    /// The clock of an IANA zone, as in `Asia/Bangkok`.
    ///
    /// # Errors
    ///
    /// [`DayError::Zone`] when there is no such zone.
    pub fn new(zone: &str) -> Result<Self, DayError> {
        ZONES.get(zone).map(Self).map_err(|_| DayError::Zone)
    }

    /// When it shows `shown`; the earlier of two, and after a gap as if it had
    /// not been set forward.
    #[must_use]
    pub fn read(&self, shown: NaiveDateTime) -> Option<DateTime<Utc>> {
        let part = |part: u32| i8::try_from(part).ok();
        let civil = jiff::civil::DateTime::new(
            i16::try_from(shown.year()).ok()?,
            part(shown.month())?,
            part(shown.day())?,
            part(shown.hour())?,
            part(shown.minute())?,
            part(shown.second())?,
            i32::try_from(shown.nanosecond()).ok()?.min(999_999_999),
        );
        let at = self.0.to_ambiguous_timestamp(civil.ok()?).compatible().ok()?;
        to_chrono(at).ok()
    }

    /// What it shows at `at`.
    ///
    /// # Errors
    ///
    /// [`DayError::OutOfRange`] outside of the calendar.
    pub fn show(&self, at: DateTime<Utc>) -> Result<Local, DayError> {
        let shown = self.0.to_datetime(to_jiff(at)?);
        Ok(Local {
            date: to_date(shown.date())?,
            weekday: shown.weekday().to_monday_zero_offset().unsigned_abs(),
            hour: shown.hour().unsigned_abs(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sunday_evening_in_london_is_a_monday_in_bangkok() {
        let at: DateTime<Utc> = "2026-11-29T22:30:00Z".parse().unwrap();

        let shown = LocalClock::new("Asia/Bangkok").unwrap().show(at).unwrap();

        assert_eq!(shown, Local { date: "2026-11-30".parse().unwrap(), weekday: 0, hour: 5 });
        assert!(LocalClock::new("Asia/Atlantis").is_err());
    }
}
