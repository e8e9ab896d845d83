//! Accounts without a broker: the copies of any master, filled at its prices.
#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

use std::time::Duration;

use flotilla_testkit::ea_v7::MasterEa;
use rust_decimal::Decimal;

use crate::support::exchange::Exchange;
use crate::support::{Account, World};

const TRADES: &str =
    "select coalesce(string_agg(symbol || ' ' || direction || ' ' || trim_scale(quantity) || ' ' || status
        || coalesce(' in ' || trim_scale(entry_price), '') || coalesce(' out ' || trim_scale(exit_price), '')
        || coalesce(' pnl ' || trim_scale(pnl), ''), ', ' order by id), '')
    from trades where account_id = $1";
const ORDERS: &str = "select coalesce(string_agg(leg || version || ' ' || state || ' ' || trim_scale(filled), ', ' order by id), '')
    from venue_orders where follower_account_id = $1";
const HELD: &str = "select coalesce(string_agg(symbol || ' ' || direction || ' ' || trim_scale(quantity), ', ' order by symbol), '')
    from venue_positions where account_id = $1";
const BALANCE: &str =
    "select coalesce((select trim_scale(balance)::text from account_figures where account_id = $1), '')";
const EQUITY: &str =
    "select coalesce((select trim_scale(equity)::text from account_figures where account_id = $1), '')";

impl World {
    /// A follower on paper with 10,000 dollars, whose fills slip by one in a thousand.
    pub async fn paper_follower(&self, master: &Account) -> Account {
        let follower = self.account("follower", self.stranger().await).await;
        let paper = "update accounts set platform = 'paper', trading_enabled = true, paper_slippage = 0.001,
            starting_balance = 10000 where id = $1";
        self.sql.execute(paper, &[&follower.id]).await.unwrap();
        // The age of a fill at an exchange is as exact as its clock was measured: whoever follows since a moment may be late.
        let follow = "insert into subscriptions (owner_id, follower_account_id, master_account_id, master_name, source,
                state, max_age_s, valid_from)
            values ($1, $2, $3, 'lead', 'web', 'active', 60, now() - interval '1 minute')";
        self.sql.execute(follow, &[&follower.owner, &follower.id, &master.id]).await.unwrap();
        let served =
            "select coalesce(max(sockets::text), '') from sessions where account_id = $1 and venue = 'paper'
            and opens_from is null";
        self.await_text(served, follower.id, "1").await;
        follower
    }
}

/// A master at a broker and its follower on paper.
struct Scene {
    world: World,
    master: Account,
    follower: Account,
    m: MasterEa,
}

impl Scene {
    async fn new() -> Self {
        let world = World::start_with(|config| {
            config.timing.figures = Duration::from_millis(50);
            config.timing.price = Duration::from_millis(20);
        })
        .await;
        let master = world.master().await;
        let follower = world.paper_follower(&master).await;
        let m = world.master_ea(&master).await;
        Self { world, master, follower, m }
    }

