//! What an owner is told about in the inbox.

use crate::text_enum::text_enum;

text_enum! {
    /// What happened. Each kind has a sentence in every language of the screens.
    AlertKind, "alert kind" {
        /// A follower with open copies is not connected: its closes wait.
        FollowerOffline = "follower_offline",
        /// A master whose trades are copied is not connected: nothing is heard of them.
        MasterOffline = "master_offline",
        /// The evidence about a copy is contradictory; a person decides.
        Attention = "attention",
        /// A follower refused to open a copy.
        OpenRefused = "open_refused",
        /// The broker closed a position for lack of margin, or by its stop.
        StopOut = "stop_out",
        /// Two terminals fight over one API key.
        KeyFlapping = "key_flapping",
        /// Somebody signed in from a device that was not seen before.
        NewDevice = "new_device",
        /// A refresh token was used twice; the sign-in was ended.
        RefreshReuse = "refresh_reuse",
        /// A master has a trade of which no signal was stored; it was not copied.
        MissedOpen = "missed_open",
        /// A master's trade is not listed any more, but it is not certain that
        /// the list speaks of it.
        MissedExit = "missed_exit",
        /// A master's trade was over without a signal; its copies were closed late.
        ExitUnseen = "exit_unseen",
        /// A copy does not close although the order is repeated.
        CloseOverdue = "close_overdue",
        /// What a terminal said could not be stored, so nothing follows from it.
        LineLost = "line_lost",
        /// A master's trade is far larger than usual.
        UnusualVolume = "unusual_volume",
        /// A ticket that was closed was reported open again; it was not copied.
        TicketReopened = "ticket_reopened",
        /// Lines look like those of a netting account, which v7 cannot tell apart.
        NettingSuspected = "netting_suspected",
        /// Whether a copy was opened is not known.
        Unconfirmed = "unconfirmed",
        /// A position was reported that belongs to no copy.
        OrphanPosition = "orphan_position",
        /// The partner of a one-to-one master does not hold a trade, and the master has not closed it.
        TradeUnhedged = "trade_unhedged",
        /// An API key was used from an address that was not seen before.
        KeyAddressChanged = "key_address_changed",
        /// A terminal says things that cannot be read, or that are not its account's to say.
        LinesRefused = "lines_refused",
        /// Little is left under a rule of an account.
        RiskCritical = "risk_critical",
        /// An account crossed a line of its rules, by our measurement.
        RiskViolated = "risk_violated",
        /// A guard acted: an account came too near a line, or crossed it.
        GuardTripped = "guard_tripped",
        /// A guard cannot judge an account, because its figures are old or not known: nothing new is copied.
        GuardBlind = "guard_blind",
        /// The key of an exchange account does not work: nothing is opened there, closes may not get through.
        ExchangeKeyFailed = "exchange_key_failed",
        /// Orders that close or protect positions of an exchange account fail in a row: nothing is opened there.
        ProtectionFailing = "protection_failing",
        /// This server's clock and that of an exchange differ by more than a second.
        ExchangeClockOff = "exchange_clock_off",
    }
}

text_enum! {
    /// How soon somebody should look.
    Severity, "severity" {
        /// Worth knowing.
        Info = "info",
        /// Look today.
        Warning = "warning",
        /// Look now: money may be at stake.
        Critical = "critical",
    }
}

impl AlertKind {
    /// How soon somebody should look at an alert of this kind.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::NewDevice => Severity::Info,
            Self::OpenRefused
            | Self::MasterOffline
            | Self::KeyFlapping
            | Self::UnusualVolume
            | Self::TicketReopened
            | Self::NettingSuspected
            | Self::Unconfirmed
            | Self::KeyAddressChanged
            | Self::LinesRefused
            | Self::ExitUnseen
            | Self::RiskCritical
            | Self::GuardBlind
            | Self::ExchangeClockOff => Severity::Warning,
            Self::FollowerOffline
            | Self::Attention
            | Self::StopOut
            | Self::RefreshReuse
            | Self::MissedOpen
            | Self::MissedExit
            | Self::CloseOverdue
            | Self::LineLost
            | Self::OrphanPosition
            | Self::TradeUnhedged
            | Self::RiskViolated
            | Self::GuardTripped
            | Self::ExchangeKeyFailed
            | Self::ProtectionFailing => Severity::Critical,
        }
    }
}
