//! The crash matrix of accounts at an exchange, one test a cell: where the worker dies, while what happens.
//!
//! In each cell the copy is opened once and closed once in the end: an exchange can be asked, so nothing stays in doubt.

use flotilla_bingx_sim::fault::{Mishap, Rule};
use flotilla_bingx_sim::request::HostName;
use flotilla_bingx_sim::server::{Server, Start};
use flotilla_domain::exchange_key::ExchangeEnvironment;
use flotilla_security::exchange_secret::ExchangeSecret;
use flotilla_security::keyring::Keyring;
use flotilla_security::seal::Sealer;
use flotilla_testkit::invariants::{ExchangeBooks, StandingExit};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::world::World;

const OPEN: &str = "SIGNAL_OPEN|BUY|BTCUSD|100000|0.01|0.00|0.00|1";
const CLOSE: &str = "SIGNAL_CLOSE|BTCUSD|1|100000|0.00";
const NEXT: &str = "SIGNAL_OPEN|BUY|BTCUSD|100000|0.02|0.00|0.00|2";

/// What is under way when the worker dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum During {
    Open,
    Close,
}

use During::{Close, Open};

/// What happens to the order's request as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Nothing.
    Clear,
    /// It is accepted, no answer comes, and it is not seen for three seconds.
    Hidden,
    /// It is lost.
    Lost,
}

use Way::{Clear, Hidden, Lost};

macro_rules! cells {
    ($($cell:ident: $at:literal, $during:expr, $way:expr;)+) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $cell() {
            run($at, $during, $way).await;
        })+
    };
}

// Each answer of an open is settled twice: that it was accepted, and that it was filled.
cells! {
    b1_planned_and_not_claimed_it_is_placed: "venue_claiming=return", Open, Clear;
    b1_claimed_and_not_sent_it_is_placed_under_its_name: "venue_claimed=return", Open, Clear;
    b2_right_before_the_request_it_is_placed_under_its_name: "venue_sending=return", Open, Clear;
    b3_accepted_and_the_answer_not_stored_it_is_found: "venue_answered=return", Open, Clear;
    b3_accepted_without_an_answer_and_hidden_it_is_found: "venue_answered=return", Open, Hidden;
    b3_lost_on_the_way_it_is_placed_again_under_its_name: "venue_answered=return", Open, Lost;
    b4_before_the_commit_of_the_answer_it_is_found: "venue_settling=return", Open, Clear;
    b4_before_the_commit_of_the_fill_it_is_found: "venue_settling=1*off->return", Open, Clear;
    b5_after_the_commit_of_the_answer_it_is_asked_for: "venue_settled=return", Open, Clear;
    b5_after_the_commit_of_the_fill_it_stands: "venue_settled=1*off->return", Open, Clear;
    b7_a_close_that_was_not_claimed_is_placed: "venue_close_claiming=return", Close, Clear;
    b7_a_close_that_was_claimed_and_not_sent_is_placed: "venue_close_claimed=return", Close, Clear;
    b8_right_before_the_request_of_a_close_it_is_placed: "venue_sending=1*off->return", Close, Clear;
    b8_a_close_whose_answer_was_not_stored_is_found: "venue_answered=1*off->return", Close, Clear;
    b8_a_close_without_an_answer_and_hidden_is_found: "venue_answered=1*off->return", Close, Hidden;
    b8_a_close_that_was_lost_is_placed_again: "venue_answered=1*off->return", Close, Lost;
    b8_before_the_commit_of_the_answer_to_a_close_it_is_found: "venue_settling=2*off->return", Close, Clear;
    b8_after_the_commit_of_the_fill_of_a_close_it_stands: "venue_settled=3*off->return", Close, Clear;
    b10_right_before_the_second_sending_it_is_placed_once: "venue_sending=1*off->return", Open, Lost;
    b9_while_accounts_are_served_again_nothing_is_lost: "venue_serving=return", Open, Hidden;
}

/// A worker before a simulated exchange, and a follower there.
pub struct Scene {
    pub world: World,
    pub server: Server,
    uid: u64,
}

