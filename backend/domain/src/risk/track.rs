//! One rule followed through time: its day, its peak, its recorded violation.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::day::{DayError, TradingDay};
use super::day_start::{DayStart, Quality};
use super::ended::Ended;
use super::fresh::is_fresh;
use super::ledger::Ledger;
use super::observation::Frame;
use super::opened::Opened;
use super::phase::Phase;
use super::reading::{FloorLine, Reading, crosses, read};
use super::rule::{CashPolicy, DailyReference, Measured, Rule, Severity, Terms, TrailingMode};
use super::violation::{Point, Source, Violation};

/// What a rule is judged with.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub phase: &'a Phase,
    pub ledger: &'a Ledger,
    pub rule: &'a Rule,
}

/// Highest values since a moment, without the cash that was moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct DayPeak {
    equity: Decimal,
    balance: Decimal,
}

/// State of one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Track {
    day: TradingDay,
    start: Option<DayStart>,
    day_peak: Option<DayPeak>,
    /// Of the whole phase, for trailing floors. With [`CashPolicy::Shift`] without the cash moved.
    peak: Decimal,
    violation: Option<Violation>,
    is_suspected: bool,
    suspected_at: Option<DateTime<Utc>>,
    /// Last observation that broke nothing.
    good_at: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended: Option<Ended>,
    #[serde(default, skip_serializing_if = "Opened::is_empty")]
    opened: Opened,
    /// Violations recorded since somebody last asked: a pause may begin and end within one step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    recorded: Vec<Violation>,
    /// What was recorded before, while the history is followed again.
    #[serde(skip)]
    known: Vec<Violation>,
}

impl Track {
    pub(super) fn new(phase: &Phase, rule: &Rule) -> Result<Self, DayError> {
        let day = phase.clock(rule).day_at(phase.started_at)?;
        let mut track = Self {
            day,
            start: None,
            day_peak: None,
            peak: phase.starting_balance,
            violation: None,
            is_suspected: false,
            suspected_at: None,
            good_at: None,
            ended: None,
            opened: Opened::default(),
            recorded: Vec::new(),
            known: Vec::new(),
        };
        track.begin(DayStart::find(phase, rule, day, None));
        Ok(track)
    }

    pub(super) const fn day(&self) -> TradingDay {
        self.day
    }

    pub(super) const fn violation(&self) -> Option<&Violation> {
        self.violation.as_ref()
    }

    pub(super) const fn is_suspected(&self) -> bool {
        self.is_suspected
    }

    pub(super) const fn suspected_at(&self) -> Option<DateTime<Utc>> {
        self.suspected_at
    }

    /// Positions opened in the day, as far as they were seen.
    pub(super) fn opened(&self) -> usize {
        self.opened.count()
    }

    /// How well the day's start is known.
    pub(super) fn quality(&self) -> Quality {
        self.start.map_or(Quality::Missing, |start| start.quality)
    }

    /// Profit at the last reset.
    pub(super) fn closed_profit(&self, phase: &Phase) -> Option<Decimal> {
        let start = self.start?;
        Some(start.balance - start.cash.unwrap_or_default() - phase.starting_balance)
    }

    /// Follows the rule to `frame`, which is later than all that was followed before.
    pub(super) fn observe(
        &mut self,
        scene: &Scene<'_>,
        previous: Option<&Frame>,
        frame: &Frame,
    ) -> Result<(), DayError> {
        if previous.is_none() {
            self.skip_to(scene, frame.at - TimeDelta::nanoseconds(1))?;
        }
        while self.day.end < frame.at {
            self.reset(scene, previous)?;
        }
        let ended = self.ended.take();
        self.release(scene, frame.at);
        self.settle_cash(frame);
        let was_certain = self.judge_low(scene, previous, (frame, ended));
        self.rise(scene, previous, (frame, ended));
        // A frame exactly at a reset: what lies between it and the one before belongs to the day that ends.
        let is_turn = self.day.end == frame.at;
        let mut is_suspected = !was_certain && self.is_low_under_line(scene, (frame, ended));
        if is_turn {
            is_suspected &= scene.rule.severity == Severity::Hard;
            self.turn(scene, Some(frame))?;
        }
        self.settle(scene, frame);
        self.judge(scene, frame, Point { at: frame.at, source: Source::Observation });
        if !is_turn {
            is_suspected = !was_certain && self.is_low_under_line(scene, (frame, ended));
        }
        self.is_suspected = is_suspected && self.violation.is_none();
        if self.is_suspected {
            self.suspected_at = Some(frame.at);
        }
        Ok(())
    }

