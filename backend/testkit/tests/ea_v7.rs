//! The emulated EAs behave on the wire as the real ones, held against a gateway of a few lines.

#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

use std::net::SocketAddr;
use std::path::PathBuf;

use flotilla_domain::side::Side;
use flotilla_testkit::broker::{Broker, Position};
use flotilla_testkit::ea_v7::{AutoFollower, Manners, MasterEa, Refusal, Terminal};
use flotilla_testkit::market::Market;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use uuid::Uuid;

const OPEN: &str = "CMD_OPEN|BUY|XAUUSD|2030.50|0.10|0.00|0.00|1001";

/// The server's end of one connection.
struct Peer(BufReader<TcpStream>);

impl Peer {
    async fn accept(listener: &TcpListener) -> Self {
        Self(BufReader::new(listener.accept().await.unwrap().0))
    }

    /// The next line that is no `PING`.
    async fn hear(&mut self) -> String {
        loop {
            let mut line = String::new();
            timeout(flotilla_testkit::ea_v7::WAIT, self.0.read_line(&mut line)).await.unwrap().unwrap();
            if line.trim_end() != "PING" {
                return line.trim_end().to_owned();
            }
        }
    }

    async fn say(&mut self, line: &str) {
        self.0.get_mut().write_all(format!("{line}\n").as_bytes()).await.unwrap();
    }

    /// Lets a follower in, as far as `CHECK_STATUS`.
    async fn greet(&mut self) {
        assert_eq!(self.hear().await, "AUTH:sk_live_1");
        self.say("AUTH_OK").await;
        assert_eq!(self.hear().await, "SUBSCRIBE:MST-1");
        self.say("SUBSCRIBE_OK").await;
    }

