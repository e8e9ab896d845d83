//! Masters.

use std::time::Duration;

use flotilla_testkit::broker::{Broker, Position, Venue};
use flotilla_testkit::ea_v7::{AutoMaster, MasterEa, MasterManners, Terminal};

use crate::peer::{Gateway, Peer, broker, by_hand, position};

/// A master on a chart, let in; its list is what `list` says.
async fn master(
    broker: &Broker,
    terminal: Terminal,
    symbol: &str,
    list: &str,
) -> (Gateway, Peer, AutoMaster) {
    let gateway = Gateway::open().await;
    let manners = MasterManners::fast(terminal);
    let master = AutoMaster::start(gateway.address, "sk_live_1", symbol, broker.clone(), manners);
    let mut peer = gateway.accept().await;
    assert_eq!(peer.hear().await, "AUTH:sk_live_1");
    peer.say("AUTH_OK").await;
    assert_eq!(peer.hear().await, format!("MASTER_SNAPSHOT:{list}"));
    (gateway, peer, master)
}

#[tokio::test]
async fn a_master_told_step_by_step_says_what_its_chart_shows() {
    let gateway = Gateway::open().await;
    let address = gateway.address;
    let story = tokio::spawn(async move {
        let mut master = MasterEa::connect(address, "sk_live_1").await;
        master.snapshot(Terminal::Mt5, &[1, 2]).await;
        master.price("XAUUSD", "2030.50", "2031.00").await;
    });
    let mut peer = gateway.accept().await;
    assert_eq!(peer.hear().await, "AUTH:sk_live_1");
    peer.say("AUTH_OK").await;

    assert_eq!(peer.hear().await, "MASTER_SNAPSHOT:2,1,");
    assert_eq!(peer.hear_any().await, "CMD_PRICE|XAUUSD|2030.50|2031.00");
    story.await.unwrap();
}

#[tokio::test]
async fn an_mt5_master_signals_its_chart_and_nothing_else() {
    let broker = broker();
    broker.open(by_hand("XAUUSD"));
    broker.open(by_hand("EURUSD"));
    broker.open(position());
    let (_gateway, mut peer, _master) = master(&broker, Terminal::Mt5, "XAUUSD", "5001,").await;

    broker.open(by_hand("EURUSD"));
    // A follower's beside it.
    broker.open(position());
    let stops = ("2020".parse().ok(), None);
    broker.open(Position { stops, ..by_hand("XAUUSD") });
    broker.close(5001);

    assert_eq!(peer.hear().await, "SIGNAL_OPEN|BUY|XAUUSD|2030.52|0.10|2020.00|0.00|5006");
    assert_eq!(peer.hear().await, "SIGNAL_CLOSE|XAUUSD|5001|2030.50000|-0.20");
}

#[tokio::test]
async fn a_symbol_without_decimals_has_no_point() {
    let broker = broker();
    let (_gateway, mut peer, _master) = master(&broker, Terminal::Mt5, "JP225", "").await;

    broker.open(by_hand("JP225"));
    broker.close(5001);

    assert_eq!(peer.hear().await, "SIGNAL_OPEN|BUY|JP225|38005|0.10|0|0|5001");
    assert_eq!(peer.hear().await, "SIGNAL_CLOSE|JP225|5001|38000.00000|-0.50");
    assert_eq!(peer.hear_any().await, "CMD_PRICE|JP225|38000|38005");
}

#[tokio::test]
async fn what_is_added_to_a_netting_position_repeats_its_ticket() {
    let broker = broker().of(Venue::Netting);
    let (_gateway, mut peer, _master) = master(&broker, Terminal::Mt5, "XAUUSD", "").await;

    let first = broker.open(by_hand("XAUUSD"));
    broker.open(Position { lots: "0.20".parse().unwrap(), ..by_hand("XAUUSD") });
    broker.reduce(first, "0.05".parse().unwrap());
    broker.close(first);

    assert_eq!(peer.hear().await, "SIGNAL_OPEN|BUY|XAUUSD|2030.52|0.10|0.00|0.00|5001");
    assert_eq!(peer.hear().await, "SIGNAL_OPEN|BUY|XAUUSD|2030.52|0.20|0.00|0.00|5001");
    assert_eq!(peer.hear().await, "SIGNAL_CLOSE|XAUUSD|5001|2030.50000|-0.10");
    assert_eq!(peer.hear().await, "SIGNAL_CLOSE|XAUUSD|5001|2030.50000|-0.50");
}

#[tokio::test]
async fn an_mt4_master_gives_the_rest_of_a_partial_close_a_new_ticket_and_tells_it_first() {
    let broker = broker().of(Venue::Mt4);
    broker.open(by_hand("XAUUSD"));
    let (_gateway, mut peer, _master) = master(&broker, Terminal::Mt4, "XAUUSD", "5001").await;

    broker.reduce(5001, "0.04".parse().unwrap());

    assert_eq!(peer.hear().await, "SIGNAL_OPEN|BUY|XAUUSD|2030.52|0.06|0.00|0.00|5002");
    assert_eq!(peer.hear().await, "SIGNAL_CLOSE|XAUUSD|5001|2030.50000|-0.08");
}

