//! A master's EA, step by step.

use std::net::SocketAddr;

use super::terminal::Terminal;
use super::wire::Wire;

/// A connected master.
#[derive(Debug)]
pub struct MasterEa {
    /// Its socket.
    pub wire: Wire,
}

impl MasterEa {
    /// Connects and authenticates.
    ///
    /// # Panics
    ///
    /// When the gateway is away or refuses the key.
    pub async fn connect(gateway: SocketAddr, api_key: &str) -> Self {
        let mut wire = Wire::connect(gateway).await.expect("a gateway");
        wire.send(&format!("AUTH:{api_key}")).await.expect("an open connection");
        wire.expect("AUTH_OK").await;
        Self { wire }
    }

    /// Sends `SIGNAL_OPEN` with the fields after the verb, for example
    /// `BUY|XAUUSD|2030.50|0.10|2020.00|2040.00|1001`.
    ///
    /// # Panics
    ///
    /// When the link is lost.
    pub async fn open(&mut self, fields: &str) {
        self.wire.send(&format!("SIGNAL_OPEN|{fields}")).await.expect("an open connection");
    }

    /// Sends `SIGNAL_CLOSE` with the fields after the verb, for example
    /// `XAUUSD|1001|2035.00000|45.00`.
    ///
    /// # Panics
    ///
    /// When the link is lost.
    pub async fn close(&mut self, fields: &str) {
        self.wire.send(&format!("SIGNAL_CLOSE|{fields}")).await.expect("an open connection");
    }

    /// Sends the price line of its chart, as every second.
    ///
    /// # Panics
    ///
    /// When the link is lost.
    pub async fn price(&mut self, symbol: &str, bid: &str, ask: &str) {
        self.wire.send(&format!("CMD_PRICE|{symbol}|{bid}|{ask}")).await.expect("an open connection");
    }

    /// Sends the open tickets of its chart's symbol, ascending, as `terminal` writes them.
    ///
    /// # Panics
    ///
    /// When the link is lost.
    pub async fn snapshot(&mut self, terminal: Terminal, tickets: &[i64]) {
        let line = format!("MASTER_SNAPSHOT:{}", terminal.ticket_list(tickets));
        self.wire.send(&line).await.expect("an open connection");
    }
}
