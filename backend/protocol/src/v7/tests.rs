//! The grammar, by example and by chance.

use bytes::BytesMut;
use flotilla_domain::copy::evidence::Evidence;
use flotilla_domain::copy::mode::CopyMode;
use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn read(line: &str) -> ClientLine {
    decode(line.as_bytes()).unwrap()
}

#[rstest]
#[case::blanks("AUTH:  sk_live_1  ", ClientLine::Auth(Credential::new("sk_live_1")))]
#[case::nothing("AUTH:", ClientLine::Auth(Credential::new("")))]
#[case::token("SUBSCRIBE: MST-1 ", ClientLine::Subscribe(Credential::new("MST-1")))]
#[case::status("CHECK_STATUS", ClientLine::CheckStatus)]
#[case::lower_case("check_status", ClientLine::Unknown)]
#[case::ping("PING", ClientLine::Ping)]
#[case::empty("", ClientLine::Unknown)]
#[case::unknown("FOO|1", ClientLine::Unknown)]
#[case::unknown_with_colon("HELLO:1", ClientLine::Unknown)]
#[case::no_colon("AUTH", ClientLine::Unknown)]
#[case::blanks_only("  \t ", ClientLine::Unknown)]
#[case::command_of_ours("CMD_STOP", ClientLine::Unknown)]
#[case::web_request("GET / HTTP/1.1", ClientLine::Unknown)]
#[case::blanks_around("  PING  ", ClientLine::Ping)]
#[case::mode("CMD_SET_MODE|1TO1", ClientLine::SetMode(Some(CopyMode::OneToOne)))]
#[case::unknown_mode("CMD_SET_MODE|FOO", ClientLine::SetMode(None))]
#[case::report("REPORT_ONLY", ClientLine::ReportOnly)]
#[case::alert("ALERT_STOP_OUT|Comment:a|b", ClientLine::StopOutAlert("Comment:a|b".into()))]
fn plain_lines_are_told_apart(#[case] line: &str, #[case] expected: ClientLine) {
    assert_eq!(read(line), expected);
}

#[test]
fn what_a_master_wrote_is_what_followers_read() {
    for (line, command) in [
        (
            "SIGNAL_OPEN|BUY|XAUUSD|2030.50|0.10|2020.00|2040.00|1001",
            "CMD_OPEN|BUY|XAUUSD|2030.50|0.10|2020.00|2040.00|1001\n",
        ),
        (
            "SIGNAL_OPEN|SELL|BTCUSD|68000.00|1.00|0.00|0.00|1004",
            "CMD_OPEN|SELL|BTCUSD|68000.00|1.00|0.00|0.00|1004\n",
        ),
        ("SIGNAL_OPEN|BUY|JP225|38000|0.10|0|0|1", "CMD_OPEN|BUY|JP225|38000|0.10|0|0|1\n"),
        (
            "SIGNAL_OPEN|SELL|XAUUSD-VIPc|0.00001|0.01|0.00000|0.00000|9007199254740993",
            "CMD_OPEN|SELL|XAUUSD-VIPc|0.00001|0.01|0.00000|0.00000|9007199254740993\n",
        ),
    ] {
        let ClientLine::SignalOpen(open) = read(line) else { panic!("{line}") };
        let mut sent = BytesMut::new();
        ServerLine::Open {
            side: open.side,
            symbol: open.symbol,
            price: open.price,
            lots: open.lots,
            stop_loss: open.stop_loss,
            take_profit: open.take_profit,
            master_ticket: open.ticket,
        }
        .encode(&mut sent);
        assert_eq!(sent, command.as_bytes());
    }
}

