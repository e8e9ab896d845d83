//! Stops and targets of copies at an exchange: they stand as long as their copy holds something, and no longer.
#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

use std::time::Duration;

use flotilla_bingx_sim::fault::{Mishap, Rule};
use flotilla_bingx_sim::ledger::Slot;
use flotilla_bingx_sim::request::HostName;
use rust_decimal::Decimal;

use crate::support::scene::{BTC, ORDER, Scene};

/// Exits of which the order is known.
const KNOWN: &str = "select count(order_id)::text from venue_exits where follower_account_id = $1";
/// How often exits were placed by orders of their own.
const PLACED: &str = "select coalesce(sum(placed), 0)::text from venue_exits where follower_account_id = $1";
/// Copies with what they hold.
const HELD: &str = "select string_agg(state || ' ' || held, ', ' order by id) from (
        select c.id, c.state, trim_scale(sum(case v.leg when 'open' then v.filled else -v.filled end)) as held
        from copy_orders c join venue_orders v on v.copy_id = c.copy_id
        where c.follower_account_id = $1 group by c.id) as s";
/// What its own stop or target has closed of copies.
const PULLED: &str =
    "select coalesce(string_agg(trim_scale(filled)::text || ' for ' || coalesce(fee > 0, false), ', ' order by id), '')
    from venue_orders where follower_account_id = $1 and leg = 'external' and order_id is not null";

impl Scene {
    /// Triggers of the stops and targets that stand, ascending, and what they close.
    fn exits(&self) -> Vec<(Decimal, Decimal)> {
        self.exchange.with(|venue| {
            let ledger = venue.ledger(HostName::Demo, self.uid).unwrap();
            let open = ledger.orders.values().filter(|order| order.status.is_open());
            let mut exits: Vec<_> =
                open.filter_map(|order| Some((order.stop_price?, order.left().normalize()))).collect();
            exits.sort();
            exits
        })
    }

