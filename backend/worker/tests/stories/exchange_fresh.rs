//! Opens at an exchange that do not get through at once, and what their second sending is judged by.
#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

use std::time::Duration;

use flotilla_bingx_sim::fault::{Mishap, Rule};
use flotilla_bingx_sim::ledger::Slot;
use flotilla_bingx_sim::request::HostName;
use rstest::rstest;
use rust_decimal::Decimal;
use tokio_postgres::types::ToSql;

use crate::support::scene::{BTC, ORDER, Scene};

const SENDINGS: &str =
    "select coalesce(max(sendings), 0)::text from venue_orders where follower_account_id = $1";
/// States and reasons of all copies, in alphabetical order.
const STATES: &str = "select coalesce(string_agg(state || coalesce('(' || reason_code || ')', ''), ' '
        order by state, reason_code), '')
    from copy_orders where follower_account_id = $1";

fn refuse(code: i64, text: &str) -> Mishap {
    Mishap::Refuse { code, text: text.to_owned() }
}

#[rstest]
#[case::too_many(refuse(100_410, "The current system is busy, please try again later"), 1)]
#[case::wrong_time(refuse(109_400, "timestamp is invalid"), 2)]
#[case::banned(Mishap::Firewall, 1)]
#[case::the_same_order_within_a_second(refuse(109_201, "The same order number is only allowed once"), 1)]
#[case::perhaps_a_used_name(refuse(101_400, ""), 1)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_that_was_turned_away_goes_again_under_its_name(#[case] mishap: Mishap, #[case] times: u64) {
    let mut s = Scene::with(|config| {
        config.exchange.as_mut().unwrap().client.ban = Duration::from_millis(500);
    })
    .await;
    s.fault(Rule::of(mishap).on("POST", ORDER).times(times));

    s.enter("0.01", 1).await;

    s.world.await_copies(&s.follower, "open").await;
    assert_eq!((s.held(), s.accepted()), ("0.01".parse().unwrap(), 1));
    assert_eq!(s.world.text(SENDINGS, s.follower.id).await, "2");
    s.leave(1).await;
    s.world.await_copies(&s.follower, "closed").await;
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_that_was_turned_away_is_not_sent_once_it_is_too_old() {
    let mut s = Scene::new().await;
    s.world.set_max_age(&s.follower, 3).await;
    s.fault(Rule::of(refuse(100_410, "too many")).on("POST", ORDER));

    s.enter("0.01", 1).await;

    s.world.await_copies(&s.follower, "failed(refused)").await;
    s.exchange.with(|venue| venue.faults.clear());
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!((s.held(), s.accepted()), (Decimal::ZERO, 0));
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_that_was_turned_away_is_not_sent_once_its_master_is_out() {
    let mut s = Scene::new().await;
    s.fault(Rule::of(refuse(100_410, "too many")).on("POST", ORDER));
    s.enter("0.01", 1).await;
    s.world.await_copies(&s.follower, "claimed").await;

    s.leave(1).await;

    s.world.await_copies(&s.follower, "failed(refused)").await;
    s.exchange.with(|venue| venue.faults.clear());
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!((s.held(), s.accepted()), (Decimal::ZERO, 0));
    s.check().await;
}

/// The guard of an account stops what is new.
const TRIP: &str = "
    with t as (
        insert into guard_trips (owner_id, guard_id, guarded_id, scope_name, account_id, account_name, status, action,
            title)
        values ($1, uuid_v7(), $2, '', $2, '', 'critical', 'stop_new', 'lead, daily') returning id)
    insert into stops (owner_id, account_id, trip_id) select $1, $2, id from t";

/// What happens while nobody knows what became of an order that never arrived.
#[derive(Debug, Clone, Copy)]
enum Meanwhile {
    TradingOff,
    Stopped,
    Paused,
    MasterTripped,
    PriceMoved,
    PastTheStop,
}

#[rstest]
#[case(Meanwhile::TradingOff, "trading_off")]
#[case(Meanwhile::Stopped, "stopped")]
#[case(Meanwhile::Paused, "paused")]
#[case(Meanwhile::MasterTripped, "lead, daily")]
#[case(Meanwhile::PriceMoved, "")]
#[case(Meanwhile::PastTheStop, "")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_sending_is_judged_like_the_first(#[case] meanwhile: Meanwhile, #[case] words: &str) {
    let mut s = Scene::new().await;
    s.fault(Rule::of(Mishap::DropBefore).on("POST", ORDER).times(1));
    s.m.open("BUY|BTCUSD|100000|0.01|99950|0|1").await;
    s.world.await_copies(&s.follower, "unconfirmed(silent)").await;

    let (sql, follower) = (&s.world.sql, &s.follower);
    match meanwhile {
        Meanwhile::TradingOff => {
            let switch = "update accounts set trading_enabled = false where id = $1";
            sql.execute(switch, &[&follower.id]).await.unwrap();
        }
        Meanwhile::Stopped => {
            let stop = "insert into stops (owner_id, actor_id) values ($1, $1)";
            sql.execute(stop, &[&follower.owner]).await.unwrap();
        }
        Meanwhile::Paused => s.world.set_copying(follower, "state = 'paused'").await,
        Meanwhile::MasterTripped => {
            let values: [&(dyn ToSql + Sync); 2] = [&s.master.owner, &s.master.id];
            sql.execute(TRIP, &values).await.unwrap();
        }
        Meanwhile::PriceMoved => s.exchange.move_price(BTC, "100500"),
        Meanwhile::PastTheStop => s.exchange.move_price(BTC, "99940"),
    }

    // Not by the name of what was decided here: should the first sending turn up, it is looked out for.
    s.world.await_copies(&s.follower, "failed(not_opened)").await;
    let told = "select coalesce(max(reason_text), '') from copy_orders where follower_account_id = $1";
    let told = s.world.text(told, s.follower.id).await;
    assert!(told.contains(words) && !told.is_empty(), "{told}");
    assert_eq!((s.held(), s.accepted()), (Decimal::ZERO, 0));
    s.check().await;
}

