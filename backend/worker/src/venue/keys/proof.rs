//! What the exchange says of a key.

use std::time::Duration;

use flotilla_domain::exchange_key::{
    ExchangeAccountType, ExchangeEnvironment, ExchangePositionMode, KeyFault, KeyPermission, Margin,
};
use flotilla_exchange::bingx::client::{Account, Turn};
use flotilla_exchange::bingx::error::{ErrorClass, VenueError};
use flotilla_exchange::bingx::model::{AssetMode, Balances, KeyInfo, PositionMode};
use flotilla_exchange::limits::Priority;
use flotilla_exchange::outcome::{Doubt, NotSent, ReadError};
use flotilla_security::exchange_secret::ExchangeSecret;
use flotilla_store::exchange_key_work::Proof;
use secrecy::ExposeSecret as _;

use crate::venue::Venues;

/// For one question.
const TURN: Duration = Duration::from_secs(8);
/// For all of them.
const PATIENCE: Duration = Duration::from_secs(25);

/// What is wrong with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// The reason.
    pub fault: KeyFault,
    /// The exchange's own words.
    pub words: Option<String>,
}

impl Trouble {
    pub const fn of(fault: KeyFault) -> Self {
        Self { fault, words: None }
    }

    /// As it may be written down and shown: should the exchange repeat a key, the words do not. What the database
    /// would refuse is left out.
    pub fn without(self, secret: &ExchangeSecret) -> Self {
        let hide = |words: String| {
            let hidden = words.replace(secret.api_secret.expose_secret(), "[secret]");
            let hidden = hidden.replace(secret.api_key.expose_secret(), "[key]");
            hidden.chars().filter(|sign| !sign.is_control()).collect()
        };
        Self { words: self.words.map(hide), ..self }
    }
}

/// Asks everything about a key, in the order of the connect flow: time, permissions, number, money, modes.
pub(crate) async fn prove(
    venues: &Venues,
    account: &Account,
    environment: ExchangeEnvironment,
) -> Result<Proof, Trouble> {
    let asked = async {
        let clock = venues.bingx.read_clock(account.environment(), account.egress(), turn()).await;
        clock.map_err(|error| silent(&error))?;
        let info = may(account).await?;
        let account_type = account_type(&info)?;
        let uid = account.uid(turn()).await.map_err(|error| trouble(&error))?;
        let (position_mode, margin) = match account_type {
            ExchangeAccountType::Perpetual => perpetual(account, environment).await?,
            ExchangeAccountType::Spot => (None, None),
        };
        Ok(Proof {
            permissions: permissions(&info),
            ip_restricted: info.is_bound_to_addresses,
            uid,
            account_type,
            position_mode,
            margin,
        })
    };
    tokio::time::timeout(PATIENCE, asked).await.unwrap_or(Err(Trouble::of(KeyFault::NoAnswer)))
}

/// Asks what the key may still do, and for the money.
pub(crate) async fn glance(account: &Account) -> Result<Option<Margin>, Trouble> {
    let asked = async {
        still_trades(account_type(&may(account).await?)?)?;
        account.balances(turn()).await.map_err(|error| trouble(&error))
    };
    let balances =
        tokio::time::timeout(PATIENCE, asked).await.unwrap_or(Err(Trouble::of(KeyFault::NoAnswer)))?;
    Ok(margin(&balances))
}

/// The key of an account that traded perpetual contracts still may.
pub(crate) fn still_trades(account_type: ExchangeAccountType) -> Result<(), Trouble> {
    match account_type {
        ExchangeAccountType::Perpetual => Ok(()),
        ExchangeAccountType::Spot => Err(Trouble::of(KeyFault::NoTradePermission)),
    }
}

async fn may(account: &Account) -> Result<KeyInfo, Trouble> {
    account.permissions(turn()).await.map_err(|error| match error {
        ReadError::NoAnswer(Doubt::Unreadable) => Trouble::of(KeyFault::UnknownPermissions),
        error => trouble(&error),
    })
}

async fn perpetual(
    account: &Account,
    environment: ExchangeEnvironment,
) -> Result<(Option<ExchangePositionMode>, Option<Margin>), Trouble> {
    let balances = account.balances(turn()).await.map_err(|error| trouble(&error))?;
    let margin = margin(&balances);
    let is_play_money = margin.as_ref().map(|margin| margin.asset == "VST");
    if is_play_money.is_some_and(|is| is != (environment == ExchangeEnvironment::Demo)) {
        return Err(Trouble::of(KeyFault::WrongEnvironment));
    }
    let mode = match account.position_mode(turn()).await.map_err(|error| trouble(&error))? {
        PositionMode::OneWay => ExchangePositionMode::OneWay,
        PositionMode::Hedge => ExchangePositionMode::Hedge,
    };
    match account.asset_mode(turn()).await {
        Ok(AssetMode::Single) => {}
        Ok(AssetMode::Multi | AssetMode::Other(_)) => return Err(Trouble::of(KeyFault::MultiAssets)),
        // Where the exchange does not know the question there is one margin currency.
        Err(ReadError::Refused(error)) if !is_about_the_key(&error) => {
            tracing::info!(code = error.code, "the exchange does not tell the asset mode");
        }
        Err(error) => return Err(trouble(&error)),
    }
    Ok((Some(mode), margin))
}

fn turn() -> Turn {
    Turn::within(Priority::Account, TURN)
}

fn margin(balances: &Balances) -> Option<Margin> {
    balances.margin().map(|balance| Margin {
        asset: balance.asset.clone(),
        balance: balance.balance,
        available: balance.available_margin,
    })
}

