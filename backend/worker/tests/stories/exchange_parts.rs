//! A master at an exchange leaves its trade in parts, and moves its stop and target: followers do the same.
#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

use std::time::Duration;

use flotilla_bingx_sim::fault::{Mishap, Rule};
use flotilla_bingx_sim::ledger::Slot;
use flotilla_bingx_sim::request::{HostName, Params};
use flotilla_testkit::ea_v7::FollowerEa;
use flotilla_testkit::invariants::Invariants;
use rstest::rstest;
use rust_decimal::Decimal;

use crate::support::exchange::Exchange;
use crate::support::scene::{BTC, ORDER};
use crate::support::{Account, World};

const SIGNALS: &str =
    "select coalesce(string_agg(kind, ' ' order by id), '') from signals where master_account_id = $1";
const ORDERS: &str = "select coalesce(string_agg(leg || version || ' ' || state || ' ' || trim_scale(filled), ', ' order by id), '')
    from venue_orders where follower_account_id = $1";
const OPEN: &str = "select coalesce(string_agg(state || ' ' || trim_scale(open_lots), ', ' order by id), '')
    from copy_orders where follower_account_id = $1";
const LTC: &str = "LTC-USDT";
const OF_LTC: &str =
    "select coalesce(string_agg(state || ' ' || trim_scale(open_lots), ', ' order by id), '')
    from copy_orders where follower_account_id = $1 and symbol = 'LTC-USDT'";
const EXITS: &str = "select coalesce(string_agg(coalesce(trim_scale(stop_loss)::text, '-') || ' '
    || coalesce(trim_scale(take_profit)::text, '-'), ', ' order by id), '') from copy_orders where follower_account_id = $1";
const CAUSES: &str = "select coalesce(string_agg(cause, ' ' order by e.id), '')
    from copy_events e join copy_orders c using (copy_id) where c.follower_account_id = $1";

/// A master and a follower at the exchange, Bitcoin at 100,000. The follower takes half of each size.
struct Scene {
    exchange: Exchange,
    world: World,
    lead: Account,
    lead_uid: u64,
    follower: Account,
    uid: u64,
}

impl Scene {
    async fn new(is_hedge: bool) -> Self {
        let exchange = Exchange::start().await;
        exchange.move_price(BTC, "100000");
        let mut settings = exchange.config();
        settings.timing.positions = Duration::from_millis(200);
        settings.stream.look_every = Duration::from_millis(700);
        let world = World::start_with(|config| {
            config.timing.figures = Duration::from_millis(100);
            config.exchange = Some(settings);
        })
        .await;
        let lead = world.master().await;
        let lead_uid = exchange.connect(&world, &lead).await;
        exchange.one_way(lead_uid);
        let begun = "select coalesce((select 'begun' from venue_accounts where account_id = $1 and leads_from is not null), '')";
        world.await_text(begun, lead.id, "begun").await;
        let uid = exchange.open_account("the-api-key", "the-api-secret");
        if !is_hedge {
            exchange.one_way(uid);
        }
        let follower =
            world.exchange_follower(&exchange, (&lead, uid), "the-api-key", "the-api-secret").await;
        world.set_copying(&follower, "sizing = 'multiplier', sizing_value = 0.5").await;
        let served =
            "select coalesce(max(sockets::text || coalesce(opens_from::text, ' open')), '') from sessions
            where account_id = $1 and venue = 'bingx'";
        world.await_text(served, follower.id, "1 open").await;
        Self { exchange, world, lead, lead_uid, follower, uid }
    }

    fn trade(&self, side: &str, quantity: &str) {
        self.exchange.by_hand(self.lead_uid, side, BTC, quantity);
    }

