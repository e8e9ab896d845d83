//! What a master's line means, given the earlier signals of the same ticket.

use flotilla_domain::signal::SignalKind;

/// Seconds in which an identical line is taken for a resend.
///
/// A v7 EA repeats a signal once, at once, after a reconnect.
pub const RESEND_WINDOW_S: i64 = 60;

/// An earlier signal of the same master and ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Earlier {
    /// What it said.
    pub kind: SignalKind,
    /// Whether its line was the same, byte for byte.
    pub same_line: bool,
    /// Whether it came over the same session.
    pub same_session: bool,
    /// Whether it came within [`RESEND_WINDOW_S`], by the database's clock.
    pub recent: bool,
}

/// What an entry line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// The first entry of a trade.
    New,
    /// A further leg; `part` counts from 0.
    Leg {
        /// Number of adds before it.
        part: i32,
    },
    /// The same line again: nothing happens.
    Repeat,
    /// A ticket that was left comes back. Recorded, never copied: a ticket list
    /// that flickers looks like this, and an open cannot be taken back.
    Reopened {
        /// Number of opens before it.
        part: i32,
    },
}

impl Entry {
    /// Whether followers get a copy.
    #[must_use]
    pub const fn is_copied(self) -> bool {
        matches!(self, Self::New | Self::Leg { .. })
    }

    /// Kind and part under which it is stored; `None`: it is not.
    #[must_use]
    pub const fn stored_as(self) -> Option<(SignalKind, i32)> {
        match self {
            Self::New => Some((SignalKind::Open, 0)),
            Self::Leg { part } => Some((SignalKind::Add, part)),
            Self::Reopened { part } => Some((SignalKind::Open, part)),
            Self::Repeat => None,
        }
    }
}

/// What an exit line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// An exit; a v7 EA does not say whether all of the position left. `part`
    /// counts from 0; profits of all parts add up.
    Close {
        /// Number of closes before it.
        part: i32,
    },
    /// The same line again after a reconnect: nothing happens.
    Repeat,
}

/// Judges an entry line.
///
/// The same line once more is a repeat, but for one case: within the session
/// its ticket was left in, it is a trade that comes back. A resend that was
/// overtaken by the exit comes over another session.
///
/// `earlier`: all signals of its ticket, in any order.
#[must_use]
pub fn entry(earlier: &[Earlier]) -> Entry {
    let is_entry = |kind| matches!(kind, SignalKind::Open | SignalKind::Add);
    let entries = count(earlier, SignalKind::Open).saturating_add(count(earlier, SignalKind::Add));
    let is_left = count(earlier, SignalKind::Close) >= entries;
    let is_repeat = |signal: &Earlier| {
        is_entry(signal.kind) && signal.same_line && signal.recent && !(is_left && signal.same_session)
    };
    if earlier.iter().any(is_repeat) {
        return Entry::Repeat;
    }
    if count(earlier, SignalKind::Close) > 0 {
        return Entry::Reopened { part: count(earlier, SignalKind::Open) };
    }
    if count(earlier, SignalKind::Open) > 0 {
        return Entry::Leg { part: count(earlier, SignalKind::Add) };
    }
    Entry::New
}

/// Judges an exit line.
///
/// The same line within one session is a further partial close, because an EA
/// repeats a line only after it lost its connection.
#[must_use]
pub fn exit(earlier: &[Earlier]) -> Exit {
    let is_repeat = |signal: &Earlier| {
        signal.kind == SignalKind::Close && signal.same_line && signal.recent && !signal.same_session
    };
    if earlier.iter().any(is_repeat) {
        return Exit::Repeat;
    }
    Exit::Close { part: count(earlier, SignalKind::Close) }
}

fn count(earlier: &[Earlier], kind: SignalKind) -> i32 {
    let count = earlier.iter().filter(|signal| signal.kind == kind).count();
    i32::try_from(count).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: Earlier =
        Earlier { kind: SignalKind::Open, same_line: false, same_session: true, recent: true };
    const ADD: Earlier = Earlier { kind: SignalKind::Add, ..OPEN };
    const CLOSE: Earlier = Earlier { kind: SignalKind::Close, ..OPEN };

    #[test]
    fn entries_are_told_apart() {
        let same = |signal| Earlier { same_line: true, ..signal };
        let old = |signal| Earlier { recent: false, ..signal };
        let elsewhere = |signal| Earlier { same_session: false, ..same(signal) };
        let cases: [(&[Earlier], Entry); 11] = [
            (&[], Entry::New),
            (&[OPEN], Entry::Leg { part: 0 }),
            (&[OPEN, ADD], Entry::Leg { part: 1 }),
            (&[same(OPEN)], Entry::Repeat),
            (&[OPEN, same(ADD)], Entry::Repeat),
            (&[old(same(OPEN))], Entry::Leg { part: 0 }),
            (&[OPEN, CLOSE], Entry::Reopened { part: 1 }),
            (&[CLOSE], Entry::Reopened { part: 0 }),
            (&[same(OPEN), CLOSE], Entry::Reopened { part: 1 }),
            (&[same(OPEN), CLOSE, same(OPEN)], Entry::Repeat),
            (&[elsewhere(OPEN), CLOSE], Entry::Repeat),
        ];
        for (earlier, expected) in cases {
            assert_eq!(entry(earlier), expected, "{earlier:?}");
        }
    }

    #[test]
    fn exits_add_up_and_only_a_resend_is_dropped() {
        let resent = Earlier { same_line: true, same_session: false, ..CLOSE };
        let again = Earlier { same_line: true, ..CLOSE };
        let cases: [(&[Earlier], Exit); 5] = [
            (&[], Exit::Close { part: 0 }),
            (&[OPEN], Exit::Close { part: 0 }),
            (&[OPEN, CLOSE], Exit::Close { part: 1 }),
            (&[OPEN, again], Exit::Close { part: 1 }),
            (&[OPEN, resent], Exit::Repeat),
        ];
        for (earlier, expected) in cases {
            assert_eq!(exit(earlier), expected, "{earlier:?}");
        }
    }
}
