//! Figures and times as brokers write them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use rust_decimal::Decimal;

use crate::number::plain_decimal;
use crate::stats::clock::LocalClock;
use crate::text_enum::text_enum;

text_enum! {
    /// What stands between whole and fraction.
    DecimalMark, "decimal mark" {
        /// `1,234.50`
        Point = "point",
        /// `1.234,50`
        Comma = "comma",
    }
}

text_enum! {
    /// Which part of a date with slashes comes first.
    DateOrder, "date order" {
        /// `28/11/2026`
        DayFirst = "dmy",
        /// `11/28/2026`
        MonthFirst = "mdy",
    }
}

/// How figures and times of a file are read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Of figures.
    pub decimal: DecimalMark,
    /// Of dates with slashes.
    pub order: DateOrder,
    /// The clock of times that name no zone.
    pub clock: LocalClock,
}

impl Reading {
    /// A figure: with or without currency sign and separators of thousands;
    /// in brackets or behind a minus it is below zero.
    #[must_use]
    pub fn figure(&self, text: &str) -> Option<Decimal> {
        let is_bracketed = text.contains('(') && text.contains(')');
        let (mark, separator) = match self.decimal {
            DecimalMark::Point => ('.', ','),
            DecimalMark::Comma => (',', '.'),
        };
        let mut plain = String::new();
        for letter in text.trim().chars() {
            match letter {
                '0'..='9' => plain.push(letter),
                '-' | '\u{2212}' if !plain.starts_with('-') => plain.insert(0, '-'),
                _ if letter == mark => plain.push('.'),
                _ if letter == separator => {}
                ' ' | '\u{a0}' | '\u{202f}' | '$' | '€' | '£' | '฿' | '(' | ')' | '+' | '%' | '\'' => {}
                _ => return None,
            }
        }
        let bare = plain.strip_prefix('.').map_or_else(|| plain.clone(), |rest| format!("0.{rest}"));
        let figure = plain_decimal(bare.trim_end_matches('.')).ok()?;
        Some(if is_bracketed { -figure.abs() } else { figure })
    }

    /// A time: RFC 3339; `2026.11.28 14:30:00` and `2026-11-28 14:30`; with
    /// slashes in [`DateOrder`]; with `AM` or `PM`; with an offset behind it.
    #[must_use]
    pub fn time(&self, text: &str) -> Option<DateTime<Utc>> {
        let text = text.trim();
        if let Ok(exact) = DateTime::parse_from_rfc3339(text) {
            return Some(exact.with_timezone(&Utc));
        }
        let (date, rest) = text.split_once([' ', 'T']).unwrap_or((text, ""));
        let mut parts = rest.split(' ').filter(|part| !part.is_empty());
        let date = self.date(date)?;
        let mut time = parts.next().map_or(Some(NaiveTime::MIN), clock_time)?;
        let mut offset = None;
        for part in parts {
            match part.to_ascii_uppercase().as_str() {
                "AM" | "PM" => time = half(time, part)?,
                "UTC" | "GMT" | "Z" => offset = Some(0),
                "EST" => offset = Some(-300),
                "EDT" => offset = Some(-240),
                _ => offset = Some(minutes(part)?),
            }
        }
        let shown = NaiveDateTime::new(date, time);
        match offset {
            Some(minutes) => shown.and_utc().checked_sub_signed(chrono::TimeDelta::minutes(minutes)),
            None => self.clock.read(shown),
        }
    }

    fn date(&self, text: &str) -> Option<NaiveDate> {
        let parts: Vec<i32> =
            text.split(['.', '-', '/']).map(|part| part.parse().ok()).collect::<Option<_>>()?;
        let [first, second, third] = parts.as_slice() else { return None };
        let (year, month, day) = match (*first > 31, text.contains('/'), self.order) {
            (true, _, _) => (*first, *second, *third),
            (false, true, DateOrder::MonthFirst) => (*third, *first, *second),
            (false, _, _) => (*third, *second, *first),
        };
        let year = if (0..100).contains(&year) { year.checked_add(2_000)? } else { year };
        NaiveDate::from_ymd_opt(year, month.try_into().ok()?, day.try_into().ok()?)
    }
}

fn clock_time(text: &str) -> Option<NaiveTime> {
    ["%H:%M:%S%.f", "%H:%M"].iter().find_map(|form| NaiveTime::parse_from_str(text, form).ok())
}

fn half(time: NaiveTime, part: &str) -> Option<NaiveTime> {
    use chrono::Timelike;

    let hour = time.hour() % 12;
    time.with_hour(if part.eq_ignore_ascii_case("PM") { hour.checked_add(12)? } else { hour })
}

/// `+07:00`, `-0600` in minutes.
fn minutes(text: &str) -> Option<i64> {
    let (is_behind, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+')?),
    };
    let digits: String = rest.chars().filter(|letter| *letter != ':').collect();
    let (hours, rest) = digits.split_at_checked(2)?;
    let minutes = hours.parse::<i64>().ok()?.checked_mul(60)?.checked_add(rest.parse().ok()?)?;
    Some(if is_behind { -minutes } else { minutes })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn reading(decimal: DecimalMark, order: DateOrder) -> Reading {
        Reading { decimal, order, clock: LocalClock::new("America/New_York").unwrap() }
    }

    #[rstest]
    #[case("1,234.50", DecimalMark::Point, Some("1234.50"))]
    #[case("1.234,50", DecimalMark::Comma, Some("1234.50"))]
    #[case("$(12.50)", DecimalMark::Point, Some("-12.50"))]
    #[case("-$12.5", DecimalMark::Point, Some("-12.5"))]
    #[case("1 000.00", DecimalMark::Point, Some("1000.00"))]
    #[case(".5", DecimalMark::Point, Some("0.5"))]
    #[case("1e5", DecimalMark::Point, None)]
    #[case("=1+1", DecimalMark::Point, None)]
    #[case("", DecimalMark::Point, None)]
    fn figures_of_brokers(#[case] text: &str, #[case] mark: DecimalMark, #[case] figure: Option<&str>) {
        let figure = figure.map(|figure| figure.parse().unwrap());

        assert_eq!(reading(mark, DateOrder::MonthFirst).figure(text), figure);
    }

    #[rstest]
    #[case("2026-11-28T14:30:00Z", Some("2026-11-28T14:30:00Z"))]
    #[case("2026.11.28 09:30:00", Some("2026-11-28T14:30:00Z"))]
    #[case("2026-11-28 09:30", Some("2026-11-28T14:30:00Z"))]
    #[case("11/28/2026 9:30:00 AM", Some("2026-11-28T14:30:00Z"))]
    #[case("11/28/2026 08:30:00 -06:00", Some("2026-11-28T14:30:00Z"))]
    #[case("11/28/2026 21:30:00 +07:00", Some("2026-11-28T14:30:00Z"))]
    #[case("11/28/2026 09:30:00 EST", Some("2026-11-28T14:30:00Z"))]
    #[case("28.11.2026", Some("2026-11-28T05:00:00Z"))]
    #[case("28/11/2026 09:30", None)]
    #[case("yesterday", None)]
    #[case("", None)]
    fn times_of_brokers(#[case] text: &str, #[case] time: Option<&str>) {
        let time = time.map(|time| time.parse().unwrap());

        assert_eq!(reading(DecimalMark::Point, DateOrder::MonthFirst).time(text), time);
    }
}
