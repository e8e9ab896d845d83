//! A user stream that heals itself, with what it may have missed read again.
//!
//! The stream has no numbers and repeats nothing, so after each connection, and
//! now and then for safety, balance, positions, open orders and fills are read.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{SinkExt, StreamExt};
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, interval_at, sleep, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::client::{Account, Turn};
use super::endpoint;
use super::event::{self, Event, Frame};
use super::id::ListenKey;
use super::model::{Balances, Fill, Order, Position};
use super::sign::Params;
use super::transport::{BoxStream, HttpTransport};
use crate::limits::Priority;
use crate::outcome::{Outcome, ReadError};

/// What a stream tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamItem {
    /// Connected, or time for a look: all of the account, and the fills since the last look.
    Snapshot(Box<Snapshot>),
    /// Something happened. It may be told twice, and may be in the snapshot before it already.
    Event(Box<Event>),
    /// The stream is down. What happens from here on is told by the next snapshot.
    Down(String),
}

/// An account as it was read, and what was filled lately.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Balances.
    pub balances: Balances,
    /// Open positions.
    pub positions: Vec<Position>,
    /// Open orders.
    pub open_orders: Vec<Order>,
    /// Fills since a minute before the last known, oldest first. Some were told before: compare their ids.
    pub fills: Vec<Fill>,
    /// Server time of the look, Unix milliseconds, before the first of its questions.
    pub read_at_ms: i64,
}

/// How long a stream waits for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamSettings {
    /// Without a frame the connection is dead. The server pings every 5 s.
    pub silence: Duration,
    /// The key lives for an hour and is extended this often.
    pub extend_every: Duration,
    /// A look for safety, this often.
    pub look_every: Duration,
    /// Longest pause between attempts to connect.
    pub longest_pause: Duration,
}

impl Default for StreamSettings {
    fn default() -> Self {
        Self {
            silence: Duration::from_secs(16),
            extend_every: Duration::from_mins(30),
            look_every: Duration::from_secs(45),
            longest_pause: Duration::from_secs(30),
        }
    }
}

/// The user stream of one account. One task makes its keys, so two are never made at once.
#[derive(Debug)]
pub struct UserStream {
    account: Account,
    transport: Arc<HttpTransport>,
    settings: StreamSettings,
    /// All fills until then were worked on, Unix milliseconds: the next look begins there.
    told_until_ms: AtomicI64,
    /// A look is wanted before its time.
    soon: Notify,
}

type Socket = WebSocketStream<BoxStream>;

/// Fills are asked for with this overlap: history rounds to seconds, and shows up late.
const OVERLAP_MS: i64 = 60_000;
/// And none that are older, however long nothing was filled: whoever listens forgets what he knows of them.
const OLDEST_MS: i64 = 6 * 24 * 60 * 60 * 1_000;
/// So many events wait for a look to end; more, and the connection is made anew.
const MOST_WAITING: usize = 10_000;

impl UserStream {
    /// A stream that is not connected yet.
    #[must_use]
    pub const fn new(account: Account, transport: Arc<HttpTransport>, settings: StreamSettings) -> Self {
        Self {
            account,
            transport,
            settings,
            told_until_ms: AtomicI64::new(i64::MIN),
            soon: Notify::const_new(),
        }
    }

    /// Reads the account from time to time, without a stream, until nobody listens any more: for an address that has as
    /// many streams as the exchange takes.
    ///
    /// * `since_ms`: as in [`UserStream::run`].
    ///
    /// Dropping the future ends it.
    pub async fn poll(&self, since_ms: i64, every: Duration, items: mpsc::Sender<StreamItem>) {
        while !items.is_closed() {
            let item = match self.look(since_ms).await {
                Ok(snapshot) => StreamItem::Snapshot(Box::new(snapshot)),
                Err(error) => StreamItem::Down(format!("the account cannot be read: {error}")),
            };
            if items.send(item).await.is_err() {
                return;
            }
            tokio::select! {
                () = sleep(every) => {}
                () = self.soon.notified() => {}
            }
        }
    }

    /// Has all of the account read before its time.
    pub fn look_soon(&self) {
        self.soon.notify_one();
    }

    /// Whoever listens has worked on all fills until then, Unix milliseconds, if any, and needs none of them again. Until
    /// he says so each look brings them: what was handed over may wait, or fail.
    pub fn told(&self, until_ms: Option<i64>) {
        self.told_until_ms.fetch_max(until_ms.unwrap_or(i64::MIN), Ordering::SeqCst);
    }

