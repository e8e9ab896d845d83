//! Followers.

use std::time::Duration;

use flotilla_domain::side::Side;
use flotilla_testkit::broker::Broker;
use flotilla_testkit::broker::By;
use flotilla_testkit::ea_v7::{AutoFollower, Manners, Refusal, Terminal};

use crate::peer::{Gateway, Peer, broker, by_hand, position};

const OPEN: &str = "CMD_OPEN|BUY|XAUUSD|2030.50|0.10|0.00|0.00|1001";
const SIZE: &str = "CMD_INIT_SYMBOL|XAUUSD|100.00|2";

/// A follower that has subscribed and asked for its status.
async fn follower(broker: Broker, manners: Manners) -> (Gateway, Peer, AutoFollower) {
    let gateway = Gateway::open().await;
    let follower = AutoFollower::start(gateway.address, "sk_live_1", "MST-1", broker, manners);
    let mut peer = gateway.accept().await;
    peer.greet().await;
    assert_eq!(peer.hear().await, "CHECK_STATUS");
    (gateway, peer, follower)
}

#[tokio::test]
async fn a_second_order_opens_a_second_position() {
    let (_gateway, mut peer, follower) = follower(broker(), Manners::default()).await;

    peer.say(OPEN).await;
    peer.say(OPEN).await;

    assert_eq!(peer.hear().await, "ACK_OPEN|1001|5001|0.10|BUY");
    assert_eq!(peer.hear().await, SIZE);
    assert_eq!(peer.hear().await, "ACK_OPEN|1001|5002|0.10|BUY");
    assert_eq!(follower.broker.opened_for(1001), 2);
    assert_eq!(follower.broker.doubled().into_iter().collect::<Vec<_>>(), [OPEN]);
}

#[tokio::test]
async fn a_paused_follower_drops_opens_and_obeys_closes() {
    let (_gateway, mut peer, follower) = follower(broker(), Manners::default()).await;
    let held = follower.broker.open(position());

    peer.say("STATUS_INACTIVE").await;
    peer.say(OPEN).await;
    let meanwhile = peer.hear_until_close_of(held).await;

    assert_eq!(meanwhile, [""; 0]);
    assert_eq!((follower.broker.opened(), follower.broker.closed()), (1, vec![held]));
    assert_eq!(peer.hear().await, SIZE);
    peer.say("STATUS_ACTIVE").await;
    peer.say(OPEN).await;
    assert_eq!(peer.hear().await, "ACK_OPEN|1001|5002|0.10|BUY");
}

#[tokio::test]
async fn each_terminal_refuses_in_its_own_words() {
    for (terminal, reason) in [(Terminal::Mt5, "not enough money"), (Terminal::Mt4, "Error:0")] {
        let refusal = Refusal::EveryNth(1, "not enough money".to_owned());
        let (_gateway, mut peer, follower) =
            follower(broker(), Manners { terminal, refusal, ..Manners::default() }).await;

        peer.say(OPEN).await;

        assert_eq!(peer.hear().await, format!("ACK_OPEN_FAIL|1001|{reason}"));
        assert_eq!(follower.broker.opened(), 0);
    }
}

#[tokio::test]
async fn silence_has_many_causes() {
    let silently = Manners { refusal: Refusal::Silently, ..Manners::default() };
    let above_min_lot = Manners { min_lot: "0.10".parse().unwrap(), ..Manners::default() };
    for manners in [silently, above_min_lot] {
        let (_gateway, mut peer, follower) = follower(broker(), manners).await;
        let held = follower.broker.open(position());

        peer.say(OPEN).await;
        peer.say("CMD_CLOSE|XAUUSD|0|1001").await;
        let meanwhile = peer.hear_until_close_of(held).await;

        assert_eq!(meanwhile.iter().filter(|line| *line != SIZE).count(), 0, "{meanwhile:?}");
        assert_eq!(follower.broker.opened_for(1001), 0);
    }
}

#[tokio::test]
async fn a_reversed_follower_says_what_it_really_did() {
    let manners = Manners { is_reversed: true, copies_stops: true, ..Manners::default() };
    for (says_so_after_close, stops) in [(false, ("2040.00", "2020.00")), (true, ("2020.00", "2040.00"))] {
        let (_gateway, mut peer, follower) =
            follower(broker(), Manners { says_so_after_close, ..manners.clone() }).await;

        peer.say("CMD_OPEN|BUY|XAUUSD|2030.50|0.10|2020.00|2040.00|1001").await;

        assert_eq!(peer.hear().await, "ACK_OPEN|1001|5001|0.10|SELL");
        let opened = follower.broker.positions().remove(&5001).unwrap();
        assert_eq!(opened.side, Side::Sell);
        assert_eq!(opened.stops, (stops.0.parse().ok(), stops.1.parse().ok()));
    }
}

