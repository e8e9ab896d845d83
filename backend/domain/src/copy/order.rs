//! The state machine of a copy.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::copy::reason::ReasonCode;
use crate::id::{AccountId, CopyId, OwnerId, SignalId};
use crate::money::Money;
use crate::side::Side;
use crate::symbol::Symbol;
use crate::text_enum::text_enum;
use crate::ticket::Ticket;

text_enum! {
    /// Where a copy stands. Only the edges of [`CopyState::may_become`] exist.
    CopyState, "copy state" {
        /// Committed, certainly never sent.
        Planned = "planned",
        /// The intent to send is committed; the line may have been sent.
        Claimed = "claimed",
        /// The receiver has stored the order (not v7).
        Received = "received",
        /// There is evidence of the position.
        Open = "open",
        /// Sent or maybe sent, without decisive evidence.
        Unconfirmed = "unconfirmed",
        /// Definitely refused.
        Failed = "failed",
        /// Not sent, by policy.
        Skipped = "skipped",
        /// A close is on its way and is repeated until evidence.
        Closing = "closing",
        /// There is evidence of absence.
        Closed = "closed",
        /// Evidence is contradictory; a person decides.
        Attention = "attention",
    }
}

impl CopyState {
    /// Whether the edge `self → next` exists.
    ///
    /// `open → open` is a change of volume. Late evidence leads back from
    /// `failed`, `skipped` and `closed` to `open`, because evidence beats state.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        use CopyState::{
            Attention, Claimed, Closed, Closing, Failed, Open, Planned, Received, Skipped, Unconfirmed,
        };
        match self {
            Planned => matches!(next, Claimed | Skipped),
            Claimed => matches!(next, Received | Open | Failed | Unconfirmed),
            Received => matches!(next, Open | Failed | Unconfirmed),
            Open => matches!(next, Open | Closing | Closed),
            Unconfirmed => matches!(next, Open | Failed | Closed | Attention),
            Failed | Skipped | Closed => matches!(next, Open),
            Closing => matches!(next, Open | Closed | Attention),
            Attention => !matches!(next, Attention | Planned | Claimed),
        }
    }

    /// Whether nothing more is expected: `failed`, `skipped` or `closed`.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Failed | Self::Skipped | Self::Closed)
    }
}

/// A copy as the engine sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyOrder {
    /// Identifier, unique for ever.
    pub id: CopyId,
    /// The signal that asked for it.
    pub signal_id: SignalId,
    /// Owner of the follower account.
    pub owner_id: OwnerId,
    /// Account that copies.
    pub follower_id: AccountId,
    /// Account that leads.
    pub master_id: AccountId,
    /// Where it stands.
    pub state: CopyState,
    /// Instrument, under the follower's name.
    pub symbol: Symbol,
    /// Side to open, the master's unless the copy is reversed.
    pub side: Side,
    /// Ticket of the master's trade.
    pub master_ticket: Ticket,
    /// Lots that should be open now; zero: flat.
    pub desired_lots: Decimal,
    /// Ticket at the follower's terminal, once known.
    pub follower_ticket: Option<Ticket>,
    /// Lots that are open, by evidence.
    pub open_lots: Decimal,
    /// Closing price, once known.
    pub close_price: Option<Decimal>,
    /// Result in the follower's currency, once known.
    pub pnl: Option<Money>,
    /// Why it is where it is.
    pub reason: Option<ReasonCode>,
    /// Epoch of the session that may have sent the open.
    pub claim_epoch: Option<i64>,
    /// When the claim was committed.
    pub claimed_at: Option<DateTime<Utc>>,
    /// An open that is still planned then is skipped.
    pub expires_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claimed_open_is_never_offered_again() {
        for &state in CopyState::ALL {
            assert!(!state.may_become(CopyState::Planned), "{state} may not be planned again");
            let may_be_claimed = state.may_become(CopyState::Claimed);
            assert_eq!(may_be_claimed, state == CopyState::Planned, "{state}");
        }
    }

    #[test]
    fn settled_copies_move_only_by_late_evidence_of_a_position() {
        for &state in CopyState::ALL.iter().filter(|state| state.is_settled()) {
            let next: Vec<_> = CopyState::ALL.iter().filter(|&&next| state.may_become(next)).collect();
            assert_eq!(next, [&CopyState::Open]);
        }
    }
}
