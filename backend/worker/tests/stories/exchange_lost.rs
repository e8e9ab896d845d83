//! Orders that the exchange has and no row knows.
#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

use std::time::Duration;

use flotilla_bingx_sim::ledger::Slot;
use flotilla_bingx_sim::request::{HostName, Params};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::decisions::{await_end, decide};
use crate::support::scene::{BTC, Scene};

const ORPHANS: &str =
    "select coalesce(string_agg(side || ' ' || trim_scale(lots) || coalesce(' of #' || master_ticket, '')
        || case when gone_at is null then '' else ' gone' end, ', ' order by lots), '')
    from orphans where account_id = $1";
const TOLD: &str =
    "select coalesce(string_agg(times_seen || ' ' || (detail->>'symbol') || ' ' || (detail->>'coins') || ' '
        || (copy_id is not null), ', '), '')
    from alerts where account_id = $1 and kind = 'orphan_position'";
/// What was written of a copy since it was planned.
const FORGET: &str = "delete from venue_exits where copy_id = '$copy';
    delete from venue_orders where copy_id = '$copy';
    delete from executions e using trades t where t.id = e.trade_id and t.copy_id = '$copy';
    delete from trades where copy_id = '$copy';
    delete from copy_events where copy_id = '$copy';
    delete from watch.copies where copy_id = '$copy';";

const BEGUN: &str = "select coalesce((select 'begun' from venue_accounts where account_id = $1 and leads_from is not null), '')";
/// What was stored of a signal whose only copy this is, and of the fill that it was made of.
const FORGET_FILL: &str =
    "delete from signals where id = (select signal_id from copy_orders where copy_id = '$copy');
    delete from copy_orders where copy_id = '$copy';
    delete from venue_lead_orders;
    delete from venue_lead_positions;";

impl Scene {
    /// Waits until orders were looked through so often.
    async fn await_looks(&self, looks: usize) {
        let looked = async {
            while self.requests("GET", "allOrders") < looks {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), looked).await.unwrap();
    }

    /// Orders that the exchange took and that open this copy.
    fn opens(&self, copy: Uuid) -> usize {
        let opens = format!("f{}o", copy.simple());
        self.exchange.with(|venue| {
            let ledger = venue.ledger(HostName::Demo, self.uid).unwrap();
            ledger.orders.values().filter(|order| order.client_id.starts_with(&opens)).count()
        })
    }

    async fn copy_of(&self, ticket: i64) -> Uuid {
        let copy = "select copy_id from copy_orders where follower_account_id = $1 and master_ticket = $2";
        self.world.sql.query_one(copy, &[&self.follower.id, &ticket]).await.unwrap().get(0)
    }

    /// The database loses what it knew of a copy since its birth, and what `then` says is done to it.
    async fn forget(&self, copy: Uuid, then: &str) {
        let all = format!("begin; set local session_replication_role = replica; {FORGET} {then} commit;");
        self.world.sql.batch_execute(&all.replace("$copy", &copy.to_string())).await.unwrap();
    }

