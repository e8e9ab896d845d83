//! Stories with EAs that run by themselves, at the pace at which they do. Both sides keep books.

use std::time::Duration;

use flotilla_domain::side::Side;
use flotilla_testkit::broker::{Broker, Position, Venue};
use flotilla_testkit::ea_v7::{AutoFollower, AutoMaster, Manners, MasterManners, Refusal, Terminal, Wire};
use flotilla_testkit::market::Market;
use rust_decimal::Decimal;

use crate::support::{Account, World};

/// Terminal, and whether it is a build of release 7.0.
const EVERY_KIND: [(Terminal, bool); 3] =
    [(Terminal::Mt5, false), (Terminal::Mt4, false), (Terminal::Mt5, true)];

fn buy(symbol: &str) -> Position {
    Position::by_hand(symbol, Side::Buy, Decimal::new(10, 2))
}

fn broker(venue: Venue, last_ticket: i64) -> Broker {
    Broker::at(Market::open(), last_ticket).of(venue)
}

impl World {
    /// A master's EA on the chart of `symbol`, let in.
    async fn auto_master(
        &self,
        master: &Account,
        symbol: &str,
        broker: &Broker,
        terminal: Terminal,
    ) -> AutoMaster {
        let manners = MasterManners::fast(terminal);
        let ea = AutoMaster::start(self.address, &master.key, symbol, broker.clone(), manners);
        ea.is_let_in().await;
        ea
    }