impl Scene {
    pub async fn new() -> Self {
        #[expect(clippy::disallowed_methods, reason = "a simulated exchange has a clock of its own")]
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let now_ms = i64::try_from(now.as_millis()).unwrap();
        let server = Server::start(Start { now_ms, ..Start::default() }).await.unwrap();
        let mut world = World::new(1, 0).await;
        for (name, scheme, address, path) in [
            ("FLOTILLA_BINGX_LIVE_URL", "http", server.live, ""),
            ("FLOTILLA_BINGX_DEMO_URL", "http", server.demo, ""),
            ("FLOTILLA_BINGX_LIVE_STREAM_URL", "ws", server.live, "/swap-market"),
            ("FLOTILLA_BINGX_DEMO_STREAM_URL", "ws", server.demo, "/swap-market"),
        ] {
            world.environment.push((name.to_owned(), format!("{scheme}://{address}{path}")));
        }
        world.environment.push(("FLOTILLA_BINGX_ORDERS_PER_SECOND".to_owned(), "50".to_owned()));
        server.shared.with(|venue| venue.move_price(HostName::Demo, "BTC-USDT", Decimal::from(100_000)));
        let mut scene = Self { world, server, uid: 0 };
        let (follower, uid) = scene.connect("follower").await;
        scene.uid = uid;
        let master = scene.world.masters.first().unwrap().id;
        scene.follow(follower, master).await;
        scene
    }

    /// Opens an account of one owner at the exchange, with a key that is proven: its id, and its number there.
    pub async fn connect(&self, copy_role: &str) -> (Uuid, u64) {
        let (key, secret) = (format!("key-of-{copy_role}"), format!("secret-of-{copy_role}"));
        let uid = self.server.shared.with(|venue| venue.open_account(&key, &secret, Decimal::from(10_000)));
        let sql = &self.world.sql;
        let add = "insert into accounts (owner_id, name, platform, copy_role, trading_enabled)
            select id, 'exchange ' || $1, 'bingx', $1, true from users returning id, owner_id";
        let row = sql.query_one(add, &[&copy_role]).await.unwrap();
        let (account, owner): (Uuid, Uuid) = (row.get(0), row.get(1));
        let keys = std::fs::read_to_string(self.world.keys_path()).unwrap();
        let environment = ExchangeEnvironment::Demo;
        let secret = ExchangeSecret { environment, api_key: key.into(), api_secret: secret.into() };
        let sealer = Sealer::new(&Keyring::parse(&keys).unwrap());
        let envelope = secret.seal(&sealer, owner.into(), account.into()).unwrap();
        let key = "insert into exchange_keys (account_id, owner_id, environment, sealed, generation, status, permissions,
                uid, account_type, position_mode, last_verified_at, check_due_at)
            values ($1, $2, 'demo', $3, 1, 'verified', array['read', 'perpetual'], $4, 'perpetual', 'hedge', now(),
                now() + interval '1 day')";
        sql.execute(key, &[&account, &owner, &envelope, &uid.to_string()]).await.unwrap();
        (account, uid)
    }

    /// The follower copies this master from now on.
    pub async fn follow(&self, follower: Uuid, master: Uuid) {
        let follow = "insert into subscriptions (owner_id, follower_account_id, master_account_id, master_name, source,
                state, max_age_s)
            select owner_id, id, $2, 'lead', 'web', 'active', 120 from accounts where id = $1";
        self.world.sql.execute(follow, &[&follower, &master]).await.unwrap();
    }

    pub async fn await_service(&self) {
        let served =
            "select coalesce(max(sockets::text || coalesce(opens_from::text, ' open')), '') from sessions
            where venue = 'bingx'";
        self.world.await_text(served, "1 open").await;
    }

    /// Orders that were accepted under our names, and coins that are held.
    pub fn books(&self) -> (usize, Decimal) {
        self.server.shared.with(|venue| {
            let ledger = venue.ledger(HostName::Demo, self.uid).unwrap();
            let ours = ledger.orders.values().filter(|order| order.client_id.starts_with('f')).count();
            (ours, ledger.positions.values().map(|one| one.quantity).sum())
        })
    }

    /// All that the exchange itself says of the account.
    pub async fn exchange_books(&self) -> ExchangeBooks {
        let account = "select id from accounts where platform = 'bingx'";
        let account = self.world.sql.query_one(account, &[]).await.unwrap().get(0);
        self.server.shared.with(|venue| {
            let ledger = venue.ledger(HostName::Demo, self.uid).unwrap();
            let positions = ledger.positions.iter().map(|((symbol, _), one)| {
                let direction = if one.is_long { "LONG" } else { "SHORT" };
                (symbol.clone(), direction.to_owned(), one.quantity)
            });
            let orders = ledger.orders.values().map(|order| (order.client_id.clone(), order.filled));
            let standing = |(name, is_target, quantity)| StandingExit { name, is_target, quantity };
            let exits = ledger.standing_exits().into_iter().map(standing).collect();
            ExchangeBooks { account, positions: positions.collect(), orders: orders.collect(), exits }
        })
    }

    fn spoil(&self, way: Way) {
        let mishap = match way {
            Clear => return,
            Hidden => Mishap::Hide { ms: 3_000, lost: true },
            Lost => Mishap::DropBefore,
        };
        let rule = Rule::of(mishap).on("POST", "trade/order").times(1);
        self.server.shared.with(|venue| venue.faults.add(rule));
    }
}