    /// Follows the rule to `now`, with nothing new but the time.
    pub(super) fn pass(
        &mut self,
        scene: &Scene<'_>,
        last: Option<&Frame>,
        now: DateTime<Utc>,
    ) -> Result<(), DayError> {
        if last.is_none() {
            self.skip_to(scene, now)?;
        }
        while self.day.end <= now {
            self.reset(scene, last)?;
        }
        self.release(scene, now);
        match last {
            Some(last) if now > last.at && is_fresh(scene.phase, last, now) => {
                self.judge(scene, last, Point { at: now, source: Source::Clock });
            }
            _ => {}
        }
        Ok(())
    }

    /// Nothing has been observed yet: no reset in between needs a look.
    fn skip_to(&mut self, scene: &Scene<'_>, at: DateTime<Utc>) -> Result<(), DayError> {
        if at >= self.day.end {
            let first = self.day.label;
            self.day = scene.phase.clock(scene.rule).day_at(at)?;
            if let Terms::TrailingDrawdown { mode: TrailingMode::EodBalance, cash, .. } = scene.rule.terms
                && scene.phase.types_days_of(scene.rule)
            {
                let typed =
                    scene.phase.day_starts.range(first..=self.day.label).filter(|(label, _)| **label > first);
                typed.for_each(|(_, start)| self.raise(start.balance, Decimal::ZERO, cash));
            }
            self.begin(DayStart::find(scene.phase, scene.rule, self.day, None));
        }
        Ok(())
    }

    /// Goes over the next reset, with the last figures from before it.
    fn reset(&mut self, scene: &Scene<'_>, last: Option<&Frame>) -> Result<(), DayError> {
        let at = self.day.end;
        self.release(scene, at);
        if let Some(last) = last.filter(|_| scene.phase.doubts_gaps) {
            let line = self.floor(scene, last.cash, last.at).map(|line| line.floor);
            self.ended = Some(Ended::with(self.ended.as_ref(), line));
        }
        self.turn(scene, last)?;
        let Some(last) = last else { return Ok(()) };
        if is_fresh(scene.phase, last, at) {
            self.judge(scene, last, Point { at, source: Source::Reset });
        } else if !read(scene, self, last, at).is_breach {
            self.good_at = self.good_at.max(Some(last.at));
        }
        Ok(())
    }

    /// Begins the next day.
    fn turn(&mut self, scene: &Scene<'_>, last: Option<&Frame>) -> Result<(), DayError> {
        self.day = scene.phase.clock(scene.rule).day_at(self.day.end)?;
        let mut start = DayStart::find(scene.phase, scene.rule, self.day, last);
        if let (Some(start), Some(last)) = (start.as_mut(), last) {
            start.add_deals(scene.phase, scene.ledger, (last.at, self.day.start));
        }
        self.begin(start);
        if scene.rule.severity == Severity::Soft {
            self.violation = None;
            self.is_suspected = false;
        }
        if let Some(start) = start {
            self.close_day(scene, &start);
        }
        Ok(())
    }

    /// Takes the balance of a reset for that of the day's end.
    fn close_day(&mut self, scene: &Scene<'_>, start: &DayStart) {
        if let Terms::TrailingDrawdown { mode: TrailingMode::EodBalance, cash, .. } = scene.rule.terms {
            self.raise(start.balance, start.cash.unwrap_or_default(), cash);
        }
    }

