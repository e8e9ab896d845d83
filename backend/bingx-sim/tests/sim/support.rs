//! A hand that writes requests itself, and our client in front of a simulator without sockets.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flotilla_bingx_sim::limits::Allowance;
use flotilla_bingx_sim::request::{HostName, Incoming, sign};
use flotilla_bingx_sim::venue::{Delivery, Venue};
use flotilla_exchange::bingx::client::{Account, BingX, Settings, Turn};
use flotilla_exchange::bingx::contract::Contract;
use flotilla_exchange::bingx::endpoint::Environment;
use flotilla_exchange::bingx::id::{ClientOrderId, Credentials, Symbol};
use flotilla_exchange::bingx::model::{Direction, PositionMode};
use flotilla_exchange::bingx::order::{Exit, NewOrder, OrderKind, Terms, WorkingType};
use flotilla_exchange::bingx::reply::RawReply;
use flotilla_exchange::bingx::transport::{Call, Transport, TransportError};
use flotilla_exchange::limits::Priority;
use futures_util::future::BoxFuture;
use rust_decimal::Decimal;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use tokio::time::Instant;

pub const START_MS: i64 = 1_790_000_000_000;
pub const ORDER: &str = "/openApi/swap/v2/trade/order";

pub fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub fn btc() -> Symbol {
    Symbol::new("BTC-USDT").unwrap()
}

/// Writes requests by hand, rightly signed unless it is told otherwise.
pub struct Hand {
    pub venue: Venue,
    pub host: HostName,
    pub now_ms: i64,
    pub uid: u64,
}

impl Hand {
    /// One account, 10,000 on each host.
    pub fn new() -> Self {
        let mut venue = Venue::new(7, START_MS);
        let uid = venue.open_account("key", "secret", Decimal::from(10_000));
        Self { venue, host: HostName::Live, now_ms: START_MS, uid }
    }

    /// Sends a query string as it is.
    pub fn send_query(&mut self, method: &str, path: &str, query: &str) -> (u16, String) {
        match self.deliver(method, path, query) {
            Delivery::Answer(reply) | Delivery::Late(_, reply) => (reply.status, reply.body),
            Delivery::Half(_) | Delivery::Drop => (0, String::new()),
        }
    }

    fn deliver(&mut self, method: &str, path: &str, query: &str) -> Delivery {
        self.now_ms += 250;
        let request = Incoming {
            host: self.host,
            ip: "127.0.0.1".to_owned(),
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            key: Some("key".to_owned()),
            content_type: String::new(),
            body: String::new(),
        };
        self.venue.handle(&request, self.now_ms)
    }

    /// What the headers of an answer say about the limit.
    pub fn allowance(&mut self, path: &str) -> Option<Allowance> {
        let query = self.query(&[], str::to_owned);
        match self.deliver("GET", path, &query) {
            Delivery::Answer(reply) => reply.allowance,
            other => panic!("{other:?}"),
        }
    }

    /// Signs and encodes as it should be done. Returns status and body.
    pub fn send(&mut self, method: &str, path: &str, params: &[(&str, &str)]) -> (u16, String) {
        let query = self.query(params, str::to_owned);
        self.send_query(method, path, &query)
    }

    /// The body of an answer.
    pub fn json(&mut self, method: &str, path: &str, params: &[(&str, &str)]) -> Value {
        serde_json::from_str(&self.send(method, path, params).1).unwrap()
    }

    /// The query string; `to_sign` may spoil each value before it is signed.
    pub fn query(&self, params: &[(&str, &str)], to_sign: impl Fn(&str) -> String) -> String {
        let stamp = (self.now_ms + 250).to_string();
        let mut all = params.to_vec();
        all.push(("timestamp", &stamp));
        all.sort_unstable();
        let signed: Vec<_> = all.iter().map(|(name, value)| format!("{name}={}", to_sign(value))).collect();
        let sent: Vec<_> = all.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        format!("{}&signature={}", sent.join("&"), sign("secret", &signed.join("&")))
    }

    pub fn open_long(&mut self, quantity: &str, client_id: &str) -> Value {
        self.json(
            "POST",
            ORDER,
            &[
                ("symbol", "BTC-USDT"),
                ("side", "BUY"),
                ("positionSide", "LONG"),
                ("type", "MARKET"),
                ("quantity", quantity),
                ("clientOrderId", client_id),
            ],
        )
    }

    pub fn held(&self) -> Decimal {
        self.venue
            .ledger(self.host, self.uid)
            .unwrap()
            .positions
            .values()
            .map(|position| position.quantity)
            .sum()
    }

    pub fn orders(&self) -> usize {
        self.venue.ledger(self.host, self.uid).unwrap().orders.len()
    }
}

pub fn encoded(value: &str) -> String {
    percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC)
        .to_string()
        .replace("%2D", "-")
}

