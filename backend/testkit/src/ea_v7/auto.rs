//! A follower's EA that runs by itself.

use std::net::SocketAddr;
use std::time::Duration;

use flotilla_domain::side::Side;
use rust_decimal::Decimal;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::follower::OpenCommand;
use super::manners::{Manners, Refusal};
use super::wire::Wire;
use crate::broker::{Broker, Closed, Position};

const NEVER: Duration = Duration::from_hours(1);

/// The `ACCOUNT` line of a broker's account: 100 USD of margin a position, leverage 100.
#[must_use]
pub fn account_line(broker: &Broker) -> String {
    let (balance, equity) = broker.balance_and_equity();
    let margin = Decimal::from(broker.positions().len()) * Decimal::ONE_HUNDRED;
    format!("ACCOUNT|{balance:.2}|{equity:.2}|{margin:.2}|{:.2}|USD|100", equity - margin)
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
            is_copying: true,
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
    /// Begins true and outlives connections; only `STATUS_…` and `CMD_STOP` change it.
    is_copying: bool,
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
                    Some(line) => self.hear(&mut wire, &line).await?,
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
    async fn hear(&mut self, wire: &mut Wire, line: &str) -> std::io::Result<()> {
        if line.contains("AUTH_OK") {
            return wire.send(&format!("SUBSCRIBE:{}", self.master_token)).await;
        }
        if line.contains("SUBSCRIBE_OK") {
            return self.subscribed(wire).await;
        }
        if line.contains("SNAPSHOT_OK") {
            return Ok(());
        }
        self.obey(wire, line).await
    }

    async fn subscribed(&self, wire: &mut Wire) -> std::io::Result<()> {
        if self.manners.sends_snapshots {
            let tickets: Vec<_> = self.broker.positions().into_keys().collect();
            wire.send(&format!("SLAVE_SNAPSHOT:{}", self.manners.terminal.ticket_list(&tickets))).await?;
        }
        wire.send("CHECK_STATUS").await
    }

    /// Extra fields at the end are ignored, a missing one drops the line.
    async fn obey(&mut self, wire: &mut Wire, line: &str) -> std::io::Result<()> {
        if let Some(command) = OpenCommand::read(line) {
            return self.open(wire, command).await;
        }
        match line.split('|').collect::<Vec<_>>().as_slice() {
            ["STATUS_ACTIVE"] => self.is_copying = true,
            ["STATUS_INACTIVE"] => self.is_copying = false,
            ["CMD_CLOSE", _, ticket, master_ticket, ..] => {
                return self.close(wire, ticket, master_ticket).await;
            }
            ["CMD_SYNC_CLOSE", ticket, ..] => return self.sync_close(wire, ticket.parse().ok()).await,
            ["CMD_STOP", ..] => return self.stop(wire).await,
            // `CMD_CLOSE_ALL` too: only masters know it.
            _ => {}
        }
        Ok(())
    }

    /// There is no guard against a second order for the same ticket, as in real life.
    async fn open(&mut self, wire: &mut Wire, command: OpenCommand) -> std::io::Result<()> {
        if !self.is_copying {
            return Ok(());
        }
        sleep(self.manners.order_takes).await;
        self.orders += 1;
        let OpenCommand { side, symbol, lots, master_ticket, .. } = command;
        match &self.manners.refusal {
            Refusal::EveryNth(n, phrase) if self.orders.is_multiple_of(*n) => {
                let reason = self.manners.terminal.open_refusal(phrase);
                return wire.send(&format!("ACK_OPEN_FAIL|{master_ticket}|{reason}")).await;
            }
            Refusal::Silently => return Ok(()),
            Refusal::Never | Refusal::EveryNth(..) => {}
        }
        // Anything but BUY is a SELL to the real ones.
        let side = side.parse().unwrap_or(Side::Sell);
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

    /// Obeyed while copying is off, too.
    async fn close(&self, wire: &mut Wire, ticket: &str, master_ticket: &str) -> std::io::Result<()> {
        sleep(self.manners.order_takes).await;
        if let Some(reason) = &self.manners.close_refusal {
            return wire.send(&format!("ACK_CLOSE_FAIL|{master_ticket}|{reason}")).await;
        }
        let Some(closed) = ticket.parse().ok().and_then(|ticket| self.broker.close(ticket)) else {
            // The real ones write this into their journal only.
            return Ok(());
        };
        if self.manners.is_mute {
            return Ok(());
        }
        wire.send(&format!("ACK_CLOSE|{master_ticket}|{}", result(&closed))).await?;
        if self.manners.says_so_after_close {
            wire.send(&format!("ACK_CLOSE_SO|{ticket}|{}", result(&closed))).await?;
        }
        Ok(())
    }

    async fn sync_close(&self, wire: &mut Wire, ticket: Option<i64>) -> std::io::Result<()> {
        let Some((ticket, closed)) = ticket.and_then(|ticket| Some((ticket, self.broker.close(ticket)?)))
        else {
            return Ok(());
        };
        let tells = self.manners.terminal.tells_own_closes() || self.manners.says_so_after_close;
        if tells && !self.manners.is_mute {
            wire.send(&format!("ACK_CLOSE_SO|{ticket}|{}", result(&closed))).await?;
        }
        Ok(())
    }

    async fn stop(&mut self, wire: &mut Wire) -> std::io::Result<()> {
        self.is_copying = false;
        for ticket in self.broker.positions().into_keys() {
            self.sync_close(wire, Some(ticket)).await?;
        }
        Ok(())
    }
}

/// Price and profit as EAs print them: five and two decimals, whatever the symbol.
fn result(closed: &Closed) -> String {
    format!("{:.5}|{:.2}", closed.price, closed.profit)
}
