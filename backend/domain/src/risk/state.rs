//! An account followed through a phase.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::day::DayError;
use super::ledger::Ledger;
use super::observation::{Frame, MAX_SKEW_S, Observation, Trade};
use super::phase::Phase;
use super::report::AccountRisk;
use super::rule::RuleId;
use super::track::{Scene, Track};
use super::violation::Violation;

/// Why a step was not taken. The state is then what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RiskError {
    /// The observation is not later than all that was followed: follow the history again.
    #[error("the observation came late")]
    Late,
    /// The state was made for other rules.
    #[error("the state belongs to other rules")]
    OtherRules,
    /// A time is outside of the calendar.
    #[error(transparent)]
    Day(#[from] DayError),
}

/// What is remembered of an account in a phase: one [`Track`] per limit, and the last figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    pub(super) last: Option<Frame>,
    pub(super) tracks: Vec<(RuleId, Track)>,
    pub(super) largest_gap_s: i64,
    pub(super) is_skewed: bool,
    /// Whether figures of an earlier phase may be part of the first frame's extremes.
    follows_another: bool,
}

/// What happens to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Figures came in.
    Observed(Box<Frame>),
    /// Nothing but time.
    Passed,
}

impl State {
    /// The state in which `phase` begins.
    ///
    /// * `follows_another`: whether the account was observed before the phase began.
    ///
    /// # Errors
    ///
    /// [`RiskError::Day`] for a beginning outside of the calendar.
    pub fn new(phase: &Phase, follows_another: bool) -> Result<Self, RiskError> {
        let limits = phase.rules.iter().filter(|rule| rule.kind().is_limit());
        let tracks = limits
            .map(|rule| Ok((rule.id.clone(), Track::new(phase, rule)?)))
            .collect::<Result<_, RiskError>>()?;
        Ok(Self { last: None, tracks, largest_gap_s: 0, is_skewed: false, follows_another })
    }

    /// Follows a phase from its beginning to `now`, whatever the order of `observations`.
    ///
    /// # Errors
    ///
    /// [`RiskError::Day`] for times outside of the calendar.
    pub fn replay(
        phase: &Phase,
        ledger: &Ledger,
        observations: impl IntoIterator<Item = Observation>,
        now: DateTime<Utc>,
    ) -> Result<Self, RiskError> {
        Self::replay_knowing((phase, ledger), [], observations, now)
    }

    /// As [`Self::replay`], of a phase of which violations were `recorded` before.
    ///
    /// # Errors
    ///
    /// See [`Self::replay`].
    pub fn replay_knowing(
        (phase, ledger): (&Phase, &Ledger),
        recorded: impl IntoIterator<Item = (RuleId, Violation)>,
        observations: impl IntoIterator<Item = Observation>,
        now: DateTime<Utc>,
    ) -> Result<Self, RiskError> {
        let latest = now + TimeDelta::seconds(MAX_SKEW_S);
        let mut frames = Frame::in_order(observations);
        let before = frames.partition_point(|frame| frame.at < phase.started_at);
        let follows_another = frames.drain(..before).next().is_some();
        let mut state = Self::new(phase, follows_another)?;
        state.expect(recorded);
        for frame in frames.into_iter().take_while(|frame| frame.at <= latest) {
            state.observe(phase, ledger, frame)?;
        }
        state.pass(phase, ledger, now)?;
        state.keep(phase, ledger, now);
        Ok(state)
    }

    /// Takes in the next frame. One of before the phase changes nothing.
    ///
    /// # Errors
    ///
    /// [`RiskError::Late`] when it is not later than the last one, or not
    /// later than a reset that was already gone over; [`RiskError::OtherRules`];
    /// [`RiskError::Day`]. The state is then unusable: start from the one before.
    pub fn observe(&mut self, phase: &Phase, ledger: &Ledger, mut frame: Frame) -> Result<(), RiskError> {
        if frame.at < phase.started_at {
            self.follows_another = true;
            return Ok(());
        }
        self.check_order(phase, &frame)?;
        if self.last.is_none() && self.follows_another {
            (frame.low, frame.high) = (None, frame.equity);
        }
        let limits = phase.rules.iter().filter(|rule| rule.kind().is_limit());
        for (rule, (id, track)) in limits.zip(&mut self.tracks) {
            if rule.id != *id {
                return Err(RiskError::OtherRules);
            }
            track.observe(&Scene { phase, ledger, rule }, self.last.as_ref(), &frame)?;
        }
        if let Some(last) = &self.last {
            self.largest_gap_s = self.largest_gap_s.max((frame.at - last.at).num_seconds());
        }
        self.is_skewed |= frame.is_skewed;
        self.last = Some(frame);
        Ok(())
    }

    fn check_order(&self, phase: &Phase, frame: &Frame) -> Result<(), RiskError> {
        let limits = phase.rules.iter().filter(|rule| rule.kind().is_limit()).count();
        if limits != self.tracks.len() {
            return Err(RiskError::OtherRules);
        }
        let is_late = self.last.as_ref().is_some_and(|last| frame.at <= last.at)
            || self.tracks.iter().any(|(_, track)| {
                let begun = track.day().start;
                begun > phase.started_at && frame.at <= begun
            });
        if is_late { Err(RiskError::Late) } else { Ok(()) }
    }

