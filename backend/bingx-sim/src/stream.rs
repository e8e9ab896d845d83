//! WebSocket connections: market data and user streams. All frames are gzip; nothing is repeated.

use std::collections::{BTreeMap, VecDeque};
use std::io::Write as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::{SinkExt as _, StreamExt as _};
use serde::Deserialize;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::fault::StreamMishap;
use crate::http::{self, Wire};
use crate::json::{Json, number, object, text};
use crate::kept_book::KeptBook;
use crate::profile::LimitProfile;
use crate::request::HostName;
use crate::server::{Shared, json};
use crate::topics;
use crate::venue::{Push, Venue};

const MOST_TOPICS: usize = 200;
/// So many pings may go unanswered; when the next is due the connection ends.
const PATIENCE: u32 = 3;
const PUSH_EVERY: Duration = Duration::from_millis(250);

impl Venue {
    /// The owner changes leverage in the app, and the stream tells.
    pub fn change_leverage(&mut self, host: HostName, uid: u64, symbol: &str, leverage: (i64, i64)) {
        self.at_desk(host, uid, |desk| desk.ledger.leverage.insert(symbol.to_owned(), leverage));
        let text = config_frame(self, host, uid, symbol).to_string();
        self.pushes.push(Push { host, uid, text });
    }
}

fn config_frame(venue: &Venue, host: HostName, uid: u64, symbol: &str) -> Json {
    let (long, short) = venue
        .ledger(host, uid)
        .map_or((5, 5), |ledger| (ledger.leverage_of(symbol, true), ledger.leverage_of(symbol, false)));
    let config =
        object([("s", text(symbol)), ("l", number(long)), ("S", number(short)), ("mt", text("cross"))]);
    object([("e", text("ACCOUNT_CONFIG_UPDATE")), ("E", number(venue.now())), ("ac", config)])
}

/// A frame: gzip, as all of them are.
fn packed(text: &str) -> Message {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory does not fail.
    let _ = encoder.write_all(text.as_bytes());
    Message::binary(encoder.finish().unwrap_or_default())
}

/// Answers an upgrade and serves the connection until it ends.
pub async fn serve(
    mut tcp: TcpStream,
    wire: &Wire,
    (host, ip): (HostName, IpAddr),
    shared: Arc<Shared>,
) -> anyhow::Result<()> {
    if !matches!(wire.path.as_str(), "/swap-market" | "/market") {
        return http::write(&mut tcp, &json(404, &"")).await;
    }
    let listen_key = wire.query.split('&').find_map(|pair| pair.strip_prefix("listenKey="));
    let uid = match listen_key {
        None => None,
        Some(key) => match shared.with(|venue| venue.listener(host, key)) {
            Some(uid) => Some(uid),
            None => return http::write(&mut tcp, &json(404, &"")).await,
        },
    };
    let Some(place) = Place::take(&shared, ip) else {
        return http::write(&mut tcp, &json(429, &"too many connections")).await;
    };
    let key = wire.header("sec-websocket-key").unwrap_or_default();
    let accept = derive_accept_key(key.as_bytes());
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    let events = shared.subscribe();
    tcp.write_all(head.as_bytes()).await?;
    let socket = WebSocketStream::from_raw_socket(tcp, Role::Server, None).await;
    let connection = Connection {
        socket,
        shared,
        host,
        uid,
        topics: BTreeMap::new(),
        unanswered: 0,
        is_stalled: false,
        held_back: VecDeque::new(),
    };
    let ended = connection.run(events).await;
    drop(place);
    ended
}

/// One of the connections that an address may have. Given back when dropped.
struct Place {
    shared: Arc<Shared>,
    ip: IpAddr,
}

impl Place {
    /// `None`: the address has as many as it may have. All of both hosts count.
    fn take(shared: &Arc<Shared>, ip: IpAddr) -> Option<Self> {
        shared
            .with(|venue| {
                let profile = venue.profile;
                let most = (profile.limits != LimitProfile::Off).then_some(profile.streams_per_address);
                venue.limits.connect(ip, most)
            })
            .then(|| Self { shared: Arc::clone(shared), ip })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.with(|venue| venue.limits.disconnect(self.ip));
    }
}

struct Connection {
    socket: WebSocketStream<TcpStream>,
    shared: Arc<Shared>,
    host: HostName,
    uid: Option<u64>,
    topics: BTreeMap<String, Told>,
    unanswered: u32,
    is_stalled: bool,
    held_back: VecDeque<String>,
}

/// What was last told about a topic.
#[derive(Default)]
struct Told {
    /// Data of the last frame, without when that was.
    news: String,
    /// The book, where only what has changed of it is told.
    book: Option<KeptBook>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Subscription {
    #[serde(default)]
    id: String,
    req_type: String,
    #[serde(default)]
    data_type: String,
}

impl Connection {
    async fn run(mut self, mut events: tokio::sync::broadcast::Receiver<Push>) -> anyhow::Result<()> {
        let ping_every = Duration::from_millis(self.shared.with(|venue| venue.profile.ping_every_ms).max(1));
        let mut pings = interval_at(Instant::now() + ping_every, ping_every);
        // Whoever could not answer while this process stood still is not cut for it.
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut pushes = interval_at(Instant::now() + PUSH_EVERY, PUSH_EVERY);
        if self.uid.is_some() {
            self.tell_config().await?;
        }
        loop {
            let goes_on = tokio::select! {
                message = self.socket.next() => match message {
                    Some(Ok(message)) => self.heard(message).await?,
                    _ => false,
                },
                event = events.recv() => match event {
                    Ok(push) => self.tell_event(push).await?,
                    // Told by the next look of the client.
                    Err(RecvError::Lagged(_)) => true,
                    Err(RecvError::Closed) => false,
                },
                _ = pings.tick() => self.ping().await?,
                _ = pushes.tick() => {
                    self.tell_markets().await?;
                    true
                }
            };
            if !goes_on {
                let _ = self.socket.close(None).await;
                return Ok(());
            }
        }
    }

