//! The demo master: opens and closes trades, and reports prices and figures.

use std::net::SocketAddr;
use std::time::Duration;

use flotilla_domain::side::Side;
use rand::RngExt;
use rand::rngs::StdRng;
use rust_decimal::Decimal;
use tokio::time::{interval, sleep};

use crate::broker::{Broker, Position};
use crate::ea_v7::{Terminal, Wire, account_line};
use crate::market::SYMBOLS;

/// The symbol whose chart the EA sits on; prices and snapshots are of this one only.
const CHART: &str = "XAUUSD";
/// Most positions the master holds at once.
const MOST_OPEN: usize = 4;
/// Chance in percent that a second brings an order.
const CHANCE_TO_OPEN: u32 = 20;
const CHANCE_TO_CLOSE: u32 = 15;
/// Chance in percent that it trades with the trend: just enough to earn its spreads.
const CHANCE_TO_BE_RIGHT: u32 = 55;
const SECONDS_BETWEEN_REPORTS: u64 = 3;

/// A master's EA together with the trader in front of it.
#[derive(Debug)]
pub struct DemoMaster {
    gateway: SocketAddr,
    api_key: String,
    broker: Broker,
    dice: StdRng,
    seconds: u64,
    /// A signal that could not be sent. It is sent once more after reconnecting, as the real EAs do.
    unsent: Option<String>,
}

impl DemoMaster {
    /// One that will trade at `broker`.
    #[must_use]
    pub fn new(gateway: SocketAddr, api_key: &str, broker: Broker, dice: StdRng) -> Self {
        Self { gateway, api_key: api_key.to_owned(), broker, dice, seconds: 0, unsent: None }
    }

    /// Trades for ever; connects again when the link is lost.
    pub async fn trade(mut self) {
        loop {
            // The link may be lost at any word; then everything begins anew.
            let _ = self.session().await;
            sleep(Duration::from_secs(1)).await;
        }
    }

    async fn session(&mut self) -> std::io::Result<()> {
        let mut wire = Wire::connect(self.gateway).await?;
        wire.send(&format!("AUTH:{}", self.api_key)).await?;
        if let Some(signal) = self.unsent.take() {
            wire.send(&signal).await?;
        }
        let mut second = interval(Duration::from_secs(1));
        let mut may_trade = false;
        loop {
            tokio::select! {
                line = wire.read() => match line {
                    Some(line) if line.contains("AUTH_OK") => {
                        may_trade = true;
                        self.send_snapshot(&mut wire).await?;
                    }
                    Some(_) => {}
                    None => return Ok(()),
                },
                _ = second.tick() => self.pass_second(&mut wire, may_trade).await?,
            }
        }
    }

    async fn send_snapshot(&self, wire: &mut Wire) -> std::io::Result<()> {
        let positions = self.broker.positions();
        let on_chart = positions.iter().filter(|(_, position)| position.symbol == CHART);
        let tickets: Vec<_> = on_chart.map(|(&ticket, _)| ticket).collect();
        wire.send(&format!("MASTER_SNAPSHOT:{}", Terminal::Mt5.ticket_list(&tickets))).await
    }

    /// What happens in a second. Without a server that listens, nobody would see the trades: then none are made.
    async fn pass_second(&mut self, wire: &mut Wire, may_trade: bool) -> std::io::Result<()> {
        self.broker.market().step(&mut self.dice);
        let (bid, ask) = self.broker.market().quote(CHART);
        wire.send(&format!("CMD_PRICE|{CHART}|{bid}|{ask}")).await?;
        if !may_trade {
            return Ok(());
        }
        if self.seconds.is_multiple_of(SECONDS_BETWEEN_REPORTS) {
            wire.send(&account_line(&self.broker)).await?;
        }
        self.seconds += 1;
        let Some(signal) = self.decide() else { return Ok(()) };
        let sent = wire.send(&signal).await;
        if sent.is_err() {
            self.unsent = Some(signal);
        }
        sent
    }

    /// Opens, closes or waits. Begins with an open, so that there is something to see at once.
    fn decide(&mut self) -> Option<String> {
        let open = self.broker.positions();
        let is_flat = open.is_empty();
        if open.len() < MOST_OPEN && (is_flat || self.dice.random_range(0..100) < CHANCE_TO_OPEN) {
            return Some(self.enter());
        }
        let oldest = open.keys().next().copied()?;
        let is_leaving = open.len() > 1 && self.dice.random_range(0..100) < CHANCE_TO_CLOSE;
        if is_leaving { self.leave(oldest) } else { None }
    }

    fn enter(&mut self) -> String {
        let symbol = SYMBOLS.get(self.dice.random_range(0..SYMBOLS.len())).copied().unwrap_or(CHART);
        let is_with_trend = self.dice.random_range(0..100) < CHANCE_TO_BE_RIGHT;
        let side =
            if self.broker.market().is_rising(symbol) == is_with_trend { Side::Buy } else { Side::Sell };
        let lots = Decimal::new(self.dice.random_range(5..=20), 2);
        let price = self.broker.market().entry(symbol, side);
        let reach = (price * Decimal::new(5, 3)).round_dp(price.scale());
        let (stop, target) =
            if side == Side::Buy { (price - reach, price + reach) } else { (price + reach, price - reach) };
        let position = Position { symbol: symbol.to_owned(), side, lots, master_ticket: None };
        let ticket = self.broker.open(position);
        format!("SIGNAL_OPEN|{side}|{symbol}|{price}|{lots:.2}|{stop}|{target}|{ticket}")
    }

    fn leave(&self, ticket: i64) -> Option<String> {
        let symbol = self.broker.positions().remove(&ticket)?.symbol;
        let closed = self.broker.close(ticket)?;
        Some(format!("SIGNAL_CLOSE|{symbol}|{ticket}|{:.5}|{:.2}", closed.price, closed.profit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::{Market, dice};

    #[test]
    fn a_day_of_trading_neither_ruins_the_account_nor_makes_a_fortune() {
        for seed in [1, 7] {
            let broker = Broker::at(Market::open(), 0);
            let gateway = ([127, 0, 0, 1], 1).into();
            let mut master = DemoMaster::new(gateway, "", broker.clone(), dice(seed));
            for _ in 0..86_400 {
                broker.market().step(&mut master.dice);
                master.decide();
            }
            let (balance, _) = broker.balance_and_equity();
            assert!(
                (Decimal::from(7_000)..Decimal::from(15_000)).contains(&balance),
                "{balance} from seed {seed}"
            );
        }
    }
}
