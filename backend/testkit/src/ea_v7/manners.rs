//! How an automatic follower behaves.

use std::time::Duration;

use rust_decimal::Decimal;

use super::pace::{Pace, field};
use super::terminal::Terminal;
use crate::broker::DEFAULT_MAGIC;

/// How a follower behaves; by default well, and fast.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "manners are independent of each other")]
pub struct Manners {
    /// Where it runs.
    pub terminal: Terminal,
    /// How fast its clocks run.
    pub pace: Pace,
    /// Number on its orders. Two EAs of one terminal with the same one list each other's positions.
    pub magic: i64,
    /// How it sizes its orders.
    pub lots: LotMode,
    /// A master's size of this or less is dropped without a word.
    pub min_lot: Decimal,
    /// It sells what the master buys.
    pub is_reversed: bool,
    /// It puts the master's stops on its orders.
    pub copies_stops: bool,
    /// Time its broker takes for one order. The EA hears and says nothing meanwhile.
    pub order_takes: Duration,
    /// Which opens it refuses.
    pub refusal: Refusal,
    /// Refuses every close, in these words.
    pub close_refusal: Option<String>,
    /// Executes and never acknowledges: what a lost ack looks like from here, or a result that is not "done".
    pub is_mute: bool,
    /// Lists its positions when it has subscribed.
    pub sends_snapshots: bool,
    /// And beside a `PING`, if the last list is this old at its pace; then it has to be after a subscription, too.
    /// 15 min in the field.
    pub snapshot_every: Option<Duration>,
    /// Pause between two attempts to connect; 3 s in the field.
    pub reconnect_after: Duration,
    /// A build of release 7.0. On MT5 it says `ACK_CLOSE_SO` after every close, ordered ones too; it tells the contract
    /// size of the first symbol only, and when it reverses it leaves the stops where they are. It does not say so.
    pub says_so_after_close: bool,
    /// Pause between two `ACCOUNT` lines; a v7 EA sends none.
    pub reports_every: Option<Duration>,
}

/// How a follower sizes its orders, given the volume it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LotMode {
    /// Always these lots.
    Fixed(Decimal),
    /// The volume times a factor, 1 unless a trader changes it.
    Multiplier(Decimal),
    /// The volume.
    SameAsMaster,
}

/// Which opens a follower refuses.
#[derive(Debug, Clone)]
pub enum Refusal {
    /// None.
    Never,
    /// Every n-th, in these words.
    EveryNth(usize, String),
    /// All, without a word.
    Silently,
}

/// What the market of the broker allows.
const STEP: Decimal = Decimal::from_parts(1, 0, 0, false, 2);
const LEAST: Decimal = STEP;
const MOST: Decimal = Decimal::ONE_HUNDRED;

impl Manners {
    /// A follower of release 7.1 in `terminal`, with the times of the field.
    #[must_use]
    pub fn in_the_field(terminal: Terminal) -> Self {
        Self {
            terminal,
            pace: Pace::REAL,
            order_takes: Duration::from_millis(120),
            sends_snapshots: true,
            snapshot_every: Some(Duration::from_mins(15)),
            reconnect_after: field::RECONNECT,
            ..Self::default()
        }
    }

    /// Lots for a volume: rounded down to the step, then up to the smallest and down to the largest. So a size that
    /// is too small becomes larger than what was asked for.
    #[must_use]
    pub fn sized(&self, volume: Decimal) -> Decimal {
        let raw = match self.lots {
            LotMode::Fixed(lots) => lots,
            LotMode::Multiplier(factor) => volume * factor,
            LotMode::SameAsMaster => volume,
        };
        ((raw / STEP).floor() * STEP).clamp(LEAST, MOST)
    }
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            terminal: Terminal::default(),
            pace: Pace::default(),
            magic: DEFAULT_MAGIC,
            lots: LotMode::Multiplier(Decimal::ONE),
            min_lot: Decimal::ZERO,
            is_reversed: false,
            copies_stops: false,
            order_takes: Duration::ZERO,
            refusal: Refusal::Never,
            close_refusal: None,
            is_mute: false,
            sends_snapshots: false,
            snapshot_every: None,
            reconnect_after: Pace::default().of(field::RECONNECT),
            says_so_after_close: false,
            reports_every: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_go_down_to_the_step_and_up_to_the_smallest() {
        let sized = |lots, volume: &str| {
            Manners { lots, ..Manners::default() }.sized(volume.parse().unwrap()).to_string()
        };

        assert_eq!(sized(LotMode::Multiplier(Decimal::TWO), "0.10"), "0.20");
        assert_eq!(sized(LotMode::SameAsMaster, "0.019"), "0.01");
        assert_eq!(sized(LotMode::SameAsMaster, "0.001"), "0.01");
        assert_eq!(sized(LotMode::SameAsMaster, "250"), "100");
        assert_eq!(sized(LotMode::Fixed(Decimal::ONE), "0.10"), "1.00");
    }
}
