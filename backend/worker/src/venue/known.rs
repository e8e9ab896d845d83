//! What is known of contracts and accounts without asking for it, or without waiting long: for what closes or guards.

use std::sync::Arc;
use std::time::Duration;

use flotilla_domain::exchange_key::ExchangePositionMode;
use flotilla_domain::venue::VenueContract;
use flotilla_exchange::bingx::contract::Contract;
use flotilla_exchange::bingx::id::Symbol;
use flotilla_exchange::bingx::model::PositionMode;
use flotilla_store::{exchange_key_work, venue_contracts};
use tokio::time::timeout;

use super::desk::Served;
use super::pace::word;
use super::sessions;
use crate::gateway::Gateway;

/// How long a close waits for the account's mode, where one was proven before.
const MODE_WITHIN: Duration = Duration::from_secs(3);

/// A contract as this process has read it, or as it was written down; only where nobody knows it the list is read.
///
/// One address reads the list for all accounts: what closes does not depend on that one.
pub(super) async fn contract(gateway: &Gateway, served: &Served, symbol: &Symbol) -> Option<Arc<Contract>> {
    let venues = gateway.venues.as_ref()?;
    let environment = served.api.environment();
    if let Some(known) = venues.bingx.known_contract(environment, symbol) {
        return Some(known);
    }
    let host = word(environment);
    let written = gateway.db.open(async |tx| venue_contracts::get(tx, host, symbol.as_str()).await).await;
    match written {
        Ok(written) => Some(Arc::new(as_read(symbol, &written))),
        Err(_) => venues.bingx.contract(environment, served.api.egress(), symbol).await.ok()?,
    }
}

/// What was written down of a contract, as far as it matters for what closes.
fn as_read(symbol: &Symbol, written: &VenueContract) -> Contract {
    Contract {
        symbol: symbol.clone(),
        quantity_precision: written.quantity_precision,
        price_precision: written.price_precision,
        trade_min_quantity: written.min_quantity,
        trade_min_usdt: written.min_notional,
        taker_fee_rate: written.taker_fee_rate,
        maker_fee_rate: None,
        max_long_leverage: written.max_long_leverage,
        max_short_leverage: written.max_short_leverage,
        currency: written.quote.clone(),
        asset: written.base.clone(),
        status: written.is_open.then_some(1),
        api_state_open: Some(written.is_open),
        // That it took none may be long over, and nobody would be told: the exchange says so itself.
        api_state_close: None,
    }
}

/// The account's mode, or the one that was proven with its key where it cannot be read now. Should that be another one
/// by now, the exchange refuses the order, and it is read before the next.
pub(super) async fn mode(gateway: &Gateway, served: &Served) -> Option<PositionMode> {
    if let Ok(Ok(mode)) = timeout(MODE_WITHIN, sessions::mode(gateway, served)).await {
        return Some(mode);
    }
    let account = served.account_id;
    let key = gateway.db.open(async |tx| exchange_key_work::find(tx, account).await).await;
    let proven = key.ok().flatten()?.position_mode?;
    Some(match proven {
        ExchangePositionMode::OneWay => PositionMode::OneWay,
        ExchangePositionMode::Hedge => PositionMode::Hedge,
    })
}
