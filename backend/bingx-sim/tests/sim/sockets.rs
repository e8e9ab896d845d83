//! Our client over real sockets: requests, faults of the wire, and the user stream.

use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use flate2::read::GzDecoder;
use flotilla_bingx_sim::fault::{Mishap, Rule, StreamMishap};
use flotilla_bingx_sim::profile::{Era, Profile};
use flotilla_bingx_sim::request::{HostName, Incoming};
use flotilla_bingx_sim::server::{Server, Start};
use flotilla_bingx_sim::venue::Delivery;
use flotilla_exchange::bingx::client::{Account, BingX, Settings};
use flotilla_exchange::bingx::endpoint::{self, Environment};
use flotilla_exchange::bingx::error::ErrorClass;
use flotilla_exchange::bingx::event::Event;
use flotilla_exchange::bingx::model::{Direction, KeyRefusal, OrderStatus};
use flotilla_exchange::bingx::order::{NewOrder, OrderKind, OrderRef, TimeInForce};
use flotilla_exchange::bingx::stream::{Snapshot, StreamItem, StreamSettings, UserStream};
use flotilla_exchange::bingx::transport::{Call, Egress, Hosts, HttpTransport, Transport as _};
use flotilla_exchange::outcome::{Doubt, Outcome, ReadError};
use futures_util::{SinkExt as _, StreamExt as _};
use rust_decimal::Decimal;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{btc, credentials, exit, market, number, soon, terms};

/// Long: nothing here judges speed.
const PATIENCE: Duration = Duration::from_mins(2);

struct World {
    server: Server,
    transport: Arc<HttpTransport>,
    bingx: Arc<BingX>,
    account: Account,
    uid: u64,
}

async fn world() -> World {
    let server = Server::start(Start::default()).await.unwrap();
    let uid = server.shared.with(|venue| venue.open_account("key", "secret", Decimal::from(10_000)));
    let hosts = Hosts {
        live: format!("http://{}", server.live),
        demo: format!("http://{}", server.demo),
        live_stream: format!("ws://{}/swap-market", server.live),
        demo_stream: format!("ws://{}/swap-market", server.demo),
    };
    let egress = |name: &str, last| Egress { name: name.to_owned(), address: Some([127, 0, 0, last].into()) };
    let transport = Arc::new(HttpTransport::new(&hosts, &[egress("first", 2), egress("second", 3)]).unwrap());
    let settings = Settings { timeout: PATIENCE, ..Settings::default() };
    let bingx = Arc::new(BingX::new(transport.clone(), settings));
    let account = bingx.account(Environment::Live, &uid.to_string(), credentials("key"), "first");
    World { server, transport, bingx, account, uid }
}

impl World {
    fn fault(&self, mishap: Mishap, method: &str, path: &str) {
        self.server.shared.with(|venue| venue.faults.add(Rule::of(mishap).on(method, path).times(1)));
    }

    async fn place(&self, order: &NewOrder) -> Outcome<flotilla_exchange::bingx::model::Placed> {
        let contracts = self.bingx.contracts(Environment::Live, "first").await.unwrap();
        self.account.place(order, terms(&contracts.get(&btc()).unwrap()), soon()).await
    }

    fn held(&self) -> Decimal {
        self.server.shared.with(|venue| {
            venue.ledger(HostName::Live, self.uid).unwrap().positions.values().map(|one| one.quantity).sum()
        })
    }
}

#[tokio::test]
async fn the_headers_of_an_answer_come_with_it() {
    let world = world().await;
    let call = Call {
        environment: Environment::Live,
        egress: "first".to_owned(),
        method: endpoint::SERVER_TIME.method,
        path: endpoint::SERVER_TIME.path,
        query: String::new(),
        api_key: None,
        timeout: PATIENCE,
    };
    for left in [499, 498] {
        let reply = world.transport.send(call.clone()).await.unwrap();
        let until_ms = reply.limited_until_ms.unwrap();
        assert_eq!((reply.status, reply.remaining), (200, Some(left)));
        assert!(until_ms > world.server.shared.now_ms(), "{until_ms}");
    }
}

