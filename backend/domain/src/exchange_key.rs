//! The key with which an account trades at an exchange, as far as it may be talked about.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::id::AccountId;
use crate::text_enum::text_enum;

/// Leverage of an account whose owner never said anything about it.
pub const DEFAULT_LEVERAGE: i32 = 5;
/// Highest leverage that any contract takes.
pub const MAX_LEVERAGE: i32 = 150;

text_enum! {
    /// Which of the exchange's two worlds an account lives in. The same key works in both, so this is chosen when
    /// the account is connected and never changes.
    ExchangeEnvironment, "environment" {
        /// Real money.
        Live = "live",
        /// Play money.
        Demo = "demo",
    }
}

text_enum! {
    /// How far a key is.
    KeyStatus, "key status" {
        /// Nobody has proven it yet.
        Pending = "pending",
        /// Proven, and it works.
        Verified = "verified",
        /// It was proven once, and does not work now: nothing is opened, closes are tried on.
        Failed = "failed",
    }
}

text_enum! {
    /// Something that a key may do.
    KeyPermission, "key permission" {
        /// Read.
        Read = "read",
        /// Trade perpetual contracts.
        Perpetual = "perpetual",
        /// Trade spot.
        Spot = "spot",
        /// Move money between accounts of its owner; nothing here needs it.
        Transfer = "transfer",
        /// Take money out; such a key is not taken.
        Withdraw = "withdraw",
    }
}

text_enum! {
    /// What an account trades, told by what its key may do.
    ExchangeAccountType, "account type" {
        /// Perpetual contracts.
        Perpetual = "perpetual",
        /// Spot only: recognised and verified, not traded.
        Spot = "spot",
    }
}

text_enum! {
    /// How many positions an account may hold in one contract. Read, never changed.
    ExchangePositionMode, "position mode" {
        /// One.
        OneWay = "one_way",
        /// A long one and a short one.
        Hedge = "hedge",
    }
}

text_enum! {
    /// Why a key does not work. Each has a sentence in every language of the screens.
    KeyFault, "key fault" {
        /// The exchange does not know the key, or it was deleted.
        WrongKey = "wrong_key",
        /// The secret does not belong to the key.
        WrongSecret = "wrong_secret",
        /// The key works from other addresses only.
        IpNotAllowed = "ip_not_allowed",
        /// The exchange allows the key less than it says.
        NotPermitted = "not_permitted",
        /// The exchange restricts the account: region, identity, risk control.
        Restricted = "restricted",
        /// The key can take money out.
        WithdrawPermission = "withdraw_permission",
        /// The key may not read.
        NoReadPermission = "no_read_permission",
        /// The key may trade neither perpetual contracts nor spot.
        NoTradePermission = "no_trade_permission",
        /// What the key may do is said in a form that nobody knows.
        UnknownPermissions = "unknown_permissions",
        /// The account at the exchange is connected already.
        UidTaken = "uid_taken",
        /// The key belongs to another account at the exchange, while copies are open in this one.
        OtherAccount = "other_account",
        /// Several margin currencies at once, which is not traded here.
        MultiAssets = "multi_assets",
        /// The money is not that of the environment.
        WrongEnvironment = "wrong_environment",
        /// What is stored does not open.
        Unreadable = "unreadable",
        /// The exchange did not answer; says nothing about the key.
        NoAnswer = "no_answer",
        /// Nobody could prove the key in time.
        Expired = "expired",
        /// Another key was handed in meanwhile, or the account was disconnected.
        Superseded = "superseded",
    }
}

