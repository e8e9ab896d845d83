//! Orders that the exchange took and then shows nowhere.
#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

use flotilla_bingx_sim::fault::{Mishap, Rule};
use flotilla_bingx_sim::ledger::Slot;
use flotilla_bingx_sim::request::HostName;
use rstest::rstest;
use rust_decimal::Decimal;

use crate::decisions::{await_end, decide};
use crate::support::scene::{BTC, ORDER, Scene};

const ASKED_FOR: &str =
    "select count(*)::text from venue_orders where follower_account_id = $1 and due_at is not null";

impl Scene {
    /// The next order is taken, filled, and shown nowhere but among the fills.
    fn hide_next(&self) {
        self.fault(Rule::of(Mishap::Hide { ms: 3_600_000, lost: false }).on("POST", ORDER).times(1));
    }

    /// Orders that were taken and are not over were sent so much earlier, and so were their copies claimed.
    async fn pass(&self, minutes: i32) {
        // Each by itself: together they would lock in another order than the worker.
        for earlier in [
            format!(
                "update venue_orders set sent_at = sent_at - interval '{minutes} min',
                    created_at = created_at - interval '{minutes} min'
                 where state = 'accepted'"
            ),
            format!(
                "update copy_orders set claimed_at = claimed_at - interval '{minutes} min' where state = 'received'"
            ),
        ] {
            self.world.sql.batch_execute(&earlier).await.unwrap();
        }
    }
}

/// What the exchange still has of an order that it shows no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    Nothing,
    Fills,
    Position,
}

#[rstest]
#[case::nothing(Left::Nothing, "failed(not_opened)")]
#[case::fills(Left::Fills, "open")]
#[case::position(Left::Position, "attention(ambiguous)")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_that_is_shown_nowhere_is_judged_by_all_the_rest_and_asked_for_no_more(
    #[case] left: Left,
    #[case] expected: &str,
) {
    let mut s = Scene::new().await;
    let uid = s.uid;
    s.hide_next();
    s.enter("0.01", 1).await;
    s.world.await_copies(&s.follower, "received").await;
    s.exchange.with(|venue| {
        venue.at_desk(HostName::Demo, uid, |desk| {
            if left != Left::Fills {
                desk.ledger.fills.clear();
            }
            if left == Left::Nothing {
                desk.ledger.positions.remove(&(BTC.to_owned(), Slot::Long));
            }
        })
    });

    s.pass(11).await;

    s.world.await_copies(&s.follower, expected).await;
    s.world.await_text(ASKED_FOR, s.follower.id, "0").await;
    assert_eq!(s.sendings(), 1);
    match left {
        Left::Nothing => assert_eq!(s.held(), Decimal::ZERO),
        Left::Fills => {
            s.leave(1).await;
            s.world.await_copies(&s.follower, "closed").await;
            s.check().await;
        }
        Left::Position => {
            let told = "select coalesce(string_agg(kind, ', '), '') from alerts
                where account_id = $1 and kind = 'attention' and resolved_at is null";
            s.world.await_text(told, s.follower.id, "attention").await;
            let own = "select venue_ref from copy_orders where follower_account_id = $1";
            let own: i64 = s.world.text(own, s.follower.id).await.parse().unwrap();
            let request = decide(&s.world, &s.follower, 0, "close", Some(own)).await;
            await_end(&s.world, request, "done").await;
            s.world.await_copies(&s.follower, "closed").await;
            assert_eq!((s.held(), s.sendings()), (Decimal::ZERO, 2));
        }
    }
    s.world.check().await;
}

#[rstest]
#[case::nothing_came_of_it(true, 4)]
#[case::it_was_filled(false, 3)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_close_that_is_shown_nowhere_is_told_of_and_tried_again_unless_its_position_lacks_coins(
    #[case] is_there: bool,
    #[case] sendings: usize,
) {
    let mut s = Scene::new().await;
    let (uid, place) = (s.uid, (BTC.to_owned(), Slot::Long));
    s.enter("0.01", 1).await;
    s.enter("0.02", 2).await;
    s.world.await_copies(&s.follower, "open open").await;
    let (there, fills) = s.exchange.with(|venue| {
        let ledger = venue.ledger(HostName::Demo, uid).unwrap();
        (ledger.positions[&place].clone(), ledger.fills.len())
    });
    s.hide_next();
    s.leave(1).await;
    let taken = "select count(*)::text from venue_orders
        where follower_account_id = $1 and leg = 'close' and state = 'accepted'";
    s.world.await_text(taken, s.follower.id, "1").await;
    s.exchange.with(|venue| {
        venue.at_desk(HostName::Demo, uid, |desk| {
            desk.ledger.fills.truncate(fills);
            if is_there {
                desk.ledger.positions.insert(place, there);
            }
        })
    });

    s.pass(3).await;

    let told = "select coalesce(string_agg(kind, ', '), '') from alerts
        where account_id = $1 and kind = 'close_overdue'";
    s.world.await_text(told, s.follower.id, "close_overdue").await;
    s.world.await_copies(&s.follower, "closed open").await;
    // What is left is the other copy's, however often is looked.
    s.world.await_text(ASKED_FOR, s.follower.id, "0").await;
    assert_eq!((s.held(), s.sendings()), (Decimal::new(2, 2), sendings));
    s.world.check().await;
}
