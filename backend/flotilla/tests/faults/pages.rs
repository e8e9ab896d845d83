//! The worker dies between the pages of a signal with many followers.
//!
//! The first page is full of followers that are away; the one that is here is in the second.

use flotilla_testkit::ea_v7::Manners;

use crate::world::World;

/// As many followers as a page has; their ids sort before any that is made now.
const FULL_PAGE: &str = "
    with away as (
        insert into accounts (id, owner_id, name, platform, copy_role)
        select ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, m.owner_id, 'away', 'mt5', 'follower'
        from masters m cross join generate_series(1, 200) n
        returning id, owner_id)
    insert into subscriptions (owner_id, follower_account_id, master_account_id, master_name, source, max_age_s)
    select a.owner_id, a.id, m.account_id, m.name, 'web', 120 from away a cross join masters m";

const COPIES: &str = "select coalesce(string_agg(state || '(' || coalesce(reason_code, '') || ') ' || n, ', ' order by state), '')
    from (select state, reason_code, count(*) n from copy_orders group by 1, 2) c";

const PAGES: &str = "select string_agg(plan_state, ' ' order by id) from signals";

/// Dies at `at` with the first signal; `copies` is what becomes of it, `opened` of the copy in the second page.
async fn run(at: &str, copies: &str, opened: usize) {
    let world = World::new(1, 1).await;
    assert!(world.start(at));
    let follower = world.follower(0, Manners::default());
    world.await_online().await;
    world.sql.batch_execute(FULL_PAGE).await.unwrap();
    // Fresh means fresh, however long a restart takes here.
    world.sql.batch_execute("update subscriptions set max_age_s = 120").await.unwrap();
    let mut master = world.master().await;
    master.wire.send("SIGNAL_OPEN|BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await.unwrap();
    world.await_death().await;
    let planned: String =
        world.sql.query_one("select count(*)::text from copy_orders", &[]).await.unwrap().get(0);
    assert_eq!(planned, if at == "accepted=1*off->return" { "201" } else { "200" }, "copies when it died");

    assert!(world.start(""));
    world.await_text(COPIES, copies).await;
    world.await_text(PAGES, "done").await;
    world.await_online().await;
    let mut master = world.master().await;
    master.wire.send("SIGNAL_OPEN|BUY|XAUUSD|2031.50|0.10|0.00|0.00|2").await.unwrap();
    world.await_text(PAGES, "done done").await;
    world.end_holds().await;
    world
        .await_text("select count(*)::text from copy_orders where state = 'open'", &(opened + 1).to_string())
        .await;

    let broker = world.brokers.first().unwrap();
    assert_eq!((broker.opened_for(1), broker.opened_for(2)), (opened, 1));
    world.invariants().assert_hold().await;
    drop(follower);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c1_after_the_first_page_the_second_is_planned_and_sent_once() {
    run("accepted=return", "open() 1, skipped(offline) 200", 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c1_before_the_commit_of_the_second_page_it_is_planned_again_and_sent_once() {
    run("accepting=1*off->return", "open() 1, skipped(offline) 200", 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c1_after_the_commit_of_the_second_page_its_claims_are_in_doubt_and_not_sent() {
    run("accepted=1*off->return", "skipped(offline) 200, unconfirmed(session_lost) 1", 0).await;
}
