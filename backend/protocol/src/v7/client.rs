//! What an EA says.

use std::fmt;
use std::ops::Deref;

use flotilla_domain::copy::evidence::Evidence;
use flotilla_domain::copy::mode::CopyMode;
use flotilla_domain::lots::Lots;
use flotilla_domain::price::Price;
use flotilla_domain::side::Side;
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
    /// `POSITIONS_BEGIN`, an extension: what follows lists all open positions.
    PositionsBegin {
        /// Whether the terminal sees its broker; without one its list may lack positions.
        is_connected: bool,
    },
    /// `POSITION`, an extension: one of them.
    Position(PositionReport),
    /// `POSITIONS_END`, an extension: the list is complete.
    PositionsEnd {
        /// How many positions it holds.
        count: usize,
        /// How many orders wait beside them; `None`: the terminal does not tell.
        pending: Option<u32>,
    },
    /// `SYMBOL`, an extension: what an instrument of the terminal is worth.
    Symbol(SymbolReport),
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
    /// What the terminal saw since its line before this one, if it watches.
    pub watched: Option<Watched>,
}

/// How far equity moved between two lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watched {
    /// Highest equity.
    pub high: Decimal,
    /// Lowest equity, not above the highest.
    pub low: Decimal,
    /// When the figures were true by the terminal's clock, in milliseconds since 1970.
    pub at_ms: i64,
    /// When the line left by the same clock, if the terminal tells: later than `at_ms` for what it could not tell at once.
    pub sent_ms: Option<i64>,
    /// Deposits and credits less withdrawals, of the account's whole history, if the terminal knows all of it.
    pub cash_total: Option<Decimal>,
}

/// An open position as its terminal shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PositionReport {
    /// The terminal's ticket.
    pub ticket: Ticket,
    /// Instrument, under the terminal's name.
    pub symbol: Symbol,
    /// Direction.
    pub side: Side,
    /// Size.
    pub lots: Lots,
    /// Price of the entry.
    pub open_price: Price,
    /// Stop loss, when set.
    pub stop_loss: Option<Price>,
    /// Take profit, when set.
    pub take_profit: Option<Price>,
    /// Open result, in the account's currency.
    pub profit: Decimal,
    /// Swap so far, in the account's currency.
    pub swap: Decimal,
    /// Number of the EA that opened it.
    pub magic: i64,
    /// The copy that it is, as 26 small letters and digits, if the terminal knows.
    pub copy_id: Option<String>,
    /// When it was opened by the terminal's clock, in milliseconds since 1970.
    pub opened_at_ms: i64,
}

/// What an instrument is worth at a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SymbolReport {
    /// Instrument, under the terminal's name.
    pub symbol: Symbol,
    /// Units per lot.
    pub contract_size: Decimal,
    /// Decimals of its price, at most 20.
    pub digits: u32,
    /// Smallest step of its price.
    pub tick_size: Decimal,
    /// What that step of one lot is worth, in the account's currency.
    pub tick_value: Decimal,
    /// Smallest size.
    pub lots_min: Decimal,
    /// Sizes are multiples of this.
    pub lots_step: Decimal,
    /// Largest size.
    pub lots_max: Decimal,
    /// Currency of its results, before they are converted.
    pub profit_currency: String,
}
