//! What an EA says.

use std::fmt;
use std::ops::Deref;

use flotilla_domain::copy::evidence::Evidence;
use flotilla_domain::copy::mode::CopyMode;
use flotilla_domain::price::Price;
use flotilla_domain::signal::{CloseSignal, OpenSignal};
use flotilla_domain::symbol::Symbol;
use flotilla_domain::ticket::Ticket;
use rust_decimal::Decimal;

/// One line from an EA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientLine {
    /// `AUTH:<api key>`.
    Auth(Credential),
    /// `SUBSCRIBE:<master token>`.
    Subscribe(Credential),
    /// `CHECK_STATUS`.
    CheckStatus,
    /// `SIGNAL_OPEN`.
    SignalOpen(OpenSignal),
    /// `SIGNAL_CLOSE`.
    SignalClose(CloseSignal),
    /// `ACK_OPEN`, `ACK_OPEN_FAIL`, `ACK_CLOSE`, `ACK_CLOSE_FAIL`: about the copy of a master's ticket.
    Ack {
        /// The master's ticket.
        master_ticket: Ticket,
        /// What happened.
        evidence: Evidence,
    },
    /// `ACK_CLOSE_SO`: a position of the account left by something other than our order.
    AckCloseOther {
        /// The follower's own ticket.
        ticket: Ticket,
        /// What happened.
        evidence: Evidence,
    },
    /// `MASTER_SNAPSHOT:<tickets>`, each once, in the order sent.
    MasterSnapshot(Vec<Ticket>),
    /// `SLAVE_SNAPSHOT:<tickets>`, each once, in the order sent.
    FollowerSnapshot(Vec<Ticket>),
    /// `CMD_PRICE`.
    Price(PriceLine),
    /// `CMD_INIT_SYMBOL`.
    InitSymbol {
        /// Instrument, under the name the EA uses.
        symbol: Symbol,
        /// Units per lot.
        contract_size: Decimal,
        /// Decimals of its price, at most 20.
        digits: u32,
    },
    /// `CMD_SET_MODE`; `None`: a mode nobody knows.
    SetMode(Option<CopyMode>),
    /// `ACCOUNT`, an extension any EA may send.
    Account(AccountReport),
    /// `REPORT_ONLY`, an extension: this socket reports and takes no commands.
    ReportOnly,
    /// `ALERT_STOP_OUT`, with its text.
    StopOutAlert(String),
    /// `PING`. Not answered.
    Ping,
    /// Anything else, also an empty line. Not answered.
    Unknown,
}

/// A key or token as it came, which must reach neither a log nor a panic: its
/// `Debug` form is empty and it has no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential(String);

impl Credential {
    pub(super) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl Deref for Credential {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential(..)")
    }
}

/// Bid and ask of the chart's symbol; `None` before the first tick.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceLine {
    /// Raw symbol of the chart, not the mapped one of signals.
    pub symbol: Symbol,
    /// Best price to sell at.
    pub bid: Option<Price>,
    /// Best price to buy at.
    pub ask: Option<Price>,
}

/// Figures of an account, in its currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountReport {
    /// Money without open positions.
    pub balance: Decimal,
    /// Money with open positions.
    pub equity: Decimal,
    /// Margin in use.
    pub margin: Decimal,
    /// Margin left.
    pub free_margin: Decimal,
    /// Currency of the account, 2 to 10 capital letters or digits.
    pub currency: String,
    /// Leverage, 1 and more.
    pub leverage: i32,
}
