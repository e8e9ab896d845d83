//! Figures of one account at one instant, as a terminal told them.

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::risk::amount::bounded;
use flotilla_domain::risk::observation::{Observation, Position};
use flotilla_protocol::v7::AccountReport;
use flotilla_store::figures::ReportedFigures;
use rust_decimal::Decimal;
use tokio::time::Instant;

/// A terminal's clock this close to ours is believed to the millisecond, so that a frame of exactly a reset stays one.
const CLOSE: TimeDelta = TimeDelta::seconds(2);
/// A line that was longer under way than the quickest of its connection by more than this shows that the terminal's
/// clock was set back.
const LONG: TimeDelta = TimeDelta::minutes(1);

/// What a terminal said of its account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    pub figures: ReportedFigures,
    /// Highest and lowest equity since the frame before.
    extremes: Option<(Decimal, Decimal)>,
    /// When it was true by the terminal's clock, in milliseconds since 1970.
    said_ms: Option<i64>,
    /// When it left by the same clock, if the terminal tells.
    sent_ms: Option<i64>,
    /// Cash moved in the account's whole history, if known.
    pub cash_total: Option<Decimal>,
    /// Open positions, if known.
    pub positions: Option<Vec<Position>>,
    /// How many orders wait beside them, if known.
    pending: Option<u32>,
    pub read_at: Instant,
    /// Whether no terminal said it, but an exchange or this server itself.
    pub is_of_venue: bool,
}

/// When an account's present day ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reset {
    /// Milliseconds since 1970, by the database's clock.
    pub at_ms: i64,
    /// The same by this process's own.
    pub due: Instant,
}

impl Frame {
    pub fn new(report: AccountReport, positions: Option<Vec<Position>>, read_at: Instant) -> Self {
        let AccountReport { balance, equity, margin, free_margin, currency, leverage, watched } = report;
        Self {
            figures: ReportedFigures { balance, equity, margin, free_margin, currency, leverage },
            extremes: watched.map(|watched| (watched.high, watched.low)),
            said_ms: watched.map(|watched| watched.at_ms),
            sent_ms: watched.and_then(|watched| watched.sent_ms),
            cash_total: watched.and_then(|watched| watched.cash_total),
            positions,
            pending: None,
            read_at,
            is_of_venue: false,
        }
    }

    /// Figures that an exchange told just now, or this server computed: the one place where their numbers are bounded, as
    /// those of terminals are where lines are read. `None` where the money is beyond what accounts are judged by.
    pub fn of_venue(figures: ReportedFigures, cash_total: Decimal, positions: Vec<Position>) -> Option<Self> {
        let (balance, equity) = (bounded(figures.balance)?, bounded(figures.equity)?);
        Some(Self {
            figures: ReportedFigures { balance, equity, ..figures },
            extremes: None,
            said_ms: None,
            sent_ms: None,
            cash_total: Some(bounded(cash_total)?),
            positions: positions.into_iter().map(counted).collect(),
            pending: None,
            read_at: Instant::now(),
            is_of_venue: true,
        })
    }

    /// The same with how many orders wait.
    pub fn with_pending(self, pending: Option<u32>) -> Self {
        Self { pending, ..self }
    }

    /// Whether the day of `reset` ends with this frame.
    pub fn is_at(&self, reset: &Reset) -> bool {
        self.said_ms == Some(reset.at_ms)
    }

    /// Whether it was true some time before it was told: the frame of a reset at which there was no connection, or one
    /// that is told again because it may have been lost.
    pub fn is_kept_back(&self) -> bool {
        self.said_ms.zip(self.sent_ms).is_some_and(|(said, sent)| said < sent)
    }

    /// Whether this frame belongs to the day that `reset` ends, and `next` to the one that follows; or `next` to a time
    /// before it.
    pub fn is_parted_from(&self, next: &Self, reset: &Reset) -> bool {
        let goes_back = self.said_ms.zip(next.said_ms).is_some_and(|(said, next)| next < said);
        if self.is_at(reset) || self.is_kept_back() || goes_back {
            return true;
        }
        match (self.said_ms, next.said_ms) {
            // A frame of exactly the reset may take in what came before it.
            (Some(said), Some(next)) => said < reset.at_ms && reset.at_ms < next,
            _ => self.read_at < reset.due && reset.due <= next.read_at,
        }
    }