#[tokio::test]
async fn a_refused_close_leaves_the_position() {
    let manners = Manners { close_refusal: Some("market closed".to_owned()), ..Manners::default() };
    let (_gateway, mut peer, follower) = follower(broker(), manners).await;
    let held = follower.broker.open(position());

    peer.say(&format!("CMD_CLOSE|XAUUSD|{held}|1001")).await;

    assert_eq!(peer.hear().await, "ACK_CLOSE_FAIL|1001|market closed");
    assert_eq!(follower.broker.positions().len(), 1);
}

#[tokio::test]
async fn a_close_obeys_any_ticket_and_the_books_show_it() {
    let (_gateway, mut peer, follower) = follower(broker(), Manners::default()).await;
    let own = follower.broker.open(by_hand("EURUSD"));

    peer.hear_until_close_of(own).await;

    assert_eq!(follower.broker.wronged().into_iter().collect::<Vec<_>>(), [own]);
}

#[tokio::test]
async fn release_7_0_tells_ordered_closes_twice_and_one_contract_size_only() {
    let manners = Manners { says_so_after_close: true, ..Manners::default() };
    let (_gateway, mut peer, _follower) = follower(broker(), manners).await;
    peer.say(OPEN).await;
    assert_eq!(peer.hear().await, "ACK_OPEN|1001|5001|0.10|BUY");
    assert_eq!(peer.hear().await, SIZE);
    peer.say("CMD_OPEN|BUY|EURUSD|1.08500|0.10|0.00000|0.00000|1002").await;
    assert_eq!(peer.hear().await, "ACK_OPEN|1002|5002|0.10|BUY");

    assert_eq!(peer.hear_until_close_of(5001).await, [""; 0]);

    assert!(peer.hear().await.starts_with("ACK_CLOSE_SO|5001|"));
}

#[tokio::test]
async fn closes_by_hand_are_told_by_both_and_those_of_the_server_by_mt4_only() {
    for terminal in [Terminal::Mt5, Terminal::Mt4] {
        let broker = broker();
        let (synced, held) = (broker.open(position()), broker.open(position()));
        let (_gateway, mut peer, follower) =
            follower(broker, Manners { terminal, ..Manners::default() }).await;

        peer.say(&format!("CMD_SYNC_CLOSE|{synced}|not in master")).await;
        if terminal == Terminal::Mt4 {
            assert!(peer.hear().await.starts_with(&format!("ACK_CLOSE_SO|{synced}|")));
        }
        while !follower.broker.closed().contains(&synced) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        follower.broker.close(held);

        assert!(peer.hear().await.starts_with(&format!("ACK_CLOSE_SO|{held}|")));
    }
}

#[tokio::test]
async fn a_partial_close_by_hand_looks_like_a_close() {
    for terminal in [Terminal::Mt5, Terminal::Mt4] {
        let broker = broker();
        let broker =
            if terminal == Terminal::Mt4 { broker.of(flotilla_testkit::broker::Venue::Mt4) } else { broker };
        let held = broker.open(position());
        let (_gateway, mut peer, follower) =
            follower(broker, Manners { terminal, ..Manners::default() }).await;

        follower.broker.reduce(held, "0.04".parse().unwrap());

        assert!(peer.hear().await.starts_with(&format!("ACK_CLOSE_SO|{held}|")));
        let rest = follower.broker.positions();
        let (ticket, position) = rest.first_key_value().unwrap();
        assert_eq!(
            (*ticket == held, position.lots.to_string().as_str()),
            (terminal == Terminal::Mt5, "0.06")
        );
    }
}

#[tokio::test]
async fn a_stop_closes_everything_and_ends_copying() {
    let broker = broker();
    broker.open(position());
    broker.open(position());
    let (_gateway, mut peer, follower) =
        follower(broker, Manners { terminal: Terminal::Mt4, ..Manners::default() }).await;

    peer.say("CMD_STOP").await;
    peer.say(OPEN).await;

    assert!(peer.hear().await.starts_with("ACK_CLOSE_SO|5001|"));
    assert!(peer.hear().await.starts_with("ACK_CLOSE_SO|5002|"));
    let held = follower.broker.open(by_hand("XAUUSD"));
    assert_eq!(peer.hear_until_close_of(held).await, [""; 0]);
    assert_eq!(follower.broker.opened_for(1001), 0);
}