    /// Tells what happens until nobody listens any more.
    ///
    /// * `since_ms`: the last fill that is known, Unix milliseconds, unless [`UserStream::told`] says a later one.
    ///
    /// Dropping the future ends the stream; the next one's first snapshot tells what was missed.
    pub async fn run(&self, since_ms: i64, items: mpsc::Sender<StreamItem>) {
        let mut pause = Duration::from_secs(1);
        while !items.is_closed() {
            let began = Instant::now();
            let why = match self.connect().await {
                Ok((socket, key)) => self.pump(socket, &key, since_ms, &items).await,
                Err(why) => why,
            };
            tracing::info!(account = ?self.account, reason = why, "a user stream is down");
            if items.send(StreamItem::Down(why)).await.is_err() {
                return;
            }
            pause = if began.elapsed() > Duration::from_mins(1) {
                Duration::from_secs(1)
            } else {
                (pause * 2).min(self.settings.longest_pause)
            };
            sleep(pause).await;
        }
    }

    async fn connect(&self) -> Result<(Socket, ListenKey), String> {
        let key = self.account.listen_key(Self::turn()).await?;
        let stream = self.transport.stream(self.account.environment(), self.account.egress()).await;
        let (stream, host, path) = stream.map_err(|error| error.to_string())?;
        let url = format!("ws://{host}{path}?listenKey={}", key.expose());
        let connecting = tokio_tungstenite::client_async(url, stream);
        match timeout(Duration::from_secs(10), connecting).await {
            Ok(Ok((socket, _))) => Ok((socket, key)),
            // The text of the error may repeat the address, and with it the key.
            Ok(Err(_)) => Err("the stream's host refuses".to_owned()),
            Err(_) => Err("the stream's host does not answer".to_owned()),
        }
    }

    /// Reads the socket until something is wrong with it; returns what.
    async fn pump(
        &self,
        mut socket: Socket,
        key: &ListenKey,
        since_ms: i64,
        items: &mpsc::Sender<StreamItem>,
    ) -> String {
        let mut extend = interval_at(Instant::now() + self.settings.extend_every, self.settings.extend_every);
        let mut look = interval_at(Instant::now() + self.settings.look_every, self.settings.look_every);
        let mut looking = Some(self.look(since_ms));
        let mut waiting = Vec::new();
        loop {
            tokio::select! {
                frame = timeout(self.settings.silence, socket.next()) => {
                    let event = match self.heard(&mut socket, frame).await {
                        Ok(Some(event)) => event,
                        Ok(None) => continue,
                        Err(why) => return why,
                    };
                    if looking.is_some() {
                        // Told after the snapshot, so that the snapshot never takes an event back.
                        waiting.push(event);
                        if waiting.len() > MOST_WAITING {
                            return "more events than can wait".to_owned();
                        }
                    } else if items.send(StreamItem::Event(event)).await.is_err() {
                        return "nobody listens".to_owned();
                    }
                }
                seen = ready(&mut looking) => {
                    looking = None;
                    let snapshot = match seen {
                        Ok(snapshot) => snapshot,
                        Err(error) => return format!("the account cannot be read: {error}"),
                    };
                    let told = std::iter::once(StreamItem::Snapshot(Box::new(snapshot)));
                    for item in told.chain(waiting.drain(..).map(StreamItem::Event)) {
                        if items.send(item).await.is_err() {
                            return "nobody listens".to_owned();
                        }
                    }
                }
                _ = look.tick(), if looking.is_none() => looking = Some(self.look(since_ms)),
                () = self.soon.notified(), if looking.is_none() => looking = Some(self.look(since_ms)),
                _ = extend.tick() => {
                    if let Err(why) = self.account.extend_listen_key(key, Self::turn()).await {
                        return why;
                    }
                }
                () = items.closed() => return "nobody listens".to_owned(),
            }
        }
    }

    /// What was heard; an error ends the connection.
    async fn heard(
        &self,
        socket: &mut Socket,
        frame: Result<
            Option<Result<Message, tokio_tungstenite::tungstenite::Error>>,
            tokio::time::error::Elapsed,
        >,
    ) -> Result<Option<Box<Event>>, String> {
        let message = match frame {
            Err(_) => return Err("the stream is silent".to_owned()),
            Ok(None) => return Err("the stream has ended".to_owned()),
            Ok(Some(Err(error))) => return Err(error.to_string()),
            Ok(Some(Ok(message))) => message,
        };
        let frame = match &message {
            Message::Binary(bytes) => event::unpack(bytes),
            Message::Text(text) => event::read(text),
            Message::Close(_) => return Err("the stream was closed".to_owned()),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => return Ok(None),
        };
        match frame.map_err(|error| error.to_string())? {
            Frame::Ping => {
                socket.send(Message::text("Pong")).await.map_err(|error| error.to_string())?;
                Ok(None)
            }
            Frame::Event(event) if *event == Event::ListenKeyExpired => {
                Err("the stream's key has run out".to_owned())
            }
            Frame::Event(event) => Ok(Some(event)),
            Frame::Other => Ok(None),
        }
    }