async fn run(at: &str, during: During, way: Way) {
    let scene = Scene::new().await;
    let world = &scene.world;
    let serves_again = at.starts_with("venue_serving");
    assert!(world.start(if serves_again { "" } else { at }));
    scene.await_service().await;
    let mut master = world.master().await;
    if during == Open {
        scene.spoil(way);
    }
    master.wire.send(OPEN).await.unwrap();
    if serves_again {
        world.await_text("select count(*)::text from venue_orders", "1").await;
        world.kill();
        // The first account that is served is the only one: this worker dies before it has looked at it.
        assert!(world.start("venue_serving=return"));
    }
    if during == Close {
        world.await_copies("open").await;
        scene.spoil(way);
        master.wire.send(CLOSE).await.unwrap();
    }
    world.await_death().await;
    assert!(world.start(""));
    went_on(&scene, during).await;
    drop(master);
}

/// After the restart: one order each way, one position, and a further trade works.
async fn went_on(scene: &Scene, during: During) {
    let world = &scene.world;
    world.await_copies(if during == Open { "open" } else { "closed" }).await;
    if during == Open {
        assert_eq!(scene.books(), (1, Decimal::new(1, 2)), "one order, one position");
        let mut master = world.master().await;
        master.wire.send(CLOSE).await.unwrap();
        world.await_copies("closed").await;
    }
    assert_eq!(scene.books(), (2, Decimal::ZERO), "one order each way");
    let mut master = world.master().await;
    master.wire.send(NEXT).await.unwrap();
    world.await_copies("closed open").await;
    assert_eq!(scene.books(), (3, Decimal::new(2, 2)), "a further trade works");
    let unresolved =
        "select count(*)::text from venue_orders where state in ('intended', 'accepted', 'unknown')";
    world.await_text(unresolved, "0").await;
    assert_eq!(scene.server.shared.with(|venue| venue.faults_of_books()), Vec::<String>::new());
    world.invariants().with_exchanges(vec![scene.exchange_books().await]).assert_hold().await;
    drop(master);
}

/// What is done about a stop when the worker dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exits {
    /// It was lost and is placed.
    Placing,
    /// Its copy was closed and it is cancelled.
    Cancelling,
    /// It was pulled, and that is booked.
    Booking,
}

use Exits::{Booking, Cancelling, Placing};

macro_rules! exit_cells {
    ($($cell:ident: $at:literal, $exits:expr, $way:expr;)+) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $cell() {
            guard($at, $exits, $way).await;
        })+
    };
}

// A look that misses a stop notes that; the second places it.
exit_cells! {
    x1_the_placing_of_a_stop_is_not_claimed: "venue_exit_claiming=return", Placing, Clear;
    x2_the_placing_of_a_stop_is_claimed_and_not_sent: "venue_exit_claimed=return", Placing, Clear;
    x3_a_stop_was_placed_and_the_answer_not_stored: "venue_exit_placed=return", Placing, Clear;
    x3_a_stop_was_placed_without_an_answer_and_hidden: "venue_exit_placed=return", Placing, Hidden;
    x3_a_stop_was_lost_on_the_way: "venue_exit_placed=return", Placing, Lost;
    x4_after_the_answer_to_a_stop_was_stored: "venue_exit_noted=1*off->return", Placing, Clear;
    x5_right_before_the_cancel_of_a_stop: "venue_exit_cancelling=return", Cancelling, Clear;
    x6_a_stop_was_cancelled_and_the_answer_not_stored: "venue_exit_cancelled=return", Cancelling, Clear;
    x7_before_the_commit_of_what_a_stop_has_closed: "venue_exit_taking=return", Booking, Clear;
}