impl KeyFault {
    /// What is wrong and what to do, in English.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::WrongKey => "the exchange does not know this API key; copy it again or create a new one",
            Self::WrongSecret => "the secret does not belong to this API key; copy both again",
            Self::IpNotAllowed => {
                "the key does not work from this server; add the server's address to its whitelist"
            }
            Self::NotPermitted => "the exchange allows this key too little; check its permissions",
            Self::Restricted => "the exchange restricts this account; ask its support",
            Self::WithdrawPermission => {
                "the key can withdraw money, or does not say that it cannot; create one without that permission"
            }
            Self::NoReadPermission => "the key may not read; allow it to",
            Self::NoTradePermission => "the key may not trade; allow it to trade perpetual futures",
            Self::UnknownPermissions => {
                "the exchange says what the key may do in a form that is not known here"
            }
            Self::UidTaken => "this account at the exchange is connected already",
            Self::OtherAccount => {
                "this key belongs to another account at the exchange; close the open copies of this one, and of its trades, first"
            }
            Self::MultiAssets => "multi-asset mode is on; switch it off at the exchange",
            Self::WrongEnvironment => "the account holds no money of this environment",
            Self::Unreadable => "the stored key does not open; enter it again",
            Self::NoAnswer => "the exchange does not answer; it is asked again",
            Self::Expired => "the key could not be checked in time; enter it again",
            Self::Superseded => "another key was entered meanwhile, or the account was disconnected",
        }
    }

    /// Whether the exchange, or what is stored, has decided: the same question gets the same answer until somebody
    /// changes something.
    #[must_use]
    pub const fn is_decided(self) -> bool {
        !matches!(self, Self::NoAnswer)
    }
}

/// What happened to a key last, where it was not good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyTrouble {
    /// What is wrong.
    pub fault: KeyFault,
    /// The exchange's own words, where it said any.
    pub text: Option<String>,
    /// Since when.
    pub at: DateTime<Utc>,
}

/// Money of an account at an exchange, in its margin asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Margin {
    /// `USDT`, or `VST` in the demo.
    pub asset: String,
    /// Without open profit.
    pub balance: Decimal,
    /// What new positions may use.
    pub available: Decimal,
}

/// The key of an account, without the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeKey {
    /// Whose it is.
    pub account_id: AccountId,
    /// Real money or demo.
    pub environment: ExchangeEnvironment,
    /// How far it is.
    pub status: KeyStatus,
    /// Whether another key is being proven, to take its place.
    pub is_replacing: bool,
    /// What it may do.
    pub permissions: Vec<KeyPermission>,
    /// Whether it works from listed addresses only.
    pub ip_restricted: Option<bool>,
    /// End of the account's number at the exchange.
    pub uid_hint: Option<String>,
    /// What the account trades.
    pub account_type: Option<ExchangeAccountType>,
    /// How many positions it may hold in one contract.
    pub position_mode: Option<ExchangePositionMode>,
    /// What its owner wants.
    pub leverage: i32,
    /// When its owner said so; `None`: the exchange keeps what it has.
    pub leverage_set_at: Option<DateTime<Utc>>,
    /// Its money, when it was verified last.
    pub margin: Option<Margin>,
    /// When everything about it was last found in order.
    pub last_verified_at: Option<DateTime<Utc>>,
    /// When the exchange last took it.
    pub last_checked_at: Option<DateTime<Utc>>,
    /// What is wrong.
    pub trouble: Option<KeyTrouble>,
    /// Seconds between reads of an account that has no stream; `None`: it is told live, or not listened to.
    pub polled_every_s: Option<i32>,
    /// When the account was connected.
    pub created_at: DateTime<Utc>,
    /// When anything of this last changed.
    pub updated_at: DateTime<Utc>,
}

impl ExchangeKey {
    /// Whether orders that open may be placed with it.
    #[must_use]
    pub fn trades(&self) -> bool {
        self.status == KeyStatus::Verified && self.account_type == Some(ExchangeAccountType::Perpetual)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_silence_leaves_a_key_as_it_is() {
        let undecided: Vec<_> = KeyFault::ALL.iter().filter(|fault| !fault.is_decided()).collect();

        assert_eq!(undecided, [&KeyFault::NoAnswer]);
    }
}