    fn begin(&mut self, start: Option<DayStart>) {
        self.start = start;
        self.opened = Opened::default();
        self.day_peak = start.map(|start| {
            let cash = start.cash.unwrap_or_default();
            DayPeak { equity: start.equity - cash, balance: start.balance - cash }
        });
    }

    /// A start typed by hand says nothing of cash: what had been moved by the first observation counts as before it.
    fn settle_cash(&mut self, frame: &Frame) {
        if let Some(start) = self.start
            && start.cash.is_none()
        {
            self.begin(Some(DayStart { cash: Some(frame.cash), ..start }));
        }
    }

    /// Tests the lowest value of the interval against the floor that held before the interval moved any peak.
    /// Cash may have moved before or after the low: only a low under both floors is certain. The same with a reset.
    fn judge_low(
        &mut self,
        scene: &Scene<'_>,
        previous: Option<&Frame>,
        (frame, ended): (&Frame, Option<Ended>),
    ) -> bool {
        let Some((watch, low)) = scene.rule.watch().zip(frame.low) else { return false };
        if watch.measured == Measured::Balance {
            return false;
        }
        let cash_before = previous.map_or(frame.cash, |previous| previous.cash);
        let cash = if floor_rises_with_cash(scene) { frame.cash.min(cash_before) } else { frame.cash };
        // A floor set by hand since then need not have stood when the low was reached.
        let before = previous.map_or(scene.phase.started_at, |previous| previous.at);
        let Some(line) = self.floor(scene, cash, before) else { return false };
        // It may have been reached before somebody took back the violation that it belonged to.
        let is_taken_back = scene.phase.is_clearing_between(&scene.rule.id, before, frame.at);
        if is_taken_back || !crosses(watch, low, line.floor) {
            return false;
        }
        let is_cash_still = frame.cash == cash_before || !floor_rises_with_cash(scene);
        if !ended.is_none_or(|ended| is_cash_still && ended.is_under_all(watch, low)) {
            return false;
        }
        let reading = Reading {
            limit: line.limit,
            floor: Some(line.floor),
            reference: Some(line.reference),
            current: Some(low),
            buffer: Some(low - line.floor),
            is_breach: true,
            ..Reading::default()
        };
        self.record(scene, (&reading, frame), Point { at: frame.at, source: Source::Observation });
        true
    }

    /// Whether the low is under the line, or under one of a day that ended since the frame before, unless a breach would
    /// have ended with that day.
    fn is_low_under_line(&self, scene: &Scene<'_>, (frame, ended): (&Frame, Option<Ended>)) -> bool {
        let Some((watch, low)) = scene.rule.watch().zip(frame.low) else { return false };
        let old = ended.filter(|_| scene.rule.severity == Severity::Hard);
        let line = self.floor(scene, frame.cash, frame.at);
        watch.measured != Measured::Balance
            && (line.is_some_and(|line| crosses(watch, low, line.floor))
                || old.is_some_and(|old| old.is_under_any(watch, low)))
    }

    /// Moves peaks by the highest value of the interval. Cash may have moved before or after it: the lower peak is certain.
    /// What may have been reached before a reset is no peak of the new day.
    fn rise(&mut self, scene: &Scene<'_>, previous: Option<&Frame>, (frame, ended): (&Frame, Option<Ended>)) {
        let cash = previous.map_or(frame.cash, |previous| previous.cash).max(frame.cash);
        if let Some(peak) = self.day_peak.as_mut().filter(|_| ended.is_none()) {
            peak.equity = peak.equity.max(frame.high - cash);
        }
        if let Terms::TrailingDrawdown { mode: TrailingMode::IntradayEquity, cash: policy, .. } =
            scene.rule.terms
        {
            self.raise(frame.high, cash, policy);
        }
    }