/// What the account trades, if the key is taken at all.
fn account_type(info: &KeyInfo) -> Result<ExchangeAccountType, Trouble> {
    // Also where the reply does not say that it may not.
    if info.withdraws != Some(false) {
        return Err(Trouble::of(KeyFault::WithdrawPermission));
    }
    if !info.reads {
        return Err(Trouble::of(KeyFault::NoReadPermission));
    }
    match (info.trades_perpetual, info.trades_spot) {
        (true, _) => Ok(ExchangeAccountType::Perpetual),
        (false, true) => Ok(ExchangeAccountType::Spot),
        (false, false) => Err(Trouble::of(KeyFault::NoTradePermission)),
    }
}

fn permissions(info: &KeyInfo) -> Vec<KeyPermission> {
    let all = [
        (KeyPermission::Read, info.reads),
        (KeyPermission::Perpetual, info.trades_perpetual),
        (KeyPermission::Spot, info.trades_spot),
        (KeyPermission::Transfer, info.transfers),
        (KeyPermission::Withdraw, info.withdraws == Some(true)),
    ];
    all.into_iter().filter(|(_, has)| *has).map(|(word, _)| word).collect()
}

fn trouble(error: &ReadError) -> Trouble {
    match error {
        ReadError::Refused(error) if is_about_the_key(error) => Trouble {
            fault: fault(error),
            words: Some(error.message.clone()).filter(|text| !text.is_empty()),
        },
        error => silent(error),
    }
}

/// Nothing that says anything about the key; the exchange's words all the same, if there are any. They may repeat
/// anything, so they are in no log.
fn silent(error: &ReadError) -> Trouble {
    let words = match error {
        ReadError::Refused(error) => {
            tracing::info!(code = error.code, "the exchange did not say whether a key works");
            Some(error.to_string())
        }
        ReadError::NotSent(why) => {
            tell_unsent(why);
            None
        }
        ReadError::NoAnswer(why) => {
            let status = if let Doubt::Status(status) = why { Some(*status) } else { None };
            tracing::info!(status, "the exchange gave no usable answer whether a key works");
            None
        }
    };
    Trouble { fault: KeyFault::NoAnswer, words }
}

fn tell_unsent(why: &NotSent) {
    match why {
        // For how many: see what is said of the address.
        NotSent::Stopped | NotSent::NoTurn => {
            tracing::debug!(%why, "the exchange may not be asked whether a key works");
        }
        why => tracing::info!(%why, "the exchange was not asked whether a key works"),
    }
}

const fn is_about_the_key(error: &VenueError) -> bool {
    matches!(error.class, ErrorClass::Key | ErrorClass::Signature)
}

fn fault(error: &VenueError) -> KeyFault {
    match (error.class, error.code) {
        (ErrorClass::Signature, _) => KeyFault::WrongSecret,
        (_, 100_413) => KeyFault::WrongKey,
        (_, 100_419) => KeyFault::IpNotAllowed,
        (_, 100_004) => KeyFault::NotPermitted,
        _ if error.message.to_ascii_lowercase().contains("ip whitelist") => KeyFault::IpNotAllowed,
        _ => KeyFault::Restricted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(permissions: &str) -> KeyInfo {
        serde_json::from_str(&format!(r#"{{"permissions":{permissions},"ipAddresses":[]}}"#)).unwrap()
    }

    #[test]
    fn n56_a_key_that_withdraws_is_not_taken_whatever_else_it_may() {
        let judged = |text| account_type(&info(text)).map_err(|trouble| trouble.fault);

        assert_eq!(judged("[1,2,3,5]"), Err(KeyFault::WithdrawPermission));
        assert_eq!(judged("[3]"), Err(KeyFault::NoReadPermission));
        assert_eq!(judged("[2]"), Err(KeyFault::NoTradePermission));
        assert_eq!(judged("[1,2]"), Ok(ExchangeAccountType::Spot));
        assert_eq!(judged("[2,3]"), Ok(ExchangeAccountType::Perpetual));
        assert_eq!(
            permissions(&info("[1,2,3,7]")),
            [KeyPermission::Read, KeyPermission::Perpetual, KeyPermission::Spot, KeyPermission::Transfer]
        );
    }

    #[test]
    fn only_what_is_about_the_key_decides_about_it() {
        let of = |code, text: &str| trouble(&ReadError::Refused(VenueError::new(code, text))).fault;

        assert_eq!(of(100_413, "Incorrect apiKey"), KeyFault::WrongKey);
        assert_eq!(of(100_001, "signature mismatch"), KeyFault::WrongSecret);
        assert_eq!(of(100_419, "IP does not match IP whitelist"), KeyFault::IpNotAllowed);
        assert_eq!(of(100_004, "no permission"), KeyFault::NotPermitted);
        assert_eq!(of(101_484, "region"), KeyFault::Restricted);
        for code in [100_410, 100_500, 100_421, 999_999] {
            assert_eq!(of(code, ""), KeyFault::NoAnswer, "{code}");
        }
        assert_eq!(trouble(&ReadError::NoAnswer(Doubt::Status(504))), Trouble::of(KeyFault::NoAnswer));
    }

    #[test]
    fn n51_words_of_the_exchange_do_not_repeat_a_key() {
        let secret = ExchangeSecret {
            environment: ExchangeEnvironment::Demo,
            api_key: "canaryapikey".into(),
            api_secret: "canaryapisecret".into(),
        };
        let words = Some("canaryapikey is wrong, canaryapisecret as well".to_owned());

        let trouble = Trouble { fault: KeyFault::WrongKey, words }.without(&secret);

        assert_eq!(trouble.words.as_deref(), Some("[key] is wrong, [secret] as well"));
    }
}
