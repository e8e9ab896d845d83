//! The server's end of one connection.

#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

use std::net::SocketAddr;

use flotilla_domain::side::Side;
use flotilla_testkit::broker::{Broker, DEFAULT_MAGIC, Position};
use flotilla_testkit::ea_v7::WAIT;
use flotilla_testkit::market::Market;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// A gateway that accepts one connection at a time.
pub struct Gateway {
    listener: TcpListener,
    pub address: SocketAddr,
}

impl Gateway {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        Self { listener, address }
    }

    pub async fn accept(&self) -> Peer {
        let accepted = timeout(WAIT, self.listener.accept()).await.expect("a connection");
        Peer(BufReader::new(accepted.unwrap().0))
    }
}

pub struct Peer(BufReader<TcpStream>);

impl Peer {
    /// The next line that is neither `PING` nor a price.
    pub async fn hear(&mut self) -> String {
        loop {
            let line = self.hear_any().await;
            if line != "PING" && !line.starts_with("CMD_PRICE|") {
                return line;
            }
        }
    }

    pub async fn hear_any(&mut self) -> String {
        let mut line = String::new();
        timeout(WAIT, self.0.read_line(&mut line)).await.expect("a line").unwrap();
        line.trim_end().to_owned()
    }

    pub async fn say(&mut self, line: &str) {
        self.0.get_mut().write_all(format!("{line}\n").as_bytes()).await.unwrap();
    }

    /// Lets a follower in, as far as `SUBSCRIBE_OK`.
    pub async fn greet(&mut self) {
        assert_eq!(self.hear().await, "AUTH:sk_live_1");
        self.say("AUTH_OK").await;
        assert_eq!(self.hear().await, "SUBSCRIBE:MST-1");
        self.say("SUBSCRIBE_OK").await;
    }

    /// What the follower has said up to the answer to a command that every follower executes and acknowledges.
    pub async fn hear_until_close_of(&mut self, ticket: i64) -> Vec<String> {
        self.say(&format!("CMD_CLOSE|XAUUSD|{ticket}|7")).await;
        let mut heard = Vec::new();
        loop {
            match self.hear().await {
                line if line.starts_with("ACK_CLOSE|7|") => return heard,
                line => heard.push(line),
            }
        }
    }
}

/// A broker whose next ticket is 5001.
pub fn broker() -> Broker {
    Broker::at(Market::open(), 5_000)
}

/// Of a follower's EA.
pub fn position() -> Position {
    Position { magic: DEFAULT_MAGIC, ..by_hand("XAUUSD") }
}

pub fn by_hand(symbol: &str) -> Position {
    Position::by_hand(symbol, Side::Buy, "0.10".parse().unwrap())
}