/// A simulator in the place of the network. Time is tokio's, so paused tests take no time.
pub struct InProcess {
    pub venue: Mutex<Venue>,
    began: Instant,
    /// By how many milliseconds the exchange's clock has jumped.
    ahead_ms: AtomicI64,
}

impl InProcess {
    pub fn new(venue: Venue) -> Arc<Self> {
        Arc::new(Self { venue: Mutex::new(venue), began: Instant::now(), ahead_ms: AtomicI64::default() })
    }

    pub fn now_ms(&self) -> i64 {
        let jumped = self.ahead_ms.load(Ordering::Relaxed);
        START_MS + jumped + i64::try_from(self.began.elapsed().as_millis()).unwrap()
    }

    /// Sets the exchange's clock forward.
    pub fn jump(&self, ms: i64) {
        self.ahead_ms.fetch_add(ms, Ordering::Relaxed);
    }

    pub fn with<T>(&self, act: impl FnOnce(&mut Venue) -> T) -> T {
        let mut venue = self.venue.lock().unwrap();
        venue.advance(self.now_ms());
        act(&mut venue)
    }

    async fn carry(&self, call: &Call) -> Result<RawReply, TransportError> {
        let request = Incoming {
            host: match call.environment {
                Environment::Live => HostName::Live,
                Environment::Demo => HostName::Demo,
            },
            ip: call.egress.clone(),
            method: call.method.as_str().to_owned(),
            path: call.path.to_owned(),
            query: call.query.clone(),
            key: call.api_key.as_ref().map(|key| key.expose_secret().to_owned()),
            content_type: String::new(),
            body: String::new(),
        };
        let delivery = self.venue.lock().unwrap().handle(&request, self.now_ms());
        let reply = match delivery {
            Delivery::Answer(reply) => reply,
            Delivery::Late(ms, reply) => {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                reply
            }
            Delivery::Half(_) | Delivery::Drop => return Err(TransportError::Lost("cut".to_owned())),
        };
        Ok(RawReply {
            status: reply.status,
            remaining: reply.allowance.map(|allowance| u64::try_from(allowance.remaining).unwrap()),
            limited_until_ms: reply.allowance.map(|allowance| allowance.until_ms),
            body: reply.body.into_bytes(),
        })
    }
}

impl Transport for InProcess {
    fn send(&self, call: Call) -> BoxFuture<'_, Result<RawReply, TransportError>> {
        Box::pin(async move {
            let lost = |_| TransportError::Lost("no answer in time".to_owned());
            tokio::time::timeout(call.timeout, self.carry(&call)).await.map_err(lost)?
        })
    }
}

pub fn credentials(key: &str) -> Credentials {
    Credentials { api_key: key.into(), secret: "secret".into() }
}

/// Our client, one account on both hosts.
pub struct Desk {
    pub net: Arc<InProcess>,
    pub bingx: Arc<BingX>,
    pub uid: u64,
    pub live: Account,
    pub demo: Account,
}

impl Desk {
    pub fn new() -> Self {
        Self::with(Settings::default())
    }

    pub fn with(settings: Settings) -> Self {
        let mut venue = Venue::new(7, START_MS);
        let uid = venue.open_account("key", "secret", Decimal::from(10_000));
        let net = InProcess::new(venue);
        let bingx = Arc::new(BingX::new(net.clone(), settings));
        let of =
            |environment| bingx.account(environment, &uid.to_string(), credentials("key"), "198.51.100.1");
        let (live, demo) = (of(Environment::Live), of(Environment::Demo));
        Self { net, bingx, uid, live, demo }
    }

    pub async fn contract(&self) -> Arc<Contract> {
        self.bingx.contracts(Environment::Live, "198.51.100.1").await.unwrap().get(&btc()).unwrap()
    }

    pub fn held(&self, host: HostName) -> Decimal {
        self.net.with(|venue| {
            venue.ledger(host, self.uid).unwrap().positions.values().map(|one| one.quantity).sum()
        })
    }
}

pub fn soon() -> Turn {
    Turn::within(Priority::Open, Duration::from_mins(1))
}

pub fn market(client_id: &str, direction: Direction, opens: bool, quantity: &str) -> NewOrder {
    NewOrder {
        client_id: ClientOrderId::new(client_id).unwrap(),
        symbol: btc(),
        direction,
        opens,
        quantity: number(quantity),
        kind: OrderKind::Market,
        stop_loss: None,
        take_profit: None,
    }
}

pub fn exit(trigger: &str) -> Exit {
    Exit { trigger: number(trigger), working: WorkingType::Mark }
}

pub fn terms(contract: &Contract) -> Terms<'_> {
    Terms { mode: PositionMode::Hedge, contract, last_price: None }
}