    /// Moves peaks, and an estimated start, by the values at the frame's instant.
    fn settle(&mut self, scene: &Scene<'_>, frame: &Frame) {
        if let Some(start) = self.start.as_mut()
            && start.see_first(scene.phase, frame, self.day.start)
        {
            let start = *start;
            self.close_day(scene, &start);
        }
        if let Some((peak, start)) = self.day_peak.as_mut().zip(self.start) {
            let begun = start.equity - start.cash.unwrap_or_default();
            peak.equity = peak.equity.max(frame.equity - frame.cash).max(begun);
            peak.balance = peak.balance.max(frame.balance - frame.cash);
        }
        match scene.rule.terms {
            Terms::DailyTradeCount { .. } => {
                self.opened.see(frame, self.day.start.max(scene.phase.started_at));
            }
            Terms::TrailingDrawdown { mode: TrailingMode::IntradayEquity, cash, .. } => {
                self.raise(frame.equity, frame.cash, cash);
            }
            Terms::TrailingDrawdown { mode: TrailingMode::IntradayBalance, cash, .. } => {
                self.raise(frame.balance, frame.cash, cash);
            }
            _ => {}
        }
    }

    fn raise(&mut self, value: Decimal, cash: Decimal, policy: CashPolicy) {
        let value = if policy == CashPolicy::Shift { value - cash } else { value };
        self.peak = self.peak.max(value);
    }

    fn judge(&mut self, scene: &Scene<'_>, frame: &Frame, point: Point) {
        let reading = read(scene, self, frame, point.at);
        if reading.is_breach {
            self.record(scene, (&reading, frame), point);
        } else if reading.is_known() {
            self.good_at = self.good_at.max(Some(frame.at));
        }
    }

    /// The first breach stays; of later ones only the worst buffer is kept.
    fn record(&mut self, scene: &Scene<'_>, (reading, frame): (&Reading, &Frame), point: Point) {
        if let Some(violation) = self.violation.as_mut() {
            if let Some(buffer) = reading.buffer {
                violation.worst_buffer = violation.worst_buffer.min(buffer);
            }
            return;
        }
        let is_seen = point.source == Source::Observation;
        let found = Violation::new(point, reading, self.day.label).map(|violation| Violation {
            detected_at: if is_seen { frame.detected_at } else { point.at },
            not_before: self.good_at,
            seq: frame.seq,
            is_late: is_seen && frame.is_late,
            ..violation
        });
        let known = found.as_ref().and_then(|found| self.known_of(scene, found));
        if known.is_none() {
            self.recorded.extend(found.clone());
        }
        self.violation = known.or(found);
    }

    /// The violation recorded before that stood when this one was `found`: it is
    /// the same breach, however differently it is found when its history is
    /// followed again.
    fn known_of(&self, scene: &Scene<'_>, found: &Violation) -> Option<Violation> {
        let is_hard = scene.rule.severity == Severity::Hard;
        let stood = |known: &&Violation| {
            known.at <= found.at
                && (is_hard || known.day == found.day)
                && !scene.phase.is_cleared(&scene.rule.id, known.at, found.at)
        };
        let first = self.known.iter().filter(stood).min_by_key(|known| known.at)?;
        Some(Violation { worst_buffer: first.worst_buffer.min(found.worst_buffer), ..first.clone() })
    }

    /// Says what was recorded before of a history that is about to be followed again.
    pub(super) fn expect(&mut self, known: Violation) {
        self.known.push(known);
    }

    /// Violations recorded since this was last asked.
    pub(super) fn take_recorded(&mut self) -> Vec<Violation> {
        std::mem::take(&mut self.recorded)
    }

    /// Lets go of a violation that was taken back by `at`.
    fn release(&mut self, scene: &Scene<'_>, at: DateTime<Utc>) {
        if self
            .violation
            .as_ref()
            .is_some_and(|violation| scene.phase.is_cleared(&scene.rule.id, violation.at, at))
        {
            self.violation = None;
        }
    }

