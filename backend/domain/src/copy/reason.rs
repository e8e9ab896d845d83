//! Why a copy is where it is.

use crate::text_enum::text_enum;

text_enum! {
    /// Why a copy was skipped, failed or is in doubt. Each code has a sentence in every language of the screens.
    ReasonCode, "reason code" {
        /// The follower was not connected when the signal came.
        Offline = "offline",
        /// The signal was too old when its turn came.
        Stale = "stale",
        /// Its turn came while the terminal had not yet listed its positions after a lost connection.
        Reconciling = "reconciling",
        /// The subscription or account is paused.
        Paused = "paused",
        /// The owner unfollowed the master before its turn came.
        Unfollowed = "unfollowed",
        /// The subscription only closes.
        CloseOnly = "close_only",
        /// The follower copies the other side only.
        SideFiltered = "side_filtered",
        /// The follower does not copy this instrument.
        SymbolFiltered = "symbol_filtered",
        /// The follower's name of the instrument may not be sent.
        SymbolInvalid = "symbol_invalid",
        /// The follower has as many copies of this master as it may.
        MaxOpenCopies = "max_open_copies",
        /// Money or contract size that the size follows from is not known, or is counted in another currency.
        NoFigures = "no_figures",
        /// The size follows from the stop loss, and the master's trade has none.
        NoStop = "no_stop",
        /// Copying was stopped by a person, of the follower or of the master.
        Stopped = "stopped",
        /// Copying was stopped by a person for a group of the owner's that holds the follower or the master.
        GroupStopped = "group_stopped",
        /// Copying was stopped by a guard that holds the follower or the master: an account came too near a line.
        GuardStopped = "guard_stopped",
        /// A guard cannot judge, because figures of an account it looks at are old or not known.
        GuardBlind = "guard_blind",
        /// The size is below the smallest or cannot be computed.
        Limit = "limit",
        /// The exchange has no contract of this name, and no other is named for the instrument.
        SymbolUnknown = "symbol_unknown",
        /// The exchange takes no orders for the contract now.
        ContractClosed = "contract_closed",
        /// How many units one lot of the master has is not known.
        UnitsUnknown = "units_unknown",
        /// The price at the exchange is not known, so that nothing can be judged.
        PriceUnknown = "price_unknown",
        /// The price at the exchange is too far from the master's, or has reached the stop or the target.
        PriceMoved = "price_moved",
        /// All positions together would be worth more than the owner's leverage limit allows.
        Leverage = "leverage",
        /// The owner has not switched trading on for the exchange account.
        TradingOff = "trading_off",
        /// The account holds one position for each contract, and holds the other side of this one.
        OppositeSide = "opposite_side",
        /// The master had closed the trade before the order was sent.
        MasterClosed = "master_closed",
        /// The follower's terminal or venue refused.
        Refused = "refused",
        /// Sent, and no answer came in time.
        Silent = "silent",
        /// The connection was lost after sending and before an answer.
        SessionLost = "session_lost",
        /// The answer does not say whether a position exists.
        UnclearAnswer = "unclear_answer",
        /// The position was closed by something other than us.
        ClosedExternally = "closed_externally",
        /// The terminal refused to close; it is tried again.
        CloseRefused = "close_refused",
        /// A position was reported after the copy had ended.
        LateEvidence = "late_evidence",
        /// A second position was reported for one copy.
        SecondPosition = "second_position",
        /// The terminal's list of positions lacks the position; its result is not known.
        Absent = "absent",
        /// The terminal's list of positions shows that the order was never executed.
        NotOpened = "not_opened",
        /// A position was taken for the copy's own because nothing else fits.
        Inferred = "inferred",
        /// Positions are listed that may be this copy's, and it is not clear which.
        Ambiguous = "ambiguous",
        /// A position is listed that may be this copy's, and no earlier list tells.
        NoBaseline = "no_baseline",
        /// One position fits, and the owner wants to decide himself.
        OwnerDecides = "owner_decides",
        /// The owner settled the copy and left the terminal as it is.
        LeftAlone = "left_alone",
        /// A stop-out of the other side of the pair.
        StopOut = "stop_out",
    }
}
