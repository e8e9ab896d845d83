//! The stream of market data, read by a client of a few lines.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::time::Duration;

use flate2::read::GzDecoder;
use flotilla_bingx_sim::market::Level;
use flotilla_bingx_sim::request::HostName;
use flotilla_bingx_sim::server::{Server, Start};
use futures_util::{SinkExt as _, StreamExt as _};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::support::number;

/// Long: nothing here judges speed.
const PATIENCE: Duration = Duration::from_mins(2);
const BOOK: &str = "BTC-USDT@incrDepth";

/// A connection that is read frame by frame.
pub struct Reader {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Frames that came while another was waited for, oldest first.
    kept: Vec<Value>,
}

impl Reader {
    pub async fn connect(server: &Server) -> Self {
        let (socket, _) = connect_async(format!("ws://{}/swap-market", server.live)).await.unwrap();
        Self { socket, kept: Vec::new() }
    }

    /// Asks for a topic or gives it back. Returns the answer.
    pub async fn ask(&mut self, request: &str, topic: &str) -> Value {
        let id = format!("{request} {topic}");
        let asked = json!({ "id": id, "reqType": request, "dataType": topic });
        self.socket.send(Message::text(asked.to_string())).await.unwrap();
        self.frame(|frame| frame["id"] == id).await
    }

    /// The data of the next frame of a topic.
    async fn data(&mut self, topic: &str) -> Value {
        self.frame(|frame| frame["dataType"] == topic).await["data"].take()
    }

    /// The next frame that is meant.
    pub async fn frame(&mut self, is_meant: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.kept.iter().position(&is_meant) {
            return self.kept.remove(at);
        }
        loop {
            let frame = self.read().await;
            if is_meant(&frame) {
                return frame;
            }
            self.kept.push(frame);
        }
    }

    /// The next frame that is no ping; every one of them is packed.
    async fn read(&mut self) -> Value {
        loop {
            let message = timeout(PATIENCE, self.socket.next()).await.unwrap().unwrap().unwrap();
            let Message::Binary(packed) = message else { panic!("{message:?}") };
            let mut text = String::new();
            GzDecoder::new(packed.as_ref()).read_to_string(&mut text).unwrap();
            if text != "Ping" {
                return serde_json::from_str(&text).unwrap();
            }
            self.socket.send(Message::text("Pong")).await.unwrap();
        }
    }
}

fn decimal(text: &Value) -> Decimal {
    number(text.as_str().unwrap())
}

/// Puts what has changed into one side of a book.
fn put(side: &mut BTreeMap<Decimal, Decimal>, changes: &Value) {
    for level in changes.as_array().unwrap() {
        side.insert(decimal(&level[0]), decimal(&level[1]));
    }
    side.retain(|_, quantity| !quantity.is_zero());
}

fn side(levels: &[Level]) -> BTreeMap<Decimal, Decimal> {
    levels.iter().map(|level| (level.price, level.quantity)).collect()
}

fn move_to(server: &Server, prices: &[&str]) {
    server.shared.with(|venue| {
        for price in prices {
            venue.move_price(HostName::Live, "BTC-USDT", number(price));
        }
    });
}

#[tokio::test]
async fn a_stream_of_a_market_tells_all_of_a_book_and_then_what_changes() {
    let server = Server::start(Start::default()).await.unwrap();
    let mut reader = Reader::connect(&server).await;
    let taken = json!({ "id": format!("sub {BOOK}"), "code": 0, "msg": "", "dataType": "", "data": null });
    assert_eq!(reader.ask("sub", BOOK).await, taken);
    assert_eq!(reader.ask("sub", "BTC-USDT@lastPrice").await["code"], 0);
    assert_eq!(reader.ask("sub", "BTC-USDT@kline_1m").await["code"], 0);
    for unknown in ["BTC-USDT@weather", "NOTHING-USDT@lastPrice"] {
        let refused = reader.ask("sub", unknown).await;
        assert_eq!((&refused["code"], &refused["dataType"]), (&json!(80_015), &json!(unknown)));
    }

    let all = reader.data(BOOK).await;
    let first = all["lastUpdateId"].as_u64().unwrap();
    let (mut bids, mut asks) = (BTreeMap::new(), BTreeMap::new());
    put(&mut bids, &all["bids"]);
    put(&mut asks, &all["asks"]);
    assert_eq!((&all["action"], bids.len(), asks.len()), (&json!("all"), 5, 5));
    assert!(decimal(&all["asks"][0][0]) > decimal(&all["asks"][4][0]), "worst first");
    assert_eq!(reader.data("BTC-USDT@lastPrice").await["c"], "109000");

    // By one step: on each side a level comes and another goes.
    move_to(&server, &["109000.1"]);
    let update = reader.data(BOOK).await;
    assert_eq!((&update["action"], &update["lastUpdateId"]), (&json!("update"), &json!(first + 1)));
    assert_eq!(update["bids"], json!([["109000.0", "100000"], ["108999.5", "0.0000"]]));
    assert_eq!(update["asks"], json!([["109000.6", "100000"], ["109000.1", "0.0000"]]));
    put(&mut bids, &update["bids"]);
    put(&mut asks, &update["asks"]);

    // What happens between two frames is one change.
    move_to(&server, &["109010", "109020"]);
    let update = reader.data(BOOK).await;
    assert_eq!((&update["action"], &update["lastUpdateId"]), (&json!("update"), &json!(first + 2)));
    put(&mut bids, &update["bids"]);
    put(&mut asks, &update["asks"]);
    let is_so = server.shared.with(|venue| {
        let market = venue.market(HostName::Live, "BTC-USDT").unwrap();
        (side(&market.bids), side(&market.asks))
    });
    assert_eq!((bids, asks), is_so);
    reader.frame(|frame| frame["data"]["c"] == "109020").await;
    reader.frame(|frame| frame["data"][0]["c"] == "109020").await;

    // Whoever asks anew begins anew.
    assert_eq!(reader.ask("unsub", BOOK).await["code"], 0);
    assert_eq!(reader.ask("sub", BOOK).await["code"], 0);
    assert_eq!(reader.data(BOOK).await["action"], "all");
}

#[tokio::test]
async fn a_connection_has_two_hundred_topics_and_no_more() {
    let server = Server::start(Start::default()).await.unwrap();
    let mut reader = Reader::connect(&server).await;
    for topic in 0..200 {
        assert_eq!(reader.ask("sub", &format!("BTC-USDT@depth5@{topic}ms")).await["code"], 0);
    }

    let refused = reader.ask("sub", "BTC-USDT@lastPrice").await;
    assert_eq!((&refused["code"], &refused["dataType"]), (&json!(80_403), &json!("BTC-USDT@lastPrice")));

    assert_eq!(reader.ask("unsub", "BTC-USDT@depth5@7ms").await["code"], 0);
    assert_eq!(reader.ask("sub", "BTC-USDT@lastPrice").await["code"], 0);
}