    /// Reads all of the account.
    fn look(&self, since_ms: i64) -> BoxFuture<'_, Result<Snapshot, ReadError>> {
        let since_ms = since_ms.max(self.told_until_ms.load(Ordering::SeqCst));
        Box::pin(self.account.snapshot(since_ms, Self::turn()))
    }

    fn turn() -> Turn {
        Turn::within(Priority::Account, Duration::from_mins(1))
    }
}

/// The end of what is going on; never, where nothing is.
async fn ready<T>(future: &mut Option<BoxFuture<'_, T>>) -> T {
    match future {
        Some(future) => Pin::new(future).await,
        None => std::future::pending().await,
    }
}

impl Account {
    /// Reads all of the account, and the fills since a minute before `since_ms` (Unix milliseconds), of six days at most.
    ///
    /// # Errors
    ///
    /// [`ReadError`].
    pub async fn snapshot(&self, since_ms: i64, turn: Turn) -> Result<Snapshot, ReadError> {
        let balances = self.balances(turn).await?;
        let now = self.bingx.clock(self.environment).now_ms().unwrap_or(since_ms);
        let positions = self.positions(None, turn).await?;
        let open_orders = self.open_orders(None, turn).await?;
        let from = (since_ms - OVERLAP_MS).max(now - OLDEST_MS);
        let fills = self.fills(None, from, now + OVERLAP_MS, turn).await?;
        Ok(Snapshot { balances, positions, open_orders, fills, read_at_ms: now })
    }

    /// Makes the key of a user stream; the account's earlier one may end by it.
    ///
    /// # Errors
    ///
    /// What went wrong, in words; nothing but a reconnection depends on it.
    async fn listen_key(&self, turn: Turn) -> Result<ListenKey, String> {
        let made = self
            .write(endpoint::LISTEN_KEY, Params::new(), turn, |json| {
                let reply: ListenKeyReply = serde_json::from_str(json).ok()?;
                ListenKey::new(&reply.listen_key).ok()
            })
            .await;
        match made {
            Outcome::Accepted(key) => Ok(key),
            Outcome::Refused(error) => Err(error.to_string()),
            Outcome::NotSent(why) => Err(why.to_string()),
            Outcome::Unknown(why) => Err(why.to_string()),
        }
    }

    /// Extends the key by an hour. An answer that never came is no reason to give the stream up: there is another half hour.
    async fn extend_listen_key(&self, key: &ListenKey, turn: Turn) -> Result<(), String> {
        let params = Params::new().with("listenKey", key.expose());
        match self.write(endpoint::EXTEND_LISTEN_KEY, params, turn, |_| Some(())).await {
            Outcome::Refused(error) => Err(format!("the stream's key is not extended: {error}")),
            Outcome::Accepted(()) | Outcome::NotSent(_) | Outcome::Unknown(_) => Ok(()),
        }
    }
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListenKeyReply {
    listen_key: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bingx::client::{BingX, Settings};
    use crate::bingx::endpoint::Environment;
    use crate::bingx::id::Credentials;
    use crate::bingx::reply::RawReply;
    use crate::bingx::transport::{Call, Transport, TransportError};

    /// Answers with this status and nothing else, but for the time.
    struct Says(u16);

    impl Transport for Says {
        fn send(&self, call: Call) -> BoxFuture<'_, Result<RawReply, TransportError>> {
            let (status, body) = if call.path == endpoint::SERVER_TIME.path {
                (200, br#"{"code":0,"data":{"serverTime":1672025091160}}"#.to_vec())
            } else {
                (self.0, Vec::new())
            };
            Box::pin(std::future::ready(Ok(RawReply { status, body, ..RawReply::default() })))
        }
    }

    /// Source: both answers were captured on the wire.
    #[tokio::test]
    async fn a_key_is_extended_by_an_empty_answer_and_gone_after_a_404() {
        let key = ListenKey::new("a8ea75681542e66f").unwrap();
        for (status, is_extended) in [(200, true), (404, false)] {
            let bingx = Arc::new(BingX::new(Arc::new(Says(status)), Settings::default()));
            let credentials = Credentials { api_key: "key".into(), secret: "secret".into() };
            let account = bingx.account(Environment::Live, "1", credentials, "main");

            let extended = account.extend_listen_key(&key, UserStream::turn()).await;

            assert_eq!(extended.is_ok(), is_extended, "{status}");
        }
    }
}
