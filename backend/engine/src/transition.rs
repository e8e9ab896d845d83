//! What is to be written about a copy.

use flotilla_domain::copy::order::{CopyOrder, CopyState};
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::money::Money;
use flotilla_domain::ticket::Ticket;
use rust_decimal::Decimal;

use crate::cause::Cause;

/// One edge of a copy, or a note on it when `from` and `to` are equal.
///
/// Fields that are `None` leave what is stored as it is, except `reason`: the
/// reason always explains the present state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// State it leaves.
    pub from: CopyState,
    /// State it enters.
    pub to: CopyState,
    /// Why.
    pub cause: Cause,
    /// What the state's reader should know, if the state alone does not say it.
    pub reason: Option<ReasonCode>,
    /// The other side's words.
    pub detail: Option<String>,
    /// Ticket at the follower's terminal.
    pub ticket: Option<Ticket>,
    /// Lots now open.
    pub open_lots: Option<Decimal>,
    /// Closing price.
    pub close_price: Option<Decimal>,
    /// Result in the follower's currency.
    pub pnl: Option<Money>,
}

impl Transition {
    /// The edge from the present state of `copy` to `to`, nothing else known.
    #[must_use]
    pub const fn new(copy: &CopyOrder, to: CopyState, cause: Cause) -> Self {
        Self {
            from: copy.state,
            to,
            cause,
            reason: None,
            detail: None,
            ticket: None,
            open_lots: None,
            close_price: None,
            pnl: None,
        }
    }

    /// With a reason.
    #[must_use]
    pub const fn because(mut self, reason: ReasonCode) -> Self {
        self.reason = Some(reason);
        self
    }

    /// With the other side's words.
    #[must_use]
    pub fn in_words(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Whether the state stays and only a note is made.
    ///
    /// `open → open` is an edge of its own, but what it changes is a note too.
    #[must_use]
    pub fn is_note(&self) -> bool {
        self.from == self.to
    }

    /// The copy as it stands afterwards.
    #[must_use]
    pub fn applied(&self, copy: &CopyOrder) -> CopyOrder {
        let mut after = copy.clone();
        after.state = self.to;
        after.reason = self.reason;
        if let Some(ticket) = self.ticket {
            after.follower_ticket = Some(ticket);
        }
        if let Some(lots) = self.open_lots {
            after.open_lots = lots;
        }
        after.close_price = self.close_price.or(copy.close_price);
        if let Some(pnl) = &self.pnl {
            after.pnl = Some(*pnl);
        }
        after
    }
}
