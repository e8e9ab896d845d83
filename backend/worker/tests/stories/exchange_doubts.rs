//! Orders at an exchange whose fate is not known at first.

use flotilla_bingx_sim::fault::{Mishap, Rule};

use crate::support::scene::{ORDER, Scene};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_is_refused_when_sent_again_is_asked_for_before_that_counts() {
    let mut s = Scene::new().await;
    // The first sending fills and is shown nowhere, until it leaves no room for the second.
    s.fault(Rule::of(Mishap::Hide { ms: 3_600_000, lost: true }).on("POST", ORDER).times(1));
    let refusal = Mishap::RefuseAndShow { code: 101_204, text: "Insufficient margin".to_owned() };
    s.fault(Rule::of(refusal).on("POST", ORDER).times(1));

    s.enter("0.01", 1).await;

    s.world.await_copies(&s.follower, "open").await;
    assert_eq!((s.held(), s.accepted()), ("0.01".parse().unwrap(), 1));
    let sendings = "select max(sendings)::text from venue_orders where follower_account_id = $1";
    assert_eq!(s.world.text(sendings, s.follower.id).await, "2", "the refused one was sent");
    s.leave(1).await;
    s.world.await_copies(&s.follower, "closed").await;
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_never_arrived_and_is_refused_when_sent_again_is_told_in_the_words_of_the_refusal() {
    let mut s = Scene::new().await;
    s.fault(Rule::of(Mishap::DropBefore).on("POST", ORDER).times(1));
    let refusal = Mishap::Refuse { code: 101_204, text: "Insufficient margin".to_owned() };
    s.fault(Rule::of(refusal).on("POST", ORDER).times(1));

    s.enter("0.01", 1).await;

    s.world.await_copies(&s.follower, "failed(refused)").await;
    let words = "select coalesce(max(reason_text), '') from copy_orders where follower_account_id = $1";
    let words = s.world.text(words, s.follower.id).await;
    assert!(words.contains("Insufficient margin"), "{words}");
    assert_eq!(s.accepted(), 0);
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_was_accepted_under_a_wrong_number_is_found_by_our_name() {
    let mut s = Scene::new().await;
    s.fault(Rule::of(Mishap::Hide { ms: 1_500, lost: false }).on("POST", ORDER).times(1));

    s.enter("0.01", 1).await;
    s.world.await_copies(&s.follower, "received").await;
    let wrong = "update venue_orders set order_id = '1' where follower_account_id = $1";
    s.world.sql.execute(wrong, &[&s.follower.id]).await.unwrap();

    s.world.await_copies(&s.follower, "open").await;
    let right = "select (order_id <> '1')::text from venue_orders where follower_account_id = $1";
    assert_eq!(s.world.text(right, s.follower.id).await, "true");
    s.leave(1).await;
    s.world.await_copies(&s.follower, "closed").await;
    assert_eq!((s.held(), s.accepted()), ("0".parse().unwrap(), 2));
    s.check().await;
}