/// Switches trading of an account off with the first answer to an order of it.
const SWITCH_OFF: &str = "
    create function switch_off() returns trigger language plpgsql security definer as $$
    begin
        update accounts set trading_enabled = false where id = new.follower_account_id;
        return null;
    end $$;
    create trigger switch_off after update on venue_orders for each row execute function switch_off();";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_that_was_turned_away_and_is_not_sent_again_was_refused() {
    let mut s = Scene::new().await;
    s.fault(Rule::of(refuse(100_410, "too many")).on("POST", ORDER));
    let follower = s.follower.id;
    // Its owner switches trading off in the moment in which it is turned away.
    s.world.sql.batch_execute(SWITCH_OFF).await.unwrap();

    s.enter("0.01", 1).await;

    s.world.await_copies(&s.follower, "failed(refused)").await;
    let cause = "select coalesce(max(cause), '') from copy_events e join copy_orders c using (copy_id)
        where c.follower_account_id = $1 and e.to_state = 'failed'";
    assert_eq!(s.world.text(cause, follower).await, "ack_open_fail", "a one-to-one master is told of it");
    assert_eq!((s.held(), s.accepted()), (Decimal::ZERO, 0));
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_close_that_never_arrived_is_not_sent_again_for_what_is_gone() {
    let mut s = Scene::new().await;
    let uid = s.uid;
    s.enter("0.01", 1).await;
    s.world.await_copies(&s.follower, "open").await;
    s.fault(Rule::of(Mishap::DropBefore).on("POST", ORDER).times(1));
    s.leave(1).await;
    s.world.await_copies(&s.follower, "closing").await;
    let unknown = "select count(*)::text from venue_orders where follower_account_id = $1 and leg = 'close' and state = 'unknown'";
    s.world.await_text(unknown, s.follower.id, "1").await;

    s.exchange
        .with(|venue| venue.at_desk(HostName::Demo, uid, |desk| desk.close_slot(BTC, Slot::Long, "MARKET")));

    let state = "select state from copy_orders where follower_account_id = $1";
    s.world.await_text(state, s.follower.id, "closed").await;
    assert_eq!(s.world.text(SENDINGS, s.follower.id).await, "1");
    assert_eq!((s.held(), s.accepted()), (Decimal::ZERO, 1));
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_close_that_never_arrived_takes_nothing_of_an_older_copy_when_it_is_sent_again() {
    let mut s = Scene::new().await;
    let uid = s.uid;
    s.enter("0.01", 1).await;
    s.world.await_copies(&s.follower, "open").await;
    s.enter("0.01", 2).await;
    s.world.await_copies(&s.follower, "open open").await;
    s.fault(Rule::of(Mishap::DropBefore).on("POST", ORDER).times(1));
    s.leave(2).await;
    let unknown = "select count(*)::text from venue_orders where follower_account_id = $1 and leg = 'close' and state = 'unknown'";
    s.world.await_text(unknown, s.follower.id, "1").await;

    // The owner closes half of the position: that is the newer copy's half.
    s.exchange.with(|venue| {
        venue.at_desk(HostName::Demo, uid, |desk| {
            desk.ledger.positions.get_mut(&(BTC.to_owned(), Slot::Long)).unwrap().quantity =
                "0.01".parse().unwrap();
        })
    });

    let states = "select string_agg(state, ' ' order by id) from copy_orders where follower_account_id = $1";
    s.world.await_text(states, s.follower.id, "open closed").await;
    assert_eq!(s.held(), "0.01".parse().unwrap(), "the older copy's coins are there");
    assert_eq!(s.world.text(SENDINGS, s.follower.id).await, "1");
    s.leave(1).await;
    s.world.await_text(states, s.follower.id, "closed closed").await;
    assert_eq!(s.held(), Decimal::ZERO);
}

impl Scene {
    /// A second master of the same follower.
    async fn another_master(&self) -> flotilla_testkit::ea_v7::MasterEa {
        let master = self.world.master().await;
        let follow = "insert into subscriptions (owner_id, follower_account_id, master_account_id, master_name, source,
                state, max_age_s)
            values ($1, $2, $3, 'second', 'web', 'active', 60)";
        let (owner, follower) = (self.follower.owner, self.follower.id);
        self.world.sql.execute(follow, &[&owner, &follower, &master.id]).await.unwrap();
        self.world.master_ea(&master).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_masters_at_one_moment_do_not_open_against_each_other_in_one_position() {
    let mut s = Scene::new().await;
    s.exchange.one_way(s.uid);
    let mut other = s.another_master().await;
    // The first order finds the mode out.
    s.enter("0.01", 9).await;
    s.world.await_copies(&s.follower, "open").await;
    s.leave(9).await;
    s.world.await_copies(&s.follower, "closed").await;
    // Both look at positions before either has claimed.
    s.fault(Rule::of(Mishap::Slow { ms: 500 }).on("GET", "user/positions"));

    s.enter("0.01", 1).await;
    other.open("SELL|BTCUSD|100000|0.02|0|0|2").await;

    s.world.await_text(STATES, s.follower.id, "closed open skipped(opposite_side)").await;
    s.exchange.with(|venue| venue.faults.clear());
    assert_eq!(s.accepted(), 3);
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_orders_at_one_moment_do_not_pass_the_limit_that_one_would_keep() {
    let mut s = Scene::new().await;
    let limit = "update exchange_keys set leverage = 1 where account_id = $1";
    s.world.sql.execute(limit, &[&s.follower.id]).await.unwrap();
    let mut other = s.another_master().await;

    // 6,000 each, for an account of 10,000.
    s.enter("0.06", 1).await;
    other.open("BUY|BTCUSD|100000|0.06|0|0|2").await;

    s.world.await_text(STATES, s.follower.id, "open skipped(leverage)").await;
    assert_eq!(s.held(), "0.06".parse().unwrap());
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_equity_nothing_is_opened_for_an_account() {
    let mut s = Scene::new().await;
    let figures = "select count(*)::text from account_figures where account_id = $1";
    s.world.await_text(figures, s.follower.id, "1").await;
    s.world
        .sql
        .execute("delete from account_figures where account_id = $1", &[&s.follower.id])
        .await
        .unwrap();
    s.fault(Rule::of(refuse(100_500, "busy")).on("GET", "user/balance"));

    s.enter("0.01", 1).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(s.world.text(STATES, s.follower.id).await, "planned");
    s.exchange.with(|venue| venue.faults.clear());

    s.world.await_copies(&s.follower, "open").await;
    s.check().await;
}
