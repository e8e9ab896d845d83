//! The exchange says that it is too much, and then sends the address away.
#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

use std::time::Duration;

use flotilla_bingx_sim::fault::{Mishap, Rule};
use flotilla_bingx_sim::request::HostName;
use rust_decimal::Decimal;

use crate::support::scene::{BTC, ORDER, Scene};

const BAN: Duration = Duration::from_secs(4);

impl Scene {
    /// Times of all requests, and of the one that got the address sent away.
    fn requests_and_ban(&self) -> (Vec<i64>, Option<i64>) {
        self.exchange.with(|venue| {
            let ban = venue
                .journal
                .iter()
                .find(|entry| entry.mishap.as_deref().is_some_and(|name| name.contains("418")));
            (venue.journal.iter().map(|entry| entry.at_ms).collect(), ban.map(|entry| entry.at_ms))
        })
    }

    /// Another worker takes over, with another pause.
    async fn serve_anew(&mut self, pause: Duration) {
        self.world.stop().await;
        self.world.config.exchange.as_mut().unwrap().timing.pause = pause;
        self.world.run().await;
        self.await_service().await;
        self.m = self.world.master_ea(&self.master).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f19_a_storm_of_refusals_is_not_answered_with_one_and_a_ban_is_kept() {
    let mut s = Scene::with(|config| config.exchange.as_mut().unwrap().client.ban = BAN).await;
    s.enter("0.01", 1).await;
    s.world.await_copies(&s.follower, "open").await;

    // Too many requests, four times: each order goes again when the limit opens, and is placed once.
    let before = s.sendings();
    let storm =
        Mishap::Refuse { code: 100_410, text: "The endpoint trigger frequency limit rule".to_owned() };
    s.fault(Rule::of(storm).on("POST", ORDER).times(4));
    s.enter("0.02", 2).await;
    s.leave(1).await;
    s.world.await_copies(&s.follower, "closed open").await;
    assert_eq!(
        (s.held(), s.sendings() - before),
        (Decimal::new(2, 2), 6),
        "four were refused, two were taken"
    );

    // Sent away: nothing leaves until that is over, and what is too old by then is not opened.
    s.world.set_max_age(&s.follower, 2).await;
    s.fault(Rule::of(Mishap::StatusBefore { status: 418 }).on("POST", ORDER).times(1));
    s.enter("0.03", 3).await;
    let banned = async {
        loop {
            if let (_, Some(at)) = s.requests_and_ban() {
                return at;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let banned = tokio::time::timeout(Duration::from_secs(20), banned).await.unwrap();
    s.enter("0.04", 4).await;
    s.leave(2).await;
    let newest = "select state || coalesce('(' || reason_code || ')', '') from copy_orders
        where follower_account_id = $1 order by id desc limit 1";
    s.world.await_text(newest, s.follower.id, "skipped(stale)").await;
    let second = "select state from copy_orders where follower_account_id = $1 order by id offset 1 limit 1";
    s.world.await_text(second, s.follower.id, "closed").await;
    assert_eq!(s.held(), Decimal::ZERO);
    let (requests, _) = s.requests_and_ban();
    let ban_ms = i64::try_from(BAN.as_millis()).unwrap();
    // What was on its way arrives.
    let inside: Vec<i64> =
        requests.iter().map(|at| at - banned).filter(|after| (500..ban_ms - 100).contains(after)).collect();
    assert_eq!(inside, Vec::<i64>::new(), "requests while the address was sent away");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspended_account_and_a_paused_contract_open_nothing_and_close() {
    // Longer than all that is awaited while it lasts.
    let pause = Duration::from_mins(2);
    let mut s = Scene::with(|config| config.exchange.as_mut().unwrap().timing.pause = pause).await;
    s.enter("0.01", 1).await;
    s.world.await_copies(&s.follower, "open").await;
    s.enter("0.02", 2).await;
    s.world.await_copies(&s.follower, "open open").await;

    // The account is suspended: what comes next is held, and an older copy is closed meanwhile.
    let suspended = Mishap::Refuse { code: 80_020, text: "risk forbidden".to_owned() };
    s.fault(Rule::of(suspended.clone()).on("POST", ORDER).times(1));
    s.enter("0.01", 3).await;
    s.world.await_copies(&s.follower, "open open failed(refused)").await;
    let before = s.sendings();
    s.enter("0.03", 4).await;
    s.leave(1).await;
    let first = "select state from copy_orders where follower_account_id = $1 order by id limit 1";
    s.world.await_text(first, s.follower.id, "closed").await;
    assert_eq!((s.held(), s.sendings() - before), (Decimal::new(2, 2), 1), "the close alone was sent");
    // It is opened once the pause is over: another process knows of none, and a short one ends.
    s.serve_anew(Duration::from_secs(1)).await;
    s.world.await_copies(&s.follower, "closed open failed(refused) open").await;
    s.fault(Rule::of(suspended).on("POST", ORDER).times(1));
    s.enter("0.01", 5).await;
    s.world.await_copies(&s.follower, "closed open failed(refused) open failed(refused)").await;
    s.enter("0.02", 6).await;
    s.world.await_copies(&s.follower, "closed open failed(refused) open failed(refused) open").await;

    // The contract takes no opens: one is refused, and what it takes still is closed.
    s.exchange.with(|venue| venue.market_mut(HostName::Demo, BTC).unwrap().api_open = false);
    s.enter("0.01", 7).await;
    let others = "failed(refused) open failed(refused) open failed(refused)";
    s.world.await_copies(&s.follower, &format!("closed open {others}")).await;
    s.leave(2).await;
    s.world.await_copies(&s.follower, &format!("closed closed {others}")).await;
    assert_eq!(s.held(), Decimal::new(5, 2));
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_close_goes_out_while_the_list_of_contracts_does_not_come() {
    let age = Duration::from_millis(200);
    let mut s = Scene::with(|config| config.exchange.as_mut().unwrap().client.contracts_age = age).await;
    s.enter("0.01", 1).await;
    s.world.await_copies(&s.follower, "open").await;
    s.enter("0.02", 2).await;
    s.world.await_copies(&s.follower, "open open").await;

    // It has grown old, and each reading lasts longer than all that is awaited.
    s.fault(Rule::of(Mishap::Slow { ms: 60_000 }).on("GET", "quote/contracts"));
    tokio::time::sleep(2 * age).await;
    s.leave(1).await;
    s.world.await_copies(&s.follower, "closed open").await;

    // So it does from another process, which has read nothing yet and knows what was written down.
    s.world.stop().await;
    s.fault(Rule::of(Mishap::Slow { ms: 60_000 }).on("GET", "positionSide/dual"));
    s.world.run().await;
    s.m = s.world.master_ea(&s.master).await;
    s.leave(2).await;
    s.world.await_copies(&s.follower, "closed closed").await;

    assert_eq!(s.held(), Decimal::ZERO);
    s.check().await;
}

impl Scene {
    /// Whether the contract takes closes.
    fn take_closes(&self, takes: bool) {
        self.exchange.with(|venue| venue.market_mut(HostName::Demo, BTC).unwrap().api_close = takes);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contract_that_takes_no_closes_for_a_while_closes_nothing_by_that_and_is_closed_in_after_it() {
    let known = "select count(order_id)::text from venue_exits where follower_account_id = $1";
    let placed = "select coalesce(sum(placed), 0)::text from venue_exits where follower_account_id = $1";
    let may_close = "select coalesce((select may_close::text from venue_contracts
            where environment = 'demo' and symbol = 'BTC-USDT'), '') from accounts where id = $1";
    let mut s = Scene::new().await;
    s.m.open("BUY|BTCUSD|100000|0.01|99000|0|1").await;
    s.world.await_copies(&s.follower, "open").await;
    s.world.await_text(known, s.follower.id, "1").await;

    // A stop that is moved is refused by the exchange: the list is read again, and by that it is not even sent.
    s.take_closes(false);
    let price = "update venue_exits set trigger_price = 98000, refused = 2, due_at = now()
        where follower_account_id = $1";
    s.world.sql.execute(price, &[&s.follower.id]).await.unwrap();
    s.world.await_text(may_close, s.follower.id, "false").await;
    let before = s.world.text(placed, s.follower.id).await;
    let tried_again = async {
        while s.world.text(placed, s.follower.id).await == before {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), tried_again).await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    s.world.await_copies(&s.follower, "open").await;

    // Nor is a close, and nobody is told when the contract takes them again: the list is read for it.
    s.leave(1).await;
    let refused = "select (count(*) > 0)::text from venue_orders
        where follower_account_id = $1 and leg = 'close' and state = 'refused'";
    s.world.await_text(refused, s.follower.id, "true").await;
    s.take_closes(true);
    let hasten =
        "update copy_orders set close_due_at = now() where follower_account_id = $1 and state = 'closing'";
    let state = "select state from copy_orders where follower_account_id = $1";
    let closed = async {
        while s.world.text(state, s.follower.id).await != "closed" {
            s.world.sql.execute(hasten, &[&s.follower.id]).await.unwrap();
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), closed).await.unwrap();
    assert_eq!(s.held(), Decimal::ZERO);
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_opened_before_its_contract_took_fewer_decimals_is_closed_in_those_that_it_takes() {
    let age = Duration::from_millis(200);
    let mut s = Scene::with(|config| config.exchange.as_mut().unwrap().client.contracts_age = age).await;
    s.enter("0.0155", 1).await;
    s.world.await_copies(&s.follower, "open").await;

    s.exchange.with(|venue| venue.market_mut(HostName::Demo, BTC).unwrap().rules.quantity_decimals = 3);
    let decimals = "select coalesce((select quantity_precision::text from venue_contracts
            where environment = 'demo' and symbol = 'BTC-USDT'), '') from accounts where id = $1";
    s.world.await_text(decimals, s.follower.id, "3").await;
    s.leave(1).await;

    // What nobody can close is told, and not taken for closed.
    let left = "select state || ' ' || trim_scale(open_lots) || ' ' || coalesce(reason_text, '')
        from copy_orders where follower_account_id = $1";
    let words = "closing 0.0005 below the smallest quantity of the contract";
    s.world.await_text(left, s.follower.id, words).await;
    assert_eq!(s.held(), "0.0005".parse().unwrap());
    let closed = "select string_agg(state || ' ' || trim_scale(filled), ', ' order by id) from (
            select * from venue_orders where follower_account_id = $1 and leg = 'close' order by id limit 2) v";
    assert_eq!(s.world.text(closed, s.follower.id).await, "filled 0.015, refused 0");
}
