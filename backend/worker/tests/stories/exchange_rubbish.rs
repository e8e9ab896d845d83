//! Answers of the exchange that mean nothing, or something else.

use std::time::Duration;

use flotilla_bingx_sim::fault::{Mishap, Rule};
use rstest::rstest;

use crate::support::scene::{ORDER, Scene};

/// As long as answers are rubbish nothing counts as opened, and nothing is opened a second time; then it is found.
#[rstest]
#[case::page(Mishap::Answer { status: 200, body: "<html><body>maintenance</body></html>".to_owned() })]
#[case::cut_short(Mishap::HalfBody)]
#[case::no_json(Mishap::Garbage)]
#[case::number_of_a_float(Mishap::FloatIds)]
#[case::other_contract(Mishap::OtherSymbol)]
#[case::elsewhere(Mishap::Answer { status: 302, body: String::new() })]
#[case::broken(Mishap::Answer { status: 502, body: "<html>bad gateway</html>".to_owned() })]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n89_rubbish_is_no_answer(#[case] mishap: Mishap) {
    let mut s = Scene::new().await;
    for (method, path) in [("POST", ORDER), ("GET", ORDER), ("GET", "openOrders"), ("GET", "allOrders")] {
        s.fault(Rule::of(mishap.clone()).on(method, path));
    }

    s.enter("0.01", 1).await;
    let asked = async {
        while questions(&s) < 3 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), asked).await.expect("it is asked for");
    let opened = "select count(*)::text from copy_events e join copy_orders c using (copy_id)
        where c.follower_account_id = $1 and e.to_state in ('open', 'failed', 'closed')";
    assert_eq!(s.world.text(opened, s.follower.id).await, "0");
    s.exchange.with(|venue| venue.faults.clear());

    s.world.await_copies(&s.follower, "open").await;
    assert_eq!((s.held(), s.accepted()), ("0.01".parse().unwrap(), 1));
    let strayed = s.exchange.with(|venue| venue.journal.iter().any(|entry| entry.path.contains("elsewhere")));
    assert!(!strayed, "a redirection was followed, with a signature in it");
    s.leave(1).await;
    s.world.await_copies(&s.follower, "closed").await;
    s.check().await;
}

/// How often the exchange was asked for the order.
fn questions(s: &Scene) -> usize {
    s.exchange.with(|venue| {
        let is_question =
            |entry: &&flotilla_bingx_sim::venue::Entry| entry.method == "GET" && entry.path.ends_with(ORDER);
        venue.journal.iter().filter(is_question).count()
    })
}
