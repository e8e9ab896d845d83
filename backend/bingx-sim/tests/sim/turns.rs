//! Orders that leave at once or not at all, and one question for the time for all who need it.

use std::time::Duration;

use flotilla_bingx_sim::fault::{Mishap, Rule};
use flotilla_bingx_sim::ledger::Order;
use flotilla_bingx_sim::profile::LimitProfile;
use flotilla_bingx_sim::request::{HostName, Incoming};
use flotilla_exchange::bingx::client::{Settings, Turn};
use flotilla_exchange::bingx::endpoint::Environment;
use flotilla_exchange::bingx::error::ErrorClass;
use flotilla_exchange::bingx::model::Direction;
use flotilla_exchange::limits::{Priority, Rate};
use flotilla_exchange::outcome::{NotSent, Outcome};
use futures_util::future::join_all;
use rust_decimal::Decimal;
use tokio::time::Instant;

use crate::support::{Desk, btc, market, number, soon, terms};

impl Desk {
    /// How often the time was asked for.
    fn questions_for_the_time(&self) -> usize {
        let is_it = |path: &str| path.ends_with("server/time");
        self.net.with(|venue| venue.journal.iter().filter(|entry| is_it(&entry.path)).count())
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_that_was_refused_for_its_time_leaves_again_at_once() {
    let desk = Desk::new();
    let contract = desk.contract().await;
    let turn = desk.live.order_turn(soon()).await.unwrap();
    desk.net.jump(60_000);

    let order = market("f1", Direction::Long, true, "0.01");
    let outcome = desk.live.place_in(&order, terms(&contract), turn).await;

    assert!(outcome.accepted().is_some());
    assert_eq!(desk.held(HostName::Live), number("0.01"));
}

#[tokio::test(start_paused = true)]
async fn an_order_that_was_refused_for_its_time_does_not_wait_for_another_turn() {
    let orders = Rate { requests: 2, per: Duration::from_mins(1) };
    let desk = Desk::with(Settings { orders, ..Settings::default() });
    let contract = desk.contract().await;
    // Opens get half of the orders: the next turn comes in a minute, and the copy would be fresh for ten.
    let long = Turn::within(Priority::Open, Duration::from_mins(10));
    let turn = desk.live.order_turn(long).await.unwrap();
    desk.net.jump(60_000);

    let began = Instant::now();
    let order = market("f1", Direction::Long, true, "0.01");
    let outcome = desk.live.place_in(&order, terms(&contract), turn).await;

    assert!(matches!(outcome, Outcome::Refused(error) if error.class == ErrorClass::Clock));
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    tokio::time::sleep(Duration::from_mins(10)).await;
    assert_eq!(desk.held(HostName::Live), Decimal::ZERO);
}

#[tokio::test(start_paused = true)]
async fn an_order_does_not_leave_after_the_time_that_its_owner_set() {
    let desk = Desk::new();
    let contract = desk.contract().await;
    let turn = desk.live.order_turn(soon()).await.unwrap().by(Instant::now() + Duration::from_secs(2));
    tokio::time::sleep(Duration::from_secs(3)).await;

    let order = market("f1", Direction::Long, true, "0.01");
    let outcome = desk.live.place_in(&order, terms(&contract), turn).await;

    assert_eq!(outcome.map(|_| ()), Outcome::NotSent(NotSent::NoTurn));
    assert_eq!(desk.held(HostName::Live), Decimal::ZERO);

    let turn = desk.live.order_turn(soon()).await.unwrap().by(Instant::now() + Duration::from_secs(2));
    tokio::time::sleep(Duration::from_secs(3)).await;
    let turn = turn.until(Instant::now() + Duration::from_secs(2));
    let order = market("f2", Direction::Long, true, "0.01");
    assert!(desk.live.place_in(&order, terms(&contract), turn).await.accepted().is_some());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_signed_any_more_that_changes_an_account_once_another_may_act_for_it() {
    let desk = Desk::new();
    let contract = desk.contract().await;
    let order = market("f1", Direction::Long, true, "0.01");
    let turn = desk.live.order_turn(soon()).await.unwrap();
    desk.bingx.sign_until(Instant::now() + Duration::from_secs(9));
    tokio::time::sleep(Duration::from_secs(10)).await;

    let turned = desk.live.place_in(&order, terms(&contract), turn).await;
    let cancelled = desk.live.cancel_all(&btc(), soon()).await;

    assert_eq!(turned.map(|_| ()), Outcome::NotSent(NotSent::NoLease));
    assert_eq!(cancelled.map(|_| ()), Outcome::NotSent(NotSent::NoLease));
    assert!(desk.live.balances(soon()).await.is_ok(), "reads go on");
    let writes = |venue: &flotilla_bingx_sim::venue::Venue| {
        venue.journal.iter().filter(|entry| entry.method != "GET").count()
    };
    assert_eq!(desk.net.with(|venue| writes(venue)), 0);
    // The lease is renewed.
    desk.bingx.sign_until(Instant::now() + Duration::from_secs(9));
    assert!(desk.live.place(&order, terms(&contract), soon()).await.accepted().is_some());
}

#[tokio::test(start_paused = true)]
async fn the_time_is_asked_for_once_for_all_who_need_it() {
    let desk = Desk::new();
    let ask_all = async |count: usize| {
        let asked = (0..count).map(|_| desk.live.balances(soon()));
        assert!(join_all(asked).await.iter().all(Result::is_ok));
    };
    let slow = Rule::of(Mishap::Slow { ms: 50 }).on("GET", "server/time");
    desk.net.with(|venue| venue.faults.add(slow));
    ask_all(5).await;
    assert_eq!(desk.questions_for_the_time(), 1);

    // Nobody asked for long.
    tokio::time::sleep(Duration::from_mins(6)).await;
    ask_all(20).await;
    assert_eq!(desk.questions_for_the_time(), 2);

    // The clock jumps: everybody is refused at the same moment.
    desk.net.jump(60_000);
    ask_all(4).await;
    assert_eq!(desk.questions_for_the_time(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_slow_to_tell_the_time_holds_up_nobody_who_knows_an_old_one() {
    let desk = Desk::new();
    assert!(desk.live.balances(soon()).await.is_ok());
    tokio::time::sleep(Duration::from_mins(6)).await;
    let slow = Rule::of(Mishap::Slow { ms: 9_000 }).on("GET", "server/time");
    desk.net.with(|venue| venue.faults.add(slow));

    let began = Instant::now();
    let past = desk.live.balances(Turn::within(Priority::History, Duration::from_mins(2)));
    let close = desk.live.order_turn(Turn::within(Priority::Protect, Duration::from_secs(30)));
    let (past, close) = tokio::join!(past, close);

    assert!(past.is_ok() && close.is_ok());
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_interface_that_says_that_nothing_is_left_is_not_called_until_there_is_room() {
    let desk = Desk::new();
    // What the headers say is a time of the server: it has to be known.
    desk.bingx.read_clock(Environment::Live, "198.51.100.1", soon()).await.unwrap();
    desk.net.with(|venue| venue.profile.limits = LimitProfile::Strict);
    let began = Instant::now();

    for _ in 0..4 {
        desk.bingx.last_price(Environment::Live, "198.51.100.1", &btc()).await.unwrap();
        desk.live.balances(soon()).await.unwrap();
        desk.live.balances(soon()).await.unwrap();
    }

    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert_eq!(desk.net.with(|venue| venue.limits.refused), [0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn what_protects_goes_on_where_an_interface_says_that_nothing_is_left() {
    let desk = Desk::new();
    let (live, egress) = (Environment::Live, "198.51.100.1");
    desk.bingx.read_clock(live, egress, soon()).await.unwrap();
    let limits = |limits| desk.net.with(|venue| venue.profile.limits = limits);
    limits(LimitProfile::Strict);
    desk.bingx.last_price(live, egress, &btc()).await.unwrap();
    desk.live.balances(soon()).await.unwrap();
    desk.live.balances(soon()).await.unwrap();
    // It said less than it takes.
    limits(LimitProfile::Off);
    let protect = Turn::within(Priority::Protect, Duration::from_secs(30));
    let began = Instant::now();

    assert!(desk.live.balances(protect).await.is_ok());
    assert!(desk.bingx.read_clock(live, egress, soon()).await.is_ok());
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert!(desk.live.balances(soon()).await.is_ok());
    assert!(began.elapsed() >= Duration::from_millis(500), "{:?}", began.elapsed());
    assert!(desk.bingx.last_price(live, egress, &btc()).await.is_ok());
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_close_waits_for_no_list_of_contracts() {
    let (live, egress) = (Environment::Live, "198.51.100.1");
    let contracts_age = Duration::from_secs(1);
    let desk = Desk::with(Settings { contracts_age, ..Settings::default() });
    let open = market("f1", Direction::Long, true, "0.01");
    let known = desk.contract().await;
    assert!(desk.live.place(&open, terms(&known), soon()).await.accepted().is_some());
    // The list has grown old, and nothing is read of the market for a second.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let text = "The endpoint trigger frequency limit rule".to_owned();
    let too_much = Rule::of(Mishap::Refuse { code: 100_410, text }).on("GET", "ticker/price").times(1);
    desk.net.with(|venue| venue.faults.add(too_much));

    let began = Instant::now();
    let symbol = btc();
    let price = desk.bingx.last_price(live, egress, &symbol);
    let list = async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        desk.bingx.contracts(live, egress).await.map(|_| began.elapsed())
    };
    let close = async {
        tokio::time::sleep(Duration::from_millis(2)).await;
        let contract = desk.bingx.contract(live, egress, &symbol).await.unwrap().unwrap();
        let order = market("f2", Direction::Long, false, "0.01");
        let protect = Turn::within(Priority::Protect, Duration::from_secs(30));
        let outcome = desk.live.place(&order, terms(&contract), protect).await;
        (outcome.accepted().is_some(), began.elapsed())
    };
    let (price, list, (is_closed, took)) = tokio::join!(price, list, close);

    assert!(price.is_ok() && list.unwrap() >= Duration::from_millis(900));
    assert!(is_closed && took < Duration::from_millis(100), "{took:?}");
    assert_eq!(desk.held(HostName::Live), Decimal::ZERO);

    // Where none is known, its reading is spared no more than what protects.
    let desk = Desk::new();
    desk.bingx.read_clock(live, egress, soon()).await.unwrap();
    let limits = |limits| desk.net.with(|venue| venue.profile.limits = limits);
    limits(LimitProfile::Strict);
    desk.bingx.last_price(live, egress, &btc()).await.unwrap();
    limits(LimitProfile::Off);
    let began = Instant::now();
    assert!(desk.bingx.contract(live, egress, &btc()).await.unwrap().is_some());
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert!(desk.bingx.last_price(live, egress, &btc()).await.is_ok());
    assert!(began.elapsed() >= Duration::from_millis(100), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_list_of_orders_that_is_full_is_read_in_parts() {
    let desk = Desk::new();
    let contract = desk.contract().await;
    let order = market("f1", Direction::Long, true, "0.01");
    assert!(desk.live.place(&order, terms(&contract), soon()).await.accepted().is_some());
    let now_ms = desk.net.now_ms();
    desk.net.with(|venue| {
        venue.at_desk(HostName::Live, desk.uid, |desk| {
            let first = desk.ledger.orders.values().next().unwrap().clone();
            for index in 1..=2_500_u64 {
                let (id, time) = (first.id + index, first.time - i64::try_from(index).unwrap() * 100);
                let other = Order { id, time, client_id: String::new(), ..first.clone() };
                desk.ledger.orders.insert(id, other);
            }
        })
    });

    let orders = desk.live.orders_between(&btc(), now_ms - 600_000, now_ms + 1_000, soon()).await.unwrap();

    assert_eq!(orders.len(), 2_501);
}

#[tokio::test(start_paused = true)]
async fn an_interface_that_is_closed_leaves_the_others_open_and_opens_again_one_by_one() {
    let desk = Desk::new();
    let contract = desk.contract().await;
    let began = Instant::now();
    // Somebody else asks from the same address.
    let (path, now_ms) = ("/openApi/swap/v2/user/positions", desk.net.now_ms());
    desk.net.with(|venue| {
        for _ in 0..301 {
            let other = Incoming {
                host: HostName::Live,
                ip: "198.51.100.1".to_owned(),
                method: "GET".to_owned(),
                path: path.to_owned(),
                query: String::new(),
                key: None,
                content_type: String::new(),
                body: String::new(),
            };
            venue.handle(&other, now_ms);
        }
        assert_eq!(venue.limits.refused, [0, 1, 0]);
    });
    assert!(desk.live.positions(None, soon()).await.is_err());
    assert_eq!(desk.net.with(|venue| venue.limits.refused), [0, 2, 0], "it is not asked again");

    // A close goes at once, and an open a window later.
    let order = market("f1", Direction::Long, true, "0.01");
    assert!(desk.live.place(&order, terms(&contract), soon()).await.accepted().is_some());
    assert!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
    let again = Instant::now();
    let protect = Turn::within(Priority::Protect, Duration::from_secs(30));
    let order = market("f2", Direction::Long, false, "0.01");
    assert!(desk.live.place(&order, terms(&contract), protect).await.accepted().is_some());
    assert!(again.elapsed() < Duration::from_secs(1), "{:?}", again.elapsed());

    // All who wait are asked once it is open.
    let long = || Turn::within(Priority::Account, Duration::from_mins(10));
    let waiting = join_all((0..40).map(|_| desk.live.positions(None, long()))).await;
    assert!(waiting.iter().all(Result::is_ok));
    assert!(began.elapsed() > Duration::from_mins(5), "{:?}", began.elapsed());
    assert_eq!(desk.net.with(|venue| venue.limits.refused), [0, 2, 0]);
}
