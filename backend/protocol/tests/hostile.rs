//! Damaged lines: whatever is still understood leaves as exactly one sound command.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a property that cannot be set up has failed"
)]

use bytes::BytesMut;
use flotilla_domain::copy::evidence::Evidence;
use flotilla_domain::signal::OpenSignal;
use flotilla_domain::symbol::PROTOCOL_WORDS;
use flotilla_protocol::line::next_line;
use flotilla_protocol::v7::{ClientLine, ServerLine, decode};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// One sound line of each kind.
const LINES: [&str; 22] = [
    "AUTH:sk_live_0123456789abcdef0123456789abcdef",
    "SUBSCRIBE:MST-0123456789abcdef0123456789abcdef",
    "CHECK_STATUS",
    "SIGNAL_OPEN|BUY|XAUUSD|2030.50|0.10|2020.00|2040.00|1001",
    "SIGNAL_OPEN|SELL|JP225|38000|1|0|0|9007199254740993",
    "SIGNAL_CLOSE|XAUUSD|1003|2035.00000|-45.00",
    "ACK_OPEN|1003|5003|0.10|BUY",
    "ACK_OPEN_FAIL|2001|not enough money",
    "ACK_CLOSE|1003|2034.90000|44.00",
    "ACK_CLOSE_FAIL|1003|market closed",
    "ACK_CLOSE_SO|5003|1.10000|-1.00",
    "CMD_PRICE|XAUUSD|2030.50|2031.00",
    "CMD_INIT_SYMBOL|XAUUSD|100.00|2",
    "CMD_SET_MODE|1TO1",
    "ACCOUNT|1000.00|1001.00|10|990|USD|100|1002.00|998.00|1790000000000",
    "POSITIONS_BEGIN|1",
    "POSITION|5003|XAUUSD|BUY|0.10|2030.50|2020.00|0.00|-12.50|-0.35|123456|-|1790000000000",
    "POSITIONS_END|1",
    "SYMBOL|XAUUSD|100.00|2|0.01|1.00|0.01|0.01|50.00|USD",
    "MASTER_SNAPSHOT:1001,1003,",
    "SLAVE_SNAPSHOT:5003, 5004",
    "ALERT_STOP_OUT|Comment:so 49.9%",
];