    /// `expected`: triggers, and hundredths of a coin.
    async fn await_exits(&self, expected: &[(i64, i64)]) {
        let expected: Vec<_> = expected
            .iter()
            .map(|(at, size)| (Decimal::from(*at), Decimal::new(*size, 2).normalize()))
            .collect();
        for _ in 0..600 {
            if self.exits() == expected {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(self.exits(), expected);
    }

    async fn enter_with(&mut self, lots: &str, (stop, target): (u32, u32), ticket: u32) {
        self.m.open(&format!("BUY|BTCUSD|100000|{lots}|{stop}|{target}|{ticket}")).await;
    }

    /// The price falls below stops at 99,000, and nothing is heard of it but what is read.
    fn fall_unheard(&self) {
        self.exchange.with(|venue| {
            let lost = vec![flotilla_bingx_sim::fault::StreamMishap::Lose; 6];
            venue.stream_faults.entry(self.uid).or_default().extend(lost);
            for host in [HostName::Live, HostName::Demo] {
                venue.move_price(host, BTC, Decimal::from(98_900));
            }
        });
    }

    fn lose_exits(&self) {
        self.fault(Rule::of(Mishap::LoseExits).on("POST", ORDER).times(1));
    }

    /// The account has one position for each contract.
    async fn in_one_way_mode(&self) {
        self.exchange.one_way(self.uid);
        let mode = "update exchange_keys set position_mode = 'one_way' where account_id = $1";
        self.world.sql.execute(mode, &[&self.follower.id]).await.unwrap();
    }

    /// Two copies in one position: the older is closed by quantity, the newer by its stop.
    async fn tell_of_two_copies(&mut self) {
        self.enter_with("0.01", (99_000, 102_000), 1).await;
        self.world.await_copies(&self.follower, "open").await;
        self.enter_with("0.02", (98_000, 103_000), 2).await;
        self.world.await_copies(&self.follower, "open open").await;
        self.enter_with("0.03", (0, 0), 3).await;
        self.world.await_copies(&self.follower, "open open open").await;
        self.await_exits(&[(98_000, 2), (99_000, 1), (102_000, 1), (103_000, 2)]).await;

        self.leave(1).await;
        self.world.await_copies(&self.follower, "closed open open").await;
        self.await_exits(&[(98_000, 2), (103_000, 2)]).await;

        self.exchange.move_price(BTC, "97900");
        // Not the newest one, though it is the newest that loses what something else takes.
        self.world.await_text(HELD, self.follower.id, "closed 0, closed 0, open 0.03").await;
        self.world.await_text(PULLED, self.follower.id, "0.02 for true").await;
        self.await_exits(&[]).await;
        assert_eq!(self.held(), "0.03".parse().unwrap());
        self.check().await;
        self.leave(3).await;
        self.world.await_text(HELD, self.follower.id, "closed 0, closed 0, closed 0").await;
        assert_eq!(self.held(), Decimal::ZERO);
        self.world.await_text(PLACED, self.follower.id, "0").await;
        self.check().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exits_go_with_their_copy_and_what_one_closes_is_its_own_copys() {
    let mut s = Scene::new().await;
    s.tell_of_two_copies().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_they_do_where_there_is_one_position_for_each_contract() {
    let mut s = Scene::new().await;
    s.in_one_way_mode().await;
    s.tell_of_two_copies().await;
    assert_eq!(s.position(Slot::Both), Decimal::ZERO);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exits_that_are_lost_or_cancelled_by_hand_are_placed_once_and_guard_their_copy() {
    let mut s = Scene::new().await;
    s.lose_exits();
    s.enter_with("0.01", (99_000, 102_000), 1).await;
    s.world.await_copies(&s.follower, "open").await;
    s.await_exits(&[(99_000, 1), (102_000, 1)]).await;
    s.world.await_text(PLACED, s.follower.id, "2").await;
    s.world.await_text(KNOWN, s.follower.id, "2").await;

    // The owner cancels all, and a request of ours is accepted without an answer.
    s.fault(Rule::of(Mishap::Hide { ms: 3_000, lost: true }).on("POST", ORDER).times(1));
    s.exchange.with(|venue| {
        venue.at_desk(HostName::Demo, s.uid, |desk| {
            let open: Vec<u64> =
                desk.ledger.orders.values().filter(|one| one.status.is_open()).map(|one| one.id).collect();
            for id in open {
                desk.cancel(id).unwrap();
            }
        })
    });
    s.await_exits(&[(99_000, 1), (102_000, 1)]).await;
    s.world.await_text(KNOWN, s.follower.id, "2").await;
    s.world.await_text(PLACED, s.follower.id, "4").await;
    s.check().await;

    s.exchange.move_price(BTC, "98900");
    s.world.await_text(HELD, s.follower.id, "closed 0").await;
    s.world.await_text(PULLED, s.follower.id, "0.01 for true").await;
    s.await_exits(&[]).await;
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pulled_stop_is_booked_to_its_copy_whatever_the_owner_holds_beside_it() {
    let mut s = Scene::new().await;
    s.in_one_way_mode().await;
    s.enter_with("0.01", (99_000, 0), 1).await;
    s.world.await_copies(&s.follower, "open").await;
    s.world.await_text(KNOWN, s.follower.id, "1").await;
    s.exchange.by_hand(s.uid, "BUY", BTC, "0.05");

    s.exchange.move_price(BTC, "98900");

    s.world.await_text(HELD, s.follower.id, "closed 0").await;
    s.await_exits(&[]).await;
    assert_eq!(s.held(), "0.05".parse().unwrap(), "what is the owner's own is left alone");
    s.world.await_text(PLACED, s.follower.id, "0").await;
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_that_is_pulled_while_its_copy_closes_takes_nothing_twice_from_others() {
    let mut s = Scene::new().await;
    s.enter_with("0.01", (99_000, 0), 1).await;
    s.world.await_copies(&s.follower, "open").await;
    s.enter("0.02", 2).await;
    s.world.await_copies(&s.follower, "open open").await;
    s.world.await_text(KNOWN, s.follower.id, "1").await;
    s.fall_unheard();

    s.leave(1).await;

    s.world.await_text(HELD, s.follower.id, "closed 0, open 0.02").await;
    assert_eq!(s.held(), "0.02".parse().unwrap());
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_close_takes_nothing_of_the_owners_where_its_copys_stop_was_pulled() {
    let mut s = Scene::new().await;
    s.in_one_way_mode().await;
    s.enter_with("0.01", (99_000, 0), 1).await;
    s.world.await_copies(&s.follower, "open").await;
    s.world.await_text(KNOWN, s.follower.id, "1").await;
    s.exchange.by_hand(s.uid, "BUY", BTC, "0.05");
    s.fall_unheard();

    s.leave(1).await;

    s.world.await_text(HELD, s.follower.id, "closed 0").await;
    s.world.await_text(PULLED, s.follower.id, "0.01 for true").await;
    assert_eq!(s.held(), "0.05".parse().unwrap(), "what is the owner's own is left alone");
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_that_is_pulled_while_the_close_of_its_copy_waits_for_its_turn_takes_nothing_twice() {
    // One order in four seconds, and nobody looks at positions but for what is done there.
    let mut s = Scene::with(|config| {
        let exchange = config.exchange.as_mut().unwrap();
        exchange.orders_per_second = Decimal::new(25, 2);
        exchange.timing.positions = Duration::from_hours(1);
        exchange.timing.exits = Duration::from_hours(1);
    })
    .await;
    s.enter_with("0.01", (99_000, 0), 1).await;
    s.world.await_copies(&s.follower, "open").await;
    s.enter("0.02", 2).await;
    s.world.await_copies(&s.follower, "open open").await;
    s.world.await_text(KNOWN, s.follower.id, "1").await;
    let looks = |s: &Scene| (s.requests("GET", "user/positions"), s.requests("GET", "trade/openOrders"));

    let before = looks(&s);
    s.leave(1).await;
    let has_looked = async {
        loop {
            let now = looks(&s);
            if now.0 > before.0 && now.1 > before.1 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), has_looked).await.unwrap();
    s.fall_unheard();

    s.world.await_text(HELD, s.follower.id, "closed 0, open 0.02").await;
    assert_eq!(s.held(), "0.02".parse().unwrap());
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pulled_stop_of_which_nothing_can_be_read_is_not_booked_to_another_copy() {
    let mut s = Scene::new().await;
    s.enter_with("0.01", (99_000, 0), 1).await;
    s.world.await_copies(&s.follower, "open").await;
    s.enter("0.02", 2).await;
    s.world.await_copies(&s.follower, "open open").await;
    s.world.await_text(KNOWN, s.follower.id, "1").await;
    for path in ["trade/openOrders", ORDER] {
        s.fault(Rule::of(Mishap::Garbage).on("GET", path).of_account(s.uid));
    }

    s.exchange.move_price(BTC, "98900");
    // Far longer than a position must be too small for something else to have taken of it.
    tokio::time::sleep(Duration::from_secs(5)).await;

    s.world.await_text(HELD, s.follower.id, "open 0.01, open 0.02").await;
    s.exchange.with(|venue| venue.faults.clear());
    s.world.await_text(HELD, s.follower.id, "closed 0, open 0.02").await;
    s.world.await_text(PULLED, s.follower.id, "0.01 for true").await;
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_that_cannot_be_had_closes_its_copy_and_its_owner_is_told() {
    let mut s = Scene::new().await;
    s.lose_exits();
    s.enter_with("0.01", (99_000, 0), 1).await;
    s.world.await_copies(&s.follower, "open").await;

    s.exchange.move_price(BTC, "98900");

    s.world.await_text(HELD, s.follower.id, "closed 0").await;
    assert_eq!(s.held(), Decimal::ZERO);
    let told = "select count(*)::text from alerts where account_id = $1 and detail ->> 'exit' = 'stop'";
    s.world.await_text(told, s.follower.id, "1").await;
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_price_or_size_is_brought_to_the_exchange() {
    let mut s = Scene::new().await;
    s.enter_with("0.03", (99_000, 0), 1).await;
    s.world.await_copies(&s.follower, "open").await;

    // As what is wanted changes: a stop at another price, and a target where there was none.
    // Before anybody has seen the one that came with the copy.
    let price = "update venue_exits set trigger_price = 98000, due_at = now() where follower_account_id = $1";
    s.world.sql.execute(price, &[&s.follower.id]).await.unwrap();
    let target = "insert into venue_exits (copy_id, kind, owner_id, follower_account_id, symbol, direction,
            trigger_price, due_at)
        select copy_id, 'target', owner_id, follower_account_id, symbol, direction, 103000, now() from venue_exits
        where follower_account_id = $1";
    s.world.sql.execute(target, &[&s.follower.id]).await.unwrap();
    s.await_exits(&[(98_000, 3), (103_000, 3)]).await;

    // A part of the position is closed by hand: what is left is guarded, and no more.
    s.exchange.with(|venue| {
        let pairs = [
            ("symbol", BTC),
            ("side", "SELL"),
            ("positionSide", "LONG"),
            ("type", "MARKET"),
            ("quantity", "0.01"),
        ];
        let values = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let params = flotilla_bingx_sim::request::Params::of_values(values);
        venue.at_desk(HostName::Demo, s.uid, |desk| desk.place(&params).unwrap()).unwrap();
    });
    s.await_exits(&[(98_000, 2), (103_000, 2)]).await;
    s.check().await;
    s.leave(1).await;
    s.world.await_text(HELD, s.follower.id, "closed 0").await;
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_of_the_owners_that_leaves_no_room_for_a_copys_closes_nothing() {
    let mut s = Scene::new().await;
    s.in_one_way_mode().await;
    s.enter_with("0.01", (99_000, 0), 1).await;
    s.world.await_copies(&s.follower, "open").await;
    s.world.await_text(KNOWN, s.follower.id, "1").await;
    s.exchange.by_hand(s.uid, "BUY", BTC, "0.05");
    s.exchange.with(|venue| {
        let pairs = [
            ("symbol", BTC),
            ("side", "SELL"),
            ("positionSide", "BOTH"),
            ("type", "STOP_MARKET"),
            ("stopPrice", "95000"),
            ("quantity", "0.05"),
        ];
        let values = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let params = flotilla_bingx_sim::request::Params::of_values(values);
        venue.at_desk(HostName::Demo, s.uid, |desk| desk.place(&params).unwrap()).unwrap();
    });
    s.exchange.by_hand(s.uid, "SELL", BTC, "0.03");

    // It is moved, and refused for the third time.
    let price = "update venue_exits set trigger_price = 98000, refused = 2, due_at = now()
        where follower_account_id = $1";
    s.world.sql.execute(price, &[&s.follower.id]).await.unwrap();

    let told = "select count(*)::text from alerts where account_id = $1 and detail ->> 'exit' = 'stop'";
    s.world.await_text(told, s.follower.id, "1").await;
    s.world.await_text(HELD, s.follower.id, "open 0.01").await;
    assert_eq!(s.held(), "0.03".parse().unwrap(), "nothing of it was closed");

    // Once there is room, it is guarded again.
    s.exchange.with(|venue| {
        venue.at_desk(HostName::Demo, s.uid, |desk| {
            let open: Vec<u64> =
                desk.ledger.orders.values().filter(|one| one.status.is_open()).map(|one| one.id).collect();
            for id in open {
                desk.cancel(id).unwrap();
            }
        })
    });
    s.check().await;
}
