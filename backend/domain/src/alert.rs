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
        /// Less is left under a rule of an account than its first mark.
        RiskCaution = "risk_caution",
        /// The figures of an account are too old to say where it stands.
        RiskStale = "risk_stale",
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
        /// The database was restored: keys of terminals are those of the backup, also where they were replaced since.
        KeysRestored = "keys_restored",
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

text_enum! {
    /// Where an owner hears of alerts.
    AlertChannel, "alert channel" {
        /// The list, and its count.
        Inbox = "inbox",
        /// In the page, wherever its owner is.
        Popup = "popup",
        /// By mail.
        Mail = "mail",
    }
}

/// From which severity on an owner hears of alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlertLevels {
    /// In the inbox; what is critical is always there.
    pub inbox: Severity,
    /// In the page; `None`: never.
    pub popup: Option<Severity>,
    /// By mail; `None`: never.
    pub mail: Option<Severity>,
}

impl Default for AlertLevels {
    fn default() -> Self {
        let critical = Some(Severity::Critical);
        Self { inbox: Severity::Info, popup: critical, mail: critical }
    }
}

impl AlertLevels {
    /// From which severity on a channel tells; `None`: it does not.
    #[must_use]
    pub const fn of(&self, channel: AlertChannel) -> Option<Severity> {
        match channel {
            AlertChannel::Inbox => Some(self.inbox),
            AlertChannel::Popup => self.popup,
            AlertChannel::Mail => self.mail,
        }
    }

    /// Whether a channel tells of alerts of a severity.
    #[must_use]
    pub fn tells(&self, channel: AlertChannel, severity: Severity) -> bool {
        self.of(channel).is_some_and(|least| severity >= least)
    }
}

impl Severity {
    /// This one and all that are more urgent.
    pub fn and_above(self) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |severity| *severity >= self)
    }
}

impl AlertKind {
    /// How soon somebody should look at an alert of this kind.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::NewDevice | Self::RiskCaution => Severity::Info,
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
            | Self::RiskStale
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
            | Self::RiskCritical
            | Self::RiskViolated
            | Self::GuardTripped
            | Self::ExchangeKeyFailed
            | Self::ProtectionFailing
            | Self::KeysRestored => Severity::Critical,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_tells_of_what_is_at_least_as_urgent_and_the_inbox_of_what_is_critical_always() {
        let levels = AlertLevels { inbox: Severity::Critical, popup: Some(Severity::Warning), mail: None };
        let told = |channel| Severity::ALL.iter().filter(move |severity| levels.tells(channel, **severity));

        assert_eq!(told(AlertChannel::Inbox).collect::<Vec<_>>(), [&Severity::Critical]);
        assert_eq!(told(AlertChannel::Popup).collect::<Vec<_>>(), [&Severity::Warning, &Severity::Critical]);
        assert_eq!(told(AlertChannel::Mail).count(), 0);
        assert_eq!(Severity::Info.and_above().count(), 3);
        assert!(AlertLevels::default().tells(AlertChannel::Inbox, Severity::Info));
    }
}
