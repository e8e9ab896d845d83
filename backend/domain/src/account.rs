//! Trading accounts.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::copy::mode::CopyMode;
use crate::copy::settings::Sizing;
use crate::id::{AccountId, OwnerId};
use crate::text_enum::text_enum;

text_enum! {
    /// Where an account trades.
    Platform, "platform" {
        /// MetaTrader 4.
        Mt4 = "mt4",
        /// MetaTrader 5.
        Mt5 = "mt5",
        /// BingX perpetual futures.
        Bingx = "bingx",
        /// Simulated fills at live prices.
        Paper = "paper",
        /// Interactive Brokers.
        Ibkr = "ibkr",
        /// Tradier.
        Tradier = "tradier",
        /// Webull.
        Webull = "webull",
        /// TopstepX.
        Topstepx = "topstepx",
        /// Tradovate.
        Tradovate = "tradovate",
        /// Anything else, kept by hand.
        Other = "other",
    }
}

impl Platform {
    /// Whether accounts of this platform connect through an Expert Advisor.
    #[must_use]
    pub const fn has_ea(self) -> bool {
        matches!(self, Self::Mt4 | Self::Mt5)
    }

    /// Whether orders are placed there by this server, once their owner has switched that on.
    #[must_use]
    pub const fn is_venue(self) -> bool {
        matches!(self, Self::Bingx | Self::Paper)
    }
}

text_enum! {
    /// What an account does in copying.
    CopyRole, "copy role" {
        /// Its trades are copied to followers.
        Master = "master",
        /// It receives copies.
        Follower = "follower",
        /// Journal only.
        None = "none",
    }
}

/// Why an account cannot do what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// The account does not lead others.
    #[error("only a master account has a copy mode and a master token")]
    NotMaster,
    /// The account does not follow.
    #[error("only a follower account can follow a master")]
    NotFollower,
    /// Copies of or in this account have not ended.
    #[error("copies of this account are still open; close them or wait for them to end first")]
    OpenCopies,
    /// One-to-one copying needs exactly one follower.
    #[error("several accounts follow this master; one-to-one copying needs exactly one")]
    SeveralFollowers,
    /// The account was archived.
    #[error("the account is archived")]
    Archived,
    /// Another account has this public address.
    #[error("another master has this address")]
    SlugTaken,
    /// The follower does not wait for approval.
    #[error("this follower does not wait for approval")]
    NotPending,
    /// Nothing of the account is done at an exchange from here.
    #[error("this account does not trade at an exchange from here")]
    NoExchange,
    /// No EA speaks for the account.
    #[error("no EA speaks for this account: it is served from here, so it has no key to show or replace")]
    NoEa,
    /// No key of the account was proven that trades perpetual contracts.
    #[error("connect a key that may trade perpetual futures first, and have it verified")]
    KeyNotVerified,
    /// A connection keeps its environment.
    #[error("live or demo is chosen when an account is connected; disconnect it first")]
    EnvironmentFixed,
}

/// A trading account of an owner.
#[expect(clippy::struct_excessive_bools, reason = "independent switches that the owner sets one by one")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Identifier.
    pub id: AccountId,
    /// Tenant.
    pub owner_id: OwnerId,
    /// Shown name, 1 to 100 characters.
    pub name: String,
    /// Where it trades.
    pub platform: Platform,
    /// Whether it leads, follows or only records.
    pub copy_role: CopyRole,
    /// Of a master: how it copies, and the token with which others follow.
    pub master: Option<MasterSide>,
    /// First characters of the API key, for recognition.
    pub api_key_prefix: String,
    /// Master of the subscription made on the wire or, without one, of the oldest.
    pub following_id: Option<AccountId>,
    /// False: its sockets are closed and it takes part in nothing.
    pub is_active: bool,
    /// The account that opens first.
    pub is_primary: bool,
    /// ISO code or coin name in which figures are counted: as the account's
    /// terminal reports it, else `opened_in`.
    pub currency: String,
    /// The same as its owner told it.
    pub opened_in: String,
    /// Balance at the start, in `currency`.
    pub starting_balance: Option<Decimal>,
    /// What the account stands for: a capital level chosen by its owner.
    pub capital_level: Option<String>,
    /// What the account stands for: a risk tolerance chosen by its owner.
    pub risk_tolerance: Option<String>,
    /// Number of the account at its broker.
    pub external_id: Option<String>,
    /// Whether orders may be placed on an exchange account.
    pub trading_enabled: bool,
    /// Whether a master stands in the directory.
    pub is_public: bool,
    /// Address of the public profile.
    pub slug: Option<String>,
    /// Text of the public profile.
    pub description: Option<String>,
    /// Of a follower: whether a copy in doubt takes the one new position that
    /// can be its own, without asking.
    pub adopt_inferred: bool,
    /// Of a master copying one to one: whether a position that its partner lost
    /// by itself closes the master's trade.
    pub close_with_partner: bool,
    /// Of a paper account: how much worse than the price there is it is filled,
    /// as a fraction; `None`: as usual.
    pub paper_slippage: Option<Decimal>,
    /// Of a follower: how large copies are when it begins to follow, unless
    /// something else is chosen then; `None`: as the master's trades.
    pub default_sizing: Option<Sizing>,
    /// Whether the EA is connected, and when it last spoke.
    pub presence: Presence,
    /// Last known figures.
    pub figures: Option<Figures>,
    /// When it was archived.
    pub archived_at: Option<DateTime<Utc>>,
    /// Creation time.
    pub created_at: DateTime<Utc>,
    /// Time of the last edit.
    pub updated_at: DateTime<Utc>,
}

/// The leading side of a master account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterSide {
    /// `MST-…`: lets followers subscribe.
    pub token: String,
    /// Who receives its trades.
    pub copy_mode: CopyMode,
    /// The one follower of one-to-one copying.
    pub partner_id: Option<AccountId>,
    /// Whether followers of other owners wait for approval.
    pub needs_approval: bool,
}

/// Whether an account's EA is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Presence {
    /// True while at least one socket is open.
    pub online: bool,
    /// Last line of any kind.
    pub last_seen_at: Option<DateTime<Utc>>,
}

/// Balance and equity of an account, in its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Money without open positions.
    pub balance: Decimal,
    /// Money with open positions at current prices.
    pub equity: Decimal,
    /// When they were true.
    pub at: DateTime<Utc>,
}