    /// A master at the exchange, of one-way mode, that the follower copies; its number there.
    async fn lead(&self) -> u64 {
        let lead = self.world.master().await;
        let uid = self.exchange.connect(&self.world, &lead).await;
        self.exchange.one_way(uid);
        self.world.await_text(BEGUN, lead.id, "begun").await;
        let follow = "insert into subscriptions (owner_id, follower_account_id, master_account_id, master_name, source,
                state, max_age_s, valid_from)
            values ($1, $2, $3, 'at the exchange', 'web', 'active', 60, now() - interval '1 hour')";
        let (owner, follower) = (self.follower.owner, self.follower.id);
        self.world.sql.execute(follow, &[&owner, &follower, &lead.id]).await.unwrap();
        uid
    }

    async fn begin_again(&mut self) {
        self.world.run().await;
        self.m = self.world.master_ea(&self.master).await;
        self.await_service().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_that_no_row_knows_are_told_of_once_and_left_alone() {
    let mut s = Scene::new().await;
    let uid = s.uid;
    s.enter("0.01", 1).await;
    s.enter("0.02", 2).await;
    s.world.await_copies(&s.follower, "open open").await;

    let (first, second) = (s.copy_of(1).await, s.copy_of(2).await);
    s.forget(
        second,
        "update copy_orders set state = 'skipped', reason_code = 'stale', reason_text = null, claim_epoch = null,
            claimed_at = null, venue_ref = null, open_lots = 0 where copy_id = '$copy';",
    )
    .await;
    s.forget(first, "delete from copy_orders where copy_id = '$copy';").await;

    s.world.await_text(ORPHANS, s.follower.id, "BUY 0.01, BUY 0.02 of #2").await;
    s.world.await_text(TOLD, s.follower.id, "1 BTC-USDT 0.03 true").await;
    // Their master leaves, and what is copied beside them is closed without them.
    s.leave(1).await;
    s.leave(2).await;
    s.enter("0.02", 3).await;
    s.world.await_copies(&s.follower, "skipped(stale) open").await;
    s.leave(3).await;
    s.world.await_copies(&s.follower, "skipped(stale) closed").await;
    assert_eq!((s.held(), s.sendings()), (Decimal::new(3, 2), 4), "nothing was closed, and nothing sent");

    // Another worker finds them as well.
    let looks = s.requests("GET", "allOrders");
    s.world.stop().await;
    s.begin_again().await;
    s.await_looks(looks + 1).await;
    s.exchange
        .with(|venue| venue.at_desk(HostName::Demo, uid, |desk| desk.close_slot(BTC, Slot::Long, "MARKET")));
    s.world.await_text(ORPHANS, s.follower.id, "BUY 0.01 gone, BUY 0.02 of #2 gone").await;
    assert_eq!(s.world.text(TOLD, s.follower.id).await, "1 BTC-USDT 0.03 true", "their owner was told once");
    assert_eq!(s.sendings(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_whose_copy_is_still_planned_is_not_placed_twice() {
    let mut s = Scene::new().await;
    s.m.open("BUY|BTCUSD|100000|0.01|99000|0|1").await;
    s.world.await_copies(&s.follower, "open").await;

    let copy = s.copy_of(1).await;
    s.world.stop().await;
    s.forget(
        copy,
        "update copy_orders set state = 'planned', reason_code = null, reason_text = null, symbol = 'BTCUSD',
            claim_epoch = null, claimed_at = null, venue_ref = null, open_lots = 0 where copy_id = '$copy';",
    )
    .await;
    s.begin_again().await;

    s.world.await_copies(&s.follower, "open").await;
    assert_eq!((s.held(), s.opens(copy)), (Decimal::new(1, 2), 1), "there is one");
    s.check().await;
    s.leave(1).await;
    s.world.await_copies(&s.follower, "closed").await;
    assert_eq!(s.held(), Decimal::ZERO);
    assert_eq!(s.world.text(ORPHANS, s.follower.id).await, "");
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fill_that_is_read_again_after_all_of_it_was_lost_opens_nothing_twice() {
    let s = Scene::with(|config| {
        config.exchange.as_mut().unwrap().stream.look_every = Duration::from_millis(700);
    })
    .await;
    let lead = s.lead().await;
    s.exchange.by_hand(lead, "BUY", BTC, "0.01");
    s.world.await_copies(&s.follower, "open").await;
    let copy = "select copy_id from copy_orders where follower_account_id = $1";
    let copy = async || -> Uuid { s.world.sql.query_one(copy, &[&s.follower.id]).await.unwrap().get(0) };
    let first = copy().await;

    s.forget(first, FORGET_FILL).await;

    s.world.await_copies(&s.follower, "open").await;
    assert_eq!(copy().await, first, "it has the name that it had");
    assert!(s.sendings() > 1, "its order was sent once more");
    assert_eq!((s.held(), s.opens(first), s.accepted()), (Decimal::new(1, 2), 1, 1), "and taken once");
    s.check().await;
    s.exchange.by_hand(lead, "SELL", BTC, "0.01");
    s.world.await_copies(&s.follower, "closed").await;
    assert_eq!(s.held(), Decimal::ZERO);
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn coins_of_the_owner_are_looked_up_once_and_not_told_of() {
    let s = Scene::new().await;
    let order = [
        ("symbol", BTC),
        ("type", "MARKET"),
        ("side", "BUY"),
        ("positionSide", "LONG"),
        ("quantity", "0.02"),
    ];
    let order = Params::of_values(order.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    s.exchange.with(|venue| venue.at_desk(HostName::Demo, s.uid, |desk| desk.place(&order).unwrap()));

    s.await_looks(1).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(s.world.text(ORPHANS, s.follower.id).await, "");
    assert_eq!(s.world.text(TOLD, s.follower.id).await, "");
    assert_eq!((s.held(), s.sendings()), (Decimal::new(2, 2), 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_booked_as_gone_and_is_there_again_is_told_of_and_taken_up_by_its_owner() {
    let mut s = Scene::new().await;
    let uid = s.uid;
    s.enter("0.01", 1).await;
    s.world.await_copies(&s.follower, "open").await;
    let place = (BTC.to_owned(), Slot::Long);
    let gone = s.exchange.with(|venue| {
        venue.at_desk(HostName::Demo, uid, |desk| desk.ledger.positions.remove(&place)).flatten()
    });
    // No order and no fill says what took it.
    s.world.await_copies(&s.follower, "closed(closed_externally)").await;
    assert_eq!(s.world.text(ORPHANS, s.follower.id).await, "");

    s.exchange.with(|venue| {
        venue.at_desk(HostName::Demo, uid, |desk| desk.ledger.positions.insert(place, gone.unwrap()))
    });

    s.world.await_text(ORPHANS, s.follower.id, "BUY 0.01 of #1").await;
    s.world.await_text(TOLD, s.follower.id, "1 BTC-USDT 0.01 true").await;
    assert_eq!((s.held(), s.sendings()), (Decimal::new(1, 2), 1), "nothing was closed for it");

    let own = "select venue_ref from copy_orders where follower_account_id = $1";
    let own: i64 = s.world.text(own, s.follower.id).await.parse().unwrap();
    let request = decide(&s.world, &s.follower, 0, "link", Some(own)).await;
    await_end(&s.world, request, "done").await;
    s.world.await_copies(&s.follower, "open").await;
    s.world.await_text(ORPHANS, s.follower.id, "BUY 0.01 of #1 gone").await;
    s.leave(1).await;
    s.world.await_copies(&s.follower, "closed").await;
    assert_eq!((s.held(), s.sendings()), (Decimal::ZERO, 2));
    s.check().await;
}
