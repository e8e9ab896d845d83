//! Leverage at the exchange: read, and changed only where the owner has set it.
#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

use flotilla_bingx_sim::fault::{Mishap, Rule};
use flotilla_bingx_sim::request::HostName;

use crate::support::scene::{BTC, Scene};

const AUDIT: &str = "select coalesce(string_agg(action || ' ' || (detail::jsonb ->> 'leverage') || ' ' || (detail::jsonb ->> 'contract'),
    ', ' order by seq), '') from audit where target_id = $1 and action like 'leverage%'";

impl Scene {
    async fn owner_sets(&mut self, leverage: i32) {
        self.world.stop().await;
        let set = "update exchange_keys set leverage = $2, leverage_set_at = now() where account_id = $1";
        self.world.sql.execute(set, &[&self.follower.id, &leverage]).await.unwrap();
        self.world.run().await;
        self.await_service().await;
        self.m = self.world.master_ea(&self.master).await;
    }

    /// Waits until the worker knows of the money of a flow that the stream tells of now: it has heard what came before.
    async fn await_news(&self) {
        self.exchange.fund(self.uid);
        let balance = self.exchange.with(|venue| venue.ledger(HostName::Demo, self.uid).unwrap().balance);
        let heard = format!(
            "select coalesce(bool_or(round(balance, 4) = round({balance}, 4))::text, '') from account_figures
             where account_id = $1"
        );
        self.world.await_text(&heard, self.follower.id, "true").await;
    }

    fn leverage(&self) -> (i64, i64) {
        self.exchange.with(|venue| {
            let ledger = venue.ledger(HostName::Demo, self.uid).unwrap();
            (ledger.leverage_of(BTC, true), ledger.leverage_of(BTC, false))
        })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_order_in_a_contract_sees_that_the_owners_leverage_is_set() {
    let mut s = Scene::new().await;
    s.enter("0.01", 1).await;
    s.world.await_copies(&s.follower, "open").await;
    assert_eq!(s.leverage(), (5, 5), "nobody set any: nothing is changed");

    s.owner_sets(7).await;
    s.enter("0.01", 2).await;
    s.enter("0.01", 3).await;

    s.world.await_copies(&s.follower, "open open open").await;
    assert_eq!(s.leverage(), (7, 7));
    assert_eq!(s.world.text(AUDIT, s.follower.id).await, "leverage_set 7 BTC-USDT");

    // Changed in the exchange's own app: the next order sees that it is the owner's again.
    let uid = s.uid;
    s.exchange.with(|venue| venue.change_leverage(HostName::Demo, uid, BTC, (3, 3)));
    s.await_news().await;
    s.enter("0.01", 4).await;

    s.world.await_copies(&s.follower, "open open open open").await;
    assert_eq!(s.leverage(), (7, 7));
    let twice = "leverage_set 7 BTC-USDT, leverage_set 7 BTC-USDT";
    assert_eq!(s.world.text(AUDIT, s.follower.id).await, twice);
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_exchange_does_not_take_the_owners_leverage_nothing_is_opened() {
    let mut s = Scene::new().await;
    s.owner_sets(130).await;
    let refusal = Mishap::Refuse { code: 101_414, text: "The leverage is above what is allowed".to_owned() };
    s.fault(Rule::of(refusal).on("POST", "trade/leverage").times(1));

    s.enter("0.01", 1).await;
    s.world.await_copies(&s.follower, "skipped(leverage)").await;
    assert_eq!((s.leverage(), s.accepted()), ((5, 5), 0));
    s.enter("0.01", 2).await;

    // The contract allows less, and has its own limit then.
    s.world.await_copies(&s.follower, "skipped(leverage) open").await;
    assert_eq!(s.leverage(), (125, 125));
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leverage_that_cannot_be_set_just_now_is_set_a_little_later() {
    let mut s = Scene::new().await;
    s.owner_sets(7).await;
    let busy = Mishap::Refuse { code: 100_410, text: "too many requests".to_owned() };
    s.fault(Rule::of(busy).on("POST", "trade/leverage").times(1));
    s.fault(Rule::of(Mishap::StatusBefore { status: 504 }).on("POST", "trade/leverage").times(1));

    s.enter("0.01", 1).await;

    s.world.await_copies(&s.follower, "open").await;
    assert_eq!(s.leverage(), (7, 7));
    assert_eq!(s.world.text(AUDIT, s.follower.id).await, "leverage_set 7 BTC-USDT", "nothing was refused");
    s.check().await;
}
