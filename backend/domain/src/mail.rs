//! Mails to users, and how long what is in them counts.

use crate::text_enum::text_enum;

text_enum! {
    /// What a mail is about.
    MailKind, "mail" {
        /// Proves the address of a new user.
        VerifyEmail = "verify_email",
        /// Proves the address to which a user wants to change.
        ConfirmEmail = "confirm_email",
        /// Tells the address of a user that he asked for another one.
        EmailChangeAsked = "email_change_asked",
        /// Leads whoever forgot his password to a new one.
        ResetPassword = "reset_password",
        /// Tells the old address that it is one no more.
        EmailChanged = "email_changed",
        /// Tells that the password is another one.
        PasswordChanged = "password_changed",
        /// Names alerts that its reader has not read.
        Alerts = "alerts",
    }
}

const MINUTE_S: i32 = 60;
const HOUR_S: i32 = 60 * MINUTE_S;

impl MailKind {
    /// For how many seconds its link works; `None`: it has none.
    #[must_use]
    pub const fn link_lives_s(self) -> Option<i32> {
        match self {
            Self::VerifyEmail => Some(24 * HOUR_S),
            Self::ConfirmEmail => Some(HOUR_S),
            Self::ResetPassword => Some(30 * MINUTE_S),
            Self::EmailChangeAsked | Self::EmailChanged | Self::PasswordChanged | Self::Alerts => None,
        }
    }

    /// For how many seconds sending is tried: a reset that comes an hour late
    /// only frightens its reader.
    #[must_use]
    pub const fn tried_for_s(self) -> i32 {
        match self {
            Self::ResetPassword => 30 * MINUTE_S,
            Self::ConfirmEmail => HOUR_S,
            Self::VerifyEmail
            | Self::EmailChangeAsked
            | Self::EmailChanged
            | Self::PasswordChanged
            | Self::Alerts => 24 * HOUR_S,
        }
    }
}