const STOPPED: &str = "SIGNAL_OPEN|BUY|BTCUSD|100000|0.01|99000|0.00|1";
/// What copies hold, in their order.
const HELD: &str = "select coalesce(string_agg(held::text, ' ' order by id), '') from (
        select c.id, trim_scale(sum(case v.leg when 'open' then v.filled else -v.filled end)) as held
        from copy_orders c join venue_orders v on v.copy_id = c.copy_id group by c.id) as s";
const KNOWN: &str = "select count(order_id)::text from venue_exits";

impl Scene {
    /// What the stops that stand close.
    fn stops(&self) -> Vec<Decimal> {
        self.server.shared.with(|venue| {
            let exits = venue.ledger(HostName::Demo, self.uid).unwrap().standing_exits();
            exits.into_iter().map(|(_, _, quantity)| quantity).collect()
        })
    }

    async fn await_stops(&self, expected: &[Decimal]) {
        for _ in 0..1_200 {
            if self.stops() == expected {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert_eq!(self.stops(), expected);
    }
}

/// Whatever dies when, of a copy that holds something one stop stands, and of one that does not, none.
async fn guard(at: &str, exits: Exits, way: Way) {
    let scene = Scene::new().await;
    let world = &scene.world;
    if exits == Placing {
        let lost = Rule::of(Mishap::LoseExits).on("POST", "trade/order").times(1);
        scene.server.shared.with(|venue| venue.faults.add(lost));
        scene.spoil(way);
    }
    assert!(world.start(at));
    scene.await_service().await;
    let mut master = world.master().await;
    master.wire.send(STOPPED).await.unwrap();
    let size = Decimal::new(1, 2);
    if exits == Placing {
        world.await_death().await;
        assert!(world.start(""));
        scene.await_stops(&[size]).await;
        world.await_text(KNOWN, "1").await;
        scene.await_stops(&[size]).await;
        master = world.master().await;
    } else {
        world.await_text(KNOWN, "1").await;
    }
    master.wire.send(NEXT).await.unwrap();
    world.await_text(HELD, "0.01 0.02").await;
    if exits == Booking {
        scene.server.shared.with(|venue| venue.move_price(HostName::Demo, "BTC-USDT", Decimal::from(98_900)));
    } else {
        master.wire.send(CLOSE).await.unwrap();
    }
    if exits != Placing {
        world.await_death().await;
        assert!(world.start(""));
    }
    world.await_text(HELD, "0 0.02").await;
    scene.await_stops(&[]).await;
    // Nothing that stood has closed of the other copy, and the next look agrees.
    world.await_text("select count(*)::text from venue_exits where due_at is not null", "0").await;
    world.await_text(HELD, "0 0.02").await;
    assert_eq!(scene.books().1, Decimal::new(2, 2));
    world.invariants().with_exchanges(vec![scene.exchange_books().await]).assert_hold().await;
    drop(master);
}

/// The commit of a claim was carried out, and its answer was lost.
async fn commit_unknown(during: During, statement: &[u8]) {
    let scene = Scene::new().await;
    let world = &scene.world;
    assert!(world.start(""));
    scene.await_service().await;
    let mut master = world.master().await;
    if during == Open {
        world.database.lose_answer_after(statement, b"COMMIT");
        master.wire.send(OPEN).await.unwrap();
    } else {
        master.wire.send(OPEN).await.unwrap();
        world.await_copies("open").await;
        world.database.lose_answer_after(statement, b"COMMIT");
        master.wire.send(CLOSE).await.unwrap();
    }
    let intended = "select count(*)::text from venue_orders where state = 'intended' and leg = $1";
    let leg = if during == Open { "open" } else { "close" };
    world.await_text(&intended.replace("$1", &format!("'{leg}'")), "1").await;
    assert_eq!(world.database.answers_lost(), 1);
    assert_eq!(
        scene.books().0,
        usize::from(during == Close),
        "what may not have been written down does not leave"
    );

    // Half a minute later whoever looks at what is due asks for it.
    world.sql.execute("update venue_orders set due_at = now() where state = 'intended'", &[]).await.unwrap();
    went_on(&scene, during).await;
    drop(master);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c9_a_claim_whose_commit_got_no_answer_is_one_order() {
    // Words that the claims for terminals, which look for something to do again and again, do not say.
    commit_unknown(Open, b"claimed_at = now(), symbol = $3").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c9_a_close_whose_commit_got_no_answer_is_one_order() {
    commit_unknown(Close, b"'close_sent' from moved where $3").await;
}
