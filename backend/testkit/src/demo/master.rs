//! The demo master: opens and closes trades, and reports prices and figures.

use std::net::SocketAddr;
use std::time::Duration;

use flotilla_domain::side::Side;
use rand::RngExt;
use rand::rngs::StdRng;
use rust_decimal::Decimal;
use tokio::time::sleep;

use crate::broker::{Broker, Position};
use crate::ea_v7::{Wire, account_line};
use crate::market::SYMBOLS;

/// Most positions the master holds at once.
const MOST_OPEN: usize = 4;
/// Chance in percent that a second brings an order.
const CHANCE_TO_OPEN: u32 = 30;
const CHANCE_TO_CLOSE: u32 = 20;

/// Trades for ever; connects again when the link is lost.
pub async fn trade(gateway: SocketAddr, api_key: &str, broker: Broker, mut dice: StdRng) {
    loop {
        // The link may be lost at any word; then everything begins anew.
        let _ = session(gateway, api_key, &broker, &mut dice).await;
        sleep(Duration::from_secs(1)).await;
    }
}

async fn session(
    gateway: SocketAddr,
    api_key: &str,
    broker: &Broker,
    dice: &mut StdRng,
) -> std::io::Result<()> {
    let mut wire = Wire::connect(gateway).await?;
    wire.send(&format!("AUTH:{api_key}")).await?;
    let mut second = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            line = wire.read() => if line.is_none() { return Ok(()) },
            _ = second.tick() => act(&mut wire, broker, dice).await?,
        }
    }
}

async fn act(wire: &mut Wire, broker: &Broker, dice: &mut StdRng) -> std::io::Result<()> {
    broker.market().step(dice);
    let symbol = SYMBOLS.first().copied().unwrap_or_default();
    let (bid, ask) = broker.market().quote(symbol);
    wire.send(&format!("CMD_PRICE|{symbol}|{bid}|{ask}")).await?;
    wire.send(&account_line(broker)).await?;
    let open = broker.positions();
    if open.len() < MOST_OPEN && dice.random_range(0..100) < CHANCE_TO_OPEN {
        return enter(wire, broker, dice).await;
    }
    let oldest = open.keys().next().copied();
    if let Some(ticket) = oldest.filter(|_| open.len() > 1 && dice.random_range(0..100) < CHANCE_TO_CLOSE) {
        return leave(wire, broker, ticket).await;
    }
    Ok(())
}

async fn enter(wire: &mut Wire, broker: &Broker, dice: &mut StdRng) -> std::io::Result<()> {
    let symbol = SYMBOLS.get(dice.random_range(0..SYMBOLS.len())).copied().unwrap_or_default();
    let side = if dice.random_bool(0.5) { Side::Buy } else { Side::Sell };
    let lots = Decimal::new(dice.random_range(5..=30), 2);
    let price = broker.market().entry(symbol, side);
    let reach = (price * Decimal::new(5, 3)).round_dp(price.scale());
    let (stop, target) =
        if side == Side::Buy { (price - reach, price + reach) } else { (price + reach, price - reach) };
    let ticket = broker.open(Position { symbol: symbol.to_owned(), side, lots, master_ticket: None });
    wire.send(&format!("SIGNAL_OPEN|{side}|{symbol}|{price}|{lots:.2}|{stop}|{target}|{ticket}")).await
}

async fn leave(wire: &mut Wire, broker: &Broker, ticket: i64) -> std::io::Result<()> {
    let Some(symbol) = broker.positions().get(&ticket).map(|position| position.symbol.clone()) else {
        return Ok(());
    };
    let Some(closed) = broker.close(ticket) else { return Ok(()) };
    wire.send(&format!("SIGNAL_CLOSE|{symbol}|{ticket}|{:.5}|{:.2}", closed.price, closed.profit)).await
}