#[tokio::test]
async fn a_list_that_flickers_looks_like_a_close_and_an_open_of_the_same_ticket() {
    let broker = broker().of(Venue::Mt4);
    broker.open(by_hand("XAUUSD"));
    let (_gateway, mut peer, _master) = master(&broker, Terminal::Mt4, "XAUUSD", "5001").await;

    broker.lose_sight(true);
    assert_eq!(peer.hear().await, "SIGNAL_CLOSE|XAUUSD|5001|2030.52000|0.00");
    broker.lose_sight(false);

    assert_eq!(peer.hear().await, "SIGNAL_OPEN|BUY|XAUUSD|2030.52|0.10|0.00|0.00|5001");
}

#[tokio::test]
async fn what_changes_while_an_mt4_master_is_away_is_never_signalled() {
    let broker = broker().of(Venue::Mt4);
    broker.open(by_hand("XAUUSD"));
    let (gateway, peer, master) = master(&broker, Terminal::Mt4, "XAUUSD", "5001").await;
    master.is_let_in().await;
    drop(peer);
    while master.is_live() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    broker.close(5001);
    broker.open(by_hand("XAUUSD"));
    let mut peer = gateway.accept().await;
    assert_eq!(peer.hear().await, "AUTH:sk_live_1");
    peer.say("AUTH_OK").await;
    master.is_let_in().await;
    broker.open(by_hand("XAUUSD"));

    assert_eq!(peer.hear().await, "SIGNAL_OPEN|BUY|XAUUSD|2030.52|0.10|0.00|0.00|5003");
}

#[tokio::test]
async fn a_signal_that_cannot_be_sent_is_sent_again_before_the_key_is_answered() {
    let broker = broker();
    let (gateway, peer, _master) = master(&broker, Terminal::Mt5, "XAUUSD", "").await;
    drop(peer);
    // Until a price of the chart has come back refused, the kernel takes what is sent into the dead connection.
    let mut lost = 0;
    let mut peer = loop {
        broker.open(by_hand("XAUUSD"));
        tokio::select! {
            peer = gateway.accept() => break peer,
            () = tokio::time::sleep(Duration::from_millis(20)) => lost += 1,
        }
    };

    assert_eq!(peer.hear().await, "AUTH:sk_live_1");
    let mut heard = peer.hear().await;
    if heard == "CMD_INIT_SYMBOL|XAUUSD|100.00|2" {
        heard = peer.hear().await;
    }

    assert!(heard.starts_with("SIGNAL_OPEN|BUY|XAUUSD|2030.52|0.10|"), "{heard} after {lost} lost");
}

#[tokio::test]
async fn prices_starve_pings_and_lists() {
    let broker = broker();
    let (_gateway, mut peer, _master) = master(&broker, Terminal::Mt5, "XAUUSD", "").await;

    // Three times as long as the pause before a ping.
    for _ in 0..20 {
        assert_eq!(peer.hear_any().await, "CMD_PRICE|XAUUSD|2030.50|2030.52");
    }
}

#[tokio::test]
async fn a_master_obeys_for_its_own_chart() {
    let broker = broker();
    let held = broker.open(by_hand("EURUSD"));
    broker.open(by_hand("XAUUSD"));
    broker.open(position());
    let other = broker.open(by_hand("EURUSD"));
    let (_gateway, mut peer, _master) = master(&broker, Terminal::Mt5, "XAUUSD", "5002,").await;

    peer.say(&format!("CMD_SYNC_CLOSE|{held}|not enough money")).await;
    peer.say("CMD_CLOSE_ALL|partner stop out").await;

    assert_eq!(peer.hear().await, "SIGNAL_CLOSE|XAUUSD|5002|2030.50000|-0.20");
    while broker.positions().len() > 1 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(broker.positions().into_keys().collect::<Vec<_>>(), [other]);
}

#[tokio::test]
async fn a_mode_is_set_once_by_mt5_and_with_every_connection_by_mt4() {
    for (terminal, times) in [(Terminal::Mt5, 1), (Terminal::Mt4, 2)] {
        let gateway = Gateway::open().await;
        let manners = MasterManners { mode: Some("RECORD".to_owned()), ..MasterManners::fast(terminal) };
        let broker = broker();
        let master = AutoMaster::start(gateway.address, "sk_live_1", "XAUUSD", broker.clone(), manners);
        let mut set = 0;
        for connection in 0..2 {
            let mut peer = gateway.accept().await;
            peer.say("AUTH_OK").await;
            master.is_let_in().await;
            broker.open(by_hand("XAUUSD"));
            loop {
                match peer.hear().await {
                    line if line == "CMD_SET_MODE|RECORD" => set += 1,
                    line if line.starts_with("SIGNAL_OPEN|") => break,
                    line => assert!(!line.is_empty(), "the end of connection {connection}"),
                }
            }
            drop(peer);
        }

        assert_eq!(set, times);
    }
}
