//! What the gateway says.

use std::fmt;

use bytes::{BufMut, BytesMut};
use flotilla_domain::copy::mode::CopyMode;
use flotilla_domain::lots::Lots;
use flotilla_domain::price::Price;
use flotilla_domain::side::Side;
use flotilla_domain::symbol::{PROTOCOL_WORDS, Symbol};
use flotilla_domain::ticket::Ticket;
use rust_decimal::Decimal;

/// One line to an EA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerLine {
    /// The key is right.
    AuthOk,
    /// The key is wrong or its account is inactive.
    AuthFailed,
    /// The follower follows the token's master.
    SubscribeOk,
    /// It does not, and why.
    SubscribeFailed(SubscribeError),
    /// Copying is on.
    StatusActive,
    /// Copying is off; closes are still obeyed.
    StatusInactive,
    /// A snapshot was understood.
    SnapshotOk,
    /// The copy mode is now this.
    ModeUpdated(CopyMode),
    /// The copy mode could not be changed.
    ModeChangeFailed,
    /// Open a position. A second one of these opens a second position.
    Open {
        /// `BUY` or `SELL`; EAs take anything else for `SELL`.
        side: Side,
        /// Instrument, as the master names it.
        symbol: Symbol,
        /// The master's price; followers open at market.
        price: Price,
        /// Size.
        lots: Lots,
        /// Stop loss, when set.
        stop_loss: Option<Price>,
        /// Take profit, when set.
        take_profit: Option<Price>,
        /// The master's ticket, which the acknowledgement repeats.
        master_ticket: Ticket,
    },
    /// Close a position of the follower. Safe to repeat.
    Close {
        /// Instrument, as the master names it.
        symbol: Symbol,
        /// The follower's own ticket.
        ticket: Ticket,
        /// The master's ticket, which the acknowledgement repeats.
        master_ticket: Ticket,
    },
    /// Close a position of the receiving terminal, whatever its origin.
    SyncClose {
        /// The receiver's own ticket.
        ticket: Ticket,
        /// Why, in words.
        reason: String,
    },
    /// Close all positions of the receiving chart's symbol. Masters obey it, v7
    /// followers do not know it.
    CloseAll {
        /// Why, in words.
        reason: String,
    },
    /// Send an `ACCOUNT` line exactly then. For reporters only: a v7 EA never
    /// sees it.
    ResetAt {
        /// Milliseconds since 1970.
        at_ms: i64,
    },
}

/// Why a follower does not follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscribeError {
    /// No master has this token, or this account cannot follow it.
    MasterNotFound,
    /// Its one place is taken.
    MasterAlreadyHasPartner,
}

impl ServerLine {
    /// Appends the line and its end to `buf`.
    pub fn encode(&self, buf: &mut BytesMut) {
        buf.put_slice(self.to_string().as_bytes());
        buf.put_u8(b'\n');
    }
}

impl fmt::Display for ServerLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AuthOk => f.write_str("AUTH_OK"),
            Self::AuthFailed => f.write_str("AUTH_FAILED"),
            Self::SubscribeOk => f.write_str("SUBSCRIBE_OK"),
            Self::SubscribeFailed(SubscribeError::MasterNotFound) => f.write_str("ERROR:MASTER_NOT_FOUND"),
            Self::SubscribeFailed(SubscribeError::MasterAlreadyHasPartner) => {
                f.write_str("ERROR:MASTER_ALREADY_HAS_PARTNER")
            }
            Self::StatusActive => f.write_str("STATUS_ACTIVE"),
            Self::StatusInactive => f.write_str("STATUS_INACTIVE"),
            Self::SnapshotOk => f.write_str("SNAPSHOT_OK"),
            Self::ModeUpdated(mode) => write!(f, "MODE_UPDATED|{mode}"),
            Self::ModeChangeFailed => f.write_str("ERROR:MODE_CHANGE_FAILED"),
            Self::Open { side, symbol, price, lots, stop_loss, take_profit, master_ticket } => {
                write!(f, "CMD_OPEN|{side}|{symbol}|{price}|{lots}|")?;
                let stop = |value| Stop { value, of: *price };
                write!(f, "{}|{}|{master_ticket}", stop(*stop_loss), stop(*take_profit))
            }
            Self::Close { symbol, ticket, master_ticket } => {
                write!(f, "CMD_CLOSE|{symbol}|{ticket}|{master_ticket}")
            }
            Self::SyncClose { ticket, reason } => write!(f, "CMD_SYNC_CLOSE|{ticket}|{}", relayable(reason)),
            Self::CloseAll { reason } => write!(f, "CMD_CLOSE_ALL|{}", relayable(reason)),
            Self::ResetAt { at_ms } => write!(f, "RESET_AT|{at_ms}"),
        }
    }
}

/// A stop. None is a zero with the decimals of the order's price, as the master's EA prints it.
struct Stop {
    value: Option<Price>,
    of: Price,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value {
            Some(price) => price.fmt(f),
            None => Decimal::new(0, self.of.value().scale()).fmt(f),
        }
    }
}

/// Somebody's words, without bars, line ends and words that EAs act upon. What
/// replaces them is ASCII, because terminals read an ANSI code page.
fn relayable(words: &str) -> String {
    let plain: String = words.chars().map(|c| if c == '|' || c.is_control() { ' ' } else { c }).collect();
    PROTOCOL_WORDS.iter().fold(plain, |text, word| text.replace(word, "..."))
}
