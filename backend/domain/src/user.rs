//! Users and how they sign in.

use chrono::{DateTime, Utc};

use crate::id::UserId;
use crate::text_enum::text_enum;

text_enum! {
    /// What a user is on this platform. Not to be confused with the copy role of an account.
    Role, "role" {
        /// Sees and stops, never trades.
        Admin = "admin",
        /// Owns accounts.
        Trader = "trader",
        /// Reads what somebody granted.
        Viewer = "viewer",
    }
}

text_enum! {
    /// Language of the screens and mails.
    Language, "language" {
        /// English.
        English = "en",
        /// Thai.
        Thai = "th",
    }
}

/// A login identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Identifier; also the [`crate::id::OwnerId`] of what the user creates.
    pub id: UserId,
    /// Address as typed, trimmed.
    pub email: String,
    /// Shown name, 1 to 100 characters.
    pub name: String,
    /// Platform role.
    pub role: Role,
    /// False: may not sign in.
    pub is_active: bool,
    /// Whether the address was proven.
    pub email_verified: bool,
    /// Language of the screens.
    pub language: Language,
    /// IANA name of the zone in which times are shown.
    pub time_zone: String,
    /// Grows whenever tokens issued before must stop working.
    pub security_version: i32,
    /// Creation time.
    pub created_at: DateTime<Utc>,
    /// Last time a password was accepted.
    pub last_login_at: Option<DateTime<Utc>>,
}

/// The form of an address under which a login is found: trimmed, lower case.
///
/// Addresses that differ only in letter case are one login.
#[must_use]
pub fn login_name(email: &str) -> String {
    email.trim().to_lowercase()
}
