//! What a socket may listen to.

use std::fmt;
use std::str::FromStr;

use flotilla_domain::id::{AccountId, GroupId};

/// One thing to listen to, always among the rows of the socket's own user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topic {
    /// Every account.
    Accounts,
    /// One account: figures, presence, signals, copies, trades.
    Account(AccountId),
    /// Every group.
    Groups,
    /// One group.
    Group(GroupId),
    /// Every copy.
    Copies,
    /// Every trade.
    Trades,
    /// Prices that concern one account.
    Prices(AccountId),
    /// The inbox.
    Alerts,
    /// Stops and their progress.
    Stop,
}

/// Why a text is not a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a topic")]
pub struct UnknownTopic;

impl Topic {
    /// The one group that this is about.
    pub const fn group(&self) -> Option<GroupId> {
        match self {
            Self::Group(id) => Some(*id),
            _ => None,
        }
    }

    /// The account whose prices this is about.
    pub const fn priced(&self) -> Option<AccountId> {
        match self {
            Self::Prices(id) => Some(*id),
            Self::Accounts
            | Self::Account(_)
            | Self::Groups
            | Self::Group(_)
            | Self::Copies
            | Self::Trades
            | Self::Alerts
            | Self::Stop => None,
        }
    }
}

impl FromStr for Topic {
    type Err = UnknownTopic;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            None if text == "accounts" => Ok(Self::Accounts),
            None if text == "groups" => Ok(Self::Groups),
            None if text == "copies" => Ok(Self::Copies),
            None if text == "trades" => Ok(Self::Trades),
            None if text == "alerts" => Ok(Self::Alerts),
            None if text == "stop" => Ok(Self::Stop),
            Some(("account", id)) => id.parse().map(Self::Account).map_err(|_| UnknownTopic),
            Some(("group", id)) => id.parse().map(Self::Group).map_err(|_| UnknownTopic),
            Some(("prices", id)) => id.parse().map(Self::Prices).map_err(|_| UnknownTopic),
            _ => Err(UnknownTopic),
        }
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accounts => f.write_str("accounts"),
            Self::Account(id) => write!(f, "account:{id}"),
            Self::Groups => f.write_str("groups"),
            Self::Group(id) => write!(f, "group:{id}"),
            Self::Copies => f.write_str("copies"),
            Self::Trades => f.write_str("trades"),
            Self::Prices(id) => write!(f, "prices:{id}"),
            Self::Alerts => f.write_str("alerts"),
            Self::Stop => f.write_str("stop"),
        }
    }
}