/// One damage to a line.
#[derive(Debug, Clone)]
enum Damage {
    Replace(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index),
    CutOff(Index),
    Repeat(Index),
    RunInto(&'static str),
}

fn damage() -> impl Strategy<Value = Damage> {
    let byte = prop_oneof![any::<u8>(), select(b"|:,.-+eE0x \t\r\0".to_vec())];
    let words = select(vec!["AUTH_OK", "CMD_", "SNAPSHOT_OK", "1e308", "NaN", "\u{202e}", "|", "||", "-0"]);
    prop_oneof![
        (any::<Index>(), byte).prop_map(|(at, byte)| Damage::Replace(at, byte)),
        (any::<Index>(), words).prop_map(|(at, words)| Damage::Insert(at, words.as_bytes().to_vec())),
        any::<Index>().prop_map(Damage::Remove),
        any::<Index>().prop_map(Damage::CutOff),
        any::<Index>().prop_map(Damage::Repeat),
        select(LINES.to_vec()).prop_map(Damage::RunInto),
    ]
}

fn damaged(line: &str, damages: &[Damage]) -> Vec<u8> {
    let mut bytes = line.as_bytes().to_vec();
    for damage in damages.iter().filter(|_| !line.is_empty()) {
        let at = |index: &Index, bytes: &[u8]| index.index(bytes.len().max(1)).min(bytes.len());
        match damage {
            Damage::Replace(index, byte) => {
                let at = at(index, &bytes);
                bytes.splice(at..(at + 1).min(bytes.len()), [*byte]);
            }
            Damage::Insert(index, more) => {
                let at = at(index, &bytes);
                bytes.splice(at..at, more.iter().copied());
            }
            Damage::Remove(index) => {
                let at = at(index, &bytes);
                bytes.drain(at..(at + 1).min(bytes.len()));
            }
            Damage::CutOff(index) => bytes.truncate(at(index, &bytes)),
            Damage::Repeat(index) => {
                let tail = bytes[at(index, &bytes)..].to_vec();
                bytes.extend(tail);
            }
            Damage::RunInto(next) => bytes.extend_from_slice(next.as_bytes()),
        }
    }
    bytes
}

/// What leaves when `line` is relayed: one line, without its end.
fn encoded(line: &ServerLine) -> String {
    let mut sent = BytesMut::new();
    line.encode(&mut sent);
    let text = String::from_utf8(sent.to_vec()).unwrap();
    assert_eq!(text.matches('\n').count(), 1, "{text:?}");
    assert!(!text.contains('\r'), "{text:?}");
    text.strip_suffix('\n').unwrap().to_owned()
}

fn carries_no_word(fields: &str) -> bool {
    PROTOCOL_WORDS.iter().all(|word| !fields.contains(word))
}

fn command(open: OpenSignal) -> ServerLine {
    ServerLine::Open {
        side: open.side,
        symbol: open.symbol,
        price: open.price,
        lots: open.lots,
        stop_loss: open.stop_loss,
        take_profit: open.take_profit,
        master_ticket: open.ticket,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_damaged_line_never_leaves_as_an_unsound_command(
        line in select(LINES.to_vec()),
        damages in prop::collection::vec(damage(), 0..5),
    ) {
        match decode(&damaged(line, &damages)) {
            Ok(ClientLine::SignalOpen(open)) => {
                let sent = encoded(&command(open));
                let fields: Vec<_> = sent.split('|').collect();
                prop_assert_eq!(fields.len(), 8, "{}", sent);
                prop_assert!(matches!(fields[1], "BUY" | "SELL"), "{}", sent);
                for number in &fields[3..7] {
                    prop_assert!(number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'), "{}", sent);
                }
                prop_assert!(carries_no_word(&fields[1..].join("|")), "{}", sent);
            }
            Ok(ClientLine::Ack { master_ticket, evidence: Evidence::OpenRefused { reason } }) => {
                let sent = encoded(&ServerLine::SyncClose { ticket: master_ticket, reason });
                prop_assert_eq!(sent.split('|').count(), 3, "{}", sent);
                prop_assert!(sent.len() < 1_024, "{}", sent.len());
                prop_assert!(carries_no_word(sent.trim_start_matches("CMD_SYNC_CLOSE")), "{}", sent);
            }
            _ => {}
        }
    }

    #[test]
    fn any_bytes_in_any_packets_are_cut_and_read_without_a_panic(
        packets in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 0..20),
        max in 0usize..200,
    ) {
        let mut buf = BytesMut::new();
        for packet in packets {
            buf.extend_from_slice(&packet);
            loop {
                match next_line(&mut buf, max) {
                    Ok(Some(line)) => {
                        prop_assert!(line.len() <= max && !line.contains(&b'\n'));
                        let _ = decode(&line);
                    }
                    Ok(None) => {
                        prop_assert!(buf.len() <= max);
                        break;
                    }
                    Err(_) => return Ok(()),
                }
            }
        }
    }

    #[test]
    fn sound_lines_mean_the_same_however_they_are_packed(
        lines in prop::collection::vec(select(LINES.to_vec()), 0..12),
        ends in prop::collection::vec(select(vec!["\n", "\r\n", "\n\n"]), 12),
        packet in 1usize..100,
    ) {
        let stream: String = lines.iter().zip(&ends).flat_map(|(line, end)| [*line, *end]).collect();
        let mut buf = BytesMut::new();
        let mut read = Vec::new();

        for bytes in stream.as_bytes().chunks(packet) {
            buf.extend_from_slice(bytes);
            while let Some(line) = next_line(&mut buf, 256).unwrap() {
                read.extend((!line.is_empty()).then(|| decode(&line).unwrap()));
            }
        }

        let expected: Vec<_> = lines.iter().map(|line| decode(line.as_bytes()).unwrap()).collect();
        prop_assert_eq!(read, expected);
    }
}