    /// Keeps what was recorded before, where following the history again found
    /// nothing or something later: what was recorded is never lost.
    pub(super) fn keep(&mut self, scene: &Scene<'_>, now: DateTime<Utc>) {
        let is_soft = scene.rule.severity == Severity::Soft;
        for known in std::mem::take(&mut self.known) {
            let is_over = is_soft && known.day != self.day.label;
            if is_over || scene.phase.is_cleared(&scene.rule.id, known.at, now) {
                continue;
            }
            let worst_buffer = match &self.violation {
                Some(found) if found.at < known.at => continue,
                Some(found) => known.worst_buffer.min(found.worst_buffer),
                None => known.worst_buffer,
            };
            (self.is_suspected, self.suspected_at) = (false, self.suspected_at.filter(|at| *at < known.at));
            self.violation = Some(Violation { worst_buffer, ..known });
        }
    }

    /// Takes over the peak of `before`, an earlier state of the same rule.
    pub(super) fn inherit(&mut self, before: &Self) {
        self.peak = self.peak.max(before.peak);
    }

    /// The floor with `cash` moved since the phase began, at `at`; `None` when the day's start is not known.
    pub(super) fn floor(&self, scene: &Scene<'_>, cash: Decimal, at: DateTime<Utc>) -> Option<FloorLine> {
        let initial = scene.phase.starting_balance;
        let shifted = |policy: CashPolicy| if policy == CashPolicy::Shift { cash } else { Decimal::ZERO };
        let mut line = match &scene.rule.terms {
            Terms::MaxDailyLoss { limit, reference, .. } => {
                let reference = self.daily_reference(*reference)? + cash;
                FloorLine::under(reference, limit.amount(initial, reference))
            }
            Terms::MaxTotalLoss { limit, cash: policy, .. } => {
                FloorLine::under(initial + shifted(*policy), limit.amount(initial, initial))
            }
            Terms::TrailingDrawdown { limit, lock, cash: policy, .. } => {
                let peak = self.peak + shifted(*policy);
                let line = FloorLine::under(peak, limit.amount(initial, peak));
                lock.map_or(line, |offset| line.locked_at(initial + offset + shifted(*policy)))
            }
            Terms::MinEquity { value, .. } => {
                let room = initial - value;
                let limit = (room > Decimal::ZERO).then_some(room);
                FloorLine { limit, floor: *value, reference: initial, is_locked: false }
            }
            _ => return None,
        };
        if let Some(floor) = scene.phase.floor_set(&scene.rule.id, at) {
            line = FloorLine { floor, is_locked: true, ..line };
        }
        Some(line)
    }

    /// Without the cash moved since the phase began.
    fn daily_reference(&self, reference: DailyReference) -> Option<Decimal> {
        let (start, peak) = self.start.zip(self.day_peak)?;
        let cash = start.cash.unwrap_or_default();
        Some(match reference {
            DailyReference::Balance => start.balance - cash,
            DailyReference::Equity => start.equity - cash,
            DailyReference::Max => start.balance.max(start.equity) - cash,
            DailyReference::IntradayPeakEquity => peak.equity,
            DailyReference::IntradayPeakBalance => peak.balance,
        })
    }
}

impl FloorLine {
    fn under(reference: Decimal, limit: Decimal) -> Self {
        Self { limit: Some(limit), floor: reference - limit, reference, is_locked: false }
    }

    fn locked_at(self, top: Decimal) -> Self {
        Self { floor: self.floor.min(top), is_locked: self.floor >= top, ..self }
    }
}

/// Whether cash that is paid in raises the floor.
const fn floor_rises_with_cash(scene: &Scene<'_>) -> bool {
    matches!(
        scene.rule.terms,
        Terms::MaxDailyLoss { .. }
            | Terms::MaxTotalLoss { cash: CashPolicy::Shift, .. }
            | Terms::TrailingDrawdown { cash: CashPolicy::Shift, .. }
    )
}