    /// The master places a stop or target for all it has; its number.
    fn place_exit(&self, kind: &str, price: &str) -> u64 {
        let pairs = [
            ("symbol", BTC),
            ("side", "SELL"),
            ("positionSide", "BOTH"),
            ("type", kind),
            ("stopPrice", price),
            ("quantity", "0.04"),
            ("workingType", "MARK_PRICE"),
        ];
        let params = Params::of_values(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        self.exchange
            .with(|venue| venue.at_desk(HostName::Demo, self.lead_uid, |desk| desk.place(&params).unwrap()))
            .unwrap()
    }

    fn cancel_exit(&self, id: u64) {
        self.exchange
            .with(|venue| venue.at_desk(HostName::Demo, self.lead_uid, |desk| desk.cancel(id).unwrap()))
            .unwrap();
    }

    fn held(&self) -> Decimal {
        self.exchange.with(|venue| {
            let ledger = venue.ledger(HostName::Demo, self.uid).unwrap();
            let held = |slot| {
                ledger.positions.get(&(BTC.to_owned(), slot)).map_or(Decimal::ZERO, |one| one.quantity)
            };
            held(Slot::Long) + held(Slot::Both)
        })
    }

    /// Triggers of stops and targets that stand for the follower, ascending, and what they close.
    fn exits(&self) -> String {
        self.exchange.with(|venue| {
            let ledger = venue.ledger(HostName::Demo, self.uid).unwrap();
            let open = ledger.orders.values().filter(|order| order.status.is_open());
            let mut exits: Vec<_> =
                open.filter_map(|order| Some((order.stop_price?, order.left().normalize()))).collect();
            exits.sort();
            exits.iter().map(|(at, size)| format!("{} {size}", at.normalize())).collect::<Vec<_>>().join(", ")
        })
    }

    async fn await_exits(&self, expected: &str) {
        for _ in 0..600 {
            if self.exits() == expected {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(self.exits(), expected);
    }

    async fn check(&self) {
        assert_eq!(self.exchange.with(|venue| venue.faults_of_books()), Vec::<String>::new());
        let books = self.exchange.books(self.uid, self.follower.id);
        Invariants::of(&self.world.sql).with_exchanges(vec![books]).assert_hold().await;
    }
}

/// The exchange tells of fills by the second: one of the second in which somebody began to follow is not his.
async fn next_second() {
    tokio::time::sleep(Duration::from_millis(1_100)).await;
}

async fn opened(ea: &mut FollowerEa, ticket: i64) {
    let open = ea.expect_open().await;
    ea.ack_open(&open, ticket).await;
}

#[rstest]
#[case::hedge(true)]
#[case::one_way(false)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trade_that_is_left_in_parts_is_left_in_parts_by_those_that_can(#[case] is_hedge: bool) {
    let s = Scene::new(is_hedge).await;
    let paper = s.world.paper_follower(&s.lead).await;
    next_second().await;
    s.trade("BUY", "0.04");
    s.world.await_text(OPEN, s.follower.id, "open 0.02").await;
    s.world.await_text(OPEN, paper.id, "open 0.04").await;

    s.trade("SELL", "0.01");
    s.world.await_text(OPEN, s.follower.id, "open 0.015").await;
    s.world.await_text(OPEN, paper.id, "open 0.03").await;
    s.trade("SELL", "0.01");
    s.world.await_text(OPEN, s.follower.id, "open 0.01").await;
    assert_eq!(s.held(), "0.01".parse().unwrap());
    // What is entered now belongs to the same trade.
    s.trade("BUY", "0.02");
    s.world.await_text(OPEN, s.follower.id, "open 0.01, open 0.01").await;
    s.trade("SELL", "0.04");

    s.world.await_copies(&s.follower, "closed closed").await;
    s.world.await_copies(&paper, "closed closed").await;
    assert_eq!(s.held(), Decimal::ZERO);
    assert_eq!(s.world.text(SIGNALS, s.lead.id).await, "open partial partial add close");
    let orders = "open1 filled 0.02, close1 filled 0.005, close2 filled 0.005, open1 filled 0.01";
    assert!(s.world.text(ORDERS, s.follower.id).await.starts_with(orders));
    assert!(
        s.world
            .text(ORDERS, paper.id)
            .await
            .starts_with("open1 filled 0.04, close1 filled 0.01, close2 filled 0.01")
    );
    let causes = s.world.text(CAUSES, s.follower.id).await;
    assert!(causes.contains("master_partial reduce_sent ack_reduce"), "{causes}");
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_that_cannot_close_a_part_closes_all_or_goes_on_as_its_owner_chose() {
    let s = Scene::new(true).await;
    let (closes, ignores) = (s.world.follower().await, s.world.follower().await);
    let mut f = s.world.follower_ea(&closes, &s.lead).await;
    let mut g = s.world.follower_ea(&ignores, &s.lead).await;
    s.world.set_copying(&ignores, "on_partial = 'ignore'").await;
    next_second().await;
    s.trade("BUY", "0.04");
    opened(&mut f, 5001).await;
    opened(&mut g, 6001).await;
    for account in [&s.follower, &closes, &ignores] {
        s.world.await_copies(account, "open").await;
    }
    let ticket = "select coalesce(max(ticket)::text, '') from signals where master_account_id = $1";
    let ticket = s.world.text(ticket, s.lead.id).await;

    s.trade("SELL", "0.03");
    let close = |own: &str| format!("CMD_CLOSE|{BTC}|{own}|{ticket}");
    f.wire.expect(&close("5001")).await;
    f.wire.send(&format!("ACK_CLOSE|{ticket}|100000|0.00")).await.unwrap();
    s.world.await_copies(&closes, "closed").await;
    s.world.await_text(OPEN, s.follower.id, "open 0.005").await;
    assert!(s.world.text(CAUSES, ignores.id).await.ends_with("partial_ignored"));
    s.trade("SELL", "0.01");

    g.wire.expect(&close("6001")).await;
    g.wire.send(&format!("ACK_CLOSE|{ticket}|100000|0.00")).await.unwrap();
    s.world.await_copies(&ignores, "closed").await;
    s.world.await_copies(&s.follower, "closed").await;
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_below_the_least_add_up_and_no_dust_is_left() {
    let s = Scene::new(true).await;
    s.exchange.move_price(LTC, "0.5");
    s.trade("BUY", "0.002");
    s.world.await_text(OPEN, s.follower.id, "open 0.001").await;

    // Half a step twice is a step.
    s.trade("SELL", "0.0001");
    let kept = "select coalesce(string_agg(trim_scale(desired_lots)::text || coalesce(' due ' || close_due_at, ''), ', '), '')
        from copy_orders where follower_account_id = $1";
    s.world.await_text(kept, s.follower.id, "0.00095").await;
    assert_eq!(s.held(), "0.001".parse().unwrap(), "less than a step is kept");
    s.trade("SELL", "0.0001");
    s.world.await_text(OPEN, s.follower.id, "open 0.0009").await;
    s.world.await_text(kept, s.follower.id, "0.0009").await;
    // A step is worth less than the exchange takes now. The price is read once a second.
    s.exchange.move_price(BTC, "15000");
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    s.trade("SELL", "0.0017");
    s.world.await_copies(&s.follower, "closed").await;
    assert_eq!(s.held(), Decimal::ZERO);
    assert!(s.world.text(CAUSES, s.follower.id).await.contains("rest_too_small"));
    s.exchange.move_price(BTC, "100000");
    s.trade("SELL", "0.0001");
    s.world.await_text(SIGNALS, s.lead.id, "open partial partial partial close").await;

    // Of coins that are worth little there are more than any broker takes lots.
    let trade = |side: &str, quantity: &str| s.exchange.by_hand(s.lead_uid, side, LTC, quantity);
    s.world.set_copying(&s.follower, "max_deviation = 0.5").await;
    trade("BUY", "30000");
    s.world.await_text(OF_LTC, s.follower.id, "open 15000").await;
    trade("BUY", "10000");
    s.world.await_text(OF_LTC, s.follower.id, "open 15000, open 5000").await;
    trade("SELL", "4000");
    s.world.await_text(OF_LTC, s.follower.id, "open 13500, open 4500").await;
    trade("SELL", "36000");
    s.world.await_copies(&s.follower, "closed closed closed").await;
    s.check().await;
}

/// What may happen to the request that closes a part.
#[rstest]
#[case::cut_before(Mishap::DropBefore)]
#[case::gateway_after(Mishap::StatusAfter { status: 504 })]
#[case::lost_and_hidden(Mishap::Hide { ms: 3_000, lost: true })]
#[case::busy(Mishap::Refuse { code: 101_500, text: "rpc timeout".to_owned() })]
#[case::refused(Mishap::Refuse { code: 109_400, text: "quantity is wrong".to_owned() })]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_whose_fate_is_unknown_is_closed_once_and_two_wishes_meanwhile_are_one(
    #[case] mishap: Mishap,
) {
    let s = Scene::new(true).await;
    s.trade("BUY", "0.04");
    s.world.await_text(OPEN, s.follower.id, "open 0.02").await;
    s.exchange.with(|venue| {
        let rule = Rule::of(mishap).on("POST", ORDER).times(1);
        venue.faults.add(rule);
    });

    s.trade("SELL", "0.01");
    s.world.await_text(SIGNALS, s.lead.id, "open partial").await;
    s.trade("SELL", "0.01");
    s.trade("SELL", "0.01");

    s.world.await_text(OPEN, s.follower.id, "open 0.005").await;
    assert_eq!(s.held(), "0.005".parse().unwrap());
    s.trade("SELL", "0.01");
    s.world.await_copies(&s.follower, "closed").await;
    assert_eq!(s.held(), Decimal::ZERO);
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stops_that_are_moved_and_removed_are_told_once_and_by_those_that_can() {
    let mut s = Scene::new(true).await;
    let paper = s.world.paper_follower(&s.lead).await;
    let terminal = s.world.follower().await;
    let mut f = s.world.follower_ea(&terminal, &s.lead).await;
    s.world.set_copying(&s.follower, "reverse = true").await;
    next_second().await;
    s.trade("BUY", "0.04");
    opened(&mut f, 5001).await;
    for account in [&s.follower, &paper, &terminal] {
        s.world.await_copies(account, "open").await;
    }

    let stop = s.place_exit("STOP_MARKET", "99000");
    s.world.await_text(EXITS, paper.id, "99000 -").await;
    s.world.await_text(EXITS, s.follower.id, "- 99000").await;
    s.await_exits("99000 0.02").await;
    // Moved as people do it: cancelled, and a while later placed anew.
    s.cancel_exit(stop);
    tokio::time::sleep(Duration::from_millis(1_300)).await;
    let stop = s.place_exit("STOP_MARKET", "99500");
    s.place_exit("TAKE_PROFIT_MARKET", "103000");
    s.world.await_text(EXITS, paper.id, "99500 103000").await;
    assert_eq!(s.world.text(EXITS, s.follower.id).await, "103000 99500");
    s.await_exits("99500 0.02, 103000 0.02").await;
    assert_eq!(s.world.text(EXITS, terminal.id).await, "- -", "it was told nothing");
    assert!(s.world.text(CAUSES, terminal.id).await.contains("modify_not_sent"));

    // Removed while nobody listened.
    s.world.stop().await;
    s.cancel_exit(stop);
    s.world.run().await;
    let mut f = s.world.follower_ea(&terminal, &s.lead).await;
    s.world.await_text(EXITS, paper.id, "- 103000").await;
    assert_eq!(s.world.text(SIGNALS, s.lead.id).await, "open modify modify modify");
    s.world.await_text(EXITS, s.follower.id, "103000 -").await;
    s.await_exits("103000 0.02").await;

    // They guard what is left.
    s.trade("SELL", "0.02");
    let close = f.wire.expect_prefix("CMD_CLOSE|").await;
    let ticket = close.rsplit('|').next().unwrap();
    f.wire.send(&format!("ACK_CLOSE|{ticket}|100000|0.00")).await.unwrap();
    s.world.await_copies(&terminal, "closed").await;
    s.world.await_text(OPEN, s.follower.id, "open 0.01").await;
    s.await_exits("103000 0.01").await;
    s.trade("SELL", "0.02");
    s.world.await_copies(&paper, "closed").await;
    s.world.await_copies(&s.follower, "closed").await;
    s.await_exits("").await;
    assert_eq!(s.world.text(SIGNALS, s.lead.id).await, "open modify modify modify partial close");
    s.check().await;
}
