//! How an automatic follower behaves.

use std::time::Duration;

use super::terminal::Terminal;

/// How a follower behaves; by default well.
#[derive(Debug, Clone)]
pub struct Manners {
    /// Where it runs.
    pub terminal: Terminal,
    /// Time its broker takes for one order. The EA hears and says nothing meanwhile.
    pub order_takes: Duration,
    /// Pause between two attempts to connect; 3 s in the field.
    pub reconnect_after: Duration,
    /// Which opens it refuses.
    pub refusal: Refusal,
    /// Refuses every close, in these words.
    pub close_refusal: Option<String>,
    /// Executes and never acknowledges: what a lost ack looks like from here.
    pub is_mute: bool,
    /// Sends its positions after each subscription.
    pub sends_snapshots: bool,
    /// Pause between two `ACCOUNT` lines; a v7 EA sends none.
    pub reports_every: Option<Duration>,
    /// A 7.0 MT5 build: says `ACK_CLOSE_SO` after every close, ordered ones too.
    pub says_so_after_close: bool,
}

/// Which opens a follower refuses.
#[derive(Debug, Clone)]
pub enum Refusal {
    /// None.
    Never,
    /// Every n-th, in these words.
    EveryNth(usize, String),
    /// All, without a word: sizes below the EA's "min lot to copy".
    Silently,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            terminal: Terminal::Mt5,
            order_takes: Duration::ZERO,
            reconnect_after: Duration::from_millis(50),
            refusal: Refusal::Never,
            close_refusal: None,
            is_mute: false,
            sends_snapshots: false,
            reports_every: None,
            says_so_after_close: false,
        }
    }
}
