//! Figures and times as brokers write them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
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
    /// Which part of a date with slashes or dashes comes first; with dots it is the day.
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
    /// Of dates with slashes or dashes.
    pub order: DateOrder,
    /// The clock of times that name no zone.
    pub clock: LocalClock,
}

impl Reading {
    /// A figure: with or without currency sign and separators of thousands, which
    /// stand between groups of three digits; in brackets, or with a minus before
    /// or behind it, it is below zero.
    #[must_use]
    pub fn figure(&self, text: &str) -> Option<Decimal> {
        let rest = text.trim_start_matches(is_around);
        let digits = rest.trim_end_matches(is_around);
        let (before, behind) = (text.strip_suffix(rest)?, rest.strip_prefix(digits)?);
        let is_below = sign(before, behind)?;
        let (mark, separator) = match self.decimal {
            DecimalMark::Point => ('.', ','),
            DecimalMark::Comma => (',', '.'),
        };
        let (whole, fraction) = digits.split_once(mark).unwrap_or((digits, ""));
        let whole = match whole {
            "" if fraction.is_empty() => return None,
            "" => "0".to_owned(),
            _ => ungrouped(whole, separator)?,
        };
        let plain = if fraction.is_empty() { whole } else { format!("{whole}.{fraction}") };
        let figure = plain_decimal(&plain).ok()?;
        Some(if is_below && !figure.is_zero() { -figure } else { figure })
    }

    /// A time: RFC 3339; `2026.11.28 14:30:00` and `2026-11-28 14:30`; with
    /// slashes or dashes in [`DateOrder`], with dots day first; with `AM` or `PM`; with an offset behind it.
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
            Some(minutes) => shown.and_utc().checked_sub_signed(TimeDelta::try_minutes(minutes)?),
            None => self.clock.read(shown),
        }
    }

    fn date(&self, text: &str) -> Option<NaiveDate> {
        let parts: Vec<i32> =
            text.split(['.', '-', '/']).map(|part| part.parse().ok()).collect::<Option<_>>()?;
        let [first, second, third] = parts.as_slice() else { return None };
        let (year, month, day) = match (*first > 31, text.contains(['/', '-']), self.order) {
            (true, _, _) => (*first, *second, *third),
            (false, true, DateOrder::MonthFirst) => (*third, *first, *second),
            (false, _, _) => (*third, *second, *first),
        };
        let year = if (0..100).contains(&year) { year.checked_add(2_000)? } else { year };
        NaiveDate::from_ymd_opt(year, month.try_into().ok()?, day.try_into().ok()?)
    }
}

/// What may stand before and behind the digits of a figure.
const fn is_around(letter: char) -> bool {
    matches!(letter, '$' | '€' | '£' | '฿' | '(' | ')' | '+' | '-' | '\u{2212}' | '%') || is_blank(letter)
}

const fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\u{a0}' | '\u{202f}')
}

/// Whether a figure is below zero; `None` for signs that contradict each other.
fn sign(before: &str, behind: &str) -> Option<bool> {
    let count = |text: &str, letters: &[char]| text.matches(letters).count();
    let minuses = count(before, &['-', '\u{2212}']) + count(behind, &['-', '\u{2212}']);
    let pluses = count(before, &['+']);
    let opened = count(before, &['(']);
    let is_sound = minuses + pluses <= 1
        && opened <= 1
        && opened == count(behind, &[')'])
        && count(before, &[')', '%']) + count(behind, &['(', '+']) == 0;
    is_sound.then_some(minuses + opened > 0)
}

/// `1,234,567` without what separates its groups, if they are groups.
fn ungrouped(whole: &str, separator: char) -> Option<String> {
    let Some(between) = whole.chars().find(|letter| !letter.is_ascii_digit()) else {
        return Some(whole.to_owned());
    };
    if between != separator && between != '\'' && !is_blank(between) {
        return None;
    }
    let mut groups = whole.split(between);
    let first = groups.next().filter(|first| (1..=3).contains(&first.len()) && !first.starts_with('0'))?;
    let is_group = |group: &str| group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit());
    let rest: String = groups.map(|group| is_group(group).then_some(group)).collect::<Option<_>>()?;
    Some(format!("{first}{rest}"))
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
    #[case("12,50", DecimalMark::Point, None)]
    #[case("1,2345", DecimalMark::Point, None)]
    #[case("0.105", DecimalMark::Comma, None)]
    #[case("1.10500", DecimalMark::Comma, None)]
    #[case("1.234.567,5", DecimalMark::Comma, Some("1234567.5"))]
    #[case("1.234,567.5", DecimalMark::Comma, None)]
    #[case("1,234 567", DecimalMark::Point, None)]
    #[case("1'234.50", DecimalMark::Point, Some("1234.50"))]
    #[case("1\u{202f}234", DecimalMark::Point, Some("1234"))]
    #[case("1 00.00", DecimalMark::Point, None)]
    #[case("1.5,000", DecimalMark::Point, None)]
    #[case("12-5", DecimalMark::Point, None)]
    #[case("12.5-", DecimalMark::Point, Some("-12.5"))]
    #[case("$ -12.5 %", DecimalMark::Point, Some("-12.5"))]
    #[case("\u{2212}5.", DecimalMark::Point, Some("-5"))]
    #[case("-5-", DecimalMark::Point, None)]
    #[case("+-5", DecimalMark::Point, None)]
    #[case("(5", DecimalMark::Point, None)]
    #[case("-(5)", DecimalMark::Point, Some("-5"))]
    #[case("1$5", DecimalMark::Point, None)]
    #[case("(0.00)", DecimalMark::Point, Some("0.00"))]
    #[case("-", DecimalMark::Point, None)]
    #[case(".", DecimalMark::Point, None)]
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
    #[case("11-02-2026 09:30", Some("2026-11-02T14:30:00Z"))]
    #[case("02.11.2026 09:30", Some("2026-11-02T14:30:00Z"))]
    #[case("28/11/2026 09:30", None)]
    #[case("28-11-2026 09:30", None)]
    #[case("yesterday", None)]
    #[case("11/28/2026 09:30:00 +009223372036854775807", None)]
    #[case("11/28/2026 09:30:00 +00153722867280912931", None)]
    #[case("", None)]
    fn times_of_brokers(#[case] text: &str, #[case] time: Option<&str>) {
        let time = time.map(|time| time.parse().unwrap());

        assert_eq!(reading(DecimalMark::Point, DateOrder::MonthFirst).time(text), time);
    }

    #[rstest]
    #[case("02/11/2026 09:30")]
    #[case("02-11-2026 09:30")]
    #[case("02.11.2026 09:30")]
    #[case("2026-11-02 09:30")]
    fn days_may_come_first(#[case] text: &str) {
        let time = "2026-11-02T14:30:00Z".parse().ok();

        assert_eq!(reading(DecimalMark::Point, DateOrder::DayFirst).time(text), time);
    }
}