#[tokio::test]
async fn every_read_and_write_works_in_every_manner_of_the_exchange() {
    let world = world().await;
    for (round, era) in [Era::Y2023, Era::Y2024, Era::Y2025, Era::Y2026, Era::Messy].into_iter().enumerate() {
        world.server.shared.with(|venue| venue.profile = Profile { era, ..Profile::default() });
        let account = &world.account;
        let info = account.permissions(soon()).await.unwrap();
        assert!(info.reads && info.trades_perpetual);
        assert_eq!(account.uid(soon()).await.unwrap(), world.uid.to_string());

        let name = format!("f{round}");
        let entry = NewOrder {
            stop_loss: Some(exit("105000")),
            take_profit: Some(exit("120000")),
            ..market(&name, Direction::Long, true, "0.01")
        };
        let placed = world.place(&entry).await.accepted().unwrap();
        let order =
            account.order(&btc(), &OrderRef::Ours(entry.client_id.clone()), soon()).await.unwrap().unwrap();
        assert_eq!(
            (&order.id, order.status, order.filled),
            (&placed.id, OrderStatus::Filled, number("0.01"))
        );

        let positions = account.positions(None, soon()).await.unwrap();
        assert_eq!((positions[0].direction, positions[0].quantity), (Direction::Long, number("0.01")));
        let open = account.open_orders(Some(&btc()), soon()).await.unwrap();
        assert_eq!(open.len(), 2);
        let cancelled = account.cancel(&btc(), &OrderRef::Venue(open[0].id.clone()), soon()).await;
        assert_eq!(cancelled.accepted().unwrap().status, OrderStatus::Cancelled);
        assert!(
            world
                .place(&market(&format!("c{round}"), Direction::Long, false, "0.01"))
                .await
                .accepted()
                .is_some()
        );
        assert_eq!(world.held(), Decimal::ZERO);
        assert!(account.balances(soon()).await.unwrap().margin().unwrap().equity > Decimal::from(9_900));
    }
    assert_eq!(world.server.shared.with(|venue| venue.limits.refused), [0, 0, 0]);
}

#[tokio::test]
async fn what_happens_on_the_wire_leaves_doubt_and_never_a_second_order() {
    let world = world().await;
    for (index, mishap) in [
        Mishap::StatusAfter { status: 504 },
        Mishap::DropAfter,
        Mishap::HalfBody,
        Mishap::Garbage,
        Mishap::StatusBefore { status: 502 },
        Mishap::DropBefore,
    ]
    .into_iter()
    .enumerate()
    {
        let happens = !matches!(mishap, Mishap::StatusBefore { .. } | Mishap::DropBefore);
        let before = world.held();
        world.fault(mishap.clone(), "POST", "/trade/order");
        let outcome = world.place(&market(&format!("f{index}"), Direction::Long, true, "0.01")).await;
        assert!(matches!(outcome, Outcome::Unknown(_)), "{mishap:?}: {outcome:?}");
        let expected = if happens { number("0.01") } else { Decimal::ZERO };
        assert_eq!(world.held() - before, expected, "{mishap:?}");
    }
}

#[tokio::test]
async fn a_clock_that_jumps_is_read_again_and_the_order_signed_anew() {
    let world = world().await;
    for (index, jump) in [3_000, 60_000, -60_000].into_iter().enumerate() {
        world.server.shared.jump(jump);
        let outcome = world.place(&market(&format!("f{index}"), Direction::Long, true, "0.01")).await;
        assert!(outcome.accepted().is_some(), "{jump}");
    }
    assert_eq!(world.held(), number("0.03"));
}

