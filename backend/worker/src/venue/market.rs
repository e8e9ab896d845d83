//! Contracts and last prices, read once for all tenants.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use flotilla_domain::venue::{VenueContract, VenueEnvironment};
use flotilla_exchange::bingx::contract::Contract;
use flotilla_exchange::bingx::id::Symbol;
use flotilla_exchange::outcome::ReadError;
use flotilla_store::{StoreError, StoreResult, Tx, venue_contracts};
use rust_decimal::Decimal;
use tokio::time::{Instant, MissedTickBehavior};

use super::Venues;
use crate::gateway::Gateway;

/// While nobody trades at an exchange, prices are read once in so many rounds.
const IDLE_ROUNDS: u32 = 12;
/// Contracts that are written in one statement.
const CHUNK: usize = 1_000;

/// Last prices, as this process read them.
#[derive(Debug, Default)]
pub(crate) struct Prices {
    known: RwLock<HashMap<(VenueEnvironment, Symbol), Seen>>,
}

/// A last price and when it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    pub price: Decimal,
    pub at: Instant,
}

impl Prices {
    /// The last price of a contract; its age is for the caller to judge.
    pub fn get(&self, environment: VenueEnvironment, symbol: &Symbol) -> Option<Seen> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&(environment, symbol.clone())).copied()
    }

    /// Takes a price over that was asked for at `at`.
    pub fn learn(&self, environment: VenueEnvironment, prices: &[(Symbol, Decimal)], at: Instant) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.extend(
            prices.iter().map(|(symbol, price)| ((environment, symbol.clone()), Seen { price: *price, at })),
        );
    }
}

/// Why one look failed.
#[derive(Debug, thiserror::Error)]
enum LookError {
    #[error("the exchange: {0}")]
    Exchange(#[from] ReadError),
    #[error("the database: {0}")]
    Store(#[from] StoreError),
}

/// What one host was found to list.
#[derive(Debug)]
struct Host {
    environment: VenueEnvironment,
    /// The list that is in the database.
    stored: u64,
    is_failing: bool,
}

/// Reads until the worker drains.
pub(crate) async fn run(gateway: Arc<Gateway>) {
    let Some(venues) = &gateway.venues else { return };
    let mut hosts: Vec<Host> = VenueEnvironment::ALL
        .iter()
        .map(|environment| Host { environment: *environment, stored: 0, is_failing: false })
        .collect();
    let mut ticks = tokio::time::interval(venues.config.timing.prices);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut round: u32 = 0;
    loop {
        tokio::select! {
            () = gateway.draining.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let is_due = round.is_multiple_of(IDLE_ROUNDS) || are_wanted(&gateway).await;
        round = round.wrapping_add(1);
        if !is_due {
            continue;
        }
        for host in &mut hosts {
            tokio::select! {
                () = gateway.draining.cancelled() => return,
                looked = look(&gateway, venues, host) => host.report(looked),
            }
        }
    }
}

async fn are_wanted(gateway: &Gateway) -> bool {
    gateway.db.open(venue_contracts::are_wanted).await.unwrap_or(true)
}

async fn look(gateway: &Gateway, venues: &Venues, host: &mut Host) -> Result<(), LookError> {
    let environment = host.environment;
    let contracts = venues.bingx.contracts(environment.into(), venues.market_egress()).await?;
    let reading = contracts.reading();
    if reading != host.stored {
        let listed: Vec<VenueContract> =
            contracts.all().iter().map(|contract| listed(environment, contract)).collect();
        gateway.db.open(async |tx| venue_contracts::replace(tx, environment, &listed).await).await?;
        host.stored = reading;
    }
    let asked_at = Instant::now();
    let marks = venues.bingx.mark_prices(environment.into(), venues.market_egress()).await?;
    venues.marks.learn(environment, &marks, asked_at);
    let asked_at = Instant::now();
    let prices = venues.bingx.last_prices(environment.into(), venues.market_egress()).await?;
    venues.prices.learn(environment, &prices, asked_at);
    save(gateway, environment, &prices, asked_at).await?;
    Ok(())
}

async fn save(
    gateway: &Gateway,
    environment: VenueEnvironment,
    prices: &[(Symbol, Decimal)],
    asked_at: Instant,
) -> StoreResult<()> {
    let mut prices: Vec<(String, Decimal)> =
        prices.iter().map(|(symbol, price)| (symbol.as_str().to_owned(), *price)).collect();
    // Always in the same order: two workers lock the rows one after the other.
    prices.sort();
    for chunk in prices.chunks(CHUNK) {
        let age_ms = i64::try_from(asked_at.elapsed().as_millis()).unwrap_or(i64::MAX);
        let write = async |tx: &mut Tx| venue_contracts::save_prices(tx, environment, chunk, age_ms).await;
        gateway.db.open(write).await?;
    }
    Ok(())
}

impl Host {
    /// Says once that something is wrong, and once that it is over.
    fn report(&mut self, looked: Result<(), LookError>) {
        let environment = self.environment.as_str();
        match looked {
            Ok(()) if self.is_failing => {
                self.is_failing = false;
                tracing::info!(environment, "contracts and prices are read again");
            }
            Ok(()) => {}
            Err(error) if self.is_failing => {
                tracing::debug!(%error, environment, "contracts and prices cannot be read");
            }
            Err(error) => {
                self.is_failing = true;
                tracing::warn!(%error, environment, "contracts and prices cannot be read; they grow old");
            }
        }
    }
}

/// As the rest of Flotilla knows it.
pub(crate) fn listed(environment: VenueEnvironment, contract: &Contract) -> VenueContract {
    let (base, quote) = contract.symbol.as_str().split_once('-').unwrap_or((contract.symbol.as_str(), ""));
    let or = |text: &str, other: &str| if text.is_empty() { other.to_owned() } else { text.to_owned() };
    VenueContract {
        environment,
        symbol: contract.symbol.as_str().to_owned(),
        base: or(&contract.asset, base),
        quote: or(&contract.currency, quote),
        quantity_precision: contract.quantity_precision,
        price_precision: contract.price_precision,
        min_quantity: contract.trade_min_quantity,
        min_notional: contract.trade_min_usdt,
        max_long_leverage: contract.max_long_leverage,
        max_short_leverage: contract.max_short_leverage,
        taker_fee_rate: contract.taker_fee_rate,
        is_open: contract.may_open(),
        may_close: contract.may_close(),
        last_price: None,
    }
}
