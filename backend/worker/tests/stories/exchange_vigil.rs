//! A person is told of clocks that differ, and of closes that do not get through.
use flotilla_bingx_sim::fault::{Mishap, Rule};
use rust_decimal::Decimal;

use crate::support::scene::{ORDER, Scene};

const CLOCK: &str = "select coalesce(string_agg(u.role || ' ' || (a.detail ->> 'seconds')
        || case when a.resolved_at is null then '' else ' over' end, ', ' order by a.id), '')
    from alerts a join users u on u.id = a.owner_id
    where a.kind = 'exchange_clock_off' and $1::uuid is not null";
const IN_VAIN: &str = "select coalesce(string_agg(a.detail ->> 'text', ', ' order by a.id), '')
    from alerts a where a.kind = 'protection_failing' and a.account_id = $1";
const STATES: &str =
    "select string_agg(state, ' ' order by id) from copy_orders where follower_account_id = $1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_runs_the_server_is_told_that_its_clock_is_off() {
    let mut s = Scene::new().await;
    let admin = "insert into users (email, name, password_hash, role) values ('root@example.com', 'Root', '', 'admin')";
    s.world.sql.execute(admin, &[]).await.unwrap();
    assert_eq!(s.world.text(CLOCK, s.follower.id).await, "");

    s.exchange.server.shared.jump(60_000);
    s.world.await_text(CLOCK, s.follower.id, "admin 60.0").await;
    // Orders are stamped by the exchange's time and go on.
    s.enter("0.01", 1).await;
    s.world.await_copies(&s.follower, "open").await;

    // It jumps behind this machine's. What is sent before that is known is stamped in its future, refused, and sent again.
    s.exchange.server.shared.jump(-90_000);
    s.leave(1).await;
    s.world.await_copies(&s.follower, "closed").await;
    assert_eq!((s.held(), s.accepted()), (Decimal::ZERO, 2), "each once");
    assert_eq!(s.world.text(CLOCK, s.follower.id).await, "admin 60.0", "it is off as before, the other way");

    s.exchange.server.shared.jump(30_000);
    s.world.await_text(CLOCK, s.follower.id, "admin 60.0 over").await;
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_closes_fail_in_a_row_its_owner_is_told_and_nothing_is_opened_until_one_gets_through() {
    let mut s = Scene::new().await;
    s.world.set_max_age(&s.follower, 120).await;
    s.enter("0.01", 1).await;
    s.world.await_copies(&s.follower, "open").await;
    let refused = Mishap::Refuse { code: 101_485, text: "close too small".to_owned() };
    s.fault(Rule::of(refused).on("POST", ORDER));

    s.leave(1).await;
    let soon = "update copy_orders set close_due_at = now()
        where follower_account_id = $1 and state = 'closing' and close_attempts < 3 and close_due_at > now()";
    let told = async {
        while s.world.text(IN_VAIN, s.follower.id).await.is_empty() {
            s.world.sql.execute(soon, &[&s.follower.id]).await.unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), told).await.expect("its owner is told");
    assert!(s.world.text(IN_VAIN, s.follower.id).await.contains("close too small"));
    let later =
        "update copy_orders set close_due_at = now() + interval '1 hour' where follower_account_id = $1";
    let attempts = "select max(close_attempts)::text from copy_orders where follower_account_id = $1";
    assert_eq!(s.world.text(attempts, s.follower.id).await, "3", "before the copy itself counts as overdue");
    s.world.sql.execute(later, &[&s.follower.id]).await.unwrap();

    s.enter("0.02", 2).await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    s.world.await_text(STATES, s.follower.id, "closing planned").await;
    // The fourth gets through, and that is not seen at once: it is not in vain before it is known to be.
    s.exchange.with(|venue| venue.faults.clear());
    s.fault(Rule::of(Mishap::Hide { ms: 1_500, lost: false }).on("POST", ORDER).times(1));
    let now =
        "update copy_orders set close_due_at = now() where follower_account_id = $1 and state = 'closing'";
    s.world.sql.execute(now, &[&s.follower.id]).await.unwrap();
    s.world.await_copies(&s.follower, "closed open").await;
    let ended = "select (resolved_at is not null)::text from alerts where kind = 'protection_failing' and account_id = $1";
    s.world.await_text(ended, s.follower.id, "true").await;
    assert_eq!(s.held(), Decimal::new(2, 2));
    s.leave(2).await;
    s.world.await_copies(&s.follower, "closed closed").await;
    s.check().await;
}