#[tokio::test]
async fn a_key_is_judged_before_it_is_taken_and_its_end_is_understood() {
    let world = world().await;
    world.server.shared.with(|venue| venue.account_mut(world.uid).unwrap().permissions.insert(5));
    let info = world.account.permissions(soon()).await.unwrap();
    assert_eq!(info.verdict(), Err(KeyRefusal::Withdraws));

    // The requests leave from the address that is configured.
    world
        .server
        .shared
        .with(|venue| venue.account_mut(world.uid).unwrap().ips = vec!["127.0.0.2".to_owned()]);
    assert!(world.account.balances(soon()).await.is_ok());
    let elsewhere =
        world.bingx.account(Environment::Live, &world.uid.to_string(), credentials("key"), "second");
    let refused = elsewhere.balances(soon()).await;
    assert!(matches!(refused, Err(ReadError::Refused(error)) if error.code == 100_419));
    world
        .server
        .shared
        .with(|venue| venue.account_mut(world.uid).unwrap().ips = vec!["127.0.0.3".to_owned()]);
    assert!(elsewhere.balances(soon()).await.is_ok());
    world.server.shared.with(|venue| venue.account_mut(world.uid).unwrap().is_disabled = true);
    let refused = world.account.balances(soon()).await;
    assert!(matches!(refused, Err(ReadError::Refused(error)) if error.class == ErrorClass::Key));
}

async fn next(items: &mut mpsc::Receiver<StreamItem>) -> StreamItem {
    timeout(PATIENCE, items.recv()).await.unwrap().unwrap()
}

/// The next snapshot.
async fn snapshot(items: &mut mpsc::Receiver<StreamItem>) -> Snapshot {
    loop {
        if let StreamItem::Snapshot(snapshot) = next(items).await {
            return *snapshot;
        }
    }
}

/// A snapshot that shows a position of this size.
async fn snapshot_of(items: &mut mpsc::Receiver<StreamItem>, quantity: &str) -> Snapshot {
    loop {
        let seen = snapshot(items).await;
        if seen.positions.iter().any(|one| one.quantity == number(quantity)) {
            return seen;
        }
    }
}

/// The next fill of an order.
async fn fill(items: &mut mpsc::Receiver<StreamItem>) -> (String, Decimal) {
    loop {
        if let StreamItem::Event(event) = next(items).await
            && let Event::Order(order) = *event
            && order.trade_id.is_some()
        {
            return (order.client_id.unwrap_or_default(), order.filled);
        }
    }
}

impl World {
    /// Our stream, with reconnections at once and no look but those after them.
    fn listen(&self, silence: Duration) -> (JoinHandle<()>, mpsc::Receiver<StreamItem>) {
        let settings = StreamSettings {
            silence,
            look_every: Duration::from_hours(1),
            longest_pause: Duration::from_millis(50),
            ..StreamSettings::default()
        };
        let stream = UserStream::new(self.account.clone(), Arc::clone(&self.transport), settings);
        let (sender, items) = mpsc::channel(1_000);
        let since = self.server.shared.now_ms();
        (tokio::spawn(async move { stream.run(since, sender).await }), items)
    }

    fn stream_fault(&self, mishap: StreamMishap) {
        self.server.shared.with(|venue| venue.stream_faults.entry(self.uid).or_default().push(mishap));
    }

    async fn buy(&self, name: &str, quantity: &str) {
        let placed = self.place(&market(name, Direction::Long, true, quantity)).await;
        assert!(placed.accepted().is_some(), "{name}");
    }
}

#[tokio::test]
async fn a_user_stream_tells_what_happens_and_a_snapshot_what_it_missed() {
    let world = world().await;
    let (running, mut items) = world.listen(PATIENCE);

    assert!(snapshot(&mut items).await.positions.is_empty());
    world.buy("f1", "0.01").await;
    assert_eq!(fill(&mut items).await, ("f1".to_owned(), number("0.01")));

    // The connection ends with the next event: nobody tells of the fill but the look after it.
    world.stream_fault(StreamMishap::Drop);
    world.buy("f2", "0.02").await;
    let after = snapshot_of(&mut items, "0.03").await;
    assert_eq!(after.fills.iter().map(|fill| fill.quantity).sum::<Decimal>(), number("0.03"));

    // The key runs out: a new one, a new connection, a new look.
    world.server.shared.jump(3_600_000);
    snapshot_of(&mut items, "0.03").await;
    running.abort();
}