#[rstest]
#[case::field_count("SIGNAL_OPEN|BUY|X|1.0")]
#[case::side("SIGNAL_OPEN|buy|X|1.0|1.0|0.0|0.0|77")]
#[case::text_ticket("SIGNAL_OPEN|BUY|X|1.0|1.0|0.0|0.0|abc")]
#[case::huge_ticket("SIGNAL_OPEN|BUY|X|1.0|1.0|0.0|0.0|9223372036854775808")]
#[case::zero_ticket("SIGNAL_OPEN|BUY|X|1.0|1.0|0.0|0.0|0")]
#[case::leading_zero("SIGNAL_OPEN|BUY|X|1.0|1.0|0.0|0.0|01")]
#[case::exponent("SIGNAL_OPEN|BUY|X|1e3|1.0|0.0|0.0|7")]
#[case::hexadecimal("SIGNAL_OPEN|BUY|X|1.0|0x10|0.0|0.0|7")]
#[case::comma("SIGNAL_OPEN|BUY|X|1,5|1.0|0.0|0.0|7")]
#[case::plus("SIGNAL_OPEN|BUY|X|+1|1.0|0.0|0.0|7")]
#[case::no_lots("SIGNAL_OPEN|BUY|X|1.0|0.00|0.0|0.0|7")]
#[case::negative_lots("SIGNAL_OPEN|BUY|X|1.0|-1|0.0|0.0|7")]
#[case::nan("SIGNAL_OPEN|BUY|X|NaN|1.0|0.0|0.0|7")]
#[case::negative_stop("SIGNAL_OPEN|BUY|X|1.0|1.0|-1|0.0|7")]
#[case::protocol_word("SIGNAL_OPEN|BUY|AUTH_OK|1.0|1.0|0.0|0.0|7")]
#[case::quote("SIGNAL_OPEN|BUY|X'|1.0|1.0|0.0|0.0|7")]
#[case::zero_width("SIGNAL_OPEN|BUY|X\u{200b}|1.0|1.0|0.0|0.0|7")]
#[case::snapshot_text("MASTER_SNAPSHOT:1,x")]
#[case::no_reason("ACK_OPEN_FAIL|1")]
#[case::digits_plus("CMD_INIT_SYMBOL|XAUUSD|100.00|+2")]
#[case::digits_missing("CMD_INIT_SYMBOL|XAUUSD|100.00|")]
#[case::no_contract("CMD_INIT_SYMBOL|XAUUSD|0.00|2")]
#[case::too_many_digits("CMD_INIT_SYMBOL|XAUUSD|100.00|21")]
#[case::negative_bid("CMD_PRICE|XAUUSD|-1|2")]
#[case::price_too_long("CMD_PRICE|XAUUSD|1|2|3")]
#[case::close_without_profit("SIGNAL_CLOSE|XAUUSD|1|2035.0")]
#[case::profit_words("SIGNAL_CLOSE|XAUUSD|1|2035.0|much")]
#[case::ack_side("ACK_OPEN|1|2|0.10|LONG")]
#[case::ack_lots("ACK_OPEN|1|2|-0.01|BUY")]
#[case::ack_lots_words("ACK_OPEN|1|2|some|BUY")]
#[case::ack_lots_huge("ACK_OPEN|1|2|10000.01|BUY")]
#[case::ack_ticket("ACK_OPEN|0|2|0.10|BUY")]
#[case::ack_close_price("ACK_CLOSE|1|NaN|1.00")]
#[case::so_ticket("ACK_CLOSE_SO|-5|1.0|1.0")]
#[case::snapshot_point("SLAVE_SNAPSHOT:1.0")]
#[case::snapshot_zero("SLAVE_SNAPSHOT:1,0")]
#[case::snapshot_huge("MASTER_SNAPSHOT:9223372036854775808")]
fn hostile_lines_cost_only_themselves(#[case] line: &str) {
    assert!(decode(line.as_bytes()).is_err(), "{line}");
}

#[test]
fn four_hundred_digits_are_refused() {
    let digits = "9".repeat(400);
    assert!(decode(format!("SIGNAL_OPEN|BUY|X|{digits}|1.0|0|0|7").as_bytes()).is_err());
}

#[test]
fn prices_are_none_before_the_first_tick() {
    let price = |text: &str| text.parse().ok();
    for (line, bid, ask) in [
        ("CMD_PRICE|XAUUSD|2030.50|2031.00", price("2030.50"), price("2031.00")),
        ("CMD_PRICE|XAUUSD|38000|38005", price("38000"), price("38005")),
        ("CMD_PRICE|XAUUSD|0.00000|0.00000", None, None),
    ] {
        let symbol = "XAUUSD".parse().unwrap();
        assert_eq!(read(line), ClientLine::Price(PriceLine { symbol, bid, ask }), "{line}");
    }
}