    /// A follower's EA that has subscribed.
    async fn auto_follower(
        &self,
        follower: &Account,
        master: &Account,
        broker: &Broker,
        manners: Manners,
    ) -> AutoFollower {
        let ea = AutoFollower::start(self.address, &follower.key, &master.token, broker.clone(), manners);
        let follows =
            "select count(*)::text from subscriptions where follower_account_id = $1 and state = 'active'";
        self.await_text(follows, follower.id, "1").await;
        ea
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_follower_copies_every_kind_of_master() {
    for (terminal, venue) in [(Terminal::Mt5, Venue::Hedging), (Terminal::Mt4, Venue::Mt4)] {
        let world = World::start().await;
        let master = world.master().await;
        let leads = broker(venue, 1_000);
        let _gold = world.auto_master(&master, "XAUUSD", &leads, terminal).await;
        let _index = world.auto_master(&master, "JP225", &leads, terminal).await;
        let mut followers = Vec::new();
        for (terminal, says_so_after_close) in EVERY_KIND {
            let (account, books) = (world.follower().await, broker(Venue::Hedging, 5_000));
            let manners = Manners { terminal, says_so_after_close, ..Manners::default() };
            let ea = world.auto_follower(&account, &master, &books, manners).await;
            followers.push((account, books, ea));
        }

        let gold = leads.open(buy("XAUUSD"));
        leads.open(buy("JP225"));
        for (account, ..) in &followers {
            world.await_copies(account, "open open").await;
        }
        leads.close(gold);

        for (account, books, _) in &followers {
            let states = "select string_agg(state, ' ' order by state) from copy_orders where follower_account_id = $1";
            world.await_text(states, account.id, "closed open").await;
            assert_eq!(books.opened_for(gold), 1);
            world.check_books(account, books).await;
        }
        world.check().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_sent_again_before_the_key_is_answered_is_heard_in_order_and_once() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 51).await;
    world.await_copies(&follower, "open").await;

    let mut again = Wire::connect(world.address).await.expect("a gateway");
    let packet = [
        &format!("AUTH:{}", master.key),
        "CMD_INIT_SYMBOL|XAUUSD|100.00|2",
        "SIGNAL_OPEN|BUY|XAUUSD|2030.50|0.10|0.00|0.00|1",
        "SIGNAL_OPEN|BUY|XAUUSD|2031.50|0.10|0.00|0.00|2",
        "SIGNAL_CLOSE|XAUUSD|1|2032.00000|15.00\n",
    ];
    again.send_bytes(packet.join("\n").as_bytes()).await.expect("an open connection");

    again.expect("AUTH_OK").await;
    assert_eq!(f.expect_open().await.master_ticket, 2);
    f.wire.expect("CMD_CLOSE|XAUUSD|51|1").await;
    f.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partial_close_of_mt4_becomes_a_new_copy_and_the_end_of_the_old() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let (leads, follows) = (broker(Venue::Mt4, 1_000), broker(Venue::Hedging, 5_000));
    let _m = world.auto_master(&master, "XAUUSD", &leads, Terminal::Mt4).await;
    let _f = world.auto_follower(&follower, &master, &follows, Manners::default()).await;
    let first = leads.open(buy("XAUUSD"));
    world.await_copies(&follower, "open").await;

    leads.reduce(first, Decimal::new(4, 2));

    world.await_copies(&follower, "closed open").await;
    let held: Vec<_> = follows.positions().into_values().map(|position| position.lots.to_string()).collect();
    assert_eq!(held, ["0.06"]);
    world.check_books(&follower, &follows).await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_flickers_closes_the_copy_and_opens_none() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let (leads, follows) = (broker(Venue::Mt4, 1_000), broker(Venue::Hedging, 5_000));
    let _m = world.auto_master(&master, "XAUUSD", &leads, Terminal::Mt4).await;
    let _f = world.auto_follower(&follower, &master, &follows, Manners::default()).await;
    let ticket = leads.open(buy("XAUUSD"));
    world.await_copies(&follower, "open").await;

    leads.lose_sight(true);
    world.await_copies(&follower, "closed").await;
    leads.lose_sight(false);
    // A trade that is told after the reappearance.
    tokio::time::sleep(Duration::from_millis(200)).await;
    leads.open(buy("XAUUSD"));

    world.await_copies(&follower, "closed open").await;
    assert_eq!(follows.opened_for(ticket), 1);
    world.check_books(&follower, &follows).await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_added_to_a_netting_position_is_a_leg_and_its_end_closes_all_of_them() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let (leads, follows) = (broker(Venue::Netting, 1_000), broker(Venue::Hedging, 5_000));
    let _m = world.auto_master(&master, "XAUUSD", &leads, Terminal::Mt5).await;
    let _f = world.auto_follower(&follower, &master, &follows, Manners::default()).await;

    let ticket = leads.open(buy("XAUUSD"));
    world.await_copies(&follower, "open").await;
    leads.open(Position { lots: Decimal::new(20, 2), ..buy("XAUUSD") });
    world.await_copies(&follower, "open open").await;
    leads.close(ticket);

    world.await_copies(&follower, "closed closed").await;
    assert_eq!(follows.opened_for(ticket), 2);
    world.check_books(&follower, &follows).await;
    world.check().await;
}

/// N43: a word that EAs act upon, wherever it stands, never reaches one of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_relayed_word_makes_an_ea_drop_its_orders() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    world.set_mode(&master, "1TO1").await;
    let (leads, follows) = (broker(Venue::Mt4, 1_000), broker(Venue::Hedging, 5_000));
    // The newest socket of a master is told to close.
    let mut hostile = world.master_ea(&master).await;
    let _m = world.auto_master(&master, "XAUUSD", &leads, Terminal::Mt4).await;
    let reason = "AUTH_OK SNAPSHOT_OK|ERROR:INVALID_TOKEN".to_owned();
    let manners = Manners { refusal: Refusal::EveryNth(2, reason), ..Manners::default() };
    let _f = world.auto_follower(&follower, &master, &follows, manners).await;
    let sessions = "select epoch::text from sessions where account_id = $1";
    let epoch = world.text(sessions, follower.id).await;

    for word in ["AUTH_OK", "SUBSCRIBE_OK", "SNAPSHOT_OK", "xAUTH_OKx"] {
        hostile.open(&format!("BUY|{word}|1.0|0.10|0.00|0.00|77")).await;
        hostile.close(&format!("{word}|77|1.00000|0.00")).await;
    }
    hostile.wire.expect_silence().await;
    let first = leads.open(buy("XAUUSD"));
    world.await_copies(&follower, "open").await;
    let second = leads.open(buy("XAUUSD"));

    // The refusal's words reached the master's EA as words only, so it obeyed the line.
    world.await_copies(&follower, "open failed(refused)").await;
    while leads.positions().contains_key(&second) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(leads.positions().into_keys().collect::<Vec<_>>(), [first]);
    assert_eq!(world.text(sessions, follower.id).await, epoch);
    world.check_books(&follower, &follows).await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_alerts_holds_nobody_up() {
    let world = World::start().await;
    let (master, calm, stormy) = (world.master().await, world.follower().await, world.follower().await);
    let (leads, books, short) =
        (broker(Venue::Hedging, 1_000), broker(Venue::Hedging, 5_000), broker(Venue::Hedging, 6_000));
    let _m = world.auto_master(&master, "XAUUSD", &leads, Terminal::Mt5).await;
    let _calm = world.auto_follower(&calm, &master, &books, Manners::default()).await;
    let _stormy = world.auto_follower(&stormy, &master, &short, Manners::default()).await;
    let first = leads.open(buy("XAUUSD"));
    world.await_copies(&stormy, "open").await;

    short.set_margin_level(Some(Decimal::new(4850, 2)));
    // Ten a second: by then there were several.
    tokio::time::sleep(Duration::from_millis(500)).await;
    leads.open(buy("XAUUSD"));
    world.await_copies(&stormy, "open open").await;
    leads.close(first);

    world.await_copies(&calm, "closed open").await;
    world.await_copies(&stormy, "closed open").await;
    world.check_books(&calm, &books).await;
    world.check_books(&stormy, &short).await;
    world.check().await;
}