#[tokio::test]
async fn an_answer_without_a_list_is_not_one_without_positions() {
    let world = world().await;
    for body in ["", r#"{"code":0,"msg":"","data":null}"#] {
        let nothing = Mishap::Answer { status: 200, body: body.to_owned() };
        // As often as a read is tried.
        world
            .server
            .shared
            .with(|venue| venue.faults.add(Rule::of(nothing).on("GET", "/user/positions").times(3)));
        let read = world.account.positions(None, soon()).await;
        assert_eq!(read, Err(ReadError::NoAnswer(Doubt::Unreadable)), "{body}");
    }
    assert_eq!(world.account.positions(None, soon()).await, Ok(Vec::new()));
}

#[tokio::test]
async fn events_may_come_twice_out_of_order_in_pieces_and_by_another_name() {
    let world = world().await;
    let (running, mut items) = world.listen(PATIENCE);
    snapshot(&mut items).await;

    // NEW twice, then the fill, which changes places with the account's event.
    world.stream_fault(StreamMishap::Twice);
    world.stream_fault(StreamMishap::Swap);
    world.buy("f1", "0.01").await;
    assert_eq!(fill(&mut items).await, ("f1".to_owned(), number("0.01")));

    for short_event_name in [false, true] {
        world.server.shared.with(|venue| {
            venue.profile = Profile { short_event_name, ..Profile::default() };
        });
        let name = format!("g{}", u8::from(short_event_name));
        world.stream_fault(StreamMishap::Split);
        world.stream_fault(StreamMishap::Split);
        world.buy(&name, "0.01").await;
        assert_eq!(fill(&mut items).await, (name, number("0.01")));
    }
    running.abort();
}

#[tokio::test]
async fn a_stream_that_says_nothing_any_more_is_given_up() {
    let world = world().await;
    let (running, mut items) = world.listen(Duration::from_secs(1));
    snapshot(&mut items).await;

    world.stream_fault(StreamMishap::Stall);
    world.buy("f1", "0.01").await;

    snapshot_of(&mut items, "0.01").await;
    running.abort();
}

#[tokio::test]
async fn an_order_that_is_filled_while_it_is_cancelled_is_no_cancelled_order() {
    let world = world().await;
    let price = OrderKind::Limit { price: number("100000"), time_in_force: TimeInForce::GoodTillCancelled };
    let order = NewOrder { kind: price, ..market("f1", Direction::Long, true, "0.01") };
    assert!(world.place(&order).await.accepted().is_some());

    world.fault(Mishap::FillFirst, "DELETE", "/trade/order");
    let ours = OrderRef::Ours(order.client_id.clone());
    let outcome = world.account.cancel(&btc(), &ours, soon()).await;

    assert!(matches!(outcome, Outcome::Refused(error) if error.means_already_filled()));
    let read = world.account.order(&btc(), &ours, soon()).await.unwrap().unwrap();
    assert_eq!((read.status, world.held()), (OrderStatus::Filled, number("0.01")));
}