#[tokio::test]
async fn after_a_stop_an_mt5_follower_executes_and_never_says_so() {
    let (_gateway, mut peer, follower) = follower(broker(), Manners::default()).await;

    peer.say("CMD_STOP").await;
    peer.say("STATUS_ACTIVE").await;
    peer.say(OPEN).await;
    peer.say("CMD_CLOSE|XAUUSD|5001|1001").await;

    assert_eq!(peer.hear().await, SIZE);
    while follower.broker.closed().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!((follower.broker.opened_for(1001), follower.broker.closed()), (1, vec![5001]));
}

#[tokio::test]
async fn a_follower_returns_with_its_positions_after_a_lost_link() {
    for (terminal, list) in [(Terminal::Mt5, "5002,5001,"), (Terminal::Mt4, "5001,5002")] {
        let manners = Manners { terminal, sends_snapshots: true, ..Manners::default() };
        let gateway = Gateway::open().await;
        let follower = AutoFollower::start(gateway.address, "sk_live_1", "MST-1", broker(), manners);
        let mut peer = gateway.accept().await;
        peer.greet().await;
        assert_eq!(peer.hear().await, "SLAVE_SNAPSHOT:");
        follower.broker.open(position());
        follower.broker.open(position());
        // Another EA's.
        follower.broker.open(by_hand("XAUUSD"));
        drop(peer);

        let mut peer = gateway.accept().await;
        peer.greet().await;

        assert_eq!(peer.hear().await, format!("SLAVE_SNAPSHOT:{list}"));
        assert_eq!(peer.hear().await, "CHECK_STATUS");
    }
}

#[tokio::test]
async fn what_is_said_after_the_link_was_lost_is_lost_too() {
    let (gateway, peer, follower) = follower(broker(), Manners::default()).await;
    let held = follower.broker.open(position());
    drop(peer);

    follower.broker.close(held);
    let mut peer = gateway.accept().await;
    peer.greet().await;

    assert_eq!(peer.hear().await, "CHECK_STATUS");
    let held = follower.broker.open(position());
    assert_eq!(peer.hear_until_close_of(held).await, [""; 0]);
}

#[tokio::test]
async fn a_short_margin_is_a_storm_that_holds_lists_back() {
    let manners = Manners {
        sends_snapshots: true,
        snapshot_every: Some(Duration::from_secs(10)),
        ..Manners::default()
    };
    let gateway = Gateway::open().await;
    let broker = broker();
    broker.open(position());
    broker.set_margin_level("48.5".parse().ok());
    let _follower = AutoFollower::start(gateway.address, "sk_live_1", "MST-1", broker.clone(), manners);
    let mut peer = gateway.accept().await;
    peer.greet().await;
    assert_eq!(peer.hear().await, "SLAVE_SNAPSHOT:5001,");
    assert_eq!(peer.hear().await, "CHECK_STATUS");

    for _ in 0..5 {
        assert_eq!(peer.hear().await, "ALERT_STOP_OUT|MarginLevel:48.50");
    }
    broker.close_by(5001, By::Venue("so 48.5%".to_owned()));

    let mut heard = Vec::new();
    while heard.len() < 3 {
        let line = peer.hear().await;
        if line != "ALERT_STOP_OUT|MarginLevel:48.50" {
            heard.push(line);
        }
    }
    assert!(heard[0].starts_with("ACK_CLOSE_SO|5001|"), "{heard:?}");
    assert_eq!(heard[1..], ["ALERT_STOP_OUT|Comment:so 48.5%", "SLAVE_SNAPSHOT:"]);
}

#[tokio::test]
async fn a_word_of_the_protocol_is_acted_upon_wherever_it_stands() {
    let (_gateway, mut peer, follower) = follower(broker(), Manners::default()).await;

    peer.say("CMD_OPEN|BUY|SUBSCRIBE_OK|1.0|0.10|0.00|0.00|1001").await;

    assert_eq!(peer.hear().await, "CHECK_STATUS");
    assert_eq!(follower.broker.opened(), 0);
}
