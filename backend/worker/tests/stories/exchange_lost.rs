//! Orders that the exchange has and the database lost.
#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

use flotilla_bingx_sim::ledger::Slot;
use flotilla_bingx_sim::request::HostName;
use rstest::rstest;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::support::scene::{BTC, ORDER, Scene};

const ORPHANS: &str =
    "select coalesce(string_agg(side || ' ' || trim_scale(lots) || case when gone_at is null then '' else ' gone' end,
        ', '), '') from orphans where account_id = $1";
const TOLD: &str =
    "select coalesce(string_agg(times_seen || ' ' || (detail->>'symbol') || ' ' || (detail->>'coins'), ', '), '')
    from alerts where account_id = $1 and kind = 'orphan_position'";

/// Orders that were sent to the exchange, taken or not.
fn sendings(s: &Scene) -> usize {
    s.exchange.with(|venue| {
        venue.journal.iter().filter(|entry| entry.method == "POST" && entry.path.ends_with(ORDER)).count()
    })
}

impl Scene {
    async fn copy_id(&self) -> Uuid {
        let copy = "select copy_id from copy_orders where follower_account_id = $1 order by id desc limit 1";
        self.world.sql.query_one(copy, &[&self.follower.id]).await.unwrap().get(0)
    }

    /// The worker ends, the commits of a copy that came after its birth are lost and what `then` says is done to it, and a
    /// worker begins.
    async fn fail_over(&mut self, then: &str) {
        let copy = self.copy_id().await;
        self.world.stop().await;
        let lost = format!(
            "begin;
             set local session_replication_role = replica;
             delete from venue_exits where copy_id = '{copy}';
             delete from venue_orders where copy_id = '{copy}';
             delete from executions e using trades t where t.id = e.trade_id and t.copy_id = '{copy}';
             delete from trades where copy_id = '{copy}';
             delete from copy_events where copy_id = '{copy}';
             delete from watch.copies where copy_id = '{copy}';
             {}
             commit;",
            then.replace("$copy", &format!("'{copy}'"))
        );
        self.world.sql.batch_execute(&lost).await.unwrap();
        self.begin_again().await;
    }

    async fn begin_again(&mut self) {
        self.world.stop().await;
        self.world.run().await;
        self.m = self.world.master_ea(&self.master).await;
        self.await_service().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_the_database_has_lost_is_told_of_once_and_left_alone() {
    let mut s = Scene::new().await;
    let uid = s.uid;
    s.enter("0.01", 1).await;
    s.world.await_copies(&s.follower, "open").await;

    s.fail_over(
        "delete from signals where id = (select signal_id from copy_orders where copy_id = $copy);
         delete from copy_orders where copy_id = $copy;",
    )
    .await;

    s.world.await_text(ORPHANS, s.follower.id, "BUY 0.01").await;
    s.world.await_text(TOLD, s.follower.id, "1 BTC-USDT 0.01").await;
    assert_eq!((s.held(), sendings(&s)), (Decimal::new(1, 2), 1), "nothing was closed, and nothing sent");

    // It is known by now, and what is copied beside it is closed without it.
    s.begin_again().await;
    s.enter("0.02", 2).await;
    s.world.await_copies(&s.follower, "open").await;
    s.leave(2).await;
    s.world.await_copies(&s.follower, "closed").await;
    assert_eq!(s.held(), Decimal::new(1, 2));
    assert_eq!(s.world.text(ORPHANS, s.follower.id).await, "BUY 0.01");

    s.exchange
        .with(|venue| venue.at_desk(HostName::Demo, uid, |desk| desk.close_slot(BTC, Slot::Long, "MARKET")));
    s.world.await_text(ORPHANS, s.follower.id, "BUY 0.01 gone").await;
    assert_eq!(s.world.text(TOLD, s.follower.id).await, "1 BTC-USDT 0.01", "its owner was told once");
}

#[rstest]
#[case::planned("planned", "null", "open")]
#[case::skipped("skipped", "'stale'", "open(late_evidence)")]
#[case::in_question("attention", "'session_lost'", "open")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_whose_copy_is_known_is_found_and_not_sent_again(
    #[case] state: &str,
    #[case] reason: &str,
    #[case] found: &str,
) {
    let mut s = Scene::new().await;
    s.m.open("BUY|BTCUSD|100000|0.01|99000|0|1").await;
    s.world.await_copies(&s.follower, "open").await;

    s.fail_over(&format!(
        "update copy_orders set state = '{state}', reason_code = {reason}, reason_text = null, symbol = 'BTCUSD',
            claim_epoch = null, claimed_at = null, venue_ref = null, open_lots = 0
         where copy_id = $copy;"
    ))
    .await;

    s.world.await_copies(&s.follower, found).await;
    assert_eq!((s.held(), sendings(&s)), (Decimal::new(1, 2), 1), "it was not sent again");
    assert_eq!(s.world.text(ORPHANS, s.follower.id).await, "");
    s.check().await;
    s.leave(1).await;
    s.world.await_copies(&s.follower, "closed").await;
    assert_eq!((s.held(), sendings(&s)), (Decimal::ZERO, 2));
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_was_closed_since_is_not_taken_for_one_that_was_opened_since() {
    let mut s = Scene::new().await;
    s.enter("0.01", 1).await;
    s.world.await_copies(&s.follower, "open").await;
    let first = s.copy_id().await;
    s.leave(1).await;
    s.world.await_copies(&s.follower, "closed").await;
    s.enter("0.01", 2).await;
    s.world.await_copies(&s.follower, "closed open").await;

    // As of the time when the first one was open, and the second had not been.
    s.fail_over(&format!(
        "delete from copy_orders where copy_id = $copy;
         delete from signals where ticket = 2 or ticket = 1 and kind = 'close';
         delete from venue_orders where copy_id = '{first}' and leg = 'close';
         delete from copy_events where copy_id = '{first}' and to_state in ('closing', 'closed');
         delete from executions e using trades t where t.id = e.trade_id and t.copy_id = '{first}' and e.side = 'SELL';
         update trades set status = 'open', exit_price = null, exit_at = null, pnl = null, pnl_source = null
         where copy_id = '{first}';
         update copy_orders set state = 'open', reason_code = null, desired_lots = 0.01, open_lots = 0.01,
            close_price = null, pnl = null, close_due_at = null
         where copy_id = '{first}';"
    ))
    .await;

    s.world.await_copies(&s.follower, "closed").await;
    s.world.await_text(ORPHANS, s.follower.id, "BUY 0.01").await;
    s.world.await_text(TOLD, s.follower.id, "1 BTC-USDT 0.01").await;
    assert_eq!((s.held(), sendings(&s)), (Decimal::new(1, 2), 3), "nothing was sent since");
}