    /// Goes over resets until `now`, and judges what only time changes.
    ///
    /// # Errors
    ///
    /// [`RiskError::OtherRules`] and [`RiskError::Day`].
    pub fn pass(&mut self, phase: &Phase, ledger: &Ledger, now: DateTime<Utc>) -> Result<(), RiskError> {
        let limits = phase.rules.iter().filter(|rule| rule.kind().is_limit());
        // Figures may be ahead of the clock by as much as is tolerated.
        let now = self.last.as_ref().map_or(now, |last| last.at.max(now));
        for (rule, (id, track)) in limits.zip(&mut self.tracks) {
            if rule.id != *id {
                return Err(RiskError::OtherRules);
            }
            track.pass(&Scene { phase, ledger, rule }, self.last.as_ref(), now)?;
        }
        Ok(())
    }

    /// Violations recorded since this was last asked, with their rules.
    pub fn take_recorded(&mut self) -> Vec<(RuleId, Violation)> {
        let each = self.tracks.iter_mut();
        each.flat_map(|(id, track)| track.take_recorded().into_iter().map(|found| (id.clone(), found)))
            .collect()
    }

    /// Says which violations were recorded before of a history that is about to
    /// be followed again, those that were taken back included: the same breach
    /// is not recorded once more. Call [`Self::keep`] at its end.
    pub fn expect(&mut self, recorded: impl IntoIterator<Item = (RuleId, Violation)>) {
        for (id, violation) in recorded {
            if let Some((_, track)) = self.tracks.iter_mut().find(|(other, _)| *other == id) {
                track.expect(violation);
            }
        }
    }

    /// Keeps violations that were expected, where the history that was followed
    /// again no longer shows them.
    pub fn keep(&mut self, phase: &Phase, ledger: &Ledger, now: DateTime<Utc>) {
        for (id, track) in &mut self.tracks {
            if let Some(rule) = phase.rules.iter().find(|rule| rule.id == *id) {
                track.keep(&Scene { phase, ledger, rule }, now);
            }
        }
    }

    /// The violation of a rule that stands.
    #[must_use]
    pub fn violation(&self, rule: &RuleId) -> Option<&Violation> {
        self.tracks.iter().find(|(id, _)| id == rule)?.1.violation()
    }

    /// Takes over from `old`, a state of the same phase, what a history that
    /// begins later cannot show: peaks of rules that `is_unchanged`.
    pub fn inherit(&mut self, old: &Self, is_unchanged: impl Fn(&RuleId) -> bool) {
        for (id, track) in self.tracks.iter_mut().filter(|(id, _)| is_unchanged(id)) {
            if let Some((_, before)) = old.tracks.iter().find(|(other, _)| other == id) {
                track.inherit(before);
            }
        }
        self.largest_gap_s = self.largest_gap_s.max(old.largest_gap_s);
        self.is_skewed |= old.is_skewed;
    }

    /// All of it is known until here, and nothing later is in it: what happened
    /// then or before comes late. `None` before the first figures.
    #[must_use]
    pub fn covers(&self, phase: &Phase) -> Option<DateTime<Utc>> {
        let last = self.last.as_ref()?.at;
        Some(self.turned_at(phase).map_or(last, |at| at.max(last)))
    }

    /// The last reset that was gone over: what is known later of trades that
    /// were closed until then comes late.
    #[must_use]
    pub fn turned_at(&self, phase: &Phase) -> Option<DateTime<Utc>> {
        let begun = self.tracks.iter().map(|(_, track)| track.day().start);
        begun.filter(|at| *at > phase.started_at).max()
    }

    /// Trades that were closed or opened before this are not looked at again,
    /// but for the figures of their days. `None` before the first figures.
    #[must_use]
    pub fn settled_until(&self, phase: &Phase) -> Option<DateTime<Utc>> {
        let last = self.last.as_ref()?.at;
        let day = phase.day.day_at(last).ok()?.start;
        Some(self.tracks.iter().map(|(_, track)| track.day().start).fold(last.min(day), DateTime::min))
    }

    /// Violations that stand, of which less is left than `before`, an earlier state.
    #[must_use]
    pub fn worsened(&self, before: Option<&Self>) -> Vec<(&RuleId, &Violation)> {
        let known = |id: &RuleId, found: &Violation| {
            let tracks = before.iter().flat_map(|state| &state.tracks);
            let old = tracks.filter(|(other, _)| other == id).find_map(|(_, track)| track.violation());
            let of = old.filter(|old| old.at == found.at);
            of.map_or(found.buffer, |old| old.worst_buffer)
        };
        let standing = self.tracks.iter().filter_map(|(id, track)| Some((id, track.violation()?)));
        standing.filter(|(id, found)| found.worst_buffer < known(id, found)).collect()
    }

    /// The last figures.
    #[must_use]
    pub const fn last(&self) -> Option<&Frame> {
        self.last.as_ref()
    }
}

/// Takes one step: `event` happens to an account in `state`, at `now`.
///
/// # Errors
///
/// See [`State::observe`] and [`State::pass`]; `state` is then what it was.
pub fn evaluate(
    phase: &Phase,
    ledger: &Ledger,
    state: &mut State,
    event: Event,
    now: DateTime<Utc>,
) -> Result<AccountRisk, RiskError> {
    let mut next = state.clone();
    if let Event::Observed(frame) = event {
        next.observe(phase, ledger, *frame)?;
    }
    next.pass(phase, ledger, now)?;
    *state = next;
    Ok(AccountRisk::of(phase, ledger, state, now))
}

/// Follows a whole history and says where the account stands at `now`.
///
/// # Errors
///
/// See [`State::replay`].
pub fn assess(
    phase: &Phase,
    observations: impl IntoIterator<Item = Observation>,
    trades: &[Trade],
    now: DateTime<Utc>,
) -> Result<AccountRisk, RiskError> {
    let ledger = Ledger::new(phase, trades, now)?;
    let state = State::replay(phase, &ledger, observations, now)?;
    Ok(AccountRisk::of(phase, &ledger, &state, now))
}