#[rstest]
#[case(ServerLine::AuthOk, "AUTH_OK")]
#[case(ServerLine::AuthFailed, "AUTH_FAILED")]
#[case(ServerLine::SubscribeOk, "SUBSCRIBE_OK")]
#[case(ServerLine::SubscribeFailed(SubscribeError::MasterNotFound), "ERROR:MASTER_NOT_FOUND")]
#[case(
    ServerLine::SubscribeFailed(SubscribeError::MasterAlreadyHasPartner),
    "ERROR:MASTER_ALREADY_HAS_PARTNER"
)]
#[case(ServerLine::StatusActive, "STATUS_ACTIVE")]
#[case(ServerLine::StatusInactive, "STATUS_INACTIVE")]
#[case(ServerLine::SnapshotOk, "SNAPSHOT_OK")]
#[case(ServerLine::ModeUpdated(CopyMode::PubSub), "MODE_UPDATED|PUBSUB")]
#[case(ServerLine::ModeUpdated(CopyMode::OneToOne), "MODE_UPDATED|1TO1")]
#[case(ServerLine::ModeUpdated(CopyMode::Record), "MODE_UPDATED|RECORD")]
#[case(ServerLine::ModeChangeFailed, "ERROR:MODE_CHANGE_FAILED")]
#[case(
    ServerLine::Close {
        symbol: "XAUUSD".parse().unwrap(),
        ticket: "5003".parse().unwrap(),
        master_ticket: "1003".parse().unwrap(),
    },
    "CMD_CLOSE|XAUUSD|5003|1003"
)]
#[case(
    ServerLine::SyncClose { ticket: "2001".parse().unwrap(), reason: "not enough money".into() },
    "CMD_SYNC_CLOSE|2001|not enough money"
)]
#[case(ServerLine::CloseAll { reason: "partner stop out".into() }, "CMD_CLOSE_ALL|partner stop out")]
#[case(ServerLine::ResetAt { at_ms: 1_790_000_000_000 }, "RESET_AT|1790000000000")]
fn lines_to_eas_are_spelled_as_they_expect(#[case] line: ServerLine, #[case] expected: &str) {
    let mut sent = BytesMut::new();
    line.encode(&mut sent);
    assert_eq!(sent, format!("{expected}\n").as_bytes());
}

#[test]
fn keys_and_tokens_never_show_themselves() {
    for line in ["AUTH:sk_live_canary", "SUBSCRIBE:MST-canary"] {
        assert!(!format!("{:?}", read(line)).contains("canary"), "{line}");
    }
}

#[test]
fn acknowledgements_are_evidence() {
    let ticket = |text: &str| text.parse().unwrap();
    for (written, lots) in [("1", "1".parse().ok()), ("0.00", None)] {
        let evidence = Evidence::Opened { ticket: ticket("2"), lots, side: "BUY".parse().unwrap() };
        let opened = ClientLine::Ack { master_ticket: ticket("1"), evidence };
        assert_eq!(read(&format!("ACK_OPEN|1|2|{written}|BUY")), opened);
    }

    let refused = Evidence::OpenRefused { reason: "a|b".into() };
    assert_eq!(
        read("ACK_OPEN_FAIL|1|a|b"),
        ClientLine::Ack { master_ticket: ticket("1"), evidence: refused }
    );

    let closed = Evidence::ClosedByOther { price: None, profit: "-1.00".parse().unwrap() };
    assert_eq!(
        read("ACK_CLOSE_SO|987|0.00000|-1.00"),
        ClientLine::AckCloseOther { ticket: ticket("987"), evidence: closed }
    );
}

#[test]
fn snapshots_accept_trailing_commas_blanks_and_repeats() {
    let tickets = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<_>>();
    assert_eq!(read("MASTER_SNAPSHOT:1,2,"), ClientLine::MasterSnapshot(tickets(&["1", "2"])));
    assert_eq!(read("SLAVE_SNAPSHOT:1, 2,1"), ClientLine::FollowerSnapshot(tickets(&["1", "2"])));
    assert_eq!(read("SLAVE_SNAPSHOT:"), ClientLine::FollowerSnapshot(Vec::new()));
}

#[test]
fn a_snapshot_of_three_hundred_tickets_is_whole() {
    let tickets: Vec<_> = (0..300u64).map(|n| (9_000_000_000 + n).to_string()).collect();
    let line = format!("MASTER_SNAPSHOT:{},", tickets.join(","));
    let ClientLine::MasterSnapshot(read) = read(&line) else { panic!("not a snapshot") };
    assert_eq!(read.iter().map(ToString::to_string).collect::<Vec<_>>(), tickets);
}

#[test]
fn somebodys_words_are_relayed_without_words_of_ours() {
    let line = ServerLine::SyncClose { ticket: "5".parse().unwrap(), reason: "a|b\nAUTH_OK CMD_STOP".into() };
    assert_eq!(line.to_string(), "CMD_SYNC_CLOSE|5|a b ... ...STOP");
}

#[test]
fn bytes_of_another_code_page_are_replaced() {
    let line = decode(b"ACK_OPEN_FAIL|1|\xa4\xb4").unwrap();
    assert!(matches!(line, ClientLine::Ack { .. }));
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = decode(&bytes);
    }

    #[test]
    fn prices_round_trip(whole in 0u32..1_000_000, fraction in 0u32..100_000) {
        let price = format!("{whole}.{fraction:05}");
        prop_assume!(!price.trim_matches(['0', '.']).is_empty());
        let ClientLine::SignalOpen(open) = read(&format!("SIGNAL_OPEN|SELL|X|{price}|0.01|0|0|1")) else {
            return Err(TestCaseError::fail("not an open"));
        };
        prop_assert_eq!(open.price.to_string(), price);
    }
}
