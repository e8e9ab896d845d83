//! When time alone changes where an account stands.

use chrono::{DateTime, TimeDelta, Utc};

use super::fresh::fresh_until;
use super::observation::Frame;
use super::phase::Phase;
use super::rule::Terms;
use super::state::State;

/// An age is too old, and a grace is over, only once it is exceeded.
const BEYOND: TimeDelta = TimeDelta::milliseconds(1);

impl State {
    /// The next instant after `now` at which time alone may change something:
    /// a reset, figures that become too old, a position without a stop whose
    /// grace ends. `None` while there are no figures.
    #[must_use]
    pub fn next_change(&self, phase: &Phase, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let last = self.last.as_ref()?;
        let clocks = phase.rules.iter().map(|rule| phase.clock(rule)).chain([&phase.day]);
        let resets = clocks.filter_map(|clock| Some(clock.day_at(now.max(last.at)).ok()?.end));
        let old = fresh_until(phase, last).checked_add_signed(BEYOND)?;
        let graces = phase.rules.iter().filter_map(|rule| match rule.terms {
            Terms::MaxRiskPerTrade { grace_s, .. } => Some(TimeDelta::seconds(grace_s.into())),
            _ => None,
        });
        let ends = graces.flat_map(|grace| unstopped(last).map(move |at| at + grace + BEYOND));
        resets.chain([old]).chain(ends).filter(|at| *at > now).min()
    }
}

/// Since when positions are open that have no stop.
fn unstopped(last: &Frame) -> impl Iterator<Item = DateTime<Utc>> + '_ {
    let bare = last.positions.iter().flatten().filter(|open| open.risk.is_none());
    bare.map(|open| open.opened_at.unwrap_or(last.at))
}