    /// Takes in the frame before this one, which nobody has seen.
    pub fn absorb(&mut self, before: &Self) {
        let (high, low) = before.range();
        let (own_high, own_low) = self.range();
        self.extremes = Some((own_high.max(high), own_low.min(low)));
    }

    fn range(&self) -> (Decimal, Decimal) {
        let equity = self.figures.equity;
        self.extremes.map_or((equity, equity), |(high, low)| (high.max(equity), low.min(equity)))
    }

    /// As the risk engine reads it. `received_at`: when it was read, by the database's clock.
    pub fn observation(&self, clock: &mut TerminalClock, received_at: DateTime<Utc>) -> Observation {
        let said = self.said_ms.and_then(DateTime::from_timestamp_millis);
        let sent = self.sent_ms.and_then(DateTime::from_timestamp_millis);
        Observation {
            at: said.map_or(received_at, |said| clock.correct(said, (sent.unwrap_or(said), received_at))),
            received_at: None,
            balance: self.figures.balance,
            equity: self.figures.equity,
            high: self.extremes.map(|(high, _)| high),
            low: self.extremes.map(|(_, low)| low),
            cash_total: Decimal::ZERO,
            positions: self.positions.clone(),
            pending: self.pending,
            seq: None,
            by_hand: false,
        }
    }
}

/// A position as rules count it. `None` where that cannot be: without what its stop costs it would pass for one without
/// a stop.
fn counted(open: Position) -> Option<Position> {
    let risk = match open.risk {
        Some(risk) => Some(bounded(risk)?),
        None => None,
    };
    Some(Position { lots: bounded(open.lots)?, notional: open.notional.and_then(bounded), risk, ..open })
}

/// How far a terminal's clock is from the database's.
///
/// The quickest line tells it best: what others took longer they spent under way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct TerminalClock {
    least_behind: Option<TimeDelta>,
}

impl TerminalClock {
    /// What the terminal's clock is ahead of the database's, in milliseconds; `None` while nothing was said.
    pub fn ahead_ms(&self) -> Option<i64> {
        self.least_behind.map(|behind| -behind.num_milliseconds())
    }