    /// Whether the connection goes on.
    async fn ping(&mut self) -> anyhow::Result<bool> {
        if self.unanswered >= PATIENCE {
            return Ok(false);
        }
        self.unanswered += 1;
        self.send("Ping").await?;
        if self.uid.is_some() {
            self.tell_config().await?;
        }
        Ok(true)
    }

    async fn send(&mut self, text: &str) -> anyhow::Result<()> {
        if !self.is_stalled {
            self.socket.send(packed(text)).await?;
        }
        Ok(())
    }

    /// Sends one message in two frames.
    async fn send_split(&mut self, text: &str) -> anyhow::Result<()> {
        let bytes = packed(text).into_data();
        let middle = bytes.len() / 2;
        let parts = [
            Frame::message(bytes.slice(..middle), OpCode::Data(Data::Binary), false),
            Frame::message(bytes.slice(middle..), OpCode::Data(Data::Continue), true),
        ];
        for part in parts {
            self.socket.send(Message::Frame(part)).await?;
        }
        Ok(())
    }

    async fn heard(&mut self, message: Message) -> anyhow::Result<bool> {
        let text = match message {
            Message::Text(text) => text.to_string(),
            Message::Binary(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Message::Close(_) => return Ok(false),
            _ => return Ok(true),
        };
        if text.eq_ignore_ascii_case("pong") {
            self.unanswered = 0;
            return Ok(true);
        }
        let Ok(subscription) = serde_json::from_str::<Subscription>(&text) else {
            return Ok(true);
        };
        let (code, words) = self.subscribe(&subscription);
        let ack = object([
            ("id", crate::json::text(subscription.id)),
            ("code", number(code)),
            ("msg", crate::json::text(words)),
            ("dataType", crate::json::text(if code == 0 { "" } else { &subscription.data_type })),
            ("data", Json::Null),
        ]);
        self.send(&ack.to_string()).await?;
        Ok(true)
    }

    fn subscribe(&mut self, wanted: &Subscription) -> (i64, &'static str) {
        if wanted.req_type == "unsub" {
            self.topics.remove(&wanted.data_type);
            return (0, "");
        }
        let is_known =
            self.shared.with(|venue| topics::news(venue, self.host, &wanted.data_type, &mut None).is_some());
        if !is_known {
            return (80_015, "dataType not support");
        }
        if self.topics.len() >= MOST_TOPICS {
            return (80_403, "the number of subscriptions exceeds the limit 200");
        }
        self.topics.insert(wanted.data_type.clone(), Told::default());
        (0, "")
    }

    /// Tells each topic that has changed.
    async fn tell_markets(&mut self) -> anyhow::Result<()> {
        let names: Vec<String> = self.topics.keys().cloned().collect();
        for name in names {
            let Some(told) = self.topics.get_mut(&name) else { continue };
            let (news, now_ms) = self
                .shared
                .with(|venue| (topics::news(venue, self.host, &name, &mut told.book), venue.now()));
            let Some(news) = news else { continue };
            let words = news.to_string();
            if told.news == words {
                continue;
            }
            told.news = words;
            let frame = topics::frame(&name, news, now_ms);
            self.send(&frame.to_string()).await?;
        }
        Ok(())
    }

    async fn tell_config(&mut self) -> anyhow::Result<()> {
        let Some(uid) = self.uid else { return Ok(()) };
        let frame = self.shared.with(|venue| config_frame(venue, self.host, uid, "BTC-USDT"));
        self.send(&frame.to_string()).await
    }

    /// Tells an event of this account, unless something goes wrong with it.
    async fn tell_event(&mut self, push: Push) -> anyhow::Result<bool> {
        if push.host != self.host || Some(push.uid) != self.uid {
            return Ok(true);
        }
        let mishap = self.shared.with(|venue| {
            let faults = venue.stream_faults.get_mut(&push.uid)?;
            (!faults.is_empty()).then(|| faults.remove(0))
        });
        match mishap {
            Some(StreamMishap::Drop) => return Ok(false),
            Some(StreamMishap::Stall) => self.is_stalled = true,
            Some(StreamMishap::Lose) => return Ok(true),
            Some(StreamMishap::Swap) => {
                self.held_back.push_back(push.text);
                return Ok(true);
            }
            Some(StreamMishap::Twice) => self.send(&push.text).await?,
            Some(StreamMishap::Split) | None => {}
        }
        if mishap == Some(StreamMishap::Split) && !self.is_stalled {
            self.send_split(&push.text).await?;
        } else {
            self.send(&push.text).await?;
        }
        while let Some(earlier) = self.held_back.pop_front() {
            self.send(&earlier).await?;
        }
        // The key has run out: this was the last.
        Ok(!push.text.contains("listenKeyExpired"))
    }
}
