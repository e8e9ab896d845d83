//! How far a copy at an exchange ran while it was open, by the exchange's candles.
#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

use flotilla_bingx_sim::market::Candle;
use flotilla_bingx_sim::request::HostName;

use crate::support::scene::{BTC, Scene};

/// Of each closed trade: whether its figures are those of a fall to the first and a rise to the second price.
const FIGURES: &str = "select coalesce(string_agg(coalesce((t.mae = round((v.low - t.entry_price) * t.quantity, 8)
            and t.mfe = round((v.high - t.entry_price) * t.quantity, 8))::text, 'none'), ', ' order by t.id), '')
    from (select row_number() over (order by id) as number, * from trades
        where account_id = $1 and status = 'closed') t
    join (values (1, 99000, 102000), (2, 99500, 101000)) v (number, low, high) using (number)";
/// Of the one that has none yet.
const TRIES: &str = "select coalesce(max(e.tries), 0)::text from trade_excursions e
    join trades t on t.id = e.trade_id where t.account_id = $1";
const SOON: &str = "update trade_excursions e set due_at = now() from trades t
    where t.id = e.trade_id and t.account_id = $1";

impl Scene {
    /// The price goes there, a minute apart each.
    fn run(&self, prices: [&str; 3]) {
        for price in prices {
            self.exchange.server.shared.jump(60_000);
            self.exchange.move_price(BTC, price);
        }
    }

    /// The candle before the last is gone.
    fn lose_candle(&self) -> Candle {
        self.exchange.with(|venue| {
            let candles = &mut venue.market_mut(HostName::Demo, BTC).unwrap().candles;
            candles.remove(candles.len() - 2).unwrap()
        })
    }

    fn put_back(&self, candle: Candle) {
        self.exchange.with(|venue| {
            let candles = &mut venue.market_mut(HostName::Demo, BTC).unwrap().candles;
            let place = candles.iter().position(|other| other.time > candle.time).unwrap();
            candles.insert(place, candle);
        });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_is_told_how_far_it_ran_where_no_candle_is_missing() {
    let mut s = Scene::new().await;
    s.enter("0.01", 1).await;
    s.world.await_copies(&s.follower, "open").await;
    s.run(["102000", "99000", "100000"]);
    s.leave(1).await;
    s.world.await_copies(&s.follower, "closed").await;
    s.world.await_text(FIGURES, s.follower.id, "true").await;

    s.enter("0.02", 2).await;
    s.world.await_copies(&s.follower, "closed open").await;
    s.run(["101000", "99500", "100000"]);
    let lost = s.lose_candle();
    s.leave(2).await;
    s.world.await_copies(&s.follower, "closed closed").await;
    for tries in ["1", "2"] {
        s.world.await_text(TRIES, s.follower.id, tries).await;
        s.world.sql.execute(SOON, &[&s.follower.id]).await.unwrap();
    }
    s.world.await_text(TRIES, s.follower.id, "3").await;
    assert_eq!(s.world.text(FIGURES, s.follower.id).await, "true, none");

    // The exchange has it again.
    s.put_back(lost);
    s.world.sql.execute(SOON, &[&s.follower.id]).await.unwrap();
    s.world.await_text(FIGURES, s.follower.id, "true, true").await;
    s.check().await;
}
