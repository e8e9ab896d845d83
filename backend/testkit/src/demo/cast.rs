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
    /// How deep its equity swings, in tenths of a percent of what the day began with, and in how many seconds.
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
/// No swing goes lower, so that bad days of a long demo never cost an account: the firms end it at 9,000.
const LOWEST: u32 = 9_060;

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
        swing: Some((20, 180)),
        template: Some("ftmo_2step_p1"),
        ..USUAL
    },
    FollowerPart {
        name: "Demo follower 2",
        terminal: Terminal::Mt4,
        order_takes_ms: 120,
        swing: Some((32, 240)),
        template: Some("fundingpips_2step"),
        ..USUAL
    },
    FollowerPart {
        name: "Demo follower 3",
        order_takes_ms: 300,
        is_short_of_money: true,
        swing: Some((46, 300)),
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
        Some(Swing {
            depth: Decimal::new(depth.into(), 1),
            period: Duration::from_secs(seconds),
            lowest: LOWEST.into(),
        })
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::TimeDelta;
    use flotilla_domain::risk::observation::Observation;
    use flotilla_domain::risk::phase::Phase;
    use flotilla_domain::risk::state::assess;
    use flotilla_domain::risk::status::Status;
    use flotilla_domain::risk::template::Templates;
    use serde_json::json;

    use super::*;

    fn phase(template: &str) -> Phase {
        let text = include_str!("../../../domain/data/risk_templates.json");
        let known: Templates = serde_json::from_str(text).unwrap();
        let template = known.templates.into_iter().find(|known| known.id == template).unwrap();
        let form = json!({
            "currency": "USD", "starting_balance": STARTING_BALANCE.to_string(),
            "phase_started_at": "2026-11-23T10:00:00Z", "day": template.day,
            "rules": template.rules_for(STARTING_BALANCE).unwrap(),
        });
        serde_json::from_value::<Phase>(form).unwrap().checked().unwrap()
    }

    /// At the bottom of the swing, of an account with this balance.
    fn at_the_bottom(part: &FollowerPart, balance: i64) -> Status {
        let phase = phase(part.template.unwrap());
        let equity = part.swing().unwrap().bottom(STARTING_BALANCE.into());
        let at = phase.started_at + TimeDelta::minutes(5);
        let seen: Observation =
            serde_json::from_value(json!({ "at": at, "balance": balance.to_string(), "equity": equity }))
                .unwrap();
        assess(&phase, [seen], &[], at).unwrap().status
    }

    #[test]
    fn the_funded_accounts_are_safe_cautious_and_critical_at_the_bottom_whatever_the_day_brings() {
        let funded: Vec<_> = CAST.iter().filter(|part| part.template.is_some()).collect();
        for balance in [9_900, 10_000, 10_300] {
            let found: BTreeMap<_, _> =
                funded.iter().map(|part| (part.name, at_the_bottom(part, balance))).collect();
            let told: Vec<_> = found.into_values().collect();
            assert_eq!(told, [Status::Safe, Status::Caution, Status::Critical], "at {balance}");
        }
    }

    #[test]
    fn every_swing_is_seen_within_a_few_minutes() {
        let mut swings = CAST.iter().filter_map(FollowerPart::swing);

        assert!(swings.all(|swing| swing.period <= Duration::from_mins(5)));
    }

    #[test]
    fn a_swing_never_ends_an_account_that_has_lost_before() {
        for part in CAST.iter().filter(|part| part.template.is_some()) {
            let bottom = part.swing().unwrap().bottom(Decimal::from(9_200));
            assert!(bottom >= Decimal::from(LOWEST), "{} goes to {bottom}", part.name);
        }
    }
}
