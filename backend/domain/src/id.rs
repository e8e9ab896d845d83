//! Identifiers. Each is a UUID of its own type, so that one cannot stand for another.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Takes over an identifier read from a store or a request.
            #[must_use]
            pub const fn from_uuid(id: Uuid) -> Self {
                Self(id)
            }

            /// The bare value.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )+};
}

ids! {
    /// A login identity.
    UserId,
    /// The user to whom rows belong.
    OwnerId,
    /// A trading account.
    AccountId,
    /// Accounts that are handled together.
    GroupId,
    /// A follower account's subscription to a master account.
    SubscriptionId,
    /// One event of a master trade.
    SignalId,
    /// One follower's copy of one signal. Named to EAs and exchanges, never reused for another; the same again should
    /// the signal be lost and told again.
    CopyId,
    /// A row of the journal.
    TradeId,
    /// A signed-in device: the family of its refresh tokens.
    LoginId,
    /// An integrator's key.
    PersonalKeyId,
    /// A link that shows chosen figures to strangers.
    ShareId,
    /// Something the API asked the worker to do.
    RequestId,
    /// A mail that is to be sent.
    MailId,
    /// An entry of the inbox.
    AlertId,
    /// One running worker process.
    NodeId,
}

impl From<UserId> for OwnerId {
    /// Every user owns what he creates.
    fn from(user: UserId) -> Self {
        Self(user.0)
    }
}

impl From<OwnerId> for UserId {
    fn from(owner: OwnerId) -> Self {
        Self(owner.0)
    }
}