#[tokio::test]
async fn an_address_that_has_all_its_connections_is_refused_another_and_reads_on() {
    let world = world().await;
    let few = Profile { streams_per_address: 1, ..Profile::default() };
    world.server.shared.with(|venue| venue.profile = few);
    let (running, mut items) = world.listen(PATIENCE);
    assert!(snapshot(&mut items).await.positions.is_empty());

    // Whoever does not count is sent away.
    let (other, mut refused) = world.listen(PATIENCE);
    let why = async {
        loop {
            if let Some(StreamItem::Down(why)) = refused.recv().await {
                return why;
            }
        }
    };
    assert_eq!(timeout(PATIENCE, why).await.unwrap(), "the stream's host refuses");
    other.abort();
    let refusals =
        world.server.shared.with(|venue| (venue.limits.connections_refused, venue.limits.most_connected));
    assert!(refusals.0 >= 1 && refusals.1 == 1, "{refusals:?}");

    // Without a stream it is read: what happened comes with the next look, and only what is new.
    let polled =
        UserStream::new(world.account.clone(), Arc::clone(&world.transport), StreamSettings::default());
    let (sender, mut items) = mpsc::channel(1_000);
    let since = world.server.shared.now_ms();
    let polling = tokio::spawn(async move { polled.poll(since, Duration::from_millis(20), sender).await });
    assert!(snapshot(&mut items).await.fills.is_empty());
    world.buy("f1", "0.01").await;
    let seen = async {
        loop {
            let seen = snapshot(&mut items).await;
            if !seen.fills.is_empty() {
                return seen;
            }
        }
    };
    let seen = timeout(PATIENCE, seen).await.unwrap();
    assert_eq!((seen.fills.len(), seen.positions.len()), (1, 1));
    polling.abort();
    running.abort();
}

impl World {
    /// Where the account's own stream is.
    fn user_stream(&self) -> String {
        let request = Incoming {
            host: HostName::Live,
            ip: "127.0.0.1".to_owned(),
            method: "POST".to_owned(),
            path: "/openApi/user/auth/userDataStream".to_owned(),
            query: String::new(),
            key: Some("key".to_owned()),
            content_type: String::new(),
            body: String::new(),
        };
        let delivery = self.server.shared.with(|venue| venue.handle(&request, venue.now()));
        let Delivery::Answer(reply) = delivery else { panic!("{delivery:?}") };
        let reply: Value = serde_json::from_str(&reply.body).unwrap();
        format!("ws://{}/swap-market?listenKey={}", self.server.live, reply["listenKey"].as_str().unwrap())
    }
}

/// Answers so many pings and then none, until the connection ends. Returns how many there were, and how many other
/// frames.
async fn listen_to_the_end(url: &str, answered: usize) -> (usize, usize) {
    let (mut socket, _) = connect_async(url).await.unwrap();
    let (mut pings, mut others) = (0, 0);
    while let Some(Ok(message)) = socket.next().await {
        let Message::Binary(packed) = message else { continue };
        let mut text = String::new();
        GzDecoder::new(packed.as_ref()).read_to_string(&mut text).unwrap();
        if text != "Ping" {
            others += 1;
            continue;
        }
        pings += 1;
        if pings <= answered {
            socket.send(Message::text("Pong")).await.unwrap();
        }
    }
    (pings, others)
}

#[tokio::test]
async fn whoever_leaves_three_pings_unanswered_is_cut() {
    let world = world().await;
    let often = Profile { ping_every_ms: 100, ..Profile::default() };
    world.server.shared.with(|venue| venue.profile = often);
    let (market, user) = (format!("ws://{}/swap-market", world.server.live), world.user_stream());

    let listening = async {
        tokio::join!(
            listen_to_the_end(&market, 0),
            listen_to_the_end(&user, 0),
            listen_to_the_end(&market, 5),
            listen_to_the_end(&user, 5),
        )
    };
    let (silent_market, silent_user, of_market, of_user) =
        timeout(PATIENCE, Box::pin(listening)).await.unwrap();

    // The user's stream tells the leverage at once and with each ping.
    assert_eq!((silent_market, silent_user), ((3, 0), (3, 4)));
    // An answer begins the count anew; one that came late had another ping before it.
    assert!(of_market.0 >= 8 && of_user.0 >= 8, "{of_market:?} {of_user:?}");
    assert_eq!(of_user.1, of_user.0 + 1);
}
