//! What a rule measures at a point in time.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use super::observation::{Frame, Position};
use super::rule::{BreachOn, LotsCap, LotsMetric, Measured, NoStop, Rule, Terms, Watch};
use super::track::{Scene, Track};

/// Numbers of a rule; what is not known is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reading {
    /// Room there is in all, or the cap.
    pub limit: Option<Decimal>,
    /// The line, for floors.
    pub floor: Option<Decimal>,
    /// What the floor is derived from.
    pub reference: Option<Decimal>,
    /// What is held against the line.
    pub current: Option<Decimal>,
    /// What is left.
    pub buffer: Option<Decimal>,
    /// Whether a trailing floor has stopped.
    pub is_locked: bool,
    /// Positions without a stop.
    pub stops: Stops,
    /// Whether the line is crossed.
    pub is_breach: bool,
    /// Whether part of what is needed is missing although there are numbers.
    pub is_partial: bool,
}

/// Positions without a stop.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Stops {
    /// There is one.
    pub missing: bool,
    /// There is one whose grace is over.
    pub late: bool,
}

impl Reading {
    /// Whether there is anything to judge.
    pub(super) const fn is_known(&self) -> bool {
        self.buffer.is_some()
    }

    fn of_floor(watch: Watch, line: &FloorLine, measured: Decimal) -> Self {
        Self {
            limit: line.limit,
            floor: Some(line.floor),
            reference: Some(line.reference),
            current: Some(measured),
            buffer: Some(measured - line.floor),
            is_locked: line.is_locked,
            is_breach: crosses(watch, measured, line.floor),
            ..Self::default()
        }
    }

    fn of_cap(value: Option<Decimal>, cap: Option<Decimal>) -> Self {
        let buffer = value.zip(cap).map(|(value, cap)| cap - value);
        let is_breach = buffer.is_some_and(|buffer| buffer < Decimal::ZERO);
        Self { limit: cap, current: value, buffer, is_breach, ..Self::default() }
    }
}

/// A floor and how it came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FloorLine {
    pub limit: Option<Decimal>,
    pub floor: Decimal,
    pub reference: Decimal,
    pub is_locked: bool,
}

/// Whether `measured` breaks `floor`.
pub(super) fn crosses(watch: Watch, measured: Decimal, floor: Decimal) -> bool {
    match watch.breach_on {
        BreachOn::Touch => measured <= floor,
        BreachOn::Cross => measured < floor,
    }
}

/// What a floor is held against.
fn measured(watch: Watch, frame: &Frame) -> Decimal {
    match watch.measured {
        Measured::Equity => frame.equity,
        Measured::Balance => frame.balance,
        Measured::Lower => frame.equity.min(frame.balance),
    }
}

/// Reads the rule with the figures of `frame`, at `at`.
pub(super) fn read(scene: &Scene<'_>, track: &Track, frame: &Frame, at: DateTime<Utc>) -> Reading {
    if let Some(watch) = scene.rule.watch() {
        let measured = measured(watch, frame);
        return track.floor(scene, frame.cash, at).map_or_else(
            || Reading { current: Some(measured), ..Reading::default() },
            |line| Reading::of_floor(watch, &line, measured),
        );
    }
    match &scene.rule.terms {
        Terms::MaxOpenPositions { cap, with_pending } => {
            Reading::of_cap(open(frame, *with_pending), Some(*cap))
        }
        Terms::MaxLots { metric, cap } => Reading::of_cap(size(frame, *metric), lots_cap(scene, track, cap)),
        Terms::DailyTradeCount { cap } => {
            let from = track.day().start.max(scene.phase.started_at);
            let opened = Decimal::from(scene.ledger.opened_between(from, at).max(track.opened()));
            // Others than ours show only among the positions: without them it is known only that there are too many.
            let is_known = !scene.phase.doubts_gaps || frame.positions.is_some() || opened > *cap;
            Reading::of_cap(is_known.then_some(opened), Some(*cap))
        }
        Terms::MaxRiskPerTrade { .. } => risk(scene.rule, scene.phase.starting_balance, frame, at),
        _ => Reading::default(),
    }
}

fn open(frame: &Frame, with_pending: bool) -> Option<Decimal> {
    let open = Decimal::from(frame.positions.as_ref()?.len());
    if with_pending { Some(open + Decimal::from(frame.pending?)) } else { Some(open) }
}

/// Size of all positions; `None` as soon as one is not known.
fn size(frame: &Frame, metric: LotsMetric) -> Option<Decimal> {
    let positions = frame.positions.as_ref()?;
    match metric {
        LotsMetric::GrossLots => Some(positions.iter().map(|open| open.size().abs()).sum()),
        LotsMetric::NetLots => Some(net(positions)),
        LotsMetric::Notional => positions.iter().map(|open| open.notional.map(|money| money.abs())).sum(),
    }
}

fn net(positions: &[Position]) -> Decimal {
    let mut by_symbol = std::collections::BTreeMap::<&str, Decimal>::new();
    for open in positions {
        *by_symbol.entry(open.symbol.as_str()).or_default() += open.size();
    }
    by_symbol.values().map(Decimal::abs).sum()
}

fn lots_cap(scene: &Scene<'_>, track: &Track, cap: &LotsCap) -> Option<Decimal> {
    match cap {
        LotsCap::Fixed(cap) => Some(*cap),
        LotsCap::Tiers(_) => Some(cap.at(track.closed_profit(scene.phase)?)),
    }
}

fn risk(rule: &Rule, initial: Decimal, frame: &Frame, at: DateTime<Utc>) -> Reading {
    let Terms::MaxRiskPerTrade { limit, grace_s, no_stop } = &rule.terms else { return Reading::default() };
    let cap = limit.amount(initial, initial);
    let Some(positions) = &frame.positions else { return Reading::of_cap(None, Some(cap)) };
    let largest = positions.iter().filter_map(|open| open.risk).max().unwrap_or_default().max(Decimal::ZERO);
    let grace = TimeDelta::seconds((*grace_s).into());
    // Of a position whose opening is not known it is sure only that it was open then, and how long it was seen bare.
    let is_late = |open: &&Position| {
        at - open.opened_at.unwrap_or(frame.at) > grace || open.bare_for_s.is_some_and(|bare| bare > *grace_s)
    };
    let mut bare = positions.iter().filter(|open| open.risk.is_none()).peekable();
    let missing = bare.peek().is_some();
    let late = bare.any(|open| is_late(&open));
    let mut reading = Reading::of_cap(Some(largest), Some(cap));
    reading.stops = Stops { missing, late };
    reading.is_breach |= late && *no_stop == NoStop::Violate;
    reading.is_partial = missing;
    reading
}
