//! A follower's EA that runs by itself.

use std::net::SocketAddr;
use std::time::Duration;

use rust_decimal::Decimal;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::follower::OpenCommand;
use super::wire::Wire;
use crate::broker::{Broker, Position};

const NEVER: Duration = Duration::from_hours(1);

/// The `ACCOUNT` line of a broker's account: 100 USD of margin a position, leverage 100.
#[must_use]
pub fn account_line(broker: &Broker) -> String {
    let (balance, equity) = broker.balance_and_equity();
    let margin = Decimal::from(broker.positions().len()) * Decimal::ONE_HUNDRED;
    format!("ACCOUNT|{balance:.2}|{equity:.2}|{margin:.2}|{:.2}|USD|100", equity - margin)
}

/// How a follower behaves.
#[derive(Debug, Clone)]
pub struct Manners {
    /// Time its broker takes for one order.
    pub order_takes: Duration,
    /// Pause between two attempts to connect; 3 s in the field.
    pub reconnect_after: Duration,
    /// Which opens it refuses.
    pub refusal: Refusal,
    /// Executes and never acknowledges: what a lost ack looks like from here.
    pub is_mute: bool,
    /// Pause between two `ACCOUNT` lines; a v7 EA sends none.
    pub reports_every: Option<Duration>,
    /// A 7.0 MT5 build: says `ACK_CLOSE_SO` after every close, ordered ones too.
    pub says_so_after_close: bool,
}

/// Which opens a follower refuses.
#[derive(Debug, Clone)]
pub enum Refusal {
    /// None.
    Never,
    /// Every n-th, in these words.
    EveryNth(usize, String),
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            order_takes: Duration::ZERO,
            reconnect_after: Duration::from_millis(50),
            refusal: Refusal::Never,
            is_mute: false,
            reports_every: None,
            says_so_after_close: false,
        }
    }
}

/// A follower in a task of its own; it ends when this value is dropped.
#[derive(Debug)]
pub struct AutoFollower {
    /// What it did, by the broker's books.
    pub broker: Broker,
    task: JoinHandle<()>,
}

impl AutoFollower {
    /// Starts a follower that connects, subscribes and obeys, again and again.
    #[must_use]
    pub fn start(
        gateway: SocketAddr,
        api_key: &str,
        master_token: &str,
        broker: Broker,
        manners: Manners,
    ) -> Self {
        let follower = Follower {
            gateway,
            api_key: api_key.to_owned(),
            master_token: master_token.to_owned(),
            broker: broker.clone(),
            manners,
            orders: 0,
        };
        Self { broker, task: tokio::spawn(follower.run()) }
    }
}

impl Drop for AutoFollower {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Follower {
    gateway: SocketAddr,
    api_key: String,
    master_token: String,
    broker: Broker,
    manners: Manners,
    orders: usize,
}

impl Follower {
    async fn run(mut self) {
        loop {
            // The link may be lost at any word; then everything begins anew.
            let _ = self.session().await;
            sleep(self.manners.reconnect_after).await;
        }
    }

    async fn session(&mut self) -> std::io::Result<()> {
        let mut wire = Wire::connect(self.gateway).await?;
        wire.send(&format!("AUTH:{}", self.api_key)).await?;
        let mut ping = tokio::time::interval(Duration::from_secs(5));
        let mut report = tokio::time::interval(self.manners.reports_every.unwrap_or(NEVER));
        loop {
            tokio::select! {
                line = wire.read() => match line {
                    Some(line) => self.obey(&mut wire, &line).await?,
                    None => return Ok(()),
                },
                _ = ping.tick() => wire.send("PING").await?,
                _ = report.tick(), if self.manners.reports_every.is_some() => {
                    wire.send(&account_line(&self.broker)).await?;
                }
            }
        }
    }

    /// Words are looked for anywhere in a line, before it is split: so do the real EAs.
    async fn obey(&mut self, wire: &mut Wire, line: &str) -> std::io::Result<()> {
        if line.contains("AUTH_OK") {
            return wire.send(&format!("SUBSCRIBE:{}", self.master_token)).await;
        }
        if line.contains("SUBSCRIBE_OK") {
            return wire.send("CHECK_STATUS").await;
        }
        if let Some(command) = OpenCommand::read(line) {
            return self.open(wire, command).await;
        }
        if let Some(rest) = line.strip_prefix("CMD_CLOSE|") {
            return self.close(wire, rest).await;
        }
        Ok(())
    }

    async fn open(&mut self, wire: &mut Wire, command: OpenCommand) -> std::io::Result<()> {
        sleep(self.manners.order_takes).await;
        self.orders += 1;
        if let Refusal::EveryNth(n, reason) = &self.manners.refusal
            && self.orders.is_multiple_of(*n)
        {
            return wire.send(&format!("ACK_OPEN_FAIL|{}|{reason}", command.master_ticket)).await;
        }
        let OpenCommand { side, symbol, lots, master_ticket, .. } = command;
        // Anything but BUY is a SELL to the real ones.
        let side = side.parse().unwrap_or(flotilla_domain::side::Side::Sell);
        let Ok(volume) = lots.parse() else { return Ok(()) };
        let contract_size = self.broker.market().contract_size(&symbol);
        let position =
            Position { symbol: symbol.clone(), side, lots: volume, master_ticket: Some(master_ticket) };
        let ticket = self.broker.open(position);
        if self.manners.is_mute {
            return Ok(());
        }
        wire.send(&format!("ACK_OPEN|{master_ticket}|{ticket}|{lots}|{side}")).await?;
        wire.send(&format!("CMD_INIT_SYMBOL|{symbol}|{contract_size:.2}|2")).await
    }

    async fn close(&mut self, wire: &mut Wire, fields: &str) -> std::io::Result<()> {
        sleep(self.manners.order_takes).await;
        let fields: Vec<_> = fields.split('|').collect();
        let &[_, ticket, master_ticket, ..] = fields.as_slice() else { return Ok(()) };
        let Some(closed) = ticket.parse().ok().and_then(|ticket| self.broker.close(ticket)) else {
            // The real ones write this into their journal only.
            return Ok(());
        };
        let result = format!("{:.5}|{:.2}", closed.price, closed.profit);
        if self.manners.is_mute {
            return Ok(());
        }
        wire.send(&format!("ACK_CLOSE|{master_ticket}|{result}")).await?;
        if self.manners.says_so_after_close {
            wire.send(&format!("ACK_CLOSE_SO|{ticket}|{result}")).await?;
        }
        Ok(())
    }
}