    /// What the follower has said up to the answer to a command that every follower executes and acknowledges.
    async fn hear_until_close_of(&mut self, ticket: i64) -> Vec<String> {
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

fn position() -> Position {
    Position {
        symbol: "XAUUSD".to_owned(),
        side: Side::Buy,
        lots: "0.10".parse().unwrap(),
        master_ticket: None,
    }
}

async fn follower(manners: Manners) -> (TcpListener, Peer, AutoFollower) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    let broker = Broker::at(Market::open(), 5_000);
    let follower = AutoFollower::start(address, "sk_live_1", "MST-1", broker, manners);
    let mut peer = Peer::accept(&listener).await;
    peer.greet().await;
    assert_eq!(peer.hear().await, "CHECK_STATUS");
    (listener, peer, follower)
}

#[tokio::test]
async fn a_second_order_opens_a_second_position() {
    let (_listener, mut peer, follower) = follower(Manners::default()).await;

    peer.say(OPEN).await;
    peer.say(OPEN).await;

    assert_eq!(peer.hear().await, "ACK_OPEN|1001|5001|0.10|BUY");
    assert_eq!(peer.hear().await, "CMD_INIT_SYMBOL|XAUUSD|100.00|2");
    assert_eq!(peer.hear().await, "ACK_OPEN|1001|5002|0.10|BUY");
    assert_eq!(follower.broker.opened_for(1001), 2);
}

#[tokio::test]
async fn a_paused_follower_drops_opens_and_obeys_closes() {
    let (_listener, mut peer, follower) = follower(Manners::default()).await;
    let held = follower.broker.open(position());

    peer.say("STATUS_INACTIVE").await;
    peer.say(OPEN).await;
    let meanwhile = peer.hear_until_close_of(held).await;

    assert_eq!(meanwhile, [""; 0]);
    assert_eq!((follower.broker.opened(), follower.broker.closed()), (1, vec![held]));
    peer.say("STATUS_ACTIVE").await;
    peer.say(OPEN).await;
    assert_eq!(peer.hear().await, "ACK_OPEN|1001|5002|0.10|BUY");
}

#[tokio::test]
async fn each_terminal_refuses_in_its_own_words() {
    for (terminal, reason) in [(Terminal::Mt5, "not enough money"), (Terminal::Mt4, "Error:0")] {
        let refusal = Refusal::EveryNth(1, "not enough money".to_owned());
        let (_listener, mut peer, follower) =
            follower(Manners { terminal, refusal, ..Manners::default() }).await;

        peer.say(OPEN).await;

        assert_eq!(peer.hear().await, format!("ACK_OPEN_FAIL|1001|{reason}"));
        assert_eq!(follower.broker.opened(), 0);
    }
}

#[tokio::test]
async fn a_silent_follower_neither_opens_nor_answers() {
    let manners = Manners { refusal: Refusal::Silently, ..Manners::default() };
    let (_listener, mut peer, follower) = follower(manners).await;
    let held = follower.broker.open(position());

    peer.say(OPEN).await;
    let meanwhile = peer.hear_until_close_of(held).await;

    assert_eq!(meanwhile, [""; 0]);
    assert_eq!(follower.broker.opened_for(1001), 0);
}

#[tokio::test]
async fn a_refused_close_leaves_the_position() {
    let manners = Manners { close_refusal: Some("market closed".to_owned()), ..Manners::default() };
    let (_listener, mut peer, follower) = follower(manners).await;
    let held = follower.broker.open(position());

    peer.say(&format!("CMD_CLOSE|XAUUSD|{held}|1001")).await;

    assert_eq!(peer.hear().await, "ACK_CLOSE_FAIL|1001|market closed");
    assert_eq!(follower.broker.positions().len(), 1);
}

#[tokio::test]
async fn closes_of_the_server_are_told_by_mt4_only() {
    for (terminal, told) in [(Terminal::Mt5, 0), (Terminal::Mt4, 1)] {
        let (_listener, mut peer, follower) = follower(Manners { terminal, ..Manners::default() }).await;
        let (synced, held) = (follower.broker.open(position()), follower.broker.open(position()));

        peer.say(&format!("CMD_SYNC_CLOSE|{synced}|not in master")).await;
        let meanwhile = peer.hear_until_close_of(held).await;

        assert_eq!(meanwhile.len(), told, "{meanwhile:?}");
        assert!(meanwhile.iter().all(|line| line.starts_with(&format!("ACK_CLOSE_SO|{synced}|"))));
        assert_eq!(follower.broker.closed(), [synced, held]);
    }
}

#[tokio::test]
async fn a_stop_closes_everything_and_ends_copying() {
    let (_listener, mut peer, follower) =
        follower(Manners { terminal: Terminal::Mt4, ..Manners::default() }).await;
    follower.broker.open(position());
    follower.broker.open(position());

    peer.say("CMD_STOP").await;
    peer.say(OPEN).await;

    assert!(peer.hear().await.starts_with("ACK_CLOSE_SO|5001|"));
    assert!(peer.hear().await.starts_with("ACK_CLOSE_SO|5002|"));
    let held = follower.broker.open(position());
    assert_eq!(peer.hear_until_close_of(held).await, [""; 0]);
    assert_eq!(follower.broker.opened_for(1001), 0);
}

#[tokio::test]
async fn a_follower_returns_with_its_positions_after_a_lost_link() {
    for (terminal, list) in [(Terminal::Mt5, "5002,5001,"), (Terminal::Mt4, "5001,5002")] {
        let manners = Manners { terminal, sends_snapshots: true, ..Manners::default() };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let broker = Broker::at(Market::open(), 5_000);
        let address = listener.local_addr().unwrap();
        let follower = AutoFollower::start(address, "sk_live_1", "MST-1", broker, manners);
        let mut peer = Peer::accept(&listener).await;
        peer.greet().await;
        assert_eq!(peer.hear().await, "SLAVE_SNAPSHOT:");
        follower.broker.open(position());
        follower.broker.open(position());
        drop(peer);

        let mut peer = Peer::accept(&listener).await;
        peer.greet().await;

        assert_eq!(peer.hear().await, format!("SLAVE_SNAPSHOT:{list}"));
        assert_eq!(peer.hear().await, "CHECK_STATUS");
    }
}

#[tokio::test]
async fn a_word_of_the_protocol_is_acted_upon_wherever_it_stands() {
    let (_listener, mut peer, follower) = follower(Manners::default()).await;

    peer.say("CMD_OPEN|BUY|SUBSCRIBE_OK|1.0|0.10|0.00|0.00|1001").await;

    assert_eq!(peer.hear().await, "CHECK_STATUS");
    assert_eq!(follower.broker.opened(), 0);
}

#[tokio::test]
async fn a_master_says_what_its_chart_shows() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let story = tokio::spawn(async move {
        let mut master = MasterEa::connect(address, "sk_live_1").await;
        master.snapshot(Terminal::Mt5, &[1, 2]).await;
        master.price("XAUUSD", "2030.50", "2031.00").await;
    });
    let mut peer = Peer::accept(&listener).await;
    assert_eq!(peer.hear().await, "AUTH:sk_live_1");
    peer.say("AUTH_OK").await;

    assert_eq!(peer.hear().await, "MASTER_SNAPSHOT:2,1,");
    assert_eq!(peer.hear().await, "CMD_PRICE|XAUUSD|2030.50|2031.00");
    story.await.unwrap();
}

#[test]
fn books_in_a_file_outlive_the_broker() {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.json", Uuid::new_v4()));
    let before = Broker::at(Market::open(), 5_000).with_books_in(&file);
    let (gone, held) = (before.open(position()), before.open(position()));
    let closed = before.close(gone).unwrap();

    let after = Broker::at(Market::open(), 1).with_books_in(&file);

    assert_eq!(after.positions().into_keys().collect::<Vec<_>>(), [held]);
    assert_eq!(after.balance_and_equity(), before.balance_and_equity());
    assert!(closed.profit.is_sign_negative(), "{closed:?}");
    assert_eq!(after.open(position()), held + 1);
    std::fs::remove_file(file).unwrap();
}
