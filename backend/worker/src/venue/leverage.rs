//! The leverage that an owner has set, in contracts that come later.

use std::time::Duration;

use flotilla_domain::copy::coins::Unfit;
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_exchange::bingx::LeverageSide;
use flotilla_exchange::bingx::client::Turn;
use flotilla_exchange::bingx::contract::Contract;
use flotilla_exchange::bingx::event::ConfigEvent;
use flotilla_exchange::bingx::id::Symbol;
use flotilla_exchange::bingx::model::PositionMode;
use flotilla_exchange::limits::Priority;
use flotilla_store::{StoreResult, Tx};
use rust_decimal::Decimal;
use serde_json::json;

use super::desk::Served;
use super::keys::leverage::{Unset, is_set, set_sides};
use super::keys::outcome::record;
use crate::gateway::Gateway;

const TURN: Duration = Duration::from_secs(10);

/// Sees that a contract has the leverage that the account's owner has set, before the first order in it.
///
/// Reads it first, and changes nothing where the owner set none or it is so already.
pub(super) async fn ensure(
    gateway: &Gateway,
    served: &Served,
    contract: &Contract,
    mode: PositionMode,
) -> Result<(), Unfit> {
    let symbol = &contract.symbol;
    let Some(wanted) = served.leverage() else { return Ok(()) };
    // A contract that allows less has its own limit.
    let limits = [contract.max_long_leverage, contract.max_short_leverage];
    let limits = limits.into_iter().flatten().filter_map(|limit| i32::try_from(limit).ok());
    let wanted = limits.filter(|limit| *limit > 0).fold(wanted, i32::min);
    // One order at a time: the others of this account find it done.
    let mut known = served.leveraged.lock().await;
    let (all, some) = served.take_leverage_doubts();
    known.retain(|symbol, _| !all && !some.contains(symbol));
    if known.get(symbol) == Some(&wanted) {
        return Ok(());
    }
    let turn = Turn::within(Priority::Open, TURN);
    let now = served.api.leverage(symbol, turn).await;
    let now = now.map_err(|error| Unfit { reason: ReasonCode::Reconciling, words: error.to_string() })?;
    let all: &[LeverageSide] = match mode {
        PositionMode::OneWay => &[LeverageSide::Both],
        PositionMode::Hedge => &[LeverageSide::Long, LeverageSide::Short],
    };
    let others: Vec<LeverageSide> =
        all.iter().copied().filter(|side| !is_set(&now, *side, Decimal::from(wanted))).collect();
    if !others.is_empty() {
        let set = set_sides(&served.api, symbol, &others, wanted).await;
        let refused = match &set {
            Ok(()) => None,
            Err(Unset::Refused(words)) => Some(words),
            // What passes is tried again while the copy is fresh, and by the mode that there is then.
            Err(Unset::NotNow(words)) => {
                served.set_mode(None);
                return Err(Unfit { reason: ReasonCode::Reconciling, words: words.clone() });
            }
        };
        if let Err(error) = note(gateway, served, (symbol, wanted), refused).await {
            tracing::warn!(%error, account.id = %served.account_id, "that leverage was set is not in the audit trail");
        }
        set.map_err(|refused| Unfit { reason: ReasonCode::Leverage, words: refused.to_string() })?;
    }
    known.insert(symbol.clone(), wanted);
    Ok(())
}

/// Hears what leverage a contract has. Where that is not the owner's, it was changed in the exchange's own app, and is
/// looked at before the next order in it.
pub(super) fn hear(served: &Served, event: &ConfigEvent) {
    let Some(wanted) = served.leverage().map(Decimal::from) else { return };
    if event.long_leverage != wanted || event.short_leverage != wanted {
        served.doubt_leverage(Some(&event.symbol));
    }
}

async fn note(
    gateway: &Gateway,
    served: &Served,
    (symbol, leverage): (&Symbol, i32),
    refused: Option<&String>,
) -> StoreResult<()> {
    let whose = (served.owner_id, served.account_id);
    let action = if refused.is_none() { "leverage_set" } else { "leverage_refused" };
    let detail = json!({ "leverage": leverage, "contract": symbol.as_str(), "words": refused });
    gateway.db.open(async |tx: &mut Tx| record(tx, whose, None, (action, detail.clone())).await).await
}
