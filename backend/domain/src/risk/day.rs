//! Trading days: from one local reset to the next, by the firm's clock.

use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use jiff::civil::{Date, Time};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// The zones this program was built with: the machine's own may be old or missing.
pub(crate) static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Why there is no such clock or day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DayError {
    /// The zone is not one of the IANA database.
    #[error("no such time zone")]
    Zone,
    /// The reset is not a time of day.
    #[error("the reset is not a time of the form HH:MM")]
    Reset,
    /// The instant is outside of the calendar.
    #[error("the time is outside of the calendar")]
    OutOfRange,
}

/// When a firm's day begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Form", into = "Form")]
pub struct DayClock {
    zone: TimeZone,
    reset: Time,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    tz: String,
    reset: String,
}

impl TryFrom<Form> for DayClock {
    type Error = DayError;

    fn try_from(form: Form) -> Result<Self, DayError> {
        Self::new(&form.tz, &form.reset)
    }
}

impl From<DayClock> for Form {
    fn from(clock: DayClock) -> Self {
        Self { tz: clock.zone_name().to_owned(), reset: clock.reset() }
    }
}

/// One day of a [`DayClock`]: from `start` to just before `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TradingDay {
    /// The date it carries: that of its reset, or the next when the reset is at noon or later.
    pub label: NaiveDate,
    /// First instant; it belongs to this day.
    pub start: DateTime<Utc>,
    /// First instant of the next day.
    pub end: DateTime<Utc>,
}

impl TradingDay {
    /// From start to end; 23 to 25 hours where clocks change.
    #[must_use]
    pub fn length(&self) -> TimeDelta {
        self.end - self.start
    }
}

impl DayClock {
    /// A clock with its reset at `reset` (`HH:MM`) in the IANA zone `zone`.
    ///
    /// # Errors
    ///
    /// [`DayError::Zone`] or [`DayError::Reset`].
    pub fn new(zone: &str, reset: &str) -> Result<Self, DayError> {
        let zone = ZONES.get(zone).map_err(|_| DayError::Zone)?;
        if zone.iana_name().is_none() || zone.is_unknown() {
            return Err(DayError::Zone);
        }
        Ok(Self { zone, reset: time_of_day(reset).ok_or(DayError::Reset)? })
    }

    /// Name of the zone.
    #[must_use]
    pub fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or_default()
    }

    /// Local time of the reset, as `HH:MM`.
    #[must_use]
    pub fn reset(&self) -> String {
        self.reset.strftime("%H:%M").to_string()
    }

    /// The day to which `at` belongs.
    ///
    /// A local time that does not exist moves forward by the gap; of one that
    /// occurs twice the first counts.
    ///
    /// # Errors
    ///
    /// [`DayError::OutOfRange`] at the ends of the calendar.
    pub fn day_at(&self, at: DateTime<Utc>) -> Result<TradingDay, DayError> {
        let instant = to_jiff(at)?;
        // From tomorrow backwards: the clocks may have been set back over the reset.
        let mut date = tomorrow(self.zone.to_datetime(instant).date())?;
        let mut start = self.reset_on(date)?;
        while start > instant {
            date = date.yesterday().map_err(|_| DayError::OutOfRange)?;
            start = self.reset_on(date)?;
        }
        let mut next = tomorrow(date)?;
        let mut end = self.reset_on(next)?;
        // A date that a zone has left out begins together with the next one.
        while end <= start {
            next = tomorrow(next)?;
            end = self.reset_on(next)?;
        }
        let label = if self.reset.hour() < 12 { date } else { tomorrow(date)? };
        Ok(TradingDay { label: to_date(label)?, start: to_chrono(start)?, end: to_chrono(end)? })
    }

    fn reset_on(&self, date: Date) -> Result<Timestamp, DayError> {
        self.zone
            .to_ambiguous_timestamp(date.to_datetime(self.reset))
            .compatible()
            .map_err(|_| DayError::OutOfRange)
    }
}

fn time_of_day(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let two_digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !two_digits(hour) || !two_digits(minute) {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

fn tomorrow(date: Date) -> Result<Date, DayError> {
    date.checked_add(1.day()).map_err(|_| DayError::OutOfRange)
}

pub(crate) fn to_jiff(at: DateTime<Utc>) -> Result<Timestamp, DayError> {
    let nanoseconds = i32::try_from(at.timestamp_subsec_nanos()).map_err(|_| DayError::OutOfRange)?;
    Timestamp::new(at.timestamp(), nanoseconds.min(999_999_999)).map_err(|_| DayError::OutOfRange)
}

pub(crate) fn to_chrono(at: Timestamp) -> Result<DateTime<Utc>, DayError> {
    DateTime::from_timestamp(at.as_second(), at.subsec_nanosecond().unsigned_abs())
        .ok_or(DayError::OutOfRange)
}

pub(crate) fn to_date(date: Date) -> Result<NaiveDate, DayError> {
    NaiveDate::from_ymd_opt(
        date.year().into(),
        date.month().unsigned_abs().into(),
        date.day().unsigned_abs().into(),
    )
    .ok_or(DayError::OutOfRange)
}
