//! Leverage, set at the exchange because its owner said so.

use std::collections::BTreeSet;
use std::time::Duration;

use flotilla_domain::exchange_key::{ExchangeAccountType, KeyStatus};
use flotilla_exchange::bingx::LeverageSide;
use flotilla_exchange::bingx::client::{Account, Turn};
use flotilla_exchange::bingx::error::{ErrorClass, VenueError};
use flotilla_exchange::bingx::id::Symbol;
use flotilla_exchange::bingx::model::{Leverage, PositionMode};
use flotilla_exchange::limits::Priority;
use flotilla_exchange::outcome::{Outcome, ReadError};
use flotilla_store::StoreResult;
use flotilla_store::exchange_key_work::{self as work, StoredKey};
use flotilla_store::key_requests::{self, TakenTask};
use rust_decimal::Decimal;
use serde_json::json;

use super::{connect, outcome, unseal};
use crate::gateway::Gateway;
use crate::venue::Venues;

const TURN: Duration = Duration::from_secs(20);
/// Asked where the account uses no contract yet, so that the exchange at least says whether it takes the leverage.
const EXAMPLE: &str = "BTC-USDT";

/// Sets it for every contract that the account holds or its owner has mapped, and tells which the exchange refused.
pub(super) async fn set(
    gateway: &Gateway,
    venues: &Venues,
    task: &TakenTask,
    leverage: i32,
) -> StoreResult<()> {
    let account = task.account_id;
    let key = gateway.db.open(async |tx| work::find(tx, account).await).await?;
    let key = key.filter(|key| key.owner_id == task.owner_id);
    let Some(key) = key else { return outcome::superseded(gateway, task).await };
    let opened = match key.sealed.as_deref().filter(|_| is_usable(&key)) {
        Some(sealed) => unseal(venues, &key, sealed).ok().map(|secret| connect(venues, &key, secret)),
        None => None,
    };
    let Some(opened) = opened else {
        return finish(gateway, &key, task, Report::failed("the key does not work")).await;
    };
    let mapped = gateway.db.open(async |tx| work::list_mapped_contracts(tx, account).await).await?;
    let report = match set_all(&opened, &mapped, leverage).await {
        Ok(report) => report,
        Err(error) => Report::failed(&error.to_string()),
    };
    finish(gateway, &key, task, Report { leverage, ..report }).await
}

fn is_usable(key: &StoredKey) -> bool {
    key.status == KeyStatus::Verified && key.account_type == Some(ExchangeAccountType::Perpetual)
}

/// What the exchange said, by contract.
#[derive(Default)]
struct Report {
    leverage: i32,
    set: Vec<String>,
    refused: Vec<(String, String)>,
    /// Whether one was really refused: all else may be otherwise a little later.
    is_refused: bool,
}

impl Report {
    fn failed(words: &str) -> Self {
        Self { refused: vec![(String::new(), words.to_owned())], ..Self::default() }
    }
}

async fn set_all(account: &Account, mapped: &[String], leverage: i32) -> Result<Report, ReadError> {
    let mode = account.position_mode(turn()).await?;
    let held = account.positions(None, turn()).await?;
    let mut symbols: BTreeSet<Symbol> = held.into_iter().map(|position| position.symbol).collect();
    symbols.extend(mapped.iter().filter_map(|name| Symbol::new(name).ok()));
    if symbols.is_empty() {
        symbols.extend(Symbol::new(EXAMPLE).ok());
    }
    let sides: &[LeverageSide] = match mode {
        PositionMode::OneWay => &[LeverageSide::Both],
        PositionMode::Hedge => &[LeverageSide::Long, LeverageSide::Short],
    };
    let mut report = Report::default();
    for symbol in symbols {
        match set_sides(account, &symbol, sides, leverage).await {
            Ok(()) => report.set.push(symbol.to_string()),
            Err(why) => {
                report.is_refused |= matches!(why, Unset::Refused(_));
                report.refused.push((symbol.to_string(), why.to_string()));
            }
        }
    }
    Ok(report)
}

/// Why leverage is not set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::venue) enum Unset {
    /// The exchange does not take it.
    #[error("{0}")]
    Refused(String),
    /// Nothing is known but that it could not be done now.
    #[error("{0}")]
    NotNow(String),
}

impl Unset {
    fn refused(error: &VenueError) -> Self {
        let passes = matches!(
            error.class,
            ErrorClass::Rate | ErrorClass::Clock | ErrorClass::Busy | ErrorClass::PositionMode
        );
        if passes { Self::NotNow(error.to_string()) } else { Self::Refused(error.to_string()) }
    }
}

/// Sets it for sides of a contract.
pub(in crate::venue) async fn set_sides(
    account: &Account,
    symbol: &Symbol,
    sides: &[LeverageSide],
    leverage: i32,
) -> Result<(), Unset> {
    let wanted = u32::try_from(leverage).map_err(|error| Unset::Refused(error.to_string()))?;
    for side in sides {
        match account.set_leverage(symbol, *side, wanted, turn()).await {
            Outcome::Accepted(_) => {}
            Outcome::Refused(error) => return Err(Unset::refused(&error)),
            Outcome::NotSent(why) => return Err(Unset::NotNow(why.to_string())),
            // It may be set: the exchange knows.
            Outcome::Unknown(why) => {
                let now = account.leverage(symbol, turn()).await;
                let now = now.map_err(|error| Unset::NotNow(error.to_string()))?;
                if !is_set(&now, *side, Decimal::from(leverage)) {
                    return Err(Unset::NotNow(why.to_string()));
                }
            }
        }
    }
    Ok(())
}

/// Whether a side has it.
pub(in crate::venue) fn is_set(now: &Leverage, side: LeverageSide, wanted: Decimal) -> bool {
    match side {
        LeverageSide::Both => now.long == wanted && now.short == wanted,
        LeverageSide::Long => now.long == wanted,
        LeverageSide::Short => now.short == wanted,
    }
}

fn turn() -> Turn {
    Turn::within(Priority::Account, TURN)
}

async fn finish(gateway: &Gateway, key: &StoredKey, task: &TakenTask, report: Report) -> StoreResult<()> {
    let account = key.account_id;
    let refused: Vec<_> =
        report.refused.iter().map(|(symbol, words)| json!({ "symbol": symbol, "words": words })).collect();
    let detail = json!({ "set": report.set, "refused": refused });
    let words = report.refused.first().map(|(_, words)| words.as_str());
    let (code, failed) =
        if report.is_refused { ("refused", "leverage_refused") } else { ("failed", "leverage_failed") };
    let failure = report.set.is_empty().then_some((code, words));
    gateway
        .db
        .open(async |tx| {
            if failure.is_none() {
                work::save_leverage(tx, account, report.leverage).await?;
            }
            key_requests::finish(tx, task.id, failure, &detail).await?;
            let action = if failure.is_none() { "leverage_set" } else { failed };
            let detail = json!({ "leverage": report.leverage, "contracts": detail, "request_id": task.id });
            outcome::record(tx, (key.owner_id, account), task.actor_id, (action, detail)).await
        })
        .await?;
    outcome::tell(gateway, key, Some(task), &[]);
    Ok(())
}