    async fn leave(&mut self, ticket: u32, price: &str) {
        self.m.wire.send(&format!("SIGNAL_CLOSE|XAUUSD|{ticket}|{price}|0.00")).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_of_a_master_at_a_broker_are_filled_at_its_prices_and_slip() {
    let mut s = Scene::new().await;
    s.world.await_text(BALANCE, s.follower.id, "10000").await;

    s.m.open("BUY|XAUUSD|2000|0.03|0|0|1").await;
    s.world.await_copies(&s.follower, "open").await;
    // Three ounces, bought a thousandth too dear.
    assert_eq!(s.world.text(ORDERS, s.follower.id).await, "open1 filled 3");
    s.world.await_text(HELD, s.follower.id, "XAUUSD LONG 3").await;
    let trade = s.world.text(TRADES, s.follower.id).await;
    assert_eq!(trade, "XAUUSD LONG 3 open in 2002");

    // A part is closed as MT4 tells it: what is left is a new ticket, then the old one leaves.
    s.m.open("BUY|XAUUSD|2000|0.02|0|0|2").await;
    s.leave(1, "2010").await;
    s.world.await_copies(&s.follower, "closed open").await;
    s.world.await_text(HELD, s.follower.id, "XAUUSD LONG 2").await;
    // No chart shows gold: what is held is worth nobody knows what.
    assert_eq!(s.world.text(EQUITY, s.follower.id).await, "10000");

    s.leave(2, "2020").await;
    s.world.await_copies(&s.follower, "closed closed").await;
    s.world.await_text(HELD, s.follower.id, "").await;
    // Sold a thousandth too cheap: (2007.99 - 2002) × 3, and (2017.98 - 2002) × 2.
    s.world.await_text(BALANCE, s.follower.id, "10049.93").await;
    s.world.await_text(EQUITY, s.follower.id, "10049.93").await;
    let trades = "XAUUSD LONG 3 closed in 2002 out 2007.99 pnl 17.97, XAUUSD LONG 2 closed in 2002 out 2017.98 pnl 31.96";
    assert_eq!(s.world.text(TRADES, s.follower.id).await, trades);
    s.world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_on_paper_follows_the_masters_chart_and_ends_at_its_stop() {
    let mut s = Scene::new().await;
    s.m.open("BUY|XAUUSD|2000|0.01|1990|2050|1").await;
    s.world.await_copies(&s.follower, "open").await;

    s.m.wire.send("CMD_PRICE|XAUUSD|2010|2010.5").await.unwrap();
    s.world.await_text(EQUITY, s.follower.id, "10008").await;
    s.m.wire.send("CMD_PRICE|XAUUSD|1985|1985.5").await.unwrap();

    s.world.await_copies(&s.follower, "closed(closed_externally)").await;
    // Beyond the stop, and slipped: 1985 × 0.999 - 2002.
    s.world.await_text(BALANCE, s.follower.id, "9981.015").await;
    s.leave(1, "1980").await;

    // The price of before an entry has not reached its stop, though by it the position is worth less.
    s.m.open("BUY|XAUUSD|2000|0.01|1990|2050|2").await;
    s.world.await_text(EQUITY, s.follower.id, "9964.015").await;
    s.world.await_copies(&s.follower, "closed(closed_externally) open").await;
    s.m.wire.send("CMD_PRICE|XAUUSD|1984|1984.5").await.unwrap();
    s.world.await_copies(&s.follower, "closed(closed_externally) closed(closed_externally)").await;
    s.leave(2, "1980").await;
    s.world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_cannot_be_valued_keeps_no_other_from_its_stop() {
    let mut s = Scene::new().await;
    s.m.open("BUY|XAUUSD|2000|0.01|0|0|1").await;
    s.world.await_copies(&s.follower, "open").await;
    // Worth more than a number holds.
    let book = "update venue_orders set average_price = 1e20, quantity = 1e9, filled = 1e9 where follower_account_id = $1";
    s.world.sql.execute(book, &[&s.follower.id]).await.unwrap();
    let pause = "update subscriptions set state = 'paused' where follower_account_id = $1";
    s.world.sql.execute(pause, &[&s.follower.id]).await.unwrap();
    let other = s.world.paper_follower(&s.master).await;

    s.m.open("BUY|XAUUSD|2000|0.01|1990|2050|2").await;
    s.world.await_copies(&other, "open").await;
    s.m.wire.send("CMD_PRICE|XAUUSD|1985|1985.5").await.unwrap();

    s.world.await_copies(&other, "closed(closed_externally)").await;
    s.world.await_text(BALANCE, other.id, "9981.015").await;
    let restore = "update venue_orders set average_price = 2002, quantity = 1, filled = 1
        where follower_account_id = $1 and average_price > 10000";
    s.world.sql.execute(restore, &[&s.follower.id]).await.unwrap();
    s.world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_counted_in_the_accounts_currency_is_skipped_until_the_owner_says_what_a_lot_is() {
    let mut s = Scene::new().await;

    s.m.open("BUY|USDJPY|150|0.1|0|0|1").await;
    s.world.await_copies(&s.follower, "skipped(units_unknown)").await;
    s.world.set_copying(&s.follower, r#"units_per_lot = '{"USDJPY": "650"}'"#).await;
    s.m.open("BUY|USDJPY|150|0.1|0|0|2").await;

    s.world.await_copies(&s.follower, "skipped(units_unknown) open").await;
    let off = "update accounts set trading_enabled = false where id = $1";
    s.world.sql.execute(off, &[&s.follower.id]).await.unwrap();
    s.m.open("BUY|XAUUSD|2000|0.01|0|0|3").await;
    s.world.await_copies(&s.follower, "skipped(units_unknown) open skipped(trading_off)").await;
    s.world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_filled_once_copying_is_stopped_is_skipped() {
    let mut s = Scene::new().await;
    // Planned while nobody fills, and stopped before somebody does.
    let hold = "update sessions set opens_from = now() + interval '1 hour' where account_id = $1";
    s.world.sql.execute(hold, &[&s.follower.id]).await.unwrap();
    s.m.open("BUY|XAUUSD|2000|0.01|0|0|1").await;
    s.world.await_copies(&s.follower, "planned").await;
    let stop = "insert into stops (owner_id, actor_id) values ($1, $1)";
    s.world.sql.execute(stop, &[&s.follower.owner]).await.unwrap();
    let release = "update sessions set opens_from = null where account_id = $1";
    s.world.sql.execute(release, &[&s.follower.id]).await.unwrap();

    s.world.await_copies(&s.follower, "skipped(stopped)").await;
    s.world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_comes_after_another_fills_what_was_closed_meanwhile_and_nothing_twice() {
    let mut s = Scene::new().await;
    s.m.open("BUY|XAUUSD|2000|0.03|0|0|1").await;
    s.world.await_copies(&s.follower, "open").await;

    s.world.stop().await;
    s.world.run().await;
    s.m = s.world.master_ea(&s.master).await;
    s.leave(1, "2010").await;

    s.world.await_copies(&s.follower, "closed").await;
    assert_eq!(s.world.text(ORDERS, s.follower.id).await, "open1 filled 3, close1 filled 3");
    s.world.await_text(BALANCE, s.follower.id, "10017.97").await;
    s.world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flatten_closes_on_paper_at_the_last_price_there_was() {
    let mut s = Scene::new().await;
    s.m.open("SELL|XAUUSD|2000|0.01|0|0|1").await;
    s.world.await_copies(&s.follower, "open").await;
    s.m.wire.send("CMD_PRICE|XAUUSD|1989|1990").await.unwrap();
    s.world.await_text(EQUITY, s.follower.id, "10008").await;

    let owner = s.follower.owner;
    let flatten = "insert into requests (owner_id, actor_id, kind, target_id) values ($1, $1, 'flatten', $1)";
    s.world.sql.execute(flatten, &[&owner]).await.unwrap();

    s.world.await_copies(&s.follower, "closed").await;
    // Bought at 1990 and a thousandth; sold at 1998.
    s.world.await_text(BALANCE, s.follower.id, "10006.01").await;
    s.world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_of_a_master_at_an_exchange_are_filled_at_the_exchanges_price_and_pay_its_fee() {
    let exchange = Exchange::start().await;
    exchange.move_price("ETH-USDT", "4000");
    let world = World::start_with(|config| {
        config.timing.figures = Duration::from_millis(50);
        config.exchange = Some(exchange.config());
    })
    .await;
    let lead = world.master().await;
    let uid = exchange.connect(&world, &lead).await;
    exchange.one_way(uid);
    let begun = "select coalesce((select 'begun' from venue_accounts where account_id = $1 and leads_from is not null), '')";
    world.await_text(begun, lead.id, "begun").await;
    let follower = world.paper_follower(&lead).await;

    exchange.by_hand(uid, "BUY", "ETH-USDT", "0.5");
    world.await_copies(&follower, "open").await;
    world.await_text(HELD, follower.id, "ETH-USDT LONG 0.5").await;
    exchange.by_hand(uid, "SELL", "ETH-USDT", "0.5");

    world.await_copies(&follower, "closed").await;
    assert_eq!(world.text(ORDERS, follower.id).await, "open1 filled 0.5, close1 filled 0.5");
    let fees = "select (fees > 0 and pnl < 0)::text from trades where account_id = $1";
    assert_eq!(world.text(fees, follower.id).await, "true", "it slipped twice and paid twice");
    let lost = async {
        loop {
            let balance: Decimal = world.text(BALANCE, follower.id).await.parse().unwrap();
            if balance < Decimal::from(10_000) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), lost).await.unwrap();

    // A target costs what a close costs.
    exchange.by_hand(uid, "BUY", "ETH-USDT", "0.5");
    world.await_copies(&follower, "closed open").await;
    let aim = "update copy_orders set take_profit = 4100 where follower_account_id = $1 and state = 'open'";
    world.sql.execute(aim, &[&follower.id]).await.unwrap();
    exchange.move_price("ETH-USDT", "4200");
    world.await_copies(&follower, "closed closed(closed_externally)").await;
    let paid = "select string_agg(leg || ' ' || (fee > 0)::text, ', ' order by id) from venue_orders
        where follower_account_id = $1";
    assert_eq!(world.text(paid, follower.id).await, "open true, close true, open true, external true");
    let agreed = "select ((select round(sum(pnl - fees), 6) from trades where account_id = $1)
        = (select round(sum(case leg when 'open' then -filled else filled end * average_price - fee), 6)
            from venue_orders where follower_account_id = $1))::text";
    assert_eq!(world.text(agreed, follower.id).await, "true", "four fees of two trades");
    world.check().await;
}