    /// When `said` was, by the database's clock, of a line that was sent then or later.
    pub fn correct(
        &mut self,
        said: DateTime<Utc>,
        (sent, received_at): (DateTime<Utc>, DateTime<Utc>),
    ) -> DateTime<Utc> {
        let behind = received_at - sent;
        let least = match self.least_behind {
            Some(least) if behind - least <= LONG => least.min(behind),
            _ => behind,
        };
        self.least_behind = Some(least);
        if least.abs() <= CLOSE { said } else { said + least }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_790_000_000_000 + ms).unwrap()
    }

    fn frame(equity: i64, said_ms: Option<i64>, read_at: Instant) -> Frame {
        let figures = ReportedFigures {
            balance: Decimal::from(equity),
            equity: Decimal::from(equity),
            margin: Decimal::ZERO,
            free_margin: Decimal::ZERO,
            currency: "USD".into(),
            leverage: 100,
        };
        Frame {
            figures,
            extremes: None,
            said_ms,
            sent_ms: said_ms,
            cash_total: None,
            positions: None,
            pending: None,
            read_at,
            is_of_venue: false,
        }
    }

    #[tokio::test]
    async fn what_a_venue_tells_is_bounded_where_it_comes_in() {
        let open = |lots: &str, notional: &str| Position {
            symbol: "XRPUSD".into(),
            lots: lots.parse().unwrap(),
            weight: Decimal::ONE,
            notional: Some(notional.parse().unwrap()),
            risk: None,
            opened_at: None,
            bare_for_s: None,
        };
        let figures = |equity: &str| ReportedFigures {
            equity: equity.parse().unwrap(),
            ..frame(100, None, Instant::now()).figures
        };
        let told = |equity, positions| Frame::of_venue(figures(equity), Decimal::ZERO, positions);

        let fine = told("99.12345678901234", vec![open("0.33333333", "0.1744699982553")]).unwrap();
        assert_eq!(fine.figures.equity.to_string(), "99.123456789012");
        assert_eq!(fine.positions, Some(vec![open("0.33333333", "0.174469998255")]));

        let large = told("1", vec![open("1", "1000000000000001")]).unwrap();
        assert_eq!(large.positions.unwrap().first().unwrap().notional, None);
        assert_eq!(told("1", vec![open("1000000000000001", "1")]).unwrap().positions, None);
        assert_eq!(told("1000000000000001", Vec::new()), None);
    }

    #[test]
    fn a_clock_that_is_nearly_right_is_believed_and_one_that_is_wrong_is_put_right() {
        let mut clock = TerminalClock::default();
        assert_eq!(clock.correct(at(0), (at(0), at(300))), at(0));
        assert_eq!(
            clock.correct(at(1_000), (at(1_000), at(21_000))),
            at(1_000),
            "under way for long, and true then"
        );

        let mut slow = TerminalClock::default();
        assert_eq!(slow.correct(at(0), (at(0), at(90_000))), at(90_000));
        assert_eq!(slow.correct(at(1_000), (at(1_000), at(96_000))), at(91_000));

        let mut fast = TerminalClock::default();
        assert_eq!(fast.correct(at(7_200_000), (at(7_200_000), at(100))), at(100));
    }

    #[test]
    fn what_was_kept_until_there_was_a_connection_is_dated_when_it_was_true() {
        let mut clock = TerminalClock::default();
        assert_eq!(clock.correct(at(0), (at(130_000), at(130_100))), at(0));

        let mut slow = TerminalClock::default();
        assert_eq!(slow.correct(at(0), (at(130_000), at(220_000))), at(90_000));
    }

    #[test]
    fn a_clock_that_was_set_back_is_learnt_anew() {
        let mut clock = TerminalClock::default();
        clock.correct(at(3_600_000), (at(3_600_000), at(3_600_100)));

        assert_eq!(clock.correct(at(1_000), (at(1_000), at(3_601_100))), at(3_601_100));
    }

    #[tokio::test]
    async fn of_frames_nobody_saw_the_extremes_stay() {
        let now = Instant::now();
        let mut last = frame(100, None, now);
        for equity in [90, 120, 100] {
            let mut next = frame(equity, None, now);
            next.absorb(&last);
            last = next;
        }

        let seen = last.observation(&mut TerminalClock::default(), at(0));

        assert_eq!((seen.high, seen.low), (Some(Decimal::from(120)), Some(Decimal::from(90))));
        assert_eq!(seen.equity, Decimal::from(100));
    }

    #[tokio::test]
    async fn a_reset_parts_what_came_before_from_what_comes_after() {
        let now = Instant::now();
        let reset = Reset { at_ms: 5_000, due: now };
        let said = |ms| frame(1, Some(ms), now);
        assert!(!said(4_000).is_parted_from(&said(5_000), &reset), "the frame of the reset ends the day");
        assert!(said(5_000).is_parted_from(&said(5_001), &reset));
        assert!(said(4_000).is_parted_from(&said(5_001), &reset));
        assert!(!said(5_001).is_parted_from(&said(6_000), &reset));
        let kept = Frame { sent_ms: Some(9_000), ..said(1_000) };
        assert!(kept.is_parted_from(&said(9_000), &reset), "an earlier reset, told later");
        assert!(said(4_000).is_parted_from(&said(3_000), &reset), "one that is told again");

        let read = |s: u64, is_after: bool| {
            let by = std::time::Duration::from_secs(s);
            frame(1, None, if is_after { now + by } else { now.checked_sub(by).unwrap() })
        };
        assert!(read(1, false).is_parted_from(&read(0, true), &reset));
        assert!(!read(1, true).is_parted_from(&read(2, true), &reset));
    }
}
