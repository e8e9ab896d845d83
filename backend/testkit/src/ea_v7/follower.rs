//! A follower's EA, step by step.

use std::net::SocketAddr;

use super::terminal::Terminal;
use super::wire::Wire;

/// A connected follower that does nothing by itself.
#[derive(Debug)]
pub struct FollowerEa {
    /// Its socket.
    pub wire: Wire,
}

/// A `CMD_OPEN` line, taken apart as the real EAs do it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCommand {
    /// `BUY` or `SELL`.
    pub side: String,
    /// Instrument.
    pub symbol: String,
    /// The master's price.
    pub price: String,
    /// Size.
    pub lots: String,
    /// Stop loss, zero when unset.
    pub stop_loss: String,
    /// Take profit, zero when unset.
    pub take_profit: String,
    /// The master's ticket.
    pub master_ticket: i64,
}

impl OpenCommand {
    /// Reads a line; `None` when it is no open. The EAs need eight fields and ignore what follows.
    #[must_use]
    pub fn read(line: &str) -> Option<Self> {
        let fields: Vec<_> = line.split('|').collect();
        let &["CMD_OPEN", side, symbol, price, lots, stop_loss, take_profit, ticket, ..] = fields.as_slice()
        else {
            return None;
        };
        Some(Self {
            side: side.to_owned(),
            symbol: symbol.to_owned(),
            price: price.to_owned(),
            lots: lots.to_owned(),
            stop_loss: stop_loss.to_owned(),
            take_profit: take_profit.to_owned(),
            master_ticket: ticket.parse().ok()?,
        })
    }
}

impl FollowerEa {
    /// Connects and authenticates, without subscribing.
    ///
    /// # Panics
    ///
    /// When the gateway is away or refuses the key.
    pub async fn log_in(gateway: SocketAddr, api_key: &str) -> Self {
        let mut wire = Wire::connect(gateway).await.expect("a gateway");
        wire.send(&format!("AUTH:{api_key}")).await.expect("an open connection");
        wire.expect("AUTH_OK").await;
        Self { wire }
    }

    /// Connects, authenticates and subscribes, as the EA does at every start.
    ///
    /// # Panics
    ///
    /// When the gateway is away or refuses.
    pub async fn connect(gateway: SocketAddr, api_key: &str, master_token: &str) -> Self {
        let mut follower = Self::log_in(gateway, api_key).await;
        follower.wire.send(&format!("SUBSCRIBE:{master_token}")).await.expect("an open connection");
        follower.wire.expect("SUBSCRIBE_OK").await;
        follower
    }

    /// The next line, which must be an open.
    ///
    /// # Panics
    ///
    /// When another line comes, or none.
    pub async fn expect_open(&mut self) -> OpenCommand {
        let line = self.wire.expect_prefix("CMD_OPEN|").await;
        OpenCommand::read(&line).expect("eight fields")
    }

    /// Acknowledges an open under the follower's own `ticket`.
    ///
    /// # Panics
    ///
    /// When the link is lost.
    pub async fn ack_open(&mut self, command: &OpenCommand, ticket: i64) {
        let OpenCommand { side, lots, master_ticket, .. } = command;
        let line = format!("ACK_OPEN|{master_ticket}|{ticket}|{lots}|{side}");
        self.wire.send(&line).await.expect("an open connection");
    }

    /// Sends the tickets of all its open copies, ascending, as `terminal` writes them.
    ///
    /// # Panics
    ///
    /// When the link is lost.
    pub async fn snapshot(&mut self, terminal: Terminal, tickets: &[i64]) {
        let line = format!("SLAVE_SNAPSHOT:{}", terminal.ticket_list(tickets));
        self.wire.send(&line).await.expect("an open connection");
    }
}
