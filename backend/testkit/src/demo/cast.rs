//! Who is in the fleet.

use std::time::Duration;

use rust_decimal::Decimal;

use crate::ea_v7::{Manners, Refusal, Swing, Terminal};
use crate::market::SYMBOLS;

/// The charts of a demo master: an EA runs on each.
pub const CHARTS: &[&str] = &SYMBOLS;

/// A master and where it trades.
#[derive(Debug, Clone, Copy)]
pub struct MasterPart {
    /// Name of the account.
    pub name: &'static str,
    /// Its terminal.
    pub terminal: Terminal,
}

/// A follower, whom it follows and how it behaves.
#[derive(Debug, Clone, Copy)]
pub struct FollowerPart {
    /// Name of the account.
    pub name: &'static str,
    /// Position of its master among [`MASTERS`].
    pub master: usize,
    /// Its terminal.
    pub terminal: Terminal,
    /// It is a build of release 7.0.
    pub is_release_7_0: bool,
    /// Milliseconds that its broker takes for an order.
    pub order_takes_ms: u64,
    /// It is short of money now and then.
    pub is_short_of_money: bool,
    /// It is away for a while every few minutes.
    pub is_away_at_times: bool,
    /// What its owner has set for it when it was made.
    pub restriction: Option<Restriction>,
    /// How deep its equity swings, in percent of its balance, and in how many seconds.
    pub swing: Option<(u32, u64)>,
    /// The firm whose rules it has: identifier of a template.
    pub template: Option<&'static str>,
}

/// What the owner of a follower may set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restriction {
    /// Smaller sizes than 0.10 lots are not copied.
    LargeTradesOnly,
    /// Nothing is copied until it is resumed.
    Paused,
}

/// The group of the first master and its followers.
pub const GROUP: &str = "Demo group";
/// The group of accounts that have rules of firms.
pub const FUNDED: &str = "Demo funded accounts";
/// What every account begins with, in dollars; the templates know this size.
pub const STARTING_BALANCE: u32 = 10_000;

/// The masters.
pub const MASTERS: [MasterPart; 2] = [
    MasterPart { name: "Demo master", terminal: Terminal::Mt5 },
    MasterPart { name: "Demo master MT4", terminal: Terminal::Mt4 },
];

const USUAL: FollowerPart = FollowerPart {
    name: "",
    master: 0,
    terminal: Terminal::Mt5,
    is_release_7_0: false,
    order_takes_ms: 80,
    is_short_of_money: false,
    is_away_at_times: false,
    restriction: None,
    swing: None,
    template: None,
};

/// The followers.
pub const CAST: [FollowerPart; 7] = [
    // Of the 5 % that each firm allows a day, the swings leave a comfortable rest, less than half, and next to nothing.
    FollowerPart {
        name: "Demo follower 1",
        order_takes_ms: 40,
        swing: Some((2, 180)),
        template: Some("ftmo_2step_p1"),
        ..USUAL
    },
    FollowerPart {
        name: "Demo follower 2",
        terminal: Terminal::Mt4,
        order_takes_ms: 120,
        swing: Some((3, 240)),
        template: Some("fundingpips_2step"),
        ..USUAL
    },
    FollowerPart {
        name: "Demo follower 3",
        order_takes_ms: 300,
        is_short_of_money: true,
        swing: Some((4, 300)),
        template: Some("the5ers_high_stakes"),
        ..USUAL
    },
    FollowerPart { name: "Demo follower 7.0", master: 1, is_release_7_0: true, ..USUAL },
    FollowerPart {
        name: "Demo follower on the road",
        master: 1,
        terminal: Terminal::Mt4,
        is_away_at_times: true,
        ..USUAL
    },
    FollowerPart {
        name: "Demo follower of large trades",
        restriction: Some(Restriction::LargeTradesOnly),
        ..USUAL
    },
    FollowerPart { name: "Demo follower paused", master: 1, restriction: Some(Restriction::Paused), ..USUAL },
];

impl FollowerPart {
    /// How the equity swings that its reporter tells.
    #[must_use]
    pub fn swing(&self) -> Option<Swing> {
        let (depth, seconds) = self.swing?;
        Some(Swing { depth: Decimal::from(depth), period: Duration::from_secs(seconds) })
    }

    /// How it behaves: as in the field, except that it lists its positions every minute, which the guide recommends.
    /// Its figures come from the reporter beside it.
    #[must_use]
    pub fn manners(&self) -> Manners {
        Manners {
            says_so_after_close: self.is_release_7_0,
            order_takes: Duration::from_millis(self.order_takes_ms),
            refusal: if self.is_short_of_money {
                Refusal::EveryNth(4, "not enough money".to_owned())
            } else {
                Refusal::Never
            },
            snapshot_every: Some(Duration::from_mins(1)),
            ..Manners::in_the_field(self.terminal)
        }
    }
}

/// The platform of an account, as the API calls it.
#[must_use]
pub const fn platform(terminal: Terminal) -> &'static str {
    match terminal {
        Terminal::Mt5 => "mt5",
        Terminal::Mt4 => "mt4",
    }
}
